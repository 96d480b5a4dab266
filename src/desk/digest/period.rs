//! Days, weeks and months where a reader is, and the moment at which a digest about them is due.
//!
//! A period is bounded by local midnights, so that daylight saving makes a day of 23 or 25 hours and never a hole. Its label
//! (`2026-W47`) depends on the calendar alone: that is what makes a digest unique.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Days of the four weeks a period is compared with.
pub const REFERENCE_DAYS: i32 = 28;
/// Weeks shown beside one another.
pub const WEEKS: i32 = 8;

/// How often somebody gets a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum Cadence {
    Daily,
    Weekly,
    Monthly,
}

impl Cadence {
    /// The word used in the configuration and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// A day, a week from Monday to Sunday, or a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// Which of them.
    pub cadence: Cadence,
    /// Its first day.
    pub first: Date,
    /// The day after its last.
    pub end: Date,
    /// Where its midnights are.
    pub zone: TimeZone,
}

/// The text names no period.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no period; write a week such as 2026-W47, a month such as 2026-11 or a day such as 2026-11-22"
)]
pub struct NotAPeriod(String);

impl Period {
    /// The period `day` lies in. `None` at the ends of the calendar (years -9999 and 9999).
    pub fn of(cadence: Cadence, day: Date, zone: &TimeZone) -> Option<Period> {
        let (first, end) = match cadence {
            Cadence::Daily => (day, day.checked_add(1.day()).ok()?),
            Cadence::Weekly => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                let first = day.checked_sub(back.days()).ok()?;
                (first, first.checked_add(7.days()).ok()?)
            }
            Cadence::Monthly => {
                let first = day.first_of_month();
                (first, first.checked_add(1.month()).ok()?)
            }
        };
        Some(Period {
            cadence,
            first,
            end,
            zone: zone.clone(),
        })
    }

    /// Reads `2026-W47`, `2026-11` or `2026-11-22`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Period, NotAPeriod> {
        let wrong = || NotAPeriod(text.to_owned());
        let numbers: Vec<i16> = text
            .split(['-', 'W', 'w'])
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| wrong())?;
        let small = |number: i16| i8::try_from(number).ok();
        let is_week = text.contains(['W', 'w']);
        let found = match (numbers.as_slice(), is_week) {
            ([year, week], true) => small(*week)
                .and_then(|week| ISOWeekDate::new(*year, week, Weekday::Monday).ok())
                .map(|week| (Cadence::Weekly, week.date())),
            ([year, month], false) => small(*month)
                .and_then(|month| Date::new(*year, month, 1).ok())
                .map(|day| (Cadence::Monthly, day)),
            ([year, month, day], false) => small(*month)
                .zip(small(*day))
                .and_then(|(month, day)| Date::new(*year, month, day).ok())
                .map(|day| (Cadence::Daily, day)),
            _ => None,
        };
        found
            .and_then(|(cadence, day)| Period::of(cadence, day, zone))
            .ok_or_else(wrong)
    }

    /// `2026-W47`, `2026-11` or `2026-11-22`.
    pub fn label(&self) -> String {
        let first = self.first;
        match self.cadence {
            Cadence::Daily => first.to_string(),
            Cadence::Weekly => {
                let week = first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Cadence::Monthly => format!("{:04}-{:02}", first.year(), first.month()),
        }
    }

    /// Its first moment.
    pub fn from(&self) -> Timestamp {
        midnight(self.first, &self.zone)
    }

    /// The moment after its last.
    pub fn until(&self) -> Timestamp {
        midnight(self.end, &self.zone)
    }

    /// How many days it has.
    pub fn days(&self) -> i32 {
        (self.end - self.first).get_days()
    }

    /// The first moment of the four weeks before it.
    pub fn reference_from(&self) -> Timestamp {
        midnight(days_before(self.first, REFERENCE_DAYS), &self.zone)
    }

    /// The eight weeks that end with it, oldest first: the first day, the first moment, and the moment after the last.
    pub fn weeks(&self) -> Vec<(Date, Timestamp, Timestamp)> {
        let week = |back: i32| {
            let first = days_before(self.end, back * 7);
            let end = days_before(self.end, (back - 1) * 7);
            (
                first,
                midnight(first, &self.zone),
                midnight(end, &self.zone),
            )
        };
        (1..=WEEKS).rev().map(week).collect()
    }

    /// The earliest moment anything in its digest is about.
    pub fn window_from(&self) -> Timestamp {
        let weeks = midnight(days_before(self.end, WEEKS * 7), &self.zone);
        weeks.min(self.reference_from())
    }
}

/// When a reader's digests are due.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// How often.
    pub cadence: Cadence,
    /// Weekly ones: the day on which they are sent. Monthly ones go out on the first of the month, daily ones on each day.
    pub weekday: Weekday,
    /// At what time of the reader's day.
    pub at: Time,
    /// Where the reader is.
    pub zone: TimeZone,
}

impl Schedule {
    /// The newest period whose digest is due at `now`. An hour that daylight saving skips is taken an hour later; one that
    /// comes twice, the first time.
    pub fn due(&self, now: Timestamp) -> Option<Period> {
        let mut day = now.to_zoned(self.zone.clone()).date();
        // The period of today cannot be due; the one before is, unless its hour has not come, then the one before that.
        for _ in 0..3 {
            let current = Period::of(self.cadence, day, &self.zone)?;
            day = current.first.checked_sub(1.day()).ok()?;
            let ended = Period::of(self.cadence, day, &self.zone)?;
            if self.due_at(&ended)? <= now {
                return Some(ended);
            }
        }
        None
    }

    /// When the digest about `period` is due.
    pub fn due_at(&self, period: &Period) -> Option<Timestamp> {
        let wait = match self.cadence {
            Cadence::Weekly => i64::from(self.weekday.to_monday_zero_offset()),
            Cadence::Daily | Cadence::Monthly => 0,
        };
        let day = period.end.checked_add(wait.days()).ok()?;
        let at = day.to_datetime(self.at);
        Some(
            self.zone
                .to_ambiguous_zoned(at)
                .compatible()
                .ok()?
                .timestamp(),
        )
    }
}

fn days_before(day: Date, days: i32) -> Date {
    day.checked_sub(days.days()).unwrap_or(Date::MIN)
}

/// Where midnight is skipped by daylight saving, the first moment after it.
fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone())
        .map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn weekly() -> Schedule {
        Schedule {
            cadence: Cadence::Weekly,
            weekday: Weekday::Monday,
            at: Time::constant(8, 0, 0, 0),
            zone: paris(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn periods_read_back_what_they_print() {
        for label in [
            "2026-W47",
            "2026-W01",
            "2020-W53",
            "2026-11",
            "2026-11-22",
            "2024-02-29",
        ] {
            assert_eq!(Period::parse(label, &paris()).unwrap().label(), label);
        }
        for wrong in [
            "",
            "2026",
            "2026-W54",
            "2026-W00",
            "2026-13",
            "2026-02-30",
            "W47",
            "2026-W47-1",
            "x-W1",
        ] {
            assert!(Period::parse(wrong, &paris()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_week_with_daylight_saving_has_an_hour_more_or_less() {
        let hours = |label: &str| {
            let week = Period::parse(label, &paris()).unwrap();
            week.until().duration_since(week.from()).as_hours()
        };
        assert_eq!(
            (hours("2026-W43"), hours("2026-W13"), hours("2026-W47")),
            (169, 167, 168)
        );
    }

    #[test]
    fn a_week_is_due_on_monday_at_eight_where_the_reader_is() {
        let due = |text: &str| weekly().due(at(text)).unwrap().label();
        assert_eq!(due("2026-11-23T06:59:59Z"), "2026-W46");
        assert_eq!(due("2026-11-23T07:00:00Z"), "2026-W47");
        assert_eq!(
            due("2026-11-29T23:30:00Z"),
            "2026-W47",
            "Monday in Paris, before eight"
        );
        // Summer time: eight in Paris is six in UTC.
        assert_eq!(due("2026-07-06T06:00:00Z"), "2026-W27");
    }

    #[test]
    fn an_hour_that_is_skipped_or_comes_twice_is_one_moment() {
        let daily = Schedule {
            cadence: Cadence::Daily,
            at: Time::constant(2, 30, 0, 0),
            ..weekly()
        };
        let due_at = |day: &str| {
            daily
                .due_at(&Period::parse(day, &paris()).unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(due_at("2026-03-28"), "2026-03-29T01:30:00Z");
        assert_eq!(due_at("2026-10-24"), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn every_moment_of_a_year_has_one_period_that_is_due_and_they_follow_one_another() {
        for cadence in [Cadence::Daily, Cadence::Weekly, Cadence::Monthly] {
            let schedule = Schedule {
                cadence,
                ..weekly()
            };
            let mut now = at("2026-01-01T00:00:00Z");
            let mut last: Option<Period> = None;
            while now < at("2027-01-10T00:00:00Z") {
                let due = schedule.due(now).unwrap();
                if let Some(last) = last.filter(|last| *last != due) {
                    assert_eq!(last.end, due.first, "{now}");
                }
                last = Some(due);
                now += jiff::SignedDuration::from_mins(47);
            }
        }
    }
}
