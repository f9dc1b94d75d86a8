//! Teams stand in a tree, and people belong to them from an instant on and until one. Nobody is in the same team twice at once.
//! A lead or manager of a team is one of all teams below it, too.

mod commands;
mod model;
pub(crate) mod pages;
mod store;

pub use commands::{begin_membership, create_team, end_membership, move_team, rename_team};
pub use model::{Membership, MembershipId, NewMembership, Reached, Team, TeamError, TeamEvent, TeamId, TeamRole};
pub use store::{STATEMENTS, all, find, find_by_name, membership, memberships_of, memberships_of_team, of_people, reach, sizes};
