use super::SyntaxError;
use crate::decimal::{Decimal, NotDecimal};
use crate::diagnostics::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(Decimal),
    Text(String),
    Name(String),
    Mark(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const MARKS: [&str; 21] = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{"];

pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Span)>, SyntaxError> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(first) = rest(source, at).chars().next() {
        let begin = at;
        let token = if is_space(first) {
            at += first.len_utf8();
            continue;
        } else if first.is_ascii_digit() || (first == '.' && rest(source, at + 1).starts_with(|c: char| c.is_ascii_digit())) {
            number(source, &mut at)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            name(source, &mut at)?
        } else if first == '"' || first == '\'' {
            text(source, &mut at, first)?
        } else {
            mark(source, &mut at)?
        };
        list.push((token, begin..at));
    }
    list.push((Token::End, source.len()..source.len()));
    Ok(list)
}

/// What CEL takes for space: of all Unicode spaces only these.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn rest(source: &str, at: usize) -> &str {
    source.get(at..).unwrap_or("")
}

fn number(source: &str, at: &mut usize) -> Result<Token, SyntaxError> {
    let begin = *at;
    let length = rest(source, begin).find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(source.len() - begin);
    *at += length;
    let written = source.get(begin..*at).unwrap_or("");
    Decimal::read(written).map(Token::Number).map_err(|why| SyntaxError {
        unsupported: why == NotDecimal::Malformed,
        too_large: why == NotDecimal::TooLong,
        span: begin..*at,
        message: format!("`{written}` is not a number of the language"),
        expected: why.to_string(),
    })
}

fn name(source: &str, at: &mut usize) -> Result<Token, SyntaxError> {
    let begin = *at;
    let length = rest(source, begin).find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(source.len() - begin);
    *at += length;
    let word = source.get(begin..*at).unwrap_or("");
    if word == "in" {
        return Ok(Token::Mark("in"));
    }
    let is_prefix = matches!(word, "r" | "b" | "R" | "B" | "rb" | "br");
    if is_prefix && rest(source, *at).starts_with(['"', '\'']) {
        return Err(left_out(begin..*at, "raw texts and bytes are left out", "a plain text in quotes"));
    }
    Ok(Token::Name(word.to_owned()))
}

fn text(source: &str, at: &mut usize, quote: char) -> Result<Token, SyntaxError> {
    let begin = *at;
    let mut value = String::new();
    let mut characters = rest(source, begin + 1).char_indices();
    while let Some((offset, c)) = characters.next() {
        let here = begin + 1 + offset;
        match c {
            _ if c == quote => {
                *at = here + 1;
                return Ok(Token::Text(value));
            }
            '\\' => {
                let escaped = characters.next().map(|(_, e)| e);
                value.push(escape(escaped).ok_or_else(|| left_out(here..here + 1, "this escape is left out", "one of \\\\ \\\" \\' \\n \\t"))?);
            }
            '\n' | '\r' => break,
            _ => value.push(c),
        }
    }
    Err(wrong(begin..source.len(), "this text does not end", format!("a closing {quote}")))
}

fn escape(c: Option<char>) -> Option<char> {
    match c? {
        'n' => Some('\n'),
        't' => Some('\t'),
        c @ ('\\' | '"' | '\'') => Some(c),
        _ => None,
    }
}

fn mark(source: &str, at: &mut usize) -> Result<Token, SyntaxError> {
    let here = rest(source, *at);
    if let Some(found) = MARKS.iter().chain(&["}"]).find(|m| here.starts_with(**m)) {
        *at += found.len();
        return Ok(Token::Mark(found));
    }
    let first = here.chars().next().unwrap_or(' ');
    let span = *at..*at + first.len_utf8();
    Err(match first {
        '/' | '%' => left_out(span, format!("`{first}` is left out: a quotient is not exact"), "a product, or percent(p, money)"),
        '=' => wrong(span, "`=` does not compare", "`==`"),
        '&' => wrong(span, "`&` is not an operator", "`&&`"),
        '|' => wrong(span, "`|` is not an operator", "`||`"),
        _ => wrong(span, format!("`{}` does not belong in an expression", first.escape_debug()), "a name, a literal or an operator"),
    })
}

fn left_out(span: Span, message: impl Into<String>, expected: impl Into<String>) -> SyntaxError {
    SyntaxError { unsupported: true, ..wrong(span, message, expected) }
}

fn wrong(span: Span, message: impl Into<String>, expected: impl Into<String>) -> SyntaxError {
    SyntaxError { unsupported: false, too_large: false, span, message: message.into(), expected: expected.into() }
}
