//! `guichet demo`: a day at a desk, on a scratch folder, without any server.
//!
//! `script.rs` knows the mails, `scratch.rs` makes the folder, `stage.rs` sends them through the real pipeline,
//! `tell.rs` says on the terminal what happened, `page.rs` shows it on a page.

mod page;
mod scratch;
mod script;
mod stage;
mod tell;

use std::io::Write;
use std::path::Path;

use super::{Failure, OK, settings};
use scratch::Scratch;
use script::Script;
use stage::Stage;

/// Plays the story into `output`, a new or empty folder, or into one below the system's temporary folder.
pub fn run(output: Option<&Path>, out: &mut impl Write) -> Result<u8, Failure> {
    let script = Script::read()?;
    let scratch = Scratch::make(output)?;
    let (settings, _) = settings(Some(&scratch.config()))?;
    let timezone = settings.people.desks.values().next();
    let timezone = timezone.map_or(jiff::tz::TimeZone::UTC, |desk| desk.timezone.clone());
    let mut stage = Stage::set(&script, &scratch, settings)?;
    let teller = tell::Teller {
        script: &script,
        timezone: &timezone,
    };
    teller.opening(&script.desk, out)?;
    let mut scenes = Vec::with_capacity(script.steps.len());
    for step in &script.steps {
        let mut new = stage.pass_time(step.at)?;
        new.push(stage.play(step)?);
        for scene in &new {
            teller.scene(scene, out)?;
        }
        out.flush()?;
        scenes.append(&mut new);
    }
    let tickets = stage.tickets()?;
    teller.tickets(&tickets, out)?;
    let digest = stage.digest()?;
    crate::cli::digest::put(&scratch.digest(), "digest", &digest)?;
    std::fs::write(
        scratch.page(),
        page::page(&script, &scenes, &tickets, &digest, &timezone)?,
    )?;
    teller.end(&scratch, &tickets, &scenes, out)?;
    Ok(OK)
}
