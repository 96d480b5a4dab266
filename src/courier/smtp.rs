//! Carries letters to a submission server by SMTP (RFC 5321, 6409).
//!
//! lettre speaks the protocol and doubles the dots; `net.rs` connects and protects; `stream.rs` keeps
//! the final dot back until the gateway has written down that it goes. Each step has its own deadline.
//!
//! What is believed: a 2xx to the final dot means accepted, a 4xx or 5xx to it means not accepted. A
//! connection that ends before the dot left has accepted nothing; one that ends after it may have.
//! 4xx is `Deferred`, 5xx is `Refused`, even where a server says 5.5.0 and means later: guessing from
//! texts would be wrong as often. Exceptions are in `verdict`.
//!
//! lettre 0.11.23 can panic on a strange answer (RUSTSEC-2026-0562). That costs the connection only.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::Patience;
use super::stream::{Gate, Stream, peer};
use crate::config::settings::{Secret, SmtpSettings, Tls};
use crate::desk::letter::{Delivery, Letter};
use crate::net::{self, Wire};

/// A connection that was not used for so long is not used again: many servers and firewalls drop idle
/// ones after a minute, some without a word.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// The longest greeting or answer to EHLO and STARTTLS, in bytes; lettre's bound for all others is 100,000.
const REPLY_MAX: usize = 64 * 1024;

type ReadSecret = Arc<dyn Fn(&Secret) -> Result<String, String> + Send + Sync>;

/// Where letters of a desk go, and how.
pub struct Route {
    desk: String,
    settings: SmtpSettings,
    hello: String,
    password: ReadSecret,
    patience: Patience,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("desk", &self.desk)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Why a step did not succeed.
#[derive(Debug)]
enum Trouble {
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
enum Step {
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Dot => "the letter",
        }
    }
}

/// What a refusal says about the letter, by the step it was the answer to.
fn verdict(step: Step, trouble: &Trouble) -> Delivery {
    let said = format!("{}: {trouble}", step.word());
    match trouble {
        Trouble::Lost(_) => Delivery::Deferred(said),
        Trouble::No { code, .. } => match (code, step) {
            (..500, _) => Delivery::Deferred(said),
            // About us, not the letter: bad sequence (RFC 5321 4.2.3); login or protection wanted
            // (RFC 4954 6). Somebody can mend that while the letter waits.
            (503 | 530 | 534 | 535 | 538, _) => Delivery::Deferred(said),
            // RFC 5321 4.5.3.1.10: for RCPT it is to be taken as 452.
            (552, Step::Rcpt) => Delivery::Deferred(said),
            _ => Delivery::Refused(said),
        },
    }
}

/// One connection after the other, one letter after the other.
#[derive(Debug)]
pub(super) struct Trips {
    route: Arc<Route>,
    gate: Arc<Gate>,
    line: Option<Line>,
}

/// An open connection, greeted and logged in.
struct Line {
    connection: AsyncSmtpConnection,
    offers: Offers,
    /// A transaction was broken off; RSET has to come first.
    is_dirty: bool,
    /// Not to be used again.
    is_broken: bool,
    used_at: Instant,
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
struct Offers {
    /// RFC 2920: MAIL, RCPT and DATA may be sent together.
    pipelining: bool,
    /// RFC 1870: MAIL may tell the size.
    size: bool,
}

impl Offers {
    fn of(answer: &[u8]) -> Self {
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

impl Trips {
    pub(super) fn new(route: Arc<Route>) -> Self {
        Self {
            route,
            gate: Arc::default(),
            line: None,
        }
    }

    pub(super) async fn carry<F, Fut>(&mut self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        self.gate.reset();
        let gate = self.gate.clone();
        match unless_panic(self.attempt(letter, before_dot)).await {
            Some(delivery) => delivery,
            // The connection went with the panic; `attempt` had taken it out.
            None => lost(&gate, "the connection was given up after a panic"),
        }
    }

    async fn attempt<F, Fut>(&mut self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let patience = self.route.patience;
        // Taken out: if this future is dropped or panics, the connection goes with it.
        let idle = self.line.take();
        let reusable = idle.filter(|line| line.used_at.elapsed() < IDLE_MAX);
        let is_reused = reusable.is_some();
        let mut line = match reusable {
            Some(line) => line,
            None => match self.route.open(&self.gate).await {
                Ok(line) => line,
                Err(reason) => return Delivery::Deferred(reason),
            },
        };
        let mut envelope = line.envelope(letter, patience).await;
        if is_reused && line.is_broken && matches!(envelope, Err((Step::Mail, _))) {
            // The server ended the connection while it was idle, or wants no more letters on it. That
            // says nothing about this letter, so it gets a fresh connection and loses no attempt.
            line = match self.route.open(&self.gate).await {
                Ok(line) => line,
                Err(reason) => return Delivery::Deferred(reason),
            };
            envelope = line.envelope(letter, patience).await;
        }
        let delivery = match envelope {
            Ok(()) => self.body(&mut line, letter, before_dot).await,
            Err((step, trouble)) => verdict(step, &trouble),
        };
        if !line.is_broken {
            line.used_at = Instant::now();
            self.line = Some(line);
        }
        delivery
    }

    /// From the 354 on: the body, the gateway's word, the dot, the answer.
    async fn body<F, Fut>(&self, line: &mut Line, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let (patience, gate) = (self.route.patience, &*self.gate);
        // Nothing short of an answer to the dot makes this connection usable again: whatever else
        // were sent would be a part of the letter.
        line.is_broken = true;
        // lettre puts a CRLF before the dot.
        let bytes = letter.bytes.strip_suffix(b"\r\n").unwrap_or(&letter.bytes);
        gate.await_dot();
        let mut sending = pin!(line.connection.message(bytes));
        loop {
            let moved = gate.moved();
            let until_dot = poll_fn(|cx| match sending.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending if gate.is_held() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            match timeout(patience.block, until_dot).await {
                Ok(None) => break,
                Ok(Some(Ok(_))) => {
                    return lost(gate, "the server answered before the letter's end");
                }
                Ok(Some(Err(error))) => return lost(gate, &Trouble::from(error).to_string()),
                Err(_) if gate.moved() != moved => {}
                Err(_) => return lost(gate, &silent("to the letter", patience.block)),
            }
        }
        if let Err(reason) = before_dot().await {
            return Delivery::Deferred(reason);
        }
        gate.release();
        let answer = match timeout(patience.dot, sending).await {
            Err(_) => return lost(gate, &silent("to the final dot", patience.dot)),
            Ok(answer) => answer.map_err(Trouble::from),
        };
        match answer {
            Ok(response) if response.code().severity == Severity::PositiveCompletion => {
                line.is_broken = false;
                Delivery::Accepted(words(&response))
            }
            Ok(response) => lost(gate, &format!("odd answer: {}", words(&response))),
            Err(trouble @ Trouble::No { code, .. }) => {
                line.is_broken = code == 421;
                verdict(Step::Dot, &trouble)
            }
            Err(Trouble::Lost(reason)) => lost(gate, &reason),
        }
    }

    /// Says QUIT and closes the connection, if there is one. For shutdown and for pauses.
    pub(super) async fn rest(&mut self) {
        if let Some(mut line) = self.line.take() {
            self.gate.leave();
            // The answer changes nothing; the wait for it keeps the server from seeing a cut.
            let goodbye = unless_panic(line.connection.quit());
            let _ = timeout(Duration::from_secs(2), goodbye).await;
        }
    }
}

impl Line {
    /// MAIL, RCPT and DATA. After `Ok` the server waits for the body. On failure says at which step;
    /// then nothing can have been accepted.
    async fn envelope(
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
            Err(_) => Err(Trouble::Lost(silent("", patience))),
        };
        if let Err(Trouble::Lost(_) | Trouble::No { code: 421, .. }) = &result {
            self.is_broken = true;
        }
        result
    }
}

impl Route {
    pub(super) fn new(
        desk: &str,
        settings: &SmtpSettings,
        hello: &str,
        password: ReadSecret,
        patience: Patience,
    ) -> Self {
        Self {
            desk: desk.to_owned(),
            settings: settings.clone(),
            hello: hello.to_owned(),
            password,
            patience,
        }
    }

    /// A connection that is ready for MAIL, or why there is none. Nothing here is about a letter.
    async fn open(&self, gate: &Arc<Gate>) -> Result<Line, String> {
        let server = &self.settings.server;
        let at_server = |reason: String| format!("{}:{}: {reason}", server.host, server.port);
        let patience = self.patience;
        let wire = match timeout(patience.connect, net::connect(server)).await {
            Ok(wire) => wire.map_err(|error| error.to_string())?,
            Err(_) => return Err(at_server(silent("", patience.connect))),
        };
        let wire = self.greet(wire).await.map_err(at_server)?;
        let may_tell_password = match &wire {
            Wire::Tls(_) => true,
            Wire::Plain(_) => {
                let address = peer(&wire).map_err(|error| at_server(error.to_string()))?;
                address.ip().to_canonical().is_loopback()
            }
        };
        let stream =
            Stream::new(wire, gate.clone()).map_err(|error| at_server(error.to_string()))?;
        gate.listen();
        let hello = ClientId::Domain(self.hello.clone());
        let connected = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let mut connection = match timeout(patience.command, connected).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(at_server(format!("EHLO: {}", Trouble::from(error)))),
            Err(_) => return Err(at_server(silent("to EHLO", patience.command))),
        };
        let offers = Offers::of(&gate.heard());
        if let Some((user, secret)) = &self.settings.login {
            if !may_tell_password {
                return Err(at_server(
                    "the password is not sent over an unprotected connection; set `tls`".to_owned(),
                ));
            }
            self.log_in(&mut connection, user, secret)
                .await
                .map_err(at_server)?;
        }
        Ok(Line {
            connection,
            offers,
            is_dirty: false,
            is_broken: false,
            used_at: Instant::now(),
        })
    }

    /// Reads the greeting and, where STARTTLS is wanted, asks for it and protects the connection.
    async fn greet(&self, mut wire: Wire) -> Result<Wire, String> {
        let patience = self.patience.command;
        let greeting = reply(&mut wire, "greeting", patience).await?;
        greeting.expect("greeting", "220")?;
        if self.settings.server.tls != Tls::StartTls {
            return Ok(wire);
        }
        // lettre could speak the EHLO, but would keep the plain stream inside.
        tell(&mut wire, &format!("EHLO {}\r\n", self.hello), patience).await?;
        let answer = reply(&mut wire, "EHLO", patience).await?;
        answer.expect("EHLO", "250")?;
        if !answer.offers("STARTTLS") {
            return Err(
                "the server offers no STARTTLS, and nothing is sent unprotected; try port 465 with \
                 tls = \"implicit\", or check that nothing between changes the connection"
                    .to_owned(),
            );
        }
        tell(&mut wire, "STARTTLS\r\n", patience).await?;
        let answer = reply(&mut wire, "STARTTLS", patience).await?;
        answer.expect("STARTTLS", "220")?;
        match timeout(
            self.patience.connect,
            net::protect(wire, &self.settings.server),
        )
        .await
        {
            Ok(wire) => wire.map_err(|error| error.to_string()),
            Err(_) => Err(silent("to the TLS handshake", self.patience.connect)),
        }
    }

    async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        user: &str,
        secret: &Secret,
    ) -> Result<(), String> {
        let desk = &self.desk;
        let (read, secret) = (self.password.clone(), secret.clone());
        let password = tokio::task::spawn_blocking(move || read(&secret));
        let password = match timeout(self.patience.connect, password).await {
            Ok(Ok(Ok(password))) => password,
            Ok(Ok(Err(reason))) => {
                return Err(format!("the password of [desk.{desk}.courier]: {reason}"));
            }
            Ok(Err(error)) => {
                return Err(format!("the password of [desk.{desk}.courier]: {error}"));
            }
            Err(_) => {
                return Err(format!(
                    "the password of [desk.{desk}.courier] could not be read in time"
                ));
            }
        };
        let offered = connection
            .server_info()
            .get_auth_mechanism(DEFAULT_MECHANISMS);
        if offered.is_none() {
            return Err(format!(
                "the server offers no login by PLAIN or LOGIN; check `port`, `tls` and `user` in [desk.{desk}.courier]"
            ));
        }
        let credentials = Credentials::new(user.to_owned(), password);
        let login = connection.auth(DEFAULT_MECHANISMS, &credentials);
        match timeout(self.patience.command, login).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!(
                "the login of {user} was not taken: {}; check `user` and `password` in [desk.{desk}.courier], \
                 and whether the account may send by SMTP with a password",
                Trouble::from(error)
            )),
            Err(_) => Err(silent("to the login", self.patience.command)),
        }
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

/// What is known of a letter when the connection has ended without an answer.
fn lost(gate: &Gate, reason: &str) -> Delivery {
    if gate.is_out() {
        Delivery::Unknown(format!("{reason}; the letter had been sent whole"))
    } else {
        Delivery::Deferred(reason.to_owned())
    }
}

fn silent(to_what: &str, patience: Duration) -> String {
    format!("no answer {to_what} within {} s", patience.as_secs_f32())
}

/// The server's answer in one line.
fn words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    printable(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Bounds what is kept of a server's words, in characters, and keeps control characters out of the log.
fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .take(1000)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The result, or `None` if the future panicked. What it held is dropped by then.
async fn unless_panic<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

/// An answer on the connection before lettre has it.
struct Reply {
    lines: Vec<String>,
}

impl Reply {
    /// `Ok` when the answer has the code.
    fn expect(&self, to_what: &str, code: &str) -> Result<(), String> {
        match self.lines.last() {
            Some(line) if line.starts_with(code) => Ok(()),
            _ => Err(format!("{to_what}: {}", printable(&self.lines.join(" ")))),
        }
    }

    fn offers(&self, extension: &str) -> bool {
        self.lines
            .iter()
            .filter_map(|line| line.get(4..)?.split_ascii_whitespace().next())
            .any(|word| word.eq_ignore_ascii_case(extension))
    }
}

async fn tell(wire: &mut Wire, command: &str, patience: Duration) -> Result<(), String> {
    let sending = async {
        wire.write_all(command.as_bytes()).await?;
        wire.flush().await
    };
    match timeout(patience, sending).await {
        Ok(result) => result.map_err(|error| format!("the connection was lost: {error}")),
        Err(_) => Err(silent("", patience)),
    }
}

/// Reads one answer and nothing more. Bytes behind it are a reason to give the connection up: before
/// STARTTLS they would be unprotected words taken for protected ones (CVE-2011-0411 and its like).
async fn reply(wire: &mut Wire, to_what: &str, patience: Duration) -> Result<Reply, String> {
    let reading = async {
        let mut bytes = Vec::new();
        loop {
            let mut chunk = [0; 1024];
            let count = match wire.read(&mut chunk).await {
                Ok(0) => return Err("the connection was cut".to_owned()),
                Ok(count) => count,
                Err(error) => return Err(format!("the connection was lost: {error}")),
            };
            bytes.extend(chunk.iter().take(count));
            if bytes.len() > REPLY_MAX {
                return Err(format!("the answer has more than {REPLY_MAX} bytes"));
            }
            let text = String::from_utf8_lossy(&bytes);
            let whole = text
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'));
            let lines: Vec<String> = whole.map(|line| line.trim_end().to_owned()).collect();
            let is_last = |line: &String| line.as_bytes().get(3) != Some(&b'-');
            match lines.iter().position(is_last) {
                None => {}
                Some(last) if last + 1 == lines.len() && bytes.ends_with(b"\n") => {
                    return Ok(Reply { lines });
                }
                Some(_) => return Err("the server said more than it was asked".to_owned()),
            }
        }
    };
    match timeout(patience, reading).await {
        Ok(result) => result.map_err(|reason| format!("{to_what}: {reason}")),
        Err(_) => Err(silent(&format!("({to_what})"), patience)),
    }
}
