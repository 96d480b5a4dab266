//! Whether a mail says what was said before: a copy of another, the same words again, the same request twice.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::mails::MailRow;
use super::rows::{micros, ticket_id};
use super::{StoreError, Tx};
use crate::desk::event::{EarlierCopy, Snapshot};
use crate::desk::ids::{MessageId, TicketId};
use crate::desk::mail::InboundMail;

/// The same words again within this time are the same request (`product.md` §5).
const SAME_REQUEST: SignedDuration = SignedDuration::from_hours(24);
/// A technician who sends the same words again within this time has sent them twice; the store's clock counts.
const REPEATED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

impl Tx<'_> {
    /// An earlier mail with the same bytes, or with the same Message-ID and the same content.
    pub(super) fn copy_of(
        &self,
        id: MailRow,
        mail: &InboundMail,
    ) -> Result<Option<EarlierCopy>, StoreError> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT min(alike.id), alike.ticket, (SELECT prefix FROM tickets WHERE number = alike.ticket)
                   FROM (SELECT id, ticket, state, outcome FROM mails WHERE raw = (SELECT raw FROM mails WHERE id = ?1)
                         UNION ALL
                         SELECT id, ticket, state, outcome FROM mails WHERE message_id = ?2 AND fingerprint = ?3) AS alike
                  WHERE alike.id < ?1 AND (alike.state = 'decided' AND alike.outcome <> 'copy' OR alike.state = 'dropped')
                 HAVING min(alike.id) IS NOT NULL",
            )?
            .query_row(
                params![id, mail.message_id.as_ref().map(MessageId::as_str), mail.fingerprint],
                |row| Ok((row.get(0)?, row.get::<_, Option<u32>>(1)?, row.get::<_, Option<String>>(2)?)),
            )
            .optional()?;
        row.map(|(mail, number, prefix)| {
            let ticket = number
                .zip(prefix)
                .map(|(number, prefix)| ticket_id(&format!("{prefix}-{number}")));
            Ok(EarlierCopy {
                mail,
                ticket: ticket.transpose()?,
            })
        })
        .transpose()
    }

    /// Whether the words of `mail` were dealt with already: with the same Date at any time, or as the last thing its
    /// sender wrote and only just now. In between they would mean something new.
    pub(super) fn repeats(
        &self,
        id: MailRow,
        mail: &InboundMail,
        seen: &Snapshot,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut acts = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM acts WHERE ticket = ?1 AND cause LIKE 'mail % ' || ?2)",
        )?;
        if let Some(date) = mail.date {
            let words = format!("{date} {}", mail.fingerprint);
            for number in seen.tickets.keys() {
                if acts.query_row(params![number.get(), words], |row| row.get(0))? {
                    return Ok(true);
                }
            }
        }
        let mut mails = self.connection.prepare_cached(
            "SELECT EXISTS (
               SELECT 1 FROM mails AS earlier
                WHERE earlier.fingerprint = ?2 AND earlier.recorded_at > ?3 AND earlier.id < ?1
                  AND earlier.outcome = 'joined' AND earlier.ticket = ?4
                  AND NOT EXISTS (SELECT 1 FROM mails AS other
                                   WHERE other.id > earlier.id AND other.id < ?1 AND other.sender = earlier.sender
                                     AND other.outcome = 'joined' AND other.fingerprint <> ?2))",
        )?;
        let since = micros(now - REPEATED_WITHIN);
        for number in seen.tickets.keys() {
            let known = params![id, mail.fingerprint, since, number.get()];
            if mails.query_row(known, |row| row.get(0))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A ticket that is not over, opened of late by a mail with the same content.
    pub(super) fn same_request(
        &self,
        id: MailRow,
        mail: &InboundMail,
        now: Timestamp,
    ) -> Result<Option<TicketId>, StoreError> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT tickets.prefix || '-' || tickets.number
                   FROM mails JOIN tickets ON tickets.number = mails.ticket
                  WHERE mails.fingerprint = ?1 AND mails.recorded_at > ?2 AND mails.id < ?3 AND mails.outcome = 'opened'
                    AND tickets.status NOT IN ('closed', 'merged') AND tickets.status <> 'resolved'
                  ORDER BY mails.recorded_at DESC LIMIT 1",
            )?
            .query_row(params![mail.fingerprint, micros(now - SAME_REQUEST), id], |row| row.get::<_, String>(0))
            .optional()?;
        row.as_deref().map(ticket_id).transpose()
    }
}
