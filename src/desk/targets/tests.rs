//! How clocks run, stand, end and are written.

use super::*;
use crate::desk::agreement::Wait;
use crate::desk::calendar::holidays::Holidays;
use crate::desk::calendar::hours::Hours;
use jiff::tz::TimeZone;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Two hours to answer and nine to resolve, in Paris from nine to six.
fn target() -> Target {
    Target {
        first_answer: Some(hours(2)),
        resolution: Some(hours(9)),
        next_news: Wait::Days(1),
        calendar: Calendar::new(
            &Hours::parse("Mo-Fr 09:00-18:00").unwrap(),
            &Holidays::parse("FR").unwrap(),
            TimeZone::get("Europe/Paris").unwrap(),
        ),
    }
}

fn entry(moment: &str, kind: EntryKind, text: &str) -> Entry {
    Entry {
        at: at(moment),
        kind,
        by: "guichet".to_owned(),
        text: text.to_owned(),
        message_id: None,
    }
}

/// Thursday 30 April 2026, 17:00 in Paris; the next day is a holiday, then comes a weekend.
fn thursday() -> Course {
    Course::of(&[
        entry("2026-04-30T15:00:00Z", EntryKind::Mail, "Help!"),
        entry(
            "2026-04-30T15:00:00Z",
            EntryKind::Priority,
            "P2: impact high (\"all\") x urgency medium",
        ),
    ])
    .unwrap()
}

#[test]
fn a_target_runs_on_after_a_holiday_and_a_weekend() {
    let standing = thursday().reckon(&target(), at("2026-04-30T15:00:00Z"));
    assert_eq!(standing.priority, Priority::P2);
    assert_eq!(
        standing.first_answer,
        Clock::Due(at("2026-05-04T08:00:00Z"))
    );
    assert_eq!(standing.resolution, Clock::Due(at("2026-05-04T15:00:00Z")));
}

#[test]
fn a_clock_stands_while_others_have_their_turn_and_moves_on_when_they_had_it() {
    let mut course = thursday();
    course.tell(&entry(
        "2026-05-04T07:30:00Z",
        EntryKind::Letter,
        "update to marie@acme.example",
    ));
    course.tell(&entry(
        "2026-05-04T07:30:00Z",
        EntryKind::Status,
        "open -> waiting-requester: it is the requester's turn",
    ));
    let standing = course.reckon(&target(), at("2026-05-04T07:30:00Z"));
    // An hour on Thursday and half an hour on Monday.
    let used = SignedDuration::from_mins(90);
    assert_eq!(
        standing.first_answer,
        Clock::Ended(Verdict {
            used,
            agreed: hours(2)
        })
    );
    assert_eq!(
        standing.resolution,
        Clock::Stopped(SignedDuration::from_mins(450))
    );
    course.tell(&entry(
        "2026-05-05T08:00:00Z",
        EntryKind::Status,
        "waiting-requester -> waiting-provider: handed on",
    ));
    course.tell(&entry(
        "2026-05-06T08:00:00Z",
        EntryKind::Status,
        "waiting-provider -> open: an answer came",
    ));
    let standing = course.reckon(&target(), at("2026-05-06T08:00:00Z"));
    assert_eq!(standing.resolution, Clock::Due(at("2026-05-06T15:30:00Z")));
    assert_eq!(
        standing.requester_took,
        hours(9) + SignedDuration::from_mins(30)
    );
    assert_eq!(standing.provider_took, hours(9));
    let ended = at("2026-05-07T07:30:00Z");
    course.moved(ended, Status::Resolved);
    let standing = course.reckon(&target(), ended);
    let verdict = standing.resolution.verdict().unwrap();
    assert_eq!((verdict.used, verdict.kept()), (hours(10), false));
    assert_eq!(course.ended_at(), Some(ended));
}

#[test]
fn a_verdict_stands_whatever_is_agreed_later_until_the_ticket_is_opened_again() {
    let mut course = thursday();
    let resolved = at("2026-05-04T07:30:00Z");
    course.tell(&entry(
        "2026-05-04T07:30:00Z",
        EntryKind::Status,
        "new -> resolved: solved",
    ));
    let said = course.reckon(&target(), resolved).to_string();
    assert_eq!(
        said,
        "P2 resolved: first answer kept, 1h 30m of 2h; resolution kept, 1h 30m of 9h"
    );
    course.tell(&entry("2026-05-04T07:30:00Z", EntryKind::Target, &said));
    let strict = Target {
        first_answer: Some(hours(1)),
        resolution: Some(hours(1)),
        ..target()
    };
    let later = course.reckon(&strict, at("2026-06-01T00:00:00Z"));
    assert!(later.first_answer.verdict().unwrap().kept());
    assert!(later.resolution.verdict().unwrap().kept());
    course.tell(&entry(
        "2026-05-04T14:00:00Z",
        EntryKind::Status,
        "resolved -> open: the requester is not done",
    ));
    let again = course.reckon(&target(), at("2026-05-04T14:00:00Z"));
    assert!(again.first_answer.verdict().unwrap().kept());
    // Nine hours less those used before it was resolved.
    assert_eq!(again.resolution, Clock::Due(at("2026-05-05T12:30:00Z")));
    let strictly = course.reckon(&strict, at("2026-05-04T14:00:00Z"));
    // One hour was used up on Thursday evening already.
    assert_eq!(strictly.resolution, Clock::Due(at("2026-04-30T16:00:00Z")));
}

#[test]
fn a_missed_answer_is_judged_to_the_second() {
    let mut course = thursday();
    course.answered(at("2026-05-04T08:00:00.2Z"));
    let standing = course.reckon(&target(), at("2026-05-04T09:00:00Z"));
    assert_eq!(standing.first_answer.to_string(), "missed, 2h 1s of 2h");
    assert_eq!(Standing::parse(&standing.to_string()), Some(standing));
}

#[test]
fn every_standing_is_read_as_it_was_written() {
    let clocks = [
        Clock::None,
        Clock::Due(at("2026-05-04T08:00:00.123456Z")),
        Clock::Stopped(SignedDuration::from_secs(12_345)),
        Clock::Stopped(SignedDuration::ZERO),
        Clock::Stopped(SignedDuration::from_secs(-90)),
        Clock::Ended(Verdict {
            used: hours(3),
            agreed: hours(2),
        }),
        Clock::Ended(Verdict {
            used: SignedDuration::ZERO,
            agreed: hours(100),
        }),
    ];
    for (first_answer, resolution) in clocks
        .iter()
        .flat_map(|a| clocks.iter().map(move |b| (*a, *b)))
    {
        let standing = Standing {
            priority: Priority::P3,
            status: Status::WaitingProvider,
            first_answer,
            resolution,
            requester_took: hours(30),
            provider_took: SignedDuration::from_secs(1),
        };
        assert_eq!(Standing::parse(&standing.to_string()), Some(standing));
    }
    for wrong in [
        "",
        "P2",
        "P2 open",
        "P9 open: first answer none",
        "P2 open: first answer soon",
    ] {
        assert_eq!(Standing::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_ticket_that_goes_on_in_another_is_expected_to_do_nothing() {
    let mut course = thursday();
    course.moved(at("2026-05-04T08:00:00Z"), Status::Merged);
    let standing = course.reckon(&target(), at("2026-05-04T08:00:00Z"));
    assert_eq!(
        (standing.first_answer, standing.resolution),
        (Clock::None, Clock::None)
    );
}

#[test]
fn a_calendar_that_opens_no_more_leaves_nothing_due() {
    let mut past = target();
    past.calendar = Calendar::new(
        &Hours::parse("2026 Jan 05 09:00-18:00").unwrap(),
        &Holidays::none(),
        TimeZone::UTC,
    );
    let standing = thursday().reckon(&past, at("2026-05-04T08:00:00Z"));
    assert_eq!(
        (standing.first_answer, standing.resolution),
        (Clock::None, Clock::None)
    );
}
