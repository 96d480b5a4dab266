//! `guichet rotate-key`: another signing key from now on.

use std::io::Write;
use std::path::Path;

use super::{Failure, OK, settings};
use crate::clock::Clock;
use crate::gateway::{StartError, rotate_signing_key};

/// Draws a new key beside the database. What the old one signed stays good for `limits.commands_within`. Refused
/// while a guichet is running: it would go on signing with the old key.
pub fn run(config: Option<&Path>, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let now = Clock::System.now();
    rotate_signing_key(&settings.store, settings.limits.commands_within, now)
        .map_err(StartError::Possession)?;
    writeln!(
        out,
        "A new key signs letters from now on. Answers to letters already sent are known for {} days more.",
        settings.limits.commands_within.as_secs() / 86_400
    )?;
    Ok(OK)
}
