//! What an answer to "does it work?" means: yes, only thanks, or something to work on.
//!
//! Told by taking known phrases away: if nothing with a meaning of its own is left, it was only
//! courtesy. A question mark, a "but" or any other word keeps the ticket alive, because taking a real
//! request for thanks is the worse mistake.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What somebody says to a resolved ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It works: the ticket can be closed.
    Yes,
    /// The same on the first line, as our letter asks for it, and more words below: the ticket can be
    /// closed, the words are for the technician.
    YesAndMore,
    /// Thanks and nothing else.
    Thanks,
    /// Anything else.
    Other,
}

/// More words than this are never only courtesy.
const COURTESY_WORDS_MAX: usize = 30;

const YES: &[&str] = &[
    "oui",
    "yes",
    "yep",
    "yeah",
    "ja",
    "jawohl",
    "jep",
    "si",
    "ouais",
    "affirmatif",
    "tout a fait",
    "exactement",
    "correct",
    "confirme",
    "je confirme",
    "confirmed",
    "i confirm",
    "bestatigt",
    "confermo",
    "bevestigd",
];

const WORKS: &[&str] = &[
    "ca marche",
    "ca fonctionne",
    "cela fonctionne",
    "cela marche",
    "tout fonctionne",
    "tout marche",
    "tout est ok",
    "tout est bon",
    "c'est bon",
    "c est bon",
    "c'est ok",
    "c'est resolu",
    "c'est regle",
    "probleme resolu",
    "le probleme est resolu",
    "ok pour moi",
    "bon pour moi",
    "vous pouvez cloturer",
    "vous pouvez fermer",
    "tu peux fermer",
    "tu peux cloturer",
    "le ticket",
    "l'incident",
    "tout est rentre dans l'ordre",
    "ca remarche",
    "ca refonctionne",
    "nickel",
    "impeccable",
    "it works",
    "works now",
    "it is working",
    "it's working",
    "working now",
    "all good",
    "all fixed",
    "fixed now",
    "it's fixed",
    "works fine",
    "works great",
    "works perfectly",
    "works for me",
    "problem solved",
    "solved",
    "resolved",
    "you can close",
    "you can close this",
    "please close",
    "the ticket",
    "this ticket",
    "everything works",
    "everything is working",
    "es funktioniert",
    "funktioniert",
    "funktioniert jetzt",
    "geht jetzt",
    "geht wieder",
    "alles gut",
    "alles in ordnung",
    "funciona",
    "ya funciona",
    "todo bien",
    "todo funciona",
    "resuelto",
    "funziona",
    "ora funziona",
    "tutto ok",
    "tutto bene",
    "risolto",
    "het werkt",
    "werkt",
    "werkt nu",
    "werkt weer",
    "opgelost",
    "alles werkt",
];

const COURTESY: &[&str] = &[
    "merci",
    "merci beaucoup",
    "merci bien",
    "mille mercis",
    "un grand merci",
    "merci infiniment",
    "merci a vous",
    "merci a toi",
    "merci pour votre aide",
    "merci pour ton aide",
    "merci pour tout",
    "pour votre reactivite",
    "pour ta reactivite",
    "pour votre aide",
    "pour votre retour",
    "pour l'aide",
    "pour le depannage",
    "pour votre intervention",
    "pour la reactivite",
    "pour la rapidite",
    "de votre aide",
    "de votre retour",
    "d'avance",
    "parfait",
    "super",
    "genial",
    "top",
    "excellent",
    "formidable",
    "bravo",
    "bonne journee",
    "bonne soiree",
    "bon week-end",
    "bon weekend",
    "bonne fin de journee",
    "tres bonne journee",
    "cordialement",
    "bien cordialement",
    "bien a vous",
    "bonjour",
    "bonsoir",
    "salut",
    "a bientot",
    "tres bien",
    "c'est parfait",
    "d'accord",
    "ok",
    "c'est note",
    "bien recu",
    "bien note",
    "entendu",
    "a vous aussi",
    "de meme",
    "a toute l'equipe",
    "toute l'equipe",
    "l'equipe",
    "thanks",
    "thank you",
    "thank you very much",
    "thank you so much",
    "thanks a lot",
    "many thanks",
    "thanks so much",
    "thx",
    "ty",
    "cheers",
    "much appreciated",
    "appreciated",
    "i appreciate it",
    "for your help",
    "for the help",
    "for the quick fix",
    "for the quick response",
    "for your quick help",
    "for fixing it",
    "for fixing this",
    "perfect",
    "great",
    "great job",
    "good job",
    "well done",
    "awesome",
    "brilliant",
    "lovely",
    "wonderful",
    "have a nice day",
    "have a good day",
    "have a great day",
    "have a nice weekend",
    "have a good weekend",
    "best regards",
    "kind regards",
    "regards",
    "best",
    "hello",
    "hi",
    "dear all",
    "team",
    "all the best",
    "you too",
    "noted",
    "got it",
    "understood",
    "okay",
    "again",
    "so much",
    "very much",
    "a lot",
    "everyone",
    "all",
    "danke",
    "vielen dank",
    "danke schon",
    "besten dank",
    "herzlichen dank",
    "danke fur die hilfe",
    "fur die hilfe",
    "fur ihre hilfe",
    "fur die schnelle hilfe",
    "mit freundlichen grussen",
    "viele grusse",
    "schonen tag",
    "schones wochenende",
    "prima",
    "perfekt",
    "hallo",
    "gracias",
    "muchas gracias",
    "mil gracias",
    "por su ayuda",
    "por la ayuda",
    "por todo",
    "saludos",
    "un saludo",
    "perfecto",
    "hola",
    "genial",
    "estupendo",
    "buen dia",
    "grazie",
    "grazie mille",
    "mille grazie",
    "molte grazie",
    "tante grazie",
    "per l'aiuto",
    "per il supporto",
    "buona giornata",
    "cordiali saluti",
    "saluti",
    "perfetto",
    "ottimo",
    "ciao",
    "salve",
    "bedankt",
    "hartelijk dank",
    "hartelijk bedankt",
    "dank je",
    "dank je wel",
    "dank u",
    "dank u wel",
    "voor de hulp",
    "voor je hulp",
    "voor uw hulp",
    "met vriendelijke groet",
    "fijne dag",
    "groeten",
    "super",
    "top",
    "beaucoup",
    "tres",
    "bien",
    "vraiment",
    "encore",
    "et",
    "and",
    "und",
    "y",
    "e",
    "en",
    "maintenant",
    "now",
    "jetzt",
    "ahora",
    "ora",
    "nu",
    "a nouveau",
    "de nouveau",
    "pour moi",
    "for me",
    "c'est",
    "it is",
    "tout",
];

/// Words that may mean that something is left to do, in what follows a yes.
const DOUBT: &[&str] = &[
    "mais",
    "sauf",
    "pas",
    "plus",
    "encore",
    "toujours",
    "autre",
    "autres",
    "aussi",
    "par",
    "cependant",
    "sinon",
    "aucun",
    "aucune",
    "jamais",
    "reste",
    "probleme",
    "problemes",
    "souci",
    "soucis",
    "erreur",
    "erreurs",
    "pouvez-vous",
    "pourriez-vous",
    "peux-tu",
    "pourquoi",
    "comment",
    "but",
    "except",
    "however",
    "not",
    "no",
    "still",
    "another",
    "other",
    "also",
    "only",
    "though",
    "cannot",
    "never",
    "problem",
    "problems",
    "issue",
    "issues",
    "error",
    "errors",
    "please",
    "can",
    "could",
    "why",
    "how",
    "aber",
    "nicht",
    "noch",
    "kein",
    "keine",
    "auch",
    "bitte",
    "pero",
    "todavia",
    "tambien",
    "falta",
    "ma",
    "non",
    "ancora",
    "anche",
    "maar",
    "niet",
    "nog",
    "ook",
    "geen",
];

/// What `text`, the new part of an answer, says.
pub fn read(text: &str) -> Answer {
    match as_courtesy(text) {
        Answer::Other if is_yes_and_more(text) => Answer::YesAndMore,
        answer => answer,
    }
}

/// Whether the first line is a plain yes and nothing below it raises a doubt. A sentence that begins with
/// yes is no such answer: it may go on as "yes, I tried that".
fn is_yes_and_more(text: &str) -> bool {
    let text = text.trim_start();
    let (first, more) = text.split_once('\n').unwrap_or((text, ""));
    let folded = fold(more);
    let mut words = folded.split(' ').filter(|word| !word.is_empty());
    as_courtesy(first) == Answer::Yes
        && !more.contains('?')
        && words.clone().count() <= COURTESY_WORDS_MAX
        && !words.any(|word| DOUBT.contains(&word) || word.ends_with("n't"))
}

/// What `text` says when there is nothing in it but known phrases.
fn as_courtesy(text: &str) -> Answer {
    let folded = fold(text);
    if folded.split(' ').filter(|word| !word.is_empty()).count() > COURTESY_WORDS_MAX
        || text.contains('?')
    {
        return Answer::Other;
    }
    let mut said_yes = false;
    let mut said_works = false;
    let mut said_thanks = false;
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let longest = |phrases: &[&str]| {
            phrases
                .iter()
                .filter_map(|phrase| starts_with(rest, phrase))
                .max()
                .unwrap_or(0)
        };
        let (yes, works, courtesy) = (longest(YES), longest(WORKS), longest(COURTESY));
        let taken = yes.max(works).max(courtesy);
        if taken == 0 {
            return Answer::Other;
        }
        said_yes |= yes == taken;
        said_works |= works == taken;
        said_thanks |= courtesy == taken;
        rest = rest.get(taken..).unwrap_or_default();
    }
    match (said_yes, said_works || said_thanks) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::Thanks,
        (false, false) => Answer::Other,
    }
}

/// How many words of `rest` the phrase takes, if `rest` begins with it.
fn starts_with(rest: &[&str], phrase: &str) -> Option<usize> {
    let wanted: Vec<&str> = phrase.split(' ').collect();
    rest.starts_with(&wanted).then_some(wanted.len())
}

/// Lower case, no accents, one kind of apostrophe, punctuation and pictures as spaces.
fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2019}' | '\u{02bc}' | '`' => '\'',
            c if c.is_alphanumeric() || c == '\'' || c == '-' => c,
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courtesy_is_told_from_requests() {
        for (text, answer) in [
            ("Oui", Answer::Yes),
            ("OUI merci beaucoup !", Answer::Yes),
            ("Yes, it works. Thanks!", Answer::Yes),
            ("Ja, vielen Dank", Answer::Yes),
            ("Merci, ça marche !", Answer::Thanks),
            (
                "Merci beaucoup pour votre réactivité.\nBonne journée",
                Answer::Thanks,
            ),
            ("Thanks a lot 👍", Answer::Thanks),
            ("Super, c’est résolu", Answer::Thanks),
            ("Merci, mais cela ne fonctionne toujours pas", Answer::Other),
            (
                "Oui mais l'imprimante fait toujours du bruit",
                Answer::Other,
            ),
            ("thanks, how do I do it on the other PC", Answer::Other),
            ("Merci. Et pour Paul ?", Answer::Other),
            (
                "Oui\n\nLes quatre caisses encaissent de nouveau, merci beaucoup !",
                Answer::YesAndMore,
            ),
            ("Yes\nAll four tills take cards again", Answer::YesAndMore),
            ("Oui, j'ai redémarré la caisse", Answer::Other),
            ("Oui\n\nmais la caisse 2 reste lente", Answer::Other),
            ("Oui\nEt la caisse 2 ?", Answer::Other),
            ("Yes\n\nthe second till doesn't print", Answer::Other),
            ("", Answer::Other),
        ] {
            assert_eq!(read(text), answer, "{text}");
        }
    }
}
