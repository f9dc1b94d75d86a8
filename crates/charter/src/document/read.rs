//! From TOML to the tables of the language: every problem is collected, none stops the reading.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Document;
use super::depth::too_deep;
use crate::diagnostics::{Code, Findings, Span};
use crate::limits;

/// A value with its place in the file. Two are equal if they say the same, wherever they stand.
#[derive(Clone, Debug, Default)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place, in bytes of the file.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> At<T> {
    /// The same place with another value.
    pub fn map<U>(&self, f: impl FnOnce(&T) -> U) -> At<U> {
        At { value: f(&self.value), span: self.span.clone() }
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// One value of a TOML file.
pub(super) type Node<'i> = Spanned<DeValue<'i>>;

/// What can be read from a TOML value.
pub(super) trait Read: Sized {
    /// What belongs there, for an error.
    const EXPECTED: &'static str;
    /// Reads it, or reports why not.
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self>;
    /// What a table that lacks the key has, if it may.
    fn missing() -> Option<Self> {
        None
    }
}

/// Reads a charter file. What could not be read is left out and reported.
pub fn read(text: &str, findings: &mut Findings) -> Document {
    read_whole(text, findings).unwrap_or_default()
}

/// Reads a charter file; nothing if it passes a limit before it is looked at, for then nothing more can be said about it.
pub(crate) fn read_whole(text: &str, findings: &mut Findings) -> Option<Document> {
    Document::read(&parse(text, findings)?, findings)
}

/// The tables of a file, charter or scenarios, if it keeps the limits of size and nesting; what is not TOML is reported and left out.
pub(crate) fn parse<'i>(text: &'i str, findings: &mut Findings) -> Option<Spanned<DeValue<'i>>> {
    if text.len() > limits::CHARTER_BYTES {
        too_large(findings, 0..0, "this file", "CHARTER_BYTES", limits::CHARTER_BYTES);
        return None;
    }
    if let Some(span) = too_deep(text) {
        findings.add(Code::TooLarge, span, "this is nested too deeply", format!("at most {} (limit NESTING)", limits::NESTING));
        return None;
    }
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(first) if text.len() > RECOVERED_BYTES => {
            not_toml(&first, findings);
            return None;
        }
        Err(_) => {
            let (table, errors) = DeTable::parse_recoverable(text);
            errors.iter().for_each(|error| not_toml(error, findings));
            table
        }
    };
    let (span, table) = (table.span(), table.into_inner());
    Some(Spanned::new(span, DeValue::Table(table)))
}

/// Up to this size everything that is not TOML is reported; of a larger file the first such place, for each takes memory.
const RECOVERED_BYTES: usize = 256 << 10;

fn not_toml(error: &toml::de::Error, findings: &mut Findings) {
    findings.add(Code::Toml, error.span().unwrap_or(0..0), error.message(), "TOML");
}

pub(super) fn too_large(findings: &mut Findings, span: Span, what: &str, limit: &str, most: usize) {
    findings.add(Code::TooLarge, span, format!("{what} is too large"), format!("at most {most} (limit {limit})"));
}

pub(super) fn wrong_type(node: &Node<'_>, expected: &str, findings: &mut Findings) {
    let found = match node.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    findings.add(Code::WrongType, node.span(), format!("{found} does not belong here"), expected);
}

impl Read for At<String> {
    const EXPECTED: &'static str = "a text";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::String(text) = node.get_ref() else {
            wrong_type(node, Self::EXPECTED, findings);
            return None;
        };
        if text.len() > limits::TEXT_BYTES {
            too_large(findings, node.span(), "this text", "TEXT_BYTES", limits::TEXT_BYTES);
            return None;
        }
        Some(Self { value: text.clone().into_owned(), span: node.span() })
    }
}

impl Read for At<bool> {
    const EXPECTED: &'static str = "`true` or `false`";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        if let DeValue::Boolean(value) = node.get_ref() {
            return Some(Self { value: *value, span: node.span() });
        }
        wrong_type(node, Self::EXPECTED, findings);
        None
    }
}

impl Read for At<i64> {
    const EXPECTED: &'static str = "a whole number";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let value = match node.get_ref() {
            DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok(),
            _ => None,
        };
        if value.is_none() {
            wrong_type(node, Self::EXPECTED, findings);
        }
        Some(Self { value: value?, span: node.span() })
    }
}

impl<T: Read> Read for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        T::read(node, findings).map(Some)
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    const EXPECTED: &'static str = "a list";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Array(entries) = node.get_ref() else {
            findings.add(Code::WrongType, node.span(), "this is not a list", format!("a list, each entry {}", T::EXPECTED)).help("write it in brackets: `[…]`");
            return None;
        };
        Some(entries.iter().filter_map(|entry| T::read(entry, findings)).collect())
    }
    fn missing() -> Option<Self> {
        Some(Self::new())
    }
}

/// A table whose keys are free: in the order of the file.
impl<T: Read> Read for Vec<(At<String>, T)> {
    const EXPECTED: &'static str = "a table";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Table(table) = node.get_ref() else {
            wrong_type(node, Self::EXPECTED, findings);
            return None;
        };
        let mut list: Self = table
            .iter()
            .filter_map(|(key, value)| {
                let name = At { value: key.get_ref().clone().into_owned(), span: key.span() };
                T::read(value, findings).map(|value| (name, value))
            })
            .collect();
        list.sort_by_key(|(name, _)| name.span.start);
        Some(list)
    }
    fn missing() -> Option<Self> {
        Some(Self::new())
    }
}

/// The keys of a table that are not yet read.
pub(super) struct Keys<'n, 'i> {
    span: Span,
    left: BTreeMap<&'n str, (Span, &'n Node<'i>)>,
    unread: Vec<String>,
}

impl<'n, 'i> Keys<'n, 'i> {
    pub(super) fn of(node: &'n Node<'i>, expected: &str, findings: &mut Findings) -> Option<Self> {
        let DeValue::Table(table) = node.get_ref() else {
            wrong_type(node, expected, findings);
            return None;
        };
        let left = table.iter().map(|(k, v)| (k.get_ref().as_ref(), (k.span(), v))).collect();
        Some(Self { span: node.span(), left, unread: Vec::new() })
    }

    /// The value of a key, which counts as read from now on. A value that is there but wrong leaves the table readable.
    pub(super) fn take<T: Read>(&mut self, key: &str, findings: &mut Findings) -> Option<T> {
        if let Some((_, node)) = self.left.remove(key) {
            let found = T::read(node, findings);
            if found.is_none() {
                self.unread.push(key.to_owned());
            }
            return found.or_else(T::missing);
        }
        let missing = T::missing();
        if missing.is_none() {
            findings.add(Code::MissingKey, self.span.clone(), format!("`{key}` is missing"), format!("`{key}`: {}", T::EXPECTED));
        }
        missing
    }

    /// Reports the keys that nobody took; gives those whose value could not be read.
    pub(super) fn finish(self, known: &[&str], findings: &mut Findings) -> Vec<String> {
        for (key, (span, _)) in self.left {
            findings
                .add(Code::UnknownKey, span, format!("`{key}` is not a key of this table"), format!("one of {}", list(known)))
                .nearest(key, known.iter().copied());
        }
        self.unread
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// Declares a table of the language: the type, how it is read, and its schema for editors, from one list of keys.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $expected:literal { $($(#[$field_doc:meta])* $field:ident $(as $key:literal)? : $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            /// Where the table stands in the file.
            #[schemars(skip)]
            pub span: $crate::diagnostics::Span,
            /// Keys that are there with a value that does not belong there: what they lack is not missing.
            #[schemars(skip)]
            pub unread: Vec<String>,
            $($(#[$field_doc])* $(#[schemars(rename = $key)])? pub $field: $type,)*
        }

        impl $name {
            /// Whether one of these keys has a value that could not be read, which has been reported.
            #[must_use]
            pub fn is_unread(&self, keys: &[&str]) -> bool {
                self.unread.iter().any(|key| keys.contains(&key.as_str()))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }

        impl $crate::document::read::Read for $name {
            const EXPECTED: &'static str = $expected;
            fn read(node: &$crate::document::read::Node<'_>, findings: &mut $crate::diagnostics::Findings) -> Option<Self> {
                let mut keys = $crate::document::read::Keys::of(node, Self::EXPECTED, findings)?;
                $(let $field = keys.take::<$type>(table!(@key $field $(as $key)?), findings);)*
                let unread = keys.finish(&[$(table!(@key $field $(as $key)?)),*], findings);
                Some(Self { span: node.span(), unread, $($field: $field?),* })
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident as $key:literal) => { $key };
}
pub(super) use table;
