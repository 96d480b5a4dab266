//! May a letter go out by itself: budgets, and whose first mail is acknowledged.
//!
//! Whether a mail may be answered at all is `Origin::answerable`; here is how often and to whom.
//! A letter that may not go is held and shown, never dropped (`reliability.md` I5).

use std::collections::HashMap;
use std::time::Duration;

use super::ids::Address;
use super::notice::Hold;
use super::people::People;

/// Addresses looked at in the commands of one mail; nobody adds more people at once.
const NAMED_MAX: usize = 50;

/// At most `count` letters within `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How far back is counted.
    pub window: Duration,
    /// How many are allowed.
    pub count: u32,
}

/// Whose first mail is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// Anybody's.
    Everyone,
    /// Of people who belong to an organisation, wrote before, or whose mail is authenticated.
    KnownOrAuthenticated,
}

/// Budgets for automatic letters to requesters, watchers and outsiders. Staff is never held.
#[derive(Clone, Debug, Default)]
pub struct Budgets {
    /// To one address (without its plus part).
    pub per_address: Vec<Quota>,
    /// To one address about one ticket.
    pub per_ticket: Vec<Quota>,
    /// To one outside domain none of whose people is known.
    pub per_domain: Vec<Quota>,
    /// In all.
    pub total: Vec<Quota>,
}

/// What has been spent, counted by the store: for each quota of a kind, in its order, the letters in its window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// By canonical address.
    pub per_address: HashMap<Address, Vec<u32>>,
    /// By canonical address and ticket number.
    pub per_ticket: HashMap<(Address, u32), Vec<u32>>,
    /// By domain.
    pub per_domain: HashMap<String, Vec<u32>>,
    /// In all.
    pub total: Vec<u32>,
}

impl Spent {
    /// Counts one more letter, so that several letters of one event share the budget.
    pub fn add(&mut self, to: &Address, ticket: u32) {
        let to = to.canonical();
        let raise = |counts: Option<&mut Vec<u32>>| {
            counts.into_iter().flatten().for_each(|count| *count += 1)
        };
        raise(self.per_domain.get_mut(to.domain()));
        raise(self.per_ticket.get_mut(&(to.clone(), ticket)));
        raise(self.per_address.get_mut(&to));
        raise(Some(&mut self.total));
    }
}

impl Budgets {
    /// The first budget that is full for one more automatic letter to `to` about `ticket`.
    /// `foreign`: nobody of that domain is known.
    pub fn hold(&self, spent: &Spent, to: &Address, ticket: u32, foreign: bool) -> Option<Hold> {
        let to = to.canonical();
        let full = |quotas: &[Quota], counts: Option<&Vec<u32>>, whom: &str| {
            let counts = counts.map(Vec::as_slice).unwrap_or_default();
            quotas
                .iter()
                .zip(counts)
                .find(|(quota, count)| **count >= quota.count)
                .map(|(quota, _)| {
                    Hold::Budget(format!("{} in {} {whom}", quota.count, words(quota.window)))
                })
        };
        full(
            &self.per_address,
            spent.per_address.get(&to),
            "to this address",
        )
        .or_else(|| {
            full(
                &self.per_ticket,
                spent.per_ticket.get(&(to.clone(), ticket)),
                "about this ticket",
            )
        })
        .or_else(|| {
            let counts = spent.per_domain.get(to.domain()).filter(|_| foreign);
            full(&self.per_domain, counts, "to this domain")
        })
        .or_else(|| full(&self.total, Some(&spent.total), "in all"))
    }
}

/// Whether nobody of somebody's domain is known: the budget of a domain is for these.
pub fn is_foreign(people: &People, known_domains: &[String], who: &Address) -> bool {
    let mut known = known_domains.iter();
    people.organisation(who).is_none() && !known.any(|domain| domain == who.domain())
}

/// Addresses that a mail names in its commands (`/watch ann@example.org`): those who are told because of it have
/// to be within budget as well, although no ticket knows them yet.
pub fn named(text: &str) -> Vec<Address> {
    let commands = text
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with(['/', '#']));
    let words = commands.flat_map(str::split_whitespace);
    let mut named: Vec<Address> = words
        .map(|word| word.trim_matches(|c: char| "<>,;:.\"'()".contains(c)))
        .filter(|word| word.contains('@'))
        .filter_map(|word| word.parse().ok())
        .take(NAMED_MAX)
        .collect();
    named.sort();
    named.dedup();
    named
}

/// A window as the configuration writes it: `10m`, `1h`, `1d`.
fn words(window: Duration) -> String {
    let seconds = window.as_secs();
    match seconds {
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_commands_are_found() {
        let text = "Bonjour, voyez luc@x.example\n/watch <Ann@Example.org>, paul@example.org\n  #suivre ann@example.org\n/take";
        let found: Vec<String> = named(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["ann@example.org", "paul@example.org"]);
    }

    #[test]
    fn the_letter_that_would_be_one_too_many_is_held() {
        let quota = Quota {
            window: Duration::from_secs(600),
            count: 3,
        };
        let budgets = Budgets {
            per_address: vec![quota],
            ..Budgets::default()
        };
        let ann: Address = "ann+x@example.org".parse().unwrap();
        let mut spent = Spent::default();
        spent.per_address.insert(ann.canonical(), vec![0]);
        for _ in 0..3 {
            assert_eq!(budgets.hold(&spent, &ann, 1, false), None);
            spent.add(&ann, 1);
        }
        let held = Hold::Budget("3 in 10m to this address".to_owned());
        assert_eq!(budgets.hold(&spent, &ann, 1, false), Some(held));
    }
}
