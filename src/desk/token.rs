//! Signs what must not be guessed: reply addresses and Message-IDs of our letters.
//!
//! Both carriers name the ticket, because providers rewrite Message-IDs and some drop plus addresses
//! (`peers.md` §3.1). A reply address is signed for one reader, so that it proves who was written to.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::ids::{Address, MessageId, TicketId};
use super::letter::LetterId;

/// 128 bits, the least that `reliability.md` I11 accepts.
const MAC_BYTES: usize = 16;
/// The MAC in unpadded base 32.
const MAC_CHARS: usize = 26;
/// The day of issue in base 32: 15 bits, good until the year 2059.
const DAY_CHARS: usize = 3;
const SECONDS_PER_DAY: i64 = 86_400;

/// The key of this installation. It lies beside the database, never in it (`reliability.md` T26).
#[derive(Clone)]
pub struct SigningKey([u8; 32]);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A plus part that has the form of a reply token. Whether it is genuine only `SigningKey::reader_of` can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyToken {
    /// The ticket it claims.
    pub ticket: TicketId,
    day: i64,
    mac: String,
}

impl ReplyToken {
    /// Reads `inc-42.` and the 29 signs that follow. `None` for anything else.
    pub fn parse(plus: &str) -> Option<Self> {
        let (ticket, signed) = plus.rsplit_once('.')?;
        if signed.len() != DAY_CHARS + MAC_CHARS || !signed.is_ascii() {
            return None;
        }
        let (day, mac) = signed.split_at(DAY_CHARS);
        Some(Self {
            ticket: ticket.parse().ok()?,
            day: number(day)?,
            mac: mac.to_ascii_lowercase(),
        })
    }

    /// The day it was issued on, as seconds since 1970 at 00:00 UTC.
    pub fn issued_at(&self) -> Timestamp {
        Timestamp::from_second(self.day * SECONDS_PER_DAY).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl SigningKey {
    /// A key of 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What stands behind the `+` in the Reply-To of a letter about `ticket` to `reader`.
    pub fn reply_token(&self, ticket: &TicketId, reader: &Address, now: Timestamp) -> String {
        let day = now.as_second() / SECONDS_PER_DAY;
        let mac = self.mac(&reply_claim(ticket, reader, day));
        format!("{ticket}.{}{mac}", digits(day)).to_ascii_lowercase()
    }

    /// The one of `readers` the token was made for; `None` when it is not genuine or somebody else's.
    pub fn reader_of<'a>(
        &self,
        token: &ReplyToken,
        mut readers: impl Iterator<Item = &'a Address>,
    ) -> Option<&'a Address> {
        readers.find(|reader| {
            self.is_genuine(&reply_claim(&token.ticket, reader, token.day), &token.mac)
        })
    }

    /// The Message-ID of a letter: `<inc-42.17.MAC@domain>`.
    pub fn letter_message_id(
        &self,
        ticket: &TicketId,
        letter: LetterId,
        domain: &str,
    ) -> MessageId {
        let claim = letter_claim(ticket, letter);
        let text = format!("{claim}.{}@{domain}", self.mac(&claim)).to_ascii_lowercase();
        MessageId::parse(&text)
            .expect("made of ticket, number, base 32 and a domain that is part of an address")
    }

    /// The ticket and letter a Message-ID of ours names; `None` when we did not sign it.
    pub fn letter_of(&self, id: &MessageId) -> Option<(TicketId, LetterId)> {
        let (local, _) = id.as_str().rsplit_once('@')?;
        let local = local.to_ascii_lowercase();
        let (claim, mac) = local.rsplit_once('.')?;
        let (ticket, letter) = claim.rsplit_once('.')?;
        let (ticket, letter) = (ticket.parse().ok()?, LetterId(letter.parse().ok()?));
        self.is_genuine(&letter_claim(&ticket, letter), mac)
            .then_some((ticket, letter))
    }

    /// What proves that somebody got digests about `scope`: it stands in the mail that stops them.
    pub fn digest_token(&self, reader: &Address, scope: &str) -> String {
        self.mac(&digest_claim(reader, scope))
    }

    /// Whether a token was made for this reader and scope.
    pub fn is_digest_token(&self, token: &str, reader: &Address, scope: &str) -> bool {
        self.is_genuine(&digest_claim(reader, scope), &token.to_ascii_lowercase())
    }

    /// The Message-ID of a letter that is about no ticket, `<digest.MAC@domain>`. `claim` says what it is, to whom and on
    /// what occasion: the same claim gives the same id.
    pub fn general_message_id(&self, claim: &str, domain: &str) -> MessageId {
        let kind = claim.split(' ').next().unwrap_or_default();
        let text = format!("{kind}.{}@{domain}", self.mac(&format!("general {claim}")))
            .to_ascii_lowercase();
        MessageId::parse(&text)
            .expect("made of a word, base 32 and a domain that is part of an address")
    }

    fn mac(&self, claim: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(claim.as_bytes());
        let bytes = mac.finalize().into_bytes();
        data_encoding::BASE32_NOPAD
            .encode(bytes.get(..MAC_BYTES).unwrap_or_default())
            .to_ascii_lowercase()
    }

    fn is_genuine(&self, claim: &str, mac: &str) -> bool {
        self.mac(claim).as_bytes().ct_eq(mac.as_bytes()).into()
    }
}

// The first word keeps the two kinds apart: a token can never be passed off as a Message-ID.
fn reply_claim(ticket: &TicketId, reader: &Address, day: i64) -> String {
    format!("reply {ticket} {reader} {day}").to_ascii_lowercase()
}

fn digest_claim(reader: &Address, scope: &str) -> String {
    format!("digest {reader} {scope}").to_ascii_lowercase()
}

fn letter_claim(ticket: &TicketId, letter: LetterId) -> String {
    format!("{ticket}.{letter}").to_ascii_lowercase()
}

const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn digits(day: i64) -> String {
    (0..DAY_CHARS)
        .rev()
        .map(|place| {
            let digit = (day >> (5 * place)) & 31;
            DIGITS.get(digit as usize).copied().map_or('a', char::from)
        })
        .collect()
}

fn number(day: &str) -> Option<i64> {
    day.bytes().try_fold(0, |sum, byte| {
        let digit = DIGITS
            .iter()
            .position(|d| *d == byte.to_ascii_lowercase())?;
        Some(sum * 32 + digit as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::new([7; 32])
    }

    #[test]
    fn a_reply_token_names_its_reader_and_nobody_else() {
        let ticket: TicketId = "INC-42".parse().unwrap();
        let ann: Address = "ann@example.org".parse().unwrap();
        let bob: Address = "bob@example.org".parse().unwrap();
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        let text = key().reply_token(&ticket, &ann, now);
        assert!(
            "support+".len() + text.len() <= 64,
            "RFC 5321 4.5.3.1.1: {text}"
        );
        let token = ReplyToken::parse(&text.to_uppercase()).unwrap();
        assert_eq!(token.ticket, ticket);
        assert_eq!(token.issued_at().to_string(), "2026-11-22T00:00:00Z");
        assert_eq!(
            key().reader_of(&token, [&bob, &ann].into_iter()),
            Some(&ann)
        );
        assert_eq!(key().reader_of(&token, [&bob].into_iter()), None);
        assert_eq!(
            SigningKey::new([8; 32]).reader_of(&token, [&ann].into_iter()),
            None
        );
    }

    #[test]
    fn no_changed_token_is_genuine() {
        let ticket: TicketId = "INC-42".parse().unwrap();
        let ann: Address = "ann@example.org".parse().unwrap();
        let text = key().reply_token(&ticket, &ann, Timestamp::UNIX_EPOCH);
        for place in 0..text.len() {
            for sign in ['a', 'q', '7', '1'] {
                let mut other: Vec<char> = text.chars().collect();
                if other[place] == sign {
                    continue;
                }
                other[place] = sign;
                let other: String = other.into_iter().collect();
                let accepted = ReplyToken::parse(&other)
                    .is_some_and(|t| key().reader_of(&t, [&ann].into_iter()).is_some());
                assert!(!accepted, "{other}");
            }
        }
    }

    #[test]
    fn a_message_id_of_ours_is_known_again() {
        let ticket: TicketId = "INC-42".parse().unwrap();
        let id = key().letter_message_id(&ticket, LetterId(17), "example.org");
        assert_eq!(key().letter_of(&id), Some((ticket, LetterId(17))));
        let forged = MessageId::parse(&id.as_str().replace("inc-42", "inc-43")).unwrap();
        assert_eq!(key().letter_of(&forged), None);
    }
}
