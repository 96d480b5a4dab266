//! How sets, names of folders and dates are written in IMAP.
//!
//! Whatever stands in a name, the command stays one line and the name stays inside its quotes.

use std::fmt::Write as _;

use jiff::fmt::strtime;
use jiff::{SignedDuration, Timestamp};

/// A set of UIDs as a command names it: `1:3,7`. Only neighbours that were asked for are joined.
pub(super) fn set(uids: &[u32]) -> String {
    let mut text = String::new();
    let mut rest = uids.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while rest
            .peek()
            .is_some_and(|next| Some(*next) == last.checked_add(1))
        {
            last = rest.next().unwrap_or(last);
        }
        let comma = if text.is_empty() { "" } else { "," };
        let written = if first == last {
            write!(text, "{comma}{first}")
        } else {
            write!(text, "{comma}{first}:{last}")
        };
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
    text
}

/// The name of a folder as a command holds it: quoted, and in modified UTF-7 when it is not ASCII
/// (RFC 3501 5.1.3). A name in ASCII is taken as it is, so an encoded one can be configured too.
pub(super) fn quoted(name: &str) -> String {
    let name = if name.is_ascii() {
        name.to_owned()
    } else {
        modified_utf7(name)
    };
    let mut text = String::from("\"");
    for c in name.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

fn modified_utf7(name: &str) -> String {
    fn flush(wide: &mut Vec<u8>, text: &mut String) {
        if !wide.is_empty() {
            let coded = data_encoding::BASE64_NOPAD.encode(wide).replace('/', ",");
            text.push('&');
            text.push_str(&coded);
            text.push('-');
            wide.clear();
        }
    }
    let (mut text, mut wide) = (String::new(), Vec::new());
    for c in name.chars() {
        if c.is_ascii() {
            flush(&mut wide, &mut text);
            text.push(c);
            if c == '&' {
                text.push('-');
            }
        } else {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                wide.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut wide, &mut text);
    text
}

/// INTERNALDATE, such as ` 1-Nov-2026 09:30:00 +0100`.
pub(super) fn received_at(date: &str) -> Option<Timestamp> {
    let parsed = strtime::parse("%d-%b-%Y %H:%M:%S %z", date.trim()).ok()?;
    parsed.to_timestamp().ok()
}

/// The day before `moment`, in UTC, as SEARCH SINCE takes it: `31-Oct-2026`.
pub(super) fn day_before(moment: Timestamp) -> Option<String> {
    let day = SignedDuration::from_hours(24);
    let before = moment.checked_sub(day).unwrap_or(moment);
    strtime::format("%d-%b-%Y", &before.in_tz("UTC").ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_joins_only_neighbours_that_were_asked_for() {
        assert_eq!(set(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(set(&[5]), "5");
        assert_eq!(set(&[u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
    }

    #[test]
    fn a_folder_name_cannot_leave_its_quotes() {
        assert_eq!(quoted("INBOX"), "\"INBOX\"");
        assert_eq!(quoted("a\"b\\c\r\nd"), "\"a\\\"b\\\\cd\"");
        assert_eq!(quoted("Boîte"), "\"Bo&AO4-te\"");
        assert_eq!(quoted("Été & hiver"), "\"&AMk-t&AOk- &- hiver\"");
        assert_eq!(quoted("台北"), "\"&U,BTFw-\"");
        assert_eq!(quoted("Bo&AO4-te"), "\"Bo&AO4-te\"");
    }

    #[test]
    fn an_internal_date_is_read() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            received_at(" 1-Nov-2026 09:30:00 +0100"),
            Some(at("2026-11-01T08:30:00Z"))
        );
        assert_eq!(
            received_at("17-Jul-1996 02:44:25 -0700"),
            Some(at("1996-07-17T09:44:25Z"))
        );
        assert_eq!(received_at("yesterday"), None);
    }

    #[test]
    fn a_search_begins_a_day_earlier() {
        let since = "2026-11-01T00:30:00Z".parse().unwrap();
        assert_eq!(day_before(since).as_deref(), Some("31-Oct-2026"));
    }
}
