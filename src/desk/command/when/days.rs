//! Days of the calendar as people write them: in figures, or with the name of the month.

use jiff::Span;
use jiff::civil::{Date, date};

use super::spoken::{clock, number};
use crate::desk::command::words;

/// A day and month without a year that lie less than this behind us are taken for the past, not for next year.
pub const BEHIND_DAYS: i32 = 183;

/// As the files of words name them, in order.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `15/12`, `15.12.2026`, `2026-12-15`. Day before month, unless that cannot be.
pub fn numeric_date(token: &str, today: Date) -> Option<Date> {
    let parts: Vec<&str> = token
        .split(['/', '.', '-'])
        .filter(|part| !part.is_empty())
        .collect();
    let numbers: Option<Vec<i16>> = parts.iter().map(|part| number(part)).collect();
    let numbers = numbers?;
    let (year, month, day) = match (numbers.as_slice(), parts.as_slice()) {
        ([a, b], _) if token.contains('/') || token.contains('.') => (None, *b, *a),
        ([a, b, c], [first, ..]) if first.len() == 4 => (Some(*a), *b, *c),
        ([a, b, c], [.., last]) if last.len() == 4 => (Some(*c), *b, *a),
        ([a, b, c], [.., last]) if last.len() == 2 => (Some(2000 + *c), *b, *a),
        _ => return None,
    };
    let (month, day) = if month > 12 {
        (day, month)
    } else {
        (month, day)
    };
    make_date(year, month, day, today)
}

/// `15 décembre`, `le 1er janvier 2027`, `december 15th`, `le 15`.
pub fn named_date(rest: &[String], today: Date) -> Option<(Date, usize)> {
    let day_of = |token: &String| {
        let digits: String = token.chars().take_while(char::is_ascii_digit).collect();
        let ending = token.get(digits.len()..)?;
        let day: i16 = number(&digits)?;
        let usual = matches!(ending, "" | "er" | "e" | "st" | "nd" | "rd" | "th");
        (usual && (1..=31).contains(&day)).then_some(day)
    };
    let month_of = |token: &String| {
        let token = token.trim_end_matches('.');
        let month = MONTHS.iter().position(|name| words::means(token, name))?;
        i16::try_from(month + 1).ok()
    };
    let year_of = |token: Option<&String>| token.and_then(|t| number(t)).filter(|y| *y > 2000);
    let first = rest.first()?;
    // `15 of december`
    let of = usize::from(rest.get(1).is_some_and(|token| token == "of"));
    if let Some(day) = day_of(first)
        && let Some(month) = rest.get(1 + of).and_then(month_of)
    {
        let year = year_of(rest.get(2 + of));
        let date = make_date(year, month, day, today)?;
        return Some((date, 2 + of + usize::from(year.is_some())));
    }
    if let Some(month) = month_of(first)
        && let Some(day) = rest.get(1).and_then(day_of)
    {
        let year = year_of(rest.get(2));
        let date = make_date(year, month, day, today)?;
        return Some((date, 2 + usize::from(year.is_some())));
    }
    if (first.as_str() == "le" || first == "the" || first == "au" || first == "du")
        && let Some(day) = rest.get(1).and_then(day_of)
        && rest
            .get(2)
            .is_none_or(|next| month_of(next).is_none() && next != "of")
        && clock(rest.get(1..)?, false).is_none()
    {
        let this_month = date(today.year(), today.month(), 1);
        let mut month = this_month;
        for _ in 0..3 {
            let made = Date::new(month.year(), month.month(), i8::try_from(day).ok()?);
            if let Some(made) = made.ok().filter(|made| *made > today) {
                return Some((made, 2));
            }
            month = month.checked_add(Span::new().months(1)).ok()?;
        }
    }
    None
}

fn make_date(year: Option<i16>, month: i16, day: i16, today: Date) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let made = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
    let behind = today.since(made).ok()?.get_days();
    if year.is_none() && behind > BEHIND_DAYS {
        return Date::new(today.year().checked_add(1)?, month, day).ok();
    }
    Some(made)
}
