//! A PostgreSQL server of our own, which waits for the disk as those that matter do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Failed;

pub(crate) struct Cluster {
    pub(crate) url: String,
    bin: PathBuf,
    folder: TempDir,
}

impl Cluster {
    /// Nothing where PostgreSQL is not installed.
    pub(crate) fn start() -> Result<Option<Self>, Failed> {
        let Some(bin) = installed() else { return Ok(None) };
        // Where its own user may go, and on the disk.
        let folder = tempfile::Builder::new().prefix("leeway-load-").tempdir_in("/var/tmp")?;
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        done(as_postgres(&bin.join("initdb")).arg("--pgdata").arg(&data).args(["--username=leeway", "--auth=trust", "--encoding=UTF8", "--locale=C"]))?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB -c max_wal_size=4GB");
        let cluster = Self { url: format!("postgres://leeway@127.0.0.1:{port}/postgres"), bin, folder };
        cluster.control(&["--wait", "start", "--options", &options])?;
        Ok(Some(cluster))
    }

    fn control(&self, arguments: &[&str]) -> Result<(), Failed> {
        let (data, log) = (self.folder.path().join("data"), self.folder.path().join("log"));
        done(as_postgres(&self.bin.join("pg_ctl")).arg("--pgdata").arg(data).arg("--log").arg(log).args(arguments))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(e) = self.control(&["--mode=immediate", "stop"]) {
            eprintln!("PostgreSQL was not stopped: {e}");
        }
    }
}

/// The newest of those Debian keeps side by side.
fn installed() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
    found.sort();
    found.into_iter().rev().find(|bin| bin.join("initdb").exists())
}

fn is_root() -> bool {
    std::env::var("USER").is_ok_and(|user| user == "root") || std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

/// The server does not run as root.
fn as_postgres(program: &Path) -> Command {
    let mut command = if is_root() { Command::new("runuser") } else { Command::new(program) };
    if is_root() {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir("/").stdout(Stdio::null());
    command
}

fn done(command: &mut Command) -> Result<(), Failed> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}
