//! Digests end to end: figures against a second, slow way of counting; who reads what; what goes out, when and how often.

use std::collections::BTreeMap;
use std::path::Path;

use guichet::cli::rehearse::{self, Plan};
use guichet::desk::digest::Scope;
use guichet::desk::digest::figures::Figures;
use guichet::desk::digest::period::Period;
use guichet::desk::digest::readers::stop_subject;
use guichet::desk::ticket::{Entry, EntryKind, Status};
use guichet::gateway::digests;
use guichet::intake::{self, ReadRules};
use jiff::Timestamp;

use crate::world::{Arrival, World, compare};

mod advice;
mod command;
mod once;
mod slow;

const CONFIG: &str = r#"
[store]
path = "guichet.db"

[desk.support]
address  = "support@example.org"
name     = "Support informatique"
locale   = "fr"
languages = ["fr", "en"]
timezone = "Europe/Paris"
team     = "infra"

[desk.support.courier]
kind = "maildir"
path = "letters"

[team.infra]
members = ["ann"]

[technician.ann]
name    = "Ann Martin"
address = "ann@example.org"

[organisation.acme]
name     = "Acme"
domains  = ["acme.example"]
managers = ["boss@acme.example"]

[organisation.boutiques]
name     = "Maisons Lumière"
domains  = ["boutiques.example"]

[organisation.cabinet]
name     = "Cabinet Leroy"
domains  = ["cabinet.example"]

[digest]
managers = ["claire@example.org"]
"#;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A world with the year of seed 7.
fn year(tickets: u32) -> World {
    let world = World::with(CONFIG);
    let plan = Plan {
        seed: 7,
        tickets,
        from: at("2025-12-01T00:00:00Z"),
        days: 365,
    };
    rehearse::year(&world.gateway.store, plan).expect("a year is written");
    world
}

fn period(text: &str) -> Period {
    let zone = jiff::tz::TimeZone::get("Europe/Paris").expect("Paris");
    Period::parse(text, &zone).expect("a period")
}

fn figures(world: &World, scope: &str, label: &str) -> Figures {
    let scope: Scope = scope.parse().expect("a scope");
    let reader = world.gateway.store.reader().expect("the store can be read");
    digests::count(&world.gateway, &reader, &scope, &period(label))
        .expect("it is counted")
        .figures
}

#[test]
fn the_same_week_gives_the_same_figures_whatever_happens_later() {
    let world = year(400);
    let before = figures(&world, "all", "2026-W20");
    let later = at("2027-03-01T09:00:00Z");
    for ticket in world.tickets() {
        let id = ticket.id.clone();
        world.write(move |tx| {
            use guichet::desk::ticket::Change;
            let entry = |kind, text: &str| Entry {
                at: later,
                kind,
                by: "Ann Martin".to_owned(),
                text: text.to_owned(),
                message_id: None,
            };
            let mut after = ticket.clone();
            after.apply(&Change::Category("other".to_owned()), later);
            after.apply(&Change::Status(Status::Open), later);
            tx.rewrite_ticket(&ticket, &after)?;
            tx.append_entry(&id, &entry(EntryKind::Fact, "category: other"))?;
            tx.append_entry(
                &id,
                &entry(EntryKind::Status, "closed -> open: work goes on"),
            )?;
            tx.append_entry(&id, &entry(EntryKind::Priority, "P4 -> P1: later"))
        });
    }
    assert_eq!(figures(&world, "all", "2026-W20"), before);
    assert!(before.came_in.count > 0 && before.open > 0);
}

#[test]
fn a_manager_reads_nothing_of_another_organisation() {
    let world = year(1_500);
    let reader = world.gateway.store.reader().expect("the store can be read");
    let scope = Scope::Organisation("acme".to_owned());
    let of: BTreeMap<String, Option<String>> = world
        .tickets()
        .into_iter()
        .map(|t| (t.id.to_string(), t.organisation))
        .collect();
    let mut cited = 0;
    for label in ["2026-W10", "2026-W30", "2026-10"] {
        let period = period(label);
        let counted =
            digests::count(&world.gateway, &reader, &scope, &period).expect("it is counted");
        let boss = world
            .gateway
            .settings
            .digests
            .readers
            .iter()
            .find(|r| r.scope == scope)
            .expect("the boss");
        let written = digests::write(&world.gateway, boss, &period, &counted, "", period.until())
            .expect("it is written");
        let csv = written
            .files
            .iter()
            .find(|(name, _)| name.ends_with(".csv"))
            .expect("a table");
        let everything = format!(
            "{}{}{}{}",
            written.text,
            written.html,
            String::from_utf8_lossy(&csv.1),
            guichet::cli::digest::as_value(&counted)
        );
        for word in everything
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|word| word.starts_with("INC-"))
        {
            assert_eq!(
                of.get(word).and_then(|o| o.as_deref()),
                Some("acme"),
                "{label}: {word}"
            );
            cited += 1;
        }
        for stranger in [
            "Lumière",
            "Cabinet",
            "boutiques",
            "cabinet",
            "Julie",
            "Anne Leroy",
        ] {
            assert!(!everything.contains(stranger), "{label}: {stranger}");
        }
    }
    assert!(cited > 10, "tickets are cited: {cited}");
}

#[test]
fn a_digest_is_one_letter_with_charts_a_table_and_a_way_out() {
    let world = year(1_500);
    send(&world, "2026-11-16T07:00:00Z");
    send(&world, "2026-11-23T06:59:59Z");
    assert!(
        world.letters().is_empty(),
        "the week is not due before Monday at eight in Paris"
    );
    send(&world, "2026-11-23T07:00:00Z");
    send(&world, "2026-11-23T07:00:15Z");
    let letters = world.letters();
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["claire@example.org", "boss@acme.example"]);
    assert!(letters.iter().all(|letter| letter.ticket.is_none()
        && letter.notice == "digest"
        && letter.state == "queued"));
    let bytes = world.letter_bytes(letters[0].id);
    assert!(bytes.len() < 150 * 1024, "{} bytes", bytes.len());
    let text = String::from_utf8(bytes.clone()).expect("7 bits");
    for line in [
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "List-Id: <all.digest.example.org>",
        "List-Unsubscribe: <mailto:support@example.org?subject=unsubscribe%20all%20",
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/related",
        "Content-Disposition: attachment; filename=\"bilan-2026-W47.csv\"",
    ] {
        assert!(text.contains(line), "{line}\n{}", &text[..2_000]);
    }
    assert!(
        text.lines()
            .all(|line| line.len() <= 998 && line.is_ascii())
    );
    let mail = intake::read(&bytes, &ReadRules::default());
    assert_eq!(
        mail.attachments
            .iter()
            .filter(|file| file.content_type == "image/png")
            .count(),
        3
    );
    assert!(
        mail.text.starts_with("À voir de votre côté"),
        "{}",
        mail.text
    );
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/digests");
    let mut wrong = Vec::new();
    for locale in ["fr", "en", "de", "es", "it", "nl"] {
        let written = in_language(&world, locale, "2026-W47");
        wrong.extend(
            compare(
                &golden.join(format!("{locale}.txt")),
                written.text.as_bytes(),
            )
            .err(),
        );
        if locale == "fr" {
            wrong.extend(compare(&golden.join("fr.html"), written.html.as_bytes()).err());
            let csv = written
                .files
                .iter()
                .find(|(name, _)| name.ends_with(".csv"))
                .expect("a table");
            wrong.extend(compare(&golden.join("fr.csv"), &csv.1).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn in_language(world: &World, locale: &str, label: &str) -> guichet::scribe::Written {
    let period = period(label);
    let reader = world.gateway.store.reader().expect("the store can be read");
    let counted =
        digests::count(&world.gateway, &reader, &Scope::All, &period).expect("it is counted");
    let mut to = world
        .gateway
        .settings
        .digests
        .readers
        .first()
        .expect("a reader")
        .clone();
    to.locale = guichet::desk::ids::Locale::parse(locale);
    digests::write(
        &world.gateway,
        &to,
        &period,
        &counted,
        "",
        at("2026-11-23T07:00:00Z"),
    )
    .expect("it is written")
}

fn send(world: &World, now: &str) {
    world.gateway.clock.set(at(now));
    digests::send_due(&world.gateway, at(now)).expect("digests are written");
}

#[test]
fn an_unsubscribe_mail_of_the_reader_stops_it_and_is_confirmed_once() {
    let world = year(300);
    send(&world, "2026-11-16T07:00:00Z");
    let key = &world.gateway.rules.key;
    let boss = "boss@acme.example".parse().expect("an address");
    let scope = Scope::Organisation("acme".to_owned());
    let subject = stop_subject(key, &boss, &scope);
    let mail = |from: &str, id: &str, subject: &str| {
        format!(
            "From: {from}\r\nTo: support@example.org\r\nSubject: {subject}\r\nMessage-ID: <{id}@x.example>\r\nDate: Mon, 16 Nov 2026 09:00:00 +0100\r\n\r\n"
        )
    };
    let now = at("2026-11-16T08:00:00Z");
    // Somebody else with the link, and a reader with a changed one, stop nothing.
    world.receive(
        Arrival::at_support("1", mail("karim@acme.example", "a", &subject)),
        now,
    );
    world.receive(
        Arrival::at_support(
            "2",
            mail(
                "boss@acme.example",
                "b",
                &subject.replace("acme", "cabinet"),
            ),
        ),
        now,
    );
    assert_eq!(
        world
            .letters()
            .iter()
            .filter(|letter| letter.notice == "digest-stopped")
            .count(),
        0
    );
    let tickets = world.tickets().len();
    for (place, id) in [("3", "c"), ("4", "d")] {
        world.receive(
            Arrival::at_support(place, mail("Boss <boss@acme.example>", id, &subject)),
            now,
        );
    }
    assert_eq!(world.tickets().len(), tickets, "no ticket is opened");
    let confirmations: Vec<_> = world
        .letters()
        .into_iter()
        .filter(|letter| letter.notice == "digest-stopped")
        .collect();
    assert_eq!(confirmations.len(), 1);
    let confirmation = String::from_utf8(world.letter_bytes(confirmations[0].id)).expect("7 bits");
    assert!(
        confirmation.contains("In-Reply-To: <c@x.example>")
            && confirmation.contains("Auto-Submitted: auto-replied"),
        "{confirmation}"
    );
    send(&world, "2026-11-23T07:00:00Z");
    let digests: Vec<String> = world
        .letters()
        .into_iter()
        .filter(|letter| letter.notice == "digest")
        .map(|letter| letter.to)
        .collect();
    assert_eq!(digests, ["claire@example.org"]);
}

#[test]
fn nothing_happened_is_one_sentence_or_nothing() {
    for (empty, letters) in [("sentence", 2), ("skip", 0)] {
        let world =
            World::with(&CONFIG.replace("[digest]\n", &format!("[digest]\nempty = \"{empty}\"\n")));
        send(&world, "2026-11-16T07:00:00Z");
        send(&world, "2026-11-23T07:00:00Z");
        send(&world, "2026-11-23T08:00:00Z");
        assert_eq!(world.letters().len(), letters, "{empty}");
        if letters > 0 {
            let letter = world.letter(world.letters()[0].id);
            assert!(
                letter.text.contains("rien à signaler") && letter.attachments.is_empty(),
                "{}",
                letter.text
            );
        }
    }
}

/// To whom digests went at each of these moments, with their subjects.
fn sent_at(world: &World, moments: &[&str]) -> Vec<Vec<(String, String)>> {
    let mut known = 0;
    let mut sent = Vec::new();
    for moment in moments {
        send(world, moment);
        let letters = world.letters();
        let new = letters.iter().skip(known).map(|letter| {
            let subject =
                intake::read(&world.letter_bytes(letter.id), &ReadRules::default()).subject;
            (letter.to.clone(), subject.expect("a subject"))
        });
        sent.push(new.collect());
        known = letters.len();
    }
    sent
}

#[test]
fn readers_get_theirs_by_day_and_by_month_in_their_place_and_language() {
    let readers = r#"
every = "never"
[digest.reader.karim]
address = "karim@example.org"
scope = "team:infra"
every = "daily"
at = "07:30"
timezone = "America/New_York"
locale = "en"
[digest.reader.lena]
address = "lena@example.org"
scope = "desk:support"
every = "monthly"
timezone = "Europe/Berlin"
locale = "de"
"#;
    let config = CONFIG.replace("managers = [\"claire@example.org\"]\n", readers);
    let world = World::with(&config);
    let karim = |subject: &str| ("karim@example.org".to_owned(), subject.to_owned());
    let lena = |subject: &str| ("lena@example.org".to_owned(), subject.to_owned());
    let sent = sent_at(
        &world,
        &[
            "2026-10-29T12:00:00Z", // they are seen for the first time
            "2026-10-30T11:29:59Z", // 7:29:59 in New York, in summer time
            "2026-10-30T11:30:00Z",
            "2026-10-31T11:30:00Z",
            "2026-11-01T06:59:59Z", // the first of the month, before eight in Berlin
            "2026-11-01T07:00:00Z",
            "2026-11-01T12:29:59Z", // New York has winter time since this night
            "2026-11-01T12:30:00Z",
            "2026-11-01T12:30:15Z",
        ],
    );
    let nothing: Vec<(String, String)> = Vec::new();
    assert_eq!(
        sent,
        [
            nothing.clone(),
            nothing.clone(),
            vec![karim("Daily report infra: Thursday 29 October 2026")],
            vec![karim("Daily report infra: Friday 30 October 2026")],
            nothing.clone(),
            vec![lena("Bericht Support informatique: Oktober 2026")],
            nothing.clone(),
            vec![karim("Daily report infra: Saturday 31 October 2026")],
            nothing,
        ]
    );
}

#[test]
fn a_real_conversation_is_counted() {
    let world = World::with(CONFIG);
    let mail = |from: &str, id: &str, subject: &str, parent: &str, text: &str| {
        let parent = if parent.is_empty() {
            String::new()
        } else {
            format!("In-Reply-To: <{parent}>\r\n")
        };
        format!(
            "From: {from}\r\nTo: support@example.org\r\nSubject: {subject}\r\nMessage-ID: <{id}@x.example>\r\n{parent}Date: Tue, 17 Nov 2026 09:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
    };
    let first = mail(
        "Marie Dupont <marie@acme.example>",
        "m1",
        "Imprimante bloquée",
        "",
        "Bonjour, l'imprimante est bloquée, merci.",
    );
    world.receive(Arrival::at_support("1", first), at("2026-11-17T08:00:00Z"));
    let letter = crate::answers::latest(&world, "new-ticket", "ann@example.org", None);
    let bytes = world.letter_bytes(letter.id);
    let reply_to = crate::answers::header(&bytes, "Reply-To").expect("it says where answers go");
    let orders = mail(
        "Ann Martin <ann@example.org>",
        "t1",
        "Re: Imprimante",
        &letter.message_id,
        "/prends\n/temps 25m\n/cause Rouleau usé\n/resolu Rouleau nettoyé",
    )
    .replace("To: support@example.org", &format!("To: {reply_to}"));
    world.receive(Arrival::at_support("2", orders), at("2026-11-17T10:00:00Z"));
    let resolved = crate::answers::latest(&world, "resolved", "marie@acme.example", None);
    let thanks = mail(
        "Marie Dupont <marie@acme.example>",
        "m2",
        "Re: Imprimante",
        &resolved.message_id,
        "Merci beaucoup !",
    );
    world.receive(Arrival::at_support("3", thanks), at("2026-11-17T12:00:00Z"));

    let found = figures(&world, "organisation:acme", "2026-W47");
    assert_eq!(
        (
            found.came_in.count,
            found.solved.count,
            found.open,
            found.minutes
        ),
        (1, 1, 0, 25)
    );
    assert_eq!(
        (found.first_answer.count, found.resolution.median_seconds),
        (1, 7_200),
        "two business hours"
    );
    assert_eq!(
        (
            found.targets.resolution.kept,
            found.targets.resolution.missed
        ),
        (1, 0)
    );
    assert_eq!(found.causes[0].name, "Rouleau usé");
    assert_eq!(
        (found.thanks[0].from.as_str(), found.thanks[0].to.as_deref()),
        ("Marie Dupont", Some("Ann Martin"))
    );
    assert_eq!(
        figures(&world, "organisation:cabinet", "2026-W47")
            .came_in
            .count,
        0
    );
}

#[test]
fn what_a_technician_takes_back_is_not_counted() {
    let world = World::with(CONFIG);
    let mail = |from: &str, id: &str, to: &str, parent: &str, text: &str| {
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: Imprimante bloquée\r\nMessage-ID: <{id}@x.example>\r\n{parent}Date: Tue, 17 Nov 2026 09:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
    };
    let (marie, ann) = ("Marie <marie@acme.example>", "Ann Martin <ann@example.org>");
    let first = mail(marie, "m1", "support@example.org", "", "Elle est bloquée.");
    world.receive(Arrival::at_support("1", first), at("2026-11-17T08:00:00Z"));
    let answer = |kind: &str, id: &str, text: &str| {
        let letter = crate::answers::latest(&world, kind, "ann@example.org", None);
        let bytes = world.letter_bytes(letter.id);
        let to = crate::answers::header(&bytes, "Reply-To").expect("it says where answers go");
        let parent = format!("In-Reply-To: <{}>\r\n", letter.message_id);
        mail(ann, id, &to, &parent, text)
    };
    let before = figures(&world, "all", "2026-W47");
    let orders = answer(
        "new-ticket",
        "t1",
        "/prends\r\n/p1\r\n/temps 25m\r\n/cause Rouleau usé\r\n/resolu Rouleau nettoyé",
    );
    world.receive(Arrival::at_support("2", orders), at("2026-11-17T10:00:00Z"));
    let done = figures(&world, "all", "2026-W47");
    assert_eq!(
        (
            done.solved.count,
            done.causes.len(),
            done.minutes,
            done.corrected,
            done.open
        ),
        (1, 1, 25, 1, 0)
    );
    let undo = answer("receipt", "t2", "/annuler");
    world.receive(Arrival::at_support("3", undo), at("2026-11-17T10:05:00Z"));
    let after = figures(&world, "all", "2026-W47");
    assert_eq!(
        (
            after.solved.count,
            after.causes.len(),
            after.minutes,
            after.corrected,
            after.open
        ),
        (0, 0, 0, 0, 1)
    );
    assert_eq!(
        (after.reopened.count, after.came_back.len()),
        (0, 0),
        "it was never solved"
    );
    assert_eq!(after.oldest[0].assignee, None);
    assert_eq!((after.priorities, after.pressing), (before.priorities, 0));
}
