//! Takes out of an answer what we sent ourselves: the last resort where a program marks the history in no known way.
//!
//! Compares words, not lines: every program wraps anew. Lines that are marked as quoted were left on purpose, between two
//! answers, and stay.

/// Fewer words in a row are anybody's.
const WORDS_PER_LINE_MIN: usize = 3;
/// A quote repeats at least so much; less may be somebody who copies a sentence.
const WORDS_MIN: usize = 12;

/// The new part without what stands in `sent`, the text of the letter it answers. `None` when nothing of it is repeated.
/// Empty when nothing else is left.
pub fn without(reply: &str, sent: &str) -> Option<String> {
    let sent = format!(" {} ", words(sent).join(" "));
    let lines: Vec<&str> = reply.lines().collect();
    let ours: Vec<Option<bool>> = lines.iter().map(|line| is_ours(line, &sent)).collect();
    let repeated: usize = lines
        .iter()
        .zip(&ours)
        .filter(|(_, ours)| **ours == Some(true))
        .map(|(line, _)| words(line).len())
        .sum();
    if repeated < WORDS_MIN {
        return None;
    }
    let first = ours.iter().position(|ours| *ours == Some(true))?;
    let last = ours.iter().rposition(|ours| *ours == Some(true))?;
    // Short lines between ours, "Bonjour" or a number, go with them; so does a line that says who wrote above.
    let kept = lines
        .iter()
        .zip(&ours)
        .enumerate()
        .filter(|(at, (line, ours))| {
            let within = (first..=last).contains(at);
            let above = *at < first && first - at <= 2 && says_who(line);
            let is_rule = !line.trim().is_empty() && words(line).is_empty();
            let below = *at > last && ours.is_none() && (is_rule || is_within(line, &sent));
            !(**ours == Some(true) || within && ours.is_none() || above || below)
        });
    let kept: Vec<&str> = kept.map(|(_, (line, _))| *line).collect();
    Some(kept.join("\n").trim().to_owned())
}

/// Whether a line stands in our letter; `None` for one that is too short to say. Quoted ones count as theirs.
fn is_ours(line: &str, sent: &str) -> Option<bool> {
    if line.trim_start().starts_with(['>', '|']) {
        return Some(false);
    }
    (words(line).len() >= WORDS_PER_LINE_MIN).then(|| is_within(line, sent))
}

fn is_within(line: &str, sent: &str) -> bool {
    sent.contains(&format!(" {} ", words(line).join(" ")))
}

/// `Support <support@example.org> :`
fn says_who(line: &str) -> bool {
    let line = line.trim();
    line.contains('@') && line.len() <= 200 && line.ends_with([':', '>', ')'])
}

/// Letters and figures in a row, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "Bonjour Marie Durand,\n\nNous avons bien reçu votre message. Il porte le numéro INC-1.\n\n\
        Vous aurez de nos nouvelles au plus tard le lundi 23 novembre à 12 h.\n\n-- \nSupport informatique";

    #[test]
    fn what_we_sent_goes_however_it_is_wrapped() {
        let reply = "Le voyant est rouge.\n\nReçu de Support <support@example.org>\nBonjour Marie Durand,\nNous avons bien reçu votre\n\
            message. Il porte le numéro INC-1.\nVous aurez de nos nouvelles au plus tard\nle lundi 23 novembre à 12 h.\nSupport informatique";
        assert_eq!(
            without(reply, SENT).as_deref(),
            Some("Le voyant est rouge.")
        );
        let below = "Nous avons bien reçu votre message. Il porte le numéro INC-1.\nVous aurez de nos nouvelles au plus tard le lundi 23 novembre à 12 h.\n\nMerci, le voyant est rouge.";
        assert_eq!(
            without(below, SENT).as_deref(),
            Some("Merci, le voyant est rouge.")
        );
        assert_eq!(without(SENT, SENT).as_deref(), Some(""));
    }

    #[test]
    fn what_they_wrote_stays() {
        for reply in [
            "Le voyant est rouge.",
            "Vous écrivez : nous avons bien reçu votre message, mais depuis rien.",
            "> Nous avons bien reçu votre message. Il porte le numéro INC-1.\nMerci",
            "",
        ] {
            assert_eq!(without(reply, SENT), None, "{reply}");
        }
    }
}
