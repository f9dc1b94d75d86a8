//! Passes: a few words that this installation signed, and takes back from whoever brings them. The key is made when it is first needed, and is the same for
//! every node; nothing else is kept. What a pass means, and how long, is the business of whoever signs it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use charter::time::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::db::{DbError, Tx};
use crate::{params, statements};

statements! {
    KEY = "SELECT secret FROM pass_keys WHERE name = ?1";
    MAKE_KEY = "INSERT INTO pass_keys (name, secret, made_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING";
}

/// Makes the key of a kind of passes, if there is none yet.
///
/// # Errors
/// [`DbError`] when it cannot be kept, or this machine gives no random numbers.
pub async fn prepare(tx: &mut Tx, kind: &str, now: Instant) -> Result<(), DbError> {
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret).map_err(|e| DbError::Unavailable(format!("no random numbers: {e}")))?;
    tx.execute(&MAKE_KEY, params![kind, &secret, now]).await.map(drop)
}

/// Signs words. The key must be there.
///
/// # Errors
/// [`DbError`] when the key cannot be read.
pub async fn sign(tx: &mut Tx, kind: &str, words: &str) -> Result<String, DbError> {
    let (secret,): (Vec<u8>,) = tx.one(&KEY, params![kind]).await?;
    let mac = over(&secret, kind, words).ok_or_else(|| DbError::Defect("a key of passes is none".to_owned()))?;
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(words), URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

/// The words of a pass, if they were signed here; nothing otherwise.
///
/// # Errors
/// [`DbError`] when the key cannot be read.
pub async fn open(tx: &mut Tx, kind: &str, pass: &str) -> Result<Option<String>, DbError> {
    let key: Option<(Vec<u8>,)> = tx.optional(&KEY, params![kind]).await?;
    Ok(key.and_then(|(secret,)| opened(&secret, kind, pass)))
}

fn opened(secret: &[u8], kind: &str, pass: &str) -> Option<String> {
    let (words, signature) = pass.split_once('.')?;
    let words = String::from_utf8(URL_SAFE_NO_PAD.decode(words).ok()?).ok()?;
    // In a time that says nothing about how much of it is right.
    over(secret, kind, &words)?.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    Some(words)
}

fn over(secret: &[u8], kind: &str, words: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(kind.as_bytes());
    mac.update(&[0]);
    mac.update(words.as_bytes());
    Some(mac)
}
