//! Reads a mail: bytes in, an `InboundMail` out.
//!
//! `read` never fails and never panics. What is odd is listed in `defects`; what cannot be taken apart gives a stub
//! with its header, so that somebody sees it. It knows no clock, no network and no store, and it changes nothing:
//! the same bytes and rules give the same value. Endless work and stack overflows are `reader`'s to bear, which runs it
//! in a process of its own.
//!
//! One question for each file: `header`, `address` and `coding` read the raw forms, `mime` takes the mail apart, `body` and
//! `html` give the text (`wrapped`, `tnef`, `rtf`, `sealed` and `invitation` open what holds it), `reply` its new part, `origin` and `bounce` say what it is, `forward`, `language`, `attachment` and
//! `proof` what their names say. `search` looks for words in bytes without reading the mail.

pub mod address;
pub mod attachment;
pub mod body;
pub mod bounce;
pub mod coding;
pub mod forward;
pub mod header;
pub mod html;
mod invitation;
pub mod language;
pub mod mime;
pub mod origin;
pub mod proof;
pub mod reply;
mod rtf;
mod sealed;
pub mod search;
mod tnef;
mod wrapped;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::desk::ids::{Address, TicketId};
use crate::desk::mail::{InboundMail, Mailbox};
use header::Headers;
use mime::{NotTaken, Part};

/// The largest mail that is taken apart (product.md 4; large providers refuse more than 25 to 50 MiB). Of a larger one the
/// header is read.
pub const MAIL_BYTES_MAX: usize = 50 * 1024 * 1024;
/// A mail goes to few of our addresses; more are not kept.
const DELIVERED_TO_MAX: usize = 50;

/// What must be known of a desk to read its mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRules {
    /// The addresses of our desks. A mail from one of them is our own.
    pub our_addresses: Vec<Address>,
    /// Servers whose `Authentication-Results` are believed (RFC 8601 7.1: none unless configured).
    pub trusted_authserv_ids: Vec<String>,
}

/// Reads a mail. What goes wrong is in `defects` of the answer.
pub fn read(bytes: &[u8], rules: &ReadRules) -> InboundMail {
    let bytes = normalised(bytes);
    if bytes.len() > MAIL_BYTES_MAX {
        let why = format!(
            "larger than {} MiB, only the header was read",
            MAIL_BYTES_MAX >> 20
        );
        return stub(&bytes, rules, &why);
    }
    // The parser has panicked on real mail as late as 2026; the mail's header is then read by our own reader.
    match catch_unwind(AssertUnwindSafe(|| whole(&bytes, rules))) {
        Ok(Ok(mail)) => mail,
        Ok(Err(reason)) => stub(&bytes, rules, &reason.to_string()),
        Err(_) => stub(
            &bytes,
            rules,
            "its parts could not be read, only the header was",
        ),
    }
}

/// A mail of which only the header was read, because of `why`.
pub fn stub(bytes: &[u8], rules: &ReadRules, why: &str) -> InboundMail {
    let bytes = normalised(bytes);
    let headers = Headers::read(&bytes);
    let mut mail = of_header(&headers, rules);
    mail.origin = origin::judge(&headers, &mail, None, rules);
    mail.fingerprint = fingerprint(&mail);
    mail.defects.push(why.to_owned());
    mail
}

/// Without what stands before the header, and with line ends that parsers know.
fn normalised(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    while let Some((b'\r' | b'\n', rest)) = bytes.split_first() {
        bytes = rest;
    }
    // The line that an mbox file puts before each mail.
    if bytes.starts_with(b"From ") || bytes.starts_with(b">From ") {
        let end = bytes.iter().position(|b| *b == b'\n' || *b == b'\r');
        bytes = end
            .and_then(|end| bytes.get(end..))
            .unwrap_or_default()
            .trim_ascii_start();
    }
    if !bytes.contains(&b'\n') && bytes.contains(&b'\r') {
        let lines = bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b });
        return lines.collect::<Vec<u8>>().into();
    }
    bytes.into()
}

/// All that can be read.
fn whole(bytes: &[u8], rules: &ReadRules) -> Result<InboundMail, NotTaken> {
    let part = mime::parts(bytes)?;
    let mut mail = of_header(&part.headers, rules);
    let body = body::read(&part);
    mail.text = body.text();
    mail.attachments = body
        .others
        .iter()
        .map(|(part, inline)| attachment::describe(part, *inline))
        .collect();
    mail.bounce = bounce::read(&part, &mail);
    mail.origin = origin::judge(&part.headers, &mail, Some(&part), rules);
    let subject = mail.subject.as_deref().unwrap_or_default();
    mail.forwarded_from =
        forward::original_sender(subject, &mail.text, &attached_mails(&body.others));
    let new_part = reply::new_part(&body.marked(), body.drawn().as_deref());
    mail.reply = new_part.text;
    mail.nothing_new = new_part.nothing_new;
    // What stands in the place of an encrypted text is ours and tells no language.
    let is_ours = [sealed::SMIME_ENCRYPTED, sealed::PGP_ENCRYPTED].contains(&mail.text.trim());
    mail.language = Some(&mail)
        .filter(|_| !is_ours)
        .and_then(|mail| language::of(&mail.reply).or_else(|| language::of(&mail.text)));
    for invitation in &body.invitations {
        append(&mut mail.text, invitation);
        append(&mut mail.reply, invitation);
    }
    mail.defects.extend(body.remarks);
    mail.fingerprint = fingerprint(&mail);
    if !part.headers.has("From") && !part.headers.has("Date") && mail.text.trim().is_empty() {
        mail.defects
            .push("neither a sender nor a date nor a text".to_owned());
    }
    Ok(mail)
}

/// Puts a paragraph below a text.
fn append(text: &mut String, paragraph: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(paragraph);
}

/// The mails among the attached parts.
fn attached_mails<'a>(others: &[(&'a Part<'a>, bool)]) -> Vec<&'a Part<'a>> {
    let mails = others.iter().filter_map(|(part, _)| match &part.content {
        mime::Content::Mail(mail, _) => Some(&**mail),
        _ => None,
    });
    mails.collect()
}

/// What the header alone tells.
fn of_header(headers: &Headers, rules: &ReadRules) -> InboundMail {
    let people =
        |name: &str| -> Vec<Mailbox> { headers.every(name).flat_map(address::mailboxes).collect() };
    let senders = people("From");
    let from_count = senders.len();
    let from_fields = headers.every("From").count();
    // A comma that should have been quoted makes a nameless piece of the first name.
    let first = senders
        .iter()
        .position(|mailbox| mailbox.address.contains('@'))
        .unwrap_or(0);
    let from = senders.into_iter().nth(first);
    let subject = headers.text("Subject");
    let single = from
        .as_ref()
        .filter(|_| from_count == 1 && from_fields == 1);
    let mut defects = headers.defects.clone();
    if from_count != 1 {
        defects.push(format!("From names {from_count} addresses instead of one"));
    }
    let delivered = [
        "Delivered-To",
        "X-Original-To",
        "Envelope-To",
        "X-Envelope-To",
        "X-Delivered-To",
        "Apparently-To",
    ];
    let mut delivered_to: Vec<String> = delivered
        .iter()
        .flat_map(|name| people(name))
        .map(|mailbox| mailbox.address)
        .filter(|address| address.contains('@'))
        .collect();
    delivered_to.truncate(DELIVERED_TO_MAX);
    let sender = people("Sender").into_iter().next();
    let identity = single.and_then(Mailbox::identity);
    InboundMail {
        message_id: headers.ids("Message-ID").into_iter().next(),
        in_reply_to: headers.ids("In-Reply-To"),
        references: headers.ids("References"),
        sender: sender.filter(|s| {
            from.as_ref()
                .is_none_or(|f| !f.address.eq_ignore_ascii_case(&s.address))
        }),
        from,
        from_count,
        to: people("To"),
        cc: people("Cc"),
        reply_to: people("Reply-To"),
        delivered_to,
        ticket_refs: subject.as_deref().map(ticket_refs).unwrap_or_default(),
        subject,
        date: headers.date(),
        proof: proof::read(headers, identity.as_ref(), &rules.trusted_authserv_ids),
        defects,
        ..InboundMail::default()
    }
}

/// Every `[ABC-123]` of a subject, in its normal form, once each.
fn ticket_refs(subject: &str) -> Vec<String> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\[\s*#?([A-Za-z][A-Za-z0-9]{1,9}-[0-9]{1,10})\s*\]")
            .expect("the pattern is fixed")
    });
    let mut found: Vec<String> = Vec::new();
    for tag in TAG.captures_iter(subject).filter_map(|tag| tag.get(1)) {
        if let Ok(id) = tag.as_str().parse::<TicketId>() {
            let id = id.to_string();
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

/// What stays the same when a mail comes a second time another way.
fn fingerprint(mail: &InboundMail) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // Relays rewrap and trim; the length keeps fields apart.
        let solid: String = text.split_whitespace().collect();
        hash.update((solid.len() as u64).to_be_bytes());
        hash.update(solid.as_bytes());
    };
    let from = mail.from.as_ref().map(|from| from.address.to_lowercase());
    add(&from.unwrap_or_default());
    add(mail.subject.as_deref().unwrap_or_default());
    add(&mail.text);
    let mut contents: Vec<&str> = mail.attachments.iter().map(|a| a.sha256.as_str()).collect();
    contents.sort_unstable();
    for content in contents {
        add(content);
    }
    HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mail: &str) -> InboundMail {
        read(mail.as_bytes(), &ReadRules::default())
    }

    #[test]
    fn a_plain_mail_is_read_whole() {
        let mail = of(
            "From: Ann <Ann@example.org>\nTo: desk@acme.example\nSubject: [inc-42] Imprimante [INC-42]\n\
             Message-ID: <a@b>\nDate: Sun, 22 Nov 2026 15:25:00 +0000\n\nBonjour, mon imprimante ne marche pas.\n",
        );
        assert_eq!(mail.sender_identity().unwrap().as_str(), "ann@example.org");
        assert_eq!(mail.ticket_refs, ["INC-42"]);
        assert_eq!(mail.text, "Bonjour, mon imprimante ne marche pas.");
        assert_eq!(mail.reply, mail.text);
        assert_eq!(mail.language.unwrap().code(), "fr");
        assert!(
            mail.origin.answerable && mail.defects.is_empty(),
            "{mail:?}"
        );
    }

    #[test]
    fn two_senders_prove_nobody() {
        let trusted = ReadRules {
            trusted_authserv_ids: vec!["mx.example.org".to_owned()],
            ..ReadRules::default()
        };
        let result = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org\n";
        let proven = |from: &str| {
            read(format!("{result}{from}\n\nx").as_bytes(), &trusted)
                .proof
                .authenticated
        };
        assert!(proven("From: a@example.org"));
        assert!(!proven("From: a@example.org, b@example.org"));
        assert!(!proven("From: a@example.org\nFrom: b@example.org"));
        assert!(!proven("From: a@example.org\nFrom:"));
    }

    #[test]
    fn a_bomb_leaves_a_stub_with_its_header() {
        let bomb = format!(
            "Subject: boom\nContent-Type: multipart/mixed; boundary=x\n\n{}",
            "--x\n\n".repeat(2000)
        );
        let mail = of(&bomb);
        assert_eq!(mail.subject.as_deref(), Some("boom"));
        assert!(
            mail.defects.iter().any(|d| d.contains("parts")),
            "{:?}",
            mail.defects
        );
    }

    #[test]
    fn copies_that_came_another_way_have_one_fingerprint() {
        let one = of("Received: by a\nFrom: a@b.example\nSubject: x\n\nHello  you\n");
        let two = of("From: A@b.example\r\nSubject:  x\r\n\r\nHello you");
        let other = of("From: a@b.example\nSubject: x\n\nHello you!\n");
        assert_eq!(one.fingerprint, two.fingerprint);
        assert_ne!(one.fingerprint, other.fingerprint);
    }

    fn packed(content_type: &str, bytes: &[u8], beside: &str) -> InboundMail {
        let bytes = data_encoding::BASE64.encode(bytes);
        of(&format!(
            "From: ann@acme.example\nSubject: x\nContent-Type: multipart/mixed; boundary=x\n\n{beside}\
             --x\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n{bytes}\n--x--\n"
        ))
    }

    #[test]
    fn what_outlook_packed_is_opened() {
        let winmail = tnef::tests::sample();
        let kind = "application/ms-tnef; name=winmail.dat";
        let alone = packed(kind, &winmail, "");
        assert_eq!(alone.text, "Bonjour, l'écran est noir.");
        let names: Vec<_> = alone
            .attachments
            .iter()
            .map(|a| a.name.as_deref())
            .collect();
        assert_eq!(names, [Some("Facture été.pdf"), None]);
        assert_eq!(
            alone.attachments[0].detected_type.as_deref(),
            Some("application/pdf")
        );
        assert_eq!(alone.attachments[1].content_type, "message/rfc822");
        let beside = packed(kind, &winmail, "--x\n\nBonjour\n");
        assert_eq!(
            (beside.text.as_str(), beside.attachments.len()),
            ("Bonjour", 2)
        );
        let wrongly_named = packed("application/octet-stream", &winmail, "");
        assert_eq!(wrongly_named.text, alone.text);
        let forwarded = data_encoding::BASE64.encode(&winmail);
        let nested = of(&format!(
            "Subject: Fwd: x\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nvoir\n--o\nContent-Type: message/rfc822\n\n\
             From: luc@acme.example\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n{forwarded}\n--o--\n"
        ));
        assert_eq!(nested.forwarded_from.unwrap().address, "luc@acme.example");
    }

    #[test]
    fn sealed_mails_are_read_or_named() {
        let signed = sealed::tests::signed(
            b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour, la caisse est bloqu\xc3\xa9e.\r\n",
        );
        let kind = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m";
        let mail = packed(kind, &signed, "");
        assert_eq!(mail.text, "Bonjour, la caisse est bloquée.");
        assert_eq!(
            mail.defects,
            ["signed with S/MIME; the signature was not checked"]
        );
        let mut enveloped = signed;
        let at = enveloped.windows(3).position(|w| w == [1, 7, 2]).unwrap();
        enveloped[at + 2] = 3;
        let mail = packed(kind, &enveloped, "");
        assert_eq!(
            (mail.text.as_str(), mail.language),
            (sealed::SMIME_ENCRYPTED, None)
        );
        assert_eq!(mail.attachments[0].name.as_deref(), Some("smime.p7m"));
        let damaged = of(
            "Subject: x\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\
             Content-Transfer-Encoding: base64\n\nMIIB\n",
        );
        assert_eq!(damaged.text, sealed::SMIME_ENCRYPTED);
        let pgp = of(
            "Subject: x\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\n\n\
             --x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x\nContent-Type: application/octet-stream; name=encrypted.asc\n\n\
             -----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n--x--\n",
        );
        assert_eq!(pgp.text, sealed::PGP_ENCRYPTED);
        assert!(pgp.defects.iter().any(|d| d.contains("encrypted with PGP")));
        let by_hand = of(
            "Subject: x\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=x\n\n\
             --x\n\nBonjour\n--x\nContent-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n--x--\n",
        );
        assert_eq!(
            (by_hand.text.as_str(), by_hand.attachments.len()),
            ("Bonjour", 0)
        );
    }

    #[test]
    fn an_invitation_is_told_in_the_text() {
        let calendar = "--x\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\n\
             BEGIN:VEVENT\nSUMMARY:Point\nDTSTART:20261124T100000Z\nEND:VEVENT\nEND:VCALENDAR\n--x--\n";
        let mail = |before: &str| {
            of(&format!(
                "Subject: x\nContent-Type: multipart/alternative; boundary=x\n\n{before}{calendar}"
            ))
        };
        let summary = "[Invitation] Point\nWhen: 2026-11-24 10:00 (UTC)";
        assert_eq!(mail("").text, summary);
        assert_eq!(
            mail("--x\n\nÀ demain\n").reply,
            format!("À demain\n\n{summary}")
        );
    }

    #[test]
    fn bytes_without_a_label_are_read_in_the_charset_the_mail_names() {
        let mut mail = b"Subject: \xd7\xaa\xb7\xa2\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=gb2312\n\nx\n\
            --x\nContent-Type: application/x; name=\"\xb7\xa2.xls\"\n\nx\n--x--\n".to_vec();
        let read_ = |mail: &[u8]| read(mail, &ReadRules::default());
        assert_eq!(read_(&mail).subject.as_deref(), Some("转发"));
        assert_eq!(read_(&mail).attachments[0].name.as_deref(), Some("发.xls"));
        mail.truncate(60);
        assert!(read_(&mail).subject.is_some());
    }

    #[test]
    fn anything_at_all_is_a_mail() {
        for bytes in [
            &b""[..],
            b"\0\0\0",
            b"\r\r\r",
            b"From ",
            b":\n\n",
            b"\xff\xfe",
        ] {
            let mail = read(bytes, &ReadRules::default());
            assert!(!mail.fingerprint.is_empty());
        }
    }
}
