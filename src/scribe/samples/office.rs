//! The desk that sample letters come from, and the outside firm it works with.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{NotASample, address, id, moment};
use crate::desk::ids::Locale;
use crate::desk::people::{CommandProof, Desk, People, Provider};
use crate::scribe::Envelope;

/// The outside firm of the samples.
pub const PROVIDER: &str = "orange";

/// A desk to write from.
pub struct Office {
    desk: Desk,
    people: People,
}

impl Office {
    /// A desk that writes in `locale`.
    pub fn new(locale: &Locale) -> Result<Self, NotASample> {
        let provider = Provider {
            key: PROVIDER.to_owned(),
            name: "Orange Business".to_owned(),
            address: Some(address("support@orange.example")?),
            domains: Vec::new(),
            contract: Some("C-2026-118".to_owned()),
            locale: None,
            hours: None,
            remind_after_business_days: 2,
        };
        Ok(Self {
            desk: Desk {
                key: "support".to_owned(),
                address: address("support@example.org")?,
                name: "Support informatique".to_owned(),
                prefix: "INC".to_owned(),
                locale: locale.clone(),
                languages: vec![locale.clone()],
                timezone: TimeZone::UTC,
                team: Some("infra".to_owned()),
                plus_addresses: true,
                command_proof: CommandProof::Token,
            },
            people: People {
                providers: BTreeMap::from([(provider.key.clone(), provider)]),
                ..People::default()
            },
        })
    }

    /// The outside of a letter from it.
    pub fn envelope(&self) -> Result<Envelope<'_>, NotASample> {
        Ok(Envelope {
            desk: &self.desk,
            people: &self.people,
            message_id: id("inc-1042.7.4f1c2a@example.org")?,
            reply_to: address("support+inc-1042.4f1c2a@example.org")?,
            outage_address: Some(address("support+inc-1038.4f1c2a@example.org")?),
            line_addresses: vec![address("support+inc-1042.4f1c2a@example.org")?],
            envelope_from: address("support+bounce.4f1c2a@example.org")?,
            date: moment(0),
            timezone: &self.desk.timezone,
        })
    }
}
