//! Reads waiting mails and records what follows from each.
//!
//! Reading happens in another process (`reader.rs`), deciding on the writing thread within the
//! transaction. While one batch is decided the next is read. An attempt is counted before it is made; after three the mail
//! is quarantined with its bytes and its reason, a stub ticket is opened, and the next one goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::beforehand::Beforehand;
use super::{Gateway, digests, letters, write_letter};
use crate::desk::command::{Needs, Order, SHELL};
use crate::desk::event::{Effect, Event, Filing, Snapshot};
use crate::desk::ids::TicketId;
use crate::desk::letter::LetterId;
use crate::desk::mail::InboundMail;
use crate::desk::{self, notice::Notice};
use crate::intake::{self, ReadRules};
use crate::mailbox::News;
use crate::reader::{ReadFailure, Reader};
use crate::store::{self, MailRow, Pending, StoreError, Taken, Tx, Waiting};

/// Tries of one mail before it is set aside.
const TRIES: u32 = 3;
/// Mails and bytes read at once. Batches of one cost several times as much (`performance.md` §4.3).
const BATCH_MAILS: usize = 64;
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// A transaction takes further mails for so long: letters under way wait meanwhile, and each commit costs a wait for
/// the disk.
const COMMIT_AFTER: Duration = Duration::from_millis(10);
/// Other programs (`guichet pipe`) leave mail in the database without a hint.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long to wait when the database or the reading process is not usable.
const PAUSE: Duration = Duration::from_secs(5);

/// A mail with what reading it gave.
struct Read {
    waiting: Waiting,
    answer: Result<InboundMail, ReadFailure>,
    /// What is found in its words, looked for here because the writing thread is the one others wait for.
    heard: Option<Beforehand>,
}

impl Read {
    fn new(gateway: &Gateway, waiting: Waiting, answer: Result<InboundMail, ReadFailure>) -> Self {
        // A mail that makes this fail is heard again where a failure counts as one of its tries.
        let hear = |mail: &InboundMail| {
            let hear = || Beforehand::of(gateway, mail);
            catch_unwind(AssertUnwindSafe(hear)).ok()
        };
        Self {
            waiting,
            heard: answer.as_ref().ok().and_then(hear),
            answer,
        }
    }
}

/// Decides waiting mails until every `Wake` is gone. `decided` is called after each
/// transaction, with what went wrong if it could not be committed.
pub fn keep_deciding(
    gateway: &Arc<Gateway>,
    wake: &Receiver<News>,
    decided: impl Fn(Result<(), &StoreError>) + Send + 'static,
) {
    let (batches, queue) = sync_channel::<Vec<Read>>(1);
    let (done, finished) = std::sync::mpsc::channel::<()>();
    let decider = {
        let gateway = gateway.clone();
        thread::Builder::new()
            .name("decide".to_owned())
            .spawn(move || {
                for batch in queue {
                    decide_batch(&gateway, batch, &decided);
                    // The other side may have stopped listening, which is the end of both.
                    let _ = done.send(());
                }
            })
    };
    let decider = match decider {
        Ok(decider) => decider,
        Err(error) => return error!("No thread to decide mails: {error}"),
    };
    thread::scope(|scope| {
        // The first mail needs all three, and while the mailboxes are asked for it there is time. Where the system has no
        // thread left, it waits for them.
        let apart = || thread::Builder::new().name("prepare".to_owned());
        let _ = apart().spawn_scoped(scope, || {
            LazyLock::force(&gateway.rules.keywords);
        });
        let get_ready = |reader: &mut Reader| {
            if !reader.is_started() {
                let _ = apart().spawn_scoped(scope, || letters::prepare(gateway));
                reader.start();
            }
        };
        read_ahead(gateway, wake, get_ready, &batches, &finished);
    });
    drop(batches);
    if decider.join().is_err() {
        error!("The deciding thread ended by a fault of its own");
    }
}

/// Takes and reads batches. Mails that were taken and not yet decided still count as waiting, so the
/// search goes on behind the last one taken, and starts anew once everything is decided. While a batch is read the next
/// is taken: that waits for whatever the writing thread is at.
fn read_ahead(
    gateway: &Arc<Gateway>,
    wake: &Receiver<News>,
    get_ready: impl Fn(&mut Reader),
    batches: &SyncSender<Vec<Read>>,
    finished: &Receiver<()>,
) {
    let mut reader = Reader::new(gateway.program.clone(), gateway.read_rules.clone());
    let (mut after, mut under_way) = (0, 0_usize);
    let mut ahead: Option<Pending<Vec<Taken>>> = None;
    let mut shelf = None;
    loop {
        // The end has come: what waits is safe in the database.
        match wake.try_recv() {
            Err(TryRecvError::Disconnected) => return give_back(gateway, ahead),
            Ok(News::Coming) => get_ready(&mut reader),
            Ok(News::Recorded) | Err(TryRecvError::Empty) => {}
        }
        under_way -= finished.try_iter().take(under_way).count();
        let was_ahead = ahead.is_some();
        let taken = ahead.take().unwrap_or_else(|| {
            gateway
                .store
                .write_later(move |tx| tx.take_waiting(after, BATCH_MAILS, BATCH_BYTES))
        });
        let taken = taken.wait();
        fail::fail_point!("cp8", |_| crate::crash::now());
        let taken = taken.unwrap_or_else(|failure| {
            error!("Mails cannot be taken from the database: {failure}");
            Vec::new()
        });
        match taken.last() {
            Some(last) => after = last.id(),
            None if was_ahead => continue, // mails may have come since
            None if under_way > 0 => {
                if finished.recv().is_err() {
                    return;
                }
                under_way -= 1;
                continue;
            }
            None if after > 0 => {
                after = 0;
                continue;
            }
            None => match wake.recv_timeout(LOOK_AGAIN) {
                Ok(News::Coming) => {
                    get_ready(&mut reader);
                    continue;
                }
                Ok(News::Recorded) | Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            },
        }
        if taken.iter().all(|mail| mail.attempt() == 1) {
            let take = move |tx: &Tx<'_>| tx.take_fresh(after, BATCH_MAILS, BATCH_BYTES);
            ahead = Some(gateway.store.write_later(take));
        }
        let numbers: Vec<MailRow> = taken.iter().map(Taken::id).collect();
        let taken = match fetched(gateway, &mut shelf, taken) {
            Ok(taken) => taken,
            Err(failure) => {
                error!("Mails cannot be fetched from the database: {failure}");
                uncount(gateway, numbers);
                thread::park_timeout(PAUSE);
                continue; // they are taken again when the search starts anew
            }
        };
        let mails: Vec<(&str, &[u8])> = taken
            .iter()
            .map(|mail| (mail.desk.as_str(), mail.bytes.as_slice()))
            .collect();
        let answers = reader.read(&mails);
        if answers
            .iter()
            .any(|answer| matches!(answer, Err(ReadFailure::Unavailable(_))))
        {
            thread::park_timeout(PAUSE); // trying again at once would only burn time
        }
        let batch: Vec<Read> = taken
            .into_iter()
            .zip(answers)
            .map(|(waiting, answer)| Read::new(gateway, waiting, answer))
            .collect();
        if batches.send(batch).is_err() {
            return give_back(gateway, ahead);
        }
        under_way += 1;
    }
}

/// Taken mails with their bytes, over a connection of this thread's that is opened when it is needed first.
fn fetched(
    gateway: &Gateway,
    shelf: &mut Option<store::Reader>,
    taken: Vec<Taken>,
) -> Result<Vec<Waiting>, StoreError> {
    let fetched = match shelf {
        Some(shelf) => shelf.fetch(taken),
        None => shelf.insert(gateway.store.reader()?).fetch(taken),
    };
    if fetched.is_err() {
        *shelf = None; // it may be the connection that is at fault
    }
    fetched
}

/// Mails that were taken ahead and will not be tried now have not been tried.
fn give_back(gateway: &Gateway, ahead: Option<Pending<Vec<Taken>>>) {
    let Some(Ok(taken)) = ahead.map(Pending::wait) else {
        return;
    };
    uncount(gateway, taken.iter().map(Taken::id).collect());
}

/// Takes back the counted tries of mails that were not tried after all.
fn uncount(gateway: &Gateway, mails: Vec<MailRow>) {
    let untake = move |tx: &Tx<'_>| mails.iter().try_for_each(|mail| tx.untake(*mail));
    if let Err(failure) = gateway.store.write_blocking(untake) {
        error!("A try is counted that was none: {failure}");
    }
}

/// Records what follows from each mail of a batch, some in each transaction.
fn decide_batch(
    gateway: &Arc<Gateway>,
    batch: Vec<Read>,
    decided: &impl Fn(Result<(), &StoreError>),
) {
    let batch = Arc::new(batch);
    let mut from = 0;
    while from < batch.len() {
        let outcome = decide_some(gateway, &batch, from);
        fail::fail_point!("cp10", |_| crate::crash::now());
        match outcome {
            Ok(Part { to, unread }) => {
                match unread {
                    Some(reason) => decided(Err(&StoreError::Unread(reason))),
                    None => decided(Ok(())),
                }
                from = to;
            }
            Err(failure) => {
                // Nothing of this part is recorded; it waits in the database and is taken again with the rest. The
                // try does not count: it was not the mails' fault.
                error!("Mails could not be decided: {failure}");
                decided(Err(&failure));
                thread::park_timeout(PAUSE);
                let left = batch.get(from..).unwrap_or_default();
                return uncount(gateway, left.iter().map(|mail| mail.waiting.id).collect());
            }
        }
    }
}

/// What one transaction made of a batch.
struct Part {
    /// The first mail behind those it decided.
    to: usize,
    /// Why some of those could not be read, for no fault of theirs.
    unread: Option<String>,
}

/// Decides as many mails, from one on, in one transaction as its time allows. They are undone together: a savepoint each would
/// keep a copy of what they change. Where one of them fails, which is rare, nothing of them is recorded,
/// and they are decided anew, each behind a savepoint of its own.
fn decide_some(
    gateway: &Arc<Gateway>,
    batch: &Arc<Vec<Read>>,
    from: usize,
) -> Result<Part, StoreError> {
    let with = |decide: Decide| {
        let (shared, batch) = (gateway.clone(), batch.clone());
        let work = move |tx: &Tx<'_>| decide_from(&shared, tx, &batch, from, decide);
        gateway.store.write_blocking(work)
    };
    match with(decide_together) {
        Err(failure) if !failure.is_about_the_store() => with(decide_alone),
        outcome => outcome,
    }
}

/// How one mail is decided. Only a failing database is an error, unless others are decided together with it.
type Decide = fn(&Gateway, &Tx<'_>, &Read, Timestamp) -> Result<(), StoreError>;

fn decide_from(
    gateway: &Gateway,
    tx: &Tx<'_>,
    batch: &[Read],
    from: usize,
    decide: Decide,
) -> Result<Part, StoreError> {
    let begun = Instant::now();
    let mut part = Part {
        to: from,
        unread: None,
    };
    for mail in batch.iter().skip(from) {
        if let Err(ReadFailure::Unavailable(reason)) = &mail.answer {
            part.unread.get_or_insert_with(|| reason.clone());
        }
        decide(gateway, tx, mail, gateway.clock.now())?;
        part.to += 1;
        if begun.elapsed() >= COMMIT_AFTER {
            break;
        }
    }
    Ok(part)
}

/// One mail among others: that it fails is an error of them all.
fn decide_together(
    gateway: &Gateway,
    tx: &Tx<'_>,
    read: &Read,
    now: Timestamp,
) -> Result<(), StoreError> {
    match &read.answer {
        Ok(mail) => arrived(gateway, tx, read, mail, now),
        Err(_) => decide_alone(gateway, tx, read, now),
    }
}

/// One mail, behind a savepoint of its own: when it fails, its reason is kept.
fn decide_alone(
    gateway: &Gateway,
    tx: &Tx<'_>,
    read: &Read,
    now: Timestamp,
) -> Result<(), StoreError> {
    let waiting = &read.waiting;
    let failed = match &read.answer {
        Err(ReadFailure::Unavailable(reason)) => {
            warn!("Mails cannot be read: {reason}");
            return tx.untake(waiting.id);
        }
        Err(failure) => failure.to_string(),
        Ok(mail) => match tx.guarded(|tx| arrived(gateway, tx, read, mail, now)) {
            Ok(()) => return Ok(()),
            Err(failure) if failure.is_about_the_store() => return Err(failure),
            Err(failure) => failure.to_string(),
        },
    };
    warn!(
        mail = waiting.id,
        attempt = waiting.attempt,
        "Mail {} could not be handled: {failed}",
        waiting.id
    );
    if waiting.attempt < TRIES {
        return tx.mail_failed(waiting.id, &failed);
    }
    tx.mail_failed(waiting.id, &failed)?;
    match tx.guarded(|tx| quarantined(gateway, tx, waiting, &failed, now)) {
        Err(failure) if !failure.is_about_the_store() => {
            // Not even a stub can be opened: the mail is set aside all the same, with its bytes.
            error!(
                mail = waiting.id,
                "No stub ticket for mail {}: {failure}", waiting.id
            );
            let outcome = desk::event::Outcome::Quarantined;
            tx.file_mail(
                waiting.id,
                &Filing {
                    outcome,
                    ticket: None,
                    reasons: vec![failed],
                },
            )
        }
        outcome => outcome,
    }
}

fn arrived(
    gateway: &Gateway,
    tx: &Tx<'_>,
    read: &Read,
    mail: &InboundMail,
    now: Timestamp,
) -> Result<(), StoreError> {
    let waiting = &read.waiting;
    if waiting.attempt > TRIES {
        // It was handled three times without an end: guichet itself must have ended each time.
        return Err(StoreError::Panicked(
            "guichet ended each time while it dealt with this mail".to_owned(),
        ));
    }
    // A copy, for it may have to be decided once more.
    let (mail, heard) = (mail.clone(), read.heard.clone());
    handle(gateway, tx, waiting, mail, heard, now).map(drop)
}

/// Decides about a mail that was taken and read, and records what follows. Gives what was decided. `heard`: what is
/// found in its words, if that was done beforehand.
pub fn handle(
    gateway: &Gateway,
    tx: &Tx<'_>,
    waiting: &Waiting,
    mail: InboundMail,
    heard: Option<Beforehand>,
    now: Timestamp,
) -> Result<Vec<Effect>, StoreError> {
    let answered = mail.message_id.clone();
    let effects = decided(gateway, tx, waiting, mail, heard, now)?;
    tx.record(
        Some(waiting.id),
        &effects,
        &|notice, id| letter(gateway, notice, id, now),
        now,
    )?;
    digests::confirm_all(gateway, tx, &effects, answered.as_ref(), now)?;
    fail::fail_point!("cp9", |_| crate::crash::now());
    Ok(effects)
}

/// What the desk decides about a mail, given what is stored. `heard` as in `handle`.
pub fn decided(
    gateway: &Gateway,
    tx: &Tx<'_>,
    waiting: &Waiting,
    mut mail: InboundMail,
    heard: Option<Beforehand>,
    now: Timestamp,
) -> Result<Vec<Effect>, StoreError> {
    if let Some(size) = waiting.cut_from {
        mail.defects.push(format!(
            "{size} bytes are more than limits.message_size: only the header was taken"
        ));
        if mail.text.trim().is_empty() {
            mail.text = format!(
                "(This mail of {} MiB is over the limit and stays in its mailbox.)",
                size >> 20
            );
        }
    }
    without_our_letter(gateway, tx, waiting, &mut mail)?;
    tx.describe_mail(waiting.id, &mail)?;
    tx.mark_repeated(waiting.id, &mut mail)?;
    let (heard, recalled) = heard.map(|found| (found.heard, found.recalled)).unzip();
    let seen = Snapshot {
        heard,
        recalled,
        shelf: gateway.shelves.in_force(tx)?,
        ..tx.snapshot_for_mail(&gateway.rules, waiting.id, &mail, now)?
    };
    let event = Event::Arrived {
        desk: waiting.desk.clone(),
        mail: Box::new(mail),
    };
    Ok(desk::decide(&gateway.rules, &seen, &event, now))
}

/// Takes out of an answer what it repeats of the letter it answers, where reading did not see a quote (`product.md` §4). All
/// our letters name their ticket or end with the desk's name, so most answers are known to repeat none.
fn without_our_letter(
    gateway: &Gateway,
    tx: &Tx<'_>,
    waiting: &Waiting,
    mail: &mut InboundMail,
) -> Result<(), StoreError> {
    let desk = gateway.rules.people.desks.get(&waiting.desk);
    let answered = mail
        .parents()
        .find_map(|parent| gateway.rules.key.letter_of(parent))
        .filter(|(ticket, _)| {
            mail.reply.contains(&ticket.to_string())
                || desk.is_some_and(|desk| mail.reply.contains(&desk.name))
        });
    let Some((_, letter)) = answered else {
        return Ok(());
    };
    let Some(bytes) = tx.bytes_of_letter(letter)? else {
        return Ok(());
    };
    let sent = intake::read(&bytes, &ReadRules::default()).text;
    match intake::reply::sent::without(&mail.reply, &sent) {
        Some(rest) if rest.is_empty() => mail.nothing_new = true,
        Some(rest) => mail.reply = rest,
        None => {}
    }
    Ok(())
}

fn quarantined(
    gateway: &Gateway,
    tx: &Tx<'_>,
    waiting: &Waiting,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut mail = stub_of(gateway, &waiting.desk, &waiting.bytes, reason);
    // A stub opens a ticket of its own whatever it names; what it names may be what was too much.
    mail.ticket_refs.clear();
    mail.to.clear();
    mail.cc.clear();
    mail.delivered_to.clear();
    mail.in_reply_to.clear();
    mail.references.clear();
    tx.describe_mail(waiting.id, &mail)?;
    let seen = tx.snapshot_for_mail(&gateway.rules, waiting.id, &mail, now)?;
    let event = Event::Unreadable {
        desk: waiting.desk.clone(),
        mail: Box::new(mail),
        reason: reason.to_owned(),
    };
    let effects = desk::decide(&gateway.rules, &seen, &event, now);
    info!(mail = waiting.id, "Mail {} is in quarantine", waiting.id);
    tx.record(
        Some(waiting.id),
        &effects,
        &|notice, id| letter(gateway, notice, id, now),
        now,
    )
}

/// What the header of a mail says, for one that cannot be read.
pub fn stub_of(gateway: &Gateway, desk: &str, bytes: &[u8], why: &str) -> InboundMail {
    let rules = gateway.read_rules.get(desk).cloned().unwrap_or_default();
    intake::stub(bytes, &rules, why)
}

/// Carries out orders given at the shell, as if they had come in a mail. Gives what was decided; `None` when there is no
/// such ticket.
pub fn order(
    gateway: &Gateway,
    tx: &Tx<'_>,
    ticket: &TicketId,
    technician: Option<&str>,
    orders: Vec<Order>,
    now: Timestamp,
) -> Result<Option<Vec<Effect>>, StoreError> {
    let by = technician.unwrap_or(SHELL);
    let needs = Needs::of_orders(orders.iter(), by);
    let seen = tx.snapshot_for_orders(&gateway.rules, ticket.number(), &needs, now)?;
    let Some(seen) = seen.filter(|seen| seen.ticket(ticket).is_some_and(|t| t.id == *ticket))
    else {
        return Ok(None);
    };
    let seen = Snapshot {
        shelf: gateway.shelves.in_force(tx)?,
        ..seen
    };
    let event = Event::Ordered {
        ticket: ticket.clone(),
        technician: technician.map(str::to_owned),
        orders,
        // No two transactions have the same moment, and the number of letters tells those apart that do.
        cause: format!("shell {now} {}", tx.last_letter()?),
    };
    let effects = desk::decide(&gateway.rules, &seen, &event, now);
    tx.record(
        None,
        &effects,
        &|notice, id| letter(gateway, notice, id, now),
        now,
    )?;
    Ok(Some(effects))
}

/// The letter of a notice.
pub(super) fn letter(
    gateway: &Gateway,
    notice: &Notice,
    id: LetterId,
    now: Timestamp,
) -> Result<desk::letter::Letter, StoreError> {
    write_letter(&gateway.rules, &gateway.scribe, notice, id, now)
}
