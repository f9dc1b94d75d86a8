//! A charter told: of each remedy who may give how much for what, as a matrix and in sentences. Told from the rules as they are written, so that it says
//! neither more nor less than they do; what may be done in one case, only the options of that case say.

use std::collections::BTreeMap;

use charter::Charter;
use charter::decimal::Decimal;
use charter::diagnostics::Findings;
use charter::document::{self, Allow, At, Cap, Document, Forbid, Formula, Limit, Scope};
use charter::model::Remedy;
use charter::money::Measure;
use charter::syntax::{Expr, Kind, parse, print};
use ui::components::{Matrix, MatrixCell, MatrixRow, Tone};

use super::words::{Words, day, scope, window};
use crate::options::{sentence_case, spoken};

/// A charter, told.
pub(super) struct Told {
    /// What people call it.
    pub(super) name: String,
    /// In the order of the file.
    pub(super) remedies: Vec<RemedyTold>,
    /// Whom a case can be passed to.
    pub(super) groups: Vec<RuleTold>,
    /// Words that rules use, and what they mean.
    pub(super) definitions: Vec<(String, String)>,
}

/// A remedy, told.
pub(super) struct RemedyTold {
    /// Its id, for links.
    pub(super) id: String,
    /// What people call it.
    pub(super) title: String,
    /// What its amount is.
    pub(super) measure: String,
    /// Reason by level.
    pub(super) matrix: Matrix,
    /// What opens it.
    pub(super) allows: Vec<RuleTold>,
    /// What closes it.
    pub(super) closes: Vec<RuleTold>,
}

/// A rule, told.
#[derive(Clone)]
pub(super) struct RuleTold {
    /// Its name in the charter.
    id: String,
    /// For links: unique on the page.
    pub(super) anchor: String,
    /// What it says.
    pub(super) sentence: String,
    /// Why.
    pub(super) because: String,
    /// What it does, in a word.
    pub(super) does: &'static str,
}

impl Told {
    /// The same, where `why` says of some rules and groups, by their id, why they are there: it takes the place of what the charter says.
    pub(super) fn explained(mut self, why: impl Fn(&str) -> Option<String>) -> Self {
        let rules = self.remedies.iter_mut().flat_map(|remedy| remedy.allows.iter_mut().chain(&mut remedy.closes));
        for rule in rules.chain(&mut self.groups) {
            if let Some(why) = why(&rule.id) {
                rule.because = why;
            }
        }
        self
    }
}

/// Tells one of the texts that a charter is made of; `prefix` keeps what it links to apart from the other's.
pub(super) fn told(charter: &Charter, text: &str, prefix: &str) -> Told {
    let document = document::read(text, &mut Findings::default());
    let teller = Teller { charter, document: &document, words: Words::new(charter, &document), prefix };
    let mut remedies: Vec<&Remedy> = charter.remedies.iter().collect();
    remedies.sort_by_key(|r| r.order);
    let definitions = document.define.iter().map(|(name, formula)| (sentence_case(&spoken(&name.value)), teller.words.condition(&formula.0.value)));
    Told {
        name: document.name.as_ref().map_or_else(String::new, |n| n.value.clone()),
        remedies: remedies.into_iter().map(|r| teller.remedy(r)).collect(),
        groups: document.group.iter().map(|g| teller.group(g)).collect(),
        definitions: definitions.collect(),
    }
}

/// What each rule of a text says, by its name: a sentence for each remedy it concerns; what it says of several alike stands once.
pub(super) fn sentences(charter: &Charter, text: &str) -> BTreeMap<String, Vec<String>> {
    let mut said: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for remedy in told(charter, text, "").remedies {
        for rule in remedy.allows.into_iter().chain(remedy.closes) {
            let because = if rule.because.is_empty() { String::new() } else { format!(" Because: {}", rule.because) };
            let (sentence, of) = (format!("{}{because}", rule.sentence), said.entry(rule.id).or_default());
            match of.iter_mut().find(|(known, _)| *known == sentence) {
                Some((_, titles)) => *titles = format!("{titles}, {}", remedy.title),
                None => of.push((sentence, remedy.title.clone())),
            }
        }
    }
    let whole = |of: Vec<(String, String)>| of.into_iter().map(|(sentence, titles)| format!("{titles}: {sentence}")).collect();
    said.into_iter().map(|(id, of)| (id, whole(of))).collect()
}

/// What each rule of a text that allows a remedy says of it, by its name.
pub(super) fn allowing(charter: &Charter, text: &str, remedy: &str) -> BTreeMap<String, String> {
    let document = document::read(text, &mut Findings::default());
    let teller = Teller { charter, document: &document, words: Words::new(charter, &document), prefix: "" };
    let Some(remedy) = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)) else { return BTreeMap::new() };
    let naming = document.allow.iter().filter(|allow| teller.names(Some(&allow.remedies), remedy));
    naming.map(|allow| teller.allow(allow, remedy)).map(|rule| (rule.id, rule.sentence)).collect()
}

/// What the groups and definitions of a text say, by what they are called.
pub(super) fn besides(charter: &Charter, text: &str) -> BTreeMap<String, Vec<String>> {
    let told = told(charter, text, "");
    let groups = told.groups.into_iter().map(|group| (format!("Group: {}", spoken(&group.id)), vec![group.sentence]));
    groups.chain(told.definitions.into_iter().map(|(name, meaning)| (format!("Word: {name}"), vec![meaning]))).collect()
}

struct Teller<'a> {
    charter: &'a Charter,
    document: &'a Document,
    words: Words<'a>,
    prefix: &'a str,
}

impl Teller<'_> {
    fn remedy(&self, remedy: &Remedy) -> RemedyTold {
        let allows: Vec<&Allow> = self.document.allow.iter().filter(|a| self.names(Some(&a.remedies), remedy)).collect();
        let forbids = self.document.forbid.iter().filter(|f| self.names(f.remedies.as_deref(), remedy) && takes(self.charter, f.reasons.as_deref(), remedy));
        let caps = self.document.cap.iter().filter(|c| self.names(c.remedies.as_deref(), remedy) && takes(self.charter, c.reasons.as_deref(), remedy));
        RemedyTold {
            id: format!("{}remedy-{}", self.prefix, remedy.id),
            title: remedy.title.to_string(),
            measure: measured(&remedy.measure),
            matrix: self.matrix(remedy, &allows),
            closes: forbids.map(|f| self.forbid(f, remedy)).chain(caps.map(|c| self.cap(c, remedy))).collect(),
            allows: allows.iter().map(|a| self.allow(a, remedy)).collect(),
        }
    }

    /// Whether a rule names a remedy, under its id or an old one.
    fn names(&self, remedies: Option<&[At<String>]>, remedy: &Remedy) -> bool {
        let place = self.charter.remedy(&remedy.id);
        remedies.is_none_or(|ids| ids.iter().any(|id| self.charter.remedy(&id.value) == place))
    }

    fn matrix(&self, remedy: &Remedy, allows: &[&Allow]) -> Matrix {
        let reasons: Vec<Option<&str>> = match remedy.reasons.as_slice() {
            [] => vec![None],
            places => places.iter().filter_map(|place| self.charter.reasons.get(*place)).map(|r| Some(&**r)).collect(),
        };
        let row = |reason: &Option<&str>| {
            let concerned: Vec<&Allow> = allows.iter().copied().filter(|a| concerns(a.reasons.as_deref(), *reason)).collect();
            let cells = (0..self.charter.levels.len()).map(|level| self.cell(remedy, &concerned, level)).collect();
            MatrixRow { label: reason.map_or_else(|| "For anything".to_owned(), |r| sentence_case(&spoken(r))), cells }
        };
        Matrix {
            caption: format!("{}: who may give how much, for what", remedy.title),
            corner: "Reason".to_owned(),
            columns: self.charter.levels.iter().map(|l| sentence_case(&spoken(l))).collect(),
            rows: reasons.iter().map(row).collect(),
        }
    }

    /// What the allows that serve a level say; whom to ask where none does.
    fn cell(&self, remedy: &Remedy, allows: &[&Allow], level: usize) -> MatrixCell {
        let place = |a: &Allow| self.charter.level(&a.level.value).unwrap_or(usize::MAX);
        let is_second = |a: &Allow| a.second.as_ref().is_some_and(|s| s.value);
        let serving: Vec<&Allow> = allows.iter().copied().filter(|a| !is_second(a) && place(a) <= level).collect();
        let Some(last) = serving.iter().copied().max_by_key(|a| place(a)) else {
            let next = allows.iter().copied().min_by_key(|a| place(a)).filter(|a| place(a) > level || is_second(a));
            return match next {
                Some(next) => MatrixCell {
                    text: format!("ask {}", one(&next.level.value)),
                    detail: if is_second(next) { "two people decide".to_owned() } else { String::new() },
                    tone: Tone::Ask,
                    href: Some(format!("#{}", self.anchor(&next.id.value))),
                },
                None => MatrixCell { text: "no rule".to_owned(), ..MatrixCell::default() },
            };
        };
        let is_plain = |a: &&Allow| is_unconditional(a);
        let says_why = |a: &&Allow| a.say_why.as_ref().is_some_and(|s| s.value);
        let tone = match () {
            () if serving.iter().any(|a| is_plain(a) && !says_why(a)) => Tone::Positive,
            () if serving.iter().all(says_why) => Tone::Caution,
            () => Tone::Plain,
        };
        let kept = self.uncovered(remedy, &serving);
        let stretches = kept.iter().filter_map(|a| self.stretch(a, remedy)).map(|s| format!("then say why, to {s}"));
        let conditional = (!serving.iter().any(is_plain)).then(|| self.on_condition(&kept));
        let why = (tone == Tone::Caution).then(|| "say why".to_owned());
        MatrixCell {
            text: self.limits(remedy, &kept).join(", or "),
            detail: conditional.into_iter().chain(why).chain(stretches).collect::<Vec<_>>().join("; "),
            tone,
            href: Some(format!("#{}", self.anchor(&last.id.value))),
        }
    }

    /// The condition of a cell, where there is one of few words; the sentences below the table say all of them.
    fn on_condition(&self, allows: &[&Allow]) -> String {
        let mut said: Vec<String> = Vec::new();
        for allow in allows.iter().filter(|allow| !is_unconditional(allow)) {
            let words = match (&allow.when, &allow.who, allow.from.is_some() || allow.until.is_some()) {
                (Some(when), None, false) => format!("if {}", self.words.condition(&when.0.value)),
                _ => return "on a condition".to_owned(),
            };
            if !said.contains(&words) {
                said.push(words);
            }
        }
        match said.as_slice() {
            [one] if one.chars().count() <= CELL_CHARS => one.clone(),
            _ => "on a condition".to_owned(),
        }
    }

    /// The allows of a cell without those of which another one, that always holds, gives more.
    fn uncovered<'a>(&self, remedy: &Remedy, serving: &[&'a Allow]) -> Vec<&'a Allow> {
        let reach = |limit: Option<&Limit>| self.of(limit, remedy).and_then(|formula| Reach::of(&formula.0.value));
        let says_why = |a: &Allow| a.say_why.as_ref().is_some_and(|s| s.value);
        let is_less = |limit: Option<&Limit>, than: &Reach| reach(limit).is_some_and(|reach| reach.is_less(than));
        let covers = |b: &Allow, a: &Allow| {
            let most = reach(b.up_to.as_ref()).filter(|_| is_unconditional(b) && !says_why(b) && b.per == a.per);
            most.is_some_and(|most| is_less(a.up_to.as_ref(), &most) && (a.stretch.is_none() || is_less(a.stretch.as_ref(), &most)))
        };
        serving.iter().copied().filter(|a| !serving.iter().any(|b| covers(b, a))).collect()
    }

    /// How far the allows of a cell reach: first what always holds, then what hangs on a condition.
    fn limits(&self, remedy: &Remedy, kept: &[&Allow]) -> Vec<String> {
        let mut kept = kept.to_vec();
        kept.sort_by_key(|a| !is_unconditional(a));
        let is_mixed = kept.first().is_some_and(|a| is_unconditional(a));
        let mut limits: Vec<String> = Vec::new();
        for allow in kept {
            let most = self.most(allow, remedy);
            let words = if is_mixed && !is_unconditional(allow) { format!("{most} {}", self.on_condition(&[allow])) } else { most.clone() };
            // The same without a condition says more.
            if !limits.contains(&words) && !limits.contains(&most) {
                limits.push(words);
            }
        }
        limits
    }

    fn anchor(&self, id: &str) -> String {
        format!("{}rule-{id}", self.prefix)
    }

    fn rule(&self, id: &At<String>, remedy: &Remedy, (does, sentence): (&'static str, String), because: Option<&At<String>>) -> RuleTold {
        // A rule that concerns several remedies stands under each; the first is where links lead.
        let first = self.charter.remedies.iter().filter(|r| self.concerned(&id.value, r)).min_by_key(|r| r.order).is_some_and(|r| r.id == remedy.id);
        let anchor = if first { self.anchor(&id.value) } else { format!("{}-{}", self.anchor(&id.value), remedy.id) };
        RuleTold { id: id.value.clone(), anchor, sentence, because: because.map_or_else(String::new, |b| b.value.clone()), does }
    }

    fn concerned(&self, id: &str, remedy: &Remedy) -> bool {
        let allow = self.document.allow.iter().any(|a| a.id.value == id && self.names(Some(&a.remedies), remedy));
        let closing = |of: Option<&[At<String>]>, reasons: Option<&[At<String>]>| self.names(of, remedy) && takes(self.charter, reasons, remedy);
        let forbid = self.document.forbid.iter().any(|f| f.id.value == id && closing(f.remedies.as_deref(), f.reasons.as_deref()));
        allow || forbid || self.document.cap.iter().any(|c| c.id.value == id && closing(c.remedies.as_deref(), c.reasons.as_deref()))
    }

    fn of<'a>(&self, limit: Option<&'a Limit>, remedy: &Remedy) -> Option<&'a Formula> {
        match limit? {
            Limit::One(one) => Some(one),
            Limit::By(by) => by.iter().find(|(id, _)| self.charter.remedy(&id.value) == self.charter.remedy(&remedy.id)).map(|(_, formula)| formula),
        }
    }

    /// How far an allow reaches.
    fn most(&self, allow: &Allow, remedy: &Remedy) -> String {
        let said = |formula: &Formula| self.words.limit(&formula.0.value, &remedy.measure);
        match (self.of(allow.up_to.as_ref(), remedy), self.of(allow.exactly.as_ref(), remedy)) {
            _ if remedy.measure == Measure::Act => "yes".to_owned(),
            (Some(most), _) => format!("up to {}", said(most)),
            (_, Some(exactly)) => format!("exactly {}", said(exactly)),
            _ => "any amount".to_owned(),
        }
    }

    fn stretch(&self, allow: &Allow, remedy: &Remedy) -> Option<String> {
        self.of(allow.stretch.as_ref(), remedy).map(|formula| self.words.limit(&formula.0.value, &remedy.measure))
    }

    fn allow(&self, allow: &Allow, remedy: &Remedy) -> RuleTold {
        let level = spoken(&allow.level.value);
        let is_second = allow.second.as_ref().is_some_and(|s| s.value);
        let is_highest = self.charter.levels.last().is_some_and(|l| **l == *allow.level.value);
        let who = match (is_second, is_highest) {
            (true, _) => format!("A group of level {level} or above, asked by somebody else,"),
            (false, true) => sentence_case(&one(&level)),
            (false, false) => format!("{} or anybody above", sentence_case(&one(&level))),
        };
        let what = match remedy.measure {
            Measure::Act => "may do this".to_owned(),
            _ => format!("may give {}", self.most(allow, remedy)),
        };
        let per = allow.per.as_ref().filter(|_| remedy.measure != Measure::Act).map_or_else(String::new, |per| format!(" per {}", scopes(per)));
        let says_why = if allow.say_why.as_ref().is_some_and(|s| s.value) { ", saying why" } else { "" };
        let stretch = self.stretch(allow, remedy).map_or_else(String::new, |s| format!(", and up to {s} saying why"));
        let sentence = format!(
            "{who} {what}{per}{says_why}{stretch}{}{}.",
            for_reasons(allow.reasons.as_deref()),
            self.conditions(allow.when.as_ref(), allow.who.as_ref())
        );
        self.rule(&allow.id, remedy, ("may", sentence + &days(allow.from.as_ref(), allow.until.as_ref())), allow.because.as_ref())
    }

    fn conditions(&self, when: Option<&Formula>, who: Option<&Formula>) -> String {
        let when = when.map_or_else(String::new, |w| format!(", if {}", self.words.condition(&w.0.value)));
        let who = who.map_or_else(String::new, |w| format!(", where {}", self.words.condition(&w.0.value)));
        format!("{when}{who}")
    }

    fn forbid(&self, forbid: &Forbid, remedy: &Remedy) -> RuleTold {
        let who = forbid.below.as_ref().map_or_else(|| "Nobody may".to_owned(), |b| format!("Nobody below {} may", spoken(&b.value)));
        let reasons = for_reasons(forbid.reasons.as_deref());
        let sentence = format!("{who} give this{reasons}{}.", self.conditions(forbid.when.as_ref(), forbid.who.as_ref()));
        self.rule(&forbid.id, remedy, ("may not", sentence + &days(forbid.from.as_ref(), forbid.until.as_ref())), forbid.because.as_ref())
    }

    fn cap(&self, cap: &Cap, remedy: &Remedy) -> RuleTold {
        let (most, within) = match (&cap.amount, &cap.count, &cap.cooldown) {
            (Some(amount), ..) => (format!("At most {}", self.words.money(&amount.0.value)), cap.within.as_ref()),
            (_, Some(times), _) if times.0.value == "1" => ("Once".to_owned(), cap.within.as_ref()),
            (_, Some(times), _) => (format!("At most {} times", self.words.count(&times.0.value)), cap.within.as_ref()),
            (_, _, cooldown) => ("Once".to_owned(), cooldown.as_ref()),
        };
        let per = cap.per.as_ref().map_or_else(|| " for everybody together".to_owned(), |per| format!(" per {}", scopes(per)));
        let within = within.map_or_else(String::new, |w| format!(", {}", window(&w.value)));
        let below = cap.below.as_ref().map_or_else(String::new, |b| format!("; {} or anybody above can go beyond", one(&b.value)));
        let reasons = for_reasons(cap.reasons.as_deref());
        let sentence = format!("{most}{per}{within}{reasons}{}{below}.", self.conditions(cap.when.as_ref(), cap.who.as_ref()));
        self.rule(&cap.id, remedy, ("at most", sentence + &days(cap.from.as_ref(), cap.until.as_ref())), cap.because.as_ref())
    }

    fn group(&self, group: &document::Group) -> RuleTold {
        let title = group.title.as_ref().map_or_else(|| sentence_case(&spoken(&group.id.value)), |t| t.value.clone());
        let within = group.within.as_ref().map_or_else(String::new, |w| format!(", answers {} of its open time", window(&w.value).replacen("in", "within", 1)));
        let hours = group.hours.as_ref().map_or_else(|| ", always open".to_owned(), |h| format!(", open as the calendar “{}” says", h.value));
        let when = group.when.as_ref().map_or_else(String::new, |w| format!(", if {}", self.words.condition(&w.0.value)));
        let exceptions = if group.exceptions.as_ref().is_some_and(|e| e.value) { "; may give what no rule covers" } else { "" };
        let sentence = format!("{title}: level {}{within}{hours}{when}{exceptions}.", spoken(&group.level.value));
        RuleTold { id: group.id.value.clone(), anchor: format!("{}group-{}", self.prefix, group.id.value), sentence, because: String::new(), does: "" }
    }
}

/// Letters of a condition that is said in a cell.
const CELL_CHARS: usize = 80;

/// A limit that can be compared with others: an amount, or so many percent of something.
struct Reach {
    much: Decimal,
    /// As it is written; nothing of an amount.
    of: Option<String>,
}

impl Reach {
    fn of(written: &str) -> Option<Self> {
        let expr = parse(written).ok()?;
        match &expr.kind {
            Kind::Number(amount) => Some(Self { much: *amount, of: None }),
            Kind::Select(..) => Some(Self { much: Decimal::read("100").ok()?, of: Some(print(&expr)) }),
            Kind::Call(name, of) => match (name.as_str(), of.as_slice()) {
                ("percent", [Expr { kind: Kind::Number(share), .. }, whole]) => Some(Self { much: *share, of: Some(print(whole)) }),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_less(&self, than: &Self) -> bool {
        self.of == than.of && self.much.0 < than.much.0
    }
}

/// Whether an allow holds in every case, for everybody of its level.
fn is_unconditional(allow: &Allow) -> bool {
    allow.when.is_none() && allow.who.is_none() && allow.from.is_none() && allow.until.is_none()
}

/// A level with its article: `an agent`, `a lead`.
fn one(level: &str) -> String {
    let word = spoken(level);
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// Whether a rule with these reasons concerns one.
fn concerns(reasons: Option<&[At<String>]>, reason: Option<&str>) -> bool {
    match (reasons, reason) {
        (None, _) => true,
        (Some(named), Some(reason)) => named.iter().any(|r| r.value == reason),
        (Some(_), None) => false,
    }
}

/// Whether a rule with these reasons can concern a remedy at all.
fn takes(charter: &Charter, reasons: Option<&[At<String>]>, remedy: &Remedy) -> bool {
    match remedy.reasons.as_slice() {
        [] => reasons.is_none(),
        places => places.iter().filter_map(|place| charter.reasons.get(*place)).any(|reason| concerns(reasons, Some(reason))),
    }
}

fn measured(measure: &Measure) -> String {
    match measure {
        Measure::Money => "in money".to_owned(),
        Measure::Percent => "in percent".to_owned(),
        Measure::Count(unit) => format!("in {unit}"),
        Measure::Act => String::new(),
    }
}

fn for_reasons(reasons: Option<&[At<String>]>) -> String {
    match reasons {
        None | Some([]) => String::new(),
        Some(named) => format!(", for {}", named.iter().map(|r| spoken(&r.value)).collect::<Vec<_>>().join(", ")),
    }
}

fn scopes(per: &Scope) -> String {
    per.0.value.iter().map(|name| scope(&name.value)).collect::<Vec<_>>().join(" and ")
}

fn days(from: Option<&At<jiff::civil::Date>>, until: Option<&At<jiff::civil::Date>>) -> String {
    let said = |date: jiff::civil::Date| day(&date.to_string());
    match (from, until) {
        (None, None) => String::new(),
        (Some(from), None) => format!(" From {} on.", said(from.value)),
        (None, Some(until)) => format!(" Until {}.", said(until.value)),
        (Some(from), Some(until)) => format!(" From {} until {}.", said(from.value), said(until.value)),
    }
}
