//! The name of a thing in a clause: the words nobody knows, and the two places where they are let through.

use super::grammar::Item;
use super::vocabulary::{Role, has_doubt};

/// A thing is named in no more words nobody knows.
const THING_WORDS_MAX: usize = 4;
/// The same without an article: `Outlook`. Two such words may say how it works: `via cavo funziona`.
const BARE_WORDS_MAX: usize = 1;
/// Longer numbers are more than the number of a room or a till.
const NUMBER_LENGTH_MAX: usize = 3;

/// Whether the words nobody knows name one thing, which works or belongs to what is thanked for.
pub fn has_its_place(items: &[Item<'_>]) -> bool {
    let Some(first) = items.iter().position(Item::is_unknown) else {
        return true;
    };
    let joins = |item: &Item<'_>| item.roles.has_any(&[Role::Det, Role::Of]);
    let goes_on =
        |item: &Item<'_>| item.is_unknown() || item.is_name || joins(item) || item.has(Role::Case);
    let before = items.get(..first).unwrap_or_default();
    let start = before
        .iter()
        .rposition(|item| !joins(item))
        .map_or(0, |last| last + 1);
    let tail = items.get(first..).unwrap_or_default();
    let reach = tail
        .iter()
        .position(|item| !goes_on(item))
        .unwrap_or(tail.len());
    let last = tail
        .get(..reach)
        .and_then(|run| {
            run.iter()
                .rposition(|item| item.is_unknown() || item.is_name)
        })
        .unwrap_or_default();
    let end = first + last + 1;
    let (Some(thing), Some(after)) = (items.get(start..end), items.get(end..)) else {
        return false;
    };
    !after.iter().any(Item::is_unknown)
        && is_thing(thing)
        && (begins(items.get(..start), thing) && !is_place(thing) && works(items, after)
            || is_behind(items, start, after))
}

/// Whether the words may be the name of a thing: few of them, and no verb or clause among them as far as can be told.
fn is_thing(thing: &[Item<'_>]) -> bool {
    let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let mut unknown = 0;
    let mut previous: Option<&Item<'_>> = None;
    for item in thing {
        let is_joined = previous.is_none_or(|previous| previous.has(Role::Of));
        let is_out_of_place = item.has(Role::Det) && !item.has(Role::Of) && !is_joined;
        let is_bad_number = item
            .words
            .iter()
            .any(|word| is_number(word) && (word.len() > NUMBER_LENGTH_MAX || unknown == 0));
        if is_out_of_place || is_bad_number {
            return false;
        }
        unknown += usize::from(item.is_unknown());
        previous = Some(item);
    }
    let words = thing.iter().filter(|item| item.is_unknown());
    let words: Vec<&str> = words.flat_map(|item| item.words).copied().collect();
    let is_determined = thing
        .first()
        .is_some_and(|item| item.roles.has_any(&[Role::Det, Role::Of]));
    let most = if is_determined {
        THING_WORDS_MAX
    } else {
        BARE_WORDS_MAX
    };
    unknown <= most && !has_doubt(&words)
}

/// Whether the words name a place: where it works, and perhaps elsewhere not.
fn is_place(thing: &[Item<'_>]) -> bool {
    thing.first().is_some_and(|item| item.has(Role::Of))
}

/// Whether a thing may be spoken of behind these words: nobody does anything in them. Without an article it begins a
/// sentence.
fn begins(before: Option<&[Item<'_>]>, thing: &[Item<'_>]) -> bool {
    let is_determined = thing.first().is_some_and(|item| item.has(Role::Det));
    let opens = [
        Role::Thanks,
        Role::Greet,
        Role::Praise,
        Role::Yes,
        Role::Again,
    ];
    before.is_some_and(|before| {
        before.iter().all(|item| {
            let is_small = !item.has(Role::Who) || item.has(Role::Glue);
            item.is_name || item.roles.has_any(&opens) || is_determined && is_small
        })
    })
}

/// Whether the words behind a thing say that it works.
fn works(clause: &[Item<'_>], after: &[Item<'_>]) -> bool {
    let is_again = clause.iter().any(|item| item.has(Role::Again));
    let mut is_joined = false;
    for item in after {
        if item
            .roles
            .has_any(&[Role::Works, Role::State, Role::Solved, Role::Back])
        {
            return true;
        }
        if is_again && item.has(Role::Weak) {
            return true;
        }
        if is_joined && item.has(Role::Praise) {
            return true;
        }
        is_joined |= item.has(Role::Be);
        if !item.roles.has_any(&[Role::Be, Role::Glue, Role::Again]) {
            return false;
        }
    }
    false
}

/// Whether the thing from `start` on belongs to help, to something done or to something the writer can do.
fn is_behind(items: &[Item<'_>], start: usize, after: &[Item<'_>]) -> bool {
    let before = items.get(..start).unwrap_or_default();
    let last = before.iter().rev().find(|item| {
        !item.roles.has_any(&[Role::Glue, Role::Who])
            || item.roles.has_any(&[Role::Act, Role::Able, Role::Helped])
    });
    let Some(last) = last else {
        return false;
    };
    let first_has = |role| items.get(start).is_some_and(|item| item.has(role));
    let is_for = before.iter().any(|item| item.has(Role::For));
    (last.has(Role::Helped) && is_for)
        || (last.has(Role::Act) && first_has(Role::Det))
        || (first_has(Role::Of)
            && !items.iter().any(|item| item.has(Role::Able))
            && last.roles.has_any(&[Role::Help, Role::News, Role::Trouble]))
        || (last.has(Role::Able)
            && first_has(Role::Det)
            && after.iter().any(|item| item.has(Role::Act)))
}
