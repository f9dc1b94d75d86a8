use charter::diagnostics::Findings;
use charter::document;
use charter::syntax::FUNCTIONS;
use charter::{Sources, load};

use super::*;

const SHOP: &str = include_str!("../../../../../charters/shop.toml");

/// What a question about expressions of the shop's charter answers.
fn with_shop<T>(ask: impl FnOnce(&Words<'_>) -> T) -> T {
    let shop = load(&Sources { text: SHOP, outer: None, today: None }).charter.unwrap();
    let document = document::read(SHOP, &mut Findings::default());
    ask(&Words::new(&shop, &document))
}

#[test]
fn limits_in_words() {
    let limits = [
        ("25", "€25.00"),
        ("order.total", "the order’s total"),
        ("percent(20, order.total)", "20% of the order’s total"),
        ("min(order.total, 300)", "the lesser of the order’s total and €300.00"),
        ("case.paid_price - case.rival_price", "the paid price minus the rival price"),
        (
            "{\"standard\": 50, \"plus\": 100, \"key\": 300}[customer.tier]",
            "€50.00 for “standard”, €100.00 for “plus”, €300.00 for “key” (the customer’s tier)",
        ),
        ("is_key ? 10 : 5", "€10.00 if the customer’s tier is “key”, else €5.00"),
    ];
    with_shop(|shop| {
        for (written, expected) in limits {
            assert_eq!(shop.limit(written, &Measure::Money), expected);
        }
        assert_eq!(shop.limit("3", &Measure::Count("months".into())), "3 months");
    });
    assert_eq!([window("90d"), window("1w"), window("day"), window("2mo")], ["in 90 days", "in 1 week", "a day", "in 2 months"]);
}

#[test]
fn conditions_in_words() {
    let seen = "the answer to “Have you seen a photo of the damage, or of what came?” is";
    let conditions = [
        ("order.days_late >= 3", "the order’s days late are at least 3"),
        ("case.photo_seen", &*format!("{seen} yes")),
        ("!case.photo_seen && order.total > 20", &*format!("{seen} no and the order’s total is more than €20.00")),
        ("is_key || loyal", "the customer’s tier is “key” or they have been a customer for at least 730 days"),
        ("!is_key", "it is not so that the customer’s tier is “key”"),
        ("days_with_them <= 30", "the order was delivered at most 30 days ago"),
        ("days_between(order.placed, now) <= 14", "the order was placed at most 14 days ago"),
        ("amount > money(\"20\")", "the amount is more than €20.00"),
        ("staff.kind == \"ai\"", "whoever gives it is an AI agent"),
        ("\"food\" in order.contains", "the answer to “What kinds of goods are in it?” names “food”"),
        ("subset(order.contains, [\"gift_card\", \"download\"])", "the answer to “What kinds of goods are in it?” names nothing but “gift card” or “download”"),
        ("customer.tier in [\"plus\", \"key\"]", "the customer’s tier is “plus” or “key”"),
        ("granted(\"replacement\", \"order\") > 0", "“Send another one” was given per order already"),
        ("granted(\"replacement\") < 1", "“Send another one” was not given here yet"),
        ("granted(\"replacement\", \"customer\", \"90d\") >= 3", "“Send another one” was given per customer in 90 days at least 3 times"),
        ("granted(\"replacement\") > amount", "how often “Send another one” was given here is more than the amount"),
        ("order.silent_for >= duration(\"3d\")", "the order is silent for at least 3 days"),
        ("order.placed + days(30) > date(\"2026-12-01\")", "30 days after the order’s placed is more than 1 Dec 2026"),
        ("not an expression", "not an expression"),
    ];
    with_shop(|shop| {
        for (written, expected) in conditions {
            assert_eq!(shop.condition(written), expected);
        }
    });
}

/// Whatever the language has is said in words: no function, operator or quoted id stands as it is written.
#[test]
fn every_function_and_operator_has_words() {
    let functions = [
        ("money", "order.total > money(\"20\")"),
        ("date", "order.placed > date(\"2026-12-01\")"),
        ("time", "now > time(\"2026-12-01T10:00:00Z\")"),
        ("duration", "order.silent_for > duration(\"36h\")"),
        ("percent", "order.total > percent(20, order.total)"),
        ("min", "order.total > min(20, order.shipping)"),
        ("max", "order.total > max(20, order.shipping)"),
        ("days", "order.placed > now - days(30)"),
        ("months", "order.placed > now - months(1)"),
        ("years", "order.placed + years(2) > now"),
        ("days_between", "days_between(order.placed, order.delivered) > 3"),
        ("size", "size(order.contains) > 3"),
        ("subset", "subset(order.contains, [\"food\"])"),
        ("alike", "alike(order.contains, [\"food\", \"garden\"]) > 1"),
        ("id", "id(order) == \"W-1\""),
        ("exists", "exists(order)"),
        ("granted", "granted(\"refund\") > 1"),
    ];
    assert_eq!(functions.map(|(name, _)| name), FUNCTIONS);
    let operators = Binary::ALL.iter().map(|op| match op {
        Binary::Or | Binary::And => format!("case.photo_seen {} customer.on_hold", op.text()),
        Binary::In => "customer.tier in [\"key\"]".to_owned(),
        Binary::Add | Binary::Subtract | Binary::Multiply => format!("order.days_late {} 2 > 3", op.text()),
        _ => format!("order.days_late {} 2", op.text()),
    });
    let others = ["!customer.on_hold", "-order.days_late < 2", "true", "{\"plus\": 1, \"standard\": 2, \"key\": 3}[customer.tier] > 1"];
    let all = functions.iter().map(|(_, written)| (*written).to_owned()).chain(operators).chain(others.map(str::to_owned));
    with_shop(|shop| {
        for written in all {
            let said = shop.condition(&written);
            let is_code = |c: char| "_[]{}&|!=<>+*\"".contains(c);
            assert!(said != written && !said.contains(is_code) && !said.contains("-order"), "{written}: {said}");
            assert!(!FUNCTIONS.iter().any(|name| said.contains(&format!("{name}("))), "{written}: {said}");
        }
    });
}

/// Nor does anything in the charters that come with the program.
#[test]
fn no_charter_is_told_in_code() {
    let charters = [
        SHOP,
        include_str!("../../../../../charters/teapot.toml"),
        include_str!("../../../../../charters/hotel.toml"),
        include_str!("../../../../../charters/library.toml"),
        include_str!("../../../../../charters/service-desk.toml"),
        include_str!("../../../../../charters/subscription.toml"),
    ];
    for text in charters {
        let charter = load(&Sources { text, outer: None, today: None }).charter.unwrap();
        let told = super::super::told::told(&charter, text, "");
        let rules = told.remedies.iter().flat_map(|remedy| remedy.allows.iter().chain(&remedy.closes)).chain(&told.groups);
        let cells = told.remedies.iter().flat_map(|remedy| &remedy.matrix.rows).flat_map(|row| &row.cells);
        let words = rules.map(|rule| &rule.sentence).chain(told.definitions.iter().map(|(_, meaning)| meaning));
        for said in words.chain(cells.flat_map(|cell| [&cell.text, &cell.detail])) {
            let is_code = |c: char| "_[]{}&|!=<>\"".contains(c);
            assert!(!said.contains(is_code) && !FUNCTIONS.iter().any(|name| said.contains(&format!("{name}("))), "{said}");
        }
    }
}
