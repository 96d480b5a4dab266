//! A recipe as letters show it: the one that is offered, or a draft.

use super::reader::{Reader, one_line};
use super::views::RecipeView;
use super::{clean, markdown};
use crate::desk::notice::Notice;
use crate::desk::recipe::Audience;

impl Reader<'_> {
    /// The recipe that is offered, or the draft as its requesters would read it.
    pub(super) fn recipe(&self, notice: &Notice) -> Option<RecipeView> {
        let people = self.envelope.people;
        let (recipe, words) = match (&notice.offer, &notice.fix) {
            (Some(offer), _) => (offer.recipe.as_ref().clone(), offer.words.join(" · ")),
            (None, Some(fix)) => {
                let words = fix.words.are_enough().then(|| fix.words.written());
                (fix.as_recipe(), words.unwrap_or_default())
            }
            (None, None) => return None,
        };
        let organisation = match &recipe.audience {
            Audience::Only(Some(key)) => {
                let known = people.organisations.get(key);
                Some(one_line(
                    known.map_or(key, |organisation| &organisation.name),
                ))
            }
            Audience::Only(None) | Audience::Everybody => None,
        };
        Some(RecipeView {
            name: one_line(&recipe.name),
            title: one_line(&recipe.title),
            blocks: markdown::blocks(&clean::lines(&recipe.text)),
            words: one_line(&words),
            language: recipe.language.code(),
            organisation,
        })
    }
}
