//! What follows from orders for those who wait and those who work: the promise, and the letters.
//!
//! The requester's side hears of what moved, unless a technician's words say it better; whoever has the
//! ticket now and had not before is told. What the orders do is in `command`.

use super::case::{Case, Content};
use super::command::{Actor, brought_up, recipes};
use super::event::Effect;
use super::mail::InboundMail;
use super::notice::{NoticeKind, Progress, Recipient, Said};
use super::people::Technician;
use super::promise;
use super::reminder;
use super::reply::in_history;
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::corrections_between;

/// So many characters of a technician's words are kept for reminders: the question stands at the beginning or is short.
const REPEATED_MAX: usize = 2_000;

/// The words that come with orders.
pub struct Speech<'m> {
    /// The mail they stand in.
    pub mail: &'m InboundMail,
    /// Who wrote it.
    pub technician: &'m Technician,
    /// For the requester; empty when there are none.
    pub text: &'m str,
    /// The files that came with them.
    pub files: Vec<String>,
    /// Whether the requester's side gets words or files.
    pub public: bool,
}

/// Passes a technician's words on; the first to answer a ticket nobody has, has it, unless it has just been handed on.
pub fn publish(case: &mut Case<'_>, before: &Ticket, speech: &Speech<'_>) {
    let technician = speech.technician;
    let handed_on = case.ticket.team != before.team;
    answered(case, technician, !handed_on);
    // They are in touch with us through a technician, who has seen what they wrote.
    let requester = case.ticket.requester.clone();
    case.effects
        .push(Effect::Know(requester.address, Some(requester.locale)));
    let content = say(case, speech);
    case.tell_staff(NoticeKind::Message, &content, Some(&technician.address));
}

/// Passes the words on to those of a ticket that stands under the outage they were written about: to each as an answer
/// about their own.
pub fn pass_on(case: &mut Case<'_>, speech: &Speech<'_>) {
    let own = speech.technician.address.as_str();
    let text = in_history(speech.text, &speech.files);
    case.append(EntryKind::Mail, own, text, None);
    let key = &speech.technician.key;
    let master = case.ticket.master().and_then(|master| case.current(master));
    let has_master = master.is_some_and(|master| master.assignee.as_ref() == Some(key));
    answered(case, speech.technician, has_master);
    say(case, speech);
}

/// A technician answers a ticket; one that nobody has is theirs from now on if it `may_be`.
fn answered(case: &mut Case<'_>, technician: &Technician, may_be: bool) {
    if case.ticket.assignee.is_none() && may_be {
        case.change(Change::Assignee(Some(technician.key.clone())));
        let text = format!("{} answered first", technician.name);
        case.append(EntryKind::Assignment, &technician.name, text, None);
    }
    if case.ticket.status == Status::New {
        case.move_to(Status::Open, &technician.name, "answered");
    }
}

/// Writes the words to the requester's side of the ticket in hand. Gives them as they were said.
fn say(case: &mut Case<'_>, speech: &Speech<'_>) -> Content {
    let technician = speech.technician;
    let words = Said {
        by: technician.name.clone(),
        by_technician: true,
        at: case.now,
        text: speech.text.to_owned(),
        attachments: speech.files.clone(),
    };
    let content = Content {
        said: Some(words.clone()),
        ..Content::default()
    };
    // They are in touch with us through a technician, who has seen what they wrote.
    let requester = case.ticket.requester.clone();
    case.effects
        .push(Effect::Know(requester.address, Some(requester.locale)));
    if !words.text.is_empty() {
        let told = Said {
            text: words.text.chars().take(REPEATED_MAX).collect(),
            attachments: Vec::new(),
            ..words.clone()
        };
        let id = case.ticket.id.clone();
        case.effects.push(Effect::Told(id, Some(told)));
    }
    // First the new promise: the letter names it.
    promise::renew(case);
    case.tell_requester_side(NoticeKind::Update, &content, Some(&technician.address));
    content
}

/// Brings a ticket to rest after orders: what is promised, and who is told. `public`: the requester's side gets the
/// technician's words already.
pub fn settle(case: &mut Case<'_>, before: &Ticket, by: &Actor<'_>, public: bool) {
    for correction in corrections_between(before, &case.ticket, by.name) {
        let id = case.ticket.id.clone();
        case.effects.push(Effect::Correct(id, correction));
    }
    let rests = |ticket: &Ticket| !ticket.status.is_over() && !promise::is_running(ticket);
    if rests(&case.ticket) {
        // It is somebody else's turn, or nobody's before the moment comes.
        if case.ticket.next_news_at.is_some() {
            case.change(Change::NextNews(None));
        }
    } else if before.status.is_over() || rests(before) {
        promise::renew(case); // work begins again
    }
    reminder::settle(case, before, public);
    tell_outside(case, before, public);
    tell_staff(case, before, by);
    show_draft(case, by);
}

/// Shows the draft of a recipe to whoever ordered it; to whoever has the ticket when that was nobody.
fn show_draft(case: &mut Case<'_>, by: &Actor<'_>) {
    if !case.drafted.remove(&case.ticket.id.number()) {
        return;
    }
    let content = Content {
        fix: recipes::of(case).cloned(),
        ..Content::default()
    };
    match by.technician {
        Some(technician) => {
            let to = case.technician(technician);
            case.tell(NoticeKind::Recipe, to, &content);
        }
        None => case.tell_staff(NoticeKind::Recipe, &content, None),
    }
}

fn tell_outside(case: &mut Case<'_>, before: &Ticket, public: bool) {
    let status = case.ticket.status;
    let moved = status != before.status;
    let taken = case.ticket.assignee != before.assignee && case.ticket.assignee.is_some();
    let chased = case.chased.contains(&case.ticket.id.number());
    // Put off: for those who wait that is news, though the status is the same.
    let put_off = status == Status::Snoozed && case.ticket.wakes_at != before.wakes_at;
    let again = put_off;
    let escalated = case.escalated.contains_key(&case.ticket.id.number());
    let people = &case.rules.people.technicians;
    let assignee = case.ticket.assignee.as_ref();
    let assignee = assignee.and_then(|key| people.get(key));
    let progress = Progress {
        from: match again {
            true => Status::Open,
            false => before.status,
        },
        technician: assignee.map(|technician| technician.name.clone()),
        until: case.ticket.wakes_at,
        escalated,
    };
    let content = Content {
        progress: Some(progress),
        ..Content::default()
    };
    // Somebody who learns now that a ticket is theirs; and one letter says it.
    let is_new = case.ticket.requester.address != before.requester.address;
    let is_learned = is_new && !public && !status.is_over() && case.taken_back.is_none();
    let greeted = is_learned.then(|| case.requester());
    if let Some(to) = greeted.clone() {
        case.tell(NoticeKind::Acknowledgement, to, &Content::default());
    }
    let kind = match status {
        Status::Resolved if moved => NoticeKind::Resolved,
        Status::Closed if moved => NoticeKind::Closed,
        // Nobody but the requester is asked.
        _ if chased && !public => return reminder::tell(case),
        // A technician's words say it better than a form letter that he has begun.
        _ if (moved || taken || again || escalated) && !public => NoticeKind::Progress,
        _ => return,
    };
    // That something no longer holds is no news to those who never heard that it did.
    let id = case.ticket.id.clone();
    let had_heard = case.taken_back.as_ref().map(|those| {
        let here = those.iter().filter(|(ticket, _)| *ticket == id);
        here.map(|(_, who)| who.clone()).collect::<Vec<_>>()
    });
    let hears = |to: &Recipient| {
        let knows = greeted.as_ref().is_some_and(|greeted| greeted == to);
        let had_heard = had_heard.as_ref();
        !knows && had_heard.is_none_or(|those| those.contains(&to.address))
    };
    for to in case.requester_side().into_iter().filter(hears) {
        case.tell(kind, to, &content);
    }
}

/// Tells whoever has the ticket now and had not before.
fn tell_staff(case: &mut Case<'_>, before: &Ticket, by: &Actor<'_>) {
    let taken = case.ticket.assignee != before.assignee && case.ticket.assignee.is_some();
    let handed_on = case.ticket.team != before.team && case.ticket.assignee.is_none();
    // What came under it is theirs as well.
    let grew = case.ticket.is_master() && !before.is_master() && case.ticket.assignee.is_some();
    let content = brought_up(case);
    // To its own team perhaps, whose members did not look at it.
    let is_brought_up = content.escalation.is_some() && case.ticket.assignee.is_none();
    if (taken || handed_on || grew || is_brought_up) && !case.ticket.status.is_over() {
        let except = by.technician.map(|technician| &technician.address);
        case.tell_staff(NoticeKind::NewTicket, &content, except);
    }
}
