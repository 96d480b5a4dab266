//! Conversations drawn by chance from a small alphabet: whatever people write in whatever order, some things always hold.
//!
//! Each mail ends with exactly one filing that gives its reasons; of a mail's commands all are carried out or none; the same
//! input gives the same effects; and what one organisation wrote never reaches another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use guichet::desk::event::Effect;
use guichet::desk::ticket::Change;
use guichet::gateway;
use guichet::intake;
use guichet::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::answers::header;
use crate::world::{Arrival, World};

const WRITERS: [(&str, &str); 7] = [
    ("marie@acme.example", "acme"),
    ("luc@acme.example", "acme"),
    ("karim@boutiques.example", "boutiques"),
    ("eve@elsewhere.example", "elsewhere"),
    ("mallory@nowhere.example", "nowhere"),
    ("ann@example.org", "staff"),
    ("paul@example.org", "staff"),
];

/// Commands carried out in all the conversations, so that their rule is not kept by silence.
static CARRIED_OUT: AtomicUsize = AtomicUsize::new(0);

/// Commands that each leave a change of their own; the last two are never carried out.
const COMMANDS: [&str; 7] = [
    "/p2",
    "/time 10m",
    "/category vpn",
    "/cause worn out",
    "/solution a new one",
    "/resolv",
    "/assign nobody",
];
const REFUSED: usize = 5;

const WORDS: [&str; 6] = [
    "It is broken.",
    "Merci !",
    "Oui",
    "No, not yet.",
    "C'est urgent, tout est bloqué !",
    "",
];

const SIGNS: [&str; 5] = [
    "",
    "",
    "",
    "Auto-Submitted: auto-replied\r\n",
    "List-Id: <all.acme.example>\r\n",
];

/// How a mail shows what it is about.
#[derive(Clone, Copy, Debug)]
enum Answers {
    Nothing,
    /// The address, the ids, both or the subject of a letter: of its own reader's or of anybody's.
    Address(usize),
    Parents(usize),
    Both(usize),
    Subject(usize),
}

#[derive(Clone, Debug)]
struct Draft {
    writer: usize,
    answers: Answers,
    own_letters: bool,
    commands: Vec<usize>,
    words: usize,
    sign: usize,
    minutes: i64,
    again: bool,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let letter = any::<prop::sample::Index>().prop_map(|index| index.index(1000));
    let answers = prop_oneof![
        2 => Just(Answers::Nothing),
        2 => letter.clone().prop_map(Answers::Address),
        2 => letter.clone().prop_map(Answers::Parents),
        3 => letter.clone().prop_map(Answers::Both),
        1 => letter.prop_map(Answers::Subject),
    ];
    let draft = (
        0..WRITERS.len(),
        answers,
        prop::bool::weighted(0.8),
        prop::sample::subsequence((0..COMMANDS.len()).collect::<Vec<_>>(), 0..4),
        0..WORDS.len(),
        0..SIGNS.len(),
        prop_oneof![4 => 1..60_i64, 1 => 1440..20_000_i64],
        prop::bool::weighted(0.1),
    );
    let draft = draft.prop_map(
        |(writer, answers, own_letters, commands, words, sign, minutes, again)| Draft {
            writer,
            answers,
            own_letters,
            commands,
            words,
            sign,
            minutes,
            again,
        },
    );
    prop::collection::vec(draft, 1..16)
}

impl Draft {
    fn write(&self, world: &World, number: usize, now: Timestamp) -> String {
        let (address, organisation) = WRITERS[self.writer];
        let mut letters = world.letters();
        if self.own_letters {
            letters.retain(|letter| letter.to == address);
        }
        let letter = |index: usize| letters.get(index % letters.len().max(1));
        let field = |index: usize, name: &str| {
            letter(index).and_then(|letter| header(&world.letter_bytes(letter.id), name))
        };
        let parents = |index: usize| {
            let id =
                letter(index).map(|letter| format!("In-Reply-To: <{}>\r\n", letter.message_id));
            id.unwrap_or_default()
        };
        let support = || "support@example.org".to_owned();
        let (to, subject, parents) = match self.answers {
            Answers::Nothing => (support(), None, String::new()),
            Answers::Address(index) => (
                field(index, "Reply-To").unwrap_or_else(support),
                None,
                String::new(),
            ),
            Answers::Parents(index) => (support(), None, parents(index)),
            Answers::Both(index) => (
                field(index, "Reply-To").unwrap_or_else(support),
                field(index, "Subject"),
                parents(index),
            ),
            Answers::Subject(index) => (support(), field(index, "Subject"), String::new()),
        };
        let commands: String = self
            .commands
            .iter()
            .map(|command| format!("{}\r\n", COMMANDS[*command]))
            .collect();
        // Staff may pass on what it reads; the others mark each mail with their organisation.
        let mark = if organisation == "staff" {
            String::new()
        } else {
            format!("secret-of-{organisation}\r\n")
        };
        let words = WORDS[self.words];
        let tail = if self.words.is_multiple_of(2) {
            mark
        } else {
            String::new()
        };
        format!(
            "From: {address}\r\nTo: {to}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{number}@chance.example>\r\n{parents}{}\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{commands}\r\n{words}\r\n{tail}",
            subject.unwrap_or_else(|| "Trouble".to_owned()),
            now.strftime("%a, %d %b %Y %T +0000"),
            SIGNS[self.sign],
        )
    }
}

/// Whether an effect is what the command orders.
fn is_done_by(command: usize, effect: &Effect) -> bool {
    let change = match effect {
        Effect::Change(_, change) => change,
        // What somebody says of the urgency is noted with the rank too; only a technician's order is an entry of theirs.
        Effect::Append(_, entry) => {
            return command == 0 && entry.kind.word() == "priority" && entry.by != "guichet";
        }
        _ => return false,
    };
    match command {
        1 => matches!(change, Change::Minutes(10)),
        2 => matches!(change, Change::Category(category) if category == "vpn"),
        3 => matches!(change, Change::Cause(_)),
        4 => matches!(change, Change::Solution(_)),
        _ => false,
    }
}

/// What the desk would do, asked twice and undone.
fn asked_twice(world: &World, arrival: &Arrival, now: Timestamp) -> (String, String) {
    let (shared, arrival) = (world.gateway.clone(), arrival.clone());
    let answers = Arc::new(Mutex::new(Vec::new()));
    let kept = answers.clone();
    let rules = world.read_rules(&arrival.desk);
    let undone = world
        .gateway
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            let Some(waiting) = crate::world::take(tx, arrival, now)? else {
                return Err(StoreError::Imagined);
            };
            for _ in 0..2 {
                let mail = intake::read(&waiting.bytes, &rules);
                let effects = gateway::decided(&shared, tx, &waiting, mail, None, now)?;
                kept.lock()
                    .expect("nobody panicked")
                    .push(format!("{effects:?}"));
            }
            Err(StoreError::Imagined)
        });
    assert!(matches!(undone, Err(StoreError::Imagined)), "{undone:?}");
    let mut answers = answers.lock().expect("nobody panicked").clone();
    let second = answers.pop().unwrap_or_default();
    (answers.pop().unwrap_or_default(), second)
}

fn holds(drafts: &[Draft]) -> Result<(), TestCaseError> {
    let world = World::new();
    let mut now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("a moment");
    for (number, draft) in (1..).zip(drafts) {
        now += SignedDuration::from_mins(draft.minutes);
        world.tick(now);
        let mail = draft.write(&world, number, now);
        let arrival = Arrival::at_support(number.to_string(), mail.clone());
        let (first, second) = asked_twice(&world, &arrival, now);
        prop_assert_eq!(first, second, "the same input, the same effects");
        let (id, effects) = world.receive(arrival, now);

        let filings = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::File(_)))
            .count();
        prop_assert_eq!(filings, 1, "{}", mail);
        let filed = world.mail(id);
        prop_assert!(
            filed.outcome.is_some() && filed.state == "decided",
            "{:?}",
            filed
        );
        prop_assert!(
            filed.reasons.iter().any(|reason| !reason.is_empty()),
            "{:?}",
            filed
        );

        let is_staff = WRITERS[draft.writer].1 == "staff";
        let done = draft
            .commands
            .iter()
            .filter(|command| effects.iter().any(|effect| is_done_by(**command, effect)))
            .count();
        let is_refused = draft.commands.iter().any(|command| *command >= REFUSED);
        let all = is_staff && !is_refused && done == draft.commands.len();
        prop_assert!(
            done == 0 || all,
            "{done} of {:?} were carried out:\n{mail}",
            draft.commands
        );

        CARRIED_OUT.fetch_add(done, Ordering::Relaxed);

        if filed.outcome.as_deref() == Some("joined") {
            let tickets = world.tickets();
            let ticket = tickets
                .iter()
                .find(|ticket| Some(ticket.id.number().get()) == filed.ticket);
            let requester = &ticket.expect("it was joined").requester.address;
            let organisation = WRITERS
                .iter()
                .find(|(address, _)| *address == requester.as_str());
            let (_, own) = WRITERS[draft.writer];
            let is_entitled = is_staff || organisation.is_some_and(|(_, other)| *other == own);
            prop_assert!(
                is_entitled,
                "{own} joined a ticket of {requester} (I13):\n{mail}"
            );
        }

        if draft.again {
            let copy = Arrival::at_support(format!("{number} again"), mail);
            let (_, effects) = world.receive(copy, now);
            prop_assert!(
                matches!(effects.as_slice(), [Effect::File(_)]),
                "a copy changes nothing: {effects:?}"
            );
        }
    }
    for ticket in world.tickets() {
        let told = crate::targets::told(&world, &ticket);
        prop_assert!(told.is_ok(), "{}: {told:?}", ticket.id);
    }
    for letter in world.letters() {
        let reader = WRITERS.iter().find(|(address, _)| *address == letter.to);
        let (_, organisation) = reader.expect("only people of the alphabet are written to");
        let text = world.letter(letter.id).text;
        for (_, other) in WRITERS
            .iter()
            .filter(|(_, other)| other != organisation && *organisation != "staff")
        {
            let secret = format!("secret-of-{other}");
            prop_assert!(
                !text.contains(&secret),
                "{} to {}:\n{text}",
                letter.notice,
                letter.to
            );
        }
    }
    Ok(())
}

#[test]
fn whatever_is_written_some_things_always_hold() {
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&drafts(), |drafts| holds(&drafts))
        .unwrap_or_else(|failure| panic!("{failure}"));
    let carried_out = CARRIED_OUT.load(Ordering::Relaxed);
    assert!(
        carried_out > 0,
        "no command was ever proven: the alphabet is too small"
    );
}
