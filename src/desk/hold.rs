//! Why a letter waits for a person, and what that person can do.
//!
//! The reason is kept with the letter and shown by `guichet outbox --held` and `guichet why`; what to do follows from
//! it, so that nothing more is stored.

use super::bundle;

/// Why a letter waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nobody vouches for the sender (`limits.acknowledge`).
    UnknownSender,
    /// Letters to the address came back for good; what the report said.
    Undelivered(String),
    /// Too many letters: the budget that was full, such as `3 in 10m to this address`.
    Budget(String),
    /// It is told with others in one letter (`product.md` §18).
    Bundle,
}

const UNKNOWN_SENDER: &str = "the sender is neither known nor authenticated (limits.acknowledge)";
const UNDELIVERED: &str = "letters to this address came back, until they write again";
const BUDGET: &str = "over budget";
const BUNDLE: &str = "told with others in one letter";

impl Hold {
    /// The sentence shown by `outbox --held`.
    pub fn reason(&self) -> String {
        match self {
            Self::UnknownSender => UNKNOWN_SENDER.to_owned(),
            Self::Undelivered(said) => format!("{UNDELIVERED}: {said}"),
            Self::Budget(which) => format!("{BUDGET}: {which}"),
            Self::Bundle => format!(
                "more than {} to this technician in {} minutes: {BUNDLE}",
                bundle::SINGLE_MAX,
                bundle::WINDOW_MINUTES
            ),
        }
    }
}

/// What can be done about a letter that is held for this reason, in a sentence; `None` for a reason that is none of ours.
pub fn next_step(reason: &str) -> Option<&'static str> {
    let steps = [
        (
            reason.starts_with(UNKNOWN_SENDER),
            "releasing it answers this once; give the sender's domain to an [organisation.NAME], or set trusted_authserv_ids, and the next ones go out by themselves",
        ),
        (
            reason.starts_with(UNDELIVERED),
            "reach them by telephone and correct the address; their next mail lifts this, releasing tries once more",
        ),
        (
            reason.starts_with(BUDGET),
            "see whether a machine answers there; releasing sends it now, and limits.automatic_* sets how many are sent",
        ),
        (
            reason.ends_with(BUNDLE),
            "nothing: the letter that tells them all goes out within minutes",
        ),
    ];
    let step = steps.into_iter().find(|(fits, _)| *fits);
    step.map(|(_, step)| step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_next_step_of_its_own() {
        let all = [
            Hold::UnknownSender,
            Hold::Undelivered("550 told with others in one letter".to_owned()),
            Hold::Budget("3 in 10m to this address".to_owned()),
            Hold::Bundle,
        ];
        let steps: Vec<&str> = all
            .iter()
            .filter_map(|hold| next_step(&hold.reason()))
            .collect();
        assert_eq!(steps.len(), all.len());
        for (position, step) in steps.iter().enumerate() {
            assert!(!steps[..position].contains(step), "{step}");
        }
        assert_eq!(next_step("421 try again later"), None);
    }
}
