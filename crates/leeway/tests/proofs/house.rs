//! A whole installation, in this process, on a database of its own: two teams, somebody of every role in each, and programs with tokens.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use access::people::{self, NewAiAgent, NewPerson, Role, StaffId};
use access::sign_in::{self, Cost, Passwords};
use access::teams::{self, MembershipId, NewMembership, TeamId, TeamRole};
use access::tokens::{self, Bearer, NewToken, PREFIX, Scope};
use access::{Permission, Secret};
use axum::Router;
use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use charter::time::Instant;
use desk::cases::{self, NewCase};
use desk::subjects::{self, FactRow, Standing};
use leeway::app::App;
use leeway::settings::Settings;
use leeway::{routes, wiring};
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Body, Contended, Db, DbError, Location, Tx, schema};
use platform::http::Route;
use platform::live::Topic;
use platform::{params, statements};
use serde_json::{Value, json};
use testkit::TestDb;
use tower::ServiceExt;

use crate::settings::settings;

pub(crate) const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
pub(crate) const ORIGIN: &str = "https://leeway.example";
pub(crate) const PASSWORD: &str = "a long one for tests";
pub(crate) const SHOP: &str = include_str!("../../../../charters/shop.toml");
/// A group of its charter.
pub(crate) const GROUP: &str = "duty-leads";
/// What stands in the case of the team North, and nobody of South may read.
pub(crate) const MARK: &str = "Heirloom clock in pieces";

statements! {
    EVENTS = "SELECT COUNT(*) FROM events";
    UNSEEN = "SELECT COUNT(*) FROM news WHERE staff = ?1 AND seen_at IS NULL";
}

/// Name, role in a team if they are in one and whether that is North, role of the installation, level.
type Part = (&'static str, Option<(TeamRole, bool)>, Option<Role>, &'static str);
const PERSONS: [Part; 11] = [
    ("in no team", None, None, "agent"),
    ("member", Some((TeamRole::Member, true)), None, "agent"),
    ("giver", Some((TeamRole::Member, true)), None, "agent"),
    ("lead", Some((TeamRole::Lead, true)), None, "lead"),
    ("manager", Some((TeamRole::Manager, true)), None, "manager"),
    ("owner", None, Some(Role::Owner), "manager"),
    ("operator", None, Some(Role::Operator), "agent"),
    ("far member", Some((TeamRole::Member, false)), None, "agent"),
    ("far lead", Some((TeamRole::Lead, false)), None, "lead"),
    ("far manager", Some((TeamRole::Manager, false)), None, "manager"),
    ("far operator", Some((TeamRole::Member, false)), Some(Role::Operator), "agent"),
];

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    Person(&'static str),
    /// With all scopes there are, or with one.
    Program(Holder, Option<Scope>),
}

/// Whose token a program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Member,
    FarMember,
    Owner,
    Bot,
    FarBot,
    Shop,
}

pub(crate) const HOLDERS: [Holder; 6] = [Holder::Member, Holder::FarMember, Holder::Owner, Holder::Bot, Holder::FarBot, Holder::Shop];

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) north: TeamId,
    pub(crate) south: TeamId,
    pub(crate) staff: BTreeMap<&'static str, StaffId>,
    router: Router,
    /// Cookie and what forms carry.
    signed: BTreeMap<&'static str, (String, String)>,
    tokens: BTreeMap<(Holder, Option<&'static str>), String>,
    count: AtomicI64,
    test: Arc<TestDb>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    Nothing,
    Form(Vec<(String, String)>),
    Json(Value),
    /// A text as it is, said to be JSON.
    Raw(Vec<u8>),
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Sent {
    Sent::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// What it says, as far as a failing test shows it.
    pub(crate) fn brief(&self) -> &str {
        let text = self.text.split_once("<main").map_or(self.text.as_str(), |(_, main)| main);
        text.char_indices().nth(1_500).map_or(text, |(end, _)| &text[..end])
    }

    /// Whether the way in was closed: not signed in, or not theirs.
    pub(crate) fn is_refused(&self) -> bool {
        let to_sign_in = self.status == StatusCode::SEE_OTHER && self.header("location").starts_with("/sign-in");
        to_sign_in || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&self.status)
    }
}

async fn write<T, E>(db: &Db, body: impl for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send + 'static) -> T
where
    T: Send + 'static,
    E: From<DbError> + Contended + std::fmt::Debug + Send + 'static,
{
    db.write(body).await.unwrap()
}

impl House {
    pub(crate) async fn new(test: Arc<TestDb>) -> Self {
        Self::telling(test, None).await
    }

    /// One that sends mails to this server, if there is one, and then also posts to addresses of this machine.
    pub(crate) async fn telling(test: Arc<TestDb>, server: Option<&str>) -> Self {
        let db = Arc::new(Db::open(&test.location, wiring::WIRES).unwrap());
        db.migrate(&schema().unwrap()).await.unwrap();
        let mail = server.map(|server| (server.to_owned(), "leeway@leeway.example".to_owned()));
        let settings = Settings {
            embed_origins: vec!["https://help.example".to_owned()],
            is_development: true,
            are_webhooks_private: mail.is_some(),
            mail,
            ..settings(&test.location)
        };
        let mut app = App::new(Arc::clone(&db), Clock::standing_at(AT), ORIGIN.to_owned(), &settings).unwrap();
        app.access.passwords = Passwords::new(Cost::Least).unwrap();
        let north = write(&db, |tx| Box::pin(async move { teams::create_team(tx, "North", None, &Actor::System, AT).await })).await;
        let south = write(&db, |tx| Box::pin(async move { teams::create_team(tx, "South", None, &Actor::System, AT).await })).await;
        write(&db, |tx| Box::pin(async move { Ok::<_, DbError>(desk::charters::publish(tx, SHOP, None, "first", &Actor::System, AT).await.unwrap()) })).await;
        let router = routes::service(&app);
        let mut house =
            Self { router, app, north, south, staff: BTreeMap::new(), signed: BTreeMap::new(), tokens: BTreeMap::new(), count: AtomicI64::new(0), test };
        for person in PERSONS {
            house.person(person).await;
        }
        house.programs().await;
        house
    }

    pub(crate) fn routes(&self) -> Vec<Route<Permission>> {
        routes::all(&self.app)
    }

    pub(crate) fn persons() -> impl Iterator<Item = &'static str> {
        PERSONS.iter().map(|(name, ..)| *name)
    }

    pub(crate) async fn write<T, E>(&self, body: impl for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, E> + Clone + Send + 'static) -> T
    where
        T: Send + 'static,
        E: From<DbError> + Contended + std::fmt::Debug + Send + 'static,
    {
        write(&self.app.db, body).await
    }

    async fn person(&mut self, (name, team, role, level): Part) {
        let hash = self.app.access.passwords.hash(PASSWORD.to_owned()).await.unwrap();
        let (north, south) = (self.north, self.south);
        let id = self.write(move |tx| {
            Box::pin(async move {
                let new = NewPerson {
                    name: format!("Person {name}"),
                    email: address(name),
                    level: Some(level.to_owned()),
                    locale: "en".to_owned(),
                    time_zone: "Europe/Amsterdam".to_owned(),
                };
                let id = people::add_person(tx, &new, &[level.to_owned()], &Actor::System, AT).await.unwrap();
                if let Some((role, is_north)) = team {
                    let new = NewMembership { staff: id, team: if is_north { north } else { south }, role, from: AT, until: None };
                    teams::begin_membership(tx, &new, &Actor::System, AT).await.unwrap();
                }
                if let Some(role) = role {
                    people::grant_role(tx, id, role, &Actor::System, AT).await.unwrap();
                }
                sign_in::set_password(tx, id, &hash, "terminal", AT).await?;
                Ok::<_, DbError>(id)
            })
        });
        let id = id.await;
        self.staff.insert(name, id);
        self.sign_in(name).await;
    }

    /// Signs somebody in, once more if need be.
    pub(crate) async fn sign_in(&mut self, name: &'static str) {
        let signed = self.signs_in(name).await;
        self.signed.insert(name, signed);
    }

    /// The cookie of somebody who signs in, and what forms carry.
    pub(crate) async fn signs_in(&self, name: &str) -> (String, String) {
        let answer = self.send(&Who::Nobody, Method::POST, "/sign-in", &form(&[("email", &address(name)), ("password", PASSWORD)])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let request = Request::get("/settings/profile").header("cookie", &cookie);
        let page = self.ask(request.body(HttpBody::empty()).unwrap()).await.text;
        let csrf = page.split("name=\"_csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap().to_owned();
        (cookie, csrf)
    }

    async fn programs(&mut self) {
        let (north, south) = (self.north, self.south);
        let bots = self.write(move |tx| {
            Box::pin(async move {
                let mut bots = Vec::new();
                for (name, team) in [("Bot", north), ("Far bot", south)] {
                    let new = NewAiAgent { name: name.to_owned(), level: Some("agent".to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
                    let id = people::add_ai_agent(tx, &new, &["agent".to_owned()], &Actor::System, AT).await.unwrap();
                    let new = NewMembership { staff: id, team, role: TeamRole::Member, from: AT, until: None };
                    teams::begin_membership(tx, &new, &Actor::System, AT).await.unwrap();
                    bots.push(id);
                }
                Ok::<_, DbError>(bots)
            })
        });
        let bots = bots.await;
        for holder in HOLDERS {
            let bearer = match holder {
                Holder::Member => Bearer::Staff(self.staff["member"]),
                Holder::FarMember => Bearer::Staff(self.staff["far member"]),
                Holder::Owner => Bearer::Staff(self.staff["owner"]),
                Holder::Bot => Bearer::Staff(bots[0]),
                Holder::FarBot => Bearer::Staff(bots[1]),
                Holder::Shop => Bearer::Source("shop".to_owned()),
            };
            let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| holder.may_have(*scope)).collect();
            for scope in scopes.iter().map(|scope| Some(*scope)).chain([None]) {
                let with = scope.map_or_else(|| scopes.clone(), |scope| vec![scope]);
                let token = self.token(bearer.clone(), &with).await;
                self.tokens.insert((holder, scope.map(Scope::word)), token);
            }
        }
    }

    async fn token(&self, bearer: Bearer, scopes: &[Scope]) -> String {
        let actor = match &bearer {
            Bearer::Staff(id) => Actor::Staff(id.0),
            Bearer::Source(_) => Actor::System,
        };
        let new = NewToken { name: "test".to_owned(), bearer, scopes: scopes.iter().copied().collect() };
        let secret = Secret::fresh().unwrap();
        let sent = format!("{PREFIX}{}", secret.show());
        self.write(move |tx| Box::pin(async move { tokens::make(tx, &new, &secret, &actor, AT).await })).await;
        sent
    }

    /// Sends a request as somebody; forms carry what the sign-in wants, JSON of persons too.
    pub(crate) async fn send(&self, who: &Who, method: Method, path: &str, sent: &Sent) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "leeway.example").header("sec-fetch-site", "same-origin");
        let mut csrf = "";
        match who {
            Who::Nobody => {}
            Who::Person(name) => {
                let (cookie, of_forms) = &self.signed[name];
                request = request.header("cookie", cookie);
                csrf = of_forms;
            }
            Who::Program(holder, scope) => {
                let token = &self.tokens[&(*holder, scope.map(Scope::word))];
                request = request.header("authorization", format!("Bearer {token}"));
            }
        }
        let body = match sent {
            Sent::Nothing => {
                request = request.header("x-csrf-token", csrf);
                Vec::new()
            }
            Sent::Form(fields) => {
                request = request.header("content-type", "application/x-www-form-urlencoded");
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("_csrf", csrf)]);
                serde_urlencoded::to_string(fields.collect::<Vec<_>>()).unwrap().into_bytes()
            }
            Sent::Json(value) => {
                request = as_json(request, csrf);
                value.to_string().into_bytes()
            }
            Sent::Raw(bytes) => {
                request = as_json(request, csrf);
                bytes.clone()
            }
        };
        self.ask(request.body(HttpBody::from(body)).unwrap()).await
    }

    pub(crate) async fn get(&self, who: &Who, path: &str) -> Answer {
        self.send(who, Method::GET, path, &Sent::Nothing).await
    }

    /// Sends a request as it is.
    pub(crate) async fn ask(&self, request: Request<HttpBody>) -> Answer {
        let (parts, body) = self.begun(request).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The answer to a request, which may not have an end.
    pub(crate) async fn begun(&self, mut request: Request<HttpBody>) -> Response {
        let from: SocketAddr = "198.51.100.7:4000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(from));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Another server of the same database, where servers hear of each other: by now both do.
    pub(crate) async fn beside(&self) -> Option<Router> {
        if self.test.is_sqlite() {
            return None;
        }
        let db = Arc::new(Db::open(&self.test.location, wiring::WIRES).unwrap());
        let app = App::new(Arc::clone(&db), self.app.clock.clone(), ORIGIN.to_owned(), &settings(&self.test.location)).unwrap();
        for db in [Arc::clone(&self.app.db), db] {
            let mut heard = db.live().listen(self.staff["owner"].0, &[Topic::any()], Duration::ZERO).unwrap();
            tokio::spawn(async move { db.relay(std::future::pending()).await });
            heard.next().await;
        }
        Some(routes::service(&app))
    }

    /// What another server answers, if there is one.
    pub(crate) async fn begun_at(&self, beside: Option<&Router>, mut request: Request<HttpBody>) -> Response {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([198, 51, 100, 7], 4000))));
        beside.unwrap_or(&self.router).clone().oneshot(request).await.unwrap()
    }

    /// The cookie of somebody.
    pub(crate) fn cookie(&self, name: &str) -> &str {
        &self.signed[name].0
    }

    /// What forms of somebody carry.
    pub(crate) fn csrf(&self, name: &str) -> &str {
        &self.signed[name].1
    }

    /// How many cases and visitors were made: the reference of the latest customer is `C-` and one less.
    pub(crate) fn made(&self) -> i64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How many events there are: what changes something appends one.
    pub(crate) async fn events(&self) -> i64 {
        let read = self.app.db.read(|tx| Box::pin(async move { tx.one::<(i64,)>(&EVENTS, &[]).await })).await;
        read.map_err(|e: DbError| e).unwrap().0
    }

    /// What is in the database is as it was written: the end of every test.
    pub(crate) async fn is_whole(&self) {
        let database = match &self.test.location {
            Location::File(path) => path.display().to_string(),
            Location::Postgres(url) => url.clone(),
        };
        let verify = move || Command::new(env!("CARGO_BIN_EXE_leeway")).args(["verify", "--database", &database]).output().unwrap();
        let verified = tokio::task::spawn_blocking(verify).await.unwrap();
        assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    }

    /// How much somebody has to hear.
    pub(crate) async fn unseen(&self, name: &str) -> i64 {
        let id = self.staff[name];
        let read = self.app.db.read(move |tx| Box::pin(async move { tx.one::<(i64,)>(&UNSEEN, params![&id]).await })).await;
        read.map_err(|e: DbError| e).unwrap().0
    }

    /// A case of North, owned by the giver, about an order that came five days late.
    pub(crate) async fn case(&self) -> i64 {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let (team, owner) = (self.north.0, self.staff["giver"].0);
        self.write(move |tx| {
            Box::pin(async move {
                let customer = subjects::keep_subject(tx, "customer", &format!("C-{n}"), None, AT).await?;
                let order = subjects::keep_subject(tx, "order", &format!("O-{n}"), Some(customer), AT).await?;
                for (name, value) in [("order.total", "\"75.00\""), ("order.days_late", "5")] {
                    let actor = Actor::Source("shop".to_owned());
                    let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor, at: AT };
                    subjects::keep_fact(tx, &order, &row).await?;
                }
                let new = NewCase {
                    channel: "mail".to_owned(),
                    title: Some(MARK.to_owned()),
                    issue: Some("late_parcel".to_owned()),
                    customer: Some(customer),
                    about: vec![("order".to_owned(), order)],
                    owner: Some(owner),
                    team: Some(team),
                    ..NewCase::default()
                };
                Ok::<_, DbError>(cases::open(tx, &new, &Actor::Staff(owner), AT).await.unwrap())
            })
        })
        .await
    }

    /// Somebody who is in North for a day, and their membership.
    pub(crate) async fn visitor(&self) -> (StaffId, MembershipId) {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let (team, now) = (self.north, self.app.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let name = format!("Visitor {n}");
                let (email, locale, time_zone) = (address(&name), "en".to_owned(), "UTC".to_owned());
                let staff = people::add_person(tx, &NewPerson { name, email, level: None, locale, time_zone }, &[], &Actor::System, now).await.unwrap();
                let new = NewMembership { staff, team, role: TeamRole::Member, from: now, until: Some(now + 86_400_000_000) };
                Ok::<_, DbError>((staff, teams::begin_membership(tx, &new, &Actor::System, now).await.unwrap()))
            })
        })
        .await
    }

    /// North serves a group, and the member is in its rota.
    pub(crate) async fn serve(&self) {
        self.does("owner", &format!("/groups/{GROUP}/team"), &[("team", &self.north.to_string())]).await;
        let rota = self.get(&Who::Person("owner"), &format!("/api/v1/groups/{GROUP}/shifts")).await.json();
        if rota["shifts"] == json!([]) {
            let member = self.staff["member"].to_string();
            self.does("owner", &format!("/groups/{GROUP}/shifts"), &[("staff", &member), ("mon", "yes"), ("hours", "09:00-17:00"), ("zone", "UTC")]).await;
        }
    }

    /// Somebody sends a form, and it does what it says.
    pub(crate) async fn does(&self, name: &'static str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let done = self.send(&Who::Person(name), Method::POST, path, &form(fields)).await;
        assert!(done.status.is_redirection(), "{path}: {} {}", done.status, done.text);
        done
    }

    /// What the giver passed up to the group that North serves, and what the customer was promised then.
    pub(crate) async fn passed_up(&self) -> (String, String) {
        self.does("owner", &format!("/groups/{GROUP}/team"), &[("team", &self.north.to_string())]).await;
        let case = self.case().await;
        let fields = [("remedy", "refund"), ("reason", "late"), ("amount", "30.00"), ("who", "group"), ("how", "phone"), ("due", "2026-12-23T12:00")];
        let raised = self.does("giver", &format!("/cases/{case}/escalations"), &fields).await;
        let id = raised.header("location").strip_prefix("/escalations/").unwrap().to_owned();
        let page = self.get(&Who::Person("giver"), &format!("/escalations/{id}")).await.text;
        let promise = page.split('"').find_map(|part| part.strip_prefix("/promised/")?.strip_suffix("/keeping")).unwrap().to_owned();
        (id, promise)
    }

    /// Something that somebody wants to talk over, on their own list.
    pub(crate) async fn point(&self, name: &'static str) -> String {
        let new = Sent::Json(json!({ "agent": "me", "text": MARK }));
        let answer = self.send(&Who::Person(name), Method::POST, "/api/v1/debriefs/points", &new).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// A talk of the lead with the giver, over a point of theirs.
    pub(crate) async fn talk(&self) -> String {
        let point = self.point("giver").await;
        let held = Sent::Json(json!({ "agent": self.staff["giver"].to_string(), "points": [point], "agreed": MARK }));
        let answer = self.send(&Who::Person("lead"), Method::POST, "/api/v1/debriefs/talks", &held).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The number of a case, and a grant of the giver in it.
    pub(crate) async fn grant(&self) -> (i64, String) {
        let case = self.case().await;
        let body = json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "10.00" }] });
        let cookie = &self.signed["giver"];
        let request = Request::post(format!("/api/v1/cases/{case}/grants")).header("cookie", &cookie.0).header("x-csrf-token", &cookie.1);
        let request = request.header("content-type", "application/json").header("idempotency-key", format!("grant-{case}"));
        let answer = self.ask(request.body(HttpBody::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        (case, answer.json()["grants"][0]["id"].as_str().unwrap().to_owned())
    }

    /// The same, after it was sent.
    pub(crate) async fn sent(&self) -> (i64, String) {
        let (case, grant) = self.grant().await;
        self.app.clock.forward(21_000_000);
        let (id, at) = (grant.parse().unwrap(), self.app.clock.now());
        self.write(move |tx| Box::pin(async move { Ok::<_, DbError>(desk::grants::send_due(tx, id, at).await.unwrap()) })).await;
        (case, grant)
    }
}

fn as_json(request: axum::http::request::Builder, csrf: &str) -> axum::http::request::Builder {
    request.header("content-type", "application/json").header("x-csrf-token", csrf).header("idempotency-key", platform::id::Id::new(AT).to_string())
}

pub(crate) fn address(name: &str) -> String {
    format!("{}@leeway.example", name.replace(' ', "."))
}

impl Holder {
    /// Whether a token of theirs can open this at all.
    pub(crate) fn may_have(self, scope: Scope) -> bool {
        match self {
            Self::Bot | Self::FarBot => ![Scope::FactsConfirm, Scope::Debriefs, Scope::GroupsWrite, Scope::Admin].contains(&scope),
            Self::Shop => ![Scope::Debriefs, Scope::GroupsWrite].contains(&scope),
            Self::Member | Self::FarMember | Self::Owner => true,
        }
    }
}

/// A path with ids that nobody has.
pub(crate) fn nowhere(path: &str) -> String {
    let filled = path.replace("{id}", "01900000-0000-7000-8000-000000000000").replace("{role}", "operator").replace("{secret}", &"0".repeat(64));
    let filled = filled.replace("{number}", "999999").replace("{slug}", "none").replace("{name}", "none").replace("{group}", "none");
    let filled = filled.replace("{checksum}", "none").replace("{*name}", "none");
    assert!(!filled.contains('{'), "{path}: a parameter that this test does not know");
    filled
}
