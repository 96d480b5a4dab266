//! Carries letters out: by SMTP, through a sendmail program, or into a Maildir.
//!
//! Promises: the answer is never better than what is known. `Accepted` was said by the other side,
//! `Deferred` and `Refused` mean that the letter is certainly not there, and everything else is
//! `Unknown`. Bytes that could be read as an SMTP command by somebody else do not leave.
//!
//! When a letter is tried again, how often, and what is written down belongs to the gateway and the
//! store; what a letter says belongs to the scribe.

mod line;
mod maildir;
mod route;
mod sendmail;
mod smtp;
mod stream;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::config::settings::{CourierSettings, Secret};
use crate::desk::letter::{Delivery, Letter};

/// How long each step with the other side may take. RFC 5321 4.5.3.2 sets the least values of SMTP;
/// the defaults are these, which are also Postfix's.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// TCP connection and TLS handshake together; `net.rs` gives 30 s to each.
    pub connect: Duration,
    /// Greeting, EHLO, STARTTLS, each step of the login, MAIL, RCPT and RSET: 300 s each.
    pub command: Duration,
    /// The answer to DATA: 120 s.
    pub data: Duration,
    /// While the letter is written: the longest time without any progress, 180 s.
    pub block: Duration,
    /// A connection that was not used for so long is not used again, 30 s: many servers and firewalls
    /// drop idle ones after a minute, some without a word.
    pub idle: Duration,
    /// The answer to the final dot, and the run of a sendmail program: 600 s. A shorter time makes
    /// duplicates, because many servers deliver before they answer (RFC 5321 4.5.3.2.6).
    pub dot: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            command: Duration::from_secs(300),
            data: Duration::from_secs(120),
            block: Duration::from_secs(180),
            idle: Duration::from_secs(30),
            dot: Duration::from_secs(600),
        }
    }
}

/// One desk's way out. Cheap to clone; holds no connection itself.
#[derive(Clone, Debug)]
pub struct Courier(Way);

#[derive(Clone, Debug)]
enum Way {
    Smtp(Arc<route::Route>),
    Sendmail(Arc<sendmail::Program>),
    Maildir(Arc<maildir::Folder>),
}

impl Courier {
    /// The courier of `desk` (its name in the configuration, for messages). `hello` is the host name
    /// given in EHLO, a domain without white space. `password` reads a secret anew; it may block (it
    /// runs on a thread for that) and is called once for each connection with a login.
    pub fn new(
        desk: &str,
        settings: &CourierSettings,
        hello: &str,
        password: impl Fn(&Secret) -> Result<String, String> + Send + Sync + 'static,
    ) -> Courier {
        Self::with_patience(desk, settings, hello, password, Patience::default())
    }

    /// The same with other deadlines.
    pub fn with_patience(
        desk: &str,
        settings: &CourierSettings,
        hello: &str,
        password: impl Fn(&Secret) -> Result<String, String> + Send + Sync + 'static,
        patience: Patience,
    ) -> Courier {
        Courier(match settings {
            CourierSettings::Smtp(settings) => Way::Smtp(Arc::new(route::Route::new(
                desk,
                settings,
                hello,
                Arc::new(password),
                patience,
            ))),
            CourierSettings::Sendmail { program } => {
                Way::Sendmail(Arc::new(sendmail::Program::new(program, patience.dot)))
            }
            CourierSettings::Maildir { path } => Way::Maildir(Arc::new(maildir::Folder::new(path))),
        })
    }

    /// One connection's worth of carrying. The gateway runs several at once, up to
    /// `SmtpSettings::connections`. The connection is made with the first letter.
    pub fn carrier(&self) -> Carrier {
        Carrier(match &self.0 {
            Way::Smtp(route) => Means::Smtp(smtp::Trips::new(route.clone())),
            Way::Sendmail(program) => Means::Sendmail(program.clone()),
            Way::Maildir(folder) => Means::Maildir(folder.clone()),
        })
    }
}

/// Carries one letter after the other.
#[derive(Debug)]
pub struct Carrier(Means);

#[derive(Debug)]
enum Means {
    Smtp(smtp::Trips),
    Sendmail(Arc<sendmail::Program>),
    Maildir(Arc<maildir::Folder>),
}

impl Carrier {
    /// Carries `letter` and says what became of it. `before_dot` is awaited when everything is ready
    /// for the last step and nothing can have been accepted yet; when it fails, the letter does not
    /// leave and is `Deferred` with its words. It is not called when things fail before.
    ///
    /// Dropping the future gives the connection up. After `before_dot` was called that means that the
    /// letter's fate is unknown.
    pub async fn carry<F, Fut>(&mut self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        if let Err(fault) = sound(&letter.bytes) {
            return Delivery::Refused(format!(
                "guichet does not send this letter: {fault}; this is a fault of guichet or of a template"
            ));
        }
        match &mut self.0 {
            Means::Smtp(trips) => trips.carry(letter, before_dot).await,
            Means::Sendmail(program) => program.carry(letter, before_dot).await,
            Means::Maildir(folder) => folder.carry(letter, before_dot).await,
        }
    }

    /// Ends the connection politely, if there is one; at most 2 s. To be called when no letter is due
    /// for a while and at shutdown. The next letter opens a new one.
    pub async fn rest(&mut self) {
        if let Means::Smtp(trips) = &mut self.0 {
            trips.rest().await;
        }
    }
}

/// RFC 5322 2.1.1: the longest line, without its CRLF.
const LINE_MAX: usize = 998;

/// Whether the bytes are what every server reads alike: lines of 7-bit text ended by CRLF. A bare CR or
/// LF before a dot ends the letter for some servers and not for others: what follows would be
/// taken as commands (SMTP smuggling; RUSTSEC-2026-0561 is the same in lettre).
fn sound(bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let is_last = number > 1 && line.is_empty();
        let text = match line.strip_suffix(b"\r") {
            Some(text) => text,
            None if is_last => line,
            None => return Err(format!("line {number} does not end with CRLF")),
        };
        if text.len() > LINE_MAX {
            let length = text.len();
            return Err(format!(
                "line {number} has {length} octets, {LINE_MAX} are allowed (RFC 5322 2.1.1)"
            ));
        }
        match text.iter().find(|&&byte| matches!(byte, 0 | b'\r' | 128..)) {
            None => {}
            Some(0) => return Err(format!("line {number} holds a NUL")),
            Some(b'\r') => return Err(format!("line {number} holds a bare CR")),
            Some(_) => return Err(format!("line {number} holds a byte beyond 7 bits")),
        }
    }
    if bytes.ends_with(b"\n") {
        Ok(())
    } else {
        Err("its last line does not end with CRLF".to_owned())
    }
}

/// The bytes with Unix line ends: what sendmail programs and Maildir readers expect of a local letter.
/// CRLF there shows as `^M`, or becomes CR CR LF on the wire of older programs.
fn unix_lines(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .copied()
        .filter(|&byte| byte != b'\r')
        .collect()
}

#[cfg(test)]
mod tests;
