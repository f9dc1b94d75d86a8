//! JSON lines: one request a line, read no further than a request may be long.

use std::io::{self, BufRead, BufReader, Read};

use charter::limits;
use charter::request::Problem;

/// Requests, one a line.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(source: R) -> Self {
        Self { reader: BufReader::with_capacity(1 << 18, source), line: Vec::new() }
    }

    /// Whether the next line would have to be waited for.
    pub(super) fn would_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    /// The next line that is not blank, or why it cannot be a request; nothing at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<&str, Problem>>> {
        loop {
            self.line.clear();
            match self.line_into()? {
                Length::Ended => return Ok(None),
                Length::TooLong => return Ok(Some(Err(too_long()))),
                Length::Fits if self.line.iter().all(u8::is_ascii_whitespace) => {}
                Length::Fits => break,
            }
        }
        Ok(Some(std::str::from_utf8(&self.line).map_err(|_| not_utf8())))
    }

    /// Reads a line up to the limit, and skips the rest of one that is longer.
    fn line_into(&mut self) -> io::Result<Length> {
        let (mut length, mut any) = (Length::Fits, false);
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                return Ok(if any { length } else { Length::Ended });
            }
            any = true;
            let newline = buffer.iter().position(|byte| *byte == b'\n');
            let part = buffer.get(..newline.unwrap_or(buffer.len())).unwrap_or_default();
            if self.line.len() + part.len() > limits::REQUEST_BYTES {
                length = Length::TooLong;
                self.line.clear();
            }
            if length == Length::Fits {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(newline.is_some());
            self.reader.consume(used);
            if newline.is_some() {
                return Ok(length);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Fits,
    TooLong,
    Ended,
}

fn too_long() -> Problem {
    let expected = format!("at most {} bytes (limit REQUEST_BYTES)", limits::REQUEST_BYTES);
    Problem { at: String::new(), message: "this request is too large".to_owned(), expected }
}

fn not_utf8() -> Problem {
    Problem { at: String::new(), message: "this is not UTF-8".to_owned(), expected: "a JSON object".to_owned() }
}
