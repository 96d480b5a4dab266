//! The sample of a receipt: one with everything a receipt can have.

use crate::desk::act::SentLetter;
use crate::desk::notice::{
    Again, HeldLetter, Hint, Hold, Notice, NoticeKind, Receipt, Refusal, Refused,
};

/// What became of the commands of a mail about the sample ticket.
pub fn full(notice: &Notice) -> Receipt {
    let letter = |kind: NoticeKind| SentLetter {
        ticket: Some(notice.ticket.id.clone()),
        kind: kind.word().to_owned(),
        to: notice.to.address.clone(),
    };
    let held = |because| HeldLetter {
        letter: letter(NoticeKind::Progress),
        because,
    };
    Receipt {
        again: Some(Again {
            text: "2 clos\n3 clos".to_owned(),
            confirms: true,
        }),
        done: vec!["INC-1042 : pris par Ann Martin".to_owned()],
        refused: vec![Refused {
            line: "/resolvd".to_owned(),
            because: Refusal::Unknown,
            named: None,
            did_you_mean: Some("/resolve".to_owned()),
        }],
        dry: false,
        help: false,
        undone: vec!["/clos".to_owned()],
        letters: vec![letter(NoticeKind::Resolved)],
        held: vec![
            held(Hold::UnknownSender),
            held(Hold::Undelivered("550 5.1.1 User unknown".to_owned())),
            held(Hold::Budget("3 in 10m to this address".to_owned())),
        ],
        others: vec![notice.ticket.clone()],
        can_undo: true,
        hint: Some(Hint::NoProvider),
        sheet: None,
    }
}
