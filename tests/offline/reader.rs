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
    assert!(seconds >= 19, "{seconds} s: not before the deadline");
}

/// A program that runs ours under `limits` of the shell.
fn limited(folder: &std::path::Path, limits: &str) -> Reader {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("limited");
    let script = format!(
        "#!/bin/sh\n{limits}\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_guichet")
    );
    std::fs::write(&program, script).expect("a script can be written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
        .expect("a script can be made executable");
    Reader::new(program, BTreeMap::new())
}

#[test]
fn a_lower_limit_of_the_system_is_kept_and_no_mails_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lower = limited(folder.path(), "ulimit -v 400000");
    assert_eq!(subjects(&mut lower, &[plain(0), plain(1)]), ["0", "1"]);
    let mut starved = limited(folder.path(), "ulimit -v 1000");
    assert_eq!(
        subjects(&mut starved, &[plain(0), plain(1)]),
        ["unavailable", "unavailable"]
    );
}

#[test]
fn the_largest_mails_are_read_and_larger_ones_are_stubs() {
    let large = |name: &str, of: &str, line: &[u8], bytes: usize| {
        let mut mail = format!("Subject: {name}\nFrom: ann@acme.example\n{of}\n\n").into_bytes();
        while mail.len() + line.len() < bytes {
            mail.extend_from_slice(line);
        }
        mail
    };
    const MAX: usize = guichet::intake::MAIL_BYTES_MAX;
    let file = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64";
    let line = [b"QUJD".repeat(19), b"\r\n".to_vec()].concat();
    let batch = [
        large("file", file, &line, MAX),
        large(
            "text",
            "Content-Type: text/plain",
            b"> a line of text\n",
            MAX,
        ),
        large(
            "page",
            "Content-Type: text/html",
            b"<p>a <b>line</b></p>\n",
            MAX,
        ),
        large("over", file, &line, MAX + 200),
    ];
    let mails: Vec<(&str, &[u8])> = batch.iter().map(|mail| ("it", mail.as_slice())).collect();
    let mut seen = Vec::new();
    for answer in reader().read(&mails) {
        let mail = answer.expect("within the bounds of the child");
        seen.push((
            mail.subject.unwrap_or_default(),
            mail.attachments.first().map_or(0, |file| file.size),
            mail.defects.join(", "),
        ));
    }
    let over = "larger than 50 MiB, only the header was read".to_owned();
    let bytes = (MAX - 95) as u64 / 78 * 57;
    assert!(seen[0].1.abs_diff(bytes) < 200, "{seen:?}");
    assert_eq!(seen[0].2, "");
    assert_eq!((seen[1].0.as_str(), seen[2].0.as_str()), ("text", "page"));
    assert_eq!(seen[3], ("over".to_owned(), 0, over));
}

#[cfg(feature = "failpoints")]
#[test]
fn a_mail_that_takes_too_much_time_is_a_stub() {
    let mails = [plain(0), misbehaving("spin"), plain(2)];
    let batch: Vec<(&str, &[u8])> = mails.iter().map(|mail| ("it", mail.as_slice())).collect();
    let answers: Vec<_> = reader()
        .read(&batch)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let subjects: Vec<&str> = answers
        .iter()
        .filter_map(|m| m.subject.as_deref())
        .collect();
    assert_eq!(subjects, ["0", "spin", "2"]);
    assert!(
        answers[1]
            .defects
            .iter()
            .any(|d| d.contains("processor time"))
    );
}
