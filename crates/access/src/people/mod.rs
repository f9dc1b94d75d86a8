//! Persons and AI agents, with their level and roles. They are disabled, never taken out: what they did keeps its name.
//! There is always an owner: the last one can be neither disabled nor stripped of the role.

pub mod api;
mod commands;
mod model;
pub(crate) mod pages;
pub(crate) mod person_pages;
mod store;

pub use commands::{add_ai_agent, add_person, change, disable, enable, grant_role, set_level, withdraw_role};
pub use model::{Changed, Kind, NewAiAgent, NewPerson, PeopleError, PeopleEvent, Role, Staff, StaffId, email_key, is_email, is_time_zone};
pub use store::{Asking, STATEMENTS, find, find_by_email, has_owner, list, list_before, names, uninvited, unplaced};
pub(crate) use store::{ai_agents, hold_owners};
