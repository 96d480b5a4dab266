//! Words at the start of a subject that only machines write.

use crate::desk::mail::Verdict;

/// Starts of the subjects of absence notices and receipts, in lower case. Only whole phrases: people write about
/// automatic replies too, but hardly begin a subject like this.
const REPLIES: &[&str] = &[
    "auto:",
    "autoreply:",
    "auto-reply:",
    "auto reply:",
    "auto response:",
    "autoresponse:",
    "automatic reply",
    "automated reply",
    "automatic response",
    "auto-response",
    "autoresponder",
    "out of office",
    "out-of-office",
    "ooo:",
    "vacation:",
    "vacation reply",
    "away from the office",
    "away from my mail",
    "i am out of the office",
    "i'm out of the office",
    "i am on vacation",
    "on vacation",
    "read:",
    "not read:",
    "delivered:",
    "read receipt",
    "return receipt",
    "delivery receipt",
    "réponse automatique",
    "reponse automatique",
    "message d'absence",
    "absence du bureau",
    "absent du bureau",
    "absence :",
    "absence:",
    "absent(e)",
    "je suis absent",
    "en congés",
    "en congé",
    "lu :",
    "lu:",
    "accusé de réception",
    "accusé de lecture",
    "automatische antwort",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesend",
    "nicht im büro",
    "gelesen:",
    "lesebestätigung",
    "empfangsbestätigung",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "leído:",
    "acuse de recibo",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assente dall'ufficio",
    "assenza dall'ufficio",
    "letto:",
    "conferma di lettura",
    "automatisch antwoord",
    "automatische reactie",
    "afwezigheid",
    "afwezig:",
    "niet aanwezig",
    "niet op kantoor",
    "gelezen:",
    "leesbevestiging",
    "resposta automática",
    "autosvar",
    "automatiskt svar",
];

/// The verdict that the start of a subject asks for.
pub fn of_subject(subject: &str) -> Option<Verdict> {
    let lower = subject.trim().to_lowercase().replace('’', "'");
    let start = lower.trim_start_matches(['[', '*', '(', ' ']);
    // A question is a person's: "Out of office: how do I turn it on?"
    if start.ends_with('?') {
        return None;
    }
    REPLIES
        .iter()
        .any(|phrase| start.starts_with(phrase))
        .then_some(Verdict::AutoReply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_in_six_languages() {
        for subject in [
            "Automatic reply: printer",
            "Réponse automatique : imprimante",
            "Abwesenheitsnotiz: Drucker",
            "Respuesta automática: x",
            "Risposta automatica: x",
            "Automatisch antwoord: x",
            "AUTO: Ann is away",
        ] {
            assert_eq!(of_subject(subject), Some(Verdict::AutoReply), "{subject}");
        }
    }

    #[test]
    fn people_write_about_absence() {
        for subject in [
            "Re: Out of office does not work",
            "My automatic reply is wrong",
            "Out of office: how do I turn it on?",
            "Autorisation",
            "Lumière",
        ] {
            assert_eq!(of_subject(subject), None, "{subject}");
        }
    }
}
