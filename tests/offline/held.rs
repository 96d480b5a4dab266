//! `guichet outbox --held` and `guichet why`: each manner that kept a letter back is told in a sentence, with what to do.
//!
//! Mails go into a world of this process; what is asked about them is asked of the real program.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::process::Command;

use guichet::desk::letter::Delivery;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::answers;
use crate::talk::{ANN, MARIE, Talk};
use crate::world::{Arrival, CONFIG, World};

fn at(minutes: i64) -> Timestamp {
    let morning: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    morning + SignedDuration::from_mins(minutes)
}

/// Somebody reports something; `headers` stand above.
fn report(world: &World, id: &str, from: &str, headers: &str, words: &str, now: Timestamp) {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mail = format!(
        "From: {from}\nTo: support@example.org\n{headers}Subject: {id}\nDate: {date}\nMessage-ID: <{id}@mail.example>\n\n{words}\n"
    );
    world.receive(Arrival::at_support(id, answers::fill(world, &mail)), now);
}

fn guichet(world: &World, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .arg("--config")
        .arg(world.folder().join("guichet.toml"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one held letter to somebody: its line, and what is said to be done.
fn held(world: &World, to: &str) -> (String, String) {
    let printed = guichet(world, &["outbox", "--held"]);
    let mut lines = printed.lines().skip_while(|line| !line.contains(to));
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("nothing is held to {to}: {printed}"));
    let step = lines.next().unwrap_or_default();
    (line.to_owned(), step.to_owned())
}

/// What is known of a mail, as text and as JSON.
fn why(world: &World, id: &str) -> (String, Value) {
    let id = format!("<{id}@mail.example>");
    let json = guichet(world, &["why", &id, "--json"]);
    let last = json.lines().next_back().unwrap();
    (
        guichet(world, &["why", &id]),
        serde_json::from_str(last).unwrap(),
    )
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` in\n{text}");
    }
}

#[test]
fn a_strangers_acknowledgement_waits_and_can_be_released() {
    let world = World::new();
    report(
        &world,
        "stranger",
        "eve@elsewhere.example",
        "",
        "L'imprimante est en panne.",
        at(0),
    );
    let (line, step) = held(&world, "eve@elsewhere.example");
    says(
        &line,
        &[
            "INC-1",
            "acknowledgement",
            "neither known nor authenticated",
        ],
    );
    says(
        &step,
        &[
            "what to do",
            "[organisation.NAME]",
            "trusted_authserv_ids",
            "guichet outbox release 1",
        ],
    );
    let (text, json) = why(&world, "stranger");
    says(
        &text,
        &[
            "opened INC-1",
            "held",
            "neither known nor authenticated",
            "guichet outbox release 1",
        ],
    );
    assert_eq!(json["letters"][0]["state"], "held");
    let reason = json["letters"][0]["reason"].as_str().unwrap();
    says(reason, &["limits.acknowledge"]);

    guichet(&world, &["outbox", "release", "1"]);
    assert!(!guichet(&world, &["outbox", "--held"]).contains("eve@"));
    says(&guichet(&world, &["outbox"]), &["queued"]);
}

#[test]
fn a_letter_that_waits_is_dropped_by_hand_or_taken_back() {
    let mut talk = Talk::new(CONFIG);
    let eve = "eve@evil.example";
    talk.writes(eve, "Help", "My screen is dark.");
    talk.answers(ANN, "new-ticket about INC-1", "/snooze 2d");
    let waiting = |talk: &Talk| -> Vec<(String, String)> {
        let letters = talk.world.letters().into_iter();
        letters
            .filter(|letter| letter.to == eve)
            .map(|letter| (letter.notice, letter.state))
            .take(2)
            .collect()
    };
    let both = |progress: &str, first: &str| {
        [("acknowledgement", first), ("progress", progress)]
            .map(|(notice, state)| (notice.to_owned(), state.to_owned()))
            .to_vec()
    };
    assert_eq!(waiting(&talk), both("held", "held"));
    // It never went out, so that it does is taken back as well.
    talk.answers(ANN, "receipt", "/undo");
    assert_eq!(waiting(&talk), both("cancelled", "held"));
    let receipt = talk.receipt(ANN);
    assert!(!receipt.contains("cannot be taken back"), "{receipt}");

    let first = talk.world.letters()[0].id.to_string();
    let said = guichet(&talk.world, &["outbox", "drop", &first]);
    assert_eq!(said.trim(), format!("letter {first} is not sent"));
    assert_eq!(waiting(&talk), both("cancelled", "cancelled"));
    let history = guichet(&talk.world, &["ticket", "show", "INC-1"]);
    let told = "acknowledgement to eve@evil.example was dropped and is not sent";
    assert!(history.contains(told), "{history}");
}

#[test]
fn one_try_is_not_several() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Help", "My screen is dark.");
    for (minutes, tries) in [(0, "1 try "), (10, "2 tries ")] {
        let now = talk.now + SignedDuration::from_mins(minutes);
        let busy = |_: &_| Delivery::Deferred("450 busy".to_owned());
        talk.world.carry("support", now, busy);
        let printed = guichet(&talk.world, &["outbox"]);
        let line = printed.lines().find(|line| line.contains(MARIE)).unwrap();
        assert!(line.contains(tries), "{line}");
    }
}

#[test]
fn a_full_budget_is_named() {
    let world = World::new();
    for number in 0..4 {
        let words = format!("Mon écran numéro {number} est tout noir.");
        report(
            &world,
            &format!("b{number}"),
            "marie@acme.example",
            "",
            &words,
            at(number),
        );
    }
    let (line, step) = held(&world, "marie@acme.example");
    says(&line, &["INC-4", "over budget: 3 in 10m to this address"]);
    says(
        &step,
        &["machine", "limits.automatic_", "guichet outbox release"],
    );
    says(
        &why(&world, "b3").0,
        &["opened INC-4", "over budget: 3 in 10m", "what to do"],
    );
    // The three before went out: nothing is said to be done about them.
    assert!(!why(&world, "b0").0.contains("what to do"));
}

#[test]
fn an_address_whose_letters_came_back_is_named_with_what_the_server_said() {
    let world = World::new();
    report(
        &world,
        "first",
        "marie@acme.example",
        "",
        "L'imprimante est en panne.",
        at(0),
    );
    let bounce = "From: MAILER-DAEMON@mx.acme.example\nTo: support@example.org\nSubject: Undelivered\n\
        Date: Mon, 23 Nov 2026 08:02:00 +0000\nMessage-ID: <dsn@mail.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nNo such user.\n\
        --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.acme.example\n\n\
        Final-Recipient: rfc822; marie@acme.example\nAction: failed\nStatus: 5.1.1\n\
        Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b\nContent-Type: text/rfc822-headers\n\n\
        Message-ID: {{message-id of acknowledgement to marie@acme.example}}\n\n--b--\n";
    let bounce = answers::fill(&world, bounce);
    world.receive(Arrival::at_support("dsn", bounce), at(2));
    let order = "To: {{reply-to of new-ticket to ann@example.org}}\nIn-Reply-To: {{message-id of new-ticket to ann@example.org}}\n";
    let date = at(10).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let take = format!(
        "From: ann@example.org\n{order}Subject: Re: x\nDate: {date}\nMessage-ID: <take@mail.example>\n\n/take\n"
    );
    world.receive(
        Arrival::at_support("take", answers::fill(&world, &take)),
        at(10),
    );

    let (line, step) = held(&world, "marie@acme.example");
    says(
        &line,
        &[
            "progress",
            "letters to this address came back",
            "550 5.1.1 User unknown",
        ],
    );
    says(&step, &["telephone", "their next mail lifts this"]);
    let (text, json) = why(&world, "dsn");
    says(&text, &["INC-1"]);
    assert_eq!(json["outcome"], "kept");
}

#[test]
fn a_storm_to_a_technician_is_told_in_one_letter() {
    let world = World::new();
    for number in 0..21 {
        let from = format!("p{number}@acme.example");
        let words = format!("Mon écran numéro {number} est sale.");
        report(&world, &format!("s{number}"), &from, "", &words, at(0));
    }
    let (line, step) = held(&world, "ann@example.org");
    says(
        &line,
        &[
            "INC-21",
            "new-ticket",
            "more than 20",
            "told with others in one letter",
        ],
    );
    says(&step, &["nothing", "within minutes"]);
}

#[test]
fn what_caused_no_letter_says_so() {
    let world = World::new();
    report(
        &world,
        "one",
        "marie@acme.example",
        "",
        "L'imprimante est en panne.",
        at(0),
    );
    // The same mail once more, by another way: the acknowledgement goes out once for ever (I6).
    let letters = world.letters().len();
    let again = "From: marie@acme.example\nTo: support@example.org\nSubject: one\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n\
        Message-ID: <one@mail.example>\n\nL'imprimante est en panne.\n";
    world.receive(Arrival::at_support("again", again), at(1));
    assert_eq!(world.letters().len(), letters);
    let (text, json) = why(&world, "one");
    says(
        &text,
        &["opened INC-1", "the same mail came in before (number 1)"],
    );
    assert_eq!(json["outcome"], "copy");

    // An absence notice about the ticket, and one about none.
    let answers = "In-Reply-To: {{message-id of acknowledgement to marie@acme.example}}\nAuto-Submitted: auto-replied\n";
    report(
        &world,
        "away",
        "marie@acme.example",
        answers,
        "Je suis absente.",
        at(2),
    );
    says(&why(&world, "away").0, &["kept INC-1", "automatic answer"]);
    report(
        &world,
        "lost",
        "zoe@acme.example",
        "Auto-Submitted: auto-replied\n",
        "Je suis absente.",
        at(3),
    );
    says(
        &why(&world, "lost").0,
        &["set-aside", "an automatic answer to no ticket"],
    );
    says(
        &guichet(&world, &["quarantine", "list"]),
        &["an automatic answer to no ticket"],
    );

    // A newsletter, a human on a mailing list, our own letter.
    let bulk = "List-Unsubscribe: <mailto:x@shop.example>\nPrecedence: bulk\n";
    report(
        &world,
        "news",
        "news@shop.example",
        bulk,
        "Nos offres.",
        at(4),
    );
    says(&why(&world, "news").0, &["set-aside", "bulk"]);
    let list = "List-Id: <tous.acme.example>\nList-Post: <mailto:tous@acme.example>\n";
    report(
        &world,
        "list",
        "leo@acme.example",
        list,
        "Le wifi ne marche plus dans mon bureau.",
        at(5),
    );
    says(
        &why(&world, "list").0,
        &["opened INC-2", "not acknowledged: ", "List-Id"],
    );
    let ours = world.letter_bytes(world.letters()[0].id);
    let (mail, _) = world.receive(Arrival::at_support("ours", ours), at(6));
    says(
        &world.mail(mail).reasons.join(" "),
        &["ourselves: our own letter came back"],
    );
    says(
        &guichet(&world, &["quarantine", "list"]),
        &["ourselves: our own letter came back"],
    );
}
