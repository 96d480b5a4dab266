//! An answer to a queue letter: each line is an order for the ticket its number stands for.
//!
//! The same proof, all or none, the same letters and one receipt for the whole answer. How lines are read
//! is in `queue.rs`.

use std::mem;

use jiff::Timestamp;

use super::case::Case;
use super::command::{Actor, Command, Errand, Order, proof};
use super::decide::filed;
use super::event::{Effect, Outcome, Snapshot};
use super::ids::TicketId;
use super::mail::InboundMail;
use super::newcomer::{cause, words};
use super::notice::{Again, No, Receipt, Refusal, Refused};
use super::orders::{
    ALREADY_DONE, NO_DESK, carried, hand_receipt, hand_trial, here, is_aside, keep, lacking,
    not_proven, refusing, with_the_others,
};
use super::outage;
use super::people::Technician;
use super::queue;
use super::rules::Rules;
use super::sheet::Sheet;
use super::thread;
use super::ticket::EntryKind;

/// Closing more tickets than this by one mail is asked back: a slip of the pen would tell that many people.
const CLOSES_MAX: usize = 3;

/// Deals with an answer to a queue letter. `None` when the sender is not the one it was written to.
pub fn answered(
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
    let outcome = ordered(&mut case, mail, technician, sheet, &lines);
    let because = format!("answers the queue letter of {}", sheet.day);
    let ticket = case.ticket.id.clone();
    case.effects.push(filed(outcome, Some(ticket), because));
    Some(case.effects)
}

fn ordered(
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
    if case.seen.repeats {
        keep(case, mail, ALREADY_DONE);
        let first = answer.lines.first().map(|line| line.line.as_str());
        let refused = refusing(not_proven(first, Refusal::Repeated));
        hand_receipt(case, technician, about(sheet, refused), mail);
        return Outcome::Kept;
    }
    let (orders, refused) = sorted(case.seen, sheet, answer);
    // A slip of the pen may name an outage: then it is as many tickets as stand under it.
    let closes: usize = orders
        .iter()
        .filter(|(_, order)| matches!(order.command, Command::Close(_)))
        .map(|(ticket, _)| 1 + outage::members(case, ticket).len())
        .sum();
    let refused = match refused.is_empty() {
        true if closes > CLOSES_MAX && !answer.has(&Command::Confirm) => orders
            .iter()
            .map(|(_, order)| No::from(Refusal::Confirm).of(&order.line))
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
        Err(refused) => {
            let receipt = Receipt {
                again: to_confirm(answer, &refused),
                ..refusing(refused)
            };
            (receipt, Some("nothing was done"))
        }
        Ok(receipt) if dry => (receipt, Some("only tried: nothing was done")),
        Ok(receipt) if errands.is_empty() => (receipt, Some("no line of it is an order")),
        Ok(receipt) => (receipt, None),
    };
    match kept {
        Some(because) => keep(case, mail, because),
        None => {
            mem::swap(case, &mut tried);
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
        match receipt.dry {
            true => hand_trial(case, tried, technician, receipt, mail),
            false => hand_receipt(case, technician, receipt, mail),
        }
    }
    match kept {
        Some(_) => Outcome::Kept,
        None => Outcome::Joined,
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
        let Some(ticket) = ticket else {
            refused.push(No::named(Refusal::NoRow, line.number).of(&line.line));
            continue;
        };
        let wrong = line.orders.refused.first();
        if let Some(wrong) = wrong {
            refused.push(Refused {
                line: line.line.clone(),
                ..wrong.clone()
            });
        } else if line.orders.orders.is_empty() || !line.orders.text.is_empty() {
            refused.push(No::from(Refusal::Unknown).of(&line.line));
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

/// The same lines again, to be confirmed, when nothing but that was missing.
fn to_confirm(answer: &queue::Answer, refused: &[Refused]) -> Option<Again> {
    let is_all = refused.iter().all(|line| line.because == Refusal::Confirm);
    let lines = answer.lines.iter().map(|line| line.line.as_str());
    let text = lines.collect::<Vec<_>>().join("\n");
    (is_all && !refused.is_empty()).then_some(Again {
        text,
        confirms: true,
    })
}

fn about(sheet: &Sheet, receipt: Receipt) -> Receipt {
    Receipt {
        sheet: Some(sheet.id),
        ..receipt
    }
}
