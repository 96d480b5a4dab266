//! `guichet triage FILE...`: which priority a mail would get, and why. Stores nothing.

pub mod replay;

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::{CONFIG, Failure, parse, shown};
use crate::config::settings::Settings;
use crate::config::{keywords, recipes};
use crate::desk::ids::Language;
use crate::desk::mail::InboundMail;
use crate::desk::people::{Desk, People};
use crate::desk::recipe::fix::Fix;
use crate::desk::recipe::{Offer, Recipe, Shelf};
use crate::desk::triage::Heard;
use crate::desk::triage::keywords::Keywords;
use crate::desk::triage::rank::{self, Facts, Ranking};
use crate::desk::{self, recipe};
use crate::intake::ReadRules;
use crate::store::Reader;

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
    let recipes = settings.as_ref().map(|(settings, _)| in_force(settings));
    let recipes = recipes.transpose()?.unwrap_or_default();
    let people = settings
        .map(|(settings, _)| settings.people)
        .unwrap_or_default();
    // Where there are several desks nothing tells which one a file is for.
    let mut desks = people.desks.values();
    let desk = desks.next().filter(|_| desks.next().is_none());
    let keywords = keywords::load(folder.as_deref())
        .map_err(|error| Failure::new(CONFIG, error.to_string()))?;
    let shelf = shelf(recipes)?;
    let mut failed = None;
    let status = parse::each(
        program,
        ReadRules::default(),
        files,
        errors,
        |file, mail| {
            let facts = Facts {
                vouched: true,
                vip: mail
                    .sender_identity()
                    .is_some_and(|sender| people.is_vip(&sender)),
                role: None,
                at: mail.date.map(|date| {
                    let zone = desk.map_or(TimeZone::UTC, |desk| desk.timezone.clone());
                    zone.to_datetime(date)
                }),
                reporters: 1,
                raised_today: 0,
            };
            let heard = desk::hear(&keywords, mail);
            let ranking = rank::rank(&keywords, &heard, &facts);
            let offer = offer(&shelf, &keywords, &heard, mail, &ranking, &people, desk);
            let team = people.team_for(desk, &ranking.category, ranking.team.as_deref());
            if as_json {
                let mut object = json!({
                    "file": file.to_string_lossy(),
                    "priority": ranking.priority.word(),
                    "impact": ranking.impact,
                    "urgency": ranking.urgency,
                    "category": ranking.category,
                    "team": team,
                    "language": mail.language.map(|language| language.code()),
                    "reasons": ranking.reasons,
                });
                // Only where there is one: most desks have no recipes.
                if let (Some(offer), Some(object)) = (&offer, object.as_object_mut()) {
                    let recipe = json!({
                        "name": offer.recipe.name,
                        "title": offer.recipe.title,
                        "because": offer.words,
                    });
                    object.insert("recipe".to_owned(), recipe);
                }
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
            if let Some(offer) = offer {
                let words: Vec<String> = offer
                    .words
                    .iter()
                    .map(|words| format!("\"{}\"", shown(words)))
                    .collect();
                let (name, title) = (&offer.recipe.name, shown(&offer.recipe.title));
                writeln!(out, "  recipe {name} ({title}): {}", words.join(", "))?;
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

/// The recipes of the folder and, where there is a database, those that were approved.
fn in_force(settings: &Settings) -> Result<Vec<Recipe>, Failure> {
    let (mut recipes, _) = recipes::load(settings.recipes.as_deref(), &settings.people)
        .map_err(|errors| Failure::new(CONFIG, errors.to_string()))?;
    if settings.store.exists() {
        let fixes = Reader::open(&settings.store)?.fixes()?;
        recipes.extend(fixes.iter().filter_map(Fix::recipe));
    }
    Ok(recipes)
}

fn shelf(recipes: Vec<Recipe>) -> Result<Shelf, Failure> {
    Shelf::new(0, recipes).map_err(|fault| Failure::new(CONFIG, format!("recipes: {fault}")))
}

/// The recipe that would be offered if somebody known wrote this.
fn offer(
    shelf: &Shelf,
    keywords: &Keywords,
    heard: &Heard,
    mail: &InboundMail,
    ranking: &Ranking,
    people: &People,
    desk: Option<&Desk>,
) -> Option<Offer> {
    let sender = mail.sender_identity();
    let organisation = sender.and_then(|sender| people.organisation(&sender));
    let written = desk.and_then(|desk| Language::of(desk.locale.as_str()));
    let facts = recipe::Facts {
        priority: ranking.priority,
        category: &ranking.category,
        reasons: &ranking.reasons,
        organisation: organisation.map(|organisation| organisation.key.as_str()),
        desk: desk.map_or("", |desk| desk.key.as_str()),
        language: mail.language.or(written),
        categories: keywords.categories(),
    };
    let recalled = shelf.recall(keywords, heard, mail.language);
    recipe::choose(recalled.of(shelf.revision())?, &facts)
}
