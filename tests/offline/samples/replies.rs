//! Answers as mail programs and webmails write them: the words, the signature, the history.

use super::{Table, Wanted};

/// Program, what it puts below the words.
const HISTORIES: &[(&str, &str)] = &[
    (
        "Outlook fr",
        "De : Support informatique <support@example.org>\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Marie Durand <marie@acme.example>\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Outlook fr, rule",
        "________________________________\nDe : Support informatique <support@example.org>\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Marie Durand <marie@acme.example>\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Outlook fr, dashes",
        "-----Message d'origine-----\nDe : Support informatique [mailto:support@example.org]\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Marie Durand\nCc : Luc Petit\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Outlook fr, importance",
        "De : Support informatique <support@example.org>\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Marie Durand <marie@acme.example>\nCc : Luc Petit <luc@acme.example>\nObjet : [INC-1] Imprimante\nImportance : Haute\n\nNous avons bien reçu votre message.",
    ),
    (
        "Outlook for Mac fr",
        "De : Support informatique <support@example.org>\nDate : lundi 23 novembre 2026 à 09:00\nÀ : Marie Durand <marie@acme.example>\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Outlook en",
        "From: Support <support@example.org>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Marie Durand <marie@acme.example>\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Outlook for Mac en",
        "From: Support <support@example.org>\nDate: Monday, 23 November 2026 at 09:00\nTo: Marie Durand <marie@acme.example>\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Outlook phone en",
        "________________________________\nFrom: Support <support@example.org>\nSent: Monday, November 23, 2026 9:00:00 AM\nTo: Marie Durand <marie@acme.example>\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Outlook de",
        "Von: Support <support@example.org>\nGesendet: Montag, 23. November 2026 09:00\nAn: Marie Durand <marie@acme.example>\nBetreff: [INC-1] Drucker\n\nWir haben Ihre Nachricht.",
    ),
    (
        "Outlook de, dashes",
        "-----Ursprüngliche Nachricht-----\nVon: Support <support@example.org> \nGesendet: Montag, 23. November 2026 09:00\nAn: Marie Durand <marie@acme.example>\nBetreff: [INC-1] Drucker\n\nWir haben Ihre Nachricht.",
    ),
    (
        "Outlook es",
        "De: Soporte <support@example.org>\nEnviado: lunes, 23 de noviembre de 2026 9:00\nPara: Marie Durand <marie@acme.example>\nAsunto: [INC-1] Impresora\n\nHemos recibido su mensaje.",
    ),
    (
        "Outlook es, el",
        "De: Soporte <support@example.org> \nEnviado el: lunes, 23 de noviembre de 2026 9:00\nPara: Marie Durand <marie@acme.example>\nAsunto: [INC-1] Impresora\n\nHemos recibido su mensaje.",
    ),
    (
        "Outlook it",
        "Da: Supporto <support@example.org>\nInviato: lunedì 23 novembre 2026 09:00\nA: Marie Durand <marie@acme.example>\nOggetto: [INC-1] Stampante\n\nAbbiamo ricevuto il messaggio.",
    ),
    (
        "Outlook nl",
        "Van: Support <support@example.org>\nVerzonden: maandag 23 november 2026 09:00\nAan: Marie Durand <marie@acme.example>\nOnderwerp: [INC-1] Printer\n\nWij hebben uw bericht.",
    ),
    (
        "Outlook pt",
        "De: Suporte <support@example.org>\nEnviado: segunda-feira, 23 de novembro de 2026 09:00\nPara: Marie Durand <marie@acme.example>\nAssunto: [INC-1] Impressora\n\nRecebemos a sua mensagem.",
    ),
    (
        "Outlook bold fr",
        "*De :* Support informatique <support@example.org>\n*Envoyé :* lundi 23 novembre 2026 09:00\n*À :* Marie Durand <marie@acme.example>\n*Objet :* [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Gmail fr",
        "Le lun. 23 nov. 2026 à 09:00, Support informatique <support@example.org> a\nécrit :\n\n> Nous avons bien reçu votre message.\n>",
    ),
    (
        "Gmail en",
        "On Mon, Nov 23, 2026 at 9:00 AM Support <support@example.org> wrote:\n\n> We have your message.\n>",
    ),
    (
        "Gmail de",
        "Am Mo., 23. Nov. 2026 um 09:00 Uhr schrieb Support <\nsupport@example.org>:\n\n> Wir haben Ihre Nachricht.",
    ),
    (
        "Gmail es",
        "El lun, 23 nov 2026 a las 9:00, Soporte (<support@example.org>)\nescribió:\n\n> Hemos recibido su mensaje.",
    ),
    (
        "Gmail it",
        "Il giorno lun 23 nov 2026 alle ore 09:00 Supporto <support@example.org> ha\nscritto:\n\n> Abbiamo ricevuto il messaggio.",
    ),
    (
        "Gmail nl",
        "Op ma 23 nov 2026 om 09:00 schreef Support <support@example.org>:\n\n> Wij hebben uw bericht.",
    ),
    (
        "Gmail pt",
        "Suporte <support@example.org> escreveu (segunda, 23/11/2026 à(s) 09:00):\n\n> Recebemos a sua mensagem.",
    ),
    (
        "Gmail pt-BR",
        "Em seg., 23 de nov. de 2026 às 09:00, Suporte <support@example.org>\nescreveu:\n\n> Recebemos a sua mensagem.",
    ),
    (
        "Apple Mail fr",
        "> Le 23 nov. 2026 à 09:00, Support informatique <support@example.org> a écrit :\n> \n> Nous avons bien reçu votre message.",
    ),
    (
        "Apple Mail en",
        "> On 23 Nov 2026, at 09:00, Support <support@example.org> wrote:\n> \n> We have your message.",
    ),
    (
        "Apple Mail de",
        "> Am 23.11.2026 um 09:00 schrieb Support <support@example.org>:\n> \n> Wir haben Ihre Nachricht.",
    ),
    (
        "Apple Mail es",
        "> El 23 nov 2026, a las 9:00, Soporte <support@example.org> escribió:\n> \n> Hemos recibido su mensaje.",
    ),
    (
        "Apple Mail it",
        "> Il giorno 23 nov 2026, alle ore 09:00, Supporto <support@example.org> ha scritto:\n> \n> Abbiamo ricevuto il messaggio.",
    ),
    (
        "Apple Mail nl",
        "> Op 23 nov 2026, om 09:00 heeft Support <support@example.org> het volgende geschreven:\n> \n> Wij hebben uw bericht.",
    ),
    (
        "Thunderbird fr",
        "Le 23/11/2026 à 09:00, Support informatique a écrit :\n> Nous avons bien reçu votre message.\n",
    ),
    (
        "Thunderbird en",
        "On 23/11/2026 09:00, Support wrote:\n> We have your message.\n",
    ),
    (
        "Thunderbird de",
        "Am 23.11.26 um 09:00 schrieb Support:\n> Wir haben Ihre Nachricht.\n",
    ),
    (
        "Thunderbird es",
        "El 23/11/26 a las 9:00, Soporte escribió:\n> Hemos recibido su mensaje.\n",
    ),
    (
        "Thunderbird it",
        "Il 23/11/26 09:00, Supporto ha scritto:\n> Abbiamo ricevuto il messaggio.\n",
    ),
    (
        "Thunderbird nl",
        "Op 23-11-2026 om 09:00 schreef Support:\n> Wij hebben uw bericht.\n",
    ),
    (
        "Yahoo fr",
        "Le lundi 23 novembre 2026 à 09:00:00 UTC+1, Support informatique <support@example.org> a écrit : \n\nNous avons bien reçu votre message.",
    ),
    (
        "Yahoo en",
        "On Monday, November 23, 2026 at 09:00:00 AM GMT+1, Support <support@example.org> wrote: \n\nWe have your message.",
    ),
    (
        "Proton fr",
        "-------- Message d'origine --------\nLe lundi 23 novembre 2026 à 09:00, Support informatique <support@example.org> a écrit :\n\n> Nous avons bien reçu votre message.",
    ),
    (
        "Proton en",
        "On Monday, November 23rd, 2026 at 9:00 AM, Support <support@example.org> wrote:\n\n> We have your message.",
    ),
    (
        "Proton fr, new",
        "Le lundi 23 novembre 2026 à 09:00, Support informatique <support@example.org> a écrit :\n\n> Nous avons bien reçu votre message.",
    ),
    (
        "Orange",
        "> Message du 23/11/26 09:00\n> De : \"Support informatique\" <support@example.org>\n> A : \"Marie Durand\" <marie@acme.example>\n> Copie à : \n> Objet : [INC-1] Imprimante\n> \n> Nous avons bien reçu votre message.",
    ),
    (
        "Orange, new",
        "envoyé : 23 novembre 2026 à 09:00\nde : Support informatique <support@example.org>\nà : Marie Durand <marie@acme.example>\nobjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "SFR",
        "De : \"Support informatique\" <support@example.org>\nA : \"Marie Durand\" <marie@acme.example>\nEnvoyé: lundi 23 novembre 2026 09:00\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "La Poste",
        "> Message du 23/11/26 à 09:00\n> De : \"Support informatique\" <support@example.org>\n> A : marie@acme.example\n> Objet : [INC-1] Imprimante\n>\n> Nous avons bien reçu votre message.",
    ),
    (
        "Free, Zimbra fr",
        "----- Mail original -----\nDe: \"Support informatique\" <support@example.org>\nÀ: \"Marie Durand\" <marie@acme.example>\nEnvoyé: Lundi 23 Novembre 2026 09:00:00\nObjet: [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Zimbra fr, new",
        "De: \"Support informatique\" <support@example.org>\nÀ: \"Marie Durand\" <marie@acme.example>\nEnvoyé: Lundi 23 Novembre 2026 09:00:00\nObjet: [INC-1] Imprimante\n\n> Nous avons bien reçu votre message.",
    ),
    (
        "Zimbra en",
        "----- Original Message -----\nFrom: \"Support\" <support@example.org>\nTo: \"Marie Durand\" <marie@acme.example>\nSent: Monday, November 23, 2026 9:00:00 AM\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Roundcube fr",
        "Le 2026-11-23 09:00, Support informatique a écrit :\n\n> Nous avons bien reçu votre message.",
    ),
    (
        "Roundcube en",
        "On 2026-11-23 09:00, Support wrote:\n\n> We have your message.",
    ),
    (
        "Roundcube de",
        "Am 2026-11-23 09:00, schrieb Support:\n\n> Wir haben Ihre Nachricht.",
    ),
    (
        "Roundcube fr, time zone",
        "Le 23-11-2026 09:00, Support informatique a écrit :\n> Nous avons bien reçu votre message.",
    ),
    (
        "SOGo fr",
        "Le Lundi, Novembre 23, 2026 09:00 CET, Support informatique <support@example.org> a écrit:\n \n> Nous avons bien reçu votre message.",
    ),
    (
        "SOGo en",
        "On Monday, November 23, 2026 09:00 CET, Support <support@example.org> wrote:\n \n> We have your message.",
    ),
    (
        "Horde fr",
        "Support informatique <support@example.org> a écrit :\n\n> Nous avons bien reçu votre message.",
    ),
    (
        "Horde en",
        "Quoting Support <support@example.org>:\n\n> We have your message.",
    ),
    (
        "Notes fr",
        "De :    Support informatique <support@example.org>\nA :     Marie Durand/ACME\nDate :  23/11/2026 09:00\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Notes en",
        "From:   Support <support@example.org>\nTo:     Marie Durand/ACME\nDate:   23/11/2026 09:00\nSubject:        [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Samsung fr",
        "-------- Message d'origine --------\nDe : Support informatique <support@example.org>\nDate : 23/11/2026 09:00 (GMT+01:00)\nÀ : Marie Durand <marie@acme.example>\nObjet : [INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Samsung en",
        "-------- Original message --------\nFrom: Support <support@example.org>\nDate: 23/11/2026 09:00 (GMT+01:00)\nTo: Marie Durand <marie@acme.example>\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Samsung de",
        "-------- Ursprüngliche Nachricht --------\nVon: Support <support@example.org>\nDatum: 23.11.26 09:00 (GMT+01:00)\nAn: Marie Durand <marie@acme.example>\nBetreff: [INC-1] Drucker\n\nWir haben Ihre Nachricht.",
    ),
    (
        "K-9 fr",
        "Le 23 novembre 2026 09:00:00 GMT+01:00, Support informatique <support@example.org> a écrit :\n>Nous avons bien reçu votre message.",
    ),
    (
        "K-9 en",
        "On 23 November 2026 09:00:00 CET, Support <support@example.org> wrote:\n>We have your message.",
    ),
    (
        "BlueMail fr",
        "Le 23 nov. 2026 à 09:00, à 09:00, Support informatique <support@example.org> a écrit:\n>Nous avons bien reçu votre message.",
    ),
    (
        "BlueMail en",
        "On Nov 23, 2026, 9:00 AM, at 9:00 AM, Support <support@example.org> wrote:\n>We have your message.",
    ),
    (
        "Spark fr",
        "Le 23 nov. 2026 à 09:00 +0100, Support informatique <support@example.org>, a écrit :\n> Nous avons bien reçu votre message.",
    ),
    (
        "Spark en",
        "On 23 Nov 2026, 09:00 +0100, Support <support@example.org>, wrote:\n> We have your message.",
    ),
    (
        "Windows Mail fr",
        "De : Support informatique\nEnvoyé le :lundi 23 novembre 2026 09:00\nÀ : Marie Durand\nObjet :[INC-1] Imprimante\n\nNous avons bien reçu votre message.",
    ),
    (
        "Windows Mail en",
        "Sent from Mail for Windows\n\nFrom: Support\nSent: Monday, November 23, 2026 9:00 AM\nTo: Marie Durand\nSubject: [INC-1] Printer\n\nWe have your message.",
    ),
    (
        "Evolution fr",
        "Le lundi 23 novembre 2026 à 09:00 +0100, Support informatique a écrit :\n> Nous avons bien reçu votre message.",
    ),
    (
        "KMail fr",
        "Le lundi 23 novembre 2026, 09:00:00 CET Support informatique a écrit :\n> Nous avons bien reçu votre message.",
    ),
    (
        "BlueMind",
        "Le 23/11/2026 09:00, Support informatique <support@example.org> a écrit :\n\nNous avons bien reçu votre message.",
    ),
    (
        "eM Client fr",
        "------ Message d'origine ------\nDe: \"Support informatique\" <support@example.org>\nÀ: \"Marie Durand\" <marie@acme.example>\nEnvoyé: 23/11/2026 09:00:00\nObjet: [INC-1] Imprimante\n\n>Nous avons bien reçu votre message.",
    ),
    (
        "eM Client en",
        "------ Original Message ------\nFrom \"Support\" <support@example.org>\nTo \"Marie Durand\" <marie@acme.example>\nDate 23/11/2026 09:00:00\nSubject [INC-1] Printer\n\n>We have your message.",
    ),
    (
        "Mailspring",
        "On Nov 23 2026, at 9:00 am, Support <support@example.org> wrote:\n> We have your message.",
    ),
    (
        "Zoho",
        "---- On Mon, 23 Nov 2026 09:00:00 +0100 Support <support@example.org> wrote ---\n\nWe have your message.",
    ),
    (
        "Mutt",
        "On Mon, Nov 23, 2026 at 09:00:00AM +0100, Support wrote:\n> We have your message.",
    ),
    (
        "GMX de",
        "Gesendet: Montag, 23. November 2026 um 09:00 Uhr\nVon: \"Support\" <support@example.org>\nAn: marie@acme.example\nBetreff: [INC-1] Drucker\n\nWir haben Ihre Nachricht.",
    ),
    (
        "Libero it",
        "Il 23/11/2026 09:00 Supporto <support@example.org> ha scritto:\n\n \nAbbiamo ricevuto il messaggio.",
    ),
];

/// Words, what stands below them that is no part of them.
const SIGNATURES: &[(&str, &str)] = &[
    ("Bonjour,\n\nC'est toujours lent ce matin.\n\nMerci", ""),
    (
        "Bonjour,\n\nOui, le voyant est rouge.",
        "\n\n-- \nMarie Durand\nAcme, service comptabilité\n01 23 45 67 89",
    ),
    (
        "Toujours bloqué, merci de rappeler.",
        "\n\nCordialement,\n\nMarie Durand\nResponsable comptable\nTél. : 01 23 45 67 89",
    ),
    ("Ça marche depuis 9h.", "\n\nEnvoyé de mon iPhone"),
    (
        "J'ai redémarré, rien de mieux.",
        "\n\nEnvoyé depuis mon mobile Orange",
    ),
    (
        "Le message est « accès refusé ».",
        "\n\nTélécharger Outlook pour Android",
    ),
    (
        "C'est le poste 12.",
        "\n\nBien cordialement\nMarie Durand\n\nCe message et ses pièces jointes sont confidentiels et réservés à leur destinataire.",
    ),
    (
        "Yes, the red light is on.",
        "\n\nBest regards,\nMarie Durand",
    ),
    (
        "Ja, die rote Lampe brennt.",
        "\n\nMit freundlichen Grüßen\nMarie Durand",
    ),
    (
        "Sí, la luz roja está encendida.",
        "\n\nSaludos cordiales,\nMarie Durand",
    ),
    (
        "Sì, la luce rossa è accesa.",
        "\n\nCordiali saluti,\nMarie Durand",
    ),
    (
        "Ja, het rode lampje brandt.",
        "\n\nMet vriendelijke groet,\nMarie Durand",
    ),
    (
        "Non, toujours pas.",
        "\n\nEnvoyé à partir d'Outlook pour iOS",
    ),
];

/// All of them: each program once, with the signatures in turn; then each signature without a history.
pub fn table() -> Table {
    let mut table = Table::default();
    let fields = "Subject: Re: [INC-1] Imprimante\nIn-Reply-To: <inc-1.1@example.org>";
    for (at, (program, history)) in HISTORIES.iter().enumerate() {
        let (words, signature) = SIGNATURES[at % SIGNATURES.len()];
        let text = format!("{words}{signature}\n\n{history}\n");
        let wanted = Wanted {
            reply: Some(words),
            ..Wanted::default()
        };
        table.mail(program, fields, &text, wanted);
    }
    for (words, signature) in SIGNATURES {
        let wanted = Wanted {
            reply: Some(words),
            ..Wanted::default()
        };
        table.mail(
            "no history",
            fields,
            &format!("{words}{signature}\n"),
            wanted,
        );
    }
    for (name, text, words) in [
        (
            "answer below",
            "Le 23/11/2026 à 09:00, Support a écrit :\n> Le voyant est-il rouge ?\n\nOui, rouge.\n",
            "Oui, rouge.",
        ),
        (
            "answers in between",
            "Le 23/11/2026 à 09:00, Support a écrit :\n> Le voyant est-il rouge ?\nOui.\n> Depuis quand ?\nCe matin.\n",
            "> Le voyant est-il rouge ?\nOui.\n> Depuis quand ?\nCe matin.",
        ),
        (
            "false friend, fr",
            "Lundi nous avons écrit à Orange :\naucune réponse depuis.",
            "Lundi nous avons écrit à Orange :\naucune réponse depuis.",
        ),
        (
            "false friend, en",
            "On Monday we wrote to the provider:\nno answer so far.",
            "On Monday we wrote to the provider:\nno answer so far.",
        ),
        (
            "false friend, de",
            "Am Montag schrieb mir der Kunde:\nnichts geht mehr.",
            "Am Montag schrieb mir der Kunde:\nnichts geht mehr.",
        ),
        (
            "a list of settings",
            "Voici le réglage :\nServeur : smtp.acme.example\nPort : 465",
            "Voici le réglage :\nServeur : smtp.acme.example\nPort : 465",
        ),
    ] {
        let wanted = Wanted {
            reply: Some(words),
            ..Wanted::default()
        };
        table.mail(name, fields, text, wanted);
    }
    table
}
