//! The only place that asks the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the present moment comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands until it is set, in microseconds since 1970 UTC: the demo and tests tell
    /// stories that happen at given moments.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The present moment, in UTC.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Set(micros) => Timestamp::from_microsecond(micros.load(Ordering::SeqCst))
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// A clock that stands at `moment`.
    pub fn standing_at(moment: Timestamp) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(moment.as_microsecond())))
    }

    /// Sets a standing clock; the system's clock is left alone.
    pub fn set(&self, moment: Timestamp) {
        if let Self::Set(micros) = self {
            micros.store(moment.as_microsecond(), Ordering::SeqCst);
        }
    }
}
