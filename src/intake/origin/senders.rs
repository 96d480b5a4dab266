//! What an address and a name tell about who writes: a mail system, somebody who runs one, nobody who reads.

use crate::desk::mail::Mailbox;

/// Whether a sender says that nobody reads there.
pub fn is_no_reply(from: &Mailbox) -> bool {
    let local = from.address.split('@').next().unwrap_or_default();
    let plain: String = local
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let words = [
        "noreply",
        "donotreply",
        "dontreply",
        "nepasrepondre",
        "noresponder",
        "nichtantworten",
        "noresponda",
        "nonrispondere",
        "nietbeantwoorden",
    ];
    words.iter().any(|word| plain.contains(word))
}

/// What a sender can have to do with a mail system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum System {
    /// An address that only programs write from.
    Daemon,
    /// An address or a name that programs use, and people who run mail servers.
    Perhaps,
    /// Neither.
    No,
}

/// Whether a sender is a mail system, by the part of the address before the `@` and by its name.
pub fn system(from: &Mailbox) -> System {
    let local = from
        .address
        .split('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let plain: String = local
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let daemons = [
        "mailerdaemon",
        "maildaemon",
        "mdaemon",
        "maildeliverysubsystem",
        "maildeliverysystem",
        "microsoftexchange",
    ];
    let others = [
        "postmaster",
        "mailsystem",
        "mailadmin",
        "emailsystem",
        "maildelivery",
        "mailmaster",
        "systemadministrator",
    ];
    let name = from.name.as_deref().unwrap_or_default().to_lowercase();
    let daemon_names = [
        "mail delivery sys",
        "mail delivery subsys",
        "mailer-daemon",
        "mailer daemon",
        "mail-daemon",
    ];
    let other_names = [
        "mail delivery",
        "mail administrator",
        "postmaster",
        "mail system",
        "delivery subsystem",
        "system administrator",
        "internet mail",
        "microsoft outlook",
    ];
    let named = |names: &[&str]| names.iter().any(|known| name.starts_with(known));
    if daemons.iter().any(|known| plain.starts_with(known)) || named(&daemon_names) {
        System::Daemon
    } else if others.iter().any(|known| plain.starts_with(known)) || named(&other_names) {
        System::Perhaps
    } else {
        System::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(name: &str, address: &str) -> Mailbox {
        Mailbox {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: address.to_owned(),
        }
    }

    #[test]
    fn programs_are_told_from_people_who_run_them() {
        for (name, address, wanted) in [
            ("", "MAILER-DAEMON@acme.example", System::Daemon),
            ("Mail Delivery Subsystem", "x@acme.example", System::Daemon),
            ("MAILER-DAEMON", "", System::Daemon),
            ("", "postmaster@acme.example", System::Perhaps),
            ("System Administrator", "ann@acme.example", System::Perhaps),
            ("Ann Postman", "ann@acme.example", System::No),
        ] {
            assert_eq!(system(&mailbox(name, address)), wanted, "{name} {address}");
        }
    }

    #[test]
    fn nobody_reads_where_the_address_says_so() {
        for address in [
            "no-reply@acme.example",
            "NoReply-1@acme.example",
            "ne_pas_repondre@acme.example",
        ] {
            assert!(is_no_reply(&mailbox("", address)), "{address}");
        }
        assert!(!is_no_reply(&mailbox("No Reply", "norah@acme.example")));
    }
}
