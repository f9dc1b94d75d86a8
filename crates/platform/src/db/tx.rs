//! One transaction, on either database.

use std::collections::VecDeque;

use crate::events::Recorded;
use crate::live::Topic;
use crate::wiring::{self, Wire};

use super::{DbError, FromRow, Row, Statement, Value, postgres, sqlite};

/// A transaction that is under way. What it does is seen by others when all of it is durable, or not at all.
///
/// A body may await nothing but its `Tx`: on SQLite it is run from beginning to end on the one thread that writes.
pub struct Tx {
    pub(super) link: Link,
    pub(super) opened: Opened,
    appended: VecDeque<Recorded>,
    left: Left,
}

/// A database that this program opened.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    /// Which of them it is: no two have the same.
    pub(super) number: u64,
    /// What follows from events.
    pub(super) wires: &'static [Wire],
}

/// What is told to others when a transaction is durable.
#[derive(Default)]
pub(super) struct Left {
    /// A job was added.
    pub(super) wants_work: bool,
    /// What was touched.
    pub(super) topics: Vec<Topic>,
}

pub(super) enum Link {
    Sqlite(rusqlite::Connection),
    Postgres(deadpool_postgres::Object),
}

impl Tx {
    pub(super) fn new(link: Link, opened: Opened) -> Self {
        Self { link, opened, appended: VecDeque::new(), left: Left::default() }
    }

    pub(crate) fn appended(&mut self, event: Recorded) {
        self.appended.push_back(event);
    }

    /// A job was added: after the commit, workers are told.
    pub(crate) fn wanted_work(&mut self) {
        self.left.wants_work = true;
    }

    /// Something was touched: after the commit, it is announced.
    pub(crate) fn touched(&mut self, topic: Topic) {
        if !self.left.topics.contains(&topic) {
            self.left.topics.push(topic);
        }
    }

    pub(super) fn left(&mut self) -> Left {
        std::mem::take(&mut self.left)
    }

    /// Does what follows from the events that were appended, and from those that this appends.
    pub(super) async fn follow(&mut self) -> Result<(), DbError> {
        while let Some(event) = self.appended.pop_front() {
            wiring::follow(self, self.opened.wires, &event).await?;
            self.touched(event.subject.into());
        }
        Ok(())
    }

    /// The next body begins with nothing of the one before it.
    pub(super) fn begin_afresh(&mut self) {
        self.appended.clear();
        self.left = Left::default();
    }

    /// Which database this is of, among those that this program opened: what a program keeps beside a database, it keeps under this number.
    #[must_use]
    pub fn database(&self) -> u64 {
        self.opened.number
    }

    /// Runs a statement and says how many rows it changed.
    ///
    /// # Errors
    /// [`DbError::Refused`] when a rule of the schema says no; the others when it cannot be run.
    pub async fn execute(&mut self, statement: &'static Statement, values: &[Value]) -> Result<u64, DbError> {
        match &mut self.link {
            Link::Sqlite(connection) => sqlite::execute(connection, statement, values),
            Link::Postgres(client) => postgres::execute(client, statement, values).await,
        }
    }

    /// All rows of a statement. Statements of lists have a `LIMIT`.
    ///
    /// # Errors
    /// As [`Tx::execute`]; and when a row does not fit `R`.
    pub async fn all<R: FromRow>(&mut self, statement: &'static Statement, values: &[Value]) -> Result<Vec<R>, DbError> {
        let rows = match &mut self.link {
            Link::Sqlite(connection) => sqlite::query(connection, statement, values)?,
            Link::Postgres(client) => postgres::query(client, statement, values).await?,
        };
        rows.into_iter().map(|columns| read(statement, columns)).collect()
    }

    /// The row of a statement that gives one row or none.
    ///
    /// # Errors
    /// As [`Tx::all`].
    pub async fn optional<R: FromRow>(&mut self, statement: &'static Statement, values: &[Value]) -> Result<Option<R>, DbError> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// The row of a statement that always gives one (a count, an insert with `RETURNING`).
    ///
    /// # Errors
    /// As [`Tx::all`]; [`DbError::Defect`] when there is none.
    pub async fn one<R: FromRow>(&mut self, statement: &'static Statement, values: &[Value]) -> Result<R, DbError> {
        self.optional(statement, values).await?.ok_or_else(|| DbError::shape(format!("`{}` gave no row", statement.name)))
    }

    /// Prepares a statement without running it: whether it fits the schema.
    ///
    /// # Errors
    /// [`DbError::Defect`] when it does not.
    pub async fn prepare(&mut self, statement: &'static Statement) -> Result<(), DbError> {
        match &mut self.link {
            Link::Sqlite(connection) => sqlite::prepared(connection, statement),
            Link::Postgres(client) => postgres::prepared(client, statement).await,
        }
    }

    /// Holds these names until the end of the transaction; others that want one of them wait. Whoever reads a sum and then writes what depends on it
    /// (an allowance, a sequence) holds the name of that sum first. Taken in one order, so that no two wait for each other. Says whether others may have changed
    /// something meanwhile, so that what was read before is to be read again.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn hold(&mut self, names: &[String]) -> Result<bool, DbError> {
        match &mut self.link {
            // There is one writer.
            Link::Sqlite(_) => Ok(false),
            Link::Postgres(client) => postgres::hold(client, names).await.map(|()| true),
        }
    }

    /// Holds a name together with all others that share it: only one who wants to [`hold`](Tx::hold) it waits, and is waited for.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn share(&mut self, name: &str) -> Result<(), DbError> {
        match &mut self.link {
            Link::Sqlite(_) => Ok(()),
            Link::Postgres(client) => postgres::share(client, name).await,
        }
    }
}

fn read<R: FromRow>(statement: &Statement, columns: Vec<Value>) -> Result<R, DbError> {
    R::from_row(&mut Row::new(columns)).map_err(|e| match e {
        DbError::Defect(what) => DbError::Defect(format!("{}: {what}", statement.name)),
        other => other,
    })
}
