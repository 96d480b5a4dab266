//! How a ticket fares against what was agreed: its two clocks, what is due when, what was kept.
//!
//! The first-answer clock ends when a technician's words go to the requester, the resolution clock
//! when the ticket is resolved. Both run in business time, and stand while it is the requester's or a
//! provider's turn or the ticket is over. Once ended, the first has its verdict for ever; the second
//! loses it when the ticket is opened again.
//!
//! A ticket's course is read from its entries and from nothing else. Each time a clock is set, stopped or
//! judged, an entry of the kind `target` says so with all its figures (`Standing`, written and read
//! here), so that no later change of the configuration alters what has been judged.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::agreement::Target;
use super::calendar::Calendar;
use super::ticket::{Entry, EntryKind, Status};
use super::triage::Priority;

/// What has happened to a ticket, as far as its clocks are concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Every status it had, with the moment it began; the first one is there from the opening on.
    pub moves: Vec<(Timestamp, Status)>,
    /// Its priority.
    pub priority: Priority,
    /// When the requester first heard from a technician, or that it is solved.
    pub answered_at: Option<Timestamp>,
    /// What the last entry of the kind `target` said; `None` when there is none.
    pub told: Option<Standing>,
}

/// Where both clocks stand. Its text is that of an entry of the kind `target`.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The ticket's priority.
    pub priority: Priority,
    /// The ticket's status.
    pub status: Status,
    /// Until a technician writes to the requester.
    pub first_answer: Clock,
    /// Until it is resolved.
    pub resolution: Clock,
    /// Business time it was the requester's turn.
    pub requester_took: SignedDuration,
    /// Business time it was a provider's turn.
    pub provider_took: SignedDuration,
}

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nothing was agreed, or nothing is expected any more.
    None,
    /// It runs until this moment.
    Due(Timestamp),
    /// It stands with so much business time left; less than none when it is too late already.
    Stopped(SignedDuration),
    /// It has ended.
    Ended(Verdict),
}

/// Whether a target was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The business time used.
    pub used: SignedDuration,
    /// The business time agreed.
    pub agreed: SignedDuration,
}

impl Verdict {
    /// Whether it was in time.
    pub fn kept(self) -> bool {
        self.used <= self.agreed
    }
}

impl Clock {
    /// When it is due; `None` for a clock that does not run.
    pub fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Due(at) => Some(at),
            _ => None,
        }
    }

    /// What became of it, once it has ended.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Ended(verdict) => Some(verdict),
            _ => None,
        }
    }
}

impl Course {
    /// A ticket that has just been opened.
    pub fn begin(opened_at: Timestamp, priority: Priority) -> Course {
        Course {
            opened_at,
            moves: vec![(opened_at, Status::New)],
            priority,
            answered_at: None,
            told: None,
        }
    }

    /// The course that a ticket's entries tell, oldest first; `None` without entries. After the first one, all but
    /// those of the kinds `status`, `priority` and `target` and the first `update` letter may be left out.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Option<Course> {
        let mut entries = entries.into_iter();
        let first = entries.next()?;
        let mut course = Course::begin(first.at, Priority::default());
        course.tell(first);
        entries.for_each(|entry| course.tell(entry));
        Some(course)
    }

    /// Takes in the next entry.
    pub fn tell(&mut self, entry: &Entry) {
        let text = entry.text.as_str();
        match entry.kind {
            EntryKind::Status => {
                // `open -> resolved: solved`
                let to = text.split_once(" -> ").map(|(_, rest)| rest);
                let word = to.and_then(|rest| rest.split([':', ' ']).next());
                if let Some(status) = word.and_then(Status::of) {
                    self.moved(entry.at, status);
                }
            }
            EntryKind::Priority => {
                // `P3: impact low ...` at first, `P3 -> P2: why` later.
                let mut words = text.split([' ', ':']).filter(|word| !word.is_empty());
                let first = words.next().and_then(Priority::parse);
                let later = words
                    .next()
                    .filter(|word| *word == "->")
                    .and(words.next())
                    .and_then(Priority::parse);
                self.priority = later.or(first).unwrap_or(self.priority);
            }
            EntryKind::Letter if text.starts_with("update to ") => self.answered(entry.at),
            EntryKind::Target => {
                if let Some(standing) = Standing::parse(text) {
                    self.moved(entry.at, standing.status);
                    self.priority = standing.priority;
                    if standing.first_answer.verdict().is_some() {
                        self.answered(entry.at);
                    }
                    self.told = Some(standing);
                }
            }
            _ => {}
        }
    }

    /// Its status is another one from now on.
    pub fn moved(&mut self, at: Timestamp, status: Status) {
        if self.status() != status {
            self.moves.push((at, status));
        }
        // Whoever is told that it is solved has an answer.
        if matches!(status, Status::Resolved | Status::Closed) {
            self.answered(at);
        }
    }

    /// A technician's words went to the requester.
    pub fn answered(&mut self, at: Timestamp) {
        self.answered_at.get_or_insert(at);
    }

    /// Its status now.
    pub fn status(&self) -> Status {
        self.moves.last().map_or(Status::New, |(_, status)| *status)
    }

    /// Since when it has been over without a break; `None` while it is not.
    pub fn ended_at(&self) -> Option<Timestamp> {
        let over = self.moves.iter().rev();
        over.take_while(|(_, status)| status.is_over())
            .last()
            .map(|(at, _)| *at)
    }

    /// The spans in which its clocks ran, up to `until`.
    pub fn running(&self, until: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.spans(until, |status| {
            matches!(status, Status::New | Status::Open | Status::Snoozed)
        })
    }

    /// The spans in which it had one of some statuses, up to `until`.
    pub fn spans(
        &self,
        until: Timestamp,
        which: impl Fn(Status) -> bool,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let ends = self.moves.iter().skip(1).map(|(at, _)| *at);
        let ends = ends.chain(std::iter::once(Timestamp::MAX));
        self.moves
            .iter()
            .zip(ends)
            .filter(move |((_, status), _)| which(*status))
            .map(move |((from, _), to)| (*from, to.min(until)))
            .filter(|(from, to)| from < to)
    }

    /// The business time its clocks ran until `until`.
    pub fn used(&self, calendar: &Calendar, until: Timestamp) -> SignedDuration {
        sum(calendar, self.running(until))
    }

    /// Where its clocks stand at `now` by what is agreed. Verdicts that were given stand.
    pub fn reckon(&self, target: &Target, now: Timestamp) -> Standing {
        let calendar = &target.calendar;
        let told = self.told.as_ref();
        let waited = |status| whole_seconds(sum(calendar, self.spans(now, move |at| at == status)));
        let first_answer = told
            .map(|told| told.first_answer)
            .filter(|clock| clock.verdict().is_some());
        let resolution = told
            .map(|told| told.resolution)
            .filter(|clock| clock.verdict().is_some() && self.ended_at().is_some());
        Standing {
            priority: self.priority,
            status: self.status(),
            first_answer: first_answer
                .unwrap_or_else(|| self.clock(target.first_answer, calendar, self.answered_at)),
            resolution: resolution
                .unwrap_or_else(|| self.clock(target.resolution, calendar, self.ended_at())),
            requester_took: waited(Status::WaitingRequester),
            provider_took: waited(Status::WaitingProvider),
        }
    }

    /// A clock that ends at `ended`, if it has.
    fn clock(
        &self,
        agreed: Option<SignedDuration>,
        calendar: &Calendar,
        ended: Option<Timestamp>,
    ) -> Clock {
        let Some(agreed) = agreed.filter(|_| self.status() != Status::Merged) else {
            return Clock::None;
        };
        if let Some(ended) = ended {
            let used = self.used_begun(calendar, ended);
            return Clock::Ended(Verdict { used, agreed });
        }
        if !self.is_running() {
            return Clock::Stopped(agreed - self.used_begun(calendar, Timestamp::MAX));
        }
        let mut left = agreed;
        for (from, to) in self.running(Timestamp::MAX) {
            // The span that goes on has no end: what is left fits into it, or the calendar opens no more.
            let worked = match to == Timestamp::MAX {
                true => left,
                false => calendar.worked(from, to),
            };
            if worked >= left {
                return calendar.after(from, left).map_or(Clock::None, Clock::Due);
            }
            left -= worked;
        }
        Clock::None
    }

    /// Business time used in seconds. One that has begun counts, so that what is written is judged the same when read.
    fn used_begun(&self, calendar: &Calendar, until: Timestamp) -> SignedDuration {
        let used = self.used(calendar, until);
        let begun = i64::from(used.subsec_nanos() > 0);
        SignedDuration::from_secs(used.as_secs() + begun)
    }

    fn is_running(&self) -> bool {
        matches!(self.status(), Status::New | Status::Open | Status::Snoozed)
    }
}

fn whole_seconds(time: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(time.as_secs())
}

fn sum(calendar: &Calendar, spans: impl Iterator<Item = (Timestamp, Timestamp)>) -> SignedDuration {
    spans.fold(SignedDuration::ZERO, |sum, (from, to)| {
        sum + calendar.worked(from, to)
    })
}

impl Standing {
    /// Whether it says the same about the clocks; how long anybody took grows with every look.
    pub fn agrees_with(&self, other: &Standing) -> bool {
        self.priority == other.priority
            && self.status == other.status
            && self.first_answer == other.first_answer
            && self.resolution == other.resolution
    }

    /// What an entry of the kind `target` says; `None` for any other text.
    pub fn parse(text: &str) -> Option<Standing> {
        let (head, rest) = text.split_once(": ")?;
        let (priority, status) = head.split_once(' ')?;
        let mut standing = Standing {
            priority: Priority::parse(priority)?,
            status: Status::of(status)?,
            first_answer: Clock::None,
            resolution: Clock::None,
            requester_took: SignedDuration::ZERO,
            provider_took: SignedDuration::ZERO,
        };
        for part in rest.split("; ") {
            if let Some(clock) = part.strip_prefix("first answer ") {
                standing.first_answer = Clock::parse(clock)?;
            } else if let Some(clock) = part.strip_prefix("resolution ") {
                standing.resolution = Clock::parse(clock)?;
            } else if let Some(time) = part.strip_prefix("requester took ") {
                standing.requester_took = time.parse().ok()?;
            } else if let Some(time) = part.strip_prefix("provider took ") {
                standing.provider_took = time.parse().ok()?;
            }
        }
        Some(standing)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: first answer {}; resolution {}",
            self.priority.word(),
            self.status.word(),
            self.first_answer,
            self.resolution
        )?;
        for (who, time) in [
            ("requester", self.requester_took),
            ("provider", self.provider_took),
        ] {
            if !time.is_zero() {
                write!(f, "; {who} took {time:#}")?;
            }
        }
        Ok(())
    }
}

impl Clock {
    fn parse(text: &str) -> Option<Clock> {
        if text == "none" {
            return Some(Self::None);
        }
        if let Some(at) = text.strip_prefix("by ") {
            return at.parse().ok().map(Self::Due);
        }
        if let Some(rest) = text.strip_prefix("stopped, ") {
            let (time, is_over) = match rest.strip_suffix(" over") {
                Some(over) => (over, true),
                None => (rest.strip_suffix(" left")?, false),
            };
            let time: SignedDuration = time.parse().ok()?;
            return Some(Self::Stopped(if is_over { -time } else { time }));
        }
        let figures = text
            .strip_prefix("kept, ")
            .or_else(|| text.strip_prefix("missed, "))?;
        let (used, agreed) = figures.split_once(" of ")?;
        Some(Self::Ended(Verdict {
            used: used.parse().ok()?,
            agreed: agreed.parse().ok()?,
        }))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Due(at) => write!(f, "by {at}"),
            Self::Stopped(left) if left.is_negative() => {
                write!(f, "stopped, {:#} over", left.abs())
            }
            Self::Stopped(left) => write!(f, "stopped, {left:#} left"),
            Self::Ended(verdict) => {
                let word = if verdict.kept() { "kept" } else { "missed" };
                write!(f, "{word}, {:#} of {:#}", verdict.used, verdict.agreed)
            }
        }
    }
}

#[cfg(test)]
mod tests;
