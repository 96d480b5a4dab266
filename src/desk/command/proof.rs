//! Who really sent a command (`reliability.md` I11).

use jiff::{SignedDuration, Timestamp};

use crate::desk::event::Snapshot;
use crate::desk::mail::{InboundMail, Verdict};
use crate::desk::people::{CommandProof, Desk, Technician};
use crate::desk::rules::Rules;
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
    let token = has_token(rules, seen, mail, technician, ticket, now);
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
    let by_address = keys.tokens.iter().any(|token| {
        token.ticket.number() == ticket.id.number()
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
            .is_some_and(|(id, _)| id.number() == ticket.id.number())
            && letters
                .iter()
                .any(|(reader, id)| id == parent && technician.owns(reader))
    });
    by_address || by_letter
}
