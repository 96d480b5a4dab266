//! Outside firms against the real store: who is let into their lane, what leaves it, and what is told to nobody.
//!
//! How the letters read is in the stories `orange-repare-la-ligne` and `handed-to-a-firm`.

use guichet::desk::ids::Address;
use guichet::desk::ticket::{EntryKind, Status};
use jiff::SignedDuration;

use crate::answers::{header, latest};
use crate::privacy;
use crate::talk::{ANN, KARIM, MARIE, Talk};
use crate::world::CONFIG;

const ORANGE: &str = "support@orange.example";
const STRANGER: &str = "jean@nowhere.example";

/// Two more firms: one without an address, one that works round the clock.
fn config() -> String {
    let more = "[provider.local]\nname = \"Câbleur du coin\"\ndomains = [\"cableur.example\"]\n\
                [provider.sfr]\nname = \"SFR Business\"\naddress = \"pro@sfr.example\"\nhours = \"24/7\"\nremind_after = \"1d\"\n";
    format!("{CONFIG}\n{more}")
}

/// Marie's ticket, handed to Orange by Ann.
fn handed() -> Talk {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    talk.answers(
        ANN,
        "new-ticket",
        "/prends\r\n/transmettre orange plus de synchro",
    );
    talk
}

/// The kinds and recipients of the letters after so many.
fn letters(talk: &Talk, after: usize) -> Vec<String> {
    let letters = talk.world.letters();
    let new = letters.iter().skip(after);
    new.map(|letter| format!("{} to {}", letter.notice, letter.to))
        .collect()
}

fn text_of(talk: &Talk, kind: &str, to: &str) -> String {
    let letter = latest(&talk.world, kind, to, None);
    talk.world.letter(letter.id).text
}

#[test]
fn a_firm_that_is_not_configured_is_waited_for_and_the_receipt_says_what_is_missing() {
    let without = CONFIG
        .split("[provider.orange]")
        .next()
        .expect("a beginning");
    let config = config();
    let mut talk = Talk::new(without);
    for (config, name, missing) in [
        (without, "orange", "[provider.NOM]"),
        (config.as_str(), "local", "n’a pas d’adresse"),
    ] {
        talk = Talk::new(config);
        talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
        let order = format!("/transmettre {name} plus de synchro");
        talk.answers(ANN, "new-ticket", &order);
        assert_eq!(talk.ticket(1).status, Status::WaitingProvider);
        let receipt = talk.receipt(ANN);
        assert!(receipt.contains(missing), "{receipt}");
    }
    let before = talk.world.letters().len();
    talk.now += SignedDuration::from_hours(24 * 60);
    talk.world.tick(talk.now);
    assert_eq!(letters(&talk, before), [""; 0], "nobody to remind");
}

#[test]
fn a_name_that_fits_none_is_asked_back_and_nothing_is_done() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    for (line, meant) in [
        ("/transmettre oragne la ligne", "/handoff orange la ligne"),
        (
            "/transmettre la ligne",
            "/handoff local · /handoff orange · /handoff sfr",
        ),
        ("/transmettre orangeade la ligne", "/handoff local · "),
    ] {
        talk.answers(ANN, "new-ticket", line);
        let receipt = talk.receipt(ANN);
        assert!(receipt.contains(meant), "{line}: {receipt}");
        assert_eq!(talk.ticket(1).status, Status::New);
    }
    talk.answers(ANN, "new-ticket", "/transmettre SFR Business : la ligne");
    let text = text_of(&talk, "handoff", "pro@sfr.example");
    assert!(text.contains("\nla ligne\n"), "{text}");
}

#[test]
fn the_letter_to_a_firm_has_what_it_needs_and_nothing_else() {
    let contact = CONFIG.replace(
        "name = \"Acme\"",
        "name = \"Acme\"\ncontact = \"Luc, 04 72 00 00 00\"",
    );
    let mut talk = Talk::new(&contact);
    talk.writes(KARIM, "Caisse", "canary-other-firm est en panne.");
    talk.writes(
        MARIE,
        "Internet",
        "Plus d'Internet au magasin.\r\nVoyant rouge.",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/note canary-internal-note\r\n/cause box morte",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "Bonjour Marie, canary-words-to-marie.",
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/transmettre orange plus de synchro",
    );
    let text = text_of(&talk, "handoff", ORANGE);
    for needed in [
        "plus de synchro",
        "INC-2",
        "C-2026-118",
        "Internet",
        "Plus d'Internet au magasin.",
        "Voyant rouge.",
        "box morte",
        "Luc, 04 72 00 00 00",
        "24 novembre",
    ] {
        assert!(text.contains(needed), "{needed} is missing: {text}");
    }
    let bytes = talk
        .world
        .letter_bytes(latest(&talk.world, "handoff", ORANGE, None).id);
    let whole = String::from_utf8_lossy(&bytes).replace("=\r\n", "");
    for secret in ["canary", MARIE, KARIM, ANN] {
        assert!(
            !whole.contains(secret) && !text.contains(secret),
            "{secret}"
        );
    }
    assert_eq!(privacy::leaks(&talk.world), [""; 0]);
}

#[test]
fn what_a_firm_writes_is_told_to_whoever_has_the_ticket_and_to_nobody_else() {
    let mut talk = handed();
    talk.answers(ANN, "receipt", "/suivre luc@acme.example");
    let before = talk.world.letters().len();
    talk.answers(
        ORANGE,
        "handoff",
        "canary-words-of-orange: la ligne est coupée.",
    );
    assert_eq!(letters(&talk, before), ["message to ann@example.org"]);
    assert_eq!(talk.ticket(1).status, Status::Open);
    talk.answers(ANN, "message", "La ligne est en réparation, bonjour Marie.");
    talk.answers(ANN, "receipt", "/resolu");
    talk.answers(MARIE, "resolved", "Non, toujours rien.");
    talk.answers(ANN, "message", "/clos");
    for letter in talk.world.letters() {
        let to: Address = letter.to.parse().expect("an address");
        let bytes = talk.world.letter_bytes(letter.id);
        let whole = String::from_utf8_lossy(&bytes).replace("=\r\n", "");
        let is_staff = talk.world.gateway.rules.people.technician(&to).is_some();
        assert!(
            is_staff || !whole.contains("canary-words-of-orange"),
            "{}",
            letter.to
        );
    }
    let entries = talk.world.entries(&talk.ticket(1));
    let theirs = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Provider);
    assert_eq!(theirs.count(), 2, "handed over, and what they wrote");
}

#[test]
fn only_the_firm_a_ticket_was_handed_to_comes_in() {
    let mut talk = handed();
    talk.answers(
        ORANGE,
        "handoff",
        "Votre dossier n° 4512-GTR est ouvert, un technicien passe.",
    );
    let to = latest(&talk.world, "handoff", ORANGE, None);
    let reply_to = header(&talk.world.letter_bytes(to.id), "Reply-To").expect("an address");
    // Its address, its Message-ID, its reference, our tag: in the hands of others each opens a ticket of its own.
    for (from, to, head) in [
        (
            STRANGER,
            reply_to.as_str(),
            "Subject: Re: [INC-1] Internet\r\n".to_owned(),
        ),
        (
            STRANGER,
            "support@example.org",
            format!("Subject: Re\r\nIn-Reply-To: <{}>\r\n", to.message_id),
        ),
        (
            STRANGER,
            "support@example.org",
            "Subject: [Orange #4512-GTR]\r\n".to_owned(),
        ),
        (
            "pro@sfr.example",
            "support@example.org",
            "Subject: [SFR #4512-GTR]\r\n".to_owned(),
        ),
        (
            "pro@sfr.example",
            "support@example.org",
            "Subject: [INC-1] Internet\r\n".to_owned(),
        ),
        (
            "jean@orange.example.net",
            "support@example.org",
            "Subject: [#4512-GTR]\r\n".to_owned(),
        ),
    ] {
        let tickets = talk.world.tickets().len();
        let bytes = talk.bytes(
            from,
            to,
            &head,
            &format!("Je suis Orange, dit {from} {head}."),
        );
        talk.hand_in(&bytes);
        assert_eq!(talk.world.tickets().len(), tickets + 1, "{from} {head}");
    }
    // Orange itself comes in by any of them.
    for head in [
        "Subject: [Orange #4512-GTR] suite\r\n",
        "Subject: RE: [INC-1] Internet\r\n",
    ] {
        let tickets = talk.world.tickets().len();
        let bytes = talk.bytes(
            ORANGE,
            "support@example.org",
            head,
            &format!("Fait, {head}"),
        );
        talk.hand_in(&bytes);
        assert_eq!(talk.world.tickets().len(), tickets, "{head}");
    }
}

#[test]
fn a_receipt_teaches_the_reference_and_a_machine_may_bring_an_answer() {
    let mut talk = handed();
    let before = talk.world.letters().len();
    talk.answers(
        ORANGE,
        "handoff",
        "Bonjour, nous avons bien reçu votre demande, dossier 77-4512.",
    );
    assert_eq!(letters(&talk, before), ["message to ann@example.org"]);
    assert_eq!(talk.ticket(1).status, Status::WaitingProvider);
    // Their ticket system calls everything bulk, and begins a thread of its own.
    let before = talk.world.letters().len();
    let head = "Subject: [Dossier 77-4512] Intervention\r\nPrecedence: bulk\r\n";
    let bytes = talk.bytes(
        ORANGE,
        "support@example.org",
        head,
        "Un technicien passe demain.",
    );
    talk.hand_in(&bytes);
    assert_eq!(letters(&talk, before), ["message to ann@example.org"]);
    assert_eq!(talk.ticket(1).status, Status::Open);
    // What a machine says by itself changes nothing.
    talk.answers(ANN, "message", "/transmettre orange merci");
    let before = talk.world.letters().len();
    let head = "Subject: [Dossier 77-4512] Absence\r\nAuto-Submitted: auto-replied\r\n";
    let bytes = talk.bytes(ORANGE, "support@example.org", head, "Je suis absent.");
    talk.hand_in(&bytes);
    assert_eq!(letters(&talk, before), [""; 0]);
    assert_eq!(talk.ticket(1).status, Status::WaitingProvider);
}

#[test]
fn a_firm_is_reminded_once_in_its_own_hours_and_then_we_are() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    talk.answers(
        ANN,
        "new-ticket",
        "/prends\r\n/transmettre sfr plus de synchro",
    );
    let handed = talk.now;
    let before = talk.world.letters().len();
    let after = |hours: i64, seconds: i64| {
        let now = handed + SignedDuration::from_hours(hours) + SignedDuration::from_secs(seconds);
        talk.world.tick(now);
        talk.world.tick(now);
        letters(&talk, before)
    };
    let (theirs, ours) = ("reminder to pro@sfr.example", "reminder to ann@example.org");
    assert_eq!(after(24, -1), [""; 0]);
    assert_eq!(after(24, 0), [theirs]);
    assert_eq!(after(23, 0), [theirs], "back");
    assert_eq!(after(48, 0), [theirs, ours]);
    assert_eq!(after(24 * 365, 0), [theirs, ours]);
    assert_eq!(talk.ticket(1).status, Status::WaitingProvider);
}

#[test]
fn the_lane_follows_a_merge() {
    let mut talk = handed();
    talk.writes(
        MARIE,
        "Internet encore",
        "Toujours rien, et le téléphone non plus.",
    );
    talk.answers(ANN, "new-ticket about INC-1", "/fusionner INC-2");
    let before = talk.world.letters().len();
    talk.answers(ORANGE, "handoff", "La ligne est réparée.");
    assert_eq!(talk.world.tickets().len(), 2);
    let told = letters(&talk, before);
    assert!(
        !told.is_empty() && told.iter().all(|letter| letter.starts_with("message to")),
        "{told:?}"
    );
    assert!(
        told.iter().all(|letter| letter.ends_with("@example.org")),
        "{told:?}"
    );
}

#[test]
fn what_a_firm_sends_twice_is_told_once() {
    let mut talk = handed();
    let answer = talk.answer(ORANGE, "handoff", "La ligne est coupée.");
    let before = talk.world.letters().len();
    for _ in 0..3 {
        talk.mails += 1;
        talk.hand_in(&answer);
    }
    assert_eq!(letters(&talk, before), ["message to ann@example.org"]);
}

/// A phrase of receipts stands in many an answer.
#[test]
fn whatever_a_firm_writes_is_seen_and_only_its_first_mail_is_a_receipt() {
    for (first, later) in [
        (
            "Thank you for contacting Orange. The line was repaired at 10:40.",
            "The replacement has been created, a technician comes at 14:00.",
        ),
        (
            "Nous avons bien reçu votre demande, dossier 77-4512.",
            "Votre incident a été enregistré et résolu.",
        ),
    ] {
        let mut talk = handed();
        for (text, status) in [(first, Status::WaitingProvider), (later, Status::Open)] {
            let before = talk.world.letters().len();
            talk.answers(ORANGE, "handoff", text);
            assert_eq!(
                letters(&talk, before),
                ["message to ann@example.org"],
                "{text}"
            );
            let told = text_of(&talk, "message", ANN);
            assert!(told.contains(text), "{told}");
            assert_eq!(talk.ticket(1).status, status, "{text}");
        }
    }
}

#[test]
fn a_firm_is_reminded_of_nothing_but_what_it_was_asked() {
    let a_month_passes = |talk: &mut Talk| {
        for _ in 0..30 {
            talk.now += SignedDuration::from_hours(24);
            talk.world.tick(talk.now);
        }
    };
    // Reported as silent: what else is ordered asks it nothing.
    let mut talk = handed();
    a_month_passes(&mut talk);
    let before = talk.world.letters().len();
    talk.answers(ANN, "reminder", "/note j'ai appelé");
    a_month_passes(&mut talk);
    assert_eq!(letters(&talk, before), ["receipt to ann@example.org"]);
    // In the hands of somebody whom no letter reaches: the firm that had it before is done with it.
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    talk.answers(ANN, "new-ticket", "/prends\r\n/transmettre orange la ligne");
    talk.answers(ANN, "receipt", "/transmettre local le câble");
    let before = talk.world.letters().len();
    a_month_passes(&mut talk);
    assert_eq!(letters(&talk, before), [""; 0]);
}

#[test]
fn what_stands_in_our_own_subject_is_no_reference_of_a_firm() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "[Caisse 204] bloquée", "La caisse ne répond plus.");
    talk.answers(
        ANN,
        "new-ticket",
        "/prends\r\n/transmettre orange la caisse",
    );
    talk.answers(ORANGE, "handoff", "Votre dossier n° 77-4512 est ouvert.");
    let entries = talk.world.entries(&talk.ticket(1));
    let learned = entries
        .iter()
        .filter(|entry| entry.text.contains("calls it"));
    let learned: Vec<&str> = learned.map(|entry| entry.text.as_str()).collect();
    assert_eq!(learned, ["Orange Business calls it 77-4512"]);
}

#[test]
fn a_report_that_quotes_our_letter_takes_no_signed_address_to_a_firm() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    let of = "of acknowledgement to marie@acme.example";
    talk.writes(
        MARIE,
        "Caisse",
        &format!(
            "La caisse est bloquée. J'avais écrit à {{{{reply-to {of}}}}} pour {{{{message-id {of}}}}} hier."
        ),
    );
    talk.answers(
        ANN,
        "new-ticket about INC-2",
        "/transmettre orange la caisse",
    );
    let text = text_of(&talk, "handoff", ORANGE);
    assert!(
        text.contains("J'avais écrit à support@example.org pour"),
        "{text}"
    );
    assert_eq!(privacy::leaks(&talk.world), [""; 0]);
}

#[test]
fn a_firm_is_handed_a_ticket_once_in_one_mail() {
    let mut talk = Talk::new(&config());
    talk.writes(MARIE, "Internet", "Plus d'Internet au magasin.");
    let before = talk.world.letters().len();
    talk.answers(
        ANN,
        "new-ticket",
        "/transmettre orange la ligne\r\n/transmettre orange et le routeur",
    );
    assert_eq!(letters(&talk, before), ["receipt to ann@example.org"]);
    assert_eq!(talk.ticket(1).status, Status::New, "all or nothing");
    talk.answers(
        ANN,
        "new-ticket",
        "/transmettre orange la ligne\r\n/transmettre sfr la ligne",
    );
    let letters = letters(&talk, before);
    let firms = letters
        .iter()
        .filter(|letter| letter.starts_with("handoff"));
    assert_eq!(firms.count(), 2, "{letters:?}");
}
