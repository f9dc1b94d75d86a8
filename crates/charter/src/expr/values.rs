//! What an expression can come to when not everything is known.

/// What a truth can be: any of true, false, fault. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truth(u8);

impl Truth {
    pub(crate) const TRUE: Self = Self(1);
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const FAULT: Self = Self(4);
    pub(crate) const UNKNOWN: Self = Self(3);
    const NOTHING: Self = Self(0);

    pub(crate) fn of(truth: bool) -> Self {
        if truth { Self::TRUE } else { Self::FALSE }
    }

    /// The outcomes that are possible.
    pub(crate) fn possible(can_be_true: bool, can_be_false: bool, can_be_fault: bool) -> Self {
        Self(u8::from(can_be_true) | u8::from(can_be_false) << 1 | u8::from(can_be_fault) << 2)
    }

    pub(crate) fn can_be_true(self) -> bool {
        self.0 & 1 != 0
    }

    pub(crate) fn can_be_false(self) -> bool {
        self.0 & 2 != 0
    }

    pub(crate) fn can_be_fault(self) -> bool {
        self.0 & 4 != 0
    }

    /// Whether only one outcome is possible.
    pub(crate) fn is_decided(self) -> bool {
        self.0.count_ones() == 1
    }

    pub(crate) fn not(self) -> Self {
        Self::possible(self.can_be_false(), self.can_be_true(), self.can_be_fault())
    }

    /// Each combination of outcomes: false decides, a fault spoils the rest.
    pub(crate) fn and(self, other: Self) -> Self {
        let fault = (self.can_be_fault() && other.0 & 5 != 0) || (other.can_be_fault() && self.can_be_true());
        Self::possible(self.can_be_true() && other.can_be_true(), self.can_be_false() || other.can_be_false(), fault)
    }

    /// Each combination of outcomes: true decides, a fault spoils the rest.
    pub(crate) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// As an allow reads it: a fault is false.
    pub(crate) fn for_allow(self) -> Self {
        if self.can_be_fault() { Self((self.0 | 2) & 3) } else { self }
    }

    /// As a forbid or cap reads it: a fault is true.
    pub(crate) fn for_closing(self) -> Self {
        if self.can_be_fault() { Self((self.0 | 1) & 3) } else { self }
    }
}

/// The values a number, money, duration, date or time can have; `low > high` if none, when it is surely a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) low: i64,
    pub(crate) high: i64,
    /// Whether it can be a fault.
    pub(crate) fault: bool,
}

impl Range {
    pub(crate) const FAULT: Self = Self { low: 1, high: 0, fault: true };

    pub(crate) fn point(value: i64) -> Self {
        Self { low: value, high: value, fault: false }
    }

    pub(crate) fn between((low, high): (i64, i64)) -> Self {
        Self { low, high, fault: false }
    }

    pub(crate) fn is_point(self) -> bool {
        self.low == self.high
    }

    /// Whether it is one value and surely so.
    pub(crate) fn is_decided(self) -> bool {
        self.is_point() && !self.fault
    }

    pub(crate) fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// What arithmetic on ends gives: an overflow of points is a fault, one of an interval's end stops there and can be a fault.
    pub(crate) fn computed(low: Option<i128>, high: Option<i128>, bounds: (i64, i64), points: bool, fault: bool) -> Self {
        let (least, most) = (i128::from(bounds.0), i128::from(bounds.1));
        let inside = |end: Option<i128>| end.is_some_and(|e| (least..=most).contains(&e));
        let overflows = !inside(low) || !inside(high);
        if overflows && points {
            return Self::FAULT;
        }
        let end = |end: Option<i128>, otherwise: i128| i64::try_from(end.unwrap_or(otherwise).clamp(least, most)).unwrap_or(bounds.0);
        Self { low: end(low, least), high: end(high, most), fault: fault || overflows }
    }

    pub(crate) fn less_than(self, other: Self) -> Truth {
        self.compared(other, self.low < other.high, self.high >= other.low)
    }

    pub(crate) fn at_most(self, other: Self) -> Truth {
        self.compared(other, self.low <= other.high, self.high > other.low)
    }

    pub(crate) fn equals(self, other: Self) -> Truth {
        let overlap = self.low <= other.high && other.low <= self.high;
        self.compared(other, overlap, !(self.is_point() && self.low == other.low && self.high == other.high))
    }

    fn compared(self, other: Self, can_be_true: bool, can_be_false: bool) -> Truth {
        if self.is_empty() || other.is_empty() {
            return Truth::FAULT;
        }
        Truth::possible(can_be_true, can_be_false, self.fault || other.fault)
    }
}

/// The values a choice or a text can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Possible<T> {
    /// Those that are possible; nothing is known if there is no list.
    pub(crate) values: Option<Vec<T>>,
    /// Whether it can be a fault.
    pub(crate) fault: bool,
}

impl<T: PartialEq> Possible<T> {
    pub(crate) fn one(value: T) -> Self {
        Self { values: Some(vec![value]), fault: false }
    }

    pub(crate) fn any() -> Self {
        Self { values: None, fault: false }
    }

    pub(crate) fn equals(&self, other: &Self) -> Truth {
        let (can_be_true, can_be_false) = match (&self.values, &other.values) {
            (Some(a), Some(b)) if a.is_empty() || b.is_empty() => (false, false),
            (Some(a), Some(b)) => (a.iter().any(|v| b.contains(v)), a.len() > 1 || b.len() > 1 || a != b),
            (Some(a), None) | (None, Some(a)) if a.is_empty() => (false, false),
            _ => (true, true),
        };
        Truth::possible(can_be_true, can_be_false, self.fault || other.fault)
    }

    /// Whether it is one of the listed values.
    pub(crate) fn among(&self, listed: impl Fn(&T) -> bool) -> Truth {
        match &self.values {
            Some(values) => Truth::possible(values.iter().any(&listed), values.iter().any(|v| !listed(v)), self.fault),
            None => Truth::possible(true, true, self.fault),
        }
    }
}

/// What two ways of going on can come to together.
pub(crate) trait Join: Sized {
    /// No value at all: what joining begins with.
    fn nothing() -> Self;
    /// Surely a fault.
    fn fault() -> Self;
    fn join(self, other: Self) -> Self;
}

impl Join for Truth {
    fn nothing() -> Self {
        Self::NOTHING
    }
    fn fault() -> Self {
        Self::FAULT
    }
    fn join(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Join for Range {
    fn nothing() -> Self {
        Self { low: 1, high: 0, fault: false }
    }
    fn fault() -> Self {
        Self::FAULT
    }
    fn join(self, other: Self) -> Self {
        let fault = self.fault || other.fault;
        match (self.is_empty(), other.is_empty()) {
            (true, _) => Self { fault, ..other },
            (_, true) => Self { fault, ..self },
            _ => Self { low: self.low.min(other.low), high: self.high.max(other.high), fault },
        }
    }
}

impl<T: PartialEq> Join for Possible<T> {
    fn nothing() -> Self {
        Self { values: Some(Vec::new()), fault: false }
    }
    fn fault() -> Self {
        Self { values: Some(Vec::new()), fault: true }
    }
    fn join(self, other: Self) -> Self {
        let values = match (self.values, other.values) {
            (Some(mut a), Some(b)) => {
                for value in b {
                    if !a.contains(&value) {
                        a.push(value);
                    }
                }
                Some(a)
            }
            _ => None,
        };
        Self { values, fault: self.fault || other.fault }
    }
}
