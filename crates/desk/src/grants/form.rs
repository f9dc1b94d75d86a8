//! Giving by a form, on the page of a case and on its card in a frame.

use access::Caller;
use charter::decide::Outcome;
use charter::money::Measure;
use charter::time::Instant;
use platform::clock::Clock;
use platform::db::Tx;
use platform::http::{Form, Problem};
use platform::idempotency::{self, Claim};
use platform::limits::{KEY_CHARS, NAME_CHARS, TEXT_CHARS};
use ui::components::Tone;
use ui::format::{Formats, read_decimal};

use super::commands::{self, Item, Offer, Offered};
use crate::cases::{SaidNo, Sent};
use crate::charters::{self, Charters};
use crate::options::Chosen;
use crate::state::asker;

/// A form that is sent twice gives once: its second time leads to what the first one did.
pub(crate) const SENT_BEFORE: &str = "sent-before";

/// How much of an amount that cannot be read is shown again.
const TYPED_CHARS: usize = 20;

/// More decimal places than any measure has: with so many, only what is a number can be read.
const PLACES_MOST: u32 = 9;

/// What a form asks to give.
#[derive(Clone)]
pub(crate) struct Wanted {
    remedy: String,
    reason: Option<String>,
    typed: String,
    why: Option<String>,
    beyond_no: bool,
    sent: Option<String>,
    /// The form as it was sent, to be shown again.
    form: Form,
}

/// What came of it.
pub(crate) enum Came {
    /// What was decided, of which amount in units of the measure.
    Offered(Box<Offered>, Option<i64>),
    /// It holds no amount, and this is why.
    NoAmount(NotAmount),
}

impl Wanted {
    /// Reads the form; what is wrong with it is what is shown again.
    pub(crate) fn read(mut form: Form) -> Result<Self, Box<Sent>> {
        let (why, reason, sent) = (form.optional("because", TEXT_CHARS), form.optional("reason", NAME_CHARS), form.optional("sent", KEY_CHARS));
        let (remedy, typed, beyond_no) = (form.typed("remedy").to_owned(), form.typed("amount").to_owned(), form.typed("beyond_no") == "yes");
        let is_fine = form.is_fine();
        let asked = Self { remedy, reason, typed, why, beyond_no, sent, form };
        if is_fine {
            return Ok(asked);
        }
        let error = asked.form.problems().first().map(|problem| problem.message.clone());
        Err(Box::new(Sent { chosen: Chosen { error, ..asked.chosen() }, ..Sent::default() }))
    }

    /// Gives it in a case that the caller may see.
    pub(crate) async fn give(&self, tx: &mut Tx, known: &Charters, caller: &Caller, case: i64, clock: Clock) -> Result<Came, Problem> {
        let (asker, at) = (asker(caller)?, clock.now());
        let units = match in_units(tx, known, &self.remedy, &self.typed, &caller.formats()).await? {
            Amount::Units(units, text) => Some((units, text)),
            Amount::Act => None,
            Amount::None(not) => return Ok(Came::NoAmount(not)),
        };
        let sending = Sending::begin(tx, caller, self.sent.as_deref(), at).await?;
        let amount = units.as_ref().map(|(_, text)| text.clone());
        let item = Item { remedy: self.remedy.clone(), reason: self.reason.clone(), amount, why: self.why.clone() };
        let offered = commands::give(tx, known, &Offer { case, items: vec![item], beyond_no: self.beyond_no }, &asker, clock).await?;
        if matches!(offered, Offered::Given { .. }) {
            sending.done(tx, caller).await?;
        }
        Ok(Came::Offered(Box::new(offered), units.map(|(units, _)| units)))
    }

    /// Where it is passed up, if it is for somebody with more authority: the form for that, with what was asked for.
    pub(crate) fn passed_up(&self, came: &Came, case: i64) -> Option<String> {
        let Came::Offered(offered, _) = came else { return None };
        let Offered::NotGiven { answer, .. } = &**offered else { return None };
        answer.to.as_ref().filter(|_| matches!(answer.outcome, Outcome::Escalate | Outcome::Exception))?.group.as_ref()?;
        let asked = [("remedy", Some(&self.remedy)), ("reason", self.reason.as_ref()), ("amount", Some(&self.typed).filter(|typed| !typed.is_empty()))];
        let asked: Vec<(&str, &String)> = asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        // Texts can always be encoded.
        Some(format!("/cases/{case}/escalations/new?{}", serde_urlencoded::to_string(asked).unwrap_or_default()))
    }

    /// What is shown again, with why nothing was given; nothing if it was given.
    pub(crate) fn again(&self, came: Came) -> Option<Sent> {
        let mut again = Sent { chosen: self.chosen(), ..Sent::default() };
        match came {
            Came::NoAmount(not) => again.chosen.error = Some(not.must()),
            Came::Offered(offered, units) => {
                again.chosen.amount = units;
                match *offered {
                    Offered::Given { .. } => return None,
                    Offered::SayWhy { .. } => again.chosen.error = Some("Say why it is worth more this time, in a few words.".to_owned()),
                    Offered::NotGiven { answer, .. } => again.notice = Some((Tone::Stop, "Nothing was given".to_owned(), answer.sentence.clone())),
                    Offered::SaidNoBefore { by, amount, at, .. } => {
                        let kept = ["sent", "remedy", "reason", "amount", "because"].map(|name| (name.to_owned(), self.form.typed(name).to_owned()));
                        again.said_no = Some(SaidNo { by, amount, at, form: kept.to_vec() });
                    }
                }
            }
        }
        Some(again)
    }

    /// What is looked at once it is given.
    pub(super) fn for_reason(&self) -> Chosen {
        Chosen { reason: self.reason.clone(), ..Chosen::default() }
    }

    fn chosen(&self) -> Chosen {
        Chosen {
            remedy: Some(self.remedy.clone()),
            typed: self.typed.chars().take(TYPED_CHARS).collect(),
            why: self.form.typed("because").to_owned(),
            ..self.for_reason()
        }
    }
}

/// One sending of a form, which does something once.
pub(crate) struct Sending {
    key: Option<String>,
}

impl Sending {
    /// It begins. A second time is a problem, before anything is done.
    pub(crate) async fn begin(tx: &mut Tx, caller: &Caller, sent: Option<&str>, at: Instant) -> Result<Self, Problem> {
        let key = sent.map(|sent| format!("form {sent}"));
        if let Some(key) = &key {
            // One that was claimed before and came to nothing is there already: nobody waits for it but by this name.
            tx.hold(std::slice::from_ref(key)).await?;
            if !matches!(idempotency::claim(tx, &caller.actor(), key, b"", at).await?, Claim::New) {
                return Err(Problem::conflict(SENT_BEFORE, "This form was sent before, and what it asked for was done then."));
            }
        }
        Ok(Self { key })
    }

    /// What it asked for is done. Until then it can be sent again, with something mended.
    pub(crate) async fn done(self, tx: &mut Tx, caller: &Caller) -> Result<(), Problem> {
        match &self.key {
            Some(key) => Ok(idempotency::keep(tx, &caller.actor(), key, (303, ""), None).await?),
            None => Ok(()),
        }
    }
}

/// What was typed as an amount.
pub(crate) enum Amount {
    /// In units of the measure, and as requests write it.
    Units(i64, String),
    /// The remedy has none.
    Act,
    /// There is none that could be given.
    None(NotAmount),
}

/// What was typed is no amount that could be given.
pub(crate) struct NotAmount {
    /// Why not, in a sentence; empty where nothing was typed.
    why: String,
    /// One that could.
    example: String,
}

impl NotAmount {
    fn new(typed: &str, measure: &Measure, places: u32, formats: &Formats) -> Self {
        let read = read_decimal(typed, places, formats.locale);
        let example = match measure {
            Measure::Money | Measure::Act => formats.decimal(15 * 10_i64.saturating_pow(places), places),
            Measure::Percent => "10".to_owned(),
            Measure::Count(_) => "2".to_owned(),
        };
        // What is long stands at its field alone.
        let shown = if typed.chars().count() > TYPED_CHARS { "This".to_owned() } else { format!("`{typed}`") };
        let has_more_places = read_decimal(typed, PLACES_MOST, formats.locale).is_some() && typed.contains(['.', ',']);
        let why = match read {
            _ if typed.is_empty() => String::new(),
            Some(_) => format!("{shown} is not more than nothing. "),
            None if has_more_places && places == 0 => format!("{shown} is not a whole number. "),
            None if has_more_places => format!("{shown} has more than {places} decimal places. "),
            None => format!("{shown} is not an amount. "),
        };
        Self { why, example }
    }

    /// What to do where there must be one.
    pub(crate) fn must(&self) -> String {
        format!("{}Write an amount, such as {}.", self.why, self.example)
    }

    /// What to do where there may be none.
    pub(crate) fn may(&self) -> String {
        format!("{}Write an amount, such as {}, or leave it empty.", self.why, self.example)
    }
}

/// An amount that can be given, as somebody with these habits typed it.
pub(crate) async fn in_units(tx: &mut Tx, known: &Charters, remedy: &str, typed: &str, formats: &Formats) -> Result<Amount, Problem> {
    let Some(in_force) = charters::in_force(tx, known).await? else { return Ok(Amount::Act) };
    let charter = &in_force.charter;
    let Some(remedy) = charter.remedy(remedy).and_then(|place| charter.remedies.get(place)) else { return Ok(Amount::Act) };
    if remedy.measure == Measure::Act {
        return Ok(Amount::Act);
    }
    let places = remedy.measure.places(&charter.currency);
    Ok(match read_decimal(typed, places, formats.locale).filter(|units| *units > 0) {
        Some(units) => Amount::Units(units, remedy.measure.amount(units, &charter.currency).text().to_owned()),
        None => Amount::None(NotAmount::new(typed, &remedy.measure, places, formats)),
    })
}
