//! Points and notes as pages show them: all that is around them is asked for at once.

use std::collections::HashMap;

use access::Caller;
use access::people::StaffId;
use jiff::Timestamp;
use platform::actor::Actor;
use platform::db::Tx;
use platform::http::{Form, Problem};
use platform::limits::DEBRIEF_NOTES;
use platform::texts::{self, TextId};
use ui::components::{Chip, Entry, Field, FieldKind, Timeline, Tone};
use ui::format::Formats;

use crate::cases::{self, CaseId, CaseRow, People, grant_chip, what};
use crate::charters::{self, Charters, InForce};
use crate::debriefs::model::{Note, Point, PointId, PointKind, Talk};
use crate::debriefs::store;
use crate::grants::{self, GrantId, GrantRow, GrantState};
use crate::options::sentence_case;
use crate::state::may_see;

/// A point as it stands on a page.
pub(super) struct PointView {
    pub(super) id: PointId,
    pub(super) title: String,
    /// Where the grant stands, if it does not stand any more.
    pub(super) state: Option<Chip>,
    /// Who, when.
    pub(super) detail: String,
    /// Number and heading of the case; nothing if the reader does not see it.
    pub(super) case: Option<(i64, String)>,
    /// Why it was given, in the giver's words.
    pub(super) why: Option<String>,
    pub(super) notes: Timeline,
    /// Where something is written on it; nothing when there is no room for more.
    pub(super) note: Option<NoteForm>,
    /// Whether it is chosen as talked over.
    pub(super) is_chosen: bool,
}

/// A form for a note.
pub(super) struct NoteForm {
    pub(super) action: String,
    pub(super) field: Field,
    pub(super) is_open: bool,
}

/// What is around points and talks.
pub(super) struct Around {
    caller: Caller,
    formats: Formats,
    now: Timestamp,
    in_force: Option<InForce>,
    cases: HashMap<CaseId, CaseRow>,
    grants: HashMap<GrantId, GrantRow>,
    /// By point; those on the talk under nothing.
    notes: HashMap<Option<PointId>, Vec<Note>>,
    texts: HashMap<TextId, String>,
    people: People,
}

impl Around {
    /// Reads it all: of points that follow each other on a list, or of a talk and what was talked over in it.
    pub(super) async fn read(tx: &mut Tx, known: &Charters, caller: &Caller, now: Timestamp, points: &[Point], talk: Option<&Talk>) -> Result<Self, Problem> {
        let (of_cases, of_grants): (Vec<CaseId>, Vec<GrantId>) =
            (points.iter().filter_map(|p| p.case).collect(), points.iter().filter_map(|p| p.grant).collect());
        let cases = cases::by_ids(tx, &of_cases).await?.into_iter().filter(|case| may_see(caller, case)).map(|case| (case.id, case)).collect();
        let grants: HashMap<GrantId, GrantRow> = grants::by_ids(tx, &of_grants).await?.into_iter().map(|grant| (grant.id, grant)).collect();
        let written = match talk {
            Some(talk) => store::on_talk(tx, talk.id).await?,
            None => store::on_open(tx, points).await?,
        };
        let (writers, mut kept): (Vec<Actor>, Vec<TextId>) = written.iter().map(|note| (Actor::Staff(note.staff.0), note.text)).unzip();
        let mut notes: HashMap<Option<PointId>, Vec<Note>> = HashMap::new();
        for note in written {
            notes.entry(note.point).or_default().push(note);
        }
        kept.extend(grants.values().filter_map(|grant| grant.why).chain(talk.and_then(|talk| talk.agreed)));
        let mut people = People::new();
        let two = talk.map(|talk| [talk.agent, talk.lead].map(|staff| Actor::Staff(staff.0)));
        people.meet(tx, points.iter().map(|p| &p.by).chain(&writers).chain(two.iter().flatten())).await?;
        Ok(Self {
            caller: caller.clone(),
            formats: caller.formats(),
            now,
            in_force: charters::in_force(tx, known).await?,
            cases,
            grants,
            notes,
            texts: texts::read_all(tx, &kept).await?,
            people,
        })
    }

    pub(super) fn name(&self, staff: StaffId) -> String {
        self.people.name(&Actor::Staff(staff.0))
    }

    pub(super) fn moment(&self, at: charter::time::Instant) -> (String, String) {
        let at = Timestamp::from_microsecond(at).unwrap_or(self.now);
        (self.formats.moment(at, self.now), at.to_string())
    }

    /// A kept text, line by line.
    pub(super) fn lines(&self, text: TextId) -> Vec<String> {
        self.texts.get(&text).map_or("This was erased.", String::as_str).lines().map(str::to_owned).collect()
    }

    /// A point; `typed` is what was sent as a note on it and is to be mended.
    pub(super) fn point(&self, point: &Point, typed: Option<&Form>, is_chosen: bool) -> PointView {
        let grant = point.grant.and_then(|id| self.grants.get(&id));
        let given = grant.map_or_else(String::new, |grant| format!(": {}", what(self.in_force.as_ref(), grant)));
        let (who, when) = (self.people.name(&point.by), self.moment(point.at).0);
        let (title, detail) = match point.kind {
            PointKind::Stretch => (format!("In the stretch{given}"), format!("{who}, {when}")),
            PointKind::Exceeded => (format!("More after a no{given}"), format!("{who} gave it, {when}")),
            PointKind::Hard => ("A hard case".to_owned(), format!("put here by {who}, {when}")),
            PointKind::Other => ("Something else".to_owned(), format!("put here by {who}, {when}")),
        };
        let case = point.case.and_then(|id| self.cases.get(&id));
        let notes = self.on(Some(point.id));
        PointView {
            id: point.id,
            title,
            state: grant.map(|grant| grant.state).filter(|state| matches!(state, GrantState::Withdrawn | GrantState::Corrected)).map(grant_chip),
            // It begins the line where no case stands before it.
            detail: if case.is_some() { detail } else { sentence_case(&detail) },
            // Words of the case are for whoever sees it.
            why: case.and(grant).and_then(|grant| grant.why).and_then(|text| self.texts.get(&text)).cloned(),
            case: case.map(|case| (case.number, case.heading(self.in_force.as_ref()))),
            // What was typed is not lost when the last room was taken meanwhile.
            note: (notes.len() < DEBRIEF_NOTES || typed.is_some())
                .then(|| note_form(format!("/debriefs/points/{}/notes", point.id), &point.id.to_string(), typed)),
            notes: self.timeline(notes),
            is_chosen,
        }
    }

    /// What was written on the talk that is looked at, and where more is written.
    pub(super) fn talk(&self, talk: &Talk, typed: Option<&Form>) -> (Timeline, Option<NoteForm>) {
        let notes = self.on(None);
        let form = (notes.len() < DEBRIEF_NOTES || typed.is_some()).then(|| note_form(format!("/debriefs/talks/{}/notes", talk.id), "talk", typed));
        (self.timeline(notes), form)
    }

    /// What was written on a point, or on the talk.
    fn on(&self, point: Option<PointId>) -> &[Note] {
        self.notes.get(&point).map(Vec::as_slice).unwrap_or_default()
    }

    fn timeline(&self, notes: &[Note]) -> Timeline {
        let entry = |note: &Note| {
            let (when, at) = self.moment(note.at);
            let is_ours = self.caller.staff() == Some(note.staff);
            Entry::Message { from: self.name(note.staff), when, at, text: self.lines(note.text), is_ours, is_internal: false }
        };
        Timeline { entries: notes.iter().map(entry).collect() }
    }
}

/// The chip that says how much there is.
pub(super) fn count_chip(count: i64) -> Chip {
    Chip::new(Tone::Ask, if count == 1 { "1 point".to_owned() } else { format!("{count} points") })
}

fn note_form(action: String, prefix: &str, typed: Option<&Form>) -> NoteForm {
    let (value, error) = typed.map_or((String::new(), None), |form| (form.typed("note").to_owned(), form.error("note")));
    let field = Field { kind: FieldKind::Long, prefix: format!("{prefix}-"), value, error, ..Field::new("note", "Note") };
    NoteForm { action, field, is_open: typed.is_some() }
}
