use std::collections::BTreeSet;

/// What the text of an expression reads, definitions written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Facts, staff aside.
    pub(crate) facts: BTreeSet<usize>,
    /// The subjects of these facts, of ids and of the scopes of `granted`, a bit each.
    pub(crate) subjects: u64,
    /// The subjects whose id is read, a bit each.
    pub(crate) ids: u64,
    /// The subjects whose being there is asked, a bit each.
    pub(crate) exists: u64,
    /// Staff facts.
    pub(crate) staff: BTreeSet<usize>,
    /// `granted(…)` meters.
    pub(crate) granted: BTreeSet<usize>,
    /// Whether the amount is read.
    pub(crate) amount: bool,
    /// Parts, definitions written out.
    pub(crate) parts: usize,
    /// Depth, definitions written out.
    pub(crate) depth: usize,
}

impl Reads {
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.facts.extend(&other.facts);
        self.subjects |= other.subjects;
        self.ids |= other.ids;
        self.exists |= other.exists;
        self.staff.extend(&other.staff);
        self.granted.extend(&other.granted);
        self.amount |= other.amount;
        self.parts = self.parts.saturating_add(other.parts);
        self.depth = self.depth.max(other.depth);
    }
}
