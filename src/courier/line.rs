//! A connection that is ready for letters: what is said on it before a letter's body.
//!
//! MAIL, RCPT and DATA go one by one, or together where the server offers it (RFC 2920). After any
//! failure here the server can have accepted nothing.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::Extension;
use lettre::transport::smtp::response::Response;
use tokio::time::{Instant, timeout};

use super::Patience;
use crate::desk::letter::Letter;

/// An open connection, greeted and logged in.
pub(super) struct Line {
    pub(super) connection: AsyncSmtpConnection,
    offers: Offers,
    /// A transaction was broken off; RSET has to come first.
    is_dirty: bool,
    /// Not to be used again.
    pub(super) is_broken: bool,
    pub(super) used_at: Instant,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("offers", &self.offers)
            .finish_non_exhaustive()
    }
}

/// What we use of the server's answer to EHLO and lettre does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// RFC 2920: MAIL, RCPT and DATA may be sent together.
    pipelining: bool,
    /// RFC 1870: MAIL may tell the size.
    size: bool,
}

impl Offers {
    pub(super) fn of(answer: &[u8]) -> Self {
        let answer = String::from_utf8_lossy(answer).to_ascii_uppercase();
        let offers = |name: &str| {
            answer
                .lines()
                .filter_map(|line| line.get(4..)?.split_ascii_whitespace().next())
                .any(|word| word == name)
        };
        Self {
            pipelining: offers("PIPELINING"),
            size: offers("SIZE"),
        }
    }
}

/// Why a step did not succeed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server answered with a 4xx or 5xx.
    No { code: u16, text: String },
    /// The connection is of no more use: cut, silent, or what it says makes no sense.
    Lost(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No { text, .. } | Self::Lost(text) => f.write_str(text),
        }
    }
}

/// A step of the dialogue that is about the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl Step {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Dot => "the letter",
        }
    }
}

impl Line {
    /// A connection that was greeted and, if need be, logged in just now.
    pub(super) fn new(connection: AsyncSmtpConnection, offers: Offers) -> Self {
        Self {
            connection,
            offers,
            is_dirty: false,
            is_broken: false,
            used_at: Instant::now(),
        }
    }

    /// MAIL, RCPT and DATA. After `Ok` the server waits for the body. On failure says at which step;
    /// then nothing can have been accepted.
    pub(super) async fn envelope(
        &mut self,
        letter: &Letter,
        patience: Patience,
    ) -> Result<(), (Step, Trouble)> {
        let (from, to) = (letter.envelope_from.as_str(), letter.to.as_str());
        let mut mail = format!("MAIL FROM:<{from}>");
        if self.offers.size {
            mail += &format!(" SIZE={}", letter.bytes.len());
        }
        if !from.is_ascii() || !to.is_ascii() {
            if !self
                .connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                let text = format!("the server takes no addresses beyond ASCII such as <{to}>");
                return Err((Step::Rcpt, Trouble::No { code: 553, text }));
            }
            mail += " SMTPUTF8";
        }
        if self.is_dirty {
            let reset = self.ask("RSET", patience.command).await;
            if let Err(trouble) = reset {
                self.is_broken = true;
                return Err((Step::Mail, trouble));
            }
        }
        self.is_dirty = true;
        let rcpt = format!("RCPT TO:<{to}>");
        if self.offers.pipelining {
            self.together(&mail, &rcpt, patience).await?;
        } else {
            let told = |step| move |trouble| (step, trouble);
            self.ask(&mail, patience.command)
                .await
                .map_err(told(Step::Mail))?;
            self.ask(&rcpt, patience.command)
                .await
                .map_err(told(Step::Rcpt))?;
            let answer = self.ask("DATA", patience.data).await;
            self.go_ahead(answer).map_err(told(Step::Data))?;
        }
        self.is_dirty = false; // from here on the dot or the end of the connection closes it
        Ok(())
    }

    /// The three commands in one packet (RFC 2920). All answers are read, so the dialogue stays in step.
    async fn together(
        &mut self,
        mail: &str,
        rcpt: &str,
        patience: Patience,
    ) -> Result<(), (Step, Trouble)> {
        let batch = format!("{mail}\r\n{rcpt}\r\nDATA");
        let mut refused = None;
        if let Err(trouble) = self.ask(&batch, patience.command).await {
            refused = Some((Step::Mail, trouble));
        }
        if !self.is_broken
            && let Err(trouble) = self.answer(patience.command).await
        {
            refused.get_or_insert((Step::Rcpt, trouble));
        }
        if !self.is_broken {
            let answer = self.answer(patience.data).await;
            match (self.go_ahead(answer), &refused) {
                (Ok(()), None) => return Ok(()),
                // It refused a part and waits for a letter all the same. RFC 2920 3.1 would have us
                // send an empty one; ending the connection is certain to send none.
                (Ok(()), Some(_)) => self.is_broken = true,
                (Err(trouble), None) => refused = Some((Step::Data, trouble)),
                (Err(_), Some(_)) => {}
            }
        }
        Err(refused.unwrap_or_else(|| {
            let text = "the connection was given up".to_owned();
            (Step::Data, Trouble::Lost(text))
        }))
    }

    /// DATA is answered by 354 and by nothing else (RFC 5321 4.3.2).
    fn go_ahead(&mut self, answer: Result<Response, Trouble>) -> Result<(), Trouble> {
        let response = answer?;
        if response.has_code(354) {
            return Ok(());
        }
        self.is_broken = true;
        Err(Trouble::Lost(format!("odd answer: {}", words(&response))))
    }

    /// Sends a command and reads one answer.
    async fn ask(&mut self, command: &str, patience: Duration) -> Result<Response, Trouble> {
        let asked = self.connection.command(format!("{command}\r\n"));
        let answer = timeout(patience, asked).await;
        self.understood(answer, patience)
    }

    /// Reads one more answer.
    async fn answer(&mut self, patience: Duration) -> Result<Response, Trouble> {
        let answer = timeout(patience, self.connection.read_response()).await;
        self.understood(answer, patience)
    }

    fn understood<E>(
        &mut self,
        answer: Result<Result<Response, lettre::transport::smtp::Error>, E>,
        patience: Duration,
    ) -> Result<Response, Trouble> {
        let result = match answer {
            Ok(result) => result.map_err(Trouble::from),
            Err(_) => Err(Trouble::Lost(silent("to the command", patience))),
        };
        if let Err(Trouble::Lost(_) | Trouble::No { code: 421, .. }) = &result {
            self.is_broken = true;
        }
        result
    }
}

impl From<lettre::transport::smtp::Error> for Trouble {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let said = std::error::Error::source(&error).map(ToString::to_string);
        match error.status() {
            Some(code) => Self::No {
                code: code.into(),
                text: printable(&format!("{code} {}", said.unwrap_or_default())),
            },
            None => Self::Lost(printable(&match said {
                Some(said) => format!("the connection was lost: {said}"),
                None => format!("the connection was lost: {error}"),
            })),
        }
    }
}

pub(super) fn silent(to_what: &str, patience: Duration) -> String {
    format!("no answer {to_what} within {} s", patience.as_secs_f32())
}

/// The server's answer in one line.
pub(super) fn words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    printable(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Bounds what is kept of a server's words, in characters, and keeps control characters out of the log.
pub(super) fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .take(1000)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
