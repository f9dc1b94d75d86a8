//! One layout for every charter, so that a change shows what changed and nothing else.
//!
//! Tables, keys and comments keep their order. One space stands around `=`, one blank line before each header, comments behind a line begin in one
//! column, expressions are written in the one way of [`syntax::print`] and stand in single quotes.

use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, Key, KeyMut, Table, Value};

use crate::decimal::Decimal;
use crate::diagnostics::{Code, Finding, Findings};
use crate::{document, limits, syntax};

/// How many characters stand before a comment behind a line, if the line leaves room.
const COMMENT_COLUMN: usize = 59;
const INDENT: &str = "  ";

/// Lays out the text of a charter. What it says stays the same, and laying it out again changes nothing.
///
/// # Errors
/// Where the text is not TOML, or too large.
pub fn format(text: &str) -> Result<String, Vec<Finding>> {
    let mut findings = Findings::default();
    document::read(text, &mut findings);
    let mut found = findings.finish().0;
    found.retain(|f| matches!(f.code, Code::Toml | Code::TooLarge));
    if !found.is_empty() {
        return Err(found);
    }
    let mut document: DocumentMut = text.parse().map_err(|error| vec![not_toml(&error)])?;
    let ending = lines_above(document.trailing().as_str().unwrap_or_default(), false);
    let is_empty = document.is_empty();
    document.set_trailing(if is_empty { ending } else { ending.trim_end().to_owned() });
    contents(document.as_table_mut(), &mut Vec::new(), 0, &mut true);
    Ok(format!("{}\n", document.to_string().trim_matches(['\n', ' '])).trim_start().to_owned())
}

fn not_toml(error: &toml_edit::TomlError) -> Finding {
    let span = error.span().unwrap_or(0..0);
    Finding { code: Code::Toml, severity: Code::Toml.severity(), message: error.message().to_owned(), span, expected: "TOML".to_owned(), help: None }
}

/// Lays out what a table contains. `path` leads to it, its header is as long as `header_ends`, and `first` holds until one of its keys has been seen.
fn contents(table: &mut Table, path: &mut Vec<String>, header_ends: usize, first: &mut bool) {
    for (mut key, item) in table.iter_mut() {
        path.push(key.get().to_owned());
        match item {
            Item::Value(value) => pair(&mut key, value, path, header_ends, std::mem::take(first)),
            Item::Table(inner) if inner.is_dotted() => {
                clear(key.dotted_decor_mut());
                contents(inner, path, header_ends, first);
            }
            Item::Table(inner) => {
                bare(&mut key);
                header(inner, path, 1);
            }
            Item::ArrayOfTables(tables) => {
                bare(&mut key);
                tables.iter_mut().for_each(|inner| header(inner, path, 2));
            }
            Item::None => {}
        }
        path.pop();
    }
}

fn bare(key: &mut KeyMut<'_>) {
    clear(key.leaf_decor_mut());
    clear(key.dotted_decor_mut());
}

fn clear(decor: &mut Decor) {
    *decor = Decor::new("", "");
}

/// Lays out a table with a header of its own.
fn header(table: &mut Table, path: &mut Vec<String>, brackets: usize) {
    let above = lines_above(prefix(table.decor()), false);
    let width = path.join(".").chars().count() + 2 * brackets;
    let behind = comment_behind(suffix(table.decor()), Some(width));
    *table.decor_mut() = Decor::new(format!("\n{}", above.trim_start_matches('\n')), behind);
    contents(table, path, path.len(), &mut true);
}

/// Lays out a key and its value.
fn pair(key: &mut KeyMut<'_>, value: &mut Value, path: &[String], header_ends: usize, first: bool) {
    let above = lines_above(prefix(key.leaf_decor()), first);
    clear(key.dotted_decor_mut());
    *key.leaf_decor_mut() = Decor::new(above, " ");
    let behind = suffix(value.decor()).to_owned();
    *value.decor_mut() = Decor::new(" ", "");
    whole(value, path, "");
    let shown = value.to_string();
    let above_it = path.get(header_ends..path.len().saturating_sub(1)).unwrap_or_default();
    let keys = above_it.iter().map(|name| name.chars().count() + ".".len()).sum::<usize>() + key.display_repr().chars().count();
    let width = (!shown.contains('\n')).then(|| keys + " =".len() + shown.chars().count());
    value.decor_mut().set_suffix(comment_behind(&behind, width));
}

/// The comments and blank lines above something: comments bare, blank lines one at a time, none at the beginning if it is the first.
fn lines_above(raw: &str, first: bool) -> String {
    let mut lines: Vec<&str> = raw.split('\n').map(str::trim).collect();
    lines.pop_if(|last| last.is_empty());
    lines.dedup_by(|next, last| next.is_empty() && last.is_empty());
    if first && lines.first().is_some_and(|line| line.is_empty()) {
        lines.remove(0);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn comment_behind(raw: &str, width: Option<usize>) -> String {
    let comment = raw.trim();
    if comment.is_empty() {
        return String::new();
    }
    let gap = width.map_or(1, |width| COMMENT_COLUMN.saturating_sub(width).max(1));
    format!("{}{comment}", " ".repeat(gap))
}

fn prefix(decor: &Decor) -> &str {
    decor.prefix().and_then(|raw| raw.as_str()).unwrap_or_default()
}

fn suffix(decor: &Decor) -> &str {
    decor.suffix().and_then(|raw| raw.as_str()).unwrap_or_default()
}

/// Lays out a value without what stands around it.
fn whole(value: &mut Value, path: &[String], indent: &str) {
    match value {
        Value::Array(list) => array(list, path, indent),
        Value::InlineTable(table) => inline_table(table, path, indent),
        Value::String(text) if holds_expression(path) => {
            if let Some(written) = expression(text.value()) {
                *value = written;
                *value.decor_mut() = Decor::new(" ", "");
            }
        }
        _ => {}
    }
}

/// A list keeps its lines: on one if it was on one, otherwise each entry on its own.
fn array(list: &mut Array, path: &[String], indent: &str) {
    let on_lines = breaks(list.trailing().as_str()) || list.iter().any(|entry| breaks_around(entry.decor()));
    let inner = format!("{indent}{INDENT}");
    for (place, entry) in list.iter_mut().enumerate() {
        let (before, after) = (prefix(entry.decor()).to_owned(), suffix(entry.decor()).to_owned());
        whole(entry, path, if on_lines { &inner } else { indent });
        *entry.decor_mut() = match (on_lines, place) {
            (true, _) => Decor::new(between(&before, &inner), before_comma(&after, &inner)),
            (false, 0) => Decor::new("", ""),
            (false, _) => Decor::new(" ", ""),
        };
    }
    let ending = list.trailing().as_str().unwrap_or_default().to_owned();
    let has_comment = ending.contains('#');
    let ending = if on_lines && (has_comment || !list.is_empty()) { last_lines(&ending, indent) } else { String::new() };
    list.set_trailing(ending);
    list.set_trailing_comma(on_lines && !list.is_empty());
}

fn inline_table(table: &mut InlineTable, path: &[String], indent: &str) {
    let on_lines = breaks(table.trailing().as_str()) || pairs_break(table);
    let inner = format!("{indent}{INDENT}");
    let (mut path, count) = (path.to_vec(), table.get_values().len());
    inline_pairs(table, &mut path, on_lines.then_some(inner.as_str()), &mut (0, count));
    let ending = table.trailing().as_str().unwrap_or_default().to_owned();
    let ending = if on_lines && (ending.contains('#') || !table.is_empty()) { last_lines(&ending, indent) } else { String::new() };
    table.set_trailing(ending);
    table.set_trailing_comma(on_lines && !table.is_empty());
}

/// Lays out the pairs of an inline table, dotted ones too: how many are done, of how many.
fn inline_pairs(table: &mut InlineTable, path: &mut Vec<String>, on_lines: Option<&str>, done: &mut (usize, usize)) {
    for (mut key, value) in table.iter_mut() {
        path.push(key.get().to_owned());
        clear(key.dotted_decor_mut());
        if let Value::InlineTable(inner) = value
            && inner.is_dotted()
        {
            inline_pairs(inner, path, on_lines, done);
        } else {
            done.0 += 1;
            let (before, after) = (prefix(key.leaf_decor()).to_owned(), suffix(value.decor()).to_owned());
            whole(value, path, on_lines.unwrap_or_default());
            let last = if done.0 == done.1 { " " } else { "" };
            let (above, behind) = on_lines.map_or((" ".to_owned(), last.to_owned()), |inner| (between(&before, inner), before_comma(&after, inner)));
            *key.leaf_decor_mut() = Decor::new(above, " ");
            *value.decor_mut() = Decor::new(" ", behind);
        }
        path.pop();
    }
}

fn pairs_break(table: &InlineTable) -> bool {
    let breaks_in_pair = |(path, value): &(Vec<&Key>, &Value)| path.last().is_some_and(|key| breaks_around(key.leaf_decor())) || breaks_around(value.decor());
    table.get_values().iter().any(breaks_in_pair)
}

fn breaks_around(decor: &Decor) -> bool {
    breaks(Some(prefix(decor))) || breaks(Some(suffix(decor)))
}

fn breaks(raw: Option<&str>) -> bool {
    raw.is_some_and(|raw| raw.contains('\n'))
}

/// What stands between a comma, or an opening bracket, and the next entry: a comment behind the comma, comments on their own lines, the indentation.
fn between(raw: &str, indent: &str) -> String {
    let mut lines = raw.split('\n').map(str::trim);
    let behind = lines.next().filter(|line| !line.is_empty()).map(|comment| format!(" {comment}")).unwrap_or_default();
    let above = lines.filter(|line| !line.is_empty()).map(|comment| format!("\n{indent}{comment}"));
    format!("{behind}{}\n{indent}", above.collect::<String>())
}

/// What stands between an entry and its comma: nothing, or a comment, after which the comma needs a line of its own.
fn before_comma(raw: &str, indent: &str) -> String {
    let comments: Vec<&str> = raw.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    if comments.is_empty() { String::new() } else { format!(" {}\n{indent}", comments.join(&format!("\n{indent}"))) }
}

/// What stands between the last comma and the closing bracket.
fn last_lines(raw: &str, indent: &str) -> String {
    let with_comments = between(raw, &format!("{indent}{INDENT}"));
    format!("{}\n{indent}", with_comments.trim_end_matches(' ').trim_end_matches('\n'))
}

/// Whether the language has an expression at this place of a charter.
fn holds_expression(path: &[String]) -> bool {
    let mut names = path.iter().map(String::as_str);
    matches!(
        (names.next(), names.next()),
        (Some("define"), Some(_))
            | (Some("remedy"), Some("minimum" | "worth" | "usual"))
            | (Some("allow"), Some("when" | "who" | "up_to" | "exactly" | "stretch"))
            | (Some("forbid"), Some("when" | "who"))
            | (Some("cap"), Some("when" | "who" | "amount" | "count"))
            | (Some("group"), Some("when"))
    )
}

/// An expression as it is to be written; nothing if it should stay as it is: a plain number, or what is not an expression.
fn expression(text: &str) -> Option<Value> {
    if Decimal::read(text).is_ok() {
        return None;
    }
    let printed = syntax::print(&syntax::parse(text).ok()?);
    let reads_the_same = syntax::parse(&printed).is_ok_and(|again| syntax::print(&again) == printed);
    if !reads_the_same || printed.len() > limits::EXPRESSION_BYTES {
        return None;
    }
    let literal = !printed.contains(char::is_control) && !printed.contains("'''") && !printed.ends_with('\'');
    match printed.contains('\'') {
        false if literal => format!("'{printed}'").parse().ok(),
        true if literal => format!("'''{printed}'''").parse().ok(),
        _ => Some(Value::from(printed)),
    }
}

#[cfg(test)]
mod tests;
