//! Opening hours, public holidays and targets: `hours`, `holidays` and `targets` of desks, teams,
//! organisations and, for targets, of everybody.
//!
//! What the texts mean is said in `desk/calendar`; here they get their lines and their bounds.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use super::file::Section;
use super::findings::{Findings, Placed};
use super::people::timezone;
use super::units;
use crate::desk::agreement::{Aim, Terms, Wait};
use crate::desk::calendar::holidays::Holidays;
use crate::desk::calendar::hours::Hours;
use crate::desk::triage::Priority;

/// The least and the most business time a target may be: a minute, and some two years of working days.
const TIMES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(5_000 * 3_600);
/// How many business days the next news may take.
const NEWS_DAYS: std::ops::RangeInclusive<u32> = 1..=60;

/// `hours`, `holidays`, `timezone` and `targets` of a desk or an organisation.
pub(super) fn read(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Terms {
    let mut terms = read_hours(section, findings);
    terms.aims = read_targets(section, findings);
    terms
}

/// `hours`, `holidays` and `timezone` of a team.
pub(super) fn read_hours(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Terms {
    let holidays = section.text("holidays").and_then(|text| {
        let read = Holidays::parse(&text.value);
        read.map_err(|error| findings.error(&text.place, error.to_string()))
            .ok()
    });
    Terms {
        hours: hours(section, "hours", findings).map(|(_, hours)| hours),
        holidays,
        timezone: timezone(section, findings),
        aims: BTreeMap::new(),
    }
}

/// Opening hours as a key holds them, with their text.
pub(super) fn hours(
    section: &mut Section<'_, '_>,
    name: &'static str,
    findings: &Findings<'_>,
) -> Option<(String, Hours)> {
    let text = section.text(name)?;
    match Hours::parse(&text.value) {
        Ok(hours) => Some((text.value, hours)),
        Err(error) => {
            findings.error(&text.place, error.to_string());
            None
        }
    }
}

/// The section `targets` below `section`: one table for each priority.
pub(super) fn read_targets(
    section: &mut Section<'_, '_>,
    findings: &Findings<'_>,
) -> BTreeMap<Priority, Aim> {
    let Some(mut targets) = section.section("targets") else {
        return BTreeMap::new();
    };
    let aims = Priority::ALL.into_iter().filter_map(|priority| {
        let section = targets.section(priority.word())?;
        Some((priority, aim(section, findings)))
    });
    let aims = aims.collect();
    targets.done();
    aims
}

fn aim(mut section: Section<'_, '_>, findings: &Findings<'_>) -> Aim {
    let aim = Aim {
        first_answer: target(&mut section, "first_answer", findings),
        resolution: target(&mut section, "resolution", findings),
        next_news: next_news(&mut section, findings),
        hours: hours(&mut section, "hours", findings).map(|(_, hours)| hours),
    };
    if let (Some(Some(first)), Some(Some(last))) = (aim.first_answer, aim.resolution)
        && first > last
    {
        findings.warning(
            &section.place_of("first_answer"),
            "the first answer may take longer than the resolution, which is an answer too; write the shorter time here",
        );
    }
    section.done();
    aim
}

/// `none`, or business time in minutes or hours.
fn target(
    section: &mut Section<'_, '_>,
    name: &'static str,
    findings: &Findings<'_>,
) -> Option<Option<SignedDuration>> {
    let text = section.text(name)?;
    if text.value == "none" {
        return Some(None);
    }
    if is_days(&text) {
        findings.error(
            &text.place,
            format!(
                "`{}` is in days, and working days differ in length; write opening hours, such as 18h for two days of nine hours",
                text.value
            ),
        );
        return None;
    }
    let time = section.as_duration(&text, TIMES)?;
    Some(SignedDuration::try_from(time).ok())
}

/// Business time in minutes or hours, or business days.
fn next_news(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Wait> {
    let text = section.text("next_news")?;
    if !is_days(&text) {
        let time = section.as_duration(&text, TIMES)?;
        return SignedDuration::try_from(time).ok().map(Wait::Worked);
    }
    let days = units::duration(&text.value)
        .and_then(|time| u32::try_from(time.as_secs() / 86_400).ok())
        .filter(|days| NEWS_DAYS.contains(days));
    if days.is_none() {
        let (least, most) = (NEWS_DAYS.start(), NEWS_DAYS.end());
        findings.error(
            &text.place,
            format!(
                "{} is out of range; write {least}d to {most}d, in business days",
                text.value
            ),
        );
    }
    days.map(Wait::Days)
}

fn is_days(text: &Placed<String>) -> bool {
    text.value.ends_with('d') && units::duration(&text.value).is_some()
}
