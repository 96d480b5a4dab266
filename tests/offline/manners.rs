//! Who is answered and who is not: hundreds of ways to say "do not answer me", and words that try to do harm.
//!
//! `reliability.md` I4, I5 and I19. The senders are all people we know, so that only the header decides.

use guichet::cli::outbox;
use jiff::{SignedDuration, Timestamp};

use crate::answers::{header, latest};
use crate::world::{Arrival, CONFIG, World};

fn morning() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().expect("a moment")
}

fn without_team() -> String {
    CONFIG.replace("team      = \"infra\"\n", "")
}

/// The ways in which mailers write one field: cases of the name, spaces, tabs, folds, the field twice.
fn shapes(name: &str, value: &str) -> Vec<String> {
    let mut shapes = Vec::new();
    for name in [
        name.to_owned(),
        name.to_ascii_uppercase(),
        name.to_ascii_lowercase(),
    ] {
        for between in [": ", ":", ":\r\n ", ":\t"] {
            shapes.push(format!("{name}{between}{value}\r\n"));
        }
    }
    shapes.push(format!("{name}: {}\r\n", value.to_uppercase()));
    shapes.push(format!("{name}:   {value}   \r\n"));
    shapes
}

/// Fields each of which forbids an answer (I4).
fn forbidding() -> Vec<String> {
    let mut variants = Vec::new();
    for (name, values) in [
        (
            "Auto-Submitted",
            &[
                "auto-replied",
                "auto-generated",
                "auto-notified",
                "auto-replied (vacation)",
                "(by a robot) auto-replied",
                "auto-generated; owner-email=\"a@b.example\"",
                "x-something-new",
            ][..],
        ),
        ("Precedence", &["bulk", "junk", "list", "auto_reply"]),
        (
            "X-Auto-Response-Suppress",
            &[
                "All",
                "AutoReply",
                "OOF",
                "DR, AutoReply",
                "OOF,RN,NRN",
                "DR, OOF",
            ],
        ),
        (
            "List-Id",
            &["<news.example.org>", "News <news.example.org>"],
        ),
        ("List-Unsubscribe", &["<mailto:leave@example.org>"]),
        ("List-Post", &["<mailto:news@example.org>"]),
        ("List-Help", &["<mailto:help@example.org>"]),
        ("List-Owner", &["<mailto:owner@example.org>"]),
        ("List-Archive", &["<https://example.org/archive>"]),
        ("List-Subscribe", &["<mailto:join@example.org>"]),
        ("X-Autoreply", &["yes"]),
        ("X-Autorespond", &["yes"]),
        ("X-Loop", &["somebody@example.org"]),
        ("X-Guichet-Loop", &["support@example.org"]),
    ] {
        variants.extend(values.iter().flat_map(|value| shapes(name, value)));
    }
    for automatic in ["auto-replied", "auto-generated"] {
        variants.push(format!(
            "Auto-Submitted: no\r\nAuto-Submitted: {automatic}\r\n"
        ));
        variants.push(format!(
            "Auto-Submitted: {automatic}\r\nAuto-Submitted: no\r\n"
        ));
        variants.push(format!("X-Note: \u{e9}\r\nAuto-Submitted: {automatic}\r\n"));
    }
    variants
}

/// Fields that forbid nothing.
fn harmless() -> Vec<String> {
    [
        "",
        "Auto-Submitted: no\r\n",
        "AUTO-SUBMITTED: NO\r\n",
        "Auto-Submitted: no (a person wrote this)\r\n",
        "Precedence: normal\r\n",
        "Precedence: first-class\r\n",
        "X-Auto-Response-Suppress: None\r\n",
        "X-Auto-Response-Suppress: DR, RN, NRN\r\n",
        "X-Priority: 1\r\nImportance: high\r\n",
        "Disposition-Notification-To: marie@acme.example\r\n",
        "X-Mailer: Bulk Mailer Pro\r\n",
        "Subject-Note: auto-replied\r\n",
        "X-Spam-Status: No\r\n",
        "Thread-Topic: out of paper\r\n",
    ]
    .map(str::to_owned)
    .into()
}

fn mail(from: &str, number: usize, extra: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: support@example.org\r\nSubject: Imprimante {number}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\
         Message-ID: <{number}@acme.example>\r\n{extra}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

/// I4: none of four hundred and more variants causes a letter, and what forbids nothing is answered.
#[test]
fn no_header_that_forbids_an_answer_gets_one() {
    let world = World::with(&without_team());
    let (forbidding, harmless) = (forbidding(), harmless());
    assert!(forbidding.len() >= 400, "{} variants", forbidding.len());
    let text = |number: usize| format!("Bonjour, mon imprimante numéro {number} est en panne.");
    let mut arrivals = Vec::new();
    let all = forbidding.iter().chain(&harmless).enumerate();
    for (number, extra) in all {
        let from = format!("p{number}@acme.example");
        arrivals.push(Arrival::at_support(
            number.to_string(),
            mail(&from, number, extra, &text(number)),
        ));
    }
    for (number, from) in (10_000..).zip([
        "MAILER-DAEMON@acme.example",
        "mailer-daemon@acme.example",
        "Mail Delivery System <postmaster@acme.example>",
        "owner-news@acme.example",
        "news-owner@acme.example",
        "news-request@acme.example",
        "no-reply@acme.example",
        "noreply@acme.example",
        "No-Reply <NoReply@acme.example>",
        "do-not-reply@acme.example",
        "donotreply@acme.example",
        "support@example.org",
        "Support <SUPPORT@Example.org>",
        "support+inc-1.abc@example.org",
    ]) {
        arrivals.push(Arrival::at_support(
            number.to_string(),
            mail(from, number, "", &text(number)),
        ));
    }
    let mails = world.receive_all(arrivals, morning());
    let letters = world.letters();
    let answered = |number: usize| {
        letters
            .iter()
            .any(|letter| letter.to == format!("p{number}@acme.example"))
    };
    for (number, extra) in forbidding.iter().enumerate() {
        assert!(!answered(number), "answered although it says {extra:?}");
    }
    for (number, extra) in harmless.iter().enumerate() {
        let number = forbidding.len() + number;
        assert!(
            answered(number),
            "not answered although it only says {extra:?}"
        );
    }
    assert_eq!(letters.len(), harmless.len(), "nobody else was written to");
    for (id, _) in mails {
        let reasons = world.mail(id).reasons;
        assert!(
            reasons.iter().any(|reason| !reason.trim().is_empty()),
            "mail {id} says why (I24)"
        );
    }
}

/// I5: somebody whom commands add is within budget from the first letter on, and what is over it is shown.
#[test]
fn people_added_by_a_command_have_a_budget_too() {
    let world = World::new();
    for number in 1..=6 {
        let from = format!("p{number}@acme.example");
        let text = format!("Mon poste {number} est en panne.");
        world.receive(
            Arrival::at_support(format!("a{number}"), mail(&from, number, "", &text)),
            morning(),
        );
        let told = latest(&world, "new-ticket", "ann@example.org", None);
        let to = header(&world.letter_bytes(told.id), "Reply-To").expect("her token");
        let order = format!(
            "From: ann@example.org\r\nTo: {to}\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 08:05:00 +0000\r\n\
             Message-ID: <order-{number}@example.org>\r\n\r\n/watch eve@elsewhere.example\r\n/take\r\n"
        );
        let now = morning() + SignedDuration::from_mins(1);
        world.receive(Arrival::at_support(format!("b{number}"), order), now);
    }
    let theirs: Vec<_> = world
        .letters()
        .into_iter()
        .filter(|letter| letter.to == "eve@elsewhere.example")
        .collect();
    assert_eq!(theirs.len(), 6, "one for each ticket");
    let held = theirs.iter().filter(|letter| letter.state == "held");
    let shown: Vec<_> = held.map(outbox::as_value).collect();
    assert_eq!(shown.len(), 3, "three in ten minutes went out");
    for letter in shown {
        let reason = letter
            .get("reason")
            .and_then(|reason| reason.as_str())
            .unwrap_or_default();
        assert!(reason.starts_with("over budget: 3 in 10m"), "{reason}");
    }
}

/// Two robots that follow a ticket and lose every sign of automation cannot keep each other awake.
#[test]
fn watchers_who_answer_each_other_end_within_budget() {
    let world = World::new();
    let first = mail(
        "Marie <marie@acme.example>",
        1,
        "",
        "Mon poste est en panne.",
    );
    world.receive(Arrival::at_support("first", first), morning());
    let told = latest(&world, "new-ticket", "ann@example.org", None);
    let to = header(&world.letter_bytes(told.id), "Reply-To").expect("her token");
    let order = format!(
        "From: ann@example.org\r\nTo: {to}\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 08:01:00 +0000\r\nMessage-ID: <order@example.org>\r\n\r\n\
         /watch one@acme.example\r\n/watch two@acme.example\r\n"
    );
    world.receive(
        Arrival::at_support("order", order),
        morning() + SignedDuration::from_mins(1),
    );
    for number in 2..200 {
        let from = ["one@acme.example", "two@acme.example"][number % 2];
        let now = morning() + SignedDuration::from_mins(i64::try_from(number).expect("small"));
        let text = format!("I have got message {number} and will look into it.");
        let extra = "In-Reply-To: <order@example.org>\r\n";
        let answer = mail(from, number, extra, &text).replace("Imprimante", "[INC-1] Re:");
        world.receive(Arrival::at_support(number.to_string(), answer), now);
    }
    let letters = world.letters();
    for robot in ["one@acme.example", "two@acme.example"] {
        let theirs = letters
            .iter()
            .filter(|letter| letter.to == robot && letter.notice == "message");
        let (held, sent): (Vec<_>, Vec<_>) = theirs.partition(|letter| letter.state == "held");
        assert!(
            (1..=12).contains(&sent.len()),
            "{} letters to {robot}",
            sent.len()
        );
        assert!(held.len() > 50, "{} held", held.len());
    }
}

/// `product.md` §18: more than twenty notices to one technician in ten minutes become one letter; P1 never waits.
#[test]
fn a_storm_reaches_a_technician_in_one_letter() {
    let world = World::new();
    let report = |number: usize, text: &str| {
        let from = format!("p{number}@acme.example");
        Arrival::at_support(number.to_string(), mail(&from, number, "", text))
    };
    for number in 1..=50 {
        let now = morning() + SignedDuration::from_secs(i64::try_from(number).expect("small"));
        world.receive(
            report(number, &format!("Mon écran numéro {number} est sale.")),
            now,
        );
    }
    let urgent = "URGENT : tout le site est bloqué, plus de réseau, personne ne peut travailler.";
    world.receive(
        report(51, urgent),
        morning() + SignedDuration::from_secs(60),
    );
    let to_ann = |state: &str, notice: &str| {
        let letters = world.letters().into_iter();
        letters
            .filter(|letter| {
                letter.to == "ann@example.org" && letter.state == state && letter.notice == notice
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        to_ann("queued", "new-ticket").len(),
        21,
        "twenty, and the urgent one"
    );
    let held = to_ann("held", "new-ticket");
    assert_eq!(held.len(), 30);
    assert!(
        held[0].reason.contains("told with others in one letter"),
        "{}",
        held[0].reason
    );
    world.tick(morning() + SignedDuration::from_mins(5));
    assert!(
        to_ann("queued", "bundle").is_empty(),
        "it gathers for ten minutes"
    );
    world.tick(morning() + SignedDuration::from_mins(11));
    world.tick(morning() + SignedDuration::from_mins(12));
    let bundles = to_ann("queued", "bundle");
    assert_eq!(bundles.len(), 1);
    let letter = world.letter(bundles[0].id);
    assert!(
        letter
            .subject
            .as_deref()
            .is_some_and(|subject| subject.starts_with("30 tickets")),
        "{:?}",
        letter.subject
    );
    for id in [21, 50] {
        assert!(
            letter.text.contains(&format!("INC-{id} Imprimante {id}")),
            "{}",
            letter.text
        );
    }
    assert!(to_ann("held", "new-ticket").is_empty());
    let told = to_ann("sent", "new-ticket");
    assert_eq!(told.len(), 30, "each says in which letter it was told");
    assert!(
        told.iter()
            .all(|one| one.reason == format!("told with others in letter {}", bundles[0].id))
    );
    // Its links answer about their own tickets.
    let bytes = world.letter_bytes(bundles[0].id);
    let html = mail_parser::MessageParser::default()
        .parse(&bytes)
        .and_then(|mail| mail.body_html(0).map(|html| html.into_owned()))
        .expect("an HTML part");
    for id in [21, 50] {
        assert!(
            html.contains(&format!("mailto:support%2Binc-{id}.")),
            "INC-{id} has an address of its own: {html}"
        );
    }
}

/// I19: a mail that tries everything is shown as it was written, in letters, in lists and in JSON.
#[test]
fn hostile_words_stay_words_everywhere() {
    let world = World::new();
    let evil = "{{7*7}} {{> layout}} {{{said.text}}} <script>alert(1)</script> </td></table> <img src=x onerror=alert(1)> \u{202e}txt.exe \u{7} &lt;b&gt;";
    let subject = "{{ticket.id}} <b>x</b> %0D%0ABcc: eve@evil.example \u{202e}gnp";
    let long = "A".repeat(1_000_000);
    let text = format!(
        "{evil}\r\n\u{0}\u{1b}[31mrouge\r\n{long}\r\n/home/paul\r\n.\r\nBcc: eve@evil.example"
    );
    let mail = format!(
        "From: \"<i>Eve</i> {{{{x}}}}\" <marie@acme.example>\r\nTo: support@example.org\r\nSubject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <evil@acme.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    );
    world.receive(Arrival::at_support("evil", mail), morning());
    let letters = world.letters();
    assert!(
        letters
            .iter()
            .any(|letter| letter.notice == "acknowledgement")
    );
    for letter in &letters {
        let line = outbox::as_value(letter).to_string();
        assert!(!line.contains('\n') && !line.contains('\u{1b}'), "{line}");
        let bytes = world.letter_bytes(letter.id);
        let source = String::from_utf8(bytes.clone()).expect("7 bit");
        let (head, _) = source.split_once("\r\n\r\n").expect("a header");
        assert!(
            !head
                .lines()
                .any(|line| line.to_ascii_lowercase().starts_with("bcc:")),
            "{head}"
        );
        assert!(source.lines().all(|line| line.len() <= 998));
        let read = world.letter(letter.id);
        let shown = read.subject.clone().unwrap_or_default();
        assert!(
            shown.contains("{{ticket.id}} <b>x</b> %0D%0ABcc: eve@evil.example gnp"),
            "{shown}"
        );
        let html = mail_parser::MessageParser::default()
            .parse(&bytes)
            .and_then(|mail| mail.body_html(0).map(|html| html.into_owned()))
            .expect("an HTML part");
        assert!(
            html.contains("{{ticket.id}} &lt;b&gt;x&lt;/b&gt;"),
            "{html}"
        );
        for tag in [
            "<script",
            "<b>",
            "<i>",
            "onerror=alert(1)>",
            "\u{202e}",
            "\u{1b}",
            "\u{7}",
        ] {
            assert!(
                !html.contains(tag) && !read.text.contains("\u{202e}"),
                "{tag} in {}",
                letter.notice
            );
        }
        if letter.notice == "new-ticket" {
            assert!(
                html.contains("{{7*7}} {{&gt; layout}} {{{said.text}}} &lt;script&gt;"),
                "{html}"
            );
            assert!(
                read.text
                    .contains("{{7*7}} {{> layout}} {{{said.text}}} <script>alert(1)</script>")
            );
            assert!(html.len() < 80 * 1024 && read.text.len() < 400 * 1024);
        }
    }
    for ticket in world.tickets() {
        assert!(
            !ticket.subject.contains(['\n', '\r', '\0']),
            "{:?}",
            ticket.subject
        );
    }
}
