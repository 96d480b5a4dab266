//! One mail can cost no more than itself: the reading process is killed, hung, overflown and starved.
//!
//! How a child misbehaves is asked for by a header that only builds with the feature `failpoints` know. Without it the
//! order of a large batch, the restart after a death from outside and the hostile mails are still tested.

use std::collections::BTreeMap;
use std::path::PathBuf;

use guichet::intake::ReadRules;
use guichet::reader::Reader;

fn reader() -> Reader {
    let rules = ReadRules {
        our_addresses: vec!["desk@acme.example".parse().expect("an address")],
        ..ReadRules::default()
    };
    let rules = BTreeMap::from([("it".to_owned(), rules)]);
    Reader::new(PathBuf::from(env!("CARGO_BIN_EXE_guichet")), rules)
}

fn subjects(reader: &mut Reader, mails: &[Vec<u8>]) -> Vec<String> {
    let batch: Vec<(&str, &[u8])> = mails.iter().map(|mail| ("it", mail.as_slice())).collect();
    let answers = reader.read(&batch);
    let subject = |answer: Result<guichet::desk::mail::InboundMail, _>| match answer {
        Ok(mail) => mail.subject.unwrap_or_default(),
        Err(guichet::reader::ReadFailure::Died(_)) => "died".to_owned(),
        Err(guichet::reader::ReadFailure::TooSlow) => "too slow".to_owned(),
        Err(guichet::reader::ReadFailure::Unavailable(_)) => "unavailable".to_owned(),
    };
    answers.into_iter().map(subject).collect()
}

fn plain(number: usize) -> Vec<u8> {
    format!("From: ann@acme.example\nSubject: {number}\n\ntext {number}\n").into_bytes()
}

#[test]
fn a_large_batch_comes_back_in_order() {
    // More than any pipe holds, both ways, or a deadlock would not show.
    let padded = |number: usize| [plain(number), b"line of text\n".repeat(2000)].concat();
    let mails: Vec<Vec<u8>> = (0..200).map(padded).collect();
    let wanted: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    let mut reader = reader();
    assert_eq!(subjects(&mut reader, &mails), wanted);
    assert_eq!(
        subjects(&mut reader, &mails[..3]),
        wanted[..3],
        "the child is used again"
    );
    assert!(reader.read(&[]).is_empty());
}

#[test]
fn each_desk_has_its_own_rules() {
    let mut reader = reader();
    let own = b"From: desk@acme.example\n\nx".as_slice();
    let answers = reader.read(&[("it", own), ("another", own)]);
    let verdicts: Vec<&str> = answers
        .iter()
        .map(|a| a.as_ref().unwrap().origin.verdict.word())
        .collect();
    assert_eq!(verdicts, ["ourselves", "person"]);
}

#[test]
fn hostile_mails_end_as_mails() {
    let deep = format!(
        "Subject: deep\nContent-Type: text/html\n\n{}",
        "<blockquote>".repeat(80_000)
    );
    let parts = format!(
        "Subject: parts\nContent-Type: multipart/mixed; boundary=x\n\n{}",
        "--x\n\n".repeat(500_000)
    );
    let nested: String = (0..20_000)
        .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
        .collect();
    let nested = format!("Subject: nested\n{nested}");
    let mails = "Content-Type: message/rfc822\n\n".repeat(50_000);
    let mails = format!("Subject: mails\n{mails}");
    let quotes = format!("Subject: quotes\n\n{}", ">\n".repeat(500_000));
    let batch: Vec<Vec<u8>> = [deep, parts, nested, mails, quotes]
        .map(String::into_bytes)
        .into();
    assert_eq!(
        subjects(&mut reader(), &batch),
        ["deep", "parts", "nested", "mails", "quotes"]
    );
}

#[cfg(feature = "failpoints")]
fn misbehaving(how: &str) -> Vec<u8> {
    format!("Subject: {how}\nX-Guichet-Misbehave: {how}\n\nx").into_bytes()
}

#[cfg(feature = "failpoints")]
#[test]
fn whoever_kills_the_child_costs_one_mail() {
    let mails = vec![
        plain(0),
        misbehaving("abort"),
        plain(2),
        misbehaving("overflow"),
        misbehaving("memory"),
        misbehaving("panic"),
        plain(6),
    ];
    let wanted = ["0", "died", "2", "died", "died", "died", "6"];
    assert_eq!(subjects(&mut reader(), &mails), wanted);
}

#[cfg(feature = "failpoints")]
#[test]
fn endless_work_is_ended_at_the_deadline() {
    let begun = std::time::Instant::now();
    let mails = vec![plain(0), misbehaving("loop"), plain(2)];
    assert_eq!(subjects(&mut reader(), &mails), ["0", "too slow", "2"]);
    let seconds = begun.elapsed().as_secs();
    assert!((9..20).contains(&seconds), "{seconds} s");
}
