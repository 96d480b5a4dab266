//! A ticket, its history, and the moves its status allows (`product.md` §2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::act::Facet;
use super::ids::{Address, Locale, MessageId, TicketId};
use super::triage::{Impact, Priority, Reason, Urgency};

/// One incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// The desk that works it, by its name in the configuration.
    pub desk: String,
    /// What it is about, on one line: the first mail's subject without reply prefixes and tags.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How many people or services are hit.
    pub impact: Impact,
    /// How badly they are held up.
    pub urgency: Urgency,
    /// What `impact` x `urgency` gives, or what a technician decided.
    pub priority: Priority,
    /// Why.
    pub reasons: Vec<Reason>,
    /// One of the configured categories; `other` when no word told.
    pub category: String,
    /// Who reported it.
    pub requester: Requester,
    /// Who is kept informed beside the requester.
    pub watchers: Vec<Address>,
    /// The technician who has it, by name in the configuration.
    pub assignee: Option<String>,
    /// The team it is with, by name in the configuration.
    pub team: Option<String>,
    /// The requester's company, by name in the configuration.
    pub organisation: Option<String>,
    /// Why it happened, once known.
    pub cause: Option<String>,
    /// What helped.
    pub solution: Option<String>,
    /// Working time recorded by technicians.
    pub minutes_spent: u32,
    /// Tickets it is linked to, "perhaps about" included.
    pub links: Vec<TicketId>,
    /// The ticket it was merged into.
    pub merged_into: Option<TicketId>,
    /// The master ticket of the outage it stands under. The master names itself, so that whatever names it is the whole
    /// outage: one fault, and everybody who reported it.
    pub outage: Option<TicketId>,
    /// What technicians call the outage; only a master has one. Nobody outside reads it: it may name somebody else.
    pub outage_name: Option<String>,
    /// How many people the letter about it named that proposed an outage; 0 while none did.
    pub proposed: u32,
    /// The id that opens its thread; unsigned, the same for everybody, and never the id of a mail.
    pub root: MessageId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its last entry was made.
    pub updated_at: Timestamp,
    /// When the requester hears from us next, whatever happens.
    pub next_news_at: Option<Timestamp>,
    /// When it was resolved, closed or merged; `None` while it is open.
    pub ended_at: Option<Timestamp>,
    /// When a ticket that is put aside or waits goes on by itself; `None` when it does not.
    pub wakes_at: Option<Timestamp>,
    /// When a technician must have written to the requester; `None` while that clock stands or nothing is agreed.
    pub first_answer_due_at: Option<Timestamp>,
    /// When it must be resolved; `None` while that clock stands or nothing is agreed.
    pub resolution_due_at: Option<Timestamp>,
    /// While it waits: how often whoever's turn it is was reminded, and what is due next (`reminder.rs`). `None` when
    /// nobody is reminded.
    pub reminding: Option<Reminding>,
    /// When whoever has it is told that the next news is nearly due; `None` once that was told.
    pub nudges_at: Option<Timestamp>,
}

/// How far the reminders to somebody have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminding {
    /// How many there were.
    pub sent: u32,
    /// When the next one is due; after the last one, when the waiting ends.
    pub next_at: Timestamp,
}

/// The person who reported a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// Where they are written to.
    pub address: Address,
    /// What they call themselves.
    pub name: Option<String>,
    /// How they are written to.
    pub locale: Locale,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Acknowledged, nobody took it.
    New,
    /// Somebody has it, or a technician wrote.
    Open,
    /// It is the requester's turn.
    WaitingRequester,
    /// It is an outside firm's turn.
    WaitingProvider,
    /// Put aside until a moment.
    Snoozed,
    /// A technician says it is solved; the requester is asked.
    Resolved,
    /// Done.
    Closed,
    /// Closed, and goes on in another ticket.
    Merged,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 8] = [
        Self::New,
        Self::Open,
        Self::WaitingRequester,
        Self::WaitingProvider,
        Self::Snoozed,
        Self::Resolved,
        Self::Closed,
        Self::Merged,
    ];

    /// The word used in JSON, in the store and in templates.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::WaitingRequester => "waiting-requester",
            Self::WaitingProvider => "waiting-provider",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    /// The status a word names.
    pub fn of(word: &str) -> Option<Status> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Nothing is expected from anybody any more: resolved, closed or merged.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed | Self::Merged)
    }

    /// Whether a ticket may go from here to `next`. `merged` is final: its mails go to the other ticket.
    pub fn allows(self, next: Status) -> bool {
        match (self, next) {
            (from, to) if from == to => false,
            (Self::Merged, _) | (_, Self::New) => false,
            (Self::Closed, to) => matches!(to, Self::Open | Self::Merged),
            _ => true,
        }
    }
}

/// One change of a ticket's state. The store writes it, `Ticket::apply` shows what it leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The status moves.
    Status(Status),
    /// Somebody takes it, or nobody has it any more.
    Assignee(Option<String>),
    /// Another team.
    Team(Option<String>),
    /// Impact, urgency, priority and why.
    Rank {
        /// See `Ticket::impact`.
        impact: Impact,
        /// See `Ticket::urgency`.
        urgency: Urgency,
        /// See `Ticket::priority`.
        priority: Priority,
        /// See `Ticket::reasons`.
        reasons: Vec<Reason>,
    },
    /// Another category.
    Category(String),
    /// Somebody more is kept informed.
    Watch(Address),
    /// Somebody less is kept informed.
    Unwatch(Address),
    /// Another person reported it, really.
    Requester(Requester),
    /// The requester's company is another one, or none.
    Organisation(Option<String>),
    /// Why it happened.
    Cause(String),
    /// What helped.
    Solution(String),
    /// Minutes worked, added to those recorded.
    Minutes(u32),
    /// Linked to another ticket.
    Link(TicketId),
    /// When the next news is promised for.
    NextNews(Option<Timestamp>),
    /// When it goes on by itself.
    Wake(Option<Timestamp>),
    /// How far reminders have come.
    Remind(Option<Reminding>),
    /// When whoever has it is told that the next news is nearly due.
    Nudge(Option<Timestamp>),
    /// It goes on in another ticket.
    Merge(TicketId),
    /// It stands under an outage, its own perhaps, or under none any more.
    Outage {
        /// See `Ticket::outage`.
        under: Option<TicketId>,
        /// See `Ticket::outage_name`.
        name: Option<String>,
    },
    /// A letter about it proposes an outage of so many people.
    Proposed(u32),
    /// One facet gets back the value it had.
    Restore(Facet),
    /// When its targets are due.
    Due {
        /// See `Ticket::first_answer_due_at`.
        first_answer: Option<Timestamp>,
        /// See `Ticket::resolution_due_at`.
        resolution: Option<Timestamp>,
    },
}

impl Ticket {
    /// The ticket after `change`, made at `now`.
    pub fn apply(&mut self, change: &Change, now: Timestamp) {
        self.updated_at = now;
        match change {
            Change::Status(status) => {
                self.status = *status;
                self.ended_at = status.is_over().then_some(now);
                (self.wakes_at, self.reminding) = (None, None);
                if status.is_over() {
                    (self.next_news_at, self.nudges_at) = (None, None);
                }
            }
            Change::Assignee(assignee) => self.assignee.clone_from(assignee),
            Change::Team(team) => self.team.clone_from(team),
            Change::Rank {
                impact,
                urgency,
                priority,
                reasons,
            } => {
                (self.impact, self.urgency, self.priority) = (*impact, *urgency, *priority);
                self.reasons.clone_from(reasons);
            }
            Change::Category(category) => self.category.clone_from(category),
            Change::Watch(address) => {
                if !self.takes_part(address) {
                    self.watchers.push(address.clone());
                }
            }
            Change::Unwatch(address) => self.watchers.retain(|watcher| watcher != address),
            Change::Requester(requester) => {
                self.watchers
                    .retain(|watcher| *watcher != requester.address);
                self.requester = requester.clone();
            }
            Change::Organisation(organisation) => self.organisation.clone_from(organisation),
            Change::Cause(cause) => self.cause = Some(cause.clone()),
            Change::Solution(solution) => self.solution = Some(solution.clone()),
            Change::Minutes(minutes) => {
                self.minutes_spent = self.minutes_spent.saturating_add(*minutes)
            }
            Change::Link(other) => {
                if !self.links.contains(other) {
                    self.links.push(other.clone());
                }
            }
            Change::NextNews(at) => (self.next_news_at, self.nudges_at) = (*at, None),
            Change::Wake(at) => self.wakes_at = *at,
            Change::Remind(reminding) => self.reminding = *reminding,
            Change::Nudge(at) => self.nudges_at = *at,
            Change::Merge(into) => {
                self.apply(&Change::Status(Status::Merged), now);
                self.merged_into = Some(into.clone());
            }
            Change::Outage { under, name } => {
                self.outage.clone_from(under);
                self.outage_name.clone_from(name);
            }
            Change::Proposed(people) => self.proposed = *people,
            Change::Restore(facet) => self.restore(facet),
            Change::Due {
                first_answer,
                resolution,
            } => (self.first_answer_due_at, self.resolution_due_at) = (*first_answer, *resolution),
        }
    }

    fn restore(&mut self, facet: &Facet) {
        match facet.clone() {
            Facet::Standing {
                status,
                merged_into,
                ended_at,
                wakes_at,
                reminding,
            } => {
                (self.status, self.merged_into) = (status, merged_into);
                (self.ended_at, self.wakes_at) = (ended_at, wakes_at);
                self.reminding = reminding;
            }
            Facet::Assignee(assignee) => self.assignee = assignee,
            Facet::Team(team) => self.team = team,
            Facet::Rank {
                impact,
                urgency,
                priority,
                reasons,
            } => {
                (self.impact, self.urgency, self.priority) = (impact, urgency, priority);
                self.reasons = reasons;
            }
            Facet::Category(category) => self.category = category,
            Facet::Requester {
                requester,
                organisation,
            } => (self.requester, self.organisation) = (requester, organisation),
            Facet::Watched(address, true) if !self.watchers.contains(&address) => {
                self.watchers.push(address);
            }
            Facet::Watched(_, true) => {}
            Facet::Watched(address, false) => self.watchers.retain(|watcher| *watcher != address),
            Facet::Cause(cause) => self.cause = cause,
            Facet::Solution(solution) => self.solution = solution,
            Facet::Minutes(minutes) => self.minutes_spent = minutes,
            Facet::Outage { under, name } => (self.outage, self.outage_name) = (under, name),
            Facet::Linked(other, true) if !self.links.contains(&other) => self.links.push(other),
            Facet::Linked(_, true) => {}
            Facet::Linked(other, false) => self.links.retain(|link| *link != other),
            Facet::Recipe(_) => {} // it is no part of the ticket
        }
    }

    /// Whether it is the master of an outage.
    pub fn is_master(&self) -> bool {
        self.outage.as_ref() == Some(&self.id)
    }

    /// The master it stands under, unless it is one itself.
    pub fn master(&self) -> Option<&TicketId> {
        self.outage.as_ref().filter(|master| **master != self.id)
    }

    /// Whether `address` reported the ticket or watches it.
    pub fn takes_part(&self, address: &Address) -> bool {
        self.requester.address == *address || self.watchers.contains(address)
    }
}

/// One line of a ticket's history. Entries are only ever added.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EntryKind,
    /// Who did it: an address, a technician's name, or `guichet`.
    pub by: String,
    /// What was said or done, in the words shown to technicians.
    pub text: String,
    /// The mail or letter it is about.
    pub message_id: Option<MessageId>,
}

impl Entry {
    /// Says what became of the delivery of a letter. `by`: who found it out or saw to it.
    pub fn delivery(at: Timestamp, by: &str, text: String) -> Self {
        Self {
            at,
            kind: EntryKind::Delivery,
            by: by.to_owned(),
            text,
            message_id: None,
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A mail came in.
    Mail,
    /// A letter goes out.
    Letter,
    /// What became of a letter, when it did not simply arrive.
    Delivery,
    /// A technician wrote it for technicians only.
    Note,
    /// The status moved.
    Status,
    /// Another assignee or team.
    Assignment,
    /// Impact, urgency or priority changed.
    Priority,
    /// Somebody of the ticket says it is more urgent, or less; a technician decides.
    Claim,
    /// Requester or watchers changed.
    People,
    /// Cause, solution, category, time or links changed.
    Fact,
    /// Commands were carried out or refused.
    Command,
    /// Something that came in was kept and had no effect, with the reason.
    Kept,
    /// Where the ticket's clocks stand (`targets.rs`).
    Target,
    /// An outside firm wrote, or was written to: for those who work the ticket alone.
    Provider,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [EntryKind; 14] = [
        Self::Mail,
        Self::Letter,
        Self::Delivery,
        Self::Note,
        Self::Status,
        Self::Assignment,
        Self::Priority,
        Self::Claim,
        Self::People,
        Self::Fact,
        Self::Command,
        Self::Kept,
        Self::Target,
        Self::Provider,
    ];

    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Letter => "letter",
            Self::Delivery => "delivery",
            Self::Note => "note",
            Self::Status => "status",
            Self::Assignment => "assignment",
            Self::Priority => "priority",
            Self::Claim => "claim",
            Self::People => "people",
            Self::Fact => "fact",
            Self::Command => "command",
            Self::Kept => "kept",
            Self::Target => "target",
            Self::Provider => "provider",
        }
    }

    /// The kind a word names.
    pub fn of(word: &str) -> Option<EntryKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
