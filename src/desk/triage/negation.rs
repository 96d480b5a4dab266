//! Says which of the words found hold: "pas urgent" is not urgent.
//!
//! A longer phrase hides shorter ones of its kind inside it. A word of denial turns what follows in
//! the same clause, at most three words on; one that is itself part of a phrase ("ne marche **pas**")
//! denies nothing else. A hedge ("un peu urgent") takes one level off.
//! Finding is `keywords.rs`, conclusions are `rank.rs`.

use std::cmp::Reverse;

use super::fold::{Folded, Pause};
use super::keywords::{About, Found, Keywords, Sign};

/// How a phrase speaks against words beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denial {
    /// Up to three words may lie between it and what it denies: "pas", "not".
    Before,
    /// At most one word may lie between: "sans", "no".
    Close,
    /// It stands behind: "urgent? non", "eilt nicht".
    After,
    /// As `Close`, but only one level is taken off: "un peu", "kind of".
    Hedge,
}

/// Words between a denial and what it denies: "pas du tout vraiment urgent".
const REACH: usize = 3;

/// How a word stands in its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds.
    Said,
    /// One level less.
    Hedged,
    /// Turned round.
    Denied,
}

/// A phrase that counts, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) found: Found,
    pub(super) standing: Standing,
}

/// Drops what is hidden and says of the rest how it stands. Denials and phrases that others need are
/// not handed on.
pub(super) fn weigh(keywords: &Keywords, text: &Folded, found: &[Found]) -> Vec<Sighting> {
    let open = unhidden(keywords, found);
    let denials = Denials::of(keywords, text, found, &open);
    open.into_iter()
        .filter(|found| about(keywords, found).is_some())
        .map(|found| Sighting {
            found,
            standing: denials.standing(text, &found),
        })
        .collect()
}

/// The words of denial in a text, by where they stand.
pub(super) struct Denials {
    /// Those that deny what follows, by their last word.
    ends: Vec<Option<Denial>>,
    /// Those that deny what is before them, by their first word.
    begins: Vec<Option<Denial>>,
}

impl Denials {
    /// Those among `found` that are part neither of a phrase that counts there nor of one of `more`.
    pub(super) fn beside(
        keywords: &Keywords,
        text: &Folded,
        found: &[Found],
        more: &[Found],
    ) -> Self {
        let mut phrases = unhidden(keywords, found);
        phrases.extend(more);
        Self::of(keywords, text, found, &phrases)
    }

    /// Those among `found` that are no part of one of the `phrases`.
    fn of(keywords: &Keywords, text: &Folded, found: &[Found], phrases: &[Found]) -> Self {
        // Words that belong to a phrase; what `...` stood for does not.
        let mut taken = vec![false; text.tokens.len()];
        for word in phrases.iter().flat_map(own_words) {
            if let Some(taken) = taken.get_mut(word) {
                *taken = true;
            }
        }
        let free = |first: usize, last: usize| {
            !taken
                .get(first..=last)
                .is_some_and(|words| words.iter().any(|taken| *taken))
        };
        let mut denials = Self {
            ends: vec![None; text.tokens.len()],
            begins: vec![None; text.tokens.len()],
        };
        for found in found {
            let Some(About::Denial(denial)) = about(keywords, found) else {
                continue;
            };
            if !free(found.first, found.last) {
                continue;
            }
            let place = match denial {
                Denial::After => denials.begins.get_mut(found.first),
                _ => denials.ends.get_mut(found.last),
            };
            // The stronger of two that end at the same word: the order of the variants.
            if let Some(known) = place {
                *known = Some(known.map_or(*denial, |known: Denial| known.min(*denial)));
            }
        }
        denials
    }

    /// How a phrase stands among them.
    pub(super) fn standing(&self, text: &Folded, found: &Found) -> Standing {
        standing(text, found, self)
    }
}

/// The words of a phrase, without what its dots stood for.
pub(super) fn own_words(found: &Found) -> impl Iterator<Item = usize> + use<> {
    let gaps = found.gaps;
    (found.first..=found.last).filter(move |word| {
        let mut gaps = gaps.iter().flatten();
        !gaps.any(|(first, last)| (*first..=*last).contains(word))
    })
}

fn about<'k>(keywords: &'k Keywords, found: &Found) -> Option<&'k About> {
    let entry = keywords.entries.get(found.entry)?;
    entry.about.as_ref()
}

fn standing(text: &Folded, found: &Found, denials: &Denials) -> Standing {
    let ending_at = |word: usize| denials.ends.get(word).copied().flatten();
    let mut standing = Standing::Said;
    for between in 0..=REACH {
        let Some(word) = found.first.checked_sub(between + 1) else {
            break;
        };
        let pause = text.tokens.get(word + 1).map(|token| token.pause);
        if pause.is_none_or(|pause| pause >= Pause::Comma) {
            break;
        }
        match ending_at(word) {
            Some(Denial::Before) => return Standing::Denied,
            Some(Denial::Close) if between <= 1 => return Standing::Denied,
            Some(Denial::Hedge) if between <= 1 => standing = Standing::Hedged,
            _ => {}
        }
    }
    let denies = |word| matches!(ending_at(word), Some(Denial::Before | Denial::Close));
    let mut gaps = found.gaps.iter().flatten();
    if gaps.any(|(first, last)| (*first..=*last).any(denies)) {
        return Standing::Denied;
    }
    // "urgent ? non" is one thought in two sentences, so no pause is asked for here.
    let begins_at = |word: usize| denials.begins.get(word).is_some_and(Option::is_some);
    if (1..=2).any(|after| begins_at(found.last + after)) {
        return Standing::Denied;
    }
    standing
}

/// What no longer phrase of the same kind covers, denials left out. Of two with the same words, the weightier one.
fn unhidden(keywords: &Keywords, found: &[Found]) -> Vec<Found> {
    let mut kinds: Vec<_> = found
        .iter()
        .filter_map(|found| {
            let entry = keywords.entries.get(found.entry)?;
            let about = entry.about.as_ref()?;
            // "mon poste" is one person's even when another list calls a "poste" telephony.
            let sign = match about {
                About::Service(_, sign) => *sign,
                _ => Sign::Named,
            };
            let span = (found.first, Reverse(found.last));
            // The operator's files come after ours: of two alike the later one holds.
            let order = (span, sign, Reverse(entry.weight), Reverse(found.entry));
            Some(((kind(about)?, order), found))
        })
        .collect();
    // What is alike in all of this is the same phrase at the same place.
    kinds.sort_unstable_by_key(|(order, _)| *order);
    let mut open: Vec<Found> = Vec::new();
    let mut longest: Option<(u8, &Found)> = None;
    for ((kind, _), found) in kinds {
        if let Some((of, over)) = longest
            && of == kind
            && found.last <= over.last
        {
            let same = found.first == over.first && found.last == over.last;
            let about = |found: &Found| keywords.entries.get(found.entry).map(|e| &e.about);
            if !(same && may_share(about(over), about(found))) {
                continue;
            }
        } else {
            longest = Some((kind, found));
        }
        open.push(*found);
    }
    // "mes mails ne partent plus": what is one person's overlaps the phrase about the service.
    let sign = |found: &Found| match keywords.entries.get(found.entry)?.about.as_ref()? {
        About::Service(_, sign) => Some(*sign),
        _ => None,
    };
    let own: Vec<Found> = open
        .iter()
        .filter(|found| sign(found) == Some(Sign::Unless))
        .copied()
        .collect();
    open.retain(|found| {
        !matches!(sign(found), Some(Sign::Fails | Sign::Named))
            || !own
                .iter()
                .any(|own| own.first <= found.last && found.first <= own.last)
    });
    open
}

/// Whether the same words may say both: two categories, or two services in the same way.
fn may_share(one: Option<&Option<About>>, other: Option<&Option<About>>) -> bool {
    match (one, other) {
        (Some(Some(About::Category(one))), Some(Some(About::Category(other)))) => one != other,
        (Some(Some(About::Service(one, a))), Some(Some(About::Service(other, b)))) => {
            one != other && a == b
        }
        _ => false,
    }
}

/// Phrases of one kind hide one another. The kinds of services are one: "mon téléphone" hides "téléphone".
fn kind(about: &About) -> Option<u8> {
    match about {
        About::Impact(_) => Some(0),
        About::Urgency(_) => Some(1),
        About::Failure => Some(2),
        About::Category(_) => Some(3),
        About::Service(..) => Some(4),
        About::Denial(_) | About::Recipe(_) => None,
    }
}
