//! Whether every word of a clause is accounted for, in one language.
//!
//! A clause is courtesy when it holds nothing but words of the vocabulary, in the places where they are harmless.
//! Words nobody knows are let through in two places only, as the name of a thing: before a verb that says it works
//! (`the label printer prints again`), and behind what somebody is thanked for (`merci pour le remplacement de
//! l'écran`). What is not accounted for is a request.

use super::thing;
use super::vocabulary::{PHRASE_WORDS_MAX, Phrases, Role, Roles};

/// An answer that is asked for begins like this: `merci pour une réponse rapide`.
const INDEFINITE: [&str; 10] = [
    "un", "une", "a", "an", "ein", "eine", "einen", "una", "uno", "een",
];
/// Behind a verb these make a question of a clause: `is it fixed`.
const SUBJECTS: [&str; 10] = [
    "it",
    "this",
    "that",
    "everything",
    "es",
    "das",
    "alles",
    "sie",
    "het",
    "dit",
];

/// What has been said so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// An explicit yes.
    pub yes: bool,
    /// Thanks.
    pub thanks: bool,
    /// That it works, or praise.
    pub works: bool,
    /// That it was tried; what came of it has to follow.
    pub tested: bool,
    /// A plain assent.
    pub assent: bool,
}

/// Some words of a clause that stand for one thing.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The words.
    pub words: &'a [&'a str],
    /// What they can be.
    pub roles: Roles,
    /// Whether they only name somebody.
    pub is_name: bool,
}

impl Item<'_> {
    /// Whether nobody knows what they are.
    pub fn is_unknown(&self) -> bool {
        self.roles.is_unknown() && !self.is_name
    }

    /// Whether they can be `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.has(role)
    }

    /// Whether it is one word, of `list`.
    pub fn is_one_of(&self, list: &[&str]) -> bool {
        matches!(self.words, [word] if list.contains(word))
    }
}

/// Takes a clause; `false` when it says something of its own. `names`: words that only name people.
pub fn takes(phrases: &Phrases, names: &[String], clause: &[&str], said: &mut Said) -> bool {
    let items = items(phrases, names, clause);
    let follows_thanks = said.thanks;
    let is_taken = !items.iter().any(|item| item.roles.is_only_doubt())
        && !asks(&items)
        && !has_condition(&items)
        && names_only_call(&items)
        && !goes_on_asking(&items)
        && is_known_to_be_back(&items)
        && thing::has_its_place(&items)
        && troubles_are_gone(&items)
        && help_is_thanked_for(&items, follows_thanks)
        && abilities_are_whole(&items);
    for item in items.iter().filter(|_| is_taken) {
        said.yes |= item.has(Role::Yes) && !item.has(Role::Glue);
        said.thanks |= item.has(Role::Thanks);
        said.works |= item.roles.has_any(&[
            Role::Praise,
            Role::Fine,
            Role::Alone,
            Role::Works,
            Role::Weak,
            Role::Back,
            Role::State,
            Role::Solved,
            Role::Act,
            Role::Without,
        ]);
        said.tested |= item.has(Role::Tested);
        said.assent |= item.is_one_of(&["ok", "okay"]);
    }
    is_taken
}

/// The clause in known phrases, the longest first, and single words.
fn items<'a>(phrases: &Phrases, names: &[String], clause: &'a [&'a str]) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    let mut rest = clause;
    while let Some(first) = rest.first() {
        let known = (1..=PHRASE_WORDS_MAX.min(rest.len()))
            .rev()
            .find_map(|count| {
                let words = rest.get(..count)?;
                Some((words, *phrases.get(words.join(" ").as_str())?))
            });
        let single = rest.get(..1).unwrap_or_default();
        let (words, roles) = known.unwrap_or((single, Roles::default()));
        items.push(Item {
            words,
            roles,
            is_name: words.len() == 1 && names.iter().any(|name| name == first),
        });
        rest = rest.get(words.len()..).unwrap_or_default();
    }
    items
}

/// Whether the clause is a question without its mark.
fn asks(items: &[Item<'_>]) -> bool {
    let [first, second, _, ..] = items else {
        return false;
    };
    let is_inverted =
        first.has(Role::Able) && matches!(first.words.last(), Some(&("ich" | "wir" | "ik" | "we")));
    is_inverted
        || first.has(Role::Be)
            && !first
                .roles
                .has_any(&[Role::Glue, Role::Works, Role::Praise])
            && (second.is_unknown() || second.has(Role::Det) || second.is_one_of(&SUBJECTS))
}

/// Whether a `si` is in it that is an `if`: the yes of two languages begins its clause.
fn has_condition(items: &[Item<'_>]) -> bool {
    let opens = |item: &Item<'_>| {
        item.is_name
            || item.roles.has_any(&[
                Role::Yes,
                Role::Greet,
                Role::Thanks,
                Role::Praise,
                Role::Again,
            ])
    };
    items.iter().enumerate().any(|(place, item)| {
        let before = items.get(..place).unwrap_or_default();
        item.is_one_of(&["si"]) && !before.iter().all(opens)
    })
}

/// Whether names only call people: at Paul's it may work, and not at the writer's.
fn names_only_call(items: &[Item<'_>]) -> bool {
    items.windows(2).all(|pair| match pair {
        [before, name] if name.is_name && name.roles.is_unknown() => {
            !before.is_unknown() && !before.roles.has_any(&[Role::Of, Role::For, Role::Det])
        }
        _ => true,
    })
}

/// Whether it begins with an `and` and says nothing that means something by itself: `and now`.
fn goes_on_asking(items: &[Item<'_>]) -> bool {
    let small = [
        Role::Glue,
        Role::Who,
        Role::Again,
        Role::Det,
        Role::Of,
        Role::For,
        Role::Be,
    ];
    items
        .first()
        .and_then(|item| item.words.first())
        .is_some_and(|word| ["and", "et", "und", "y", "e", "en"].contains(word))
        && items.iter().all(|item| item.roles.are_among(&small))
}

/// Whether what came back is named; it may be the problem.
fn is_known_to_be_back(items: &[Item<'_>]) -> bool {
    let is_back = items.iter().any(|item| item.has(Role::Back));
    let is_clear = |item: &Item<'_>| {
        item.is_unknown()
            || item.is_one_of(&[
                "tout",
                "everything",
                "all",
                "alles",
                "todo",
                "tutto",
                "we're",
            ])
            || item.roles.has_any(&[Role::Works, Role::State, Role::Fine])
    };
    !is_back || items.iter().any(is_clear)
}

/// Whether problems are spoken of as gone only.
fn troubles_are_gone(items: &[Item<'_>]) -> bool {
    let is_solved = items.iter().any(|item| {
        item.roles.has_any(&[
            Role::Solved,
            Role::Alone,
            Role::Fine,
            Role::Helped,
            Role::Help,
            Role::News,
        ])
    });
    let has = |role| items.iter().any(|item| item.has(role));
    if has(Role::Case) && !is_solved && !has(Role::State) {
        return false;
    }
    let mut is_denied = false;
    for item in items {
        if item.has(Role::Without) {
            is_denied = true;
        } else if item.has(Role::Trouble) {
            if !is_denied && !is_solved {
                return false;
            }
            is_denied = false;
        } else if is_denied
            && !item.roles.has_any(&[
                Role::Glue,
                Role::Again,
                Role::Who,
                Role::Praise,
                Role::Det,
                Role::Of,
            ])
        {
            return false; // it denies something else
        }
    }
    !is_denied
}

/// Whether whoever speaks of help gives thanks for it, and does not ask for it.
fn help_is_thanked_for(items: &[Item<'_>], follows_thanks: bool) -> bool {
    let other = [
        Role::Works,
        Role::Weak,
        Role::Back,
        Role::State,
        Role::Solved,
        Role::Alone,
        Role::Praise,
        Role::Fine,
        Role::Glue,
        Role::Who,
        Role::Greet,
        Role::Thanks,
        Role::Trouble,
        Role::Case,
    ];
    let is_courteous = items
        .iter()
        .any(|item| item.roles.has_any(&[Role::Thanks, Role::Praise]));
    let goes_on = follows_thanks && items.first().is_some_and(|item| item.has(Role::For));
    if items.iter().any(|item| item.has(Role::Able)) {
        return true; // what the writer can open or read is no news
    }
    items.iter().enumerate().all(|(place, item)| {
        let is_help = item.roles.has_any(&[Role::Help, Role::News, Role::Helped]);
        if !is_help || item.roles.has_any(&other) {
            return true;
        }
        let before = items.get(..place).unwrap_or_default();
        let thanks = before.iter().rposition(|item| item.has(Role::Thanks));
        let between = before
            .get(thanks.map_or(0, |place| place + 1)..)
            .unwrap_or_default();
        let is_for = between.iter().any(|item| item.has(Role::For));
        let is_asked_for = between.iter().enumerate().any(|(place, one)| {
            let next = between.get(place + 1).unwrap_or(item);
            one.is_one_of(&INDEFINITE)
                && next.roles.has_any(&[Role::Praise, Role::Help, Role::News])
        });
        let is_sure = item.has(Role::Help) || is_for;
        let is_praised = !between.iter().any(|item| item.has(Role::Of))
            && items.iter().any(|item| item.has(Role::Praise));
        (is_courteous || goes_on) && !is_asked_for && (is_sure || is_praised)
    })
}

/// Whether "I can" says what, and the other way round.
fn abilities_are_whole(items: &[Item<'_>]) -> bool {
    let has = |role| items.iter().any(|item| item.has(role));
    let needs = |role| {
        items.iter().any(|item| {
            item.has(role)
                && !item.roles.has_any(&[
                    Role::Works,
                    Role::Help,
                    Role::Glue,
                    Role::Greet,
                    Role::News,
                ])
        })
    };
    (!needs(Role::Able) || has(Role::Act)) && (!needs(Role::Act) || has(Role::Able))
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::{LANGUAGES, words};
    use super::*;

    /// Whether the clause is taken in English.
    fn is_taken(clause: &str) -> bool {
        let names = ["paul".to_owned()];
        let said = &mut Said::default();
        takes(&LANGUAGES[1], &names, &words(clause), said)
    }

    #[test]
    fn things_work_and_are_worked_on_and_do_nothing_else() {
        for clause in [
            "the label printer on the second-floor works again",
            "thanks for fixing my docking station",
            "i can open the shared folder again",
            "outlook is back",
            "no more error messages",
            "thanks paul",
        ] {
            assert!(is_taken(clause), "{clause}");
        }
        for clause in [
            "the docking station",
            "my shared folder is gone",
            "the update is running",
            "it is back again and again frozen",
            "i can open the shared folder on a tablet",
            "works at paul",
            "no network",
            "is the folder back",
            "works if unplugged",
        ] {
            assert!(!is_taken(clause), "{clause}");
        }
    }

    #[test]
    fn help_is_asked_for_as_often_as_thanked_for() {
        for (clause, taken) in [
            ("thanks for the quick answer", true),
            ("thanks for a quick answer", false),
            ("i appreciate the quick answer", true),
            ("i appreciate a quick answer", false),
            ("your help", false),
        ] {
            assert_eq!(is_taken(clause), taken, "{clause}");
        }
    }
}
