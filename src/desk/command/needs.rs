//! What orders need to know beside the ticket they are about: the store brings it before anything is decided.

use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::when::Here;
use super::{Command, Order};
use crate::desk::mail::InboundMail;
use crate::desk::newcomer::words;
use crate::desk::queue;
use crate::desk::rules::Rules;
use crate::desk::sheet::Sheet;

/// What orders need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Other tickets that are named.
    pub tickets: Vec<NonZeroU32>,
    /// What this one did last: a technician by name in the configuration, or `shell`.
    pub undo_of: Option<String>,
    /// The tickets it is linked with.
    pub links: bool,
    /// What was last written about the ticket by somebody outside.
    pub last_words: bool,
    /// The open tickets that are like it.
    pub likes: bool,
    /// How the tickets were reported.
    pub first_words: bool,
    /// The recipe that was made from the ticket.
    pub recipe: bool,
}

impl Needs {
    /// What the orders of `by` need.
    pub fn of_orders<'o>(orders: impl Iterator<Item = &'o Order>, by: &str) -> Needs {
        let mut needs = Needs::default();
        for order in orders {
            match &order.command {
                Command::Merge(other) => {
                    needs.tickets.extend(other);
                    needs.links |= other.is_none();
                    needs.last_words = true;
                }
                Command::Link(other) | Command::UnderOutage(other) => needs.tickets.push(*other),
                Command::Outage(_) => needs.likes = true,
                Command::Split(_) => needs.last_words = true,
                Command::Handoff(_) | Command::Escalate(_) => needs.first_words = true,
                Command::Recipe(_) => needs.recipe = true,
                Command::Undo => needs.undo_of = Some(by.to_owned()),
                _ => {}
            }
        }
        needs
    }

    /// What the orders in `mail` need; nothing when no technician wrote it. `sheet` is the list it answers.
    pub fn of_mail(
        rules: &Rules,
        mail: &InboundMail,
        sheet: Option<&Sheet>,
        now: Timestamp,
    ) -> Needs {
        let sender = mail.sender_identity();
        let Some(technician) = sender.and_then(|sender| rules.people.technician(&sender)) else {
            return Needs::default();
        };
        // Which moment a date means changes nothing of what has to be looked up.
        let here = Here {
            now,
            zone: TimeZone::UTC,
        };
        let Some(sheet) = sheet else {
            let orders = super::read(&words(mail), &here, &[&technician.name]).orders;
            return Self::of_orders(orders.iter(), &technician.key);
        };
        let answer = queue::read(&words(mail), &here);
        let lines = answer.lines.iter();
        let listed = lines.clone().filter_map(|line| sheet.ticket(line.number));
        // The receipt stands with the first ticket of the list when no line names one.
        let listed = listed.chain(sheet.tickets.first()).map(|id| id.number());
        let orders = lines
            .flat_map(|line| &line.orders.orders)
            .chain(&answer.extra);
        let mut needs = Self::of_orders(orders, &technician.key);
        needs.tickets.extend(listed);
        needs.tickets.sort();
        needs.tickets.dedup();
        needs
    }
}
