//! Requests that the policy prohibits, made up over the shop's own records. Each is a request that is allowed with one defect put
//! in, so it is asked twice: as it is, for the outcome and the rules of its class; and mended, when it must be allowed.

use crate::{
    data, engine,
    permitted::{ACTS, Draw, ITEMS_FOR_ITEMS, ORDERED, WHILE_PENDING, difference, fair, fair_for, is_gift_card, right_status},
    shop::{Ask, Cents, Shop, Word},
};
use std::{collections::BTreeSet, rc::Rc};

const SEED: u64 = 0x5EED_0000_0000_7A0B;
const OF_EACH_CLASS: usize = 100;

const ONCE: [&str; 4] = ["modify_address", "modify_payment", "modify_items", "exchange_items"];
const NOT_LISTED: [&str; 4] = ["changed_my_mind", "found_it_cheaper", "delivery_too_slow", "no longer needed"];

/// One prohibited request and its twin, each with the shop it is asked in.
struct Pair {
    wrong: (Rc<Shop>, Ask),
    mended: (Rc<Shop>, Ask),
    rules: &'static str,
}

/// What it is called, the outcome it has, and how one is made.
type Class = (&'static str, &'static str, fn(&Rc<Shop>, &mut Draw) -> Option<Pair>);

const CLASSES: [Class; 24] = [
    ("a delivered order cancelled", "forbidden", |s, d| in_status(s, d, "delivered", &["cancel_order"])),
    ("a pending order returned or exchanged", "forbidden", |s, d| in_status(s, d, "pending", &["return_items", "exchange_items"])),
    ("a processed order changed", "forbidden", |s, d| in_status(s, d, "processed", &ORDERED)),
    ("a cancelled order changed", "forbidden", |s, d| in_status(s, d, "cancelled", &ORDERED)),
    ("an unlisted reason", "invalid", unlisted_reason),
    ("a refund of another amount", "exception", another_amount),
    ("a refund to another method of one's own", "exception", |s, d| alien_refund(s, d, true)),
    ("a refund to somebody else's method", "exception", |s, d| alien_refund(s, d, false)),
    ("paying with somebody else's method", "exception", alien_payment),
    ("a second change of one order", "forbidden", second_change),
    ("another customer's order", "forbidden", anothers_order),
    ("another customer's profile", "forbidden", anothers_profile),
    ("an item that becomes another product", "forbidden", |s, d| replaced(s, d, another_product, "another-product")),
    ("an item that is not available", "forbidden", |s, d| replaced(s, d, unavailable, "not-in-stock")),
    ("an item that becomes itself", "forbidden", |s, d| replaced(s, d, itself, "nothing-changes")),
    ("an item of no such order", "forbidden", not_in_the_order),
    ("an exchange of nothing", "forbidden", nothing),
    ("a gift card that does not hold enough", "forbidden", poor_gift_card),
    ("the same payment method", "forbidden", same_method),
    ("a customer not authenticated", "needs_facts", not_located),
    ("a customer known by user id only", "forbidden", by_user_id),
    ("no confirmation", "needs_facts", not_agreed),
    ("no payment method named", "needs_facts", no_method),
    ("a record nobody looked up", "needs_facts", not_looked_up),
];

#[test]
fn no_prohibited_request_is_allowed_and_each_is_once_mended() {
    let Some(folder) = data::folder() else { return };
    println!("retail: prohibited requests with seed {SEED:#x}");
    let (charter, shop) = (engine::load(), Rc::new(Shop::open(&folder)));
    let (mut draw, mut named, mut asked) = (Draw(SEED), BTreeSet::new(), 0);
    for class in &CLASSES {
        for _ in 0..OF_EACH_CLASS {
            let pair = draw.until(|draw| (class.2)(&shop, draw));
            check(&charter, class, &pair);
            named.extend(pair.rules.split(' '));
            asked += 1;
        }
    }
    println!("retail: {asked} prohibited, none allowed; mended, all allowed");
    let mut rules = engine::closing_rules();
    rules.retain(|rule| !named.contains(rule.as_str()));
    assert!(rules.is_empty(), "no prohibited request met {rules:?}");
}

fn check(charter: &engine::Charter, (class, outcome, _): &Class, pair: &Pair) {
    let [wrong, mended] = [&pair.wrong, &pair.mended].map(|(shop, ask)| shop.request(ask));
    let answer = engine::decide(charter, &wrong);
    let said = engine::outcome(&answer);
    let case = format!("{class}: {wrong:#}\n{answer:#}");
    assert!(!said.starts_with("allowed"), "{case}");
    assert_eq!((said, engine::rules(&answer)), ((*outcome).to_owned(), pair.rules.to_owned()), "{case}");
    let answer = engine::decide(charter, &mended);
    assert_eq!(engine::outcome(&answer), "allowed", "{class}, mended: {mended:#}\n{answer:#}");
}

/// The defect is in the request.
fn asked_wrongly(shop: &Rc<Shop>, fair: Ask, rules: &'static str, spoil: impl FnOnce(&mut Ask)) -> Option<Pair> {
    let mut wrong = fair.clone();
    spoil(&mut wrong);
    Some(Pair { wrong: (Rc::clone(shop), wrong), mended: (Rc::clone(shop), fair), rules })
}

/// The defect is in what the shop's records say.
fn asked_in(wrong: &Rc<Shop>, mended: Shop, ask: Ask, rules: &'static str) -> Option<Pair> {
    Some(Pair { wrong: (Rc::clone(wrong), ask.clone()), mended: (Rc::new(mended), ask), rules })
}

// The classes, in their order.

fn in_status(shop: &Rc<Shop>, draw: &mut Draw, status: &str, remedies: &[&'static str]) -> Option<Pair> {
    let remedy = *draw.one(remedies)?;
    let id = draw.key(&shop.orders);
    if shop.orders[&id].status != status {
        return None;
    }
    let ask = fair_for(shop, draw, remedy, &id)?;
    let mut mended = Shop::clone(shop);
    mended.orders.get_mut(&id)?.status = right_status(remedy).to_owned();
    asked_in(shop, mended, ask, if WHILE_PENDING.contains(&remedy) { "only-pending" } else { "only-delivered" })
}

fn unlisted_reason(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["cancel_order"])?;
    let reason = (*draw.one(&NOT_LISTED)?).to_owned();
    asked_wrongly(shop, ask, "", |ask| ask.reason = Some(reason))
}

fn another_amount(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["cancel_order", "return_items"])?;
    let Cents(right) = shop.amount(&ask)?;
    let amount = Cents(right + draw.one(&[-1, 1, 500])?);
    asked_wrongly(shop, ask, "", |ask| ask.amount = Some(amount))
}

fn alien_refund(shop: &Rc<Shop>, draw: &mut Draw, own: bool) -> Option<Pair> {
    let ask = fair(shop, draw, &["return_items"])?;
    let paid_with = shop.orders[ask.order.as_ref()?].paid_with();
    let neither = |method: &str| method != paid_with && (!own || shop.balance(method).is_none());
    let method = if own { draw.own_method(shop, &ask, Cents(0), neither)? } else { draw.alien_method(shop, &ask) };
    asked_wrongly(shop, ask, "", |ask| ask.method = Some(method))
}

fn alien_payment(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["modify_payment", "modify_items", "exchange_items"])?;
    let method = draw.alien_method(shop, &ask);
    asked_wrongly(shop, ask, "", |ask| ask.method = Some(method))
}

fn second_change(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let first = fair(shop, draw, &ONCE)?;
    let (remedy, id) = (first.remedy, first.order.clone()?);
    let mut after = Shop::clone(shop);
    after.apply(&first);
    let second = fair_for(&after, draw, remedy, &id)?;
    let mut mended = after.clone();
    mended.ledger.clear();
    mended.orders.get_mut(&id)?.status = right_status(remedy).to_owned();
    let rules = match remedy {
        "modify_address" => "address-once",
        "modify_payment" => "payment-once",
        "modify_items" => "items-once only-pending",
        _ => "exchange-once only-delivered",
    };
    asked_in(&Rc::new(after), mended, second, rules)
}

fn anothers_order(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &ORDERED)?;
    let other = draw.another_customer(shop, &ask);
    asked_wrongly(shop, ask, "anothers-order", |ask| (ask.customer, ask.profile) = (other.clone(), other))
}

fn anothers_profile(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["modify_user_address"])?;
    let other = draw.another_customer(shop, &ask);
    asked_wrongly(shop, ask, "anothers-profile", |ask| ask.profile = other)
}

type Replace = fn(&Shop, &mut Draw, &str) -> Option<String>;

/// One of the new items is another; nothing is paid with a gift card, which could be too small for that one.
fn replaced(shop: &Rc<Shop>, draw: &mut Draw, by: Replace, rules: &'static str) -> Option<Pair> {
    let ask = fair(shop, draw, &ITEMS_FOR_ITEMS)?;
    let place = draw.below(ask.items.len());
    let item = by(shop, draw, &ask.items[place]).filter(|_| !is_gift_card(shop, &ask))?;
    asked_wrongly(shop, ask, rules, |ask| ask.new_items[place] = item)
}

fn another_product(shop: &Shop, draw: &mut Draw, item: &str) -> Option<String> {
    let other = draw.key(&shop.catalogue);
    let variant = shop.variant(&other);
    (variant.available && variant.product != shop.variant(item).product).then_some(other)
}

fn unavailable(shop: &Shop, draw: &mut Draw, item: &str) -> Option<String> {
    draw.variant(shop, item, false)
}

fn itself(shop: &Shop, _: &mut Draw, item: &str) -> Option<String> {
    shop.variant(item).available.then(|| item.to_owned())
}

fn not_in_the_order(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["return_items"])?;
    let item = draw.key(&shop.catalogue);
    let order = &shop.orders[ask.order.as_ref()?];
    let foreign = order.items.iter().all(|line| line.item_id != item);
    foreign.then(|| asked_wrongly(shop, ask, "not-in-the-order", |ask| ask.items.push(item))).flatten()
}

fn nothing(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &ITEMS_FOR_ITEMS)?;
    asked_wrongly(shop, ask, "no-items", |ask| {
        ask.items.clear();
        ask.new_items.clear();
    })
}

/// Half of them as the records have it, half one cent short; mended, the card holds just enough.
fn poor_gift_card(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let mut ask = fair(shop, draw, &["modify_payment", "modify_items", "exchange_items"])?;
    let order = &shop.orders[ask.order.as_ref()?];
    let payment = ask.remedy == "modify_payment";
    let needed = if payment { order.total() } else { difference(shop, &ask) };
    let cards: Vec<_> = shop.users[&ask.profile].payment_methods.iter().filter(|(_, method)| method.balance.is_some()).collect();
    let (card, held) = draw.one(&cards).map(|(id, method)| ((*id).clone(), method.balance))?;
    if needed <= Cents(0) || (payment && card == order.paid_with()) {
        return None;
    }
    let held = if draw.below(2) == 0 { held.filter(|held| *held < needed)? } else { Cents(needed.0 - 1) };
    ask.method = Some(card.clone());
    let holding = |balance| {
        let mut shop = Shop::clone(shop);
        shop.users.get_mut(&ask.profile)?.payment_methods.get_mut(&card)?.balance = Some(balance);
        Some(shop)
    };
    let (wrong, mended) = (Rc::new(holding(held)?), holding(needed)?);
    asked_in(&wrong, mended, ask, if payment { "gift-card-below-total" } else { "gift-card-below-difference" })
}

fn same_method(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["modify_payment"])?;
    let paid_with = shop.orders[ask.order.as_ref()?].paid_with().to_owned();
    let plain = shop.balance(&paid_with).is_none();
    plain.then(|| asked_wrongly(shop, ask, "same-method", |ask| ask.method = Some(paid_with))).flatten()
}

/// Nothing looked up, or only the agent's word for it, which confirms nothing.
fn not_located(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &ACTS)?;
    let word = *draw.one(&[Word::Missing, Word::Stated])?;
    let rules = if ask.order.is_some() { "anothers-order anothers-profile user-id-is-no-proof" } else { "anothers-profile user-id-is-no-proof" };
    asked_wrongly(shop, ask, rules, |ask| ask.located = word)
}

fn by_user_id(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &ACTS)?;
    asked_wrongly(shop, ask, "user-id-is-no-proof", |ask| ask.located_by = "user_id")
}

fn not_agreed(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &ACTS)?;
    let word = *draw.one(&[Word::Missing, Word::Stated])?;
    asked_wrongly(shop, ask, "not-agreed", |ask| ask.agreed = word)
}

/// Of customers with a gift card, and where there is something to pay: else no card could be too small.
fn no_method(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let ask = fair(shop, draw, &["modify_payment", "modify_items", "return_items", "exchange_items"])?;
    let has_gift_card = shop.users[&ask.profile].payment_methods.values().any(|method| method.balance.is_some());
    let rules = match ask.remedy {
        "modify_payment" => "gift-card-below-total own-method same-method",
        "return_items" => "return-to-gift-card return-to-original",
        _ if difference(shop, &ask) > Cents(0) => "gift-card-below-difference own-method",
        _ => return None,
    };
    has_gift_card.then(|| asked_wrongly(shop, ask, rules, |ask| ask.method = None)).flatten()
}

/// Remedies, a fact that the agent states instead of looking it up, what then hangs on it, and whether a gift card pays or
/// is paid (none: no matter).
type Unchecked = (&'static [&'static str], &'static str, &'static str, Option<bool>);

const UNCHECKED: [Unchecked; 17] = [
    (&ACTS, "case.located_by", "user-id-is-no-proof", None),
    (&["return_items"], "customer.gift_cards", "return-to-gift-card", Some(true)),
    (&ITEMS_FOR_ITEMS, "customer.payment_methods", "own-method", None),
    (&["modify_payment"], "customer.payment_methods", "own-method", None),
    (&ORDERED, "order.owner", "anothers-order", None),
    (&WHILE_PENDING, "order.status", "only-pending", None),
    (&["return_items", "exchange_items"], "order.status", "only-delivered", None),
    (&["modify_items", "return_items", "exchange_items"], "order.items", "not-in-the-order", None),
    (&["cancel_order"], "order.total", "cancel", None),
    (&["modify_payment"], "order.paid_with", "same-method", None),
    (&["return_items"], "order.paid_with", "return-to-original", Some(false)),
    (&["return_items"], "request.price", "return-to-original", Some(false)),
    (&ITEMS_FOR_ITEMS, "request.products", "another-product", None),
    (&ITEMS_FOR_ITEMS, "request.new_products", "another-product", None),
    (&ITEMS_FOR_ITEMS, "request.in_stock", "not-in-stock", None),
    (&ITEMS_FOR_ITEMS, "request.new_price", "gift-card-below-difference", Some(true)),
    (&["modify_payment"], "request.gift_balance", "gift-card-below-total", Some(true)),
];

/// The row is drawn first and kept, so that the rare ones have their turn.
fn not_looked_up(shop: &Rc<Shop>, draw: &mut Draw) -> Option<Pair> {
    let row = *draw.one(&UNCHECKED)?;
    Some(draw.until(|draw| unchecked(shop, draw, row)))
}

fn unchecked(shop: &Rc<Shop>, draw: &mut Draw, (remedies, fact, rules, gift_card): Unchecked) -> Option<Pair> {
    let ask = fair(shop, draw, remedies)?;
    let paid_with = ask.order.as_ref().map(|id| shop.orders[id].paid_with());
    let both = is_gift_card(shop, &ask) && ask.method.as_deref() == paid_with;
    let fits = gift_card.is_none_or(|wanted| wanted == is_gift_card(shop, &ask)) && !both;
    fits.then(|| asked_wrongly(shop, ask, rules, |ask| ask.only_stated = Some(fact))).flatten()
}
