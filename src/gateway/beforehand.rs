//! What is found in a mail's words before anything that is stored is asked.
//!
//! Looking for phrases is most of what a mail costs, and the writing thread is the one others wait for: so it is done
//! where mails are read. Whatever was found by other words or other recipes than those in force is found anew.

use super::Gateway;
use crate::desk;
use crate::desk::mail::InboundMail;
use crate::desk::recipe::Recalled;
use crate::desk::triage::Heard;

/// The phrases of triage and of recipes in a mail.
#[derive(Clone)]
pub struct Beforehand {
    /// Those of the keyword lists.
    pub heard: Heard,
    /// The recipes that fit.
    pub recalled: Recalled,
}

impl Beforehand {
    /// Looks for them.
    pub fn of(gateway: &Gateway, mail: &InboundMail) -> Self {
        let keywords = &gateway.rules.keywords;
        let heard = desk::hear(keywords, mail);
        let shelf = gateway.shelves.current();
        let recalled = shelf.recall(keywords, &heard, mail.language);
        Self { heard, recalled }
    }
}
