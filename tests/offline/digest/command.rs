//! `guichet digest` and `guichet rehearse` as somebody calls them: the program, a folder, what is printed, what lies there.

use std::path::Path;
use std::process::Output;

use guichet::desk::digest::Scope;
use guichet::desk::digest::period::{Cadence, Period};
use guichet::intake::{self, ReadRules};
use guichet::store::Store;
use jiff::tz::TimeZone;

use super::CONFIG;
use crate::folder::Folder;

/// A week of the made-up year that is over wherever a clock goes right.
const WEEK: &str = "2025-W51";

struct Desk(Folder);

impl Desk {
    /// A folder with a configuration and a made-up year.
    fn with_a_year() -> Desk {
        let desk = Desk(Folder::with(CONFIG));
        let done = desk.run(&["rehearse", "--tickets", "900", "--seed", "3"]);
        assert!(stdout(&done).starts_with("900 tickets with "), "{done:?}");
        desk
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.0.guichet(arguments).output().expect("it runs")
    }

    fn digest(&self, arguments: &[&str]) -> Output {
        self.run(&[&["digest"], arguments].concat())
    }

    /// What is said on standard error, and the exit code.
    fn refused(&self, arguments: &[&str]) -> (String, i32) {
        let done = self.digest(arguments);
        assert_eq!(stdout(&done), "", "{arguments:?}");
        let said = String::from_utf8(done.stderr).expect("UTF-8");
        (said, done.status.code().expect("an exit code"))
    }
}

fn stdout(done: &Output) -> &str {
    std::str::from_utf8(&done.stdout).expect("UTF-8")
}

#[test]
fn the_files_of_a_digest_lie_in_the_folder_and_belong_together() {
    let desk = Desk::with_a_year();
    let done = desk.digest(&[
        "--week",
        WEEK,
        "--scope",
        "organisation:acme",
        "--output",
        "out",
    ]);
    assert!(done.status.success(), "{done:?}");
    let name = format!("digest-{WEEK}-organisation-acme");
    let mut endings: Vec<String> = stdout(&done)
        .lines()
        .map(|line| {
            let file = Path::new(line)
                .file_name()
                .expect("a file")
                .to_string_lossy();
            file.strip_prefix(&name).expect("its name").to_owned()
        })
        .collect();
    endings.sort();
    let wanted = [
        "-categories.png",
        "-priorities.png",
        "-weeks.png",
        ".csv",
        ".eml",
        ".html",
        ".txt",
    ];
    assert_eq!(endings, wanted);
    let read = |ending: &str| {
        std::fs::read(desk.path("out").join(format!("{name}{ending}"))).expect("it lies there")
    };
    let html = String::from_utf8(read(".html")).expect("UTF-8");
    let letter = read(".eml");
    assert!(letter.len() < 150 * 1024, "{} bytes", letter.len());
    let mail = intake::read(&letter, &ReadRules::default());
    for ending in &wanted[..3] {
        let png = read(ending);
        assert!(png.starts_with(b"\x89PNG\r\n"), "{ending}");
        assert!(
            html.contains(&format!("src=\"{name}{ending}\"")),
            "{ending} is shown by the page"
        );
        assert!(
            mail.attachments
                .iter()
                .any(|file| file.size == png.len() as u64),
            "{ending} is in the letter"
        );
    }
    assert!(!html.contains("cid:"), "the page needs no letter");
    let csv = read(".csv");
    assert!(
        csv.starts_with("\u{feff}Rubrique;".as_bytes()),
        "for a French Excel"
    );
    let text = String::from_utf8(read(".txt")).expect("UTF-8");
    assert_eq!(
        stdout(&desk.digest(&["--week", WEEK, "--scope", "organisation:acme"])),
        text
    );
    // The letter says what the page says.
    assert!(
        text.starts_with("À voir de votre côté") || text.starts_with("Rien ne demande"),
        "{text}"
    );
    assert_eq!(
        mail.text.split_once('\n').map(|(first, _)| first.trim()),
        text.split_once('\n').map(|(first, _)| first.trim())
    );
}

#[test]
fn figures_are_printed_as_one_json_object_and_nothing_else() {
    let desk = Desk::with_a_year();
    for arguments in [
        vec!["--week", WEEK, "--json"],
        vec!["--month", "2026-01", "--json", "--output", "out"],
        vec!["--day", "2026-01-14", "--json"],
        vec!["--week", WEEK, "--json", "--send"],
    ] {
        let done = desk.digest(&arguments);
        assert!(done.status.success(), "{done:?}");
        let value: serde_json::Value = serde_json::from_slice(&done.stdout).expect("one object");
        assert_eq!(value["period"], arguments[1]);
        for name in [
            "came_in",
            "solved",
            "open",
            "targets",
            "weeks",
            "recurring",
            "causes",
            "recommendations",
        ] {
            assert!(!value[name].is_null(), "{name}");
        }
        assert!(value["open"].as_u64().expect("a number") > 0);
    }
    let english = desk.digest(&["--week", WEEK, "--locale", "en"]);
    assert!(stdout(&english).contains("\nEight weeks\n"), "{english:?}");
}

#[test]
fn a_digest_is_sent_to_everybody_who_reads_the_scope() {
    let desk = Desk::with_a_year();
    let done = desk.digest(&["--week", WEEK, "--send"]);
    assert!(
        stdout(&done).contains("is in the outbox for claire@example.org; `guichet run` carries it"),
        "{done:?}"
    );
    let outbox = desk.run(&["outbox"]);
    assert!(stdout(&outbox).contains("claire@example.org"), "{outbox:?}");
    // The letters of this configuration go into a folder.
    let done = desk.run(&["run", "--once"]);
    assert!(done.status.success(), "{done:?}");
    let sent = std::fs::read_dir(desk.path("letters/new")).expect("a folder");
    let letters: Vec<String> = sent
        .map(|entry| {
            let bytes = std::fs::read(entry.expect("a file").path()).expect("it can be read");
            String::from_utf8(bytes).expect("7 bits")
        })
        .filter(|letter| letter.contains("List-Id: <all.digest.example.org>"))
        .collect();
    let of_the_week = letters
        .iter()
        .filter(|letter| letter.contains(&format!("bilan-{WEEK}.csv")));
    assert_eq!(of_the_week.count(), 1, "{} digests", letters.len());
}

#[test]
fn who_unsubscribed_is_left_alone_until_they_want_it_again() {
    let desk = Desk::with_a_year();
    {
        let store = Store::open(&desk.path("guichet.db")).expect("a database");
        let claire = "claire@example.org".parse().expect("an address");
        let now = jiff::Timestamp::now();
        store
            .write_blocking(move |tx| tx.stop_digest(&claire, &Scope::All, now))
            .expect("it is written");
    }
    let send = ["--week", WEEK, "--send"];
    let done = desk.digest(&send);
    assert_eq!(
        stdout(&done),
        "claire@example.org has unsubscribed from digests about all: nothing is sent\n"
    );
    let resume = ["--resume", "claire@example.org"];
    let again = "claire@example.org gets digests about all again\n";
    assert_eq!(stdout(&desk.digest(&resume)), again);
    assert!(stdout(&desk.digest(&resume)).contains("nothing to change"));
    assert!(stdout(&desk.digest(&send)).contains("is in the outbox for claire@example.org"));
    let (message, exit) = desk.refused(&["--resume", "karim@acme.example"]);
    assert!(
        message.contains("is no reader of digests about `all`"),
        "{message}"
    );
    assert_eq!(exit, 1);
}

#[test]
fn who_asks_wrongly_is_told_what_there_is() {
    let desk = Desk::with_a_year();
    let now = jiff::Timestamp::now();
    let paris = TimeZone::get("Europe/Paris").expect("Paris");
    let today = now.to_zoned(paris.clone()).date();
    let running = Period::of(Cadence::Weekly, today, &paris)
        .expect("a week")
        .label();
    let next_year = format!("{}-W20", today.year() + 1);
    for (arguments, said, code) in [
        (
            vec!["--scope", "acme"],
            "`acme` is no scope; write for example organisation:acme, ",
            64,
        ),
        (
            vec!["--scope", "organisation:acm"],
            "`organisation:acm` is not in the configuration; write for example organisation:acme, ",
            1,
        ),
        (
            vec!["--scope", "team:acme"],
            "`team:acme` is not in the configuration; write for example organisation:acme, ",
            1,
        ),
        (
            vec!["--week", "2026-W54"],
            "--week takes a week such as 2026-W47",
            64,
        ),
        (
            vec!["--week", "47"],
            "--week takes a week such as 2026-W47",
            64,
        ),
        (
            vec!["--month", "2026-W47"],
            "--month takes a month such as 2026-11",
            64,
        ),
        (
            vec!["--day", "2026-02-30"],
            "--day takes a day such as 2026-11-22",
            64,
        ),
        (
            vec!["--week", next_year.as_str()],
            "there is nothing to count yet",
            64,
        ),
        (
            vec!["--week", running.as_str(), "--send"],
            "is not over",
            64,
        ),
        (
            vec!["--week", WEEK, "--locale", "tlh"],
            "write one of de, en, es, fr, it, nl",
            64,
        ),
        (
            vec!["--week", WEEK, "--scope", "organisation:cabinet", "--send"],
            "nobody reads digests about `organisation:cabinet`",
            1,
        ),
        (
            vec!["--week", WEEK, "--output", "guichet.toml/out"],
            "name a folder of yours with --output",
            73,
        ),
    ] {
        let (message, exit) = desk.refused(&arguments);
        assert!(message.contains(said), "{arguments:?}: {message}");
        assert_eq!(
            (exit, message.lines().count()),
            (code, 1),
            "{arguments:?}: {message}"
        );
    }
    assert!(
        desk.digest(&["--week", &running]).status.success(),
        "a running week can be looked at"
    );
    // Without a way out, and without a database.
    let bare = CONFIG.replace(
        "[desk.support.courier]\nkind = \"maildir\"\npath = \"letters\"\n",
        "",
    );
    std::fs::write(desk.path("guichet.toml"), bare).expect("a configuration");
    let (message, exit) = desk.refused(&["--week", WEEK, "--send"]);
    assert!(
        message.contains("letters have no way out; add a section [desk.support.courier]"),
        "{message}"
    );
    assert_eq!(exit, 78);
    let elsewhere = CONFIG.replace("guichet.db", "other.db");
    std::fs::write(desk.path("guichet.toml"), elsewhere).expect("a configuration");
    let (message, exit) = desk.refused(&["--week", WEEK]);
    assert!(
        message.contains("there is no database at ") && exit == 1,
        "{message}"
    );
}
