//! What one language writes with: its words, and its templates from the files to sets that are ready to render.
//!
//! Its files are found and its words are read at start. Its templates are compiled when its first letter is written:
//! those of six languages are 10 MiB and most of what a start took, and a company writes in one or two.
//! Templates that came from the operator are checked before that, whatever language they are in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use handlebars::{Context, no_escape};
use serde::Serialize;

use super::check::check;
use super::digest_words::DigestFile;
use super::language::Strings;
use super::set::Set;
use super::theme::Theme;
use super::{LAST_RESORT, TemplateError, UNVERIFIED};
use super::{digest_samples, helpers, questions, samples};
use crate::desk::ids::Locale;
use crate::desk::missing::Question;
use crate::desk::notice::NoticeKind;

/// Files by their path below the folder of templates.
pub type Files = BTreeMap<Cow<'static, str>, Cow<'static, str>>;

/// What one language writes with.
pub struct Templates {
    /// The language.
    pub locale: Locale,
    /// Its words.
    pub strings: Strings,
    /// What digests say in it.
    pub digest: DigestFile,
    /// What acknowledgements ask in it.
    pub questions: Vec<Question>,
    /// The notices that can be written.
    pub kinds: Vec<NoticeKind>,
    sources: Vec<Source>,
    sets: OnceLock<Sets>,
}

/// A template before it is compiled.
struct Source {
    name: String,
    file: Cow<'static, str>,
    text: Cow<'static, str>,
    part: Part,
}

/// Which letters a template belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Text,
    Html,
    Both,
}

struct Sets {
    text: Set,
    html: Set,
}

/// What a letter says, in its parts.
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

impl Templates {
    /// What a locale writes with: its own files, else those of its language. Adds to `used` the files that are.
    pub fn find<'a>(
        locale: &Locale,
        files: &'a Files,
        used: &mut BTreeSet<&'a str>,
    ) -> Result<Self, TemplateError> {
        let mut find = |name: &str| -> Result<_, TemplateError> {
            let own = format!("{locale}/{name}");
            let base = format!("{}/{name}", locale.base());
            let (path, text) = files
                .get_key_value(own.as_str())
                .or_else(|| files.get_key_value(base.as_str()))
                .ok_or_else(|| {
                    let reason = "missing; a language needs all of its files, a region such as fr-CA only those that differ";
                    TemplateError::new(&own, None, reason.to_owned())
                })?;
            used.insert(path);
            Ok((path, text))
        };
        let wrong = |path: &str| {
            let path = path.to_owned();
            move |(line, reason)| TemplateError::new(&path, line, reason)
        };
        let (path, text) = find("strings.toml")?;
        let strings = Strings::parse(text).map_err(wrong(path))?;
        let (path, text) = find("questions.toml")?;
        let questions = questions::parse(text).map_err(wrong(path))?;

        let mut sources = Vec::new();
        let mut source =
            |name: String, file: &Cow<'static, str>, text: &Cow<'static, str>, part| {
                sources.push(Source {
                    name,
                    file: file.clone(),
                    text: text.clone(),
                    part,
                });
            };
        let mut kinds = Vec::new();
        for kind in NoticeKind::ALL.into_iter().chain(NoticeKind::GENERAL) {
            let folder = kind.word();
            if !is_written(locale, folder, files) {
                continue;
            }
            kinds.push(kind);
            let (path, text) = find(&format!("{folder}/html.hbs"))?;
            source(format!("{folder}/html"), path, text, Part::Html);
        }
        for folder in kinds.iter().map(|kind| kind.word()).chain([UNVERIFIED]) {
            for part in ["subject", "text"] {
                let (path, text) = find(&format!("{folder}/{part}.hbs"))?;
                source(format!("{folder}/{part}"), path, text, Part::Text);
            }
        }
        let (path, text) = find("digest.toml")?;
        let digest = DigestFile::parse(text).map_err(wrong(path))?;
        for (name, sentence) in &digest.sentences {
            let sentence = Cow::Owned(sentence.clone());
            source(format!("digest-{name}"), path, &sentence, Part::Both);
        }
        for (name, sentence) in &digest.advice {
            let sentence = Cow::Owned(sentence.clone());
            source(format!("advice/{name}"), path, &sentence, Part::Text);
        }
        // From the general to the particular, so that the particular replaces.
        for folder in ["", &format!("{}/", locale.base()), &format!("{locale}/")] {
            let prefix = format!("{folder}partials/");
            for (path, text) in files.iter().filter(|(path, _)| path.starts_with(&prefix)) {
                used.insert(path);
                let name = path.trim_start_matches(&prefix).trim_end_matches(".hbs");
                let (name, part) = if let Some(name) = name.strip_suffix(".text") {
                    (name, Part::Text)
                } else if let Some(name) = name.strip_suffix(".html") {
                    (name, Part::Html)
                } else {
                    (name, Part::Both)
                };
                source(name.to_owned(), path, text, part);
            }
        }
        Ok(Self {
            locale: locale.clone(),
            strings,
            digest,
            questions,
            kinds,
            sources,
            sets: OnceLock::new(),
        })
    }

    /// Checks every template. Until `forget` letters are written with them as they stand in the files, so that an error
    /// names its line.
    pub fn check(&mut self, theme: &Theme) -> Result<(), TemplateError> {
        let Sets { text, html } = self.compile()?;
        let published = samples::published(&self.locale, &self.strings, theme)?;
        let general = digest_samples::published(&self.locale, &self.strings, &self.digest, theme)?;
        for name in self.digest.advice.keys() {
            check(&text, &format!("advice/{name}"), &general.advice)?;
        }
        for kind in &self.kinds {
            let published = match NoticeKind::GENERAL.contains(kind) {
                true => &general.digest,
                false => &published.letter,
            };
            let kind = kind.word();
            check(&text, &format!("{kind}/subject"), published)?;
            check(&text, &format!("{kind}/text"), published)?;
            check(&html, &format!("{kind}/html"), published)?;
        }
        for part in ["subject", "text"] {
            let name = format!("{UNVERIFIED}/{part}");
            check(&text, &name, &published.unverified)?;
        }
        self.sets = OnceLock::from(Sets { text, html });
        Ok(())
    }

    /// Compiles the templates now.
    pub fn prepare(&self, theme: &Theme) -> Result<(), TemplateError> {
        self.sets(theme).map(drop)
    }

    /// Lets go of what was compiled for the check.
    pub fn forget(&mut self) {
        self.sets = OnceLock::new();
    }

    /// Subject, text and HTML of a notice.
    pub fn letter(
        &self,
        theme: &Theme,
        folder: &str,
        view: &impl Serialize,
    ) -> Result<Rendered, TemplateError> {
        let Sets { text, html } = self.sets(theme)?;
        let seen = seen(folder, view)?;
        Ok(Rendered {
            subject: text.render(&format!("{folder}/subject"), &seen)?,
            text: text.render(&format!("{folder}/text"), &seen)?,
            html: html.render(&format!("{folder}/html"), &seen)?,
        })
    }

    /// Subject and text of a notice that has no HTML.
    pub fn plain(
        &self,
        theme: &Theme,
        folder: &str,
        view: &impl Serialize,
    ) -> Result<(String, String), TemplateError> {
        let set = &self.sets(theme)?.text;
        let seen = seen(folder, view)?;
        let subject = set.render(&format!("{folder}/subject"), &seen)?;
        Ok((subject, set.render(&format!("{folder}/text"), &seen)?))
    }

    /// The sentence of a recommendation; `None` where this language has none for the rule.
    pub fn advice(
        &self,
        theme: &Theme,
        rule: &str,
        view: &impl Serialize,
    ) -> Option<Result<String, TemplateError>> {
        let name = format!("advice/{rule}");
        let has = self.digest.advice.contains_key(rule);
        let sentence = || self.sets(theme)?.text.render(&name, &seen(&name, view)?);
        has.then(sentence)
    }

    /// The templates, compiled and made fast when they are wanted first. Two threads may do so at once; one set is kept.
    fn sets(&self, theme: &Theme) -> Result<&Sets, TemplateError> {
        if let Some(sets) = self.sets.get() {
            return Ok(sets);
        }
        let mut sets = self.compile()?;
        sets.text.unfold();
        sets.html.unfold();
        sets.html.inline(theme)?;
        Ok(self.sets.get_or_init(|| sets))
    }

    fn compile(&self) -> Result<Sets, TemplateError> {
        let ours = &["quote", "url", "number", "duration"];
        let mut text = Set::new(no_escape, ours, &self.strings);
        let ours = &["lines", "url", "number", "duration"];
        let mut html = Set::new(helpers::escape, ours, &self.strings);
        for source in &self.sources {
            if source.part != Part::Html {
                text.add(&source.name, &source.file, &source.text)?;
            }
            if source.part != Part::Text {
                html.add(&source.name, &source.file, &source.text)?;
            }
        }
        Ok(Sets { text, html })
    }
}

/// Whether a language writes a notice: any of its files is there, and English writes all. Staff may read another
/// language than the people they help.
fn is_written(locale: &Locale, folder: &str, files: &Files) -> bool {
    let mut folders = [locale.as_str(), locale.base()]
        .map(|name| format!("{name}/{folder}/"))
        .into_iter();
    locale.base() == LAST_RESORT
        || folders.any(|folder| files.keys().any(|path| path.starts_with(&folder)))
}

fn seen(folder: &str, view: &impl Serialize) -> Result<Context, TemplateError> {
    Context::wraps(view)
        .map_err(|error| TemplateError::new(folder, None, error.reason().to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{locale, written};
    use super::super::{Scribe, embedded};
    use super::*;

    const LOCALES: [&str; 6] = ["de", "en", "es", "fr", "it", "nl"];

    /// What comes with guichet, compiled, and changed by `change`.
    fn scribe(change: impl Fn(&mut Sets)) -> Scribe {
        let files = embedded::files(None).unwrap();
        let locales = LOCALES.map(|name| {
            let mut templates =
                Templates::find(&locale(name), &files, &mut BTreeSet::new()).unwrap();
            let mut sets = templates.compile().unwrap();
            change(&mut sets);
            templates.sets = OnceLock::from(sets);
            (name.to_owned(), templates)
        });
        Scribe {
            locales: Arc::new(locales.into()),
            questions: Arc::default(),
            theme: Theme::load(None, None).unwrap(),
        }
    }

    #[test]
    fn unfolded_templates_write_the_same_letters() {
        let folded = scribe(|_| {});
        let unfolded = scribe(|sets| {
            sets.text.unfold();
            sets.html.unfold();
        });
        for name in LOCALES {
            for kind in NoticeKind::ALL {
                for notice in samples::variants(kind, &locale(name)).unwrap() {
                    let (one, other) = (written(&folded, &notice), written(&unfolded, &notice));
                    assert_eq!(
                        String::from_utf8(one).unwrap(),
                        String::from_utf8(other).unwrap()
                    );
                }
            }
        }
    }
}
