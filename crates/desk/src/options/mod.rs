//! The options card: what I may do here, computed when the case is opened. It asks only for facts that could change the answer.

pub mod api;
mod card;
mod questions;
mod words;

pub use card::{Card, Chosen, Other, card};
pub use questions::{Question, QuestionKind, read_answer};
pub(crate) use words::{amount, sentence_case, spoken, title};
