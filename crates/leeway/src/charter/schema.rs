//! `schema`: what editors need to help with a charter.

use charter::document;
use clap::Args;

use super::output::Output;
use super::{Ended, Failure};

/// Print the JSON Schema of a charter, for editors
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        out.value(&document::schema())?;
        Ok(Ended::Fine)
    }
}
