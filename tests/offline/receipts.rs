//! What a technician is told of the commands of a mail, in the words of the letter.

use guichet::desk::event::CarriedLetter;
use guichet::desk::letter::Delivery;
use guichet::desk::notice::NoticeKind;
use guichet::desk::ticket::{EntryKind, Status, Ticket};
use jiff::SignedDuration;
use rusqlite::Connection;
use serde_json::Value;

use crate::answers::latest;
use crate::talk::{ANN, LUC, MARIE, NORA, PAUL, Talk, guichet};
use crate::world::CONFIG;

#[track_caller]
fn says(text: &str, words: &[&str]) {
    let text = on_one_line(text);
    for word in words {
        assert!(text.contains(word), "`{word}` in\n{text}");
    }
}

#[track_caller]
fn says_not(text: &str, words: &[&str]) {
    let text = on_one_line(text);
    for word in words {
        assert!(!text.contains(word), "`{word}` in\n{text}");
    }
}

/// Sentences as people read them, wherever the letter breaks its lines.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_only_tried_shows_how_the_ticket_would_stand() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "L'imprimante est lente.");
    let before = talk.ticket(1);
    talk.answers(
        PAUL,
        "new-ticket",
        "/dry\n/take\n/snooze 2d\n/p2 because of the pay",
    );
    let receipt = talk.receipt(PAUL);
    says(
        &receipt,
        &[
            "Only tried, nothing was done",
            "INC-1 would then be put aside for now, until Thursday 26 November at 8:00, P2, with Paul Brown.",
            "First answer: by Tuesday 24 November at 11:01",
        ],
    );
    says_not(&receipt, &["INC-1 is"]);
    talk.answers(ANN, "new-ticket", "/essai\n/prends\n/clos");
    let receipt = talk.receipt(ANN);
    says(
        &receipt,
        &[
            "Simple essai, rien n’a été fait",
            "INC-1 : la demande serait alors close, P4, attribuée à Ann Martin.",
        ],
    );
    says_not(&receipt, &["demande enregistrée"]);
    // Nothing of it happened, and an order that is carried out says what is.
    let updated_at = before.updated_at;
    assert_eq!(
        Ticket {
            updated_at,
            ..talk.ticket(1)
        },
        before
    );
    talk.answers(PAUL, "new-ticket", "/take");
    says(
        &talk.receipt(PAUL),
        &["INC-1 is being worked on, P4, with Paul Brown."],
    );
}

#[test]
fn what_is_only_tried_shows_how_the_other_tickets_would_stand() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Imprimante", "L'imprimante est lente.");
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    talk.answers(PAUL, "new-ticket about INC-2", "/dry\n/merge INC-1");
    says(
        &talk.receipt(PAUL),
        &["INC-2 would then be", "INC-1 would then be"],
    );
}

/// The letters to somebody, each with its state.
fn letters_to(talk: &Talk, who: &str) -> Vec<(String, String)> {
    let letters = talk.world.letters().into_iter();
    letters
        .filter(|letter| letter.to == who)
        .map(|letter| (letter.notice, letter.state))
        .collect()
}

#[test]
fn a_letter_that_waits_because_of_a_budget_is_named() {
    let mut talk = Talk::new(CONFIG);
    for number in 1..=3 {
        talk.writes(
            MARIE,
            "Écran",
            &format!("Mon écran {number} est tout noir."),
        );
    }
    talk.answers(PAUL, "new-ticket about INC-1", "/dry\n/take");
    says(
        &talk.receipt(PAUL),
        &[
            "These letters would wait instead of going out: - progress, marie@acme.example Enough automatic letters",
        ],
    );
    says_not(&talk.receipt(PAUL), &["These letters would go out"]);
    talk.answers(PAUL, "new-ticket about INC-1", "/take");
    says(
        &talk.receipt(PAUL),
        &[
            "These letters have not gone out, they wait: - progress, marie@acme.example Enough automatic letters have gone out for now.",
            "What you write in your own words goes out at once",
            "guichet outbox --held",
        ],
    );
    talk.answers(ANN, "new-ticket about INC-2", "/prends");
    says(
        &talk.receipt(ANN),
        &[
            "Ces messages ne sont pas partis, ils attendent : - état d’avancement, marie@acme.example Assez de messages",
        ],
    );
    // What is said there holds: people who talk to each other are no machines.
    for number in 0..8 {
        talk.answers(
            PAUL,
            "new-ticket about INC-1",
            &format!("And cable {number}?"),
        );
    }
    let updates: Vec<_> = letters_to(&talk, MARIE)
        .into_iter()
        .filter(|(notice, _)| notice == "update")
        .collect();
    assert_eq!(updates.len(), 8);
    assert!(
        updates.iter().all(|(_, state)| state == "queued"),
        "{updates:?}"
    );
}

#[test]
fn a_letter_that_waits_because_nobody_knows_the_address_is_named() {
    let mut talk = Talk::new(CONFIG);
    let eve = "eve@elsewhere.example";
    talk.writes(eve, "Help", "My screen is dark.");
    talk.answers(PAUL, "new-ticket", "/take");
    says(
        &talk.receipt(PAUL),
        &["- progress, eve@elsewhere.example Nobody vouches for this address yet. What you write"],
    );
    let order = ["ticket", "order", "INC-1", "/wait", "--dry"];
    let (_, shell) = guichet(talk.world.folder(), &order);
    says(
        &shell,
        &[
            "would wait: progress to eve@elsewhere.example: the sender is neither known nor authenticated",
            "what to do: releasing it answers this once",
        ],
    );
    // Once a technician has written to them themselves, letters go out.
    talk.answers(PAUL, "new-ticket", "Is it plugged in?");
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    says_not(&talk.receipt(PAUL), &["wait"]);
    let all = letters_to(&talk, eve);
    let states: Vec<_> = all
        .iter()
        .map(|(notice, state)| (&**notice, &**state))
        .collect();
    assert_eq!(
        states,
        [
            ("acknowledgement", "held"),
            ("progress", "held"),
            ("update", "queued"),
            ("progress", "queued")
        ]
    );
}

#[test]
fn a_letter_that_waits_because_others_came_back_is_named() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    let bounce = "Subject: Undelivered\r\nAuto-Submitted: auto-replied\r\n";
    let report = "This is the mail system.\r\n\r\n<marie@acme.example>: host mx.acme.example said: 550 5.1.1 User unknown\r\n\r\n\
        Message-ID: {{message-id of acknowledgement to marie@acme.example}}\r\n";
    let bytes = talk.bytes(
        "MAILER-DAEMON@mx.acme.example",
        "support@example.org",
        bounce,
        report,
    );
    talk.hand_in(&bytes);
    talk.answers(PAUL, "new-ticket", "/take");
    says(
        &talk.receipt(PAUL),
        &[
            "Letters to this address came back: “",
            "5.1.1",
            "/requester ADDRESS",
        ],
    );
}

fn owned((notice, state): (&str, &str)) -> (String, String) {
    (notice.to_owned(), state.to_owned())
}

fn carry(talk: &Talk) {
    let accepted = |_: &_| Delivery::Accepted("250 ok".to_owned());
    talk.world.carry("support", talk.now, accepted);
}

#[test]
fn nobody_hears_of_what_was_taken_back_before_it_was_told() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    carry(&talk);
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    talk.answers(PAUL, "receipt", "/undo");
    says(&talk.receipt(PAUL), &["Taken back: - /snooze 2d"]);
    says_not(&talk.receipt(PAUL), &["cannot be taken back"]);
    carry(&talk);
    let heard = [("acknowledgement", "sent"), ("progress", "cancelled")];
    assert_eq!(letters_to(&talk, MARIE), heard.map(owned));
    // The receipt of what was taken back, and whatever else technicians were told, went out.
    assert!(
        letters_to(&talk, PAUL)
            .iter()
            .all(|(_, state)| state == "sent")
    );
    assert_eq!(talk.ticket(1).status, Status::New);
}

#[test]
fn whoever_was_told_hears_that_it_was_taken_back() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    carry(&talk);
    // Luc follows from now on, and was told nothing.
    talk.answers(ANN, "new-ticket", "/suivre luc@acme.example");
    talk.answers(PAUL, "receipt", "/undo");
    says(
        &talk.receipt(PAUL),
        &["These letters cannot be taken back: - progress, marie@acme.example"],
    );
    let heard = [
        ("acknowledgement", "sent"),
        ("progress", "sent"),
        ("progress", "queued"),
    ];
    assert_eq!(letters_to(&talk, MARIE), heard.map(owned));
    assert_eq!(letters_to(&talk, LUC), []);
}

#[test]
fn words_are_not_taken_back_with_commands() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    talk.answers(PAUL, "new-ticket", "/resolve\n\nIt was the cable.");
    talk.answers(PAUL, "receipt", "/undo");
    says(
        &talk.receipt(PAUL),
        &["cannot be taken back: - your answer, marie@acme.example"],
    );
    // Nothing of what she reads has to be put right.
    let letters = [
        ("acknowledgement", "queued"),
        ("update", "queued"),
        ("resolved", "cancelled"),
    ];
    assert_eq!(letters_to(&talk, MARIE), letters.map(owned));
}

#[test]
fn whoever_a_ticket_is_brought_to_reads_by_whom_and_why() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Paie", "Le logiciel de paie est lent.");
    talk.answers(PAUL, "new-ticket", "/escalate the pay run is tonight");
    let told = |talk: &Talk, who: &str| {
        let letter = latest(&talk.world, "new-ticket", who, None);
        talk.world.letter(letter.id).text
    };
    says(
        &told(&talk, ANN),
        &["Escaladé par Paul Brown : the pay run is tonight Ticket escaladé INC-1 : Paie"],
    );
    says(
        &told(&talk, ANN),
        &["marie@acme.example, le mardi 24 novembre à 9 h 01 : > Le logiciel de paie est lent."],
    );
    // Whoever brings it up has the letter of before.
    says(&told(&talk, PAUL), &["New ticket INC-1: Paie"]);
    talk.answers(ANN, "new-ticket", "/equipe infra");
    talk.answers(ANN, "receipt", "/escalader infra");
    says(
        &told(&talk, PAUL),
        &["Escalated by Ann Martin. Escalated ticket INC-1: Paie"],
    );
    // What is only handed on is not escalated.
    talk.answers(ANN, "receipt", "/assigner nora");
    says(&told(&talk, NORA), &["Nouveau ticket INC-1 : Paie"]);
}

#[test]
fn a_refusal_names_what_does_not_exist_or_is_not_clear() {
    let config = format!(
        "{CONFIG}\n[technician.paula]\nname = \"Paula Brown\"\naddress = \"paula@example.org\"\n"
    );
    let mut talk = Talk::new(&config);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    for (line, english, french) in [
        (
            "/link INC-99",
            "There is no ticket INC-99.",
            "Le ticket INC-99 n’existe pas.",
        ),
        (
            "/merge INC-98",
            "There is no ticket INC-98.",
            "Le ticket INC-98 n’existe pas.",
        ),
        (
            "/outage INC-97",
            "There is no ticket INC-97.",
            "Le ticket INC-97 n’existe pas.",
        ),
        (
            "/link INC-1",
            "INC-1 is the ticket itself.",
            "INC-1 est le ticket lui-même.",
        ),
        (
            "/merge",
            "It is not clear which ticket is meant.",
            "On ne sait pas de quel ticket il s’agit.",
        ),
        (
            "/merge it",
            "“it” is no ticket number.",
            "« it » n’est pas un numéro de ticket.",
        ),
        (
            "/assign",
            "Something has to follow this command.",
            "Cette commande attend une suite.",
        ),
        (
            "/assign Bob",
            "No technician has the name or the address “Bob”.",
            "Aucun technicien n’a pour nom ou pour adresse « Bob ».",
        ),
        (
            "/watch ann, Bob",
            "the address “Bob”.",
            "pour adresse « Bob ».",
        ),
        (
            "/assign brown",
            "Several technicians fit “brown”: please be more precise. Did you mean /assign paul · /assign paula?",
            "Plusieurs techniciens correspondent à « brown » : précisez.",
        ),
        (
            "/team south",
            "There is no team called “south”.",
            "Aucune équipe ne s’appelle « south ».",
        ),
        (
            "/requester Bob",
            "“Bob” is no email address.",
            "« Bob » n’est pas une adresse de courriel.",
        ),
        (
            "/requester support@example.org",
            "support@example.org is an address of this desk.",
            "support@example.org est une adresse de ce guichet.",
        ),
        (
            "/impact huge",
            "“huge” is no level. Write low, medium or high.",
            "« huge » n’est pas un niveau.",
        ),
        (
            "/time soon",
            "“soon” is no length of time.",
            "« soon » n’est pas une durée.",
        ),
        (
            "/open it",
            "Nothing may follow this command.",
            "Cette commande n’attend aucune suite.",
        ),
    ] {
        talk.answers(PAUL, "new-ticket", line);
        says(&talk.receipt(PAUL), &["Not done: -", english]);
        talk.answers(ANN, "new-ticket", line);
        says(&talk.receipt(ANN), &["Non fait : -", french]);
    }
    let order = ["ticket", "order", "INC-1", "/link INC-99"];
    let (_, shell) = guichet(talk.world.folder(), &order);
    says(
        &shell,
        &["refused: /link INC-99: there is no ticket INC-99"],
    );
}

#[test]
fn how_many_report_the_same_is_said_in_the_readers_language() {
    let config = CONFIG.replace(
        "address = \"paul@example.org\"\nlocale = \"en\"",
        "address = \"paul@example.org\"\nlocale = \"LOCALE\"",
    );
    for (locale, paul) in [
        ("en", "“2 reporters” (other tickets)"),
        ("de", "„2 Personen melden es“ (andere Tickets)"),
        ("es", "«2 personas lo comunican» (otros tickets)"),
        ("it", "«2 persone lo segnalano» (altri ticket)"),
        ("nl", "“2 mensen melden het” (andere tickets)"),
    ] {
        let languages = "languages = [\"fr\", \"en\", \"de\", \"es\", \"it\", \"nl\"]";
        let config = config.replace("LOCALE", locale);
        let config = config.replace("languages = [\"fr\", \"en\"]", languages);
        let mut talk = Talk::new(&config);
        talk.writes(MARIE, "Internet", "Plus d'internet depuis ce matin.");
        talk.writes(
            LUC,
            "Internet",
            "Plus d'internet depuis ce matin ici aussi.",
        );
        let told = |who: &str| {
            let letter = latest(&talk.world, "new-ticket", who, Some("INC-2"));
            talk.world.letter(letter.id).text
        };
        says(
            &told(ANN),
            &["« 2 personnes le signalent » (autres tickets)"],
        );
        says_not(&told(ANN), &["reporters"]);
        says(&told(PAUL), &[paul]);
        // What is stored and printed for programs stays what it was.
        let mut reasons = talk.ticket(2).reasons.into_iter();
        assert!(reasons.any(|reason| reason.because == "2 reporters"));
    }
}

/// Each letter to somebody, with its ticket and its state.
fn letters_about(talk: &Talk, who: &str) -> Vec<(String, String, String)> {
    let letters = talk.world.letters().into_iter();
    letters
        .filter(|letter| letter.to == who)
        .map(|letter| (letter.about(), letter.notice, letter.state))
        .collect()
}

fn about((ticket, notice, state): (&str, &str, &str)) -> (String, String, String) {
    (ticket.to_owned(), notice.to_owned(), state.to_owned())
}

/// Nora has these tickets of Marie's, has told her so, and has her queue of the next day.
fn queue_of_nora(tickets: usize) -> Talk {
    let mut talk = Talk::new(CONFIG);
    for number in 1..=tickets {
        talk.writes(MARIE, "Écran", &format!("Mon écran {number} est noir."));
        talk.now += SignedDuration::from_hours(1);
        talk.answers(
            ANN,
            &format!("new-ticket about INC-{number}"),
            "/assigner nora",
        );
        talk.now += SignedDuration::from_hours(1);
        carry(&talk);
    }
    talk.now = "2026-11-25T06:45:00Z".parse().expect("a moment");
    talk.world.tick(talk.now);
    talk
}

#[test]
fn of_two_tickets_of_one_person_each_has_its_own_letters() {
    for (gone, kept) in [("INC-1", "INC-2"), ("INC-2", "INC-1")] {
        let mut talk = queue_of_nora(2);
        talk.answers(NORA, "queue", "1 clos\n2 clos");
        let deferred = kept.to_owned();
        talk.world.carry("support", talk.now, move |letter| {
            let is_kept = letter
                .ticket
                .as_ref()
                .is_some_and(|id| id.to_string() == deferred);
            match is_kept && letter.kind == NoticeKind::Closed {
                true => Delivery::Deferred("450 busy".to_owned()),
                false => Delivery::Accepted("250 ok".to_owned()),
            }
        });
        talk.answers(NORA, "receipt", "/annuler");
        says(&talk.receipt(NORA), &["- clôture, marie@acme.example"]);
        let closed_and_after = |ticket: &str| -> Vec<_> {
            let all = letters_about(&talk, MARIE).into_iter();
            let mine = all.filter(|(about, ..)| about == ticket);
            mine.skip_while(|(_, notice, _)| notice != "closed")
                .collect()
        };
        let heard = [(gone, "closed", "sent"), (gone, "progress", "queued")];
        assert_eq!(closed_and_after(gone), heard.map(about));
        assert_eq!(
            closed_and_after(kept),
            [about((kept, "closed", "cancelled"))]
        );
    }
}

#[test]
fn of_several_tickets_of_one_person_each_letter_that_waits_is_named() {
    let mut talk = queue_of_nora(4);
    let order = "1 clos\n2 clos\n3 clos\n4 clos\nconfirmer";
    talk.answers(NORA, "queue", &format!("/essai\n{order}"));
    let tried = talk.receipt(NORA);
    talk.answers(NORA, "queue", order);
    let done = talk.receipt(NORA);
    let closed = letters_about(&talk, MARIE);
    let closed = closed.iter().filter(|(_, notice, _)| notice == "closed");
    let (held, gone): (Vec<_>, Vec<_>) = closed.partition(|(_, _, state)| state == "held");
    let [(kept, ..)] = held.as_slice() else {
        panic!("{held:?}");
    };
    let waits = format!("- clôture, {MARIE} ({kept}) Assez de messages automatiques");
    says(&done, &["ils attendent : ", &waits]);
    says(&tried, &["attendraient au lieu de partir : ", &waits]);
    assert_eq!(gone.len(), 3);
    for (ticket, ..) in gone {
        let would_go = format!("- clôture, {MARIE} ({ticket})");
        says(&tried, &["Ces messages partiraient : ", &would_go]);
        says_not(&done, &[&would_go]);
    }
}

#[test]
fn a_requester_named_by_mistake_hears_nothing_and_can_be_named_later() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    carry(&talk);
    talk.answers(PAUL, "new-ticket", &format!("/requester {LUC}"));
    assert_eq!(
        letters_to(&talk, LUC),
        [owned(("acknowledgement", "queued"))]
    );
    talk.answers(PAUL, "receipt", "/undo");
    says_not(&talk.receipt(PAUL), &["cannot be taken back"]);
    assert_eq!(talk.ticket(1).requester.address.as_str(), MARIE);
    carry(&talk);
    assert_eq!(
        letters_to(&talk, LUC),
        [owned(("acknowledgement", "cancelled"))]
    );
    assert_eq!(
        letters_to(&talk, MARIE),
        [owned(("acknowledgement", "sent"))]
    );
    // This time it is meant. What went out stays out, and Luc is not acknowledged twice.
    for _ in 0..2 {
        talk.answers(PAUL, "new-ticket", &format!("/requester {LUC}"));
        carry(&talk);
        talk.answers(PAUL, "new-ticket", &format!("/requester {MARIE}"));
    }
    let heard = [
        ("acknowledgement", "cancelled"),
        ("acknowledgement", "sent"),
    ];
    assert_eq!(letters_to(&talk, LUC), heard.map(owned));
    assert_eq!(
        letters_to(&talk, MARIE),
        [owned(("acknowledgement", "sent"))]
    );
}

#[test]
fn whoever_was_not_asked_how_content_they_are_is_asked_later() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    carry(&talk);
    let rating = |talk: &Talk| {
        let (_, shown) = guichet(talk.world.folder(), &["ticket", "show", "INC-1", "--json"]);
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        shown["satisfaction"].clone()
    };
    talk.answers(PAUL, "new-ticket", "/close");
    assert!(rating(&talk)["asked_at"].is_string());
    talk.answers(PAUL, "receipt", "/undo");
    assert!(rating(&talk).is_null());
    talk.answers(PAUL, "new-ticket", "/close");
    carry(&talk);
    let asked = rating(&talk);
    assert!(asked["asked_at"].is_string());
    let letter = latest(&talk.world, "closed", MARIE, None);
    says(
        &talk.world.letter(letter.id).text,
        &["de 1 (insuffisante) à 5"],
    );
    // Whoever was asked is not asked again, whatever of the next letter is stopped.
    talk.answers(PAUL, "new-ticket", "/open");
    talk.answers(PAUL, "new-ticket", "/close");
    talk.answers(PAUL, "receipt", "/undo");
    assert_eq!(rating(&talk), asked);
}

#[test]
fn whoever_a_letter_never_reached_was_not_told() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    carry(&talk);
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    let no = |_: &_| Delivery::Refused("550 full".to_owned());
    talk.world.carry("support", talk.now, no);
    talk.answers(PAUL, "new-ticket", "/undo");
    says_not(&talk.receipt(PAUL), &["cannot be taken back"]);
    let heard = [("acknowledgement", "sent"), ("progress", "failed")];
    assert_eq!(letters_to(&talk, MARIE), heard.map(owned));
    // Nor was anybody by one that waited and was dropped.
    let mut talk = Talk::new(CONFIG);
    let eve = "eve@elsewhere.example";
    talk.writes(eve, "Help", "My screen is dark.");
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    let held = latest(&talk.world, "progress", eve, None).id.to_string();
    guichet(talk.world.folder(), &["outbox", "drop", &held]);
    talk.answers(PAUL, "new-ticket", "/undo");
    says_not(&talk.receipt(PAUL), &["cannot be taken back"]);
    let heard = [("acknowledgement", "held"), ("progress", "cancelled")];
    assert_eq!(letters_to(&talk, eve), heard.map(owned));
}

#[test]
fn nobody_is_brought_a_ticket_that_is_taken_back_at_once() {
    let more = "[team.network]\nlead = \"nora\"\nmembers = [\"nora\"]\n";
    for priority in ["", "/p1\n"] {
        let mut talk = Talk::new(&format!("{CONFIG}\n{more}"));
        talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
        carry(&talk);
        talk.answers(
            PAUL,
            "new-ticket",
            &format!("{priority}/escalate network the pay run is tonight"),
        );
        assert_eq!(letters_to(&talk, NORA), [owned(("new-ticket", "queued"))]);
        talk.answers(PAUL, "receipt", "/undo");
        says_not(&talk.receipt(PAUL), &["cannot be taken back"]);
        assert_eq!(
            letters_to(&talk, NORA),
            [owned(("new-ticket", "cancelled"))]
        );
        // Once it is brought to her in earnest she hears of it.
        talk.answers(PAUL, "new-ticket", "/escalate network");
        carry(&talk);
        talk.answers(PAUL, "receipt", "/undo");
        says_not(&talk.receipt(PAUL), &["new-ticket", NORA]);
        let heard = [("new-ticket", "cancelled"), ("new-ticket", "sent")];
        assert_eq!(letters_to(&talk, NORA), heard.map(owned));
    }
}

#[test]
fn a_letter_that_was_stopped_is_in_the_history_and_in_no_thread() {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Écran", "Mon écran est tout noir.");
    talk.answers(PAUL, "new-ticket", "/snooze 2d");
    let stopped = latest(&talk.world, "progress", MARIE, None);
    talk.answers(PAUL, "receipt", "/undo");
    let entries = talk.world.entries(&talk.ticket(1));
    let told = "progress to marie@acme.example was taken back and is not sent";
    let told: Vec<_> = entries.iter().filter(|entry| entry.text == told).collect();
    assert_eq!(told.len(), 1, "{entries:?}");
    assert_eq!(told[0].kind, EntryKind::Delivery);
    talk.answers(PAUL, "new-ticket", "Is it plugged in?");
    let next = latest(&talk.world, "update", MARIE, None);
    let next = talk.world.letter_bytes(next.id);
    let next = String::from_utf8_lossy(&next);
    let first = latest(&talk.world, "acknowledgement", MARIE, None);
    assert!(next.contains(&first.message_id), "{next}");
    assert!(!next.contains(&stopped.message_id), "{next}");
}

#[test]
fn what_was_ordered_before_letters_were_numbered_is_taken_back_with_them() {
    let mut talk = queue_of_nora(2);
    talk.answers(NORA, "queue", "1 clos\n2 clos");
    let file = talk.world.folder().join("guichet.db");
    let database = Connection::open(file).expect("the database opens");
    let as_before = r#"[{"kind":"closed","to":"marie@acme.example"}]"#;
    let changed = database.execute(
        "UPDATE acts SET letters = ?1 WHERE by = 'nora'",
        [as_before],
    );
    assert_eq!(changed, Ok(1));
    let only_first = |letter: &CarriedLetter| {
        let is_first = letter
            .ticket
            .as_ref()
            .is_some_and(|id| id.to_string() == "INC-1");
        match is_first || letter.kind != NoticeKind::Closed {
            true => Delivery::Accepted("250 ok".to_owned()),
            false => Delivery::Deferred("450 busy".to_owned()),
        }
    };
    talk.world.carry("support", talk.now, only_first);
    talk.answers(NORA, "receipt", "/annuler");
    says(
        &talk.receipt(NORA),
        &["ne peuvent pas être repris : - clôture, marie@acme.example (INC-1)"],
    );
    let after: Vec<_> = letters_about(&talk, MARIE).split_off(4);
    let heard = [
        ("INC-1", "closed", "sent"),
        ("INC-2", "closed", "cancelled"),
        ("INC-1", "progress", "queued"),
    ];
    assert_eq!(after, heard.map(about));
}

#[test]
fn what_waits_to_be_told_with_others_is_stopped_as_well() {
    let more = "[team.network]\nlead = \"nora\"\nmembers = [\"nora\"]\n";
    let mut talk = Talk::new(&format!("{CONFIG}\n{more}"));
    for number in 0..21 {
        talk.writes(
            &format!("p{number}@acme.example"),
            "Écran",
            &format!("Mon écran {number} est sale."),
        );
        talk.now -= SignedDuration::from_secs(59);
        talk.answers(PAUL, "new-ticket", "/team network");
        talk.now -= SignedDuration::from_secs(59);
    }
    let (kind, state) = letters_to(&talk, NORA).pop().expect("a letter");
    assert_eq!((&*kind, &*state), ("new-ticket", "held"));
    talk.answers(PAUL, "receipt", "/undo");
    talk.world.tick(talk.now + SignedDuration::from_mins(11));
    let letters = letters_to(&talk, NORA);
    let told: Vec<_> = letters
        .iter()
        .filter(|(kind, _)| kind == "bundle")
        .collect();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(letters[20], owned(("new-ticket", "cancelled")));
}
