//! Whose mail was carried on: the sender of a forwarded mail, as proposed requester.
//!
//! Nothing proves this name; it is shown to people, who decide.

use super::address::mailboxes;
use super::mime::Part;
use super::reply::block;
use super::reply::words::{FORWARDS, SEPARATORS};
use crate::desk::mail::Mailbox;

/// What subjects of forwarded mails begin with, in lower case.
const PREFIXES: [&str; 9] = [
    "fw:", "fwd:", "tr:", "tr :", "wg:", "rv:", "i:", "doorst:", "inoltra:",
];
/// How far into the text a forwarded mail may begin.
const LINES_MAX: usize = 400;

/// The sender of the mail that was forwarded. `attached`: the mails attached to this one.
pub fn original_sender(subject: &str, text: &str, attached: &[&Part<'_>]) -> Option<Mailbox> {
    let lines: Vec<&str> = text.lines().take(LINES_MAX).collect();
    let announced = lines.iter().position(|line| is_announced(line));
    if let Some(at) = announced
        && let Some(found) = lines.get(at + 1..).and_then(block::first)
    {
        return found.from;
    }
    let subject = subject.trim_start().to_lowercase();
    if !PREFIXES.iter().any(|prefix| subject.starts_with(prefix)) {
        return None;
    }
    let of_attached = || {
        let mail = attached.first()?;
        mail.headers
            .first("From")
            .map(mailboxes)?
            .into_iter()
            .next()
    };
    block::first(&lines)
        .and_then(|found| found.from)
        .or_else(of_attached)
}

/// Whether a line says that a forwarded mail follows.
fn is_announced(line: &str) -> bool {
    let framed = line.trim_start_matches(['>', ' ']).starts_with("--");
    let inner = line
        .trim_matches(|c: char| "-_=*> \t".contains(c))
        .trim_end_matches([':', ' '])
        .to_lowercase()
        .replace('’', "'");
    let is_forward = |word: &&&str| {
        word.contains("forward")
            || word.contains("transf")
            || word.contains("transmis")
            || word.contains("weitergeleitet")
            || word.contains("reenviado")
            || word.contains("inoltrato")
            || word.contains("doorgestuurd")
    };
    let separators = SEPARATORS.iter().filter(is_forward);
    framed && separators.into_iter().any(|s| inner.starts_with(s))
        || inner.len() < 60 && FORWARDS.iter().any(|f| inner.starts_with(f))
}

#[cfg(test)]
mod tests {
    use super::super::{ReadRules, read};

    fn sender(mail: &str) -> Option<String> {
        read(mail.as_bytes(), &ReadRules::default())
            .forwarded_from
            .map(|m| m.address)
    }

    #[test]
    fn forwards_of_gmail_apple_and_outlook() {
        let gmail = "Subject: Fwd: x\n\nsee below\n\n---------- Forwarded message ---------\nFrom: Ann <ann@acme.example>\nDate: Mon\nSubject: x\nTo: b@c.example\n\ntext";
        let apple = "Subject: x\n\nDébut du message réexpédié :\n\n> De: Ann <ann@acme.example>\n> Objet: x\n> Date: lundi\n> À: Bob\n\ntext";
        let outlook = "Subject: TR : x\n\nDe : Ann <ann@acme.example>\nEnvoyé : lundi\nÀ : Bob\nObjet : x\n\ntext";
        for mail in [gmail, apple, outlook] {
            assert_eq!(sender(mail).as_deref(), Some("ann@acme.example"), "{mail}");
        }
    }

    #[test]
    fn a_reply_forwards_nothing() {
        assert_eq!(
            sender(
                "Subject: Re: x\n\nyes\n\nFrom: Ann <ann@acme.example>\nSent: Monday\nTo: Bob\nSubject: x\n\nold"
            ),
            None
        );
    }

    #[test]
    fn an_attached_mail_counts_when_the_subject_says_so() {
        let mail = |subject: &str| {
            format!(
                "Subject: {subject}\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee\n--x\nContent-Type: message/rfc822\n\nFrom: ann@acme.example\n\nhi\n--x--\n"
            )
        };
        assert_eq!(sender(&mail("Fwd: x")).as_deref(), Some("ann@acme.example"));
        assert_eq!(sender(&mail("two mails")), None);
    }
}
