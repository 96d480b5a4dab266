//! Conversations as pages that anybody can read, run and compared.
//!
//! A page in `stories/` has a title, the people (`- Marie: Marie Durand <marie@acme.example>`), and a section for each
//! thing that happens; its moment is that of a clock in Paris. What somebody writes stands behind `>`. What follows from
//! it stands below and is rewritten with `UPDATE_GOLDEN=1`. A section's title is one of
//!
//! ```text
//! ## 2026-11-24 09:04 Marie writes: The printer is dead
//! ## 2026-11-24 09:15 Ann answers the new-ticket letter             her latest one; `about INC-2` may follow
//! ## 2026-11-24 09:16 Marie's absence notice answers the update letter
//! ## 2026-11-24 09:17 The update letter to Marie bounces
//! ## 2026-11-30 09:00 Time passes
//! ```
//!
//! A page whose letters say what matters further down asks for it: `Letters are shown with 22 lines.`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use guichet::desk::ticket::Ticket;
use guichet::store::LetterView;
use jiff::Zoned;
use jiff::civil::DateTime;

use crate::answers::{fill, header, latest};
use crate::privacy;
use crate::world::{Arrival, World, compare};

/// So many lines of a letter tell what it says, unless the page asks for more.
const LINES_SHOWN: usize = 5;

#[test]
fn every_story_goes_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/stories");
    let mut pages: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of the stories")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    pages.sort();
    assert!(pages.len() >= 5, "only {} stories", pages.len());
    let failures: Vec<String> = pages
        .iter()
        .flat_map(|page| {
            let told = fs::read_to_string(page).expect("pages are UTF-8");
            let mut story = Story::new(&told);
            let differs = compare(page, story.run(&told).as_bytes()).err();
            let leaks = privacy::leaks(&story.world).into_iter();
            let leaks = leaks.map(|leak| format!("{}: {leak}", page.display()));
            differs.into_iter().chain(leaks).collect::<Vec<_>>()
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// Somebody of a story.
struct Person {
    /// What they are called in the story.
    name: String,
    /// How a From header shows them.
    mailbox: String,
    address: String,
}

struct Story {
    world: World,
    people: Vec<Person>,
    /// How each ticket was left, to see what changed.
    tickets: BTreeMap<String, String>,
    /// How each letter was left.
    letters: BTreeMap<i64, String>,
    mails: usize,
    /// How many lines of each letter are shown.
    lines_shown: usize,
}

impl Story {
    fn new(told: &str) -> Story {
        let people = told.lines().filter_map(|line| {
            let (name, mailbox) = line.strip_prefix("- ")?.split_once(": ")?;
            let address = mailbox.strip_suffix('>')?.split_once('<')?.1;
            Some(Person {
                name: name.to_owned(),
                mailbox: mailbox.to_owned(),
                address: address.to_owned(),
            })
        });
        Story {
            world: World::new(),
            people: people.collect(),
            tickets: BTreeMap::new(),
            letters: BTreeMap::new(),
            mails: 0,
            lines_shown: lines_shown(told).unwrap_or(LINES_SHOWN),
        }
    }

    /// The page as it should be.
    fn run(&mut self, told: &str) -> String {
        let mut sections = told.split("\n## ");
        let mut page = format!("{}\n", sections.next().unwrap_or_default().trim_end());
        for section in sections {
            let (title, rest) = section.split_once('\n').unwrap_or((section, ""));
            let words: Vec<&str> = rest
                .lines()
                .skip_while(|line| line.is_empty())
                .take_while(|line| line.starts_with('>'))
                .collect();
            let _ = writeln!(page, "\n## {title}\n");
            if !words.is_empty() {
                let _ = writeln!(page, "{}\n", words.join("\n"));
            }
            let words: Vec<&str> = words
                .iter()
                .map(|line| line.strip_prefix("> ").unwrap_or(&line[1..]))
                .collect();
            page.push_str(&self.happens(title, &words.join("\n")));
        }
        page
    }

    /// Lets one thing happen; gives what follows.
    fn happens(&mut self, title: &str, words: &str) -> String {
        let (moment, what) = title
            .split_at_checked("2026-11-24 09:04".len())
            .unwrap_or_else(|| panic!("`{title}` does not begin with a moment"));
        let moment: DateTime = moment
            .replace(' ', "T")
            .parse()
            .unwrap_or_else(|error| panic!("`{title}`: {error}"));
        let now = moment.in_tz("Europe/Paris").expect("a zone everybody has");
        let mut follows = String::new();
        match self.mail(what.trim(), words, &now) {
            Some(mail) => {
                self.mails += 1;
                let arrival = Arrival::at_support(self.mails.to_string(), fill(&self.world, &mail));
                let (id, _) = self.world.receive(arrival, now.timestamp());
                let mail = self.world.mail(id);
                let ticket = mail
                    .ticket
                    .map(|number| format!(" INC-{number}"))
                    .unwrap_or_default();
                let outcome = mail.outcome.expect("no mail ends without an outcome");
                let _ = writeln!(follows, "- {outcome}{ticket}: {}", mail.reasons.join("; "));
            }
            None => self.world.tick(now.timestamp()),
        }
        self.changes(&mut follows);
        match follows.is_empty() {
            true => "Nothing follows.\n".to_owned(),
            false => follows,
        }
    }

    /// The mail a section's title speaks of; `None` when only time passes.
    fn mail(&self, what: &str, words: &str, now: &Zoned) -> Option<String> {
        if what == "Time passes" {
            return None;
        }
        if let Some((name, subject)) = what.split_once(" writes: ") {
            let subject = format!("=?utf-8?B?{}?=", BASE64.encode(subject.as_bytes()));
            return Some(self.written(
                self.person(name),
                now,
                "support@example.org",
                &subject,
                "",
                words,
            ));
        }
        if let Some((letter, name)) = what
            .strip_prefix("The ")
            .and_then(|rest| rest.strip_suffix(" bounces"))
            .and_then(|rest| rest.split_once(" letter to "))
        {
            return Some(self.bounce(letter, self.person(name), now));
        }
        let (who, answered) = what
            .split_once(" answers the ")
            .unwrap_or_else(|| panic!("`{what}` is nothing that can happen"));
        let (name, is_absence) = match who.strip_suffix("'s absence notice") {
            Some(name) => (name, true),
            None => (who, false),
        };
        let person = self.person(name);
        let (kind, ticket) = answered
            .split_once(" letter")
            .unwrap_or_else(|| panic!("`{what}` does not name a letter"));
        let ticket = ticket.trim().strip_prefix("about ");
        let letter = latest(&self.world, kind, &person.address, ticket);
        let bytes = self.world.letter_bytes(letter.id);
        let field = |name| header(&bytes, name).unwrap_or_default();
        let mut more = format!(
            "In-Reply-To: <{0}>\r\nReferences: {1} <{0}>\r\n",
            letter.message_id,
            field("References")
        );
        let mut subject = format!("Re: {}", field("Subject"));
        let mut text = words.to_owned();
        if is_absence {
            more.push_str("Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n");
            subject = format!("=?utf-8?Q?Automatic_reply:?= {}", field("Subject"));
        } else {
            text.push_str(&self.quoted(&letter));
        }
        Some(self.written(person, now, &field("Reply-To"), &subject, &more, &text))
    }

    fn written(
        &self,
        from: &Person,
        now: &Zoned,
        to: &str,
        subject: &str,
        more: &str,
        text: &str,
    ) -> String {
        let domain = from.address.split('@').next_back().unwrap_or_default();
        let date = jiff::fmt::rfc2822::to_string(now).expect("a year that mail can write");
        format!(
            "Received: from mail.{domain} by mx.example.org with ESMTPS; {date}\r\nFrom: {}\r\nTo: {to}\r\nSubject: {subject}\r\n\
             Date: {date}\r\nMessage-ID: <{}@{domain}>\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            from.mailbox,
            self.mails + 1,
            text.replace('\n', "\r\n")
        )
    }

    /// What a mail client puts below an answer.
    fn quoted(&self, letter: &LetterView) -> String {
        let read = self.world.letter(letter.id);
        let bytes = self.world.letter_bytes(letter.id);
        let line = match header(&bytes, "Content-Language").as_deref() {
            Some("fr") => {
                "Le mar. 24 nov. 2026 à 09:04, Support informatique <support@example.org> a écrit :"
            }
            _ => "On Tue, 24 Nov 2026 at 09:04, Support informatique <support@example.org> wrote:",
        };
        let below = read.text.lines().map(|line| format!("> {line}"));
        format!("\n\n{line}\n\n{}", below.collect::<Vec<_>>().join("\n"))
    }

    fn bounce(&self, kind: &str, to: &Person, now: &Zoned) -> String {
        let letter = latest(&self.world, kind, &to.address, None);
        let (address, domain) = (
            &to.address,
            to.address.split('@').next_back().unwrap_or_default(),
        );
        let back = header(&self.world.letter_bytes(letter.id), "Reply-To").unwrap_or_default();
        let date = jiff::fmt::rfc2822::to_string(now).expect("a year that mail can write");
        format!(
            "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.{domain}>\r\nTo: {back}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Date: {date}\r\nMessage-ID: <dsn-{}@mx.{domain}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nYour mail to {address} could not be delivered.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.{domain}\r\n\r\n\
             Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: {address}\r\nMessage-ID: <{}>\r\n\r\n--b--\r\n",
            self.mails + 1,
            letter.message_id
        )
    }

    /// What changed since it was looked at last: tickets, then letters.
    fn changes(&mut self, follows: &mut String) {
        for ticket in self.world.tickets() {
            let state = self.state(&ticket);
            if self
                .tickets
                .insert(ticket.id.to_string(), state.clone())
                .as_ref()
                != Some(&state)
            {
                let _ = writeln!(follows, "- {} is {state}", ticket.id);
            }
        }
        for letter in self.world.letters() {
            let reason = match letter.reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            let state = format!("{}{reason}", letter.state);
            let before = self.letters.insert(letter.id.0, state.clone());
            let to = self
                .people
                .iter()
                .find(|person| person.address == letter.to);
            let to = to.map_or(letter.to.as_str(), |person| &person.name);
            if before.is_none() {
                let state = if state == "queued" {
                    String::new()
                } else {
                    format!(" ({state})")
                };
                let read = self.world.letter(letter.id);
                let subject = read.subject.unwrap_or_default();
                let _ = writeln!(
                    follows,
                    "- {} letter to {to}{state}: **{subject}**\n",
                    letter.notice
                );
                let lines = read
                    .text
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty());
                for line in lines.take(self.lines_shown) {
                    let _ = writeln!(follows, "      {line}");
                }
                follows.push('\n');
            } else if before.as_ref() != Some(&state) {
                let _ = writeln!(follows, "- the {} letter to {to} is {state}", letter.notice);
            }
        }
        let trimmed = follows.trim_end().len();
        follows.truncate(trimmed);
        follows.push_str(if trimmed == 0 { "" } else { "\n" });
    }

    fn state(&self, ticket: &Ticket) -> String {
        let technicians = &self.world.gateway.rules.people.technicians;
        let who = ticket
            .assignee
            .as_ref()
            .and_then(|key| technicians.get(key));
        let who = who.map_or("nobody has it".to_owned(), |t| format!("{} has it", t.name));
        let news = match ticket.next_news_at {
            Some(at) => {
                let at = at.in_tz("Europe/Paris").expect("a zone everybody has");
                format!("next news by {}", at.strftime("%F %H:%M"))
            }
            None => "no news promised".to_owned(),
        };
        let outage = match &ticket.outage {
            Some(master) if *master == ticket.id => "; an outage".to_owned(),
            Some(master) => format!("; under the outage {master}"),
            None => String::new(),
        };
        format!(
            "{}, {}, {}; {who}; {news}{outage}",
            ticket.status.word(),
            ticket.priority.word(),
            ticket.category
        )
    }

    fn person(&self, name: &str) -> &Person {
        let person = self.people.iter().find(|person| person.name == name);
        person.unwrap_or_else(|| panic!("the story does not introduce `{name}`"))
    }
}

/// `Letters are shown with 22 lines.`
fn lines_shown(told: &str) -> Option<usize> {
    let words: Vec<&str> = told.split_whitespace().collect();
    let at = words
        .windows(4)
        .position(|four| four == ["Letters", "are", "shown", "with"])?;
    words.get(at + 4)?.parse().ok()
}
