//! Groups: who serves what is passed on. A charter declares a group, with its level and hours; here stand the team that serves it, its rota, its deputies, and
//! who is absent.

pub mod api;
mod commands;
mod coverage;
mod duty;
mod known;
mod model;
mod pages;
mod store;

pub use commands::{GroupError, begin_shift, call_off, end_shift, enter_absence, set_team};
pub use coverage::{Away, Covered, Duty, Span, covered, spans};
pub use duty::{reached, served_by};
pub use known::unreached;
pub use model::{Absence, AbsenceEvent, AbsenceId, Days, GroupEvent, NewAbsence, NewShift, Shift, ShiftId};
pub use pages::routes;
pub use store::{Rota, STATEMENTS, rotas, teams};
