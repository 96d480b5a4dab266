//! Tests of keyword files: what they become, and what is said of wrong ones.

use super::*;
use crate::desk::ids::Language;
use crate::desk::triage::rank::{Facts, rank};
use crate::desk::triage::{Heard, Priority};

fn fault(text: &str) -> String {
    let mut collected = Collected::default();
    match read("mine.toml", text, &mut collected) {
        Ok(()) => panic!("{text} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn faults_name_file_line_and_key() {
    let cases = [
        (
            "[impact.high]\nwords = [\n\"a\",\n3]",
            "line 4, `impact.high.words`: expected a text in quotes, found integer",
        ),
        (
            "\n[urgency.hihg]\nwords = []",
            "line 2, `urgency.hihg`: unknown; did you mean `high`?",
        ),
        (
            "[impact.low]\nwrods = []",
            "line 2, `impact.low.wrods`: unknown; did you mean `words`?",
        ),
        (
            "[failure]\nwords = [\"pan*ne\"]",
            "line 2, `failure.words`: the phrase `pan*ne` may hold `*` only at the end of a word",
        ),
        (
            "language = \"xx\"",
            "line 1, `language`: `xx` is not one of: fr, en",
        ),
        (
            "[[service]]\nwords = []",
            "line 1, `service`: has no `name`",
        ),
        (
            "[[service]]\nname = \"x\"\ncritical = 1",
            "line 3, `service.critical`: expected true or false",
        ),
        (
            "[failure]\nwords = [{ words = [\"a\"], weight = -1 }]",
            "`failure.words.weight`: expected a number from 0 to 100",
        ),
        (
            "[failure]\nwords = [{ weight = 1 }]",
            "`failure.words`: a group has no `words`",
        ),
        (
            "[route]\nnetwork = 3",
            "line 2, `route.network`: expected a text",
        ),
        (
            "colour = 1",
            "line 1, `colour`: unknown; expected one of: language, set, impact",
        ),
        ("[impact", "line 1"),
        (
            "[failure]\nwords = [\"@x is down\"]",
            "line 2, `failure.words`: there is no set `x` above: this file has no [set]",
        ),
        (
            "[set]\na = [\"b\"]\n[failure]\nwords = [\"@x\"]",
            "line 4, `failure.words`: there is no set `x` above; there are @a",
        ),
        (
            "[set]\na = []",
            "line 2, `set.a`: a set holds one phrase or more",
        ),
        ("[set]\na = [\"(b)\"]", "line 2, `set.a`: `(b)` may hold no"),
        (
            "[set]\na = [\"in*ner\"]\n[failure]\nwords = [\"@a\"]",
            "line 4, `failure.words`: the phrase `(in*ner)` may hold `*` only at the end",
        ),
    ];
    for (text, expected) in cases {
        let fault = fault(text);
        assert!(fault.starts_with("mine.toml, line "), "{fault}");
        assert!(fault.contains(expected), "{text}\n{fault}");
    }
}

#[test]
fn a_file_becomes_words() {
    let text = "language = \"en\"\n[category.z]\nstrong = [\"b\"]\n[category.a]\n\
        words = [\"c\", { words = [\"d\"], weight = 7, needs = [\"e\"] }]\n\
        [negation]\nafter = [\"no\"]\n[route]\nz = \"infra\"";
    let mut collected = Collected::default();
    read("mine.toml", text, &mut collected).unwrap();
    let lists = collected.lists;
    let short: Vec<_> = lists
        .words
        .iter()
        .map(|word| (word.phrase.as_str(), word.weight, word.needs.len()))
        .collect();
    assert_eq!(short, [("b", 3, 0), ("c", 2, 0), ("d", 7, 1), ("no", 1, 0)]);
    assert!(
        lists
            .words
            .iter()
            .all(|word| word.language == Some(Language::English))
    );
    assert_eq!(lists.routes["z"], "infra");
    let keywords = Keywords::new(lists).unwrap();
    assert_eq!(keywords.categories(), ["z", "a"]);
    assert_eq!(keywords.routes().collect::<Vec<_>>(), [("z", "infra")]);
}

#[test]
fn our_files_are_rich_and_do_not_contradict_themselves() {
    for (name, text) in OURS {
        let mut collected = Collected::default();
        read(name, text, &mut collected).unwrap();
        let count = collected.lists.words.len();
        assert!(count > 400, "{name}: {count} phrases");
        let categories = Keywords::new(collected.lists).unwrap().categories().len();
        assert_eq!(categories, 11, "{name}"); // and `other`, which no word speaks for
    }
    assert_eq!(clashes(None).unwrap(), Vec::<String>::new());
}

#[test]
fn a_folder_replaces_ours_by_name_and_adds_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let ranked = |text| {
        let keywords = load(Some(folder.path())).unwrap();
        let facts = Facts {
            vouched: true,
            ..Facts::default()
        };
        rank(&keywords, &Heard::of(&keywords, "", text, None), &facts)
    };
    let text = "the frobnicator is down, urgent";
    assert_eq!(ranked(text).priority, Priority::P3);
    std::fs::write(
        folder.path().join("house.toml"),
        "[[service]]\nname = \"frob\"\ncritical = true\ncategory = \"frob\"\nwords = [\"frobnicator\"]\n[route]\nfrob = \"line\"",
    )
    .unwrap();
    let ranking = ranked(text);
    assert_eq!(ranking.priority, Priority::P1);
    assert_eq!(
        (ranking.category.as_str(), ranking.team.as_deref()),
        ("frob", Some("line"))
    );
    for (name, _) in OURS {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    assert_eq!(ranked(text).priority, Priority::P4);
    std::fs::write(folder.path().join("house.toml"), "[x]").unwrap();
    let fault = load(Some(folder.path())).unwrap_err().to_string();
    assert!(fault.contains("house.toml, line 1, `x`"), "{fault}");
    let missing = load(Some(&folder.path().join("none")))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("none"), "{missing}");
}
