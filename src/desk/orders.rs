//! Orders and what follows from them: given in a mail about a ticket, in answer to the queue letter, or at the shell.
//!
//! Each way asks for its own proof; from there on all are one: all commands or none, then the letters to
//! those who wait, then what is kept for `/undo`, then the receipt. A mail without commands gets none.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::case::{Case, Content};
use super::command::when::Here;
use super::command::{self, Actor, Command, Done, Errand, Order, Orders, proof};
use super::decide::filed;
use super::event::{Effect, Outcome, Snapshot};
use super::ids::TicketId;
use super::mail::InboundMail;
use super::newcomer::{cause, said, words};
use super::notice::{NoticeKind, Progress, Receipt, Refusal, Refused, Said};
use super::people::Technician;
use super::promise;
use super::queue;
use super::reply::{in_history, technicians_words};
use super::rules::Rules;
use super::sheet::Sheet;
use super::thread;
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::corrections_between;

/// A mail that took longer to reach us is read as if it were written now: its `tomorrow` may be over.
const WRITTEN_LATELY: SignedDuration = SignedDuration::from_hours(12);
/// Closing more tickets than this by one mail is asked back: a slip of the pen would tell that many people.
const CLOSES_MAX: usize = 3;
/// What is said when nobody can judge a proof.
const NO_DESK: (&str, Refusal) = ("its desk is no longer configured", Refusal::NotNow);

/// Deals with the mail of a technician about the ticket in hand: orders for us, words for the requester.
pub fn answered(
    case: &mut Case<'_>,
    mail: &InboundMail,
    technician: &Technician,
    orders: &Orders,
) -> Outcome {
    case.writer = Some(technician.address.clone());
    let proven = case.desk().ok_or(NO_DESK).and_then(|desk| {
        let (rules, seen, ticket) = (case.rules, case.seen, &case.ticket);
        proof::check(rules, seen, mail, desk, technician, ticket, case.now).map_err(lacking)
    });
    if let Err((missing, because)) = proven {
        let why = format!("nothing was done and nothing was sent, because {missing}");
        keep(case, mail, &why);
        let first = orders.orders.first().map(|order| order.line.as_str());
        let first = first.or_else(|| orders.refused.first().map(|refused| refused.line.as_str()));
        let refused = not_proven(first, because);
        hand_receipt(case, technician, refusing(refused), mail);
        return Outcome::Kept;
    }
    let errands = on(&case.ticket.id, &orders.orders);
    let errands: Vec<Errand<'_>> = errands.filter(|errand| !is_aside(errand)).collect();
    let has = |wanted: &Command| orders.orders.iter().any(|order| order.command == *wanted);
    let (dry, help) = (has(&Command::Dry), has(&Command::Help));
    if !orders.refused.is_empty() {
        let others = errands
            .iter()
            .map(|errand| with_the_others(&errand.order.line));
        let refused = orders.refused.iter().cloned().chain(others).collect();
        keep(case, mail, "nothing was done and nothing was sent");
        hand_receipt(case, technician, refusing(refused), mail);
        return Outcome::Kept;
    }
    let actor = Actor::technician(technician);
    let files = said(mail, case.now).attachments;
    let speech = Speech {
        mail,
        technician,
        text: &orders.text,
        // A photograph without a word is an answer; with orders only, it belongs to them.
        public: !orders.text.is_empty() || (orders.orders.is_empty() && !files.is_empty()),
        files,
    };
    let mut tried = case.clone();
    let receipt = match carried(&mut tried, &errands, &actor, Some(&speech), dry) {
        Err(refused) => {
            keep(case, mail, "nothing was done and nothing was sent");
            hand_receipt(case, technician, refusing(refused), mail);
            return Outcome::Kept;
        }
        Ok(receipt) => receipt,
    };
    let receipt = Receipt { help, ..receipt };
    let is_question = help && errands.is_empty() && orders.text.is_empty();
    if dry || is_question {
        keep(
            case,
            mail,
            match dry {
                true => "only tried: nothing was done and nothing was sent",
                false => "only a question about the commands",
            },
        );
    } else {
        *case = tried;
    }
    if !orders.orders.is_empty() {
        hand_receipt(case, technician, receipt, mail);
    }
    match dry || is_question {
        true => Outcome::Kept,
        false => Outcome::Joined,
    }
}

/// Deals with an answer to a queue letter. `None` when the sender is not the one it was written to.
pub fn sheet_answered(
    rules: &Rules,
    seen: &Snapshot,
    mail: &InboundMail,
    sheet: &Sheet,
    now: Timestamp,
) -> Option<Vec<Effect>> {
    let technician = rules.people.technician(&mail.sender_identity()?)?;
    if technician.key != sheet.technician {
        return None;
    }
    let first = sheet
        .tickets
        .iter()
        .find_map(|id| thread::survivor(seen, id))?;
    let mut case = Case::new(rules, seen, now, first.clone(), cause(mail));
    case.writer = Some(technician.address.clone());
    let here = here(&case, technician, mail);
    let lines = queue::read(&words(mail), &here);
    let outcome = sheet_orders(&mut case, mail, technician, sheet, &lines);
    let because = format!("answers the queue letter of {}", sheet.day);
    let ticket = case.ticket.id.clone();
    case.effects.push(filed(outcome, Some(ticket), because));
    Some(case.effects)
}

fn sheet_orders(
    case: &mut Case<'_>,
    mail: &InboundMail,
    technician: &Technician,
    sheet: &Sheet,
    answer: &queue::Answer,
) -> Outcome {
    let proven = case.desk().ok_or(NO_DESK).and_then(|desk| {
        proof::check_sheet(case.rules, mail, desk, technician, sheet, case.now).map_err(lacking)
    });
    if let Err((missing, because)) = proven {
        keep(case, mail, &format!("nothing was done, because {missing}"));
        let refused = not_proven(answer.lines.first().map(|line| line.line.as_str()), because);
        hand_receipt(case, technician, about(sheet, refusing(refused)), mail);
        return Outcome::Kept;
    }
    let (orders, refused) = sorted(case.seen, sheet, answer);
    let closes = orders
        .iter()
        .filter(|(_, order)| matches!(order.command, Command::Close(_)));
    let refused = match refused.is_empty() {
        true if closes.count() > CLOSES_MAX && !answer.has(&Command::Confirm) => orders
            .iter()
            .map(|(_, order)| Refused {
                line: order.line.clone(),
                because: Refusal::Confirm,
                did_you_mean: None,
            })
            .collect(),
        true => Vec::new(),
        false => {
            let others = orders.iter().map(|(_, order)| with_the_others(&order.line));
            refused.into_iter().chain(others).collect()
        }
    };
    let errands: Vec<Errand<'_>> = orders
        .iter()
        .map(|(ticket, order)| Errand {
            ticket: ticket.clone(),
            order,
        })
        .filter(|errand| !is_aside(errand))
        .collect();
    let dry = answer.has(&Command::Dry);
    let help = answer.has(&Command::Help);
    let mut tried = case.clone();
    let outcome = match refused.is_empty() {
        true => carried(
            &mut tried,
            &errands,
            &Actor::technician(technician),
            None,
            dry,
        ),
        false => Err(refused),
    };
    let (receipt, kept) = match outcome {
        Err(refused) => (refusing(refused), Some("nothing was done")),
        Ok(receipt) if dry => (receipt, Some("only tried: nothing was done")),
        Ok(receipt) if errands.is_empty() => (receipt, Some("no line of it is an order")),
        Ok(receipt) => (receipt, None),
    };
    match kept {
        Some(because) => keep(case, mail, because),
        None => {
            *case = tried;
            for (ticket, order) in &orders {
                let text = format!("queue of {}: {}", sheet.day, order.line);
                case.aside(ticket, |case| {
                    case.append(EntryKind::Command, &technician.name, text, None);
                });
            }
        }
    }
    let is_worth = !orders.is_empty() || !receipt.refused.is_empty() || help || dry;
    if is_worth {
        let receipt = about(sheet, Receipt { help, ..receipt });
        hand_receipt(case, technician, receipt, mail);
    }
    match kept {
        Some(_) => Outcome::Kept,
        None => Outcome::Joined,
    }
}

/// Deals with orders given at the shell of the machine, whose users may do anything. What became of them is an effect.
pub fn at_shell(
    rules: &Rules,
    seen: &Snapshot,
    ticket: &TicketId,
    technician: Option<&str>,
    orders: &[Order],
    cause: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(ticket) = seen.ticket(ticket) else {
        return Vec::new();
    };
    let technician = technician.and_then(|key| rules.people.technicians.get(key));
    let actor = technician.map_or_else(Actor::shell, Actor::technician);
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause.to_owned());
    case.writer = technician.map(|technician| technician.address.clone());
    let dry = orders.iter().any(|order| order.command == Command::Dry);
    let errands: Vec<Errand<'_>> = on(&ticket.id, orders)
        .filter(|errand| !is_aside(errand))
        .collect();
    let mut tried = case.clone();
    let answer = match carried(&mut tried, &errands, &actor, None, dry) {
        Ok(receipt) => {
            if !dry {
                case = tried;
            }
            receipt
        }
        Err(refused) => refusing(refused),
    };
    let ticket = case.ticket.clone();
    case.effects
        .push(Effect::Answer(Box::new((answer, ticket))));
    case.effects
}

/// What `tomorrow` in `mail` is seen from: the moment it was written and the place of the desk, or of the technician.
pub fn here(case: &Case<'_>, technician: &Technician, mail: &InboundMail) -> Here {
    let zone = technician.timezone.clone();
    let zone = zone.or_else(|| case.desk().map(|desk| desk.timezone.clone()));
    let is_recent = |date: &Timestamp| {
        let age = case.now.duration_since(*date);
        age >= SignedDuration::ZERO && age <= WRITTEN_LATELY
    };
    Here {
        now: mail.date.filter(is_recent).unwrap_or(case.now),
        zone: zone.unwrap_or(TimeZone::UTC),
    }
}

/// The words that come with orders.
struct Speech<'m> {
    mail: &'m InboundMail,
    technician: &'m Technician,
    /// For the requester; empty when there are none.
    text: &'m str,
    /// The files that came with them.
    files: Vec<String>,
    /// Whether the requester's side gets words or files.
    public: bool,
}

/// Carries errands out, with everything that follows for those who wait. Gives what the receipt says.
fn carried(
    case: &mut Case<'_>,
    errands: &[Errand<'_>],
    by: &Actor<'_>,
    speech: Option<&Speech<'_>>,
    dry: bool,
) -> Result<Receipt, Vec<Refused>> {
    let before = case.ticket.clone();
    let from = case.effects.len();
    let done = command::carry_out(case, errands, by)?;
    let public = speech.is_some_and(|speech| speech.public);
    if let Some(speech) = speech {
        let text = in_history(&technicians_words(speech.mail), &speech.files);
        case.append_mail(EntryKind::Mail, speech.mail, text);
        if public {
            publish(case, &before, speech);
        }
    }
    settle(case, &before, by, public);
    let others: Vec<Ticket> = case
        .touched
        .keys()
        .filter_map(|number| case.seen.tickets.get(number).cloned())
        .collect();
    for before in &others {
        case.aside(&before.id, |case| settle(case, before, by, false));
    }
    let act = match done.lines.is_empty() {
        true => None, // a plain answer has no receipt and is not taken back
        false => command::act(case, &before, from, &done, by),
    };
    let receipt = receipt(case, done, from, act.is_some(), dry);
    case.effects.extend(act.map(Effect::Act));
    Ok(receipt)
}

fn receipt(case: &Case<'_>, done: Done, from: usize, can_undo: bool, dry: bool) -> Receipt {
    let letters = match dry {
        true => command::letters(case.effects.get(from..).unwrap_or_default()),
        false => done.gone,
    };
    Receipt {
        // What was taken back says more than the word that did it.
        done: match done.undone.is_empty() {
            true => done.lines,
            false => Vec::new(),
        },
        refused: Vec::new(),
        dry,
        help: false,
        undone: done.undone,
        letters,
        others: case.touched.values().cloned().collect(),
        can_undo: can_undo && !dry,
        sheet: None,
    }
}

/// Passes a technician's words on; the first to answer a ticket nobody has, has it, unless it has just been handed on.
fn publish(case: &mut Case<'_>, before: &Ticket, speech: &Speech<'_>) {
    let technician = speech.technician;
    let handed_on = case.ticket.team != before.team;
    if case.ticket.assignee.is_none() && !handed_on {
        case.change(Change::Assignee(Some(technician.key.clone())));
        let text = format!("{} answered first", technician.name);
        case.append(EntryKind::Assignment, &technician.name, text, None);
    }
    if case.ticket.status == Status::New {
        case.move_to(Status::Open, &technician.name, "answered");
    }
    let words = Said {
        by: technician.name.clone(),
        by_technician: true,
        at: case.now,
        text: speech.text.to_owned(),
        attachments: speech.files.clone(),
    };
    let content = Content {
        said: Some(words),
        ..Content::default()
    };
    // They are in touch with us through a technician, who has seen what they wrote.
    let requester = case.ticket.requester.clone();
    case.effects
        .push(Effect::Know(requester.address, Some(requester.locale)));
    case.tell_requester_side(NoticeKind::Update, &content, Some(&technician.address));
    case.tell_staff(NoticeKind::Message, &content, Some(&technician.address));
    promise::renew(case);
}

/// Brings a ticket to rest after orders: what is promised, and who is told. `public`: the requester's side gets the
/// technician's words already.
fn settle(case: &mut Case<'_>, before: &Ticket, by: &Actor<'_>, public: bool) {
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
    tell_outside(case, before, public);
    tell_staff(case, before, by);
}

fn tell_outside(case: &mut Case<'_>, before: &Ticket, public: bool) {
    let status = case.ticket.status;
    let moved = status != before.status;
    let taken = case.ticket.assignee != before.assignee && case.ticket.assignee.is_some();
    let chased = case.chased.contains(&case.ticket.id.number());
    // Put off or asked once more: for those who wait that is news, though the status is the same.
    let put_off = status == Status::Snoozed && case.ticket.wakes_at != before.wakes_at;
    let again = put_off || chased;
    let escalated = case.escalated.contains(&case.ticket.id.number());
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
    let greeted = (is_new && !public && !status.is_over()).then(|| case.requester());
    if let Some(to) = greeted.clone() {
        case.tell(NoticeKind::Acknowledgement, to, &Content::default());
    }
    match status {
        Status::Resolved if moved => case.tell_requester_side(NoticeKind::Resolved, &content, None),
        Status::Closed if moved => case.tell_requester_side(NoticeKind::Closed, &content, None),
        // A technician's words say it better than a form letter that he has begun.
        _ if (moved || taken || again || escalated) && !public => {
            let knows = greeted.as_ref().map(|to| &to.address);
            case.tell_requester_side(NoticeKind::Progress, &content, knows);
        }
        _ => {}
    }
}

/// Tells whoever has the ticket now and had not before.
fn tell_staff(case: &mut Case<'_>, before: &Ticket, by: &Actor<'_>) {
    let taken = case.ticket.assignee != before.assignee && case.ticket.assignee.is_some();
    let handed_on = case.ticket.team != before.team && case.ticket.assignee.is_none();
    if (taken || handed_on) && !case.ticket.status.is_over() {
        let except = by.technician.map(|technician| &technician.address);
        case.tell_staff(NoticeKind::NewTicket, &Content::default(), except);
    }
}

/// The orders of an answer to a queue letter, each with its ticket, and what is no order.
fn sorted(
    seen: &Snapshot,
    sheet: &Sheet,
    answer: &queue::Answer,
) -> (Vec<(TicketId, Order)>, Vec<Refused>) {
    let mut orders = Vec::new();
    let mut refused: Vec<Refused> = answer.refused.clone();
    for line in &answer.lines {
        let ticket = sheet
            .ticket(line.number)
            .and_then(|id| thread::survivor(seen, id));
        let no = |because, did_you_mean| Refused {
            line: line.line.clone(),
            because,
            did_you_mean,
        };
        let Some(ticket) = ticket else {
            refused.push(no(Refusal::Argument, None));
            continue;
        };
        let wrong = line.orders.refused.first();
        if let Some(wrong) = wrong {
            refused.push(no(wrong.because, wrong.did_you_mean.clone()));
        } else if line.orders.orders.is_empty() || !line.orders.text.is_empty() {
            refused.push(no(Refusal::Unknown, None));
        }
        let named = |order: &Order| Order {
            line: format!("{} ({})", line.line, ticket.id),
            command: order.command.clone(),
        };
        orders.extend(
            line.orders
                .orders
                .iter()
                .map(|order| (ticket.id.clone(), named(order))),
        );
    }
    let first = sheet
        .tickets
        .iter()
        .find_map(|id| thread::survivor(seen, id));
    if let Some(first) = first {
        let undo = answer
            .extra
            .iter()
            .filter(|order| order.command == Command::Undo);
        orders.extend(undo.map(|order| (first.id.clone(), order.clone())));
    }
    (orders, refused)
}

/// The same errand for each order.
fn on<'o>(ticket: &TicketId, orders: &'o [Order]) -> impl Iterator<Item = Errand<'o>> {
    let ticket = ticket.clone();
    orders.iter().map(move |order| Errand {
        ticket: ticket.clone(),
        order,
    })
}

/// Whether it says how the others are meant, and does nothing by itself.
fn is_aside(errand: &Errand<'_>) -> bool {
    matches!(
        errand.order.command,
        Command::Dry | Command::Help | Command::Confirm
    )
}

fn keep(case: &mut Case<'_>, mail: &InboundMail, because: &str) {
    let text = format!("kept, {because}:\n{}", words(mail));
    case.append_mail(EntryKind::Kept, mail, text);
}

fn refusing(refused: Vec<Refused>) -> Receipt {
    Receipt {
        refused,
        ..Receipt::default()
    }
}

fn about(sheet: &Sheet, receipt: Receipt) -> Receipt {
    Receipt {
        sheet: Some(sheet.id),
        ..receipt
    }
}

fn lacking(missing: proof::Missing) -> (&'static str, Refusal) {
    (missing.reason(), missing.refusal())
}

fn not_proven(line: Option<&str>, because: Refusal) -> Vec<Refused> {
    vec![Refused {
        line: line.unwrap_or_default().to_owned(),
        because,
        did_you_mean: None,
    }]
}

fn with_the_others(line: &str) -> Refused {
    Refused {
        line: line.to_owned(),
        because: Refusal::WithTheOthers,
        did_you_mean: None,
    }
}

/// Says what became of the commands of a mail. One that may not be answered gets no receipt (I4): the entry tells.
fn hand_receipt(
    case: &mut Case<'_>,
    technician: &Technician,
    receipt: Receipt,
    mail: &InboundMail,
) {
    if !mail.origin.answerable {
        return;
    }
    let writer = technician.address.clone();
    let content = Content {
        receipt: Some(receipt),
        answers: mail.message_id.clone().map(|id| (writer, id)),
        ..Content::default()
    };
    let to = case.technician(technician);
    case.tell(NoticeKind::Receipt, to, &content);
}
