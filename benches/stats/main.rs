//! How long the figures of a digest take over a million entries.
//!
//! `cargo bench --bench stats` fills a database with a made-up year (`guichet rehearse`) and counts a week of it, the same week for one
//! organisation, and the whole year's last month. Nothing is asserted on time; that something was counted is.

use std::time::Instant;

use guichet::cli::rehearse::{self, Plan};
use guichet::desk::digest::Scope;
use guichet::desk::digest::figures::{self, Figures};
use guichet::desk::digest::period::Period;
use guichet::desk::digest::recurring;
use guichet::store::Store;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Tickets of a year whose entries are about a million.
const TICKETS: u32 = 61_000;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("bench.db"))?;
    let plan = Plan {
        seed: 1,
        tickets: std::env::var("TICKETS").map_or(Ok(TICKETS), |count| count.parse())?,
        from: "2025-12-01T00:00:00Z".parse()?,
        days: 365,
    };
    let entries = rehearse::year(&store, plan)?;
    println!("{} tickets, {entries} entries", plan.tickets);
    for (label, scope, from) in [
        ("2026-W47", Scope::All, None),
        ("2026-W47", Scope::Organisation("acme".to_owned()), None),
        ("2026-11", Scope::All, None),
        ("2026-11", Scope::All, Some("2025-12-01T00:00:00Z")),
    ] {
        let period = Period::parse(label, &TimeZone::UTC)?;
        let from: Timestamp = match from {
            Some(from) => from.parse()?,
            None => period.window_from(),
        };
        let began = Instant::now();
        let reader = store.reader()?;
        let lives = reader.lives(&scope, from, period.until())?;
        let read = began.elapsed();
        let counted: Figures = figures::count(&lives, &scope, &period);
        let like = recurring::clusters(&lives.iter().collect::<Vec<_>>(), &period);
        anyhow::ensure!(
            counted.came_in.count > 0 && !like.is_empty(),
            "something is counted"
        );
        println!(
            "{label} {scope}, tickets since {from}: {} lives read in {read:?}, all in {:?}",
            lives.len(),
            began.elapsed()
        );
    }
    Ok(())
}
