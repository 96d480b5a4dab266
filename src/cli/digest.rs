//! `guichet digest`: look at the digest of any period and scope, write it into a folder, or send it.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{CANTCREAT, Failure, NOT_FOUND, OK, USAGE, settings};
use crate::clock::Clock;
use crate::desk::digest::Scope;
use crate::desk::digest::period::{Cadence, Period};
use crate::desk::digest::readers::Reader;
use crate::desk::ids::Locale;
use crate::desk::people::People;
use crate::gateway::Gateway;
use crate::gateway::digests::{self, Counted};
use crate::scribe::Written;

/// Scopes that are named to somebody who wrote another.
const SUGGESTED_MAX: usize = 4;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `2026-W47`. The week that ended last when neither week, month nor day is named.
    pub week: Option<String>,
    /// `2026-11`.
    pub month: Option<String>,
    /// `2026-11-22`.
    pub day: Option<String>,
    /// `all`, `organisation:NAME`, `team:NAME` or `desk:NAME`; all when absent.
    pub scope: Option<String>,
    /// The language; as the reader or the desk writes when absent.
    pub locale: Option<String>,
    /// The folder in which letter, page, text, table and charts are put.
    pub output: Option<PathBuf>,
    /// Put it into the outbox for everybody who reads this scope.
    pub send: bool,
    /// Let somebody who unsubscribed have them again.
    pub resume: Option<String>,
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
    let scope = scope(wanted.scope.as_deref(), &settings.people)?;
    let gateway = Gateway::open(settings, Clock::System)?;
    let now = gateway.clock.now();
    let readers: Vec<&Reader> = gateway
        .settings
        .digests
        .readers
        .iter()
        .filter(|reader| reader.scope == scope)
        .collect();
    if let Some(address) = &wanted.resume {
        return resume(&gateway, &readers, address, &scope, out);
    }
    let mut reader = match readers.first() {
        Some(reader) => (*reader).clone(),
        None => onlooker(&gateway, &scope)?,
    };
    reader.locale = locale(wanted, &gateway)?.or(reader.locale);
    let period = period(wanted, &reader, now)?;
    if period.until() > now && wanted.send {
        return Err(Failure::new(
            USAGE,
            format!(
                "{} is not over: sent now, it would take the place of the one that comes by itself; look at it without --send",
                period.label()
            ),
        ));
    }
    let counted = digests::count(&gateway, &gateway.store.reader()?, &scope, &period)?;
    if wanted.send {
        if readers.is_empty() {
            let message = format!(
                "nobody reads digests about `{scope}`; name readers in the section [digest] or as `managers` of the organisation"
            );
            return Err(Failure::new(NOT_FOUND, message));
        }
        for reader in readers {
            let is_queued = digests::send_again(&gateway, reader, &period, &counted, now)?;
            let (label, address) = (period.label(), &reader.address);
            // JSON is for programs: nothing stands beside it.
            match is_queued {
                _ if wanted.json => {}
                true => writeln!(
                    out,
                    "the digest {label} about {scope} is in the outbox for {address}; `guichet run` carries it"
                )?,
                false => writeln!(
                    out,
                    "{address} has unsubscribed from digests about {scope}: nothing is sent"
                )?,
            }
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
            if !wanted.json {
                writeln!(out, "{}", file.display())?;
            }
        }
    }
    if wanted.json {
        writeln!(out, "{}", as_value(&counted))?;
    } else if wanted.output.is_none() && !wanted.send {
        write!(out, "{}", written.text)?;
    }
    Ok(OK)
}

/// Who unsubscribed and changed their mind is no longer left out.
fn resume(
    gateway: &Gateway,
    readers: &[&Reader],
    address: &str,
    scope: &Scope,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let reader = readers
        .iter()
        .find(|reader| reader.address.as_str() == address);
    let Some(reader) = reader else {
        let message = format!(
            "{address} is no reader of digests about `{scope}`; name them in the section [digest] or as `managers` of the organisation"
        );
        return Err(Failure::new(NOT_FOUND, message));
    };
    let (to, about) = (reader.address.clone(), scope.clone());
    let is_changed = gateway
        .store
        .write_blocking(move |tx| tx.resume_digest(&to, &about))?;
    match is_changed {
        true => writeln!(out, "{address} gets digests about {scope} again")?,
        false => writeln!(
            out,
            "{address} gets digests about {scope}: nothing to change"
        )?,
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
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(
            CANTCREAT,
            format!(
                "{}: cannot be written: {error}; name a folder of yours with --output",
                path.display()
            ),
        )
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
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
        std::fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
        paths.push(path);
    }
    Ok(paths)
}

fn locale(wanted: &Wanted, gateway: &Gateway) -> Result<Option<Locale>, Failure> {
    let Some(text) = &wanted.locale else {
        return Ok(None);
    };
    let known = || gateway.scribe.locales();
    let locale = Locale::parse(text).filter(|locale| known().any(|known| known == locale));
    locale.map(Some).ok_or_else(|| {
        let known: Vec<&str> = known().map(Locale::as_str).collect();
        Failure::new(
            USAGE,
            format!(
                "there are no texts in `{text}`; write one of {}",
                known.join(", ")
            ),
        )
    })
}

/// Somebody who looks at a digest that nobody gets.
fn onlooker(gateway: &Gateway, scope: &Scope) -> Result<Reader, Failure> {
    let desks = &gateway.settings.people.desks;
    let own = match scope {
        Scope::Desk(key) => desks.get(key),
        _ => None,
    };
    let desk = own
        .or_else(|| desks.values().next())
        .ok_or_else(|| Failure::new(NOT_FOUND, "no desk is configured"))?;
    Ok(digests::onlooker(desk, scope, None, None))
}

/// What was asked about. Whoever errs is told what there is.
fn scope(text: Option<&str>, people: &People) -> Result<Scope, Failure> {
    let Some(text) = text else {
        return Ok(Scope::All);
    };
    let organisations = people
        .organisations
        .keys()
        .cloned()
        .map(Scope::Organisation);
    let teams = people.teams.keys().cloned().map(Scope::Team);
    let desks = people.desks.keys().cloned().map(Scope::Desk);
    let known: Vec<Scope> = std::iter::once(Scope::All)
        .chain(organisations)
        .chain(teams)
        .chain(desks)
        .collect();
    let (status, wrong) = match text.parse::<Scope>() {
        Ok(scope) if known.contains(&scope) => return Ok(scope),
        Ok(scope) => (NOT_FOUND, format!("`{scope}` is not in the configuration")),
        Err(_) => (USAGE, format!("`{text}` is no scope")),
    };
    let mut names: Vec<String> = known.iter().map(Scope::to_string).collect();
    // The most like what was written first: `acme`, `acm` and `organisation:acm` all mean organisation:acme.
    let name = text.rsplit(':').next().unwrap_or(text);
    names.sort_by_cached_key(|known| {
        let own = known.rsplit(':').next().unwrap_or(known);
        strsim::damerau_levenshtein(own, name)
    });
    names.truncate(SUGGESTED_MAX);
    Err(Failure::new(
        status,
        format!("{wrong}; write for example {}", names.join(", ")),
    ))
}

/// The period that was asked for. One that has not begun has no figures.
fn period(wanted: &Wanted, reader: &Reader, now: Timestamp) -> Result<Period, Failure> {
    let zone = &reader.schedule.zone;
    let named = [
        (
            &wanted.week,
            Cadence::Weekly,
            "--week takes a week such as 2026-W47",
        ),
        (
            &wanted.month,
            Cadence::Monthly,
            "--month takes a month such as 2026-11",
        ),
        (
            &wanted.day,
            Cadence::Daily,
            "--day takes a day such as 2026-11-22",
        ),
    ];
    for (text, cadence, takes) in named {
        let Some(text) = text else { continue };
        let period = Period::parse(text, zone).ok();
        let period = period
            .filter(|period| period.cadence == cadence)
            .ok_or_else(|| Failure::new(USAGE, format!("`{text}` is not known: {takes}")))?;
        if period.from() >= now {
            let (label, first) = (period.label(), period.first);
            return Err(Failure::new(
                USAGE,
                format!("{label} begins on {first}: there is nothing to count yet"),
            ));
        }
        return Ok(period);
    }
    let today = now.to_zoned(zone.clone()).date();
    let week = Period::of(Cadence::Weekly, today, zone);
    let before =
        week.and_then(|week| Period::of(Cadence::Weekly, week.first.yesterday().ok()?, zone));
    before.ok_or_else(|| Failure::new(USAGE, "name a week, --week 2026-W47"))
}
