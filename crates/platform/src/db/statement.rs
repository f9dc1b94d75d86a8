//! SQL texts. Each is written once, for both databases, in the `store.rs` of its feature, and stands in a list that a test prepares on both.

use std::sync::OnceLock;

use super::Value;

/// One SQL text with the values `?1`, `?2`, … left open.
#[derive(Debug)]
pub struct Statement {
    /// Its name, for messages.
    pub name: &'static str,
    sqlite: &'static str,
    postgres: OnceLock<Box<str>>,
}

impl Statement {
    /// Only for [`statements!`](crate::statements), so that every text is in a list.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, sqlite: text, postgres: OnceLock::new() }
    }

    /// The text as SQLite takes it.
    #[must_use]
    pub fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text as PostgreSQL takes it: `$1` for `?1`.
    #[must_use]
    pub fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| dollars(self.sqlite).into())
    }
}

/// `?` before a digit becomes `$`, except inside quotes.
fn dollars(text: &str) -> String {
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        quoted ^= c == '\'';
        let open = c == '?' && !quoted && chars.peek().is_some_and(char::is_ascii_digit);
        out.push(if open { '$' } else { c });
    }
    out
}

/// Places for fifty values in a text: what stands between the brackets of `IN (…)`. [`fifties`](crate::db::fifties) fills them.
#[macro_export]
macro_rules! fifty {
    () => {
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46, ?47, ?48, ?49, ?50"
    };
}

/// Values for the places of [`fifty!`](crate::fifty), fifty at a time. The last ones are filled up with their last.
#[must_use]
pub fn fifties(values: &[Value]) -> Vec<Vec<Value>> {
    let filled = |part: &[Value]| {
        let rest = part.last().into_iter().cycle().take(FIFTY - part.len());
        part.iter().chain(rest).cloned().collect()
    };
    values.chunks(FIFTY).map(filled).collect()
}

const FIFTY: usize = 50;

/// Names the SQL texts of one feature, and lists them as `STATEMENTS`.
///
/// ```
/// platform::statements! {
///     FIND = "SELECT name FROM people WHERE id = ?1";
///     RENAME = "UPDATE people SET name = ?2 WHERE id = ?1";
/// }
/// assert_eq!(STATEMENTS.len(), 2);
/// assert_eq!(RENAME.postgres(), "UPDATE people SET name = $2 WHERE id = $1");
/// ```
#[macro_export]
macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        $(static $name: $crate::db::Statement = $crate::db::Statement::new(concat!(module_path!(), "::", stringify!($name)), $text);)+

        /// Every SQL text of this feature.
        pub static STATEMENTS: &[&$crate::db::Statement] = &[$(&$name),+];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_fifty_at_a_time() {
        let values: Vec<Value> = (0_i64..53).map(Value::from).collect();
        let parts = fifties(&values);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50]);
        assert!(parts[1].iter().skip(3).all(|value| *value == Value::from(52_i64)), "{parts:?}");
        assert!(crate::fifty!().ends_with("?49, ?50") && fifties(&[]).is_empty());
    }

    #[test]
    fn question_marks_become_dollars() {
        let cases = [("a = ?1 AND b = ?12", "a = $1 AND b = $12"), ("a = '?1' AND b = ?2", "a = '?1' AND b = $2"), ("a ? b", "a ? b")];
        for (text, expected) in cases {
            assert_eq!(super::dollars(text), expected);
        }
    }
}
