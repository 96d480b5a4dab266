//! A mail that joins a ticket: a technician's answer, or a word from those who wait for one.

use jiff::{SignedDuration, Timestamp};

use super::case::{Case, Content};
use super::closing::{self, Answer};
use super::command;
use super::decide::filed;
use super::event::{Effect, Outcome, Snapshot};
use super::ids::{Address, Locale, TicketId};
use super::mail::{InboundMail, Verdict};
use super::newcomer::{cause, heard, is_vouched, own_words, said, words};
use super::notice::{NoticeKind, Progress, Said};
use super::promise;
use super::provider;
use super::rules::Rules;
use super::satisfaction::{self, Rating};
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::claim;
use super::{offering, orders};

/// So often within a day an answer reopens a ticket and is told so. Then it may be a machine that answers our letters;
/// people are told, and decide.
const REOPENINGS_MAX: usize = 3;

/// Whether the ticket was closed so long ago that a mail about it opens a new one (`reopen_within`).
pub fn is_too_late(rules: &Rules, ticket: &Ticket, now: Timestamp) -> bool {
    let period = rules
        .periods
        .get(&ticket.desk)
        .copied()
        .unwrap_or_default()
        .reopen_within;
    let period = SignedDuration::try_from(period).unwrap_or(SignedDuration::MAX);
    ticket.status == Status::Closed
        && ticket
            .ended_at
            .is_some_and(|ended| now.duration_since(ended) > period)
}

/// Keeps `mail` with its ticket. Nothing follows from it.
pub fn keep(
    rules: &Rules,
    seen: &Snapshot,
    id: &TicketId,
    mail: &InboundMail,
    because: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(ticket) = seen.ticket(id) else {
        return vec![filed(Outcome::SetAside, None, because.to_owned())];
    };
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause(mail));
    case.append_mail(EntryKind::Kept, mail, format!("{because}: {}", words(mail)));
    case.effects
        .push(filed(Outcome::Kept, Some(id.clone()), because.to_owned()));
    case.effects
}

/// Deals with a mail that belongs to `ticket`.
pub fn joined(
    rules: &Rules,
    seen: &Snapshot,
    ticket: &Ticket,
    mail: &InboundMail,
    because: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause(mail));
    let sender = mail.sender_identity();
    // A technician who reported or watches the ticket writes as such, unless the mail carries orders.
    let technician = sender
        .as_ref()
        .and_then(|sender| rules.people.technician(sender));
    let ordered = technician
        .map(|technician| {
            let here = orders::here(&case, technician, mail);
            command::read(&technicians_words(mail), &here, &[&technician.name])
        })
        .unwrap_or_default();
    let takes_part = sender
        .as_ref()
        .is_some_and(|sender| ticket.takes_part(sender));
    let vouched = sender.clone();
    let vouched = vouched.filter(|sender| is_vouched(rules, seen, mail, sender));
    if let Some(sender) = vouched {
        case.reached(&sender);
        case.effects
            .push(Effect::Know(sender, mail.language.map(Locale::from)));
    }
    let provider = sender
        .as_ref()
        .filter(|_| !takes_part && technician.is_none())
        .and_then(|sender| provider::of(rules, seen, ticket, sender));
    let filing = match technician {
        _ if let Some(provider) = provider => provider::wrote(&mut case, mail, provider),
        Some(technician)
            if !takes_part || !ordered.orders.is_empty() || !ordered.refused.is_empty() =>
        {
            orders::answered(&mut case, mail, technician, &ordered)
        }
        _ => wrote(&mut case, mail),
    };
    case.effects
        .push(filed(filing, Some(ticket.id.clone()), because.to_owned()));
    case.effects
}

/// The requester, a watcher or a colleague of theirs wrote.
fn wrote(case: &mut Case<'_>, mail: &InboundMail) -> Outcome {
    let by = mail
        .from
        .as_ref()
        .map(|from| from.address.clone())
        .unwrap_or_default();
    let mut told = said(mail, case.now);
    // With files and without a word, the files are the answer. Without files the words may stand within the quote.
    if own_words(mail).is_empty() && !told.attachments.is_empty() {
        told.text = String::new();
    }
    case.append_mail(
        EntryKind::Mail,
        mail,
        in_history(&told.text, &told.attachments),
    );
    if mail.origin.verdict != Verdict::Person {
        return Outcome::Kept; // a machine's report: it is told to staff below only when a person writes
    }
    if let Some(rating) = rating(case.seen, &case.ticket, mail) {
        rated(case, mail, &by, rating, told);
        return Outcome::Joined;
    }
    let sender = mail.sender_identity();
    let answers = sender.clone().zip(mail.message_id.clone());
    let content = Content {
        answers: answers.clone(),
        ..Content::default()
    };
    let from = case.ticket.status;
    let was_over = from.is_over();
    let told = Content {
        said: Some(told),
        ..Content::default()
    };
    let is_requester = sender.as_ref() == Some(&case.ticket.requester.address);
    let offered = offering::open(case).filter(|_| is_requester);
    // Reading what an answer means takes long: it is done only where something was asked.
    let answer = match was_over || offered.is_some() {
        true => answer_of(case, mail),
        false => Answer::Other,
    };
    if let Some(offered) = offered
        && offering::tried(case, mail, offered, answer, &content, &told)
    {
        return Outcome::Joined;
    }
    match answer {
        // Only the one who had the fault can say that it is gone.
        Answer::Yes | Answer::YesAndMore if from == Status::Resolved && !is_requester => {
            case.tell_staff(NoticeKind::Message, &told, sender.as_ref());
            return Outcome::Joined;
        }
        answer @ (Answer::Yes | Answer::YesAndMore) if from == Status::Resolved => {
            case.move_to(Status::Closed, &by, "the requester says it works");
            if mail.origin.answerable {
                case.tell_requester_side(NoticeKind::Closed, &content, None);
            }
            // Should the words be a request after all, somebody has read them.
            if answer == Answer::YesAndMore {
                case.tell_staff(NoticeKind::Message, &told, sender.as_ref());
            }
            return Outcome::Joined;
        }
        // Pure thanks leave a ticket that is over as it is.
        Answer::Yes | Answer::Thanks if was_over => return Outcome::Joined,
        _ => {}
    }
    keep_claim(case, mail, &by);
    if was_over && reopenings(case) >= REOPENINGS_MAX {
        let why = format!("not reopened: it was reopened {REOPENINGS_MAX} times within a day");
        case.append(EntryKind::Fact, "guichet", why, None);
        case.tell_staff(NoticeKind::Message, &told, sender.as_ref());
        return Outcome::Joined;
    }
    if was_over && is_requester {
        offering::came_back(case);
    }
    if was_over || matches!(from, Status::WaitingRequester | Status::Snoozed) {
        case.move_to(
            Status::Open,
            &by,
            if was_over {
                "the requester is not done"
            } else {
                "an answer came"
            },
        );
        promise::renew(case);
    }
    if was_over && mail.origin.answerable {
        let progress = Some(Progress {
            from,
            technician: None,
            until: None,
            escalated: false,
        });
        case.tell_requester_side(
            NoticeKind::Progress,
            &Content {
                answers,
                progress,
                ..Content::default()
            },
            None,
        );
    }
    if mail.origin.answerable {
        case.tell_watchers(NoticeKind::Message, &told, sender.as_ref());
    }
    let told = Content {
        asked: take_answers(case, sender.as_ref(), mail),
        ..told
    };
    case.tell_staff(NoticeKind::Message, &told, sender.as_ref());
    Outcome::Joined
}

/// What the mail answers to "how did we do?", if its ticket's requester was asked and this is an answer.
pub fn rating(seen: &Snapshot, ticket: &Ticket, mail: &InboundMail) -> Option<Rating> {
    let sender = mail.sender_identity()?;
    satisfaction::answer(seen, ticket, &sender, &own_words(mail))
}

/// Files an answer to "how did we do?". The ticket stays as it is; words beside the number are read by somebody.
fn rated(case: &mut Case<'_>, mail: &InboundMail, by: &str, rating: Rating, told: Said) {
    let text = format!("satisfaction: {} of {}", rating.score, satisfaction::BEST);
    case.append(EntryKind::Fact, by, text, mail.message_id.clone());
    if satisfaction::says_more(&rating.comment, &names(case, mail)) {
        let told = Content {
            said: Some(told),
            ..Content::default()
        };
        let sender = mail.sender_identity();
        case.tell_staff(NoticeKind::Message, &told, sender.as_ref());
    }
    let id = case.ticket.id.clone();
    case.effects.push(Effect::Rate(id, rating));
}

/// Files the requester's first word after the acknowledgement as the answer to what that asked. Gives what it asked.
fn take_answers(case: &mut Case<'_>, sender: Option<&Address>, mail: &InboundMail) -> Vec<String> {
    let asked = case.seen.asked.get(&case.ticket.id.number());
    let asked = asked.cloned().unwrap_or_default();
    if asked.is_empty() || sender != Some(&case.ticket.requester.address) {
        return Vec::new();
    }
    let text = format!("answered: {}", asked.join(" · "));
    case.append(EntryKind::Fact, "guichet", text, mail.message_id.clone());
    let id = case.ticket.id.clone();
    case.effects.push(Effect::Answered(id));
    asked
}

/// How often the ticket came back to life within the last day.
fn reopenings(case: &mut Case<'_>) -> usize {
    let now = case.now;
    let moves = case.course().moves.clone();
    let is_recent = |at: Timestamp| now.duration_since(at) < SignedDuration::from_hours(24);
    let pairs = moves.windows(2);
    pairs
        .filter(|pair| match pair {
            [(_, before), (at, after)] => before.is_over() && !after.is_over() && is_recent(*at),
            _ => false,
        })
        .count()
}

/// Keeps what the words say of the urgency, when it differs from what is known. The priority stays: a
/// technician decides (`product.md` §6).
fn keep_claim(case: &mut Case<'_>, mail: &InboundMail, by: &str) {
    let known = (case.ticket.impact, case.ticket.urgency);
    let keywords = &case.rules.keywords;
    let heard = heard(case.rules, case.seen, mail);
    let claims = claim::read(keywords, &heard, known);
    if claims.is_empty() {
        return;
    }
    let told = format!("says {}", claim::told(&claims));
    let (impact, urgency) = known;
    case.change(Change::Rank {
        impact,
        urgency,
        priority: case.ticket.priority,
        reasons: claim::kept(&case.ticket.reasons, claims),
    });
    case.append(EntryKind::Claim, by, told, None);
}

/// What the mail says to "does it work?".
fn answer_of(case: &Case<'_>, mail: &InboundMail) -> Answer {
    match closing::read(&own_words(mail), &names(case, mail)) {
        // A file may show what is still wrong.
        Answer::Yes if brings_a_file(mail) => Answer::YesAndMore,
        Answer::Thanks if brings_a_file(mail) => Answer::Other,
        answer => answer,
    }
}

/// Whether a file was attached to be looked at: no logo, no signature, no visiting card.
fn brings_a_file(mail: &InboundMail) -> bool {
    let is_formal = |kind: &str| {
        kind.ends_with("signature") || kind.ends_with("vcard") || kind.ends_with("calendar")
    };
    let mut files = mail.attachments.iter();
    files.any(|file| !file.inline && !file.repeated && !is_formal(&file.content_type))
}

/// What the people who write to each other about the ticket are called: their names alone say nothing.
fn names<'c>(case: &'c Case<'_>, mail: &'c InboundMail) -> Vec<&'c str> {
    let sender = mail.from.iter();
    let sender = sender.flat_map(|from| from.name.iter().chain([&from.address]));
    let technicians = case.rules.people.technicians.values().map(|t| &t.name);
    let others = case
        .ticket
        .requester
        .name
        .iter()
        .chain(case.desk().map(|desk| &desk.name));
    sender
        .chain(technicians)
        .chain(others)
        .map(String::as_str)
        .collect()
}

/// What a technician wrote. Of a mail that only carries another one nothing is theirs: it may be anybody's, a letter to staff
/// among them, and does not go to the requester by itself.
pub fn technicians_words(mail: &InboundMail) -> String {
    if mail.nothing_new {
        String::new()
    } else {
        words(mail)
    }
}

/// A mail's line in the history: its words and the names of the files that came with it.
pub fn in_history(words: &str, files: &[String]) -> String {
    match words.is_empty() {
        true if files.is_empty() => "nothing was written above the quoted text".to_owned(),
        true => format!("without a word, with {}", files.join(", ")),
        false if files.is_empty() => words.to_owned(),
        false => format!("{words}\n[{}]", files.join("] [")),
    }
}
