//! The program: the command line, the server, and what ties the areas together. What is tied together stands in tables: settings, routes, wires, work.

mod admin;
pub mod app;
mod backup;
mod charter;
mod command;
mod copy;
mod demo;
mod description;
mod health;
mod import;
mod jobs_page;
mod live;
mod logs;
mod mails;
mod ops;
mod problem_page;
mod rail;
mod restore;
pub mod routes;
mod serve;
pub mod settings;
mod start_page;
mod verify;
pub mod wiring;
pub mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use platform::db::Statement;

/// Deciding allocates much that is small and short-lived.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Room to act inside limits everyone can see.
#[derive(Parser)]
#[command(name = "leeway", version, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check, test, format, ask and publish charters
    Charter(charter::Arguments),
    /// Run the server
    Serve(serve::Serve),
    /// Ask the server on this machine whether it is ready
    Health(health::Health),
    /// Run the server on a small made-up company, to look around
    Demo(demo::Demo),
    /// Bring in customers, orders or cases from a file
    Import(import::Import),
    /// Say everything in a database that is not as it was written
    Verify(verify::Verify),
    /// Copy the database into a file while the server runs
    Backup(backup::Backup),
    /// Put a copy in the place of the database, if it is whole
    Restore(restore::Restore),
    /// Copy a whole installation from an SQLite file to PostgreSQL, or back
    Copy(copy::Copy),
    /// Make owners, and let them in again
    Admin(admin::Admin),
}

/// Runs the command that was given.
#[must_use]
pub fn run() -> ExitCode {
    match Line::parse().command {
        Command::Charter(arguments) => charter::run(&arguments),
        Command::Serve(command) => command::run(command.run()),
        Command::Health(command) => command::run(command.run()),
        Command::Demo(command) => command::run(command.run()),
        Command::Import(command) => command::run(command.run()),
        Command::Verify(command) => command::run(command.run()),
        Command::Backup(command) => command::run(command.run()),
        Command::Restore(command) => command::run(command.run()),
        Command::Copy(command) => command::run(command.run()),
        Command::Admin(command) => command::run(command.run()),
    }
}

/// Every SQL text of the program.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [platform::statements(), ::access::statements(), desk::statements()].concat()
}
