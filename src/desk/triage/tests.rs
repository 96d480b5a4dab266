//! Tests of the words: what is found, what holds, what follows.

use std::collections::BTreeMap;

use super::super::rank::{Facts, Ranking, rank};
use super::super::{Denial, Heard, Impact, Place, Priority, Subject, Urgency};
use super::*;

fn word(phrase: &str, about: About, weight: i32) -> Word {
    Word {
        phrase: phrase.to_owned(),
        about,
        weight,
        needs: Vec::new(),
        language: None,
    }
}

fn high(phrase: &str) -> Word {
    word(phrase, About::Urgency(Urgency::High), 2)
}

fn denial(phrase: &str, denial: Denial) -> Word {
    word(phrase, About::Denial(denial), 1)
}

fn keywords(words: Vec<Word>) -> Keywords {
    let lists = Lists {
        words,
        ..Lists::default()
    };
    Keywords::new(lists).unwrap()
}

fn phrases(keywords: &Keywords, text: &str) -> Vec<String> {
    let folded = Folded::new(text);
    let found = keywords.find(&folded, None);
    found
        .iter()
        .map(|found| folded.quote(found.first, found.last))
        .collect()
}

fn ranked(keywords: &Keywords, subject: &str, text: &str) -> Ranking {
    let facts = Facts {
        vouched: true,
        ..Facts::default()
    };
    rank(keywords, &Heard::of(keywords, subject, text, None), &facts)
}

fn urgency(words: Vec<Word>, text: &str) -> Urgency {
    ranked(&keywords(words), "", text).urgency
}

#[test]
fn only_whole_words_are_found() {
    let keywords = keywords(vec![high("panne"), high("plus rien")]);
    assert_eq!(phrases(&keywords, "En PANNE."), ["PANNE"]);
    assert_eq!(phrases(&keywords, "panneau, empanne"), [""; 0]);
    assert_eq!(
        phrases(&keywords, "plus  rien\nplus, rien plus. rien"),
        ["plus rien"]
    );
}

#[test]
fn a_star_stands_for_any_ending_and_a_hash_for_any_number() {
    let keywords = keywords(vec![
        high("bloqu*"),
        high("imprim* lente"),
        high("# personnes"),
    ]);
    assert_eq!(phrases(&keywords, "Bloquée débloquer bloc"), ["Bloquée"]);
    assert_eq!(
        phrases(&keywords, "imprimante lente, imprimante très lente"),
        ["imprimante lente"]
    );
    assert_eq!(
        phrases(&keywords, "12 personnes, des personnes"),
        ["12 personnes"]
    );
}

#[test]
fn dots_stand_for_a_few_words_of_one_sentence() {
    let keywords = keywords(vec![high("serveur ... panne")]);
    assert_eq!(
        phrases(&keywords, "le serveur de Lyon, hélas, en panne"),
        ["serveur de Lyon, hélas, en panne"]
    );
    assert_eq!(
        phrases(&keywords, "le serveur marche. En panne : la clim"),
        [""; 0]
    );
    assert_eq!(
        phrases(&keywords, "serveur un deux trois quatre cinq six panne"),
        [""; 0]
    );
    assert_eq!(phrases(&keywords, "serveur panne"), ["serveur panne"]);
}

#[test]
fn one_of_several_may_stand_in_a_place() {
    let keywords = keywords(vec![
        high("(no|not one) .. (till*|card machine) ... (work*|takes cards)"),
        high("(#10+|twenty) (people|lads)"),
        high("(no|no great) (rush|hurry)"),
    ]);
    let cases: [(&str, &[&str]); 9] = [
        (
            "not one of our tills works",
            &["not one of our tills works"],
        ),
        (
            "no card machine here now takes cards",
            &["no card machine here now takes cards"],
        ),
        ("no till. It works", &[]),
        ("no working and taking till works", &[]),
        ("9 people", &[]),
        ("25 people, 10 lads", &["25 people", "10 lads"]),
        ("twenty lads", &["twenty lads"]),
        ("no great hurry", &["no great hurry"]),
        (
            "99999999999999999999 people",
            &["99999999999999999999 people"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(phrases(&keywords, text), expected, "{text}");
    }
}

#[test]
fn accents_and_apostrophes_make_no_difference() {
    let keywords = keywords(vec![high("n'arrive"), high("réseau")]);
    for text in ["n'arrive", "n’arrive", "N´ARRIVE", "narrive", "n arrive"] {
        assert_eq!(phrases(&keywords, text), [text]);
    }
    assert_eq!(
        phrases(&keywords, "RESEAU re\u{301}seau"),
        ["RESEAU", "re\u{301}seau"]
    );
}

#[test]
fn a_phrase_that_cannot_be_looked_for_is_refused() {
    for wrong in [
        "",
        " ",
        "!",
        "*",
        "a*",
        "in*ner",
        "...",
        "... x",
        "x ...",
        "a ... b ... c ... d ... e",
        "a ... .. b",
        "(a",
        "a)",
        "a|b",
        "(a|)",
        "(a|b*c)",
        "(a*)",
        "(a .. b)",
    ] {
        assert!(Keywords::check(wrong).is_err(), "{wrong}");
    }
    for right in [
        "x",
        "l'eau",
        "# h",
        "avant #",
        "in* xy*",
        "a ... b",
        "e-mail",
        "a .. b ... c",
        "#10+ x",
        "(a|b c|de*|#10+) .. x",
    ] {
        assert_eq!(Keywords::check(right), Ok(()), "{right}");
    }
}

#[test]
fn the_subject_counts_double() {
    let weak = || vec![word("vite", About::Urgency(Urgency::High), 1)];
    let keywords = keywords(weak());
    assert_eq!(ranked(&keywords, "", "vite").urgency, Urgency::Medium);
    let ranking = ranked(&keywords, "Vite", "vite");
    assert_eq!(ranking.urgency, Urgency::High);
    assert_eq!(ranking.reasons.len(), 1);
    assert_eq!(ranking.reasons[0].because, "Vite");
    assert_eq!(ranking.reasons[0].r#where, Place::Subject);
    assert_eq!(ranking.reasons[0].weight, 2);
}

#[test]
fn a_denied_word_is_turned_round() {
    let words = || {
        vec![
            high("urgent"),
            denial("pas", Denial::Before),
            denial("sans", Denial::Close),
            denial("non", Denial::After),
            denial("un peu", Denial::Hedge),
            word("marche pas", About::Failure, 1),
        ]
    };
    let cases = [
        ("c'est urgent", Urgency::High),
        ("ce n'est pas urgent", Urgency::Low),
        ("pas du tout vraiment urgent", Urgency::Low),
        ("pas a b c d urgent", Urgency::High),
        ("pas ici, urgent", Urgency::High),
        ("Pas. Urgent", Urgency::High),
        ("urgent ? non", Urgency::Low),
        ("sans être urgent", Urgency::Low),
        ("sans a b urgent", Urgency::High),
        ("un peu urgent", Urgency::Medium),
        // The denial belongs to another phrase.
        ("ça marche pas urgent", Urgency::High),
    ];
    for (text, expected) in cases {
        assert_eq!(urgency(words(), text), expected, "{text}");
    }
}

#[test]
fn a_denial_inside_a_gap_denies_the_phrase() {
    let words = || vec![high("caisse ... bloquée"), denial("pas", Denial::Before)];
    assert_eq!(urgency(words(), "la caisse est bloquée"), Urgency::High);
    assert_eq!(
        urgency(words(), "la caisse n'est pas bloquée"),
        Urgency::Low
    );
}

#[test]
fn a_longer_phrase_hides_a_shorter_one() {
    let words = || {
        vec![
            word("tous", About::Impact(Impact::High), 3),
            word("bonjour à tous", About::Impact(Impact::High), 0),
        ]
    };
    let keywords = keywords(words());
    assert_eq!(ranked(&keywords, "", "Bonjour à tous").impact, Impact::Low);
    assert_eq!(ranked(&keywords, "", "Bonjour, tous").impact, Impact::High);
}

#[test]
fn the_same_phrase_later_replaces_the_first() {
    let keywords = keywords(vec![
        high("Demain"),
        word("demain", About::Urgency(Urgency::Low), 2),
    ]);
    assert_eq!(ranked(&keywords, "", "demain").urgency, Urgency::Low);
}

#[test]
fn a_word_may_need_another() {
    let printer = Word {
        needs: vec!["factur*".to_owned()],
        ..word("imprimante", About::Impact(Impact::Medium), 2)
    };
    let keywords = keywords(vec![printer]);
    assert_eq!(ranked(&keywords, "", "l'imprimante").impact, Impact::Low);
    let near = "l'imprimante qui sort nos factures";
    assert_eq!(ranked(&keywords, "", near).impact, Impact::Medium);
    assert_eq!(
        ranked(&keywords, "Facturation", "l'imprimante").impact,
        Impact::Medium
    );
    let far = format!("l'imprimante {} factures", "bla ".repeat(20));
    assert_eq!(ranked(&keywords, "", &far).impact, Impact::Low);
}

fn telephony() -> Keywords {
    let service = |phrase, sign| word(phrase, About::Service("telephony".to_owned(), sign), 2);
    Keywords::new(Lists {
        words: vec![
            service("téléphone*", Sign::Named),
            service("mon téléphone", Sign::Unless),
            service("plus de ligne", Sign::Fails),
            word("en panne", About::Failure, 2),
            denial("pas", Denial::Before),
            word("sécurité", About::Category("security".to_owned()), 2),
        ],
        services: vec![Service {
            name: "telephony".to_owned(),
            critical: Some(true),
            category: Some("telephony".to_owned()),
        }],
        routes: BTreeMap::from([("telephony".to_owned(), "voice".to_owned())]),
    })
    .unwrap()
}

#[test]
fn a_critical_service_that_fails_is_the_companys_matter() {
    let keywords = telephony();
    for text in ["les téléphones sont en panne", "plus de ligne"] {
        let ranking = ranked(&keywords, "", text);
        assert_eq!(ranking.priority, Priority::P1, "{text}");
        assert_eq!(ranking.category, "telephony");
        assert_eq!(ranking.team.as_deref(), Some("voice"));
    }
    for text in [
        "mon téléphone est en panne",
        "une question sur les téléphones",
        "les téléphones ne sont pas en panne",
        "les téléphones vont bien. Le frigo est en panne",
    ] {
        assert_eq!(ranked(&keywords, "", text).impact, Impact::Low, "{text}");
    }
}

#[test]
fn several_reporters_make_it_more_than_one_persons() {
    let keywords = telephony();
    let facts = |reporters| Facts {
        reporters,
        vouched: true,
        ..Facts::default()
    };
    let of = |text, reporters| {
        let heard = Heard::of(&keywords, "", text, None);
        rank(&keywords, &heard, &facts(reporters)).impact
    };
    assert_eq!(of("le frigo est en panne", 1), Impact::Low);
    assert_eq!(of("le frigo est en panne", 2), Impact::Medium);
    assert_eq!(of("le frigo est en panne", 4), Impact::High);
    assert_eq!(
        of("en panne depuis hier. Les téléphones du bureau", 1),
        Impact::Low
    );
    assert_eq!(
        of("en panne depuis hier. Les téléphones du bureau", 2),
        Impact::High
    );
}

#[test]
fn an_important_person_lifts_the_impact() {
    let keywords = telephony();
    let facts = Facts {
        vouched: true,
        vip: true,
        ..Facts::default()
    };
    let heard = Heard::of(&keywords, "", "en panne", None);
    let ranking = rank(&keywords, &heard, &facts);
    assert_eq!(ranking.impact, Impact::Medium);
    assert_eq!(
        ranking.sentence(),
        "P3: impact medium (VIP) x urgency medium (\"en panne\")"
    );
}

/// `product.md` §6: hours are evidence. What is said of time is compared with the clock.
#[test]
fn a_deadline_presses_when_it_is_near() {
    let keywords = keywords(vec![high("avant #")]);
    let at = |hour, text| {
        let facts = Facts {
            vouched: true,
            at: Some(jiff::civil::date(2026, 11, 23).at(hour, 0, 0, 0)),
            ..Facts::default()
        };
        rank(&keywords, &Heard::of(&keywords, "", text, None), &facts)
    };
    assert_eq!(at(16, "il me le faut avant 17h").urgency, Urgency::High);
    assert_eq!(at(16, "réunion à 17h").urgency, Urgency::High);
    assert_eq!(at(10, "réunion à 17h").urgency, Urgency::Medium);
    // Tomorrow is another day, though "avant #" is on a list of pressing words.
    assert_eq!(at(16, "avant 17h demain").urgency, Urgency::Medium);
    let tomorrow = at(16, "il me le faut avant 9h demain");
    assert_eq!(tomorrow.urgency, Urgency::Medium);
    assert_eq!(
        tomorrow.sentence(),
        "P4: impact low x urgency medium (\"avant 9h demain\")"
    );
}

#[test]
fn a_stranger_raises_little() {
    let keywords = telephony();
    let of = |raised_today| {
        let facts = Facts {
            raised_today,
            ..Facts::default()
        };
        let heard = Heard::of(&keywords, "", "plus de ligne", None);
        rank(&keywords, &heard, &facts)
    };
    let ranking = of(0);
    assert_eq!(ranking.priority, Priority::P3);
    assert_eq!(
        (ranking.impact, ranking.urgency),
        (Impact::High, Urgency::High)
    );
    let told = ranking
        .reasons
        .iter()
        .find(|r| r.about == Subject::Priority);
    assert_eq!(told.unwrap().because, "unknown sender");
    assert_eq!(of(4).priority, Priority::P3);
    assert_eq!(of(5).priority, Priority::P4);
}

#[test]
fn categories_are_decided_by_points_then_weight_then_order() {
    let category =
        |phrase, name: &str, weight| word(phrase, About::Category(name.to_owned()), weight);
    let keywords = keywords(vec![
        category("b1", "beta", 2),
        category("a1", "alpha", 2),
        category("a2", "alpha", 1),
        category("a3", "alpha", 1),
    ]);
    let of = |text| ranked(&keywords, "", text).category;
    assert_eq!(of("nothing"), "other");
    assert_eq!(of("a1 a2 b1"), "alpha");
    assert_eq!(of("a2 a3 b1"), "beta");
    assert_eq!(of("a1 b1"), "beta");
}

#[test]
fn a_mistaken_language_does_not_silence_a_mail() {
    let french = Word {
        language: Some(Language::French),
        ..high("urgent")
    };
    let english = Word {
        language: Some(Language::English),
        ..word("slow", About::Urgency(Urgency::Medium), 2)
    };
    let not = Word {
        language: Some(Language::English),
        ..denial("not", Denial::Before)
    };
    let keywords = keywords(vec![french, english, not]);
    let of = |text, language| {
        let facts = Facts {
            vouched: true,
            ..Facts::default()
        };
        let heard = Heard::of(&keywords, "", text, Some(language));
        rank(&keywords, &heard, &facts).urgency
    };
    assert_eq!(of("urgent", Language::French), Urgency::High);
    assert_eq!(of("urgent", Language::English), Urgency::High);
    assert_eq!(of("urgent slow", Language::English), Urgency::Medium);
    // What is denied says nothing either.
    assert_eq!(of("not slow, urgent", Language::English), Urgency::High);
}

#[test]
fn reasons_quote_the_mail() {
    let keywords = keywords(vec![
        word("tout le monde", About::Impact(Impact::High), 3),
        word("lent*", About::Urgency(Urgency::Medium), 2),
    ]);
    let ranking = ranked(&keywords, "", "TOUT  le\nMonde dit : c’est LENT.");
    assert_eq!(
        ranking.sentence(),
        "P2: impact high (\"TOUT le Monde\") x urgency medium (\"LENT\")"
    );
}
