//! What was agreed: when somebody works, which days are off, and how soon an answer comes.
//!
//! Desks, teams and organisations each may say something. What the organisation was promised counts
//! first, then how its team works, then its desk, key by key. Knows no tickets: `targets.rs` and
//! `promise.rs` apply what is agreed to them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::calendar::Calendar;
use super::calendar::holidays::Holidays;
use super::calendar::hours::Hours;
use super::ticket::Ticket;
use super::triage::Priority;

/// What `Terms::usual` says, as the configuration would write it.
const USUAL_HOURS: &str = "Mo-Fr 09:00-18:00; PH off";
/// See `USUAL_HOURS`.
const USUAL_HOLIDAYS: &str = "FR";

/// What one desk, team or organisation says about its time. What it does not say, the next one does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// When somebody works.
    pub hours: Option<Hours>,
    /// Which public holidays are off.
    pub holidays: Option<Holidays>,
    /// Where the clock hangs.
    pub timezone: Option<TimeZone>,
    /// What is aimed at for each priority.
    pub aims: BTreeMap<Priority, Aim>,
}

/// What is said about tickets of one priority; only what differs from what others say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aim {
    /// See `Target::first_answer`; `Some(None)`: explicitly none.
    pub first_answer: Option<Option<SignedDuration>>,
    /// See `Target::resolution`; `Some(None)`: explicitly none.
    pub resolution: Option<Option<SignedDuration>>,
    /// See `Target::next_news`.
    pub next_news: Option<Wait>,
    /// Opening hours for this priority alone, such as `24/7`.
    pub hours: Option<Hours>,
}

/// What is aimed at for a ticket, in business time.
#[derive(Clone, Debug)]
pub struct Target {
    /// A technician has written to the requester.
    pub first_answer: Option<SignedDuration>,
    /// It is resolved.
    pub resolution: Option<SignedDuration>,
    /// The requester hears from us.
    pub next_news: Wait,
    /// The business time it is counted in.
    pub calendar: Calendar,
}

/// How long somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// So much business time.
    Worked(SignedDuration),
    /// Until the same time of day, so many business days later.
    Days(u32),
}

impl Wait {
    /// When it is over; `None` when the calendar never opens long enough.
    pub fn end(self, from: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        match self {
            Self::Worked(time) => calendar.after(from, time),
            Self::Days(days) => calendar.business_days_after(from, days),
        }
    }
}

/// Everything that was agreed.
#[derive(Clone, Debug, Default)]
pub struct Agreements {
    /// What counts when nobody says anything else.
    pub everybody: Terms,
    /// By the desk's name in the configuration.
    pub desks: BTreeMap<String, Terms>,
    /// By the team's.
    pub teams: BTreeMap<String, Terms>,
    /// By the organisation's.
    pub organisations: BTreeMap<String, Terms>,
    calendars: Arc<Mutex<Calendars>>,
}

/// Calendars made so far, by hours, holidays and zone. Each lays its years out only once.
type Calendars = HashMap<(String, String, Option<String>), Calendar>;

impl Terms {
    /// What counts where nobody says anything: nine to six on weekdays, without the holidays of France, and customary
    /// targets.
    pub fn usual() -> Terms {
        Terms {
            hours: Hours::parse(USUAL_HOURS).ok(),
            holidays: Holidays::parse(USUAL_HOLIDAYS).ok(),
            timezone: None,
            aims: Priority::ALL
                .map(|priority| (priority, usual_aim(priority)))
                .into(),
        }
    }
}

impl Aim {
    /// What this says, and what `other` says where this does not.
    pub fn or(self, other: Aim) -> Aim {
        Aim {
            first_answer: self.first_answer.or(other.first_answer),
            resolution: self.resolution.or(other.resolution),
            next_news: self.next_news.or(other.next_news),
            hours: self.hours.or(other.hours),
        }
    }
}

impl Agreements {
    /// The business time of whoever works a ticket of this desk, team and organisation.
    pub fn calendar(&self, desk: &str, team: Option<&str>, organisation: Option<&str>) -> Calendar {
        self.calendar_with(&self.terms(desk, team, organisation), None)
    }

    /// The business time a ticket is worked in.
    pub fn calendar_of(&self, ticket: &Ticket) -> Calendar {
        self.calendar(
            &ticket.desk,
            ticket.team.as_deref(),
            ticket.organisation.as_deref(),
        )
    }

    /// The same with other opening hours, such as those of an outside firm; the holidays and the place stay.
    pub fn calendar_at(&self, ticket: &Ticket, hours: &Hours) -> Calendar {
        let (team, organisation) = (ticket.team.as_deref(), ticket.organisation.as_deref());
        self.calendar_with(&self.terms(&ticket.desk, team, organisation), Some(hours))
    }

    /// What is aimed at for a ticket as it stands.
    pub fn target_of(&self, ticket: &Ticket) -> Target {
        let (team, organisation) = (ticket.team.as_deref(), ticket.organisation.as_deref());
        self.target(&ticket.desk, team, organisation, ticket.priority)
    }

    /// What is aimed at for tickets of a desk, team, organisation and priority.
    pub fn target(
        &self,
        desk: &str,
        team: Option<&str>,
        organisation: Option<&str>,
        priority: Priority,
    ) -> Target {
        let terms = self.terms(desk, team, organisation);
        let aims = || terms.iter().filter_map(|terms| terms.aims.get(&priority));
        let first_answer = aims().find_map(|aim| aim.first_answer);
        let resolution = aims().find_map(|aim| aim.resolution);
        let hours = aims().find_map(|aim| aim.hours.as_ref());
        Target {
            first_answer: first_answer.flatten(),
            resolution: resolution.flatten(),
            next_news: aims()
                .find_map(|aim| aim.next_news)
                .unwrap_or(Wait::Days(1)),
            calendar: self.calendar_with(&terms, hours),
        }
    }

    /// Equal for two configurations that agree on the same, whatever else they say.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        let mut add = |kind: &str, name: &str, terms: &Terms| {
            let hours = terms.hours.as_ref().map(Hours::text);
            let holidays = terms.holidays.as_ref().map(Holidays::code);
            let zone = terms.timezone.as_ref().and_then(TimeZone::iana_name);
            let _ = write!(text, "{kind} {name} {hours:?} {holidays:?} {zone:?}");
            for (priority, aim) in &terms.aims {
                let hours = aim.hours.as_ref().map(Hours::text);
                let (first, last) = (aim.first_answer, aim.resolution);
                let _ = write!(text, " {} {first:?} {last:?} {hours:?}", priority.word());
            }
            text.push('\n');
        };
        add("everybody", "", &self.everybody);
        for (kind, all) in [
            ("desk", &self.desks),
            ("team", &self.teams),
            ("organisation", &self.organisations),
        ] {
            all.iter().for_each(|(name, terms)| add(kind, name, terms));
        }
        text
    }

    /// Who says something about a ticket, whoever counts most first.
    fn terms(&self, desk: &str, team: Option<&str>, organisation: Option<&str>) -> Vec<&Terms> {
        let organisation = organisation.and_then(|key| self.organisations.get(key));
        let team = team.and_then(|key| self.teams.get(key));
        let desk = self.desks.get(desk);
        let all = [organisation, team, desk, Some(&self.everybody)];
        all.into_iter().flatten().collect()
    }

    fn calendar_with(&self, terms: &[&Terms], hours: Option<&Hours>) -> Calendar {
        let hours = hours
            .or_else(|| terms.iter().find_map(|terms| terms.hours.as_ref()))
            .cloned()
            .unwrap_or_else(Hours::round_the_clock);
        let holidays = terms.iter().find_map(|terms| terms.holidays.as_ref());
        let holidays = holidays.cloned().unwrap_or_else(Holidays::none);
        let zone = terms.iter().find_map(|terms| terms.timezone.as_ref());
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        let key = (
            hours.text().to_owned(),
            holidays.code().to_owned(),
            zone.iana_name().map(ToOwned::to_owned),
        );
        // A calendar is only ever added whole: a thread that panicked meanwhile left nothing half done.
        let mut calendars = self
            .calendars
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        calendars
            .entry(key)
            .or_insert_with(|| Calendar::new(&hours, &holidays, zone))
            .clone()
    }
}

/// What is aimed at where the configuration says nothing: customary figures for a small desk, in working time.
/// The next news is that of the first promise to requesters (`product.md` §9).
fn usual_aim(priority: Priority) -> Aim {
    let (first_answer, resolution, next_news) = match priority {
        Priority::P1 => (30, 4 * 60, Wait::Worked(SignedDuration::from_hours(1))),
        Priority::P2 => (2 * 60, 9 * 60, Wait::Worked(SignedDuration::from_hours(4))),
        Priority::P3 => (4 * 60, 27 * 60, Wait::Days(1)),
        Priority::P4 => (9 * 60, 45 * 60, Wait::Days(2)),
    };
    Aim {
        first_answer: Some(Some(SignedDuration::from_mins(first_answer))),
        resolution: Some(Some(SignedDuration::from_mins(resolution))),
        next_news: Some(next_news),
        hours: None,
    }
}
