//! The server as a person runs it: the real program, a fresh folder, a free port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A server that runs. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in small letters.
    pub(crate) head: String,
    pub(crate) body: String,
    /// What a browser sends back from now on.
    pub(crate) cookie: String,
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leeway"));
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LEEWAY_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn leeway(folder: &Path, arguments: &[&str], stdin: &str) -> Ran {
    let mut child = program(folder, arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads no input may end before it has been written.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

impl Server {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(folder: &Path, database: &str, more: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--database", database, "--log", "warn"], more].concat();
        let mut child = program(folder, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let (mut line, mut out) = (String::new(), BufReader::new(child.stdout.take().unwrap()));
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Leeway answers on http://").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Self { child, out, address }
    }

    /// Starts a server on an installation without an owner, which logs all it does into `log.txt`. Gives the path of the link it prints.
    pub(crate) fn start_anew(folder: &Path, database: &str) -> (Self, String) {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log.txt")).unwrap();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database, "--log", "trace"];
        let mut child = program(folder, &arguments).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let said: Vec<String> = out.by_ref().lines().take(3).map(Result::unwrap).collect();
        let address = said[0].strip_prefix("Leeway answers on http://").unwrap_or_else(|| panic!("it said {said:?}")).to_owned();
        let path = said[2].strip_prefix(&format!("http://{address}")).unwrap_or_else(|| panic!("it said {said:?}")).to_owned();
        (Self { child, out, address }, path)
    }

    /// Asks for a page, as a browser does.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nConnection: close\r\n\r\n", self.address))
    }

    /// Asks for a page as somebody who is signed in.
    pub(crate) fn get_as(&self, cookie: &str, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n", self.address))
    }

    /// Sends a form, as a browser does.
    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{form}",
            self.address,
            form.len()
        ))
    }

    /// Sends a request as it is, and reads the answer to its end.
    pub(crate) fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).and_then(|line| line.split(';').next()).unwrap_or_default().to_owned();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned(), cookie }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Asks it to stop, and waits for its end.
    pub(crate) fn stop(mut self) -> (ExitStatus, Duration) {
        let began = now();
        self.signal("-TERM");
        (self.child.wait().unwrap(), began.elapsed())
    }

    /// Asks it to stop, and gives what it printed after it said where it answers.
    pub(crate) fn said(mut self) -> String {
        self.signal("-TERM");
        let mut said = String::new();
        self.out.read_to_string(&mut said).unwrap();
        said
    }

    /// Ends it as a failing machine would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A watch, for what must not take long.
#[expect(clippy::disallowed_methods, reason = "how long something takes is what is tested")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
