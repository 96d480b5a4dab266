//! Puts a notice into its envelope and has it written.

use jiff::Timestamp;
use tracing::error;

use super::Gateway;
use crate::desk::ids::TicketId;
use crate::desk::letter::{Letter, LetterId};
use crate::desk::notice::{Notice, Role};
use crate::desk::people::Desk;
use crate::desk::rules::Rules;
use crate::scribe::{Envelope, Scribe};
use crate::store::StoreError;

/// The one letter of `notice`, which gets the number `id`. The same input gives the same bytes.
pub fn write_letter(
    rules: &Rules,
    scribe: &Scribe,
    notice: &Notice,
    id: LetterId,
    now: Timestamp,
) -> Result<Letter, StoreError> {
    let people = &rules.people;
    let desk = people.desks.get(&notice.ticket.desk).ok_or_else(|| {
        StoreError::Letter(format!(
            "the desk `{}` is no longer configured",
            notice.ticket.desk
        ))
    })?;
    let (key, to) = (&rules.key, &notice.to.address);
    let (token, message_id) = match notice.sheet() {
        // Answers are about the list, not about the ticket it is kept with.
        Some(sheet) => (
            key.sheet_token(sheet, to),
            key.sheet_message_id(sheet, id, desk.address.domain()),
        ),
        None => (
            key.reply_token(&notice.ticket.id, to, now),
            key.letter_message_id(&notice.ticket.id, id, desk.address.domain()),
        ),
    };
    let reply_to = match desk.plus_addresses {
        true => desk.address.with_plus(&token),
        false => desk.address.clone(),
    };
    let about = |home: &Desk, ticket: &TicketId| match home.plus_addresses {
        true => home.address.with_plus(&key.reply_token(ticket, to, now)),
        false => home.address.clone(),
    };
    let lines = notice.lines.iter().map(|line| {
        let home = people.desks.get(&line.ticket.desk).unwrap_or(desk);
        about(home, &line.ticket.id)
    });
    let outage = notice.outage.as_ref().and_then(|note| note.named());
    let technician = people
        .technician(&notice.to.address)
        .filter(|_| notice.to.role == Role::Technician);
    let timezone = technician
        .and_then(|technician| technician.timezone.as_ref())
        .unwrap_or(&desk.timezone);
    let envelope = Envelope {
        desk,
        people,
        message_id,
        envelope_from: reply_to.clone(),
        reply_to,
        line_addresses: lines.collect(),
        outage_address: outage.map(|outage| about(desk, &outage.master)),
        date: now,
        timezone,
    };
    scribe
        .write(notice, &envelope)
        .map_err(|error| StoreError::Letter(error.to_string()))
}

/// Compiles the templates of the languages the desks write in, before a letter waits for them.
pub fn prepare(gateway: &Gateway) {
    let desks = gateway.rules.people.desks.values();
    for locale in desks.flat_map(|desk| &desk.languages) {
        if let Err(fault) = gateway.scribe.prepare(locale) {
            error!("No letter can be written in {locale}: {fault}");
        }
    }
}
