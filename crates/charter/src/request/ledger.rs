//! History: what was given before, and what of it counts where.

use crate::decimal::ONE;
use crate::expr::{GrantedMeter, Range};
use crate::limits::NUMBER_MAX;
use crate::model::{Cap, Charter, Scope};
use crate::request::Request;
use crate::time::{Instant, Window};

/// A grant that counts, with the keys it was given under compared to the request's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Instant,
    /// Places; nothing for what the charter does not know (any more).
    pub(crate) remedy: Option<usize>,
    pub(crate) reason: Option<usize>,
    /// In units of the remedy's measure.
    pub(crate) amount: i64,
    /// In minor units.
    pub(crate) worth: Option<i64>,
    /// Keys whose value equals the request's, a bit each.
    pub(crate) same: u64,
    /// Keys it has, a bit each.
    pub(crate) has: u64,
}

/// What a cap remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The worth in minor units, or the number of grants.
    pub(crate) used: Range,
    /// When the first of them was given.
    pub(crate) first: Option<Instant>,
    /// Whether an entry did not count because it lacks a key or a worth.
    pub(crate) lacking: bool,
}

impl Request {
    /// What a scope has had of a remedy for a reason, in units.
    pub(crate) fn total(&self, scope: Scope, remedy: usize, reason: Option<usize>) -> Range {
        if scope.keys & self.unknown_keys != 0 {
            return Range::between((0, i64::MAX));
        }
        let matching = self.entries.iter().filter(|e| e.remedy == Some(remedy) && e.reason == reason && e.same & scope.keys == scope.keys);
        let sum: i128 = matching.map(|e| i128::from(e.amount)).sum();
        Range::point(clamp(sum))
    }

    /// What a cap has used, whoever gave it.
    pub(crate) fn usage(&self, charter: &Charter, cap: &Cap, reasons: Option<&[bool]>, by_worth: bool) -> Usage {
        if cap.scope.keys & self.unknown_keys != 0 {
            return Usage { used: Range::between((0, i64::MAX)), first: None, lacking: false };
        }
        let named = |list: Option<&[bool]>, place: Option<usize>| list.is_none_or(|l| place.and_then(|p| l.get(p).copied()).unwrap_or(false));
        let begins = self.begins(charter, cap.window);
        let mut sum = 0_i128;
        let mut first: Option<Instant> = None;
        let mut lacking = false;
        for entry in self.entries.iter().filter(|e| named(cap.remedies.as_deref(), e.remedy) && named(reasons, e.reason)) {
            let lacks_key = entry.has & cap.scope.keys != cap.scope.keys;
            let lacks_worth = by_worth && entry.worth.is_none();
            lacking |= lacks_key || (lacks_worth && entry.same & cap.scope.keys == cap.scope.keys);
            if lacks_key || lacks_worth || entry.same & cap.scope.keys != cap.scope.keys {
                continue;
            }
            if entry.at < begins {
                continue;
            }
            sum += if by_worth { i128::from(entry.worth.unwrap_or(0)) } else { 1 };
            first = Some(first.map_or(entry.at, |f| f.min(entry.at)));
        }
        Usage { used: Range::point(clamp(sum)), first, lacking }
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
        let number = self.entries.iter().filter(|e| e.remedy == Some(meter.remedy)).filter(same).filter(|e| e.at >= begins).count();
        Range::point(i64::try_from(number).unwrap_or(0) * ONE)
    }
}

fn clamp(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
