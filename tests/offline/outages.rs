//! Outages against the real store: what is proposed and when, who goes along, who learns what, how large one may be.

use std::collections::BTreeMap;
use std::time::Instant;

use guichet::desk::outage::TICKETS_MAX;
use guichet::desk::ticket::{Status, Ticket};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::privacy;
use crate::talk::{ANN, KARIM, LUC, MARIE, PAUL, Talk, guichet};
use crate::world::CONFIG;

const SARAH: &str = "sarah@acme.example";
const DOWN: &str = "The internet is down, I cannot work at all.";

/// Marie, Luc and Sarah report the same; the letter about INC-3 proposes an outage.
fn three() -> Talk {
    let mut talk = Talk::new(CONFIG);
    for who in [MARIE, LUC, SARAH] {
        talk.writes(who, "Internet down", DOWN);
    }
    talk
}

/// The same, and Ann has made INC-3 the master.
fn declared() -> Talk {
    let mut talk = three();
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre\r\n/prends");
    talk
}

fn masters(talk: &Talk) -> Vec<Option<String>> {
    let outage = |ticket: Ticket| ticket.outage.map(|master| master.to_string());
    talk.world.tickets().into_iter().map(outage).collect()
}

fn statuses(talk: &Talk) -> Vec<Status> {
    let tickets = talk.world.tickets().into_iter();
    tickets.map(|ticket| ticket.status).collect()
}

/// Letters of this kind since `from` by recipient.
fn letters(talk: &Talk, kind: &str, from: usize) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for letter in talk.world.letters().into_iter().skip(from) {
        if letter.notice == kind {
            *found.entry(letter.to).or_default() += 1;
        }
    }
    found
}

fn count(talk: &Talk) -> usize {
    talk.world.letters().len()
}

/// How many people the subjects of new-ticket letters to Paul speak of, in order.
fn proposals(talk: &Talk) -> Vec<String> {
    let letters = talk.world.letters().into_iter();
    let to_paul = letters.filter(|letter| letter.notice == "new-ticket" && letter.to == PAUL);
    let subjects = to_paul.filter_map(|letter| talk.world.letter(letter.id).subject);
    let people = subjects.filter_map(|subject| {
        let (_, rest) = subject.split_once("] ")?;
        let (people, _) = rest.split_once(" people: ")?;
        Some(people.to_owned())
    });
    people.collect()
}

#[test]
fn an_outage_is_proposed_once_and_again_when_it_doubles() {
    let mut talk = Talk::new(CONFIG);
    for person in 1..=13 {
        let who = format!("person{person}@acme.example");
        talk.writes(&who, "Internet down", DOWN);
        // Nobody counts twice.
        talk.writes(
            &who,
            "Still no internet",
            "The internet is still down, I cannot work.",
        );
    }
    assert_eq!(proposals(&talk), ["3", "6", "12"]);
    assert!(
        masters(&talk).iter().all(Option::is_none),
        "nothing happens silently"
    );
}

#[test]
fn what_is_not_alike_or_lies_apart_proposes_nothing() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Internet down", DOWN);
    talk.writes(
        LUC,
        "Printer",
        "The printer is broken, I cannot print anything.",
    );
    talk.writes(KARIM, "Internet down", DOWN);
    talk.now += SignedDuration::from_mins(61);
    talk.writes(SARAH, "Internet down", DOWN);
    talk.writes("tom@acme.example", "Internet down", DOWN);
    assert_eq!(proposals(&talk), [""; 0]);
    talk.writes("emma@acme.example", "Internet down", DOWN);
    assert_eq!(proposals(&talk), ["3"]);
}

/// Twenty letters to one technician in ten minutes are told together from then on, but for this one.
#[test]
fn a_proposal_is_not_lost_among_many_letters() {
    let mut talk = Talk::new(CONFIG);
    for person in 1..=24 {
        talk.now -= SignedDuration::from_secs(40); // twenty seconds apart
        let who = format!("person{person}@acme.example");
        talk.writes(&who, "Printer", "The printer is slow today.");
    }
    assert_eq!(proposals(&talk), ["3", "6", "12", "24"]);
    let letters = talk.world.letters();
    let held = letters
        .iter()
        .filter(|letter| letter.to == PAUL && letter.state == "held");
    assert_eq!(
        held.count(),
        3,
        "the other ones above twenty wait for the letter that tells them all"
    );
}

/// However pressing it is: what is not alike is a ticket of its own.
#[test]
fn another_fault_is_not_swallowed_while_an_outage_runs() {
    let mut talk = declared();
    talk.writes(
        MARIE,
        "Payment down",
        "Nobody can pay, all tills are down, we lose money.",
    );
    talk.writes(
        "tom@acme.example",
        "Question",
        "How do I connect to the internet from home?",
    );
    assert_eq!(masters(&talk)[3..], [None, None]);
    talk.writes(
        "emma@acme.example",
        "Internet",
        "Is the internet down? I cannot work.",
    );
    assert_eq!(masters(&talk)[5], Some("INC-3".to_owned()));
}

#[test]
fn the_configuration_says_how_many_and_how_long() {
    let usual = "team      = \"infra\"";
    let other = format!("{usual}\noutage_people = 2\noutage_within = \"10m\"");
    let mut talk = Talk::new(&CONFIG.replacen(usual, &other, 1));
    talk.writes(MARIE, "Internet down", DOWN);
    talk.now += SignedDuration::from_mins(10);
    talk.writes(LUC, "Internet down", DOWN);
    assert_eq!(proposals(&talk), [""; 0]);
    talk.writes(SARAH, "Internet down", DOWN);
    assert_eq!(proposals(&talk), ["2"]);
}

#[test]
fn everybody_hears_in_their_own_thread_and_staff_hears_once() {
    let mut talk = declared();
    assert_eq!(
        masters(&talk),
        [
            Some("INC-3".to_owned()),
            Some("INC-3".to_owned()),
            Some("INC-3".to_owned())
        ]
    );
    let before = count(&talk);
    talk.answers(
        ANN,
        "receipt about INC-3",
        "The line is cut.\r\n\r\n/assign paul",
    );
    let each = |people: &[&str]| -> BTreeMap<String, usize> {
        people.iter().map(|who| ((*who).to_owned(), 1)).collect()
    };
    assert_eq!(letters(&talk, "update", before), each(&[MARIE, LUC, SARAH]));
    assert_eq!(
        letters(&talk, "new-ticket", before),
        each(&[PAUL]),
        "it is his, told once"
    );
    for ticket in talk.world.tickets() {
        assert_eq!(ticket.assignee.as_deref(), Some("paul"), "{}", ticket.id);
    }
    // The promised moment comes three times, then nobody hears anything more by itself.
    for round in 0..5 {
        let before = count(&talk);
        talk.now += SignedDuration::from_hours(1);
        talk.world.tick(talk.now);
        talk.world.tick(talk.now + SignedDuration::from_secs(30));
        let expected = if round < 3 {
            each(&[MARIE, LUC, SARAH])
        } else {
            each(&[])
        };
        assert_eq!(
            letters(&talk, "progress", before),
            expected,
            "round {round}"
        );
        assert_eq!(
            letters(&talk, "message", before),
            each(&[]),
            "round {round}"
        );
    }
    assert_eq!(privacy::leaks(&talk.world), Vec::<String>::new());
}

/// Whoever has a ticket learns that somebody else made it the master, or put another one under it.
#[test]
fn whoever_works_the_master_learns_what_came_under_it() {
    let mut talk = three();
    talk.answers(ANN, "new-ticket about INC-3", "/prends");
    let before = count(&talk);
    talk.answers(PAUL, "new-ticket about INC-3", "/outage");
    assert_eq!(
        letters(&talk, "new-ticket", before),
        [(ANN.to_owned(), 1)].into()
    );
    talk.writes(KARIM, "Internet down", DOWN);
    let before = count(&talk);
    talk.answers(PAUL, "new-ticket about INC-4", "/outage INC-1");
    assert_eq!(masters(&talk), vec![Some("INC-3".to_owned()); 4]);
    assert_eq!(
        letters(&talk, "new-ticket", before),
        [(ANN.to_owned(), 1)].into()
    );
}

/// Whatever moves the master is told to each requester once and to whoever is concerned of the staff once.
#[test]
fn every_move_of_the_master_is_told_to_each_once() {
    let mut talk = three();
    talk.answers(PAUL, "new-ticket about INC-3", "/outage\r\n/take");
    let all: BTreeMap<String, usize> = [MARIE, LUC, SARAH].map(|who| (who.to_owned(), 1)).into();
    for (order, status, letter) in [
        ("/escalate it takes too long", Status::Open, "progress"),
        (
            "/handoff orange line cut",
            Status::WaitingProvider,
            "progress",
        ),
        ("/wait until tomorrow", Status::WaitingRequester, "progress"),
        ("/chase", Status::WaitingRequester, "reminder"),
        ("/open", Status::Open, "progress"),
        ("/resolve", Status::Resolved, "resolved"),
        ("/close", Status::Closed, "closed"),
    ] {
        let before = count(&talk);
        talk.now += SignedDuration::from_hours(24); // the budgets of the day are another matter
        talk.answers(PAUL, "receipt about INC-3", order);
        assert_eq!(statuses(&talk), [status; 3], "{order}");
        assert_eq!(letters(&talk, letter, before), all, "{order}");
        let staff = letters(&talk, "new-ticket", before);
        let expected: usize = if order.starts_with("/escalate") { 1 } else { 0 };
        assert_eq!(
            staff.values().sum::<usize>(),
            expected,
            "{order}: {staff:?}"
        );
    }
}

#[test]
fn whoever_goes_on_while_the_master_rests_is_promised_something() {
    let mut talk = declared();
    talk.answers(ANN, "receipt about INC-3", "/snooze 2d");
    assert_eq!(talk.ticket(1).next_news_at, None);
    talk.answers(MARIE, "progress", "It got worse, nobody can work.");
    let marie = talk.ticket(1);
    assert_eq!(marie.status, Status::Open);
    assert!(marie.next_news_at.is_some());
    assert!(
        marie.nudges_at.is_some(),
        "whoever has it is nudged for it by itself"
    );
}

#[test]
fn a_no_concerns_its_own_ticket_alone() {
    let mut talk = declared();
    talk.answers(ANN, "receipt about INC-3", "/resolve cable joined");
    assert_eq!(statuses(&talk), [Status::Resolved; 3]);
    talk.answers(MARIE, "resolved", "Yes");
    talk.answers(SARAH, "resolved", "No, still nothing.");
    assert_eq!(
        statuses(&talk),
        [Status::Closed, Status::Resolved, Status::Open]
    );
    // INC-3 is the master, and open again: what is written about it now is for Sarah alone.
    let before = count(&talk);
    talk.answers(ANN, "message about INC-3", "Please restart your computer.");
    assert_eq!(
        letters(&talk, "update", before),
        [(SARAH.to_owned(), 1)].into()
    );
    let before = count(&talk);
    talk.answers(ANN, "message about INC-3", "/resolve restarted");
    assert_eq!(
        letters(&talk, "resolved", before),
        [(SARAH.to_owned(), 1)].into()
    );
    assert_eq!(
        statuses(&talk),
        [Status::Closed, Status::Resolved, Status::Resolved]
    );
}

#[test]
fn one_undo_takes_it_back_whole_unless_somebody_has_decided_since() {
    let mut talk = three();
    let before = talk.world.tickets();
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre");
    talk.writes("tom@acme.example", "Internet down", DOWN);
    assert_eq!(masters(&talk), vec![Some("INC-3".to_owned()); 4]);
    talk.answers(ANN, "receipt about INC-3", "/annuler");
    assert_eq!(masters(&talk), vec![None; 4]);
    for (before, after) in before.iter().zip(talk.world.tickets()) {
        assert_eq!((before.status, &before.team), (after.status, &after.team));
    }
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre");
    talk.answers(PAUL, "new-ticket about INC-1", "/split");
    talk.answers(ANN, "receipt about INC-3", "/annuler");
    assert_eq!(masters(&talk)[0], None);
    assert_eq!(masters(&talk)[1], Some("INC-3".to_owned()), "changed since");
}

/// An answer to the queue letter names tickets by numbers: a slip of the pen must not tell forty people.
#[test]
fn the_queue_shows_an_outage_as_one_line_and_closing_it_is_asked_back() {
    let config = CONFIG.replacen(
        "name = \"Ann Martin\"",
        "name = \"Ann Martin\"\ndaily = \"09:30\"",
        1,
    );
    let mut talk = Talk::new(&config);
    for who in [MARIE, LUC, SARAH, "tom@acme.example"] {
        talk.writes(who, "Internet down", DOWN);
    }
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre\r\n/prends");
    talk.now += SignedDuration::from_mins(30);
    talk.world.tick(talk.now);
    let queue = crate::answers::latest(&talk.world, "queue", ANN, None);
    let text = talk.world.letter(queue.id).text;
    assert!(
        text.contains("1. INC-3") && !text.contains("2. INC"),
        "{text}"
    );
    assert!(text.contains("personnes touchées\u{a0}: 4"), "{text}");
    talk.answers(ANN, "queue", "1 clos");
    assert_eq!(statuses(&talk), [Status::Open; 4]);
    talk.answers(ANN, "queue", "1 clos\r\nCONFIRMER");
    assert_eq!(statuses(&talk), [Status::Closed; 4]);
}

const CANARIES: [&str; 5] = [
    "canary-watcher",
    "canary-marie",
    "canary-karim",
    "canary-note-of-ann",
    "canary-name-of-the-outage",
];

/// Two houses under one outage, with every letter there is: nobody outside reads what is somebody else's.
#[test]
fn nobody_outside_learns_of_the_others() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(
        "Canary-Marie <marie@acme.example>",
        "Internet down canary-marie",
        &format!("{DOWN} canary-marie"),
    );
    talk.writes(LUC, "Internet down", DOWN);
    talk.writes(SARAH, "Internet down", DOWN);
    talk.writes(
        "Canary-Karim <karim@boutiques.example>",
        "Internet down canary-karim",
        &format!("{DOWN} canary-karim"),
    );
    talk.answers(
        ANN,
        "new-ticket about INC-1",
        "/panne canary-name-of-the-outage\r\n/prends",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/suivre canary-watcher@acme.example",
    );
    talk.answers(ANN, "new-ticket about INC-4", "/panne INC-1");
    talk.answers(
        ANN,
        "receipt about INC-1",
        "The line is cut.\r\n\r\n/note canary-note-of-ann",
    );
    talk.answers(MARIE, "update", "Thank you. canary-marie");
    talk.answers(ANN, "message about INC-1", "/wait until tomorrow");
    talk.answers(ANN, "receipt about INC-1", "/open");
    talk.answers(
        ANN,
        "receipt about INC-1",
        "/handoff orange the line is cut",
    );
    talk.writes("tom@acme.example", "Internet down", DOWN);
    talk.now += SignedDuration::from_hours(5);
    talk.world.tick(talk.now);
    talk.answers(
        ANN,
        "receipt about INC-1",
        "/resolve the line is joined\r\n/cause digger",
    );
    talk.answers(KARIM, "resolved", "No. canary-karim");
    talk.answers(LUC, "resolved", "Yes");
    talk.now += SignedDuration::from_hours(24 * 9);
    talk.world.tick(talk.now);
    assert_eq!(masters(&talk), vec![Some("INC-1".to_owned()); 5]);
    assert_eq!(privacy::leaks(&talk.world), Vec::<String>::new());
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for letter in talk.world.letters() {
        if letter.to.ends_with("@example.org") {
            continue;
        }
        *kinds.entry(letter.notice.clone()).or_default() += 1;
        let shown = privacy::shown(&talk.world, &letter).to_lowercase();
        for canary in CANARIES {
            // A firm reads how the ticket it was given was reported: by Marie, whose ticket is the master.
            let reader = match letter.notice.as_str() {
                "handoff" => "marie",
                _ => &letter.to,
            };
            let is_theirs = canary
                .strip_prefix("canary-")
                .is_some_and(|name| reader.starts_with(name));
            let is_theirs = is_theirs || reader.starts_with(canary);
            assert!(
                is_theirs || !shown.contains(canary),
                "{canary} in a letter to {}",
                letter.to
            );
        }
        let own = letter.about();
        for other in talk.world.tickets() {
            let id = other.id.to_string();
            assert!(
                id == own || !shown.contains(&id.to_lowercase()),
                "{id} in a letter about {own}"
            );
        }
    }
    for kind in [
        "acknowledgement",
        "update",
        "progress",
        "resolved",
        "closed",
    ] {
        assert!(
            kinds
                .get(kind)
                .is_some_and(|count| *count >= 4 || kind == "acknowledgement"),
            "{kinds:?}"
        );
    }
}

/// The largest outage: one mail of a technician writes to everybody. How long that holds up the writing thread is printed.
#[test]
fn an_outage_has_an_end_and_one_mail_reaches_all_of_it() {
    let mut talk = Talk::new(CONFIG);
    let crowd = TICKETS_MAX + 1;
    for person in 1..=crowd {
        talk.now -= SignedDuration::from_secs(50); // ten seconds apart
        talk.writes(
            &format!("person{person}@acme.example"),
            "Internet down",
            DOWN,
        );
    }
    let mut timed = |letter: &str, text: &str| {
        let begun = Instant::now();
        talk.answers(PAUL, letter, text);
        println!("{text:?}: {} ms", begun.elapsed().as_millis());
    };
    timed("new-ticket about INC-1", "/outage\r\n/take");
    timed("receipt about INC-1", "The line is cut.");
    timed(
        "receipt about INC-1",
        "It is joined.\r\n\r\n/resolve joined",
    );
    let under = masters(&talk).into_iter().flatten().count();
    assert_eq!(under, TICKETS_MAX);
    let updates = letters(&talk, "update", 0);
    assert_eq!(updates.len(), TICKETS_MAX);
    assert!(updates.values().all(|count| *count == 2));
    assert_eq!(letters(&talk, "resolved", 0).len(), TICKETS_MAX);
    let receipt = talk.receipt(PAUL);
    assert!(receipt.contains("And 179 more."), "{receipt}");
    talk.answers(PAUL, "new-ticket about INC-201", "/outage INC-1");
    assert!(
        talk.receipt(PAUL).contains("Not done"),
        "{}",
        talk.receipt(PAUL)
    );
}

#[test]
fn the_shell_declares_and_shows_an_outage() {
    let talk = three();
    let run = |arguments: &[&str]| {
        let (output, text) = guichet(talk.world.folder(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}{said}");
        text
    };
    let dry = run(&[
        "ticket",
        "order",
        "INC-1",
        "/outage Fibre",
        "--as",
        "ann",
        "--dry",
    ]);
    assert!(
        dry.contains("INC-3 would be new, P1, with nobody, outage INC-1"),
        "{dry}"
    );
    run(&["ticket", "order", "INC-1", "/outage Fibre", "--as", "ann"]);
    let listed = run(&["tickets", "--json"]);
    let outages: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["outage"].clone())
        .collect();
    assert_eq!(outages, ["INC-1"; 3]);
    let listed = run(&["tickets"]);
    assert!(listed.contains("(outage: 3 people)"), "{listed}");
    assert!(listed.contains("(under the outage INC-1)"), "{listed}");
    let shown = run(&["ticket", "show", "INC-2", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        (&shown["outage"], &shown["outage_name"]),
        (&"INC-1".into(), &"Fibre".into())
    );
    assert_eq!(
        shown["outage_tickets"],
        serde_json::json!(["INC-1", "INC-3"])
    );
    let shown = run(&["ticket", "show", "INC-1"]);
    assert!(
        shown.contains(
            "outage INC-1 (Fibre): 3 people since 2026-11-24T08:01:00Z, with INC-2, INC-3"
        ),
        "{shown}"
    );
    run(&["ticket", "order", "INC-1", "/undo", "--as", "ann"]);
    assert!(!run(&["tickets"]).contains("outage"));
}

/// A promise that was made holds when its ticket comes under an outage.
#[test]
fn the_earliest_promise_holds_for_all() {
    let mut talk = three();
    let promised = |talk: &Talk| -> Vec<Option<Timestamp>> {
        let tickets = talk.world.tickets().into_iter();
        tickets.map(|ticket| ticket.next_news_at).collect()
    };
    let before = promised(&talk);
    let earliest = before.iter().flatten().min().copied();
    assert!(before.iter().any(|at| *at != earliest));
    talk.answers(ANN, "new-ticket about INC-3", "/panne");
    assert_eq!(promised(&talk), vec![earliest; 3]);
    talk.answers(
        ANN,
        "new-ticket about INC-1",
        "Marie, your telephone can serve as a modem.",
    );
    assert_eq!(
        promised(&talk),
        vec![earliest; 3],
        "it waits for the master's news"
    );
}

/// Whatever a ticket under an outage waits for by itself still comes: only what its master waits for too is left to that one.
#[test]
fn a_member_that_waits_by_itself_is_dealt_with_by_itself() {
    let mut talk = declared();
    talk.answers(ANN, "new-ticket about INC-1", "/snooze 2h");
    talk.answers(ANN, "new-ticket about INC-2", "/wait until tomorrow");
    let before = count(&talk);
    talk.now += SignedDuration::from_mins(150);
    talk.world.tick(talk.now);
    assert_eq!(
        statuses(&talk),
        [Status::Open, Status::WaitingRequester, Status::Open]
    );
    // INC-1 went on by itself, and waits for what the master promises from then on; Luc is asked and hears nothing.
    let told = letters(&talk, "progress", before);
    assert_eq!(told.get(SARAH), Some(&1));
    assert_eq!(told.get(LUC), None);
    let tickets = talk.world.tickets();
    assert_eq!(tickets[0].next_news_at, tickets[2].next_news_at);
    talk.answers(ANN, "receipt about INC-3", "/snooze 2h");
    assert_eq!(statuses(&talk), [Status::Snoozed; 3]);
    let before = count(&talk);
    talk.now += SignedDuration::from_mins(150);
    talk.world.tick(talk.now);
    assert_eq!(statuses(&talk), [Status::Open; 3]);
    assert_eq!(
        letters(&talk, "message", before),
        [(ANN.to_owned(), 1)].into()
    );
}

/// The firm mends what all of them wait for: none is left waiting for it.
#[test]
fn what_a_firm_answers_about_the_master_sets_its_members_going() {
    let mut talk = declared();
    talk.answers(ANN, "receipt about INC-3", "/transmettre orange la ligne");
    assert_eq!(statuses(&talk), [Status::WaitingProvider; 3]);
    let before = count(&talk);
    talk.answers(
        "support@orange.example",
        "handoff",
        "La ligne est de retour.",
    );
    assert_eq!(statuses(&talk), [Status::Open; 3]);
    assert_eq!(
        letters(&talk, "message", before),
        [(ANN.to_owned(), 1)].into()
    );
}

/// The silence of one is not the silence of all.
#[test]
fn a_master_whose_requester_is_silent_is_not_closed_while_others_answer() {
    let mut talk = declared();
    let promised = |talk: &Talk| {
        let letter = crate::answers::latest(&talk.world, "reminder", SARAH, None);
        let text = talk.world.letter(letter.id).text;
        text.contains("we will close it")
    };
    talk.answers(ANN, "receipt about INC-3", "/attente");
    talk.answers(MARIE, "acknowledgement", "It is still down.");
    talk.answers(LUC, "acknowledgement", "Still down here.");
    let before = count(&talk);
    for _ in 0..40 {
        talk.now += SignedDuration::from_hours(24);
        talk.world.tick(talk.now);
    }
    let [marie, luc, master] = statuses(&talk)[..] else {
        panic!("three tickets");
    };
    assert_eq!((marie, luc), (Status::Open, Status::Open));
    assert_eq!(master, Status::WaitingRequester);
    let told = letters(&talk, "reminder", before);
    assert_eq!(told.get(SARAH), Some(&2), "{told:?}");
    assert!(!promised(&talk), "it is not closed");
    assert_eq!(told.get(ANN), Some(&1), "{told:?}");
    let letter = crate::answers::latest(&talk.world, "reminder", ANN, None);
    let text = talk.world.letter(letter.id).text;
    assert!(text.contains("D’autres personnes"), "{text}");
    // Once nobody else waits, silence closes again.
    talk.answers(ANN, "reminder", "/attente");
    for (who, ticket) in [(MARIE, "INC-1"), (LUC, "INC-2")] {
        talk.answers(who, "acknowledgement", "It is back.");
        talk.answers(ANN, &format!("message about {ticket}"), "/clos");
    }
    for _ in 0..40 {
        talk.now += SignedDuration::from_hours(24);
        talk.world.tick(talk.now);
    }
    assert_eq!(statuses(&talk), [Status::Closed; 3]);
    assert!(promised(&talk), "before it was closed");
}

/// What the master's firm was asked is no question to a firm that had a member before.
#[test]
fn a_member_reminds_no_firm_of_what_its_master_was_handed_over_for() {
    let more = "[provider.sfr]\nname = \"SFR Business\"\naddress = \"pro@sfr.example\"\n";
    let mut talk = Talk::new(&format!("{CONFIG}\n{more}"));
    for who in [MARIE, LUC, SARAH] {
        talk.writes(who, "Internet down", DOWN);
    }
    talk.answers(ANN, "new-ticket about INC-1", "/transmettre sfr la ligne");
    talk.answers(ANN, "receipt about INC-1", "/ouvrir");
    talk.answers(ANN, "new-ticket about INC-3", "/panne Fibre\r\n/prends");
    talk.answers(ANN, "receipt about INC-3", "/transmettre orange la ligne");
    assert_eq!(statuses(&talk), [Status::WaitingProvider; 3]);
    let before = count(&talk);
    talk.now += SignedDuration::from_hours(24 * 3);
    talk.world.tick(talk.now);
    assert_eq!(
        letters(&talk, "reminder", before),
        [("support@orange.example".to_owned(), 1)].into()
    );
}
