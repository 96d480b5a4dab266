//! Whether a mail that is no standard report is a report all the same.
//!
//! One sign is never enough when it is only words: people write about failed deliveries too. Either the sender is a
//! mail system, or several signs come together.

use std::sync::LazyLock;

use regex::Regex;

use super::super::header::Headers;
use super::super::origin::{System, is_auto_reply_subject, is_no_reply, system};
use crate::desk::mail::InboundMail;

/// Subjects of reports, in lower case.
const SUBJECTS: &[&str] = &[
    "delivery status notification",
    "delivery notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery report",
    "delivery problem",
    "delivery error",
    "mail delivery",
    "message delivery",
    "undeliverable",
    "undelivered",
    "undeliver",
    "returned mail",
    "returned to sender",
    "failure notice",
    "failure notification",
    "mail system error",
    "non-delivery",
    "nondeliver",
    "non delivery",
    "could not be delivered",
    "couldn't be delivered",
    "not delivered",
    "not be delivered",
    "unable to deliver",
    "unable to send",
    "cannot deliver",
    "mail failure",
    "mail could not",
    "message could not",
    "could not send",
    "failed mail",
    "failed delivery",
    "failed to deliver",
    "error sending",
    "returning message",
    "message not deliver",
    "message status",
    "delayed",
    "mail error",
    "user unknown",
    "unknown user",
    "bounce",
    "rejected",
    "returned message",
    "mail returned",
    "warning: could not",
    "warning: message",
    "notification d'échec",
    "non remis",
    "échec de",
    "echec de",
    "non distribu",
    "avis de non-remise",
    "unzustellbar",
    "nicht zugestellt",
    "nicht zustellbar",
    "zustellung",
    "no se puede entregar",
    "no entregado",
    "mensaje no entregado",
    "mancato recapito",
    "mancata consegna",
    "non recapitabile",
    "onbestelbaar",
    "niet bezorgd",
    "kon niet worden",
    "notificação de",
    "nao entregue",
    "não entregue",
    "permanent error",
    "permanent fail",
    "email delivery",
    "mail nicht",
    "remise différée",
    "zustellung verzögert",
    "entrega retrasada",
    "recapito ritardato",
    "bezorging vertraagd",
];

/// What reports say in their text, in lower case.
const TEXTS: &[&str] = &[
    "could not be delivered",
    "couldn't be delivered",
    "couldn't deliver",
    "could not deliver",
    "cannot be delivered",
    "can not be delivered",
    "can't be delivered",
    "not be delivered",
    "was not delivered",
    "not delivered",
    "were not delivered",
    "unable to deliver",
    "unable to be delivered",
    "undeliverable",
    "undelivered",
    "wasn't able to deliver",
    "did not reach",
    "failed to deliver",
    "delivery failed",
    "delivery has failed",
    "delivery failure",
    "delivery to the following",
    "delivery of your",
    "delivery of email",
    "full mailbox",
    "continue to try",
    "delivery error",
    "delivery status",
    "permanent fatal errors",
    "fatal errors",
    "failed permanently",
    "permanent failure",
    "mail delivery software",
    "the following addresses",
    "following address",
    "following recipient",
    "following destination",
    "could not be sent",
    "has been delayed",
    "delivery temporarily",
    "user unknown",
    "unknown user",
    "no such user",
    "user not known",
    "mailbox unavailable",
    "mailbox full",
    "mailbox is full",
    "over quota",
    "quota exceeded",
    "exceeded storage",
    "bounced",
    "returned to sender",
    "message returned",
    "returned message",
    "has been rejected",
    "was rejected",
    "have been rejected",
    "host unknown",
    "undeliverable to",
    "does not exist",
    "not listed in",
    "invalid recipient",
    "recipient unknown",
    "unknown recipient",
    "not a known user",
    "not our customer",
    "did not reach the following",
    "n'a pas pu être",
    "n'ont pas pu être",
    "n'a pas été remis",
    "konnte nicht",
    "nicht zugestellt",
    "non è stato possibile",
    "no se pudo entregar",
    "no se ha podido",
    "kon niet worden bezorgd",
    "message size exceeds",
    "relaying denied",
    "relay access denied",
    "unrouteable",
    "unroutable",
    "final-recipient:",
    "reporting-mta:",
    "returned below",
    "copy of your message",
    "original message follows",
    "unsent message",
    "transcript of session",
    "rcpt to",
    "smtp error",
    "i wasn't able",
    "will not be",
    "is not available",
    "mail rejected",
    "mta refuse",
    "account is disabled",
];

/// Subjects that nobody writes by hand, in lower case.
const MACHINE_SUBJECTS: &[&str] = &[
    "delivery status notification (failure)",
    "delivery status notification (delay)",
    "undelivered mail returned to sender",
    "mail delivery failed: returning message to sender",
];

/// The first words of a report.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^[-*=\#\s]*(?:your\ (?:message|mail|e-?mail)|the\ (?:following\ |attached\ |original\ )*(?:message|mail|e-?mail|recipient|address|user)|delivery\b|could\ not
        |failed\ recipient|undeliver|message\ from\ .{0,40}(?:security|mail|scan)|this\ (?:is|message\ was|e-?mail\ was)\ (?:an?\ )?auto|votre\ message|votre\ e-?mail|ihre\ (?:nachricht|e-?mail)
        |error:|sent\ <<<|unable\ to|sorry,?\ (?:unable|we\ were\ unable)|mail\ (?:delivery|could)|message\ (?:delivery|could|to)|su\ mensaje|el\ mensaje|il\ (?:tuo\ |suo\ )?messaggio|uw\ bericht|het\ bericht
        |de\ verzending|l'envoi|le\ message|die\ (?:nachricht|e-?mail)|user\ .{1,60}\ (?:unknown|not))",
    )
    .expect("the pattern is fixed")
});

/// How people begin.
static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:hello|hi\b|hey|dear|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|madame|monsieur|hallo|guten|sehr geehrte|liebe|hola|buen[oa]s|estimad|buon|ciao|gentil|egregi|salve|goede|beste|geachte)").expect("the pattern is fixed")
});

/// Whether a mail without a standard report is a report. `text`: its text and attached texts.
pub fn is_bounce(headers: &Headers, mail: &InboundMail, text: &str) -> bool {
    if headers.has("X-Failed-Recipients") || headers.has("Final-Recipient") {
        return true;
    }
    let subject = mail.subject.as_deref().unwrap_or_default().to_lowercase();
    let sender = mail.from.as_ref().map_or(System::No, system);
    let in_subject = SUBJECTS.iter().any(|sign| subject.contains(sign));
    let no_return = headers
        .first("Return-Path")
        .is_some_and(|path| path.replace(' ', "").starts_with("<>"));
    let unattended = no_return || mail.from.as_ref().is_some_and(is_no_reply);
    // Words in the text alone are no sign: of most mails the text need not be searched.
    let is_suspect = in_subject || unattended || sender != System::No;
    if !is_suspect && !MACHINE_SUBJECTS.contains(&subject.trim()) {
        return false;
    }
    let start = text
        .get(..text.floor_char_boundary(8000))
        .unwrap_or(text)
        .to_lowercase();
    let in_text = TEXTS.iter().any(|sign| start.contains(sign));
    let begins_so = OPENING.is_match(start.trim_start());
    let is_answer = ["re:", "fwd:", "fw:", "tr:", "tr :", "wg:", "aw:", "rv:"]
        .iter()
        .any(|prefix| subject.starts_with(prefix));
    if sender == System::Daemon && !is_auto_reply_subject(&subject)
        || MACHINE_SUBJECTS.contains(&subject.trim())
    {
        return true;
    }
    // People who run mail servers write from such addresses as well; they greet.
    let shows_more = begins_so || unattended || is_strong(&start) || returns_mail(mail);
    if sender == System::Perhaps
        && (in_text && (in_subject || shows_more) || in_subject && unattended)
        && !GREETING.is_match(start.trim_start())
    {
        return true;
    }
    if is_answer {
        // Some systems answer as people do. A forward is never one: people pass reports on without a word.
        let is_reply = subject.starts_with("re:") || subject.starts_with("aw:");
        return is_reply && in_subject && in_text && begins_so && !start.contains("\n>");
    }
    // Without a mail system as sender the report must begin like one: people begin with a greeting.
    in_text && (in_subject && (no_return || begins_so) || unattended && returns_mail(mail))
        || is_strong(&start) && (in_subject || no_return)
}

/// Whether the mail that failed, or its header, is attached.
fn returns_mail(mail: &InboundMail) -> bool {
    mail.attachments.iter().any(|a| {
        a.content_type.starts_with("message/rfc822") || a.content_type == "text/rfc822-headers"
    })
}

/// Sentences that only mail systems write.
fn is_strong(start: &str) -> bool {
    [
        "this is the qmail-send program",
        "created automatically by mail delivery software",
        "permanent fatal errors",
        "this is the mail system at host",
        "this is an automatically generated delivery status notification",
        "reporting-mta:",
        "final-recipient:",
        "i'm afraid i wasn't able to deliver",
        "----- transcript of session follows",
        "did not reach the following recipient",
        "delivery to the following recipient",
        "your message did not reach some or all",
        "was not delivered to:",
        "this report relates to a message you sent",
        "the following message to <",
        "your message cannot be delivered to the following",
        // Exchange in other languages
        "échec de la remise pour ces destinataires",
        "la remise de ce message aux destinataires",
        "votre message n'a pas pu être remis",
        "fehler bei der nachrichtenzustellung an folgende",
        "die zustellung an folgende",
        "error en la entrega a estos destinatarios",
        "impossibile recapitare il messaggio ai",
        "de bezorging is mislukt voor deze",
        "the mail system",
    ]
    .iter()
    .any(|sentence| start.contains(sentence))
}

/// Whether a report says that delivery is still being tried.
pub fn is_delay(subject: &str, text: &str) -> bool {
    let start = text
        .get(..text.floor_char_boundary(4000))
        .unwrap_or(text)
        .to_lowercase();
    let subject = subject.to_lowercase();
    let given_up = [
        "giving up",
        "could not be delivered for",
        "has been removed from the queue",
        "no longer",
        "permanent",
    ];
    let trying = [
        "you do not need to resend",
        "do not need to resend",
        "no action is required",
        "will continue to try",
        "will keep trying",
        "will be retried",
        "will try again",
        "still trying",
        "not yet been delivered",
        "has not been delivered yet",
        "warning message only",
        "delivery attempts will continue",
        "has been delayed",
        "this is a warning",
        "delay",
        "nous réessaierons",
        "continuera à essayer",
        "continuera d'essayer",
        "est différée",
        "message différé",
        "wird weiterhin versuch",
        "noch nicht zugestellt",
        "zustellung verzögert",
        "seguirá intentando",
        "se ha retrasado",
        "continuerà a provare",
        "continuerà a tentare",
        "è in ritardo",
        "blijft proberen",
        "is vertraagd",
    ];
    let in_subject = [
        "delayed",
        "(delay)",
        "différé",
        "verzögert",
        "retrasad",
        "ritardat",
        "vertraagd",
    ];
    in_subject.iter().any(|sign| subject.contains(sign)) || subject.starts_with("warning") || {
        trying.iter().any(|sign| start.contains(sign))
            && !given_up.iter().any(|sign| start.contains(sign))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{ReadRules, read};
    use super::*;

    fn verdict(mail: &str) -> &'static str {
        read(mail.as_bytes(), &ReadRules::default())
            .origin
            .verdict
            .word()
    }

    #[test]
    fn people_who_run_mail_servers_are_people() {
        for mail in [
            "From: postmaster@acme.example\nSubject: Mails rejected\n\nHello,\nour mail to you was rejected: 550 user unknown. Can you look?",
            "From: System Administrator <ann@acme.example>\nSubject: Mail delivery failed since this morning\n\nDear desk,\nmessages could not be delivered.",
            "From: ann@acme.example\nSubject: Undeliverable: what is this?\n\nBonjour,\nj'ai reçu ceci : could not be delivered.",
            "From: ann@acme.example\nSubject: Fwd: Undelivered Mail Returned to Sender\n\nI got this:\n\nThis is the mail system at host mx.acme.example.\n<bob@acme.example>: user unknown",
        ] {
            assert_eq!(verdict(mail), "person", "{mail}");
        }
    }

    #[test]
    fn systems_with_ordinary_addresses_are_known_by_how_they_begin() {
        for mail in [
            "From: scan@acme.example\nSubject: Mail could not be delivered\n\n*** Message from Mail Security ***\n\nSent <<< RCPT TO:<a@b.example>\nReceived >>> 550 unknown user.",
            "From: postmaster@acme.example\nSubject: Undeliverable: x\n\nYour message did not reach the following recipient(s):\na@b.example",
            "From: scan@acme.example\nSubject: Re: printer: non remis (delivery failed)\n\n***\nYour message could not be delivered to\na@b.example",
            "From: MAILER-DAEMON <>\nSubject: x\n\nThere was an error.",
            "From: postmaster@acme.example\nSubject: Non remis : x\n\nÉchec de la remise pour ces destinataires ou groupes :\n\na@b.example",
            "From: postmaster@acme.example\nSubject: Onbestelbaar: x\n\nDe bezorging is mislukt voor deze geadresseerden of groepen:\n\na@b.example",
            "From: postmaster@acme.example\nSubject: Remise différée : x\n\nLa remise de ce message aux destinataires suivants est différée :\n\na@b.example",
        ] {
            assert_eq!(verdict(mail), "bounce", "{mail}");
        }
    }

    #[test]
    fn a_delay_says_that_it_goes_on() {
        assert!(is_delay(
            "Delivery Status Notification (Delay)",
            "You do not need to resend the message"
        ));
        assert!(is_delay(
            "Delivery Status Notification (Delay)",
            "Un problème"
        ));
        assert!(is_delay("Remise différée : x", ""));
        assert!(is_delay(
            "Warning: could not send message for past 4 hours",
            ""
        ));
        assert!(!is_delay(
            "failure notice",
            "I'm giving up; it was delayed for 5 days"
        ));
    }
}
