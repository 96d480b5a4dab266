//! Outside firms: the private lane between a ticket and the firm it was handed to (`product.md` §10).
//!
//! What a firm writes is told to whoever has the ticket and to nobody else; a requester's thread does not change. A firm is
//! known by its own address or domain, and only in tickets that were handed to it: a stranger who learned its reference is a
//! stranger. Once it has written, it is our turn again. A first mail that only says that our letter arrived teaches the
//! reference and is told, and the ticket waits on. `/handoff` is in `command/handoff.rs`, the search for a reference in
//! `reference.rs`.

use jiff::Timestamp;

use super::calendar::Calendar;
use super::case::{Case, Content};
use super::event::{Effect, Outcome, Snapshot};
use super::ids::Address;
use super::mail::InboundMail;
use super::newcomer::{cause, said};
use super::notice::{LaneNotice, NoticeKind, Recipient, Reminder, Role};
use super::outage;
use super::people::Provider;
use super::promise;
use super::reference;
use super::reminder;
use super::reply::in_history;
use super::rules::Rules;
use super::thread::{self, Found};
use super::ticket::{EntryKind, Reminding, Status, Ticket};

/// So often a firm is reminded before whoever has the ticket is told.
const REMINDERS_MAX: u32 = 1;

/// A ticket in the hands of an outside firm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The firm, by name in the configuration.
    pub provider: String,
    /// When it last was written to by a technician.
    pub handed_at: Timestamp,
    /// Its own name for the ticket.
    pub reference: Option<String>,
}

/// The firm that writes from `sender`, if `ticket` was handed to it.
pub fn of<'a>(
    rules: &'a Rules,
    seen: &Snapshot,
    ticket: &Ticket,
    sender: &Address,
) -> Option<&'a Provider> {
    let providers =
        lanes(seen, ticket).filter_map(|lane| rules.people.providers.get(&lane.provider));
    let mut theirs = providers.filter(|provider| provider.owns(sender));
    theirs.next()
}

/// The addresses of the firms that a ticket was handed to.
pub fn addresses<'a>(
    rules: &'a Rules,
    seen: &'a Snapshot,
    ticket: &Ticket,
) -> impl Iterator<Item = &'a Address> + use<'a> {
    let providers =
        lanes(seen, ticket).filter_map(|lane| rules.people.providers.get(&lane.provider));
    providers.filter_map(|provider| provider.address.as_ref())
}

/// The firms that a ticket, or one that goes on in it, was handed to.
fn lanes<'s>(seen: &'s Snapshot, ticket: &Ticket) -> impl Iterator<Item = &'s Lane> + use<'s> {
    seen.lanes.get(&ticket.id.number()).into_iter().flatten()
}

/// What is known of a firm and the ticket in hand.
pub fn lane(case: &Case<'_>, provider: &str) -> Option<Lane> {
    let mut lanes = lanes(case.seen, &case.ticket);
    lanes.find(|lane| lane.provider == provider).cloned()
}

/// A firm as a recipient; `None` when it has no address.
pub fn recipient(case: &Case<'_>, provider: &Provider) -> Option<Recipient> {
    let desk = case.desk()?;
    Some(Recipient {
        address: provider.address.clone()?,
        name: Some(provider.name.clone()),
        locale: provider
            .locale
            .clone()
            .unwrap_or_else(|| desk.locale.clone()),
        role: Role::Provider,
        verified: true,
    })
}

/// Whether `mail` comes from a firm about a ticket that was handed to it: then it is wanted, whatever it looks like. Such
/// firms answer through machines that call everything bulk.
pub fn is_awaited(rules: &Rules, seen: &Snapshot, mail: &InboundMail) -> bool {
    let (Found::Ticket(id, _), Some(sender)) =
        (thread::find(rules, seen, mail), mail.sender_identity())
    else {
        return false;
    };
    let ticket = seen.ticket(&id);
    ticket.is_some_and(|ticket| of(rules, seen, ticket, &sender).is_some())
}

/// A firm wrote about the ticket in hand.
pub fn wrote(case: &mut Case<'_>, mail: &InboundMail, provider: &Provider) -> Outcome {
    let told = said(mail, case.now);
    // The phrases of receipts stand in answers as well: only the first mail of a firm counts as one.
    let is_receipt = !has_written(case, provider) && reference::is_receipt(&told.text);
    let reference = learn(case, mail, provider);
    let outcome = match is_receipt {
        true => {
            let text = format!("{} has received it: {}", provider.name, told.text);
            case.append_mail(EntryKind::Kept, mail, text);
            Outcome::Kept
        }
        false => {
            let text = in_history(&told.text, &told.attachments);
            case.append_mail(EntryKind::Provider, mail, text);
            Outcome::Joined
        }
    };
    if !is_receipt && case.ticket.status == Status::WaitingProvider {
        go_on(case, provider);
        let waits = |ticket: &Ticket| ticket.status == Status::WaitingProvider;
        outage::with_members(case, waits, |case| go_on(case, provider));
    }
    // Even of what looks like a receipt a person judges.
    let content = Content {
        said: Some(told),
        lane: Some(about(case, provider, reference)),
        ..Content::default()
    };
    case.tell_staff(NoticeKind::Message, &content, None);
    outcome
}

/// Whether the firm has written about the ticket in hand before: its reference is known, or an id of a mail of its own.
fn has_written(case: &Case<'_>, provider: &Provider) -> bool {
    let lane = lane(case, &provider.key);
    let mut ids = case
        .seen
        .seen_ids
        .get(&case.ticket.id.number())
        .into_iter()
        .flatten();
    lane.is_some_and(|lane| lane.reference.is_some())
        || ids.any(|(reader, id)| provider.owns(reader) && case.rules.key.letter_of(id).is_none())
}

/// It is our turn again.
fn go_on(case: &mut Case<'_>, provider: &Provider) {
    let why = format!("{} answered", provider.name);
    case.move_to(Status::Open, &provider.name, &why);
    promise::renew(case);
}

/// What follows from an automatic answer of a firm: its reference is learned.
pub fn noted(
    rules: &Rules,
    seen: &Snapshot,
    ticket: &Ticket,
    mail: &InboundMail,
    now: Timestamp,
) -> Vec<Effect> {
    let sender = mail.sender_identity();
    let Some(provider) = sender.and_then(|sender| of(rules, seen, ticket, &sender)) else {
        return Vec::new();
    };
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause(mail));
    learn(&mut case, mail, provider);
    case.effects
}

/// Keeps the firm's own name for the ticket when the mail tells one that is new. Gives the one that holds.
fn learn(case: &mut Case<'_>, mail: &InboundMail, provider: &Provider) -> Option<String> {
    let known = lane(case, &provider.key).and_then(|lane| lane.reference);
    // Subjects come back: what stands in ours is our own, a till's number for one.
    let own_words = reference::words(&case.ticket.subject);
    let ours = |word: &str| {
        let is_ours = |prefix: &str| word.to_uppercase().starts_with(&format!("{prefix}-"));
        let mut desks = case.rules.people.desks.values();
        let contract = provider.contract.as_deref();
        desks.any(|desk| is_ours(&desk.prefix))
            || contract.is_some_and(|c| c.eq_ignore_ascii_case(word))
            || own_words.iter().any(|own| own.eq_ignore_ascii_case(word))
    };
    let subject = mail.subject.as_deref().unwrap_or_default();
    let told = reference::find(subject, &mail.reply, ours)?;
    // The first name is kept: a later mail may speak of another case as well.
    if known.is_some() {
        return known;
    }
    let id = case.ticket.id.clone();
    let text = format!("{} calls it {told}", provider.name);
    case.append(
        EntryKind::Provider,
        "guichet",
        text,
        mail.message_id.clone(),
    );
    case.effects
        .push(Effect::Refer(id, provider.key.clone(), told.clone()));
    Some(told)
}

fn about(case: &Case<'_>, provider: &Provider, reference: Option<String>) -> LaneNotice {
    let known = || lane(case, &provider.key).and_then(|lane| lane.reference);
    LaneNotice {
        provider: provider.key.clone(),
        reference: reference.or_else(known),
        is_first: false,
        contact: None,
        report: None,
    }
}

/// The firms this event hands the ticket in hand to, by name in the configuration.
fn handed<'c>(case: &'c Case<'_>) -> impl DoubleEndedIterator<Item = &'c str> + use<'c> {
    case.effects.iter().filter_map(|effect| match effect {
        Effect::HandOver(id, provider) if *id == case.ticket.id => Some(provider.as_str()),
        _ => None,
    })
}

/// Whether this event asks a firm about the ticket in hand.
pub fn is_asked(case: &Case<'_>) -> bool {
    handed(case).next().is_some()
}

/// Whether this event hands the ticket in hand to `provider`.
pub fn is_handed(case: &Case<'_>, provider: &Provider) -> bool {
    handed(case).any(|key| key == provider.key)
}

/// The firm whose turn it is: the one that was written to last.
fn awaited<'a>(case: &Case<'a>) -> Option<&'a Provider> {
    let last = lanes(case.seen, &case.ticket).max_by_key(|lane| lane.handed_at);
    let key = handed(case)
        .next_back()
        .or(last.map(|lane| lane.provider.as_str()))?;
    let provider = case.rules.people.providers.get(key);
    provider.filter(|provider| provider.address.is_some())
}

/// After so many reminders to the firm whose turn it is: when the next step is due.
pub fn step(case: &Case<'_>, sent: u32) -> Option<Reminding> {
    let provider = awaited(case)?;
    let calendar = calendar(case, provider);
    let days = provider.remind_after_business_days;
    let next_at = reminder::in_hours(&calendar, case.now, days)?;
    Some(Reminding { sent, next_at })
}

/// Reminds the firm whose turn it is, or tells whoever has the ticket that it is silent.
pub fn remind(case: &mut Case<'_>, reminding: Reminding) {
    let Some(provider) = awaited(case) else {
        return reminder::set(case, None);
    };
    let Some(to) = recipient(case, provider) else {
        return reminder::set(case, None);
    };
    if let Some(opening) = calendar(case, provider).next_opening(case.now)
        && opening > case.now
    {
        let next_at = opening;
        return reminder::set(
            case,
            Some(Reminding {
                next_at,
                ..reminding
            }),
        );
    }
    let reminds = reminding.sent < REMINDERS_MAX && case.undelivered(&to.address).is_none();
    let next = step(case, reminding.sent + 1).filter(|_| reminds);
    reminder::set(case, next);
    let content = Content {
        reminder: Some(match reminds {
            true => Reminder::Provider,
            false => Reminder::ProviderSilent,
        }),
        lane: Some(about(case, provider, None)),
        ..Content::default()
    };
    match reminds {
        true => case.tell(NoticeKind::Reminder, to, &content),
        false => case.tell_present(NoticeKind::Reminder, &content),
    }
}

fn calendar(case: &Case<'_>, provider: &Provider) -> Calendar {
    let agreements = &case.rules.agreements;
    match &provider.hours {
        Some(hours) => agreements.calendar_at(&case.ticket, hours),
        None => agreements.calendar_of(&case.ticket),
    }
}
