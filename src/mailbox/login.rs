//! From a host name to a logged-in IMAP connection.
//!
//! Promises: with `tls = "starttls"` nothing but STARTTLS is sent in clear, and without it nothing
//! at all; capabilities are those the server has after the login; every step is bounded.
//! What is then done with the connection is left to `imap.rs`.

use std::collections::BTreeSet;

use async_imap::imap_proto::{Capability, Response, ResponseCode, Status};
use async_imap::types::UnsolicitedResponse;
use async_imap::{Authenticator, Client};
use tokio::io::BufWriter;
use tokio::time::timeout;

use super::checked::{Checked, for_people, listen, refused, suggested_wait};
use super::{MailboxError, Patience};
use crate::config::settings::{ImapSettings, Tls};
use crate::net::{self, Wire};

/// What a server can do, in upper case, such as `IDLE` or `AUTH=PLAIN`.
pub(super) type Capabilities = BTreeSet<String>;

/// A connection that sends a command in one piece, when it is flushed: async-imap writes the tag, the space, the command and
/// the end of the line by themselves, each of which would be a packet and a TLS record.
pub(super) type Line = BufWriter<Wire>;

/// Connects and logs in.
pub(super) async fn login(
    settings: &ImapSettings,
    password: &str,
    patience: &Patience,
    at_login: impl FnOnce(),
) -> Result<(Checked, Capabilities), MailboxError> {
    let wire = net::connect(&settings.server).await?;
    let mut client = Client::new(Line::new(wire));
    let mut offered = greeting(&mut client, patience).await?;
    if settings.server.tls == Tls::StartTls {
        client = start_tls(client, settings, offered, patience).await?;
        offered = None; // RFC 9051 6.2.1: what was said in clear is not to be believed
    }
    let offered = match offered {
        Some(offered) => offered,
        None => capabilities(&mut client, patience).await?,
    };
    // LOGIN puts the password into a quoted string, which holds ASCII only (RFC 9051 6.2.3).
    let plain = offered.contains("AUTH=PLAIN") || !password.is_ascii();
    at_login();
    let session = timeout(patience.command, async {
        if plain {
            let credentials = Plain(format!("\0{}\0{password}", settings.user));
            client.authenticate("PLAIN", credentials).await
        } else {
            client.login(&settings.user, password).await
        }
    })
    .await
    .map_err(|_| MailboxError::Silent {
        during: "login",
        seconds: patience.command.as_secs(),
    })?
    .map_err(|(error, _)| denied(error))?;
    let mut checked = Checked::new(session, *patience);
    let mut now_offered = Capabilities::new();
    checked
        .run("CAPABILITY", "CAPABILITY", |answer| {
            now_offered.extend(said_in(answer).unwrap_or_default());
        })
        .await?;
    Ok((checked, now_offered))
}

async fn greeting(
    client: &mut Client<Line>,
    patience: &Patience,
) -> Result<Option<Capabilities>, MailboxError> {
    const NAME: &str = "the connection";
    let answer = listen(NAME, patience.answer, client.read_response()).await?;
    match answer.parsed() {
        Response::Data {
            status: Status::Ok, ..
        } => Ok(said_in(answer.parsed())),
        Response::Data {
            status: Status::PreAuth,
            ..
        } => Err(refused(NAME, "logged in before the login (PREAUTH)")),
        Response::Data { outcome, .. } => Err(refused(
            NAME,
            outcome.information.as_deref().unwrap_or_default(),
        )),
        _ => Err(MailboxError::Garbled { during: NAME }),
    }
}

async fn start_tls(
    mut client: Client<Line>,
    settings: &ImapSettings,
    offered: Option<Capabilities>,
    patience: &Patience,
) -> Result<Client<Line>, MailboxError> {
    let refusal = || MailboxError::NoStartTls {
        host: settings.server.host.clone(),
    };
    let offered = match offered {
        Some(offered) => offered,
        None => capabilities(&mut client, patience).await?,
    };
    if !offered.contains("STARTTLS") {
        return Err(refusal());
    }
    timeout(
        patience.answer,
        client.run_command_and_check_ok("STARTTLS", None),
    )
    .await
    .map_err(|_| MailboxError::Silent {
        during: "STARTTLS",
        seconds: patience.answer.as_secs(),
    })?
    .map_err(|error| match error {
        async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => refusal(),
        _ => MailboxError::Lost { during: "STARTTLS" },
    })?;
    // `into_inner` drops what was read ahead: nothing said in clear is taken for protected.
    let wire = net::protect(client.into_inner().into_inner(), &settings.server).await?;
    Ok(Client::new(Line::new(wire)))
}

/// Asks for the capabilities before the login. async-imap shows untagged answers of that time only
/// through the channel for what was not asked for.
async fn capabilities(
    client: &mut Client<Line>,
    patience: &Patience,
) -> Result<Capabilities, MailboxError> {
    const NAME: &str = "CAPABILITY";
    let (sender, heard) = async_channel::bounded(16); // one is expected; more are let go
    let asked = client.run_command_and_check_ok(NAME, Some(sender));
    match timeout(patience.answer, asked).await {
        Err(_) => {
            return Err(MailboxError::Silent {
                during: NAME,
                seconds: patience.answer.as_secs(),
            });
        }
        Ok(Err(async_imap::error::Error::No(text) | async_imap::error::Error::Bad(text))) => {
            return Err(refused(NAME, &text));
        }
        Ok(Err(_)) => return Err(MailboxError::Lost { during: NAME }),
        Ok(Ok(())) => {}
    }
    let mut offered = Capabilities::new();
    while let Ok(answer) = heard.try_recv() {
        if let UnsolicitedResponse::Other(answer) = answer {
            offered.extend(said_in(answer.parsed()).unwrap_or_default());
        }
    }
    Ok(offered)
}

/// The capabilities an answer tells, whether it is one of its own or a code of another.
fn said_in(answer: &Response<'_>) -> Option<Capabilities> {
    let list = match answer {
        Response::Capabilities(list) => list,
        Response::Data { outcome, .. } | Response::Done { outcome, .. } => match &outcome.code {
            Some(ResponseCode::Capabilities(list)) => list,
            _ => return None,
        },
        _ => return None,
    };
    let name = |capability: &Capability<'_>| match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_uppercase()),
        Capability::Atom(name) => name.to_uppercase(),
    };
    Some(list.iter().map(name).collect())
}

fn denied(error: async_imap::error::Error) -> MailboxError {
    use async_imap::error::Error;
    match error {
        Error::No(text) | Error::Bad(text) => {
            // async-imap writes the answer down as `code: None, info: Some("...")`.
            let text = match text.split_once("info: Some(\"") {
                Some((_, said)) => said.trim_end_matches("\")").to_owned(),
                None => text,
            };
            let wait = suggested_wait(&text);
            let upper = text.to_uppercase();
            // Without a code the refusal of a login is about the login, unless it names a time.
            let otherwise = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "TOO MANY"]
                .iter()
                .any(|sign| upper.contains(sign));
            MailboxError::Denied {
                text: for_people(&text),
                wait,
                credentials: wait.is_none() && !otherwise,
            }
        }
        Error::Validate(_) => MailboxError::Password(
            "user or password holds a line end; a password file has the password alone on its first line"
                .to_owned(),
        ),
        Error::Parse(_) => MailboxError::Garbled { during: "login" },
        _ => MailboxError::Lost { during: "login" },
    }
}

/// AUTHENTICATE PLAIN (RFC 4616): one answer; an empty one to anything asked after it.
struct Plain(String);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}
