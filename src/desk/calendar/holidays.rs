//! Public holidays of a country or of one of its regions.
//!
//! Countries go by their ISO 3166-1 code: `FR`, `BE`, `DE` and more than a hundred others, from the
//! data of the crate `opening-hours` (nager.date, the years 2000 to 2076). Regions go by their ISO
//! 3166-2 code; their days are those of the country and those of `regions.rs`. Knows no hours.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use jiff::civil::Date;
use opening_hours::ContextHolidays;
use opening_hours::localization::Country;

use super::regions;

/// The years whose days of regions are reckoned: those of the countries' data.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2076;

/// The public holidays of a place.
#[derive(Clone, PartialEq, Eq)]
pub struct Holidays {
    code: Option<String>,
    days: ContextHolidays,
}

/// Why a text does not name a place whose public holidays are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolidaysError {
    /// No such country.
    #[error(
        "`{0}` is not a country whose public holidays are known; write its ISO code, such as FR, BE or CH, a region's such as FR-57, or none"
    )]
    Country(String),
    /// No such region.
    #[error(
        "`{code}` is not a region whose public holidays are known; write {known}, or {country} and the other days in `hours`, such as `; Sep 11 off`"
    )]
    Region {
        /// What was written.
        code: String,
        /// Its country.
        country: String,
        /// The regions known of it.
        known: String,
    },
}

impl Holidays {
    /// The public holidays of a place by its ISO code, in any case; `none` for a place without.
    pub fn parse(text: &str) -> Result<Holidays, HolidaysError> {
        let code = text.trim().to_ascii_uppercase();
        if code == "NONE" {
            return Ok(Self::none());
        }
        let name = code.split('-').next().unwrap_or_default();
        let country: Country = name
            .parse()
            .map_err(|_| HolidaysError::Country(text.trim().to_owned()))?;
        let days = country.holidays();
        if days.get_public().count() == 0 {
            return Err(HolidaysError::Country(text.trim().to_owned()));
        }
        // The days all of the United Kingdom shares are half of what anybody there has.
        let region = if code == "GB" { "GB-ENG" } else { &code };
        if region == name {
            return Ok(Self {
                code: Some(code),
                days,
            });
        }
        let Some(rules) = regions::rules(region) else {
            let known = regions::codes_of(name).join(", ");
            return Err(HolidaysError::Region {
                country: name.to_owned(),
                code: code.clone(),
                known: if known.is_empty() {
                    "none of its regions is".to_owned()
                } else {
                    known
                },
            });
        };
        let mut all = days.get_public().clone();
        for day in YEARS.flat_map(|year| rules.iter().filter_map(move |rule| rule.day(year))) {
            if let Some(day) = chrono_day(day) {
                all.insert(day);
            }
        }
        Ok(Self {
            code: Some(code),
            days: ContextHolidays::new(Arc::new(all), Arc::default()),
        })
    }

    /// No holidays at all.
    pub fn none() -> Holidays {
        Self {
            code: None,
            days: ContextHolidays::default(),
        }
    }

    /// The ISO code; `none` for a place without.
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or("none")
    }

    /// The holidays of a year, in order.
    pub fn of_year(&self, year: i16) -> Vec<Date> {
        let days = self.days.get_public().iter();
        days.filter(|day| day.year() == i32::from(year))
            .filter_map(jiff_day)
            .collect()
    }

    /// For the crate that evaluates hours. School holidays are not known.
    pub(super) fn context(&self) -> ContextHolidays {
        self.days.clone()
    }
}

impl fmt::Debug for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holidays({})", self.code())
    }
}

fn chrono_day(day: Date) -> Option<NaiveDate> {
    let (year, month, day) = (day.year(), day.month(), day.day());
    NaiveDate::from_ymd_opt(
        i32::from(year),
        u32::from(month.unsigned_abs()),
        u32::from(day.unsigned_abs()),
    )
}

fn jiff_day(day: NaiveDate) -> Option<Date> {
    let year = i16::try_from(day.year()).ok()?;
    let month = i8::try_from(day.month()).ok()?;
    Date::new(year, month, i8::try_from(day.day()).ok()?).ok()
}
