//! A second engine for charters: slow, obvious, and written from `docs/charter.md` alone.
//!
//! It reads a charter with no checks of its own, works every rule out at every amount anew by walking the text of
//! its expressions, and finds each largest amount by trying. The first engine is compared with it on charters and
//! requests from [`generate`].
#![expect(clippy::indexing_slicing, clippy::panic, reason = "it is for development only and is given valid charters; anything else is to be noticed at once")]

mod amounts;
mod answer;
mod calendar;
mod decide;
mod decimal;
mod eval;
pub mod generate;
mod hangs;
mod ledger;
mod model;
mod read;
mod request;
#[cfg(test)]
mod tests;
mod values;

use decide::Desk;
use model::{Book, Common, Measure};
use request::Ask;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A charter, and the one it stands in, read once.
#[derive(Debug)]
pub struct Oracle {
    book: Book,
}

impl Oracle {
    /// Reads a valid charter and, when it stands inside another, that one.
    ///
    /// # Errors
    ///
    /// Tells what could not be read; a charter that is wrong in another way may pass.
    pub fn new(charter: &str, outer: Option<&str>) -> Result<Self, String> {
        read::book(charter, outer).map(|book| Self { book })
    }

    /// The answer to a request.
    #[must_use]
    pub fn decide(&self, request: &Value) -> Value {
        let nobody = BTreeMap::new();
        match request::ask(&self.book, request) {
            Ok(ask) => Desk::new(&self.book, &ask, &nobody).answer(),
            Err(_) => json!({"outcome": "invalid"}),
        }
    }

    /// What is wrong with a request, if anything is: the first thing found.
    #[must_use]
    pub fn problem(&self, request: &Value) -> Option<String> {
        request::ask(&self.book, request).err()
    }

    /// The answer to a request as it would be for another amount, in the smallest unit.
    #[must_use]
    pub fn options_at(&self, request: &Value, amount: i128) -> Value {
        self.decide(&self.with_amount(request, amount))
    }

    /// The same request for another amount, in the smallest unit; an act stays without one.
    #[must_use]
    pub fn with_amount(&self, request: &Value, amount: i128) -> Value {
        let common = &self.book.common;
        let remedy = request::text(request, "remedy").and_then(|id| common.remedy(id));
        let mut request = request.clone();
        if let (Some(remedy), Some(parts)) = (remedy, request.as_object_mut()) {
            parts.remove("amount");
            if remedy.measure != Measure::Act {
                parts.insert("amount".to_owned(), write_amount(common, remedy.measure, amount));
            }
        }
        request
    }

    /// The amounts, in the smallest unit, at and around which an answer could change; none for an act or when
    /// something else than the amount is wrong.
    #[must_use]
    pub fn interesting_amounts(&self, request: &Value) -> Vec<i128> {
        let common = &self.book.common;
        let remedy = request::text(request, "remedy").and_then(|id| common.remedy(id));
        let request = remedy.map(|remedy| self.with_amount(request, remedy.minimum));
        let ask: Option<Ask> = request.and_then(|request| request::ask(&self.book, &request).ok());
        let nobody = BTreeMap::new();
        ask.map(|ask| Desk::new(&self.book, &ask, &nobody).interesting().to_vec()).unwrap_or_default()
    }
}

/// The answer to one request under a charter.
///
/// # Errors
///
/// Tells what of the charter could not be read.
pub fn decide(charter: &str, outer: Option<&str>, request: &Value) -> Result<Value, String> {
    Oracle::new(charter, outer).map(|oracle| oracle.decide(request))
}

/// An amount as answers and requests write it.
fn write_amount(common: &Common, measure: Measure, units: i128) -> Value {
    let text = decimal::format(units, measure.places(common));
    match measure {
        Measure::Money => json!({"amount": text, "currency": common.currency}),
        Measure::Percent | Measure::Count | Measure::Act => json!(text),
    }
}

/// Stops at a charter that is not valid, or at a mistake of this engine.
fn broken(what: &str) -> ! {
    panic!("{what}")
}
