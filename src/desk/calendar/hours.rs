//! Opening hours as OpenStreetMap writes them: `Mo-Fr 09:00-12:00,13:30-18:00; PH off`.
//!
//! The syntax is OpenStreetMap's `opening_hours`, read by the crate of that name. What it says is asked
//! day by day here; moments and time zones are left to `calendar.rs`. Public holidays are days off even
//! when the text does not speak of them, unless it opens round the clock: whoever writes `24/7` means
//! it. A day off is off from midnight to midnight, so it also ends a night shift that began the evening
//! before; write `PH 00:00-06:00` to keep that end. Hours marked `unknown` are not counted on.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveDate;
use jiff::civil::Date;
use opening_hours::{Context, OpeningHours, RuleKind};

use super::holidays::Holidays;

/// Seconds of a day on a wall clock.
pub(super) const DAY: i64 = 86_400;
/// 1 January 1970, counted in days from the first of the year 1.
const EPOCH: i64 = 719_163;
/// Hours must open on some day of these years, which catches what can never be meant.
const TRIED_YEARS: std::ops::RangeInclusive<i32> = 2024..=2040;

type SyntaxError = <OpeningHours as FromStr>::Err;

/// Opening hours, read and found to open at some time.
#[derive(Clone, PartialEq, Eq)]
pub struct Hours {
    text: String,
    /// `None`: round the clock.
    week: Option<OpeningHours>,
}

/// Why a text is not taken as opening hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// It is not the syntax.
    #[error(
        "`{text}` cannot be read as opening hours{from}; write them as OpenStreetMap does, such as Mo-Fr 09:00-12:00,13:30-18:00 or 24/7"
    )]
    Syntax {
        /// What was written.
        text: String,
        /// From where on it makes no sense: ` from `x` on`. Empty when that is not known.
        from: String,
    },
    /// Words whose meaning depends on what is not known here.
    #[error(
        "`{0}` is not the same everywhere and not known here; write hours of the clock and dates"
    )]
    Unknown(&'static str),
    /// It never opens.
    #[error("`{0}` is never open; write at least one hour of a week, such as Mo-Fr 09:00-18:00")]
    NeverOpen(String),
}

impl Hours {
    /// Reads opening hours.
    pub fn parse(text: &str) -> Result<Hours, HoursError> {
        let text = text.trim();
        if let Some(word) = word_without_meaning(text) {
            return Err(HoursError::Unknown(word));
        }
        let read = |text: &str| {
            let week = text.parse::<OpeningHours>();
            week.map_err(|error| syntax(text, &error))
        };
        let mut week = read(text)?;
        let is_constant = week.get_expression().is_constant();
        if !is_constant && !outside_comments(text).any(|part| part.contains("PH")) {
            week = read(&format!("{text}; PH off"))?;
        }
        let opens = |day| !Rota(Some(week.clone())).day(day).is_empty();
        let tried = TRIED_YEARS.filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
        if !tried
            .flat_map(|first| first.iter_days().take(366))
            .any(opens)
        {
            return Err(HoursError::NeverOpen(text.to_owned()));
        }
        Ok(Hours {
            text: text.to_owned(),
            week: (!is_constant).then_some(week),
        })
    }

    /// `24/7`.
    pub fn round_the_clock() -> Hours {
        Hours {
            text: "24/7".to_owned(),
            week: None,
        }
    }

    /// As they were written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// These hours where `holidays` are kept.
    pub(super) fn rota(&self, holidays: &Holidays) -> Rota {
        let context = Context::default().with_holidays(holidays.context());
        Rota(self.week.clone().map(|week| week.with_context(context)))
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hours({:?})", self.text)
    }
}

/// Opening hours with their public holidays: what is open on a day. `None`: round the clock.
pub(super) struct Rota(Option<OpeningHours>);

impl Rota {
    /// The open hours of a day in seconds since midnight, in order; they neither touch nor overlap.
    pub fn date(&self, date: Date) -> Vec<Range<i64>> {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let day = NaiveDate::from_ymd_opt(
            i32::from(year),
            u32::from(month.unsigned_abs()),
            u32::from(day.unsigned_abs()),
        );
        day.map(|day| self.day(day)).unwrap_or_default()
    }

    /// The same for a day counted from 1 January 1970.
    pub fn numbered(&self, day: i64) -> Vec<Range<i64>> {
        i32::try_from(day + EPOCH)
            .ok()
            .and_then(NaiveDate::from_num_days_from_ce_opt)
            .map(|day| self.day(day))
            .unwrap_or_default()
    }

    fn day(&self, day: NaiveDate) -> Vec<Range<i64>> {
        let Some(week) = &self.0 else {
            return std::iter::once(0..DAY).collect();
        };
        let seconds = |hour: u8, minute: u8| i64::from(hour) * 3_600 + i64::from(minute) * 60;
        let mut open: Vec<Range<i64>> = Vec::new();
        for stretch in week.schedule_at(day) {
            if stretch.kind != RuleKind::Open {
                continue;
            }
            let (start, end) = (stretch.range.start, stretch.range.end);
            let start = seconds(start.hour(), start.minute());
            let end = seconds(end.hour(), end.minute()).min(DAY);
            match open.last_mut() {
                // Stretches that differ in their comments only.
                Some(last) if last.end == start => last.end = end,
                _ => open.push(start..end),
            }
        }
        open
    }
}

impl fmt::Debug for Rota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(week) => write!(f, "{week}"),
            None => f.write_str("24/7"),
        }
    }
}

/// The parts of the text that are no comments, which stand in quotes.
fn outside_comments(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').step_by(2)
}

/// Words that the syntax knows and that mean something else in each place.
fn word_without_meaning(text: &str) -> Option<&'static str> {
    ["sunrise", "sunset", "dawn", "dusk", "SH"]
        .into_iter()
        .find(|word| outside_comments(text).any(|part| part.contains(word)))
}

/// The parser says where it stopped as ` --> 1:COLUMN` in the first line of its message.
fn syntax(text: &str, error: &SyntaxError) -> HoursError {
    let message = error.to_string();
    let column = message
        .lines()
        .next()
        .and_then(|line| line.rsplit(':').next())
        .and_then(|column| column.trim().parse::<usize>().ok());
    let rest: Option<String> = column.map(|column| text.chars().skip(column - 1).collect());
    let from = rest
        .filter(|rest| !rest.trim().is_empty() && rest.len() < text.len())
        .map_or_else(String::new, |rest| format!(" from `{}` on", rest.trim()));
    HoursError::Syntax {
        text: text.to_owned(),
        from,
    }
}
