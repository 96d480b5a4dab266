//! Conversations between a requester, a technician and the desk, all of it through real servers.
//!
//! The daemon's sweep is an hour away: whatever is answered within these tests was noticed by IDLE.

use std::collections::HashSet;
use std::time::Duration;

use guichet::config::settings::Tls;
use serde_json::Value;

use crate::mail::{Draft, ParsedMail};
use crate::process::await_some;
use crate::world::{ANN, ARRIVAL, Configuration, MARIE, PAUL, SUPPORT, World};

/// What `tickets --all --json` says of the only ticket there is.
fn only_ticket(world: &World) -> Value {
    let mut tickets = world.json(&["tickets", "--all", "--json"]);
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    tickets.remove(0)
}

fn await_status(world: &World, status: &str) {
    let reached = await_some(ARRIVAL, || {
        (only_ticket(world)["status"] == status).then_some(())
    });
    assert!(reached.is_some(), "not {status}: {}", only_ticket(world));
}

/// A letter stands in its reader's thread: what it answers, and what it refers to but the ticket's root
/// (which nobody sees), lies in the reader's mailbox or was written by the reader.
fn assert_in_thread(world: &World, reader: &str, written: &[&str], letter: &ParsedMail) {
    let mut seen: HashSet<String> = written.iter().map(ToString::to_string).collect();
    let before = world.mails(reader).into_iter().map(|mail| mail.id);
    seen.extend(before.filter(|id| *id != letter.id));
    let strange = |ids: &[String]| ids.iter().filter(|id| !seen.contains(*id)).count();
    let shown = format!("{:?} of {}", letter.parents(), letter.subject);
    assert!(!letter.in_reply_to.is_empty(), "{shown}");
    assert_eq!(strange(&letter.in_reply_to), 0, "{shown}, seen: {seen:?}");
    assert!(strange(&letter.references) <= 1, "{shown}, seen: {seen:?}");
    let known = letter.references.len() - strange(&letter.references);
    assert!(known > 0, "{shown}, seen: {seen:?}");
}

/// Each letter to `reader` came once and carries the desk's loop mark.
fn assert_letters_in_order(world: &World, reader: &str) {
    let mails = world.mails(reader);
    let ids: HashSet<_> = mails.iter().map(|mail| &mail.id).collect();
    assert_eq!(ids.len(), mails.len(), "a letter to {reader} came twice");
    for mail in &mails {
        let mark = mail.header("X-Guichet-Loop");
        assert_eq!(mark.as_deref(), Some(SUPPORT), "{}", mail.subject);
    }
}

fn an_incident_from_report_to_closing(tls: Tls) {
    let world = World::start();
    world.config(tls);
    let daemon = world.run();

    // Marie reports and is acknowledged.
    let report = world.write(
        &format!("Marie Dupont <{MARIE}>"),
        SUPPORT,
        "Plus d'accès à Internet à l'atelier",
        "Bonjour,\n\nDepuis 9 h plus personne à l'atelier n'a Internet.\n\nMarie Dupont\n",
    );
    let acknowledgement = world.await_mail(MARIE, |mail| mail.in_reply_to == [report.clone()]);
    assert_in_thread(&world, MARIE, &[&report], &acknowledgement);
    assert!(
        acknowledgement.subject.contains("[INC-1]"),
        "{}",
        acknowledgement.subject
    );
    let kind = acknowledgement.header("Auto-Submitted");
    assert_eq!(kind.as_deref(), Some("auto-replied"));
    let ticket = only_ticket(&world);
    assert_eq!(ticket["status"], "new");
    assert_eq!(ticket["requester"], MARIE);
    assert_eq!(ticket["organisation"], "acme");

    // The team is told; Ann answers from her mail client, the notice quoted below.
    let told = world.await_mail(ANN, |mail| mail.subject.contains("INC-1"));
    world.await_mail(PAUL, |mail| mail.subject.contains("INC-1"));
    assert!(
        told.text.contains("plus personne à l'atelier"),
        "{}",
        told.text
    );
    assert_ne!(told.reply_to, SUPPORT, "Ann's answer needs her token");
    let answer = world.answer(
        &format!("Ann Martin <{ANN}>"),
        &told,
        "Bonjour Marie,\n\nLe voyant de la box est-il rouge ?\n\nAnn",
    );
    let update = world.await_mail(MARIE, |mail| mail.text.contains("Le voyant de la box"));
    assert_in_thread(&world, MARIE, &[&report], &update);
    assert!(
        !update.text.contains("/resol"),
        "what Ann quoted reached Marie:\n{}",
        update.text
    );
    assert!(
        !update.parents().contains(&answer),
        "Ann's own mail id reached Marie"
    );
    assert_eq!(update.header("Auto-Submitted"), None, "a person's words");
    await_status(&world, "open");

    // Marie answers; Ann reads it in her own thread.
    let detail = world.answer(
        &format!("Marie Dupont <{MARIE}>"),
        &update,
        "Oui, rouge et il clignote.",
    );
    let message = world.await_mail(ANN, |mail| mail.text.contains("rouge et il clignote"));
    assert_in_thread(&world, ANN, &[&answer], &message);

    // Ann resolves; Marie is asked whether it works, and says yes.
    world.answer(
        &format!("Ann Martin <{ANN}>"),
        &message,
        "/resolve\n\nLa box a été remplacée, tout est rétabli.",
    );
    let is_answer = |mail: &ParsedMail| mail.in_reply_to == [detail.clone()];
    let resolved = world.await_mail(MARIE, |mail| {
        mail.header("Auto-Submitted").is_some()
            && (is_answer(mail) || mail.text.contains("box a été remplacée"))
    });
    assert_in_thread(&world, MARIE, &[&report, &detail], &resolved);
    await_status(&world, "resolved");
    world.answer(&format!("Marie Dupont <{MARIE}>"), &resolved, "Oui");
    await_status(&world, "closed");

    assert_eq!(daemon.stop(Duration::from_secs(60)), Some(0));
    world.postfix.await_empty_queue(ARRIVAL);
    for reader in [MARIE, ANN, PAUL] {
        assert_letters_in_order(&world, reader);
    }
    let left = world.json(&["outbox", "--json"]);
    assert!(left.is_empty(), "{left:?}");
    let aside = world.json(&["quarantine", "list", "--json"]);
    assert!(aside.is_empty(), "{aside:?}");
}

#[test]
fn an_incident_is_told_from_report_to_closing_under_tls() {
    an_incident_from_report_to_closing(Tls::Implicit);
}

#[test]
fn an_incident_is_told_from_report_to_closing_after_starttls() {
    an_incident_from_report_to_closing(Tls::StartTls);
}

#[test]
fn a_server_nobody_vouches_for_gets_no_password() {
    let world = World::start();
    for tls in [Tls::Implicit, Tls::StartTls] {
        world.configure(&Configuration {
            tls,
            trusted: false,
            ..Configuration::default()
        });
        let done = world.guichet(&["run", "--once"]);
        assert_eq!(done.code, Some(75), "{tls:?}: {}", done.stderr);
        assert!(done.stderr.contains("ca_file"), "{tls:?}: {}", done.stderr);
        let logins = world.dovecot.log();
        assert!(!logins.contains("Login: user="), "{tls:?}: {logins}");
    }
}

#[test]
fn a_new_uidvalidity_answers_nobody_twice() {
    let mut world = World::start();
    world.config(Tls::Implicit);
    let id = world.write(MARIE, SUPPORT, "Imprimante en panne", "Elle clignote.");
    world.await_mail(SUPPORT, |mail| mail.id == id);
    for _ in 0..2 {
        let done = world.guichet(&["run", "--once"]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        world.restart_dovecot_index();
    }
    world.postfix.await_empty_queue(ARRIVAL);
    only_ticket(&world);
    let answers = world
        .mails(MARIE)
        .into_iter()
        .filter(|mail| mail.parents().contains(&id));
    assert_eq!(answers.count(), 1);
}

#[test]
fn an_absence_notice_is_not_answered() {
    let world = World::start();
    world.config(Tls::Implicit);
    let asked = world.write(MARIE, SUPPORT, "VPN", "Le VPN ne marche pas.");
    let away = world.send(&Draft {
        from: "jean@acme.example".to_owned(),
        to: SUPPORT.to_owned(),
        subject: "Réponse automatique : absent".to_owned(),
        text: "Je suis absent jusqu'à lundi.".to_owned(),
        references: Vec::new(),
        extra: Some(("Auto-Submitted", "auto-replied (vacation)")),
    });
    for id in [&asked, &away] {
        world.await_mail(SUPPORT, |mail| mail.id == *id);
    }
    let done = world.guichet(&["run", "--once"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    world.await_mail(MARIE, |mail| mail.in_reply_to == [asked.clone()]);
    world.postfix.await_empty_queue(ARRIVAL);
    assert!(world.mails("jean@acme.example").is_empty());
    assert_eq!(only_ticket(&world)["requester"], MARIE);
    let aside = world.json(&["quarantine", "list", "--json"]);
    assert!(
        aside.iter().any(|mail| mail["message_id"] == away.as_str()),
        "{aside:?}"
    );
}

#[test]
fn letters_wait_while_the_server_is_away() {
    let mut world = World::start();
    world.config(Tls::Implicit);
    let id = world.write(MARIE, SUPPORT, "Badge perdu", "J'ai perdu mon badge.");
    world.await_mail(SUPPORT, |mail| mail.id == id);
    world.postfix.pause();
    let done = world.guichet(&["run", "--once"]);
    assert_eq!(done.code, Some(75), "{}", done.stderr);
    let waiting = world.json(&["outbox", "--json"]);
    let to_marie = waiting.iter().filter(|letter| letter["to"] == MARIE);
    assert_eq!(to_marie.count(), 1, "{waiting:?}");
    assert!(
        waiting.iter().all(|letter| letter["state"] == "queued"),
        "{waiting:?}"
    );
    world.postfix.resume();
}
