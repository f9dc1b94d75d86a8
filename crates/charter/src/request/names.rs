//! The keys of a JSON text as they stand there: a reader of JSON keeps the last of two alike, and takes one name for a number of its own.

use std::borrow::Cow;

use super::Problem;
use crate::limits;

/// The key under which the reader of JSON keeps a number; an object that has it would become one.
const NUMBER: &str = "$serde_json::private::Number";

/// An object or list that is open: the keys it has had, or the place in it.
enum Open<'t> {
    Object(Vec<Cow<'t, str>>),
    List(usize),
}

/// What is wrong with the keys of a text that is JSON.
pub(super) fn problems(text: &str) -> Vec<Problem> {
    let bytes = text.as_bytes();
    let (mut open, mut problems) = (Vec::new(), Vec::new());
    let (mut at, mut is_key) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => open.push(Open::Object(Vec::new())),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => {
                if let Some(Open::Object(keys)) = open.pop() {
                    of_object(keys, &open, &mut problems);
                }
            }
            b',' => {
                if let Some(Open::List(place)) = open.last_mut() {
                    *place += 1;
                }
            }
            b'"' => {
                let end = end_of_text(bytes, at);
                if let (Some(Open::Object(keys)), Some(key), true) = (open.last_mut(), text.get(at..end), is_key) {
                    keys.push(unquoted(key));
                }
                at = end;
                is_key = false;
                continue;
            }
            _ => {}
        }
        is_key = match byte {
            b'{' | b',' => matches!(open.last(), Some(Open::Object(_))),
            _ => is_key && byte.is_ascii_whitespace(),
        };
        at += 1;
    }
    problems
}

/// Behind the quote that ends the text which begins here.
fn end_of_text(bytes: &[u8], begins: usize) -> usize {
    let mut at = begins + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

fn unquoted(key: &str) -> Cow<'_, str> {
    let plain = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
    if plain.contains('\\') { serde_json::from_str(key).map_or(Cow::Borrowed(plain), Cow::Owned) } else { Cow::Borrowed(plain) }
}

fn of_object(mut keys: Vec<Cow<'_, str>>, around: &[Open<'_>], problems: &mut Vec<Problem>) {
    let mut tell = |key: &str, message: String, expected: &str| {
        if problems.len() < limits::FINDINGS {
            problems.push(Problem { at: place(around, key), message, expected: expected.to_owned() });
        }
    };
    if keys.iter().any(|key| key == NUMBER) {
        tell(NUMBER, format!("`{NUMBER}` is not a key here"), "a number as it is, such as `5`");
    }
    keys.sort_unstable();
    let mut told = None;
    for pair in keys.windows(2) {
        if let [one, other] = pair
            && one == other
            && told != Some(one)
        {
            tell(one, format!("`{}` stands here more than once", super::read::short(one)), "each key once");
            told = Some(one);
        }
    }
}

/// `facts.order.total`, `ledger[0].keys.case`.
fn place(around: &[Open<'_>], key: &str) -> String {
    let mut place = String::new();
    for open in around {
        match open {
            Open::Object(keys) => {
                let point = if place.is_empty() { "" } else { "." };
                place += &format!("{point}{}", super::read::short(keys.last().map_or("", |k| k)));
            }
            Open::List(at) => place += &format!("[{at}]"),
        }
    }
    let point = if place.is_empty() { "" } else { "." };
    format!("{place}{point}{}", super::read::short(key))
}
