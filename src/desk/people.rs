//! Who is who: technicians, teams, organisations, desks. Built once from the configuration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::ids::{Address, Locale};

/// Somebody who works tickets.
#[derive(Clone, Debug)]
pub struct Technician {
    /// The name of their section in the configuration: `ann`.
    pub key: String,
    /// What they are called: `Ann Martin`.
    pub name: String,
    /// Where they are written to.
    pub address: Address,
    /// Other addresses they write from.
    pub aliases: Vec<Address>,
    /// How they are written to; the desk's way when absent.
    pub locale: Option<Locale>,
    /// Where they are; the desk's place when absent.
    pub timezone: Option<TimeZone>,
    /// Gets no new tickets before this moment.
    pub away_until: Option<Timestamp>,
    /// The hour at which they get their queue of the day; no such letter when absent.
    pub daily: Option<Time>,
}

impl Technician {
    /// Whether `address` is one of theirs.
    pub fn owns(&self, address: &Address) -> bool {
        self.address == *address || self.aliases.contains(address)
    }
}

/// A group of technicians.
#[derive(Clone, Debug)]
pub struct Team {
    /// The name of its section in the configuration: `infra`.
    pub key: String,
    /// Who answers for it, by name in the configuration.
    pub lead: Option<String>,
    /// Who gets its new-ticket notices, by name in the configuration, in the order given.
    pub members: Vec<String>,
    /// Give each new ticket to one member in turn.
    pub round_robin: bool,
}

/// A client company. A wall stands between organisations.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// The name of its section in the configuration: `acme`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// The mail domains of its people, in lower case.
    pub domains: Vec<String>,
    /// People of it with addresses elsewhere.
    pub addresses: Vec<Address>,
    /// Who reads its digests.
    pub managers: Vec<Address>,
    /// Whose tickets count for more.
    pub vip: Vec<Address>,
}

impl Organisation {
    /// Whether `address` belongs to it, by its domain or by name.
    pub fn includes(&self, address: &Address) -> bool {
        self.addresses.contains(address)
            || self.domains.iter().any(|domain| domain == address.domain())
    }
}

/// An address people write to.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The name of its section in the configuration: `support`.
    pub key: String,
    /// The address people write to.
    pub address: Address,
    /// What it is called in letters.
    pub name: String,
    /// What stands before the number of its tickets.
    pub prefix: String,
    /// How it writes when nothing better is known.
    pub locale: Locale,
    /// The languages it offers, `locale` among them.
    pub languages: Vec<Locale>,
    /// Where it is.
    pub timezone: TimeZone,
    /// Who gets its new tickets, by name in the configuration.
    pub team: Option<String>,
    /// Whether mail to `support+token@...` arrives.
    pub plus_addresses: bool,
    /// What a technician's command needs.
    pub command_proof: CommandProof,
}

/// What a technician's command needs beside a technician's address in From (`product.md` §18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandProof {
    /// The technician's own token for this ticket, and an authenticated mail.
    Both,
    /// The token.
    Token,
    /// One of the two.
    Either,
}

/// Everybody the configuration names.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Technicians by key.
    pub technicians: BTreeMap<String, Technician>,
    /// Teams by key.
    pub teams: BTreeMap<String, Team>,
    /// Organisations by key.
    pub organisations: BTreeMap<String, Organisation>,
    /// Desks by key.
    pub desks: BTreeMap<String, Desk>,
}

impl People {
    /// The technician who writes from `address`.
    pub fn technician(&self, address: &Address) -> Option<&Technician> {
        self.technicians
            .values()
            .find(|technician| technician.owns(address))
    }

    /// The organisation `address` belongs to.
    pub fn organisation(&self, address: &Address) -> Option<&Organisation> {
        self.organisations
            .values()
            .find(|organisation| organisation.includes(address))
    }

    /// The desk whose address this is, plus part or not.
    pub fn desk_at(&self, address: &Address) -> Option<&Desk> {
        let address = address.canonical();
        self.desks
            .values()
            .find(|desk| desk.address.canonical() == address)
    }

    /// The members of a team who are not away at `now`, in the order of the configuration; everybody when all are.
    pub fn present<'a>(&'a self, team: &str, now: Timestamp) -> Vec<&'a Technician> {
        let members = self
            .teams
            .get(team)
            .map(|team| team.members.as_slice())
            .unwrap_or_default();
        let members: Vec<_> = members
            .iter()
            .filter_map(|key| self.technicians.get(key))
            .collect();
        let here: Vec<_> = members
            .iter()
            .copied()
            .filter(|t| t.away_until.is_none_or(|until| until <= now))
            .collect();
        if here.is_empty() { members } else { here }
    }
}
