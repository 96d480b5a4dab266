//! Remembers the small pictures of each sender, so that the logo of a signature is told from a picture that was sent to be seen.

use rusqlite::params;

use super::mails::MailRow;
use super::{StoreError, Tx};
use crate::desk::mail::InboundMail;

/// What one mail adds at most: a signature has a handful of pictures.
const PICTURES_MAX: usize = 20;

impl Tx<'_> {
    /// Marks the pictures of `mail` that its sender sent with an earlier one, and remembers the others. The same mail again
    /// changes nothing.
    pub fn mark_repeated(&self, id: MailRow, mail: &mut InboundMail) -> Result<(), StoreError> {
        let Some(sender) = mail.sender_identity() else {
            return Ok(());
        };
        let pictures = mail
            .attachments
            .iter_mut()
            .filter(|file| file.may_be_decoration())
            .take(PICTURES_MAX);
        for picture in pictures {
            self.connection
                .prepare_cached(
                    "INSERT INTO pictures (sender, sha256, mail) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![sender.as_str(), picture.sha256, id])?;
            let first: MailRow = self
                .connection
                .prepare_cached("SELECT mail FROM pictures WHERE sender = ?1 AND sha256 = ?2")?
                .query_row(params![sender.as_str(), picture.sha256], |row| row.get(0))?;
            picture.repeated = first != id;
        }
        Ok(())
    }
}
