//! `guichet triage FILE...`: which priority a mail would get, and why. Stores nothing.

pub mod replay;

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{CONFIG, Failure, parse, shown};
use crate::config::keywords;
use crate::desk;
use crate::desk::triage::rank::{self, Facts};
use crate::intake::ReadRules;

/// Prints the priority of each mail. Its sender is taken for somebody known, so that the words speak. Without a
/// configuration the keywords that come with guichet are used. Gives the exit status: 0, or 65 when a file could not be read.
pub fn run(
    program: PathBuf,
    config: Option<&Path>,
    files: &[PathBuf],
    as_json: bool,
    out: &mut impl Write,
    errors: &mut impl Write,
) -> Result<u8, Failure> {
    let settings = config
        .map(|config| crate::cli::settings(Some(config)))
        .transpose()?;
    let folder = settings
        .as_ref()
        .and_then(|(settings, _)| settings.keywords.clone());
    let people = settings
        .map(|(settings, _)| settings.people)
        .unwrap_or_default();
    // Where there are several desks nothing tells which one a file is for.
    let mut desks = people.desks.values();
    let desk = desks.next().filter(|_| desks.next().is_none());
    let keywords = keywords::load(folder.as_deref())
        .map_err(|error| Failure::new(CONFIG, error.to_string()))?;
    let mut failed = None;
    let status = parse::each(
        program,
        ReadRules::default(),
        files,
        errors,
        |file, mail| {
            let facts = Facts {
                language: mail.language,
                vouched: true,
                vip: mail
                    .sender_identity()
                    .is_some_and(|sender| people.is_vip(&sender)),
                role: None,
                reporters: 1,
                raised_today: 0,
            };
            let ranking = rank::rank(&keywords, &desk::hear(&keywords, mail), &facts);
            let team = people.team_for(desk, &ranking.category, ranking.team.as_deref());
            if as_json {
                let object = json!({
                    "file": file.to_string_lossy(),
                    "priority": ranking.priority.word(),
                    "impact": ranking.impact,
                    "urgency": ranking.urgency,
                    "category": ranking.category,
                    "team": team,
                    "language": mail.language.map(|language| language.code()),
                    "reasons": ranking.reasons,
                });
                return writeln!(out, "{object}");
            }
            writeln!(
                out,
                "{}: {} impact {} x urgency {}, {}",
                file.display(),
                ranking.priority.word(),
                ranking.impact.word(),
                ranking.urgency.word(),
                ranking.category
            )?;
            for reason in &ranking.reasons {
                let about = serde_json::to_value(reason.about).unwrap_or_default();
                writeln!(
                    out,
                    "  {} {}: \"{}\"",
                    about.as_str().unwrap_or_default(),
                    reason.level,
                    shown(&reason.because)
                )?;
            }
            Ok(())
        },
    )
    .unwrap_or_else(|error| {
        failed = Some(error);
        0
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(status),
    }
}
