//! Golden cases: mails in, effects and letters out, byte for byte.
//!
//! A case is a folder named after what happens. `steps.txt` says what comes when; `effects.txt` and `letters/` hold
//! what follows, and are rewritten with `UPDATE_GOLDEN=1`. A line of `steps.txt` is one of
//!
//! ```text
//! 2026-11-23T09:00:00+01:00  1.eml                      a mail arrives at the desk `support`
//! 2026-11-23T09:00:00+01:00  1.eml at sales             ... at another desk
//! 2026-11-30T09:00:00+01:00  time passes                what is due by then is dealt with
//! ```
//!
//! What a mail says of the letter it answers is filled in, see `answers.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use guichet::desk::ticket::Ticket;
use jiff::Timestamp;

use crate::world::{Arrival, World, compare, is_updating};
use crate::{answers, privacy};

#[test]
fn every_case_has_the_effects_and_letters_it_is_known_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of the cases")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    let quarters = cases.chunks(cases.len().div_ceil(4));
    let failures: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = quarters
            .map(|some| scope.spawn(|| some.iter().flat_map(|case| run(case)).collect::<Vec<_>>()))
            .collect();
        let done = running.into_iter().map(|quarter| quarter.join());
        done.flat_map(|failures| failures.expect("a case panicked, see above"))
            .collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// Runs a case; gives what differs.
fn run(case: &Path) -> Vec<String> {
    let own = fs::read_to_string(case.join("desk.toml"));
    let world = own.map_or_else(|_| World::new(), |config| World::with(&config));
    let steps = fs::read_to_string(case.join("steps.txt"))
        .unwrap_or_else(|error| panic!("{}/steps.txt: {error}", case.display()));
    let mut report = Report::default();
    for (number, line) in (1..).zip(steps.lines().filter(|line| !line.trim().is_empty())) {
        let (moment, what) = line.trim().split_once(' ').expect("a moment and a step");
        let now: Timestamp = moment
            .parse()
            .expect("a moment such as 2026-11-23T09:00:00Z");
        let _ = writeln!(
            report.text,
            "{}== {line}",
            if number > 1 { "\n" } else { "" }
        );
        match what.trim() {
            "time passes" => world.tick(now),
            mail => {
                let (file, desk) = mail.split_once(" at ").unwrap_or((mail, "support"));
                let bytes = fs::read_to_string(case.join(file))
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
                let arrival = Arrival {
                    desk: desk.to_owned(),
                    place: format!("{number}"),
                    bytes: answers::fill(&world, &bytes).into_bytes(),
                };
                let (id, _) = world.receive(arrival, now);
                report.filing(&world, id);
            }
        }
        report.changes(&world);
    }
    let mut failures: Vec<String> = compare(&case.join("effects.txt"), report.text.as_bytes())
        .err()
        .into_iter()
        .collect();
    failures.extend(letters(&world, &case.join("letters")));
    failures.extend(
        privacy::leaks(&world)
            .into_iter()
            .map(|leak| format!("{}: {leak}", case.display())),
    );
    failures
}

/// Compares the letters with the files of the folder, one for each.
fn letters(world: &World, folder: &Path) -> Vec<String> {
    if is_updating() && folder.exists() {
        fs::remove_dir_all(folder).expect("old letters can be removed");
    }
    let letters = world.letters();
    let names: Vec<String> = letters
        .iter()
        .map(|letter| {
            format!(
                "{}-{}-{}.eml",
                letter.id,
                letter.notice,
                letter.to.split('@').next().unwrap_or_default()
            )
        })
        .collect();
    let mut failures: Vec<String> = letters
        .iter()
        .zip(&names)
        .filter_map(|(letter, name)| {
            compare(&folder.join(name), &world.letter_bytes(letter.id)).err()
        })
        .collect();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !names.contains(&name) {
            failures.push(format!("{} was not written", entry.path().display()));
        }
    }
    failures
}

/// What follows from each step, as it stands in the store.
#[derive(Default)]
struct Report {
    text: String,
    states: BTreeMap<String, String>,
    entries: BTreeMap<String, usize>,
    letters: BTreeMap<i64, String>,
}

impl Report {
    fn filing(&mut self, world: &World, id: i64) {
        let mail = world.mail(id);
        assert!(!mail.reasons.is_empty(), "every filing says why (I24)");
        let ticket = mail
            .ticket
            .map(|number| format!(" with INC-{number}"))
            .unwrap_or_default();
        let outcome = mail.outcome.expect("no mail ends without an outcome");
        let _ = writeln!(self.text, "{outcome}{ticket}: {}", mail.reasons.join("; "));
    }

    fn changes(&mut self, world: &World) {
        for ticket in world.tickets() {
            let id = ticket.id.to_string();
            let state = state(&ticket);
            if self.states.get(&id) != Some(&state) {
                let _ = writeln!(self.text, "\n{id} is {state}");
                self.states.insert(id.clone(), state);
            }
            let entries = world.entries(&ticket);
            let known = self.entries.insert(id.clone(), entries.len()).unwrap_or(0);
            for entry in entries.iter().skip(known) {
                let text = entry.text.trim_end().replace('\n', "\n      ");
                let _ = writeln!(
                    self.text,
                    "  {id} {} by {}: {text}",
                    entry.kind.word(),
                    entry.by
                );
            }
        }
        for letter in world.letters() {
            let reason = match letter.reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            let state = format!("{}{reason}", letter.state);
            let known = self.letters.insert(letter.id.0, state.clone());
            if known.as_ref() != Some(&state) {
                let _ = writeln!(
                    self.text,
                    "  letter {} about {}: {} to {}, {state}",
                    letter.id,
                    letter.about(),
                    letter.notice,
                    letter.to
                );
            }
        }
    }
}

/// Everything about a ticket that can change, in a few lines.
fn state(ticket: &Ticket) -> String {
    let or_nobody = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
    let mut state = format!(
        "{}, {} ({} x {}), {}: \"{}\"\n  requester {} ({}), organisation {}, team {}, assignee {}",
        ticket.status.word(),
        ticket.priority.word(),
        ticket.impact.word(),
        ticket.urgency.word(),
        ticket.category,
        ticket.subject,
        ticket.requester.address,
        ticket.requester.locale,
        or_nobody(&ticket.organisation),
        or_nobody(&ticket.team),
        or_nobody(&ticket.assignee),
    );
    let mut more = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(state, "\n  {name} {value}");
        }
    };
    let list = |items: Vec<String>| (!items.is_empty()).then(|| items.join(", "));
    more(
        "watchers",
        list(ticket.watchers.iter().map(ToString::to_string).collect()),
    );
    more(
        "links",
        list(ticket.links.iter().map(ToString::to_string).collect()),
    );
    more("cause", ticket.cause.clone());
    more("solution", ticket.solution.clone());
    more(
        "minutes",
        (ticket.minutes_spent > 0).then(|| ticket.minutes_spent.to_string()),
    );
    more("next news", ticket.next_news_at.map(|at| at.to_string()));
    state
}
