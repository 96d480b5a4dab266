//! Carries the desk's effects out: tickets, entries, letters and the mail's end in one transaction (I3).

use jiff::Timestamp;

use super::mails::MailRow;
use super::{StoreError, Tx};
use crate::desk::event::Effect;
use crate::desk::ids::MessageId;
use crate::desk::letter::{Letter, LetterId};
use crate::desk::notice::Notice;
use crate::desk::ticket::{Entry, EntryKind};

/// Makes the one letter of a notice. Given the number the letter will have.
pub type Render<'a> = &'a dyn Fn(&Notice, LetterId) -> Result<Letter, StoreError>;

impl Tx<'_> {
    /// Carries `effects` out. `mail` is the mail that caused them, if one did.
    pub fn record(
        &self,
        mail: Option<MailRow>,
        effects: &[Effect],
        render: Render<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for effect in effects {
            match effect {
                Effect::Open(ticket) => self.open_ticket(ticket)?,
                Effect::Change(id, change) => self.change_ticket(id, change, now)?,
                Effect::Append(id, entry) => self.append_entry(id, entry)?,
                Effect::Remember(id, reader, ids) => self.remember_ids(id, reader, ids)?,
                Effect::Notify(notice) => self.write_letter(notice, render, now)?,
                Effect::Know(address, locale) => self.know(address, locale.as_ref(), now)?,
                Effect::Undelivered(id, said) => self.letter_undelivered(*id, said)?,
                Effect::StopDigest(stop) => self.stop_digest(&stop.reader, &stop.scope, now)?,
                Effect::Settle(id, settlement) => self.settle_letter(*id, settlement, now)?,
                Effect::File(filing) => match mail {
                    Some(mail) => self.file_mail(mail, filing)?,
                    None => return Err(StoreError::Value("a filing without a mail".to_owned())),
                },
            }
        }
        Ok(())
    }

    /// Renders and queues the letter of a notice, unless it exists.
    fn write_letter(
        &self,
        notice: &Notice,
        render: Render<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_written(notice)? {
            return Ok(());
        }
        let id = self.next_letter()?;
        let letter = render(notice, id)?;
        self.queue_letter(id, notice, &letter, now)?;
        self.remember_ids(
            &notice.ticket.id,
            &notice.to.address,
            std::slice::from_ref(&letter.message_id),
        )?;
        let held = notice
            .hold
            .as_ref()
            .map(|hold| format!(", held: {}", hold.reason()))
            .unwrap_or_default();
        let text = format!("{} to {}{held}", notice.kind.word(), notice.to.address);
        self.append_entry(&notice.ticket.id, &entry(now, text, &letter.message_id))
    }
}

fn entry(now: Timestamp, text: String, id: &MessageId) -> Entry {
    Entry {
        at: now,
        kind: EntryKind::Letter,
        by: "guichet".to_owned(),
        text,
        message_id: Some(id.clone()),
    }
}
