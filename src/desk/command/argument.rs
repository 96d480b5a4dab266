//! What stands behind a command: levels, people, tickets, moments, reasons.
//!
//! Says whether an argument has the right form. Whether there is such a person, team or ticket is told
//! where the command is carried out.

use std::num::NonZeroU32;

use super::when::{self, Here, Unusable};
use super::words::{self, Verb};
use super::{Command, RecipeOrder};
use crate::desk::notice::{No, Refusal};
use crate::desk::recipe::fix::Words;
use crate::desk::triage::{Impact, Urgency};

/// The command a verb and its argument make; why not, when the argument is missing, superfluous or senseless.
pub fn command(verb: Verb, argument: &str, here: &Here) -> Result<Command, No> {
    let argument = unquoted(argument);
    let some = (!argument.is_empty()).then(|| argument.to_owned());
    let wanted = some.clone().ok_or(Refusal::Missing);
    let alone = |command| match argument.is_empty() {
        true => Ok(command),
        false => Err(Refusal::Superfluous),
    };
    // Something of another form is wanted than what stands there.
    let unlike = |because| match argument.is_empty() {
        true => No::from(Refusal::Missing),
        false => No::named(because, argument),
    };
    Ok(match verb {
        Verb::Take => alone(Command::Take)?,
        Verb::Open => alone(Command::Open)?,
        Verb::Undo => alone(Command::Undo)?,
        Verb::Dry => alone(Command::Dry)?,
        Verb::Help => Command::Help,
        Verb::Chase => alone(Command::Chase)?,
        Verb::Confirm => alone(Command::Confirm)?,
        Verb::Priority(priority) => Command::Priority(priority, some.as_deref().map(reason)),
        Verb::Impact => {
            let (level, why) = level(argument).ok_or(unlike(Refusal::Level))?;
            let levels = [Impact::Low, Impact::Medium, Impact::High];
            Command::Impact(*levels.get(level).ok_or(unlike(Refusal::Level))?, why)
        }
        Verb::Urgency => {
            let (level, why) = level(argument).ok_or(unlike(Refusal::Level))?;
            let levels = [Urgency::Low, Urgency::Medium, Urgency::High];
            Command::Urgency(*levels.get(level).ok_or(unlike(Refusal::Level))?, why)
        }
        Verb::Wait => match some {
            None => Command::Wait(None, None),
            Some(text) => match because(&text) {
                Some(why) => Command::Wait(None, Some(why)),
                None => {
                    let (at, why) = when::moment_and_why(&text, here).map_err(unusable)?;
                    Command::Wait(Some(at), why)
                }
            },
        },
        Verb::Snooze => {
            let (at, why) = when::moment_and_why(&wanted?, here).map_err(unusable)?;
            Command::Snooze(at, why)
        }
        Verb::Resolve => Command::Resolve(some),
        Verb::Close => Command::Close(some),
        Verb::Split => Command::Split(some),
        // A name may end in a number: `Fibre Lyon 2`.
        Verb::Outage => match ticket(argument).filter(|_| !argument.contains(' ')) {
            Some(number) => Command::UnderOutage(number),
            None => Command::Outage(some),
        },
        Verb::Recipe => Command::Recipe(recipe(argument)?),
        Verb::Note => Command::Note(wanted?),
        Verb::Assign => Command::Assign(person(&wanted?)),
        Verb::Team => Command::Team(wanted?),
        Verb::Watch => Command::Watch(people(argument)),
        Verb::Unwatch => Command::Unwatch(people(argument)),
        Verb::Requester => Command::Requester(person(&wanted?)),
        Verb::Cause => Command::Cause(wanted?),
        Verb::Solution => Command::Solution(wanted?),
        Verb::Escalate => Command::Escalate(wanted?),
        Verb::Handoff => Command::Handoff(wanted?),
        Verb::Category => Command::Category(wanted?),
        Verb::Merge => match argument.trim() {
            "" => Command::Merge(None),
            named => Command::Merge(Some(ticket(named).ok_or(unlike(Refusal::TicketNumber))?)),
        },
        Verb::Link => Command::Link(ticket(argument).ok_or(unlike(Refusal::TicketNumber))?),
        // A mail may be forged, and a person is gone for good.
        Verb::Erase => return Err(Refusal::EraseAtShell.into()),
        Verb::Export => return Err(Refusal::ExportAtShell.into()),
        Verb::Time => Command::Time(when::minutes(argument).ok_or(unlike(Refusal::Duration))?),
    })
}

/// What words mean that answer the draft of a recipe: a plain ok approves it, others are its new text.
pub fn answer_to_draft(text: String) -> Command {
    Command::Recipe(match recipe(text.trim()) {
        Ok(approve @ RecipeOrder::Approve { .. }) => approve,
        _ => RecipeOrder::Text(text),
    })
}

/// `ok`, `ok all`, `drop`, `words: vpn + disconnect*`, or a title.
fn recipe(argument: &str) -> Result<RecipeOrder, Refusal> {
    let means = |text: &str, name: &str| {
        let text = words::fold(text);
        words::means(text.trim_matches([' ', '.', '!', ',']), name)
    };
    if let Some((head, words)) = argument.split_once(':')
        && means(head, "recipe-words")
    {
        let words = Words::parse(words).ok_or(Refusal::NoWords)?;
        return Ok(RecipeOrder::Words(words));
    }
    let (first, rest) = argument.split_once(' ').unwrap_or((argument, ""));
    let everybody = means(rest, "everybody");
    if means(first, "approve") && (rest.is_empty() || everybody) {
        return Ok(RecipeOrder::Approve { everybody });
    }
    if means(argument, "drop-recipe") {
        return Ok(RecipeOrder::Drop);
    }
    let title = (!argument.is_empty()).then(|| argument.to_owned());
    Ok(RecipeOrder::Make(title))
}

/// What follows a word such as `because` at the beginning of `why`; `None` when there is no such word.
pub fn because(why: &str) -> Option<String> {
    let tokens: Vec<&str> = why.split_whitespace().collect();
    (1..=3.min(tokens.len())).rev().find_map(|count| {
        let phrase = words::fold(&tokens.get(..count)?.join(" "));
        let rest = tokens.get(count..)?.join(" ");
        if words::means(&phrase, "because") {
            return (!rest.is_empty()).then_some(rest);
        }
        // `parce qu'il`: the word goes on behind the apostrophe.
        let (head, first) = phrase.split_at_checked(phrase.find('\'')? + 1)?;
        let first = (words::means(head, "because") && !first.is_empty()).then_some(first)?;
        Some(format!("{first} {rest}").trim().to_owned())
    })
}

fn unusable(why: Unusable) -> Refusal {
    match why {
        Unusable::NotUnderstood => Refusal::Moment,
        Unusable::Past => Refusal::Past,
        Unusable::TooFar => Refusal::TooFar,
    }
}

/// `"disk full"` -> `disk full`.
fn unquoted(argument: &str) -> &str {
    let marks = ['"', '«', '»', '“', '”', '„'];
    let argument = argument.trim();
    let is_quoted = argument.starts_with(marks) && argument.ends_with(marks);
    match is_quoted {
        true => argument.trim_matches(marks).trim(),
        false => argument,
    }
}

/// `because the till is down` -> `the till is down`.
fn reason(why: &str) -> String {
    let why = why.trim_start_matches([':', ',', '-', '–', ' ', '(']);
    because(why).unwrap_or_else(|| why.to_owned())
}

/// 0, 1 or 2 for low, medium and high, and the reason behind it.
fn level(argument: &str) -> Option<(usize, Option<String>)> {
    let (word, rest) = argument
        .split_once([' ', ',', ':'])
        .unwrap_or((argument, ""));
    let word = words::fold(word);
    let at = ["low", "medium", "high"]
        .iter()
        .position(|name| words::means(&word, name))?;
    let why = reason(rest.trim());
    Some((at, (!why.is_empty()).then_some(why)))
}

/// `INC-7`, `[INC-7]`, `inc 7`, `#7`, `7`: a ticket's number. The prefix does not matter.
fn ticket(argument: &str) -> Option<NonZeroU32> {
    let text = argument.trim_matches(['[', ']', '(', ')', '.', ' ', '#']);
    let text = words::fold(text);
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = text.get(..text.len() - digits.len())?;
    let is_prefix = prefix.chars().count() <= 12
        && prefix
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-# ".contains(c));
    is_prefix.then(|| digits.parse().ok()).flatten()
}

/// A name, or the address in what clients make of one: `ann@x <mailto:ann@x>`, `Ann <ann@x>`.
fn person(text: &str) -> String {
    let is_mark = |c: char| c.is_whitespace() || "<>()[]\",;".contains(c);
    let words = text.split(is_mark).filter(|word| !word.is_empty());
    let addresses = words.map(|word| word.trim_start_matches("mailto:").trim_start_matches('@'));
    addresses
        .filter(|word| word.contains('@'))
        .map(|word| word.trim_end_matches('.').to_owned())
        .next()
        .unwrap_or_else(|| {
            text.trim()
                .trim_start_matches('@')
                .trim_end_matches('.')
                .to_owned()
        })
}

fn people(text: &str) -> Vec<String> {
    let parts = text.split([',', ';']).map(str::trim);
    let mut people: Vec<String> = parts
        .flat_map(|part| match part.matches('@').count() {
            0 | 1 => vec![person(part)],
            _ => part
                .split_whitespace()
                .filter(|w| w.contains('@'))
                .map(person)
                .collect(),
        })
        .filter(|person| !person.is_empty())
        .collect();
    people.dedup();
    people
}
