//! Hands letters to a program with sendmail's command line.
//!
//! The program gets the letter as a file on its standard input, not as a pipe: whatever happens to
//! guichet, it reads the whole letter or is not started at all. A pipe would end early when guichet is
//! killed, and the program would send half a letter. Lines end as on Unix, which every such program takes.

use std::fs::File;
use std::future::Future;
use std::io::{self, Seek, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::desk::letter::{Delivery, Letter};

/// As much of what the program prints is kept, in bytes; the rest is read and dropped.
const SAID_MAX: usize = 2000;

/// A program with sendmail's command line.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    patience: Duration,
}

impl Program {
    pub(super) fn new(path: &Path, patience: Duration) -> Self {
        Self {
            path: path.to_owned(),
            patience,
        }
    }

    pub(super) async fn carry<F, Fut>(&self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let program = self.path.display();
        let input = match in_memory(&super::unix_lines(&letter.bytes)) {
            Ok(file) => file,
            Err(error) => {
                return Delivery::Deferred(format!("no memory for the letter: {error}"));
            }
        };
        // Once the program runs it has the whole letter: its start is the final dot.
        if let Err(reason) = before_dot().await {
            return Delivery::Deferred(reason);
        }
        let started = Command::new(&self.path)
            .args(["-i", "-f", letter.envelope_from.as_str(), "--"])
            .arg(letter.to.as_str())
            .stdin(Stdio::from(input))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                return Delivery::Deferred(format!(
                    "{program} could not be started: {error}; check `program` of the courier"
                ));
            }
        };
        let mut said = Vec::new();
        let ended = timeout(self.patience, listen(&mut child, &mut said)).await;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        match ended {
            Ok(Ok(status)) => verdict(&format!("{program}"), status, &said),
            Ok(Err(error)) => Delivery::Unknown(format!("{program} got lost: {error}")),
            Err(_) => {
                let seconds = self.patience.as_secs();
                // The outcome is the same whether it can still be killed or not.
                let _ = child.kill().await;
                Delivery::Unknown(format!(
                    "{program} did not end within {seconds} s and was killed: {said}"
                ))
            }
        }
    }
}

fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create(
        "letter",
        rustix::fs::MemfdFlags::CLOEXEC,
    )?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// Waits for the end of the program while reading what it prints. A helper it leaves running may keep
/// the pipe open, so the end of the pipe is not waited for.
async fn listen(child: &mut Child, said: &mut Vec<u8>) -> io::Result<ExitStatus> {
    let mut pipe = child.stderr.take();
    let mut chunk = [0; 1024];
    loop {
        let Some(open) = &mut pipe else {
            return child.wait().await;
        };
        tokio::select! {
            biased; // what it printed before its end is read before its end is seen
            read = open.read(&mut chunk) => match read {
                Ok(0) | Err(_) => pipe = None,
                Ok(count) => {
                    let room = SAID_MAX.saturating_sub(said.len());
                    said.extend(chunk.iter().take(count.min(room)));
                }
            },
            status = child.wait() => return status,
        }
    }
}

/// What an exit status means: sysexits.h, as sendmail, Postfix, Exim and msmtp use it.
fn verdict(program: &str, status: ExitStatus, said: &str) -> Delivery {
    let Some(code) = status.code() else {
        let signal = status.signal().unwrap_or_default();
        return Delivery::Unknown(format!("{program} was ended by signal {signal}: {said}"));
    };
    let text = format!("{program} ended with {code}: {said}");
    match code {
        0 => Delivery::Accepted(text),
        // EX_DATAERR, EX_NOUSER, EX_NOHOST: the letter or its address is at fault.
        65 | 67 | 68 => Delivery::Refused(text),
        // EX_TEMPFAIL, and everything that speaks of the program, its rights or its configuration:
        // somebody can mend that while the letter waits.
        _ => Delivery::Deferred(text),
    }
}
