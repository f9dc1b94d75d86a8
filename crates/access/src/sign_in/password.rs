//! Passwords: hashed with argon2id on threads that may block, a few at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::limits;
use crate::secret::random;

/// Hashes and checks passwords. Cloned, it is the same.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    argon: Argon2<'static>,
    /// Of a password nobody has: what is sent for an unknown address is checked against it, so that it takes as long as for a known one.
    nobodys: String,
    turns: Semaphore,
    checked: AtomicU64,
}

/// A password could not be hashed: no memory, no randomness, no thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotHash;

/// How much work one check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// 19 MiB and two passes, as OWASP recommends.
    Usual,
    /// Next to none, for tests.
    Least,
}

impl Passwords {
    /// With the work that one check is to be.
    ///
    /// # Errors
    /// When nothing can be hashed on this machine.
    pub fn new(cost: Cost) -> Result<Self, CannotHash> {
        let params = match cost {
            Cost::Usual => Params::new(19_456, 2, 1, None),
            Cost::Least => Params::new(8, 1, 1, None),
        };
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| CannotHash)?);
        let nobodys = hash(&argon, "a password nobody has")?;
        Ok(Self(Arc::new(Inner { argon, nobodys, turns: Semaphore::new(limits::PASSWORDS_AT_ONCE), checked: AtomicU64::new(0) })))
    }

    /// What is kept of a password.
    ///
    /// # Errors
    /// [`CannotHash`].
    pub async fn hash(&self, password: String) -> Result<String, CannotHash> {
        self.blocking(move |inner| hash(&inner.argon, &password)).await
    }

    /// Whether this is the password of which `kept` is known; without one, the answer is no, and takes as long.
    ///
    /// # Errors
    /// [`CannotHash`].
    pub async fn is(&self, password: String, kept: Option<String>) -> Result<bool, CannotHash> {
        self.0.checked.fetch_add(1, Ordering::Relaxed);
        self.blocking(move |inner| {
            let against = kept.as_deref().unwrap_or(&inner.nobodys);
            let parsed = PasswordHash::new(against).map_err(|_| CannotHash)?;
            let fits = inner.argon.verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(fits && kept.is_some())
        })
        .await
    }

    /// How many passwords were checked since the start, those for unknown addresses included.
    #[must_use]
    pub fn checked(&self) -> u64 {
        self.0.checked.load(Ordering::Relaxed)
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> Result<T, CannotHash> + Send + 'static) -> Result<T, CannotHash> {
        let _turn = self.0.turns.acquire().await.map_err(|_| CannotHash)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner)).await.map_err(|_| CannotHash)?
    }
}

fn hash(argon: &Argon2<'_>, password: &str) -> Result<String, CannotHash> {
    let salt = random::<16>().map_err(|_| CannotHash)?;
    let hash: PasswordHash = argon.hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| CannotHash)?;
    Ok(hash.to_string())
}

/// What is wrong with a new password, if anything. Length is what helps; rules about kinds of characters do not.
pub(crate) fn unfit(password: &str, name: &str, email: &str) -> Option<String> {
    let length = password.chars().count();
    if length < limits::PASSWORD_CHARS_MIN {
        return Some(format!("At least {} characters; these are {length}. A short sentence is easy to remember.", limits::PASSWORD_CHARS_MIN));
    }
    if length > platform::limits::PASSWORD_CHARS {
        return Some(format!("At most {} characters; these are {length}.", platform::limits::PASSWORD_CHARS));
    }
    let lower = password.to_lowercase();
    let own = [name.to_lowercase(), email.to_lowercase(), email.split('@').next().unwrap_or_default().to_lowercase()];
    if own.iter().any(|own| own.chars().count() > 3 && lower.replace(own.as_str(), "").chars().count() < limits::PASSWORD_CHARS_MIN / 2) {
        return Some("This is little more than the name or the e-mail address. Choose something nobody would try.".to_owned());
    }
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    (different.len() < 5).then(|| "This repeats a few characters. Choose something nobody would try.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_passwords() {
        let cases = [
            ("seven old lanterns", true),
            ("elevenchars", false),
            ("twelve chars", true),
            ("aaaaaaaaaaaaaaa", false),
            ("ana.marques@leeway.example", false),
            ("Ana.Marques1234", false),
            (&"ab1 ".repeat(250), false),
            (&"abcdefghij".repeat(100), true),
            (&"abcdefghijk".repeat(100), false),
        ];
        for (password, fits) in cases {
            assert_eq!(unfit(password, "Ana Marques", "ana.marques@leeway.example").is_none(), fits, "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let passwords = Passwords::new(Cost::Least).unwrap();
        let kept = passwords.hash("seven old lanterns".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{kept}");
        let cases =
            [("seven old lanterns", Some(kept.clone()), true), ("Seven old lanterns", Some(kept.clone()), false), ("a password nobody has", None, false)];
        for (password, kept, expected) in cases {
            assert_eq!(passwords.is(password.to_owned(), kept).await, Ok(expected), "{password}");
        }
        assert_eq!(passwords.checked(), 3);
        let of = |hash: &str| hash.split('$').nth(3).map(str::to_owned);
        assert_eq!(of(&passwords.0.nobodys), of(&kept), "the same work for an unknown address");
    }
}
