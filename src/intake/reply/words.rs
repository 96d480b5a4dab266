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

/// Devices, programs and providers that sign mails, as a pattern.
pub const DEVICE: &str = r"iphone|ipad|ipod|ios\b|android|samsung|galaxy|huawei|honor|xiaomi|redmi|oneplus|pixel|nokia|htc|xperia|sony|lg\b|motorola|fairphone|blackberry|windows|surface|phone|tablet|handy|smartphone|mobil|mobile|móvil|téléphone|telefon|outlook|apple mail|yahoo|gmail|proton|aol|gmx|web\.de|thunderbird|spark|airmail|mailbird|em client|k-9|typeapp|bluemail|acompli|mailbox|superhuman|polymail|nine\b|zimbra|courrier|mail (?:app|for|pour|für)|posteingang|correo|posta|app\b";

/// Lines that a phone or a program adds, as a pattern for a whole line; `DEVICE` stands for the pattern above. People also
/// begin sentences with "sent by": a device or "my ..." must follow.
pub const SENT_FROM: &str = r"^[-–—*_ \t>]*(?:sent (?:from|via|with|using|by|through|on) (?:my .{1,60}|.{0,30}(?:DEVICE).{0,60})|get (?:the )?outlook for.*|(?:message )?(?:envoyée?s?|expédiée?|écrite?) (?:de|depuis|à partir d[eu]|avec|via|par|d['’])(?: m(?:on|a) .{1,60}|.{0,40}(?:DEVICE).{0,60})|(?:télécharge[rz]|obten(?:ez|ir)) outlook.*|provenance ?: .*|gesendet (?:mit|von|über|aus|via)(?: (?:der|meine[mr]) .{1,60}|.{0,30}(?:DEVICE).{0,60})|diese (?:nachricht|e-mail|mail) wurde (?:von|mit|über) (?:meinem .{1,60}|.{0,30}(?:DEVICE).{0,60})|von meine[mr] .{1,60} (?:gesendet|geschickt|gesandt)\.?|von .{1,40} gesendet\.?|von unterwegs.{0,30}|holen sie sich outlook.*|outlook für .*|laden sie outlook.*|enviad[oa] (?:desde|do|da|de|con|a partir d[eo]|via)(?: m[ie]u? .{1,60}|.{0,30}(?:DEVICE).{0,60})|obten(?:er|ga) outlook.*|inviato (?:da|dal|dalla|con|tramite)(?: (?:il )?mi[oa] .{1,60}|.{0,30}(?:DEVICE).{0,60})|(?:scarica|ottieni) outlook.*|(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|via|vanuit|door)(?: mijn .{1,60}|.{0,30}(?:DEVICE).{0,60})|download outlook.*|outlook voor .*|sendt (?:fra|via) .{1,60}|skickat från .{1,60}|wysłan[oey] z .{1,60}|lähetetty .{1,60}|отправлено (?:с|из) .{1,60}|yahoo mail ?: .*|发自我的.*)$";

/// Phrases that close a text, as a pattern for a whole line.
pub const CLOSING: &str = r"^[ \t]*(?:(?:with )?(?:kind(?:est)?|best|warm(?:est)?|many|with|my|kindest|sincere|very best)?[ ,]*(?:regards|wishes)|regards|best|cheers|sincerely|sincerely yours|yours (?:sincerely|truly|faithfully)|rgds|br|kr|(?:bien |très |trés )?(?:cordialement|amicalement|sincèrement)(?: (?:votre|vôtre|à vous))?|cdlt|cdt|bien à (?:vous|toi)|(?:salutations|sincères salutations|meilleures salutations|cordiales salutations|mes salutations)(?: distinguées)?|bonne (?:journée|soirée|réception)|(?:mit )?(?:freundlichen?|freundliche|besten?|vielen?|viele|liebe[nr]?|herzliche[nr]?|schöne[nr]?|sonnige) (?:grüßen?|gruß|grüssen?|gruss|gruessen?|gruesse)|mfg|vg|lg|(?:un |muchos )?(?:saludos?|cordial saludo|saludos cordiales|atentamente|un abrazo)(?: cordial(?:es)?)?|(?:cordiali |distinti |cari |un )?salut[oi]|cordialmente|(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en)?|mvg|groet(?:en|jes)?|gr\.|(?:med )?(?:venlig|vennlig|bedste|mange|kærlig) (?:hilsen|hilsner)|(?:de bedste )?hilsen|mvh|kh|med vänliga hälsningar|vänliga hälsningar|hälsningar|pozdrawiam|z poważaniem|atenciosamente|abraços|с уважением)[ \t]*[,.!;:]*[ \t]*$";

/// How the small print below a text begins, in lower case. People begin sentences like this too ("before printing, an error
/// appears"): one of `FOOTER_TOPICS` must follow.
pub const FOOTERS: &[&str] = &[
    "this e-mail",
    "this email",
    "this message",
    "this communication",
    "this transmission",
    "the information",
    "the contents of this",
    "the content of this",
    "any views",
    "confidential",
    "disclaimer",
    "important:",
    "important notice",
    "notice:",
    "legal notice",
    "privileged",
    "if you are not the",
    "if you have received",
    "please consider",
    "please think",
    "please do not print",
    "before printing",
    "before you print",
    "think before",
    "consider the environment",
    "save paper",
    "save a tree",
    "p please consider",
    "ce message",
    "ce courriel",
    "ce courrier",
    "cet e-mail",
    "cet email",
    "cette communication",
    "l'information contenue",
    "les informations contenues",
    "le contenu de ce",
    "avant d'imprimer",
    "pensez à",
    "merci de penser",
    "n'imprimez",
    "avis de",
    "avertissement",
    "si vous n'êtes pas",
    "si vous avez reçu",
    "afin de préserver",
    "p avant d'imprimer",
    "diese e-mail",
    "diese email",
    "diese mail",
    "diese nachricht",
    "der inhalt dieser",
    "die in dieser",
    "bitte denken",
    "bitte prüfen",
    "bitte beachten",
    "bevor sie diese",
    "müssen sie diese",
    "vertraulich",
    "hinweis:",
    "haftungsausschluss",
    "sollten sie nicht",
    "falls sie nicht",
    "denken sie an",
    "este mensaje",
    "este correo",
    "este e-mail",
    "esta comunicación",
    "la información",
    "el contenido de este",
    "antes de imprimir",
    "aviso legal",
    "aviso de",
    "aviso:",
    "si usted no es",
    "si ha recibido",
    "por favor, piense",
    "piense en",
    "questo messaggio",
    "questa e-mail",
    "questa email",
    "questa comunicazione",
    "le informazioni",
    "il contenuto di",
    "il presente messaggio",
    "la presente",
    "prima di stampare",
    "informativa",
    "avviso di",
    "se avete ricevuto",
    "se non siete",
    "qualora",
    "rispetta l'ambiente",
    "pensa all'ambiente",
    "dit bericht",
    "dit e-mailbericht",
    "deze e-mail",
    "deze mail",
    "de informatie",
    "de inhoud van",
    "denk aan",
    "disclaimer:",
    "indien u",
    "als u niet",
];

/// What small print is about, in lower case.
pub const FOOTER_TOPICS: &[&str] = &[
    "confidential",
    "privileged",
    "intended recipient",
    "intended solely",
    "intended only",
    "addressee",
    "unauthori",
    "virus",
    "the environment",
    "trees",
    "confidentiel",
    "destinataire",
    "l'environnement",
    "pièces jointes",
    "diffusion",
    "empreinte",
    "papier",
    "vertraulich",
    "empfänger",
    "adressat",
    "umwelt",
    "unbefugt",
    "confidencial",
    "destinatari",
    "medio ambiente",
    "riservat",
    "ambiente",
    "privacy",
    "vertrouwelijk",
    "geadresseerde",
    "bestemd voor",
    "milieu",
];

/// How the lines that notifications end with begin, in lower case.
pub const SERVICE_LINES: &[&str] = &[
    "you are receiving this",
    "you received this message because",
    "you're receiving this",
    "to unsubscribe",
    "pour vous désabonner",
    "pour se désabonner",
    "vous recevez ce message car",
    "vous recevez cet e-mail car",
    "sie erhalten diese e-mail",
    "um sich abzumelden",
    "confidentiality notice",
    "avis de confidentialité",
    "vertraulichkeitshinweis",
    "aviso de confidencialidad",
    "avviso di riservatezza",
];

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn the_patterns_are_patterns() {
        for pattern in [SENT_FROM, CLOSING, OPENING, WROTE, DEVICE] {
            assert!(Regex::new(&format!("(?i){pattern}")).is_ok());
        }
    }

    #[test]
    fn plain_lists_are_in_lower_case() {
        for list in [
            SEPARATORS,
            FORWARDS,
            REPLY_ABOVE,
            FOOTERS,
            FOOTER_TOPICS,
            SERVICE_LINES,
        ] {
            for word in list {
                assert_eq!(*word, word.to_lowercase());
            }
        }
    }
}
