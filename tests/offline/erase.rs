//! `guichet erase`: nothing of a person is left in the file, what is counted is as before, and nobody else loses a word.
//!
//! The stories are told by people with words that occur nowhere else; the database is read as bytes for them, before and after.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use guichet::desk::ids::Address;
use guichet::desk::letter::Delivery;
use guichet::desk::ticket::{EntryKind, Status};
use guichet::desk::triage::Priority;
use guichet::gateway::Gateway;
use guichet::gateway::erasing::{self, Erased, Found};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::killed::{self, Killed};
use crate::talk::{ANN, KARIM, LUC, MARIE, Talk, guichet};
use crate::world::{self, Arrival, CONFIG, World};

/// Who is erased, and how they write.
const ZEB: &str = "Zebediah Quillfeather <zq@acme.example>";
const HOME: &str = "Zebediah Quillfeather <feather@home.example>";
const ADDRESSES: [&str; 2] = ["zq@acme.example", "feather@home.example"];

/// What occurs in what they wrote, in what others wrote of them, and nowhere else.
const CANARIES: [&str; 12] = [
    "Zebediah",
    "Quillfeather",
    "zq@acme",
    "feather@home",
    "saffron-words",
    "saffron-answer",
    "saffron-comment",
    "saffron-outage",
    "Saffron printer",
    "98 76 54 32",
    "saffron-invoice",
    "saffron-laptop",
];

/// Digests are read by somebody, or none would be written.
fn config() -> String {
    format!("{CONFIG}\n[digest.reader.boss]\naddress = \"boss@example.org\"\n")
}

/// A conversation in which Zebediah reports, answers, watches, is quoted, grouped, merged, rated, noted and drafted.
fn story() -> Talk {
    let mut talk = Talk::new(&config());
    let report = "From: Zebediah Quillfeather <zq@acme.example>\r\nTo: support@example.org\r\nSubject: Saffron printer is silent\r\n\
         Date: Tue, 24 Nov 2026 08:00:30 +0000\r\nMessage-ID: <1.saffron-laptop@acme.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         The VPN drops me, saffron-words of it.\r\nCall me: 06 98 76 54 32\r\n--b\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename=\"saffron-invoice.pdf\"\r\n\r\n%PDF-1.4\r\n--b--\r\n";
    talk.mails += 1;
    talk.hand_in(report);
    let quoted = "/take\r\n\r\nI look at it.\r\n\r\nLe 24/11/2026, Zebediah Quillfeather a écrit :\r\n> The VPN drops me, saffron-words of it.\r\n> Call me: 06 98 76 54 32";
    talk.answers(ANN, "new-ticket about INC-1", quoted);
    talk.answers(
        ANN,
        "new-ticket about INC-1",
        "/note\r\nZebediah called from 06 98 76 54 32:\r\nThe VPN drops me, saffron-words of it.",
    );
    talk.answers(
        "zq@acme.example",
        "update",
        "It still does, saffron-answer.",
    );
    talk.answers(ANN, "message about INC-1", "/cause the laptop of Quillfeather\r\n/time 30m\r\n/solution Tell Zebediah (zq@acme.example) to restart\r\n/recipe\r\n/resolve");
    talk.answers("zq@acme.example", "resolved", "Thank you Ann, it works!");
    talk.answers(ANN, "message about INC-1", "/close");
    talk.answers("zq@acme.example", "closed", "4\r\n\r\nsaffron-comment");

    // Marie's ticket: he watches it, writes into it, and she names him.
    talk.writes(
        MARIE,
        "Screen of the shop",
        "The screen is dark. Zebediah Quillfeather saw it, too.",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/watch zq@acme.example\r\n\r\nIs it plugged in?",
    );
    talk.answers(
        "zq@acme.example",
        "update about INC-2",
        "It is plugged in, saffron-answer again.",
    );
    talk.answers(
        MARIE,
        "update about INC-2",
        "Yes, the cable of the screen is in.",
    );

    // An outage, and a mail of his in somebody else's quotation.
    let down = "The internet is down, I cannot work at all.";
    talk.writes(ZEB, "Internet down", &format!("{down} saffron-outage"));
    talk.writes(LUC, "Internet down", down);
    talk.writes("Sarah <sarah@acme.example>", "Internet down", down);
    talk.answers(ANN, "new-ticket about INC-5", "/panne Fibre\r\n/prends");
    talk.answers(ANN, "new-ticket about INC-5", "/clos une fibre coupée");

    // From home, merged; and a stranger who only names an address.
    talk.writes(
        HOME,
        "Saffron printer again",
        "It is silent, saffron-words.",
    );
    talk.answers(ANN, "new-ticket about INC-6", "/merge INC-1");
    talk.writes(
        KARIM,
        "A question",
        "Does zq@acme.example work at your place? I have a parcel.",
    );

    talk.now += SignedDuration::from_hours(1);
    let now = talk.now;
    talk.world
        .carry("support", now, |_| Delivery::Accepted("250 ok".to_owned()));
    talk
}

fn addresses() -> Vec<Address> {
    ADDRESSES.map(|address| address.parse().unwrap()).to_vec()
}

/// What is stored of somebody.
fn known(gateway: &Gateway, addresses: &[Address]) -> Option<Found> {
    let reader = gateway.store.reader().unwrap();
    erasing::find(&reader, &gateway.rules.people, addresses).unwrap()
}

/// How many mails and letters there are of one address.
fn bytes_of(talk: &Talk, address: &str) -> Option<(usize, usize)> {
    let found = known(&talk.world.gateway, &[address.parse().unwrap()]);
    found.map(|found| (found.mails, found.letters))
}

fn erase(world: &World, now: Timestamp) -> Erased {
    erase_all(world, &addresses(), now)
}

fn erase_all(world: &World, addresses: &[Address], now: Timestamp) -> Erased {
    let found = known(&world.gateway, addresses).unwrap();
    erasing::erase(&world.gateway, found.person, now).unwrap()
}

/// Everything that waits goes out.
fn carry(talk: &mut Talk) {
    let now = talk.now;
    talk.world
        .carry("support", now, |_| Delivery::Accepted("250 ok".to_owned()));
}

/// Which canaries are in the file or in the log beside it, with a little of what stands around.
fn sung(world: &World) -> BTreeMap<&'static str, String> {
    let mut bytes = fs::read(world.folder().join("guichet.db")).unwrap();
    bytes.extend(fs::read(world.folder().join("guichet.db-wal")).unwrap_or_default());
    let text = String::from_utf8_lossy(&bytes);
    let found = CANARIES.iter().filter_map(|canary| {
        let at = text.find(canary)?;
        let around = text[..at].chars().rev().take(80).collect::<Vec<_>>();
        let before: String = around.into_iter().rev().collect();
        let after: String = text[at..].chars().take(80).collect();
        Some((*canary, format!("{before}|{after}")))
    });
    found.collect()
}

/// The figures of the week, with all that is a number.
fn figures(world: &World) -> BTreeMap<String, Value> {
    let (output, text) = guichet(world.folder(), &["digest", "--week", "2026-W48", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let mut numbers = BTreeMap::new();
    numbers_in("", &serde_json::from_str(&text).unwrap(), &mut numbers);
    numbers
}

fn numbers_in(path: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Number(_) | Value::Bool(_) | Value::Null => {
            found.insert(path.to_owned(), value.clone());
        }
        Value::Array(items) => {
            found.insert(format!("{path}#"), items.len().into());
            for (place, item) in items.iter().enumerate() {
                numbers_in(&format!("{path}/{place}"), item, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                numbers_in(&format!("{path}/{name}"), member, found);
            }
        }
        Value::String(_) => {}
    }
}

#[test]
fn nothing_of_a_person_is_left_and_everything_is_counted_as_before() {
    let mut talk = story();
    for canary in CANARIES {
        assert!(
            sung(&talk.world).contains_key(canary),
            "{canary} was never written"
        );
    }
    let before = figures(&talk.world);
    talk.now += SignedDuration::from_hours(24 * 7);
    let erased = erase(&talk.world, talk.now);
    assert!(erased.waiting.is_empty(), "{:?}", erased.waiting);
    assert!(erased.is_log_empty);
    assert!(
        erased.gone.tickets >= 5 && erased.gone.mails > 10 && erased.gone.letters > 20,
        "{:?}",
        erased.gone
    );
    assert_eq!(sung(&talk.world), BTreeMap::new());
    assert_eq!(figures(&talk.world), before);
    assert!(
        before.get("/satisfaction/answers") == Some(&1.into())
            && before.get("/thanks#") == Some(&1.into()),
        "{before:?}"
    );
}

#[test]
fn what_others_wrote_stays_without_the_person() {
    let mut talk = story();
    talk.answers(ANN, "recipe", "/recipe words: vpn + drop*");
    talk.answers(ANN, "recipe", "/recipe ok");
    erase(&talk.world, talk.now);
    let said = |number: usize, kind: EntryKind| -> Vec<String> {
        let entries = talk.world.entries(&talk.ticket(number)).into_iter();
        let entries = entries.filter(|entry| entry.kind == kind);
        entries
            .map(|entry| format!("{}: {}", entry.by, entry.text))
            .collect()
    };
    let day = talk.now.strftime("%Y-%m-%d");
    assert_eq!(
        said(1, EntryKind::Note),
        ["Ann Martin: … called from …:\n…"]
    );
    assert_eq!(
        said(2, EntryKind::Mail),
        [
            "marie@acme.example: The screen is dark. … saw it, too.".to_owned(),
            "ann@example.org: /watch erased-1.1@erased.invalid\n\nIs it plugged in?".to_owned(),
            format!("erased-1.1@erased.invalid: (erased on {day})"),
            "marie@acme.example: Yes, the cable of the screen is in.".to_owned(),
        ]
    );
    let ticket = talk.ticket(1);
    assert_eq!(
        (ticket.subject.as_str(), ticket.requester.name),
        ("…", None)
    );
    assert_eq!(
        ticket.requester.address.as_str(),
        "erased-1.1@erased.invalid"
    );
    assert_eq!(ticket.cause.as_deref(), Some("the laptop of …"));
    assert_eq!(talk.ticket(2).subject, "Screen of the shop");
    assert!(talk.ticket(2).watchers.is_empty());
    assert_eq!(
        said(1, EntryKind::People).last().unwrap(),
        "shell: personal data erased (erasure 1)"
    );
    // Karim only asked about an address.
    assert_eq!(
        said(7, EntryKind::Mail),
        [
            "karim@boutiques.example: Does erased-1.1@erased.invalid work at your place? I have a parcel."
        ]
    );
    // A technician found the recipe right, for others.
    assert_eq!(talk.world.recipes(), ["Tell … (…) to restart"]);
}

#[test]
fn letters_to_the_person_are_cancelled_and_those_to_others_arrive_first() {
    let mut talk = story();
    talk.answers(ANN, "message about INC-2", "I come to look at the screen.");
    let state = |talk: &Talk, to: &str| -> String {
        let letters = talk.world.letters().into_iter();
        let last = letters.filter(|letter| letter.to == to).last().unwrap();
        last.state
    };
    assert_eq!(
        (state(&talk, MARIE), state(&talk, ADDRESSES[0])),
        ("queued".into(), "queued".into())
    );

    let erased = erase(&talk.world, talk.now);
    assert!(erased.gone.cancelled > 0);
    let stand_in = "erased-1.1@erased.invalid";
    assert_eq!(
        (state(&talk, MARIE), state(&talk, stand_in)),
        ("queued".into(), "cancelled".into())
    );
    let waiting = |erased: &Erased| -> Vec<String> {
        let letters = talk.world.letters().into_iter();
        let waiting = letters.filter(|letter| erased.waiting.contains(&letter.id));
        waiting.map(|letter| letter.to).collect()
    };
    assert_eq!(waiting(&erased), [MARIE]);
    assert!(sung(&talk.world).contains_key("zq@acme"), "it is not ended");

    // What is cancelled is never carried, nor let go by hand.
    let now = talk.now;
    let carried = talk
        .world
        .carry("support", now, |_| Delivery::Accepted("250 ok".to_owned()));
    assert_eq!(
        carried
            .iter()
            .map(|letter| letter.to.as_str())
            .collect::<Vec<_>>(),
        [MARIE]
    );
    let letters = talk.world.letters();
    let cancelled = letters
        .iter()
        .find(|letter| letter.state == "cancelled")
        .unwrap()
        .id;
    assert!(
        !talk
            .world
            .write(move |tx| tx.release_letter(cancelled, now))
    );
    let (listed, _) = guichet(talk.world.folder(), &["outbox"]);
    assert!(!String::from_utf8_lossy(&listed.stdout).contains("cancelled"));

    let erased = erase(&talk.world, talk.now);
    assert!(erased.waiting.is_empty());
    assert_eq!(sung(&talk.world), BTreeMap::new());
}

#[test]
fn a_mailbox_that_is_read_anew_brings_nobody_back() {
    let mut talk = Talk::new(&config());
    let mail = talk.bytes(
        ZEB,
        "support@example.org",
        "Subject: Saffron printer\r\n",
        "It is silent, saffron-words of it.",
    );
    talk.hand_in(&mail);
    carry(&mut talk);
    erase(&talk.world, talk.now);
    let letters = talk.world.letters().len();
    talk.mails += 1; // another place in the mailbox, the same bytes
    let again = talk.hand_in(&mail);
    assert_eq!(talk.outcome(again), "copy");
    assert_eq!(talk.world.tickets().len(), 1);
    assert_eq!(talk.world.letters().len(), letters);
    assert_eq!(sung(&talk.world), BTreeMap::new());
}

#[test]
fn who_only_watched_takes_nothing_of_others_along() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Screen of the shop", "The screen is dark.");
    let watch = "/watch zq@acme.example\r\n\r\nIs it plugged in?";
    talk.answers(ANN, "new-ticket about INC-1", watch);
    talk.answers(MARIE, "update about INC-1", "Yes, it is.");
    carry(&mut talk);
    let hers = bytes_of(&talk, MARIE);
    let (mails, letters) = bytes_of(&talk, ADDRESSES[0]).unwrap();
    let erased = erase(&talk.world, talk.now);
    // The mail with `/watch` and its receipt name him, too.
    assert_eq!((mails, erased.gone.mails), (0, 1));
    assert_eq!(erased.gone.letters, letters + 1);
    assert_eq!(bytes_of(&talk, ADDRESSES[0]), None);
    let (mails, letters) = hers.unwrap();
    let his = erased.gone.letters;
    assert_eq!(bytes_of(&talk, MARIE), Some((mails - 1, letters - his)));
    assert_eq!(sung(&talk.world), BTreeMap::new());
}

#[test]
fn a_name_of_others_is_no_trace() {
    let beta = "[organisation.beta]\ndomains = [\"beta.example\"]\n";
    let mut talk = Talk::new(&format!("{}{beta}", config()));
    talk.writes(ZEB, "Printer", "It is silent.");
    let namesake = "Zebediah Quillfeather <zeb@beta.example>";
    talk.writes(
        namesake,
        "Scanner",
        "It is dark, says Zebediah Quillfeather.",
    );
    // A technician from home, called as the configuration says.
    let home = "Ann Martin <ann.private@home.example>";
    talk.writes(home, "Test", "Does this arrive?");
    talk.writes(MARIE, "Screen", "The screen is dark.");
    talk.answers(
        ANN,
        "new-ticket about INC-4",
        "/take\r\n\r\nI come.\r\nAnn Martin",
    );
    carry(&mut talk);
    let others = [MARIE, "zeb@beta.example"];
    let before = others.map(|other| bytes_of(&talk, other));
    erase(&talk.world, talk.now);
    let ann = "ann.private@home.example".parse().unwrap();
    erase_all(&talk.world, &[ann], talk.now);
    assert_eq!(others.map(|other| bytes_of(&talk, other)), before);
}

#[test]
fn who_never_opened_a_ticket_has_a_name_and_subjects_tell_it() {
    let mut talk = Talk::new(&config());
    talk.writes(LUC, "Printer", "It is silent.");
    let answer = talk.answer(LUC, "acknowledgement", "Me too.");
    talk.hand_in(&answer.replace(&format!("From: {LUC}"), &format!("From: {ZEB}")));
    talk.writes(MARIE, "Zebediah Quillfeather cannot log in", "Please help.");
    talk.writes(LUC, "Scanner", "Zebediah Quillfeather says it is dark.");
    carry(&mut talk);
    assert!(sung(&talk.world).contains_key("Quillfeather"));
    erase(&talk.world, talk.now);
    assert_eq!(sung(&talk.world), BTreeMap::new());
    let subjects = talk
        .world
        .tickets()
        .into_iter()
        .map(|ticket| ticket.subject);
    assert_eq!(
        subjects.collect::<Vec<_>>(),
        ["Printer", "… cannot log in", "Scanner"]
    );
}

#[test]
fn a_mail_that_waits_keeps_an_erasure_from_its_end() {
    let mut talk = Talk::new(&config());
    talk.writes(ZEB, "Printer", "It is silent.");
    carry(&mut talk);
    let waiting = talk.bytes(ZEB, "support@example.org", "Subject: Again\r\n", "Silent.");
    let (arrival, now) = (Arrival::at_support("waits", waiting), talk.now);
    talk.world.write(move |tx| world::record(tx, arrival, now));
    let erased = erase(&talk.world, talk.now);
    assert_eq!(erased.undecided, 1);
    assert!(sung(&talk.world).contains_key("zq@acme"), "it is not ended");

    let folder = talk.world.folder();
    let config = folder.join("guichet.toml");
    let addresses = ["zq@acme.example", "feather@home.example"];
    let finish = format!(
        "guichet --config '{}' erase {}",
        config.display(),
        addresses.join(" ")
    );
    let (_, status) = guichet(folder, &["status"]);
    assert!(status.contains("is not finished"), "{status}");
    assert!(status.contains(&format!("run `{finish}`")), "{status}");
    let (_, status) = guichet(folder, &["status", "--json"]);
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["unfinished_erasures"][0]["finish"], finish);
    let words = ["erase"].into_iter().chain(addresses).chain(["--dry"]);
    let (output, text) = guichet(folder, &words.collect::<Vec<_>>());
    assert!(output.status.success(), "{text}");
}

#[test]
fn what_may_be_tried_again_keeps_its_bytes_unless_it_is_theirs() {
    let mut talk = Talk::new(&config());
    talk.writes(ZEB, "Printer", "It is silent.");
    let mut newsletter = |from: &str| {
        let head = "Subject: News\r\nPrecedence: bulk\r\nList-Id: <news.list.example>\r\nList-Unsubscribe: <mailto:stop@list.example>\r\n";
        let mail = talk.bytes(from, "support@example.org", head, "zq@acme.example won.");
        talk.hand_in(&mail)
    };
    let (others, theirs) = (newsletter("news@list.example"), newsletter(ZEB));
    carry(&mut talk);
    for mail in [others, theirs] {
        assert_eq!(talk.outcome(mail), "set-aside");
    }
    erase(&talk.world, talk.now);
    let bytes = |mail| {
        let reader = talk.world.gateway.store.reader().unwrap();
        reader.mail_bytes(mail).unwrap().unwrap_or_default().len()
    };
    assert!(bytes(others) > 0);
    assert_eq!(bytes(theirs), 0);
    assert!(talk.world.write(move |tx| tx.retry_mail(others)));
    assert!(!talk.world.write(move |tx| tx.retry_mail(theirs)));
}

#[test]
fn a_receipt_from_before_takes_nothing_else_back() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Screen", "Dark. Zebediah Quillfeather saw it.");
    talk.writes(ZEB, "Printer", "It is silent.");
    talk.answers(ANN, "new-ticket about INC-1", "/p2 because of the shop");
    let undo = talk.answer(ANN, "receipt", "/undo");
    let burns = talk.answer(ANN, "new-ticket about INC-1", "/p1 it burns");
    carry(&mut talk);
    erase(&talk.world, talk.now);
    talk.hand_in(&burns);
    assert_eq!(talk.ticket(1).priority, Priority::P1);
    talk.hand_in(&undo);
    assert_eq!(talk.ticket(1).priority, Priority::P1);
}

#[test]
fn a_mail_that_comes_later_is_a_strangers() {
    let mut talk = story();
    let old = talk.answer("zq@acme.example", "closed", "Me again, it is dead.");
    let colleague = talk.answer("zq@acme.example", "closed", "I answer for a colleague.");
    let colleague = colleague.replace("From: zq@acme.example", "From: tom@acme.example");
    let own = "In-Reply-To: <1.saffron-laptop@acme.example>\r\nSubject: Re: [INC-1] Saffron printer is silent\r\n";
    let own = talk.bytes("zq@acme.example", "support@example.org", own, "And again.");
    erase(&talk.world, talk.now);
    let before = talk.world.letters().len();
    for (mail, place) in [(old, "old"), (colleague, "colleague"), (own, "own")] {
        talk.mails += 1;
        let id = talk.hand_in(&mail);
        let ticket = usize::try_from(talk.world.mail(id).ticket.unwrap()).unwrap();
        assert!(ticket > 7, "{place}");
        assert_eq!(talk.ticket(ticket).links, [], "{place}");
    }
    assert_eq!(talk.ticket(1).status, Status::Closed);
    for letter in &talk.world.letters()[before..] {
        let text = talk.world.letter(letter.id).text;
        assert!(
            !text.contains("INC-1 ") && !text.contains("erased"),
            "{text}"
        );
        assert!(!letter.to.ends_with("erased.invalid"));
    }
    // Nobody takes the place of what stands for somebody.
    let forged = talk.writes("erased-1.1@erased.invalid", "Re: [INC-1]", "Let me in");
    assert_eq!(talk.outcome(forged), "opened");
    let number = talk.world.mail(forged).ticket.unwrap();
    assert_eq!(usize::try_from(number).unwrap(), talk.world.tickets().len());
}

/// Not a test of its own: what the next one starts and kills.
#[test]
fn child_that_erases() {
    let Some((config, now)) = killed::asked() else {
        return;
    };
    let gateway = killed::open(&config, now);
    let found = known(&gateway, &addresses()).unwrap();
    erasing::erase(&gateway, found.person, now).unwrap();
}

#[test]
fn a_run_that_was_killed_is_finished_by_another() {
    let mut talk = story();
    // Enough that there are several pieces.
    for number in 0..60 {
        talk.now += SignedDuration::from_hours(2);
        talk.writes(
            ZEB,
            &format!("Saffron printer {number}"),
            "It is silent, saffron-words.",
        );
    }
    let now = talk.now;
    talk.world
        .carry("support", now, |_| Delivery::Accepted("250 ok".to_owned()));
    let config = talk.world.folder().join("guichet.toml");
    let (mut draw, mut killed_between) = (7, 0);
    for _ in 0..killed::kills() {
        let mut child = Killed::start("erase::child_that_erases", &config, now, "");
        draw = killed::next(draw);
        std::thread::sleep(std::time::Duration::from_millis(draw >> 32 & 0xff));
        if child.kill() && !child.end().success() {
            let done = talk.world.tickets().into_iter();
            let done = done
                .filter(|ticket| ticket.requester.address.is_erased())
                .count();
            killed_between += usize::from(0 < done && done < 64);
        }
        if known(&talk.world.gateway, &addresses()).is_none() {
            break;
        }
    }
    println!("{killed_between} were killed between two pieces");
    if known(&talk.world.gateway, &addresses()).is_some() {
        erase(&talk.world, now);
    }
    assert_eq!(sung(&talk.world), BTreeMap::new());
    // One person, however many runs it took; and one trace on each ticket.
    for ticket in talk.world.tickets() {
        let who = ticket.requester.address;
        assert!(
            !who.is_erased() || who.as_str().starts_with("erased-1."),
            "{who}"
        );
    }
    for ticket in talk.world.tickets() {
        let traces = talk.world.entries(&ticket).into_iter();
        let traces = traces.filter(|entry| entry.text.starts_with("personal data erased"));
        assert!(traces.count() <= 1, "{}", ticket.id);
    }
}

/// The exit code, what was printed and what was complained about.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let (output, text) = guichet(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), text, errors)
}

#[test]
fn the_command_asks_back_refuses_and_says_what_it_did() {
    let mut talk = story();
    talk.writes(ZEB, "The scanner", "It does not scan.");
    let folder = talk.world.folder();
    for (arguments, code, says) in [
        (&["zq@acme.example"][..], 65, "not done yet: INC-8"),
        (&["zq@acme.example", "--close-open"], 64, "add --yes"),
        (&["zq"], 64, "`zq` is not a mail address"),
        (&[], 64, "ADDRESS"),
        (
            &["nobody@acme.example", "--yes"],
            1,
            "nothing is known of nobody@acme.example",
        ),
        (
            &["ann@example.org", "--yes"],
            65,
            "ann@example.org stands in [technician.ann]",
        ),
        (
            &["boss@example.org", "--yes"],
            65,
            "boss@example.org stands in [digest]",
        ),
        (&["sarah@acme.example", "--yes"], 0, ""),
    ] {
        let (found, _, errors) = run(folder, &[&["erase"], arguments].concat());
        assert_eq!(found, code, "{arguments:?}: {errors}");
        assert!(errors.contains(says), "{arguments:?}: {errors}");
    }
    assert!(sung(&talk.world).len() == CANARIES.len());

    let both = [
        "erase",
        ADDRESSES[0],
        ADDRESSES[1],
        "--close-open",
        "--yes",
        "--json",
    ];
    let (code, text, _) = run(folder, &[&both[..], &["--dry"]].concat());
    let dry: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, dry["dry"].as_bool()), (0, Some(true)));
    assert!(
        sung(&talk.world).len() == CANARIES.len(),
        "it was only tried"
    );

    let (code, text, errors) = run(folder, &both);
    let done: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &done["tickets"]), (0, &dry["tickets"]), "{errors}");
    assert_eq!(sung(&talk.world), BTreeMap::new());
    assert_eq!(run(folder, &both).0, 1, "nobody is known any more");
}

#[test]
fn nobody_is_erased_or_exported_by_mail() {
    let mut talk = story();
    for (order, says) in [
        ("/erase zq@acme.example", "guichet erase ADRESSE"),
        ("/effacer zq@acme.example", "guichet erase ADRESSE"),
        (
            "/export zq@acme.example\r\n/take",
            "guichet export ADRESSE --output DOSSIER",
        ),
    ] {
        let before = talk.world.letters().len();
        talk.answers(ANN, "new-ticket about INC-2", order);
        let letters = talk.world.letters();
        let new: Vec<&str> = letters[before..]
            .iter()
            .map(|letter| letter.notice.as_str())
            .collect();
        assert_eq!(new, ["receipt"], "{order}");
        assert!(talk.receipt(ANN).contains(says), "{}", talk.receipt(ANN));
    }
    assert_eq!(sung(&talk.world).len(), CANARIES.len());
}

#[test]
fn whoever_leads_an_outage_is_not_taken_away_from_the_others() {
    let mut talk = Talk::new(CONFIG);
    for who in [LUC, "Sarah <sarah@acme.example>", ZEB] {
        talk.writes(
            who,
            "Internet down",
            "The internet is down, I cannot work at all.",
        );
    }
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre");
    let erase = ["erase", ADDRESSES[0], "--close-open", "--yes"];
    let (code, _, errors) = run(talk.world.folder(), &erase);
    assert!(
        code == 65 && errors.contains("INC-3 leads an outage"),
        "{errors}"
    );
    assert_eq!(talk.ticket(3).requester.address.as_str(), ADDRESSES[0]);
    talk.answers(ANN, "new-ticket about INC-3", "/clos");
    assert_eq!(run(talk.world.folder(), &erase).0, 0);
    assert_eq!(talk.ticket(1).requester.address.as_str(), LUC);
}

#[test]
fn what_was_reported_for_somebody_else_stays_theirs() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(
        ZEB,
        "Saffron printer is silent",
        "It is silent, saffron-words.",
    );
    let order = "/requester luc@acme.example\r\n\r\nI come and look at it.";
    talk.answers(ANN, "new-ticket about INC-1", order);
    let erased = erase(&talk.world, talk.now);
    assert!(!erased.waiting.is_empty());
    let ticket = talk.ticket(1);
    assert_eq!(
        (ticket.requester.address.as_str(), ticket.subject.as_str()),
        (LUC, "…")
    );
    assert_eq!(ticket.status, Status::Open);
    let letters = talk.world.letters();
    let to_luc = letters.iter().rfind(|letter| letter.to == LUC);
    assert!(to_luc.is_some_and(|letter| letter.state == "queued"));
    let now = talk.now;
    let accepted = |_: &_| Delivery::Accepted("250 ok".to_owned());
    talk.world.carry("support", now, accepted);
    assert!(erase(&talk.world, talk.now).waiting.is_empty());
    assert_eq!(sung(&talk.world), BTreeMap::new());
}
