//! The rota of a group and its absences, for programs of people: what plans the hours of a team keeps them here too.

use std::collections::BTreeMap;
use std::str::FromStr;

use access::people::StaffId;
use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::db::{DbError, Tx};
use platform::http::{Problem, Route};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::known::Known;
use super::super::model::{Absence, AbsenceId, Days, NewAbsence, NewShift, Shift, ShiftId};
use super::super::typed::{self, DAYS};
use super::super::{changing, store};
use super::{PersonThereDocument, READ, WRITE};
use crate::api::{self, Asked, Reply, Sent};
use crate::calendars::written;
use crate::cases::api::changes::NothingDocument;
use crate::state::Desk;

/// Who is absent is told to people alone.
const PEOPLE: Permission = Permission::Api(Scope::PeopleRead);

/// The routes of rotas and absences.
pub(super) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![
        Route::get("/api/v1/groups/{group}/shifts", READ, shifts, desk),
        Route::post("/api/v1/groups/{group}/shifts", WRITE, begin, desk),
        Route::post("/api/v1/shifts/{id}/end", WRITE, end, desk),
        Route::get("/api/v1/groups/{group}/absences", PEOPLE, absences, desk),
        Route::post("/api/v1/groups/{group}/absences", WRITE, enter, desk),
        Route::post("/api/v1/absences/{id}/end", WRITE, call_off, desk),
    ]
}

/// Hours in the rota of a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftsDocument {
    /// In the order in which they were put in.
    pub shifts: Vec<ShiftDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Somebody's hours in the rota of a group, every week.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftDocument {
    /// Which.
    pub id: String,
    /// The group, by its id in the charter.
    pub group: String,
    /// Whose.
    pub staff: PersonThereDocument,
    /// Whether they are asked only when nobody else is there.
    pub deputy: bool,
    /// On which days: `mon` to `sun`.
    pub days: Vec<&'static str>,
    /// In which hours of these days, such as `09:00-12:30, 13:00-17:00`; nothing for whenever the group is open.
    pub hours: Option<String>,
    /// Where these hours are told: the IANA name of a time zone.
    pub zone: String,
    /// From when on.
    pub from: String,
    /// Until when, once they ended.
    pub until: Option<String>,
}

/// Hours to be put in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShiftDocument {
    /// Whose: the id of a person of the team that serves the group, or `me`.
    pub staff: String,
    /// On which days: `mon` to `sun`, at least one.
    pub days: Vec<String>,
    /// In which hours of these days, such as `09:00-12:30, 13:00-17:00`. Left out: whenever the group is open.
    pub hours: Option<String>,
    /// Where these hours are told: the IANA name of a time zone.
    pub zone: String,
    /// Whether they are asked only when nobody else is there.
    #[serde(default)]
    pub deputy: bool,
}

/// Absences of those who are in the rota of a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsencesDocument {
    /// In the order in which they were entered.
    pub absences: Vec<AbsenceDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// When somebody is not there, for whatever group.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsenceDocument {
    /// Which.
    pub id: String,
    /// Who.
    pub staff: PersonThereDocument,
    /// Who stands in for them.
    pub substitute: Option<PersonThereDocument>,
    /// From when on.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// An absence to be entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsenceDocument {
    /// Who: the id of a person who is in the rota of the group or stands in for somebody, or `me`.
    pub staff: String,
    /// The first day, such as `2026-12-24`, from its beginning where the group is.
    pub first_day: String,
    /// The last day, to its end.
    pub last_day: String,
    /// Who stands in: the id of somebody else of the team. Left out: nobody.
    pub substitute: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    after: Option<String>,
}

/// A page of what is in a rota, in the order of its ids, and where it goes on.
fn page<T, I: Ord + ToString>(entries: impl Iterator<Item = T>, id: impl Fn(&T) -> I, after: Option<I>) -> (Vec<T>, Option<String>) {
    let mut entries: Vec<T> = entries.filter(|entry| after.as_ref().is_none_or(|after| id(entry) > *after)).collect();
    entries.sort_by_key(&id);
    let has_more = api::cut(&mut entries);
    let next = entries.last().filter(|_| has_more).map(|last| id(last).to_string());
    (entries, next)
}

/// What people are called.
struct Named(BTreeMap<StaffId, (String, Option<String>)>);

impl Named {
    async fn read(tx: &mut Tx, people: impl IntoIterator<Item = StaffId>) -> Result<Self, DbError> {
        let mut people: Vec<StaffId> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        Ok(Self(store::authority(tx, &people).await?))
    }

    fn person(&self, staff: StaffId) -> PersonThereDocument {
        PersonThereDocument { id: staff.to_string(), name: self.0.get(&staff).map(|(name, _)| name.clone()).unwrap_or_default() }
    }

    fn shift(&self, shift: &Shift) -> ShiftDocument {
        ShiftDocument {
            id: shift.id.to_string(),
            group: shift.group.clone(),
            staff: self.person(shift.staff),
            deputy: shift.is_deputy,
            days: DAYS.iter().enumerate().filter(|(day, _)| shift.days.has(*day)).map(|(_, (name, _))| *name).collect(),
            hours: Some(written::shown(&shift.hours)).filter(|hours| !hours.is_empty()),
            zone: shift.zone.iana_name().unwrap_or_default().to_owned(),
            from: api::at(shift.from),
            until: shift.until.map(api::at),
        }
    }

    fn absence(&self, absence: &Absence) -> AbsenceDocument {
        AbsenceDocument {
            id: absence.id.to_string(),
            staff: self.person(absence.staff),
            substitute: absence.substitute.map(|staff| self.person(staff)),
            from: api::at(absence.from),
            until: api::at(absence.until),
        }
    }
}

fn after<I: FromStr>(sent: Option<&str>) -> Result<Option<I>, Problem> {
    sent.map(|sent| sent.parse().map_err(|_| api::wrong("after", format!("`{sent}` is not what a page before gave as `next`.")))).transpose()
}

/// Somebody, by their id or as `me`.
fn staff(field: &str, sent: &str, caller: &Caller) -> Result<StaffId, Problem> {
    let found = if sent == "me" { caller.staff() } else { sent.parse().ok() };
    found.ok_or_else(|| api::wrong(field, format!("`{sent}` is neither `me` nor the id of a person.")))
}

/// The hours in the rota of a group, in the order in which they were put in.
#[utoipa::path(get, path = "/api/v1/groups/{group}/shifts", tag = "groups",
    params(("group" = String, Path, description = "The group, by its id in the charter"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = ShiftsDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No group of the charter in force"),
        (status = 422, description = "Something in the query is wrong")))]
async fn shifts(State(desk): State<Desk>, Path(group): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<ShiftsDocument>, Problem> {
    let (at, charters, after) = (desk.clock.now(), desk.charters.clone(), after(asked.after.as_deref())?);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            changing::known(tx, &charters, &group).await?;
            let rota = store::rotas(tx, at).await?.remove(&group).unwrap_or_default();
            let (shifts, next) = page(rota.shifts.into_iter(), |shift| shift.id, after);
            let named = Named::read(tx, shifts.iter().map(|shift| shift.staff)).await?;
            Ok(ShiftsDocument { shifts: shifts.iter().map(|shift| named.shift(shift)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// Puts somebody's hours into the rota of a group, from now on.
#[utoipa::path(post, path = "/api/v1/groups/{group}/shifts", tag = "groups", request_body = NewShiftDocument,
    params(("group" = String, Path, description = "The group, by its id in the charter"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = ShiftDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer does not lead the team that serves the group"),
        (status = 404, description = "No group of the charter in force"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn begin(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, sent: Sent<NewShiftDocument>) -> Result<Reply, Problem> {
    let (at, charters, new) = (desk.clock.now(), desk.charters.clone(), hours(group, &sent.value, &caller)?);
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let id = changing::begin_shift(tx, &charters, &caller, &new, at).await?;
                told_shift(tx, StatusCode::CREATED, id).await
            })
        })
        .await
}

fn hours(group: String, sent: &NewShiftDocument, caller: &Caller) -> Result<NewShift, Problem> {
    let place = |name: &String| {
        let unfit = || api::wrong("days", format!("`{name}` is not a day: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`."));
        DAYS.iter().position(|(day, _)| day == name).ok_or_else(unfit)
    };
    let days = sent.days.iter().try_fold(0, |days, name| Ok::<i64, Problem>(days | 1 << place(name)?))?;
    if days == 0 {
        return Err(api::wrong("days", "Choose at least one day."));
    }
    let hours = typed::hours(sent.hours.as_deref().unwrap_or_default()).map_err(|why| api::wrong("hours", why))?;
    let zone = typed::zone(&sent.zone).map_err(|why| api::wrong("zone", why))?;
    Ok(NewShift { group, staff: staff("staff", &sent.staff, caller)?, is_deputy: sent.deputy, days: Days(days), hours, zone })
}

async fn told_shift(tx: &mut Tx, status: StatusCode, id: ShiftId) -> Result<Reply, Problem> {
    let shift = store::shift(tx, id).await?.ok_or_else(Problem::not_found)?;
    Reply::new(status, &Named::read(tx, [shift.staff]).await?.shift(&shift))
}

/// Takes somebody's hours out of a rota, from now on.
#[utoipa::path(post, path = "/api/v1/shifts/{id}/end", tag = "groups", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which hours"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = ShiftDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer does not lead the team that serves the group"),
        (status = 404, description = "No such hours, or they ended"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn end(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (at, id) = (desk.clock.now(), api::in_path(&id)?);
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                changing::end_shift(tx, &caller, id, at).await?;
                told_shift(tx, StatusCode::OK, id).await
            })
        })
        .await
}

/// Who of the rota of a group is absent or will be, and who stands in: all of it for whoever leads the team that serves the group, their own and those they stand in for
/// for everybody else.
#[utoipa::path(get, path = "/api/v1/groups/{group}/absences", tag = "groups",
    params(("group" = String, Path, description = "The group, by its id in the charter"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = AbsencesDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No group of the charter in force"),
        (status = 422, description = "Something in the query is wrong")))]
async fn absences(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, Asked(asked): Asked<Page>) -> Result<Json<AbsencesDocument>, Problem> {
    let (at, charters, after) = (desk.clock.now(), desk.charters.clone(), after(asked.after.as_deref())?);
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            changing::known(tx, &charters, &group).await?;
            let leads = caller.is_person() && store::teams(tx).await?.get(&group).is_some_and(|(team, _)| caller.leads(*team));
            let rota = store::rotas(tx, at).await?.remove(&group).unwrap_or_default();
            let told = rota.absences.into_iter().filter(|absence| absence.is_told_to(leads, caller.staff()));
            let (absences, next) = page(told, |absence| absence.id, after);
            let named = Named::read(tx, absences.iter().flat_map(|absence| absence.substitute.into_iter().chain([absence.staff]))).await?;
            Ok(AbsencesDocument { absences: absences.iter().map(|absence| named.absence(absence)).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// Enters when somebody of the rota is not there, for whatever group: whoever leads the team that serves the group does, or they themselves.
#[utoipa::path(post, path = "/api/v1/groups/{group}/absences", tag = "groups", request_body = NewAbsenceDocument,
    params(("group" = String, Path, description = "The group, by its id in the charter: its days are meant"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 201, body = AbsenceDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer neither is the one who will be absent nor leads the team that serves the group"),
        (status = 404, description = "No group of the charter in force"),
        (status = 422, description = "A field does not fit, or the key was used for another request")))]
async fn enter(State(desk): State<Desk>, caller: Caller, Path(group): Path<String>, sent: Sent<NewAbsenceDocument>) -> Result<Reply, Problem> {
    let (now, charters, wanted) = (desk.now(), desk.charters.clone(), sent.value);
    let who = staff("staff", &wanted.staff, &caller)?;
    let substitute = wanted.substitute.as_deref().map(|sent| staff("substitute", sent, &caller)).transpose()?;
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                let known = Known::read(tx, &charters, now).await?;
                let zone = known.zone(known.group(&group).ok_or_else(Problem::not_found)?);
                let from = typed::first_day(&wanted.first_day, &zone).map_err(|why| api::wrong("first_day", why))?;
                let until = typed::last_day(&wanted.last_day, &zone).map_err(|why| api::wrong("last_day", why))?;
                let new = NewAbsence { staff: who, substitute, from, until };
                let id = changing::enter_absence(tx, &charters, &caller, (&group, &new), now.as_microsecond()).await.map_err(of_days)?;
                told_absence(tx, StatusCode::CREATED, id).await
            })
        })
        .await
}

/// What is wrong with the end of an absence is wrong with its last day.
fn of_days(mut problem: Problem) -> Problem {
    for wrong in problem.fields.iter_mut().filter(|wrong| wrong.field == "until") {
        "last_day".clone_into(&mut wrong.field);
    }
    problem
}

async fn told_absence(tx: &mut Tx, status: StatusCode, id: AbsenceId) -> Result<Reply, Problem> {
    let absence = store::absence(tx, id).await?.ok_or_else(Problem::not_found)?;
    Reply::new(status, &Named::read(tx, absence.substitute.into_iter().chain([absence.staff])).await?.absence(&absence))
}

/// Somebody is there from now on, or will be after all: whoever leads them says so, or they themselves.
#[utoipa::path(post, path = "/api/v1/absences/{id}/end", tag = "groups", request_body = NothingDocument,
    params(("id" = String, Path, description = "Which absence"),
        ("Idempotency-Key" = Option<String>, Header, description = "A random id; the same one when it is tried again")),
    responses((status = 200, body = AbsenceDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "No absence of theirs or of somebody they lead, or it is over"),
        (status = 422, description = "The body does not fit, or the key was used for another request")))]
async fn call_off(State(desk): State<Desk>, caller: Caller, Path(id): Path<String>, sent: Sent<NothingDocument>) -> Result<Reply, Problem> {
    let (at, id) = (desk.clock.now(), api::in_path(&id)?);
    sent.once
        .done(&desk, move |tx| {
            Box::pin(async move {
                changing::call_off(tx, &caller, id, at).await?;
                told_absence(tx, StatusCode::OK, id).await
            })
        })
        .await
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(shifts, begin, end, absences, enter, call_off),
    components(schemas(ShiftsDocument, ShiftDocument, NewShiftDocument, AbsencesDocument, AbsenceDocument, NewAbsenceDocument))
)]
pub struct Description;
