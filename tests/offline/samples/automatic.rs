//! Absence notices in six languages and other letters of machines.

use guichet::desk::mail::Verdict;

use super::{Table, Wanted};

/// Language, what the subject of Exchange begins with, that of older Outlooks, that of Notes, and the words people leave.
const LANGUAGES: [(&str, &str, &str, &str, &str); 6] = [
    (
        "fr",
        "Réponse automatique : ",
        "Absent(e) du bureau : ",
        "Marie Durand est absente.",
        "Bonjour,\n\nJe suis absente du bureau jusqu'au 4 décembre inclus. En cas d'urgence, merci de contacter Luc Petit (luc@acme.example).\n\nCordialement,\nMarie Durand",
    ),
    (
        "en",
        "Automatic reply: ",
        "Out of Office AutoReply: ",
        "Marie Durand is out of the office.",
        "Hello,\n\nI am out of the office until 4 December with limited access to my mail. For urgent matters please write to luc@acme.example.\n\nKind regards\nMarie Durand",
    ),
    (
        "de",
        "Automatische Antwort: ",
        "Abwesenheitsnotiz: ",
        "Marie Durand ist nicht im Büro.",
        "Guten Tag,\n\nich bin bis zum 4. Dezember nicht im Büro. In dringenden Fällen wenden Sie sich bitte an luc@acme.example.\n\nMit freundlichen Grüßen\nMarie Durand",
    ),
    (
        "es",
        "Respuesta automática: ",
        "Fuera de la oficina: ",
        "Marie Durand está fuera de la oficina.",
        "Hola:\n\nEstaré ausente hasta el 4 de diciembre. Para asuntos urgentes, escriba por favor a luc@acme.example.\n\nUn saludo\nMarie Durand",
    ),
    (
        "it",
        "Risposta automatica: ",
        "Fuori sede: ",
        "Marie Durand è fuori ufficio.",
        "Buongiorno,\n\nsono assente fino al 4 dicembre. Per urgenze vi prego di scrivere a luc@acme.example.\n\nCordiali saluti\nMarie Durand",
    ),
    (
        "nl",
        "Automatisch antwoord: ",
        "Afwezigheidsbericht: ",
        "Marie Durand is niet aanwezig.",
        "Hallo,\n\nIk ben afwezig tot en met 4 december. Voor dringende zaken kunt u terecht bij luc@acme.example.\n\nMet vriendelijke groet\nMarie Durand",
    ),
];

const ANSWERS: &str = "In-Reply-To: <inc-1.1@example.org>\nReferences: <inc-1.1@example.org>";

/// Letters of other machines: name, verdict (or only silence), fields, text.
const MACHINES: &[(&str, Option<Verdict>, &str, &str)] = &[
    (
        "read receipt of Outlook, French",
        Some(Verdict::AutoReply),
        "Subject: Lu : Imprimante en panne\nContent-Type: multipart/report; report-type=disposition-notification; boundary=r\nReturn-Path: <>",
        "--r\nContent-Type: text/plain\n\nVotre message a été lu.\n--r\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; marie@acme.example\nDisposition: manual-action/MDN-sent-manually; displayed\n--r--",
    ),
    (
        "read receipt of Thunderbird",
        Some(Verdict::AutoReply),
        "Subject: Return Receipt (displayed) - Printer\nContent-Type: multipart/report; report-type=disposition-notification; boundary=r",
        "--r\n\nThis is a Return Receipt for the mail that you sent.\n--r\nContent-Type: message/disposition-notification\n\nDisposition: automatic-action/MDN-sent-automatically; displayed\n--r--",
    ),
    (
        "acknowledgement of Zendesk",
        Some(Verdict::Bulk),
        "Subject: [Acme] Votre demande (4512) a été reçue\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-Mailer: Zendesk Mailer",
        "##- Veuillez saisir votre réponse au-dessus de cette ligne -##\n\nVotre demande (4512) a été reçue.",
    ),
    (
        "acknowledgement of OTRS",
        Some(Verdict::AutoReply),
        "Subject: RE: Imprimante [Ticket#2026112310000012]\nAuto-Submitted: auto-replied\nX-OTRS-Loop: yes\nPrecedence: bulk\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        "Votre demande a bien été enregistrée.",
    ),
    (
        "acknowledgement of RT",
        Some(Verdict::AutoReply),
        "Subject: [acme.example #1234] AutoReply: Imprimante\nAuto-Submitted: auto-replied\nRT-Ticket: acme.example #1234\nX-RT-Loop-Prevention: acme.example\nPrecedence: bulk",
        "This message has been automatically generated.",
    ),
    (
        "acknowledgement of GLPI",
        Some(Verdict::Bulk),
        "Subject: [GLPI #0004512] Nouveau ticket : imprimante\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: OOF, DR, NDR, RN, NRN",
        "=-=-=-=\nURL : https://glpi.acme.example\nTicket : Description",
    ),
    (
        "acknowledgement of osTicket",
        Some(Verdict::AutoReply),
        "Subject: Support Ticket Opened [#654321]\nAuto-Submitted: auto-replied\nX-Autoreply: yes\nPrecedence: auto_reply\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
        "A request for support has been created and assigned #654321.",
    ),
    (
        "acknowledgement of Freshdesk",
        Some(Verdict::Bulk),
        "Subject: Ticket reçu - imprimante\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
        "Nous avons bien reçu votre demande.",
    ),
    (
        "notification of Jira",
        Some(Verdict::Bulk),
        "Subject: [JIRA] (ACME-12) Printer\nAuto-Submitted: auto-generated\nPrecedence: bulk\nX-JIRA-FingerPrint: 0123456789abcdef",
        "Ann commented on ACME-12",
    ),
    (
        "notification of GitLab",
        Some(Verdict::Bulk),
        "Subject: Re: project | Printer (#12)\nAuto-Submitted: auto-generated\nX-GitLab-Project: project\nList-Id: acme/project <1.project.gitlab.example>",
        "Ann commented:",
    ),
    (
        "monitoring by Nagios",
        Some(Verdict::Bulk),
        "Subject: ** PROBLEM Service Alert: srv1/HTTP is CRITICAL **\nFrom: nagios@acme.example\nAuto-Submitted: auto-generated\nPrecedence: bulk",
        "***** Nagios *****\nNotification Type: PROBLEM",
    ),
    (
        "cron",
        Some(Verdict::AutoReply),
        "Subject: Cron <root@srv1> /usr/local/bin/sauvegarde\nFrom: root@srv1.acme.example (Cron Daemon)\nX-Cron-Env: <SHELL=/bin/sh>\nAuto-Submitted: auto-generated",
        "rsync: connection refused",
    ),
    (
        "backup of Synology",
        None,
        "Subject: [nas1] Tâche de sauvegarde terminée\nFrom: nas1 <noreply@acme.example>",
        "La tâche de sauvegarde est terminée.",
    ),
    (
        "scanner",
        None,
        "Subject: Scan from MFP-12345678\nFrom: no-reply@acme.example\nX-Mailer: KONICA MINOLTA bizhub C258",
        "Scan.",
    ),
    (
        "voice mail of Orange",
        None,
        "Subject: Nouveau message vocal\nFrom: Messagerie vocale <ne-pas-repondre@acme.example>",
        "Vous avez reçu un message vocal.",
    ),
    (
        "newsletter of Mailchimp",
        Some(Verdict::Bulk),
        "Subject: Les nouveautés de novembre\nList-Unsubscribe: <https://x.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nPrecedence: bulk\nFeedback-ID: 1:1.1:us1:mc",
        "Voir dans le navigateur",
    ),
    (
        "newsletter of Brevo",
        Some(Verdict::Bulk),
        "Subject: Votre lettre d'information\nList-Unsubscribe: <https://x.example/u>, <mailto:u@x.example>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nX-Mailer: Sendinblue\nFeedback-ID: 1:2:3:Sendinblue",
        "Bonjour",
    ),
    (
        "newsletter with a one-click link only",
        Some(Verdict::Bulk),
        "Subject: Black Friday\nList-Unsubscribe-Post: list-unsubscribe=one-click\nList-Unsubscribe: <https://x.example/u>",
        "Profitez-en",
    ),
    (
        "invoice of a shop",
        None,
        "Subject: Votre facture\nFrom: Boutique <no.reply@shop.example>",
        "Votre facture est disponible.",
    ),
    (
        "suspicious sign-in",
        None,
        "Subject: Nouvelle connexion à votre compte\nFrom: Microsoft <account-security-noreply@accountprotection.example>",
        "Nous avons détecté une connexion.",
    ),
    (
        "list command answered",
        None,
        "Subject: The results of your email commands\nFrom: users-request@acme.example\nPrecedence: bulk\nX-BeenThere: users@acme.example",
        "The results of your email command are provided below.",
    ),
    (
        "our own mark",
        Some(Verdict::Ourselves),
        "Subject: [INC-1] Imprimante\nX-Guichet-Loop: support@example.org",
        "Bonjour",
    ),
    (
        "feedback report",
        None,
        "Subject: complaint about message from 192.0.2.1\nFrom: staff@hotmail.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=r",
        "--r\n\nThis is an email abuse report\n--r\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--r--",
    ),
    (
        "challenge of Mailinblack",
        None,
        "Subject: Mailinblack : votre message est en attente\nFrom: Marie Durand <noreply@mailinblack.example>\nAuto-Submitted: auto-replied",
        "Pour être authentifié, cliquez ici.",
    ),
    (
        "upper case and comment",
        Some(Verdict::AutoReply),
        "Subject: Re: x\nAUTO-SUBMITTED: (Vacation) AUTO-REPLIED",
        "Absent.",
    ),
    (
        "list value of suppress",
        None,
        "Subject: x\nX-Auto-Response-Suppress: DR, OOF, autoreply",
        "Bonjour",
    ),
    (
        "folded and duplicated",
        Some(Verdict::AutoReply),
        "Subject: x\nAuto-Submitted: no\nAuto-Submitted: auto-replied",
        "Absent.",
    ),
    (
        "delivered to the responder",
        Some(Verdict::AutoReply),
        "Subject: x\nDelivered-To: Autoresponder",
        "Merci pour votre message.",
    ),
];

/// All of them.
pub fn table() -> Table {
    let mut table = Table::default();
    for (code, exchange, older, notes, words) in LANGUAGES {
        let away = || Wanted {
            verdict: Some(Verdict::AutoReply),
            answerable: Some(false),
            language: Some(code),
            ..Wanted::default()
        };
        let subject = "[INC-1] Ticket";
        let shapes = [
            (
                "Exchange Online",
                format!(
                    "Subject: {exchange}{subject}\n{ANSWERS}\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: marie@acme.example\nX-MS-Exchange-Organization-AutoReply: 1"
                ),
            ),
            (
                "Exchange without marks",
                format!("Subject: {exchange}{subject}\n{ANSWERS}\nThread-Index: AdQ="),
            ),
            (
                "Outlook 2007",
                format!(
                    "Subject: {older}{subject}\nX-MS-Has-Attach:\nX-MS-TNEF-Correlator:\nThread-Topic: {older}{subject}"
                ),
            ),
            (
                "Gmail",
                format!(
                    "Subject: Re: {subject}\n{ANSWERS}\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes"
                ),
            ),
            (
                "Zimbra",
                format!(
                    "Subject: Re: {subject}\n{ANSWERS}\nAuto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk\nReturn-Path: <>"
                ),
            ),
            (
                "Sieve of Dovecot",
                format!(
                    "Subject: Auto: {subject}\n{ANSWERS}\nAuto-Submitted: auto-replied (vacation)\nX-Sieve: Pigeonhole Sieve 0.5\nReturn-Path: <>"
                ),
            ),
            (
                "Notes",
                format!(
                    "Subject: AUTO: {notes}\n{ANSWERS}\nAuto-Submitted: auto-generated (vacation)\nX-Mailer: HCL Notes"
                ),
            ),
        ];
        for (program, fields) in shapes {
            table.mail(&format!("{program}, {code}"), &fields, words, away());
        }
    }
    // French providers, and notices that only their words give away.
    let provider = |table: &mut Table, name: &str, fields: &str, text: &str| {
        table.mail(
            name,
            fields,
            text,
            Wanted {
                verdict: Some(Verdict::AutoReply),
                answerable: Some(false),
                ..Wanted::default()
            },
        );
    };
    let away = "Bonjour, je suis absente jusqu'au 4 décembre et je répondrai à mon retour.";
    for (name, fields) in [
        (
            "Orange",
            "Subject: Réponse automatique: [INC-1] Ticket\nX-Mailer: Orange",
        ),
        ("Free", "Subject: Auto: [INC-1] Ticket\nX-Autoreply: yes"),
        (
            "OVH",
            "Subject: Re: [INC-1] Ticket\nX-Autorespond: [INC-1] Ticket\nPrecedence: bulk",
        ),
        (
            "Infomaniak",
            "Subject: Message d'absence\nAuto-Submitted: auto-replied (vacation)",
        ),
        (
            "La Poste",
            "Subject: Message automatique d'absence : [INC-1] Ticket",
        ),
        (
            "Ionos",
            "Subject: Automatische Antwort: [INC-1] Ticket\nX-Auto-Response-Suppress: All",
        ),
        (
            "Gandi",
            "Subject: Auto: [INC-1] Ticket\nAuto-Submitted: auto-replied\nPrecedence: junk",
        ),
        (
            "Postfixadmin",
            "Subject: Absence\nAuto-Submitted: auto-replied\nX-Loop: Postfix Admin Virtual Vacation\nPrecedence: junk",
        ),
        (
            "cPanel",
            "Subject: Absence\nX-Autorespond: Ticket\nAuto-Submitted: auto-replied\nX-Precedence: auto_reply",
        ),
        (
            "MDaemon",
            "Subject: Absence\nPrecedence: auto_reply\nX-MDaemon-Deliver-To: support@example.org",
        ),
        (
            "iCloud",
            "Subject: Re: [INC-1] Ticket\nAuto-Submitted: auto-replied\nX-Autoreply: vacation",
        ),
        (
            "words alone",
            "Subject: Absence jusqu'au 4 décembre\nIn-Reply-To: <inc-1.1@example.org>",
        ),
        (
            "words alone, Je suis absente",
            "Subject: Je suis absente du bureau\nReferences: <inc-1.1@example.org>",
        ),
    ] {
        provider(&mut table, name, fields, away);
    }
    for (name, verdict, fields, text) in MACHINES {
        table.mail(
            name,
            fields,
            text,
            Wanted {
                verdict: *verdict,
                answerable: Some(false),
                ..Wanted::default()
            },
        );
    }
    table
}
