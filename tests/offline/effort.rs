//! Work that may not grow faster than what it is done to, whatever a stranger sends.
//!
//! Counted in processor time of the thread, and compared with the same work on less within the same run: a busy or slow
//! machine changes neither side alone.

use std::time::Duration;

use guichet::desk::calendar::Calendar;
use guichet::desk::calendar::holidays::Holidays;
use guichet::desk::calendar::hours::Hours;
use guichet::desk::triage::keywords::{About, Keywords, Lists, Word};
use guichet::desk::triage::rank::{Facts, Ranking, rank};
use guichet::desk::triage::{Denial, Heard, Urgency};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

use crate::triage::keywords;

/// The longer text is so many times the shorter one, and may take three times its share. What is quadratic takes eight
/// times its share.
const TIMES: usize = 8;
const SHARE: u32 = 3;
/// As much as triage looks at (`fold::LENGTH_MAX`).
const LONG: usize = 1 << 18;

/// Processor time this thread spends on `work`.
fn effort<R>(work: impl FnOnce() -> R) -> (Duration, R) {
    let spent = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(at).expect("a thread's time is not negative")
    };
    let before = spent();
    let done = work();
    (spent() - before, done)
}

/// Ranks a short and a long text made of `piece`, compares the effort, and gives the long one's ranking.
fn in_proportion(piece: &str, rank: impl Fn(&str) -> Ranking) -> Ranking {
    let text = |length: usize| piece.repeat(length / piece.len());
    let (short, long) = (text(LONG / TIMES), text(LONG));
    rank(&short); // what is made once is made now
    let (little, _) = effort(|| rank(&short));
    let (much, ranking) = effort(|| rank(&long));
    println!("{piece:?}: {little:?}, {much:?}");
    let fair = little * u32::try_from(TIMES).expect("a small number");
    assert!(
        much < fair * SHARE,
        "{piece:?}: {much:?} for {TIMES} times what took {little:?}"
    );
    ranking
}

fn vouched() -> Facts<'static> {
    Facts {
        vouched: true,
        ..Facts::default()
    }
}

/// `reliability.md` F30: the time a text takes depends on its length, whatever the lists hold.
#[test]
fn hostile_text_is_ranked_in_proportion_to_its_length() {
    let keywords = keywords();
    for piece in [
        "urgent ",
        "1 ",
        "12 people ",
        "the ",
        "personne ",
        "nobody can ",
        "plus un seul mail ",
        "no till ",
        "pas urgent ",
        "on any pc in # minutes ",
        "clients attendent ",
        "ne marche plus pas ",
        "a",
        "'",
        "server is ",
    ] {
        in_proportion(piece, |text| {
            rank(
                &keywords,
                &Heard::of(&keywords, text, text, None),
                &vouched(),
            )
        });
    }
}

/// The same with lists that are made to be slow: phrases within phrases, gaps, numbers, endings.
#[test]
fn hostile_lists_take_no_more_than_the_text_is_long() {
    let word = |phrase: &str, about: About, weight: i32| Word {
        phrase: phrase.to_owned(),
        about,
        weight,
        needs: Vec::new(),
        language: None,
    };
    let high = |phrase: &str| word(phrase, About::Urgency(Urgency::High), 2);
    let phrases = ["urgent", "aa*", "aa aa ... aa", "aa ... aa", "n'a", "# #"];
    let mut words: Vec<Word> = phrases.map(high).into();
    words.push(word("pas", About::Denial(Denial::Before), 1));
    words.extend((0..500).map(|number| high(&format!("{} z{number}", "aa ".repeat(number % 30)))));
    let lists = Lists {
        words,
        ..Lists::default()
    };
    let keywords = Keywords::new(lists).expect("they can be read");
    for piece in [
        "a",
        "aa ",
        "pas ",
        "pas urgent ",
        "urgent ? non ",
        "1 ",
        "' ",
        ".",
        "é\u{301}",
        "\u{fdfa}",
    ] {
        let ranking = in_proportion(piece, |text| {
            rank(&keywords, &Heard::of(&keywords, "", text, None), &vouched())
        });
        let mut reasons = ranking.reasons.iter();
        assert!(
            reasons.all(|reason| reason.because.len() < 400),
            "{piece:?}"
        );
    }
}

/// Once it is laid out, nobody walks through a year day by day.
#[test]
fn a_year_is_reckoned_like_a_week() {
    let hours = Hours::parse("Mo-Fr 09:00-12:00,13:30-18:00").expect("opening hours");
    let holidays = Holidays::parse("FR").expect("a country");
    let paris = TimeZone::get("Europe/Paris").expect("a zone");
    let paris = Calendar::new(&hours, &holidays, paris);
    let from: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a moment");
    let reckon = |days: i64| {
        let to = from + SignedDuration::from_hours(24 * days);
        for _ in 0..20_000 {
            let worked = paris.worked(from, to);
            assert!(paris.after(from, worked).is_some());
        }
    };
    reckon(365); // lays it out
    let (week, ()) = effort(|| reckon(7));
    let (year, ()) = effort(|| reckon(365));
    println!("{week:?}, {year:?}");
    assert!(year < week * 10, "{year:?}, a week takes {week:?}");
}
