//! The desk's one door: an event comes in, effects come out.
//!
//! It asks the other files in plain order and computes nothing itself: seen before? what is it? which
//! ticket? who writes? Each answer is a small pure function in its own file.

use jiff::Timestamp;

use super::digest::readers;
use super::event::{Effect, Event, Filing, Outcome, Snapshot};
use super::ids::TicketId;
use super::mail::{InboundMail, Verdict};
use super::rules::Rules;
use super::thread::{self, Found};
use super::ticket::Ticket;
use super::{
    away, bundle, delivery, newcomer, nudge, orders, promise, provider, queue, queue_answer,
    reminder, reply, wake,
};

/// What is to be done about `event` at `now`. The same input gives the same effects in the same order.
pub fn decide(rules: &Rules, seen: &Snapshot, event: &Event, now: Timestamp) -> Vec<Effect> {
    match event {
        Event::Arrived { desk, mail } => arrived(rules, seen, desk, mail, now),
        Event::Unreadable { desk, mail, reason } => {
            newcomer::unreadable(rules, seen, desk, mail, reason, now)
        }
        Event::Carried { letter, outcome } => delivery::carried(rules, letter, outcome, now),
        Event::Gathered { to, waiting } => bundle::told(rules, seen, to, waiting, now),
        Event::Tick => {
            let mut effects = wake::due(rules, seen, now);
            effects.extend(promise::due(rules, seen, now));
            effects.extend(nudge::due(rules, seen, now));
            effects.extend(reminder::due(rules, seen, now));
            effects
        }
        Event::Morning { technician, day } => queue::written(rules, seen, technician, *day, now),
        Event::Ordered {
            ticket,
            technician,
            orders: given,
            cause,
        } => {
            let technician = technician.as_deref();
            orders::at_shell(rules, seen, ticket, technician, given, cause, now)
        }
        Event::Agreed => promise::agreed(rules, seen, now),
    }
}

fn arrived(
    rules: &Rules,
    seen: &Snapshot,
    desk: &str,
    mail: &InboundMail,
    now: Timestamp,
) -> Vec<Effect> {
    if let Some(earlier) = &seen.copy_of {
        let because = format!("the same mail came in before (number {})", earlier.mail);
        return vec![filed(Outcome::Copy, earlier.ticket.clone(), because)];
    }
    if let Some(stop) = readers::asked_to_stop(&rules.key, &rules.people, desk, mail) {
        let because = format!("its writer wants no more digests about {}", stop.scope);
        return vec![
            Effect::StopDigest(stop),
            filed(Outcome::Kept, None, because),
        ];
    }
    match mail.origin.verdict {
        Verdict::Ourselves => vec![filed(
            Outcome::SetAside,
            None,
            "ourselves: our own letter came back".to_owned(),
        )],
        Verdict::Bounce => delivery::reported(rules, seen, mail, now),
        Verdict::AutoReply => automatic(rules, seen, mail, now),
        Verdict::Bulk
            if !newcomer::is_known_machine(rules, seen, mail)
                && !provider::is_awaited(rules, seen, mail) =>
        {
            let because = format!("bulk: {}", mail.origin.evidence.join(", "));
            vec![filed(Outcome::SetAside, None, because)]
        }
        Verdict::Bulk | Verdict::Person => written(rules, seen, desk, mail, now),
    }
}

/// A machine answered for somebody: kept with its ticket. Nothing follows from it but that somebody is known to be away.
fn automatic(rules: &Rules, seen: &Snapshot, mail: &InboundMail, now: Timestamp) -> Vec<Effect> {
    match thread::find(rules, seen, mail) {
        Found::Ticket(id, evidence) => {
            let because = format!("automatic answer ({evidence})");
            let mut effects = reply::keep(rules, seen, &id, mail, &because, now);
            if let Some(ticket) = seen.ticket(&id) {
                effects.append(&mut away::noted(rules, seen, ticket, mail, now));
                effects.append(&mut provider::noted(rules, seen, ticket, mail, now));
            }
            effects
        }
        Found::New { .. } => vec![filed(
            Outcome::SetAside,
            None,
            "auto-reply: an automatic answer to no ticket".to_owned(),
        )],
    }
}

/// Somebody wrote, or a machine whose reports are wanted.
fn written(
    rules: &Rules,
    seen: &Snapshot,
    desk: &str,
    mail: &InboundMail,
    now: Timestamp,
) -> Vec<Effect> {
    let answer = seen.sheet.as_ref();
    let answer = answer.and_then(|sheet| queue_answer::answered(rules, seen, mail, sheet, now));
    if let Some(effects) = answer {
        return effects;
    }
    match home(rules, seen, mail, now) {
        Home::Known(ticket, because) => reply::joined(rules, seen, ticket, mail, &because, now),
        Home::New { perhaps, because } => {
            newcomer::open(rules, seen, desk, mail, &perhaps, &because, now)
        }
    }
}

/// Where a mail goes, and why.
enum Home<'s> {
    /// To this ticket.
    Known(&'s Ticket, String),
    /// To a ticket of its own, which may be about others.
    New {
        perhaps: Vec<TicketId>,
        because: String,
    },
}

fn home<'s>(rules: &Rules, seen: &'s Snapshot, mail: &InboundMail, now: Timestamp) -> Home<'s> {
    let (id, because) = match thread::find(rules, seen, mail) {
        Found::Ticket(id, evidence) => (id, evidence),
        Found::New { perhaps, because } => {
            match seen.same_request.clone().filter(|_| perhaps.is_empty()) {
                Some(id) => (id, "the same request, sent again within a day".to_owned()),
                None => return Home::New { perhaps, because },
            }
        }
    };
    let Some(ticket) = seen.ticket(&id) else {
        return Home::New {
            perhaps: Vec::new(),
            because,
        };
    };
    // Whoever works a ticket may look back at it whenever they like; only a reporter's matter is a new one by then.
    let sender = mail.sender_identity();
    let staff = sender.as_ref().filter(|sender| !ticket.takes_part(sender));
    let works_here = staff.is_some_and(|sender| {
        rules.people.technician(sender).is_some()
            || provider::of(rules, seen, ticket, sender).is_some()
    });
    if !works_here
        && reply::is_too_late(rules, ticket, now)
        && reply::rating(seen, ticket, mail).is_none()
    {
        return Home::New {
            perhaps: vec![ticket.id.clone()],
            because: "its ticket was closed long ago".to_owned(),
        };
    }
    Home::Known(ticket, because)
}

/// Whether a mail written by a person would open a ticket, as far as is known: then it matters what others report. A mail
/// that answers "how did we do?" may count as one, for that is looked up later.
pub fn may_open(rules: &Rules, seen: &Snapshot, mail: &InboundMail, now: Timestamp) -> bool {
    matches!(home(rules, seen, mail, now), Home::New { .. })
}

/// The effect that says what became of the mail.
pub(super) fn filed(outcome: Outcome, ticket: Option<TicketId>, because: String) -> Effect {
    Effect::File(Filing {
        outcome,
        ticket,
        reasons: vec![because],
    })
}
