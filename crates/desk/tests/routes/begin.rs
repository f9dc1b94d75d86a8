//! The first charter from six answers: what is asked, what is shown, and all that publishing does at once.

use std::sync::Arc;

use access::people::{self, NewPerson, Role, StaffId};
use access::teams::{self, TeamRole};
use axum::http::StatusCode;
use charter::calendar::Hours;
use charter::money::Currency;
use desk::charters::begin::{Answers, CALENDAR, TROUBLES, Top, Unit, begin, write};
use desk::charters::{self, Charters};
use desk::groups::{self, Days};
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::{Db, DbError, schema};
use platform::http::Problem;
use platform::statements;
use testkit::{TestDb, on_each};

use crate::app::{AT, Answer, App, SHOP};
use crate::ruler::{looks, ruler};

statements! {
    DRAFTS = "SELECT COUNT(*) FROM draft_answers";
}

const ANSWERS: [(&str, &str); 14] = [
    ("currency", "EUR"),
    ("late", "yes"),
    ("damaged", "yes"),
    ("of", "money"),
    ("free", "25"),
    ("why", "40.00"),
    ("next", "Shift leader"),
    ("more", "150"),
    ("top", "manager"),
    ("mon", "yes"),
    ("tue", "yes"),
    ("sat", "yes"),
    ("hours", "09:00-12:30, 13:00-17:00"),
    ("zone", "Europe/Amsterdam"),
];

fn with(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    ANSWERS.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect()
}

fn step(value: &'static str) -> Vec<(&'static str, &'static str)> {
    with("step", value)
}

/// What comes of answers, on the page that they lead to.
async fn read(app: &App, sent: &[(&'static str, &'static str)]) -> Answer {
    let kept = app.form("Olga", "/charter/begin", sent).await;
    assert_eq!((kept.status, kept.place.as_str()), (StatusCode::SEE_OTHER, "/charter/begin/read"), "{}", kept.text);
    let read = app.page("Olga", "/charter/begin/read").await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text);
    read
}

/// The questions, which answers that are wrong lead back to.
async fn refused(app: &App, sent: &[(&'static str, &'static str)]) -> Answer {
    let kept = app.form("Olga", "/charter/begin", sent).await;
    assert_eq!((kept.status, kept.place.as_str()), (StatusCode::SEE_OTHER, "/charter/begin"), "{sent:?}: {}", kept.text);
    assert_eq!(app.page("Olga", "/charter/begin/read").await.place, "/charter/begin", "nothing comes of it");
    let again = app.page("Olga", "/charter/begin").await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    again
}

fn answers() -> Answers {
    Answers {
        currency: Currency::with_code("EUR").unwrap(),
        troubles: TROUBLES.iter().collect(),
        unit: Unit::Share,
        free: 1_000,
        why: 2_000,
        more: 5_000,
        next: "lead".to_owned(),
        top: Top::Owner,
        days: Days(0b100_0001),
        hours: vec![Hours::new(540, 1020).unwrap()],
        zone: "Europe/Lisbon".to_owned(),
    }
}

#[test]
fn only_owners_begin() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.person("Mia", "manager", TeamRole::Manager).await;
        app.operator("Otto").await;
        for path in ["/charter/begin", "/charter/begin/charter.toml", "/charter/begin/charter.scenarios.toml"] {
            for name in ["Mia", "Otto"] {
                assert_eq!(app.page(name, path).await.status, StatusCode::FORBIDDEN, "{name} {path}");
            }
            assert_eq!(app.public(path).await.status, StatusCode::SEE_OTHER, "{path}");
        }
        for name in ["Mia", "Otto"] {
            assert_eq!(app.form(name, "/charter/begin", &step("publish")).await.status, StatusCode::FORBIDDEN, "{name}");
        }
        assert_eq!(app.page("Olga", "/charter/begin").await.status, StatusCode::OK);
        assert!(app.page("Olga", "/charter").await.text.contains("href=\"/charter/begin\""), "the empty page leads there");
    });
}

#[test]
fn what_comes_of_the_answers_is_read_before_it_holds() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        let read = read(&app, &step("read")).await;
        let said = [
            "Agent or anybody above may give up to €25.00, and up to €40.00 saying why, for late, if the days late are at least 1.",
            "A shift leader or anybody above may give up to €150.00.",
            "A manager may give up to the price paid.",
            "At most €150.00 per customer, in 90 days; a shift leader or anybody above can go beyond.",
            "What is passed up comes to the shift leaders, and beyond them to the managers. Both are your team Care",
            "They are there Mon, Tue, Sat 09:00-12:30, 13:00-17:00 (Europe/Amsterdam)",
            "Nothing is published yet.",
            "We added this, because nobody should get back more than they paid.",
            "We added this, because most customers want the thing they ordered",
        ];
        let text = read.text.replace("&#39;", "’").replace("An agent or", "Agent or");
        for said in said {
            assert!(text.contains(said), "{said}\n{text}");
        }
        assert!(!text.contains("or on a condition"), "who may give more anyway is not told of less: {text}");
        let again = app.page("Olga", "/charter/begin").await;
        for kept in ["value=\"Shift leader\"", "value=\"40.00\"", "name=\"sat\" value=\"yes\" checked", "name=\"damaged\" value=\"yes\" checked"] {
            assert!(again.text.contains(kept), "{kept}");
        }
        assert!(!again.text.contains("name=\"lost\" value=\"yes\" checked"));

        let query = serde_urlencoded::to_string(ANSWERS).unwrap();
        let text = app.page("Olga", &format!("/charter/begin/charter.toml?{query}")).await;
        assert_eq!((text.status, text.kind.as_str()), (StatusCode::OK, "application/toml; charset=utf-8"));
        let scenarios = app.page("Olga", &format!("/charter/begin/charter.scenarios.toml?{query}")).await.text;
        let charter = charter::load(&charter::Sources { text: &text.text, outer: None, today: None }).charter.unwrap();
        let cases = charter::scenarios::read(&scenarios).unwrap().cases;
        assert!(cases.len() > 15 && cases.iter().all(|case| charter::scenarios::run(&charter, case).passed));
        assert_eq!(app.page("Olga", "/charter/begin/charter.toml").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_nothing_is_published() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        for (field, value, said) in [
            ("currency", "<b>", "&#60;b&#62;` is not a currency"),
            ("free", "41", "40 is less than without a word. Write 41 or more, such as 82."),
            ("free", "-1", "such as 25"),
            ("more", "25", "Anyone may give 40 already. Write more than that, such as 80,"),
            ("next", "agent", "is there already"),
            ("hours", "late", "is not a span"),
            ("zone", "Mars", "is not a time zone"),
        ] {
            let mut sent = with(field, value);
            sent.push(("step", "publish"));
            let again = refused(&app, &sent).await;
            assert!(again.text.contains(said) && again.text.contains("class=\"field-error\""), "{field}: {}", again.text);
            assert!(again.text.contains("Something does not fit yet") && again.text.matches(" autofocus").count() == 1, "{field}: {}", again.text);
        }
        for gone in [&["late", "damaged"][..], &["mon", "tue", "sat"]] {
            let sent: Vec<_> = step("publish").into_iter().filter(|(name, _)| !gone.contains(name)).collect();
            let again = refused(&app, &sent).await;
            assert!(again.text.contains("Choose at least one"), "{}", again.text);
        }
        assert_eq!(app.write(|tx| Box::pin(async move { charters::version_in_force(tx).await })).await, None);
    });
}

#[test]
fn publishing_does_all_that_follows_and_only_once() {
    on_each(|test| async move {
        let app = App::new(test).await;
        let olga = app.owner("Olga").await;
        app.without_level("Olga").await;
        let team = app.team;
        let done = app.form("Olga", "/charter/begin", &step("publish")).await;
        assert_eq!((done.status, done.place.as_str()), (StatusCode::SEE_OTHER, "/?done=begun"), "{}", done.text);
        let kept = app.write(move |tx| {
            Box::pin(async move {
                let in_force = charters::in_force(tx, &Charters::default()).await?.unwrap();
                let level = people::find(tx, olga).await?.unwrap().level;
                let now = Timestamp::from_microsecond(AT).unwrap();
                let reached =
                    [groups::reached(tx, &in_force.charter, "shift-leaders", now).await?, groups::reached(tx, &in_force.charter, "managers", now).await?];
                Ok((in_force.version, level, groups::teams(tx).await?, charters::calendars(tx).await?, reached))
            })
        });
        let (version, level, served, calendars, reached) = kept.await;
        assert_eq!((version, level.as_deref()), (1, Some("manager")));
        assert_eq!(served.values().map(|(id, _)| *id).collect::<Vec<_>>(), [team, team]);
        assert_eq!(reached, [vec![olga], vec![olga]], "an escalation reaches somebody");
        let hours = calendars[CALENDAR].weekly();
        assert_eq!(hours.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 0, 0, 0, 2, 0]);
        for sent in ["publish", "read"] {
            assert_eq!(app.form("Olga", "/charter/begin", &step(sent)).await.status, StatusCode::CONFLICT, "{sent}");
        }
        assert_eq!(app.page("Olga", "/charter").await.text.matches("Customer care: charter 1").count(), 1);
    });
}

/// Whoever goes back, loads a page again or comes back tomorrow finds what they answered, until it is published or they start over; nobody else does.
#[test]
fn what_was_answered_is_there_until_it_is_published() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.owner("Otto").await;
        let usual = |page: &Answer| page.text.contains("name=\"next\" type=\"text\" value=\"lead\"") && !page.text.contains("Start over");
        let form = || async { app.page("Olga", "/charter/begin").await };
        assert!(usual(&form().await), "{}", form().await.text);
        assert_eq!(app.page("Olga", "/charter/begin/read").await.place, "/charter/begin", "nothing was answered");

        let first = read(&app, &step("read")).await.text;
        let again = app.page("Olga", "/charter/begin/read").await.text;
        assert!(first.contains("Publish it") && again.contains("Publish it"), "it can be loaded again");
        for kept in ["value=\"Shift leader\"", "value=\"40.00\"", "name=\"sat\" value=\"yes\" checked", "Start over", "nothing of it is published yet"] {
            assert!(form().await.text.contains(kept), "{kept}: {}", form().await.text);
        }
        assert!(!form().await.text.contains("name=\"lost\" value=\"yes\" checked"), "what was taken out stays out");
        assert!(usual(&app.page("Otto", "/charter/begin").await), "they are hers");

        // What is wrong stays as it was typed, with what is wrong with it; what goes on and on is cut.
        let hours = "late ".repeat(1_000);
        let mut sent: Vec<(&str, &str)> = ANSWERS.into_iter().filter(|(name, _)| *name != "hours").collect();
        sent.extend([("hours", hours.as_str()), ("step", "read")]);
        assert_eq!(app.form("Olga", "/charter/begin", &sent).await.place, "/charter/begin");
        let wrong = form().await.text;
        assert!(wrong.contains("value=\"late late") && wrong.contains("is not a span") && wrong.contains("value=\"Shift leader\""), "{wrong}");
        assert!(wrong.len() < 80_000 && !wrong.contains(&hours), "{}", wrong.len());
        assert_eq!(app.page("Olga", "/charter/begin/read").await.place, "/charter/begin");

        let anew = app.form("Olga", "/charter/begin", &[("step", "anew")]).await;
        assert_eq!((anew.status, anew.place.as_str()), (StatusCode::SEE_OTHER, "/charter/begin"));
        assert!(usual(&form().await), "{}", form().await.text);

        // Published, nobody's are kept: they were given over another charter, or none.
        read(&app, &step("read")).await;
        assert_eq!(app.form("Otto", "/charter/begin", &step("read")).await.place, "/charter/begin/read");
        assert_eq!(app.form("Olga", "/charter/begin", &step("publish")).await.place, "/?done=begun");
        let left = app.write(|tx| Box::pin(async move { Ok(tx.one::<(i64,)>(&DRAFTS, &[]).await?.0) })).await;
        assert_eq!(left, 0);
        for name in ["Olga", "Otto"] {
            let asked = app.page(name, "/charter/begin").await.text;
            assert!(asked.contains("value=\"shift-leader\"") && !asked.contains("Start over"), "{name}: {asked}");
        }

        // Over a charter that was written from answers it is the same, and another charter in its place ends it.
        let changed = || with("free", "30").into_iter().map(|(name, value)| if name == "next" { (name, "shift-leader") } else { (name, value) });
        read(&app, &changed().chain([("instead_of", "1"), ("step", "read")]).collect::<Vec<_>>()).await;
        assert!(form().await.text.contains("value=\"30\"") && form().await.text.contains("Start over"));
        app.publish(SHOP).await;
        assert_eq!(app.page("Olga", "/charter/begin/read").await.place, "/charter/begin");
        assert_eq!(app.form("Olga", "/charter/versions/1/in-force", &[]).await.status, StatusCode::SEE_OTHER);
        assert!(form().await.text.contains("value=\"25\""));
    });
}

/// A share is told by its sign, beside each of the three fields.
#[test]
fn shares_have_their_sign() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        let asked = app.page("Olga", "/charter/begin").await.text;
        let signed = asked
            .split("class=\"of-share\"")
            .skip(1)
            .filter(|rest| rest.split("</div>").next().is_some_and(|field| field.contains("<span aria-hidden=\"true\">%</span>")));
        assert_eq!(signed.count(), 3, "{asked}");
    });
}

/// An owner may give all that was paid; the ruler begins at what anyone may give all the same, whether that is a share or an amount, and at all of it for
/// what comes back. What could change nothing for somebody is not asked of them: how late it is decides for who needs a reason, and not for who needs none.
#[test]
fn the_ruler_begins_at_what_anyone_gives_and_nothing_is_asked_in_vain() {
    on_each(|test| async move {
        let app = App::new(test).await;
        let olga = app.owner("Olga").await;
        app.person("Ana", "agent", TeamRole::Member).await;
        let late = "How many days late is it";
        let usual = [("of", "share"), ("free", "10"), ("why", "20"), ("more", "50"), ("next", "lead"), ("return", "yes"), ("step", "publish")];
        let sent: Vec<_> = ANSWERS.into_iter().filter(|(name, _)| !usual.iter().any(|(other, _)| other == name)).chain(usual).collect();
        assert_eq!(app.form("Olga", "/charter/begin", &sent).await.place, "/?done=begun");
        let token = app.token("Olga", Some(olga), "cases:read cases:write").await;
        let opened = app.post(&token, "/api/v1/cases", None, &serde_json::json!({ "channel": "mail", "title": "A vase", "issue": "late" })).await;
        let at = format!("/cases/{}", opened.json()["number"]);
        let page = async |name: &str, reason: &str| app.page(name, &format!("{at}?reason={reason}&remedy=refund")).await;
        let say = async |name: &str, fact: &'static str, value: &str| {
            let said = app.form(name, &format!("{at}/facts"), &[(fact, value)]).await;
            assert_eq!(said.status, StatusCode::SEE_OTHER, "{fact}: {}", said.text);
        };

        // Before the price is known, a share of it is no amount, and both are asked.
        for name in ["Olga", "Ana"] {
            let asked = page(name, "late").await;
            assert!(asked.text.contains("What did the customer pay for it?") && asked.text.contains(late), "{name}: {}", asked.text);
        }
        say("Olga", "is.case.price_paid", "75.00").await;
        let (hers, his) = (page("Olga", "late").await, page("Ana", "late").await);
        assert!(!hers.text.contains(late), "she may give all of it, however late it is: {}", hers.text);
        assert!(his.text.contains(late), "an agent may give something only if it is late: {}", his.text);
        assert_eq!((ruler(&hers), ruler(&his)), (looks("7.50", "Give €7.50"), looks("", "")));
        assert_eq!(ruler(&page("Olga", "return").await), looks("75.00", "Give €75.00"), "what comes back goes back in full");
        say("Ana", "is.case.days_late", "3").await;
        for name in ["Olga", "Ana"] {
            assert_eq!(ruler(&page(name, "late").await), looks("7.50", "Give €7.50"), "{name}");
        }

        // In amounts the same.
        let amounts = [("of", "money"), ("free", "25"), ("why", "40"), ("more", "60"), ("instead_of", "1")];
        let sent: Vec<_> = sent.into_iter().filter(|(name, _)| !amounts.iter().any(|(other, _)| other == name)).chain(amounts).collect();
        assert_eq!(app.form("Olga", "/charter/begin", &sent).await.place, "/charter?done=published");
        assert_eq!(ruler(&page("Olga", "late").await), looks("25.00", "Give €25.00"));
        assert_eq!(ruler(&page("Olga", "return").await), looks("75.00", "Give €75.00"));
    });
}

/// The questions open as they were answered, and what is answered otherwise takes the place of the charter they wrote.
#[test]
fn answers_are_changed_while_their_charter_is_in_force() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.person("Mia", "manager", TeamRole::Manager).await;
        assert_eq!(app.form("Olga", "/charter/begin", &step("publish")).await.status, StatusCode::SEE_OTHER);
        assert!(app.page("Olga", "/charter").await.text.contains("href=\"/charter/begin\""));
        assert!(!app.page("Mia", "/charter").await.text.contains("href=\"/charter/begin\""), "only owners answer");
        let asked = app.page("Olga", "/charter/begin").await;
        let kept = ["name=\"instead_of\" value=\"1\"", "name=\"next\" value=\"shift-leader\"", "value=\"40\"", "name=\"sat\" value=\"yes\" checked"];
        for kept in kept {
            assert!(asked.text.contains(kept), "{kept}\n{}", asked.text);
        }

        let again = |step: &'static str| {
            let kept = ANSWERS.into_iter().filter(|(name, _)| !["free", "next", "sat", "late"].contains(name));
            kept.chain([("free", "30"), ("next", "shift-leader"), ("lost", "yes"), ("instead_of", "1"), ("step", step)]).collect::<Vec<_>>()
        };
        let read = read(&app, &again("read")).await;
        for said in ["What would change", "up to €25.00", "up to €30.00", "New reason: lost.", "Gone reason: late.", "is there Mon, Tue 09:00-12:30"] {
            assert!(read.text.contains(said), "{said}\n{}", read.text);
        }
        let renamed: Vec<_> = again("publish").into_iter().map(|(name, value)| if name == "top" { (name, "owner") } else { (name, value) }).collect();
        assert_eq!(app.form("Olga", "/charter/begin", &renamed).await.status, StatusCode::UNPROCESSABLE_ENTITY, "people have these names");

        let done = app.form("Olga", "/charter/begin", &again("publish")).await;
        assert_eq!((done.status, done.place.as_str()), (StatusCode::SEE_OTHER, "/charter?done=published"), "{}", done.text);
        let left =
            app.write(|tx| Box::pin(async move { Ok((charters::version_in_force(tx).await?, charters::calendars(tx).await?, groups::teams(tx).await?)) }));
        let (version, calendars, served) = left.await;
        assert_eq!((version, served.len()), (Some(2), 2));
        assert_eq!(calendars[CALENDAR].weekly().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 0, 0, 0, 0, 0]);
        assert!(app.page("Olga", "/charter/begin").await.text.contains("value=\"30\""));
        assert_eq!(app.form("Olga", "/charter/begin", &again("publish")).await.status, StatusCode::CONFLICT, "another one is in force by now");

        // By hand: the questions say nothing of it any more, until theirs is in force again.
        app.publish(SHOP).await;
        assert_eq!(app.page("Olga", "/charter/begin").await.place, "/charter");
        assert_eq!(app.form("Olga", "/charter/begin", &again("publish")).await.status, StatusCode::CONFLICT);
        let page = app.page("Olga", "/charter").await.text;
        assert!(page.contains("changed by hand since") && page.contains("/charter/versions/2") && !page.contains("href=\"/charter/begin\""), "{page}");
        assert!(!app.page("Mia", "/charter").await.text.contains("changed by hand since"));
        assert_eq!(app.form("Olga", "/charter/versions/2/in-force", &[]).await.status, StatusCode::SEE_OTHER);
        assert!(app.page("Olga", "/charter/begin").await.text.contains("value=\"30\""));
    });
}

#[test]
fn it_takes_no_charters_place() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.publish(SHOP).await;
        assert_eq!(app.form("Olga", "/charter/begin", &step("publish")).await.status, StatusCode::CONFLICT);
        let left = app.write(|tx| {
            Box::pin(async move { Ok((charters::version_in_force(tx).await?, charters::calendars(tx).await?.len(), groups::teams(tx).await?.len())) })
        });
        assert_eq!(left.await, (Some(1), 0, 0), "nothing of it is kept");
    });
}

/// Owners of an empty installation.
async fn owners(test: &TestDb) -> (Arc<Db>, Vec<StaffId>) {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let db = Arc::new(Db::open(&test.location, &[]).unwrap());
    let made = db.write::<_, DbError, _>(|tx| {
        Box::pin(async move {
            let mut ids = Vec::new();
            for name in ["Olga", "Otto"] {
                let (email, locale, time_zone) = (format!("{name}@leeway.example"), "en".to_owned(), "UTC".to_owned());
                let new = NewPerson { name: name.to_owned(), email, level: None, locale, time_zone };
                let id = people::add_person(tx, &new, &[], &Actor::System, AT).await.unwrap();
                people::grant_role(tx, id, Role::Owner, &Actor::System, AT).await.unwrap();
                ids.push(id);
            }
            Ok(ids)
        })
    });
    let made = made.await.unwrap();
    (db, made)
}

#[test]
fn of_two_owners_who_begin_at_once_one_does_all_of_it() {
    on_each(|test| async move {
        let (db, ids) = owners(&test).await;
        let tries: Vec<_> = ids
            .iter()
            .map(|id| {
                let (db, id, answers) = (Arc::clone(&db), *id, answers());
                let begun = write(&answers).unwrap();
                tokio::spawn(async move { db.write::<_, Problem, _>(move |tx| Box::pin(async move { begin(tx, &begun, &answers, id, AT).await })).await })
            })
            .collect();
        let mut ended = Vec::new();
        for (id, one) in ids.iter().zip(tries) {
            ended.push((*id, one.await.unwrap().map_err(|problem| problem.code)));
        }
        let done: Vec<StaffId> = ended.iter().filter(|(_, end)| end.is_ok()).map(|(id, _)| *id).collect();
        assert_eq!(done.len(), 1);
        assert!(ended.iter().any(|(_, end)| *end == Err("charter-in-force")));
        let first = done[0];
        let kept = db.read::<_, DbError, _>(move |tx| {
            Box::pin(async move {
                let all = teams::all(tx).await?;
                let members = teams::memberships_of_team(tx, all[0].id, AT).await?;
                let levels: Vec<_> = [people::find(tx, ids[0]).await?, people::find(tx, ids[1]).await?].map(|staff| staff.and_then(|s| s.level)).into();
                Ok((all, members, groups::rotas(tx, AT).await?, levels))
            })
        });
        let (all, members, rotas, levels) = kept.await.unwrap();
        assert_eq!(all.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Customer care"], "a team is made where there is none");
        assert_eq!(members.iter().map(|m| (m.staff, m.role)).collect::<Vec<_>>(), [(first, TeamRole::Manager)]);
        assert_eq!(rotas.keys().map(String::as_str).collect::<Vec<_>>(), ["leads", "owners"]);
        assert!(rotas.values().all(|rota| rota.people() == [first] && rota.shifts[0].days == Days(0b100_0001)));
        assert_eq!(levels.iter().flatten().collect::<Vec<_>>(), ["owner"]);
    });
}
