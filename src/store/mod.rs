//! The store: everything guichet knows, in one SQLite file.
//!
//! One thread writes (`writer.rs`), others read through connections of their own. What was reported as
//! done is on the disk: WAL with `synchronous=FULL`. The code above speaks of mails, tickets and
//! letters, never of rows; SQL stands here and nowhere else.

mod absences;
mod acts;
mod asked;
mod budgets;
mod bundles;
mod corrections;
mod digests;
mod erasing;
mod lanes;
mod mails;
mod outages;
mod outbox;
mod people;
mod personal;
mod pictures;
mod recipes;
mod record;
mod repeats;
mod rows;
mod said;
mod satisfaction;
mod sheets;
mod snapshot;
mod sources;
mod stats;
mod targets;
mod tickets;
mod words;
mod writer;

use std::cell::Cell;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use refinery_core::{Migration, Runner};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};
use tokio::sync::oneshot;

use writer::Writer;

pub use corrections::CorrectionView;
pub use digests::DigestState;
pub use erasing::Gone;
pub use mails::{Hashed, MailRow, MailView, Taken, Waiting};
pub use outbox::{LetterView, WorkLeft};
pub use personal::{Acquaintance, Rated, Scanned};
pub use record::Render;
pub use satisfaction::RatingView;
pub use sources::{Epoch, Miss};

/// "guichet" in the header of the file, so that other programs can tell what it is.
const APPLICATION_ID: i32 = 0x6775_6963;
/// How long a reader or a second program waits for a lock.
const BUSY: Duration = Duration::from_secs(10);

/// Something went wrong with the database. Nothing of the work in hand was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error(
        "cannot open the database {path}: {cause}; check that the folder exists, belongs to guichet and has room"
    )]
    Open {
        /// As configured.
        path: String,
        /// What was wrong.
        cause: String,
    },
    /// The file is damaged or no database.
    #[error(
        "the database {path} is damaged or is no database: {cause}; keep the file, and put back a backup"
    )]
    Corrupt {
        /// As configured.
        path: String,
        /// What was wrong.
        cause: String,
    },
    /// The schema could not be brought up to date.
    #[error(
        "the database {path} cannot be brought up to date: {cause}; a newer guichet may have written it"
    )]
    Schema {
        /// As configured.
        path: String,
        /// What was wrong.
        cause: String,
    },
    /// A statement failed.
    #[error("database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// A value in the database is none that we know.
    #[error("database: {0} is not understood")]
    Value(String),
    /// The transaction could not be committed.
    #[error("database: not committed: {0}")]
    NotCommitted(String),
    /// The work panicked and was undone.
    #[error("a fault in guichet itself: {0}")]
    Panicked(String),
    /// A letter could not be written.
    #[error("a letter could not be written: {0}")]
    Letter(String),
    /// The work was only imagined and is undone on purpose (`guichet simulate`).
    #[error("only imagined")]
    Imagined,
    /// Mails could not be read, for no fault of theirs.
    #[error("mails cannot be read: {0}")]
    Unread(String),
    /// The writing thread has ended, or could not begin a transaction.
    #[error("database: not writable at the moment")]
    Stopped,
}

impl StoreError {
    /// Whether the cause lies with the database or its disk, not with the mail in hand.
    pub fn is_about_the_store(&self) -> bool {
        !matches!(
            self,
            Self::Panicked(_) | Self::Letter(_) | Self::Value(_) | Self::Imagined
        )
    }
}

/// A transaction. Only it can record.
pub struct Tx<'c> {
    connection: Transaction<'c>,
    /// Whether nothing was done in it so far.
    is_blank: Cell<bool>,
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    path: PathBuf,
    writer: Writer,
}

impl Store {
    /// Opens the file, makes it when missing (readable by its owner only), and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        let failed = |cause: String| StoreError::Open {
            path: path.display().to_string(),
            cause,
        };
        std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| failed(error.to_string()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(path, flags).map_err(|error| failed(error.to_string()))?;
        prepare(&connection).map_err(|error| opening(path, &error))?;
        migrate(&mut connection, STEPS).map_err(|error| schema(path, &error))?;
        let (writer, _) = Writer::start(connection).map_err(|error| failed(error.to_string()))?;
        Ok(Store {
            path: path.to_owned(),
            writer,
        })
    }

    /// Does `work` in a transaction, together with whatever else is waiting, and gives its result once committed.
    pub async fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.writer
            .submit(work)
            .await
            .unwrap_or(Err(StoreError::Stopped))
    }

    /// The same for threads outside the runtime.
    pub fn write_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.write_later(work).wait()
    }

    /// The same, waited for later.
    pub fn write_later<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Pending<R> {
        Pending(self.writer.submit(work))
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes everything over from the log beside the file and empties it, so that nothing that was overwritten is left in it.
    /// `false` when others use it at the moment.
    pub fn empty_log(&self) -> Result<bool, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        let is_busy: bool =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(!is_busy)
    }

    /// A connection that reads.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.path)
    }
}

/// Work that was handed to the writing thread.
pub struct Pending<R>(oneshot::Receiver<Result<R, StoreError>>);

impl<R> Pending<R> {
    /// Waits for its result, which comes once it is committed. For threads outside the runtime.
    pub fn wait(self) -> Result<R, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Stopped))
    }
}

/// A connection that only reads. Each view is one consistent moment.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    /// Opens an existing database for reading.
    pub fn open(path: &Path) -> Result<Reader, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| StoreError::Open {
                path: path.display().to_string(),
                cause: error.to_string(),
            })?;
        connection.busy_timeout(BUSY)?;
        connection
            .query_row("SELECT count(*) FROM counters", [], |_| Ok(()))
            .map_err(|error| opening(path, &error))?;
        Ok(Reader { connection })
    }
}

/// `dependencies.md` §3.5 says why each.
fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "page_size", 8192)?; // mails and letters are larger than a page
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted or overwritten is zeroed, so that nothing of a person who is erased stays in free space.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -32_768)?; // 32 MiB, taken as they are needed
    connection.pragma_update(None, "wal_autocheckpoint", 2_000)?; // 16 MiB of pages
    // Most jobs have a savepoint; its undo journal would otherwise be a file that is made and removed each time
    // (measured: a seventh of the writing thread). To raise `SQLITE_STMTJRNL_SPILL` instead is no way out: above 128 KiB
    // SQLite cannot write what it kept, and says that the disk is full.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Plans do not depend on the values bound, or SQLite prepares most statements anew at each run (measured: 7 %).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.set_prepared_statement_cache_capacity(256); // there are a hundred and fifty
    Ok(())
}

/// The steps from nothing to the present schema. Those that were released never change.
const STEPS: &[(&str, &str)] = &[
    ("V1__first", include_str!("schema/V1__first.sql")),
    ("V2__budgets", include_str!("schema/V2__budgets.sql")),
    (
        "V3__corrections",
        include_str!("schema/V3__corrections.sql"),
    ),
    ("V4__absences", include_str!("schema/V4__absences.sql")),
    ("V5__life", include_str!("schema/V5__life.sql")),
    ("V6__targets", include_str!("schema/V6__targets.sql")),
    ("V7__pictures", include_str!("schema/V7__pictures.sql")),
    ("V8__asked", include_str!("schema/V8__asked.sql")),
    ("V9__digests", include_str!("schema/V9__digests.sql")),
    ("V10__words", include_str!("schema/V10__words.sql")),
    (
        "V11__satisfaction",
        include_str!("schema/V11__satisfaction.sql"),
    ),
    ("V12__outages", include_str!("schema/V12__outages.sql")),
    ("V13__recipes", include_str!("schema/V13__recipes.sql")),
    ("V14__reminders", include_str!("schema/V14__reminders.sql")),
    ("V15__lanes", include_str!("schema/V15__lanes.sql")),
    ("V16__erasures", include_str!("schema/V16__erasures.sql")),
    ("V17__partial", include_str!("schema/V17__partial.sql")),
];

fn migrate(
    connection: &mut Connection,
    steps: &[(&str, &str)],
) -> Result<(), refinery_core::Error> {
    let migrations: Vec<Migration> = steps
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<_, _>>()?;
    Runner::new(&migrations)
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .run(connection)?;
    Ok(())
}

fn opening(path: &Path, error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let (path, cause) = (path.display().to_string(), error.to_string());
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => StoreError::Corrupt { path, cause },
        _ => StoreError::Open { path, cause },
    }
}

fn schema(path: &Path, error: &refinery_core::Error) -> StoreError {
    StoreError::Schema {
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_again_and_again_reads_no_whole_table() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, STEPS).unwrap();
        // As after a busy year: everybody waits for news, and every letter is sent.
        connection
            .execute_batch(
                "INSERT INTO tickets (number, prefix, desk, subject, status, impact, urgency, priority, category,
                                      requester, locale, root, created_at, updated_at, next_news_at, nudges_at)
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                 SELECT i, 'INC', 'support', 's', 'new', 'low', 'low', 'P4', 'other', 'a@x', 'fr', i || '@x', i, i, i / 10, i / 700
                   FROM n;
                 INSERT INTO outbox (id, ticket, desk, notice, recipient, cause, envelope_from, message_id, state,
                                     created_at)
                 SELECT number, number, 'support', 'progress', 'a@x', '1', 's@x', number || '@y', 'sent', number
                   FROM tickets;
                 PRAGMA optimize=0x10012;",
            )
            .unwrap();
        for asked in [
            snapshot::DUE,
            recipes::FIXES,
            outbox::TAKE_BACK,
            outbox::UNDER_WAY,
        ] {
            let mut query = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {asked}"))
                .unwrap();
            let now = vec![1; query.parameter_count()];
            let plan: Vec<String> = query
                .query_map(rusqlite::params_from_iter(now), |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let whole = |step: &&String| {
                ["SCAN tickets", "SCAN outbox"]
                    .iter()
                    .any(|table| step.starts_with(table) && !step.contains("USING"))
            };
            assert_eq!(plan.iter().find(whole), None, "{asked}: {plan:?}");
        }
    }

    #[test]
    fn letters_of_the_first_schema_keep_their_budgets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guichet.db");
        let mut old = Connection::open(&path).unwrap();
        migrate(&mut old, &STEPS[..1]).unwrap();
        old.execute_batch(
            "INSERT INTO tickets (number, prefix, desk, subject, status, impact, urgency, priority, category,
                                  requester, locale, root, created_at, updated_at)
             VALUES (1, 'INC', 'support', 's', 'new', 'low', 'low', 'P4', 'other', 'a@x', 'fr', 'r@x', 1, 1);
             INSERT INTO outbox (id, ticket, desk, notice, recipient, cause, envelope_from, message_id, state,
                                 budget, budget_domain, created_at)
             VALUES (1, 1, 'support', 'progress', 'a@x', '1', 's@x', '1@x', 'sent', 'a@x', 'x', 1000),
                    (2, 1, 'support', 'progress', 'a@x', '2', 's@x', '2@x', 'held', 'a@x', 'x', 2000),
                    (3, 1, 'support', 'update', 'a@x', '3', 's@x', '3@x', 'sent', NULL, NULL, 3000),
                    (4, 1, 'support', 'progress', 'a@x', '4', 's@x', '4@x', 'failed', 'a@x', 'x', 4000);
             INSERT INTO contents (letter, bytes) SELECT id, x'00' FROM outbox;",
        )
        .unwrap();
        drop(old);

        let store = Store::open(&path).unwrap();
        let counted = move || -> Vec<(i64, Option<String>, Option<i64>)> {
            let connection = Connection::open(&path).unwrap();
            let mut query = connection
                .prepare("SELECT id, budget, budget_count FROM outbox ORDER BY id")
                .unwrap();
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            rows.unwrap().collect::<Result<_, _>>().unwrap()
        };
        let own = || Some("a@x".to_owned());
        assert_eq!(
            counted(),
            [
                (1, own(), Some(1)),
                (2, None, None),
                (3, None, None),
                (4, own(), Some(2))
            ]
        );
        // A held letter begins to count when it is released, and only then.
        let now = jiff::Timestamp::from_microsecond(5000).unwrap();
        let letter = crate::desk::letter::LetterId(2);
        assert!(
            store
                .write_blocking(move |tx| tx.release_letter(letter, now))
                .unwrap()
        );
        assert_eq!(counted()[1], (2, own(), Some(3)));
    }
}
