//! The demo as a page: each ticket with its mails and letters, in one file that fetches nothing.
//!
//! Whatever a mail says is text here: the template escapes it, a letter's HTML lies in a frame without scripts, and the
//! page's own policy (CSP) allows its one script by its hash and nothing else.

use data_encoding::BASE64;
use handlebars::Handlebars;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::script::Script;
use super::stage::{Scene, Sent};
use super::tell::{evidence, filed, hour};
use crate::cli::{Failure, SOFTWARE, counted};
use crate::desk::ids::TicketId;
use crate::desk::mail::InboundMail;
use crate::desk::ticket::Ticket;
use crate::desk::triage::{Place, Subject};
use crate::intake::header::Headers;
use crate::intake::mime::{self, Content};
use crate::scribe::Written;

const SCRIPT: &str = include_str!("page.js");

#[derive(Serialize)]
struct Page {
    desk: String,
    day: String,
    style: &'static str,
    script: &'static str,
    /// As `script-src` wants it (CSP 3, 2.3.1).
    script_hash: String,
    tickets: Vec<TicketView>,
    /// What came to no ticket.
    aside: Vec<Event>,
    /// The week's digest as HTML, its charts within.
    digest: String,
}

#[derive(Serialize)]
struct TicketView {
    id: String,
    subject: String,
    priority: &'static str,
    status: &'static str,
    category: String,
    requester: String,
    organisation: Option<String>,
    assignee: Option<String>,
    /// The master of its outage.
    outage: Option<String>,
    cause: Option<String>,
    solution: Option<String>,
    ranks: Vec<Rank>,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Rank {
    what: &'static str,
    level: &'static str,
    reasons: Vec<ReasonView>,
}

#[derive(Serialize)]
struct ReasonView {
    because: String,
    level: String,
    place: &'static str,
    /// Whether it speaks for the level the ticket has.
    counts: bool,
}

#[derive(Serialize)]
struct Event {
    at: Timestamp,
    hour: String,
    says: String,
    mail: Option<MailView>,
    done: Vec<String>,
    letters: Vec<LetterView>,
}

#[derive(Serialize)]
struct MailView {
    from: String,
    subject: String,
    reply: String,
    /// The whole text, when there is more of it.
    whole: Option<String>,
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    size: String,
}

#[derive(Serialize)]
struct LetterView {
    notice: String,
    to: String,
    language: String,
    /// Unless it was sent.
    state: Option<String>,
    subject: String,
    html: Option<String>,
    text: String,
    /// Letters to requesters are shown at once, those to technicians on demand.
    open: bool,
}

/// Makes the page. Hours are those of `timezone`.
pub fn page(
    script: &Script,
    scenes: &[Scene],
    tickets: &[Ticket],
    digest: &Written,
    timezone: &TimeZone,
) -> Result<String, Failure> {
    let maker = Maker { script, timezone };
    let first = scenes.first().map(|scene| scene.at).unwrap_or_default();
    let events = |number: Option<&Ticket>| -> Vec<Event> {
        let id = number.map(|ticket| &ticket.id);
        scenes
            .iter()
            .filter_map(|scene| maker.event(scene, id))
            .collect()
    };
    let view = Page {
        desk: script.desk.clone(),
        day: first
            .to_zoned(timezone.clone())
            .strftime("%A %-d %B %Y")
            .to_string(),
        style: include_str!("page.css"),
        script: SCRIPT,
        script_hash: format!("sha256-{}", BASE64.encode(&Sha256::digest(SCRIPT))),
        tickets: tickets
            .iter()
            .map(|ticket| maker.ticket(ticket, events(Some(ticket))))
            .collect(),
        aside: events(None),
        digest: with_charts(digest),
    };
    rendered(&view).map_err(|error| Failure::new(SOFTWARE, format!("the demo's page: {error}")))
}

/// The HTML of a digest with its charts in place: the page is one file.
fn with_charts(digest: &Written) -> String {
    digest
        .files
        .iter()
        .fold(digest.html.clone(), |html, (name, bytes)| {
            let place = format!("cid:{name}.{}", digest.letter.message_id);
            html.replace(
                &place,
                &format!("data:image/png;base64,{}", BASE64.encode(bytes)),
            )
        })
}

fn rendered(view: &Page) -> Result<String, Box<dyn std::error::Error>> {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.set_prevent_indent(true);
    templates.register_partial("event", include_str!("event.hbs"))?;
    templates.register_template_string("page", include_str!("page.hbs"))?;
    Ok(templates.render("page", view)?)
}

struct Maker<'a> {
    script: &'a Script,
    timezone: &'a TimeZone,
}

impl Maker<'_> {
    fn ticket(&self, ticket: &Ticket, events: Vec<Event>) -> TicketView {
        TicketView {
            id: ticket.id.to_string(),
            subject: ticket.subject.clone(),
            priority: ticket.priority.word(),
            status: ticket.status.word(),
            category: ticket.category.clone(),
            requester: self
                .script
                .name_of(ticket.requester.address.as_str())
                .into_owned(),
            organisation: ticket.organisation.clone(),
            assignee: ticket.assignee.clone(),
            outage: ticket.outage.as_ref().map(ToString::to_string),
            cause: ticket.cause.clone(),
            solution: ticket.solution.clone(),
            ranks: vec![
                rank(ticket, Subject::Impact, "impact", ticket.impact.word()),
                rank(ticket, Subject::Urgency, "urgency", ticket.urgency.word()),
            ],
            events,
        }
    }

    /// What a scene means for a ticket, or for what came to none; `None` when it does not concern it. The mail is shown
    /// where it belongs, each letter with the ticket it is about.
    fn event(&self, scene: &Scene, ticket: Option<&TicketId>) -> Option<Event> {
        let own = scene.after.as_ref().map(|after| &after.id);
        let theirs = scene.letters.iter();
        let theirs = theirs.filter(|letter| letter.view.ticket.as_ref() == ticket);
        let letters: Vec<LetterView> = theirs.map(|letter| self.letter(letter)).collect();
        let (mail, done) = match own {
            own if own == ticket => {
                let done = std::iter::once(filed(scene)).chain(scene.facts.iter().cloned());
                (scene.mail.as_ref(), done.collect())
            }
            Some(own) if !letters.is_empty() => (None, vec![format!("together with {own}")]),
            _ => return None,
        };
        Some(Event {
            at: scene.at,
            hour: hour(scene.at, self.timezone),
            says: scene.says.clone(),
            mail: mail.map(|(mail, _)| Self::mail(mail)),
            done,
            letters,
        })
    }

    fn mail(mail: &InboundMail) -> MailView {
        let from = mail.from.as_ref();
        let from = from.map(|from| from.name.as_ref().unwrap_or(&from.address).clone());
        let files = mail.attachments.iter().map(|file| FileView {
            name: file.name.as_ref().unwrap_or(&file.content_type).clone(),
            size: counted(file.size, "byte"),
        });
        let (whole, reply) = (mail.text.trim(), mail.reply.trim());
        MailView {
            from: from.unwrap_or_default(),
            subject: mail.subject.clone().unwrap_or_default(),
            reply: reply.to_owned(),
            whole: (whole != reply).then(|| whole.to_owned()),
            files: files.collect(),
        }
    }

    fn letter(&self, letter: &Sent) -> LetterView {
        let header = Headers::read(&letter.bytes);
        let html = part(&letter.bytes, "text/html");
        LetterView {
            notice: letter.view.notice.clone(),
            to: self.script.name_of(&letter.view.to).into_owned(),
            language: header.text("Content-Language").unwrap_or_default(),
            state: (letter.view.state != "sent")
                .then(|| format!("{}: {}", letter.view.state, letter.view.reason)),
            subject: header.text("Subject").unwrap_or_default(),
            text: part(&letter.bytes, "text/plain").unwrap_or_default(),
            html,
            open: !self.script.is_technician(&letter.view.to),
        }
    }
}

fn rank(ticket: &Ticket, about: Subject, what: &'static str, level: &'static str) -> Rank {
    let mut reasons: Vec<ReasonView> = evidence(ticket, about)
        .into_iter()
        .map(|reason| ReasonView {
            because: reason.because.clone(),
            level: reason.level.clone(),
            place: place(reason.r#where),
            counts: reason.level == level,
        })
        .collect();
    reasons.sort_by_key(|reason| !reason.counts);
    Rank {
        what,
        level,
        reasons,
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Subject => "subject",
        Place::Text => "text",
        Place::Sender => "sender",
        Place::Tickets => "other tickets",
        Place::Rule => "rules",
        Place::Technician => "technician's words",
    }
}

/// The first part of this type, as text. Letters are ours and in UTF-8.
fn part(letter: &[u8], content_type: &str) -> Option<String> {
    let letter = mime::parts(letter).ok()?;
    let found = letter
        .walk()
        .into_iter()
        .find(|part| part.content_type == content_type)?;
    match &found.content {
        Content::Leaf(bytes) => Some(
            String::from_utf8_lossy(bytes)
                .replace("\r\n", "\n")
                .trim_end()
                .to_owned(),
        ),
        Content::Mail(..) | Content::Parts(_) => None,
    }
}
