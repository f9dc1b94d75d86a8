//! Every limit of the language, in one table. Past one of them a charter or a request is refused with an error that names the limit,
//! or what is told is cut short and says so.

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: usize = $value;)+

        /// Name, value and meaning of every limit, for documents and tests.
        pub const ALL: &[(&str, usize, &str)] = &[$((stringify!($name), $value, concat!($($doc),+))),+];
    };
}

limits! {
    /// Bytes in a charter file.
    CHARTER_BYTES = 4 << 20;
    /// Bytes in one request.
    REQUEST_BYTES = 1 << 20;
    /// Bytes in one expression.
    EXPRESSION_BYTES = 4_096;
    /// Nesting of an expression, and of tables and lists in a charter file.
    NESTING = 32;
    /// Depth of an expression, counting each operator of a row.
    EXPRESSION_DEPTH = 128;
    /// Parts of an expression, definitions written out.
    EXPRESSION_PARTS = 10_000;
    /// Entries in a list or table literal of an expression.
    LITERAL_ENTRIES = 1_000;
    /// Bytes in an id.
    ID_BYTES = 64;
    /// Bytes in a text of a charter or a request.
    TEXT_BYTES = 2_000;
    /// Levels of a charter.
    LEVELS = 16;
    /// Reasons of a charter.
    REASONS = 500;
    /// Subjects and facts that scopes (`per`) of a charter name, with its subjects.
    KEYS = 64;
    /// Facts of a charter.
    FACTS = 1_000;
    /// Values of a choice.
    CHOICES = 500;
    /// Entries in a fact of type list.
    LIST_ENTRIES = 100;
    /// Definitions of a charter.
    DEFINITIONS = 500;
    /// Issues of a charter.
    ISSUES = 500;
    /// Remedies of a charter.
    REMEDIES = 500;
    /// Guardrails of a charter.
    GUARDRAILS = 10_000;
    /// Guardrails that concern one remedy, of both charters together.
    GUARDRAILS_PER_REMEDY = 1_000;
    /// Groups, of both charters together.
    GROUPS = 40;
    /// Findings reported for one file; the rest are counted.
    FINDINGS = 200;
    /// Ledger entries in a request.
    LEDGER_ENTRIES = 10_000;
    /// Opening spans of one group in a request.
    OPENINGS = 1_000;
    /// Facts given in a request.
    GIVEN_FACTS = 2_000;
    /// Parts of one answer to `options` (remedies with a reason, their closing rules, zones, the rules and facts these name). The rest is left out, and the answer says so.
    OPTION_PARTS = 250_000;
}

/// The largest amount of money, in minor units, either side of zero.
pub const MONEY_MAX: i64 = 9_000_000_000_000_000;
/// The largest number, in millionths, either side of zero.
pub const NUMBER_MAX: i64 = 1_000_000_000 * crate::decimal::ONE;
/// The most grants that one entry of a history stands for.
pub const ENTRY_TIMES_MAX: i64 = NUMBER_MAX / crate::decimal::ONE;
/// The longest duration, in microseconds, either side of zero.
pub const DURATION_MAX: i64 = 36_525 * 86_400 * 1_000_000;
