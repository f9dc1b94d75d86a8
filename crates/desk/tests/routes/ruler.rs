//! What the card of a case offers to give, and what is an amount, on both databases.

use std::sync::Arc;

use access::people::StaffId;
use access::teams::TeamRole;
use axum::http::StatusCode;
use testkit::on_each;

use crate::app::{self, Answer, App};

/// Refunds of which ten are an agent's in each case, and the rest a lead's; what may be given for damage hangs on a photo.
const PLAIN: &str = r#"
leeway = 1
name = "A shop"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead"]
reasons = ["late", "damaged"]

[facts.case]
photo_seen = { type = "yes_no", ask = "Have you seen a photo?" }

[[remedy]]
id = "refund"
title = "Refund"
measure = "money"

[[allow]]
id = "late"
remedies = ["refund"]
reasons = ["late"]
level = "agent"
per = "case"
up_to = "10"

[[cap]]
id = "per-case"
reasons = ["late"]
per = "case"
count = 3

[[allow]]
id = "damaged"
remedies = ["refund"]
reasons = ["damaged"]
level = "agent"
when = "case.photo_seen"
per = "case"
up_to = "10"
"#;

/// An app with a charter, and Ana in it; the path of her case.
async fn case(test: Arc<testkit::TestDb>, charter: &str) -> (Arc<App>, String) {
    let app = App::new(test).await;
    app.publish(charter).await;
    app.order().await;
    let ana: StaffId = app.person("Ana", "agent", TeamRole::Member).await;
    let token = app.token("Ana", Some(ana), "cases:read cases:write grants:write").await;
    let number = app.case(&token).await;
    (app, format!("/cases/{number}"))
}

/// The ruler's field and its button, as they are printed.
pub(crate) fn ruler(page: &Answer) -> (String, String) {
    let ruler = page.text.split("<leeway-ruler").nth(1).unwrap_or_else(|| panic!("{}", page.text)).split("</leeway-ruler>").next().unwrap();
    let field = ruler.split("name=\"amount\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let button = ruler.split("data-give").nth(1).unwrap().split("</button>").next().unwrap();
    let (state, label) = button.split_once('>').unwrap();
    let label = if state.contains("hidden") { "" } else { label };
    (field.to_owned(), label.to_owned())
}

pub(crate) fn looks(field: &str, button: &str) -> (String, String) {
    (field.to_owned(), button.to_owned())
}

#[test]
fn what_is_no_amount_is_refused_at_the_field_and_nothing_is_given() {
    on_each(|test| async move {
        let (app, at) = case(test, app::SHOP).await;
        let give = async |amount: &str| app.form("Ana", &format!("{at}/grants"), &[("remedy", "refund"), ("reason", "late"), ("amount", amount)]).await;
        let cases = [
            ("-4", "`-4` is not more than nothing. Write an amount, such as 15.00."),
            ("0", "`0` is not more than nothing."),
            ("0,00", "`0,00` is not more than nothing."),
            ("15.005", "`15.005` has more than 2 decimal places."),
            ("3.0001", "`3.0001` has more than 2 decimal places."),
            ("1e5", "`1e5` is not an amount."),
            ("abc", "`abc` is not an amount."),
            ("1,5,0", "`1,5,0` is not an amount."),
            ("about fifteen euros and perhaps a little more than that", "This is not an amount."),
            ("", "Write an amount, such as 15.00."),
        ];
        for (amount, words) in cases {
            let answer = give(amount).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{amount}");
            for part in [words, "aria-invalid=\"true\"", "id=\"refund-error\""] {
                assert!(answer.text.contains(part), "{amount}: {part}: {}", answer.text);
            }
            if !amount.is_empty() {
                let kept: String = amount.chars().take(20).collect();
                assert_eq!(ruler(&answer), looks(&kept, "Give"), "what was typed stands there, and no other amount on the button");
            }
        }
        for path in ["offer", "refusals"] {
            let fields = [("remedy", "refund"), ("reason", "late"), ("amount", "15.005"), ("give-refund", "15.005")];
            let answer = app.form("Ana", &format!("{at}/{path}"), &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            assert!(answer.text.contains("`15.005` has more than 2 decimal places. Write an amount, such as 15.00, or leave it empty."), "{}", answer.text);
        }
        let shown = app.page("Ana", &at).await;
        assert!(!shown.text.contains("Given in this case"), "{}", shown.text);
        assert!(shown.text.contains("title=\"Type an amount, such as 15.00: €0.01 or more.\""), "{}", shown.text);
        for (amount, given) in [("1,00", "€1.00"), ("2.00", "€2.00"), ("€ 3", "€3.00")] {
            assert_eq!(give(amount).await.status, StatusCode::SEE_OTHER, "{amount}");
            assert!(app.page("Ana", &at).await.text.contains(&format!("Refund of {given}")), "{amount}");
        }
        for amount in ["1,500.00", "1.500,00"] {
            let much = give(amount).await;
            assert_eq!((much.status, ruler(&much)), (StatusCode::UNPROCESSABLE_ENTITY, looks(amount, "")), "{amount}");
            assert!(much.text.contains("We never pay back more than was paid."), "it is read: {}", much.text);
        }
    });
}

#[test]
fn nothing_is_suggested_where_nothing_is_known_or_mine_or_some_was_given() {
    on_each(|test| async move {
        let (app, at) = case(test, PLAIN).await;
        let page = async |reason: &str| app.page("Ana", &format!("{at}?reason={reason}")).await;
        assert_eq!(ruler(&page("late").await), looks("10.00", "Give €10.00"), "the most that is mine");
        let unknown = page("damaged").await;
        assert_eq!(ruler(&unknown), looks("", ""), "before anything is known");
        assert!(unknown.text.contains("What you can give depends on what is asked above."), "{}", unknown.text);

        let give = async |amount: &str| app.form("Ana", &format!("{at}/grants"), &[("remedy", "refund"), ("reason", "late"), ("amount", amount)]).await;
        assert_eq!(give("4").await.status, StatusCode::SEE_OTHER);
        let some = page("late").await;
        assert_eq!(ruler(&some), looks("", "Give"), "a key pressed twice gives once");
        assert!(some.text.contains("required pattern="), "{}", some.text);
        let action = some.text.split("action=\"/grants/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(app.form("Ana", &format!("/grants/{action}"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(ruler(&page("late").await), looks("10.00", "Give €10.00"), "it was taken back");
        let times = |left: &str| format!("<span>Per case: {left} left</span>");
        assert!(!page("late").await.text.contains("Per case"), "nothing was taken from it");
        assert_eq!(give("10").await.status, StatusCode::SEE_OTHER);
        let all = page("late").await;
        assert_eq!(ruler(&all), looks("", ""), "all of mine was given, and no one else may: {}", all.text);
        assert!(
            all.text.contains(&times("2 of 3 times")) && !all.text.contains("ruler-tick"),
            "it is told in times, and has no place on a scale: {}",
            all.text
        );
    });
}
