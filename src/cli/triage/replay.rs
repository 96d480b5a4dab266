//! `guichet triage --replay`: what the present rules would make of the stored tickets. Stores nothing.
//!
//! Shows a table of priorities (stored, then by the present rules), the tickets that would change, and
//! what technicians corrected in that time, with the words behind it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::{CONFIG, Failure, OK, USAGE, counted, reader, settings, shown};
use crate::config::keywords;
use crate::desk::ticket::{EntryKind, Ticket};
use crate::desk::triage::replay::{self, Confusion, Replayed};
use crate::desk::triage::{Place, Priority};
use crate::intake::language;
use crate::store::{CorrectionView, Reader, StoreError};

/// How many words behind one kind of correction are shown; the first ones are those to mend.
const WORDS_SHOWN: usize = 5;

/// Prints what would change in tickets opened from `since` on (a date in UTC or a moment; all when absent).
pub fn run(
    config: Option<&Path>,
    since: Option<&str>,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let since = since.map_or(Ok(Timestamp::MIN), moment)?;
    let (settings, _) = settings(config)?;
    let keywords = keywords::load(settings.keywords.as_deref())
        .map_err(|error| Failure::new(CONFIG, error.to_string()))?;
    let reader = reader(config)?;
    let mut confusion = Confusion::default();
    let mut changes = Vec::new();
    let mut count = 0;
    for ticket in reader.tickets(true)? {
        if ticket.created_at < since {
            continue;
        }
        let Some(text) = first_words(&reader, &ticket)? else {
            continue; // a stub of a mail that could not be read: no words to rank
        };
        let spoken = language::of(&text);
        let replayed = replay::ticket(&keywords, &settings.people, &ticket, &text, spoken);
        confusion.add(ticket.priority, replayed.ranking.priority);
        count += 1;
        if !replayed.differs.is_empty() {
            changes.push((ticket, replayed));
        }
    }
    let corrections = tally(&reader.corrections(since)?);
    if as_json {
        let object = json!({
            "tickets": count,
            "confusion": table(&confusion),
            "changes": changes.iter().map(as_value).collect::<Vec<_>>(),
            "corrections": corrections.iter().map(Tally::as_value).collect::<Vec<_>>(),
        });
        writeln!(out, "{object}")?;
        return Ok(OK);
    }
    print_table(&confusion, count, out)?;
    for (ticket, replayed) in &changes {
        print_change(ticket, replayed, out)?;
    }
    for tally in &corrections {
        tally.print(out)?;
    }
    Ok(OK)
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    let of_date = |date: Date| {
        let midnight = date.to_zoned(TimeZone::UTC).ok();
        midnight.map(|midnight| midnight.timestamp())
    };
    let parsed = text.parse().ok();
    parsed
        .or_else(|| text.parse().ok().and_then(of_date))
        .ok_or_else(|| {
            let message = format!(
                "--since: `{text}` is not a date such as 2026-11-01 or a moment such as 2026-11-01T08:00:00Z"
            );
            Failure::new(USAGE, message)
        })
}

/// The new part of the mail that opened a ticket.
fn first_words(reader: &Reader, ticket: &Ticket) -> Result<Option<String>, StoreError> {
    let entries = reader.entries(ticket.id.number())?;
    let mut mails = entries.into_iter().filter(|e| e.kind == EntryKind::Mail);
    Ok(mails.next().map(|entry| entry.text))
}

fn table(confusion: &Confusion) -> Value {
    let row = |stored: Priority| {
        let cells = Priority::ALL.map(|now| (now.word(), confusion.count(stored, now)));
        (stored.word(), BTreeMap::from(cells))
    };
    json!(BTreeMap::from(Priority::ALL.map(row)))
}

fn as_value((ticket, replayed): &(Ticket, Replayed)) -> Value {
    let ranking = &replayed.ranking;
    json!({
        "ticket": ticket.id.to_string(),
        "subject": ticket.subject,
        "from": {
            "priority": ticket.priority.word(),
            "impact": ticket.impact,
            "urgency": ticket.urgency,
            "category": ticket.category,
            "team": ticket.team,
        },
        "to": {
            "priority": ranking.priority.word(),
            "impact": ranking.impact,
            "urgency": ranking.urgency,
            "category": ranking.category,
            "team": replayed.team,
        },
        "decided_by_technician": replayed.decided,
        "reasons": ranking.reasons,
    })
}

fn print_table(confusion: &Confusion, count: u32, out: &mut impl Write) -> std::io::Result<()> {
    let same: u32 = Priority::ALL.map(|p| confusion.count(p, p)).iter().sum();
    writeln!(
        out,
        "{}, {same} would keep the priority. Rows: as stored; columns: by the present rules.",
        counted(count, "ticket")
    )?;
    writeln!(
        out,
        "      {}",
        Priority::ALL
            .map(|now| format!("{:>6}", now.word()))
            .concat()
    )?;
    for stored in Priority::ALL {
        let cells = Priority::ALL.map(|now| format!("{:>6}", confusion.count(stored, now)));
        writeln!(out, "  {}  {}", stored.word(), cells.concat())?;
    }
    Ok(())
}

fn print_change(ticket: &Ticket, replayed: &Replayed, out: &mut impl Write) -> std::io::Result<()> {
    let decided = match replayed.decided {
        true => ", a technician decided",
        false => "",
    };
    let team = |team: &Option<String>| team.clone().unwrap_or_else(|| "-".to_owned());
    writeln!(
        out,
        "{} \"{}\": {} {} {} -> {} {} {}{decided}",
        ticket.id,
        shown(&ticket.subject),
        ticket.priority.word(),
        shown(&ticket.category),
        shown(&team(&ticket.team)),
        replayed.ranking.priority.word(),
        replayed.ranking.category,
        shown(&team(&replayed.team)),
    )?;
    writeln!(out, "    {}", shown(&replayed.ranking.sentence()))
}

/// Corrections of one kind.
struct Tally {
    about: &'static str,
    from: String,
    to: String,
    count: u32,
    /// The words behind the wrong level, the most frequent first.
    words: Vec<(String, u32)>,
}

/// Corrections by kind, the most frequent first.
fn tally(corrections: &[CorrectionView]) -> Vec<Tally> {
    type Kind<'c> = (&'static str, &'c str, &'c str);
    let mut kinds: BTreeMap<Kind<'_>, (u32, BTreeMap<String, u32>)> = BTreeMap::new();
    for CorrectionView { correction, .. } in corrections {
        let kind = (
            correction.about.word(),
            correction.from.as_str(),
            correction.to.as_str(),
        );
        let (count, words) = kinds.entry(kind).or_default();
        *count += 1;
        let spoke = correction.reasons.iter().filter(|reason| {
            let said = matches!(reason.r#where, Place::Subject | Place::Text);
            said && reason.about == correction.about && reason.level == correction.from
        });
        for reason in spoke {
            *words.entry(reason.because.to_lowercase()).or_default() += 1;
        }
    }
    let mut tallies: Vec<Tally> = kinds
        .into_iter()
        .map(|((about, from, to), (count, words))| {
            let mut words: Vec<_> = words.into_iter().collect();
            words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            words.truncate(WORDS_SHOWN);
            Tally {
                about,
                from: from.to_owned(),
                to: to.to_owned(),
                count,
                words,
            }
        })
        .collect();
    tallies.sort_by_key(|tally| std::cmp::Reverse(tally.count));
    tallies
}

impl Tally {
    fn as_value(&self) -> Value {
        let word = |(because, count): &(String, u32)| json!({ "because": because, "count": count });
        json!({
            "about": self.about,
            "from": self.from,
            "to": self.to,
            "count": self.count,
            "words": self.words.iter().map(word).collect::<Vec<_>>(),
        })
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let word = |(because, count): &(String, u32)| format!("\"{}\" {count}x", shown(because));
        let words: Vec<String> = self.words.iter().map(word).collect();
        let times = match self.count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        let because = match words.is_empty() {
            true => String::new(),
            false => format!(", ranked so because of {}", words.join(", ")),
        };
        writeln!(
            out,
            "corrected {times}: {} {} -> {}{because}",
            self.about,
            shown(&self.from),
            shown(&self.to)
        )
    }
}
