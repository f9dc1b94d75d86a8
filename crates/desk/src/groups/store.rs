use std::collections::BTreeMap;

use access::people::StaffId;
use access::teams::TeamId;
use charter::calendar::Calendar;
use charter::time::Instant;
use platform::db::{DbError, Tx, Value, fifties};
use platform::{params, statements};

use super::coverage::{Away, Covered, Duty, Span, covered};
use super::model::{Absence, AbsenceId, NewAbsence, NewShift, Shift, ShiftId, stamp};
use crate::calendars::written;

/// No end is planned.
const NEVER: Instant = Instant::MAX;
/// Hours of all rotas together, and absences at one time, that are looked at.
const ROWS_MAX: i64 = 50_000;

statements! {
    TEAMS = "SELECT g.group_id, g.team, t.name FROM group_teams g JOIN teams t ON t.id = g.team ORDER BY g.group_id";
    SET_TEAM = "INSERT INTO group_teams (group_id, team, changed_at) VALUES (?1, ?2, ?3) ON CONFLICT (group_id) DO UPDATE SET team = ?2, changed_at = ?3";
    BEGIN = "INSERT INTO shifts (id, group_id, staff, is_deputy, days, hours, zone, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    SHIFT = "SELECT id, group_id, staff, is_deputy, days, hours, zone, from_at, NULLIF(until_at, 9223372036854775807) FROM shifts WHERE id = ?1";
    SHIFTS = "SELECT s.id, s.group_id, s.staff, s.is_deputy, s.days, s.hours, s.zone, s.from_at, NULLIF(s.until_at, 9223372036854775807)
              FROM shifts s JOIN staff p ON p.id = s.staff WHERE s.until_at > ?1 AND p.disabled_at IS NULL ORDER BY s.until_at, s.id LIMIT ?2";
    END = "UPDATE shifts SET until_at = CASE WHEN from_at > ?2 THEN from_at ELSE ?2 END WHERE id = ?1 AND until_at > ?2";
    ENTER = "INSERT INTO absences (id, staff, substitute, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    ABSENCE = "SELECT id, staff, substitute, from_at, until_at FROM absences WHERE id = ?1";
    ABSENCES = "SELECT a.id, a.staff, p.id, a.from_at, a.until_at FROM absences a LEFT JOIN staff p ON p.id = a.substitute AND p.disabled_at IS NULL
                WHERE a.until_at > ?1 AND a.until_at > a.from_at ORDER BY a.until_at, a.id LIMIT ?2";
    CALL_OFF = "UPDATE absences SET until_at = CASE WHEN from_at > ?2 THEN from_at ELSE ?2 END WHERE id = ?1 AND until_at > ?2 AND until_at > from_at";
    SHIFTS_OF = "SELECT COUNT(*) FROM shifts WHERE until_at > ?1 AND group_id = ?2";
    ABSENCES_OF = "SELECT COUNT(*) FROM absences WHERE until_at > ?1 AND until_at > from_at AND staff = ?2";
    AUTHORITY = concat!("SELECT id, name, level FROM staff WHERE id IN (", platform::fifty!(), ")");
}

/// The team that serves each group, and its name.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn teams(tx: &mut Tx) -> Result<BTreeMap<String, (TeamId, String)>, DbError> {
    let rows: Vec<(String, TeamId, String)> = tx.all(&TEAMS, &[]).await?;
    Ok(rows.into_iter().map(|(group, team, name)| (group, (team, name))).collect())
}

pub(super) async fn set_team(tx: &mut Tx, group: &str, team: TeamId, at: Instant) -> Result<(), DbError> {
    tx.execute(&SET_TEAM, params![group, &team, at]).await.map(drop)
}

/// Whoever changes the team or the rota of a group does so alone.
pub(super) async fn hold(tx: &mut Tx, group: &str) -> Result<(), DbError> {
    tx.hold(&[format!("group {group}")]).await.map(drop)
}

/// How many hours are in the rota of a group.
pub(super) async fn shifts_of(tx: &mut Tx, group: &str, at: Instant) -> Result<usize, DbError> {
    let (count,): (i64,) = tx.one(&SHIFTS_OF, params![at, group]).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// How many absences somebody has, now and to come.
pub(super) async fn absences_of(tx: &mut Tx, staff: StaffId, at: Instant) -> Result<usize, DbError> {
    tx.hold(&[format!("absences of {staff}")]).await?;
    let (count,): (i64,) = tx.one(&ABSENCES_OF, params![at, &staff]).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

pub(super) async fn begin(tx: &mut Tx, id: ShiftId, new: &NewShift, at: Instant) -> Result<(), DbError> {
    let (is_deputy, hours) = (i64::from(new.is_deputy), written::shown(&new.hours));
    let values = params![&id, new.group.as_str(), &new.staff, is_deputy, new.days.0, hours.as_str(), new.zone.as_str(), at, NEVER];
    tx.execute(&BEGIN, values).await.map(drop)
}

pub(super) async fn shift(tx: &mut Tx, id: ShiftId) -> Result<Option<Shift>, DbError> {
    tx.optional(&SHIFT, params![&id]).await
}

/// Says whether it had not ended.
pub(super) async fn end(tx: &mut Tx, id: ShiftId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&END, params![&id, at]).await? == 1)
}

pub(super) async fn enter(tx: &mut Tx, id: AbsenceId, new: &NewAbsence) -> Result<(), DbError> {
    tx.execute(&ENTER, params![&id, &new.staff, &new.substitute, new.from, new.until]).await.map(drop)
}

pub(super) async fn absence(tx: &mut Tx, id: AbsenceId) -> Result<Option<Absence>, DbError> {
    tx.optional(&ABSENCE, params![&id]).await
}

/// Says whether it had not ended.
pub(super) async fn call_off(tx: &mut Tx, id: AbsenceId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&CALL_OFF, params![&id, at]).await? == 1)
}

/// Who is there for a group, and when, as far as it was entered.
#[derive(Clone, Debug, Default)]
pub struct Rota {
    /// The hours of a week, now and to come.
    pub shifts: Vec<Shift>,
    /// Absences of whoever is in it, now and to come.
    pub absences: Vec<Absence>,
}

impl Rota {
    /// Who is there in each part of a window; `open` are the hours of the group itself.
    #[must_use]
    pub fn covered(&self, open: Option<&Calendar>, window: Span) -> Vec<Covered> {
        let duties: Vec<Duty> = self.shifts.iter().filter_map(Shift::duty).collect();
        let away: Vec<Away> = self.absences.iter().map(Absence::away).collect();
        covered(&duties, &away, open, window)
    }

    /// Everybody who is in it or stands in for somebody.
    #[must_use]
    pub fn people(&self) -> Vec<StaffId> {
        let mut people: Vec<StaffId> = self.shifts.iter().map(|shift| shift.staff).chain(self.substitutes()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Whether somebody has hours in it.
    #[must_use]
    pub fn has(&self, staff: StaffId) -> bool {
        self.shifts.iter().any(|shift| shift.staff == staff)
    }

    /// Who stands in for those who have hours in it.
    fn substitutes(&self) -> impl Iterator<Item = StaffId> + '_ {
        self.absences.iter().filter(|absence| self.has(absence.staff)).filter_map(|absence| absence.substitute)
    }
}

/// The rotas of all groups that have one, from an instant on.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn rotas(tx: &mut Tx, at: Instant) -> Result<BTreeMap<String, Rota>, DbError> {
    let shifts: Vec<Shift> = tx.all(&SHIFTS, params![at, ROWS_MAX]).await?;
    let mut rotas: BTreeMap<String, Rota> = BTreeMap::new();
    if shifts.is_empty() {
        return Ok(rotas);
    }
    for shift in shifts {
        rotas.entry(shift.group.clone()).or_default().shifts.push(shift);
    }
    let absences: Vec<Absence> = tx.all(&ABSENCES, params![at, ROWS_MAX]).await?;
    for rota in rotas.values_mut() {
        // A substitute's absence counts too.
        let concerned = |who: StaffId| rota.shifts.iter().any(|shift| shift.staff == who);
        let substitutes: Vec<StaffId> = absences.iter().filter(|a| concerned(a.staff)).filter_map(|a| a.substitute).collect();
        rota.absences = absences.iter().filter(|a| concerned(a.staff) || substitutes.contains(&a.staff)).cloned().collect();
        rota.shifts.sort_by_key(|shift| (shift.is_deputy, stamp(shift.from), shift.id));
    }
    Ok(rotas)
}

/// Name and level of each of these people.
pub(super) async fn authority(tx: &mut Tx, people: &[StaffId]) -> Result<BTreeMap<StaffId, (String, Option<String>)>, DbError> {
    let mut known = BTreeMap::new();
    for values in fifties(&people.iter().map(Value::from).collect::<Vec<_>>()) {
        let rows: Vec<(StaffId, String, Option<String>)> = tx.all(&AUTHORITY, &values).await?;
        known.extend(rows.into_iter().map(|(id, name, level)| (id, (name, level))));
    }
    Ok(known)
}
