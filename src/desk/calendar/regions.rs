//! The public holidays that a region has beside those of its country, as rules for any year.
//!
//! Left out are days that a law names anew each year (most of the Spanish ones that move) and days of
//! single towns; an operator adds those to the opening hours, such as `; Sep 11 off`.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use self::Rule::{Easter, Fixed, Last, Observed, On, WednesdayBefore23November};

/// When a holiday is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Month and day.
    Fixed(i8, i8),
    /// So many days after Easter Sunday: -2 is Good Friday, 39 Ascension, 60 Corpus Christi.
    Easter(i32),
    /// Month and day, or the next Monday when that is a Saturday or Sunday.
    Observed(i8, i8),
    /// Month, the how manieth of it, weekday, and so many days later.
    On(i8, i8, Weekday, i32),
    /// The last such weekday of a month.
    Last(i8, Weekday),
    /// The Day of Repentance, eleven days before the first Sunday of Advent.
    WednesdayBefore23November,
}

const GOOD_FRIDAY: Rule = Easter(-2);
const EASTER_MONDAY: Rule = Easter(1);
const WHIT_MONDAY: Rule = Easter(50);
const CORPUS_CHRISTI: Rule = Easter(60);
const EPIPHANY: Rule = Fixed(1, 6);
const SAINT_JOSEPH: Rule = Fixed(3, 19);
const MAY_DAY: Rule = Fixed(5, 1);
const ASSUMPTION: Rule = Fixed(8, 15);
const REFORMATION: Rule = Fixed(10, 31);
const ALL_SAINTS: Rule = Fixed(11, 1);
const IMMACULATE_CONCEPTION: Rule = Fixed(12, 8);
const SAINT_STEPHEN: Rule = Fixed(12, 26);
const WOMENS_DAY: Rule = Fixed(3, 8);

/// The regions, sorted by code. Sources: the Local Law of Alsace-Moselle (Code du travail L3134-13) and L3422-2
/// for the overseas departments; the holiday acts of the German states; the laws of the cantons; the
/// Banking and Financial Dealings Act 1971 for the United Kingdom.
const REGIONS: &[(&str, &[Rule])] = &[
    (
        "CH-BE",
        &[
            Fixed(1, 2),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            SAINT_STEPHEN,
        ],
    ),
    (
        "CH-BS",
        &[
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            WHIT_MONDAY,
            SAINT_STEPHEN,
        ],
    ),
    (
        "CH-FR",
        &[
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            IMMACULATE_CONCEPTION,
        ],
    ),
    (
        "CH-GE",
        // The Genevan Fast is the Thursday after the first Sunday of September.
        &[
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            On(9, 1, Weekday::Sunday, 4),
            Fixed(12, 31),
        ],
    ),
    (
        "CH-JU",
        &[
            Fixed(1, 2),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            Fixed(6, 23),
            ASSUMPTION,
            ALL_SAINTS,
        ],
    ),
    ("CH-NE", &[Fixed(3, 1), GOOD_FRIDAY, MAY_DAY]),
    (
        "CH-TI",
        &[
            EPIPHANY,
            SAINT_JOSEPH,
            EASTER_MONDAY,
            MAY_DAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            Fixed(6, 29),
            ASSUMPTION,
            ALL_SAINTS,
            IMMACULATE_CONCEPTION,
            SAINT_STEPHEN,
        ],
    ),
    (
        "CH-VD",
        // The Monday after the Federal Fast, which is the third Sunday of September.
        &[
            Fixed(1, 2),
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            On(9, 3, Weekday::Sunday, 1),
        ],
    ),
    (
        "CH-VS",
        &[
            SAINT_JOSEPH,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            IMMACULATE_CONCEPTION,
        ],
    ),
    (
        "CH-ZH",
        &[
            GOOD_FRIDAY,
            EASTER_MONDAY,
            MAY_DAY,
            WHIT_MONDAY,
            SAINT_STEPHEN,
        ],
    ),
    ("DE-BB", &[REFORMATION]),
    ("DE-BE", &[WOMENS_DAY]),
    ("DE-BW", &[EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS]),
    ("DE-BY", &[EPIPHANY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS]),
    ("DE-HB", &[REFORMATION]),
    ("DE-HE", &[CORPUS_CHRISTI]),
    ("DE-HH", &[REFORMATION]),
    ("DE-MV", &[WOMENS_DAY, REFORMATION]),
    ("DE-NI", &[REFORMATION]),
    ("DE-NW", &[CORPUS_CHRISTI, ALL_SAINTS]),
    ("DE-RP", &[CORPUS_CHRISTI, ALL_SAINTS]),
    ("DE-SH", &[REFORMATION]),
    ("DE-SL", &[CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS]),
    ("DE-SN", &[REFORMATION, WednesdayBefore23November]),
    ("DE-ST", &[EPIPHANY, REFORMATION]),
    ("DE-TH", &[Fixed(9, 20), REFORMATION]),
    ("ES-AN", &[Fixed(2, 28), Easter(-3)]),
    (
        "ES-CT",
        &[EASTER_MONDAY, Fixed(6, 24), Fixed(9, 11), SAINT_STEPHEN],
    ),
    ("ES-GA", &[Easter(-3), Fixed(7, 25)]),
    ("ES-MD", &[Easter(-3), Fixed(5, 2)]),
    ("ES-PV", &[Easter(-3), EASTER_MONDAY]),
    ("ES-VC", &[EASTER_MONDAY, Fixed(10, 9)]),
    // Alsace and Moselle.
    ("FR-57", &[GOOD_FRIDAY, SAINT_STEPHEN]),
    ("FR-67", &[GOOD_FRIDAY, SAINT_STEPHEN]),
    ("FR-68", &[GOOD_FRIDAY, SAINT_STEPHEN]),
    ("FR-6AE", &[GOOD_FRIDAY, SAINT_STEPHEN]),
    // Abolition of slavery: Guadeloupe, Martinique, Guyane, La Reunion, Mayotte.
    ("FR-971", &[Fixed(5, 27)]),
    ("FR-972", &[Fixed(5, 22)]),
    ("FR-973", &[Fixed(6, 10)]),
    ("FR-974", &[Fixed(12, 20)]),
    ("FR-976", &[Fixed(4, 27)]),
    (
        "GB-ENG",
        &[Observed(1, 1), EASTER_MONDAY, Last(8, Weekday::Monday)],
    ),
    (
        "GB-NIR",
        &[
            Observed(1, 1),
            Observed(3, 17),
            EASTER_MONDAY,
            Observed(7, 12),
            Last(8, Weekday::Monday),
        ],
    ),
    (
        "GB-SCT",
        &[
            Observed(1, 1),
            Fixed(1, 2),
            On(8, 1, Weekday::Monday, 0),
            Observed(11, 30),
        ],
    ),
    (
        "GB-WLS",
        &[Observed(1, 1), EASTER_MONDAY, Last(8, Weekday::Monday)],
    ),
    ("IT-32", &[WHIT_MONDAY]),
    ("IT-BZ", &[WHIT_MONDAY]),
];

/// The rules of a region by its code in capitals.
pub(super) fn rules(code: &str) -> Option<&'static [Rule]> {
    REGIONS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, rules)| *rules)
}

/// The codes of the regions known of a country.
pub(super) fn codes_of(country: &str) -> Vec<&'static str> {
    let codes = REGIONS.iter().map(|(code, _)| *code);
    codes
        .filter(|code| code.split('-').next() == Some(country))
        .collect()
}

impl Rule {
    /// The day in a year.
    pub fn day(self, year: i16) -> Option<Date> {
        match self {
            Fixed(month, day) => Date::new(year, month, day).ok(),
            Easter(days) => easter(year)?.checked_add(days.days()).ok(),
            Observed(month, day) => {
                let day = Date::new(year, month, day).ok()?;
                let later = match day.weekday() {
                    Weekday::Saturday => 2,
                    Weekday::Sunday => 1,
                    _ => 0,
                };
                day.checked_add(later.days()).ok()
            }
            On(month, nth, weekday, later) => {
                let first = Date::new(year, month, 1).ok()?;
                let day = first.nth_weekday_of_month(nth, weekday).ok()?;
                day.checked_add(later.days()).ok()
            }
            Last(month, weekday) => {
                let first = Date::new(year, month, 1).ok()?;
                first.nth_weekday_of_month(-1, weekday).ok()
            }
            WednesdayBefore23November => {
                let day = Date::new(year, 11, 23).ok()?;
                day.nth_weekday(-1, Weekday::Wednesday).ok()
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the anonymous method of 1876 (Meeus/Jones/Butcher).
pub(super) fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
