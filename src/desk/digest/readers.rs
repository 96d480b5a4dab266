//! Who reads digests, about what, when, and who no longer wants to.

use super::Scope;
use super::period::Schedule;
use crate::desk::ids::{Address, Locale};
use crate::desk::mail::{InboundMail, Verdict};
use crate::desk::people::People;
use crate::desk::token::SigningKey;

/// The word a mail begins its subject with when its writer wants no more digests; the token follows.
const STOP: &str = "unsubscribe";

/// Somebody who reads digests.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    /// Where they are written to.
    pub address: Address,
    /// What they are called.
    pub name: Option<String>,
    /// What their digest is about.
    pub scope: Scope,
    /// When they get it.
    pub schedule: Schedule,
    /// How they are written to; as they wrote last, else as the desk writes, when absent.
    pub locale: Option<Locale>,
    /// The desk that writes to them, by its name in the configuration.
    pub desk: String,
    /// What they get when nothing happened.
    pub empty: Empty,
}

/// What becomes of a digest about nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// One sentence that says so.
    Sentence,
    /// Nothing is sent.
    Skip,
}

/// Somebody wants no more digests.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Who.
    pub reader: Address,
    /// Which ones.
    pub scope: Scope,
}

/// The subject of a mail that stops a digest. The token proves that its writer got one.
pub fn stop_subject(key: &SigningKey, reader: &Address, scope: &Scope) -> String {
    format!(
        "{STOP} {scope} {}",
        key.digest_token(reader, &scope.to_string())
    )
}

/// Whether a mail stops a digest: written by its reader, or by their mail program at their click, with the token of one of
/// their letters in its subject.
pub fn asked_to_stop(
    key: &SigningKey,
    people: &People,
    desk: &str,
    mail: &InboundMail,
) -> Option<Stop> {
    if mail.origin.verdict != Verdict::Person || !people.desks.contains_key(desk) {
        return None;
    }
    let reader = mail.sender_identity()?;
    let subject = mail.subject.as_deref()?.trim();
    let mut words = subject.split_whitespace().rev();
    let (token, scope, stop) = (words.next()?, words.next()?, words.next()?);
    let scope: Scope = scope.parse().ok()?;
    let is_asked =
        stop.eq_ignore_ascii_case(STOP) && key.is_digest_token(token, &reader, &scope.to_string());
    is_asked.then_some(Stop { reader, scope })
}
