use platform::actor::Subject;
use platform::events::Event;
use serde::Serialize;

use crate::subjects::SubjectId;

/// What happens to a customer. Nothing of it says who they are.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CustomerEvent {
    /// How to reach them was changed.
    CustomerChanged {
        /// Which.
        customer: SubjectId,
        /// The fields that changed, without their values.
        fields: Vec<&'static str>,
    },
    /// Another one turned out to be the same.
    CustomerMerged {
        /// The one that stays.
        customer: SubjectId,
        /// The one that became it.
        from: SubjectId,
    },
    /// What was personal was erased.
    CustomerErased {
        /// Which.
        customer: SubjectId,
    },
}

impl Event for CustomerEvent {
    fn kind(&self) -> &'static str {
        match self {
            Self::CustomerChanged { .. } => "customer_changed",
            Self::CustomerMerged { .. } => "customer_merged",
            Self::CustomerErased { .. } => "customer_erased",
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::CustomerChanged { customer, .. } | Self::CustomerMerged { customer, .. } | Self::CustomerErased { customer } => {
                Subject::new("customer", customer)
            }
        }
    }
}
