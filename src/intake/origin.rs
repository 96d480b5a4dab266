//! What wrote a mail, and whether it may be answered automatically. Two questions, kept apart.
//!
//! `List-*` and `X-Auto-Response-Suppress` only say "do not answer". That no human wrote it is said by `Auto-Submitted`
//! (RFC 3834 5), the families of `X-Autoreply`, delivery reports, and by words at the very start of a subject. Values
//! are compared without case, as lists, without comments: peers who compared literally were fooled (peers.md 3.8).
//! Every reason is kept as evidence.

mod senders;
mod words;

pub use senders::{System, is_no_reply, system};

use super::ReadRules;
use super::header::{Headers, clean_line};
use super::mime::Part;
use crate::desk::mail::{InboundMail, Mailbox, Origin, Verdict};

/// Evidence is for people: a line, not a header of a megabyte.
const EVIDENCE_BYTES_MAX: usize = 200;

/// What is found on the way to a verdict.
#[derive(Default)]
struct Findings {
    /// What says that a machine wrote it, the first is the strongest.
    verdicts: Vec<Verdict>,
    silent: bool,
    evidence: Vec<String>,
}

impl Findings {
    fn machine(&mut self, verdict: Verdict, evidence: String) {
        self.verdicts.push(verdict);
        self.silent(evidence);
    }

    fn silent(&mut self, evidence: String) {
        self.silent = true;
        let mut evidence = clean_line(&evidence);
        evidence.truncate(evidence.floor_char_boundary(EVIDENCE_BYTES_MAX));
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }
}

/// Judges a mail whose `bounce`, subject and text are read. `part`: its parts, when they could be taken apart.
pub fn judge(
    headers: &Headers,
    mail: &InboundMail,
    part: Option<&Part<'_>>,
    rules: &ReadRules,
) -> Origin {
    let mut found = Findings::default();
    ourselves(headers, mail, rules, &mut found);
    if mail.bounce.is_some() {
        found.machine(Verdict::Bounce, "it is a delivery report".to_owned());
    }
    reports(part, &mut found);
    auto_submitted(headers, &mut found);
    auto_fields(headers, &mut found);
    precedence(headers, &mut found);
    lists(headers, &mut found);
    senders(headers, mail, &mut found);
    subject(mail, &mut found);
    let order = [
        Verdict::Ourselves,
        Verdict::Bounce,
        Verdict::AutoReply,
        Verdict::Bulk,
    ];
    let verdict = order
        .into_iter()
        .find(|v| found.verdicts.contains(v))
        .unwrap_or(Verdict::Person);
    Origin {
        verdict,
        answerable: !found.silent,
        evidence: found.evidence,
    }
}

/// Our own letters carry a mark, and come from our addresses.
fn ourselves(headers: &Headers, mail: &InboundMail, rules: &ReadRules, found: &mut Findings) {
    if let Some(value) = headers.first("X-Guichet-Loop") {
        found.machine(Verdict::Ourselves, format!("X-Guichet-Loop: {value}"));
    }
    if let Some(from) = mail.sender_identity()
        && rules
            .our_addresses
            .iter()
            .any(|own| own.canonical() == from.canonical())
    {
        found.machine(
            Verdict::Ourselves,
            format!("From is our own address {from}"),
        );
    }
}

/// Parts that only machines write.
fn reports(part: Option<&Part<'_>>, found: &mut Findings) {
    let Some(part) = part else { return };
    if part.content_type == "multipart/report" {
        let kind = part
            .parameter("report-type")
            .unwrap_or("unknown")
            .to_ascii_lowercase();
        let verdict = match kind.as_str() {
            "disposition-notification" => Verdict::AutoReply,
            "delivery-status" => Verdict::Bounce,
            _ => Verdict::Bulk,
        };
        found.machine(verdict, format!("multipart/report of {kind}"));
    }
    for inner in part.walk() {
        match inner.content_type.as_str() {
            "message/disposition-notification" => {
                found.machine(Verdict::AutoReply, "it is a read receipt".to_owned())
            }
            "message/feedback-report" => {
                found.machine(Verdict::Bulk, "it is a feedback report".to_owned())
            }
            _ => {}
        }
    }
}

/// RFC 3834 5: anything but `no` is automatic; parameters and comments are legal.
fn auto_submitted(headers: &Headers, found: &mut Findings) {
    for value in headers.every("Auto-Submitted") {
        let keyword = first_word(value);
        if keyword.is_empty() || keyword == "no" {
            continue;
        }
        let verdict = if keyword == "auto-generated" && !value.contains("vacation") {
            Verdict::Bulk
        } else {
            Verdict::AutoReply
        };
        found.machine(verdict, format!("Auto-Submitted: {value}"));
    }
}

/// The many fields that responders invented before RFC 3834.
fn auto_fields(headers: &Headers, found: &mut Findings) {
    let replies = [
        "X-Autoreply",
        "X-Auto-Reply",
        "X-Autorespond",
        "X-Auto-Respond",
        "X-Autoresponder",
        "X-Autoresponse",
        "X-Auto-Response",
        "X-Autoreply-From",
        "X-Mail-Autoreply",
        "X-Autogenerated",
        "X-Auto-Generated",
        "X-Vacation",
        "X-Cron-Env",
        "X-MLServer",
    ];
    for name in replies {
        if let Some(value) = headers.first(name).filter(|value| !is_no(value)) {
            found.machine(Verdict::AutoReply, format!("{name}: {value}"));
        }
    }
    for name in [
        "X-Loop",
        "X-No-Loop",
        "X-OTRS-Loop",
        "X-RT-Loop-Prevention",
        "X-Roundup-Loop",
        "Feedback-ID",
        "X-Amazon-Mail-Relay-Type",
        "X-FC-Machinegenerated",
        "X-Jira-Fingerprint",
    ] {
        if let Some(value) = headers.first(name).filter(|value| !is_no(value)) {
            found.silent(format!("{name}: {value}"));
        }
    }
    for value in headers.every("X-Auto-Response-Suppress") {
        // Exchange puts `DR, RN, NRN` on every mail of a person in some tenants: those are about receipts only.
        let words: Vec<String> = value
            .split(',')
            .map(|w| w.trim().to_ascii_lowercase())
            .collect();
        if words
            .iter()
            .any(|word| ["all", "autoreply", "oof"].contains(&word.as_str()))
        {
            found.silent(format!("X-Auto-Response-Suppress: {value}"));
            if headers.has("X-MS-Exchange-Inbox-Rules-Loop") {
                found.machine(
                    Verdict::AutoReply,
                    "X-MS-Exchange-Inbox-Rules-Loop".to_owned(),
                );
            }
        }
    }
    if headers
        .every("Delivered-To")
        .any(|to| to.trim().eq_ignore_ascii_case("autoresponder"))
    {
        found.machine(Verdict::AutoReply, "Delivered-To: autoresponder".to_owned());
    }
}

fn precedence(headers: &Headers, found: &mut Findings) {
    for name in ["Precedence", "X-Precedence"] {
        for value in headers.every(name) {
            match first_word(value).as_str() {
                "auto_reply" | "auto-reply" | "autoreply" => {
                    found.machine(Verdict::AutoReply, format!("{name}: {value}"))
                }
                // Lists put `bulk` on every mail that people write to them.
                "bulk" if is_discussion(headers) => found.silent(format!("{name}: {value}")),
                "bulk" | "junk" => found.machine(Verdict::Bulk, format!("{name}: {value}")),
                "list" => found.silent(format!("{name}: {value}")),
                _ => {}
            }
        }
    }
}

/// A list carries people's mails and newsletters alike. The first are sent *to* the list, the second name no place to
/// write to.
fn lists(headers: &Headers, found: &mut Findings) {
    let is_list = |name: &str| {
        name.len() > 5
            && name
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("list-"))
    };
    let mut names: Vec<&str> = headers
        .all()
        .iter()
        .map(|f| f.name.as_str())
        .filter(|name| is_list(name))
        .collect();
    names.extend(
        [
            "Mailing-List",
            "X-Mailing-List",
            "X-Mailman-Version",
            "X-BeenThere",
        ]
        .into_iter()
        .filter(|name| headers.has(name)),
    );
    let Some(first) = names.first() else { return };
    let value = headers.first(first).unwrap_or_default();
    found.silent(format!("{first}: {value}"));
    let one_click = headers
        .first("List-Unsubscribe-Post")
        .is_some_and(|v| v.to_ascii_lowercase().contains("one-click"));
    let discussed = is_discussion(headers) || headers.has("In-Reply-To");
    if one_click && !discussed {
        found.machine(
            Verdict::Bulk,
            "List-Unsubscribe-Post: one click, nowhere to post".to_owned(),
        );
    }
}

/// Whether people write to the list that a mail came through.
fn is_discussion(headers: &Headers) -> bool {
    let posted = headers
        .first("List-Post")
        .is_some_and(|value| first_word(value) != "no");
    posted
        || headers.has("X-BeenThere")
        || headers.has("Mailing-List")
        || headers.has("X-Mailing-List")
}

/// Addresses behind which nobody reads.
fn senders(headers: &Headers, mail: &InboundMail, found: &mut Findings) {
    if let Some(path) = headers.first("Return-Path") {
        let path: String = path.split_whitespace().collect();
        if path.starts_with("<>") {
            // Absence notices and reports are sent from nowhere, so that nothing comes back.
            found.machine(Verdict::AutoReply, "Return-Path: <>".to_owned());
        }
    }
    match &mail.from {
        None => found.silent("there is no sender".to_owned()),
        Some(from) if system(from) == System::Daemon => {
            found.machine(Verdict::AutoReply, format!("From: {}", from.address));
        }
        Some(from) if system(from) == System::Perhaps => {
            found.silent(format!("From: {}", shown(from)));
        }
        Some(from) => {
            let local = from
                .address
                .split('@')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if is_no_reply(from)
                || local.starts_with("owner-")
                || local.ends_with("-request")
                || local.ends_with("-owner")
                || local.ends_with("-bounces")
            {
                found.silent(format!("From: {}", from.address));
            } else if mail.sender_identity().is_none() {
                found.silent(format!("From names no address: {}", from.address));
            }
        }
    }
}

/// A sender as evidence shows it.
fn shown(from: &Mailbox) -> String {
    match &from.name {
        Some(name) => format!("{name} <{}>", from.address),
        None => from.address.clone(),
    }
}

/// Words that only responders write.
fn subject(mail: &InboundMail, found: &mut Findings) {
    let subject = mail.subject.as_deref().unwrap_or_default();
    let is_answer = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
    if words::is_label(subject) || words::is_absence(subject, &mail.text, is_answer) {
        found.machine(Verdict::AutoReply, format!("Subject: {subject}"));
    }
}

/// Whether a subject is a responder's.
pub fn is_auto_reply_subject(subject: &str) -> bool {
    words::is_label(subject)
}

/// The first word of a value, without comments, in lower case.
fn first_word(value: &str) -> String {
    let mut bare = String::new();
    let mut depth = 0usize;
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare.split([';', ',', ' ', '\t', '"'])
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase()
}

fn is_no(value: &str) -> bool {
    matches!(
        first_word(value).as_str(),
        "no" | "false" | "0" | "none" | "never"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{ReadRules, read};
    use super::*;

    fn origin(header: &str) -> Origin {
        let mail = format!("From: Ann <ann@acme.example>\nSubject: printer\n{header}\n\nHello\n");
        read(mail.as_bytes(), &ReadRules::default()).origin
    }

    #[test]
    fn what_a_machine_says_of_itself() {
        for header in [
            "Auto-Submitted: auto-replied",
            "auto-submitted: AUTO-REPLIED (absence)",
            "Auto-Submitted: (x) auto-replied; owner-email=\"a@b\"",
            "Auto-Submitted: auto-extension",
            "X-Autoreply: yes",
            "X-Autorespond: out of office",
            "Precedence: auto_reply",
            "precedence: AUTO_REPLY",
            "Return-Path: <>",
            "Return-Path: < >",
        ] {
            let origin = origin(header);
            assert!(
                !origin.answerable && origin.verdict == Verdict::AutoReply,
                "{header}: {origin:?}"
            );
            assert!(!origin.evidence.is_empty());
        }
    }

    #[test]
    fn what_only_asks_for_silence_is_still_a_person() {
        for header in [
            "List-Id: <users.example.org>",
            "List-Unsubscribe: <mailto:x@example.org>",
            "X-Auto-Response-Suppress: DR, OOF, AutoReply",
            "Precedence: list",
            "X-Auto-Response-Suppress: all",
            "X-Loop: me",
        ] {
            let origin = origin(header);
            assert!(
                !origin.answerable && origin.verdict == Verdict::Person,
                "{header}: {origin:?}"
            );
        }
    }

    #[test]
    fn people_are_answered() {
        for header in [
            "Auto-Submitted: no",
            "Auto-Submitted: No (really)",
            "X-Autoreply: no",
            "Precedence: normal",
            "X-Auto-Response-Suppress: DR, RN",
            "Return-Path: <ann@acme.example>",
        ] {
            let origin = origin(header);
            assert!(
                origin.answerable && origin.verdict == Verdict::Person,
                "{header}: {origin:?}"
            );
        }
    }

    #[test]
    fn bulk_is_told_from_lists_where_people_write() {
        assert_eq!(origin("Precedence: bulk").verdict, Verdict::Bulk);
        assert_eq!(
            origin("Precedence: bulk\nX-BeenThere: l@example.org").verdict,
            Verdict::Person
        );
        assert_eq!(
            origin("List-Unsubscribe-Post: List-Unsubscribe=One-Click").verdict,
            Verdict::Bulk
        );
        assert_eq!(origin("List-Unsubscribe-Post: List-Unsubscribe=One-Click\nList-Post: <mailto:l@example.org>").verdict, Verdict::Person);
    }

    #[test]
    fn our_own_letters_are_known_by_mark_and_address() {
        let rules = ReadRules {
            our_addresses: vec!["desk@acme.example".parse().unwrap()],
            ..ReadRules::default()
        };
        let of = |mail: &str| read(mail.as_bytes(), &rules).origin.verdict;
        assert_eq!(
            of("From: Desk <Desk+t4@ACME.example>\n\nx"),
            Verdict::Ourselves
        );
        assert_eq!(
            of("From: ann@acme.example\nX-Guichet-Loop: desk@other.example\n\nx"),
            Verdict::Ourselves
        );
        assert_eq!(of("From: ann@acme.example\n\nx"), Verdict::Person);
    }

    #[test]
    fn nobody_reads_there() {
        let of = |from: &str| {
            read(
                format!("From: {from}\n\nx").as_bytes(),
                &ReadRules::default(),
            )
            .origin
        };
        for from in [
            "noreply@acme.example",
            "No-Reply <no_reply@acme.example>",
            "users-request@acme.example",
            "MAILER-DAEMON@acme.example",
            "postmaster@acme.example",
            "",
        ] {
            assert!(!of(from).answerable, "{from}");
        }
        assert!(of("Norah Replyton <norah@acme.example>").answerable);
    }
}
