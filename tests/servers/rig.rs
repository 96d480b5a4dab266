//! The servers of the tests do what the tests rely on. Nothing of guichet but its TLS connection takes part.

use std::time::Duration;

use guichet::config::settings::{Server, Tls};
use guichet::net::{ConnectError, Wire, connect, protect};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::{SmtpTransport, Transport};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::dovecot::PASSWORD;
use crate::imap::Imap;
use crate::mail::Draft;
use crate::process::await_some;
use crate::sink::Sink;
use crate::world::{ANN, MARIE, SUPPORT, World};

#[test]
fn mail_sent_through_postfix_arrives_in_dovecot() {
    let world = World::start();
    let id = world.write(
        MARIE,
        SUPPORT,
        "Réseau coupé",
        "Plus rien depuis 9 h.\n.\nMarie",
    );
    let mail = world.await_mail(SUPPORT, |mail| mail.id == id);
    assert_eq!(mail.subject, "Réseau coupé");
    assert_eq!(mail.from, MARIE);
    assert!(
        mail.text.starts_with("Plus rien depuis 9 h.\n.\nMarie"),
        "{}",
        mail.text
    );
    let delivered_to = mail.header("Delivered-To");
    assert_eq!(delivered_to.as_deref(), Some(SUPPORT));

    let mut imap = Imap::open(world.dovecot.imap, SUPPORT);
    assert_eq!(imap.exists, 1);
    let bytes = String::from_utf8(imap.fetch(1)).unwrap();
    assert!(
        bytes.contains(&format!("Message-ID: <{id}>\r\n")),
        "{bytes}"
    );
}

#[test]
fn what_stands_after_the_plus_belongs_to_nobody() {
    let world = World::start();
    let id = world.write(ANN, "support+INC-1.k7f3@example.org", "Re", "/take");
    let mail = world.await_mail(SUPPORT, |mail| mail.id == id);
    let to = mail.header("X-Original-To");
    assert_eq!(to.as_deref(), Some("support+INC-1.k7f3@example.org"));
}

#[test]
fn postfix_refuses_mail_that_would_leave_the_machine() {
    let world = World::start();
    let draft = Draft {
        from: MARIE.to_owned(),
        to: "somebody@far-away.example".to_owned(),
        ..Draft::default()
    };
    let refusal = world.try_send(&draft).unwrap_err().to_string();
    assert!(refusal.contains("permanent"), "{refusal}");
}

#[test]
fn an_answer_of_a_mail_client_quotes_and_stays_in_the_thread() {
    let world = World::start();
    let first = world.write(MARIE, ANN, "Question", "Bonjour,\nune question.");
    let seen = world.await_mail(ANN, |mail| mail.id == first);
    let second = world.answer(ANN, &seen, "Oui ?");
    let answer = world.await_mail(MARIE, |mail| mail.id == second);
    assert_eq!(answer.subject, "Re: Question");
    assert_eq!(answer.in_reply_to, answer.references);
    assert_eq!(answer.references, [first]);
    assert!(answer.text.contains("Oui ?\n\nLe "), "{}", answer.text);
    assert!(answer.text.contains("> une question."), "{}", answer.text);
}

#[tokio::test]
async fn imap_under_tls_is_trusted_with_our_authority_only() {
    let world = World::start();
    let mut server = Server {
        host: "localhost".to_owned(),
        port: world.dovecot.imaps,
        tls: Tls::Implicit,
        ca_file: Some(world.certificates.ca.clone()),
    };
    let mut wire = connect(&server).await.unwrap();
    assert!(matches!(wire, Wire::Tls(_)), "{wire:?}");
    let mut greeting = [0; 4];
    wire.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"* OK");

    server.ca_file = None;
    let error = connect(&server).await.unwrap_err();
    assert!(matches!(error, ConnectError::Untrusted { .. }), "{error}");
}

#[tokio::test]
async fn imap_and_smtp_turn_to_tls_when_asked() {
    let world = World::start();
    let talks: [(u16, &[&str], &str); 2] = [
        (world.dovecot.imap, &["a STARTTLS"], "a OK"),
        (world.postfix.smtp, &["EHLO test", "STARTTLS"], "220 "),
    ];
    for (port, commands, agreed) in talks {
        let server = Server {
            host: "localhost".to_owned(),
            port,
            tls: Tls::StartTls,
            ca_file: Some(world.certificates.ca.clone()),
        };
        let mut plain = BufReader::new(connect(&server).await.unwrap());
        let mut line = String::new();
        plain.read_line(&mut line).await.unwrap();
        for command in commands {
            plain
                .write_all(format!("{command}\r\n").as_bytes())
                .await
                .unwrap();
            // The last line of an answer: SMTP goes on while a dash follows the code.
            line.clear();
            while line.is_empty() || line.get(3..4) == Some("-") {
                line.clear();
                plain.read_line(&mut line).await.unwrap();
            }
        }
        assert!(line.starts_with(agreed), "port {port}: {line}");
        let wire = protect(plain.into_inner(), &server).await.unwrap();
        assert!(matches!(wire, Wire::Tls(_)), "port {port}: {wire:?}");
    }
}

#[test]
fn postfix_checks_the_password_with_dovecot() {
    let world = World::start();
    let login = |password: &str| {
        SmtpTransport::builder_dangerous("127.0.0.1")
            .port(world.postfix.smtp)
            .credentials(Credentials::new(SUPPORT.to_owned(), password.to_owned()))
            .authentication(vec![Mechanism::Plain])
            .build()
            .test_connection()
    };
    assert!(login(PASSWORD).unwrap());
    let error = login("wrong").unwrap_err();
    assert!(error.to_string().contains("535"), "{error}");
}

#[test]
fn a_waiting_client_is_seen_and_told_of_new_mail() {
    let world = World::start();
    let mut imap = Imap::open(world.dovecot.imap, SUPPORT);
    assert!(!world.dovecot.is_idle(SUPPORT));
    imap.idle();
    let seen = await_some(Duration::from_secs(60), || {
        world.dovecot.is_idle(SUPPORT).then_some(())
    });
    assert!(seen.is_some(), "IDLE is not seen from outside");
    world.write(MARIE, SUPPORT, "Imprimante", "Elle ne répond plus.");
    assert_eq!(imap.line(), "* 1 EXISTS");
}

#[test]
fn without_its_index_dovecot_gives_the_same_mails_a_new_uidvalidity() {
    let mut world = World::start();
    let id = world.write(MARIE, SUPPORT, "Écran noir", "Depuis ce matin.");
    world.await_mail(SUPPORT, |mail| mail.id == id);
    let before = Imap::open(world.dovecot.imap, SUPPORT).uid_validity;
    world.restart_dovecot_index();
    let mut after = Imap::open(world.dovecot.imap, SUPPORT);
    assert!(
        after.uid_validity > before,
        "{} after {before}",
        after.uid_validity
    );
    assert_eq!(after.exists, 1);
    assert!(String::from_utf8_lossy(&after.fetch(1)).contains(&id));
}

#[test]
fn mail_waits_while_postfix_is_away_from_its_queue() {
    let mut world = World::start();
    let id = world.write(MARIE, SUPPORT, "Panne", "Bonjour");
    world.postfix.pause();
    world.postfix.resume();
    world.postfix.await_empty_queue(Duration::from_secs(60));
    assert_eq!(
        world
            .mails(SUPPORT)
            .iter()
            .filter(|mail| mail.id == id)
            .count(),
        1
    );
}

#[test]
fn the_sink_takes_letters() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(folder.path());
    let draft = Draft {
        from: SUPPORT.to_owned(),
        to: MARIE.to_owned(),
        subject: "Bonjour".to_owned(),
        ..Draft::default()
    };
    let envelope = lettre::address::Envelope::new(
        Some(SUPPORT.parse().unwrap()),
        vec![MARIE.parse().unwrap()],
    );
    let sent = SmtpTransport::builder_dangerous("127.0.0.1")
        .port(sink.port)
        .build()
        .send_raw(&envelope.unwrap(), &draft.write().bytes)
        .unwrap();
    assert!(sent.is_positive());
    assert_eq!(sink.letters(), 1);
}
