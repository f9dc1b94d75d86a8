//! `schema`: what editors need to help with a charter.

use charter::document;
use clap::Args;

use super::output::Output;
use super::{Ended, Failure};

/// Print the JSON Schema of a charter, for editors
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every subcommand is run in the same way")]
    pub(super) fn run(&self, out: &mut Output) -> Result<Ended, Failure> {
        out.value(&document::schema())?;
        Ok(Ended::Fine)
    }
}
