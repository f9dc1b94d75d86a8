//! What goes into a column and comes out of it. Four shapes are enough for both databases: truths are 0 and 1, instants microseconds, documents text.

use super::DbError;

/// The value of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `INTEGER` in SQLite, `BIGINT` in PostgreSQL.
    Int(i64),
    /// `TEXT` in both.
    Text(String),
    /// `BLOB` in SQLite, `BYTEA` in PostgreSQL.
    Bytes(Vec<u8>),
}

/// A type that can be kept in one column.
pub trait Column: Sized {
    /// The value to keep.
    fn to_value(&self) -> Value;

    /// The type again.
    ///
    /// # Errors
    /// When the column holds another shape: the statement and the code do not fit.
    fn from_value(value: Value) -> Result<Self, DbError>;
}

/// One row of an answer: its columns, taken from the left.
#[derive(Debug)]
pub struct Row {
    columns: std::vec::IntoIter<Value>,
}

impl Row {
    pub(super) fn new(columns: Vec<Value>) -> Self {
        Self { columns: columns.into_iter() }
    }

    /// The next column.
    ///
    /// # Errors
    /// When there is none, or it holds another shape.
    pub fn take<T: Column>(&mut self) -> Result<T, DbError> {
        let value = self.columns.next().ok_or_else(|| DbError::shape("fewer columns than are read"))?;
        T::from_value(value)
    }
}

/// A type that is read from a row.
pub trait FromRow: Sized {
    /// Takes the columns in the order of the statement.
    ///
    /// # Errors
    /// When a column does not fit.
    fn from_row(row: &mut Row) -> Result<Self, DbError>;
}

/// A row that may hold what nobody can read, under a key that can be read: for those who look at whatever is there, and go on.
#[derive(Clone, Debug)]
pub struct Perhaps<K, T> {
    /// The first columns.
    pub key: K,
    /// The rest of them; otherwise why it cannot be read.
    pub row: Result<T, DbError>,
}

impl<K: FromRow, T: FromRow> FromRow for Perhaps<K, T> {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { key: K::from_row(row)?, row: T::from_row(row) })
    }
}

impl<A: Column> FromRow for (A,) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((row.take()?,))
    }
}

impl<A: Column, B: Column> FromRow for (A, B) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((row.take()?, row.take()?))
    }
}

impl<A: Column, B: Column, C: Column> FromRow for (A, B, C) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((row.take()?, row.take()?, row.take()?))
    }
}

impl<A: Column, B: Column, C: Column, D: Column> FromRow for (A, B, C, D) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((row.take()?, row.take()?, row.take()?, row.take()?))
    }
}

impl Column for i64 {
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Int(n) => Ok(n),
            other => Err(DbError::shape(format!("an integer is expected, not {other:?}"))),
        }
    }
}

impl Column for bool {
    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        i64::from_value(value).map(|n| n != 0)
    }
}

impl Column for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(DbError::shape(format!("a text is expected, not {other:?}"))),
        }
    }
}

impl Column for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(DbError::shape(format!("bytes are expected, not {other:?}"))),
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::to_value)
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        if value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

impl<T: Column> From<&T> for Value {
    fn from(value: &T) -> Self {
        value.to_value()
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

/// The values of a statement, in the order of `?1`, `?2`, …: `params![&id, "open", at]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Value::from($value)),*] };
}
