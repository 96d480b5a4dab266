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
