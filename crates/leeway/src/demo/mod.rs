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

use access::people;
use access::sign_in::{Cost, Passwords};
use axum::Router;
use clap::Args;
use desk::subjects;
use platform::clock::Clock;
use platform::db::{Db, DbError, Location};

use crate::app::App;
use crate::command::{Ended, Failure, open, say};
use crate::serve::answer;
use crate::settings::Given;
use crate::{logs, routes};
use company::make;
use seats::Seats;
use story::Company;

/// What everybody at the made-up company signs in with.
const PASSWORD: &str = "room to act";

/// Run the server on a made-up company, to look around
#[derive(Args, Debug)]
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
        if settings.database == Location::File("leeway.db".into()) {
            settings.database = Location::File(company.file.into());
        }
        let db = open(&settings.database, true).await?;
        if is_empty(&db).await? {
            say(format_args!("Making up a company with {} days behind it", self.days))?;
            fill(&db, company, self.days).await?;
        } else if !is_demo(&db, company).await? {
            return Err(Failure::new(format!("`{}` holds something else than the demo; name another file with --database", settings.database)));
        } else if !is_whole(&db).await? {
            return Err(Failure::new(format!("`{}` was stopped while the company was made; delete it, or name another with --database", settings.database)));
        }
        say(format_args!(
            "{} is made up, and so are its customers. Look at it at /demo, or sign in as one of these; everybody's password is: {PASSWORD}",
            company.name
        ))?;
        for person in company.people {
            say(format_args!("  {:<26} {}", person.email, person.line))?;
        }
        answer(db, &settings, |app| service(app, company)).await
    }
}

/// Everything the program answers, with the demo's own pages around it.
fn service(app: &App, company: &'static Company) -> Router {
    let demo = page::Demo { app: app.clone(), company, seats: Seats::of(company) };
    let mut routes = routes::all(app);
    routes.extend(page::routes(&demo));
    seats::around(routes::service_of(app, routes), demo.seats)
}

async fn is_empty(db: &Db) -> Result<bool, DbError> {
    db.read(|tx| Box::pin(async move { Ok(!people::has_owner(tx).await?) })).await
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
    make(db, company, &hash, days, now).await.map_err(|why| Failure::new(format!("the made-up company could not be made: {}", why.0)))
}

fn cannot_hash() -> Failure {
    Failure::new("this machine cannot hash passwords: is there memory left?")
}

#[cfg(test)]
mod tests {
    use platform::db::schema;
    use testkit::on_each;

    use super::company::make;
    use super::{hazel, teapot};

    #[test]
    fn each_company_can_be_made() {
        for company in [&hazel::COMPANY, &teapot::COMPANY] {
            on_each(|test| async move {
                test.db.migrate(&schema().unwrap()).await.unwrap();
                make(&test.db, company, "hash", 12, 1_795_428_000_000_000).await.unwrap();
                let found = test.db.read(|tx| Box::pin(async move { platform::audit::verify(tx, 10).await })).await.unwrap();
                assert_eq!(found, Vec::<String>::new());
            });
        }
    }
}
