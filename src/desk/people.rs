//! Who is who: technicians, teams, organisations, outside firms, desks. Built once from the configuration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::calendar::hours::Hours;
use super::ids::{Address, Locale};
use super::triage::Impact;

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
    /// The categories whose new tickets come to it, whatever the desk.
    pub categories: Vec<String>,
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
    /// What some of its people do that others depend on.
    pub roles: Vec<Role>,
    /// Whom an outside firm asks for on site; the requester, by name, when absent.
    pub contact: Option<String>,
}

/// What somebody does that others depend on: a till, the payroll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// What it is called in reasons: `till`.
    pub name: String,
    /// Who has it.
    pub addresses: Vec<Address>,
    /// A fault of theirs hits at least so many.
    pub impact: Impact,
    /// Only on these days of the month, both included; `(28, 2)` goes over the end of the month.
    pub days: Option<(i8, i8)>,
    /// Only at these hours; `(22:00, 06:00)` goes over midnight.
    pub hours: Option<(Time, Time)>,
}

impl Role {
    /// Whether it counts for `address` at `when`, a moment where the desk is.
    pub fn counts(&self, address: &Address, when: DateTime) -> bool {
        self.addresses.contains(address)
            && self.days.is_none_or(|span| within(span, when.day()))
            && self.hours.is_none_or(|span| within(span, when.time()))
    }
}

/// Whether `at` lies in a span that may go over the end and begin again.
fn within<T: PartialOrd>((from, to): (T, T), at: T) -> bool {
    match from <= to {
        true => from <= at && at <= to,
        false => from <= at || at <= to,
    }
}

impl Organisation {
    /// Whether `address` belongs to it, by its domain or by name.
    pub fn includes(&self, address: &Address) -> bool {
        self.addresses.contains(address)
            || self.domains.iter().any(|domain| domain == address.domain())
    }
}

/// An outside firm tickets are handed to.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The name of its section in the configuration: `orange`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Where it is written to; a ticket can only be handed over by mail when there is one.
    pub address: Option<Address>,
    /// The mail domains its people write from, in lower case. With `address` absent there is at least one.
    pub domains: Vec<String>,
    /// Our contract number with it, as letters to it show it.
    pub contract: Option<String>,
    /// How it is written to; the desk's way when absent.
    pub locale: Option<Locale>,
    /// When it works; as whoever works the ticket when absent.
    pub hours: Option<Hours>,
    /// After so many of its business days without a word it is reminded; as many later whoever has the ticket is told.
    pub remind_after_business_days: u32,
}

impl Provider {
    /// Whether `address` is one of its.
    pub fn owns(&self, address: &Address) -> bool {
        let is_it = |own: &Address| own.canonical() == address.canonical();
        self.address.as_ref().is_some_and(is_it)
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
    /// Outside firms by key.
    pub providers: BTreeMap<String, Provider>,
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

    /// Whether somebody or something of the configuration has this name.
    pub fn has_name(&self, name: &str) -> bool {
        let technicians = self.technicians.values().map(|one| &one.name);
        let desks = self.desks.values().map(|one| &one.name);
        let organisations = self.organisations.values().map(|one| &one.name);
        let providers = self.providers.values().map(|one| &one.name);
        let mut names = technicians
            .chain(desks)
            .chain(organisations)
            .chain(providers);
        names.any(|known| known.trim().to_lowercase() == name.trim().to_lowercase())
    }

    /// The section of the configuration in which `address` stands by name.
    pub fn section_naming(&self, address: &Address) -> Option<String> {
        let section = |kind: &str, key: &str| Some(format!("[{kind}.{key}]"));
        if let Some(technician) = self.technician(address) {
            return section("technician", &technician.key);
        }
        if let Some(desk) = self.desk_at(address) {
            return section("desk", &desk.key);
        }
        let mut providers = self.providers.values();
        if let Some(provider) = providers.find(|one| one.address.as_ref() == Some(address)) {
            return section("provider", &provider.key);
        }
        let named = self.organisations.values().find(|one| {
            let roles = one.roles.iter().flat_map(|role| &role.addresses);
            let lists = [&one.addresses, &one.managers, &one.vip];
            lists
                .into_iter()
                .flatten()
                .chain(roles)
                .any(|named| named == address)
        });
        named.and_then(|organisation| section("organisation", &organisation.key))
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

    /// Whether somebody is on the list of important people of their organisation.
    pub fn is_vip(&self, address: &Address) -> bool {
        let organisation = self.organisation(address);
        organisation.is_some_and(|organisation| organisation.vip.contains(address))
    }

    /// The role of somebody's that weighs most at `now`, in the place of `desk`.
    pub fn role(&self, desk: Option<&Desk>, address: &Address, now: Timestamp) -> Option<&Role> {
        let zone = desk.map_or(TimeZone::UTC, |desk| desk.timezone.clone());
        let when = now.to_zoned(zone).datetime();
        let roles = &self.organisation(address)?.roles;
        let counting = roles.iter().filter(|role| role.counts(address, when));
        counting.max_by_key(|role| role.impact)
    }

    /// Who works a category: the team that names it, else the one a keyword file routes it to, else the
    /// desk's. A team that is not configured counts as none.
    pub fn team_for(
        &self,
        desk: Option<&Desk>,
        category: &str,
        routed: Option<&str>,
    ) -> Option<String> {
        let named = self
            .teams
            .values()
            .find(|team| team.categories.iter().any(|name| name == category))
            .map(|team| team.key.as_str());
        let routed =
            || routed.filter(|team| self.teams.contains_key(*team) || self.teams.is_empty());
        let desks = || desk.and_then(|desk| desk.team.as_deref());
        named.or_else(routed).or_else(desks).map(str::to_owned)
    }

    /// The members of a team who are there, in the order of the configuration; everybody when all are away.
    pub fn present(&self, team: &str, is_away: impl Fn(&Technician) -> bool) -> Vec<&Technician> {
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
            .filter(|technician| !is_away(technician))
            .collect();
        if here.is_empty() { members } else { here }
    }
}
