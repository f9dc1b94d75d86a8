//! What somebody of a group answers, by the form and over the API, on both databases.

use std::sync::Arc;

use access::teams::{self, NewMembership, TeamRole};
use axum::http::StatusCode;
use desk::groups;
use platform::actor::Actor;
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

use crate::app::{self, Answer, App};

/// An agent gives up to 10.00, a lead up to 37.50; beyond that managers make exceptions. Two rules for agents do not apply to what came five days late in November.
const CHARTER: &str = r#"
leeway = 1
name = "Small shop"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead", "manager"]
reasons = ["late"]

[facts.order]
total = "money"
days_late = "number"

[[issue]]
id = "late_parcel"
title = "A parcel came late"
suggests = ["late"]

[[remedy]]
id = "refund"
title = "Refund"
measure = "money"

[[remedy]]
id = "voucher"
title = "Voucher"
measure = "money"

[[allow]]
id = "a-little"
remedies = ["refund", "voucher"]
reasons = ["late"]
level = "agent"
up_to = "10"
because = "Late is our fault."

[[allow]]
id = "more-of-it"
remedies = ["refund", "voucher"]
reasons = ["late"]
level = "lead"
up_to = "37.50"

[[allow]]
id = "december"
remedies = ["refund"]
reasons = ["late"]
level = "agent"
from = "2026-12-01"
until = "2026-12-31"
up_to = "25"

[[allow]]
id = "very-late"
remedies = ["refund"]
reasons = ["late"]
level = "agent"
when = 'order.days_late > 10'
up_to = "30"

[[group]]
id = "duty-leads"
level = "lead"
within = "30m"

[[group]]
id = "managers"
level = "manager"
within = "4h"
exceptions = true
"#;
const SCOPES: &str = "cases:read cases:write grants:write options:read";

/// The shop: Ana asks. Max manages the team that serves the leads on duty and the managers, who may make exceptions; Olga owns all, and is in another team.
struct Shop {
    app: Arc<App>,
    ana: String,
    max: String,
}

async fn shop(test: Arc<TestDb>) -> Shop {
    let app = App::new(test).await;
    app.publish(CHARTER).await;
    app.order().await;
    let team = app.team;
    app.write(move |tx| {
        Box::pin(async move {
            for group in ["duty-leads", "managers"] {
                groups::set_team(tx, group, team, &Actor::System, app::AT).await.unwrap();
            }
            Ok(())
        })
    })
    .await;
    let (ana, max) = (app.person("Ana", "agent", TeamRole::Member).await, app.person("Max", "manager", TeamRole::Manager).await);
    let olga = app.owner("Olga").await;
    app.write(move |tx| {
        Box::pin(async move {
            for old in teams::memberships_of(tx, olga).await? {
                teams::end_membership(tx, old.id, app::AT + 1, &Actor::System, app::AT + 1).await.unwrap();
            }
            let far = teams::create_team(tx, "House", None, &Actor::System, app::AT).await.unwrap();
            let new = NewMembership { staff: olga, team: far, role: TeamRole::Member, from: app::AT, until: None };
            teams::begin_membership(tx, &new, &Actor::System, app::AT).await.unwrap();
            Ok(())
        })
    })
    .await;
    app.clock.forward(1_000_000);
    Shop { ana: app.token("Ana", Some(ana), SCOPES).await, max: app.token("Max", Some(max), SCOPES).await, app }
}

fn refund(amount: &str) -> Value {
    json!({ "remedy": "refund", "reason": "late", "amount": amount })
}

impl Shop {
    /// Something is asked for in a case of its own; which it is, and the case.
    async fn raised(&self, items: Value) -> (String, i64) {
        let case = self.app.case(&self.ana).await;
        let raised = self.app.post(&self.ana, &format!("/api/v1/cases/{case}/escalations"), Some(&format!("raise-{case}")), &json!({ "items": items })).await;
        assert_eq!(raised.status, StatusCode::CREATED, "{raised:?}");
        (raised.json()["escalation"].as_str().unwrap().to_owned(), case)
    }

    async fn answers(&self, id: &str, body: Value) -> Answer {
        let key = body.to_string().replace([' ', '"'], "_");
        self.app.post(&self.max, &format!("/api/v1/escalations/{id}/answer"), Some(&key), &body).await
    }

    /// Max sends the form, as the page has it.
    async fn sends(&self, id: &str, fields: &[(&str, &str)]) -> Answer {
        let all = [&[("words", "So it is"), ("rule", ""), ("until", "72")], fields].concat();
        self.app.form("Max", &format!("/escalations/{id}/answer"), &all).await
    }

    async fn outcome(&self, id: &str) -> Value {
        self.app.get(&self.ana, &format!("/api/v1/escalations/{id}")).await.json()["outcome"].clone()
    }
}

/// The field of an amount with all that belongs to it.
fn field(page: &str) -> &str {
    page.split("<label for=\"amount_0\"").nth(1).unwrap_or_else(|| panic!("{page}")).split("</div>").next().unwrap()
}

/// 37.50 is covered by a rule for leads, and nothing above is.
#[test]
fn only_what_is_given_says_whether_it_is_an_exception() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let with = |amount: &'static str, kept: &'static str| [("verdict", "less"), ("amount_0", amount), ("kept", kept)];
        for (amount, kept, expected) in [
            ("30.00", "one_off", Value::Null),
            ("30.00", "precedent", Value::Null),
            ("37.51", "precedent", json!("precedent")),
            ("45.00", "one_off", json!("one_off")),
        ] {
            let (id, _) = shop.raised(json!([refund("50.00")])).await;
            let page = shop.app.page("Max", &format!("/escalations/{id}")).await.text;
            assert!(page.contains("If what you give needs an exception, it is"), "{page}");
            let done = shop.sends(&id, &with(amount, kept)).await;
            assert_eq!((done.status, done.place), (StatusCode::SEE_OTHER, format!("/escalations/{id}")), "{amount} {kept}: {}", done.text);
            let outcome = shop.outcome(&id).await;
            assert_eq!((&outcome["answer"], &outcome["kept"]), (&json!("less"), &expected), "{amount} {kept}");
        }

        // Over the API what is said counts, so it is refused where it would not.
        let (id, _) = shop.raised(json!([refund("50.00")])).await;
        let body = |amount: &str, kept: Value| json!({ "verdict": "less", "amounts": [amount], "words": "So", "kept": kept });
        for (amount, kept, says) in [
            ("30.00", json!("precedent"), "it is no exception"),
            ("30.00", json!("one_off"), "it is no exception"),
            ("45.00", Value::Null, "it is an exception"),
        ] {
            let refused = shop.answers(&id, body(amount, kept)).await;
            assert_eq!((refused.code().as_str(), &refused.json()["fields"][0]["field"]), ("invalid", &json!("kept")), "{refused:?}");
            assert!(refused.text.contains(says), "{refused:?}");
        }
        assert_eq!(shop.answers(&id, body("30.00", Value::Null)).await.json()["outcome"]["kept"], Value::Null);
        let (id, _) = shop.raised(json!([refund("50.00")])).await;
        let no = json!({ "verdict": "no", "words": "So", "kept": "one_off" });
        assert_eq!(shop.answers(&id, no).await.json()["outcome"]["kept"], Value::Null, "of a no it says nothing");
    });
}

#[test]
fn less_is_less_than_was_asked_for() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (id, _) = shop.raised(json!([refund("30.00")])).await;
        let page = shop.app.page("Max", &format!("/escalations/{id}")).await.text;
        let amount = field(&page);
        assert!(amount.contains("value=\"\"") && amount.contains("Less than the €30.00 that was asked for."), "{amount}");
        assert!(!amount.contains("optional") && !amount.contains(" required"), "{amount}");
        for says in ["Give €30.00", "Give less", "Say no"] {
            assert!(page.contains(&format!("\">{says}</span>")), "{says}: {page}");
        }
        for (typed, says) in [
            ("", "Write how much is given."),
            ("some", "Write an amount, such as 15.00."),
            ("30.00", "This is all that was asked for: give all of it, or write less."),
            ("30.01", "€30.00 was asked for: write less than that."),
        ] {
            let wrong = shop.sends(&id, &[("verdict", "less"), ("amount_0", typed)]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}: {}", wrong.text);
            let amount = field(&wrong.text);
            assert!(amount.contains(says) && amount.contains(&format!("value=\"{typed}\"")), "{typed}: {amount}");
        }
        for amount in ["30.00", "30"] {
            let wrong = shop.answers(&id, json!({ "verdict": "less", "amounts": [amount], "words": "So" })).await;
            assert_eq!((wrong.code().as_str(), &wrong.json()["fields"][0]["field"]), ("invalid", &json!("amounts")), "{wrong:?}");
            assert!(wrong.text.contains("This is all that was asked for"), "{wrong:?}");
        }
        assert_eq!(shop.sends(&id, &[("verdict", "less"), ("amount_0", "29.99")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(shop.outcome(&id).await["answer"], "less");

        // Of several, all of one and nothing of another is less.
        let both = json!([refund("30.00"), { "remedy": "voucher", "reason": "late", "amount": "12.00" }]);
        let (id, _) = shop.raised(both).await;
        let page = shop.app.page("Max", &format!("/escalations/{id}")).await.text;
        assert!(field(&page).contains("If you leave this empty, nothing of it is given.") && page.contains("\">Give all of it</span>"), "{page}");
        let all = shop.sends(&id, &[("verdict", "less"), ("amount_0", "30.00"), ("amount_1", "12.00"), ("kept", "one_off")]).await;
        assert!(all.status == StatusCode::UNPROCESSABLE_ENTITY && all.text.contains("This is all that was asked for"), "{}", all.text);
        let done = shop.sends(&id, &[("verdict", "less"), ("amount_0", "30.00"), ("amount_1", ""), ("kept", "one_off")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    });
}

#[test]
fn only_the_rules_that_apply_today_are_named_with_what_they_say() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (id, _) = shop.raised(json!([refund("50.00")])).await;
        let page = shop.app.page("Max", &format!("/escalations/{id}")).await.text;
        let choices = page.split("name=\"rule\"").nth(1).unwrap().split("</select>").next().unwrap();
        assert!(choices.contains("Yes, by “A little”: Late is our fault."), "{choices}");
        assert!(choices.contains("Yes, by “More of it”: A lead or anybody above may give up to €37.50"), "no reason is given, so it is told: {choices}");
        assert!(!choices.contains("December") && !choices.contains("Very late"), "{choices}");
        assert_eq!(choices.matches("<option").count(), 3, "{choices}");
        let done = shop.sends(&id, &[("verdict", "no"), ("rule", "a-little")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let page = shop.app.page("Ana", &format!("/escalations/{id}")).await.text;
        assert!(page.contains("by the rule “A little”"), "{page}");
    });
}

#[test]
fn what_was_raised_is_listed_with_what_came_of_it() {
    on_each(|test| async move {
        let shop = shop(test).await;
        for (fields, chip) in [
            (&[("verdict", "give"), ("kept", "one_off")][..], "approved"),
            (&[("verdict", "less"), ("amount_0", "20.00")], "part approved"),
            (&[("verdict", "no")], "refused"),
        ] {
            let (id, _) = shop.raised(json!([refund("50.00")])).await;
            assert_eq!(shop.sends(&id, fields).await.status, StatusCode::SEE_OTHER, "{chip}");
            let list = shop.app.page("Ana", "/escalations?of=mine").await.text;
            let row = list.split("<tr").find(|row| row.contains(&id)).unwrap();
            assert!(row.contains(&format!(">{chip}</span>")) && !row.contains("answered"), "{row}");
        }
    });
}

/// The chips of the timeline of a page, in order.
fn chips(page: &str) -> Vec<String> {
    let timeline = page.split("data-live-part=\"timeline\"").nth(1).unwrap_or_else(|| panic!("{page}")).split("</ol>").next().unwrap();
    let after = timeline.split("class=\"chip ").skip(1);
    after.map(|rest| rest.split_once('>').unwrap().1.split("</span>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect()
}

#[test]
fn the_timeline_says_where_what_was_given_stands_now() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let (id, case) = shop.raised(json!([refund("30.00")])).await;
        let given = json!({ "items": [refund("5.00")] });
        let given = app.post(&shop.ana, &format!("/api/v1/cases/{case}/grants"), Some("give"), &given).await;
        let grant = given.json()["grants"][0]["id"].as_str().unwrap().to_owned();
        shop.sends(&id, &[("verdict", "less"), ("amount_0", "20.00")]).await;
        let pages = [format!("/escalations/{id}"), format!("/cases/{case}")];
        for page in &pages {
            assert_eq!(chips(&app.page("Ana", page).await.text), ["asked", "given", "approved", "not seen by the customer"], "{page}");
        }
        assert_eq!(app.form("Ana", &format!("/grants/{grant}/withdrawal"), &[]).await.status, StatusCode::SEE_OTHER);
        app.publish(&format!("{CHARTER}\n# The same under another version.\n")).await;
        for page in &pages {
            let chips = chips(&app.page("Ana", page).await.text);
            assert!(
                chips.starts_with(&["asked", "taken back", "not valid any more"].map(str::to_owned)) && !chips.contains(&"given".to_owned()),
                "{page}: {chips:?}"
            );
        }
    });
}

#[test]
fn a_first_look_is_one_of_the_group() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (id, _) = shop.raised(json!([refund("30.00")])).await;
        let (page, words) = (format!("/escalations/{id}"), "was the first of the group to read what was asked");
        let looked_at = async || shop.app.get(&shop.ana, &format!("/api/v1{page}")).await.json()["looked_at"].clone();
        // An owner may answer for every group, and is in none by that.
        assert!(shop.app.page("Olga", &page).await.text.contains("Your answer"));
        assert!(looked_at().await.is_null() && !shop.app.page("Ana", &page).await.text.contains(words));
        shop.app.page("Max", &page).await;
        assert!(looked_at().await.is_string() && shop.app.page("Ana", &page).await.text.contains(&format!("Max {words}")));
    });
}

#[test]
fn before_a_charter_is_published_it_says_how_many_approvals_end() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let other = format!("{CHARTER}\n# The same under another version.\n");
        let says = async || {
            let looked = shop.app.form("Max", "/charter", &[("text", &other), ("step", "look"), ("despite", "yes")]).await;
            assert!(looked.text.contains(">Publish</button>"), "{}", looked.text);
            let before = looked.text.split(">Publish</button>").next().unwrap().to_owned();
            ["One approval still holds.", "2 approvals still hold."].into_iter().filter(|words| before.contains(words)).collect::<Vec<_>>()
        };
        assert_eq!(says().await, [""; 0]);
        for (n, expected) in ["One approval still holds.", "2 approvals still hold."].into_iter().enumerate() {
            let (id, _) = shop.raised(json!([refund("30.00")])).await;
            assert_eq!(shop.sends(&id, &[("verdict", "less"), ("amount_0", ["5.00", "6.00"][n])]).await.status, StatusCode::SEE_OTHER);
            assert_eq!(says().await, [expected]);
        }
        shop.app.publish(&other).await;
        assert_eq!(says().await, [""; 0], "they have ended with their charter");
        let (id, _) = shop.raised(json!([refund("30.00")])).await;
        let soon = json!({ "verdict": "less", "amounts": ["7.00"], "words": "So", "until": "2026-11-23T11:00:00Z" });
        assert_eq!(shop.answers(&id, soon).await.status, StatusCode::OK);
        let earlier = shop.app.page("Max", "/charter/versions/1").await.text;
        assert!(earlier.contains("One approval still holds.") && !shop.app.page("Ana", "/charter/versions/1").await.text.contains("still holds"), "{earlier}");
        shop.app.clock.forward(2 * 3_600_000_000);
        assert_eq!(says().await, [""; 0], "its time is over");
    });
}
