//! The scribe writes: a notice goes in, one letter for one recipient comes out.
//!
//! Promises: the same input gives the same bytes (Message-ID, date and reply address are given, the MIME boundary is
//! derived); what people wrote is data, in headers as in bodies; an address nobody vouches for gets a short
//! plain text without anything a stranger chose (I8). Templates are checked when they are loaded, so that a
//! misspelt variable is found then and not at three in the morning.
//! Leaves to others: what is told to whom (`desk`), tokens and ids (`desk`), keeping and carrying letters.

mod chart;
mod check;
pub mod clean;
mod csv;
mod digest;
mod digest_csv;
mod digest_samples;
mod digest_source;
mod digest_view;
mod digest_words;
mod embedded;
mod flowed;
mod helpers;
mod inline;
mod language;
mod markdown;
mod message;
mod questions;
mod reader;
mod receipt;
mod recipe;
mod samples;
mod set;
mod templates;
mod theme;
mod unfold;
mod views;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::desk::ids::{Address, Locale, MessageId};
use crate::desk::letter::Letter;
use crate::desk::missing::Questions;
use crate::desk::notice::{Notice, NoticeKind};
use crate::desk::people::{Desk, People};
use crate::desk::recipe::Recipe;
use message::{Head, Said};
use reader::Reader;
use templates::{Files, Rendered, Templates};
use theme::Theme;

pub use digest::{Digest, Written};

/// RFC 3834 2: not more than a few kilobytes to somebody who may not have asked (I8).
const UNVERIFIED_MAX: usize = 8 * 1024;
/// Octets of References in a letter; about a hundred ids.
const REFERENCES_MAX: usize = 8 * 1024;
/// The same where the whole letter is small.
const UNVERIFIED_REFERENCES_MAX: usize = 1_000;
/// The folder of the templates for unverified addresses.
const UNVERIFIED: &str = "unverified";
/// The language of last resort.
const LAST_RESORT: &str = "en";

/// Writes letters from templates that were checked.
#[derive(Clone)]
pub struct Scribe {
    locales: Arc<BTreeMap<String, Templates>>,
    questions: Arc<Questions>,
    theme: Theme,
}

/// What comes with guichet, loaded once: it does not change while a process runs.
static BUILT_IN: OnceLock<Scribe> = OnceLock::new();

/// What the configuration says about letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look<'a> {
    /// The folder whose files replace ours one by one.
    pub folder: Option<&'a Path>,
    /// The colour of links and buttons: `#1a5f9e`.
    pub accent: Option<&'a str>,
    /// A small PNG that is shown above every letter.
    pub logo: Option<&'a Path>,
}

/// What the caller decides about the outside of a letter, and what it needs to know of people.
pub struct Envelope<'a> {
    /// The desk that writes.
    pub desk: &'a Desk,
    /// Names of technicians and organisations; somebody who is not there is shown by their key.
    pub people: &'a People,
    /// The letter's own Message-ID.
    pub message_id: MessageId,
    /// Where answers go: the signed address, or the desk's own. Links that prepare an answer use it too.
    pub reply_to: Address,
    /// Where answers to each line of a bundle go, in their order.
    pub line_addresses: Vec<Address>,
    /// Where answers about the outage that the ticket stands under go.
    pub outage_address: Option<Address>,
    /// Where bounces go.
    pub envelope_from: Address,
    /// When the letter is written.
    pub date: Timestamp,
    /// Where the reader is: moments are shown as their clock shows them.
    pub timezone: &'a TimeZone,
}

/// A sample letter.
pub struct Preview {
    /// Which sample it is: `full`, `empty`, `unverified` or `watcher`.
    pub name: &'static str,
    /// The letter as it is carried.
    pub bytes: Vec<u8>,
    /// What it says.
    pub text: String,
    /// The same in HTML.
    pub html: Option<String>,
}

/// A template cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", place(.file, .line))]
pub struct TemplateError {
    /// The file, by its path below the folder of templates: `fr/update/text.hbs`.
    pub file: String,
    /// The line, 1 for the first, where one can be named.
    pub line: Option<usize>,
    /// What is wrong and what would be right.
    pub reason: String,
}

fn place(file: &str, line: &Option<usize>) -> String {
    match line {
        Some(line) => format!("{file}:{line}: "),
        None => format!("{file}: "),
    }
}

impl TemplateError {
    fn new(file: &str, line: Option<usize>, reason: String) -> Self {
        Self {
            file: file.to_owned(),
            line,
            reason,
        }
    }
}

/// A letter cannot be written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A template failed although it was checked.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// An address that no 7-bit header can show.
    #[error(
        "{0} cannot be written to: the address needs characters that ordinary mail headers do not carry (SMTPUTF8)"
    )]
    Address(Address),
    /// The id given for the letter.
    #[error(
        "`{0}` cannot be the Message-ID of a letter: use printable ASCII, 900 characters at most"
    )]
    MessageId(MessageId),
    /// A moment before the year 0, which no Date header can show.
    #[error("{0} cannot be the date of a letter")]
    Date(Timestamp),
    /// A part could not be encoded.
    #[error("the letter cannot be encoded as MIME")]
    Encoding,
    /// A letter to an unverified address is over its limit.
    #[error(
        "a letter of {0} octets is too long for an unverified address (8192 at most); shorten the template `unverified/text.hbs`"
    )]
    TooLong(usize),
}

impl Scribe {
    /// The templates that come with guichet, replaced file by file from the folder of `look`. Where files are replaced
    /// every template is checked and rendered with a full and an empty sample: an error names file, line and reason, and
    /// nothing is kept then, so that who loads anew keeps the scribe he has. Those that come with guichet are checked by
    /// its tests; doing so at each start would be most of what one takes.
    pub fn load(look: &Look<'_>) -> Result<Scribe, TemplateError> {
        if *look != Look::default() {
            return Self::read(look, look.folder.is_some());
        }
        match BUILT_IN.get() {
            Some(scribe) => Ok(scribe.clone()),
            None => {
                let scribe = Self::read(look, false)?;
                Ok(BUILT_IN.get_or_init(|| scribe).clone())
            }
        }
    }

    /// The same, with every template checked and rendered, ours too.
    pub fn check(look: &Look<'_>) -> Result<Scribe, TemplateError> {
        Self::read(look, true)
    }

    fn read(look: &Look<'_>, checked: bool) -> Result<Scribe, TemplateError> {
        let theme = Theme::load(look.accent, look.logo)?;
        let files = embedded::files(look.folder)?;
        let mut used = BTreeSet::new();
        let mut locales = BTreeMap::new();
        let mut questions = Questions::default();
        for locale in locales_of(&files)? {
            let templates = Templates::find(&locale, &files, &mut used)?;
            questions.insert(&locale, templates.questions.clone());
            locales.insert(locale.to_string(), templates);
        }
        if let Some(stray) = files.keys().find(|path| !used.contains(path.as_ref())) {
            return Err(TemplateError::new(
                stray,
                None,
                "no letter uses this file; templates are <locale>/<notice>/subject.hbs, text.hbs and html.hbs, \
                 <locale>/partials/*.hbs, partials/*.hbs, <locale>/strings.toml and <locale>/questions.toml"
                    .to_owned(),
            ));
        }
        if checked {
            for templates in locales.values_mut() {
                templates.check(&theme)?;
            }
        }
        let mut scribe = Scribe {
            locales: Arc::new(locales),
            questions: Arc::new(questions),
            theme,
        };
        if checked {
            samples::render_all(&scribe)?;
            digest_samples::render_all(&scribe)?;
            // Partials go to their places and styles into the tags when a letter is written first: what that finds is found now.
            if let Some(locales) = Arc::get_mut(&mut scribe.locales) {
                for templates in locales.values_mut() {
                    templates.forget();
                    templates.prepare(&scribe.theme)?;
                    templates.forget();
                }
            }
        }
        Ok(scribe)
    }

    /// The languages letters can be written in.
    pub fn locales(&self) -> impl Iterator<Item = &Locale> {
        self.locales.values().map(|templates| &templates.locale)
    }

    /// What acknowledgements ask, in every language.
    pub fn questions(&self) -> Arc<Questions> {
        self.questions.clone()
    }

    /// Every letter that can be written: a notice in a language.
    pub fn notices(&self) -> impl Iterator<Item = (&Locale, NoticeKind)> {
        let kinds = |templates: &'_ Templates| templates.kinds.clone();
        self.locales.values().flat_map(move |templates| {
            kinds(templates)
                .into_iter()
                .map(|kind| (&templates.locale, kind))
        })
    }

    /// Sample letters of a notice: everything it can have, nothing it can do without, and for an unverified address.
    pub fn previews(&self, kind: NoticeKind, locale: &Locale) -> Result<Vec<Preview>, WriteError> {
        samples::previews(self, kind, locale)
    }

    /// The acknowledgement of a sample ticket with a recipe in it.
    pub fn recipe_preview(&self, recipe: Recipe) -> Result<Preview, WriteError> {
        samples::with_recipe(self, recipe)
    }

    /// Compiles what letters in a language are written with, so that the first of them is not kept waiting.
    pub fn prepare(&self, locale: &Locale) -> Result<(), TemplateError> {
        let templates = self.templates(locale, locale, None);
        templates.map_or(Ok(()), |templates| templates.prepare(&self.theme))
    }

    /// Writes a letter. The same input gives the same bytes.
    pub fn write(&self, notice: &Notice, envelope: &Envelope<'_>) -> Result<Letter, WriteError> {
        let (bytes, _) = self.written(notice, envelope)?;
        Ok(Letter {
            message_id: envelope.message_id.clone(),
            to: notice.to.address.clone(),
            envelope_from: envelope.envelope_from.clone(),
            bytes,
        })
    }

    /// A letter as bytes, and what it says before it is put into them.
    fn written(
        &self,
        notice: &Notice,
        envelope: &Envelope<'_>,
    ) -> Result<(Vec<u8>, Said), WriteError> {
        let templates = self
            .templates(
                &notice.to.locale,
                &envelope.desk.locale,
                notice.to.verified.then_some(notice.kind),
            )
            .ok_or_else(|| {
                let reason = "no templates for the language of last resort".to_owned();
                TemplateError::new(LAST_RESORT, None, reason)
            })?;
        let reader = Reader {
            locale: &templates.locale,
            strings: &templates.strings,
            theme: &self.theme,
            envelope,
        };
        let (subject, said) = if notice.to.verified {
            let view = reader.letter(notice);
            let Rendered {
                subject,
                text,
                html,
            } = templates.letter(&self.theme, notice.kind.word(), &view)?;
            (subject, Said::Both { text, html })
        } else {
            let view = reader.unverified(notice);
            let (subject, text) = templates.plain(&self.theme, UNVERIFIED, &view)?;
            (subject, Said::Text(text))
        };
        let date = reader::zoned(envelope.date, envelope.timezone);
        let head = Head {
            from: (&from_name(notice, envelope.desk), &envelope.desk.address),
            to: (
                notice.to.name.as_deref().filter(|_| notice.to.verified),
                &notice.to.address,
            ),
            reply_to: &envelope.reply_to,
            subject: &subject,
            message_id: &envelope.message_id,
            date: &date,
            answers: notice.answers.as_ref(),
            references: &notice.references,
            references_max: if notice.to.verified {
                REFERENCES_MAX
            } else {
                UNVERIFIED_REFERENCES_MAX
            },
            automatic: !notice.kind.is_personal(),
            loop_mark: &envelope.desk.address,
            language: templates.locale.as_str(),
            list: None,
        };
        let bytes = message::build(&head, &said, self.theme.logo.as_ref())?;
        if !notice.to.verified && bytes.len() > UNVERIFIED_MAX {
            return Err(WriteError::TooLong(bytes.len()));
        }
        Ok((bytes, said))
    }

    /// `fr-CA`, else `fr`, else the desk's language in the same way, else English: the first of them that has
    /// this notice. Letters to staff exist in fewer languages than those to everybody else.
    fn templates(
        &self,
        wanted: &Locale,
        desk: &Locale,
        kind: Option<NoticeKind>,
    ) -> Option<&Templates> {
        [
            wanted.as_str(),
            wanted.base(),
            desk.as_str(),
            desk.base(),
            LAST_RESORT,
        ]
        .into_iter()
        .filter_map(|locale| self.locales.get(locale))
        .find(|templates| kind.is_none_or(|kind| templates.kinds.contains(&kind)))
    }
}

/// A technician's letter comes in the technician's name, from the desk's address.
fn from_name(notice: &Notice, desk: &Desk) -> String {
    let in_their_name = match notice.kind {
        NoticeKind::Update => true,
        NoticeKind::Handoff => notice.to.verified,
        _ => false,
    };
    match &notice.said {
        Some(said) if in_their_name && said.by_technician => {
            let by = clean::line(&said.by, 60);
            if by.is_empty() {
                desk.name.clone()
            } else {
                format!("{by} ({})", desk.name)
            }
        }
        _ => desk.name.clone(),
    }
}

/// The locales that have a folder.
fn locales_of(files: &Files) -> Result<BTreeSet<Locale>, TemplateError> {
    let mut locales = BTreeSet::new();
    for path in files.keys() {
        let Some((folder, _)) = path.split_once('/').filter(|(name, _)| *name != "partials") else {
            continue;
        };
        let locale = Locale::parse(folder).filter(|locale| locale.as_str() == folder);
        locales.insert(locale.ok_or_else(|| {
            let reason = format!("`{folder}` is not a locale such as fr or fr-CA");
            TemplateError::new(path, None, reason)
        })?);
    }
    Ok(locales)
}
