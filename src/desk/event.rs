//! What can happen, what the desk gets to see, and what it can order.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::slice;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::act::{Act, ActId, PastAct};
use super::bundle::Waiting;
use super::command::Order;
use super::digest::readers::Stop;
use super::ids::{Address, Locale, MessageId, TicketId};
use super::letter::{Delivery, LetterId};
use super::mail::InboundMail;
use super::manners::Spent;
use super::notice::{Notice, NoticeKind, Receipt, Said};
use super::outage::Outage;
use super::people::Technician;
use super::provider::Lane;
use super::recipe::fix::Fix;
use super::recipe::{Offered, Outcome as RecipeOutcome, Recalled, Shelf};
use super::satisfaction::{Asked, Rating};
use super::sheet::{Sheet, SheetId};
use super::targets::Course;
use super::ticket::{Change, Entry, Ticket};
use super::triage::like::Matter;
use super::triage::{Correction, Heard};

/// What happened. There are no other causes.
#[derive(Clone, Debug)]
pub enum Event {
    /// A mail arrived at a desk and was read.
    Arrived {
        /// The desk whose mailbox it came in at.
        desk: String,
        /// The mail.
        mail: Box<InboundMail>,
    },
    /// A mail could not be read, three times; it is in quarantine.
    Unreadable {
        /// The desk whose mailbox it came in at.
        desk: String,
        /// What its header says, if that much could be read.
        mail: Box<InboundMail>,
        /// Why it is in quarantine.
        reason: String,
    },
    /// A letter was carried, or not.
    Carried {
        /// Which one.
        letter: CarriedLetter,
        /// What became of it.
        outcome: Delivery,
    },
    /// Notices to this technician have waited long enough to be told together, oldest first.
    Gathered {
        /// The technician.
        to: Address,
        /// What waits.
        waiting: Vec<Waiting>,
    },
    /// Time passed. The snapshot holds the tickets whose moment has come.
    Tick,
    /// The hour of a technician's queue letter has come. The snapshot holds the tickets.
    Morning {
        /// Whose, by name in the configuration.
        technician: String,
        /// The day, where the technician is.
        day: Date,
    },
    /// Somebody gave orders at the shell of this machine.
    Ordered {
        /// The ticket.
        ticket: TicketId,
        /// In whose name: a technician by name in the configuration; nobody's when `None`.
        technician: Option<String>,
        /// The orders with the lines they were read from.
        orders: Vec<Order>,
        /// What makes the letters of this event unique.
        cause: String,
    },
    /// What was agreed has changed. The snapshot holds the tickets whose targets are set anew.
    Agreed,
}

/// The letter an outcome is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedLetter {
    /// Its number.
    pub id: LetterId,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its ticket; none for a digest.
    pub ticket: Option<TicketId>,
    /// What it is.
    pub kind: NoticeKind,
    /// Its recipient.
    pub to: Address,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it was queued first.
    pub queued_at: Timestamp,
}

/// All the desk gets to know beside the event. The store fills it within the transaction that records the effects.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The number the next ticket gets.
    pub next_ticket: NonZeroU32,
    /// Set when the same mail came in before by another way.
    pub copy_of: Option<EarlierCopy>,
    /// Every ticket the mail may belong to, merged ones with those they were merged into; with an outage, its tickets.
    pub tickets: BTreeMap<NonZeroU32, Ticket>,
    /// Which of the mail's parents are known, with their tickets.
    pub known_ids: Vec<(MessageId, TicketId)>,
    /// For each candidate ticket: the ids each address has seen, oldest first.
    pub seen_ids: BTreeMap<NonZeroU32, Vec<(Address, MessageId)>>,
    /// Who said in an absence notice that they are away, and until when.
    pub away: BTreeMap<Address, Timestamp>,
    /// Letters of ours among the mail's parents, the newest first: to whom each went, and when.
    pub answered: Vec<AnsweredLetter>,
    /// For each candidate ticket: what its requester was asked and has not answered.
    pub asked: BTreeMap<NonZeroU32, Vec<String>>,
    /// For each candidate ticket: what a technician last wrote to its requester.
    pub last_said: BTreeMap<NonZeroU32, Said>,
    /// For each candidate ticket: the outside firms it, or one that goes on in it, was handed to; the latest last.
    pub lanes: BTreeMap<NonZeroU32, Vec<Lane>>,
    /// Tickets for which the subject has a reference of the firm that writes.
    pub referred: Vec<TicketId>,
    /// For each candidate ticket: who was asked how content they are.
    pub satisfaction: BTreeMap<NonZeroU32, Asked>,
    /// The letter a delivery report is about.
    pub reported_letter: Option<CarriedLetter>,
    /// The ticket this person opened within the last day with the same words.
    pub same_request: Option<TicketId>,
    /// Whether the same words of the same person were dealt with already, under another Message-ID (T09).
    pub repeats: bool,
    /// What is known of the people concerned: the sender, and everybody of the candidate tickets.
    pub known_people: BTreeMap<Address, KnownPerson>,
    /// Domains of people who wrote before.
    pub known_domains: Vec<String>,
    /// How many tickets of this sender were raised above the lowest priority since midnight UTC; 0 for a sender somebody
    /// vouches for, whose tickets are not counted.
    pub raised_today: u32,
    /// What people of the sender's organisation reported of late, newest first.
    pub reports: Vec<Report>,
    /// The running outages that people of the sender's organisation are hit by, and those of the candidate tickets, by
    /// the number of their master, which is among the tickets.
    pub outages: BTreeMap<NonZeroU32, Outage>,
    /// For commands that declare an outage: the open tickets that are like a candidate, oldest first.
    pub likes: BTreeMap<NonZeroU32, Vec<TicketId>>,
    /// At a tick: the tickets whose moment has come. Others are there because they stand under the same outage.
    pub due: BTreeSet<NonZeroU32>,
    /// Open tickets of each technician, for round robin.
    pub load: BTreeMap<String, u32>,
    /// How many notices each technician got one by one in the last ten minutes.
    pub staff_notices: BTreeMap<Address, u32>,
    /// Automatic letters of late, for the addresses and tickets concerned.
    pub spent: Spent,
    /// For each candidate ticket: what has happened to it as far as its targets are concerned.
    pub courses: BTreeMap<NonZeroU32, Course>,
    /// At a tick: how many holding letters each due ticket's requester has got in a row.
    pub holding_letters: BTreeMap<NonZeroU32, u32>,
    /// The queue letter this mail answers.
    pub sheet: Option<Sheet>,
    /// The number the next queue letter gets.
    pub next_sheet: SheetId,
    /// For a command that takes back: what there is to take back.
    pub to_undo: Option<PastAct>,
    /// What triage finds in the mail's words, where it was looked for beforehand: it needs nothing that is stored, and the
    /// thread that records is the one others wait for.
    pub heard: Option<Heard>,
    /// The recipes in force.
    pub shelf: Arc<Shelf>,
    /// Which of them fit the mail's words, where that was looked for beforehand.
    pub recalled: Option<Recalled>,
    /// For each candidate ticket: the recipe that was offered with it.
    pub offered: BTreeMap<NonZeroU32, Offered>,
    /// For commands about recipes: what was made from each ticket, and the titles of those made from others.
    pub fixes: BTreeMap<NonZeroU32, Fix>,
    /// See `fixes`.
    pub fix_titles: Vec<String>,
    /// For commands that merge and split: what was last written about each ticket by somebody outside.
    pub last_words: BTreeMap<NonZeroU32, LastWords>,
    /// For commands that hand over: how each ticket was reported, unless a technician did.
    pub first_words: BTreeMap<NonZeroU32, LastWords>,
}

impl Snapshot {
    /// A snapshot of an empty store.
    pub fn empty() -> Self {
        Self {
            next_ticket: NonZeroU32::MIN,
            copy_of: None,
            tickets: BTreeMap::new(),
            known_ids: Vec::new(),
            seen_ids: BTreeMap::new(),
            away: BTreeMap::new(),
            answered: Vec::new(),
            asked: BTreeMap::new(),
            last_said: BTreeMap::new(),
            lanes: BTreeMap::new(),
            referred: Vec::new(),
            satisfaction: BTreeMap::new(),
            reported_letter: None,
            same_request: None,
            known_people: BTreeMap::new(),
            known_domains: Vec::new(),
            raised_today: 0,
            reports: Vec::new(),
            outages: BTreeMap::new(),
            likes: BTreeMap::new(),
            due: BTreeSet::new(),
            load: BTreeMap::new(),
            staff_notices: BTreeMap::new(),
            spent: Spent::default(),
            repeats: false,
            courses: BTreeMap::new(),
            holding_letters: BTreeMap::new(),
            sheet: None,
            next_sheet: SheetId(1),
            to_undo: None,
            heard: None,
            shelf: Arc::default(),
            recalled: None,
            offered: BTreeMap::new(),
            fixes: BTreeMap::new(),
            fix_titles: Vec::new(),
            last_words: BTreeMap::new(),
            first_words: BTreeMap::new(),
        }
    }

    /// Whether a technician is away at `now`: as the configuration says, or a notice of theirs.
    pub fn is_away(&self, technician: &Technician, now: Timestamp) -> bool {
        self.away_until(technician, now).is_some()
    }

    /// Until when a technician is away, seen from `now`; `None` when they are there.
    pub fn away_until(&self, technician: &Technician, now: Timestamp) -> Option<Timestamp> {
        let noted = self.away.get(&technician.address).copied();
        let until = technician.away_until.into_iter().chain(noted);
        until.filter(|until| *until > now).max()
    }

    /// At a tick: the tickets whose moment has come, by number.
    pub fn due_tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.due
            .iter()
            .filter_map(|number| self.tickets.get(number))
    }

    /// The one letter of ours `mail` was written to, if it was one: what In-Reply-To names or, without that, the last of
    /// References. Those before it would not tell: a long thread names every letter.
    pub fn answered_by(&self, mail: &InboundMail) -> Option<&AnsweredLetter> {
        let named = match mail.in_reply_to.as_slice() {
            [] => mail
                .references
                .last()
                .map(slice::from_ref)
                .unwrap_or_default(),
            named => named,
        };
        let mut letters = self.answered.iter();
        letters.find(|letter| named.contains(&letter.message_id))
    }

    /// The candidate with this number. The prefix does not matter: the number alone is unique.
    pub fn ticket(&self, id: &TicketId) -> Option<&Ticket> {
        self.tickets.get(&id.number())
    }
}

/// What somebody outside wrote about a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWords {
    /// Who.
    pub by: Address,
    /// What they call themselves, where it is known.
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The new part of the mail.
    pub text: String,
    /// The mail's subject; may be empty.
    pub subject: String,
    /// The mail's Message-ID.
    pub message_id: Option<MessageId>,
    /// Whether the mail opened the ticket.
    pub is_first: bool,
}

/// A letter of ours that a mail answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredLetter {
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Whom it was written to.
    pub to: Address,
    /// When it was written.
    pub at: Timestamp,
    /// What it is.
    pub kind: NoticeKind,
}

/// The mail of which another is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCopy {
    /// The earlier mail's number in the store.
    pub mail: i64,
    /// The ticket it went to, if it went to one.
    pub ticket: Option<TicketId>,
}

/// A fault somebody reported of late: an open ticket that is more than a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its ticket.
    pub ticket: TicketId,
    /// When it was opened.
    pub at: Timestamp,
    /// Who.
    pub requester: Address,
    /// What it is about.
    pub matter: Matter,
    /// See `Ticket::proposed`.
    pub proposed: u32,
    /// Whether it stands under an outage.
    pub in_outage: bool,
}

/// What is known of somebody who wrote before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPerson {
    /// How they wrote last.
    pub locale: Option<Locale>,
    /// Set when letters do not reach them for good, with what the last report said; until they write again.
    pub undelivered: Option<String>,
}

/// What the desk orders. The store carries all effects of an event out in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A ticket is opened.
    Open(Box<Ticket>),
    /// A ticket changes.
    Change(TicketId, Change),
    /// A line is added to a ticket's history.
    Append(TicketId, Entry),
    /// A technician found the ranking wrong.
    Correct(TicketId, Correction),
    /// Somebody has seen these ids, and they belong to the ticket.
    Remember(TicketId, Address, Vec<MessageId>),
    /// Somebody has seen these ids, and they belong to the second ticket from now on.
    Rethread(TicketId, TicketId, Vec<MessageId>),
    /// Commands were carried out.
    Act(Act),
    /// They were taken back.
    Undone(ActId),
    /// What is said to whoever gave orders at the shell: the receipt, and the ticket as it stands.
    Answer(Box<(Receipt, Ticket)>),
    /// A technician's queue of a day is dealt with.
    Sheet(Sheet),
    /// Somebody must be told.
    Notify(Box<Notice>),
    /// Somebody wrote: they are known from now on, and write in this language.
    Know(Address, Option<Locale>),
    /// Somebody whose letters had not arrived wrote: they are reached again.
    Reached(Address),
    /// These letters were told in another.
    Bundled(Vec<LetterId>),
    /// A ticket is handed to an outside firm, by name in the configuration.
    HandOver(TicketId, String),
    /// An outside firm calls the ticket so.
    Refer(TicketId, String, String),
    /// The requester was told this by a technician; a new requester nothing yet.
    Told(TicketId, Option<Said>),
    /// The requester was asked these questions.
    Ask(TicketId, Vec<String>),
    /// The requester wrote again after being asked.
    Answered(TicketId),
    /// The requester is asked how content they are.
    AskSatisfaction(TicketId, Address),
    /// The requester answered that.
    Rate(TicketId, Rating),
    /// A recipe was offered with the ticket.
    Offer(TicketId, Offered),
    /// The requester answered that.
    Tried(TicketId, RecipeOutcome),
    /// A recipe made from a ticket is now like this.
    Fix(Box<Fix>),
    /// Somebody is away until this moment, as their own notice says.
    Away(Address, Timestamp),
    /// A letter did not arrive, for good.
    Undelivered(LetterId, String),
    /// What became of a letter that was carried.
    Settle(LetterId, Settlement),
    /// Somebody wants no more digests.
    StopDigest(Stop),
    /// What became of the mail.
    File(Filing),
}

/// What becomes of a letter after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It was taken over.
    Sent(String),
    /// It is tried again at this moment.
    RetryAt(Timestamp, String),
    /// It is given up.
    Failed(String),
    /// It may have been taken over: shown as uncertain, and tried again at the moment given, if any.
    Unknown(Option<Timestamp>, String),
}

/// What becomes of a mail. No mail ends without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// What became of it.
    pub outcome: Outcome,
    /// The ticket it belongs to.
    pub ticket: Option<TicketId>,
    /// Why, one sentence each; shown by `guichet why`.
    pub reasons: Vec<String>,
}

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It opened a ticket.
    Opened,
    /// It joined a ticket.
    Joined,
    /// It is kept with a ticket and had no effect on it.
    Kept,
    /// The same mail came in before by another way.
    Copy,
    /// It belongs to no ticket and is shown by `guichet quarantine list`.
    SetAside,
    /// It could not be read.
    Quarantined,
}

impl Outcome {
    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Joined => "joined",
            Self::Kept => "kept",
            Self::Copy => "copy",
            Self::SetAside => "set-aside",
            Self::Quarantined => "quarantined",
        }
    }
}
