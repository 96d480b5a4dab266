//! What became of our letters: told by the courier at once, or by a delivery report later.
//!
//! A delivery report causes no letter to the outside and changes no status, priority or owner (`reliability.md` I10). Staff is
//! told once when letters to somebody come back for good.

use jiff::Timestamp;

use super::case::{Case, Content};
use super::decide::filed;
use super::event::{CarriedLetter, Effect, Outcome, Settlement, Snapshot};
use super::letter::Delivery;
use super::mail::{BouncedRecipient, InboundMail};
use super::newcomer::cause;
use super::notice::{NoticeKind, Said};
use super::retry;
use super::rules::Rules;
use super::thread::{self, Found};
use super::ticket::Entry;

/// An attempt to carry a letter ended. What went well leaves no entry: the letter's own entry stands.
pub fn carried(
    rules: &Rules,
    letter: &CarriedLetter,
    outcome: &Delivery,
    now: Timestamp,
) -> Vec<Effect> {
    let settlement = retry::settle(&rules.retry, letter, outcome, now);
    let remark = match &settlement {
        Settlement::Sent(_) | Settlement::RetryAt(..) => None,
        Settlement::Failed(reply) => Some(format!(
            "{} to {} not delivered: {reply}",
            letter.kind.word(),
            letter.to
        )),
        Settlement::Unknown(_, reply) => Some(format!(
            "{} to {}: delivery uncertain, the server may have taken it: {reply}",
            letter.kind.word(),
            letter.to
        )),
    };
    let entry = remark
        .zip(letter.ticket.clone())
        .map(|(text, ticket)| Effect::Append(ticket, entry(letter, text, now)));
    std::iter::once(Effect::Settle(letter.id, settlement))
        .chain(entry)
        .collect()
}

/// A delivery report came in.
pub fn reported(rules: &Rules, seen: &Snapshot, mail: &InboundMail, now: Timestamp) -> Vec<Effect> {
    let recipients = mail
        .bounce
        .as_ref()
        .map(|bounce| bounce.recipients.as_slice())
        .unwrap_or_default();
    let said = recipients.iter().map(words).collect::<Vec<_>>().join("; ");
    if let Some(letter) = &seen.reported_letter {
        let text = format!(
            "delivery report on {} to {}: {said}",
            letter.kind.word(),
            letter.to
        );
        let mut effects: Vec<Effect> = letter
            .ticket
            .iter()
            .map(|ticket| Effect::Append(ticket.clone(), entry(letter, text.clone(), now)))
            .collect();
        if recipients.iter().any(is_final) {
            effects.push(Effect::Undelivered(letter.id, said.clone()));
            effects.extend(told(rules, seen, mail, letter, said, now));
        }
        effects.push(filed(
            Outcome::Kept,
            letter.ticket.clone(),
            "a delivery report on a letter of ours".to_owned(),
        ));
        return effects;
    }
    match thread::find(rules, seen, mail) {
        Found::Ticket(id, evidence) => {
            let entry = Entry {
                message_id: mail.message_id.clone(),
                ..Entry::delivery(now, "guichet", format!("delivery report: {said}"))
            };
            let because = format!("a delivery report ({evidence})");
            vec![
                Effect::Append(id.clone(), entry),
                filed(Outcome::Kept, Some(id), because),
            ]
        }
        Found::New { .. } => vec![filed(
            Outcome::SetAside,
            None,
            "bounce: a delivery report on no letter of ours".to_owned(),
        )],
    }
}

/// Tells whoever has the ticket that nobody is reached there, in the words of the report. Not again while that is known, and
/// never about a letter to staff: that report could come back for ever.
fn told(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    letter: &CarriedLetter,
    said: String,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(ticket) = letter.ticket.as_ref().and_then(|id| seen.ticket(id)) else {
        return Vec::new();
    };
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause(mail));
    let is_known = case.undelivered(&letter.to).is_some();
    if is_known || rules.people.technician(&letter.to).is_some() {
        return Vec::new();
    }
    let by = mail.from.as_ref().map_or_else(
        || "MAILER-DAEMON".to_owned(),
        |from| from.name.clone().unwrap_or_else(|| from.address.clone()),
    );
    let content = Content {
        said: Some(Said {
            by,
            by_technician: false,
            at: now,
            text: said,
            attachments: Vec::new(),
        }),
        ..Content::default()
    };
    case.tell_staff(NoticeKind::Message, &content, None);
    case.effects
}

fn entry(letter: &CarriedLetter, text: String, now: Timestamp) -> Entry {
    Entry {
        message_id: Some(letter.message_id.clone()),
        ..Entry::delivery(now, "guichet", text)
    }
}

/// Only `failed` with a permanent status marks a letter; `delayed` does nothing (RFC 3464 2.3.3).
fn is_final(recipient: &BouncedRecipient) -> bool {
    let failed = recipient
        .action
        .as_deref()
        .is_none_or(|action| action.eq_ignore_ascii_case("failed"));
    failed
        && !recipient
            .status
            .as_deref()
            .is_some_and(|status| status.starts_with(['2', '4']))
}

fn words(recipient: &BouncedRecipient) -> String {
    let parts = [
        &recipient.address,
        &recipient.action,
        &recipient.status,
        &recipient.diagnostic,
    ];
    parts
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}
