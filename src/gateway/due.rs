//! Deals with what is due: tickets whose moment has come, notices that were gathered, letters of a time of day.

use jiff::Timestamp;
use tracing::error;

use super::Gateway;
use super::deciding::letter;
use crate::desk::event::{Event, Snapshot};
use crate::desk::{self, notice::Notice};
use crate::store::{StoreError, Tx};

/// Closes what is due, keeps promises whose moment has come, and writes what technicians get at a time of day. Each piece
/// of work sees what the one before has spent.
pub fn tick(gateway: &Gateway, tx: &Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    for number in tx.due_tickets(&gateway.rules, now)? {
        apart(gateway, tx, &format!("ticket {number}"), now, |tx| {
            let seen = tx.snapshot_for_tick(&gateway.rules, number, now)?;
            Ok((seen, Event::Tick))
        })?;
    }
    for (to, waiting) in tx.gathered(now)? {
        apart(gateway, tx, &format!("notices to {to}"), now, |tx| {
            let seen = tx.snapshot_for_bundle(&waiting, now)?;
            Ok((seen, Event::Gathered { to, waiting }))
        })?;
    }
    for (technician, day) in tx.due_queues(&gateway.rules, now)? {
        apart(gateway, tx, &format!("queue of {technician}"), now, |tx| {
            let seen = tx.snapshot_for_queue(&technician, now)?;
            Ok((seen, Event::Morning { technician, day }))
        })?;
    }
    Ok(())
}

/// Decides and records one piece of what is due, behind a savepoint of its own: one that cannot be written about (its
/// desk has left the configuration, say) is told in the log as `what` and must not hold up the others.
fn apart(
    gateway: &Gateway,
    tx: &Tx<'_>,
    what: &str,
    now: Timestamp,
    due: impl FnOnce(&Tx<'_>) -> Result<(Snapshot, Event), StoreError>,
) -> Result<(), StoreError> {
    let outcome = tx.guarded(|tx| {
        let (seen, event) = due(tx)?;
        let effects = desk::decide(&gateway.rules, &seen, &event, now);
        let write = |notice: &Notice, id| letter(gateway, notice, id, now);
        tx.record(None, &effects, &write, now)
    });
    fail::fail_point!("cp15", |_| crate::crash::now());
    match outcome {
        Err(failure) if failure.is_about_the_store() => Err(failure),
        Err(failure) => {
            error!("Due and cannot be dealt with, {what}: {failure}");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
