//! The shop: its records, what a trusted system looks up in them for a request, and what each act does to them.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt, iter::Sum, path::Path, rc::Rc};

/// An amount of money in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cents(pub(crate) i64);

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = serde_json::Number::deserialize(from)?.to_string();
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        match format!("{whole}{part:0<2}").parse() {
            Ok(cents) if part.len() <= 2 => Ok(Self(cents)),
            _ => Err(D::Error::custom(format!("`{text}` is no amount of money"))),
        }
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(|cents| cents.0).sum())
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Address {
    pub(crate) address1: String,
    pub(crate) address2: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: String,
    pub(crate) zip: String,
}

#[derive(Clone, Deserialize)]
struct Name {
    first_name: String,
    last_name: String,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Method {
    /// Only a gift card has one.
    pub(crate) balance: Option<Cents>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct User {
    name: Name,
    address: Address,
    email: String,
    pub(crate) payment_methods: BTreeMap<String, Method>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Line {
    pub(crate) item_id: String,
    price: Cents,
}

#[derive(Clone, Deserialize)]
struct Payment {
    transaction_type: String,
    payment_method_id: String,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Order {
    pub(crate) user_id: String,
    address: Address,
    pub(crate) items: Vec<Line>,
    pub(crate) status: String,
    payment_history: Vec<Payment>,
}

impl Order {
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn total(&self) -> Cents {
        self.items.iter().map(|line| line.price).sum()
    }

    /// The method that paid it last: the first one, until the payment is modified.
    pub(crate) fn paid_with(&self) -> &str {
        let paid = self.payment_history.iter().rfind(|entry| entry.transaction_type == "payment");
        &paid.expect("every order was paid").payment_method_id
    }

    fn enter(&mut self, transaction_type: &str, method: &str) {
        let (transaction_type, payment_method_id) = (transaction_type.to_owned(), method.to_owned());
        self.payment_history.push(Payment { transaction_type, payment_method_id });
    }
}

/// A variant of a product.
#[derive(Deserialize)]
pub(crate) struct Variant {
    pub(crate) item_id: String,
    pub(crate) available: bool,
    pub(crate) price: Cents,
    #[serde(skip)]
    pub(crate) product: String,
}

#[derive(Deserialize)]
struct Product {
    product_id: String,
    variants: BTreeMap<String, Variant>,
}

#[derive(Deserialize)]
struct Database {
    users: BTreeMap<String, User>,
    orders: BTreeMap<String, Order>,
    products: BTreeMap<String, Product>,
}

/// Who vouches for what the conversation has established.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Word {
    System,
    /// The agent says so.
    Stated,
    Missing,
}

impl Word {
    fn put(self, facts: &mut Map<String, Value>, name: &str, value: Value) {
        let fact = match self {
            Self::System => json!({ "value": value, "by": "system" }),
            Self::Stated => value,
            Self::Missing => return,
        };
        facts.insert(name.to_owned(), fact);
    }
}

/// What the customer of one conversation asks for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) remedy: &'static str,
    pub(crate) case: String,
    /// Whom the conversation located, how, and who says so.
    pub(crate) customer: String,
    pub(crate) located_by: &'static str,
    pub(crate) located: Word,
    /// The customer's answer to "shall I go ahead", and who says so.
    pub(crate) agrees: bool,
    pub(crate) agreed: Word,
    /// Whose profile is used or changed.
    pub(crate) profile: String,
    pub(crate) order: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) items: Vec<String>,
    pub(crate) new_items: Vec<String>,
    pub(crate) method: Option<String>,
    pub(crate) address: Option<Address>,
    /// The amount, where it is not the one that the shop works out.
    pub(crate) amount: Option<Cents>,
    /// A fact that was not looked up: the agent says so.
    pub(crate) only_stated: Option<&'static str>,
}

impl Ask {
    /// Everything in order so far: located, agreed, about one's own profile.
    pub(crate) fn new(remedy: &'static str, case: &str, customer: &str) -> Self {
        Self {
            remedy,
            case: case.to_owned(),
            customer: customer.to_owned(),
            located_by: "email",
            located: Word::System,
            agrees: true,
            agreed: Word::System,
            profile: customer.to_owned(),
            order: None,
            reason: None,
            items: Vec::new(),
            new_items: Vec::new(),
            method: None,
            address: None,
            amount: None,
            only_stated: None,
        }
    }
}

/// The shop at one moment, with the ledger of what was granted in it.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) catalogue: Rc<BTreeMap<String, Variant>>,
    pub(crate) ledger: Vec<Value>,
}

const NOW: &str = "2026-01-05T15:00:00Z";

impl Shop {
    pub(crate) fn open(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("db.json")).expect("db.json is there");
        let database: Database = serde_json::from_str(&text).expect("db.json is understood");
        let variants = database
            .products
            .into_values()
            .flat_map(|Product { product_id, variants }| variants.into_values().map(move |variant| Variant { product: product_id.clone(), ..variant }));
        let catalogue = Rc::new(variants.map(|variant| (variant.item_id.clone(), variant)).collect());
        Self { users: database.users, orders: database.orders, catalogue, ledger: Vec::new() }
    }

    /// The one customer whom these words identify by an e-mail address, or by name and zip code; and by which.
    pub(crate) fn locate(&self, words: &str) -> (String, &'static str) {
        let words = words.to_lowercase();
        let says = |text: &str| words.contains(&text.to_lowercase());
        let by = |user: &User| {
            let named = says(&user.name.first_name) && says(&user.name.last_name) && says(&user.address.zip);
            if says(&user.email) { Some("email") } else { named.then_some("name_and_zip") }
        };
        let found: Vec<_> = self.users.iter().filter_map(|(id, user)| Some((id.clone(), by(user)?))).collect();
        assert_eq!(found.len(), 1, "{words} identifies {found:?}");
        found[0].clone()
    }

    pub(crate) fn variant(&self, item: &str) -> &Variant {
        &self.catalogue[item]
    }

    pub(crate) fn price(&self, items: &[String]) -> Cents {
        items.iter().map(|item| self.variant(item).price).sum()
    }

    /// What a gift card holds, whoever owns it; none for another method.
    pub(crate) fn balance(&self, method: &str) -> Option<Cents> {
        self.users.values().find_map(|user| user.payment_methods.get(method)).and_then(|method| method.balance)
    }

    /// Pays to a gift card (or takes from it, below zero); another method is paid outside of the shop.
    fn pay(&mut self, method: &str, cents: i64) {
        let owner = self.users.values_mut().find_map(|user| user.payment_methods.get_mut(method));
        if let Some(Cents(balance)) = owner.and_then(|method| method.balance.as_mut()) {
            *balance += cents;
        }
    }

    fn products(&self, items: &[String]) -> Vec<&str> {
        items.iter().map(|item| self.variant(item).product.as_str()).collect()
    }

    /// The amount the remedy is asked for: what is paid back. The other acts have none.
    pub(crate) fn amount(&self, ask: &Ask) -> Option<Cents> {
        let worked_out = match (ask.remedy, &ask.order) {
            ("cancel_order", Some(order)) => self.orders[order].total(),
            ("return_items", _) => self.price(&ask.items),
            _ => return None,
        };
        Some(ask.amount.unwrap_or(worked_out))
    }

    pub(crate) fn request(&self, ask: &Ask) -> Value {
        let mut facts = Map::new();
        self.conversation(ask, &mut facts);
        self.order_facts(ask, &mut facts);
        self.item_facts(ask, &mut facts);
        if let Some(fact) = ask.only_stated.and_then(|name| facts.get_mut(name)) {
            *fact = fact["value"].take();
        }
        let mut request = json!({
            "at": NOW,
            "asker": { "level": "agent", "staff": { "kind": "ai" } },
            "subjects": { "case": ask.case, "customer": ask.profile, "order": ask.order },
            "facts": facts,
            "remedy": ask.remedy,
            "ledger": self.ledger,
        });
        self.put_terms(ask, &mut request);
        request
    }

    fn put_terms(&self, ask: &Ask, to: &mut Value) {
        if let Some(reason) = &ask.reason {
            to["reason"] = json!(reason);
        }
        if let Some(amount) = self.amount(ask) {
            to["amount"] = json!(amount.to_string());
        }
    }

    fn conversation(&self, ask: &Ask, facts: &mut Map<String, Value>) {
        let methods = &self.users[&ask.profile].payment_methods;
        let gift_cards: Vec<_> = methods.iter().filter(|(_, method)| method.balance.is_some()).map(|(id, _)| id).collect();
        ask.located.put(facts, "case.customer", json!(ask.customer));
        ask.located.put(facts, "case.located_by", json!(ask.located_by));
        ask.agreed.put(facts, "request.confirmed", json!(ask.agrees));
        Word::System.put(facts, "customer.payment_methods", json!(methods.keys().collect::<Vec<_>>()));
        Word::System.put(facts, "customer.gift_cards", json!(gift_cards));
        if let Some(method) = &ask.method {
            Word::Stated.put(facts, "request.method", json!(method));
            if let Some(balance) = self.balance(method) {
                Word::System.put(facts, "request.gift_balance", json!(balance.to_string()));
            }
        }
    }

    fn order_facts(&self, ask: &Ask, facts: &mut Map<String, Value>) {
        let Some(order) = ask.order.as_ref().map(|id| &self.orders[id]) else {
            return;
        };
        let items: Vec<_> = order.items.iter().map(|line| &line.item_id).collect();
        Word::System.put(facts, "order.owner", json!(order.user_id));
        Word::System.put(facts, "order.status", json!(order.status));
        Word::System.put(facts, "order.items", json!(items));
        Word::System.put(facts, "order.total", json!(order.total().to_string()));
        Word::System.put(facts, "order.paid_with", json!(order.paid_with()));
    }

    fn item_facts(&self, ask: &Ask, facts: &mut Map<String, Value>) {
        if matches!(ask.remedy, "modify_items" | "return_items" | "exchange_items") {
            Word::Stated.put(facts, "request.items", json!(ask.items));
            Word::System.put(facts, "request.price", json!(self.price(&ask.items).to_string()));
        }
        if matches!(ask.remedy, "modify_items" | "exchange_items") {
            let in_stock: Vec<_> = ask.new_items.iter().filter(|item| self.variant(item).available).collect();
            Word::Stated.put(facts, "request.new_items", json!(ask.new_items));
            Word::System.put(facts, "request.products", json!(self.products(&ask.items)));
            Word::System.put(facts, "request.new_products", json!(self.products(&ask.new_items)));
            Word::System.put(facts, "request.in_stock", json!(in_stock));
            Word::System.put(facts, "request.new_price", json!(self.price(&ask.new_items).to_string()));
        }
    }

    /// Does what was asked, and enters it in the ledger. Returns and exchanges wait for the parcel: no money moves yet.
    pub(crate) fn apply(&mut self, ask: &Ask) {
        let mut keys = json!({ "case": ask.case, "customer": ask.profile });
        if let Some(order) = &ask.order {
            keys["order"] = json!(order);
        }
        let mut entry = json!({ "at": NOW, "remedy": ask.remedy, "keys": keys, "state": "fulfilled" });
        self.put_terms(ask, &mut entry);
        self.ledger.push(entry);
        match (ask.remedy, &ask.order) {
            ("modify_user_address", _) => {
                let user = self.users.get_mut(&ask.profile).expect("the customer is there");
                user.address = ask.address.clone().expect("an address is given");
            }
            (_, Some(order)) => self.apply_to_order(ask, order),
            (other, None) => panic!("{other} needs an order"),
        }
    }

    fn apply_to_order(&mut self, ask: &Ask, id: &str) {
        let old = self.orders[id].clone();
        let (total, method) = (old.total().0, ask.method.as_deref().unwrap_or_default());
        let order = self.orders.get_mut(id).expect("the order is there");
        match ask.remedy {
            "cancel_order" => {
                order.status = "cancelled".to_owned();
                order.enter("refund", old.paid_with());
                self.pay(old.paid_with(), total);
            }
            "modify_address" => order.address = ask.address.clone().expect("an address is given"),
            "modify_payment" => {
                order.enter("refund", old.paid_with());
                order.enter("payment", method);
                self.pay(old.paid_with(), total);
                self.pay(method, -total);
            }
            "modify_items" => self.change_items(ask, id, method),
            "return_items" => order.status = "return_requested".to_owned(),
            "exchange_items" => order.status = "exchange_requested".to_owned(),
            other => panic!("{other} is no act on an order"),
        }
    }

    fn change_items(&mut self, ask: &Ask, id: &str, method: &str) {
        let catalogue = Rc::clone(&self.catalogue);
        let difference = self.price(&ask.new_items).0 - self.price(&ask.items).0;
        let order = self.orders.get_mut(id).expect("the order is there");
        for (old, new) in ask.items.iter().zip(&ask.new_items) {
            let line = order.items.iter_mut().find(|line| line.item_id == *old).expect("the item is in the order");
            *line = Line { item_id: new.clone(), price: catalogue[new].price };
        }
        order.status = "items_modified".to_owned();
        order.enter(if difference > 0 { "payment" } else { "refund" }, method);
        self.pay(method, -difference);
    }
}
