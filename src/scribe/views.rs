//! What templates see. Every field is always there; what is not known is null.
//!
//! Values are cleaned and in the reader's language; nothing is escaped. There are two views: the whole one,
//! and the one for an address nobody vouches for, which cannot name what a stranger chose because it does
//! not have it (I8). `reader.rs` fills them.

use serde::Serialize;

use super::language::Moment;
use super::markdown::Block;

/// What the templates of a notice see.
#[derive(Debug, Serialize)]
pub struct LetterView {
    /// The kind of notice: `update`.
    pub kind: &'static str,
    /// The language the letter is written in: `fr`.
    pub locale: String,
    /// The colours; they are filled in when templates are loaded.
    pub theme: ThemeView,
    /// Who writes.
    pub desk: DeskView,
    /// Who is written to.
    pub to: ToView,
    /// What the layout calls it.
    pub heading: Heading,
    /// What it is about.
    pub ticket: TicketView,
    /// A person's words that are passed on.
    pub said: Option<SaidView>,
    /// What moved.
    pub progress: Option<ProgressView>,
    /// What the reader is reminded of.
    pub reminder: Option<ReminderView>,
    /// An outside firm: in letters to it, and to technicians when it wrote or is silent.
    pub provider: Option<ProviderView>,
    /// Tickets this one may be about; for technicians only.
    pub related: Vec<RelatedView>,
    /// What the ticket has to do with an outage; for technicians only.
    pub outage: Option<OutageView>,
    /// Since when the fault is known that the reader reports; an acknowledgement may say it.
    pub known_since: Option<Moment>,
    /// Who brought the ticket to the reader; for technicians only.
    pub escalation: Option<EscalationView>,
    /// Whose place the recipient takes.
    pub stands_in: Option<StandInView>,
    /// What became of commands.
    pub receipt: Option<ReceiptView>,
    /// What a bundle tells of several tickets.
    pub lines: Vec<LineView>,
    /// What the requester is asked; an acknowledgement may have some.
    pub questions: Vec<QuestionView>,
    /// The open tickets of the day.
    pub queue: Option<QueueView>,
    /// The recipe that is offered, or the draft of one.
    pub recipe: Option<RecipeView>,
    /// When a technician must have answered and solved it; for technicians only.
    pub targets: Vec<TargetView>,
    /// The numbers the reader is asked to choose from; empty when they are not asked.
    pub scores: Vec<ScoreView>,
    /// Links that prepare an answer; only a person's click on "send" does anything.
    pub actions: ActionsView,
}

/// What a letter is about, in the title and below it.
#[derive(Clone, Debug, Serialize)]
pub struct Heading {
    /// A ticket, a day or a period.
    pub id: String,
    /// More about it; empty where there is nothing more.
    pub subject: String,
}

/// What the template for unverified addresses sees: nothing a stranger chose.
#[derive(Debug, Serialize)]
pub struct UnverifiedView {
    /// The kind of notice: `update`.
    pub kind: &'static str,
    /// The language the letter is written in: `fr`.
    pub locale: String,
    /// Who writes.
    pub desk: DeskView,
    /// What it is about.
    pub ticket: UnverifiedTicketView,
    /// A technician's words. Other people's are never here.
    pub said: Option<UnverifiedSaidView>,
}

/// The colours of a letter.
#[derive(Debug, Serialize)]
pub struct ThemeView {
    /// Of links and buttons.
    pub accent: String,
    /// The same where the background is dark.
    pub accent_dark: String,
}

/// The desk.
#[derive(Debug, Serialize)]
pub struct DeskView {
    /// What it is called.
    pub name: String,
    /// Where people write to.
    pub address: String,
    /// The picture above its letters in HTML.
    pub logo: Option<LogoView>,
}

/// A picture that travels in the letter.
#[derive(Debug, Serialize)]
pub struct LogoView {
    /// How an `<img>` names it.
    pub src: &'static str,
    /// How high it is shown, in CSS pixels. With a width as well, words that stand for it would be cut off.
    pub height: u32,
}

/// The reader.
#[derive(Debug, Serialize)]
pub struct ToView {
    /// What they are called.
    pub name: Option<String>,
    /// Whether they reported the ticket.
    pub requester: bool,
    /// Whether they work it.
    pub technician: bool,
    /// Whether they are an outside firm it was handed to.
    pub provider: bool,
}

/// The ticket.
#[derive(Debug, Serialize)]
pub struct TicketView {
    /// `INC-1042`.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// Where it stands, in the reader's words.
    pub status: String,
    /// Where it stands, in the word of the store: `waiting-requester`.
    pub status_word: &'static str,
    /// How pressing it is, in the reader's words.
    pub priority: String,
    /// `P1` to `P4`.
    pub priority_word: &'static str,
    /// How pressing it is and what that means, for requesters.
    pub handling: String,
    /// Who is hit, in the reader's words; null when nothing tells.
    pub affected: Option<String>,
    /// Both, for technicians: `P2, important`.
    pub priority_line: String,
    /// What kind of fault it is, in the reader's words.
    pub category: String,
    /// What kind of fault it is, as configured: `network`, `other`.
    pub category_word: String,
    /// Why it is as pressing as it is.
    pub reasons: Vec<ReasonView>,
    /// What somebody of the ticket says of its urgency since then; a technician decides.
    pub claims: Vec<ReasonView>,
    /// Who reported it.
    pub requester: PersonView,
    /// The requester's company.
    pub organisation: Option<String>,
    /// The technician who has it.
    pub assignee: Option<String>,
    /// The team it is with.
    pub team: Option<String>,
    /// Why it happened.
    pub cause: Option<String>,
    /// What helped.
    pub solution: Option<String>,
    /// Minutes worked on it.
    pub minutes: u32,
    /// The ticket it goes on in.
    pub merged_into: Option<String>,
    /// Whether what is written about it goes to everybody whom its outage hits, to each about their own ticket.
    pub shared: bool,
    /// When it was opened.
    pub created: Moment,
    /// When the requester hears from us next.
    pub next_news: Option<Moment>,
    /// Until when it is put aside or waits for an answer.
    pub wakes: Option<Moment>,
}

/// The ticket, for an unverified address.
#[derive(Debug, Serialize)]
pub struct UnverifiedTicketView {
    /// `INC-1042`.
    pub id: String,
    /// Where it stands, in the reader's words.
    pub status: String,
    /// Where it stands, in the word of the store.
    pub status_word: &'static str,
    /// When the requester hears from us next.
    pub next_news: Option<Moment>,
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
pub struct ReasonView {
    /// What it speaks for: `High impact`.
    pub about: String,
    /// The words found, or the fact.
    pub because: String,
    /// Where it was found.
    pub place: String,
}

/// A person.
#[derive(Debug, Serialize)]
pub struct PersonView {
    /// What they call themselves.
    pub name: Option<String>,
    /// Their address.
    pub address: String,
}

/// A ticket in a bundle.
#[derive(Debug, Serialize)]
pub struct LineView {
    /// `INC-1042`.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// `P2`.
    pub priority_word: &'static str,
    /// Who reported it, by name or address.
    pub requester: String,
    /// Whether it is new to the reader.
    pub is_new: bool,
    /// How many messages came.
    pub messages: u32,
    /// A link that prepares an answer about this ticket.
    pub reply: String,
    /// The same with the command to take it.
    pub take: String,
}

/// A recipe.
#[derive(Debug, Serialize)]
pub struct RecipeView {
    /// What it is called where it is kept; for technicians only.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// What to do.
    pub blocks: Vec<Block>,
    /// The words of the mail it was recognised by; of a draft, those it is to be recognised by. May be empty.
    pub words: String,
    /// What it is written in: `fr`.
    pub language: &'static str,
    /// The organisation whose people may be offered it, where there is one.
    pub organisation: Option<String>,
}

/// Something the requester is asked.
#[derive(Debug, Serialize)]
pub struct QuestionView {
    /// 1 for the first.
    pub position: usize,
    /// The question.
    pub ask: String,
}

/// A number that says how content somebody is.
#[derive(Debug, Serialize)]
pub struct ScoreView {
    /// 1 to 5.
    pub score: u8,
    /// How a screen reader says it: `4/5`.
    pub label: String,
    /// A link that prepares the answer.
    pub link: String,
}

/// A person's words.
#[derive(Debug, Serialize)]
pub struct SaidView {
    /// Who said it.
    pub by: String,
    /// Whether a technician of ours did.
    pub by_technician: bool,
    /// When.
    pub at: Moment,
    /// The words, for the text part; may be empty.
    pub text: String,
    /// Whether something was left out of `text`.
    pub cut: bool,
    /// The words, for the HTML part. Not escaped: `{{lines said.html_text}}` does that.
    pub html_text: String,
    /// Whether something was left out of `html_text`.
    pub html_cut: bool,
    /// The names of the files that came with them.
    pub attachments: Vec<String>,
}

/// A technician's words, for an unverified address.
#[derive(Debug, Serialize)]
pub struct UnverifiedSaidView {
    /// Who said it.
    pub by: String,
    /// The words.
    pub text: String,
    /// Whether something was left out.
    pub cut: bool,
}

/// A ticket that another one may be about.
#[derive(Debug, Serialize)]
pub struct RelatedView {
    /// `INC-1041`.
    pub id: String,
    /// Whether the one can go on in the other by a command without a number.
    pub merges: bool,
}

/// An outage, or what may be one.
#[derive(Debug, Serialize)]
pub struct OutageView {
    /// What the ticket is to it: `proposed` (several like reports, no outage yet), `joined` (new, and put under it), `like`
    /// (new, like it, and not under it), `master` or `member`.
    pub kind: &'static str,
    /// The number of its master; null for a proposal.
    pub id: Option<String>,
    /// What technicians call it.
    pub name: Option<String>,
    /// How many people reported it.
    pub people: usize,
    /// When it was reported first; null for a proposal.
    pub since: Option<Moment>,
    /// For a proposal: minutes from the first report to the last, at least 1; else 0.
    pub minutes: i64,
    /// The tickets of a proposal, on one line; else empty.
    pub tickets: String,
    /// What can be answered.
    pub action: Option<OutageActionView>,
}

/// What can be done about an outage by an answer.
#[derive(Debug, Serialize)]
pub struct OutageActionView {
    /// The command, for people who answer by hand, or the ticket to write about.
    pub label: String,
    /// A link that prepares it.
    pub link: String,
}

/// A ticket was brought to the next level.
#[derive(Debug, Serialize)]
pub struct EscalationView {
    /// Who brought it there.
    pub by: String,
    /// Why; null when they did not say it.
    pub why: Option<String>,
}

/// Who has a ticket and is away.
#[derive(Debug, Serialize)]
pub struct StandInView {
    /// As people call them.
    pub name: String,
    /// When they are back.
    pub until: Moment,
}

/// What moved.
#[derive(Debug, Serialize)]
pub struct ProgressView {
    /// One of `escalated`, `reopened`, `taken`, `released`, `waiting-requester`, `waiting-provider`, `snoozed`, `merged`,
    /// `resolved`, `closed` and `same` (nothing moved, and it was promised to say so).
    pub moved: &'static str,
    /// Who has it now.
    pub technician: Option<String>,
    /// Until when it waits.
    pub until: Option<Moment>,
}

/// What somebody is reminded of.
#[derive(Debug, Serialize)]
pub struct ReminderView {
    /// One of `answer` (theirs is awaited), `no-answer` (it never came), `news` (they were promised to the requester),
    /// `unreachable` (the requester cannot be reminded), `provider` (the firm's answer is awaited), `provider-silent` (it
    /// never came).
    pub about: &'static str,
    /// When the ticket is closed without an answer, or when the news is due.
    pub moment: Option<Moment>,
}

/// An outside firm.
#[derive(Debug, Serialize)]
pub struct ProviderView {
    /// What it is called.
    pub name: String,
    /// Our contract number with it.
    pub contract: Option<String>,
    /// Its own name for the ticket.
    pub reference: Option<String>,
    /// Whether it learns of the ticket now.
    pub first: bool,
    /// Whom it asks for on site.
    pub contact: Option<String>,
    /// What was reported.
    pub report: Option<SaidView>,
    /// The command that writes to it: `/handoff orange`.
    pub command: String,
    /// A link that prepares an answer with it.
    pub answer: String,
}

/// One of the ticket's targets.
#[derive(Debug, Serialize)]
pub struct TargetView {
    /// `Resolution`.
    pub name: String,
    /// `by Tuesday 24 November at 14:30`, `late since ...`, `on hold, 3 h 20 min left`, `in time: 2 h of 9 h`.
    pub value: String,
    /// Whether it was missed.
    pub late: bool,
}

/// What became of the commands of a mail.
#[derive(Debug, Serialize)]
pub struct ReceiptView {
    /// What was done.
    pub done: Vec<String>,
    /// What was not done.
    pub refused: Vec<RefusedView>,
    /// What sends the refused ones again.
    pub again: Option<AgainView>,
    /// Whether it was only tried.
    pub dry: bool,
    /// What was taken back.
    pub undone: Vec<String>,
    /// Letters to the outside: those that would go out, or those that cannot be taken back.
    pub letters: Vec<SentLetterView>,
    /// How many more of them there are.
    pub more_letters: usize,
    /// Letters to the outside that wait for a person, or would.
    pub held: Vec<HeldLetterView>,
    /// How many more of them there are.
    pub more_held: usize,
    /// The other tickets concerned.
    pub others: Vec<TicketLineView>,
    /// How many more of them there are.
    pub more_others: usize,
    /// Whether it can be taken back.
    pub can_undo: bool,
    /// What would make a command do more: `no-provider`, `no-address` or nothing.
    pub hint: Option<&'static str>,
    /// Whether the commands are listed: they were asked for, or one was refused.
    pub commands: bool,
}

/// A letter to the outside.
#[derive(Debug, Serialize)]
pub struct SentLetterView {
    /// What it is, in the reader's language.
    pub what: String,
    /// Its recipient.
    pub to: String,
    /// Its ticket, where the receipt is about several.
    pub ticket: Option<String>,
}

/// A letter to the outside that waits for a person.
#[derive(Debug, Serialize)]
pub struct HeldLetterView {
    /// What it is, in the reader's language.
    pub what: String,
    /// Its recipient.
    pub to: String,
    /// Its ticket, where the receipt is about several.
    pub ticket: Option<String>,
    /// Why it waits and what can be done, in sentences.
    pub because: String,
}

/// A ticket on a line.
#[derive(Debug, Serialize)]
pub struct TicketLineView {
    /// `INC-1042`.
    pub id: String,
    /// Where it stands, in the reader's words.
    pub status: String,
    /// `P1` to `P4`.
    pub priority_word: &'static str,
    /// The technician who has it.
    pub assignee: Option<String>,
}

/// The open tickets of a technician.
#[derive(Debug, Serialize)]
pub struct QueueView {
    /// The day: `Tuesday 24 November`.
    pub day: String,
    /// How many tickets are open.
    pub count: usize,
    /// Whether they are more than one.
    pub several: bool,
    /// The tickets, as many as are listed.
    pub lines: Vec<QueueLineView>,
    /// How many are not listed; 0 when all are.
    pub more: usize,
}

/// A ticket of a queue.
#[derive(Debug, Serialize)]
pub struct QueueLineView {
    /// What an answer calls it, 1 for the first.
    pub position: usize,
    /// `INC-1042`.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// `P1` to `P4`.
    pub priority_word: &'static str,
    /// Where it stands, in the reader's words.
    pub status: String,
    /// Who reported it.
    pub requester: String,
    /// For the master of an outage: how many people reported it; else 0.
    pub people: usize,
    /// When the requester hears from us next.
    pub next_news: Option<Moment>,
    /// Whether that moment has passed.
    pub overdue: bool,
    /// When it goes on by itself.
    pub wakes: Option<Moment>,
}

/// A command that was not carried out.
#[derive(Debug, Serialize)]
pub struct RefusedView {
    /// As it was written.
    pub line: String,
    /// Why, in the reader's language.
    pub because: String,
    /// The nearest command there is.
    pub did_you_mean: Option<String>,
}

/// A prepared answer that carries refused orders out.
#[derive(Debug, Serialize)]
pub struct AgainView {
    /// Its link.
    pub link: String,
    /// Its lines, as they would be sent.
    pub lines: Vec<String>,
}

/// `mailto:` links, each an answer to this letter with something on its first line.
#[derive(Debug, Serialize)]
pub struct ActionsView {
    /// An empty answer.
    pub reply: String,
    /// "It works".
    pub yes: String,
    /// "It does not work".
    pub no: String,
    /// The word of `yes`, for people who answer by hand.
    pub yes_word: String,
    /// I take it.
    pub take: String,
    /// It waits for the requester.
    pub wait: String,
    /// It is solved.
    pub resolve: String,
    /// It is done.
    pub close: String,
    /// It is not done after all.
    pub reopen: String,
    /// It is taken back.
    pub undo: String,
    /// The word of `undo`, for people who answer by hand.
    pub undo_word: String,
    /// The draft of a recipe is right.
    pub approve: String,
    /// It is right, and for people of other organisations too.
    pub approve_all: String,
    /// The word of `approve`, for people who answer by hand.
    pub approve_word: String,
    /// The word of `approve_all`, for people who answer by hand.
    pub approve_all_word: String,
    /// The words that a recipe is recognised by, as they are corrected.
    pub words_word: String,
}
