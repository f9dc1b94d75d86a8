//! Ids: 16 bytes that sort by the time they were made (UUID version 7).

use std::fmt;
use std::str::FromStr;

use charter::time::Instant;
use uuid::{NoContext, Timestamp, Uuid};

use crate::db::{Column, DbError, Value};

/// The id of anything kept. Written as the 36 characters of a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Uuid);

impl Id {
    /// A new id made at an instant; the rest of it is random.
    #[must_use]
    pub fn new(at: Instant) -> Self {
        let (seconds, micros) = (at.div_euclid(1_000_000), at.rem_euclid(1_000_000));
        let stamp = Timestamp::from_unix(NoContext, u64::try_from(seconds).unwrap_or(0), u32::try_from(micros).unwrap_or(0) * 1_000);
        Self(Uuid::new_v7(stamp))
    }

    /// Below all ids made at an instant or later.
    #[must_use]
    pub fn least_of(at: Instant) -> Self {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(Self::new(at.max(0)).bytes()).take(6).for_each(|(to, from)| *to = *from);
        Self(Uuid::from_bytes(bytes))
    }

    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Column for Id {
    fn to_value(&self) -> Value {
        Value::Bytes(self.0.as_bytes().to_vec())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let bytes = Vec::<u8>::from_value(value)?;
        Uuid::from_slice(&bytes).map(Self).map_err(|_| DbError::shape("an id has 16 bytes"))
    }
}

/// Makes a type of its own for the ids of one kind of thing: `ids! { /// A person or an AI agent. StaffId }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $crate::id::Id);

        impl $name {
            /// A new one, made at an instant.
            #[must_use]
            pub fn new(at: charter::time::Instant) -> Self {
                Self($crate::id::Id::new(at))
            }

            /// After every other one: where a list that shows the latest first begins.
            #[must_use]
            pub fn last() -> Self {
                Self($crate::id::Id::from_bytes([0xff; 16]))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = <$crate::id::Id as std::str::FromStr>::Err;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl $crate::db::Column for $name {
            fn to_value(&self) -> $crate::db::Value {
                self.0.to_value()
            }

            fn from_value(value: $crate::db::Value) -> Result<Self, $crate::db::DbError> {
                $crate::db::Column::from_value(value).map(Self)
            }
        }
    )+ };
}
