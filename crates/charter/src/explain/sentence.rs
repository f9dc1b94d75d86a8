//! Plain sentences, to be read aloud. They may improve from version to version; programs read the data beside them.

use jiff::Timestamp;

use crate::decide::{Decision, Need, Outcome, RemedyOptions, To, Zone};
use crate::facts::{Confirm, Fact, Type, Value};
use crate::model::{Charter, Group};
use crate::money::Measure;
use crate::request::{Missing, Problem, Request};
use crate::time::Instant;
use crate::words::spoken;

pub(super) fn of_problems(problems: &[Problem]) -> String {
    const TOLD: usize = 3;
    let place = |at: &str| if at.is_empty() { String::new() } else { format!("{at}: ") };
    let more = problems.len().saturating_sub(TOLD);
    let more = if more == 0 { String::new() } else { format!(" And {more} more.") };
    let each: Vec<_> = problems.iter().take(TOLD).map(|p| format!("{}{}; expected {}", place(&p.at), p.message, p.expected)).collect();
    format!("This cannot be answered. {}.{more}", each.join(". "))
}

pub(super) fn of_decision(charter: &Charter, request: &Request, decision: &Decision) -> String {
    let Some(remedy) = request.remedy.and_then(|r| charter.remedies.get(r)) else { return String::new() };
    let speaker = Speaker { charter, request, measure: &remedy.measure };
    let core = &decision.core;
    let what = request.amount.map_or_else(|| "do this".to_owned(), |amount| format!("give {}", speaker.amount(amount)));
    let meanwhile = match core.outcome {
        Outcome::Forbidden | Outcome::NeedsFacts | Outcome::Escalate | Outcome::Exception => speaker.meanwhile(decision.free_up_to, decision.say_why_up_to),
        _ => String::new(),
    };
    let sentence = match core.outcome {
        Outcome::Invalid => "This cannot be answered.".to_owned(),
        Outcome::Allowed => format!("You can {what} now. Nobody needs to approve it, and nobody will take it back."),
        Outcome::AllowedSayWhy => format!("You can {what} now if you say why. Nobody needs to approve it, and nobody will take it back."),
        Outcome::Forbidden => format!("Nobody can {what}. {}{meanwhile}", speaker.because(&core.rules)),
        Outcome::NeedsFacts => {
            format!("Whether you can {what} depends on something we do not know yet. {}{meanwhile}", speaker.questions(&core.clear, &core.any_of))
        }
        Outcome::Escalate => format!("You cannot {what} yourself. {}{meanwhile}{}", speaker.who_can(core.to.as_ref()), speaker.in_the_way(&core.rules)),
        Outcome::Exception => format!("No rule lets anyone {what}. {}{meanwhile}{}", speaker.exception(core.to.as_ref()), speaker.in_the_way(&core.rules)),
    };
    // An amount says what is asked; an act needs its name.
    if request.amount.is_some() { sentence } else { format!("{}: {}", remedy.title, small(&sentence)) }
}

/// A sentence for each zone, those that sound alike together.
pub(super) fn of_option(charter: &Charter, request: &Request, one: &RemedyOptions) -> Vec<String> {
    let Some(remedy) = charter.remedies.get(one.remedy) else { return Vec::new() };
    let speaker = Speaker { charter, request, measure: &remedy.measure };
    let mut sentences: Vec<(String, Zone)> = Vec::new();
    for zone in &one.zones {
        let sound = speaker.zone_without_amount(zone);
        match sentences.last_mut().filter(|(last, _)| *last == sound) {
            Some((_, last)) => last.extent.to = zone.extent.to,
            None => sentences.push((sound, zone.clone())),
        }
    }
    let mut told = Vec::with_capacity(sentences.len());
    let mut before = None;
    for (sound, zone) in &sentences {
        told.push(speaker.with_amount(before, zone, sound));
        before = Some(zone.core.outcome);
    }
    if one.cut {
        told.push("There is more than can be shown here; ask about one amount.".to_owned());
    }
    told
}

struct Speaker<'s> {
    charter: &'s Charter,
    request: &'s Request,
    measure: &'s Measure,
}

impl Speaker<'_> {
    fn amount(&self, units: i64) -> String {
        if units >= self.measure.most() {
            return "any amount".to_owned();
        }
        self.measure.spoken(units, &self.charter.currency)
    }

    /// What can be given at once.
    fn meanwhile(&self, free: Option<i64>, say_why: Option<i64>) -> String {
        match (free, say_why) {
            (Some(free), Some(more)) if more > free => {
                format!(" You can give up to {} now, and up to {} if you say why.", self.amount(free), self.amount(more))
            }
            (Some(free), _) => format!(" You can give up to {} now.", self.amount(free)),
            (None, Some(more)) => format!(" You can give up to {} now if you say why.", self.amount(more)),
            (None, None) => String::new(),
        }
    }

    fn zone_without_amount(&self, zone: &Zone) -> String {
        let first: Vec<_> = zone.do_first.iter().filter_map(|r| self.charter.remedies.get(*r)).map(|r| r.title.to_string()).collect();
        let first = if first.is_empty() { String::new() } else { format!(" It may be yours once this has been given: {}.", first.join(", ")) };
        let core = &zone.core;
        let sentence = match core.outcome {
            Outcome::Invalid => "cannot be answered.".to_owned(),
            Outcome::Allowed => "yours to give now. Nobody needs to approve it, and nobody will take it back.".to_owned(),
            Outcome::AllowedSayWhy => "yours to give now if you say why.".to_owned(),
            Outcome::NeedsFacts => format!("depends. {}", self.questions(&core.clear, &core.any_of)),
            Outcome::Escalate => format!("{}{}", self.who_can(core.to.as_ref()), self.in_the_way(&core.rules)),
            Outcome::Forbidden => format!("nobody can. {}", self.because(&core.rules)),
            Outcome::Exception => format!("no rule covers it. {}", self.exception(core.to.as_ref())),
        };
        format!("{sentence}{first}")
    }

    /// `before` is what comes of the amounts below.
    fn with_amount(&self, before: Option<Outcome>, zone: &Zone, sound: &str) -> String {
        if *self.measure == Measure::Act {
            return capital(sound);
        }
        let endless = zone.extent.to >= self.measure.most();
        let alone = zone.extent.from == zone.extent.to && before.is_some_and(|o| !matches!(o, Outcome::Allowed | Outcome::AllowedSayWhy));
        let (least, most) = (self.amount(zone.extent.from), self.amount(zone.extent.to));
        let amounts = match before {
            None if endless && zone.extent.from > 1 => format!("Any amount from {least}"),
            None if endless => "Any amount".to_owned(),
            None if zone.extent.from > 1 && least != most => format!("From {least} up to {most}"),
            Some(_) if endless => "Above that".to_owned(),
            _ if alone => format!("Exactly {most}"),
            _ => format!("Up to {most}"),
        };
        format!("{amounts}: {}", small(sound))
    }

    fn because(&self, rules: &[u32]) -> String {
        let rules = rules.iter().filter_map(|p| self.charter.rules.get(usize::try_from(*p).ok()?));
        let each: Vec<_> = rules.map(|r| r.because.as_ref().map_or_else(|| format!("The rule `{}` forbids it.", r.id), ToString::to_string)).collect();
        each.join(" ")
    }

    fn in_the_way(&self, rules: &[u32]) -> String {
        let told = self.because(rules);
        if told.is_empty() { told } else { format!(" {told}") }
    }

    fn questions(&self, clear: &[Need], any_of: &[Need]) -> String {
        let mut places: Vec<usize> = clear.iter().chain(any_of).flat_map(|n| n.facts.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        let facts: Vec<_> = places.iter().filter_map(|p| Some((*p, self.charter.facts.get(*p)?))).collect();
        let questions = facts.iter().filter_map(|(place, f)| Some(format!("{}{}", f.ask.as_deref()?, self.known_so_far(f, *place, true))));
        let plain = facts.iter().filter(|(_, f)| f.ask.is_none());
        let plain: Vec<_> = plain.map(|(place, f)| format!("{}{}", spoken(&f.name), self.known_so_far(f, *place, false))).collect();
        let look_up = (!plain.is_empty()).then(|| format!("Look up: {}.", plain.join(", ")));
        questions.chain(look_up).collect::<Vec<_>>().join(" ")
    }

    /// What was said of a fact and does not count: as a sentence of its own, or within one.
    fn known_so_far(&self, fact: &Fact, place: usize, whole: bool) -> String {
        let (missing, Some(given)) = self.request.missing(fact, place) else { return String::new() };
        let said = self.value(fact, &given.value);
        let holds = fact.fresh.map(time_span).unwrap_or_default();
        let note = match (missing, given.at) {
            (Missing::Unknown, _) => return String::new(),
            (Missing::Unconfirmed, _) => format!("stated: \"{said}\"; to be confirmed by {}", self.confirming(fact)),
            (Missing::Stale, Some(at)) => {
                format!("the answer \"{said}\" is {} old and holds for {holds}; look again", time_span(self.request.now.saturating_sub(at)))
            }
            (Missing::Stale | Missing::Undated, _) => format!("the answer \"{said}\" does not say when it was found, and holds for {holds}; look again"),
        };
        if whole { format!(" ({}.)", capital(&note)) } else { format!(" ({note})") }
    }

    fn confirming(&self, fact: &Fact) -> String {
        match fact.confirm {
            None | Some(Confirm::Person) => "a person".to_owned(),
            Some(Confirm::System) => "a system".to_owned(),
            Some(Confirm::Level(level)) => {
                let name = self.charter.levels.get(level).map_or_else(String::new, |l| spoken(l));
                let above = if level + 1 < self.charter.levels.len() { " or above" } else { "" };
                format!("the level {name}{above}")
            }
        }
    }

    fn value(&self, fact: &Fact, value: &Value) -> String {
        match (&fact.kind, value) {
            (_, Value::Truth(true)) => "yes".to_owned(),
            (_, Value::Truth(false)) => "no".to_owned(),
            (Type::Money, Value::Count(units)) => self.charter.currency.spoken(*units),
            (Type::Duration, Value::Count(micros)) => time_span(*micros),
            (kind, value) => kind.write(value, self.charter.currency.places),
        }
    }

    fn who_can(&self, to: Option<&To>) -> String {
        let Some(to) = to else { return "Somebody with more authority can.".to_owned() };
        let group = to.group.and_then(|g| self.charter.groups.get(g));
        let Some(group) = group else {
            let level = self.charter.levels.get(to.level).map_or("", |l| l);
            return format!("It takes the level {}, and no group serves that now.", spoken(level));
        };
        let most = match to.up_to.filter(|_| *self.measure != Measure::Act) {
            Some(most) => format!(" give up to {}", self.amount(most)),
            None => String::new(),
        };
        format!("Ask the {}; they can{most}{}.", group.title, self.due(to, group))
    }

    fn exception(&self, to: Option<&To>) -> String {
        match to.and_then(|to| Some((self.charter.groups.get(to.group?)?, to))) {
            Some((group, to)) => format!("The {} can make an exception{}.", group.title, self.due(to, group)),
            None => "Nobody is named to make an exception.".to_owned(),
        }
    }

    /// When a group will have answered, or that nobody is known to be there to answer.
    fn due(&self, to: &To, group: &Group) -> String {
        let deserted = to.group.is_some_and(|g| self.request.deserted.get(g) == Some(&true));
        match to.due {
            Some(due) => self.by(due),
            None if deserted => ", but nobody is known to be there: no opening hours are given".to_owned(),
            None if group.hours.is_some() => ", but not within the opening hours that are given".to_owned(),
            None => String::new(),
        }
    }

    fn by(&self, due: Instant) -> String {
        let local = |at: Instant| Timestamp::from_microsecond(at).ok().map(|t| t.to_zoned(self.charter.zone.clone()));
        let (Some(due), Some(now)) = (local(due), local(self.request.now)) else { return String::new() };
        let day = if due.date() == now.date() { String::new() } else { due.strftime(" on %A %-d %B").to_string() };
        format!(" and answer by {}{day}", due.strftime("%H:%M"))
    }
}

/// A span of time in its largest unit, rounded down: `3 days`.
fn time_span(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn small(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
