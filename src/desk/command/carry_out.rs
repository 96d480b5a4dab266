//! What each command does to a ticket: all of a mail's commands, or none of them.
//!
//! People and teams are in `ownership.rs`, other tickets in `grouping.rs` and `outage.rs`, recipes in `recipes.rs`, taking back in `undo.rs`. Who
//! may give orders is `proof.rs`; who is told of what was done is `desk/reply.rs`.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use jiff::Timestamp;

use super::{Command, Order, grouping, handoff, outage, ownership, recipes, undo};
use crate::desk::act::{self, Act, SentLetter};
use crate::desk::case::Case;
use crate::desk::event::Effect;
use crate::desk::ids::TicketId;
use crate::desk::notice::{HeldLetter, No, Notice, NoticeKind, Refusal, Refused, Role};
use crate::desk::people::Technician;
use crate::desk::ticket::{Change, EntryKind, Status, Ticket};
use crate::desk::triage::{Impact, Place, Priority, Reason, Subject, Urgency};

/// What the history calls whoever gives orders at the shell in nobody's name.
pub const SHELL: &str = "shell";

/// Who gives orders.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// What the history calls them.
    pub name: &'a str,
    /// The technician; `None` for orders from the shell that are given in nobody's name.
    pub technician: Option<&'a Technician>,
}

impl<'a> Actor<'a> {
    /// A technician who gives orders.
    pub fn technician(technician: &'a Technician) -> Self {
        Self {
            name: &technician.name,
            technician: Some(technician),
        }
    }

    /// Whoever works at the shell of the machine.
    pub fn shell() -> Self {
        Self {
            name: SHELL,
            technician: None,
        }
    }

    /// What their acts are kept under.
    pub fn key(&self) -> &'a str {
        self.technician
            .map_or(self.name, |technician| &technician.key)
    }
}

/// An order for one of several tickets.
#[derive(Clone, Debug)]
pub struct Errand<'o> {
    /// The ticket.
    pub ticket: TicketId,
    /// What is ordered.
    pub order: &'o Order,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// The commands, one line each.
    pub lines: Vec<String>,
    /// The commands that were taken back.
    pub undone: Vec<String>,
    /// Letters to the outside that cannot be taken back with them.
    pub gone: Vec<SentLetter>,
    /// A ticket that was opened.
    pub opened: Option<TicketId>,
}

/// Carries the errands of one mail out, all or none. When one is refused the case is as before, and every order is
/// listed with its reason.
pub fn carry_out(
    case: &mut Case<'_>,
    errands: &[Errand<'_>],
    by: &Actor<'_>,
) -> Result<Done, Vec<Refused>> {
    let mut tried = case.clone();
    let mut done = Done::default();
    let alone = |command: &Command| matches!(command, Command::Undo);
    let crowd = errands.len() > 1;
    // A recipe is made of what the others leave behind: a solution may stand below it.
    let is_last = |errand: &&Errand<'_>| matches!(errand.order.command, Command::Recipe(_));
    let mut turns: Vec<(usize, &Errand<'_>)> = errands.iter().enumerate().collect();
    turns.sort_by_key(|(_, errand)| is_last(errand));
    let mut outcomes: Vec<(usize, Result<(), No>)> = turns
        .into_iter()
        .map(|(turn, errand)| {
            (turn, {
                let mut work = |case: &mut Case<'_>| {
                    let before = case.ticket.status;
                    one(case, &errand.order.command, by, &mut done)?;
                    outage::along(case, &errand.order.command, before, by);
                    Ok(())
                };
                match errand.ticket == tried.ticket.id {
                    _ if crowd && alone(&errand.order.command) => Err(Refusal::Alone.into()),
                    true => work(&mut tried),
                    false => tried
                        .aside(&errand.ticket, work)
                        .unwrap_or_else(|| Err(No::named(Refusal::NoTicket, &errand.ticket))),
                }
            })
        })
        .collect();
    outcomes.sort_by_key(|(turn, _)| *turn);
    if outcomes.iter().all(|(_, outcome)| outcome.is_ok()) {
        *case = tried;
        done.lines = errands
            .iter()
            .map(|errand| errand.order.line.clone())
            .collect();
        return Ok(done);
    }
    let refused = errands.iter().zip(outcomes).map(|(errand, (_, outcome))| {
        let no = outcome.err().unwrap_or(Refusal::WithTheOthers.into());
        no.of(&errand.order.line)
    });
    Err(refused.collect())
}

/// What was done as it is kept for `/undo`; `None` for what was taken back. `before` is the ticket in hand
/// before the commands, `from` the number of effects that were ordered before them.
pub fn act(
    case: &Case<'_>,
    before: &Ticket,
    from: usize,
    done: &Done,
    by: &Actor<'_>,
) -> Option<Act> {
    let mut moves = act::moves(before, &case.ticket);
    for (number, after) in &case.touched {
        if let Some(before) = case.seen.tickets.get(number) {
            moves.extend(act::moves(before, after));
        }
    }
    for (number, after) in &case.fixes {
        let before = case.seen.fixes.get(number).cloned();
        moves.extend(act::moved_fix(before, after));
    }
    done.undone.is_empty().then(|| Act {
        ticket: before.id.clone(),
        by: by.key().to_owned(),
        at: case.now,
        cause: case.cause().to_owned(),
        lines: done.lines.clone(),
        moves,
        opened: done.opened.clone(),
        letters: stoppable(case.effects.get(from..).unwrap_or_default()),
    })
}

/// The letters to requesters and watchers among `effects`, each once for each ticket.
pub fn letters(effects: &[Effect]) -> Vec<SentLetter> {
    to_outside(effects).map(sent).collect()
}

/// The letters that are stopped with an act when it is taken back: those, and what tells technicians of a ticket that is
/// theirs now. What passes a person's words on to them goes out.
fn stoppable(effects: &[Effect]) -> Vec<SentLetter> {
    let is_about_it = |notice: &Notice| {
        notice.to.role != Role::Technician || notice.kind == NoticeKind::NewTicket
    };
    each(effects, is_about_it).map(sent).collect()
}

/// The letters to requesters and watchers that wait for a person.
pub fn held(effects: &[Effect]) -> Vec<HeldLetter> {
    let waiting = to_outside(effects).filter_map(|notice| {
        Some(HeldLetter {
            letter: sent(notice),
            because: notice.hold.clone()?,
        })
    });
    waiting.collect()
}

fn to_outside(effects: &[Effect]) -> impl Iterator<Item = &Notice> {
    each(effects, |notice| notice.to.role != Role::Technician)
}

/// The notices that are `wanted`, each letter once.
fn each(effects: &[Effect], wanted: impl Fn(&Notice) -> bool) -> impl Iterator<Item = &Notice> {
    let mut known = BTreeSet::new();
    let notices = effects.iter().filter_map(move |effect| match effect {
        Effect::Notify(notice) if wanted(notice) => Some(&**notice),
        _ => None,
    });
    notices.filter(move |notice| {
        let (ticket, to) = (notice.ticket.id.clone(), notice.to.address.clone());
        known.insert((ticket, notice.kind, to))
    })
}

fn sent(notice: &Notice) -> SentLetter {
    SentLetter {
        ticket: Some(notice.ticket.id.clone()),
        kind: notice.kind.word().to_owned(),
        to: notice.to.address.clone(),
    }
}

pub(super) fn one(
    case: &mut Case<'_>,
    command: &Command,
    by: &Actor<'_>,
    done: &mut Done,
) -> Result<(), No> {
    let name = by.name;
    // A ticket that goes on in another one is worked there.
    if case.ticket.status == Status::Merged && !matches!(command, Command::Undo | Command::Note(_))
    {
        return Err(Refusal::NotNow.into());
    }
    match command {
        Command::Take => match by.technician {
            Some(technician) => ownership::assign(case, technician, name),
            None => Err(Refusal::Nobody.into()),
        },
        Command::Assign(who) => {
            let technician = ownership::find_technician(case, who, by)?;
            ownership::assign(case, technician, name)
        }
        Command::Team(which) => ownership::team(case, which, name),
        Command::Escalate(words) => ownership::escalate(case, words, by),
        Command::Watch(who) => ownership::watch(case, who, by, true),
        Command::Unwatch(who) => ownership::watch(case, who, by, false),
        Command::Requester(who) => ownership::requester(case, who, name),
        Command::Priority(priority, why) => {
            let (impact, urgency) = (case.ticket.impact, case.ticket.urgency);
            rank(
                case,
                name,
                (impact, urgency, *priority),
                Subject::Priority,
                why,
            )
        }
        Command::Impact(impact, why) => {
            let urgency = case.ticket.urgency;
            let ranked = (*impact, urgency, Priority::of(*impact, urgency));
            rank(case, name, ranked, Subject::Impact, why)
        }
        Command::Urgency(urgency, why) => {
            let impact = case.ticket.impact;
            let ranked = (impact, *urgency, Priority::of(impact, *urgency));
            rank(case, name, ranked, Subject::Urgency, why)
        }
        Command::Wait(until, why) => {
            let why = why.as_deref().unwrap_or("it is the requester's turn");
            pause(case, Status::WaitingRequester, *until, name, why)
        }
        Command::Snooze(until, why) => {
            let why = why.as_deref().unwrap_or("put aside");
            pause(case, Status::Snoozed, Some(*until), name, why)
        }
        Command::Handoff(words) => handoff::hand_over(case, words, by),
        Command::Open => moved(case, Status::Open, name, "work goes on"),
        Command::Resolve(what) => {
            solution(case, what.as_deref(), name);
            moved(case, Status::Resolved, name, "solved")
        }
        Command::Close(what) => {
            solution(case, what.as_deref(), name);
            moved(case, Status::Closed, name, "done")
        }
        Command::Note(words) => {
            case.append(EntryKind::Note, name, words, None);
            Ok(())
        }
        Command::Cause(words) => fact(case, name, "cause", words, Change::Cause),
        Command::Solution(words) => fact(case, name, "solution", words, Change::Solution),
        Command::Category(which) => fact(
            case,
            name,
            "category",
            &which.to_lowercase(),
            Change::Category,
        ),
        Command::Time(minutes) => {
            case.change(Change::Minutes(*minutes));
            let text = format!("{minutes} minutes worked");
            case.append(EntryKind::Fact, name, text, None);
            Ok(())
        }
        Command::Link(which) => grouping::link(case, *which, name),
        Command::Merge(which) => grouping::merge(case, *which, name),
        Command::Split(None) if case.ticket.master().is_some() => {
            outage::leave(case, name);
            Ok(())
        }
        Command::Split(subject) => {
            done.opened = Some(grouping::split(case, subject.as_deref(), name)?);
            Ok(())
        }
        Command::Undo => {
            let taken_back = undo::take_back(case, name)?;
            done.undone = taken_back.lines;
            done.gone = taken_back.letters;
            Ok(())
        }
        Command::Chase => chase(case, name),
        // Those say how the others are meant, and are dealt with before.
        Command::Dry | Command::Help | Command::Confirm => Ok(()),
        Command::Outage(called) => outage::declare(case, called.as_deref(), name),
        Command::UnderOutage(which) => outage::join(case, *which, name),
        Command::Recipe(order) => recipes::recipe(case, order, name),
    }
}

fn rank(
    case: &mut Case<'_>,
    by: &str,
    (impact, urgency, priority): (Impact, Urgency, Priority),
    about: Subject,
    why: &Option<String>,
) -> Result<(), No> {
    let level = match about {
        Subject::Impact => impact.word(),
        Subject::Urgency => urgency.word(),
        _ => priority.word(),
    };
    let mut reasons = case.ticket.reasons.clone();
    reasons.push(Reason {
        about,
        level: level.to_owned(),
        because: why.clone().unwrap_or_else(|| format!("{by} decided")),
        r#where: Place::Technician,
        weight: 0,
    });
    let was = case.ticket.priority;
    case.change(Change::Rank {
        impact,
        urgency,
        priority,
        reasons,
    });
    let why = why.as_ref().map(|why| format!(": {why}"));
    let what = match about {
        Subject::Impact => format!(" (impact {level})"),
        Subject::Urgency => format!(" (urgency {level})"),
        _ => String::new(),
    };
    let text = format!(
        "{} -> {}{what}{}",
        was.word(),
        priority.word(),
        why.unwrap_or_default()
    );
    case.append(EntryKind::Priority, by, text, None);
    Ok(())
}

/// Lets a ticket rest until somebody answers or `until` comes. One that rests already gets the new moment.
pub(super) fn pause(
    case: &mut Case<'_>,
    status: Status,
    until: Option<Timestamp>,
    by: &str,
    why: &str,
) -> Result<(), No> {
    if until.is_some_and(|until| until <= case.now) {
        return Err(Refusal::Past.into());
    }
    let until_when = until.map_or(String::new(), |until| format!(", until {until}"));
    // Whoever waits on purpose has given the requester their time anew.
    if case.ticket.reminding.is_some() {
        case.change(Change::Remind(None));
    }
    if case.ticket.status == status {
        let text = format!("still {}: {why}{until_when}", status.word());
        case.append(EntryKind::Status, by, text, None);
    } else {
        moved(case, status, by, &format!("{why}{until_when}"))?;
    }
    case.change(Change::Wake(until));
    Ok(())
}

/// Asks the requester once more. A ticket that waits for somebody else or is over has nothing to ask.
fn chase(case: &mut Case<'_>, by: &str) -> Result<(), No> {
    if case.ticket.status == Status::WaitingRequester {
        let text = "the requester is asked once more";
        case.append(EntryKind::Status, by, text, None);
    } else {
        moved(case, Status::WaitingRequester, by, "the requester is asked")?;
    }
    case.chased.insert(case.ticket.id.number());
    Ok(())
}

fn moved(case: &mut Case<'_>, to: Status, by: &str, why: &str) -> Result<(), No> {
    if case.move_to(to, by, why) {
        Ok(())
    } else {
        Err(Refusal::NotNow.into())
    }
}

fn solution(case: &mut Case<'_>, what: Option<&str>, by: &str) {
    if let Some(what) = what {
        case.change(Change::Solution(what.to_owned()));
        case.append(EntryKind::Fact, by, format!("solution: {what}"), None);
    }
}

fn fact(
    case: &mut Case<'_>,
    by: &str,
    what: &str,
    words: &str,
    change: fn(String) -> Change,
) -> Result<(), No> {
    case.change(change(words.to_owned()));
    case.append(EntryKind::Fact, by, format!("{what}: {words}"), None);
    Ok(())
}

/// The ticket with this number, whatever stands before the dash.
pub(super) fn ticket_numbered<'c>(
    case: &'c Case<'_>,
    number: NonZeroU32,
) -> Result<&'c Ticket, No> {
    let id = TicketId::new(case.ticket.id.prefix(), number);
    case.current(&id).ok_or(No::named(Refusal::NoTicket, &id))
}
