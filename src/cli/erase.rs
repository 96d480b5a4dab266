//! `guichet erase ADDRESS...`: forgets a person; tickets and what figures count stay.
//!
//! All addresses of one person are named together. Their words, the bytes of their mails and of the letters about their
//! tickets are gone for good, and addresses that mean nothing stand for theirs (`desk/erasure.rs`, `store/erasing.rs`). It
//! works while the daemon runs. Killed, it is finished by the same command.
//! Refused for whoever the configuration names: they would be back with the next mail. Tickets that are not done are closed
//! without a letter, and only with `--close-open`.
//! Exit: 0 done, 1 nothing is known, 64 the arguments make no sense, 65 refused and nothing done, 75 the rest of it later.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::confirm::Person;
use super::{DATA, Failure, NOT_FOUND, OK, TEMPORARY, counted, reader, settings};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::desk::ids::Address;
use crate::desk::people::People;
use crate::gateway::Gateway;
use crate::gateway::erasing::{self, Erased, Found};
use crate::store::Reader;

/// Who is erased, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Wanted {
    /// Their addresses: all that one person writes from
    #[arg(required = true, value_name = "ADDRESS")]
    pub addresses: Vec<Address>,
    /// Close their tickets that are not done, without a letter
    #[arg(long)]
    pub close_open: bool,
    /// Do not ask back
    #[arg(long)]
    pub yes: bool,
    /// Only say what would be erased
    #[arg(long)]
    pub dry: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Erases a person and prints how much there was.
pub fn run(config: Option<&Path>, wanted: &Wanted, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    refuse_named(&settings, &wanted.addresses)?;
    let found = find(&reader(config)?, &settings.people, &wanted.addresses)?;
    refuse_unfinished(&found, wanted.close_open)?;
    if wanted.dry {
        match wanted.json {
            true => writeln!(out, "{}", expected(&found))?,
            false => writeln!(out, "would erase {}", told(&found))?,
        }
        return Ok(OK);
    }
    let first = wanted.addresses.first().map_or("", Address::as_str);
    let question = format!(
        "This erases {} for good; backups still hold it. Type {first} to go on:",
        told(&found)
    );
    let is_it = |answer: &str| answer.eq_ignore_ascii_case(first);
    if !wanted.yes && !Person::at_terminal().goes_on(&question, "erase", is_it)? {
        writeln!(out, "nothing was erased")?;
        return Ok(OK);
    }
    let gateway = Gateway::open(settings, Clock::System)?;
    let erased = erasing::erase(&gateway, found.person, gateway.clock.now())?;
    match wanted.json {
        true => writeln!(out, "{}", done(&erased))?,
        false => print(&erased, out)?,
    }
    match unfinished(&erased) {
        None => Ok(OK),
        Some(message) => Err(Failure::new(TEMPORARY, message)),
    }
}

/// What is stored of a person. Something must be known of each address: a mistyped one would be passed over.
pub fn find(reader: &Reader, people: &People, addresses: &[Address]) -> Result<Found, Failure> {
    let unknown = |addresses: &[Address]| {
        let who = list(addresses);
        let message = format!("nothing is known of {who}; name the addresses they wrote from");
        Failure::new(NOT_FOUND, message)
    };
    for address in addresses.chunks(1).filter(|_| addresses.len() > 1) {
        if erasing::find(reader, people, address)?.is_none() {
            return Err(unknown(address));
        }
    }
    erasing::find(reader, people, addresses)?.ok_or_else(|| unknown(addresses))
}

/// Addresses in words.
pub fn list(addresses: &[Address]) -> String {
    let addresses = addresses.iter().map(Address::as_str);
    addresses.collect::<Vec<_>>().join(", ")
}

fn refuse_named(settings: &Settings, addresses: &[Address]) -> Result<(), Failure> {
    let section = |address: &Address| {
        let mut readers = settings.digests.readers.iter();
        let reads = readers.any(|reader| reader.address == *address);
        let named = settings.people.section_naming(address);
        named.or_else(|| reads.then(|| "[digest]".to_owned()))
    };
    for address in addresses {
        if let Some(section) = section(address) {
            let message = format!(
                "{address} stands in {section} of the configuration and would be known again at once; take it out there, let the daemon read it anew (SIGHUP), then erase"
            );
            return Err(Failure::new(DATA, message));
        }
    }
    Ok(())
}

fn refuse_unfinished(found: &Found, closes_open: bool) -> Result<(), Failure> {
    let refused = |message: String| Err(Failure::new(DATA, message));
    if let Some(master) = found.leading.first() {
        return refused(format!(
            "{master} leads an outage that goes on for others; take it out with `guichet ticket order {master} /split`, or end the outage, then erase"
        ));
    }
    if found.open.is_empty() || closes_open {
        return Ok(());
    }
    let open = found.open.iter().map(|ticket| ticket.id.to_string());
    refused(format!(
        "not done yet: {}; finish them, or add --close-open, which closes them without a letter",
        open.collect::<Vec<_>>().join(", ")
    ))
}

/// What there is of a person.
fn told(found: &Found) -> String {
    let begun = match found.is_begun {
        true => " (begun before, and not ended)",
        false => "",
    };
    format!(
        "{} and {} (theirs, and all about tickets in which they wrote), what else names them, and what {} of {}{begun}",
        counted(found.mails, "mail"),
        counted(found.letters, "letter"),
        match found.person.tickets.len() {
            1 => "1 ticket tells".to_owned(),
            count => format!("{count} tickets tell"),
        },
        list(&found.person.addresses),
    )
}

fn expected(found: &Found) -> Value {
    let open = found.open.iter().map(|ticket| ticket.id.to_string());
    json!({
        "dry": true,
        "addresses": found.person.addresses,
        "tickets": found.person.tickets.len(),
        "closes": open.collect::<Vec<_>>(),
        "mails": found.mails,
        "letters": found.letters,
    })
}

fn done(erased: &Erased) -> Value {
    json!({
        "dry": false,
        "tickets": erased.gone.tickets,
        "mails": erased.gone.mails,
        "letters": erased.gone.letters,
        "cancelled": erased.gone.cancelled,
        "undecided": erased.undecided,
        "waiting": erased.waiting.iter().map(|letter| letter.0).collect::<Vec<_>>(),
    })
}

fn print(erased: &Erased, out: &mut impl Write) -> std::io::Result<()> {
    let gone = erased.gone;
    writeln!(
        out,
        "erased from {}, with {} and {}",
        counted(gone.tickets, "ticket"),
        counted(gone.mails, "mail"),
        counted(gone.letters, "letter")
    )?;
    if gone.cancelled > 0 {
        writeln!(
            out,
            "not sent yet and cancelled: {}",
            counted(gone.cancelled, "letter")
        )?;
    }
    writeln!(
        out,
        "the mailbox on the server, copies elsewhere and backups are as they were"
    )
}

/// What keeps it from having ended.
fn unfinished(erased: &Erased) -> Option<String> {
    if erased.undecided > 0 {
        return Some(format!(
            "{} to be decided; let `guichet run` do so (or `run --once`), and run the same command again",
            match erased.undecided {
                1 => "1 mail that names them waits".to_owned(),
                count => format!("{count} mails that name them wait"),
            }
        ));
    }
    let letters = erased.waiting.iter().map(ToString::to_string);
    match (erased.waiting.as_slice(), erased.is_log_empty) {
        ([], true) => None,
        ([], false) => Some(
            "others read the database all the while, so its log could not be emptied; `guichet run` does it when it ends: restart it"
                .to_owned(),
        ),
        (_, _) => Some(format!(
            "letters to others that tell of them are still on their way: {}; see `guichet outbox`, release or drop those that are held, and run the same command again",
            letters.collect::<Vec<_>>().join(", ")
        )),
    }
}
