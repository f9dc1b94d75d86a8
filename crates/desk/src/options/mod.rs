//! The options card: what I may do here, computed when the case is opened. It asks only for facts that could change the answer.

pub mod api;
mod card;
mod look;
mod questions;
mod values;
mod words;

pub use card::{Card, Chosen, Other};
pub(crate) use card::{group_title, times_left};
pub(crate) use look::{Look, Opened};
pub use questions::{Answered, Question, QuestionKind};
pub(crate) use questions::{answers, question_again};
pub(crate) use values::in_words;
pub use values::read_answer;
pub(crate) use words::{affixes, amount, issue_title, of_amount, sentence_case, spoken, title};
