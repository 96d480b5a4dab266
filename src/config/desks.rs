//! The desks of the configuration. Their mailboxes and couriers are read in `routes.rs`.
//!
//! Two desks may not share an address, a prefix or a mailbox folder: a mail would have two owners.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::file::Section;
use super::findings::{Findings, Place, Placed};
use super::people::{Staff, check_reference, moment};
use super::routes::{courier, mailbox};
use super::settings::DeskSettings;
use super::terms;
use crate::desk::agreement::Terms;
use crate::desk::ids::{Address, Language, Locale, TicketId};
use crate::desk::outage::Threshold;
use crate::desk::people::{CommandProof, Desk};
use crate::desk::rules::Patience;

const DAY: u64 = 86_400;

type Desks = BTreeMap<String, (Desk, DeskSettings, Terms)>;

/// Reads `[desk.*]`. `None` when a desk could not be made; the reason is in `findings` then.
pub(super) fn read(
    root: &mut Section<'_, '_>,
    staff: &Staff,
    findings: &Findings<'_>,
) -> Option<Desks> {
    let place = root.place_of("desk");
    let sections = root.named("desk");
    if sections.is_empty() {
        findings.error(
            &place,
            "there is no desk; add a section such as [desk.support] with address = \"support@example.org\"",
        );
        return None;
    }
    let mut owners = Owners::default();
    let count = sections.len();
    let desks: Desks = sections
        .into_iter()
        .filter_map(|(key, section)| {
            let desk = desk(&key, section, staff, &mut owners, findings)?;
            Some((key, desk))
        })
        .collect();
    (desks.len() == count).then_some(desks)
}

/// What a desk has for itself, and whose it is: address, prefix, mailbox folder.
#[derive(Default)]
pub(super) struct Owners(HashMap<String, String>);

impl Owners {
    pub(super) fn claim(
        &mut self,
        what: String,
        desk: &str,
        place: &Place,
        findings: &Findings<'_>,
    ) {
        match self.0.get(&what) {
            Some(other) => findings.error(
                place,
                format!("{what} already belongs to desk `{other}`; give this desk its own"),
            ),
            None => {
                self.0.insert(what, desk.to_owned());
            }
        }
    }
}

fn desk(
    key: &str,
    mut section: Section<'_, '_>,
    staff: &Staff,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<(Desk, DeskSettings, Terms)> {
    section.require("address", "address = \"support@example.org\"");
    let address = section.address("address");
    if let Some(address) = &address {
        check_address(key, address, staff, owners, findings);
    }
    let name = section.text("name").map(|name| name.value);
    let prefix = prefix(key, &mut section, owners, findings);
    let (locale, languages) = languages(&mut section, findings);
    let mut terms = terms::read(&mut section, findings);
    let zone = terms.timezone.clone().unwrap_or(TimeZone::UTC);
    // Written out, so that `config show` tells by what a desk works.
    let usual = Terms::usual();
    terms.hours = terms.hours.or(usual.hours);
    terms.holidays = terms.holidays.or(usual.holidays);
    terms.timezone = Some(zone.clone());
    let team = section.text("team");
    match &team {
        Some(team) => check_reference(team, "team", &staff.teams, findings),
        None if !section.has("team") => findings.warning(
            &section.place_of("team"),
            "nobody is told of new tickets; write team = \"infra\" and a section [team.infra]",
        ),
        None => {}
    }
    let since = moment(&mut section, "since", &zone, findings);
    let trusted_authserv_ids = trusted(&mut section, findings);
    let command_proof = proof(&mut section, trusted_authserv_ids.is_empty(), findings);
    let close_after_business_days =
        business_days(&mut section, "close_after", findings).unwrap_or(5);
    let reopen_within = section
        .duration(
            "reopen_within",
            Duration::ZERO..=Duration::from_secs(3650 * DAY),
        )
        .unwrap_or(Duration::from_secs(14 * DAY));
    let asks_satisfaction = section.boolean("satisfaction").unwrap_or(true);
    let outage = outage(&mut section);
    let patience = patience(&mut section, findings);
    let mailbox_section = section.section("mailbox");
    let wants_mailbox = mailbox_section.is_some();
    let mailbox = mailbox_section
        .and_then(|section| mailbox(key, section, address.as_ref(), owners, findings));
    let courier_place = section.place_of("courier");
    let courier = match section.section("courier") {
        Some(section) => courier(section, findings),
        None => {
            if !section.has("courier") {
                findings.error(
                    &courier_place,
                    format!("letters have no way out; add a section [desk.{key}.courier] with kind = \"smtp\" and host"),
                );
            }
            None
        }
    };
    section.done();

    let address = address?.value;
    let (courier, plus_addresses) = courier?;
    if wants_mailbox && mailbox.is_none() {
        return None;
    }
    let desk = Desk {
        key: key.to_owned(),
        name: name.unwrap_or_else(|| address.to_string()),
        address,
        prefix: prefix?,
        locale,
        languages,
        timezone: zone,
        team: team.map(|team| team.value),
        plus_addresses,
        command_proof,
    };
    let settings = DeskSettings {
        since,
        trusted_authserv_ids,
        close_after_business_days,
        reopen_within,
        asks_satisfaction,
        outage,
        patience,
        mailbox,
        courier,
    };
    Some((desk, settings, terms))
}

/// When like reports are proposed as an outage. What lies a day apart is no longer one fault.
fn outage(section: &mut Section<'_, '_>) -> Threshold {
    let usual = Threshold::default();
    let people = section.integer("outage_people", 2..=1_000);
    let within = section.duration(
        "outage_within",
        Duration::from_secs(60)..=Duration::from_secs(DAY),
    );
    Threshold {
        people: people
            .and_then(|people| people.try_into().ok())
            .unwrap_or(usual.people),
        within: within
            .and_then(|within| within.try_into().ok())
            .unwrap_or(usual.within),
    }
}

fn check_address(
    key: &str,
    address: &Placed<Address>,
    staff: &Staff,
    owners: &mut Owners,
    findings: &Findings<'_>,
) {
    if address.value.plus().is_some() {
        findings.error(
            &address.place,
            "the part after `+` is where guichet puts its own marks; write the address without it",
        );
    }
    let canonical = address.value.canonical();
    if let Some((technician, line)) = staff.owners.get(&canonical) {
        findings.error(
            &address.place,
            format!(
                "{canonical} is also an address of technician `{technician}` (line {}), who would be answered by the desk itself; give the technician a personal address",
                line.unwrap_or_default()
            ),
        );
    }
    let mut providers = staff.people.providers.values();
    if let Some(provider) = providers.find(|provider| provider.owns(&canonical)) {
        findings.error(
            &address.place,
            format!(
                "{canonical} is also an address of provider `{}`, to which the desk would write; remove it there",
                provider.key
            ),
        );
    }
    let what = format!("the address {canonical}");
    owners.claim(what, key, &address.place, findings);
}

fn prefix(
    key: &str,
    section: &mut Section<'_, '_>,
    owners: &mut Owners,
    findings: &Findings<'_>,
) -> Option<String> {
    let place = section.place_of("prefix");
    let prefix = if section.has("prefix") {
        section.text("prefix")?.value
    } else {
        "INC".to_owned()
    };
    if !TicketId::is_prefix(&prefix) {
        findings.error(
            &place,
            format!(
                "`{prefix}` cannot stand before the number of a ticket; write 2 to 10 letters or digits, a letter first, such as INC"
            ),
        );
        return None;
    }
    let prefix = prefix.to_uppercase();
    owners.claim(format!("the prefix {prefix}"), key, &place, findings);
    Some(prefix)
}

fn languages(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> (Locale, Vec<Locale>) {
    let locale = section.locale("locale");
    let wrong = section.has("locale") && locale.is_none();
    let locale = locale.unwrap_or_else(|| Locale::from(Language::English));
    let Some(languages) = section.locales("languages") else {
        return (locale.clone(), vec![locale]);
    };
    if !languages.contains(&locale) && !wrong {
        findings.error(
            &section.place_of("languages"),
            format!("the desk's own locale `{locale}` is not among them; add it to the list or change locale"),
        );
    }
    (locale, languages)
}

fn trusted(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Vec<String> {
    let ids = section.texts("trusted_authserv_ids").unwrap_or_default();
    for id in &ids {
        if id
            .value
            .chars()
            .any(|c| c.is_whitespace() || c == ';' || c == '=')
        {
            findings.error(
                &id.place,
                format!(
                    "`{}` cannot be an authserv-id; write the first word of the Authentication-Results header your server adds, such as mx.example.org",
                    id.value
                ),
            );
        }
    }
    ids.into_iter().map(|id| id.value).collect()
}

fn proof(
    section: &mut Section<'_, '_>,
    nobody_trusted: bool,
    findings: &Findings<'_>,
) -> CommandProof {
    let known = [
        ("both", CommandProof::Both),
        ("token", CommandProof::Token),
        ("either", CommandProof::Either),
    ];
    match section.word("proof", &known) {
        Some(CommandProof::Both) if nobody_trusted => {
            findings.error(
                &section.place_of("proof"),
                "`both` needs an authenticated mail, and no server is trusted to say so: every command would be refused; set trusted_authserv_ids, or write proof = \"token\"",
            );
            CommandProof::Both
        }
        Some(proof) => proof,
        // product.md §18: both where authentication can be known, else the token.
        None if nobody_trusted => CommandProof::Token,
        None => CommandProof::Both,
    }
}

/// `reminders`, `remind_after` and `give_up_after`.
fn patience(section: &mut Section<'_, '_>, findings: &Findings<'_>) -> Option<Patience> {
    let usual = Patience::default();
    let patience = Patience {
        remind_after_business_days: business_days(section, "remind_after", findings)
            .unwrap_or(usual.remind_after_business_days),
        give_up_after_business_days: business_days(section, "give_up_after", findings)
            .unwrap_or(usual.give_up_after_business_days),
    };
    let reminds = section.boolean("reminders").unwrap_or(true);
    reminds.then_some(patience)
}

/// A number of business days: `5d`.
pub(super) fn business_days(
    section: &mut Section<'_, '_>,
    name: &'static str,
    findings: &Findings<'_>,
) -> Option<u32> {
    let text = section.text(name)?;
    let days = text
        .value
        .strip_suffix('d')
        .filter(|digits| digits.chars().all(|c| c.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .filter(|days| (1..=365).contains(days));
    if days.is_none() {
        findings.error(
            &text.place,
            format!(
                "`{}` is not a number of business days; write 1d to 365d, such as 5d",
                text.value
            ),
        );
    }
    days
}
