//! Who really sent a command (`reliability.md` I11).
//!
//! Beside the technician's address in From, a command needs their own signed token for the ticket, an
//! authenticated mail, or both, as the desk is configured. The token comes back in two ways, because some
//! providers drop plus addresses and some rewrite Message-IDs: either is enough, and both grow old.

use jiff::{SignedDuration, Timestamp};

use crate::desk::event::Snapshot;
use crate::desk::mail::{InboundMail, Verdict};
use crate::desk::notice::Refusal;
use crate::desk::people::{CommandProof, Desk, Technician};
use crate::desk::rules::Rules;
use crate::desk::thread;
use crate::desk::ticket::Ticket;

/// A mail whose Date is further away than this from now is no fresh order.
const DATE_SLACK: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What a command lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A machine wrote the mail.
    Person,
    /// From names nobody or several.
    OneSender,
    /// The Date is missing or far off.
    Date,
    /// It answers no letter of ours about this ticket.
    Token,
    /// The letter it answers was somebody else's.
    OwnToken,
    /// The letter it answers is too old.
    FreshToken,
    /// No trusted server vouches for the sender.
    Authentication,
}

impl Missing {
    /// The end of a sentence in the ticket's history: `nothing was done, because ...`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Person => "a machine wrote it",
            Self::OneSender => "the mail does not name exactly one sender",
            Self::Date => "the mail's date is missing or more than three days off",
            Self::Token => "it does not answer a letter sent to this technician about this ticket",
            Self::OwnToken => "it answers a letter that was sent to somebody else",
            Self::FreshToken => "the letter it answers is too old",
            Self::Authentication => "no trusted server authenticated the sender",
        }
    }

    /// What the technician is told.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::OneSender => Refusal::OddSender,
            Self::Date => Refusal::OddDate,
            Self::Person | Self::Token => Refusal::NotProven,
            Self::OwnToken => Refusal::OthersLetter,
            Self::FreshToken => Refusal::OldLetter,
            Self::Authentication => Refusal::NotAuthenticated,
        }
    }
}

/// Whether `mail` proves that `technician` gives orders about `ticket`; if not, what is missing.
pub fn check(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    desk: &Desk,
    technician: &Technician,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<(), Missing> {
    if mail.origin.verdict != Verdict::Person {
        return Err(Missing::Person);
    }
    if mail.from_count != 1 {
        return Err(Missing::OneSender);
    }
    if mail
        .date
        .is_none_or(|date| now.duration_since(date).abs() > DATE_SLACK)
    {
        return Err(Missing::Date);
    }
    let token = token(rules, seen, mail, technician, ticket, now);
    let authentication = match mail.proof.authenticated {
        true => Ok(()),
        false => Err(Missing::Authentication),
    };
    match desk.command_proof {
        CommandProof::Both => token.and(authentication),
        CommandProof::Token => token,
        CommandProof::Either => token.or_else(|missing| authentication.map_err(|_| missing)),
    }
}

/// Whether `mail` answers a letter that `technician` got about `ticket`: their own machine may do that too.
pub fn answers_own_letter(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    technician: &Technician,
    ticket: &Ticket,
    now: Timestamp,
) -> bool {
    mail.from_count == 1 && token(rules, seen, mail, technician, ticket, now).is_ok()
}

/// The technician's own token for this ticket: in the address the mail was sent to, or as the signed
/// Message-ID of a letter they got.
fn token(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    technician: &Technician,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<(), Missing> {
    let keys = thread::keys(rules, mail);
    let is_about_it = |number| number == ticket.id.number();
    let owned = std::iter::once(&technician.address).chain(&technician.aliases);
    let by_address = keys
        .tokens
        .iter()
        .filter(|token| is_about_it(token.ticket.number()))
        .map(|token| {
            let is_theirs = rules.key.reader_of(token, owned.clone()).is_some();
            let is_anybodys = is_theirs || thread::reader(rules, seen, token).is_some();
            (is_theirs, is_anybodys, token.issued_at())
        });
    // A letter counts only when the store knows that it was written, to whom, and when.
    let by_letter = keys
        .parents
        .iter()
        .filter_map(|parent| rules.key.letter_of(parent).map(|(of, _)| (parent, of)))
        .filter(|(_, of)| is_about_it(of.number()))
        .filter_map(|(parent, _)| seen.answered.iter().find(|l| l.message_id == *parent))
        .map(|letter| (technician.owns(&letter.to), true, letter.at));
    let life = SignedDuration::try_from(rules.commands_within).unwrap_or(SignedDuration::MAX);
    let missing = by_address.chain(by_letter).map(|(theirs, anybodys, at)| {
        let age = now.duration_since(at);
        match (theirs, anybodys) {
            // A token is dated by its day, so it may seem a day old at once, never from tomorrow.
            (true, _) if age <= life && age >= SignedDuration::ZERO => Ok(()),
            (true, _) => Err(Missing::FreshToken),
            (false, true) => Err(Missing::OwnToken),
            (false, false) => Err(Missing::Token),
        }
    });
    let rank = |found: &Result<(), Missing>| match found {
        Ok(()) => 0,
        Err(Missing::FreshToken) => 1,
        Err(Missing::OwnToken) => 2,
        Err(_) => 3,
    };
    missing.min_by_key(rank).unwrap_or(Err(Missing::Token))
}
