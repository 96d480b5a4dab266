//! Floods and robots against the real store: what `reliability.md` promises must hold for a thousand mails as for one.
//!
//! Each test names the promise it holds. Numbers are those of the default configuration.

use std::collections::BTreeMap;

use guichet::desk::letter::Delivery;
use guichet::store::LetterView;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::answers::header;
use crate::world::{Arrival, CONFIG, World};

/// Monday, 09:00 in Paris.
const MORNING: &str = "2026-11-23T08:00:00Z";

fn morning() -> Timestamp {
    MORNING.parse().expect("a moment")
}

/// Without a team nobody of the staff is written to, which keeps thousands of tickets cheap.
fn without_team() -> String {
    CONFIG.replace("team      = \"infra\"\n", "")
}

fn mail(from: &str, id: &str, subject: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: support@example.org\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\
         Message-ID: <{id}>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

fn of_kind(world: &World, kind: &str) -> usize {
    let letters = world.letters();
    letters
        .iter()
        .filter(|letter| letter.notice == kind)
        .count()
}

fn assert_all_explained(world: &World, mails: &[i64]) {
    for id in mails {
        let mail = world.mail(*id);
        assert!(mail.outcome.is_some(), "mail {id} was filed");
        let explained = mail.reasons.iter().any(|reason| !reason.trim().is_empty());
        assert!(explained, "mail {id} says why (I24)");
    }
}

/// I6, and I2 of the architecture: however a first mail comes again, there is one ticket and one acknowledgement.
#[test]
fn a_first_mail_that_comes_a_thousand_times_is_acknowledged_once() {
    let first = |id: &str| {
        mail(
            "Marie <marie@acme.example>",
            id,
            "Imprimante",
            "Bonjour, mon imprimante est en panne.",
        )
    };
    type PlaceAndId = fn(usize) -> (String, String);
    let kinds: [(&str, PlaceAndId); 3] = [
        ("the same source message", |_| {
            ("1".to_owned(), "a@acme.example".to_owned())
        }),
        ("a copy by another way", |n| {
            (n.to_string(), "a@acme.example".to_owned())
        }),
        ("the same words under a new id", |n| {
            (n.to_string(), format!("{n}@acme.example"))
        }),
    ];
    for (what, place_and_id) in kinds {
        let world = World::with(&without_team());
        let arrivals = (0..1000).map(|number| {
            let (place, id) = place_and_id(number);
            Arrival::at_support(place, first(&id))
        });
        let mails: Vec<i64> = world
            .receive_all(arrivals.collect(), morning())
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(world.tickets().len(), 1, "{what}");
        assert_eq!(of_kind(&world, "acknowledgement"), 1, "{what}");
        assert_eq!(world.letters().len(), 1, "{what}");
        assert_all_explained(&world, &mails);
    }
}

/// I7: thousands of forged senders make guichet write to nobody, now or when promises would fall due.
#[test]
fn forged_senders_are_written_to_by_nobody() {
    const SENDERS: usize = 2000;
    let world = World::with(&without_team());
    let arrivals = (0..SENDERS).map(|n| {
        let from = format!("Victim {n} <victim{n}@host{}.example>", n % 97);
        Arrival::at_support(
            n.to_string(),
            mail(
                &from,
                &format!("{n}@forged.example"),
                "Urgent",
                &format!("Call me back, {n}."),
            ),
        )
    });
    let mails: Vec<i64> = world
        .receive_all(arrivals.collect(), morning())
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(world.tickets().len(), SENDERS);
    for days in 1..=7 {
        world.tick(morning() + SignedDuration::from_hours(24 * days));
    }
    let letters = world.letters();
    assert_eq!(
        letters.len(),
        SENDERS,
        "one acknowledgement each, and nothing since"
    );
    let gone = letters
        .iter()
        .filter(|letter| letter.state != "held")
        .count();
    assert_eq!(gone, 0, "letters to forged senders");
    assert_all_explained(&world, &mails);
}

/// I8: nothing an unverified sender chose comes back in a letter, whatever happens to the ticket.
#[test]
fn nothing_an_unverified_sender_wrote_is_repeated() {
    let canary = |place: &str| format!("canary-{place}-7f3a");
    let everyone = format!("{CONFIG}\n[limits]\nacknowledge = \"everyone\"\n");
    for config in [CONFIG, &everyone] {
        let world = World::with(config);
        let stranger = format!(
            "From: {} <eve@elsewhere.example>\r\nReply-To: {} <{}@elsewhere.example>\r\nTo: {} <support@example.org>\r\n\
             Cc: {}@elsewhere.example\r\nSubject: {}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <eve-1@elsewhere.example>\r\n\
             X-Note: {}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\nhttps://{}.example/\r\n\
             --b\r\nContent-Type: application/pdf; name=\"{}.pdf\"\r\nContent-Disposition: attachment; filename=\"{}.pdf\"\r\n\r\n%PDF-{}\r\n--b--\r\n",
            canary("name"),
            canary("reply"),
            canary("reply"),
            canary("to"),
            canary("cc"),
            canary("subject"),
            canary("header"),
            canary("text"),
            canary("link"),
            canary("file"),
            canary("file"),
            canary("content"),
        );
        world.receive(Arrival::at_support("1", stranger), morning());
        for (number, text) in (2..).zip([
            "/take", "/p1 now", "/wait", "/open", "/resolve", "/open", "/close",
        ]) {
            let now = morning() + SignedDuration::from_mins(20 * number);
            let told = crate::answers::latest(&world, "new-ticket", "ann@example.org", None);
            let to = header(&world.letter_bytes(told.id), "Reply-To").expect("her token");
            let order = format!(
                "From: ann@example.org\r\nTo: {to}\r\nSubject: x\r\nDate: {}\r\nMessage-ID: <{number}@example.org>\r\n\r\n{text}\r\n",
                now.strftime("%a, %d %b %Y %T +0000")
            );
            world.receive(Arrival::at_support(number.to_string(), order), now);
        }
        for days in 1..=30 {
            world.tick(morning() + SignedDuration::from_hours(24 * days));
        }
        let theirs: Vec<LetterView> = world
            .letters()
            .into_iter()
            .filter(|letter| letter.to == "eve@elsewhere.example")
            .collect();
        assert!(
            theirs.len() >= 4,
            "acknowledged, taken, resolved, closed: {theirs:?}"
        );
        for letter in theirs {
            let bytes = world.letter_bytes(letter.id);
            assert!(
                bytes.len() <= 8 * 1024,
                "{} of {} bytes (I8)",
                letter.notice,
                bytes.len()
            );
            let read = world.letter(letter.id);
            let raw = String::from_utf8_lossy(&bytes).into_owned();
            let shown =
                format!("{raw}{}{}", read.subject.unwrap_or_default(), read.text).to_lowercase();
            assert!(!shown.contains("canary"), "{}:\n{shown}", letter.notice);
        }
    }
}

/// What the default configuration allows to one address.
const PER_ADDRESS: [(i64, usize); 3] = [(10 * 60, 3), (3_600, 6), (86_400, 12)];

/// I5: in no window more automatic letters than configured went out to one address.
fn assert_within_budget(letters: &[LetterView], staff: &[&str]) {
    let mut moments: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let counted = |letter: &&LetterView| {
        letter.state != "held" && !staff.contains(&letter.to.as_str()) && letter.notice != "update"
    };
    for letter in letters.iter().filter(counted) {
        moments
            .entry(&letter.to)
            .or_default()
            .push(letter.created_at.as_second());
    }
    for (to, moments) in moments {
        for (window, most) in PER_ADDRESS {
            for (first, begin) in moments.iter().enumerate() {
                let within = moments
                    .iter()
                    .skip(first)
                    .take_while(|moment| *moment - begin < window);
                let count = within.count();
                assert!(
                    count <= most,
                    "{count} letters to {to} within {window} s from {begin}"
                );
            }
        }
    }
}

/// I5: a robot that answers every letter, and writes by itself too, gets no more than its budget.
#[test]
fn a_robot_that_strips_headers_never_gets_more_than_its_budget() {
    for joins in [false, true] {
        let world = World::with(&without_team());
        let (mut now, mut number) = (morning(), 0_usize);
        let end = now + SignedDuration::from_hours(24);
        let mut write = |world: &World, now: Timestamp, answered: Option<&LetterView>| {
            number += 1;
            let tag = answered
                .filter(|_| joins)
                .map(|letter| format!("[{}] ", letter.about()))
                .unwrap_or_default();
            let text =
                format!("Thank you for message {number}, it is number {number} in our queue.");
            let mail = mail(
                "Robot <robot@acme.example>",
                &format!("{number}@acme.example"),
                &format!("{tag}Received {number}"),
                &text,
            );
            world.receive(Arrival::at_support(number.to_string(), mail), now);
        };
        while now < end {
            write(&world, now, None);
            now += SignedDuration::from_mins(7);
            world.tick(now);
            for letter in world.carry("support", now, |_| Delivery::Accepted("250 ok".to_owned())) {
                write(&world, now, Some(&letter));
            }
        }
        let letters = world.letters();
        assert_within_budget(&letters, &[]);
        let held = letters
            .iter()
            .filter(|letter| letter.state == "held")
            .count();
        let sent = letters.len() - held;
        assert!(sent >= 10, "{sent} sent: the budget was used");
        assert!(held > 100, "{held} held: nothing is dropped silently");
        assert!(
            letters
                .iter()
                .filter(|letter| letter.state == "held")
                .all(|letter| letter.reason.starts_with("over budget"))
        );
    }
}

/// A letter as a gateway between the two would pass it on: what says "automatic" is gone, so is the thread.
fn stripped(letter: &[u8], number: usize) -> String {
    let text = String::from_utf8_lossy(letter);
    let (head, body) = text.split_once("\r\n\r\n").expect("a header");
    let head = head.replace("\r\n ", " ");
    let kept = head.lines().filter(|line| {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        ![
            "auto-submitted",
            "x-auto-response-suppress",
            "x-guichet-loop",
            "in-reply-to",
            "references",
            "message-id",
            "reply-to",
            "subject",
        ]
        .contains(&name.as_str())
    });
    let mut mail: String = kept.map(|line| format!("{line}\r\n")).collect();
    mail.push_str(&format!("Subject: Your message {number}\r\nMessage-ID: <passed-{number}@relay.example>\r\n\r\n{body}"));
    mail
}

/// I5: two gateways behind a relay that hides every sign of automation end within their budgets.
#[test]
fn two_gateways_do_not_talk_to_each_other_for_ever() {
    let other = without_team()
        .replace("support@example.org", "help@acme.example")
        .replace("[organisation.acme]", "[organisation.example]")
        .replace(
            "domains = [\"acme.example\"]",
            "domains = [\"example.org\"]",
        );
    let (ours, theirs) = (World::with(&without_team()), World::with(&other));
    let first = mail(
        "Help <help@acme.example>",
        "first@acme.example",
        "Hello",
        "Is anybody there? We wait for your answer.",
    );
    ours.receive(Arrival::at_support("first", first), morning());
    let (mut now, mut number) = (morning(), 0);
    let end = now + 24.hours();
    while now < end {
        for (from, to) in [(&ours, &theirs), (&theirs, &ours)] {
            for letter in from.carry("support", now, |_| Delivery::Accepted("250 ok".to_owned())) {
                number += 1;
                let mail = stripped(&from.letter_bytes(letter.id), number);
                to.receive(Arrival::at_support(number.to_string(), mail), now);
            }
            from.tick(now);
        }
        now += SignedDuration::from_mins(3);
    }
    for world in [&ours, &theirs] {
        let letters = world.letters();
        assert_within_budget(&letters, &[]);
        let sent = letters
            .iter()
            .filter(|letter| letter.state != "held")
            .count();
        assert!((1..=12).contains(&sent), "{sent} letters in a day");
    }
    assert!(number >= 3, "they did talk: {number} letters");
}

/// I7: what one mail names does not decide how much work it makes. A stranger names every ticket there is.
#[test]
fn a_subject_full_of_tags_names_ten_tickets_at_most() {
    let world = World::with(&without_team());
    let reports = (0..30).map(|number| {
        let from = format!("p{number}@acme.example");
        let id = format!("{number}@acme.example");
        let text = format!("Mon poste {number} est en panne.");
        Arrival::at_support(
            id.clone(),
            mail(&from, &id, &format!("Poste {number}"), &text),
        )
    });
    world.receive_all(reports.collect(), morning());
    assert_eq!(world.tickets().len(), 30);
    let tags: String = (1..=30).map(|number| format!("[INC-{number}]")).collect();
    let hostile = mail(
        "x@elsewhere.example",
        "tags@elsewhere.example",
        &tags,
        "Bonjour",
    );
    world.receive(Arrival::at_support("tags", hostile), morning());
    let tickets = world.tickets();
    let opened = tickets.last().expect("a ticket of its own");
    assert_eq!((tickets.len(), opened.links.len()), (31, 10));
}

/// One ticket that cannot be written about does not keep the others from closing.
#[test]
fn a_ticket_of_a_desk_that_is_gone_holds_up_no_other() {
    let world = World::with(&without_team());
    for number in 0..2 {
        let from = format!("p{number}@acme.example");
        let id = format!("{number}@acme.example");
        let text = format!("Mon poste {number} est en panne.");
        let report = mail(&from, &id, &format!("Poste {number}"), &text);
        world.receive(Arrival::at_support(id, report), morning());
    }
    let tickets = world.tickets();
    let mut orphan = tickets[0].clone();
    orphan.desk = "gone".to_owned();
    orphan.id = guichet::desk::ids::TicketId::new("INC", 99.try_into().expect("not 0"));
    world.write(move |tx| tx.open_ticket(&orphan));
    // Not the same moment for both: the second of like reports counts for more.
    let promised = tickets
        .iter()
        .filter_map(|ticket| ticket.next_news_at)
        .max();
    world.tick(promised.expect("promised") + 1.minute());
    let told = of_kind(&world, "progress");
    assert_eq!(
        told, 2,
        "each requester of a desk that is there gets the promised news"
    );
}
