//! What the courier does with answers, wrong servers and wrong programs.

use super::{sound, unix_lines};

#[test]
fn bytes_that_servers_read_alike_are_sound() {
    assert_eq!(sound(b"Subject: x\r\n\r\n.\r\nbody\r\n"), Ok(()));
    assert_eq!(sound(format!("{}\r\n", "x".repeat(998)).as_bytes()), Ok(()));
}

#[test]
fn bytes_that_could_smuggle_a_command_are_not() {
    let long = format!("{}\r\n", "x".repeat(999));
    for (bytes, fault) in [
        (&b""[..], "empty"),
        (
            b"a\n.\r\nMAIL FROM:<x@y.example>\r\n",
            "does not end with CRLF",
        ),
        (b"a\r.\r\n", "bare CR"),
        (b"a\r\r\n", "bare CR"),
        (b"a\r\n.\r", "does not end with CRLF"),
        (b"a\r\nb", "does not end with CRLF"),
        (b"a\0\r\n", "NUL"),
        (b"caf\xc3\xa9\r\n", "7 bits"),
        (long.as_bytes(), "999 octets"),
    ] {
        let found = sound(bytes).unwrap_err();
        assert!(found.contains(fault), "{found:?} for {bytes:?}");
    }
}

#[test]
fn unix_lines_end_with_lf_alone() {
    assert_eq!(unix_lines(b"a\r\n\r\nb\r\n"), b"a\n\nb\n");
}

mod carrying {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::{Duration, Instant};

    use tempfile::TempDir;

    use crate::config::settings::CourierSettings;
    use crate::courier::{Courier, Patience};
    use crate::desk::ids::MessageId;
    use crate::desk::letter::{Delivery, Letter};

    const TEXT: &str = "Subject: INC-1\r\n\r\n.\r\nHello\r\n";

    fn letter() -> Letter {
        Letter {
            message_id: MessageId::parse("<inc-1/../1@example.org>").unwrap(),
            to: "-oi@acme.example".parse().unwrap(),
            envelope_from: "support@example.org".parse().unwrap(),
            bytes: TEXT.into(),
        }
    }

    /// Longer than any program here needs, on whatever machine.
    const PATIENCE: Duration = Duration::from_secs(120);

    async fn carried(settings: &CourierSettings, go: Result<(), String>) -> Delivery {
        carried_within(settings, go, PATIENCE).await
    }

    async fn carried_within(
        settings: &CourierSettings,
        go: Result<(), String>,
        dot: Duration,
    ) -> Delivery {
        let no_password = |_: &_| Err("none".to_owned());
        let patience = Patience {
            dot,
            ..Patience::default()
        };
        Courier::with_patience("support", settings, "example.org", no_password, patience)
            .carrier()
            .carry(&letter(), || async { go })
            .await
    }

    fn names(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn a_letter_carried_twice_is_one_file() {
        let root = TempDir::new().unwrap();
        let path = root.path().join("a/Sent");
        let settings = CourierSettings::Maildir { path: path.clone() };
        for _ in 0..2 {
            let delivery = carried(&settings, Ok(())).await;
            assert!(matches!(delivery, Delivery::Accepted(_)), "{delivery:?}");
        }
        let found = names(&path.join("new"));
        assert_eq!(found.len(), 1);
        assert_eq!(
            fs::read_to_string(&found[0]).unwrap(),
            TEXT.replace('\r', "")
        );
        assert!(names(&path.join("tmp")).is_empty());
        assert!(path.join("cur").is_dir());
    }

    #[tokio::test]
    async fn no_file_is_there_when_the_gateway_says_no() {
        let root = TempDir::new().unwrap();
        let path = root.path().to_owned();
        let settings = CourierSettings::Maildir { path: path.clone() };
        let delivery = carried(&settings, Err("full".to_owned())).await;
        assert_eq!(delivery, Delivery::Deferred("full".to_owned()));
        assert!(names(&path.join("new")).is_empty());
    }

    #[tokio::test]
    async fn a_maildir_that_cannot_be_written_defers() {
        let root = TempDir::new().unwrap();
        let path = root.path().join("file");
        fs::write(&path, "").unwrap();
        let delivery = carried(&CourierSettings::Maildir { path }, Ok(())).await;
        assert!(matches!(delivery, Delivery::Deferred(_)), "{delivery:?}");
    }

    /// A program that runs these shell lines with the letter as its input.
    fn program(root: &TempDir, lines: &str) -> CourierSettings {
        let (text, program) = (root.path().join("text"), root.path().join("sendmail"));
        let home = root.path().display();
        fs::write(&text, format!("#!/bin/sh\ncd '{home}'\n{lines}\n")).unwrap();
        // Written by another process: a test that starts a program just now would inherit our open
        // file for a moment, and the system does not run files that are open for writing.
        let copied = Command::new("install")
            .arg("-m755")
            .args([&text, &program])
            .status();
        assert!(copied.unwrap().success());
        CourierSettings::Sendmail { program }
    }

    #[tokio::test]
    async fn the_program_gets_envelope_and_letter() {
        let root = TempDir::new().unwrap();
        let settings = program(&root, "echo \"$@\" > args; cat > letter; echo queued >&2");
        let delivery = carried(&settings, Ok(())).await;
        assert!(
            matches!(&delivery, Delivery::Accepted(text) if text.ends_with(": queued")),
            "{delivery:?}"
        );
        let read = |name| fs::read_to_string(root.path().join(name)).unwrap();
        assert_eq!(
            read("args"),
            "-i -f support@example.org -- -oi@acme.example\n"
        );
        assert_eq!(read("letter"), TEXT.replace('\r', ""));
    }

    #[tokio::test]
    async fn the_programs_end_says_what_became_of_the_letter() {
        for (lines, state) in [
            ("exit 64", "Deferred"),
            ("echo bad data >&2; exit 65", "Refused"),
            ("exit 67", "Refused"),
            ("exit 69", "Deferred"),
            ("exit 75", "Deferred"),
            ("exit 78", "Deferred"),
            ("exit 1", "Deferred"),
            ("kill -9 $$", "Unknown"),
        ] {
            let root = TempDir::new().unwrap();
            let delivery = format!("{:?}", carried(&program(&root, lines), Ok(())).await);
            assert!(delivery.starts_with(state), "{delivery} for {lines}");
            assert_eq!(delivery.contains("bad data"), lines.contains("bad data"));
        }
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_leaves_it_unknown() {
        let root = TempDir::new().unwrap();
        let settings = program(&root, "exec sleep 600");
        let delivery = carried_within(&settings, Ok(()), Duration::from_secs(1)).await;
        assert!(matches!(delivery, Delivery::Unknown(_)), "{delivery:?}");
    }

    #[tokio::test]
    async fn a_helper_that_stays_and_a_flood_of_words_do_not_hold_the_courier() {
        let root = TempDir::new().unwrap();
        let settings = program(
            &root,
            "sleep 600 & head -c 1000000 /dev/zero | tr '\\0' x >&2",
        );
        let begin = Instant::now();
        let delivery = carried(&settings, Ok(())).await;
        assert!(
            matches!(&delivery, Delivery::Accepted(text) if text.len() < 4000),
            "{delivery:?}"
        );
        assert!(begin.elapsed() < PATIENCE);
    }

    #[tokio::test]
    async fn no_program_runs_when_the_gateway_says_no_or_it_is_not_there() {
        let root = TempDir::new().unwrap();
        let settings = program(&root, "touch ran");
        let delivery = carried(&settings, Err("full".to_owned())).await;
        assert_eq!(delivery, Delivery::Deferred("full".to_owned()));
        assert!(!root.path().join("ran").exists());
        let program = root.path().join("nothing");
        let delivery = carried(&CourierSettings::Sendmail { program }, Ok(())).await;
        assert!(
            matches!(&delivery, Delivery::Deferred(text) if text.contains("check `program`")),
            "{delivery:?}"
        );
    }
}
