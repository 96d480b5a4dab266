//! `/recipe`: a draft is made from the ticket's fix, corrected, and approved.
//!
//! Nothing is offered before a technician has approved it. What a draft says is the part of `desk/recipe/fix.rs`.

use jiff::Timestamp;

use super::RecipeOrder;
use crate::desk::case::Case;
use crate::desk::event::Effect;
use crate::desk::notice::{No, Refusal};
use crate::desk::recipe::fix::{Fix, State, TEXT_MAX};
use crate::desk::ticket::EntryKind;

/// The recipe made from the ticket in hand, as it is now.
pub fn of<'c>(case: &'c Case<'_>) -> Option<&'c Fix> {
    let number = case.ticket.id.number();
    let now = case.fixes.get(&number);
    now.or_else(|| case.seen.fixes.get(&number))
}

/// Orders that a recipe made from a ticket is kept as it is now.
pub fn keep(case: &mut Case<'_>, fix: Fix) {
    case.fixes.insert(fix.ticket.number(), fix.clone());
    case.effects.push(Effect::Fix(Box::new(fix)));
}

/// Fewer characters are a remark about a draft, not its new text.
const TEXT_MIN: usize = 20;

/// Carries out what is ordered about the recipe of the ticket in hand.
pub fn recipe(case: &mut Case<'_>, order: &RecipeOrder, by: &str) -> Result<(), No> {
    match order {
        RecipeOrder::Make(title) => make(case, title.as_deref(), by),
        RecipeOrder::Words(words) => corrected(case, by, |fix| fix.words = words.clone()),
        RecipeOrder::Text(text) if !(TEXT_MIN..=TEXT_MAX).contains(&text.chars().count()) => {
            Err(Refusal::RecipeText.into())
        }
        RecipeOrder::Text(text) => corrected(case, by, |fix| fix.text.clone_from(text)),
        RecipeOrder::Approve { everybody } => approve(case, *everybody, by),
        RecipeOrder::Drop => {
            let fix = draft(case)?;
            told(case, by, &format!("recipe dropped: {}", fix.title));
            case.drafted.remove(&case.ticket.id.number());
            keep(
                case,
                Fix {
                    state: State::Dropped,
                    ..fix
                },
            );
            Ok(())
        }
    }
}

fn make(case: &mut Case<'_>, title: Option<&str>, by: &str) -> Result<(), No> {
    let technicians = &case.rules.people.technicians;
    let assignee = case.ticket.assignee.as_ref();
    let assignee = assignee.and_then(|key| technicians.get(key));
    let fix = Fix::draft(&case.ticket, title, assignee, of(case))?;
    is_new_title(case, &fix)?;
    told(case, by, &format!("recipe drafted: {}", fix.title));
    show(case, fix);
    Ok(())
}

/// Changes a draft. One that was approved is offered no more until it is again: nobody has read it as it is now.
fn corrected(case: &mut Case<'_>, by: &str, correct: impl FnOnce(&mut Fix)) -> Result<(), No> {
    let mut fix = draft(case)?;
    correct(&mut fix);
    fix.state = State::Draft;
    told(case, by, &format!("recipe corrected: {}", fix.title));
    show(case, fix);
    Ok(())
}

fn approve(case: &mut Case<'_>, everybody: bool, by: &str) -> Result<(), No> {
    let fix = draft(case)?;
    if !fix.words.are_enough() {
        return Err(Refusal::NoWords.into());
    }
    is_new_title(case, &fix)?;
    let whom = match (everybody, &fix.organisation) {
        (true, _) => "everybody".to_owned(),
        (false, Some(organisation)) => organisation.clone(),
        (false, None) => "people of no organisation".to_owned(),
    };
    told(
        case,
        by,
        &format!("recipe approved for {whom}: {}", fix.title),
    );
    case.drafted.remove(&case.ticket.id.number());
    // As it is kept, or it would seem changed when it is to be taken back.
    let now = Timestamp::from_microsecond(case.now.as_microsecond()).ok();
    keep(
        case,
        Fix {
            state: State::Approved,
            everybody,
            reviewed_at: now,
            ..fix
        },
    );
    Ok(())
}

/// What was made of the ticket and not dropped.
fn draft(case: &Case<'_>) -> Result<Fix, No> {
    let fix = of(case).filter(|fix| fix.state != State::Dropped);
    fix.cloned().ok_or(Refusal::NoDraft.into())
}

fn is_new_title(case: &Case<'_>, fix: &Fix) -> Result<(), No> {
    let name = fix.ticket.to_string();
    let on_shelf = case.seen.shelf.recipes().iter();
    let on_shelf = on_shelf.filter(|recipe| recipe.name != name && recipe.language == fix.language);
    let mut titles = on_shelf
        .map(|recipe| &recipe.title)
        .chain(&case.seen.fix_titles);
    match titles.any(|title| title.to_lowercase() == fix.title.to_lowercase()) {
        true => Err(Refusal::RecipeExists.into()),
        false => Ok(()),
    }
}

/// Keeps the draft, and has it shown once everything is done.
fn show(case: &mut Case<'_>, fix: Fix) {
    case.drafted.insert(case.ticket.id.number());
    keep(case, fix);
}

fn told(case: &mut Case<'_>, by: &str, text: &str) {
    case.append(EntryKind::Fact, by, text, None);
}
