//! The one thread that writes: jobs wait in a queue and share a transaction (group commit).
//!
//! A commit costs one wait for the disk whatever it holds, so all jobs that are waiting when a
//! transaction begins go into it, each behind a savepoint of its own: one that fails or panics is
//! undone alone. Nobody hears of success before the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{StoreError, Tx};

/// Jobs in one transaction at most, so that the first does not wait for a long queue.
const JOBS_PER_COMMIT: usize = 64;

type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Tx<'_>) -> Reply + Send>;

/// Hands jobs to the writing thread. The thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the thread that owns `connection`.
    pub fn start(connection: Connection) -> std::io::Result<(Writer, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(connection, &queue))?;
        Ok((Writer { jobs }, thread))
    }

    /// Queues `work`. What it returns comes through the receiver once it is committed.
    pub fn submit<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> oneshot::Receiver<Result<R, StoreError>> {
        let (answer, receiver) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let outcome = tx.guarded(work);
            Box::new(move |committed| {
                // Whoever asked may have gone away; the work is committed all the same.
                let _ = answer.send(committed.and(outcome));
            })
        });
        // A closed queue drops the job and with it the answer's sender: the receiver sees that.
        let _ = self.jobs.send(job);
        receiver
    }
}

fn serve(mut connection: Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut waiting = vec![first];
        waiting.extend(queue.try_iter().take(JOBS_PER_COMMIT - 1));
        commit_together(&mut connection, waiting);
    }
    // The last words of a database in WAL mode; a failure leaves a log that the next start reads.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

fn commit_together(connection: &mut Connection, jobs: Vec<Job>) {
    let transaction =
        match connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate) {
            Ok(transaction) => Tx {
                connection: transaction,
            },
            Err(error) => {
                // Nothing was begun: every job is refused by running it against nothing. They are dropped,
                // and their askers see a closed channel, which `StoreError::Stopped` stands for.
                tracing::error!("The database does not accept a transaction: {error}");
                return;
            }
        };
    let mut replies: Vec<Reply> = Vec::with_capacity(jobs.len());
    for job in jobs {
        replies.push(job(&transaction));
        // After a full disk SQLite may have rolled the whole transaction back by itself. What still waits would
        // commit on its own and be reported as failed: it is dropped, and asked for again.
        if transaction.connection.is_autocommit() {
            break;
        }
    }
    let outcome = match transaction.connection.is_autocommit() {
        true => Err("the database undid the transaction (disk full or unreadable)".to_owned()),
        false => transaction
            .connection
            .commit()
            .map_err(|error| error.to_string()),
    };
    for reply in replies {
        reply(outcome.clone().map_err(StoreError::NotCommitted));
    }
}

impl Tx<'_> {
    /// Runs `work` behind a savepoint: an error or a panic undoes it and nothing else.
    pub fn guarded<R>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.savepoint("SAVEPOINT guarded")?;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        let outcome =
            outcome.unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(&*panic))));
        if outcome.is_err() && !self.connection.is_autocommit() {
            self.savepoint("ROLLBACK TO guarded")?;
        }
        if !self.connection.is_autocommit() {
            self.savepoint("RELEASE guarded")?;
        }
        outcome
    }

    /// Prepared once: there are several savepoints for each mail and letter.
    fn savepoint(&self, statement: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}
