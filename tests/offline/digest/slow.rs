//! Figures of a year, counted a second time: slowly, by asking each ticket anew for each question, straight from its entries.
//!
//! Nothing is shared with the desk's way but the period's bounds; what words a subject has is written down by hand.

mod comparison;
mod counting;
mod histories;

use guichet::desk::ticket::{Entry, Ticket};

use self::comparison::check;
use self::counting::Slow;
use self::histories::{as_seen_at, histories};
use super::{figures, period, year};

#[test]
fn a_years_figures_agree_with_a_slow_way_of_counting_to_the_last_digit() {
    let world = year(1_500);
    let all = histories(&world);
    let reader = world.gateway.store.reader().expect("the store can be read");
    let (mut compared, mut taken_back, mut clustered, mut returned) = (0, 0, 0, 0);
    for label in [
        "2026-W03",
        "2026-W13",
        "2026-W43",
        "2026-W47",
        "2026-02",
        "2026-10",
        "2026-03-29",
        "2026-06-12",
        "2025-W50",
        "2026-W50",
    ] {
        let until = period(label).until();
        let seen: Vec<(Ticket, Vec<Entry>)> = all.iter().map(|h| as_seen_at(h, until)).collect();
        let untouched = all.iter().zip(&seen).filter(|((_, all), (_, seen))| {
            all.iter().filter(|e| e.at < until).count() == seen.len()
        });
        taken_back += all.len() - untouched.count();
        for scope in [
            "all",
            "organisation:acme",
            "organisation:boutiques",
            "desk:support",
            "team:infra",
        ] {
            let found = figures(&world, scope, label);
            let of = scope.strip_prefix("organisation:");
            let slow = Slow {
                histories: seen
                    .iter()
                    .filter(|(ticket, _)| {
                        of.is_none_or(|of| ticket.organisation.as_deref() == Some(of))
                    })
                    .collect(),
                period: period(label),
            };
            check(&found, &slow, &reader, &format!("{label} {scope}"));
            compared += found.came_in.count;
            clustered += found.recurring.len();
            returned += found.came_back.len();
        }
    }
    assert!(compared > 1_000, "the periods have tickets: {compared}");
    assert!(
        taken_back > 20 && clustered > 50 && returned > 50,
        "all of it occurs: {taken_back}, {clustered}, {returned}"
    );
}
