//! The rules of `config/recommendations.toml`, each by itself: what makes it speak, what silences it, and what it says in the
//! made-up year.

use guichet::desk::digest::advice::{self, Rule};
use guichet::desk::digest::life::{Birth, Life};
use guichet::desk::digest::period::Period;
use guichet::desk::digest::recurring;
use guichet::desk::digest::{Scope, figures};
use guichet::desk::ids::TicketId;
use guichet::desk::ticket::EntryKind;
use guichet::desk::triage::Priority;
use guichet::gateway::digests;
use jiff::{SignedDuration, Timestamp};

use super::{CONFIG, period, year};
use crate::world::World;

/// A rule, its theme, a category and a subject that speak for it, and how many tickets must.
const RULES: [(&str, &str, &str, &str, u32); 8] = [
    (
        "restore-test",
        "backups",
        "data",
        "Fichier perdu sur le serveur",
        3,
    ),
    (
        "phishing-awareness",
        "awareness",
        "messaging",
        "Courriel suspect, phishing ?",
        5,
    ),
    (
        "check-antivirus",
        "security-tools",
        "security",
        "Alerte de l’antivirus",
        3,
    ),
    (
        "review-firewall",
        "firewall",
        "network",
        "VPN coupé depuis ce matin",
        3,
    ),
    (
        "replace-equipment",
        "equipment",
        "printing",
        "Imprimante Compta bloquée",
        5,
    ),
    (
        "plan-updates",
        "updates",
        "application",
        "Plantage après la mise à jour",
        3,
    ),
    (
        "password-recipe",
        "recipes",
        "account",
        "Mot de passe oublié",
        5,
    ),
    (
        "missing-recipe",
        "recipes",
        "application",
        "Export vers le tableur impossible",
        5,
    ),
];

/// The rules about recipes; what makes them speak is told by the desk's own tests.
const REVIEWS: [(&str, &str, &str, &str, u32); 2] = [
    ("failing-recipe", "recipe-review", "", "Le VPN se coupe", 4),
    ("old-recipe", "recipe-review", "", "Le VPN se coupe", 2),
];

/// A ticket opened so many hours before the end of the week.
fn life(number: u32, category: &str, subject: &str, hours: i64) -> Life {
    let week = period("2026-W47");
    let birth = Birth {
        id: TicketId::new("INC", number.try_into().expect("a number")),
        subject: subject.to_owned(),
        desk: "support".to_owned(),
        outage: None,
        organisation: Some("acme".to_owned()),
        requester: "marie@acme.example".to_owned(),
        requester_name: None,
        at: week.until() - SignedDuration::from_hours(hours),
        category: category.to_owned(),
        team: None,
        priority: Priority::P3,
    };
    Life::begin(birth, week.until())
}

/// So many tickets of the last weeks, the newest in the week itself.
fn lives(count: u32, category: &str, subject: &str) -> Vec<Life> {
    (0..count)
        .map(|at| life(count - at, category, subject, 10 + i64::from(at) * 100))
        .collect()
}

/// What one rule says by itself.
fn said(rule: &Rule, lives: &[Life], period: &Period) -> Option<advice::Advice> {
    let mut ordered: Vec<&Life> = lives.iter().collect();
    ordered.sort_by_key(|life| life.birth.id.number());
    let like = recurring::clusters(&ordered, period);
    advice::recommended(std::slice::from_ref(rule), lives, &like, &[], period).pop()
}

#[test]
fn each_rule_speaks_on_its_evidence_and_only_then() {
    let world = World::with(CONFIG);
    let rules = &world.gateway.recommendations;
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    let known = RULES.iter().chain(&REVIEWS).map(|rule| rule.0);
    assert_eq!(
        names,
        known.collect::<Vec<_>>(),
        "every rule is looked at here"
    );
    let week = period("2026-W47");
    for (rule, (name, theme, category, subject, at_least)) in rules.iter().zip(RULES) {
        let enough = lives(at_least, category, subject);
        let given = said(rule, &enough, &week).unwrap_or_else(|| panic!("{name} says nothing"));
        assert_eq!(
            (given.rule.as_str(), given.theme.as_str(), given.count),
            (name, theme, at_least)
        );
        let cited: Vec<String> = (1..=at_least)
            .rev()
            .take(4)
            .map(|n| format!("INC-{n}"))
            .collect();
        assert_eq!(given.tickets, cited, "{name}: the newest first");

        assert_eq!(
            said(rule, &enough[1..], &week),
            None,
            "{name}: nothing in the week itself"
        );
        assert_eq!(
            said(rule, &lives(at_least - 1, category, subject), &week),
            None,
            "{name}: too few"
        );
        let mut older = enough.clone();
        let span = rule.within.as_hours();
        older[0] = life(90, category, subject, span + 1);
        assert_eq!(said(rule, &older, &week), None, "{name}: too long ago");
        if !rule.categories.is_empty() {
            assert_eq!(
                said(rule, &lives(at_least, "other", subject), &week),
                None,
                "{name}: another category"
            );
        }
        if !rule.words.is_empty() {
            let idle = lives(at_least, category, "Question sur la facture");
            assert_eq!(said(rule, &idle, &week), None, "{name}: other words");
        }
        for done in &rule.unless {
            let mut with = enough.clone();
            let mut test = life(99, "other", "Sauvegardes", 300);
            let at = test.birth.at;
            test.tell(
                at,
                EntryKind::Fact,
                "Ann Martin",
                &format!("solution: {done} OK"),
            );
            with.push(test);
            assert_eq!(said(rule, &with, &week), None, "{name}: {done}");
        }
        if rule.alike {
            let mut unlike = enough.clone();
            for (at, life) in unlike.iter_mut().enumerate() {
                life.birth.subject = ["Rouge", "Vert", "Bleu", "Jaune", "Noir"][at % 5].to_owned();
            }
            assert_eq!(said(rule, &unlike, &week), None, "{name}: not alike");
        }
    }
}

#[test]
fn every_rule_has_its_sentence_in_every_language_and_cites_its_tickets() {
    let world = World::with(CONFIG);
    let week = period("2026-W47");
    let everything: Vec<Life> = lives(5, "data", "Fichier perdu");
    let figures = figures::count(&everything, &Scope::All, &week);
    for (name, theme, _, subject, count) in RULES.into_iter().chain(REVIEWS) {
        let counted = digests::Counted {
            figures: figures.clone(),
            advice: vec![advice::Advice {
                rule: name.to_owned(),
                theme: theme.to_owned(),
                count,
                days: 30,
                tickets: vec!["INC-71".to_owned(), "INC-72".to_owned()],
                subject: subject.to_owned(),
            }],
        };
        let mut told = std::collections::BTreeSet::new();
        for locale in ["fr", "en", "de", "es", "it", "nl"] {
            let mut reader = world.gateway.settings.digests.readers[0].clone();
            reader.locale = guichet::desk::ids::Locale::parse(locale);
            let written =
                digests::write(&world.gateway, &reader, &week, &counted, "", week.until())
                    .expect("it is written");
            let line = written
                .text
                .lines()
                .find(|line| line.contains("INC-71, INC-72"));
            let line = line.unwrap_or_else(|| panic!("{name}, {locale}"));
            assert!(
                line.contains(&count.to_string()) && !line.contains("{{"),
                "{line}"
            );
            assert!(
                told.insert(line.to_owned()),
                "{name}: {locale} has words of its own"
            );
        }
    }
}

#[test]
fn the_rules_speak_where_the_made_up_year_has_their_evidence() {
    let world = year(1_500);
    let reader = world.gateway.store.reader().expect("the store can be read");
    let mut spoke: std::collections::BTreeMap<&str, u32> = RULES.map(|rule| (rule.0, 0)).into();
    for week in 10..=47 {
        let week = period(&format!("2026-W{week}"));
        let from = week.until() - SignedDuration::from_hours(24 * 90);
        let lives = reader
            .lives(&Scope::All, from.min(week.window_from()), week.until())
            .expect("they can be read");
        for rule in &world.gateway.recommendations {
            let Some(given) = said(rule, &lives, &week) else {
                continue;
            };
            *spoke.get_mut(rule.name.as_str()).expect("a known rule") += 1;
            evidence(rule, &given, &lives, &week);
        }
        let counted =
            digests::count(&world.gateway, &reader, &Scope::All, &week).expect("it is counted");
        let themes: std::collections::BTreeSet<&str> = counted
            .advice
            .iter()
            .map(|given| given.theme.as_str())
            .collect();
        assert!(
            counted.advice.len() <= 3 && themes.len() == counted.advice.len(),
            "{themes:?}"
        );
    }
    let silent: Vec<&str> = spoke
        .iter()
        .filter(|(_, n)| **n == 0)
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(
        silent,
        ["check-antivirus"],
        "no virus in this year: {spoke:?}"
    );
}

/// The tickets that are cited exist, lie in the span, have the category, and the first is of the week.
fn evidence(rule: &Rule, given: &advice::Advice, lives: &[Life], week: &Period) {
    let since: Timestamp = week.until() - rule.within;
    assert!(
        given.count >= rule.at_least && !given.tickets.is_empty(),
        "{given:?}"
    );
    for (place, id) in given.tickets.iter().enumerate() {
        let life = lives
            .iter()
            .find(|life| life.birth.id.to_string() == *id)
            .expect("it exists");
        assert!(
            since <= life.birth.at && life.birth.at < week.until(),
            "{id}"
        );
        assert!(
            rule.categories.is_empty() || rule.categories.contains(&life.category),
            "{id}"
        );
        assert!(
            place > 0 || life.birth.at >= week.from(),
            "{id} is of the week"
        );
    }
}
