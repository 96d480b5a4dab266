//! Which targets were kept and which were missed, and why, as far as entries tell.
//!
//! A target counts once: kept when its verdict was given, missed when its time was up, whether or not it was done later. So a
//! digest tells of a delay when it happens, and the next one does not tell it again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::figures::{Kept, Missed, Targets};
use super::life::{Life, Told};
use super::period::Period;
use super::recurring::faults;
use crate::desk::ids::TicketId;

/// Targets that were missed and are listed.
const LIST_MAX: usize = 5;

/// Counts the targets that were decided in a period.
pub fn counted(lives: &[&Life], period: &Period) -> Targets {
    let mut targets = Targets::default();
    // Each reporter's target counts; of an outage one is listed, or it would be the whole list.
    let faults = faults(lives).into_iter();
    let listed: BTreeSet<&TicketId> = faults.map(|life| &life.birth.id).collect();
    for life in lives {
        let outcomes = [
            ("first-answer", life.answer_clock, &mut targets.first_answer),
            ("resolution", life.resolution_clock, &mut targets.resolution),
        ];
        for (target, told, kept) in outcomes {
            let missed = count(life, target, told, period, kept);
            if let Some(missed) = missed.filter(|_| listed.contains(&life.birth.id)) {
                targets.missed.push(missed);
            }
        }
    }
    // Tickets come by number: of two equally late ones the older stands first.
    targets
        .missed
        .sort_by_key(|missed| std::cmp::Reverse(missed.late_seconds));
    targets.missed.truncate(LIST_MAX);
    targets
}

fn count(
    life: &Life,
    target: &'static str,
    told: Told,
    period: &Period,
    kept: &mut Kept,
) -> Option<Missed> {
    let (from, until) = (period.from(), period.until());
    let within = |at: Timestamp| from <= at && at < until;
    let verdict = told.verdict.map(|(_, verdict)| verdict);
    let is_missed = verdict.is_none_or(|verdict| !verdict.kept());
    let decided = match told.verdict {
        Some((at, verdict)) if verdict.kept() => at,
        Some((at, _)) => told.due.map_or(at, |due| due.min(at)),
        None => told.due?,
    };
    if !within(decided) {
        return None;
    }
    if !is_missed {
        kept.kept += 1;
        return None;
    }
    kept.missed += 1;
    let late = verdict.map_or_else(
        || until.duration_since(decided),
        |verdict| verdict.used - verdict.agreed,
    );
    Some(Missed {
        id: life.birth.id.to_string(),
        subject: life.birth.subject.clone(),
        priority: life.priority.word(),
        target,
        because: reason(life, decided, verdict.is_some()),
        late_seconds: late.as_secs(),
    })
}

/// The first of these that is true.
fn reason(life: &Life, due: Timestamp, is_done: bool) -> &'static str {
    let raised = |correction: &super::life::Correction| {
        correction.to < correction.from && correction.at < due
    };
    if life.taken.is_none_or(|taken| taken >= due) {
        "nobody-had-it"
    } else if life.reopened().any(|at| at < due) {
        "reopened"
    } else if life.corrections.iter().any(raised) {
        "raised"
    } else if is_done {
        "slow"
    } else {
        "not-yet"
    }
}
