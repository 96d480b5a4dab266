//! Who really sent a command (`reliability.md` I11).

use jiff::{SignedDuration, Timestamp};

use crate::desk::event::Snapshot;
use crate::desk::ids::TicketId;
use crate::desk::mail::{InboundMail, Verdict};
use crate::desk::people::{CommandProof, Desk, Technician};
use crate::desk::rules::Rules;
use crate::desk::sheet::Sheet;
use crate::desk::thread;
use crate::desk::ticket::Ticket;

/// A reply token is good for so long.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A mail whose Date is further away than this from now is no fresh order.
const DATE_SLACK: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Whether `mail` proves that `technician` gives orders about `ticket`; if not, what is missing.
pub fn check(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    desk: &Desk,
    technician: &Technician,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<(), &'static str> {
    sane(mail, now)?;
    let token = has_token(rules, seen, mail, technician, ticket, now);
    judge(mail, desk, token)
}

/// What every order needs: a person, one sender, a date of these days.
fn sane(mail: &InboundMail, now: Timestamp) -> Result<(), &'static str> {
    if mail.origin.verdict != Verdict::Person {
        return Err("a machine wrote it");
    }
    if mail.from_count != 1 {
        return Err("the mail names more than one sender");
    }
    if mail
        .date
        .is_none_or(|date| now.duration_since(date).abs() > DATE_SLACK)
    {
        return Err("the mail's date is missing or more than three days off");
    }
    Ok(())
}

/// Whether `mail` proves that `technician` gives orders about the tickets of a queue letter; if not, what is missing.
pub fn check_sheet(
    rules: &Rules,
    mail: &InboundMail,
    desk: &Desk,
    technician: &Technician,
    sheet: &Sheet,
    now: Timestamp,
) -> Result<(), &'static str> {
    sane(mail, now)?;
    // The letter went to this technician alone; that one sheet is named by token or Message-ID brought it here.
    let named = thread::keys(rules, mail).sheet == Some(sheet.id);
    judge(
        mail,
        desk,
        named && sheet.technician == technician.key && sheet.is_fresh(now),
    )
}

/// Whether what is there is enough for this desk.
fn judge(mail: &InboundMail, desk: &Desk, token: bool) -> Result<(), &'static str> {
    let proven = match desk.command_proof {
        CommandProof::Both => token && mail.proof.authenticated,
        CommandProof::Token => token,
        CommandProof::Either => token || mail.proof.authenticated,
    };
    match (proven, token) {
        (true, _) => Ok(()),
        (false, true) => Err("no trusted server authenticated the sender"),
        (false, false) => {
            Err("it does not answer a letter sent to this technician about this ticket")
        }
    }
}

/// The technician's own token for this ticket: in the address the mail was sent to, or as the signed
/// Message-ID of a letter they got (some providers drop plus addresses, some rewrite Message-IDs).
fn has_token(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    technician: &Technician,
    ticket: &Ticket,
    now: Timestamp,
) -> bool {
    let keys = thread::keys(rules, mail);
    // A letter about a ticket that has been merged since speaks for the one it goes on in.
    let leads_here = |id: &TicketId| {
        let end = thread::survivor(seen, id);
        end.is_some_and(|end| end.id.number() == ticket.id.number())
    };
    let by_address = keys.tokens.iter().any(|token| {
        leads_here(&token.ticket)
            && now.duration_since(token.issued_at()) <= TOKEN_LIFE
            && rules
                .key
                .reader_of(
                    token,
                    std::iter::once(&technician.address).chain(&technician.aliases),
                )
                .is_some()
    });
    let letters = seen
        .seen_ids
        .get(&ticket.id.number())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let by_letter = keys.parents.iter().any(|parent| {
        rules
            .key
            .letter_of(parent)
            .is_some_and(|(id, _)| leads_here(&id))
            && letters
                .iter()
                .any(|(reader, id)| id == parent && technician.owns(reader))
    });
    by_address || by_letter
}
