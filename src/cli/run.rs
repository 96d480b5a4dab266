//! `guichet run` and `guichet run --once`.

use std::io::{self, Write};
use std::path::Path;

use super::{Failure, OK, TEMPORARY, settings};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::gateway::{self, Gateway};

/// The configuration as it is now, for a running guichet.
fn reread(config: Option<&Path>) -> Result<Settings, String> {
    let (settings, warnings) = settings(config).map_err(|failure| failure.message)?;
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    Ok(settings)
}

/// Runs until told to stop, or does what is due once. Gives the exit status.
pub fn run(config: Option<&Path>, once: bool) -> Result<u8, Failure> {
    let (settings, warnings) = settings(config)?;
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let gateway = Gateway::open(settings, Clock::System)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    if !once {
        runtime.block_on(gateway::run(gateway, || reread(config)))?;
        return Ok(OK);
    }
    let ended = runtime.block_on(gateway::once(gateway))?;
    for (desk, reason) in &ended.unread {
        writeln!(
            io::stderr(),
            "guichet: the mailbox of desk `{desk}` could not be read: {reason}"
        )?;
    }
    if ended.unreached {
        writeln!(
            io::stderr(),
            "guichet: letters wait because their server could not be reached; see `guichet outbox`"
        )?;
    }
    Ok(if ended.unread.is_empty() && !ended.unreached {
        OK
    } else {
        TEMPORARY
    })
}
