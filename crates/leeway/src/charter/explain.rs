//! `explain`: a decision, and what each rule that concerned it said.

use charter::decide::{Outcome, decide};
use charter::explain::{self, Answer, CapAnswer, Says, Why};
use charter::request::Problem;
use charter::{Charter, Purpose, Request};
use clap::Args;

use super::answers::{Answering, Asked};
use super::decide::{amount, tell};
use super::output::Output;
use super::{Ended, Failure};

/// Decide requests, and say why in full
#[derive(Args)]
pub(super) struct Explain {
    #[command(flatten)]
    asked: Asked,
}

impl Explain {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        self.asked.run(Explaining, out)
    }
}

struct Explaining;

impl Answering for Explaining {
    type Answer = Answer;
    const PURPOSE: Purpose = Purpose::Decide;

    fn answer(&mut self, charter: &Charter, request: &Request) -> Answer {
        explain::answer(charter, request, &decide(charter, request))
    }

    fn invalid(&self, charter: &Charter, problems: Vec<Problem>) -> Answer {
        explain::invalid(charter, problems)
    }

    fn is_invalid(answer: &Answer) -> bool {
        answer.outcome == Outcome::Invalid
    }

    fn tell(&self, _: &Charter, _: Option<&Request>, answer: &Answer, out: &mut Output) -> Result<(), Failure> {
        tell(answer, out)?;
        for why in &answer.why {
            out.line("")?;
            rule(why, out)?;
            answer.caps.iter().filter(|cap| cap.rule == why.rule).try_for_each(|c| cap(c, out))?;
        }
        let told = |cap: &&CapAnswer| !answer.why.iter().any(|why| why.rule == cap.rule);
        for other in answer.caps.iter().filter(told) {
            out.line("")?;
            out.line(&other.rule)?;
            cap(other, out)?;
        }
        out.line("")?;
        for version in &answer.charters {
            out.line(&format!("{}, version {}", version.name, version.version))?;
        }
        Ok(())
    }
}

fn rule(why: &Why, out: &mut Output) -> Result<(), Failure> {
    let aside = if why.asker { "" } else { " (not about the one who asks)" };
    out.line(&format!("{}: {}{aside}", why.rule, says(why.says)))?;
    if let Some(because) = &why.because {
        out.line(&format!("  because    {because}"))?;
    }
    if let Some(condition) = &why.condition {
        out.line(&format!("  condition  {condition}"))?;
    }
    if let Some(who) = &why.who {
        out.line(&format!("  who        {who}"))?;
    }
    for (place, (fact, value)) in why.saw.iter().enumerate() {
        let heading = if place == 0 { "saw" } else { "" };
        out.line(&format!("  {heading:<9}  {fact} = {value}"))?;
    }
    let amounts = [("limit", &why.limit), ("stretch", &why.stretch), ("total", &why.total)];
    for (heading, of) in amounts {
        if let Some(of) = of {
            out.line(&format!("  {heading:<9}  {}", amount(of)))?;
        }
    }
    Ok(())
}

fn cap(cap: &CapAnswer, out: &mut Output) -> Result<(), Failure> {
    let amounts = [("allows", &cap.of), ("used", &cap.used), ("left", &cap.left)];
    for (heading, of) in amounts {
        out.line(&format!("  {heading:<9}  {}", of.as_ref().map_or_else(|| "unknown".to_owned(), amount)))?;
    }
    if let Some(room) = &cap.room_at {
        out.line(&format!("  more room  {room}"))?;
    }
    if cap.lacking {
        out.line("  note       some grants lack what this cap counts by, and do not count in it")?;
    }
    Ok(())
}

fn says(says: Says) -> &'static str {
    match says {
        Says::Covers => "covers it",
        Says::CoversSayingWhy => "covers it for those who say why",
        Says::MayCover => "may cover it, once more is known",
        Says::DoesNotCover => "does not cover it",
        Says::Closes => "closes it",
        Says::MayClose => "may close it, until more is known",
        Says::LeavesRoom => "leaves room",
    }
}
