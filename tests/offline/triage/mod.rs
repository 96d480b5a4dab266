//! Ranks mails written as people write them and compares with what a human says.
//!
//! The tables are `fr.txt` and `en.txt`, one mail a line. A miss is printed with its reasons.

use guichet::config::keywords;
use guichet::desk::ids::Language;
use guichet::desk::triage::keywords::Keywords;
use guichet::desk::triage::rank::{Facts, Ranking, rank};
use guichet::desk::triage::{Priority, Urgency};

struct Case {
    line: usize,
    language: Language,
    priority: Priority,
    impact: &'static str,
    urgency: &'static str,
    category: &'static str,
    calm: bool,
    subject: &'static str,
    text: &'static str,
}

fn cases() -> Vec<Case> {
    let tables = [
        (Language::French, include_str!("fr.txt")),
        (Language::English, include_str!("en.txt")),
    ];
    let mut cases = Vec::new();
    for (language, table) in tables {
        for (number, line) in table.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let mut columns = line.splitn(3, " | ");
            let mut head = columns.next().unwrap().split_whitespace();
            let mut next = || head.next().unwrap_or_default();
            cases.push(Case {
                line: number + 1,
                language,
                priority: Priority::parse(next()).unwrap(),
                impact: next(),
                urgency: next(),
                category: next(),
                calm: next() == "calm",
                subject: columns.next().unwrap(),
                text: columns.next().unwrap(),
            });
        }
    }
    cases
}

fn ranked(keywords: &Keywords, case: &Case) -> Ranking {
    let facts = Facts {
        subject: case.subject,
        text: case.text,
        language: Some(case.language),
        vouched: true,
        ..Facts::default()
    };
    rank(keywords, &facts)
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
    let keywords = keywords::load(None).unwrap();
    let only = std::env::var("TRIAGE_HALF").ok();
    let mut halves: [Score; 2] = Default::default();
    let mut score = Score::default();
    let mut broken = Vec::new();
    let cases = cases();
    for language in [Language::French, Language::English] {
        let count = cases.iter().filter(|case| case.language == language).count();
        assert!(count >= 100, "{language:?}: {count} mails");
    }
    for case in &cases {
        let ranking = ranked(&keywords, case);
        let impact = format!("{:?}", ranking.impact).to_lowercase();
        let urgency = format!("{:?}", ranking.urgency).to_lowercase();
        let levels = (ranking.priority as i32 - case.priority as i32).abs();
        let half = case.line % 2;
        for score in [&mut score, &mut halves[half]] {
            score.all += 1;
            score.exact += usize::from(levels == 0);
            score.near += usize::from(levels <= 1);
            score.category += usize::from(ranking.category == case.category);
            score.both += usize::from(impact == case.impact && urgency == case.urgency);
        }
        let place = format!("{}.txt:{}", case.language.code(), case.line);
        let miss = levels != 0 || ranking.category != case.category;
        if miss && only.as_deref().is_none_or(|only| only == half.to_string()) {
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
            broken.push(format!("{place}: a denied word counts: {}", ranking.sentence()));
        }
    }
    for (name, score) in [("odd lines", &halves[1]), ("even lines", &halves[0]), ("all", &score)] {
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
    assert!(score.percent(score.exact) >= 85.0);
    assert!(score.percent(score.near) >= 98.0);
}
