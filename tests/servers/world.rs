//! What happens around guichet: people with mailboxes, the servers that carry their mail, and the desk's operator.
//!
//! A `World` has a Dovecot and a Postfix of its own in a temporary folder; worlds do not share anything, so
//! tests run side by side. Nothing here knows how guichet works inside: it is started as a program, spoken to
//! by mail, and asked with its own commands.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use guichet::config::settings::Tls;
use lettre::address::Envelope;
use lettre::{SmtpTransport, Transport};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::dovecot::{self, Dovecot, open_folder};
use crate::mail::{Draft, ParsedMail, mailbox};
use crate::postfix::Postfix;
use crate::process::{GLANCE, await_some, tail};

/// The desk's address.
pub const SUPPORT: &str = "support@example.org";
/// A requester of the organisation `acme`.
pub const MARIE: &str = "marie@acme.example";
/// A technician, lead of the team `infra`.
pub const ANN: &str = "ann@desk.example";
/// A technician of the team `infra`.
pub const PAUL: &str = "paul@desk.example";

/// How long a mail may take to arrive. On an idle machine all of them arrive within two seconds.
pub const ARRIVAL: Duration = Duration::from_secs(60);
/// How long a command of guichet may take.
const COMMAND: Duration = Duration::from_secs(120);

/// What a test may want otherwise in guichet's configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// How both connections are protected.
    pub tls: Tls,
    /// Whether the test's authority is trusted.
    pub trusted: bool,
    /// The sweep beside IDLE. An hour: what is noticed sooner was noticed by IDLE.
    pub poll: &'static str,
    /// Lines of `[desk.support.mailbox]`: what becomes of a mail on the server.
    pub after: &'static str,
    /// Lines of `[limits]`.
    pub limits: &'static str,
    /// Port that letters go to in clear and without login instead of Postfix.
    pub sink: Option<u16>,
    /// Who is told about new tickets: a line of `[desk.support]`.
    pub team: &'static str,
}

impl Default for Configuration {
    fn default() -> Self {
        Configuration {
            tls: Tls::Implicit,
            trusted: true,
            poll: "1h",
            after: "after = \"keyword\"",
            limits: "",
            sink: None,
            team: "team = \"infra\"",
        }
    }
}

/// The people, the servers and the folder guichet runs in.
pub struct World {
    /// Where mail lies.
    pub dovecot: Dovecot,
    /// What carries it.
    pub postfix: Postfix,
    /// The authority both servers' certificate is signed by.
    pub certificates: Certificates,
    /// Mails that `await_mail` has handed out, by user and id.
    taken: RefCell<HashSet<(String, String)>>,
    dir: TempDir, // last: the servers stop before their folder goes
}

/// What a command of guichet did.
#[derive(Debug)]
pub struct Done {
    /// Its exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// Its log and complaints.
    pub stderr: String,
}

impl World {
    /// Starts the servers and waits until they answer.
    pub fn start() -> World {
        World::start_with(&dovecot::Options::default())
    }

    /// The same with another Dovecot.
    pub fn start_with(options: &dovecot::Options) -> World {
        // A short path: a Unix socket's name has at most 107 characters.
        let dir = tempfile::Builder::new()
            .prefix("guichet-")
            .tempdir_in("/tmp")
            .expect("/tmp can be written");
        open_folder(dir.path());
        let certificates = Certificates::make(dir.path());
        let dovecot = Dovecot::start(&dir.path().join("dovecot"), &certificates, options);
        let postfix = Postfix::start(&dir.path().join("postfix"), &certificates, &dovecot);
        open_folder(&dir.path().join("desk"));
        World {
            dovecot,
            postfix,
            certificates,
            taken: RefCell::default(),
            dir,
        }
    }

    // ---- people

    /// Somebody writes a mail and hands it to Postfix. Returns its Message-ID without brackets.
    pub fn write(&self, from: &str, to: &str, subject: &str, text: &str) -> String {
        self.send(&Draft {
            from: from.to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            ..Draft::default()
        })
    }

    /// Somebody answers a mail from an ordinary client, the original quoted below. Returns the new id.
    pub fn answer(&self, from: &str, mail: &ParsedMail, text: &str) -> String {
        self.send(&mail.answer(from, text))
    }

    /// Hands a mail to Postfix. Returns its id.
    pub fn send(&self, draft: &Draft) -> String {
        self.try_send(draft).expect("Postfix takes the mail")
    }

    /// Hands a mail to Postfix, which may refuse it. Returns its id.
    pub fn try_send(&self, draft: &Draft) -> Result<String, lettre::transport::smtp::Error> {
        let mail = draft.write();
        let address = |text: &str| mailbox(text).email;
        let envelope = Envelope::new(Some(address(&draft.from)), vec![address(&draft.to)]);
        SmtpTransport::builder_dangerous("127.0.0.1")
            .port(self.postfix.smtp)
            .build()
            .send_raw(&envelope.expect("one recipient"), &mail.bytes)?;
        Ok(mail.id)
    }

    /// Puts a mail straight into the recipient's Maildir: what waited before guichet started. Returns its id.
    pub fn drop_mail(&self, draft: &Draft) -> String {
        let mail = draft.write();
        let user = mailbox(&draft.to).email;
        self.dovecot.drop_mail(user.as_ref(), &mail.bytes);
        mail.id
    }

    /// Waits for a mail to `user` that `wanted` likes and that was not handed out before, oldest first.
    pub fn await_mail(&self, user: &str, wanted: impl Fn(&ParsedMail) -> bool) -> ParsedMail {
        let look = || {
            let mails = self.dovecot.mails(user).into_iter().map(ParsedMail::read);
            let mut taken = self.taken.borrow_mut();
            let found = mails
                .filter(|mail| !taken.contains(&(user.to_owned(), mail.id.clone())))
                .find(|mail| wanted(mail))?;
            taken.insert((user.to_owned(), found.id.clone()));
            Some(found)
        };
        await_some(ARRIVAL, look).unwrap_or_else(|| {
            let there = self.mails(user).into_iter();
            let subjects: Vec<_> = there.map(|mail| format!("  {}\n", mail.subject)).collect();
            panic!(
                "the mail {user} waits for did not arrive within {ARRIVAL:?}; in the mailbox:\n{}",
                subjects.concat()
            )
        })
    }

    /// All mails of a user, oldest first.
    pub fn mails(&self, user: &str) -> Vec<ParsedMail> {
        let mails = self.dovecot.mails(user).into_iter();
        mails.map(ParsedMail::read).collect()
    }

    // ---- the operator

    /// Writes guichet's configuration for these servers and returns its path.
    pub fn config(&self, tls: Tls) -> PathBuf {
        self.configure(&Configuration {
            tls,
            ..Configuration::default()
        })
    }

    /// The same with more choices.
    pub fn configure(&self, wish: &Configuration) -> PathBuf {
        let file = self.file("guichet.toml");
        let secret = self.file("imap.secret");
        fs::write(&secret, dovecot::PASSWORD).expect("the test's own folder");
        fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("the test's own folder");
        fs::write(&file, self.configuration(wish)).expect("the test's own folder");
        file
    }

    /// Runs a command of guichet to its end.
    pub fn guichet(&self, args: &[&str]) -> Done {
        self.guichet_with(args, &[])
    }

    /// The same with environment variables.
    pub fn guichet_with(&self, args: &[&str], env: &[(&str, &str)]) -> Done {
        let mut command = self.command(args);
        let (stdout, stderr) = (self.file("stdout"), self.file("guichet.log"));
        let file = |path: &Path| File::create(path).expect("the test's own folder");
        let mut child = command
            .envs(env.iter().copied())
            .stdout(file(&stdout))
            .stderr(file(&stderr))
            .spawn()
            .expect("guichet can be started");
        let Some(status) = await_some(COMMAND, || child.try_wait().expect("our own child")) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("guichet {args:?} did not end within {COMMAND:?}");
        };
        let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        Done {
            code: status.code(),
            signal: status.signal(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// Runs a command that must succeed and prints JSON, one object a line.
    pub fn json(&self, args: &[&str]) -> Vec<Value> {
        let done = self.guichet(args);
        assert_eq!(done.code, Some(0), "guichet {args:?}: {}", done.stderr);
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| {
                panic!("guichet {args:?} printed no JSON ({error}): {line}")
            })
        };
        done.stdout.lines().map(parse).collect()
    }

    /// Starts `guichet run` and waits until it listens for new mail (IMAP IDLE).
    pub fn run(&self) -> Daemon {
        let out = File::create(self.file("daemon.log")).expect("the test's own folder");
        let mut daemon = Daemon {
            child: self
                .command(&["run"])
                .stdout(out.try_clone().expect("a file handle can be copied"))
                .stderr(out)
                .spawn()
                .expect("guichet can be started"),
        };
        let ready = await_some(ARRIVAL, || {
            let gone = daemon.child.try_wait().expect("our own child");
            assert!(gone.is_none(), "guichet run ended: {gone:?}");
            self.dovecot.is_idle(SUPPORT).then_some(())
        });
        assert!(ready.is_some(), "guichet run does not enter IDLE");
        daemon
    }

    /// Gives the desk's INBOX a new UIDVALIDITY: Dovecot stops, forgets all UIDs and starts again.
    pub fn restart_dovecot_index(&mut self) {
        self.dovecot.restart_without_index(SUPPORT);
    }

    /// The path of a file in the folder guichet runs in.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("desk").join(name)
    }

    /// A command of guichet, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command
            .arg("--config")
            .arg(self.file("guichet.toml"))
            .args(args)
            .current_dir(self.file(""))
            .env_remove("FAILPOINTS")
            .stdin(Stdio::null());
        command
    }

    fn configuration(&self, wish: &Configuration) -> String {
        let (tls, imap, smtp) = match wish.tls {
            Tls::Implicit => ("implicit", self.dovecot.imaps, self.postfix.smtps),
            Tls::StartTls => ("starttls", self.dovecot.imap, self.postfix.smtp),
            Tls::None => ("none", self.dovecot.imap, self.postfix.smtp),
        };
        let ca = match wish.trusted && wish.tls != Tls::None {
            true => format!("ca_file = {:?}", self.certificates.ca.display().to_string()),
            false => String::new(),
        };
        let login = format!("user = \"{SUPPORT}\"\npassword = {{ file = \"imap.secret\" }}");
        let courier = match wish.sink {
            None => format!("port = {smtp}\ntls = \"{tls}\"\n{login}\n{ca}\nplus_addresses = true"),
            // As many connections as a relay of one's own takes; each waits for the disk twice a letter.
            Some(port) => {
                format!("port = {port}\ntls = \"none\"\nplus_addresses = true\nconnections = 16")
            }
        };
        let Configuration {
            poll,
            after,
            limits,
            team,
            ..
        } = wish;
        format!(
            r#"[store]
path = "guichet.db"

[desk.support]
address = "{SUPPORT}"
name = "Support informatique"
prefix = "INC"
locale = "fr"
timezone = "Europe/Paris"
{team}
since = "2020-01-01T00:00:00Z"

[desk.support.mailbox]
kind = "imap"
host = "localhost"
port = {imap}
tls = "{tls}"
{ca}
{login}
folders = ["INBOX"]
{after}
poll = "{poll}"

[desk.support.courier]
kind = "smtp"
host = "localhost"
{courier}

[team.infra]
lead = "ann"
members = ["ann", "paul"]

[technician.ann]
name = "Ann Martin"
address = "{ANN}"

[technician.paul]
name = "Paul Petit"
address = "{PAUL}"

[organisation.acme]
name = "Acme"
domains = ["acme.example"]

[limits]
{limits}
"#
        )
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            for log in ["guichet.log", "daemon.log"] {
                eprintln!("---- guichet ----\n{}", tail(&self.file(log)));
            }
        }
    }
}

/// A running `guichet run`. Dropping it asks it to stop and insists after ten seconds.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Asks it to stop (SIGTERM) and returns its exit status. Panics when it takes longer than `within`.
    pub fn stop(mut self, within: Duration) -> Option<i32> {
        self.ask();
        let status = await_some(within, || self.child.try_wait().expect("our own child"));
        let Some(status) = status else {
            panic!("guichet run does not stop within {within:?} of SIGTERM");
        };
        status.code()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn ask(&self) {
        if let Some(pid) = i32::try_from(self.pid()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.ask();
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
