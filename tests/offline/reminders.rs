//! Reminders against the real store: as often as promised and never twice, wherever the clock jumps.
//!
//! How the letters read is in the stories `le-demandeur-ne-repond-pas` and `nobody-answers`.

use guichet::desk::ticket::Status;
use jiff::{SignedDuration, Timestamp};

use crate::talk::{ANN, KARIM, MARIE, NORA, PAUL, Talk};
use crate::world::CONFIG;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// Time passes until then; gives the kinds and recipients of the letters that follow.
fn until(talk: &mut Talk, moment: &str) -> Vec<String> {
    let before = talk.world.letters().len();
    talk.now = at(moment);
    talk.world.tick(talk.now);
    let letters = talk.world.letters();
    let new = letters.iter().skip(before);
    new.map(|letter| format!("{} to {}", letter.notice, letter.to))
        .collect()
}

/// Marie's ticket of Tuesday, taken by Ann, who has asked her something.
fn waiting(config: &str) -> Talk {
    waiting_since(config, "2026-11-24T08:00:00Z")
}

fn waiting_since(config: &str, moment: &str) -> Talk {
    let mut talk = Talk::new(config);
    talk.now = at(moment);
    talk.writes(MARIE, "Scanner", "Le scanner bourre.");
    talk.answers(
        ANN,
        "new-ticket",
        "/prends\r\n/attente\r\n\r\nQuel papier ?",
    );
    talk
}

const REMINDER: &str = "reminder to marie@acme.example";
const CLOSED: &str = "closed to marie@acme.example";
const NOTHING: [String; 0] = [];

#[test]
fn a_clock_that_jumps_ahead_causes_one_letter_and_one_that_jumps_back_none() {
    let mut talk = waiting(CONFIG);
    assert_eq!(until(&mut talk, "2027-03-10T09:00:00Z"), [REMINDER]);
    assert_eq!(until(&mut talk, "2027-03-10T09:00:00Z"), NOTHING);
    assert_eq!(until(&mut talk, "2026-12-01T09:00:00Z"), NOTHING, "back");
    assert_eq!(until(&mut talk, "2027-03-15T08:59:59Z"), NOTHING);
    assert_eq!(until(&mut talk, "2027-03-15T09:00:00Z"), [REMINDER]);
    assert_eq!(until(&mut talk, "2028-03-15T09:00:00Z"), [CLOSED]);
    assert_eq!(until(&mut talk, "2028-03-15T09:00:00Z"), NOTHING);
    assert_eq!(talk.ticket(1).status, Status::Closed);
}

#[test]
fn days_are_counted_over_a_change_of_the_clock_and_a_restart() {
    // Ten in Paris; the clock goes forward on Sunday.
    let mut talk = waiting_since(CONFIG, "2026-03-26T09:00:00Z");
    assert_eq!(until(&mut talk, "2026-03-31T08:01:59Z"), NOTHING);
    talk.world = talk.world.reopened(CONFIG);
    assert_eq!(until(&mut talk, "2026-03-31T08:02:00Z"), [REMINDER]);
}

#[test]
fn outside_working_hours_nobody_is_reminded() {
    // Monday, nine in the evening.
    let mut talk = waiting_since(CONFIG, "2026-11-23T20:00:00Z");
    assert_eq!(until(&mut talk, "2026-11-26T20:10:00Z"), NOTHING);
    // The daemon stood still from the morning to the evening.
    assert_eq!(until(&mut talk, "2026-11-27T18:00:00Z"), NOTHING);
    assert_eq!(
        until(&mut talk, "2026-11-28T10:00:00Z"),
        NOTHING,
        "Saturday"
    );
    assert_eq!(until(&mut talk, "2026-11-30T08:00:00Z"), [REMINDER]);
}

#[test]
fn whoever_gets_no_letter_is_not_closed_for_silence() {
    let mut talk = Talk::new(CONFIG);
    talk.writes("luc@nowhere.example", "Scanner", "Le scanner bourre.");
    talk.answers(ANN, "new-ticket", "/prends\r\n/attente");
    let told = until(&mut talk, "2026-11-30T09:00:00Z");
    assert_eq!(told, ["reminder to ann@example.org"], "Ann may telephone");
    assert_eq!(until(&mut talk, "2027-11-30T09:00:00Z"), NOTHING);
    assert_eq!(talk.ticket(1).status, Status::WaitingRequester);
}

#[test]
fn a_reminder_over_budget_does_not_count() {
    let budget = "[limits]\nautomatic_per_ticket = { \"10d\" = 2 }\n";
    let mut talk = waiting(&format!("{CONFIG}\n{budget}"));
    assert_eq!(until(&mut talk, "2026-11-30T09:00:00Z"), [REMINDER]);
    // The acknowledgement and the first reminder are all there may be in ten days.
    assert_eq!(until(&mut talk, "2026-12-03T09:00:00Z"), NOTHING);
    assert_eq!(until(&mut talk, "2026-12-04T09:00:00Z"), [REMINDER]);
    assert_eq!(talk.ticket(1).status, Status::WaitingRequester);
}

#[test]
fn a_desk_may_remind_nobody_or_in_its_own_time() {
    let own =
        |keys: &str| CONFIG.replace("prefix    = \"INC\"", &format!("prefix = \"INC\"\n{keys}"));
    let mut silent = waiting(&own("reminders = false"));
    assert_eq!(until(&mut silent, "2027-11-30T09:00:00Z"), NOTHING);
    let mut quick = waiting(&own("remind_after = \"1d\"\ngive_up_after = \"1d\""));
    for (day, told) in [(25, REMINDER), (26, REMINDER), (27, CLOSED)] {
        let moment = format!("2026-11-{day}T09:00:00Z");
        assert_eq!(until(&mut quick, &moment), [told], "{day}");
    }
}

#[test]
fn what_is_taken_back_reminds_nobody() {
    let mut talk = waiting(CONFIG);
    talk.answers(ANN, "receipt", "/annuler");
    assert_eq!(talk.ticket(1).reminding, None);
    // Taken back once the first reminder is gone: the second one comes as if nothing had been.
    talk.answers(ANN, "receipt", "/attente");
    assert_eq!(until(&mut talk, "2026-11-30T09:00:00Z"), [REMINDER]);
    talk.answers(ANN, "receipt", "/relancer");
    let chased = talk.ticket(1).reminding.expect("it waits");
    assert_eq!(chased.sent, 2);
    until(&mut talk, "2026-12-04T09:00:00Z");
    talk.answers(ANN, "receipt", "/annuler");
    let before = talk.ticket(1).reminding.expect("it waits");
    assert_eq!(before.sent, 1);
    assert!(before.next_at > talk.now, "never at once: {before:?}");
}

/// A ticket of Paul's, who has promised news for Thursday 09:02 in Paris; the nudge comes two working hours before.
fn promised() -> Talk {
    let mut talk = Talk::new(CONFIG);
    talk.writes(MARIE, "Scanner", "Le scanner bourre.");
    talk.answers(PAUL, "new-ticket", "/take\r\n\r\nI look at it.");
    talk
}

const BEFORE: &str = "2026-11-25T15:01:59Z";
const NUDGE: &str = "2026-11-25T15:02:00Z";

#[test]
fn whoever_has_a_ticket_is_nudged_once_before_a_promise_is_due() {
    let mut talk = promised();
    assert_eq!(until(&mut talk, BEFORE), NOTHING);
    assert_eq!(until(&mut talk, NUDGE), ["reminder to paul@example.org"]);
    assert_eq!(until(&mut talk, "2026-11-25T15:03:00Z"), NOTHING);
    assert_eq!(until(&mut talk, "2026-11-25T14:00:00Z"), NOTHING, "back");
    assert_eq!(until(&mut talk, NUDGE), NOTHING);
    // The promise that the holding letter makes has a nudge of its own.
    assert_eq!(
        until(&mut talk, "2026-11-26T08:02:00Z"),
        ["progress to marie@acme.example"]
    );
    assert_eq!(
        until(&mut talk, "2026-11-27T15:02:00Z"),
        ["reminder to paul@example.org"]
    );
}

#[test]
fn nobody_is_nudged_who_wrote_or_waits_or_is_away_or_at_home() {
    let mut talk = promised();
    talk.answers(PAUL, "receipt", "/wait");
    assert_eq!(until(&mut talk, NUDGE), NOTHING, "Paul waits");

    let mut talk = promised();
    talk.answers(PAUL, "receipt", "It is the rollers.");
    assert_eq!(until(&mut talk, NUDGE), NOTHING, "Paul wrote");

    let mut talk = promised();
    assert_eq!(until(&mut talk, "2026-11-25T17:30:00Z"), NOTHING, "at home");
    assert_eq!(
        until(&mut talk, "2026-11-26T08:00:00Z"),
        ["reminder to paul@example.org"]
    );

    let away = CONFIG.replace(
        "locale = \"en\"",
        "locale = \"en\"\naway_until = \"2026-12-24\"",
    );
    let mut talk = promised();
    talk.world = talk.world.reopened(&away);
    assert_eq!(
        until(&mut talk, NUDGE),
        ["reminder to ann@example.org"],
        "she leads the team"
    );
    let letter = crate::answers::latest(&talk.world, "reminder", ANN, None);
    let text = talk.world.letter(letter.id).text;
    assert!(text.contains("Absence de Paul Brown"), "{text}");
}

#[test]
fn a_pressing_ticket_is_nudged_by_its_own_measure() {
    let mut talk = promised();
    talk.answers(
        PAUL,
        "receipt",
        "/p1 the boss\r\n/assign nora\r\n\r\nNora takes over.",
    );
    // An hour was promised at 09:03.
    let news = talk.ticket(1).next_news_at.expect("news");
    assert_eq!(news, talk.now + SignedDuration::from_hours(1));
    let nudge = news - SignedDuration::from_mins(15);
    talk.world.tick(nudge - SignedDuration::from_secs(1));
    let told = until(&mut talk, &nudge.to_string());
    assert_eq!(told, [format!("reminder to {NORA}")]);
}

/// What was said to one requester is not for the next one (I10).
#[test]
fn words_to_the_former_requester_are_not_repeated_to_the_new_one() {
    for orders in [
        &["/demandeur karim@boutiques.example\r\n/relancer"][..],
        &["/demandeur karim@boutiques.example", "/relancer"][..],
    ] {
        let mut talk = Talk::new(CONFIG);
        talk.writes(MARIE, "Accès", "J'ai perdu mon mot de passe.");
        talk.answers(ANN, "new-ticket", "/attente\r\n\r\nC'est canary-1234.");
        for order in orders {
            talk.answers(ANN, "receipt", order);
        }
        assert_eq!(talk.ticket(1).requester.address.as_str(), KARIM);
        until(&mut talk, "2026-12-10T09:00:00Z");
        let letters = talk.world.letters().into_iter();
        let theirs: Vec<_> = letters.filter(|letter| letter.to == KARIM).collect();
        assert!(theirs.iter().any(|letter| letter.notice == "reminder"));
        for letter in theirs {
            let text = talk.world.letter(letter.id).text;
            assert!(!text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn words_to_a_requester_who_is_taken_back_are_not_repeated_to_the_one_before() {
    let mut talk = waiting(CONFIG);
    talk.answers(ANN, "receipt", "/demandeur karim@boutiques.example");
    talk.answers(ANN, "receipt", "C'est canary-1234.");
    talk.answers(ANN, "receipt", "/annuler");
    assert_eq!(talk.ticket(1).requester.address.as_str(), MARIE);
    talk.answers(ANN, "receipt", "/relancer");
    let letter = crate::answers::latest(&talk.world, "reminder", MARIE, None);
    let text = talk.world.letter(letter.id).text;
    assert!(!text.contains("canary"), "{text}");
}
