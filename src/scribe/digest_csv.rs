//! Every figure of a digest as a table: section, name, measure, value.
//!
//! Numbers stay numbers (minutes, days, counts), so that a spreadsheet can go on calculating.

use super::clean;
use super::csv::Table;
use super::digest_source::{Source, line};
use super::language::fill;
use crate::desk::triage::Priority;

/// Characters of a subject in a cell.
const SUBJECT_MAX: usize = 200;

impl Source<'_> {
    /// Every figure, one a row.
    pub fn csv(&self) -> Vec<u8> {
        let (figures, words) = (self.figures, &self.words.words);
        let mut table = Table::new(&words.decimal);
        table.row(&[&words.section, &words.name, &words.measure, &words.value]);
        let (title, scope) = (self.title(), self.scope_name());
        let scope = scope.as_deref().unwrap_or(&words.all);
        for (measure, value) in [
            (&words.came_in, figures.came_in.count),
            (&words.solved, figures.solved.count),
            (&words.reopened, figures.reopened.count),
            (&words.open, figures.open),
        ] {
            table.row(&[&title, scope, measure, &value.to_string()]);
        }
        let usual = words.tenths(figures.came_in.usual_tenths);
        table.row(&[
            &title,
            scope,
            &format!("{} ({})", words.came_in, words.usual),
            &usual,
        ]);
        for week in &figures.weeks {
            for (measure, value) in [
                (&words.came_in, week.came_in),
                (&words.solved, week.solved),
                (&words.open, week.open),
            ] {
                table.row(&[
                    &words.weeks,
                    &week.first.to_string(),
                    measure,
                    &value.to_string(),
                ]);
            }
        }
        let groups = [
            (&words.priorities, &figures.priorities),
            (&words.categories, &figures.categories),
        ];
        for (section, groups) in groups {
            for group in groups {
                let name = match Priority::parse(&group.name) {
                    Some(_) => self.priority(&group.name),
                    None => self.reader.strings.category(&group.name),
                };
                let usual = words.tenths(group.came_in.usual_tenths);
                table.row(&[
                    section,
                    &name,
                    &words.came_in,
                    &group.came_in.count.to_string(),
                ]);
                table.row(&[section, &name, &words.usual, &usual]);
                table.row(&[section, &name, &words.solved, &group.solved.to_string()]);
                table.row(&[section, &name, &words.open, &group.open.to_string()]);
            }
        }
        // Minutes, so that a spreadsheet can go on calculating.
        let minutes = |seconds: i64| ((seconds + 30) / 60).to_string();
        let unit = fill(&words.minutes, &[("value", "")]);
        let unit = unit.trim();
        for (name, spread) in [
            (&words.first_answer, &figures.first_answer),
            (&words.resolution, &figures.resolution),
        ] {
            table.row(&[&words.times, name, &words.count, &spread.count.to_string()]);
            for (measure, seconds) in [
                (&words.mean, spread.mean_seconds),
                (&words.median, spread.median_seconds),
                (&words.p90, spread.p90_seconds),
            ] {
                table.row(&[
                    &words.times,
                    name,
                    &format!("{measure} ({unit})"),
                    &minutes(seconds),
                ]);
            }
        }
        let targets = &figures.targets;
        for (name, kept) in [
            (&words.first_answer, targets.first_answer),
            (&words.resolution, targets.resolution),
        ] {
            table.row(&[&words.targets, name, &words.kept, &kept.kept.to_string()]);
            table.row(&[
                &words.targets,
                name,
                &words.missed,
                &kept.missed.to_string(),
            ]);
        }
        for open in &figures.oldest {
            let name = format!("{} {}", open.id, clean::line(&open.subject, SUBJECT_MAX));
            let days = (open.age_seconds / 86_400).to_string();
            let unit = fill(&words.days, &[("value", "")]);
            table.row(&[
                &words.oldest,
                &name,
                &format!("{} ({})", words.age, unit.trim()),
                &days,
            ]);
        }
        for cluster in &figures.recurring {
            let name = format!(
                "{} ({})",
                clean::line(&cluster.subject, SUBJECT_MAX),
                cluster.tickets.join(" ")
            );
            table.row(&[
                &words.recurring,
                &name,
                &words.count,
                &cluster.count.to_string(),
            ]);
        }
        for cause in &figures.causes {
            table.row(&[
                &words.causes,
                &line(&cause.name),
                &words.count,
                &cause.count.to_string(),
            ]);
        }
        for worked in &figures.minutes_by_technician {
            table.row(&[
                &words.technician,
                &line(&worked.name),
                &format!("{} ({unit})", words.hours_spent),
                &worked.count.to_string(),
            ]);
        }
        for worked in &figures.minutes_by_organisation {
            let name = self.organisation(&worked.name);
            table.row(&[
                &words.organisation,
                &name,
                &format!("{} ({unit})", words.hours_spent),
                &worked.count.to_string(),
            ]);
        }
        table.into_bytes()
    }
}
