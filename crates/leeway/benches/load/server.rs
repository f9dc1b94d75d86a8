//! The program, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use platform::db::Location;

use crate::Failed;

/// `leeway serve`, as it is built. It is ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it answers.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(location: &Location) -> Result<Self, Failed> {
        let database = match location {
            Location::File(path) => path.display().to_string(),
            Location::Postgres(url) => url.clone(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_leeway"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--database", &database]).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("Leeway answers on http://").ok_or_else(|| format!("the server said `{line}`"))?;
        Ok(Self { child, address: address.to_owned() })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn stop(mut self) -> Result<(), Failed> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
