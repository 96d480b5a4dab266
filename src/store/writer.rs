//! The one thread that writes: jobs wait in a queue and share a transaction (group commit).
//!
//! A commit costs one wait for the disk whatever it holds, so all jobs that are waiting when a
//! transaction begins go into it, and those that come while it runs: one that fails or panics is
//! undone alone. Nobody hears of success before the commit.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{StoreError, Tx};

/// Jobs in one transaction at most, so that the first does not wait for a long queue.
const JOBS_PER_COMMIT: usize = 64;
/// A transaction takes further jobs for so long. Longer than the one that decides mails works at a time: letters under
/// way come meanwhile, and a transaction of their own was a third of the time a full mailbox takes.
const JOIN_WITHIN: Duration = Duration::from_millis(20);

type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Work to be done; gives whom to tell how the commit went.
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
            // Whoever asked may have gone away; the work is committed all the same.
            Box::new(move |committed| {
                let _ = answer.send(match outcome {
                    Err(failure) => Err(failure),
                    Ok(result) => committed.map(|()| result),
                });
            })
        });
        // A closed queue drops the job and with it the answer's sender: the receiver sees that.
        let _ = self.jobs.send(job);
        receiver
    }
}

fn serve(mut connection: Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        commit_together(&mut connection, first, queue);
    }
    // The last words of a database in WAL mode; a failure leaves a log that the next start reads.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

fn commit_together(connection: &mut Connection, first: Job, queue: &mpsc::Receiver<Job>) {
    let begun = Instant::now();
    let transaction =
        match connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate) {
            Ok(transaction) => Tx {
                connection: transaction,
                is_blank: Cell::new(true),
            },
            Err(error) => {
                // Nothing was begun: the job is dropped, and its asker sees a closed channel, which
                // `StoreError::Stopped` stands for. Those behind it meet the same.
                tracing::error!("The database does not accept a transaction: {error}");
                return;
            }
        };
    let mut replies: Vec<Reply> = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next {
        replies.push(job(&transaction));
        // After a full disk SQLite may have rolled the whole transaction back by itself: more would commit on its own
        // and be reported as failed.
        let goes_on = !transaction.connection.is_autocommit()
            && replies.len() < JOBS_PER_COMMIT
            && begun.elapsed() < JOIN_WITHIN;
        next = match goes_on {
            true => queue.try_recv().ok(),
            false => None,
        };
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
    /// Runs `work`: an error or a panic undoes it and nothing else. What comes first in a transaction needs no savepoint,
    /// which would have SQLite keep a copy of every page it changes: a twentieth of what the writing thread does.
    pub fn guarded<R>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let is_first = self.is_blank.replace(false);
        if !is_first {
            self.savepoint("SAVEPOINT guarded")?;
        }
        let outcome = caught(|| work(self));
        match (is_first, &outcome) {
            _ if self.connection.is_autocommit() => {} // the database undid everything
            (true, Ok(_)) => {}
            (true, Err(_)) => {
                self.connection.execute_batch("ROLLBACK; BEGIN IMMEDIATE")?;
                self.is_blank.set(true);
            }
            (false, Ok(_)) => self.savepoint("RELEASE guarded")?,
            (false, Err(_)) => {
                self.savepoint("ROLLBACK TO guarded")?;
                self.savepoint("RELEASE guarded")?;
            }
        }
        outcome
    }

    /// Has SQLite look anew at tables that have grown a lot, so that it goes on choosing the right index. All tables, and each
    /// in part only: whole, a hundred thousand tickets took a second.
    pub fn look_at_tables(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("PRAGMA optimize=0x10012")?)
    }

    /// Prepared once: there are several savepoints for each mail and letter.
    fn savepoint(&self, statement: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }
}

/// What `work` gives, or what its panic said.
fn caught<R>(work: impl FnOnce() -> Result<R, StoreError>) -> Result<R, StoreError> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(&*panic))))
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(tx: &Tx<'_>, number: u32) -> Result<(), StoreError> {
        tx.connection
            .execute("INSERT INTO numbers VALUES (?1)", [number])?;
        Ok(())
    }

    fn fails() -> Result<(), StoreError> {
        Err(StoreError::Value("broken".to_owned()))
    }

    #[test]
    fn a_job_that_fails_is_undone_alone() {
        let first = |tx: &Tx<'_>| write(tx, 9);
        assert_eq!(shared_with(first), (true, vec![9, 1, 3]));
    }

    #[test]
    fn a_first_job_that_fails_is_undone_and_the_others_are_not() {
        let first = |tx: &Tx<'_>| write(tx, 9).and_then(|()| fails());
        assert_eq!(shared_with(first), (false, vec![1, 3]));
    }

    #[test]
    fn a_first_job_that_panics_is_undone_and_the_others_are_not() {
        let first = |tx: &Tx<'_>| write(tx, 9).map(|()| panic!("as a fault of ours would"));
        assert_eq!(shared_with(first), (false, vec![1, 3]));
    }

    #[test]
    fn what_fails_within_a_first_job_is_undone_alone() {
        let first = |tx: &Tx<'_>| {
            write(tx, 9)?;
            let inner = tx.guarded(|tx| write(tx, 8).and_then(|()| fails()));
            assert!(inner.is_err());
            write(tx, 7)
        };
        assert_eq!(shared_with(first), (true, vec![9, 7, 1, 3]));
    }

    /// Whether `first` heard of success, and what is recorded when three jobs share its transaction, of which the second fails.
    fn shared_with(
        first: impl FnOnce(&Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> (bool, Vec<u32>) {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE numbers (number INTEGER)")
            .unwrap();
        let (writer, thread) = Writer::start(connection).unwrap();
        // The thread is held until all wait, so that they share a transaction.
        let (go, held) = mpsc::channel::<()>();
        let first = writer.submit(move |tx| {
            let _ = held.recv();
            first(tx)
        });
        let before = writer.submit(|tx| write(tx, 1));
        let middle = writer.submit(|tx| write(tx, 2).and_then(|()| fails()));
        let after = writer.submit(|tx| write(tx, 3));
        go.send(()).unwrap();
        let heard =
            [before, middle, after].map(|answer| matches!(answer.blocking_recv(), Ok(Ok(()))));
        let numbers = writer.submit(|tx| {
            let mut query = tx.connection.prepare("SELECT number FROM numbers")?;
            let rows = query.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<Vec<u32>, _>>()?)
        });
        let numbers = numbers.blocking_recv().unwrap().unwrap();
        drop(writer);
        thread.join().unwrap();
        assert_eq!(heard, [true, false, true]);
        (matches!(first.blocking_recv(), Ok(Ok(()))), numbers)
    }
}
