//! `options`: all that may be done, to be read aloud.

use charter::explain::{self, OptionAnswer, OptionsAnswer};
use charter::request::Problem;
use charter::words::spoken;
use charter::{Charter, Purpose, Request};
use clap::Args;

use super::answers::{Answering, Asked, tell_ignored, tell_problems};
use super::output::{Output, counted};
use super::{Ended, Failure};

/// List what may be done, for each remedy and reason
#[derive(Args)]
pub(super) struct Options {
    #[command(flatten)]
    asked: Asked,
}

impl Options {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        self.asked.run(Offering, out)
    }
}

struct Offering;

impl Answering for Offering {
    type Answer = OptionsAnswer;
    const PURPOSE: Purpose = Purpose::Options;

    fn answer(&mut self, charter: &Charter, request: &Request) -> OptionsAnswer {
        explain::options_answer(charter, request, &charter::options(charter, request))
    }

    fn invalid(&self, charter: &Charter, problems: Vec<Problem>) -> OptionsAnswer {
        explain::invalid_options(charter, problems)
    }

    fn is_invalid(answer: &OptionsAnswer) -> bool {
        !answer.problems.is_empty()
    }

    fn tell(&self, charter: &Charter, request: Option<&Request>, answer: &OptionsAnswer, out: &mut Output) -> Result<(), Failure> {
        if !answer.problems.is_empty() {
            out.line("This cannot be answered.")?;
            return tell_problems(&answer.problems, out);
        }
        tell_ignored(&answer.ignored, &answer.perhaps_meant, out)?;
        let mut options: Vec<&OptionAnswer> = answer.options.iter().collect();
        options.sort_by_key(|option| rank(charter, request, option));
        for (place, option) in options.into_iter().enumerate() {
            if place > 0 {
                out.line("")?;
            }
            out.line(&heading(option))?;
            for sentence in &option.sentences {
                out.line(&format!("  {sentence}"))?;
            }
            if !option.absent.is_empty() {
                let subjects = option.absent.iter().map(|subject| spoken(subject)).collect::<Vec<_>>().join(" and ");
                out.line(&format!("  Some of its rules go by the {subjects}, and none is named."))?;
            }
        }
        if answer.left_out > 0 {
            out.line("")?;
            let more = counted(answer.left_out, "more option");
            out.line(&format!("There are {more} than an answer can hold (limit OPTION_PARTS); name a `remedy` and a `reason` in the request."))?;
        }
        Ok(())
    }
}

/// What the issue suggests comes first, in its order; then the remedies in the order of the charter.
fn rank(charter: &Charter, request: Option<&Request>, option: &OptionAnswer) -> (bool, usize, usize) {
    let order = charter.remedy(&option.remedy).and_then(|r| charter.remedies.get(r)).map_or(usize::MAX, |r| r.order);
    let reason = option.reason.as_ref().and_then(|r| charter.reason(r));
    let issue = request.and_then(|r| r.issue).and_then(|i| charter.issues.get(i));
    let suggested = issue.and_then(|i| i.suggests.iter().position(|r| Some(*r) == reason));
    match suggested.filter(|_| option.suggested) {
        Some(place) => (false, place, order),
        None => (true, order, reason.unwrap_or(0)),
    }
}

/// `Refund, late`.
fn heading(option: &OptionAnswer) -> String {
    let reason = option.reason.as_ref().map(|r| format!(", {}", spoken(r))).unwrap_or_default();
    let aside = if option.only_if_asked { " (only if asked)" } else { "" };
    format!("{}{reason}{aside}", option.title)
}
