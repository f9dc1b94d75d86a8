//! `leeway admin …`: what is done at the machine itself, by whoever may open its database.

use std::io::Read;

use access::people;
use access::sign_in::{Cost, Passwords};
use access::{FirstOwner, Opening, first_owner};
use clap::{Args, Subcommand};
use platform::clock::Clock;
use platform::db::{Db, DbError};

use crate::command::{Ended, Failure, open, open_as_it_is, say};
use crate::settings::Given;

/// Make owners, and let them in again
#[derive(Args, Debug)]
pub(crate) struct Admin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make the first owner
    CreateOwner(CreateOwner),
    /// Let an owner choose a new password
    ResetPassword(ResetPassword),
}

/// How the owner gets in.
#[derive(Args, Debug)]
struct Way {
    /// Read the password from standard input, instead of printing a link that works once
    #[arg(long)]
    password_stdin: bool,
    /// Where people reach Leeway, for the link [default: the setting `origin`, or `http://` and that of `listen`]
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    #[command(flatten)]
    given: Given<false>,
}

/// Make the first owner
#[derive(Args, Debug)]
struct CreateOwner {
    /// Full name
    #[arg(long)]
    name: String,
    /// E-mail address, to sign in with
    #[arg(long)]
    email: String,
    /// Language tag
    #[arg(long, default_value = "en")]
    locale: String,
    /// Time zone, such as `Europe/Lisbon`
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// Do it although there is an owner; somebody who has this address becomes owner
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    way: Way,
}

/// Let an owner choose a new password
#[derive(Args, Debug)]
struct ResetPassword {
    /// E-mail address of the owner
    #[arg(long)]
    email: String,
    #[command(flatten)]
    way: Way,
}

impl Admin {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        match self.command {
            Command::CreateOwner(owner) => {
                let db = open(&owner.way.given.settings()?.database, true).await?;
                let opening = owner.way.opening()?;
                let CreateOwner { name, email, locale, time_zone, force, .. } = owner;
                make(&db, FirstOwner { name, email, locale, time_zone, opening, is_forced: force }).await
            }
            Command::ResetPassword(reset) => {
                let db = open_as_it_is(&reset.way.given.settings()?.database).await?;
                let staff = owner(&db, &reset.email).await?;
                let opening = reset.way.opening()?;
                let people::Staff { name, locale, time_zone, .. } = staff;
                make(&db, FirstOwner { name, email: reset.email, locale, time_zone, opening, is_forced: true }).await
            }
        }
    }
}

impl Way {
    fn opening(&self) -> Result<Opening, Failure> {
        if self.password_stdin {
            let mut password = String::new();
            std::io::stdin().lock().take(4_096).read_to_string(&mut password)?;
            return Ok(Opening::Password(password));
        }
        let settings = self.given.settings()?;
        let origin = self.origin.clone().or(settings.origin).unwrap_or_else(|| format!("http://{}", settings.listen));
        Ok(Opening::Link(origin.trim_end_matches('/').to_owned()))
    }
}

async fn owner(db: &Db, email: &str) -> Result<people::Staff, Failure> {
    let asked = email.to_owned();
    let found = db.read(move |tx| {
        Box::pin(async move {
            match people::find_by_email(tx, &asked).await? {
                Some(id) => people::find(tx, id).await,
                None => Ok::<_, DbError>(None),
            }
        })
    });
    match found.await? {
        Some(staff) if staff.is_owner => Ok(staff),
        Some(_) => Err(Failure::new(format!("`{email}` is not an owner; on their page among the people an owner lets them in again"))),
        None => Err(Failure::new(format!("nobody has the address `{email}`"))),
    }
}

async fn make(db: &Db, new: FirstOwner) -> Result<Ended, Failure> {
    let passwords = Passwords::new(Cost::Usual).map_err(|_| Failure::new("this machine cannot hash passwords: is there memory left?"))?;
    let email = new.email.clone();
    match first_owner(db, &Clock::machine(), &passwords, new).await? {
        Some(link) => say(format_args!("{email} is owner. This link works once, for whoever has it:\n{link}"))?,
        None => say(format_args!("{email} is owner, and signs in with the password that was given"))?,
    }
    Ok(Ended::Fine)
}
