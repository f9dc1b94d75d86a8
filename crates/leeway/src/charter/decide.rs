//! `decide`: may this be done, and what then.

use charter::decide::{Decision, Outcome, decide_into};
use charter::explain::{self, Answer, Ask};
use charter::money::Amount;
use charter::request::{Missing, Problem};
use charter::{Charter, Purpose, Request};
use clap::Args;

use super::answers::{Answering, Asked, tell_ignored, tell_problems};
use super::output::Output;
use super::{Ended, Failure};

/// Decide requests
#[derive(Args)]
pub(super) struct Decide {
    #[command(flatten)]
    asked: Asked,
}

impl Decide {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        self.asked.run(Deciding { decision: Decision::default() }, out)
    }
}

struct Deciding {
    decision: Decision,
}

impl Answering for Deciding {
    type Answer = Answer;
    const PURPOSE: Purpose = Purpose::Decide;

    fn answer(&mut self, charter: &Charter, request: &Request) -> Answer {
        decide_into(charter, request, &mut self.decision);
        explain::answer(charter, request, &self.decision)
    }

    fn invalid(&self, charter: &Charter, problems: Vec<Problem>) -> Answer {
        explain::invalid(charter, problems)
    }

    fn is_invalid(answer: &Answer) -> bool {
        answer.outcome == Outcome::Invalid
    }

    fn tell(&self, _: &Charter, _: Option<&Request>, answer: &Answer, out: &mut Output) -> Result<(), Failure> {
        tell(answer, out)
    }
}

/// Writes an answer for a person: the outcome, the sentence, and what a decision needs to know of it.
pub(super) fn tell(answer: &Answer, out: &mut Output) -> Result<(), Failure> {
    tell_ignored(&answer.ignored, &answer.perhaps_meant, out)?;
    out.line(answer.outcome.name())?;
    if !answer.problems.is_empty() {
        return tell_problems(&answer.problems, out);
    }
    out.line(&answer.sentence)?;
    let amount = |a: &Option<Amount>| a.as_ref().map(amount);
    let facts = answer.asks.iter().map(asked);
    let to = answer.to.as_ref().map(|to| {
        let due = to.due.as_ref().map(|due| format!(", due {due}")).unwrap_or_default();
        let deserted = if to.no_openings { ", no openings known" } else { "" };
        format!("{}{due}{deserted}", to.group.as_ref().unwrap_or(&to.level))
    });
    let lines = [
        ("rules", joined(&answer.rules)),
        ("facts to find out", joined(&facts.collect::<Vec<_>>())),
        ("to", to),
        ("free up to", amount(&answer.free_up_to)),
        ("saying why up to", amount(&answer.say_why_up_to)),
        ("assumed", joined(&answer.assumed)),
    ];
    for (what, said) in lines {
        if let Some(said) = said {
            out.line(&format!("  {what}: {said}"))?;
        }
    }
    Ok(())
}

/// A fact to find out, and what is known about it all the same.
fn asked(ask: &Ask) -> String {
    let stated = || ask.stated.as_ref().map(|stated| format!("stated: {stated}"));
    let at = || ask.stated_at.as_ref().map(|at| format!("at {at}"));
    let holds = || ask.fresh.as_ref().map(|fresh| format!("holds for {fresh}"));
    let notes = match ask.why {
        Missing::Unknown => vec![],
        Missing::Unconfirmed => vec![stated()],
        Missing::Stale => vec![Some("too old".to_owned()), stated(), at(), holds()],
        Missing::Undated => vec![Some("without a time".to_owned()), stated(), holds()],
    };
    let confirm = ask.confirm.as_ref().map(|confirm| format!("to be confirmed: {confirm}"));
    let notes: Vec<String> = std::iter::once(confirm).chain(notes).flatten().collect();
    if notes.is_empty() { ask.fact.clone() } else { format!("{} ({})", ask.fact, notes.join("; ")) }
}

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(", "))
}

/// An amount for people: `15.00 EUR`, `2`, `unlimited`.
pub(super) fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Money { amount, currency } => format!("{amount} {currency}"),
        Amount::Text(text) => text.clone(),
    }
}
