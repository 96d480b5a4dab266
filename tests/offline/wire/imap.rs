//! The IMAP loop against a server that misbehaves: nothing is lost, nothing is doubled, and nothing
//! is changed on the server before it is recorded.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet::config::settings::{After, Tls};
use guichet::desk::mail::Place;
use guichet::mailbox::Outcome;
use jiff::Timestamp;

use super::imap_peer::{Close, Edit, Peer, Say, Silence, mail};

fn uid(validity: u32, uid: u32) -> Place {
    Place::Uid { validity, uid }
}

/// Whether a line of an answer is about the mail with this UID.
fn is_of(line: &[u8], uid: u32) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains(&format!("(UID {uid} "))
}

fn without_2(mut lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    lines.retain(|line| !is_of(line, 2));
    lines
}

#[tokio::test]
async fn mail_is_recorded_oldest_first_and_then_marked() {
    let peer = Peer::with_mails(450).await;
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert!(peer.memory.in_order());
    assert_eq!(peer.memory.tidied(), 450);
    assert_eq!(peer.memory.low(7), 451);
    peer.change(|state| {
        assert!(
            state
                .mails
                .values()
                .all(|mail| mail.flags.contains("$Guichet"))
        );
    });
    let fetches = peer.count("BODY.PEEK[]");
    assert!(fetches <= 3, "{fetches} fetches for 450 small mails");
    assert!(peer.commands()[0].starts_with("CAPABILITY"));
}

#[tokio::test]
async fn a_second_pass_takes_nothing_twice() {
    let peer = Peer::with_mails(3).await;
    peer.once().await.unwrap();
    let before = peer.count("BODY.PEEK");
    peer.once().await.unwrap();
    assert_eq!(peer.count("BODY.PEEK"), before);
    assert_eq!(peer.count("UID STORE"), 1);
    peer.assert_all_recorded();
}

#[tokio::test]
async fn the_first_day_is_safe() {
    let peer = Peer::with_mails(3).await;
    let mut watch = peer.watch();
    watch.since = None;
    peer.once_with(peer.settings(), watch.clone())
        .await
        .unwrap();
    assert!(peer.memory.recorded(7).is_empty(), "old mail is not ours");
    // A mail moved here by hand keeps its old date and is new all the same.
    peer.deliver(4, mail(4));
    peer.once_with(peer.settings(), watch).await.unwrap();
    assert_eq!(peer.memory.recorded(7), BTreeMap::from([(4, mail(4))]));
    assert_eq!(peer.memory.low(7), 5);
}

#[tokio::test]
async fn mail_from_before_since_is_settled_as_older() {
    let peer = Peer::with_mails(2).await;
    peer.change(|state| state.mails.get_mut(&1).unwrap().date = "31-Oct-2026 23:59:59 +0000");
    let mut watch = peer.watch();
    watch.since = Some("2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap());
    peer.once_with(peer.settings(), watch).await.unwrap();
    assert_eq!(peer.memory.recorded(7), BTreeMap::from([(2, mail(2))]));
    assert_eq!(peer.memory.outcomes(), [(uid(7, 1), Outcome::Older)]);
}

/// F04: a FETCH that ends in NO or BAD after some of its mails.
#[tokio::test]
async fn a_refused_fetch_is_no_short_fetch() {
    for refusal in [
        "{tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits\n",
        "{tag} NO [UNAVAILABLE] later\n",
        "{tag} NO [SERVERBUG] oops\n",
        "{tag} BAD Request is throttled. Suggested Backoff Time: 2 milliseconds\n",
    ] {
        for partial in ["", "* 1 FETCH (UID 1 BODY[] {4}\nab\n)\n"] {
            let text: &'static str = format!("{partial}{refusal}").leak();
            for command in ["RFC822.SIZE", "BODY.PEEK"] {
                let peer = Peer::with_mails(3).await;
                peer.script(&[(command, Say(text))]);
                // A server that says it is busy is left alone; any other is asked again.
                let busy = peer.once().await.is_err();
                assert_eq!(busy, !refusal.contains("SERVERBUG"), "{text}");
                assert_eq!(peer.memory.low(7), if busy { 1 } else { 4 }, "{text}");
                peer.once().await.unwrap();
                peer.assert_all_recorded();
                assert_eq!(peer.memory.outcomes(), []);
            }
        }
    }
}

/// F03: the connection ends after each byte the server sends.
#[tokio::test]
async fn a_cut_after_any_byte_loses_nothing() {
    let whole = Peer::with_mails(3).await;
    whole.once().await.unwrap();
    let length = whole.state.lock().unwrap().sent;
    assert!(length > 800, "{length} bytes");
    let mut failed = 0;
    for cut in 1..=length {
        let peer = Peer::with_mails(3).await;
        peer.change(|state| state.cut_after = Some(cut));
        failed += u32::from(peer.once().await.is_err());
        // Whatever it remembers is true.
        let low = peer.memory.low(7);
        let recorded = peer.memory.recorded(7);
        assert!((1..low).all(|uid| recorded.contains_key(&uid)), "cut {cut}");
        peer.once().await.unwrap();
        peer.assert_all_recorded();
        assert_eq!(peer.memory.outcomes(), [], "cut {cut}");
    }
    assert!(failed > 100, "only {failed} cuts were noticed");
}

/// F05: left out once, and for ever.
#[tokio::test]
async fn what_is_left_out_is_asked_for_on_a_new_connection() {
    let peer = Peer::with_mails(3).await;
    peer.script(&[("BODY.PEEK", Edit(without_2))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert_eq!(peer.state.lock().unwrap().connections, 2);

    let peer = Peer::with_mails(3).await;
    peer.script(&[
        ("RFC822.SIZE", Edit(without_2)),
        ("RFC822.SIZE", Edit(without_2)),
        ("RFC822.SIZE", Edit(without_2)),
    ]);
    peer.once().await.unwrap();
    assert_eq!(
        peer.memory.recorded(7).into_keys().collect::<Vec<_>>(),
        [1, 3]
    );
    let outcomes = peer.memory.outcomes();
    assert!(
        matches!(&outcomes[..], [(place, Outcome::Unfetchable(_))] if *place == uid(7, 2)),
        "{outcomes:?}"
    );
    assert_eq!(peer.memory.low(7), 4, "it does not block the cursor");
    assert_eq!(peer.state.lock().unwrap().connections, 3);
}

#[tokio::test]
async fn a_mail_that_went_away_is_gone_after_a_second_connection_said_so() {
    let peer = Peer::with_mails(3).await;
    peer.script(&[("UID SEARCH SINCE", Say("* SEARCH 1 2 3 9\n{tag} OK done\n"))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert_eq!(peer.memory.outcomes(), [(uid(7, 9), Outcome::Gone)]);
    // It shows up after all.
    peer.deliver(9, mail(9));
    peer.once().await.unwrap();
    peer.assert_all_recorded();
}

/// RFC 5530: a mail was removed between the listing and the fetch.
#[tokio::test]
async fn a_fetch_that_found_mails_removed_is_good_for_the_others() {
    fn removed(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut lines = without_2(lines);
        let ok = String::from_utf8(lines.pop().unwrap()).unwrap();
        lines.push(ok.replace("OK done", "NO [EXPUNGEISSUED] gone").into());
        lines
    }
    let peer = Peer::with_mails(3).await;
    peer.script(&[("BODY.PEEK", Edit(removed))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert_eq!(peer.count("BODY.PEEK"), 2);
}

/// F06: gaps in the UIDs are crossed in a few steps, however many mails the folder says it has.
#[tokio::test]
async fn a_huge_folder_is_listed_by_windows() {
    let uids = [1, 49_999, 50_000, 50_001, 3_000_000, 4_294_967_294];
    let peer = Peer::start(uids.map(|uid| (uid, mail(uid))).into()).await;
    let examined = "* 60000 EXISTS\n* OK [UIDVALIDITY 7] epoch\n{tag} OK [READ-ONLY] done\n";
    peer.script(&[("EXAMINE", Say(examined))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    let searches = peer.count("UID SEARCH UID");
    assert!((3..=25).contains(&searches), "{searches} searches");
}

/// imap-proto 0.17 panics on `INTERNALDATE NIL`: one mail's fault must not end the mailbox.
#[tokio::test]
async fn a_panic_of_the_parser_costs_one_mail() {
    fn undated(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let spoil = |line: Vec<u8>| {
            if is_of(&line, 2) {
                b"* 2 FETCH (UID 2 RFC822.SIZE 9 INTERNALDATE NIL)\r\n".to_vec()
            } else {
                line
            }
        };
        lines.into_iter().map(spoil).collect()
    }
    let peer = Peer::with_mails(3).await;
    peer.script(&vec![("RFC822.SIZE", Edit(undated)); 50]);
    peer.watch_until(|peer| !peer.memory.outcomes().is_empty())
        .await;
    assert_eq!(peer.memory.recorded(7).len(), 2);
}

/// A server that refuses every mail has a fault of its own: no mail is given up in a hurry.
#[tokio::test]
async fn a_server_that_refuses_all_mails_is_not_held_against_them() {
    let peer = Peer::with_mails(3).await;
    peer.script(&[("BODY.PEEK", Say("{tag} NO [SERVERBUG] oops\n")); 8]);
    peer.watch_until(|peer| peer.memory.recorded(7).len() == 3)
        .await;
    peer.assert_all_recorded();
    assert_eq!(peer.memory.outcomes(), []);
}

/// F01: a mail the parser cannot read costs the others nothing.
#[tokio::test]
async fn a_mail_that_breaks_the_connection_is_taken_alone_and_given_up() {
    fn broken(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let spoil = |line: Vec<u8>| {
            if is_of(&line, 2) {
                b"* 2 FETCH (UID 2 BODY[] oops)\r\n".to_vec()
            } else {
                line
            }
        };
        lines.into_iter().map(spoil).collect()
    }
    let peer = Peer::with_mails(100).await;
    peer.script(&vec![("BODY.PEEK", Edit(broken)); 200]);
    peer.once().await.unwrap();
    let recorded = peer.memory.recorded(7);
    assert_eq!(recorded.len(), 99);
    let outcomes = peer.memory.outcomes();
    assert!(
        matches!(&outcomes[..], [(place, Outcome::Unfetchable(_))] if *place == uid(7, 2)),
        "{outcomes:?}"
    );
    assert_eq!(peer.memory.low(7), 101);
}

/// F07.
#[tokio::test]
async fn a_new_uidvalidity_is_read_from_its_start_and_nothing_old_is_touched() {
    let peer = Peer::with_mails(3).await;
    peer.script(&[("UID STORE", Say("{tag} NO not now\n"))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    peer.change(|state| {
        state.validity = 8;
        state.mails.remove(&1);
        state.commands.clear();
    });
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert_eq!(peer.memory.recorded(8).len(), 2);
    let stores: Vec<String> = peer.commands();
    let stores: Vec<&String> = stores.iter().filter(|c| c.contains("STORE")).collect();
    assert_eq!(stores, ["UID STORE 2:3 +FLAGS.SILENT ($Guichet)"]);
}

#[tokio::test]
async fn a_uidvalidity_that_changes_between_examine_and_select_stops_the_tidying() {
    let peer = Peer::with_mails(3).await;
    peer.script(&[(
        "SELECT",
        Say("* 3 EXISTS\n* OK [UIDVALIDITY 8] new\n{tag} OK [READ-WRITE] done\n"),
    )]);
    peer.once().await.unwrap();
    assert_eq!(peer.memory.recorded(7).len(), 3);
    assert_eq!(peer.count("UID STORE"), 1, "only by the next connection");
}

/// F08.
#[tokio::test]
async fn uidnext_is_not_believed() {
    for uid_next in ["0", "1", "2", "4294967295", ""] {
        let peer = Peer::with_mails(3).await;
        peer.change(|state| state.uid_next = uid_next);
        peer.once().await.unwrap();
        peer.deliver(500_000, mail(4));
        peer.once().await.unwrap();
        peer.assert_all_recorded();
        assert_eq!(peer.memory.low(7), 500_001);
    }
}

/// F10: shuffled, doubled, without UID, and about flags nobody asked for.
#[tokio::test]
async fn answers_are_matched_by_uid() {
    fn shuffled(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let (end, mails) = lines.split_last().unwrap();
        let mut all = vec![b"* 1 FETCH (FLAGS (\\Seen))\r\n".to_vec()];
        for mail in mails.iter().rev() {
            all.push(mail.clone());
            all.push(b"* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n".to_vec());
            all.push(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)\r\n".to_vec());
            all.push(b"* 3 FETCH (BODY[] {3}\r\nabc)\r\n".to_vec());
        }
        all.push(mails[0].clone());
        all.push(end.clone());
        all
    }
    let peer = Peer::with_mails(20).await;
    peer.script(&[
        ("RFC822.SIZE", Edit(shuffled)),
        ("BODY.PEEK", Edit(shuffled)),
    ]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert!(peer.memory.in_order());
    assert_eq!(peer.state.lock().unwrap().connections, 1);
}

/// F25: in slices up to the limit, above it the header alone.
#[tokio::test]
async fn a_big_mail_comes_in_slices_and_a_bigger_one_as_its_header() {
    let big = |n: u32, size: usize| {
        let mut bytes = mail(n);
        bytes.extend((0..size).map(|at| b'a' + (at % 26) as u8));
        bytes
    };
    let slice = 1024 * 1024;
    let exact = slice * 2 - mail(2).len();
    let mails = BTreeMap::from([
        (1, mail(1)),
        (2, big(2, exact)),
        (3, big(3, slice * 5 / 2)),
        (4, big(4, slice * 4)),
    ]);
    let peer = Peer::start(mails.clone()).await;
    let mut watch = peer.watch();
    watch.message_size = slice as u64 * 3;
    peer.once_with(peer.settings(), watch).await.unwrap();
    let recorded = peer.memory.recorded(7);
    for n in 1..=3 {
        assert!(recorded[&n] == mails[&n], "mail {n}");
    }
    assert_eq!(
        recorded[&4],
        b"Subject: mail 4\r\nMessage-ID: <4@acme.example>\r\n\r\n"
    );
    assert_eq!(peer.memory.cut(), [mails[&4].len() as u64]);
    assert_eq!(peer.count("UID FETCH 4 (UID BODY.PEEK[]"), 0);
    // Two and a rest; two and an empty one that shows the end.
    assert_eq!(peer.count("UID FETCH 3 (UID BODY.PEEK[]<"), 3);
    assert_eq!(peer.count("UID FETCH 2 (UID BODY.PEEK[]<"), 3);
}

/// F24.
#[tokio::test]
async fn without_starttls_no_login_is_sent() {
    for (capabilities, script) in [
        ("IMAP4rev1 AUTH=PLAIN", None),
        ("IMAP4rev1 STARTTLS", Some(Say("{tag} NO not today\n"))),
        ("IMAP4rev1 STARTTLS", Some(Say("{tag} BAD what\n"))),
    ] {
        let peer = Peer::with_mails(1).await;
        peer.change(|state| state.capabilities = capabilities);
        if let Some(answer) = script {
            peer.script(&[("STARTTLS", answer)]);
        }
        let mut settings = peer.settings();
        settings.server.tls = Tls::StartTls;
        let error = peer.once_with(settings, peer.watch()).await.unwrap_err();
        assert!(error.contains("STARTTLS"), "{error}");
        assert_eq!(peer.count("LOGIN") + peer.count("AUTHENTICATE"), 0);
    }
}

#[tokio::test]
async fn a_refused_login_is_told_without_the_address() {
    let peer = Peer::with_mails(1).await;
    peer.change(|state| state.capabilities = "IMAP4rev1");
    peer.script(&[(
        "LOGIN",
        Say("{tag} NO [AUTHENTICATIONFAILED] support@acme.example: wrong\n"),
    )]);
    let error = peer.once().await.unwrap_err();
    assert!(error.contains("refused the login"), "{error}");
    assert!(!error.contains('@') && !error.contains("secret"), "{error}");
}

/// F15.
#[tokio::test]
async fn a_mail_is_moved_with_what_the_server_has() {
    for (capabilities, expected) in [
        ("IMAP4rev1 MOVE UIDPLUS", &["UID MOVE 1:3"][..]),
        (
            "IMAP4rev1 UIDPLUS",
            &[
                "UID COPY 1:3",
                "UID STORE 1:3 +FLAGS.SILENT (\\Deleted)",
                "UID EXPUNGE 1:3",
            ],
        ),
        (
            "IMAP4rev1",
            &["UID COPY 1:3", "UID STORE 1:3 +FLAGS.SILENT (\\Deleted)"],
        ),
    ] {
        let peer = Peer::with_mails(3).await;
        let bytes = peer.state.lock().unwrap().mails.clone();
        peer.change(|state| state.capabilities = capabilities);
        let mut settings = peer.settings();
        settings.after = After::Move("Done".into());
        peer.once_with(settings, peer.watch()).await.unwrap();
        assert_eq!(peer.memory.recorded(7).len(), bytes.len());
        for command in expected {
            assert_eq!(peer.count(command), 1, "{command} with {capabilities}");
        }
        let commands = peer.commands();
        let of_tidying = |c: &&String| {
            c.starts_with("UID MOVE")
                || c.starts_with("UID COPY")
                || c.starts_with("UID STORE")
                || c.contains("EXPUNGE")
        };
        assert_eq!(commands.iter().filter(of_tidying).count(), expected.len());
        peer.change(|state| {
            assert_eq!(state.too_early, Vec::<String>::new());
            assert_eq!(state.moved.len(), 3);
        });
    }
}

#[tokio::test]
async fn a_refused_tidying_costs_nothing_and_is_tried_again() {
    let peer = Peer::with_mails(2).await;
    peer.script(&[("UID STORE", Say("{tag} NO read-only\n"))]);
    peer.once().await.unwrap();
    peer.assert_all_recorded();
    assert_eq!(peer.memory.tidied(), 0);
    peer.once().await.unwrap();
    assert_eq!(peer.memory.tidied(), 2);
}

/// F19, F20: news in IDLE, and before it was accepted.
#[tokio::test]
async fn mail_is_seen_in_idle() {
    let peer = Peer::with_mails(1).await;
    let sent = std::sync::atomic::AtomicU32::new(1);
    peer.watch_until(|peer| {
        let count = sent.load(std::sync::atomic::Ordering::Relaxed);
        if peer.memory.recorded(7).len() as u32 == count && peer.count("IDLE") > 0 && count < 20 {
            sent.store(count + 1, std::sync::atomic::Ordering::Relaxed);
            peer.deliver(count + 1, mail(count + 1));
        }
        peer.memory.recorded(7).len() == 20
    })
    .await;
    peer.assert_all_recorded();
    assert_eq!(peer.state.lock().unwrap().connections, 1);
}

#[tokio::test]
async fn what_is_told_before_idle_is_accepted_is_not_slept_over() {
    let peer = Peer::with_mails(1).await;
    peer.change(|state| state.before_idle = Some((2, mail(2))));
    let mut settings = peer.settings();
    settings.poll = Duration::from_secs(3600); // no sweep helps
    peer.watch_until_with(settings, |peer| peer.memory.recorded(7).len() == 2)
        .await;
    peer.assert_all_recorded();
}

/// F18, F21: IDLE that is refused, ended, answered by BYE or by nothing.
#[tokio::test]
async fn a_strange_idle_costs_no_mail() {
    for strange in [
        Say("{tag} NO not here\n"),
        Say("{tag} BAD what\n"),
        Say("{tag} OK that was it\n"),
        Say("+ idling\n{tag} OK early\n"),
        Say("+ idling\n* garbage ((\n"),
        Close("* BYE Connection is closed. 13\n"),
        Close("+ idling\n* BYE idle too long\n"),
        Close("+ idling\n"),
        Silence,
    ] {
        let peer = Peer::with_mails(1).await;
        peer.script(&[("IDLE", strange); 5]);
        let late = peer.clone();
        peer.watch_until(move |peer| {
            if peer.memory.recorded(7).len() == 1 && peer.count("IDLE") > 0 {
                late.deliver(2, mail(2));
            }
            peer.memory.recorded(7).len() == 2
        })
        .await;
        peer.assert_all_recorded();
    }
}

#[tokio::test]
async fn silence_ends_a_command_and_not_the_mailbox() {
    for command in [
        "CAPABILITY",
        "AUTHENTICATE",
        "EXAMINE",
        "UID SEARCH",
        "RFC822.SIZE",
        "BODY.PEEK",
        "UID STORE",
    ] {
        let peer = Peer::with_mails(2).await;
        peer.script(&[(command, Silence)]);
        peer.watch_until(|peer| peer.memory.tidied() == 2).await;
        peer.assert_all_recorded();
    }
}

/// Two connections an account at most, whatever the number of folders (F23).
#[tokio::test]
async fn many_folders_share_two_connections() {
    let peer = Peer::with_mails(2).await;
    let mut settings = peer.settings();
    settings.folders = ["INBOX", "A", "B", "C"].map(String::from).to_vec();
    peer.once_with(settings, peer.watch()).await.unwrap();
    assert_eq!(peer.state.lock().unwrap().connections, 1);
    for folder in ["INBOX", "A", "B", "C"] {
        assert_eq!(peer.count(&format!("EXAMINE \"{folder}\"")), 1);
    }
}
