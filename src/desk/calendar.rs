//! Business time: when somebody works, and how much working time lies between two moments.
//!
//! A `Calendar` is opening hours (`hours.rs`) with public holidays (`holidays.rs`) in a time zone. It
//! is open at a moment when the clock on the wall shows an open hour. So a night shift of 22:00 to
//! 06:00 is seven hours long when clocks go forward and nine when they go back, an hour that is
//! skipped is never worked, and one that comes twice is worked twice.
//!
//! Each year is laid out once, on first use, as a sorted list of openings; after that a sum or a
//! difference is a search in it, over years as over minutes. Which calendar a ticket goes by is left
//! to others.

pub mod holidays;
pub mod hours;
mod regions;

use std::fmt;
use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use self::holidays::Holidays;
use self::hours::{DAY, Hours, Rota};

/// The years laid out. Whatever is before or after is closed: no ticket is that old, none waits that long.
const FIRST_YEAR: i16 = 1990;
const LAST_YEAR: i16 = 2099;
/// Business days are looked for so many days ahead; a calendar that has none by then has none.
const DAYS_AHEAD_MAX: u32 = 3660;

/// The days of a week by the words of the configuration and of the files of words.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// When somebody works. Cheap to clone; clones share what they have laid out.
#[derive(Clone)]
pub struct Calendar(Arc<Inner>);

struct Inner {
    rota: Rota,
    zone: TimeZone,
    years: Vec<OnceLock<Year>>,
}

/// One year, by UTC: `[1 January 00:00, next 1 January 00:00)`.
#[derive(Debug, Default)]
struct Year {
    openings: Vec<Opening>,
    /// Working time of the whole year, in microseconds.
    total: i64,
}

/// A stretch of working time, `[start, end)`, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Opening {
    start: i64,
    end: i64,
    /// Working time of the year before `start`, in microseconds.
    before: i64,
}

impl Calendar {
    /// Opening hours with the public holidays they leave out, in `zone`.
    pub fn new(hours: &Hours, holidays: &Holidays, zone: TimeZone) -> Self {
        let years = usize::from(LAST_YEAR.abs_diff(FIRST_YEAR)) + 1;
        Self(Arc::new(Inner {
            rota: hours.rota(holidays),
            zone,
            years: (0..years).map(|_| OnceLock::new()).collect(),
        }))
    }

    /// Open day and night. `zone` says where days begin.
    pub fn round_the_clock(zone: TimeZone) -> Self {
        Self::new(&Hours::round_the_clock(), &Holidays::none(), zone)
    }

    /// Where the clock hangs.
    pub fn zone(&self) -> &TimeZone {
        &self.0.zone
    }

    /// The working time between two moments, to the microsecond; negative when `to` is before `from`.
    pub fn worked(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        if to < from {
            return -self.worked(to, from);
        }
        let (first, last) = (year_of(from), year_of(to));
        let (from, to) = (from.as_microsecond(), to.as_microsecond());
        let worked = if first == last {
            self.year(first)
                .map_or(0, |year| year.before(to) - year.before(from))
        } else {
            let head = self
                .year(first)
                .map_or(0, |year| year.total - year.before(from));
            let tail = self.year(last).map_or(0, |year| year.before(to));
            let middle = first.max(FIRST_YEAR - 1) + 1..last.min(LAST_YEAR + 1);
            let middle: i64 = middle
                .filter_map(|year| self.year(year))
                .map(|year| year.total)
                .sum();
            head + middle + tail
        };
        SignedDuration::from_micros(worked)
    }

    /// The first moment by which `work` has been worked since `from`: nine hours from 09:00 are over at 18:00,
    /// not the next morning. `from` itself when `work` is zero or less; `None` when it would not end before the
    /// year 2100.
    pub fn after(&self, from: Timestamp, work: SignedDuration) -> Option<Timestamp> {
        let mut left = i64::try_from(work.as_micros()).ok()?;
        if left <= 0 {
            return Some(from);
        }
        let first = year_of(from);
        for number in first.max(FIRST_YEAR)..=LAST_YEAR {
            let year = self.year(number)?;
            let done = match number == first {
                true => year.before(from.as_microsecond()),
                false => 0,
            };
            if left <= year.total - done {
                return year.moment_of(done + left);
            }
            left -= year.total - done;
        }
        None
    }

    /// Whether somebody works at this moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let moment = at.as_microsecond();
        self.year(year_of(at))
            .and_then(|year| year.next(moment))
            .is_some_and(|opening| opening.start <= moment)
    }

    /// The first moment from `at` on at which somebody works, `at` itself when open; `None` when there is none
    /// before the year 2100.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let moment = at.as_microsecond();
        (year_of(at).max(FIRST_YEAR)..=LAST_YEAR)
            .filter_map(|number| self.year(number)?.next(moment))
            .next()
            .and_then(|opening| Timestamp::from_microsecond(opening.start.max(moment)).ok())
    }

    /// Whether somebody works at any hour of this day.
    pub fn is_business_day(&self, day: Date) -> bool {
        !self.0.rota.date(day).is_empty()
    }

    /// The same time of day, `days` business days after the day of `from`; `None` when the next ten years have
    /// no such day. A time of day that is skipped when clocks go forward is an hour later that day.
    pub fn business_days_after(&self, from: Timestamp, days: u32) -> Option<Timestamp> {
        let start = from.to_zoned(self.0.zone.clone());
        let mut day = start.date();
        let mut left = days;
        for _ in 0..DAYS_AHEAD_MAX.saturating_add(days) {
            if left == 0 {
                break;
            }
            day = day.checked_add(1.day()).ok()?;
            if self.is_business_day(day) {
                left -= 1;
            }
        }
        if left > 0 {
            return None;
        }
        let moment = day.to_datetime(start.time());
        Some(moment.to_zoned(self.0.zone.clone()).ok()?.timestamp())
    }

    fn year(&self, number: i16) -> Option<&Year> {
        let index = usize::try_from(number.checked_sub(FIRST_YEAR)?).ok()?;
        let slot = self.0.years.get(index)?;
        Some(slot.get_or_init(|| self.0.lay_out(number)))
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.0.zone.iana_name().unwrap_or("a fixed offset");
        write!(f, "Calendar({:?} in {zone})", self.0.rota)
    }
}

impl Inner {
    /// Lays a year out. Between two changes of the clock, local time is UTC and a constant.
    fn lay_out(&self, number: i16) -> Year {
        let (Some(start), Some(end)) = (first_moment(number), first_moment(number + 1)) else {
            return Year::default();
        };
        let mut year = Year::default();
        let mut from = start;
        while from < end {
            let next = self.zone.following(from).next();
            let to = next.map_or(end, |change| change.timestamp().min(end));
            let offset = i64::from(self.zone.to_offset(from).seconds());
            self.lay_out_days(from.as_second(), to.as_second(), offset, &mut year);
            from = to;
        }
        year
    }

    /// Adds the openings between two moments, in seconds, within which the clock runs `offset` seconds before UTC.
    fn lay_out_days(&self, from: i64, to: i64, offset: i64, year: &mut Year) {
        let first = (from + offset).div_euclid(DAY);
        let last = (to + offset).div_euclid(DAY);
        for day in first..=last {
            let midnight = day * DAY - offset;
            for open in self.rota.numbered(day) {
                year.add(
                    (midnight + open.start).max(from) * SECOND,
                    (midnight + open.end).min(to) * SECOND,
                );
            }
        }
    }
}

/// In microseconds.
const SECOND: i64 = 1_000_000;

impl Year {
    /// Adds an opening after all others; joins the one before if they touch.
    fn add(&mut self, start: i64, end: i64) {
        if start >= end {
            return;
        }
        match self.openings.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => self.openings.push(Opening {
                start,
                end,
                before: self.total,
            }),
        }
        self.total += end - start;
    }

    /// The opening at `moment`, or the first after it.
    fn next(&self, moment: i64) -> Option<&Opening> {
        let over = self.openings.partition_point(|open| open.end <= moment);
        self.openings.get(over)
    }

    /// Working time of this year before `moment`.
    fn before(&self, moment: i64) -> i64 {
        self.next(moment).map_or(self.total, |open| {
            open.before + (moment - open.start).max(0)
        })
    }

    /// The moment by which `work`, more than zero, has been worked in this year.
    fn moment_of(&self, work: i64) -> Option<Timestamp> {
        let begun = self.openings.partition_point(|open| open.before < work);
        let open = self.openings.get(begun.checked_sub(1)?)?;
        Timestamp::from_microsecond(open.start + work - open.before).ok()
    }
}

fn year_of(at: Timestamp) -> i16 {
    TimeZone::UTC.to_datetime(at).year()
}

fn first_moment(year: i16) -> Option<Timestamp> {
    let day = Date::new(year, 1, 1).ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
