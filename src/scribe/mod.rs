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
mod recipe;
mod samples;
mod set;
mod theme;
mod unfold;
mod views;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use handlebars::{Context, no_escape};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::desk::ids::{Address, Locale, MessageId};
use crate::desk::letter::Letter;
use crate::desk::missing::{Question, Questions};
use crate::desk::notice::{Notice, NoticeKind};
use crate::desk::people::{Desk, People};
use crate::desk::recipe::Recipe;
use digest_words::DigestFile;
use language::Strings;
use message::{Head, Said};
use reader::Reader;
use set::Set;
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

/// What comes with guichet, checked once: it does not change while a process runs.
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

/// What one language writes with.
struct Templates {
    locale: Locale,
    strings: Strings,
    digest: DigestFile,
    questions: Vec<Question>,
    /// The notices that can be written.
    kinds: Vec<NoticeKind>,
    text: Set,
    html: Set,
}

impl Scribe {
    /// The templates that come with guichet, replaced file by file from the folder of `look`. Each is checked, and rendered
    /// with a full and an empty sample where files are replaced: rendering ours each time would be most of what a start
    /// takes, and the tests do it. An error names file, line and reason; nothing is kept then, so that who loads anew keeps
    /// the scribe he has.
    pub fn load(look: &Look<'_>) -> Result<Scribe, TemplateError> {
        if *look != Look::default() {
            return Self::compile(look, look.folder.is_some());
        }
        match BUILT_IN.get() {
            Some(scribe) => Ok(scribe.clone()),
            None => {
                let scribe = Self::compile(look, false)?;
                Ok(BUILT_IN.get_or_init(|| scribe).clone())
            }
        }
    }

    /// The same, with every template rendered, ours too.
    pub fn check(look: &Look<'_>) -> Result<Scribe, TemplateError> {
        Self::compile(look, true)
    }

    fn compile(look: &Look<'_>, with_samples: bool) -> Result<Scribe, TemplateError> {
        let theme = Theme::load(look.accent, look.logo)?;
        let files = embedded::files(look.folder)?;
        let mut used = BTreeSet::new();
        let mut locales = BTreeMap::new();
        let mut questions = Questions::default();
        for locale in locales_of(&files)? {
            let templates = Templates::compile(&locale, &theme, &files, &mut used)?;
            questions.insert(&locale, templates.questions.clone());
            locales.insert(locale.to_string(), templates);
        }
        if let Some(stray) = files.keys().find(|path| !used.contains(path.as_str())) {
            return Err(TemplateError::new(
                stray,
                None,
                "no letter uses this file; templates are <locale>/<notice>/subject.hbs, text.hbs and html.hbs, \
                 <locale>/partials/*.hbs, partials/*.hbs, <locale>/strings.toml and <locale>/questions.toml"
                    .to_owned(),
            ));
        }
        let mut scribe = Scribe {
            locales: Arc::new(locales),
            questions: Arc::new(questions),
            theme,
        };
        if with_samples {
            samples::render_all(&scribe)?;
            digest_samples::render_all(&scribe)?;
        }
        if let Some(locales) = Arc::get_mut(&mut scribe.locales) {
            for templates in locales.values_mut() {
                templates.finish(&scribe.theme)?;
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
            templates.both(notice.kind.word(), &reader.letter(notice))?
        } else {
            templates.text_only(UNVERIFIED, &reader.unverified(notice))?
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
fn locales_of(files: &BTreeMap<String, String>) -> Result<BTreeSet<Locale>, TemplateError> {
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

/// Whether a language writes a notice: any of its files is there, and English writes all. Staff may read another
/// language than the people they help.
fn is_written(locale: &Locale, folder: &str, files: &BTreeMap<String, String>) -> bool {
    let mut folders = [locale.as_str(), locale.base()]
        .map(|name| format!("{name}/{folder}/"))
        .into_iter();
    locale.base() == LAST_RESORT
        || folders.any(|folder| files.keys().any(|path| path.starts_with(&folder)))
}

impl Templates {
    /// Compiles and checks what one locale writes with: its own files, else those of its language.
    fn compile<'a>(
        locale: &Locale,
        theme: &Theme,
        files: &'a BTreeMap<String, String>,
        used: &mut BTreeSet<&'a str>,
    ) -> Result<Self, TemplateError> {
        let mut find = |name: &str| -> Result<(&'a str, &'a str), TemplateError> {
            let own = format!("{locale}/{name}");
            let base = format!("{}/{name}", locale.base());
            let (path, text) = files
                .get_key_value(&own)
                .or_else(|| files.get_key_value(&base))
                .ok_or_else(|| {
                    let reason = "missing; a language needs all of its files, a region such as fr-CA only those that differ";
                    TemplateError::new(&own, None, reason.to_owned())
                })?;
            used.insert(path);
            Ok((path, text))
        };

        let (path, text) = find("strings.toml")?;
        let strings = Strings::parse(text)
            .map_err(|(line, reason)| TemplateError::new(path, line, reason))?;
        let (path, text) = find("questions.toml")?;
        let questions = questions::parse(text)
            .map_err(|(line, reason)| TemplateError::new(path, line, reason))?;
        let mut text_set = Set::new(no_escape, &["quote", "url", "number", "duration"], &strings);
        let mut html_set = Set::new(
            helpers::escape,
            &["lines", "url", "number", "duration"],
            &strings,
        );
        let mut kinds = Vec::new();
        for kind in NoticeKind::ALL.into_iter().chain(NoticeKind::GENERAL) {
            let folder = kind.word();
            if !is_written(locale, folder, files) {
                continue;
            }
            kinds.push(kind);
            let (path, text) = find(&format!("{folder}/html.hbs"))?;
            html_set.add(&format!("{folder}/html"), path, text)?;
        }
        for folder in kinds.iter().map(|kind| kind.word()).chain([UNVERIFIED]) {
            for part in ["subject", "text"] {
                let (path, text) = find(&format!("{folder}/{part}.hbs"))?;
                text_set.add(&format!("{folder}/{part}"), path, text)?;
            }
        }
        let (path, text) = find("digest.toml")?;
        let digest = DigestFile::parse(text)
            .map_err(|(line, reason)| TemplateError::new(path, line, reason))?;
        for (name, sentence) in &digest.sentences {
            text_set.add(&format!("digest-{name}"), path, sentence)?;
            html_set.add(&format!("digest-{name}"), path, sentence)?;
        }
        for (name, sentence) in &digest.advice {
            text_set.add(&format!("advice/{name}"), path, sentence)?;
        }
        // From the general to the particular, so that the particular replaces.
        for folder in ["", &format!("{}/", locale.base()), &format!("{locale}/")] {
            let prefix = format!("{folder}partials/");
            for (path, text) in files.iter().filter(|(path, _)| path.starts_with(&prefix)) {
                used.insert(path);
                let name = path.trim_start_matches(&prefix).trim_end_matches(".hbs");
                if let Some(name) = name.strip_suffix(".text") {
                    text_set.add(name, path, text)?;
                } else if let Some(name) = name.strip_suffix(".html") {
                    html_set.add(name, path, text)?;
                } else {
                    text_set.add(name, path, text)?;
                    html_set.add(name, path, text)?;
                }
            }
        }

        let published = samples::published(locale, &strings, theme)?;
        let general = digest_samples::published(locale, &strings, &digest, theme)?;
        for name in digest.advice.keys() {
            check::check(&text_set, &format!("advice/{name}"), &general.advice)?;
        }
        for kind in &kinds {
            let published = match NoticeKind::GENERAL.contains(kind) {
                true => &general.digest,
                false => &published.letter,
            };
            let kind = kind.word();
            check::check(&text_set, &format!("{kind}/subject"), published)?;
            check::check(&text_set, &format!("{kind}/text"), published)?;
            check::check(&html_set, &format!("{kind}/html"), published)?;
        }
        for part in ["subject", "text"] {
            let name = format!("{UNVERIFIED}/{part}");
            check::check(&text_set, &name, &published.unverified)?;
        }
        Ok(Self {
            locale: locale.clone(),
            strings,
            digest,
            questions,
            kinds,
            text: text_set,
            html: html_set,
        })
    }

    /// Makes what was checked fast: partials in place, styles in the tags.
    fn finish(&mut self, theme: &Theme) -> Result<(), TemplateError> {
        self.text.unfold();
        self.html.unfold();
        self.html.inline(theme)
    }

    /// Subject, text and HTML of a notice.
    fn both(&self, folder: &str, view: &impl Serialize) -> Result<(String, Said), TemplateError> {
        let seen = seen(folder, view)?;
        let subject = self.text.render(&format!("{folder}/subject"), &seen)?;
        let text = self.text.render(&format!("{folder}/text"), &seen)?;
        let html = self.html.render(&format!("{folder}/html"), &seen)?;
        Ok((subject, Said::Both { text, html }))
    }

    /// Subject and text of a notice.
    fn text_only(
        &self,
        folder: &str,
        view: &impl Serialize,
    ) -> Result<(String, Said), TemplateError> {
        let seen = seen(folder, view)?;
        let subject = self.text.render(&format!("{folder}/subject"), &seen)?;
        let text = self.text.render(&format!("{folder}/text"), &seen)?;
        Ok((subject, Said::Text(text)))
    }
}

fn seen(folder: &str, view: &impl Serialize) -> Result<Context, TemplateError> {
    Context::wraps(view)
        .map_err(|error| TemplateError::new(folder, None, error.reason().to_string()))
}
