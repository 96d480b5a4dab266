//! The demo on the terminal: what happens, what guichet did about it, where things lie.
//!
//! Plain text in lines of a usual terminal. What mails say is shown, never obeyed (`cli::shown`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::scratch::Scratch;
use super::script::Script;
use super::stage::{Scene, Sent};
use crate::cli::shown;
use crate::desk::ticket::Ticket;
use crate::desk::triage::{Reason, Subject, Urgency};

/// Columns of a line; a usual terminal has 80.
const WIDTH: usize = 78;
/// Where the text of a scene begins, behind the hour.
const INDENT: &str = "       ";

/// Tells the story.
pub struct Teller<'a> {
    /// Who is who.
    pub script: &'a Script,
    /// Where the desk is.
    pub timezone: &'a TimeZone,
}

impl Teller<'_> {
    /// What is going to happen.
    pub fn opening(&self, desk: &str, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "A day at {desk}\n")?;
        let text = "People of two client companies write to one address, two technicians answer from their own mail \
                    programs. Each mail is put into a Maildir, guichet reads it, and its letters go to another one.";
        wrapped(out, "", "", text)
    }

    /// A mail and what followed from it.
    pub fn scene(&self, scene: &Scene, out: &mut impl Write) -> io::Result<()> {
        writeln!(out)?;
        let hour = hour(scene.at, self.timezone);
        wrapped(out, &format!("{hour}  "), INDENT, &scene.says)?;
        for done in self.done(scene) {
            wrapped(out, &format!("{INDENT}> "), &format!("{INDENT}  "), &done)?;
        }
        Ok(())
    }

    /// The tickets at the end of the day.
    pub fn tickets(&self, tickets: &[Ticket], out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n\nThe tickets at the end of the day\n")?;
        for ticket in tickets {
            let (priority, status) = (ticket.priority.word(), ticket.status.word());
            let start = format!("{:<7}{priority}  {status:<10}", ticket.id.to_string());
            let who = self.script.name_of(ticket.requester.address.as_str());
            let text = format!("{} ({who})", shown(&ticket.subject));
            wrapped(out, &start, INDENT, &text)?;
            wrapped(out, INDENT, INDENT, &sentence(ticket))?;
        }
        Ok(())
    }

    /// Where things lie and what can be tried next.
    pub fn end(
        &self,
        scratch: &Scratch,
        tickets: &[Ticket],
        scenes: &[Scene],
        out: &mut impl Write,
    ) -> io::Result<()> {
        let letters: usize = scenes.iter().map(|scene| scene.letters.len()).sum();
        writeln!(out, "\n\nTo look at\n")?;
        writeln!(out, "  {}", scratch.page().display())?;
        writeln!(out, "      a page with every ticket, mail and letter")?;
        writeln!(out, "  {}", scratch.digest().display())?;
        writeln!(
            out,
            "      the week's digest: letter, page, text, table and charts"
        )?;
        writeln!(out, "  {}", scratch.letters().join("new").display())?;
        writeln!(
            out,
            "      the {letters} letters as they went out, one file each"
        )?;
        writeln!(out, "\nTo try\n")?;
        let config = format!(
            "--config {}",
            quoted(&scratch.config().display().to_string())
        );
        let program = std::env::args()
            .next()
            .unwrap_or_else(|| "guichet".to_owned());
        let program = quoted(&program);
        let ticket = tickets
            .first()
            .map_or("INC-1".to_owned(), |ticket| ticket.id.to_string());
        let mail = scenes
            .iter()
            .find_map(|scene| scene.mail.as_ref()?.0.message_id.as_ref());
        let mail = mail.map(|id| quoted(&id.bracketed())).unwrap_or_default();
        for command in [
            "tickets --all".to_owned(),
            format!("ticket show {ticket}"),
            "outbox --all".to_owned(),
            "quarantine list".to_owned(),
            format!("why {mail}"),
        ] {
            writeln!(out, "  {program} {config} {command}")?;
        }
        Ok(())
    }

    /// What guichet did about a mail, a line for each thing.
    fn done(&self, scene: &Scene) -> Vec<String> {
        let mut done = vec![filed(scene)];
        done.extend(scene.facts.iter().map(|fact| shown(fact)));
        let mut letters: BTreeMap<(i64, &str), Vec<&Sent>> = BTreeMap::new();
        for letter in &scene.letters {
            let first = scene
                .letters
                .iter()
                .find(|other| other.view.notice == letter.view.notice)
                .map_or(letter.view.id.0, |other| other.view.id.0);
            let same = letters.entry((first, letter.view.notice.as_str()));
            same.or_default().push(letter);
        }
        for ((_, notice), letters) in letters {
            let to: Vec<String> = letters
                .iter()
                .map(|letter| {
                    let name = self.script.name_of(&letter.view.to);
                    match letter.view.state.as_str() {
                        "sent" => name.into_owned(),
                        state => format!("{name} ({state}: {})", letter.view.reason),
                    }
                })
                .collect();
            done.push(format!("letter `{notice}` to {}", listed(&to)));
        }
        if scene.letters.is_empty() {
            done.push("no letter".to_owned());
        }
        done
    }
}

/// What became of a mail and of its ticket.
pub fn filed(scene: &Scene) -> String {
    let filed = scene.mail.as_ref().map(|(_, filed)| filed);
    let reasons = filed
        .map(|filed| shown(&filed.reasons.join("; ")))
        .unwrap_or_default();
    let Some(after) = &scene.after else {
        return format!("set aside, because: {reasons}");
    };
    let Some(before) = &scene.before else {
        return format!("opens {}. {}", after.id, sentence(after));
    };
    let mut moved = Vec::new();
    if before.assignee != after.assignee {
        let assignee = after.assignee.as_deref().unwrap_or("nobody");
        moved.push(format!("assigned to {assignee}"));
    }
    if before.priority != after.priority {
        moved.push(format!("now {}", after.priority.word()));
    }
    if before.status != after.status {
        moved.push(format!(
            "from {} to {}",
            before.status.word(),
            after.status.word()
        ));
    }
    let id = &after.id;
    match (
        filed.map(|filed| filed.outcome.as_deref()),
        moved.is_empty(),
    ) {
        (None, _) => format!("an honest word about {id}, and the next promise"),
        (Some(Some("kept")), _) => format!("kept with {id}, nothing changes: {reasons}"),
        (Some(_), true) => format!("joins {id}"),
        (Some(_), false) => format!("{id}: {}", moved.join(", ")),
    }
}

/// A ticket's priority with its reasons: the words that speak for it, and what clearly spoke for less.
pub fn sentence(ticket: &Ticket) -> String {
    let part = |about: Subject, word: &str, level: &str| {
        let (mut because, mut despite) = (Vec::new(), Vec::new());
        for reason in evidence(ticket, about) {
            let said = format!("\"{}\"", shown(&reason.because));
            if reason.level == level {
                because.push(said);
            } else if reason.level == Urgency::Low.word() && reason.weight > 1 {
                despite.push(said);
            }
        }
        let mut part = format!("{word} {level}");
        if !because.is_empty() {
            part.push_str(&format!(" ({})", because.join(", ")));
        }
        if !despite.is_empty() {
            part.push_str(&format!(" despite {}", despite.join(", ")));
        }
        part
    };
    format!(
        "{}: {}, {}.",
        ticket.priority.word(),
        part(Subject::Impact, "impact", ticket.impact.word()),
        part(Subject::Urgency, "urgency", ticket.urgency.word())
    )
}

/// What speaks for or against the impact or urgency that a ticket has.
pub fn evidence(ticket: &Ticket, about: Subject) -> Vec<&Reason> {
    let counts = |reason: &&Reason| reason.about == about && reason.weight != 0;
    ticket.reasons.iter().filter(counts).collect()
}

/// The hour of a moment, where the desk is.
pub fn hour(at: Timestamp, timezone: &TimeZone) -> String {
    at.to_zoned(timezone.clone()).strftime("%H:%M").to_string()
}

/// `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Writes `text` in lines of `WIDTH`, the first after `first`, the others after `next`.
fn wrapped(out: &mut impl Write, first: &str, next: &str, text: &str) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        let length = line.chars().count() + word.chars().count() + 1;
        if !empty && length > WIDTH {
            writeln!(out, "{line}")?;
            line = next.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        let mut out = Vec::new();
        let long = "x".repeat(100);
        wrapped(
            &mut out,
            "09:04  ",
            "       ",
            &format!("{} {long} end", "word ".repeat(20)),
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("09:04  word word") && lines[0].len() <= WIDTH);
        assert_eq!(lines[2], format!("       {long}"));
        assert_eq!(lines[3], "       end");
    }

    #[test]
    fn a_word_for_the_shell_stays_one_word() {
        assert_eq!(quoted("/tmp/a-b.toml"), "/tmp/a-b.toml");
        assert_eq!(quoted("<a'b@c d>"), r"'<a'\''b@c d>'");
    }
}
