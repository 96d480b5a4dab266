//! A requester and two technicians over real servers: orders, a merge, what is taken back, the shell beside the daemon.
//!
//! The daemon's sweep is an hour away: whatever is answered here was noticed by IDLE.

use std::time::Duration;

use guichet::config::settings::Tls;
use serde_json::Value;

use crate::mail::ParsedMail;
use crate::process::await_some;
use crate::world::{ANN, ARRIVAL, MARIE, PAUL, SUPPORT, World};

fn ticket(world: &World, id: &str) -> Value {
    world.json(&["ticket", "show", id, "--json"]).remove(0)
}

fn await_field(world: &World, id: &str, field: &str, value: &str) {
    let reached = await_some(ARRIVAL, || {
        (ticket(world, id)[field] == value).then_some(())
    });
    assert!(
        reached.is_some(),
        "{field} is not {value}: {}",
        ticket(world, id)
    );
}

/// The receipt of the mail with this id.
fn receipt(world: &World, who: &str, order: &str) -> ParsedMail {
    let is_receipt = |mail: &ParsedMail| mail.in_reply_to.iter().any(|id| id == order);
    world.await_mail(who, is_receipt)
}

#[test]
fn a_requester_and_two_technicians_get_through_an_incident_by_mail() {
    let world = World::start();
    world.config(Tls::Implicit);
    let daemon = world.run();
    let (marie, ann, paul) = (
        format!("Marie Dupont <{MARIE}>"),
        format!("Ann Martin <{ANN}>"),
        format!("Paul Brown <{PAUL}>"),
    );

    // Marie reports twice: two tickets about one thing.
    world.write(
        &marie,
        SUPPORT,
        "Plus d'Internet à l'atelier",
        "Bonjour,\n\nplus personne n'a Internet.\n\nMarie\n",
    );
    let told = world.await_mail(ANN, |mail| mail.subject.contains("[INC-1]"));
    world.write(
        &marie,
        SUPPORT,
        "Le wifi non plus",
        "Bonjour,\n\nle wifi de l'atelier est tombé aussi.\n\nMarie\n",
    );
    let second = world.await_mail(PAUL, |mail| mail.subject.contains("[INC-2]"));

    // Ann tries, then takes; Marie hears of the second only.
    let tried = world.answer(
        &ann,
        &told,
        "/essai\n/prends\n/p2 car l'atelier est arrêté\n",
    );
    let dry = receipt(&world, ANN, &tried);
    assert!(dry.text.contains(MARIE), "{}", dry.text);
    assert_eq!(ticket(&world, "INC-1")["status"], "new");
    let taken = world.answer(&ann, &told, "/prends\n/p2 car l'atelier est arrêté\n");
    let done = receipt(&world, ANN, &taken);
    assert!(done.text.contains("/annuler"), "{}", done.text);
    await_field(&world, "INC-1", "assignee", "ann");

    // Paul merges the second ticket into the first; what Marie answers there follows.
    let merged = world.answer(&paul, &second, "/merge INC-1\n");
    receipt(&world, PAUL, &merged);
    await_field(&world, "INC-2", "merged_into", "INC-1");
    let acknowledged = world.await_mail(MARIE, |mail| mail.subject.contains("[INC-2]"));
    world.answer(&marie, &acknowledged, "Le téléphone aussi, maintenant.\n");
    let message = world.await_mail(ANN, |mail| mail.text.contains("Le téléphone aussi"));
    assert!(message.subject.contains("[INC-1]"), "{}", message.subject);

    // Ann resolves too early and takes it back from the receipt; the history keeps both.
    let early = world.answer(&ann, &message, "/résolu\n");
    let hasty = receipt(&world, ANN, &early);
    await_field(&world, "INC-1", "status", "resolved");
    let back = world.answer(&ann, &hasty, "/annuler\n");
    receipt(&world, ANN, &back);
    await_field(&world, "INC-1", "status", "open");

    // The shell hands the ticket to Paul while the daemon runs; the daemon carries the letter.
    let handed = world.guichet(&["ticket", "assign", "INC-1", "paul", "--as", "ann"]);
    assert_eq!(handed.code, Some(0), "{}", handed.stderr);
    let notice = world.await_mail(PAUL, |mail| {
        mail.subject.contains("[INC-1]") && mail.id != message.id
    });
    assert_eq!(ticket(&world, "INC-1")["assignee"], "paul");

    // Paul answers and resolves in one mail, Marie says yes.
    world.answer(
        &paul,
        &notice,
        "Bonjour Marie, la box a été remplacée.\n\n/resolve\n/time 1h\n",
    );
    let update = world.await_mail(MARIE, |mail| mail.text.contains("box a été remplacée"));
    assert!(!update.text.contains("/time"), "{}", update.text);
    await_field(&world, "INC-1", "status", "resolved");
    world.answer(&marie, &update, "Oui, merci !\n");
    await_field(&world, "INC-1", "status", "closed");
    let end = ticket(&world, "INC-1");
    assert_eq!(end["minutes_spent"], 60);
    let entries = end["entries"].as_array().unwrap();
    let says = |what: &str| {
        entries
            .iter()
            .any(|entry| entry["text"].as_str().unwrap().contains(what))
    };
    assert!(
        says("took back: /résolu") && says("le wifi de l'atelier"),
        "{entries:?}"
    );

    assert_eq!(daemon.stop(Duration::from_secs(60)), Some(0));
    world.postfix.await_empty_queue(ARRIVAL);
    for reader in [MARIE, ANN, PAUL] {
        let mails = world.mails(reader);
        let ids: std::collections::HashSet<_> = mails.iter().map(|mail| &mail.id).collect();
        assert_eq!(ids.len(), mails.len(), "a letter to {reader} came twice");
    }
    let aside = world.json(&["quarantine", "list", "--json"]);
    assert!(aside.is_empty(), "{aside:?}");
}
