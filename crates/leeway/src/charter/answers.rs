//! What `decide`, `options` and `explain` share: a charter, one request or a line of JSON for each, and an answer to each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use charter::request::Problem;
use charter::{Charter, Purpose, Request, limits};
use clap::Args;
use serde::Serialize;

use super::input::{self, CharterFile, Inside};
use super::lines::Lines;
use super::output::Output;
use super::{Ended, Failure};

/// A charter and what it is asked.
#[derive(Args)]
pub(super) struct Asked {
    /// The charter
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The request, in JSON; `-` is standard input
    #[arg(long, value_name = "REQUEST.json")]
    request: PathBuf,
    /// Many requests, one a line; the answers are JSON, one a line, in the same order
    #[arg(long)]
    lines: bool,
    #[command(flatten)]
    inside: Inside,
}

/// A way of answering requests.
pub(super) trait Answering {
    type Answer: Serialize;
    const PURPOSE: Purpose;
    fn answer(&mut self, charter: &Charter, request: &Request) -> Self::Answer;
    fn invalid(&self, charter: &Charter, problems: Vec<Problem>) -> Self::Answer;
    fn is_invalid(answer: &Self::Answer) -> bool;
    /// Writes an answer for people.
    fn tell(&self, charter: &Charter, request: Option<&Request>, answer: &Self::Answer, out: &mut Output) -> Result<(), Failure>;
}

impl Asked {
    pub(super) fn run<A: Answering>(&self, mut answering: A, out: &mut Output) -> Result<Ended, Failure> {
        input::one_standard_input(self.inside.with(&self.file).chain([self.request.as_path()]))?;
        let file = CharterFile::read(&self.file, &self.inside)?;
        let Some(charter) = file.load_to_ask(out, self.lines)? else { return Ok(Ended::WithFindings) };
        if self.lines { self.all(&charter, &mut answering, out) } else { self.one(&charter, &mut answering, out) }
    }

    fn one<A: Answering>(&self, charter: &Charter, answering: &mut A, out: &mut Output) -> Result<Ended, Failure> {
        let text = input::text(&self.request, limits::REQUEST_BYTES, "REQUEST_BYTES")?;
        serde_json::from_str::<serde_json::Value>(&text).map_err(|error| not_json(&self.request, &error))?;
        let (request, answer) = answered(charter, answering, Request::from_json(charter, &text, A::PURPOSE));
        if out.json {
            out.value(&answer)?;
        } else {
            answering.tell(charter, request.as_ref(), &answer, out)?;
        }
        Ok(Ended::fine_if(!A::is_invalid(&answer)))
    }

    fn all<A: Answering>(&self, charter: &Charter, answering: &mut A, out: &mut Output) -> Result<Ended, Failure> {
        let cannot = |error: std::io::Error| Failure::Input(format!("cannot read {}: {error}", input::shown(&self.request)));
        let mut lines = Lines::of(input::source(&self.request).map_err(cannot)?);
        let mut ended = Ended::Fine;
        loop {
            if lines.would_wait() {
                out.flush()?;
            }
            let Some(line) = lines.next().map_err(cannot)? else { return Ok(ended) };
            let request = line.map_err(|problem| vec![problem]).and_then(|text| Request::from_json(charter, text, A::PURPOSE));
            let (_, answer) = answered(charter, answering, request);
            ended = ended.and(Ended::fine_if(!A::is_invalid(&answer)));
            out.value_line(&answer)?;
        }
    }
}

fn answered<A: Answering>(charter: &Charter, answering: &mut A, request: Result<Request, Vec<Problem>>) -> (Option<Request>, A::Answer) {
    match request {
        Ok(request) => {
            let answer = answering.answer(charter, &request);
            (Some(request), answer)
        }
        Err(problems) => (None, answering.invalid(charter, problems)),
    }
}

fn not_json(path: &Path, error: &serde_json::Error) -> Failure {
    Failure::Input(format!("{} is not JSON: {error}", input::shown(path)))
}

/// Writes what a request names and the charter does not, before the answer: a misspelt fact must not be overlooked.
pub(super) fn tell_ignored(ignored: &[String], meant: &BTreeMap<String, String>, out: &mut Output) -> Result<(), Failure> {
    let others: Vec<&str> = ignored.iter().filter(|name| !meant.contains_key(*name)).map(String::as_str).collect();
    for (name, near) in meant {
        out.line(&format!("note: `{name}` is not in the charter and was ignored; did you mean `{near}`?"))?;
    }
    if !others.is_empty() {
        out.line(&format!("note: not in the charter, ignored: {}", others.join(", ")))?;
    }
    if !ignored.is_empty() {
        out.line("")?;
    }
    Ok(())
}

/// Writes what is wrong with a request, a line for each problem.
pub(super) fn tell_problems(problems: &[Problem], out: &mut Output) -> Result<(), Failure> {
    for problem in problems {
        let at = if problem.at.is_empty() { "the request" } else { &problem.at };
        out.line(&format!("  {at}: {}; expected {}", problem.message, problem.expected))?;
    }
    Ok(())
}
