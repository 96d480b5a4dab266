//! What a technician is told of the commands of a mail, in the words of the letter.

use guichet::desk::ticket::Ticket;

use crate::talk::{ANN, MARIE, PAUL, Talk};
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
            "INC-1 would then count as put aside for now, P2, with Paul Brown.",
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
        &["INC-2 would then count as", "INC-1 would then count as"],
    );
}
