//! Triage where it is applied: facts from the store and the configuration, corrections, and the replay.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::process::Command;

use guichet::desk::ticket::{EntryKind, Ticket};
use guichet::desk::triage::{Impact, Priority, Reason, Subject};
use guichet::store::CorrectionView;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::answers::fill;
use crate::world::{Arrival, CONFIG, World};

const MORNING: &str = "2026-11-23T08:00:00Z";

fn morning() -> Timestamp {
    MORNING.parse().unwrap()
}

/// Lets somebody write; gives the ticket that was opened.
fn write(world: &World, from: &str, subject: &str, text: &str, now: Timestamp) -> Ticket {
    let place = format!("{from} {now}");
    let mail = format!(
        "From: {from}\r\nTo: support@example.org\r\nSubject: {subject}\r\nMessage-ID: <{}@x>\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
        place.replace([' ', '@'], ".")
    );
    world.receive(Arrival::at_support(place, mail), now);
    world.tickets().pop().expect("a ticket was opened")
}

fn because(ticket: &Ticket, about: Subject) -> Vec<&str> {
    let reasons = ticket.reasons.iter().filter(|reason| reason.about == about);
    reasons
        .map(|reason: &Reason| reason.because.as_str())
        .collect()
}

#[test]
fn people_of_one_organisation_who_report_the_same_are_counted() {
    let world = World::new();
    let text = "I have no sound in my headset when the fibre is slow, internet error since today";
    let slow = |who: &str, minutes: i64| {
        write(&world, who, "internet", text, morning() + minutes.minutes())
    };
    assert_eq!(slow("a@acme.example", 0).impact, Impact::Low);
    // The same person again, with other words, is one reporter.
    let again = write(
        &world,
        "a@acme.example",
        "internet",
        "internet is slow",
        morning() + 1.minute(),
    );
    assert_eq!(because(&again, Subject::Impact), [""; 0]);
    // Another organisation's fault is another fault.
    let other = slow("b@boutiques.example", 2);
    assert!(!because(&other, Subject::Impact).contains(&"2 reporters"));
    let second = slow("c@acme.example", 3);
    assert!(second.impact >= Impact::Medium, "{second:?}");
    assert!(because(&second, Subject::Impact).contains(&"2 reporters"));
    // A question is not counted, and counts nobody.
    let question = write(
        &world,
        "d@acme.example",
        "question",
        "How do I bookmark an internet page?",
        morning() + 4.minutes(),
    );
    assert_eq!(question.impact, Impact::Low);
    slow("e@acme.example", 5);
    let fourth = slow("f@acme.example", 6);
    assert_eq!(fourth.impact, Impact::High);
    assert!(because(&fourth, Subject::Impact).contains(&"4 reporters"));
    // The window has passed.
    let late = slow("g@acme.example", 90);
    assert!(
        !because(&late, Subject::Impact)
            .iter()
            .any(|words| words.ends_with("reporters"))
    );
}

#[test]
fn roles_count_on_their_days_and_hours() {
    let config = format!(
        "{CONFIG}\n[organisation.acme.role.payroll]\naddresses = [\"paie@acme.example\"]\nimpact = \"high\"\n\
         days = \"23-25\"\nhours = \"08:00-12:00\"\n"
    );
    let world = World::with(&config);
    let at = |moment: &str, text: &str| {
        let now = moment.parse().unwrap();
        // Other words each time: the same ones within a day are the same request.
        let text = format!("{text} ({moment})");
        write(&world, "paie@acme.example", "Excel", &text, now).impact
    };
    let fault = "excel crashes when I open the file";
    assert_eq!(at("2026-11-23T08:00:00Z", fault), Impact::High);
    assert_eq!(at("2026-11-23T12:00:00Z", fault), Impact::Low); // 13:00 in Paris
    assert_eq!(at("2026-11-26T08:00:00Z", fault), Impact::Low);
    assert_eq!(
        at("2026-11-24T08:00:00Z", "How do I add a column?"),
        Impact::Low
    );
}

#[test]
fn a_category_finds_its_team_and_the_member_with_least_to_do() {
    let config = format!(
        "{}\n[team.voice]\nmembers = [\"ann\", \"paul\", \"zoe\"]\nassign = \"round-robin\"\ncategories = [\"telephony\"]\n\
         [technician.zoe]\nname = \"Zoe\"\naddress = \"zoe@example.org\"\naway_until = \"2026-12-01\"\n",
        CONFIG
    );
    let world = World::with(&config);
    let text = "my phone does not ring any more";
    let assigned: Vec<_> = (0..4)
        .map(|minute| {
            let who = format!("p{minute}@acme.example");
            let ticket = write(
                &world,
                &who,
                "telephone",
                text,
                morning() + (minute * 70).minutes(),
            );
            assert_eq!(ticket.team.as_deref(), Some("voice"));
            ticket.assignee.expect("somebody is next in turn")
        })
        .collect();
    assert_eq!(assigned, ["ann", "paul", "ann", "paul"]);
    let other = write(
        &world,
        "q@acme.example",
        "excel",
        "excel crashes",
        morning() + 5.hours(),
    );
    assert_eq!(
        (other.team.as_deref(), other.assignee),
        (Some("infra"), None)
    );
}

#[test]
fn nobody_unproven_raises_more_than_five_tickets_a_day() {
    let world = World::new();
    let priorities: Vec<Priority> = (0..7)
        .map(|hour| {
            let text = format!("everybody is blocked, the server is down, urgent. Room {hour}");
            write(
                &world,
                "eve@stranger.example",
                "URGENT",
                &text,
                morning() + hour.hours(),
            )
            .priority
        })
        .collect();
    assert_eq!(priorities[..5], [Priority::P3; 5]);
    assert_eq!(priorities[5..], [Priority::P4; 2]);
}

/// The requester claims, Ann corrects; gives the world, with everything in the store.
fn corrected() -> World {
    let world = World::new();
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/offline/golden/requester-claims-more-urgency-and-a-technician-decides"
    );
    for step in 1..=3 {
        let mail = std::fs::read_to_string(format!("{folder}/{step}.eml")).unwrap();
        let mail = fill(&world, &mail);
        world.receive(
            Arrival::at_support(step.to_string(), mail),
            morning() + (step * 10).minutes(),
        );
    }
    world
}

#[test]
fn a_claim_changes_nothing_and_a_correction_is_kept() {
    let world = corrected();
    let ticket = world.tickets().remove(0);
    let claim = world
        .entries(&ticket)
        .into_iter()
        .find(|entry| entry.kind == EntryKind::Claim);
    let claim = claim.expect("the claim is kept");
    assert_eq!(claim.by, "marie@acme.example");
    assert!(claim.text.contains("urgency high"), "{}", claim.text);
    let reader = world.gateway.store.reader().unwrap();
    let corrections = reader.corrections(morning()).unwrap();
    let [
        CorrectionView {
            ticket: 1,
            correction,
            ..
        },
    ] = corrections.as_slice()
    else {
        panic!("{corrections:?}");
    };
    // What Marie claimed had changed nothing: the correction starts from what the rules had said.
    assert_eq!(
        (
            correction.about,
            correction.from.as_str(),
            correction.to.as_str()
        ),
        (Subject::Priority, "P3", "P2")
    );
    assert_eq!(correction.by, "Ann Martin");
    assert!(!correction.reasons.is_empty());
    assert_eq!(reader.corrections(morning() + 1.hour()).unwrap(), []);
}

#[test]
fn the_replay_tells_what_would_change() {
    let world = corrected();
    let folder = world.gateway.store.path().parent().unwrap().to_owned();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command
            .args(["triage", "--replay", "--config"])
            .arg(folder.join("guichet.toml"));
        command.args(more).output().unwrap()
    };
    let told = |more: &[&str]| -> Value {
        let output = run(more);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let all = told(&["--json"]);
    assert_eq!(all["tickets"], 1);
    // Ann made a P2 of what the rules call P3.
    assert_eq!(all["confusion"]["P2"]["P3"], 1);
    assert_eq!(all["changes"][0]["ticket"], "INC-1");
    assert_eq!(all["changes"][0]["decided_by_technician"], true);
    assert_eq!(all["changes"][0]["to"]["priority"], "P3");
    assert_eq!(all["corrections"][0]["count"], 1);
    assert_eq!(told(&["--json", "--since", "2026-11-24"])["tickets"], 0);
    // A rule is tried before it is put in force.
    let mut config = std::fs::read_to_string(folder.join("guichet.toml")).unwrap();
    config.push_str("\n[keywords]\npath = \"words\"\n");
    std::fs::write(folder.join("guichet.toml"), config).unwrap();
    std::fs::create_dir(folder.join("words")).unwrap();
    let rule = "[urgency.high]\nstrong = [\"très lent\"]\n";
    std::fs::write(folder.join("words/house.toml"), rule).unwrap();
    let tried = told(&["--json"]);
    assert_eq!(tried["changes"][0]["to"]["urgency"], "high");
    let text = String::from_utf8(run(&[]).stdout).unwrap();
    assert!(text.contains("INC-1"), "{text}");
    assert!(text.contains("corrected once: priority P3 -> P2"), "{text}");
    std::fs::write(
        folder.join("words/house.toml"),
        "[urgency.high]\nstrong = [3]\n",
    )
    .unwrap();
    let broken = run(&[]);
    assert_eq!(broken.status.code(), Some(78));
    let fault = String::from_utf8(broken.stderr).unwrap();
    assert!(
        fault.contains("house.toml, line 2, `urgency.high.strong`"),
        "{fault}"
    );
    assert_eq!(run(&["--since", "yesterday"]).status.code(), Some(64));
}
