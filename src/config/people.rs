//! Technicians, teams, organisations and providers of the configuration.
//!
//! An address belongs to one technician at most, a domain to one organisation at most: both
//! decide what somebody may do and read.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::desks::business_days;
use super::file::Section;
use super::findings::{Findings, Place, Placed};
use super::problem::nearest;
use super::roles;
use super::terms;
use crate::desk::agreement::{Agreements, Terms};
use crate::desk::ids::Address;
use crate::desk::people::{Organisation, People, Provider, Team, Technician};

/// Domains at which anybody can get an address: as an organisation's they would put strangers behind its wall.
const PUBLIC_DOMAINS: [&str; 16] = [
    "aol.com",
    "free.fr",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "live.com",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "proton.me",
    "yahoo.com",
    "yahoo.fr",
];

/// Business days of a provider without a word before it is reminded: its own tickets are seldom looked at sooner.
const REMIND_AFTER: u32 = 2;

/// Who the configuration names, without the desks.
pub(super) struct Staff {
    /// Technicians, teams, organisations and outside firms.
    pub people: People,
    /// What teams and organisations say about their time.
    pub agreements: Agreements,
    /// The names of all team sections, those with errors included.
    pub teams: BTreeSet<String>,
    /// Who has which address, and where it says so.
    pub owners: HashMap<Address, (String, Option<usize>)>,
}

/// Reads the four kinds of sections.
pub(super) fn read(root: &mut Section<'_, '_>, findings: &Findings<'_>) -> Staff {
    let mut staff = Staff {
        people: People::default(),
        agreements: Agreements::default(),
        teams: BTreeSet::new(),
        owners: HashMap::new(),
    };
    let mut technicians = BTreeSet::new();
    for (key, section) in root.named("technician") {
        technicians.insert(key.clone());
        technician(&key, section, &mut staff, findings);
    }
    for (key, section) in root.named("team") {
        staff.teams.insert(key.clone());
        if let Some((team, terms)) = team(&key, section, &technicians, findings) {
            staff.agreements.teams.insert(key.clone(), terms);
            staff.people.teams.insert(key, team);
        }
    }
    let mut domains = HashMap::new();
    for (key, section) in root.named("organisation") {
        let (organisation, terms) = organisation(&key, section, &mut domains, findings);
        staff.agreements.organisations.insert(key.clone(), terms);
        staff.people.organisations.insert(key, organisation);
    }
    for (key, section) in root.named("provider") {
        if let Some(provider) = provider(&key, section, findings) {
            staff.people.providers.insert(key, provider);
        }
    }
    staff
}

/// A time zone by its IANA name.
pub(super) fn timezone(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<TimeZone> {
    let text = section.text("timezone")?;
    if let Ok(zone) = TimeZone::get(&text.value) {
        return Some(zone);
    }
    let names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    let message = if names.is_empty() {
        "no time zone is known on this machine; install the package tzdata".to_owned()
    } else {
        let hint = nearest(&text.value, names.iter().map(String::as_str))
            .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        format!(
            "`{}` is not a time zone; write a name such as Europe/Paris{hint}",
            text.value
        )
    };
    findings.error(&text.place, message);
    None
}

/// A moment such as `2026-11-01T00:00:00Z`, or a date: its beginning in `zone`.
pub(super) fn moment(
    section: &mut Section<'_, '_>,
    name: &'static str,
    zone: &TimeZone,
    findings: &Findings<'_>,
) -> Option<Timestamp> {
    let text = section.moment(name)?;
    if let Ok(moment) = text.value.parse::<Timestamp>() {
        return Some(moment);
    }
    let civil = text
        .value
        .parse::<Date>()
        .map(DateTime::from)
        .or_else(|_| text.value.parse::<DateTime>());
    if let Some(moment) = civil.ok().and_then(|civil| zone.to_timestamp(civil).ok()) {
        return Some(moment);
    }
    findings.error(
        &text.place,
        format!(
            "`{}` is not a moment; write for example 2026-11-01 or 2026-11-01T08:00:00Z",
            text.value
        ),
    );
    None
}

fn technician(key: &str, mut section: Section<'_, '_>, staff: &mut Staff, findings: &Findings<'_>) {
    let name = section
        .text("name")
        .map_or_else(|| key.to_owned(), |name| name.value);
    section.require("address", "address = \"ann@example.org\"");
    let address = section.address("address");
    let aliases = section.addresses("aliases");
    let locale = section.locale("locale");
    let timezone = timezone(&mut section, findings);
    let away_zone = timezone.clone().unwrap_or(TimeZone::UTC);
    let away_until = moment(&mut section, "away_until", &away_zone, findings);
    let daily = section.text("daily").and_then(|hour| {
        let time = hour.value.parse::<Time>().ok();
        let time = time.filter(|_| hour.value.len() == 5);
        if time.is_none() {
            let message = format!("`{}` is not an hour; write for example 07:45", hour.value);
            findings.error(&hour.place, message);
        }
        time
    });
    section.done();
    for own in address.iter().chain(&aliases) {
        let canonical = own.value.canonical();
        let taken = (key.to_owned(), findings.line_of(&own.place));
        if let Some((other, line)) = staff.owners.insert(canonical, taken) {
            findings.error(
                &own.place,
                format!(
                    "{} is already an address of technician `{other}` (line {}); an address belongs to one technician, remove it from one of the two",
                    own.value,
                    line.unwrap_or_default()
                ),
            );
        }
    }
    let Some(address) = address else { return };
    let technician = Technician {
        key: key.to_owned(),
        name,
        address: address.value,
        aliases: aliases.into_iter().map(|alias| alias.value).collect(),
        locale,
        timezone,
        away_until,
        daily,
    };
    staff.people.technicians.insert(key.to_owned(), technician);
}

fn team(
    key: &str,
    mut section: Section<'_, '_>,
    technicians: &BTreeSet<String>,
    findings: &Findings<'_>,
) -> Option<(Team, Terms)> {
    let known = |name: &Placed<String>| {
        check_reference(name, "technician", technicians, findings);
        name.value.clone()
    };
    let lead = section.text("lead").as_ref().map(known);
    let members: Option<Vec<String>> = section
        .texts("members")
        .map(|members| members.iter().map(known).collect());
    let categories = section.texts("categories").unwrap_or_default();
    let round_robin = section
        .word("assign", &[("manual", false), ("round-robin", true)])
        .unwrap_or(false);
    let terms = terms::read_hours(&mut section, findings);
    let place = section.place_of("members");
    section.done();
    let members = members.unwrap_or_default();
    if members.is_empty() {
        findings.error(
            &place,
            "names nobody, so nobody would get new tickets; write for example members = [\"ann\"]",
        );
        return None;
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = members.iter().find(|member| !seen.insert(*member)) {
        findings.error(&place, format!("`{twice}` stands here twice; keep one"));
    }
    let team = Team {
        key: key.to_owned(),
        lead,
        members,
        categories: categories.into_iter().map(|name| name.value).collect(),
        round_robin,
    };
    Some((team, terms))
}

fn organisation(
    key: &str,
    mut section: Section<'_, '_>,
    taken: &mut HashMap<String, String>,
    findings: &Findings<'_>,
) -> (Organisation, Terms) {
    let name = section
        .text("name")
        .map_or_else(|| key.to_owned(), |name| name.value);
    let domains = section.domains("domains");
    let addresses = section.addresses("addresses");
    let managers = section.addresses("managers");
    let vip = section.addresses("vip");
    let terms = terms::read(&mut section, findings);
    let roles = roles::read(&mut section, findings);
    let contact = section.text("contact");
    let place = section.place_of("domains");
    let has_error = section.has("domains") && domains.is_empty();
    section.done();
    if domains.is_empty() && addresses.is_empty() && !has_error {
        findings.error(
            &place,
            "nobody belongs to this organisation; write domains = [\"acme.example\"] or addresses = [\"ann@example.org\"]",
        );
    }
    for domain in &domains {
        if PUBLIC_DOMAINS.contains(&domain.value.as_str()) {
            findings.warning(
                &domain.place,
                format!(
                    "anybody can have an address at {}, and would read what this organisation writes; list its people in addresses instead",
                    domain.value
                ),
            );
        }
    }
    let placed = domains
        .iter()
        .map(|domain| (domain.value.clone(), &domain.place))
        .chain(
            addresses
                .iter()
                .map(|address| (address.value.to_string(), &address.place)),
        );
    for (value, place) in placed {
        match taken.get(&value) {
            Some(other) => findings.error(
                place,
                format!("{value} already belongs to organisation `{other}`; remove it from one of the two"),
            ),
            None => {
                taken.insert(value, key.to_owned());
            }
        }
    }
    let values = |addresses: Vec<Placed<Address>>| -> Vec<Address> {
        addresses.into_iter().map(|address| address.value).collect()
    };
    let organisation = Organisation {
        key: key.to_owned(),
        name,
        domains: domains.into_iter().map(|domain| domain.value).collect(),
        addresses: values(addresses),
        managers: values(managers),
        vip: values(vip),
        roles,
        contact: contact.map(|contact| contact.value),
    };
    (organisation, terms)
}

fn provider(key: &str, mut section: Section<'_, '_>, findings: &Findings<'_>) -> Option<Provider> {
    let name = section
        .text("name")
        .map_or_else(|| key.to_owned(), |name| name.value);
    let known = section.has("address") || section.has("domains");
    let address = section.address("address");
    let domains = section.domains("domains");
    let contract = section.text("contract");
    let locale = section.locale("locale");
    let hours = terms::hours(&mut section, "hours", findings);
    let remind_after = business_days(&mut section, "remind_after", findings);
    let place: Place = section.place_of("address");
    section.done();
    if !known {
        findings.error(
            &place,
            "an outside firm is recognised by its mail; write address = \"support@orange.example\" or domains = [\"orange.example\"]",
        );
        return None;
    }
    if address.is_none() {
        findings.warning(
            &place,
            "it cannot be written to: /handoff only notes that the ticket waits for it; write address = \"support@orange.example\"",
        );
    }
    Some(Provider {
        key: key.to_owned(),
        name,
        address: address.map(|address| address.value),
        domains: domains.into_iter().map(|domain| domain.value).collect(),
        contract: contract.map(|contract| contract.value),
        locale,
        hours: hours.map(|(_, hours)| hours),
        remind_after_business_days: remind_after.unwrap_or(REMIND_AFTER),
    })
}

/// Says so when `name` is not the name of a section.
pub(super) fn check_reference(
    name: &Placed<String>,
    kind: &str,
    known: &BTreeSet<String>,
    findings: &Findings<'_>,
) {
    if known.contains(&name.value) {
        return;
    }
    let hint = nearest(&name.value, known.iter().map(String::as_str)).map_or_else(
        || format!("add a section [{kind}.{}]", name.value),
        |near| {
            format!(
                "did you mean `{near}`? Else add a section [{kind}.{}]",
                name.value
            )
        },
    );
    findings.error(
        &name.place,
        format!("there is no {kind} `{}`; {hint}", name.value),
    );
}
