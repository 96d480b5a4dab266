//! What is remembered of a folder from one connection to the next: mails that were left out of an
//! answer, and mails over which a connection broke. It decides when one is given up.

use std::collections::BTreeMap;

use super::MailboxError;

/// Times a mail alone may be refused or arrive garbled before it is given up, others being had.
const REFUSALS: u32 = 3;
/// The same when connections just end, or when no other mail shows that it is not the server:
/// networks and servers fail too.
const LOSSES: u32 = 10;

/// What is remembered of a folder from one connection to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    validity: u32,
    /// How often a UID was left out of an answer, once a connection.
    left_out: BTreeMap<u32, u32>,
    /// UIDs whose fetch failed.
    suspects: BTreeMap<u32, Suspect>,
    /// How many mails were had.
    had: u64,
}

/// A mail whose fetch failed.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    /// How often, when it was asked for alone.
    failures: u32,
    /// How many mails were had when it failed first.
    had: u64,
}

impl Memory {
    /// Forgets everything when the UIDs of the folder mean other mails now.
    pub(super) fn of(&mut self, validity: u32) -> &mut Self {
        if self.validity != validity {
            *self = Self {
                validity,
                ..Self::default()
            };
        }
        self
    }

    /// The mail has a final outcome.
    pub(super) fn forget(&mut self, uid: u32) {
        self.left_out.remove(&uid);
        self.suspects.remove(&uid);
    }

    /// So many mails more were had.
    pub(super) fn had(&mut self, count: u64) {
        self.had += count;
    }

    /// This connection left the mail out of an answer.
    pub(super) fn leave_out(&mut self, uid: u32) {
        *self.left_out.entry(uid).or_insert(0) += 1;
    }

    /// What at least so many connections left out, ascending.
    pub(super) fn left_out(&self, connections: u32) -> Vec<u32> {
        let often = |(uid, count): (&u32, &u32)| (*count >= connections).then_some(*uid);
        self.left_out.iter().filter_map(often).collect()
    }

    /// Whether a connection broke over the mail.
    pub(super) fn suspects(&self, uid: u32) -> bool {
        self.suspects.contains_key(&uid)
    }

    /// Whether some mail waits for another try, so that a failed pass is worth repeating.
    pub(super) fn suspects_any(&self) -> bool {
        !self.suspects.is_empty()
    }

    /// How often a connection broke over the mail alone.
    pub(super) fn failures(&self, uid: u32) -> u32 {
        self.suspects
            .get(&uid)
            .map_or(0, |suspect| suspect.failures)
    }

    /// The connection broke over these: from now on they are asked for one at a time, after all
    /// others. Answers with the one to give up and why, when it did it alone several times.
    pub(super) fn blame(&mut self, uids: &[u32], error: &MailboxError) -> Option<(u32, String)> {
        let most = match error {
            MailboxError::Refused { passing: true, .. } => return None,
            MailboxError::Refused { .. } | MailboxError::Garbled { .. } => REFUSALS,
            _ => LOSSES,
        };
        let had = self.had;
        let first = Suspect { failures: 0, had };
        for uid in uids {
            self.suspects.entry(*uid).or_insert(first);
        }
        let [uid] = uids else {
            return None;
        };
        let suspect = self.suspects.entry(*uid).or_insert(first);
        suspect.failures += 1;
        let failures = suspect.failures;
        let others_are_had = had > suspect.had;
        (failures >= LOSSES || (failures >= most && others_are_had)).then(|| {
            let reason = format!("asked for alone {failures} times, and each time: {error}");
            (*uid, reason)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GARBLED: MailboxError = MailboxError::Garbled { during: "a test" };

    #[test]
    fn a_mail_is_given_up_sooner_when_others_are_had() {
        let mut memory = Memory::default();
        assert_eq!(memory.blame(&[1, 2], &GARBLED), None);
        assert!(memory.suspects(1) && memory.suspects(2));
        let mut alone = 0;
        let given_up = std::iter::repeat_with(|| {
            alone += 1;
            memory.blame(&[1], &GARBLED)
        });
        assert!(given_up.flatten().next().is_some());
        assert_eq!(alone, LOSSES);
        memory.had(1);
        assert_eq!(memory.blame(&[2], &GARBLED), None);
        assert_eq!(memory.blame(&[2], &GARBLED), None);
        assert!(memory.blame(&[2], &GARBLED).is_some());
    }

    #[test]
    fn a_busy_server_is_held_against_no_mail() {
        let busy = MailboxError::Refused {
            command: "a test",
            text: String::new(),
            wait: None,
            passing: true,
        };
        let mut memory = Memory::default();
        assert!((0..100).all(|_| memory.blame(&[1], &busy).is_none()));
        assert!(!memory.suspects_any());
    }

    #[test]
    fn another_epoch_knows_nothing() {
        let mut memory = Memory::default();
        memory.of(7).leave_out(1);
        assert_eq!(memory.of(7).left_out(1), [1]);
        assert_eq!(memory.of(8).left_out(1), [0_u32; 0]);
    }
}
