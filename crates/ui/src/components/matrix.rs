//! Who may do what, in one look: a row for each reason, a column for each level.

use askama::Template;

use super::{Tone, prints_itself};

/// A table that turns into a list of rows where there is no room for columns.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/matrix.html")]
pub struct Matrix {
    /// What the table says.
    pub caption: String,
    /// What rows are: `Reason`.
    pub corner: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<MatrixRow>,
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct MatrixRow {
    /// Its head.
    pub label: String,
    /// One for each column.
    pub cells: Vec<MatrixCell>,
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct MatrixCell {
    /// What it says: `€25`.
    pub text: String,
    /// What goes with it: `then say why to €40`.
    pub detail: String,
    /// What it means.
    pub tone: Tone,
    /// Where the rule behind it is.
    pub href: Option<String>,
}

impl MatrixRow {
    fn with_columns<'a>(&'a self, columns: &'a [String]) -> impl Iterator<Item = (&'a MatrixCell, &'a str)> {
        self.cells.iter().zip(columns.iter().map(String::as_str))
    }
}

prints_itself!(Matrix);
