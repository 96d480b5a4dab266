//! How many automatic letters went out of late: to an address, about a ticket, to a domain, in all.
//!
//! A letter counts from when it is queued or released. What is too much is the desk's to say (`manners.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::rows::micros;
use super::{StoreError, Tx};
use crate::desk::ids::Address;
use crate::desk::manners::{Quota, Spent, is_foreign};
use crate::desk::rules::Rules;

impl Tx<'_> {
    /// What the budgets of these people have spent, each about these tickets. Those of domains are only asked for where
    /// nobody is known.
    pub(super) fn spent(
        &self,
        rules: &Rules,
        people: &BTreeMap<Address, BTreeSet<u32>>,
        known_domains: &[String],
        now: Timestamp,
    ) -> Result<Spent, StoreError> {
        let mut spent = Spent::default();
        let budgets = &rules.budgets;
        for (person, tickets) in people {
            let foreign = is_foreign(&rules.people, known_domains, person);
            let person = person.canonical();
            let counts = self.counts(
                &budgets.per_address,
                now,
                "budget = ?3",
                &[&person.as_str()],
            )?;
            // Nothing sent to somebody means nothing sent to him about any ticket, as far back as was looked.
            let looked = widest(&budgets.per_address) >= widest(&budgets.per_ticket);
            let silent = looked && counts.iter().all(|count| *count == 0) && !counts.is_empty();
            for ticket in tickets {
                let counts = match silent {
                    true => vec![0; budgets.per_ticket.len()],
                    false => self.counts(
                        &budgets.per_ticket,
                        now,
                        "budget = ?3 AND ticket = ?4",
                        &[&person.as_str(), ticket],
                    )?,
                };
                spent.per_ticket.insert((person.clone(), *ticket), counts);
            }
            if foreign && !spent.per_domain.contains_key(person.domain()) {
                let counts = self.counts(
                    &budgets.per_domain,
                    now,
                    "budget_domain = ?3",
                    &[&person.domain()],
                )?;
                spent.per_domain.insert(person.domain().to_owned(), counts);
            }
            spent.per_address.insert(person, counts);
        }
        spent.total = self.total(&budgets.total, now)?;
        Ok(spent)
    }

    /// For each quota, how many letters of its window had a budget. Each letter has their number with it, so that
    /// two look-ups tell how many there were between.
    fn total(&self, quotas: &[Quota], now: Timestamp) -> Result<Vec<u32>, StoreError> {
        let all: i64 = self
            .connection
            .prepare_cached("SELECT value FROM counters WHERE name = 'budget'")?
            .query_row([], |row| row.get(0))?;
        let mut query = self.connection.prepare_cached(
            "SELECT budget_count FROM outbox WHERE budget IS NOT NULL AND created_at <= ?1
              ORDER BY created_at DESC, budget_count DESC LIMIT 1",
        )?;
        let count = |quota: &Quota| {
            let before: Option<i64> = query
                .query_row(params![micros(since(now, quota.window))], |row| row.get(0))
                .optional()?;
            Ok(u32::try_from(all - before.unwrap_or(0)).unwrap_or(0))
        };
        quotas.iter().map(count).collect()
    }

    /// For each quota, how many letters of its window are counted; counting stops at the largest quota.
    fn counts(
        &self,
        quotas: &[Quota],
        now: Timestamp,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<u32>, StoreError> {
        let Some(widest) = widest(quotas) else {
            return Ok(Vec::new());
        };
        let most = quotas.iter().map(|quota| quota.count).max();
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT created_at FROM outbox WHERE budget IS NOT NULL AND created_at > ?1 AND {which}
              ORDER BY created_at DESC LIMIT ?2"
        ))?;
        let from = micros(since(now, widest));
        let own: [&dyn rusqlite::ToSql; 2] = [&from, &most];
        let all: Vec<&dyn rusqlite::ToSql> =
            own.into_iter().chain(values.iter().copied()).collect();
        let written: Vec<i64> = query
            .query_map(all.as_slice(), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let within = |quota: &Quota| {
            let from = micros(since(now, quota.window));
            let count = written.iter().take_while(|at| **at > from).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        Ok(quotas.iter().map(within).collect())
    }
}

/// How far back the quotas look at most.
fn widest(quotas: &[Quota]) -> Option<Duration> {
    quotas.iter().map(|quota| quota.window).max()
}

fn since(now: Timestamp, window: Duration) -> Timestamp {
    let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
    now.checked_sub(window).unwrap_or(Timestamp::MIN)
}
