//! Roles of people in an organisation: `[organisation.NAME.role.NAME]`. A till, or whoever runs the payroll.

use std::str::FromStr;

use jiff::civil::Time;

use super::file::Section;
use super::findings::{Findings, Placed};
use crate::desk::people::Role;
use crate::desk::triage::Impact;

/// Reads the roles of one organisation.
pub(super) fn read(organisation: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<Role> {
    organisation
        .named("role")
        .into_iter()
        .map(|(name, section)| role(name, section, findings))
        .collect()
}

fn role(name: String, mut section: Section<'_, '_>, findings: &Findings<'_>) -> Role {
    let addresses = section.addresses("addresses");
    let place = section.place_of("addresses");
    let levels = [
        ("low", Impact::Low),
        ("medium", Impact::Medium),
        ("high", Impact::High),
    ];
    let impact = section.word("impact", &levels).unwrap_or(Impact::Medium);
    let days = section.text("days").and_then(|text| {
        let day = |day: &i8| (1..=31).contains(day);
        let range = range(&text).filter(|(from, to)| day(from) && day(to));
        let expected = "is not a span of days of the month; write for example \"25-31\"";
        told(range, &text, expected, findings)
    });
    let hours = section.text("hours").and_then(|text| {
        let expected = "is not a span of hours; write for example \"08:30-19:00\"";
        told(range::<Time>(&text), &text, expected, findings)
    });
    section.done();
    if addresses.is_empty() {
        findings.error(
            &place,
            "nobody has this role; write for example addresses = [\"till1@acme.example\"]",
        );
    }
    Role {
        name,
        addresses: addresses.into_iter().map(|address| address.value).collect(),
        impact,
        days,
        hours,
    }
}

/// `25-31`, `08:30-19:00`
fn range<T: FromStr>(text: &Placed<String>) -> Option<(T, T)> {
    let (from, to) = text.value.split_once('-')?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

fn told<T>(
    range: Option<T>,
    text: &Placed<String>,
    expected: &str,
    findings: &Findings<'_>,
) -> Option<T> {
    if range.is_none() {
        findings.error(&text.place, format!("`{}` {expected}", text.value));
    }
    range
}
