//! `guichet pipe`: a mail server hands over one mail on standard input.
//!
//! Exit 0 only once the mail is on the disk; 75 asks the server to try again; 65 refuses a mail for good;
//! 78 says that the configuration is wrong. Never another code: servers take those for a bounce.

use std::io::Read;
use std::path::Path;

use super::{CONFIG, DATA, Failure, OK, TEMPORARY, settings};
use crate::clock::Clock;
use crate::desk::mail::{Fetched, MailKey, Place};
use crate::store::{Hashed, Store};

/// Takes one mail from `input` for the desk named, or the only one there is.
pub fn run(config: Option<&Path>, desk: Option<&str>, input: impl Read) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let desk = match (desk, settings.desks.len()) {
        (Some(name), _) if settings.desks.contains_key(name) => name.to_owned(),
        (None, 1) => settings.desks.keys().next().cloned().unwrap_or_default(),
        (name, _) => {
            let known = settings
                .desks
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            let asked = name
                .map(|name| format!("there is no desk `{name}`"))
                .unwrap_or("several desks are configured".to_owned());
            return Err(Failure::new(
                CONFIG,
                format!("{asked}; name one with --desk: {known}"),
            ));
        }
    };
    let limit = settings.limits.message_size;
    let mut bytes = Vec::new();
    let read = input.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| {
        Failure::new(
            TEMPORARY,
            format!("standard input could not be read: {error}"),
        )
    })?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::new(DATA, "the mail is empty"));
    }
    if bytes.len() as u64 > limit {
        let message = format!("the mail is larger than limits.message_size ({limit} bytes)");
        return Err(Failure::new(DATA, message));
    }
    let now = Clock::System.now();
    // The server may hand the same mail over twice; copies are told by their content, not by this name.
    let name = format!("{}.{}", now.as_nanosecond(), std::process::id());
    let key = MailKey {
        desk,
        folder: "pipe".to_owned(),
        place: Place::Name(name),
    };
    let mail = Fetched {
        key,
        bytes,
        received_at: now,
        cut_from: None,
    };
    let store =
        Store::open(&settings.store).map_err(|error| Failure::new(TEMPORARY, error.to_string()))?;
    let recorded = store.write_blocking(move |tx| {
        let recorded = tx.record_mails(&Hashed::of(vec![mail]), now)?;
        tx.tidied(&recorded)
    });
    recorded.map_err(|error| Failure::new(TEMPORARY, error.to_string()))?;
    Ok(OK)
}
