//! The pages of customers, as a browser sees them, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use access::sign_in::{Cost, Passwords};
use access::{Access, FirstOwner, Opening, Site, people};
use axum::Router;
use axum::body::{Body as HttpBody, to_bytes};
use axum::http::{Request, header};
use charter::time::Instant;
use desk::Desk;
use desk::cases::{self, NewCase};
use desk::charters::{self, Charters};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::{Body, Contended, Db, DbError, Tx, schema};
use testkit::{TestDb, on_each};
use tower::ServiceExt;

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam

/// What a test is told when something says no.
#[derive(Debug)]
struct No(String);

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        Self(format!("{e:?}"))
    }
}

impl Contended for No {
    fn is_contended(&self) -> bool {
        self.0 == "Contended"
    }
}

async fn write<T, F>(db: &Db, body: F) -> T
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, No> + Clone + Send + 'static,
{
    db.write(body).await.unwrap()
}

/// A browser in which the owner, who also works at the desk, is signed in.
struct Browser {
    router: Router,
    cookie: String,
    db: Arc<Db>,
}

struct Answer {
    status: u16,
    to: String,
    text: String,
}

fn levels(_: &mut Tx) -> Body<'_, Vec<String>, DbError> {
    Box::pin(async { Ok(vec!["agent".to_owned(), "lead".to_owned()]) })
}

fn zone(_: &mut Tx) -> Body<'_, Option<String>, DbError> {
    Box::pin(async { Ok(None) })
}

async fn browser(test: &TestDb) -> Browser {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let (db, clock) = (Arc::new(Db::open(&test.location, &[]).unwrap()), Clock::standing_at(AT));
    let passwords = Passwords::new(Cost::Least).unwrap();
    let owner = FirstOwner {
        name: "Olga Owner".to_owned(),
        email: "olga@example.org".to_owned(),
        locale: "en".to_owned(),
        time_zone: "Europe/Amsterdam".to_owned(),
        opening: Opening::Password("correct horse battery".to_owned()),
        is_forced: false,
    };
    access::first_owner(&db, &clock, &passwords, owner).await.unwrap();
    let text = include_str!("../../../charters/shop.toml");
    write(&db, move |tx| {
        Box::pin(async move {
            charters::publish(tx, text, None, "", &Actor::System, AT).await.map_err(|e| No(format!("{e:?}")))?;
            let olga = people::find_by_email(tx, "olga@example.org").await?.unwrap();
            people::set_level(tx, olga, Some("agent"), &["agent".to_owned()], &Actor::System, AT).await.map_err(|e| No(format!("{e:?}")))
        })
    })
    .await;
    let site = Site { origin: "http://localhost".to_owned(), is_behind_proxy: false, has_mail: true };
    let access = Access { db: Arc::clone(&db), clock: clock.clone(), passwords, site, levels, zone, frame: access::frame };
    let desk = Desk { db: Arc::clone(&db), clock, charters: Charters::default(), frame: access::frame };
    let mut routes = access::routes(&access);
    routes.extend(desk::routes(&desk));
    let router = access::identified(platform::http::router(routes, access::guard), &access);
    let mut browser = Browser { router, cookie: String::new(), db };
    browser.sign_in().await;
    browser
}

impl Browser {
    async fn sign_in(&mut self) {
        let request = self.form("/sign-in", "email=olga%40example.org&password=correct+horse+battery");
        let response = self.router.clone().oneshot(request).await.unwrap();
        let cookie = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    fn form(&self, path: &str, fields: &str) -> Request<HttpBody> {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header(header::COOKIE, &self.cookie);
        request.body(HttpBody::from(fields.to_owned())).unwrap()
    }

    async fn answer(&self, request: Request<HttpBody>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, to) = (response.status().as_u16(), response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()));
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, to: to.unwrap_or_default(), text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn open(&self, path: &str) -> Answer {
        self.answer(Request::get(path).header(header::COOKIE, &self.cookie).body(HttpBody::empty()).unwrap()).await
    }

    /// Opens the page with the form, and sends it with its token.
    async fn send(&self, page: &str, path: &str, fields: &str) -> Answer {
        let page = self.open(page).await.text;
        let token = page.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        self.answer(self.form(path, &format!("_csrf={token}&{fields}"))).await
    }

    async fn page(&self, path: &str, shows: &[&str]) -> String {
        let answer = self.open(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        for shown in shows {
            assert!(answer.text.contains(shown), "{path}: no `{shown}` in {}", answer.text);
        }
        assert!(!answer.text.contains("style=") && !answer.text.contains("onclick="), "{path}: inline style or script");
        answer.text
    }
}

async fn customer(db: &Db, reference: &'static str, name: &'static str, cases: i64) -> SubjectId {
    write(db, move |tx| {
        Box::pin(async move {
            let id = subjects::keep_subject(tx, "customer", reference, None, AT).await?;
            let who = Customer { name: Some(name.to_owned()), email: Some(format!("{reference}@example.org")), ..Customer::default() };
            subjects::keep_customer(tx, id, &who, AT).await?;
            let order = subjects::keep_subject(tx, "order", &format!("O-{reference}"), Some(id), AT).await?;
            let fact = |name: &str, value: &str| FactRow {
                name: name.to_owned(),
                value: value.to_owned(),
                standing: Standing::System,
                level: None,
                actor: Actor::Source("shop".to_owned()),
                at: AT,
            };
            subjects::keep_fact(tx, &id, &fact("customer.tier", "\"standard\"")).await?;
            subjects::keep_fact(tx, &order, &fact("order.total", "\"75.00\"")).await?;
            for n in 0..cases {
                let new = NewCase { channel: "mail".to_owned(), title: Some(format!("Trouble <{n}>")), customer: Some(id), ..NewCase::default() };
                cases::open(tx, &new, &Actor::System, AT).await.map_err(|e| No(format!("{e:?}")))?;
            }
            Ok(id)
        })
    })
    .await
}

#[test]
fn a_customer_is_found_and_shown() {
    on_each(|test| async move {
        let browser = browser(&test).await;
        browser.page("/customers", &["There are no customers yet"]).await;
        let ana = customer(&browser.db, "C-1", "Ana <b>Marques</b>", 12).await;
        customer(&browser.db, "C-2", "Bo", 0).await;
        let link = format!("/customers/{ana}");
        for found in ["/customers", "/customers?q=ana", "/customers?q=C-1", "/customers?q=c-1%40Example.org", "/customers?q=O-C-1"] {
            let text = browser.page(found, &[&link]).await;
            assert!(!text.contains("<b>Marques"), "{found}: what was typed is no markup");
            assert_eq!(text.contains(">Bo<"), found == "/customers", "{found}");
        }
        browser.page("/customers?q=%3Cscript%3E", &["Nobody is found by"]).await;
        let shown =
            browser.page(&link, &["O-C-1", "75.00", "Goodwill per customer", "€50.00 left of €50.00", "Months per year", "2 of 2 times left", "Trouble"]).await;
        assert!(!shown.contains("Never over paid"), "a cap per order is not about the customer alone");
        let older = shown.split("?cases=").nth(1).unwrap().split('"').next().unwrap();
        let rest = browser.page(&format!("{link}?cases={older}"), &["Trouble"]).await;
        let listed = |text: &str| text.matches("href=\"/cases/").count() - text.matches("href=\"/cases/new").count();
        assert_eq!((listed(&shown), listed(&rest)), (10, 2));
        let nowhere = browser.open(&format!("/customers/{}", SubjectId::new(AT))).await;
        assert_eq!(nowhere.status, 404);
    });
}

#[test]
fn a_customer_is_changed_merged_and_erased() {
    on_each(|test| async move {
        let browser = browser(&test).await;
        let (ana, bo) = (customer(&browser.db, "C-1", "Ana", 1).await, customer(&browser.db, "C-2", "Bo", 0).await);
        let (first, second) = (format!("/customers/{ana}"), format!("/customers/{bo}"));
        let contact = format!("{first}/contact");
        let wrong = browser.send(&contact, &contact, "name=Ana&email=nowhere").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("An e-mail address has a name"), "{}", wrong.text);
        let changed = browser.send(&contact, &contact, "name=Ana+Marques&email=ana%40example.org&locale=pt-BR").await;
        assert_eq!((changed.status, changed.to.as_str()), (303, first.as_str()));
        browser.page(&first, &["Ana Marques", "pt-BR"]).await;

        let merging = format!("{first}/merge");
        browser.page(&format!("{merging}?into=C-9"), &["Nobody else is found by `C-9`"]).await;
        browser.page(&format!("{merging}?into=C-1"), &["Nobody else is found by `C-1`"]).await;
        for words in ["bo", "C-", "c-2%40example.org", "O-C-2"] {
            browser.page(&format!("{merging}?into={words}"), &["Who of these?", "merge?into=C-2"]).await;
        }
        let both = format!("{merging}?into=C-2");
        browser.page(&both, &["The one that stays", "Ana Marques", "Bo"]).await;
        let merged = browser.send(&both, &merging, &format!("into={bo}")).await;
        assert_eq!((merged.status, merged.to.as_str()), (303, second.as_str()));
        let moved = browser.open(&first).await;
        assert_eq!((moved.status, moved.to.as_str()), (308, second.as_str()));
        let twice = browser.send(&second, &merging, &format!("into={bo}")).await;
        assert_eq!(twice.status, 409);
        browser.page("/customers?q=ana", &[&second]).await;
        browser.page(&second, &["O-C-1", "O-C-2", "Trouble"]).await;

        let erasure = format!("{second}/erasure");
        let erased = browser.send(&erasure, &erasure, "").await;
        assert_eq!((erased.status, erased.to.as_str()), (303, second.as_str()));
        let shown = browser.page(&second, &["Their personal data were erased", "C-2"]).await;
        assert!(!shown.contains("Trouble") && !shown.contains("Ana") && !shown.contains(">Bo<"));
        browser.page("/customers?q=ana", &["Nobody is found"]).await;
    });
}

#[test]
fn any_word_of_a_name_finds_a_customer_until_it_is_erased() {
    on_each(|test| async move {
        let browser = browser(&test).await;
        let ana = customer(&browser.db, "C-1", "Ana María van der Marques-Álvarez", 0).await;
        customer(&browser.db, "C-2", "A. Marques", 0).await;
        let cases = [
            ("marques", true, true),
            ("MARQ", true, true),
            ("ana", true, false),
            ("ana+mar", true, false),
            ("alvarez+ana", true, false),
            ("Marqu%C3%A9s,+Maria", true, false),
            ("der+ana+van+alvarez", true, false),
            ("a+mar", true, true),
            ("arques", false, false),
            ("marques+ben", false, false),
            ("%E2%80%93", false, false),
        ];
        for path in ["/customers", "/search", "/cases/new"] {
            for (typed, first, second) in cases {
                let text = browser.open(&format!("{path}?q={typed}")).await.text;
                assert_eq!((text.contains("Ana Mar"), text.contains("A. Marques")), (first, second), "{path}?q={typed}");
            }
        }
        let erasure = format!("/customers/{ana}/erasure");
        assert_eq!(browser.send(&erasure, &erasure, "").await.status, 303);
        browser.page("/customers?q=alvarez", &["Nobody is found"]).await;
        let left = browser.page("/customers?q=marques", &["A. Marques"]).await;
        assert!(!left.contains("C-1"), "{left}");
    });
}
