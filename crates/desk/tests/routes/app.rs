//! The desk behind its router, with people who are signed in and programs that hold tokens.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use access::people::{self, NewAiAgent, NewPerson, Role, StaffId};
use access::sign_in::{self, Cost, Passwords};
use access::teams::{self, NewMembership, TeamId, TeamRole};
use access::{Access, Site};
use axum::Router;
use axum::body::{Body as HttpBody, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use charter::time::Instant;
use desk::charters::Charters;
use desk::embed::Embed;
use desk::groups::Chats;
use desk::offerings::{self, NewText};
use desk::subjects::{self, FactRow, Standing};
use desk::webhooks::Hooks;
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Body, Db, DbError, Tx, schema};
use platform::events::Recorded;
use platform::id::Id;
use platform::outbound::{Outbound, Reach};
use platform::wiring::Wire;
use platform::{params, statements};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::TestDb;
use tower::ServiceExt;

pub(crate) const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
pub(crate) const SHOP: &str = include_str!("../../../../charters/shop.toml");

/// Whose pages may show the card of a case.
pub(crate) const FRAMED_BY: &str = "https://help.example";

const fn told(event: &'static str) -> Wire {
    Wire { event, apply: &[platform::webhooks::follow], jobs: &[] }
}

static WIRES: &[Wire] = &[
    Wire { event: "grant_made", apply: &[desk::debriefs::stretched], jobs: &[] },
    Wire { event: "grant_moved", apply: &[handed_over], jobs: &[] },
    Wire { event: "grant_corrected", apply: &[desk::news::corrected], jobs: &[] },
    told("grant_approved"),
    Wire { event: "approval_ended", apply: &[told_raiser], jobs: &[] },
    told("escalation_raised"),
    told("escalation_taken"),
    told("escalation_asked_back"),
    told("escalation_replied_to"),
    told("escalation_answered"),
    told("promise_made"),
    told("promise_renewed"),
    told("promise_given_up"),
    told("group_team_set"),
    told("shift_begun"),
    told("shift_ended"),
    told("absence_entered"),
    told("absence_called_off"),
];

fn told_raiser<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { desk::escalations::told_raiser(tx, event).await })
}

fn handed_over<'t>(tx: &'t mut Tx, event: &'t Recorded) -> Body<'t, (), DbError> {
    Box::pin(async move { desk::webhooks::sent(tx, &Charters::default(), event).await })
}

const PASSWORD: &str = "a long one for tests";

statements! {
    KEEP_TOKEN = "INSERT INTO tokens (id, digest, name, staff, source, scopes, made_at) VALUES (?1, ?2, 'of a test', ?3, ?4, ?5, ?6)";
}

/// The program as far as it is tested here.
pub(crate) struct App {
    pub(crate) db: Arc<Db>,
    pub(crate) clock: Clock,
    pub(crate) team: TeamId,
    /// Method and path of each route of the desk's API.
    pub(crate) api: BTreeSet<(String, String)>,
    router: Router,
    passwords: Passwords,
    cookies: Mutex<HashMap<String, String>>,
    _test: Arc<TestDb>,
}

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) place: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// Of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn levels<'t>(_: &'t mut Tx) -> Body<'t, Vec<String>, DbError> {
    Box::pin(async { Ok(["agent", "senior", "lead", "manager"].map(str::to_owned).to_vec()) })
}

fn zone(_: &mut Tx) -> Body<'_, Option<String>, DbError> {
    Box::pin(async { Ok(None) })
}

fn secret(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn digest(secret: &str) -> Vec<u8> {
    let mut sum = Sha256::new();
    sum.update(b"secret\0");
    sum.update(secret.as_bytes());
    sum.finalize().to_vec()
}

impl App {
    /// With an empty database and one team, `Care`.
    pub(crate) async fn new(test: Arc<TestDb>) -> Arc<Self> {
        test.db.migrate(&schema().unwrap()).await.unwrap();
        let db = Arc::new(Db::open(&test.location, WIRES).unwrap());
        let clock = Clock::standing_at(AT);
        let site = Site { origin: "https://leeway.example".to_owned(), is_behind_proxy: false, has_mail: true };
        let passwords = Passwords::new(Cost::Least).unwrap();
        let access = Access { db: Arc::clone(&db), clock: clock.clone(), passwords: passwords.clone(), site, levels, zone, frame: access::frame };
        let state = desk::Desk { db: Arc::clone(&db), clock: clock.clone(), charters: Charters::default(), frame: access::frame };
        let hooks = Hooks { desk: state.clone(), outbound: Outbound::new(Reach::Private).unwrap() };
        let origins = [FRAMED_BY.to_owned()].into();
        let embed = Embed { desk: state.clone(), origins, origin: "https://leeway.example".to_owned() };
        let of_desk = desk::routes(&state).into_iter().filter(|r| r.path.starts_with("/api/"));
        let api = of_desk.map(|r| (r.method.as_str().to_lowercase(), r.path.to_owned())).collect();
        let mut routes = access::routes(&access);
        routes.extend(desk::routes(&state));
        routes.extend(desk::webhooks::routes(&hooks));
        routes.extend(desk::embed::routes(&embed));
        let origin = embed.origin.clone();
        routes.extend(desk::groups::chat_routes(&Chats { desk: state.clone(), outbound: hooks.outbound.clone(), origin }));
        let router = platform::http::bounded(access::identified(platform::http::router(routes, access::guard), &access));
        let team = db.write::<_, teams::TeamError, _>(|tx| Box::pin(async move { teams::create_team(tx, "Care", None, &Actor::System, AT).await }));
        let team = team.await.unwrap();
        Arc::new(Self { db, team, clock, api, router, passwords, cookies: Mutex::default(), _test: test })
    }

    pub(crate) async fn write<T, F>(&self, body: F) -> T
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, DbError> + Clone + Send + 'static,
    {
        self.db.write(body).await.unwrap()
    }

    /// A person of the team, signed in under their name.
    pub(crate) async fn person(&self, name: &'static str, level: &'static str, role: TeamRole) -> StaffId {
        let team = self.team;
        let hash = self.passwords.hash(PASSWORD.to_owned()).await.unwrap();
        let email = format!("{}@leeway.example", name.to_lowercase());
        let fields = serde_urlencoded::to_string([("email", email.as_str()), ("password", PASSWORD)]).unwrap();
        let written = self.write(move |tx| {
            Box::pin(async move {
                let new = NewPerson {
                    name: name.to_owned(),
                    email,
                    level: Some(level.to_owned()),
                    locale: "en".to_owned(),
                    time_zone: "Europe/Amsterdam".to_owned(),
                };
                let id = people::add_person(tx, &new, &[level.to_owned()], &Actor::System, AT).await.unwrap();
                teams::begin_membership(tx, &NewMembership { staff: id, team, role, from: AT, until: None }, &Actor::System, AT).await.unwrap();
                sign_in::set_password(tx, id, &hash, "terminal", AT).await?;
                Ok(id)
            })
        });
        let id = written.await;
        let request = Request::post("/sign-in").header("sec-fetch-site", "same-origin").header("content-type", "application/x-www-form-urlencoded");
        let response = self.router.clone().oneshot(request.body(HttpBody::from(fields)).unwrap()).await.unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        self.cookies.lock().unwrap().insert(name.to_owned(), cookie);
        id
    }

    fn cookie(&self, name: &str) -> String {
        self.cookies.lock().unwrap()[name].clone()
    }

    pub(crate) async fn owner(&self, name: &'static str) -> StaffId {
        let id = self.person(name, "manager", TeamRole::Manager).await;
        self.write(move |tx| {
            Box::pin(async move {
                people::grant_role(tx, id, Role::Owner, &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        id
    }

    /// Somebody whose level is taken away.
    pub(crate) async fn without_level(&self, name: &'static str) {
        self.write(move |tx| {
            Box::pin(async move {
                let id = people::find_by_email(tx, &format!("{}@leeway.example", name.to_lowercase())).await?.unwrap();
                people::set_level(tx, id, None, &[], &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
    }

    /// Who keeps the program running, and works at the desk too.
    pub(crate) async fn operator(&self, name: &'static str) -> StaffId {
        let id = self.person(name, "agent", TeamRole::Member).await;
        self.write(move |tx| {
            Box::pin(async move {
                people::grant_role(tx, id, Role::Operator, &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        id
    }

    pub(crate) async fn ai_agent(&self, name: &'static str, level: &'static str) -> StaffId {
        let team = self.team;
        self.write(move |tx| {
            Box::pin(async move {
                let new = NewAiAgent { name: name.to_owned(), level: Some(level.to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
                let id = people::add_ai_agent(tx, &new, &[level.to_owned()], &Actor::System, AT).await.unwrap();
                let membership = NewMembership { staff: id, team, role: TeamRole::Member, from: AT, until: None };
                teams::begin_membership(tx, &membership, &Actor::System, AT).await.unwrap();
                Ok(id)
            })
        })
        .await
    }

    /// A token of staff, or of another system with this name. Written straight into the table, so that a test can give scopes the program would not.
    pub(crate) async fn token(&self, name: &'static str, staff: Option<StaffId>, scopes: &'static str) -> String {
        let text = secret(&format!("token {name} {scopes}"));
        let kept = digest(&text);
        self.write(move |tx| {
            Box::pin(async move {
                let source = staff.is_none().then_some(name);
                tx.execute(&KEEP_TOKEN, params![&Id::new(AT), &kept, &staff, source, scopes, AT]).await.map(drop)
            })
        })
        .await;
        format!("leeway_{text}")
    }

    pub(crate) async fn publish(&self, text: &str) {
        let text = text.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                desk::charters::publish(tx, &text, None, "first", &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
    }

    /// A promise of this name.
    pub(crate) async fn offering(&self, slug: &'static str) {
        self.write(move |tx| {
            Box::pin(async move {
                let new = NewText { slug: slug.to_owned(), title: "In two days".to_owned(), text: "It comes in two days.".to_owned(), after: 0 };
                offerings::publish(tx, &new, &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
    }

    /// A customer with an order of 75.00 that came five days late.
    pub(crate) async fn order(&self) {
        self.write(move |tx| {
            Box::pin(async move {
                let customer = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
                let order = subjects::keep_subject(tx, "order", "O-1", Some(customer), AT).await?;
                let known = [(order.0, "order.total", "\"75.00\""), (order.0, "order.days_late", "5"), (customer.0, "customer.tier", "\"standard\"")];
                for (subject, name, value) in known {
                    let actor = Actor::Source("shop".to_owned());
                    let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor, at: AT };
                    subjects::keep_fact(tx, &subject, &row).await?;
                }
                Ok(())
            })
        })
        .await;
    }

    async fn send(&self, request: Request<HttpBody>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let header = |name: header::HeaderName| parts.headers.get(name).map_or_else(String::new, |v| v.to_str().unwrap().to_owned());
        let (status, kind, place) = (parts.status, header(header::CONTENT_TYPE), header(header::LOCATION));
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status, kind, place, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(HttpBody::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let request = Request::post(path).header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        let request = if let Some(key) = key { request.header("idempotency-key", key) } else { request };
        self.send(request.body(HttpBody::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        let request = Request::delete(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(HttpBody::empty()).unwrap()).await
    }

    /// The headers of an answer.
    pub(crate) async fn head(&self, path: &str) -> HeaderMap {
        let request = Request::get(path).body(HttpBody::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap().headers().clone()
    }

    /// A form that a frame sends, which has no cookie.
    pub(crate) async fn framed(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", "same-origin").header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(HttpBody::from(serde_urlencoded::to_string(fields).unwrap())).unwrap()).await
    }

    /// A page, as somebody who is signed in sees it.
    pub(crate) async fn page(&self, name: &str, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", self.cookie(name));
        self.send(request.body(HttpBody::empty()).unwrap()).await
    }

    /// A page, as anybody sees it.
    pub(crate) async fn public(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(HttpBody::empty()).unwrap()).await
    }

    /// A form that somebody who is signed in sends.
    pub(crate) async fn form(&self, name: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.page(name, "/cases").await;
        let csrf = shown.text.split("name=\"_csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("{}", shown.text)).split('"').next().unwrap().to_owned();
        let mut sent = fields.to_vec();
        sent.push(("_csrf", &csrf));
        let request = Request::post(path)
            .header("cookie", self.cookie(name))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(HttpBody::from(serde_urlencoded::to_string(sent).unwrap())).unwrap()).await
    }

    /// A case about the order, opened over the API.
    pub(crate) async fn case(&self, token: &str) -> i64 {
        let new = json!({ "channel": "mail", "title": "It came late", "issue": "late_parcel", "customer": "C-1", "about": { "order": "O-1" } });
        let opened = self.post(token, "/api/v1/cases", None, &new).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{opened:?}");
        opened.json()["number"].as_i64().unwrap()
    }
}
