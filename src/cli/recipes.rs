//! `guichet recipes`: which recipes there are, how they do, whether they are right and what they look like.
//!
//! Recipes of the folder and those made from tickets, in one list. Approving and dropping are the orders `/recipe ok` and
//! `/recipe drop` about the ticket a recipe was made from; files are their owner's.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::order::{How, What};
use super::{
    CANTCREAT, CONFIG, DATA, Failure, NOT_FOUND, OK, SOFTWARE, counted, order, settings, shown,
};
use crate::clock::Clock;
use crate::config::recipes::load;
use crate::config::settings::Settings;
use crate::desk::recipe::score::{Kept, Score};
use crate::desk::recipe::{Audience, Recipe};
use crate::gateway::look;
use crate::scribe::Scribe;
use crate::store::Reader;

/// The state of a recipe that is a file.
const FILE: &str = "file";

/// A recipe with where it is kept.
struct Listed {
    recipe: Recipe,
    /// `file`, `draft`, `approved` or `dropped`.
    state: &'static str,
    score: Score,
}

/// What is wanted of recipes.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Wanted {
    /// Every recipe, and how it does
    List {
        /// Those that were dropped, too
        #[arg(long)]
        all: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// One recipe
    Show {
        /// Its name: a file's without .md, or the ticket it was made from
        name: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Approve a draft, or say that a recipe is still right
    Approve {
        /// The ticket it was made from
        name: String,
        /// For people of every organisation
        #[arg(long)]
        all: bool,
        /// In whose name, and whether it is only tried
        #[command(flatten)]
        how: How,
    },
    /// Offer a recipe no more
    Drop {
        /// The ticket it was made from
        name: String,
        /// In whose name, and whether it is only tried
        #[command(flatten)]
        how: How,
    },
    /// Read the folder of recipes; 78 when a file is wrong
    Check {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// The acknowledgement with a recipe, as a requester reads it
    Preview {
        /// Its name
        name: String,
        /// Write it as .eml, .txt and .html into this folder
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

/// Does what is wanted. Gives the exit status.
pub fn run(config: Option<&Path>, wanted: Wanted, out: &mut impl Write) -> Result<u8, Failure> {
    match wanted {
        Wanted::List { all, json } => list(config, all, json, out),
        Wanted::Show { name, json } => show(config, &name, json, out),
        Wanted::Approve { name, all, how } => approve(config, &name, all, &how, out),
        Wanted::Drop { name, how } => drop(config, &name, &how, out),
        Wanted::Check { json } => check(config, json, out),
        Wanted::Preview { name, output } => preview(config, &name, output.as_deref(), out),
    }
}

/// Lists recipes by name, those of the folder first. Dropped ones only when `all` are wanted.
fn list(
    config: Option<&Path>,
    all: bool,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let now = Clock::System.now();
    for listed in known(&settings, now)? {
        if listed.state == "dropped" && !all {
            continue;
        }
        if as_json {
            writeln!(out, "{}", as_value(&listed, now))?;
            continue;
        }
        let score = listed.score;
        writeln!(
            out,
            "{:<28} {:<8} {}  {:>3} offered {:>3} helped {:>3} failed  {}{}",
            listed.recipe.name,
            listed.state,
            listed.recipe.language.code(),
            score.offered,
            score.helped,
            score.failed,
            shown(&listed.recipe.title),
            match review(&listed, now) {
                Some("fails") => "  (helps too seldom: look at it again)",
                Some(_) => "  (nobody has looked at it for a year)",
                None => "",
            }
        )?;
    }
    Ok(OK)
}

/// Prints one recipe.
fn show(
    config: Option<&Path>,
    name: &str,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let now = Clock::System.now();
    let listed = called(&settings, name, now)?;
    let recipe = &listed.recipe;
    if as_json {
        let mut object = as_value(&listed, now);
        if let Some(object) = object.as_object_mut() {
            object.insert("text".to_owned(), json!(recipe.text));
        }
        writeln!(out, "{object}")?;
        return Ok(OK);
    }
    writeln!(out, "{}  {}", recipe.name, shown(&recipe.title))?;
    let category = recipe.category.as_deref().unwrap_or("any category");
    writeln!(
        out,
        "  {} · {} · {category}",
        listed.state,
        recipe.language.code()
    )?;
    writeln!(out, "  for {}", audience(&recipe.audience))?;
    if let Some(desk) = &recipe.desk {
        writeln!(out, "  at the desk {desk}")?;
    }
    for phrase in &recipe.phrases {
        let needs = match phrase.needs.is_empty() {
            true => String::new(),
            false => format!(", near {}", phrase.needs.join(" or ")),
        };
        match phrase.weight < 0 {
            true => writeln!(out, "  unless \"{}\"", shown(&phrase.text))?,
            false => writeln!(
                out,
                "  {} \"{}\"{needs}",
                phrase.weight,
                shown(&phrase.text)
            )?,
        }
    }
    let score = listed.score;
    writeln!(
        out,
        "  offered {}, helped {}, failed {}",
        score.offered, score.helped, score.failed
    )?;
    if let Some(at) = score.last_offered_at {
        writeln!(out, "  last offered {at}")?;
    }
    if let Some(at) = recipe.reviewed_at {
        writeln!(out, "  reviewed {at}")?;
    }
    writeln!(out)?;
    for line in recipe.text.lines() {
        writeln!(out, "{}", shown(line))?;
    }
    Ok(OK)
}

/// Approves the draft made from a ticket, or says that a recipe in force is still right.
fn approve(
    config: Option<&Path>,
    name: &str,
    all: bool,
    how: &How,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let line = match all {
        true => "/recipe ok all",
        false => "/recipe ok",
    };
    ordered(
        config,
        name,
        line,
        "write the day into `reviewed` of that file",
        how,
        out,
    )
}

/// Takes a recipe that was made from a ticket out of force.
fn drop(config: Option<&Path>, name: &str, how: &How, out: &mut impl Write) -> Result<u8, Failure> {
    let next = "move that file out of the folder, then send SIGHUP to the daemon";
    ordered(config, name, "/recipe drop", next, how, out)
}

fn ordered(
    config: Option<&Path>,
    name: &str,
    line: &str,
    for_a_file: &str,
    how: &How,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let listed = called(&settings, name, Clock::System.now())?;
    if listed.state == FILE {
        let folder = settings.recipes.unwrap_or_default();
        let file = folder.join(format!("{name}.md"));
        return Err(Failure::new(
            DATA,
            format!("{name} is {}: {for_a_file}", file.display()),
        ));
    }
    order::run(
        config,
        &listed.recipe.name,
        &What::Lines(vec![line.to_owned()]),
        how,
        out,
    )
}

/// Reads the folder. Gives the exit status: 0, or 78 when a file is wrong.
fn check(config: Option<&Path>, as_json: bool, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let (count, errors, warnings) = match load(settings.recipes.as_deref(), &settings.people) {
        Ok((recipes, warnings)) => (recipes.len(), Vec::new(), warnings),
        Err(errors) => (0, errors.problems, Vec::new()),
    };
    let told = |problems: &[crate::config::Problem]| -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    };
    let (errors, warnings) = (told(&errors), told(&warnings));
    if as_json {
        let object = json!({ "ok": errors.is_empty(), "recipes": count, "errors": errors, "warnings": warnings });
        writeln!(out, "{object}")?;
    } else {
        for error in &errors {
            writeln!(out, "error: {error}")?;
        }
        for warning in &warnings {
            writeln!(out, "warning: {warning}")?;
        }
        match (&settings.recipes, errors.is_empty()) {
            (None, _) => writeln!(
                out,
                "no folder is configured; write [recipes] and path = \"recipes\""
            )?,
            (Some(folder), true) => {
                let are = if count == 1 { "is" } else { "are" };
                let recipes = counted(count, "recipe");
                writeln!(out, "{}: {recipes} {are} right", folder.display())?
            }
            (Some(_), false) => {}
        }
    }
    Ok(if errors.is_empty() { OK } else { CONFIG })
}

/// Shows the acknowledgement with a recipe as a requester reads it: its text, or all its forms as files in `output`.
fn preview(
    config: Option<&Path>,
    name: &str,
    output: Option<&Path>,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let recipe = called(&settings, name, Clock::System.now())?.recipe;
    let scribe = Scribe::load(&look(&settings))
        .map_err(|error| Failure::new(CONFIG, format!("templates: {error}")))?;
    let preview = scribe
        .recipe_preview(recipe)
        .map_err(|error| Failure::new(SOFTWARE, error.to_string()))?;
    let Some(folder) = output else {
        write!(out, "{}", preview.text)?;
        return Ok(OK);
    };
    let failed = |file: &Path, error: std::io::Error| {
        Failure::new(CANTCREAT, format!("{}: {error}", file.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let html = preview.html.unwrap_or_default();
    for (ending, bytes) in [
        ("eml", preview.bytes),
        ("txt", preview.text.into_bytes()),
        ("html", html.into_bytes()),
    ] {
        let file = folder.join(format!("{name}.{ending}"));
        fs::write(&file, bytes).map_err(|error| failed(&file, error))?;
        writeln!(out, "{}", file.display())?;
    }
    Ok(OK)
}

/// Every recipe: those of the folder, then those made from tickets.
fn known(settings: &Settings, now: Timestamp) -> Result<Vec<Listed>, Failure> {
    let (folder, _) = load(settings.recipes.as_deref(), &settings.people)
        .map_err(|errors| Failure::new(CONFIG, errors.to_string()))?;
    let (mut scores, fixes) = match settings.store.exists() {
        true => {
            let reader = Reader::open(&settings.store)?;
            (reader.scores(now)?, reader.fixes()?)
        }
        false => (BTreeMap::new(), Vec::new()),
    };
    let fixes = fixes.iter().map(|fix| (fix.as_recipe(), fix.state.word()));
    let all = folder.into_iter().map(|recipe| (recipe, FILE)).chain(fixes);
    let listed = all.map(|(recipe, state)| Listed {
        score: scores.remove(&recipe.name).unwrap_or_default(),
        recipe,
        state,
    });
    Ok(listed.collect())
}

fn called(settings: &Settings, name: &str, now: Timestamp) -> Result<Listed, Failure> {
    let mut all = known(settings, now)?.into_iter();
    let found = all.find(|listed| listed.recipe.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        Failure::new(
            NOT_FOUND,
            format!("there is no recipe `{name}`; see `guichet recipes list --all`"),
        )
    })
}

/// Why it should be looked at again: it `fails`, or it is `old`.
fn review(listed: &Listed, now: Timestamp) -> Option<&'static str> {
    let kept = Kept {
        name: String::new(),
        title: String::new(),
        organisation: None,
        score: listed.score,
        reviewed_at: listed.recipe.reviewed_at,
    };
    match listed.state {
        "draft" | "dropped" => None,
        _ if kept.score.fails() => Some("fails"),
        _ => kept.is_old(now).then_some("old"),
    }
}

fn audience(audience: &Audience) -> String {
    match audience {
        Audience::Everybody => "everybody".to_owned(),
        Audience::Only(Some(organisation)) => format!("people of {organisation}"),
        Audience::Only(None) => "people of no organisation".to_owned(),
    }
}

fn as_value(listed: &Listed, now: Timestamp) -> Value {
    let recipe = &listed.recipe;
    let organisation = match &recipe.audience {
        Audience::Only(organisation) => organisation.as_deref(),
        Audience::Everybody => None,
    };
    let phrases = |against: bool| -> Vec<&str> {
        let phrases = recipe.phrases.iter();
        let wanted = phrases.filter(|phrase| (phrase.weight < 0) == against);
        wanted.map(|phrase| phrase.text.as_str()).collect()
    };
    json!({
        "name": recipe.name,
        "state": listed.state,
        "title": recipe.title,
        "language": recipe.language.code(),
        "category": recipe.category,
        "everybody": recipe.audience == Audience::Everybody,
        "organisation": organisation,
        "desk": recipe.desk,
        "words": phrases(false),
        "unless": phrases(true),
        "reviewed_at": recipe.reviewed_at,
        "offered": listed.score.offered,
        "helped": listed.score.helped,
        "failed": listed.score.failed,
        "last_offered_at": listed.score.last_offered_at,
        "review": review(listed, now),
    })
}
