//! `/handoff`: an outside firm gets a letter that says all it needs, and the ticket waits for it.
//!
//! A firm that has the ticket already gets the words alone, in the same thread. Where no firm is configured, or it has no
//! address, the ticket waits all the same and the receipt says what would make it a letter.

use super::carry_out::{Actor, pause};
use super::words::fold;
use crate::desk::case::{Case, Content};
use crate::desk::event::Effect;
use crate::desk::notice::{Hint, LaneNotice, No, NoticeKind, Refusal, Said};
use crate::desk::people::Provider;
use crate::desk::provider;
use crate::desk::ticket::{EntryKind, Status};

/// A name that is no further away than so many letters was probably meant.
const DISTANCE_MAX: usize = 2;
/// So many characters of the report are passed on: a firm needs what happened, not a log of it.
const REPORT_MAX: usize = 4_000;

/// Hands the ticket to the firm that the first words name, and tells it the others.
pub fn hand_over(case: &mut Case<'_>, words: &str, by: &Actor<'_>) -> Result<(), No> {
    let providers = &case.rules.people.providers;
    let named = named(providers.values(), words);
    let Some((provider, words)) = named else {
        if providers.is_empty() {
            pause(case, Status::WaitingProvider, None, by.name, words)?;
            case.hint = Some(Hint::NoProvider);
            return Ok(());
        }
        let meant = probably(providers.values(), words);
        return Err(No::from(Refusal::Provider).did_you_mean(meant));
    };
    // There is one letter to a firm for one mail: the second one would be dropped.
    if provider::is_handed(case, provider) {
        return Err(Refusal::Alone.into());
    }
    let why = match words {
        "" => provider.name.clone(),
        words => format!("{}: {words}", provider.name),
    };
    pause(case, Status::WaitingProvider, None, by.name, &why)?;
    let Some(to) = provider::recipient(case, provider) else {
        case.hint = Some(Hint::NoAddress);
        return Ok(());
    };
    let id = case.ticket.id.clone();
    let lane = provider::lane(case, &provider.key);
    let is_first = lane.is_none();
    let text = match is_first {
        true => format!("handed to {}", provider.name),
        false => format!("told {} more", provider.name),
    };
    case.append(EntryKind::Provider, by.name, text, None);
    case.effects
        .push(Effect::HandOver(id, provider.key.clone()));
    // Orders from the shell are the desk's.
    let desk = case.desk().map(|desk| desk.name.as_str());
    let writer = by.technician.map(|technician| technician.name.as_str());
    let said = (!words.is_empty()).then(|| Said {
        by: writer.or(desk).unwrap_or(by.name).to_owned(),
        by_technician: true,
        at: case.now,
        text: words.to_owned(),
        attachments: Vec::new(),
    });
    let content = Content {
        said,
        lane: Some(LaneNotice {
            provider: provider.key.clone(),
            reference: lane.and_then(|lane| lane.reference),
            is_first,
            contact: contact(case),
            report: report(case).filter(|_| is_first),
        }),
        ..Content::default()
    };
    case.tell(NoticeKind::Handoff, to, &content);
    Ok(())
}

/// Whom the firm asks for on site. Of the requester it learns the name and no address.
fn contact(case: &Case<'_>) -> Option<String> {
    let organisation = case.ticket.organisation.as_ref();
    let organisation = organisation.and_then(|key| case.rules.people.organisations.get(key));
    let contact = organisation.and_then(|organisation| organisation.contact.clone());
    contact.or_else(|| case.ticket.requester.name.clone())
}

/// How the ticket was reported.
fn report(case: &Case<'_>) -> Option<Said> {
    let words = case.seen.first_words.get(&case.ticket.id.number())?;
    let by = words.name.clone().unwrap_or_default();
    Some(Said {
        by,
        by_technician: false,
        at: words.at,
        text: words.text.chars().take(REPORT_MAX).collect(),
        attachments: Vec::new(),
    })
}

/// The firm that the first words name, by section or by name, and the words behind it.
fn named<'a, 'w>(
    providers: impl Iterator<Item = &'a Provider>,
    words: &'w str,
) -> Option<(&'a Provider, &'w str)> {
    let words = words.trim();
    let behind = |name: &str| {
        let ends = words.char_indices().map(|(at, _)| at).chain([words.len()]);
        let mut heads = ends.filter_map(|at| words.split_at_checked(at));
        let (_, rest) = heads.find(|(head, rest)| {
            let is_over = rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
            is_over && fold(head) == fold(name)
        })?;
        Some(rest.trim_start_matches([':', ',', '.', ' ', '\t']))
    };
    let fits = providers.flat_map(|provider| {
        let names = [&provider.key, &provider.name].into_iter();
        names.filter_map(move |name| Some((provider, behind(name)?)))
    });
    // `Orange Business` says more than `orange`.
    fits.min_by_key(|(_, rest)| rest.len())
}

/// What was probably meant: the firm with the nearest name, else each there is, as the command is written.
fn probably<'a>(providers: impl Iterator<Item = &'a Provider>, words: &str) -> String {
    let words = words.trim();
    let (first, rest) = words
        .split_once(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or((words, ""));
    let keys: Vec<&str> = providers.map(|provider| provider.key.as_str()).collect();
    let distance = |key: &&&str| strsim::damerau_levenshtein(&fold(key), &fold(first));
    let nearest = keys.iter().min_by_key(distance);
    match nearest.filter(|key| distance(key) <= DISTANCE_MAX) {
        Some(key) => format!("/handoff {key} {rest}").trim().to_owned(),
        None => {
            let all = keys.iter().map(|key| format!("/handoff {key}"));
            all.collect::<Vec<_>>().join(" · ")
        }
    }
}
