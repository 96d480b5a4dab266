//! A thousand mails, twenty of them poison: each good one becomes a ticket, each bad one is a ticket or is
//! set aside, and nothing stops for it.

use crate::mail::Draft;
use crate::postfix::requester;
use crate::sink::Sink;
use crate::world::{Configuration, SUPPORT, World};

const MAILS: usize = 1_000;
/// A poisoned mail comes after so many good ones.
const POISON_EVERY: usize = 50;

#[test]
fn twenty_poisoned_mails_among_a_thousand_hold_up_nobody() {
    let world = World::start();
    let folder = world.file("sink");
    std::fs::create_dir(&folder).unwrap();
    let sink = Sink::start(&folder);
    world.configure(&Configuration {
        sink: Some(sink.port),
        limits: "automatic_total = { \"1h\" = 100000 }",
        ..Configuration::default()
    });
    let poisons = poisons();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for number in 0..MAILS {
        if number % POISON_EVERY == POISON_EVERY / 2 {
            let poison = &poisons[number / POISON_EVERY];
            world.dovecot.drop_mail(SUPPORT, poison);
            bad.push(number);
        } else {
            good.push(world.drop_mail(&Draft {
                from: requester(number),
                to: SUPPORT.to_owned(),
                subject: format!("Poste {number} en panne"),
                text: format!("Le poste {number} ne démarre plus."),
                ..Draft::default()
            }));
        }
    }
    assert_eq!((poisons.len(), bad.len()), (20, 20));
    let done = world.guichet(&["run", "--once"]);
    assert_eq!((done.code, done.signal), (Some(0), None), "{}", done.stderr);

    let tickets = world.json(&["tickets", "--all", "--json"]);
    let aside = world.json(&["quarantine", "list", "--json"]);
    let of_good = |ticket: &&serde_json::Value| {
        ticket["subject"]
            .as_str()
            .is_some_and(|subject| subject.starts_with("Poste "))
    };
    assert_eq!(tickets.iter().filter(of_good).count(), good.len());
    for id in good.iter().step_by(97) {
        let story = world.json(&["why", id, "--json"]).remove(0);
        assert_eq!(story["outcome"], "opened", "{story}");
    }
    // What is in quarantine has a stub ticket; what is merely set aside has none.
    let stubs = aside
        .iter()
        .filter(|mail| !mail["ticket"].is_null())
        .count();
    let poisoned = tickets.len() - good.len() + aside.len() - stubs;
    assert_eq!(poisoned, bad.len(), "{aside:#?}");
    for mail in &aside {
        assert!(
            mail["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{mail}"
        );
        let id = mail["id"].to_string();
        let shown = world.guichet(&["quarantine", "show", &id]);
        assert!(
            shown.code == Some(0) && !shown.stdout.is_empty(),
            "{mail}: no bytes"
        );
    }
    let status = world.json(&["status", "--json"]).remove(0);
    assert_eq!(status["mails"]["waiting"], 0, "{status}");
}

/// Mails that have broken mail readers: see F25 to F30 of the catalogue of faults.
fn poisons() -> Vec<Vec<u8>> {
    let head = |number: usize, extra: &str| {
        format!(
            "From: poison{number}@acme.example\r\nTo: {SUPPORT}\r\nSubject: Gift {number}\r\nMessage-ID: <poison{number}@acme.example>\r\n{extra}"
        )
    };
    let text = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
    let nested = |depth: usize| {
        let mut mail = String::new();
        for level in 0..depth {
            mail +=
                &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        }
        mail + "Content-Type: text/plain\r\n\r\nDeep.\r\n"
    };
    let parts = |count: usize| {
        let part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n";
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
            part.repeat(count)
        )
    };
    let messages = "Content-Type: message/rfc822\r\n\r\n";
    let html = "Content-Type: text/html; charset=utf-8\r\n\r\n";
    let after: Vec<Vec<u8>> = vec![
        nested(10_000).into(),
        parts(100_000).into(),
        messages.repeat(5_000).into(),
        format!("{html}{}", "<div>".repeat(200_000)).into(),
        format!("{html}{}", "<table><tr><td>".repeat(50_000)).into(),
        [text.as_bytes(), &[0_u8; 100_000][..]].concat(),
        [
            text.as_bytes(),
            &(0..=255_u8).cycle().take(500_000).collect::<Vec<_>>()[..],
        ]
        .concat(),
        format!(
            "{text}{}",
            "A bigger mail than most.\r\n".repeat(30 * 1024 * 1024 / 26)
        )
        .into(),
        format!("X-Long: {}\r\n{text}x", "y".repeat(2_000_000)).into(),
        format!("{}{text}x", "X-Many: 1\r\n".repeat(200_000)).into(),
        format!("X-Folded: a\r\n{}{text}x", " b\r\n".repeat(200_000)).into(),
        format!("Cc: {}\r\n{text}x", "(".repeat(500_000)).into(),
        format!("Cc: {}\r\n{text}x", "a@b.example, ".repeat(100_000)).into(),
        format!("X-Words: {}\r\n{text}x", "=?utf-8?q?=41?= ".repeat(100_000)).into(),
        format!("{text}{}", ">".repeat(2_000_000)).into(),
        format!("{text}{}", "> quoted\r\n\r\n".repeat(200_000)).into(),
        format!(
            "Content-Type: text/plain; charset=\"{}\"\r\n\r\nx",
            "z".repeat(100_000)
        )
        .into(),
        format!(
            "Content-Transfer-Encoding: base64\r\n{text}{}",
            "=".repeat(1_000_000)
        )
        .into(),
        "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\n----\r\n".into(),
        format!(
            "Date: {}\r\nReferences: {}\r\n{text}x",
            "9".repeat(50_000),
            "<a@b> ".repeat(100_000)
        )
        .into(),
    ];
    let number = after.into_iter().enumerate();
    number
        .map(|(number, rest)| [head(number, "").into_bytes(), rest].concat())
        .collect()
}
