//! How often a recipe was offered and helped, and when it should be looked at again.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Fewer answers prove nothing.
const ANSWERS_NEEDED: u32 = 5;
/// A recipe that helps fewer than one in so many fails.
const ONE_IN: u32 = 3;
/// Programs and menus change within so long.
pub const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How a recipe did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// How often it was offered.
    pub offered: u32,
    /// How often the requester said yes.
    pub helped: u32,
    /// How often the requester wrote something else, or came back.
    pub failed: u32,
    /// When it was offered last.
    pub last_offered_at: Option<Timestamp>,
}

impl Score {
    /// Whether it helps too seldom.
    pub fn fails(&self) -> bool {
        let answered = self.helped.saturating_add(self.failed);
        answered >= ANSWERS_NEEDED && self.helped.saturating_mul(ONE_IN) < answered
    }
}

/// A recipe in force, as whoever keeps recipes sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The one organisation it is for, by its name in the configuration; `None`: it is for more than one, or for none.
    pub organisation: Option<String>,
    /// How it did.
    pub score: Score,
    /// When somebody last found it right.
    pub reviewed_at: Option<Timestamp>,
}

impl Kept {
    /// Whether nobody has looked at it for a year, seen from `at`.
    pub fn is_old(&self, at: Timestamp) -> bool {
        let reviewed = self.reviewed_at;
        reviewed.is_some_and(|reviewed| at.duration_since(reviewed) >= REVIEW_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_fails_when_it_helps_under_a_third_of_five_answers() {
        let fails = |helped, failed| {
            let score = Score {
                offered: 50,
                helped,
                failed,
                last_offered_at: None,
            };
            score.fails()
        };
        assert!(!fails(0, 4), "four answers prove nothing");
        assert!(fails(0, 5) && fails(1, 4) && fails(1, 3 + 1));
        assert!(!fails(2, 4), "a third is not under a third");
        assert!(fails(3, 7) && !fails(4, 8));
    }
}
