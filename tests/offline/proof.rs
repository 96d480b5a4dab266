//! Who may give commands (`reliability.md` I11): every combination of the conditions, with every command, and the
//! two ways a token comes back.

use std::num::NonZeroU32;

use guichet::desk;
use guichet::desk::act::{Act, ActId, Facet, Move, PastAct};
use guichet::desk::event::{Effect, Event, LastWords, Snapshot};
use guichet::desk::ids::TicketId;
use guichet::desk::mail::{InboundMail, Mailbox, Verdict};
use guichet::desk::notice::{Refusal, Refused};
use guichet::desk::ticket::{Change, Ticket};
use jiff::{SignedDuration, Timestamp};

use crate::answers;
use crate::world::{Arrival, CONFIG, World};

/// Every command, with what it needs behind it.
const COMMANDS: &[&str] = &[
    "/take",
    "/assign paul",
    "/team infra",
    "/p1 because everything is down",
    "/impact high",
    "/urgency low",
    "/wait",
    "/wait until tomorrow",
    "/snooze 2d",
    "/open",
    "/resolve",
    "/close",
    "/cause cable",
    "/solution cable",
    "/note lies",
    "/watch paul@example.org",
    "/unwatch paul@example.org",
    "/requester paul@acme.example",
    "/escalate too long",
    "/handoff orange line down",
    "/merge INC-2",
    "/split",
    "/link INC-2",
    "/outage",
    "/outage Fibre Lyon",
    "/outage INC-2",
    "/time 30m",
    "/category network",
    "/recipe",
    "/undo",
    "/dry",
    "/help",
];

const CONDITIONS: [&str; 8] = [
    "one sender in From",
    "a technician in From",
    "authenticated",
    "their token",
    "a person",
    "a recent date",
    "above the quoted text",
    "not done before",
];

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a moment")
}

/// A desk that asks for token and authentication.
fn strict() -> World {
    World::with(&CONFIG.replace(
        "team      = \"infra\"",
        "team      = \"infra\"\nproof     = \"both\"\ntrusted_authserv_ids = [\"mx.example.org\"]",
    ))
}

/// A world with two tickets of Marie's; the first is Paul's.
fn two_tickets(world: &World) -> Vec<Ticket> {
    for (place, subject) in [("1", "The till is dead"), ("2", "The printer is dead")] {
        let mail = format!(
            "From: Marie <marie@acme.example>\r\nTo: support@example.org\r\nSubject: {subject}\r\n\
             Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{place}@acme.example>\r\n\r\n{subject}.\r\n"
        );
        world.receive(Arrival::at_support(place, mail), now());
    }
    world.tickets()
}

/// A mail for which the conditions hold whose bits are set.
fn mail(world: &World, ticket: &TicketId, command: &str, holds: usize) -> InboundMail {
    let is = |condition: usize| holds >> condition & 1 == 1;
    let ann = "ann@example.org".parse().expect("an address");
    let token = world.gateway.rules.key.reply_token(ticket, &ann, now());
    let from = if is(1) {
        "ann@example.org"
    } else {
        "ann@acme.example"
    };
    let to = match is(3) {
        true => format!("support+{token}@example.org"),
        false => "support@example.org".to_owned(),
    };
    let address = |address: &str| Mailbox {
        name: None,
        address: address.to_owned(),
    };
    let mut mail = InboundMail {
        from: Some(address(from)),
        from_count: if is(0) { 1 } else { 2 },
        to: vec![address(&to)],
        subject: Some(format!("Re: [{ticket}] The till is dead")),
        ticket_refs: vec![ticket.to_string()],
        date: Some(if is(5) {
            now()
        } else {
            now() - SignedDuration::from_hours(80)
        }),
        text: format!("On Monday, support wrote:\n> {command}\n"),
        reply: "I am on my way.".to_owned(),
        ..InboundMail::default()
    };
    if is(6) {
        mail.reply = command.to_owned();
    }
    mail.proof.authenticated = is(2);
    mail.origin.answerable = true;
    mail.origin.verdict = if is(4) {
        Verdict::Person
    } else {
        Verdict::AutoReply
    };
    mail
}

/// What a receipt says was done, and what was not.
fn receipt(effects: &[Effect]) -> Option<(Vec<String>, Vec<Refused>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Notify(notice) => notice
            .receipt
            .clone()
            .map(|receipt| (receipt.done, receipt.refused)),
        _ => None,
    })
}

#[test]
fn commands_are_carried_out_only_where_every_condition_holds() {
    let world = strict();
    let mut tickets = two_tickets(&world);
    let id = tickets[0].id.clone();
    tickets[0].apply(&Change::Assignee(Some("ann".to_owned())), now());
    tickets[0].apply(&Change::Status(desk::ticket::Status::Open), now());
    tickets[0].apply(&Change::Solution("a new cable".to_owned()), now());
    let mut seen = Snapshot {
        next_ticket: NonZeroU32::new(3).expect("three"),
        ..Snapshot::empty()
    };
    for ticket in tickets {
        seen.tickets.insert(ticket.id.number(), ticket);
    }
    let marie: desk::ids::Address = "marie@acme.example".parse().expect("an address");
    seen.last_words.insert(
        id.number(),
        LastWords {
            by: marie,
            name: None,
            at: now(),
            text: "And the drawer jams.".to_owned(),
            subject: "The drawer jams".to_owned(),
            message_id: None,
            is_first: false,
        },
    );
    let category = seen.ticket(&id).expect("her ticket").category.clone();
    seen.to_undo = Some(PastAct {
        id: ActId(1),
        act: Act {
            ticket: id.clone(),
            by: "ann".to_owned(),
            at: now(),
            cause: "earlier".to_owned(),
            lines: vec!["/category payment".to_owned()],
            moves: vec![Move {
                ticket: id.clone(),
                before: Facet::Category("other".to_owned()),
                after: Facet::Category(category),
            }],
            opened: None,
            letters: Vec::new(),
        },
        stays: Vec::new(),
        is_undone: false,
    });
    let all = (1 << CONDITIONS.len()) - 1;
    let mut rows = 0;
    for command in COMMANDS {
        for holds in 0..=all {
            let mut seen = seen.clone();
            if *command == "/open" && holds == all {
                let ticket = seen.tickets.get_mut(&id.number()).expect("the ticket");
                ticket.apply(&Change::Status(desk::ticket::Status::Snoozed), now());
            }
            seen.copy_of = (holds >> 7 & 1 == 0).then(|| desk::event::EarlierCopy {
                mail: 1,
                ticket: Some(id.clone()),
            });
            let event = Event::Arrived {
                desk: "support".to_owned(),
                mail: Box::new(mail(&world, &id, command, holds)),
            };
            let effects = desk::decide(&world.gateway.rules, &seen, &event, now());
            let receipt = receipt(&effects);
            rows += 1;
            if holds == all {
                let (done, refused) = receipt.unwrap_or_else(|| panic!("{command}: no receipt"));
                let refused: Vec<Refusal> = refused.iter().map(|line| line.because).collect();
                match *command {
                    // Ann leads the team: there is nobody above her.
                    "/escalate too long" => assert_eq!(refused, [Refusal::NoLead], "{command}"),
                    // What is only tried does nothing, and a question asks for nothing to be done.
                    "/dry" | "/help" => assert_eq!(refused, [], "{command}"),
                    "/undo" => {
                        assert_eq!(refused, []);
                        let is_undone = |effect: &Effect| matches!(effect, Effect::Undone(_));
                        assert!(effects.iter().any(is_undone), "nothing is taken back");
                    }
                    _ => assert!(
                        !done.is_empty() && refused.is_empty(),
                        "{command}: {refused:?}"
                    ),
                }
                continue;
            }
            let missing: Vec<&str> = CONDITIONS
                .iter()
                .enumerate()
                .filter(|(nth, _)| holds >> nth & 1 == 0)
                .map(|(_, name)| *name)
                .collect();
            let nothing_done = receipt.is_none_or(|(done, _)| done.is_empty());
            assert!(nothing_done, "{command} without {missing:?}");
            for effect in &effects {
                let moves = match effect {
                    // A technician's words for the requester, which are no command, promise news and meet targets.
                    Effect::Change(
                        _,
                        Change::NextNews(_) | Change::Nudge(_) | Change::Due { .. },
                    ) => false,
                    // What somebody says of the urgency is noted; the priority stays.
                    Effect::Change(_, Change::Rank { priority, .. }) => priority.word() != "P1",
                    Effect::Change(of, _) => *of == id,
                    Effect::Fix(_) => true,
                    Effect::Append(of, entry) => {
                        *of == id
                            && !matches!(entry.kind.word(), "mail" | "kept" | "target" | "claim")
                    }
                    _ => false,
                };
                assert!(!moves, "{command} without {missing:?}: {effect:?}");
            }
        }
    }
    assert_eq!(rows, 256 * COMMANDS.len());
}

/// An answer of Ann's, `/p1`, to what is named by the placeholders in `to` and `parents`.
fn answer(world: &World, place: &str, to: &str, parents: &str, at: Timestamp) -> Vec<Effect> {
    let date = jiff::fmt::rfc2822::to_string(&at.in_tz("UTC").expect("UTC")).expect("a date");
    let mail = format!(
        "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: Re: [INC-1] The till is dead\r\n\
         Date: {date}\r\nMessage-ID: <{place}@example.org>\r\n{parents}\r\n/p1 because of {place}\r\n"
    );
    let mail = answers::fill(world, &mail);
    world.receive(Arrival::at_support(place, mail), at).1
}

#[test]
fn either_carrier_of_the_token_is_enough_and_both_grow_old() {
    let world = World::new();
    two_tickets(&world);
    let own = "new-ticket to ann@example.org about INC-1";
    let pauls = "new-ticket to paul@example.org about INC-1";
    let other = "new-ticket to ann@example.org about INC-2";
    let plain = "support@example.org".to_owned();
    let reply_to = |letter: &str| format!("{{{{reply-to of {letter}}}}}");
    let parent = |letter: &str| format!("In-Reply-To: {{{{message-id of {letter}}}}}\r\n");
    let soon = now() + SignedDuration::from_hours(1);
    let late = now() + SignedDuration::from_hours(24 * 32);
    for (nth, (to, parents, at, refusal)) in [
        (reply_to(own), String::new(), soon, None),
        (plain.clone(), parent(own), soon, None),
        (plain.clone(), String::new(), soon, Some(Refusal::NotProven)),
        (
            plain.clone(),
            parent(pauls),
            soon,
            Some(Refusal::OthersLetter),
        ),
        (
            reply_to(pauls),
            String::new(),
            soon,
            Some(Refusal::OthersLetter),
        ),
        (reply_to(pauls), parent(own), soon, None),
        (reply_to(own), String::new(), late, Some(Refusal::OldLetter)),
        (plain.clone(), parent(own), late, Some(Refusal::OldLetter)),
        (reply_to(other), String::new(), soon, None),
    ]
    .into_iter()
    .enumerate()
    {
        let effects = answer(&world, &format!("a{nth}"), &to, &parents, at);
        let (done, refused) = receipt(&effects).expect("a receipt");
        let because = refused.first().map(|line| line.because);
        assert_eq!(because, refusal, "{nth}: {to} {parents}");
        assert_eq!(done.is_empty(), refusal.is_some(), "{nth}");
    }
}

#[test]
fn a_mail_is_not_carried_out_twice() {
    let world = World::new();
    two_tickets(&world);
    let to = "{{reply-to of new-ticket to ann@example.org about INC-1}}";
    let mail = answers::fill(
        &world,
        &format!(
            "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: Re\r\nDate: Tue, 24 Nov 2026 09:30:00 +0000\r\n\
             Message-ID: <once@example.org>\r\n\r\n/time 30m\r\n"
        ),
    );
    for place in 0..100 {
        world.receive(
            Arrival::at_support(format!("copy {place}"), mail.clone()),
            now(),
        );
    }
    assert_eq!(world.tickets()[0].minutes_spent, 30);
}

/// Sends the same words again: `date` and the id differ as told.
fn again(world: &World, place: &str, words: &str, date: &str, at: Timestamp) -> Vec<Effect> {
    let to = "{{reply-to of new-ticket to ann@example.org about INC-1}}";
    let mail = format!(
        "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: Re\r\nDate: {date}\r\n\
         Message-ID: <{place}@example.org>\r\n\r\n{words}\r\n"
    );
    let mail = answers::fill(world, &mail);
    world.receive(Arrival::at_support(place, mail), at).1
}

#[test]
fn the_same_words_under_another_id_do_nothing_twice() {
    let world = World::new();
    two_tickets(&world);
    let minutes = |minutes| now() + SignedDuration::from_mins(minutes);
    let spent = || world.tickets()[0].minutes_spent;
    let first = "Tue, 24 Nov 2026 09:30:00 +0000";
    again(&world, "a", "/time 30m", first, minutes(30));
    assert_eq!(spent(), 30);

    // Sent twice by a mail program, or replayed at once: done once, and told so.
    let effects = again(
        &world,
        "b",
        "/time 30m",
        "Tue, 24 Nov 2026 09:33:00 +0000",
        minutes(33),
    );
    let (done, refused) = receipt(&effects).expect("a receipt");
    assert!(done.is_empty());
    assert_eq!(refused[0].because, Refusal::Repeated);
    assert_eq!(spent(), 30);

    // Something else in between, or much later: meant so.
    again(
        &world,
        "c",
        "/p3",
        "Tue, 24 Nov 2026 09:35:00 +0000",
        minutes(35),
    );
    again(
        &world,
        "d",
        "/time 30m",
        "Tue, 24 Nov 2026 09:36:00 +0000",
        minutes(36),
    );
    assert_eq!(spent(), 60);
    again(
        &world,
        "e",
        "/time 30m",
        "Tue, 24 Nov 2026 11:00:00 +0000",
        minutes(120),
    );
    assert_eq!(spent(), 90);

    // With the first Date it is the first mail, however late.
    again(&world, "f", "/time 30m", first, minutes(24 * 60));
    assert_eq!(spent(), 90);

    // Plain words reach the requester once.
    let letters = || {
        world
            .letters()
            .into_iter()
            .filter(|letter| letter.notice == "update")
            .count()
    };
    let before = letters();
    again(
        &world,
        "g",
        "We look at it.",
        "Tue, 24 Nov 2026 12:00:00 +0000",
        minutes(180),
    );
    again(
        &world,
        "h",
        "We look at it.",
        "Tue, 24 Nov 2026 12:01:00 +0000",
        minutes(181),
    );
    assert_eq!(letters(), before + 1);
}
