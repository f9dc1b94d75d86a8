//! Debriefs: a private talk between an agent and who leads them, after a stretch, a hard case, or a *no* that somebody went beyond. What there is to talk over
//! collects on a list until the talk is held; both may write on it, before and after. It never changes what was decided, and nothing is counted from it.

pub mod api;
mod commands;
mod follow;
mod hearing;
mod leads;
mod model;
mod pages;
mod store;

pub use commands::{DebriefError, NewPoint, hold_talk, note_point, note_talk, put};
pub use follow::{corrected, exceeded, stretched, taken_back};
pub use hearing::{may_hear, may_hear_as_lead, may_hear_of_talk};
pub use leads::{Lead, Side, leads_of, side};
pub use model::{DebriefEvent, Note, NoteId, Point, PointId, PointKind, Talk, TalkId};
pub use pages::routes;
pub use store::{STATEMENTS, open, open_before, point, talk, talks, talks_newer};
