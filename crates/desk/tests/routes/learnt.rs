//! Precedents and how groups answer, over the API, on both databases.

use std::sync::Arc;

use access::people::StaffId;
use access::teams::{self, NewMembership, TeamRole};
use axum::http::StatusCode;
use desk::groups;
use platform::actor::Actor;
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

use crate::app::{self, App};

/// An agent gives up to 10.00, a lead up to 50.00; beyond that managers make exceptions.
const CHARTER: &str = r#"
leeway = 1
name = "Small shop"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead", "manager"]
reasons = ["late", "goodwill"]

[facts.order]
total = "money"
days_late = "number"

[facts.customer]
tier = { choice = ["standard"] }

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
id = "small"
remedies = ["refund", "voucher"]
reasons = ["late"]
level = "agent"
up_to = "10"

[[allow]]
id = "more"
remedies = ["refund", "voucher"]
reasons = ["late"]
level = "lead"
up_to = "50"

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

/// The shop: Ana and Ben ask; Lena leads the team that serves the leads on duty and those who may make exceptions, Max manages it; Faye is of another team.
struct Shop {
    app: Arc<App>,
    ana: String,
    ana_is: StaffId,
    lena: String,
    max: String,
    faye: String,
    bot: String,
    help_desk: String,
}

/// Somebody leads a team of their own from now on, and is in no other one.
async fn far_away(app: &App, staff: StaffId) {
    let at = app.clock.now();
    app.write(move |tx| {
        Box::pin(async move {
            for old in teams::memberships_of(tx, staff).await?.into_iter().filter(|old| old.until.is_none()) {
                teams::end_membership(tx, old.id, at, &Actor::System, at).await.unwrap();
            }
            let far = teams::create_team(tx, &format!("Far {staff}"), None, &Actor::System, at).await.unwrap();
            let new = NewMembership { staff, team: far, role: TeamRole::Lead, from: at, until: None };
            teams::begin_membership(tx, &new, &Actor::System, at).await.unwrap();
            Ok(())
        })
    })
    .await;
}

async fn shop(test: Arc<TestDb>) -> Shop {
    let app = App::new(test).await;
    app.publish(CHARTER).await;
    app.order().await;
    let team = app.team;
    let (ana, lena) = (app.person("Ana", "agent", TeamRole::Member).await, app.person("Lena", "lead", TeamRole::Lead).await);
    let (max, faye) = (app.person("Max", "manager", TeamRole::Manager).await, app.person("Faye", "agent", TeamRole::Member).await);
    app.write(move |tx| {
        Box::pin(async move {
            for group in ["duty-leads", "managers"] {
                groups::set_team(tx, group, team, &Actor::System, app::AT).await.unwrap();
            }
            Ok(())
        })
    })
    .await;
    far_away(&app, faye).await;
    let bot = app.ai_agent("Bot", "lead").await;
    Shop {
        ana: app.token("Ana", Some(ana), SCOPES).await,
        ana_is: ana,
        lena: app.token("Lena", Some(lena), SCOPES).await,
        max: app.token("Max", Some(max), SCOPES).await,
        faye: app.token("Faye", Some(faye), SCOPES).await,
        bot: app.token("Bot", Some(bot), SCOPES).await,
        help_desk: app.token("help-desk", None, SCOPES).await,
        app,
    }
}

impl Shop {
    /// Something is asked for in a case of its own; which it is, and the case.
    async fn raised(&self, item: Value) -> (String, i64) {
        let case = self.app.case(&self.ana).await;
        let body = json!({ "items": [item], "promise": { "due": "2026-11-23T16:00:00Z", "how": "phone" } });
        let raised = self.app.post(&self.ana, &format!("/api/v1/cases/{case}/escalations"), Some(&format!("raise-{case}")), &body).await;
        assert_eq!(raised.status, StatusCode::CREATED, "{raised:?}");
        (raised.json()["escalation"].as_str().unwrap().to_owned(), case)
    }

    async fn answered(&self, token: &str, id: &str, body: Value) {
        let done = self.app.post(token, &format!("/api/v1/escalations/{id}/answer"), Some(&format!("answer-{id}")), &body).await;
        assert_eq!(done.status, StatusCode::OK, "{done:?}");
    }

    async fn found(&self, query: &str) -> Vec<Value> {
        let list = self.app.get(&self.ana, &format!("/api/v1/precedents{query}")).await.json();
        list["precedents"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
    }
}

fn goodwill(remedy: &str, amount: &str) -> Value {
    json!({ "remedy": remedy, "reason": "goodwill", "amount": amount })
}

#[test]
fn precedents_are_found_by_remedy_reason_and_words() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let (given, case) = shop.raised(goodwill("refund", "200.00")).await;
        shop.answered(&shop.max, &given, json!({ "verdict": "give", "words": "A wedding is 100% once", "kept": "precedent" })).await;
        app.clock.forward(1_000_000);
        let (less, _) = shop.raised(goodwill("voucher", "190.00")).await;
        shop.answered(&shop.max, &less, json!({ "verdict": "less", "amounts": ["180.00"], "words": "180 of it, for the wait", "kept": "precedent" })).await;
        let (once, _) = shop.raised(goodwill("voucher", "170.00")).await;
        shop.answered(&shop.max, &once, json!({ "verdict": "give", "words": "Only this time", "kept": "one_off" })).await;
        let list = shop.found("").await;
        assert_eq!(list.len(), 2, "a one-off is none: {list:?}");
        let expected = json!({
            "escalation": given, "case": case, "at": "2026-11-23T10:00:00Z", "answer": "given", "words": "A wedding is 100% once",
            "items": [{ "remedy": "refund", "reason": "goodwill", "amount": { "amount": "200.00", "currency": "EUR" }, "units": 20_000 }],
        });
        assert_eq!(list[1], expected);
        assert_eq!((&list[0]["answer"], &list[0]["items"][0]["units"], &list[0]["items"][0]["amount"]), (&json!("less"), &Value::Null, &Value::Null));
        for (query, ids) in [
            ("?remedy=refund", vec![&given]),
            ("?reason=goodwill", vec![&less, &given]),
            ("?reason=late", vec![]),
            ("?q=for+THE", vec![&less]),
            ("?q=100%25+once&remedy=refund&reason=goodwill", vec![&given]),
            ("?q=1_0", vec![]),
        ] {
            let found: Vec<Value> = shop.found(query).await.iter().map(|one| one["escalation"].clone()).collect();
            assert_eq!(found, ids.into_iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
        }
        let long = format!("/api/v1/precedents?q={}", "a".repeat(201));
        for (path, field) in [("/api/v1/precedents?after=x", "after"), (long.as_str(), "q")] {
            let wrong = app.get(&shop.ana, path).await;
            assert_eq!((wrong.code().as_str(), &wrong.json()["fields"][0]["field"]), ("invalid", &json!(field)), "{wrong:?}");
        }
        assert_eq!(app.get(&shop.ana, "/api/v1/precedents?of=all").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Everybody at the desk reads why, and nobody of another team whose it was.
        let far = app.get(&shop.faye, "/api/v1/precedents?remedy=refund").await.json();
        let far = &far["precedents"][0];
        assert_eq!((&far["escalation"], &far["case"], &far["words"]), (&Value::Null, &Value::Null, &json!("A wedding is 100% once")));
        let asks = app.token("asks", None, "options:read").await;
        assert_eq!(app.get(&asks, "/api/v1/precedents").await.status, StatusCode::FORBIDDEN);
        // Who raised it opens what they raised, wherever they are now.
        app.form("Lena", &format!("/cases/{case}/owner"), &[]).await;
        far_away(app, shop.ana_is).await;
        assert_eq!(app.get(&shop.ana, &format!("/api/v1/cases/{case}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.get(&shop.ana, &format!("/api/v1/escalations/{given}")).await.status, StatusCode::OK);
        assert_eq!(shop.found("?remedy=refund").await[0]["escalation"], json!(given));
    });
}

#[test]
fn news_of_a_case_that_another_team_has_now_lead_nowhere() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let case = app.case(&shop.ana).await;
        let mut grants = Vec::new();
        for key in ["first", "second"] {
            let items = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "2.00" }] });
            let given = app.post(&shop.ana, &format!("/api/v1/cases/{case}/grants"), Some(key), &items).await;
            assert_eq!(given.status, StatusCode::CREATED, "{given:?}");
            grants.push(given.json()["grants"][0]["id"].as_str().unwrap().to_owned());
        }
        let mut paths = Vec::new();
        for (grant, label) in grants.iter().zip([format!("Look at case {case}"), "I have read it".to_owned()]) {
            let mended = app.form("Lena", &format!("/grants/{grant}/correction"), &[("cause", "double"), ("note", "It was less")]).await;
            assert_eq!(mended.status, StatusCode::SEE_OTHER, "{}", mended.text);
            let at = app.clock.now();
            let leased = app.write(move |tx| Box::pin(async move { platform::jobs::lease(tx, at, 50).await })).await;
            let mails = leased.into_iter().filter(|job| job.kind == "mail" && job.payload.contains("grant_corrected"));
            paths.extend(mails.map(|job| serde_json::from_str::<Value>(&job.payload).unwrap()["path"].clone()));
            assert!(app.page("Ana", "/cases").await.text.contains(&label), "{label}");
            if paths.len() == 1 {
                app.form("Lena", &format!("/cases/{case}/owner"), &[]).await;
                far_away(app, shop.ana_is).await;
            }
        }
        assert_eq!(paths, [json!(format!("/cases/{case}")), Value::Null]);
        let list = app.page("Ana", "/cases").await.text;
        assert!(!list.contains("Look at case") && list.contains(&format!("It was in case {case}, which another team has now.")), "{list}");
        for _ in 0..2 {
            let list = app.page("Ana", "/cases").await.text;
            let seen = list.split("action=\"/news/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            assert_eq!(app.form("Ana", &format!("/news/{seen}"), &[]).await.place, "/cases");
        }
        assert!(!app.page("Ana", "/cases").await.text.contains("I have read it"));
    });
}

#[test]
fn precedents_come_page_by_page() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let mut expected = Vec::new();
        for _ in 0..51 {
            let (id, _) = shop.raised(goodwill("refund", "200.00")).await;
            shop.answered(&shop.max, &id, json!({ "verdict": "give", "words": "So it is", "kept": "precedent" })).await;
            shop.app.clock.forward(1_000_000);
            expected.insert(0, json!(id));
        }
        let first = shop.app.get(&shop.ana, "/api/v1/precedents").await.json();
        let rest = shop.app.get(&shop.ana, &format!("/api/v1/precedents?after={}", first["next"].as_str().unwrap())).await.json();
        assert_eq!((first["precedents"].as_array().unwrap().len(), &rest["next"]), (50, &Value::Null));
        let found: Vec<&Value> = [&first, &rest].into_iter().flat_map(|page| page["precedents"].as_array().unwrap()).map(|one| &one["escalation"]).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>());
    });
}

#[test]
fn who_leads_a_group_reads_how_it_answers() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let refund = json!({ "remedy": "refund", "reason": "late", "amount": "30.00" });
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(shop.raised(refund.clone()).await.0);
        }
        app.clock.forward(600_000_000);
        app.post(&shop.lena, &format!("/api/v1/escalations/{}/taking", ids[0]), None, &json!({})).await;
        app.clock.forward(300_000_000);
        shop.answered(&shop.lena, &ids[0], json!({ "verdict": "give", "words": "Yes" })).await;
        shop.answered(&shop.lena, &ids[1], json!({ "verdict": "no", "words": "No" })).await;
        shop.answered(&shop.max, &ids[2], json!({ "verdict": "less", "amounts": ["10.00"], "words": "Half", "rule": "small" })).await;
        for (id, rating) in [(&ids[0], "helpful"), (&ids[1], "not")] {
            app.post(&shop.ana, &format!("/api/v1/escalations/{id}/rating"), None, &json!({ "rating": rating })).await;
        }
        let read = app.get(&shop.max, "/api/v1/answering").await.json();
        assert_eq!(read["since"], "2026-08-25T10:15:00Z");
        let group = &read["groups"][0];
        assert_eq!((&group["id"], &group["title"], read["groups"].as_array().unwrap().len()), (&json!("duty-leads"), &json!("Duty leads"), 2));
        let share = |count: i64, n: i64| json!({ "count": count, "n": n });
        let median = |seconds: i64, n: i64| json!({ "seconds": seconds, "n": n });
        let expected = json!({
            "answered": share(3, 4), "first_look": median(900, 3), "answer": median(900, 3), "late": share(0, 4), "said_no": share(1, 3), "could_have": share(1, 3),
            "helped": share(1, 2),
        });
        assert_eq!(group["figures"], expected);
        assert_eq!(group["promises"], json!({ "n": 4, "kept": 0, "late": 0, "broken": 0, "open": 4 }));
        let of_lena = json!({
            "answered": share(2, 2), "first_look": median(600, 2), "answer": median(900, 2), "late": share(0, 2), "said_no": share(1, 2), "could_have": share(0, 2),
            "helped": share(1, 2),
        });
        let names = |of: &Value| of["people"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((names(group), &group["people"][0]["figures"]), (vec!["Lena".to_owned(), "Max".to_owned()], &of_lena));
        let none = &read["groups"][1];
        assert_eq!((&none["figures"]["answer"], &none["figures"]["answered"], &none["people"]), (&Value::Null, &share(0, 0), &json!([])));

        // Who leads reads of the group and of themselves; nobody else anything; a program of nobody either.
        let lead = app.get(&shop.lena, "/api/v1/answering").await.json();
        assert_eq!((&lead["groups"][0]["figures"], names(&lead["groups"][0])), (&group["figures"], vec!["Lena".to_owned()]));
        assert!(lead["groups"][0]["people"][0]["by"].as_str().unwrap().starts_with("staff:"));
        for token in [&shop.ana, &shop.faye, &shop.bot, &shop.help_desk] {
            assert_eq!(app.get(token, "/api/v1/answering").await.json()["groups"], json!([]));
        }
        let asks = app.token("asks", None, "options:read").await;
        assert_eq!(app.get(&asks, "/api/v1/answering").await.status, StatusCode::FORBIDDEN);
    });
}
