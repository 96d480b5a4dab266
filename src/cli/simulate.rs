//! `guichet simulate FILE...`: what would be done about a mail, with the letters. Nothing is stored.
//!
//! The mail goes through the real decision on the real database, inside a transaction that is undone.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Failure, SOFTWARE, USAGE, counted, parse, settings, shown};
use crate::clock::Clock;
use crate::desk::event::Effect;
use crate::desk::letter::Letter;
use crate::desk::mail::{Fetched, InboundMail, MailKey, Place};
use crate::desk::ticket::Change;
use crate::gateway::{Gateway, decided, write_letter};
use crate::store::{Hashed, StoreError, Tx, Waiting};

/// Prints the effects of each mail and the letters they would cause, as if it came in at the desk named, or the first one.
pub fn run(
    config: Option<&Path>,
    desk: Option<&str>,
    files: &[PathBuf],
    out: &mut impl Write,
    errors: &mut impl Write,
) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let desk = desk
        .map(str::to_owned)
        .or_else(|| settings.desks.keys().next().cloned())
        .unwrap_or_default();
    let gateway = Gateway::open(settings, Clock::System)?;
    let rules = gateway.read_rules.get(&desk).cloned();
    let rules = rules.ok_or_else(|| Failure::new(USAGE, format!("there is no desk `{desk}`")))?;
    let mut failure = None;
    let status = parse::each(
        gateway.program.clone(),
        rules,
        files,
        errors,
        |file, mail| {
            writeln!(out, "{}", file.display())?;
            match imagine(&gateway, &desk, mail) {
                Ok((effects, letters)) => print(&effects, &letters, out),
                Err(error) => {
                    failure = Some(Failure::new(SOFTWARE, error.to_string()));
                    Ok(())
                }
            }
        },
    )?;
    failure.map_or(Ok(status), Err)
}

type Imagined = (Vec<Effect>, Vec<Letter>);

fn imagine(gateway: &Arc<Gateway>, desk: &str, mail: &InboundMail) -> Result<Imagined, StoreError> {
    let found: Arc<Mutex<Option<Imagined>>> = Arc::default();
    let (shared, keep, desk, mail) = (
        gateway.clone(),
        found.clone(),
        desk.to_owned(),
        mail.clone(),
    );
    let undone = gateway
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            let imagined = within(&shared, tx, &desk, mail)?;
            *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(imagined);
            Err(StoreError::Imagined)
        });
    match (
        undone,
        found.lock().unwrap_or_else(PoisonError::into_inner).take(),
    ) {
        (Err(StoreError::Imagined), Some(imagined)) => Ok(imagined),
        (Err(error), _) => Err(error),
        (Ok(()), _) => Err(StoreError::Stopped),
    }
}

fn within(
    gateway: &Gateway,
    tx: &Tx<'_>,
    desk: &str,
    mail: InboundMail,
) -> Result<Imagined, StoreError> {
    let now = gateway.clock.now();
    let key = MailKey {
        desk: desk.to_owned(),
        folder: "simulate".to_owned(),
        place: Place::Name("this".to_owned()),
    };
    // The bytes do not matter any more; a content of its own keeps it from being a copy of anything.
    let bytes = format!("simulated at {now}").into_bytes();
    let mail_of_its_own = Fetched {
        key,
        bytes,
        received_at: now,
        cut_from: None,
    };
    tx.record_mails(&Hashed::of(vec![mail_of_its_own]), now)?;
    let id = tx.last_mail()?;
    let waiting = Waiting {
        id,
        desk: desk.to_owned(),
        attempt: 1,
        bytes: Vec::new(),
        cut_from: None,
        reason: String::new(),
    };
    let effects = decided(gateway, tx, &waiting, mail, None, now)?;
    let mut letters = Vec::new();
    for effect in &effects {
        if let Effect::Notify(notice) = effect {
            letters.push(write_letter(
                &gateway.rules,
                &gateway.scribe,
                notice,
                tx.next_letter()?,
                now,
            )?);
        }
    }
    Ok((effects, letters))
}

fn print(effects: &[Effect], letters: &[Letter], out: &mut impl Write) -> std::io::Result<()> {
    for effect in effects {
        match effect {
            Effect::Open(ticket) => writeln!(
                out,
                "  open {} {} \"{}\"",
                ticket.id,
                ticket.priority.word(),
                shown(&ticket.subject)
            )?,
            Effect::Change(
                id,
                Change::Outage {
                    under: Some(master),
                    ..
                },
            ) => writeln!(out, "  {id} stands under the outage {master}")?,
            Effect::Change(id, Change::Proposed(people)) => {
                writeln!(out, "  an outage of {people} people is proposed with {id}")?;
            }
            Effect::Change(id, change) => writeln!(out, "  change {id}: {change:?}")?,
            Effect::Append(id, entry) => {
                let first = entry.text.lines().next().unwrap_or_default();
                writeln!(
                    out,
                    "  append to {id}: {} by {}: {}",
                    entry.kind.word(),
                    shown(&entry.by),
                    shown(first)
                )?;
            }
            Effect::Rethread(from, to, ids) => {
                let belong = if ids.len() == 1 { "belongs" } else { "belong" };
                let ids = counted(ids.len(), "id");
                writeln!(out, "  {ids} of {from} {belong} to {to}")?;
            }
            Effect::Act(act) => writeln!(
                out,
                "  act of {} on {}: {}",
                shown(&act.by),
                act.ticket,
                shown(&act.lines.join(" · "))
            )?,
            Effect::Undone(id) => writeln!(out, "  act {} is taken back", id.0)?,
            Effect::Sheet(sheet) => writeln!(
                out,
                "  queue of {} for {}: {}",
                shown(&sheet.technician),
                sheet.day,
                counted(sheet.tickets.len(), "ticket")
            )?,
            Effect::Answer(_) => {}
            Effect::Correct(id, correction) => writeln!(
                out,
                "  correct {id}: {} {} -> {}",
                correction.about.word(),
                shown(&correction.from),
                shown(&correction.to)
            )?,
            Effect::Notify(notice) => {
                let held = notice
                    .hold
                    .as_ref()
                    .map(|hold| format!(", held: {}", hold.reason()))
                    .unwrap_or_default();
                writeln!(
                    out,
                    "  letter: {} to {}{held}",
                    notice.kind.word(),
                    notice.to.address
                )?;
            }
            Effect::File(filing) => {
                let ticket = filing
                    .ticket
                    .as_ref()
                    .map(|ticket| format!(" {ticket}"))
                    .unwrap_or_default();
                writeln!(
                    out,
                    "  {}{ticket}: {}",
                    filing.outcome.word(),
                    shown(&filing.reasons.join("; "))
                )?;
            }
            Effect::StopDigest(stop) => {
                writeln!(
                    out,
                    "  no more digests about {} to {}",
                    stop.scope, stop.reader
                )?;
            }
            Effect::Undelivered(id, said) => {
                writeln!(out, "  letter {id} did not arrive: {}", shown(said))?
            }
            Effect::Away(who, until) => writeln!(out, "  away until {until}: {who}")?,
            Effect::Reached(address) => writeln!(out, "  reached again: {address}")?,
            Effect::Know(address, _) => writeln!(out, "  known from now on: {address}")?,
            Effect::AskSatisfaction(id, _) => {
                writeln!(out, "  ask about {id}: satisfied, 1 to 5?")?
            }
            Effect::Rate(id, rating) => {
                writeln!(out, "  {id} is rated {} of 5", rating.score)?;
            }
            Effect::HandOver(id, provider) => writeln!(out, "  {id} goes to {provider}")?,
            Effect::Refer(id, provider, reference) => {
                writeln!(out, "  {provider} calls {id} {}", shown(reference))?;
            }
            Effect::Offer(id, offered) => writeln!(
                out,
                "  offer with {id}: recipe {} \"{}\"",
                offered.recipe,
                shown(&offered.title)
            )?,
            Effect::Tried(id, outcome) => {
                writeln!(out, "  the recipe offered with {id} {}", outcome.word())?;
            }
            Effect::Fix(fix) => writeln!(
                out,
                "  recipe {} is {}: {}",
                fix.ticket,
                fix.state.word(),
                shown(&fix.title)
            )?,
            Effect::Remember(..)
            | Effect::Told(..)
            | Effect::Ask(..)
            | Effect::Bundled(_)
            | Effect::Answered(..)
            | Effect::Settle(..) => {}
        }
    }
    for letter in letters {
        writeln!(
            out,
            "\n----- letter to {}\n{}",
            letter.to,
            String::from_utf8_lossy(&letter.bytes)
        )?;
    }
    Ok(())
}
