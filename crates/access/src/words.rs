//! Enums that are one word each, in a column, a form and a document.

/// Makes an enum of words: `ALL`, `word()`, `FromStr`, and a column.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$each])* $variant),+
        }

        impl $name {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|one| one.word() == text);
                found.copied().ok_or_else(|| format!("`{text}` is not one of {}.", Self::ALL.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.word())
            }
        }

        impl platform::db::Column for $name {
            fn to_value(&self) -> platform::db::Value {
                self.word().into()
            }

            fn from_value(value: platform::db::Value) -> Result<Self, platform::db::DbError> {
                String::from_value(value)?.parse().map_err(platform::db::DbError::Defect)
            }
        }
    };
}
pub(crate) use words;
