//! Mails that carry another one on: who wrote the inner one.

use super::{Table, Wanted};

/// Program, subject, text. The inner mail is Luc's.
const FORWARDS: &[(&str, &str, &str)] = &[
    (
        "Outlook fr",
        "TR: Panne",
        "Pour info\n\nDe : Luc Petit <luc@client.example>\nEnvoyé : lundi 23 novembre 2026 08:30\nÀ : Marie Durand <marie@acme.example>\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Outlook fr, space",
        "TR : Panne",
        "________________________________\nDe : Luc Petit <luc@client.example>\nEnvoyé : lundi 23 novembre 2026 08:30\nÀ : Marie Durand\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Outlook fr, old",
        "TR: Panne",
        "-----Message d'origine-----\nDe : Luc Petit [mailto:luc@client.example]\nEnvoyé : lundi 23 novembre 2026 08:30\nÀ : Marie Durand\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Outlook en",
        "FW: Outage",
        "FYI\n\nFrom: Luc Petit <luc@client.example>\nSent: Monday, November 23, 2026 8:30 AM\nTo: Marie Durand <marie@acme.example>\nSubject: Outage\n\nNothing works.",
    ),
    (
        "Outlook en, Fwd",
        "Fwd: Outage",
        "From: Luc Petit <luc@client.example>\nSent: Monday, November 23, 2026 8:30:00 AM\nTo: Marie Durand\nSubject: Outage\n\nNothing works.",
    ),
    (
        "Outlook de",
        "WG: Störung",
        "Von: Luc Petit <luc@client.example>\nGesendet: Montag, 23. November 2026 08:30\nAn: Marie Durand\nBetreff: Störung\n\nNichts geht mehr.",
    ),
    (
        "Outlook es",
        "RV: Avería",
        "De: Luc Petit <luc@client.example>\nEnviado: lunes, 23 de noviembre de 2026 8:30\nPara: Marie Durand\nAsunto: Avería\n\nNada funciona.",
    ),
    (
        "Outlook it",
        "I: Guasto",
        "Da: Luc Petit <luc@client.example>\nInviato: lunedì 23 novembre 2026 08:30\nA: Marie Durand\nOggetto: Guasto\n\nNon funziona niente.",
    ),
    (
        "Outlook nl",
        "FW: Storing",
        "Van: Luc Petit <luc@client.example>\nVerzonden: maandag 23 november 2026 08:30\nAan: Marie Durand\nOnderwerp: Storing\n\nNiets werkt meer.",
    ),
    (
        "Outlook for Mac fr",
        "TR : Panne",
        "De : Luc Petit <luc@client.example>\nDate : lundi 23 novembre 2026 à 08:30\nÀ : Marie Durand\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Gmail fr",
        "Fwd: Panne",
        "---------- Forwarded message ---------\nDe : Luc Petit <luc@client.example>\nDate: lun. 23 nov. 2026 à 08:30\nSubject: Panne\nTo: Marie Durand <marie@acme.example>\n\n\nPlus rien ne marche.",
    ),
    (
        "Gmail en",
        "Fwd: Outage",
        "---------- Forwarded message ---------\nFrom: Luc Petit <luc@client.example>\nDate: Mon, Nov 23, 2026 at 8:30 AM\nSubject: Outage\nTo: Marie Durand <marie@acme.example>\n\n\nNothing works.",
    ),
    (
        "Gmail de",
        "Fwd: Störung",
        "---------- Forwarded message ---------\nVon: Luc Petit <luc@client.example>\nDate: Mo., 23. Nov. 2026 um 08:30 Uhr\nSubject: Störung\nTo: Marie Durand\n\nNichts geht mehr.",
    ),
    (
        "Gmail, bold name",
        "Fwd: Panne",
        "---------- Forwarded message ---------\nDe : *Luc Petit* <luc@client.example>\nDate: lun. 23 nov. 2026 à 08:30\nSubject: Panne\nTo: <marie@acme.example>\n\nPlus rien ne marche.",
    ),
    (
        "Apple Mail fr",
        "Fwd: Panne",
        "Début du message réexpédié :\n\n> De: Luc Petit <luc@client.example>\n> Objet: Panne\n> Date: 23 novembre 2026 à 08:30:00 UTC+1\n> À: marie@acme.example\n>\n> Plus rien ne marche.",
    ),
    (
        "Apple Mail fr, unquoted",
        "TR: Panne",
        "Début du message transféré :\n\nDe: Luc Petit <luc@client.example>\nDate: 23 novembre 2026 à 08:30:00 UTC+1\nÀ: marie@acme.example\nObjet: Panne\n\nPlus rien ne marche.",
    ),
    (
        "Apple Mail en",
        "Fwd: Outage",
        "Begin forwarded message:\n\n> From: Luc Petit <luc@client.example>\n> Subject: Outage\n> Date: 23 November 2026 at 08:30:00 CET\n> To: marie@acme.example\n>\n> Nothing works.",
    ),
    (
        "Apple Mail de",
        "Fwd: Störung",
        "Anfang der weitergeleiteten Nachricht:\n\n> Von: Luc Petit <luc@client.example>\n> Betreff: Störung\n> Datum: 23. November 2026 um 08:30:00 MEZ\n> An: marie@acme.example\n>\n> Nichts geht mehr.",
    ),
    (
        "Apple Mail it",
        "Fwd: Guasto",
        "Inizio messaggio inoltrato:\n\n> Da: Luc Petit <luc@client.example>\n> Oggetto: Guasto\n> Data: 23 novembre 2026\n> A: marie@acme.example\n>\n> Niente.",
    ),
    (
        "Thunderbird fr",
        "Fwd: Panne",
        "-------- Message transféré --------\nSujet : \tPanne\nDate : \tMon, 23 Nov 2026 08:30:00 +0100\nDe : \tLuc Petit <luc@client.example>\nPour : \tmarie@acme.example\n\nPlus rien ne marche.",
    ),
    (
        "Thunderbird en",
        "Fwd: Outage",
        "-------- Forwarded Message --------\nSubject: \tOutage\nDate: \tMon, 23 Nov 2026 08:30:00 +0100\nFrom: \tLuc Petit <luc@client.example>\nTo: \tmarie@acme.example\n\nNothing works.",
    ),
    (
        "Thunderbird de",
        "Fwd: Störung",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tStörung\nDatum: \tMon, 23 Nov 2026 08:30:00 +0100\nVon: \tLuc Petit <luc@client.example>\nAn: \tmarie@acme.example\n\nNichts geht mehr.",
    ),
    (
        "Yahoo fr",
        "Tr : Panne",
        "----- Message transféré -----\nDe : Luc Petit <luc@client.example>\nÀ : Marie Durand <marie@acme.example>\nEnvoyé : lundi 23 novembre 2026 à 08:30:00 UTC+1\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Yahoo en",
        "Fw: Outage",
        "----- Forwarded Message -----\nFrom: Luc Petit <luc@client.example>\nTo: Marie Durand <marie@acme.example>\nSent: Monday, November 23, 2026 at 08:30:00 AM GMT+1\nSubject: Outage\n\nNothing works.",
    ),
    (
        "Proton fr",
        "TR: Panne",
        "------- Message transféré -------\nDe : Luc Petit <luc@client.example>\nDate : Le lundi 23 novembre 2026 à 08:30\nObjet : Panne\nÀ : marie@acme.example\n\nPlus rien ne marche.",
    ),
    (
        "Proton en",
        "Fw: Outage",
        "------- Forwarded Message -------\nFrom: Luc Petit <luc@client.example>\nDate: On Monday, November 23rd, 2026 at 8:30 AM\nSubject: Outage\nTo: marie@acme.example\n\nNothing works.",
    ),
    (
        "Zimbra fr",
        "Fwd: Panne",
        "----- Mail transféré -----\nDe: \"Luc Petit\" <luc@client.example>\nÀ: \"Marie Durand\" <marie@acme.example>\nEnvoyé: Lundi 23 Novembre 2026 08:30:00\nObjet: Panne\n\nPlus rien ne marche.",
    ),
    (
        "Roundcube fr",
        "Fwd: Panne",
        "-------- Message original --------\nObjet : Panne\nDate : 2026-11-23 08:30\nDe : Luc Petit <luc@client.example>\nÀ : marie@acme.example\n\nPlus rien ne marche.",
    ),
    (
        "Orange fr",
        "TR: Panne",
        "> Message du 23/11/26 08:30\n> De : \"Luc Petit\" <luc@client.example>\n> A : marie@acme.example\n> Copie à :\n> Objet : Panne\n>\n> Plus rien ne marche.",
    ),
    (
        "Samsung fr",
        "Fwd: Panne",
        "-------- Message d'origine --------\nDe : Luc Petit <luc@client.example>\nDate : 23/11/2026 08:30 (GMT+01:00)\nÀ : Marie Durand <marie@acme.example>\nObjet : Panne\n\nPlus rien ne marche.",
    ),
    (
        "Notes en",
        "Fw: Outage",
        "----- Forwarded by Marie Durand/ACME on 23/11/2026 09:00 -----\n\nFrom:\tLuc Petit <luc@client.example>\nTo:\tMarie Durand/ACME\nDate:\t23/11/2026 08:30\nSubject:\tOutage\n\nNothing works.",
    ),
    (
        "eM Client fr",
        "Fwd: Panne",
        "------ Message transféré ------\nDe: \"Luc Petit\" <luc@client.example>\nÀ: marie@acme.example\nEnvoyé: 23/11/2026 08:30:00\nObjet: Panne\n\nPlus rien ne marche.",
    ),
    (
        "Spark fr",
        "Fwd: Panne",
        "---------- Message transféré ----------\nDe : Luc Petit <luc@client.example>\nDate : 23 nov. 2026 à 08:30 +0100\nÀ : marie@acme.example\nObjet : Panne\n\n> Plus rien ne marche.",
    ),
];

/// All of them, and answers that forward nothing.
pub fn table() -> Table {
    let mut table = Table::default();
    for (program, subject, text) in FORWARDS {
        let wanted = Wanted {
            forwarded: Some("luc@client.example"),
            ..Wanted::default()
        };
        table.mail(program, &format!("Subject: {subject}"), text, wanted);
    }
    for (name, subject, text) in [
        (
            "an answer",
            "Re: Panne",
            "Oui.\n\nDe : Luc Petit <luc@client.example>\nEnvoyé : lundi 23 novembre 2026 08:30\nÀ : Marie Durand\nObjet : Panne\n\nPlus rien ?",
        ),
        (
            "an answer of Gmail",
            "Re: Fwd: Panne",
            "Oui.\n\nLe lun. 23 nov. 2026 à 08:30, Luc Petit <luc@client.example> a écrit :\n> Plus rien ?",
        ),
        (
            "a word about forwarding",
            "Transfert d'appels",
            "Bonjour, pouvez-vous transférer mes appels vers le 12 ?",
        ),
        ("a first mail", "Panne", "Bonjour, plus rien ne marche."),
    ] {
        let wanted = Wanted {
            forwarded: Some(""),
            ..Wanted::default()
        };
        table.mail(name, &format!("Subject: {subject}"), text, wanted);
    }
    table
}
