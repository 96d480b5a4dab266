//! `guichet why MESSAGE-ID`: the story of one mail.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::quarantine::{reason, ticket_of};
use super::{Failure, NOT_FOUND, OK, USAGE, outbox, reader, shown};
use crate::desk::ids::MessageId;

/// Prints what became of each mail with this Message-ID, or of the letter that has it. Exit status 1 when nothing is known.
pub fn run(
    config: Option<&Path>,
    id: &str,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let id = MessageId::parse(id)
        .ok_or_else(|| Failure::new(USAGE, format!("`{id}` is not a Message-ID such as <a@b>")))?;
    let reader = reader(config)?;
    let mails = reader.mails_called(id.as_str())?;
    let letter = reader.letter_called(id.as_str())?;
    if mails.is_empty() && letter.is_none() {
        return Err(Failure::new(
            NOT_FOUND,
            format!("nothing is known of {}", id.bracketed()),
        ));
    }
    for mail in &mails {
        let ticket = ticket_of(&reader, mail)?;
        let letters = mail
            .ticket
            .map(|number| reader.letters_of_ticket(number))
            .transpose()?
            .unwrap_or_default();
        let outcome = mail.outcome.as_deref().unwrap_or("waiting");
        if as_json {
            let object = json!({
                "message_id": mail.message_id,
                "mailbox": mail.mailbox,
                "received_at": mail.received_at,
                "outcome": outcome,
                "ticket": ticket,
                "reasons": if mail.reasons.is_empty() && !mail.reason.is_empty() { vec![mail.reason.clone()] } else { mail.reasons.clone() },
                "letters": letters.iter().map(outbox::as_value).collect::<Vec<_>>(),
            });
            writeln!(out, "{object}")?;
        } else {
            writeln!(
                out,
                "mail {} in {}, received {}",
                mail.id, mail.mailbox, mail.received_at
            )?;
            writeln!(
                out,
                "  {outcome}{}",
                ticket
                    .map(|ticket| format!(" {ticket}"))
                    .unwrap_or_default()
            )?;
            writeln!(out, "  because: {}", shown(&reason(mail)))?;
            for letter in &letters {
                writeln!(
                    out,
                    "  letter {}: {} to {}: {} {}",
                    letter.id,
                    letter.notice,
                    letter.to,
                    letter.state,
                    shown(&letter.reason)
                )?;
                if let Some(step) = outbox::next_step(letter) {
                    writeln!(out, "    {step}")?;
                }
            }
        }
    }
    if let Some(letter) = letter.filter(|_| mails.is_empty()) {
        if as_json {
            writeln!(out, "{}", outbox::as_value(&letter))?;
        } else {
            writeln!(
                out,
                "our letter {}: {} to {}: {} {}",
                letter.id,
                letter.notice,
                letter.to,
                letter.state,
                shown(&letter.reason)
            )?;
            if let Some(step) = outbox::next_step(&letter) {
                writeln!(out, "  {step}")?;
            }
        }
    }
    Ok(OK)
}
