//! Which recipe is offered with a new ticket: one clear winner, or none.
//!
//! A wrong recipe costs more than none: somebody in trouble does what does not help. So everything that speaks
//! against decides: a pressing ticket, several people with the same fault, another category, a second recipe that fits
//! nearly as well. Who may be answered at all is asked elsewhere.

use std::sync::Arc;

use super::{Fit, Recipe};
use crate::desk::ids::Language;
use crate::desk::triage::rank::OTHER;
use crate::desk::triage::{ENOUGH, Place, Priority, Reason, Subject, Urgency};

/// What a recipe loses when the ticket is of another category than its own: such words are often there by chance.
const OTHER_CATEGORY: i32 = 2;
/// What is needed beyond enough where no word says that something fails: "please cut the VPN access" asks for something else.
const WITHOUT_A_FAULT: i32 = 1;
/// How far the best must be ahead of the next: one phrase.
const AHEAD: i32 = 2;

/// What is known of the ticket.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'t> {
    /// How pressing it is.
    pub priority: Priority,
    /// Its category.
    pub category: &'t str,
    /// Why it is as it is.
    pub reasons: &'t [Reason],
    /// The requester's company.
    pub organisation: Option<&'t str>,
    /// The desk it came in at.
    pub desk: &'t str,
    /// What its requester is written to in; `None`: in none that recipes are written in.
    pub language: Option<Language>,
    /// The categories the keyword lists know. One of an operator's own is found on no new ticket.
    pub categories: &'t [String],
}

/// A recipe to be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which one.
    pub recipe: Arc<Recipe>,
    /// The words that say that it fits.
    pub words: Vec<String>,
}

/// The one that is offered, if one is. `fits`: those the mail's words speak for.
pub fn choose(fits: &[Fit], facts: &Facts<'_>) -> Option<Offer> {
    let is_pressing = facts.priority <= Priority::P2;
    // What several people report at a time is no small fault of one of them.
    let several = |reason: &Reason| reason.r#where == Place::Tickets;
    if is_pressing || facts.reasons.iter().any(several) {
        return None;
    }
    let says_fault = |reason: &Reason| {
        reason.about == Subject::Urgency
            && reason.level != Urgency::Low.word()
            && matches!(reason.r#where, Place::Subject | Place::Text)
    };
    let needed = match facts.reasons.iter().any(says_fault) {
        true => ENOUGH,
        false => ENOUGH + WITHOUT_A_FAULT,
    };
    let may_be = |fit: &&Fit| {
        let recipe = &fit.recipe;
        facts.language == Some(recipe.language)
            && recipe.audience.includes(facts.organisation)
            && recipe.desk.as_deref().is_none_or(|desk| desk == facts.desk)
    };
    let mut ordered: Vec<(i32, &Fit)> = fits
        .iter()
        .filter(may_be)
        .map(|fit| (points(fit, facts), fit))
        .collect();
    ordered.sort_by(|(a, one), (b, other)| (b, &one.recipe.name).cmp(&(a, &other.recipe.name)));
    let (best, fit) = *ordered.first().filter(|(points, _)| *points >= needed)?;
    let next = ordered.get(1).map(|(points, _)| *points);
    let is_clear = next.is_none_or(|next| best.saturating_sub(next) >= AHEAD);
    is_clear.then(|| Offer {
        recipe: fit.recipe.clone(),
        words: fit.words.clone(),
    })
}

fn points(fit: &Fit, facts: &Facts<'_>) -> i32 {
    let is_other = fit.recipe.category.as_ref().is_some_and(|category| {
        facts.category != OTHER && category != facts.category && facts.categories.contains(category)
    });
    fit.points - if is_other { OTHER_CATEGORY } else { 0 }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
