//! Reads absence notices: is it one, and until when is somebody away?
//!
//! Of the days a notice names, the day of return counts more than the last day of absence, and that more than a day
//! without such a word. A notice that names none means a week. The words are one file for each language; all count
//! everywhere.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::calendar::WEEKDAYS;
use super::command::fold;
use super::command::when::{BEHIND_DAYS, MONTHS};

/// A notice without a date: long enough for most absences, short enough to be looked at again. The next letter
/// brings the next notice.
const UNDATED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Nobody is away for longer without saying so anew.
const AWAY_DAYS_MAX: i32 = 366;
/// Words looked at; a notice says it sooner.
const WORDS_MAX: usize = 400;
/// A word such as `until` stands no further before its day, one such as `wieder` no further behind it.
const BEFORE_MAX: usize = 5;
const BEHIND_MAX: usize = 3;
/// No phrase of the files has more words.
const PHRASE_WORDS_MAX: usize = 4;

const FILES: &[&str] = &[
    include_str!("fr.words"),
    include_str!("en.words"),
    include_str!("de.words"),
    include_str!("es.words"),
    include_str!("it.words"),
    include_str!("nl.words"),
];

/// Each phrase with its meanings.
static PHRASES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut phrases: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    let lines = FILES.iter().flat_map(|file| file.lines());
    for (name, list) in lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
    {
        for phrase in list.split(',').map(str::trim) {
            phrases.entry(phrase).or_default().push(name);
        }
    }
    phrases
});

/// What a day is to an absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Back,
    Last,
    Bare,
}

/// Until when the writer of an automatic answer is away, seen from `now` in `zone`; `None` when it speaks of no absence,
/// or of one that is over.
pub fn until(subject: &str, text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let words = words(&format!("{subject}\n{text}"));
    let says = |name| (0..words.len()).any(|at| phrase_at(&words, at, name).is_some());
    if !says("absent") {
        return None;
    }
    let today = now.to_zoned(zone.clone()).date();
    let days = days(&words, today);
    if let Some(time) = hour_of_return(&words).filter(|_| days.is_empty()) {
        let back = today
            .to_datetime(time)
            .to_zoned(zone.clone())
            .ok()?
            .timestamp();
        return Some(back).filter(|back| *back > now);
    }
    if days.is_empty() {
        return now.checked_add(UNDATED).ok();
    }
    let of = |kind: Kind| {
        days.iter()
            .filter(move |(_, k)| *k == kind)
            .map(|(day, _)| *day)
            .max()
    };
    let back = match (of(Kind::Back), of(Kind::Last), of(Kind::Bare)) {
        (Some(back), ..) => back,
        (None, Some(last), _) | (None, None, Some(last)) => last.tomorrow().ok()?,
        (None, None, None) => return None,
    };
    let ahead = today.until(back).ok()?.get_days();
    if !(1..=AWAY_DAYS_MAX).contains(&ahead) {
        return None;
    }
    let morning = back.to_zoned(zone.clone()).ok()?;
    Some(morning.timestamp())
}

fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| c.is_whitespace() || "()[]\"«»,;!".contains(c))
        .map(|word| word.trim_matches(['.', ':', '-', '*']))
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(str::to_owned)
        .collect()
}

/// The hour behind an `until` or a `back`. The second of two hours is when somebody else can be reached.
fn hour_of_return(words: &[String]) -> Option<Time> {
    (1..words.len()).find_map(|at| {
        let time = time_of_day(words, at)?;
        let near = at.saturating_sub(BEHIND_MAX)..at;
        let is_return = near.clone().any(|before| {
            phrase_at(words, before, "until").is_some()
                || phrase_at(words, before, "back").is_some()
        });
        let is_range = near
            .into_iter()
            .any(|before| time_of_day(words, before).is_some());
        Some(time).filter(|_| is_return && !is_range)
    })
}

/// `17h`, `17h30`, `17:30`, `5pm`, `17 uhr`: whoever names only an hour is back on the same day.
fn time_of_day(words: &[String], at: usize) -> Option<Time> {
    let word = words.get(at)?;
    let next = words.get(at + 1).map(String::as_str).unwrap_or_default();
    let end = word.find(|c: char| !c.is_ascii_digit());
    let (hour, rest) = word.split_at_checked(end.unwrap_or(word.len()))?;
    let hour: i8 = hour.parse().ok()?;
    let (hour, minute) = match rest {
        "" if ["uhr", "h", "heures", "uur", "horas", "pm"].contains(&next) => (
            if next == "pm" && hour < 12 {
                hour + 12
            } else {
                hour
            },
            0,
        ),
        "h" | "u" => (hour, 0),
        "pm" if hour < 12 => (hour + 12, 0),
        "am" | "pm" => (hour, 0),
        rest => {
            let minutes = rest.strip_prefix(['h', ':', 'u'])?;
            (hour, minutes.parse().ok().filter(|_| minutes.len() == 2)?)
        }
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// How many words a phrase with this meaning takes at `at`.
fn phrase_at(words: &[String], at: usize, name: &str) -> Option<usize> {
    (1..=PHRASE_WORDS_MAX).rev().find(|count| {
        words.get(at..at + count).is_some_and(|phrase| {
            PHRASES
                .get(phrase.join(" ").as_str())
                .is_some_and(|names| names.contains(&name))
        })
    })
}

/// Every day the words name, with what it is.
fn days(words: &[String], today: Date) -> Vec<(Date, Kind)> {
    let mut days = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let named = date_at(words, at, today);
        let (day, taken, is_vague) = match named {
            Some((day, taken)) => (day, taken, false),
            None => match vague_at(words, at, today) {
                Some(day) => (day, 1, true),
                None => {
                    at += 1;
                    continue;
                }
            },
        };
        let kind = kind_of(words, at, taken);
        // `lundi 30 novembre`: the weekday is not a day of its own; `the office is closed on Sunday` is none either.
        let belongs = is_vague && (kind == Kind::Bare || date_at(words, at + 1, today).is_some());
        if !belongs {
            days.push((day, kind));
        }
        at += taken;
    }
    days
}

fn kind_of(words: &[String], at: usize, taken: usize) -> Kind {
    for before in (at.saturating_sub(BEFORE_MAX)..at).rev() {
        if phrase_at(words, before, "back").is_some() {
            return Kind::Back;
        }
        if phrase_at(words, before, "until").is_some() {
            // `de retour au bureau le 25`, `zurück bis`: the return is what is meant.
            let earlier = before.saturating_sub(2)..before;
            let is_back = |at| phrase_at(words, at, "back").is_some();
            return if earlier.into_iter().any(is_back) {
                Kind::Back
            } else {
                Kind::Last
            };
        }
    }
    let behind = at + taken..at + taken + BEHIND_MAX;
    match behind
        .into_iter()
        .any(|at| phrase_at(words, at, "back").is_some())
    {
        true => Kind::Back,
        false => Kind::Bare,
    }
}

/// `morgen`, `lundi`: the next one.
fn vague_at(words: &[String], at: usize, today: Date) -> Option<Date> {
    if phrase_at(words, at, "tomorrow").is_some() {
        return today.tomorrow().ok();
    }
    let mut weekdays = WEEKDAYS.iter();
    let (_, weekday) = weekdays.find(|(name, _)| phrase_at(words, at, name).is_some())?;
    let ahead = match i64::from(today.weekday().until(*weekday)) {
        0 => 7,
        days => days,
    };
    today.checked_add(Span::new().days(ahead)).ok()
}

/// A date in figures, or with the name of its month; how many words it takes.
fn date_at(words: &[String], at: usize, today: Date) -> Option<(Date, usize)> {
    let word = words.get(at)?.as_str();
    if let Some(day) = in_figures(word, today) {
        return Some((day, 1));
    }
    let joins = |word: &&String| ["de", "of", "del"].contains(&word.as_str());
    let next = words.get(at + 1);
    let gap = usize::from(next.filter(joins).is_some());
    if let Some(day) = day_of(word)
        && let Some(month) = month_at(words, at + 1 + gap)
    {
        let (year, more) = year_at(words, at + 2 + gap);
        return Some((made(year, month, day, today)?, 2 + gap + more));
    }
    let month = month_at(words, at)?;
    let day = day_of(next?)?;
    let (year, more) = year_at(words, at + 2);
    Some((made(year, month, day, today)?, 2 + more))
}

fn month_at(words: &[String], at: usize) -> Option<i8> {
    let nth = MONTHS
        .iter()
        .position(|name| phrase_at(words, at, name).is_some())?;
    i8::try_from(nth + 1).ok()
}

fn year_at(words: &[String], at: usize) -> (Option<i16>, usize) {
    let gap = usize::from(
        words
            .get(at)
            .is_some_and(|word| word == "de" || word == "del"),
    );
    let year = words
        .get(at + gap)
        .and_then(|word| word.parse::<i16>().ok());
    match year.filter(|year| (2000..3000).contains(year)) {
        Some(year) => (Some(year), 1 + gap),
        None => (None, 0),
    }
}

fn day_of(word: &str) -> Option<i8> {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let ending = word.get(digits.len()..)?;
    let usual = matches!(
        ending,
        "" | "er" | "e" | "st" | "nd" | "rd" | "th" | "º" | "°"
    );
    digits
        .parse()
        .ok()
        .filter(|day| usual && (1..=31).contains(day))
}

/// `24/11`, `24.11.2026`, `24-11-26`, `2026-11-24`. The day comes first; where that cannot be, the month does.
fn in_figures(word: &str, today: Date) -> Option<Date> {
    let mark = ['/', '.', '-']
        .into_iter()
        .find(|mark| word.contains(*mark))?;
    let parts: Vec<&str> = word.split(mark).filter(|part| !part.is_empty()).collect();
    let numbers: Vec<i16> = parts
        .iter()
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (year, month, day) = match numbers.as_slice() {
        [day, month] if mark != '-' => (None, *month, *day),
        [year, month, day] if *year >= 2000 => (Some(*year), *month, *day),
        [day, month, year] if *year >= 2000 => (Some(*year), *month, *day),
        [day, month, year] if (20..100).contains(year) => (Some(2000 + *year), *month, *day),
        _ => return None,
    };
    let (month, day) = if month > 12 {
        (day, month)
    } else {
        (month, day)
    };
    made(
        year,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        today,
    )
}

fn made(year: Option<i16>, month: i8, day: i8, today: Date) -> Option<Date> {
    let made = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
    let behind = made.until(today).ok()?.get_days();
    match year {
        None if behind > BEHIND_DAYS => Date::new(today.year().checked_add(1)?, month, day).ok(),
        _ => Some(made),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday, 24 November 2026, 10:00 in Paris.
    fn back(text: &str) -> String {
        let now = "2026-11-24T09:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Paris").unwrap();
        match until("", text, now, &zone) {
            Some(at) => at.to_zoned(zone).strftime("%Y-%m-%d").to_string(),
            None => "here".to_owned(),
        }
    }

    #[test]
    fn who_names_an_hour_is_back_on_the_same_day() {
        for (text, day) in [
            ("Je suis en déplacement jusqu'à 17h.", "2026-11-24"),
            ("I am away, back at 5pm", "2026-11-24"),
            ("Ich bin abwesend bis 17 Uhr", "2026-11-24"),
            ("Absent, de retour à 9h30", "here"),
            (
                "Je suis en congés. Le standard répond de 9h à 17h.",
                "2026-12-01",
            ),
            ("I am on leave until 4 December, 9:00", "2026-12-05"),
        ] {
            assert_eq!(back(text), day, "{text}");
        }
    }

    #[test]
    fn the_day_of_return_is_read_in_six_languages() {
        for (text, day) in [
            ("Je suis absent jusqu'au 27 novembre inclus.", "2026-11-28"),
            (
                "Je suis en congés du 20/11 au 04/12/2026. En cas d'urgence, 01 23 45 67 89",
                "2026-12-05",
            ),
            ("Absente, de retour le lundi 30 novembre.", "2026-11-30"),
            (
                "Actuellement en vacances, je serai de retour au bureau le 1er décembre",
                "2026-12-01",
            ),
            ("Absent. Je reviens lundi.", "2026-11-30"),
            ("En congé du 21 décembre au 4 janvier", "2027-01-05"),
            (
                "I am out of the office until 27 November 2026.",
                "2026-11-28",
            ),
            (
                "I'm on annual leave, back on Monday, November 30th.",
                "2026-11-30",
            ),
            (
                "Out of office from Nov 20 to Dec 2, returning December 3",
                "2026-12-03",
            ),
            ("I am away and will be back tomorrow.", "2026-11-25"),
            ("Ich bin bis zum 27.11.2026 nicht im Büro.", "2026-11-28"),
            (
                "Ich bin im Urlaub und ab dem 30.11. wieder erreichbar.",
                "2026-11-30",
            ),
            ("Abwesend vom 20. November bis 2. Dezember", "2026-12-03"),
            (
                "Estoy de vacaciones hasta el 27 de noviembre de 2026",
                "2026-11-28",
            ),
            ("Estoy ausente. Vuelvo el 30 de noviembre", "2026-11-30"),
            ("Sono in ferie dal 20 al 27 novembre", "2026-11-28"),
            ("Sono assente, rientro il 30/11/2026", "2026-11-30"),
            ("Ik ben afwezig t/m 27 november", "2026-11-28"),
            (
                "Ik ben op vakantie en ben 30 november weer terug",
                "2026-11-30",
            ),
        ] {
            assert_eq!((text, back(text).as_str()), (text, day));
        }
    }

    #[test]
    fn a_notice_without_a_day_means_a_week_and_one_of_the_past_nothing() {
        assert_eq!(back("I am out of the office."), "2026-12-01");
        assert_eq!(back("Je suis absent jusqu'au 20 novembre."), "here");
        assert_eq!(back("Your message was read on 27 November."), "here");
        assert_eq!(back("Absent until 1 January 2040"), "here");
        assert_eq!(back(""), "here");
    }
}
