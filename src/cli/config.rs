//! `guichet config sample` and `guichet config show`.

use std::io::Write;
use std::path::Path;

use super::{Failure, OK, settings};
use crate::config::{sample, show};

/// Prints the commented example.
pub fn print_sample(out: &mut impl Write) -> Result<u8, Failure> {
    out.write_all(sample().as_bytes())?;
    Ok(OK)
}

/// Prints the configuration in force, defaults included, secrets masked.
pub fn print_effective(config: Option<&Path>, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, warnings) = settings(config)?;
    out.write_all(show(&settings).as_bytes())?;
    warnings
        .iter()
        .try_for_each(|warning| writeln!(out, "# warning: {warning}"))?;
    Ok(OK)
}
