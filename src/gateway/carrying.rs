//! Hands letters to the couriers and writes down what became of each.
//!
//! For each desk one task claims what is due and several carry it, each over a connection of its own.
//! The attempt is counted by the claim, before anything is sent; `phase = dot` is committed before the
//! final dot; no transaction is open while a server is spoken to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::{Gateway, write_letter};
use crate::config::secret;
use crate::config::settings::CourierSettings;
use crate::courier::{Carrier, Courier};
use crate::desk::event::Event;
use crate::desk::letter::{Delivery, Due, LetterId};
use crate::desk::{self};
use crate::store::StoreError;

/// Letters become due without a hint too: retries, and letters released by another program.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// After this long without a letter a connection is given back.
const REST_AFTER: Duration = Duration::from_secs(5);
/// How long to wait when the database is not usable.
const PAUSE: Duration = Duration::from_secs(5);

/// What the carrying tasks share with the rest.
#[derive(Clone)]
pub struct Carrying {
    /// There may be letters that are due.
    pub due: Arc<Notify>,
    /// Something became of a letter.
    pub settled: Arc<Notify>,
    /// What the servers said to letters.
    pub tally: Arc<Tally>,
    /// The end has come.
    pub shutdown: watch::Receiver<bool>,
}

/// What servers said to the letters of one run.
#[derive(Debug, Default)]
pub struct Tally {
    answered: AtomicBool,
    put_off: AtomicBool,
}

impl Tally {
    /// Letters were put off and none was answered: the server is out of reach, or as good as.
    pub fn is_unreached(&self) -> bool {
        self.put_off.load(Ordering::Relaxed) && !self.answered.load(Ordering::Relaxed)
    }

    fn add(&self, delivery: &Delivery) {
        let which = match delivery {
            Delivery::Deferred(_) => &self.put_off,
            Delivery::Accepted(_) | Delivery::Refused(_) | Delivery::Unknown(_) => &self.answered,
        };
        which.store(true, Ordering::Relaxed);
    }
}

/// Carries the letters of `desk` until told to stop; the letter in hand is finished.
pub async fn keep_carrying(gateway: Arc<Gateway>, desk: String, carrying: Carrying) {
    let Some(settings) = gateway.settings.desks.get(&desk) else {
        return;
    };
    let hello = gateway
        .rules
        .people
        .desks
        .get(&desk)
        .map_or("localhost", |desk| desk.address.domain());
    let courier = Courier::new(&desk, &settings.courier, hello, |source| {
        secret::read(source).map_err(|error| error.to_string())
    });
    let carriers = match &settings.courier {
        CourierSettings::Smtp(smtp) => smtp.connections.max(1),
        CourierSettings::Sendmail { .. } | CourierSettings::Maildir { .. } => 1,
    };
    let (letters, queue) = mpsc::channel::<Due>(carriers);
    let queue = Arc::new(Mutex::new(queue));
    let mut tasks = JoinSet::new();
    for _ in 0..carriers {
        tasks.spawn(carry_from(
            gateway.clone(),
            courier.carrier(),
            queue.clone(),
            carrying.clone(),
        ));
    }
    claim(&gateway, &desk, &letters, carriers, carrying).await;
    drop(letters);
    tasks.join_all().await;
}

/// Claims what is due and hands it out, oldest first.
async fn claim(
    gateway: &Arc<Gateway>,
    desk: &str,
    letters: &mpsc::Sender<Due>,
    carriers: usize,
    mut carrying: Carrying,
) {
    while !*carrying.shutdown.borrow() {
        let name = desk.to_owned();
        let now = gateway.clock.now();
        let claimed = gateway
            .store
            .write(move |tx| tx.claim_due(&name, carriers * 2, now))
            .await;
        fail::fail_point!("cp12", |_| crate::crash::now());
        let claimed = claimed.unwrap_or_else(|failure| {
            error!(desk, "Letters cannot be claimed: {failure}");
            Vec::new()
        });
        if claimed.is_empty() {
            tokio::select! {
                () = carrying.due.notified() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                _ = carrying.shutdown.wait_for(|stop| *stop) => {}
            }
        }
        for due in claimed {
            // Letters claimed and not yet begun go back into the queue at the next start.
            if letters.send(due).await.is_err() {
                return;
            }
        }
    }
}

async fn carry_from(
    gateway: Arc<Gateway>,
    mut carrier: Carrier,
    queue: Arc<Mutex<mpsc::Receiver<Due>>>,
    carrying: Carrying,
) {
    let mut settling = JoinSet::new();
    loop {
        let next = async { queue.lock().await.recv().await };
        let due = match timeout(REST_AFTER, next).await {
            Ok(Some(due)) => due,
            Ok(None) => break,
            Err(_) => {
                carrier.rest().await;
                continue;
            }
        };
        let delivery = carry(&gateway, &mut carrier, &due).await;
        fail::fail_point!("cp14", |_| crate::crash::now());
        carrying.tally.add(&delivery);
        tell(&due, &delivery);
        // The next letter does not wait for the commit; what is under way when the program ends is
        // known from `phase`.
        settling.spawn(settle(
            gateway.clone(),
            due.id,
            delivery,
            carrying.settled.clone(),
        ));
        while settling.try_join_next().is_some() {}
    }
    settling.join_all().await;
    carrier.rest().await;
}

async fn carry(gateway: &Arc<Gateway>, carrier: &mut Carrier, due: &Due) -> Delivery {
    let id = due.id;
    let before_dot = || async move {
        let noted = gateway
            .store
            .write(move |tx| tx.before_dot(id))
            .await
            .map_err(|failure| failure.to_string());
        fail::fail_point!("cp13", |_| crate::crash::now());
        noted
    };
    carrier.carry(&due.letter, before_dot).await
}

/// Writes down what became of a letter; it must not be forgotten, so a database that refuses is asked again.
async fn settle(gateway: Arc<Gateway>, id: LetterId, delivery: Delivery, settled: Arc<Notify>) {
    loop {
        match note(&gateway, id, delivery.clone()).await {
            Ok(()) => break,
            Err(failure) => {
                error!(letter = %id, "Letter {id}: its outcome cannot be written down yet: {failure}")
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    settled.notify_one();
}

/// Lets the desk decide what follows from an outcome, and records it.
pub async fn note(
    gateway: &Arc<Gateway>,
    id: LetterId,
    delivery: Delivery,
) -> Result<(), StoreError> {
    let shared = gateway.clone();
    let work = move |tx: &crate::store::Tx<'_>| {
        let now = shared.clock.now();
        let Some(letter) = tx.carried_letter(id)? else {
            return Err(StoreError::Value(format!("the letter {id}")));
        };
        let event = Event::Carried {
            letter,
            outcome: delivery,
        };
        let effects = desk::decide(&shared.rules, &desk::event::Snapshot::empty(), &event, now);
        let render = |notice: &_, id| write_letter(&shared.rules, &shared.scribe, notice, id, now);
        tx.record(None, &effects, &render, now)
    };
    gateway.store.write(work).await
}

fn tell(due: &Due, delivery: &Delivery) {
    let (letter, attempt) = (due.id, due.attempt);
    match delivery {
        Delivery::Accepted(_) => info!(%letter, attempt, "Letter {letter} accepted"),
        Delivery::Deferred(reply) => warn!(%letter, attempt, "Letter {letter} deferred: {reply}"),
        Delivery::Refused(reply) => warn!(%letter, attempt, "Letter {letter} refused: {reply}"),
        Delivery::Unknown(reply) => warn!(%letter, attempt, "Letter {letter} uncertain: {reply}"),
    }
}
