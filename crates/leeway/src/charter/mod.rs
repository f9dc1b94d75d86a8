//! `leeway charter …`: everything a file can be asked without a server, and which charter is in force in a database. The formats and exit codes are in `docs/cli.md`.

mod answers;
mod check;
mod decide;
mod explain;
mod fmt;
mod input;
mod lines;
mod options;
mod output;
mod publish;
mod render;
mod schema;
mod test;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use output::Output;
pub(crate) use output::plain;

/// What all subcommands take.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say everything that is wrong or odd in charters
    Check(check::Check),
    /// Run scenarios
    Test(test::Test),
    /// Decide requests
    Decide(decide::Decide),
    /// List what may be done, for each remedy and reason
    Options(options::Options),
    /// Decide requests, and say why in full
    Explain(explain::Explain),
    /// Lay out charters in the one way
    Fmt(fmt::Fmt),
    /// Print the JSON Schema of a charter, for editors
    Schema(schema::Schema),
    /// Keep a charter under the next number in a database, and put it in force
    Publish(publish::Publish),
    /// Put a charter in force that was published before
    RollBack(publish::RollBack),
}

/// How a subcommand ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Fine,
    /// Errors in a charter, failed scenarios, an invalid request, a layout that differs.
    WithFindings,
}

impl Ended {
    fn fine_if(fine: bool) -> Self {
        if fine { Self::Fine } else { Self::WithFindings }
    }

    fn and(self, other: Self) -> Self {
        Self::fine_if(self == Self::Fine && other == Self::Fine)
    }
}

/// Why a subcommand could not do its work.
#[derive(Debug)]
enum Failure {
    /// Input that cannot be read.
    Input(String),
    /// Output that cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs one subcommand.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut out = Output::new(arguments.json);
    let ended = match &arguments.command {
        Command::Check(command) => command.run(&mut out),
        Command::Test(command) => command.run(&mut out),
        Command::Decide(command) => command.run(&mut out),
        Command::Options(command) => command.run(&mut out),
        Command::Explain(command) => command.run(&mut out),
        Command::Fmt(command) => command.run(&mut out),
        Command::Schema(command) => command.run(&mut out),
        Command::Publish(command) => command.run(&mut out),
        Command::RollBack(command) => command.run(&mut out),
    };
    match ended.and_then(|ended| Ok(out.flush().map(|()| ended)?)) {
        Ok(Ended::Fine) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(1),
        // Whoever read our output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => failed(&format!("cannot write: {error}")),
        Err(Failure::Input(message)) => failed(&message),
    }
}

fn failed(message: &str) -> ExitCode {
    // If the terminal is gone, there is nobody to tell.
    drop(writeln!(io::stderr(), "leeway: {}", output::plain(message)));
    ExitCode::from(2)
}
