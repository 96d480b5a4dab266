//! How mails of known size are taken: in batches, in slices, or by their header alone.
//!
//! Promises: the order is kept, and a batch is bounded by count and by bytes.
//! Recording what was taken is left to `pass.rs`.

use std::collections::BTreeMap;

use super::MailboxError;
use super::imap::{Connection, SLICE, Size};

/// Mails in a batch: from 100 on the round trips no longer count (performance.md 1b).
pub(super) const BATCH: usize = 200;
/// Bytes in a batch, unless one mail alone is larger.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// Some mails that are fetched in one way.
pub(super) struct Step {
    pub(super) uids: Vec<u32>,
    how: How,
    bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Whole,
    Slices,
    Header,
}

/// Sorts mails into steps, smallest UID first: oldest mail first.
pub(super) fn plan(sizes: &BTreeMap<u32, Size>, message_size: u64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (uid, size) in sizes {
        let bytes = u64::from(size.bytes);
        let how = if bytes > message_size {
            How::Header
        } else if bytes > u64::from(SLICE) {
            How::Slices
        } else {
            How::Whole
        };
        match steps.last_mut() {
            Some(step)
                if how == How::Whole
                    && step.how == How::Whole
                    && step.uids.len() < BATCH
                    && step.bytes + bytes <= BATCH_BYTES =>
            {
                step.uids.push(*uid);
                step.bytes += bytes;
            }
            _ => steps.push(Step {
                uids: vec![*uid],
                how,
                bytes,
            }),
        }
    }
    steps
}

/// Bytes by UID, and the full size where only the header was taken.
pub(super) type Taken = BTreeMap<u32, (Vec<u8>, Option<u64>)>;

pub(super) async fn fetch(
    connection: &mut Connection,
    step: &Step,
    sizes: &BTreeMap<u32, Size>,
    message_size: u64,
) -> Result<Taken, MailboxError> {
    let mut taken = Taken::new();
    match (step.how, step.uids.as_slice()) {
        (How::Slices, [uid]) => match connection.sliced(*uid, message_size).await? {
            // The server said it was smaller.
            Some(bytes) if bytes.len() as u64 > message_size => {
                if let Some(header) = connection.header(*uid).await? {
                    taken.insert(*uid, (header, Some(bytes.len() as u64)));
                }
            }
            Some(bytes) => drop(taken.insert(*uid, (bytes, None))),
            None => {}
        },
        (How::Header, [uid]) => {
            if let Some(header) = connection.header(*uid).await? {
                let full = sizes.get(uid).map(|size| u64::from(size.bytes));
                taken.insert(*uid, (header, full));
            }
        }
        (_, uids) => {
            let bodies = connection.bodies(uids).await?;
            // An empty answer for a mail that has a size is no answer.
            taken.extend(
                bodies
                    .into_iter()
                    .filter(|(uid, bytes)| {
                        !bytes.is_empty() || sizes.get(uid).is_some_and(|size| size.bytes == 0)
                    })
                    .map(|(uid, bytes)| (uid, (bytes, None))),
            );
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(bytes: &[u32]) -> BTreeMap<u32, Size> {
        let size = |bytes| Size {
            bytes,
            received_at: None,
        };
        (1..).zip(bytes.iter().copied().map(size)).collect()
    }

    #[test]
    fn batches_are_bounded_by_count_and_by_bytes_and_keep_the_order() {
        let steps = plan(&sizes(&[1000; 450]), u64::MAX);
        let counts: Vec<usize> = steps.iter().map(|step| step.uids.len()).collect();
        assert_eq!(counts, [200, 200, 50]);
        let steps = plan(&sizes(&[1024 * 1024; 20]), u64::MAX);
        assert!(steps.iter().all(|step| step.bytes <= BATCH_BYTES));
        let order: Vec<u32> = steps.into_iter().flat_map(|step| step.uids).collect();
        assert_eq!(order, (1..=20).collect::<Vec<u32>>());
    }

    #[test]
    fn a_big_mail_is_sliced_and_a_bigger_one_is_cut() {
        let steps = plan(
            &sizes(&[10, SLICE + 1, 5 * SLICE, 10]),
            u64::from(4 * SLICE),
        );
        let hows: Vec<How> = steps.iter().map(|step| step.how).collect();
        assert!(hows == [How::Whole, How::Slices, How::Header, How::Whole]);
    }
}
