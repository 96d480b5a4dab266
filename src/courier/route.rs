//! Opens connections to a submission server: greeting, STARTTLS, EHLO, login.
//!
//! A connection is protected as configured or given up. Nothing that goes wrong here is about a letter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::Patience;
use super::line::{Line, Offers, Trouble, printable, silent};
use super::stream::{Gate, Stream, peer};
use crate::config::settings::{Secret, SmtpSettings, Tls};
use crate::net::{self, Wire};

/// The longest greeting or answer to EHLO and STARTTLS, in bytes; lettre's bound for all others is 100,000.
const REPLY_MAX: usize = 64 * 1024;

/// Reads a secret from its source; may block.
pub(super) type ReadSecret = Arc<dyn Fn(&Secret) -> Result<String, String> + Send + Sync>;

/// Where letters of a desk go, and how.
pub(super) struct Route {
    desk: String,
    settings: SmtpSettings,
    hello: String,
    password: ReadSecret,
    pub(super) patience: Patience,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("desk", &self.desk)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
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
    pub(super) async fn open(&self, gate: &Arc<Gate>) -> Result<Line, String> {
        let server = &self.settings.server;
        let at_server = |reason: String| format!("{}:{}: {reason}", server.host, server.port);
        let patience = self.patience;
        let wire = match timeout(patience.connect, net::connect(server)).await {
            Ok(wire) => wire.map_err(|error| error.to_string())?,
            Err(_) => return Err(at_server(silent("to the connection", patience.connect))),
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
        Ok(Line::new(connection, offers))
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
        Err(_) => Err(silent("to the command", patience)),
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
        Err(_) => Err(silent(&format!("at {to_what}"), patience)),
    }
}
