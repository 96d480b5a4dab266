//! Many people, one fault (`product.md` §11): what is like enough to be proposed as one outage, what joins one that is
//! declared, and who goes along with its master.
//!
//! Grouping is a technician's decision; here it is only proposed, in the letter about the report that was one too many.
//! An outage is a master ticket and the tickets under it. Each keeps its own thread, people, number and budget:
//! letters are made from the ticket of whoever reads them, so that nobody can learn of the others from one. The commands are in
//! `command/outage.rs`.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};

use super::case::Case;
use super::event::{Report, Snapshot};
use super::ids::{Address, TicketId};
use super::promise;
use super::provider;
use super::rules::Rules;
use super::ticket::{Change, EntryKind, Status, Ticket};
use super::triage::like::Matter;
use super::wake;

/// Tickets of one outage. One mail writes to all of them on the thread that others wait for: two hundred take it 0.15 to
/// 0.6 seconds in a build for tests. A larger crowd is a second outage.
pub const TICKETS_MAX: usize = 200;
/// How long before a ticket was opened others may have been that come under its outage: a fault that began yesterday
/// has been seen by somebody.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// When like reports are proposed as an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Different people who report the same.
    pub people: u32,
    /// Within so long.
    pub within: SignedDuration,
}

impl Default for Threshold {
    /// Two people share a bad cable every day, and three at once rarely do. An hour, because the second person looks for the
    /// fault in their own machine first; it is also what triage counts reporters in.
    fn default() -> Self {
        Self {
            people: 3,
            within: super::triage::like::WINDOW,
        }
    }
}

impl Threshold {
    /// Whether `people` are worth a proposal when one of `told` people was made before (0: none was). Twice as many are
    /// news; another letter with the same question is not.
    fn is_met(self, people: u32, told: u32) -> bool {
        people >= self.people.max(told.saturating_mul(2))
    }
}

/// What is known of an outage beside its tickets.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    /// When it was reported first.
    pub since: Timestamp,
    /// Who reported it.
    pub people: BTreeSet<Address>,
    /// How many tickets stand under it, the master included.
    pub tickets: usize,
    /// What people of the sender's organisation reported of it. What others wrote decides nothing about their tickets.
    pub matters: Vec<Matter>,
}

/// Like reports that may be one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// How many different people reported it.
    pub people: u32,
    /// From the first report to the last.
    pub span: SignedDuration,
    /// The tickets, oldest first, the one in hand last.
    pub tickets: Vec<TicketId>,
}

/// What a letter to a technician says of outages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The ticket is one of several like ones: it could be the master of an outage.
    Proposed(Proposal),
    /// The ticket is new and joined an outage.
    Joined(Named),
    /// The ticket is new and like an outage it was not put under.
    Like(Named),
    /// The ticket is the master.
    Master(Named),
    /// The ticket stands under one.
    Member(Named),
}

/// An outage as technicians know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its master.
    pub master: TicketId,
    /// What it is called.
    pub name: Option<String>,
    /// When it was reported first.
    pub since: Timestamp,
    /// How many different people it hits.
    pub people: usize,
}

impl Note {
    /// The outage it names; a proposal names none.
    pub fn named(&self) -> Option<&Named> {
        match self {
            Self::Proposed(_) => None,
            Self::Joined(named) | Self::Like(named) | Self::Master(named) | Self::Member(named) => {
                Some(named)
            }
        }
    }
}

/// What a ticket is about; `None` when nobody can share it.
pub fn matter(ticket: &Ticket) -> Option<Matter> {
    Matter::of(&ticket.category, ticket.urgency, &ticket.reasons)
}

/// The tickets among `reports` that are like `ticket`, oldest first: directly or by way of one another, each within
/// `within` of the next. So whichever ticket of a proposal is made the master, all of them come under it, and those
/// that came since.
pub fn gathered(ticket: &Ticket, reports: &[Report], within: SignedDuration) -> Vec<TicketId> {
    let others = reports
        .iter()
        .filter(|report| !report.in_outage && report.ticket != ticket.id);
    matter(ticket).map_or_else(Vec::new, |own| {
        let mut found = chained(own, ticket.created_at, others.collect(), within);
        found.truncate(TICKETS_MAX - 1);
        found
    })
}

fn chained(
    own: Matter,
    at: Timestamp,
    mut rest: Vec<&Report>,
    within: SignedDuration,
) -> Vec<TicketId> {
    let mut found: Vec<TicketId> = Vec::new();
    let mut next = vec![(own, at)];
    while let Some((matter, at)) = next.pop() {
        let is_near = |report: &Report| report.at.duration_since(at).abs() < within;
        let (like, others): (Vec<&Report>, Vec<&Report>) = rest
            .into_iter()
            .partition(|report| is_near(report) && matter.is_like(&report.matter));
        found.extend(like.iter().map(|report| report.ticket.clone()));
        next.extend(like.iter().map(|report| (report.matter.clone(), report.at)));
        rest = others;
    }
    found.sort_by_key(TicketId::number);
    found
}

/// What a new ticket has to do with others: it joins a running outage that it is like, or it is the like report that makes
/// an outage likely. Gives what staff is told of it.
pub fn arrived(case: &mut Case<'_>) -> Option<Note> {
    let matter = matter(&case.ticket)?;
    let like = running(case, &matter);
    if let Some(master) = like.iter().find(|master| may_join(case, master)) {
        let master = (*master).clone();
        put_under(case, &master, "guichet", "like the reports of the outage");
        return named(case, &master).map(Note::Joined);
    }
    if let Some(proposal) = proposal(case, &matter) {
        case.change(Change::Proposed(proposal.people));
        let others = proposal.tickets.iter().filter(|id| **id != case.ticket.id);
        let others: Vec<String> = others.map(ToString::to_string).collect();
        let text = format!(
            "perhaps an outage: {} people in {} minutes, with {}",
            proposal.people,
            proposal.span.as_mins(),
            others.join(", ")
        );
        case.append(EntryKind::Fact, "guichet", text, None);
        return Some(Note::Proposed(proposal));
    }
    let master = like.first().copied().cloned()?;
    named(case, &master).map(Note::Like)
}

/// The masters of running outages that people of the same organisation reported in like words, the newest first.
fn running<'s>(case: &Case<'s>, matter: &Matter) -> Vec<&'s Ticket> {
    let seen = case.seen;
    let like = seen.outages.iter().rev().filter(|(_, outage)| {
        let mut matters = outage.matters.iter();
        matters.any(|other| matter.is_like(other))
    });
    like.filter_map(|(number, _)| seen.tickets.get(number))
        .filter(|master| !master.status.is_over())
        .collect()
}

/// Over the wall between organisations, and into an outage that is full, only a technician puts a ticket.
fn may_join(case: &Case<'_>, master: &Ticket) -> bool {
    let outage = case.seen.outages.get(&master.id.number());
    master.organisation == case.ticket.organisation
        && outage.is_some_and(|outage| outage.tickets < TICKETS_MAX)
}

/// The like reports of the window, when they are so many that it is proposed to make an outage of them. A proposal that
/// nobody answered within the window counts no longer.
fn proposal(case: &Case<'_>, matter: &Matter) -> Option<Proposal> {
    let periods = case.rules.periods.get(&case.ticket.desk).copied();
    let threshold = periods.unwrap_or_default().outage;
    let counts = |report: &&Report| {
        !report.in_outage
            && report.at > case.now - threshold.within
            && matter.is_like(&report.matter)
    };
    let mut like: Vec<&Report> = case.seen.reports.iter().filter(counts).collect();
    like.sort_by_key(|report| report.ticket.number());
    let requester = &case.ticket.requester.address;
    let people: BTreeSet<&Address> = like
        .iter()
        .map(|report| &report.requester)
        .chain([requester])
        .collect();
    let people = u32::try_from(people.len()).unwrap_or(u32::MAX);
    let told = like.iter().map(|report| report.proposed).max().unwrap_or(0);
    if !threshold.is_met(people, told) {
        return None;
    }
    let first = like.iter().map(|report| report.at).min();
    let others = like.into_iter().map(|report| report.ticket.clone());
    Some(Proposal {
        people,
        span: case.now.duration_since(first.unwrap_or(case.now)),
        tickets: others.chain([case.ticket.id.clone()]).collect(),
    })
}

/// What a letter about the ticket in hand says to a technician, when it belongs to an outage.
pub fn note(case: &Case<'_>) -> Option<Note> {
    let master = case.current(case.ticket.outage.as_ref()?)?;
    let named = named(case, master)?;
    Some(match case.ticket.is_master() {
        true => Note::Master(named),
        false => Note::Member(named),
    })
}

fn named(case: &Case<'_>, master: &Ticket) -> Option<Named> {
    let known = case.seen.outages.get(&master.id.number());
    let tickets = || members(case, &master.id);
    let loaded: Vec<&Ticket> = tickets()
        .iter()
        .filter_map(|id| case.current(id))
        .chain([master])
        .collect();
    let mut people: BTreeSet<&Address> = loaded
        .iter()
        .map(|ticket| &ticket.requester.address)
        .collect();
    // Where only some of its tickets are at hand, the others are known by their reporters.
    people.extend(known.iter().flat_map(|outage| &outage.people));
    let first = loaded.iter().map(|ticket| ticket.created_at);
    let since = first.chain(known.map(|outage| outage.since)).min()?;
    Some(Named {
        master: master.id.clone(),
        name: master.outage_name.clone(),
        since,
        people: people.len(),
    })
}

/// The tickets under a master that are at hand, by number; without the master.
pub fn members(case: &Case<'_>, master: &TicketId) -> Vec<TicketId> {
    let touched = case.touched.values();
    let all = case.seen.tickets.values().chain(touched);
    let numbers: BTreeSet<NonZeroU32> = all
        .chain([&case.ticket])
        .map(|ticket| ticket.id.number())
        .collect();
    let current = numbers.into_iter().filter_map(|number| {
        let id = TicketId::new(master.prefix(), number);
        case.current(&id)
    });
    current
        .filter(|ticket| ticket.master() == Some(master))
        .map(|ticket| ticket.id.clone())
        .collect()
}

/// Whether what `sender` writes about a master is for all that stand under it: a technician's words are, and those of a firm
/// that one of the tickets at hand was handed to.
pub fn is_for_all(rules: &Rules, seen: &Snapshot, sender: &Address) -> bool {
    let mut tickets = seen.tickets.values();
    rules.people.technician(sender).is_some()
        || tickets.any(|ticket| provider::of(rules, seen, ticket, sender).is_some())
}

/// Does `work` with each ticket under the master in hand that `fits`. Those who work them are told with the master.
pub fn with_members(
    case: &mut Case<'_>,
    fits: impl Fn(&Ticket) -> bool,
    work: impl Fn(&mut Case<'_>),
) {
    if !case.ticket.is_master() {
        return;
    }
    let master = case.ticket.id.clone();
    for id in members(case, &master) {
        if case.current(&id).is_some_and(&fits) {
            case.led.insert(id.number());
            case.aside(&id, &work);
        }
    }
}

/// Puts the ticket in hand under `master`, with whoever works that one. What its requester was promised holds.
pub fn put_under(case: &mut Case<'_>, master: &Ticket, by: &str, why: &str) {
    case.change(Change::Outage {
        under: Some(master.id.clone()),
        name: None,
    });
    let text = format!("under the outage {}: {why}", master.id);
    case.append(EntryKind::Fact, by, text, None);
    // Whoever works the master is nudged once, for all of them.
    if case.ticket.nudges_at.is_some() && leader(case).is_some() {
        case.change(Change::Nudge(None));
    }
    // Whoever has begun goes on.
    if case.ticket.assignee.is_none() {
        hand_to_those_of(case, master, by);
    }
    let wanted = match master.status {
        Status::New => return,
        // Nobody can do more about this one than about the others.
        rests @ (Status::WaitingProvider | Status::Snoozed) => rests,
        _ => Status::Open,
    };
    let moves = promise::is_running(&case.ticket) && case.ticket.status != wanted;
    if moves && case.move_to(wanted, by, "as its outage") && wanted != Status::Open {
        case.change(Change::Wake(master.wakes_at));
    }
}

fn hand_to_those_of(case: &mut Case<'_>, master: &Ticket, by: &str) {
    if let Some(team) = &master.team
        && case.ticket.team != master.team
    {
        case.change(Change::Team(Some(team.clone())));
        case.append(EntryKind::Assignment, by, format!("team {team}"), None);
    }
    if let Some(key) = &master.assignee {
        case.change(Change::Assignee(Some(key.clone())));
        let known = case.rules.people.technicians.get(key);
        let name = known.map_or(key.as_str(), |technician| &technician.name);
        let text = format!("{name} has it");
        case.append(EntryKind::Assignment, by, text, None);
    }
}

/// The master the ticket in hand follows: it stands under one that is not over. What that one promises holds for it. One
/// that rests promises nothing: whoever goes on meanwhile follows nobody.
pub fn leader<'c>(case: &'c Case<'_>) -> Option<&'c Ticket> {
    let master = case.current(case.ticket.master()?)?;
    let goes_on_alone = promise::is_running(&case.ticket) && !promise::is_running(master);
    (!master.status.is_over() && !goes_on_alone).then_some(master)
}

/// Lets the running tickets under the master in hand wait for the same news as it does: the earliest that any of their
/// requesters was promised.
pub fn align(case: &mut Case<'_>) {
    if !promise::is_running(&case.ticket) {
        return; // nothing is promised about the master: what was promised to them holds
    }
    let own = case.ticket.id.clone();
    let mut all = members(case, &own);
    all.push(own);
    all.retain(|id| case.current(id).is_some_and(promise::is_running));
    let promised = all.iter().filter_map(|id| case.current(id)?.next_news_at);
    let earliest = promised.min();
    for id in &all {
        case.aside(id, |case| {
            if case.ticket.next_news_at != earliest {
                promise::give(case, earliest);
            }
        });
    }
}

/// Whether everything `member` waits for at `now` is dealt with when the same comes for its master. Whose answer is awaited
/// is reminded in their own thread.
pub fn is_led(member: &Ticket, master: &Ticket, now: Timestamp) -> bool {
    let follows =
        member.master() == Some(&master.id) && !member.status.is_over() && !master.status.is_over();
    let news = member.next_news_at.filter(|at| *at <= now);
    let own_news = news.is_some_and(|at| master.next_news_at.is_none_or(|master| master > at));
    let reminds = member.reminding.is_some_and(|next| next.next_at <= now);
    let own_nudge =
        !promise::is_running(master) && member.nudges_at.is_some_and(|nudge| nudge <= now);
    let wakes_along = (master.status, master.wakes_at) == (member.status, member.wakes_at);
    follows && !own_news && !own_nudge && !reminds && (wakes_along || !wake::is_due(member, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(number: u32, minute: i64, category: &str, words: &[&str]) -> Report {
        Report {
            ticket: format!("INC-{number}").parse().unwrap(),
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute),
            requester: format!("p{number}@acme.example").parse().unwrap(),
            matter: Matter {
                category: category.to_owned(),
                words: words.join("\n"),
            },
            proposed: 0,
            in_outage: false,
        }
    }

    fn gathered_from(minute: i64, words: &[&str], reports: &[Report]) -> Vec<String> {
        let first = report(1, minute, "internet", words);
        let found = chained(
            first.matter,
            first.at,
            reports.iter().collect(),
            SignedDuration::from_mins(60),
        );
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn like_reports_are_gathered_by_way_of_one_another() {
        let reports = [
            report(5, 130, "internet", &["internet"]),
            report(2, 30, "internet", &["internet", "fibre"]),
            report(3, 80, "internet", &["fibre"]),
            report(4, 40, "network", &["internet"]),
            report(6, 45, "internet", &["chrome"]),
            report(7, 200, "internet", &["internet"]),
        ];
        // INC-3 shares no word with the first, INC-5 is near none but INC-3, and shares no word with that.
        assert_eq!(
            gathered_from(0, &["internet"], &reports),
            ["INC-2", "INC-3"]
        );
        assert_eq!(
            gathered_from(75, &["internet"], &reports),
            ["INC-2", "INC-3", "INC-5"],
            "whichever is the first, before it and after it"
        );
        assert_eq!(gathered_from(0, &["wifi"], &reports), [""; 0]);
    }

    #[test]
    fn a_proposal_is_made_again_when_the_people_are_twice_as_many() {
        let threshold = Threshold::default();
        let mut told = 0;
        let mut made = Vec::new();
        for people in 1..=30 {
            if threshold.is_met(people, told) {
                told = people;
                made.push(people);
            }
        }
        assert_eq!(made, [3, 6, 12, 24]);
    }
}
