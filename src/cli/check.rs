//! `guichet check`: is the configuration right? Connects to nothing.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{CONFIG, Failure, OK, config_file};
use crate::config::settings::{CourierSettings, MailboxSettings, Settings};
use crate::config::{self as configuration, keywords, recipes, secret};
use crate::gateway::look;
use crate::scribe::Scribe;

/// Prints every problem and every warning. Gives the exit status: 0, or 78 when something is wrong.
pub fn run(config: Option<&Path>, as_json: bool, out: &mut impl Write) -> Result<u8, Failure> {
    let file = config_file(config);
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    match configuration::load(&file) {
        Err(found) => errors.extend(found.problems.iter().map(ToString::to_string)),
        Ok((settings, found)) => {
            warnings.extend(found.iter().map(ToString::to_string));
            errors.extend(beside(&settings));
            match recipes::load(settings.recipes.as_deref(), &settings.people) {
                Ok((_, found)) => warnings.extend(found.iter().map(ToString::to_string)),
                Err(found) => errors.extend(found.problems.iter().map(ToString::to_string)),
            }
            let clashes = keywords::clashes(settings.keywords.as_deref());
            let told = |clash| format!("keywords: {clash}");
            warnings.extend(clashes.unwrap_or_default().into_iter().map(told));
        }
    }
    if as_json {
        let object = json!({ "file": file, "ok": errors.is_empty(), "errors": errors, "warnings": warnings });
        writeln!(out, "{object}")?;
    } else {
        errors
            .iter()
            .try_for_each(|error| writeln!(out, "error: {error}"))?;
        warnings
            .iter()
            .try_for_each(|warning| writeln!(out, "warning: {warning}"))?;
        if errors.is_empty() {
            writeln!(out, "{}: the configuration is right", file.display())?;
        }
    }
    Ok(if errors.is_empty() { OK } else { CONFIG })
}

/// What the configuration names and other files hold: secrets, templates, keywords.
fn beside(settings: &Settings) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, desk) in &settings.desks {
        let mut secrets = Vec::new();
        if let Some(MailboxSettings::Imap(imap)) = &desk.mailbox {
            secrets.push(("mailbox", &imap.password));
        }
        if let CourierSettings::Smtp(smtp) = &desk.courier {
            secrets.extend(smtp.login.iter().map(|(_, password)| ("courier", password)));
        }
        for (part, password) in secrets {
            if let Err(error) = secret::read(password) {
                problems.push(format!(
                    "{}: desk.{name}.{part}.password: {error}",
                    settings.file.display()
                ));
            }
        }
    }
    problems.extend(
        Scribe::load(&look(settings))
            .err()
            .map(|error| format!("templates: {error}")),
    );
    problems.extend(
        keywords::load(settings.keywords.as_deref())
            .err()
            .map(|error| format!("keywords: {error}")),
    );
    problems
}
