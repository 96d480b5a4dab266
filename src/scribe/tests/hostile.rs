//! What strangers write stays what it is, in every part of a letter.

use std::collections::BTreeSet;

use super::*;

#[test]
fn an_unverified_address_sees_nothing_a_stranger_chose() {
    let scribe = scribe();
    let canary = "CANARY-4711";
    for language in ["de", "en", "es", "fr", "it", "nl"] {
        for kind in NoticeKind::ALL {
            for by_technician in [false, true] {
                let mut notice = full(kind, &locale(language)).unwrap();
                notice.to.verified = false;
                notice.to.name = Some(canary.to_owned());
                notice.ticket.subject = canary.to_owned();
                notice.ticket.category = canary.to_owned();
                notice.ticket.requester.name = Some(canary.to_owned());
                notice.ticket.reasons[0].because = canary.to_owned();
                let said = notice.said.as_mut().unwrap();
                said.by_technician = by_technician;
                said.attachments = vec![canary.to_owned()];
                let answer = by_technician && kind == NoticeKind::Update;
                said.text = if answer {
                    "été ".repeat(5_000)
                } else {
                    canary.repeat(500)
                };
                if !answer {
                    said.by = canary.to_owned();
                }
                let id = format!("{}@mail.example", "x".repeat(700));
                notice.references = vec![MessageId::parse(&id).unwrap(); 20];
                let bytes = written(&scribe, &notice);
                let mail = parsed(&bytes);
                let source = String::from_utf8_lossy(&bytes).into_owned();
                assert!(
                    !source.contains(canary) && !text_of(&mail).contains(canary),
                    "{source}"
                );
                assert!(!mail.subject().unwrap().contains(canary));
                assert!(bytes.len() <= UNVERIFIED_MAX, "{}", bytes.len());
                assert!(is_carriable(&bytes));
                assert!(
                    source.contains("Content-Type: text/plain;") && !source.contains("text/html")
                );
                assert_eq!(text_of(&mail).contains("été été"), answer);
            }
        }
    }
}

/// Strings that try to leave the place they are put in, 10,000 of them, always the same.
fn hostile() -> impl Iterator<Item = String> {
    const PIECES: [&str; 40] = [
        "\r\nBcc: eve@evil.example",
        "\nX-Evil: 1",
        "\rX-Evil: 1",
        "\0",
        "\u{b}\u{c}\u{85}",
        "\u{2028}To: eve@evil.example",
        "\u{202e}txt.exe",
        "\u{2066}x\u{2069}",
        "\u{200f}\u{feff}",
        "{{7*7}}",
        "{{> layout}}",
        "{{{said.text}}}",
        "{{#each this}}x{{/each}}",
        "{{lookup this \"x\"}}",
        "\\{{x}}",
        "<script>alert(1)</script>",
        "</td></tr></table>",
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=\"x",
        "' style='x",
        "<!--",
        "-->",
        "]]>",
        "&lt;b&gt;",
        "=?utf-8?q?=0D=0ABcc:_eve?=",
        "=?utf-8?b?QmNjOiBl?=",
        "\"<eve@evil.example>",
        "eve@evil.example, ",
        "(comment)",
        ";:,\\",
        "> ",
        "\n> > ",
        "-- \n",
        "\n--=_5553645f7a6819bc2907e8f2--\r\n",
        "\n.\r\n",
        "From eve",
        "%0D%0ABcc:",
        "javascript:alert(1)",
        "é😀ü",
        "Ω≈ç√∫ ﷽",
    ];
    let mut state = 0x2545_f491_u64;
    let mut next = move |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    (0..10_000).map(move |number| {
        if number % 2_500 == 0 {
            return PIECES[number / 2_500].repeat(1_000_000 / PIECES[number / 2_500].len());
        }
        (0..=next(5))
            .map(|_| format!("{}{}", ["", "a", " ", "b c"][next(4)], PIECES[next(40)]))
            .collect()
    })
}

/// The tags of a document, with the addresses of links taken out when they can do no harm.
fn tags(html: &str) -> BTreeSet<String> {
    let tags = html.split('<').skip(1).map(|piece| {
        let tag = piece.split_once('>').map_or(piece, |(tag, _)| tag);
        match tag.split_once("href=\"mailto:") {
            Some((before, rest)) => {
                let (link, after) = rest.split_once('"').unwrap();
                let safe = |c: char| c.is_ascii_alphanumeric() || "%&;=@.+?_~-".contains(c);
                assert!(link.chars().all(safe), "{link}");
                format!("{before}{after}")
            }
            None => tag.to_owned(),
        }
    });
    tags.collect()
}

#[test]
fn ten_thousand_hostile_strings_stay_what_they_are() {
    let scribe = scribe();
    let kinds = [
        NoticeKind::NewTicket,
        NoticeKind::Update,
        NoticeKind::Receipt,
        NoticeKind::Acknowledgement,
    ];
    let fill = |kind: NoticeKind, words: &str| {
        let mut notice = full(kind, &locale("en")).unwrap();
        notice.to.name = Some(words.to_owned());
        notice.ticket.subject = words.to_owned();
        notice.ticket.category = words.to_owned();
        notice.asked = vec![words.to_owned()];
        notice.ticket.requester.name = Some(words.to_owned());
        notice.ticket.organisation = Some(words.to_owned());
        notice.ticket.reasons[0].because = words.to_owned();
        let said = notice.said.as_mut().unwrap();
        said.by = words.to_owned();
        said.text = words.to_owned();
        said.attachments = vec![words.to_owned()];
        notice.receipt.as_mut().unwrap().refused = vec![Refused {
            line: words.to_owned(),
            because: Refusal::NoPerson,
            named: Some(words.to_owned()),
            did_you_mean: Some(words.to_owned()),
        }];
        notice
    };
    let expected: Vec<_> = kinds
        .iter()
        .map(|kind| {
            let bytes = written(&scribe, &fill(*kind, "harmless\n  words"));
            let mail = parsed(&bytes);
            (names(&mail), tags(&html_of(&mail)))
        })
        .collect();
    for (number, words) in hostile().enumerate() {
        let which = number % kinds.len();
        let bytes = written(&scribe, &fill(kinds[which], &words));
        let mail = parsed(&bytes);
        assert!(is_carriable(&bytes), "{words:?}");
        assert_eq!(names(&mail), expected[which].0, "{words:?}");
        let subject = format!("[INC-1042] {}", clean::line(&words, 250));
        assert_eq!(
            mail.subject().unwrap(),
            clean::line(&subject, 250),
            "{words:?}"
        );
        for (field, address) in [
            (mail.from(), "support@example.org"),
            (mail.to(), "marie@acme.example"),
        ] {
            let people: Vec<_> = field.unwrap().iter().collect();
            assert_eq!(people.len(), 1, "{words:?}");
            assert_eq!(people[0].address(), Some(address), "{words:?}");
        }
        let name = mail
            .to()
            .unwrap()
            .first()
            .unwrap()
            .name()
            .unwrap_or_default();
        assert_eq!(name, clean::line(&words, 120), "{words:?}");
        assert_eq!(mail.parts.len(), 3, "{words:?}");
        let html = html_of(&mail);
        let strange: Vec<_> = tags(&html)
            .difference(&expected[which].1)
            .cloned()
            .collect();
        assert!(
            strange.iter().all(|tag| tag == "br"),
            "{strange:?} from {words:?}"
        );
        // The words are there as they were written, in both parts.
        let text = text_of(&mail).replace(" \n", " ");
        if words.len() < 1_000 && kinds[which] != NoticeKind::Receipt {
            let line = clean::line(&words, 250);
            let shown = if kinds[which] == NoticeKind::Update {
                clean::lines(&words)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            } else {
                line
            };
            let shown = shown.trim();
            let escaped = helpers::escape(shown);
            assert!(html.contains(&escaped), "{escaped} in {html}");
            let squeezed = |text: &str| text.replace([' ', '>', '\n'], "");
            assert!(
                squeezed(&text).contains(&squeezed(shown)),
                "{shown} in {text}"
            );
        }
    }
}

#[test]
fn an_address_no_header_can_show_is_refused() {
    let scribe = scribe();
    let office = Office::new(&locale("fr")).unwrap();
    for address in [
        "józef@example.org",
        "a@exämple.org",
        "a\u{202e}b@example.org",
    ] {
        let mut notice = empty(NoticeKind::Closed, &locale("fr")).unwrap();
        notice.to.address = address.parse().unwrap();
        let error = scribe
            .write(&notice, &office.envelope().unwrap())
            .unwrap_err();
        assert!(matches!(error, WriteError::Address(_)), "{error}");
    }
    let mut notice = empty(NoticeKind::Closed, &locale("fr")).unwrap();
    notice.to.address = "a..b@mobile.example".parse().unwrap();
    assert!(is_carriable(&written(&scribe, &notice)));
}
