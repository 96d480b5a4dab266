//! A ticket's life as its entries tell it: replayed up to a moment, entry by entry.
//!
//! The only place that knows how entries are worded (`case.rs`, `command/`, `newcomer.rs`, `reply.rs`, `store/record.rs`
//! write them). What an entry does not tell is not counted.

use jiff::Timestamp;

use crate::desk::closing::{self, Answer};
use crate::desk::ids::TicketId;
use crate::desk::recipe::Outcome;
use crate::desk::targets::{Clock, Standing, Verdict};
use crate::desk::ticket::{EntryKind, Status};
use crate::desk::triage::Priority;

/// What a ticket was when it was opened. None of it changes later, but for the organisation and the outage.
#[derive(Clone, Debug, PartialEq)]
pub struct Birth {
    /// Its number.
    pub id: TicketId,
    /// What it is about.
    pub subject: String,
    /// The desk, by its name in the configuration.
    pub desk: String,
    /// The organisation it belongs to now, by its name in the configuration.
    pub organisation: Option<String>,
    /// The master of the outage it stands under now; its own number for a master.
    pub outage: Option<TicketId>,
    /// Who reported it: their address.
    pub requester: String,
    /// What they call themselves.
    pub requester_name: Option<String>,
    /// When it was opened.
    pub at: Timestamp,
    /// Its first category.
    pub category: String,
    /// Its first team.
    pub team: Option<String>,
    /// Its first priority.
    pub priority: Priority,
}

/// What requesters give who could not be happier.
pub const SATISFIED_BEST: u8 = 5;
/// How an entry begins that says what holds again after `/undo`.
const TAKEN_BACK: &str = "taken back, ";

/// A ticket's life up to a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// What it was when it was opened.
    pub birth: Birth,
    /// Nothing from this moment on is told.
    pub until: Timestamp,
    /// Every status with the moment it began, the first one included.
    pub moves: Vec<(Timestamp, Status)>,
    /// Its priority.
    pub priority: Priority,
    /// Priorities that people changed: when, by whom, from, to.
    pub corrections: Vec<Correction>,
    /// Its category.
    pub category: String,
    /// Its team.
    pub team: Option<String>,
    /// Who has it, as people call them.
    pub assignee: Option<String>,
    /// When a technician first wrote to the requester, or it was solved.
    pub first_answer: Option<Timestamp>,
    /// Its clock for the first answer.
    pub answer_clock: Told,
    /// Its clock for the resolution.
    pub resolution_clock: Told,
    /// When somebody first had it.
    pub taken: Option<Timestamp>,
    /// Work that was recorded: when, by whom, minutes.
    pub worked: Vec<(Timestamp, String, i64)>,
    /// When it was thanked, and by whom.
    pub thanks: Vec<(Timestamp, String)>,
    /// Why it happened, with the moment of the last word on it.
    pub cause: Option<(Timestamp, String)>,
    /// What helped, with the moment of the last word on it.
    pub solution: Option<(Timestamp, String)>,
    /// How content the requester said to be, from 1 to 5, and when; the last word counts.
    pub satisfaction: Option<(Timestamp, u8)>,
    /// The recipe that was offered with it: when, its name and its title.
    pub recipe: Option<(Timestamp, String, String)>,
    /// What came of that recipe, and when; the last word counts.
    pub tried: Option<(Timestamp, Outcome)>,
    /// Letters that waited for a person.
    pub held: Vec<Timestamp>,
    /// Letters that did not arrive.
    pub undelivered: Vec<Timestamp>,
    /// Mails that could not be read.
    pub quarantined: Vec<Timestamp>,
    ranked: bool,
    /// Every cause and solution that was told, for the day the last one is taken back.
    causes: Vec<(Timestamp, String)>,
    solutions: Vec<(Timestamp, String)>,
}

/// What entries told of one of a ticket's clocks (`targets.rs`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// The last moment it was said to be due at.
    pub due: Option<Timestamp>,
    /// What became of it, and when that was told; taken back when the ticket is opened again.
    pub verdict: Option<(Timestamp, Verdict)>,
}

impl Told {
    fn tell(&mut self, at: Timestamp, clock: Clock) {
        match clock {
            Clock::Ended(verdict) => {
                self.verdict.get_or_insert((at, verdict));
            }
            Clock::Due(due) => {
                *self = Told {
                    due: Some(due),
                    verdict: None,
                }
            }
            Clock::None | Clock::Stopped(_) => *self = Told::default(),
        }
    }
}

/// A priority that somebody changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Before.
    pub from: Priority,
    /// After.
    pub to: Priority,
}

impl Life {
    /// A life that has just begun, to be told up to `until`.
    pub fn begin(birth: Birth, until: Timestamp) -> Life {
        Life {
            until,
            moves: vec![(birth.at, Status::New)],
            priority: birth.priority,
            corrections: Vec::new(),
            category: birth.category.clone(),
            team: birth.team.clone(),
            assignee: None,
            first_answer: None,
            answer_clock: Told::default(),
            resolution_clock: Told::default(),
            taken: None,
            worked: Vec::new(),
            thanks: Vec::new(),
            cause: None,
            solution: None,
            satisfaction: None,
            recipe: None,
            tried: None,
            held: Vec::new(),
            undelivered: Vec::new(),
            quarantined: Vec::new(),
            ranked: false,
            causes: Vec::new(),
            solutions: Vec::new(),
            birth,
        }
    }

    /// Takes in an entry; to be called in the order they were written.
    pub fn tell(&mut self, at: Timestamp, kind: EntryKind, by: &str, text: &str) {
        if at >= self.until {
            return;
        }
        match kind {
            EntryKind::Status => self.moved(at, by, text),
            EntryKind::Priority => self.ranked(at, by, text),
            EntryKind::Assignment => self.assigned(at, text),
            EntryKind::Target => self.judged(at, text),
            EntryKind::Fact => self.fact(at, by, text),
            EntryKind::Letter => self.letter(at, text),
            EntryKind::Mail => self.mail(at, by, text),
            // "delivery uncertain" may have arrived: it is shown by the outbox and not counted as lost.
            EntryKind::Delivery if !text.contains(": delivery uncertain,") => {
                self.undelivered.push(at);
            }
            EntryKind::Kept if is_about_quarantine(text) => self.quarantined.push(at),
            _ => {}
        }
    }

    /// Where it stood at a moment; `None` before it was opened.
    pub fn status_at(&self, at: Timestamp) -> Option<Status> {
        let moves = self.moves.iter().rev();
        moves
            .clone()
            .find(|(began, _)| *began < at)
            .map(|(_, status)| *status)
    }

    /// Whether somebody had to do something about it at a moment.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        self.status_at(at).is_some_and(|status| !status.is_over())
    }

    /// When its work ended for good as seen at a moment: the last move from open to over. `None` while it is open, and for a
    /// ticket that goes on in another.
    pub fn solved_at(&self, at: Timestamp) -> Option<Timestamp> {
        let mut solved = None;
        let mut was_over = false;
        for (began, status) in self.moves.iter().filter(|(began, _)| *began < at) {
            match (was_over, status.is_over()) {
                (false, true) => solved = Some(*began),
                (_, false) => solved = None,
                (true, true) => {}
            }
            if *status == Status::Merged {
                solved = None;
            }
            was_over = status.is_over();
        }
        solved
    }

    /// Seconds until the first answer: business time where a target was agreed, else by the clock on the wall.
    pub fn answer_seconds(&self) -> Option<i64> {
        let answered = self.first_answer?;
        let used = self.answer_clock.verdict.map(|(_, verdict)| verdict.used);
        Some(
            used.unwrap_or_else(|| answered.duration_since(self.birth.at))
                .as_secs(),
        )
    }

    /// Seconds until it was solved for good, reckoned in the same way; up to the end of what is told when it is not.
    pub fn trouble_seconds(&self) -> i64 {
        let solved = self.solved_at(self.until);
        let used = solved
            .and(self.resolution_clock.verdict)
            .map(|(_, verdict)| verdict.used);
        let end = solved.unwrap_or(self.until);
        used.unwrap_or_else(|| end.duration_since(self.birth.at))
            .as_secs()
    }

    /// The moments at which it was opened again.
    pub fn reopened(&self) -> impl Iterator<Item = Timestamp> {
        let pairs = self.moves.windows(2).filter_map(|pair| match pair {
            [(_, from), (at, to)] if from.is_over() && !to.is_over() => Some(*at),
            _ => None,
        });
        pairs.collect::<Vec<_>>().into_iter()
    }

    fn moved(&mut self, at: Timestamp, by: &str, text: &str) {
        // `open -> resolved: solved`
        let to = text.split_once(" -> ").map(|(_, rest)| rest);
        let word = to.and_then(|to| to.split([':', ' ']).next());
        let Some(status) = word.and_then(Status::of) else {
            return;
        };
        let before = self.moves.iter().rposition(|(_, known)| *known == status);
        match before.filter(|_| is_taken_back(by, text)) {
            // What was taken back never was: neither solved nor opened again.
            Some(before) => self.moves.truncate(before + 1),
            None => self.moves.push((at, status)),
        }
    }

    fn ranked(&mut self, at: Timestamp, by: &str, text: &str) {
        // `P2: impact high ("tout le monde") x urgency medium`, at first; `P2 -> P1: why`, later.
        let word = |text: &str| Priority::parse(text.get(..2).unwrap_or_default());
        let Some(first) = word(text) else { return };
        let to = text.split_once(" -> ").and_then(|(head, rest)| {
            let is_change = head.len() == 2;
            word(rest).filter(|_| is_change)
        });
        match to {
            Some(to) => {
                if is_taken_back(by, text) {
                    self.uncorrect(to);
                } else if by != "guichet" && to != first {
                    self.corrections.push(Correction {
                        at,
                        by: by.to_owned(),
                        from: first,
                        to,
                    });
                }
                self.priority = to;
            }
            None if !self.ranked => self.priority = first,
            None => {}
        }
        self.ranked = true;
    }

    /// Forgets the corrections since the priority was `to`.
    fn uncorrect(&mut self, to: Priority) {
        let since = self.corrections.iter().rposition(|c| c.from == to);
        if let Some(since) = since {
            self.corrections.truncate(since);
        }
    }

    fn judged(&mut self, at: Timestamp, text: &str) {
        if let Some(standing) = Standing::parse(text) {
            self.answer_clock.tell(at, standing.first_answer);
            self.resolution_clock.tell(at, standing.resolution);
        }
    }

    fn assigned(&mut self, at: Timestamp, text: &str) {
        if let Some(holds) = text.strip_prefix(TAKEN_BACK) {
            match (holds.strip_prefix("team "), holds.strip_suffix(" has it")) {
                (Some(team), _) => self.team = Some(team.to_owned()),
                (None, Some("nobody")) => (self.assignee, self.taken) = (None, None),
                (None, Some(name)) => self.assignee = Some(name.to_owned()),
                (None, None) => self.team = None,
            }
            return;
        }
        if let Some(team) = text.strip_prefix("team ") {
            self.team = Some(team.to_owned());
            self.assignee = None;
            return;
        }
        let endings = [" has it", " answered first", " is next in turn"];
        if let Some(name) = endings.iter().find_map(|end| text.strip_suffix(end)) {
            self.assignee = Some(name.to_owned());
            self.taken.get_or_insert(at);
        }
    }

    fn fact(&mut self, at: Timestamp, by: &str, text: &str) {
        if let Some(holds) = text.strip_prefix(TAKEN_BACK) {
            self.fact_again(at, holds);
        } else if let Some(cause) = text.strip_prefix("cause: ") {
            self.causes.push((at, cause.to_owned()));
            self.cause = self.causes.last().cloned();
        } else if let Some(solution) = text.strip_prefix("solution: ") {
            self.solutions.push((at, solution.to_owned()));
            self.solution = self.solutions.last().cloned();
        } else if let Some(category) = text.strip_prefix("category: ") {
            self.category = category.to_owned();
        } else if let Some(score) = text.strip_prefix("satisfaction: ") {
            // `4 of 5`
            let score = score.split(' ').next().and_then(|score| score.parse().ok());
            let score = score.filter(|score| (1..=SATISFIED_BEST).contains(score));
            self.satisfaction = score.map(|score| (at, score)).or(self.satisfaction);
        } else if let Some(recipe) = text.strip_prefix("recipe ") {
            self.recipe(at, recipe);
        } else if let Some(minutes) = text.strip_suffix(" minutes worked")
            && let Ok(minutes) = minutes.parse()
        {
            self.worked.push((at, by.to_owned(), minutes));
        }
    }

    /// `offered: vpn-disconnects.en: The VPN disconnects`, then `helped: ...` or `failed: ...`.
    fn recipe(&mut self, at: Timestamp, text: &str) {
        let Some((what, recipe)) = text.split_once(": ") else {
            return;
        };
        let line = recipe.lines().next().unwrap_or_default();
        match (what, line.split_once(": "), Outcome::of(what)) {
            ("offered", Some((name, title)), _) => {
                self.recipe = Some((at, name.to_owned(), title.to_owned()));
            }
            (_, _, Some(outcome)) => self.tried = Some((at, outcome)),
            _ => {} // drafted, corrected, approved: about the recipe made from this ticket
        }
    }

    /// What holds again because the last word was taken back: with the moment at which it was told first.
    fn fact_again(&mut self, at: Timestamp, holds: &str) {
        let again = |told: &[(Timestamp, String)], value: &str| {
            let before = told.iter().rev().find(|(_, text)| text == value);
            before.cloned().or_else(|| Some((at, value.to_owned())))
        };
        if let Some(cause) = holds.strip_prefix("cause: ") {
            self.cause = again(&self.causes, cause);
        } else if let Some(solution) = holds.strip_prefix("solution: ") {
            self.solution = again(&self.solutions, solution);
        } else if holds == "no cause" {
            self.cause = None;
        } else if holds == "no solution" {
            self.solution = None;
        } else if let Some(category) = holds.strip_prefix("category: ") {
            self.category = category.to_owned();
        } else if let Some(minutes) = holds.strip_suffix(" minutes worked") {
            self.unwork(minutes.parse().unwrap_or(0));
        }
    }

    /// Takes minutes away from what was recorded last.
    fn unwork(&mut self, mut minutes: i64) {
        while minutes > 0
            && let Some((_, _, last)) = self.worked.last_mut()
        {
            let taken = minutes.min(*last);
            (*last, minutes) = (*last - taken, minutes - taken);
            if *last == 0 {
                self.worked.pop();
            }
        }
    }

    fn letter(&mut self, at: Timestamp, text: &str) {
        if text.contains(", held: ") {
            // What is told with others in one letter waits for nobody.
            if !text.ends_with("told with others in one letter") {
                self.held.push(at);
            }
        } else if self.first_answer.is_none()
            && (text.starts_with("update to ") || text.starts_with("resolved to "))
        {
            self.first_answer = Some(at);
        }
    }

    /// What an answer says; the names of the two who write to each other say nothing.
    fn answer(&self, text: &str) -> Answer {
        let names: Vec<&str> = [&self.birth.requester_name, &self.assignee]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain([self.birth.requester.as_str()])
            .collect();
        closing::read(text, &names)
    }

    fn mail(&mut self, at: Timestamp, by: &str, text: &str) {
        let is_over = self
            .moves
            .last()
            .is_some_and(|(_, status)| status.is_over());
        // The longest thanks are a few lines: what is longer is not looked at.
        if is_over
            && text.len() < 2_000
            && matches!(self.answer(text), Answer::Thanks | Answer::Yes)
            && says_thanks(text)
        {
            self.thanks.push((at, by.to_owned()));
        }
    }
}

/// Whether an entry says that a mail could not be read.
pub fn is_about_quarantine(text: &str) -> bool {
    text.starts_with("A mail could not be read and is in quarantine")
}

/// Whether an entry of a status or a priority says that it was taken back (`/undo`).
fn is_taken_back(by: &str, text: &str) -> bool {
    by == "guichet" && text.ends_with(": taken back")
}

/// Whether a courtesy is more than a bare "yes, it works".
fn says_thanks(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "merci",
        "thank",
        "thx",
        "cheers",
        "bravo",
        "appreciate",
        "danke",
        "dank",
        "gracias",
        "grazie",
        "bedankt",
        "super",
        "génial",
        "awesome",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}
