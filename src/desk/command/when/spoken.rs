//! The small parts of a moment: tokens, numbers, times of day, lengths of time.

use jiff::civil::Time;

use crate::desk::command::words;

/// More signs than this are no date and no duration.
const TEXT_MAX: usize = 200;

/// A length of time as it is said: `2 jours` is no number of minutes, because days differ.
#[derive(Clone, Copy, Debug, Default)]
pub struct Length {
    /// Minutes and hours, as minutes.
    pub minutes: i64,
    /// Days and weeks, as days.
    pub days: i64,
    /// Days on which people work.
    pub business_days: i64,
    /// Months.
    pub months: i64,
}

const NUMBERS: [(&str, i64); 16] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty-five", 45),
];

const UNITS: [&str; 6] = [
    "minutes",
    "hours",
    "days",
    "business-days",
    "weeks",
    "months",
];

/// The folded words of a text without the marks around them. Nothing for a text that is too long for a date.
pub fn tokens(text: &str) -> Vec<String> {
    if text.chars().count() > TEXT_MAX {
        return Vec::new();
    }
    let folded = words::fold(text).replace("demi-", "demi ");
    folded
        .split([' ', ';', '(', ')', '"', '«', '»', '“', '”'])
        .map(|token| token.trim_matches([',', '!', '?', ':']))
        .map(|token| match token {
            "a.m." | "p.m." => token,
            _ => token.trim_end_matches('.'),
        })
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The longest phrase at the beginning of `rest` that has one of these meanings, and how many words it takes.
pub fn phrase<'n>(rest: &[String], names: &[&'n str]) -> Option<(&'n str, usize)> {
    (1..=words::PHRASE_WORDS_MAX.min(rest.len()))
        .rev()
        .find_map(|length| {
            let phrase = rest.get(..length)?.join(" ");
            let name = names.iter().find(|name| words::means(&phrase, name))?;
            Some((*name, length))
        })
}

/// A whole number of at most four digits.
pub fn number(text: &str) -> Option<i16> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A time of day at the beginning of `rest`, and how many words it takes. `wanted`: a word before it says
/// that one follows, so that `9h` is nine o'clock and not nine hours.
pub fn clock(rest: &[String], wanted: bool) -> Option<(Time, usize)> {
    let first = rest.first()?.as_str();
    let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
    let hour = i8::try_from(number(&digits)?).ok()?;
    let ending = first.get(digits.len()..)?;
    let half_day = |hour: i8, word: &str| match (hour, word) {
        (12, "am") => Some(0),
        (1..=11, "am") | (12, "pm") => Some(hour),
        (1..=11, "pm") => Some(hour + 12),
        _ => None,
    };
    let at = |hour: i8, minute: i8| Time::new(hour, minute, 0, 0).ok();
    if let Some(after) = ending.strip_prefix(':') {
        let minutes: String = after.chars().take_while(char::is_ascii_digit).collect();
        let minute = i8::try_from(number(&minutes).filter(|_| minutes.len() == 2)?).ok()?;
        return match after.get(2..)? {
            "" | "h" => Some((at(hour, minute)?, 1)),
            word => Some((at(half_day(hour, word)?, minute)?, 1)),
        };
    }
    if let Some(after) = ending.strip_prefix('h') {
        let minute = match after {
            "" => None,
            text if text.len() == 2 => Some(i8::try_from(number(text)?).ok()?),
            _ => return None,
        };
        // `2h` and `1h30` alone are lengths, `14h` and `9h30` are said of the clock.
        let is_clock = wanted || (13..=23).contains(&hour) || (minute.is_some() && hour >= 5);
        return match (is_clock, minute, rest.get(1)) {
            (false, ..) => None,
            (true, None, Some(next)) if next.len() == 2 && number(next).is_some_and(|m| m < 60) => {
                Some((at(hour, i8::try_from(number(next)?).ok()?)?, 2))
            }
            (true, minute, _) => Some((at(hour, minute.unwrap_or(0))?, 1)),
        };
    }
    if matches!(ending, "am" | "pm") {
        return Some((at(half_day(hour, ending)?, 0)?, 1));
    }
    if !ending.is_empty() {
        return None;
    }
    match rest.get(1).map(String::as_str) {
        Some(next) if words::means(next, "hours") => {
            let minute = rest.get(2).filter(|m| m.len() == 2).and_then(|m| number(m));
            if !wanted && (minute.is_none() || hour < 5) {
                return None;
            }
            match minute.and_then(|m| i8::try_from(m).ok()) {
                Some(minute) => Some((at(hour, minute)?, 3)),
                None => Some((at(hour, 0)?, 2)),
            }
        }
        Some(next) if UNITS.iter().any(|unit| words::means(next, unit)) => None,
        Some(next) if words::means(next, "am") || words::means(next, "pm") => {
            Some((at(hour, 0)?, 1))
        }
        _ => wanted.then(|| Some((at(hour, 0)?, 1))).flatten(),
    }
}

/// A length of time at the beginning of `rest`, and how many words it takes.
pub fn length(rest: &[String]) -> Option<(Length, usize)> {
    let first = rest.first()?.as_str();
    if let Some((_, taken)) = phrase(rest, &["fortnight"]) {
        return Some((of(14, "days")?, taken));
    }
    if let Some((_, taken)) = phrase(rest, &["half"]) {
        let (unit, more) = phrase(rest.get(taken..)?, &UNITS)?;
        return (unit == "hours").then_some((
            Length {
                minutes: 30,
                ..Length::default()
            },
            taken + more,
        ));
    }
    let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() {
        let (count, taken) = NUMBERS.iter().find_map(|(name, count)| {
            let (_, taken) = phrase(rest, &[name])?;
            // `a` may be said instead of one; the longer phrase, `a couple of`, is no one.
            let longer = rest.get(taken).is_some_and(|next| next == "couple");
            (!longer).then_some((*count, taken))
        })?;
        let (unit, more) = phrase(rest.get(taken..)?, &UNITS)?;
        return with_half(rest, of(count, unit)?, taken + more);
    }
    let count = i64::from(number(&digits)?);
    let ending = first.get(digits.len()..)?;
    if ending.is_empty() {
        let (unit, taken) = phrase(rest.get(1..)?, &UNITS)?;
        // `1 h 30`
        if unit == "hours"
            && let Some(minutes) = rest.get(1 + taken).filter(|m| m.len() == 2)
            && let Some(minutes) = number(minutes).filter(|m| *m < 60)
        {
            let next = rest.get(2 + taken);
            let said = next.is_some_and(|next| words::means(next, "minutes"));
            let mut length = of(count, unit)?;
            length.minutes += i64::from(minutes);
            return Some((length, 2 + taken + usize::from(said)));
        }
        return with_half(rest, of(count, unit)?, 1 + taken);
    }
    // `1,5h`, `1.5 h`
    if let Some(tenths) = ending.strip_prefix([',', '.']) {
        let fraction: String = tenths.chars().take_while(char::is_ascii_digit).collect();
        let parts = i64::from(number(&fraction).filter(|_| fraction.len() <= 2)?);
        let scale = if fraction.len() == 1 { 10 } else { 100 };
        let minutes = count.checked_mul(60)? + parts * 60 / scale;
        let (unit, taken) = match tenths.get(fraction.len()..)? {
            "" => phrase(rest.get(1..)?, &UNITS).map(|(unit, taken)| (unit, 1 + taken))?,
            unit => (*UNITS.iter().find(|name| words::means(unit, name))?, 1),
        };
        let length = Length {
            minutes,
            ..Length::default()
        };
        return (unit == "hours").then_some((length, taken));
    }
    let letters: String = ending.chars().take_while(|c| !c.is_ascii_digit()).collect();
    let unit = UNITS.iter().find(|unit| words::means(&letters, unit))?;
    let mut length = of(count, unit)?;
    let after = ending.get(letters.len()..)?;
    if !after.is_empty() {
        // `1h30`, `1h30m`, `1h30min`
        let minutes: String = after.chars().take_while(char::is_ascii_digit).collect();
        let named = after.get(minutes.len()..)?;
        let fits = *unit == "hours" && (named.is_empty() || words::means(named, "minutes"));
        length.minutes += i64::from(number(&minutes).filter(|m| *m < 60 && fits)?);
        return Some((length, 1));
    }
    with_half(rest, length, 1)
}

/// Adds `et demie`, when that follows.
fn with_half(rest: &[String], mut length: Length, taken: usize) -> Option<(Length, usize)> {
    match rest
        .get(taken..)
        .and_then(|rest| phrase(rest, &["half-more"]))
    {
        Some((_, more)) if length.minutes > 0 => {
            length.minutes += 30;
            Some((length, taken + more))
        }
        _ => Some((length, taken)),
    }
}

fn of(count: i64, unit: &str) -> Option<Length> {
    let mut length = Length::default();
    match unit {
        "minutes" => length.minutes = count,
        "hours" => length.minutes = count.checked_mul(60)?,
        "days" => length.days = count,
        "business-days" => length.business_days = count,
        "weeks" => length.days = count.checked_mul(7)?,
        "months" => length.months = count,
        _ => return None,
    }
    Some(length)
}
