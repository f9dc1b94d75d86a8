//! Debriefs on pages and over the API, on both databases.

use std::sync::Arc;

use access::people::StaffId;
use access::teams::TeamRole;
use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use testkit::on_each;

use crate::app::{self, Answer, App};

const WORDS: &str = "She shouted, <b>twice</b>";
const SHOWN: &str = "She shouted, &#60;b&#62;twice&#60;/b&#62;";

struct Desk {
    app: Arc<App>,
    ana: StaffId,
    /// Of Ana and of Lena, for debriefs.
    tokens: [String; 2],
    case: i64,
}

/// Ana gave in the stretch; Lena leads her; Olga owns the shop and manages the team.
async fn desk(test: Arc<testkit::TestDb>) -> Desk {
    let app = App::new(test).await;
    app.publish(app::SHOP).await;
    app.order().await;
    let (ana, lena) = (app.person("Ana", "agent", TeamRole::Member).await, app.person("Lena", "lead", TeamRole::Lead).await);
    app.owner("Olga").await;
    app.person("Mo", "agent", TeamRole::Member).await;
    let tokens = [app.token("ana", Some(ana), "debriefs").await, app.token("lena", Some(lena), "debriefs").await];
    let gives = app.token("gives", Some(ana), "cases:write grants:write").await;
    let case = app.case(&gives).await;
    let offer = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "20.00", "why": "It was a birthday" }] });
    assert_eq!(app.post(&gives, &format!("/api/v1/cases/{case}/grants"), Some("k"), &offer).await.status, StatusCode::CREATED);
    Desk { app, ana, tokens, case }
}

fn has(answer: &Answer, words: &[&str]) {
    for said in words {
        assert!(answer.text.contains(said), "`{said}` is not on {}", answer.text);
    }
}

/// The first id after this part of a page.
fn id_after(answer: &Answer, part: &str) -> String {
    answer.text.split(part).nth(1).unwrap_or_else(|| panic!("{}", answer.text))[..36].to_owned()
}

#[test]
fn the_two_talk_on_pages() {
    on_each(|test| async move {
        let Desk { app, ana, case, .. } = desk(test).await;
        let list = format!("/debriefs/with/{ana}");
        let mine = app.page("Ana", "/debriefs").await;
        has(
            &mine,
            &[
                "Read by you and by who leads you now: Lena.",
                "In the stretch: Refund of €20.00",
                "“It was a birthday”",
                "Nobody else sees it here, owners included",
            ],
        );
        has(&app.page("Lena", "/debriefs").await, &["Whom you lead", "1 point", &list]);
        has(&app.page("Lena", &list).await, &["To talk over with Ana", "In the stretch: Refund of €20.00", "Talked it over"]);
        for who in ["Olga", "Mo"] {
            assert_eq!(app.page(who, &list).await.status, StatusCode::NOT_FOUND, "{who}");
            assert!(!app.page(who, "/debriefs").await.text.contains("Refund of €20.00"), "{who}");
        }

        // From the case: for whom the lead leads first, or for oneself.
        let mark = format!("/cases/{case}/debrief");
        has(&app.page("Lena", &mark).await, &["With whom?", "Ana", "Who leads me: Olga"]);
        has(&app.page("Ana", &mark).await, &["It comes onto your list, to be talked over with Lena."]);
        let wrong = app.form("Mo", &mark, &[("with", &ana.to_string()), ("note", WORDS)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody puts anything on the list of whom they do not lead");
        has(&wrong, &[SHOWN]);
        let marked = app.form("Lena", &mark, &[("with", &ana.to_string()), ("note", WORDS)]).await;
        assert_eq!(marked.status, StatusCode::SEE_OTHER, "{}", marked.text);
        assert!(marked.place.starts_with(&format!("{list}?done=put#point-")), "{}", marked.place);
        let point = marked.place.split("point-").nth(1).unwrap().to_owned();
        has(&app.page("Ana", "/debriefs?done=put").await, &["It is on the list", "A hard case", SHOWN]);
        assert!(!app.page("Mo", &format!("/cases/{case}")).await.text.contains("shouted"), "the case tells nobody");

        // Notes: what is wrong is shown with what was typed.
        let notes = format!("/debriefs/points/{point}/notes");
        let long = "ü".repeat(10_001);
        for (sent, says) in [("", "Fill this in."), (long.as_str(), "At most 10000 characters")] {
            let wrong = app.form("Ana", &notes, &[("note", sent)]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            has(&wrong, &[says, sent]);
        }
        assert_eq!(app.form("Ana", &notes, &[("note", "I am fine now")]).await.place, format!("/debriefs?done=noted#point-{point}"));
        for who in ["Olga", "Mo"] {
            assert_eq!(app.form(who, &notes, &[("note", "Me too")]).await.status, StatusCode::NOT_FOUND);
        }

        // The talk.
        let talks = format!("{list}/talks");
        assert_eq!(app.form("Ana", &talks, &[(&format!("point-{point}"), "yes")]).await.status, StatusCode::FORBIDDEN);
        let nothing = app.form("Lena", &talks, &[("agreed", "Kept")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&nothing, &["A talk is over 1 to 50 points.", "Kept"]);
        let held = app.form("Lena", &talks, &[(&format!("point-{point}"), "yes"), ("agreed", "Ask me\nfirst")]).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text);
        let again = app.form("Lena", &talks, &[(&format!("point-{point}"), "yes"), ("agreed", "Once more")]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&again, &["talked over meanwhile", "Once more"]);
        let talk = held.place.split('?').next().unwrap().to_owned();
        for who in ["Ana", "Lena"] {
            has(&app.page(who, &talk).await, &["<p>Ask me</p><p>first</p>", SHOWN, "I am fine now"]);
            assert_eq!(app.form(who, &format!("{talk}/notes"), &[("note", "It helped")]).await.status, StatusCode::SEE_OTHER);
            assert_eq!(app.form(who, &notes, &[("note", "Later")]).await.place, format!("{talk}?done=noted#point-{point}"));
            has(&app.page(who, "/debriefs").await, &[&talk]);
        }
        has(&app.form("Ana", &format!("{talk}/notes"), &[("note", &long)]).await, &["At most 10000 characters"]);
        for who in ["Olga", "Mo"] {
            assert_eq!(app.page(who, &talk).await.status, StatusCode::NOT_FOUND);
            assert!(!app.page(who, "/debriefs").await.text.contains(&talk));
        }
        let left = app.page("Ana", "/debriefs").await;
        has(&left, &["In the stretch"]);
        assert!(!left.text.contains("A hard case"), "{}", left.text);
        assert_eq!(id_after(&left, "id=\"point-").len(), 36);
    });
}

#[test]
fn the_two_talk_over_the_api() {
    on_each(|test| async move {
        let Desk { app, ana, tokens: [agent, lead], case } = desk(test).await;
        let overview = app.get(&lead, "/api/v1/debriefs").await.json();
        let led = overview["leads"].as_array().unwrap().iter().find(|led| led["id"] == ana.to_string()).unwrap();
        assert_eq!((&led["name"], &led["points"]), (&json!("Ana"), &json!(1)), "{overview}");
        assert_eq!(app.get(&agent, "/api/v1/debriefs").await.json()["led_by"][0]["name"], "Lena");

        // Lists are in the order of time.
        let points = "/api/v1/debriefs/points";
        app.clock.forward(1_000_000);
        let hard = json!({ "agent": "me", "case": case, "text": WORDS });
        let put = app.post(&agent, points, Some("one"), &hard).await;
        assert_eq!(put.status, StatusCode::CREATED, "{}", put.text);
        assert_eq!(app.post(&agent, points, Some("one"), &hard).await, put, "once");
        let id = put.json()["id"].as_str().unwrap().to_owned();
        let note = format!("{points}/{id}/notes");
        app.clock.forward(1_000_000);
        assert_eq!(app.post(&lead, &note, None, &json!({ "text": "I see" })).await.status, StatusCode::CREATED);
        let open = app.get(&lead, &format!("{points}?agent={ana}")).await.json();
        let kinds: Vec<&str> = open["points"].as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap()).collect();
        assert_eq!((kinds, &open["next"]), (vec!["stretch", "hard"], &json!(null)));
        assert_eq!(
            (&open["points"][1]["case"], &open["points"][1]["notes"][0]["text"], &open["points"][1]["notes"][1]["text"]),
            (&json!(case), &json!(WORDS), &json!("I see"))
        );

        for (sent, code) in [
            (json!({ "agent": "me" }), "invalid"),
            (json!({ "agent": "nobody" }), "invalid"),
            (json!({ "agent": "me", "case": 999_999 }), "not-found"),
            (json!({ "agent": ana.to_string().replace('0', "1"), "text": "x" }), "not-found"),
        ] {
            assert_eq!(app.post(&agent, points, None, &sent).await.code(), code, "{sent}");
        }
        let talks = "/api/v1/debriefs/talks";
        let held = json!({ "agent": ana.to_string(), "points": [id], "agreed": "Ask me first" });
        assert_eq!(app.post(&agent, talks, None, &held).await.status, StatusCode::FORBIDDEN);
        let talk = app.post(&lead, talks, None, &held).await;
        assert_eq!(talk.status, StatusCode::CREATED, "{}", talk.text);
        assert_eq!(app.post(&lead, talks, None, &held).await.code(), "talked-over");
        let talk = format!("{talks}/{}", talk.json()["id"].as_str().unwrap());
        assert_eq!(app.post(&agent, &format!("{talk}/notes"), None, &json!({ "text": "It helped" })).await.status, StatusCode::CREATED);
        for token in [&agent, &lead] {
            let whole = app.get(token, &talk).await.json();
            assert_eq!((&whole["agreed"], &whole["points"][0]["id"], &whole["notes"][0]["text"]), (&json!("Ask me first"), &json!(id), &json!("It helped")));
            assert_eq!(app.get(token, talks).await.json()["talks"].as_array().unwrap().len(), 1);
        }

        // Whose token does not open it: of somebody else, of a program, without the scope.
        let olga = app.owner("Olive").await;
        let olga = app.token("olive", Some(olga), "debriefs").await;
        for path in [talk.as_str(), &format!("{points}?agent={ana}")] {
            assert_eq!(app.get(&olga, path).await.status, StatusCode::NOT_FOUND, "an owner");
        }
        let bot = app.ai_agent("Bot", "agent").await;
        for token in
            [app.token("bot", Some(bot), "debriefs").await, app.token("shop", None, "debriefs").await, app.token("less", Some(ana), "cases:read").await]
        {
            assert_eq!(app.get(&token, points).await.status, StatusCode::FORBIDDEN);
        }
    });
}

#[test]
fn notes_go_with_their_point() {
    on_each(|test| async move {
        let Desk { app, ana, tokens: [agent, lead], case } = desk(test).await;
        let points = "/api/v1/debriefs/points";
        let (mut ids, texts) = (vec![app.get(&agent, points).await.json()["points"][0]["id"].as_str().unwrap().to_owned()], ["first", "middle", "last"]);
        for sent in [json!({ "agent": "me", "case": case, "text": "middle" }), json!({ "agent": "me", "text": "last" })] {
            app.clock.forward(1_000_000);
            ids.push(app.post(&agent, points, None, &sent).await.json()["id"].as_str().unwrap().to_owned());
        }
        let note = async |id: &str, text: &str| {
            app.clock.forward(1_000_000);
            assert_eq!(app.post(&lead, &format!("{points}/{id}/notes"), None, &json!({ "text": text })).await.status, StatusCode::CREATED);
        };
        note(&ids[0], "first").await;
        let said = |point: &Json| (point["id"].clone(), point["notes"].as_array().unwrap().iter().map(|note| note["text"].clone()).collect::<Vec<_>>());
        let open = async || app.get(&agent, points).await.json()["points"].as_array().unwrap().iter().map(said).collect::<Vec<_>>();
        let each = [0, 1, 2].map(|place| (json!(ids[place]), vec![json!(texts[place])]));
        assert_eq!(open().await, each);

        // One of the middle is talked over: its notes are in the talk, those written on it later too, and the list has the others.
        let talk = json!({ "agent": ana.to_string(), "points": [ids[1]] });
        let talk = app.post(&lead, "/api/v1/debriefs/talks", None, &talk).await.json()["id"].as_str().unwrap().to_owned();
        let talk = format!("/api/v1/debriefs/talks/{talk}");
        note(&ids[1], "later").await;
        assert_eq!(app.post(&agent, &format!("{talk}/notes"), None, &json!({ "text": "on the talk" })).await.status, StatusCode::CREATED);
        assert_eq!(open().await, [each[0].clone(), each[2].clone()]);
        let whole = app.get(&agent, &talk).await.json();
        assert_eq!(whole["points"].as_array().unwrap().iter().map(said).collect::<Vec<_>>(), [(json!(ids[1]), vec![json!("middle"), json!("later")])]);
        assert_eq!(whole["notes"].as_array().unwrap().iter().map(|note| &note["text"]).collect::<Vec<_>>(), ["on the talk"]);
    });
}
