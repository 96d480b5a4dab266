//! The hint between the mailboxes and the deciding loop. The mail itself waits in the database.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use crate::mailbox::News;

/// Says that there may be mail to decide. Cheap; a hint too many does no harm, one too few costs a second.
#[derive(Clone)]
pub struct Wake(SyncSender<News>);

impl Wake {
    /// A hint and the end that waits for it.
    pub fn new() -> (Wake, Receiver<News>) {
        let (sender, receiver) = sync_channel(1);
        (Wake(sender), receiver)
    }

    /// Gives the hint. One that is already waiting is enough.
    pub fn ring(&self, news: News) {
        match self.0.try_send(news) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }
}
