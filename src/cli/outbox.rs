//! `guichet outbox`: letters that are due, held, uncertain or failed; `show` prints one, `release` lets one go, `drop` never does.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{Failure, NOT_FOUND, OK, counted, reader, settings, shown};
use crate::clock::Clock;
use crate::desk::hold;
use crate::desk::letter::LetterId;
use crate::store::{LetterView, Store};

/// Which letters are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are not sent.
    Unsent,
    /// Those that wait for a person.
    Held,
    /// Every one.
    All,
}

/// Lists letters, oldest first.
pub fn list(
    config: Option<&Path>,
    which: Which,
    as_json: bool,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let letters = reader(config)?.letters(which == Which::All)?;
    for letter in letters
        .iter()
        .filter(|letter| which != Which::Held || letter.state == "held")
    {
        if as_json {
            writeln!(out, "{}", as_value(letter))?;
        } else {
            let (state, attempts) = (&letter.state, counted(letter.attempts, "try"));
            writeln!(
                out,
                "{:<6} {:<10} {state:<8} {:<16} {:<30} {attempts}  {}",
                letter.id,
                letter.about(),
                letter.notice,
                letter.to,
                shown(&letter.reason)
            )?;
            if let Some(step) = next_step(letter) {
                writeln!(out, "       {step}")?;
            }
        }
    }
    Ok(OK)
}

/// Prints a letter as it is carried.
pub fn show(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    let bytes = reader(config)?.letter_bytes(LetterId(id))?;
    let bytes = bytes.ok_or_else(|| {
        Failure::new(
            NOT_FOUND,
            format!("there is no letter {id}, or it was erased; see `guichet outbox --all`"),
        )
    })?;
    out.write_all(&bytes)?;
    Ok(OK)
}

/// Lets a held, failed or uncertain letter go out.
pub fn release(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let store = Store::open(&settings.store)?;
    let now = Clock::System.now();
    if !store.write_blocking(move |tx| tx.release_letter(LetterId(id), now))? {
        return Err(not_waiting(id));
    }
    writeln!(out, "letter {id} goes out")?;
    Ok(OK)
}

/// Sees to it that a held, failed or uncertain letter is never sent.
pub fn drop(config: Option<&Path>, id: i64, out: &mut impl Write) -> Result<u8, Failure> {
    let (settings, _) = settings(config)?;
    let store = Store::open(&settings.store)?;
    let now = Clock::System.now();
    if !store.write_blocking(move |tx| tx.drop_letter(LetterId(id), now))? {
        return Err(not_waiting(id));
    }
    writeln!(out, "letter {id} is not sent")?;
    Ok(OK)
}

fn not_waiting(id: i64) -> Failure {
    let message = format!("letter {id} is not held, failed or uncertain; see `guichet outbox`");
    Failure::new(NOT_FOUND, message)
}

/// What a person can do about a letter that does not go out by itself, with the command for it.
pub fn next_step(letter: &LetterView) -> Option<String> {
    let release = format!("`guichet outbox release {}`", letter.id);
    match letter.state.as_str() {
        "held" => {
            let step = hold::next_step(&letter.reason);
            let step = step.unwrap_or("it waits for a person to release it");
            Some(format!("what to do: {step} ({release})"))
        }
        "failed" => Some(format!(
            "what to do: mend what the server says, or correct the address, then {release}"
        )),
        "unknown" => Some(format!(
            "what to do: it may have arrived; ask the recipient, and if not, {release} sends the same letter again"
        )),
        _ => None,
    }
}

/// The object of `product.md` §18.
pub fn as_value(letter: &LetterView) -> serde_json::Value {
    json!({
        "id": letter.id.0,
        "ticket": letter.ticket.as_ref().map(ToString::to_string),
        "notice": letter.notice,
        "to": letter.to,
        "message_id": letter.message_id,
        "state": letter.state,
        "attempts": letter.attempts,
        "next_attempt_at": letter.next_attempt_at,
        "reason": (!letter.reason.is_empty()).then_some(&letter.reason),
        "created_at": letter.created_at,
    })
}
