//! Sample digests: what their templates are checked with when they are loaded.

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::digest::Digest;
use super::digest_source::{Source, advice_view};
use super::digest_view::{ChartView, ChartsView};
use super::digest_words::DigestFile;
use super::language::Strings;
use super::message;
use super::reader::Reader;
use super::samples::{NotASample, Office, json};
use super::theme::Theme;
use super::views::LogoView;
use super::{Preview, Scribe, TemplateError, WriteError};
use crate::desk::digest::Scope;
use crate::desk::digest::advice::Advice;
use crate::desk::digest::figures::*;
use crate::desk::digest::period::Period;
use crate::desk::digest::recurring::{CameBack, Cluster};
use crate::desk::ids::{Address, Locale};
use crate::desk::notice::NoticeKind;
use crate::desk::triage::Priority;

/// The variables that are published.
pub struct Published {
    /// To the templates of a digest.
    pub digest: Json,
    /// To the sentences of recommendations.
    pub advice: Json,
}

/// What templates in a language see of the full sample.
pub fn published(
    locale: &Locale,
    strings: &Strings,
    words: &DigestFile,
    theme: &Theme,
) -> Result<Published, TemplateError> {
    let office = Office::new(locale)?;
    let envelope = office.envelope()?;
    let period = period()?;
    let figures = full(&period);
    let scope = Scope::Organisation("acme".to_owned());
    let source = Source {
        figures: &figures,
        advice: vec![(advice("restore-test"), "text".to_owned())],
        period: &period,
        scope: &scope,
        name: Some("Claire Petit"),
        stop: "mailto:support@example.org?subject=unsubscribe".to_owned(),
        words,
        reader: Reader {
            locale,
            strings,
            theme,
            envelope: &envelope,
        },
    };
    let chart = || ChartView {
        cid: "weeks.png".to_owned(),
        width: 544,
        height: 200,
    };
    let charts = ChartsView {
        weeks: chart(),
        priorities: chart(),
        categories: chart(),
    };
    let mut view = source.view("digest", Some(charts));
    // Every list has something, whatever the scope shows, and templates may name a logo that is not configured.
    view.organisations = view.technicians.clone();
    view.desk.logo = Some(LogoView {
        src: message::LOGO_SRC,
        height: 40,
    });
    Ok(Published {
        digest: json(&view)?,
        advice: json(&advice_view(&advice("restore-test"), String::new()))?,
    })
}

/// Writes sample digests in every language: full ones, one in which a single thing happened, and one about nothing.
pub fn render_all(scribe: &Scribe) -> Result<(), TemplateError> {
    let period = period()?;
    let to = reader_address()?;
    for locale in scribe.locales() {
        let office = Office::new(locale)?;
        let envelope = office.envelope()?;
        for (figures, scope) in [
            (full(&period), Scope::All),
            (empty(&period), Scope::Organisation("acme".to_owned())),
            (
                Figures {
                    open: 1,
                    ..empty(&period)
                },
                Scope::Team("infra".to_owned()),
            ),
        ] {
            let digest = Digest {
                figures: &figures,
                advice: &[],
                period: &period,
                scope: &scope,
                to: &to,
                name: None,
                locale,
                stop_subject: "unsubscribe all token",
                answers: None,
            };
            let written = scribe.undrawn_digest(&digest, &envelope);
            let stopped = scribe.digest_stopped(&digest, &envelope);
            written.and(stopped).map_err(|error| match error {
                WriteError::Template(error) => error,
                other => TemplateError::new(&format!("{locale}/digest"), None, other.to_string()),
            })?;
        }
    }
    Ok(())
}

/// Sample letters of a kind that is about no ticket.
pub fn previews(
    scribe: &Scribe,
    kind: NoticeKind,
    locale: &Locale,
) -> Result<Vec<Preview>, WriteError> {
    let period = period()?;
    let to = reader_address()?;
    let office = Office::new(locale)?;
    let envelope = office.envelope()?;
    let advice = [
        advice("restore-test"),
        advice("phishing-awareness"),
        advice("replace-equipment"),
    ];
    let samples = [("full", full(&period)), ("empty", empty(&period))];
    let preview = |(name, figures): (&'static str, Figures)| {
        let digest = Digest {
            figures: &figures,
            advice: if figures.is_quiet() { &[] } else { &advice },
            period: &period,
            scope: &Scope::All,
            to: &to,
            name: None,
            locale,
            stop_subject: "unsubscribe all token",
            answers: None,
        };
        let written = match kind {
            NoticeKind::DigestStopped => scribe.digest_stopped(&digest, &envelope),
            _ => scribe.digest(&digest, &envelope),
        }?;
        Ok(Preview {
            name,
            bytes: written.letter.bytes,
            text: written.text,
            html: Some(written.html),
        })
    };
    samples.into_iter().map(preview).collect()
}

fn period() -> Result<Period, NotASample> {
    let week = "2026-W47";
    Period::parse(week, &TimeZone::UTC).map_err(|_| NotASample(week))
}

fn reader_address() -> Result<Address, NotASample> {
    let address = "claire@acme.example";
    address.parse().map_err(|_| NotASample(address))
}

fn advice(rule: &str) -> Advice {
    Advice {
        rule: rule.to_owned(),
        theme: "backups".to_owned(),
        count: 3,
        days: 90,
        tickets: vec![
            "INC-1012".to_owned(),
            "INC-1031".to_owned(),
            "INC-1040".to_owned(),
        ],
        subject: "Imprimante de la comptabilité bloquée".to_owned(),
    }
}

/// Figures of a week in which nothing happened.
pub fn empty(period: &Period) -> Figures {
    let none = Change::default();
    Figures {
        period: period.label(),
        scope: "all".to_owned(),
        from: period.from(),
        until: period.until(),
        came_in: none,
        solved: none,
        reopened: none,
        merged: 0,
        open_before: 0,
        open: 0,
        ages: Ages::default(),
        oldest: Vec::new(),
        pressing: 0,
        unowned: 0,
        first_answer: Spread::default(),
        resolution: Spread::default(),
        targets: Targets::default(),
        priorities: Priority::ALL
            .map(|priority| group(priority.word(), 0))
            .to_vec(),
        categories: Vec::new(),
        weeks: period
            .weeks()
            .into_iter()
            .map(|(first, ..)| Week {
                first,
                came_in: 0,
                solved: 0,
                open: 0,
            })
            .collect(),
        recurring: Vec::new(),
        came_back: Vec::new(),
        causes: Vec::new(),
        minutes_by_technician: Vec::new(),
        minutes_by_organisation: Vec::new(),
        minutes: 0,
        thanks: Vec::new(),
        satisfaction: Satisfaction::default(),
        recipes: Vec::new(),
        corrections: Vec::new(),
        corrected: 0,
        held_letters: 0,
        undelivered_letters: 0,
        quarantined_mails: 0,
    }
}

fn group(name: &str, count: u32) -> Group {
    Group {
        name: name.to_owned(),
        came_in: Change {
            count,
            usual_tenths: 15,
        },
        solved: 1,
        open: 1,
    }
}

/// Figures of a week in which everything happened: every list is as long as a digest shows it, so that what is measured
/// is the longest letter there is.
pub fn full(period: &Period) -> Figures {
    let change = |count, usual_tenths| Change {
        count,
        usual_tenths,
    };
    let spread = Spread {
        count: 12,
        mean_seconds: 5_400,
        median_seconds: 3_600,
        p90_seconds: 200_000,
    };
    let tickets = || {
        ["INC-1031", "INC-1012", "INC-1009"]
            .map(str::to_owned)
            .to_vec()
    };
    let named = |(name, count): (&str, i64)| Named {
        name: name.to_owned(),
        count,
        tickets: tickets(),
    };
    let open = |id: &str| Open {
        id: id.to_owned(),
        subject: "Plus de réseau à l'étage depuis les travaux".to_owned(),
        priority: "P2",
        status: "open",
        assignee: Some("Ann Martin".to_owned()),
        age_seconds: 3_000_000,
    };
    let missed = |id: &str, target| Missed {
        id: id.to_owned(),
        subject: "Plus de réseau à l'étage".to_owned(),
        priority: "P2",
        target,
        because: "nobody-had-it",
        late_seconds: 7_200,
    };
    let came_back = |id: &str, again: &str| CameBack {
        id: id.to_owned(),
        again: again.to_owned(),
        organisation: Some("acme".to_owned()),
        subject: "Imprimante de la comptabilité bloquée".to_owned(),
        solution: "Rouleau nettoyé, pilote réinstallé".to_owned(),
        after_seconds: 400_000,
        times: 2,
    };
    let thanks = |from: &str| Thanks {
        id: "INC-1012".to_owned(),
        from: from.to_owned(),
        to: Some("Ann Martin".to_owned()),
    };
    let recipe = |(name, title, offered, helped, failed): (&str, &str, u32, u32, u32)| Recipe {
        name: Some(name.to_owned()),
        title: title.to_owned(),
        offered,
        helped,
        failed,
    };
    let corrected = |id: &str| Corrected {
        id: id.to_owned(),
        by: "Ann Martin".to_owned(),
        from: "P3",
        to: "P2",
    };
    Figures {
        came_in: change(114, 1_125),
        solved: change(111, 1_120),
        reopened: change(1, 5),
        merged: 1,
        open_before: 46,
        open: 48,
        ages: Ages {
            under_a_day: 12,
            under_a_week: 24,
            under_a_month: 11,
            longer: 1,
        },
        oldest: ["INC-1007", "INC-1012", "INC-1020"].map(open).to_vec(),
        pressing: 12,
        unowned: 22,
        first_answer: spread,
        resolution: spread,
        targets: Targets {
            first_answer: Kept {
                kept: 10,
                missed: 1,
            },
            resolution: Kept { kept: 9, missed: 2 },
            missed: vec![
                missed("INC-1007", "resolution"),
                missed("INC-1012", "first-answer"),
            ],
        },
        priorities: Priority::ALL
            .map(|priority| group(priority.word(), 3))
            .to_vec(),
        categories: vec![
            group("network", 58),
            group("printing", 26),
            group("application", 15),
            group("data", 11),
            group("hardware", 4),
        ],
        weeks: (1..)
            .zip(period.weeks())
            .map(|(count, (first, ..))| Week {
                first,
                came_in: count * 12,
                solved: count * 11,
                open: count + 40,
            })
            .collect(),
        recurring: vec![Cluster::sample(), Cluster::sample()],
        came_back: vec![
            came_back("INC-1012", "INC-1031"),
            came_back("INC-1009", "INC-1009"),
        ],
        causes: [
            ("Commutateur en panne", 12),
            ("Certificat expiré", 5),
            ("Suppression par erreur", 3),
            ("Mise à jour incomplète", 2),
        ]
        .map(named)
        .to_vec(),
        minutes_by_technician: [
            ("Ann Martin", 1_450),
            ("Paul Diop", 990),
            ("Nina Kovac", 730),
        ]
        .map(named)
        .to_vec(),
        minutes_by_organisation: [("acme", 1_500), ("Cabinet Leroy", 1_010), ("", 660)]
            .map(named)
            .to_vec(),
        minutes: 3_170,
        thanks: ["Marie Dupont", "Karim Benali", "Sarah Cohen"]
            .map(thanks)
            .to_vec(),
        satisfaction: Satisfaction {
            answers: 12,
            mean_tenths: 43,
            best: 5,
            unhappy: vec!["INC-1012".to_owned(), "INC-1031".to_owned()],
        },
        recipes: [
            ("vpn-disconnects.en", "Le VPN se coupe", 7, 5, 1),
            ("INC-980", "Imprimante hors ligne", 3, 1, 2),
        ]
        .map(recipe)
        .to_vec(),
        corrections: ["INC-1031", "INC-1034", "INC-1040", "INC-1044"]
            .map(corrected)
            .to_vec(),
        corrected: 4,
        held_letters: 1,
        undelivered_letters: 2,
        quarantined_mails: 1,
        ..empty(period)
    }
}
