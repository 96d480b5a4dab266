//! People who wrote and were vouched for.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::{locale, micros};
use super::{StoreError, Tx};
use crate::desk::event::KnownPerson;
use crate::desk::ids::{Address, Locale};

impl Tx<'_> {
    /// Notes that somebody is known, and how they wrote if that could be told.
    pub fn know(
        &self,
        address: &Address,
        how: Option<&Locale>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO people (address, domain, locale, first_seen_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (address) DO UPDATE SET locale = excluded.locale
                  WHERE excluded.locale IS NOT NULL AND locale IS NOT excluded.locale",
            )?
            .execute(params![address.as_str(), address.domain(), how.map(Locale::as_str), micros(now)])?;
        Ok(())
    }

    /// What is known of somebody.
    pub fn person(&self, address: &Address) -> Result<Option<KnownPerson>, StoreError> {
        let row: Option<(Option<String>, Option<String>)> = self
            .connection
            .prepare_cached("SELECT locale, undelivered FROM people WHERE address = ?1")?
            .query_row(params![address.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        row.map(|(how, undelivered)| {
            Ok(KnownPerson {
                locale: how.as_deref().map(locale).transpose()?,
                undelivered,
            })
        })
        .transpose()
    }

    /// Whether somebody of this domain is known.
    pub fn is_known_domain(&self, domain: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM people WHERE domain = ?1")?
            .exists(params![domain])?)
    }

    /// Notes that somebody is reached again.
    pub fn mark_reached(&self, address: &Address) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE people SET undelivered = NULL WHERE address = ?1 AND undelivered IS NOT NULL")?
            .execute(params![address.as_str()])?;
        Ok(())
    }

    /// Notes that letters to somebody do not arrive.
    pub fn mark_undelivered(&self, address: &str, said: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE people SET undelivered = ?2 WHERE address = ?1")?
            .execute(params![address, said])?;
        Ok(())
    }
}
