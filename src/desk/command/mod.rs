//! The commands technicians write into their mails: grammar here, words in `words.rs`, effects in `carry_out.rs`.
//!
//! Commands stand in the block of lines that opens or ends the new text; everything else is text for
//! the requester (`product.md` §8 and §18). A line that resembles no command, such as `/home/paul/x`,
//! is text.

mod carry_out;
pub mod proof;
mod words;

pub use carry_out::carry_out;

use super::notice::{Refusal, Refused};
use super::triage::Priority;

/// What a technician can order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The sender has the ticket from now on.
    Take,
    /// Somebody else has it: a name, part of a name or an address.
    Assign(String),
    /// Another team has it.
    Team(String),
    /// Another priority, and why.
    Priority(Priority, Option<String>),
    /// It is the requester's turn.
    Wait,
    /// It goes on.
    Open,
    /// It is solved; perhaps by what.
    Resolve(Option<String>),
    /// It is done, without asking; perhaps by what.
    Close(Option<String>),
    /// Kept for technicians. Without words: the text of the whole mail.
    Note(Option<String>),
    /// Somebody more is kept informed.
    Watch(String),
    /// Somebody less is kept informed.
    Unwatch(String),
    /// Somebody else reported it, really.
    Requester(String),
    /// Why it happened.
    Cause(String),
    /// What helped.
    Solution(String),
    /// Minutes worked.
    Time(u32),
    /// Another category.
    Category(String),
    /// It has to do with another ticket.
    Link(String),
}

/// A command with the line it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// As it was written.
    pub line: String,
    /// What it orders.
    pub command: Command,
}

/// The new text of a technician's mail, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// What is ordered, in the order written.
    pub orders: Vec<Order>,
    /// Lines that look like commands and are none.
    pub refused: Vec<Refused>,
    /// The rest: what the requester is told.
    pub text: String,
}

/// Takes the new text of a mail apart.
pub fn read(reply: &str) -> Orders {
    let lines: Vec<&str> = reply.lines().collect();
    let is_blank = |line: &&str| line.trim().is_empty();
    let head = lines
        .iter()
        .take_while(|line| is_blank(line) || is_command(line))
        .count();
    let tail = match head == lines.len() {
        true => 0,
        false => lines
            .iter()
            .rev()
            .take_while(|line| is_blank(line) || is_command(line))
            .count(),
    };
    let body = lines.get(head..lines.len() - tail).unwrap_or_default();
    let mut found = Orders {
        text: body.join("\n").trim().to_owned(),
        ..Orders::default()
    };
    let commands = lines
        .iter()
        .take(head)
        .chain(lines.iter().skip(lines.len() - tail));
    for line in commands
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
    {
        read_line(line, &mut found);
    }
    found
}

/// Whether a line begins with a word that is, or resembles, a command.
fn is_command(line: &str) -> bool {
    word_of(line)
        .is_some_and(|(word, _)| words::find(word).is_some() || words::nearest(word).is_some())
}

/// The word behind `/` or `#` and what follows it.
fn word_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix(['/', '#'])?;
    let end = line
        .find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
        .unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end)?;
    // A path goes on with a slash, a command with a space, a colon or nothing.
    let ends =
        rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ":;,.!".contains(c));
    let rest = rest.trim_start_matches([':', ';', ',', '.', '!']).trim();
    (!word.is_empty() && ends).then_some((word, rest))
}

fn read_line(line: &str, found: &mut Orders) {
    let Some((word, rest)) = word_of(line) else {
        return;
    };
    let Some(verb) = words::find(word) else {
        let near = words::nearest(word).map(str::to_owned);
        return found.refused.push(refused(line, Refusal::Unknown, near));
    };
    // A command without an argument may be followed by another on the same line: `/take /p2`.
    let (own, next) = match rest.starts_with(['/', '#'])
        && word_of(rest).is_some_and(|(w, _)| words::find(w).is_some())
    {
        true => ("", Some(rest)),
        false => (rest, None),
    };
    match command(verb, own) {
        Some(command) => {
            let line = next
                .and_then(|next| line.strip_suffix(next))
                .unwrap_or(line)
                .trim()
                .to_owned();
            found.orders.push(Order { line, command });
        }
        None => found.refused.push(refused(line, Refusal::Argument, None)),
    }
    if let Some(next) = next {
        read_line(next, found);
    }
}

fn refused(line: &str, because: Refusal, did_you_mean: Option<String>) -> Refused {
    Refused {
        line: line.to_owned(),
        because,
        did_you_mean,
    }
}

/// The command a verb and its argument make; `None` when the argument is missing, superfluous or senseless.
fn command(verb: words::Verb, argument: &str) -> Option<Command> {
    use words::Verb;
    let argument = argument
        .trim()
        .trim_matches(['"', '«', '»', '“', '”'])
        .trim();
    let some = (!argument.is_empty()).then(|| argument.to_owned());
    Some(match verb {
        Verb::Take => argument.is_empty().then_some(Command::Take)?,
        Verb::Wait => argument.is_empty().then_some(Command::Wait)?,
        Verb::Open => argument.is_empty().then_some(Command::Open)?,
        Verb::Priority(priority) => Command::Priority(priority, some.map(|why| because(&why))),
        Verb::Resolve => Command::Resolve(some),
        Verb::Close => Command::Close(some),
        Verb::Note => Command::Note(some),
        Verb::Assign => Command::Assign(some?),
        Verb::Team => Command::Team(some?),
        Verb::Watch => Command::Watch(some?),
        Verb::Unwatch => Command::Unwatch(some?),
        Verb::Requester => Command::Requester(some?),
        Verb::Cause => Command::Cause(some?),
        Verb::Solution => Command::Solution(some?),
        Verb::Category => Command::Category(some?),
        Verb::Link => Command::Link(some?),
        Verb::Time => Command::Time(minutes(argument)?),
    })
}

/// `because the till is down` -> `the till is down`.
fn because(why: &str) -> String {
    let words = ["because", "parce que", "parce qu'", "car", "as", "since"];
    let lower = why.to_lowercase();
    let cut = words
        .iter()
        .find(|word| lower.starts_with(&format!("{word} ")));
    cut.and_then(|word| why.get(word.len()..))
        .unwrap_or(why)
        .trim()
        .to_owned()
}

/// `30`, `30m`, `1h`, `1h30`: minutes worked, at most a week.
fn minutes(text: &str) -> Option<u32> {
    let text = text.to_lowercase().replace([' ', '\u{a0}'], "");
    let text = text
        .trim_end_matches("minutes")
        .trim_end_matches("min")
        .trim_end_matches('m');
    let total = match text.split_once('h') {
        Some((hours, "")) => hours.parse::<u32>().ok()?.checked_mul(60)?,
        Some((hours, minutes)) => hours
            .parse::<u32>()
            .ok()?
            .checked_mul(60)?
            .checked_add(minutes.parse().ok()?)?,
        None => text.parse().ok()?,
    };
    (1..=7 * 24 * 60).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<Command> {
        read(text)
            .orders
            .into_iter()
            .map(|order| order.command)
            .collect()
    }

    #[test]
    fn commands_open_or_end_the_text_and_the_rest_is_for_the_requester() {
        let found = read(
            "/prends\n/P2 car la caisse est bloquée\n\nBonjour,\nvoir /home/paul/x\n/etc/hosts aussi\n\n#résolu\n",
        );
        assert_eq!(found.text, "Bonjour,\nvoir /home/paul/x\n/etc/hosts aussi");
        let because = Some("la caisse est bloquée".to_owned());
        let orders: Vec<_> = found.orders.into_iter().map(|o| o.command).collect();
        assert_eq!(
            orders,
            [
                Command::Take,
                Command::Priority(Priority::P2, because),
                Command::Resolve(None)
            ]
        );
        assert_eq!(found.refused, []);
    }

    #[test]
    fn a_command_in_the_middle_is_text() {
        assert_eq!(read("Please type\n/close\nin the box").orders, []);
    }

    #[test]
    fn several_commands_share_a_line() {
        assert_eq!(
            commands("/take /p1 /time 1h30"),
            [
                Command::Take,
                Command::Priority(Priority::P1, None),
                Command::Time(90)
            ]
        );
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_nearest_one() {
        let found = read("/resolv\nDone.");
        assert_eq!(
            found.refused,
            [refused(
                "/resolv",
                Refusal::Unknown,
                Some("/resolve".to_owned())
            )]
        );
        assert_eq!(found.text, "Done.");
    }

    #[test]
    fn a_missing_argument_is_refused() {
        assert_eq!(
            read("/assign").refused,
            [refused("/assign", Refusal::Argument, None)]
        );
        assert_eq!(read("/time soon").refused.len(), 1);
    }
}
