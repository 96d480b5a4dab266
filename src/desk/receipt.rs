//! What a technician is told of the commands of a mail: what was done, what was not and why.
//!
//! `orders.rs` makes receipts, `scribe` says each refusal in the reader's language.

use super::act::SentLetter;
use super::hold::Hold;
use super::ids::TicketId;
use super::sheet::SheetId;
use super::ticket::Ticket;

/// What became of the commands of one mail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// What was done: the commands as they were understood, spelled in full, one line each.
    pub done: Vec<String>,
    /// What was not done.
    pub refused: Vec<Refused>,
    /// The commands were only tried: nothing was done.
    pub dry: bool,
    /// The list of the commands was asked for.
    pub help: bool,
    /// The commands that were taken back.
    pub undone: Vec<String>,
    /// The letters to requesters and watchers that go with it: those that would go out when it was only tried, and
    /// those that can no longer be stopped when it was taken back.
    pub letters: Vec<SentLetter>,
    /// The letters to requesters and watchers that wait for a person, or would.
    pub held: Vec<HeldLetter>,
    /// The other tickets concerned, as they stand.
    pub others: Vec<Ticket>,
    /// It can be taken back with `/undo`.
    pub can_undo: bool,
    /// What sends the refused orders again, so that they are carried out.
    pub again: Option<Again>,
    /// What would make a command do more.
    pub hint: Option<Hint>,
    /// The queue letter that was answered: answers to the receipt are about the same list.
    pub sheet: Option<SheetId>,
}

impl Receipt {
    /// Whether its letters say which ticket they are about: that is not always `ticket`.
    pub fn names_tickets(&self, ticket: &TicketId) -> bool {
        let held = self.held.iter().map(|held| &held.letter);
        let mut about = self.letters.iter().chain(held).map(|letter| &letter.ticket);
        !self.others.is_empty() || about.any(|about| about.as_ref() != Some(ticket))
    }
}

/// A letter that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLetter {
    /// What it is, and to whom.
    pub letter: SentLetter,
    /// Why it waits.
    pub because: Hold,
}

/// What would make a command do more than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Nobody was written to: no outside firm is configured.
    NoProvider,
    /// Nobody was written to: the firm has no address in the configuration.
    NoAddress,
}

impl Hint {
    /// The word templates choose their sentence by.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoProvider => "no-provider",
            Self::NoAddress => "no-address",
        }
    }
}

/// An answer to a receipt that is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// Its lines.
    pub text: String,
    /// Whether a word that confirms has to follow them, in the reader's language.
    pub confirms: bool,
}

/// A command that was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line as it was written.
    pub line: String,
    /// Why.
    pub because: Refusal,
    /// What of it does not exist, fits several or makes no sense, as the sentence names it.
    pub named: Option<String>,
    /// The nearest command we know.
    pub did_you_mean: Option<String>,
}

/// Why something is refused, before it is said of which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct No {
    /// Why.
    pub because: Refusal,
    /// See `Refused`.
    pub named: Option<String>,
    /// See `Refused`.
    pub did_you_mean: Option<String>,
}

impl No {
    /// Refused because of what is named.
    pub fn named(because: Refusal, what: impl ToString) -> Self {
        Self {
            named: Some(what.to_string()),
            ..because.into()
        }
    }

    /// The same with what was probably meant.
    pub fn did_you_mean(self, meant: String) -> Self {
        Self {
            did_you_mean: Some(meant),
            ..self
        }
    }

    /// The same said of a line.
    pub fn of(self, line: &str) -> Refused {
        Refused {
            line: line.to_owned(),
            because: self.because,
            named: self.named,
            did_you_mean: self.did_you_mean,
        }
    }
}

impl From<Refusal> for No {
    fn from(because: Refusal) -> Self {
        Self {
            because,
            named: None,
            did_you_mean: None,
        }
    }
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such command.
    Unknown,
    /// Nothing stands after a command that wants something.
    Missing,
    /// Something stands after a command that wants nothing.
    Superfluous,
    /// What is named is no level.
    Level,
    /// What is named is no length of time.
    Duration,
    /// What is named is no number of a ticket.
    TicketNumber,
    /// There is no ticket of this name.
    NoTicket,
    /// No ticket is named, and which one is meant does not go without saying.
    WhichTicket,
    /// The ticket named is the one it is about.
    Itself,
    /// No technician is called like that.
    NoPerson,
    /// Nobody is named, and at the shell nobody is meant.
    Nobody,
    /// No team is called like that.
    NoTeam,
    /// Nobody is above: its team has no lead, or the lead has it.
    NoLead,
    /// What is named is no address.
    Address,
    /// What is named is an address of ours.
    OwnAddress,
    /// More commands than one mail may have.
    TooMany,
    /// Too short or too long for a recipe.
    RecipeText,
    /// The list has no such number.
    NoRow,
    /// The number of a ticket must stand before it.
    RowFirst,
    /// The date or duration after it is not understood.
    Moment,
    /// The moment it names has passed.
    Past,
    /// The moment it names is more than a year away.
    TooFar,
    /// What is named fits several people.
    Ambiguous,
    /// The people of the two tickets are not of one house.
    Wall,
    /// It must be the only command of its mail.
    Alone,
    /// No outside firm is called like that.
    Provider,
    /// There is no receipt that could be taken back.
    NothingToUndo,
    /// What was ordered only adds to the history.
    Stays,
    /// Something has been changed since, by somebody else or by a later mail.
    ChangedSince,
    /// So much at once must be confirmed.
    Confirm,
    /// The ticket's state does not allow it.
    NotNow,
    /// The same words of the same person were dealt with already, under another Message-ID.
    Repeated,
    /// It does not answer a letter of ours to this technician about this ticket.
    NotProven,
    /// It answers a letter that was written to somebody else.
    OthersLetter,
    /// The letter it answers is too old.
    OldLetter,
    /// No trusted server says that the mail comes from where it says.
    NotAuthenticated,
    /// The mail's date is missing or far from now.
    OddDate,
    /// From names nobody or several.
    OddSender,
    /// The ticket has no solution that a recipe could be made of.
    NoSolution,
    /// The ticket's recipe is in force already, or another one has the same title.
    RecipeExists,
    /// There is no draft of a recipe to approve or correct.
    NoDraft,
    /// Nothing says what the recipe is to be recognised by.
    NoWords,
    /// Nobody is erased by mail.
    EraseAtShell,
    /// Nobody's data are exported by mail.
    ExportAtShell,
    /// Another command of the same mail was refused, so none was carried out.
    WithTheOthers,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Refusal; 45] = [
        Self::Unknown,
        Self::Missing,
        Self::Superfluous,
        Self::Level,
        Self::Duration,
        Self::TicketNumber,
        Self::NoTicket,
        Self::WhichTicket,
        Self::Itself,
        Self::NoPerson,
        Self::Nobody,
        Self::NoTeam,
        Self::NoLead,
        Self::Address,
        Self::OwnAddress,
        Self::TooMany,
        Self::RecipeText,
        Self::NoRow,
        Self::RowFirst,
        Self::Moment,
        Self::Past,
        Self::TooFar,
        Self::Ambiguous,
        Self::Wall,
        Self::Alone,
        Self::Provider,
        Self::NothingToUndo,
        Self::Stays,
        Self::ChangedSince,
        Self::Confirm,
        Self::NotNow,
        Self::Repeated,
        Self::NotProven,
        Self::OthersLetter,
        Self::OldLetter,
        Self::NotAuthenticated,
        Self::OddDate,
        Self::OddSender,
        Self::NoSolution,
        Self::RecipeExists,
        Self::NoDraft,
        Self::NoWords,
        Self::EraseAtShell,
        Self::ExportAtShell,
        Self::WithTheOthers,
    ];

    /// The word templates choose their sentence by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Missing => "missing",
            Self::Superfluous => "superfluous",
            Self::Level => "level",
            Self::Duration => "duration",
            Self::TicketNumber => "ticket-number",
            Self::NoTicket => "no-ticket",
            Self::WhichTicket => "which-ticket",
            Self::Itself => "itself",
            Self::NoPerson => "no-person",
            Self::Nobody => "nobody",
            Self::NoTeam => "no-team",
            Self::NoLead => "no-lead",
            Self::Address => "address",
            Self::OwnAddress => "own-address",
            Self::TooMany => "too-many",
            Self::RecipeText => "recipe-text",
            Self::NoRow => "no-row",
            Self::RowFirst => "row-first",
            Self::Moment => "moment",
            Self::Past => "past",
            Self::TooFar => "too-far",
            Self::Ambiguous => "ambiguous",
            Self::Wall => "wall",
            Self::Alone => "alone",
            Self::Provider => "provider",
            Self::NothingToUndo => "nothing-to-undo",
            Self::Stays => "stays",
            Self::ChangedSince => "changed-since",
            Self::Confirm => "confirm",
            Self::NotNow => "not-now",
            Self::Repeated => "repeated",
            Self::NotProven => "not-proven",
            Self::OthersLetter => "others-letter",
            Self::OldLetter => "old-letter",
            Self::NotAuthenticated => "not-authenticated",
            Self::OddDate => "odd-date",
            Self::OddSender => "odd-sender",
            Self::NoSolution => "no-solution",
            Self::RecipeExists => "recipe-exists",
            Self::NoDraft => "no-draft",
            Self::NoWords => "no-words",
            Self::EraseAtShell => "erase-at-shell",
            Self::ExportAtShell => "export-at-shell",
            Self::WithTheOthers => "with-the-others",
        }
    }
}
