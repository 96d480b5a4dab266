//! Tests of the grammar: what is a command, what is text, and what each command is made of.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::when::Here;
use super::*;
use crate::desk::notice::Refusal;

/// Sunday, 22 November 2026, 16:00 in Paris.
fn here() -> Here {
    Here {
        now: "2026-11-22T15:00:00Z".parse().unwrap(),
        zone: TimeZone::get("Europe/Paris").unwrap(),
    }
}

fn orders(text: &str) -> Orders {
    read(text, &here(), &["Ann Martin"])
}

fn commands(text: &str) -> Vec<Command> {
    let found = orders(text);
    assert_eq!(found.refused, [], "{text}");
    found
        .orders
        .into_iter()
        .map(|order| order.command)
        .collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

#[test]
fn commands_open_or_end_the_text_and_the_rest_is_for_the_requester() {
    let text = "/prends\n/P2 car la caisse est bloquée\n\nBonjour,\nvoir /home/paul/x\n/etc/hosts aussi\n\n#résolu\n";
    assert_eq!(
        orders(text).text,
        "Bonjour,\nvoir /home/paul/x\n/etc/hosts aussi"
    );
    assert_eq!(
        commands(text),
        [
            Command::Take,
            Command::Priority(Priority::P2, some("la caisse est bloquée")),
            Command::Resolve(None)
        ]
    );
}

#[test]
fn a_command_in_the_middle_is_text() {
    assert_eq!(commands("Please type\n/close\nin the box"), []);
}

#[test]
fn several_commands_share_a_line() {
    assert_eq!(
        commands("/take /p1 /time 1h30"),
        [
            Command::Take,
            Command::Priority(Priority::P1, None),
            Command::Time(90)
        ]
    );
    assert_eq!(
        commands("/cause « disque plein » /solution \"purge des /tmp /close\" /temps 20 min #clos"),
        [
            Command::Cause("disque plein".to_owned()),
            Command::Solution("purge des /tmp /close".to_owned()),
            Command::Time(20),
            Command::Close(None)
        ]
    );
    assert_eq!(
        commands("/note le client tape /close dans la fenêtre"),
        [Command::Note(
            "le client tape /close dans la fenêtre".to_owned()
        )]
    );
}

#[test]
fn an_unknown_word_is_refused_with_the_nearest_one() {
    let found = orders("/resolv\nDone.");
    let refused = &found.refused[0];
    assert_eq!(refused.because, Refusal::Unknown);
    assert_eq!(refused.did_you_mean.as_deref(), Some("/resolve"));
    assert_eq!(found.text, "Done.");
}

#[test]
fn a_slash_and_a_word_alone_on_a_line_is_never_text() {
    for line in ["/foo", "/p7", "/Oops"] {
        let found = orders(&format!("/take\n{line}\n\nWe look at it."));
        let refused = &found.refused[0];
        assert_eq!(
            (refused.line.as_str(), refused.because),
            (line, Refusal::Unknown)
        );
        assert_eq!(found.text, "We look at it.", "{line}");
    }
    for text in [
        "/home/paul/x",
        "/etc/hosts is wrong",
        "#123",
        "/1",
        "/restart the server",
    ] {
        let found = orders(text);
        assert_eq!((found.refused.len(), found.text.as_str()), (0, text));
    }
}

#[test]
fn a_missing_or_senseless_argument_is_refused() {
    for (line, because) in [
        ("/assign", Refusal::Missing),
        ("/take it", Refusal::Superfluous),
        ("/time soon", Refusal::Duration),
        ("/time", Refusal::Missing),
        ("/impact enorme", Refusal::Level),
        ("/merge that one", Refusal::TicketNumber),
        ("/link", Refusal::Missing),
        ("/snooze", Refusal::Missing),
        ("/snooze un de ces jours", Refusal::Moment),
        ("/snooze hier", Refusal::Past),
        ("/snooze 999 jours", Refusal::TooFar),
        ("/note", Refusal::Missing),
    ] {
        let found = orders(line);
        assert_eq!(found.orders, [], "{line}");
        assert_eq!(found.refused[0].because, because, "{line}");
    }
}

#[test]
fn what_stands_below_a_lone_note_never_goes_to_the_requester() {
    let note = |text: &str| vec![Command::Note(text.to_owned())];
    for text in [
        "/note\nIl ment.",
        "/NOTE :\nIl ment.",
        "Il ment.\n/note",
        "/interne\n\nIl ment.\n",
    ] {
        assert_eq!(commands(text), note("Il ment."), "{text}");
        assert_eq!(orders(text).text, "", "{text}");
    }
    let both = "Bonjour,\nc'est réparé.\n\n/note\nIl ment.";
    assert_eq!(commands(both), note("Il ment."));
    assert_eq!(orders(both).text, "Bonjour,\nc'est réparé.");
    let more = "/note\nIl ment.\n/résolu\n/temps 5m";
    assert_eq!(
        commands(more),
        [
            Command::Resolve(None),
            Command::Time(5),
            Command::Note("Il ment.".to_owned())
        ]
    );
}

#[test]
fn a_sentence_broken_by_the_client_stays_whole() {
    let text = "/note le commutateur du deuxième étage redémarre toutes les dix minutes et\nle client ne le sait pas\n\nBonjour,";
    assert_eq!(
        commands(text),
        [Command::Note(
            "le commutateur du deuxième étage redémarre toutes les dix minutes et le client ne le sait pas"
                .to_owned()
        )]
    );
    assert_eq!(orders(text).text, "Bonjour,");
    let quoted = "/cause \"disque\nplein\"\nBonjour";
    assert_eq!(
        commands(quoted),
        [Command::Cause("disque plein".to_owned())]
    );
}

#[test]
fn what_clients_make_of_a_command_is_still_one() {
    for text in [
        "\u{feff}/Prends",
        "\u{a0}/prends\u{a0}",
        "/\u{200b}prends",
        "**/prends**",
        "- /prends",
        "• /prends.",
        "／prends",
        "/PRENDS !",
        "/je prends",
        "/Je m’en occupe",
    ] {
        assert_eq!(commands(text), [Command::Take], "{text:?}");
    }
    assert_eq!(
        commands("/assign ann@example.org<mailto:ann@example.org>"),
        [Command::Assign("ann@example.org".to_owned())]
    );
    assert_eq!(commands("/re\u{301}solu"), [Command::Resolve(None)]);
}

#[test]
fn every_command_is_known_in_both_languages() {
    let until = "2026-11-23T08:00:00Z".parse().unwrap();
    let ann = || vec!["ann@example.org".to_owned()];
    for (french, english, command) in [
        ("/prends", "/take", Command::Take),
        (
            "/assigner anne",
            "/assign anne",
            Command::Assign("anne".to_owned()),
        ),
        (
            "/équipe réseau",
            "/team réseau",
            Command::Team("réseau".to_owned()),
        ),
        (
            "/p1 parce que tout est arrêté",
            "/p1 because tout est arrêté",
            Command::Priority(Priority::P1, some("tout est arrêté")),
        ),
        (
            "/impact haut",
            "/impact high",
            Command::Impact(Impact::High, None),
        ),
        (
            "/urgence faible",
            "/urgency low",
            Command::Urgency(Urgency::Low, None),
        ),
        ("/attente", "/wait", Command::Wait(None, None)),
        (
            "/attente jusqu'à lundi 9h",
            "/wait until Monday 9:00",
            Command::Wait(Some(until), None),
        ),
        (
            "/reporter lundi 9h : il est absent",
            "/snooze Monday 9am: il est absent",
            Command::Snooze(until, some("il est absent")),
        ),
        ("/rouvrir", "/open", Command::Open),
        ("/résolu", "/resolve", Command::Resolve(None)),
        ("/clos", "/close", Command::Close(None)),
        (
            "/cause câble",
            "/cause câble",
            Command::Cause("câble".to_owned()),
        ),
        (
            "/solution câble",
            "/solution câble",
            Command::Solution("câble".to_owned()),
        ),
        ("/note ici", "/note ici", Command::Note("ici".to_owned())),
        (
            "/suivre ann@example.org",
            "/watch ann@example.org",
            Command::Watch(ann()),
        ),
        (
            "/ne plus suivre ann@example.org",
            "/unwatch ann@example.org",
            Command::Unwatch(ann()),
        ),
        (
            "/demandeur marie@example.org",
            "/requester marie@example.org",
            Command::Requester("marie@example.org".to_owned()),
        ),
        (
            "/escalader réseau trop long",
            "/escalate réseau trop long",
            Command::Escalate("réseau trop long".to_owned()),
        ),
        (
            "/transmettre orange ligne coupée",
            "/handoff orange ligne coupée",
            Command::Handoff("orange ligne coupée".to_owned()),
        ),
        (
            "/fusionner INC-7",
            "/merge INC-7",
            Command::Merge(Some(number(7))),
        ),
        (
            "/fusionner avec [INC-7]",
            "/merge into #7",
            Command::Merge(Some(number(7))),
        ),
        ("/séparer", "/split", Command::Split(None)),
        ("/lier inc 9", "/link INC-9", Command::Link(number(9))),
        ("/panne", "/outage", Command::Outage(None)),
        (
            "/panne Fibre Lyon 2",
            "/outage Fibre Lyon 2",
            Command::Outage(Some("Fibre Lyon 2".to_owned())),
        ),
        (
            "/panne INC-7",
            "/outage [INC-7]",
            Command::UnderOutage(number(7)),
        ),
        ("/temps 30m", "/time 30m", Command::Time(30)),
        (
            "/catégorie vpn",
            "/category vpn",
            Command::Category("vpn".to_owned()),
        ),
        (
            "/fiche",
            "/recipe",
            Command::Recipe(RecipeOrder::Make(None)),
        ),
        ("/annuler", "/undo", Command::Undo),
        ("/essai", "/dry", Command::Dry),
        ("/aide", "/help", Command::Help),
    ] {
        assert_eq!(commands(french), std::slice::from_ref(&command), "{french}");
        assert_eq!(commands(english), [command], "{english}");
    }
}

#[test]
fn the_writers_name_below_hides_no_command_and_is_no_message() {
    let found = orders("Bonjour,\nc'est réparé.\n/résolu\n\nAnn");
    assert_eq!(found.orders.len(), 1);
    assert_eq!(found.text, "Bonjour,\nc'est réparé.\n\nAnn");
    let found = orders("/take\n\nAnn Martin.\n");
    assert_eq!((found.orders.len(), found.text.as_str()), (1, ""));
    assert_eq!(orders("Bonjour,\nAnnie").text, "Bonjour,\nAnnie");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_nothing_is_lost(text in "(/?[a-zé\"«» .:#*-]{0,12}[ \n]?){0,20}") {
        let found = orders(&text);
        for order in &found.orders {
            prop_assert!(!order.line.is_empty());
        }
    }

    #[test]
    fn no_signs_make_it_panic(text in "\\PC{0,200}(\n/?\\PC{0,80}){0,5}") {
        orders(&text);
    }
}
