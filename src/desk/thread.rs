//! Finds the ticket a mail belongs to (`product.md` §5 and §18).
//!
//! In this order, the first hit by someone entitled wins: our signed token in the address it was sent
//! to, our signed Message-ID among its parents, any Message-ID a mail of the ticket carried or referred
//! to, the tag in the subject, and last what an outside firm calls the ticket. Anyone can type a number
//! or copy an id, so only a participant, a technician, somebody of the same organisation or a firm it
//! was handed to joins; a stranger gets a new ticket that says what it is perhaps about.
//! Knows no SQL. `keys` says what to look up; the store brings candidates; `find` chooses.

use super::event::Snapshot;
use super::ids::{Address, MessageId, TicketId};
use super::mail::InboundMail;
use super::provider;
use super::rules::Rules;
use super::sheet::SheetId;
use super::ticket::{Status, Ticket};
use super::token::ReplyToken;

/// How many parents are looked up. Long threads name hundreds; the newest ones decide.
pub(super) const PARENTS_MAX: usize = 50;
/// How many tickets a mail can name by tokens, and how many by tags. A mail about more is about none,
/// and a subject of five thousand tags must not load five thousand tickets.
const NAMED_MAX: usize = 10;
/// How many merges are followed from one ticket to the next before we give up.
const MERGES_MAX: usize = 10;

/// What to look up for a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Reply tokens in the addresses it was sent to.
    pub tokens: Vec<ReplyToken>,
    /// Its parents, the most telling first.
    pub parents: Vec<MessageId>,
    /// The tickets named by tags of ours in its subject.
    pub tags: Vec<TicketId>,
    /// The queue letter it answers.
    pub sheet: Option<SheetId>,
}

impl Keys {
    /// Every ticket named outright, by token or tag.
    pub fn tickets(&self) -> impl Iterator<Item = &TicketId> {
        self.tokens
            .iter()
            .map(|token| &token.ticket)
            .chain(&self.tags)
    }
}

/// What to look up for `mail`. Tags of other firms (`[Orange #4512]`, `[ABC-7]`) are no keys.
pub fn keys(rules: &Rules, mail: &InboundMail) -> Keys {
    let ours = |address: &Address| rules.people.desk_at(address).is_some();
    let tokens = mail
        .recipients()
        .filter(ours)
        .filter_map(|a| ReplyToken::parse(a.plus()?));
    let tags = mail.ticket_refs.iter().filter_map(|tag| tag.parse().ok());
    let known_prefix = |id: &TicketId| {
        rules
            .people
            .desks
            .values()
            .any(|desk| desk.prefix.eq_ignore_ascii_case(id.prefix()))
    };
    Keys {
        tokens: distinct(tokens.take(NAMED_MAX)),
        parents: distinct(mail.parents().cloned())
            .into_iter()
            .take(PARENTS_MAX)
            .collect(),
        tags: distinct(tags.filter(known_prefix).take(NAMED_MAX)),
        sheet: sheet(rules, mail),
    }
}

/// The queue letter a mail answers: named by our signed address, or by a Message-ID of ours.
fn sheet(rules: &Rules, mail: &InboundMail) -> Option<SheetId> {
    let technicians = rules.people.technicians.values();
    let readers = || technicians.clone().map(|t| &t.address);
    let ours = |address: &Address| rules.people.desk_at(address).is_some();
    let by_address = mail
        .recipients()
        .filter(ours)
        .filter_map(|address| rules.key.sheet_of_token(address.plus()?, readers()))
        .next();
    let parents = || mail.parents().take(PARENTS_MAX);
    by_address.or_else(|| parents().find_map(|parent| rules.key.sheet_of(parent)))
}

/// Where a mail belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// To this ticket, for this reason.
    Ticket(TicketId, String),
    /// To none. `perhaps` names tickets it may be about, with the reason why it does not join them.
    New {
        /// The tickets it may be about.
        perhaps: Vec<TicketId>,
        /// Why it opens a ticket of its own.
        because: String,
    },
}

/// Chooses among the candidates of the snapshot.
pub fn find(rules: &Rules, seen: &Snapshot, mail: &InboundMail) -> Found {
    let Some(sender) = mail.sender_identity() else {
        return Found::New {
            perhaps: Vec::new(),
            because: "the mail names no sender".to_owned(),
        };
    };
    let mut perhaps: Vec<TicketId> = Vec::new();
    for (evidence, tickets) in hits(rules, seen, mail) {
        let tickets: Vec<&Ticket> = distinct(
            tickets
                .into_iter()
                .filter_map(|id| survivor(seen, &id))
                .map(|t| t.id.clone()),
        )
        .iter()
        .filter_map(|id| seen.ticket(id))
        .collect();
        let entitled: Vec<&Ticket> = tickets
            .iter()
            .copied()
            .filter(|t| is_entitled(rules, seen, t, &sender))
            .collect();
        match entitled.as_slice() {
            [ticket] => return Found::Ticket(ticket.id.clone(), evidence),
            [] => {
                // Nothing leads from the letters of somebody who was erased to what is left of their ticket.
                let known = tickets.iter().filter(|t| !t.requester.address.is_erased());
                perhaps.extend(known.map(|t| t.id.clone()));
            }
            several => {
                let because = format!("{evidence} matches several tickets");
                return Found::New {
                    perhaps: several.iter().map(|t| t.id.clone()).collect(),
                    because,
                };
            }
        }
    }
    let because = match perhaps.is_empty() {
        true => "names no ticket".to_owned(),
        false => "the sender takes no part in the ticket that is named".to_owned(),
    };
    Found::New {
        perhaps: distinct(perhaps.into_iter()),
        because,
    }
}

/// Whether `sender` may write into `ticket`. When its requester was erased, colleagues may not: one of them may be that very
/// person, who is new to us.
fn is_entitled(rules: &Rules, seen: &Snapshot, ticket: &Ticket, sender: &Address) -> bool {
    let is_colleague = || {
        let organisation = rules.people.organisation(sender);
        organisation.is_some_and(|o| ticket.organisation.as_ref() == Some(&o.key))
    };
    ticket.takes_part(sender) && !sender.is_erased()
        || provider::of(rules, seen, ticket, sender).is_some()
        || rules.people.technician(sender).is_some()
        || !ticket.requester.address.is_erased() && is_colleague()
}

/// The evidence in falling order of strength, each with the tickets it names.
fn hits(rules: &Rules, seen: &Snapshot, mail: &InboundMail) -> Vec<(String, Vec<TicketId>)> {
    let keys = keys(rules, mail);
    let mut hits = Vec::new();
    let tokens = keys
        .tokens
        .iter()
        .filter(|token| reader(rules, seen, token).is_some());
    hits.push((
        "our reply address".to_owned(),
        tokens.map(|token| token.ticket.clone()).collect(),
    ));
    // Newest first, and each parent is a hit of its own: a later letter says more than an earlier one.
    for parent in &keys.parents {
        if let Some((ticket, _)) = rules.key.letter_of(parent) {
            hits.push(("a Message-ID of ours".to_owned(), vec![ticket]));
        }
    }
    for parent in &keys.parents {
        let known = seen.known_ids.iter().filter(|(id, _)| id == parent);
        hits.push((
            "a Message-ID of its thread".to_owned(),
            known.map(|(_, ticket)| ticket.clone()).collect(),
        ));
    }
    hits.push(("the tag in the subject".to_owned(), keys.tags));
    hits.push((
        "the firm's reference in the subject".to_owned(),
        seen.referred.clone(),
    ));
    hits.retain(|(_, tickets)| !tickets.is_empty());
    hits
}

/// Who the token was made for: somebody who takes part in its ticket, or a technician. `None`: forged.
pub fn reader<'a>(rules: &'a Rules, seen: &'a Snapshot, token: &ReplyToken) -> Option<&'a Address> {
    let ticket = seen.ticket(&token.ticket)?;
    let technicians = rules
        .people
        .technicians
        .values()
        .flat_map(|t| std::iter::once(&t.address).chain(&t.aliases));
    let parties = std::iter::once(&ticket.requester.address).chain(&ticket.watchers);
    let providers = provider::addresses(rules, seen, ticket);
    rules
        .key
        .reader_of(token, parties.chain(providers).chain(technicians))
}

/// The ticket itself, or the one it was merged into in the end.
pub fn survivor<'a>(seen: &'a Snapshot, id: &TicketId) -> Option<&'a Ticket> {
    let mut ticket = seen.ticket(id)?;
    for _ in 0..MERGES_MAX {
        match &ticket.merged_into {
            Some(into) if ticket.status == Status::Merged => ticket = seen.ticket(into)?,
            _ => return Some(ticket),
        }
    }
    None
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}
