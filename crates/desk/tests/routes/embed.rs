//! The card in a frame: who may show it, whom the pass lets in and to what, on both databases.

use std::sync::Arc;

use access::people;
use access::teams::TeamRole;
use access::tokens::{self, TokenId};
use axum::http::StatusCode;
use platform::actor::Actor;
use platform::limits::{CARD_PASS_SECONDS, CARD_SECONDS};
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

use crate::app::{self, App, FRAMED_BY};

struct Shop {
    app: Arc<App>,
    ana: String,
    help_desk: String,
    case: i64,
}

async fn shop(test: Arc<TestDb>) -> Shop {
    let app = App::new(test).await;
    app.publish(app::SHOP).await;
    app.order().await;
    let person = app.person("Ana", "agent", TeamRole::Member).await;
    let ana = app.token("Ana", Some(person), "cases:read cases:write grants:write cards:show").await;
    let help_desk = app.token("help-desk", None, "cards:show").await;
    let case = app.case(&ana).await;
    Shop { app, ana, help_desk, case }
}

impl Shop {
    async fn card(&self, person: &str) -> app::Answer {
        self.app.post(&self.help_desk, &format!("/api/v1/cases/{}/cards", self.case), None, &json!({ "person": person })).await
    }

    /// The path of a card for Ana, as the frame opens it.
    async fn path(&self) -> String {
        let made = self.card("ana@leeway.example").await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let url = made.json()["url"].as_str().unwrap().to_owned();
        url.strip_prefix("https://leeway.example").unwrap().to_owned()
    }
}

/// The pass that the forms of a page carry.
fn pass(page: &app::Answer) -> String {
    page.text.split("name=\"_csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("{}", page.text)).split('"').next().unwrap().to_owned()
}

fn of(path: &str) -> String {
    path.split("pass=").nth(1).unwrap().to_owned()
}

#[test]
fn a_person_gives_inside_the_frame_and_takes_it_back() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let path = shop.path().await;
        let card = app.public(&path).await;
        assert_eq!(card.status, StatusCode::OK, "{}", card.text);
        assert!(card.text.contains("What you can do now"), "{}", card.text);
        assert!(!card.text.contains("href=\"/cases") && !card.text.contains("href=\"/charter"), "it leads nowhere else: {}", card.text);
        let fields = |pass: &str, amount: &str| {
            [
                ("_csrf", pass.to_owned()),
                ("remedy", "refund".to_owned()),
                ("reason", "late".to_owned()),
                ("amount", amount.to_owned()),
                ("sent", "s-1".to_owned()),
            ]
        };
        let give = async |pass: &str, amount: &str| {
            let fields = fields(pass, amount);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            app.framed("/embed/card/grants", &fields).await
        };
        let too_much = give(&pass(&card), "25.00").await;
        assert_eq!(too_much.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", too_much.text);
        let ask = format!("href=\"/cases/{}/escalations/new?remedy=refund&#38;reason=late&#38;amount=25.00\" target=\"_blank\"", shop.case);
        assert!(too_much.text.contains(&ask), "what is beyond is asked for on a page of its own: {}", too_much.text);
        let given = give(&pass(&too_much), "5.00").await;
        assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.text);
        assert!(given.place.starts_with("/embed/card?pass="), "{}", given.place);
        assert_eq!(give(&pass(&card), "5.00").await.status, StatusCode::SEE_OTHER, "the same form, sent twice");
        let grants = app.get(&shop.ana, &format!("/api/v1/cases/{}/grants", shop.case)).await.json();
        assert_eq!(grants["grants"].as_array().unwrap().len(), 1);
        assert!(grants["grants"][0]["giver"].as_str().unwrap().starts_with("staff:"));
        let shown = app.public(&given.place).await;
        let undo = format!("/embed/card/grants/{}/withdrawal", grants["grants"][0]["id"].as_str().unwrap());
        assert!(shown.text.contains(&undo), "{}", shown.text);
        let back = app.framed(&undo, &[("_csrf", &pass(&shown))]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
        assert!(app.public(&back.place).await.text.contains("Taken back"));
        let said = app.framed("/embed/card/facts", &[("_csrf", &pass(&shown)), ("is.case.photo_seen", "yes")]).await;
        assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text);
    });
}

#[test]
fn a_pass_opens_one_card_for_one_person_for_a_while() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let path = shop.path().await;
        let refused = async |path: &str, words: &str| {
            let answer = app.public(path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text);
            assert!(answer.text.contains(words) && answer.text.contains("Load the page around it again"), "{}", answer.text);
        };
        // Tampered with, at either end, and another one's.
        let (words, signature) = of(&path).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let other = shop.path().await;
        let (others, _) = of(&other).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for wrong in [
            format!("{words}A.{signature}"),
            format!("{words}.{}", "A".repeat(signature.len())),
            format!("{others}x.{signature}"),
            String::new(),
            "a.b".to_owned(),
        ] {
            refused(&format!("/embed/card?pass={wrong}"), "This card does not open").await;
        }
        // Another case: what was given there cannot be taken back here.
        let elsewhere = app.case(&shop.ana).await;
        let offer = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "5.00" }] });
        let given = app.post(&shop.ana, &format!("/api/v1/cases/{elsewhere}/grants"), Some("k"), &offer).await;
        let id = given.json()["grants"][0]["id"].as_str().unwrap().to_owned();
        let answer = app.framed(&format!("/embed/card/grants/{id}/withdrawal"), &[("_csrf", &of(&path))]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
        // It is no token of the API, and no cookie.
        for path in ["/api/v1/cases", "/cases"] {
            assert_eq!(app.get(&of(&other), path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        // It ends; each use puts that off, for a working day at most.
        app.clock.forward(CARD_PASS_SECONDS * 1_000_000 - 1);
        let renewed = pass(&app.public(&path).await);
        app.clock.forward(1);
        refused(&path, "open for too long").await;
        let mut next = format!("/embed/card?pass={renewed}");
        let mut uses = 0;
        while uses < 100 {
            let shown = app.public(&next).await;
            if shown.status != StatusCode::OK {
                break;
            }
            next = format!("/embed/card?pass={}", pass(&shown));
            app.clock.forward(590_000_000);
            uses += 1;
        }
        assert!((CARD_SECONDS / 590 - 1..=CARD_SECONDS / 590 + 1).contains(&uses), "{uses}");
        refused(&next, "open for too long").await;
    });
}

#[test]
fn a_card_ends_with_the_person_and_with_the_token_it_was_asked_for_with() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let (first, second) = (shop.path().await, shop.path().await);
        assert_eq!(app.public(&first).await.status, StatusCode::OK);
        app.owner("Olga").await;
        let id = app.write(|tx| Box::pin(async move { people::find_by_email(tx, "ana@leeway.example").await })).await.unwrap();
        app.write(move |tx| {
            Box::pin(async move {
                people::disable(tx, id, &Actor::System, app::AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(app.public(&first).await.status, StatusCode::FORBIDDEN);
        assert_eq!(shop.card("ana@leeway.example").await.code(), "invalid");
        app.write(move |tx| {
            Box::pin(async move {
                people::enable(tx, id, &Actor::System, app::AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(app.public(&second).await.status, StatusCode::OK);
        let token = app.write(|tx| Box::pin(async move { tokens::list(tx).await })).await;
        let token: TokenId = token.into_iter().find(|t| t.bearer == "help-desk").unwrap().id;
        app.write(move |tx| {
            Box::pin(async move {
                tokens::revoke(tx, token, &Actor::System, app::AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(app.public(&second).await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn only_another_system_asks_for_cards_and_only_for_those_who_see_the_case() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        let path = format!("/api/v1/cases/{}/cards", shop.case);
        let ana = json!({ "person": "ana@leeway.example" });
        assert_eq!(app.post(&shop.ana, &path, None, &ana).await.code(), "not-permitted");
        let weak = app.token("weak", None, "cases:read grants:write admin").await;
        assert_eq!(app.post(&weak, &path, None, &ana).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.post(&shop.help_desk, "/api/v1/cases/999/cards", None, &ana).await.status, StatusCode::NOT_FOUND);
        let bot = app.ai_agent("Bot", "agent").await;
        for person in ["nobody@leeway.example", "", &bot.to_string()] {
            let answer = shop.card(person).await;
            assert_eq!((answer.code().as_str(), &answer.json()["fields"][0]["field"]), ("invalid", &json!("person")), "{person}");
        }
        let made = shop.card("ana@leeway.example").await.json();
        assert_eq!(made["expires_at"], Value::from("2026-11-23T10:10:00Z"));
    });
}

#[test]
fn only_the_card_is_framed_and_only_by_those_who_are_named() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let app = &shop.app;
        for path in [shop.path().await, "/embed/card?pass=nonsense".to_owned()] {
            let head = app.head(&path).await;
            let policy = head["content-security-policy"].to_str().unwrap();
            assert!(policy.ends_with(&format!("frame-ancestors {FRAMED_BY}")) && policy.contains("default-src 'none'"), "{policy}");
            assert!(!head.contains_key("x-frame-options") && !head.contains_key("set-cookie"), "{head:?}");
            assert_eq!(head["cache-control"], "no-store");
        }
        for path in ["/sign-in", "/cases", "/embed", "/promises", "/api/v1/cases"] {
            let head = app.head(path).await;
            assert!(head["content-security-policy"].to_str().unwrap().ends_with("frame-ancestors 'none'"), "{path}");
            assert_eq!(head["x-frame-options"], "DENY", "{path}");
        }
        // A cookie means nothing here: without a pass even somebody who is signed in gets no card.
        assert_eq!(app.page("Ana", "/embed/card").await.status, StatusCode::FORBIDDEN);
    });
}
