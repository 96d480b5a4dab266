//! The words by which history and signatures are known, for six languages and some neighbours.

/// What a line of a header block says, by the word before its colon. Lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Name {
    /// Who wrote.
    From,
    /// When.
    Date,
    /// To whom.
    To,
    /// About what.
    Subject,
    /// Others that occur.
    Other,
}

/// The header names mail programs write, per meaning.
pub const NAMES: &[(Name, &[&str])] = &[
    (
        Name::From,
        &[
            "from",
            "de",
            "von",
            "da",
            "van",
            "fra",
            "från",
            "od",
            "expéditeur",
            "mittente",
            "remitente",
            "absender",
            "afzender",
            "lähettäjä",
            "от",
            "от кого",
            "发件人",
            "寄件者",
            "差出人",
            "kimden",
            "feladó",
        ],
    ),
    (
        Name::Date,
        &[
            "sent",
            "date",
            "envoyé",
            "envoyé le",
            "date d'envoi",
            "gesendet",
            "gesendet am",
            "datum",
            "enviado",
            "enviado el",
            "enviado em",
            "fecha",
            "inviato",
            "data",
            "verzonden",
            "sendt",
            "dato",
            "skickat",
            "wysłano",
            "data wysłania",
            "lähetetty",
            "päivämäärä",
            "отправлено",
            "дата",
            "发送时间",
            "日期",
            "送信日時",
            "tarih",
            "elküldve",
        ],
    ),
    (
        Name::To,
        &[
            "to",
            "à",
            "a",
            "an",
            "para",
            "aan",
            "til",
            "till",
            "do",
            "vastaanottaja",
            "destinataire",
            "destinatario",
            "empfänger",
            "кому",
            "收件人",
            "宛先",
            "kime",
            "címzett",
        ],
    ),
    (
        Name::Subject,
        &[
            "subject",
            "objet",
            "sujet",
            "betreff",
            "asunto",
            "oggetto",
            "onderwerp",
            "emne",
            "ämne",
            "temat",
            "assunto",
            "aihe",
            "тема",
            "主题",
            "主旨",
            "件名",
            "konu",
            "tárgy",
        ],
    ),
    (
        Name::Other,
        &[
            "cc",
            "copie",
            "copie à",
            "kopie",
            "kopia",
            "bcc",
            "reply-to",
            "répondre à",
            "antwort an",
            "risposta",
            "responder a",
            "importance",
            "importanza",
            "priority",
            "attachments",
            "pièces jointes",
            "organization",
            "message-id",
        ],
    ),
];

/// Words that begin the line above a quote, as a pattern.
pub const OPENING: &str = r"on|le|am|el|il|op|em|den|dnia|w dniu|på|i|a|pada|vào|a\(z\)|ti|data|在|於|dne|dňa|la|em|vo|в|во";

/// What was done, as a pattern: "wrote" in many languages.
pub const WROTE: &str = r"wrote|writes|sent|said|a écrit|à écrit|a ecrit|schrieb|hat geschrieben|escribió|escribio|ha escrito|ha scritto|scrisse|scriveva|schreef|heeft geschreven|het volgende geschreven|escreveu|skrev|skreiv|napisał\(a\)|napisał|napisała|kirjoitti|написал\(а\)|написал|написала|пишет|пише|pisze|ha escrit|írta|đã viết|yazdı|menulis|a scris|napsal|napísal|写道|さんは書きました|έγραψε";

/// Lines that stand between a reply and what it answers, without the dashes around them. Lower case.
pub const SEPARATORS: &[&str] = &[
    "original message",
    "original email",
    "original appointment",
    "reply message",
    "replied message",
    "forwarded message",
    "forwarded email",
    "forwarded by",
    "message d'origine",
    "message original",
    "message transféré",
    "message transmis",
    "courriel original",
    "message initial",
    "e-mail d'origine",
    "ursprüngliche nachricht",
    "originalnachricht",
    "original-nachricht",
    "originalmeldung",
    "weitergeleitete nachricht",
    "weitergeleitete mail",
    "mensaje original",
    "mensaje reenviado",
    "mensaje encadenado",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "oorspronkelijke bericht",
    "doorgestuurd bericht",
    "mensagem original",
    "mensagem encaminhada",
    "oprindelig besked",
    "oprindelig meddelelse",
    "original besked",
    "videresendt",
    "ursprungligt meddelande",
    "originalmeddelande",
    "vidarebefordrat meddelande",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "исходное сообщение",
    "пересылаемое сообщение",
    "原始邮件",
    "元のメッセージ",
    "转发邮件信息",
];

/// Lines that begin a forwarded mail without dashes (Apple Mail). Lower case.
pub const FORWARDS: &[&str] = &[
    "begin forwarded message",
    "début du message réexpédié",
    "début du message transféré",
    "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "inicio del mensaje reenviado",
    "inizio messaggio inoltrato",
    "begin doorgestuurd bericht",
    "início da mensagem reencaminhada",
    "start på videresendt besked",
    "vidarebefordrat brev",
];

/// Lines that desks put above their letters, ours among them. Lower case, looked for within a line.
pub const REPLY_ABOVE: &[&str] = &[
    "reply above this line",
    "write above this line",
    "type your reply above",
    "reply above the line",
    "please reply above",
    "write your reply above",
    "répondez au-dessus de cette ligne",
    "répondre au-dessus de cette ligne",
    "écrivez au-dessus de cette ligne",
    "bitte antworten sie oberhalb",
    "antworten sie über dieser linie",
    "über dieser zeile antworten",
    "oberhalb dieser linie",
    "oberhalb dieser zeile",
    "responda por encima de esta línea",
    "escriba por encima de esta línea",
    "rispondi sopra questa riga",
    "scrivi sopra questa riga",
    "antwoord boven deze lijn",
    "reageer boven deze lijn",
    "antwoord boven deze regel",
];

/// Lines that a phone or a program adds, as a pattern for the whole line.
pub const SENT_FROM: &str = r"^[-–—*_ \t>]*(?:(?:sent|posted|written|mailed|typed) (?:from|via|with|using|by|through|on) |get outlook for|get the outlook|(?:envoyé|envoyés|expédié|ecrit|écrit) (?:de|depuis|à partir|avec|via|par|d['’])|télécharge[rz] outlook|obtenez outlook|obtenir outlook|provenance ?: |gesendet (?:mit|von|über|aus)|diese (?:nachricht|e-mail|mail) wurde (?:von|mit|über)|von meinem .{1,60} (?:gesendet|geschickt)|von .{1,40} gesendet|holen sie sich outlook|outlook für|laden sie outlook|enviado (?:desde|do|de|con|a partir|via)|enviada (?:desde|do|a partir)|obtener outlook|obtenga outlook|inviato (?:da|dal|con|tramite)|scarica outlook|ottieni outlook|(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|via|vanuit)|download outlook|outlook voor|sendt fra|skickat från|wysłano z|wysłane z|lähetetty |отправлено (?:с|из)|yahoo mail(?: |:)|iphone'umdan|发自我的|von unterwegs|mobile ?: ?|envoyé$)";

/// Phrases that close a text, as a pattern for a whole line.
pub const CLOSING: &str = r"^[ \t]*(?:(?:with )?(?:kind(?:est)?|best|warm(?:est)?|many|with|my|kindest|sincere|very best)?[ ,]*(?:regards|wishes)|regards|best|cheers|sincerely|sincerely yours|yours (?:sincerely|truly|faithfully)|rgds|br|kr|(?:bien |très |trés )?(?:cordialement|amicalement|sincèrement)(?: (?:votre|vôtre|à vous))?|cdlt|cdt|bien à (?:vous|toi)|(?:salutations|sincères salutations|meilleures salutations|cordiales salutations|mes salutations)(?: distinguées)?|bonne (?:journée|soirée|réception)|(?:mit )?(?:freundlichen?|freundliche|besten?|vielen?|viele|liebe[nr]?|herzliche[nr]?|schöne[nr]?|sonnige) (?:grüßen?|gruß|grüssen?|gruss|gruessen?|gruesse)|mfg|vg|lg|(?:un |muchos )?(?:saludos?|cordial saludo|saludos cordiales|atentamente|un abrazo)(?: cordial(?:es)?)?|(?:cordiali |distinti |cari |un )?salut[oi]|cordialmente|(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en)?|mvg|groet(?:en|jes)?|gr\.|(?:med )?(?:venlig|vennlig|bedste|mange|kærlig) (?:hilsen|hilsner)|(?:de bedste )?hilsen|mvh|kh|med vänliga hälsningar|vänliga hälsningar|hälsningar|pozdrawiam|z poważaniem|atenciosamente|abraços|с уважением)[ \t]*[,.!;:]*[ \t]*$";

/// How the small print below a text begins, in lower case.
pub const FOOTERS: &[&str] = &[
    "this e-mail and any",
    "this email and any",
    "this message and any",
    "this e-mail is confidential",
    "this email is confidential",
    "this e-mail may contain",
    "this email may contain",
    "this message is confidential",
    "this message may contain",
    "this message contains confidential",
    "this communication is",
    "the information contained in this",
    "the information in this e-mail",
    "the information in this email",
    "the contents of this e",
    "confidentiality notice",
    "confidentiality note",
    "confidential:",
    "disclaimer:",
    "disclaimer :",
    "legal notice",
    "please consider the environment",
    "please think of the environment",
    "before printing",
    "think before you print",
    "save paper",
    "ce message et ses",
    "ce message et toutes",
    "ce message et les",
    "ce message (et",
    "ce message est confidentiel",
    "ce courriel et",
    "ce courriel est",
    "ce courrier électronique",
    "cet e-mail et",
    "cet email et",
    "l'information contenue dans ce",
    "les informations contenues dans ce",
    "avant d'imprimer",
    "pensez à l'environnement",
    "pensez à l’environnement",
    "merci de penser à l'environnement",
    "avis de confidentialité",
    "diese e-mail enthält",
    "diese email enthält",
    "diese nachricht enthält",
    "diese e-mail ist",
    "diese nachricht ist vertraulich",
    "der inhalt dieser e-mail",
    "bitte denken sie an die umwelt",
    "bitte prüfen sie",
    "vertraulichkeitshinweis",
    "este mensaje y",
    "este correo electrónico",
    "este e-mail",
    "la información contenida en este",
    "antes de imprimir",
    "aviso legal",
    "aviso de confidencialidad",
    "questo messaggio",
    "questa e-mail",
    "questa email",
    "le informazioni contenute in",
    "prima di stampare",
    "informativa privacy",
    "avviso di riservatezza",
    "dit bericht is",
    "dit bericht en",
    "dit e-mailbericht",
    "deze e-mail en",
    "deze e-mail is",
    "de informatie in dit",
    "de inhoud van dit",
    "denk aan het milieu",
    "you are receiving this",
    "you received this message because",
    "to unsubscribe",
    "pour vous désabonner",
    "pour se désabonner",
    "unsubscribe:",
];

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn the_patterns_are_patterns() {
        for pattern in [SENT_FROM, CLOSING, OPENING, WROTE] {
            assert!(Regex::new(&format!("(?i){pattern}")).is_ok());
        }
    }

    #[test]
    fn plain_lists_are_in_lower_case() {
        for list in [SEPARATORS, FORWARDS, REPLY_ABOVE, FOOTERS] {
            for word in list {
                assert_eq!(*word, word.to_lowercase());
            }
        }
    }
}
