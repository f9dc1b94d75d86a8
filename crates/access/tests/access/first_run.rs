//! The first run: a link that the terminal shows makes the one owner, and nothing else does.

use access::first_run::offer;
use access::{Access, FirstOwner, Opening, first_owner, limits, people};
use axum::http::StatusCode;
use platform::db::DbError;
use testkit::on_each;

use crate::site::{Browser, ORIGIN, PASSWORD, SECOND, access};

const FIELDS: [(&str, &str); 4] = [("name", "Olga Hart"), ("email", "olga@leeway.example"), ("password", PASSWORD), ("time_zone", "Europe/Lisbon")];

/// The path of a link, as a start of the server prints it.
async fn printed(access: &Access) -> String {
    let link = offer(&access.db, &access.clock, ORIGIN).await.unwrap().unwrap();
    link.strip_prefix(ORIGIN).unwrap().to_owned()
}

async fn people(access: &Access) -> usize {
    let asking = people::Asking { words: String::new(), after: None, seen_by: None };
    let now = access.clock.now();
    access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { people::list(tx, &asking, now).await })).await.unwrap().len()
}

fn without(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    FIELDS.into_iter().map(|(name, old)| (name, if name == field { value } else { old })).collect()
}

#[test]
fn a_link_makes_the_owner_once() {
    on_each(|test| async move {
        let access = access(&test).await;
        let mut browser = Browser::new(&access);
        let nobody = browser.get("/sign-in").await;
        assert!(nobody.text.contains("Nobody is here yet") && !nobody.text.contains("<form"), "{}", nobody.text);
        let path = printed(&access).await;
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Your name") && !page.text.contains(path.rsplit('/').next().unwrap()), "the page does not repeat the secret");
        assert_eq!(people(&access).await, 0, "opening it changes nothing");

        let made = browser.post(&path, &FIELDS).await;
        assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/"), "{}", made.text);
        browser.keep(&made).await;
        assert_eq!(browser.get("/people/new").await.status, StatusCode::OK, "she is signed in, and an owner");
        assert!(browser.get("/settings/profile").await.text.contains("Lisbon"));
        // Another tab, with the same link, before and after.
        for answer in [Browser::new(&access).get(&path).await, Browser::new(&access).post(&path, &without("email", "mallory@evil.example")).await] {
            assert_eq!(answer.status, StatusCode::GONE);
            assert!(answer.text.contains("owner-exists"), "{}", answer.text);
        }
        assert_eq!(offer(&access.db, &access.clock, ORIGIN).await, Ok(None), "a start of the server prints none any more");
        assert_eq!(people(&access).await, 1);
        assert!(Browser::new(&access).get("/sign-in").await.text.contains("<form"));
        assert_eq!(Browser::new(&access).sign_in("olga@leeway.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn of_all_who_try_at_once_one_is_the_owner() {
    on_each(|test| async move {
        let access = access(&test).await;
        // Two servers on one database, or one that was started again: the links of both work.
        let links = [printed(&access).await, printed(&access).await];
        let tries = (0..10).map(|n| {
            let (browser, path) = (Browser::new(&access), links[n % 2].clone());
            tokio::spawn(async move {
                let email = format!("owner{n}@leeway.example");
                browser.post(&path, &[("name", "Olga Hart"), ("email", &email), ("password", PASSWORD), ("time_zone", "UTC")]).await
            })
        });
        let mut made = 0;
        for one in tries.collect::<Vec<_>>() {
            let answer = one.await.unwrap();
            match answer.status {
                StatusCode::SEE_OTHER => made += 1,
                _ => assert!(answer.status == StatusCode::GONE && answer.text.contains("owner-exists"), "{}: {}", answer.status, answer.text),
            }
        }
        assert_eq!((made, people(&access).await), (1, 1));
    });
}

#[test]
fn no_other_way_leads_in() {
    on_each(|test| async move {
        let access = access(&test).await;
        let path = printed(&access).await;
        let guessed = format!("/begin/{}", "0".repeat(64));
        let cut = &path[..path.len() - 1];
        for wrong in [&*guessed, cut, "/begin/x", "/begin/%00", &path.to_uppercase().replace("/BEGIN", "/begin")] {
            for answer in [Browser::new(&access).get(wrong).await, Browser::new(&access).post(wrong, &FIELDS).await] {
                assert_eq!(answer.status, StatusCode::GONE, "{wrong}: {}", answer.text);
                assert!(answer.text.contains("link-spent"), "{}", answer.text);
            }
        }
        let elsewhere = Browser::new(&access).with("sec-fetch-site", "cross-site").post(&path, &FIELDS).await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
        assert_eq!(people(&access).await, 0);
        // It is good for a day, to the second.
        access.clock.forward(limits::FIRST_RUN_SECONDS * SECOND - 1);
        assert_eq!(Browser::new(&access).get(&path).await.status, StatusCode::OK);
        access.clock.forward(1);
        assert_eq!(Browser::new(&access).post(&path, &FIELDS).await.status, StatusCode::GONE);
        // Who is made at the terminal meanwhile is the owner as well.
        let path = printed(&access).await;
        let (name, email, locale, time_zone) = ("Olga".to_owned(), "olga@leeway.example".to_owned(), "en".to_owned(), "UTC".to_owned());
        let owner = FirstOwner { name, email, locale, time_zone, opening: Opening::Link(ORIGIN.to_owned()), is_forced: false };
        first_owner(&access.db, &access.clock, &access.passwords, owner).await.unwrap();
        let late = Browser::new(&access).post(&path, &without("email", "mallory@evil.example")).await;
        assert!(late.status == StatusCode::GONE && late.text.contains("owner-exists"), "{}", late.text);
        assert_eq!(people(&access).await, 1);
    });
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_the_link_still_works() {
    on_each(|test| async move {
        let access = access(&test).await;
        let path = printed(&access).await;
        let wrong = [
            ("name", "", "Fill this in."),
            ("email", "olga", "aria-invalid"),
            ("password", "short", "aria-invalid"),
            ("password", "olga@leeway.example", "aria-invalid"),
            ("time_zone", "Mars/Olympus", "is not a time zone"),
        ];
        for (field, value, said) in wrong {
            let answer = Browser::new(&access).post(&path, &without(field, value)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
            assert!(answer.text.contains(said), "{field} {value}: {}", answer.text);
            assert!(
                !answer.text.contains(PASSWORD) && !answer.text.contains("data-zone"),
                "{field}: what was chosen stays chosen, and no password is sent back"
            );
        }
        let markup = "<script>alert(1)</script>";
        let escaped = Browser::new(&access).post(&path, &[("name", markup), ("email", markup), ("password", "x"), ("time_zone", markup)]).await;
        assert!(escaped.status == StatusCode::UNPROCESSABLE_ENTITY && !escaped.text.contains(markup), "{}", escaped.text);
        assert!(escaped.text.contains("alert(1)"), "what was typed is kept");
        assert_eq!(people(&access).await, 0);
        assert_eq!(Browser::new(&access).post(&path, &FIELDS).await.status, StatusCode::SEE_OTHER);
    });
}
