//! The words of one language: `strings.toml`, and how it writes a moment.
//!
//! Promises a word for every status, priority, piece of evidence and refusal the desk knows: a file
//! that lacks one is refused when it is loaded. Sentences are in the templates, not here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Zoned};
use serde::{Deserialize, Serialize};

use super::reader::one_line;
use crate::desk::notice::{Hold, Refusal};
use crate::desk::targets::Clock;
use crate::desk::ticket::Status;
use crate::desk::triage::{Impact, Place, Priority, Reason, Subject};

/// The content of one `strings.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strings {
    calendar: Calendar,
    number: Number,
    duration: Duration,
    handling: BTreeMap<String, String>,
    affected: BTreeMap<String, String>,
    status: BTreeMap<String, String>,
    priority: BTreeMap<String, String>,
    category: BTreeMap<String, String>,
    evidence: BTreeMap<String, String>,
    place: BTreeMap<String, String>,
    refusal: BTreeMap<String, String>,
    letter: BTreeMap<String, String>,
    hold: Holds,
    command: Commands,
    target: Targets,
}

/// How a technician is told why a letter to the outside waits, and what can be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holds {
    unknown_sender: String,
    undelivered: String,
    budget: String,
}

/// How a technician is told of targets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// What it is called until a technician has written to the requester.
    pub first_answer: String,
    /// What it is called until it is resolved.
    pub resolution: String,
    due: String,
    late: String,
    stopped: String,
    stopped_late: String,
    kept: String,
    missed: String,
}

/// What a reply prepared by a link says on its first line, in ASCII so that every client keeps it whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// I take it.
    pub take: String,
    /// It is solved.
    pub resolve: String,
    /// It is done.
    pub close: String,
    /// It is not done after all.
    pub reopen: String,
    /// It is the requester's turn.
    pub wait: String,
    /// An outside firm is written to.
    pub handoff: String,
    /// Take it back.
    pub undo: String,
    /// It is an outage.
    pub outage: String,
    /// It is something else than its outage.
    pub split: String,
    /// The draft of a recipe is right.
    pub approve: String,
    /// It is right for everybody.
    pub approve_all: String,
    /// A recipe is recognised by other words; an example.
    pub recipe_words: String,
    /// Confirms what is asked back.
    pub confirm: String,
    /// It works.
    pub yes: String,
    /// It does not work.
    pub no: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calendar {
    weekdays: [String; 7],
    months: [String; 12],
    first_day: String,
    day: String,
    day_with_year: String,
    time: String,
    full_hour: String,
    moment: String,
}

/// What stands between the digits of a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    group: String,
    decimal: String,
}

/// `{n}` stands for how many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Duration {
    day: String,
    days: String,
    hours: String,
    minutes: String,
}

/// A moment as people read it.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// `Tuesday 24 November`; with the year when it is not the letter's.
    pub day: String,
    /// `14:30`.
    pub time: String,
    /// Both: `Tuesday 24 November at 14:30`.
    pub full: String,
}

impl Strings {
    /// Reads a `strings.toml`. The error is a line (1 for the first, if known) and a reason.
    pub fn parse(text: &str) -> Result<Self, (Option<usize>, String)> {
        let strings: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            (line, error.message().to_owned())
        })?;
        strings.complete().map_err(|missing| (None, missing))?;
        Ok(strings)
    }

    /// Everything the desk can say has a word.
    fn complete(&self) -> Result<(), String> {
        let levels = ["low", "medium", "high"];
        let evidence = ["impact", "urgency"]
            .into_iter()
            .flat_map(|about| levels.map(|level| format!("{about}-{level}")))
            .chain(["priority".to_owned(), "reporters".to_owned()]);
        let wanted = [
            (
                "status",
                &self.status,
                Status::ALL.map(|status| status.word().to_owned()).to_vec(),
            ),
            (
                "priority",
                &self.priority,
                Priority::ALL
                    .map(|priority| priority.word().to_owned())
                    .to_vec(),
            ),
            (
                "handling",
                &self.handling,
                Priority::ALL
                    .map(|priority| priority.word().to_owned())
                    .to_vec(),
            ),
            (
                "affected",
                &self.affected,
                levels.map(str::to_owned).to_vec(),
            ),
            ("category", &self.category, vec!["other".to_owned()]),
            ("evidence", &self.evidence, evidence.collect()),
            (
                "place",
                &self.place,
                ["subject", "text", "sender", "tickets", "rule", "technician"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            (
                "refusal",
                &self.refusal,
                Refusal::ALL
                    .map(|refusal| refusal.word().to_owned())
                    .to_vec(),
            ),
            (
                "letter",
                &self.letter,
                [
                    "acknowledgement",
                    "update",
                    "progress",
                    "handoff",
                    "reminder",
                    "resolved",
                    "closed",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
        ];
        for (table, have, keys) in wanted {
            if let Some(key) = keys.iter().find(|key| !have.contains_key(*key)) {
                return Err(format!(
                    "[{table}] lacks `{key}`; add a line `{key} = \"...\"`"
                ));
            }
        }
        Ok(())
    }

    /// The word for a status, as a reader sees it.
    pub fn status(&self, status: Status) -> String {
        said(&self.status, status.word())
    }

    /// The word for a priority, as a reader sees it.
    pub fn priority(&self, priority: Priority) -> String {
        said(&self.priority, priority.word())
    }

    /// A priority and what it means, as a requester reads it.
    pub fn handling(&self, priority: Priority) -> String {
        said(&self.handling, priority.word())
    }

    /// Who is hit.
    pub fn affected(&self, impact: Impact) -> String {
        said(&self.affected, impact.word())
    }

    /// The word for a category; one of the operator's own that is not listed is shown as configured.
    pub fn category(&self, category: &str) -> String {
        said(&self.category, category)
    }

    /// What a letter is called, by the word of its kind.
    pub fn letter(&self, kind: &str) -> String {
        said(&self.letter, kind)
    }

    /// Why a letter waits and what can be done.
    pub fn hold(&self, hold: &Hold) -> String {
        let words = &self.hold;
        match hold {
            Hold::UnknownSender => words.unknown_sender.clone(),
            Hold::Undelivered(said) => fill(&words.undelivered, &[("said", &one_line(said))]),
            Hold::Budget(_) => words.budget.clone(),
            // Only technicians are told several things in one letter: nobody has to do anything.
            Hold::Bundle => hold.reason(),
        }
    }

    /// The sentence that gives the reason of a refusal, and names what it is about.
    pub fn refusal(&self, refusal: Refusal, named: &str) -> String {
        let pattern = said(&self.refusal, refusal.word());
        fill(&pattern, &[("what", named)])
    }

    /// What a piece of evidence speaks for, such as `High impact`; `None` for evidence that does not
    /// bear on how pressing a ticket is.
    pub fn evidence(&self, reason: &Reason) -> Option<String> {
        match reason.about {
            Subject::Impact => Some(said(&self.evidence, &format!("impact-{}", reason.level))),
            Subject::Urgency => Some(said(&self.evidence, &format!("urgency-{}", reason.level))),
            Subject::Priority => Some(format!(
                "{} {}",
                said(&self.evidence, "priority"),
                reason.level
            )),
            Subject::Category | Subject::Team => None,
        }
    }

    /// The words of a piece of evidence as they were found; a fact in the reader's language.
    pub fn because(&self, reason: &Reason) -> String {
        let Some(count) = reason.reporters() else {
            return reason.because.clone();
        };
        let pattern = said(&self.evidence, "reporters");
        fill(&pattern, &[("n", &count.to_string())])
    }

    /// Where a piece of evidence was found.
    pub fn place(&self, place: Place) -> String {
        let key = match place {
            Place::Subject => "subject",
            Place::Text => "text",
            Place::Sender => "sender",
            Place::Tickets => "tickets",
            Place::Rule => "rule",
            Place::Technician => "technician",
        };
        said(&self.place, key)
    }

    /// The month of a day.
    pub fn month(&self, day: Date) -> &str {
        let month = usize::try_from(day.month() - 1).unwrap_or_default();
        self.calendar.months.get(month).map_or("", |m| m)
    }

    /// The weekday of a day.
    pub fn weekday(&self, day: Date) -> &str {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.calendar.weekdays.get(weekday).map_or("", |w| w)
    }

    /// The number of a day in its month, the first one as the language writes it.
    pub fn day_number(&self, day: Date) -> String {
        match day.day() {
            1 => self.calendar.first_day.clone(),
            day => day.to_string(),
        }
    }

    /// What targets are called.
    pub fn targets(&self) -> &Targets {
        &self.target
    }

    /// Where a target's clock stands; `None` where there is nothing to say. `due` is the moment as it is written.
    pub fn target(&self, clock: Clock, due: Option<&str>, late: bool) -> Option<String> {
        let words = &self.target;
        let said = match clock {
            Clock::None => return None,
            Clock::Due(_) => {
                let pattern = if late { &words.late } else { &words.due };
                fill(pattern, &[("moment", due?)])
            }
            Clock::Stopped(_) if late => words.stopped_late.clone(),
            Clock::Stopped(left) => fill(&words.stopped, &[("time", &working_time(left))]),
            Clock::Ended(verdict) => {
                let pattern = if late { &words.missed } else { &words.kept };
                let used = working_time(verdict.used);
                let agreed = working_time(verdict.agreed);
                fill(pattern, &[("used", &used), ("agreed", &agreed)])
            }
        };
        Some(said)
    }

    /// What prepared replies say.
    pub fn commands(&self) -> &Commands {
        &self.command
    }

    /// A number with its digits in groups of three: `1,234.5`. At most two digits follow the point.
    pub fn number(&self, number: f64) -> String {
        let rounded = format!("{:.2}", number.abs());
        let (whole, part) = rounded.split_once('.').unwrap_or((&rounded, ""));
        let mut out = String::new();
        if number < 0.0 && rounded.contains(|digit| ('1'..='9').contains(&digit)) {
            out.push('\u{2212}');
        }
        for (at, digit) in whole.chars().enumerate() {
            // Four digits are read at a glance, as years are.
            if at > 0 && (whole.len() - at) % 3 == 0 && whole.len() > 4 {
                out.push_str(&self.number.group);
            }
            out.push(digit);
        }
        let part = part.trim_end_matches('0');
        if !part.is_empty() {
            out.push_str(&self.number.decimal);
            out.push_str(part);
        }
        out
    }

    /// A length of time from its minutes, in its two largest units: `2 days 3 h`, `45 min`.
    pub fn duration(&self, minutes: u64) -> String {
        let units = &self.duration;
        let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let count = |pattern: &str, n: u64| fill(pattern, &[("n", &n.to_string())]);
        let days_pattern = if days == 1 { &units.day } else { &units.days };
        let (first, second) = match (days, hours) {
            (0, 0) => (count(&units.minutes, rest), None),
            (0, hours) => (
                count(&units.hours, hours),
                (rest > 0).then(|| count(&units.minutes, rest)),
            ),
            (days, hours) => (
                count(days_pattern, days),
                (hours > 0).then(|| count(&units.hours, hours)),
            ),
        };
        match second {
            Some(second) => format!("{first} {second}"),
            None => first,
        }
    }

    /// A moment, in the reader's time zone (that of `at`). `now` tells whether the year goes without saying.
    pub fn moment(&self, at: &Zoned, now: &Zoned) -> Moment {
        let calendar = &self.calendar;
        let weekday = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let month = usize::try_from(at.month() - 1).unwrap_or_default();
        let number = match at.day() {
            1 => calendar.first_day.clone(),
            day => day.to_string(),
        };
        let pattern = if at.year() == now.year() {
            &calendar.day
        } else {
            &calendar.day_with_year
        };
        let day = fill(
            pattern,
            &[
                ("weekday", calendar.weekdays.get(weekday).map_or("", |w| w)),
                ("day", &number),
                ("month", calendar.months.get(month).map_or("", |m| m)),
                ("year", &at.year().to_string()),
            ],
        );
        let pattern = if at.minute() == 0 {
            &calendar.full_hour
        } else {
            &calendar.time
        };
        let time = fill(
            pattern,
            &[
                ("hour", &at.hour().to_string()),
                ("minute", &format!("{:02}", at.minute())),
            ],
        );
        let full = fill(&calendar.moment, &[("day", &day), ("time", &time)]);
        Moment { day, time, full }
    }
}

/// The word for `key`, or the key itself: `complete` has seen to it that only operators' own
/// categories and levels are ever missing.
fn said(table: &BTreeMap<String, String>, key: &str) -> String {
    table.get(key).cloned().unwrap_or_else(|| key.to_owned())
}

/// Working time, in hours however many: days of it differ in length. The signs are the same in all languages.
fn working_time(time: SignedDuration) -> String {
    let (hours, minutes) = (time.as_hours(), time.as_mins() % 60);
    match (hours, minutes) {
        (0, minutes) => format!("{minutes}\u{a0}min"),
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes:02}\u{a0}min"),
    }
}

/// Puts values in the places `{name}` of a pattern.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 24);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        out.push_str(value.map_or("", |(_, value)| value));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(locale: &str) -> Strings {
        let text = match locale {
            "fr" => include_str!("../../templates/fr/strings.toml"),
            _ => include_str!("../../templates/en/strings.toml"),
        };
        Strings::parse(text).unwrap()
    }

    #[test]
    fn moments_are_written_in_the_readers_language_and_zone() {
        let at = |text: &str, zone: &str| -> Zoned {
            text.parse::<jiff::Timestamp>()
                .unwrap()
                .in_tz(zone)
                .unwrap()
        };
        let now = at("2026-11-22T18:00:00Z", "Europe/Paris");
        let news = at("2026-11-24T13:30:00Z", "Europe/Paris");
        assert_eq!(
            strings("fr").moment(&news, &now).full,
            "mardi 24 novembre à 14\u{a0}h\u{a0}30"
        );
        assert_eq!(
            strings("en").moment(&news, &now).full,
            "Tuesday 24 November at 14:30"
        );
        let far = at("2027-01-01T08:00:00Z", "Europe/Paris");
        assert_eq!(
            strings("fr").moment(&far, &now).full,
            "vendredi 1er janvier 2027 à 9\u{a0}h"
        );
        let tokyo = at("2026-11-24T13:30:00Z", "Asia/Tokyo");
        assert_eq!(strings("en").moment(&tokyo, &now).time, "22:30");
    }

    #[test]
    fn numbers_and_durations_are_written_as_people_write_them() {
        let (fr, en) = (strings("fr"), strings("en"));
        for (number, french, english) in [
            (0.0, "0", "0"),
            (1234.0, "1234", "1234"),
            (12_345.5, "12\u{202f}345,5", "12,345.5"),
            (
                -1_000_000.0,
                "\u{2212}1\u{202f}000\u{202f}000",
                "\u{2212}1,000,000",
            ),
            (-0.001, "0", "0"),
        ] {
            assert_eq!(
                (fr.number(number), en.number(number)),
                (french.to_owned(), english.to_owned())
            );
        }
        for (minutes, french, english) in [
            (0, "0\u{a0}min", "0 min"),
            (150, "2\u{a0}h 30\u{a0}min", "2 h 30 min"),
            (1_440, "1\u{a0}jour", "1 day"),
            (4_500, "3\u{a0}jours 3\u{a0}h", "3 days 3 h"),
        ] {
            assert_eq!(
                (fr.duration(minutes), en.duration(minutes)),
                (french.to_owned(), english.to_owned())
            );
        }
    }

    #[test]
    fn a_missing_word_is_named() {
        let text = include_str!("../../templates/en/strings.toml").replace("snoozed =", "snozed =");
        let (_, reason) = Strings::parse(&text).unwrap_err();
        assert!(reason.contains("[status] lacks `snoozed`"), "{reason}");
        let text = include_str!("../../templates/en/strings.toml").replace("[place]", "[plac]");
        let (line, reason) = Strings::parse(&text).unwrap_err();
        assert!(line.is_some() && reason.contains("plac"), "{reason}");
    }
}
