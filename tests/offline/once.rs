//! Reminders, closings, nudges and letters to outside firms are written once, whatever is killed.
//!
//! Another process deals with what has come and what is due, and is killed: at any moment, or, with the feature `failpoints`,
//! inside each of its transactions. What comes of it in the end is what comes of it undisturbed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use guichet::gateway::{self, Gateway};
use guichet::intake;
use guichet::store::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::killed::{self, Killed};
use crate::talk::{ANN, MARIE, PAUL, Talk};
use crate::world::{Arrival, CONFIG, World, record};

/// How many days the story lasts; its last letter is a closing on the eleventh working day.
const DAYS: i64 = 21;
/// The noon of its first day, after which nothing but time happens.
const FIRST: &str = "2026-11-24T11:00:00Z";

fn noon(day: i64) -> Timestamp {
    let first: Timestamp = FIRST.parse().expect("a moment");
    first + SignedDuration::from_hours(24 * day)
}

/// Marie's tickets: one waits for her, one for Orange, one has a promise, and one is being handed to Orange by a mail that
/// nobody has looked at yet.
fn scene() -> World {
    let mut talk = Talk::new(CONFIG);
    for subject in ["Scanner", "Internet", "Telephone", "Caisse"] {
        talk.writes(MARIE, subject, &format!("{subject} est en panne."));
        talk.now += SignedDuration::from_mins(11);
    }
    talk.answers(
        ANN,
        "new-ticket about INC-1",
        "/prends\r\n/attente\r\n\r\nQuel papier ?",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/prends\r\n/transmettre orange plus de synchro",
    );
    talk.answers(PAUL, "new-ticket about INC-3", "/take\r\n\r\nI look at it.");
    let order = talk.answer(
        PAUL,
        "new-ticket about INC-4",
        "/take\r\n/handoff orange no tone",
    );
    let now = talk.now;
    let arrival = Arrival::at_support("waiting", order);
    talk.world.write(move |tx| record(tx, arrival, now));
    talk.world
}

/// What the daemon does: mails that wait are decided, then what is due is dealt with, each in a transaction.
fn deal(gateway: &Arc<Gateway>, now: Timestamp) {
    gateway.clock.set(now);
    let shared = gateway.clone();
    let mails = move |tx: &Tx<'_>| -> Result<(), StoreError> {
        let taken = tx.take_waiting(0, 10, u64::MAX)?;
        for waiting in tx.fetch(taken)? {
            let rules = &shared.read_rules[&waiting.desk];
            let mail = intake::read(&waiting.bytes, rules);
            gateway::handle(&shared, tx, &waiting, mail, None, now)?;
        }
        Ok(())
    };
    let store = &gateway.store;
    store.write_blocking(mails).expect("mails are decided");
    let shared = gateway.clone();
    let due = move |tx: &Tx<'_>| gateway::tick(&shared, tx, now);
    store
        .write_blocking(due)
        .expect("what is due is dealt with");
}

/// Not a test of its own: what the others start and kill.
#[test]
fn child_that_deals_with_what_is_due() {
    let Some((config, now)) = killed::asked() else {
        return;
    };
    #[cfg(feature = "failpoints")]
    let _points = fail::FailScenario::setup();
    deal(&killed::open(&config, now), now);
}

fn start(world: &World, now: Timestamp, points: &str) -> Killed {
    let config = world.folder().join("guichet.toml");
    Killed::start(
        "once::child_that_deals_with_what_is_due",
        &config,
        now,
        points,
    )
}

/// How many letters of each kind there are about each ticket to each recipient.
fn letters(world: &World) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for letter in world.letters() {
        let what = format!("{} {} to {}", letter.about(), letter.notice, letter.to);
        *found.entry(what).or_default() += 1;
    }
    found
}

/// What comes of it undisturbed.
fn undisturbed() -> BTreeMap<String, u32> {
    let world = scene();
    for day in 0..DAYS {
        deal(&world.gateway, noon(day));
    }
    let found = letters(&world);
    for (what, count) in [
        ("INC-1 reminder to marie@acme.example", 2),
        ("INC-1 closed to marie@acme.example", 1),
        ("INC-2 reminder to support@orange.example", 1),
        ("INC-2 reminder to ann@example.org", 1),
        ("INC-4 handoff to support@orange.example", 1),
        ("INC-4 reminder to support@orange.example", 1),
        ("INC-4 reminder to paul@example.org", 1),
    ] {
        assert_eq!(found.get(what), Some(&count), "{what} in {found:#?}");
    }
    assert!(
        found.contains_key("INC-3 progress to marie@acme.example"),
        "{found:#?}"
    );
    found
}

#[test]
fn exactly_once_whatever_is_killed() {
    let expected = undisturbed();
    let world = scene();
    let kills = killed::kills();
    let (mut draw, mut dead) = (kills, 0);
    for day in 0..DAYS {
        for _ in 0..kills.div_ceil(u64::try_from(DAYS).unwrap_or(1)) {
            draw = killed::next(draw);
            let mut child = start(&world, noon(day), "");
            std::thread::park_timeout(Duration::from_micros((draw >> 33) % 60_000));
            dead += u64::from(child.kill());
            let _ended = child.end();
        }
        // Twice: what was dealt with is over.
        for _ in 0..2 {
            deal(&world.gateway, noon(day));
        }
    }
    assert_eq!(letters(&world), expected);
    println!("{dead} killed");
}

#[test]
#[cfg_attr(not(feature = "failpoints"), ignore = "needs --features failpoints")]
fn killed_inside_its_transactions_nothing_is_written_by_halves() {
    let expected = undisturbed();
    let world = scene();
    for day in 0..DAYS {
        for point in ["cp9", "cp15"] {
            for passage in 0..4 {
                let before = letters(&world);
                let points = format!("{point}={passage}*off->return");
                let status = start(&world, noon(day), &points).end();
                let signal = std::os::unix::process::ExitStatusExt::signal(&status);
                if signal.is_none() {
                    break; // there was less to do than that
                }
                assert_eq!(signal, Some(9), "{point}, {passage}");
                let after = letters(&world);
                let has_decided = day == 0 && point == "cp15"; // the mail's transaction is the one before
                assert!(
                    after == before || has_decided,
                    "{point}, {passage}: {after:#?}"
                );
            }
        }
        deal(&world.gateway, noon(day));
    }
    assert_eq!(letters(&world), expected);
}
