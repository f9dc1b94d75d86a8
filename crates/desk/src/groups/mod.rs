//! Groups: who serves what is passed on. A charter declares a group, with its level and hours; here stand the team that serves it, its rota, its deputies, who
//! is absent, and the chat it hears in.

pub mod api;
mod changing;
mod chat;
mod commands;
mod coverage;
mod duty;
mod hearing;
mod known;
mod model;
mod pages;
mod store;
mod typed;

pub use chat::{Address, Chat, ChatKind, Message, NotTaken, STATEMENTS as CHAT_STATEMENTS, chat, post, remove_chat, set_chat};
pub use commands::{GroupError, begin_shift, call_off, end_shift, enter_absence, set_team};
pub use coverage::{Away, Covered, Duty, Span, covered, spans};
pub use duty::{is_of, reached, served_by};
pub(crate) use hearing::touch;
pub use hearing::{GROUPS, changed};
pub use known::unreached;
pub(crate) use known::zone;
pub use model::{Absence, AbsenceEvent, AbsenceId, Days, GroupEvent, NewAbsence, NewShift, Shift, ShiftId};
pub use pages::{Chats, chat_routes, routes};
pub use store::{Rota, STATEMENTS, rotas, teams};
