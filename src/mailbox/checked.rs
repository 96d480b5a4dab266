//! IMAP commands that either succeeded or did not: the one place where `async-imap` is listened to.
//!
//! async-imap 0.12 takes the end of the stream, a tagged NO and a tagged BAD all for the end of an
//! answer. Here a command is done only when *its* tag came with OK. Everything else is an error:
//! refusals with their text and the back-off they suggest, BYE, the end of the stream, silence, and
//! answers its parser cannot read (or panics on). After an error the connection is not used again.
//! What the answers mean is left to `imap.rs`.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_imap::Session;
use async_imap::imap_proto::{MailboxDatum, RequestId, Response, Status};
use tokio::time::{Instant, timeout};
use tracing::debug;

use super::login::Line;
use super::{MailboxError, Patience};

/// A logged-in connection whose commands are checked.
#[derive(Debug)]
pub struct Checked {
    session: Session<Line>,
    patience: Patience,
    exists: u32,
    news: bool,
}

/// How a wait in IDLE ended, the connection being well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idled {
    /// Mail may have arrived.
    News,
    /// The time was up.
    TimeUp,
    /// The server does not want IDLE.
    Refused,
}

impl Checked {
    /// Takes over a session right after the login.
    pub fn new(session: Session<Line>, patience: Patience) -> Self {
        Self {
            session,
            patience,
            exists: 0,
            news: false,
        }
    }

    /// How many mails the open folder holds, as far as the server told.
    pub fn exists(&self) -> u32 {
        self.exists
    }

    /// Forgets the news so far: what was told until now is about to be looked at.
    pub fn take_news(&mut self) {
        self.news = false;
    }

    /// Runs `command` and hands every answer to `take`, the final OK included.
    /// `name` stands for the command in errors; the command itself may hold names of folders.
    ///
    /// # Errors
    /// `Refused`, `Lost`, `Silent`, `Garbled`; what `take` saw until then may be incomplete.
    pub async fn run(
        &mut self,
        name: &'static str,
        command: &str,
        mut take: impl FnMut(&Response<'_>),
    ) -> Result<(), MailboxError> {
        let most = self.patience.command;
        timeout(most, async {
            let tag = self.send(name, command).await?;
            let answer = self.patience.answer;
            loop {
                let ended = self.read(name, answer, |response| {
                    take(response);
                    end(response, &tag, name)
                });
                if let Some(ended) = ended.await? {
                    return ended;
                }
            }
        })
        .await
        .unwrap_or_else(|_| Err(silent(name, most)))
    }

    /// Waits in IDLE (RFC 2177) until something arrives, `most` has passed or the server refuses.
    ///
    /// What was told before IDLE was accepted ends it at once: a mail that came between the last
    /// listing and IDLE would otherwise lie there until the next one (chatmail/core#2518).
    ///
    /// # Errors
    /// Anything that is neither news nor time: the connection cannot be relied on any more.
    pub async fn idle(&mut self, most: Duration) -> Result<Idled, MailboxError> {
        const NAME: &str = "IDLE";
        let accept = Instant::now() + self.patience.idle_accept;
        let tag = self.send(NAME, "IDLE").await?;
        loop {
            let accepted = self.read_until(NAME, accept, |response| match response {
                Response::Continue(_) => Some(Ok(true)),
                other => end(other, &tag, NAME).map(|ended| ended.map(|()| false)),
            });
            match accepted.await? {
                None => {}
                Some(Ok(true)) => break,
                Some(Err(MailboxError::Refused { .. })) => return Ok(Idled::Refused),
                // Done before it began.
                Some(_) => return Err(MailboxError::Garbled { during: NAME }),
            }
        }
        let end_at = Instant::now() + most.min(self.patience.idle);
        while !self.news {
            // "OK Still here" and flags of others are no reason to wake, and do not prolong the
            // wait. An end of IDLE nobody asked for is a surprise; several servers do it.
            let ended = self.read_until(NAME, end_at, |response| {
                matches!(response, Response::Done { .. })
            });
            match ended.await {
                Ok(false) => {}
                Ok(true) => return Err(MailboxError::Garbled { during: NAME }),
                Err(MailboxError::Silent { .. }) => break, // the time is up, as it should be
                Err(error) => return Err(error),
            }
        }
        let done = Instant::now() + self.patience.done;
        let sent = timeout(
            self.patience.done,
            self.session.run_command_untagged("DONE"),
        );
        match sent.await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(MailboxError::Lost { during: "DONE" }),
            Err(_) => return Err(silent("DONE", self.patience.done)),
        }
        loop {
            match self
                .read_until("DONE", done, |response| end(response, &tag, "DONE"))
                .await?
            {
                None => {}
                Some(Ok(())) => break,
                Some(Err(_)) => return Err(MailboxError::Garbled { during: "DONE" }),
            }
        }
        Ok(if self.news {
            Idled::News
        } else {
            Idled::TimeUp
        })
    }

    async fn send(&mut self, name: &'static str, command: &str) -> Result<RequestId, MailboxError> {
        let most = self.patience.answer;
        match timeout(most, self.session.run_command(command)).await {
            Ok(Ok(tag)) => Ok(tag),
            Ok(Err(_)) => Err(MailboxError::Lost { during: name }),
            Err(_) => Err(silent(name, most)),
        }
    }

    async fn read_until<R>(
        &mut self,
        during: &'static str,
        end: Instant,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<R, MailboxError> {
        let left = end.saturating_duration_since(Instant::now());
        self.read(during, left, look).await
    }

    /// Waits for one answer and shows it to `look`.
    async fn read<R>(
        &mut self,
        during: &'static str,
        most: Duration,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<R, MailboxError> {
        let answer = listen(during, most, self.session.read_response()).await?;
        match answer.parsed() {
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.news |= *count != self.exists;
                self.exists = *count;
            }
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data {
                status: Status::Bye,
                outcome,
            } => {
                // A good-bye without a reason to stay away is a lost connection like any other.
                let text = outcome.information.as_deref().unwrap_or_default();
                debug!("The server says good-bye: {}", for_people(text));
                return Err(if passes(text) {
                    refused(during, text)
                } else {
                    MailboxError::Lost { during }
                });
            }
            _ => {}
        }
        Ok(look(answer.parsed()))
    }
}

/// How the command with `tag` ended; `None` for an answer that is not its end.
fn end(
    response: &Response<'_>,
    tag: &RequestId,
    name: &'static str,
) -> Option<Result<(), MailboxError>> {
    let Response::Done {
        tag: done,
        status,
        outcome,
    } = response
    else {
        return None;
    };
    Some(match status {
        // A tag we never sent: the answers are no longer in step with the commands.
        _ if done != tag => Err(MailboxError::Garbled { during: name }),
        Status::Ok => Ok(()),
        _ => Err(refused(
            name,
            outcome.information.as_deref().unwrap_or_default(),
        )),
    })
}

/// Waits for one answer. The end of the stream is an error, and so is a panic of the parser:
/// imap-proto 0.17 panics on `INTERNALDATE NIL`.
pub(super) async fn listen<A>(
    during: &'static str,
    most: Duration,
    answer: impl Future<Output = io::Result<Option<A>>>,
) -> Result<A, MailboxError> {
    let mut answer = pin!(answer);
    let guarded =
        poll_fn(
            |context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
                Ok(poll) => poll.map(Ok),
                Err(_) => Poll::Ready(Err(())),
            },
        );
    match timeout(most, guarded).await {
        Err(_) => Err(silent(during, most)),
        Ok(Err(())) => Err(MailboxError::Garbled { during }),
        Ok(Ok(Ok(Some(answer)))) => Ok(answer),
        Ok(Ok(Ok(None))) => Err(MailboxError::Lost { during }),
        // async-imap reports what it cannot parse as `Other`, with the whole answer in the text:
        // that is somebody's mail and stays out of errors and logs.
        Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::Other => {
            Err(MailboxError::Garbled { during })
        }
        Ok(Ok(Err(_))) => Err(MailboxError::Lost { during }),
    }
}

fn silent(during: &'static str, most: Duration) -> MailboxError {
    MailboxError::Silent {
        during,
        seconds: most.as_secs(),
    }
}

pub(super) fn refused(command: &'static str, text: &str) -> MailboxError {
    MailboxError::Refused {
        command,
        text: for_people(text),
        wait: suggested_wait(text),
        passing: passes(text),
    }
}

/// Whether a refusal is about the server's state rather than about what was asked for.
/// RFC 5530 codes, and words of servers without codes.
fn passes(text: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "[unavailable]",
        "[inuse]",
        "[limit]",
        "[overquota]",
        "[throttled]",
        "throttle",
        "backoff",
        "try again",
        "too many",
    ];
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign)) || suggested_wait(&text).is_some()
}

/// A server's text as it may stand in a log: one short line without addresses.
pub(super) fn for_people(text: &str) -> String {
    const LENGTH: usize = 200; // enough for every refusal quoted in reliability.md F22
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| {
            if word.contains('@') {
                "(address)"
            } else {
                word
            }
        })
        .collect();
    words.join(" ").chars().take(LENGTH).collect()
}

/// How long a refusal asks to wait, such as `Request is throttled. Suggested Backoff Time: 299961
/// milliseconds` (imapsync#272). At most an hour: a silly number must not stop a mailbox.
pub(super) fn suggested_wait(text: &str) -> Option<Duration> {
    const MOST: Duration = Duration::from_secs(3600);
    let text = text.to_lowercase();
    let after = ["backoff", "back-off", "back off", "retry", "try again"]
        .iter()
        .find_map(|sign| text.split_once(sign).map(|(_, after)| after))?;
    let number_at = after.find(|c: char| c.is_ascii_digit())?;
    let number = after.get(number_at..)?;
    let unit = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u64 = number
        .get(..number.len() - unit.len())?
        .parse()
        .unwrap_or(u64::MAX);
    let unit = unit.trim_start();
    let wait = if unit.starts_with("ms") || unit.starts_with("milli") {
        Duration::from_millis(count)
    } else if unit.starts_with("min") {
        Duration::from_secs(count.saturating_mul(60))
    } else {
        Duration::from_secs(count)
    };
    Some(wait.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_pause_is_found() {
        let throttled =
            "Request is throttled. Suggested Backoff Time: 299961 milliseconds [severity=1]";
        assert_eq!(
            suggested_wait(throttled),
            Some(Duration::from_millis(299_961))
        );
        assert_eq!(
            suggested_wait("please retry in 5 minutes"),
            Some(Duration::from_secs(300))
        );
        assert_eq!(
            suggested_wait("Try again after 30s"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            suggested_wait("backoff 99999999999999999999999 seconds"),
            Some(Duration::from_secs(3600))
        );
        assert_eq!(suggested_wait("[SERVERBUG] Internal error 17"), None);
    }

    #[test]
    fn a_passing_refusal_is_told_from_a_lasting_one() {
        for text in [
            "[OVERQUOTA] Account exceeded command or bandwidth limits",
            "[UNAVAILABLE] Temporary failure",
            "Request is throttled. Suggested Backoff Time: 1 milliseconds",
            "Too many simultaneous connections",
        ] {
            assert!(passes(text), "{text}");
        }
        assert!(!passes("The requested message could not be converted"));
    }

    #[test]
    fn no_address_and_no_control_reaches_the_log() {
        let text = for_people("User\r\nann@example.org\u{7} is  not connected");
        assert_eq!(text, "User (address) is not connected");
        assert_eq!(for_people(&"x".repeat(5000)).len(), 200);
    }
}
