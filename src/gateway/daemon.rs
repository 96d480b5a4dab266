//! The running guichet: its loops, its start, its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use super::carrying::{Carrying, Tally, keep_carrying, note};
use super::deciding::keep_deciding;
use super::digests;
use super::due::tick;
use super::ledger::StoreLedger;
use super::wake::Wake;
use super::{Gateway, Possession, StartError, agree, letters};
use crate::config::secret;
use crate::config::settings::{MailboxSettings, Settings};
use crate::desk::letter::Delivery;
use crate::mailbox::{News, Patience, SharedState, Watch, watch as mailbox};
use crate::store::StoreError;

/// How often is looked for tickets whose moment has come.
const TICK: Duration = Duration::from_secs(15);
/// After so many, an hour, SQLite looks at its tables.
const TICKS_BEFORE_A_LOOK: u32 = 240;
/// `once` gives up when nothing at all happened for so long; a letter alone may take 600 s and more.
const STUCK_AFTER: Duration = Duration::from_secs(1_800);
/// At the end, letters in hand may be finished for so long.
const FINISH_WITHIN: Duration = Duration::from_secs(20);

/// How `once` ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// Mailboxes that could not be read, with the reason.
    pub unread: Vec<(String, String)>,
    /// Letters wait because their server took none now: it could not be reached, or it put all of them off.
    pub unreached: bool,
}

/// One bell for each courier: a ring is kept until somebody hears it.
#[derive(Clone, Default)]
struct Bells(Vec<Arc<Notify>>);

impl Bells {
    fn hang(&mut self) -> Arc<Notify> {
        let bell = Arc::new(Notify::new());
        self.0.push(bell.clone());
        bell
    }

    fn ring(&self) {
        self.0.iter().for_each(|bell| bell.notify_one());
    }
}

/// What the deciding loop could not get over, for whoever waits for its end.
#[derive(Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn tell(&self, failure: &StoreError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.to_string());
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The loops of a running guichet, and the ends by which they are held.
struct Loops {
    wake: Wake,
    due: Bells,
    progress: Arc<Notify>,
    trouble: Trouble,
    tally: Arc<Tally>,
    stop: watch::Sender<bool>,
    stopping: watch::Receiver<bool>,
    couriers: JoinSet<()>,
    decider: thread::JoinHandle<()>,
}

/// Runs until SIGTERM or SIGINT. The mail and the letters in hand are finished. At SIGHUP `reread` gives the
/// configuration anew: if it is right, and templates and keywords with it, guichet goes on with it; if not, the log says
/// what is wrong and guichet goes on as before.
pub async fn run(
    mut gateway: Arc<Gateway>,
    reread: impl Fn() -> Result<Settings, String>,
) -> Result<(), StartError> {
    let _possession = Possession::take(&gateway.settings.store)?;
    let mut words = Words::listen()?;
    while let Some(renewed) = round(&gateway, &mut words, &reread).await? {
        gateway = renewed;
    }
    look_at_tables(&gateway).await;
    Ok(())
}

/// Runs the loops with one configuration. Gives the next one, or `None` when the end has come.
async fn round(
    gateway: &Arc<Gateway>,
    words: &mut Words,
    reread: &impl Fn() -> Result<Settings, String>,
) -> Result<Option<Arc<Gateway>>, StartError> {
    recover(gateway).await?;
    agree(gateway).await?;
    let loops = Loops::start(gateway);
    let shared = gateway.clone();
    tokio::task::spawn_blocking(move || letters::prepare(&shared));
    let mut mailboxes = JoinSet::new();
    for (desk, settings) in &gateway.settings.desks {
        let Some(mailbox_settings) = settings.mailbox.clone() else {
            continue;
        };
        let watch = watch_of(gateway, desk, &loops.wake);
        let (password, stopping) = (password_of(&mailbox_settings), loops.stopping.clone());
        mailboxes.spawn(async move {
            mailbox::keep_read(&mailbox_settings, password, &watch, stopping).await
        });
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    info!(desks = gateway.settings.desks.len(), "guichet runs");
    let renewed = loop {
        match until_told(gateway, &loops.due, words).await {
            Word::Stop => break None,
            Word::Reread => match renewed(gateway, reread) {
                Ok(renewed) => break Some(renewed),
                Err(reason) => {
                    error!("The configuration is not taken over, the old one holds: {reason}")
                }
            },
        }
    };
    match &renewed {
        None => {
            info!("guichet stops: the mail and the letters in hand are finished");
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
        }
        Some(_) => {
            info!("The configuration is taken over; the mail and the letters in hand are finished");
            let mut states = vec![sd_notify::NotifyState::Reloading];
            states.extend(sd_notify::NotifyState::monotonic_usec_now().ok());
            let _ = sd_notify::notify(&states);
        }
    }
    let _ = loops.stop.send(true);
    mailboxes.join_all().await;
    loops.finish().await;
    Ok(renewed)
}

/// The gateway with the configuration, the templates and the keywords as they are now; why not, if they are wrong.
fn renewed(
    gateway: &Gateway,
    reread: impl Fn() -> Result<Settings, String>,
) -> Result<Arc<Gateway>, String> {
    gateway
        .renewed(reread()?)
        .map_err(|failure| failure.to_string())
}

/// Fetches, decides and sends everything that is due, once.
pub async fn once(gateway: Arc<Gateway>) -> Result<Ended, StartError> {
    let _possession = Possession::take(&gateway.settings.store)?;
    recover(&gateway).await?;
    agree(&gateway).await?;
    let mut loops = Loops::start(&gateway);
    let mut mailboxes = JoinSet::new();
    for (desk, settings) in &gateway.settings.desks {
        let Some(mailbox_settings) = settings.mailbox.clone() else {
            continue;
        };
        let (watch, name) = (watch_of(&gateway, desk, &loops.wake), desk.clone());
        let password = password_of(&mailbox_settings);
        mailboxes.spawn(async move {
            let outcome = mailbox::once(&mailbox_settings, password, &watch).await;
            outcome.err().map(|error| (name, error.to_string()))
        });
    }
    let unread = mailboxes.join_all().await.into_iter().flatten().collect();
    tick_now(&gateway).await;
    loops.until_idle(&gateway).await?;
    let tally = loops.tally.clone();
    let _ = loops.stop.send(true);
    loops.finish().await;
    look_at_tables(&gateway).await;
    Ok(Ended {
        unread,
        unreached: tally.is_unreached(),
    })
}

impl Loops {
    fn start(gateway: &Arc<Gateway>) -> Loops {
        let (wake, woken) = Wake::new();
        let (stop, stopping) = watch::channel(false);
        let progress = Arc::new(Notify::new());
        let (mut due, trouble, tally) = (
            Bells::default(),
            Trouble::default(),
            Arc::new(Tally::default()),
        );
        let mut couriers = JoinSet::new();
        for desk in gateway.settings.desks.keys() {
            let carrying = Carrying {
                due: due.hang(),
                settled: progress.clone(),
                tally: tally.clone(),
                shutdown: stopping.clone(),
            };
            couriers.spawn(keep_carrying(gateway.clone(), desk.clone(), carrying));
        }
        let decider = {
            let (gateway, due, progress, trouble) = (
                gateway.clone(),
                due.clone(),
                progress.clone(),
                trouble.clone(),
            );
            thread::spawn(move || {
                keep_deciding(&gateway, &woken, move |outcome| {
                    if let Err(failure) = outcome {
                        trouble.tell(failure);
                    }
                    due.ring();
                    progress.notify_one();
                });
            })
        };
        Loops {
            wake,
            due,
            progress,
            trouble,
            tally,
            stop,
            stopping,
            couriers,
            decider,
        }
    }

    /// Waits until no mail waits and no letter is due or under way.
    async fn until_idle(&mut self, gateway: &Arc<Gateway>) -> Result<(), StartError> {
        self.wake.ring(News::Recorded);
        loop {
            if let Some(trouble) = self.trouble.take() {
                return Err(StartError::Stuck(trouble));
            }
            let now = gateway.clock.now();
            let desks: Vec<String> = gateway.settings.desks.keys().cloned().collect();
            let work = move |tx: &crate::store::Tx<'_>| tx.work_left(&desks, now);
            let work = gateway.store.write(work).await?;
            if !work.mails && !work.letters_now {
                return Ok(());
            }
            self.due.ring();
            // A ring between the question and here is kept by `Notify`.
            if tokio::time::timeout(STUCK_AFTER, self.progress.notified())
                .await
                .is_err()
            {
                let what = match work.mails {
                    true => "mails are still to be decided",
                    false => "letters are still under way",
                };
                return Err(StartError::Stuck(what.to_owned()));
            }
        }
    }

    /// Ends the loops. Letters in hand are finished, or known from `phase` at the next start.
    async fn finish(mut self) {
        drop(self.wake);
        let couriers = async { while self.couriers.join_next().await.is_some() {} };
        if tokio::time::timeout(FINISH_WITHIN, couriers).await.is_err() {
            warn!(
                "Letters are still under way; what became of them is found out at the next start"
            );
        }
        if self.decider.join().is_err() {
            error!("The deciding loop ended by a fault of its own");
        }
    }
}

/// Letters that were under way when the program last ended: before the final dot they go back into the
/// queue, after it nobody knows.
async fn recover(gateway: &Arc<Gateway>) -> Result<(), StartError> {
    let now = gateway.clock.now();
    let uncertain = gateway
        .store
        .write(move |tx| tx.recover_letters(now))
        .await?;
    for id in uncertain {
        let reply = "guichet ended after the final dot and before the server's answer".to_owned();
        note(gateway, id, Delivery::Unknown(reply)).await?;
    }
    Ok(())
}

/// What the operator wants.
enum Word {
    Stop,
    Reread,
}

/// The signals that are listened to.
struct Words {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Words {
    fn listen() -> Result<Words, StartError> {
        let heard = |kind| signal(kind).map_err(|error| StartError::Signals(error.to_string()));
        Ok(Words {
            terminate: heard(SignalKind::terminate())?,
            interrupt: heard(SignalKind::interrupt())?,
            hangup: heard(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Word {
        tokio::select! {
            _ = self.terminate.recv() => Word::Stop,
            _ = self.interrupt.recv() => Word::Stop,
            _ = self.hangup.recv() => Word::Reread,
        }
    }
}

/// Deals with what is due until the operator wants something.
async fn until_told(gateway: &Arc<Gateway>, due: &Bells, words: &mut Words) -> Word {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticked = 0_u32;
    loop {
        tokio::select! {
            word = words.next() => return word,
            _ = ticks.tick() => {
                tick_now(gateway).await;
                due.ring();
                ticked += 1;
                if ticked.is_multiple_of(TICKS_BEFORE_A_LOOK) {
                    look_at_tables(gateway).await;
                }
                // The loop is alive as long as the database answers.
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
            }
        }
    }
}

/// Never at the start: the first mail would wait for it.
async fn look_at_tables(gateway: &Arc<Gateway>) {
    let work = |tx: &crate::store::Tx<'_>| tx.look_at_tables();
    if let Err(failure) = gateway.store.write(work).await {
        warn!("The database could not look at its tables, and may become slower: {failure}");
    }
}

async fn tick_now(gateway: &Arc<Gateway>) {
    let shared = gateway.clone();
    let digests = move || digests::send_due(&shared, shared.clock.now());
    match tokio::task::spawn_blocking(digests).await {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => error!("Digests could not be written: {failure}"),
        Err(fault) => error!("Digests could not be written, by a fault of guichet itself: {fault}"),
    }
    let shared = gateway.clone();
    if let Err(failure) = gateway
        .store
        .write(move |tx| tick(&shared, tx, shared.clock.now()))
        .await
    {
        error!("What is due could not be dealt with: {failure}");
    }
}

fn watch_of(gateway: &Arc<Gateway>, desk: &str, wake: &Wake) -> Watch<StoreLedger> {
    let (wake, clock) = (wake.clone(), gateway.clock.clone());
    Watch {
        desk: desk.to_owned(),
        since: gateway
            .settings
            .desks
            .get(desk)
            .and_then(|settings| settings.since),
        message_size: gateway.settings.limits.message_size,
        ledger: StoreLedger::new(gateway.store.clone(), gateway.clock.clone()),
        now: Arc::new(move || clock.now()),
        hint: Arc::new(move |news| wake.ring(news)),
        state: SharedState::new(Mutex::default()),
        patience: Patience::default(),
    }
}

fn password_of(settings: &MailboxSettings) -> crate::mailbox::Password {
    match settings {
        MailboxSettings::Imap(imap) => {
            let source = imap.password.clone();
            Arc::new(move || secret::read(&source).map_err(|error| error.to_string()))
        }
        MailboxSettings::Maildir(_) => Arc::new(|| Ok(String::new())),
    }
}
