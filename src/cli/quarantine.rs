//! `guichet quarantine`: mails that were set aside, each with its bytes and its reason.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{Failure, NOT_FOUND, OK, reader, settings, shown};
use crate::store::{MailView, Store, Tx};

/// Lists what is set aside, oldest first.
pub fn list(config: Option<&Path>, as_json: bool, out: &mut impl Write) -> Result<u8, Failure> {
    let reader = reader(config)?;
    for mail in reader.quarantine()? {
        let ticket = ticket_of(&reader, &mail)?;
        if as_json {
            let object = json!({
                "id": mail.id,
                "mailbox": mail.mailbox,
                "message_id": mail.message_id,
                "from": mail.sender,
                "subject": mail.subject,
                "reason": reason(&mail),
                "tries": mail.attempts,
                "received_at": mail.received_at,
                "ticket": ticket,
            });
            writeln!(out, "{object}")?;
        } else {
            let from = shown(mail.sender.as_deref().unwrap_or("(no sender)"));
            let subject = shown(mail.subject.as_deref().unwrap_or("(no subject)"));
            writeln!(
                out,
                "{:<6} {:<20} {from}  {subject}\n       {}",
                mail.id,
                mail.mailbox,
                shown(&reason(&mail))
            )?;
        }
    }
    Ok(OK)
}

/// Prints the unchanged bytes of a mail.
pub fn show(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    let bytes = reader(config)?.mail_bytes(id)?.ok_or_else(|| missing(id))?;
    out.write_all(&bytes)?;
    Ok(OK)
}

/// Lets a mail be tried anew.
pub fn retry(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    change(
        config,
        id,
        |tx, id| tx.retry_mail(id),
        "is tried again by the next `guichet run`",
        out,
    )
}

/// Takes a mail off the list. Its bytes are kept.
pub fn drop(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    change(
        config,
        id,
        |tx, id| tx.drop_mail(id),
        "is off the list; its bytes are kept",
        out,
    )
}

type Work = fn(&Tx<'_>, i64) -> Result<bool, crate::store::StoreError>;

fn change(
    config: Option<&Path>,
    id: i64,
    work: Work,
    done: &str,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let store = Store::open(&settings.store)?;
    if !store.write_blocking(move |tx| work(tx, id))? {
        return Err(missing(id));
    }
    writeln!(out, "mail {id} {done}")?;
    Ok(OK)
}

fn missing(id: i64) -> Failure {
    Failure::new(
        NOT_FOUND,
        format!("no mail {id} is set aside; see `guichet quarantine list`"),
    )
}

/// Why a mail is set aside.
pub fn reason(mail: &MailView) -> String {
    if mail.reasons.is_empty() {
        mail.reason.clone()
    } else {
        mail.reasons.join("; ")
    }
}

/// The id of a mail's ticket, `INC-1`.
pub fn ticket_of(
    reader: &crate::store::Reader,
    mail: &MailView,
) -> Result<Option<String>, Failure> {
    let number = mail.ticket.and_then(std::num::NonZeroU32::new);
    let ticket = number
        .map(|number| reader.ticket(number))
        .transpose()?
        .flatten();
    Ok(ticket.map(|ticket| ticket.id.to_string()))
}
