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

/// Program, page; what was written is always `WORDS`.
const PAGES: &[(&str, &str)] = &[
    (
        "Outlook desktop",
        "<div class=WordSection1><p class=MsoNormal>Bonjour,<o:p></o:p></p><p class=MsoNormal>le voyant est rouge.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>De&nbsp;:</b> Support &lt;support@example.org&gt; <br><b>Envoyé&nbsp;:</b> lundi 23 novembre 2026 09:00<br><b>À&nbsp;:</b> Marie Durand<br><b>Objet&nbsp;:</b> [INC-1] Imprimante</p></div></div><p class=MsoNormal>Nous avons votre message.</p></div>",
    ),
    (
        "Outlook web",
        "<div style=\"font-family:Aptos\">Bonjour,</div><div>le voyant est rouge.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font><b>De :</b> Support &lt;support@example.org&gt;<br><b>Envoyé :</b> lundi 23 novembre 2026 09:00<br><b>Objet :</b> x</font></div><div>Nous avons votre message.</div>",
    ),
    (
        "Outlook web, signature",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div id=\"Signature\"><p>Marie Durand</p><p>Acme</p></div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Support<br><b>Sent:</b> Monday</div><div>old</div>",
    ),
    (
        "Outlook phone",
        "<div dir=\"auto\">Bonjour,<br>le voyant est rouge.</div><div id=\"ms-outlook-mobile-signature\">Télécharger <a href=\"https://aka.ms/x\">Outlook pour iOS</a></div><div id=\"mail-editor-reference-message-container\"><hr><div><b>De :</b> Support</div><div>ancien</div></div>",
    ),
    (
        "Outlook Mac",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div style=\"border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in\"><p><b>From: </b>Support &lt;support@example.org&gt;<br><b>Date: </b>Monday, 23 November 2026 at 09:00<br><b>To: </b>Marie<br><b>Subject: </b>x</p></div><div>old</div>",
    ),
    (
        "Gmail",
        "<div dir=\"ltr\">Bonjour,<div>le voyant est rouge.</div></div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">Le lun. 23 nov. 2026 à 09:00, Support &lt;support@example.org&gt; a écrit :<br></div><blockquote class=\"gmail_quote\">ancien</blockquote></div>",
    ),
    (
        "Apple Mail",
        "<html><body>Bonjour,<div>le voyant est rouge.<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Envoyé de mon iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">Le 23 nov. 2026 à 09:00, Support &lt;support@example.org&gt; a écrit :<br><br></blockquote></div><blockquote type=\"cite\"><div>ancien</div></blockquote></div></body></html>",
    ),
    (
        "Thunderbird",
        "<p>Bonjour,</p><p>le voyant est rouge.</p><div class=\"moz-cite-prefix\">Le 23/11/2026 à 09:00, Support a écrit :<br></div><blockquote type=\"cite\" cite=\"mid:x@y\"><p>ancien</p></blockquote><div class=\"moz-signature\">-- <br>Marie</div>",
    ),
    (
        "Yahoo",
        "<div class=\"ydp1yahoo-style-wrap\"><div>Bonjour,</div><div>le voyant est rouge.</div></div><div id=\"ydp1yahoo_quoted_1\" class=\"yahoo_quoted\"><div>Le lundi 23 novembre 2026 à 09:00, Support a écrit :</div><div>ancien</div></div>",
    ),
    (
        "Proton",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div class=\"protonmail_signature_block\"><div>Marie</div></div><div class=\"protonmail_quote\">Le lundi 23 novembre 2026 à 09:00, Support a écrit :<br><blockquote class=\"protonmail_quote\" type=\"cite\">ancien</blockquote></div>",
    ),
    (
        "Zimbra",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div data-marker=\"__SIG_PRE__\"><p>Marie Durand</p></div><hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\"><b>De: </b>Support<br><b>Objet: </b>x</div><div data-marker=\"__QUOTED_TEXT__\">ancien</div>",
    ),
    (
        "Roundcube",
        "<p>Bonjour,</p><p>le voyant est rouge.</p><div id=\"_rc_sig\"><pre>-- <br>Marie</pre></div><p id=\"reply-intro\">Le 2026-11-23 09:00, Support a écrit :</p><blockquote type=\"cite\">ancien</blockquote>",
    ),
    (
        "Spark",
        "<div name=\"messageBodySection\"><div>Bonjour,</div><div>le voyant est rouge.</div></div><div name=\"messageSignatureSection\">Marie</div><div name=\"messageReplySection\">Le 23 nov. 2026, Support a écrit :<blockquote type=\"cite\">ancien</blockquote></div>",
    ),
    (
        "GMX",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div name=\"quote\" style=\"margin:10px\"><div><b>Gesendet:</b> Montag</div><div><b>Von:</b> Support</div><div name=\"quoted-content\">alt</div></div>",
    ),
    (
        "Tutanota",
        "<div>Bonjour,<br>le voyant est rouge.</div><blockquote class=\"tutanota_quote\">ancien</blockquote>",
    ),
    (
        "Infomaniak",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><div class=\"ik_mail_quote\"><div>Le 23/11/2026, Support a écrit :</div><blockquote>ancien</blockquote></div>",
    ),
    (
        "Orange",
        "<div>Bonjour,</div><div>le voyant est rouge.</div><blockquote style=\"border-left:1px solid #000;padding-left:5px\"><div>envoyé : 23 novembre 2026 à 09:00</div><div>de : Support</div><div>ancien</div></blockquote>",
    ),
    (
        "Samsung",
        "<div dir=\"auto\">Bonjour,</div><div dir=\"auto\">le voyant est rouge.</div><div><br></div><div>-------- Message d'origine --------</div><div>De : Support &lt;support@example.org&gt; </div><div>Date : 23/11/2026 09:00 (GMT+01:00) </div><div>À : Marie </div><div>Objet : x </div><div>ancien</div>",
    ),
    (
        "Notes",
        "<font size=2 face=\"sans-serif\">Bonjour,</font><br><font size=2>le voyant est rouge.</font><br><br><font size=1 color=#5f5f5f>De : &nbsp; &nbsp;</font><font size=1>Support &lt;support@example.org&gt;</font><br><font size=1 color=#5f5f5f>A : &nbsp; &nbsp;</font><font size=1>Marie Durand/ACME</font><br><font size=1 color=#5f5f5f>Date : &nbsp;</font><font size=1>23/11/2026 09:00</font><br><font size=1 color=#5f5f5f>Objet : &nbsp;</font><font size=1>x</font><hr noshade><br>ancien",
    ),
    (
        "Word table as a divider",
        "<p>Bonjour,</p><p>le voyant est rouge.</p><p>Cordialement,<br>Marie Durand</p><hr><p><b>From:</b> Support &lt;support@example.org&gt;<br><b>Sent:</b> Monday, November 23, 2026 9:00 AM<br><b>To:</b> Marie<br><b>Subject:</b> x</p><p>old</p>",
    ),
];

/// What was written on each of the pages.
const WORDS: &str = "Bonjour, le voyant est rouge.";

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
    for (program, page) in PAGES {
        let fields = format!("{fields}\nContent-Type: text/html; charset=utf-8");
        let wanted = Wanted {
            reply: Some(WORDS),
            ..Wanted::default()
        };
        table.mail(program, &fields, page, wanted);
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
