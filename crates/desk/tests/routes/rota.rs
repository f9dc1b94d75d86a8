//! Who serves a group, its rota and its absences over the API, on both databases.

use std::sync::Arc;

use access::people::StaffId;
use access::teams::{self, TeamRole};
use axum::http::StatusCode;
use platform::actor::Actor;
use platform::limits::SHIFTS;
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

use crate::app::{self, Answer, App};

const SCOPES: &str = "groups:write options:read people:read";
const SHIFTS_OF: &str = "/api/v1/groups/duty-leads/shifts";
const ABSENCES_OF: &str = "/api/v1/groups/duty-leads/absences";

/// The shop: Max manages the team Care, Lena leads it, Ana and Ben are in it; a bot of it, and a help desk.
struct Shop {
    app: Arc<App>,
    max: String,
    lena: String,
    ana: String,
    bot: String,
    help_desk: String,
    ids: [StaffId; 3],
}

async fn shop(test: Arc<TestDb>) -> Shop {
    let app = App::new(test).await;
    app.publish(app::SHOP).await;
    let (max, lena) = (app.person("Max", "manager", TeamRole::Manager).await, app.person("Lena", "lead", TeamRole::Lead).await);
    let (ana, ben) = (app.person("Ana", "agent", TeamRole::Member).await, app.person("Ben", "lead", TeamRole::Member).await);
    let bot = app.ai_agent("Bot", "lead").await;
    Shop {
        max: app.token("Max", Some(max), SCOPES).await,
        lena: app.token("Lena", Some(lena), SCOPES).await,
        ana: app.token("Ana", Some(ana), SCOPES).await,
        bot: app.token("Bot", Some(bot), SCOPES).await,
        help_desk: app.token("help-desk", None, SCOPES).await,
        ids: [ana, ben, bot],
        app,
    }
}

impl Shop {
    /// The team serves the group.
    async fn serves(&self) -> Answer {
        self.app.post(&self.max, "/api/v1/groups/duty-leads/team", Some("serves"), &json!({ "team": self.app.team.to_string() })).await
    }

    /// Hours are put into the rota; which they are.
    async fn put(&self, body: &Value) -> Value {
        let put = self.app.post(&self.lena, SHIFTS_OF, None, body).await;
        assert_eq!(put.status, StatusCode::CREATED, "{put:?}");
        put.json()
    }

    async fn list(&self, token: &str, path: &str) -> Value {
        self.app.get(token, path).await.json()
    }
}

/// Mondays and Tuesdays.
fn hours(staff: impl ToString) -> Value {
    json!({ "staff": staff.to_string(), "days": ["mon", "tue"], "hours": "09:00-12:30, 13:00-17:00", "zone": "europe/amsterdam" })
}

fn away(staff: impl ToString) -> Value {
    json!({ "staff": staff.to_string(), "first_day": "2026-12-24", "last_day": "2026-12-26" })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// What is refused because of a field.
fn field(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"), "{answer:?}");
    answer.json()["fields"][0]["field"].as_str().unwrap().to_owned()
}

#[test]
fn a_manager_says_which_team_serves_a_group() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let (path, care) = ("/api/v1/groups/duty-leads/team", json!({ "team": app.team.to_string() }));
        for token in [&shop.lena, &shop.ana, &shop.bot, &shop.help_desk] {
            assert_eq!(app.post(token, path, None, &care).await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(app.post(&shop.max, "/api/v1/groups/nobody/team", None, &care).await.status, StatusCode::NOT_FOUND);
        assert_eq!(field(&app.post(&shop.max, path, None, &json!({ "team": "Care" })).await), "team");
        let set = shop.serves().await;
        assert_eq!((set.status, &set.json()["team"]["name"], &set.json()["has_rota"]), (StatusCode::OK, &json!("Care"), &json!(false)), "{set:?}");
        assert_eq!(shop.serves().await, set, "the same key and body: the same answer");
        assert_eq!(app.post(&shop.max, path, Some("serves"), &json!({ "team": "another" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        // From a team of theirs to a team of theirs; and there has to be one.
        let create = app.write(|tx| Box::pin(async move { Ok(teams::create_team(tx, "Far", None, &Actor::System, app::AT).await.unwrap()) }));
        let far = json!({ "team": create.await.to_string() });
        assert_eq!(app.post(&shop.max, path, None, &far).await.status, StatusCode::FORBIDDEN);
        let olga = app.owner("Olga").await;
        let olga = app.token("Olga", Some(olga), SCOPES).await;
        let nowhere = json!({ "team": app.team.to_string().replace('0', "1") });
        assert_eq!(field(&app.post(&olga, path, None, &nowhere).await), "team");
        assert_eq!(app.post(&olga, path, None, &far).await.json()["team"]["name"], "Far");
        assert_eq!(app.post(&shop.max, path, None, &care).await.status, StatusCode::FORBIDDEN, "the team that serves it is not theirs");
        assert_eq!(app.post(&shop.lena, SHIFTS_OF, None, &hours(shop.ids[0])).await.status, StatusCode::FORBIDDEN, "nor is its rota the lead's");
    });
}

#[test]
fn who_leads_the_team_puts_hours_in_and_ends_them() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, [ana, ben, bot]) = (&shop.app, shop.ids);
        assert_eq!(app.post(&shop.lena, SHIFTS_OF, None, &hours(ben)).await.status, StatusCode::FORBIDDEN, "no team serves the group yet");
        shop.serves().await;
        for token in [&shop.ana, &shop.bot, &shop.help_desk] {
            assert_eq!(app.post(token, SHIFTS_OF, None, &hours(ben)).await.status, StatusCode::FORBIDDEN);
        }
        let reader = app.token("reader", Some(ana), "options:read people:read").await;
        assert_eq!(app.post(&reader, SHIFTS_OF, None, &hours(ben)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.post(&shop.lena, "/api/v1/groups/nobody/shifts", None, &hours(ben)).await.status, StatusCode::NOT_FOUND);
        let stranger = ben.to_string().replace('0', "1");
        let wrong = [
            (hours("Ben"), "staff"),
            (hours(stranger), "staff"),
            (hours(bot), "staff"),
            (with(hours(ben), "days", json!([])), "days"),
            (with(hours(ben), "days", json!(["monday"])), "days"),
            (with(hours(ben), "hours", json!("9 to 17")), "hours"),
            (with(hours(ben), "hours", json!("closed")), "hours"),
            (with(hours(ben), "zone", json!("Amsterdam")), "zone"),
        ];
        for (body, of) in wrong {
            assert_eq!(field(&app.post(&shop.lena, SHIFTS_OF, None, &body).await), of, "{body}");
        }
        assert_eq!(app.post(&shop.lena, SHIFTS_OF, None, &json!({ "staff": "me" })).await.code(), "invalid");
        assert_eq!(shop.list(&shop.help_desk, SHIFTS_OF).await, json!({ "shifts": [], "next": null }), "nothing was done");

        let put = app.post(&shop.lena, SHIFTS_OF, Some("one"), &hours(ben)).await;
        assert_eq!(put.status, StatusCode::CREATED, "{put:?}");
        assert_eq!(app.post(&shop.lena, SHIFTS_OF, Some("one"), &hours(ben)).await, put, "once");
        let put = put.json();
        let id = put["id"].as_str().unwrap().to_owned();
        let expected = json!({
            "id": id, "group": "duty-leads", "staff": { "id": ben.to_string(), "name": "Ben" }, "deputy": false, "days": ["mon", "tue"],
            "hours": "09:00-12:30, 13:00-17:00", "zone": "Europe/Amsterdam", "from": "2026-11-23T10:00:00Z", "until": null,
        });
        assert_eq!(put, expected);
        app.clock.forward(1_000_000);
        let deputy = shop.put(&json!({ "staff": "me", "days": ["sun"], "zone": "UTC", "deputy": true })).await;
        assert_eq!((&deputy["staff"]["name"], &deputy["hours"], &deputy["deputy"]), (&json!("Lena"), &Value::Null, &json!(true)));
        for token in [&shop.ana, &shop.bot, &shop.help_desk] {
            assert_eq!(shop.list(token, SHIFTS_OF).await["shifts"], json!([put, deputy]), "whoever is at the desk knows who is there");
        }
        assert_eq!(shop.list(&shop.ana, "/api/v1/groups").await["groups"][0]["there"][0]["people"][0]["name"], "Ben");

        let end = format!("/api/v1/shifts/{id}/end");
        for token in [&shop.ana, &shop.bot, &shop.help_desk] {
            assert_eq!(app.post(token, &end, None, &json!({})).await.status, StatusCode::FORBIDDEN);
        }
        let ended = app.post(&shop.lena, &end, Some("end"), &json!({})).await;
        assert_eq!((ended.status, &ended.json()["until"]), (StatusCode::OK, &json!("2026-11-23T10:00:01Z")), "{ended:?}");
        assert_eq!(app.post(&shop.lena, &end, Some("end"), &json!({})).await, ended);
        assert_eq!(app.post(&shop.lena, &end, None, &json!({})).await.status, StatusCode::NOT_FOUND, "it has ended");
        assert_eq!(app.post(&shop.lena, "/api/v1/shifts/none/end", None, &json!({})).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shop.list(&shop.ana, SHIFTS_OF).await["shifts"], json!([deputy]));
    });
}

#[test]
fn a_long_rota_comes_page_by_page() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, [ana, ..]) = (&shop.app, shop.ids);
        shop.serves().await;
        let mut expected = Vec::new();
        for n in 0..SHIFTS {
            app.clock.forward(1_000_000);
            // Deputies stand among the others: it goes by when they were put in.
            expected.push(shop.put(&with(hours(ana), "deputy", json!(n % 2 == 0))).await["id"].clone());
        }
        assert_eq!(field(&app.post(&shop.lena, SHIFTS_OF, None, &hours(ana)).await), "staff");
        let first = shop.list(&shop.ana, SHIFTS_OF).await;
        let second = format!("{SHIFTS_OF}?after={}", first["next"].as_str().unwrap());
        // What the first page ended with is taken out meanwhile: the second goes on there all the same.
        app.post(&shop.lena, &format!("/api/v1/shifts/{}/end", first["next"].as_str().unwrap()), None, &json!({})).await;
        let second = shop.list(&shop.ana, &second).await;
        let ids: Vec<Value> = [&first, &second].into_iter().flat_map(|page| page["shifts"].as_array().unwrap()).map(|shift| shift["id"].clone()).collect();
        assert_eq!((ids, &second["next"]), (expected, &Value::Null));
        for path in [SHIFTS_OF, ABSENCES_OF] {
            assert_eq!(field(&app.get(&shop.ana, &format!("{path}?after=x")).await), "after");
            assert_eq!(app.get(&shop.ana, &path.replace("duty-leads", "nobody")).await.status, StatusCode::NOT_FOUND);
        }
    });
}

#[test]
fn absences_are_entered_by_who_leads_them_and_by_themselves() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, [ana, ben, bot]) = (&shop.app, shop.ids);
        shop.serves().await;
        assert_eq!(field(&app.post(&shop.lena, ABSENCES_OF, None, &away(ana)).await), "staff", "not in the rota yet");
        shop.put(&hours(ana)).await;
        shop.put(&hours(ben)).await;
        let wrong = [
            (away("Ana"), "staff"),
            (away("me"), "staff"),
            (with(away(ana), "first_day", json!("Christmas")), "first_day"),
            (with(away(ana), "last_day", json!("2026-12-32")), "last_day"),
            (with(away(ana), "last_day", json!("9999-12-31")), "last_day"),
            (with(away(ana), "last_day", json!("2026-12-23")), "last_day"),
            (with(with(away(ana), "first_day", json!("2026-11-01")), "last_day", json!("2026-11-22")), "last_day"),
            (with(away(ana), "substitute", json!("Ben")), "substitute"),
            (with(away(ana), "substitute", json!(ana.to_string())), "substitute"),
            (with(away(ana), "substitute", json!(bot.to_string())), "substitute"),
        ];
        for (body, of) in wrong {
            assert_eq!(field(&app.post(&shop.lena, ABSENCES_OF, None, &body).await), of, "{body}");
        }
        assert_eq!(app.post(&shop.lena, "/api/v1/groups/nobody/absences", None, &away(ana)).await.status, StatusCode::NOT_FOUND);
        for token in [&shop.ana, &shop.bot, &shop.help_desk] {
            assert_eq!(app.post(token, ABSENCES_OF, None, &away(ben)).await.status, StatusCode::FORBIDDEN);
        }

        let body = with(away("me"), "substitute", json!(ben.to_string()));
        let entered = app.post(&shop.ana, ABSENCES_OF, Some("away"), &body).await;
        assert_eq!(entered.status, StatusCode::CREATED, "{entered:?}");
        assert_eq!(app.post(&shop.ana, ABSENCES_OF, Some("away"), &body).await, entered, "once");
        let mine = entered.json();
        // Days of the charter's zone, while nobody has entered the hours of the calendar.
        let expected = json!({
            "id": mine["id"], "staff": { "id": ana.to_string(), "name": "Ana" }, "substitute": { "id": ben.to_string(), "name": "Ben" },
            "from": "2026-12-23T23:00:00Z", "until": "2026-12-26T23:00:00Z",
        });
        assert_eq!(mine, expected);
        app.clock.forward(1_000_000);
        let of_ben = app.post(&shop.lena, ABSENCES_OF, None, &away(ben)).await.json();
        let told = [
            (shop.lena.clone(), json!([mine, of_ben])),
            (shop.ana.clone(), json!([mine])),
            (app.token("Ben", Some(ben), "people:read").await, json!([mine, of_ben])),
            (shop.max.clone(), json!([mine, of_ben])),
            (shop.bot.clone(), json!([])),
            (shop.help_desk.clone(), json!([])),
        ];
        for (token, expected) in told {
            assert_eq!(shop.list(&token, ABSENCES_OF).await, json!({ "absences": expected, "next": null }));
        }
        let asks = app.token("asks", Some(ana), "options:read groups:write").await;
        assert_eq!(app.get(&asks, ABSENCES_OF).await.status, StatusCode::FORBIDDEN);

        let end = |absence: &Value| format!("/api/v1/absences/{}/end", absence["id"].as_str().unwrap());
        assert_eq!(app.post(&shop.ana, &end(&of_ben), None, &json!({})).await.status, StatusCode::NOT_FOUND, "nobody's whom they lead");
        for token in [&shop.bot, &shop.help_desk] {
            assert_eq!(app.post(token, &end(&mine), None, &json!({})).await.status, StatusCode::FORBIDDEN);
        }
        let off = app.post(&shop.ana, &end(&mine), Some("off"), &json!({})).await;
        assert_eq!((off.status, &off.json()["until"]), (StatusCode::OK, &json!("2026-12-23T23:00:00Z")), "it had not begun: {off:?}");
        assert_eq!(app.post(&shop.ana, &end(&mine), Some("off"), &json!({})).await, off);
        assert_eq!(app.post(&shop.lena, &end(&mine), None, &json!({})).await.status, StatusCode::NOT_FOUND, "it is over");
        assert_eq!(app.post(&shop.max, &end(&of_ben), None, &json!({})).await.status, StatusCode::OK);
        assert_eq!(shop.list(&shop.lena, ABSENCES_OF).await["absences"], json!([]));
    });
}
