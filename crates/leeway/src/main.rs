//! Leeway at the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    leeway::run()
}
