//! Any text as an expression.

use charter::syntax::{Expr, Kind, parse, print};
use charter::{Sources, limits, load};

use super::{asking, loading};

/// Facts of every type, and room for an expression in each place that has one.
const FRAME: &str = include_str!("../charters/frame.toml");

/// The places of the frame, with the keys around them.
const PLACES: &[(&str, &str)] = &[
    ("worth", "[[remedy]]\nid = \"bread\"\ntitle = \"Bread\"\nmeasure = { count = \"loaves\" }\n"),
    ("up_to", "[[allow]]\nid = \"limit\"\nremedies = [\"refund\"]\nlevel = \"agent\"\nper = [\"order\", \"customer.region\"]\n"),
    ("up_to", "[[allow]]\nid = \"discount\"\nremedies = [\"discount\"]\nlevel = \"agent\"\n"),
    ("exactly", "[[allow]]\nid = \"exact\"\nremedies = [\"refund\"]\nlevel = \"agent\"\n"),
    ("who", "[[forbid]]\nid = \"person\"\n"),
    ("when", "[[forbid]]\nid = \"amounts\"\nremedies = [\"refund\"]\nbelow = \"lead\"\n"),
    ("amount", "[[cap]]\nid = \"sum\"\nremedies = [\"refund\"]\nper = \"customer\"\nwithin = \"month\"\n"),
    ("count", "[[cap]]\nid = \"number\"\nwithin = \"36h\"\n"),
    ("named", "[[allow]]\nid = \"defined\"\nremedies = [\"card\"]\nlevel = \"agent\"\nwhen = 'named'\n[define]\n"),
];

/// A text that reads as an expression prints to one that reads the same, which is CEL; and in every place of a charter it is refused or answers.
pub(crate) fn check(text: &str) {
    match parse(text) {
        Ok(expr) => {
            prints(text, &expr);
            is_cel(text, &expr);
            for (key, around) in PLACES {
                in_place(key, around, text);
            }
        }
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "an error out of the text or within a character: {error:?}"),
    }
    loading::alone(&frame("when", "[[allow]]\nid = \"condition\"\nremedies = [\"refund\"]\nlevel = \"agent\"\nunlimited = true\n", text));
}

fn prints(text: &str, expr: &Expr) {
    let printed = print(expr);
    if printed.len() > limits::EXPRESSION_BYTES {
        return;
    }
    match parse(&printed) {
        Ok(again) => {
            assert_eq!(bare(expr), bare(&again), "`{printed}` reads as something else than `{text}`");
            assert_eq!(printed, print(&again), "printed again it is another text");
        }
        Err(error) => panic!("`{printed}`, printed from `{text}`, is no expression: {error:?}"),
    }
}

/// The tree without places.
fn bare(expr: &Expr) -> Expr {
    let boxed = |e: &Expr| Box::new(bare(e));
    let list = |l: &[Expr]| l.iter().map(bare).collect();
    let kind = match &expr.kind {
        Kind::Select(of, field) => Kind::Select(boxed(of), field.clone()),
        Kind::Index(of, key) => Kind::Index(boxed(of), boxed(key)),
        Kind::Call(name, arguments) => Kind::Call(name.clone(), list(arguments)),
        Kind::Unary(op, operand) => Kind::Unary(*op, boxed(operand)),
        Kind::Binary(op, left, right) => Kind::Binary(*op, boxed(left), boxed(right)),
        Kind::Choose(condition, yes, no) => Kind::Choose(boxed(condition), boxed(yes), boxed(no)),
        Kind::List(entries) => Kind::List(list(entries)),
        Kind::Table(entries) => Kind::Table(entries.iter().map(|(key, value)| (bare(key), bare(value))).collect()),
        plain @ (Kind::Number(_) | Kind::Text(_) | Kind::Truth(_) | Kind::Name(_)) => plain.clone(),
    };
    Expr { kind, span: 0..0 }
}

/// What we accept another reader of CEL accepts too.
fn is_cel(text: &str, expr: &Expr) {
    if let Err(error) = cel::parser::Parser::default().parse(text) {
        assert!(differs(expr), "`{text}` is ours but not CEL: {error}");
    }
}

/// Words that CEL keeps for itself. To us they are names like others; loading refuses those that nothing declares.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Where we knowingly read more than CEL, or say later that it is wrong.
fn differs(expr: &Expr) -> bool {
    let any = |list: &[Expr]| list.iter().any(differs);
    match &expr.kind {
        Kind::Name(name) => RESERVED.contains(&name.as_str()),
        // CEL reads `true` and the like after a point as literals.
        Kind::Select(of, field) => matches!(field.as_str(), "true" | "false" | "null") || differs(of),
        // `has` is a macro with rules of its own; loading refuses it as a function that the language does not have.
        Kind::Call(name, arguments) => name == "has" || RESERVED.contains(&name.as_str()) || any(arguments),
        // In CEL `!-a` and `-!a` need parentheses; loading refuses both, because a truth has no sign.
        Kind::Unary(op, operand) => matches!(&operand.kind, Kind::Unary(inner, _) if inner != op) || differs(operand),
        Kind::Index(a, b) | Kind::Binary(_, a, b) => differs(a) || differs(b),
        Kind::Choose(a, b, c) => differs(a) || differs(b) || differs(c),
        Kind::List(entries) => any(entries),
        Kind::Table(entries) => entries.iter().any(|(key, value)| differs(key) || differs(value)),
        Kind::Number(_) | Kind::Text(_) | Kind::Truth(_) => false,
    }
}

fn in_place(key: &str, around: &str, text: &str) {
    let loaded = load(&Sources { text: &frame(key, around, text), ..Sources::default() });
    if let Some(charter) = &loaded.charter {
        asking::ask(charter);
    }
}

fn frame(key: &str, around: &str, text: &str) -> String {
    format!("{FRAME}{around}{key} = {}\n", in_quotes(text))
}

/// As people write it, in single quotes, where that is possible: then findings have their place within it.
fn in_quotes(text: &str) -> String {
    if !text.contains(|c: char| c == '\'' || c.is_control()) {
        return format!("'{text}'");
    }
    let escaped: String = text.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { format!("\\U{:08X}", u32::from(c)) } else { c.into() }).collect();
    format!("\"{escaped}\"")
}
