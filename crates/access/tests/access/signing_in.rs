//! Signing in: equal paths, pauses, cookies, tokens of forms, links that work once.

use access::links::{self, LinkError, LinkKind, Redeeming};
use access::people::{self, Role};
use access::sign_in::{SignInError, change_password};
use access::tokens::{Bearer, Scope};
use access::{FirstOwner, FirstOwnerError, Opening, Secret, first_owner, limits, tokens};
use axum::http::StatusCode;
use platform::actor::{Actor, Subject};
use platform::db::DbError;
use platform::{events, jobs};
use testkit::on_each;

use crate::site::{AT, Browser, ORIGIN, PASSWORD, SECOND, access, grant, invited, new_person, person, token, with_password, write};

const ANA: &str = "ana.marques@leeway.example";

#[test]
fn whatever_is_wrong_the_answer_and_the_work_are_the_same() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        person(&access, "No Password").await;
        let gone = with_password(&access, "Gone Now").await;
        write::<(), people::PeopleError>(&access, move |tx| Box::pin(async move { people::disable(tx, gone, &Actor::System, AT).await })).await.unwrap();
        let mut answers = Vec::new();
        let cases = [(ANA, "wrong"), ("nobody@leeway.example", PASSWORD), ("no.password@leeway.example", PASSWORD), ("gone.now@leeway.example", PASSWORD)];
        for (email, password) in cases {
            let before = access.passwords.checked();
            let answer = Browser::new(&access).sign_in(email, password).await;
            assert_eq!(access.passwords.checked(), before + 1, "{email}: one password is checked");
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.headers.get("set-cookie").is_none());
            answers.push(answer.text.replace(email, "EMAIL"));
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(Browser::new(&access).sign_in(" ANA.marques@leeway.example ", PASSWORD).await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn failures_for_one_address_make_a_pause() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        with_password(&access, "Ben Okafor").await;
        let mut browser = Browser::new(&access);
        browser.sign_in(ANA, "wrong").await;
        assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER, "which starts the count anew");
        access.clock.forward(SECOND);
        for _ in 0..limits::FAILURES_PER_EMAIL {
            assert_eq!(browser.sign_in(ANA, "wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        access.clock.forward(60 * SECOND);
        let before = access.passwords.checked();
        let answer = browser.sign_in(ANA, PASSWORD).await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "840"));
        assert!(answer.text.contains("Try again in 15 minutes"), "{}", answer.text);
        assert_eq!(access.passwords.checked(), before, "the password is not looked at");
        assert_eq!(browser.sign_in("ben.okafor@leeway.example", PASSWORD).await.status, StatusCode::SEE_OTHER, "others sign in");
        access.clock.forward(839 * SECOND);
        assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
        access.clock.forward(SECOND);
        assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn failures_from_one_place_make_a_pause() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        let mut here = Browser::new(&access);
        let mut tasks = Vec::new();
        for n in 0..limits::FAILURES_PER_ADDRESS + 20 {
            let mut here = here.clone();
            tasks.push(tokio::spawn(async move { here.sign_in(&format!("nobody{n}@leeway.example"), "wrong").await.status }));
        }
        let mut paused = 0;
        for task in tasks {
            paused += u32::from(task.await.unwrap() == StatusCode::TOO_MANY_REQUESTS);
        }
        assert_eq!(paused, 20, "at once, too");
        assert_eq!(here.sign_in(ANA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
        here.from = "203.0.113.9:4000".parse().unwrap();
        assert_eq!(here.sign_in(ANA, PASSWORD).await.status, StatusCode::SEE_OTHER, "from elsewhere");
    });
}

#[test]
fn the_cookie_is_closed_and_changes_at_each_sign_in() {
    on_each(|test| async move {
        let mut access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        let mut browser = Browser::new(&access);
        let answer = browser.sign_in(ANA, PASSWORD).await;
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-leeway=") && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800; Secure"), "{cookie}");
        assert_eq!(browser.get("/settings/profile").await.status, StatusCode::OK);
        assert_eq!(browser.get("/sign-in?next=/teams").await.location(), "/teams");
        let before = browser.clone();
        browser.sign_in(ANA, PASSWORD).await;
        assert_ne!(browser.cookie, before.cookie);
        assert_eq!(before.get("/settings/profile").await.status, StatusCode::SEE_OTHER, "the one before has ended");
        assert_eq!(browser.post("/sign-out", &[]).await.location(), "/sign-in");
        assert_eq!(browser.get("/settings/profile").await.location(), "/sign-in?next=%2Fsettings%2Fprofile");
        "http://localhost:8080".clone_into(&mut access.site.origin);
        let answer = Browser::new(&access).sign_in(ANA, PASSWORD).await;
        assert!(answer.header("set-cookie").starts_with("leeway=") && !answer.header("set-cookie").contains("Secure"));
    });
}

#[test]
fn after_signing_in_one_stays_on_this_site() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        let cases = [("/people?q=a", "/people?q=a"), ("//evil.example", "/"), ("https://evil.example/", "/"), ("/\\evil.example", "/"), ("", "/")];
        for (next, expected) in cases {
            let answer = Browser::new(&access).post("/sign-in", &[("email", ANA), ("password", PASSWORD), ("next", next)]).await;
            assert_eq!(answer.location(), expected, "{next}");
        }
    });
}

#[test]
fn sign_ins_end_by_themselves() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        let open = |browser: &Browser| {
            let browser = browser.clone();
            async move { browser.get("/settings/profile").await.status == StatusCode::OK }
        };
        let idle = Browser::signed_in(&access, "Ana Marques").await;
        access.clock.forward(limits::IDLE_SECONDS * SECOND - 1);
        assert!(open(&idle).await, "used, it stays");
        access.clock.forward(limits::IDLE_SECONDS * SECOND - 1);
        assert!(open(&idle).await);
        access.clock.forward(limits::IDLE_SECONDS * SECOND);
        assert!(!open(&idle).await, "not used for long");
        let busy = Browser::signed_in(&access, "Ana Marques").await;
        for _ in 0..28 {
            assert!(open(&busy).await);
            access.clock.forward(limits::SIGNED_IN_SECONDS * SECOND / 28);
        }
        assert!(!open(&busy).await, "a week is over");
        let forgotten = write::<u64, DbError>(&access, move |tx| Box::pin(async move { access::forget(tx, AT + 30 * 86_400 * SECOND).await }));
        assert!(forgotten.await.unwrap() > 0);
    });
}

#[test]
fn a_person_sees_and_ends_their_sign_ins_and_nobody_elses() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        with_password(&access, "Ben Okafor").await;
        let mut phone = Browser::new(&access).with("user-agent", "Mozilla/5.0 (iPhone) Safari/604.1");
        phone.sign_in(ANA, PASSWORD).await;
        let (desk, ben) = (Browser::signed_in(&access, "Ana Marques").await, Browser::signed_in(&access, "Ben Okafor").await);
        let page = desk.get("/settings/sessions").await.text;
        assert!(page.contains("Safari on iPhone") && page.contains("this one"), "{page}");
        let row = page.split("<tr>").find(|row| row.contains("Safari on iPhone")).unwrap();
        let of_phone = row.split("/settings/sessions/").nth(1).and_then(|rest| rest.split_once("/end\"")).unwrap().0;
        assert_eq!(ben.post(&format!("/settings/sessions/{of_phone}/end"), &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(phone.get("/settings/profile").await.status, StatusCode::OK);
        assert_eq!(desk.post(&format!("/settings/sessions/{of_phone}/end"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(phone.get("/settings/profile").await.status, StatusCode::SEE_OTHER);
        phone.sign_in(ANA, PASSWORD).await;
        assert_eq!(desk.post("/settings/sessions/end-others", &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(phone.get("/settings/profile").await.status, StatusCode::SEE_OTHER);
        assert_eq!(desk.get("/settings/profile").await.status, StatusCode::OK);
    });
}

#[test]
fn another_password_ends_all_other_sign_ins() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = with_password(&access, "Ana Marques").await;
        let (desk, phone) = (Browser::signed_in(&access, "Ana Marques").await, Browser::signed_in(&access, "Ana Marques").await);
        let change = |current: &'static str, new: &'static str| {
            let desk = desk.clone();
            async move { desk.post("/settings/password", &[("current", current), ("password", new)]).await }
        };
        let answer = change("wrong", "eight new lanterns").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("This is not your password"), "{}", answer.text);
        assert!(change(PASSWORD, "short").await.text.contains("At least 12 characters"));
        assert_eq!(phone.get("/settings/profile").await.status, StatusCode::OK);
        assert_eq!(change(PASSWORD, "eight new lanterns").await.location(), "/settings/profile?done=password");
        assert_eq!(phone.get("/settings/profile").await.status, StatusCode::SEE_OTHER);
        assert_eq!(desk.get("/settings/profile").await.status, StatusCode::OK);
        let mut again = Browser::new(&access);
        assert_eq!(again.sign_in(ANA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(again.sign_in(ANA, "eight new lanterns").await.status, StatusCode::SEE_OTHER);
        let session = access::sessions::SessionId::new(AT);
        for n in 0..=limits::FAILURES_PER_EMAIL {
            let result = change_password(&access, ana, session, "wrong".to_owned(), PASSWORD.to_owned()).await;
            let expected = if n < limits::FAILURES_PER_EMAIL { SignInError::Wrong } else { SignInError::TooOften(limits::TRIES_SECONDS) };
            assert_eq!(result, Err(expected));
        }
    });
}

#[test]
fn no_other_site_changes_anything() {
    on_each(|test| async move {
        let access = access(&test).await;
        with_password(&access, "Ana Marques").await;
        let browser = Browser::signed_in(&access, "Ana Marques").await;
        let other = Browser::signed_in(&access, "Ana Marques").await;
        assert!(browser.csrf.len() == 64 && browser.csrf != other.csrf);
        let fields = [("locale", "de"), ("time_zone", "UTC")];
        let with_csrf = |csrf: &str| Browser { csrf: csrf.to_owned(), ..browser.clone() };
        let in_header = |csrf: &str| with_csrf("").with("x-csrf-token", csrf);
        let from = |name, value: &str| browser.clone().with(name, value);
        let cases = [
            ("missing", with_csrf(""), false),
            ("wrong", with_csrf(&"0".repeat(64)), false),
            ("of another sign-in", with_csrf(&other.csrf), false),
            ("in the form", browser.clone(), true),
            ("in the header", in_header(&browser.csrf), true),
            ("wrong in the header", browser.clone().with("x-csrf-token", "0"), false),
            ("from here", from("sec-fetch-site", "same-origin"), true),
            ("typed in", from("sec-fetch-site", "none"), true),
            ("from another site", from("sec-fetch-site", "cross-site"), false),
            ("from a host beside", from("sec-fetch-site", "same-site"), false),
            ("from this origin", from("origin", ORIGIN), true),
            ("from another origin", from("origin", "https://evil.example"), false),
            ("from nowhere", from("origin", "null"), false),
        ];
        for (what, browser, fits) in cases {
            let status = browser.post("/settings/profile", &fields).await.status;
            assert_eq!(status, if fits { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }, "{what}");
        }
        let forged = Browser::new(&access).with("sec-fetch-site", "cross-site").sign_in(ANA, PASSWORD).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "nobody is signed in from another site");
        let large = "x".repeat(platform::limits::BODY_BYTES);
        assert_eq!(browser.post("/settings/profile", &[("locale", &large)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn without_a_mail_server_an_owner_hands_over_a_link() {
    on_each(|test| async move {
        let mut access = access(&test).await;
        access.site.has_mail = false;
        let olga = with_password(&access, "Olga Hart").await;
        grant(&access, olga, Role::Owner).await;
        let owner = Browser::signed_in(&access, "Olga Hart").await;
        assert!(owner.get("/people/new").await.text.contains("No mail server is set up"));
        let sent = [("kind", "person"), ("name", "Ana Marques"), ("email", ANA), ("locale", "en"), ("time_zone", "UTC"), ("invite", "yes")];
        let added = owner.post("/people", &sent).await;
        let (page, _) = added.location().split_once("?done=added-by-hand").unwrap();
        let made = owner.post(&format!("{page}/invitation"), &[]).await;
        let path = made.text.split_once(ORIGIN).and_then(|(_, rest)| rest.split(|c: char| c.is_whitespace() || c == '<').next()).unwrap();
        assert!(made.text.contains("data-copies=\"to-copy\"") && made.text.contains("id=\"to-copy\">https://"), "{}", made.text);
        assert!(!owner.get(page).await.text.contains("/invitations/"), "once");
        assert_eq!(Browser::new(&access).post(path, &[("password", PASSWORD)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(Browser::new(&access).post(path, &[("password", PASSWORD)]).await.status, StatusCode::GONE);
        assert!(!owner.get(page).await.text.contains("Make a link for them"), "they have a password now");
        let nobody = Browser::new(&access);
        for told in ["/sign-in", "/forgot"] {
            let text = nobody.get(told).await.text;
            assert!(text.contains("Ask an owner of this installation") && !text.contains("href=\"/forgot\""), "{text}");
        }
        let mut ana = Browser::new(&access);
        ana.sign_in(ANA, PASSWORD).await;
        assert!(owner.get(page).await.text.contains("Make a link for a new password"));
        let reset = format!("{page}/reset");
        assert_eq!(ana.post(&reset, &[]).await.status, StatusCode::FORBIDDEN, "owners alone");
        let made = owner.post(&reset, &[]).await;
        let path = made.text.split_once(ORIGIN).and_then(|(_, rest)| rest.split(|c: char| c.is_whitespace() || c == '<').next()).unwrap();
        assert!(path.starts_with("/reset/"), "{path}");
        assert_eq!(nobody.post(path, &[("password", "eight new lanterns")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(nobody.post(path, &[("password", "eight new lanterns")]).await.status, StatusCode::GONE, "once");
        let ben = owner.post("/people", &[("kind", "person"), ("name", "Ben"), ("email", "ben@shop.example"), ("locale", "en"), ("time_zone", "UTC")]).await;
        let (page, _) = ben.location().split_once('?').unwrap();
        assert_eq!(owner.post(&format!("{page}/reset"), &[]).await.status, StatusCode::CONFLICT, "an invitation is what they need");
    });
}

#[test]
fn a_link_works_once() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = person(&access, "Ana Marques").await;
        let (secret, second) = (invited(&access, ana).await, invited(&access, ana).await);
        let path = format!("/invitations/{secret}");
        let browser = Browser::new(&access);
        for _ in 0..3 {
            let page = browser.get(&path).await;
            assert!(page.status == StatusCode::OK && page.text.contains("Welcome, Ana Marques"), "opening it changes nothing");
        }
        assert_eq!(browser.post(&path, &[("password", "short")]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "it still works");
        assert_eq!(browser.get(&format!("/reset/{secret}")).await.status, StatusCode::GONE, "for what it was made for only");
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (browser, path) = (browser.clone(), path.clone());
                tokio::spawn(async move { browser.post(&path, &[("password", PASSWORD)]).await.status })
            })
            .collect();
        let mut used = 0;
        for task in tasks {
            match task.await.unwrap() {
                StatusCode::SEE_OTHER => used += 1,
                status => assert_eq!(status, StatusCode::GONE),
            }
        }
        assert_eq!(used, 1);
        for path in [path, format!("/invitations/{second}"), format!("/invitations/{}", "0".repeat(64)), "/invitations/x".to_owned()] {
            assert_eq!(browser.get(&path).await.status, StatusCode::GONE, "{path}");
        }
    });
}

#[test]
fn a_link_gets_too_old() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = person(&access, "Ana Marques").await;
        let path = format!("/invitations/{}", invited(&access, ana).await);
        let browser = Browser::new(&access);
        access.clock.forward(limits::INVITATION_SECONDS * SECOND - 1);
        assert_eq!(browser.get(&path).await.status, StatusCode::OK);
        access.clock.forward(1);
        assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
        assert_eq!(browser.post(&path, &[("password", PASSWORD)]).await.status, StatusCode::GONE);
    });
}

#[test]
fn a_link_does_not_outlive_what_it_was_sent_for() {
    on_each(|test| async move {
        let access = access(&test).await;
        let (ana, ben) = (person(&access, "Ana Marques").await, person(&access, "Ben Okafor").await);
        let paths = [format!("/invitations/{}", invited(&access, ana).await), format!("/invitations/{}", invited(&access, ben).await)];
        let browser = Browser::new(&access);
        for path in &paths {
            assert_eq!(browser.get(path).await.status, StatusCode::OK);
        }
        let (name, email) = ("Ana Marques".to_owned(), Some("ana@leeway.example".to_owned()));
        let to = people::Changed { name, email, locale: "en".to_owned(), time_zone: "UTC".to_owned() };
        write(&access, move |tx| {
            Box::pin(async move {
                people::change(tx, ana, &to, &Actor::System, AT).await?;
                people::disable(tx, ben, &Actor::System, AT).await?;
                people::enable(tx, ben, &Actor::System, AT).await
            })
        })
        .await
        .unwrap();
        for path in &paths {
            assert_eq!(browser.get(path).await.status, StatusCode::GONE, "sent to another address, or to one who was disabled since");
        }
    });
}

#[test]
fn a_forgotten_password_is_answered_alike_for_everybody() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = with_password(&access, "Ana Marques").await;
        let before = Browser::signed_in(&access, "Ana Marques").await;
        take(&access).await;
        let browser = Browser::new(&access);
        let mut texts = Vec::new();
        for email in [ANA, "nobody@leeway.example"] {
            let answer = browser.post("/forgot", &[("email", email)]).await;
            assert_eq!(answer.status, StatusCode::OK);
            texts.push(answer.text.replace(email, "EMAIL"));
        }
        assert_eq!(texts[0], texts[1]);
        let wanted = take(&access).await;
        assert_eq!(wanted.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), [links::RESET_JOB; 2], "the same is done for both");
        for job in wanted {
            links::send_reset(&access, &job.payload).await.unwrap();
        }
        let mails = take(&access).await;
        assert_eq!(mails.len(), 1);
        let mail: serde_json::Value = serde_json::from_str(&mails[0].payload).unwrap();
        assert_eq!((mail["to"].as_str(), mail["template"].as_str()), (Some(ANA), Some("reset")));
        let path = mail["link"].as_str().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
        assert_eq!(browser.post(&path, &[("password", "eight new lanterns")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.post(&path, &[("password", "eight new lanterns")]).await.status, StatusCode::GONE);
        assert_eq!(before.get("/settings/profile").await.status, StatusCode::SEE_OTHER, "what was open has ended");
        assert_eq!(take(&access).await.len(), 1, "they hear of it");
        let invite = write(&access, move |tx| Box::pin(async move { links::invite(tx, ana, &Secret::fresh().unwrap(), ORIGIN, &Actor::System, AT).await }));
        assert_eq!(invite.await, Err(LinkError::Accepted));
        for n in 2..=limits::FORGOTTEN_PER_ADDRESS {
            let expected = if n < limits::FORGOTTEN_PER_ADDRESS { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
            assert_eq!(browser.post("/forgot", &[("email", ANA)]).await.status, expected, "{n}");
        }
    });
}

/// The jobs that are due, which are then done.
async fn take(access: &access::Access) -> Vec<jobs::Leased> {
    let now = access.clock.now();
    let work = write::<_, DbError>(access, move |tx| {
        Box::pin(async move {
            let leased = jobs::lease(tx, now, 50).await?;
            for job in &leased {
                jobs::done(tx, job).await?;
            }
            Ok(leased)
        })
    });
    work.await.unwrap()
}

#[test]
fn there_is_one_first_owner() {
    on_each(|test| async move {
        let access = access(&test).await;
        let owner = |email: &str, opening, is_forced| {
            let (name, locale, time_zone) = ("Ana Marques".to_owned(), "en".to_owned(), "UTC".to_owned());
            FirstOwner { name, email: email.to_owned(), locale, time_zone, opening, is_forced }
        };
        let make = |new| {
            let access = access.clone();
            async move { first_owner(&access.db, &access.clock, &access.passwords, new).await }
        };
        let password = || Opening::Password(PASSWORD.to_owned());
        let short = make(owner(ANA, Opening::Password("short".to_owned()), false)).await;
        assert!(matches!(short, Err(FirstOwnerError::Unfit(_))));
        let tasks: Vec<_> = (0..10).map(|n| tokio::spawn(make(owner(&format!("owner{n}@leeway.example"), password(), false)))).collect();
        let mut made = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(link) => made += usize::from(link.is_none()),
                Err(e) => assert_eq!(e, FirstOwnerError::Exists),
            }
        }
        assert_eq!(made, 1);
        assert_eq!(make(owner(ANA, password(), false)).await, Err(FirstOwnerError::Exists));
        assert_eq!(make(owner(ANA, password(), true)).await, Ok(None));
        let browser = Browser::signed_in(&access, "Ana Marques").await;
        assert_eq!(browser.get("/people/new").await.status, StatusCode::OK);
        let link = make(owner(ANA, Opening::Link(ORIGIN.to_owned()), true)).await.unwrap().unwrap();
        let path = link.strip_prefix(ORIGIN).unwrap();
        assert_eq!(Browser::new(&access).post(path, &[("password", "eight new lanterns")]).await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn tokens_open_what_their_scopes_say() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = with_password(&access, "Ana Marques").await;
        crate::site::grant(&access, ana, Role::Owner).await;
        let bot = crate::site::ai_agent(&access, "Helper").await;
        let shop = token(&access, Bearer::Source("shop".to_owned()), &[Scope::PeopleRead]).await;
        let other = token(&access, Bearer::Source("shop".to_owned()), &[Scope::CasesRead]).await;
        let helper = token(&access, Bearer::Staff(bot), &[Scope::PeopleRead]).await;
        let get = |sent: &str, path: &'static str| {
            let browser = Browser::new(&access).with("authorization", sent);
            async move { browser.get(path).await }
        };
        let unknown = format!("Bearer {}{}", tokens::PREFIX, "0".repeat(64));
        let cases = [
            (shop.as_str(), "/api/v1/people", 200),
            (other.as_str(), "/api/v1/people", 403),
            (helper.as_str(), "/api/v1/people", 403),
            (unknown.as_str(), "/api/v1/people", 401),
            ("Bearer nonsense", "/api/v1/people", 401),
            (shop.as_str(), "/people", 403),
        ];
        for (sent, path, expected) in cases {
            assert_eq!(get(sent, path).await.status.as_u16(), expected, "{path}");
        }
        let north = crate::site::team(&access, "North", None).await;
        crate::site::join(&access, bot, north, access::teams::TeamRole::Member).await;
        let answer = get(&helper, "/api/v1/people").await;
        assert!(answer.text.contains("Helper") && !answer.text.contains("Ana"), "only who is in a team it sees: {}", answer.text);
        let new = |bearer, scope| tokens::NewToken { name: "x".to_owned(), bearer, scopes: [scope].into_iter().collect() };
        let of_people = [Scope::Debriefs, Scope::GroupsWrite];
        let of_people = of_people.into_iter().flat_map(|scope| [new(Bearer::Staff(bot), scope), new(Bearer::Source("shop".to_owned()), scope)]);
        let refused = [new(Bearer::Staff(bot), Scope::FactsConfirm), new(Bearer::Staff(bot), Scope::Admin), new(Bearer::Staff(ana), Scope::CasesRead)];
        for new in refused.into_iter().chain(of_people) {
            let make = write(&access, move |tx| Box::pin(async move { tokens::make(tx, &new, &Secret::fresh().unwrap(), &Actor::System, AT).await }));
            assert!(matches!(make.await, Err(tokens::TokenError::Field(..))));
        }
        let owner = Browser::signed_in(&access, "Ana Marques").await;
        let made = owner.post("/settings/tokens", &[("name", "Shop"), ("source", "shop"), ("bearer", ""), ("cases:read", "yes")]).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let shown = made.text.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
        assert!(shown.starts_with(tokens::PREFIX));
        assert!(!owner.get("/settings/tokens").await.text.contains(&shown), "shown once");
        let list = access.db.read::<_, DbError, _>(|tx| Box::pin(async move { tokens::list(tx).await })).await.unwrap();
        assert_eq!(list.iter().filter(|token| token.used_at.is_some()).count(), 3, "all but the last");
        for token in list {
            drop(owner.post(&format!("/settings/tokens/{}/revoke", token.id), &[]).await);
        }
        assert_eq!(get(&shop, "/api/v1/people").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(get(&helper, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn what_is_recorded_and_kept_holds_no_secret() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = with_password(&access, "Ana Marques").await;
        let events = access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { events::of(tx, &Subject::new("staff", &ana), i64::MAX, 10).await }));
        let events = events.await.unwrap();
        let kinds: Vec<&str> = events.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["signed_in", "password_set", "link_sent", "staff_added"]);
        for event in events {
            let longest = event.data.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max();
            assert!(longest < Some(64) && !event.data.contains("argon2"), "{}", event.data);
        }
        let redeeming = Redeeming { secret: Secret::fresh().unwrap(), kind: LinkKind::Reset, password: PASSWORD.to_owned(), device: String::new() };
        assert!(matches!(links::redeem(&access, redeeming).await, Err(LinkError::Spent)));
        assert_eq!(new_person("Ana Marques").email, ANA);
    });
}
