//! Replies as mail programs write them, in six languages: what is left is what was written now.

use super::super::{ReadRules, read};
use super::new_part;

/// The history of a plain mail, as each program begins it.
const HISTORIES: &[(&str, &str)] = &[
    (
        "Gmail en",
        "On Mon, May 3, 2021 at 10:00 AM Ann Doe <ann@acme.example> wrote:\n\n> old\n> older",
    ),
    (
        "Gmail en, wrapped",
        "On Mon, May 3, 2021 at 10:00 AM A Very Long Name of Somebody <\nann@acme.example> wrote:\n\n> old",
    ),
    (
        "Gmail fr",
        "Le lun. 3 mai 2021 à 10:00, Ann Doe <ann@acme.example> a écrit :\n\n> vieux",
    ),
    (
        "Gmail fr, wrapped",
        "Le lun. 3 mai 2021 à 10:00, Ann Doe <ann@acme.example> a\nécrit :\n\n> vieux",
    ),
    (
        "Gmail de",
        "Am Mo., 3. Mai 2021 um 10:00 Uhr schrieb Ann Doe <ann@acme.example>:\n\n> alt",
    ),
    (
        "Gmail es",
        "El lun, 3 may 2021 a las 10:00, Ann Doe (<ann@acme.example>) escribió:\n\n> viejo",
    ),
    (
        "Gmail it",
        "Il giorno lun 3 mag 2021 alle ore 10:00 Ann Doe <ann@acme.example> ha scritto:\n\n> vecchio",
    ),
    (
        "Gmail nl",
        "Op ma 3 mei 2021 om 10:00 schreef Ann Doe <ann@acme.example>:\n\n> oud",
    ),
    (
        "Apple en",
        "> On 3 May 2021, at 10:00, Ann Doe <ann@acme.example> wrote:\n> \n> old",
    ),
    (
        "Apple fr",
        "> Le 3 mai 2021 à 10:00, Ann Doe <ann@acme.example> a écrit :\n> \n> vieux",
    ),
    (
        "Apple de",
        "> Am 03.05.2021 um 10:00 schrieb Ann Doe <ann@acme.example>:\n> \n> alt",
    ),
    (
        "Thunderbird en",
        "On 03/05/2021 10:00, Ann Doe wrote:\n> old",
    ),
    (
        "Thunderbird fr",
        "Le 03/05/2021 à 10:00, Ann Doe a écrit :\n> vieux",
    ),
    (
        "Thunderbird de",
        "Am 03.05.2021 um 10:00 schrieb Ann Doe:\n> alt",
    ),
    (
        "Thunderbird it",
        "Il 03/05/2021 10:00, Ann Doe ha scritto:\n> vecchio",
    ),
    (
        "Thunderbird es",
        "El 3/5/21 a las 10:00, Ann Doe escribió:\n> viejo",
    ),
    (
        "Thunderbird nl",
        "Op 3-5-2021 om 10:00 schreef Ann Doe:\n> oud",
    ),
    (
        "Yahoo fr",
        "Le lundi 3 mai 2021 à 10:00:00 UTC+2, Ann Doe <ann@acme.example> a écrit :\n\n vieux\nAnn",
    ),
    (
        "Yahoo en",
        "On Monday, May 3, 2021, 10:00:00 AM GMT+2, Ann Doe <ann@acme.example> wrote:\n\n old\nAnn",
    ),
    (
        "Proton en",
        "------- Original Message -------\nOn Monday, May 3rd, 2021 at 10:00 AM, Ann Doe <ann@acme.example> wrote:\n\n> old",
    ),
    (
        "Proton fr",
        "------- Message original -------\nLe lundi 3 mai 2021 à 10:00, Ann Doe <ann@acme.example> a écrit :\n\n> vieux",
    ),
    (
        "Outlook fr",
        "De : Ann Doe <ann@acme.example>\nEnvoyé : lundi 3 mai 2021 10:00\nÀ : Desk <desk@acme.example>\nCc : Bob\nObjet : RE: panne\n\nvieux",
    ),
    (
        "Outlook fr, older",
        "-----Message d'origine-----\nDe : Ann Doe [mailto:ann@acme.example]\nEnvoyé : lundi 3 mai 2021 10:00\nÀ : Desk\nObjet : panne\n\nvieux",
    ),
    (
        "Outlook web fr",
        "________________________________\nDe : Ann Doe <ann@acme.example>\nEnvoyé : lundi 3 mai 2021 10:00\nÀ : Desk\nObjet : panne\n\nvieux",
    ),
    (
        "Outlook en",
        "From: Ann Doe <ann@acme.example>\nSent: Monday, May 3, 2021 10:00 AM\nTo: Desk <desk@acme.example>\nSubject: RE: fault\n\nold",
    ),
    (
        "Outlook de",
        "Von: Ann Doe <ann@acme.example>\nGesendet: Montag, 3. Mai 2021 10:00\nAn: Desk <desk@acme.example>\nBetreff: AW: Störung\n\nalt",
    ),
    (
        "Outlook es",
        "De: Ann Doe <ann@acme.example>\nEnviado el: lunes, 3 de mayo de 2021 10:00\nPara: Desk\nAsunto: RE: fallo\n\nviejo",
    ),
    (
        "Outlook it",
        "Da: Ann Doe <ann@acme.example>\nInviato: lunedì 3 maggio 2021 10:00\nA: Desk\nOggetto: R: guasto\n\nvecchio",
    ),
    (
        "Outlook nl",
        "Van: Ann Doe <ann@acme.example>\nVerzonden: maandag 3 mei 2021 10:00\nAan: Desk\nOnderwerp: RE: storing\n\noud",
    ),
    (
        "Outlook for Android",
        "Télécharger Outlook pour Android<https://a.example>\n________________________________\nFrom: Ann Doe <ann@acme.example>\nSent: Monday, May 3, 2021 10:00:00 AM\nTo: Desk\nSubject: fault\n\nold",
    ),
    (
        "Samsung fr",
        "Envoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\nDe : Ann Doe <ann@acme.example>\nDate : 03/05/2021 10:00 (GMT+01:00)\nÀ : desk@acme.example\nObjet : panne\n\nvieux",
    ),
    (
        "Lotus",
        "-----Ann Doe <ann@acme.example> wrote: -----\nTo: desk@acme.example\nFrom: Ann Doe <ann@acme.example>\nDate: 05/03/2021 10:00AM\nSubject: fault\n\nold",
    ),
    (
        "ours fr",
        "--- Répondez au-dessus de cette ligne ---\n\nVotre demande INC-42 est ouverte.",
    ),
    (
        "ours en",
        "-- Reply above this line --\n\nYour request INC-42 is open.",
    ),
    (
        "Zimbra",
        "----- Mail original -----\nDe: \"Ann Doe\" <ann@acme.example>\nÀ: \"Desk\" <desk@acme.example>\nEnvoyé: Lundi 3 Mai 2021 10:00:00\nObjet: panne\n\nvieux",
    ),
    (
        "Outlook for Mac",
        "De : Ann Doe <ann@acme.example>\nDate : lundi 3 mai 2021 à 10:00\nÀ : Desk <desk@acme.example>\nObjet : panne\n\nvieux",
    ),
    (
        "GroupWise",
        ">>> Ann Doe <ann@acme.example> 5/3/2021 10:00 AM >>>\nold",
    ),
    (
        "mailing list",
        "On Mon, 3 May 2021 10:00:00 +0200\nAnn Doe <ann@acme.example> wrote:\n\n> old",
    ),
    (
        "Mutt",
        "* Ann Doe <ann@acme.example> [2021-05-03 10:00]:\n> old",
    ),
    ("Gnus", "Ann Doe <ann@acme.example> writes:\n\n> old"),
    (
        "K-9",
        "Am 3. Mai 2021 10:00:00 MESZ schrieb Ann Doe <ann@acme.example>:\n>alt",
    ),
    (
        "web.de",
        "Gesendet: Montag, 03. Mai 2021 um 10:00 Uhr\nVon: \"Ann Doe\" <ann@acme.example>\nAn: desk@acme.example\nBetreff: Störung\n\nalt",
    ),
    (
        "Orange",
        "> Message du 03/05/21 10:00\n> De : \"Ann Doe\" <ann@acme.example>\n> A : desk@acme.example\n> Copie à : \n> Objet : panne\n> \n> vieux",
    ),
];

#[test]
fn what_was_written_before_goes_whatever_the_program() {
    let mut wrong = Vec::new();
    for (program, history) in HISTORIES {
        for text in ["Bonjour,\n\nça marche à nouveau.\nMerci !", "Yes, please."] {
            for between in ["\n", "\n\n", "\n\n\n"] {
                let mail = format!("{text}{between}{history}");
                let reply = new_part(&mail, None).text;
                if reply != text {
                    wrong.push(format!("{program}: {reply:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn signatures_above_the_history_go_with_it() {
    for (program, history) in HISTORIES {
        for signature in [
            "Cordialement,\nAnn Doe\nAcme SA\n01 23 45 67 89",
            "-- \nAnn Doe",
            "Envoyé de mon iPhone",
            "Mit freundlichen Grüßen\n\nAnn Doe",
        ] {
            let mail = format!("Oui, merci.\n\n{signature}\n\n{history}");
            assert_eq!(
                new_part(&mail, None).text,
                "Oui, merci.",
                "{program}:\n{mail}"
            );
        }
    }
}

#[test]
fn people_who_describe_faults_are_left_alone() {
    for text in [
        "Bonjour,\n\nDepuis le 3 mai 2021 à 10:00, Outlook écrit :\nErreur 0x800CCC0E\n\nMerci de m'aider.",
        "Hello,\n\nOn 3 May 2021 the server wrote this to the log:\n10:00 disk full\n\nPlease help.",
        "Hi,\n\nsteps:\n1. open the page\n2. log in\n\nIt says: \"From: invalid\".\nWhat now?",
        "Guten Tag,\n\nam 3. Mai um 10:00 kam diese Meldung:\nZugriff verweigert\n\nBitte um Hilfe.",
        "Bonjour,\n\nPouvez-vous créer un compte pour :\nNom : Doe\nPrénom : Ann\nService : Achats\nDate : 3 mai\n\nMerci",
        "Table:\n| a | b |\n| 1 | 2 |\nDone.",
        "- scanner\n- printer\n- screen",
        "/assign paul\n/priority P1\n\nPlease look.",
        "Best would be tomorrow.\nThanks in advance",
        "Le message d'origine a disparu.\nQue faire ?",
    ] {
        assert_eq!(new_part(text, None).text, text);
    }
}

/// The reply of a mail that has an HTML form only.
fn of_page(page: &str) -> String {
    let mail = format!(
        "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<html><body>{page}</body></html>"
    );
    read(mail.as_bytes(), &ReadRules::default()).reply
}

#[test]
fn pages_of_the_usual_programs() {
    let header = "<b>De :</b> Ann Doe &lt;ann@acme.example&gt;<br><b>Envoyé :</b> lundi 3 mai 2021 10:00<br><b>À :</b> Desk<br><b>Objet :</b> panne";
    for (program, history) in [
        ("Gmail", "<div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, May 3, 2021 at 10:00 AM Ann &lt;<a href=\"mailto:ann@acme.example\">ann@acme.example</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\">old</blockquote></div>".to_owned()),
        ("Outlook web", format!("<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\" dir=\"ltr\">{header}</div><div>old</div>")),
        ("Outlook web, quoted once more", format!("<div id=\"x_divRplyFwdMsg\">{header}</div><div>old</div>")),
        ("Outlook", format!("<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>{header}</p></div><p class=MsoNormal>old</p>")),
        ("Outlook without its mark", format!("<p>{header}</p><p>old</p>")),
        ("Apple", "<div><br><blockquote type=\"cite\"><div>On 3 May 2021, at 10:00, Ann wrote:</div><div>old</div></blockquote></div>".to_owned()),
        ("Thunderbird", "<div class=\"moz-cite-prefix\">Le 03/05/2021 à 10:00, Ann a écrit :<br></div><blockquote type=\"cite\" cite=\"mid:x@y\">old</blockquote>".to_owned()),
        ("Yahoo", "<div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\"><div>Le lundi 3 mai 2021, Ann a écrit :</div><div>old</div></div>".to_owned()),
        ("Proton", "<div class=\"protonmail_quote\">On Monday, May 3rd, 2021 at 10:00, Ann wrote:<br><blockquote class=\"protonmail_quote\" type=\"cite\">old</blockquote></div>".to_owned()),
        ("a plain blockquote", "<p>On Mon, May 3, 2021 at 10:00, Ann &lt;ann@acme.example&gt; wrote:</p><blockquote>old</blockquote>".to_owned()),
    ] {
        let page = format!("<div>Oui, <b>merci</b>.</div><div><br></div>{history}");
        assert_eq!(of_page(&page), "Oui, merci.", "{program}");
        let page = format!("<div>Oui, merci.</div><div class=\"gmail_signature\">Ann<br>Acme</div>{history}");
        assert_eq!(of_page(&page), "Oui, merci.", "{program} with signature");
    }
}
