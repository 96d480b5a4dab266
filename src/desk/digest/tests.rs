//! What entries tell, which tickets are alike, what is recommended: by cases.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Scope;
use super::advice::{Rule, recommended};
use super::figures::{Spread, count, usual};
use super::life::{Birth, Life};
use super::period::Period;
use super::recurring::{came_back, clusters, faults};
use crate::desk::ids::TicketId;
use crate::desk::targets::{Clock, Standing};
use crate::desk::ticket::{EntryKind, Status};
use crate::desk::triage::Priority;

fn week() -> Period {
    Period::parse("2026-W47", &TimeZone::UTC).unwrap()
}

/// A ticket opened so many hours after the week began; before it when negative.
fn life(number: u32, subject: &str, hours: i64) -> Life {
    let at = week().from() + SignedDuration::from_hours(hours);
    let birth = Birth {
        id: TicketId::new("INC", number.try_into().unwrap()),
        subject: subject.to_owned(),
        desk: "support".to_owned(),
        outage: None,
        organisation: Some("acme".to_owned()),
        requester: "marie@acme.example".to_owned(),
        requester_name: Some("Marie".to_owned()),
        at,
        category: "printing".to_owned(),
        team: Some("infra".to_owned()),
        priority: Priority::P4,
    };
    Life::begin(birth, week().until())
}

fn solved(mut life: Life, hours: i64, solution: &str) -> Life {
    let at = life.birth.at + SignedDuration::from_hours(hours);
    life.tell(at, EntryKind::Fact, "Ann", &format!("solution: {solution}"));
    life.tell(at, EntryKind::Status, "Ann", "open -> resolved: solved");
    life
}

#[test]
fn entries_after_the_period_tell_nothing() {
    let mut told = life(1, "Imprimante", 1);
    let before = told.clone();
    let after = week().until();
    for (kind, text) in [
        (EntryKind::Status, "new -> open: taken"),
        (EntryKind::Priority, "P4 -> P1: urgent"),
        (EntryKind::Fact, "30 minutes worked"),
        (EntryKind::Letter, "update to marie@acme.example"),
    ] {
        told.tell(after, kind, "Ann", text);
    }
    assert_eq!(told, before);
}

#[test]
fn what_people_write_is_not_taken_for_an_entry_of_ours() {
    let mut told = life(1, "Imprimante", 1);
    let at = told.birth.at;
    told.tell(at, EntryKind::Note, "Ann", "new -> closed: not by me");
    told.tell(
        at,
        EntryKind::Mail,
        "marie@acme.example",
        "P4 -> P1: 90 minutes worked",
    );
    told.tell(
        at,
        EntryKind::Priority,
        "guichet",
        "P2: impact low (\"P3 -> P1\") x urgency high",
    );
    assert_eq!(told.status_at(week().until()), Some(Status::New));
    assert_eq!(
        (told.priority, told.corrections.len(), told.worked.len()),
        (Priority::P2, 0, 0)
    );
}

#[test]
fn thanks_count_once_something_is_solved() {
    let mut told = life(1, "Imprimante", 1);
    let at = told.birth.at + SignedDuration::from_hours(9);
    told.tell(
        told.birth.at,
        EntryKind::Mail,
        "marie@acme.example",
        "Merci d'avance",
    );
    let mut told = solved(told, 8, "Toner");
    told.tell(
        at,
        EntryKind::Mail,
        "marie@acme.example",
        "Merci beaucoup !",
    );
    told.tell(at, EntryKind::Mail, "marie@acme.example", "Oui");
    assert_eq!(told.thanks, [(at, "marie@acme.example".to_owned())]);
}

#[test]
fn a_ticket_is_solved_once_it_stays_so() {
    let mut told = solved(life(1, "Imprimante", 1), 2, "Toner");
    let (first, again) = (
        told.birth.at + SignedDuration::from_hours(2),
        told.birth.at + SignedDuration::from_hours(5),
    );
    told.tell(
        first + SignedDuration::from_hours(1),
        EntryKind::Status,
        "marie",
        "resolved -> open: the requester is not done",
    );
    assert_eq!(told.solved_at(week().until()), None);
    told.tell(again, EntryKind::Status, "Ann", "open -> resolved: solved");
    told.tell(
        again + SignedDuration::from_hours(1),
        EntryKind::Status,
        "guichet",
        "resolved -> closed: nobody objected",
    );
    assert_eq!(
        told.solved_at(week().until()),
        Some(again),
        "closing later is not solving later"
    );
    assert_eq!(
        told.solved_at(first + SignedDuration::from_mins(30)),
        Some(first)
    );
    assert_eq!(told.reopened().count(), 1);
}

#[test]
fn what_was_taken_back_does_not_count() {
    let mut told = life(1, "Imprimante", 1);
    let at = |hours| told.birth.at + SignedDuration::from_hours(hours);
    let (first, second, undone) = (at(1), at(5), at(6));
    let ann = "Ann";
    for (when, kind, by, text) in [
        (first, EntryKind::Assignment, ann, "Ann has it"),
        (first, EntryKind::Status, ann, "new -> open: taken"),
        (first, EntryKind::Fact, ann, "cause: Toner"),
        (first, EntryKind::Fact, ann, "10 minutes worked"),
        (second, EntryKind::Assignment, ann, "team net"),
        (second, EntryKind::Assignment, ann, "Paul has it"),
        (second, EntryKind::Fact, ann, "cause: Rouleau"),
        (second, EntryKind::Fact, ann, "solution: Nettoyé"),
        (second, EntryKind::Fact, ann, "category: hardware"),
        (second, EntryKind::Fact, ann, "25 minutes worked"),
        (second, EntryKind::Fact, ann, "5 minutes worked"),
        (second, EntryKind::Priority, ann, "P4 -> P2: urgent"),
        (second, EntryKind::Priority, ann, "P2 -> P1: très urgent"),
        (second, EntryKind::Status, ann, "open -> resolved: solved"),
        // As `command/undo.rs` tells it.
        (
            undone,
            EntryKind::Fact,
            "guichet",
            "taken back, 30 minutes worked",
        ),
        (
            undone,
            EntryKind::Fact,
            "guichet",
            "taken back, no solution",
        ),
        (
            undone,
            EntryKind::Fact,
            "guichet",
            "taken back, cause: Toner",
        ),
        (
            undone,
            EntryKind::Fact,
            "guichet",
            "taken back, category: printing",
        ),
        (
            undone,
            EntryKind::Priority,
            "guichet",
            "P1 -> P4: taken back",
        ),
        (
            undone,
            EntryKind::Assignment,
            "guichet",
            "taken back, team infra",
        ),
        (
            undone,
            EntryKind::Assignment,
            "guichet",
            "taken back, Ann has it",
        ),
        (
            undone,
            EntryKind::Status,
            "guichet",
            "resolved -> open: taken back",
        ),
    ] {
        told.tell(when, kind, by, text);
    }
    assert_eq!(told.cause, Some((first, "Toner".to_owned())));
    assert_eq!(told.solution, None);
    assert_eq!(told.worked, [(first, ann.to_owned(), 10)]);
    assert_eq!((told.priority, told.corrections.len()), (Priority::P4, 0));
    assert_eq!(
        (
            told.category.as_str(),
            told.team.as_deref(),
            told.assignee.as_deref()
        ),
        ("printing", Some("infra"), Some("Ann"))
    );
    assert_eq!(told.status_at(week().until()), Some(Status::Open));
    assert_eq!(
        (told.reopened().count(), told.solved_at(week().until())),
        (0, None)
    );
    // Somebody's own words are no order of ours.
    told.tell(
        undone,
        EntryKind::Status,
        ann,
        "open -> waiting-requester: taken back",
    );
    assert_eq!(
        told.status_at(week().until()),
        Some(Status::WaitingRequester)
    );
}

#[test]
fn the_nearest_rank_is_a_duration_that_occurred() {
    let spread = Spread::of(vec![50, 10, 40, 20, 30, 60, 70, 80, 90, 1_000]);
    assert_eq!(
        (
            spread.median_seconds,
            spread.p90_seconds,
            spread.mean_seconds
        ),
        (50, 90, 145)
    );
    assert_eq!(Spread::of(Vec::new()), Spread::default());
    assert_eq!(
        (usual(4, &week()), usual(5, &week()), usual(6, &week())),
        (10, 13, 15)
    );
}

#[test]
fn like_tickets_are_one_cluster_and_each_counts_once() {
    let lives = [
        life(1, "Imprimante Compta bloquée", -200),
        life(2, "l'imprimante de la compta est BLOQUEE", -100),
        life(3, "Imprimante compta : bloquée encore", 10),
        life(4, "Imprimante compta sans papier", 20),
        life(5, "Toner vide", 30),
        life(6, "VPN", -40),
        life(7, "Le VPN", -30),
        life(8, "VPN !", 40),
    ];
    let found = clusters(&lives.iter().collect::<Vec<_>>(), &week());
    let seen: Vec<(Vec<String>, u32, u32)> = found
        .iter()
        .map(|c| (c.words.clone(), c.count, c.in_period))
        .collect();
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        seen,
        [
            (words(&["compta", "imprimante"]), 4, 2),
            (words(&["vpn"]), 3, 1)
        ]
    );
    assert_eq!(found[0].tickets, ["INC-4", "INC-3", "INC-2", "INC-1"]);
    let mut elsewhere = lives.clone();
    elsewhere[0].birth.organisation = Some("boutiques".to_owned());
    let apart = clusters(&elsewhere.iter().collect::<Vec<_>>(), &week());
    assert_eq!(apart[0].count, 3, "a wall stands between organisations");
}

#[test]
fn an_outage_is_one_fault_however_many_reported_it() {
    let under = |number: u32, master: u32| {
        let mut life = solved(life(number, "Plus d’Internet", 1), 2, "Fibre ressoudée");
        life.birth.outage = Some(TicketId::new("INC", master.try_into().unwrap()));
        life
    };
    // The master of the first is told, that of the second is another organisation's.
    let all = [
        under(1, 3),
        under(2, 3),
        under(3, 3),
        under(4, 9),
        under(5, 9),
        solved(life(6, "Imprimante", 1), 2, "Toner"),
    ];
    let lives: Vec<&Life> = all.iter().collect();
    let numbers = |lives: &[&Life]| -> Vec<u32> {
        let numbers = lives.iter().map(|life| life.birth.id.number().get());
        numbers.collect()
    };
    assert_eq!(numbers(&faults(&lives)), [3, 4, 6]);
    assert_eq!(
        clusters(&lives, &week()).len(),
        1,
        "as tickets they are alike"
    );
    assert_eq!(clusters(&faults(&lives), &week()), []);
    let figures = count(&all, &Scope::All, &week());
    assert_eq!((figures.came_in.count, figures.solved.count), (6, 6));
    assert_eq!(
        (figures.recurring, figures.came_back),
        (Vec::new(), Vec::new())
    );
    // Nobody solved them: each is open and too late, and one stands for the outage in the lists.
    let due = Standing {
        priority: Priority::P4,
        status: Status::New,
        first_answer: Clock::Due(week().from() + SignedDuration::from_hours(3)),
        resolution: Clock::None,
        requester_took: SignedDuration::ZERO,
        provider_took: SignedDuration::ZERO,
    };
    let late = all.clone().map(|told| {
        let mut life = Life::begin(told.birth, week().until());
        life.tell(
            life.birth.at,
            EntryKind::Target,
            "guichet",
            &due.to_string(),
        );
        life
    });
    let figures = count(&late, &Scope::All, &week());
    assert_eq!((figures.open, figures.targets.first_answer.missed), (6, 6));
    let oldest: Vec<&str> = figures.oldest.iter().map(|open| open.id.as_str()).collect();
    assert_eq!(oldest, ["INC-3", "INC-4", "INC-6"]);
    let missed = figures.targets.missed.iter();
    let missed: Vec<&str> = missed.map(|missed| missed.id.as_str()).collect();
    assert_eq!(missed, ["INC-3", "INC-4", "INC-6"]);
}

#[test]
fn a_fault_that_follows_its_fix_came_back() {
    let lives = [
        solved(
            life(1, "Imprimante Compta bloquée", -200),
            5,
            "Rouleau nettoyé",
        ),
        solved(
            life(2, "Imprimante Compta bloquée", -100),
            5,
            "Rouleau nettoyé",
        ),
        life(3, "Imprimante Compta bloquée", 10),
    ];
    let lives: Vec<&Life> = lives.iter().collect();
    let found = came_back(&lives, &clusters(&lives, &week()), &week());
    let pairs: Vec<(&str, &str)> = found
        .iter()
        .map(|back| (back.id.as_str(), back.again.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [("INC-2", "INC-3")],
        "what came back before the week was told before"
    );
    assert_eq!(found[0].times, 1);
    assert_eq!(found[0].after_seconds, 105 * 3_600);
}

#[test]
fn rules_need_evidence_of_the_period_and_are_silenced_by_what_was_done() {
    let rule = Rule {
        name: "restore-test".to_owned(),
        theme: "backups".to_owned(),
        categories: vec!["printing".to_owned()],
        words: vec!["perdu*".to_owned()],
        at_least: 3,
        within: SignedDuration::from_hours(24 * 90),
        alike: false,
        unless: vec!["essai de restauration".to_owned()],
        weight: 1,
        recipes: None,
    };
    let rules = [rule];
    let mut lives = vec![
        life(1, "Fichier perdu", -900),
        life(2, "Dossier Perdue", -500),
        life(3, "Photos perdues", 3),
    ];
    let given = recommended(&rules, &lives, &[], &[], &week());
    assert_eq!(
        (given.len(), given[0].count, given[0].tickets.join(" ")),
        (1, 3, "INC-3 INC-2 INC-1".to_owned())
    );
    lives.push(solved(
        life(4, "Sauvegarde", -300),
        1,
        "Essai de restauration réussi",
    ));
    assert!(
        recommended(&rules, &lives, &[], &[], &week()).is_empty(),
        "it has been done"
    );
    lives.pop();
    lives[2] = life(3, "Photos perdues", -10);
    assert!(
        recommended(&rules, &lives, &[], &[], &week()).is_empty(),
        "last week's advice is not given again"
    );
}

#[test]
fn open_tickets_add_up() {
    let lives: Vec<Life> = (1..40)
        .map(|number| {
            let told = life(number, "Imprimante", i64::from(number) * 7 - 120);
            if number % 3 == 0 {
                told
            } else {
                solved(told, i64::from(number), "Toner")
            }
        })
        .collect();
    let found = count(&lives, &Scope::All, &week());
    assert_eq!(
        found.open,
        found.open_before + found.came_in.count - found.solved.count
    );
    assert!(found.open > 5 && found.solved.count > 5 && found.open_before > 0);
    assert_eq!(
        count(&lives, &Scope::Team("other".to_owned()), &week())
            .came_in
            .count,
        0
    );
    let far: Timestamp = week().until();
    assert!(lives.iter().all(|life| life.until == far));
}

#[test]
fn recipes_that_fail_or_age_are_proposed_for_review_while_they_are_used() {
    use super::advice::Review;
    use crate::desk::recipe::score::{Kept, Score};
    let rule = |name: &str, recipes| Rule {
        name: name.to_owned(),
        theme: "recipe-review".to_owned(),
        categories: Vec::new(),
        words: Vec::new(),
        at_least: 1,
        within: SignedDuration::from_hours(24 * 90),
        alike: false,
        unless: Vec::new(),
        weight: 1,
        recipes: Some(recipes),
    };
    let kept = |helped, failed, reviewed_at: Timestamp| Kept {
        name: "vpn.en".to_owned(),
        title: "The VPN drops".to_owned(),
        organisation: None,
        score: Score {
            offered: 30,
            helped,
            failed,
            last_offered_at: None,
        },
        reviewed_at: Some(reviewed_at),
    };
    let tried = |number, hours, outcome: &str| {
        let mut life = life(number, "VPN", hours);
        let at = life.birth.at;
        life.tell(
            at,
            EntryKind::Fact,
            "guichet",
            "recipe offered: vpn.en: The VPN drops\nvpn · drops",
        );
        life.tell(
            at,
            EntryKind::Fact,
            "guichet",
            &format!("recipe {outcome}: vpn.en: The VPN drops"),
        );
        life
    };
    let fresh = week().from();
    let failing = rule("failing-recipe", Review::Failing);
    let now = [
        tried(7, 5, "failed"),
        tried(8, 6, "helped"),
        tried(9, 7, "failed"),
    ];
    let given = |rule: &Rule, lives: &[Life], kept: &Kept| {
        let rules = std::slice::from_ref(rule);
        recommended(rules, lives, &[], std::slice::from_ref(kept), &week()).pop()
    };
    let said = given(&failing, &now, &kept(1, 4, fresh)).unwrap();
    assert_eq!(
        (said.count, said.tickets),
        (4, vec!["INC-9".to_owned(), "INC-7".to_owned()])
    );
    assert_eq!(said.subject, "The VPN drops");
    assert!(
        given(&failing, &now, &kept(2, 4, fresh)).is_none(),
        "a third helped"
    );
    assert!(
        given(&failing, &now, &kept(0, 4, fresh)).is_none(),
        "four answers"
    );
    let before = [tried(7, -200, "failed")];
    assert!(
        given(&failing, &before, &kept(1, 4, fresh)).is_none(),
        "told last week"
    );

    let old = rule("old-recipe", Review::Old);
    let year = |hours: i64| week().from() + SignedDuration::from_hours(hours - 24 * 365);
    assert!(
        given(&old, &[], &kept(0, 0, year(1))).is_some(),
        "it comes of age"
    );
    assert!(
        given(&old, &[], &kept(0, 0, year(-1))).is_none(),
        "told last week"
    );
    let said = given(&old, &now, &kept(0, 0, year(-1))).unwrap();
    assert_eq!(said.tickets.len(), 3, "and it is still used");
    assert!(
        given(&old, &now, &kept(0, 0, year(24 * 30))).is_none(),
        "not that old"
    );

    let figures = count(&now, &Scope::All, &week());
    let [recipe] = figures.recipes.as_slice() else {
        panic!("{:?}", figures.recipes);
    };
    assert_eq!((recipe.offered, recipe.helped, recipe.failed), (3, 1, 2));
    assert!(count(&before, &Scope::All, &week()).recipes.is_empty());
}
