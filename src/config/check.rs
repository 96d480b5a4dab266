//! The configuration file -> `Settings`: all errors and all warnings at once.
//!
//! Only the file itself is read: no server, no secret and no other path is touched, so a
//! configuration can be checked on another machine. Defaults are those of `product.md` §17.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desks;
use super::digests;
use super::file::Section;
use super::findings::{Findings, Place};
use super::people;
use super::problem::{ConfigErrors, Problem, Warning};
use super::settings::{Limits, LogFormat, Settings};
use super::terms;
use super::units;
use crate::desk::agreement::Terms;
use crate::desk::manners::{Acknowledge, Budgets, Quota};

/// A hand-written file is a few kilobytes; whatever is larger is the wrong file.
const FILE_MAX: u64 = 1 << 20;
/// SQLite keeps at most 10^9 bytes in a value, and a mail is held in memory while it is read.
const MESSAGE_SIZE_MAX: u64 = 512 << 20;
/// Counters of automatic letters are kept for a month.
const WINDOW_MAX: Duration = Duration::from_secs(31 * 86_400);
/// A letter is given up after five days (RFC 5321 4.5.4.1), so a longer pause than one would be one attempt only.
const RETRY_MAX: Duration = Duration::from_secs(86_400);

const SECOND: Duration = Duration::from_secs(1);

/// Reads and checks a configuration file. The warnings name what works, but hardly as meant.
///
/// Relative paths inside are relative to the file's folder.
pub fn load(path: &Path) -> Result<(Settings, Vec<Warning>), ConfigErrors> {
    let whole_file = |message: String| ConfigErrors {
        problems: vec![Problem {
            file: path.to_owned(),
            line: None,
            key: String::new(),
            message,
            excerpt: None,
        }],
    };
    let file = std::path::absolute(path)
        .map_err(|error| whole_file(format!("not a usable path: {error}")))?;
    let text = text_of(&file).map_err(whole_file)?;
    check(&file, &text)
}

/// Checks the text of a configuration file. `file` is absolute.
pub(super) fn check(file: &Path, text: &str) -> Result<(Settings, Vec<Warning>), ConfigErrors> {
    let findings = Findings::new(file, text);
    let table = findings.parse()?;
    let settings = settings(file, Section::root(&table, &findings), &findings);
    let (problems, warnings) = findings.into_lists();
    match settings {
        Some(settings) if problems.is_empty() => Ok((settings, warnings)),
        _ => Err(ConfigErrors { problems }),
    }
}

/// What a file holds; `None` when that is more than `most` bytes.
pub(super) fn bytes_of(file: &Path, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(file)?
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

fn text_of(file: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| {
        format!(
            "cannot be read: {error}; name another file with --config, or make one with `guichet config sample`"
        )
    };
    let bytes = bytes_of(file, FILE_MAX).map_err(cannot)?.ok_or_else(|| {
        format!(
            "is larger than {}; this is not a configuration of guichet",
            units::write_size(FILE_MAX)
        )
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error
            .as_bytes()
            .iter()
            .take(valid)
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        format!("line {line} is not UTF-8; save the file as UTF-8")
    })
}

fn settings(file: &Path, mut root: Section<'_, '_>, findings: &Findings<'_>) -> Option<Settings> {
    let store = store(root.section("store"), findings);
    let aims = terms::read_targets(&mut root, findings);
    let staff = people::read(&mut root, findings);
    let desks = desks::read(&mut root, &staff, findings);
    let limits = limits(root.section("limits"), findings);
    let log = log(root.section("log"));
    let http = http(root.section("http"), findings);
    let letters = letters(root.section("templates"), findings);
    let keywords = folder(root.section("keywords"), "path = \"keywords\"");
    let recipes = folder(root.section("recipes"), "path = \"recipes\"");
    let acknowledge_place = root.place_of("limits");
    let digest_section = root.section("digest");
    root.done();

    let people::Staff {
        people: mut everybody,
        mut agreements,
        ..
    } = staff;
    agreements.everybody = Terms::usual();
    for (priority, aim) in aims {
        let usual = agreements.everybody.aims.remove(&priority);
        let aim = aim.or(usual.unwrap_or_default());
        agreements.everybody.aims.insert(priority, aim);
    }
    let mut desk_settings = BTreeMap::new();
    for (key, (desk, settings, terms)) in desks? {
        agreements.desks.insert(key.clone(), terms);
        everybody.desks.insert(key.clone(), desk);
        desk_settings.insert(key, settings);
    }
    let digests = digests::read(digest_section, &everybody, findings);
    let limits = limits?;
    let nobody_known = everybody.organisations.is_empty()
        && desk_settings
            .values()
            .all(|desk| desk.trusted_authserv_ids.is_empty());
    if limits.acknowledge == Acknowledge::KnownOrAuthenticated && nobody_known {
        let place = Place {
            at: acknowledge_place.at,
            key: "limits.acknowledge".to_owned(),
        };
        findings.warning(
            &place,
            "acknowledgements to new senders will be held: there is no organisation and no trusted_authserv_ids, so nobody new is known or authenticated; \
             add [organisation.NAME] with its domains, or trusted_authserv_ids to the desk, or set acknowledge = \"everyone\"",
        );
    }
    Some(Settings {
        file: file.to_owned(),
        store,
        people: everybody,
        agreements,
        desks: desk_settings,
        digests,
        limits,
        log,
        http,
        templates: letters.folder,
        accent: letters.accent,
        logo: letters.logo,
        keywords,
        recipes,
    })
}

fn store(section: Option<Section<'_, '_>>, findings: &Findings<'_>) -> PathBuf {
    let default = || findings.resolve("guichet.db");
    let Some(mut section) = section else {
        return default();
    };
    if section.has("url") {
        findings.error(
            &section.place_of("url"),
            "a database server is not supported yet; remove this line and write path = \"guichet.db\", a file of SQLite",
        );
    }
    let path = section.path("path").unwrap_or_else(default);
    section.done();
    path
}

fn limits(section: Option<Section<'_, '_>>, findings: &Findings<'_>) -> Option<Limits> {
    let minutes = |n: u64| Duration::from_secs(n * 60);
    let quota = |minutes: u64, count| Quota {
        window: Duration::from_secs(minutes * 60),
        count,
    };
    let mut limits = Limits {
        message_size: 50 << 20,
        automatic: Budgets {
            per_address: vec![quota(10, 3), quota(60, 6), quota(24 * 60, 12)],
            per_ticket: vec![quota(24 * 60, 6)],
            per_domain: vec![quota(60, 60)],
            total: vec![quota(60, 2000)],
        },
        retry: [5, 15, 30, 60, 120, 240].map(minutes).to_vec(),
        acknowledge: Acknowledge::KnownOrAuthenticated,
        commands_within: minutes(30 * 24 * 60),
    };
    let Some(mut section) = section else {
        return Some(limits);
    };
    if let Some(text) = section.text("message_size") {
        match units::size(&text.value) {
            Some(size) if (1024..=MESSAGE_SIZE_MAX).contains(&size) => limits.message_size = size,
            Some(_) => findings.error(
                &text.place,
                format!("{} is out of range; write 1 KiB to 512 MiB", text.value),
            ),
            None => findings.error(
                &text.place,
                format!(
                    "`{}` is not a size; write a whole number and KiB, MiB or GiB, such as 50 MiB",
                    text.value
                ),
            ),
        }
    }
    for (name, quotas) in [
        ("automatic_per_address", &mut limits.automatic.per_address),
        ("automatic_per_ticket", &mut limits.automatic.per_ticket),
        ("automatic_per_domain", &mut limits.automatic.per_domain),
        ("automatic_total", &mut limits.automatic.total),
    ] {
        if let Some(read) = read_quotas(&mut section, name, findings) {
            *quotas = read;
        }
    }
    if let Some(pauses) = section.texts("retry") {
        if pauses.is_empty() || pauses.len() > 50 {
            findings.error(
                &section.place_of("retry"),
                "holds 1 to 50 pauses; write for example [\"5m\", \"15m\", \"1h\"], the last one repeats",
            );
        }
        limits.retry = pauses
            .iter()
            .filter_map(|pause| section.as_duration(pause, SECOND..=RETRY_MAX))
            .collect();
    }
    if let Some(acknowledge) = section.word(
        "acknowledge",
        &[
            ("everyone", Acknowledge::Everyone),
            ("known-or-authenticated", Acknowledge::KnownOrAuthenticated),
        ],
    ) {
        limits.acknowledge = acknowledge;
    }
    let day = minutes(24 * 60);
    if let Some(life) = section.duration("commands_within", day..=day * 365) {
        limits.commands_within = life;
    }
    section.done();
    Some(limits)
}

fn read_quotas(
    section: &mut Section<'_, '_>,
    name: &'static str,
    findings: &Findings<'_>,
) -> Option<Vec<Quota>> {
    let pairs = section.numbers(name)?;
    if pairs.is_empty() {
        findings.error(
            &section.place_of(name),
            "holds no window, which would be no limit at all; write for example { \"1h\" = 6 }",
        );
    }
    let mut quotas: Vec<Quota> = Vec::new();
    for (text, count) in pairs {
        let Some(window) = section.as_duration(&text, SECOND..=WINDOW_MAX) else {
            continue;
        };
        let Ok(count) = u32::try_from(count) else {
            findings.error(
                &text.place,
                format!(
                    "{count} is out of range; write a count from 0 to {}",
                    u32::MAX
                ),
            );
            continue;
        };
        if quotas.iter().any(|quota| quota.window == window) {
            findings.error(
                &text.place,
                "the same window stands here twice; keep one of the two",
            );
            continue;
        }
        quotas.push(Quota { window, count });
    }
    Some(quotas)
}

fn log(section: Option<Section<'_, '_>>) -> LogFormat {
    let Some(mut section) = section else {
        return LogFormat::Text;
    };
    let known = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = section.word("format", &known).unwrap_or(LogFormat::Text);
    section.done();
    format
}

fn http(section: Option<Section<'_, '_>>, findings: &Findings<'_>) -> Option<SocketAddr> {
    let mut section = section?;
    section.require("listen", "listen = \"127.0.0.1:8025\"");
    let text = section.text("listen");
    section.done();
    let text = text?;
    match text.value.parse::<SocketAddr>() {
        Ok(address) => {
            if !address.ip().is_loopback() {
                findings.warning(
                    &text.place,
                    "metrics and health are shown to other machines, without login or TLS; 127.0.0.1 keeps them here",
                );
            }
            Some(address)
        }
        Err(_) => {
            findings.error(
                &text.place,
                format!(
                    "`{}` is not an IP address with a port; write for example 127.0.0.1:8025 or [::1]:8025",
                    text.value
                ),
            );
            None
        }
    }
}

/// What letters look like.
#[derive(Default)]
struct Letters {
    folder: Option<PathBuf>,
    accent: Option<String>,
    logo: Option<PathBuf>,
}

fn letters(section: Option<Section<'_, '_>>, findings: &Findings<'_>) -> Letters {
    let Some(mut section) = section else {
        return Letters::default();
    };
    let folder = section.path("path");
    let logo = section.path("logo");
    let accent = section.text("accent").filter(|accent| {
        let digits = accent.value.strip_prefix('#').unwrap_or_default();
        let is_colour = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_colour {
            let message = format!(
                "`{}` is not a colour; write for example #1a5f9e",
                accent.value
            );
            findings.error(&accent.place, message);
        }
        is_colour
    });
    section.done();
    Letters {
        folder,
        accent: accent.map(|accent| accent.value),
        logo,
    }
}

fn folder(section: Option<Section<'_, '_>>, example: &str) -> Option<PathBuf> {
    let mut section = section?;
    section.require("path", example);
    let path = section.path("path");
    section.done();
    path
}

#[cfg(test)]
mod tests;
