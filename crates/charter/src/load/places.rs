//! Where a part of a text stands in the file, when the file writes the text with escapes.

/// The place in a quoted TOML string, as written, of each byte of the text it stands for, and of its end.
/// Nothing if the string does not stand for a text of that length.
pub(super) fn places(written: &str, length: usize) -> Option<Vec<usize>> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let many = written.get(1..3).is_some_and(|next| next.chars().all(|c| c == quote)) && written.len() >= 6;
    let (begin, end) = if many { (3, written.len() - 3) } else { (1, written.len().checked_sub(1)?) };
    let inside = written.get(begin..end)?;
    let mut at = if many { first_line_break(inside) } else { 0 };
    let mut places = Vec::with_capacity(length + 1);
    while let Some(rest) = inside.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let (taken, stands_for) = if first == '\\' && quote == '"' { escape(rest) } else { (first.len_utf8(), first.len_utf8()) };
        places.extend((0..stands_for).map(|i| begin + at + if taken == stands_for { i } else { 0 }));
        at += taken;
    }
    places.push(end);
    (places.len() == length + 1).then_some(places)
}

/// A line break right after the three quotes does not belong to the text.
fn first_line_break(inside: &str) -> usize {
    ["\r\n", "\n"].iter().find(|b| inside.starts_with(**b)).map_or(0, |b| b.len())
}

/// How long an escape is, and how many bytes it stands for.
fn escape(rest: &str) -> (usize, usize) {
    let digits = match rest.chars().nth(1) {
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        // A backslash at the end of a line takes the white space that follows.
        Some(c) if c.is_whitespace() => return (rest.len() - rest.get(1..).unwrap_or("").trim_start().len(), 0),
        _ => return (2, 1),
    };
    let code = rest.get(2..2 + digits).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
    (2 + digits, code.map_or(0, char::len_utf8))
}
