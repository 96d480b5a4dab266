//! Fills the views: looks names up, says everything in the reader's words, cleans and bounds what people wrote.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::Envelope;
use super::clean;
use super::helpers::mailto;
use super::language::{Moment, Strings};
use super::message::LOGO_SRC;
use super::theme::Theme;
use super::views::*;
use crate::desk::ids::Locale;
use crate::desk::notice::{Notice, NoticeKind, Role, Said};
use crate::desk::outage::Note;
use crate::desk::promise;
use crate::desk::satisfaction::BEST;
use crate::desk::targets::Clock;
use crate::desk::ticket::{Status, Ticket};
use crate::desk::triage::{Reason, Subject, Urgency, claim};

/// Characters of a value that stands on one line: a subject, a name, a file.
const LINE_MAX: usize = 250;
/// Octets of a person's words in the text part; a very long log is cut and kept with the ticket.
const TEXT_MAX: usize = 200 * 1024;
/// The same in HTML, as quoted-printable has them. Gmail shows 102 KiB of a letter, the rest behind a link.
const HTML_MAX: usize = 44 * 1024;
/// The same in a letter to an unverified address, which is at most 8 KiB long with its header.
const UNVERIFIED_MAX: usize = 3 * 1024;
/// Reasons, files and lines of a receipt that are listed.
pub(super) const LIST_MAX: usize = 20;
/// RFC 6068 leaves the length of a link open; clients keep about 1,800 characters.
const LINK_SUBJECT_MAX: usize = 100;

/// What is needed to make a view.
pub struct Reader<'a> {
    /// The language the letter is written in.
    pub locale: &'a Locale,
    /// Its words.
    pub strings: &'a Strings,
    /// Its colours and logo.
    pub theme: &'a Theme,
    /// The outside of the letter.
    pub envelope: &'a Envelope<'a>,
}

impl Reader<'_> {
    /// The whole view.
    pub fn letter(&self, notice: &Notice) -> LetterView {
        LetterView {
            kind: notice.kind.word(),
            locale: self.locale.to_string(),
            theme: self.theme(),
            desk: self.desk(),
            to: ToView {
                name: notice
                    .to
                    .name
                    .as_deref()
                    .map(one_line)
                    .filter(|n| !n.is_empty()),
                requester: notice.to.role == Role::Requester,
                technician: notice.to.role == Role::Technician,
                provider: notice.to.role == Role::Provider,
            },
            heading: self.heading(notice),
            ticket: self.ticket(&notice.ticket),
            said: notice.said.as_ref().map(|said| self.said(said)),
            progress: self.progress(notice),
            reminder: notice.reminder.as_ref().map(|reminder| ReminderView {
                about: reminder.word(),
                moment: reminder.moment().map(|at| self.moment(at)),
            }),
            provider: self.provider(notice),
            related: self.related(notice),
            outage: self.outage(notice),
            known_since: notice.known_since.map(|at| self.moment(at)),
            escalation: notice.escalation.as_ref().map(|escalation| EscalationView {
                by: one_line(&escalation.by),
                why: escalation.why.as_deref().map(one_line),
            }),
            stands_in: notice.stands_in.as_ref().map(|away| StandInView {
                name: one_line(&away.name),
                until: self.moment(away.until),
            }),
            receipt: self.receipt(notice),
            questions: questions(notice),
            lines: self.lines(notice),
            targets: self.targets(notice),
            queue: self.queue(notice),
            recipe: self.recipe(notice),
            scores: self.scores(notice),
            actions: self.actions(notice),
        }
    }

    /// The view for an address nobody vouches for.
    pub fn unverified(&self, notice: &Notice) -> UnverifiedView {
        // Only what is sent as a person's word is one: an automatic letter repeats nothing at all.
        let said = notice
            .said
            .as_ref()
            .filter(|said| said.by_technician && notice.kind == NoticeKind::Update);
        UnverifiedView {
            kind: notice.kind.word(),
            locale: self.locale.to_string(),
            desk: self.desk(),
            ticket: UnverifiedTicketView {
                id: notice.ticket.id.to_string(),
                status: self.strings.status(notice.ticket.status),
                status_word: notice.ticket.status.word(),
                next_news: notice.ticket.next_news_at.map(|at| self.moment(at)),
            },
            said: said.map(|said| {
                let text = clean::lines(&said.text);
                let (text, cut) = clean::cut(&text, UNVERIFIED_MAX, quoted_printable);
                UnverifiedSaidView {
                    by: one_line(&said.by),
                    text: text.to_owned(),
                    cut,
                }
            }),
        }
    }

    /// The desk, as every letter shows it.
    pub fn desk(&self) -> DeskView {
        DeskView {
            name: one_line(&self.envelope.desk.name),
            address: self.envelope.desk.address.to_string(),
            logo: self.theme.logo.as_ref().map(|logo| LogoView {
                src: LOGO_SRC,
                height: logo.height,
            }),
        }
    }

    /// The colours.
    pub fn theme(&self) -> ThemeView {
        let value = |name| self.theme.value(name).unwrap_or_default().to_owned();
        ThemeView {
            accent: value("accent"),
            accent_dark: value("accent_dark"),
        }
    }

    /// A queue and a bundle are about the tickets of a day.
    fn heading(&self, notice: &Notice) -> Heading {
        match notice.kind {
            NoticeKind::Queue | NoticeKind::Bundle => Heading {
                id: self.moment(self.envelope.date).day,
                subject: String::new(),
            },
            _ => Heading {
                id: notice.ticket.id.to_string(),
                subject: one_line(&notice.ticket.subject),
            },
        }
    }

    fn ticket(&self, ticket: &Ticket) -> TicketView {
        let people = self.envelope.people;
        let requester = ticket.requester.name.as_deref().map(one_line);
        let organisation = ticket.organisation.as_deref().map(|key| {
            let known = people.organisations.get(key);
            one_line(known.map_or(key, |organisation| &organisation.name))
        });
        TicketView {
            id: ticket.id.to_string(),
            subject: one_line(&ticket.subject),
            status: self.strings.status(ticket.status),
            status_word: ticket.status.word(),
            priority: self.strings.priority(ticket.priority),
            priority_word: ticket.priority.word(),
            handling: self.strings.handling(ticket.priority),
            affected: self.affected(ticket),
            priority_line: format!(
                "{}, {}",
                ticket.priority.word(),
                self.strings.priority(ticket.priority)
            ),
            category: self.strings.category(&one_line(&ticket.category)),
            category_word: one_line(&ticket.category),
            reasons: self.reasons(ticket, |reason| reason.weight != 0),
            claims: self.reasons(ticket, claim::is_claim),
            requester: PersonView {
                name: requester.filter(|name| !name.is_empty()),
                address: ticket.requester.address.to_string(),
            },
            organisation,
            assignee: ticket.assignee.as_deref().map(|key| self.technician(key)),
            team: ticket.team.as_deref().map(one_line),
            cause: ticket.cause.as_deref().map(one_line),
            solution: ticket.solution.as_deref().map(one_line),
            minutes: ticket.minutes_spent,
            merged_into: ticket.merged_into.as_ref().map(ToString::to_string),
            shared: ticket.is_master(),
            created: self.moment(ticket.created_at),
            next_news: ticket.next_news_at.map(|at| self.moment(at)),
            wakes: ticket
                .wakes_at
                .filter(|_| !ticket.status.is_over() && !promise::is_running(ticket))
                .map(|at| self.moment(at)),
        }
    }

    /// Nothing is said where nothing is known: low impact is also what a mail without any hint gets. A question
    /// (low urgency) hits nobody.
    fn affected(&self, ticket: &Ticket) -> Option<String> {
        let is_hint = |reason: &Reason| reason.about == Subject::Impact && reason.weight != 0;
        let known = ticket.urgency != Urgency::Low && ticket.reasons.iter().any(is_hint);
        known.then(|| self.strings.affected(ticket.impact))
    }

    fn reasons(&self, ticket: &Ticket, which: impl Fn(&Reason) -> bool) -> Vec<ReasonView> {
        let shown = ticket.reasons.iter().filter(|reason| which(reason));
        let views = shown.filter_map(|reason| {
            Some(ReasonView {
                about: self.strings.evidence(reason)?,
                because: one_line(&self.strings.because(reason)),
                place: self.strings.place(reason.r#where),
            })
        });
        views.take(LIST_MAX).collect()
    }

    fn said(&self, said: &Said) -> SaidView {
        let words = clean::lines(&said.text);
        let (text, cut) = clean::cut(&words, TEXT_MAX, char::len_utf8);
        let (html_text, html_cut) = clean::cut(&words, HTML_MAX, in_html);
        SaidView {
            by: one_line(&said.by),
            by_technician: said.by_technician,
            at: self.moment(said.at),
            text: text.to_owned(),
            cut,
            html_text: html_text.to_owned(),
            html_cut,
            attachments: said
                .attachments
                .iter()
                .take(LIST_MAX)
                .map(|name| one_line(name))
                .collect(),
        }
    }

    /// Who reads of an outside firm: itself, and whoever works the ticket. Nobody else, whatever a notice holds.
    fn provider(&self, notice: &Notice) -> Option<ProviderView> {
        let reads = matches!(notice.to.role, Role::Technician | Role::Provider);
        let lane = notice.lane.as_ref().filter(|_| reads)?;
        let known = self.envelope.people.providers.get(&lane.provider);
        let command = format!("{} {}", self.strings.commands().handoff, lane.provider);
        let subject = answer_subject(&notice.ticket);
        Some(ProviderView {
            name: one_line(known.map_or(&lane.provider, |provider| &provider.name)),
            contract: known
                .and_then(|provider| provider.contract.as_deref())
                .map(one_line),
            reference: lane.reference.as_deref().map(one_line),
            first: lane.is_first,
            contact: lane.contact.as_deref().map(one_line),
            report: lane.report.as_ref().map(|report| self.said(report)),
            answer: mailto(&self.envelope.reply_to, &subject, &command),
            command,
        })
    }

    fn related(&self, notice: &Notice) -> Vec<RelatedView> {
        let is_only = notice.related.len() == 1;
        let some = notice.related.iter().take(LIST_MAX);
        some.map(|(id, is_alive)| RelatedView {
            id: id.to_string(),
            merges: is_only && *is_alive,
        })
        .collect()
    }

    fn outage(&self, notice: &Notice) -> Option<OutageView> {
        let note = notice.outage.as_ref()?;
        let commands = self.strings.commands();
        let own = &self.envelope.reply_to;
        let answer = |line: String| OutageActionView {
            link: mailto(own, &answer_subject(&notice.ticket), &line),
            label: line,
        };
        let (kind, action) = match note {
            Note::Proposed(_) => ("proposed", Some(answer(commands.outage.clone()))),
            Note::Joined(_) => ("joined", Some(answer(commands.split.clone()))),
            Note::Like(outage) => {
                let line = format!("{} {}", commands.outage, outage.master);
                ("like", Some(answer(line)))
            }
            Note::Master(_) => ("master", None),
            Note::Member(outage) => {
                let about = self.envelope.outage_address.as_ref();
                let about = about.map(|address| OutageActionView {
                    label: outage.master.to_string(),
                    link: mailto(address, &format!("Re: [{}]", outage.master), ""),
                });
                ("member", about)
            }
        };
        let (people, minutes, tickets) = match note {
            Note::Proposed(proposal) => {
                let some = proposal.tickets.iter().take(LIST_MAX);
                let tickets: Vec<String> = some.map(ToString::to_string).collect();
                let people = usize::try_from(proposal.people).unwrap_or(usize::MAX);
                (people, proposal.span.as_mins().max(1), tickets.join(", "))
            }
            other => {
                let people = other.named().map_or(0, |outage| outage.people);
                (people, 0, String::new())
            }
        };
        let named = note.named();
        Some(OutageView {
            kind,
            id: named.map(|outage| outage.master.to_string()),
            name: named
                .and_then(|outage| outage.name.as_deref())
                .map(one_line),
            people,
            since: named.map(|outage| self.moment(outage.since)),
            minutes,
            tickets,
            action,
        })
    }

    fn progress(&self, notice: &Notice) -> Option<ProgressView> {
        let progress = notice.progress.as_ref()?;
        let technician = progress.technician.as_deref().map(one_line);
        let status = notice.ticket.status;
        let moved = match status {
            _ if progress.escalated => "escalated",
            _ if progress.from.is_over() && !status.is_over() => "reopened",
            Status::New | Status::Open if technician.is_some() => "taken",
            _ if status == progress.from => "same",
            Status::New | Status::Open => "released",
            other => other.word(),
        };
        Some(ProgressView {
            moved,
            technician,
            until: progress.until.map(|at| self.moment(at)),
        })
    }

    fn queue(&self, notice: &Notice) -> Option<QueueView> {
        let queue = notice.queue.as_ref()?;
        let line = |(position, ticket): (usize, &Ticket)| QueueLineView {
            position,
            id: ticket.id.to_string(),
            subject: one_line(&ticket.subject),
            priority_word: ticket.priority.word(),
            status: self.strings.status(ticket.status),
            requester: one_line(match &ticket.requester.name {
                Some(name) => name,
                None => ticket.requester.address.as_str(),
            }),
            people: queue
                .outages
                .get(&ticket.id.number())
                .copied()
                .unwrap_or_default(),
            next_news: ticket.next_news_at.map(|at| self.moment(at)),
            overdue: ticket
                .next_news_at
                .is_some_and(|at| at < self.envelope.date),
            wakes: ticket.wakes_at.map(|at| self.moment(at)),
        };
        Some(QueueView {
            day: self.moment(self.envelope.date).day,
            count: queue.tickets.len() + queue.more,
            several: queue.tickets.len() > 1,
            lines: (1..).zip(&queue.tickets).map(line).collect(),
            more: queue.more,
        })
    }

    fn lines(&self, notice: &Notice) -> Vec<LineView> {
        let own = &self.envelope.reply_to;
        let addresses = self.envelope.line_addresses.iter();
        let addresses = addresses.chain(std::iter::repeat(own));
        let lines = notice.lines.iter().zip(addresses).map(|(line, to)| {
            let ticket = &line.ticket;
            let requester = &ticket.requester;
            let subject = answer_subject(ticket);
            LineView {
                id: ticket.id.to_string(),
                subject: one_line(&ticket.subject),
                priority_word: ticket.priority.word(),
                requester: one_line(
                    requester
                        .name
                        .as_deref()
                        .unwrap_or(requester.address.as_str()),
                ),
                is_new: line.is_new,
                messages: line.messages,
                reply: mailto(to, &subject, ""),
                take: mailto(to, &subject, &self.strings.commands().take),
            }
        });
        lines.collect()
    }

    /// The clocks that still matter: the first answer while it is owed, the resolution to its end.
    fn targets(&self, notice: &Notice) -> Vec<TargetView> {
        let Some(standing) = &notice.targets else {
            return Vec::new();
        };
        let first = Some(standing.first_answer).filter(|clock| clock.verdict().is_none());
        let clocks = [
            (self.strings.targets().first_answer.as_str(), first),
            (
                self.strings.targets().resolution.as_str(),
                Some(standing.resolution),
            ),
        ];
        let views = clocks.into_iter().filter_map(|(name, clock)| {
            let clock = clock?;
            let due = clock.due_at().map(|at| self.moment(at).full);
            let late = match clock {
                Clock::Due(at) => at < self.envelope.date,
                Clock::Stopped(left) => left.is_negative(),
                Clock::Ended(verdict) => !verdict.kept(),
                Clock::None => false,
            };
            Some(TargetView {
                name: name.to_owned(),
                value: self.strings.target(clock, due.as_deref(), late)?,
                late,
            })
        });
        views.collect()
    }

    fn actions(&self, notice: &Notice) -> ActionsView {
        let ticket = &notice.ticket;
        let subject = match &notice.queue {
            Some(_) => format!("Re: {}", self.moment(self.envelope.date).day),
            None => answer_subject(ticket),
        };
        let commands = self.strings.commands();
        let link = |word: &str| mailto(&self.envelope.reply_to, &subject, word);
        ActionsView {
            reply: link(""),
            yes: link(&commands.yes),
            no: link(&commands.no),
            yes_word: commands.yes.clone(),
            take: link(&commands.take),
            wait: link(&commands.wait),
            resolve: link(&commands.resolve),
            close: link(&commands.close),
            reopen: link(&commands.reopen),
            undo: link(&commands.undo),
            undo_word: commands.undo.clone(),
            approve: link(&commands.approve),
            approve_all: link(&commands.approve_all),
            approve_word: commands.approve.clone(),
            approve_all_word: commands.approve_all.clone(),
            words_word: commands.recipe_words.clone(),
        }
    }

    /// The answers to "how did we do?", when it is asked.
    fn scores(&self, notice: &Notice) -> Vec<ScoreView> {
        if !notice.asks_satisfaction {
            return Vec::new();
        }
        let subject = answer_subject(&notice.ticket);
        let view = |score: u8| {
            let label = format!("{score}/{BEST}");
            ScoreView {
                score,
                link: mailto(&self.envelope.reply_to, &subject, &label),
                label,
            }
        };
        (1..=BEST).map(view).collect()
    }

    pub(super) fn technician(&self, key: &str) -> String {
        let known = self.envelope.people.technicians.get(key);
        one_line(known.map_or(key, |technician| &technician.name))
    }

    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        self.strings.moment(
            &zoned(at, self.envelope.timezone),
            &zoned(self.envelope.date, self.envelope.timezone),
        )
    }
}

/// A moment where the reader is.
pub fn zoned(at: Timestamp, timezone: &TimeZone) -> Zoned {
    at.to_zoned(timezone.clone())
}

/// The subject of a prepared answer: with the tag, so that it finds its ticket however it is sent.
pub(super) fn answer_subject(ticket: &Ticket) -> String {
    let subject = clean::line(&ticket.subject, LINK_SUBJECT_MAX);
    format!("Re: [{}] {subject}", ticket.id)
        .trim_end()
        .to_owned()
}

fn questions(notice: &Notice) -> Vec<QuestionView> {
    let asked = notice.asked.iter().take(LIST_MAX);
    let numbered = (1..).zip(asked).map(|(position, ask)| QuestionView {
        position,
        ask: one_line(ask),
    });
    numbered.collect()
}

pub(super) fn one_line(text: &str) -> String {
    clean::line(text, LINE_MAX)
}

/// What a character costs in quoted-printable.
fn quoted_printable(c: char) -> usize {
    match c {
        '\n' => 2,
        '=' => 3,
        c if c.is_ascii() => 1,
        c => c.len_utf8() * 3,
    }
}

/// What a character costs in HTML, `lines` and quoted-printable applied.
fn in_html(c: char) -> usize {
    match c {
        '\n' => 6,
        '\t' => 22,
        ' ' => 2,
        '&' | '<' | '>' | '\'' | '"' => 6,
        c => quoted_printable(c),
    }
}
