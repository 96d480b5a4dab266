//! How long to wait before the next connection.
//!
//! Pauses grow from one second to five minutes and start anew after a good connection. A server
//! that refuses for good sees at most twelve logins an hour, all folders of an account together
//! (reliability.md F22). A server that says how long to wait is obeyed.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Patience;

/// Fruitless logins allowed within `Patience::login_window`.
const LOGINS: usize = 12;

/// The pauses of one connection.
#[derive(Debug)]
pub(super) struct Pauses {
    patience: Patience,
    seed: String,
    failures: u32,
}

impl Pauses {
    /// `seed` sets several mailboxes apart so that they do not come back at the same moment.
    pub(super) fn new(patience: Patience, seed: &str) -> Self {
        Self {
            patience,
            seed: seed.to_owned(),
            failures: 0,
        }
    }

    /// The connection was a good one.
    pub(super) fn forget(&mut self) {
        self.failures = 0;
    }

    /// The pause after a failure, `least` at least, up to a quarter longer by chance of the name.
    pub(super) fn next(&mut self, least: Duration) -> Duration {
        let grown = self
            .patience
            .first_pause
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min(self.patience.longest_pause);
        self.failures = self.failures.saturating_add(1).min(31);
        let mut hasher = DefaultHasher::new();
        (&self.seed, self.failures).hash(&mut hasher);
        let jitter = grown.mul_f64((hasher.finish() % 256) as f64 / 1024.0);
        (grown + jitter).max(least)
    }
}

/// Logins of an account that led to nothing, shared by its connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Logins(Arc<Mutex<VecDeque<Instant>>>);

impl Logins {
    /// How long the next login has to wait.
    pub(super) fn wait(&self, now: Instant, window: Duration) -> Duration {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while made
            .front()
            .is_some_and(|at| now.duration_since(*at) >= window)
        {
            made.pop_front();
        }
        match made.front() {
            Some(first) if made.len() >= LOGINS => window - now.duration_since(*first),
            _ => Duration::ZERO,
        }
    }

    /// A login is made.
    pub(super) fn made(&self, now: Instant) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.push_back(now);
    }

    /// The last login was worth it.
    pub(super) fn fruitful(&self) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.pop_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_start_anew() {
        let mut pauses = Pauses::new(Patience::default(), "support");
        let waits: Vec<Duration> = (0..12).map(|_| pauses.next(Duration::ZERO)).collect();
        for (at, wait) in waits.iter().enumerate() {
            let plain = Duration::from_secs((1 << at).min(300));
            assert!(
                (plain..=plain.mul_f64(1.25)).contains(wait),
                "{at}: {wait:?}"
            );
        }
        pauses.forget();
        assert!(pauses.next(Duration::ZERO) < Duration::from_secs(2));
        assert_eq!(
            pauses.next(Duration::from_secs(3000)),
            Duration::from_secs(3000)
        );
    }

    #[test]
    fn twelve_fruitless_logins_an_hour_at_most() {
        let (hour, minute) = (Duration::from_secs(3600), Duration::from_secs(60));
        let (logins, start) = (Logins::default(), Instant::now());
        let (mut now, mut made) = (start, 0);
        while now < start + hour * 10 {
            now += logins.wait(now, hour);
            logins.made(now);
            made += 1;
            now += minute;
        }
        assert!((108..=121).contains(&made), "{made} in ten hours");
    }
}
