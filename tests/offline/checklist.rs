//! Every command in both languages, the whole way a mail goes: tried, done, sent again, taken back.
//!
//! `/dry` changes nothing in the database and names the letters that would go out; the same mail a second time does
//! nothing; `/undo` gives every facet its value back, or says why it cannot. Another command is one more line of `ROWS`.

use std::collections::BTreeMap;
use std::thread;

use guichet::desk::act::SentLetter;
use guichet::desk::event::Effect;
use guichet::desk::letter::Delivery;
use guichet::desk::notice::{NoticeKind, Receipt, Refusal, Role};
use guichet::desk::ticket::{Status, Ticket};
use guichet::store::LetterView;
use jiff::SignedDuration;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::answers::{header, latest};
use crate::talk::{MARIE, PAUL, Talk};
use crate::world::{Arrival, CONFIG};

/// What `/undo` does to a command.
#[derive(Clone, Copy, PartialEq)]
enum Undo {
    /// Everything is as before.
    Back,
    /// It says so: this stays.
    Refused(Refusal),
    /// There is nothing that could be taken back, and nothing was done.
    Idle,
}

/// The command in English and in French, the order before it, and what `/undo` does to it.
type Row = (&'static str, &'static str, &'static str, Undo);

/// The rows of the README's table.
const ROWS: &[Row] = &[
    ("/take", "/prends", "", Undo::Back),
    ("/assign nora", "/assigner nora", "", Undo::Back),
    ("/team network", "/équipe network", "", Undo::Back),
    (
        "/p1 because of the till",
        "/p1 car la caisse",
        "",
        Undo::Back,
    ),
    ("/p2", "/p2", "", Undo::Back),
    ("/p3 it can wait", "/p3 cela attendra", "", Undo::Back),
    ("/p4", "/p4", "/p1", Undo::Back),
    ("/impact high", "/impact haut", "", Undo::Back),
    ("/urgency low", "/urgence basse", "", Undo::Back),
    ("/wait", "/attente", "", Undo::Back),
    ("/wait until tomorrow", "/attente demain", "", Undo::Back),
    (
        "/wait until tomorrow",
        "/attente demain",
        "/wait",
        Undo::Back,
    ),
    ("/snooze 2d", "/reporter 2j", "/take", Undo::Back),
    ("/chase", "/relancer", "", Undo::Back),
    ("/chase", "/relancer", "/wait", Undo::Back),
    ("/escalate too long", "/escalader trop long", "", Undo::Back),
    (
        "/escalate network too long",
        "/escalader network trop long",
        "",
        Undo::Back,
    ),
    (
        "/handoff orange no tone",
        "/transmettre orange rien",
        "",
        Undo::Back,
    ),
    ("/open", "/rouvrir", "/resolve", Undo::Back),
    ("/open", "/rouvrir", "/wait", Undo::Back),
    ("/resolve a cable", "/résolu un câble", "", Undo::Back),
    ("/close a cable", "/clos un câble", "", Undo::Back),
    ("/cause a cable", "/cause un câble", "", Undo::Back),
    ("/solution a cable", "/solution un câble", "", Undo::Back),
    (
        "/note he lies",
        "/note il ment",
        "/p2",
        Undo::Refused(Refusal::Stays),
    ),
    (
        "/watch luc@acme.example",
        "/suivre luc@acme.example",
        "",
        Undo::Back,
    ),
    (
        "/unwatch luc@acme.example",
        "/oublier luc@acme.example",
        "/watch luc@acme.example",
        Undo::Back,
    ),
    (
        "/requester luc@acme.example",
        "/demandeur luc@acme.example",
        "",
        Undo::Back,
    ),
    ("/merge INC-2", "/fusionner INC-2", "", Undo::Back),
    ("/split", "/séparer", "", Undo::Back),
    ("/link INC-2", "/lier INC-2", "", Undo::Back),
    ("/category vpn", "/catégorie vpn", "", Undo::Back),
    ("/time 30m", "/temps 30m", "", Undo::Back),
    ("/outage paper", "/panne papier", "", Undo::Back),
    ("/outage INC-2", "/panne INC-2", "", Undo::Back),
    ("/split", "/séparer", "/outage INC-2", Undo::Back),
    (
        "/recipe Feed the scanner by hand",
        "/fiche Nourrir le scanner à la main",
        "/solution one sheet at a time",
        Undo::Back,
    ),
    (
        "/recipe ok",
        "/fiche ok",
        "/solution one sheet at a time\r\n/recipe Feed the scanner by hand\r\n/recipe words: scanner + bourre*",
        Undo::Back,
    ),
    ("/help", "/aide", "", Undo::Idle),
];

/// Luc is of the same organisation; nobody of the second team has the ticket.
fn talk() -> Talk {
    let more = "[team.network]\nlead = \"nora\"\nmembers = [\"nora\"]\n";
    let mut talk = Talk::new(&format!("{CONFIG}\n{more}"));
    talk.writes(MARIE, "Scanner", "Le scanner bourre.");
    talk.writes("luc@acme.example", "Telephone", "My telephone is silent.");
    talk.answers(MARIE, "acknowledgement about INC-1", "Avec tout papier.");
    talk.answers(
        MARIE,
        "acknowledgement about INC-1",
        "Et l'imprimante aussi.",
    );
    talk
}

/// What came of a mail of Paul's: its receipt, and the other letters to the outside.
struct Came {
    receipt: Receipt,
    letters: Vec<SentLetter>,
}

/// Paul answers his latest letter of this kind about the first ticket.
fn order(talk: &mut Talk, letter: &str, lines: &str) -> (Came, String) {
    let mail = talk.answer(PAUL, &format!("{letter} about INC-1"), lines);
    let arrival = Arrival::at_support(talk.mails.to_string(), mail.clone());
    let (_, effects) = talk.world.receive(arrival, talk.now);
    let mut came = Came {
        receipt: Receipt::default(),
        letters: Vec::new(),
    };
    for effect in effects {
        let Effect::Notify(notice) = effect else {
            continue;
        };
        if notice.kind == NoticeKind::Receipt {
            came.receipt = notice.receipt.expect("a receipt says something");
        } else if notice.to.role != Role::Technician {
            came.letters.push(SentLetter {
                ticket: Some(notice.ticket.id),
                kind: notice.kind.word().to_owned(),
                to: notice.to.address,
            });
        }
    }
    (came, mail)
}

/// Everything in the database but what each mail leaves whatever it says: itself, the entry that keeps it, its receipt.
fn dump(talk: &Talk) -> BTreeMap<String, Vec<String>> {
    let file = talk.world.folder().join("guichet.db");
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database opens");
    let mut query = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .expect("a query");
    let tables = query.query_map([], |row| row.get::<_, String>(0));
    let tables = tables.expect("tables").map(|name| name.expect("a name"));
    let left_by_a_mail = [
        "mails",
        "raw",
        "thread_ids",
        "contents",
        "counters",
        "people",
        "pictures",
    ];
    let tables = tables.filter(|name| !left_by_a_mail.contains(&name.as_str()));
    tables
        .map(|name| (name.clone(), rows(&database, &name)))
        .collect()
}

fn rows(database: &Connection, table: &str) -> Vec<String> {
    let which = match table {
        "entries" => "WHERE kind <> 'kept' AND NOT (kind = 'letter' AND text LIKE 'receipt to %')",
        "outbox" => "WHERE notice <> 'receipt'",
        _ => "",
    };
    let mut query = database
        .prepare(&format!("SELECT * FROM {table} {which} ORDER BY rowid"))
        .or_else(|_| database.prepare(&format!("SELECT * FROM {table} {which}")))
        .expect("a query");
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut rows = query.query([]).expect("rows");
    let mut dump = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        // A ticket was touched: something is in its history since.
        let columns = names
            .iter()
            .enumerate()
            .filter(|(_, name)| *name != "updated_at");
        let columns = columns.map(|(at, name)| match row.get_ref(at).expect("a column") {
            ValueRef::Null => format!("{name}: -"),
            ValueRef::Integer(number) => format!("{name}: {number}"),
            ValueRef::Text(text) => format!("{name}: {}", String::from_utf8_lossy(text)),
            other => format!("{name}: {other:?}"),
        });
        dump.push(columns.collect::<Vec<_>>().join(", "));
    }
    dump
}

/// What differs between two dumps, one line each.
fn differences(
    before: &BTreeMap<String, Vec<String>>,
    after: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (table, after) in after {
        let before = &before[table];
        let news = after.iter().filter(|row| !before.contains(row));
        found.extend(news.map(|row| format!("{table} + {row}")));
        let gone = before.iter().filter(|row| !after.contains(row));
        found.extend(gone.map(|row| format!("{table} - {row}")));
    }
    found
}

/// The facets of a ticket: all of it but when it was touched and what is promised from now on.
fn facets(talk: &Talk, number: usize) -> Ticket {
    let ticket = talk.ticket(number);
    Ticket {
        updated_at: ticket.created_at,
        next_news_at: None,
        nudges_at: None,
        first_answer_due_at: None,
        resolution_due_at: None,
        ..ticket
    }
}

/// Goes through a row in one language; gives what is wrong.
fn check(line: &str, before: &str, undo: Undo, words: [&str; 2]) -> Vec<String> {
    let [dry, take_back] = words;
    let mut wrong = Vec::new();
    let mut say = |what: String| wrong.push(format!("{line} after `{before}`: {what}"));
    let mut talk = talk();
    let mut letter = "message";
    if !before.is_empty() {
        let (came, _) = order(&mut talk, letter, before);
        assert!(
            !came.receipt.done.is_empty(),
            "{before}: {:?}",
            came.receipt
        );
        letter = "receipt";
    }
    let untouched = dump(&talk);
    let (tried, _) = order(&mut talk, letter, &format!("{dry}\r\n{line}"));
    let changed = differences(&untouched, &dump(&talk));
    if !changed.is_empty() {
        say(format!("trying changes {changed:#?}"));
    }
    if !tried.receipt.dry || !tried.letters.is_empty() {
        say(format!("not tried: {:?}", tried.receipt));
    }

    let kept = [facets(&talk, 1), facets(&talk, 2)];
    let (done, mail) = order(&mut talk, letter, line);
    if undo != Undo::Idle && done.receipt.done.is_empty() {
        say(format!("not done: {:?}", done.receipt.refused));
        return wrong;
    }
    if tried.receipt.letters != done.letters {
        say(format!(
            "trying told of {:?}, done were {:?}",
            tried.receipt.letters, done.letters
        ));
    }

    let receipt = latest(&talk.world, "receipt", PAUL, None);
    let as_done = dump(&talk);
    talk.mails += 1;
    for (place, mail) in [
        ("again", mail.clone()),
        (
            "resent",
            mail.replace("@client.example>", "@other.example>"),
        ),
    ] {
        let arrival = Arrival::at_support(format!("{place} {}", talk.mails), mail);
        talk.world
            .receive(arrival, talk.now + SignedDuration::from_secs(30));
        let changed = differences(&as_done, &dump(&talk));
        if !changed.is_empty() {
            say(format!("{place}, it changes {changed:#?}"));
        }
    }

    // What was carried stays; `receipts.rs` tells of what was not.
    let accepted = |_: &_| Delivery::Accepted("250 ok".to_owned());
    talk.world.carry("support", talk.now, accepted);
    let came = undone(&mut talk, &receipt, take_back);
    match undo {
        Undo::Back => {
            if !done.receipt.can_undo || came.receipt.undone.is_empty() {
                say(format!("not taken back: {:?}", came.receipt.refused));
            }
            if came.receipt.letters != done.letters {
                say(format!(
                    "letters that stay: {:?}, gone were {:?}",
                    came.receipt.letters, done.letters
                ));
            }
            let now = [facets(&talk, 1), facets(&talk, 2)];
            for (was, is) in kept.iter().zip(&now).filter(|(was, is)| was != is) {
                say(format!("was {was:#?}\nis {is:#?}"));
            }
            let opened = talk.world.tickets().into_iter().skip(2);
            for ticket in opened.filter(|ticket| ticket.status != Status::Merged) {
                say(format!("{} is still there", ticket.id));
            }
        }
        Undo::Refused(refusal) => {
            let because = came.receipt.refused.first().map(|refused| refused.because);
            if because != Some(refusal) || done.receipt.can_undo {
                say(format!("refused because of {because:?}"));
            }
        }
        Undo::Idle => {
            let changed = differences(&untouched, &as_done);
            if !changed.is_empty() || done.receipt.can_undo {
                say(format!("it changes {changed:#?}"));
            }
        }
    }
    wrong
}

/// Paul answers a receipt of his with the word that takes it back.
fn undone(talk: &mut Talk, receipt: &LetterView, take_back: &str) -> Came {
    let head = format!("Subject: Re\r\nIn-Reply-To: <{}>\r\n", receipt.message_id);
    let bytes = talk.world.letter_bytes(receipt.id);
    let to = header(&bytes, "Reply-To").expect("an address");
    let mail = talk.bytes(PAUL, &to, &head, take_back);
    let arrival = Arrival::at_support(talk.mails.to_string(), mail);
    let (_, effects) = talk.world.receive(arrival, talk.now);
    let receipt = effects.into_iter().find_map(|effect| match effect {
        Effect::Notify(notice) if notice.kind == NoticeKind::Receipt => notice.receipt,
        _ => None,
    });
    Came {
        receipt: receipt.expect("a receipt"),
        letters: Vec::new(),
    }
}

#[test]
fn every_command_is_tried_done_once_and_taken_back_in_both_languages() {
    let languages = [["/dry", "/undo"], ["/essai", "/annuler"]];
    let cases: Vec<(&str, &str, Undo, [&str; 2])> = ROWS
        .iter()
        .flat_map(|(en, fr, before, undo)| {
            let lines = [en, fr].into_iter().zip(languages);
            lines.map(|(line, words)| (*line, *before, *undo, words))
        })
        .collect();
    let parts = cases.chunks(cases.len().div_ceil(4));
    let wrong: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = parts
            .map(|part| {
                scope.spawn(|| {
                    let rows = part.iter();
                    let rows = rows
                        .flat_map(|(line, before, undo, words)| check(line, before, *undo, *words));
                    rows.collect::<Vec<_>>()
                })
            })
            .collect();
        let done = running.into_iter().map(|part| part.join());
        done.flat_map(|part| part.expect("a row panicked, see above"))
            .collect()
    });
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn taking_back_goes_back_step_by_step_and_ends() {
    for take_back in ["/undo", "/annuler"] {
        let mut talk = talk();
        let before = facets(&talk, 1);
        for line in ["/p2", "/cause worn out", "/note he lies"] {
            order(&mut talk, "message", line);
        }
        let mut taken = Vec::new();
        for _ in 0..3 {
            // The same words at once would be the same mail sent twice.
            talk.now += SignedDuration::from_mins(11);
            let (came, _) = order(&mut talk, "message", take_back);
            taken.push(came.receipt.undone.join(" "));
        }
        assert_eq!(taken, ["/cause worn out", "/p2", ""], "{take_back}");
        assert_eq!(facets(&talk, 1), before);
        talk.now += SignedDuration::from_mins(11);
        let because = order(&mut talk, "message", take_back).0.receipt.refused;
        assert_eq!(because[0].because, Refusal::NothingToUndo);
    }
}
