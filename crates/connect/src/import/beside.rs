//! Files beside the imported one: read whole, and kept as what is taken of them for each key.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use charter::decimal::{Decimal, number_to_text};

use super::map::{Map, Take};
use super::source::{Cell, Rows};

/// Of which file, which column, and how. A count needs no column.
pub(super) type Wanted = (String, String, Take);

/// What files beside say.
#[derive(Debug, Default)]
pub(super) struct Besides(HashMap<Wanted, HashMap<String, Taken>>);

#[derive(Clone, Debug)]
enum Taken {
    First(String),
    Sum(i128),
    Count(u64),
    List(Vec<String>),
    Wrong(String),
}

impl Besides {
    /// Reads the files a map names, seen from `folder`.
    pub(super) fn read(map: &Map, folder: &Path) -> Result<Self, String> {
        let mut wanted: BTreeMap<&str, BTreeSet<(String, Take)>> = BTreeMap::new();
        for (_, spec) in map.specs() {
            if let Some(file) = spec.file.as_deref() {
                let column = spec.column.clone().unwrap_or_default();
                wanted.entry(file).or_default().insert((column, spec.take.unwrap_or(Take::First)));
            }
        }
        let mut besides = Self::default();
        for (name, wanted) in wanted {
            let Some(beside) = map.files.get(name) else { return Err(format!("`{name}` is not among the [files] of the map")) };
            let path = folder.join(&beside.path);
            let rows = Rows::open(&path, map.delimiter)?;
            if let Some(columns) = rows.columns() {
                let needed = std::iter::once(&beside.key).chain(wanted.iter().map(|(column, _)| column).filter(|c| !c.is_empty()));
                if let Some(missing) = needed.into_iter().find(|c| !columns.contains(c)) {
                    return Err(format!("{} has no column `{missing}`; it has {}", path.display(), columns.join(", ")));
                }
            }
            besides.take(name, &beside.key, &wanted, rows, &path)?;
        }
        Ok(besides)
    }

    fn take(&mut self, name: &str, key: &str, wanted: &BTreeSet<(String, Take)>, mut rows: Rows, path: &Path) -> Result<(), String> {
        while let Some((line, row)) = rows.next().map_err(|e| format!("{}: {e}", path.display()))? {
            let row = row.map_err(|reason| format!("{}, line {line}: {reason}", path.display()))?;
            let Cell::Text(key) = row.cell(key) else { continue };
            for (column, take) in wanted {
                let of = self.0.entry((name.to_owned(), column.clone(), *take)).or_default();
                let cell = if *take == Take::Count { Cell::Empty } else { row.cell(column) };
                add(of, &key, *take, cell, line);
            }
        }
        Ok(())
    }

    /// What is taken for a key, or what was wrong with it.
    pub(super) fn cell(&self, wanted: &Wanted, key: &str) -> Result<Cell, String> {
        match self.0.get(wanted).and_then(|of| of.get(key)) {
            None if wanted.2 == Take::Count => Ok(Cell::Text("0".to_owned())),
            None => Ok(Cell::Empty),
            Some(Taken::First(text)) => Ok(Cell::Text(text.clone())),
            Some(Taken::Count(n)) => Ok(Cell::Text(n.to_string())),
            Some(Taken::List(entries)) => Ok(Cell::List(entries.clone())),
            Some(Taken::Sum(sum)) => i64::try_from(*sum).map(|sum| Cell::Text(number_to_text(sum))).map_err(|_| "the sum is more than can be".to_owned()),
            Some(Taken::Wrong(reason)) => Err(reason.clone()),
        }
    }
}

fn add(of: &mut HashMap<String, Taken>, key: &str, take: Take, cell: Cell, line: u64) {
    let texts = match cell {
        Cell::Empty => Vec::new(),
        Cell::Text(text) => vec![text],
        Cell::List(texts) => texts,
    };
    let now = match (take, of.remove(key)) {
        (Take::Count, Some(Taken::Count(n))) => Some(Taken::Count(n + 1)),
        (Take::Count, _) => Some(Taken::Count(1)),
        (_, found) => texts.into_iter().fold(found, |taken, text| Some(with(taken, take, text, line))),
    };
    if let Some(now) = now {
        of.insert(key.to_owned(), now);
    }
}

fn with(taken: Option<Taken>, take: Take, text: String, line: u64) -> Taken {
    match (taken, take) {
        (Some(Taken::Wrong(reason)), _) => Taken::Wrong(reason),
        (Some(Taken::List(mut entries)), _) => {
            if !entries.contains(&text) {
                entries.push(text);
            }
            Taken::List(entries)
        }
        (None, Take::List) => Taken::List(vec![text]),
        (taken, Take::Sum) => match Decimal::read(&text) {
            Ok(more) => Taken::Sum(more.0.saturating_add(if let Some(Taken::Sum(sum)) = taken { sum } else { 0 })),
            Err(why) => Taken::Wrong(format!("`{text}` on line {line} of the file beside is not a number: expected {why}")),
        },
        (Some(first), _) => first,
        (None, _) => Taken::First(text),
    }
}
