//! What a configuration may say, and what is said about one that may not.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::config::settings::{After, CourierSettings, MailboxSettings, Secret, Tls};
use crate::config::{sample, show};
use crate::desk::ids::Address;
use crate::desk::people::CommandProof;

const FILE: &str = "/etc/guichet/guichet.toml";

/// The smallest configuration that works without a warning. Line numbers in the tables below count from its top.
const SMALL: &str = r#"[desk.support]
address = "support@example.org"
team = "infra"
[desk.support.mailbox]
kind = "imap"
host = "imap.example.org"
password = { file = "imap.secret" }
[desk.support.courier]
kind = "smtp"
host = "smtp.example.org"
[team.infra]
members = ["ann"]
[technician.ann]
address = "ann@example.org"
[organisation.acme]
domains = ["acme.example"]
"#;

fn read(text: &str) -> Result<(Settings, Vec<Warning>), ConfigErrors> {
    check(Path::new(FILE), text)
}

fn small_with(from: &str, to: &str) -> String {
    let text = SMALL.replacen(from, to, 1);
    assert_ne!(text, SMALL, "`{from}` is not in the small configuration");
    text
}

#[test]
fn the_example_is_accepted_without_a_warning() {
    let (settings, warnings) = read(sample()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(settings.store, Path::new("/etc/guichet/guichet.db"));
    let desk = &settings.people.desks["support"];
    assert_eq!(desk.command_proof, CommandProof::Both);
    assert_eq!(desk.languages.len(), 2);
    assert_eq!(desk.timezone.iana_name(), Some("Europe/Paris"));
}

#[test]
fn what_the_example_calls_a_default_is_one() {
    let (small, warnings) = read(SMALL).unwrap();
    assert_eq!(warnings, []);
    let (sample, _) = read(sample()).unwrap();
    assert_eq!(
        format!("{:?}", small.limits),
        format!("{:?}", sample.limits)
    );
    assert_eq!(small.store, sample.store);
    for priority in crate::desk::triage::Priority::ALL {
        let target = |settings: &Settings| {
            let target = settings.agreements.target("support", None, None, priority);
            (target.first_answer, target.resolution, target.next_news)
        };
        assert_eq!(target(&small), target(&sample));
    }
    let page = |settings: &Settings| {
        let page = show(settings);
        let lines = page
            .lines()
            .filter(|line| line.starts_with("hours") || line.starts_with("holidays"));
        lines.map(ToOwned::to_owned).take(2).collect::<Vec<_>>()
    };
    assert_eq!(page(&small), page(&sample));
    assert_eq!(small.log, sample.log);
    let (few, many) = (&small.desks["support"], &sample.desks["support"]);
    assert_eq!(
        few.close_after_business_days,
        many.close_after_business_days
    );
    assert_eq!(few.reopen_within, many.reopen_within);
    let (Some(MailboxSettings::Imap(few_imap)), Some(MailboxSettings::Imap(many_imap))) =
        (&few.mailbox, &many.mailbox)
    else {
        panic!("both read IMAP");
    };
    assert_eq!(format!("{few_imap:?}"), format!("{many_imap:?}"));
    let (CourierSettings::Smtp(few), CourierSettings::Smtp(many)) = (&few.courier, &many.courier)
    else {
        panic!("both send by SMTP");
    };
    assert_eq!(few.server, many.server);
    assert_eq!(few.connections, many.connections);
    assert_eq!(few.login, None);
    let desk = &small.people.desks["support"];
    assert_eq!(desk.command_proof, CommandProof::Token);
    assert_eq!(desk.prefix, "INC");
    assert_eq!(desk.locale.as_str(), "en");
    assert!(desk.plus_addresses);
}

#[test]
fn the_other_ways_in_and_out_are_read() {
    let text = r#"
[desk.a]
address = "A@Example.org"
since = 2026-11-01
timezone = "Europe/Paris"
close_after = "3d"
proof = "either"
[desk.a.mailbox]
kind = "maildir"
path = "in"
after = "move"
move_to = "Done"
poll = "2s"
[desk.a.courier]
kind = "sendmail"
[desk.b]
address = "b@example.org"
prefix = "req"
[desk.b.courier]
kind = "smtp"
host = "localhost"
tls = "none"
user = "b"
password = { command = ["pass", "b"] }
plus_addresses = false
[desk.c]
address = "c@example.org"
prefix = "HR"
[desk.c.courier]
kind = "maildir"
path = "/var/spool/out"
[limits]
automatic_total = { "1d" = 9, "1h" = 3 }
[technician.ann]
address = "ann@example.org"
timezone = "America/New_York"
away_until = 2026-12-24
daily = "07:45"
"#;
    let (settings, warnings) = read(text).unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|key| &settings.desks[key]);
    assert_eq!(a.since.unwrap().to_string(), "2026-10-31T23:00:00Z");
    assert_eq!(a.close_after_business_days, 3);
    let Some(MailboxSettings::Maildir(maildir)) = &a.mailbox else {
        panic!("a Maildir");
    };
    assert_eq!(maildir.path, Path::new("/etc/guichet/in"));
    assert_eq!(maildir.after, After::Move("Done".to_owned()));
    assert_eq!(maildir.poll, Duration::from_secs(2));
    assert!(
        matches!(&a.courier, CourierSettings::Sendmail { program } if program == Path::new("/usr/sbin/sendmail"))
    );
    let CourierSettings::Smtp(smtp) = &b.courier else {
        panic!("SMTP");
    };
    assert_eq!((smtp.server.tls, smtp.server.port), (Tls::None, 25));
    assert!(matches!(&smtp.login, Some((user, Secret::Command(_))) if user == "b"));
    assert!(
        matches!(&c.courier, CourierSettings::Maildir { path } if path == Path::new("/var/spool/out"))
    );
    assert!(b.mailbox.is_none());
    assert_eq!(settings.people.desks["b"].prefix, "REQ");
    assert!(!settings.people.desks["b"].plus_addresses);
    // The file's order, not that of the alphabet or of the length.
    let windows: Vec<_> = settings
        .limits
        .automatic
        .total
        .iter()
        .map(|quota| (quota.window.as_secs(), quota.count))
        .collect();
    assert_eq!(windows, [(86_400, 9), (3_600, 3)]);
    let ann = settings
        .people
        .technician(&"ann@example.org".parse::<Address>().unwrap())
        .unwrap();
    assert_eq!(ann.away_until.unwrap().to_string(), "2026-12-24T05:00:00Z");
    assert_eq!(settings.daily["ann"].to_string(), "07:45:00");
    // Three desks without a team, and nobody who could be known.
    assert_eq!(warnings.len(), 4, "{warnings:#?}");
}

#[test]
fn what_is_shown_reads_back_the_same() {
    let odd = small_with(
        "[desk.support.courier]",
        "after = \"move\"\nmove_to = \"It's \\\"done\\\" \\\\ é\"\n[desk.support.courier]",
    );
    for text in [sample(), SMALL, &odd] {
        let (settings, _) = read(text).unwrap();
        let shown = show(&settings);
        let (again, _) = read(&shown).unwrap();
        assert_eq!(format!("{settings:?}"), format!("{again:?}"), "{shown}");
    }
}

#[test]
fn passwords_are_shown_to_nobody() {
    let literal = small_with("{ file = \"imap.secret\" }", "\"hunter2\"");
    let command = small_with(
        "{ file = \"imap.secret\" }",
        "{ command = [\"echo\", \"hunter2\"] }",
    );
    for text in [literal, command] {
        let (settings, _) = read(&text).unwrap();
        let shown = show(&settings);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(shown.parse::<toml::Table>().is_ok(), "{shown}");
    }
    for broken in [
        "{ file = \"imap.secret\" }\npassword = \"hunter2\"",
        "\"hunter2",
        "[\"hunter2\"]",
        "{ fil = \"hunter2\" }",
    ] {
        let errors = read(&small_with("{ file = \"imap.secret\" }", broken)).unwrap_err();
        assert!(!errors.to_string().contains("hunter2"), "{errors}");
    }
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_file() {
    let text = SMALL
        .replace("support@example.org", "support")
        .replace("kind = \"smtp\"", "kind = \"smpt\"")
        .replace("[\"ann\"]", "[\"bob\"]");
    let errors = read(&text).unwrap_err();
    let found: Vec<_> = errors
        .problems
        .iter()
        .map(|problem| (problem.line.unwrap(), problem.key.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "desk.support.address"),
            (9, "desk.support.courier.kind"),
            (12, "team.infra.members"),
        ]
    );
    assert!(
        errors
            .to_string()
            .starts_with(&format!("{FILE}:2: desk.support.address: `support`"))
    );
}

#[test]
fn a_fault_of_toml_shows_the_place() {
    let errors = read(&small_with("kind = \"imap\"", "kind = imap")).unwrap_err();
    let [problem] = errors.problems.as_slice() else {
        panic!("one problem: {errors}");
    };
    assert_eq!(problem.line, Some(5));
    let excerpt = problem.excerpt.as_deref().unwrap();
    assert!(
        excerpt.contains("5 | kind = imap\n  |        ^ column 8"),
        "{excerpt}"
    );
    let errors = read("[desk.support]\na = 1\na = 2\n[desk.support]\n").unwrap_err();
    let lines: Vec<_> = errors.problems.iter().map(|p| p.line.unwrap()).collect();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn files_that_are_no_configuration_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = load(&folder.path().join("none.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.contains("none.toml") && missing.contains("guichet config sample"),
        "{missing}"
    );
    let file = folder.path().join("guichet.toml");
    std::fs::write(&file, b"[log]\nformat = \"caf\xe9\"\n").unwrap();
    let latin = load(&file).unwrap_err().to_string();
    assert!(latin.contains("line 2 is not UTF-8"), "{latin}");
    std::fs::write(&file, " ".repeat(2 << 20)).unwrap();
    assert!(
        load(&file)
            .unwrap_err()
            .to_string()
            .contains("is larger than 1 MiB")
    );
    std::fs::write(&file, format!("\u{feff}{SMALL}")).unwrap();
    let (settings, _) = load(&file).unwrap();
    assert_eq!(settings.store, folder.path().join("guichet.db"));
}

#[test]
fn what_the_organisation_was_promised_counts_before_team_and_desk() {
    use crate::desk::triage::Priority::{P1, P3};
    let text = small_with(
        "team = \"infra\"",
        "team = \"infra\"\ntimezone = \"Europe/Paris\"\nhours = \"Mo-Fr 08:00-12:00\"\ntargets.P3 = { first_answer = \"2h\", resolution = \"none\" }",
    )
    .replace("members = [\"ann\"]", "members = [\"ann\"]\nhours = \"Mo-Fr 12:00-20:00\"")
        + "holidays = \"FR-67\"\ntargets.P3 = { first_answer = \"1h\" }\n[targets]\nP1 = { hours = \"24/7\" }\nP3 = { first_answer = \"7h\", resolution = \"8h\" }\n";
    let (settings, warnings) = read(&text).unwrap();
    assert_eq!(warnings, []);
    let agreed = &settings.agreements;
    let hours = |hours| jiff::SignedDuration::from_hours(hours);
    let first = |team, organisation| {
        agreed
            .target("support", team, organisation, P3)
            .first_answer
    };
    assert_eq!(first(None, None), Some(hours(2)));
    assert_eq!(first(Some("infra"), Some("acme")), Some(hours(1)));
    assert_eq!(
        agreed.target("other", None, None, P3).first_answer,
        Some(hours(7))
    );
    assert_eq!(
        agreed.target("support", None, Some("acme"), P3).resolution,
        None,
        "the desk says none"
    );
    // Good Friday 2026, in the afternoon: the team works, but not for an organisation in Alsace.
    let at: jiff::Timestamp = "2026-04-03T13:00:00Z".parse().unwrap();
    assert!(!agreed.calendar("support", None, None).is_open(at));
    assert!(agreed.calendar("support", Some("infra"), None).is_open(at));
    assert!(
        !agreed
            .calendar("support", Some("infra"), Some("acme"))
            .is_open(at)
    );
    let night: jiff::Timestamp = "2026-12-25T02:00:00Z".parse().unwrap();
    assert!(
        agreed
            .target("support", None, None, P1)
            .calendar
            .is_open(night)
    );
    let shown = show(&settings);
    let (again, _) = read(&shown).unwrap();
    assert_eq!(show(&again), shown);
    assert_eq!(
        again
            .agreements
            .target("support", None, Some("acme"), P3)
            .first_answer,
        Some(hours(1))
    );
}

/// Each row: what is replaced in `SMALL`, by what; the line and the key that are named; a phrase of the message.
#[rustfmt::skip]
const WRONG: &[(&str, &str, usize, &str, &str)] = &[
    // Names of keys and sections.
    ("team = \"infra\"", "teem = \"infra\"", 3, "desk.support.teem", "did you mean `team`?"),
    ("kind = \"imap\"", "pol = \"60s\"", 5, "desk.support.mailbox.pol", "did you mean `poll`?"),
    ("kind = \"imap\"", "flavour = 1", 5, "desk.support.mailbox.flavour", "known here: `kind`"),
    ("[desk.support]", "[desks.x]\n[desk.support]", 1, "desks", "did you mean `desk`?"),
    ("[team.infra]", "[team.infra]\nmember = []", 12, "team.infra.member", "did you mean `members`?"),
    ("[technician.ann]", "[technician.ann]\nmail = 1", 14, "technician.ann.mail", "unknown key"),
    ("{ file = \"imap.secret\" }", "{ fiel = \"x\" }", 7, "desk.support.mailbox.password.fiel", "did you mean `file`?"),
    ("[desk.support]", "[log]\nlevel = 1\n[desk.support]", 2, "log.level", "unknown key; known here: `format`"),
    ("[desk.support]", "[\"desk\".\"sup port\"]\n[desk.support]", 1, "desk.sup port", "letters, digits"),
    ("[desk.support]", "[desk]\naddress = \"a@example.org\"\n[desk.support]", 2, "desk.address", "[desk.example]"),
    ("[desk.support]", "log = \"json\"\n[desk.support]", 1, "log", "expected a section"),
    // Types.
    ("kind = \"imap\"", "port = \"993\"", 5, "desk.support.mailbox.port", "whole number without quotes, found text"),
    ("kind = \"imap\"", "port = 0", 5, "desk.support.mailbox.port", "from 1 to 65535"),
    ("kind = \"imap\"", "port = 70000", 5, "desk.support.mailbox.port", "from 1 to 65535"),
    ("kind = \"imap\"", "port = 99999999999999999999", 5, "desk.support.mailbox.port", "too large"),
    ("kind = \"imap\"", "folders = \"INBOX\"", 5, "desk.support.mailbox.folders", "expected a list"),
    ("kind = \"smtp\"", "plus_addresses = \"yes\"", 9, "desk.support.courier.plus_addresses", "true or false"),
    ("team = \"infra\"", "name = \"\"", 3, "desk.support.name", "is empty"),
    ("team = \"infra\"", "name = \"a\\nBcc: x@y\"", 3, "desk.support.name", "line break"),
    ("[\"ann\"]", "[\"ann\", 3]", 12, "team.infra.members", "expected text in quotes, found a whole number"),
    // Desks.
    ("address = \"support@example.org\"", "", 1, "desk.support.address", "missing"),
    ("\"support@example.org\"", "\"Support <support@example.org>\"", 2, "desk.support.address", "is not a mail address"),
    ("\"support@example.org\"", "\"support+a@example.org\"", 2, "desk.support.address", "without it"),
    ("\"support@example.org\"", "\"Ann@example.org\"", 2, "desk.support.address", "technician `ann` (line 14)"),
    ("team = \"infra\"", "prefix = \"I\"", 3, "desk.support.prefix", "2 to 10 letters"),
    ("team = \"infra\"", "prefix = \"1NC\"", 3, "desk.support.prefix", "a letter first"),
    ("team = \"infra\"", "locale = \"french\"", 3, "desk.support.locale", "write `fr`, `en`"),
    ("team = \"infra\"", "locale = \"ja\"", 3, "desk.support.locale", "not a language guichet writes"),
    ("team = \"infra\"", "locale = \"fr\"\nlanguages = [\"en\"]", 4, "desk.support.languages", "`fr` is not among them"),
    ("team = \"infra\"", "languages = [\"fr\"]", 3, "desk.support.languages", "`en` is not among them"),
    ("team = \"infra\"", "timezone = \"Europe/Pari\"", 3, "desk.support.timezone", "did you mean `Europe/Paris`?"),
    ("team = \"infra\"", "timezone = \"CEST\"", 3, "desk.support.timezone", "is not a time zone"),
    ("\"infra\"", "\"infar\"", 3, "desk.support.team", "did you mean `infra`?"),
    ("\"infra\"", "\"web\"", 3, "desk.support.team", "add a section [team.web]"),
    ("team = \"infra\"", "since = \"yesterday\"", 3, "desk.support.since", "is not a moment"),
    ("team = \"infra\"", "proof = \"both\"", 3, "desk.support.proof", "set trusted_authserv_ids"),
    ("team = \"infra\"", "proof = \"none\"", 3, "desk.support.proof", "write `both`, `token` or `either`"),
    ("team = \"infra\"", "trusted_authserv_ids = [\"mx; spf=pass\"]", 3, "desk.support.trusted_authserv_ids", "authserv-id"),
    ("team = \"infra\"", "close_after = \"48h\"", 3, "desk.support.close_after", "business days"),
    ("team = \"infra\"", "close_after = \"0d\"", 3, "desk.support.close_after", "1d to 365d"),
    ("team = \"infra\"", "reopen_within = \"2w\"", 3, "desk.support.reopen_within", "such as 90s, 10m, 2h or 5d"),
    ("[desk.support.courier]\nkind = \"smtp\"\nhost = \"smtp.example.org\"", "", 1, "desk.support.courier", "no way out"),
    // Business time.
    ("team = \"infra\"", "hours = \"Mon-Fri 9-18\"", 3, "desk.support.hours", "from `n-Fri 9-18` on; write them as OpenStreetMap does"),
    ("team = \"infra\"", "hours = \"off\"", 3, "desk.support.hours", "is never open"),
    ("team = \"infra\"", "hours = \"sunrise-sunset\"", 3, "desk.support.hours", "write hours of the clock"),
    ("team = \"infra\"", "holidays = \"France\"", 3, "desk.support.holidays", "its ISO code, such as FR"),
    ("team = \"infra\"", "holidays = \"DE-XX\"", 3, "desk.support.holidays", "DE-BB, DE-BE"),
    ("team = \"infra\"", "targets.P9 = {}", 3, "desk.support.targets.P9", "unknown key; known here: `P1`"),
    ("team = \"infra\"", "targets.P2 = { first_answer = \"2d\" }", 3, "desk.support.targets.P2.first_answer", "write opening hours, such as 18h"),
    ("team = \"infra\"", "targets.P2 = { resolution = \"soon\" }", 3, "desk.support.targets.P2.resolution", "is not a duration"),
    ("team = \"infra\"", "targets.P2 = { next_news = \"90d\" }", 3, "desk.support.targets.P2.next_news", "write 1d to 60d, in business days"),
    ("[desk.support]", "[targets]\nP1 = { hours = \"24/8\" }\n[desk.support]", 2, "targets.P1.hours", "cannot be read as opening hours"),
    ("[desk.support]", "[targets]\nP1 = { answer = \"1h\" }\n[desk.support]", 2, "targets.P1.answer", "known here: `first_answer`"),
    ("[desk.support]", "[targets]\nP1 = \"1h\"\n[desk.support]", 2, "targets.P1", "expected a section"),
    ("[\"ann\"]", "[\"ann\"]\nhours = \"9h-18h\"", 13, "team.infra.hours", "cannot be read as opening hours"),
    ("domains = [\"acme.example\"]", "domains = [\"acme.example\"]\nholidays = \"FR-99\"", 17, "organisation.acme.holidays", "FR-57, FR-67, FR-68"),
    ("[desk.support]", "[provider.orange]\naddress = \"a@orange.example\"\nhours = \"always\"\n[desk.support]", 3, "provider.orange.hours", "cannot be read"),
    // Two desks.
    ("[team.infra]", "[desk.b]\naddress = \"SUPPORT@example.org\"\nprefix = \"B\"\n[team.infra]", 12, "desk.b.address", "already belongs to desk `support`"),
    ("[team.infra]", "[desk.b]\naddress = \"b@example.org\"\n[team.infra]", 11, "desk.b.prefix", "the prefix INC already belongs"),
    ("[team.infra]", "[desk.b.mailbox]\nhost = \"IMAP.example.org\"\nuser = \"support@example.org\"\nfolders = [\"inbox\"]\npassword = { env = \"P\" }\n[team.infra]", 14, "desk.b.mailbox.folders", "the folder INBOX of support@example.org"),
    // Mailbox.
    ("kind = \"imap\"", "kind = \"pop3\"", 5, "desk.support.mailbox.kind", "write `imap` or `maildir`"),
    ("host = \"imap.example.org\"", "", 4, "desk.support.mailbox.host", "missing; write for example host"),
    ("\"imap.example.org\"", "\"imap.example.org:993\"", 6, "desk.support.mailbox.host", "the port under port"),
    ("\"imap.example.org\"", "\"imaps://imap.example.org\"", 6, "desk.support.mailbox.host", "the name alone"),
    ("kind = \"imap\"", "tls = \"none\"", 5, "desk.support.mailbox.tls", "only localhost"),
    ("kind = \"imap\"", "tls = \"ssl\"", 5, "desk.support.mailbox.tls", "`implicit`, `starttls` or `none`"),
    ("password = { file = \"imap.secret\" }", "", 4, "desk.support.mailbox.password", "missing"),
    ("password = { file = \"imap.secret\" }", "oauth = { provider = \"microsoft\" }", 7, "desk.support.mailbox.oauth", "not supported yet; use password"),
    ("{ file = \"imap.secret\" }", "{ file = \"a\", env = \"B\" }", 7, "desk.support.mailbox.password", "names 2 sources"),
    ("{ file = \"imap.secret\" }", "{ command = [] }", 7, "desk.support.mailbox.password.command", "names no program"),
    ("{ file = \"imap.secret\" }", "{ credential = \"../imap\" }", 7, "desk.support.mailbox.password.credential", "not a path"),
    ("kind = \"imap\"", "folders = []", 5, "desk.support.mailbox.folders", "names no folder"),
    ("kind = \"imap\"", "folders = [\"INBOX\", \"Inbox\"]", 5, "desk.support.mailbox.folders", "twice"),
    ("kind = \"imap\"", "after = \"delete\"", 5, "desk.support.mailbox.after", "`keyword`, `seen` or `move`"),
    ("kind = \"imap\"", "after = \"move\"", 4, "desk.support.mailbox.move_to", "needs it"),
    ("kind = \"imap\"", "after = \"move\"\nmove_to = \"Inbox\"", 6, "desk.support.mailbox.move_to", "again and again"),
    ("kind = \"imap\"", "move_to = \"Done\"", 5, "desk.support.mailbox.move_to", "has no effect"),
    ("kind = \"imap\"", "poll = \"0s\"", 5, "desk.support.mailbox.poll", "1s to 1d"),
    ("kind = \"imap\"", "poll = \"1 minute\"", 5, "desk.support.mailbox.poll", "is not a duration"),
    ("kind = \"imap\"", "kind = \"maildir\"", 4, "desk.support.mailbox.path", "missing; write for example path"),
    // Courier.
    ("kind = \"smtp\"", "kind = \"smpt\"", 9, "desk.support.courier.kind", "did you mean `smtp`?"),
    ("kind = \"smtp\"", "user = \"a\"", 8, "desk.support.courier.password", "a login needs it"),
    ("kind = \"smtp\"", "password = { env = \"P\" }", 8, "desk.support.courier.user", "a login needs it"),
    ("kind = \"smtp\"", "connections = 0", 9, "desk.support.courier.connections", "from 1 to 50"),
    ("kind = \"smtp\"", "tls = \"none\"", 9, "desk.support.courier.tls", "in clear to smtp.example.org"),
    // Staff.
    ("[\"ann\"]", "[]", 12, "team.infra.members", "names nobody"),
    ("[\"ann\"]", "[\"anne\"]", 12, "team.infra.members", "did you mean `ann`?"),
    ("[\"ann\"]", "[\"ann\", \"ann\"]", 12, "team.infra.members", "twice"),
    ("[\"ann\"]", "[\"ann\"]\nlead = \"zoe\"", 13, "team.infra.lead", "there is no technician `zoe`"),
    ("[\"ann\"]", "[\"ann\"]\nassign = \"random\"", 13, "team.infra.assign", "`manual` or `round-robin`"),
    ("address = \"ann@example.org\"", "", 13, "technician.ann.address", "missing"),
    ("\"ann@example.org\"", "\"ann@example.org\"\naliases = [\"ann@\"]", 15, "technician.ann.aliases", "`ann@` is not a mail address"),
    ("\"ann@example.org\"", "\"ann@example.org\"\ndaily = \"7h45\"", 15, "technician.ann.daily", "for example 07:45"),
    ("\"ann@example.org\"", "\"ann@example.org\"\naway_until = 7", 15, "technician.ann.away_until", "found a whole number"),
    ("[organisation.acme]", "[technician.bob]\naddress = \"ann@example.org\"\n[organisation.acme]", 16, "technician.bob.address", "technician `ann` (line 14)"),
    // Organisations and providers.
    ("\"acme.example\"", "\"ann@acme.example\"", 16, "organisation.acme.domains", "is not a mail domain"),
    ("domains = [\"acme.example\"]", "", 15, "organisation.acme.domains", "nobody belongs"),
    ("domains = [\"acme.example\"]", "domains = [\"acme.example\"]\n[organisation.b]\ndomains = [\"ACME.example\"]", 18, "organisation.b.domains", "belongs to organisation `acme`"),
    ("domains = [\"acme.example\"]", "domains = [\"acme.example\"]\nvip = [\"the boss\"]", 17, "organisation.acme.vip", "is not a mail address"),
    ("[desk.support]", "[provider.orange]\ncontract = \"C-1\"\n[desk.support]", 1, "provider.orange.address", "recognised by its mail"),
    // The rest.
    ("[desk.support]", "[store]\nurl = \"postgres://db.example.org\"\n[desk.support]", 2, "store.url", "not supported yet"),
    ("[desk.support]", "[limits]\nmessage_size = \"50\"\n[desk.support]", 2, "limits.message_size", "is not a size"),
    ("[desk.support]", "[limits]\nmessage_size = \"2 GiB\"\n[desk.support]", 2, "limits.message_size", "1 KiB to 512 MiB"),
    ("[desk.support]", "[limits]\nautomatic_total = { \"0h\" = 3 }\n[desk.support]", 2, "limits.automatic_total.0h", "1s to 31d"),
    ("[desk.support]", "[limits]\nautomatic_total = { \"hour\" = 3 }\n[desk.support]", 2, "limits.automatic_total.hour", "is not a duration"),
    ("[desk.support]", "[limits]\nautomatic_total = { \"1h\" = -1 }\n[desk.support]", 2, "limits.automatic_total.1h", "a count from 0"),
    ("[desk.support]", "[limits]\nautomatic_total = { \"1h\" = 3, \"60m\" = 4 }\n[desk.support]", 2, "limits.automatic_total.60m", "twice"),
    ("[desk.support]", "[limits]\nautomatic_total = {}\n[desk.support]", 2, "limits.automatic_total", "no limit at all"),
    ("[desk.support]", "[limits]\nautomatic_total = 2000\n[desk.support]", 2, "limits.automatic_total", "windows and counts"),
    ("[desk.support]", "[limits]\nretry = []\n[desk.support]", 2, "limits.retry", "1 to 50 pauses"),
    ("[desk.support]", "[limits]\nretry = [\"5m\", \"0s\"]\n[desk.support]", 2, "limits.retry", "1s to 1d"),
    ("[desk.support]", "[limits]\nacknowledge = \"all\"\n[desk.support]", 2, "limits.acknowledge", "`everyone` or `known-or-authenticated`"),
    ("[desk.support]", "[limits]\ncommands_within = \"1h\"\n[desk.support]", 2, "limits.commands_within", "1d to 365d"),
    ("[desk.support]", "[log]\nformat = \"jsno\"\n[desk.support]", 2, "log.format", "did you mean `json`?"),
    ("[desk.support]", "[http]\nlisten = \"localhost:8025\"\n[desk.support]", 2, "http.listen", "127.0.0.1:8025"),
    ("[desk.support]", "[http]\n[desk.support]", 1, "http.listen", "missing"),
    ("[desk.support]", "[templates]\naccent = \"blue\"\n[desk.support]", 2, "templates.accent", "#1a5f9e"),
    ("[desk.support]", "[keywords]\n[desk.support]", 1, "keywords.path", "missing"),
];

#[test]
fn each_wrong_configuration_is_explained() {
    let mut failures = Vec::new();
    for (from, to, line, key, phrase) in WRONG {
        let said = match read(&small_with(from, to)) {
            Ok(_) => "accepted".to_owned(),
            Err(errors) => {
                let explained = errors.problems.iter().any(|problem| {
                    problem.line == Some(*line)
                        && problem.key == *key
                        && problem.message.contains(phrase)
                });
                if explained {
                    continue;
                }
                errors.to_string()
            }
        };
        failures.push(format!(
            "{to}\n  expected line {line}, {key}: {phrase}\n  {said}"
        ));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Each row: what is replaced, by what; the key that is named; a phrase of the warning.
#[rustfmt::skip]
const DOUBTFUL: &[(&str, &str, &str, &str)] = &[
    ("{ file = \"imap.secret\" }", "\"hunter2\"", "desk.support.mailbox.password", "into a file of its own"),
    ("team = \"infra\"\n", "", "desk.support.team", "nobody is told of new tickets"),
    ("kind = \"imap\"", "port = 143", "desk.support.mailbox.port", "usually speaks tls = \"starttls\""),
    ("kind = \"smtp\"", "port = 465\ntls = \"starttls\"", "desk.support.courier.port", "usually speaks tls = \"implicit\""),
    ("acme.example", "gmail.com", "organisation.acme.domains", "anybody can have an address at gmail.com"),
    ("[organisation.acme]\ndomains = [\"acme.example\"]", "", "limits.acknowledge", "acknowledgements to new senders will be held"),
    ("[team.infra]", "[targets]\nP1 = { first_answer = \"5h\", resolution = \"4h\" }\n[team.infra]", "targets.P1.first_answer", "may take longer than the resolution"),
    ("[team.infra]", "[http]\nlisten = \"0.0.0.0:80\"\n[team.infra]", "http.listen", "to other machines"),
];

#[test]
fn each_doubtful_configuration_is_warned_about() {
    for (from, to, key, phrase) in DOUBTFUL {
        let (_, warnings) = read(&small_with(from, to)).unwrap();
        let [warning] = warnings.as_slice() else {
            panic!("{to}: one warning expected: {warnings:#?}");
        };
        assert_eq!(warning.key, *key);
        assert!(warning.message.contains(phrase), "{warning}");
    }
}

#[test]
fn nothing_to_answer_from_is_an_error() {
    let errors = read("").unwrap_err().to_string();
    assert!(errors.contains("there is no desk"), "{errors}");
}

proptest::proptest! {
    /// An editor can leave anything behind. It is explained or accepted, never a panic, and every
    /// problem that has a place has one inside the file.
    #[test]
    fn a_damaged_file_is_explained(cut in 0..SMALL.len(), len in 0usize..40, put in "[\\[\\]{}=\"',.#a-z0-9é\\n]{0,6}") {
        for whole in [SMALL, sample()] {
            let start = whole.floor_char_boundary(cut * whole.len() / SMALL.len());
            let end = whole.ceil_char_boundary((start + len).min(whole.len()));
            let damaged = format!("{}{put}{}", &whole[..start], &whole[end..]);
            if let Err(errors) = read(&damaged) {
                proptest::prop_assert!(!errors.problems.is_empty());
                let lines = damaged.lines().count() + 1;
                for problem in errors.problems {
                    proptest::prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)));
                }
            }
        }
    }
}
