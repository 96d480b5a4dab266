//! Writes digests: figures go in; one letter with charts and a CSV comes out.
//!
//! The same promises as for other letters: the same input gives the same bytes, templates are checked when they are loaded.

use super::chart::{self, Bar, Chart, NotDrawn, Week};
use super::digest_source::{Source, advice_view};
use super::digest_view::{ChartView, ChartsView};
use super::helpers;
use super::message::{self, File, Head, List, Said};
use super::reader::{self, Reader};
use super::templates::{Rendered, Templates};
use super::{Envelope, Scribe, TemplateError, WriteError};
use crate::desk::digest::Scope;
use crate::desk::digest::advice::Advice;
use crate::desk::digest::figures::Figures;
use crate::desk::digest::period::Period;
use crate::desk::ids::{Address, Locale, MessageId};
use crate::desk::letter::Letter;
use crate::desk::notice::NoticeKind;

/// What a digest is made of.
pub struct Digest<'a> {
    /// The figures.
    pub figures: &'a Figures,
    /// What is recommended.
    pub advice: &'a [Advice],
    /// The period.
    pub period: &'a Period,
    /// The scope.
    pub scope: &'a Scope,
    /// Who reads it.
    pub to: &'a Address,
    /// What they are called.
    pub name: Option<&'a str>,
    /// How they are written to.
    pub locale: &'a Locale,
    /// The subject of the mail that stops it.
    pub stop_subject: &'a str,
    /// The mail it answers, for one that confirms.
    pub answers: Option<&'a MessageId>,
}

/// A digest that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// As it is carried.
    pub letter: Letter,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
    /// Name and content of each chart and of the CSV file, as they can be put into a folder.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What a chart can fail with is a fault of ours.
impl From<NotDrawn> for WriteError {
    fn from(error: NotDrawn) -> Self {
        Self::Template(TemplateError::new("digest", None, error.to_string()))
    }
}

impl Scribe {
    /// Writes a digest.
    pub fn digest(
        &self,
        digest: &Digest<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<Written, WriteError> {
        self.general(NoticeKind::Digest, digest, envelope, charts)
    }

    /// The same with empty images: drawing takes time, and templates are checked at each start.
    pub(super) fn undrawn_digest(
        &self,
        digest: &Digest<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<Written, WriteError> {
        let blank = Chart {
            png: Vec::new(),
            height: chart::DENSITY * 200,
        };
        self.general(NoticeKind::Digest, digest, envelope, |_| Ok(vec![blank; 3]))
    }

    /// Writes the letter that confirms that a digest was stopped.
    pub fn digest_stopped(
        &self,
        digest: &Digest<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<Written, WriteError> {
        self.general(NoticeKind::DigestStopped, digest, envelope, charts)
    }

    fn general(
        &self,
        kind: NoticeKind,
        digest: &Digest<'_>,
        envelope: &Envelope<'_>,
        draw: impl FnOnce(&Source<'_>) -> Result<Vec<Chart>, NotDrawn>,
    ) -> Result<Written, WriteError> {
        let templates = self
            .templates(digest.locale, &envelope.desk.locale, Some(kind))
            .ok_or_else(|| TemplateError::new("digest", None, "no templates".to_owned()))?;
        let advice = digest
            .advice
            .iter()
            .map(|advice| Ok((advice.clone(), self.advice(templates, advice)?)))
            .collect::<Result<_, TemplateError>>()?;
        let source = Source {
            figures: digest.figures,
            advice,
            period: digest.period,
            scope: digest.scope,
            name: digest.name,
            stop: helpers::mailto(&envelope.desk.address, digest.stop_subject, ""),
            words: &templates.digest,
            reader: Reader {
                locale: &templates.locale,
                strings: &templates.strings,
                theme: &self.theme,
                envelope,
            },
        };
        let is_drawn = kind == NoticeKind::Digest && !digest.figures.is_quiet();
        let charts = match is_drawn {
            true => draw(&source)?,
            false => Vec::new(),
        };
        let places = place(&charts, envelope);
        let view = source.view(kind.word(), places.clone());
        let Rendered {
            subject,
            text,
            html,
        } = templates.letter(&self.theme, kind.word(), &view)?;
        let csv = File {
            name: format!(
                "{}-{}.csv",
                templates.digest.words.file,
                digest.period.label()
            ),
            kind: "text/csv; charset=utf-8",
            bytes: source.csv(),
        };
        let date = reader::zoned(envelope.date, envelope.timezone);
        let list = List {
            id: format!(
                "<{}.digest.{}>",
                digest.scope.to_string().replace(':', "-"),
                envelope.desk.address.domain()
            ),
            unsubscribe: source.stop.clone(),
        };
        let head = Head {
            from: (&envelope.desk.name, &envelope.desk.address),
            to: (digest.name, digest.to),
            reply_to: &envelope.reply_to,
            subject: &subject,
            message_id: &envelope.message_id,
            date: &date,
            answers: digest.answers,
            references: &[],
            references_max: 0,
            automatic: true,
            loop_mark: &envelope.desk.address,
            language: templates.locale.as_str(),
            list: (kind == NoticeKind::Digest).then_some(&list),
        };
        let images: Vec<File> = charts
            .iter()
            .zip(["weeks", "priorities", "categories"])
            .map(|(chart, name)| File {
                name: format!("{name}.png"),
                kind: "image/png",
                bytes: chart.png.clone(),
            })
            .collect();
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let said = match is_drawn {
            false => Said::Both {
                text: text.clone(),
                html: html.clone(),
            },
            true => {
                files.extend(
                    images
                        .iter()
                        .chain([&csv])
                        .map(|file| (file.name.clone(), file.bytes.clone())),
                );
                Said::Full {
                    text: text.clone(),
                    html: html.clone(),
                    images: images
                        .into_iter()
                        .map(|image| (cid(&image.name, envelope), image))
                        .collect(),
                    files: vec![csv],
                }
            }
        };
        let bytes = message::build(&head, &said, self.theme.logo.as_ref())?;
        Ok(Written {
            letter: Letter {
                message_id: envelope.message_id.clone(),
                to: digest.to.clone(),
                envelope_from: envelope.envelope_from.clone(),
                bytes,
            },
            text,
            html,
            files,
        })
    }

    /// The sentence of a recommendation: in the reader's language, else in the language of last resort.
    fn advice(&self, templates: &Templates, advice: &Advice) -> Result<String, TemplateError> {
        let view = advice_view(advice, String::new());
        let last = self.locales.get(super::LAST_RESORT);
        [Some(templates), last]
            .into_iter()
            .flatten()
            .find_map(|templates| templates.advice(&self.theme, &advice.rule, &view))
            .unwrap_or_else(|| {
                let reason = format!(
                    "[advice] has no sentence for the rule `{0}`; add a line `{0} = \"...\"`",
                    advice.rule
                );
                let file = format!("{}/digest.toml", templates.locale);
                Err(TemplateError::new(&file, None, reason))
            })
    }

    /// Whether every language, or the language of last resort, has a sentence for a rule.
    pub fn has_advice(&self, rule: &str) -> bool {
        let last = self.locales.get(super::LAST_RESORT);
        last.is_some_and(|templates| templates.digest.advice.contains_key(rule))
    }
}

fn charts(source: &Source<'_>) -> Result<Vec<Chart>, NotDrawn> {
    let view = source.view("digest", None);
    let words = &view.words;
    let weeks: Vec<Week> = view
        .weeks
        .iter()
        .map(|week| Week {
            label: week.label.clone(),
            came_in: week.came_in,
            solved: week.solved,
            open: week.open,
        })
        .collect();
    let figures = source.figures;
    let bars = |rows: &[super::digest_view::GroupView],
                groups: &[crate::desk::digest::figures::Group]| {
        let bars = rows.iter().zip(groups).map(|(row, group)| Bar {
            name: row.word.clone(),
            count: row.count,
            usual_tenths: group.came_in.usual_tenths,
        });
        chart::bars(&bars.collect::<Vec<_>>(), [&words.came_in, &words.usual])
    };
    Ok(vec![
        chart::weeks(&weeks, [&words.came_in, &words.solved, &words.open])?,
        bars(&view.priorities, &figures.priorities)?,
        bars(&view.categories, &figures.categories)?,
    ])
}

fn place(charts: &[Chart], envelope: &Envelope<'_>) -> Option<ChartsView> {
    let view = |chart: &Chart, name: &str| ChartView {
        cid: cid(&format!("{name}.png"), envelope),
        width: chart::WIDTH / chart::DENSITY,
        height: chart.height / chart::DENSITY,
    };
    match charts {
        [weeks, priorities, categories] => Some(ChartsView {
            weeks: view(weeks, "weeks"),
            priorities: view(priorities, "priorities"),
            categories: view(categories, "categories"),
        }),
        _ => None,
    }
}

/// RFC 2392: an id of its own for each image of each letter.
fn cid(name: &str, envelope: &Envelope<'_>) -> String {
    format!("{name}.{}", envelope.message_id)
}
