//! What only its owner knows: 256 random bits, handed out once. What is kept is their SHA-256 digest, from which nobody gets back to them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use platform::hex;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A random text that opens something. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

const BYTES: usize = 32;

impl Secret {
    /// A new one. The one place that asks the system for randomness.
    ///
    /// # Errors
    /// [`NoRandomness`] when the system gives none.
    pub fn fresh() -> Result<Self, NoRandomness> {
        random::<BYTES>().map(|bytes| Self(hex(&bytes)))
    }

    /// What somebody sent, if it looks like one: what does not is not looked up.
    pub(crate) fn sent(text: &str) -> Option<Self> {
        let fits = text.len() == 2 * BYTES && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// To be handed to its owner, and to nobody else.
    #[must_use]
    pub fn show(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> Vec<u8> {
        digest("secret", &self.0)
    }

    /// Another secret that follows from this one, for one purpose. Who has it does not get back to this one.
    pub(crate) fn derived(&self, purpose: &str) -> String {
        match Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) {
            Ok(mut mac) => {
                mac.update(purpose.as_bytes());
                hex(&mac.finalize().into_bytes())
            }
            // A key of any length will do, so this does not happen; and an empty text opens nothing.
            Err(_) => String::new(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// SHA-256 over a purpose and a text, so that one digest is never taken for that of another purpose.
pub(crate) fn digest(purpose: &str, text: &str) -> Vec<u8> {
    let mut sum = Sha256::new();
    sum.update(purpose.as_bytes());
    sum.update([0]);
    sum.update(text.as_bytes());
    sum.finalize().to_vec()
}

/// Whether two texts are the same, in a time that does not tell where they differ. Nothing is the same as an empty text.
pub(crate) fn same(a: &str, b: &str) -> bool {
    !a.is_empty() && bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_not_shown() {
        let (a, b) = (Secret::fresh().unwrap(), Secret::fresh().unwrap());
        assert_ne!(a, b);
        assert_ne!(a.digest(), b.digest());
        assert_eq!(format!("{a:?}"), "Secret");
        assert_eq!(Secret::sent(a.show()), Some(a.clone()));
        assert_ne!(a.derived("csrf"), a.derived("other"));
        assert_ne!(a.derived("csrf"), b.derived("csrf"));
        for text in ["", "abc", &"A".repeat(64), &"g".repeat(64), &"0".repeat(65)] {
            assert_eq!(Secret::sent(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_the_same_as_nothing() {
        for (a, b, expected) in [("a", "a", true), ("a", "b", false), ("a", "ab", false), ("", "", false)] {
            assert_eq!(same(a, b), expected, "{a} {b}");
        }
    }
}
