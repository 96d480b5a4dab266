//! SIGHUP: a running guichet takes a new configuration over, or says why not and goes on with the old one.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A desk whose mail lies in folders.
struct Desk {
    folder: tempfile::TempDir,
    child: Child,
    log: Receiver<String>,
}

impl Desk {
    fn start() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        for part in [
            "in/new",
            "in/cur",
            "in/tmp",
            "templates/fr/acknowledgement",
            "keywords",
            "recipes",
        ] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        fs::write(folder.path().join("guichet.toml"), configuration("Support")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .arg("--config")
            .arg(folder.path().join("guichet.toml"))
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = channel();
        thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let desk = Desk { folder, child, log };
        desk.await_log("guichet runs");
        desk
    }

    /// Waits until the log says this. Gives the line.
    fn await_log(&self, words: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the log never said `{words}`"));
            if line.contains(words) {
                return line;
            }
        }
    }

    fn tell(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Somebody writes; gives the acknowledgement.
    fn acknowledgement(&self, name: &str) -> String {
        self.acknowledgement_to(name, "acme.example")
    }

    /// The same for somebody of this domain.
    fn acknowledgement_to(&self, name: &str, domain: &str) -> String {
        let mail = format!(
            "From: Marie <{name}@{domain}>\nTo: support@example.org\nMessage-ID: <{name}@acme.example>\n\
             Subject: {name}\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nBonjour, le scanner {name} est en panne.\n"
        );
        let draft = self.path("in/tmp").join(name);
        fs::write(&draft, mail).unwrap();
        fs::rename(draft, self.path("in/new").join(name)).unwrap();
        self.await_log(" accepted");
        let letters = fs::read_dir(self.path("out/new")).unwrap();
        let letters = letters.map(|letter| fs::read_to_string(letter.unwrap().path()).unwrap());
        let mut about = letters
            .filter(|letter| letter.contains(&format!("In-Reply-To: <{name}@acme.example>")));
        about
            .next()
            .unwrap_or_else(|| panic!("no letter about {name}"))
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(name: &str) -> String {
    format!(
        r#"
[desk.support]
address = "support@example.org"
name = "{name}"
locale = "fr"
since = "2020-01-01T00:00:00Z"
[desk.support.mailbox]
kind = "maildir"
path = "in"
poll = "1s"
[desk.support.courier]
kind = "maildir"
path = "out"
[organisation.acme]
domains = ["acme.example"]
[organisation.boutiques]
domains = ["boutiques.example"]
[templates]
path = "templates"
[keywords]
path = "keywords"
[recipes]
path = "recipes"
"#
    )
}

fn subject(letter: &str) -> &str {
    let line = letter
        .lines()
        .find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

#[test]
fn a_right_configuration_is_taken_over_and_a_wrong_one_is_not() {
    let desk = Desk::start();
    let ours = subject(&desk.acknowledgement("alpha")).to_owned();
    assert!(!ours.contains("Guichet de l"), "{ours}");

    // A template that cannot be right: nothing changes, and the log says where and why.
    let template = desk.path("templates/fr/acknowledgement/subject.hbs");
    write(&template, "{{ticket.idd}} Guichet de l'accueil");
    desk.tell(Signal::HUP);
    let said = desk.await_log("not taken over");
    assert!(said.contains("fr/acknowledgement/subject.hbs"), "{said}");
    assert!(said.contains("idd"), "{said}");
    let same = subject(&desk.acknowledgement("beta")).to_owned();
    assert!(!same.contains("Guichet de l"), "{same}");

    // A file of words that cannot be right: the same.
    let words = desk.path("keywords/maison.toml");
    write(
        &words,
        "language = \"fr\"\n[urgency.hihg]\nwords = [\"krakboum\"]\n",
    );
    write(&template, "[{{ticket.id}}] Guichet de l'accueil");
    desk.tell(Signal::HUP);
    let said = desk.await_log("not taken over");
    assert!(
        said.contains("maison.toml") && said.contains("hihg"),
        "{said}"
    );
    let same = subject(&desk.acknowledgement("delta")).to_owned();
    assert!(!same.contains("Guichet de l"), "{same}");
    fs::remove_file(&words).unwrap();

    // A recipe that cannot be right: the same.
    let recipe = desk.path("recipes/scanner.fr.md");
    let right =
        "+++\ntitle = \"Le scanner\"\nwords = [\"scanner\", \"en panne\"]\n+++\n\nRallumez-le.\n";
    write(&recipe, &right.replace("words", "wrods"));
    desk.tell(Signal::HUP);
    let said = desk.await_log("not taken over");
    assert!(
        said.contains("scanner.fr.md:3") && said.contains("did you mean `words`?"),
        "{said}"
    );
    assert!(!desk.acknowledgement("epsilon").contains("Rallumez-le"));
    write(&recipe, right);

    // A wrong key: the same.
    write(
        &desk.path("guichet.toml"),
        &format!("{}nonsense = 1\n", configuration("Support")),
    );
    desk.tell(Signal::HUP);
    let said = desk.await_log("not taken over");
    assert!(said.contains("nonsense"), "{said}");

    // Both mended: both hold.
    write(&template, "[{{ticket.id}}] Guichet de l'accueil");
    write(&desk.path("guichet.toml"), &configuration("Accueil"));
    desk.tell(Signal::HUP);
    desk.await_log("is taken over");
    desk.await_log("guichet runs");
    // Of another firm: what several people of one report is offered no recipe.
    let letter = desk.acknowledgement_to("gamma", "boutiques.example");
    assert!(letter.contains("Rallumez-le"), "{letter}");
    assert!(
        subject(&letter).contains("Guichet de l'accueil"),
        "{letter}"
    );
    assert!(
        letter.contains("From: \"Accueil\" <support@example.org>"),
        "{letter}"
    );

    let mut desk = desk;
    desk.tell(Signal::TERM);
    assert!(desk.child.wait().unwrap().success());
}
