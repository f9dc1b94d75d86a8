use std::collections::BTreeMap;

use access::people::StaffId;
use access::teams::TeamId;
use charter::calendar::{Calendar, Hours};
use charter::time::Instant;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::actor::Subject;
use platform::db::{DbError, FromRow, Row};
use platform::events::Event;
use platform::ids;
use serde::Serialize;

use super::chat::ChatKind;
use super::coverage::{Away, Duty};
use crate::calendars::written;

ids! {
    /// Somebody's hours in a rota.
    ShiftId,
    /// A span in which somebody is not there.
    AbsenceId
}

/// Days of a week: a bit for each, Monday the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Days(pub i64);

impl Days {
    /// Whether a day is among them, Monday 0.
    #[must_use]
    pub fn has(self, day: usize) -> bool {
        self.0 >> day & 1 == 1
    }
}

/// Somebody's hours in the rota of a group, every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Which.
    pub id: ShiftId,
    /// The group, by its id in the charter.
    pub group: String,
    /// Who.
    pub staff: StaffId,
    /// Whether they are asked only when nobody else is there.
    pub is_deputy: bool,
    /// On which days.
    pub days: Days,
    /// In which hours of these days; none for whenever the group is open.
    pub hours: Vec<Hours>,
    /// Where these hours are told.
    pub zone: TimeZone,
    /// From when on.
    pub from: Instant,
    /// Until when; nothing if no end is planned.
    pub until: Option<Instant>,
}

impl FromRow for Shift {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (id, group, staff) = (row.take()?, row.take()?, row.take()?);
        let (is_deputy, days, hours, zone): (i64, _, String, String) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let hours = written::hours(&hours).map_err(DbError::Defect)?;
        let zone = TimeZone::get(&zone).map_err(|e| DbError::Defect(e.to_string()))?;
        let (from, until): (_, Option<Instant>) = (row.take()?, row.take()?);
        Ok(Self { id, group, staff, is_deputy: is_deputy == 1, days: Days(days), hours, zone, from, until })
    }
}

impl Shift {
    /// As who is there is found by; nothing for hours that no calendar can have.
    pub(super) fn duty(&self) -> Option<Duty> {
        let whole = Hours::new(0, 24 * 60).into_iter().collect::<Vec<_>>();
        let hours = if self.hours.is_empty() { &whole } else { &self.hours };
        let on = |day: usize| if self.days.has(day) { hours.clone() } else { Vec::new() };
        let hours = Calendar::new(self.zone.clone(), std::array::from_fn(on), BTreeMap::new()).ok()?;
        Some(Duty { staff: self.staff, is_deputy: self.is_deputy, hours, from: stamp(self.from), until: self.until.map(stamp) })
    }
}

/// An instant of the database as one of the calendar.
pub(super) fn stamp(at: Instant) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

/// Hours to be entered.
#[derive(Clone, Debug)]
pub struct NewShift {
    /// The group, by its id in the charter.
    pub group: String,
    /// Who.
    pub staff: StaffId,
    /// Whether they are asked only when nobody else is there.
    pub is_deputy: bool,
    /// On which days: at least one.
    pub days: Days,
    /// In which hours; none for whenever the group is open.
    pub hours: Vec<Hours>,
    /// The IANA name of the time zone.
    pub zone: String,
}

/// A span in which somebody is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Which.
    pub id: AbsenceId,
    /// Who.
    pub staff: StaffId,
    /// Who stands in for them.
    pub substitute: Option<StaffId>,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

impl FromRow for Absence {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, staff: row.take()?, substitute: row.take()?, from: row.take()?, until: row.take()? })
    }
}

impl Absence {
    /// Who is absent, and when, is told to whoever leads the group, to themselves, and to who stands in.
    pub(super) fn is_told_to(&self, leads: bool, me: Option<StaffId>) -> bool {
        leads || me.is_some_and(|me| me == self.staff || Some(me) == self.substitute)
    }

    /// As who is there is found by.
    pub(super) fn away(&self) -> Away {
        Away { staff: self.staff, substitute: self.substitute, span: (stamp(self.from), stamp(self.until)) }
    }
}

/// An absence to be entered.
#[derive(Clone, Debug)]
pub struct NewAbsence {
    /// Who.
    pub staff: StaffId,
    /// Who stands in for them.
    pub substitute: Option<StaffId>,
    /// From when on.
    pub from: Instant,
    /// Until when: later than from when.
    pub until: Instant,
}

/// What happens to a group.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum GroupEvent {
    /// Another team serves it.
    GroupTeamSet {
        /// The group, by its id in the charter.
        group: String,
        /// Which team.
        team: TeamId,
    },
    /// Somebody's hours came into its rota.
    ShiftBegun {
        /// The group, by its id in the charter.
        group: String,
        /// Which hours.
        shift: ShiftId,
        /// Whose.
        staff: StaffId,
        /// Whether as a deputy.
        is_deputy: bool,
        /// On which days: a bit for each, Monday the lowest.
        days: Days,
        /// In which hours, as people write them.
        hours: String,
        /// Where they are told.
        zone: String,
    },
    /// They are not in it any more.
    ShiftEnded {
        /// The group, by its id in the charter.
        group: String,
        /// Which hours.
        shift: ShiftId,
        /// Whose.
        staff: StaffId,
    },
    /// It hears in a chat of what it is asked. The address is nowhere but where it is used.
    GroupChatSet {
        /// The group, by its id in the charter.
        group: String,
        /// What its messages look like.
        kind: ChatKind,
    },
    /// It does not any more.
    GroupChatRemoved {
        /// The group, by its id in the charter.
        group: String,
    },
}

impl Event for GroupEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::GroupTeamSet { .. } => "group_team_set",
            Self::ShiftBegun { .. } => "shift_begun",
            Self::ShiftEnded { .. } => "shift_ended",
            Self::GroupChatSet { .. } => "group_chat_set",
            Self::GroupChatRemoved { .. } => "group_chat_removed",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::GroupTeamSet { group, .. }
            | Self::ShiftBegun { group, .. }
            | Self::ShiftEnded { group, .. }
            | Self::GroupChatSet { group, .. }
            | Self::GroupChatRemoved { group } => Subject::new("group", group),
        }
    }
}

/// What happens to somebody's absences.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AbsenceEvent {
    /// They will not be there.
    AbsenceEntered {
        /// Which absence.
        absence: AbsenceId,
        /// Who.
        staff: StaffId,
        /// Who stands in for them.
        substitute: Option<StaffId>,
        /// From when on, in microseconds.
        from: Instant,
        /// Until when.
        until: Instant,
    },
    /// They are there from now on, or will be after all.
    AbsenceCalledOff {
        /// Which absence.
        absence: AbsenceId,
        /// Who.
        staff: StaffId,
    },
}

impl Event for AbsenceEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::AbsenceEntered { .. } => "absence_entered",
            Self::AbsenceCalledOff { .. } => "absence_called_off",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::AbsenceEntered { staff, .. } | Self::AbsenceCalledOff { staff, .. } => Subject::new("staff", staff),
        }
    }
}
