//! `guichet status`: counts that tell whether work goes on. Reads the database, asks no server.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{Failure, OK, reader, settings};
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
    Ok(OK)
}
