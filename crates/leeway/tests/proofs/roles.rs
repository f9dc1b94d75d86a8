//! Every route of the program, for everybody there is: who gets in, and that no change is made which another site could have made a browser send.

use access::Permission;
use access::tokens::Scope;
use axum::body::Body as HttpBody;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;
use testkit::on_each;

use crate::house::{HOLDERS, Holder, House, Sent, Who, form, nowhere};

/// Persons, in the order of the signs below.
const PERSONS: [&str; 11] = ["in no team", "member", "giver", "lead", "manager", "owner", "operator", "far member", "far lead", "far manager", "far operator"];

/// Which persons get in: `+` or `-` for each of [`PERSONS`].
fn persons(permission: Permission) -> &'static str {
    match permission {
        Permission::Public | Permission::SignedIn => "+++++++++++",
        Permission::Desk => "-+++++-++++",
        Permission::Lead => "---+++--++-",
        Permission::Manager => "----++---+-",
        Permission::Owner => "-----+-----",
        Permission::Operate => "-----++---+",
        Permission::Api(Scope::Admin) => "-----+-----",
        Permission::Api(_) => "-+++++-++++",
    }
}

pub(crate) fn gets_in(permission: Permission, who: &Who) -> bool {
    match who {
        Who::Nobody => permission == Permission::Public,
        Who::Person(name) => {
            let place = PERSONS.iter().position(|person| person == name).unwrap();
            persons(permission).as_bytes()[place] == b'+'
        }
        Who::Program(holder, has) => match permission {
            Permission::Public => true,
            Permission::Api(wanted) => {
                // Who may give may say what came of it.
                let holds = has.is_none_or(|scope| scope == wanted || (wanted == Scope::GrantsSettle && scope == Scope::GrantsWrite));
                let may = holder.may_have(wanted) && (wanted != Scope::Admin || ![Holder::Member, Holder::FarMember].contains(holder));
                holds && may
            }
            // Pages are for persons.
            _ => false,
        },
    }
}

/// Who gets in by the table of routes, and is refused by the answer itself.
fn is_refused_inside(path: &str, who: &Who) -> bool {
    match (path, who) {
        // Another system states facts; it gives nothing.
        ("/api/v1/cases/{number}/options", Who::Program(Holder::Shop, _)) => true,
        // Open to whoever has a pass; nobody here has one.
        ("/embed/card" | "/embed/card/facts" | "/embed/card/grants" | "/embed/card/grants/{id}/withdrawal", _) => true,
        // From elsewhere than the machine it runs on: operators, and programs that may change settings.
        ("/metrics", Who::Person(name)) => persons(Permission::Operate).as_bytes()[PERSONS.iter().position(|person| person == name).unwrap()] == b'-',
        ("/metrics", who) => !gets_in(Permission::Api(Scope::Admin), who),
        _ => false,
    }
}

fn everybody() -> Vec<Who> {
    let mut all = vec![Who::Nobody];
    all.extend(House::persons().map(Who::Person));
    for holder in HOLDERS {
        all.extend(Scope::ALL.iter().filter(|scope| holder.may_have(**scope)).map(|scope| Who::Program(holder, Some(*scope))));
        all.push(Who::Program(holder, None));
    }
    all
}

#[test]
fn every_route_is_open_to_whom_it_says() {
    on_each(|test| async move {
        let mut house = House::new(test).await;
        let everybody = everybody();
        let mut asked = 0;
        for route in house.routes() {
            let path = nowhere(route.path);
            let body = match (&route.method, route.path.starts_with("/api/")) {
                (&Method::GET, _) => Sent::Nothing,
                (_, true) => Sent::Json(json!({})),
                (_, false) => form(&[]),
            };
            for who in &everybody {
                let before = house.events().await;
                let answer = house.send(who, route.method.clone(), &path, &body).await;
                asked += 1;
                let what = format!("{} {} as {who:?}: {} {}", route.method, route.path, answer.status, answer.brief());
                assert!(!answer.status.is_server_error(), "{what}");
                let inside = is_refused_inside(route.path, who);
                let gets_in = gets_in(route.permission, who);
                let leaves = route.path == "/sign-out" && gets_in;
                let starts_over = answer.header("location") == "/sign-in" && route.permission == Permission::Public;
                assert_eq!(!answer.is_refused() || leaves || starts_over, gets_in && !inside, "{what}");
                if !gets_in {
                    assert_eq!(house.events().await, before, "{what}: something was changed");
                }
                if let (true, Who::Person(name)) = (leaves, who) {
                    house.sign_in(name).await;
                }
            }
        }
        eprintln!("{asked} requests");
        assert!(asked > 4_000, "{asked}");
        house.is_whole().await;
    });
}

/// Changes that anybody may make: their forms hold no secret of a sign-in, and are not taken from another site either.
#[test]
fn no_other_site_changes_anything() {
    on_each(|test| async move {
        let house = House::new(test).await;
        for route in house.routes().iter().filter(|route| route.method != Method::GET) {
            let (path, is_api) = (nowhere(route.path), route.path.starts_with("/api/"));
            let kind = if is_api { "application/json" } else { "application/x-www-form-urlencoded" };
            let request = |site: &str, csrf: &str| {
                let request = Request::builder().method(route.method.clone()).uri(&path).header("host", "leeway.example").header("content-type", kind);
                let request = request.header("cookie", house.cookie("owner")).header("sec-fetch-site", site);
                let (request, body) = if is_api { (request.header("x-csrf-token", csrf), "{}".to_owned()) } else { (request, format!("_csrf={csrf}")) };
                request.body(HttpBody::from(body)).unwrap()
            };
            let before = house.events().await;
            let mut tries = vec![("cross-site", ""), ("same-site", "")];
            if route.permission != Permission::Public {
                tries.extend([("same-origin", ""), ("same-origin", "0000000000000000"), ("none", "")]);
            }
            for (site, csrf) in tries {
                let answer = house.ask(request(site, csrf)).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {} from {site} with `{csrf}`: {}", route.method, route.path, answer.text);
            }
            assert_eq!(house.events().await, before, "{} {}", route.method, route.path);
        }
    });
}

/// What can stand where an id or a word is expected.
const ODD: [&str; 9] = ["%00", "x", "9999999999999999999999", "%ff%fe", "-1", "..%2f..", "%25%5F%5C", "%F0%9F%92%A9", "01900000-0000-7000-8000-00000000000g"];

#[test]
fn odd_addresses_and_queries_are_no_server_errors() {
    on_each(|test| async move {
        let house = House::new(test).await;
        for route in house.routes() {
            let who = if route.path.starts_with("/api/") { Who::Program(Holder::Owner, None) } else { Who::Person("owner") };
            for odd in ODD {
                let mut path = String::new();
                for (i, part) in route.path.split('/').enumerate() {
                    path.push_str(if i > 0 { "/" } else { "" });
                    path.push_str(if part.starts_with('{') { odd } else { part });
                }
                let names = ["q", "after", "id", "of", "state", "done", "next", "case", "into", "reason", "remedy", "amount", "customer", "email", "reference"];
                let mut paths = vec![path.clone()];
                // In queries some of them: there are many.
                if route.method == Method::GET && ODD[..4].contains(&odd) {
                    paths.extend(names.iter().map(|name| format!("{}?{name}={odd}", nowhere(route.path))));
                }
                for path in paths {
                    let sent = if route.method == Method::GET { Sent::Nothing } else { form(&[]) };
                    if route.path == "/sign-out" || route.path == "/settings/sessions/end-others" {
                        continue;
                    }
                    let answer = house.send(&who, route.method.clone(), &path, &sent).await;
                    assert!(!answer.status.is_server_error(), "{} {path}: {} {}", route.method, answer.status, answer.brief());
                }
            }
        }
    });
}
