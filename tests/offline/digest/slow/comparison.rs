//! Each figure of a digest beside what the slow way counts.

use std::collections::{BTreeMap, BTreeSet};

use guichet::desk::digest::figures::Figures;
use guichet::desk::ticket::{Entry, EntryKind, Status, Ticket};
use jiff::Timestamp;

use super::counting::Slow;

pub fn check(found: &Figures, slow: &Slow<'_>, reader: &guichet::store::Reader, what: &str) {
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
