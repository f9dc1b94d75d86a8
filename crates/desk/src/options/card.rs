use charter::Charter;
use charter::decide::{Outcome, RemedyOptions, Zone, lowest_up_to, options};
use charter::explain::{OptionAnswer, ZoneAnswer, options_answer};
use charter::model::Remedy;
use charter::money::{Amount, Measure as Counted};
use charter::request::{Problem, Purpose, Request};
use charter::time::read_instant;
use jiff::Timestamp;
use ui::components::{Choice, Segmented, Tone};
use ui::format::Formats;
use ui::ruler::{Cap, Ruler, RulerForm, Zone as Drawn, ZoneKind};

use super::questions::{Answered, Question, QuestionKind, question};
use super::words::{measure, sentence_case, spoken};
use crate::deciding::Situation;

/// What somebody looks at on the card.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// A reason; nothing for what the issue suggests.
    pub reason: Option<String>,
    /// A remedy; nothing for the first that is mine to give.
    pub remedy: Option<String>,
    /// The amount that was typed.
    pub amount: Option<i64>,
    /// The same, as it was typed.
    pub typed: String,
    /// The text that was typed.
    pub why: String,
    /// What is wrong with what was sent.
    pub error: Option<String>,
    /// Answers that were sent and not taken.
    pub answered: Vec<Answered>,
}

/// The card as it is shown.
pub struct Card {
    /// The charter it rests on: `Charter 14`.
    pub version: String,
    /// The reasons there are, the chosen one marked.
    pub reasons: Segmented,
    /// The reason looked at.
    pub reason: Option<String>,
    /// The remedy looked at.
    pub ruler: Option<Ruler>,
    /// The other remedies, in the order of the charter.
    pub others: Vec<Other>,
    /// What could change the answer.
    pub questions: Vec<Question>,
    /// What it is not known to be about, where nothing is mine to give and rules need that: `order`, `order and customer`.
    pub absent: String,
}

/// A remedy in one line.
#[derive(Clone, Debug)]
pub struct Other {
    /// What people call it.
    pub title: String,
    /// Its id.
    pub remedy: String,
    /// Its reason, if it takes one.
    pub reason: Option<String>,
    /// What may be done: `up to €15.00`, `yours to give`, `nobody`.
    pub answer: String,
    /// What that means.
    pub tone: Tone,
    /// More about it, where it is not simply mine.
    pub detail: String,
    /// Whether it is the one looked at.
    pub is_chosen: bool,
}

impl Other {
    /// Whether some of it is mine to give now.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        matches!(self.tone, Tone::Positive | Tone::Caution)
    }

    /// The part of an address that looks at it.
    #[must_use]
    pub fn query(&self) -> String {
        let reason = self.reason.as_ref().map_or_else(String::new, |reason| format!("reason={reason}&"));
        format!("{reason}remedy={}", self.remedy)
    }
}

impl Card {
    /// Whether more than one remedy is mine to give: then they can be given together.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.others.iter().filter(|other| other.is_mine()).count() > 1
    }
}

/// One remedy for one reason: places, words, and the remedy itself.
struct Choosable<'a> {
    remedy: &'a Remedy,
    places: &'a RemedyOptions,
    words: &'a OptionAnswer,
}

/// Makes the card of a situation, in a case where these remedies were given or approved, the latest first.
///
/// # Errors
/// The problems of the request, when the charter in force and what is kept do not fit.
pub(super) fn card(
    (situation, given): (&Situation, &[&str]),
    chosen: &Chosen,
    formats: &Formats,
    form: impl Fn(&str, Option<&str>) -> RulerForm,
    now: Timestamp,
) -> Result<Card, Vec<Problem>> {
    let charter = &*situation.in_force.charter;
    let request = Request::from_value(charter, &situation.request, Purpose::Options)?;
    let found = options(charter, &request);
    let answer = options_answer(charter, &request, &found);
    let all: Vec<Choosable<'_>> = found
        .list
        .iter()
        .zip(&answer.options)
        .filter_map(|(places, words)| charter.remedies.get(places.remedy).map(|remedy| Choosable { remedy, places, words }))
        .collect();
    let reason = chosen.reason.clone().filter(|r| all.iter().any(|o| o.words.reason.as_ref() == Some(r))).or_else(|| first_reason(charter, &request, &all));
    let mut shown: Vec<&Choosable<'_>> = all.iter().filter(|o| o.words.reason.is_none() || o.words.reason == reason).collect();
    shown.sort_by_key(|o| o.remedy.order);
    let main = main(&shown, chosen, given);
    let ruler = main.map(|o| {
        let suggested = start(o, lowest_up_to(charter, &request, o.places.remedy, o.places.reason)).filter(|_| !given.contains(&o.words.remedy.as_str()));
        ruler(charter, o, (chosen, suggested), formats, form(&o.words.remedy, o.words.reason.as_deref()), now)
    });
    let others = shown.iter().map(|o| other(charter, o, formats, now, main.is_some_and(|m| std::ptr::eq(m, *o)))).collect();
    Ok(Card {
        version: format!("Charter {}", situation.in_force.version),
        reasons: reasons(charter, &request, &all, reason.as_deref()),
        reason,
        ruler,
        others,
        questions: questions(charter, &shown, &chosen.answered, formats),
        absent: main
            .filter(|o| !is_open(o))
            .map_or_else(String::new, |o| o.words.absent.iter().map(|subject| spoken(subject)).collect::<Vec<_>>().join(" and ")),
    })
}

/// What the issue suggests first, else a reason for which something is mine to give, else the first there is.
fn first_reason(charter: &Charter, request: &Request, all: &[Choosable<'_>]) -> Option<String> {
    let issue = request.issue.and_then(|place| charter.issues.get(place));
    let suggested = issue.into_iter().flat_map(|i| &i.suggests).filter_map(|place| charter.reasons.get(*place)).map(ToString::to_string);
    let open = all.iter().filter(|o| is_open(o)).filter_map(|o| o.words.reason.clone());
    let any = all.iter().filter_map(|o| o.words.reason.clone());
    suggested.chain(open).chain(any).find(|reason| all.iter().any(|o| o.words.reason.as_ref() == Some(reason)))
}

fn is_open(option: &Choosable<'_>) -> bool {
    option.words.zones.iter().any(may_give)
}

fn may_give(zone: &ZoneAnswer) -> bool {
    matches!(zone.outcome, Outcome::Allowed | Outcome::AllowedSayWhy)
}

/// The chosen remedy, else the measured one that was given or approved last: another is not proposed unasked. Else the first measured one that is mine, else the
/// first that is mine, else the first.
fn main<'a>(shown: &[&'a Choosable<'a>], chosen: &Chosen, given: &[&str]) -> Option<&'a Choosable<'a>> {
    let named = |remedy: &str| shown.iter().find(|o| o.words.remedy == remedy);
    let by_name = chosen.remedy.as_deref().and_then(named);
    let there = || given.iter().filter_map(|remedy| named(remedy)).find(|o| o.remedy.measure != Counted::Act);
    let suggestible = || shown.iter().filter(|o| !o.words.only_if_asked);
    let measured = suggestible().find(|o| is_open(o) && o.remedy.measure != Counted::Act);
    by_name.or_else(there).or(measured).or_else(|| suggestible().find(|o| is_open(o))).or_else(|| shown.first()).copied()
}

/// What the issue suggests first, in its order; then the others by name.
fn reasons(charter: &Charter, request: &Request, all: &[Choosable<'_>], chosen: Option<&str>) -> Segmented {
    let suggests = request.issue.and_then(|place| charter.issues.get(place)).map_or(&[] as &[usize], |issue| &issue.suggests);
    let rank = |o: &Choosable<'_>| suggests.iter().position(|r| Some(*r) == o.places.reason).unwrap_or(usize::MAX);
    let mut named: Vec<(usize, &str)> = all.iter().filter_map(|o| o.words.reason.as_deref().map(|r| (rank(o), r))).collect();
    named.sort_unstable();
    named.dedup_by_key(|(_, reason)| *reason);
    let choice =
        |(_, reason): &(usize, &str)| Choice { value: (*reason).to_owned(), label: sentence_case(&spoken(reason)), is_chosen: chosen == Some(*reason) };
    Segmented {
        name: "reason".to_owned(),
        label: "Reason".to_owned(),
        is_label_hidden: true,
        choices: named.iter().map(choice).collect(),
        sends: true,
        ..Segmented::default()
    }
}

fn ruler(
    charter: &Charter,
    option: &Choosable<'_>,
    (chosen, suggested): (&Chosen, Option<i64>),
    formats: &Formats,
    mut form: RulerForm,
    now: Timestamp,
) -> Ruler {
    form.reason_text.clone_from(&chosen.why);
    form.error.clone_from(&chosen.error);
    form.typed.clone_from(&chosen.typed);
    let zones = option.places.zones.iter().zip(&option.words.zones);
    let remedy = option.remedy;
    Ruler {
        id: option.words.remedy.replace('_', "-"),
        name: remedy.title.to_string(),
        measure: measure(charter, &remedy.measure),
        locale: formats.locale,
        minimum: remedy.minimum,
        paid: None,
        // What was typed and cannot be read is no amount.
        start: chosen.amount.or(suggested.filter(|_| chosen.typed.is_empty())),
        zones: joined(zones.map(|(place, words)| drawn(charter, option, place, words, formats, now))),
        caps: caps(charter, option),
        form,
    }
}

/// The ruler begins where it is usual, but not beyond what is mine; where that is not mine, at the first amount that is. Where nothing is usual, it begins
/// at the most that `anyone` below may give here, as far as that is mine: what somebody may who may give all of it says nothing. Where nobody below may give
/// any, it begins at the most that is mine, which is the answer to what may be given, and counts with one; where nothing is mine either, or without end,
/// nothing is suggested. Nor is it where some was given in the case already: a key pressed twice gives once.
fn start(option: &Choosable<'_>, anyone: Option<i64>) -> Option<i64> {
    let remedy = option.remedy;
    let mine = option.places.free_up_to.or(option.places.say_why_up_to);
    let is_endless = option.words.zones.last().is_some_and(|zone| zone.to.is_none() && may_give(zone));
    let usual = match remedy.measure {
        Counted::Money | Counted::Percent => remedy.usual.or(anyone.filter(|_| mine.is_some())).or(mine.filter(|_| !is_endless))?,
        Counted::Count(_) | Counted::Act => remedy.usual.unwrap_or(remedy.minimum),
    };
    let start = usual.min(mine.unwrap_or(usual));
    let mut open = option.places.zones.iter().zip(&option.words.zones).filter(|(_, words)| may_give(words)).map(|(place, _)| place.extent);
    let first = open.clone().next().map_or(start, |extent| extent.from.max(remedy.minimum));
    Some(if open.any(|extent| (extent.from..=extent.to).contains(&start)) { start } else { first })
}

/// Zones that stand side by side and say the same are one: which rule lets me is not what is asked.
fn joined(zones: impl Iterator<Item = Drawn>) -> Vec<Drawn> {
    let mut joined: Vec<Drawn> = Vec::new();
    for zone in zones {
        match joined.last_mut() {
            Some(last) if (Drawn { from: zone.from, to: zone.to, ..last.clone() }) == zone => last.to = zone.to,
            _ => joined.push(zone),
        }
    }
    joined
}

fn drawn(charter: &Charter, option: &Choosable<'_>, place: &Zone, words: &ZoneAnswer, formats: &Formats, now: Timestamp) -> Drawn {
    let told = told(charter, option, words, formats, now);
    Drawn {
        from: place.extent.from,
        to: words.to.is_some().then_some(place.extent.to),
        kind: told.kind,
        label: told.label,
        detail: told.detail,
        sentence: told.sentence,
        button: told.button,
        prompt: told.prompt.map(str::to_owned),
    }
}

/// A zone in words.
struct Told {
    kind: ZoneKind,
    label: String,
    detail: String,
    sentence: String,
    button: String,
    prompt: Option<&'static str>,
}

fn told(charter: &Charter, option: &Choosable<'_>, zone: &ZoneAnswer, formats: &Formats, now: Timestamp) -> Told {
    let title = option.remedy.title.as_ref();
    let is_act = option.remedy.measure == Counted::Act;
    // A title can be a thing or something to do, in words that are not known here: it is quoted, and so always fits.
    let what = if is_act { format!("“{title}”") } else { "{amount}".to_owned() };
    let give = if is_act { "do this".to_owned() } else { "give {amount}".to_owned() };
    let plain =
        |kind, label: &str, sentence: String| Told { kind, label: label.to_owned(), detail: String::new(), sentence, button: String::new(), prompt: None };
    match zone.outcome {
        Outcome::Allowed => Told {
            button: format!("Give {what}"),
            ..plain(ZoneKind::Yours, "yours", format!("You can {give} now. Nobody needs to approve it, and nobody will take it back."))
        },
        Outcome::AllowedSayWhy => Told {
            button: format!("Give {what}, saying why"),
            prompt: Some("Why is it worth more this time?"),
            ..plain(ZoneKind::SayWhy, "yours, say why", format!("You can {give} if you say why. Nobody will take it back."))
        },
        Outcome::Escalate => escalated(charter, zone, &give, formats, now),
        Outcome::NeedsFacts => plain(ZoneKind::NeedsFacts, "depends on an answer", format!("Whether you can {give} depends on what is asked above.")),
        Outcome::Exception => {
            let group = zone.serves.as_ref().and_then(|to| to.group.as_deref()).map(|id| group_title(charter, id));
            let button = group.as_ref().map(|group| format!("Ask {group} for an exception")).unwrap_or_default();
            let who = group.map_or_else(|| "Nobody is named to make an exception.".to_owned(), |g| format!("{} may make an exception.", sentence_case(&g)));
            Told { button, ..plain(ZoneKind::Exception, "no rule covers it", format!("No rule lets anyone {give}. {who}")) }
        }
        Outcome::Forbidden | Outcome::Invalid => {
            let because = because(charter, &zone.rules);
            plain(ZoneKind::Nobody, "nobody", if because.is_empty() { "Nobody may.".to_owned() } else { because })
        }
    }
}

fn escalated(charter: &Charter, zone: &ZoneAnswer, give: &str, formats: &Formats, now: Timestamp) -> Told {
    let to = zone.serves.as_ref();
    let group = to.and_then(|to| to.group.as_deref()).map(|id| group_title(charter, id));
    let due = to.and_then(|to| to.due.as_deref()).and_then(read_instant).and_then(|at| Timestamp::from_microsecond(at).ok());
    let label = match (&group, to) {
        (Some(group), _) => format!("ask {group}"),
        (None, Some(to)) => format!("a {} can", spoken(&to.level)),
        (None, None) => "somebody else can".to_owned(),
    };
    let when = due.map_or_else(String::new, |due| format!("by {}", formats.deadline(due, now)));
    let ways = match (&group, when.is_empty()) {
        (Some(group), false) => format!("{} can, and will be there to answer {when}.", sentence_case(group)),
        (Some(group), true) => format!("{} can; nobody is known to be there.", sentence_case(group)),
        (None, _) => "Somebody with more authority can, but no group is named.".to_owned(),
    };
    let because = because(charter, &zone.rules);
    let because = if because.is_empty() { because } else { format!(" {because}") };
    let what = if give == "do this" { String::new() } else { " for {amount}".to_owned() };
    let button = group.map(|group| format!("Ask {group}{what}")).unwrap_or_default();
    Told { kind: ZoneKind::Ask, label, detail: when, sentence: format!("You cannot {give} yourself.{because} {ways}"), button, prompt: None }
}

pub(crate) fn group_title(charter: &Charter, id: &str) -> String {
    let group = charter.groups.iter().find(|g| *g.id == *id);
    group.map_or_else(|| spoken(id), |g| if *g.title == *g.id { format!("the {}", spoken(id)) } else { g.title.to_string() })
}

/// Why the rules in the way are there.
fn because(charter: &Charter, rules: &[String]) -> String {
    let of = |id: &String| charter.rules.iter().find(|r| *r.id == **id).and_then(|r| r.because.as_deref());
    rules.iter().filter_map(of).collect::<Vec<_>>().join(" ")
}

/// Caps on an amount have a place on a scale of money; one that counts how often has none, and is told beside any scale.
fn caps(charter: &Charter, option: &Choosable<'_>) -> Vec<Cap> {
    let is_money = option.remedy.measure == Counted::Money;
    let cap = |c: &charter::explain::CapAnswer| {
        let (left, of) = (c.left.as_ref()?, c.of.as_ref()?);
        let places = if matches!(left, Amount::Money { .. }) { charter.currency.places } else { 0 };
        let units = |amount: &Amount| ui::format::parse_decimal(amount.text(), places);
        let (left_units, of_units) = (units(left)?, units(of)?);
        let name = sentence_case(&spoken(&c.rule));
        // A cap that nothing was taken from, far beyond what is asked about, says nothing new.
        Some(left_units).filter(|left| *left < of_units).and_then(|at| match left {
            Amount::Money { .. } if !is_money => None,
            Amount::Money { .. } => {
                let spoken = |units: i64| charter.currency.spoken(units);
                Some(Cap { at: Some(at), label: format!("{name}: {} left of {}", spoken(at), spoken(of_units)) })
            }
            Amount::Text(_) => Some(Cap { at: None, label: format!("{name}: {}", times_left(left.text(), of.text())) }),
        })
    };
    option.words.caps.iter().filter_map(cap).take(2).collect()
}

/// What is left of a cap that counts how often.
pub(crate) fn times_left(left: &str, of: &str) -> String {
    format!("{left} of {of} {} left", if of == "1" { "time" } else { "times" })
}

fn other(charter: &Charter, option: &Choosable<'_>, formats: &Formats, now: Timestamp, is_chosen: bool) -> Other {
    let least = option.words.zones.first().map(|zone| told(charter, option, zone, formats, now));
    let measured = option.remedy.measure != Counted::Act;
    let up_to = |units: Option<i64>| units.filter(|_| measured).map(|u| option.remedy.measure.spoken(u, &charter.currency));
    let kind = least.as_ref().map_or(ZoneKind::Nobody, |t| t.kind);
    let (answer, tone) = match kind {
        ZoneKind::Yours => (up_to(option.places.free_up_to).map_or_else(|| "yours to give".to_owned(), |a| format!("up to {a}")), Tone::Positive),
        ZoneKind::SayWhy => (up_to(option.places.say_why_up_to).map_or_else(|| "yours, say why".to_owned(), |a| format!("say why, up to {a}")), Tone::Caution),
        ZoneKind::Ask => ("ask".to_owned(), Tone::Ask),
        ZoneKind::NeedsFacts => ("depends".to_owned(), Tone::Plain),
        ZoneKind::Exception => ("no rule".to_owned(), Tone::Plain),
        ZoneKind::Nobody => ("nobody".to_owned(), Tone::Stop),
    };
    let detail = match kind {
        ZoneKind::Yours | ZoneKind::SayWhy => String::new(),
        ZoneKind::NeedsFacts => "Depends on what is asked above.".to_owned(),
        _ => least.map_or_else(String::new, |t| t.sentence.replace("give {amount}", "give it")),
    };
    let (remedy, reason) = (option.words.remedy.clone(), option.words.reason.clone());
    Other { title: option.remedy.title.to_string(), remedy, reason, answer, tone, detail, is_chosen }
}

/// Each fact that could change one of the answers shown, once.
fn questions(charter: &Charter, shown: &[&Choosable<'_>], answered: &[Answered], formats: &Formats) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for ask in shown.iter().flat_map(|o| &o.words.zones).flat_map(|z| &z.asks) {
        if !questions.iter().any(|q| q.fact == ask.fact) {
            questions.extend(question(charter, ask, answered.iter().find(|a| a.fact == ask.fact && !a.is_change), formats));
        }
    }
    // Of several, some may be left for later.
    let are_several = questions.iter().filter(|q| q.is_typed()).count() > 1;
    for question in &mut questions {
        if let QuestionKind::Typed(field) = &mut question.kind {
            field.hangs_on_choice = are_several;
        }
    }
    questions
}
