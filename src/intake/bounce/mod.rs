//! Reports on the delivery of a mail: for whom, what happened, why, and which mail it was about.
//!
//! `report` reads the standard form (RFC 3464). Many systems write a letter to people instead: `signs` recognises
//! those, `recipients` finds the addresses in them, `status` the reason. A feedback report or a read receipt is no bounce.
//! Whether a mail that carries a bounce may be answered is decided in `origin` (it may not).

mod recipients;
mod report;
mod signs;
mod status;

use super::header::{self, Headers, message_ids};
use super::mime::{Content, Part};
use crate::desk::ids::MessageId;
use crate::desk::mail::{Bounce, BouncedRecipient, InboundMail};

/// A report on more recipients is about a list, not about a letter of ours.
const RECIPIENTS_MAX: usize = 200;
/// A diagnostic is a line for people.
const DIAGNOSTIC_BYTES_MAX: usize = 1000;
/// How much of an attached text is looked at.
const LOOKED_AT_BYTES: usize = 128 * 1024;

/// The bounce that a mail is; `None` when it is none.
pub fn read(mail: &Part<'_>, read: &InboundMail) -> Option<Bounce> {
    let parts = mail.walk();
    let of_type = |kind: &str| parts.iter().find(|part| part.content_type == kind);
    if of_type("message/feedback-report").is_some() {
        return None;
    }
    let receipt = of_type("message/disposition-notification");
    let refused: Vec<BouncedRecipient> = receipt
        .map(|part| report::refused(part))
        .unwrap_or_default();
    if receipt.is_some() && refused.is_empty() {
        return None;
    }
    let text = looked_at(&parts, read);
    let mut reported: Vec<BouncedRecipient> = parts
        .iter()
        .flat_map(|part| report::recipients(part))
        .collect();
    reported.extend(refused);
    if reported.is_empty() && !signs::is_bounce(&mail.headers, read, &text) {
        return None;
    }
    let mut found = reported;
    if found.is_empty() {
        found = recipients::in_text(&mail.headers, read, &text)
            .into_iter()
            .map(|address| BouncedRecipient {
                address: Some(address),
                ..BouncedRecipient::default()
            })
            .collect();
    }
    if found.is_empty() {
        found.push(BouncedRecipient::default());
    }
    found.truncate(RECIPIENTS_MAX);
    if found.iter().all(|r| r.address.is_none()) {
        let guessed = recipients::in_text(&mail.headers, read, &text)
            .into_iter()
            .next();
        if let Some(first) = found.first_mut() {
            first.address = guessed;
        }
    }
    for recipient in &mut found {
        complete(recipient, &text, read);
    }
    // The failed ones first: one of several is shown where there is room for one.
    found.sort_by_key(|recipient| recipient.action.as_deref() != Some("failed"));
    Some(Bounce {
        recipients: found,
        original_message_id: original_id(&parts, read, &text),
    })
}

/// Fills in what the report leaves out.
fn complete(recipient: &mut BouncedRecipient, text: &str, read: &InboundMail) {
    if recipient.diagnostic.is_none() {
        recipient.diagnostic = recipient
            .address
            .as_deref()
            .and_then(|address| said_of(address, text));
    }
    let diagnostic = recipient.diagnostic.as_deref().unwrap_or_default();
    let subject = read.subject.as_deref().unwrap_or_default();
    recipient.status = status::of(
        recipient.status.as_deref(),
        recipient.action.as_deref(),
        diagnostic,
        text,
        subject,
    );
    if recipient.action.is_none() {
        let delayed = signs::is_delay(subject, text);
        recipient.action = Some(if delayed { "delayed" } else { "failed" }.to_owned());
    }
    if let Some(diagnostic) = &mut recipient.diagnostic {
        diagnostic.truncate(diagnostic.floor_char_boundary(DIAGNOSTIC_BYTES_MAX));
    }
}

/// What a text says of an address: the rest of the first line that names it together with a reply code, or the line
/// below `<address>:`.
fn said_of(address: &str, text: &str) -> Option<String> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(at) = line.find(address) else {
            continue;
        };
        let rest = line
            .get(at + address.len()..)?
            .trim_start_matches(['>', ')', '"', ' ']);
        let rest = rest.strip_prefix(':').unwrap_or(rest).trim();
        let below = lines.clone().next().unwrap_or_default().trim();
        for said in [rest, below] {
            let codes = said
                .split(|c: char| !c.is_ascii_digit())
                .filter(|n| n.len() == 3);
            if codes.into_iter().any(|code| code.starts_with(['4', '5'])) {
                return Some(header::clean_line(said));
            }
        }
    }
    None
}

/// The text of the mail and of the attached texts that may hold a reason: not the returned mail itself.
fn looked_at(parts: &[&Part<'_>], read: &InboundMail) -> String {
    let mut text = read.text.clone();
    for part in parts {
        let Content::Leaf(bytes) = &part.content else {
            continue;
        };
        let named = part.file_name.is_some() || part.disposition.as_deref() == Some("attachment");
        if part.content_type == "text/plain" && named || part.is("message/delivery-status") {
            let cut = bytes.get(..LOOKED_AT_BYTES).unwrap_or(bytes);
            text.push('\n');
            text.push_str(&super::coding::utf8_or_western(cut));
        }
    }
    text.truncate(text.floor_char_boundary(2 * LOOKED_AT_BYTES));
    text
}

/// The Message-ID of the returned mail: from the attached mail or header, else from a header quoted in the text.
fn original_id(parts: &[&Part<'_>], read: &InboundMail, text: &str) -> Option<MessageId> {
    for part in parts {
        let headers = match &part.content {
            Content::Mail(mail, _) => mail.headers.ids("Message-ID").into_iter().next(),
            Content::Leaf(bytes)
                if part.is("text/rfc822-headers")
                    || part.is("message/") && !part.is("message/delivery-status") =>
            {
                Headers::read(bytes.trim_ascii_start())
                    .ids("Message-ID")
                    .into_iter()
                    .next()
            }
            _ => None,
        };
        if headers.is_some() {
            return headers;
        }
    }
    let mut lines = text
        .lines()
        .map(|line| line.trim_start_matches(['>', '|', ' ', '\t']));
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("Message-ID") {
            // A long id stands on a line of its own.
            let value = if value.trim().is_empty() {
                lines.next().unwrap_or_default()
            } else {
                value
            };
            if let Some(id) = message_ids(value).into_iter().next() {
                return Some(id);
            }
        }
    }
    read.in_reply_to.first().or(read.references.last()).cloned()
}

#[cfg(test)]
mod tests {
    use super::super::{ReadRules, read as read_mail};

    const REPORT: &str = "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nIt failed.\n\
        --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n\
        Final-Recipient: rfc822; ann@acme.example\nAction: failed\nStatus: 5.1.1\n\
        Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--x\nContent-Type: message/rfc822\n\n\
        Message-ID: <ours@desk.example>\nSubject: x\n\nhello\n--x--\n";

    #[test]
    fn a_standard_report_says_everything() {
        let bounce = read_mail(REPORT.as_bytes(), &ReadRules::default())
            .bounce
            .unwrap();
        let one = &bounce.recipients[0];
        assert_eq!(one.address.as_deref(), Some("ann@acme.example"));
        assert_eq!(
            (one.action.as_deref(), one.status.as_deref()),
            (Some("failed"), Some("5.1.1"))
        );
        assert_eq!(
            bounce.original_message_id.unwrap().as_str(),
            "ours@desk.example"
        );
    }

    #[test]
    fn a_letter_of_a_mail_server_is_a_bounce_too() {
        let mail = "From: MAILER-DAEMON@mx.example.org\nTo: desk@desk.example\nSubject: failure notice\n\n\
            Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message.\n\n\
            <ann@acme.example>:\n550 no such user here\n\n--- Below this line is a copy of the message.\n\n\
            Message-ID: <ours@desk.example>\n";
        let bounce = read_mail(mail.as_bytes(), &ReadRules::default())
            .bounce
            .unwrap();
        assert_eq!(
            bounce.recipients[0].address.as_deref(),
            Some("ann@acme.example")
        );
        assert_eq!(bounce.recipients[0].status.as_deref(), Some("5.1.1"));
        assert_eq!(
            bounce.original_message_id.unwrap().as_str(),
            "ours@desk.example"
        );
    }

    #[test]
    fn a_delay_is_told_from_a_failure() {
        let mail = REPORT
            .replace("Action: failed", "Action: delayed")
            .replace("5.1.1", "4.4.1");
        let bounce = read_mail(mail.as_bytes(), &ReadRules::default())
            .bounce
            .unwrap();
        assert_eq!(bounce.recipients[0].action.as_deref(), Some("delayed"));
    }

    #[test]
    fn people_who_write_about_bounces_are_people() {
        let mail = "From: ann@acme.example\nSubject: Mail delivery failed?\n\n\
            Hello, I got \"user unknown\" when I wrote to bob@example.org, what can I do?\n";
        assert!(
            read_mail(mail.as_bytes(), &ReadRules::default())
                .bounce
                .is_none()
        );
    }
}
