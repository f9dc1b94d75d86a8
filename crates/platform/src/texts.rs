//! Words people wrote, and personal values: rows that can be erased. What refers to them keeps an id and a salted digest, so that it can be shown later that
//! an erased text is the one that was there, to whoever still has it, and to nobody else.

use std::collections::HashMap;

use charter::time::Instant;
use sha2::{Digest, Sha256};

use crate::db::{DbError, Tx, Value, fifties};
use crate::{ids, params, statements};

statements! {
    KEEP = "INSERT INTO texts (id, salt, text, kept_at) VALUES (?1, ?2, ?3, ?4)";
    READ = "SELECT text FROM texts WHERE id = ?1";
    READ_ALL = concat!("SELECT id, text FROM texts WHERE text IS NOT NULL AND id IN (", crate::fifty!(), ")");
    ERASE = "UPDATE texts SET text = NULL, salt = NULL, erased_at = ?2 WHERE id = ?1 AND erased_at IS NULL";
}

ids! {
    /// A text that can be erased.
    TextId
}

/// A kept text, as other rows refer to it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    /// Where it is.
    pub text: TextId,
    /// SHA-256 over salt and text, in hexadecimal.
    pub digest: String,
}

/// Keeps a text.
///
/// # Errors
/// [`DbError`] when it cannot be kept.
pub async fn keep(tx: &mut Tx, text: &str, at: Instant) -> Result<Kept, DbError> {
    let id = TextId::new(at);
    // The random part of another id: 74 bits nobody can guess.
    let salt = TextId::new(at).0.bytes().to_vec();
    let mut sum = Sha256::new();
    sum.update(&salt);
    sum.update(text.as_bytes());
    let digest = crate::hex(&sum.finalize());
    tx.execute(&KEEP, params![&id, &salt, text, at]).await?;
    Ok(Kept { text: id, digest })
}

/// A text; nothing when it was erased.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn read(tx: &mut Tx, id: TextId) -> Result<Option<String>, DbError> {
    let found: Option<(Option<String>,)> = tx.optional(&READ, params![&id]).await?;
    Ok(found.and_then(|(text,)| text))
}

/// Several texts at once, without those that were erased.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn read_all(tx: &mut Tx, ids: &[TextId]) -> Result<HashMap<TextId, String>, DbError> {
    let mut texts = HashMap::with_capacity(ids.len());
    for values in fifties(&ids.iter().map(Value::from).collect::<Vec<_>>()) {
        texts.extend(tx.all::<(TextId, String)>(&READ_ALL, &values).await?);
    }
    Ok(texts)
}

/// Erases a text, and says whether it was there.
///
/// # Errors
/// [`DbError`] when it cannot be erased.
pub async fn erase(tx: &mut Tx, id: TextId, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&ERASE, params![&id, at]).await? == 1)
}
