//! Plays the story: each mail is delivered to the Maildir, then guichet runs once, as the service would.
//!
//! Everything on the way is the real thing: mailbox, reading process, desk, scribe, store, courier. Only the clock is
//! set to the moments of the story.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::scratch::Scratch;
use super::script::{Answered, Script, Step};
use crate::cli::{Failure, SOFTWARE};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::desk::ids::{MessageId, TicketId};
use crate::desk::mail::InboundMail;
use crate::desk::ticket::Ticket;
use crate::gateway::{self, Gateway};
use crate::intake;
use crate::intake::header::Headers;
use crate::store::{LetterView, MailView, Reader};

/// One step, played.
pub struct Scene {
    /// What was in the script.
    pub step: Step,
    /// The mail as it was read.
    pub mail: InboundMail,
    /// What became of it.
    pub filed: MailView,
    /// Its ticket before, if there was one.
    pub before: Option<Ticket>,
    /// Its ticket afterwards.
    pub after: Option<Ticket>,
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

    /// Plays a step. Fails when something does not come as the script says.
    pub fn play(&mut self, step: &Step) -> Result<Scene, Failure> {
        let wrong = |what: String| {
            Failure::new(SOFTWARE, format!("the demo stops at {}: {what}", step.file))
        };
        let known = step
            .ticket
            .as_ref()
            .and_then(|name| self.tickets.get(name).cloned());
        let before = match &known {
            Some(id) => self.reader.ticket(id.number())?,
            None => None,
        };
        let mail = self.mail(step, known.as_ref())?;
        self.gateway.clock.set(step.at);
        self.scratch.deliver(&step.file, &mail, step.at)?;
        let ended = self.runtime.block_on(gateway::once(self.gateway.clone()))?;
        if let Some((_, reason)) = ended.unread.into_iter().next() {
            return Err(wrong(reason));
        }

        let rules = self.gateway.read_rules.values().next();
        let mail = intake::read(mail.as_bytes(), rules.unwrap_or(&Default::default()));
        let id = mail.message_id.as_ref().map(MessageId::as_str);
        let filed = self.reader.mails_called(id.unwrap_or_default())?.pop();
        let filed = filed.ok_or_else(|| wrong("its mail did not come in".to_owned()))?;
        let after = match filed.ticket.and_then(std::num::NonZeroU32::new) {
            Some(number) => self.reader.ticket(number)?,
            None => None,
        };
        let expected = (step.ticket.is_some(), known);
        match (&after, expected) {
            (None, (false, _)) => {}
            (Some(ticket), (true, None)) => {
                let name = step.ticket.clone().unwrap_or_default();
                self.tickets.insert(name, ticket.id.clone());
            }
            (Some(ticket), (true, Some(known))) if ticket.id == known => {}
            (after, _) => {
                let ticket = after
                    .as_ref()
                    .map_or("no ticket".to_owned(), |t| t.id.to_string());
                return Err(wrong(format!("its mail came to {ticket}")));
            }
        }
        let letters = self.reader.letters(true)?;
        let new = letters.into_iter().skip(self.letters);
        let letters = new
            .map(|view| self.sent(view))
            .collect::<Result<Vec<_>, _>>()?;
        self.letters += letters.len();
        Ok(Scene {
            step: step.clone(),
            mail,
            filed,
            before,
            after,
            letters,
        })
    }

    /// The story's tickets as they stand now.
    pub fn tickets(&self) -> Result<Vec<Ticket>, Failure> {
        Ok(self.reader.tickets(true)?)
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

    fn sent(&self, view: LetterView) -> Result<Sent, Failure> {
        let bytes = self.reader.letter_bytes(view.id)?;
        let bytes = bytes.ok_or_else(|| {
            Failure::new(SOFTWARE, format!("the letter {} has vanished", view.id))
        })?;
        Ok(Sent { view, bytes })
    }
}
