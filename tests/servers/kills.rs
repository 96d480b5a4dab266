//! guichet is killed at each of its crash points, started again, and nothing is lost or said twice.
//!
//! With the feature `failpoints` a crash point named in `FAILPOINTS` makes guichet kill itself with SIGKILL
//! (`cp6=3*off->return`: at the fourth passage). What came of it is judged from outside: by the mails that lie in
//! the readers' Maildirs, by guichet's own commands, and by SQLite's check of the file.
//! `GUICHET_KILLS` is the number of rounds for each point, 10 unless set, 500 at most.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet::config::settings::Tls;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::dovecot::Options;
use crate::mail::Draft;
use crate::postfix::requester;
use crate::process::await_some;
use crate::world::{ARRIVAL, Configuration, Done, SUPPORT, World};

/// The signal a crash point sends.
const SIGKILL: i32 = 9;
/// Letters are tried again after a second, and no budget holds one back: every letter is to be judged.
const LIMITS: &str = r#"retry = ["1s"]
automatic_per_address = { "1d" = 1000 }
automatic_per_ticket = { "1d" = 1000 }
automatic_total = { "1h" = 100000 }"#;

/// One place where guichet can be killed.
struct Point {
    /// Its name in `FAILPOINTS`.
    name: &'static str,
    /// Whether it strikes while a letter may have been taken over: that letter must then be flagged `unknown`.
    /// At other points a letter may be in doubt that was under way over another connection.
    in_doubt: bool,
    /// What becomes of a mail on the server.
    after: &'static str,
    /// What the server cannot do.
    without: &'static [&'static str],
    /// Size of each round's second mail, in bytes.
    size: usize,
}

impl Default for Point {
    fn default() -> Self {
        Point {
            name: "",
            in_doubt: false,
            after: "after = \"keyword\"",
            without: &[],
            size: 2_000,
        }
    }
}

/// A mail that was put into the mailbox, and what has to come of it.
enum Put {
    /// A ticket of its own with this subject, acknowledged once to this requester.
    First {
        id: String,
        subject: String,
        from: String,
    },
    /// One entry of the ticket that the mail `first` opened.
    Reply { id: String, first: String },
    /// Set aside, nobody told.
    Absence { id: String },
}

macro_rules! points {
    ($($(#[$what:meta])* $test:ident: $point:expr;)*) => {$(
        $(#[$what])*
        #[test]
        #[cfg_attr(not(feature = "failpoints"), ignore = "needs --features failpoints")]
        fn $test() {
            killed_at(&$point);
        }
    )*};
}

points! {
    /// After SEARCH, before the list of UIDs is committed.
    cp1_after_search: Point { name: "cp1", ..Point::default() };
    /// After the sizes are known.
    cp2_after_sizes: Point { name: "cp2", ..Point::default() };
    /// In the middle of a slice of a large mail.
    cp3_inside_a_slice: Point { name: "cp3", size: 3_000_000, ..Point::default() };
    /// The bytes are handed over, not yet synced.
    cp4_before_sync: Point { name: "cp4", ..Point::default() };
    /// The bytes are there, their row is not.
    cp5_before_receiving: Point { name: "cp5", ..Point::default() };
    /// Inside the transaction that receives.
    cp6_inside_receiving: Point { name: "cp6", ..Point::default() };
    /// Received, and no answer of the server since.
    cp7_after_receiving: Point { name: "cp7", ..Point::default() };
    /// The attempt is counted, the mail not yet read.
    cp8_before_reading: Point { name: "cp8", ..Point::default() };
    /// Inside the transaction that decides.
    cp9_inside_deciding: Point { name: "cp9", ..Point::default() };
    /// Decided, the mailbox not yet tidied.
    cp10_before_tidying: Point { name: "cp10", ..Point::default() };
    /// Copied to the other folder, not yet removed from the first.
    cp11_between_copy_and_expunge: Point {
        name: "cp11",
        after: "after = \"move\"\nmove_to = \"Done\"",
        without: &["MOVE"],
        ..Point::default()
    };
    /// The letter is claimed, nothing said to the server.
    cp12_before_mail: Point { name: "cp12", ..Point::default() };
    /// The letter's text is with the server, its final dot perhaps.
    cp13_at_the_dot: Point { name: "cp13", in_doubt: true, ..Point::default() };
    /// The server has said yes, we have not written it down.
    cp14_before_settling: Point { name: "cp14", in_doubt: true, ..Point::default() };
}

/// How many rounds each point gets.
fn rounds() -> usize {
    let text = std::env::var("GUICHET_KILLS").unwrap_or_else(|_| "10".to_owned());
    text.parse()
        .unwrap_or_else(|_| panic!("GUICHET_KILLS={text} is not a number of rounds"))
}

fn killed_at(point: &Point) {
    let world = World::start_with(&Options {
        without: point.without,
        ..Options::default()
    });
    world.configure(&Configuration {
        tls: Tls::None,
        after: point.after,
        limits: LIMITS,
        ..Configuration::default()
    });
    let mut put = Vec::new();
    let mut kills = 0;
    for round in 0..rounds() {
        put_in(&world, point, round, &mut put);
        // First after some passages, a different number in each round, then at the very first one.
        for passages in [round % 5, 0] {
            let points = format!("{}={passages}*off->return", point.name);
            let done = world.guichet_with(&["run", "--once"], &[("FAILPOINTS", &points)]);
            match (done.code, done.signal) {
                (_, Some(SIGKILL)) => kills += 1,
                (Some(0), _) => {} // fewer passages than that
                _ => panic!("{points}: {done:?}"),
            }
        }
        settle(&world);
    }
    assert!(kills > 0, "{} was never passed", point.name);
    world.postfix.await_empty_queue(ARRIVAL);
    check_file(&world);
    check_mails(&world, &put);
    check_letters(&world, point, kills, &put);
}

/// What waits in the mailbox when a round begins.
fn put_in(world: &World, point: &Point, round: usize, put: &mut Vec<Put>) {
    let draft = |from: &str, subject: String, text: String| Draft {
        from: from.to_owned(),
        to: SUPPORT.to_owned(),
        subject,
        text,
        ..Draft::default()
    };
    for (number, size) in [(2 * round, 200), (2 * round + 1, point.size)] {
        let from = requester(number);
        let subject = format!("Poste {number} en panne");
        let line = format!("Le poste {number} ne démarre plus depuis ce matin.\n");
        let text = line.repeat(size.div_ceil(line.len()));
        let id = world.drop_mail(&draft(&from, subject.clone(), text));
        put.push(Put::First { id, subject, from });
    }
    if let Some(before) = round.checked_sub(1) {
        let from = requester(2 * before);
        let subject = format!("Poste {} en panne", 2 * before);
        let first = put.iter().find_map(|one| match one {
            Put::First {
                id, subject: same, ..
            } if *same == subject => Some(id.clone()),
            _ => None,
        });
        let first = first.expect("put in the round before");
        let mut reply = draft(
            &from,
            format!("Re: {subject}"),
            format!("Toujours en panne ({round})."),
        );
        reply.references = vec![first.clone()];
        let id = world.drop_mail(&reply);
        put.push(Put::Reply { id, first });
    }
    let mut absence = draft(
        "jean@acme.example",
        format!("Absent {round}"),
        "Absent.".to_owned(),
    );
    absence.extra = Some(("Auto-Submitted", "auto-replied (vacation)"));
    let id = world.drop_mail(&absence);
    put.push(Put::Absence { id });
}

/// Starts guichet, unharmed, until no letter waits any more.
fn settle(world: &World) {
    let settled = await_some(Duration::from_secs(60), || {
        let Done { code, stderr, .. } = world.guichet(&["run", "--once"]);
        assert_eq!(code, Some(0), "{stderr}");
        let waits = |letter: &Value| letter["state"] == "queued" || letter["state"] == "sending";
        let left = world.json(&["outbox", "--json"]);
        (!left.iter().any(waits)).then_some(())
    });
    let left = || world.json(&["outbox", "--json"]);
    assert!(settled.is_some(), "letters wait for ever: {:?}", left());
}

/// SQLite finds nothing wrong with the file.
fn check_file(world: &World) {
    let file = world.file("guichet.db");
    let store = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let word = |pragma: &str| {
        let row = store.query_row(pragma, [], |row| row.get::<_, String>(0));
        row.unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(word("PRAGMA integrity_check"), "ok");
    // No row: no reference leads nowhere.
    assert_eq!(word("PRAGMA foreign_key_check"), "Query returned no rows");
}

/// Every mail became what it had to become, once.
fn check_mails(world: &World, put: &[Put]) {
    let tickets = world.json(&["tickets", "--all", "--json"]);
    let aside = world.json(&["quarantine", "list", "--json"]);
    let shelved = |id: &str| aside.iter().filter(|mail| mail["message_id"] == id).count();
    let ticket_of = |id: &str| {
        let story = world.json(&["why", id, "--json"]).remove(0);
        let ticket = story["ticket"].as_str().unwrap_or_default().to_owned();
        assert!(!ticket.is_empty(), "{id} belongs to no ticket: {story}");
        ticket
    };
    let mut opened = 0;
    for one in put {
        match one {
            Put::First { id, subject, from } => {
                let mine = tickets
                    .iter()
                    .filter(|ticket| ticket["subject"] == subject.as_str());
                let mine: Vec<_> = mine.collect();
                assert_eq!(mine.len(), 1, "tickets of {subject}: {mine:?}");
                assert_eq!(mine[0]["requester"], from.as_str());
                assert_eq!(mine[0]["id"], ticket_of(id).as_str());
                assert_eq!(shelved(id), 0, "{id} is a ticket and set aside");
                opened += 1;
            }
            Put::Reply { id, first } => {
                let ticket = ticket_of(first);
                assert_eq!(ticket_of(id), ticket);
                let shown = world.json(&["ticket", "show", &ticket, "--json"]).remove(0);
                let entries = shown["entries"].as_array().cloned().unwrap_or_default();
                let mine = entries
                    .iter()
                    .filter(|entry| entry["message_id"] == id.as_str());
                assert_eq!(mine.count(), 1, "entries of {id}: {entries:?}");
                assert_eq!(shelved(id), 0, "{id} is an entry and set aside");
            }
            Put::Absence { id } => assert_eq!(shelved(id), 1, "{id}: {aside:?}"),
        }
    }
    assert_eq!(tickets.len(), opened, "more tickets than first mails");
}

/// Every letter arrived once, or says that nobody knows; nobody got one that is not written down.
fn check_letters(world: &World, point: &Point, kills: usize, put: &[Put]) {
    let rows = world.json(&["outbox", "--all", "--json"]);
    let mut copies: BTreeMap<(String, String), usize> = BTreeMap::new();
    for reader in world
        .dovecot
        .users()
        .into_iter()
        .filter(|user| user != SUPPORT)
    {
        for mail in world.mails(&reader) {
            *copies.entry((reader.clone(), mail.id)).or_default() += 1;
        }
    }
    let mut unknown = 0;
    for row in &rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let arrived = copies
            .remove(&(text("to"), text("message_id")))
            .unwrap_or(0);
        match text("state").as_str() {
            "sent" => assert_eq!(arrived, 1, "copies of {row}"),
            "unknown" => {
                assert!(arrived <= 1, "{arrived} copies of {row}");
                unknown += 1;
            }
            _ => panic!("neither sent nor in doubt: {row}"),
        }
    }
    assert!(copies.is_empty(), "letters nobody wrote down: {copies:?}");
    if point.in_doubt {
        assert!(unknown >= kills, "{kills} kills, {unknown} flagged");
    }
    for one in put {
        if let Put::First { subject, from, .. } = one {
            let acknowledged =
                |row: &&Value| row["to"] == from.as_str() && row["notice"] == "acknowledgement";
            assert_eq!(rows.iter().filter(acknowledged).count(), 1, "{subject}");
        }
    }
}
