//! Somebody new: a name, and the customer number of another system or one that is made up here.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::http::{Form, Problem};
use platform::id::Id;
use platform::limits::NAME_CHARS;
use ui::components::Field;

use crate::customers;
use crate::subjects::{self, Customer, SubjectId};

/// A field of the form, and what is wrong with it.
pub(super) type Wrong = (&'static str, String);

/// Who somebody new is.
#[derive(Clone, Debug)]
pub(super) struct Somebody {
    name: Option<String>,
    reference: Option<String>,
}

impl Somebody {
    /// What was typed. One of both is enough.
    pub(super) fn read(form: &mut Form) -> Self {
        let (name, reference) = (form.optional("name", NAME_CHARS), form.optional("reference", NAME_CHARS));
        if name.is_none() && reference.is_none() {
            form.wrong("name", "Write a name or a customer number.");
        }
        Self { name, reference }
    }

    /// Keeps them as a customer, with the number they have from now on.
    pub(super) async fn keep(&self, tx: &mut Tx, by: &Actor, at: Instant) -> Result<Result<(SubjectId, String), Wrong>, Problem> {
        let reference = match &self.reference {
            Some(reference) => reference.clone(),
            None => made_up(at),
        };
        tx.hold(&[format!("subject customer {reference}")]).await?;
        if subjects::find(tx, "customer", &reference).await?.is_some() {
            return match self.reference {
                Some(_) => Ok(Err(("reference", format!("`{reference}` is a customer already. Choose them above.")))),
                // Made up twice: the next try makes up another one.
                None => Err(DbError::Contended.into()),
            };
        }
        let id = subjects::keep_subject(tx, "customer", &reference, None, at).await?;
        if self.name.is_some() {
            customers::change(tx, id, &Customer { name: self.name.clone(), ..Customer::default() }, by, at).await?;
        }
        Ok(Ok((id, reference)))
    }
}

/// The fields for somebody new. What was typed to find them is a name or a number; it stands in its field until somebody writes another one there.
pub(super) fn fields(form: &Form, words: &str) -> (Field, Field) {
    let (guess, before) = (meant(words), meant(form.typed("guessed")));
    let field = |name: &str, label: &str, hint: &str, guess: &str, before: &str| {
        let typed = form.typed(name);
        let value = if typed.is_empty() || typed == before { guess } else { typed };
        Field { value: value.to_owned(), error: form.error(name), hint: hint.to_owned(), is_optional: true, ..Field::new(name, label) }
    };
    let number = "As in your shop, such as C-1041. Left empty, one is made up.";
    (field("name", "Name", "", guess.0, before.0), field("reference", "Customer number", number, guess.1, before.1))
}

/// Whether words are the name of somebody.
pub(super) fn is_name(words: &str) -> bool {
    !meant(words).0.is_empty()
}

/// Whether words are a name or a number: a number is one word with a digit in it. An e-mail address is neither.
fn meant(words: &str) -> (&str, &str) {
    match words {
        words if words.contains('@') => ("", ""),
        words if words.contains(char::is_whitespace) || !words.contains(|c: char| c.is_ascii_digit()) => (words, ""),
        words => ("", words),
    }
}

/// A number that can be read out: `N-4F7K-2MXD`, of letters and digits that are not mistaken for each other. It says nothing of who it is: it stays when they
/// are erased.
fn made_up(at: Instant) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letters = |bytes: &[u8]| bytes.iter().filter_map(|b| LETTERS.get(usize::from(b & 31))).map(|b| char::from(*b)).collect::<String>();
    // The last eight bytes are random, but for two bits of the first.
    let id = Id::new(at);
    let (first, second) = id.bytes().split_at(12);
    format!("N-{}-{}", letters(first.get(8..).unwrap_or_default()), letters(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_digit_and_no_blank() {
        let cases = [
            ("Wilma Bos", ("Wilma Bos", "")),
            ("wilma", ("wilma", "")),
            ("C-1041", ("", "C-1041")),
            ("Room 12", ("Room 12", "")),
            ("w.bos@mail.example", ("", "")),
            ("", ("", "")),
        ];
        for (words, expected) in cases {
            assert_eq!(meant(words), expected, "{words}");
        }
    }

    #[test]
    fn what_was_guessed_goes_on_with_what_is_typed() {
        let of = |pairs: &[(&str, &str)], words: &str| {
            let (name, reference) = fields(&Form::filled(pairs.iter().copied()), words);
            (name.value, reference.value)
        };
        let both = |name: &str, reference: &str| (name.to_owned(), reference.to_owned());
        assert_eq!(of(&[], "Wil"), both("Wil", ""));
        assert_eq!(of(&[("guessed", "Wil"), ("name", "Wil")], "Wilma Bos"), both("Wilma Bos", ""));
        assert_eq!(of(&[("guessed", "C-1"), ("reference", "C-1")], "C-12"), both("", "C-12"));
        assert_eq!(of(&[("guessed", "Wil"), ("name", "Wilma Bos")], "Wilm"), both("Wilma Bos", ""), "somebody wrote it");
    }

    #[test]
    fn numbers_are_made_up_anew() {
        let (first, second) = (made_up(1), made_up(1));
        assert!(first != second && first.len() == 11 && first.starts_with("N-"), "{first} {second}");
    }
}
