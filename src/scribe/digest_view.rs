//! What the templates of a digest see. Every field is always there; values are in the reader's words and not escaped.
//!
//! `digest_source.rs` fills them.

use serde::Serialize;

use super::digest_words::Words;
use super::views::{DeskView, Heading, ThemeView, ToView};
use crate::desk::digest::figures::Ages;

/// What the templates `digest` and `digest-stopped` see.
#[derive(Debug, Serialize)]
#[allow(missing_docs)] // as in `desk::digest::figures`; what differs is said
pub struct DigestView {
    pub kind: &'static str,
    pub locale: String,
    pub desk: DeskView,
    pub theme: ThemeView,
    pub to: ToView,
    /// What the layout calls it: the period and the scope.
    pub heading: Heading,
    /// `daily`, `weekly` or `monthly`.
    pub cadence: &'static str,
    /// `semaine 47, du 16 au 22 novembre 2026`.
    pub period: String,
    /// An organisation's name, a team or a desk; none for all tickets.
    pub scope: Option<String>,
    /// Words that stand alone, as `digest.toml` has them.
    pub words: Words,
    /// What the reader should look at, the most important first; as many as a line can name.
    pub needs: Vec<Need>,
    /// How many more there are further down.
    pub more_needs: usize,
    /// Nothing happened and nothing is open.
    pub quiet: bool,
    pub came_in: ChangeView,
    pub solved: ChangeView,
    pub reopened: ChangeView,
    pub open: u32,
    pub open_before: u32,
    /// How many were open before: `Au début 48`.
    pub open_than: String,
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
    pub satisfaction: SatisfactionView,
    pub recipes: Vec<RecipeScoreView>,
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
    /// The same behind its word: `D’habitude 12,5`.
    pub than: String,
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
    pub total: u32,
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
    /// Whose it is; empty for a reader of one organisation.
    pub organisation: String,
    pub category: String,
    pub count: u32,
    pub in_period: u32,
    /// What the period is called in a sentence: `cette semaine-là`.
    pub when: String,
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
    /// Whose it is; empty for a reader of one organisation.
    pub organisation: String,
    pub solution: String,
    pub after: String,
    pub times: u32,
    /// What the period is called in a sentence: `cette semaine-là`.
    pub when: String,
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
pub struct SatisfactionView {
    pub answers: u32,
    /// `4,3`
    pub mean: String,
    pub best: u8,
    /// Tickets of those who are not; empty for none.
    pub unhappy: String,
}

#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct RecipeScoreView {
    pub title: String,
    pub offered: u32,
    pub helped: u32,
    pub failed: u32,
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
