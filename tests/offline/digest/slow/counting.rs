//! Counting by asking each ticket anew for each question: slow, and with nothing in common with the desk's way.

use std::collections::BTreeMap;

use guichet::desk::digest::figures::{Change, Kept, Spread};
use guichet::desk::digest::period::Period;
use guichet::desk::targets::{Clock as TargetClock, Standing};
use guichet::desk::ticket::{Entry, EntryKind, Status, Ticket};
use jiff::Timestamp;

use super::histories::words;

/// Like tickets: why they are, and which.
pub struct Like<'a> {
    pub organisation: Option<String>,
    pub category: String,
    pub words: Vec<&'static str>,
    pub members: Vec<&'a (Ticket, Vec<Entry>)>,
}

/// Tickets with their entries, and the period they are asked about.
pub struct Slow<'a> {
    pub histories: Vec<&'a (Ticket, Vec<Entry>)>,
    pub period: Period,
}

impl Slow<'_> {
    /// Groups of like tickets, found by trying every pair of words on what is left, again and again.
    pub fn like(&self, reader: &guichet::store::Reader) -> Vec<Like<'_>> {
        let (from, until) = (self.period.from(), self.period.until());
        // The four weeks before the end, or the four before the beginning when that is later than nothing.
        let days = jiff::SignedDuration::from_hours(24 * 28);
        let zoned = |at: Timestamp| at.to_zoned(self.period.zone.clone()).date();
        let back = |day: jiff::civil::Date| {
            let day = day.checked_sub(days).expect("a day");
            day.to_zoned(self.period.zone.clone())
                .expect("midnight")
                .timestamp()
        };
        let since = back(zoned(from)).max(back(zoned(until)).min(from));
        let mut left: Vec<(&(Ticket, Vec<Entry>), String)> = self
            .histories
            .iter()
            .filter(|(ticket, _)| since <= ticket.created_at && ticket.created_at < until)
            .map(|history| {
                let first = reader
                    .opened_category(history.0.id.number())
                    .expect("it can be read");
                (*history, Self::category(history, &first, until))
            })
            .collect();
        let mut found = Vec::new();
        loop {
            let mut tried = BTreeMap::new();
            for ((ticket, _), category) in &left {
                let words = words(&ticket.subject);
                for one in words {
                    for two in words.iter().filter(|two| *two > one) {
                        let key = (ticket.organisation.clone(), category.clone(), [*one, *two]);
                        *tried.entry(key).or_insert(0) += 1;
                    }
                }
            }
            let largest = tried.values().copied().max().unwrap_or(0);
            if largest < 3 {
                return found;
            }
            let (key, _) = tried
                .into_iter()
                .find(|(_, count)| *count == largest)
                .expect("the first of the largest");
            let (organisation, category, pair) = key;
            let (members, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(history, of)| {
                    let words = words(&history.0.subject);
                    history.0.organisation == organisation
                        && *of == category
                        && pair.iter().all(|word| words.contains(word))
                });
            left = others;
            let members: Vec<_> = members.into_iter().map(|(history, _)| history).collect();
            if members.iter().any(|(ticket, _)| ticket.created_at >= from) {
                found.push(Like {
                    organisation,
                    category,
                    words: pair.to_vec(),
                    members,
                });
            }
        }
    }

    /// What was said last to have helped, and when.
    pub fn solution(entries: &[Entry]) -> Option<(Timestamp, &str)> {
        let facts = entries.iter().rev().filter(|e| e.kind == EntryKind::Fact);
        let mut told = facts.filter_map(|e| Some((e.at, e.text.strip_prefix("solution: ")?)));
        told.next()
    }

    /// Ticket, ticket it came back in, solution, seconds, times.
    pub fn came_back(&self, like: &[Like<'_>]) -> Vec<(String, String, String, i64, u32)> {
        let mut found = Vec::new();
        for history in &self.histories {
            let (ticket, entries) = history;
            let again: Vec<Timestamp> = entries
                .iter()
                .filter(|e| e.kind == EntryKind::Status && self.within(e.at))
                .filter(|e| e.text.contains(" -> open: the requester is not done"))
                .map(|e| e.at)
                .collect();
            let (Some(last), Some((_, solution))) = (again.last(), Self::solution(entries)) else {
                continue;
            };
            let ended = Self::solved(history, *last).expect("it was solved");
            let id = ticket.id.to_string();
            let seconds = last.as_second() - ended.as_second();
            found.push((
                id.clone(),
                id,
                solution.to_owned(),
                seconds,
                again.len() as u32,
            ));
        }
        for group in like {
            let mut last = None;
            let mut times = 0;
            for (place, after) in group.members.iter().enumerate().skip(1) {
                let before = group.members[place - 1];
                let again = after.0.created_at;
                let told = Self::solution(&before.1).filter(|(told, _)| *told < again);
                if let (true, Some(ended), Some((_, solution))) =
                    (self.within(again), Self::solved(before, again), told)
                {
                    times += 1;
                    let seconds = again.duration_since(ended).as_secs();
                    last = Some((
                        before.0.id.to_string(),
                        after.0.id.to_string(),
                        solution,
                        seconds,
                    ));
                }
            }
            if let Some((id, again, solution, seconds)) = last {
                found.push((id, again, solution.to_owned(), seconds, times));
            }
        }
        found.sort();
        found
    }

    /// Causes with the tickets they were noted on in the period, the most frequent first, then as they sort.
    pub fn causes(&self) -> Vec<(String, i64, Vec<String>)> {
        let mut counted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (ticket, entries) in &self.histories {
            let mut told = entries.iter().filter(|e| e.kind == EntryKind::Fact);
            let last = told.rfind(|e| e.text.starts_with("cause: "));
            if let Some(last) = last.filter(|last| self.within(last.at)) {
                let cause = last.text["cause: ".len()..].to_lowercase();
                counted
                    .entry(cause)
                    .or_default()
                    .push(ticket.id.to_string());
            }
        }
        let mut causes: Vec<_> = counted.into_iter().collect();
        causes.sort_by(|(one, few), (two, many)| many.len().cmp(&few.len()).then(one.cmp(two)));
        let five = causes.into_iter().take(5);
        five.map(|(cause, tickets)| {
            let count = tickets.len() as i64;
            (cause, count, tickets.into_iter().take(5).collect())
        })
        .collect()
    }

    pub fn minutes(entries: &[Entry]) -> impl Iterator<Item = (&Entry, i64)> {
        let facts = entries.iter().filter(|e| e.kind == EntryKind::Fact);
        facts.filter_map(|e| {
            let minutes = e.text.strip_suffix(" minutes worked")?;
            Some((e, minutes.parse().expect("a number")))
        })
    }

    /// Seconds for which it was open: as its clock says when it was solved, else by the clock on the wall.
    pub fn trouble(history: &(Ticket, Vec<Entry>), until: Timestamp) -> i64 {
        if Self::solved(history, until).is_none() {
            return until.as_second() - history.0.created_at.as_second();
        }
        let told = Self::standings(&history.1, until);
        let verdict = told.last().and_then(|(_, s)| s.resolution.verdict());
        verdict.expect("a verdict").used.as_secs()
    }

    pub fn within(&self, moment: Timestamp) -> bool {
        self.period.from() <= moment && moment < self.period.until()
    }

    pub fn status(entries: &[Entry], until: Timestamp, opened: Timestamp) -> Option<Status> {
        if opened >= until {
            return None;
        }
        let mut moves = entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Status && entry.at < until);
        let last = moves.next_back().map(|entry| {
            let (_, to) = entry.text.split_once(" -> ").expect("a move");
            Status::of(to.split(':').next().expect("a word")).expect("a status")
        });
        Some(last.unwrap_or(Status::New))
    }

    pub fn open(&self, moment: Timestamp) -> u32 {
        let open = self.histories.iter().filter(|(ticket, entries)| {
            Self::status(entries, moment, ticket.created_at).is_some_and(|status| !status.is_over())
        });
        open.count() as u32
    }

    /// When it was solved for good as seen at `moment`: going back from there, the first move of the last row of moves to an end.
    pub fn solved(history: &(Ticket, Vec<Entry>), moment: Timestamp) -> Option<Timestamp> {
        let mut solved = None;
        let moves: Vec<&Entry> = history
            .1
            .iter()
            .filter(|e| e.kind == EntryKind::Status && e.at < moment)
            .collect();
        for entry in moves.iter().rev() {
            let word = entry
                .text
                .split(" -> ")
                .nth(1)
                .and_then(|to| to.split(':').next())
                .expect("a word");
            match word {
                "resolved" | "closed" => solved = Some(entry.at),
                "merged" => return None,
                _ => break,
            }
        }
        solved
    }

    pub fn change(&self, moments: &[Timestamp]) -> Change {
        let reference = moments
            .iter()
            .filter(|at| self.period.reference_from() <= **at && **at < self.period.from())
            .count();
        let days = f64::from(self.period.days());
        Change {
            count: moments.iter().filter(|at| self.within(**at)).count() as u32,
            usual_tenths: (reference as f64 * days * 10.0 / 28.0 + 0.5).floor() as u32,
        }
    }

    pub fn category(history: &(Ticket, Vec<Entry>), first: &str, until: Timestamp) -> String {
        let facts = history
            .1
            .iter()
            .filter(|e| e.kind == EntryKind::Fact && e.at < until);
        let last = facts
            .filter_map(|e| e.text.strip_prefix("category: "))
            .next_back();
        last.unwrap_or(first).to_owned()
    }

    pub fn priority((ticket, entries): &(Ticket, Vec<Entry>), until: Timestamp) -> String {
        let ranks: Vec<&Entry> = entries
            .iter()
            .filter(|e| e.kind == EntryKind::Priority && e.at < until)
            .collect();
        let last = ranks.last().map(|e| match e.text.split_once(" -> ") {
            Some((_, to)) => to[..2].to_owned(),
            None => e.text[..2].to_owned(),
        });
        last.unwrap_or_else(|| ticket.priority.word().to_owned())
    }

    pub fn standings(entries: &[Entry], until: Timestamp) -> Vec<(Timestamp, Standing)> {
        let told = entries
            .iter()
            .filter(|e| e.kind == EntryKind::Target && e.at < until);
        told.map(|e| (e.at, Standing::parse(&e.text).expect("a standing")))
            .collect()
    }

    pub fn spread(mut seconds: Vec<i64>) -> Spread {
        seconds.sort();
        let nth = |share: f64| {
            let at = (seconds.len() as f64 * share).ceil() as usize;
            seconds.get(at.max(1) - 1).copied().unwrap_or(0)
        };
        Spread {
            count: seconds.len() as u32,
            mean_seconds: if seconds.is_empty() {
                0
            } else {
                seconds.iter().sum::<i64>() / seconds.len() as i64
            },
            median_seconds: nth(0.5),
            p90_seconds: nth(0.9),
        }
    }

    /// One kind of clock: kept when the verdict says so and was given in the period; missed when its last due moment (or a verdict
    /// without one) lies in it.
    pub fn kept(&self, clock: impl Fn(&Standing) -> TargetClock) -> Kept {
        let mut kept = Kept::default();
        for (_, entries) in self.histories.iter().copied() {
            let told = Self::standings(entries, self.period.until());
            let Some((_, last)) = told.last() else {
                continue;
            };
            let first_same = |wanted: TargetClock| {
                let same = told.iter().rev().take_while(|(_, s)| clock(s) == wanted);
                same.last().map(|(at, _)| *at).expect("the last one")
            };
            let due = told.iter().rev().find_map(|(_, s)| clock(s).due_at());
            match clock(last) {
                TargetClock::Ended(verdict) => {
                    let given = first_same(clock(last));
                    if verdict.used <= verdict.agreed {
                        kept.kept += u32::from(self.within(given));
                    } else {
                        kept.missed +=
                            u32::from(self.within(due.map_or(given, |due| due.min(given))));
                    }
                }
                TargetClock::Due(due) => kept.missed += u32::from(self.within(due)),
                TargetClock::None | TargetClock::Stopped(_) => {}
            }
        }
        kept
    }
}
