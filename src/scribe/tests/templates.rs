//! Templates: which are refused, and whose count.

use super::*;

/// A folder with one file in place of ours, and what loading it says.
fn refused(path: &str, text: &str) -> TemplateError {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    match Scribe::load(&in_folder(folder.path())) {
        Ok(_) => panic!("{path} was accepted: {text}"),
        Err(error) => error,
    }
}

#[test]
fn a_wrong_template_is_refused_by_name_and_line() {
    for (text, line, words) in [
        ("x\n{{tickett.id}}", 2, "there is no variable `tickett.id`"),
        ("{{#if ticket.subjekt}}x{{/if}}", 1, "`ticket.subjekt`"),
        ("{{#unless ticket.id.x}}x{{/unless}}", 1, "`ticket.id.x`"),
        (
            "\n{{#if ticket.id}}\n{{else if sayd}}\n{{/if}}",
            2,
            "`sayd`",
        ),
        (
            "{{#each said.atachments}}x{{/each}}",
            1,
            "`said.atachments`",
        ),
        (
            "{{#each ticket.reasons}}\n\n{{becuse}}{{/each}}",
            3,
            "`becuse`",
        ),
        ("{{#with said}}{{../tickt}}{{/with}}", 1, "`../tickt`"),
        ("{{#each ticket.id}}x{{/each}}", 1, "takes a list"),
        (
            "{{#if (eq ticket.prio \"P1\")}}x{{/if}}",
            1,
            "`ticket.prio`",
        ),
        ("{{url ticket.subjet}}", 1, "`ticket.subjet`"),
        ("{{shout ticket.id}}", 1, "no helper is called `shout`"),
        (
            "{{lookup ticket \"id\"}}",
            1,
            "no helper is called `lookup`",
        ),
        ("{{#log ticket.id}}{{/log}}", 1, "no block is called `log`"),
        ("{{{ticket.id}}}", 1, "without escaping"),
        ("{{&ticket.id}}", 1, "without escaping"),
        ("{{ticket}}", 1, "several parts"),
        ("{{> nosuch}}", 1, "no partial `nosuch`"),
        ("{{#> nosuch}}x{{/nosuch}}", 1, "no partial `nosuch`"),
        ("{{> greeting who=ticket.nobody}}", 1, "`ticket.nobody`"),
        ("{{> @partial-block}}", 1, "called with a block"),
        ("{{@index}}", 1, "`@index`"),
        ("{{#*inline \"x\"}}{{/inline}}", 1, "decorators"),
        ("a\n{{#if ticket.id}}", 2, "syntax"),
    ] {
        let error = refused("fr/closed/text.hbs", text);
        assert_eq!(error.file, "fr/closed/text.hbs", "{error}");
        assert!(error.reason.contains(words), "{error}");
        assert_eq!(error.line, Some(line), "{error}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("fr/closed/text.hbs:{line}: ")),
            "{error}"
        );
    }
    let error = refused("en/closed/html.hbs", "{{quote ticket.id}}");
    assert!(
        error.reason.contains("no helper is called `quote`"),
        "{error}"
    );
    let error = refused("fr/unverified/text.hbs", "{{ticket.subject}}");
    assert!(error.reason.contains("`ticket.subject`"), "{error}");
}

#[test]
fn a_value_that_can_be_missing_must_be_asked_for() {
    let error = refused("fr/closed/text.hbs", "{{said.text}}");
    assert_eq!(
        (error.file.as_str(), error.line),
        ("fr/closed/text.hbs", Some(1)),
        "{error}"
    );
}

#[test]
fn partials_that_include_each_other_are_refused() {
    let error = refused(
        "fr/partials/greeting.hbs",
        "{{> promise}}{{> signature}}{{> greeting}}",
    );
    assert!(error.reason.contains("greeting > greeting"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("en/partials")).unwrap();
    fs::write(
        folder.path().join("en/partials/greeting.hbs"),
        "{{> promise}}",
    )
    .unwrap();
    fs::write(
        folder.path().join("en/partials/promise.hbs"),
        "\n{{> greeting}}",
    )
    .unwrap();
    let error = Scribe::load(&in_folder(folder.path())).err().unwrap();
    assert_eq!(
        (error.file.as_str(), error.line),
        ("en/partials/promise.hbs", Some(2)),
        "{error}"
    );
}

#[test]
fn files_of_the_operator_replace_ours_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    put(
        "fr-CA/closed/text.hbs",
        "C’est réglé, {{ticket.requester.address}}.\n",
    );
    put(
        "en/partials/greeting.hbs",
        "Dear {{#if to.name}}{{to.name}}{{else}}all{{/if}},",
    );
    put("README.md", "not a template");
    let scribe = Scribe::load(&in_folder(folder.path())).unwrap();
    let text = |language: &str| {
        let notice = empty(NoticeKind::Closed, &locale(language)).unwrap();
        text_of(&parsed(&written(&scribe, &notice)))
    };
    assert_eq!(text("fr-CA").trim(), "C’est réglé, marie@acme.example.");
    assert!(text("fr").contains("est close"));
    assert!(text("en").starts_with("Dear all,"));

    assert!(
        refused("fr/clozed/text.hbs", "x")
            .reason
            .contains("no letter uses this file")
    );
    assert!(
        refused("french/closed/text.hbs", "x")
            .reason
            .contains("not a locale")
    );
    assert_eq!(refused("pt/closed/text.hbs", "x").file, "pt/strings.toml");
}
