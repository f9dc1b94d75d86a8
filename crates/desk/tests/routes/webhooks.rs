//! Webhooks over the API and by their pages; and a grant that another system hands over, through a real listener, on both databases.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::teams::TeamRole;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use desk::grants;
use platform::jobs::runner::{NotDone, Runner, Table};
use platform::metrics::Metrics;
use platform::outbound::{Outbound, Reach};
use platform::webhooks;
use serde_json::{Value, json};
use testkit::on_each;
use tokio::sync::oneshot;

use crate::app::{self, App};

type Heard = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A system that pays. It answers with these statuses, one after the other, and then with 204.
async fn till(statuses: &'static [u16]) -> (String, Heard) {
    let heard: Heard = Arc::default();
    let into = Arc::clone(&heard);
    let hook = post(move |headers: HeaderMap, body: String| async move {
        let mut heard = into.lock().unwrap();
        heard.push((headers, serde_json::from_str(&body).unwrap()));
        StatusCode::from_u16(statuses.get(heard.len() - 1).copied().unwrap_or(204)).unwrap()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pay", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/pay", hook)).await });
    (url, heard)
}

/// Does what is to be done, until it is so.
async fn work(app: &App, until: impl AsyncFn() -> bool) {
    let (sending, delivering, clock) = (Arc::clone(&app.db), Arc::clone(&app.db), app.clock.clone());
    let (at, outbound) = (clock.clone(), Outbound::new(Reach::Private).unwrap());
    let table = Table::default()
        .work(grants::SEND_JOB, move |job| {
            let (db, at) = (Arc::clone(&sending), at.now());
            async move {
                let id: grants::GrantId = serde_json::from_str(&job.payload).unwrap();
                db.write(move |tx| Box::pin(async move { grants::send_due(tx, id, at).await })).await.map(drop).map_err(|e| NotDone::Never(format!("{e:?}")))
            }
        })
        .work(webhooks::DELIVER_JOB, move |job| {
            let (db, clock, outbound) = (Arc::clone(&delivering), clock.clone(), outbound.clone());
            async move { webhooks::deliver(&db, &outbound, &clock, &job).await }
        });
    let (stop, stopped) = oneshot::channel::<()>();
    let runner = Runner::new(Arc::clone(&app.db), app.clock.clone(), Arc::new(Metrics::default()), table);
    let running = tokio::spawn(runner.run(async move { drop(stopped.await) }));
    tokio::time::timeout(Duration::from_secs(20), async {
        while !until().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[test]
fn another_system_hands_a_grant_over() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.order().await;
        let person = app.person("Ana", "agent", TeamRole::Member).await;
        let ana = app.token("Ana", Some(person), "cases:read cases:write options:read grants:write").await;
        let (pays, setup) = (app.token("till", None, "grants:settle").await, app.token("setup", None, "admin").await);
        let (url, heard) = till(&[503]).await;
        let made = app.post(&setup, "/api/v1/webhooks", Some("w"), &json!({ "url": url, "events": ["grant_sent"] })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert!(made.json()["secret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(app.post(&setup, "/api/v1/webhooks", Some("w"), &json!({ "url": url, "events": ["grant_sent"] })).await, made);
        let hook = format!("/api/v1/webhooks/{}", made.json()["id"].as_str().unwrap());

        let case = app.case(&ana).await;
        let give = async |key: &str, amount: &str| {
            let offer = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": amount }] });
            let given = app.post(&ana, &format!("/api/v1/cases/{case}/grants"), Some(key), &offer).await;
            assert_eq!(given.status, StatusCode::CREATED, "{given:?}");
            given.json()["grants"][0]["id"].as_str().unwrap().to_owned()
        };
        let left = async || {
            let options = app.get(&ana, &format!("/api/v1/cases/{case}/options?remedy=refund&reason=late")).await.json();
            options["options"][0]["free_up_to"]["amount"].clone()
        };
        let first = give("1", "5.00").await;
        assert!(heard.lock().unwrap().is_empty(), "nothing is told while it can be taken back");
        app.clock.forward(21_000_000);
        let deliveries = async || app.get(&setup, &format!("{hook}/deliveries")).await.json()["deliveries"].clone();
        work(&app, async || deliveries().await[0]["status"] == 503).await;
        assert_eq!(deliveries().await[0]["state"], "waiting");
        app.clock.forward(5_000_000);
        work(&app, async || deliveries().await[0]["state"] == "delivered").await;

        let messages = heard.lock().unwrap().clone();
        assert_eq!(messages.len(), 2);
        for (headers, body) in &messages {
            assert_eq!(headers["idempotency-key"], first.as_str());
            assert_eq!(headers["webhook-id"], format!("grant_sent:{first}").as_str());
            let data = &body["data"];
            assert_eq!((&data["grant"], &data["case"]), (&json!(first), &json!(case)));
            assert_eq!((&data["remedy"], &data["amount"]), (&json!("refund"), &json!({ "amount": "5.00", "currency": "EUR" })));
            assert_eq!((&data["customer"], &data["about"]), (&json!("C-1"), &json!({ "order": "O-1" })));
        }

        // The system answers, under the key it was given, as often as it likes.
        let settle = messages[0].1["data"]["settle"].as_str().unwrap().to_owned();
        let before = left().await;
        let done = app.post(&pays, &settle, Some(&first), &json!({ "settled": "fulfilled" })).await;
        assert_eq!((done.status, &done.json()["state"]), (StatusCode::OK, &json!("fulfilled")), "{done:?}");
        let number = deliveries().await[0]["number"].as_i64().unwrap();
        assert_eq!(app.post(&setup, &format!("{hook}/deliveries/{number}/again"), None, &json!({})).await.status, StatusCode::ACCEPTED);
        work(&app, async || heard.lock().unwrap().len() == 3).await;
        assert_eq!(heard.lock().unwrap()[2].0["idempotency-key"], first.as_str());
        assert_eq!(app.post(&pays, &settle, Some(&first), &json!({ "settled": "fulfilled" })).await, done);
        assert_eq!(app.post(&pays, &settle, None, &json!({ "settled": "fulfilled" })).await.code(), "grant-moved");
        assert_eq!(left().await, before, "what is fulfilled counts once");
        let timeline = app.get(&ana, &format!("/api/v1/cases/{case}/timeline")).await.json();
        let settled = timeline["events"].as_array().unwrap().iter().filter(|e| e["data"]["state"] == "fulfilled").count();
        assert_eq!(settled, 1);

        // What failed or is unclear keeps its room until somebody settles it.
        for (key, came) in [("2", "failed"), ("3", "unclear")] {
            let id = give(key, "2.00").await;
            let room = left().await;
            app.clock.forward(21_000_000);
            work(&app, async || heard.lock().unwrap().iter().any(|(headers, _)| headers["idempotency-key"] == id.as_str())).await;
            let path = format!("/api/v1/grants/{id}/settlement");
            assert_eq!(app.post(&pays, &path, Some(&id), &json!({ "settled": came, "note": "no answer from the bank" })).await.json()["state"], came);
            assert_eq!(left().await, room, "{came}");
            assert_eq!(app.post(&pays, &path, None, &json!({ "settled": "fulfilled" })).await.json()["state"], "fulfilled");
        }

        // The token says what came of grants, and nothing else.
        for path in [format!("/api/v1/cases/{case}"), format!("/api/v1/grants/{first}"), "/api/v1/webhooks".to_owned()] {
            assert_eq!(app.get(&pays, &path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(app.post(&pays, &format!("/api/v1/grants/{first}/correction"), None, &json!({})).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.post(&setup, &settle, None, &json!({ "settled": "failed" })).await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn webhooks_are_looked_after_over_the_api() {
    on_each(|test| async move {
        let app = App::new(test).await;
        let setup = app.token("setup", None, "admin").await;
        let reader = app.token("reader", None, "cases:read grants:write").await;
        assert_eq!(app.get(&reader, "/api/v1/webhooks").await.status, StatusCode::FORBIDDEN);
        let wrong = [
            (json!({ "url": "shop.example", "events": ["grant_sent"] }), "url"),
            (json!({ "url": "https://user:word@shop.example/", "events": ["grant_sent"] }), "url"),
            (json!({ "url": format!("https://shop.example/{}", "a".repeat(2_000)), "events": ["grant_sent"] }), "url"),
            (json!({ "url": "https://shop.example/", "events": ["no_exceeded"] }), "events"),
            (json!({ "url": "https://shop.example/", "events": [] }), "events"),
        ];
        for (body, field) in wrong {
            let answer = app.post(&setup, "/api/v1/webhooks", None, &body).await;
            assert_eq!((answer.code().as_str(), &answer.json()["fields"][0]["field"]), ("invalid", &json!(field)), "{body}");
        }
        let new = json!({ "url": "https://shop.example/hooks", "events": ["case_opened", "grant_sent"] });
        let made = app.post(&setup, "/api/v1/webhooks", None, &new).await.json();
        let path = format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap());
        let post = async |what: &str, body: Value| app.post(&setup, &format!("{path}/{what}"), None, &body).await;
        assert_eq!(app.get(&setup, &path).await.json()["secret"], Value::Null);
        assert!(post("pause", json!({})).await.json()["paused_at"].is_string());
        assert_eq!(post("test", json!({})).await.status, StatusCode::ACCEPTED);
        let sent = app.get(&setup, &format!("{path}/deliveries")).await.json();
        assert_eq!((&sent["deliveries"][0]["event"], &sent["deliveries"][0]["state"], &sent["next"]), (&json!("test"), &json!("waiting"), &Value::Null));
        assert_eq!(post("deliveries/1/again", json!({})).await.code(), "still-waits");
        assert_eq!(post("deliveries/99/again", json!({})).await.status, StatusCode::NOT_FOUND);
        assert_eq!(post("resumption", json!({})).await.json()["paused_at"], Value::Null);
        let rotated = post("secret", json!({})).await.json();
        assert!(rotated["secret"].is_string() && rotated["secret"] != made["secret"] && rotated["old_secret_until"].is_string());
        assert_eq!(post("events", json!({ "events": ["case_moved"] })).await.json()["events"], json!(["case_moved"]));
        for _ in 0..60 {
            post("test", json!({})).await;
        }
        let page = app.get(&setup, &format!("{path}/deliveries")).await.json();
        assert_eq!(page["deliveries"].as_array().unwrap().len(), 50);
        let rest = app.get(&setup, &format!("{path}/deliveries?after={}", page["next"].as_str().unwrap())).await.json();
        assert_eq!((rest["deliveries"].as_array().unwrap().len(), &rest["next"]), (11, &Value::Null));
        assert_eq!(app.delete(&setup, &path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(app.delete(&setup, &path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.get(&setup, &path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(post("pause", json!({})).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.get(&setup, "/api/v1/webhooks").await.json()["webhooks"], json!([]));
    });
}

#[test]
fn webhooks_have_pages_for_owners_and_operators() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.operator("Otto").await;
        app.person("Ana", "agent", TeamRole::Member).await;
        assert_eq!(app.page("Ana", "/settings/webhooks").await.status, StatusCode::FORBIDDEN);
        let none = app.page("Otto", "/settings/webhooks").await;
        assert!(none.text.contains("No other system is told of anything") && !none.text.contains("Add the webhook"), "{}", none.text);
        assert_eq!(app.form("Otto", "/settings/webhooks", &[("url", "https://shop.example/"), ("grant_sent", "yes")]).await.status, StatusCode::FORBIDDEN);

        let wrong = app.form("Olga", "/settings/webhooks", &[("url", "shop.example"), ("case_opened", "yes")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("value=\"shop.example\"") && wrong.text.contains("is not an address such as"), "{}", wrong.text);
        let unchosen = app.form("Olga", "/settings/webhooks", &[("url", "https://shop.example/hooks")]).await;
        assert!(unchosen.text.contains("Choose at least one event."), "{}", unchosen.text);
        let made = app.form("Olga", "/settings/webhooks", &[("url", "https://shop.example/hooks"), ("grant_sent", "yes")]).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert!(made.text.contains("whsec_") && made.text.contains("shown this once"));

        let list = app.page("Otto", "/settings/webhooks").await.text;
        let path = list.split("href=\"/settings/webhooks/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let path = format!("/settings/webhooks/{path}");
        let shown = app.page("Otto", &path).await;
        assert!(!shown.text.contains("whsec_") && !shown.text.contains("Make a new secret") && shown.text.contains("Nothing was sent yet"), "{}", shown.text);
        for (who, what, status) in [
            ("Otto", "pause", StatusCode::SEE_OTHER),
            ("Otto", "test", StatusCode::SEE_OTHER),
            ("Otto", "resumption", StatusCode::SEE_OTHER),
            ("Otto", "secret", StatusCode::FORBIDDEN),
            ("Otto", "removal", StatusCode::FORBIDDEN),
            ("Otto", "events", StatusCode::FORBIDDEN),
            ("Olga", "secret", StatusCode::OK),
            ("Ana", "test", StatusCode::FORBIDDEN),
        ] {
            let answer = app.form(who, &format!("{path}/{what}"), &[]).await;
            assert_eq!(answer.status, status, "{who} {what}: {}", answer.text);
            if what == "secret" && status == StatusCode::OK {
                assert!(answer.text.contains("whsec_") && answer.text.contains("signed with the old secret too until"), "{}", answer.text);
            }
        }
        let told = app.page("Olga", &path).await;
        assert!(told.text.contains("test:") && told.text.contains("waiting"), "{}", told.text);
        assert_eq!(app.form("Olga", &format!("{path}/events"), &[("case_opened", "yes"), ("case_moved", "yes")]).await.status, StatusCode::SEE_OTHER);
        assert!(app.page("Otto", "/settings/webhooks?done=events").await.text.contains("case_moved, case_opened"));
        assert_eq!(app.form("Olga", &format!("{path}/removal"), &[]).await.place, "/settings/webhooks?done=removed");
        assert_eq!(app.page("Olga", &path).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn words_of_what_is_passed_up_stay_here() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.order().await;
        let team = app.team;
        app.write(move |tx| {
            Box::pin(async move {
                desk::groups::set_team(tx, "duty-leads", team, &platform::actor::Actor::System, app::AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        let (ana, lena) = (app.person("Ana", "agent", TeamRole::Member).await, app.person("Lena", "lead", TeamRole::Lead).await);
        let scopes = "cases:read cases:write options:read grants:write";
        let (ana, lena, setup) =
            (app.token("Ana", Some(ana), scopes).await, app.token("Lena", Some(lena), scopes).await, app.token("setup", None, "admin").await);
        let (url, heard) = till(&[]).await;
        let events = [
            "escalation_raised",
            "promise_made",
            "escalation_taken",
            "escalation_asked_back",
            "escalation_replied_to",
            "grant_approved",
            "escalation_answered",
            "promise_renewed",
            "promise_given_up",
        ];
        let made = app.post(&setup, "/api/v1/webhooks", None, &json!({ "url": url, "events": events })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let case = app.case(&ana).await;
        let items = json!([{ "remedy": "refund", "reason": "late", "amount": "30.00" }]);
        let promise = json!({ "due": "2026-11-23T16:00:00Z", "how": "phone" });
        let new = json!({ "items": items, "want": "Heirloom one", "promise": promise });
        let raised = app.post(&ana, &format!("/api/v1/cases/{case}/escalations"), Some("r"), &new).await.json();
        let (id, promise) = (raised["escalation"].as_str().unwrap(), raised["promise"].as_str().unwrap());
        let steps = [
            (&lena, format!("escalations/{id}/taking"), json!({})),
            (&lena, format!("escalations/{id}/question"), json!({ "words": "Heirloom two" })),
            (&ana, format!("escalations/{id}/reply"), json!({ "words": "Heirloom three" })),
            (&lena, format!("escalations/{id}/answer"), json!({ "verdict": "give", "words": "Heirloom four" })),
            (&ana, format!("promised/{promise}/renewal"), json!({ "due": "2026-11-23T17:00:00Z", "words": "Heirloom five" })),
            (&ana, format!("promised/{promise}/end"), json!({ "words": "Heirloom six" })),
        ];
        for (token, path, body) in steps {
            let done = app.post(token, &format!("/api/v1/{path}"), Some(&path), &body).await;
            assert_eq!(done.status, StatusCode::OK, "{path}: {done:?}");
        }
        work(&app, async || heard.lock().unwrap().len() == events.len()).await;
        let mut told: Vec<String> = heard.lock().unwrap().iter().map(|(_, body)| body["event"].as_str().unwrap().to_owned()).collect();
        told.sort();
        let mut expected = events.map(str::to_owned).to_vec();
        expected.sort();
        assert_eq!(told, expected);
        for (_, body) in heard.lock().unwrap().iter() {
            assert!(!body.to_string().contains("Heirloom"), "{body}");
            let (event, note) = (body["event"].as_str().unwrap(), &body["data"]["note"]);
            let has_words = !["promise_made", "escalation_taken", "grant_approved"].contains(&event);
            assert_eq!((note["text"].is_string(), note["digest"].is_string()), (has_words, has_words), "{event}: {body}");
        }
    });
}

#[test]
fn who_plans_hours_elsewhere_hears_of_rotas_and_absences() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        let (olga, ana) = (app.owner("Olga").await, app.person("Ana", "lead", TeamRole::Member).await);
        let (olga, setup) = (app.token("Olga", Some(olga), "groups:write").await, app.token("setup", None, "admin").await);
        let (url, heard) = till(&[]).await;
        let events = ["group_team_set", "shift_begun", "shift_ended", "absence_entered", "absence_called_off"];
        app.post(&setup, "/api/v1/webhooks", None, &json!({ "url": url, "events": events })).await;
        let post = async |path: String, body: Value| {
            let done = app.post(&olga, &format!("/api/v1/{path}"), None, &body).await;
            assert!(done.status.is_success(), "{path}: {done:?}");
            done.json()["id"].as_str().unwrap_or_default().to_owned()
        };
        let (ana, team) = (ana.to_string(), app.team.to_string());
        post("groups/duty-leads/team".to_owned(), json!({ "team": team })).await;
        let shift = post("groups/duty-leads/shifts".to_owned(), json!({ "staff": ana, "days": ["mon", "wed"], "hours": "9:00-17:00", "zone": "UTC" })).await;
        let days = json!({ "staff": ana, "first_day": "2026-12-24", "last_day": "2026-12-24" });
        let absence = post("groups/duty-leads/absences".to_owned(), days).await;
        post(format!("absences/{absence}/end"), json!({})).await;
        post(format!("shifts/{shift}/end"), json!({})).await;
        work(&app, async || heard.lock().unwrap().len() == events.len()).await;
        let heard = heard.lock().unwrap();
        let of = |event: &str| heard.iter().find(|(_, body)| body["event"] == event).unwrap().1["data"].clone();
        let begun = json!({
            "what": "shift_begun", "group": "duty-leads", "shift": shift, "staff": ana, "is_deputy": false, "days": 5, "hours": "09:00-17:00", "zone": "UTC",
        });
        let entered = json!({
            "what": "absence_entered", "absence": absence, "staff": ana, "substitute": null, "from": 1_798_066_800_000_000_i64, "until": 1_798_153_200_000_000_i64,
        });
        assert_eq!((of("shift_begun"), of("absence_entered")), (begun, entered));
        assert_eq!(of("group_team_set"), json!({ "what": "group_team_set", "group": "duty-leads", "team": team }));
        assert_eq!(of("shift_ended"), json!({ "what": "shift_ended", "group": "duty-leads", "shift": shift, "staff": ana }));
        assert_eq!(of("absence_called_off"), json!({ "what": "absence_called_off", "absence": absence, "staff": ana }));
    });
}
