//! How many people report the same: the same category, and a word for it that both used.
//!
//! Counts people of one organisation within a window. Whether their tickets are grouped is `desk/outage.rs`.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::rank::{OTHER, Ranking};
use super::{Place, Reason, Subject, Urgency, fold};
use crate::desk::event::Report;
use crate::desk::ids::Address;

/// Reports of one fault come within so long; `product.md` §11 speaks of minutes, and not everybody writes at once.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(60);

/// What a fault is about, as far as likeness goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// The category.
    pub category: String,
    /// The words that speak for it, as `words` gives them.
    pub words: String,
}

impl Matter {
    /// What is reported with this urgency and for these reasons; `None` when two people cannot share it: a question is no
    /// report of a fault, and "other" says nothing.
    pub fn of(category: &str, urgency: Urgency, reasons: &[Reason]) -> Option<Matter> {
        (urgency >= Urgency::Medium && category != OTHER).then(|| Matter {
            category: category.to_owned(),
            words: words(reasons, category),
        })
    }

    /// Whether somebody else means the same.
    pub fn is_like(&self, other: &Matter) -> bool {
        let mut ours = self.words.lines();
        self.category == other.category
            && ours.any(|word| other.words.lines().any(|other| other == word))
    }
}

/// Different people who report what `ranking` is about, its own sender included.
pub fn reporters(ranking: &Ranking, sender: &Address, reports: &[Report], now: Timestamp) -> u32 {
    let Some(matter) = Matter::of(&ranking.category, ranking.urgency, &ranking.reasons) else {
        return 1;
    };
    let counts = |report: &&Report| report.at > now - WINDOW && matter.is_like(&report.matter);
    let mut people: BTreeSet<&Address> = reports
        .iter()
        .filter(counts)
        .map(|report| &report.requester)
        .collect();
    people.insert(sender);
    u32::try_from(people.len()).unwrap_or(u32::MAX)
}

/// The words that speak for the category, in one spelling, one a line. They are stored with the ticket: to take them out of the reasons
/// of thirty reports anew for each mail was a tenth of its cost.
pub fn words(reasons: &[Reason], category: &str) -> String {
    let speaks = |reason: &&Reason| {
        reason.about == Subject::Category
            && reason.level == category
            && matches!(reason.r#where, Place::Subject | Place::Text)
    };
    let spoken = reasons.iter().filter(speaks);
    let words: BTreeSet<String> = spoken.map(|reason| fold::folded(&reason.because)).collect();
    words.into_iter().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(words: &[&str]) -> Vec<Reason> {
        let reason = |word: &&str| Reason {
            about: Subject::Category,
            level: "internet".to_owned(),
            because: (*word).to_owned(),
            r#where: Place::Text,
            weight: 3,
        };
        words.iter().map(reason).collect()
    }

    fn count(category: &str, urgency: Urgency, reported: &[(&str, &str, &str)]) -> u32 {
        let now = Timestamp::UNIX_EPOCH;
        let address = |name: &str| format!("{name}@acme.example").parse::<Address>().unwrap();
        let ranking = Ranking {
            category: category.to_owned(),
            urgency,
            reasons: reasons(&["Internet", "la fibre"]),
            ..Ranking::default()
        };
        let reports: Vec<Report> = reported
            .iter()
            .map(|(who, category, word)| Report {
                ticket: "INC-1".parse().unwrap(),
                at: now - SignedDuration::from_mins(if *who == "late" { 60 } else { 59 }),
                requester: address(who),
                matter: Matter {
                    category: (*category).to_owned(),
                    words: words(&reasons(&[word]), category),
                },
                proposed: 0,
                in_outage: false,
            })
            .collect();
        reporters(&ranking, &address("me"), &reports, now)
    }

    #[test]
    fn different_people_with_the_same_fault_are_counted() {
        let all = [
            ("karim", "internet", "INTERNET"),
            ("karim", "internet", "internet"),
            ("me", "internet", "internet"),
            ("ann", "internet", "La Fibre"),
            ("bob", "internet", "chrome"),
            ("eve", "network", "internet"),
            ("late", "internet", "internet"),
        ];
        assert_eq!(count("internet", Urgency::High, &all), 3);
        assert_eq!(count("internet", Urgency::Low, &all), 1);
        assert_eq!(count("other", Urgency::High, &all), 1);
        assert_eq!(count("internet", Urgency::Medium, &[]), 1);
    }
}
