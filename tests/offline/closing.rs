//! What people answer to "does it work?": labelled lists in `closing/`.
//!
//! `replies.txt` was written together with the rule. The `unseen` lists were each written before the rule that
//! was measured with them knew their words; what it made of them at first sight stands at their head.

use guichet::desk::closing::{self, Answer};

/// Every list: its name, its lines, and how many of a hundred thanks must be recognised.
const LISTS: [(&str, &str, usize); 5] = [
    ("replies", include_str!("closing/replies.txt"), 100),
    ("unseen-1", include_str!("closing/unseen-1.txt"), 85),
    ("unseen-2", include_str!("closing/unseen-2.txt"), 85),
    ("unseen-3", include_str!("closing/unseen-3.txt"), 85),
    ("unseen-4", include_str!("closing/unseen-4.txt"), 85),
];

/// Real requests that may be taken for thanks, in thousandths.
const MISTAKEN_MAX: usize = 5;

#[derive(Default)]
struct Measured {
    courteous: usize,
    recognised: usize,
    requests: usize,
    mistaken: usize,
}

/// Reads every reply of a list and prints those that are taken for something else.
fn measure(name: &str, list: &str) -> Measured {
    let names = ["Marie Durand", "Ann Martin", "Paul Brown"];
    let mut measured = Measured::default();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.splitn(3, ' ');
        let (label, words) = (parts.next(), parts.nth(1));
        let words = words
            .expect("a label, a language and words")
            .replace(" / ", "\n");
        let answer = closing::read(&words, &names);
        let is_right = match label {
            Some("request") => answer == Answer::Other,
            // What is over stays over in either way; a plain yes closes at once.
            Some("thanks") => matches!(answer, Answer::Thanks | Answer::Yes),
            Some("yes") => answer == Answer::Yes,
            _ => panic!("`{line}` has no label"),
        };
        if label == Some("request") {
            measured.requests += 1;
            measured.mistaken += usize::from(!is_right);
        } else {
            measured.courteous += 1;
            measured.recognised += usize::from(is_right);
        }
        if !is_right {
            println!("{name}: taken for {answer:?}: {line}");
        }
    }
    println!(
        "{name}: {} of {} thanks recognised, {} of {} requests taken for thanks",
        measured.recognised, measured.courteous, measured.mistaken, measured.requests
    );
    measured
}

#[test]
fn thanks_never_reopen_and_requests_are_not_taken_for_thanks() {
    let (mut requests, mut mistaken) = (0, 0);
    let mut failures = Vec::new();
    for (name, list, recognised_min) in LISTS {
        let measured = measure(name, list);
        requests += measured.requests;
        mistaken += measured.mistaken;
        if measured.recognised * 100 < recognised_min * measured.courteous {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "too few recognised: {failures:?}");
    assert!(
        mistaken * 1000 <= MISTAKEN_MAX * requests,
        "{mistaken} of {requests}"
    );
}
