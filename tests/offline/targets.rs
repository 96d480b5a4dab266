//! Targets through weekends, holidays, changes of the clock and of the configuration.
//!
//! Each test is a conversation with the real desk and store. After each step what stands on a ticket must be what its
//! entries tell.

use guichet::desk::targets::{Clock, Course, Standing};
use guichet::desk::ticket::{EntryKind, Ticket};
use guichet::gateway;
use jiff::Timestamp;

use crate::answers::fill;
use crate::world::{Arrival, CONFIG, World};

/// The moment a clock in Paris shows.
fn paris(wall: &str) -> Timestamp {
    let wall: jiff::civil::DateTime = wall.parse().expect("a date and an hour");
    wall.in_tz("Europe/Paris")
        .expect("a zone everybody has")
        .timestamp()
}

/// A firm with nine hours to answer and nine to resolve, whatever the priority.
fn config() -> String {
    let aims = ["P1", "P2", "P3", "P4"]
        .map(|p| format!("{p} = {{ first_answer = \"9h\", resolution = \"9h\" }}\n"));
    format!("{CONFIG}\n[targets]\n{}", aims.concat())
}

struct Conversation {
    world: World,
    mails: u32,
}

impl Conversation {
    fn new(config: &str) -> Self {
        Self {
            world: World::with(config),
            mails: 0,
        }
    }

    fn reopen(self, config: &str) -> Self {
        Self {
            world: self.world.reopened(config),
            ..self
        }
    }

    fn mail(&mut self, at: Timestamp, from: &str, to: &str, more: &str, text: &str) -> Ticket {
        self.mails += 1;
        let date = at.in_tz("Europe/Paris").expect("a zone everybody has");
        let date = jiff::fmt::rfc2822::to_string(&date).expect("a year that mail can write");
        let domain = from.split('@').next_back().unwrap_or_default();
        let mail = format!(
            "Received: from mail.{domain} by mx.example.org with ESMTPS; {date}\r\nFrom: <{from}>\r\nTo: {to}\r\nDate: {date}\r\n\
             Message-ID: <{}@{domain}>\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
            self.mails
        );
        let mail = fill(&self.world, &mail);
        self.world
            .receive(Arrival::at_support(self.mails.to_string(), mail), at);
        self.ticket()
    }

    fn asks(&mut self, at: Timestamp, from: &str) -> Ticket {
        let text = "Bonjour, comment changer ma photo dans l'annuaire ?";
        self.mail(at, from, "support@example.org", "Subject: Photo\r\n", text)
    }

    fn ann(&mut self, at: Timestamp, text: &str) -> Ticket {
        let to = "{{reply-to of new-ticket to ann@example.org}}";
        let more = "Subject: {{subject of new-ticket to ann@example.org}}\r\n";
        self.mail(at, "ann@example.org", to, more, text)
    }

    fn requester(&mut self, at: Timestamp, text: &str) -> Ticket {
        let to = "{{reply-to of acknowledgement to marie@acme.example}}";
        let more = "Subject: {{subject of acknowledgement to marie@acme.example}}\r\n";
        self.mail(at, "marie@acme.example", to, more, text)
    }

    /// The only ticket, found to be as its entries tell.
    fn ticket(&self) -> Ticket {
        let ticket = self.world.tickets().pop().expect("there is a ticket");
        self.told(&ticket);
        ticket
    }

    /// What the ticket's entries say last.
    fn told(&self, ticket: &Ticket) -> Standing {
        told(&self.world, ticket).unwrap_or_else(|wrong| panic!("{wrong}"))
    }
}

/// Where a ticket's clocks stand by its entries. Fails when the ticket shows something else, or when reckoning from the very
/// beginning gives something else.
pub fn told(world: &World, ticket: &Ticket) -> Result<Standing, String> {
    let course = Course::of(&world.entries(ticket)).ok_or("no entries")?;
    let told = course.told.clone().ok_or("no entry about targets")?;
    if (course.status(), course.priority) != (ticket.status, ticket.priority) {
        return Err(format!("{course:?} is not {ticket:?}"));
    }
    for (clock, due) in [
        (told.first_answer, ticket.first_answer_due_at),
        (told.resolution, ticket.resolution_due_at),
    ] {
        let is_right = match clock {
            Clock::Due(at) => due == Some(at),
            Clock::Stopped(_) | Clock::None => due.is_none(),
            Clock::Ended(_) => true,
        };
        if !is_right {
            return Err(format!("{told} is shown as {due:?}"));
        }
    }
    let target = world.gateway.rules.agreements.target_of(ticket);
    let again = course.reckon(&target, ticket.updated_at);
    match told.agrees_with(&again) {
        true => Ok(told),
        false => Err(format!("told: {told}, reckoned anew: {again}")),
    }
}

#[test]
fn a_day_of_work_spans_the_first_of_may() {
    let mut talk = Conversation::new(&config());
    let ticket = talk.asks(paris("2026-04-30T15:00"), "marie@acme.example");
    // Three hours on Thursday; Friday is the first of May; six hours on Monday.
    assert_eq!(ticket.resolution_due_at, Some(paris("2026-05-04T15:00")));
    assert_eq!(ticket.first_answer_due_at, ticket.resolution_due_at);
    let ticket = talk.ann(paris("2026-05-04T14:59"), "C'est fait.\r\n\r\n/resolu");
    let told = talk.told(&ticket);
    assert_eq!(
        told.to_string(),
        format!(
            "{} resolved: first answer kept, 8h 59m of 9h; resolution kept, 8h 59m of 9h",
            ticket.priority.word()
        )
    );
    // Five business days later it closes: the 8th is a holiday, the 14th is Ascension.
    talk.world.tick(paris("2026-05-12T14:58"));
    assert_eq!(talk.ticket().status.word(), "resolved");
    talk.world.tick(paris("2026-05-12T14:59"));
    assert_eq!(talk.ticket().status.word(), "closed");
    assert_eq!(talk.told(&talk.ticket()).resolution, told.resolution);
}

#[test]
fn an_organisation_in_alsace_keeps_good_friday() {
    let more = "holidays = \"FR-67\"";
    let mut here = Conversation::new(&config());
    let mut there = Conversation::new(&config().replace(
        "domains = [\"acme.example\"]",
        &format!("domains = [\"acme.example\"]\n{more}"),
    ));
    let thursday = paris("2026-04-02T18:00");
    let due = |talk: &mut Conversation| talk.asks(thursday, "marie@acme.example").resolution_due_at;
    assert_eq!(due(&mut here), Some(paris("2026-04-03T18:00")));
    assert_eq!(
        due(&mut there),
        Some(paris("2026-04-07T18:00")),
        "Easter Monday as well"
    );
}

#[test]
fn a_night_team_works_through_the_change_of_the_clocks() {
    let night = |config: String| {
        config.replace(
            "members = [\"ann\", \"paul\"]",
            "members = [\"ann\", \"paul\"]\nhours = \"Mo-Su 22:00-06:00\"",
        )
    };
    // Clocks go forward on 29 March 2026: that night has seven hours, so that two more are due the next evening.
    let mut spring = Conversation::new(&night(config()));
    let ticket = spring.asks(paris("2026-03-28T22:00"), "marie@acme.example");
    assert_eq!(ticket.resolution_due_at, Some(paris("2026-03-30T00:00")));
    // Back on 25 October: nine hours in one night.
    let mut autumn = Conversation::new(&night(config()));
    let ticket = autumn.asks(paris("2026-10-24T22:00"), "marie@acme.example");
    assert_eq!(ticket.resolution_due_at, Some(paris("2026-10-25T06:00")));
}

#[test]
fn the_clock_stands_while_it_is_the_requesters_turn() {
    let mut talk = Conversation::new(&config());
    talk.asks(paris("2026-11-23T09:00"), "marie@acme.example");
    let ticket = talk.ann(paris("2026-11-23T11:00"), "Quel annuaire ?\r\n\r\n/attente");
    assert_eq!(ticket.status.word(), "waiting-requester");
    assert_eq!(ticket.resolution_due_at, None);
    let told = talk.told(&ticket);
    assert_eq!(told.resolution.to_string(), "stopped, 7h left");
    assert!(told.first_answer.verdict().unwrap().kept());
    let ticket = talk.requester(paris("2026-11-25T17:00"), "Celui de la messagerie.");
    assert_eq!(ticket.resolution_due_at, Some(paris("2026-11-26T15:00")));
    let letters = talk.world.letters();
    let message = letters
        .iter()
        .rfind(|letter| letter.notice == "message")
        .unwrap();
    let text = talk.world.letter(message.id).text;
    assert!(
        text.contains("Résolution\u{a0}: au plus tard le jeudi 26 novembre à 15\u{a0}h"),
        "{text}"
    );
    let ticket = talk.ann(paris("2026-11-27T10:00"), "Voilà.\r\n\r\n/resolu");
    let told = talk.told(&ticket);
    assert_eq!(told.resolution.to_string(), "missed, 13h of 9h");
    assert_eq!(told.requester_took.as_hours(), 24);
}

#[test]
fn another_priority_and_another_agreement_set_other_targets() {
    let mut talk = Conversation::new(&config());
    talk.asks(paris("2026-11-23T09:00"), "marie@acme.example");
    talk = talk.reopen(&config().replace(
        "P1 = { first_answer = \"9h\", resolution = \"9h\" }",
        "P1 = { first_answer = \"1h\", resolution = \"10h\", hours = \"24/7\" }",
    ));
    let agree = |talk: &Conversation, at| {
        talk.world.gateway.clock.set(at);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime
            .block_on(gateway::agree(&talk.world.gateway))
            .unwrap();
    };
    let targets = |talk: &Conversation| {
        let entries = talk.world.entries(&talk.ticket());
        entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Target)
            .count()
    };
    agree(&talk, paris("2026-11-23T09:30"));
    assert_eq!(targets(&talk), 1, "nothing is different for this ticket");
    let ticket = talk.ann(paris("2026-11-23T10:00"), "/p1 la direction attend");
    assert_eq!(ticket.first_answer_due_at, Some(paris("2026-11-23T10:00")));
    assert_eq!(
        ticket.resolution_due_at,
        Some(paris("2026-11-23T19:00")),
        "round the clock"
    );
    assert_eq!(targets(&talk), 2);
    // Something else is agreed while it is open.
    talk = talk.reopen(&config().replace(
        "P1 = { first_answer = \"9h\", resolution = \"9h\" }",
        "P1 = { first_answer = \"none\", resolution = \"2h\" }",
    ));
    agree(&talk, paris("2026-11-23T10:30"));
    let ticket = talk.ticket();
    assert_eq!(ticket.first_answer_due_at, None);
    assert_eq!(ticket.resolution_due_at, Some(paris("2026-11-23T11:00")));
    assert_eq!(targets(&talk), 3);
    agree(&talk, paris("2026-11-23T10:40"));
    assert_eq!(targets(&talk), 3, "once for each change");
    // What has been judged stays judged.
    let ticket = talk.ann(paris("2026-11-23T10:45"), "C'est fait.\r\n\r\n/resolu");
    assert!(talk.told(&ticket).resolution.verdict().unwrap().kept());
    talk = talk.reopen(&config().replace("resolution = \"9h\"", "resolution = \"1h\""));
    agree(&talk, paris("2026-11-23T11:00"));
    let course = Course::of(&talk.world.entries(&talk.world.tickets()[0])).unwrap();
    assert!(course.told.unwrap().resolution.verdict().unwrap().kept());
}

#[test]
fn a_clock_that_jumps_back_harms_nothing() {
    let mut talk = Conversation::new(&config());
    talk.asks(paris("2026-11-23T12:00"), "marie@acme.example");
    talk.ann(paris("2026-11-23T10:00"), "Quel annuaire ?\r\n\r\n/attente");
    let ticket = talk.requester(paris("2026-11-23T13:00"), "Celui de la messagerie.");
    assert!(
        ticket
            .resolution_due_at
            .is_some_and(|due| due >= paris("2026-11-24T11:00"))
    );
    let ticket = talk.ann(paris("2026-11-23T09:00"), "C'est fait.\r\n\r\n/resolu");
    assert!(talk.told(&ticket).resolution.verdict().unwrap().kept());
}
