//! SQL texts. Each is written once, for both databases, in the `store.rs` of its feature, and stands in a list that a test prepares on both.

use std::sync::OnceLock;

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
    #[test]
    fn question_marks_become_dollars() {
        let cases = [("a = ?1 AND b = ?12", "a = $1 AND b = $12"), ("a = '?1' AND b = ?2", "a = '?1' AND b = $2"), ("a ? b", "a ? b")];
        for (text, expected) in cases {
            assert_eq!(super::dollars(text), expected);
        }
    }
}
