//! Fetches a password from where the configuration says it is.
//!
//! It is read again at each connection, so a changed password needs no restart. No error repeats
//! what was read.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::settings::Secret;

/// A password manager may ask a server; a person's PIN is not waited for.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The longest tokens in use have a few kilobytes.
const LENGTH_MAX: u64 = 64 << 10;

/// A password cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file, or the credential's file.
    #[error("cannot read the password file {path}: {cause}; create it, or correct its name")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Other users of the machine could read the file.
    #[error(
        "the password file {path} is open to other users (mode {mode:03o}); run: chmod 600 {path}"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The environment variable is not set.
    #[error("the environment variable {name} is not set; set it to the password before the start")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// There is no folder of credentials.
    #[error(
        "there is no credential {name}: $CREDENTIALS_DIRECTORY is not set; start guichet by systemd with LoadCredential={name}:/path/of/the/file"
    )]
    NoCredentials {
        /// The credential.
        name: String,
    },
    /// The program could not be started, failed, or took too long.
    #[error("the password program {program} {what}; run it by hand as the user of guichet")]
    Command {
        /// The program, without its arguments.
        program: String,
        /// What went wrong.
        what: String,
    },
    /// The first line is empty, or not text.
    #[error("{source_of_it} gives no password: its first line is {what}; write the password there")]
    Unusable {
        /// Where it was read.
        source_of_it: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Reads a password: the first line of its source, without the line's end.
///
/// It can take 30 s (a program), so call it where waiting is allowed.
pub fn read(secret: &Secret) -> Result<String, SecretError> {
    read_within(secret, COMMAND_LIMIT)
}

fn read_within(secret: &Secret, limit: Duration) -> Result<String, SecretError> {
    match secret {
        Secret::Literal(password) => Ok(password.clone()),
        Secret::File(path) => first_line(&file(path, true)?, || path.display().to_string()),
        Secret::Env(name) => {
            let value =
                env::var_os(name).ok_or_else(|| SecretError::NotSet { name: name.clone() })?;
            first_line(value.as_encoded_bytes(), || format!("the variable {name}"))
        }
        Secret::Command(words) => {
            let (output, program) = command(words, limit)?;
            first_line(&output, || format!("the program {program}"))
        }
        Secret::Credential(name) => {
            let folder = env::var_os("CREDENTIALS_DIRECTORY")
                .ok_or_else(|| SecretError::NoCredentials { name: name.clone() })?;
            let path = Path::new(&folder).join(name);
            // systemd guards the folder as a whole; the modes inside are its own affair.
            first_line(&file(&path, false)?, || path.display().to_string())
        }
    }
}

fn file(path: &Path, private: bool) -> Result<Vec<u8>, SecretError> {
    let unreadable = |cause| SecretError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    // Opening a FIFO would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is not a regular file")));
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if private && mode & 0o077 != 0 {
        return Err(SecretError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let mut bytes = Vec::new();
    file.take(LENGTH_MAX)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(bytes)
}

fn first_line(bytes: &[u8], source: impl Fn() -> String) -> Result<String, SecretError> {
    let unusable = |what| SecretError::Unusable {
        source_of_it: source(),
        what,
    };
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(unusable("empty"));
    }
    if line.contains(&0) {
        return Err(unusable("binary"));
    }
    String::from_utf8(line.to_vec()).map_err(|_| unusable("not UTF-8"))
}

/// Runs a program and returns what it prints, with the program's name for messages.
///
/// The program gets a process group of its own so that what it started ends with it.
fn command(words: &[String], limit: Duration) -> Result<(Vec<u8>, String), SecretError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(SecretError::Command {
            program: "(none)".to_owned(),
            what: "has no name".to_owned(),
        });
    };
    let failed = |what: String| SecretError::Command {
        program: program.clone(),
        what,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let stdout = child.stdout.take();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Vec::new();
        let read = match stdout {
            Some(stdout) => stdout.take(LENGTH_MAX).read_to_end(&mut output).map(drop),
            None => Ok(()),
        };
        let ended: io::Result<ExitStatus> = read.and_then(|()| child.wait());
        // Nobody listens any more when the limit has passed.
        drop(sender.send(ended.map(|status| (status, output))));
    });
    match receiver.recv_timeout(limit) {
        Ok(Ok((status, output))) if status.success() => Ok((output, program.clone())),
        Ok(Ok((status, _))) => Err(failed(format!("failed: {status}"))),
        Ok(Err(error)) => Err(failed(format!("failed: {error}"))),
        Err(_) => {
            // The thread has not reported, so it has not reaped the child and the number is still the child's.
            if let Some(group) = group {
                // It may have ended this very moment: then there is nothing to stop.
                let _ = kill_process_group(group, Signal::KILL);
            }
            Err(failed(format!(
                "did not end within {} s and was stopped",
                limit.as_secs()
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn program(words: &[&str]) -> Secret {
        Secret::Command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn the_first_line_of_a_private_file_is_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("imap.secret");
        for (content, expected) in [
            ("hunter 2\n", "hunter 2"),
            ("hunter2\r\nuser: x\n", "hunter2"),
            (" é ", " é "),
        ] {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(read(&Secret::File(path.clone())).unwrap(), expected);
        }
        for content in [&b"\nlater"[..], b"", b"\xff\xfe", b"a\0b"] {
            fs::write(&path, content).unwrap();
            let error = read(&Secret::File(path.clone())).unwrap_err().to_string();
            assert!(error.contains("gives no password"), "{error}");
        }
    }

    #[test]
    fn a_file_others_can_read_is_refused_with_the_command_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("imap.secret");
        fs::write(&path, "hunter2\n").unwrap();
        for mode in [0o644, 0o640, 0o604] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = read(&Secret::File(path.clone())).unwrap_err().to_string();
            assert!(
                error.ends_with(&format!("run: chmod 600 {}", path.display())),
                "{error}"
            );
            assert!(!error.contains("hunter2"));
        }
    }

    #[test]
    fn a_missing_source_is_named() {
        for (secret, telling) in [
            (
                Secret::File("/nonexistent/imap.secret".into()),
                "/nonexistent/imap.secret",
            ),
            (Secret::File("/".into()), "not a regular file"),
            (
                Secret::Env("GUICHET_TEST_NEVER_SET".to_owned()),
                "GUICHET_TEST_NEVER_SET is not set",
            ),
            (program(&["/nonexistent/pass"]), "cannot be started"),
            (program(&["false"]), "failed: exit status: 1"),
        ] {
            let error = read(&secret).unwrap_err().to_string();
            assert!(error.contains(telling), "{error}");
        }
    }

    #[test]
    fn a_program_gives_its_first_line() {
        let secret = program(&["printf", "hunter2\nmore\n"]);
        assert_eq!(read(&secret).unwrap(), "hunter2");
    }

    #[test]
    fn a_program_that_hangs_is_stopped_with_its_children() {
        let secret = program(&["sh", "-c", "sleep 600 & sleep 600"]);
        let began = Instant::now();
        let error = read_within(&secret, Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("did not end within"), "{error}");
        assert!(began.elapsed() < Duration::from_secs(120));
    }
}
