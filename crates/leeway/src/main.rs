//! Leeway at the command line.

mod charter;
mod import;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Room to act inside limits everyone can see.
#[derive(Parser)]
#[command(name = "leeway", version, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check, test, format and ask charters
    Charter(charter::Arguments),
    /// Bring in customers, orders or cases from a file
    Import(import::Arguments),
}

fn main() -> ExitCode {
    match Line::parse().command {
        Command::Charter(arguments) => charter::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
    }
}
