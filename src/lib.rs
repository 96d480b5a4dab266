//! guichet: an email-driven incident desk.
//!
//! The **mailbox** fetches a mail, **intake** reads it, the **desk** decides, the **scribe** writes
//! letters, the **store** records everything at once, the **courier** carries the letters out.
//!
//! ```text
//!    IMAP · Maildir · pipe                                                        SMTP · sendmail · Maildir
//!           |                                                                               ^
//!      [ mailbox ]            pure: no clock, no I/O                                   [ courier ]
//!           | Fetched   ┌───────────────────────────────────┐                               ^ Due
//!           v           │  intake ──> desk ──> scribe       │                               |
//!       receive ────────┼─> InboundMail  Effects  Letters ──┼──> [ store ]  mails · tickets · outbox
//!           ^           │               ^                   │      one transaction          |
//!           | Recorded  └───────────────┼───────────────────┘          |                    |
//!           └───────────────────────────┼──────────────────────────────┘                    |
//!      tick (now) ──────────────────────┘<─────────────── Carried(outcome) ─────────────────┘
//! ```
//!
//! Data goes one way. A mail arrived, a letter was carried or not, time passed: all three enter as a
//! [`desk::event::Event`]. The receiving and the sending loop never talk to each other; they meet at
//! the database. A wake-up between them is only a hint: losing it costs time, never mail.
//!
//! # What holds always, and the tests that hold it
//!
//! - **I1** Nothing changes on the mail server before the mail is committed: only a
//!   [`desk::mail::Recorded`] lets a mailbox be tidied. `wire::imap::a_cut_after_any_byte_loses_nothing`,
//!   `wire::imap::mail_is_recorded_oldest_first_and_then_marked`; `servers::kills` at points cp1 to cp10.
//! - **I2** The same source message twice changes nothing the second time; a copy that came another way
//!   is linked, never dropped. `wire::imap::a_second_pass_takes_nothing_twice`,
//!   `servers::conversation::a_new_uidvalidity_answers_nobody_twice`,
//!   `intake::tests::copies_that_came_another_way_have_one_fingerprint`.
//! - **I3** A ticket's change and the letters it causes are committed together or not at all.
//!   `servers::kills` at points cp9 and cp10, `once` at cp15.
//! - **I4** A letter is rendered once; every attempt carries the same bytes and the same Message-ID.
//!   `scribe::tests::the_same_notice_gives_the_same_bytes`, `servers::kills` at points cp12 to cp14.
//! - **I5** Only a person is answered, within budget; nothing automatic ever answers something automatic.
//!   `servers::conversation::an_absence_notice_is_not_answered`, `intake::origin`'s tests,
//!   `desk::manners::tests::the_letter_that_would_be_one_too_many_is_held`.
//! - **I6** The desk reads no clock, draws no chance and does no I/O: same input, same effects, same
//!   order. By its signature, [`desk::decide()`]; no test of its own yet.
//! - **I7** Everything has a bound: mail size, parts, batch, attempts, letters, seconds per network step.
//!   `intake::mime::tests::bombs_are_counted_before_they_are_parsed`,
//!   `desk::triage::tests::hostile_text_takes_time_in_proportion`,
//!   `wire::imap::silence_ends_a_command_and_not_the_mailbox`, `wire::smtp::silence_after_the_dot_is_unknown`.
//! - **I8** Nothing disappears: what cannot be handled is set aside with its bytes and a reason.
//!   `intake::tests::anything_at_all_is_a_mail`,
//!   `wire::imap::a_mail_that_breaks_the_connection_is_taken_alone_and_given_up`, `demo::the_story_comes_out_as_told`.
//! - **I9** A command runs only with proof of who sent it, once, all of a mail's commands or none.
//!   `desk::token::tests::no_changed_token_is_genuine`, `desk::command::tests`; the whole way in
//!   `servers::conversation` and `demo`.
//! - **I10** What one organisation wrote, another never reads; what an outside firm wrote, no requester.
//!   `demo::a_requester_reads_their_language_and_nothing_internal`,
//!   `demo::a_letter_names_only_what_its_recipient_has_seen`, `outages::nobody_outside_learns_of_the_others`,
//!   `providers::what_a_firm_writes_is_told_to_whoever_has_the_ticket_and_to_nobody_else`,
//!   `recipes::nothing_of_a_recipes_ticket_reaches_others_but_what_was_approved`.
//!
//! `wire`, `demo`, `once`, `outages`, `providers` and `recipes` are in `tests/offline`, `servers` is `tests/servers`.
//!
//! # Reading order
//!
//! [`desk`] first: the values and rules everything else serves; begin with `desk/mail.rs`,
//! `desk/ticket.rs` and `desk/decide.rs`. Then the two translators, [`intake`] and [`scribe`]; then the
//! edges, which do not know one another: [`store`], [`mailbox`], [`reader`], [`courier`], [`clock`],
//! [`config`], [`net`]. The [`gateway`] wires them together, and [`cli`] has a file for each command.

pub mod desk;

pub mod intake;
pub mod scribe;

pub mod courier;
pub mod mailbox;
pub mod reader;
pub mod store;

pub mod clock;
pub mod config;
pub mod net;

pub mod cli;
pub mod gateway;

#[cfg(feature = "failpoints")]
mod crash;
