//! What the open pages of the way up are told of, by this server or by another one of the same database, and who may listen where they do.

use std::future::Future;

use axum::Router;
use axum::body::{Body as HttpBody, HttpBody as _};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use desk::{calendars, charters};
use platform::actor::Actor;
use platform::db::DbError;
use serde_json::json;
use testkit::on_each;
use tokio::time::{Duration, timeout};

use crate::house::{AT, GROUP, HOLDERS, House, SHOP, Who};

const SOON: Duration = Duration::from_secs(5);
/// Long enough for what was announced before, also from server to server.
const SETTLED: Duration = Duration::from_millis(150);
/// Until a grant is sent, and a moment.
const SENT_MICROS: i64 = 21_000_000;

const NORTH: &[&str] = &["member", "giver", "lead", "manager", "owner"];
const AT_THE_DESK: &[&str] = &["member", "giver", "lead", "manager", "owner", "far member", "far lead", "far manager", "far operator"];

/// Where a page says that it hears of what changes.
fn from(page: &str) -> Option<String> {
    Some(page.split("data-from=\"").nth(1)?.split('"').next()?.replace("&#38;", "&"))
}

async fn heard_at(house: &House, name: &'static str, page: &str) -> String {
    let page = house.get(&Who::Person(name), page).await;
    from(&page.text).unwrap_or_else(|| panic!("{} {}", page.status, page.brief()))
}

/// Who looks at a page, and by which server.
struct Open<'h> {
    house: &'h House,
    beside: Option<Router>,
}

impl<'h> Open<'h> {
    async fn new(house: &'h House) -> Self {
        Self { house, beside: house.beside().await }
    }

    /// The stream of an address.
    async fn begun(&self, name: &str, address: &str) -> Response {
        let request = Request::get(address).header("cookie", self.house.cookie(name)).header("accept", "text/event-stream");
        self.house.begun_at(self.beside.as_ref(), request.body(HttpBody::empty()).unwrap()).await
    }

    /// The page that somebody has open, once nothing of before comes any more.
    async fn page(&self, name: &'static str, page: &str) -> Response {
        let mut stream = self.begun(name, &heard_at(self.house, name, page).await).await;
        assert_eq!(stream.status(), StatusCode::OK, "{name} {page}");
        while told(&mut stream, SETTLED).await.is_some() {}
        stream
    }

    /// The page that somebody has open is told of a change.
    async fn tells<T>(&self, (name, page): (&'static str, &str), of: &str, change: impl Future<Output = T>) -> T {
        let mut stream = self.page(name, page).await;
        let done = change.await;
        let told = told(&mut stream, SOON).await.unwrap_or_else(|| panic!("{name} {page} hears nothing of {of}"));
        assert!(told.starts_with("data: ") && !told.contains('*'), "{page} {of}: {told}");
        done
    }

    /// And is not told of what does not concern it.
    async fn ignores<T>(&self, (name, page): (&'static str, &str), of: &str, change: impl Future<Output = T>) -> T {
        let mut stream = self.page(name, page).await;
        let done = change.await;
        assert_eq!(told(&mut stream, SETTLED).await, None, "{name} {page}: {of}");
        done
    }
}

/// What comes on a stream within a time; it does not end.
async fn told(stream: &mut Response, within: Duration) -> Option<String> {
    let mut body = std::pin::Pin::new(stream.body_mut());
    let frame = timeout(within, std::future::poll_fn(|context| body.as_mut().poll_frame(context))).await.ok()?;
    Some(String::from_utf8(frame.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap())
}

#[test]
fn whoever_may_open_a_page_may_listen_where_it_does_and_nobody_else() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let open = Open::new(&house).await;
        let (_, promise) = house.passed_up().await;
        let (talk, giver) = (house.talk().await, house.staff["giver"]);
        // Whether all who may open it listen at the same address; else each listens at their own.
        let pages: [(&str, &'static str, &[&str], bool); 9] = [
            ("/groups", "member", AT_THE_DESK, true),
            (&format!("/groups/{GROUP}"), "member", AT_THE_DESK, true),
            ("/precedents", "member", AT_THE_DESK, true),
            (&format!("/promised/{promise}"), "giver", NORTH, true),
            (&format!("/debriefs/talks/{talk}"), "giver", &["giver", "lead"], true),
            (&format!("/debriefs/with/{giver}"), "lead", &["giver", "lead"], false),
            ("/debriefs", "giver", &["giver"], false),
            ("/debriefs", "lead", &["lead"], false),
            ("/answering", "lead", NORTH, false),
        ];
        for (page, who, expected, is_shared) in pages {
            let address = heard_at(&house, who, page).await;
            for name in House::persons() {
                let status = open.begun(name, &address).await.status();
                let is_heard =
                    if expected.contains(&name) { status == StatusCode::OK } else { [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status) };
                assert!(is_heard, "{address} {name}: {status}");
                let opened = house.get(&Who::Person(name), page).await;
                if opened.status == StatusCode::OK {
                    let own = from(&opened.text).unwrap_or_else(|| panic!("{page} {name} is not live"));
                    assert_eq!(open.begun(name, &own).await.status(), StatusCode::OK, "{own} {name}");
                    assert!(!is_shared || own == address, "{page} {name}: {own}");
                }
                assert!(!is_shared || (opened.status == StatusCode::OK) == expected.contains(&name), "{page} {name}: {}", opened.status);
            }
            for holder in HOLDERS {
                assert!(house.get(&Who::Program(holder, None), &address).await.is_refused(), "{address} {holder:?}");
            }
            assert!(house.get(&Who::Nobody, &address).await.is_refused(), "{address}");
        }
        for topic in [
            "groups:1",
            "precedents:1",
            "charter",
            "charter:1",
            "promise:1",
            "debrief_list",
            "debrief_list:1",
            "debriefs:1",
            "debriefs_led:1",
            "debrief_talk:1",
            "calendar:shop",
        ] {
            assert_eq!(open.begun("owner", &format!("/live?topic={topic}")).await.status(), StatusCode::NOT_FOUND, "{topic}");
        }
    });
}

#[test]
fn who_is_there_stands_on_open_pages() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let open = Open::new(&house).await;
        let (group, page, owner) = (format!("/groups/{GROUP}"), ("far member", "/groups"), Who::Person("owner"));
        assert_eq!(heard_at(&house, "far member", "/groups").await, heard_at(&house, "far member", &group).await);
        let (member, north) = (house.staff["member"].to_string(), house.north.to_string());
        open.tells(page, "a team", house.does("owner", &format!("{group}/team"), &[("team", &north)])).await;
        let shifts = format!("{group}/shifts");
        let hours = [("staff", member.as_str()), ("mon", "yes"), ("hours", "09:00-17:00"), ("zone", "UTC")];
        open.tells(page, "hours", house.does("owner", &shifts, &hours)).await;
        let rota = house.get(&owner, &format!("/api/v1/groups/{GROUP}/shifts")).await.json();
        let shift = format!("/shifts/{}/end", rota["shifts"][0]["id"].as_str().unwrap());
        open.tells(page, "an end of hours", house.does("owner", &shift, &[])).await;
        house.does("owner", &shifts, &hours).await;
        let away = [("staff", member.as_str()), ("from", "2026-11-24"), ("until", "2026-11-25")];
        open.tells(page, "an absence", house.does("member", &format!("{group}/absences"), &away)).await;
        let text = house.get(&Who::Person("member"), &group).await.text;
        let absence = text.split('"').find(|part| part.starts_with("/absences/")).unwrap().to_owned();
        open.tells(page, "somebody who is back", house.does("member", &absence, &[])).await;
        let chat = [("address", "https://hooks.slack.com/services/T0/B0/secret"), ("kind", "slack")];
        open.tells(page, "a chat", house.does("lead", &format!("{group}/chat"), &chat)).await;
        open.tells(page, "no chat", house.does("lead", &format!("{group}/chat/removal"), &[])).await;
        let hours = json!({ "timezone": "Europe/Lisbon", "weekly": { "mon": [["09:00", "18:00"]] } });
        let hours: charter::calendar::Calendar = serde_json::from_value(hours).unwrap();
        let kept = house.write(move |tx| Box::pin(async move { calendars::keep(tx, "shop", &hours, &Actor::System, AT).await }));
        open.tells(page, "a calendar", kept).await;
        open.tells(page, "a level", house.does("owner", &format!("/people/{member}/level"), &[("level", "lead")])).await;
        open.tells(page, "somebody who is disabled", house.does("owner", &format!("/people/{member}/disable"), &[])).await;
        open.ignores(page, "a case", house.case()).await;
        open.ignores(page, "what is passed up", house.point("giver")).await;
    });
}

#[test]
fn another_charter_stands_on_open_pages() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let open = Open::new(&house).await;
        let case = format!("/cases/{}", house.case().await);
        let passed_up = format!("/escalations/{}", house.passed_up().await.0);
        for page in [("giver", case.as_str()), ("giver", passed_up.as_str()), ("lead", &passed_up), ("far member", "/groups"), ("far member", "/precedents")] {
            let publish =
                house.write(|tx| Box::pin(async move { Ok::<_, DbError>(charters::publish(tx, SHOP, None, "again", &Actor::System, AT).await.unwrap()) }));
            open.tells(page, "a charter", publish).await;
            let back = house.write(|tx| {
                Box::pin(async move {
                    charters::put_in_force(tx, 1, &Actor::System, AT).await.unwrap();
                    Ok::<_, DbError>(())
                })
            });
            open.tells(page, "an earlier charter", back).await;
        }
    });
}

#[test]
fn what_is_talked_over_stands_on_open_pages() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let open = Open::new(&house).await;
        let with = format!("/debriefs/with/{}", house.staff["giver"]);
        let (theirs, overview, list) = (("giver", "/debriefs"), ("lead", "/debriefs"), ("lead", with.as_str()));
        open.tells(list, "a point", house.point("giver")).await;
        let point = open.tells(overview, "a point", house.point("giver")).await;
        open.tells(theirs, "a point", house.does("lead", &format!("{with}/points"), &[("note", "The late shifts")])).await;
        let noted = format!("/debriefs/points/{point}/notes");
        open.tells(theirs, "a note", house.does("lead", &noted, &[("note", "I see")])).await;
        for somebody_else in ["manager", "owner", "member", "far lead"] {
            open.ignores((somebody_else, "/debriefs"), "a point of others", house.point("giver")).await;
        }
        let held = format!("{with}/talks");
        let of_talk = open.tells(theirs, "a talk", house.does("lead", &held, &[(&format!("point-{point}"), "yes"), ("agreed", "Well")])).await;
        let talk = of_talk.header("location").split('?').next().unwrap().to_owned();
        open.tells(overview, "a talk", house.talk()).await;
        open.tells(("lead", &talk), "a note on the talk", house.does("giver", &format!("{talk}/notes"), &[("note", "It helped")])).await;
        open.tells(("giver", &talk), "a note on a point of it", house.does("lead", &noted, &[("note", "Good")])).await;
        // Those who lead the agent hear of the list, and not of what two people write on a talk of theirs.
        open.ignores(list, "a note on a talk", house.does("giver", &format!("{talk}/notes"), &[("note", "And still does")])).await;
        open.ignores(("lead", &talk), "a point", house.point("giver")).await;
        // What comes by itself, and where it stands.
        let stretched = async |case: i64| {
            let given = [("remedy", "refund"), ("reason", "late"), ("amount", "22.00"), ("because", "They waited long")];
            house.does("giver", &format!("/cases/{case}/grants"), &given).await;
            let page = house.get(&Who::Person("giver"), &format!("/cases/{case}")).await.text;
            page.split('"').find_map(|part| part.strip_prefix("/grants/")?.strip_suffix("/withdrawal")).unwrap().to_owned()
        };
        let grant = open.tells(overview, "a stretch", stretched(house.case().await)).await;
        open.tells(list, "a stretch that was taken back", house.does("giver", &format!("/grants/{grant}/withdrawal"), &[])).await;
        let grant = open.tells(theirs, "a stretch", stretched(house.case().await)).await;
        house.app.clock.forward(SENT_MICROS);
        let (id, at) = (grant.parse().unwrap(), house.app.clock.now());
        house.write(move |tx| Box::pin(async move { Ok::<_, DbError>(desk::grants::send_due(tx, id, at).await.unwrap()) })).await;
        let (correction, error) = (format!("/grants/{grant}/correction"), [("cause", "double"), ("note", "Twice")]);
        open.tells(theirs, "an error that was mended", house.does("lead", &correction, &error)).await;
    });
}

/// Two levels, and a reason that no rule covers.
const CHARTER: &str = r#"
leeway = 1
name = "Told"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["agent", "lead", "manager"]
reasons = ["late", "goodwill"]

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

[[allow]]
id = "small"
remedies = ["refund"]
reasons = ["late"]
level = "agent"
up_to = "10"

[[allow]]
id = "more"
remedies = ["refund"]
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

async fn raised(house: &House, reason: &str, amount: &str) -> String {
    let case = house.case().await;
    let fields = [("remedy", "refund"), ("reason", reason), ("amount", amount), ("who", "group"), ("how", "phone"), ("due", "2026-12-23T12:00")];
    let raised = house.does("giver", &format!("/cases/{case}/escalations"), &fields).await;
    raised.header("location").strip_prefix("/escalations/").unwrap().to_owned()
}

async fn promise_of(house: &House, escalation: &str) -> String {
    let page = house.get(&Who::Person("giver"), &format!("/escalations/{escalation}")).await.text;
    page.split('"').find_map(|part| part.strip_prefix("/promised/")?.strip_suffix("/keeping")).unwrap().to_owned()
}

#[test]
fn what_is_answered_stands_on_open_pages() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let open = Open::new(&house).await;
        house.write(|tx| Box::pin(async move { Ok::<_, DbError>(charters::publish(tx, CHARTER, None, "told", &Actor::System, AT).await.unwrap()) })).await;
        let (figures, north) = (("lead", "/answering"), house.north.to_string());
        open.tells(figures, "a group", house.does("owner", &format!("/groups/{GROUP}/team"), &[("team", &north)])).await;
        house.does("owner", "/groups/managers/team", &[("team", &north)]).await;
        let id = open.tells(figures, "what is passed up", raised(&house, "late", "30.00")).await;
        let escalation = format!("/escalations/{id}");
        open.tells(figures, "a first look", house.get(&Who::Person("lead"), &escalation)).await;
        let answer = [("verdict", "no"), ("words", "Not this time")];
        open.tells(figures, "an answer", house.does("lead", &format!("{escalation}/answer"), &answer)).await;
        open.tells(figures, "a rating", house.does("giver", &format!("{escalation}/rating"), &[("rating", "helpful")])).await;
        let page = format!("/promised/{}", promise_of(&house, &id).await);
        let other = format!("/promised/{}", promise_of(&house, &raised(&house, "late", "20.00").await).await);
        let later = [("due", "2026-12-24T12:00"), ("words", "The parcel is found")];
        open.tells(("giver", &page), "another time", house.does("lead", &format!("{page}/renewal"), &later)).await;
        open.ignores(("giver", &page), "another promise", house.does("lead", &format!("{other}/renewal"), &later)).await;
        open.tells(figures, "another time", house.does("lead", &format!("{other}/keeping"), &[])).await;
        open.tells(("giver", &page), "that it was kept", house.does("lead", &format!("{page}/keeping"), &[])).await;

        let precedents = ("far member", "/precedents");
        for (kept, is_told) in [("one_off", false), ("precedent", true)] {
            let at = format!("/escalations/{}/answer", raised(&house, "goodwill", "60.00").await);
            let answer = [("verdict", "give"), ("words", "A wedding is once"), ("kept", kept)];
            let answered = house.does("manager", &at, &answer);
            if is_told {
                open.tells(precedents, kept, answered).await
            } else {
                open.ignores(precedents, kept, answered).await
            };
        }
        let customer = format!("C-{}", house.made() - 1);
        let known = house.app.desk.charters.clone();
        let erased = house.write(move |tx| {
            Box::pin(async move {
                let id = desk::subjects::find(tx, "customer", &customer).await?.unwrap().id;
                desk::customers::erase(tx, &known, id, &Actor::System, AT).await.unwrap();
                Ok::<_, DbError>(())
            })
        });
        open.tells(precedents, "an erasure", erased).await;
    });
}
