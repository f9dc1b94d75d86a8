//! Answers as people and programs get them: the decision with names for places, why it is so as data, and one plain sentence.

mod answer;
mod ignored;
mod sentence;
mod why;

pub use answer::{
    Answer, Ask, CapAnswer, NeedAnswer, OptionAnswer, OptionsAnswer, ToAnswer, Version, ZoneAnswer, answer, invalid, invalid_options, options_answer,
};
pub use why::{Says, Why};

use serde_json::Value as Json;

use crate::decide::{decide, options};
use crate::model::Charter;
use crate::request::{Purpose, Request};

/// Reads, decides and explains one request.
#[must_use]
pub fn decide_json(charter: &Charter, request: &Json) -> Answer {
    match Request::from_value(charter, request, Purpose::Decide) {
        Ok(request) => answer(charter, &request, &decide(charter, &request)),
        Err(problems) => invalid(charter, problems),
    }
}

/// Reads a request and explains all its options.
#[must_use]
pub fn options_json(charter: &Charter, request: &Json) -> OptionsAnswer {
    match Request::from_value(charter, request, Purpose::Options) {
        Ok(request) => options_answer(charter, &request, &options(charter, &request)),
        Err(problems) => invalid_options(charter, problems),
    }
}
