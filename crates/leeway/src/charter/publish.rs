//! `leeway charter publish` and `roll-back`: which charter is in force in a database.

use std::path::PathBuf;

use clap::Args;
use desk::charters::{self, NotPublished};
use platform::actor::Actor;
use platform::clock::Clock;
use platform::db::Db;

use super::input::{CharterFile, Inside};
use super::output::Output;
use super::{Ended, Failure, render};
use crate::command;
use crate::settings::Given;

/// Keep a charter under the next number, and put it in force
#[derive(Args)]
pub(super) struct Publish {
    /// The charter
    file: PathBuf,
    #[command(flatten)]
    inside: Inside,
    /// What is different, in a sentence for those who work by it
    #[arg(long)]
    note: String,
    #[command(flatten)]
    given: Given<false>,
}

/// Put a charter in force that was published before
#[derive(Args)]
pub(super) struct RollBack {
    /// Its number
    version: i64,
    #[command(flatten)]
    given: Given<false>,
}

impl Publish {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        let file = CharterFile::read(&self.file, &self.inside)?;
        let (text, outer, note) = (file.text.clone(), file.outer().map(str::to_owned), self.note.clone());
        if note.trim().is_empty() {
            return Err(Failure::Input("`--note` says what is different: write a sentence".to_owned()));
        }
        let at = Clock::machine().now();
        let published = on(&self.given, async |db| {
            db.write(move |tx| Box::pin(async move { charters::publish(tx, &text, outer.as_deref(), &note, &Actor::System, at).await })).await
        })?;
        match published {
            Ok(published) => {
                out.line(&format!("version {} is in force", published.version))?;
                Ok(Ended::Fine)
            }
            Err(NotPublished::Findings(findings)) => {
                render::to_stderr(&file.path, &file.text, &findings.iter().collect::<Vec<_>>())?;
                Ok(Ended::WithFindings)
            }
            Err(other) => Err(not(&other)),
        }
    }
}

impl RollBack {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        let (version, at) = (self.version, Clock::machine().now());
        let put = on(&self.given, async |db| db.write(move |tx| Box::pin(async move { charters::put_in_force(tx, version, &Actor::System, at).await })).await)?;
        put.map_err(|e| not(&e))?;
        out.line(&format!("version {version} is in force"))?;
        Ok(Ended::Fine)
    }
}

fn not(e: &NotPublished) -> Failure {
    Failure::Input(match e {
        NotPublished::Findings(_) => "the charter has errors".to_owned(),
        NotPublished::CountsOtherwise(lines) => lines.join("\n"),
        NotPublished::NoSuchVersion(version) => format!("there is no version {version}; the page Charter lists those there are"),
        NotPublished::Db(e) => e.to_string(),
    })
}

/// Does something with the database that the settings name.
fn on<T>(given: &Given<false>, body: impl AsyncFnOnce(Db) -> T) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let opened = async { command::open(&given.settings()?.database, true).await };
        match opened.await {
            Ok(db) => Ok(body(db).await),
            Err(command::Failure(why)) => Err(Failure::Input(why)),
        }
    })
}
