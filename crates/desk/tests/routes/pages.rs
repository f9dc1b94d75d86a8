//! The pages of the charter, of calendars, of groups and of promises, on both databases.

use std::sync::Arc;

use crate::app::{self, App};
use access::teams::TeamRole;
use axum::http::StatusCode;
use desk::groups;
use serde_json::json;
use testkit::on_each;

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

fn is_harmless(answer: &app::Answer) {
    assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
    assert!(!answer.text.contains("<img src=x"), "{}", answer.text);
}

fn seen(page: &app::Answer) -> String {
    page.text.split("name=\"seen\" value=\"").nth(1).unwrap_or_else(|| panic!("{}", page.text)).split('"').next().unwrap().to_owned()
}

/// The statuses under which each of some people sees a page.
async fn statuses(app: &App, path: &str, names: &[&str]) -> Vec<u16> {
    let mut found = Vec::new();
    for name in names {
        found.push(app.page(name, path).await.status.as_u16());
    }
    found
}

#[test]
fn a_charter_is_looked_at_then_published_then_rolled_back() {
    on_each(|test| async move {
        let app: Arc<App> = App::new(test).await;
        app.owner("Olga").await;
        app.person("Ana", "agent", TeamRole::Member).await;
        app.person("Lena", "lead", TeamRole::Lead).await;
        assert!(app.page("Ana", "/charter").await.text.contains("No charter is in force yet"));

        let broken = app.form("Olga", "/charter", &[("text", "leeway = 1\nnme = \"<b>\"\n"), ("step", "look")]).await;
        assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(broken.text.contains("Line 2:") && broken.text.contains("nme = &#34;&#60;b&#62;&#34;"), "{}", broken.text);

        let looked = app.form("Olga", "/charter", &[("text", app::SHOP), ("step", "look")]).await;
        assert_eq!(looked.status, StatusCode::OK, "{}", looked.text);
        let unseen = app.form("Olga", "/charter", &[("text", app::SHOP), ("note", "first"), ("step", "publish")]).await;
        assert_eq!(unseen.status, StatusCode::OK, "what was not looked at is shown first");
        let without_note = app.form("Olga", "/charter", &[("text", app::SHOP), ("step", "publish"), ("seen", &seen(&looked))]).await;
        assert_eq!(without_note.status, StatusCode::UNPROCESSABLE_ENTITY);
        // A browser sends line ends in its own way; the text that is kept is the file's.
        let sent = app::SHOP.replace('\n', "\r\n");
        let published = app.form("Olga", "/charter", &[("text", &sent), ("note", SCRIPT), ("step", "publish"), ("seen", &seen(&looked))]).await;
        assert_eq!((published.status, published.place.as_str()), (StatusCode::SEE_OTHER, "/charter?done=published"), "{}", published.text);
        assert_eq!(app.page("Ana", "/charter/versions/1/charter.toml").await.text, app::SHOP);

        let told = app.page("Ana", "/charter").await;
        assert_eq!(told.status, StatusCode::OK);
        for words in
            ["A lead or anybody above may give up to €150.00, for goodwill.", "up to €25.00", "Nobody may give this", "We never pay back more than was paid."]
        {
            assert!(told.text.contains(words), "{words}: {}", told.text);
        }
        // On paper it says which it is, and of when.
        assert!(told.text.contains("<p class=\"on-paper\">Charter 1 of ") && told.text.contains("Printed on "), "{}", told.text);
        assert!(told.text.contains(">may not<") && !told.text.contains(">bound<"), "{}", told.text);
        for page in ["/charter", "/charter/versions", "/charter/versions/1"] {
            is_harmless(&app.page("Olga", page).await);
        }

        let smaller = app::SHOP
            .replace("levels = [\"agent\", \"senior\", \"lead\", \"manager\"]", "levels = [\"starter\", \"agent\", \"senior\", \"leader\", \"manager\"]");
        let smaller = smaller.replace("level = \"lead\"", "level = \"leader\"").replace("below = \"lead\"", "below = \"leader\"");
        let looked = app.form("Olga", "/charter", &[("text", &smaller), ("note", "second"), ("step", "look")]).await;
        assert!(looked.text.contains("at the level lead any more") && looked.text.contains("Lena"), "{}", looked.text);
        assert!(looked.text.contains("New levels: starter, leader.") && looked.text.contains("Rules that change"), "{}", looked.text);
        for said in
            ["A lead or anybody above may give up to €150.00, for goodwill.", "A leader or anybody above may give up to €150.00, for goodwill.", "changed"]
        {
            assert!(looked.text.contains(said), "{said}: {}", looked.text);
        }
        let renamed = app::SHOP.replace("id = \"goodwill\"", "id = \"kindness\"");
        let looked = app.form("Olga", "/charter", &[("text", &renamed), ("note", "second"), ("step", "look")]).await;
        for said in ["Goodwill <span class=\"chip is-caution\"><span>gone", "Kindness <span class=\"chip is-positive\"><span>new"] {
            assert!(looked.text.contains(said), "{said}: {}", looked.text);
        }
        assert!(!looked.text.contains(">changed<"), "{}", looked.text);
        let later = app::SHOP.replace("within = \"30m\"", "within = \"45m\"");
        let looked = app.form("Olga", "/charter", &[("text", &later), ("note", "second"), ("step", "look")]).await;
        for said in ["Group: duty leads <span class=\"chip is-plain\"><span>changed", "30 minutes", "45 minutes"] {
            assert!(looked.text.contains(said), "{said}: {}", looked.text);
        }
        let looked = app.form("Olga", "/charter", &[("text", &smaller), ("note", "second"), ("step", "look")]).await;
        let warns = looked.text.contains("name=\"despite\"");
        let mut fields = vec![("text", smaller.as_str()), ("note", "second"), ("step", "publish")];
        let digest = seen(&looked);
        fields.push(("seen", &digest));
        if warns {
            assert_eq!(app.form("Olga", "/charter", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            fields.push(("despite", "yes"));
        }
        assert_eq!(app.form("Olga", "/charter", &fields).await.status, StatusCode::SEE_OTHER);
        assert!(app.page("Ana", "/charter").await.text.contains("charter 2"));
        assert_eq!(app.form("Lena", "/charter/versions/1/in-force", &[]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.form("Olga", "/charter/versions/9/in-force", &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.form("Olga", "/charter/versions/1/in-force", &[]).await.status, StatusCode::SEE_OTHER);
        assert!(app.page("Ana", "/charter").await.text.contains("charter 1"));
    });
}

#[test]
fn warnings_are_published_only_with_a_tick() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        let odd = format!("{}\n[[allow]]\nid = \"zero\"\nremedies = [\"refund\"]\nreasons = [\"late\"]\nlevel = \"agent\"\nup_to = \"0\"\n", app::SHOP);
        let looked = app.form("Olga", "/charter", &[("text", &odd), ("step", "look")]).await;
        assert!(looked.text.contains("Publish all the same"), "{}", looked.text);
        let digest = seen(&looked);
        let fields = [("text", odd.as_str()), ("note", "x"), ("step", "publish"), ("seen", &digest)];
        let without = app.form("Olga", "/charter", &fields).await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(without.text.contains("There are warnings."));
        let ticked = [&fields[..], &[("despite", "yes")]].concat();
        assert_eq!(app.form("Olga", "/charter", &ticked).await.status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn who_may_publish() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.owner("Olga").await;
        app.person("Mona", "manager", TeamRole::Manager).await;
        app.person("Lena", "lead", TeamRole::Lead).await;
        app.person("Ana", "agent", TeamRole::Member).await;
        let all = ["Olga", "Mona", "Lena", "Ana"];
        assert_eq!(statuses(&app, "/charter", &all).await, [200, 200, 200, 200]);
        assert_eq!(statuses(&app, "/charter/new", &all).await, [200, 200, 403, 403]);
        assert_eq!(statuses(&app, "/settings/calendars", &all).await, [200, 403, 403, 403]);
        assert_eq!(statuses(&app, "/offerings/new", &all).await, [200, 200, 403, 403]);
        // Under another team, a manager is no longer one of the root.
        let care = app.team;
        app.write(move |tx| {
            Box::pin(async move {
                let by = platform::actor::Actor::System;
                let root = access::teams::create_team(tx, "All", None, &by, app::AT).await.unwrap();
                access::teams::move_team(tx, care, Some(root), &by, app::AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(statuses(&app, "/charter/new", &all).await, [200, 403, 403, 403]);
    });
}

#[test]
fn a_calendar_is_entered_and_groups_without_hours_are_named() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.owner("Olga").await;
        let before = app.page("Olga", "/settings/calendars").await.text;
        assert!(before.contains("Duty leads: no hours are entered") && before.contains("Managers: no hours are entered"), "{before}");
        let path = "/settings/calendars/shop";
        let wrong = app.form("Olga", path, &[("zone", "Mars/Base"), ("mon", "9 to 17"), ("exceptions", "christmas closed")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["is not a time zone", "is not a span", "is not a day", "value=\"9 to 17\"", "christmas closed"] {
            assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
        }
        is_harmless(&app.form("Olga", path, &[("zone", SCRIPT), ("mon", SCRIPT), ("exceptions", SCRIPT)]).await);
        let right = [("zone", "Europe/Amsterdam"), ("mon", "9:00-12:30, 13:00-17:00"), ("exceptions", "2026-12-25 closed\n2026-12-31 09:00-12:00")];
        assert_eq!(app.form("Olga", path, &right).await.status, StatusCode::SEE_OTHER);
        let after = app.page("Olga", "/settings/calendars").await.text;
        assert!(!after.contains("Duty leads: no hours") && after.contains("Managers: no hours"), "{after}");
        let shown = app.page("Olga", path).await.text;
        assert!(shown.contains("09:00-12:30, 13:00-17:00") && shown.contains("2026-12-25 closed\n2026-12-31 09:00-12:00"), "{shown}");
        assert_eq!(app.page("Olga", "/settings/calendars/nowhere").await.status, StatusCode::NOT_FOUND);
    });
}

/// The owner enters something, and nothing is wrong with it.
async fn entered(app: &App, path: &str, fields: &[(&str, &str)]) {
    let done = app.form("Olga", path, fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{path}: {}", done.text);
}

#[test]
fn days_of_an_absence_are_those_of_the_group() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.owner("Olga").await;
        let (team, lena) = (app.team.to_string(), app.person("Lena", "lead", TeamRole::Lead).await.to_string());
        for (path, fields) in [
            ("/settings/calendars/shop", &[("zone", "America/New_York"), ("mon", "09:00-17:00")] as &[(&str, &str)]),
            ("/groups/duty-leads/team", &[("team", &team)]),
            ("/groups/duty-leads/shifts", &[("staff", &lena), ("mon", "yes"), ("hours", ""), ("zone", "UTC")]),
            ("/groups/duty-leads/absences", &[("staff", &lena), ("from", "2031-01-02"), ("until", "2031-01-03")]),
        ] {
            entered(&app, path, fields).await;
        }
        let rotas = app.write(|tx| Box::pin(async move { groups::rotas(tx, app::AT).await })).await;
        let span = rotas["duty-leads"].absences.iter().map(|a| [a.from, a.until].map(|at| jiff::Timestamp::from_microsecond(at).unwrap().to_string()));
        assert_eq!(span.collect::<Vec<_>>(), [["2031-01-02T05:00:00Z", "2031-01-04T05:00:00Z"]]);
        let there = app.page("Olga", "/groups/duty-leads").await.text;
        assert!(there.contains("2 Jan 2031 – 3 Jan 2031") && there.contains("Days are those of America/New_York."), "{there}");
        let here = [("zone", "Europe/Amsterdam"), ("mon", "09:00-17:00")];
        entered(&app, "/settings/calendars/shop", &here).await;
        let here = app.page("Olga", "/groups/duty-leads").await.text;
        assert!(here.contains("2 Jan 2031 – 4 Jan 2031") && !here.contains("Days are those of"), "{here}");
    });
}

#[test]
fn programs_are_told_who_is_there() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.publish(app::SHOP).await;
        app.owner("Olga").await;
        let (team, lena) = (app.team.to_string(), app.person("Lena", "lead", TeamRole::Lead).await.to_string());
        let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let mut open = vec![("zone", "UTC")];
        open.extend(week.map(|day| (day, "00:00-24:00")));
        let mut shift = vec![("staff", lena.as_str()), ("hours", ""), ("zone", "UTC")];
        shift.extend(week.map(|day| (day, "yes")));
        for (path, fields) in
            [("/settings/calendars/shop", &open), ("/groups/duty-leads/team", &vec![("team", team.as_str())]), ("/groups/duty-leads/shifts", &shift)]
        {
            entered(&app, path, fields).await;
        }
        let token = app.token("chat", None, "options:read").await;
        let told = app.get(&token, "/api/v1/groups").await.json();
        let group = told["groups"].as_array().unwrap().iter().find(|group| group["id"] == "duty-leads").unwrap();
        assert_eq!(group["team"]["id"], json!(team));
        assert_eq!((&group["level"], &group["has_rota"], &group["missing"]), (&json!("lead"), &json!(true), &json!([])));
        let now = jiff::Timestamp::from_microsecond(app::AT).unwrap();
        let there = json!([{
            "from": now.to_string(),
            "until": (now + jiff::SignedDuration::from_hours(24 * 7)).to_string(),
            "people": [{ "id": lena, "name": "Lena" }],
            "deputies": false,
        }]);
        assert_eq!(group["there"], there);
        let managers = told["groups"].as_array().unwrap().iter().find(|group| group["id"] == "managers").unwrap();
        assert_eq!((&managers["team"], &managers["has_rota"], &managers["there"]), (&json!(null), &json!(false), &json!([])));
        assert!(managers["missing"][0].as_str().unwrap().starts_with("No team serves this group."), "{managers}");
        assert_eq!(app.get(&app.token("shop", None, "cases:read").await, "/api/v1/groups").await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_promise_is_one_text_with_versions() {
    on_each(|test| async move {
        let app = App::new(test).await;
        app.owner("Olga").await;
        app.person("Ana", "agent", TeamRole::Member).await;
        let wrong = app.form("Olga", "/offerings", &[("slug", "Thirty Days"), ("title", "Thirty days"), ("text", "Keep me.")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("small letters, digits") && wrong.text.contains("Keep me."), "{}", wrong.text);
        let first = [("slug", "thirty-days"), ("title", "Thirty days"), ("text", "Send it back within thirty days.\n\nWe pay the parcel.")];
        let made = app.form("Olga", "/offerings", &first).await;
        assert_eq!((made.status, made.place.as_str()), (StatusCode::SEE_OTHER, "/offerings/thirty-days?done=published"), "{}", made.text);
        assert_eq!(app.form("Olga", "/offerings", &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        assert_eq!(app.public("/promises/thirty-days").await.status, StatusCode::NOT_FOUND, "not shown yet");
        assert_eq!(app.form("Ana", "/offerings/thirty-days/shown", &[("shown", "yes")]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.form("Olga", "/offerings/thirty-days/shown", &[("shown", "yes")]).await.status, StatusCode::SEE_OTHER);
        let public = app.public("/promises/thirty-days").await;
        assert!(public.text.contains("<p>We pay the parcel.</p>"), "{}", public.text);
        assert!(app.public("/promises").await.text.contains("/promises/thirty-days"));

        let second = [("version", "1"), ("title", SCRIPT), ("text", SCRIPT)];
        assert_eq!(app.form("Olga", "/offerings/thirty-days/versions", &second).await.status, StatusCode::SEE_OTHER);
        let late = app.form("Olga", "/offerings/thirty-days/versions", &second).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text.contains("Somebody published version 2 meanwhile."), "{}", late.text);
        for page in ["/promises/thirty-days", "/promises"] {
            is_harmless(&app.public(page).await);
        }
        for page in ["/offerings", "/offerings/thirty-days"] {
            let shown = app.page("Ana", page).await;
            is_harmless(&shown);
            assert_eq!(shown.status, StatusCode::OK);
        }
        assert!(app.page("Ana", "/offerings/thirty-days").await.text.contains("Send it back within thirty days."), "what was promised before can be read");
        assert_eq!(app.public("/promises/%00").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}
