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
        let words = &self.words.words;
        let mut table = Table::new(&words.decimal);
        table.row(&[&words.section, &words.name, &words.measure, &words.value]);
        self.sums(&mut table);
        self.groups(&mut table);
        self.times(&mut table);
        self.lists(&mut table);
        table.into_bytes()
    }

    /// What came in, was solved and is open, with what is usual.
    fn sums(&self, table: &mut Table) {
        let (figures, words) = (self.figures, &self.words.words);
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
        for (measure, change) in [
            (&words.came_in, figures.came_in),
            (&words.solved, figures.solved),
            (&words.reopened, figures.reopened),
        ] {
            let measure = format!("{measure} ({})", words.usual);
            table.row(&[&title, scope, &measure, &words.tenths(change.usual_tenths)]);
        }
        let before = format!("{} ({})", words.open, words.before);
        table.row(&[&title, scope, &before, &figures.open_before.to_string()]);
    }

    /// Week by week, by priority and by category.
    fn groups(&self, table: &mut Table) {
        let (figures, words) = (self.figures, &self.words.words);
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
    }

    /// Response times in minutes, and targets.
    fn times(&self, table: &mut Table) {
        let (figures, words) = (self.figures, &self.words.words);
        let minutes = |seconds: i64| ((seconds + 30) / 60).to_string();
        let unit = self.minutes_unit();
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
        for missed in &targets.missed {
            let target = match missed.target {
                "resolution" => &words.resolution,
                _ => &words.first_answer,
            };
            table.row(&[
                &words.missed,
                &format!(
                    "{} {}",
                    missed.id,
                    clean::line(&missed.subject, SUBJECT_MAX)
                ),
                &format!("{target} ({unit})"),
                &minutes(missed.late_seconds),
            ]);
        }
    }

    /// Tickets, faults, causes, thanks and time spent, one a row.
    fn lists(&self, table: &mut Table) {
        let (figures, words) = (self.figures, &self.words.words);
        let unit = self.minutes_unit();
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
            let spent = format!("{} ({unit})", words.hours_spent);
            table.row(&[
                &words.recurring,
                &name,
                &spent,
                &cluster.minutes.to_string(),
            ]);
        }
        for back in &figures.came_back {
            table.row(&[
                &words.came_back,
                &format!(
                    "{} ({} {})",
                    clean::line(&back.subject, SUBJECT_MAX),
                    back.id,
                    back.again
                ),
                &words.count,
                &back.times.to_string(),
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
        for thanks in &figures.thanks {
            let to = thanks.to.as_deref().map(line).unwrap_or_default();
            let name = format!("{} → {to} ({})", line(&thanks.from), thanks.id);
            table.row(&[&words.thanks, &name, &words.count, "1"]);
        }
        let satisfaction = &figures.satisfaction;
        if satisfaction.answers > 0 {
            let mean = words.tenths(satisfaction.mean_tenths);
            let best = format!("{} / {}", words.mean, satisfaction.best);
            let name = &words.satisfaction;
            table.row(&[name, "", &words.count, &satisfaction.answers.to_string()]);
            table.row(&[name, "", &best, &mean]);
        }
        for recipe in &figures.recipes {
            let title = clean::line(&recipe.title, SUBJECT_MAX);
            let name = match &recipe.name {
                Some(name) => format!("{title} ({name})"),
                None => title,
            };
            for (measure, count) in [
                (&words.offered, recipe.offered),
                (&words.helped, recipe.helped),
                (&words.failed, recipe.failed),
            ] {
                table.row(&[&words.recipes, &name, measure, &count.to_string()]);
            }
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
    }

    /// `min`, as the language writes it.
    fn minutes_unit(&self) -> String {
        fill(&self.words.words.minutes, &[("value", "")])
            .trim()
            .to_owned()
    }
}
