//! Figures of a year, counted a second time: slowly, by asking each ticket anew for each question, straight from its entries.
//!
//! Nothing is shared with the desk's way but the period's bounds; what words a subject has is written down by hand.

use std::collections::{BTreeMap, BTreeSet};

use guichet::desk::digest::figures::{Change, Figures, Kept, Spread};
use guichet::desk::digest::period::Period;
use guichet::desk::targets::{Clock as TargetClock, Standing};
use guichet::desk::ticket::{Entry, EntryKind, Status, Ticket};
use jiff::Timestamp;

use super::{figures, period, year};
use crate::world::World;

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

/// Everything that is stored, ticket by ticket.
fn histories(world: &World) -> Vec<(Ticket, Vec<Entry>)> {
    let tickets = world.tickets().into_iter();
    tickets
        .map(|ticket| {
            let entries = world.entries(&ticket);
            (ticket, entries)
        })
        .collect()
}

/// A history as one sees it at a moment: nothing later, and without what was taken back by then. An order that is taken back
/// wrote all its entries at one moment; what was written at that moment goes, and so does what says that it was taken back.
fn as_seen_at((ticket, entries): &(Ticket, Vec<Entry>), until: Timestamp) -> (Ticket, Vec<Entry>) {
    let mut kept: Vec<Entry> = entries.iter().filter(|e| e.at < until).cloned().collect();
    let is_undoing = |e: &Entry| {
        e.by == "guichet"
            && (e.text.starts_with("taken back, ") || e.text.ends_with(": taken back"))
    };
    if let Some(undoing) = kept.iter().find(|e| is_undoing(e)).map(|e| e.at) {
        let facts = kept
            .iter()
            .filter(|e| e.kind == EntryKind::Fact && e.at < undoing);
        let undone = facts
            .map(|e| e.at)
            .max()
            .expect("what is taken back was told");
        kept.retain(|e| !is_undoing(e) && e.at != undone);
    }
    (ticket.clone(), kept)
}

/// The words by which a subject of the made-up year can be like another.
fn words(subject: &str) -> &'static [&'static str] {
    match subject {
        "Imprimante Compta bloquée" => &["imprimante", "compta", "bloquee"],
        "Toner vide au deuxième étage" => &["toner", "vide", "deuxieme", "etage"],
        "Wi-Fi lent en salle de réunion" => &["wi", "fi", "lent", "salle", "reunion"],
        "VPN coupé depuis ce matin" => &["vpn", "coupe", "depuis", "matin"],
        "Mot de passe oublié" => &["mot", "passe", "oublie"],
        "Compte bloqué après les congés" => &["compte", "bloque", "apres", "conges"],
        "Messages qui n’arrivent pas" => &["messages", "arrivent"],
        "Fichier perdu sur le serveur" => &["fichier", "perdu", "serveur"],
        "Dossier partagé disparu" => &["dossier", "partage", "disparu"],
        "Courriel suspect, phishing ?" => &["courriel", "suspect", "phishing"],
        "Logiciel de paie très lent" => &["logiciel", "paie", "tres", "lent"],
        "Erreur à l’ouverture de la facturation" => &["erreur", "ouverture", "facturation"],
        "Terminal de paiement hors service" => &["terminal", "paiement", "hors", "service"],
        "Standard muet" => &["standard", "muet"],
        other => panic!("`{other}` is no subject of the made-up year"),
    }
}

/// Like tickets: why they are, and which.
struct Like<'a> {
    organisation: Option<String>,
    category: String,
    words: Vec<&'static str>,
    members: Vec<&'a (Ticket, Vec<Entry>)>,
}

/// Counts by asking each ticket anew for each question, straight from its entries: slow, and with nothing in common with the desk's way.
struct Slow<'a> {
    histories: Vec<&'a (Ticket, Vec<Entry>)>,
    period: Period,
}

impl Slow<'_> {
    /// Groups of like tickets, found by trying every pair of words on what is left, again and again.
    fn like(&self, reader: &guichet::store::Reader) -> Vec<Like<'_>> {
        let (from, until) = (self.period.from(), self.period.until());
        // The four weeks before the end, or the four before the beginning when that is later than nothing.
        let days = jiff::SignedDuration::from_hours(24 * 28);
        let zoned = |at: Timestamp| at.to_zoned(self.period.zone.clone()).date();
        let back = |day: jiff::civil::Date| {
            let day = day.checked_sub(days).expect("a day");
            day.to_zoned(self.period.zone.clone())
                .expect("midnight")
                .timestamp()
        };
        let since = back(zoned(from)).max(back(zoned(until)).min(from));
        let mut left: Vec<(&(Ticket, Vec<Entry>), String)> = self
            .histories
            .iter()
            .filter(|(ticket, _)| since <= ticket.created_at && ticket.created_at < until)
            .map(|history| {
                let first = reader
                    .opened_category(history.0.id.number())
                    .expect("it can be read");
                (*history, Self::category(history, &first, until))
            })
            .collect();
        let mut found = Vec::new();
        loop {
            let mut tried = BTreeMap::new();
            for ((ticket, _), category) in &left {
                let words = words(&ticket.subject);
                for one in words {
                    for two in words.iter().filter(|two| *two > one) {
                        let key = (ticket.organisation.clone(), category.clone(), [*one, *two]);
                        *tried.entry(key).or_insert(0) += 1;
                    }
                }
            }
            let largest = tried.values().copied().max().unwrap_or(0);
            if largest < 3 {
                return found;
            }
            let (key, _) = tried
                .into_iter()
                .find(|(_, count)| *count == largest)
                .expect("the first of the largest");
            let (organisation, category, pair) = key;
            let (members, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(history, of)| {
                    let words = words(&history.0.subject);
                    history.0.organisation == organisation
                        && *of == category
                        && pair.iter().all(|word| words.contains(word))
                });
            left = others;
            let members: Vec<_> = members.into_iter().map(|(history, _)| history).collect();
            if members.iter().any(|(ticket, _)| ticket.created_at >= from) {
                found.push(Like {
                    organisation,
                    category,
                    words: pair.to_vec(),
                    members,
                });
            }
        }
    }

    /// What was said last to have helped, and when.
    fn solution(entries: &[Entry]) -> Option<(Timestamp, &str)> {
        let facts = entries.iter().rev().filter(|e| e.kind == EntryKind::Fact);
        let mut told = facts.filter_map(|e| Some((e.at, e.text.strip_prefix("solution: ")?)));
        told.next()
    }

    /// Ticket, ticket it came back in, solution, seconds, times.
    fn came_back(&self, like: &[Like<'_>]) -> Vec<(String, String, String, i64, u32)> {
        let mut found = Vec::new();
        for history in &self.histories {
            let (ticket, entries) = history;
            let again: Vec<Timestamp> = entries
                .iter()
                .filter(|e| e.kind == EntryKind::Status && self.within(e.at))
                .filter(|e| e.text.contains(" -> open: the requester is not done"))
                .map(|e| e.at)
                .collect();
            let (Some(last), Some((_, solution))) = (again.last(), Self::solution(entries)) else {
                continue;
            };
            let ended = Self::solved(history, *last).expect("it was solved");
            let id = ticket.id.to_string();
            let seconds = last.as_second() - ended.as_second();
            found.push((
                id.clone(),
                id,
                solution.to_owned(),
                seconds,
                again.len() as u32,
            ));
        }
        for group in like {
            let mut last = None;
            let mut times = 0;
            for (place, after) in group.members.iter().enumerate().skip(1) {
                let before = group.members[place - 1];
                let again = after.0.created_at;
                let told = Self::solution(&before.1).filter(|(told, _)| *told < again);
                if let (true, Some(ended), Some((_, solution))) =
                    (self.within(again), Self::solved(before, again), told)
                {
                    times += 1;
                    let seconds = again.duration_since(ended).as_secs();
                    last = Some((
                        before.0.id.to_string(),
                        after.0.id.to_string(),
                        solution,
                        seconds,
                    ));
                }
            }
            if let Some((id, again, solution, seconds)) = last {
                found.push((id, again, solution.to_owned(), seconds, times));
            }
        }
        found.sort();
        found
    }

    /// Causes with the tickets they were noted on in the period, the most frequent first, then as they sort.
    fn causes(&self) -> Vec<(String, i64, Vec<String>)> {
        let mut counted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (ticket, entries) in &self.histories {
            let mut told = entries.iter().filter(|e| e.kind == EntryKind::Fact);
            let last = told.rfind(|e| e.text.starts_with("cause: "));
            if let Some(last) = last.filter(|last| self.within(last.at)) {
                let cause = last.text["cause: ".len()..].to_lowercase();
                counted
                    .entry(cause)
                    .or_default()
                    .push(ticket.id.to_string());
            }
        }
        let mut causes: Vec<_> = counted.into_iter().collect();
        causes.sort_by(|(one, few), (two, many)| many.len().cmp(&few.len()).then(one.cmp(two)));
        let five = causes.into_iter().take(5);
        five.map(|(cause, tickets)| {
            let count = tickets.len() as i64;
            (cause, count, tickets.into_iter().take(5).collect())
        })
        .collect()
    }

    fn minutes(entries: &[Entry]) -> impl Iterator<Item = (&Entry, i64)> {
        let facts = entries.iter().filter(|e| e.kind == EntryKind::Fact);
        facts.filter_map(|e| {
            let minutes = e.text.strip_suffix(" minutes worked")?;
            Some((e, minutes.parse().expect("a number")))
        })
    }

    /// Seconds for which it was open: as its clock says when it was solved, else by the clock on the wall.
    fn trouble(history: &(Ticket, Vec<Entry>), until: Timestamp) -> i64 {
        if Self::solved(history, until).is_none() {
            return until.as_second() - history.0.created_at.as_second();
        }
        let told = Self::standings(&history.1, until);
        let verdict = told.last().and_then(|(_, s)| s.resolution.verdict());
        verdict.expect("a verdict").used.as_secs()
    }

    fn within(&self, moment: Timestamp) -> bool {
        self.period.from() <= moment && moment < self.period.until()
    }

    fn status(entries: &[Entry], until: Timestamp, opened: Timestamp) -> Option<Status> {
        if opened >= until {
            return None;
        }
        let mut moves = entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Status && entry.at < until);
        let last = moves.next_back().map(|entry| {
            let (_, to) = entry.text.split_once(" -> ").expect("a move");
            Status::of(to.split(':').next().expect("a word")).expect("a status")
        });
        Some(last.unwrap_or(Status::New))
    }

    fn open(&self, moment: Timestamp) -> u32 {
        let open = self.histories.iter().filter(|(ticket, entries)| {
            Self::status(entries, moment, ticket.created_at).is_some_and(|status| !status.is_over())
        });
        open.count() as u32
    }

    /// When it was solved for good as seen at `moment`: going back from there, the first move of the last row of moves to an end.
    fn solved(history: &(Ticket, Vec<Entry>), moment: Timestamp) -> Option<Timestamp> {
        let mut solved = None;
        let moves: Vec<&Entry> = history
            .1
            .iter()
            .filter(|e| e.kind == EntryKind::Status && e.at < moment)
            .collect();
        for entry in moves.iter().rev() {
            let word = entry
                .text
                .split(" -> ")
                .nth(1)
                .and_then(|to| to.split(':').next())
                .expect("a word");
            match word {
                "resolved" | "closed" => solved = Some(entry.at),
                "merged" => return None,
                _ => break,
            }
        }
        solved
    }

    fn change(&self, moments: &[Timestamp]) -> Change {
        let reference = moments
            .iter()
            .filter(|at| self.period.reference_from() <= **at && **at < self.period.from())
            .count();
        let days = f64::from(self.period.days());
        Change {
            count: moments.iter().filter(|at| self.within(**at)).count() as u32,
            usual_tenths: (reference as f64 * days * 10.0 / 28.0 + 0.5).floor() as u32,
        }
    }

    fn category(history: &(Ticket, Vec<Entry>), first: &str, until: Timestamp) -> String {
        let facts = history
            .1
            .iter()
            .filter(|e| e.kind == EntryKind::Fact && e.at < until);
        let last = facts
            .filter_map(|e| e.text.strip_prefix("category: "))
            .next_back();
        last.unwrap_or(first).to_owned()
    }

    fn priority((ticket, entries): &(Ticket, Vec<Entry>), until: Timestamp) -> String {
        let ranks: Vec<&Entry> = entries
            .iter()
            .filter(|e| e.kind == EntryKind::Priority && e.at < until)
            .collect();
        let last = ranks.last().map(|e| match e.text.split_once(" -> ") {
            Some((_, to)) => to[..2].to_owned(),
            None => e.text[..2].to_owned(),
        });
        last.unwrap_or_else(|| ticket.priority.word().to_owned())
    }

    fn standings(entries: &[Entry], until: Timestamp) -> Vec<(Timestamp, Standing)> {
        let told = entries
            .iter()
            .filter(|e| e.kind == EntryKind::Target && e.at < until);
        told.map(|e| (e.at, Standing::parse(&e.text).expect("a standing")))
            .collect()
    }

    fn spread(mut seconds: Vec<i64>) -> Spread {
        seconds.sort();
        let nth = |share: f64| {
            let at = (seconds.len() as f64 * share).ceil() as usize;
            seconds.get(at.max(1) - 1).copied().unwrap_or(0)
        };
        Spread {
            count: seconds.len() as u32,
            mean_seconds: if seconds.is_empty() {
                0
            } else {
                seconds.iter().sum::<i64>() / seconds.len() as i64
            },
            median_seconds: nth(0.5),
            p90_seconds: nth(0.9),
        }
    }

    /// One kind of clock: kept when the verdict says so and was given in the period; missed when its last due moment (or a verdict
    /// without one) lies in it.
    fn kept(&self, clock: impl Fn(&Standing) -> TargetClock) -> Kept {
        let mut kept = Kept::default();
        for (_, entries) in self.histories.iter().copied() {
            let told = Self::standings(entries, self.period.until());
            let Some((_, last)) = told.last() else {
                continue;
            };
            let first_same = |wanted: TargetClock| {
                let same = told.iter().rev().take_while(|(_, s)| clock(s) == wanted);
                same.last().map(|(at, _)| *at).expect("the last one")
            };
            let due = told.iter().rev().find_map(|(_, s)| clock(s).due_at());
            match clock(last) {
                TargetClock::Ended(verdict) => {
                    let given = first_same(clock(last));
                    if verdict.used <= verdict.agreed {
                        kept.kept += u32::from(self.within(given));
                    } else {
                        kept.missed +=
                            u32::from(self.within(due.map_or(given, |due| due.min(given))));
                    }
                }
                TargetClock::Due(due) => kept.missed += u32::from(self.within(due)),
                TargetClock::None | TargetClock::Stopped(_) => {}
            }
        }
        kept
    }
}

fn check(found: &Figures, slow: &Slow<'_>, reader: &guichet::store::Reader, what: &str) {
    let (from, until) = (slow.period.from(), slow.period.until());
    let opened: Vec<Timestamp> = slow
        .histories
        .iter()
        .map(|(ticket, _)| ticket.created_at)
        .collect();
    assert_eq!(found.came_in, slow.change(&opened), "{what}: came in");
    let solved: Vec<Timestamp> = slow
        .histories
        .iter()
        .filter_map(|h| Slow::solved(h, until))
        .collect();
    assert_eq!(
        found.solved.count,
        slow.change(&solved).count,
        "{what}: solved"
    );
    let solved_before: Vec<Timestamp> = slow
        .histories
        .iter()
        .filter_map(|h| Slow::solved(h, from))
        .collect();
    assert_eq!(
        found.solved.usual_tenths,
        slow.change(&solved_before).usual_tenths,
        "{what}: usually solved"
    );
    assert_eq!(
        (found.open_before, found.open),
        (slow.open(from), slow.open(until)),
        "{what}: open"
    );
    let texts = |kind: EntryKind| -> Vec<&Entry> {
        let entries = slow.histories.iter().flat_map(|(_, entries)| entries);
        entries
            .filter(|e| e.kind == kind && slow.within(e.at))
            .collect()
    };
    let reopened = texts(EntryKind::Status)
        .iter()
        .filter(|e| e.text.starts_with("resolved -> open") || e.text.starts_with("closed -> open"))
        .count();
    assert_eq!(found.reopened.count, reopened as u32, "{what}: reopened");
    let merged = texts(EntryKind::Status)
        .iter()
        .filter(|e| e.text.contains("-> merged"))
        .count();
    assert_eq!(found.merged, merged as u32, "{what}: merged");
    let minutes: i64 = texts(EntryKind::Fact)
        .iter()
        .filter_map(|e| e.text.strip_suffix(" minutes worked"))
        .map(|n| n.parse::<i64>().expect("a number"))
        .sum();
    assert_eq!(found.minutes, minutes, "{what}: minutes");
    let mut by_technician: BTreeMap<String, i64> = BTreeMap::new();
    for entry in texts(EntryKind::Fact) {
        if let Some(minutes) = entry.text.strip_suffix(" minutes worked") {
            *by_technician.entry(entry.by.clone()).or_default() +=
                minutes.parse::<i64>().expect("a number");
        }
    }
    let named: BTreeMap<String, i64> = found
        .minutes_by_technician
        .iter()
        .map(|named| (named.name.clone(), named.count))
        .collect();
    assert_eq!(named, by_technician, "{what}: minutes by technician");
    let held = texts(EntryKind::Letter)
        .iter()
        .filter(|e| e.text.contains(", held: "))
        .count();
    assert_eq!(found.held_letters, held as u32, "{what}: held");
    assert_eq!(
        found.undelivered_letters,
        texts(EntryKind::Delivery).len() as u32,
        "{what}: undelivered"
    );
    assert_eq!(
        found.quarantined_mails,
        texts(EntryKind::Kept).len() as u32,
        "{what}: quarantined"
    );
    let thanks = texts(EntryKind::Mail)
        .iter()
        .filter(|e| e.text.contains("merci beaucoup"))
        .count();
    assert_eq!(found.thanks.len(), thanks, "{what}: thanks");
    let corrected = texts(EntryKind::Priority)
        .iter()
        .filter(|e| e.text.get(2..6) == Some(" -> ") && e.text[..2] != e.text[6..8])
        .count();
    assert_eq!(found.corrected, corrected as u32, "{what}: corrections");
    assert_eq!(
        found.targets.first_answer,
        slow.kept(|s| s.first_answer),
        "{what}: first answers"
    );
    assert_eq!(
        found.targets.resolution,
        slow.kept(|s| s.resolution),
        "{what}: resolutions"
    );

    for group in &found.priorities {
        let of: Vec<_> = slow
            .histories
            .iter()
            .filter(|h| h.0.created_at < until && Slow::priority(h, until) == group.name)
            .collect();
        let opened: Vec<Timestamp> = of.iter().map(|(ticket, _)| ticket.created_at).collect();
        assert_eq!(
            group.came_in,
            slow.change(&opened),
            "{what}: {}",
            group.name
        );
    }
    let mut categories: BTreeMap<String, u32> = BTreeMap::new();
    for history in slow
        .histories
        .iter()
        .filter(|(t, _)| slow.within(t.created_at))
    {
        let first = reader
            .opened_category(history.0.id.number())
            .expect("it can be read");
        *categories
            .entry(Slow::category(history, &first, until))
            .or_default() += 1;
    }
    let counted: BTreeMap<String, u32> = found
        .categories
        .iter()
        .filter(|g| g.came_in.count > 0)
        .map(|g| (g.name.clone(), g.came_in.count))
        .collect();
    assert_eq!(counted, categories, "{what}: categories");
    for (week, (first, from, until)) in found.weeks.iter().zip(slow.period.weeks()) {
        let came_in = slow
            .histories
            .iter()
            .filter(|(t, _)| from <= t.created_at && t.created_at < until)
            .count();
        let solved = slow
            .histories
            .iter()
            .filter_map(|h| Slow::solved(h, until))
            .filter(|at| from <= *at)
            .count();
        assert_eq!(
            (week.first, week.came_in, week.solved, week.open),
            (first, came_in as u32, solved as u32, slow.open(until)),
            "{what}"
        );
    }
    let mut answers = Vec::new();
    let mut resolutions = Vec::new();
    for history in &slow.histories {
        let entries: Vec<&Entry> = history.1.iter().filter(|e| e.at < until).collect();
        let told = Slow::standings(&history.1, until);
        let answered = entries.iter().find(|e| {
            e.kind == EntryKind::Letter
                && (e.text.starts_with("update to ") || e.text.starts_with("resolved to "))
        });
        if answered.is_some_and(|e| slow.within(e.at)) {
            let used = told
                .iter()
                .find_map(|(_, s)| s.first_answer.verdict())
                .expect("a verdict");
            answers.push(used.used.as_secs());
        }
        if Slow::solved(history, until).is_some_and(|at| slow.within(at)) {
            let verdict = told
                .last()
                .and_then(|(_, s)| s.resolution.verdict())
                .expect("a verdict");
            resolutions.push(verdict.used.as_secs());
        }
    }
    assert_eq!(
        found.first_answer,
        Slow::spread(answers),
        "{what}: first answers"
    );
    assert_eq!(
        found.resolution,
        Slow::spread(resolutions),
        "{what}: resolutions"
    );
    let like = slow.like(reader);
    let groups: Vec<_> = like
        .iter()
        .take(5)
        .map(|group| {
            let newest = group.members.iter().rev().take(4);
            (
                group.organisation.clone(),
                group.category.clone(),
                group
                    .words
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>(),
                group.members.len() as u32,
                group
                    .members
                    .iter()
                    .filter(|(t, _)| slow.within(t.created_at))
                    .count() as u32,
                group
                    .members
                    .iter()
                    .map(|h| Slow::trouble(h, until))
                    .sum::<i64>(),
                group
                    .members
                    .iter()
                    .flat_map(|(_, entries)| Slow::minutes(entries))
                    .map(|(_, minutes)| minutes)
                    .sum::<i64>(),
                newest.map(|(t, _)| t.id.to_string()).collect::<Vec<_>>(),
            )
        })
        .collect();
    let found_groups: Vec<_> = found
        .recurring
        .iter()
        .map(|c| {
            (
                c.organisation.clone(),
                c.category.clone(),
                c.words.clone(),
                c.count,
                c.in_period,
                c.lost_seconds,
                c.minutes,
                c.tickets.clone(),
            )
        })
        .collect();
    assert_eq!(found_groups, groups, "{what}: like tickets");

    let mut found_back: Vec<_> = found
        .came_back
        .iter()
        .map(|b| {
            (
                b.id.clone(),
                b.again.clone(),
                b.solution.clone(),
                b.after_seconds,
                b.times,
            )
        })
        .collect();
    assert!(
        found_back.windows(2).all(|pair| pair[0].4 >= pair[1].4),
        "{what}: the most frequent first"
    );
    found_back.sort();
    assert_eq!(found_back, slow.came_back(&like), "{what}: came back");

    let found_causes: Vec<_> = found
        .causes
        .iter()
        .map(|c| (c.name.to_lowercase(), c.count, c.tickets.clone()))
        .collect();
    assert_eq!(found_causes, slow.causes(), "{what}: causes");

    let given: Vec<(String, u32)> = slow
        .histories
        .iter()
        .filter_map(|(ticket, entries)| {
            let mut said = entries.iter();
            let last = said.rfind(|e| e.text.starts_with("satisfaction: "));
            let last = last.filter(|e| slow.within(e.at))?;
            let score = last.text.as_bytes()[14] - b'0';
            Some((ticket.id.to_string(), u32::from(score)))
        })
        .collect();
    let sum: u32 = given.iter().map(|(_, score)| score).sum();
    let mean = (f64::from(sum) * 10.0 / given.len().max(1) as f64 + 0.5).floor() as u32;
    let unhappy: Vec<String> = given
        .iter()
        .filter(|(_, score)| [1, 2].contains(score))
        .take(5)
        .map(|(id, _)| id.clone())
        .collect();
    let found_given = &found.satisfaction;
    assert_eq!(
        (
            found_given.answers,
            found_given.mean_tenths,
            &found_given.unhappy
        ),
        (given.len() as u32, mean, &unhappy),
        "{what}: satisfaction"
    );

    let mut by_organisation: BTreeMap<String, (i64, BTreeSet<String>)> = BTreeMap::new();
    for (ticket, entries) in &slow.histories {
        for (_, minutes) in Slow::minutes(entries).filter(|(e, _)| slow.within(e.at)) {
            let name = ticket.organisation.clone().unwrap_or_default();
            let sum = by_organisation.entry(name).or_default();
            sum.0 += minutes;
            sum.1.insert(ticket.id.to_string());
        }
    }
    assert_eq!(
        found.minutes_by_organisation.len(),
        by_organisation.len(),
        "{what}: organisations"
    );
    for named in &found.minutes_by_organisation {
        let (minutes, tickets) = &by_organisation[&named.name];
        assert_eq!(named.count, *minutes, "{what}: minutes of {}", named.name);
        assert!(
            named.tickets.iter().all(|id| tickets.contains(id)),
            "{what}"
        );
    }

    let open: Vec<_> = slow
        .histories
        .iter()
        .filter(|(t, entries)| {
            Slow::status(entries, until, t.created_at).is_some_and(|status| !status.is_over())
        })
        .collect();
    let aged = |from: i64, to: i64| {
        let days = |t: &Ticket| (until.as_second() - t.created_at.as_second()) as f64 / 86_400.0;
        let of = open
            .iter()
            .filter(|(t, _)| days(t) >= from as f64 && days(t) < to as f64);
        of.count() as u32
    };
    let ages = found.ages;
    assert_eq!(
        [
            ages.under_a_day,
            ages.under_a_week,
            ages.under_a_month,
            ages.longer
        ],
        [aged(0, 1), aged(1, 7), aged(7, 30), aged(30, 100_000)],
        "{what}: ages"
    );
    let pressing = open
        .iter()
        .filter(|h| matches!(Slow::priority(h, until).as_str(), "P1" | "P2"));
    assert_eq!(found.pressing, pressing.count() as u32, "{what}: pressing");
    let unowned = open.iter().filter(|(t, entries)| {
        Slow::status(entries, until, t.created_at) == Some(Status::New)
            && until.duration_since(t.created_at) >= jiff::SignedDuration::from_hours(24)
    });
    assert_eq!(found.unowned, unowned.count() as u32, "{what}: unowned");
}
