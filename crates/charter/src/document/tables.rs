use jiff::civil;
use schemars::JsonSchema;
use toml::de::DeValue;

use super::read::{At, Node, Read, table, too_large, wrong_type};
use crate::diagnostics::{Code, Findings, Span};
use crate::limits;
use crate::time;

table! {
    /// A charter file.
    Document, "a charter" {
        /// The version of this language: 1.
        leeway: Option<At<i64>>,
        /// What people call the charter.
        name: Option<At<String>>,
        /// The charter this one stands inside.
        inside: Option<At<String>>,
        /// An ISO 4217 code.
        currency: Option<At<String>>,
        /// An IANA time zone.
        timezone: Option<At<String>>,
        /// The authority ladder, lowest first.
        levels: Option<Vec<At<String>>>,
        /// What a remedy can be given for.
        reasons: Option<Vec<At<String>>>,
        /// The facts about each subject.
        facts: Vec<(At<String>, Vec<(At<String>, FactTable)>)>,
        /// Named expressions.
        define: Vec<(At<String>, Formula)>,
        /// Kinds of trouble.
        issue: Vec<Issue>,
        /// What can be done.
        remedy: Vec<Remedy>,
        /// Guardrails that open.
        allow: Vec<Allow>,
        /// Guardrails that close.
        forbid: Vec<Forbid>,
        /// Guardrails that close with a memory.
        cap: Vec<Cap>,
        /// Who serves an escalation.
        group: Vec<Group>,
    }
}

impl Document {
    /// Every expression of a charter but its definitions.
    pub fn formulas(&self) -> Vec<&Formula> {
        let mut list: Vec<&Formula> = Vec::new();
        for allow in &self.allow {
            list.extend(allow.when.iter().chain(&allow.who));
            list.extend([&allow.up_to, &allow.exactly, &allow.stretch].into_iter().flatten().flat_map(Limit::formulas));
        }
        list.extend(self.forbid.iter().flat_map(|f| f.when.iter().chain(&f.who)));
        list.extend(self.cap.iter().flat_map(|c| [&c.when, &c.who, &c.amount, &c.count].into_iter().flatten()));
        list.extend(self.group.iter().filter_map(|g| g.when.as_ref()));
        list.extend(self.remedy.iter().flat_map(|r| [&r.worth, &r.minimum, &r.usual].into_iter().flatten()));
        list
    }
}

table! {
    /// A kind of trouble a case is about.
    Issue, "an issue" {
        /// Its name in requests.
        id: At<String>,
        /// What people call it.
        title: Option<At<String>>,
        /// The reasons the desk offers first.
        suggests: Vec<At<String>>,
    }
}

table! {
    /// A kind of thing that can be done to put it right.
    Remedy, "a remedy" {
        /// Its name in rules and requests.
        id: At<String>,
        /// What people call it.
        title: At<String>,
        /// What its amount is; left out: an act without amount.
        measure: Option<Measure>,
        /// The reasons it can be given for; left out: all.
        reasons: Option<Vec<At<String>>>,
        /// The least amount.
        minimum: Option<Formula>,
        /// What one grant weighs in a money cap.
        worth: Option<Formula>,
        /// Where the ruler starts.
        usual: Option<Formula>,
        /// `if_asked`: shown to the desk, not to be brought up.
        offer: Option<At<String>>,
        /// Old ids, whose history counts as this remedy's.
        was: Vec<At<String>>,
    }
}

table! {
    /// A guardrail that opens.
    Allow, "an allow" {
        /// Its name in answers.
        id: At<String>,
        /// What it opens.
        remedies: Vec<At<String>>,
        /// For what; left out: all.
        reasons: Option<Vec<At<String>>>,
        /// The lowest level it serves.
        level: At<String>,
        /// The condition on the case.
        when: Option<Formula>,
        /// The condition on the person.
        who: Option<Formula>,
        /// The scope of the total; left out: the case.
        per: Option<Scope>,
        /// The most the total may be.
        up_to: Option<Limit>,
        /// What the total must be.
        exactly: Option<Limit>,
        /// Any amount.
        unlimited: Option<At<bool>>,
        /// A little beyond the limit, for those who say why.
        stretch: Option<Limit>,
        /// All of it is for those who say why.
        say_why: Option<At<bool>>,
        /// Only a group can use it.
        second: Option<At<bool>>,
        /// The first day, local.
        from: Option<At<civil::Date>>,
        /// The last day, local.
        until: Option<At<civil::Date>>,
        /// Why, for people.
        because: Option<At<String>>,
    }
}

table! {
    /// A guardrail that closes.
    Forbid, "a forbid" {
        /// Its name in answers.
        id: At<String>,
        /// What it closes; left out: everything.
        remedies: Option<Vec<At<String>>>,
        /// For what; left out: all.
        reasons: Option<Vec<At<String>>>,
        /// Binds only levels under this one.
        below: Option<At<String>>,
        /// The condition on the case; left out: always.
        when: Option<Formula>,
        /// The condition on the person.
        who: Option<Formula>,
        /// The first day, local.
        from: Option<At<civil::Date>>,
        /// The last day, local.
        until: Option<At<civil::Date>>,
        /// Why, for people.
        because: Option<At<String>>,
    }
}

table! {
    /// A guardrail that closes with a memory.
    Cap, "a cap" {
        /// Its name in answers.
        id: At<String>,
        /// What counts; left out: everything.
        remedies: Option<Vec<At<String>>>,
        /// For what; left out: all.
        reasons: Option<Vec<At<String>>>,
        /// What shares one memory; left out: everything together.
        per: Option<Scope>,
        /// How far back it remembers; left out: for ever.
        within: Option<At<String>>,
        /// The most the worth of all may come to.
        amount: Option<Formula>,
        /// The most grants.
        count: Option<Formula>,
        /// One grant in this span.
        cooldown: Option<At<String>>,
        /// Binds only levels under this one.
        below: Option<At<String>>,
        /// The condition on the case; left out: always.
        when: Option<Formula>,
        /// The condition on the person.
        who: Option<Formula>,
        /// The first day, local.
        from: Option<At<civil::Date>>,
        /// The last day, local.
        until: Option<At<civil::Date>>,
        /// Why, for people.
        because: Option<At<String>>,
    }
}

table! {
    /// Who serves an escalation.
    Group, "a group" {
        /// Its name.
        id: At<String>,
        /// What people call it.
        title: Option<At<String>>,
        /// The level it acts with.
        level: At<String>,
        /// The staff facts it acts with.
        staff: Vec<(At<String>, Literal)>,
        /// Least first; left out: 0.
        priority: Option<At<i64>>,
        /// The open time until it answers: `m`, `h` or `d`.
        within: Option<At<String>>,
        /// The calendar of its hours, kept outside; left out: always open.
        hours: Option<At<String>>,
        /// What it serves; left out: everything.
        when: Option<Formula>,
        /// Whether it may give what no rule covers.
        exceptions: Option<At<bool>>,
    }
}

table! {
    /// A fact in its long form.
    FactDetails, "a type, or a table with `type` or `choice`" {
        /// Its type.
        kind as "type": Option<At<String>>,
        /// The values it can take.
        choice: Option<Vec<At<String>>>,
        /// Who must have said so: `person`, `system` or a level.
        confirm: Option<At<String>>,
        /// The question the desk asks.
        ask: Option<At<String>>,
        /// The age past which it is unknown again.
        fresh: Option<At<String>>,
        /// The value used while it is unknown.
        assume: Option<Literal>,
        /// The least value.
        min: Option<Literal>,
        /// The greatest value.
        max: Option<Literal>,
        /// Whether it is erasable.
        personal: Option<At<bool>>,
        /// A sentence for people.
        about: Option<At<String>>,
    }
}

/// A fact: `"money"`, or a table.
#[derive(Clone, Debug, PartialEq)]
pub struct FactTable(pub FactDetails);

impl Read for FactTable {
    const EXPECTED: &'static str = FactDetails::EXPECTED;
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        if let DeValue::String(kind) = node.get_ref() {
            let kind = At { value: kind.clone().into_owned(), span: node.span() };
            return Some(Self(FactDetails { span: node.span(), kind: Some(kind), ..FactDetails::default() }));
        }
        FactDetails::read(node, findings).map(Self)
    }
}

impl JsonSchema for FactTable {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fact".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let long = generator.subschema_for::<FactDetails>();
        schemars::json_schema!({ "anyOf": [{ "enum": crate::facts::KINDS }, long] })
    }
}

/// What the amount of a remedy is.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Money.
    Money,
    /// A percentage with two decimal places.
    Percent,
    /// A whole number of something.
    Count(At<String>),
}

table! {
    /// A whole number of something.
    Counted, "`{ count = \"UNIT\" }`" {
        /// Of what.
        count: At<String>,
    }
}

impl Read for Measure {
    const EXPECTED: &'static str = "`\"money\"`, `\"percent\"` or `{ count = \"UNIT\" }`";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        match node.get_ref() {
            DeValue::String(text) if text == "money" => Some(Self::Money),
            DeValue::String(text) if text == "percent" => Some(Self::Percent),
            DeValue::Table(_) => Counted::read(node, findings).map(|c| Self::Count(c.count)),
            DeValue::String(text) => {
                findings.add(Code::WrongType, node.span(), format!("`{text}` is not a measure"), Self::EXPECTED).nearest(text, ["money", "percent"]);
                None
            }
            _ => {
                wrong_type(node, Self::EXPECTED, findings);
                None
            }
        }
    }
}

impl JsonSchema for Measure {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Measure".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let counted = generator.subschema_for::<Counted>();
        schemars::json_schema!({ "anyOf": [{ "enum": ["money", "percent"] }, counted] })
    }
}

/// An expression as written; its place is that of the value in the file, quotes included.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula(pub At<String>);

impl Read for Formula {
    const EXPECTED: &'static str = "an expression in quotes, or a number";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let text = match node.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Integer(i) if i.radix() == 10 => i.as_str().to_owned(),
            DeValue::Float(f) => f.as_str().to_owned(),
            _ => {
                wrong_type(node, Self::EXPECTED, findings);
                return None;
            }
        };
        if text.len() > limits::EXPRESSION_BYTES {
            too_large(findings, node.span(), "this expression", "EXPRESSION_BYTES", limits::EXPRESSION_BYTES);
            return None;
        }
        Some(Self(At { value: text, span: node.span() }))
    }
}

impl JsonSchema for Formula {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Formula".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number"], "description": "A CEL expression, or a number." })
    }
}

/// A limit: one expression, or one for each remedy.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// For all remedies.
    One(Formula),
    /// By remedy.
    By(Vec<(At<String>, Formula)>),
}

impl Limit {
    /// Its expressions.
    #[must_use]
    pub fn formulas(&self) -> Vec<&Formula> {
        match self {
            Self::One(one) => vec![one],
            Self::By(by) => by.iter().map(|(_, formula)| formula).collect(),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::One(formula) => formula.0.span.clone(),
            Self::By(by) => by.first().map_or(0..0, |(first, _)| first.span.start..by.last().map_or(first.span.end, |(_, f)| f.0.span.end)),
        }
    }
}

impl Read for Limit {
    const EXPECTED: &'static str = "an expression, or a table of them by remedy";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        if matches!(node.get_ref(), DeValue::Table(_)) {
            return Vec::read(node, findings).map(Self::By);
        }
        Formula::read(node, findings).map(Self::One)
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<Formula>();
        schemars::json_schema!({ "anyOf": [one, { "type": "object", "additionalProperties": one }] })
    }
}

/// A scope: one subject or fact, or several together.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope(pub At<Vec<At<String>>>);

impl Read for Scope {
    const EXPECTED: &'static str = "a subject, a fact `\"subject.fact\"`, or a list of these";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let names = match node.get_ref() {
            DeValue::Array(_) => Vec::read(node, findings)?,
            DeValue::String(_) => vec![At::<String>::read(node, findings)?],
            _ => {
                wrong_type(node, Self::EXPECTED, findings);
                return None;
            }
        };
        Some(Self(At { value: names, span: node.span() }))
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scope".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

/// A plain value.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal(pub At<LiteralValue>);

/// What a plain value is written as.
#[derive(Clone, Debug, PartialEq)]
pub enum LiteralValue {
    /// `true` or `false`.
    Truth(bool),
    /// A text, or a number as written.
    Text(String),
    /// A list of texts.
    List(Vec<At<String>>),
}

impl Read for Literal {
    const EXPECTED: &'static str = "a value of the fact's type";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let value = match node.get_ref() {
            DeValue::Boolean(truth) => LiteralValue::Truth(*truth),
            DeValue::String(text) => LiteralValue::Text(text.clone().into_owned()),
            DeValue::Integer(i) if i.radix() == 10 => LiteralValue::Text(i.as_str().to_owned()),
            DeValue::Float(f) => LiteralValue::Text(f.as_str().to_owned()),
            DeValue::Datetime(when) => LiteralValue::Text(when.to_string()),
            DeValue::Array(_) => LiteralValue::List(Vec::read(node, findings)?),
            _ => {
                wrong_type(node, Self::EXPECTED, findings);
                return None;
            }
        };
        Some(Self(At { value, span: node.span() }))
    }
}

impl JsonSchema for Literal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Literal".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["boolean", "string", "number", "array"], "items": { "type": "string" } })
    }
}

impl Read for At<civil::Date> {
    const EXPECTED: &'static str = "a date such as `2026-01-31`";
    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        let written = match node.get_ref() {
            DeValue::Datetime(date) => Some(date.to_string()),
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        };
        let Some(written) = written else {
            wrong_type(node, Self::EXPECTED, findings);
            return None;
        };
        let date = time::read_day(&written).and_then(time::date);
        if date.is_none() {
            let finding = findings.add(Code::WrongType, node.span(), format!("`{written}` is not a date"), Self::EXPECTED);
            if let Some((day, _)) = written.split_once(['T', ' ']).filter(|(day, _)| time::read_day(day).is_some()) {
                finding.help(format!("rules begin and end with local days: write `{day}`; an hour belongs into `when`, as `now >= time(\"{day}T10:00:00Z\")`"));
            }
        }
        Some(Self { value: date?, span: node.span() })
    }
}
