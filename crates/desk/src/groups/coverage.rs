//! Who is there for a group, and when: from the rota, absences and opening hours. Pure: it reads no clock and no database.

use access::people::StaffId;
use charter::calendar::Calendar;
use jiff::Timestamp;

/// From an instant on, up to another that is no longer part of it.
pub type Span = (Timestamp, Timestamp);

/// Somebody's hours in the rota of a group.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Who.
    pub staff: StaffId,
    /// Whether they are asked only when nobody else is there.
    pub is_deputy: bool,
    /// In which hours of a week.
    pub hours: Calendar,
    /// From when on.
    pub from: Timestamp,
    /// Until when; nothing if no end is planned.
    pub until: Option<Timestamp>,
}

/// When somebody is not there.
#[derive(Clone, Debug)]
pub struct Away {
    /// Who.
    pub staff: StaffId,
    /// Who stands in for them.
    pub substitute: Option<StaffId>,
    /// From when until when.
    pub span: Span,
}

/// A span in which the same people are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// From when until when.
    pub span: Span,
    /// Who is there: at least one.
    pub on: Vec<StaffId>,
    /// Whether they are deputies.
    pub by_deputies: bool,
}

/// Who is there in each part of a window in which anybody is: in order, without overlap, each part as long as nothing changes. `open` are the hours of the group
/// itself; nothing if it has none.
///
/// An absent person's hours are those of their substitute, unless that one is absent too. Deputies are there when nobody else is.
#[must_use]
pub fn covered(duties: &[Duty], away: &[Away], open: Option<&Calendar>, (from, until): Span) -> Vec<Covered> {
    let whole = [(from, until)];
    let open = open.map_or_else(|| whole.to_vec(), |calendar| calendar.openings(from, until));
    let hours: Vec<Vec<Span>> = duties.iter().map(|duty| duty.openings((from, until))).collect();
    let mut cuts: Vec<Timestamp> = open.iter().chain(hours.iter().flatten()).chain(away.iter().map(|a| &a.span)).flat_map(|(a, b)| [*a, *b]).collect();
    cuts.retain(|cut| (from..=until).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let mut found: Vec<Covered> = Vec::new();
    for (begins, ends) in cuts.iter().zip(cuts.iter().skip(1)) {
        if !has(&open, *begins) {
            continue;
        }
        let there = |is_deputy| {
            let there = duties.iter().zip(&hours).filter(|(duty, hours)| duty.is_deputy == is_deputy && has(hours, *begins));
            let mut on: Vec<StaffId> = there.filter_map(|(duty, _)| stands_in(away, duty.staff, *begins)).collect();
            on.sort_unstable();
            on.dedup();
            (on, is_deputy)
        };
        let Some((on, by_deputies)) = [false, true].into_iter().map(there).find(|(on, _)| !on.is_empty()) else { continue };
        match found.last_mut() {
            Some(last) if last.span.1 == *begins && last.on == on && last.by_deputies == by_deputies => last.span.1 = *ends,
            _ => found.push(Covered { span: (*begins, *ends), on, by_deputies }),
        }
    }
    found
}

/// When anybody is there: the spans without who it is, merged where they touch.
#[must_use]
pub fn spans(covered: &[Covered]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for part in covered {
        match spans.last_mut() {
            Some(last) if last.1 == part.span.0 => last.1 = part.span.1,
            _ => spans.push(part.span),
        }
    }
    spans
}

impl Duty {
    fn openings(&self, (from, until): Span) -> Vec<Span> {
        let (from, until) = (self.from.max(from), self.until.map_or(until, |end| end.min(until)));
        self.hours.openings(from, until)
    }
}

/// Whether an instant is in one of these spans, which are in order.
fn has(spans: &[Span], at: Timestamp) -> bool {
    let before = spans.partition_point(|(begins, _)| *begins <= at);
    before.checked_sub(1).and_then(|place| spans.get(place)).is_some_and(|(_, ends)| at < *ends)
}

/// Who does what somebody would do at an instant: they, or who stands in for them.
fn stands_in(away: &[Away], staff: StaffId, at: Timestamp) -> Option<StaffId> {
    let absent = |who: StaffId| away.iter().filter(move |a| a.staff == who && a.span.0 <= at && at < a.span.1);
    if absent(staff).next().is_none() {
        return Some(staff);
    }
    absent(staff).filter_map(|a| a.substitute).find(|substitute| absent(*substitute).next().is_none())
}
