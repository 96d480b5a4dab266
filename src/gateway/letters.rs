//! Puts a notice into its envelope and has it written.

use jiff::Timestamp;

use crate::desk::letter::{Letter, LetterId};
use crate::desk::notice::{Notice, Role};
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
    let reply_to = match desk.plus_addresses {
        true => desk.address.with_plus(&rules.key.reply_token(
            &notice.ticket.id,
            &notice.to.address,
            now,
        )),
        false => desk.address.clone(),
    };
    let lines = notice.lines.iter().map(|line| {
        let home = people.desks.get(&line.ticket.desk).unwrap_or(desk);
        match home.plus_addresses {
            true => home.address.with_plus(&rules.key.reply_token(
                &line.ticket.id,
                &notice.to.address,
                now,
            )),
            false => home.address.clone(),
        }
    });
    let technician = people
        .technician(&notice.to.address)
        .filter(|_| notice.to.role == Role::Technician);
    let timezone = technician
        .and_then(|technician| technician.timezone.as_ref())
        .unwrap_or(&desk.timezone);
    let envelope = Envelope {
        desk,
        people,
        message_id: rules
            .key
            .letter_message_id(&notice.ticket.id, id, desk.address.domain()),
        envelope_from: reply_to.clone(),
        reply_to,
        line_addresses: lines.collect(),
        date: now,
        timezone,
    };
    scribe
        .write(notice, &envelope)
        .map_err(|error| StoreError::Letter(error.to_string()))
}
