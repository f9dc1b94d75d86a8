use access::people::StaffId;
use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::limits::{DEBRIEF_NOTES, TALK_POINTS};
use platform::live;
use platform::texts::{self, Kept};

use super::hearing;
use super::leads::{Side, side};
use super::model::{DebriefEvent, Note, NoteId, PointId, Talk, TalkId};
use super::store;
use crate::cases::CaseId;

/// Why something of a debrief could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebriefError {
    /// There is no such thing, or not for who asks: it is between two.
    NotFound,
    /// Only who leads the agent holds the talk.
    NotTheLead,
    /// A point without a case says what it is about.
    NothingSaid,
    /// A talk is over at least one point and not over more than there can be.
    Points(usize),
    /// A point was talked over meanwhile, or is not there any more.
    TalkedOver,
    /// There are as many notes as there can be.
    TooManyNotes,
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for DebriefError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for DebriefError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

/// Something that one of the two wants to talk over.
#[derive(Clone, Debug)]
pub struct NewPoint {
    /// On whose list.
    pub agent: StaffId,
    /// The case that was hard; nothing for something else.
    pub case: Option<CaseId>,
    /// In their words; needed where there is no case.
    pub text: Option<String>,
}

/// Puts something on the list of an agent. A case that stands there already as hard gets the words as a further note.
///
/// # Errors
/// [`DebriefError::NotFound`] for whoever is neither the agent nor leads them; [`DebriefError::NothingSaid`]; [`DebriefError::TooManyNotes`].
pub async fn put(tx: &mut Tx, new: &NewPoint, by: StaffId, at: Instant) -> Result<PointId, DebriefError> {
    store::hold(tx, new.agent).await?;
    side(tx, by, new.agent, at).await?.ok_or(DebriefError::NotFound)?;
    if new.case.is_none() && new.text.is_none() {
        return Err(DebriefError::NothingSaid);
    }
    let known = match new.case {
        Some(case) => store::marked(tx, new.agent, case).await?,
        None => None,
    };
    let point = match known {
        Some(point) => point,
        None => {
            let point = store::put(tx, new.agent, new.case, &Actor::Staff(by.0), at).await?;
            let put = DebriefEvent::DebriefPointPut { agent: new.agent, point, case: new.case };
            events::append(tx, &put, &Actor::Staff(by.0), at).await?;
            hearing::tell(tx, new.agent, at).await?;
            point
        }
    };
    if let Some(text) = &new.text {
        write_on_point(tx, (new.agent, point, None), text, by, at).await?;
    }
    Ok(point)
}

/// Writes something on a point: before the talk the agent or who leads them now, after it the two who held it.
///
/// # Errors
/// [`DebriefError::NotFound`]; [`DebriefError::TooManyNotes`].
pub async fn note_point(tx: &mut Tx, id: PointId, text: &str, by: StaffId, at: Instant) -> Result<NoteId, DebriefError> {
    let agent = store::point(tx, id).await?.ok_or(DebriefError::NotFound)?.agent;
    store::hold(tx, agent).await?;
    let point = store::point(tx, id).await?.ok_or(DebriefError::NotFound)?;
    match point.talk {
        None => side(tx, by, agent, at).await?.map(drop),
        Some(talk) => store::talk(tx, talk).await?.filter(|talk| talk.is_of(by)).map(drop),
    }
    .ok_or(DebriefError::NotFound)?;
    write_on_point(tx, (agent, id, point.talk), text, by, at).await
}

type Where = (StaffId, PointId, Option<TalkId>);

async fn write_on_point(tx: &mut Tx, (agent, point, talk): Where, text: &str, by: StaffId, at: Instant) -> Result<NoteId, DebriefError> {
    if store::notes_of_point(tx, point).await? >= DEBRIEF_NOTES {
        return Err(DebriefError::TooManyNotes);
    }
    let note = texts::keep(tx, text, at).await?;
    let kept = Note { point: Some(point), id: NoteId::new(at), staff: by, text: note.text, at };
    store::keep_note(tx, agent, talk, &kept).await?;
    live::touch(tx, talk.map_or_else(|| hearing::list(agent), hearing::talk));
    events::append(tx, &DebriefEvent::DebriefNoted { agent, point: Some(point), talk: None, note }, &Actor::Staff(by.0), at).await?;
    Ok(kept.id)
}

/// Writes something on a talk that was held: one of the two who held it.
///
/// # Errors
/// [`DebriefError::NotFound`]; [`DebriefError::TooManyNotes`].
pub async fn note_talk(tx: &mut Tx, id: TalkId, text: &str, by: StaffId, at: Instant) -> Result<NoteId, DebriefError> {
    let talk = store::talk(tx, id).await?.filter(|talk| talk.is_of(by)).ok_or(DebriefError::NotFound)?;
    store::hold(tx, talk.agent).await?;
    if store::notes_of_talk(tx, id).await? >= DEBRIEF_NOTES {
        return Err(DebriefError::TooManyNotes);
    }
    let note = texts::keep(tx, text, at).await?;
    let kept = Note { point: None, id: NoteId::new(at), staff: by, text: note.text, at };
    store::keep_note(tx, talk.agent, Some(id), &kept).await?;
    events::append(tx, &DebriefEvent::DebriefNoted { agent: talk.agent, point: None, talk: Some(id), note }, &Actor::Staff(by.0), at).await?;
    live::touch(tx, hearing::talk(id));
    Ok(kept.id)
}

/// They talked these points over: who leads the agent now says so, with what was agreed. What was decided stays as it is.
///
/// # Errors
/// [`DebriefError::NotFound`]; [`DebriefError::NotTheLead`] for the agent; [`DebriefError::Points`]; [`DebriefError::TalkedOver`] when somebody was faster.
pub async fn hold_talk(tx: &mut Tx, agent: StaffId, points: &[PointId], agreed: Option<&str>, by: StaffId, at: Instant) -> Result<TalkId, DebriefError> {
    store::hold(tx, agent).await?;
    match side(tx, by, agent, at).await? {
        None => return Err(DebriefError::NotFound),
        Some(Side::Agent) => return Err(DebriefError::NotTheLead),
        Some(Side::Lead) => {}
    }
    let mut points = points.to_vec();
    points.sort_unstable();
    points.dedup();
    if points.is_empty() || points.len() > TALK_POINTS {
        return Err(DebriefError::Points(points.len()));
    }
    let agreed: Option<Kept> = match agreed {
        Some(text) => Some(texts::keep(tx, text, at).await?),
        None => None,
    };
    let talk = Talk { id: TalkId::new(at), agent, lead: by, agreed: agreed.as_ref().map(|kept| kept.text), at };
    store::keep_talk(tx, &talk).await?;
    if store::talk_over(tx, talk.id, agent, &points).await? != points.len() {
        return Err(DebriefError::TalkedOver);
    }
    events::append(tx, &DebriefEvent::DebriefHeld { agent, talk: talk.id, points, agreed }, &Actor::Staff(by.0), at).await?;
    hearing::tell(tx, agent, at).await?;
    Ok(talk.id)
}
