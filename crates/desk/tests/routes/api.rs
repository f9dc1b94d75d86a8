//! The API, through its routes, on both databases.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::{self, App};
use access::teams::TeamRole;
use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

const ALL: &str = "cases:read cases:write options:read grants:write facts:confirm people:read admin";

/// The shop, with a person, an AI agent and a help desk that hold tokens, and an open case of the person.
struct Shop {
    app: Arc<App>,
    ana: String,
    bot: String,
    help_desk: String,
    case: i64,
}

async fn shop(test: Arc<TestDb>) -> Shop {
    let app = App::new(test).await;
    app.publish(app::SHOP).await;
    app.order().await;
    let person = app.person("Ana", "agent", TeamRole::Member).await;
    let agent = app.ai_agent("Bot", "agent").await;
    let ana = app.token("Ana", Some(person), ALL).await;
    let bot = app.token("Bot", Some(agent), ALL).await;
    let help_desk = app.token("help-desk", None, "cases:read cases:write facts:confirm grants:write options:read").await;
    let case = app.case(&ana).await;
    Shop { app, ana, bot, help_desk, case }
}

impl Shop {
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/cases/{}{rest}", self.case)
    }
}

fn refund(amount: &str) -> Value {
    json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": amount }] })
}

#[test]
fn a_case_is_opened_read_and_listed() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let read = app.get(&shop.ana, &shop.path("")).await.json();
        assert_eq!(read["state"], "open");
        assert_eq!(read["about"], json!([{ "kind": "order", "reference": "O-1" }]));
        let facts: Vec<&str> = read["facts"].as_array().unwrap().iter().map(|f| f["fact"].as_str().unwrap()).collect();
        assert_eq!(facts, ["order.days_late", "order.total", "customer.tier"]);
        for _ in 0..60 {
            app.case(&shop.ana).await;
        }
        let mut seen = BTreeSet::new();
        let mut path = "/api/v1/cases".to_owned();
        for expected in [50, 11] {
            let page = app.get(&shop.ana, &path).await.json();
            let numbers: Vec<i64> = page["cases"].as_array().unwrap().iter().map(|c| c["number"].as_i64().unwrap()).collect();
            assert_eq!(numbers.len(), expected);
            seen.extend(numbers);
            path = format!("/api/v1/cases?after={}", page["next"].as_str().unwrap_or("none"));
        }
        assert_eq!(seen.len(), 61);
        assert!(path.ends_with("none"), "{path}");
        let moved = app.post(&shop.ana, &shop.path("/moves"), None, &json!({ "move": "solve" })).await;
        assert_eq!((moved.status, &moved.json()["state"]), (StatusCode::OK, &json!("solved")));
        assert_eq!(app.post(&shop.ana, &shop.path("/moves"), None, &json!({ "move": "solve" })).await.code(), "case-moved");
        assert_eq!(app.post(&shop.ana, &shop.path("/notes"), None, &json!({ "text": "She was kind." })).await.status, StatusCode::CREATED);
        let customers = app.get(&shop.ana, "/api/v1/customers?reference=C-1").await.json();
        let id = customers["customers"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(app.get(&shop.ana, &format!("/api/v1/customers/{id}")).await.json()["reference"], "C-1");
    });
}

#[test]
fn what_does_not_fit_is_a_problem() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let gets = [
            ("/api/v1/cases/none", 404, "not-found"),
            ("/api/v1/cases/999999", 404, "not-found"),
            ("/api/v1/cases?state=odd", 422, "invalid"),
            ("/api/v1/cases?after=x", 422, "invalid"),
            ("/api/v1/cases?colour=red", 422, "invalid"),
            ("/api/v1/cases?of=all", 403, "not-permitted"),
            ("/api/v1/customers?q=%00", 422, "invalid"),
            ("/api/v1/customers/none", 404, "not-found"),
            ("/api/v1/grants/none", 404, "not-found"),
        ];
        for (path, status, code) in gets {
            let answer = app.get(&shop.ana, path).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path}");
        }
        let posts = [
            ("/notes", json!({ "text": "  " }), 422, "invalid"),
            ("/notes", json!({ "text": "a\u{0}b" }), 422, "invalid"),
            ("/notes", json!({ "txt": "a" }), 422, "invalid"),
            ("/notes", json!({ "text": "a".repeat(10_001) }), 422, "invalid"),
            ("/moves", json!({ "move": "jump" }), 422, "invalid"),
            ("/facts", json!({ "facts": [] }), 422, "invalid"),
            ("/facts", json!({ "facts": [{ "fact": "order.colour", "value": "red" }] }), 422, "invalid"),
            ("/facts", json!({ "facts": [{ "fact": "order.days_late", "value": "many" }] }), 422, "invalid"),
            ("/facts", json!({ "facts": [{ "fact": "order.days_late", "value": -1 }] }), 422, "invalid"),
        ];
        for (path, body, status, code) in posts {
            let answer = app.post(&shop.ana, &shop.path(path), None, &body).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path} {body}");
        }
        assert_eq!(app.get("leeway_nonsense", &shop.path("")).await.status, StatusCode::UNAUTHORIZED);
        let reader = app.token("reader", None, "cases:read").await;
        assert_eq!(app.post(&reader, &shop.path("/notes"), None, &json!({ "text": "a" })).await.status, StatusCode::FORBIDDEN);
        let narrow = app.get(&shop.ana, &shop.path("/options?remedy=castle")).await;
        assert_eq!(narrow.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn options_are_whole_or_narrowed() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let whole = shop.app.get(&shop.ana, &shop.path("/options")).await.json();
        assert!(whole["options"].as_array().unwrap().len() > 10);
        let one = shop.app.get(&shop.ana, &shop.path("/options?remedy=refund&reason=late")).await.json();
        assert_eq!(one["options"].as_array().unwrap().len(), 1);
        assert_eq!(one["options"][0]["free_up_to"], json!({ "amount": "15.00", "currency": "EUR" }));
        let other = shop.app.get(&shop.help_desk, &shop.path("/options")).await;
        assert_eq!(other.code(), "not-permitted");
    });
}

#[test]
fn an_offer_is_given_once() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, path) = (&shop.app, shop.path("/grants"));
        assert_eq!(app.post(&shop.ana, &path, None, &refund("15.00")).await.code(), "key-needed");
        let two = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "10.00" }, { "remedy": "apology_card" }] });
        let given = app.post(&shop.ana, &path, Some("k-1"), &two).await;
        assert_eq!(given.status, StatusCode::CREATED, "{given:?}");
        assert_eq!(given.json()["grants"].as_array().unwrap().len(), 2);
        assert_eq!(app.post(&shop.ana, &path, Some("k-1"), &two).await, given);
        assert_eq!(app.post(&shop.ana, &path, Some("k-1"), &refund("1.00")).await.code(), "key-reused");
        let elsewhere = app.case(&shop.ana).await;
        let reused = app.post(&shop.ana, &format!("/api/v1/cases/{elsewhere}/grants"), Some("k-1"), &two).await;
        assert_eq!(reused.code(), "key-reused");
        let listed = app.get(&shop.ana, &path).await.json();
        assert_eq!(listed["grants"].as_array().unwrap().len(), 2);
        assert_eq!(listed["grants"][1]["amount"], json!({ "amount": "10.00", "currency": "EUR" }));

        let not_given = app.post(&shop.ana, &path, Some("k-2"), &refund("25.00")).await;
        assert_eq!((not_given.status, not_given.code().as_str()), (StatusCode::CONFLICT, "not-given"));
        assert_eq!(not_given.json()["more"]["answer"]["outcome"], "escalate");
        assert_eq!(app.post(&shop.ana, &path, Some("k-2"), &refund("25.00")).await, not_given);
        let say_why = app.post(&shop.ana, &path, Some("k-3"), &refund("10.00")).await;
        assert_eq!((say_why.status, say_why.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "say-why-needed"));
        let said = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "10.00", "why": "<script>alert(1)</script>" }] });
        assert_eq!(app.post(&shop.ana, &path, Some("k-4"), &said).await.status, StatusCode::CREATED);
    });
}

#[test]
fn a_hundred_sends_have_one_effect() {
    on_each(|test| async move {
        let shop = Arc::new(shop(test).await);
        let send = |body: Value| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move { shop.app.post(&shop.ana, &shop.path("/grants"), Some("one"), &body).await })
        };
        let sent: Vec<_> = (0..100).map(|_| send(refund("5.00"))).collect();
        let mut answers = Vec::new();
        for one in sent {
            answers.push(one.await.unwrap());
        }
        assert_eq!(answers[0].status, StatusCode::CREATED, "{:?}", answers[0]);
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
        assert_eq!(send(refund("6.00")).await.unwrap().code(), "key-reused");
        let listed = shop.app.get(&shop.ana, &shop.path("/grants")).await.json();
        assert_eq!(listed["grants"].as_array().unwrap().len(), 1);
        // Somebody else's key of the same name is another key.
        let bot = shop.app.post(&shop.bot, &shop.path("/grants"), Some("one"), &refund("5.00")).await;
        assert_eq!(bot.status, StatusCode::CREATED, "{bot:?}");
    });
}

#[test]
fn an_ai_agent_states_and_never_confirms() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, path) = (&shop.app, shop.path("/facts"));
        let photo = |confirm: bool| json!({ "facts": [{ "fact": "case.photo_seen", "value": true, "confirm": confirm }] });
        let standing = |answer: &app::Answer| {
            let facts = answer.json()["facts"].as_array().unwrap().clone();
            facts.into_iter().find(|f| f["fact"] == "case.photo_seen").unwrap()["standing"].clone()
        };
        // Its token has the scope: it was written past the program, and is not believed.
        assert_eq!(app.post(&shop.bot, &path, None, &photo(true)).await.code(), "not-permitted");
        let stated = app.post(&shop.bot, &path, None, &photo(false)).await;
        assert_eq!(standing(&stated), "stated");
        let damaged = shop.path("/options?remedy=replacement&reason=damaged");
        assert_eq!(app.get(&shop.ana, &damaged).await.json()["options"][0]["zones"][0]["outcome"], "needs_facts");
        let contains = json!({ "facts": [{ "fact": "order.contains", "value": ["kitchen"] }] });
        assert_eq!(app.post(&shop.bot, &path, None, &contains).await.status, StatusCode::OK);
        let confirmed = app.post(&shop.ana, &path, None, &photo(true)).await;
        assert_eq!(standing(&confirmed), "person");
        assert_eq!(app.get(&shop.ana, &damaged).await.json()["options"][0]["zones"][0]["outcome"], "allowed");
        let no = json!({ "facts": [{ "fact": "case.photo_seen", "value": false }] });
        assert_eq!(app.post(&shop.bot, &path, None, &no).await.code(), "not-permitted");
        assert_eq!(
            app.post(&shop.bot, &format!("/api/v1/grants/{}/settlement", "none"), None, &json!({ "settled": "fulfilled" })).await.code(),
            "not-permitted"
        );
        assert_eq!(app.post(&shop.bot, "/api/v1/charter", None, &json!({ "text": "", "note": "x" })).await.code(), "not-permitted");
    });
}

#[test]
fn another_system_speaks_under_its_name_and_gives_nothing() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, help_desk) = (&shop.app, &shop.help_desk);
        let new = json!({ "channel": "chat", "customer": "C-1", "about": { "order": "O-1" }, "reference": "T-9" });
        let opened = app.post(help_desk, "/api/v1/cases", Some("t-9"), &new).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{opened:?}");
        let number = opened.json()["number"].as_i64().unwrap();
        let again = app.post(help_desk, "/api/v1/cases", None, &new).await;
        assert_eq!((again.code().as_str(), &again.json()["more"]["number"]), ("case-exists", &json!(number)));
        let facts = |confirm: bool| json!({ "facts": [{ "fact": "order.silent_for", "value": "36h", "confirm": confirm }] });
        let said = app.post(help_desk, &format!("/api/v1/cases/{number}/facts"), None, &facts(true)).await.json();
        let fact = said["facts"].as_array().unwrap().iter().find(|f| f["fact"] == "order.silent_for").unwrap().clone();
        assert_eq!((&fact["standing"], &fact["by"]), (&json!("system"), &json!("source:help-desk")));
        let weak = app.token("weak", None, "cases:read cases:write").await;
        assert_eq!(app.post(&weak, &shop.path("/facts"), None, &facts(true)).await.code(), "not-permitted");
        assert_eq!(app.post(help_desk, &format!("/api/v1/cases/{number}/grants"), Some("g"), &refund("5.00")).await.code(), "not-permitted");
        let listed = app.get(help_desk, "/api/v1/cases").await.json();
        assert_eq!(listed["cases"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_grant_is_taken_back_settled_and_corrected() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, path) = (&shop.app, shop.path("/grants"));
        let lead = app.person("Lena", "lead", TeamRole::Lead).await;
        let lena = app.token("Lena", Some(lead), ALL).await;
        let give = async |key: &str, amount: &str| {
            let given = app.post(&shop.ana, &path, Some(key), &refund(amount)).await;
            assert_eq!(given.status, StatusCode::CREATED, "{given:?}");
            given.json()["grants"][0]["id"].as_str().unwrap().to_owned()
        };
        let first = give("1", "5.00").await;
        let to = |id: &str, what: &str| format!("/api/v1/grants/{id}/{what}");
        assert_eq!(app.post(&shop.bot, &to(&first, "withdrawal"), None, &json!({})).await.code(), "not-permitted");
        let back = app.post(&shop.ana, &to(&first, "withdrawal"), None, &json!({})).await;
        assert_eq!((back.status, &back.json()["state"]), (StatusCode::OK, &json!("withdrawn")));
        assert_eq!(app.post(&shop.ana, &to(&first, "withdrawal"), None, &json!({})).await.code(), "grant-moved");
        let second = give("2", "5.00").await;
        assert_eq!(app.post(&shop.help_desk, &to(&second, "settlement"), None, &json!({ "settled": "fulfilled" })).await.code(), "grant-moved");
        let wrong = json!({ "cause": "too_much", "note": "x" });
        assert_eq!(app.post(&lena, &to(&second, "correction"), None, &wrong).await.code(), "invalid");
        let error = json!({ "cause": "double", "note": "It was given by telephone already." });
        assert_eq!(app.post(&shop.ana, &to(&second, "correction"), None, &error).await.code(), "not-permitted");
        assert_eq!(app.post(&shop.help_desk, &to(&second, "correction"), None, &error).await.code(), "not-permitted");
        let corrected = app.post(&lena, &to(&second, "correction"), None, &error).await;
        assert_eq!((corrected.status, &corrected.json()["state"]), (StatusCode::OK, &json!("corrected")), "{corrected:?}");
    });
}

#[test]
fn a_charter_is_published_over_the_api() {
    on_each(|test| async move {
        let app = App::new(test).await;
        let owner = app.owner("Olga").await;
        let olga = app.token("Olga", Some(owner), ALL).await;
        assert_eq!(app.get(&olga, "/api/v1/charter").await.status, StatusCode::NOT_FOUND);
        let broken = app.post(&olga, "/api/v1/charter", None, &json!({ "text": "leeway = 1\nnme = \"x\"\n", "note": "first" })).await;
        assert_eq!(broken.code(), "charter-has-errors");
        let unknown = broken.json()["more"].as_array().unwrap().iter().find(|f| f["code"] == "unknown-key").unwrap().clone();
        assert_eq!((&unknown["line"], &unknown["snippet"]), (&json!(2), &json!("nme = \"x\"")));
        let published = app.post(&olga, "/api/v1/charter", Some("c"), &json!({ "text": app::SHOP, "note": "first" })).await;
        assert_eq!((published.status, &published.json()["version"]), (StatusCode::CREATED, &json!(1)), "{published:?}");
        assert_eq!(app.get(&olga, "/api/v1/charter").await.json()["text"], app::SHOP);
        let odd = format!("{}\n[[allow]]\nid = \"zero\"\nremedies = [\"refund\"]\nreasons = [\"late\"]\nlevel = \"agent\"\nup_to = \"0\"\n", app::SHOP);
        let warned = app.post(&olga, "/api/v1/charter", None, &json!({ "text": odd, "note": "second" })).await;
        assert_eq!(warned.code(), "charter-has-warnings");
        let all_the_same = json!({ "text": odd, "note": "second", "despite_warnings": true });
        assert_eq!(app.post(&olga, "/api/v1/charter", None, &all_the_same).await.json()["version"], 2);
        let back = app.post(&olga, "/api/v1/charter/versions/1/in-force", None, &json!({})).await;
        assert_eq!(back.status, StatusCode::OK, "{back:?}");
        assert_eq!(app.get(&olga, "/api/v1/charter").await.json()["version"], 1);
        assert_eq!(app.get(&olga, "/api/v1/charter/versions").await.json()["versions"].as_array().unwrap().len(), 2);
        assert_eq!(app.post(&olga, "/api/v1/charter/versions/9/in-force", None, &json!({})).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn the_description_names_every_route() {
    on_each(|test| async move {
        let app = App::new(test).await;
        let described = serde_json::to_value(desk::api()).unwrap();
        let mut named = BTreeSet::new();
        for (path, methods) in described["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["responses"].as_object().unwrap().len() > 1, "{method} {path}");
                named.insert((method.clone(), path.clone()));
            }
        }
        assert_eq!(named, app.api);
    });
}

#[test]
fn words_that_came_over_the_api_are_shown_as_words() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (app, script) = (&shop.app, "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>");
        let new = json!({ "channel": script, "title": script, "issue": script, "customer": script, "about": { "order": script } });
        let opened = app.post(&shop.ana, "/api/v1/cases", None, &new).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{opened:?}");
        let number = opened.json()["number"].as_i64().unwrap();
        let path = format!("/api/v1/cases/{number}");
        assert_eq!(app.post(&shop.ana, &format!("{path}/notes"), None, &json!({ "text": script })).await.status, StatusCode::CREATED);
        let carrier = json!({ "facts": [{ "fact": "order.carrier", "value": script }] });
        assert_eq!(app.post(&shop.ana, &format!("{path}/facts"), None, &carrier).await.status, StatusCode::OK);
        for page in [format!("/cases/{number}"), "/cases".to_owned()] {
            let shown = app.page("Ana", &page).await;
            assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
            assert!(shown.text.contains("&#60;script&#62;") && !shown.text.contains("<script>alert") && !shown.text.contains("<img src=x"), "{}", shown.text);
        }
    });
}

#[test]
fn what_is_set_on_a_case() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let bert = app.person("Bert", "agent", TeamRole::Member).await;
        let number = app.post(&shop.ana, "/api/v1/cases", None, &json!({ "channel": "phone" })).await.json()["number"].as_i64().unwrap();
        let path = |what: &str| format!("/api/v1/cases/{number}/{what}");
        let set = async |what: &str, body: Value| app.post(&shop.ana, &path(what), None, &body).await;

        let gone = set("owner", json!({ "owner": platform::id::Id::new(app::AT).to_string() })).await;
        assert_eq!((gone.code().as_str(), &gone.json()["fields"][0]["field"]), ("invalid", &json!("owner")), "{gone:?}");
        assert_eq!(set("owner", json!({ "owner": bert.to_string() })).await.json()["owner"], json!(bert.to_string()));
        assert_eq!(set("owner", json!({ "owner": "nobody" })).await.code(), "invalid");
        assert_eq!(set("owner", json!({})).await.json()["owner"], Value::Null);
        assert_ne!(set("owner", json!({ "owner": "me" })).await.json()["owner"], Value::Null);
        assert_eq!(app.post(&shop.help_desk, &path("owner"), None, &json!({ "owner": "me" })).await.code(), "invalid");

        // The order knows whose it is: so does the case now.
        let linked = set("about", json!({ "kind": "order", "reference": "O-1" })).await.json();
        assert_eq!(linked["about"], json!([{ "kind": "order", "reference": "O-1" }]));
        assert!(linked["customer"].is_string() && linked["facts"].as_array().unwrap().len() == 3, "{linked}");
        assert_eq!(set("about", json!({ "kind": "customer", "reference": "C-2" })).await.code(), "of-another-customer");
        assert_eq!(set("about", json!({ "kind": "order" })).await.json()["about"], json!([]));
        let other = set("about", json!({ "kind": "customer", "reference": "C-2" })).await.json();
        assert!(other["customer"].is_string() && other["customer"] != linked["customer"]);
        assert_eq!(set("about", json!({ "kind": "order", "reference": "O-1" })).await.code(), "of-another-customer");
        assert_eq!(set("about", json!({ "kind": "order", "reference": "O-2" })).await.json()["about"][0]["reference"], "O-2");
        assert_eq!(set("about", json!({ "kind": "customer" })).await.json()["customer"], Value::Null);
        assert_eq!(set("about", json!({ "kind": "staff", "reference": "x" })).await.json()["fields"][0]["field"], "kind");
        assert_eq!(set("about", json!({ "kind": "order", "reference": " " })).await.code(), "invalid");

        assert_eq!(set("issue", json!({ "issue": "late_parcel" })).await.json()["issue"], "late_parcel");
        assert_eq!(set("issue", json!({ "issue": "no_such" })).await.code(), "invalid");
        assert_eq!(set("offering", json!({ "offering": "no-such" })).await.code(), "invalid");
        app.offering("two-days").await;
        assert_eq!(set("offering", json!({ "offering": "two-days" })).await.json()["offering"], "two-days");
        assert_eq!(set("offering", json!({})).await.json()["offering"], Value::Null);

        let answered = set("first-answer", json!({})).await.json();
        assert!(answered["first_answer_at"].is_string());
        assert_eq!(set("first-answer", json!({})).await.json()["first_answer_at"], answered["first_answer_at"]);
        let once = app.post(&shop.ana, &path("issue"), Some("i"), &json!({})).await;
        assert_eq!(app.post(&shop.ana, &path("issue"), Some("i"), &json!({})).await, once);
        assert_eq!(app.post(&shop.ana, &path("issue"), Some("i"), &json!({ "issue": "late_parcel" })).await.code(), "key-reused");
        assert_eq!(app.post(&shop.ana, "/api/v1/cases/999/owner", None, &json!({})).await.status, StatusCode::NOT_FOUND);

        assert_eq!(set("notes", json!({ "text": "She called again." })).await.status, StatusCode::CREATED);
        let told = app.get(&shop.ana, &path("timeline")).await.json();
        let kinds: Vec<&str> = told["events"].as_array().unwrap().iter().rev().map(|e| e["event"].as_str().unwrap()).collect();
        let expected = [
            "case_opened",
            "case_assigned",
            "case_assigned",
            "case_assigned",
            "case_assigned",
            "case_linked",
            "case_linked",
            "case_unlinked",
            "case_linked",
            "case_linked",
            "case_unlinked",
            "issue_chosen",
            "offering_chosen",
            "offering_chosen",
            "case_answered",
            "issue_chosen",
            "case_noted",
        ];
        assert_eq!(kinds, expected);
        assert_eq!(told["events"][0]["text"], "She called again.");
        let shown = app.page("Ana", &format!("/cases/{number}")).await;
        assert_eq!(shown.status, StatusCode::OK);
        for words in ["gave the first answer", "noted which order it is about", "noted that it is not about that customer", "kind of trouble is not known"] {
            assert!(shown.text.contains(words), "{words}: {}", shown.text);
        }
    });
}
