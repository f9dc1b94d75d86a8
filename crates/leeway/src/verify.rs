//! `leeway verify`: everything in a database that is not as it was written. It looks page by page, while the server runs, and changes nothing.

use clap::Args;
use desk::charters::Charters;
use desk::verify::{self as ledger, Decisions, Grants, Openings, Sums};
use indicatif::{ProgressBar, ProgressStyle};
use platform::audit::{self, Chains, Seals};
use platform::db::{Db, DbError, Tx, schema};

use crate::command::{Ended, Failure, open_as_it_is, say};
use crate::settings::Given;

/// How many findings are told; one more, and there is no end to them.
const FINDINGS_MAX: usize = 100;

/// Say everything in a database that is not as it was written
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    given: Given<false>,
}

impl Verify {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let location = self.given.settings()?.database;
        let db = open_as_it_is(&location).await?;
        let looked = look(&db).await?;
        looked.tell()
    }
}

/// What was found in a database, and how much was looked at.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) findings: Vec<String>,
    events: usize,
    seals: usize,
    grants: usize,
    decisions: Decisions,
}

impl Looked {
    /// Says what was found, and then how much was looked at.
    pub(crate) fn tell(&self) -> Result<Ended, Failure> {
        for finding in self.findings.iter().take(FINDINGS_MAX) {
            say(finding)?;
        }
        if self.findings.len() >= FINDINGS_MAX {
            say(format_args!("… only the first {FINDINGS_MAX} findings are told"))?;
        }
        let Decisions { same, erased, different, .. } = &self.decisions;
        say(format_args!(
            "{} events, {} seals, {} grants; decided again: {same} the same, {erased} erased, {different} different",
            self.events, self.seals, self.grants
        ))?;
        say(if self.findings.is_empty() { "nothing was found" } else { "not everything is as it was written" })?;
        Ok(if self.findings.is_empty() { Ended::Fine } else { Ended::WithFindings })
    }
}

/// What is looked at, page by page.
enum Part {
    Chains(Chains),
    Seals(Seals),
    Grants(Grants),
    Sums(Sums),
    Decisions(Decisions, Charters),
    Openings(Openings, Charters),
}

impl Part {
    async fn page(&mut self, tx: &mut Tx, found: &mut Vec<String>) -> Result<usize, DbError> {
        match self {
            Self::Chains(chains) => chains.page(tx, found).await,
            Self::Seals(seals) => seals.page(tx, found).await,
            Self::Grants(grants) => grants.page(tx, found).await,
            Self::Sums(sums) => sums.page(tx, found).await,
            Self::Openings(openings, charters) => openings.page(tx, charters, found).await,
            Self::Decisions(decisions, charters) => decisions.page(tx, charters, found).await,
        }
    }
}

/// Looks at everything.
pub(crate) async fn look(db: &Db) -> Result<Looked, Failure> {
    let (events, (grants, decisions)) = db.read(|tx| Box::pin(async move { Ok::<_, DbError>((audit::events(tx).await?, ledger::counts(tx).await?)) })).await?;
    let bar = bar(events + grants + decisions);
    let mut looked = Looked { findings: db.unsound(&schema()?, FINDINGS_MAX).await?, ..Looked::default() };
    let parts = [
        Part::Chains(Chains::default()),
        Part::Seals(Seals::default()),
        Part::Grants(Grants::default()),
        Part::Sums(Sums::default()),
        Part::Decisions(Decisions::default(), Charters::default()),
        Part::Openings(Openings::default(), Charters::default()),
    ];
    for part in parts {
        let (part, count) = whole(db, part, &mut looked.findings, &bar).await?;
        match part {
            Part::Chains(_) => looked.events = count,
            Part::Seals(_) => looked.seals = count,
            Part::Grants(_) => looked.grants = count,
            Part::Sums(_) | Part::Openings(..) => {}
            Part::Decisions(decisions, _) => looked.decisions = decisions,
        }
    }
    bar.finish_and_clear();
    Ok(looked)
}

async fn whole(db: &Db, mut part: Part, findings: &mut Vec<String>, bar: &ProgressBar) -> Result<(Part, usize), DbError> {
    let mut count = 0;
    loop {
        let (looked, found, length) = db
            .read(move |tx| {
                Box::pin(async move {
                    let mut found = Vec::new();
                    let length = part.page(tx, &mut found).await?;
                    Ok::<_, DbError>((part, found, length))
                })
            })
            .await?;
        part = looked;
        findings.extend(found);
        count += length;
        bar.inc(if matches!(part, Part::Seals(_) | Part::Sums(_) | Part::Openings(..)) { 0 } else { u64::try_from(length).unwrap_or(0) });
        if length == 0 || findings.len() >= FINDINGS_MAX {
            return Ok((part, count));
        }
    }
}

/// On a terminal; nothing where nobody watches.
fn bar(length: i64) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(0));
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
