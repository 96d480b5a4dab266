//! `guichet rehearse` (hidden): fills an empty database with a year of tickets of three organisations.
//!
//! To look at digests, and to measure and check them, without a year of mail. The same seed gives the same year. What is written is
//! what the desk would have written, entry by entry, in its words.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::{Failure, OK, SOFTWARE, counted, settings};
use crate::desk::ids::{Address, Locale, MessageId, TicketId};
use crate::desk::targets::{Clock, Standing, Verdict};
use crate::desk::ticket::{Change, Entry, EntryKind, Requester, Status, Ticket};
use crate::desk::triage::{Impact, Priority, Urgency};
use crate::store::{Store, StoreError, Tx};

/// Tickets that share a transaction.
const TICKETS_PER_COMMIT: u32 = 500;

/// How large a year.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What chance is drawn from.
    pub seed: u64,
    /// How many tickets.
    pub tickets: u32,
    /// The first moment.
    pub from: Timestamp,
    /// How many days.
    pub days: u32,
}

/// Category, subject, cause, solution, weight.
const FAULTS: [(&str, &str, &str, &str, u64); 14] = [
    (
        "printing",
        "Imprimante Compta bloquée",
        "Rouleau usé",
        "Rouleau nettoyé",
        10,
    ),
    (
        "printing",
        "Toner vide au deuxième étage",
        "Toner vide",
        "Toner remplacé",
        4,
    ),
    (
        "network",
        "Wi-Fi lent en salle de réunion",
        "Borne saturée",
        "Canal changé",
        7,
    ),
    (
        "network",
        "VPN coupé depuis ce matin",
        "Certificat expiré",
        "Certificat renouvelé",
        6,
    ),
    (
        "account",
        "Mot de passe oublié",
        "Mot de passe oublié",
        "Mot de passe réinitialisé",
        12,
    ),
    (
        "account",
        "Compte bloqué après les congés",
        "Compte verrouillé",
        "Compte débloqué",
        5,
    ),
    (
        "messaging",
        "Messages qui n’arrivent pas",
        "Boîte pleine",
        "Quota relevé",
        8,
    ),
    (
        "data",
        "Fichier perdu sur le serveur",
        "Suppression par erreur",
        "Fichier restauré",
        5,
    ),
    (
        "data",
        "Dossier partagé disparu",
        "Suppression par erreur",
        "Dossier restauré",
        3,
    ),
    (
        "security",
        "Courriel suspect, phishing ?",
        "Hameçonnage",
        "Expéditeur bloqué",
        7,
    ),
    (
        "application",
        "Logiciel de paie très lent",
        "Mise à jour en cours",
        "Mise à jour terminée",
        6,
    ),
    (
        "application",
        "Erreur à l’ouverture de la facturation",
        "Mise à jour incomplète",
        "Réinstallé",
        6,
    ),
    (
        "payment",
        "Terminal de paiement hors service",
        "Réseau coupé",
        "Terminal redémarré",
        4,
    ),
    (
        "telephony",
        "Standard muet",
        "Panne de l’opérateur",
        "Ligne rétablie",
        3,
    ),
];
const PEOPLE: [(&str, &str, &str); 9] = [
    ("acme", "Marie Dupont", "marie@acme.example"),
    ("acme", "Karim Benali", "karim@acme.example"),
    ("acme", "Sarah Cohen", "sarah@acme.example"),
    ("acme", "Luc Moreau", "luc@acme.example"),
    ("boutiques", "Julie Petit", "julie@boutiques.example"),
    ("boutiques", "Hugo Roux", "hugo@boutiques.example"),
    ("boutiques", "Inès Faure", "ines@boutiques.example"),
    ("cabinet", "Anne Leroy", "anne@cabinet.example"),
    ("cabinet", "Paul Girard", "paul@cabinet.example"),
];
const TECHNICIANS: [&str; 3] = ["Ann Martin", "Paul Diop", "Nina Kovac"];

/// Fills the database of the configuration, which has to be empty.
pub fn run(
    config: Option<&Path>,
    seed: u64,
    tickets: u32,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let store = Store::open(&settings.store)?;
    if store.reader()?.ticket_counts()?.1 > 0 {
        return Err(Failure::new(
            SOFTWARE,
            "the database has tickets; rehearse with an empty one",
        ));
    }
    let from = "2025-12-01T00:00:00Z"
        .parse()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let plan = Plan {
        seed,
        tickets,
        from,
        days: 365,
    };
    let entries = year(&store, plan)?;
    let (tickets, entries) = (counted(tickets, "ticket"), counted(entries, "entry"));
    writeln!(out, "{tickets} with {entries}")?;
    Ok(OK)
}

/// Writes the tickets of a year. Gives the number of entries.
pub fn year(store: &Store, plan: Plan) -> Result<u64, StoreError> {
    let mut chance = Chance(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut written = 0;
    let mut number = 0;
    while number < plan.tickets {
        let last = plan.tickets.min(number + TICKETS_PER_COMMIT);
        let mut stories = Vec::new();
        while number < last {
            number += 1;
            stories.push(story(plan, number, &mut chance));
        }
        written += stories
            .iter()
            .map(|story| story.entries.len() as u64)
            .sum::<u64>();
        store.write_blocking(move |tx| stories.iter().try_for_each(|story| story.write(tx)))?;
    }
    Ok(written)
}

/// A ticket with its history.
struct Story {
    ticket: Ticket,
    changes: Vec<(Timestamp, Change)>,
    entries: Vec<Entry>,
    now: Timestamp,
}

impl Story {
    fn write(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.open_ticket(&self.ticket)?;
        let mut after = self.ticket.clone();
        for (at, change) in &self.changes {
            after.apply(change, *at);
        }
        after.updated_at = self.now;
        tx.rewrite_ticket(&self.ticket, &after)?;
        self.entries
            .iter()
            .try_for_each(|entry| tx.append_entry(&self.ticket.id, entry))
    }

    fn tell(&mut self, kind: EntryKind, by: &str, text: impl Into<String>) {
        self.entries.push(Entry {
            at: self.now,
            kind,
            by: by.to_owned(),
            text: text.into(),
            message_id: None,
        });
    }

    fn pass(&mut self, minutes: u64) {
        let wait = SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(0));
        self.now = self.now.checked_add(wait).unwrap_or(self.now);
    }

    fn change(&mut self, change: Change) {
        self.changes.push((self.now, change));
    }

    fn moved(&mut self, from: Status, to: Status, by: &str, why: &str) {
        self.change(Change::Status(to));
        self.tell(
            EntryKind::Status,
            by,
            format!("{} -> {}: {why}", from.word(), to.word()),
        );
    }

    fn judge(
        &mut self,
        status: Status,
        priority: Priority,
        first_answer: Clock,
        resolution: Clock,
    ) {
        let standing = Standing {
            priority,
            status,
            first_answer,
            resolution,
            requester_took: SignedDuration::ZERO,
            provider_took: SignedDuration::ZERO,
        };
        self.tell(EntryKind::Target, "guichet", standing.to_string());
    }
}

/// Numbers that look like chance and are always the same (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn rarely(&mut self, in_a_thousand: u64) -> bool {
        self.below(1_000) < in_a_thousand
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len() as u64);
        of.get(usize::try_from(at).unwrap_or_default())
    }
}

fn opened(plan: Plan, number: u32, chance: &mut Chance) -> (Ticket, &'static str, &'static str) {
    let weights: u64 = FAULTS.iter().map(|fault| fault.4).sum();
    let mut draw = chance.below(weights);
    let fault = FAULTS.iter().find(|fault| {
        let here = draw < fault.4;
        draw = draw.saturating_sub(fault.4);
        here
    });
    let (category, subject, cause, solution, _) =
        fault.copied().unwrap_or(("other", "Question", "-", "-", 1));
    let (organisation, name, address) =
        chance
            .one(&PEOPLE)
            .copied()
            .unwrap_or(("acme", "Marie Dupont", "marie@acme.example"));
    let length = u64::from(plan.days) * 1_440;
    let minute =
        u64::from(number - 1) * length / u64::from(plan.tickets.max(1)) + chance.below(600);
    let at = plan.from.checked_add(SignedDuration::from_mins(
        i64::try_from(minute).unwrap_or(0),
    ));
    let at = at.unwrap_or(plan.from);
    let levels = [
        (Impact::Low, Urgency::Low),
        (Impact::Low, Urgency::High),
        (Impact::Medium, Urgency::High),
        (Impact::High, Urgency::High),
    ];
    let (impact, urgency) = match chance.below(20) {
        0 => levels[3],
        1..=3 => levels[2],
        4..=9 => levels[1],
        _ => levels[0],
    };
    let id = TicketId::new("INC", NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN));
    let root = format!("inc-{number}.root@example.org");
    let address: Address = address.parse().expect("an address written here");
    let ticket = Ticket {
        desk: "support".to_owned(),
        subject: subject.to_owned(),
        status: Status::New,
        impact,
        urgency,
        priority: Priority::of(impact, urgency),
        reasons: Vec::new(),
        category: category.to_owned(),
        requester: Requester {
            address,
            name: Some(name.to_owned()),
            locale: Locale::parse("fr").expect("a locale written here"),
        },
        watchers: Vec::new(),
        assignee: None,
        team: Some("infra".to_owned()),
        organisation: Some(organisation.to_owned()),
        cause: None,
        solution: None,
        minutes_spent: 0,
        links: Vec::new(),
        merged_into: None,
        outage: None,
        outage_name: None,
        proposed: 0,
        root: MessageId::parse(&root).expect("an id written here"),
        created_at: at,
        updated_at: at,
        next_news_at: None,
        first_answer_due_at: None,
        resolution_due_at: None,
        reminding: None,
        nudges_at: None,
        ended_at: None,
        wakes_at: None,
        id,
    };
    (ticket, cause, solution)
}

/// One ticket's story. Most are taken, answered and solved; some wait, come back, are merged or forgotten.
fn story(plan: Plan, number: u32, chance: &mut Chance) -> Story {
    let (ticket, cause, solution) = opened(plan, number, chance);
    let requester = ticket.requester.address.to_string();
    let mut priority = ticket.priority;
    let begin = ticket.created_at;
    let by = *chance.one(&TECHNICIANS).unwrap_or(&"Ann Martin");
    let agreed = |hours| SignedDuration::from_hours(hours);
    let (answer_in, solve_in) = (agreed(4), agreed(27));
    let due = |wait: SignedDuration| Clock::Due(begin.checked_add(wait).unwrap_or(begin));
    let text = ticket.subject.clone();
    let explained = format!(
        "{}: impact {} x urgency {}",
        priority.word(),
        ticket.impact.word(),
        ticket.urgency.word()
    );
    let mut story = Story {
        ticket,
        changes: Vec::new(),
        entries: Vec::new(),
        now: begin,
    };
    if chance.rarely(2) {
        story.tell(EntryKind::Kept, &requester, "A mail could not be read and is in quarantine: too many parts. See `guichet quarantine list`.");
        return story;
    }
    story.tell(
        EntryKind::Mail,
        &requester,
        format!("Bonjour,\n\n{text}. Pouvez-vous regarder ?\n\nMerci"),
    );
    story.tell(EntryKind::Priority, "guichet", explained);
    story.judge(Status::New, priority, due(answer_in), due(solve_in));
    let held = if chance.happens(3) {
        ", held: over budget: 3 in 10m to this address"
    } else {
        ""
    };
    story.tell(
        EntryKind::Letter,
        "guichet",
        format!("acknowledgement to {requester}{held}"),
    );
    story.tell(
        EntryKind::Letter,
        "guichet",
        "new-ticket to ann@example.org",
    );
    if chance.happens(2) {
        story.pass(5);
        story.tell(
            EntryKind::Delivery,
            "guichet",
            format!("acknowledgement to {requester} not delivered: 550 5.1.1 no such user"),
        );
    }
    if chance.rarely(3) {
        return story; // nobody ever took it
    }
    story.pass(5 + chance.below(400));
    story.tell(EntryKind::Assignment, by, format!("{by} has it"));
    story.moved(Status::New, Status::Open, by, "taken");
    if chance.happens(8) {
        let to = *chance.one(&Priority::ALL).unwrap_or(&Priority::P2);
        story.tell(
            EntryKind::Priority,
            by,
            format!("{} -> {}: vu avec l’équipe", priority.word(), to.word()),
        );
        priority = to;
    }
    if chance.happens(6) {
        story.change(Change::Category("hardware".to_owned()));
        story.tell(EntryKind::Fact, by, "category: hardware");
    }
    if chance.happens(2) {
        story.moved(Status::Open, Status::Merged, by, "the same as another");
        return story;
    }
    story.pass(chance.below(120));
    let used = SignedDuration::from_mins(story.now.duration_since(begin).as_mins().min(20 * 60));
    let answered = Clock::Ended(Verdict {
        used,
        agreed: answer_in,
    });
    story.tell(EntryKind::Mail, by, "Je regarde et je reviens vers vous.");
    story.tell(
        EntryKind::Letter,
        "guichet",
        format!("update to {requester}"),
    );
    story.judge(Status::Open, priority, answered, due(solve_in));
    if chance.rarely(5) {
        return story; // still being worked on
    }
    if chance.happens(3) {
        story.pass(10);
        mistake(&mut story, by);
    }
    let longest = if chance.happens(80) { 600 } else { 9_000 };
    story.pass(20 + chance.below(longest));
    let minutes = 5 * (1 + chance.below(18));
    story.tell(EntryKind::Fact, by, format!("{minutes} minutes worked"));
    story.tell(EntryKind::Fact, by, format!("cause: {cause}"));
    story.tell(EntryKind::Fact, by, format!("solution: {solution}"));
    solved(&mut story, by, priority, answered, begin, solve_in);
    if chance.happens(7) {
        story.pass(60 + chance.below(3_000));
        story.tell(
            EntryKind::Mail,
            &requester,
            "Cela recommence, le problème est revenu.",
        );
        story.moved(
            Status::Resolved,
            Status::Open,
            &requester,
            "the requester is not done",
        );
        story.judge(Status::Open, priority, answered, due(solve_in));
        if chance.happens(10) {
            return story;
        }
        story.pass(30 + chance.below(2_000));
        solved(&mut story, by, priority, answered, begin, solve_in);
    }
    story.pass(30 + chance.below(4_000));
    if chance.happens(40) {
        story.tell(EntryKind::Mail, &requester, "Oui, merci beaucoup !");
        story.moved(
            Status::Resolved,
            Status::Closed,
            &requester,
            "the requester says it works",
        );
    } else {
        story.moved(
            Status::Resolved,
            Status::Closed,
            "guichet",
            "nobody objected",
        );
    }
    story.tell(
        EntryKind::Letter,
        "guichet",
        format!("closed to {requester}"),
    );
    if chance.happens(15) {
        story.pass(chance.below(600));
        let score = chance.one(&[5, 5, 4, 4, 4, 3, 2, 1]).unwrap_or(&4);
        let text = format!("satisfaction: {score} of 5");
        story.tell(EntryKind::Fact, &requester, text);
    }
    story
}

/// Somebody closes the wrong ticket, sees it and takes it back (`/undo`).
fn mistake(story: &mut Story, by: &str) {
    for fact in [
        "15 minutes worked",
        "cause: Erreur de manipulation",
        "solution: Poste redémarré",
    ] {
        story.tell(EntryKind::Fact, by, fact);
    }
    story.moved(Status::Open, Status::Resolved, by, "solved");
    story.pass(15);
    for holds in ["15 minutes worked", "no solution", "no cause"] {
        story.tell(EntryKind::Fact, "guichet", format!("taken back, {holds}"));
    }
    story.moved(Status::Resolved, Status::Open, "guichet", "taken back");
}

fn solved(
    story: &mut Story,
    by: &str,
    priority: Priority,
    answered: Clock,
    begin: Timestamp,
    agreed: SignedDuration,
) {
    let used = SignedDuration::from_mins(story.now.duration_since(begin).as_mins() / 3);
    let requester = story.ticket.requester.address.to_string();
    story.moved(Status::Open, Status::Resolved, by, "solved");
    story.tell(
        EntryKind::Letter,
        "guichet",
        format!("resolved to {requester}"),
    );
    story.judge(
        Status::Resolved,
        priority,
        answered,
        Clock::Ended(Verdict { used, agreed }),
    );
}
