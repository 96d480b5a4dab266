//! A mail as the desk sees it: a value, already read, that cannot fail any more.
//!
//! `intake` makes it from bytes. What was odd about the bytes is listed in `defects`.
//! Also here: where a mail came from (`MailKey`) and the stages it passes on its way in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{Address, Language, MessageId};

/// Where a mail was found: the identity of a source message. The same key is the same mail for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MailKey {
    /// The desk whose mailbox it is, by its name in the configuration.
    pub desk: String,
    /// The folder of that mailbox; `pipe` for mails handed over on standard input.
    pub folder: String,
    /// Which message of the folder.
    pub place: Place,
}

/// Which message of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// IMAP: RFC 9051 2.3.1.1, the pair names the same bytes for ever.
    Uid {
        /// UIDVALIDITY of the folder when it was read.
        validity: u32,
        /// UID of the message in that epoch.
        uid: u32,
    },
    /// Maildir: the part of the file name before `:2,`. Pipe: an id drawn at the door.
    Name(String),
}

/// A mail taken from a mailbox and not yet stored. Made by the mailbox.
#[derive(Debug)]
pub struct Fetched {
    /// Where it was found.
    pub key: MailKey,
    /// Its bytes as the server gave them. For a mail over the size limit: its header only.
    pub bytes: Vec<u8>,
    /// When the server received it.
    pub received_at: Timestamp,
    /// The full size in bytes when it was over `limits.message_size` and only the header was taken.
    pub cut_from: Option<u64>,
}

/// Proof that a mail's bytes are committed. Made by a ledger only (the store); tidying a mailbox takes it.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub(crate) key: MailKey,
}

impl Recorded {
    /// Says that the bytes of the mail at `key` are committed. Only for implementations of
    /// `mailbox::Ledger`, right after their commit.
    pub fn committed(key: MailKey) -> Self {
        Self { key }
    }

    /// Where the recorded mail was found.
    pub fn key(&self) -> &MailKey {
        &self.key
    }
}

/// A name and an address as a header showed them, decoded, with controls removed; nothing is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, if one was given.
    pub name: Option<String>,
    /// The address as written.
    pub address: String,
}

impl Mailbox {
    /// The address in the form people are recognised by; `None` when it cannot be anybody's.
    pub fn identity(&self) -> Option<Address> {
        self.address.parse().ok()
    }
}

/// A mail, read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InboundMail {
    /// Its Message-ID, if it has a usable one.
    pub message_id: Option<MessageId>,
    /// In-Reply-To, in the order given.
    pub in_reply_to: Vec<MessageId>,
    /// References, oldest first as written.
    pub references: Vec<MessageId>,
    /// The first address of the From header.
    pub from: Option<Mailbox>,
    /// How many addresses all From headers together named. Anything but 1 proves nobody (RFC 5322 3.6.2).
    pub from_count: usize,
    /// Sender, if it differs from From.
    pub sender: Option<Mailbox>,
    /// Who the mail is for.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Where answers are wanted. Shown, never an identity.
    pub reply_to: Vec<Mailbox>,
    /// Addresses the mail was delivered to beyond To and Cc: Delivered-To, X-Original-To, Envelope-To and the like.
    pub delivered_to: Vec<String>,
    /// The subject, decoded, on one line.
    pub subject: Option<String>,
    /// The Date header, in UTC.
    pub date: Option<Timestamp>,
    /// Language of `reply`, when it could be told.
    pub language: Option<Language>,
    /// The whole text, lines ended by `\n`.
    pub text: String,
    /// The new part of the text: without quoted history, signature and footer.
    pub reply: String,
    /// Nothing was written anew: above the history there is nothing, a signature or the place of a picture, and `reply` fell
    /// back to what there is.
    pub nothing_new: bool,
    /// What is attached or embedded, in the order of the mail. Contents stay in the raw bytes.
    pub attachments: Vec<Attachment>,
    /// Who or what wrote it, and whether it may be answered.
    pub origin: Origin,
    /// Set when it reports on the delivery of another mail.
    pub bounce: Option<Bounce>,
    /// Set when it carries somebody else's mail on: who wrote the inner one, as proposed requester.
    pub forwarded_from: Option<Mailbox>,
    /// What a trusted server said about its authenticity.
    pub proof: Proof,
    /// Ticket tags in the subject, such as `INC-1042`, whatever their prefix.
    pub ticket_refs: Vec<String>,
    /// SHA-256, in hex, over sender, subject, text and attachments: equal for copies that came another way.
    pub fingerprint: String,
    /// What was odd, in English, one remark each.
    pub defects: Vec<String>,
}

impl InboundMail {
    /// The parents of this mail, the most telling first: In-Reply-To, then References newest first.
    pub fn parents(&self) -> impl Iterator<Item = &MessageId> {
        self.in_reply_to.iter().chain(self.references.iter().rev())
    }

    /// Who wrote it, in the form people are recognised by.
    pub fn sender_identity(&self) -> Option<Address> {
        self.from.as_ref().and_then(Mailbox::identity)
    }

    /// Every address the mail was sent to, in the form addresses are recognised by.
    pub fn recipients(&self) -> impl Iterator<Item = Address> + '_ {
        let named = self
            .to
            .iter()
            .chain(&self.cc)
            .map(|mailbox| mailbox.address.as_str());
        named
            .chain(self.delivered_to.iter().map(String::as_str))
            .filter_map(|text| text.parse().ok())
    }
}

/// A file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// A safe file name: no path, no controls, no reserved name, at most 255 bytes. `None` when it had none.
    pub name: Option<String>,
    /// The type it claims, `application/pdf`.
    pub content_type: String,
    /// The type its first bytes show, when they show one.
    pub detected_type: Option<String>,
    /// Decoded size in bytes.
    pub size: u64,
    /// Shown within the text (a pasted picture, a logo) rather than attached.
    pub inline: bool,
    /// SHA-256 of the decoded content, in hex.
    pub sha256: String,
    /// A small picture that its sender sent before: the logo of a signature, told to nobody. Reading cannot know; the store
    /// does.
    pub repeated: bool,
}

/// Logos are a few kilobytes, photographs and pictures of screens mostly more.
const DECORATION_BYTES_MAX: u64 = 128 * 1024;

impl Attachment {
    /// Whether it can be the logo of a signature: a small picture, shown within the text or named by a program.
    pub fn may_be_decoration(&self) -> bool {
        let is_picture = self.content_type.starts_with("image/")
            || self
                .detected_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("image/"));
        let name = self
            .name
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        // Outlook's `image001.png`, and `Outlook-abc.png` of its web form.
        let is_made_up = name.is_empty()
            || name.starts_with("outlook-")
            || name.contains("logo")
            || name
                .strip_prefix("image")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        is_picture && self.size <= DECORATION_BYTES_MAX && (self.inline || is_made_up)
    }
}

/// Who or what wrote a mail. "Did a human write it?" and "may it be answered?" are two questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What it is.
    pub verdict: Verdict,
    /// Whether an automatic answer may be caused by it.
    pub answerable: bool,
    /// What the verdict rests on, such as `Auto-Submitted: auto-replied`.
    pub evidence: Vec<String>,
}

/// What a mail is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// A human wrote it (perhaps through a list).
    #[default]
    Person,
    /// A machine answered for somebody: absence notice, receipt, "we have received your request".
    AutoReply,
    /// A report on the delivery of a mail.
    Bounce,
    /// Newsletters and the like, and reports by machines.
    Bulk,
    /// Our own letter came back.
    Ourselves,
}

impl Verdict {
    /// The word used in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::AutoReply => "auto-reply",
            Self::Bounce => "bounce",
            Self::Bulk => "bulk",
            Self::Ourselves => "ourselves",
        }
    }
}

/// What a delivery report says (RFC 3464, and the usual non-standard ones).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// One for each recipient that is reported on.
    pub recipients: Vec<BouncedRecipient>,
    /// The Message-ID of the mail that is reported on.
    pub original_message_id: Option<MessageId>,
}

/// What a delivery report says about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BouncedRecipient {
    /// The recipient, as written.
    pub address: Option<String>,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded` (RFC 3464 2.3.3).
    pub action: Option<String>,
    /// Enhanced status code, `5.1.1` (RFC 3463).
    pub status: Option<String>,
    /// What the other server said.
    pub diagnostic: Option<String>,
}

/// What a trusted `Authentication-Results` header says (RFC 8601). Absent or untrusted: all `false`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The domain of From is authenticated: DMARC passed, or an aligned DKIM signature or SPF did.
    pub authenticated: bool,
    /// The sentence for people: which header said what.
    pub because: Option<String>,
}
