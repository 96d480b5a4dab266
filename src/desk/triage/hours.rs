//! What is said of time, compared with the clock: "avant 17h", "before 9 tomorrow", "réunion à 10h30".
//!
//! The lists know the words; only the clock of the desk knows whether 17h is in twenty minutes or in nine hours. A
//! deadline that is near speaks for high urgency, one within a day for medium. The bare words of one that is farther
//! off than a working day speak for medium only. Times that name no deadline ("depuis 9h", "joignable avant 17h") are
//! left alone. Knows French, English, German, Spanish, Italian and Dutch.

use jiff::Unit;
use jiff::civil::{DateTime, Time};

use super::evidence::{Evidence, Heard, Level, Words as Because};
use super::fold::{Folded, Pause};
use super::{Place, Urgency};

/// Who has less time than this can wait for nothing else.
const NEAR_MINUTES: i64 = 120;
/// More than a working day: other things can be done before.
const FAR_MINUTES: i64 = 8 * 60;
const DAY_MINUTES: i64 = 24 * 60;
/// A time that passed less than this ago is not meant to be tomorrow's.
const PASSED_MINUTES: i64 = 180;
/// Deadlines of one text that are looked at: nobody names more.
const DEADLINES_MAX: usize = 8;

/// Words that make what follows a deadline.
const BEFORE: [&str; 11] = [
    "avant", "ici", "before", "by", "vor", "bis", "antes", "entro", "prima", "voor", "pour",
];
/// Words that do so where something begins or ends then.
const AT: [&str; 9] = [
    "a", "at", "um", "las", "alle", "om", "des", "vers", "around",
];
/// What begins or ends.
const OCCASIONS: [&str; 61] = [
    "reunion",
    "visio",
    "rdv",
    "rendez",
    "presentation",
    "entretien",
    "cours",
    "audience",
    "conseil",
    "soutenance",
    "examen",
    "train",
    "vol",
    "avion",
    "part",
    "depart",
    "ferme",
    "fermeture",
    "ouvre",
    "ouverture",
    "passe",
    "livraison",
    "camion",
    "transporteur",
    "chauffeur",
    "client",
    "cliente",
    "commence",
    "debute",
    "echeance",
    "formation",
    "signature",
    "levee",
    "meeting",
    "call",
    "demo",
    "interview",
    "exam",
    "flight",
    "leaves",
    "starts",
    "begins",
    "opens",
    "closes",
    "deadline",
    "courier",
    "presenting",
    "appointment",
    "due",
    "hearing",
    "termin",
    "besprechung",
    "sitzung",
    "beginnt",
    "cita",
    "empieza",
    "riunione",
    "appuntamento",
    "vergadering",
    "afspraak",
    "begint",
];
/// Words before a time that make it no deadline: when somebody can be reached, or a denial.
const NOT_DUE: [&str; 34] = [
    "joignable",
    "disponible",
    "dispo",
    "appeler",
    "appelez",
    "rappeler",
    "rappelez",
    "libre",
    "present",
    "presente",
    "absent",
    "absente",
    "la",
    "depuis",
    "reachable",
    "available",
    "reach",
    "free",
    "away",
    "since",
    "back",
    "not",
    "pas",
    "rien",
    "nothing",
    "kein",
    "nicht",
    "niet",
    "no",
    "non",
    "ne",
    "erreichbar",
    "jusqu",
    "until",
];
const TOMORROW: [&str; 6] = [
    "demain",
    "tomorrow",
    "morgen",
    "manana",
    "domani",
    "lendemain",
];
/// What may stand behind a bare number that is an hour: the end of what is said, or one of these.
const AFTER_HOUR: [&str; 16] = [
    "demain",
    "tomorrow",
    "today",
    "please",
    "pls",
    "svp",
    "merci",
    "thanks",
    "or",
    "sinon",
    "otherwise",
    "and",
    "et",
    "ce",
    "this",
    "sharp",
];

/// A deadline as it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    /// Its words, as the mail has them.
    pub(super) said: String,
    /// Minutes that are left.
    pub(super) minutes: i64,
}

/// Adds what the clock makes of the deadlines in subject and text; `at`: the desk's time when they were read.
pub(super) fn weigh(counted: &mut Vec<Evidence<'_>>, heard: &Heard, at: DateTime) {
    for (place, folded) in heard.parts() {
        let factor = match place {
            Place::Subject => 2,
            _ => 1,
        };
        for deadline in read(folded, at) {
            let (level, points) = match deadline.minutes {
                ..=NEAR_MINUTES => (Urgency::High, 3),
                _ => (Urgency::Medium, 2),
            };
            if deadline.minutes > FAR_MINUTES {
                let said = deadline.said.to_lowercase();
                counted.retain(|evidence| {
                    evidence.about != Level::Urgency(Urgency::High)
                        || !said.contains(&evidence.because.shown().to_lowercase())
                });
            }
            counted.push(Evidence {
                about: Level::Urgency(level),
                key: None,
                because: Because::Said(deadline.said),
                place,
                points: points * factor,
            });
        }
    }
}

/// The deadlines of today and tomorrow, seen from `at`, that a text names.
pub(super) fn read(folded: &Folded, at: DateTime) -> Vec<Deadline> {
    let words = Words(folded);
    let mut found = Vec::new();
    for place in 0..folded.tokens.len() {
        if found.len() == DEADLINES_MAX {
            break;
        }
        if let Some((end, minutes)) = words.deadline(place, at) {
            let said = folded.quote(place, end);
            found.push(Deadline { said, minutes });
        }
    }
    found
}

struct Words<'f>(&'f Folded);

impl Words<'_> {
    fn at(&self, place: usize) -> &str {
        let tokens = &self.0.tokens;
        let Some(token) = tokens.get(place) else {
            return "";
        };
        let end = tokens
            .get(place + 1)
            .map_or(self.0.text.len(), |next| next.start - 1);
        self.0.text.get(token.start..end).unwrap_or_default()
    }

    /// Whether the word follows the one before without a pause.
    fn joined(&self, place: usize) -> bool {
        self.0
            .tokens
            .get(place)
            .is_some_and(|token| token.pause < Pause::Comma)
    }

    /// Whether one of `words` stands at most three words before, in the same clause.
    fn before(&self, place: usize, words: &[&str]) -> bool {
        let near = (1..=3).take_while(|back| place >= *back && self.joined(place + 1 - back));
        near.into_iter()
            .any(|back| words.contains(&self.at(place - back)))
    }

    /// The last word of the deadline that begins at `place`, and how many minutes are left.
    fn deadline(&self, place: usize, at: DateTime) -> Option<(usize, i64)> {
        let word = self.at(place);
        let is_due = BEFORE.contains(&word) || AT.contains(&word) && self.before(place, &OCCASIONS);
        if !is_due || self.before(place, &NOT_DUE) {
            return None;
        }
        // "antes de las 5", "before tomorrow at 9", "avant demain matin 9h"
        let mut next = place + 1;
        let mut tomorrow = false;
        while next < place + 5 && self.joined(next) {
            let word = self.at(next);
            let is_tomorrow = TOMORROW.contains(&word);
            let passes = [
                "matin", "morning", "de", "le", "delle", "a", "at", "um", "alle", "om",
            ];
            if !is_tomorrow && !passes.contains(&word) && !AT.contains(&word) {
                break;
            }
            tomorrow |= is_tomorrow;
            next += 1;
        }
        let (mut end, time, midnight) = self.time(next).filter(|_| self.joined(next))?;
        if self.joined(end + 1) && TOMORROW.contains(&self.at(end + 1)) {
            (end, tomorrow) = (end + 1, true);
        }
        let due = at.date().to_datetime(time);
        let due = match tomorrow || midnight {
            true => due.tomorrow_at(time)?,
            false => due,
        };
        let minutes = minutes_between(at, due)?;
        let minutes = match minutes {
            0.. => minutes,
            _ if minutes > -PASSED_MINUTES => return None,
            // The shop that opens at 8 is meant to be tomorrow's in the evening.
            _ => minutes + DAY_MINUTES,
        };
        Some((end, minutes))
    }

    /// A time of day at `place`: its last word, the time, and whether it is the midnight that comes.
    fn time(&self, place: usize) -> Option<(usize, Time, bool)> {
        match self.at(place) {
            "midi" | "noon" | "mittag" | "mezzogiorno" | "mediodia" => {
                return Some((place, Time::constant(12, 0, 0, 0), false));
            }
            "minuit" | "midnight" | "mitternacht" | "mezzanotte" | "medianoche" | "middernacht" => {
                return Some((place, Time::MIN, true));
            }
            _ => {}
        }
        let word = self.at(place).strip_prefix('#')?;
        let digits = word
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(word.len());
        let (hour, unit) = word.split_at(digits);
        let hour: i8 = hour.parse().ok()?;
        let minute = |place: usize| -> Option<i8> {
            let digits = self.at(place).strip_prefix('#')?;
            let minute = digits.parse().ok()?;
            (digits.len() == 2 && self.joined(place) && (0..60).contains(&minute)).then_some(minute)
        };
        let mut end = place;
        let mut minutes = 0;
        let mut half = "";
        match unit {
            "h" | "hr" | "uhr" => {
                if let Some(more) = minute(end + 1) {
                    (end, minutes) = (end + 1, more);
                }
            }
            "am" | "pm" => half = unit,
            "" => {
                if let Some(more) = minute(end + 1) {
                    (end, minutes) = (end + 1, more);
                }
                match self.at(end + 1) {
                    "h" | "heures" | "heure" | "uhr" | "uur" if self.joined(end + 1) => {
                        end += 1;
                        if let Some(more) = minute(end + 1) {
                            (end, minutes) = (end + 1, more);
                        }
                    }
                    "am" | "pm" if self.joined(end + 1) => {
                        end += 1;
                        half = if self.at(end) == "pm" { "pm" } else { "am" };
                    }
                    // "before 5 people come" names no time.
                    after if end == place => {
                        let ends = !self.joined(end + 1) || AFTER_HOUR.contains(&after);
                        if !ends {
                            return None;
                        }
                        half = if hour < 8 { "pm" } else { "" };
                    }
                    _ => {}
                }
            }
            unit => minutes = unit.strip_prefix('h')?.parse().ok()?,
        }
        let hour = match half {
            "pm" if hour < 12 => hour + 12,
            "am" if hour == 12 => 0,
            _ => hour,
        };
        let time = Time::new(hour, minutes, 0, 0).ok()?;
        Some((end, time, false))
    }
}

/// The same clock reading on the next day.
trait Tomorrow {
    fn tomorrow_at(self, time: Time) -> Option<DateTime>;
}

impl Tomorrow for DateTime {
    fn tomorrow_at(self, time: Time) -> Option<DateTime> {
        Some(self.date().tomorrow().ok()?.to_datetime(time))
    }
}

fn minutes_between(from: DateTime, to: DateTime) -> Option<i64> {
    let span = from.until((Unit::Minute, to)).ok()?;
    Some(span.get_minutes())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn left(text: &str, hour: i8, minute: i8) -> Vec<(String, i64)> {
        let at = date(2026, 11, 23).at(hour, minute, 0, 0);
        let found = read(&Folded::new(text), at);
        found
            .into_iter()
            .map(|deadline| (deadline.said, deadline.minutes))
            .collect()
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, said, minutes) in [
            ("il me le faut avant 17h", "avant 17h", 60),
            ("avant 17h30 svp", "avant 17h30", 90),
            ("avant 17:15", "avant 17:15", 75),
            ("avant 17 h 45", "avant 17 h 45", 105),
            ("d'ici 17 heures", "ici 17 heures", 60),
            ("pour 18h", "pour 18h", 120),
            ("needed by 5pm", "by 5pm", 60),
            ("before 5:30 pm", "before 5:30 pm", 90),
            ("by 5, please", "by 5", 60),
            ("réunion client à 16h30", "à 16h30", 30),
            ("I have a meeting at 4:30 pm", "at 4:30 pm", 30),
            ("before midnight", "before midnight", 480),
            ("before 9 tomorrow", "before 9 tomorrow", 17 * 60),
            ("avant demain matin 9h", "avant demain matin 9h", 17 * 60),
            ("le magasin ouvre à 8h", "à 8h", 16 * 60),
            ("vor 17 Uhr", "vor 17 Uhr", 60),
            ("antes de las 17h", "antes de las 17h", 60),
            ("voor 17 uur", "voor 17 uur", 60),
        ] {
            assert_eq!(left(text, 16, 0), [(said.to_owned(), minutes)], "{text}");
        }
    }

    #[test]
    fn times_that_are_no_deadline_are_left_alone() {
        for text in [
            "en panne depuis 9h",
            "je suis joignable avant 17h",
            "appelez-moi avant 18h",
            "I'm available until 5pm",
            "pas avant 17h",
            "before 5 people notice",
            "avant 3 jours",
            "pour 4 postes",
            "il est 17h",
            "à 17h il a planté",
            "by 12 January",
            "avant 25h",
            "réunion à 15h30",
        ] {
            assert_eq!(left(text, 16, 0), [], "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_no_longer() {
        let text = "avant 17h ".repeat(100_000);
        assert_eq!(
            read(&Folded::new(&text), date(2026, 11, 23).at(16, 0, 0, 0)).len(),
            DEADLINES_MAX
        );
        assert!(
            read(
                &Folded::new(&"before ".repeat(100_000)),
                date(9999, 12, 31).at(23, 0, 0, 0)
            )
            .is_empty()
        );
    }
}
