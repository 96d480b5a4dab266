//! Says figures in the reader's words: fills what the templates of a digest see.
//!
//! Lists are cut to what fits on two screens; the CSV has everything.

use super::clean;
use super::digest_view::*;
use super::digest_words::DigestFile;
use super::reader::Reader;
use super::views::{Heading, ToView};
use crate::desk::digest::Scope;
use crate::desk::digest::advice::Advice;
use crate::desk::digest::figures::{Figures, Group, Named, Spread};
use crate::desk::digest::period::{Cadence, Period};
use crate::desk::triage::Priority;

/// Lines of a list: tickets to watch, recommendations.
const LIST_MAX: usize = 3;
/// Technicians and organisations whose time is told.
const WORKERS_MAX: usize = 4;
/// Lines of the lists whose entries are sentences of two lines.
const STORIES_MAX: usize = 2;
/// Rows of the table of categories.
const CATEGORIES_MAX: usize = 5;
/// Characters of the subject of a ticket to watch: one line each.
const WATCHED_MAX: usize = 34;
/// Characters of a subject in a sentence.
const SUBJECT_MAX: usize = 48;

/// What is needed to fill the view.
pub struct Source<'a> {
    /// The figures.
    pub figures: &'a Figures,
    /// What is recommended, with the sentence of each.
    pub advice: Vec<(Advice, String)>,
    /// The period they are about.
    pub period: &'a Period,
    /// The scope they are about.
    pub scope: &'a Scope,
    /// What the reader is called.
    pub name: Option<&'a str>,
    /// The link that stops the digest.
    pub stop: String,
    /// Words and sentences of the digest.
    pub words: &'a DigestFile,
    /// Language, words of all letters, colours, and the outside of the letter.
    pub reader: Reader<'a>,
}

impl Source<'_> {
    /// Fills the view. `charts` says where the images are.
    pub fn view(&self, kind: &'static str, charts: Option<ChartsView>) -> DigestView {
        let (figures, words) = (self.figures, &self.words.words);
        let (period, scope) = (self.title(), self.scope_name());
        let change = |change: crate::desk::digest::figures::Change| ChangeView {
            count: change.count,
            usual: words.tenths(change.usual_tenths),
            than: format!("{} {}", words.usual, words.tenths(change.usual_tenths)),
        };
        let sees_letters = !matches!(self.scope, Scope::Organisation(_));
        let letters = |count: u32| if sees_letters { count } else { 0 };
        let (held, undelivered, quarantined) = (
            letters(figures.held_letters),
            letters(figures.undelivered_letters),
            letters(figures.quarantined_mails),
        );
        let needs = self.needs(undelivered, quarantined);
        let has_letters = held + undelivered + quarantined > 0;
        let organisations = match self.scope {
            Scope::All | Scope::Team(_) | Scope::Desk(_)
                if figures.minutes_by_organisation.len() > 1 =>
            {
                self.named(
                    &figures.minutes_by_organisation,
                    |key| self.organisation(key),
                    WORKERS_MAX,
                )
            }
            _ => Vec::new(),
        };
        DigestView {
            kind,
            locale: self.reader.locale.to_string(),
            desk: self.reader.desk(),
            theme: self.reader.theme(),
            to: ToView {
                name: self.name.map(line).filter(|name| !name.is_empty()),
                requester: false,
                technician: false,
                provider: false,
            },
            heading: Heading {
                id: period.clone(),
                subject: scope.clone().unwrap_or_default(),
            },
            cadence: self.period.cadence.word(),
            period,
            scope,
            words: words.clone(),
            more_needs: needs.len().saturating_sub(LIST_MAX),
            needs: needs.into_iter().take(LIST_MAX).collect(),
            quiet: figures.is_quiet(),
            came_in: change(figures.came_in),
            solved: change(figures.solved),
            reopened: change(figures.reopened),
            open: figures.open,
            open_before: figures.open_before,
            open_than: format!("{} {}", words.before, figures.open_before),
            ages: figures.ages,
            oldest: figures
                .oldest
                .iter()
                .take(LIST_MAX)
                .map(|open| OpenView {
                    id: open.id.clone(),
                    priority: open.priority,
                    subject: clean::line(&open.subject, WATCHED_MAX),
                    assignee: open.assignee.as_deref().map(line),
                    age: words.duration(open.age_seconds),
                })
                .collect(),
            weeks: figures
                .weeks
                .iter()
                .map(|week| WeekView {
                    label: words.short(week.first),
                    came_in: week.came_in,
                    solved: week.solved,
                    open: week.open,
                })
                .collect(),
            weeks_came_in: figures.weeks.iter().map(|week| week.came_in).sum(),
            weeks_solved: figures.weeks.iter().map(|week| week.solved).sum(),
            priorities: figures
                .priorities
                .iter()
                .map(|group| self.group(group, self.priority(&group.name)))
                .collect(),
            categories: figures
                .categories
                .iter()
                .take(CATEGORIES_MAX)
                .map(|group| self.group(group, line(&self.reader.strings.category(&group.name))))
                .collect(),
            first_answer: self.spread(&figures.first_answer),
            resolution: self.spread(&figures.resolution),
            times_any: figures.first_answer.count + figures.resolution.count > 0,
            targets: self.targets(),
            recurring: figures
                .recurring
                .iter()
                .take(STORIES_MAX)
                .map(|cluster| ClusterView {
                    subject: clean::line(&cluster.subject, SUBJECT_MAX),
                    organisation: self.whose(cluster.organisation.as_deref()),
                    category: line(&self.reader.strings.category(&cluster.category)),
                    count: cluster.count,
                    in_period: cluster.in_period,
                    when: self.this_time().to_owned(),
                    tickets: cited(&cluster.tickets),
                    lost: words.long(cluster.lost_seconds),
                    minutes: match cluster.minutes {
                        0 => String::new(),
                        minutes => words.work(minutes),
                    },
                })
                .collect(),
            came_back: figures
                .came_back
                .iter()
                .take(STORIES_MAX)
                .map(|back| CameBackView {
                    id: back.id.clone(),
                    again: back.again.clone(),
                    subject: clean::line(&back.subject, SUBJECT_MAX),
                    organisation: self.whose(back.organisation.as_deref()),
                    solution: clean::line(&back.solution, SUBJECT_MAX),
                    after: words.duration(back.after_seconds),
                    times: back.times,
                    when: self.this_time().to_owned(),
                })
                .collect(),
            causes: self.named(&figures.causes, line, LIST_MAX),
            technicians: self.named(&figures.minutes_by_technician, line, WORKERS_MAX),
            organisations,
            worked: words.work(figures.minutes),
            work_any: figures.minutes != 0,
            thanks: figures
                .thanks
                .iter()
                .take(STORIES_MAX)
                .map(|thanks| ThanksView {
                    id: thanks.id.clone(),
                    from: line(&thanks.from),
                    to: thanks.to.as_deref().map(line),
                })
                .collect(),
            satisfaction: SatisfactionView {
                answers: figures.satisfaction.answers,
                mean: words.tenths(figures.satisfaction.mean_tenths),
                best: figures.satisfaction.best,
                unhappy: cited(&figures.satisfaction.unhappy),
            },
            recipes: figures
                .recipes
                .iter()
                .take(STORIES_MAX)
                .map(|recipe| RecipeScoreView {
                    title: clean::line(&recipe.title, SUBJECT_MAX),
                    offered: recipe.offered,
                    helped: recipe.helped,
                    failed: recipe.failed,
                })
                .collect(),
            corrected: figures.corrected,
            corrections: figures
                .corrections
                .iter()
                .take(STORIES_MAX)
                .map(|corrected| CorrectedView {
                    id: corrected.id.clone(),
                    from: corrected.from,
                    to: corrected.to,
                })
                .collect(),
            held,
            undelivered,
            quarantined,
            letters: has_letters,
            remarks: has_letters
                || figures.corrected > 0
                || figures.minutes != 0
                || !figures.causes.is_empty()
                || !figures.thanks.is_empty()
                || figures.satisfaction.answers > 0
                || !figures.recipes.is_empty(),
            advice: self
                .advice
                .iter()
                .map(|(advice, text)| advice_view(advice, text.clone()))
                .collect(),
            charts,
            stop: self.stop.clone(),
        }
    }

    /// What asks for the reader, the most pressing first. What is wrong with letters and mails is the desk's own business.
    fn needs(&self, undelivered: u32, quarantined: u32) -> Vec<Need> {
        let figures = self.figures;
        let targets = &figures.targets;
        let needs = [
            ("pressing", figures.pressing),
            ("unowned", figures.unowned),
            (
                "missed",
                targets.first_answer.missed + targets.resolution.missed,
            ),
            (
                "came-back",
                u32::try_from(figures.came_back.len()).unwrap_or(u32::MAX),
            ),
            ("old", figures.ages.longer),
            ("undelivered", undelivered),
            ("quarantined", quarantined),
        ];
        let needs = needs.into_iter().filter(|(_, count)| *count > 0);
        needs.map(|(kind, count)| Need { kind, count }).collect()
    }

    /// What the period is called in a sentence.
    fn this_time(&self) -> &str {
        let words = &self.words.words;
        match self.period.cadence {
            Cadence::Daily => &words.this_day,
            Cadence::Weekly => &words.this_week,
            Cadence::Monthly => &words.this_month,
        }
    }

    /// The period in words.
    pub(super) fn title(&self) -> String {
        let (words, strings) = (&self.words.words, self.reader.strings);
        let first = self.period.first;
        let last = self.period.end.yesterday().unwrap_or(self.period.end);
        let pattern = match self.period.cadence {
            Cadence::Daily => &words.daily,
            Cadence::Weekly => &words.weekly,
            Cadence::Monthly => &words.monthly,
        };
        // `du 16 au 22 novembre`: the month once when it is the same.
        let begin = if first.month() == last.month() {
            strings.day_number(first)
        } else {
            words.day(first, strings)
        };
        super::language::fill(
            pattern,
            &[
                ("week", &first.iso_week_date().week().to_string()),
                ("first", &begin),
                ("last", &words.day(last, strings)),
                ("weekday", strings.weekday(last)),
                ("month", strings.month(first)),
                ("year", &last.year().to_string()),
            ],
        )
    }

    pub(super) fn scope_name(&self) -> Option<String> {
        let people = self.reader.envelope.people;
        let name = match self.scope {
            Scope::All => return None,
            Scope::Organisation(key) => self.organisation(key),
            Scope::Team(key) => line(key),
            Scope::Desk(key) => people
                .desks
                .get(key)
                .map_or_else(|| line(key), |desk| line(&desk.name)),
        };
        Some(name)
    }

    pub(super) fn organisation(&self, key: &str) -> String {
        let known = self.reader.envelope.people.organisations.get(key);
        match known {
            Some(organisation) => line(&organisation.name),
            None if key.is_empty() => self.words.words.nobody.clone(),
            None => line(key),
        }
    }

    /// Whose a fault is, for a reader of several organisations.
    fn whose(&self, organisation: Option<&str>) -> String {
        let is_one = matches!(self.scope, Scope::Organisation(_));
        let key = organisation.filter(|_| !is_one);
        key.map_or_else(String::new, |key| self.organisation(key))
    }

    pub(super) fn priority(&self, word: &str) -> String {
        let known = Priority::parse(word);
        known.map_or_else(
            || word.to_owned(),
            |priority| format!("{word} {}", self.reader.strings.priority(priority)),
        )
    }

    fn group(&self, group: &Group, word: String) -> GroupView {
        GroupView {
            name: group.name.clone(),
            word,
            count: group.came_in.count,
            usual: self.words.words.tenths(group.came_in.usual_tenths),
            solved: group.solved,
            open: group.open,
        }
    }

    fn spread(&self, spread: &Spread) -> SpreadView {
        let words = &self.words.words;
        SpreadView {
            count: spread.count,
            mean: words.long(spread.mean_seconds),
            median: words.long(spread.median_seconds),
            p90: words.long(spread.p90_seconds),
        }
    }

    fn targets(&self) -> Option<TargetsView> {
        let targets = &self.figures.targets;
        let kept = |kept: crate::desk::digest::figures::Kept| KeptView {
            kept: kept.kept,
            missed: kept.missed,
            total: kept.kept + kept.missed,
        };
        let view = TargetsView {
            first_answer: kept(targets.first_answer),
            resolution: kept(targets.resolution),
            missed: targets
                .missed
                .iter()
                .take(STORIES_MAX)
                .map(|missed| MissedView {
                    id: missed.id.clone(),
                    priority: missed.priority,
                    subject: clean::line(&missed.subject, SUBJECT_MAX),
                    target: missed.target,
                    late: self.words.words.duration(missed.late_seconds),
                    because: self
                        .words
                        .because
                        .get(missed.because)
                        .cloned()
                        .unwrap_or_default(),
                })
                .collect(),
        };
        let any = [&view.first_answer, &view.resolution]
            .iter()
            .any(|kept| kept.kept + kept.missed > 0);
        any.then_some(view)
    }

    fn named(&self, named: &[Named], name: impl Fn(&str) -> String, most: usize) -> Vec<NamedView> {
        let view = |entry: &Named| NamedView {
            name: name(&entry.name),
            count: entry.count,
            time: self.words.words.work(entry.count),
            tickets: cited(&entry.tickets),
        };
        named.iter().take(most).map(view).collect()
    }
}

/// What the sentence of a recommendation sees.
pub fn advice_view(advice: &Advice, text: String) -> AdviceView {
    AdviceView {
        rule: advice.rule.clone(),
        count: advice.count,
        days: advice.days,
        tickets: cited(&advice.tickets),
        subject: clean::line(&advice.subject, SUBJECT_MAX),
        text,
    }
}

/// A few of them: who wants all asks for the JSON.
fn cited(tickets: &[String]) -> String {
    let few: Vec<&str> = tickets.iter().take(LIST_MAX).map(String::as_str).collect();
    few.join(", ")
}

pub(super) fn line(text: &str) -> String {
    clean::line(text, 120)
}
