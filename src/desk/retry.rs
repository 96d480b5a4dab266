//! When a letter is tried again, and when it is given up.
//!
//! RFC 5321 4.5.4.1: at least 30 minutes between attempts in general, given up after 4 to 5 days.
//! Automatic letters are given up after a day: a late acknowledgement is worse than none
//! (`reliability.md` §4.3).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::event::{CarriedLetter, Settlement};
use super::letter::Delivery;

const PERSONAL_LIFE: SignedDuration = SignedDuration::from_hours(5 * 24);
const AUTOMATIC_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// A server that took the letter without saying so has handed it on by then; the copy has the same Message-ID.
const AFTER_UNKNOWN: SignedDuration = SignedDuration::from_mins(10);

/// What becomes of `letter` after an attempt that ended at `now`.
pub fn settle(
    pauses: &[Duration],
    letter: &CarriedLetter,
    outcome: &Delivery,
    now: Timestamp,
) -> Settlement {
    match outcome {
        Delivery::Accepted(reply) => Settlement::Sent(reply.clone()),
        Delivery::Refused(reply) => Settlement::Failed(reply.clone()),
        Delivery::Deferred(reply) => match next_attempt(pauses, letter, now) {
            Some(at) => Settlement::RetryAt(at, reply.clone()),
            None => Settlement::Failed(format!(
                "given up after {} attempts: {reply}",
                letter.attempts
            )),
        },
        // A person's words are worth one possible copy; everything else goes out at most once.
        Delivery::Unknown(reply) => {
            let again = letter.kind.is_personal() && letter.attempts <= 1;
            Settlement::Unknown(again.then(|| now + AFTER_UNKNOWN), reply.clone())
        }
    }
}

fn next_attempt(pauses: &[Duration], letter: &CarriedLetter, now: Timestamp) -> Option<Timestamp> {
    let made = usize::try_from(letter.attempts.max(1) - 1).unwrap_or(usize::MAX);
    let pause = pauses
        .get(made)
        .or(pauses.last())
        .copied()
        .unwrap_or(Duration::from_secs(1_800));
    let at = now
        .checked_add(SignedDuration::try_from(pause).ok()?)
        .ok()?;
    let life = if letter.kind.is_personal() {
        PERSONAL_LIFE
    } else {
        AUTOMATIC_LIFE
    };
    (at <= letter.queued_at.checked_add(life).ok()?).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::ids::MessageId;
    use crate::desk::letter::LetterId;
    use crate::desk::notice::NoticeKind;

    fn letter(kind: NoticeKind, attempts: u32) -> CarriedLetter {
        CarriedLetter {
            id: LetterId(1),
            message_id: MessageId::parse("1@example.org").unwrap(),
            ticket: "INC-1".parse().ok(),
            kind,
            to: "ann@example.org".parse().unwrap(),
            attempts,
            queued_at: Timestamp::UNIX_EPOCH,
        }
    }

    const PAUSES: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(14_400)];

    #[test]
    fn pauses_grow_and_the_last_repeats_until_the_letter_is_given_up() {
        let (mut now, mut attempts, mut pauses) = (Timestamp::UNIX_EPOCH, 0, Vec::new());
        loop {
            attempts += 1;
            let deferred = Delivery::Deferred("451 later".to_owned());
            match settle(
                &PAUSES,
                &letter(NoticeKind::Acknowledgement, attempts),
                &deferred,
                now,
            ) {
                Settlement::RetryAt(at, _) => {
                    pauses.push(at.duration_since(now).as_secs());
                    now = at;
                }
                Settlement::Failed(reason) => {
                    assert!(reason.contains("451 later"), "{reason}");
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(pauses, [300, 14_400, 14_400, 14_400, 14_400, 14_400]);
    }

    #[test]
    fn an_uncertain_letter_goes_out_again_only_when_a_person_wrote_it_and_only_once() {
        let unknown = Delivery::Unknown("no answer".to_owned());
        let again = |kind, attempts| match settle(
            &PAUSES,
            &letter(kind, attempts),
            &unknown,
            Timestamp::UNIX_EPOCH,
        ) {
            Settlement::Unknown(again, _) => again.is_some(),
            other => panic!("{other:?}"),
        };
        assert!(again(NoticeKind::Update, 1));
        assert!(!again(NoticeKind::Update, 2));
        assert!(!again(NoticeKind::Acknowledgement, 1));
    }
}
