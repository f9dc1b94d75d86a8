//! Plain sentences, to be read aloud. They may improve from version to version; programs read the data beside them.

use jiff::Timestamp;

use crate::decide::{Decision, Need, Outcome, RemedyOptions, To, Zone};
use crate::model::Charter;
use crate::money::Measure;
use crate::request::{Problem, Request};
use crate::time::Instant;

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
    let what = match request.amount {
        Some(amount) => format!("give {}", speaker.amount(amount)),
        None => format!("do this: {}", remedy.title),
    };
    let meanwhile = match core.outcome {
        Outcome::Forbidden | Outcome::NeedsFacts | Outcome::Escalate | Outcome::Exception => speaker.meanwhile(decision.free_up_to, decision.say_why_up_to),
        _ => String::new(),
    };
    match core.outcome {
        Outcome::Invalid => "This cannot be answered.".to_owned(),
        Outcome::Allowed => format!("You can {what} now. Nobody needs to approve it, and nobody will take it back."),
        Outcome::AllowedSayWhy => format!("You can {what} now if you say why. Nobody needs to approve it, and nobody will take it back."),
        Outcome::Forbidden => format!("Nobody can {what}. {}{meanwhile}", speaker.because(&core.rules)),
        Outcome::NeedsFacts => {
            format!("Whether you can {what} depends on something we do not know yet. {}{meanwhile}", speaker.questions(&core.clear, &core.any_of))
        }
        Outcome::Escalate => format!("You cannot {what} yourself. {}{meanwhile}{}", speaker.who_can(core.to.as_ref()), speaker.in_the_way(&core.rules)),
        Outcome::Exception => format!("No rule lets anyone {what}. {}{meanwhile}{}", speaker.exception(core.to.as_ref()), speaker.in_the_way(&core.rules)),
    }
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
    let ending = |(place, (sound, zone)): (usize, &(String, Zone))| speaker.with_amount(place == 0, zone, sound);
    sentences.iter().enumerate().map(ending).collect()
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
        let first = if first.is_empty() { String::new() } else { format!(" Once this is given it may be yours: {}.", first.join(", ")) };
        let core = &zone.core;
        let sentence = match core.outcome {
            Outcome::Invalid => "cannot be answered.".to_owned(),
            Outcome::Allowed => "yours to give now. Nobody needs to approve it, and nobody will take it back.".to_owned(),
            Outcome::AllowedSayWhy => "yours to give now if you say why.".to_owned(),
            Outcome::NeedsFacts => format!("depends. {}", self.questions(&core.clear, &core.any_of)),
            Outcome::Escalate => self.who_can(core.to.as_ref()),
            Outcome::Forbidden => format!("nobody can. {}", self.because(&core.rules)),
            Outcome::Exception => format!("no rule covers it. {}", self.exception(core.to.as_ref())),
        };
        format!("{sentence}{first}")
    }

    fn with_amount(&self, is_first: bool, zone: &Zone, sound: &str) -> String {
        if *self.measure == Measure::Act {
            return capital(sound);
        }
        let endless = zone.extent.to >= self.measure.most();
        match (is_first, endless) {
            (true, true) => format!("Any amount: {}", small(sound)),
            (false, true) => format!("Above that: {}", small(sound)),
            _ => format!("Up to {}: {}", self.amount(zone.extent.to), small(sound)),
        }
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
        let facts: Vec<_> = places.iter().filter_map(|p| self.charter.facts.get(*p)).collect();
        let questions = facts.iter().filter_map(|f| f.ask.as_deref().map(str::to_owned));
        let plain: Vec<_> = facts.iter().filter(|f| f.ask.is_none()).map(|f| words(&f.name)).collect();
        let look_up = (!plain.is_empty()).then(|| format!("Look up: {}.", plain.join(", ")));
        questions.chain(look_up).collect::<Vec<_>>().join(" ")
    }

    fn who_can(&self, to: Option<&To>) -> String {
        let Some(to) = to else { return "Somebody with more authority can.".to_owned() };
        let group = to.group.and_then(|g| self.charter.groups.get(g));
        let Some(group) = group else {
            let level = self.charter.levels.get(to.level).map_or("", |l| l);
            return format!("It takes the level {level}, and no group serves that now.");
        };
        let most = match to.up_to.filter(|_| *self.measure != Measure::Act) {
            Some(most) => format!(" give up to {}", self.amount(most)),
            None => String::new(),
        };
        format!("Ask the {}; they can{most}{}.", group.title, self.due(to.due))
    }

    fn exception(&self, to: Option<&To>) -> String {
        match to.and_then(|to| Some((self.charter.groups.get(to.group?)?, to.due))) {
            Some((group, due)) => format!("The {} can make an exception{}.", group.title, self.due(due)),
            None => "Nobody is named to make an exception.".to_owned(),
        }
    }

    fn due(&self, due: Option<Instant>) -> String {
        let local = |at: Instant| Timestamp::from_microsecond(at).ok().map(|t| t.to_zoned(self.charter.zone.clone()));
        let (Some(due), Some(now)) = (due.and_then(local), local(self.request.now)) else { return String::new() };
        let day = if due.date() == now.date() { String::new() } else { due.strftime(" on %A %-d %B").to_string() };
        format!(" and answer by {}{day}", due.strftime("%H:%M"))
    }
}

/// `order.days_late` is `order days late`.
fn words(name: &str) -> String {
    name.replace(['.', '_'], " ")
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn small(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
