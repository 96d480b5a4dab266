//! Moments and durations as people say them: `lundi 9h`, `2j`, `tomorrow morning`, `15/12`, `in 2 hours`.
//!
//! A day without a time means the morning of that day. The languages' words are in `words/*.words`.
//! What is not understood as a whole is refused: half a date is a wrong date.

use std::sync::LazyLock;

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

pub(in crate::desk) use days::{BEHIND_DAYS, MONTHS};
use days::{named_date, numeric_date};
use spoken::{Length, clock, length, phrase, tokens};

use crate::desk::calendar::WEEKDAYS;

mod days;
mod spoken;

/// When a working day begins: what a day without a time means.
const MORNING: Time = time(8, 0, 0, 0);
const NOON: Time = time(12, 0, 0, 0);
const AFTERNOON: Time = time(14, 0, 0, 0);
const EVENING: Time = time(18, 0, 0, 0);
const MIDNIGHT: Time = time(23, 59, 0, 0);
/// Further ahead nobody means to put a ticket aside; it is a slip of the pen.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Longer texts are no dates; each word is looked at a few times only.
const WORDS_MAX: usize = 16;

/// The moment and place words such as `tomorrow` are understood from.
#[derive(Clone, Debug)]
pub struct Here {
    /// Now.
    pub now: Timestamp,
    /// Where the desk or the technician is.
    pub zone: TimeZone,
}

/// Why words give no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// They say none, or more than we understand.
    NotUnderstood,
    /// It has passed.
    Past,
    /// It is more than a year away.
    TooFar,
}

/// The moment `text` says, seen from `here`.
pub fn moment(text: &str, here: &Here) -> Result<Timestamp, Unusable> {
    let tokens = tokens(text);
    let mut said = Said::default();
    let mut rest = tokens.as_slice();
    if rest.is_empty() || rest.len() > WORDS_MAX {
        return Err(Unusable::NotUnderstood);
    }
    let today = here.now.to_zoned(here.zone.clone()).date();
    while !rest.is_empty() {
        let taken = said.take(rest, today).ok_or(Unusable::NotUnderstood)?;
        rest = rest.get(taken..).unwrap_or_default();
    }
    let at = said.resolve(here)?;
    if at <= here.now {
        return Err(Unusable::Past);
    }
    if at.duration_since(here.now) > AHEAD_MAX {
        return Err(Unusable::TooFar);
    }
    Ok(at)
}

/// Like `moment`, followed by words that give a reason: `lundi car le site est fermé`.
pub fn moment_and_why(text: &str, here: &Here) -> Result<(Timestamp, Option<String>), Unusable> {
    let whole = moment(text, here);
    if let Ok(at) = whole {
        return Ok((at, None));
    }
    let ends = text
        .char_indices()
        .filter(|(_, c)| c.is_whitespace() || ",;:(".contains(*c))
        .map(|(at, _)| at)
        .take(WORDS_MAX);
    for end in ends {
        let (head, tail) = text.split_at_checked(end).unwrap_or((text, ""));
        let why = tail.trim_matches(|c: char| c.is_whitespace() || ",;:()".contains(c));
        let apart = tail.starts_with([',', ';', '(']) || tail.starts_with(": ");
        if let Some(why) = super::argument::because(why).or(apart.then(|| why.to_owned())) {
            match moment(head, here) {
                Err(Unusable::NotUnderstood) => {}
                said => return said.map(|at| (at, Some(why))),
            }
        }
    }
    whole.map(|at| (at, None))
}

/// Minutes worked: `30`, `30m`, `1h30`, `1,5 h`, `une demi-heure`; at most a week.
pub fn minutes(text: &str) -> Option<u32> {
    let tokens = tokens(text);
    if let [only] = tokens.as_slice()
        && let Ok(minutes) = only.parse::<u32>()
    {
        return (1..=7 * 24 * 60).contains(&minutes).then_some(minutes);
    }
    let mut total = 0;
    let mut rest = tokens.get(..WORDS_MAX.min(tokens.len()))?;
    if rest.len() < tokens.len() {
        return None;
    }
    while !rest.is_empty() {
        let (length, taken) = length(rest).or_else(|| {
            let (_, taken) = phrase(rest, &["and", "in"])?;
            Some((Length::default(), taken))
        })?;
        if length.days != 0 || length.months != 0 || length.business_days != 0 {
            return None;
        }
        total += length.minutes;
        rest = rest.get(taken..)?;
    }
    let total = u32::try_from(total).ok()?;
    (1..=7 * 24 * 60).contains(&total).then_some(total)
}

/// What has been read of a moment.
#[derive(Debug, Default)]
struct Said {
    date: Option<Date>,
    weekday: Option<Weekday>,
    /// A week more: `lundi en huit`.
    weeks_more: i64,
    next_week: bool,
    time: Option<Time>,
    part: Option<Time>,
    /// `this evening`: today's, and no other.
    is_today: bool,
    pm: Option<bool>,
    length: Option<Length>,
    /// A word such as `until` or `at` came before: a following `9h` is a time of day.
    until: bool,
    within: bool,
}

/// Every meaning a phrase of a moment can have, beside numbers, units and months.
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let weekdays = WEEKDAYS.iter().map(|(name, _)| *name);
    weekdays.chain(MEANINGS).collect()
});

/// The same without the days of the week.
const MEANINGS: [&str; 24] = [
    "today",
    "tomorrow",
    "after-tomorrow",
    "yesterday",
    "next-week",
    "next-month",
    "end-of-week",
    "end-of-month",
    "morning",
    "noon",
    "afternoon",
    "evening",
    "midnight",
    "this-morning",
    "this-afternoon",
    "in-eight",
    "am",
    "pm",
    "in",
    "until",
    "from-now",
    "and",
    "next",
    "this",
];

impl Said {
    /// Reads the beginning of `rest`; how many tokens that took, `None` when it says nothing we know.
    fn take(&mut self, rest: &[String], today: Date) -> Option<usize> {
        let first = rest.first()?.as_str();
        if let Some(date) = numeric_date(first, today) {
            return self.set_date(date, 1);
        }
        if let Some((date, taken)) = named_date(rest, today) {
            return self.set_date(date, taken);
        }
        let clock_wanted = self.until || self.has_day();
        if (!self.within || self.has_day())
            && let Some((at, taken)) = clock(rest, clock_wanted)
        {
            return self.set_time(at, taken);
        }
        if let Some((length, taken)) = length(rest) {
            let so_far = self.length.unwrap_or_default();
            self.length = Some(Length {
                minutes: so_far.minutes.checked_add(length.minutes)?,
                days: so_far.days.checked_add(length.days)?,
                business_days: so_far.business_days.checked_add(length.business_days)?,
                months: so_far.months.checked_add(length.months)?,
            });
            return Some(taken);
        }
        let (name, taken) = phrase(rest, &NAMES)?;
        match name {
            "today" => self.set_date(today, taken),
            "tomorrow" => self.set_date(today.tomorrow().ok()?, taken),
            "after-tomorrow" => self.set_date(today.checked_add(Span::new().days(2)).ok()?, taken),
            "yesterday" => self.set_date(today.yesterday().ok()?, taken),
            "next-week" => {
                self.next_week = true;
                Some(taken)
            }
            "next-month" => {
                let first = today
                    .first_of_month()
                    .checked_add(Span::new().months(1))
                    .ok()?;
                self.set_date(first, taken)
            }
            "end-of-week" => {
                let ahead = i64::from(today.weekday().until(Weekday::Friday));
                self.part = Some(time(17, 0, 0, 0));
                self.set_date(today.checked_add(Span::new().days(ahead)).ok()?, taken)
            }
            "end-of-month" => {
                let last = today.last_of_month();
                let back = match last.weekday() {
                    Weekday::Saturday => 1,
                    Weekday::Sunday => 2,
                    _ => 0,
                };
                self.set_date(last.checked_sub(Span::new().days(back)).ok()?, taken)
            }
            "morning" => self.set_part(MORNING, taken),
            "noon" => self.set_part(NOON, taken),
            "afternoon" => self.set_part(AFTERNOON, taken),
            "evening" => self.set_part(EVENING, taken),
            "midnight" => self.set_part(MIDNIGHT, taken),
            "this-morning" | "this-afternoon" => {
                self.is_today = true;
                self.set_part(
                    if name == "this-morning" {
                        MORNING
                    } else {
                        AFTERNOON
                    },
                    taken,
                )
            }
            "in-eight" if self.weekday.is_some() => {
                self.weeks_more += 1;
                Some(taken)
            }
            "am" | "pm" if self.time.is_some() && self.pm.is_none() => {
                self.pm = Some(name == "pm");
                Some(taken)
            }
            "in" => {
                self.within = true;
                Some(taken)
            }
            "until" => {
                self.until = true;
                Some(taken)
            }
            "from-now" if self.length.is_some() => Some(taken),
            "and" if self.length.is_some() || self.has_day() => Some(taken),
            "next" | "this" => Some(taken),
            _ => {
                let weekday = WEEKDAYS.iter().find(|(known, _)| *known == name)?.1;
                if self.weekday.replace(weekday).is_some() || self.date.is_some() {
                    return None;
                }
                Some(taken)
            }
        }
    }

    fn has_day(&self) -> bool {
        self.date.is_some() || self.weekday.is_some() || self.next_week || self.part.is_some()
    }

    fn set_date(&mut self, date: Date, taken: usize) -> Option<usize> {
        // `lundi 15 décembre`: the date tells, the weekday is for the reader.
        self.weekday = None;
        self.date.replace(date).is_none().then_some(taken)
    }

    fn set_time(&mut self, at: Time, taken: usize) -> Option<usize> {
        self.time.replace(at).is_none().then_some(taken)
    }

    fn set_part(&mut self, at: Time, taken: usize) -> Option<usize> {
        self.part.replace(at).is_none().then_some(taken)
    }

    /// The moment that all of it means.
    fn resolve(mut self, here: &Here) -> Result<Timestamp, Unusable> {
        let wrong = Unusable::NotUnderstood;
        let now = here.now.to_zoned(here.zone.clone());
        let today = now.date();
        let at = match (self.time, self.pm) {
            (Some(at), Some(pm)) => {
                let hour = match (at.hour(), pm) {
                    (12, false) => 0,
                    (12, true) => 12,
                    (hour @ 1..=11, true) => hour + 12,
                    (hour @ 1..=11, false) => hour,
                    _ => return Err(wrong),
                };
                Some(Time::new(hour, at.minute(), 0, 0).map_err(|_| wrong)?)
            }
            // `mardi après-midi à 3h`
            (Some(at), None) => match self.part {
                Some(part) if part >= NOON && at.hour() < 12 && at.hour() > 0 => {
                    Some(Time::new(at.hour() + 12, at.minute(), 0, 0).map_err(|_| wrong)?)
                }
                _ => Some(at),
            },
            (None, _) => self.part,
        };
        if let Some(length) = self.length {
            if self.has_date() {
                return Err(wrong);
            }
            if length.days == 0 && length.months == 0 && length.business_days == 0 {
                let exact = SignedDuration::from_mins(length.minutes);
                return match at {
                    None => here.now.checked_add(exact).map_err(|_| Unusable::TooFar),
                    Some(_) => Err(wrong),
                };
            }
            let span = Span::new()
                .try_days(length.days)
                .and_then(|span| span.try_months(length.months))
                .map_err(|_| Unusable::TooFar)?;
            let mut day = today.checked_add(span).map_err(|_| Unusable::TooFar)?;
            for _ in 0..length.business_days.min(400) {
                day = on_workday(day.tomorrow().map_err(|_| Unusable::TooFar)?);
            }
            if length.minutes != 0 {
                let exact = SignedDuration::from_mins(length.minutes);
                let moved = now.with().date(day).build().map_err(|_| wrong)?;
                return moved
                    .timestamp()
                    .checked_add(exact)
                    .map_err(|_| Unusable::TooFar);
            }
            self.date = Some(if at.is_none() { on_workday(day) } else { day });
        }
        if let Some(weekday) = self.weekday {
            let mut ahead = i64::from(today.weekday().until(weekday));
            if self.next_week {
                let monday = 7 - i64::from(today.weekday().to_monday_zero_offset());
                ahead = monday + i64::from(weekday.to_monday_zero_offset());
            } else if ahead == 0 && at.is_none_or(|at| at <= now.time()) {
                ahead = 7;
            }
            ahead += 7 * self.weeks_more;
            self.date = Some(
                today
                    .checked_add(Span::new().days(ahead))
                    .map_err(|_| wrong)?,
            );
        } else if self.next_week {
            let ahead = 7 - i64::from(today.weekday().to_monday_zero_offset());
            self.date = Some(
                today
                    .checked_add(Span::new().days(ahead))
                    .map_err(|_| wrong)?,
            );
        }
        let day = match self.date {
            Some(day) => day,
            None => match at {
                None => return Err(wrong),
                Some(at) if at > now.time() || self.is_today => today,
                Some(_) => today.tomorrow().map_err(|_| wrong)?,
            },
        };
        let at = at.unwrap_or(match day == today {
            true => EVENING, // `today` without a time means before the day is over
            false => MORNING,
        });
        let local = day.to_datetime(at);
        let moment = here.zone.to_zoned(local).map_err(|_| wrong)?;
        Ok(moment.timestamp())
    }

    fn has_date(&self) -> bool {
        self.date.is_some() || self.weekday.is_some() || self.next_week
    }
}

/// The day itself, or the Monday after a weekend.
fn on_workday(day: Date) -> Date {
    let ahead = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.checked_add(Span::new().days(ahead)).unwrap_or(day)
}

#[cfg(test)]
mod tests;
