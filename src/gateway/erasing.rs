//! Erases a person: finds what there is, goes through it piece by piece, and ends when nothing of them is left.
//!
//! Each piece is a transaction that a running guichet beside can wait for. Killed between two, the same command goes on: what
//! the person is recognised by is kept until the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Gateway;
use super::deciding::order;
use crate::desk::command::{Command, Order};
use crate::desk::erasure::{Erasure, Person, Traces};
use crate::desk::ids::{Address, TicketId};
use crate::desk::letter::LetterId;
use crate::desk::people::People;
use crate::desk::ticket::{Status, Ticket};
use crate::intake::{self, ReadRules, search};
use crate::store::{Gone, Reader, Scanned, StoreError, Tx};

/// Tickets that are erased in one transaction: some tens of milliseconds.
const TICKETS_PER_PIECE: usize = 16;
/// Letters or mails whose bytes go in one transaction.
const BYTES_PER_PIECE: usize = 64;
/// Mails of theirs that come in meanwhile are looked for so often; the next run finds what comes later.
const ROUNDS_MAX: usize = 5;

/// What is stored of a person.
pub struct Found {
    /// What they are recognised by.
    pub person: Person,
    /// Their tickets somebody still has to do something about.
    pub open: Vec<Ticket>,
    /// Those of their tickets that lead an outage which others stand under.
    pub leading: Vec<TicketId>,
    /// How many mails go: theirs, and those of others that may quote them.
    pub mails: usize,
    /// The same for letters.
    pub letters: usize,
    /// An earlier run was not ended.
    pub is_begun: bool,
}

/// What came of it.
pub struct Erased {
    /// How much there was, in this run.
    pub gone: Gone,
    /// Letters to others that tell of them and are on their way; the erasure ends with the run after they are there.
    pub waiting: Vec<LetterId>,
    /// How many mails that name them wait to be decided; the erasure ends with the run after that, too.
    pub undecided: usize,
    /// Whether the log beside the database was emptied; not while others read all the time.
    pub is_log_empty: bool,
}

/// Looks for what is stored of the person with these addresses; `None`: nothing. What `people` of the configuration are called
/// tells nobody apart from them.
pub fn find(
    reader: &Reader,
    people: &People,
    addresses: &[Address],
) -> Result<Option<Found>, StoreError> {
    let begun = reader.unfinished_erasure(addresses)?;
    let is_begun = begun.is_some();
    let mut all = addresses.to_vec();
    if let Some(begun) = &begun {
        all.extend(
            begun
                .addresses
                .iter()
                .filter(|a| !addresses.contains(a))
                .cloned(),
        );
    }
    let mut person = person(reader, people, &all)?;
    let naming = naming(reader, &person, &traces(&person)?)?;
    person.tickets.extend(naming);
    let mut is_known = is_begun || !person.tickets.is_empty() || person.since.is_some();
    for address in &all {
        is_known |= reader.acquaintance(address)?.is_some();
    }
    let (mails, letters) = reader.bytes_about(&person)?;
    if !is_known && letters == 0 {
        return Ok(None);
    }
    let mut found = Found {
        open: Vec::new(),
        leading: Vec::new(),
        mails,
        letters,
        is_begun,
        person,
    };
    for id in &found.person.tickets {
        let Some(ticket) = reader.ticket(id.number())? else {
            continue;
        };
        if !found.person.is(ticket.requester.address.as_str()) {
            continue;
        }
        if ticket.is_master() && leads(reader, &ticket)? {
            found.leading.push(id.clone());
        }
        if !ticket.status.is_over() {
            found.open.push(ticket);
        }
    }
    Ok(Some(found))
}

/// What somebody is recognised by, with the names in their mails: not everybody has opened a ticket.
fn person(reader: &Reader, people: &People, addresses: &[Address]) -> Result<Person, StoreError> {
    let mut person = reader.person(addresses)?;
    for mail in reader.mails_of(addresses)? {
        let bytes = reader.mail_bytes(mail)?.unwrap_or_default();
        let from = intake::read(&bytes, &ReadRules::default()).from;
        person.names.extend(from.and_then(|from| from.name));
    }
    person.names.retain(|name| !people.has_name(name));
    Ok(person)
}

fn traces(person: &Person) -> Result<Traces, StoreError> {
    Traces::of(person).map_err(|error| StoreError::Value(error.to_string()))
}

/// Tickets they have no part in whose history names them.
fn naming(reader: &Reader, person: &Person, traces: &Traces) -> Result<Vec<TicketId>, StoreError> {
    reader.tickets_naming(person, |text, near| traces.name_in(text, near))
}

fn leads(reader: &Reader, master: &Ticket) -> Result<bool, StoreError> {
    for other in reader.outage_tickets(&master.id)? {
        let other = reader.ticket(other.number())?;
        if other.is_some_and(|other| other.id != master.id && other.status != Status::Closed) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Erases a person that was found. Their tickets that are not closed are closed on the way, without a letter.
pub fn erase(gateway: &Arc<Gateway>, person: Person, now: Timestamp) -> Result<Erased, StoreError> {
    let reader = gateway.store.reader()?;
    let begun = person.clone();
    let (id, known) = gateway
        .store
        .write_blocking(move |tx| tx.begin_erasure(begun, now))?;
    let mut erasure = erasure(id, known, now)?;
    let mut gone = Gone::default();
    let mut done: BTreeSet<TicketId> = BTreeSet::new();
    for _ in 0..ROUNDS_MAX {
        let people = &gateway.rules.people;
        let found = self::person(&reader, people, &erasure.person.addresses)?;
        let naming = naming(&reader, &found, &erasure.traces)?;
        let tickets = found.tickets.iter().cloned().chain(naming);
        let tickets: BTreeSet<TicketId> = tickets.filter(|id| !done.contains(id)).collect();
        if tickets.is_empty() {
            break;
        }
        let mut more = found;
        more.tickets.extend(tickets.iter().cloned());
        let (_, known) = gateway
            .store
            .write_blocking(move |tx| tx.begin_erasure(more, now))?;
        erasure = self::erasure(id, known, now)?;
        let tickets: Vec<TicketId> = tickets.into_iter().collect();
        for some in tickets.chunks(TICKETS_PER_PIECE) {
            let work = some.to_vec();
            gone += piece(gateway, &erasure, move |gateway, erasure, tx| {
                let mut gone = Gone::default();
                for id in &work {
                    close(gateway, tx, erasure, id, now)?;
                    gone += tx.erase_from_ticket(erasure, id, now)?;
                }
                Ok(gone)
            })?;
            done.extend(some.iter().cloned());
        }
    }
    let (more, waiting) = elsewhere(gateway, &reader, &erasure, now)?;
    gone += more;
    let undecided = reader.waiting_mails_naming(|bytes| {
        search::any(bytes, |bytes| erasure.traces.name_in(bytes, false))
    })?;
    let waits = undecided > 0 || !waiting.is_empty();
    piece(gateway, &erasure, move |_, erasure, tx| {
        tx.end_erasure(erasure, gone, waits, now)
    })?;
    Ok(Erased {
        gone,
        waiting,
        undecided,
        is_log_empty: gateway.store.empty_log()?,
    })
}

fn erasure(id: i64, person: Person, now: Timestamp) -> Result<Arc<Erasure>, StoreError> {
    let erasure = Erasure::new(id, person, now);
    let erasure = erasure.map_err(|error| StoreError::Value(error.to_string()))?;
    Ok(Arc::new(erasure))
}

/// One piece of the work.
fn piece<R: Send + 'static>(
    gateway: &Arc<Gateway>,
    erasure: &Arc<Erasure>,
    work: impl FnOnce(&Gateway, &Erasure, &Tx<'_>) -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    let (gateway, erasure) = (gateway.clone(), erasure.clone());
    let store = gateway.store.clone();
    store.write_blocking(move |tx| work(&gateway, &erasure, tx))
}

/// Closes a ticket of theirs, as `/close` does. The letters it causes are cancelled with those before.
fn close(
    gateway: &Gateway,
    tx: &Tx<'_>,
    erasure: &Erasure,
    id: &TicketId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(ticket) = tx.ticket(id.number())? else {
        return Ok(());
    };
    let is_theirs = erasure.person.is(ticket.requester.address.as_str());
    if is_theirs && !matches!(ticket.status, Status::Closed | Status::Merged) {
        let close = Order {
            line: "/close".to_owned(),
            command: Command::Close(None),
        };
        order(gateway, tx, id, None, vec![close], now)?;
    }
    Ok(())
}

/// Erases what is stored of them beside their tickets. Gives the letters that tell of them and must arrive first.
fn elsewhere(
    gateway: &Arc<Gateway>,
    reader: &Reader,
    erasure: &Arc<Erasure>,
    now: Timestamp,
) -> Result<(Gone, Vec<LetterId>), StoreError> {
    let mut gone = Gone::default();
    while let Some(more) = piece(gateway, erasure, |_, erasure, tx| {
        tx.erase_mails_elsewhere(erasure)
    })? {
        gone += more;
    }
    gone += piece(gateway, erasure, move |_, erasure, tx| {
        tx.erase_acquaintance(erasure, now)
    })?;
    let mut waiting = Vec::new();
    for what in [Scanned::Mails, Scanned::Letters] {
        let near = &erasure.person.tickets;
        let found =
            reader.bytes_naming(what, near, |bytes, near| leads_to(erasure, bytes, near))?;
        for rows in found.chunks(BYTES_PER_PIECE) {
            let rows = rows.to_vec();
            gone += piece(gateway, erasure, move |_, _, tx| match what {
                Scanned::Mails => tx.erase_raw(&rows),
                Scanned::Letters => tx.erase_letter_bytes(&rows),
            })?;
        }
        if what == Scanned::Letters {
            waiting = found;
        }
    }
    let mut letters = Vec::new();
    for letter in waiting.into_iter().map(LetterId) {
        if reader.letter_bytes(letter)?.is_some() {
            letters.push(letter);
        }
    }
    Ok((gone, letters))
}

fn leads_to(erasure: &Erasure, bytes: &[u8], near: bool) -> bool {
    search::any(bytes, |bytes| erasure.traces.are_in(bytes, near))
}
