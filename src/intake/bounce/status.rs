//! The enhanced status code (RFC 3463) of a report: as stated, else from what the other server said, else from words.

use std::sync::LazyLock;

use regex::Regex;

/// Words and the status they mean, the more telling ones first. Lower case.
const WORDS: &[(&str, &str)] = &[
    ("host or domain name not found", "5.1.2"),
    ("name service error", "5.1.2"),
    ("domaine inconnu", "5.1.2"),
    ("mailbox full", "5.2.2"),
    ("mailbox is full", "5.2.2"),
    ("mailfolder is full", "5.2.2"),
    ("over quota", "5.2.2"),
    ("overquota", "5.2.2"),
    ("quota exceed", "5.2.2"),
    ("exceeded storage", "5.2.2"),
    ("exceeds allotted", "5.2.2"),
    ("storage quota", "5.2.2"),
    ("mailbox size", "5.2.2"),
    ("disk quota", "5.2.2"),
    ("insufficient storage", "5.2.2"),
    ("out of storage", "5.2.2"),
    ("mailbox has exceeded", "5.2.2"),
    ("inbox is full", "5.2.2"),
    ("is over the", "5.2.2"),
    ("quota", "5.2.2"),
    ("boite du destinataire pleine", "5.2.2"),
    ("boîte pleine", "5.2.2"),
    ("boite pleine", "5.2.2"),
    ("boîte aux lettres pleine", "5.2.2"),
    ("boîte de réception est pleine", "5.2.2"),
    ("boîte aux lettres du destinataire est pleine", "5.2.2"),
    ("postfach voll", "5.2.2"),
    ("postfach ist voll", "5.2.2"),
    ("buzón lleno", "5.2.2"),
    ("buzón está lleno", "5.2.2"),
    ("casella piena", "5.2.2"),
    ("casella di posta piena", "5.2.2"),
    ("postvak is vol", "5.2.2"),
    ("postvak vol", "5.2.2"),
    ("message size exceeds", "5.3.4"),
    ("message too large", "5.3.4"),
    ("message too big", "5.3.4"),
    ("exceeds the maximum", "5.3.4"),
    ("size limit", "5.3.4"),
    ("account is disabled", "5.2.1"),
    ("account disabled", "5.2.1"),
    ("account has been disabled", "5.2.1"),
    ("mailbox disabled", "5.2.1"),
    ("mailbox is inactive", "5.2.1"),
    ("inactive", "5.2.1"),
    ("suspended", "5.2.1"),
    ("deactivated", "5.2.1"),
    ("expired account", "5.2.1"),
    ("utilisateur inconnu", "5.1.1"),
    ("destinataire inconnu", "5.1.1"),
    ("adresse inconnue", "5.1.1"),
    ("destinataire invalide", "5.1.1"),
    ("n'existe pas", "5.1.1"),
    ("est introuvable", "5.1.1"),
    ("unbekannter benutzer", "5.1.1"),
    ("empfänger unbekannt", "5.1.1"),
    ("existiert nicht", "5.1.1"),
    ("wurde nicht gefunden", "5.1.1"),
    ("usuario desconocido", "5.1.1"),
    ("no existe", "5.1.1"),
    ("no se encontró", "5.1.1"),
    ("utente sconosciuto", "5.1.1"),
    ("non esiste", "5.1.1"),
    ("onbekende gebruiker", "5.1.1"),
    ("bestaat niet", "5.1.1"),
    ("user unknown", "5.1.1"),
    ("unknown user", "5.1.1"),
    ("no such user", "5.1.1"),
    ("user not found", "5.1.1"),
    ("no such recipient", "5.1.1"),
    ("no such person", "5.1.1"),
    ("no such mailbox", "5.1.1"),
    ("no such account", "5.1.1"),
    ("no such address", "5.1.1"),
    ("no such local", "5.1.1"),
    ("no mailbox", "5.1.1"),
    ("mailbox not found", "5.1.1"),
    ("mailbox unavailable", "5.1.1"),
    ("recipient unknown", "5.1.1"),
    ("unknown recipient", "5.1.1"),
    ("recipient not found", "5.1.1"),
    ("invalid recipient", "5.1.1"),
    ("unknown address", "5.1.1"),
    ("address unknown", "5.1.1"),
    ("unknown local", "5.1.1"),
    ("not a known user", "5.1.1"),
    ("invalid user", "5.1.1"),
    ("unknown or illegal", "5.1.1"),
    ("not listed in", "5.1.1"),
    ("doesn't have", "5.1.1"),
    ("does not have an account", "5.1.1"),
    ("is not a valid", "5.1.1"),
    ("not a valid mailbox", "5.1.1"),
    ("does not exist", "5.1.1"),
    ("doesn't exist", "5.1.1"),
    ("not our customer", "5.1.1"),
    ("bad destination mailbox", "5.1.1"),
    ("not known here", "5.1.1"),
    ("user doesn", "5.1.1"),
    ("recipient address rejected", "5.1.1"),
    ("user does not", "5.1.1"),
    ("no valid recipients", "5.1.1"),
    ("not recognized", "5.1.1"),
    ("not in directory", "5.1.1"),
    ("account not found", "5.1.1"),
    ("user is unknown", "5.1.1"),
    ("not found", "5.1.1"),
    ("host unknown", "5.1.2"),
    ("unknown host", "5.1.2"),
    ("unknown domain", "5.1.2"),
    ("domain not found", "5.1.2"),
    ("host not found", "5.1.2"),
    ("no such domain", "5.1.2"),
    ("name or service not known", "5.1.2"),
    ("no such host", "5.1.2"),
    ("unrouteable", "5.1.2"),
    ("unroutable", "5.1.2"),
    ("couldn't find any host", "5.1.2"),
    ("invalid domain", "5.1.2"),
    ("illegal host", "5.1.2"),
    ("no mail exchanger", "5.1.2"),
    ("no route to host", "4.4.1"),
    ("relaying denied", "5.7.1"),
    ("relay access denied", "5.7.1"),
    ("not permitted to relay", "5.7.1"),
    ("relaying", "5.7.1"),
    ("spam", "5.7.1"),
    ("blocked", "5.7.1"),
    ("blacklist", "5.7.1"),
    ("denied", "5.7.1"),
    ("policy", "5.7.1"),
    ("not authorized", "5.7.1"),
    ("virus", "5.7.1"),
    ("content reject", "5.7.1"),
    ("refused", "5.7.1"),
    ("rcpthosts", "5.7.1"),
    ("loops back", "5.4.6"),
    ("too many hops", "5.4.6"),
    ("mail loop", "5.4.6"),
    ("retry timeout exceeded", "4.4.7"),
    ("delivery time expired", "4.4.7"),
    ("retry time not reached", "4.4.7"),
    ("message expired", "4.4.7"),
    ("timed out", "4.4.1"),
    ("timeout", "4.4.1"),
    ("connection refused", "4.4.1"),
    ("could not connect", "4.4.1"),
    ("temporar", "4.0.0"),
    ("try again later", "4.0.0"),
    ("greylist", "4.2.0"),
];

/// The status of one recipient. `stated` and `action`: what the report says; `diagnostic`: what the other server said;
/// `text` and `subject`: of the whole report.
pub fn of(
    stated: Option<&str>,
    action: Option<&str>,
    diagnostic: &str,
    text: &str,
    subject: &str,
) -> Option<String> {
    if let Some(stated) = stated.and_then(enhanced) {
        // `5.0.0` says only that it failed, `4.4.7` only that time ran out; the other server often said more. Where it
        // named a code itself, that is first hand: `Status` is what our side made of it.
        let said = enhanced(diagnostic)
            .filter(|said| !is_general(said) && said.get(..1) == stated.get(..1));
        // That time ran out was preceded by something else, which is told beside it or in the letter.
        let before = || {
            [diagnostic, text]
                .into_iter()
                .flat_map(all_enhanced)
                .find(|said| {
                    !said.ends_with(".4.7") && !is_general(said) && said.get(..1) == stated.get(..1)
                })
        };
        let better = match stated.ends_with(".4.7") {
            true => before(),
            false => said.filter(|_| is_general(&stated) || is_first_hand(diagnostic)),
        };
        return better.or(Some(stated));
    }
    if matches!(action, Some("delivered" | "relayed" | "expanded")) {
        return None;
    }
    let start = text.get(..text.floor_char_boundary(12_000)).unwrap_or(text);
    let delayed =
        action == Some("delayed") || action.is_none() && super::signs::is_delay(subject, start);
    let said = [diagnostic, start];
    let explicit = said
        .into_iter()
        .find_map(|said| telling(all_enhanced(said).filter(|code| !code.starts_with('2'))));
    let found = explicit
        .clone()
        .filter(|code| !is_general(code))
        .or_else(|| said.into_iter().find_map(by_words))
        .or_else(|| explicit.clone())
        .or_else(|| by_words(subject));
    // Who has given up speaks of a permanent failure, whatever the words were.
    let class = match (
        delayed,
        explicit.as_deref().and_then(|code| code.chars().next()),
    ) {
        (true, _) => '4',
        (false, Some(class)) => class,
        (false, None) => said.into_iter().find_map(reply_class).unwrap_or('5'),
    };
    let detail = found
        .as_deref()
        .and_then(|status| status.get(1..))
        .unwrap_or(".0.0");
    Some(format!("{class}{detail}"))
}

/// Whether a diagnostic is an SMTP reply with an enhanced code: `550 5.7.1 ...`.
fn is_first_hand(diagnostic: &str) -> bool {
    static REPLY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[^\d]{0,20}[45]\d\d[ -][45]\.\d\.\d{1,3}\b").expect("the pattern is fixed")
    });
    REPLY.is_match(diagnostic)
}

/// `5.0.0` and `4.0.0` name no reason.
fn is_general(status: &str) -> bool {
    status.ends_with(".0.0")
}

/// The first enhanced code in a text that says something, else the first.
fn enhanced(text: &str) -> Option<String> {
    telling(all_enhanced(text))
}

fn telling(mut all: impl Iterator<Item = String>) -> Option<String> {
    let first = all.next()?;
    if is_general(&first) {
        return Some(all.find(|code| !is_general(code)).unwrap_or(first));
    }
    Some(first)
}

/// Every enhanced code in a text, not a part of an IP address or a version.
fn all_enhanced(text: &str) -> impl Iterator<Item = String> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[\s(\[#<:;=,'\x22-])([245]\.\d\.\d{1,3})(?:$|[\s)\]>:;,'\x22]|\.\s|\.$)")
            .expect("the pattern is fixed")
    });
    CODE.captures_iter(text)
        .filter_map(|c| c.get(1))
        .map(|m| m.as_str().to_owned())
}

/// `5` or `4` of the first SMTP reply code in a text.
fn reply_class(text: &str) -> Option<char> {
    static REPLY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)(?:^|[\s(\[:;,'\x22<>#.])([45])[0-5]\d(?:[ \-,:#]|$)")
            .expect("the pattern is fixed")
    });
    REPLY.captures(text)?.get(1)?.as_str().chars().next()
}

fn by_words(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let found = WORDS.iter().find(|(words, _)| text.contains(words));
    found.map(|(_, status)| (*status).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(stated: Option<&str>, diagnostic: &str, text: &str) -> String {
        of(stated, Some("failed"), diagnostic, text, "").unwrap()
    }

    #[test]
    fn what_is_stated_counts_unless_it_says_nothing() {
        assert_eq!(status(Some("5.1.1"), "no 5.7.1", ""), "5.1.1");
        assert_eq!(status(Some("5.1.1"), "550 5.7.1 no", ""), "5.7.1");
        assert_eq!(status(Some("4.4.7"), "451 4.7.1 greylisted", ""), "4.7.1");
        assert_eq!(
            status(Some("4.4.7"), "554 4.4.7 expired <421 4.4.2 timed out>", ""),
            "4.4.2"
        );
        assert_eq!(status(Some("4.4.7"), "550 4.4.7 expired", "5.1.1"), "4.4.7");
        assert_eq!(status(Some("5.0.0"), "550 5.1.1 unknown", ""), "5.1.1");
        assert_eq!(status(Some("5.0.0"), "450 4.2.2 full", ""), "5.0.0");
    }

    #[test]
    fn words_and_reply_codes_serve_where_nothing_is_stated() {
        assert_eq!(status(None, "", "550 no such user"), "5.1.1");
        assert_eq!(status(None, "", "452 mailbox is full"), "4.2.2");
        assert_eq!(
            status(None, "", "550 Boite du destinataire pleine"),
            "5.2.2"
        );
        assert_eq!(
            status(None, "", "553 not in my list of allowed rcpthosts"),
            "5.7.1"
        );
        assert_eq!(status(None, "", "host 192.5.1.1 said nothing"), "5.0.0");
    }
}
