//! A server and its password, as both `mailbox` and `courier` write them.
//!
//! Protection is never dropped silently: without TLS only this machine is allowed, as a
//! password sent in clear cannot be taken back.

use std::net::IpAddr;

use super::file::{Section, TextOrSection};
use super::findings::Findings;
use super::settings::{Secret, Server, Tls};

/// The usual ports of a service.
pub(super) struct Ports {
    pub implicit: u16,
    pub starttls: u16,
    pub plain: u16,
}

/// Host, port, TLS and `ca_file`.
pub(super) fn server(
    section: &mut Section<'_, '_>,
    ports: Ports,
    example: &str,
    findings: &Findings<'_>,
) -> Option<Server> {
    section.require("host", example);
    let host = section.text("host");
    let port = section
        .integer("port", 1..=65_535)
        .and_then(|port| u16::try_from(port).ok());
    let tls = section.word(
        "tls",
        &[
            ("implicit", Tls::Implicit),
            ("starttls", Tls::StartTls),
            ("none", Tls::None),
        ],
    );
    let ca_file = section.path("ca_file");
    let tls = tls.unwrap_or(Tls::Implicit);
    let other = match tls {
        Tls::Implicit => Some(("starttls", ports.starttls)),
        Tls::StartTls => Some(("implicit", ports.implicit)),
        Tls::None => None,
    };
    if let (Some(port), Some((word, usual))) = (port, other)
        && port == usual
    {
        findings.warning(
            &section.place_of("port"),
            format!("port {port} usually speaks tls = \"{word}\", and that is not what is set; change one of the two if connecting fails"),
        );
    }
    let host = host?;
    let usable = is_host(&host.value);
    if !usable {
        findings.error(
            &host.place,
            format!(
                "`{}` is not a host name; write the name alone, such as imap.example.org, and the port under port",
                host.value
            ),
        );
    }
    if tls == Tls::None && !is_loopback(&host.value) {
        findings.error(
            &section.place_of("tls"),
            format!(
                "`none` would send the password in clear to {}; write \"implicit\" or \"starttls\" (without TLS only localhost, 127.0.0.1 and ::1 are allowed)",
                host.value
            ),
        );
    }
    let default_port = match tls {
        Tls::Implicit => ports.implicit,
        Tls::StartTls => ports.starttls,
        Tls::None => ports.plain,
    };
    usable.then_some(Server {
        host: host.value,
        port: port.unwrap_or(default_port),
        tls,
        ca_file,
    })
}

fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 253
            && !text.starts_with(['.', '-'])
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || c == '.' || c == '-' || c == '_'))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Says that OAuth is not there yet.
pub(super) fn refuse_oauth(section: &mut Section<'_, '_>, findings: &Findings<'_>) {
    if section.has("oauth") {
        findings.error(
            &section.place_of("oauth"),
            "OAuth is not supported yet; use password, for example an app password of your provider",
        );
    }
}

/// Where the password is.
pub(super) fn password(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Secret> {
    let place = section.place_of("password");
    let mut source = match section.text_or_section("password")? {
        TextOrSection::Text(text) => {
            findings.warning(
                &place,
                "stands in the configuration, where everybody who may read it sees it; write it into a file of its own and password = { file = \"name.secret\" }",
            );
            return Some(Secret::Literal(text.value));
        }
        TextOrSection::Section(source) => source,
    };
    let file = source.path("file").map(Secret::File);
    let env = source.text("env").map(|name| Secret::Env(name.value));
    let command = command(&mut source, findings);
    let credential = credential(&mut source, findings);
    let named = ["file", "env", "command", "credential"]
        .into_iter()
        .filter(|name| source.has(name))
        .count();
    source.done();
    if named != 1 {
        findings.error(
            &place,
            format!(
                "names {named} sources; write exactly one of {{ file = \"...\" }}, {{ env = \"...\" }}, {{ command = [\"...\"] }}, {{ credential = \"...\" }}"
            ),
        );
        return None;
    }
    file.or(env).or(command).or(credential)
}

fn command(source: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Secret> {
    let words = source.texts("command")?;
    if words.is_empty() {
        findings.error(
            &source.place_of("command"),
            "names no program; write for example command = [\"pass\", \"show\", \"support\"]",
        );
        return None;
    }
    Some(Secret::Command(
        words.into_iter().map(|word| word.value).collect(),
    ))
}

fn credential(source: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Secret> {
    let name = source.text("credential")?;
    if name.value.contains('/') || name.value.starts_with('.') {
        findings.error(
            &name.place,
            "is a name, not a path; write the one that LoadCredential= of the unit gives it",
        );
        return None;
    }
    Some(Secret::Credential(name.value))
}
