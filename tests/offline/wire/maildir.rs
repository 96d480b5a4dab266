//! A Maildir that is read while others deliver to it and move its files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use guichet::config::settings::{After, MailboxSettings, MaildirSettings};
use guichet::desk::mail::Place;
use guichet::mailbox::{Outcome, Watch, watch};
use jiff::Timestamp;

use super::imap_peer::{Memory, PATIENCE, comes_true, impatient, mail, password};

struct Maildir {
    folder: tempfile::TempDir,
    memory: Memory,
}

impl Maildir {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tmp", "new", "cur"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self {
            folder,
            memory: Memory::default(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn put(&self, file: &str, bytes: &[u8]) {
        fs::write(self.path().join(file), bytes).unwrap();
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(folder)).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn settings(&self, after: After) -> MailboxSettings {
        MailboxSettings::Maildir(MaildirSettings {
            path: self.path().to_owned(),
            after,
            poll: std::time::Duration::from_millis(10),
        })
    }

    fn watch(&self) -> Watch<Memory> {
        Watch {
            desk: "support".into(),
            since: Some("2020-01-01T00:00:00Z".parse().unwrap()),
            message_size: 1000,
            ledger: self.memory.clone(),
            now: Arc::new(Timestamp::now),
            hint: Arc::new(|_| {}),
            state: Arc::default(),
            patience: impatient(),
        }
    }

    async fn once(&self, after: After) {
        watch::once(&self.settings(after), password(), &self.watch())
            .await
            .unwrap();
    }

    fn names(&self) -> Vec<String> {
        self.memory.names().into_keys().collect()
    }
}

#[tokio::test]
async fn new_mail_is_recorded_then_moved_to_cur() {
    let maildir = Maildir::new();
    maildir.put("new/1.a.host", &mail(1));
    maildir.put("cur/2.b.host:2,RF", &mail(2));
    maildir.put("tmp/3.c.host", b"half a ma");
    maildir.put("new/.hidden", b"no mail");
    fs::create_dir(maildir.path().join("new/folder")).unwrap();
    maildir.once(After::Keyword).await;
    assert_eq!(maildir.names(), ["1.a.host", "2.b.host"]);
    assert_eq!(maildir.memory.names()["1.a.host"], mail(1));
    assert_eq!(maildir.files("cur"), ["1.a.host:2,", "2.b.host:2,FR"]);
    // A reader flags it: it is the same mail.
    fs::rename(
        maildir.path().join("cur/1.a.host:2,"),
        maildir.path().join("cur/1.a.host:2,S"),
    )
    .unwrap();
    maildir.once(After::Keyword).await;
    assert_eq!(maildir.names(), ["1.a.host", "2.b.host"]);
    assert_eq!(maildir.files("cur")[0], "1.a.host:2,S");
}

#[tokio::test]
async fn a_mail_is_marked_or_moved_as_configured() {
    let maildir = Maildir::new();
    maildir.put("new/1.a.host", &mail(1));
    maildir.once(After::Seen).await;
    assert_eq!(maildir.files("cur"), ["1.a.host:2,S"]);
    maildir.put("new/2.b.host", &mail(2));
    maildir.once(After::Move("Done".into())).await;
    assert_eq!(maildir.files("Done/cur"), ["2.b.host:2,"]);
    assert_eq!(maildir.files("new"), Vec::<String>::new());
    assert_eq!(maildir.names(), ["1.a.host", "2.b.host"]);
}

#[tokio::test]
async fn of_a_mail_over_the_limit_the_header_is_taken() {
    let maildir = Maildir::new();
    let mut big = mail(1);
    big.extend([b'x'; 5000]);
    maildir.put("new/1", &big);
    maildir.put("new/2", &[b'y'; 5000]);
    maildir.once(After::Keyword).await;
    let recorded = maildir.memory.names();
    assert_eq!(
        recorded["1"],
        b"Subject: mail 1\r\nMessage-ID: <1@acme.example>\r\n\r\n"
    );
    assert_eq!(
        recorded["2"].len(),
        1000,
        "no header ends, so the limit does"
    );
    assert_eq!(maildir.memory.cut(), [big.len() as u64, 5000]);
}

#[tokio::test]
async fn mail_from_before_the_first_opening_is_left_alone() {
    let maildir = Maildir::new();
    maildir.put("new/1", &mail(1));
    let old = fs::File::open(maildir.path().join("new/1")).unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let mut watch = maildir.watch();
    watch.since = None;
    let opened: Timestamp = "2026-11-24T08:00:01.5Z".parse().unwrap();
    watch.now = Arc::new(move || opened);
    // A file system that keeps even seconds alone.
    let stamped: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
    let settings = maildir.settings(After::Seen);
    watch::once(&settings, password(), &watch).await.unwrap();
    maildir.put("new/2", &mail(2));
    let second = fs::File::open(maildir.path().join("new/2")).unwrap();
    second.set_modified(stamped.into()).unwrap();
    watch::once(&settings, password(), &watch).await.unwrap();
    assert_eq!(maildir.names(), ["2"]);
    assert_eq!(
        maildir.files("new"),
        ["1"],
        "what is not ours stays as it is"
    );
    let outcomes = maildir.memory.outcomes();
    assert_eq!(outcomes, [(Place::Name("1".into()), Outcome::Older)]);
}

#[tokio::test]
async fn mail_that_arrives_and_is_moved_meanwhile_is_read_by_the_loop() {
    let maildir = Maildir::new();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let (settings, watch) = (maildir.settings(After::Keyword), maildir.watch());
    let reading = tokio::spawn(async move {
        watch::keep_read(&settings, password(), &watch, stopped).await;
    });
    for n in 0..100 {
        let folder = if n % 2 == 0 { "new" } else { "cur" };
        maildir.put(&format!("tmp/{n}"), &mail(n));
        let to = maildir.path().join(folder).join(n.to_string());
        fs::rename(maildir.path().join(format!("tmp/{n}")), to).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let all = comes_true(|| maildir.names().len() == 100).await;
    assert!(all, "{} mails", maildir.names().len());
    drop(stop); // nobody is left to say stop: that is a stop, too
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_maildir_that_is_none_says_what_it_needs() {
    let maildir = Maildir::new();
    fs::remove_dir(maildir.path().join("new")).unwrap();
    let settings = maildir.settings(After::Keyword);
    let error = watch::once(&settings, password(), &maildir.watch())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("new, cur and tmp"), "{error}");
}
