//! A letter on its way out: rendered once, stored, then carried. What can become of it.

use jiff::Timestamp;

use super::ids::{Address, MessageId};

/// The number of a letter in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LetterId(pub i64);

impl std::fmt::Display for LetterId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A rendered letter. The same bytes and the same Message-ID go out on every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its Message-ID, signed.
    pub message_id: MessageId,
    /// The one recipient.
    pub to: Address,
    /// Where bounces go: the envelope's sender.
    pub envelope_from: Address,
    /// The whole message, lines ended by CRLF, no line over 998 octets, 7-bit only.
    pub bytes: Vec<u8>,
}

/// A letter whose turn it is. The store makes it, having counted the attempt; settling consumes it.
#[derive(Debug)]
pub struct Due {
    /// Its number in the store.
    pub id: LetterId,
    /// The desk whose courier carries it, by name in the configuration.
    pub desk: String,
    /// The letter.
    pub letter: Letter,
    /// Which attempt this is, 1 for the first.
    pub attempt: u32,
    /// When it was queued first.
    pub queued_at: Timestamp,
}

/// What became of an attempt to carry a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The other side took it over: a 2xx to the final dot was read.
    Accepted(String),
    /// Certainly not taken over; try again later.
    Deferred(String),
    /// Certainly not taken over, and never will be.
    Refused(String),
    /// The final dot went out and no answer was read: it may have been taken over.
    Unknown(String),
}

/// Where a letter stands in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the words of product.md §18
pub enum LetterState {
    Queued,
    Held,
    Sending,
    Sent,
    Unknown,
    Failed,
    /// Before it went out it was taken back or dropped by hand, or its reader was erased.
    Cancelled,
}

impl LetterState {
    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}
