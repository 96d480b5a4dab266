//! What a calendar invitation says, in a few lines (RFC 5545, RFC 5546).
//!
//! Shows what is written: zones by the names given, no recurrence counted out, nothing entered into any calendar.

/// Lines are folded at 75 bytes; a whole calendar that somebody exported is not read to its end.
const LINES_MAX: usize = 5000;
/// A value is a line for people.
const VALUE_BYTES_MAX: usize = 500;

/// The lines about the first event; `None` when there is none.
pub fn summary(calendar: &str) -> Option<String> {
    let mut event = Event::default();
    let mut within: Vec<String> = Vec::new();
    let unfolded = calendar
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "");
    for line in unfolded.lines().take(LINES_MAX) {
        let Some((name, parameters, value)) = property(line) else {
            continue;
        };
        match name.as_str() {
            "BEGIN" => within.push(value.trim().to_ascii_uppercase()),
            "END" => {
                let ended = within.pop();
                if matches!(ended.as_deref(), Some("VEVENT" | "VTODO" | "VFREEBUSY")) {
                    break;
                }
            }
            "METHOD" if within.len() <= 1 => event.method = value.trim().to_ascii_uppercase(),
            _ if matches!(within.last().map(String::as_str), Some("VEVENT" | "VTODO")) => {
                event.keep(&name, parameters, value);
            }
            _ => {}
        }
    }
    event.shown()
}

#[derive(Default)]
struct Event {
    method: String,
    what: String,
    from: String,
    to: String,
    place: String,
    organizer: String,
    cancelled: bool,
    repeats: bool,
}

impl Event {
    fn keep(&mut self, name: &str, parameters: &str, value: &str) {
        let line = || {
            let text = unescaped(value);
            text.get(..text.floor_char_boundary(VALUE_BYTES_MAX))
                .unwrap_or_default()
                .to_owned()
        };
        match name {
            "SUMMARY" => self.what = line(),
            "LOCATION" => self.place = line(),
            "DTSTART" => self.from = moment(parameters, value),
            "DTEND" | "DUE" => self.to = moment(parameters, value),
            "RRULE" => self.repeats = true,
            "STATUS" => self.cancelled = value.trim().eq_ignore_ascii_case("CANCELLED"),
            "ORGANIZER" => {
                let address = value.trim();
                let address = address
                    .get(..7)
                    .filter(|start| start.eq_ignore_ascii_case("mailto:"))
                    .and_then(|_| address.get(7..))
                    .unwrap_or(address);
                self.organizer = match parameter(parameters, "CN") {
                    Some(name) if name != address => format!("{name} <{address}>"),
                    _ => address.to_owned(),
                };
            }
            _ => {}
        }
    }

    fn shown(self) -> Option<String> {
        if self.what.is_empty() && self.from.is_empty() {
            return None;
        }
        let kind = match self.method.as_str() {
            "CANCEL" => "Cancelled",
            _ if self.cancelled => "Cancelled",
            "REPLY" => "Answer to an invitation",
            "COUNTER" => "Another time proposed",
            "REQUEST" => "Invitation",
            _ => "Event",
        };
        let mut lines = vec![format!("[{kind}] {}", self.what).trim_end().to_owned()];
        let mut add = |sign: &str, value: String| {
            if !value.is_empty() {
                lines.push(format!("{sign} {value}"));
            }
        };
        let until = until(&self.from, &self.to);
        let again = if self.repeats { " (repeats)" } else { "" };
        add("When:", format!("{}{until}{again}", self.from));
        add("Where:", self.place);
        add("Organizer:", self.organizer);
        Some(lines.join("\n"))
    }
}

/// The end, without the day and the zone when they are those of the start.
fn until(from: &str, to: &str) -> String {
    if to.is_empty() || to == from {
        return String::new();
    }
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let (start, end) = (words(from), words(to));
    match (start.as_slice(), end.as_slice()) {
        ([day, _, zone @ ..], [last, until, other @ ..]) if day == last && zone == other => {
            format!(" – {until}")
        }
        _ => format!(" – {to}"),
    }
}

/// `20261124T100000` with `TZID=Europe/Paris` as `2026-11-24 10:00 (Europe/Paris)`.
fn moment(parameters: &str, value: &str) -> String {
    let value = value.trim();
    let digit = |range: std::ops::Range<usize>| {
        value
            .get(range)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let (Some(year), Some(month), Some(day)) = (digit(0..4), digit(4..6), digit(6..8)) else {
        return String::new();
    };
    let date = format!("{year}-{month}-{day}");
    let (Some(hour), Some(minute)) = (digit(9..11), digit(11..13)) else {
        return date;
    };
    let zone = match parameter(parameters, "TZID") {
        _ if value.ends_with(['Z', 'z']) => " (UTC)".to_owned(),
        Some(zone) => format!(" ({zone})"),
        None => String::new(),
    };
    format!("{date} {hour}:{minute}{zone}")
}

/// Name, parameters and value of a line; colons within quotation marks do not part.
fn property(line: &str) -> Option<(String, &str, &str)> {
    let mut quoted = false;
    let colon = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters, value))
}

fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut quoted = false;
    let pieces = parameters.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    let mut pairs = pieces.filter_map(|piece| piece.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

/// `\,` and `\n` of RFC 5545 3.3.11, on one line.
fn unescaped(value: &str) -> String {
    let text = value
        .replace("\\n", " ")
        .replace("\\N", " ")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_of_outlook() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Romance Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nORGANIZER;CN=\"Durand, Marie\":mailto:marie@acme.example\r\nSUMMARY;LANGUAGE=fr-FR:Point sur la panne\\, suite\r\nDTSTART;TZID=Romance Standard Time:20261124T100000\r\nDTEND;TZID=Romance Standard Time:20261124T110000\r\nLOCATION:Salle \r\n bleue\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            summary(calendar).unwrap(),
            "[Invitation] Point sur la panne, suite\nWhen: 2026-11-24 10:00 (Romance Standard Time) – 11:00\n\
             Where: Salle bleue\nOrganizer: Durand, Marie <marie@acme.example>"
        );
    }

    #[test]
    fn days_answers_and_cancellations() {
        let of = |method: &str, event: &str| {
            summary(&format!(
                "BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR"
            ))
        };
        assert_eq!(
            of(
                "CANCEL",
                "SUMMARY:x\nDTSTART;VALUE=DATE:20261124\nRRULE:FREQ=DAILY"
            )
            .unwrap(),
            "[Cancelled] x\nWhen: 2026-11-24 (repeats)"
        );
        assert_eq!(
            of("REPLY", "DTSTART:20261124T090000Z\nDTEND:20261125T090000Z").unwrap(),
            "[Answer to an invitation]\nWhen: 2026-11-24 09:00 (UTC) – 2026-11-25 09:00 (UTC)"
        );
        assert_eq!(of("REQUEST", ""), None);
        assert_eq!(summary("BEGIN:VCALENDAR\nDTSTART:é"), None);
    }
}
