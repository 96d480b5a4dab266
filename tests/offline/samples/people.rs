//! People: what they write about absences, machines and reports, and the languages they write in. None may be taken for a
//! machine.

use guichet::desk::mail::Verdict;

use super::{Table, Wanted};

/// Name, language if it is to be told, fields, text. A person who may be answered.
const ANSWERED: &[(&str, Option<&str>, &str, &str)] = &[
    // Languages, short texts among them.
    (
        "fr 1",
        Some("fr"),
        "Subject: Imprimante",
        "Bonjour, l'imprimante du deuxième ne marche plus.",
    ),
    (
        "fr 2",
        Some("fr"),
        "Subject: Wifi",
        "Le wifi est très lent depuis ce matin.",
    ),
    (
        "fr 3",
        Some("fr"),
        "Subject: urgent",
        "Plus d'Internet depuis 8h, tout le monde est bloqué",
    ),
    (
        "fr 4",
        Some("fr"),
        "Subject: Re: ticket",
        "Merci, ça marche !",
    ),
    (
        "fr 5",
        Some("fr"),
        "Subject: mot de passe",
        "J'ai oublié mon mot de passe, pouvez-vous le réinitialiser ?",
    ),
    (
        "fr 6",
        Some("fr"),
        "Subject: x",
        "Je n'arrive pas à me connecter à Teams.",
    ),
    (
        "fr without accents",
        Some("fr"),
        "Subject: caisse",
        "La caisse est bloquee, impossible d'encaisser les clients",
    ),
    (
        "en 1",
        Some("en"),
        "Subject: Printer",
        "Hello, the printer on the second floor does not work.",
    ),
    (
        "en 2",
        Some("en"),
        "Subject: Wifi",
        "The wifi is very slow this morning.",
    ),
    (
        "en 3",
        Some("en"),
        "Subject: Re: ticket",
        "Thanks, it works now!",
    ),
    (
        "en 4",
        Some("en"),
        "Subject: password",
        "I forgot my password, can you reset it?",
    ),
    (
        "de 1",
        Some("de"),
        "Subject: Drucker",
        "Guten Tag, der Drucker im zweiten Stock geht nicht mehr.",
    ),
    (
        "de 2",
        Some("de"),
        "Subject: Netz",
        "Das WLAN ist heute sehr langsam.",
    ),
    (
        "de 3",
        Some("de"),
        "Subject: Re: Ticket",
        "Danke, es funktioniert wieder!",
    ),
    (
        "es 1",
        Some("es"),
        "Subject: Impresora",
        "Hola, la impresora del segundo piso no funciona.",
    ),
    (
        "es 2",
        Some("es"),
        "Subject: Red",
        "El wifi va muy lento esta mañana.",
    ),
    (
        "es 3",
        Some("es"),
        "Subject: Re: Ticket",
        "Gracias, ya funciona.",
    ),
    (
        "it 1",
        Some("it"),
        "Subject: Stampante",
        "Buongiorno, la stampante al secondo piano non funziona più.",
    ),
    (
        "it 2",
        Some("it"),
        "Subject: Rete",
        "Il wifi è molto lento questa mattina.",
    ),
    (
        "it 3",
        Some("it"),
        "Subject: Re: Ticket",
        "Grazie, adesso funziona!",
    ),
    (
        "nl 1",
        Some("nl"),
        "Subject: Printer",
        "Hallo, de printer op de tweede verdieping werkt niet meer.",
    ),
    (
        "nl 2",
        Some("nl"),
        "Subject: Netwerk",
        "Het wifi is vanmorgen erg traag.",
    ),
    (
        "nl 3",
        Some("nl"),
        "Subject: Re: Ticket",
        "Bedankt, het werkt weer!",
    ),
    (
        "fr, short in code words",
        Some("fr"),
        "Subject: VPN",
        "VPN KO chez moi, merci de regarder",
    ),
    // Mistakes of other programs (peers.md 3.8), each a person.
    (
        "Auto-Submitted: no",
        None,
        "Subject: x\nAuto-Submitted: no",
        "Bonjour",
    ),
    (
        "Auto-Submitted: No",
        None,
        "Subject: x\nAuto-Submitted: No",
        "Bonjour",
    ),
    (
        "Auto-Submitted: no with a comment",
        None,
        "Subject: x\nAuto-Submitted: no (written by hand)",
        "Bonjour",
    ),
    (
        "X-Autoreply: no",
        None,
        "Subject: x\nX-Autoreply: no",
        "Bonjour",
    ),
    (
        "any Precedence at all",
        None,
        "Subject: x\nPrecedence: normal",
        "Bonjour",
    ),
    (
        "first-class",
        None,
        "Subject: x\nPrecedence: first-class",
        "Bonjour",
    ),
    (
        "suppress of receipts only",
        None,
        "Subject: x\nX-Auto-Response-Suppress: DR, RN, NRN",
        "Bonjour",
    ),
    (
        "autoreply within a subject",
        None,
        "Subject: My autoreply is broken",
        "Hello, can you help me?",
    ),
    (
        "a hash and a number",
        None,
        "Subject: Erreur .#12 au démarrage",
        "Bonjour, le message est là depuis hier.",
    ),
    (
        "a colon that is no prefix",
        None,
        "Subject: PC: écran noir",
        "Bonjour, l'écran reste noir.",
    ),
    (
        "Reply-To of somebody else",
        None,
        "Subject: x\nReply-To: boss@other.example",
        "Bonjour",
    ),
    ("three letters", None, "Subject: ?", "KO."),
    // People who write about absences and reports.
    (
        "asks for a notice",
        None,
        "Subject: Réponse automatique à activer",
        "Bonjour, pouvez-vous activer ma réponse automatique du 3 au 7 août ?",
    ),
    (
        "asks about a notice",
        None,
        "Subject: Out of office: how do I turn it on?",
        "Hello, I leave tomorrow.",
    ),
    (
        "tells of an absence",
        None,
        "Subject: Absence la semaine prochaine",
        "Bonjour, je suis absente du bureau la semaine prochaine, Luc me remplace. Merci de lui donner accès à ma boîte.",
    ),
    (
        "answers before leaving",
        None,
        "Subject: Re: [INC-1] Imprimante\nIn-Reply-To: <inc-1.1@example.org>",
        "Je suis en congé à partir de demain, mais mon collègue peut tester pour moi.",
    ),
    (
        "answers about vacation",
        None,
        "Subject: Re: Vacation calendar\nIn-Reply-To: <inc-1.1@example.org>",
        "It still does not show, I'm back on Monday.",
    ),
    (
        "asks about a bounce",
        None,
        "Subject: Mail non remis",
        "Bonjour, j'ai reçu « 550 user unknown » en écrivant à un client, que faire ?",
    ),
    (
        "forwards a bounce",
        None,
        "Subject: TR: Undelivered Mail Returned to Sender",
        "Que faire ?\n\nDe : MAILER-DAEMON@mx.acme.example\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : marie@acme.example\nObjet : Undelivered Mail Returned to Sender\n\nThis is the mail system at host mx.acme.example.\n<bob@other.example>: host said: 550 user unknown",
    ),
    (
        "quotes a notice",
        None,
        "Subject: Re: Absence de Luc\nIn-Reply-To: <inc-1.1@example.org>",
        "Luc est rentré ?\n\n> Je suis absent jusqu'au 4 décembre.",
    ),
    (
        "urlaub as a system",
        None,
        "Subject: Urlaub im System nicht sichtbar",
        "Guten Tag, mein Urlaub wird im Kalender nicht angezeigt.",
    ),
    (
        "a person called Auto",
        None,
        "Subject: Auto: pneu crevé\nFrom: Luc Auto <luc@auto.example>",
        "Bonjour, je serai en retard.",
    ),
    (
        "service with a no in its name",
        None,
        "Subject: x\nFrom: Noreen Plyer <noreen@acme.example>",
        "Hello",
    ),
    (
        "asks to be unsubscribed",
        None,
        "Subject: désinscription",
        "Merci de me retirer de la liste de diffusion.",
    ),
    (
        "priority",
        None,
        "Subject: URGENT\nX-Priority: 1\nImportance: high",
        "Plus rien ne marche.",
    ),
    (
        "asks for a receipt",
        None,
        "Subject: x\nDisposition-Notification-To: marie@acme.example\nReturn-Receipt-To: marie@acme.example",
        "Bonjour",
    ),
];

/// People who write through a list: a ticket, and no automatic answer.
const THROUGH_LISTS: &[(&str, &str)] = &[
    (
        "Google Groups",
        "Precedence: list\nMailing-list: list it@acme.example; contact it+owners@acme.example\nList-ID: <it.acme.example>\nList-Post: <https://groups.google.example/group/it/post>, <mailto:it@acme.example>\nList-Unsubscribe: <mailto:googlegroups-manage+1+unsubscribe@googlegroups.example>",
    ),
    (
        "Mailman",
        "Precedence: list\nList-Id: <it.acme.example>\nX-BeenThere: it@acme.example\nX-Mailman-Version: 2.1.39\nList-Post: <mailto:it@acme.example>",
    ),
    (
        "Sympa",
        "Precedence: list\nX-Loop: it@acme.example\nX-Sequence: 12\nList-Id: <it.acme.example>\nList-Post: <mailto:it@acme.example>",
    ),
    (
        "Yahoo Groups",
        "Precedence: bulk\nMailing-List: list it@yahoogroups.example; contact it-owner@yahoogroups.example\nDelivered-To: mailing list it@yahoogroups.example",
    ),
    (
        "a Microsoft 365 tenant that suppresses",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    ),
];

/// All of them.
pub fn table() -> Table {
    let mut table = Table::default();
    for (name, language, fields, text) in ANSWERED {
        let wanted = Wanted {
            verdict: Some(Verdict::Person),
            answerable: Some(true),
            language: *language,
            ..Wanted::default()
        };
        table.mail(name, fields, text, wanted);
    }
    for (name, fields) in THROUGH_LISTS {
        let wanted = Wanted {
            verdict: Some(Verdict::Person),
            answerable: Some(false),
            ..Wanted::default()
        };
        let fields = format!("Subject: Imprimante\n{fields}");
        table.mail(name, &fields, "Bonjour, l'imprimante est en panne.", wanted);
    }
    table
}
