//! `guichet status`: counts that tell whether work goes on. Reads the database, asks no server.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Failure, OK, reader, settings};
use crate::desk::erasure::Person;
use crate::desk::ids::Address;
use crate::gateway::{Possession, PossessionError};

/// Prints how things stand.
pub fn run(config: Option<&Path>, as_json: bool, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let reader = reader(config)?;
    let (open, all) = reader.ticket_counts()?;
    let (waiting, aside) = reader.mail_counts()?;
    let mut letters: BTreeMap<String, u32> = BTreeMap::new();
    for letter in reader.letters(false)? {
        *letters.entry(letter.state).or_default() += 1;
    }
    let erasures = reader.unfinished_erasures()?;
    let running = matches!(
        Possession::take(&settings.store),
        Err(PossessionError::Taken { .. })
    );
    if as_json {
        let object = json!({
            "running": running,
            "tickets": { "open": open, "all": all },
            "mails": { "waiting": waiting, "set_aside": aside },
            "letters": letters,
            "unfinished_erasures": erasures.iter().map(as_value).collect::<Vec<_>>(),
        });
        writeln!(out, "{object}")?;
        return Ok(OK);
    }
    writeln!(
        out,
        "guichet {}",
        if running { "runs" } else { "does not run" }
    )?;
    writeln!(out, "tickets: {open} open, {all} in all")?;
    writeln!(out, "mails: {waiting} waiting, {aside} set aside")?;
    let letters: Vec<String> = letters
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    writeln!(
        out,
        "letters: {}",
        if letters.is_empty() {
            "none unsent".to_owned()
        } else {
            letters.join(", ")
        }
    )?;
    for (begun_at, person) in &erasures {
        let command = finishing(person);
        writeln!(
            out,
            "an erasure begun at {begun_at} is not finished: something of the person is left; run `{command}`"
        )?;
    }
    Ok(OK)
}

fn as_value((begun_at, person): &(Timestamp, Person)) -> Value {
    json!({ "begun_at": begun_at.to_string(), "finish": finishing(person) })
}

/// The command that goes on with the erasure of somebody: it names all their addresses.
fn finishing(person: &Person) -> String {
    let addresses = person.addresses.iter().map(Address::as_str);
    let words: Vec<&str> = ["guichet", "erase"].into_iter().chain(addresses).collect();
    words.join(" ")
}
