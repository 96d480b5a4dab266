//! The section `[digest]`: who reads digests, about what and when.
//!
//! Managers of organisations stand in their organisation's section; what `[digest]` says holds for them too.

use std::path::PathBuf;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use super::file::Section;
use super::findings::{Findings, Place, Placed};
use super::people::timezone;
use crate::desk::calendar::WEEKDAYS;
use crate::desk::digest::Scope;
use crate::desk::digest::period::{Cadence, Schedule};
use crate::desk::digest::readers::{Empty, Reader};
use crate::desk::ids::{Address, Locale};
use crate::desk::people::People;

/// Monday at eight, as `product.md` §13 has it.
const USUAL_AT: Time = Time::constant(8, 0, 0, 0);

const CADENCES: [(&str, Option<Cadence>); 4] = [
    ("daily", Some(Cadence::Daily)),
    ("weekly", Some(Cadence::Weekly)),
    ("monthly", Some(Cadence::Monthly)),
    ("never", None),
];

/// What the section says.
#[derive(Clone, Debug, Default)]
pub struct Digests {
    /// Everybody who gets digests, managers of organisations included.
    pub readers: Vec<Reader>,
    /// The file whose rules of recommendations replace ours.
    pub recommendations: Option<PathBuf>,
}

/// How somebody gets digests; what a reader's own section does not say, `[digest]` does.
#[derive(Clone)]
struct Manner {
    cadence: Option<Cadence>,
    weekday: Weekday,
    at: Time,
    empty: Empty,
    desk: Option<String>,
    locale: Option<Locale>,
    zone: Option<TimeZone>,
}

/// The word for a day of the week.
pub(super) fn weekday_word(weekday: Weekday) -> &'static str {
    let known = WEEKDAYS.iter().find(|(_, day)| *day == weekday);
    known.map_or("monday", |(word, _)| word)
}

/// Reads the section; without one, managers of organisations get theirs each week.
pub(super) fn read(
    section: Option<Section<'_, '_>>,
    people: &People,
    findings: &Findings<'_>,
) -> Digests {
    let usual = Manner {
        cadence: Some(Cadence::Weekly),
        weekday: Weekday::Monday,
        at: USUAL_AT,
        empty: Empty::Sentence,
        desk: None,
        locale: None,
        zone: None,
    };
    let mut digests = Digests::default();
    let mut general = usual.clone();
    if let Some(mut section) = section {
        general = manner(&mut section, &usual, people, findings);
        digests.recommendations = section.path("recommendations");
        for manager in section.addresses("managers") {
            add(
                &mut digests,
                &general,
                manager,
                Scope::All,
                None,
                people,
                findings,
            );
        }
        for (_, own) in section.named("reader") {
            reader(own, &general, &mut digests, people, findings);
        }
        section.done();
    }
    for organisation in people.organisations.values() {
        for manager in &organisation.managers {
            let scope = Scope::Organisation(organisation.key.clone());
            let is_named = digests
                .readers
                .iter()
                .any(|r| r.address == *manager && r.scope == scope);
            if !is_named {
                digests
                    .readers
                    .extend(made(&general, manager.clone(), scope, None, people));
            }
        }
    }
    digests
}

fn manner(
    section: &mut Section<'_, '_>,
    usual: &Manner,
    people: &People,
    findings: &Findings<'_>,
) -> Manner {
    let mut manner = usual.clone();
    if let Some(cadence) = section.word("every", &CADENCES) {
        manner.cadence = cadence;
    }
    if let Some(weekday) = section.word("day", &WEEKDAYS) {
        manner.weekday = weekday;
    }
    if let Some(hour) = section.text("at") {
        match hour.value.parse::<Time>() {
            Ok(at) if hour.value.len() == 5 => manner.at = at,
            _ => findings.error(
                &hour.place,
                format!("`{}` is not an hour; write for example 08:00", hour.value),
            ),
        }
    }
    if let Some(empty) = section.word(
        "empty",
        &[("sentence", Empty::Sentence), ("skip", Empty::Skip)],
    ) {
        manner.empty = empty;
    }
    if let Some(desk) = section.text("desk") {
        known(
            &desk,
            "desk",
            people.desks.contains_key(&desk.value),
            findings,
        );
        manner.desk = Some(desk.value);
    }
    if let Some(locale) = section.locale("locale") {
        manner.locale = Some(locale);
    }
    if let Some(zone) = timezone(section, findings) {
        manner.zone = Some(zone);
    }
    manner
}

fn reader(
    mut section: Section<'_, '_>,
    general: &Manner,
    digests: &mut Digests,
    people: &People,
    findings: &Findings<'_>,
) {
    section.require("address", "address = \"claire@example.org\"");
    let address = section.address("address");
    let name = section.text("name").map(|name| name.value);
    let own = manner(&mut section, general, people, findings);
    let scope = match section.text("scope") {
        None => Some(Scope::All),
        Some(text) => scope(&text, people, findings),
    };
    section.done();
    if let (Some(address), Some(scope)) = (address, scope) {
        add(digests, &own, address, scope, name, people, findings);
    }
}

fn scope(text: &Placed<String>, people: &People, findings: &Findings<'_>) -> Option<Scope> {
    let scope: Scope = match text.value.parse() {
        Ok(scope) => scope,
        Err(error) => {
            findings.error(&text.place, format!("{error}"));
            return None;
        }
    };
    let (kind, is_known) = match &scope {
        Scope::All => return Some(scope),
        Scope::Organisation(key) => ("organisation", people.organisations.contains_key(key)),
        Scope::Team(key) => ("team", people.teams.contains_key(key)),
        Scope::Desk(key) => ("desk", people.desks.contains_key(key)),
    };
    known(text, kind, is_known, findings);
    is_known.then_some(scope)
}

fn known(name: &Placed<String>, kind: &str, is_known: bool, findings: &Findings<'_>) {
    if !is_known {
        findings.error(
            &name.place,
            format!(
                "`{}`: there is no such {kind}; write the name of a [{kind}.NAME] section",
                name.value
            ),
        );
    }
}

fn add(
    digests: &mut Digests,
    manner: &Manner,
    address: Placed<Address>,
    scope: Scope,
    name: Option<String>,
    people: &People,
    findings: &Findings<'_>,
) {
    if people.desk_at(&address.value).is_some() {
        findings.error(
            &address.place,
            format!(
                "{} is a desk: it would read its own digest; write a person's address",
                address.value
            ),
        );
        return;
    }
    // The wall (I10): who reads everything reads what every organisation wrote.
    if let (Scope::All | Scope::Team(_) | Scope::Desk(_), Some(organisation)) =
        (&scope, people.organisation(&address.value))
        && people.organisations.len() > 1
    {
        findings.warning(
            &address.place,
            format!(
                "{} belongs to the organisation `{}` and would read about the tickets of others too; give them the scope organisation:{} unless that is meant",
                address.value, organisation.key, organisation.key
            ),
        );
    }
    if digests
        .readers
        .iter()
        .any(|r| r.address == address.value && r.scope == scope)
    {
        twice(&address.place, &address.value, &scope, findings);
        return;
    }
    digests
        .readers
        .extend(made(manner, address.value, scope, name, people));
}

fn twice(place: &Place, address: &Address, scope: &Scope, findings: &Findings<'_>) {
    findings.error(
        place,
        format!("{address} would get the digest about `{scope}` twice; keep one of the two"),
    );
}

/// Nobody, when they never get one or no desk can write to them.
fn made(
    manner: &Manner,
    address: Address,
    scope: Scope,
    name: Option<String>,
    people: &People,
) -> Option<Reader> {
    let cadence = manner.cadence?;
    let own = match &scope {
        Scope::Desk(key) => people.desks.get(key),
        Scope::Team(key) => people
            .desks
            .values()
            .find(|desk| desk.team.as_ref() == Some(key)),
        Scope::All | Scope::Organisation(_) => None,
    };
    let named = manner.desk.as_ref().and_then(|desk| people.desks.get(desk));
    let desk = named.or(own).or_else(|| people.desks.values().next())?;
    Some(Reader {
        address,
        name,
        scope,
        schedule: Schedule {
            cadence,
            weekday: manner.weekday,
            at: manner.at,
            zone: manner.zone.clone().unwrap_or_else(|| desk.timezone.clone()),
        },
        locale: manner.locale.clone(),
        desk: desk.key.clone(),
        empty: manner.empty,
    })
}
