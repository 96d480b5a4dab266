//! What people answer to "does it work?": a labelled list, in `closing/replies.txt`.

use guichet::desk::closing::{self, Answer};

const REPLIES: &str = include_str!("closing/replies.txt");

/// Real requests that may be taken for thanks, in thousandths.
const MISTAKEN_MAX: usize = 5;

#[test]
fn thanks_never_reopen_and_requests_are_not_taken_for_thanks() {
    let names = ["Marie Durand", "Ann Martin", "Paul Brown"];
    let (mut courteous, mut requests, mut mistaken, mut failures) = (0, 0, 0, Vec::new());
    for line in REPLIES.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.splitn(3, ' ');
        let (label, words) = (parts.next(), parts.nth(1));
        let words = words
            .expect("a label, a language and words")
            .replace(" / ", "\n");
        let answer = closing::read(&words, &names);
        match label {
            Some("request") => {
                requests += 1;
                if answer != Answer::Other {
                    mistaken += 1;
                    println!("taken for {answer:?}: {line}");
                }
            }
            Some("thanks") => {
                courteous += 1;
                if answer != Answer::Thanks {
                    failures.push(format!("{answer:?}: {line}"));
                }
            }
            Some("yes") => {
                courteous += 1;
                if answer != Answer::Yes {
                    failures.push(format!("{answer:?}: {line}"));
                }
            }
            _ => panic!("`{line}` has no label"),
        }
    }
    assert!(
        courteous >= 200 && requests >= 200,
        "{courteous}, {requests}"
    );
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(
        mistaken * 1000 <= MISTAKEN_MAX * requests,
        "{mistaken} of {requests}"
    );
}
