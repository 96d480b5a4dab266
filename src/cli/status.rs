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
            "unfinished_erasures": erasures.iter().map(|one| as_value(one, config)).collect::<Vec<_>>(),
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
        let command = finishing(person, config);
        writeln!(
            out,
            "an erasure begun at {begun_at} is not finished: something of the person is left; run `{command}`"
        )?;
    }
    Ok(OK)
}

fn as_value((begun_at, person): &(Timestamp, Person), config: Option<&Path>) -> Value {
    json!({ "begun_at": begun_at.to_string(), "finish": finishing(person, config) })
}

/// The command that goes on with the erasure of somebody, for a shell: it names all their addresses, and the
/// configuration that was named.
fn finishing(person: &Person, config: Option<&Path>) -> String {
    let config = config.map(|file| file.to_string_lossy().into_owned());
    let config = config.iter().flat_map(|file| ["--config", file]);
    let addresses = person.addresses.iter().map(Address::as_str);
    // One that looks like an option is none.
    let marked = person
        .addresses
        .iter()
        .any(|one| one.as_str().starts_with('-'));
    let erase = ["erase"].into_iter().chain(marked.then_some("--"));
    let words = ["guichet"]
        .into_iter()
        .chain(config)
        .chain(erase)
        .chain(addresses);
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it back, whatever stands in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9') || ".@_+-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn person(addresses: &[&str]) -> Person {
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        Person {
            addresses: addresses.collect(),
            ..Person::default()
        }
    }

    #[test]
    fn a_shell_reads_the_command_as_it_is_meant() {
        let person = person(&["o'neil`reboot`$x@acme.example", "plain+1@acme.example"]);
        let file = Path::new("/srv/the desk's/guichet.toml");
        let command = finishing(&person, Some(file));
        let output = Command::new("sh")
            .args(["-c", &format!("printf '%s\\n' {command}")])
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let mut meant = vec![
            "guichet",
            "--config",
            "/srv/the desk's/guichet.toml",
            "erase",
        ];
        meant.extend(person.addresses.iter().map(Address::as_str));
        assert_eq!(words.lines().collect::<Vec<_>>(), meant);
    }

    #[test]
    fn what_needs_no_quotes_has_none() {
        let command = finishing(&person(&["zq@acme.example"]), None);
        assert_eq!(command, "guichet erase zq@acme.example");
        let command = finishing(&person(&["-zq@acme.example"]), None);
        assert_eq!(command, "guichet erase -- -zq@acme.example");
    }
}
