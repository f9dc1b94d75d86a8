use access::Caller;
use access::people::StaffId;
use access::teams::{self, Membership, Team};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use charter::model::Group;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::db::DbError;
use platform::http::{Form, Problem};
use ui::components::{Check, Choice, Field, FieldKind, Notice, Select, Tone};
use ui::format::Formats;
use ui::shell::{Crumb, Shell};

use super::super::chat;
use super::super::known::Known;
use super::super::typed::DAYS;
use super::chat::{ChatPart, chat_part};
use super::{Asked, caution, hears};
use crate::calendars::written;
use crate::groups::coverage::{Covered, Span, spans};
use crate::groups::model::{Absence, Shift, stamp};
use crate::groups::store::Rota;
use crate::options::sentence_case;
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "groups/templates/show.html")]
struct ShowPage {
    shell: Shell,
    id: String,
    /// What is missing for it to be reached.
    missing: Vec<Notice>,
    about: Vec<String>,
    ahead: Vec<Part>,
    shifts: Vec<ShiftRow>,
    absences: Option<Vec<AbsenceRow>>,
    /// Where the days of absences are told, if that is not where the reader is.
    zone: Option<String>,
    team: Option<Select>,
    shift: Option<ShiftForm>,
    absence: Option<AbsenceForm>,
    chat: Option<ChatPart>,
}

/// A part of the days ahead, in which the same people are there or nobody is.
struct Part {
    when: String,
    who: Option<String>,
    is_deputy: bool,
}

struct ShiftRow {
    id: String,
    who: String,
    level: String,
    when: String,
    is_deputy: bool,
    may_end: bool,
}

struct AbsenceRow {
    id: String,
    who: String,
    when: String,
    substitute: Option<String>,
    may_end: bool,
}

struct ShiftForm {
    is_open: bool,
    staff: Select,
    days: Vec<Day>,
    hours: Field,
    zone: Field,
    deputy: Check,
}

struct Day {
    name: &'static str,
    label: &'static str,
    is_chosen: bool,
}

struct AbsenceForm {
    is_open: bool,
    staff: Select,
    from: Field,
    until: Field,
    substitute: Select,
}

/// Which form of the page was sent and is to be mended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Team,
    Shift,
    Absence,
    Chat,
}

/// One group: who is there in the days ahead, its rota, and who is absent.
pub(super) async fn show(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Html<String>, Problem> {
    filled(&desk, &caller, &id, None, asked.notice()).await
}

/// The page; with a form that was sent and is to be mended.
pub(super) async fn filled(desk: &Desk, caller: &Caller, id: &str, typed: Option<(Sent, &Form)>, notice: Option<Notice>) -> Result<Html<String>, Problem> {
    let (charters, now, wanted) = (desk.charters.clone(), desk.now(), id.to_owned());
    let read = desk.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let known = Known::read(tx, &charters, now).await?;
            let team = known.teams.get(&wanted).map(|(team, _)| *team);
            let members = match team {
                Some(team) => teams::memberships_of_team(tx, team, now.as_microsecond()).await?,
                None => Vec::new(),
            };
            let chat = chat::chat(tx, &wanted).await?;
            Ok((known, members, teams::all(tx).await?, chat))
        })
    });
    let (known, members, all, chat) = read.await?;
    let group = known.group(id).ok_or_else(Problem::not_found)?;
    let serving = known.teams.get(id);
    let (leads, manages) = (serving.is_some_and(|(team, _)| caller.leads(*team)), serving.map_or(caller.is_manager(), |(team, _)| caller.manages(*team)));
    let (rota, me) = (known.rotas.get(id), caller.staff());
    let covered = known.covered(group);
    let mut shell = (desk.frame)(caller, &sentence_case(&group.title));
    shell.crumbs = vec![Crumb::new("Who is there", "/groups")];
    shell.notices.extend(notice);
    shell.live = typed.is_none().then(hears);
    let mut missing: Vec<Notice> = known.missing(group, &covered, leads).into_iter().map(caution).collect();
    missing.extend(rota.filter(|_| leads).and_then(|rota| strangers(&known, rota, &members)));
    let of = |sent: Sent| typed.filter(|(which, _)| *which == sent).map(|(_, form)| form.clone()).unwrap_or_default();
    let (formats, zone) = (caller.formats(), known.zone(group));
    let row = |absence: &Absence| {
        let is_led = leads && members.iter().any(|member| member.staff == absence.staff);
        absence_row(&known, absence, is_led || me == Some(absence.staff), &formats, &zone)
    };
    let absences = rota.iter().flat_map(|rota| &rota.absences).filter(|absence| absence.is_told_to(leads, me)).map(row).collect();
    let absence = absence_form(&of(Sent::Absence), &known, id, &members, leads, me);
    page(&ShowPage {
        shell,
        id: id.to_owned(),
        missing,
        about: about(&known, group, &formats),
        ahead: ahead(&known, group, &covered, now, &formats),
        shifts: rota.iter().flat_map(|rota| &rota.shifts).map(|shift| shift_row(&known, shift, leads)).collect(),
        absences: Some(absences).filter(|rows: &Vec<AbsenceRow>| leads || absence.is_some() || !rows.is_empty()),
        zone: zone.iana_name().filter(|name| formats.time_zone.iana_name() != Some(*name)).map(str::to_owned),
        team: manages.then(|| team_select(&of(Sent::Team), &all, caller, serving.map(|(team, _)| *team))),
        shift: (leads && !members.is_empty()).then(|| shift_form(&of(Sent::Shift), &known, &members)),
        absence,
        chat: leads.then(|| chat_part(&of(Sent::Chat), chat.as_ref(), &formats)),
    })
}

/// Who is in the rota, and not in the team that serves the group: they left it, or it is another one now.
fn strangers(known: &Known, rota: &Rota, members: &[Membership]) -> Option<Notice> {
    let mut names: Vec<&str> = rota
        .shifts
        .iter()
        .map(|shift| shift.staff)
        .filter(|staff| members.iter().all(|member| member.staff != *staff))
        .map(|staff| known.name(staff))
        .collect();
    names.dedup();
    let text = "They count as there all the same. Take them out, or put them into the team.".to_owned();
    (!names.is_empty()).then(|| Notice { text, ..Notice::new(Tone::Caution, format!("In the rota, and not in the team: {}", names.join(", "))) })
}

fn about(known: &Known, group: &Group, formats: &Formats) -> Vec<String> {
    let mut said = vec![format!("Decides as {}.", known.level(group))];
    if let Some(within) = group.within {
        said.push(format!("Answers within {} of open time.", formats.duration(jiff::SignedDuration::from_micros(within))));
    }
    if let Some(hours) = &group.hours {
        said.push(format!("Follows the calendar “{hours}”."));
    }
    if let Some((_, team)) = known.teams.get(&*group.id) {
        said.push(format!("Served by {team}."));
    }
    if group.exceptions {
        said.push("May give what no rule covers.".to_owned());
    }
    said
}

/// Who is there in the days ahead, and where nobody is though the group is open.
fn ahead(known: &Known, group: &Group, covered: &[Covered], now: Timestamp, formats: &Formats) -> Vec<Part> {
    if covered.is_empty() {
        return Vec::new();
    }
    let open = known.calendar(group).map_or_else(Vec::new, |calendar| calendar.openings(known.window.0, known.window.1));
    let mut parts: Vec<(Span, Option<&Covered>)> = covered.iter().map(|part| (part.span, Some(part))).collect();
    parts.extend(holes(&open, &spans(covered)).into_iter().map(|hole| (hole, None)));
    parts.sort_by_key(|(span, _)| span.0);
    let when = |(from, until): Span| {
        let same = [from, until].map(|at| at.to_zoned(formats.time_zone.clone()).date());
        let ends = if same.first() == same.last() { formats.time(until) } else { formats.moment(until, now) };
        format!("{} – {ends}", formats.moment(from, now))
    };
    parts
        .into_iter()
        .map(|(span, part)| Part { when: when(span), who: part.map(|part| known.names(&part.on)), is_deputy: part.is_some_and(|part| part.by_deputies) })
        .collect()
}

/// What is left of these spans without those; both are in order and without overlap.
fn holes(open: &[Span], covered: &[Span]) -> Vec<Span> {
    let mut holes = Vec::new();
    for (opens, closes) in open {
        let mut from = *opens;
        for (begins, ends) in covered.iter().filter(|(begins, ends)| begins < closes && ends > opens) {
            if from < *begins {
                holes.push((from, *begins));
            }
            from = from.max(*ends);
        }
        if from < *closes {
            holes.push((from, *closes));
        }
    }
    holes
}

fn shift_row(known: &Known, shift: &Shift, may_end: bool) -> ShiftRow {
    let days: Vec<&str> = DAYS.iter().enumerate().filter(|(day, _)| shift.days.has(*day)).map(|(_, (_, label))| *label).collect();
    let days = if days.len() == DAYS.len() { "Every day".to_owned() } else { days.join(", ") };
    let hours = if shift.hours.is_empty() { "whenever the group is open".to_owned() } else { written::shown(&shift.hours) };
    ShiftRow {
        id: shift.id.to_string(),
        who: known.name(shift.staff).to_owned(),
        level: known.people.get(&shift.staff).filter(|_| may_end).and_then(|(_, level)| level.clone()).unwrap_or_default(),
        when: format!("{days}: {hours} ({})", shift.zone.iana_name().unwrap_or_default()),
        is_deputy: shift.is_deputy,
        may_end,
    }
}

fn absence_row(known: &Known, absence: &Absence, may_end: bool, formats: &Formats, zone: &TimeZone) -> AbsenceRow {
    let date = |at: Timestamp| formats.date(at.to_zoned(zone.clone()).date());
    // The last day is whole: it ends where the next one begins.
    let last = stamp(absence.until).checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or_else(|_| stamp(absence.until));
    let (first, last) = (date(stamp(absence.from)), date(last));
    AbsenceRow {
        id: absence.id.to_string(),
        who: known.name(absence.staff).to_owned(),
        when: if first == last { first } else { format!("{first} – {last}") },
        substitute: absence.substitute.map(|staff| known.name(staff).to_owned()),
        may_end,
    }
}

fn team_select(form: &Form, all: &[Team], caller: &Caller, serving: Option<teams::TeamId>) -> Select {
    let chosen = Some(form.typed("team")).filter(|typed| !typed.is_empty()).map(str::to_owned).or_else(|| serving.map(|team| team.to_string()));
    let mut choices: Vec<Choice> =
        all.iter().filter(|team| caller.manages(team.id)).map(|team| choice(&team.id.to_string(), &team.name, chosen.as_deref())).collect();
    if serving.is_none() {
        choices.insert(0, Choice::new("", "Choose a team"));
    }
    Select { choices, error: form.error("team"), ..Select { name: "team".to_owned(), label: "Team".to_owned(), ..Select::default() } }
}

pub(super) fn choice(value: &str, label: &str, chosen: Option<&str>) -> Choice {
    let choice = Choice::new(value, label);
    if chosen == Some(value) { choice.chosen() } else { choice }
}

fn people(form: &Form, field: &str, label: &str, people: impl Iterator<Item = (StaffId, String)>, none: &str) -> Select {
    let typed = form.typed(field);
    let mut choices = vec![Choice::new("", none)];
    choices.extend(people.map(|(staff, name)| choice(&staff.to_string(), &name, Some(typed))));
    Select { name: field.to_owned(), label: label.to_owned(), choices, error: form.error(field), ..Select::default() }
}

fn members_of(members: &[Membership]) -> impl Iterator<Item = (StaffId, String)> + '_ {
    members.iter().map(|member| (member.staff, member.staff_name.clone()))
}

pub(super) fn field(form: &Form, name: &str, label: &str) -> Field {
    Field { value: form.typed(name).to_owned(), error: form.error(name), ..Field::new(name, label) }
}

fn shift_form(form: &Form, known: &Known, members: &[Membership]) -> ShiftForm {
    let is_new = form.entries().next().is_none();
    let chosen =
        |(day, (name, label)): (usize, &(&'static str, &'static str))| Day { name, label, is_chosen: if is_new { day < 5 } else { form.typed(name) == "yes" } };
    let mut zone = Field { value: form.typed("zone").to_owned(), error: form.error("zone"), ..Field::time_zone("zone", "Time zone") };
    if is_new {
        zone.value = known.in_force.as_ref().and_then(|c| c.charter.zone.iana_name()).unwrap_or("UTC").to_owned();
    }
    ShiftForm {
        is_open: !is_new,
        staff: people(form, "staff", "Who", members_of(members), "Choose somebody"),
        days: DAYS.iter().enumerate().map(chosen).collect(),
        hours: Field {
            hint: "Such as 09:00-12:30, 13:00-17:00. Empty is whenever the group is open.".to_owned(),
            is_optional: true,
            ..field(form, "hours", "Hours")
        },
        zone,
        deputy: Check {
            name: "deputy".to_owned(),
            label: "As deputy".to_owned(),
            hint: "Asked when nobody else is there.".to_owned(),
            is_checked: form.typed("deputy") == "yes",
            ..Check::default()
        },
    }
}

/// A lead enters absences of everybody in the rota, and everybody their own.
fn absence_form(form: &Form, known: &Known, id: &str, members: &[Membership], leads: bool, me: Option<StaffId>) -> Option<AbsenceForm> {
    let in_rota: Vec<StaffId> =
        known.rotas.get(id).map(Rota::people).unwrap_or_default().into_iter().filter(|staff| members.iter().any(|m| m.staff == *staff)).collect();
    let mut mine: Vec<(StaffId, String)> = known
        .people
        .iter()
        .filter(|(staff, _)| in_rota.contains(staff) && (leads || me == Some(**staff)))
        .map(|(staff, (name, _))| (*staff, name.clone()))
        .collect();
    mine.sort_by(|a, b| a.1.cmp(&b.1));
    if mine.is_empty() {
        return None;
    }
    let day = |name: &str, label: &str| Field { kind: FieldKind::Date, prefix: "absence-".to_owned(), ..field(form, name, label) };
    let prefixed = |select: Select| Select { prefix: "absence-".to_owned(), ..select };
    Some(AbsenceForm {
        is_open: form.entries().next().is_some(),
        staff: prefixed(people(form, "staff", "Who", mine.into_iter(), "Choose somebody")),
        from: day("from", "First day"),
        until: day("until", "Last day"),
        substitute: prefixed(people(form, "substitute", "Who stands in", members_of(members), "Nobody")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_where_nobody_is() {
        let at = |second: i64| Timestamp::from_second(second).unwrap_or_default();
        let span = |(from, until): (i64, i64)| (at(from), at(until));
        type Seconds = &'static [(i64, i64)];
        let cases: [(Seconds, Seconds, Seconds); 5] = [
            (&[(0, 10)], &[], &[(0, 10)]),
            (&[(0, 10)], &[(0, 10)], &[]),
            (&[(0, 10), (20, 30)], &[(2, 4), (6, 25)], &[(0, 2), (4, 6), (25, 30)]),
            (&[(0, 10)], &[(0, 3), (3, 5)], &[(5, 10)]),
            (&[], &[(0, 3)], &[]),
        ];
        for (open, covered, expected) in cases {
            let of = |spans: &[(i64, i64)]| spans.iter().copied().map(span).collect::<Vec<_>>();
            assert_eq!(holes(&of(open), &of(covered)), of(expected), "{open:?} {covered:?}");
        }
    }
}
