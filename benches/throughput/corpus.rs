//! The mails of the benchmark: 2,000 first mails and 2,000 replies, the same bytes on every machine.
//!
//! Their sizes follow what a support mailbox gets: median about 9 KB, one in a hundred about 200 KB; 30 % carry an
//! attachment, 70 % an HTML alternative; French and English; 400 senders of one organisation. A reply names the
//! id of a first mail of the same sender and comes 200 mails later. No text occurs twice: equal requests would be joined.

use std::fmt::Write;

use data_encoding::BASE64_MIME;
use sha2::{Digest, Sha256};

/// How many first mails, and how many replies.
pub const PAIRS: usize = 2_000;
/// How many people write.
pub const SENDERS: usize = 400;
/// A reply comes this many first mails after the one it answers.
const LATER: usize = 200;
/// The address all of them write to.
const DESK: &str = "support@example.org";

/// One mail of the corpus.
pub struct Sample {
    /// Message-ID without brackets.
    pub id: String,
    /// Whether it answers a first mail.
    pub is_reply: bool,
    /// Header and body, lines ended by CRLF.
    pub bytes: Vec<u8>,
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("usize is at most 64 bits");
        usize::try_from(self.next() % bound).expect("below a usize")
    }

    fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// About normal: the sum of twelve uniform numbers has variance 1.
    fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.next() as f64 / u64::MAX as f64).sum();
        sum - 6.0
    }

    /// Log-normal with this median, as sizes of mails and files are.
    fn size(&mut self, median: f64, spread: f64) -> usize {
        (median * (spread * self.normal()).exp()) as usize
    }
}

const FRENCH: &[&str] = &[
    "bonjour",
    "depuis",
    "ce",
    "matin",
    "le",
    "poste",
    "ne",
    "répond",
    "plus",
    "imprimante",
    "réseau",
    "serveur",
    "lent",
    "message",
    "erreur",
    "comptabilité",
    "dossier",
    "partagé",
    "mot",
    "de",
    "passe",
    "écran",
    "redémarré",
    "atelier",
    "merci",
    "facture",
    "téléphone",
    "bureau",
    "toujours",
    "rien",
    "connexion",
    "impossible",
];
const ENGLISH: &[&str] = &[
    "hello",
    "since",
    "this",
    "morning",
    "the",
    "computer",
    "does",
    "not",
    "answer",
    "printer",
    "network",
    "server",
    "slow",
    "message",
    "error",
    "accounting",
    "folder",
    "shared",
    "password",
    "screen",
    "restarted",
    "workshop",
    "thanks",
    "invoice",
    "phone",
    "office",
    "still",
    "nothing",
    "connection",
    "impossible",
    "drive",
    "again",
];

/// All mails, in the order they arrive.
pub fn make() -> Vec<Sample> {
    let mut chance = Chance(2026);
    let mut mails = Vec::with_capacity(2 * PAIRS);
    for number in 0..PAIRS + LATER {
        if number < PAIRS {
            mails.push(mail(&mut chance, number, false));
        }
        if let Some(before) = number.checked_sub(LATER) {
            mails.push(mail(&mut chance, before, true));
        }
    }
    mails
}

/// A short first mail of its own, for a store that shall be full: `number` makes it unique.
pub fn small(number: usize) -> Sample {
    let mut chance = Chance(number as u64);
    let (from, id) = (sender(number), format!("small.{number}@acme.example"));
    let text = prose(&mut chance, ENGLISH, 400);
    let mut head = headers(
        &from,
        &id,
        number,
        &format!("Computer {number} is slow"),
        None,
    );
    write!(
        head,
        "Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .expect("memory");
    Sample {
        id,
        is_reply: false,
        bytes: head.into_bytes(),
    }
}

/// What the corpus is, in one line: sizes, shares and a digest of all bytes.
pub fn describe(mails: &[Sample]) -> String {
    let mut sizes: Vec<_> = mails.iter().map(|mail| mail.bytes.len()).collect();
    sizes.sort_unstable();
    let total: usize = sizes.iter().sum();
    let at = |percent: usize| sizes[(sizes.len() - 1) * percent / 100];
    let share = |needle: &str| {
        let with = mails
            .iter()
            .filter(|mail| String::from_utf8_lossy(&mail.bytes).contains(needle));
        (100 * with.count() + mails.len() / 2) / mails.len()
    };
    let mut digest = Sha256::new();
    mails.iter().for_each(|mail| digest.update(&mail.bytes));
    let digest = data_encoding::HEXLOWER.encode(&digest.finalize());
    format!(
        "{} mails, {:.1} MB, median {} B, mean {} B, p99 {} B, {} % with attachments, {} % with HTML, SHA-256 {}",
        mails.len(),
        total as f64 / 1e6,
        at(50),
        total / mails.len(),
        at(99),
        share("Content-Disposition: attachment"),
        share("multipart/alternative"),
        digest.get(..16).unwrap_or_default()
    )
}

fn sender(number: usize) -> String {
    format!("person{}@acme.example", number % SENDERS)
}

fn first_id(number: usize) -> String {
    format!("first.{number}@acme.example")
}

fn headers(from: &str, id: &str, number: usize, subject: &str, parent: Option<&str>) -> String {
    let (hour, minute, second) = (number / 3_600 % 24, number / 60 % 60, number % 60);
    let date = format!("Mon, 02 Nov 2026 {hour:02}:{minute:02}:{second:02} +0100");
    let mut head = format!(
        "Return-Path: <{from}>\r\nDelivered-To: {DESK}\r\n\
         Received: from mail.acme.example (mail.acme.example [192.0.2.25])\r\n\
         \tby mx.example.org (Postfix) with ESMTPS id {number:08X}\r\n\tfor <{DESK}>; {date}\r\n\
         Received: from [198.51.100.{octet}] by mail.acme.example with ESMTPSA; {date}\r\n\
         From: =?utf-8?Q?Ren=C3=A9e_Person?= <{from}>\r\nTo: Support <{DESK}>\r\nSubject: {subject}\r\n\
         Date: {date}\r\nMessage-ID: <{id}>\r\nUser-Agent: Mozilla Thunderbird\r\n\
         Content-Language: fr\r\nMIME-Version: 1.0\r\n",
        octet = number % 250
    );
    if let Some(parent) = parent {
        write!(
            head,
            "In-Reply-To: <{parent}>\r\nReferences: <{parent}>\r\n"
        )
        .expect("memory");
    }
    head
}

fn mail(chance: &mut Chance, number: usize, is_reply: bool) -> Sample {
    let from = sender(number);
    let words = if number.is_multiple_of(2) {
        FRENCH
    } else {
        ENGLISH
    };
    let (id, parent) = match is_reply {
        false => (first_id(number), None),
        true => (
            format!("reply.{number}@acme.example"),
            Some(first_id(number)),
        ),
    };
    let re = if is_reply { "Re: " } else { "" };
    let subject = format!(
        "{re}Poste {number}: {} {}",
        pick(chance, words),
        pick(chance, words)
    );
    let length = chance.size(1_750.0, 0.6);
    let mut text = format!("Poste {number}.\r\n{}", prose(chance, words, length));
    if is_reply {
        let quoted = prose(chance, words, 900).replace("\r\n", "\r\n> ");
        write!(
            text,
            "\r\nLe 02/11/2026 à 09:12, Support a écrit :\r\n> {quoted}\r\n"
        )
        .expect("memory");
    }
    let mut body = if chance.percent(70) {
        let html = html(&text);
        format!(
            "Content-Type: multipart/alternative; boundary=\"alt{number}\"\r\n\r\n--alt{number}\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n--alt{number}\r\n\
             Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n--alt{number}--\r\n"
        )
    } else {
        format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        )
    };
    if chance.percent(30) {
        let size = chance.size(23_500.0, 0.98).clamp(500, 1_500_000);
        let mut file = Vec::with_capacity(size + 8);
        file.extend_from_slice(b"%PDF-1.7\n");
        while file.len() < size {
            file.extend_from_slice(&chance.next().to_le_bytes());
        }
        body = format!(
            "Content-Type: multipart/mixed; boundary=\"mix{number}\"\r\n\r\n--mix{number}\r\n{body}--mix{number}\r\n\
             Content-Type: application/pdf; name=\"capture{number}.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"capture{number}.pdf\"\r\n\r\n{}\r\n--mix{number}--\r\n",
            BASE64_MIME.encode(&file)
        );
    }
    let head = headers(&from, &id, number, &subject, parent.as_deref());
    Sample {
        id,
        is_reply,
        bytes: (head + &body).into_bytes(),
    }
}

fn pick<'a>(chance: &mut Chance, words: &[&'a str]) -> &'a str {
    words[chance.below(words.len())]
}

/// Sentences of about `length` bytes, in lines of a mail client.
fn prose(chance: &mut Chance, words: &[&str], length: usize) -> String {
    let mut text = String::with_capacity(length + 80);
    let mut column = 0;
    while text.len() < length {
        let word = pick(chance, words);
        text.push_str(word);
        column += word.len();
        if column > 66 {
            text.push_str(if chance.percent(30) {
                ".\r\n\r\n"
            } else {
                "\r\n"
            });
            column = 0;
        } else {
            text.push(' ');
        }
    }
    text
}

/// The same text the way Outlook writes it.
fn html(text: &str) -> String {
    let mut html = String::from(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta http-equiv=\"Content-Type\" \
         content=\"text/html; charset=utf-8\">\r\n<style><!--\r\np.MsoNormal, li.MsoNormal, div.MsoNormal\r\n\
         {margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;}\r\na:link {color:#0563C1;}\r\n\
         --></style></head>\r\n<body lang=\"FR\" link=\"#0563C1\"><div class=\"WordSection1\">\r\n",
    );
    for line in text.split("\r\n") {
        let line = line.replace('>', "&gt;");
        write!(
            html,
            "<p class=\"MsoNormal\"><span style=\"font-size:11.0pt;color:#1F497D\">{line}</span></p>\r\n"
        )
        .expect("memory");
    }
    html.push_str("</div></body></html>");
    html
}
