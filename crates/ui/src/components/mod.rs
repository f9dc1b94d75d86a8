//! Components as values: fill one in, and `{{ it }}` prints it in a page. Each has a template and a style in `templates/components`. Small
//! things without a value of their own (buttons, cards, dialogs, tables) are macros in `templates/components.html`.

mod facts;
mod forms;
mod matrix;
mod notices;
mod paging;
mod timeline;

pub use facts::{Certainty, Definition, Definitions, Fact, Facts};
pub use forms::{Check, Choice, Field, FieldKind, Segmented, Select, Stepper};
pub use matrix::{Matrix, MatrixCell, MatrixRow};
pub use notices::{Chip, Empty, Notice, Problem, Progress, Sends, Tone, Undo};
pub use paging::{Order, Pager, Tab, Tabs};
pub use timeline::{Entry, Timeline};

/// Lets a component print itself in a page as it is: its own template has escaped what it holds.
macro_rules! prints_itself {
    ($($name:ty),+) => { $(impl askama::filters::HtmlSafe for $name {})+ };
}
pub(crate) use prints_itself;
