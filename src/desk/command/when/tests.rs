//! Moments and durations as people write them, in both languages.

use super::*;

/// Thursday, 26 November 2026, 10:30 in Paris.
fn here() -> Here {
    Here {
        now: "2026-11-26T09:30:00Z".parse().unwrap(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
    }
}

/// The moment as the clock in Paris shows it.
fn at(text: &str) -> String {
    match moment(text, &here()) {
        Ok(moment) => moment
            .to_zoned(here().zone)
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        Err(why) => format!("{why:?}"),
    }
}

#[test]
fn moments_are_understood_as_they_are_said() {
    for (text, moment) in [
        // Lengths of time.
        ("2h", "2026-11-26 12:30"),
        ("in 2 hours", "2026-11-26 12:30"),
        ("dans deux heures", "2026-11-26 12:30"),
        ("dans une demi-heure", "2026-11-26 11:00"),
        ("half an hour", "2026-11-26 11:00"),
        ("dans 1 heure et demie", "2026-11-26 12:00"),
        ("an hour and a half", "2026-11-26 12:00"),
        ("1h30", "2026-11-26 12:00"),
        ("90 min", "2026-11-26 12:00"),
        ("45mn", "2026-11-26 11:15"),
        ("1,5 h", "2026-11-26 12:00"),
        ("48h", "2026-11-28 10:30"),
        ("sous 48 h", "2026-11-28 10:30"),
        ("2j", "2026-11-30 08:00"),
        ("1j", "2026-11-27 08:00"),
        ("5d", "2026-12-01 08:00"),
        ("dans 3 jours", "2026-11-30 08:00"),
        ("for 3 days", "2026-11-30 08:00"),
        ("trois jours ouvrés", "2026-12-01 08:00"),
        ("2 business days", "2026-11-30 08:00"),
        ("une semaine", "2026-12-03 08:00"),
        ("in a week", "2026-12-03 08:00"),
        ("in 2 weeks", "2026-12-10 08:00"),
        ("2 sem.", "2026-12-10 08:00"),
        ("quinze jours", "2026-12-11 08:00"),
        ("une quinzaine", "2026-12-10 08:00"),
        ("un mois", "2026-12-28 08:00"),
        ("1 week and 2 days", "2026-12-07 08:00"),
        // Days.
        ("demain", "2026-11-27 08:00"),
        ("Demain matin", "2026-11-27 08:00"),
        ("tomorrow morning", "2026-11-27 08:00"),
        ("tomorrow at 10", "2026-11-27 10:00"),
        ("demain 14h30", "2026-11-27 14:30"),
        ("demain à 9 h", "2026-11-27 09:00"),
        ("demain midi", "2026-11-27 12:00"),
        ("après-demain", "2026-11-28 08:00"),
        ("day after tomorrow", "2026-11-28 08:00"),
        ("until Monday 9:00", "2026-11-30 09:00"),
        ("jusqu’à lundi 9h", "2026-11-30 09:00"),
        ("lundi", "2026-11-30 08:00"),
        ("Mon 9am", "2026-11-30 09:00"),
        ("lundi prochain", "2026-11-30 08:00"),
        ("next Friday", "2026-11-27 08:00"),
        ("vendredi prochain", "2026-11-27 08:00"),
        ("vendredi en huit", "2026-12-04 08:00"),
        ("mardi après-midi", "2026-12-01 14:00"),
        ("Tuesday afternoon at 3", "2026-12-01 15:00"),
        ("jeudi", "2026-12-03 08:00"),
        ("jeudi 14h", "2026-11-26 14:00"),
        ("thursday 9:00", "2026-12-03 09:00"),
        ("lundi 30 novembre", "2026-11-30 08:00"),
        ("next week", "2026-11-30 08:00"),
        ("la semaine prochaine", "2026-11-30 08:00"),
        ("mardi de la semaine prochaine", "2026-12-01 08:00"),
        ("next week Tuesday", "2026-12-01 08:00"),
        ("le mois prochain", "2026-12-01 08:00"),
        ("fin de semaine", "2026-11-27 17:00"),
        ("end of the month", "2026-11-30 08:00"),
        // Times of day.
        ("ce soir", "2026-11-26 18:00"),
        ("tonight", "2026-11-26 18:00"),
        ("cet après-midi", "2026-11-26 14:00"),
        ("midi", "2026-11-26 12:00"),
        ("aujourd’hui", "2026-11-26 18:00"),
        ("14h", "2026-11-26 14:00"),
        ("à 9h", "2026-11-27 09:00"),
        ("9:00", "2026-11-27 09:00"),
        ("11.30am", "NotUnderstood"),
        ("5pm", "2026-11-26 17:00"),
        ("5:30 p.m.", "2026-11-26 17:30"),
        ("12am", "2026-11-27 00:00"),
        ("9 h 45 ce matin", "Past"),
        ("ce matin", "Past"),
        // Dates.
        ("15/12", "2026-12-15 08:00"),
        ("le 15/12 à 14h", "2026-12-15 14:00"),
        ("15.12.2026", "2026-12-15 08:00"),
        ("12/15", "2026-12-15 08:00"),
        ("2026-12-15 09:30", "2026-12-15 09:30"),
        ("15 décembre", "2026-12-15 08:00"),
        ("the 15th of December", "2026-12-15 08:00"),
        ("December 15th at 2 pm", "2026-12-15 14:00"),
        ("1er janvier", "2027-01-01 08:00"),
        ("le 4 janv. 2027", "2027-01-04 08:00"),
        ("le 3", "2026-12-03 08:00"),
        ("le 30", "2026-11-30 08:00"),
        ("15/1", "2027-01-15 08:00"),
        // What has passed, and what says nothing.
        ("hier", "Past"),
        ("15/11", "Past"),
        ("26/11/2025", "Past"),
        ("0 min", "Past"),
        ("15/12/2030", "TooFar"),
        ("400 jours", "TooFar"),
        ("31/02", "NotUnderstood"),
        ("25h61", "NotUnderstood"),
        ("quand il rentre", "NotUnderstood"),
        ("lundi mardi", "NotUnderstood"),
        ("le", "NotUnderstood"),
        ("", "NotUnderstood"),
        ("9999999999999 jours", "NotUnderstood"),
        ("9999 mois 9999 jours", "TooFar"),
    ] {
        assert_eq!((text, at(text).as_str()), (text, moment));
    }
}

#[test]
fn a_reason_may_follow() {
    for (text, moment, why) in [
        (
            "lundi car le site est fermé",
            "2026-11-30",
            "le site est fermé",
        ),
        (
            "until Monday 9:00 because of the audit",
            "2026-11-30",
            "the audit",
        ),
        (
            "2j, il attend une pièce",
            "2026-11-30",
            "il attend une pièce",
        ),
        (
            "demain parce qu’il est absent",
            "2026-11-27",
            "il est absent",
        ),
    ] {
        let (at, said) = moment_and_why(text, &here()).unwrap();
        assert_eq!(
            at.to_zoned(here().zone).date().to_string(),
            moment,
            "{text}"
        );
        assert_eq!(said.as_deref(), Some(why));
    }
    assert_eq!(
        moment_and_why("hier car il le voulait", &here()),
        Err(Unusable::Past)
    );
}

#[test]
fn a_time_the_clock_skips_is_moved_on() {
    let here = Here {
        now: "2027-03-27T12:00:00Z".parse().unwrap(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
    };
    let at = moment("demain 2:30", &here).unwrap();
    assert_eq!(at.to_string(), "2027-03-28T01:30:00Z");
}

#[test]
fn minutes_worked_are_read_in_all_their_forms() {
    for (text, expected) in [
        ("30", Some(30)),
        ("30m", Some(30)),
        ("30 minutes", Some(30)),
        ("1h", Some(60)),
        ("1h30", Some(90)),
        ("1 h 30", Some(90)),
        ("1h30min", Some(90)),
        ("1h et 15 min", Some(75)),
        ("1,5 h", Some(90)),
        ("0.25h", Some(15)),
        ("2 heures", Some(120)),
        ("une heure et demie", Some(90)),
        ("une demi-heure", Some(30)),
        ("half an hour", Some(30)),
        ("three quarters", None),
        ("2 jours", None),
        ("0", None),
        ("20000", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(minutes(text), expected, "{text}");
    }
}
