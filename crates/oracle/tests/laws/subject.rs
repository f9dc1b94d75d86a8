//! A charter under test, and what its answers say.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use charter::{Charter, Sources, load};
use oracle::Oracle;
use oracle::generate::Case;
use serde_json::Value;

/// A loaded charter with its texts.
pub(crate) struct Subject {
    pub(crate) text: String,
    pub(crate) outer: Option<String>,
    pub(crate) engine: Charter,
    oracle: OnceCell<Oracle>,
    answers: RefCell<HashMap<String, Option<Rc<Answer>>>>,
}

/// The verdict of the one who asks, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    No,
    Open,
    SayWhy,
    Yes,
}

impl Subject {
    pub(crate) fn new(case: &Case) -> Option<Self> {
        Self::of(case.charter.clone(), case.outer.clone())
    }

    pub(crate) fn of(text: String, outer: Option<String>) -> Option<Self> {
        let engine = load(&Sources { text: &text, outer: outer.as_deref(), today: None }).charter?;
        Some(Self { text, outer, engine, oracle: OnceCell::new(), answers: RefCell::default() })
    }

    pub(crate) fn oracle(&self) -> &Oracle {
        self.oracle.get_or_init(|| Oracle::new(&self.text, self.outer.as_deref()).unwrap())
    }

    pub(crate) fn texts(&self) -> String {
        format!("{}\n{}", self.text, self.outer.as_deref().unwrap_or(""))
    }

    pub(crate) fn decide(&self, request: &Value) -> Answer {
        Answer(serde_json::to_value(charter::decide_json(&self.engine, request)).unwrap())
    }

    /// The answer, if the request makes sense; most laws begin with it, so it is kept.
    pub(crate) fn valid(&self, request: &Value) -> Option<Rc<Answer>> {
        let decide = || Some(self.decide(request)).filter(|a| a.outcome() != "invalid").map(Rc::new);
        self.answers.borrow_mut().entry(request.to_string()).or_insert_with(decide).clone()
    }

    pub(crate) fn options(&self, request: &Value) -> Value {
        serde_json::to_value(charter::options_json(&self.engine, request)).unwrap()
    }
}

/// An answer, as a program reads it.
pub(crate) struct Answer(pub(crate) Value);

impl Answer {
    pub(crate) fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap()
    }

    pub(crate) fn is_yes(&self) -> bool {
        matches!(self.outcome(), "allowed" | "allowed_say_why")
    }

    pub(crate) fn rules(&self) -> Vec<String> {
        texts(&self.0["rules"])
    }

    /// The facts asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0["asks"].as_array().into_iter().flatten().map(|a| a["fact"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn why(&self) -> impl Iterator<Item = &Value> {
        self.0["why"].as_array().into_iter().flatten()
    }

    /// What a rule says, if it concerned the request.
    pub(crate) fn says(&self, rule: &str) -> Option<&str> {
        self.why().find(|w| w["rule"] == rule).map(|w| w["says"].as_str().unwrap())
    }

    /// The verdict of the one who asks, from what each rule says.
    pub(crate) fn verdict(&self, layers: usize) -> Verdict {
        let asker = || self.why().filter(|w| w["asker"] == true);
        let any = |says: &str| asker().any(|w| w["says"] == says);
        let layer = |w: &Value| usize::from(w["rule"].as_str().unwrap().contains('/'));
        let every = |says: &[&str]| (0..layers).all(|l| asker().any(|w| layer(w) == l && says.contains(&w["says"].as_str().unwrap())));
        if any("closes") || !every(&["covers", "covers_saying_why", "may_cover"]) {
            return Verdict::No;
        }
        if any("may_close") || !every(&["covers", "covers_saying_why"]) {
            return Verdict::Open;
        }
        if every(&["covers"]) { Verdict::Yes } else { Verdict::SayWhy }
    }
}

pub(crate) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|t| t.as_str().unwrap().to_owned()).collect()
}
