//! Every route of this crate: who may open it, and what it does with scripts.

use std::collections::BTreeMap;

use access::people::Role;
use access::teams::TeamRole;
use access::tokens::{Bearer, Scope};
use access::{Access, Permission, routes};
use axum::http::{Method, StatusCode};
use testkit::on_each;

use crate::site::{Browser, access, ai_agent, grant, join, new_person, person, team, token, with_password};

/// Who asks, in the order of the columns below.
const ROLES: [&str; 9] = ["nobody", "in no team", "member", "lead", "manager", "owner", "operator", "AI agent", "source"];

/// Who may: `+` or `-` for each of [`ROLES`].
fn expected(permission: Permission) -> &'static str {
    match permission {
        Permission::Public => "+++++++++",
        Permission::SignedIn => "-++++++--",
        Permission::Desk => "--++++---",
        Permission::Lead => "---+++---",
        Permission::Manager => "----++---",
        Permission::Owner => "-----+---",
        Permission::Operate => "-----++--",
        Permission::Api(Scope::Debriefs | Scope::GroupsWrite) => "--++++---",
        Permission::Api(Scope::Admin) => "-----+--+",
        Permission::Api(_) => "--++++-++",
    }
}

async fn cast(access: &Access) -> BTreeMap<&'static str, Browser> {
    let north = team(access, "North", None).await;
    let mut cast = BTreeMap::from([("nobody", Browser::new(access))]);
    for name in ["in no team", "member", "lead", "manager", "owner", "operator"] {
        let id = with_password(access, name).await;
        match name {
            "member" => join(access, id, north, TeamRole::Member).await,
            "lead" => join(access, id, north, TeamRole::Lead).await,
            "manager" => join(access, id, north, TeamRole::Manager).await,
            "owner" => grant(access, id, Role::Owner).await,
            "operator" => grant(access, id, Role::Operator).await,
            _ => {}
        }
        cast.insert(name, Browser::signed_in(access, name).await);
    }
    let bot = ai_agent(access, "Helper").await;
    join(access, bot, north, TeamRole::Member).await;
    let of_people = [Scope::Debriefs, Scope::GroupsWrite];
    let of_source: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| !of_people.contains(scope)).collect();
    let scopes: Vec<Scope> = of_source.iter().copied().filter(|scope| ![Scope::FactsConfirm, Scope::Admin].contains(scope)).collect();
    cast.insert("AI agent", Browser::new(access).with("authorization", token(access, Bearer::Staff(bot), &scopes).await));
    cast.insert("source", Browser::new(access).with("authorization", token(access, Bearer::Source("shop".to_owned()), &of_source).await));
    cast
}

/// The path with ids nobody has.
fn filled(path: &str) -> String {
    path.replace("{id}", "01900000-0000-7000-8000-000000000000").replace("{role}", "operator").replace("{secret}", &"0".repeat(64))
}

#[test]
fn each_role_opens_what_is_its_own() {
    on_each(|test| async move {
        let access = access(&test).await;
        let mut cast = cast(&access).await;
        let all = routes(&access);
        assert!(all.len() > 35, "{}", all.len());
        for route in &all {
            for (role, sign) in ROLES.iter().zip(expected(route.permission).chars()) {
                let browser = cast.get_mut(role).unwrap();
                let path = filled(route.path);
                let answer = if route.method == Method::GET { browser.get(&path).await } else { browser.post(&path, &[]).await };
                let is_refused = match answer.status {
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
                    StatusCode::SEE_OTHER => {
                        route.permission != Permission::Public && answer.location().starts_with("/sign-in?") || answer.location() == "/sign-in"
                    }
                    _ => false,
                };
                let is_sign_out = route.path == "/sign-out" && sign == '+';
                assert_eq!(is_refused && !is_sign_out, sign == '-', "{} {} as {role}: {}", route.method, route.path, answer.status);
                assert!(!answer.status.is_server_error(), "{} {} as {role}: {}", route.method, route.path, answer.text);
                if is_sign_out {
                    assert_eq!(browser.sign_in(&new_person(role).email, crate::site::PASSWORD).await.status, StatusCode::SEE_OTHER);
                }
            }
        }
    });
}

#[test]
fn a_manager_acts_in_their_own_teams_only() {
    on_each(|test| async move {
        let access = access(&test).await;
        let cast = cast(&access).await;
        let (south, other) = (team(&access, "South", None).await, person(&access, "Cleo Park").await);
        join(&access, other, south, TeamRole::Member).await;
        let manager = &cast["manager"];
        assert_eq!(manager.get(&format!("/people/{other}")).await.status, StatusCode::NOT_FOUND);
        assert!(!manager.get("/people").await.text.contains("Cleo Park"));
        assert!(!manager.get("/teams").await.text.contains("South"));
        let fields = [("team", south.to_string()), ("role", "manager".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(manager.post(&format!("/people/{other}/memberships"), &fields).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            cast["owner"].post(&format!("/people/{other}/memberships"), &[("team", fields[0].1), ("role", "nonsense")]).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert!(cast["owner"].get("/people").await.text.contains("Cleo Park"));
    });
}

const SCRIPT: &str = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>";

#[test]
fn scripts_are_shown_as_text() {
    on_each(|test| async move {
        let access = access(&test).await;
        let owner = cast(&access).await.remove("owner").unwrap();
        let victim = person(&access, SCRIPT).await;
        let north = team(&access, "Below", None).await;
        join(&access, victim, north, TeamRole::Member).await;
        let path = |path: &str| path.replace("/people/{id}", &format!("/people/{victim}")).replace("/teams/{id}", &format!("/teams/{north}"));
        let fine = [("kind", "ai_agent"), ("locale", "en"), ("time_zone", "UTC"), ("cases:read", "yes"), ("source", "shop"), ("role", "member")];
        let mut shown = 0;
        let mut look = |text: &str, what: &str| {
            let text = text.to_lowercase();
            assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{what}");
            shown += usize::from(text.contains("&lt;script&gt;") || text.contains("&#60;script&#62;"));
        };
        for route in routes(&access).iter().filter(|route| route.method == Method::POST) {
            for field in route.texts {
                let mut fields: Vec<(&str, &str)> = fine.iter().copied().filter(|(name, _)| name != field).collect();
                fields.push((*field, SCRIPT));
                if *field != "name" {
                    fields.push(("name", "Fine"));
                }
                let answer = owner.post(&path(route.path), &fields).await;
                assert!(!answer.status.is_server_error(), "{} {field}: {}", route.path, answer.text);
                look(&answer.text, &format!("{} {field}", route.path));
            }
        }
        let pages = routes(&access);
        for route in pages.iter().filter(|route| route.method == Method::GET && !route.path.starts_with("/api/")) {
            let address = format!("{}?q={1}&next={1}&after={1}&done={1}", path(route.path), "%3Cscript%3Ealert(1)%3C%2Fscript%3E");
            let answer = owner.get(&address).await;
            assert!(!answer.status.is_server_error(), "{}", route.path);
            look(&answer.text, route.path);
            for word in [" style=\"", " onclick=", "javascript:"] {
                assert!(!answer.text.contains(word), "{}: `{word}`", route.path);
            }
        }
        assert!(shown > 12, "shown as text {shown} times");
    });
}

#[test]
fn odd_addresses_are_no_server_errors() {
    on_each(|test| async move {
        let access = access(&test).await;
        let owner = cast(&access).await.remove("owner").unwrap();
        for path in [
            "/people?q=%00",
            "/people?q=%25%5F%5C",
            "/people/%00",
            "/people/x",
            "/people?after=x",
            "/api/v1/people/x",
            "/api/v1/people?q=%00",
            "/sign-in?next=%00",
        ] {
            let status = owner.get(path).await.status;
            assert!(!status.is_server_error(), "{path}: {status}");
        }
        assert_eq!(owner.post("/teams", &[("name", "a\0b"), ("parent", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}
