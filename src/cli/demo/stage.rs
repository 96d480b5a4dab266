//! Plays the story: each mail is delivered to the Maildir, then guichet runs once.
//!
//! Everything on the way is the real thing: mailbox, reading process, desk, scribe, store, courier. Only the clock is
//! set to the moments of the story, those included at which a promise comes due.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::Timestamp;

use super::scratch::Scratch;
use super::script::{Answered, Script, Step};
use crate::cli::{Failure, SOFTWARE, TEMPORARY};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::desk::digest::Scope;
use crate::desk::digest::period::{Cadence, Period};
use crate::desk::ids::{MessageId, TicketId};
use crate::desk::mail::InboundMail;
use crate::desk::ticket::{Entry, EntryKind, Ticket};
use crate::gateway::{self, Gateway, digests};
use crate::intake;
use crate::intake::header::Headers;
use crate::scribe::Written;
use crate::store::{LetterView, MailView, Reader};

/// One thing that happened: a mail arrived, or a moment came.
pub struct Scene {
    /// When, in UTC.
    pub at: Timestamp,
    /// What happened, in a line.
    pub says: String,
    /// The mail as it was read, and what became of it.
    pub mail: Option<(InboundMail, MailView)>,
    /// The ticket before, if there was one.
    pub before: Option<Ticket>,
    /// The ticket afterwards.
    pub after: Option<Ticket>,
    /// What else is known of the ticket now, as its history says it.
    pub facts: Vec<String>,
    /// The letters that went out.
    pub letters: Vec<Sent>,
}

/// A letter of guichet.
pub struct Sent {
    /// What the outbox says about it.
    pub view: LetterView,
    /// The letter as it was carried.
    pub bytes: Vec<u8>,
}

/// A story that is being played.
pub struct Stage<'a> {
    script: &'a Script,
    scratch: &'a Scratch,
    gateway: Arc<Gateway>,
    runtime: tokio::runtime::Runtime,
    reader: Reader,
    /// Tickets by the names the script gives them.
    tickets: BTreeMap<String, TicketId>,
    /// Letters seen so far.
    letters: usize,
}

impl<'a> Stage<'a> {
    /// Opens the database and everything else. `settings` are those of the scratch folder.
    pub fn set(
        script: &'a Script,
        scratch: &'a Scratch,
        settings: Settings,
    ) -> Result<Stage<'a>, Failure> {
        let begin = script.steps.first().map(|step| step.at).unwrap_or_default();
        let gateway = Gateway::open(settings, Clock::standing_at(begin))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let reader = gateway.store.reader()?;
        Ok(Stage {
            script,
            scratch,
            gateway,
            runtime,
            reader,
            tickets: BTreeMap::new(),
            letters: 0,
        })
    }

    /// Lets the time pass until `until`, as the running service would: a promise that comes due before is dealt with
    /// at its moment.
    pub fn pass_time(&mut self, until: Timestamp) -> Result<Vec<Scene>, Failure> {
        let mut scenes = Vec::new();
        loop {
            let now = self.gateway.clock.now();
            let tickets = self.reader.tickets(false)?.into_iter();
            let promised = tickets.filter_map(|ticket| {
                let at = ticket.next_news_at.filter(|_| !ticket.status.is_over())?;
                Some((at, ticket))
            });
            let due = promised.filter(|(at, _)| *at > now && *at < until);
            let Some((at, before)) = due.min_by_key(|(at, _)| *at) else {
                return Ok(scenes);
            };
            self.run(at)?;
            let who = self.script.name_of(before.requester.address.as_str());
            scenes.push(Scene {
                at,
                says: format!("The news promised to {who} is due, and nobody has written."),
                mail: None,
                after: self.reader.ticket(before.id.number())?,
                facts: Vec::new(),
                before: Some(before),
                letters: self.new_letters()?,
            });
        }
    }

    /// Plays a step. Fails when something does not come as the script says.
    pub fn play(&mut self, step: &Step) -> Result<Scene, Failure> {
        let wrong = |what: String| {
            let message = format!("the demo stops at {}: {what}", step.file);
            Failure::new(SOFTWARE, message)
        };
        let name = step.ticket.clone();
        let known = name
            .as_ref()
            .and_then(|name| self.tickets.get(name).cloned());
        let before = match &known {
            Some(id) => self.reader.ticket(id.number())?,
            None => None,
        };
        let mail = self.mail(step, known.as_ref())?;
        self.scratch.deliver(&step.file, &mail, step.at)?;
        self.run(step.at)?;

        let rules = self.gateway.read_rules.values().next();
        let mail = intake::read(mail.as_bytes(), &rules.cloned().unwrap_or_default());
        let id = mail.message_id.as_ref().map(MessageId::as_str);
        let filed = self.reader.mails_called(id.unwrap_or_default())?.pop();
        let filed = filed.ok_or_else(|| wrong("its mail did not come in".to_owned()))?;
        let after = match filed.ticket.and_then(NonZeroU32::new) {
            Some(number) => self.reader.ticket(number)?,
            None => None,
        };
        match (&after, name, known) {
            (None, None, _) => {}
            (Some(ticket), Some(name), None) => {
                self.tickets.insert(name, ticket.id.clone());
            }
            (Some(ticket), Some(_), Some(known)) if ticket.id == known => {}
            (Some(ticket), _, _) => return Err(wrong(format!("its mail came to {}", ticket.id))),
            (None, Some(name), _) => {
                return Err(wrong(format!(
                    "its mail did not come to the ticket `{name}`"
                )));
            }
        }
        let facts = match &after {
            Some(ticket) => self.facts(ticket, step.at)?,
            None => Vec::new(),
        };
        Ok(Scene {
            at: step.at,
            says: step.says.clone(),
            mail: Some((mail, filed)),
            before,
            after,
            facts,
            letters: self.new_letters()?,
        })
    }

    /// The story's tickets as they stand now.
    pub fn tickets(&self) -> Result<Vec<Ticket>, Failure> {
        Ok(self.reader.tickets(true)?)
    }

    /// The digest of the story's week, as its manager would read it on Monday.
    pub fn digest(&self) -> Result<Written, Failure> {
        let people = &self.gateway.settings.people;
        let missing = || Failure::new(SOFTWARE, "the demo has no desk");
        let desk = people.desks.values().next().ok_or_else(missing)?;
        let reader = digests::onlooker(desk, &Scope::All, None, None);
        let today = self
            .gateway
            .clock
            .now()
            .to_zoned(desk.timezone.clone())
            .date();
        let week = Period::of(Cadence::Weekly, today, &desk.timezone).ok_or_else(missing)?;
        let now = reader.schedule.due_at(&week).ok_or_else(missing)?;
        let counted = digests::count(&self.gateway, &self.reader, &Scope::All, &week)?;
        Ok(digests::write(
            &self.gateway,
            &reader,
            &week,
            &counted,
            "",
            now,
        )?)
    }

    /// The mail of a step, with what it takes from the letter it answers.
    fn mail(&self, step: &Step, ticket: Option<&TicketId>) -> Result<String, Failure> {
        let letters = match ticket {
            Some(id) => self.reader.letters_of_ticket(id.number().get())?,
            None => Vec::new(),
        };
        let latest = |notice: &str, person: &str| {
            let address = self.script.people.get(person)?;
            letters
                .iter()
                .rfind(|letter| letter.notice == notice && letter.to == *address)
        };
        let answers = step
            .answers
            .as_ref()
            .and_then(|which| which.split_once('.'));
        let answered = match answers.and_then(|(notice, person)| latest(notice, person)) {
            Some(letter) => Some(Answered {
                header: Headers::read(&self.sent(letter.clone())?.bytes),
            }),
            None => None,
        };
        let letter_id = |notice: &str, person: &str| {
            latest(notice, person).and_then(|letter| MessageId::parse(&letter.message_id))
        };
        step.mail(answered.as_ref(), letter_id)
    }

    /// Runs guichet once, at this moment of the story.
    fn run(&self, at: Timestamp) -> Result<(), Failure> {
        self.gateway.clock.set(at);
        let ended = self.runtime.block_on(gateway::once(self.gateway.clone()))?;
        match ended.unread.into_iter().next() {
            Some((_, reason)) => Err(Failure::new(TEMPORARY, reason)),
            None => Ok(()),
        }
    }

    /// What the history of a ticket says since a moment, beside its moves, mails and letters. What an entry takes from a
    /// mail is shown with the mail.
    fn facts(&self, ticket: &Ticket, since: Timestamp) -> Result<Vec<String>, Failure> {
        let is_ours = |entry: &Entry| {
            entry.kind == EntryKind::Fact && entry.at >= since && entry.message_id.is_none()
        };
        let entries = self.reader.entries(ticket.id.number())?.into_iter();
        let first_line = |entry: Entry| Some(entry.text.lines().next()?.to_owned());
        let mut facts: Vec<String> = entries.filter(is_ours).filter_map(first_line).collect();
        facts.dedup();
        Ok(facts)
    }

    /// The letters that were written since the last call.
    fn new_letters(&mut self) -> Result<Vec<Sent>, Failure> {
        let new = self.reader.letters(true)?.into_iter().skip(self.letters);
        let new: Vec<Sent> = new.map(|view| self.sent(view)).collect::<Result<_, _>>()?;
        self.letters += new.len();
        Ok(new)
    }

    fn sent(&self, view: LetterView) -> Result<Sent, Failure> {
        let bytes = self.reader.letter_bytes(view.id)?;
        let bytes = bytes.ok_or_else(|| {
            Failure::new(SOFTWARE, format!("the letter {} has vanished", view.id))
        })?;
        Ok(Sent { view, bytes })
    }
}
