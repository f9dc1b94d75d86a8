use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Column, DbError, FromRow, Row, Value};
use platform::ids;

ids! {
    /// A customer, an order, or another subject of cases.
    SubjectId
}

/// The name to hold while something is given to a customer, or while they become another one.
#[must_use]
pub fn held(customer: SubjectId) -> String {
    format!("customer {customer}")
}

/// A subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectRow {
    /// Which.
    pub id: SubjectId,
    /// `customer`, `order`, …
    pub kind: String,
    /// The name it has where it comes from, unique among its kind. Charters know it by this name.
    pub reference: String,
    /// Whose it is.
    pub customer: Option<SubjectId>,
    /// The one it was found to be the same as.
    pub merged_into: Option<SubjectId>,
}

impl FromRow for SubjectRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, kind: row.take()?, reference: row.take()?, customer: row.take()?, merged_into: row.take()? })
    }
}

/// Who a customer is. All of it can be erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// In which language, and how numbers and dates are written: `nl-NL`.
    pub locale: Option<String>,
    /// How they prefer to be reached.
    pub contact: Option<String>,
}

impl FromRow for Customer {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { name: row.take()?, email: row.take()?, phone: row.take()?, locale: row.take()?, contact: row.take()? })
    }
}

/// What a customer, an order or another subject is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Which.
    pub id: SubjectId,
    /// `customer`, `order`, …
    pub kind: String,
    /// The name it has where it comes from.
    pub reference: String,
    /// Of a customer: their name; of anything else, that of its customer.
    pub name: Option<String>,
    /// Of a customer: their e-mail address; of anything else, that of its customer.
    pub email: Option<String>,
    /// Whose it is; of a customer, themselves.
    pub customer: Option<SubjectId>,
}

impl Called {
    /// The name, or the reference where none is known.
    #[must_use]
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.reference.clone())
    }
}

impl FromRow for Called {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.take()?, kind: row.take()?, reference: row.take()?, name: row.take()?, email: row.take()?, customer: row.take()? })
    }
}

/// What somebody's word on a fact is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody said so: the customer, or an AI agent.
    Stated,
    /// A person at the desk says so, of the level that is kept with it.
    Person,
    /// A named system says so.
    System,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Person => "person",
            Self::System => "system",
        }
    }
}

impl Column for Standing {
    fn to_value(&self) -> Value {
        Value::from(self.word())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        let word = String::from_value(value)?;
        let all = [Self::Stated, Self::Person, Self::System];
        all.into_iter().find(|s| s.word() == word).ok_or_else(|| DbError::Defect(format!("`{word}` is not a standing")))
    }
}

/// The latest word on a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// `subject.fact`, as the charter names it.
    pub name: String,
    /// The value, as a request writes it (JSON).
    pub value: String,
    /// What the word is worth.
    pub standing: Standing,
    /// The level of the person who said so.
    pub level: Option<String>,
    /// Who said so.
    pub actor: Actor,
    /// When.
    pub at: Instant,
}

impl FromRow for FactRow {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { name: row.take()?, value: row.take()?, standing: row.take()?, level: row.take()?, actor: row.take()?, at: row.take()? })
    }
}
