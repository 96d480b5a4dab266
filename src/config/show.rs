//! Writes `Settings` as the configuration would say them, every default included, and keeps the example file.
//!
//! What is written reads back to the same settings, but for masked passwords.

use std::fmt::{Display, Write};
use std::path::Path;

use jiff::SignedDuration;
use toml::Value;

use super::digests::Digests;
use super::settings::{
    After, CourierSettings, DeskSettings, Limits, LogFormat, MailboxSettings, Secret, Server,
    Settings, Tls,
};
use super::units::{write_duration, write_size};
use crate::desk::agreement::{Aim, Terms, Wait};
use crate::desk::calendar::holidays::Holidays;
use crate::desk::calendar::hours::Hours;
use crate::desk::digest::readers::Empty;
use crate::desk::manners::{Acknowledge, Quota};
use crate::desk::people::{CommandProof, Desk, Organisation, Provider, Team, Technician};

/// What stands in place of a password.
const MASK: &str = "***";

/// The commented example: every key, with its default and one line of why.
pub fn sample() -> &'static str {
    include_str!("../../config/guichet.toml")
}

/// The settings in force, as TOML: defaults filled in, paths absolute, passwords masked.
pub fn show(settings: &Settings) -> String {
    let mut page = Page::default();
    page.section("store");
    page.path("path", &settings.store);
    for (key, desk) in &settings.people.desks {
        if let Some(how) = settings.desks.get(key) {
            show_desk(&mut page, desk, how, settings.agreements.desks.get(key));
        }
    }
    for (key, team) in &settings.people.teams {
        show_team(&mut page, team);
        show_terms(&mut page, settings.agreements.teams.get(key));
    }
    for technician in settings.people.technicians.values() {
        show_technician(&mut page, technician);
        let daily = technician.daily;
        page.maybe("daily", daily.map(|time| time.strftime("%H:%M")));
    }
    for (key, organisation) in &settings.people.organisations {
        show_organisation(&mut page, organisation);
        let terms = settings.agreements.organisations.get(key);
        show_terms(&mut page, terms);
        show_aims(&mut page, &format!("organisation.{key}."), terms);
    }
    for provider in settings.people.providers.values() {
        show_provider(&mut page, provider);
    }
    show_digests(&mut page, &settings.digests);
    show_aims(&mut page, "", Some(&settings.agreements.everybody));
    show_limits(&mut page, &settings.limits);
    page.section("log");
    page.text(
        "format",
        match settings.log {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        },
    );
    if let Some(listen) = settings.http {
        page.section("http");
        page.text("listen", listen);
    }
    let (folder, accent, logo) = (&settings.templates, &settings.accent, &settings.logo);
    if folder.is_some() || accent.is_some() || logo.is_some() {
        page.section("templates");
        folder.iter().for_each(|folder| page.path("path", folder));
        page.maybe("accent", accent.as_ref());
        logo.iter().for_each(|logo| page.path("logo", logo));
    }
    for (section, folder) in [
        ("keywords", &settings.keywords),
        ("recipes", &settings.recipes),
    ] {
        if let Some(folder) = folder {
            page.section(section);
            page.path("path", folder);
        }
    }
    page.0
}

fn show_desk(page: &mut Page, desk: &Desk, how: &DeskSettings, terms: Option<&Terms>) {
    page.section(&format!("desk.{}", desk.key));
    page.text("address", &desk.address);
    page.text("name", &desk.name);
    page.text("prefix", &desk.prefix);
    page.text("locale", &desk.locale);
    page.texts("languages", &desk.languages);
    page.text("timezone", desk.timezone.iana_name().unwrap_or("UTC"));
    page.maybe("team", desk.team.as_ref());
    page.maybe("since", how.since);
    page.texts("trusted_authserv_ids", &how.trusted_authserv_ids);
    page.text(
        "proof",
        match desk.command_proof {
            CommandProof::Both => "both",
            CommandProof::Token => "token",
            CommandProof::Either => "either",
        },
    );
    page.text("close_after", format!("{}d", how.close_after_business_days));
    page.text("reopen_within", write_duration(how.reopen_within));
    page.line("satisfaction", how.asks_satisfaction);
    page.line("outage_people", how.outage.people);
    page.text(
        "outage_within",
        write_duration(how.outage.within.unsigned_abs()),
    );
    page.line("reminders", how.patience.is_some());
    if let Some(patience) = how.patience {
        let days = |days: u32| format!("{days}d");
        page.text("remind_after", days(patience.remind_after_business_days));
        page.text("give_up_after", days(patience.give_up_after_business_days));
    }
    page.maybe(
        "hours",
        terms
            .and_then(|terms| terms.hours.as_ref())
            .map(Hours::text),
    );
    let holidays = terms.and_then(|terms| terms.holidays.as_ref());
    page.maybe("holidays", holidays.map(Holidays::code));
    show_aims(page, &format!("desk.{}.", desk.key), terms);
    if let Some(mailbox) = &how.mailbox {
        page.section(&format!("desk.{}.mailbox", desk.key));
        show_mailbox(page, mailbox);
    }
    page.section(&format!("desk.{}.courier", desk.key));
    show_courier(page, &how.courier);
    page.line("plus_addresses", desk.plus_addresses);
}

fn show_mailbox(page: &mut Page, mailbox: &MailboxSettings) {
    let (after, poll) = match mailbox {
        MailboxSettings::Imap(imap) => {
            page.text("kind", "imap");
            show_server(page, &imap.server);
            page.text("user", &imap.user);
            show_password(page, &imap.password);
            page.texts("folders", &imap.folders);
            (&imap.after, imap.poll)
        }
        MailboxSettings::Maildir(maildir) => {
            page.text("kind", "maildir");
            page.path("path", &maildir.path);
            (&maildir.after, maildir.poll)
        }
    };
    match after {
        After::Keyword => page.text("after", "keyword"),
        After::Seen => page.text("after", "seen"),
        After::Move(folder) => {
            page.text("after", "move");
            page.text("move_to", folder);
        }
    }
    page.text("poll", write_duration(poll));
}

fn show_courier(page: &mut Page, courier: &CourierSettings) {
    match courier {
        CourierSettings::Smtp(smtp) => {
            page.text("kind", "smtp");
            show_server(page, &smtp.server);
            if let Some((user, password)) = &smtp.login {
                page.text("user", user);
                show_password(page, password);
            }
            page.line("connections", smtp.connections);
        }
        CourierSettings::Sendmail { program } => {
            page.text("kind", "sendmail");
            page.path("program", program);
        }
        CourierSettings::Maildir { path } => {
            page.text("kind", "maildir");
            page.path("path", path);
        }
    }
}

fn show_server(page: &mut Page, server: &Server) {
    page.text("host", &server.host);
    page.line("port", server.port);
    page.text(
        "tls",
        match server.tls {
            Tls::Implicit => "implicit",
            Tls::StartTls => "starttls",
            Tls::None => "none",
        },
    );
    if let Some(file) = &server.ca_file {
        page.path("ca_file", file);
    }
}

/// Names the source. Of a command only the program is shown: an argument may be the password.
fn show_password(page: &mut Page, password: &Secret) {
    let source = match password {
        Secret::Literal(_) => quoted(MASK),
        Secret::File(path) => format!("{{ file = {} }}", quoted(path.display())),
        Secret::Env(name) => format!("{{ env = {} }}", quoted(name)),
        Secret::Command(words) => {
            let shown = words.iter().enumerate();
            let shown: Vec<_> = shown
                .map(|(index, word)| quoted(if index == 0 { word } else { MASK }))
                .collect();
            format!("{{ command = [{}] }}", shown.join(", "))
        }
        Secret::Credential(name) => format!("{{ credential = {} }}", quoted(name)),
    };
    page.line("password", source);
}

fn show_team(page: &mut Page, team: &Team) {
    page.section(&format!("team.{}", team.key));
    page.maybe("lead", team.lead.as_ref());
    page.texts("members", &team.members);
    let assign = if team.round_robin {
        "round-robin"
    } else {
        "manual"
    };
    page.text("assign", assign);
    page.texts("categories", &team.categories);
}

fn show_technician(page: &mut Page, technician: &Technician) {
    page.section(&format!("technician.{}", technician.key));
    page.text("name", &technician.name);
    page.text("address", &technician.address);
    page.texts("aliases", &technician.aliases);
    page.maybe("locale", technician.locale.as_ref());
    let zone = technician.timezone.as_ref();
    page.maybe("timezone", zone.and_then(|zone| zone.iana_name()));
    page.maybe("away_until", technician.away_until);
}

fn show_organisation(page: &mut Page, organisation: &Organisation) {
    page.section(&format!("organisation.{}", organisation.key));
    page.text("name", &organisation.name);
    page.texts("domains", &organisation.domains);
    page.texts("addresses", &organisation.addresses);
    page.texts("managers", &organisation.managers);
    page.texts("vip", &organisation.vip);
    page.maybe("contact", organisation.contact.as_ref());
    for role in &organisation.roles {
        page.section(&format!(
            "organisation.{}.role.{}",
            organisation.key, role.name
        ));
        page.texts("addresses", &role.addresses);
        page.text("impact", role.impact.word());
        let days = role.days.map(|(from, to)| format!("{from}-{to}"));
        page.maybe("days", days);
        let hour = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        let hours = role.hours;
        page.maybe(
            "hours",
            hours.map(|(from, to)| format!("{}-{}", hour(from), hour(to))),
        );
    }
}

/// What a team or an organisation says about its time, if it does.
fn show_terms(page: &mut Page, terms: Option<&Terms>) {
    let Some(terms) = terms else { return };
    page.maybe("hours", terms.hours.as_ref().map(Hours::text));
    page.maybe("holidays", terms.holidays.as_ref().map(Holidays::code));
    let zone = terms.timezone.as_ref();
    page.maybe("timezone", zone.and_then(|zone| zone.iana_name()));
}

/// The targets of everybody, or of one desk or organisation if it has any. `above` is the section they stand in.
fn show_aims(page: &mut Page, above: &str, terms: Option<&Terms>) {
    let aims = terms.map(|terms| &terms.aims);
    let Some(aims) = aims.filter(|aims| !aims.is_empty()) else {
        return;
    };
    page.section(&format!("{above}targets"));
    for (priority, aim) in aims {
        page.aim(priority.word(), aim);
    }
}

/// Each reader with all that holds for them; managers of organisations stand here too.
fn show_digests(page: &mut Page, digests: &Digests) {
    page.section("digest");
    page.text("every", "never");
    if let Some(file) = &digests.recommendations {
        page.path("recommendations", file);
    }
    for (number, reader) in (1..).zip(&digests.readers) {
        let schedule = &reader.schedule;
        page.section(&format!("digest.reader.r{number}"));
        page.text("address", &reader.address);
        page.maybe("name", reader.name.as_ref());
        page.text("scope", &reader.scope);
        page.text("every", schedule.cadence.word());
        page.text("day", super::digests::weekday_word(schedule.weekday));
        page.text("at", schedule.at.strftime("%H:%M"));
        page.text(
            "empty",
            match reader.empty {
                Empty::Sentence => "sentence",
                Empty::Skip => "skip",
            },
        );
        page.text("desk", &reader.desk);
        page.maybe("locale", reader.locale.as_ref());
        page.maybe("timezone", schedule.zone.iana_name());
    }
}

fn show_provider(page: &mut Page, provider: &Provider) {
    page.section(&format!("provider.{}", provider.key));
    page.text("name", &provider.name);
    page.maybe("address", provider.address.as_ref());
    page.texts("domains", &provider.domains);
    page.maybe("contract", provider.contract.as_ref());
    page.maybe("locale", provider.locale.as_ref());
    page.maybe("hours", provider.hours.as_ref().map(Hours::text));
    let days = provider.remind_after_business_days;
    page.text("remind_after", format!("{days}d"));
}

fn show_limits(page: &mut Page, limits: &Limits) {
    page.section("limits");
    page.text("message_size", write_size(limits.message_size));
    page.quotas("automatic_per_address", &limits.automatic.per_address);
    page.quotas("automatic_per_ticket", &limits.automatic.per_ticket);
    page.quotas("automatic_per_domain", &limits.automatic.per_domain);
    page.quotas("automatic_total", &limits.automatic.total);
    let pauses: Vec<_> = limits.retry.iter().copied().map(write_duration).collect();
    page.texts("retry", &pauses);
    page.text(
        "acknowledge",
        match limits.acknowledge {
            Acknowledge::Everyone => "everyone",
            Acknowledge::KnownOrAuthenticated => "known-or-authenticated",
        },
    );
    page.text("commands_within", write_duration(limits.commands_within));
}

/// The text as it grows. Written by hand, as a serializer would sort the keys of sections and quotas.
#[derive(Default)]
struct Page(String);

impl Page {
    fn section(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line_of(format_args!("[{name}]"));
    }

    fn line(&mut self, key: &str, value: impl Display) {
        self.line_of(format_args!("{key} = {value}"));
    }

    fn text(&mut self, key: &str, value: impl Display) {
        self.line(key, quoted(value));
    }

    fn maybe(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn texts(&mut self, key: &str, values: &[impl Display]) {
        if !values.is_empty() {
            let values: Vec<_> = values.iter().map(quoted).collect();
            self.line(key, format_args!("[{}]", values.join(", ")));
        }
    }

    fn path(&mut self, key: &str, path: &Path) {
        self.text(key, path.display());
    }

    fn quotas(&mut self, key: &str, quotas: &[Quota]) {
        let pairs: Vec<_> = quotas
            .iter()
            .map(|quota| format!("{} = {}", quoted(write_duration(quota.window)), quota.count))
            .collect();
        self.line(key, format_args!("{{ {} }}", pairs.join(", ")));
    }

    fn aim(&mut self, key: &str, aim: &Aim) {
        let time = |time: SignedDuration| write_duration(time.unsigned_abs());
        let target = |target: Option<SignedDuration>| target.map_or("none".to_owned(), time);
        let news = |wait: Wait| match wait {
            Wait::Worked(worked) => time(worked),
            Wait::Days(days) => format!("{days}d"),
        };
        let said = [
            ("first_answer", aim.first_answer.map(target)),
            ("resolution", aim.resolution.map(target)),
            ("next_news", aim.next_news.map(news)),
            (
                "hours",
                aim.hours.as_ref().map(|hours| hours.text().to_owned()),
            ),
        ];
        let said = said.into_iter().filter_map(|(key, value)| {
            let value = value?;
            Some(format!("{key} = {}", quoted(value)))
        });
        let said: Vec<_> = said.collect();
        self.line(key, format_args!("{{ {} }}", said.join(", ")));
    }

    fn line_of(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a String takes whatever is written to it");
    }
}

fn quoted(value: impl Display) -> String {
    Value::String(value.to_string()).to_string()
}
