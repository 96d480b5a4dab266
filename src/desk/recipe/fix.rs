//! A recipe made from a ticket's fix: drafted, read by a technician, approved.
//!
//! The draft says nothing but the title, the category, the solution and the words by which the ticket was
//! recognised, with its people left out. Until a technician approves it, it is offered to nobody; then to the people of the
//! same organisation, and to everybody only when that was said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::discreet::People;
use super::{Audience, Recipe};
use crate::desk::command::fold;
use crate::desk::ids::{Language, TicketId};
use crate::desk::notice::Refusal;
use crate::desk::people::Technician;
use crate::desk::ticket::Ticket;
use crate::desk::triage::keywords::Keywords;
use crate::desk::triage::rank::OTHER;
use crate::desk::triage::{Phrase, Place, Reason, Subject, Urgency};

/// Characters of a title: it stands on a line of a letter.
const TITLE_MAX: usize = 120;
/// Characters of a recipe: more is no small fault, and nobody reads it.
pub const TEXT_MAX: usize = 4_000;
/// Words of each kind a recipe is recognised by.
const WORDS_MAX: usize = 8;
/// Letters of a word of the subject that may tell a fault.
const TELLING_LETTERS: usize = 6;
/// What one of the words for the thing counts. Alone it is never enough.
const THING: i32 = 1;
/// What a sign of the fault counts. With the thing it is enough.
const SIGN: i32 = 3;

/// Folded words that tell when, how often or how politely, and nothing of a fault.
const NO_SIGNS: [&str; 48] = [
    "depuis",
    "hier",
    "matin",
    "aujourd'hui",
    "toutes",
    "chaque",
    "encore",
    "toujours",
    "souvent",
    "probleme",
    "problemes",
    "souci",
    "pb",
    "bonjour",
    "merci",
    "urgent",
    "urgence",
    "since",
    "yesterday",
    "morning",
    "today",
    "every",
    "again",
    "still",
    "always",
    "often",
    "problem",
    "problems",
    "issue",
    "please",
    "hello",
    "seit",
    "gestern",
    "heute",
    "immer",
    "wieder",
    "jede",
    "desde",
    "ayer",
    "siempre",
    "cada",
    "ieri",
    "sempre",
    "ogni",
    "sinds",
    "gisteren",
    "vandaag",
    "steeds",
];

/// A recipe made from a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The ticket it was made from.
    pub ticket: TicketId,
    /// Whether it is in force.
    pub state: State,
    /// What it is about.
    pub title: String,
    /// What it is written in.
    pub language: Language,
    /// The category of the ticket.
    pub category: String,
    /// What it is recognised by.
    pub words: Words,
    /// What to do.
    pub text: String,
    /// The solution it was made of, to see when the ticket has another one.
    pub solution: String,
    /// The organisation the ticket belongs to.
    pub organisation: Option<String>,
    /// The desk the ticket belongs to.
    pub desk: String,
    /// Whether people of other organisations may be offered it.
    pub everybody: bool,
    /// When somebody last found it right.
    pub reviewed_at: Option<Timestamp>,
}

/// Whether a recipe made from a ticket is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has approved it yet.
    Draft,
    /// It is offered.
    Approved,
    /// It is offered no more.
    Dropped,
}

impl State {
    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Dropped => "dropped",
        }
    }

    /// The state a word names.
    pub fn of(word: &str) -> Option<State> {
        [Self::Draft, Self::Approved, Self::Dropped]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// What a recipe is recognised by: one word for the thing and, near it, one sign of the fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What it is about: `vpn`.
    pub things: Vec<String>,
    /// What is wrong with it: `disconnect*`.
    pub signs: Vec<String>,
}

impl Words {
    /// Reads `vpn, tunnel + disconnect*, drops`. `None` when it is none or holds a phrase nobody can look for.
    pub fn parse(text: &str) -> Option<Self> {
        let (things, signs) = text.split_once('+')?;
        let list = |text: &str| -> Option<Vec<String>> {
            let phrases = text.split(',').map(str::trim);
            let phrases: Vec<String> = phrases
                .filter(|phrase| !phrase.is_empty())
                .map(str::to_owned)
                .collect();
            let are_right = phrases.iter().all(|phrase| Keywords::check(phrase).is_ok());
            (are_right && (1..=WORDS_MAX).contains(&phrases.len())).then_some(phrases)
        };
        Some(Self {
            things: list(things)?,
            signs: list(signs)?,
        })
    }

    /// Whether anything can be recognised by them.
    pub fn are_enough(&self) -> bool {
        !self.things.is_empty() && !self.signs.is_empty()
    }

    /// As `parse` reads them.
    pub fn written(&self) -> String {
        format!("{} + {}", self.things.join(", "), self.signs.join(", "))
    }

    fn phrases(&self) -> Vec<Phrase> {
        let things = self.things.iter().map(|text| Phrase {
            text: text.clone(),
            weight: THING,
            needs: self.signs.clone(),
        });
        let signs = self.signs.iter().map(|text| Phrase {
            text: text.clone(),
            weight: SIGN,
            needs: self.things.clone(),
        });
        things.chain(signs).collect()
    }
}

impl Fix {
    /// The draft of a recipe from `ticket`; `before` is what was made of it earlier. `assignee` is left out of it as the
    /// requester and the watchers are.
    ///
    /// # Errors
    /// The ticket has no solution, or its recipe is in force already.
    pub fn draft(
        ticket: &Ticket,
        title: Option<&str>,
        assignee: Option<&Technician>,
        before: Option<&Fix>,
    ) -> Result<Fix, Refusal> {
        let solution = ticket.solution.as_ref().ok_or(Refusal::NoSolution)?;
        let people = people_of(ticket, assignee);
        let mut fix = match before {
            Some(fix) if fix.state == State::Approved => return Err(Refusal::RecipeExists),
            // A text somebody corrected stays; a new solution makes a new one.
            Some(fix) if fix.solution == *solution => Fix {
                state: State::Draft,
                ..fix.clone()
            },
            _ => Fix {
                ticket: ticket.id.clone(),
                state: State::Draft,
                title: title_of(&people.left_out_of(&ticket.subject), &ticket.category),
                language: Language::of(ticket.requester.locale.as_str())
                    .unwrap_or(Language::English),
                category: ticket.category.clone(),
                words: words_of(ticket, &people),
                text: people.left_out_of(solution),
                solution: solution.clone(),
                organisation: ticket.organisation.clone(),
                desk: ticket.desk.clone(),
                everybody: false,
                reviewed_at: None,
            },
        };
        if let Some(title) = title {
            fix.title = title_of(title, &ticket.category);
        }
        Ok(fix)
    }

    /// The recipe in force; `None` while it is none.
    pub fn recipe(&self) -> Option<Recipe> {
        (self.state == State::Approved).then(|| self.as_recipe())
    }

    /// The recipe it is or would be.
    pub fn as_recipe(&self) -> Recipe {
        Recipe {
            name: self.ticket.to_string(),
            title: self.title.clone(),
            language: self.language,
            category: Some(self.category.clone()).filter(|category| category != OTHER),
            phrases: self.words.phrases(),
            text: self.text.clone(),
            audience: match self.everybody {
                true => Audience::Everybody,
                false => Audience::Only(self.organisation.clone()),
            },
            desk: Some(self.desk.clone()),
            reviewed_at: self.reviewed_at,
        }
    }
}

fn people_of(ticket: &Ticket, assignee: Option<&Technician>) -> People {
    let mut people = People::default();
    people.address(&ticket.requester.address);
    if let Some(name) = &ticket.requester.name {
        people.name(name);
    }
    for watcher in &ticket.watchers {
        people.address(watcher);
    }
    if let Some(technician) = assignee {
        people.name(&technician.name);
    }
    people
}

fn title_of(title: &str, category: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let title: String = title.chars().take(TITLE_MAX).collect();
    match title.chars().any(char::is_alphanumeric) {
        true => title,
        false => category.to_owned(),
    }
}

/// The words by which the ticket was recognised: those of its category, and those that say that something fails. A
/// longer word of the subject stands in where no list knows the sign.
fn words_of(ticket: &Ticket, people: &People) -> Words {
    let found = |about: &dyn Fn(&Reason) -> bool| {
        let reasons = ticket.reasons.iter().filter(|reason| {
            about(reason)
                && reason.weight > 0
                && matches!(reason.r#where, Place::Subject | Place::Text)
        });
        distinct(reasons.map(|reason| reason.because.as_str()), people)
    };
    let mut things = found(&|reason| reason.about == Subject::Category);
    // `vpn` finds whatever `le vpn` finds.
    let all = things.clone();
    let has_shorter = |thing: &String| {
        let words: Vec<&str> = thing.split(' ').collect();
        all.iter()
            .any(|other| other != thing && words.contains(&other.as_str()))
    };
    things.retain(|thing| !has_shorter(thing));
    let is_sign = |sign: &String| {
        let words = fold(sign);
        let mut words = words.split(' ');
        !words.any(|word| NO_SIGNS.contains(&word))
    };
    let mut signs =
        found(&|reason| reason.about == Subject::Urgency && reason.level == Urgency::Medium.word());
    signs.retain(is_sign);
    if signs.is_empty() {
        let words = ticket.subject.split(|c: char| !c.is_alphanumeric());
        let telling = words.filter(|word| word.chars().count() >= TELLING_LETTERS);
        signs = distinct(telling, people);
        signs.retain(is_sign);
    }
    let is_thing = |sign: &String| things.iter().any(|thing| thing.contains(sign.as_str()));
    signs.retain(|sign| !is_thing(sign));
    Words { things, signs }
}

/// Phrases in lower case without signs of the lists, each once; none that tells people or long numbers.
fn distinct<'w>(phrases: impl Iterator<Item = &'w str>, people: &People) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for phrase in phrases {
        if people.are_in(phrase) || phrase.chars().filter(char::is_ascii_digit).count() > 3 {
            continue;
        }
        let plain: String = phrase
            .to_lowercase()
            .chars()
            .map(|c| match c {
                c if c.is_alphanumeric() || "'’-".contains(c) => c,
                _ => ' ',
            })
            .collect();
        let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        if Keywords::check(&plain).is_ok() && !kept.contains(&plain) && kept.len() < WORDS_MAX {
            kept.push(plain);
        }
    }
    kept
}
