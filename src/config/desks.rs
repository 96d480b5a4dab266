//! The desks of the configuration, each with its mailbox and its courier.
//!
//! Two desks may not share an address, a prefix or a mailbox folder: a mail would have two owners.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::file::{Findings, Place, Placed, Section, TextOrSection};
use super::people::{Staff, check_reference, moment, timezone};
use super::settings::{
    After, CourierSettings, DeskSettings, ImapSettings, MailboxSettings, MaildirSettings, Secret,
    Server, SmtpSettings, Tls,
};
use crate::desk::ids::{Address, Language, Locale, TicketId};
use crate::desk::people::{CommandProof, Desk};

const DAY: u64 = 86_400;
/// The sweep costs the server one SELECT; once a second is what tests need, once a day is hardly a safety net.
const POLL: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(DAY);

type Desks = BTreeMap<String, (Desk, DeskSettings)>;

/// Reads `[desk.*]`. `None` when a desk could not be made; the reason is in `findings` then.
pub(super) fn read(
    root: &mut Section<'_, '_>,
    staff: &Staff,
    findings: &Findings<'_>,
) -> Option<Desks> {
    let place = root.place_of("desk");
    let sections = root.named("desk");
    if sections.is_empty() {
        findings.error(
            &place,
            "there is no desk; add a section such as [desk.support] with address = \"support@example.org\"",
        );
        return None;
    }
    let mut owners = Owners::default();
    let count = sections.len();
    let desks: Desks = sections
        .into_iter()
        .filter_map(|(key, section)| {
            let desk = desk(&key, section, staff, &mut owners, findings)?;
            Some((key, desk))
        })
        .collect();
    (desks.len() == count).then_some(desks)
}

/// What a desk has for itself, and whose it is: address, prefix, mailbox folder.
#[derive(Default)]
struct Owners(HashMap<String, String>);

impl Owners {
    fn claim(&mut self, what: String, desk: &str, place: &Place, findings: &Findings<'_>) {
        match self.0.get(&what) {
            Some(other) => findings.error(
                place,
                format!("{what} already belongs to desk `{other}`; give this desk its own"),
            ),
            None => {
                self.0.insert(what, desk.to_owned());
            }
        }
    }
}

fn desk(
    key: &str,
    mut section: Section<'_, '_>,
    staff: &Staff,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<(Desk, DeskSettings)> {
    section.require("address", "address = \"support@example.org\"");
    let address = section.address("address");
    if let Some(address) = &address {
        check_address(key, address, staff, owners, findings);
    }
    let name = section.text("name").map(|name| name.value);
    let prefix = prefix(key, &mut section, owners, findings);
    let (locale, languages) = languages(&mut section, findings);
    let zone = timezone(&mut section, findings).unwrap_or(TimeZone::UTC);
    let team = section.text("team");
    match &team {
        Some(team) => check_reference(team, "team", &staff.teams, findings),
        None if !section.has("team") => findings.warning(
            &section.place_of("team"),
            "nobody is told of new tickets; write team = \"infra\" and a section [team.infra]",
        ),
        None => {}
    }
    let since = moment(&mut section, "since", &zone, findings);
    let trusted_authserv_ids = trusted(&mut section, findings);
    let command_proof = proof(&mut section, trusted_authserv_ids.is_empty(), findings);
    let close_after_business_days = close_after(&mut section, findings).unwrap_or(5);
    let reopen_within = section
        .duration(
            "reopen_within",
            Duration::ZERO..=Duration::from_secs(3650 * DAY),
        )
        .unwrap_or(Duration::from_secs(14 * DAY));
    let mailbox_section = section.section("mailbox");
    let wants_mailbox = mailbox_section.is_some();
    let mailbox = mailbox_section
        .and_then(|section| mailbox(key, section, address.as_ref(), owners, findings));
    let courier_place = section.place_of("courier");
    let courier = match section.section("courier") {
        Some(section) => courier(section, findings),
        None => {
            if !section.has("courier") {
                findings.error(
                    &courier_place,
                    format!("letters have no way out; add a section [desk.{key}.courier] with kind = \"smtp\" and host"),
                );
            }
            None
        }
    };
    section.done();

    let address = address?.value;
    let (courier, plus_addresses) = courier?;
    if wants_mailbox && mailbox.is_none() {
        return None;
    }
    let desk = Desk {
        key: key.to_owned(),
        name: name.unwrap_or_else(|| address.to_string()),
        address,
        prefix: prefix?,
        locale,
        languages,
        timezone: zone,
        team: team.map(|team| team.value),
        plus_addresses,
        command_proof,
    };
    let settings = DeskSettings {
        since,
        trusted_authserv_ids,
        close_after_business_days,
        reopen_within,
        mailbox,
        courier,
    };
    Some((desk, settings))
}

fn check_address(
    key: &str,
    address: &Placed<Address>,
    staff: &Staff,
    owners: &mut Owners,
    findings: &Findings<'_>,
) {
    if address.value.plus().is_some() {
        findings.error(
            &address.place,
            "the part after `+` is where guichet puts its own marks; write the address without it",
        );
    }
    let canonical = address.value.canonical();
    if let Some((technician, line)) = staff.owners.get(&canonical) {
        findings.error(
            &address.place,
            format!(
                "{canonical} is also an address of technician `{technician}` (line {}), who would be answered by the desk itself; give the technician a personal address",
                line.unwrap_or_default()
            ),
        );
    }
    let what = format!("the address {canonical}");
    owners.claim(what, key, &address.place, findings);
}

fn prefix(
    key: &str,
    section: &mut Section<'_, '_>,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<String> {
    let place = section.place_of("prefix");
    let prefix = if section.has("prefix") {
        section.text("prefix")?.value
    } else {
        "INC".to_owned()
    };
    if !TicketId::is_prefix(&prefix) {
        findings.error(
            &place,
            format!(
                "`{prefix}` cannot stand before the number of a ticket; write 2 to 10 letters or digits, a letter first, such as INC"
            ),
        );
        return None;
    }
    let prefix = prefix.to_uppercase();
    owners.claim(format!("the prefix {prefix}"), key, &place, findings);
    Some(prefix)
}

fn languages(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> (Locale, Vec<Locale>) {
    let locale = section.locale("locale");
    let wrong = section.has("locale") && locale.is_none();
    let locale = locale.unwrap_or_else(|| Locale::from(Language::English));
    let Some(languages) = section.locales("languages") else {
        return (locale.clone(), vec![locale]);
    };
    if !languages.contains(&locale) && !wrong {
        findings.error(
            &section.place_of("languages"),
            format!("the desk's own locale `{locale}` is not among them; add it to the list or change locale"),
        );
    }
    (locale, languages)
}

fn trusted(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<String> {
    let ids = section.texts("trusted_authserv_ids").unwrap_or_default();
    for id in &ids {
        if id
            .value
            .chars()
            .any(|c| c.is_whitespace() || c == ';' || c == '=')
        {
            findings.error(
                &id.place,
                format!(
                    "`{}` cannot be an authserv-id; write the first word of the Authentication-Results header your server adds, such as mx.example.org",
                    id.value
                ),
            );
        }
    }
    ids.into_iter().map(|id| id.value).collect()
}

fn proof(
    section: &mut Section<'_, '_>,
    nobody_trusted: bool,
    findings: &Findings<'_>,
) -> CommandProof {
    let known = [
        ("both", CommandProof::Both),
        ("token", CommandProof::Token),
        ("either", CommandProof::Either),
    ];
    match section.word("proof", &known) {
        Some(CommandProof::Both) if nobody_trusted => {
            findings.error(
                &section.place_of("proof"),
                "`both` needs an authenticated mail, and no server is trusted to say so: every command would be refused; set trusted_authserv_ids, or write proof = \"token\"",
            );
            CommandProof::Both
        }
        Some(proof) => proof,
        // product.md §18: both where authentication can be known, else the token.
        None if nobody_trusted => CommandProof::Token,
        None => CommandProof::Both,
    }
}

fn close_after(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<u32> {
    let text = section.text("close_after")?;
    let days = text
        .value
        .strip_suffix('d')
        .filter(|digits| digits.chars().all(|c| c.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .filter(|days| (1..=365).contains(days));
    if days.is_none() {
        findings.error(
            &text.place,
            format!(
                "`{}` is not a number of business days; write 1d to 365d, such as 5d",
                text.value
            ),
        );
    }
    days
}

fn mailbox(
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

fn courier(
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

/// The usual ports of a service.
struct Ports {
    implicit: u16,
    starttls: u16,
    plain: u16,
}

fn server(
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
    if !is_host(&host.value) {
        findings.error(
            &host.place,
            format!(
                "`{}` is not a host name; write the name alone, such as imap.example.org, and the port under port",
                host.value
            ),
        );
        return None;
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
    Some(Server {
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

fn refuse_oauth(section: &mut Section<'_, '_>, findings: &Findings<'_>) {
    if section.has("oauth") {
        findings.error(
            &section.place_of("oauth"),
            "OAuth is not supported yet; use password, for example an app password of your provider",
        );
    }
}

fn password(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Secret> {
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
