//! Finds the addresses that a report in plain words is about.

use std::sync::LazyLock;

use regex::Regex;

use super::super::header::Headers;
use super::report;
use crate::desk::mail::InboundMail;

/// An address in running text.
const ADDRESS: &str = r"\b\w[\w.+&#$%~^-]*@[\w-]+(?:\.[\w-]+)*";

/// Where reports name the failed address, the surest place first.
static PLACES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Sendmail: the address we wrote to, where theirs goes on to another
        r"(?i)\(expanded from:? <?(ADDRESS)>?\)",
        // Exchange
        r"(?i)did not reach the following recipient\(s\):\s+[^\n@]*?(ADDRESS)",
        // RFC 3464 fields within the text
        r"(?im)^[ \t>]*(?:Final|Original)-Recipient:[^\n;]*;?[ \t]*<?(ADDRESS)",
        r"(?im)^[ \t>]*X-Failed-Recipients:[ \t]*<?(ADDRESS)",
        // qmail, Postfix: <ann@acme.example>: 550 ...
        r"(?m)^[ \t>]*(?:To:? *)?<(ADDRESS)>[ \t]*:",
        r"(?m)^[ \t]*(ADDRESS)[ \t]*:?[ \t]*$",
        r"(?m)^[ \t]*<(ADDRESS)>(?:[ \t]*\([^\n]*\))?[ \t.]*$",
        // Sendmail: ----- The following addresses had ... -----
        r"(?i)(?:following|these|this) (?:recipient|address|user|destination|mailbox|person)[^\n@]{0,80}[\n:][\s*\-]*<?(?:mailto:)?(ADDRESS)",
        r"(?i)(?:recipient|mailbox|address|user|account)(?: address)?(?: name)?[ \t]*[:=]?[ \t]*[<\[('\x22]*(ADDRESS)",
        r"(?i)RCPT TO:[ \t]*<?(ADDRESS)",
        r"(?i)\b[45]\d\d[ -](?:[45]\.\d+\.\d+ )?[^\n]{0,40}?<?(ADDRESS)>?",
        r"(?m)^[ \t]*<?(ADDRESS)>?(?:[ \t:.,;-]|\.\.\.)",
        r"(?i)(?:deliver(?:ed|y|)|sent|send|message|mail|e-mail)(?: \w+){0,4}? to[ \t:]*[<\[('\x22]*(ADDRESS)",
        r"(?im)^[ \t>|]*To:[^\n]*?<?(ADDRESS)>?",
        r"[<\[('\x22](ADDRESS)[>\])'\x22]",
        r"(ADDRESS)",
    ]
    .iter()
    .map(|pattern| Regex::new(&pattern.replace("ADDRESS", ADDRESS)).expect("the patterns are fixed"))
    .collect()
});

/// The failed addresses, the surest first; those of one place only.
pub fn in_text(headers: &Headers, mail: &InboundMail, text: &str) -> Vec<String> {
    let failed: Vec<String> = headers
        .every("X-Failed-Recipients")
        .flat_map(|value| value.split(','))
        .filter_map(report::address)
        .collect();
    if !failed.is_empty() {
        return failed;
    }
    let start = text.get(..text.floor_char_boundary(16_000)).unwrap_or(text);
    let (letter, _) = split_at_original(start);
    if let Some(address) = bare_local(mail, letter) {
        return vec![address];
    }
    for text in [letter, start] {
        for place in PLACES.iter() {
            let mut found: Vec<String> = Vec::new();
            for address in place.captures_iter(text).filter_map(|c| c.get(1)) {
                let address = address
                    .as_str()
                    .trim_matches(['\'', '.', '=', '-', '*', '`', '/', '|']);
                if is_candidate(address, mail)
                    && !found
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(address))
                {
                    found.push(address.to_owned());
                }
            }
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// Some large providers name their users without the domain, which is their own.
fn bare_local(mail: &InboundMail, letter: &str) -> Option<String> {
    static LISTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)following (?:recipient|address|user)[^:]{0,200}:[ \t]*\n\s+([\w.+-]+)[ \t]*(?:\n|$)").expect("the pattern is fixed")
    });
    let local = LISTED.captures(letter)?.get(1)?.as_str();
    let (_, domain) = mail.from.as_ref()?.address.rsplit_once('@')?;
    Some(format!("{local}@{domain}"))
}

/// What the system wrote, and the returned mail below it.
fn split_at_original(text: &str) -> (&str, &str) {
    static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?im)^[ \t>*-]*(?:-+ ?(?:below this line is|this is a copy|original message|returned message|the original message|unsent message|message header)|the original message|your original message|original message|received: (?:from|by)|return-path:|message header)",
        )
        .expect("the pattern is fixed")
    });
    match ORIGINAL.find(text) {
        Some(found) if found.start() > 0 => {
            text.split_at_checked(found.start()).unwrap_or((text, ""))
        }
        _ => (text, ""),
    }
}

/// Whether an address can be the failed one: not ours, not the reporting system's, not an id.
fn is_candidate(address: &str, mail: &InboundMail) -> bool {
    let is_own = mail
        .to
        .iter()
        .any(|to| to.address.eq_ignore_ascii_case(address));
    let is_reporter = mail
        .from
        .as_ref()
        .is_some_and(|from| from.address.eq_ignore_ascii_case(address));
    let local = address
        .split('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_system =
        ["mailer-daemon", "postmaster", "mail-daemon", "abuse"].contains(&local.as_str());
    !is_own && !is_reporter && !is_system && address.len() > 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        in_text(&Headers::default(), &InboundMail::default(), text)
    }

    #[test]
    fn a_user_without_domain_is_at_the_reporter() {
        let reporter = crate::desk::mail::Mailbox {
            name: None,
            address: "mailer-daemon@acme.example".to_owned(),
        };
        let mail = InboundMail {
            from: Some(reporter),
            ..InboundMail::default()
        };
        let text = "Your mail to the following recipients could not be delivered:\n\tann\n";
        assert_eq!(
            in_text(&Headers::default(), &mail, text),
            ["ann@acme.example"]
        );
    }

    #[test]
    fn the_usual_places() {
        assert_eq!(
            found("<ann@acme.example>:\nno such user"),
            ["ann@acme.example"]
        );
        assert_eq!(
            found("for the following recipient:\n\n   ann@acme.example\n"),
            ["ann@acme.example"]
        );
        assert_eq!(
            found("550 5.1.1 <ann@acme.example>... User unknown"),
            ["ann@acme.example"]
        );
        assert_eq!(found("To: postmaster@acme.example"), Vec::<String>::new());
    }
}
