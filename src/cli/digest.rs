//! `guichet digest`: look at the digest of any period and scope, write it into a folder, or send it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::{Failure, NOT_FOUND, OK, USAGE, settings};
use crate::clock::Clock;
use crate::desk::digest::Scope;
use crate::desk::digest::period::{Cadence, Period};
use crate::desk::digest::readers::Reader;
use crate::desk::ids::Locale;
use crate::gateway::Gateway;
use crate::gateway::digests::{self, Counted};
use crate::scribe::Written;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `2026-W47`, `2026-11` or `2026-11-22`; the week that ended last when absent.
    pub period: Option<String>,
    /// `all`, `organisation:NAME`, `team:NAME` or `desk:NAME`; all when absent.
    pub scope: Option<String>,
    /// The language; as the reader or the desk writes when absent.
    pub locale: Option<String>,
    /// The folder in which letter, page, text, table and charts are put.
    pub output: Option<PathBuf>,
    /// Put it into the outbox for everybody who reads this scope.
    pub send: bool,
    /// Print the figures as one JSON object.
    pub json: bool,
}

/// Prints, writes or sends a digest.
pub fn run(config: Option<&Path>, wanted: &Wanted, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    if !settings.store.exists() {
        let message = format!(
            "there is no database at {} yet; `guichet run` makes it when the first mail comes",
            settings.store.display()
        );
        return Err(Failure::new(NOT_FOUND, message));
    }
    let gateway = Gateway::open(settings, Clock::System)?;
    let now = gateway.clock.now();
    let scope: Scope = match &wanted.scope {
        None => Scope::All,
        Some(text) => text
            .parse()
            .map_err(|error| Failure::new(USAGE, format!("{error}")))?,
    };
    let readers: Vec<&Reader> = gateway
        .settings
        .digests
        .readers
        .iter()
        .filter(|reader| reader.scope == scope)
        .collect();
    let onlooker = onlooker(&gateway, &scope, wanted)?;
    let mut reader = readers
        .first()
        .map_or(onlooker.clone(), |reader| (*reader).clone());
    reader.locale = onlooker_locale(wanted)?.or(reader.locale);
    let period = period(wanted.period.as_deref(), &reader, now)?;
    let counted = digests::count(&gateway, &gateway.store.reader()?, &scope, &period)?;
    if wanted.send {
        if readers.is_empty() {
            let message = format!(
                "nobody reads digests about `{scope}`; name readers in the section [digest] or as `managers` of the organisation"
            );
            return Err(Failure::new(NOT_FOUND, message));
        }
        for reader in readers {
            digests::send_again(&gateway, reader, &period, &counted, now)?;
            writeln!(
                out,
                "the digest {} about {scope} goes to {}",
                period.label(),
                reader.address
            )?;
        }
    }
    let written = digests::write(&gateway, &reader, &period, &counted, "", now)?;
    if let Some(folder) = &wanted.output {
        for file in put(
            folder,
            &format!(
                "digest-{}-{}",
                period.label(),
                scope.to_string().replace(':', "-")
            ),
            &written,
        )? {
            writeln!(out, "{}", file.display())?;
        }
    }
    if wanted.json {
        writeln!(out, "{}", as_value(&counted))?;
    } else if wanted.output.is_none() && !wanted.send {
        write!(out, "{}", written.text)?;
    }
    Ok(OK)
}

/// The figures, and `recommendations` beside them.
pub fn as_value(counted: &Counted) -> serde_json::Value {
    let mut value = serde_json::to_value(&counted.figures).unwrap_or_default();
    let advice = serde_json::to_value(&counted.advice).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("recommendations".to_owned(), advice);
    }
    value
}

/// Puts everything into a folder: the letter as it is carried, and its parts beside. The page shows the charts from the folder.
pub fn put(folder: &Path, name: &str, written: &Written) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(folder)?;
    let mut html = written.html.clone();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (file, bytes) in &written.files {
        let file_name = match file.strip_suffix(".csv") {
            Some(_) => format!("{name}.csv"),
            None => format!("{name}-{file}"),
        };
        html = html.replace(
            &format!("cid:{file}.{}", written.letter.message_id),
            &file_name,
        );
        files.push((file_name, bytes.clone()));
    }
    files.push((format!("{name}.eml"), written.letter.bytes.clone()));
    files.push((format!("{name}.html"), html.into_bytes()));
    files.push((format!("{name}.txt"), written.text.clone().into_bytes()));
    files.sort();
    let mut paths = Vec::new();
    for (file, bytes) in files {
        let path = folder.join(file);
        std::fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

fn onlooker_locale(wanted: &Wanted) -> Result<Option<Locale>, Failure> {
    let Some(text) = &wanted.locale else {
        return Ok(None);
    };
    let locale = Locale::parse(text);
    locale.map(Some).ok_or_else(|| {
        Failure::new(
            USAGE,
            format!("`{text}` is no language; write for example fr or en"),
        )
    })
}

fn onlooker(gateway: &Arc<Gateway>, scope: &Scope, wanted: &Wanted) -> Result<Reader, Failure> {
    let people = &gateway.settings.people;
    let is_known = match scope {
        Scope::All => true,
        Scope::Organisation(key) => people.organisations.contains_key(key),
        Scope::Team(key) => people.teams.contains_key(key),
        Scope::Desk(key) => people.desks.contains_key(key),
    };
    let desk = people.desks.values().next().filter(|_| is_known);
    let desk = desk
        .ok_or_else(|| Failure::new(NOT_FOUND, format!("`{scope}` is not in the configuration")))?;
    Ok(digests::onlooker(
        desk,
        scope,
        None,
        onlooker_locale(wanted)?,
    ))
}

fn period(text: Option<&str>, reader: &Reader, now: Timestamp) -> Result<Period, Failure> {
    let zone = &reader.schedule.zone;
    match text {
        Some(text) => {
            Period::parse(text, zone).map_err(|error| Failure::new(USAGE, error.to_string()))
        }
        None => {
            let today = now.to_zoned(zone.clone()).date();
            let week = Period::of(Cadence::Weekly, today, zone);
            let before = week
                .and_then(|week| Period::of(Cadence::Weekly, week.first.yesterday().ok()?, zone));
            before.ok_or_else(|| Failure::new(USAGE, "name a week, --week 2026-W47"))
        }
    }
}
