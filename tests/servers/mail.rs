//! Mails as a person's client writes them, and as a test reads them back.
//!
//! Written with `lettre`, read with `mail-parser`; nothing of guichet takes part.

use std::sync::atomic::{AtomicU64, Ordering};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use mail_parser::{HeaderValue as Parsed, MessageParser};

/// A mail about to be sent. Addresses may have a name: `Marie Dupont <marie@acme.example>`.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The author.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Ids of the mails it answers, oldest first, without brackets. The last one is In-Reply-To.
    pub references: Vec<String>,
    /// A header more, such as `Auto-Submitted: auto-replied`.
    pub extra: Option<(&'static str, &'static str)>,
}

/// A written mail: its id without brackets, and its bytes.
pub struct Written {
    /// The Message-ID without brackets.
    pub id: String,
    /// Header and body, lines ended by CRLF.
    pub bytes: Vec<u8>,
}

#[derive(Clone)]
struct Extra(HeaderName, String);

// lettre wants headers to be types; ours is any name, so only `display` tells which.
impl Header for Extra {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Test")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Extra(Self::name(), text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(self.0.clone(), self.1.clone())
    }
}

/// Reads an address with or without a name.
pub fn mailbox(text: &str) -> Mailbox {
    text.parse()
        .unwrap_or_else(|error| panic!("`{text}` in a test is not an address: {error}"))
}

impl Draft {
    /// Gives it a Message-ID of the author's domain and a date, and encodes it.
    pub fn write(&self) -> Written {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let from = mailbox(&self.from);
        let id = format!(
            "{}.{}@{}",
            NUMBER.fetch_add(1, Ordering::Relaxed),
            std::process::id(),
            from.email.domain()
        );
        let mut mail = Message::builder()
            .from(from)
            .to(mailbox(&self.to))
            .subject(&self.subject)
            .message_id(Some(format!("<{id}>")))
            .user_agent("Mozilla Thunderbird".to_owned())
            .date_now();
        if let Some(parent) = self.references.last() {
            let all: Vec<_> = self.references.iter().map(|id| format!("<{id}>")).collect();
            mail = mail
                .in_reply_to(format!("<{parent}>"))
                .references(all.join(" "));
        }
        if let Some((name, value)) = self.extra {
            mail = mail.header(Extra(
                HeaderName::new_from_ascii_str(name),
                value.to_owned(),
            ));
        }
        let mail = mail
            .body(self.text.clone())
            .expect("the text can be encoded");
        Written {
            id,
            bytes: mail.formatted(),
        }
    }
}

/// A mail that arrived. Ids are without brackets.
#[derive(Clone, Debug)]
pub struct ParsedMail {
    /// The Message-ID.
    pub id: String,
    /// In-Reply-To.
    pub in_reply_to: Vec<String>,
    /// References, as written.
    pub references: Vec<String>,
    /// The address of the author.
    pub from: String,
    /// The address answers go to: Reply-To, else From.
    pub reply_to: String,
    /// The subject, decoded.
    pub subject: String,
    /// The text part, decoded; lines ended by `\n`.
    pub text: String,
    /// As it lay in the Maildir.
    pub raw: Vec<u8>,
}

impl ParsedMail {
    /// Reads a mail. Panics on what no letter of ours may be: unreadable or without an id.
    pub fn read(raw: Vec<u8>) -> ParsedMail {
        let shown = || String::from_utf8_lossy(&raw).into_owned();
        let Some(mail) = MessageParser::default().parse(&raw) else {
            panic!("not a mail:\n{}", shown());
        };
        let ids = |value: &Parsed| {
            let list = value.as_text_list().unwrap_or_default();
            list.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let address = |list: Option<&mail_parser::Address>| {
            let first = list.and_then(|list| list.first());
            first.and_then(|one| one.address()).map(str::to_owned)
        };
        let from = address(mail.from()).unwrap_or_default();
        let Some(id) = mail.message_id().map(str::to_owned) else {
            panic!("no Message-ID:\n{}", shown());
        };
        ParsedMail {
            id,
            in_reply_to: ids(mail.in_reply_to()),
            references: ids(mail.references()),
            reply_to: address(mail.reply_to()).unwrap_or_else(|| from.clone()),
            from,
            subject: mail.subject().unwrap_or_default().to_owned(),
            text: mail.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            raw,
        }
    }

    /// The first header of that name, as written, on one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let mail = MessageParser::default().parse(&self.raw)?;
        let value = mail.header_raw(name.to_owned())?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Ids of the mails it says it belongs to: References, then In-Reply-To.
    pub fn parents(&self) -> Vec<String> {
        let mut all = self.references.clone();
        all.extend(self.in_reply_to.iter().cloned());
        all
    }

    /// The answer an ordinary client makes: to Reply-To, in the thread, `text` above the quoted original.
    pub fn answer(&self, from: &str, text: &str) -> Draft {
        let quoted: Vec<_> = self.text.lines().map(|line| format!("> {line}")).collect();
        let mut references = self.references.clone();
        references.push(self.id.clone());
        let subject = match self.subject.strip_prefix("Re: ") {
            Some(_) => self.subject.clone(),
            None => format!("Re: {}", self.subject),
        };
        Draft {
            from: from.to_owned(),
            to: self.reply_to.clone(),
            subject,
            text: format!(
                "{text}\n\nLe 22/11/2026 à 10:15, {} a écrit :\n{}\n",
                self.from,
                quoted.join("\n")
            ),
            references,
            extra: None,
        }
    }
}
