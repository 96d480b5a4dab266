//! What is left of words when a person is erased (`product.md` §14).
//!
//! Their own words go; what others wrote about them stays, without names, addresses, telephone numbers and quotations.
//! What figures are counted from stays as it is: statuses, priorities, scores, minutes, and that somebody said thanks.
//! An address becomes one that stands for it, everything else an ellipsis.
//! Knows no tables: the store asks it about each text.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::life::{self, Birth, Life};
use super::ids::{Address, TicketId};
use super::recipe::discreet::{self, LEFT_OUT};
use super::ticket::{Entry, EntryKind};

/// A subject or a line with fewer characters is no evidence of whose words it is: everybody writes it.
const TELLING: usize = 14;
/// What is left of thanks: they are counted, and say nothing of who said them.
const THANKS: &str = "Thank you.";

/// What a person is recognised by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their addresses. Each keeps its place: what stands for it is numbered by it.
    pub addresses: Vec<Address>,
    /// What they call themselves.
    pub names: BTreeSet<String>,
    /// The subjects of their tickets.
    pub subjects: BTreeSet<String>,
    /// Tickets they have to do with, by number.
    pub tickets: BTreeSet<TicketId>,
    /// Those among them that are theirs or in which they wrote: whatever was written about these may quote them.
    pub quoted_in: BTreeSet<TicketId>,
    /// The first trace of them.
    pub since: Option<Timestamp>,
}

impl Person {
    /// Whether one of their addresses is meant, in whatever case it is written.
    pub fn is(&self, by: &str) -> bool {
        self.place(by).is_some()
    }

    fn place(&self, by: &str) -> Option<usize> {
        let is_it = |address: &Address| address.as_str().eq_ignore_ascii_case(by);
        self.addresses.iter().position(is_it)
    }

    /// Their addresses and full names. One word alone may be anybody's name, or none.
    fn identities(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        let full = self.names.iter().filter(|name| name.trim().contains(' '));
        addresses.chain(full.cloned()).collect()
    }

    /// Adds what is known of them beside.
    pub fn join(&mut self, other: Person) {
        let new = other.addresses.into_iter();
        let new: Vec<Address> = new.filter(|address| !self.is(address.as_str())).collect();
        self.addresses.extend(new);
        self.names.extend(other.names);
        self.subjects.extend(other.subjects);
        self.tickets.extend(other.tickets);
        self.quoted_in.extend(other.quoted_in);
        self.since = [self.since, other.since].into_iter().flatten().min();
    }
}

/// Finds what names a person.
pub struct Traces {
    /// Addresses, full names, tickets in which they may be quoted.
    all: AhoCorasick,
    /// So many of them are addresses.
    addresses: usize,
    /// So many of them are addresses or full names.
    identities: usize,
}

impl Traces {
    /// The traces of a person.
    pub fn of(person: &Person) -> Result<Traces, BuildError> {
        let identities = person.identities();
        let tickets = person.quoted_in.iter().map(ToString::to_string);
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true);
        Ok(Traces {
            addresses: person.addresses.len(),
            identities: identities.len(),
            all: builder.build(identities.into_iter().chain(tickets))?,
        })
    }

    /// Whether a text names one of their addresses, or them in full where `near`: elsewhere somebody else may have that name.
    pub fn name_in(&self, text: &[u8], near: bool) -> bool {
        let count = match near {
            true => self.identities,
            false => self.addresses,
        };
        self.any_in(text, |trace| trace < count)
    }

    /// Whether a text leads to them: names them (in full where `near`, as above), or a ticket in which they may be quoted.
    pub fn are_in(&self, text: &[u8], near: bool) -> bool {
        let names = self.addresses..self.identities;
        self.any_in(text, |trace| near || !names.contains(&trace))
    }

    fn any_in(&self, text: &[u8], counts: impl Fn(usize) -> bool) -> bool {
        self.all.find_overlapping_iter(text).any(|hit| {
            counts(hit.pattern().as_usize()) && stands_alone(text, hit.start(), hit.end())
        })
    }
}

/// Erases one person.
pub struct Erasure {
    /// Its number.
    pub id: i64,
    /// Who is erased.
    pub person: Person,
    /// What names them.
    pub traces: Traces,
    /// What stands where their words stood.
    gone: String,
    /// Their names, word by word.
    names: discreet::People,
    /// Addresses and full names.
    identities: AhoCorasick,
    /// The same, and subjects.
    phrases: AhoCorasick,
}

impl Erasure {
    /// The erasure number `id` of a person, at `now`.
    pub fn new(id: i64, person: Person, now: Timestamp) -> Result<Erasure, BuildError> {
        let mut names = discreet::People::default();
        for name in &person.names {
            names.name(name);
        }
        let identities = person.identities();
        let subjects = person.subjects.iter();
        let telling = subjects.filter(|subject| subject.chars().count() >= TELLING);
        let phrases: Vec<&String> = identities.iter().chain(telling).collect();
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true);
        builder.match_kind(MatchKind::LeftmostLongest);
        Ok(Erasure {
            id,
            gone: format!("(erased on {})", now.strftime("%Y-%m-%d")),
            names,
            traces: Traces::of(&person)?,
            phrases: builder.build(phrases)?,
            identities: builder.build(identities)?,
            person,
        })
    }

    /// What stands for one of their addresses; `None` for anybody else's.
    pub fn stand_in(&self, by: &str) -> Option<Address> {
        let place = self.person.place(by)?;
        Some(Address::stand_in(self.id, place + 1))
    }

    /// Their addresses, each with what stands for it.
    pub fn stand_ins(&self) -> impl Iterator<Item = (&Address, Address)> {
        let places = (1..).zip(&self.person.addresses);
        places.map(|(place, address)| (address, Address::stand_in(self.id, place)))
    }

    /// What is left of something guichet wrote itself: their addresses are replaced, full names and subjects left out.
    fn record(&self, text: &str) -> String {
        self.replaced(&self.phrases, text)
    }

    /// What is left of what others wrote: the same, and without telephone numbers and every part of their names.
    fn words(&self, text: &str) -> String {
        let text = self.names.names_left_out_of(&self.record(text));
        discreet::numbers_left_out_of(&text).into_owned()
    }

    /// What is left of instructions that a technician approved for others: all but addresses and names.
    pub fn approved(&self, text: &str) -> String {
        self.names
            .names_left_out_of(&self.replaced(&self.identities, text))
    }

    fn replaced(&self, what: &AhoCorasick, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut at = 0;
        for hit in what.find_iter(text) {
            if !stands_alone(text.as_bytes(), hit.start(), hit.end()) {
                continue;
            }
            kept.push_str(text.get(at..hit.start()).unwrap_or_default());
            match self.stand_in(text.get(hit.range()).unwrap_or_default()) {
                Some(address) => kept.push_str(address.as_str()),
                None => kept.push_str(LEFT_OUT),
            }
            at = hit.end();
        }
        kept.push_str(text.get(at..).unwrap_or_default());
        kept
    }

    /// The history of the ticket that began with `birth`.
    pub fn history(&self, birth: Birth, entries: &[Entry]) -> History<'_> {
        let mut mails = entries.iter().filter(|entry| entry.kind == EntryKind::Mail);
        let has_opened = mails.next().is_some_and(|first| self.person.is(&first.by));
        let theirs: Vec<&Entry> = entries
            .iter()
            .filter(|entry| self.person.is(&entry.by))
            .collect();
        let lines = theirs.iter().flat_map(|entry| entry.text.lines()).map(bare);
        let telling = lines.filter(|line| line.chars().count() >= TELLING);
        let lines = telling.map(str::to_owned).collect();
        let is_own = has_opened || self.person.is(&birth.requester);
        let mut life = Life::begin(birth, Timestamp::MAX);
        for entry in entries {
            life.tell(entry.at, entry.kind, &entry.by, &entry.text);
        }
        History {
            erasure: self,
            is_own,
            has_written: !theirs.is_empty(),
            lines,
            thanks: life.thanks.into_iter().collect(),
        }
    }
}

/// Whether what stands at a place is no part of a longer word, address or number.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    !before.is_some_and(is_part) && !text.get(end).is_some_and(is_part)
}

/// A line as it was before somebody quoted it.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t', '|']).trim_end()
}

/// What is left of the entries of one ticket.
pub struct History<'e> {
    erasure: &'e Erasure,
    /// They reported it: it is told in their words.
    pub is_own: bool,
    /// They wrote about it.
    pub has_written: bool,
    /// Their lines that tell something.
    lines: BTreeSet<String>,
    /// Mails that are counted as thanks: when, and by whom.
    thanks: BTreeSet<(Timestamp, String)>,
}

impl History<'_> {
    /// What is left of the text of an entry.
    pub fn left_of(&self, entry: &Entry) -> String {
        let is_thanks = || {
            let mut thanks = self.thanks.iter();
            entry.kind == EntryKind::Mail
                && thanks.any(|(at, by)| *at == entry.at && *by == entry.by)
        };
        let is_theirs = self.erasure.person.is(&entry.by);
        match entry.kind {
            EntryKind::Target => entry.text.clone(),
            EntryKind::Kept if life::is_about_quarantine(&entry.text) => self.record(entry),
            EntryKind::Mail
            | EntryKind::Claim
            | EntryKind::Note
            | EntryKind::Kept
            | EntryKind::Command
            | EntryKind::Provider => match is_theirs {
                true if is_thanks() => THANKS.to_owned(),
                true => self.erasure.gone.clone(),
                false => self.others(&entry.text),
            },
            _ => self.record(entry),
        }
    }

    /// What is left of what others wrote in the ticket: the lines they quoted are left out, too.
    pub fn others(&self, text: &str) -> String {
        let lines = text
            .lines()
            .map(|line| match self.lines.contains(bare(line)) {
                true => LEFT_OUT.to_owned(),
                false => self.erasure.words(line),
            });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A record: what stands before the first colon is ours and is counted, what stands behind it may be anybody's words.
    fn record(&self, entry: &Entry) -> String {
        let (first, more) = entry.text.split_once('\n').unwrap_or((&entry.text, ""));
        let (head, tail) = match first.split_once(": ") {
            Some((head, tail)) => (head, Some(tail)),
            None => (first, None),
        };
        let by_guichet = entry.by == "guichet";
        // Why it got its first priority is told in the words of whoever reported it.
        let quotes = entry.kind == EntryKind::Priority && by_guichet && !head.contains(" -> ");
        let is_score = head == "satisfaction";
        let tail = tail.map(|tail| match (quotes && self.is_own, is_score) {
            (true, _) => LEFT_OUT.to_owned(),
            (false, true) => tail.to_owned(),
            (false, false) => self.others(tail),
        });
        let head = self.erasure.record(head);
        let mut left = match tail {
            Some(tail) => format!("{head}: {tail}"),
            None => head,
        };
        // Below that guichet lists words of the mail; a technician goes on.
        let is_told_by_others = !by_guichet && !self.erasure.person.is(&entry.by);
        if is_told_by_others && !more.is_empty() {
            left.push('\n');
            left.push_str(&self.others(more));
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::triage::Priority;

    fn erasure() -> Erasure {
        let person = Person {
            addresses: ["zq@acme.example", "z.quill@home.example"]
                .map(|address| address.parse().unwrap())
                .to_vec(),
            names: ["Zebediah Quillfeather".to_owned()].into(),
            subjects: ["The till of the shop is dead".to_owned()].into(),
            tickets: ["INC-4".parse().unwrap()].into(),
            quoted_in: ["INC-4".parse().unwrap()].into(),
            since: None,
        };
        Erasure::new(7, person, "2026-12-01T10:00:00Z".parse().unwrap()).unwrap()
    }

    fn entry(kind: EntryKind, by: &str, text: &str) -> Entry {
        Entry {
            at: Timestamp::UNIX_EPOCH,
            kind,
            by: by.to_owned(),
            text: text.to_owned(),
            message_id: None,
        }
    }

    fn birth() -> Birth {
        Birth {
            id: "INC-4".parse().unwrap(),
            subject: "The till of the shop is dead".to_owned(),
            desk: "support".to_owned(),
            organisation: None,
            outage: None,
            requester: "zq@acme.example".to_owned(),
            requester_name: None,
            at: Timestamp::UNIX_EPOCH,
            category: "payment".to_owned(),
            team: None,
            priority: Priority::P2,
        }
    }

    #[test]
    fn what_is_counted_stays_and_what_tells_of_them_goes() {
        let erasure = erasure();
        let said = entry(
            EntryKind::Mail,
            "ZQ@acme.example",
            "The left till shows nothing.\nHelp",
        );
        let closed = entry(EntryKind::Status, "Ann Martin", "open -> closed: done");
        let thanks = Entry {
            at: Timestamp::from_second(60).unwrap(),
            ..entry(EntryKind::Mail, "z.quill@home.example", "Merci beaucoup !")
        };
        let history = erasure.history(birth(), &[said, closed, thanks.clone()]);
        assert!(history.is_own && history.has_written);
        assert_eq!(history.left_of(&thanks), "Thank you.");
        for (kind, by, text, left) in [
            (
                EntryKind::Mail,
                "zq@acme.example",
                "Nobody can pay",
                "(erased on 2026-12-01)",
            ),
            (
                EntryKind::Mail,
                "ann@example.org",
                "> The left till shows nothing.\nI called Zebediah at 06 12 34 56 78.",
                "…\nI called … at ….",
            ),
            (
                EntryKind::Status,
                "zq@acme.example",
                "open -> closed: it works",
                "open -> closed: it works",
            ),
            (
                EntryKind::Status,
                "Ann",
                "open -> resolved: Zebediah was told",
                "open -> resolved: … was told",
            ),
            (
                EntryKind::Priority,
                "guichet",
                "P2: impact high (\"the till\")",
                "P2: …",
            ),
            (
                EntryKind::Priority,
                "Ann",
                "P2 -> P1: it is the till",
                "P2 -> P1: it is the till",
            ),
            (
                EntryKind::Fact,
                "zq@acme.example",
                "satisfaction: 4 of 5\ngood",
                "satisfaction: 4 of 5",
            ),
            (
                EntryKind::Fact,
                "Ann",
                "90 minutes worked",
                "90 minutes worked",
            ),
            (
                EntryKind::Fact,
                "Ann",
                "solution: restart\nthen tell zq@acme.example",
                "solution: restart\nthen tell erased-7.1@erased.invalid",
            ),
            (
                EntryKind::Fact,
                "Ann",
                "INC-4 goes on here: The till of the shop is dead",
                "INC-4 goes on here: …",
            ),
            (
                EntryKind::Letter,
                "guichet",
                "update to zq@acme.example, held: nobody vouches for it",
                "update to erased-7.1@erased.invalid, held: nobody vouches for it",
            ),
            (
                EntryKind::Letter,
                "guichet",
                "update to joezq@acme.example",
                "update to joezq@acme.example",
            ),
            (
                EntryKind::Assignment,
                "Ann",
                "Ann Martin has it",
                "Ann Martin has it",
            ),
        ] {
            assert_eq!(history.left_of(&entry(kind, by, text)), left, "{text}");
        }
    }

    #[test]
    fn a_text_leads_to_them_by_whole_words_only() {
        let erasure = erasure();
        for (text, is_in) in [
            ("<ZQ@ACME.example>", true),
            ("[INC-4] again", true),
            ("[INC-42] again", false),
            ("of zebediah quillfeather.", true),
            ("Zebediah called", false),
        ] {
            assert_eq!(
                erasure.traces.are_in(text.as_bytes(), true),
                is_in,
                "{text}"
            );
        }
    }
}
