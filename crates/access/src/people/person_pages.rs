//! The page of a person or AI agent, and what is done there.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use charter::time::Instant;
use platform::db::{Contended, DbError, Tx};
use platform::http::{Form, Problem, Route};
use platform::limits;
use ui::components::{Chip, Field, FieldKind, Notice, Select, Tone};
use ui::format::time_zone;
use ui::shell::{Crumb, Shell};

use super::pages::{chips, level_choices, meaning, seen};
use super::{Changed, Kind, PeopleError, Role, Staff, StaffId, change, disable, enable, grant_role, set_level, withdraw_role};
use crate::links::{self, LinkError};
use crate::pages::{self, Asked, Sent};
use crate::secret::Secret;
use crate::teams::{self, Membership, MembershipId, NewMembership, Team, TeamError, TeamRole};
use crate::{Access, Caller, Permission, sign_in};

/// The routes of one person or AI agent.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/people/{id}", Permission::Desk, show, state),
        Route::post("/people/{id}", Permission::Owner, save, state).taking(&["name", "email", "locale", "time_zone"]),
        Route::post("/people/{id}/level", Permission::Owner, save_level, state).taking(&["level"]),
        Route::post("/people/{id}/disable", Permission::Owner, do_disable, state),
        Route::post("/people/{id}/enable", Permission::Owner, do_enable, state),
        Route::post("/people/{id}/invitation", Permission::Owner, do_invite, state),
        Route::post("/people/{id}/reset", Permission::Owner, do_reset, state),
        Route::post("/people/{id}/roles", Permission::Owner, do_grant, state),
        Route::post("/people/{id}/roles/{role}/withdraw", Permission::Owner, do_withdraw, state),
        Route::post("/people/{id}/memberships", Permission::Manager, begin, state).taking(&["team", "role", "from", "until"]),
    ]
}

#[derive(Template)]
#[template(path = "people/templates/show.html")]
struct PersonPage {
    shell: Shell,
    staff: Staff,
    chips: Vec<Chip>,
    facts: ui::components::Definitions,
    memberships: Vec<MembershipLine>,
    roles: Vec<RoleLine>,
    forms: Option<OwnerForms>,
    begin: Option<BeginForm>,
    may_invite: bool,
    /// Whether an owner makes a link for a new password: where a mail server is, they do so themselves.
    may_reset: bool,
    /// Whether an invitation goes by mail.
    has_mail: bool,
}

struct MembershipLine {
    id: MembershipId,
    team: String,
    role: TeamRole,
    from: String,
    until: String,
    may_end: bool,
}

struct RoleLine {
    role: Role,
    meaning: &'static str,
    is_granted: bool,
}

/// What an owner changes.
struct OwnerForms {
    name: Field,
    email: Option<Field>,
    locale: Select,
    time_zone: Field,
    level: Select,
}

/// What a manager adds.
struct BeginForm {
    team: Select,
    role: Select,
    from: Field,
    until: Field,
}

/// What the page shows, read at one moment.
struct Read {
    staff: Staff,
    memberships: Vec<Membership>,
    teams: Vec<Team>,
    levels: Vec<String>,
    has_password: bool,
}

async fn read(tx: &mut Tx, access: &Access, caller: &Caller, id: StaffId, now: Instant) -> Result<Read, PeopleError> {
    let staff = seen(tx, caller, id, now).await?;
    let memberships = teams::memberships_of(tx, id).await?;
    let memberships = memberships.into_iter().filter(|m| caller.may_see_team(m.team) || caller.staff() == Some(id)).collect();
    let teams = teams::all(tx).await?;
    Ok(Read { staff, memberships, teams, levels: (access.levels)(tx).await?, has_password: sign_in::has_password(tx, id).await? })
}

async fn show(state: State<Access>, caller: Caller, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let page = filled(&state, &caller, pages::id(&id)?, None, &asked).await?;
    pages::page(&page)
}

async fn again(access: &Access, caller: &Caller, id: StaffId, form: &Form) -> Result<Response, Problem> {
    let page = filled(access, caller, id, Some(form), &Asked::default()).await?;
    pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The page; `typed` is a form that was sent and is to be mended.
async fn filled(access: &Access, caller: &Caller, id: StaffId, typed: Option<&Form>, asked: &Asked) -> Result<PersonPage, Problem> {
    let (now, who, with) = (access.clock.now(), caller.clone(), access.clone());
    let found = access.db.read(move |tx| Box::pin(async move { read(tx, &with, &who, id, now).await })).await?;
    let Read { staff, memberships, teams, levels, has_password } = found;
    let mut shell = (access.frame)(caller, &staff.name);
    shell.crumbs = vec![Crumb::new("People", "/people")];
    shell.notices = asked.notices();
    let is_owner = caller.is_owner();
    let is_person = staff.kind == Kind::Person;
    let roles = if is_owner && is_person { roles(&staff) } else { Vec::new() };
    let managed: Vec<Team> = teams.into_iter().filter(|team| caller.manages(team.id)).collect();
    Ok(PersonPage {
        shell,
        chips: chips(&staff),
        facts: facts(caller, &staff, now),
        memberships: memberships.into_iter().map(|m| membership(caller, m, now)).collect(),
        roles,
        forms: is_owner.then(|| owner_forms(&staff, typed, &levels)),
        begin: (!managed.is_empty() && staff.disabled_at.is_none()).then(|| begin_form(typed, managed)),
        may_invite: is_owner && is_person && !has_password && staff.disabled_at.is_none(),
        may_reset: is_owner && is_person && has_password && staff.disabled_at.is_none() && !access.site.has_mail,
        has_mail: access.site.has_mail,
        staff,
    })
}

fn facts(caller: &Caller, staff: &Staff, now: Instant) -> ui::components::Definitions {
    let entry = |label: &str, value: String| ui::components::Definition { label: label.to_owned(), value, href: None };
    let entries = [
        staff.email.clone().map(|email| entry("E-mail", email)),
        Some(entry("Level", staff.level.clone().unwrap_or_else(|| "none: nothing can be given".to_owned()))),
        Some(entry("Time zone", staff.time_zone.clone())),
        Some(entry("Here since", pages::moment(caller, staff.created_at, now))),
        staff.disabled_at.map(|at| entry("Disabled", pages::moment(caller, at, now))),
    ];
    ui::components::Definitions { entries: entries.into_iter().flatten().collect() }
}

fn membership(caller: &Caller, m: Membership, now: Instant) -> MembershipLine {
    let until = m.until.map_or_else(String::new, |until| pages::moment(caller, until, now));
    let may_end = caller.manages(m.team) && m.until.is_none_or(|until| until > now);
    MembershipLine { id: m.id, team: m.team_name, role: m.role, from: pages::moment(caller, m.from, now), until, may_end }
}

fn roles(staff: &Staff) -> Vec<RoleLine> {
    let line = |role: &Role| RoleLine {
        role: *role,
        meaning: meaning(*role),
        is_granted: match role {
            Role::Owner => staff.is_owner,
            Role::Operator => staff.is_operator,
        },
    };
    Role::ALL.iter().map(line).collect()
}

fn owner_forms(staff: &Staff, typed: Option<&Form>, levels: &[String]) -> OwnerForms {
    let email = staff.email.as_deref().unwrap_or_default();
    let level = staff.level.as_deref().unwrap_or_default();
    let held = Form::filled([("name", staff.name.as_str()), ("email", email), ("level", level), ("locale", &staff.locale), ("time_zone", &staff.time_zone)]);
    let of = |field: &str| typed.filter(|form| form.entries().any(|(name, _)| name == field)).unwrap_or(&held);
    let email = Field { kind: FieldKind::Email, ..pages::field(of("email"), "email", "E-mail") };
    OwnerForms {
        name: pages::field(of("name"), "name", "Name"),
        email: (staff.kind == Kind::Person).then_some(email),
        locale: pages::locale(of("locale")),
        time_zone: pages::time_zone(of("time_zone"), "Time zone"),
        level: pages::select(of("level"), "level", "Level", level_choices(levels)),
    }
}

fn begin_form(typed: Option<&Form>, teams: Vec<Team>) -> BeginForm {
    let empty = Form::default();
    let form = typed.unwrap_or(&empty);
    let day = |name: &str, label: &str, hint: &str| Field {
        kind: FieldKind::Date,
        is_optional: true,
        hint: hint.to_owned(),
        prefix: "begin-".to_owned(),
        ..pages::field(form, name, label)
    };
    let roles = TeamRole::ALL.iter().map(|role| (role.word().to_owned(), role.word().to_owned()));
    BeginForm {
        team: pages::select(form, "team", "Team", teams.into_iter().map(|team| (team.id.to_string(), team.name))),
        role: pages::select(form, "role", "As", roles),
        from: day("from", "From", "From now on, if left empty."),
        until: day("until", "Until", "This day is no longer part of it."),
    }
}

async fn save(State(access): State<Access>, caller: Caller, Path(id): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let name = form.text("name", limits::NAME_CHARS);
    let email = form.optional("email", limits::EMAIL_CHARS);
    let time_zone = form.parsed("time_zone", time_zone).unwrap_or_default();
    let to = Changed { name, email, locale: form.typed("locale").to_owned(), time_zone };
    if !form.is_fine() {
        return again(&access, &caller, id, &form).await;
    }
    let result = access.db.write(move |tx| Box::pin(async move { change(tx, id, &to, &actor, now).await })).await;
    answered(&access, &caller, id, pages::mended(form, result)?, "saved").await
}

async fn answered<T>(access: &Access, caller: &Caller, id: StaffId, sent: Sent<T>, done: &str) -> Result<Response, Problem> {
    match sent {
        Sent::Done(_) => Ok(pages::to(&format!("/people/{id}?done={done}"))),
        Sent::Again(form) => again(access, caller, id, &form).await,
    }
}

async fn save_level(State(access): State<Access>, caller: Caller, Path(id): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (id, now, actor, levels): (StaffId, _, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor(), access.levels);
    let level = form.optional("level", limits::NAME_CHARS);
    let result: Result<(), PeopleError> = access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let levels = levels(tx).await?;
                set_level(tx, id, level.as_deref(), &levels, &actor, now).await
            })
        })
        .await;
    answered(&access, &caller, id, pages::mended(form, result)?, "saved").await
}

async fn do_disable(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    access.db.write(move |tx| Box::pin(async move { disable(tx, id, &actor, now).await })).await?;
    Ok(pages::to(&format!("/people/{id}?done=disabled")))
}

async fn do_enable(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    access.db.write(move |tx| Box::pin(async move { enable(tx, id, &actor, now).await })).await?;
    Ok(pages::to(&format!("/people/{id}?done=enabled")))
}

async fn do_invite(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let (secret, origin) = (Secret::fresh().map_err(LinkError::from)?, access.site.origin.clone());
    if access.site.has_mail {
        access.db.write(move |tx| Box::pin(async move { links::invite(tx, id, &secret, &origin, &actor, now).await })).await?;
        return Ok(pages::to(&format!("/people/{id}?done=invited")));
    }
    let link = access.db.write(move |tx| Box::pin(async move { links::invite_by_hand(tx, id, &secret, &origin, &actor, now).await })).await?;
    handed(&access, &caller, id, &link, "whoever opens it chooses their password. It works once, within a week").await
}

/// The page, with a link that is to be handed over.
async fn handed(access: &Access, caller: &Caller, id: StaffId, link: &str, what: &str) -> Result<Response, Problem> {
    let mut page = filled(access, caller, id, None, &Asked::default()).await?;
    let text = format!("It is for {} alone: {what}, and is not shown again.", page.staff.name);
    page.shell.notices.push(Notice { text, copies: link.to_owned(), ..Notice::new(Tone::Positive, "Hand them this link") });
    pages::page(&page)
}

async fn do_reset(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    if access.site.has_mail {
        return Err(Problem::conflict("by-mail", "They ask for a link themselves, where they sign in: it comes by mail."));
    }
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let (secret, origin) = (Secret::fresh().map_err(LinkError::from)?, access.site.origin.clone());
    let link = access.db.write(move |tx| Box::pin(async move { links::reset_by_hand(tx, id, &secret, &origin, &actor, now).await })).await?;
    handed(&access, &caller, id, &link, "whoever opens it chooses a new password, and every sign-in ends then. It works once, within an hour").await
}

async fn do_grant(State(access): State<Access>, caller: Caller, Path(id): Path<String>, form: Form) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let role: Role = form.typed("role").parse().map_err(Problem::invalid)?;
    access.db.write(move |tx| Box::pin(async move { grant_role(tx, id, role, &actor, now).await })).await?;
    Ok(pages::to(&format!("/people/{id}?done=granted")))
}

async fn do_withdraw(State(access): State<Access>, caller: Caller, Path((id, role)): Path<(String, String)>) -> Result<Response, Problem> {
    let (id, role, now, actor): (StaffId, Role, _, _) = (pages::id(&id)?, pages::id(&role)?, access.clock.now(), caller.actor());
    access.db.write(move |tx| Box::pin(async move { withdraw_role(tx, id, role, &actor, now).await })).await?;
    Ok(pages::to(&format!("/people/{id}?done=withdrawn")))
}

/// Either of the two errors of beginning a membership on this page.
#[derive(Debug)]
enum BeginError {
    People(PeopleError),
    Team(TeamError),
}

impl From<DbError> for BeginError {
    fn from(e: DbError) -> Self {
        Self::Team(e.into())
    }
}

impl Contended for BeginError {
    fn is_contended(&self) -> bool {
        match self {
            Self::People(e) => e.is_contended(),
            Self::Team(e) => e.is_contended(),
        }
    }
}

impl From<BeginError> for Problem {
    fn from(e: BeginError) -> Self {
        match e {
            BeginError::People(e) => e.into(),
            BeginError::Team(e) => e.into(),
        }
    }
}

async fn begin(State(access): State<Access>, caller: Caller, Path(id): Path<String>, mut form: Form) -> Result<Response, Problem> {
    let (id, now, actor): (StaffId, _, _) = (pages::id(&id)?, access.clock.now(), caller.actor());
    let managed = |text: &str| text.parse().ok().filter(|team| caller.manages(*team)).ok_or_else(|| "Choose one of the teams you manage.".to_owned());
    let team = form.parsed("team", managed);
    let role = form.parsed("role", str::parse);
    let (from, until) = (pages::day(&mut form, "from", &caller), pages::day(&mut form, "until", &caller));
    let Some((team, role)) = team.zip(role).filter(|_| form.is_fine()) else { return again(&access, &caller, id, &form).await };
    let (new, who) = (NewMembership { staff: id, team, role, from: from.unwrap_or(now), until }, caller.clone());
    let result: Result<(), BeginError> = access
        .db
        .write(move |tx| {
            Box::pin(async move {
                seen(tx, &who, id, now).await.map_err(BeginError::People)?;
                teams::begin_membership(tx, &new, &actor, now).await.map(drop).map_err(BeginError::Team)
            })
        })
        .await;
    answered(&access, &caller, id, pages::mended(form, result)?, "begun").await
}
