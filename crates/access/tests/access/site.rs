//! A whole site for a test: its database, a clock that stands, its router, and browsers that keep their cookie.

use std::net::SocketAddr;
use std::sync::Arc;

use access::people::{NewAiAgent, NewPerson, Role, StaffId};
use access::sign_in::{Cost, Passwords};
use access::teams::{NewMembership, TeamId, TeamRole};
use access::tokens::{Bearer, NewToken, PREFIX, Scope};
use access::{Access, Secret, Site, people, routes, teams, tokens};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Body as Work, Contended, Db, DbError, Tx, schema};
use testkit::TestDb;
use tower::ServiceExt;

pub(crate) const AT: i64 = 1_800_000_000_000_000;
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const ORIGIN: &str = "https://leeway.example";
pub(crate) const PASSWORD: &str = "seven old lanterns";

fn levels(_: &mut Tx) -> Work<'_, Vec<String>, DbError> {
    Box::pin(async { Ok(vec!["agent".to_owned(), "lead".to_owned()]) })
}

fn zone(_: &mut Tx) -> Work<'_, Option<String>, DbError> {
    Box::pin(async { Ok(Some("Europe/Paris".to_owned())) })
}

/// An empty installation.
pub(crate) async fn access(test: &TestDb) -> Access {
    let db = Arc::new(Db::open(&test.location, &[]).unwrap());
    db.migrate(&schema().unwrap()).await.unwrap();
    let site = Site { origin: ORIGIN.to_owned(), is_behind_proxy: false, has_mail: true };
    Access { db, clock: Clock::standing_at(AT), passwords: Passwords::new(Cost::Least).unwrap(), site, levels, zone, frame: access::frame }
}

pub(crate) fn app(access: &Access) -> Router {
    access::identified(platform::http::router(routes(access), access::guard), access)
}

pub(crate) async fn write<T, E>(access: &Access, body: impl for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, E> + Clone + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Contended + Send + 'static,
{
    access.db.write(body).await
}

pub(crate) fn new_person(name: &str) -> NewPerson {
    let email = format!("{}@leeway.example", name.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "."));
    NewPerson { name: name.to_owned(), email, level: Some("agent".to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() }
}

/// A person without a password.
pub(crate) async fn person(access: &Access, name: &str) -> StaffId {
    let new = new_person(name);
    let levels = ["agent".to_owned()];
    write(access, move |tx| Box::pin(async move { people::add_person(tx, &new, &levels, &Actor::System, AT).await })).await.unwrap()
}

pub(crate) async fn ai_agent(access: &Access, name: &str) -> StaffId {
    let new = NewAiAgent { name: name.to_owned(), level: None, locale: "en".to_owned(), time_zone: "UTC".to_owned() };
    write(access, move |tx| Box::pin(async move { people::add_ai_agent(tx, &new, &[], &Actor::System, AT).await })).await.unwrap()
}

pub(crate) async fn grant(access: &Access, staff: StaffId, role: Role) {
    write(access, move |tx| Box::pin(async move { people::grant_role(tx, staff, role, &Actor::System, AT).await })).await.unwrap();
}

pub(crate) async fn team(access: &Access, name: &'static str, parent: Option<TeamId>) -> TeamId {
    write(access, move |tx| Box::pin(async move { teams::create_team(tx, name, parent, &Actor::System, AT).await })).await.unwrap()
}

pub(crate) async fn join(access: &Access, staff: StaffId, team: TeamId, role: TeamRole) {
    let new = NewMembership { staff, team, role, from: AT, until: None };
    write(access, move |tx| Box::pin(async move { teams::begin_membership(tx, &new, &Actor::System, AT).await })).await.unwrap();
}

/// A token, as it is sent.
pub(crate) async fn token(access: &Access, bearer: Bearer, scopes: &[Scope]) -> String {
    let actor = match &bearer {
        Bearer::Staff(id) => Actor::Staff(id.0),
        Bearer::Source(_) => Actor::System,
    };
    let new = NewToken { name: "test".to_owned(), bearer, scopes: scopes.iter().copied().collect() };
    let secret = Secret::fresh().unwrap();
    let sent = format!("Bearer {PREFIX}{}", secret.show());
    write(access, move |tx| Box::pin(async move { tokens::make(tx, &new, &secret, &actor, AT).await })).await.unwrap();
    sent
}

/// A person with [`PASSWORD`].
pub(crate) async fn with_password(access: &Access, name: &str) -> StaffId {
    let id = person(access, name).await;
    let secret = invited(access, id).await;
    let answer = Browser::new(access).post(&format!("/invitations/{secret}"), &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    id
}

/// The secret in the link of an invitation.
pub(crate) async fn invited(access: &Access, id: StaffId) -> String {
    let secret = Secret::fresh().unwrap();
    let sent = secret.clone();
    let now = access.clock.now();
    let invite = write(access, move |tx| Box::pin(async move { access::links::invite(tx, id, &sent, ORIGIN, &Actor::System, now).await }));
    invite.await.unwrap();
    secret.show().to_owned()
}

/// A browser: keeps its cookie, and fills `_csrf` into forms.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) app: Router,
    pub(crate) cookie: Option<String>,
    pub(crate) csrf: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) from: SocketAddr,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }
}

impl Browser {
    pub(crate) fn new(access: &Access) -> Self {
        Self { app: app(access), cookie: None, csrf: String::new(), headers: Vec::new(), from: "198.51.100.7:4000".parse().unwrap() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Signed in as somebody who has [`PASSWORD`].
    pub(crate) async fn signed_in(access: &Access, name: &str) -> Self {
        let mut browser = Self::new(access);
        let answer = browser.sign_in(&new_person(name).email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let answer = self.post("/sign-in", &[("email", email), ("password", password)]).await;
        self.keep(&answer).await;
        answer
    }

    /// Keeps the cookie of an answer, and the token of the pages that follow.
    pub(crate) async fn keep(&mut self, answer: &Answer) {
        if let Some(cookie) = answer.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty()) {
            self.cookie = Some(cookie.to_owned());
            let page = self.get("/settings/profile").await.text;
            self.csrf = page.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("_csrf", &self.csrf));
        self.send(Method::POST, path, Body::from(serde_urlencoded::to_string(&fields).unwrap())).await
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path).extension(ConnectInfo(self.from));
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}
