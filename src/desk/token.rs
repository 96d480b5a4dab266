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

/// The key of this installation, and those it had before. They lie beside the database, never in it
/// (`reliability.md` T26). Only the present one signs.
#[derive(Clone)]
pub struct SigningKey {
    present: [u8; 32],
    former: Vec<FormerKey>,
}

/// A key that was in use until some moment. What it signed with a later date was forged.
#[derive(Clone)]
pub struct FormerKey {
    /// The 32 secret bytes.
    pub bytes: [u8; 32],
    /// When another key took its place.
    pub retired_at: Timestamp,
}

impl std::fmt::Debug for FormerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormerKey(*** until {})", self.retired_at)
    }
}

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
        Self::with_former(bytes, Vec::new())
    }

    /// The same, which still knows what older keys signed.
    pub fn with_former(present: [u8; 32], former: Vec<FormerKey>) -> Self {
        Self { present, former }
    }

    /// What stands behind the `+` in the Reply-To of a letter about `ticket` to `reader`.
    pub fn reply_token(&self, ticket: &TicketId, reader: &Address, now: Timestamp) -> String {
        let day = now.as_second() / SECONDS_PER_DAY;
        let mac = mac(&self.present, &reply_claim(ticket, reader, day));
        format!("{ticket}.{}{mac}", digits(day)).to_ascii_lowercase()
    }

    /// The one of `readers` the token was made for; `None` when it is not genuine or somebody else's.
    pub fn reader_of<'a>(
        &self,
        token: &ReplyToken,
        mut readers: impl Iterator<Item = &'a Address>,
    ) -> Option<&'a Address> {
        let issued_at = token.issued_at();
        let former = self.former.iter();
        let former = former.filter(|key| issued_at <= key.retired_at);
        let keys: Vec<&[u8; 32]> = std::iter::once(&self.present)
            .chain(former.map(|key| &key.bytes))
            .collect();
        readers.find(|reader| {
            let claim = reply_claim(&token.ticket, reader, token.day);
            keys.iter().any(|key| is_genuine(key, &claim, &token.mac))
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
        let text = format!("{claim}.{}@{domain}", mac(&self.present, &claim)).to_ascii_lowercase();
        MessageId::parse(&text)
            .expect("made of ticket, number, base 32 and a domain that is part of an address")
    }

    /// The ticket and letter a Message-ID of ours names; `None` when we did not sign it. It has no date:
    /// whether such a letter was written, and when, the store tells.
    pub fn letter_of(&self, id: &MessageId) -> Option<(TicketId, LetterId)> {
        let (local, _) = id.as_str().rsplit_once('@')?;
        let local = local.to_ascii_lowercase();
        let (claim, mac) = local.rsplit_once('.')?;
        let (ticket, letter) = claim.rsplit_once('.')?;
        let (ticket, letter) = (ticket.parse().ok()?, LetterId(letter.parse().ok()?));
        let claim = letter_claim(&ticket, letter);
        let former = self.former.iter().map(|key| &key.bytes);
        std::iter::once(&self.present)
            .chain(former)
            .any(|key| is_genuine(key, &claim, mac))
            .then_some((ticket, letter))
    }

    /// What proves that somebody got digests about `scope`: it stands in the mail that stops them.
    pub fn digest_token(&self, reader: &Address, scope: &str) -> String {
        mac(&self.present, &digest_claim(reader, scope))
    }

    /// Whether a token was made for this reader and scope.
    pub fn is_digest_token(&self, token: &str, reader: &Address, scope: &str) -> bool {
        let (claim, token) = (digest_claim(reader, scope), token.to_ascii_lowercase());
        let former = self.former.iter().map(|key| &key.bytes);
        std::iter::once(&self.present)
            .chain(former)
            .any(|key| is_genuine(key, &claim, &token))
    }

    /// The Message-ID of a letter that is about no ticket, `<digest.MAC@domain>`. `claim` says what it is, to whom and on
    /// what occasion: the same claim gives the same id.
    pub fn general_message_id(&self, claim: &str, domain: &str) -> MessageId {
        let kind = claim.split(' ').next().unwrap_or_default();
        let text = format!(
            "{kind}.{}@{domain}",
            mac(&self.present, &format!("general {claim}"))
        )
        .to_ascii_lowercase();
        MessageId::parse(&text)
            .expect("made of a word, base 32 and a domain that is part of an address")
    }
}

impl SigningKey {
    /// Signs what is no reply token and no letter of a ticket: `sheet.rs`.
    pub(super) fn sign(&self, claim: &str) -> String {
        mac(&self.present, claim)
    }

    /// Whether the present key signed it. What says no date is not believed a former key.
    pub(super) fn has_signed(&self, claim: &str, signed: &str) -> bool {
        is_genuine(&self.present, claim, signed)
    }
}

fn mac(key: &[u8; 32], claim: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(claim.as_bytes());
    let bytes = mac.finalize().into_bytes();
    data_encoding::BASE32_NOPAD
        .encode(bytes.get(..MAC_BYTES).unwrap_or_default())
        .to_ascii_lowercase()
}

fn is_genuine(key: &[u8; 32], claim: &str, signed: &str) -> bool {
    mac(key, claim).as_bytes().ct_eq(signed.as_bytes()).into()
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

    /// A small generator with a fixed seed: the same ten thousand each time.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % limit as u64) as usize
        }
    }

    /// Changes a token in one to three places: another sign, one more, one less, two that change places.
    fn mutated(text: &str, chance: &mut Chance) -> String {
        let signs: Vec<char> = "abcdefghijklmnopqrstuvwxyz0123456789.-+=".chars().collect();
        let mut token: Vec<char> = text.chars().collect();
        for _ in 0..=chance.below(3) {
            let at = chance.below(token.len());
            let sign = signs[chance.below(signs.len())];
            match chance.below(4) {
                0 => token.insert(at, sign),
                1 => drop(token.remove(at)),
                2 => {
                    let next = (at + 1) % token.len();
                    token.swap(at, next);
                }
                _ => token[at] = sign,
            }
        }
        token.into_iter().collect()
    }

    #[test]
    fn no_changed_token_is_genuine() {
        let ticket: TicketId = "INC-42".parse().unwrap();
        let ann: Address = "ann@example.org".parse().unwrap();
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        let text = key().reply_token(&ticket, &ann, now);
        let id = key().letter_message_id(&ticket, LetterId(17), "example.org");
        let (local, domain) = id.as_str().split_once('@').unwrap();
        let mut chance = Chance(0x2545_f491_4f6c_dd1d);
        let mut tried = 0;
        while tried < 10_000 {
            let other = mutated(&text, &mut chance);
            let other_id = mutated(local, &mut chance);
            if other.eq_ignore_ascii_case(&text) || other_id.eq_ignore_ascii_case(local) {
                continue;
            }
            tried += 1;
            // Zeros before the number make another spelling of the same ticket, not another token.
            let says_the_same = |token: &ReplyToken| {
                token.ticket == ticket && Some(token) == ReplyToken::parse(&text).as_ref()
            };
            let accepted = ReplyToken::parse(&other).is_some_and(|token| {
                !says_the_same(&token) && key().reader_of(&token, [&ann].into_iter()).is_some()
            });
            assert!(!accepted, "{other}");
            let forged = MessageId::parse(&format!("{other_id}@{domain}"));
            let known = forged.and_then(|forged| key().letter_of(&forged));
            assert!(
                known.is_none_or(|(of, letter)| of == ticket && letter == LetterId(17)),
                "{other_id}"
            );
        }
    }

    #[test]
    fn a_former_key_is_believed_for_what_it_signed_while_it_was_in_use() {
        let ticket: TicketId = "INC-42".parse().unwrap();
        let ann: Address = "ann@example.org".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let former = FormerKey {
            bytes: [7; 32],
            retired_at: at("2026-11-22T15:00:00Z"),
        };
        let rotated = SigningKey::with_former([8; 32], vec![former]);
        let reader = |signed: &SigningKey, now| {
            let text = signed.reply_token(&ticket, &ann, now);
            let token = ReplyToken::parse(&text).unwrap();
            rotated.reader_of(&token, [&ann].into_iter()).cloned()
        };
        let (before, after) = (at("2026-11-20T10:00:00Z"), at("2026-11-23T10:00:00Z"));
        assert_eq!(reader(&key(), before), Some(ann.clone()));
        assert_eq!(reader(&key(), after), None, "the old key was stolen");
        assert_eq!(reader(&rotated, after), Some(ann.clone()));
        assert_eq!(reader(&SigningKey::new([9; 32]), before), None);
        let old = key().letter_message_id(&ticket, LetterId(17), "example.org");
        assert_eq!(
            rotated.letter_of(&old),
            Some((ticket.clone(), LetterId(17)))
        );
        let new = rotated.letter_message_id(&ticket, LetterId(17), "example.org");
        assert_ne!(old, new);
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
