//! How a desk's mail comes in and goes out: `[desk.NAME.mailbox]` and `[desk.NAME.courier]`.
//!
//! Hosts, TLS and passwords, which both have, are read in `server.rs`.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::desks::Owners;
use super::file::Section;
use super::findings::{Findings, Placed};
use super::server::{Ports, password, refuse_oauth, server};
use super::settings::{
    After, CourierSettings, ImapSettings, MailboxSettings, MaildirSettings, SmtpSettings,
};
use crate::desk::ids::Address;

/// The sweep costs the server one SELECT; once a second is what tests need, once a day is hardly a safety net.
const POLL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

/// Where mail comes from. `None` when something is wrong, which is in `findings` then.
pub(super) fn mailbox(
    desk: &str,
    mut section: Section<'_, '_>,
    address: Option<&Placed<Address>>,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<MailboxSettings> {
    #[derive(Clone, Copy)]
    enum Kind {
        Imap,
        Maildir,
    }
    let kind = section.word("kind", &[("imap", Kind::Imap), ("maildir", Kind::Maildir)]);
    match kind.or_else(|| (!section.has("kind")).then_some(Kind::Imap))? {
        Kind::Imap => imap(desk, section, address, owners, findings).map(MailboxSettings::Imap),
        Kind::Maildir => {
            let path_place = section.place_of("path");
            section.require("path", "path = \"Maildir\"");
            let path = section.path("path");
            let after = after(&mut section, &[], findings);
            let poll = poll(&mut section);
            section.done();
            let path = path?;
            let what = format!("the Maildir {}", path.display());
            owners.claim(what, desk, &path_place, findings);
            Some(MailboxSettings::Maildir(MaildirSettings {
                path,
                after,
                poll,
            }))
        }
    }
}

/// How letters go out, and whether `address+token` arrives. `None` when something is wrong.
pub(super) fn courier(
    mut section: Section<'_, '_>,
    findings: &Findings<'_>,
) -> Option<(CourierSettings, bool)> {
    #[derive(Clone, Copy)]
    enum Kind {
        Smtp,
        Sendmail,
        Maildir,
    }
    let kind = section.word(
        "kind",
        &[
            ("smtp", Kind::Smtp),
            ("sendmail", Kind::Sendmail),
            ("maildir", Kind::Maildir),
        ],
    );
    let kind = kind.or_else(|| (!section.has("kind")).then_some(Kind::Smtp));
    let plus_addresses = section.boolean("plus_addresses").unwrap_or(true);
    let settings = match kind? {
        Kind::Smtp => smtp(&mut section, findings).map(CourierSettings::Smtp),
        Kind::Sendmail => {
            let program = section
                .path("program")
                .unwrap_or_else(|| PathBuf::from("/usr/sbin/sendmail"));
            Some(CourierSettings::Sendmail { program })
        }
        Kind::Maildir => {
            section.require("path", "path = \"Sent\"");
            section
                .path("path")
                .map(|path| CourierSettings::Maildir { path })
        }
    };
    section.done();
    settings.map(|settings| (settings, plus_addresses))
}

fn imap(
    desk: &str,
    mut section: Section<'_, '_>,
    address: Option<&Placed<Address>>,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<ImapSettings> {
    const PORTS: Ports = Ports {
        implicit: 993,
        starttls: 143,
        plain: 143,
    };
    let server = server(&mut section, PORTS, "host = \"imap.example.org\"", findings);
    let user = section
        .text("user")
        .map(|user| user.value)
        .or_else(|| address.map(|address| address.value.to_string()));
    refuse_oauth(&mut section, findings);
    let password = password(&mut section, findings);
    if password.is_none() && !section.has("password") && !section.has("oauth") {
        findings.error(
            &section.place_of("password"),
            "missing; write for example password = { file = \"imap.secret\" }",
        );
    }
    let folders = folders(&mut section, findings);
    let after = after(&mut section, &folders, findings);
    let poll = poll(&mut section);
    let place = section.place_of("folders");
    section.done();
    let (server, user, password) = (server?, user?, password?);
    for folder in &folders {
        let what = format!(
            "the folder {folder} of {user} at {}",
            server.host.to_lowercase()
        );
        owners.claim(what, desk, &place, findings);
    }
    Some(ImapSettings {
        server,
        user,
        password,
        folders,
        after,
        poll,
    })
}

fn smtp(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<SmtpSettings> {
    const PORTS: Ports = Ports {
        implicit: 465,
        starttls: 587,
        plain: 25,
    };
    let server = server(section, PORTS, "host = \"smtp.example.org\"", findings);
    let user = section.text("user");
    refuse_oauth(section, findings);
    let password = password(section, findings);
    let (has_user, has_password) = (section.has("user"), section.has("password"));
    if has_user && !has_password && !section.has("oauth") {
        findings.error(
            &section.place_of("password"),
            "missing, and a login needs it; write for example password = { file = \"smtp.secret\" }, or remove user to send without login",
        );
    }
    if has_password && !has_user {
        findings.error(
            &section.place_of("user"),
            "missing, and a login needs it; write for example user = \"support@example.org\", or remove password to send without login",
        );
    }
    // Submission servers commonly allow 10 to 20 connections of one user; 4 leaves room for people.
    let connections = section
        .integer("connections", 1..=50)
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(4);
    Some(SmtpSettings {
        server: server?,
        login: user.map(|user| user.value).zip(password),
        connections,
    })
}

fn folders(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<String> {
    let place = section.place_of("folders");
    let Some(texts) = section.texts("folders") else {
        return vec!["INBOX".to_owned()];
    };
    if texts.is_empty() {
        findings.error(
            &place,
            "names no folder; write for example folders = [\"INBOX\"]",
        );
    }
    let mut seen = BTreeSet::new();
    let mut folders = Vec::new();
    for text in texts {
        let folder = folder_name(&text.value);
        if seen.insert(folder.clone()) {
            folders.push(folder);
        } else {
            findings.error(
                &text.place,
                format!("`{folder}` stands here twice; keep one"),
            );
        }
    }
    folders
}

/// RFC 9051 5.1: `INBOX` means the main folder in any case; other names are taken as they are.
fn folder_name(text: &str) -> String {
    if text.eq_ignore_ascii_case("INBOX") {
        "INBOX".to_owned()
    } else {
        text.to_owned()
    }
}

fn after(section: &mut Section<'_, '_>, read: &[String], findings: &Findings<'_>) -> After {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        Keyword,
        Seen,
        Move,
    }
    let known = [
        ("keyword", Word::Keyword),
        ("seen", Word::Seen),
        ("move", Word::Move),
    ];
    let word = section.word("after", &known);
    let wrong = section.has("after") && word.is_none();
    let move_to = section.text("move_to");
    match (word.unwrap_or(Word::Keyword), move_to) {
        (Word::Move, Some(folder)) => {
            let name = folder_name(&folder.value);
            if read.contains(&name) {
                findings.error(
                    &folder.place,
                    format!("`{name}` is one of the folders that are read, so mail would come in again and again; name another folder"),
                );
            }
            After::Move(name)
        }
        (Word::Move, None) => {
            if !section.has("move_to") {
                findings.error(
                    &section.place_of("move_to"),
                    "missing, and after = \"move\" needs it; write for example move_to = \"Guichet/Done\"",
                );
            }
            After::Keyword
        }
        (word, Some(folder)) => {
            if !wrong {
                findings.error(
                    &folder.place,
                    "has no effect unless after = \"move\"; write that, or remove this line",
                );
            }
            if word == Word::Seen {
                After::Seen
            } else {
                After::Keyword
            }
        }
        (Word::Seen, None) => After::Seen,
        (Word::Keyword, None) => After::Keyword,
    }
}

fn poll(section: &mut Section<'_, '_>) -> Duration {
    section
        .duration("poll", POLL)
        .unwrap_or(Duration::from_secs(60))
}
