//! A recipe is offered with a new ticket, and the requester says what came of it.
//!
//! The ticket is in the queue all the while: a recipe costs nobody their place. Which one fits is the part of `recipe`.

use std::borrow::Cow;

use super::case::{Case, Content};
use super::closing::Answer;
use super::event::{Effect, Snapshot};
use super::ids::{Address, Language};
use super::mail::InboundMail;
use super::newcomer::heard;
use super::notice::{NoticeKind, Recipient};
use super::recipe::{self, Facts, Offer, Offered, Outcome};
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::Priority;

/// The recipe that is offered to `to` with the acknowledgement, if one is: only to somebody known who has the fault
/// himself and is answered at once.
pub fn offer(case: &mut Case<'_>, mail: &InboundMail, to: &Recipient) -> Option<Offer> {
    let (rules, seen) = (case.rules, case.seen);
    let is_their_own = mail.forwarded_from.is_none();
    if !to.verified || !is_their_own || case.hold_for(to).is_some() {
        return None;
    }
    let offer = fitting(rules, seen, mail, &case.ticket)?;
    let (name, title) = (&offer.recipe.name, &offer.recipe.title);
    let text = format!("recipe offered: {name}: {title}");
    let words = offer.words.join(" · ");
    case.append(EntryKind::Fact, "guichet", format!("{text}\n{words}"), None);
    let offered = Offered {
        recipe: name.clone(),
        title: title.clone(),
        outcome: None,
    };
    let id = case.ticket.id.clone();
    case.effects.push(Effect::Offer(id, offered));
    Some(offer)
}

/// The recipe that fits a new ticket and its mail. What was recognised beforehand counts if it was in the same words and by the
/// recipes in force.
fn fitting(rules: &Rules, seen: &Snapshot, mail: &InboundMail, ticket: &Ticket) -> Option<Offer> {
    if seen.shelf.recipes().is_empty() {
        return None;
    }
    let heard = heard(rules, seen, mail);
    let facts = Facts {
        priority: ticket.priority,
        category: &ticket.category,
        reasons: &ticket.reasons,
        organisation: ticket.organisation.as_deref(),
        desk: &ticket.desk,
        language: Language::of(ticket.requester.locale.as_str()),
        categories: rules.keywords.categories(),
    };
    let known = seen.recalled.as_ref();
    let known = known.filter(|_| matches!(heard, Cow::Borrowed(_)));
    match known.and_then(|recalled| recalled.of(seen.shelf.revision())) {
        Some(fits) => recipe::choose(fits, &facts),
        None => {
            let recalled = seen.shelf.recall(&rules.keywords, &heard, mail.language);
            recipe::choose(recalled.of(seen.shelf.revision())?, &facts)
        }
    }
}

/// The recipe that was offered with the ticket, while it is open what came of it.
pub fn open(case: &Case<'_>) -> Option<Offered> {
    let offered = case.seen.offered.get(&case.ticket.id.number());
    let is_open = |offered: &&Offered| offered.outcome.is_none() && !case.ticket.status.is_over();
    offered.filter(is_open).cloned()
}

/// Files what the requester says to the recipe that was `offered`. A yes closes the ticket, and nothing more is to be done
/// then. One that comes after a technician has written may answer the technician: it is told like any other word, and so
/// is a yes about something pressing or something that waits. In an outage that others are hit by, no answer says anything
/// about the recipe.
pub fn tried(
    case: &mut Case<'_>,
    mail: &InboundMail,
    offered: Offered,
    answer: Answer,
    content: &Content,
    told: &Content,
) -> bool {
    if case.ticket.is_master() || is_led(case) {
        return false;
    }
    if answer == Answer::Other {
        came_of(case, &offered, Outcome::Failed);
    }
    let is_yes = matches!(answer, Answer::Yes | Answer::YesAndMore);
    let is_waiting = !matches!(case.ticket.status, Status::New | Status::Open);
    let is_pressing = case.ticket.priority <= Priority::P2;
    if !is_yes || is_waiting || is_pressing || case.course().answered_at.is_some() {
        return false;
    }
    came_of(case, &offered, Outcome::Helped);
    let mut shelf = case.seen.shelf.recipes().iter();
    let recipe = shelf.find(|recipe| recipe.name == offered.recipe).cloned();
    let content = &Content {
        offer: recipe.map(|recipe| Offer {
            recipe,
            words: Vec::new(),
        }),
        ..content.clone()
    };
    if case.ticket.solution.is_none() {
        let text = format!("solution: {}", offered.title);
        case.change(Change::Solution(offered.title));
        case.append(EntryKind::Fact, "guichet", text, None);
    }
    let sender = mail.sender_identity();
    let by = sender.as_ref().map_or("", Address::as_str);
    case.move_to(Status::Closed, by, "the requester says the recipe helped");
    if mail.origin.answerable {
        case.tell_requester_side(NoticeKind::Closed, content, None);
    }
    // Somebody may have begun; and words beside the yes are read by somebody.
    if case.ticket.assignee.is_some() || answer == Answer::YesAndMore {
        case.tell_staff(NoticeKind::Message, told, sender.as_ref());
    }
    true
}

/// Whether the ticket in hand stands under an outage that runs.
fn is_led(case: &Case<'_>) -> bool {
    let master = case.ticket.master().and_then(|master| case.current(master));
    master.is_some_and(|master| !master.status.is_over())
}

/// A recipe that was said to have helped did not, after all.
pub fn came_back(case: &mut Case<'_>) {
    let offered = case.seen.offered.get(&case.ticket.id.number());
    let helped = offered.filter(|offered| offered.outcome == Some(Outcome::Helped));
    if let Some(offered) = helped.cloned() {
        came_of(case, &offered, Outcome::Failed);
    }
}

fn came_of(case: &mut Case<'_>, offered: &Offered, outcome: Outcome) {
    let text = format!(
        "recipe {}: {}: {}",
        outcome.word(),
        offered.recipe,
        offered.title
    );
    case.append(EntryKind::Fact, "guichet", text, None);
    let id = case.ticket.id.clone();
    case.effects.push(Effect::Tried(id, outcome));
}
