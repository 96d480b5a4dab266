//! Sample notices: what templates are checked with when they are loaded.
//!
//! The full one has everything a notice can have, the empty one nothing it can do without. Their people exist
//! in no configuration.

mod office;
mod receipt;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value as Json;

use super::digest_samples;
use super::language::Strings;
use super::message;
use super::reader::Reader;
use super::theme::{Logo, Theme};
use super::{Envelope, Preview, Scribe, TemplateError, WriteError};
use crate::desk::bundle::Line;
use crate::desk::ids::{Address, Language, Locale, MessageId, TicketId};
use crate::desk::notice::{
    Escalation, LaneNotice, Notice, NoticeKind, Progress, Queue, Recipient, Reminder, Role, Said,
    StandIn,
};
use crate::desk::outage::{Named, Note, Proposal};
use crate::desk::recipe::fix::{Fix, State, Words};
use crate::desk::recipe::{Offer, Recipe};
use crate::desk::sheet::SheetId;
use crate::desk::targets::{Clock, Standing};
use crate::desk::ticket::{Requester, Status, Ticket};
use crate::desk::triage::{Impact, Place, Priority, Reason, Subject, Urgency};
pub use office::Office;
use office::PROVIDER;

/// The variables that are published, as the full sample has them.
pub struct Published {
    /// To the templates of a notice.
    pub letter: Json,
    /// To the templates for unverified addresses.
    pub unverified: Json,
}

/// Sunday 22 November 2026, 18:00 in Paris.
const NOW: i64 = 1_795_366_800;

/// What templates in a language see of the full sample.
pub fn published(
    locale: &Locale,
    strings: &Strings,
    theme: &Theme,
) -> Result<Published, TemplateError> {
    let office = Office::new(locale)?;
    let envelope = office.envelope()?;
    let reader = Reader {
        locale,
        strings,
        theme,
        envelope: &envelope,
    };
    // Templates may name the logo whether this configuration has one or not.
    let mut with_logo = theme.clone();
    with_logo.logo = Some(Logo {
        bytes: Vec::new(),
        height: 40,
    });
    let reader = Reader {
        theme: &with_logo,
        ..reader
    };
    // The queue is the notice with everything: only it lists tickets.
    let mut notice = full(NoticeKind::Queue, locale)?;
    notice.to.role = Role::Technician; // who reads of outside firms
    notice.ticket.status = Status::Snoozed; // until a moment
    let update = full(NoticeKind::Update, locale)?;
    Ok(Published {
        letter: json(&reader.letter(&notice))?,
        unverified: json(&reader.unverified(&update))?,
    })
}

/// Writes every notice in every language: full, empty, and for an unverified address.
pub fn render_all(scribe: &Scribe) -> Result<(), TemplateError> {
    for locale in scribe.locales() {
        let office = Office::new(locale)?;
        let envelope = office.envelope()?;
        for kind in NoticeKind::ALL {
            for notice in variants(kind, locale)? {
                scribe
                    .write(&notice, &envelope)
                    .map_err(|error| match error {
                        WriteError::Template(error) => error,
                        other => {
                            let file = format!("{locale}/{}", kind.word());
                            TemplateError::new(&file, None, other.to_string())
                        }
                    })?;
            }
        }
    }
    Ok(())
}

/// The letters `guichet templates preview` shows.
pub fn previews(
    scribe: &Scribe,
    kind: NoticeKind,
    locale: &Locale,
) -> Result<Vec<Preview>, WriteError> {
    if NoticeKind::GENERAL.contains(&kind) {
        return digest_samples::previews(scribe, kind, locale);
    }
    let office = Office::new(locale)?;
    let envelope = office.envelope()?;
    let mut unverified = full(kind, locale)?;
    unverified.to.verified = false;
    let mut watcher = full(kind, locale)?;
    watcher.to.role = Role::Watcher;
    watcher.to.name = None;
    let samples = [
        ("full", full(kind, locale)?),
        ("empty", empty(kind, locale)?),
        ("unverified", unverified),
        ("watcher", watcher),
    ];
    let mut previews = Vec::new();
    for (name, mut notice) in samples {
        if kind.is_for_staff() && notice.to.role == Role::Requester {
            notice.to.role = Role::Technician;
        }
        previews.push(shown(scribe, &notice, &envelope, name)?);
    }
    Ok(previews)
}

/// The acknowledgement of the sample ticket with a recipe of somebody's.
pub fn with_recipe(scribe: &Scribe, recipe: Recipe) -> Result<Preview, WriteError> {
    let locale = Locale::from(recipe.language);
    let office = Office::new(&locale)?;
    let notice = Notice {
        asked: Vec::new(),
        offer: Some(Offer {
            recipe: Arc::new(recipe),
            words: Vec::new(),
        }),
        ..full(NoticeKind::Acknowledgement, &locale)?
    };
    shown(scribe, &notice, &office.envelope()?, "recipe")
}

fn shown(
    scribe: &Scribe,
    notice: &Notice,
    envelope: &Envelope<'_>,
    name: &'static str,
) -> Result<Preview, WriteError> {
    let (bytes, said) = scribe.written(notice, envelope)?;
    let (text, html) = match said {
        message::Said::Text(text) => (text, None),
        message::Said::Both { text, html } | message::Said::Full { text, html, .. } => {
            (text, Some(html))
        }
    };
    Ok(Preview {
        name,
        bytes,
        text,
        html,
    })
}

/// The full sample, the empty one, each of what may be missing missing alone, and both for an unverified address.
pub fn variants(kind: NoticeKind, locale: &Locale) -> Result<Vec<Notice>, NotASample> {
    let full = full(kind, locale)?;
    let empty = empty(kind, locale)?;
    let mut variants = Vec::new();
    let less: [fn(&mut Notice); 20] = [
        |notice| notice.said = None,
        |notice| notice.progress = None,
        |notice| notice.receipt = None,
        |notice| {
            notice
                .receipt
                .iter_mut()
                .for_each(|receipt| receipt.dry = true)
        },
        |notice| notice.to.name = None,
        |notice| notice.ticket.next_news_at = None,
        |notice| notice.ticket.assignee = None,
        |notice| notice.ticket.organisation = None,
        |notice| notice.ticket.solution = None,
        |notice| notice.to.role = Role::Technician,
        |notice| notice.known_since = None,
        |notice| notice.escalation = None,
        |notice| {
            notice
                .escalation
                .iter_mut()
                .for_each(|escalation| escalation.why = None)
        },
        |notice| notice.outage = None,
        |notice| notice.offer = None,
        |notice| notice.asked = Vec::new(),
        |notice| notice.lane = None,
        |notice| {
            notice.lane.iter_mut().for_each(|lane| {
                (lane.is_first, lane.reference, lane.report) = (false, None, None);
            })
        },
        |notice| notice.asks_satisfaction = false,
        |notice| notice.ticket.reasons = Vec::new(),
    ];
    for change in less {
        let mut notice = full.clone();
        change(&mut notice);
        variants.push(notice);
    }
    for reminder in [
        Reminder::Answer { closes_at: None },
        Reminder::NoAnswer,
        Reminder::News(moment(3_600)),
        Reminder::Unreachable,
        Reminder::Provider,
        Reminder::ProviderSilent,
    ] {
        let mut notice = full.clone();
        notice.to.role = match reminder {
            Reminder::Answer { .. } | Reminder::NoAnswer => Role::Requester,
            Reminder::Provider => Role::Provider,
            _ => Role::Technician,
        };
        notice.reminder = Some(reminder);
        variants.push(notice);
    }
    for status in Status::ALL {
        let mut notice = full.clone();
        notice.ticket.status = status;
        variants.push(notice);
    }
    for note in notes(&full) {
        let mut notice = full.clone();
        notice.ticket.outage = Some(notice.ticket.id.clone());
        notice.outage = Some(note);
        variants.push(notice);
    }
    for mut notice in [full, empty] {
        variants.push(notice.clone());
        notice.to.verified = false;
        variants.push(notice);
    }
    Ok(variants)
}

/// Everything that can be said of an outage.
fn notes(full: &Notice) -> Vec<Note> {
    let named = full.outage.as_ref().and_then(Note::named).cloned();
    let named = named.into_iter().flat_map(|named| {
        [
            Note::Joined(named.clone()),
            Note::Like(named.clone()),
            Note::Master(named.clone()),
            Note::Member(Named {
                name: None,
                ..named
            }),
        ]
    });
    let proposal = Note::Proposed(Proposal {
        people: 5,
        span: SignedDuration::from_mins(12),
        tickets: vec![full.ticket.id.clone(), full.ticket.id.clone()],
    });
    named.chain([proposal]).collect()
}

/// A sample cannot be made: a constant of this file is wrong.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no sample value")]
pub struct NotASample(pub(super) &'static str);

impl From<NotASample> for TemplateError {
    fn from(error: NotASample) -> Self {
        Self::new("samples", None, error.to_string())
    }
}

impl From<NotASample> for WriteError {
    fn from(error: NotASample) -> Self {
        Self::Template(error.into())
    }
}

/// What templates see, as they see it.
pub(super) fn json(view: &impl Serialize) -> Result<Json, TemplateError> {
    serde_json::to_value(view)
        .map_err(|error| TemplateError::new("samples", None, error.to_string()))
}

fn address(text: &'static str) -> Result<Address, NotASample> {
    text.parse().map_err(|_| NotASample(text))
}

fn id(text: &'static str) -> Result<MessageId, NotASample> {
    MessageId::parse(text).ok_or(NotASample(text))
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A notice with everything.
pub fn full(kind: NoticeKind, locale: &Locale) -> Result<Notice, NotASample> {
    let mut notice = empty(kind, locale)?;
    let reason = |about, level: &str, because: &str, place, weight| Reason {
        about,
        level: level.to_owned(),
        because: because.to_owned(),
        r#where: place,
        weight,
    };
    notice.to.name = Some("Marie Dupont".to_owned());
    notice.ticket = Ticket {
        subject: "Plus de réseau à l'étage".to_owned(),
        status: Status::Open,
        impact: Impact::High,
        urgency: Urgency::Medium,
        priority: Priority::P2,
        reasons: vec![
            reason(Subject::Impact, "high", "tout l'étage", Place::Text, 3),
            reason(Subject::Urgency, "medium", "lent", Place::Subject, 2),
            reason(Subject::Urgency, "high", "paie à 17 h", Place::Sender, 0),
            reason(
                Subject::Priority,
                "P2",
                "paie ce soir",
                Place::Technician,
                1,
            ),
        ],
        category: "network".to_owned(),
        requester: Requester {
            name: Some("Marie Dupont".to_owned()),
            ..notice.ticket.requester.clone()
        },
        watchers: vec![address("paul@acme.example")?],
        assignee: Some("Ann Martin".to_owned()),
        team: Some("infra".to_owned()),
        organisation: Some("Acme".to_owned()),
        cause: Some("Commutateur en panne".to_owned()),
        solution: Some("Commutateur remplacé".to_owned()),
        minutes_spent: 45,
        merged_into: NonZeroU32::new(1040).map(|number| TicketId::new("INC", number)),
        next_news_at: Some(moment(2 * 86_400 + 5_400)),
        wakes_at: Some(moment(3 * 86_400)),
        first_answer_due_at: Some(moment(7_200)),
        resolution_due_at: Some(moment(2 * 86_400)),
        ..notice.ticket
    };
    let number = |number| NonZeroU32::new(number).map(|number| TicketId::new("INC", number));
    notice.related = number(1039).into_iter().map(|id| (id, true)).collect();
    notice.outage = number(1038).map(|master| {
        Note::Joined(Named {
            master,
            name: Some("Fibre de Lyon".to_owned()),
            since: moment(-7_200),
            people: 6,
        })
    });
    notice.known_since = Some(moment(-7_200));
    notice.escalation = Some(Escalation {
        by: "Paul Brown".to_owned(),
        why: Some("paie ce soir".to_owned()),
    });
    notice.stands_in = Some(StandIn {
        name: "Paul Brown".to_owned(),
        until: moment(4 * 86_400),
    });
    notice.targets = Some(Standing {
        priority: Priority::P2,
        status: Status::Open,
        first_answer: Clock::Due(moment(7_200)),
        resolution: Clock::Stopped(SignedDuration::from_mins(200)),
        requester_took: SignedDuration::ZERO,
        provider_took: SignedDuration::ZERO,
    });
    notice.said = Some(Said {
        by: "Ann Martin".to_owned(),
        by_technician: true,
        at: moment(-600),
        text: "Bonjour,\n\nle réseau du deuxième étage ne répond plus depuis ce matin.\n  - prises 12 à 20\n  - Wi-Fi\n\nMerci".to_owned(),
        attachments: vec!["photo du boîtier.jpg".to_owned(), "traceroute.txt".to_owned()],
    });
    notice.progress = Some(Progress {
        from: Status::New,
        technician: Some("Ann Martin".to_owned()),
        until: Some(moment(3 * 86_400)),
        escalated: false,
    });
    notice.reminder = Some(Reminder::Answer {
        closes_at: Some(moment(11 * 86_400)),
    });
    notice.lane = Some(LaneNotice {
        provider: PROVIDER.to_owned(),
        reference: Some("4512".to_owned()),
        is_first: true,
        contact: Some("Marie Dupont".to_owned()),
        report: Some(Said {
            by: "Marie Dupont".to_owned(),
            by_technician: false,
            at: moment(-3_600),
            text: "Bonjour,\n\nplus de réseau depuis ce matin.".to_owned(),
            attachments: Vec::new(),
        }),
    });
    notice.receipt = Some(receipt::full(&notice));
    notice.lines = vec![
        Line {
            ticket: notice.ticket.clone(),
            is_new: true,
            messages: 2,
        },
        Line {
            ticket: empty(kind, locale)?.ticket,
            is_new: false,
            messages: 1,
        },
    ];
    notice.asked = vec![
        "Depuis quand cela se produit-il\u{202f}?".to_owned(),
        "Vos collègues sont-ils touchés aussi\u{202f}?".to_owned(),
    ];
    notice.asks_satisfaction = true;
    if kind == NoticeKind::Queue {
        notice.queue = Some(Queue {
            sheet: SheetId(1),
            day: date(2026, 11, 24),
            tickets: vec![notice.ticket.clone(), notice.ticket.clone()],
            outages: [(notice.ticket.id.number(), 6)].into(),
            more: 3,
        });
    }
    let mut draft = fix(
        locale,
        "Redémarrez le boîtier\u{a0}:\n\n1. Appuyez sur **Arrêt**.\n2. Attendez une minute.\n3. Tapez `ipconfig /renew`.\n\nLe réseau revient.".to_owned(),
    );
    draft.words = Words {
        things: vec!["réseau".to_owned(), "wifi".to_owned()],
        signs: vec!["coup*".to_owned()],
    };
    notice.offer = (kind != NoticeKind::Recipe).then(|| Offer {
        recipe: Arc::new(draft.as_recipe()),
        words: vec!["réseau".to_owned(), "coupe".to_owned()],
    });
    notice.fix = Some(draft);
    notice.answers = Some(id("CAF-4711@mail.acme.example")?);
    notice.references = vec![
        notice.ticket.root.clone(),
        id("CAF-4711@mail.acme.example")?,
    ];
    Ok(notice)
}

/// A recipe made from the sample ticket.
fn fix(locale: &Locale, text: String) -> Fix {
    Fix {
        ticket: TicketId::new("INC", NonZeroU32::MIN),
        state: State::Draft,
        title: "Le réseau se coupe".to_owned(),
        language: Language::of(locale.as_str()).unwrap_or(Language::English),
        category: "network".to_owned(),
        words: Words::default(),
        text,
        solution: String::new(),
        organisation: Some("Acme".to_owned()),
        desk: "support".to_owned(),
        everybody: false,
        reviewed_at: None,
    }
}

/// A notice with nothing it can do without.
pub fn empty(kind: NoticeKind, locale: &Locale) -> Result<Notice, NotASample> {
    let number = NonZeroU32::new(1042).ok_or(NotASample("1042"))?;
    let requester = address("marie@acme.example")?;
    let ticket = Ticket {
        id: TicketId::new("INC", number),
        desk: "support".to_owned(),
        subject: String::new(),
        status: Status::New,
        impact: Impact::Low,
        urgency: Urgency::Low,
        priority: Priority::P4,
        reasons: Vec::new(),
        category: "other".to_owned(),
        requester: Requester {
            address: requester.clone(),
            name: None,
            locale: locale.clone(),
        },
        watchers: Vec::new(),
        assignee: None,
        team: None,
        organisation: None,
        cause: None,
        solution: None,
        minutes_spent: 0,
        links: Vec::new(),
        merged_into: None,
        outage: None,
        outage_name: None,
        proposed: 0,
        root: id("inc-1042.root@example.org")?,
        created_at: moment(-3_600),
        updated_at: moment(0),
        next_news_at: None,
        ended_at: None,
        wakes_at: None,
        first_answer_due_at: None,
        resolution_due_at: None,
        reminding: None,
        nudges_at: None,
    };
    // A queue letter without its queue would say nothing at all; nor would a reminder of nothing.
    let queue = (kind == NoticeKind::Queue).then(|| Queue {
        sheet: SheetId(1),
        day: date(2026, 11, 24),
        tickets: vec![ticket.clone()],
        outages: BTreeMap::new(),
        more: 0,
    });
    let role = match kind {
        NoticeKind::Handoff => Role::Provider,
        _ => Role::Requester,
    };
    let reminder = (kind == NoticeKind::Reminder).then_some(Reminder::Answer { closes_at: None });
    Ok(Notice {
        kind,
        to: Recipient {
            address: requester,
            name: None,
            locale: locale.clone(),
            role,
            verified: true,
        },
        ticket,
        said: None,
        progress: None,
        reminder,
        lane: None,
        escalation: None,
        stands_in: None,
        related: Vec::new(),
        receipt: None,
        asked: Vec::new(),
        asks_satisfaction: false,
        lines: Vec::new(),
        queue,
        outage: None,
        known_since: None,
        offer: None,
        // A letter about a draft without the draft would say nothing at all.
        fix: (kind == NoticeKind::Recipe).then(|| fix(locale, "…".to_owned())),
        targets: None,
        answers: None,
        references: Vec::new(),
        cause: "sample".to_owned(),
        hold: None,
    })
}
