//! The queue of the day: a letter with a technician's open tickets, numbered, answerable line by line.
//!
//! One letter for each technician and day, for ever: the store keeps a sheet for each, and the sheet's
//! number is in the letter's reply address and Message-ID. An answer is read here and turned into the
//! same commands as in any other mail, each for the ticket its number stands for; everything else
//! (proof, all or none, the receipt) is as with them.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::case::{Case, Content};
use super::command::when::Here;
use super::command::{self, Command, Order, Orders};
use super::event::{Effect, Snapshot};
use super::notice::{No, NoticeKind, Queue, Refusal, Refused};
use super::people::Technician;
use super::rules::Rules;
use super::sheet::Sheet;
use super::ticket::{Status, Ticket};

/// A queue that could not be sent in time (guichet was not running) is still worth sending so long after its hour.
const LATE: i64 = 6 * 3_600;
/// More tickets than this are not listed: nobody answers line by line to more.
pub const LINES_MAX: usize = 40;

/// The day whose queue letter is due for `technician` at `now`; `None` outside the hours after `daily`, and while
/// the technician is away. `zone` is where technicians are who do not say it.
pub fn day_due(technician: &Technician, zone: &TimeZone, now: Timestamp) -> Option<Date> {
    let hour: Time = technician.daily?;
    if technician.away_until.is_some_and(|until| until > now) {
        return None;
    }
    let zone = technician.timezone.as_ref().unwrap_or(zone);
    let day = now.to_zoned(zone.clone()).date();
    // An hour that daylight saving leaves out that day comes an hour later.
    let due = day.to_datetime(hour).to_zoned(zone.clone()).ok()?;
    let late = now.as_second() - due.timestamp().as_second();
    (0..LATE).contains(&late).then_some(day)
}

/// Writes the queue letter of `technician` for `day`: the open tickets of the snapshot, oldest promise first. The sheet
/// is kept in any case, so that the day is dealt with; without tickets there is no letter.
pub fn written(
    rules: &Rules,
    seen: &Snapshot,
    technician: &str,
    day: Date,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(technician) = rules.people.technicians.get(technician) else {
        return Vec::new();
    };
    let mut tickets: Vec<&Ticket> = seen
        .tickets
        .values()
        .filter(|ticket| !ticket.status.is_over())
        .filter(|ticket| ticket.assignee.as_ref() == Some(&technician.key))
        .filter(|ticket| rules.people.desks.contains_key(&ticket.desk))
        .filter(|ticket| !stands_with_its_master(seen, ticket))
        .collect();
    // What waits for somebody else comes last; then the oldest promise, the most pressing, the oldest.
    tickets.sort_by_key(|ticket| {
        let waits = !matches!(ticket.status, Status::New | Status::Open);
        let promise = ticket.next_news_at.unwrap_or(Timestamp::MAX);
        (waits, promise, ticket.priority, ticket.id.number())
    });
    let more = tickets.len().saturating_sub(LINES_MAX);
    tickets.truncate(LINES_MAX);
    let sheet = Sheet {
        id: seen.next_sheet,
        technician: technician.key.clone(),
        day,
        tickets: tickets.iter().map(|ticket| ticket.id.clone()).collect(),
    };
    let mut effects = vec![Effect::Sheet(sheet.clone())];
    if let Some(first) = tickets.first() {
        let cause = format!("queue of {day}");
        let mut case = Case::new(rules, seen, now, (*first).clone(), cause);
        let queue = Queue {
            sheet: sheet.id,
            day,
            tickets: tickets.into_iter().cloned().collect(),
            outages: seen
                .outages
                .iter()
                .map(|(master, outage)| (*master, outage.people.len()))
                .collect(),
            more,
        };
        let to = case.technician(technician);
        let content = Content {
            queue: Some(queue),
            ..Content::default()
        };
        case.tell(NoticeKind::Queue, to, &content);
        effects.append(&mut case.effects);
    }
    effects
}

/// Whether the master of the ticket's outage stands in the same queue: one fault is one line.
fn stands_with_its_master(seen: &Snapshot, ticket: &Ticket) -> bool {
    let master = ticket.master().and_then(|master| seen.ticket(master));
    master.is_some_and(|master| !master.status.is_over() && master.assignee == ticket.assignee)
}

/// One line of an answer: what is ordered for one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As it was written, for one ticket: `5 clos ok`.
    pub line: String,
    /// The number it begins with.
    pub number: usize,
    /// What it orders.
    pub orders: Orders,
}

/// An answer to a queue letter, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What begins with numbers of the letter.
    pub lines: Vec<Line>,
    /// Commands without a number: those that speak of the whole answer.
    pub extra: Vec<Order>,
    /// Commands that want a number, and have none.
    pub refused: Vec<Refused>,
}

impl Answer {
    /// Whether `command` stands in it without a number.
    pub fn has(&self, command: &Command) -> bool {
        self.extra.iter().any(|order| order.command == *command)
    }
}

/// Reads an answer: pieces that begin with numbers of the letter, one below the other or behind commas, each
/// followed by a command with or without its slash. Words that are no order are not meant for us.
pub fn read(text: &str, here: &Here) -> Answer {
    let mut answer = Answer::default();
    for row in text.lines() {
        let mut waiting: Vec<usize> = Vec::new();
        let pieces = pieces(row);
        if pieces.is_empty() {
            read_extra(row, here, &mut answer);
        }
        for piece in pieces {
            let (numbers, words) = numbers(piece);
            waiting.extend(numbers);
            if words.is_empty() {
                continue;
            }
            for number in waiting.drain(..) {
                answer.lines.push(Line {
                    line: format!("{number} {words}"),
                    number,
                    orders: command::read(&as_command(words), here, &[]),
                });
            }
        }
        // Numbers with nothing behind them order nothing, and that must be said.
        answer.lines.extend(waiting.into_iter().map(|number| Line {
            line: number.to_string(),
            number,
            orders: Orders::default(),
        }));
    }
    answer
}

/// Reads a row without a number: `/undo`, `/dry`, `/help`, `confirm`.
fn read_extra(row: &str, here: &Here, answer: &mut Answer) {
    let row = row.trim();
    let is_marked = row.starts_with(['/', '#']);
    let read = match is_marked {
        true => command::read(row, here, &[]),
        false => command::read(&format!("/{row}"), here, &[]),
    };
    for order in read.orders {
        match order.command {
            Command::Confirm => answer.extra.push(order),
            Command::Undo | Command::Dry | Command::Help if is_marked => answer.extra.push(order),
            _ if is_marked => answer
                .refused
                .push(No::from(Refusal::RowFirst).of(&order.line)),
            _ => {}
        }
    }
    if is_marked {
        answer.refused.extend(read.refused);
    }
}

/// `2 relancer, 5 clos ok; 7 pour Paul` in pieces. A comma that no number follows belongs to the words; a row that
/// begins with no number has none.
fn pieces(row: &str) -> Vec<&str> {
    let row = row.trim().trim_start_matches(['-', '*', '•']).trim_start();
    let mut pieces = Vec::new();
    let mut rest = row;
    let mut from = 0;
    if !starts_with_number(row) {
        return pieces;
    }
    while let Some(at) = rest.get(from..).and_then(|rest| rest.find([',', ';'])) {
        let at = from + at;
        let behind = rest.get(at + 1..).unwrap_or_default();
        if starts_with_number(behind.trim_start()) {
            pieces.push(rest.get(..at).unwrap_or_default().trim());
            (rest, from) = (behind, 0);
        } else {
            from = at + 1;
        }
    }
    pieces.push(rest.trim());
    pieces
}

fn starts_with_number(text: &str) -> bool {
    text.trim_start_matches(['#', '(', 'n', '°'])
        .starts_with(|c: char| c.is_ascii_digit())
}

/// The numbers a piece begins with (`2`, `2 et 5`, `2)`), and the words behind them.
fn numbers(piece: &str) -> (Vec<usize>, &str) {
    let mut numbers = Vec::new();
    let mut rest = piece;
    loop {
        let bare = rest.trim_start_matches(|c: char| c.is_whitespace() || "#(°".contains(c));
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) = bare.split_at(digits);
        // `3p` is no number, and neither is `10:30` or `2/3`.
        let ends = behind.is_empty()
            || behind.starts_with(|c: char| c.is_whitespace() || ").:=-&+".contains(c));
        let Some(number) = digits.parse().ok().filter(|_| ends) else {
            return (numbers, rest.trim());
        };
        numbers.push(number);
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || ").:=-–".contains(c));
        for word in ["et ", "and ", "& ", "+ "] {
            rest = rest.strip_prefix(word).unwrap_or(rest);
        }
    }
}

/// `clos ok` -> `/clos`, `pour Paul` -> `/assign Paul`: the words behind a number as a command.
fn as_command(words: &str) -> String {
    let bare = words.trim_start_matches(['/', '#']).trim();
    let (first, rest) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
    let rest = rest.trim();
    let first = first.trim_end_matches([':', ',', '.']);
    match first.to_lowercase().as_str() {
        "pour" | "for" | "à" | "to" => format!("/assign {rest}"),
        "moi" | "me" => "/take".to_owned(),
        // "clos ok": the last word only agrees.
        _ if matches!(
            rest.to_lowercase().trim_end_matches(['.', '!']),
            "ok" | "oui" | "yes"
        ) =>
        {
            format!("/{first}")
        }
        _ => format!("/{bare}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Here {
        Here {
            now: "2026-11-24T08:00:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
        }
    }

    fn ordered(text: &str) -> Vec<(usize, Vec<Command>)> {
        let commands = |line: Line| line.orders.orders.into_iter().map(|order| order.command);
        let lines = read(text, &here()).lines.into_iter();
        lines
            .map(|line| (line.number, commands(line).collect()))
            .collect()
    }

    #[test]
    fn each_number_gets_its_command() {
        assert_eq!(
            ordered("Bonjour,\n5 clos ok, 7 pour Paul ; 3 p2\n2) prends\n\nAnn"),
            [
                (5, vec![Command::Close(None)]),
                (7, vec![Command::Assign("Paul".to_owned())]),
                (
                    3,
                    vec![Command::Priority(crate::desk::triage::Priority::P2, None)]
                ),
                (2, vec![Command::Take]),
            ]
        );
    }

    #[test]
    fn several_numbers_share_a_command() {
        let close = || vec![Command::Close(None)];
        assert_eq!(
            ordered("2, 5 et 7 clos"),
            [(2, close()), (5, close()), (7, close())]
        );
        assert_eq!(ordered("- 4 and 6: close"), [(4, close()), (6, close())]);
    }

    #[test]
    fn a_number_without_a_command_orders_nothing_and_is_said() {
        assert_eq!(ordered("3"), [(3, vec![])]);
        assert_eq!(read("4 xyzzy", &here()).lines[0].orders.orders, []);
        assert_eq!(ordered("see you at 10"), []);
    }

    #[test]
    fn the_letter_is_due_at_its_hour_where_the_technician_is() {
        let technician = |daily: &str| Technician {
            key: "ann".to_owned(),
            name: "Ann".to_owned(),
            address: "ann@example.org".parse().unwrap(),
            aliases: Vec::new(),
            locale: None,
            timezone: None,
            away_until: None,
            daily: Some(daily.parse().unwrap()),
        };
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let due = |technician: &Technician, now: &str| {
            day_due(technician, &paris, now.parse().unwrap()).map(|day| day.to_string())
        };
        let ann = technician("07:45:00");
        assert_eq!(due(&ann, "2026-11-24T06:44:59Z"), None);
        assert_eq!(
            due(&ann, "2026-11-24T06:45:00Z").as_deref(),
            Some("2026-11-24")
        );
        assert_eq!(due(&ann, "2026-11-24T12:45:00Z"), None);
        // 02:30 does not exist on the day the clocks go forward.
        let early = technician("02:30:00");
        assert_eq!(
            due(&early, "2026-03-29T01:30:00Z").as_deref(),
            Some("2026-03-29")
        );
    }
}
