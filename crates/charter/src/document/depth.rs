//! How deeply a file nests, found before it is parsed: what is too deep would only be noticed when the stack is gone.

use crate::diagnostics::Span;
use crate::limits;

/// The first place where brackets, or the points of a dotted key, pass [`limits::NESTING`].
pub(super) fn too_deep(text: &str) -> Option<Span> {
    let mut open = 0_usize;
    let mut points = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.as_bytes().get(at..)
        && let Some(first) = rest.first()
    {
        let length = match first {
            b'"' | b'\'' => string(rest, *first),
            b'#' => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            _ => 1,
        };
        match first {
            b'[' | b'{' => (open, points) = (open + 1, 0),
            b']' | b'}' => (open, points) = (open.saturating_sub(1), 0),
            b'=' | b',' | b'\n' => points = 0,
            b'.' => points += 1,
            _ => {}
        }
        if open > limits::NESTING || points >= limits::NESTING {
            return Some(at..at + 1);
        }
        at += length;
    }
    None
}

/// The length of the string that begins here, its quotes included; one that does not end goes on to the end of its line, or of the file.
fn string(rest: &[u8], quote: u8) -> usize {
    let many = rest.starts_with(&[quote; 3]);
    let begin = if many { 3 } else { 1 };
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate().skip(begin) {
        let ends = *byte == quote && (!many || rest.get(at..).is_some_and(|r| r.starts_with(&[quote; 3])));
        if !escaped && ends {
            // Up to two quotes may stand before the three that end it.
            let further = rest.iter().skip(at + begin).take_while(|b| many && **b == quote).take(2).count();
            return at + begin + further;
        }
        if !many && *byte == b'\n' {
            return at;
        }
        escaped = !escaped && *byte == b'\\' && quote == b'"';
    }
    rest.len()
}
