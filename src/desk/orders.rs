//! Orders: given in a mail about a ticket, or at the shell.
//!
//! Each way asks for its own proof; from there on all are one: all commands or none, then the letters to
//! those who wait (`follow.rs`), then what is kept for `/undo`, then the receipt. A mail without commands
//! gets none. Answers to the queue letter come here from `queue_answer.rs`.

use std::mem;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::act::Act;
use super::case::{Case, Content};
use super::command::when::Here;
use super::command::{self, Actor, Command, Done, Errand, Order, Orders, RecipeOrder, proof};
use super::event::{Effect, Outcome, Snapshot};
use super::follow::{Speech, pass_on, publish, settle};
use super::ids::TicketId;
use super::mail::InboundMail;
use super::newcomer::{said, words};
use super::notice::{Again, No, NoticeKind, Receipt, Refusal, Refused};
use super::outage;
use super::people::Technician;
use super::reply::{in_history, technicians_words};
use super::rules::Rules;
use super::ticket::{EntryKind, Status, Ticket};

/// A mail that took longer to reach us is read as if it were written now: its `tomorrow` may be over.
const WRITTEN_LATELY: SignedDuration = SignedDuration::from_hours(12);
/// Why a mail that came twice under two ids is only kept.
pub const ALREADY_DONE: &str =
    "nothing was done and nothing was sent, because the same words were dealt with already";
/// A longer mail is not prepared anew in a link: some programs cut those.
const AGAIN_MAX: usize = 1_000;
/// What is said when nobody can judge a proof.
pub const NO_DESK: (&str, Refusal) = ("its desk is no longer configured", Refusal::NotNow);

/// Deals with the mail of a technician about the ticket in hand: orders for us, words for the requester.
pub fn answered(
    case: &mut Case<'_>,
    mail: &InboundMail,
    technician: &Technician,
    orders: &Orders,
) -> Outcome {
    case.writer = Some(technician.address.clone());
    let proven = case.desk().ok_or(NO_DESK).and_then(|desk| {
        let (rules, seen, ticket) = (case.rules, case.seen, &case.ticket);
        proof::check(rules, seen, mail, desk, technician, ticket, case.now).map_err(lacking)
    });
    if let Err((missing, because)) = proven {
        let why = format!("nothing was done and nothing was sent, because {missing}");
        keep(case, mail, &why);
        let first = orders.orders.first().map(|order| order.line.as_str());
        let first = first.or_else(|| orders.refused.first().map(|refused| refused.line.as_str()));
        let refused = not_proven(first, because);
        hand_receipt(case, technician, refusing(refused), mail);
        return Outcome::Kept;
    }
    if case.seen.repeats {
        keep(case, mail, ALREADY_DONE);
        let first = orders.orders.first().map(|order| order.line.as_str());
        let receipt = refusing(not_proven(first, Refusal::Repeated));
        hand_receipt(case, technician, receipt, mail);
        return Outcome::Kept;
    }
    let orders = &answering_draft(case, mail, orders);
    let errands = on(&case.ticket.id, &orders.orders);
    let errands: Vec<Errand<'_>> = errands.filter(|errand| !is_aside(errand)).collect();
    let has = |wanted: &Command| orders.orders.iter().any(|order| order.command == *wanted);
    let (dry, help) = (has(&Command::Dry), has(&Command::Help));
    if !orders.refused.is_empty() {
        let others = errands
            .iter()
            .map(|errand| with_the_others(&errand.order.line));
        let refused = orders.refused.iter().cloned().chain(others).collect();
        keep(case, mail, "nothing was done and nothing was sent");
        let receipt = Receipt {
            again: corrected(&technicians_words(mail), &orders.refused),
            ..refusing(refused)
        };
        hand_receipt(case, technician, receipt, mail);
        return Outcome::Kept;
    }
    let actor = Actor::technician(technician);
    let files = said(mail, case.now).attachments;
    let speech = Speech {
        mail,
        technician,
        text: &orders.text,
        // A photograph without a word is an answer; with orders only, it belongs to them.
        public: !orders.text.is_empty() || (orders.orders.is_empty() && !files.is_empty()),
        files,
    };
    let mut tried = case.clone();
    let receipt = match carried(&mut tried, &errands, &actor, Some(&speech), dry) {
        Err(refused) => {
            keep(case, mail, "nothing was done and nothing was sent");
            hand_receipt(case, technician, refusing(refused), mail);
            return Outcome::Kept;
        }
        Ok(receipt) => receipt,
    };
    let receipt = Receipt { help, ..receipt };
    if dry {
        keep(
            case,
            mail,
            "only tried: nothing was done and nothing was sent",
        );
        hand_trial(case, tried, technician, receipt, mail);
        return Outcome::Kept;
    }
    let is_question = help && errands.is_empty() && orders.text.is_empty();
    match is_question {
        true => keep(case, mail, "only a question about the commands"),
        false => *case = tried,
    }
    // The draft with its new text says what was done.
    let is_corrected =
        |order: &Order| matches!(order.command, Command::Recipe(RecipeOrder::Text(_)));
    if !orders.orders.iter().all(is_corrected) {
        hand_receipt(case, technician, receipt, mail);
    }
    match is_question {
        true => Outcome::Kept,
        false => Outcome::Joined,
    }
}

/// Words that answer the draft of a recipe are its new text, never a letter to the requester.
fn answering_draft(case: &Case<'_>, mail: &InboundMail, orders: &Orders) -> Orders {
    let mut orders = orders.clone();
    let answered = case.seen.answered_by(mail);
    if !orders.text.is_empty() && answered.is_some_and(|letter| letter.kind == NoticeKind::Recipe) {
        let text = std::mem::take(&mut orders.text);
        let line = text.lines().next().unwrap_or_default().to_owned();
        let command = command::answer_to_draft(text);
        // Before the others: what is approved below is the new text.
        orders.orders.insert(0, Order { line, command });
    }
    orders
}

/// Deals with orders given at the shell of the machine, whose users may do anything. What became of them is an effect.
pub fn at_shell(
    rules: &Rules,
    seen: &Snapshot,
    ticket: &TicketId,
    technician: Option<&str>,
    orders: &[Order],
    cause: &str,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(ticket) = seen.ticket(ticket) else {
        return Vec::new();
    };
    let technician = technician.and_then(|key| rules.people.technicians.get(key));
    let actor = technician.map_or_else(Actor::shell, Actor::technician);
    let mut case = Case::new(rules, seen, now, ticket.clone(), cause.to_owned());
    case.writer = technician.map(|technician| technician.address.clone());
    let dry = orders.iter().any(|order| order.command == Command::Dry);
    let errands: Vec<Errand<'_>> = on(&ticket.id, orders)
        .filter(|errand| !is_aside(errand))
        .collect();
    let mut tried = case.clone();
    let (answer, ticket) = match carried(&mut tried, &errands, &actor, None, dry) {
        Ok(receipt) => {
            let ticket = tried.ticket.clone();
            if !dry {
                case = tried;
            }
            (receipt, ticket)
        }
        Err(refused) => (refusing(refused), case.ticket.clone()),
    };
    case.effects
        .push(Effect::Answer(Box::new((answer, ticket))));
    case.effects
}

/// What `tomorrow` in `mail` is seen from: the moment it was written and the place of the desk, or of the technician.
pub fn here(case: &Case<'_>, technician: &Technician, mail: &InboundMail) -> Here {
    let zone = technician.timezone.clone();
    let zone = zone.or_else(|| case.desk().map(|desk| desk.timezone.clone()));
    let is_recent = |date: &Timestamp| {
        let age = case.now.duration_since(*date);
        age >= SignedDuration::ZERO && age <= WRITTEN_LATELY
    };
    Here {
        now: mail.date.filter(is_recent).unwrap_or(case.now),
        zone: zone.unwrap_or(TimeZone::UTC),
    }
}

/// Carries errands out, with everything that follows for those who wait. Gives what the receipt says.
pub fn carried(
    case: &mut Case<'_>,
    errands: &[Errand<'_>],
    by: &Actor<'_>,
    speech: Option<&Speech<'_>>,
    dry: bool,
) -> Result<Receipt, Vec<Refused>> {
    let before = case.ticket.clone();
    let from = case.effects.len();
    let done = command::carry_out(case, errands, by)?;
    let public = speech.is_some_and(|speech| speech.public);
    if let Some(speech) = speech {
        let text = in_history(&technicians_words(speech.mail), &speech.files);
        case.append_mail(EntryKind::Mail, speech.mail, text);
        if public {
            publish(case, &before, speech);
            let seen = case.seen;
            // Whoever waits with the master hears of it; whoever's own is done does not, when work begins again.
            let hears = |ticket: &Ticket| {
                let was_solved = before.status == Status::Resolved;
                !ticket.status.is_over() || (was_solved && ticket.status == Status::Resolved)
            };
            let heard = |ticket: &Ticket| seen.ticket(&ticket.id).is_some_and(hears);
            outage::with_members(case, heard, |case| pass_on(case, speech));
        }
    }
    settle(case, &before, by, public);
    let others: Vec<Ticket> = case
        .touched
        .keys()
        .filter_map(|number| case.seen.tickets.get(number).cloned())
        .collect();
    for before in &others {
        let public = public && case.led.contains(&before.id.number());
        case.aside(&before.id, |case| settle(case, before, by, public));
    }
    let act = match done.lines.is_empty() {
        true => None, // a plain answer has no receipt and is not taken back
        false => command::act(case, &before, from, &done, by),
    };
    let can_undo = act.as_ref().is_some_and(Act::can_be_undone);
    let receipt = receipt(case, done, from, can_undo, dry);
    case.effects.extend(act.map(Effect::Act));
    Ok(receipt)
}

fn receipt(case: &Case<'_>, done: Done, from: usize, can_undo: bool, dry: bool) -> Receipt {
    let effects = case.effects.get(from..).unwrap_or_default();
    let held = command::held(effects);
    let letters = match dry {
        true => {
            let waits = |letter: &_| held.iter().any(|held| held.letter == *letter);
            let all = command::letters(effects).into_iter();
            all.filter(|letter| !waits(letter)).collect()
        }
        false => done.gone,
    };
    Receipt {
        // What was taken back says more than the word that did it.
        done: match done.undone.is_empty() {
            true => done.lines,
            false => Vec::new(),
        },
        refused: Vec::new(),
        dry,
        help: false,
        undone: done.undone,
        letters,
        held,
        others: case.touched.values().cloned().collect(),
        can_undo: can_undo && !dry,
        again: None,
        hint: case.hint,
        sheet: None,
    }
}

/// The same errand for each order.
fn on<'o>(ticket: &TicketId, orders: &'o [Order]) -> impl Iterator<Item = Errand<'o>> {
    let ticket = ticket.clone();
    orders.iter().map(move |order| Errand {
        ticket: ticket.clone(),
        order,
    })
}

/// Whether it says how the others are meant, and does nothing by itself.
pub fn is_aside(errand: &Errand<'_>) -> bool {
    matches!(
        errand.order.command,
        Command::Dry | Command::Help | Command::Confirm
    )
}

pub fn keep(case: &mut Case<'_>, mail: &InboundMail, because: &str) {
    let text = format!("kept, {because}:\n{}", words(mail));
    case.append_mail(EntryKind::Kept, mail, text);
}

pub fn refusing(refused: Vec<Refused>) -> Receipt {
    Receipt {
        refused,
        ..Receipt::default()
    }
}

/// The mail with what was probably meant in place of each line that was refused; `None` when that is not known of all.
fn corrected(words: &str, refused: &[Refused]) -> Option<Again> {
    let mut text = words.to_owned();
    for refused in refused {
        let meant = refused.did_you_mean.as_deref()?;
        let (word, rest) = refused.line.split_once(' ').unwrap_or((&refused.line, ""));
        let line = match meant.contains(' ') || rest.is_empty() {
            true => meant.to_owned(),
            false => format!("{meant} {rest}"),
        };
        text = match text.contains(&refused.line) {
            true => text.replacen(&refused.line, &line, 1),
            false => text.replacen(word, meant, 1),
        };
    }
    let is_short = text.len() <= AGAIN_MAX;
    is_short.then_some(Again {
        text,
        confirms: false,
    })
}

pub fn lacking(missing: proof::Missing) -> (&'static str, Refusal) {
    (missing.reason(), missing.refusal())
}

pub fn not_proven(line: Option<&str>, because: Refusal) -> Vec<Refused> {
    vec![No::from(because).of(line.unwrap_or_default())]
}

pub fn with_the_others(line: &str) -> Refused {
    No::from(Refusal::WithTheOthers).of(line)
}

/// Says what the commands of a mail would do, with every ticket as it would stand. Nothing else of the trial stays.
pub fn hand_trial<'a>(
    case: &mut Case<'a>,
    mut tried: Case<'a>,
    technician: &Technician,
    receipt: Receipt,
    mail: &InboundMail,
) {
    tried.effects = mem::take(&mut case.effects);
    hand_receipt(&mut tried, technician, receipt, mail);
    case.effects = tried.effects;
}

/// Says what became of the commands of a mail. One that may not be answered gets no receipt (I4): the entry tells.
pub fn hand_receipt(
    case: &mut Case<'_>,
    technician: &Technician,
    receipt: Receipt,
    mail: &InboundMail,
) {
    if !mail.origin.answerable {
        return;
    }
    let writer = technician.address.clone();
    let content = Content {
        receipt: Some(receipt),
        answers: mail.message_id.clone().map(|id| (writer, id)),
        ..Content::default()
    };
    let to = case.technician(technician);
    case.tell(NoticeKind::Receipt, to, &content);
}
