//! The script of the demo: who writes what, and when.
//!
//! The mails lie in `mails/` as they would come over the network; `mails/story.toml` says in which order and explains
//! the placeholders of those that answer a letter. All of it is embedded, so the demo needs no file of ours.
//! Playing it is left to `stage.rs`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::cli::{Failure, SOFTWARE};
use crate::desk::ids::MessageId;
use crate::intake::header::Headers;

macro_rules! embedded {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("mails/", $file)))),*]
    };
}

/// Each mail by the name of its file.
const MAILS: &[(&str, &str)] = embedded![
    "00-lettre-information.eml",
    "01-marie-panne-paiement.eml",
    "02-karim-panne-paiement.eml",
    "03-ann-prend.eml",
    "04-marie-repond.eml",
    "05-ann-resout.eml",
    "06-ann-resout-marseille.eml",
    "07-karim-absence.eml",
    "08-marie-oui.eml",
    "09-john-printer.eml",
    "10-paul-takes.eml",
    "11-john-found-it.eml",
    "12-paul-resolves.eml",
    "13-paul-approves.eml",
    "14-tom-internet-down.eml",
    "15-sarah-internet-down.eml",
    "16-lucy-internet-down.eml",
    "17-paul-declares.eml",
    "18-paul-resolves-outage.eml",
    "19-emma-paper-jam.eml",
    "20-emma-yes.eml",
];

/// The whole story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The address everybody writes to.
    pub desk: String,
    /// Addresses by the names the steps use.
    pub people: BTreeMap<String, String>,
    /// What happens, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One mail that arrives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its file in `mails/`.
    pub file: String,
    /// When it arrives, in UTC.
    pub at: Timestamp,
    /// Who wrote it, a name of `Script::people`.
    pub from: String,
    /// Our name for its ticket; `None`: it gets none.
    pub ticket: Option<String>,
    /// The letter it answers, `NOTICE.PERSON`.
    pub answers: Option<String>,
    /// What happens, in a line.
    pub says: String,
}

/// A letter as a mail that answers it quotes it.
pub struct Answered {
    /// The letter's header.
    pub header: Headers,
}

impl Script {
    /// Reads the story that is part of the program.
    pub fn read() -> Result<Script, Failure> {
        toml::from_str(include_str!("mails/story.toml"))
            .map_err(|error| broken(&format!("story.toml: {error}")))
    }

    /// Whether this is the address of somebody who works for the desk: in this story, of its own domain.
    pub fn is_technician(&self, address: &str) -> bool {
        let domain = |address: &str| {
            address
                .rsplit_once('@')
                .map(|(_, domain)| domain.to_owned())
        };
        domain(address) == domain(&self.desk)
    }

    /// What the owner of an address is called, as their own mails say it; else the address.
    pub fn name_of<'a>(&self, address: &'a str) -> std::borrow::Cow<'a, str> {
        let written = self
            .steps
            .iter()
            .filter(|step| {
                self.people
                    .get(&step.from)
                    .is_some_and(|theirs| theirs == address)
            })
            .filter_map(|step| step.template().ok())
            .filter_map(|mail| Headers::read(mail.as_bytes()).text("From"))
            .filter_map(|from| crate::intake::address::mailboxes(&from).pop()?.name)
            .next();
        written.map_or_else(|| address.into(), Into::into)
    }
}

impl Step {
    /// The mail with its placeholders.
    fn template(&self) -> Result<&'static str, Failure> {
        let found = MAILS.iter().find(|(file, _)| *file == self.file);
        found
            .map(|(_, mail)| *mail)
            .ok_or_else(|| broken(&format!("there is no mail {}", self.file)))
    }

    /// The mail as it arrives. `answered`: the letter that `answers` names; `letter_id`: the Message-ID of the latest
    /// letter of this kind to this person in the step's own ticket.
    pub fn mail(
        &self,
        answered: Option<&Answered>,
        letter_id: impl Fn(&str, &str) -> Option<MessageId>,
    ) -> Result<String, Failure> {
        let template = self.template()?;
        let (header, body) = template
            .split_once("\n\n")
            .ok_or_else(|| broken(&format!("{} has no body", self.file)))?;
        let mut mail = String::with_capacity(template.len() + 1024);
        let mut rest = header;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after
                .split_once("}}")
                .ok_or_else(|| broken(&format!("{}: a placeholder does not end", self.file)))?;
            let value = match name.strip_prefix("letter.") {
                Some(which) => which
                    .strip_suffix(".message-id")
                    .and_then(|which| which.split_once('.'))
                    .and_then(|(notice, person)| letter_id(notice, person))
                    .map(|id| id.as_str().to_owned()),
                None => answered.and_then(|letter| letter.value(name)),
            };
            let value = value.ok_or_else(|| {
                broken(&format!("{}: nothing stands for {{{{{name}}}}}", self.file))
            })?;
            mail.push_str(before);
            mail.push_str(&value);
            rest = after;
        }
        mail.push_str(rest);
        mail.push_str("\n\n");
        mail.push_str(body);
        Ok(mail)
    }
}

impl Answered {
    /// What stands for a placeholder that speaks of the answered letter.
    fn value(&self, placeholder: &str) -> Option<String> {
        let field = |name| self.header.first(name).map(str::to_owned);
        match placeholder {
            "reply-to" => field("Reply-To").or_else(|| field("From")),
            "subject" => field("Subject"),
            "references" => {
                let mut ids = self.header.ids("References");
                ids.extend(self.header.ids("Message-ID"));
                let ids: Vec<String> = ids.iter().map(MessageId::bracketed).collect();
                // One on a line, as mailers fold a long field.
                Some(ids.join("\n "))
            }
            _ => None,
        }
    }
}

fn broken(what: &str) -> Failure {
    Failure::new(
        SOFTWARE,
        format!("the demo's own script is wrong: {what}; please report it"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_is_used_and_filled() {
        let script = Script::read().unwrap();
        assert_eq!(
            script
                .steps
                .iter()
                .map(|step| step.file.as_str())
                .collect::<Vec<_>>(),
            MAILS.iter().map(|(file, _)| *file).collect::<Vec<_>>()
        );
        let letter = b"From: Desk <support@example.org>\nSubject: [INC-1] a\nReferences: <root@a>\nMessage-ID: <l@a>\n\n";
        let answered = Answered {
            header: Headers::read(letter),
        };
        for step in &script.steps {
            assert!(script.people.contains_key(&step.from), "{}", step.from);
            let answered = step.answers.as_ref().map(|_| &answered);
            let mail = step
                .mail(answered, |_, _| MessageId::parse("<l@a>"))
                .unwrap();
            let header = Headers::read(mail.as_bytes());
            assert!(!mail.contains("{{"), "{}", step.file);
            assert_eq!(
                header.date().map(|at| at.as_second()),
                Some(step.at.as_second()),
                "{}",
                step.file
            );
            assert_eq!(
                header.ids("References").len(),
                if answered.is_some() { 2 } else { 0 },
                "{}",
                step.file
            );
        }
    }

    #[test]
    fn a_placeholder_that_nothing_stands_for_is_an_error() {
        let script = Script::read().unwrap();
        let answer = script
            .steps
            .iter()
            .find(|step| step.answers.is_some())
            .unwrap();
        assert!(answer.mail(None, |_, _| None).is_err());
    }

    #[test]
    fn people_are_called_what_they_call_themselves() {
        let script = Script::read().unwrap();
        assert_eq!(
            script.name_of("marie.durand@boutiques.example"),
            "Marie Durand"
        );
        assert_eq!(script.name_of("nobody@example.org"), "nobody@example.org");
    }
}
