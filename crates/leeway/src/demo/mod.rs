//! `leeway demo`: a small made-up company to look around in.

mod company;
mod story;

use access::people;
use access::sign_in::{Cost, Passwords};
use clap::Args;
use platform::clock::Clock;
use platform::db::{Db, DbError, Location};

use crate::command::{Ended, Failure, open, say};
use crate::logs;
use crate::serve::answer;
use crate::settings::Given;
use company::{NotMade, make};
use story::PEOPLE;

/// What everybody at the made-up company signs in with.
const PASSWORD: &str = "room to act";

/// Run the server on a small made-up company, to look around
#[derive(Args, Debug)]
pub(crate) struct Demo {
    #[command(flatten)]
    given: Given<true>,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let mut settings = self.given.settings()?;
        logs::begin(&settings.log, settings.is_log_json)?;
        if !settings.listen.ip().is_loopback() {
            return Err(Failure::new("the demo has a password that everybody knows: it answers on this machine only, so give --listen 127.0.0.1:PORT"));
        }
        if settings.database == Location::File("leeway.db".into()) {
            settings.database = Location::File("leeway-demo.db".into());
        }
        let db = open(&settings.database, true).await?;
        if is_empty(&db).await? {
            fill(&db).await?;
        } else if !is_demo(&db).await? {
            return Err(Failure::new(format!("`{}` holds something else than the demo; name another file with --database", settings.database)));
        }
        say("Hazel & Hart is a made-up company, and so are its customers. Everybody's password is: room to act")?;
        for person in PEOPLE {
            say(format_args!("  {:<26} {}", person.email, person.line))?;
        }
        answer(db, &settings).await
    }
}

async fn is_empty(db: &Db) -> Result<bool, DbError> {
    db.read(|tx| Box::pin(async move { Ok(!people::has_owner(tx).await?) })).await
}

async fn is_demo(db: &Db) -> Result<bool, DbError> {
    let last = PEOPLE.last().map_or("", |person| person.email);
    db.read(move |tx| Box::pin(async move { Ok(people::find_by_email(tx, last).await?.is_some()) })).await
}

async fn fill(db: &Db) -> Result<(), Failure> {
    let hash = Passwords::new(Cost::Usual).map_err(|_| cannot_hash())?.hash(PASSWORD.to_owned()).await.map_err(|_| cannot_hash())?;
    let now = Clock::machine().now();
    let made: Result<(), NotMade> = db.write(move |tx| Box::pin(async move { make(tx, &hash, now).await })).await;
    made.map_err(|why| Failure::new(format!("the made-up company could not be made: {}", why.0)))
}

fn cannot_hash() -> Failure {
    Failure::new("this machine cannot hash passwords: is there memory left?")
}

#[cfg(test)]
mod tests {
    use platform::db::schema;
    use testkit::on_each;

    use super::company::{NotMade, make};

    #[test]
    fn the_company_can_be_made() {
        on_each(|test| async move {
            test.db.migrate(&schema().unwrap()).await.unwrap();
            let made: Result<(), NotMade> = test.db.write(|tx| Box::pin(async move { make(tx, "hash", 1_795_428_000_000_000).await })).await;
            made.unwrap();
            let found = test.db.read(|tx| Box::pin(async move { platform::audit::verify(tx, 10).await })).await.unwrap();
            assert_eq!(found, Vec::<String>::new());
        });
    }
}
