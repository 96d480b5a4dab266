//! Orders against the real store: all or none, once, taken back, followed through merges, the same at the shell.

use guichet::desk::ticket::{Status, Ticket};
use guichet::store::Reader;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::answers::fill;
use crate::talk::{ANN, KARIM, LUC, MARIE, NORA, PAUL, Talk, guichet, morning};
use crate::world::{Arrival, CONFIG};

/// What a ticket says, but for when it was touched last.
fn state(ticket: &Ticket) -> Ticket {
    Ticket {
        updated_at: morning(),
        ..ticket.clone()
    }
}

/// I12: however often a mail with orders comes, and by whatever way, it is carried out once.
#[test]
fn a_mail_with_orders_is_carried_out_once_however_often_it_comes() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    let order = talk.answer(ANN, "new-ticket", "/temps 30m\r\n/prends");
    for copy in 0..100 {
        let arrival = Arrival::at_support(format!("copy {copy}"), order.clone());
        talk.world.receive(arrival, talk.now);
    }
    // The same mail on its way through another server: other trace fields, the same words.
    let other =
        format!("Received: from mx.example.org; Tue, 24 Nov 2026 09:02:00 +0100\r\n{order}");
    let arrival = Arrival::at_support("other", other);
    talk.world.receive(arrival, talk.now);
    assert_eq!(talk.ticket(1).minutes_spent, 30);
    let letters = talk.world.letters();
    let receipts = letters.iter().filter(|letter| letter.notice == "receipt");
    assert_eq!(receipts.count(), 1);
}

/// I9: all commands of a mail or none, for every mixture of what can be done and what cannot.
#[test]
fn any_mail_yields_all_of_its_commands_or_none() {
    let lines = [
        "/take",
        "/p2 car la paie",
        "/time 20m",
        "/cause usure",
        "/watch luc@acme.example",
        "/open",
        "/resolve",
        "/close",
        "/wait",
        "/snooze 2d",
        "/category vpn",
        "/link INC-1",
        "/impact high",
        // None of these can be done.
        "/assign personne",
        "/team nulle",
        "/merge INC-99",
        "/split",
        "/merge INC-1",
        "/resolvd",
        "/requester marie",
        "/link INC-77",
    ];
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.answers(ANN, "new-ticket", "/take");
    let mut seed: u64 = 0x5eed;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let (mut all, mut none) = (0, 0);
    for _ in 0..150 {
        let count = 1 + draw(4);
        let chosen: Vec<&str> = (0..count).map(|_| lines[draw(lines.len())]).collect();
        let before = talk.ticket(1);
        let entries = talk.world.entries(&before).len();
        let mail = talk.answers(ANN, "new-ticket about INC-1", &chosen.join("\r\n"));
        let after = talk.ticket(1);
        let added: Vec<_> = talk.world.entries(&after).split_off(entries);
        match talk.outcome(mail).as_str() {
            "joined" => {
                all += 1;
                let receipt = talk.receipt(ANN);
                for line in &chosen {
                    assert!(receipt.contains(line), "{chosen:?}: {receipt}");
                }
            }
            "kept" => {
                none += 1;
                assert_eq!(state(&before), state(&after), "{chosen:?}");
                let words: Vec<&str> = added.iter().map(|entry| entry.kind.word()).collect();
                assert_eq!(words, ["kept", "letter"], "{chosen:?}");
            }
            other => panic!("{other}: {chosen:?}"),
        }
        let _ = talk.answers(ANN, "new-ticket about INC-1", "/open");
    }
    assert!(all > 20 && none > 20, "{all} done, {none} refused");
}

#[test]
fn what_was_changed_since_is_not_taken_back() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.answers(ANN, "new-ticket", "/prends\r\n/p2");
    talk.answers(PAUL, "new-ticket", "/p1 la paie");
    let before = state(&talk.ticket(1));
    let undo = talk.answers(ANN, "receipt", "/annuler");
    assert_eq!(talk.outcome(undo), "kept");
    assert_eq!(state(&talk.ticket(1)), before);
    assert!(
        talk.receipt(ANN)
            .contains("Quelque chose a été modifié depuis")
    );
    // Paul's stands as he left it; with his gone, hers can go.
    let undo = talk.answers(PAUL, "receipt", "/undo");
    assert_eq!(talk.outcome(undo), "joined");
    // The receipt she answers is of nothing that was done: her last act is meant.
    let undo = talk.answers(ANN, "receipt", "/annuler");
    assert_eq!(talk.outcome(undo), "joined");
    let ticket = talk.ticket(1);
    assert_eq!((ticket.status, ticket.assignee), (Status::New, None));
    assert_eq!(ticket.priority.word(), "P4");
    // Append-only: everything is still there, and that it was taken back.
    let texts: Vec<String> = talk
        .world
        .entries(&talk.ticket(1))
        .into_iter()
        .map(|e| e.text)
        .collect();
    assert!(texts.iter().any(|text| text == "Ann Martin has it"));
    assert!(texts.iter().any(|text| text == "took back: /prends · /p2"));
}

/// A long thread names every letter before the one that is answered, and none of those is meant.
#[test]
fn an_answer_to_no_receipt_takes_the_last_act_back() {
    let message = "{{message-id of message to ann@example.org}}";
    let thread = "{{references of message to ann@example.org}}";
    let receipt = "{{references of receipt to ann@example.org}}";
    for answered in [
        format!("In-Reply-To: {message}\r\nReferences: {thread}\r\n"),
        format!("References: {thread}\r\n"),
        // Marie's own mail, which Ann has a copy of.
        format!("References: {receipt} <3@client.example>\r\n"),
    ] {
        let mut talk = Talk::new(CONFIG);
        talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
        talk.answers(ANN, "new-ticket", "/prends");
        talk.answers(MARIE, "acknowledgement", "Toujours en panne.");
        let head = fill(&talk.world, &format!("Subject: Re: [INC-1]\r\n{answered}"));
        talk.answers(ANN, "new-ticket", "/p2");
        let mut undone = || {
            talk.now += SignedDuration::from_mins(30);
            let to = "{{reply-to of message to ann@example.org}}";
            let undo = talk.bytes(ANN, to, &head, "/annuler");
            let undo = talk.hand_in(&undo);
            assert_eq!(talk.outcome(undo), "joined", "{head}");
            let ticket = talk.ticket(1);
            (ticket.priority.word(), ticket.assignee)
        };
        assert_eq!(undone(), ("P4", Some("ann".to_owned())), "{head}");
        assert_eq!(undone(), ("P4", None), "{head}");
    }
}

/// A chain of merges is followed to its end, makes no ring, and loses no entry.
#[test]
fn a_chain_of_merges_is_followed_and_loses_nothing() {
    let mut talk = Talk::new(CONFIG);
    for subject in ["Un", "Deux", "Trois"] {
        talk.writes(MARIE, subject, &format!("Bonjour, {subject}."));
    }
    talk.answers(ANN, "new-ticket about INC-1", "/merge INC-2");
    talk.answers(ANN, "new-ticket about INC-2", "/merge INC-3");
    let ring = talk.answers(ANN, "new-ticket about INC-3", "/merge INC-1");
    assert_eq!(talk.outcome(ring), "kept");
    assert_eq!(
        talk.ticket(1)
            .merged_into
            .map(|id| id.to_string())
            .as_deref(),
        Some("INC-2")
    );
    // By token, by Message-ID, by tag.
    for answered in ["acknowledgement about INC-1", "acknowledgement about INC-2"] {
        let mail = talk.answers(MARIE, answered, "Toujours rien.");
        assert_eq!(talk.world.mail(mail).ticket, Some(3), "{answered}");
    }
    let tagged = talk.writes(MARIE, "[INC-1] Un", "Encore moi.");
    assert_eq!(talk.world.mail(tagged).ticket, Some(3));
    let reader = talk
        .world
        .gateway
        .store
        .reader()
        .expect("the store can be read");
    let number = |n: usize| talk.ticket(n).id.number();
    let history = reader.history(number(3)).expect("the history can be read");
    let parts: usize = (1..=3)
        .map(|n| talk.world.entries(&talk.ticket(n)).len())
        .sum();
    assert_eq!(history.len(), parts);
    assert!(history.is_sorted_by_key(|(_, entry)| entry.at));
}

/// I10: people of another firm are not brought into a ticket by merging.
#[test]
fn a_wall_stands_between_organisations_when_tickets_are_merged() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Réseau", "Bonjour, plus de réseau.");
    talk.writes(KARIM, "Réseau", "Bonjour, plus de réseau ici non plus.");
    talk.writes("stranger@elsewhere.example", "Help", "Hello, no network.");
    for (loser, winner) in [(1, 2), (2, 1), (3, 1), (1, 3), (3, 2)] {
        let mail = talk.answers(
            ANN,
            &format!("new-ticket about INC-{loser}"),
            &format!("/merge {winner}"),
        );
        assert_eq!(talk.outcome(mail), "kept", "{loser} into {winner}");
        assert!(talk.ticket(winner).watchers.is_empty());
    }
    // One of theirs who watches somebody else's ticket takes no part in the next one by it.
    talk.answers(ANN, "new-ticket about INC-1", &format!("/watch {KARIM}"));
    talk.writes(LUC, "Réseau bis", "Bonjour, pareil.");
    let mail = talk.answers(ANN, "new-ticket about INC-1", "/merge 4");
    assert_eq!(talk.outcome(mail), "kept");
}

/// Restarts, many ticks, a clock that jumps: one queue letter for each day and technician.
#[test]
fn a_queue_letter_comes_once_a_day_whatever_happens() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.answers(ANN, "new-ticket", "/assigner nora");
    let queues = |talk: &Talk| {
        let letters = talk.world.letters();
        letters
            .iter()
            .filter(|letter| letter.notice == "queue")
            .count()
    };
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
    for now in [
        "2026-11-25T06:44:00Z",
        "2026-11-25T06:45:00Z",
        "2026-11-25T06:45:15Z",
        "2026-11-25T06:30:00Z",
        "2026-11-25T11:00:00Z",
    ] {
        talk.world.tick(at(now));
    }
    assert_eq!(queues(&talk), 1);
    // Too late in the day is not sent any more; the next day is.
    talk.world.tick(at("2026-11-26T18:00:00Z"));
    assert_eq!(queues(&talk), 1);
    talk.world.tick(at("2026-11-27T06:50:00Z"));
    assert_eq!(queues(&talk), 2);
}

/// The list is its reader's alone: from anybody else its address and ids do nothing.
#[test]
fn an_answer_to_a_queue_letter_counts_from_its_reader_alone() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.answers(ANN, "new-ticket", "/assigner nora");
    talk.now = "2026-11-25T06:45:00Z".parse().expect("a moment");
    talk.world.tick(talk.now);
    let before = state(&talk.ticket(1));
    let answer = talk.answer(NORA, "queue", "1 clos");
    for other in [ANN, PAUL, MARIE, "stranger@elsewhere.example"] {
        talk.mails += 1;
        let stolen = answer.replace(&format!("From: {NORA}"), &format!("From: {other}"));
        let stolen = stolen.replace("Message-ID: <", &format!("Message-ID: <{}", talk.mails));
        talk.hand_in(&stolen);
        assert_eq!(state(&talk.ticket(1)), before, "{other}");
    }
    // A sheet's number that was changed names no list.
    talk.mails += 1;
    let forged = answer
        .replace("+queue.1.", "+queue.2.")
        .replace("<queue.1.", "<queue.2.");
    let forged = forged.replace("Message-ID: <", "Message-ID: <forged");
    talk.hand_in(&forged);
    assert_eq!(state(&talk.ticket(1)), before);
    talk.mails += 1;
    let mail = talk.hand_in(&answer);
    assert_eq!(talk.outcome(mail), "joined");
    assert_eq!(talk.ticket(1).status, Status::Closed);
}

/// A ticket that was put aside wakes up by itself after a restart as well, once, and tells whoever has it.
#[test]
fn a_snoozed_ticket_wakes_up_once() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.answers(ANN, "new-ticket", "/prends\r\n/reporter 2j");
    let until = talk.ticket(1).wakes_at.expect("a moment");
    assert_eq!(talk.ticket(1).next_news_at, None);
    let messages = |talk: &Talk| {
        let letters = talk.world.letters();
        letters
            .iter()
            .filter(|letter| letter.notice == "message")
            .count()
    };
    talk.world.tick(until - SignedDuration::from_secs(1));
    assert_eq!(
        (talk.ticket(1).status, messages(&talk)),
        (Status::Snoozed, 0)
    );
    talk.world.tick(until);
    talk.world.tick(until + SignedDuration::from_secs(15));
    assert_eq!((talk.ticket(1).status, messages(&talk)), (Status::Open, 1));
    assert!(talk.ticket(1).next_news_at.is_some());
    assert_eq!(talk.ticket(1).wakes_at, None);
}

/// The shell gives the same orders, with the same entries and letters; the database may be in use meanwhile.
#[test]
fn the_shell_gives_the_same_orders() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "Bonjour, elle ne marche plus.");
    talk.writes(
        LUC,
        "Imprimante",
        "Bonjour, elle ne marche pas non plus chez moi.",
    );
    let folder = talk.world.folder().to_owned();
    let run = |arguments: &[&str]| guichet(&folder, arguments);
    let code = |arguments: &[&str]| run(arguments).0.status.code();

    assert_eq!(
        code(&["ticket", "assign", "INC-1", "ann", "--as", "paul"]),
        Some(0)
    );
    assert_eq!(code(&["ticket", "note", "INC-1", "vu avec Marie"]), Some(0));
    assert_eq!(
        code(&["ticket", "priority", "INC-1", "P2", "la paie"]),
        Some(0)
    );
    assert_eq!(
        code(&["ticket", "status", "INC-1", "snoozed", "--until", "2d"]),
        Some(0)
    );
    let (_, text) = run(&["ticket", "merge", "INC-2", "INC-1", "--dry"]);
    assert!(text.contains("would do: /merge INC-1"), "{text}");
    assert!(text.contains("INC-2 would be merged, "), "{text}");
    assert_eq!(talk.ticket(2).status, Status::New);
    let (output, text) = run(&["ticket", "merge", "INC-2", "INC-1", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let object: Value = serde_json::from_str(&text).expect("one object");
    assert_eq!(object["merged_into"], "INC-1");
    assert_eq!(object["done"], serde_json::json!(["/merge INC-1"]));
    let (_, text) = run(&["ticket", "order", "INC-1", "/open", "/time 30m", "--json"]);
    let object: Value = serde_json::from_str(&text).expect("one object");
    assert_eq!(
        (&object["status"], &object["minutes_spent"]),
        (&"open".into(), &30.into())
    );

    assert_eq!(code(&["ticket", "note", "INC-9", "x"]), Some(1));
    assert_eq!(
        code(&["ticket", "assign", "INC-1", "ann", "--as", "nobody"]),
        Some(64)
    );
    assert_eq!(code(&["ticket", "status", "INC-1", "asleep"]), Some(64));
    assert_eq!(code(&["ticket", "order", "INC-1", "/resolvd"]), Some(64));
    assert_eq!(code(&["ticket", "assign", "INC-1", "nobody"]), Some(65));
    assert_eq!(code(&["ticket", "merge", "INC-1", "INC-2"]), Some(65));

    let ticket = talk.ticket(1);
    assert_eq!(ticket.assignee.as_deref(), Some("ann"));
    let by: Vec<(String, String)> = talk
        .world
        .entries(&ticket)
        .into_iter()
        .map(|e| (e.by, e.text))
        .collect();
    let has = |who: &str, what: &str| by.iter().any(|(by, text)| by == who && text.contains(what));
    assert!(has("Paul Brown", "Ann Martin has it"));
    assert!(has("shell", "vu avec Marie"));
    assert!(has("shell", "-> P2: la paie"));
    let reader = Reader::open(talk.world.gateway.store.path()).expect("the store can be read");
    let letters = reader.letters(true).expect("letters can be listed");
    let told = letters
        .iter()
        .filter(|letter| letter.notice == "progress" && letter.to == MARIE);
    assert!(told.count() >= 2, "Marie is told as after a mail");
    assert_eq!(code(&["ticket", "order", "INC-1", "/undo"]), Some(0));
    assert_eq!(talk.ticket(1).minutes_spent, 0);
}
