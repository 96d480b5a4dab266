//! `guichet ticket note|assign|status|priority|merge|order`: what technicians order by mail, at the shell.
//!
//! The same event, the same entries and the same letters as a mail's commands; the shell's user may do
//! anything, as they could with the file itself. It works while the daemon runs, which carries the letters.
//! Exit: 0 done, 1 no such ticket, 64 the arguments make no sense, 65 refused and nothing done.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::tickets::as_value;
use super::{DATA, Failure, NOT_FOUND, OK, USAGE, settings, shown};
use crate::clock::Clock;
use crate::desk::act::SentLetter;
use crate::desk::command::when::{self, Here};
use crate::desk::command::{self, Command, Order};
use crate::desk::event::Effect;
use crate::desk::hold;
use crate::desk::ids::TicketId;
use crate::desk::notice::{Hint, Receipt, Refusal, Refused};
use crate::desk::ticket::{Status, Ticket};
use crate::desk::triage::Priority;
use crate::gateway::{self, Gateway};

/// How an order is given.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct How {
    /// In whose name: a technician's name in the configuration
    #[arg(long = "as", value_name = "TECHNICIAN")]
    pub technician: Option<String>,
    /// Only say what would be done
    #[arg(long)]
    pub dry: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is ordered.
#[derive(Clone, Debug)]
pub enum What {
    /// Words kept for technicians.
    Note(String),
    /// Who has it from now on.
    Assign(String),
    /// Where it stands from now on, and perhaps until when.
    Status(String, Option<String>),
    /// How pressing it is, and perhaps why.
    Priority(String, Option<String>),
    /// The ticket it goes on in.
    Merge(String),
    /// Commands as technicians write them, one each.
    Lines(Vec<String>),
}

/// Carries an order out and prints what was done.
pub fn run(
    config: Option<&Path>,
    id: &str,
    what: &What,
    how: &How,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let usage = |message: String| Failure::new(USAGE, message);
    let id: TicketId = id.parse().map_err(|error| usage(format!("{error}")))?;
    let (settings, _) = settings(config)?;
    if !settings.store.exists() {
        return Err(unknown(&id));
    }
    if let Some(key) = &how.technician
        && !settings.people.technicians.contains_key(key)
    {
        let known: Vec<&str> = settings
            .people
            .technicians
            .keys()
            .map(String::as_str)
            .collect();
        return Err(usage(format!(
            "there is no [technician.{key}] in the configuration; --as takes one of: {}",
            known.join(", ")
        )));
    }
    let desk = settings.people.desks.values().next();
    let here = Here {
        now: Clock::System.now(),
        zone: desk.map_or(TimeZone::UTC, |desk| desk.timezone.clone()),
    };
    let mut orders = orders(what, &here)?;
    if how.dry {
        orders.push(Order {
            line: "/dry".to_owned(),
            command: Command::Dry,
        });
    }
    let gateway = Gateway::open(settings, Clock::System)?;
    let effects = ordered(&gateway, &id, how.technician.clone(), orders, here.now)?;
    let answer = effects.iter().find_map(|effect| match effect {
        Effect::Answer(answer) => Some(answer.as_ref()),
        _ => None,
    });
    let (receipt, ticket) = answer.ok_or_else(|| unknown(&id))?;
    match how.json {
        true => writeln!(out, "{}", object(receipt, ticket))?,
        false => print(receipt, ticket, out)?,
    }
    match receipt.refused.is_empty() {
        true => Ok(OK),
        false => Ok(DATA),
    }
}

fn ordered(
    gateway: &Arc<Gateway>,
    id: &TicketId,
    technician: Option<String>,
    orders: Vec<Order>,
    now: Timestamp,
) -> Result<Vec<Effect>, Failure> {
    let (shared, ticket) = (gateway.clone(), id.clone());
    let effects = gateway.store.write_blocking(move |tx| {
        gateway::order(&shared, tx, &ticket, technician.as_deref(), orders, now)
    })?;
    effects.ok_or_else(|| unknown(id))
}

fn unknown(id: &TicketId) -> Failure {
    Failure::new(
        NOT_FOUND,
        format!("there is no ticket {id}; see `guichet tickets --all`"),
    )
}

/// The orders that are meant, each with the line that a mail would have.
fn orders(what: &What, here: &Here) -> Result<Vec<Order>, Failure> {
    let usage = |message: String| Failure::new(USAGE, message);
    let one = |line: String, command: Command| vec![Order { line, command }];
    Ok(match what {
        What::Note(words) if words.trim().is_empty() => {
            return Err(usage("a note needs words".to_owned()));
        }
        What::Note(words) => one("/note".to_owned(), Command::Note(words.clone())),
        What::Assign(who) => one(format!("/assign {who}"), Command::Assign(who.clone())),
        What::Priority(which, why) => {
            let priority = Priority::parse(which).ok_or_else(|| {
                usage(format!(
                    "`{which}` is not a priority; write P1, P2, P3 or P4"
                ))
            })?;
            let line = format!("/{}", priority.word().to_lowercase());
            one(line, Command::Priority(priority, why.clone()))
        }
        What::Merge(into) => {
            let into: TicketId = into.parse().map_err(|error| usage(format!("{error}")))?;
            let number: NonZeroU32 = into.number();
            one(format!("/merge {into}"), Command::Merge(Some(number)))
        }
        What::Status(word, until) => {
            let until = until
                .as_deref()
                .map(|until| moment(until, here))
                .transpose()?;
            let command = status(word, until)?;
            one(format!("/{word}"), command)
        }
        What::Lines(lines) => {
            let marked = |line: &String| match line.starts_with(['/', '#']) {
                true => line.clone(),
                false => format!("/{line}"),
            };
            let text: Vec<String> = lines.iter().map(marked).collect();
            let read = command::read(&text.join("\n"), here, &[]);
            if let Some(refused) = read.refused.first() {
                let meant = refused.did_you_mean.as_ref();
                let meant =
                    meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
                let because = because(refused);
                return Err(usage(format!("`{}`: {because}{meant}", refused.line)));
            }
            if read.orders.is_empty() || !read.text.is_empty() {
                let message = "that is no command; write them as technicians do, such as \"/take\" \"/p2 because ...\"";
                return Err(usage(message.to_owned()));
            }
            read.orders
        }
    })
}

fn moment(text: &str, here: &Here) -> Result<Timestamp, Failure> {
    let exact = text.parse::<Timestamp>().ok().filter(|at| *at > here.now);
    exact.map_or_else(|| when::moment(text, here), Ok).map_err(|_| {
        Failure::new(
            USAGE,
            format!("`{text}` is no moment to come; write for example 2d, \"monday 9:00\" or 2026-12-01T08:00:00Z"),
        )
    })
}

fn status(word: &str, until: Option<Timestamp>) -> Result<Command, Failure> {
    let usage = |message: String| Failure::new(USAGE, message);
    let reached = [
        "open",
        "waiting-requester",
        "waiting-provider",
        "snoozed",
        "resolved",
        "closed",
    ];
    let unless = |command: Command| match until {
        None => Ok(command),
        Some(_) => Err(usage(
            "--until goes with waiting-requester and snoozed".to_owned(),
        )),
    };
    match Status::of(word) {
        Some(Status::Open) => unless(Command::Open),
        Some(Status::WaitingRequester) => Ok(Command::Wait(until, None)),
        Some(Status::WaitingProvider) => {
            unless(Command::Handoff("it is an outside firm's turn".to_owned()))
        }
        Some(Status::Snoozed) => match until {
            Some(until) => Ok(Command::Snooze(until, None)),
            None => Err(usage(
                "snoozed needs --until, for example --until 2d".to_owned(),
            )),
        },
        Some(Status::Resolved) => unless(Command::Resolve(None)),
        Some(Status::Closed) => unless(Command::Close(None)),
        Some(Status::New | Status::Merged) | None => Err(usage(format!(
            "`{word}` is no status to move to; write one of: {}",
            reached.join(", ")
        ))),
    }
}

fn object(receipt: &Receipt, ticket: &Ticket) -> Value {
    let mut object = as_value(ticket);
    let refused = receipt.refused.iter().map(|refused| {
        json!({
            "line": refused.line,
            "because": refused.because.word(),
            "named": refused.named,
            "did_you_mean": refused.did_you_mean,
        })
    });
    let letters = receipt
        .letters
        .iter()
        .map(|letter| json!({"ticket": ticket_of(letter), "notice": letter.kind, "to": letter.to.as_str()}));
    let held = receipt.held.iter().map(|held| {
        json!({
            "ticket": ticket_of(&held.letter),
            "notice": held.letter.kind,
            "to": held.letter.to.as_str(),
            "reason": held.because.reason(),
        })
    });
    let others = receipt.others.iter().map(as_value);
    if let Some(object) = object.as_object_mut() {
        object.insert("done".to_owned(), json!(receipt.done));
        object.insert("undone".to_owned(), json!(receipt.undone));
        object.insert("refused".to_owned(), refused.collect());
        object.insert("dry".to_owned(), json!(receipt.dry));
        object.insert("letters".to_owned(), letters.collect());
        object.insert("held".to_owned(), held.collect());
        object.insert("others".to_owned(), others.collect());
    }
    object
}

fn ticket_of(letter: &SentLetter) -> Option<String> {
    letter.ticket.as_ref().map(ToString::to_string)
}

fn print(receipt: &Receipt, ticket: &Ticket, out: &mut impl Write) -> std::io::Result<()> {
    let done = match receipt.dry {
        true => "would do",
        false => "done",
    };
    for line in &receipt.done {
        writeln!(out, "{done}: {}", shown(line))?;
    }
    for line in &receipt.undone {
        writeln!(out, "taken back: {}", shown(line))?;
    }
    for refused in &receipt.refused {
        let meant = refused.did_you_mean.as_ref();
        let meant = meant.map_or(String::new(), |meant| format!(" ({})", shown(meant)));
        let because = because(refused);
        writeln!(out, "refused: {}: {because}{meant}", shown(&refused.line))?;
    }
    if let Some(hint) = receipt.hint {
        writeln!(out, "note: {}", to_configure(hint))?;
    }
    let names_tickets = receipt.names_tickets(&ticket.id);
    let about = |letter: &SentLetter| {
        let ticket = ticket_of(letter).filter(|_| names_tickets);
        ticket.map_or(String::new(), |ticket| format!(" about {ticket}"))
    };
    for letter in &receipt.letters {
        let what = match receipt.dry {
            true => "would go out",
            false => "stays out",
        };
        let about = about(letter);
        writeln!(out, "{what}: {} to {}{about}", letter.kind, letter.to)?;
    }
    for held in &receipt.held {
        let what = match receipt.dry {
            true => "would wait",
            false => "waits",
        };
        let reason = held.because.reason();
        let letter = &held.letter;
        writeln!(
            out,
            "{what}: {} to {}{}: {}",
            letter.kind,
            letter.to,
            about(letter),
            shown(&reason)
        )?;
        if let Some(step) = hold::next_step(&reason) {
            writeln!(out, "  what to do: {step} (guichet outbox --held)")?;
        }
    }
    for ticket in std::iter::once(ticket).chain(&receipt.others) {
        let (status, priority) = (ticket.status.word(), ticket.priority.word());
        let who = ticket.assignee.as_deref().unwrap_or("nobody");
        let outage = ticket.outage.as_ref();
        let outage = outage.map_or(String::new(), |master| format!(", outage {master}"));
        let is = match receipt.dry {
            true => "would be",
            false => "is",
        };
        writeln!(
            out,
            "{} {is} {status}, {priority}, with {who}{outage}",
            ticket.id
        )?;
    }
    Ok(())
}

fn to_configure(hint: Hint) -> &'static str {
    match hint {
        Hint::NoProvider => "nobody was written to; add a section [provider.NAME] with its address",
        Hint::NoAddress => "nobody was written to; add `address` to the section of that provider",
    }
}

/// Why a line was refused, with what it names.
fn because(refused: &Refused) -> String {
    let named = shown(refused.named.as_deref().unwrap_or_default());
    sentence(refused.because).replace("{what}", &named)
}

fn sentence(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Level => "`{what}` is no level; write low, medium or high",
        Refusal::Duration => "`{what}` is no length of time; write for example 30m",
        Refusal::TicketNumber => "`{what}` is no ticket number",
        Refusal::NoTicket => "there is no ticket {what}",
        Refusal::Itself => "{what} is the ticket itself",
        Refusal::NoPerson => "no technician has the name or the address `{what}`",
        Refusal::NoTeam => "there is no team `{what}`",
        Refusal::Address => "`{what}` is no email address",
        Refusal::OwnAddress => "{what} is an address of a desk",
        Refusal::NoRow => "there is no number {what} in the list",
        Refusal::Ambiguous => "several technicians fit `{what}`",
        Refusal::Unknown => "there is no such command",
        Refusal::Missing => "something has to follow it",
        Refusal::Superfluous => "nothing may follow it",
        Refusal::WhichTicket => "it is not clear which ticket is meant; write its number",
        Refusal::Nobody => "nobody is named; give it in somebody's name with --as, or name them",
        Refusal::NoLead => "nobody is above; name a team",
        Refusal::TooMany => "there are too many commands at once",
        Refusal::RecipeText => "the text is too short or too long for a recipe",
        Refusal::RowFirst => "the number of the ticket must stand first",
        Refusal::Moment => "the date or duration is not understood",
        Refusal::Repeated => "it was done already",
        Refusal::Past => "that moment has passed",
        Refusal::TooFar => "that moment is more than a year away",
        Refusal::Wall => "the people of the two tickets are not of one organisation",
        Refusal::Alone => "it must be the only command",
        Refusal::Provider => "no outside firm of that name is configured",
        Refusal::NothingToUndo => "there is nothing to take back",
        Refusal::Stays => "what was noted stays in the history",
        Refusal::ChangedSince => "something has been changed since",
        Refusal::Confirm => "so much at once must be confirmed",
        Refusal::NotNow => "the ticket's state does not allow it",
        Refusal::NotProven
        | Refusal::OthersLetter
        | Refusal::OldLetter
        | Refusal::NotAuthenticated
        | Refusal::OddDate
        | Refusal::OddSender => "nothing proves who sent it",
        Refusal::NoSolution => "the ticket has no solution yet; add \"/solution ...\"",
        Refusal::RecipeExists => {
            "there is such a recipe already; choose another title, or see `guichet recipes list`"
        }
        Refusal::NoDraft => "there is no draft of a recipe; \"/recipe\" makes one",
        Refusal::NoWords => {
            "nothing says what it is recognised by; add for example \"/recipe words: vpn + disconnect*, drops\""
        }
        Refusal::EraseAtShell => "a person is erased with `guichet erase ADDRESS`",
        Refusal::ExportAtShell => {
            "a person's data are exported with `guichet export ADDRESS --output DIR`"
        }
        Refusal::WithTheOthers => "another command was refused, so none was carried out",
    }
}
