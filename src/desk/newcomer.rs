//! A mail that opens a ticket: who reported it, how bad it is, who is told.

use std::borrow::Cow;

use jiff::Timestamp;

use super::case::{Case, Content};
use super::decide::filed;
use super::event::{Effect, LastWords, Outcome, Snapshot};
use super::ids::{Address, Language, Locale, MessageId, TicketId};
use super::mail::{InboundMail, Verdict};
use super::missing::Report;
use super::notice::{NoticeKind, Said};
use super::offering;
use super::outage::{self, Note};
use super::people::Desk;
use super::promise;
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Requester, Status, Ticket};
use super::triage::keywords::Keywords;
use super::triage::like;
use super::triage::rank::{self, Facts, Ranking};
use super::triage::{Heard, Reason, Subject, Urgency};

/// Opens a ticket for `mail`. `perhaps` names tickets it may be about; `because` says why it joins none.
pub fn open(
    rules: &Rules,
    seen: &Snapshot,
    desk: &str,
    mail: &InboundMail,
    perhaps: &[TicketId],
    because: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let (Some(desk), Some(sender)) = (rules.people.desks.get(desk), mail.sender_identity()) else {
        return vec![filed(
            Outcome::SetAside,
            None,
            "no sender: the mail names nobody who could be answered".to_owned(),
        )];
    };
    let vouched = is_vouched(rules, seen, mail, &sender);
    let ranking = ranking(rules, seen, desk, mail, &sender, vouched, now);
    let (mut case, targets) = opened(rules, seen, desk, mail, &sender, ranking, now);
    let id = case.ticket.id.clone();

    let told = said(mail, now);
    let files = told.attachments.iter().filter(|_| !told.text.is_empty());
    let files: Vec<String> = files.cloned().collect();
    let text = match files.is_empty() {
        true => words(mail),
        false => super::reply::in_history(&told.text, &files),
    };
    case.append_mail(EntryKind::Mail, mail, text);
    case.append(
        EntryKind::Priority,
        "guichet",
        explained(&case.ticket),
        None,
    );
    case.append(EntryKind::Target, "guichet", targets, None);
    for other in perhaps {
        case.change(Change::Link(other.clone()));
        case.append(
            EntryKind::Fact,
            "guichet",
            format!("perhaps about {other}: {because}"),
            None,
        );
    }
    if let Some(forwarded) = &mail.forwarded_from {
        let text = format!(
            "forwarded: first written by {}; `/requester {}` makes them the requester",
            forwarded.address, forwarded.address
        );
        case.append(EntryKind::People, "guichet", text, None);
    }
    let outage = outage::arrived(&mut case);
    if case.ticket.outage.is_none() {
        assign_in_turn(&mut case);
    }
    let known_since = match &outage {
        Some(Note::Joined(outage)) => Some(outage.since),
        _ => None,
    };
    if vouched {
        case.reached(&sender);
        case.effects.push(Effect::Know(
            sender.clone(),
            mail.language.map(Locale::from),
        ));
    }
    let mut reasons = vec![because.to_owned()];
    let mut offered = None;
    if mail.origin.answerable && mail.origin.verdict == Verdict::Person {
        promise::renew(&mut case);
        let answers = mail.message_id.clone().map(|id| (sender.clone(), id));
        let to = case.requester();
        // A known outage is nothing its reporter could mend, and whoever reports it need not help to find it.
        if known_since.is_none() {
            offered = offering::offer(&mut case, mail, &to);
        }
        let asked = match to.verified {
            // A recipe is a question itself: nobody could tell which one a yes is meant for.
            true if known_since.is_none() && offered.is_none() => {
                questions(rules, mail, &case.ticket)
            }
            _ => Vec::new(),
        };
        if !asked.is_empty() {
            let text = format!("asked: {}", asked.join(" · "));
            case.append(EntryKind::Fact, "guichet", text, None);
            let id = case.ticket.id.clone();
            case.effects.push(Effect::Ask(id, asked.clone()));
        }
        let content = Content {
            asked,
            answers,
            known_since,
            offer: offered.clone(),
            ..Content::default()
        };
        case.tell(NoticeKind::Acknowledgement, to, &content);
    } else {
        reasons.push(format!(
            "not acknowledged: {}",
            mail.origin.evidence.join(", ")
        ));
    }
    let content = Content {
        said: Some(said(mail, now)),
        outage,
        offer: offered,
        ..Content::default()
    };
    case.tell_staff(NoticeKind::NewTicket, &content, Some(&sender));
    case.effects.push(Effect::File(super::event::Filing {
        outcome: Outcome::Opened,
        ticket: Some(id),
        reasons,
    }));
    case.effects
}

/// What to ask the reporter. Somebody who asks something himself is not asked about a fault.
fn questions(rules: &Rules, mail: &InboundMail, ticket: &Ticket) -> Vec<String> {
    let is_question = |reason: &Reason| reason.about == Subject::Urgency && reason.weight != 0;
    if ticket.urgency == Urgency::Low && ticket.reasons.iter().any(is_question) {
        return Vec::new();
    }
    let text = words(mail);
    let report = Report {
        category: &ticket.category,
        subject: &ticket.subject,
        text: &text,
        has_files: mail.attachments.iter().any(|file| !file.inline),
    };
    rules.questions.missing(&ticket.requester.locale, &report)
}

/// Opens a stub for a mail that could not be read, so that a person sees it. Nobody outside is told.
pub fn unreadable(
    rules: &Rules,
    seen: &Snapshot,
    desk: &str,
    mail: &InboundMail,
    reason: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(desk) = rules.people.desks.get(desk) else {
        return vec![filed(Outcome::Quarantined, None, reason.to_owned())];
    };
    let sender = mail
        .sender_identity()
        .unwrap_or_else(|| desk.address.clone());
    let ranking = Ranking {
        category: "other".to_owned(),
        ..Ranking::default()
    };
    let (mut case, targets) = opened(rules, seen, desk, mail, &sender, ranking, now);
    let id = case.ticket.id.clone();
    let text = format!(
        "A mail could not be read and is in quarantine: {reason}. See `guichet quarantine list`."
    );
    case.append_mail(EntryKind::Kept, mail, text.clone());
    case.append(EntryKind::Target, "guichet", targets, None);
    let said = Said {
        by: "guichet".to_owned(),
        by_technician: true,
        at: now,
        text,
        attachments: Vec::new(),
    };
    case.tell_staff(
        NoticeKind::NewTicket,
        &Content {
            said: Some(said),
            ..Content::default()
        },
        None,
    );
    case.effects
        .push(filed(Outcome::Quarantined, Some(id), reason.to_owned()));
    case.effects
}

/// Whether it is a report by a machine we know: it opens a ticket, and nobody is acknowledged (`product.md` §18).
pub fn is_known_machine(rules: &Rules, seen: &Snapshot, mail: &InboundMail) -> bool {
    let is_report = mail
        .origin
        .evidence
        .iter()
        .any(|sign| sign.to_ascii_lowercase().contains("auto-generated"));
    let known = |sender: Address| is_known(rules, seen, &sender);
    is_report && mail.sender_identity().is_some_and(known)
}

/// Whether the address belongs to an organisation or a technician, or to somebody who wrote before.
pub fn is_known(rules: &Rules, seen: &Snapshot, sender: &Address) -> bool {
    rules.people.organisation(sender).is_some()
        || rules.people.technician(sender).is_some()
        || seen.known_people.contains_key(sender)
}

/// Whether somebody vouches for the sender: they are known, or a trusted server authenticated the mail.
pub fn is_vouched(rules: &Rules, seen: &Snapshot, mail: &InboundMail, sender: &Address) -> bool {
    mail.from_count == 1 && (mail.proof.authenticated || is_known(rules, seen, sender))
}

/// What a mail says, for the ticket's history and for letters to staff.
pub fn words(mail: &InboundMail) -> String {
    if mail.reply.trim().is_empty() {
        mail.text.clone()
    } else {
        mail.reply.clone()
    }
}

/// What its writer put into a mail that joins a ticket: nothing when only history stands in it. A quoted letter of ours must
/// neither order anything nor go to somebody else. A mail that was forwarded is what its writer wants to be read.
pub fn own_words(mail: &InboundMail) -> String {
    if mail.nothing_new && mail.forwarded_from.is_none() {
        String::new()
    } else {
        words(mail)
    }
}

/// The same as words that are passed on. Without a word, the pictures within the text are what is told.
pub fn said(mail: &InboundMail, now: Timestamp) -> Said {
    let sender = mail.from.as_ref();
    let by = sender
        .and_then(|from| from.name.clone())
        .or(sender.map(|from| from.address.clone()))
        .unwrap_or_default();
    let files = mail
        .attachments
        .iter()
        .filter(|file| (!file.inline || mail.nothing_new) && !file.repeated)
        .filter_map(|file| file.name.clone());
    Said {
        by,
        by_technician: false,
        at: mail.date.unwrap_or(now),
        text: words(mail),
        attachments: files.collect(),
    }
}

/// What makes the letters caused by a mail unique.
pub fn cause(mail: &InboundMail) -> String {
    let id = mail
        .message_id
        .as_ref()
        .map(MessageId::as_str)
        .unwrap_or_default();
    let date = mail.date.map(|date| date.to_string()).unwrap_or_default();
    format!("mail {id} {date} {}", mail.fingerprint)
}

fn ranking(
    rules: &Rules,
    seen: &Snapshot,
    desk: &Desk,
    mail: &InboundMail,
    sender: &Address,
    vouched: bool,
    now: Timestamp,
) -> Ranking {
    let vip = rules.people.is_vip(sender);
    let role = rules.people.role(Some(desk), sender, now);
    let role = role.map(|role| (role.name.as_str(), role.impact));
    let heard = heard(rules, seen, mail);
    let facts = Facts {
        vouched,
        vip,
        role,
        at: Some(desk.timezone.to_datetime(now)),
        reporters: 1,
        raised_today: seen.raised_today,
    };
    rank::rank_among(&rules.keywords, &heard, &facts, |alone| {
        like::reporters(alone, sender, &seen.reports, now)
    })
}

/// The phrases in what a mail says.
pub fn hear(keywords: &Keywords, mail: &InboundMail) -> Heard {
    let subject = mail.subject.as_deref().unwrap_or_default();
    Heard::of(keywords, subject, &words(mail), mail.language)
}

/// The same, if it was not done beforehand. What was heard of other words is no good: a quoted letter of ours may have been
/// taken out since.
pub fn heard<'s>(rules: &Rules, seen: &'s Snapshot, mail: &InboundMail) -> Cow<'s, Heard> {
    let subject = mail.subject.as_deref().unwrap_or_default();
    let known = seen.heard.as_ref();
    match known.filter(|heard| heard.is_of(subject, &words(mail))) {
        Some(heard) => Cow::Borrowed(heard),
        None => Cow::Owned(hear(&rules.keywords, mail)),
    }
}

/// How the reporter is written to: as they wrote now, else as before, else as the desk does; only in offered languages.
fn locale(seen: &Snapshot, desk: &Desk, language: Option<Language>, sender: &Address) -> Locale {
    let before = seen
        .known_people
        .get(sender)
        .and_then(|person| person.locale.clone());
    let offered = |locale: &Locale| {
        desk.languages
            .iter()
            .find(|offer| offer.base() == locale.base())
            .cloned()
    };
    let wished = language.map(Locale::from);
    wished
        .as_ref()
        .and_then(offered)
        .or(before.as_ref().and_then(offered))
        .unwrap_or_else(|| desk.locale.clone())
}

fn opened<'a>(
    rules: &'a Rules,
    seen: &'a Snapshot,
    desk: &Desk,
    mail: &InboundMail,
    sender: &Address,
    ranking: Ranking,
    now: Timestamp,
) -> (Case<'a>, String) {
    let name = mail.from.as_ref().and_then(|from| from.name.clone());
    let requester = Requester {
        address: sender.clone(),
        name,
        locale: locale(seen, desk, mail.language, sender),
    };
    let subject = mail.subject.as_deref().unwrap_or_default();
    let ticket = blank(rules, seen, desk, requester, subject, ranking, now);
    let mut case = Case::new(rules, seen, now, ticket, cause(mail));
    let targets = case.begin_targets();
    case.open();
    (case, targets)
}

/// A new ticket of `requester`, before anything happened to it.
fn blank(
    rules: &Rules,
    seen: &Snapshot,
    desk: &Desk,
    requester: Requester,
    subject: &str,
    ranking: Ranking,
    now: Timestamp,
) -> Ticket {
    let id = TicketId::new(&desk.prefix, seen.next_ticket);
    let root = format!(
        "{}.root@{}",
        id.to_string().to_lowercase(),
        desk.address.domain()
    );
    let organisation = rules.people.organisation(&requester.address);
    let routed = ranking.team.as_deref();
    let team = rules.people.team_for(Some(desk), &ranking.category, routed);
    Ticket {
        subject: without_prefixes(rules, subject),
        status: Status::New,
        impact: ranking.impact,
        urgency: ranking.urgency,
        priority: ranking.priority,
        reasons: ranking.reasons,
        category: ranking.category,
        organisation: organisation.map(|organisation| organisation.key.clone()),
        requester,
        watchers: Vec::new(),
        assignee: None,
        team,
        cause: None,
        solution: None,
        minutes_spent: 0,
        links: Vec::new(),
        merged_into: None,
        outage: None,
        outage_name: None,
        proposed: 0,
        root: MessageId::parse(&root)
            .expect("made of a ticket number and the domain of an address"),
        created_at: now,
        updated_at: now,
        next_news_at: None,
        ended_at: None,
        wakes_at: None,
        first_answer_due_at: None,
        resolution_due_at: None,
        reminding: None,
        nudges_at: None,
        desk: desk.key.clone(),
        id,
    }
}

/// The ticket that a mail becomes which was first taken for a part of another one. It is ranked by its own words.
pub fn split_off(
    rules: &Rules,
    seen: &Snapshot,
    desk: &Desk,
    requester: Requester,
    subject: &str,
    words: &LastWords,
    now: Timestamp,
) -> Ticket {
    let organisation = rules.people.organisation(&words.by);
    let role = rules.people.role(Some(desk), &words.by, now);
    let vip = organisation.is_some_and(|organisation| organisation.vip.contains(&words.by));
    let facts = Facts {
        vouched: true, // a technician has read it and wants it worked
        vip,
        role: role.map(|role| (role.name.as_str(), role.impact)),
        at: None, // they may be days old
        reporters: 1,
        raised_today: 0,
    };
    let language = Language::of(requester.locale.as_str());
    let heard = Heard::of(&rules.keywords, subject, &words.text, language);
    let ranking = rank::rank(&rules.keywords, &heard, &facts);
    blank(rules, seen, desk, requester, subject, ranking, now)
}

/// Gives the ticket to the member of its team with the fewest open ones, where the team wants that. It stays `new`.
fn assign_in_turn(case: &mut Case<'_>) {
    let Some(team) = case
        .ticket
        .team
        .as_ref()
        .and_then(|key| case.rules.people.teams.get(key))
        .filter(|team| team.round_robin)
    else {
        return;
    };
    let load = |key: &str| case.seen.load.get(key).copied().unwrap_or(0);
    let present = case.rules.people.present(&team.key, |technician| {
        case.seen.is_away(technician, case.now)
    });
    if let Some(next) = present
        .into_iter()
        .min_by_key(|technician| load(&technician.key))
    {
        case.change(Change::Assignee(Some(next.key.clone())));
        case.append(
            EntryKind::Assignment,
            "guichet",
            format!("{} is next in turn", next.name),
            None,
        );
    }
}

/// The subject without reply prefixes and without tags of ours, on one line. A tag that stayed would name
/// the old ticket in every letter about the new one.
fn without_prefixes(rules: &Rules, subject: &str) -> String {
    let subject = without_tags(rules, subject);
    let mut rest = subject.trim();
    while let Some(shorter) = without_prefix(rest) {
        rest = shorter.trim_start();
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_prefix(subject: &str) -> Option<&str> {
    let prefixes = [
        "re:", "re :", "fwd:", "fw:", "tr:", "tr :", "aw:", "wg:", "antw:", "sv:", "rv:", "r:",
        "ré:", "rép:", "réf:",
    ];
    let lower = subject.to_lowercase();
    let prefix = prefixes.iter().find(|prefix| lower.starts_with(*prefix))?;
    // Lower-casing may change lengths, so the cut is made after as many characters, not bytes.
    let cut = subject
        .char_indices()
        .nth(prefix.chars().count())
        .map_or(subject.len(), |(at, _)| at);
    subject.get(cut..)
}

/// `[INC-1] Printer [#7]` -> ` Printer [#7]`, when a desk of ours counts its tickets with `INC`.
fn without_tags(rules: &Rules, subject: &str) -> String {
    let is_ours = |tag: &str| {
        let id: Option<TicketId> = tag.parse().ok();
        let mut desks = rules.people.desks.values();
        id.is_some_and(|id| desks.any(|desk| desk.prefix.eq_ignore_ascii_case(id.prefix())))
    };
    let mut kept = String::new();
    let mut rest = subject;
    while let Some((before, after)) = rest.split_once('[') {
        kept.push_str(before);
        rest = match after.split_once(']') {
            Some((tag, behind)) if is_ours(tag) => behind,
            _ => {
                kept.push('[');
                after
            }
        };
    }
    kept + rest
}

/// `P2: impact high ("tout le monde") x urgency medium ("lent")`.
fn explained(ticket: &Ticket) -> String {
    let because = |about| {
        let words = ticket
            .reasons
            .iter()
            .filter(|reason| reason.about == about)
            .map(|reason| format!("\"{}\"", reason.because));
        let words = words.collect::<Vec<_>>().join(", ");
        if words.is_empty() {
            String::new()
        } else {
            format!(" ({words})")
        }
    };
    format!(
        "{}: impact {}{} x urgency {}{}",
        ticket.priority.word(),
        ticket.impact.word(),
        because(Subject::Impact),
        ticket.urgency.word(),
        because(Subject::Urgency),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_subject_loses_its_reply_prefixes() {
        let cut = |subject| super::without_prefix(subject).map(str::trim);
        assert_eq!(cut("RE : Tr: Panne"), Some("Tr: Panne"));
        assert_eq!(cut("Rép: caisse"), Some("caisse"));
        assert_eq!(cut("Relance: facture"), None);
        assert_eq!(cut(""), None);
    }
}
