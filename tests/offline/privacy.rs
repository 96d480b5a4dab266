//! The walls around a requester's letter: nothing internal, nobody else's secrets, nobody else's data, nobody else's
//! address. `leaks` looks over every letter that a story or a golden case has caused.

use std::collections::BTreeSet;

use guichet::desk::ids::{Address, MessageId};
use guichet::desk::ticket::EntryKind;
use guichet::desk::token::ReplyToken;
use guichet::store::LetterView;
use jiff::{SignedDuration, Timestamp};

use crate::answers;
use crate::world::{Arrival, World};

/// Words shorter than this are no evidence: everybody writes them.
const TELLING: usize = 14;

/// Everything a letter to somebody outside the desk tells that it must not.
pub fn leaks(world: &World) -> Vec<String> {
    let people = &world.gateway.rules.people;
    let letters = world.letters();
    // A recipe that a technician approved is for others, though it was written about a ticket.
    let approved = world.recipes();
    let is_recipe = |line: &str| approved.iter().any(|text| text.contains(line));
    let mut leaks = Vec::new();
    for letter in &letters {
        let to: Address = letter.to.parse().expect("a recipient is an address");
        let shown = shown(world, letter);
        let mut leak = |what: String| {
            leaks.push(format!("{} letter to {to} tells {what}", letter.notice));
        };
        secrets(world, &letters, letter, &to, &shown, &mut leak);
        if people.technician(&to).is_some() {
            continue;
        }
        // What was said within the letter's own ticket: refused and then sent anew, or split off later.
        let tickets = world.tickets();
        let own = tickets
            .iter()
            .find(|ticket| Some(&ticket.id) == letter.ticket.as_ref());
        let said = own.map(|ticket| world.entries(ticket)).unwrap_or_default();
        let said_there = |line: &str| {
            let mut mails = said.iter().filter(|entry| entry.kind == EntryKind::Mail);
            mails.any(|entry| entry.text.contains(line))
        };
        for ticket in &tickets {
            let is_its_own = Some(&ticket.id) == letter.ticket.as_ref();
            let entries = world.entries(ticket);
            for entry in &entries {
                let is_internal = !matches!(entry.kind, EntryKind::Mail | EntryKind::Letter);
                let is_theirs = entry.by == to.as_str() || ticket.takes_part(&to);
                let is_note = matches!(
                    entry.kind,
                    EntryKind::Note | EntryKind::Kept | EntryKind::Provider
                );
                if is_its_own && is_internal && !is_note || !is_internal && is_theirs {
                    continue;
                }
                // What was only kept is told to nobody but its writer; what others wrote, to nobody outside.
                let lines = entry.text.lines().map(str::trim);
                let telling = lines.filter(|line| line.chars().count() >= TELLING);
                for line in telling.filter(|line| !is_recipe(line)) {
                    let is_internal = matches!(entry.kind, EntryKind::Note | EntryKind::Provider);
                    let is_secret = is_internal || !said_there(line);
                    if entry.by != to.as_str() && is_secret && shown.contains(line) {
                        leak(format!("`{line}` of {} ({})", ticket.id, entry.kind.word()));
                    }
                }
            }
            let others = ticket.watchers.iter().chain([&ticket.requester.address]);
            for other in others.filter(|other| **other != to) {
                if shown.contains(other.as_str()) {
                    leak(format!("the address {other}"));
                }
            }
        }
    }
    leaks
}

/// Header and both forms of a letter, decoded.
pub fn shown(world: &World, letter: &LetterView) -> String {
    let bytes = world.letter_bytes(letter.id);
    let read = world.letter(letter.id);
    let raw = String::from_utf8_lossy(&bytes);
    // Soft line breaks of quoted-printable would hide a word that is broken in two.
    let unbroken = raw.replace("=\r\n", "");
    let head = raw.replace("\r\n ", " ").replace("\r\n\t", " ");
    format!("{head}\n{unbroken}\n{}", read.text)
}

/// Tokens and signed ids in a letter are its reader's own.
fn secrets(
    world: &World,
    letters: &[LetterView],
    letter: &LetterView,
    to: &Address,
    shown: &str,
    leak: &mut impl FnMut(String),
) {
    let key = &world.gateway.rules.key;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-.+@=%".contains(c);
    for word in shown.split(|c: char| !is_part(c)) {
        let (local, domain) = word.split_once('@').unwrap_or((word, ""));
        if let Some((_, plus)) = local.split_once('+')
            && let Some(token) = ReplyToken::parse(plus)
            && key.reader_of(&token, [to].into_iter()).is_none()
        {
            leak(format!("a token that is not theirs, {plus}"));
        }
        let id = MessageId::parse(&format!("{local}@{domain}"));
        if let Some((_, number)) = id.and_then(|id| key.letter_of(&id)) {
            let owner = letters.iter().find(|letter| letter.id == number);
            if owner.is_none_or(|owner| owner.to != letter.to) {
                leak(format!("the signed id of somebody else's letter, {local}"));
            }
        }
    }
}

const CANARIES: [&str; 3] = [
    "canary-internal-note-of-ann",
    "canary-words-of-boutiques",
    "canary-watcher",
];

/// Marie's ticket with a watcher, a note, a quoted letter of the technician's in an answer, and another firm's ticket.
#[test]
fn a_requesters_letter_holds_nothing_of_others() {
    let world = World::new();
    let start: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a moment");
    let mut steps = 0;
    let mut write = |from: &str, to: &str, more: &str, words: &str| {
        steps += 1;
        let now = start + SignedDuration::from_mins(steps);
        let date = jiff::fmt::rfc2822::to_string(&now.in_tz("UTC").expect("UTC")).expect("a date");
        let mail = format!(
            "From: {from}\r\nTo: {to}\r\nSubject: The till is dead {steps}\r\nDate: {date}\r\n\
             Message-ID: <{steps}@mail.example>\r\n{more}\r\n{words}\r\n"
        );
        let mail = answers::fill(&world, &mail);
        world.receive(Arrival::at_support(steps.to_string(), mail), now);
    };
    let desk = "support@example.org";
    write(
        "Marie <marie@acme.example>",
        desk,
        "",
        "Nobody can pay at till three.",
    );
    write(
        "Karim <karim@boutiques.example>",
        desk,
        "",
        "canary-words-of-boutiques are lost.",
    );
    let own = "{{reply-to of new-ticket to ann@example.org about INC-1}}";
    let id = "{{message-id of new-ticket to ann@example.org about INC-1}}";
    write(
        "Ann <ann@example.org>",
        own,
        "",
        "/watch canary-watcher@acme.example\r\n/note canary-internal-note-of-ann: he lies",
    );
    // She quotes her own letter between her words, address, Message-ID and all.
    write(
        "Ann <ann@example.org>",
        own,
        "",
        &format!(
            "I read this in my letter:\r\nmailto:{own}\r\n{id}\r\nand I am on my way to you now."
        ),
    );
    write(
        "Ann <ann@example.org>",
        own,
        "",
        "Your till prints again, dear Marie.\r\n\r\n/note\r\ncanary-internal-note-of-ann, written below",
    );
    write(
        "Ann <ann@example.org>",
        own,
        "",
        "/resolve\r\n/cause worn out",
    );
    write(
        "Marie <marie@acme.example>",
        "{{reply-to of resolved to marie@acme.example about INC-1}}",
        "",
        "It is dead again, come back.",
    );
    write("Ann <ann@example.org>", own, "", "/close");
    assert_eq!(leaks(&world), Vec::<String>::new());
    let letters = world.letters();
    let outside: Vec<&LetterView> = letters
        .iter()
        .filter(|letter| !letter.to.ends_with("@example.org"))
        .collect();
    let kinds: BTreeSet<&str> = outside
        .iter()
        .map(|letter| letter.notice.as_str())
        .collect();
    assert!(
        [
            "acknowledgement",
            "update",
            "resolved",
            "progress",
            "closed"
        ]
        .iter()
        .all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
    for letter in outside {
        let shown = shown(&world, letter);
        for canary in CANARIES {
            let is_theirs = letter.to.starts_with(canary)
                || letter.to.ends_with("@boutiques.example") && canary.ends_with("boutiques");
            assert!(
                is_theirs || !shown.contains(canary),
                "{canary} in a letter to {}",
                letter.to
            );
        }
    }
}

#[test]
fn the_watch_sees_a_leak() {
    // A letter to Marie, looked at as if Karim had got it, tells tokens and ids that are not his.
    let world = World::new();
    let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a moment");
    let mail = "From: Marie <marie@acme.example>\r\nTo: support@example.org\r\nSubject: Dead\r\n\
                Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\n\r\nNobody can pay.\r\n";
    world.receive(Arrival::at_support("1", mail), now);
    let letters = world.letters();
    let letter = letters
        .iter()
        .find(|letter| letter.to == "marie@acme.example")
        .expect("an acknowledgement");
    let karim = "karim@boutiques.example".parse().expect("an address");
    let mut stolen = letter.clone();
    stolen.to = "karim@boutiques.example".to_owned();
    let mut found = Vec::new();
    let shown = shown(&world, letter);
    secrets(&world, &letters, &stolen, &karim, &shown, &mut |what| {
        found.push(what)
    });
    assert!(found.iter().any(|what| what.contains("token")), "{found:?}");
    assert!(
        found.iter().any(|what| what.contains("signed id")),
        "{found:?}"
    );
}
