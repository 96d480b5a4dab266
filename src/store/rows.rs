//! How values become columns and come back.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::desk::ids::{Address, Locale, MessageId, TicketId};
use crate::desk::mail::Place;
use crate::desk::ticket::{Entry, EntryKind};

/// A moment as the store keeps it: microseconds since 1970 UTC.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A moment as the store kept it.
pub fn moment(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|_| StoreError::Value(format!("the moment {micros}")))
}

/// A moment that may be missing.
pub fn moment_of(micros: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    micros.map(moment).transpose()
}

/// A text without NUL, at which SQLite's own functions would take it to end. Most have none, and are not copied.
pub fn unbroken(text: &str) -> Cow<'_, str> {
    match memchr::memchr(0, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace('\0', "\u{fffd}")),
    }
}

/// A column of `row`, by name.
pub fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, name: &str) -> Result<T, StoreError> {
    Ok(row.get(name)?)
}

/// The columns of a row one after the other, as its SELECT lists them, for what is read of many rows: a look-up by name asks
/// SQLite for each name before it, which was a twentieth of what the writing thread does.
pub struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    /// From the first column on.
    pub fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    /// The next one.
    pub fn next<T: rusqlite::types::FromSql>(&mut self) -> Result<T, StoreError> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// The next one, a text.
    pub fn text(&mut self) -> Result<String, StoreError> {
        self.next()
    }
}

/// A value kept as JSON.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Value(format!("{text}: {error}")))
}

/// A value to be kept as JSON.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Value(error.to_string()))
}

/// An address kept as text.
pub fn address(text: &str) -> Result<Address, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Value(format!("the address {text}")))
}

/// A Message-ID kept as text.
pub fn message_id(text: &str) -> Result<MessageId, StoreError> {
    MessageId::parse(text).ok_or_else(|| StoreError::Value(format!("the Message-ID {text}")))
}

/// A ticket's id kept as text.
pub fn ticket_id(text: &str) -> Result<TicketId, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Value(format!("the ticket {text}")))
}

/// A locale kept as text.
pub fn locale(text: &str) -> Result<Locale, StoreError> {
    Locale::parse(text).ok_or_else(|| StoreError::Value(format!("the locale {text}")))
}

/// A line of a ticket's history: the columns `at`, `kind`, `by`, `text` and `message_id`.
pub fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let kind: String = get(row, "kind")?;
    Ok(Entry {
        at: moment(get(row, "at")?)?,
        kind: EntryKind::of(&kind)
            .ok_or_else(|| StoreError::Value(format!("the kind of entry {kind}")))?,
        by: get(row, "by")?,
        text: get(row, "text")?,
        message_id: get::<Option<String>>(row, "message_id")?
            .as_deref()
            .map(message_id)
            .transpose()?,
    })
}

/// A place as the columns `validity`, `uid` and `name`.
pub fn place_columns(place: &Place) -> (u32, u32, &str) {
    match place {
        Place::Uid { validity, uid } => (*validity, *uid, ""),
        Place::Name(name) => (0, 0, name),
    }
}

/// The place the columns `validity`, `uid` and `name` stand for.
pub fn place(validity: u32, uid: u32, name: String) -> Place {
    if name.is_empty() {
        Place::Uid { validity, uid }
    } else {
        Place::Name(name)
    }
}
