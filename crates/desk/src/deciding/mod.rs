//! From what is kept to a request of the charter, and from its answer to a record: what was decided, on what, so that it can be decided again.

mod opened;
mod record;
mod situation;
mod store;
mod sums;
mod tried;

pub use opened::{Openings, STATEMENTS as OPENED_STATEMENTS, keep_options};
pub use record::{Decided, DecisionId, Recorded, again, record};
pub use situation::{Held, NoSituation, Situation, situation};
pub use store::{STATEMENTS, last_step};
pub use sums::{Checked, STATEMENTS as SUM_STATEMENTS, keep as keep_sums};
pub use tried::{Closed, Compared, Opened, STATEMENTS as TRIED_STATEMENTS};

pub(crate) use record::{erase_facts, facts_now, facts_then};
pub(crate) use store::{hold_all, hold_keys, hold_keys_in, is_counted_by, keep_keys, versions};
pub(crate) use sums::{Adding, taken_out};
