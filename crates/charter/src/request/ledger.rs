//! History: what was given before, and what of it counts where.

use crate::decimal::ONE;
use crate::expr::{GrantedMeter, Range};
use crate::limits::NUMBER_MAX;
use crate::model::{Cap, Charter, Scope};
use crate::request::Request;
use crate::time::{Instant, Window};

/// A grant that counts, or several alike, with the keys it was given under compared to the request's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Instant,
    /// Places; nothing for what the charter does not know (any more).
    pub(crate) remedy: Option<usize>,
    pub(crate) reason: Option<usize>,
    /// How many grants it stands for.
    pub(crate) times: i64,
    /// In units of the remedy's measure, all together.
    pub(crate) amount: i64,
    /// In minor units, all together.
    pub(crate) worth: Option<i64>,
    /// Keys whose value equals the request's, a bit each.
    pub(crate) same: u64,
    /// Keys it has, a bit each.
    pub(crate) has: u64,
}

/// How much was given before: a point, unless a key is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Had {
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Had {
    const ANYTHING: Self = Self { low: 0, high: i64::MAX };

    pub(crate) fn is_point(self) -> bool {
        self.low == self.high
    }

    fn sum(amounts: impl Iterator<Item = i64>) -> Self {
        let sum: i128 = amounts.map(i128::from).sum();
        let sum = i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
        Self { low: sum, high: sum }
    }
}

/// What a cap remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The worth in minor units, or the number of grants.
    pub(crate) used: Had,
    /// When the first of them was given.
    pub(crate) first: Option<Instant>,
    /// Whether an entry did not count because it lacks a key or a worth.
    pub(crate) lacking: bool,
}

impl Request {
    /// The entries of a remedy: they lie side by side.
    pub(crate) fn entries_of(&self, remedy: usize) -> &[Entry] {
        let from = self.entries.partition_point(|e| e.remedy < Some(remedy));
        let rest = self.entries.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|e| e.remedy == Some(remedy))).unwrap_or_default()
    }

    /// What a scope has had for a reason in these entries, in units.
    pub(crate) fn total(&self, scope: Scope, entries: &[Entry], reason: Option<usize>) -> Had {
        if scope.keys & self.unknown_keys != 0 {
            return Had::ANYTHING;
        }
        let matching = entries.iter().filter(|e| e.reason == reason && e.same & scope.keys == scope.keys);
        Had::sum(matching.map(|e| e.amount))
    }

    /// What a cap has used of these entries, whoever gave it.
    pub(crate) fn used(&self, entries: &[Entry], cap: &Cap, reasons: Option<&[bool]>) -> Had {
        if cap.scope.keys & self.unknown_keys != 0 {
            return Had::ANYTHING;
        }
        let entries = self.within(entries, cap, reasons).filter(|e| e.has & cap.scope.keys == cap.scope.keys);
        if cap.by_worth() { Had::sum(entries.filter_map(|e| e.worth)) } else { Had::sum(entries.map(|e| e.times)) }
    }

    /// Of these entries those that a cap remembers, those that lack a key or a worth among them.
    fn within<'e>(&'e self, entries: &'e [Entry], cap: &'e Cap, reasons: Option<&'e [bool]>) -> impl Iterator<Item = &'e Entry> {
        let named = |list: Option<&[bool]>, place: Option<usize>| list.is_none_or(|l| place.and_then(|p| l.get(p).copied()).unwrap_or(false));
        let begins = match cap.calendar {
            Some(place) => self.begins.get(place).copied().unwrap_or(Instant::MIN),
            None => cap.window.span_begins(self.now),
        };
        let concerned = entries.iter().filter(move |e| named(cap.remedies.as_deref(), e.remedy) && named(reasons, e.reason));
        concerned.filter(move |e| e.same & cap.scope.keys == e.has & cap.scope.keys && e.at >= begins)
    }

    /// What a cap remembers.
    pub(crate) fn usage(&self, cap: &Cap, reasons: Option<&[bool]>) -> Usage {
        let used = self.used(&self.entries, cap, reasons);
        if cap.scope.keys & self.unknown_keys != 0 {
            return Usage { used, first: None, lacking: false };
        }
        let lacks = |e: &&Entry| e.has & cap.scope.keys != cap.scope.keys || (cap.by_worth() && e.worth.is_none());
        let within = || self.within(&self.entries, cap, reasons);
        let first = within().filter(|e| !lacks(e)).map(|e| e.at).min();
        Usage { used, first, lacking: within().any(|e| lacks(&e)) }
    }

    /// When the first entry that counts in a cap stops counting.
    pub(crate) fn room_at(&self, charter: &Charter, cap: &Cap, usage: &Usage) -> Option<Instant> {
        usage.first.and_then(|at| cap.window.ends(at, self.now, &charter.zone))
    }

    /// The first instant at which a grant counts in a window; found once for each window that follows the calendar.
    fn begins(&self, charter: &Charter, window: Window) -> Instant {
        let found = charter.windows.iter().position(|w| *w == window).and_then(|place| self.begins.get(place));
        found.copied().unwrap_or_else(|| window.begins(self.now, &charter.zone))
    }

    /// How often a remedy was given, in millionths.
    pub(crate) fn granted(&self, charter: &Charter, meter: &GrantedMeter) -> Range {
        let keys = meter.keys.as_ref().map(|keys| keys.iter().fold(0_u64, |bits, k| bits | 1 << k));
        if keys.is_some_and(|keys| keys & self.unknown_keys != 0) {
            return Range::between((0, NUMBER_MAX));
        }
        let same = |e: &&Entry| match keys {
            Some(keys) => e.same & keys == keys,
            None => e.same & self.subject_keys == self.subject_keys && e.has & self.absent_keys == 0,
        };
        let begins = self.begins(charter, meter.window);
        let entries = self.entries.iter().filter(|e| e.remedy == Some(meter.remedy)).filter(same).filter(|e| e.at >= begins);
        let number = Had::sum(entries.map(|e| e.times)).low;
        Range::point(number.saturating_mul(ONE).min(NUMBER_MAX))
    }
}
