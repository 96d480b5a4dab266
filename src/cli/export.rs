//! `guichet export ADDRESS... --output DIR`: everything that is stored about a person, for that person.
//!
//! All addresses of one person are named together. The folder gets
//! - `person.json`: what is known of them;
//! - `tickets.jsonl`: the tickets they reported or watch, one a line in the form of `tickets --json`, with the entries that are
//!   theirs and those about letters to them;
//! - `mails/N.eml`: the mails they sent, byte for byte; `letters/N.eml`: the letters to them.
//!
//! Left out, so that nobody reads in an export what was never written to them: technicians' notes, causes and solutions as staff
//! noted them (the letters say what they were told of these), what others wrote, letters to others, and others' addresses. In
//! tickets that somebody else reported the reasons for the priority are left out as well: they quote that person.
//! Exit: 0 done, 1 nothing is known, 64 the arguments make no sense, 73 something could not be written.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::confirm::{self, Person as Asked};
use super::erase::{find, list};
use super::tickets::{as_value, entry};
use super::{CANTCREAT, DATA, Failure, OK, counted, folder, reader, settings};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::desk::erasure::Person;
use crate::desk::ids::Address;
use crate::desk::letter::LetterId;
use crate::desk::ticket::{EntryKind, Ticket};
use crate::desk::triage::{Place, Reason};
use crate::store::Reader;

/// Whose data are wanted, and where.
#[derive(Clone, Debug, clap::Args)]
pub struct Wanted {
    /// Their addresses: all that one person writes from
    #[arg(required = true, value_name = "ADDRESS")]
    pub addresses: Vec<Address>,
    /// A new or empty folder
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Do not ask back
    #[arg(long)]
    pub yes: bool,
    /// The counts as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Writes what is stored about a person into a folder.
pub fn run(config: Option<&Path>, wanted: &Wanted, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    refuse_staff(&settings, &wanted.addresses)?;
    let reader = reader(config)?;
    let person = find(&reader, &settings.people, &wanted.addresses)?.person;
    let (mails, letters) = (
        reader.mails_of(&person.addresses)?,
        reader.letters_to(&person.addresses)?,
    );
    let question = format!(
        "This writes {}, {} of {} into {}. Go on? [y/N]",
        counted(mails.len(), "mail"),
        counted(letters.len(), "letter"),
        list(&wanted.addresses),
        wanted.output.display()
    );
    if !wanted.yes && !Asked::at_terminal().goes_on(&question, "export", confirm::is_y)? {
        writeln!(out, "nothing was written")?;
        return Ok(OK);
    }
    let tickets = tickets(&reader, &person)?;
    let mut export = Export::into(&wanted.output, 2 + mails.len() + letters.len())?;
    export.put("person.json", &pretty(&about(&reader, &person)?)?)?;
    let lines = tickets.iter().map(|ticket| format!("{ticket}\n"));
    export.put("tickets.jsonl", lines.collect::<String>().as_bytes())?;
    for id in &mails {
        let bytes = reader.mail_bytes(*id)?.unwrap_or_default();
        export.put(&format!("mails/{id}.eml"), &bytes)?;
    }
    for id in &letters {
        let bytes = reader.letter_bytes(*id)?.unwrap_or_default();
        export.put(&format!("letters/{id}.eml"), &bytes)?;
    }
    let output = wanted.output.display();
    match wanted.json {
        true => writeln!(
            out,
            "{}",
            json!({
                "addresses": wanted.addresses,
                "output": output.to_string(),
                "tickets": tickets.len(),
                "mails": mails.len(),
                "letters": letters.len(),
            })
        )?,
        false => writeln!(
            out,
            "{output}: {}, {}, {}",
            counted(tickets.len(), "ticket"),
            counted(mails.len(), "mail"),
            counted(letters.len(), "letter")
        )?,
    }
    Ok(OK)
}

/// What technicians wrote and got is about others.
fn refuse_staff(settings: &Settings, addresses: &[Address]) -> Result<(), Failure> {
    for address in addresses {
        if let Some(technician) = settings.people.technician(address) {
            let message = format!(
                "{address} stands in [technician.{}]: what they wrote and were sent tells of other people's requests, and is shown by `guichet ticket show`",
                technician.key
            );
            return Err(Failure::new(DATA, message));
        }
    }
    Ok(())
}

/// A folder that is being filled.
struct Export {
    folder: PathBuf,
    written: usize,
    of: usize,
}

impl Export {
    /// Makes the folders. `of`: how many files there will be.
    fn into(wanted: &Path, of: usize) -> Result<Export, Failure> {
        let path = folder::new_or_empty(wanted)?;
        folder::close_to_others(&path)?;
        for name in ["mails", "letters"] {
            let made = folder::private().create(path.join(name));
            made.map_err(|error| folder::unusable(wanted, &error))?;
        }
        Ok(Export {
            folder: path,
            written: 0,
            of,
        })
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let file = self.folder.join(name);
        folder::write(&file, bytes).map_err(|error| {
            let message = format!(
                "{}: cannot be written: {error}; {} of {} files are there, the rest is missing: remove the folder and export again",
                file.display(),
                self.written,
                self.of
            );
            Failure::new(CANTCREAT, message)
        })?;
        self.written += 1;
        Ok(())
    }
}

fn pretty(value: &Value) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What is known of them beside their tickets.
fn about(reader: &Reader, person: &Person) -> Result<Value, Failure> {
    let mut known = Vec::new();
    for address in &person.addresses {
        if let Some(acquaintance) = reader.acquaintance(address)? {
            known.push(json!({
                "address": address,
                "language": acquaintance.locale,
                "first_seen_at": acquaintance.first_seen_at,
                "letters_come_back": acquaintance.undelivered,
                "away_until": acquaintance.away_until,
                "digests_stopped": acquaintance.stopped_digests,
            }));
        }
    }
    let ratings = reader
        .ratings_of(&person.addresses)?
        .into_iter()
        .map(|rated| {
            json!({
                "ticket": rated.ticket,
                "asked_at": rated.asked_at,
                "score": rated.score,
                "comment": rated.comment,
            })
        });
    Ok(json!({
        "exported_at": Clock::System.now(),
        "addresses": person.addresses,
        "names": person.names,
        "known": known,
        "satisfaction": ratings.collect::<Vec<_>>(),
    }))
}

/// The tickets they reported or watch.
fn tickets(reader: &Reader, person: &Person) -> Result<Vec<Value>, Failure> {
    let letters: BTreeSet<LetterId> = reader.letters_to(&person.addresses)?.into_iter().collect();
    let mut tickets = Vec::new();
    for id in &person.tickets {
        let Some(ticket) = reader.ticket(id.number())? else {
            continue;
        };
        if !person
            .addresses
            .iter()
            .any(|address| ticket.takes_part(address))
        {
            continue;
        }
        let theirs = reader.letters_of_ticket(id.number().get())?.into_iter();
        let theirs = theirs.filter(|letter| letters.contains(&letter.id));
        let theirs: BTreeSet<String> = theirs.map(|letter| letter.message_id).collect();
        let history = reader.entries(id.number())?;
        let mut mails = history.iter().filter(|entry| entry.kind == EntryKind::Mail);
        let has_opened = mails.next().is_some_and(|first| person.is(&first.by));
        let entries = history.into_iter().filter(|entry| {
            let about = entry.message_id.as_ref().map(|id| id.as_str());
            let is_letter = entry.kind == EntryKind::Letter;
            person.is(&entry.by) || is_letter && about.is_some_and(|id| theirs.contains(id))
        });
        let entries: Vec<Value> = entries.map(|line| entry(id, &line)).collect();
        tickets.push(shown(person, &ticket, has_opened, entries));
    }
    Ok(tickets)
}

/// A ticket without what is not theirs to read.
fn shown(person: &Person, ticket: &Ticket, has_opened: bool, entries: Vec<Value>) -> Value {
    let is_own = person.is(ticket.requester.address.as_str());
    let mut shown = ticket.clone();
    shown.watchers.retain(|watcher| person.is(watcher.as_str()));
    (shown.cause, shown.solution) = (None, None);
    // What speaks for the priority beside their own words is staff's.
    let own_words = |reason: &Reason| matches!(reason.r#where, Place::Subject | Place::Text);
    shown
        .reasons
        .retain(|reason| has_opened && own_words(reason));
    let mut value = as_value(&shown);
    if let Some(object) = value.as_object_mut() {
        if !is_own {
            object.insert("requester".to_owned(), Value::Null);
        }
        object.insert("entries".to_owned(), entries.into());
    }
    value
}
