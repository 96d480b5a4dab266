//! Ranks mails written as people write them and compares with what a human says.
//!
//! One mail a line, in `fr.txt` and `en.txt`, and with the language in front in the others. Misses are
//! printed with their reasons.
//!
//! Honest measures, each taken before a list was mended with the mails in question (exact, within one level):
//!
//! ```text
//! fresh    62.0 %   86.0 %      fourth   86.3 %   96.8 %      others (de, es, it, nl)
//! second   88.3 %   96.7 %      fifth    81.8 %   96.4 %               89.6 %   97.9 %
//! third    77.5 %   97.5 %      sixth    75.0 %   86.5 %
//!                               seventh  85.0 %   98.0 %
//! ```
//!
//! `sixth` has mails from trades the others do not know, `seventh` everyday ones. All are part of what the lists have
//! seen since, so what is asserted below is a floor against loss, not a promise about new mails: of those, four in
//! five get the exact priority.

mod corpora;
mod desk;

use std::collections::BTreeMap;
use std::path::Path;

use guichet::config::keywords;
use guichet::desk::ids::Language;
use guichet::desk::triage::keywords::Keywords;
use guichet::desk::triage::rank::{Facts, Ranking, rank};
use guichet::desk::triage::{Heard, Priority, Urgency};

struct Case {
    place: String,
    file: &'static str,
    language: Language,
    priority: Priority,
    impact: &'static str,
    urgency: &'static str,
    category: &'static str,
    calm: bool,
    subject: &'static str,
    text: String,
}

/// Our lists as they lie in the folder: a change is seen without building the program again.
pub fn keywords() -> Keywords {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/keywords");
    keywords::load(Some(Path::new(folder))).unwrap_or_else(|error| panic!("{error}"))
}

fn cases() -> Vec<Case> {
    let tables = [
        ("fr.txt", include_str!("fr.txt")),
        ("en.txt", include_str!("en.txt")),
        ("more.txt", include_str!("more.txt")),
        ("fresh.txt", include_str!("fresh.txt")),
        ("second.txt", include_str!("second.txt")),
        ("others.txt", include_str!("others.txt")),
        ("third.txt", include_str!("third.txt")),
        ("fourth.txt", include_str!("fourth.txt")),
        ("fifth.txt", include_str!("fifth.txt")),
        ("sixth.txt", include_str!("sixth.txt")),
        ("seventh.txt", include_str!("seventh.txt")),
    ];
    let mut cases = Vec::new();
    for (file, table) in tables {
        for (number, line) in table.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let mut columns = line.splitn(3, " | ");
            let head = columns.next().expect("a line has columns");
            let (language, head) = match file {
                "fr.txt" | "en.txt" => (&file[..2], head),
                _ => head.split_once(' ').expect("a language stands in front"),
            };
            let mut head = head.split_whitespace();
            let mut next = || head.next().unwrap_or_default();
            cases.push(Case {
                place: format!("{file}:{}", number + 1),
                file,
                language: Language::of(language).expect("a language we know"),
                priority: Priority::parse(next()).expect("P1 to P4"),
                impact: next(),
                urgency: next(),
                category: next(),
                calm: next() == "calm",
                subject: columns.next().expect("three columns"),
                text: columns.next().expect("three columns").replace("\\n", "\n"),
            });
        }
    }
    cases
}

fn ranked(keywords: &Keywords, case: &Case) -> Ranking {
    let facts = Facts {
        vouched: true,
        ..Facts::default()
    };
    let heard = Heard::of(keywords, case.subject, &case.text, Some(case.language));
    rank(keywords, &heard, &facts)
}

#[derive(Default)]
struct Score {
    all: usize,
    exact: usize,
    near: usize,
    category: usize,
    both: usize,
}

impl Score {
    fn percent(&self, count: usize) -> f64 {
        100.0 * count as f64 / self.all.max(1) as f64
    }
}

#[test]
fn mails_are_ranked_as_people_rank_them() {
    let keywords = keywords::load(Some(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/keywords"
    ))))
    .unwrap();
    let mut files: BTreeMap<&str, Score> = BTreeMap::new();
    let mut score = Score::default();
    let mut broken = Vec::new();
    let cases = cases();
    for language in [Language::French, Language::English] {
        let count = cases
            .iter()
            .filter(|case| case.language == language)
            .count();
        assert!(count >= 100, "{language:?}: {count} mails");
    }
    for case in &cases {
        let ranking = ranked(&keywords, case);
        let impact = format!("{:?}", ranking.impact).to_lowercase();
        let urgency = format!("{:?}", ranking.urgency).to_lowercase();
        let levels = (ranking.priority as i32 - case.priority as i32).abs();
        for score in [&mut score, files.entry(case.file).or_default()] {
            score.all += 1;
            score.exact += usize::from(levels == 0);
            score.near += usize::from(levels <= 1);
            score.category += usize::from(ranking.category == case.category);
            score.both += usize::from(impact == case.impact && urgency == case.urgency);
        }
        let place = &case.place;
        let miss = levels != 0 || ranking.category != case.category;
        if miss {
            println!(
                "{place} expected {} {} {} {}, got {} [{}]\n    {} | {}",
                case.priority.word(),
                case.impact,
                case.urgency,
                case.category,
                ranking.sentence(),
                ranking.category,
                case.subject,
                case.text
            );
        }
        if case.priority == Priority::P1 && ranking.priority > Priority::P2 {
            broken.push(format!("{place}: a P1 sank to {}", ranking.sentence()));
        }
        if case.calm && ranking.urgency == Urgency::High {
            broken.push(format!(
                "{place}: a denied word counts: {}",
                ranking.sentence()
            ));
        }
    }
    for (name, score) in files.iter().chain([(&"all", &score)]) {
        println!(
            "{name}: {} mails, priority exact {:.1} %, within one level {:.1} %, impact and urgency {:.1} %, category {:.1} %",
            score.all,
            score.percent(score.exact),
            score.percent(score.near),
            score.percent(score.both),
            score.percent(score.category)
        );
    }
    assert_eq!(broken, Vec::<String>::new());
    assert!(score.all >= 400, "{} mails", score.all);
    // What is asked for is 85 and 98; the floors stand below what is reached.
    assert!(score.percent(score.exact) >= 95.0);
    assert!(score.percent(score.near) >= 99.0);
    assert!(score.percent(score.category) >= 87.0);
    for (file, score) in &files {
        assert!(score.percent(score.exact) >= 90.0, "{file}");
    }
}

/// Phrases with and without the comma a hurried writer leaves out.
#[test]
fn a_denial_belongs_to_one_word() {
    let keywords = keywords::load(Some(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/keywords"
    ))))
    .unwrap();
    let denied = [
        "ce n'est pas urgent",
        "Rien d'urgent",
        "c est pas une urgence",
        "pas vraiment bloquant",
        "je ne suis pas bloquée",
        "pas besoin d'intervenir en urgence",
        "il n'y a pas le feu",
        "il n'y a pas d'urgence",
        "cela ne presse pas",
        "ça n'est pas bloquant",
        "ce n'est pas si urgent que ça",
        "je ne suis plus bloqué",
        "on n'est pas bloqués",
        "personne n'est bloqué",
        "sans que ce soit urgent",
        "loin d'être urgent",
        "rien de grave ni d'urgent",
        "ce n'est ni urgent ni grave",
        "cela n'a aucun caractère urgent",
        "aucun caractère d'urgence",
        "il n'y a aucune urgence particulière",
        "ce n'est plus urgent",
        "sans caractère urgent",
        "URGENCE : non",
        "Urgence : faible",
        "this isn't urgent",
        "not super urgent",
        "there is no great urgency",
        "it's not an emergency",
        "I'm not blocked",
        "I wouldn't call it urgent",
        "non-urgent",
        "don't treat this as urgent",
        "no need to do this urgently",
        "no longer urgent",
        "it's not that urgent",
        "it is not too urgent",
        "nobody is blocked",
        "we are not stuck",
        "doesn't look urgent",
        "I don't think it's urgent",
        "by no means an emergency",
        "neither urgent nor serious",
        "without it being urgent",
        "kein Notfall",
        "ist nicht dringend",
        "das eilt nicht",
        "dringend ist es nicht",
        "nichts Dringendes",
        "keine Eile",
        "nicht kritisch",
        "wir sind nicht blockiert",
        "es ist kein dringender Fall",
        "hat keine Eile",
        "no es urgente",
        "sin urgencia",
        "sin prisa",
        "no corre prisa",
        "no es una emergencia",
        "nada urgente",
        "no estamos bloqueados",
        "non è urgente",
        "nessuna urgenza",
        "senza fretta",
        "niente di urgente",
        "non è un'emergenza",
        "non siamo bloccati",
        "non urgente",
        "het is niet dringend",
        "geen spoed",
        "geen haast",
        "niet urgent",
        "het is geen noodgeval",
        "niets dringends",
        "we zijn niet geblokkeerd",
    ];
    let pressing = [
        "ça marche pas urgent",
        "plus rien ne marche urgent",
        "n'hésitez pas c'est urgent",
        "il n'y a plus internet c'est urgent",
        "it doesn't work urgent",
        "nobody answers, this is urgent",
        "internet ne marche pas urgent",
        "pas de réponse, urgent",
        "not working urgent please",
        "no internet urgent",
        "Drucker geht nicht dringend",
        "werkt niet dringend",
        "no funciona urgente",
        "non funziona urgente",
    ];
    let urgency = |text| {
        let facts = Facts {
            vouched: true,
            ..Facts::default()
        };
        rank(&keywords, &Heard::of(&keywords, "", text, None), &facts).urgency
    };
    let wrong = |texts: &[&'static str], right: Urgency| -> Vec<(&'static str, Urgency)> {
        let found = texts.iter().map(|text| (*text, urgency(text)));
        found.filter(|(_, found)| *found != right).collect()
    };
    assert_eq!(wrong(&denied, Urgency::Low), []);
    assert_eq!(wrong(&pressing, Urgency::High), []);
}
