//! Which recipe is offered: a few recipes, a mail's words, and what speaks against.

use super::*;
use crate::desk::recipe::{Audience, Recipe, Shelf};
use crate::desk::triage::keywords::{About, Keywords, Lists, Word};
use crate::desk::triage::{Denial, Heard, Phrase};

fn recipe(name: &str, words: &[&str]) -> Recipe {
    let phrase = |text: &&str| Phrase {
        text: (*text).to_owned(),
        weight: Phrase::USUAL,
        needs: Vec::new(),
    };
    Recipe {
        name: name.to_owned(),
        title: name.to_owned(),
        language: Language::French,
        category: Some("network".to_owned()),
        phrases: words.iter().map(phrase).collect(),
        text: "Redémarrez.".to_owned(),
        audience: Audience::Everybody,
        desk: None,
        reviewed_at: None,
    }
}

/// The name of the recipe that is offered.
fn offered(recipes: Vec<Recipe>, text: &str, facts: impl FnOnce(&mut Facts<'_>)) -> Option<String> {
    let denial = |phrase: &str, denial| Word {
        phrase: phrase.to_owned(),
        about: About::Denial(denial),
        weight: 1,
        needs: Vec::new(),
        language: Some(Language::French),
    };
    let words = vec![
        denial("pas", Denial::Before),
        denial("aucun*", Denial::Close),
        Word {
            about: About::Failure,
            ..denial("ne marche pas", Denial::Before)
        },
    ];
    let keywords = Keywords::new(Lists {
        words,
        ..Lists::default()
    })
    .unwrap();
    let heard = Heard::of(&keywords, "", text, Some(Language::French));
    let shelf = Shelf::new(1, recipes).unwrap();
    let recalled = shelf.recall(&keywords, &heard, Some(Language::French));
    assert!(
        recalled.of(2).is_none(),
        "another revision is another shelf"
    );
    let categories = ["network".to_owned(), "printing".to_owned()];
    let fault = [reason(Subject::Urgency, "medium", "coupe", Place::Text)];
    let mut known = Facts {
        priority: Priority::P3,
        category: "network",
        reasons: &fault,
        organisation: Some("acme"),
        desk: "support",
        language: Some(Language::French),
        categories: &categories,
    };
    facts(&mut known);
    choose(recalled.of(1).unwrap(), &known).map(|offer| offer.recipe.name.clone())
}

fn reason(about: Subject, level: &str, because: &str, place: Place) -> Reason {
    Reason {
        about,
        level: level.to_owned(),
        because: because.to_owned(),
        r#where: place,
        weight: 2,
    }
}

fn vpn() -> Vec<Recipe> {
    vec![recipe("vpn", &["vpn", "coup*", "deconnect*"])]
}

#[test]
fn two_phrases_that_hold_recognise_a_recipe() {
    for (text, is_offered) in [
        ("Le VPN se coupe toutes les dix minutes", true),
        ("Mon VPN se DÉCONNECTE sans cesse", true),
        ("Le VPN demande un mot de passe", false),
        ("VPN VPN VPN", false),
        ("Le VPN ne marche pas, il coupe tout", true),
        ("Ce n'est pas le VPN : la ligne coupe", false),
        ("Le VPN ne se déconnecte pas, tout va bien", true),
        ("Le VPN marche, pas de déconnexion", false),
        ("La ligne coupe. Aucun VPN ici", false),
        ("vpn-coupure", true),
        ("", false),
    ] {
        let found = offered(vpn(), text, |_| {}).is_some();
        assert_eq!(found, is_offered, "{text}");
    }
}

#[test]
fn what_speaks_against_decides() {
    let text = "Le VPN se coupe";
    assert!(offered(vpn(), text, |_| {}).is_some());
    assert!(offered(vpn(), text, |facts| facts.priority = Priority::P2).is_none());
    assert!(offered(vpn(), text, |facts| facts.priority = Priority::P1).is_none());
    assert!(
        offered(vpn(), text, |facts| facts.language =
            Some(Language::English))
        .is_none()
    );
    assert!(offered(vpn(), text, |facts| facts.language = None).is_none());
    assert!(offered(vpn(), text, |facts| facts.category = "printing").is_none());
    assert!(offered(vpn(), text, |facts| facts.category = "other").is_some());
    let more = "Le VPN se coupe, je suis déconnecté";
    let is_printing = |facts: &mut Facts<'_>| facts.category = "printing";
    assert!(offered(vpn(), more, is_printing).is_some(), "words enough");
    let mut own = vpn();
    own[0].category = Some("tunnels".to_owned());
    assert!(
        offered(own, text, |_| {}).is_some(),
        "a category no list knows"
    );
    let mut against = vpn();
    against[0].phrases.push(Phrase {
        text: "redemarr*".to_owned(),
        weight: Phrase::AGAINST,
        needs: Vec::new(),
    });
    assert!(offered(against.clone(), text, |_| {}).is_some());
    assert!(offered(against, "Le VPN se coupe, déjà redémarré", |_| {}).is_none());
    assert!(
        offered(vpn(), text, |facts| facts.reasons = &[]).is_none(),
        "no word says that anything fails"
    );
    assert!(offered(vpn(), more, |facts| facts.reasons = &[]).is_some());
    let reasons = [
        reason(Subject::Urgency, "medium", "coupe", Place::Text),
        reason(Subject::Impact, "medium", "2 reporters", Place::Tickets),
    ];
    let fits = [Fit {
        recipe: Arc::new(vpn().remove(0)),
        points: 6,
        words: Vec::new(),
    }];
    let facts = Facts {
        priority: Priority::P3,
        category: "network",
        reasons: &reasons,
        organisation: None,
        desk: "support",
        language: Some(Language::French),
        categories: &[],
    };
    assert!(choose(&fits, &facts).is_none(), "several people report it");
}

#[test]
fn one_clear_winner_or_none() {
    let two = || {
        vec![
            recipe("vpn", &["vpn", "coup*"]),
            recipe("line", &["ligne", "coup*", "fibre"]),
        ]
    };
    let found = |text| offered(two(), text, |_| {});
    assert_eq!(found("Le VPN coupe").as_deref(), Some("vpn"));
    assert_eq!(found("La ligne coupe").as_deref(), Some("line"));
    assert_eq!(found("La ligne coupe et le VPN aussi"), None);
    let all = found("La ligne fibre coupe et le VPN aussi");
    assert_eq!(all.as_deref(), Some("line"));
}

#[test]
fn the_wall_stands_between_organisations() {
    let own = |organisation: Option<&str>| {
        let mut recipes = vpn();
        recipes[0].audience = Audience::Only(organisation.map(str::to_owned));
        recipes
    };
    let text = "Le VPN se coupe";
    let to = |recipes, organisation| {
        offered(recipes, text, |facts| facts.organisation = organisation).is_some()
    };
    assert!(to(own(Some("acme")), Some("acme")));
    assert!(!to(own(Some("acme")), Some("boutiques")));
    assert!(!to(own(Some("acme")), None));
    assert!(to(own(None), None) && !to(own(None), Some("acme")));
    assert!(to(vpn(), None) && to(vpn(), Some("boutiques")));
    let mut desk = vpn();
    desk[0].desk = Some("sales".to_owned());
    assert!(!to(desk, Some("acme")));
}
