//! Ids and names as people say them.

/// `duty-leads` is `duty leads`, `order.days_late` is `order days late`.
#[must_use]
pub fn spoken(id: &str) -> String {
    id.replace(['.', '-', '_'], " ")
}
