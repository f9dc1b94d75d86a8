use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

/// What the columns of a file are. The page `docs/import.md` says what each key means.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Map {
    /// The name of the system the rows come from. Facts and cases carry it.
    pub source: String,
    /// Where the clocks were that wrote dates and times without an offset.
    pub time_zone: String,
    /// The currency of amounts, where no charter is in force yet.
    pub currency: Option<String>,
    /// What stands between the fields of a CSV file.
    pub delimiter: Option<char>,
    /// Files beside the imported one, by the name this map gives them.
    pub files: BTreeMap<String, Beside>,
    /// Only rows of which all this is so.
    pub only: Vec<Only>,
    /// The name that a customer, an order or a case has where it comes from.
    pub reference: Option<Spec>,
    /// When what a row says was so.
    pub as_of: Option<Spec>,
    /// Facts, each by the name the charter has for it.
    pub facts: BTreeMap<String, Spec>,
    /// The name of a customer.
    pub name: Option<Spec>,
    /// E-mail address of a customer.
    pub email: Option<Spec>,
    /// Telephone number of a customer.
    pub phone: Option<Spec>,
    /// Language tag of a customer.
    pub locale: Option<Spec>,
    /// How a customer prefers to be reached.
    pub contact: Option<Spec>,
    /// What the charter calls these orders.
    pub kind: Option<String>,
    /// The reference of the customer of an order or a case.
    pub customer: Option<Spec>,
    /// What else a case is about: a reference of each kind.
    pub about: BTreeMap<String, Spec>,
    /// How a case came.
    pub channel: Option<Spec>,
    /// What a case is about, in words.
    pub title: Option<Spec>,
    /// The kind of trouble, as the charter names it.
    pub issue: Option<Spec>,
    /// When a case was opened.
    pub opened: Option<Spec>,
    /// Where a case stands.
    pub state: Option<Spec>,
}

/// A file beside the imported one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Where it is, seen from the imported file.
    pub path: String,
    /// The column by which its rows are found.
    pub key: String,
}

/// A condition on a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// What is looked at.
    pub value: Spec,
    /// It must be one of these.
    pub is: Option<Vec<String>>,
    /// It must be a number, and at least this.
    pub at_least: Option<String>,
    /// It must be there.
    #[serde(default)]
    pub is_there: bool,
}

/// Where a value comes from: a column by name, or a table that says more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// A column.
    pub column: Option<String>,
    /// The same for all rows.
    pub constant: Option<String>,
    /// How many days from the first date to the second.
    pub days_between: Option<[String; 2]>,
    /// The file beside in which the column is.
    pub file: Option<String>,
    /// The column of the imported file that holds the key of that file.
    pub by: Option<String>,
    /// What is made of the rows that file has for the key.
    pub take: Option<Take>,
    /// The type of a fact, where no charter declares it.
    pub kind: Option<String>,
    /// How dates and times are written, where it is not the usual way.
    pub format: Option<String>,
    /// What stands between the entries of a list.
    pub separator: Option<String>,
    /// What their words are in ours.
    pub values: BTreeMap<String, String>,
}

/// What is made of several rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The first that is there.
    First,
    /// The sum of all.
    Sum,
    /// How many there are.
    Count,
    /// All of them.
    List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    column: Option<String>,
    constant: Option<String>,
    days_between: Option<[String; 2]>,
    file: Option<String>,
    by: Option<String>,
    take: Option<Take>,
    #[serde(rename = "type")]
    kind: Option<String>,
    format: Option<String>,
    separator: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Spec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column, or a table such as `{ column = \"price\", type = \"money\" }`")
    }

    fn visit_str<E>(self, column: &str) -> Result<Spec, E> {
        Ok(Spec { column: Some(column.to_owned()), ..Spec::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
        let t = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Spec {
            column: t.column,
            constant: t.constant,
            days_between: t.days_between,
            file: t.file,
            by: t.by,
            take: t.take,
            kind: t.kind,
            format: t.format,
            separator: t.separator,
            values: t.values,
        })
    }
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    /// What is wrong with it, with the place in the text.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// Every value the map takes from a row, with what it is for.
    pub(super) fn specs(&self) -> Vec<(String, &Spec)> {
        let one = |name: &str, spec: &'_ Option<Spec>| spec.as_ref().map(|_| name.to_owned());
        let fields: [(&str, &Option<Spec>); 13] = [
            ("reference", &self.reference),
            ("as_of", &self.as_of),
            ("name", &self.name),
            ("email", &self.email),
            ("phone", &self.phone),
            ("locale", &self.locale),
            ("contact", &self.contact),
            ("customer", &self.customer),
            ("channel", &self.channel),
            ("title", &self.title),
            ("issue", &self.issue),
            ("opened", &self.opened),
            ("state", &self.state),
        ];
        let mut specs: Vec<(String, &Spec)> = fields.iter().filter_map(|(name, spec)| Some((one(name, spec)?, spec.as_ref()?))).collect();
        specs.extend(self.only.iter().map(|only| ("only".to_owned(), &only.value)));
        specs.extend(self.about.iter().map(|(kind, spec)| (format!("about.{kind}"), spec)));
        specs.extend(self.facts.iter().map(|(name, spec)| (name.clone(), spec)));
        specs
    }
}
