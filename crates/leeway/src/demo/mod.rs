//! `leeway demo`: a small made-up company to look around in.

mod chance;
mod company;
mod hazel;
mod history;
mod page;
mod play;
#[cfg(test)]
mod recounted;
mod rule;
mod seats;
mod story;
mod teapot;

use access::sign_in::{Cost, Passwords};
use access::{Caller, people};
use axum::Router;
use clap::Args;
use desk::subjects;
use platform::audit;
use platform::clock::Clock;
use platform::db::{Db, DbError, Location};
use ui::shell::{NavLink, Shell};

use crate::app::App;
use crate::command::{Ended, Failure, bring_up_to_date, connected, say};
use crate::serve::{answer, listening};
use crate::settings::Given;
use crate::{logs, routes};
use company::make;
use seats::Seats;
use story::Company;

/// What everybody at the made-up company signs in with.
const PASSWORD: &str = "room to act";

/// What the demo says of its database: each company has a file of its own, and neither is where the settings of a real installation lead.
const DATABASE: &str = "An SQLite file, made if it is not there, or an empty PostgreSQL database `postgres://user:password@host/name` \
                        [default: leeway-demo.db, with --shop leeway-shop.db]";
/// After how long without a word one says how far it has come.
const SILENCE: i64 = 1_000_000;

/// Run the server on a made-up company, to look around
#[derive(Args, Debug)]
#[command(mut_arg("database", |arg| arg.help(DATABASE)))]
pub(crate) struct Demo {
    #[command(flatten)]
    given: Given<true>,
    /// How many days of the company's life are behind it
    #[arg(long, value_name = "N", default_value_t = 184, value_parser = clap::value_parser!(i64).range(0..=184))]
    days: i64,
    /// A shop with one desk and an owner who is away, instead of a company with teams
    #[arg(long)]
    shop: bool,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let mut settings = self.given.settings()?;
        logs::begin(&settings.log, settings.is_log_json)?;
        if !settings.listen.ip().is_loopback() {
            return Err(Failure::new("the demo has a password that everybody knows: it answers on this machine only, so give --listen 127.0.0.1:PORT"));
        }
        let company: &'static Company = if self.shop { &teapot::COMPANY } else { &hazel::COMPANY };
        if !self.given.is_flag("database") {
            settings.database = Location::File(company.file.into());
        }
        let listener = listening(&settings).await?;
        let db = connected(&settings.database)?;
        // Looked at before anything is changed in it: it may be somebody's, of an older version. What has no steps yet has nothing in it.
        let has_steps = db.steps().await.is_ok();
        let is_filled = has_steps && is_demo(&db, company).await?;
        if has_steps && !is_filled && !is_empty(&db).await? {
            return Err(Failure::new(format!("`{}` holds something else than the demo; name another file with --database", settings.database)));
        }
        bring_up_to_date(&db, &settings.database).await?;
        if !is_filled {
            say(format_args!("Making up a company with {} days behind it", self.days))?;
            fill(&db, company, self.days).await?;
        } else if !is_whole(&db).await? {
            return Err(Failure::new(format!("`{}` was stopped while the company was made; delete it, or name another with --database", settings.database)));
        }
        say(format_args!("{} is made up, and so are its customers. One can sign in as each of these; everybody's password is: {PASSWORD}", company.name))?;
        for person in company.people {
            say(format_args!("  {:<26} {}", person.email, person.line))?;
        }
        if let Some(origin) = &settings.origin {
            say(format_args!("Whoever reaches {origin} can be any of them: the demo asks nobody for a password."))?;
        }
        answer(listener, db, &settings, |app| {
            say(format_args!("Begin at {}/demo", app.access.site.origin))?;
            Ok(service(app, company))
        })
        .await
    }
}

/// Everything the program answers, with the demo's own pages around it.
fn service(app: &App, company: &'static Company) -> Router {
    let mut app = app.clone();
    (app.desk.frame, app.access.frame) = (frame, frame);
    let demo = page::Demo { app: app.clone(), company };
    let mut routes = routes::all(&app);
    routes.extend(page::routes(&demo));
    seats::around(routes::service_of(&app, routes), app, Seats::of(company))
}

/// The frame of a page, with the way back to where one looks around.
fn frame(caller: &Caller, title: &str) -> Shell {
    let back = NavLink { label: "Back to the first look".to_owned(), href: "/demo".to_owned(), ..NavLink::default() };
    Shell { back: Some(back), ..crate::app::frame(caller, title) }
}

/// Whether nothing ever happened in it.
async fn is_empty(db: &Db) -> Result<bool, DbError> {
    db.read(|tx| Box::pin(async move { Ok(audit::events(tx).await? == 0) })).await
}

async fn is_demo(db: &Db, company: &'static Company) -> Result<bool, DbError> {
    let last = company.people.last().map_or("", |person| person.email);
    db.read(move |tx| Box::pin(async move { Ok(people::find_by_email(tx, last).await?.is_some()) })).await
}

/// Whether it was made to the end: the case that is played comes last.
async fn is_whole(db: &Db) -> Result<bool, DbError> {
    db.read(|tx| Box::pin(async move { Ok(subjects::find(tx, "order", &company::played(0)).await?.is_some()) })).await
}

async fn fill(db: &Db, company: &'static Company, days: i64) -> Result<(), Failure> {
    let hash = Passwords::new(Cost::Usual).map_err(|_| cannot_hash())?.hash(PASSWORD.to_owned()).await.map_err(|_| cannot_hash())?;
    let now = Clock::machine().now();
    let mut said_at = now;
    let say_how_far = |left: i64| {
        let at = Clock::machine().now();
        if at - said_at > SILENCE && left > 0 {
            said_at = at;
            return say(format_args!("  {left} of them are still to come"));
        }
        Ok(())
    };
    make(db, company, &hash, days, now, say_how_far).await.map_err(|why| Failure::new(format!("the made-up company could not be made: {}", why.0)))
}

fn cannot_hash() -> Failure {
    Failure::new("this machine cannot hash passwords: is there memory left?")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request, StatusCode, header};
    use charter::time::Instant;
    use platform::db::schema;
    use testkit::{TestDb, on_each};
    use tower::ServiceExt;

    use super::company::make;
    use super::*;
    use crate::settings::Settings;

    const AT: Instant = 1_795_428_000_000_000;

    async fn made(test: &TestDb, company: &'static Company, days: i64) {
        test.db.migrate(&schema().unwrap()).await.unwrap();
        make(&test.db, company, "hash", days, AT, |_| Ok(())).await.unwrap();
    }

    #[test]
    fn each_company_can_be_made() {
        for company in [&hazel::COMPANY, &teapot::COMPANY] {
            on_each(|test| async move {
                made(&test, company, 12).await;
                assert_eq!(crate::verify::look(&test.db).await.unwrap().findings, Vec::<String>::new());
            });
        }
    }

    /// Nine of ten answers come in time, a few do not; and what customers are promised can be read.
    #[test]
    fn a_company_keeps_most_of_what_it_says() {
        for company in [&hazel::COMPANY, &teapot::COMPANY] {
            on_each(|test| async move {
                made(&test, company, 90).await;
                let read = test.db.read::<_, DbError, _>(|tx| {
                    Box::pin(async move {
                        let version = desk::charters::version_in_force(tx).await?.unwrap();
                        let texts = desk::charters::text_of(tx, version).await?.unwrap();
                        let charter = charter::load(&charter::Sources { text: &texts, outer: None, today: None }).charter.unwrap();
                        let mut all = (0, 0);
                        for group in &charter.groups {
                            let found = desk::escalations::measured(tx, &group.id, 0, 10_000, AT).await?.0;
                            all = (all.0 + found.raised, all.1 + found.late);
                        }
                        Ok((all, desk::offerings::list_shown(tx, "", 10).await?.len()))
                    })
                });
                let ((raised, late), offerings) = read.await.unwrap();
                assert!(raised > 30 && late > 0 && late * 100 <= raised * 14, "{late} of {raised} were late");
                assert_eq!(offerings, 3);
            });
        }
    }

    #[test]
    fn what_somebody_began_to_work_with_is_not_filled() {
        on_each(|test| async move {
            test.db.migrate(&schema().unwrap()).await.unwrap();
            assert!(is_empty(&test.db).await.unwrap());
            let published = test.db.write(|tx| {
                Box::pin(async move { desk::charters::publish(tx, hazel::COMPANY.charter, None, "ours", &platform::actor::Actor::System, AT).await.map(drop) })
            });
            published.await.unwrap();
            assert!(!is_empty(&test.db).await.unwrap() && !is_demo(&test.db, &hazel::COMPANY).await.unwrap());
        });
    }

    /// The demo in a browser.
    struct Shown(Router);

    impl Shown {
        async fn of(test: &TestDb, company: &'static Company) -> Self {
            made(test, company, 0).await;
            let settings = Settings {
                database: test.location.clone(),
                listen: ([127, 0, 0, 1], 0).into(),
                origin: None,
                is_behind_proxy: false,
                log: String::new(),
                is_log_json: false,
                mail: None,
                are_webhooks_private: false,
                embed_origins: Vec::new(),
                is_development: false,
            };
            let db = Arc::new(Db::open(&test.location, crate::wiring::WIRES).unwrap());
            let app = App::new(db, Clock::standing_at(AT), "http://127.0.0.1:7878".to_owned(), &settings).unwrap();
            Self(service(&app, company))
        }

        /// The status, and where it leads to.
        async fn asked(&self, method: Method, path: &str, said: &[(&str, &str)], form: &'static str) -> (StatusCode, Option<String>) {
            let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if said.iter().all(|(name, _)| *name != "host") {
                request = request.header(header::HOST, "127.0.0.1:7878");
            }
            for (name, value) in said {
                request = request.header(*name, *value);
            }
            let answer = self.0.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
            let leads = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            (answer.status(), leads)
        }
    }

    #[test]
    fn no_other_site_plays_the_demo() {
        const CHANGES: [(&str, &str); 4] =
            [("/demo/rule", "percent=30"), ("/demo/again", ""), ("/demo/sign-in", "email=olga@hazelhart.example"), ("/demo/as/lead/sign-out", "")];
        const ELSEWHERE: [(&[(&str, &str)], StatusCode); 4] = [
            (&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
            (&[("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
            (&[("origin", "https://evil.example")], StatusCode::FORBIDDEN),
            (&[("host", "evil.example"), ("sec-fetch-site", "same-origin")], StatusCode::MISDIRECTED_REQUEST),
        ];
        on_each(|test| async move {
            let demo = Shown::of(&test, &hazel::COMPANY).await;
            let before = test.db.read(|tx| Box::pin(async move { desk::charters::version_in_force(tx).await })).await.unwrap();
            for (path, form) in CHANGES {
                for (said, expected) in ELSEWHERE {
                    assert_eq!(demo.asked(Method::POST, path, said, form).await, (expected, None), "{path} {said:?}");
                }
            }
            assert_eq!(demo.asked(Method::GET, "/demo/as/lead/escalations", &[("host", "evil.example")], "").await.0, StatusCode::MISDIRECTED_REQUEST);
            let after = test.db.read(|tx| Box::pin(async move { desk::charters::version_in_force(tx).await })).await.unwrap();
            assert_eq!(before, after);
            let here = [("sec-fetch-site", "same-origin")];
            for (path, form) in &CHANGES[..3] {
                assert_eq!(demo.asked(Method::POST, path, &here, form).await.0, StatusCode::SEE_OTHER, "{path}");
            }
            for (path, form, status) in [
                ("/demo/rule", "percent=31", StatusCode::UNPROCESSABLE_ENTITY),
                ("/demo/rule", "percent=", StatusCode::UNPROCESSABLE_ENTITY),
                ("/demo/sign-in", "email=nobody@hazelhart.example", StatusCode::NOT_FOUND),
            ] {
                assert_eq!(demo.asked(Method::POST, path, &here, form).await.0, status, "{path} {form}");
            }
            assert_eq!(demo.asked(Method::GET, "/", &[], "").await, (StatusCode::SEE_OTHER, Some("/demo".to_owned())));
        });
    }

    /// A frame and what follows along with it ask at once; the forms of the one are sent with the sign-in of both.
    #[test]
    fn who_asks_twice_at_once_is_signed_in_once() {
        on_each(|test| async move {
            let demo = Shown::of(&test, &hazel::COMPANY).await;
            let of_forms = || async {
                let request = Request::get("/demo/as/lead/escalations").header(header::HOST, "127.0.0.1:7878").body(Body::empty()).unwrap();
                let answer = demo.0.clone().oneshot(request).await.unwrap();
                let page = String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
                let (_, after) = page.split_once("name=\"_csrf\" value=\"").expect("a form");
                after.split('"').next().map(str::to_owned)
            };
            let (one, other) = tokio::join!(of_forms(), of_forms());
            assert_eq!(one, other);
        });
    }
}
