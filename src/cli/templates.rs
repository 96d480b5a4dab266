//! `guichet templates check | preview`: are the templates right, and what do their letters look like?
//!
//! Both work without a database, and without a configuration when none is given. Letters of a preview are about
//! sample people.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{CONFIG, Failure, NOT_FOUND, OK, SOFTWARE, config_file, settings};
use crate::config::settings::Settings;
use crate::desk::ids::Locale;
use crate::desk::notice::NoticeKind;
use crate::gateway::look;
use crate::scribe::{Look, Preview, Scribe};

/// Reads every template, walks its variables and renders it with full and empty samples. Exit status 78 when one is wrong.
pub fn check(config: Option<&Path>, as_json: bool, out: &mut impl Write) -> Result<u8, Failure> {
    let settings = configured(config)?;
    let look = settings.as_ref().map(look).unwrap_or_default();
    let loaded = Scribe::check(&look);
    let counts = loaded.as_ref().map(|scribe| {
        let locales = scribe.locales().map(ToString::to_string);
        (locales.collect::<Vec<_>>(), scribe.notices().count())
    });
    match (&counts, as_json) {
        (Ok((locales, notices)), true) => {
            let object =
                json!({ "ok": true, "locales": locales, "letters": notices, "errors": [] });
            writeln!(out, "{object}")?;
        }
        (Ok((locales, notices)), false) => writeln!(
            out,
            "the templates are right: {notices} letters in {}",
            locales.join(", ")
        )?,
        (Err(error), true) => {
            let errors =
                [json!({ "file": error.file, "line": error.line, "reason": error.reason })];
            let object = json!({ "ok": false, "locales": [], "letters": 0, "errors": errors });
            writeln!(out, "{object}")?;
        }
        (Err(error), false) => writeln!(out, "error: {error}")?,
    }
    Ok(if counts.is_ok() { OK } else { CONFIG })
}

/// Writes the sample letters of a notice (`all`: of every notice) to a folder: `fr-update-full.eml`, `.txt` and `.html`.
/// Without `locale` in every language.
pub fn preview(
    config: Option<&Path>,
    notice: &str,
    locale: Option<&str>,
    output: &Path,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let settings = configured(config)?;
    let look = settings.as_ref().map(look).unwrap_or_default();
    let scribe = load(&look)?;
    let kind = match notice {
        "all" => None,
        word => Some(NoticeKind::of(word).ok_or_else(|| {
            let known = NoticeKind::ALL
                .into_iter()
                .chain(NoticeKind::GENERAL)
                .map(NoticeKind::word)
                .collect::<Vec<_>>()
                .join(", ");
            Failure::new(
                NOT_FOUND,
                format!("no notice is called `{word}`; there are {known}, and `all`"),
            )
        })?),
    };
    let wanted = locale
        .map(|locale| known_locale(&scribe, locale))
        .transpose()?;
    fs::create_dir_all(output)
        .map_err(|error| Failure::new(SOFTWARE, format!("{}: {error}", output.display())))?;
    let shown: Vec<(Locale, NoticeKind)> = scribe
        .notices()
        .filter(|(locale, _)| wanted.as_ref().is_none_or(|wanted| wanted == *locale))
        .filter(|(_, this)| kind.is_none_or(|kind| kind == *this))
        .map(|(locale, kind)| (locale.clone(), kind))
        .collect();
    for (locale, kind) in shown {
        let samples = scribe.previews(kind, &locale);
        let samples = samples.map_err(|error| Failure::new(SOFTWARE, error.to_string()))?;
        for Preview {
            name,
            bytes,
            text,
            html,
        } in samples
        {
            let name = format!("{locale}-{}-{name}", kind.word());
            let parts = [
                ("eml", Some(bytes)),
                ("txt", Some(text.into_bytes())),
                ("html", html.map(String::into_bytes)),
            ];
            for (ending, bytes) in parts {
                let Some(bytes) = bytes else { continue };
                let file = output.join(format!("{name}.{ending}"));
                fs::write(&file, bytes).map_err(|error| {
                    Failure::new(SOFTWARE, format!("{}: {error}", file.display()))
                })?;
                writeln!(out, "{}", file.display())?;
            }
        }
    }
    Ok(OK)
}

/// The configuration that was named or lies in a usual place; `None` where there is none to be found.
fn configured(config: Option<&Path>) -> Result<Option<Settings>, Failure> {
    match config.is_none() && !config_file(None).exists() {
        true => Ok(None),
        false => settings(config).map(|(settings, _)| Some(settings)),
    }
}

fn load(look: &Look<'_>) -> Result<Scribe, Failure> {
    Scribe::load(look).map_err(|error| Failure::new(CONFIG, format!("templates: {error}")))
}

fn known_locale(scribe: &Scribe, wanted: &str) -> Result<Locale, Failure> {
    let parsed = Locale::parse(wanted);
    let locales = || {
        scribe
            .locales()
            .filter(|locale| Some(*locale) == parsed.as_ref())
    };
    locales().next().cloned().ok_or_else(|| {
        let known: Vec<String> = scribe.locales().map(ToString::to_string).collect();
        let message = format!(
            "no letters are written in `{wanted}`; there are {}",
            known.join(", ")
        );
        Failure::new(NOT_FOUND, message)
    })
}
