//! A conversation with the desk: people write, people answer letters, a minute later each time.

use guichet::desk::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};

use crate::answers::fill;
use crate::world::{Arrival, World};

pub const MARIE: &str = "marie@acme.example";
pub const LUC: &str = "luc@acme.example";
pub const KARIM: &str = "karim@boutiques.example";
pub const ANN: &str = "ann@example.org";
pub const PAUL: &str = "paul@example.org";
pub const NORA: &str = "nora@example.org";

/// Tuesday, 09:00 in Paris.
pub fn morning() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a moment")
}

/// A conversation: each mail comes a minute after the one before.
pub struct Talk {
    pub world: World,
    pub now: Timestamp,
    pub mails: usize,
}

impl Talk {
    pub fn new(config: &str) -> Self {
        Self {
            world: World::with(config),
            now: morning(),
            mails: 0,
        }
    }

    pub fn bytes(&mut self, from: &str, to: &str, head: &str, text: &str) -> String {
        self.mails += 1;
        self.now += SignedDuration::from_mins(1);
        let date = self.now.to_zoned(jiff::tz::TimeZone::UTC);
        let date = jiff::fmt::rfc2822::to_string(&date).expect("a year that mail can write");
        let mail = format!(
            "From: {from}\r\nTo: {to}\r\n{head}Date: {date}\r\nMessage-ID: <{}@client.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n",
            self.mails
        );
        fill(&self.world, &mail)
    }

    /// Hands a mail in; gives its number.
    pub fn hand_in(&mut self, bytes: &str) -> i64 {
        let arrival = Arrival::at_support(self.mails.to_string(), bytes);
        self.world.receive(arrival, self.now).0
    }

    pub fn writes(&mut self, from: &str, subject: &str, text: &str) -> i64 {
        let head = format!("Subject: {subject}\r\n");
        let bytes = self.bytes(from, "support@example.org", &head, text);
        self.hand_in(&bytes)
    }

    /// Answers the latest letter of a kind to `from`, about a ticket.
    pub fn answers(&mut self, from: &str, letter: &str, text: &str) -> i64 {
        let bytes = self.answer(from, letter, text);
        self.hand_in(&bytes)
    }

    pub fn answer(&mut self, from: &str, letter: &str, text: &str) -> String {
        let (kind, about) = match letter.split_once(" about ") {
            Some((kind, ticket)) => (kind, format!(" about {ticket}")),
            None => (letter, String::new()),
        };
        let of = format!("of {kind} to {from}{about}");
        let head = format!(
            "Subject: Re: {{{{subject {of}}}}}\r\nIn-Reply-To: {{{{message-id {of}}}}}\r\nReferences: {{{{references {of}}}}}\r\n"
        );
        let to = format!("{{{{reply-to {of}}}}}");
        self.bytes(from, &to, &head, text)
    }

    pub fn ticket(&self, number: usize) -> Ticket {
        self.world.tickets().remove(number - 1)
    }

    pub fn outcome(&self, mail: i64) -> String {
        self.world.mail(mail).outcome.unwrap_or_default()
    }

    /// The text of the latest receipt to `who`.
    pub fn receipt(&self, who: &str) -> String {
        let letter = crate::answers::latest(&self.world, "receipt", who, None);
        self.world.letter(letter.id).text
    }
}
