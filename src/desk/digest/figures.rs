//! The figures of a digest: counted from lives, in one pass over them for each question.
//!
//! Whole numbers only, so that two ways of counting agree to the last digit: seconds, and tenths where a mean of counts is meant.
//! Lists have a fixed order and a bound.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Scope;
use super::life::Life;
pub use super::notes::{Named, Recipe, Satisfaction, Thanks};
use super::notes::{causes, minutes, recipes, satisfaction, thanked};
use super::period::{Period, REFERENCE_DAYS};
use super::recurring::{self, CameBack, Cluster};
use super::targets;
use crate::desk::ticket::Status;
use crate::desk::triage::Priority;

/// Tickets, people and causes that are listed at most: a digest is two screens long.
pub(super) const LIST_MAX: usize = 5;
const DAY: i64 = 86_400;

/// What a period was like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// `2026-W47`.
    pub period: String,
    /// `all`, `organisation:acme`, `team:infra`, `desk:support`.
    pub scope: String,
    /// The first moment of the period.
    pub from: Timestamp,
    /// The moment after its last.
    pub until: Timestamp,
    /// Tickets that were opened.
    pub came_in: Change,
    /// Tickets whose work ended and which are still over at the end.
    pub solved: Change,
    /// Tickets that were opened again.
    pub reopened: Change,
    /// Tickets that went on in another.
    pub merged: u32,
    /// Tickets open at the beginning.
    pub open_before: u32,
    /// Tickets open at the end.
    pub open: u32,
    /// How long those have been open.
    pub ages: Ages,
    /// Those open longest, the most pressing first.
    pub oldest: Vec<Open>,
    /// P1 and P2 that were open at the end.
    pub pressing: u32,
    /// Tickets nobody had taken at the end, a day and longer after they were opened.
    pub unowned: u32,
    /// From the first mail to a technician's first words, for tickets first answered in the period.
    pub first_answer: Spread,
    /// From the first mail to the end of the work, for tickets solved in the period.
    pub resolution: Spread,
    /// Whether the targets were kept.
    pub targets: Targets,
    /// By priority at the end of the period, the most pressing first; all four.
    pub priorities: Vec<Group>,
    /// By category at the end of the period, the largest first; those with something to tell.
    pub categories: Vec<Group>,
    /// Eight weeks, oldest first.
    pub weeks: Vec<Week>,
    /// Like tickets of the last four weeks.
    pub recurring: Vec<Cluster>,
    /// Faults that came back after they had been solved.
    pub came_back: Vec<CameBack>,
    /// Causes noted in the period, the most frequent first.
    pub causes: Vec<Named>,
    /// Minutes of work recorded, by technician.
    pub minutes_by_technician: Vec<Named>,
    /// Minutes of work recorded, by organisation (its name in the configuration); empty for nobody's.
    pub minutes_by_organisation: Vec<Named>,
    /// Minutes of work recorded.
    pub minutes: i64,
    /// Thanks that came in.
    pub thanks: Vec<Thanks>,
    /// How content requesters said to be.
    pub satisfaction: Satisfaction,
    /// Recipes that were offered or answered.
    pub recipes: Vec<Recipe>,
    /// Priorities that people changed.
    pub corrections: Vec<Corrected>,
    /// How many priorities people changed.
    pub corrected: u32,
    /// Letters that had to wait for a person.
    pub held_letters: u32,
    /// Letters that did not arrive.
    pub undelivered_letters: u32,
    /// Mails that could not be read.
    pub quarantined_mails: u32,
}

/// A count with what is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// In the period.
    pub count: u32,
    /// The four weeks before, scaled to the length of the period, in tenths.
    pub usual_tenths: u32,
}

/// How long open tickets have been open at the end of the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ages {
    /// Less than a day.
    pub under_a_day: u32,
    /// Less than seven days.
    pub under_a_week: u32,
    /// Less than thirty days.
    pub under_a_month: u32,
    /// Longer.
    pub longer: u32,
}

/// A ticket that is open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Open {
    /// `INC-42`.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// `P1` to `P4`.
    pub priority: &'static str,
    /// Where it stands.
    pub status: &'static str,
    /// Who has it, as people call them.
    pub assignee: Option<String>,
    /// Seconds since it was opened.
    pub age_seconds: i64,
}

/// Mean, median and 90th percentile of some durations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many there are.
    pub count: u32,
    /// Their mean, rounded down.
    pub mean_seconds: i64,
    /// The middle one; of two, the shorter.
    pub median_seconds: i64,
    /// The shortest one that nine in ten do not exceed.
    pub p90_seconds: i64,
}

/// How targets were kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Targets {
    /// For first answers.
    pub first_answer: Kept,
    /// For resolutions.
    pub resolution: Kept,
    /// Those missed, the latest first.
    pub missed: Vec<Missed>,
}

/// Targets of one kind whose outcome was decided in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// In time.
    pub kept: u32,
    /// Too late, or still not done when the time was up.
    pub missed: u32,
}

/// A target that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// `INC-42`.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// `P1` to `P4`.
    pub priority: &'static str,
    /// `first-answer` or `resolution`.
    pub target: &'static str,
    /// Why, as far as the entries tell: `nobody-had-it`, `reopened`, `raised`, `not-yet`, `slow`.
    pub because: &'static str,
    /// By how many seconds of business time; up to the period's end for what was still not done.
    pub late_seconds: i64,
}

/// Tickets of one priority or category.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// `P1`, or a category as configured.
    pub name: String,
    /// Opened in the period.
    pub came_in: Change,
    /// Solved in the period.
    pub solved: u32,
    /// Open at the end.
    pub open: u32,
}

/// One of the eight weeks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Week {
    /// Its first day.
    pub first: Date,
    /// Opened in it.
    pub came_in: u32,
    /// Solved in it and still over at its end.
    pub solved: u32,
    /// Open at its end.
    pub open: u32,
}

/// A priority that somebody changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Corrected {
    /// `INC-42`.
    pub id: String,
    /// Who changed it.
    pub by: String,
    /// `P3`.
    pub from: &'static str,
    /// `P1`.
    pub to: &'static str,
}

/// Counts everything. `lives` are those of the scope, told up to the end of `period`, every one included that was open or moved
/// since `Period::window_from`.
pub fn count(lives: &[Life], scope: &Scope, period: &Period) -> Figures {
    let mut lives: Vec<&Life> = lives.iter().filter(|life| belongs(life, scope)).collect();
    lives.sort_by_key(|life| life.birth.id.number());
    let (from, until) = (period.from(), period.until());
    let within = |at: Timestamp| from <= at && at < until;
    let before = |at: Timestamp| period.reference_from() <= at && at < from;
    let change = |moments: &mut dyn Iterator<Item = Timestamp>| {
        let (mut count, mut earlier) = (0, 0);
        for at in moments {
            count += u32::from(within(at));
            earlier += u32::from(before(at));
        }
        Change {
            count,
            usual_tenths: usual(earlier, period),
        }
    };
    let solved = |life: &Life| life.solved_at(until);
    let open: Vec<&Life> = lives
        .iter()
        .copied()
        .filter(|life| life.is_open_at(until))
        .collect();
    let group = |name: String, members: &[&Life]| Group {
        name,
        came_in: change(&mut members.iter().map(|life| life.birth.at)),
        solved: number(
            members
                .iter()
                .filter_map(|life| solved(life))
                .filter(|at| within(*at)),
        ),
        open: number(members.iter().filter(|life| life.is_open_at(until))),
    };
    let mut by_category: BTreeMap<&str, Vec<&Life>> = BTreeMap::new();
    for life in &lives {
        by_category.entry(&life.category).or_default().push(life);
    }
    let mut categories: Vec<Group> = by_category
        .into_iter()
        .map(|(name, members)| group(name.to_owned(), &members))
        .filter(|group| group.came_in.count > 0 || group.solved > 0 || group.open > 0)
        .collect();
    categories.sort_by_key(|group| std::cmp::Reverse((group.came_in.count, group.open)));
    let priorities = Priority::ALL.map(|priority| {
        let members: Vec<&Life> = lives
            .iter()
            .copied()
            .filter(|life| life.priority == priority)
            .collect();
        group(priority.word().to_owned(), &members)
    });

    let corrections = lives.iter().flat_map(|life| {
        let corrections = life.corrections.iter().filter(|c| within(c.at));
        corrections.map(|correction| Corrected {
            id: life.birth.id.to_string(),
            by: correction.by.clone(),
            from: correction.from.word(),
            to: correction.to.word(),
        })
    });
    let corrections: Vec<Corrected> = corrections.collect();
    let work = || {
        lives.iter().flat_map(|life| {
            let work = life.worked.iter().filter(|(at, ..)| within(*at));
            work.map(|(_, by, minutes)| (*life, by.as_str(), *minutes))
        })
    };
    let faults = recurring::faults(&lives);
    let recurring = recurring::clusters(&faults, period);
    Figures {
        period: period.label(),
        scope: scope.to_string(),
        from,
        until,
        came_in: change(&mut lives.iter().map(|life| life.birth.at)),
        solved: Change {
            count: number(
                lives
                    .iter()
                    .filter_map(|life| solved(life))
                    .filter(|at| within(*at)),
            ),
            usual_tenths: usual(
                number(
                    lives
                        .iter()
                        .filter_map(|life| life.solved_at(from))
                        .filter(|at| before(*at)),
                ),
                period,
            ),
        },
        reopened: change(&mut lives.iter().flat_map(|life| life.reopened())),
        merged: number(lives.iter().flat_map(|life| {
            life.moves
                .iter()
                .filter(|(at, status)| *status == Status::Merged && within(*at))
        })),
        open_before: number(lives.iter().filter(|life| life.is_open_at(from))),
        open: number(open.iter()),
        ages: ages(&open, until),
        oldest: listed(&recurring::faults(&open), until),
        pressing: number(
            open.iter()
                .filter(|life| matches!(life.priority, Priority::P1 | Priority::P2)),
        ),
        unowned: number(
            open.iter().filter(|life| {
                life.status_at(until) == Some(Status::New) && age(life, until) >= DAY
            }),
        ),
        first_answer: Spread::of(
            lives
                .iter()
                .filter(|life| life.first_answer.is_some_and(within))
                .filter_map(|life| life.answer_seconds())
                .collect(),
        ),
        resolution: Spread::of(
            lives
                .iter()
                .filter(|life| solved(life).is_some_and(within))
                .map(|life| life.trouble_seconds())
                .collect(),
        ),
        targets: targets::counted(&lives, period),
        priorities: priorities.to_vec(),
        categories,
        weeks: weeks(&lives, period),
        came_back: recurring::came_back(&faults, &recurring, period),
        recurring: recurring::shown(recurring),
        causes: causes(&faults, within),
        minutes_by_technician: minutes(work()),
        minutes_by_organisation: minutes(work().map(|(life, _, minutes)| {
            (
                life,
                life.birth.organisation.as_deref().unwrap_or_default(),
                minutes,
            )
        })),
        minutes: work().map(|(_, _, minutes)| minutes).sum(),
        thanks: lives
            .iter()
            .flat_map(|life| {
                let thanks = life.thanks.iter().filter(|(at, _)| within(*at));
                thanks.map(|(_, by)| thanked(life, by))
            })
            .collect(),
        satisfaction: satisfaction(&lives, within),
        recipes: recipes(&lives, scope, within),
        corrected: number(corrections.iter()),
        corrections: corrections.into_iter().take(LIST_MAX).collect(),
        held_letters: number(
            lives
                .iter()
                .flat_map(|life| &life.held)
                .filter(|at| within(**at)),
        ),
        undelivered_letters: number(
            lives
                .iter()
                .flat_map(|life| &life.undelivered)
                .filter(|at| within(**at)),
        ),
        quarantined_mails: number(
            lives
                .iter()
                .flat_map(|life| &life.quarantined)
                .filter(|at| within(**at)),
        ),
    }
}

impl Figures {
    /// Whether nothing at all happened and nothing is open.
    pub fn is_quiet(&self) -> bool {
        self.came_in.count == 0
            && self.solved.count == 0
            && self.reopened.count == 0
            && self.open == 0
            && self.minutes == 0
            && self.held_letters + self.undelivered_letters + self.quarantined_mails == 0
    }
}

impl Spread {
    /// Of these durations, in seconds.
    pub fn of(mut seconds: Vec<i64>) -> Spread {
        seconds.sort_unstable();
        let count = i64::try_from(seconds.len()).unwrap_or(i64::MAX);
        // The nearest rank: the smallest value that so many in a hundred do not exceed.
        let rank = |percent: usize| {
            let at = (seconds.len() * percent).div_ceil(100).saturating_sub(1);
            seconds.get(at).copied().unwrap_or_default()
        };
        Spread {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            mean_seconds: seconds
                .iter()
                .sum::<i64>()
                .checked_div(count)
                .unwrap_or_default(),
            median_seconds: rank(50),
            p90_seconds: rank(90),
        }
    }
}

/// Whether a ticket counts in a scope, as it stood at the end of what was told of it.
pub fn belongs(life: &Life, scope: &Scope) -> bool {
    match scope {
        Scope::All => true,
        Scope::Organisation(key) => life.birth.organisation.as_deref() == Some(key),
        Scope::Team(key) => life.team.as_deref() == Some(key),
        Scope::Desk(key) => life.birth.desk == *key,
    }
}

/// What four weeks with so many mean for a period of this length, in tenths, rounded to the nearest.
pub fn usual(in_four_weeks: u32, period: &Period) -> u32 {
    let days = u64::try_from(period.days()).unwrap_or_default();
    let reference = u64::try_from(REFERENCE_DAYS).unwrap_or(1);
    let tenths = (u64::from(in_four_weeks) * days * 10 + reference / 2) / reference;
    u32::try_from(tenths).unwrap_or(u32::MAX)
}

pub(super) fn number<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

fn age(life: &Life, until: Timestamp) -> i64 {
    until.duration_since(life.birth.at).as_secs()
}

fn ages(open: &[&Life], until: Timestamp) -> Ages {
    let mut ages = Ages::default();
    for life in open {
        *match age(life, until) {
            seconds if seconds < DAY => &mut ages.under_a_day,
            seconds if seconds < 7 * DAY => &mut ages.under_a_week,
            seconds if seconds < 30 * DAY => &mut ages.under_a_month,
            _ => &mut ages.longer,
        } += 1;
    }
    ages
}

/// The most pressing first, then the oldest.
fn listed(open: &[&Life], until: Timestamp) -> Vec<Open> {
    let mut chosen: Vec<&&Life> = open.iter().collect();
    chosen.sort_by_key(|life| life.birth.at);
    chosen.truncate(LIST_MAX);
    chosen.sort_by_key(|life| (life.priority, life.birth.at));
    let view = |life: &&Life| Open {
        id: life.birth.id.to_string(),
        subject: life.birth.subject.clone(),
        priority: life.priority.word(),
        status: life.status_at(until).unwrap_or(Status::New).word(),
        assignee: life.assignee.clone(),
        age_seconds: age(life, until),
    };
    chosen.into_iter().map(view).collect()
}

fn weeks(lives: &[&Life], period: &Period) -> Vec<Week> {
    let week = |(first, from, until): (Date, Timestamp, Timestamp)| {
        let within = |at: &Timestamp| from <= *at && *at < until;
        Week {
            first,
            came_in: number(lives.iter().filter(|life| within(&life.birth.at))),
            solved: number(
                lives
                    .iter()
                    .filter_map(|life| life.solved_at(until))
                    .filter(within),
            ),
            open: number(lives.iter().filter(|life| life.is_open_at(until))),
        }
    };
    period.weeks().into_iter().map(week).collect()
}
