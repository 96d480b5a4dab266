//! What a calendar answers, by examples and against a slow reckoning of the same.

use super::*;

fn calendar(hours: &str, holidays: &str, zone: &str) -> Calendar {
    Calendar::new(
        &Hours::parse(hours).unwrap(),
        &Holidays::parse(holidays).unwrap(),
        TimeZone::get(zone).unwrap(),
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[test]
fn a_working_day_in_paris_leaves_out_lunch_the_weekend_and_the_first_of_may() {
    let paris = calendar("Mo-Fr 09:00-12:00,13:30-18:00", "FR", "Europe/Paris");
    // Thursday 30 April 2026, 17:00 in Paris, to Monday 4 May, 10:00.
    let (from, to) = (at("2026-04-30T15:00:00Z"), at("2026-05-04T08:00:00Z"));
    assert_eq!(paris.worked(from, to), hours(2));
    assert_eq!(paris.worked(to, from), hours(-2));
    assert_eq!(paris.after(from, hours(2)), Some(to));
    assert_eq!(
        paris.after(from, hours(1)),
        Some(at("2026-04-30T16:00:00Z"))
    );
    assert!(!paris.is_open(at("2026-05-01T10:00:00Z")));
    assert!(paris.is_open(at("2026-05-04T07:00:00Z")));
    assert!(!paris.is_open(at("2026-05-04T10:30:00Z")), "lunch");
    assert_eq!(
        paris.next_opening(at("2026-05-01T10:00:00Z")),
        Some(at("2026-05-04T07:00:00Z"))
    );
    assert_eq!(paris.next_opening(to), Some(to));
    assert_eq!(
        paris.business_days_after(from, 1),
        Some(at("2026-05-04T15:00:00Z"))
    );
}

#[test]
fn easter_monday_is_closed_and_good_friday_only_in_alsace() {
    let france = calendar("Mo-Fr 09:00-17:00", "FR", "Europe/Paris");
    let strasbourg = calendar("Mo-Fr 09:00-17:00", "FR-67", "Europe/Paris");
    // Holy Thursday 2 April 2026 to the Wednesday after Easter.
    let (from, to) = (at("2026-04-01T22:00:00Z"), at("2026-04-07T22:00:00Z"));
    assert_eq!(france.worked(from, to), hours(24));
    assert_eq!(strasbourg.worked(from, to), hours(16));
}

#[test]
fn a_night_shift_is_an_hour_shorter_or_longer_when_the_clocks_change() {
    let nights = calendar("Mo-Su 22:00-06:00; PH off", "none", "Europe/Paris");
    let night = |from: &str, to: &str| nights.worked(at(from), at(to));
    assert_eq!(
        night("2026-03-27T12:00:00Z", "2026-03-28T12:00:00Z"),
        hours(8)
    );
    assert_eq!(
        night("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        hours(7)
    );
    assert_eq!(
        night("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
        hours(9)
    );
}

#[test]
fn round_the_clock_works_on_christmas_and_a_day_off_can_be_kept() {
    let always = calendar("24/7", "FR", "Europe/Paris");
    let (from, to) = (at("2026-12-24T00:00:00Z"), at("2027-01-02T00:00:00Z"));
    assert_eq!(always.worked(from, to), hours(9 * 24));
    assert_eq!(always.after(from, hours(9 * 24)), Some(to));
    let but = calendar("24/7; PH off", "FR", "Europe/Paris");
    assert_eq!(
        but.worked(from, to),
        hours(7 * 24),
        "Christmas and New Year"
    );
    let closed = calendar("Mo-Fr 08:00-20:00; Dec 24-Dec 31 off", "FR", "Europe/Paris");
    assert_eq!(closed.worked(from, to), hours(0));
}

#[test]
fn a_year_has_its_weekdays_without_the_holidays() {
    let paris = calendar("Mo-Fr 09:00-12:00,13:30-18:00", "FR", "Europe/Paris");
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let worked = paris.worked(from, to);
    // 261 weekdays, of which nine are holidays, of 7 h 30 each.
    assert_eq!(worked, SignedDuration::from_mins(252 * 450));
    assert!(paris.after(from, worked).is_some());
}

#[test]
fn what_lies_outside_the_years_laid_out_is_closed_and_ends() {
    let always = Calendar::round_the_clock(TimeZone::UTC);
    assert_eq!(
        always.worked(Timestamp::MIN, at("1990-01-01T01:00:00Z")),
        hours(1)
    );
    assert_eq!(
        always.worked(at("2099-12-31T23:00:00Z"), Timestamp::MAX),
        hours(1)
    );
    assert_eq!(always.after(at("2099-12-31T23:00:00Z"), hours(2)), None);
    assert_eq!(
        always.after(at("1800-01-01T00:00:00Z"), hours(1)),
        Some(at("1990-01-01T01:00:00Z"))
    );
    assert_eq!(always.after(Timestamp::MAX, hours(0)), Some(Timestamp::MAX));
    assert_eq!(always.next_opening(Timestamp::MAX), None);
    let once = calendar("2026 Nov 23 09:00-10:00", "FR", "Europe/Paris");
    assert_eq!(once.next_opening(at("2026-11-24T00:00:00Z")), None);
    assert_eq!(
        once.business_days_after(at("2026-11-24T00:00:00Z"), 1),
        None
    );
}

#[test]
fn hours_that_cannot_be_meant_are_refused_with_the_place() {
    let refused = |text: &str| Hours::parse(text).unwrap_err().to_string();
    assert!(
        refused("Mon-Fri 9-18").starts_with(
            "`Mon-Fri 9-18` cannot be read as opening hours from `n-Fri 9-18` on; write"
        )
    );
    assert!(
        refused("Lu-Ve 09:00-18:00")
            .starts_with("`Lu-Ve 09:00-18:00` cannot be read as opening hours; write")
    );
    assert!(refused("sunrise-sunset").starts_with("`sunrise` is not the same everywhere"));
    assert!(refused("Mo-Fr off").starts_with("`Mo-Fr off` is never open"));
    assert!(refused("").contains("24/7"));
    assert!(Hours::parse("Mo-Fr 09:00-18:00 \"SH: ask at the dusk bar\"").is_ok());
}

#[test]
fn holidays_of_regions_agree_with_the_data_of_their_countries() {
    let country = |code: &str| code.split('-').next().unwrap().to_owned();
    // Days that the data of the country leave out altogether.
    let of_their_own = ["CH-JU 06-23", "CH-TI 06-29"];
    for code in ["FR", "DE", "CH", "ES", "GB", "IT"]
        .into_iter()
        .flat_map(regions::codes_of)
    {
        let name: opening_hours::localization::Country = country(code).parse().unwrap();
        let (national, regional) = (name.holidays(), name.holidays_regional());
        for year in 2025..=2027 {
            for day in Holidays::parse(code).unwrap().of_year(year) {
                let known = chrono::NaiveDate::from_ymd_opt(
                    i32::from(day.year()),
                    u32::from(day.month().unsigned_abs()),
                    u32::from(day.day().unsigned_abs()),
                )
                .unwrap();
                // The data has nothing of the regions of France.
                let is_known = national.get_public().contains(known)
                    || regional.get_public().contains(known)
                    || country(code) == "FR"
                    || of_their_own.contains(&format!("{code} {}", day.strftime("%m-%d")).as_str());
                assert!(is_known, "{code} {day}");
            }
        }
    }
    for code in [
        "BE", "CH", "LU", "DE", "ES", "IT", "NL", "GB", "US", "AT", "PT",
    ] {
        let days = Holidays::parse(&code.to_lowercase()).unwrap().of_year(2026);
        assert!(days.len() >= 4, "{code}: {days:?}");
        assert!(days.contains(&jiff::civil::date(2026, 12, 25)), "{code}");
    }
}

#[test]
fn the_holidays_of_france_are_those_of_the_labour_code() {
    let days = |code: &str| {
        let days = Holidays::parse(code).unwrap().of_year(2026);
        days.iter()
            .map(|day| day.strftime("%m-%d").to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        days("FR"),
        "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"
    );
    assert_eq!(
        days("FR-57"),
        "01-01 04-03 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25 12-26"
    );
    assert!(days("FR-974").contains("12-20"));
    assert_eq!(days("none"), "");
    assert!(
        days("GB").contains("04-06") && days("GB").contains("08-31"),
        "England's days"
    );
    for wrong in ["France", "XX", "FR-99", "US-CA", ""] {
        let said = Holidays::parse(wrong).unwrap_err().to_string();
        assert!(said.contains("write"), "{said}");
    }
}

mod against_the_obvious {
    //! The same questions answered minute by minute, by a look at the clock on the wall.

    use jiff::civil::{DateTime, Weekday};
    use proptest::prelude::*;

    use super::*;

    /// Clocks that change by an hour, by half an hour (Lord Howe), at midnight (Beirut), on the other side of
    /// the year (Santiago) and never.
    const ZONES: [&str; 7] = [
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "America/Santiago",
        "Asia/Kolkata",
        "UTC",
    ];
    const NAMES: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

    /// Days of the week, 0 for Monday, and stretches in minutes since midnight that may go on for another day.
    type Shift = (Vec<usize>, Vec<(u32, u32)>);

    fn shift() -> impl Strategy<Value = Shift> {
        let stretch =
            (0_u32..288, 1_u32..280).prop_map(|(from, length)| (from * 5, (from + length) * 5));
        (
            proptest::sample::subsequence((0..7).collect::<Vec<usize>>(), 1..=7),
            proptest::collection::vec(stretch, 1..3),
        )
    }

    fn written(shift: &Shift) -> String {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let days: Vec<&str> = shift.0.iter().map(|day| NAMES[*day]).collect();
        let stretches = shift
            .1
            .iter()
            .map(|(from, to)| format!("{}-{}", clock(*from), clock(*to)));
        format!(
            "{} {}",
            days.join(","),
            stretches.collect::<Vec<_>>().join(",")
        )
    }

    /// Whether the clock on the wall shows an open minute.
    fn shows_open(shifts: &[Shift], holidays: &[Date], wall: DateTime) -> bool {
        if holidays.contains(&wall.date()) {
            return false;
        }
        let minute =
            u32::try_from(wall.hour()).unwrap() * 60 + u32::try_from(wall.minute()).unwrap();
        let number = |day: Weekday| usize::try_from(day.to_monday_zero_offset()).unwrap();
        let (today, yesterday) = (number(wall.weekday()), number(wall.weekday().previous()));
        shifts.iter().any(|(days, stretches)| {
            stretches.iter().any(|(from, to)| {
                let begun = |minute: u32| *from <= minute && minute < *to;
                days.contains(&today) && begun(minute)
                    || days.contains(&yesterday) && begun(minute + 1440)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn every_answer_is_that_of_the_clock_on_the_wall(
            zone in proptest::sample::select(&ZONES[..]),
            shifts in proptest::collection::vec(shift(), 1..3),
            keeps_holidays in any::<bool>(),
            // Within a year that has everything, mostly around a change of the clock.
            day in 0_i64..365,
            change in proptest::option::weighted(0.7, 0_usize..2),
            lead in 0_i64..3 * 1440,
            length in 0_i64..9 * 1440,
            split in 0_i64..9 * 1440,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let minutes = SignedDuration::from_mins;
            let new_year = at("2026-01-01T00:00:00Z");
            let near = change
                .and_then(|nth| zone.following(new_year).nth(nth))
                .map(|change| change.timestamp())
                .filter(|change| *change < at("2027-06-01T00:00:00Z"))
                .unwrap_or(new_year + minutes(day * 1440));
            let from = near - minutes(lead);
            let to = from + minutes(length);

            let text: Vec<String> = shifts.iter().map(written).collect();
            let place = Holidays::parse(if keeps_holidays { "FR" } else { "none" }).unwrap();
            let days_off: Vec<Date> = (2025..=2027).flat_map(|year| place.of_year(year)).collect();
            let calendar = Calendar::new(&Hours::parse(&text.join(", ")).unwrap(), &place, zone.clone());
            let open = |moment: Timestamp| shows_open(&shifts, &days_off, zone.to_datetime(moment));
            let minute_by_minute = || (0..length).map(|minute| from + minutes(minute));

            let worked = minutes(minute_by_minute().filter(|minute| open(*minute)).count() as i64);
            prop_assert_eq!(calendar.worked(from, to), worked, "{} in {:?}", text.join(", "), zone);
            prop_assert_eq!(calendar.worked(to, from), -worked);
            prop_assert_eq!(calendar.is_open(from), open(from));
            let opening = minute_by_minute().find(|minute| open(*minute));
            match opening {
                Some(opening) => prop_assert_eq!(calendar.next_opening(from), Some(opening)),
                None => prop_assert!(calendar.next_opening(from).is_none_or(|opening| opening >= to)),
            }
            // A part of the work, to the second, is done at the first moment by which it is done.
            let part = SignedDuration::from_secs(worked.as_secs() * split / (9 * 1440));
            let done = calendar.after(from, part).unwrap();
            prop_assert_eq!(calendar.worked(from, done), part);
            if part.is_positive() {
                let second = SignedDuration::from_secs(1);
                prop_assert_eq!(calendar.worked(from, done - second), part - second);
            } else {
                prop_assert_eq!(done, from);
            }
            let middle = from + minutes(split);
            prop_assert_eq!(calendar.worked(from, middle) + calendar.worked(middle, to), worked);
        }
    }
}
