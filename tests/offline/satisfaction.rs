//! "How did we do?": asked in the letter that closes a ticket, answered with a number, seen in the ticket's JSON.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use guichet::cli::tickets;
use guichet::desk::ticket::Status;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::answers;
use crate::world::{Arrival, CONFIG, World};

fn morning() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

/// Somebody answers the latest letter of a kind to `to`, or writes anew.
fn says(world: &World, place: &str, from: &str, kind: Option<&str>, words: &str, at: Timestamp) {
    let headers = match kind {
        None => "To: support@example.org\nSubject: Scanner".to_owned(),
        Some(kind) => format!(
            "To: {{{{reply-to of {kind} to {from}}}}}\nSubject: Re: Scanner\nIn-Reply-To: {{{{message-id of {kind} to {from}}}}}"
        ),
    };
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mail = format!(
        "From: {from}\n{headers}\nDate: {date}\nMessage-ID: <{place}@mail.example>\nContent-Type: text/plain; charset=utf-8\n\n{words}\n"
    );
    world.receive(Arrival::at_support(place, answers::fill(world, &mail)), at);
}

/// A ticket is reported, solved, agreed to be solved, and so closed.
fn closed(world: &World) -> Timestamp {
    let at = |minutes| morning() + SignedDuration::from_mins(minutes);
    says(
        world,
        "1",
        "marie@acme.example",
        None,
        "Le scanner est en panne",
        at(0),
    );
    says(
        world,
        "2",
        "ann@example.org",
        Some("new-ticket"),
        "/resolve",
        at(10),
    );
    says(
        world,
        "3",
        "marie@acme.example",
        Some("resolved"),
        "OUI",
        at(20),
    );
    assert_eq!(world.tickets()[0].status, Status::Closed);
    at(30)
}

fn shown(world: &World) -> Value {
    let mut out = Vec::new();
    let config = world.folder().join("guichet.toml");
    tickets::show(Some(&config), "INC-1", true, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn question(world: &World) -> bool {
    let letter = answers::latest(world, "closed", "marie@acme.example", None);
    world
        .letter(letter.id)
        .text
        .contains("de 1 (insuffisante) à 5")
}

#[test]
fn an_answer_is_filed_once_for_each_ticket_and_the_latest_counts() {
    let world = World::new();
    let at = closed(&world);
    assert!(question(&world));
    let asked = shown(&world)["satisfaction"].clone();
    assert!(
        asked["asked_at"].is_string() && asked["score"].is_null(),
        "{asked}"
    );

    says(
        &world,
        "4",
        "marie@acme.example",
        Some("closed"),
        "4/5 très bien\n\nMarie",
        at,
    );
    let rated = shown(&world);
    assert_eq!(rated["satisfaction"]["score"], 4);
    assert_eq!(rated["satisfaction"]["comment"], "très bien\nMarie");
    assert_eq!(rated["status"], "closed");

    let later = at + SignedDuration::from_hours(24 * 60);
    says(
        &world,
        "5",
        "marie@acme.example",
        Some("closed"),
        "5",
        later,
    );
    assert_eq!(
        shown(&world)["satisfaction"]["score"],
        5,
        "two months later too"
    );
    assert_eq!(world.tickets().len(), 1);
}

#[test]
fn only_the_requester_of_a_ticket_that_is_over_rates_it() {
    let world = World::new();
    let at = closed(&world);
    says(&world, "4", "john@acme.example", None, "x", at);
    let colleague = format!(
        "From: john@acme.example\nTo: {}\nSubject: Re: Scanner\nDate: {}\nMessage-ID: <j@acme.example>\n\n1/5\n",
        "{{reply-to of closed to marie@acme.example}}",
        at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    );
    let colleague = answers::fill(&world, &colleague);
    world.receive(Arrival::at_support("5", colleague), at);
    let first = world.tickets().remove(0);
    assert_eq!(
        first.status,
        Status::Open,
        "a colleague who writes is not done"
    );
    let reader = world.gateway.store.reader().unwrap();
    let rating = reader.rating(first.id.number()).unwrap().unwrap();
    assert_eq!(rating.score, None);
}

#[test]
fn a_desk_that_does_not_ask_does_not_take_numbers_for_answers() {
    let config = CONFIG.replace(
        "team      = \"infra\"",
        "team      = \"infra\"\nsatisfaction = false",
    );
    let world = World::with(&config);
    let at = closed(&world);
    assert!(!question(&world));
    assert!(shown(&world)["satisfaction"].is_null());
    says(&world, "4", "marie@acme.example", Some("closed"), "4", at);
    assert_eq!(
        world.tickets()[0].status,
        Status::Open,
        "a number nobody asked for is a message"
    );
}
