use charter::Charter;
use charter::explain::Ask;
use charter::facts::{Fact, Type};
use platform::http::Form;
use ui::components::{Field, FieldKind};
use ui::format::{Affixes, Formats};

use super::values::to_type;
use super::words::{sentence_case, spoken};

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
    /// What is wrong with the answer that was sent, where it was chosen and not typed.
    pub error: Option<String>,
}

/// How a question is answered.
#[derive(Clone, Debug)]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// One of these: what is sent, and what is read.
    Choice(Vec<(String, String)>),
    /// What is typed.
    Typed(Box<Field>),
    /// Only a system may say so: nobody is asked.
    System,
}

/// What the fields of questions are called: this, and the fact.
const FIELD: &str = "is.";

impl Question {
    /// What its field is called.
    #[must_use]
    pub fn field(&self) -> String {
        format!("{FIELD}{}", self.fact)
    }

    /// Whether its answer is typed; else it is chosen with a button.
    #[must_use]
    pub const fn is_typed(&self) -> bool {
        matches!(self.kind, QuestionKind::Typed(_))
    }

    /// What can be chosen as an answer: what is sent, and what is read.
    #[must_use]
    pub fn choices(&self) -> Vec<(String, String)> {
        match &self.kind {
            QuestionKind::YesNo => [("yes", "Yes"), ("no", "No")].map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec(),
            QuestionKind::Choice(values) => values.clone(),
            QuestionKind::Typed(_) | QuestionKind::System => Vec::new(),
        }
    }
}

/// The answers of a form: facts, and what was typed or chosen. What was left empty is no answer.
pub(crate) fn answers(form: &Form) -> Vec<(String, String)> {
    let answers = form.entries().filter_map(|(name, typed)| Some((name.strip_prefix(FIELD)?, typed.trim())));
    answers.filter(|(_, typed)| !typed.is_empty()).map(|(fact, typed)| (fact.to_owned(), typed.to_owned())).collect()
}

/// An answer that was sent and not taken: it cannot be read, or another one beside it cannot.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The fact.
    pub fact: String,
    /// What was typed.
    pub typed: String,
    /// What is wrong with it; nothing while it is only being changed, or where something else is wrong.
    pub error: Option<String>,
    /// Whether it was to take the place of another answer.
    pub is_change: bool,
}

/// The question for a fact that an answer hangs on.
pub(super) fn question(charter: &Charter, ask: &Ask, answered: Option<&Answered>, formats: &Formats) -> Option<Question> {
    let fact = charter.fact(&ask.fact).and_then(|place| charter.facts.get(place))?;
    let note = ask.stated.as_ref().map_or_else(String::new, |stated| format!("So far only said: {stated}."));
    let mut question = asked(charter, fact, note, answered, formats);
    if ask.confirm.as_deref() == Some("system") {
        question.kind = QuestionKind::System;
    }
    Some(question)
}

/// The question for a fact that is known, to be answered anew: `value` is what is known, as a request writes it.
pub(crate) fn question_again(charter: &Charter, fact: &str, value: &str, answered: &[Answered], formats: &Formats) -> Option<Question> {
    let fact = charter.fact(fact).and_then(|place| charter.facts.get(place))?;
    let known = Answered { fact: fact.name.to_string(), typed: to_type(charter, fact, value, formats), error: None, is_change: true };
    let mut question = asked(charter, fact, String::new(), answered.iter().find(|a| *a.fact == *fact.name).or(Some(&known)), formats);
    if let QuestionKind::Typed(field) = &mut question.kind {
        field.prefix = "change-".to_owned();
        field.is_first = field.error.is_none();
    }
    Some(question)
}

fn asked(charter: &Charter, fact: &Fact, note: String, answered: Option<&Answered>, formats: &Formats) -> Question {
    let text = fact.ask.as_ref().map_or_else(|| sentence(&fact.name, &fact.kind), ToString::to_string);
    let kind = match &fact.kind {
        Type::YesNo => QuestionKind::YesNo,
        Type::Choice(values) => QuestionKind::Choice(values.iter().map(|v| (v.to_string(), spoken(v))).collect()),
        other => QuestionKind::Typed(Box::new(field(charter, fact, other, &text, &note, answered, formats))),
    };
    Question { fact: fact.name.to_string(), text, note, kind, error: answered.and_then(|a| a.error.clone()) }
}

fn field(charter: &Charter, fact: &Fact, kind: &Type, text: &str, note: &str, answered: Option<&Answered>, formats: &Formats) -> Field {
    let (kind, hint) = match kind {
        Type::Number | Type::Money => (FieldKind::Decimal, ""),
        Type::Date => (FieldKind::Date, ""),
        Type::Time => (FieldKind::Moment, ""),
        Type::Duration => (FieldKind::Text, "Such as 36h or 2 days."),
        Type::List => (FieldKind::Text, "Several are separated by commas."),
        Type::YesNo | Type::Choice(_) | Type::Text => (FieldKind::Text, ""),
    };
    let hint = [hint, note].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let affixes = if fact.kind == Type::Money { Affixes::of_currency(&charter.currency, formats.locale) } else { Affixes::default() };
    Field {
        kind,
        hint,
        affixes,
        value: answered.map(|a| a.typed.clone()).unwrap_or_default(),
        error: answered.and_then(|a| a.error.clone()),
        ..Field::new(format!("{FIELD}{}", fact.name), text)
    }
}

/// The question where the charter has none of its own.
fn sentence(fact: &str, kind: &Type) -> String {
    let (subject, name) = fact.split_once('.').unwrap_or(("case", fact));
    let (subject, name) = (spoken(subject), spoken(name));
    let first = name.split(' ').next().unwrap_or_default();
    match kind {
        Type::YesNo => format!("{}: is that so for the {subject}?", sentence_case(&name)),
        Type::Date | Type::Time if first.ends_with("ed") || first.ends_with("en") => format!("When was the {subject} {name}?"),
        Type::Number if first.ends_with('s') => format!("How many {name} for the {subject}?"),
        Type::Duration => format!("How long: {name}, for the {subject}?"),
        Type::List => format!("Which {name}, for the {subject}?"),
        _ => format!("What is the {name} of the {subject}?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_sentences() {
        let cases = [
            ("order.total", Type::Money, "What is the total of the order?"),
            ("customer.tier", Type::Text, "What is the tier of the customer?"),
            ("order.placed", Type::Date, "When was the order placed?"),
            ("order.days_late", Type::Number, "How many days late for the order?"),
            ("case.photo_seen", Type::YesNo, "Photo seen: is that so for the case?"),
        ];
        for (fact, kind, expected) in cases {
            assert_eq!(sentence(fact, &kind), expected);
        }
    }
}
