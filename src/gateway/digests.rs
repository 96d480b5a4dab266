//! Writes the digests that are due, each once for its reader and period, whatever crashes or clocks do.
//!
//! Figures are counted and letters rendered outside any transaction: what happened before a period's end no longer changes. The row that
//! says "written" and the letter are then committed together; whoever comes second finds the row and writes nothing.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info};

use super::Gateway;
use crate::desk::digest::Scope;
use crate::desk::digest::advice::{self, Advice};
use crate::desk::digest::figures::{self, Figures};
use crate::desk::digest::life::Life;
use crate::desk::digest::period::Period;
use crate::desk::digest::readers::{Empty, Reader, Stop, stop_subject};
use crate::desk::digest::recurring;
use crate::desk::event::Effect;
use crate::desk::ids::{Address, Locale, MessageId};
use crate::desk::notice::NoticeKind;
use crate::desk::people::Desk;
use crate::desk::recipe::Audience;
use crate::desk::recipe::fix::Fix;
use crate::desk::recipe::score::Kept;
use crate::scribe::{Digest, Envelope, Written};
use crate::store::{self, DigestState, Store, StoreError, Tx};

/// Figures and recommendations of one scope and period.
pub struct Counted {
    /// The figures.
    pub figures: Figures,
    /// What is recommended.
    pub advice: Vec<Advice>,
}

/// Writes every digest that is due. One that fails is told in the log, tried again at the next tick, and holds up no other.
pub fn send_due(gateway: &Arc<Gateway>, now: Timestamp) -> Result<(), StoreError> {
    let mut counted: Vec<(Scope, Period, Arc<Counted>)> = Vec::new();
    for reader in &gateway.settings.digests.readers {
        let Some(period) = reader.schedule.due(now) else {
            continue;
        };
        match state(gateway, reader, &period, now)? {
            DigestState::Wanted => {}
            DigestState::Done
            | DigestState::Stopped
            | DigestState::FirstSeen
            | DigestState::TooOld => continue,
        }
        let known = counted
            .iter()
            .find(|(scope, of, _)| *scope == reader.scope && *of == period);
        let figures = match known {
            Some((_, _, figures)) => figures.clone(),
            None => {
                let figures = Arc::new(count(
                    gateway,
                    &gateway.store.reader()?,
                    &reader.scope,
                    &period,
                )?);
                counted.push((reader.scope.clone(), period.clone(), figures.clone()));
                figures
            }
        };
        if let Err(failure) = send(gateway, reader, &period, &figures, now) {
            if failure.is_about_the_store() {
                return Err(failure);
            }
            error!(
                "The digest {} about {} cannot be written: {failure}",
                period.label(),
                reader.scope
            );
        }
    }
    Ok(())
}

/// How things stand with a digest; a reader who is new is noted, so that their first digest is about the period they came in.
fn state(
    gateway: &Gateway,
    reader: &Reader,
    period: &Period,
    now: Timestamp,
) -> Result<DigestState, StoreError> {
    let (reader, period) = (reader.clone(), period.clone());
    gateway.store.write_blocking(move |tx| {
        let state = tx.digest_state(&reader.address, &reader.scope, &period)?;
        if state == DigestState::FirstSeen {
            tx.note_digest(&reader.address, &reader.scope, &period, None, now)?;
        }
        Ok(state)
    })
}

fn send(
    gateway: &Gateway,
    reader: &Reader,
    period: &Period,
    counted: &Counted,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_left_out = counted.figures.is_quiet() && reader.empty == Empty::Skip;
    let letter = match is_left_out {
        true => None,
        false => Some(write(gateway, reader, period, counted, "", now)?.letter),
    };
    let (to, scope, of, desk) = (
        reader.address.clone(),
        reader.scope.clone(),
        period.clone(),
        reader.desk.clone(),
    );
    let label = period.label();
    let is_sent = gateway.store.write_blocking(move |tx| {
        fail::fail_point!("digest-before", |_| crate::crash::now());
        let id = match &letter {
            None => None,
            Some(_) => Some(tx.next_letter()?),
        };
        // The row refers to the letter, so the letter comes first; should the row exist, both are undone.
        if let (Some(id), Some(letter)) = (id, &letter) {
            if tx.digest_state(&to, &scope, &of)? != DigestState::Wanted {
                return Ok(false);
            }
            tx.queue_general_letter(
                id,
                &desk,
                NoticeKind::Digest.word(),
                &format!("{scope} {}", of.label()),
                letter,
                now,
            )?;
        }
        fail::fail_point!("digest-between", |_| crate::crash::now());
        tx.note_digest(&to, &scope, &of, id, now)
    })?;
    fail::fail_point!("digest-after", |_| crate::crash::now());
    if is_sent {
        info!("The digest {label} about {} is written", reader.scope);
    }
    Ok(())
}

/// Puts a digest into the outbox although it may have been sent before: somebody asked for it (`guichet digest --send`).
/// `false`, and nothing is sent, when its reader has unsubscribed.
pub fn send_again(
    gateway: &Gateway,
    reader: &Reader,
    period: &Period,
    counted: &Counted,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let letter = write(gateway, reader, period, counted, &now.to_string(), now)?.letter;
    let (to, scope, of, desk) = (
        reader.address.clone(),
        reader.scope.clone(),
        period.clone(),
        reader.desk.clone(),
    );
    gateway.store.write_blocking(move |tx| {
        if tx.digest_state(&to, &scope, &of)? == DigestState::Stopped {
            return Ok(false);
        }
        let id = tx.next_letter()?;
        let cause = format!("{scope} {} asked for {now}", of.label());
        tx.queue_general_letter(id, &desk, NoticeKind::Digest.word(), &cause, &letter, now)?;
        // The scheduled one would tell the same.
        tx.note_digest(&to, &scope, &of, Some(id), now)?;
        Ok(true)
    })
}

/// Counts figures and follows the rules of recommendations.
pub fn count(
    gateway: &Gateway,
    reader: &store::Reader,
    scope: &Scope,
    period: &Period,
) -> Result<Counted, StoreError> {
    let rules = &gateway.recommendations;
    let longest = rules
        .iter()
        .map(|rule| rule.within)
        .max()
        .unwrap_or(SignedDuration::ZERO);
    let since = period
        .until()
        .checked_sub(longest)
        .unwrap_or(Timestamp::MIN);
    let mut lives: Vec<Life> =
        reader.lives(scope, since.min(period.window_from()), period.until())?;
    lives.retain(|life| figures::belongs(life, scope));
    let figures = figures::count(&lives, scope, period);
    let like = recurring::clusters(&lives.iter().collect::<Vec<_>>(), period);
    let recipes = kept(gateway, reader, scope, period)?;
    let advice = advice::recommended(rules, &lives, &like, &recipes, period);
    Ok(Counted { figures, advice })
}

/// The recipes in force that readers of a scope may know of: a client company's managers those of their own only.
fn kept(
    gateway: &Gateway,
    reader: &store::Reader,
    scope: &Scope,
    period: &Period,
) -> Result<Vec<Kept>, StoreError> {
    let mut scores = reader.scores(period.until())?;
    let fixes = reader.fixes()?;
    let approved = fixes.iter().filter_map(Fix::recipe);
    let all = gateway.shelves.folder().iter().cloned().chain(approved);
    let kept = all.map(|recipe| Kept {
        score: scores.remove(&recipe.name).unwrap_or_default(),
        organisation: match recipe.audience {
            Audience::Only(organisation) => organisation,
            Audience::Everybody => None,
        },
        name: recipe.name,
        title: recipe.title,
        reviewed_at: recipe.reviewed_at,
    });
    let may_know = |kept: &Kept| match scope {
        Scope::Organisation(key) => kept.organisation.as_ref() == Some(key),
        Scope::All | Scope::Team(_) | Scope::Desk(_) => true,
    };
    Ok(kept.filter(may_know).collect())
}

/// The letter of a digest. The same input gives the same bytes; `occasion` tells letters about one period apart.
pub fn write(
    gateway: &Gateway,
    reader: &Reader,
    period: &Period,
    counted: &Counted,
    occasion: &str,
    now: Timestamp,
) -> Result<Written, StoreError> {
    let claim = format!(
        "digest {} {} {} {occasion}",
        reader.address,
        reader.scope,
        period.label()
    );
    written(gateway, reader, period, counted, &claim, None, now)
}

/// Confirms that a digest was stopped, once.
pub fn confirm(
    gateway: &Gateway,
    tx: &Tx<'_>,
    stop: &Stop,
    answers: Option<&MessageId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let readers = &gateway.settings.digests.readers;
    let reader = readers
        .iter()
        .find(|r| r.address == stop.reader && r.scope == stop.scope);
    let Some((reader, period)) =
        reader.and_then(|reader| Some((reader, reader.schedule.due(now)?)))
    else {
        return Ok(()); // no longer a reader: there is nothing to stop and nothing to say
    };
    let claim = format!("digest-stopped {} {}", reader.address, reader.scope);
    let counted = Counted {
        figures: figures::count(&[], &reader.scope, &period),
        advice: Vec::new(),
    };
    let letter = written(
        gateway,
        reader,
        &period,
        &counted,
        &claim,
        Some(answers),
        now,
    )?
    .letter;
    if tx.letter_called(letter.message_id.as_str())?.is_some() {
        return Ok(());
    }
    let id = tx.next_letter()?;
    tx.queue_general_letter(
        id,
        &reader.desk,
        NoticeKind::DigestStopped.word(),
        &reader.scope.to_string(),
        &letter,
        now,
    )
}

/// Confirms what the effects of a mail have stopped.
pub fn confirm_all(
    gateway: &Gateway,
    tx: &Tx<'_>,
    effects: &[Effect],
    answers: Option<&MessageId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    effects.iter().try_for_each(|effect| match effect {
        Effect::StopDigest(stop) => confirm(gateway, tx, stop, answers, now),
        _ => Ok(()),
    })
}

/// Either letter. `stopped` holds the mail that a confirmation answers.
fn written(
    gateway: &Gateway,
    reader: &Reader,
    period: &Period,
    counted: &Counted,
    claim: &str,
    stopped: Option<Option<&MessageId>>,
    now: Timestamp,
) -> Result<Written, StoreError> {
    let people = &gateway.rules.people;
    let desk = people.desks.get(&reader.desk).ok_or_else(|| {
        StoreError::Letter(format!(
            "the desk `{}` is no longer configured",
            reader.desk
        ))
    })?;
    let key = &gateway.rules.key;
    let locale = locale(&gateway.store, reader, desk)?;
    let envelope = Envelope {
        desk,
        people,
        line_addresses: Vec::new(),
        outage_address: None,
        message_id: key.general_message_id(claim, desk.address.domain()),
        reply_to: desk.address.clone(),
        envelope_from: desk.address.clone(),
        date: now,
        timezone: &reader.schedule.zone,
    };
    let digest = Digest {
        figures: &counted.figures,
        advice: &counted.advice,
        period,
        scope: &reader.scope,
        to: &reader.address,
        name: reader.name.as_deref(),
        locale: &locale,
        stop_subject: &stop_subject(key, &reader.address, &reader.scope),
        answers: stopped.flatten(),
    };
    let written = match stopped {
        None => gateway.scribe.digest(&digest, &envelope),
        Some(_) => gateway.scribe.digest_stopped(&digest, &envelope),
    };
    written.map_err(|error| StoreError::Letter(error.to_string()))
}

/// As configured, else as the reader wrote last, else as the desk writes.
fn locale(store: &Store, reader: &Reader, desk: &Desk) -> Result<Locale, StoreError> {
    if let Some(locale) = &reader.locale {
        return Ok(locale.clone());
    }
    let known: Option<Locale> = store.reader()?.locale_of(&reader.address)?;
    Ok(known.unwrap_or_else(|| desk.locale.clone()))
}

/// A reader for a digest that nobody is configured to get: to look at it.
pub fn onlooker(
    desk: &Desk,
    scope: &Scope,
    address: Option<Address>,
    locale: Option<Locale>,
) -> Reader {
    use crate::desk::digest::period::{Cadence, Schedule};
    Reader {
        address: address.unwrap_or_else(|| desk.address.clone()),
        name: None,
        scope: scope.clone(),
        schedule: Schedule {
            cadence: Cadence::Weekly,
            weekday: jiff::civil::Weekday::Monday,
            at: jiff::civil::Time::constant(8, 0, 0, 0),
            zone: desk.timezone.clone(),
        },
        locale: locale.or_else(|| Some(desk.locale.clone())),
        desk: desk.key.clone(),
        empty: Empty::Sentence,
    }
}
