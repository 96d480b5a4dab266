//! Sets the targets of open tickets anew when the configuration agrees on something else than before.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, info};

use super::{Gateway, write_letter};
use crate::desk::{self, event::Event};
use crate::store::{StoreError, Tx};

/// Tickets in one transaction, so that mail that comes in meanwhile does not wait for all of them.
const AT_ONCE: usize = 50;

/// Sets targets anew if need be. Interrupted, it begins again at the next start: what is right already stays.
pub async fn agree(gateway: &Arc<Gateway>) -> Result<(), StoreError> {
    let fingerprint = gateway.rules.agreements.fingerprint();
    let known = fingerprint.clone();
    if gateway.store.write(move |tx| tx.is_agreed(&known)).await? {
        return Ok(());
    }
    let (mut after, mut count) = (0, 0);
    loop {
        let shared = gateway.clone();
        let some = move |tx: &Tx<'_>| agree_some(&shared, tx, after, shared.clock.now());
        let Some((last, number)) = gateway.store.write(some).await? else {
            break;
        };
        (after, count) = (last, count + number);
    }
    let now = gateway.clock.now();
    gateway
        .store
        .write(move |tx| tx.note_agreed(&fingerprint, now))
        .await?;
    info!(
        tickets = count,
        "Targets are reckoned by what is agreed now"
    );
    Ok(())
}

/// Sets the targets of some tickets above the number `after` anew. Gives the last number looked at and how many
/// there were; `None` when there are no more.
pub fn agree_some(
    gateway: &Gateway,
    tx: &Tx<'_>,
    after: u32,
    now: Timestamp,
) -> Result<Option<(u32, usize)>, StoreError> {
    let numbers = tx.open_after(after, AT_ONCE)?;
    for number in &numbers {
        let outcome = tx.guarded(|tx| {
            let seen = tx.snapshot_for_targets(*number)?;
            let effects = desk::decide(&gateway.rules, &seen, &Event::Agreed, now);
            tx.record(
                None,
                &effects,
                &|notice, id| write_letter(&gateway.rules, &gateway.scribe, notice, id, now),
                now,
            )
        });
        match outcome {
            Err(failure) if failure.is_about_the_store() => return Err(failure),
            Err(failure) => error!(
                ticket = number.get(),
                "The targets of ticket {number} cannot be set: {failure}"
            ),
            Ok(()) => {}
        }
    }
    Ok(numbers.last().map(|last| (last.get(), numbers.len())))
}
