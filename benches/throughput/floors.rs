//! What no gateway can beat on this machine: each step alone, with the same mails and nothing else done.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt;
use guichet::config::settings::{Server, Tls};
use guichet::net::connect;
use mail_parser::{MessageParser, MimeHeaders};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::corpus::Sample;
use crate::dovecot::PASSWORD;
use crate::world::{MARIE, SUPPORT, World};

/// Mails asked for with one FETCH. Ten times as many are no faster.
const FETCH_BATCH: u32 = 100;
/// Mails committed together.
const COMMIT_BATCH: usize = 32;
/// Size of an acknowledgement with its HTML part, in bytes.
const LETTER: usize = 6_000;

/// Fetches every mail of the desk's INBOX with async-imap and looks at none. Returns how many bytes came.
pub fn fetch(world: &World, tls: Tls) -> usize {
    let port = match tls {
        Tls::Implicit => world.dovecot.imaps,
        Tls::StartTls | Tls::None => world.dovecot.imap,
    };
    let server = Server {
        host: "localhost".to_owned(),
        port,
        tls,
        ca_file: Some(world.certificates.ca.clone()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let wire = connect(&server).await.expect("Dovecot answers");
        let mut client = async_imap::Client::new(wire);
        client.read_response().await.expect("a greeting");
        let mut session = client
            .login(SUPPORT, PASSWORD)
            .await
            .expect("the password is right");
        let count = session
            .select("INBOX")
            .await
            .expect("there is an INBOX")
            .exists;
        let mut bytes = 0;
        for first in (1..=count).step_by(FETCH_BATCH as usize) {
            let range = format!("{first}:{}", count.min(first + FETCH_BATCH - 1));
            let mut mails = session
                .fetch(range, "(UID BODY.PEEK[])")
                .await
                .expect("a FETCH");
            while let Some(mail) = mails.try_next().await.expect("an answer") {
                bytes += mail.body().map_or(0, <[u8]>::len);
            }
        }
        bytes
    })
}

/// Reads every mail: headers, texts decoded, attachments decoded. Returns how many parts there were.
pub fn parse(mails: &[Sample]) -> usize {
    let parser = MessageParser::default();
    let read = |mail: &Sample| {
        let mail = parser.parse(&mail.bytes).expect("the corpus can be read");
        let texts = mail.body_text(0).map_or(0, |text| text.len().min(1));
        texts
            + mail
                .attachments()
                .filter(|part| part.attachment_name().is_some())
                .count()
    };
    mails.iter().map(read).sum()
}

/// Commits five rows for each mail, its bytes among them, synced (WAL, FULL). Returns how many rows there are.
pub fn commit(mails: &[Sample], file: &Path) -> i64 {
    let mut store = Connection::open(file).expect("a file of our own");
    store
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE mail (id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
             CREATE INDEX mail_by_message_id ON mail (message_id);
             CREATE TABLE source (folder TEXT, uid INTEGER, mail INTEGER, PRIMARY KEY (folder, uid)) STRICT;
             CREATE TABLE ticket (id INTEGER PRIMARY KEY, subject TEXT NOT NULL) STRICT;
             CREATE TABLE entry (id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
             CREATE TABLE letter (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
        )
        .expect("tables");
    let letter = vec![b'x'; LETTER];
    let text = "x".repeat(2_000);
    for (batch, mails) in mails.chunks(COMMIT_BATCH).enumerate() {
        let change = store
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .expect("alone");
        for (place, mail) in mails.iter().enumerate() {
            let uid = i64::try_from(batch * COMMIT_BATCH + place).expect("few mails");
            let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
                let mut row = change.prepare_cached(sql).expect("the SQL above");
                row.execute(values).expect("a row");
            };
            run(
                "INSERT INTO mail (message_id, bytes) VALUES (?, ?)",
                params![mail.id, mail.bytes],
            );
            run("INSERT INTO source VALUES ('INBOX', ?1, ?1)", params![uid]);
            run("INSERT INTO ticket (subject) VALUES (?)", params![mail.id]);
            run(
                "INSERT INTO entry (ticket, text) VALUES (?, ?)",
                params![uid, text],
            );
            run("INSERT INTO letter (bytes) VALUES (?)", params![letter]);
        }
        change.commit().expect("disk space");
    }
    let count = "SELECT (SELECT count(*) FROM mail) + (SELECT count(*) FROM source) + (SELECT count(*) FROM ticket)
                 + (SELECT count(*) FROM entry) + (SELECT count(*) FROM letter)";
    store
        .query_row(count, [], |row| row.get(0))
        .expect("a number")
}

/// Sends `count` letters over one connection, the next envelope behind the text before it (RFC 2920).
pub fn send(port: u16, count: usize) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the sink answers");
    stream.set_nodelay(true).expect("a socket");
    let deadline = Some(Duration::from_secs(30));
    stream.set_read_timeout(deadline).expect("not zero");
    let mut answers = BufReader::new(stream.try_clone().expect("a socket can be copied"));
    let mut expect = |code: &str| {
        let mut line = String::new();
        loop {
            line.clear();
            answers.read_line(&mut line).expect("the sink answers");
            assert!(line.starts_with(code), "expected {code}: {line}");
            if line.get(3..4) != Some("-") {
                return;
            }
        }
    };
    expect("220");
    stream.write_all(b"EHLO bench\r\n").expect("a socket");
    expect("250");
    let envelope = format!("MAIL FROM:<{SUPPORT}>\r\nRCPT TO:<{MARIE}>\r\nDATA\r\n");
    let mut text = format!("From: {SUPPORT}\r\nTo: {MARIE}\r\nSubject: [INC-1]\r\n\r\n");
    while text.len() < LETTER {
        text.push_str("Votre demande est enregistree. Une reponse suit avant ce soir.\r\n");
    }
    let both = format!("{text}.\r\n{envelope}");
    let last = format!("{text}.\r\nQUIT\r\n");
    stream.write_all(envelope.as_bytes()).expect("a socket");
    for number in 1..=count {
        ["250", "250", "354"].into_iter().for_each(&mut expect);
        let next = if number < count { &both } else { &last };
        stream.write_all(next.as_bytes()).expect("a socket");
        expect("250");
    }
    expect("221");
}
