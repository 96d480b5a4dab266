//! What the templates of a digest see, and its CSV: figures in the reader's words.
//!
//! Lists are cut to what fits on two screens; the CSV has everything.

use serde::Serialize;

use super::clean;
use super::csv::Table;
use super::digest_words::DigestFile;
use super::reader::Reader;
use super::views::{DeskView, ThemeView, ToView};
use crate::desk::digest::Scope;
use crate::desk::digest::advice::Advice;
use crate::desk::digest::figures::{Ages, Figures, Group, Named, Spread};
use crate::desk::digest::period::{Cadence, Period};
use crate::desk::triage::Priority;

/// Lines of a list.
const LIST_MAX: usize = 3;
/// Rows of the table of categories.
const CATEGORIES_MAX: usize = 6;
/// Characters of a subject in a sentence.
const SUBJECT_MAX: usize = 70;

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

/// What the templates `digest` and `digest-stopped` see.
#[derive(Debug, Serialize)]
#[allow(missing_docs)] // as in `desk::digest::figures`; what differs is said
pub struct DigestView {
    pub kind: &'static str,
    pub locale: String,
    pub desk: DeskView,
    pub theme: ThemeView,
    pub to: ToView,
    /// What the layout shows on top: the period and the scope.
    pub ticket: Heading,
    /// `daily`, `weekly` or `monthly`.
    pub cadence: &'static str,
    /// `semaine 47, du 16 au 22 novembre 2026`.
    pub period: String,
    /// An organisation's name, a team or a desk; none for all tickets.
    pub scope: Option<String>,
    /// Words that stand alone, as `digest.toml` has them.
    pub words: super::digest_words::Words,
    /// What the reader should look at, the most important first.
    pub needs: Vec<Need>,
    /// Nothing happened and nothing is open.
    pub quiet: bool,
    pub came_in: ChangeView,
    pub solved: ChangeView,
    pub reopened: ChangeView,
    pub open: u32,
    pub open_before: u32,
    pub ages: Ages,
    pub oldest: Vec<OpenView>,
    pub weeks: Vec<WeekView>,
    /// Sums over the eight weeks.
    pub weeks_came_in: u32,
    pub weeks_solved: u32,
    pub priorities: Vec<GroupView>,
    pub categories: Vec<GroupView>,
    pub first_answer: SpreadView,
    pub resolution: SpreadView,
    /// Whether there are any response times.
    pub times_any: bool,
    /// None when no target was due.
    pub targets: Option<TargetsView>,
    pub recurring: Vec<ClusterView>,
    pub came_back: Vec<CameBackView>,
    pub causes: Vec<NamedView>,
    /// Time spent, by technician.
    pub technicians: Vec<NamedView>,
    /// Time spent, by organisation; empty when there is one at most.
    pub organisations: Vec<NamedView>,
    /// Time spent in all.
    pub worked: String,
    pub work_any: bool,
    pub thanks: Vec<ThanksView>,
    pub corrected: u32,
    pub corrections: Vec<CorrectedView>,
    pub held: u32,
    pub undelivered: u32,
    pub quarantined: u32,
    /// Whether any of the three is more than nothing.
    pub letters: bool,
    /// Whether there is anything more worth knowing.
    pub remarks: bool,
    pub advice: Vec<AdviceView>,
    /// The images; none where nothing is drawn.
    pub charts: Option<ChartsView>,
    /// The link that stops the digest.
    pub stop: String,
}

/// What the layout shows on top.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // the names the layout uses
pub struct Heading {
    pub id: String,
    pub subject: String,
}

/// Something to look at.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    /// `pressing`, `missed`, `came-back`, `unowned`, `old`, `undelivered` or `quarantined`.
    pub kind: &'static str,
    /// How many.
    pub count: u32,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ChangeView {
    pub count: u32,
    /// The four weeks before, scaled: `12,5`.
    pub usual: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct OpenView {
    pub id: String,
    pub priority: &'static str,
    pub subject: String,
    pub assignee: Option<String>,
    pub age: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct WeekView {
    /// Its first day: `16/11`.
    pub label: String,
    pub came_in: u32,
    pub solved: u32,
    pub open: u32,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct GroupView {
    /// As in the figures: `P1`, `network`.
    pub name: String,
    /// In the reader's words.
    pub word: String,
    pub count: u32,
    pub usual: String,
    pub solved: u32,
    pub open: u32,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct SpreadView {
    pub count: u32,
    pub mean: String,
    pub median: String,
    pub p90: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct TargetsView {
    pub first_answer: KeptView,
    pub resolution: KeptView,
    pub missed: Vec<MissedView>,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct KeptView {
    pub kept: u32,
    pub missed: u32,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct MissedView {
    pub id: String,
    pub priority: &'static str,
    pub subject: String,
    /// `first-answer` or `resolution`.
    pub target: &'static str,
    pub late: String,
    pub because: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ClusterView {
    pub subject: String,
    pub category: String,
    pub count: u32,
    pub in_period: u32,
    pub tickets: String,
    pub lost: String,
    /// Time spent on them; empty when none was recorded.
    pub minutes: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct CameBackView {
    pub id: String,
    pub again: String,
    pub subject: String,
    pub solution: String,
    pub after: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct NamedView {
    pub name: String,
    pub count: i64,
    pub time: String,
    pub tickets: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ThanksView {
    pub id: String,
    pub from: String,
    pub to: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct CorrectedView {
    pub id: String,
    pub from: &'static str,
    pub to: &'static str,
}

/// A recommendation; its own template sees this, the digest its `text`.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AdviceView {
    pub rule: String,
    pub count: u32,
    pub days: i64,
    pub tickets: String,
    pub subject: String,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ChartsView {
    pub weeks: ChartView,
    pub priorities: ChartView,
    pub categories: ChartView,
}

/// An image of the letter.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ChartView {
    pub cid: String,
    /// In the pixels of a page.
    pub width: u32,
    pub height: u32,
}

impl Source<'_> {
    /// Fills the view. `charts` says where the images are.
    pub fn view(&self, kind: &'static str, charts: Option<ChartsView>) -> DigestView {
        let (figures, words) = (self.figures, &self.words.words);
        let (period, scope) = (self.title(), self.scope_name());
        let change = |change: crate::desk::digest::figures::Change| ChangeView {
            count: change.count,
            usual: words.tenths(change.usual_tenths),
        };
        let sees_letters = !matches!(self.scope, Scope::Organisation(_));
        let letters = |count: u32| if sees_letters { count } else { 0 };
        let (held, undelivered, quarantined) = (
            letters(figures.held_letters),
            letters(figures.undelivered_letters),
            letters(figures.quarantined_mails),
        );
        let has_letters = held + undelivered + quarantined > 0;
        let organisations = match self.scope {
            Scope::All | Scope::Team(_) | Scope::Desk(_) if figures.minutes_by_organisation.len() > 1 => {
                self.named(&figures.minutes_by_organisation, |key| self.organisation(key))
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
            },
            ticket: Heading {
                id: period.clone(),
                subject: scope.clone().unwrap_or_default(),
            },
            cadence: self.period.cadence.word(),
            period,
            scope,
            words: words.clone(),
            needs: self.needs(undelivered, quarantined),
            quiet: figures.is_quiet(),
            came_in: change(figures.came_in),
            solved: change(figures.solved),
            reopened: change(figures.reopened),
            open: figures.open,
            open_before: figures.open_before,
            ages: figures.ages,
            oldest: figures
                .oldest
                .iter()
                .take(LIST_MAX)
                .map(|open| OpenView {
                    id: open.id.clone(),
                    priority: open.priority,
                    subject: clean::line(&open.subject, SUBJECT_MAX),
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
            priorities: figures.priorities.iter().map(|group| self.group(group, self.priority(&group.name))).collect(),
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
                .take(LIST_MAX)
                .map(|cluster| ClusterView {
                    subject: clean::line(&cluster.subject, SUBJECT_MAX),
                    category: line(&self.reader.strings.category(&cluster.category)),
                    count: cluster.count,
                    in_period: cluster.in_period,
                    tickets: cluster.tickets.join(", "),
                    lost: words.duration(cluster.lost_seconds),
                    minutes: match cluster.minutes {
                        0 => String::new(),
                        minutes => words.work(minutes),
                    },
                })
                .collect(),
            came_back: figures
                .came_back
                .iter()
                .take(LIST_MAX)
                .map(|back| CameBackView {
                    id: back.id.clone(),
                    again: back.again.clone(),
                    subject: clean::line(&back.subject, SUBJECT_MAX),
                    solution: clean::line(&back.solution, SUBJECT_MAX),
                    after: words.duration(back.after_seconds),
                })
                .collect(),
            causes: self.named(&figures.causes, line),
            technicians: self.named(&figures.minutes_by_technician, line),
            organisations,
            worked: words.work(figures.minutes),
            work_any: figures.minutes != 0,
            thanks: figures
                .thanks
                .iter()
                .take(LIST_MAX)
                .map(|thanks| ThanksView {
                    id: thanks.id.clone(),
                    from: line(&thanks.from),
                    to: thanks.to.as_deref().map(line),
                })
                .collect(),
            corrected: figures.corrected,
            corrections: figures
                .corrections
                .iter()
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
            remarks: has_letters || figures.corrected > 0,
            advice: self.advice.iter().map(|(advice, text)| advice_view(advice, text.clone())).collect(),
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
            ("missed", targets.first_answer.missed + targets.resolution.missed),
            ("came-back", u32::try_from(figures.came_back.len()).unwrap_or(u32::MAX)),
            ("unowned", figures.unowned),
            ("old", figures.ages.longer),
            ("undelivered", undelivered),
            ("quarantined", quarantined),
        ];
        let needs = needs.into_iter().filter(|(_, count)| *count > 0);
        needs.map(|(kind, count)| Need { kind, count }).collect()
    }

    /// The period in words.
    fn title(&self) -> String {
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

    fn scope_name(&self) -> Option<String> {
        let people = self.reader.envelope.people;
        let name = match self.scope {
            Scope::All => return None,
            Scope::Organisation(key) => self.organisation(key),
            Scope::Team(key) => line(key),
            Scope::Desk(key) => people.desks.get(key).map_or_else(|| line(key), |desk| line(&desk.name)),
        };
        Some(name)
    }

    fn organisation(&self, key: &str) -> String {
        let known = self.reader.envelope.people.organisations.get(key);
        match known {
            Some(organisation) => line(&organisation.name),
            None if key.is_empty() => self.words.words.nobody.clone(),
            None => line(key),
        }
    }

    fn priority(&self, word: &str) -> String {
        let known = Priority::parse(word);
        known.map_or_else(|| word.to_owned(), |priority| format!("{word} {}", self.reader.strings.priority(priority)))
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
            mean: words.duration(spread.mean_seconds),
            median: words.duration(spread.median_seconds),
            p90: words.duration(spread.p90_seconds),
        }
    }

    fn targets(&self) -> Option<TargetsView> {
        let targets = &self.figures.targets;
        let kept = |kept: crate::desk::digest::figures::Kept| KeptView {
            kept: kept.kept,
            missed: kept.missed,
        };
        let view = TargetsView {
            first_answer: kept(targets.first_answer),
            resolution: kept(targets.resolution),
            missed: targets
                .missed
                .iter()
                .take(LIST_MAX)
                .map(|missed| MissedView {
                    id: missed.id.clone(),
                    priority: missed.priority,
                    subject: clean::line(&missed.subject, SUBJECT_MAX),
                    target: missed.target,
                    late: self.words.words.duration(missed.late_seconds),
                    because: self.words.because.get(missed.because).cloned().unwrap_or_default(),
                })
                .collect(),
        };
        let any = [&view.first_answer, &view.resolution].iter().any(|kept| kept.kept + kept.missed > 0);
        any.then_some(view)
    }

    fn named(&self, named: &[Named], name: impl Fn(&str) -> String) -> Vec<NamedView> {
        let view = |entry: &Named| NamedView {
            name: name(&entry.name),
            count: entry.count,
            time: self.words.words.work(entry.count),
            tickets: entry.tickets.join(", "),
        };
        named.iter().take(LIST_MAX + 1).map(view).collect()
    }

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
        table.row(&[&title, scope, &format!("{} ({})", words.came_in, words.usual), &usual]);
        for week in &figures.weeks {
            for (measure, value) in [(&words.came_in, week.came_in), (&words.solved, week.solved), (&words.open, week.open)] {
                table.row(&[&words.weeks, &week.first.to_string(), measure, &value.to_string()]);
            }
        }
        let groups = [(&words.priorities, &figures.priorities), (&words.categories, &figures.categories)];
        for (section, groups) in groups {
            for group in groups {
                let name = match Priority::parse(&group.name) {
                    Some(_) => self.priority(&group.name),
                    None => self.reader.strings.category(&group.name),
                };
                let usual = words.tenths(group.came_in.usual_tenths);
                table.row(&[section, &name, &words.came_in, &group.came_in.count.to_string()]);
                table.row(&[section, &name, &words.usual, &usual]);
                table.row(&[section, &name, &words.solved, &group.solved.to_string()]);
                table.row(&[section, &name, &words.open, &group.open.to_string()]);
            }
        }
        // Minutes, so that a spreadsheet can go on calculating.
        let minutes = |seconds: i64| ((seconds + 30) / 60).to_string();
        let unit = super::language::fill(&words.minutes, &[("value", "")]);
        let unit = unit.trim();
        for (name, spread) in [(&words.first_answer, &figures.first_answer), (&words.resolution, &figures.resolution)] {
            table.row(&[&words.times, name, &words.count, &spread.count.to_string()]);
            for (measure, seconds) in [
                (&words.mean, spread.mean_seconds),
                (&words.median, spread.median_seconds),
                (&words.p90, spread.p90_seconds),
            ] {
                table.row(&[&words.times, name, &format!("{measure} ({unit})"), &minutes(seconds)]);
            }
        }
        let targets = &figures.targets;
        for (name, kept) in [(&words.first_answer, targets.first_answer), (&words.resolution, targets.resolution)] {
            table.row(&[&words.targets, name, &words.kept, &kept.kept.to_string()]);
            table.row(&[&words.targets, name, &words.missed, &kept.missed.to_string()]);
        }
        for open in &figures.oldest {
            let name = format!("{} {}", open.id, clean::line(&open.subject, 200));
            let days = (open.age_seconds / 86_400).to_string();
            let unit = super::language::fill(&words.days, &[("value", "")]);
            table.row(&[&words.oldest, &name, &format!("{} ({})", words.age, unit.trim()), &days]);
        }
        for cluster in &figures.recurring {
            let name = format!("{} ({})", clean::line(&cluster.subject, 200), cluster.tickets.join(" "));
            table.row(&[&words.recurring, &name, &words.count, &cluster.count.to_string()]);
        }
        for cause in &figures.causes {
            table.row(&[&words.causes, &line(&cause.name), &words.count, &cause.count.to_string()]);
        }
        for worked in &figures.minutes_by_technician {
            table.row(&[&words.technician, &line(&worked.name), &format!("{} ({unit})", words.hours_spent), &worked.count.to_string()]);
        }
        for worked in &figures.minutes_by_organisation {
            let name = self.organisation(&worked.name);
            table.row(&[&words.organisation, &name, &format!("{} ({unit})", words.hours_spent), &worked.count.to_string()]);
        }
        table.into_bytes()
    }
}

/// What the sentence of a recommendation sees.
pub fn advice_view(advice: &Advice, text: String) -> AdviceView {
    AdviceView {
        rule: advice.rule.clone(),
        count: advice.count,
        days: advice.days,
        tickets: advice.tickets.join(", "),
        subject: clean::line(&advice.subject, SUBJECT_MAX),
        text,
    }
}

fn line(text: &str) -> String {
    clean::line(text, 120)
}
