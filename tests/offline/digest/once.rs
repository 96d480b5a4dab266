//! A digest is written once for its reader and period, whatever is killed and wherever clocks jump.
//!
//! Another process writes the digests that are due and is killed: at any moment, or, with the feature `failpoints`, at each of
//! its crash points. Week after week: each has its sending moment, before, at and after which writers are started.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use guichet::cli::rehearse::{self, Plan};
use guichet::gateway::Gateway;
use guichet::gateway::digests;
use guichet::intake::{self, ReadRules};
use guichet::store::Store;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{CONFIG, at};
use crate::killed::{self, Killed, open};

/// Writers that are started around each sending moment; the clock of each stands at one of these, in seconds from it.
const CLOCKS: [i64; 8] = [0, -3_600, 1, -1, 86_400, -7 * 86_400, 0, 30];
/// Those who read digests by `CONFIG`.
const READERS: usize = 2;

/// Not a test of its own: what the others start and kill. Writes the digests that are due at a moment, as a new process would.
#[test]
fn child_that_writes_digests() {
    let Some((config, now)) = killed::asked() else {
        return;
    };
    #[cfg(feature = "failpoints")]
    let _points = fail::FailScenario::setup();
    let gateway = open(&config, now);
    digests::send_due(&gateway, now).expect("digests are written");
}

fn writer(config: &Path, now: Timestamp, points: &str) -> Killed {
    Killed::start(
        "digest::once::child_that_writes_digests",
        config,
        now,
        points,
    )
}

/// A folder with a desk that had some tickets, and whose readers are known since before the first of the weeks.
fn desk() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("guichet.toml");
    std::fs::write(&file, CONFIG).expect("the configuration is written");
    let gateway = open(&file, sending(0));
    let plan = Plan {
        seed: 5,
        tickets: 400,
        from: at("2026-01-01T00:00:00Z"),
        days: 365,
    };
    rehearse::year(&gateway.store, plan).expect("some tickets are written");
    digests::send_due(&gateway, sending(0)).expect("readers are noted");
    (folder, file)
}

/// Monday at eight in Paris, so many weeks after the second of February 2026; daylight saving comes and goes.
fn sending(week: usize) -> Timestamp {
    let weeks = i64::try_from(week).expect("few weeks");
    let monday = jiff::civil::date(2026, 2, 2).at(8, 0, 0, 0);
    let zoned = monday.in_tz("Europe/Paris").expect("Paris");
    zoned
        .checked_add(weeks.weeks())
        .expect("a date")
        .timestamp()
}

/// How many letters there are for each reader and subject.
fn letters(gateway: &Gateway) -> BTreeMap<(String, String), u32> {
    let reader = gateway.store.reader().expect("the store can be read");
    let mut sent: BTreeMap<(String, String), u32> = BTreeMap::new();
    for letter in reader.letters(true).expect("letters can be read") {
        let bytes = reader
            .letter_bytes(letter.id)
            .expect("bytes")
            .expect("bytes");
        let subject = intake::read(&bytes, &ReadRules::default()).subject;
        *sent
            .entry((letter.to, subject.expect("a subject")))
            .or_default() += 1;
    }
    sent
}

/// How many letters there are, asked of the database alone: templates take longer to load than all else.
fn count(config: &Path) -> usize {
    let store = Store::open(&config.with_file_name("guichet.db")).expect("a database");
    let reader = store.reader().expect("the store can be read");
    reader.letters(true).expect("letters can be read").len()
}

#[test]
fn exactly_once_whatever_is_killed_and_wherever_clocks_jump() {
    let kills = killed::kills();
    let (_folder, file) = desk();
    // By how far the writing had come: nothing, the first of two letters, all.
    let (mut draw, mut dead, mut round, mut reached) = (kills, 0, 0, [0_u32; READERS + 1]);
    while dead < kills {
        let week = 1 + round / CLOCKS.len();
        let now = sending(week) + SignedDuration::from_secs(CLOCKS[round % CLOCKS.len()]);
        draw = killed::next(draw);
        round += 1;
        let before = count(&file);
        let mut writer = writer(&file, now, "");
        // Half of them die while they count and write, the others later and later; every twentieth lives.
        if round % 20 != 0 {
            let longest = [40_000, 400_000][round % 2];
            std::thread::park_timeout(Duration::from_micros((draw >> 33) % longest));
            dead += u64::from(writer.kill());
        }
        let _ended = writer.end();
        reached[(count(&file) - before).min(READERS)] += 1;
    }
    let weeks = 1 + (round - 1) / CLOCKS.len();
    for week in 1..=weeks {
        digests::send_due(&open(&file, sending(week)), sending(week)).expect("digests are written");
    }
    let sent = letters(&open(&file, sending(0)));
    assert!(sent.values().all(|count| *count == 1), "{sent:?}");
    assert_eq!(
        sent.len(),
        READERS * weeks,
        "every week for every reader: {sent:?}"
    );
    println!("{dead} killed in {weeks} weeks; letters written by then: {reached:?}");
    assert!(
        kills < 100 || reached.iter().all(|times| *times > 0),
        "killed before, between and after: {reached:?}"
    );
}

#[test]
#[cfg_attr(not(feature = "failpoints"), ignore = "needs --features failpoints")]
fn killed_at_each_of_its_crash_points_it_is_written_once() {
    let (_folder, file) = desk();
    let mut week = 0;
    for point in ["digest-before", "digest-between", "digest-after"] {
        for passage in 0..READERS {
            week += 1;
            let now = sending(week);
            let points = format!("{point}={passage}*off->return");
            let status = writer(&file, now, &points).end();
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            assert_eq!(signal, Some(9), "{point}, {passage}: {status}");
            let written = count(&file) - READERS * (week - 1);
            let wanted = passage + usize::from(point == "digest-after");
            assert_eq!(written, wanted, "{point}, {passage}: nothing by halves");
            for _ in 0..2 {
                assert!(writer(&file, now, "").end().success());
            }
            assert_eq!(count(&file), READERS * week, "{point}, {passage}");
        }
    }
    assert!(
        letters(&open(&file, sending(week)))
            .values()
            .all(|count| *count == 1)
    );
}
