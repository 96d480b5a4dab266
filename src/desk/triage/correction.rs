//! What a technician found wrong in the ranking of a ticket: kept and counted, so that rules can be mended.

use super::{Place, Priority, Reason, Subject};
use crate::desk::ticket::Ticket;

/// One correction: what was changed, from what to what, and the reasons the ranking had then.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// What was corrected.
    pub about: Subject,
    /// The level, category or team before; empty when there was none.
    pub from: String,
    /// The one the technician chose.
    pub to: String,
    /// Who.
    pub by: String,
    /// Why it was ranked as it was.
    pub reasons: Vec<Reason>,
}

/// What `by` corrected between two states of a ticket. A priority that follows from a corrected impact
/// or urgency is no correction of its own.
pub fn between(before: &Ticket, after: &Ticket, by: &str) -> Vec<Correction> {
    let made = |about, from: &str, to: &str| {
        (from != to).then(|| Correction {
            about,
            from: from.to_owned(),
            to: to.to_owned(),
            by: by.to_owned(),
            reasons: reasons_then(&before.reasons),
        })
    };
    let impact = made(Subject::Impact, before.impact.word(), after.impact.word());
    let urgency = made(
        Subject::Urgency,
        before.urgency.word(),
        after.urgency.word(),
    );
    let follows = (impact.is_some() || urgency.is_some())
        && after.priority == Priority::of(after.impact, after.urgency);
    let priority = made(
        Subject::Priority,
        before.priority.word(),
        after.priority.word(),
    );
    let category = made(Subject::Category, &before.category, &after.category);
    let team = |ticket: &Ticket| ticket.team.clone().unwrap_or_default();
    let team = made(Subject::Team, &team(before), &team(after));
    let all = [
        impact,
        urgency,
        priority.filter(|_| !follows),
        category,
        team,
    ];
    all.into_iter().flatten().collect()
}

/// The reasons the rules gave; what technicians added later says nothing about the rules.
fn reasons_then(reasons: &[Reason]) -> Vec<Reason> {
    let of_rules = |reason: &&Reason| reason.r#where != Place::Technician;
    reasons.iter().filter(of_rules).cloned().collect()
}
