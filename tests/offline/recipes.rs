//! Recipes as they are offered: a folder of them against labelled mails, and the walls around them.
//!
//! `list.txt` was written together with the phrases, `blind.txt` after they were fixed. `cargo test --test offline recipes
//! -- --nocapture` prints what was offered rightly and wrongly.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::path::{Path, PathBuf};

use guichet::cli::digest;
use guichet::config::{keywords, recipes};
use guichet::desk;
use guichet::desk::digest::Scope;
use guichet::desk::digest::period::Period;
use guichet::desk::ids::Language;
use guichet::desk::people::People;
use guichet::desk::recipe::{Facts, Shelf, choose};
use guichet::desk::triage::rank::{self, Facts as Known};
use guichet::gateway::digests;
use guichet::intake::{self, ReadRules};
use jiff::{SignedDuration, Timestamp};

use crate::answers;
use crate::world::{Arrival, CONFIG, World};

/// The lists, and of a hundred of their mails how many may be offered a wrong recipe.
const LISTS: [(&str, f64); 2] = [("list.txt", 1.0), ("blind.txt", 2.0)];

/// What came of a list.
#[derive(Debug, Default)]
struct Measured {
    mails: usize,
    right: usize,
    wrong: usize,
    missed: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/recipes")
}

/// Offers recipes for the mails of a list, and prints those that went another way.
fn measure(list: &str) -> Measured {
    let (all, warnings) =
        recipes::load(Some(&folder().join("folder")), &People::default()).unwrap();
    assert!(all.len() >= 10 && warnings.is_empty(), "{warnings:?}");
    let names: Vec<String> = all.iter().map(|recipe| recipe.name.clone()).collect();
    let shelf = Shelf::new(0, all).unwrap();
    let words = keywords::load(None).unwrap();
    let text = std::fs::read_to_string(folder().join(list)).unwrap();
    let mut measured = Measured::default();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        let parts: Vec<&str> = line.splitn(3, " | ").collect();
        let [wanted, subject, body] = parts[..] else {
            panic!("`{line}` is not: recipe | subject | text");
        };
        assert!(
            wanted == "-" || names.iter().any(|name| name == wanted),
            "{wanted}"
        );
        let mail = format!(
            "From: Marie <marie@acme.example>\r\nTo: support@example.org\r\nSubject: {subject}\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
        );
        let mail = intake::read(mail.as_bytes(), &ReadRules::default());
        let heard = desk::hear(&words, &mail);
        let known = Known {
            vouched: true,
            reporters: 1,
            ..Known::default()
        };
        let ranking = rank::rank(&words, &heard, &known);
        let facts = Facts {
            priority: ranking.priority,
            category: &ranking.category,
            reasons: &ranking.reasons,
            organisation: Some("acme"),
            desk: "support",
            language: mail.language.or(Language::of("fr")),
            categories: words.categories(),
        };
        let recalled = shelf.recall(&words, &heard, mail.language);
        let offer = choose(recalled.of(0).unwrap(), &facts);
        let offered = offer
            .as_ref()
            .map_or("-", |offer| offer.recipe.name.as_str());
        measured.mails += 1;
        match (offered == wanted, offered) {
            (true, "-") => {}
            (true, _) => measured.right += 1,
            (false, "-") => measured.missed += 1,
            (false, _) => measured.wrong += 1,
        }
        if offered != wanted {
            let found = offer.as_ref().map(|offer| offer.words.join(" · "));
            println!(
                "{list}: wanted {wanted}, offered {offered} ({}); {} {} {:?}: {subject} | {body}",
                found.unwrap_or_default(),
                ranking.priority.word(),
                ranking.category,
                mail.language,
            );
        }
    }
    println!("{list}: {measured:?}");
    measured
}

#[test]
fn wrong_recipes_are_hardly_ever_offered() {
    for (list, wrong_max) in LISTS {
        let measured = measure(list);
        let wrong = 100.0 * measured.wrong as f64 / measured.mails as f64;
        assert!(measured.mails >= 60, "{list}: {measured:?}");
        assert!(wrong <= wrong_max, "{list}: {wrong:.1} % wrong");
        let fitting = measured.right + measured.missed + measured.wrong;
        assert!(2 * measured.right > fitting, "{list}: {measured:?}");
    }
}

/// Writes mails one after another, each a minute later.
struct Conversation {
    world: World,
    now: Timestamp,
    mails: usize,
}

impl Conversation {
    fn begin() -> Self {
        Self {
            world: World::new(),
            now: "2026-11-24T09:00:00Z".parse().unwrap(),
            mails: 0,
        }
    }

    /// Hours later; those who write within one report the same fault together.
    fn write_later(&mut self, from: &str, subject: &str, more: &str, words: &str) {
        self.now += SignedDuration::from_hours(2);
        self.write(from, DESK, subject, more, words);
    }

    fn write(&mut self, from: &str, to: &str, subject: &str, more: &str, words: &str) {
        self.mails += 1;
        self.now += SignedDuration::from_mins(1);
        let date = jiff::fmt::rfc2822::to_string(&self.now.in_tz("UTC").unwrap()).unwrap();
        let mail = format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{}@mail.example>\r\n{more}\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n",
            self.mails
        );
        let mail = answers::fill(&self.world, &mail);
        let arrival = Arrival::at_support(self.mails.to_string(), mail);
        self.world.receive(arrival, self.now);
    }

    /// Answers a letter of this kind about the first ticket, as Ann does.
    fn ann(&mut self, kind: &str, words: &str) {
        let to = format!("{{{{reply-to of {kind} to ann@example.org about INC-1}}}}");
        let id = format!("{{{{message-id of {kind} to ann@example.org about INC-1}}}}");
        let more = format!("In-Reply-To: {id}\r\n");
        self.write("Ann <ann@example.org>", &to, "Re: [INC-1]", &more, words);
    }

    /// Answers a letter as mail programs do: every letter before it is named as well.
    fn answer(&mut self, from: &str, kind: &str, words: &str) {
        self.answer_about(from, kind, 1, words);
    }

    fn answer_about(&mut self, from: &str, kind: &str, ticket: usize, words: &str) {
        let letter = format!("{kind} to {from} about INC-{ticket}");
        let to = format!("{{{{reply-to of {letter}}}}}");
        let more = format!(
            "In-Reply-To: {{{{message-id of {letter}}}}}\r\nReferences: {{{{references of {letter}}}}}\r\n"
        );
        let from = format!("{from} <{from}>");
        self.write(&from, &to, &format!("Re: [INC-{ticket}]"), &more, words);
    }

    /// All that was written to an address, header and text.
    fn read_by(&self, address: &str) -> String {
        let letters = self.world.letters();
        let theirs = letters.iter().filter(|letter| letter.to == address);
        let shown = theirs.map(|letter| {
            let read = self.world.letter(letter.id);
            format!("{}\n{}\n", read.subject.unwrap_or_default(), read.text)
        });
        shown.collect()
    }
}

const DESK: &str = "support@example.org";
/// What only the ticket a recipe comes from tells.
const CANARIES: [&str; 9] = [
    "Quillfeather",
    "Zebediah",
    "zq@acme.example",
    "06 12 34 56 78",
    "canary-words-of-the-mail",
    "canary-note",
    "canary-cause",
    "canary-watcher",
    "INC-1 ",
];

#[test]
fn nothing_of_a_recipes_ticket_reaches_others_but_what_was_approved() {
    let mut talk = Conversation::begin();
    talk.write(
        "Zebediah Quillfeather <zq@acme.example>",
        DESK,
        "VPN de Zebediah Quillfeather",
        "",
        "Mon VPN se déconnecte sans cesse. canary-words-of-the-mail. Mon numéro : 06 12 34 56 78",
    );
    talk.ann(
        "new-ticket",
        "/watch canary-watcher@acme.example\r\n/cause canary-cause\r\n/note canary-note",
    );
    talk.ann(
        "new-ticket",
        "/recipe\r\n/solution Dire à Quillfeather (zq@acme.example, 06 12 34 56 78) de relancer le client",
    );
    let next = |talk: &mut Conversation, who: &str| {
        let from = format!("{who} <{who}>");
        talk.write_later(
            &from,
            "VPN",
            "",
            "Le VPN me déconnecte toutes les cinq minutes",
        );
    };
    // A draft is nobody's before it is approved.
    next(&mut talk, "before@acme.example");
    assert!(
        !talk
            .read_by("before@acme.example")
            .contains("relancer le client")
    );
    talk.ann("recipe", "/recipe words: vpn + deconnect*");
    talk.ann("recipe", "/recipe ok");
    next(&mut talk, "after@acme.example");
    let read = talk.read_by("after@acme.example");
    assert!(
        read.contains("Dire à … (…, …) de relancer le client"),
        "{read}"
    );
    // The wall: people of another firm, and of none, are not offered it.
    next(&mut talk, "other@boutiques.example");
    next(&mut talk, "stranger@elsewhere.example");
    for other in ["other@boutiques.example", "stranger@elsewhere.example"] {
        assert!(!talk.read_by(other).contains("relancer"), "{other}");
    }
    talk.ann("recipe", "/recipe ok all");
    next(&mut talk, "second@boutiques.example");
    next(&mut talk, "unknown@elsewhere.example");
    assert!(
        talk.read_by("second@boutiques.example")
            .contains("de relancer le client")
    );
    // Nobody vouches for this one (I8).
    assert!(
        !talk
            .read_by("unknown@elsewhere.example")
            .contains("relancer")
    );
    for to in [
        "before@acme.example",
        "after@acme.example",
        "other@boutiques.example",
        "second@boutiques.example",
        "unknown@elsewhere.example",
    ] {
        let read = talk.read_by(to);
        for canary in CANARIES {
            assert!(!read.contains(canary), "{canary} to {to}:\n{read}");
        }
    }
}

#[test]
fn machines_forwards_and_pressing_tickets_are_offered_nothing() {
    let mut talk = Conversation::begin();
    vpn_fails(&mut talk);
    talk.ann("new-ticket", "/solution Relancer le client VPN\r\n/recipe Le VPN\r\n/recipe words: vpn + deconnect*\r\n/recipe ok");
    let shown =
        |talk: &Conversation, who: &str| talk.read_by(who).contains("Relancer le client VPN");
    let words = "Le VPN me déconnecte";
    talk.write_later("A <a@acme.example>", "VPN", "", words);
    assert!(shown(&talk, "a@acme.example"));
    talk.write_later(
        "B <b@acme.example>",
        "VPN",
        "Auto-Submitted: auto-generated\r\n",
        words,
    );
    talk.write_later(
        "C <c@acme.example>",
        "VPN",
        "X-Auto-Response-Suppress: All\r\n",
        words,
    );
    talk.write_later(
        "D <d@acme.example>",
        "VPN",
        "",
        "Le VPN déconnecte tout le monde, le magasin est bloqué, plus personne ne travaille",
    );
    let forwarded = "Pour info\r\n\r\n---------- Forwarded message ---------\r\nFrom: Luc <luc@acme.example>\r\n\
                     Date: Tue, 24 Nov 2026 at 08:00\r\nSubject: VPN\r\nTo: E <e@acme.example>\r\n\r\nLe VPN me déconnecte";
    talk.write_later("E <e@acme.example>", "Fwd: VPN", "", forwarded);
    for who in ["b", "c", "d", "e", "luc"] {
        assert!(!shown(&talk, &format!("{who}@acme.example")), "{who}");
    }
}

#[test]
fn an_approval_is_taken_back_and_a_dropped_recipe_is_offered_no_more() {
    let mut talk = Conversation::begin();
    // No clock stands at a whole second.
    talk.now = "2026-11-24T09:00:00.123456789Z".parse().unwrap();
    vpn_fails(&mut talk);
    talk.ann(
        "new-ticket",
        "/solution Relancer le client VPN\r\n/recipe Le VPN\r\n/recipe words: vpn + deconnect*",
    );
    let mut offered = |words: &str, who: &str| {
        talk.now += SignedDuration::from_hours(1);
        talk.ann("receipt", words);
        talk.write_later(
            &format!("X <{who}@acme.example>"),
            "VPN",
            "",
            "Le VPN me déconnecte",
        );
        talk.read_by(&format!("{who}@acme.example"))
            .contains("Relancer le client VPN")
    };
    assert!(offered("/recipe ok", "a"));
    assert!(!offered("/undo", "b"), "the approval is taken back");
    assert!(offered("/recipe ok", "c"));
    assert!(!offered("/recipe drop", "d"));
    assert!(offered("/undo", "e"), "and so is the dropping");
}

const ANN: &str = "ann@example.org";
const PAUL: &str = "paul@example.org";
const MARIE: &str = "marie@acme.example";

/// Marie reports a small fault.
fn vpn_fails(talk: &mut Conversation) {
    let from = format!("Marie <{MARIE}>");
    talk.write(&from, DESK, "VPN", "", "Mon VPN se déconnecte");
}

/// Marie's ticket, from which Ann has had a recipe drafted.
fn drafted() -> Conversation {
    let mut talk = Conversation::begin();
    vpn_fails(&mut talk);
    talk.answer(
        ANN,
        "new-ticket",
        "/solution Relancer le client VPN\r\n/recipe Le VPN",
    );
    talk
}

#[test]
fn words_in_a_ticket_that_had_a_draft_reach_its_requester() {
    let mut talk = drafted();
    talk.answer(ANN, "recipe", "Quitter le client VPN, puis le relancer");
    talk.answer(ANN, "recipe", "ok");
    let recipe = ["Quitter le client VPN, puis le relancer"];
    assert_eq!(talk.world.recipes(), recipe);
    talk.answer(MARIE, "acknowledgement", "C'est revenu ce matin");
    let words = "Redémarrez la box, je passe à 10 h";
    talk.answer(ANN, "message", words);
    assert!(
        talk.read_by(MARIE).contains(words),
        "{}",
        talk.read_by(MARIE)
    );
    assert_eq!(talk.world.recipes(), recipe);
}

/// A mail program that names no letter as the one it answers has the draft as the last of those before.
#[test]
fn a_draft_is_answered_by_references_alone() {
    let mut talk = drafted();
    let to = "{{reply-to of recipe to ann@example.org}}";
    let more = "References: {{references of recipe to ann@example.org}}\r\n";
    talk.write("Ann <ann@example.org>", to, "Re: [INC-1]", more, "ok");
    assert_eq!(talk.world.recipes(), ["Relancer le client VPN"]);
}

/// A recipe for the VPN is in force, and INC-2 is a ticket it was offered with.
fn offered_with_second() -> Conversation {
    let mut talk = Conversation::begin();
    talk.write(
        "Luc <luc@acme.example>",
        DESK,
        "VPN",
        "",
        "Mon VPN se déconnecte",
    );
    talk.answer(
        ANN,
        "new-ticket",
        "/solution Relancer le client VPN\r\n/recipe Le VPN\r\n/recipe words: vpn + deconnect*\r\n/recipe ok",
    );
    let from = format!("Marie <{MARIE}>");
    talk.write_later(&from, "VPN", "", "Le VPN me déconnecte");
    assert!(talk.read_by(MARIE).contains("Relancer le client VPN"));
    talk
}

fn says(talk: &Conversation, ticket: usize, begins: &str) -> bool {
    let ticket = talk.world.tickets().remove(ticket - 1);
    let entries = talk.world.entries(&ticket);
    entries.iter().any(|entry| entry.text.starts_with(begins))
}

/// A yes would answer either.
#[test]
fn a_recipe_comes_without_questions() {
    let talk = offered_with_second();
    assert!(says(&talk, 1, "asked: "), "nothing was offered to Luc");
    assert!(says(&talk, 2, "recipe offered: "));
    assert!(!says(&talk, 2, "asked: "));
    let read = talk.read_by(MARIE);
    assert!(!read.contains("1. "), "{read}");
}

/// What was a small fault of one person may be everybody's by now: no answer says anything about the recipe.
#[test]
fn an_answer_to_a_recipe_neither_ends_an_outage_nor_judges_the_recipe() {
    let cases = [2, 3].map(|declared_on| ["Oui", "Non, toujours rien"].map(|a| (declared_on, a)));
    for (declared_on, answer) in cases.into_iter().flatten() {
        let told = format!("{answer}, declared on INC-{declared_on}");
        let mut talk = offered_with_second();
        for who in ["nina", "omar", "pia"] {
            let from = format!("{who} <{who}@acme.example>");
            talk.write(&from, DESK, "VPN", "", "Le VPN me déconnecte");
        }
        let (paul, marie) = (talk.read_by(PAUL).len(), talk.read_by(MARIE).len());
        talk.answer_about(PAUL, "new-ticket", declared_on, "/outage VPN");
        talk.answer_about(MARIE, "acknowledgement", 2, answer);
        let tickets = talk.world.tickets();
        let ticket = &tickets[1];
        assert!(!ticket.status.is_over(), "{told}: {ticket:?}");
        assert!(ticket.outage.is_some(), "{told}: {ticket:?}");
        let (paul, marie) = (
            talk.read_by(PAUL).split_off(paul),
            talk.read_by(MARIE).split_off(marie),
        );
        assert!(paul.contains(&format!("> {answer}")), "{told}: {paul}");
        assert!(!marie.contains("Relancer"), "{told}: {marie}");
        for outcome in ["recipe helped", "recipe failed"] {
            assert!(!says(&talk, 2, outcome), "{told}: {outcome}");
        }
    }
}

/// The ticket may be another organisation's.
#[test]
fn a_digest_for_an_organisation_names_no_ticket_a_recipe_was_made_from() {
    let mut talk = offered_with_second();
    talk.answer(ANN, "receipt", "/recipe ok all");
    let karim = "Karim <karim@boutiques.example>";
    talk.write_later(karim, "VPN", "", "Le VPN me déconnecte");
    let config = format!("{CONFIG}\n[digest]\nmanagers = [\"claire@example.org\"]\n");
    talk.world = talk.world.reopened(&config);
    let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let period = Period::parse("2026-W48", &zone).unwrap();
    let gateway = &talk.world.gateway;
    let reader = gateway.store.reader().unwrap();
    let table = |scope: &str| {
        let scope: Scope = scope.parse().unwrap();
        let counted = digests::count(gateway, &reader, &scope, &period).unwrap();
        let mut to = gateway.settings.digests.readers[0].clone();
        to.scope = scope;
        let written = digests::write(gateway, &to, &period, &counted, "", talk.now).unwrap();
        let mut files = written.files.into_iter();
        let (_, csv) = files.find(|(name, _)| name.ends_with(".csv")).unwrap();
        format!(
            "{}{}",
            String::from_utf8(csv).unwrap(),
            digest::as_value(&counted)
        )
    };
    assert!(table("all").contains("Le VPN (INC-1)"), "{}", table("all"));
    let theirs = table("organisation:boutiques");
    assert!(theirs.contains(";Le VPN;"), "{theirs}");
    assert!(!theirs.contains("INC-1"), "{theirs}");
}
