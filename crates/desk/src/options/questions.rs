use charter::Charter;
use charter::explain::Ask;
use charter::facts::{NotValue, Type};
use serde_json::{Value as Json, json};

/// A fact to find out, as the desk asks for it.
#[derive(Clone, Debug)]
pub struct Question {
    /// `subject.fact`
    pub fact: String,
    /// The question.
    pub text: String,
    /// What is known so far, and why it does not count.
    pub note: String,
    /// How it is answered.
    pub kind: QuestionKind,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// One of these.
    Choice(Vec<String>),
    /// A day.
    Day,
    /// Digits.
    Number,
    /// Words; with how to write them.
    Text(&'static str),
    /// Only a system may say so: nobody is asked.
    System,
}

impl Question {
    /// Whether a day is the answer.
    #[must_use]
    pub fn is_day(&self) -> bool {
        self.kind == QuestionKind::Day
    }
}

/// The question for a fact that an answer hangs on.
pub(super) fn question(charter: &Charter, ask: &Ask) -> Option<Question> {
    let fact = charter.fact(&ask.fact).and_then(|place| charter.facts.get(place))?;
    let kind = if ask.confirm.as_deref() == Some("system") { QuestionKind::System } else { kind(&fact.kind) };
    let text = ask.ask.clone().unwrap_or_else(|| format!("{}?", super::words::sentence_case(&super::words::spoken(&ask.fact.replace('.', ": ")))));
    let note = ask.stated.as_ref().map_or_else(String::new, |stated| format!("So far only said: {stated}."));
    Some(Question { fact: ask.fact.clone(), text, note, kind })
}

fn kind(of: &Type) -> QuestionKind {
    match of {
        Type::YesNo => QuestionKind::YesNo,
        Type::Choice(values) => QuestionKind::Choice(values.iter().map(ToString::to_string).collect()),
        Type::Date => QuestionKind::Day,
        Type::Number | Type::Money => QuestionKind::Number,
        Type::Duration => QuestionKind::Text("such as 36h or 2d"),
        Type::Time => QuestionKind::Text("such as 2026-01-31T10:00:00Z"),
        Type::Text => QuestionKind::Text(""),
        Type::List => QuestionKind::Text("separated by commas"),
    }
}

/// What was typed as an answer, as requests write it.
///
/// # Errors
/// What belongs there instead, in a sentence.
pub fn read_answer(charter: &Charter, fact: &str, typed: &str) -> Result<Json, String> {
    let fact = charter.fact(fact).and_then(|place| charter.facts.get(place)).ok_or("The charter in force does not ask for this any more.")?;
    match &fact.kind {
        Type::YesNo => match typed {
            "true" | "yes" => Ok(json!(true)),
            "false" | "no" => Ok(json!(false)),
            _ => Err("Yes or no.".to_owned()),
        },
        Type::List => Ok(json!(typed.split(',').map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>())),
        kind => kind.read(typed, charter.currency.places).map(|_| json!(typed)).map_err(|wrong| said(&wrong)),
    }
}

fn said(wrong: &NotValue) -> String {
    match wrong {
        NotValue::Expected(what) => format!("Here belongs {what}."),
        NotValue::OutOfRange => "This is more than can be.".to_owned(),
        NotValue::TooLong(_) => "This is too long.".to_owned(),
    }
}
