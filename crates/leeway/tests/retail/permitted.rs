//! Requests that the policy permits, made up over the shop's own records, and the randomness they are drawn with.

use crate::shop::{Ask, Cents, Shop};
use std::collections::BTreeMap;

const DRAWS_MAX: usize = 100_000;

pub(crate) const ACTS: [&str; 7] =
    ["cancel_order", "modify_address", "modify_payment", "modify_items", "return_items", "exchange_items", "modify_user_address"];
pub(crate) const ORDERED: [&str; 6] = ["cancel_order", "modify_address", "modify_payment", "modify_items", "return_items", "exchange_items"];
pub(crate) const WHILE_PENDING: [&str; 4] = ["cancel_order", "modify_address", "modify_payment", "modify_items"];
pub(crate) const ITEMS_FOR_ITEMS: [&str; 2] = ["modify_items", "exchange_items"];

/// A request that the policy permits, about an order of the right status; none if this order has none.
pub(crate) fn fair(shop: &Shop, draw: &mut Draw, remedies: &[&'static str]) -> Option<Ask> {
    let remedy = *draw.one(remedies)?;
    if remedy == "modify_user_address" {
        let customer = draw.key(&shop.users);
        return Some(Ask { address: Some(shop.orders[&draw.key(&shop.orders)].address().clone()), ..Ask::new(remedy, "chat", &customer) });
    }
    let id = draw.key(&shop.orders);
    (shop.orders[&id].status == right_status(remedy)).then(|| fair_for(shop, draw, remedy, &id)).flatten()
}

pub(crate) fn right_status(remedy: &str) -> &'static str {
    if WHILE_PENDING.contains(&remedy) { "pending" } else { "delivered" }
}

/// The same about this order, whatever its status.
pub(crate) fn fair_for(shop: &Shop, draw: &mut Draw, remedy: &'static str, id: &str) -> Option<Ask> {
    let order = &shop.orders[id];
    let mut ask = Ask { order: Some(id.to_owned()), ..Ask::new(remedy, "chat", &order.user_id) };
    match remedy {
        "cancel_order" => ask.reason = draw.one(&["no_longer_needed", "ordered_by_mistake"]).map(|&reason| reason.to_owned()),
        "modify_address" => ask.address = Some(shop.orders[&draw.key(&shop.orders)].address().clone()),
        "modify_payment" => {
            let other = |id: &str| id != order.paid_with();
            ask.method = Some(draw.own_method(shop, &ask, order.total(), other)?);
        }
        "return_items" => {
            ask.items = draw.some_items(shop, id);
            let back = |method: &str| method == order.paid_with() || shop.balance(method).is_some();
            ask.method = Some(draw.own_method(shop, &ask, Cents(0), back)?);
        }
        _ => {
            ask.items = draw.some_items(shop, id);
            ask.new_items = ask.items.iter().map(|item| draw.variant(shop, item, true)).collect::<Option<_>>()?;
            ask.method = Some(draw.own_method(shop, &ask, difference(shop, &ask), |_| true)?);
        }
    }
    Some(ask)
}

pub(crate) fn difference(shop: &Shop, ask: &Ask) -> Cents {
    Cents(shop.price(&ask.new_items).0 - shop.price(&ask.items).0)
}

pub(crate) fn is_gift_card(shop: &Shop, ask: &Ask) -> bool {
    ask.method.as_ref().is_some_and(|method| shop.balance(method).is_some())
}

/// splitmix64, and what it draws.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("less than `end`")
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    pub(crate) fn key<V>(&mut self, of: &BTreeMap<String, V>) -> String {
        let place = self.below(of.len());
        of.keys().nth(place).expect("a place in it").clone()
    }

    pub(crate) fn until<T>(&mut self, draw: impl Fn(&mut Self) -> Option<T>) -> T {
        (0..DRAWS_MAX).find_map(|_| draw(self)).expect("the shop's records have such a case")
    }

    /// At least one of the items of the order, in its order.
    pub(crate) fn some_items(&mut self, shop: &Shop, order: &str) -> Vec<String> {
        let lines = &shop.orders[order].items;
        let must = self.below(lines.len());
        let chosen = lines.iter().enumerate().filter(|(place, _)| *place == must || self.below(2) == 0);
        chosen.map(|(_, line)| line.item_id.clone()).collect()
    }

    /// Another variant of the item's product.
    pub(crate) fn variant(&mut self, shop: &Shop, item: &str, available: bool) -> Option<String> {
        let fits = |id: &str| {
            let variant = shop.variant(id);
            id != item && variant.available == available && variant.product == shop.variant(item).product
        };
        let others: Vec<_> = shop.catalogue.keys().filter(|id| fits(id)).collect();
        self.one(&others).map(|id| (*id).clone())
    }

    /// A method of the profile that can pay this much.
    pub(crate) fn own_method(&mut self, shop: &Shop, ask: &Ask, needed: Cents, fits: impl Fn(&str) -> bool) -> Option<String> {
        let methods = shop.users[&ask.profile].payment_methods.iter();
        let enough = methods.filter(|(id, method)| fits(id) && method.balance.is_none_or(|held| held >= needed));
        let ids: Vec<_> = enough.map(|(id, _)| id).collect();
        self.one(&ids).map(|id| (*id).clone())
    }

    pub(crate) fn another_customer(&mut self, shop: &Shop, ask: &Ask) -> String {
        self.until(|draw| Some(draw.key(&shop.users)).filter(|other| *other != ask.profile))
    }

    pub(crate) fn alien_method(&mut self, shop: &Shop, ask: &Ask) -> String {
        self.until(|draw| {
            let other = draw.another_customer(shop, ask);
            Some(draw.key(&shop.users[&other].payment_methods)).filter(|id| !shop.users[&ask.profile].payment_methods.contains_key(id))
        })
    }
}
