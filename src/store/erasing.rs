//! Erases a person: ticket by ticket, each complete in a transaction of its own, so that a run that was killed is finished by
//! another and nobody waits long for the database.
//!
//! An erasure begins by keeping what the person is recognised by, because a ticket that is done no longer tells, and ends by
//! forgetting it. Rows stay and with them what figures count; bytes of mails and letters go, and with them the only copies of
//! what others quoted. `desk/erasure.rs` says what is left of words. Every column there is was decided about: see the test.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rusqlite::{ToSql, params};

use super::mails::NEEDS_BYTES;
use super::rows::{entry, from_json, get, micros, to_json};
use super::{StoreError, Tx};
use crate::desk::digest::life::Birth;
use crate::desk::erasure::{Erasure, History, Person};
use crate::desk::ids::TicketId;
use crate::desk::recipe::discreet::LEFT_OUT;
use crate::desk::ticket::{Entry, EntryKind, Ticket};

/// Mails that one transaction erases that belong to no ticket.
const MAILS_MAX: i64 = 200;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Tickets that told of them.
    pub tickets: usize,
    /// Mails whose bytes are gone.
    pub mails: usize,
    /// Letters whose bytes are gone.
    pub letters: usize,
    /// Letters among them that were not sent yet and never will be.
    pub cancelled: usize,
}

impl std::ops::AddAssign for Gone {
    fn add_assign(&mut self, more: Gone) {
        self.tickets += more.tickets;
        self.mails += more.mails;
        self.letters += more.letters;
        self.cancelled += more.cancelled;
    }
}

impl Tx<'_> {
    /// Begins to erase a person, or goes on where an earlier run of it ended. Gives its number and all they are recognised by.
    pub fn begin_erasure(
        &self,
        person: Person,
        now: Timestamp,
    ) -> Result<(i64, Person), StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id, person FROM erasures WHERE ended_at IS NULL")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let mut begun: Person = from_json(&get::<String>(row, "person")?)?;
            if !begun
                .addresses
                .iter()
                .any(|address| person.is(address.as_str()))
            {
                continue;
            }
            let id: i64 = get(row, "id")?;
            begun.join(person);
            self.connection
                .prepare_cached("UPDATE erasures SET person = ?2 WHERE id = ?1")?
                .execute(params![id, to_json(&begun)?])?;
            return Ok((id, begun));
        }
        self.connection
            .prepare_cached("INSERT INTO erasures (begun_at, person) VALUES (?1, ?2)")?
            .execute(params![micros(now), to_json(&person)?])?;
        Ok((self.connection.last_insert_rowid(), person))
    }

    /// Erases the person from one ticket. What is there already stays as it is, so that it can be done again.
    pub fn erase_from_ticket(
        &self,
        erasure: &Erasure,
        id: &TicketId,
        now: Timestamp,
    ) -> Result<Gone, StoreError> {
        let number = id.number();
        let Some(ticket) = self.ticket(number)? else {
            return Ok(Gone::default());
        };
        let entries = self.entries_with_ids(number)?;
        let history: Vec<Entry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
        let left = erasure.history(birth(&ticket), &history);
        let is_theirs = erasure.person.is(ticket.requester.address.as_str());
        self.erase_from_thread(erasure, number)?;
        for (row, entry) in &entries {
            self.rewrite_entry(*row, entry, left.left_of(entry), erasure)?;
        }
        let quotes = erasure.person.quoted_in.contains(id);
        let mut gone = self.erase_mails(erasure, number, quotes)?;
        gone += self.erase_letters(erasure, number, (is_theirs, quotes), now)?;
        self.erase_beside(erasure, number, left.is_own)?;
        self.erase_from_last_said(&left, number)?;
        self.erase_from_fix(erasure, id, now)?;

        let stand_in = erasure.stand_in(ticket.requester.address.as_str());
        let words = |text: &Option<String>| text.as_ref().map(|text| left.others(text));
        let subject = match left.is_own {
            true => LEFT_OUT.to_owned(),
            false => left.others(&ticket.subject),
        };
        self.connection
            .prepare_cached(
                "UPDATE tickets
                    SET subject = ?2, requester = coalesce(?3, requester), name = CASE WHEN ?3 IS NULL THEN name END,
                        cause = ?4, solution = ?5, outage_name = ?6,
                        reasons = CASE ?7 WHEN 1 THEN '[]' ELSE reasons END, words = CASE ?7 WHEN 1 THEN '' ELSE words END
                  WHERE number = ?1",
            )?
            .execute(params![
                number.get(),
                subject,
                stand_in.as_ref().map(|address| address.as_str()),
                words(&ticket.cause),
                words(&ticket.solution),
                words(&ticket.outage_name),
                left.is_own || left.has_written,
            ])?;
        self.append_entry(
            id,
            &Entry {
                at: now,
                kind: EntryKind::People,
                by: "shell".to_owned(),
                text: format!("personal data erased (erasure {})", erasure.id),
                message_id: None,
            },
        )?;
        Ok(Gone { tickets: 1, ..gone })
    }

    fn entries_with_ids(&self, number: NonZeroU32) -> Result<Vec<(i64, Entry)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, at, kind, by, text, message_id FROM entries WHERE ticket = ?1 ORDER BY id",
        )?;
        let mut rows = query.query(params![number.get()])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push((get(row, "id")?, entry(row)?));
        }
        Ok(entries)
    }

    fn rewrite_entry(
        &self,
        row: i64,
        entry: &Entry,
        text: String,
        erasure: &Erasure,
    ) -> Result<(), StoreError> {
        let stand_in = erasure.stand_in(&entry.by);
        if stand_in.is_none() && text == entry.text {
            return Ok(());
        }
        // The id of a mail of theirs may name their machine, or them.
        self.connection
            .prepare_cached(
                "UPDATE entries SET text = ?2, by = coalesce(?3, by), message_id = CASE WHEN ?3 IS NULL THEN message_id END
                  WHERE id = ?1",
            )?
            .execute(params![row, text, stand_in.as_ref().map(|address| address.as_str())])?;
        Ok(())
    }

    /// Ids that they have seen, and those of their own mails, lead to the ticket no more.
    fn erase_from_thread(&self, erasure: &Erasure, number: NonZeroU32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM thread_ids
                  WHERE ticket = ?1
                    AND (reader IN (SELECT value FROM json_each(?2))
                         OR message_id IN (SELECT message_id FROM entries
                                            WHERE ticket = ?1 AND lower(by) IN (SELECT value FROM json_each(?2))))",
            )?
            .execute(params![number.get(), to_json(&erasure.person.addresses)?])?;
        Ok(())
    }

    /// The mails of a ticket lose their bytes, whoever sent them: where the person wrote (`quotes`) they quote one another.
    fn erase_mails(
        &self,
        erasure: &Erasure,
        number: NonZeroU32,
        quotes: bool,
    ) -> Result<Gone, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id FROM mails WHERE ticket = ?1 AND ?2")?;
        let mails: Vec<i64> = query
            .query_map(params![number.get(), quotes], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        self.connection
            .prepare_cached(
                "UPDATE mails SET subject = NULL, reason = '', reasons = '[]' WHERE ticket = ?1",
            )?
            .execute(params![number.get()])?;
        self.forget_senders(erasure, &mails)?;
        self.erase_mail_bytes(
            "SELECT raw FROM mails WHERE id IN (SELECT value FROM json_each(?1))",
            &mails,
        )
    }

    /// These rows no longer say that a mail is theirs, nor by what it could be told. What was set aside is dropped.
    fn forget_senders(&self, erasure: &Erasure, mails: &[i64]) -> Result<(), StoreError> {
        let mails = to_json(&mails)?;
        let mut update = self.connection.prepare_cached(
            "UPDATE mails SET sender = ?3, message_id = NULL, fingerprint = NULL, subject = NULL, reason = '', reasons = '[]',
                    state = CASE WHEN state = 'quarantined' OR outcome = 'set-aside' THEN 'dropped' ELSE state END,
                    outcome = CASE WHEN state = 'quarantined' OR outcome = 'set-aside'
                                   THEN coalesce(outcome, 'quarantined') || ', dropped' ELSE outcome END
              WHERE id IN (SELECT value FROM json_each(?1)) AND lower(sender) = ?2",
        )?;
        for (address, stand_in) in erasure.stand_ins() {
            update.execute(params![mails, address.as_str(), stand_in.as_str()])?;
        }
        Ok(())
    }

    /// `which` chooses by `values` the rows of `raw` whose bytes go. Their hash stays and says nothing to anybody: by it the same
    /// mail is known for a copy when a mailbox is read anew, instead of bringing the person back. What waits or may be tried once
    /// more keeps its bytes.
    fn erase_mail_bytes(&self, which: &str, values: &[i64]) -> Result<Gone, StoreError> {
        let mails = self
            .connection
            .prepare_cached(&format!(
                "UPDATE raw SET bytes = x'' WHERE id IN ({which}) AND length(bytes) > 0
                    AND NOT EXISTS (SELECT 1 FROM mails WHERE raw = raw.id AND {NEEDS_BYTES})"
            ))?
            .execute(params![to_json(&values)?])?;
        Ok(Gone {
            mails,
            ..Gone::default()
        })
    }

    /// The letters of a ticket lose their bytes: those to others quote what was written, too, where the person wrote
    /// (`quotes`). Letters to others that are still on their way keep them until they are there, unless the ticket is of the
    /// person: then nobody needs them.
    fn erase_letters(
        &self,
        erasure: &Erasure,
        number: NonZeroU32,
        (is_theirs, quotes): (bool, bool),
        now: Timestamp,
    ) -> Result<Gone, StoreError> {
        let who = to_json(&erasure.person.addresses)?;
        let cancelled = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET state = 'cancelled', phase = '', next_attempt_at = NULL, settled_at = ?4,
                                   bundle = nullif(bundle, 'waiting'), reason = 'personal data erased'
                  WHERE ticket = ?1 AND state IN ('queued', 'held', 'sending', 'unknown')
                    AND (?2 OR recipient IN (SELECT value FROM json_each(?3)))",
            )?
            .execute(params![number.get(), is_theirs, who, micros(now)])?;
        let letters = self
            .connection
            .prepare_cached(
                "DELETE FROM contents
                  WHERE letter IN (SELECT id FROM outbox
                                    WHERE ticket = ?1 AND state IN ('sent', 'failed', 'cancelled')
                                      AND (?2 OR recipient IN (SELECT value FROM json_each(?3))))",
            )?
            .execute(params![number.get(), quotes, who])?;
        self.forget_recipients(erasure, "ticket = ?1", Some(number))?;
        self.forget_causes("ticket = ?1", &number.get())?;
        Ok(Gone {
            letters,
            cancelled,
            ..Gone::default()
        })
    }

    /// Letters chosen by `which` no longer say that they were for the person.
    fn forget_recipients(
        &self,
        erasure: &Erasure,
        which: &str,
        number: Option<NonZeroU32>,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(&format!(
            "UPDATE outbox
                SET recipient = ?3, reason = iif(state = 'cancelled', reason, ''),
                    budget = iif(budget IS NULL, NULL, ?3), budget_domain = iif(budget IS NULL, NULL, ?4)
              WHERE {which} AND recipient = ?2"
        ))?;
        let number = number.map(NonZeroU32::get);
        for (address, stand_in) in erasure.stand_ins() {
            update.execute(params![
                number,
                address.as_str(),
                stand_in.as_str(),
                stand_in.domain()
            ])?;
        }
        Ok(())
    }

    /// Letters chosen by `which` are unique by their number from now on: the id of a mail may name a machine, or its owner.
    fn forget_causes(&self, which: &str, value: &dyn ToSql) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(&format!(
                "UPDATE outbox SET cause = 'erased ' || id WHERE {which} AND cause LIKE 'mail %'"
            ))?
            .execute(params![value])?;
        Ok(())
    }

    /// What is kept beside a ticket.
    fn erase_beside(
        &self,
        erasure: &Erasure,
        number: NonZeroU32,
        is_own: bool,
    ) -> Result<(), StoreError> {
        let who = to_json(&erasure.person.addresses)?;
        self.connection
            .prepare_cached(
                "DELETE FROM watchers WHERE ticket = ?1 AND address IN (SELECT value FROM json_each(?2))",
            )?
            .execute(params![number.get(), who])?;
        let mut rating = self.connection.prepare_cached(
            "UPDATE satisfaction SET person = ?3, comment = '' WHERE ticket = ?1 AND person = ?2",
        )?;
        for (address, stand_in) in erasure.stand_ins() {
            rating.execute(params![number.get(), address.as_str(), stand_in.as_str()])?;
        }
        // What could be taken back would bring them back.
        self.connection
            .prepare_cached(
                "UPDATE acts SET lines = '[]', moves = '[]', letters = '[]', opened = NULL WHERE ticket = ?1",
            )?
            .execute(params![number.get()])?;
        if is_own {
            self.connection
                .prepare_cached("UPDATE asked SET questions = '[]' WHERE ticket = ?1")?
                .execute(params![number.get()])?;
            self.connection
                .prepare_cached("UPDATE corrections SET reasons = '[]' WHERE ticket = ?1")?
                .execute(params![number.get()])?;
        }
        Ok(())
    }

    fn erase_from_last_said(
        &self,
        left: &History<'_>,
        number: NonZeroU32,
    ) -> Result<(), StoreError> {
        let Some(said) = self.last_said(number)? else {
            return Ok(());
        };
        self.connection
            .prepare_cached("UPDATE last_said SET words = ?2 WHERE ticket = ?1")?
            .execute(params![number.get(), left.others(&said.text)])?;
        Ok(())
    }

    /// A draft that nobody ever approved goes with the words it was made of. What was approved is for others, and stays but for
    /// names and addresses.
    fn erase_from_fix(
        &self,
        erasure: &Erasure,
        id: &TicketId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM recipes WHERE ticket = ?1 AND reviewed_at IS NULL")?
            .execute(params![id.number().get()])?;
        if let Some(fix) = self.fix(id.number())? {
            let [title, text, solution] =
                [&fix.title, &fix.text, &fix.solution].map(|text| erasure.approved(text));
            self.connection
                .prepare_cached("UPDATE offers SET title = ?2 WHERE recipe = ?1 AND title <> ?2")?
                .execute(params![id.to_string(), title])?;
            self.connection
                .prepare_cached(
                    "UPDATE recipes SET title = ?2, text = ?3, solution = ?4 WHERE ticket = ?1",
                )?
                .execute(params![id.number().get(), title, text, solution])?;
        }
        self.mark_recipes_changed(now)
    }

    /// Erases mails of theirs that belong to no ticket or to one that was dealt with. `None` when there are no more.
    pub fn erase_mails_elsewhere(&self, erasure: &Erasure) -> Result<Option<Gone>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id FROM mails WHERE lower(sender) IN (SELECT value FROM json_each(?1)) AND state <> 'received' LIMIT ?2",
        )?;
        let mails: Vec<i64> = query
            .query_map(
                params![to_json(&erasure.person.addresses)?, MAILS_MAX],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        if mails.is_empty() {
            return Ok(None);
        }
        self.forget_senders(erasure, &mails)?;
        let gone = self.erase_mail_bytes(
            "SELECT raw FROM mails WHERE id IN (SELECT value FROM json_each(?1))",
            &mails,
        )?;
        Ok(Some(gone))
    }

    /// Erases what is about them and no ticket: that they are known, away, or read digests; and letters about many tickets that
    /// were written since the first trace of them. Digests can be written anew at any time.
    pub fn erase_acquaintance(
        &self,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<Gone, StoreError> {
        let who = to_json(&erasure.person.addresses)?;
        for delete in [
            "DELETE FROM people WHERE address IN (SELECT value FROM json_each(?1))",
            "DELETE FROM absences WHERE address IN (SELECT value FROM json_each(?1))",
            "DELETE FROM pictures WHERE sender IN (SELECT value FROM json_each(?1))",
            "DELETE FROM digest_stops WHERE reader IN (SELECT value FROM json_each(?1))",
        ] {
            self.connection
                .prepare_cached(delete)?
                .execute(params![who])?;
        }
        let mut digests = self
            .connection
            .prepare_cached("UPDATE digests SET reader = ?2 WHERE reader = ?1")?;
        for (address, stand_in) in erasure.stand_ins() {
            digests.execute(params![address.as_str(), stand_in.as_str()])?;
        }
        let cancelled = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET state = 'cancelled', phase = '', next_attempt_at = NULL, settled_at = ?2,
                                   reason = 'personal data erased'
                  WHERE ticket IS NULL AND state NOT IN ('sent', 'cancelled', 'failed')
                    AND recipient IN (SELECT value FROM json_each(?1))",
            )?
            .execute(params![who, micros(now)])?;
        let letters = self
            .connection
            .prepare_cached(
                "DELETE FROM contents
                  WHERE letter IN (SELECT id FROM outbox
                                    WHERE (ticket IS NULL OR notice IN ('bundle', 'queue'))
                                      AND (created_at >= ?1 AND state = 'sent'
                                           OR recipient IN (SELECT value FROM json_each(?2))))",
            )?
            .execute(params![erasure.person.since.map(micros), who])?;
        self.forget_recipients(erasure, "ticket IS ?1", None)?;
        self.erase_acts(erasure)?;
        // What the planner samples from columns. It is gathered anew when the database is opened next.
        if self
            .connection
            .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'")?
            .exists([])?
        {
            self.connection.execute("DELETE FROM sqlite_stat4", [])?;
        }
        Ok(Gone {
            letters,
            cancelled,
            ..Gone::default()
        })
    }

    /// Commands about other tickets may have been about them as well.
    fn erase_acts(&self, erasure: &Erasure) -> Result<(), StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT id, lines || moves || letters FROM acts")?;
        let mut rows = query.query([])?;
        let mut found: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            if erasure
                .traces
                .are_in(row.get_ref(1)?.as_bytes().unwrap_or_default(), true)
            {
                found.push(row.get(0)?);
            }
        }
        self.connection
            .prepare_cached(
                "UPDATE acts SET lines = '[]', moves = '[]', letters = '[]', opened = NULL
                  WHERE id IN (SELECT value FROM json_each(?1))",
            )?
            .execute(params![to_json(&found)?])?;
        Ok(())
    }

    /// Erases the bytes of these rows of `raw`, which name the person.
    pub fn erase_raw(&self, rows: &[i64]) -> Result<Gone, StoreError> {
        self.erase_mail_bytes("SELECT value FROM json_each(?1)", rows)
    }

    /// Erases the bytes of these letters, which name the person, as far as they are there already.
    pub fn erase_letter_bytes(&self, letters: &[i64]) -> Result<Gone, StoreError> {
        let letters = to_json(&letters)?;
        self.forget_causes("id IN (SELECT value FROM json_each(?1))", &letters)?;
        let letters = self
            .connection
            .prepare_cached(
                "DELETE FROM contents
                  WHERE letter IN (SELECT id FROM outbox
                                    WHERE id IN (SELECT value FROM json_each(?1)) AND state IN ('sent', 'failed', 'cancelled'))",
            )?
            .execute(params![letters])?;
        Ok(Gone {
            letters,
            ..Gone::default()
        })
    }

    /// Ends an erasure and forgets who it was, unless something that `waits` still tells of them.
    pub fn end_erasure(
        &self,
        erasure: &Erasure,
        gone: Gone,
        waits: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE erasures
                    SET tickets = tickets + ?2, mails = mails + ?3, letters = letters + ?4,
                        ended_at = iif(?5, ?6, NULL), person = iif(?5, '', person)
                  WHERE id = ?1",
            )?
            .execute(params![
                erasure.id,
                count(gone.tickets),
                count(gone.mails),
                count(gone.letters),
                !waits,
                micros(now),
            ])?;
        Ok(())
    }
}

fn birth(ticket: &Ticket) -> Birth {
    Birth {
        id: ticket.id.clone(),
        subject: ticket.subject.clone(),
        desk: ticket.desk.clone(),
        organisation: ticket.organisation.clone(),
        outage: ticket.outage.clone(),
        requester: ticket.requester.address.to_string(),
        requester_name: ticket.requester.name.clone(),
        at: ticket.created_at,
        category: ticket.category.clone(),
        team: ticket.team.clone(),
        priority: ticket.priority,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::store::Store;

    /// What becomes of every column. `stays`: it says nothing of anybody, or what figures count. `stand-in`: an address that
    /// means nothing stands for theirs. `words`: names, addresses and telephone numbers are left out of it. `goes`: nothing is
    /// left where it is about them. `row`: the row goes. A column that is not here has not been thought about.
    const DECIDED: &str = "
        absences.address row, until row, noted_at row
        acts.id stays, ticket stays, by stays, at stays, cause stays, lines goes, moves goes, opened goes, letters goes,
            undone_at stays
        agreed.id stays, fingerprint stays, at stays
        asked.ticket stays, questions goes, asked_at stays, answered_at stays
        contents.letter row, bytes row
        corrections.id stays, ticket stays, at stays, about stays, was stays, now stays, by stays, reasons goes
        counters.name stays, value stays
        digest_stops.reader row, scope row, at row
        digests.reader stand-in, scope stays, period stays, ends_at stays, letter stays, at stays
        entries.id stays, ticket stays, at stays, kind stays, by stand-in, text words, message_id goes
        erasures.id stays, begun_at stays, ended_at stays, person goes, tickets stays, mails stays, letters stays
        lanes.ticket stays, provider stays, handed_at stays, reference stays
        last_said.ticket stays, by stays, at stays, words words
        mails.id stays, desk stays, folder stays, validity stays, uid stays, name stays, raw stays, cut_from stays,
            received_at stays, recorded_at stays, state stays, attempts stays, reason goes, tidied stays, message_id goes,
            sender stand-in, subject goes, fingerprint goes, outcome stays, reasons goes, ticket stays
        misses.desk stays, folder stays, validity stays, uid stays, name stays, outcome stays, reason stays, at stays
        offers.ticket stays, recipe stays, title words, offered_at stays, outcome stays, answered_at stays
        outbox.id stays, ticket stays, desk stays, notice stays, recipient stand-in, cause goes, envelope_from stays,
            message_id stays, state stays, phase stays, attempts stays, next_attempt_at stays, reason goes, budget stand-in,
            budget_domain stand-in, budget_count stays, created_at stays, settled_at stays, bundle stays
        people.address row, domain row, locale row, first_seen_at row, undelivered row
        pictures.sender row, sha256 row, mail row
        raw.id stays, sha256 stays, bytes goes
        recipes.ticket stays, state stays, title words, language stays, category stays, words stays, text words, solution words,
            organisation stays, desk stays, everybody stays, reviewed_at stays
        satisfaction.ticket stays, person stand-in, asked_at stays, score stays, comment goes, answered_at stays
        sheets.id stays, technician stays, day stays, tickets stays, written_at stays
        sources.desk stays, folder stays, validity stays, low_uid stays, fresh_uid stays, opened_at stays
        thread_ids.id row, message_id row, ticket row, reader row
        tickets.number stays, prefix stays, desk stays, subject goes, status stays, impact stays, urgency stays,
            priority stays, reasons goes, category stays, requester stand-in, name goes, locale stays, assignee stays,
            team stays, organisation stays, cause words, solution words, minutes stays, links stays, merged_into stays,
            root stays, created_at stays, updated_at stays, next_news_at stays, ended_at stays, wakes_at stays,
            first_answer_due_at stays, resolution_due_at stays, opened_category stays, opened_team stays,
            opened_priority stays, words goes, outage stays, outage_name words, proposed stays, reminders stays,
            reminds_at stays, nudges_at stays
        watchers.ticket row, address row";

    /// `table.column` with what becomes of it.
    fn decided() -> BTreeMap<String, &'static str> {
        let mut decided = BTreeMap::new();
        let mut table = "";
        for column in DECIDED
            .split([',', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let (name, what) = column.split_once(' ').unwrap();
            let name = match name.split_once('.') {
                Some((new, name)) => {
                    table = new;
                    name
                }
                None => name,
            };
            assert!(
                ["stays", "stand-in", "words", "goes", "row"].contains(&what),
                "{column}"
            );
            decided.insert(format!("{table}.{name}"), what);
        }
        decided
    }

    #[test]
    fn every_column_was_decided_about() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("guichet.db")).unwrap();
        let columns = store.write_blocking(|tx| {
            let mut query = tx.connection.prepare(
                "SELECT tables.name || '.' || columns.name
                   FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                  WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
                    AND tables.name <> 'refinery_schema_history'
                  ORDER BY 1",
            )?;
            let columns = query.query_map([], |row| row.get::<_, String>(0))?;
            Ok(columns.collect::<Result<Vec<_>, _>>()?)
        });
        let decided: Vec<String> = decided().into_keys().collect();
        assert_eq!(
            columns.unwrap(),
            decided,
            "decide in `DECIDED` what becomes of it"
        );
    }
}
