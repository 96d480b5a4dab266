//! What has to be told to whom, before it becomes a letter.
//!
//! The desk makes notices, `scribe` turns each into exactly one letter for one recipient.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::civil::Date;

use super::bundle::Line;
pub use super::hold::Hold;
use super::ids::{Address, Locale, MessageId, TicketId};
use super::outage;
pub use super::receipt::{Again, HeldLetter, Hint, No, Receipt, Refusal, Refused};
use super::recipe::Offer;
use super::recipe::fix::Fix;
use super::sheet::SheetId;
use super::targets::Standing;
use super::ticket::{Status, Ticket};

/// The cause of every acknowledgement, whatever brought it about: one for each ticket and address, for ever.
pub const FIRST: &str = "first";

/// Something one recipient must be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// Who is told.
    pub to: Recipient,
    /// The ticket as it stands after the event.
    pub ticket: Ticket,
    /// The words of a person that are passed on.
    pub said: Option<Said>,
    /// For technicians: tickets this one may be about, and whether it can go on in each.
    pub related: Vec<(TicketId, bool)>,
    /// What a progress letter is about.
    pub progress: Option<Progress>,
    /// What the recipient is reminded of.
    pub reminder: Option<Reminder>,
    /// Of an outside firm: in letters to it, and to whoever has the ticket when it is about it.
    pub lane: Option<LaneNotice>,
    /// Set for technicians a ticket was brought to.
    pub escalation: Option<Escalation>,
    /// Set for a technician who is told because whoever has the ticket is away.
    pub stands_in: Option<StandIn>,
    /// What a receipt lists.
    pub receipt: Option<Receipt>,
    /// What a bundle tells of several tickets.
    pub lines: Vec<Line>,
    /// What the requester is asked, in their language; an acknowledgement may have some.
    pub asked: Vec<String>,
    /// Whether the requester is asked how content they are.
    pub asks_satisfaction: bool,
    /// What a queue letter lists.
    pub queue: Option<Queue>,
    /// What it has to do with an outage; for technicians only, as it names other people's tickets.
    pub outage: Option<outage::Note>,
    /// Since when the fault is known that a requester is told we have heard of.
    pub known_since: Option<Timestamp>,
    /// The recipe that is offered with the ticket.
    pub offer: Option<Offer>,
    /// The recipe made from the ticket, for whoever approves it.
    pub fix: Option<Fix>,
    /// Where the ticket's clocks stand; for technicians only.
    pub targets: Option<Standing>,
    /// The mail it answers, for In-Reply-To.
    pub answers: Option<MessageId>,
    /// For References: what this recipient has seen of the ticket, oldest first, the ticket's root id first.
    pub references: Vec<MessageId>,
    /// What makes it unique: one letter for each (`kind`, ticket, recipient, `cause`), for ever.
    pub cause: String,
    /// Set when it must not go out by itself, with the reason shown by `outbox --held`.
    pub hold: Option<Hold>,
}

impl Notice {
    /// Whether it counts against the budgets: everything to the outside but a technician's own words
    /// (`product.md` §18). What people outside write to one another by way of a ticket counts, or two robots that
    /// follow it would never end.
    pub fn is_counted(&self) -> bool {
        is_counted(self.kind, self.to.role)
    }

    /// The queue letter it is, or answers an answer to.
    pub fn sheet(&self) -> Option<SheetId> {
        let receipt = self.receipt.as_ref().and_then(|receipt| receipt.sheet);
        self.queue.as_ref().map(|queue| queue.sheet).or(receipt)
    }
}

/// The same for a notice that is still to be made.
pub fn is_counted(kind: NoticeKind, role: Role) -> bool {
    role != Role::Technician && !matches!(kind, NoticeKind::Update | NoticeKind::Handoff)
}

/// The kinds of notices; each has a folder in `templates/<locale>/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// Requester: we have it, it is number so and so.
    Acknowledgement,
    /// Team or assignee: there is a new ticket.
    NewTicket,
    /// Requester and watchers: a technician wrote.
    Update,
    /// Assignee or team, and watchers: the requester or another watcher wrote.
    Message,
    /// Requester and watchers: something moved.
    Progress,
    /// Provider: a ticket is handed over, or there is more to say about it.
    Handoff,
    /// Requester, provider: their answer is awaited. Technician: something of theirs is.
    Reminder,
    /// Requester and watchers: solved; does it work?
    Resolved,
    /// Requester and watchers: done.
    Closed,
    /// Technician: what a command mail did.
    Receipt,
    /// Technician: many notices in one.
    Bundle,
    /// Technician: the open tickets of the day.
    Queue,
    /// Technician: the draft of a recipe.
    Recipe,
    /// Manager: what a period was like. About no ticket.
    Digest,
    /// Manager: no more digests. About no ticket.
    DigestStopped,
}

impl NoticeKind {
    /// Kinds that are about no ticket: they are written from figures, not from a `Notice`.
    pub const GENERAL: [NoticeKind; 2] = [Self::Digest, Self::DigestStopped];

    /// Every kind that is about a ticket.
    pub const ALL: [NoticeKind; 13] = [
        Self::Acknowledgement,
        Self::NewTicket,
        Self::Update,
        Self::Message,
        Self::Progress,
        Self::Handoff,
        Self::Reminder,
        Self::Resolved,
        Self::Closed,
        Self::Receipt,
        Self::Bundle,
        Self::Queue,
        Self::Recipe,
    ];

    /// The word used in JSON, in the store and as the name of the templates' folder.
    pub fn word(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::NewTicket => "new-ticket",
            Self::Update => "update",
            Self::Message => "message",
            Self::Progress => "progress",
            Self::Handoff => "handoff",
            Self::Reminder => "reminder",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Receipt => "receipt",
            Self::Bundle => "bundle",
            Self::Queue => "queue",
            Self::Recipe => "recipe",
            Self::Digest => "digest",
            Self::DigestStopped => "digest-stopped",
        }
    }

    /// The kind a word names.
    pub fn of(word: &str) -> Option<NoticeKind> {
        let kinds = Self::ALL.into_iter().chain(Self::GENERAL);
        kinds.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether only people who work tickets get it.
    pub fn is_for_staff(self) -> bool {
        matches!(
            self,
            Self::NewTicket | Self::Message | Self::Receipt | Self::Bundle | Self::Recipe
        )
    }

    /// Whether it carries a person's words: then it is no automatic letter (`product.md` §18).
    pub fn is_personal(self) -> bool {
        matches!(self, Self::Update | Self::Message | Self::Handoff)
    }
}

/// Who a notice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Where they are written to.
    pub address: Address,
    /// What they are called.
    pub name: Option<String>,
    /// How they are written to.
    pub locale: Locale,
    /// What they are to the ticket.
    pub role: Role,
    /// Whether the address is known to be theirs. To others nothing a stranger wrote is repeated (I8).
    pub verified: bool,
}

/// What a recipient is to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum Role {
    Requester,
    Watcher,
    Technician,
    Provider,
}

/// A person's words, passed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Who said it, as people call them.
    pub by: String,
    /// Whether a technician of ours said it.
    pub by_technician: bool,
    /// When.
    pub at: Timestamp,
    /// The new part of what they wrote, commands and tokens taken out.
    pub text: String,
    /// Names of the files that came with it. The files themselves are not sent on.
    pub attachments: Vec<String>,
}

/// A ticket was brought to the next level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Who brought it there, as people call them.
    pub by: String,
    /// Why, when they said it.
    pub why: Option<String>,
}

/// Who has a ticket and is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// As people call them.
    pub name: String,
    /// When they are back.
    pub until: Timestamp,
}

/// What moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The status before.
    pub from: Status,
    /// Who has it now, as people call them.
    pub technician: Option<String>,
    /// Set when a ticket is put aside or waits until a moment.
    pub until: Option<Timestamp>,
    /// It was brought to the next level.
    pub escalated: bool,
}

/// What somebody is reminded of.
#[derive(Clone, Debug, PartialEq)]
pub enum Reminder {
    /// The requester: their answer is awaited. Without one the ticket is closed at the moment given, if any.
    Answer {
        /// See above.
        closes_at: Option<Timestamp>,
    },
    /// No answer came. The requester reads it in the letter that closes the ticket; whoever has the ticket, where others
    /// wait under it and it is not closed.
    NoAnswer,
    /// Whoever has the ticket: the requester was promised news for this moment.
    News(Timestamp),
    /// Whoever has the ticket: letters to the requester do not go out, so nobody reminds them.
    Unreachable,
    /// The outside firm: its answer is awaited.
    Provider,
    /// Whoever has the ticket: the firm was reminded and has not answered.
    ProviderSilent,
}

/// What a letter tells of an outside firm, or tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneNotice {
    /// The firm, by name in the configuration.
    pub provider: String,
    /// Its own name for the ticket, once learned.
    pub reference: Option<String>,
    /// Whether it learns of the ticket now.
    pub is_first: bool,
    /// Whom it asks for on site.
    pub contact: Option<String>,
    /// What was reported, in the words of whoever did.
    pub report: Option<Said>,
}

impl Reminder {
    /// The word templates choose their sentence by.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::NoAnswer => "no-answer",
            Self::News(_) => "news",
            Self::Unreachable => "unreachable",
            Self::Provider => "provider",
            Self::ProviderSilent => "provider-silent",
        }
    }

    /// The moment it names.
    pub fn moment(&self) -> Option<Timestamp> {
        match self {
            Self::Answer { closes_at } => *closes_at,
            Self::News(at) => Some(*at),
            _ => None,
        }
    }
}

/// The open tickets of a technician.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The sheet that remembers them; it is named in the reply address and in the Message-ID.
    pub sheet: SheetId,
    /// The day, where the technician is.
    pub day: Date,
    /// In the order of their numbers; the first is number 1.
    pub tickets: Vec<Ticket>,
    /// How many people reported each outage among them, by the number of its master.
    pub outages: BTreeMap<NonZeroU32, usize>,
    /// How many more there are.
    pub more: usize,
}
