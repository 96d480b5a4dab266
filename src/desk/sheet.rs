//! What a queue letter listed, and how an answer to it is known again.
//!
//! A queue letter speaks of many tickets, so neither its reply address nor its Message-ID names one: both
//! name the sheet, and are signed as those of other letters are (`token.rs`).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::ids::{Address, MessageId, TicketId};
use super::letter::LetterId;
use super::token::SigningKey;

/// An answer is good for so long; a week-old list is no list any more.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The number of a sheet in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetId(pub i64);

/// What a queue letter listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its number.
    pub id: SheetId,
    /// Whose queue it is, by name in the configuration.
    pub technician: String,
    /// The day, where the technician is.
    pub day: Date,
    /// The tickets in the order of the letter; the first is number 1.
    pub tickets: Vec<TicketId>,
}

impl Sheet {
    /// The ticket that stands at `number`, 1 for the first.
    pub fn ticket(&self, number: usize) -> Option<&TicketId> {
        self.tickets.get(number.checked_sub(1)?)
    }

    /// Whether an answer at `now` comes in time. `day` begins where the technician is; a day more or less does no harm.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let day = self.day.to_zoned(jiff::tz::TimeZone::UTC);
        day.is_ok_and(|day| now.duration_since(day.timestamp()) <= ANSWER_WITHIN)
    }
}

impl SigningKey {
    /// What stands behind the `+` in the Reply-To of a queue letter: `queue.17.MAC`.
    pub fn sheet_token(&self, sheet: SheetId, reader: &Address) -> String {
        format!("queue.{}.{}", sheet.0, self.sign(&claim(sheet, reader)))
    }

    /// The sheet a plus part names, if it was made for one of `readers`.
    pub fn sheet_of_token<'a>(
        &self,
        plus: &str,
        mut readers: impl Iterator<Item = &'a Address>,
    ) -> Option<SheetId> {
        let plus = plus.to_ascii_lowercase();
        let (number, mac) = plus.strip_prefix("queue.")?.split_once('.')?;
        let sheet = SheetId(number.parse().ok()?);
        readers
            .any(|reader| self.has_signed(&claim(sheet, reader), mac))
            .then_some(sheet)
    }

    /// The Message-ID of a letter about a sheet: `<queue.17.204.MAC@domain>`.
    pub fn sheet_message_id(&self, sheet: SheetId, letter: LetterId, domain: &str) -> MessageId {
        let claim = letter_claim(sheet, letter);
        let text = format!("{claim}.{}@{domain}", self.sign(&claim)).to_ascii_lowercase();
        MessageId::parse(&text)
            .expect("made of numbers, base 32 and a domain that is part of an address")
    }

    /// The sheet a Message-ID of ours names; `None` when we did not sign it.
    pub fn sheet_of(&self, id: &MessageId) -> Option<SheetId> {
        let (local, _) = id.as_str().rsplit_once('@')?;
        let local = local.to_ascii_lowercase();
        let (claim, mac) = local.rsplit_once('.')?;
        let (sheet, letter) = claim.strip_prefix("queue.")?.split_once('.')?;
        let (sheet, letter) = (SheetId(sheet.parse().ok()?), LetterId(letter.parse().ok()?));
        self.has_signed(&letter_claim(sheet, letter), mac)
            .then_some(sheet)
    }
}

// The first words keep the kinds apart: none can be passed off as another.
fn claim(sheet: SheetId, reader: &Address) -> String {
    format!("sheet {} {reader}", sheet.0).to_ascii_lowercase()
}

fn letter_claim(sheet: SheetId, letter: LetterId) -> String {
    format!("queue.{}.{letter}", sheet.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_known_again_by_its_reader_only() {
        let key = SigningKey::new([7; 32]);
        let ann: Address = "ann@example.org".parse().unwrap();
        let bob: Address = "bob@example.org".parse().unwrap();
        let token = key.sheet_token(SheetId(17), &ann);
        let named = |text: &str, reader: &Address| key.sheet_of_token(text, [reader].into_iter());
        assert_eq!(named(&token.to_uppercase(), &ann), Some(SheetId(17)));
        assert_eq!(named(&token, &bob), None);
        assert_eq!(named(&token.replace("queue.17", "queue.18"), &ann), None);
        assert_eq!(crate::desk::token::ReplyToken::parse(&token), None);
    }

    #[test]
    fn a_message_id_of_a_sheet_is_none_of_a_ticket() {
        let key = SigningKey::new([7; 32]);
        let id = key.sheet_message_id(SheetId(17), LetterId(204), "example.org");
        assert_eq!(key.sheet_of(&id), Some(SheetId(17)));
        assert_eq!(key.letter_of(&id), None);
        let forged = MessageId::parse(&id.as_str().replace("queue.17", "queue.18")).unwrap();
        assert_eq!(key.sheet_of(&forged), None);
    }
}
