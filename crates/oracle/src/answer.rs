//! The outcome of a request, and the answer about it.

use crate::amounts::NoEnd;
use crate::calendar;
use crate::decide::{Decider, Desk, Verdict};
use crate::decimal;
use crate::model::{Allow, Cap, Full, Group, Guard, Measure, Rule};
use crate::values::MILLION;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

type Object = Map<String, Json>;
type Hangs = BTreeMap<String, BTreeSet<String>>;

/// A decider with a name: a group or a level.
struct Other<'a> {
    decider: Decider,
    group: Option<&'a Group>,
}

impl<'a> Desk<'a> {
    /// The answer to a request that is in order.
    pub(crate) fn answer(&self) -> Json {
        let mut out = Object::new();
        let asker = self.asker();
        let outcome = self.outcome(&asker, &mut out);
        out.insert("outcome".to_owned(), json!(outcome));
        if self.remedy.measure != Measure::Act {
            self.put_amount(&mut out, "free_up_to", self.may_give(&asker, false));
            self.put_amount(&mut out, "say_why_up_to", self.may_give(&asker, true));
        }
        put_list(&mut out, "caps", self.caps());
        put_list(&mut out, "assumed", self.assumed().into_iter().map(Json::String).collect());
        put_list(&mut out, "ignored", self.ask.ignored.iter().cloned().map(Json::String).collect());
        Json::Object(out)
    }

    fn asker(&self) -> Decider {
        Decider { level: self.ask.level, staff: self.ask.staff.clone(), group: self.ask.for_group }
    }

    /// Every group, and every level with no staff facts known.
    fn others(&self) -> Vec<Other<'a>> {
        let group = |group: &'a Group| Other { decider: Decider { level: group.level, staff: group.staff.clone(), group: true }, group: Some(group) };
        let level = |level: usize| Other { decider: Decider { level, staff: BTreeMap::new(), group: false }, group: None };
        self.book.groups.iter().map(group).chain((0..self.book.common.levels.len()).map(level)).collect()
    }

    fn outcome(&self, asker: &Decider, out: &mut Object) -> &'static str {
        let amount = self.ask.amount;
        let everybody: Vec<&'a Rule> = self.rules.iter().copied().filter(|rule| Self::binds_everybody(rule)).collect();
        let hit = |rule: &&&'a Rule| self.hit(rule, amount).truth().for_closing().surely();
        let hits: BTreeSet<String> = everybody.iter().filter(hit).map(|rule| rule.id.clone()).collect();
        if !hits.is_empty() {
            put_names(out, "rules", hits);
            return "forbidden";
        }
        match self.verdict(asker, amount) {
            Verdict::Yes => {
                put_names(out, "rules", self.covering(asker, false));
                return "allowed";
            }
            Verdict::SayWhy => {
                put_names(out, "rules", self.covering(asker, true));
                return "allowed_say_why";
            }
            Verdict::Open => {
                self.put_needs(out, std::slice::from_ref(asker), &[]);
                self.put_best(out, false);
                return "needs_facts";
            }
            Verdict::No => {}
        }
        self.outcome_for_others(asker, &everybody, out)
    }

    /// The outcome when the asker's verdict is no.
    fn outcome_for_others(&self, asker: &Decider, everybody: &[&'a Rule], out: &mut Object) -> &'static str {
        let amount = self.ask.amount;
        let hit = |rule: &&&'a Rule| self.hit(rule, amount).truth().for_closing().surely();
        let others = self.others();
        let verdict = |other: &Other<'a>| self.verdict(&other.decider, amount);
        let blocking: BTreeSet<String> = self.closers(asker).iter().filter(hit).map(|rule| rule.id.clone()).collect();
        if others.iter().any(|other| verdict(other).gives()) {
            put_names(out, "rules", blocking);
            self.put_best(out, true);
            return "escalate";
        }
        let highest = self.book.common.levels.len() - 1;
        let asks = |other: &&Other<'a>| other.group.is_some() || other.decider.level == highest;
        let is_open = |other: &&Other<'a>| verdict(other) == Verdict::Open;
        let open: Vec<Decider> = others.iter().filter(asks).filter(is_open).map(|other| other.decider.clone()).collect();
        let unknown = everybody.iter().any(|rule| !self.hit(rule, amount).truth().for_closing().decided());
        if others.iter().any(|other| is_open(&other)) || unknown {
            self.put_needs(out, &open, everybody);
            return "needs_facts";
        }
        put_names(out, "rules", blocking);
        self.put_exception(out);
        "exception"
    }

    /// The allows that surely cover the asked amount.
    fn covering(&self, decider: &Decider, wide: bool) -> BTreeSet<String> {
        let covers =
            |(rule, allow): &(&'a Rule, &'a Allow)| (wide || !allow.say_why) && self.covers(rule, allow, wide, self.ask.amount).truth().for_allow().surely();
        self.allows(decider).into_iter().filter(covers).map(|(rule, _)| rule.id.clone()).collect()
    }

    /// Names what the verdicts of deciders hang on, and of further rules whether they are hit.
    fn put_needs(&self, out: &mut Object, deciders: &[Decider], further: &[&'a Rule]) {
        let amount = self.ask.amount;
        let (mut clear, mut any_of) = (Hangs::new(), Hangs::new());
        let closers = deciders.iter().flat_map(|decider| self.closers(decider));
        for rule in closers.chain(further.iter().copied()) {
            let hit = self.hit(rule, amount);
            if !hit.truth().for_closing().decided() {
                clear.insert(rule.id.clone(), hit.hangs());
            }
        }
        for decider in deciders {
            for (rule, allow) in self.allows(decider) {
                let settled = self.opened(decider, rule.home, true, amount).surely();
                let wide = self.covers(rule, allow, true, amount);
                if settled || wide.truth().for_allow().decided() {
                    continue;
                }
                let mut facts = wide.hangs();
                let plain = self.covers(rule, allow, false, amount);
                if !plain.truth().for_allow().decided() {
                    facts.extend(plain.hangs());
                }
                any_of.insert(rule.id.clone(), facts);
            }
        }
        put_names(out, "rules", clear.keys().chain(any_of.keys()).cloned().collect());
        let entry = |(id, facts): (String, BTreeSet<String>)| {
            let mut entry = Object::from_iter([("rule".to_owned(), json!(id))]);
            put_names(&mut entry, "facts", facts);
            entry
        };
        put_list(out, "clear", clear.into_iter().map(|hangs| Json::Object(entry(hangs))).collect());
        let unlocking = |hangs: (String, BTreeSet<String>)| {
            let rule = hangs.0.clone();
            let mut entry = entry(hangs);
            self.put_unlocks(&mut entry, &rule);
            Json::Object(entry)
        };
        put_list(out, "any_of", any_of.into_iter().map(unlocking).collect());
    }

    fn put_unlocks(&self, entry: &mut Object, id: &str) {
        let Some(rule) = self.rules.iter().copied().find(|rule| rule.id == id) else {
            return;
        };
        let Guard::Allow(allow) = &rule.guard else {
            return;
        };
        let most = self.largest(|amount| self.covers(rule, allow, true, Some(amount)).truth().for_allow().yes);
        if let Ok(Some(amount)) = most {
            entry.insert("unlocks".to_owned(), self.amount(amount));
        }
    }

    /// The groups that something holds for, the least first.
    fn ranked(&self, holds: impl Fn(&Decider) -> bool) -> Vec<Other<'a>> {
        let fits = |other: &Other<'a>| other.group.is_some_and(|group| self.open_to(group)) && holds(&other.decider);
        let mut groups: Vec<Other<'a>> = self.others().into_iter().filter(fits).collect();
        groups.sort_by_key(|other| {
            let group = other.group?;
            let due = self.due(group);
            Some((group.priority, due.is_none(), due, group.level, group.id.clone()))
        });
        groups
    }

    fn put_best(&self, out: &mut Object, or_level: bool) {
        let amount = self.ask.amount;
        let gives = |decider: &Decider| self.verdict(decider, amount).gives();
        let Some(best) = self.ranked(gives).into_iter().next() else {
            let levels = self.others().into_iter().filter(|other| gives(&other.decider));
            if let Some(level) = levels.map(|other| other.decider.level).min().filter(|_| or_level) {
                out.insert("to".to_owned(), json!({"level": self.book.common.levels[level]}));
            }
            return;
        };
        let mut to = self.to(&best);
        let wide = self.verdict(&best.decider, amount) == Verdict::SayWhy;
        put_names(&mut to, "rules", self.covering(&best.decider, wide));
        if self.remedy.measure != Measure::Act {
            self.put_amount(&mut to, "up_to", self.may_give(&best.decider, true));
        }
        out.insert("to".to_owned(), Json::Object(to));
    }

    fn put_exception(&self, out: &mut Object) {
        let free = |decider: &Decider| self.closed(decider, self.ask.amount).surely_not();
        let may = |other: &Other<'a>| other.group.is_some_and(|group| group.exceptions);
        if let Some(best) = self.ranked(free).into_iter().find(may) {
            out.insert("to".to_owned(), Json::Object(self.to(&best)));
        }
    }

    fn to(&self, other: &Other<'a>) -> Object {
        let mut to = Object::new();
        to.insert("level".to_owned(), json!(self.book.common.levels[other.decider.level]));
        if let Some(group) = other.group {
            to.insert("group".to_owned(), json!(group.id));
            if let Some(due) = self.due(group).and_then(calendar::write_time) {
                to.insert("due".to_owned(), json!(due));
            }
            let ahead = |spans: &Vec<(i128, i128)>| spans.iter().any(|(_, closes)| *closes > self.ask.now);
            if group.hours && !self.ask.openings.get(&group.id).is_some_and(ahead) {
                to.insert("no_openings".to_owned(), json!(true));
            }
        }
        to
    }

    /// When a group will have been open for as long as it takes.
    fn due(&self, group: &Group) -> Option<i128> {
        let now = self.ask.now;
        let mut wanted = group.within.unwrap_or(0);
        if !group.hours {
            return Some(now + wanted);
        }
        for (opens, closes) in self.ask.openings.get(&group.id)? {
            let from = now.max(*opens);
            if from >= *closes {
                continue;
            }
            if closes - from >= wanted {
                return Some(from + wanted);
            }
            wanted -= closes - from;
        }
        None
    }

    fn caps(&self) -> Vec<Json> {
        let mut caps: Vec<(&'a Rule, &'a Cap)> = Vec::new();
        for rule in self.rules.iter().copied() {
            if let Guard::Cap(cap) = &rule.guard
                && !self.when(rule).surely_not()
            {
                caps.push((rule, cap));
            }
        }
        caps.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        caps.into_iter().map(|(rule, cap)| self.cap(rule, cap)).collect()
    }

    fn cap(&self, rule: &'a Rule, cap: &'a Cap) -> Json {
        let mut out = Object::from_iter([("rule".to_owned(), json!(rule.id))]);
        let most = self.most(rule, cap).single();
        let most = match cap.full {
            Full::Amount(_) => most,
            Full::Count(_) => most.map(|most| most.div_euclid(MILLION)),
        };
        let write = |units: i128| match cap.full {
            Full::Amount(_) => self.money(units),
            Full::Count(_) => json!(units.to_string()),
        };
        let used = self.used(rule, cap).single();
        for (key, value) in [("of", most), ("used", used)] {
            if let Some(value) = value {
                out.insert(key.to_owned(), write(value));
            }
        }
        if let (Some(most), Some(used)) = (most, used) {
            out.insert("left".to_owned(), write((most - used).max(0)));
        }
        let (zone, now) = (&self.book.common.zone, self.ask.now);
        let stops = self.counted(rule, cap).into_iter().flatten();
        let room = stops.filter_map(|entry| cap.within?.stops(zone, entry.at, now)).min();
        if let Some(room) = room.and_then(calendar::write_time) {
            out.insert("room_at".to_owned(), json!(room));
        }
        Json::Object(out)
    }

    /// The assumptions that rules which concern the request, and apply, read.
    fn assumed(&self) -> BTreeSet<String> {
        let reads = self.rules.iter().flat_map(|rule| self.reads(rule));
        let assumed = |name: &String| match self.book.common.facts.get(name) {
            Some(fact) if name.starts_with("staff.") => fact.assume.is_some() && !self.ask.staff.contains_key(name),
            _ => self.ask.facts.get(name).is_some_and(|state| state.assumed),
        };
        reads.filter(assumed).collect()
    }

    fn money(&self, units: i128) -> Json {
        let common = &self.book.common;
        json!({"amount": decimal::format(units, common.decimals), "currency": common.currency})
    }

    /// An amount of the asked remedy.
    pub(crate) fn amount(&self, units: i128) -> Json {
        crate::write_amount(&self.book.common, self.remedy.measure, units)
    }

    fn put_amount(&self, out: &mut Object, key: &str, found: Result<Option<i128>, NoEnd>) {
        match found {
            Err(NoEnd) => drop(out.insert(key.to_owned(), json!("unlimited"))),
            Ok(Some(amount)) => drop(out.insert(key.to_owned(), self.amount(amount))),
            Ok(None) => {}
        }
    }
}

fn put_list(out: &mut Object, key: &str, list: Vec<Json>) {
    if !list.is_empty() {
        out.insert(key.to_owned(), Json::Array(list));
    }
}

fn put_names(out: &mut Object, key: &str, names: BTreeSet<String>) {
    put_list(out, key, names.into_iter().map(Json::String).collect());
}
