//! How far our ranks agree with labels other people gave their tickets. Nothing is tuned to them.
//!
//! `TRIAGE_CORPORA=DIR cargo test --test offline triage::corpora -- --nocapture` prints it; without the variable
//! nothing is measured. Nothing of the tickets' text is shown. Labels become levels, the lowest the most
//! pressing, in their own order.

use std::fs;
use std::path::PathBuf;

use guichet::desk::triage::rank::{Facts, rank};
use guichet::desk::triage::{Heard, Impact, Priority, Urgency};
use guichet::intake::language;
use serde_json::Value;

/// Their impacts 0 to 4 and urgencies 0 to 3 as ours: the ends are the ends, what lies between is medium.
const IMPACTS: [Impact; 5] = [
    Impact::High,
    Impact::High,
    Impact::Medium,
    Impact::Medium,
    Impact::Low,
];
const URGENCIES: [Urgency; 4] = [Urgency::High, Urgency::High, Urgency::Medium, Urgency::Low];

/// A label as levels: what our priority, impact and urgency are compared with.
fn label(value: &Value) -> Option<(u32, Option<(u32, u32)>)> {
    if let Some(word) = value.as_str() {
        let words = ["blocker", "critical", "major", "minor", "trivial"];
        let at = words
            .iter()
            .position(|known| word.eq_ignore_ascii_case(known))?;
        return Some((u32::try_from(at).ok()? + 1, None));
    }
    let number = |name: &str| -> Option<u32> { value.get(name)?.as_str()?.parse().ok() };
    let (impact, urgency) = (number("impact")?, number("urgency")?);
    Some((impact + urgency, Some((impact, urgency))))
}

/// Spearman's rho: Pearson's correlation of mean ranks.
fn spearman(one: &[u32], other: &[u32]) -> f64 {
    let (one, other) = (ranks(one), ranks(other));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(&one), mean(&other));
    let pairs = || one.iter().zip(&other).map(|(x, y)| (x - a, y - b));
    let covariance: f64 = pairs().map(|(x, y)| x * y).sum();
    let squares = |of: fn((f64, f64)) -> f64| pairs().map(of).map(|d| d * d).sum::<f64>();
    covariance / (squares(|(x, _)| x) * squares(|(_, y)| y)).sqrt()
}

fn ranks(values: &[u32]) -> Vec<f64> {
    let below = |value: u32| values.iter().filter(|other| **other < value).count() as f64;
    let same = |value: u32| values.iter().filter(|other| **other == value).count() as f64;
    values
        .iter()
        .map(|value| below(*value) + (same(*value) + 1.0) / 2.0)
        .collect()
}

/// Kendall's tau-b, which allows for ties.
fn kendall(one: &[u32], other: &[u32]) -> f64 {
    let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
    let sign = |a: u32, b: u32| f64::from(i8::from(a > b) - i8::from(a < b));
    for (at, (x, y)) in one.iter().zip(other).enumerate() {
        for (v, w) in one.iter().zip(other).skip(at + 1) {
            let (a, b) = (sign(*x, *v), sign(*y, *w));
            sum += a * b;
            first += a * a;
            second += b * b;
        }
    }
    sum / (first * second).sqrt()
}

#[test]
fn correlations_are_those_of_the_textbook() {
    let close = |found: f64, right: f64| assert!((found - right).abs() < 1e-9, "{found}");
    close(spearman(&[1, 2, 3, 4], &[10, 20, 30, 40]), 1.0);
    close(spearman(&[1, 2, 3, 4], &[4, 3, 2, 1]), -1.0);
    close(spearman(&[1, 2, 3, 4, 5], &[2, 1, 4, 3, 5]), 0.8);
    close(kendall(&[1, 2, 3, 4, 5], &[2, 1, 4, 3, 5]), 0.6);
    close(kendall(&[1, 1, 2, 2], &[1, 2, 1, 2]), 0.0);
}

#[test]
fn ranks_agree_with_other_peoples_labels() {
    let Some(root) = std::env::var_os("TRIAGE_CORPORA").map(PathBuf::from) else {
        println!("not measured: TRIAGE_CORPORA does not say where other people's tickets lie");
        return;
    };
    let keywords = super::keywords();
    for corpus in ["endava__support-tickets", "av9ash__gitbugs-hadoop"] {
        let file = root.join(corpus).join("expect.jsonl");
        let lines =
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let (mut ours, mut theirs, mut as_ours) = (Vec::new(), Vec::new(), Vec::new());
        let (mut impacts, mut urgencies) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        let mut table = [[0_u32; 4]; 12];
        for line in lines.lines() {
            let row: Value = serde_json::from_str(line).expect("one object a line");
            let Some((level, parts)) = row.get("priority").and_then(label) else {
                continue;
            };
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let facts = Facts {
                vouched: true,
                ..Facts::default()
            };
            let (subject, text) = (text("subject"), text("body_text"));
            let heard = Heard::of(&keywords, subject, text, language::of(text));
            let ranking = rank(&keywords, &heard, &facts);
            ours.push(ranking.priority as u32 + 1);
            theirs.push(level);
            as_ours.push(match parts {
                Some((impact, urgency)) => {
                    Priority::of(
                        IMPACTS[impact.min(4) as usize],
                        URGENCIES[urgency.min(3) as usize],
                    ) as u32
                        + 1
                }
                None => level.min(4),
            });
            table[level.min(11) as usize][ranking.priority as usize] += 1;
            if let Some((impact, urgency)) = parts {
                impacts.0.push(3 - ranking.impact as u32);
                impacts.1.push(impact);
                urgencies.0.push(3 - ranking.urgency as u32);
                urgencies.1.push(urgency);
            }
        }
        assert!(
            ours.len() > 100,
            "{corpus}: {} labelled tickets",
            ours.len()
        );
        println!(
            "{corpus}: {} tickets; rows: their level, columns: P1 P2 P3 P4",
            ours.len()
        );
        for (level, row) in table
            .iter()
            .enumerate()
            .filter(|(_, row)| row.iter().sum::<u32>() > 0)
        {
            println!("  {level:>2} {row:?}");
        }
        let told = |what: &str, ours: &[u32], theirs: &[u32]| {
            println!(
                "  {what}: Spearman {:.3}, Kendall {:.3}",
                spearman(ours, theirs),
                kendall(ours, theirs)
            );
        };
        told("priority", &ours, &theirs);
        if !impacts.0.is_empty() {
            told("impact", &impacts.0, &impacts.1);
            told("urgency", &urgencies.0, &urgencies.1);
        }
        let raised = ours
            .iter()
            .filter(|level| **level <= Priority::P2 as u32 + 1)
            .count();
        let near = |steps: u32| {
            ours.iter()
                .zip(&as_ours)
                .filter(|(ours, theirs)| ours.abs_diff(**theirs) <= steps)
                .count()
        };
        let percent = |count: usize| 100.0 * count as f64 / ours.len() as f64;
        println!(
            "  agreement {:.1} %, within one level {:.1} %; P1 or P2 given to {:.1} %",
            percent(near(0)),
            percent(near(1)),
            percent(raised)
        );
    }
}
