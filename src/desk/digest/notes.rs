//! What people noted and said: causes, minutes of work, thanks, how content they are.
//!
//! Counted from lives like all figures; names are kept as they were first written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Scope;
use super::figures::{LIST_MAX, number};
use super::life::{Life, SATISFIED_BEST};
use crate::desk::ids::TicketId;
use crate::desk::recipe::Outcome;

/// Who gives more than this is not unhappy.
const UNHAPPY_MOST: u8 = 2;

/// Something counted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// A name or a cause.
    pub name: String,
    /// How much of it.
    pub count: i64,
    /// Tickets it was counted on, by number; the first few.
    pub tickets: Vec<String>,
}

/// Somebody said thanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thanks {
    /// `INC-42`.
    pub id: String,
    /// Who said it: a name where the requester gave one, else an address.
    pub from: String,
    /// To whom: who had the ticket.
    pub to: Option<String>,
}

/// How content requesters said to be, about tickets whose last answer came in the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Satisfaction {
    /// How many answered.
    pub answers: u32,
    /// The mean of what they gave, in tenths, rounded to the nearest.
    pub mean_tenths: u32,
    /// The best there is.
    pub best: u8,
    /// Tickets whose requesters gave one or two, by number; the first few.
    pub unhappy: Vec<String>,
}

/// How a recipe did in the period. Offers nobody answered are neither helped nor failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// Where it is kept: a file's name, or the ticket it was made from. One organisation's readers are not told the ticket:
    /// it may be another's.
    pub name: Option<String>,
    /// What it is about.
    pub title: String,
    /// How often it was offered.
    pub offered: u32,
    /// How often somebody said that it helped.
    pub helped: u32,
    /// How often it did not.
    pub failed: u32,
}

/// What requesters answered when they were asked how content they are.
pub(super) fn satisfaction(lives: &[&Life], within: impl Fn(Timestamp) -> bool) -> Satisfaction {
    let given = lives.iter().filter_map(|life| {
        let (at, score) = life.satisfaction?;
        within(at).then_some((*life, score))
    });
    let given: Vec<(&Life, u8)> = given.collect();
    let answers = number(given.iter());
    let sum: u32 = given.iter().map(|(_, score)| u32::from(*score)).sum();
    Satisfaction {
        answers,
        mean_tenths: (sum * 10 + answers / 2).checked_div(answers).unwrap_or(0),
        best: SATISFIED_BEST,
        unhappy: given
            .iter()
            .filter(|(_, score)| *score <= UNHAPPY_MOST)
            .take(LIST_MAX)
            .map(|(life, _)| life.birth.id.to_string())
            .collect(),
    }
}

/// The recipes of the period, the most offered first.
pub(super) fn recipes(
    lives: &[&Life],
    scope: &Scope,
    within: impl Fn(Timestamp) -> bool,
) -> Vec<Recipe> {
    let may_name = |name: &str| match scope {
        Scope::Organisation(_) => name.parse::<TicketId>().is_err(),
        Scope::All | Scope::Team(_) | Scope::Desk(_) => true,
    };
    let mut recipes: BTreeMap<&str, Recipe> = BTreeMap::new();
    for life in lives {
        let Some((at, name, title)) = &life.recipe else {
            continue;
        };
        let tried = life.tried.filter(|(at, _)| within(*at));
        if !within(*at) && tried.is_none() {
            continue;
        }
        let recipe = recipes.entry(name).or_insert_with(|| Recipe {
            name: may_name(name).then(|| name.clone()),
            title: title.clone(),
            offered: 0,
            helped: 0,
            failed: 0,
        });
        recipe.offered += u32::from(within(*at));
        match tried {
            Some((_, Outcome::Helped)) => recipe.helped += 1,
            Some((_, Outcome::Failed)) => recipe.failed += 1,
            None => {}
        }
    }
    let mut recipes: Vec<Recipe> = recipes.into_values().collect();
    recipes.sort_by_key(|recipe| std::cmp::Reverse((recipe.offered, recipe.helped)));
    recipes.truncate(LIST_MAX);
    recipes
}

/// Causes noted in the period. Those that differ only in case and spaces are one.
pub(super) fn causes(lives: &[&Life], within: impl Fn(Timestamp) -> bool) -> Vec<Named> {
    let noted = lives.iter().filter_map(|life| {
        let (at, cause) = life.cause.as_ref()?;
        within(*at).then_some((*life, cause.as_str(), 1))
    });
    let mut named = named(noted, |cause| {
        cause
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    });
    named.truncate(LIST_MAX);
    named
}

/// Minutes of work, by whom they are counted for.
pub(super) fn minutes<'a>(work: impl Iterator<Item = (&'a Life, &'a str, i64)>) -> Vec<Named> {
    named(work, str::to_owned)
}

/// Thanks, from whom and to whom.
pub(super) fn thanked(life: &Life, by: &str) -> Thanks {
    let is_requester = by.eq_ignore_ascii_case(&life.birth.requester);
    let name = life.birth.requester_name.as_ref().filter(|_| is_requester);
    Thanks {
        id: life.birth.id.to_string(),
        from: name.map_or_else(|| by.to_owned(), Clone::clone),
        to: life.assignee.clone(),
    }
}

/// Sums by what `key` makes of the name; the first spelling is shown. The largest first.
fn named<'a>(
    counted: impl Iterator<Item = (&'a Life, &'a str, i64)>,
    key: impl Fn(&str) -> String,
) -> Vec<Named> {
    let mut sums: BTreeMap<String, Named> = BTreeMap::new();
    for (life, name, count) in counted {
        let sum = sums.entry(key(name)).or_insert_with(|| Named {
            name: name.to_owned(),
            count: 0,
            tickets: Vec::new(),
        });
        sum.count += count;
        let id = life.birth.id.to_string();
        if sum.tickets.len() < LIST_MAX && sum.tickets.last() != Some(&id) {
            sum.tickets.push(id);
        }
    }
    let mut sums: Vec<Named> = sums.into_values().collect();
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.count));
    sums
}
