//! What somebody says of a ticket's urgency after it was ranked: "c'est plus urgent, paie à 17 h".
//!
//! A claim changes nothing by itself. It is kept among the ticket's reasons, with weight 0, and shown
//! to the technician, who decides. A newer claim takes the place of an older one.

use super::keywords::Keywords;
use super::rank::{Facts, rank};
use super::{Heard, Impact, Place, Reason, Subject, Urgency};

/// Points from which somebody who says it can wait is believed to mean it; "please" alone is politeness.
const LOWER_NEEDS: i32 = 3;

/// What the words of a reply claim beyond what is known: another urgency, a wider impact. Empty: nothing.
pub fn read(
    keywords: &Keywords,
    heard: &Heard,
    (impact, urgency): (Impact, Urgency),
) -> Vec<Reason> {
    let said = rank(
        keywords,
        &heard.without_subject(),
        &Facts {
            vouched: true,
            ..Facts::default()
        },
    );
    let heaviest = |about: Subject, level: &str| {
        let speaks = |reason: &&Reason| reason.about == about && reason.level == level;
        said.reasons.iter().find(speaks).cloned()
    };
    let mut claims = Vec::new();
    let wider = said.impact > impact;
    claims.extend(heaviest(Subject::Impact, said.impact.word()).filter(|_| wider));
    let urgent = heaviest(Subject::Urgency, said.urgency.word()).filter(|reason| {
        let patient = said.urgency < urgency && reason.weight >= LOWER_NEEDS;
        said.urgency > urgency || patient && said.urgency == Urgency::Low
    });
    claims.extend(urgent);
    for claim in &mut claims {
        (claim.r#where, claim.weight) = (Place::Sender, 0);
    }
    claims
}

/// The reasons with the new claims in place of older ones.
pub fn kept(reasons: &[Reason], claims: Vec<Reason>) -> Vec<Reason> {
    let others = reasons.iter().filter(|reason| !is_claim(reason)).cloned();
    others.chain(claims).collect()
}

/// Whether a reason is a claim.
pub fn is_claim(reason: &Reason) -> bool {
    reason.r#where == Place::Sender
        && reason.weight == 0
        && matches!(reason.about, Subject::Impact | Subject::Urgency)
}

/// Claims as one line: `urgency high ("paie à 17 h")`.
pub fn told(claims: &[Reason]) -> String {
    let one = |reason: &Reason| {
        let about = match reason.about {
            Subject::Impact => "impact",
            _ => "urgency",
        };
        format!("{about} {} (\"{}\")", reason.level, reason.because)
    };
    claims.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::keywords::{About, Lists, Word};
    use super::*;

    fn claimed(text: &str, urgency: Urgency) -> String {
        let word = |phrase: &str, about, weight| Word {
            phrase: phrase.to_owned(),
            about,
            weight,
            needs: Vec::new(),
            language: None,
        };
        let lists = Lists {
            words: vec![
                word("urgent", About::Urgency(Urgency::High), 3),
                word("lent", About::Urgency(Urgency::Medium), 2),
                word("svp", About::Urgency(Urgency::Low), 1),
                word("peut attendre", About::Urgency(Urgency::Low), 3),
                word("tout le monde", About::Impact(Impact::High), 3),
            ],
            ..Lists::default()
        };
        let keywords = Keywords::new(lists).unwrap();
        let heard = Heard::of(&keywords, "old", text, None);
        told(&read(&keywords, &heard, (Impact::Medium, urgency)))
    }

    #[test]
    fn only_what_differs_is_a_claim() {
        let medium = Urgency::Medium;
        assert_eq!(
            claimed("c'est plus urgent, paie à 17 h", medium),
            "urgency high (\"urgent\")"
        );
        assert_eq!(claimed("c'est urgent", Urgency::High), "");
        assert_eq!(claimed("toujours lent", medium), "");
        assert_eq!(claimed("merci svp", medium), "");
        assert_eq!(
            claimed("cela peut attendre", medium),
            "urgency low (\"peut attendre\")"
        );
        assert_eq!(
            claimed("tout le monde maintenant, lent", medium),
            "impact high (\"tout le monde\")"
        );
    }

    #[test]
    fn a_newer_claim_replaces_the_older() {
        let reason = |place, weight, because: &str| Reason {
            about: Subject::Urgency,
            level: "high".to_owned(),
            because: because.to_owned(),
            r#where: place,
            weight,
        };
        let first = vec![
            reason(Place::Text, 3, "said"),
            reason(Place::Sender, 0, "old"),
        ];
        let now = kept(&first, vec![reason(Place::Sender, 0, "new")]);
        let because: Vec<_> = now.iter().map(|reason| reason.because.as_str()).collect();
        assert_eq!(because, ["said", "new"]);
    }
}
