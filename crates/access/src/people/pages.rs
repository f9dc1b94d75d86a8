//! The list of people, and those who are in it.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use charter::time::Instant;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem, Route};
use platform::limits;
use ui::components::{Check, Chip, Empty, Field, FieldKind, Pager, Segmented, Select, Tone};
use ui::format::time_zone;
use ui::shell::{Crumb, Shell};

use super::{Asking, Kind, NewAiAgent, NewPerson, PeopleError, Role, Staff, StaffId, add_ai_agent, add_person, list, list_before, store};
use crate::caller::{Seen, encoded};
use crate::pages::{self, Asked, Sent};
use crate::secret::Secret;
use crate::teams::{self, NewMembership, Team, TeamError, TeamId, TeamRole};
use crate::{Access, Caller, Permission, links};

/// The routes of the list of people, and of adding to it.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/people", Permission::Desk, index, state),
        Route::post("/people", Permission::Owner, add, state).taking(&["name", "email", "level", "team", "role", "locale", "time_zone", "kind"]),
        Route::get("/people/new", Permission::Owner, new, state),
    ]
}

#[derive(Template)]
#[template(path = "people/templates/index.html")]
struct IndexPage {
    shell: Shell,
    words: String,
    people: Vec<Line>,
    pager: Pager,
    empty: Empty,
    /// Whether there is a team to be in.
    has_teams: bool,
    may_add: bool,
}

struct Line {
    id: StaffId,
    name: String,
    email: String,
    level: String,
    /// The teams they are in, of those that the one who looks may see.
    teams: String,
    chips: Vec<Chip>,
}

#[derive(Template)]
#[template(path = "people/templates/new.html")]
struct NewPage {
    shell: Shell,
    kind: Segmented,
    name: Field,
    email: Field,
    invite: Option<Check>,
    level: Select,
    /// Where they begin, and as what; nothing while there is no team.
    place: Option<(Select, Select)>,
    locale: Select,
    time_zone: Field,
}

/// Words about the state and the roles of somebody.
pub(super) fn chips(staff: &Staff) -> Vec<Chip> {
    let words = [
        (staff.kind == Kind::AiAgent, Tone::Plain, "AI agent"),
        (staff.is_owner, Tone::Plain, "owner"),
        (staff.is_operator, Tone::Plain, "operator"),
        (staff.disabled_at.is_some(), Tone::Caution, "disabled"),
    ];
    words.into_iter().filter(|(is_so, ..)| *is_so).map(|(_, tone, word)| Chip::new(tone, word)).collect()
}

/// Whose teams are looked into for somebody: nobody's when they see all.
pub(super) fn seer(caller: &Caller) -> Option<StaffId> {
    if caller.sees() == Seen::All { None } else { caller.staff() }
}

/// The person or AI agent, if the caller may see them: themselves, and who is in a team they see.
pub(super) async fn seen(tx: &mut Tx, caller: &Caller, id: StaffId, now: Instant) -> Result<Staff, PeopleError> {
    let staff = store::find(tx, id).await?.ok_or(PeopleError::Unknown)?;
    let is_open = caller.sees() == Seen::All || caller.staff() == Some(id);
    if is_open || teams::memberships_of(tx, id).await?.iter().any(|m| m.holds(now) && caller.may_see_team(m.team)) {
        return Ok(staff);
    }
    Err(PeopleError::Unknown)
}

/// A page of the list, with whether there is one before it and one behind it. It begins behind an id, or ends before one, if the caller may see that.
pub(super) async fn page_of(tx: &mut Tx, caller: &Caller, asked: &Asked, now: Instant) -> Result<(Vec<Staff>, bool, bool), PeopleError> {
    let words = asked.q.chars().take(limits::NAME_CHARS).collect();
    let mut asking = Asking { words, after: None, seen_by: seer(caller) };
    for (place, is_before) in [(&asked.before, true), (&asked.after, false)] {
        let Ok(id) = place.parse() else { continue };
        let Ok(staff) = seen(tx, caller, id, now).await else { continue };
        asking.after = Some((staff.name, staff.id));
        if is_before {
            let mut people = list_before(tx, &asking, now).await?;
            let has_more = people.len() > fits();
            if has_more {
                people.remove(0);
            }
            return Ok((people, has_more, true));
        }
    }
    let mut people = list(tx, &asking, now).await?;
    let has_more = people.len() > fits();
    people.truncate(fits());
    Ok((people, asking.after.is_some(), has_more))
}

fn fits() -> usize {
    usize::try_from(limits::PAGE_ENTRIES).unwrap_or(usize::MAX)
}

async fn index(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (now, who, shell) = (access.clock.now(), caller.clone(), (access.frame)(&caller, "People"));
    let words = asked.q.clone();
    let read = access.db.read::<_, PeopleError, _>(move |tx| {
        Box::pin(async move {
            let (people, has_previous, has_next) = page_of(tx, &who, &asked, now).await?;
            let ids: Vec<StaffId> = people.iter().map(|staff| staff.id).collect();
            let mut teams = teams::of_people(tx, &ids, now).await?;
            teams.retain(|(_, team)| who.may_see_team(team.id));
            Ok((people, has_previous, has_next, teams))
        })
    });
    let (people, has_previous, has_next, teams) = read.await?;
    let address = |way: &str, staff: &Staff| format!("/people?{}", encoded(&[("q", &words), (way, &staff.id.to_string())]));
    let pager = Pager {
        label: "Pages of people".to_owned(),
        previous: people.first().filter(|_| has_previous).map(|first| address("before", first)),
        next: people.last().filter(|_| has_next).map(|last| address("after", last)),
        showing: if people.len() == 1 { "1 person".to_owned() } else { format!("{} people, by name", people.len()) },
        ..Pager::default()
    };
    let empty = Empty { title: "Nobody here".to_owned(), text: "People are here once they are in one of your teams.".to_owned(), action: None };
    let has_teams = !teams.is_empty();
    let people = people.into_iter().map(|staff| line(staff, &teams)).collect();
    pages::page(&IndexPage { shell, words, people, pager, empty, has_teams, may_add: caller.is_owner() })
}

fn line(staff: Staff, teams: &[(StaffId, Team)]) -> Line {
    let teams = teams.iter().filter(|(id, _)| *id == staff.id).map(|(_, team)| team.name.as_str()).collect::<Vec<_>>().join(", ");
    Line { chips: chips(&staff), teams, id: staff.id, name: staff.name, email: staff.email.unwrap_or_default(), level: staff.level.unwrap_or_default() }
}

/// The levels of the charter in force, and none.
pub(super) fn level_choices(levels: &[String]) -> Vec<(String, String)> {
    let none = (String::new(), "None".to_owned());
    std::iter::once(none).chain(levels.iter().map(|level| (level.clone(), level.clone()))).collect()
}

async fn new(State(access): State<Access>, caller: Caller) -> Result<Response, Problem> {
    let known = Known::read(&access).await?;
    // Most who are added answer customers, where the company is, in the team of who adds them.
    let (level, zone) = (known.levels.first().map_or("", String::as_str), known.zone.as_deref().unwrap_or(caller.time_zone()));
    let own = caller.memberships().map(|own| own.team).find(|own| known.teams.iter().any(|team| team.id == *own));
    let team = own.or(known.teams.first().map(|team| team.id)).map(|team| team.to_string()).unwrap_or_default();
    let usual = [("kind", Kind::Person.word()), ("locale", caller.locale()), ("time_zone", zone), ("invite", "yes"), ("level", level), ("team", &team)];
    let form = Form::filled(usual);
    pages::page(&filled(&access, &caller, &form, &known))
}

/// What there is to choose from.
struct Known {
    levels: Vec<String>,
    teams: Vec<Team>,
    zone: Option<String>,
}

impl Known {
    async fn read(access: &Access) -> Result<Self, DbError> {
        let (levels, zone) = (access.levels, access.zone);
        access.db.read(move |tx| Box::pin(async move { Ok(Self { levels: levels(tx).await?, teams: teams::all(tx).await?, zone: zone(tx).await? }) })).await
    }
}

fn filled(access: &Access, caller: &Caller, form: &Form, known: &Known) -> NewPage {
    let mut shell = (access.frame)(caller, "Add somebody");
    shell.crumbs = vec![Crumb::new("People", "/people")];
    let kinds = [(Kind::Person.word(), "Person"), (Kind::AiAgent.word(), "AI agent")].map(|(value, label)| (value.to_owned(), label.to_owned()));
    let choices = pages::select(form, "kind", "Who acts", kinds).choices;
    let mut email = Field { kind: FieldKind::Email, is_optional: true, ..pages::field(form, "email", "E-mail") };
    "A person signs in with it. An AI agent has none; it acts with a token.".clone_into(&mut email.hint);
    let none = (String::new(), "None yet".to_owned());
    let teams = std::iter::once(none).chain(known.teams.iter().map(|team| (team.id.to_string(), team.name.clone())));
    let roles = TeamRole::ALL.iter().map(|role| (role.word().to_owned(), role.word().to_owned()));
    NewPage {
        shell,
        kind: Segmented { name: "kind".to_owned(), label: "Who acts".to_owned(), choices, ..Segmented::default() },
        name: pages::field(form, "name", "Name"),
        email,
        invite: access.site.has_mail.then(|| Check {
            name: "invite".to_owned(),
            label: "Send the invitation now".to_owned(),
            is_checked: !form.typed("invite").is_empty(),
            hint: "With a link to choose a password. It can be sent later too, from their page.".to_owned(),
            ..Check::default()
        }),
        level: pages::select(form, "level", "Level", level_choices(&known.levels)),
        place: (!known.teams.is_empty()).then(|| (pages::select(form, "team", "Team", teams), pages::select(form, "role", "In the team as", roles))),
        locale: pages::locale(form),
        time_zone: pages::time_zone(form, "Time zone"),
    }
}

/// Where they begin and as what, if a team is chosen.
fn placed(form: &mut Form) -> Option<(TeamId, TeamRole)> {
    if form.typed("team").is_empty() {
        return None;
    }
    let team = form.parsed("team", |id| id.parse().map_err(|_| NO_TEAM.to_owned()));
    team.zip(form.parsed("role", str::parse))
}

const NO_TEAM: &str = "Choose one of the teams there are.";

async fn add(State(access): State<Access>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let kind: Option<Kind> = form.parsed("kind", str::parse);
    let (name, email, level) = (form.text("name", limits::NAME_CHARS), form.typed("email").to_owned(), form.optional("level", limits::NAME_CHARS));
    let (locale, time_zone, place) = (form.typed("locale").to_owned(), form.parsed("time_zone", time_zone).unwrap_or_default(), placed(&mut form));
    let is_invited = access.site.has_mail && kind == Some(Kind::Person) && !form.typed("invite").is_empty();
    let known = Known::read(&access).await?;
    let Some(kind) = kind.filter(|_| form.is_fine()) else {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, &form, &known));
    };
    let (levels, now, actor) = (access.levels, access.clock.now(), caller.actor());
    let (secret, origin) = (Secret::fresh().map_err(links::LinkError::from)?, access.site.origin.clone());
    let result: Result<StaffId, PeopleError> = access
        .db
        .write(move |tx| {
            Box::pin(async move {
                let levels = levels(tx).await?;
                let id = match kind {
                    Kind::AiAgent => add_ai_agent(tx, &NewAiAgent { name, level, locale, time_zone }, &levels, &actor, now).await?,
                    Kind::Person => add_person(tx, &NewPerson { name, email, level, locale, time_zone }, &levels, &actor, now).await?,
                };
                if let Some((team, role)) = place {
                    let new = NewMembership { staff: id, team, role, from: now, until: None };
                    teams::begin_membership(tx, &new, &actor, now).await.map_err(not_placed)?;
                }
                if is_invited && let Err(links::LinkError::Db(e)) = links::invite(tx, id, &secret, &origin, &actor, now).await {
                    return Err(e.into());
                }
                Ok(id)
            })
        })
        .await;
    match pages::mended(form, result)? {
        Sent::Done(id) => {
            let done = match kind {
                Kind::Person if is_invited => "added-invited",
                Kind::Person if !access.site.has_mail => "added-by-hand",
                _ => "added",
            };
            Ok(pages::to(&format!("/people/{id}?done={done}")))
        }
        Sent::Again(form) => pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, &form, &known)),
    }
}

/// Somebody new is in no team yet: only the team itself can be wrong.
fn not_placed(e: TeamError) -> PeopleError {
    match e {
        TeamError::Db(e) => e.into(),
        _ => PeopleError::Field("team", NO_TEAM.to_owned()),
    }
}

/// What a role lets somebody do, in words.
pub(super) fn meaning(role: Role) -> &'static str {
    match role {
        Role::Owner => "Opens and changes everything",
        Role::Operator => "Keeps the installation running: connectors, jobs, health",
    }
}
