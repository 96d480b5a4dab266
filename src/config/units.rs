//! Durations (`90s`, `10m`, `2h`, `5d`) and sizes (`50 MiB`) as the configuration writes them.
//!
//! A day is 24 hours here. What counts in business days says so where it is read.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

const SIZES: [(&str, u64); 6] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// Reads a whole number followed by `s`, `m`, `h` or `d`; `None` for anything else, and for what
/// does not fit into seconds.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().next_back()?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
    whole(text.strip_suffix(unit)?)?
        .checked_mul(seconds)
        .map(Duration::from_secs)
}

/// Writes a duration in the largest unit that keeps it whole: `90s`, `2h`. Parts of a second are left out.
pub fn write_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    UNITS
        .into_iter()
        .find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit))
        .map_or_else(
            || format!("{seconds}s"),
            |(letter, unit)| format!("{}{letter}", seconds / unit),
        )
}

/// Reads a size in bytes: a whole number and `B`, `kB`, `MB`, `KiB`, `MiB` or `GiB`, in any case.
pub fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let (_, bytes) = SIZES
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    whole(number)?.checked_mul(bytes)
}

/// Writes a size in the largest binary unit that keeps it whole: `50 MiB`.
pub fn write_size(bytes: u64) -> String {
    SIZES
        .into_iter()
        .filter(|(name, _)| name.ends_with("iB"))
        .find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit))
        .map_or_else(
            || format!("{bytes} B"),
            |(name, unit)| format!("{} {name}", bytes / unit),
        )
}

/// Digits only: `parse` alone would take `+5`.
fn whole(digits: &str) -> Option<u64> {
    digits
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [
            ("90s", 90),
            ("10m", 600),
            ("2h", 7_200),
            ("5d", 432_000),
            ("0s", 0),
        ] {
            let read = duration(text).unwrap();
            assert_eq!(read.as_secs(), seconds, "{text}");
            assert_eq!(write_duration(read), text);
        }
        for wrong in [
            "",
            "5",
            "m",
            "5 min",
            "-5m",
            "+5m",
            "1.5h",
            "5w",
            "5é",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert_eq!(write_duration(Duration::from_secs(5_400)), "90m");
    }

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("50 MiB", 50 << 20),
            ("1 GiB", 1 << 30),
            ("64 KiB", 64 << 10),
            ("17 B", 17),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
            assert_eq!(write_size(bytes), text);
        }
        assert_eq!(size("50mib"), Some(50 << 20));
        assert_eq!(size("25 MB"), Some(25_000_000));
        for wrong in [
            "",
            "50",
            "MiB",
            "fifty MiB",
            "1.5 MiB",
            "9999999999999 GiB",
            "é",
        ] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
