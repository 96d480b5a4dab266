//! The only place that asks the time.

use jiff::Timestamp;

/// The present moment, in UTC.
pub fn now() -> Timestamp {
    Timestamp::now()
}
