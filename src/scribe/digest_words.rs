//! The words of a digest in one language: `digest.toml`. Sentences of the same file are templates.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::language::{Strings, fill};

/// The content of one `digest.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestFile {
    /// Words that stand alone.
    pub words: Words,
    /// Why a target was missed, by the word of the figures.
    pub because: BTreeMap<String, String>,
    /// Sentences, as templates, by name.
    pub sentences: BTreeMap<String, String>,
    /// A sentence for each recommendation, as templates, by the name of its rule.
    pub advice: BTreeMap<String, String>,
}

/// Reasons a target can be missed for.
const REASONS: [&str; 5] = ["nobody-had-it", "reopened", "raised", "not-yet", "slow"];

macro_rules! words {
    ($($name:ident),* $(,)?) => {
        /// Words that stand alone. Patterns have places such as `{day}`.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)] // `templates/en/digest.toml` shows what each is
        pub struct Words { $(pub $name: String),* }
    };
}

words![
    daily,
    weekly,
    monthly,
    day_month,
    short_day,
    decimal,
    percent,
    minutes,
    hours,
    hours_minutes,
    days,
    all,
    nobody,
    came_in,
    solved,
    open,
    reopened,
    usual,
    before,
    this_day,
    this_week,
    this_month,
    week_of,
    priority,
    category,
    mean,
    median,
    p90,
    first_answer,
    resolution,
    kept,
    missed,
    section,
    name,
    measure,
    value,
    ticket,
    subject,
    age,
    technician,
    organisation,
    hours_spent,
    cause,
    count,
    weeks,
    priorities,
    categories,
    targets,
    times,
    oldest,
    recurring,
    came_back,
    causes,
    work,
    thanks,
    satisfaction,
    recipes,
    offered,
    helped,
    failed,
    advice,
    remarks,
    file,
];

impl DigestFile {
    /// Reads a `digest.toml`. The error is a line (1 for the first, if known) and a reason.
    pub fn parse(text: &str) -> Result<Self, (Option<usize>, String)> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            (line, error.message().to_owned())
        })?;
        match REASONS
            .iter()
            .find(|reason| !file.because.contains_key(**reason))
        {
            Some(reason) => Err((
                None,
                format!("[because] lacks `{reason}`; add a line `{reason} = \"...\"`"),
            )),
            None => Ok(file),
        }
    }
}

impl Words {
    /// A duration as people say it: minutes below two hours, hours below two days, else days and hours.
    pub fn duration(&self, seconds: i64) -> String {
        let with = |pattern: &str, value: i64| fill(pattern, &[("value", &value.to_string())]);
        let minutes = (seconds.max(0) + 30) / 60;
        if minutes < 120 {
            return with(&self.minutes, minutes);
        }
        let hours = (minutes + 30) / 60;
        if hours < 48 {
            return with(&self.hours, hours);
        }
        match (hours / 24, hours % 24) {
            (days, 0) => with(&self.days, days),
            (days, _) if days >= 10 => with(&self.days, (hours + 12) / 24),
            (days, hours) => format!("{} {}", with(&self.days, days), with(&self.hours, hours)),
        }
    }

    /// A duration in business time: its hours, never days, because a day of work has no 24 of them.
    pub fn long(&self, seconds: i64) -> String {
        let minutes = (seconds.max(0) + 30) / 60;
        match minutes < 120 {
            true => self.duration(seconds),
            false => fill(
                &self.hours,
                &[("value", &((minutes + 30) / 60).to_string())],
            ),
        }
    }

    /// Minutes of work: `7 h 30`, by the units of the language.
    pub fn work(&self, minutes: i64) -> String {
        let with = |pattern: &str, value: i64| fill(pattern, &[("value", &value.to_string())]);
        match (minutes / 60, minutes % 60) {
            (0, minutes) => with(&self.minutes, minutes),
            (hours, 0) => with(&self.hours, hours),
            (hours, minutes) => fill(
                &self.hours_minutes,
                &[
                    ("hours", &hours.to_string()),
                    ("minutes", &format!("{minutes:02}")),
                ],
            ),
        }
    }

    /// Tenths as a number: `12,5`; without the fraction when there is none.
    pub fn tenths(&self, tenths: u32) -> String {
        match (tenths / 10, tenths % 10) {
            (whole, 0) => whole.to_string(),
            (whole, part) => format!("{whole}{}{part}", self.decimal),
        }
    }

    /// A day without its year: `16 novembre`.
    pub fn day(&self, day: Date, strings: &Strings) -> String {
        fill(
            &self.day_month,
            &[
                ("day", &strings.day_number(day)),
                ("month", strings.month(day)),
            ],
        )
    }

    /// A day for a small place: `16/11`.
    pub fn short(&self, day: Date) -> String {
        fill(
            &self.short_day,
            &[
                ("day", &format!("{:02}", day.day())),
                ("month", &format!("{:02}", day.month())),
            ],
        )
    }
}
