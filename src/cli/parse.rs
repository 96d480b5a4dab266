//! `guichet parse FILE...`: what was read from a mail, for people or as JSON (product.md 15). Stores nothing.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{counted, shown as on_one_line};
use crate::desk::ids::MessageId;
use crate::desk::mail::{Bounce, InboundMail, Mailbox};
use crate::intake::{self, ReadRules};
use crate::reader::{ReadFailure, Reader};

/// The exit status when a file could not be read (EX_DATAERR of sysexits.h).
const EXIT_UNREADABLE: u8 = 65;
/// How many files are in memory at once.
const BATCH: usize = 32;
/// The name under which the rules are known to the reader; there is one set only.
const DESK: &str = "parse";

/// Prints what is in `files`, in that order. Returns the exit status: 0, or 65 when a file could not be read.
///
/// `program` is the executable that reads mails in a process of its own. Fails when nothing can be printed.
pub fn run(
    program: PathBuf,
    rules: ReadRules,
    files: &[PathBuf],
    as_json: bool,
    out: &mut impl Write,
    errors: &mut impl Write,
) -> io::Result<u8> {
    let status = each(program, rules, files, errors, |file, mail| {
        if as_json {
            writeln!(out, "{}", as_value(file, mail))
        } else {
            print(file, mail, out)
        }
    })?;
    out.flush()?;
    Ok(status)
}

/// Reads `files` and shows each mail to `visit`, in that order. Returns the exit status: 0, or 65 when a file could
/// not be read. A mail that the reading process does not survive is shown with what its header says.
pub fn each(
    program: PathBuf,
    rules: ReadRules,
    files: &[PathBuf],
    errors: &mut impl Write,
    mut visit: impl FnMut(&Path, &InboundMail) -> io::Result<()>,
) -> io::Result<u8> {
    let mut reader = Reader::new(program, [(DESK.to_owned(), rules.clone())].into());
    let mut status = 0;
    for batch in files.chunks(BATCH) {
        let mut found: Vec<(&Path, Vec<u8>)> = Vec::with_capacity(batch.len());
        for file in batch {
            match std::fs::read(file) {
                Ok(bytes) => found.push((file, bytes)),
                Err(error) => {
                    status = EXIT_UNREADABLE;
                    writeln!(
                        errors,
                        "{}: {error}; check the name and the permissions",
                        file.display()
                    )?;
                }
            }
        }
        let mails: Vec<(&str, &[u8])> = found
            .iter()
            .map(|(_, bytes)| (DESK, bytes.as_slice()))
            .collect();
        for ((file, bytes), answer) in found.iter().zip(reader.read(&mails)) {
            let mail = answer.unwrap_or_else(|failure| after_failure(bytes, &rules, &failure));
            visit(file, &mail)?;
        }
    }
    Ok(status)
}

/// What is shown of a mail that the reading process did not survive.
fn after_failure(bytes: &[u8], rules: &ReadRules, failure: &ReadFailure) -> InboundMail {
    intake::stub(bytes, rules, &failure.to_string())
}

/// The object of product.md 15.
fn as_value(file: &Path, mail: &InboundMail) -> Value {
    json!({
        "file": file.to_string_lossy(),
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "from": mail.from.as_ref().map(person),
        "to": mail.to.iter().map(person).collect::<Vec<_>>(),
        "cc": mail.cc.iter().map(person).collect::<Vec<_>>(),
        "reply_to": mail.reply_to.iter().map(person).collect::<Vec<_>>(),
        "subject": mail.subject,
        "date": mail.date.map(|date| date.to_string()),
        "language": mail.language.map(|language| language.code()),
        "text": mail.text,
        "reply": mail.reply,
        "attachments": mail.attachments.iter().map(|a| json!({
            "name": a.name, "content_type": a.content_type, "detected_type": a.detected_type,
            "size": a.size, "inline": a.inline, "sha256": a.sha256,
        })).collect::<Vec<_>>(),
        "origin": {
            "verdict": mail.origin.verdict.word(),
            "answerable": mail.origin.answerable,
            "evidence": mail.origin.evidence,
        },
        "bounce": mail.bounce.as_ref().map(bounce),
        "forwarded_from": mail.forwarded_from.as_ref().map(person),
        "authenticated": mail.proof.authenticated,
        "ticket_refs": mail.ticket_refs,
        "defects": mail.defects,
    })
}

fn person(mailbox: &Mailbox) -> Value {
    json!({ "name": mailbox.name, "address": mailbox.address })
}

/// The first recipient stands for all, as most reports speak of one.
fn bounce(bounce: &Bounce) -> Value {
    let one = |r: &crate::desk::mail::BouncedRecipient| {
        json!({
            "address": r.address, "action": r.action, "status": r.status, "diagnostic": r.diagnostic,
        })
    };
    let first = bounce.recipients.first().cloned().unwrap_or_default();
    json!({
        "recipient": first.address,
        "action": first.action,
        "status": first.status,
        "diagnostic": first.diagnostic,
        "original_message_id": bounce.original_message_id.as_ref().map(MessageId::as_str),
        "recipients": bounce.recipients.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The same for people.
fn print(file: &Path, mail: &InboundMail, out: &mut impl Write) -> io::Result<()> {
    let shown = |m: &Mailbox| match &m.name {
        Some(name) => format!("{name} <{}>", m.address),
        None => m.address.clone(),
    };
    let list = |all: &[Mailbox]| all.iter().map(shown).collect::<Vec<_>>().join(", ");
    writeln!(out, "{}", file.display())?;
    let mut line = |name: &str, value: String| {
        if value.is_empty() {
            Ok(())
        } else {
            writeln!(out, "  {name:<12} {}", on_one_line(&value))
        }
    };
    line("from", mail.from.as_ref().map(shown).unwrap_or_default())?;
    line("to", list(&mail.to))?;
    line("cc", list(&mail.cc))?;
    line("subject", mail.subject.clone().unwrap_or_default())?;
    line("date", mail.date.map(|d| d.to_string()).unwrap_or_default())?;
    line(
        "message id",
        mail.message_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    )?;
    line("tickets", mail.ticket_refs.join(", "))?;
    line(
        "language",
        mail.language
            .map(|l| l.code().to_owned())
            .unwrap_or_default(),
    )?;
    let answer = if mail.origin.answerable {
        "may be answered"
    } else {
        "is not answered"
    };
    line(
        "origin",
        format!("{}, {answer}", mail.origin.verdict.word()),
    )?;
    for evidence in &mail.origin.evidence {
        line("", evidence.clone())?;
    }
    line("proof", mail.proof.because.clone().unwrap_or_default())?;
    for recipient in mail.bounce.iter().flat_map(|b| &b.recipients) {
        let told = [
            &recipient.address,
            &recipient.action,
            &recipient.status,
            &recipient.diagnostic,
        ];
        line(
            "reports on",
            told.into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        )?;
    }
    line(
        "forwarded",
        mail.forwarded_from.as_ref().map(shown).unwrap_or_default(),
    )?;
    for file in &mail.attachments {
        let name = file.name.as_deref().unwrap_or("(no name)");
        line(
            "attachment",
            format!(
                "{name}, {}, {}",
                file.content_type,
                counted(file.size, "byte")
            ),
        )?;
    }
    for defect in &mail.defects {
        line("odd", defect.clone())?;
    }
    for text in mail.reply.lines() {
        writeln!(out, "  | {text}")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_has_every_promised_key() {
        let mail = intake::read(
            b"From: a@example.org\nSubject: x\n\ntext",
            &ReadRules::default(),
        );
        let value = as_value(Path::new("a.eml"), &mail);
        for key in [
            "file",
            "message_id",
            "in_reply_to",
            "references",
            "from",
            "to",
            "cc",
            "reply_to",
            "subject",
            "date",
            "language",
            "text",
            "reply",
            "attachments",
            "origin",
            "bounce",
            "forwarded_from",
            "ticket_refs",
            "defects",
        ] {
            assert!(value.get(key).is_some(), "{key}");
        }
        assert_eq!(value["from"]["address"], "a@example.org");
        assert_eq!(value["origin"]["verdict"], "person");
        assert!(value["message_id"].is_null() && value["bounce"].is_null());
    }

    #[test]
    fn people_see_what_was_read() {
        let mail = intake::read(
            b"From: Ann <a@example.org>\nSubject: x\n\ntext",
            &ReadRules::default(),
        );
        let mut out = Vec::new();
        print(Path::new("a.eml"), &mail, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(
            out.contains("Ann <a@example.org>") && out.contains("  | text"),
            "{out}"
        );
    }
}
