//! One ticket while an event is dealt with: its state so far, and the effects ordered so far.
//!
//! Every change goes through here, so that the copy of the ticket that notices carry is always the
//! state after the change, its targets included, and each change leaves its entry.

mod recipients;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::num::NonZeroU32;

use jiff::Timestamp;

use super::bundle;
pub use super::content::Content;
use super::discretion;
use super::event::{Effect, Snapshot};
use super::ids::{Address, MessageId, TicketId};
use super::mail::InboundMail;
use super::manners::Spent;
use super::notice::{
    Escalation, FIRST, Hint, Hold, LaneNotice, Notice, NoticeKind, Recipient, Role, Said,
    is_counted,
};
use super::outage;
use super::people::Desk;
use super::recipe::fix::Fix;
use super::rules::Rules;
use super::satisfaction;
use super::targets::{Clock, Course};
use super::thread;
use super::ticket::{Change, Entry, EntryKind, Status, Ticket};

/// A ticket in hand. `Clone` lets commands be tried before they are carried out.
#[derive(Clone)]
pub struct Case<'a> {
    pub rules: &'a Rules,
    pub seen: &'a Snapshot,
    pub now: Timestamp,
    pub ticket: Ticket,
    pub effects: Vec<Effect>,
    /// Other tickets that were changed on the way, as they are now.
    pub touched: BTreeMap<NonZeroU32, Ticket>,
    /// Who wrote what this event is about, when it is a technician: they know already.
    pub writer: Option<Address>,
    /// Tickets that were brought to the next level, by whom and why.
    pub escalated: BTreeMap<NonZeroU32, Escalation>,
    /// Tickets that go along with the master of their outage: who works them is told of it there, once.
    pub led: BTreeSet<NonZeroU32>,
    /// Tickets whose requester is asked once more.
    pub chased: BTreeSet<NonZeroU32>,
    /// Who had been told of what is taken back, and about which ticket, and so hears that it no longer holds; `None` when
    /// nothing is taken back.
    pub taken_back: Option<Vec<(TicketId, Address)>>,
    /// What would have made a command do more.
    pub hint: Option<Hint>,
    /// Recipes of tickets as they are now, where that is another than before.
    pub fixes: BTreeMap<NonZeroU32, Fix>,
    /// Tickets whose draft of a recipe is to be read by a technician.
    pub drafted: BTreeSet<NonZeroU32>,
    /// What makes this event's letters unique.
    cause: String,
    spent: Spent,
    /// As in the snapshot, with what this event adds.
    staff_notices: BTreeMap<Address, u32>,
    /// What has happened to the tickets in hand, this event included.
    courses: BTreeMap<NonZeroU32, Course>,
}

impl<'a> Case<'a> {
    /// Takes `ticket` in hand because of `cause`.
    pub fn new(
        rules: &'a Rules,
        seen: &'a Snapshot,
        now: Timestamp,
        ticket: Ticket,
        cause: String,
    ) -> Self {
        Self {
            rules,
            seen,
            now,
            ticket,
            effects: Vec::new(),
            touched: BTreeMap::new(),
            writer: None,
            escalated: BTreeMap::new(),
            led: BTreeSet::new(),
            chased: BTreeSet::new(),
            taken_back: None,
            hint: None,
            fixes: BTreeMap::new(),
            drafted: BTreeSet::new(),
            cause,
            spent: seen.spent.clone(),
            staff_notices: seen.staff_notices.clone(),
            courses: BTreeMap::new(),
        }
    }

    /// The desk that works the ticket; `None` when the configuration no longer names it.
    pub fn desk(&self) -> Option<&'a Desk> {
        self.rules.people.desks.get(&self.ticket.desk)
    }

    /// What makes this event's letters unique.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// A ticket as it is now: this one, one changed on the way, or one of the snapshot.
    pub fn current(&self, id: &TicketId) -> Option<&Ticket> {
        if id.number() == self.ticket.id.number() {
            return Some(&self.ticket);
        }
        self.touched
            .get(&id.number())
            .or_else(|| self.seen.ticket(id))
    }

    /// Does `work` with another ticket in hand, within the same event. `None` when that ticket is not known.
    pub fn aside<R>(&mut self, id: &TicketId, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if id.number() == self.ticket.id.number() {
            return Some(work(self));
        }
        let other = self.current(id)?.clone();
        Some(self.aside_with(other, work))
    }

    /// The same for a ticket that is given.
    pub fn aside_with<R>(&mut self, other: Ticket, work: impl FnOnce(&mut Self) -> R) -> R {
        let mine = mem::replace(&mut self.ticket, other);
        let own = mine.id.number();
        // Found there, and perhaps changed, by whoever goes aside once more.
        self.touched.insert(own, mine);
        let done = work(self);
        if let Some(mine) = self.touched.remove(&own) {
            let other = mem::replace(&mut self.ticket, mine);
            self.touched.insert(other.id.number(), other);
        }
        done
    }

    /// Opens the ticket in hand.
    pub fn open(&mut self) {
        self.effects
            .push(Effect::Open(Box::new(self.ticket.clone())));
    }

    /// Orders that ids of this ticket's thread belong to `to` from now on.
    pub fn rethread(&mut self, to: &TicketId, ids: Vec<MessageId>) {
        let from = self.ticket.id.clone();
        self.effects.push(Effect::Rethread(from, to.clone(), ids));
    }

    /// Orders a change and applies it to the ticket in hand. Its targets follow.
    pub fn change(&mut self, change: Change) {
        let bearing = |ticket: &Ticket| {
            let (team, organisation) = (ticket.team.clone(), ticket.organisation.clone());
            (ticket.status, ticket.priority, team, organisation)
        };
        let before = bearing(&self.ticket);
        let requester = self.ticket.requester.address.clone();
        self.ticket.apply(&change, self.now);
        self.effects
            .push(Effect::Change(self.ticket.id.clone(), change));
        // What one person was told is not repeated to the next (I10).
        if requester != self.ticket.requester.address {
            self.effects
                .push(Effect::Told(self.ticket.id.clone(), None));
        }
        if before != bearing(&self.ticket) {
            self.set_targets();
        }
    }

    /// Sets the targets of a ticket that is about to be opened. Gives the entry that says so.
    pub fn begin_targets(&mut self) -> String {
        self.reckon_targets()
            .map_or_else(String::new, |(_, said)| said)
    }

    /// Reckons anew when the ticket's targets are due. When anything is different it is ordered, and said in the
    /// history: once for each ticket and event, however often it changes within.
    pub fn set_targets(&mut self) {
        let Some((due, said)) = self.reckon_targets() else {
            return;
        };
        let id = &self.ticket.id;
        let mut is_said = false;
        for effect in &mut self.effects {
            match effect {
                Effect::Change(of, change @ Change::Due { .. }) if of == id => {
                    change.clone_from(&due);
                }
                Effect::Append(of, entry) if of == id && entry.kind == EntryKind::Target => {
                    entry.text.clone_from(&said);
                    is_said = true;
                }
                _ => {}
            }
        }
        if !is_said {
            self.effects.push(Effect::Change(id.clone(), due));
            self.append(EntryKind::Target, "guichet", said, None);
        }
    }

    /// Applies the due times to the ticket in hand, and gives them with the entry about them; `None` when nothing
    /// is different.
    fn reckon_targets(&mut self) -> Option<(Change, String)> {
        let (now, status, priority) = (self.now, self.ticket.status, self.ticket.priority);
        let target = self.rules.agreements.target_of(&self.ticket);
        let course = self.course();
        course.moved(now, status);
        course.priority = priority;
        let standing = course.reckon(&target, now);
        let told = course.told.as_ref();
        if told.is_some_and(|told| told.agrees_with(&standing)) {
            return None;
        }
        let said = standing.to_string();
        course.told = Some(standing.clone());
        // A clock that has ended keeps the moment it was due at.
        let due = |clock: Clock, before| match clock {
            Clock::Ended(_) => before,
            clock => clock.due_at(),
        };
        let due = Change::Due {
            first_answer: due(standing.first_answer, self.ticket.first_answer_due_at),
            resolution: due(standing.resolution, self.ticket.resolution_due_at),
        };
        self.ticket.apply(&due, now);
        Some((due, said))
    }

    /// What has happened to the ticket in hand so far.
    pub fn course(&mut self) -> &mut Course {
        let ticket = &self.ticket;
        let number = ticket.id.number();
        self.courses.entry(number).or_insert_with(|| {
            let known = self.seen.courses.get(&number).cloned();
            known.unwrap_or_else(|| Course::begin(ticket.created_at, ticket.priority))
        })
    }

    /// Adds a line to the ticket's history.
    pub fn append(
        &mut self,
        kind: EntryKind,
        by: &str,
        text: impl Into<String>,
        message_id: Option<MessageId>,
    ) {
        let entry = Entry {
            at: self.now,
            kind,
            by: by.to_owned(),
            text: text.into(),
            message_id,
        };
        self.effects
            .push(Effect::Append(self.ticket.id.clone(), entry));
    }

    /// Notes that somebody whose letters had come back is reached again, as a mail from them came.
    pub fn reached(&mut self, sender: &Address) {
        if self.undelivered(sender).is_some() {
            self.effects.push(Effect::Reached(sender.clone()));
        }
    }

    /// Adds what `mail` says to the history, and its ids to those of the thread. Ids of our own letters
    /// are left out: they belong to the ticket they were signed for.
    pub fn append_mail(&mut self, kind: EntryKind, mail: &InboundMail, text: String) {
        let by = mail
            .from
            .as_ref()
            .map(|from| from.address.clone())
            .unwrap_or_default();
        self.append(kind, &by, text, mail.message_id.clone());
        let Some(sender) = mail.sender_identity() else {
            return;
        };
        let older = mail
            .references
            .iter()
            .chain(&mail.in_reply_to)
            .filter(|id| self.rules.key.letter_of(id).is_none());
        let ids: Vec<MessageId> = older.chain(&mail.message_id).cloned().collect();
        let newest = ids.len().saturating_sub(thread::PARENTS_MAX);
        let ids = ids.into_iter().skip(newest).collect();
        self.effects
            .push(Effect::Remember(self.ticket.id.clone(), sender, ids));
    }

    /// Moves the status and says so in the history. `false`, and nothing ordered, when the ticket's life does not allow it.
    pub fn move_to(&mut self, status: Status, by: &str, why: &str) -> bool {
        let from = self.ticket.status;
        if !from.allows(status) {
            return false;
        }
        self.change(Change::Status(status));
        self.append(
            EntryKind::Status,
            by,
            format!("{} -> {}: {why}", from.word(), status.word()),
            None,
        );
        // Silence says nothing while somebody is away.
        let away = self.away_until(&self.ticket.requester.address);
        if let Some(until) = away.filter(|until| status == Status::Resolved && *until > self.now) {
            self.change(Change::Wake(Some(until)));
        }
        true
    }

    /// Tells the requester and the watchers, each in a letter of their own; not `except`, who knows.
    pub fn tell_requester_side(
        &mut self,
        kind: NoticeKind,
        content: &Content,
        except: Option<&Address>,
    ) {
        let others = self.requester_side().into_iter();
        for to in others.filter(|to| Some(&to.address) != except) {
            self.tell(kind, to, content);
        }
    }

    /// The requester and the watchers.
    pub fn requester_side(&self) -> Vec<Recipient> {
        let watchers = self.ticket.watchers.iter().cloned();
        let watchers = watchers.map(|address| self.watcher(address));
        std::iter::once(self.requester()).chain(watchers).collect()
    }

    /// Tells those who follow the ticket, each in a letter of their own; not `except`, who knows, and nobody who
    /// has the ticket, who is told by `tell_staff`.
    pub fn tell_watchers(&mut self, kind: NoticeKind, content: &Content, except: Option<&Address>) {
        let staff = self.staff();
        let watchers = self.ticket.watchers.clone().into_iter();
        let others: Vec<Recipient> = watchers
            .filter(|address| Some(address) != except)
            .filter(|address| !staff.iter().any(|technician| technician.owns(address)))
            .map(|address| self.watcher(address))
            .collect();
        for to in others {
            self.tell(kind, to, content);
        }
    }

    /// Tells whoever has the ticket: its assignee, else the members of its team who are there; not `except`.
    pub fn tell_staff(&mut self, kind: NoticeKind, content: &Content, except: Option<&Address>) {
        for technician in self.staff() {
            if except.is_none_or(|address| !technician.owns(address)) {
                let to = self.technician(technician);
                self.tell(kind, to, content);
            }
        }
        self.tell_stand_ins(kind, content, except);
    }

    /// Tells one person. An automatic letter to the outside waits for a person when nobody vouches for the
    /// address (`reliability.md` I7) or when a budget is full.
    pub fn tell(&mut self, kind: NoticeKind, to: Recipient, content: &Content) {
        if to.address.is_erased() {
            return;
        }
        if (kind, to.role) == (NoticeKind::Update, Role::Requester) {
            let now = self.now;
            self.course().answered(now);
            self.set_targets();
        }
        let is_new_to_staff = matches!(kind, NoticeKind::NewTicket | NoticeKind::Message);
        let is_led = self.led.contains(&self.ticket.id.number());
        if is_led && is_new_to_staff && to.role == Role::Technician {
            return;
        }
        let is_counted = is_counted(kind, to.role);
        let hold = match is_counted {
            true => self.hold_for(&to).or_else(|| self.budget(&to.address)),
            // A proposal among twenty others would be read when everything is over.
            false if matches!(content.outage, Some(outage::Note::Proposed(_))) => None,
            false => self.bundle(kind, &to),
        };
        if hold.is_none() && is_counted {
            self.spent.add(&to.address, self.ticket.id.number().get());
        }
        // Whoever did not answer our question is not asked another one.
        let asks_satisfaction =
            content.reminder.is_none() && self.asks_satisfaction(kind, &to, hold.as_ref());
        let answers = content
            .answers
            .as_ref()
            .filter(|(writer, _)| *writer == to.address)
            .map(|(_, id)| id.clone());
        let cause = match kind {
            NoticeKind::Acknowledgement => FIRST.to_owned(),
            _ => self.cause.clone(),
        };
        let targets = match to.role {
            Role::Technician => self.course().told.clone(),
            _ => None,
        };
        let role = to.role;
        let clean = |said: &Said| Said {
            text: discretion::without_secrets(&said.text).into_owned(),
            ..said.clone()
        };
        let notice = Notice {
            kind,
            references: self.references(&to.address),
            to,
            ticket: self.ticket.clone(),
            said: content.said.as_ref().map(clean),
            progress: content.progress.clone(),
            reminder: content.reminder.clone(),
            lane: content.lane.as_ref().map(|lane| LaneNotice {
                report: lane.report.as_ref().map(clean),
                ..lane.clone()
            }),
            escalation: content.escalation.clone(),
            stands_in: content.stands_in.clone(),
            related: match (kind, role) {
                (NoticeKind::NewTicket, Role::Technician) => self.related(),
                _ => Vec::new(),
            },
            receipt: content.receipt.clone(),
            asked: content.asked.clone(),
            asks_satisfaction,
            lines: Vec::new(),
            queue: content.queue.clone(),
            outage: match role {
                Role::Technician => content.outage.clone().or_else(|| outage::note(self)),
                _ => None,
            },
            known_since: content.known_since,
            offer: content.offer.clone(),
            fix: content.fix.clone(),
            targets,
            answers,
            cause,
            hold,
        };
        self.effects.push(Effect::Notify(Box::new(notice)));
    }

    /// Whether this letter asks its reader how content they are: the requester of a ticket that closes, once for each
    /// ticket and not too often. Orders that it is noted.
    fn asks_satisfaction(&mut self, kind: NoticeKind, to: &Recipient, hold: Option<&Hold>) -> bool {
        let asked = satisfaction::asked(self.seen, self.ticket.id.number());
        let now = |effect: &Effect| matches!(effect, Effect::AskSatisfaction(_, person) if *person == to.address);
        let asks = (kind, to.role) == (NoticeKind::Closed, Role::Requester)
            && self
                .rules
                .periods
                .get(&self.ticket.desk)
                .is_none_or(|periods| periods.asks_satisfaction)
            && to.verified
            && hold.is_none()
            && !asked.here
            && !asked.lately
            && !self.effects.iter().any(now);
        if asks {
            let (id, person) = (self.ticket.id.clone(), to.address.clone());
            self.effects.push(Effect::AskSatisfaction(id, person));
        }
        asks
    }

    /// Too many notices to one technician are told together.
    fn bundle(&mut self, kind: NoticeKind, to: &Recipient) -> Option<Hold> {
        if !bundle::is_bundled(kind, to.role, &self.ticket) {
            return None;
        }
        let told = self.staff_notices.entry(to.address.clone()).or_default();
        if *told >= bundle::SINGLE_MAX {
            return Some(Hold::Bundle);
        }
        *told += 1;
        None
    }
}
