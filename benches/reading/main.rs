//! How long reading a mail takes, beside bare mail-parser on the same bytes: one core, in process.
//!
//! `cargo bench --bench reading`, or with files and folders of mails behind `--`. mail-parser takes each mail apart and decodes
//! every text and attachment; guichet does the same and then says what is new, who wrote it, whether it may be answered.
//! Beside it: how long it takes to look for the words by which a mail is ranked.
//! Nothing is asserted on time.

#[path = "../throughput/corpus.rs"]
#[allow(dead_code)] // the other half is for the throughput bench
mod corpus;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use guichet::config::keywords;
use guichet::desk;
use guichet::desk::mail::InboundMail;
use guichet::intake::{ReadRules, read};
use mail_parser::{MessageParser, MimeHeaders};

/// Rounds; the fastest counts, as others use the machine too.
const ROUNDS: usize = 5;

fn main() {
    let named: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    if named.is_empty() {
        let mails: Vec<Vec<u8>> = corpus::make().into_iter().map(|mail| mail.bytes).collect();
        println!("{}", corpus::describe(&corpus::make()));
        let has = |mail: &[u8], needle: &str| {
            mail.windows(needle.len())
                .any(|part| part == needle.as_bytes())
        };
        let is_page = |mail: &Vec<u8>| has(mail, "multipart/alternative");
        let has_file = |mail: &Vec<u8>| has(mail, "Content-Disposition: attachment");
        row("all", mails.iter());
        row(
            "plain text only",
            mails.iter().filter(|m| !is_page(m) && !has_file(m)),
        );
        row(
            "text and HTML",
            mails.iter().filter(|m| is_page(m) && !has_file(m)),
        );
        row("with files", mails.iter().filter(|m| has_file(m)));
    } else {
        let mails: Vec<Vec<u8>> = named.iter().flat_map(|path| mails_below(path)).collect();
        row("these mails", mails.iter());
    }
}

fn mails_below(path: &Path) -> Vec<Vec<u8>> {
    if let Ok(bytes) = std::fs::read(path) {
        return vec![bytes];
    }
    let entries =
        std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files.iter().flat_map(|path| mails_below(path)).collect()
}

/// Measures both on the same mails and prints a line.
fn row<'a>(name: &str, mails: impl Iterator<Item = &'a Vec<u8>>) {
    let mails: Vec<&[u8]> = mails.map(Vec::as_slice).collect();
    let bytes: usize = mails.iter().map(|mail| mail.len()).sum();
    let rules = ReadRules::default();
    let ours = fastest(|| {
        for mail in &mails {
            black_box(read(mail, &rules));
        }
    });
    let bare = fastest(|| {
        for mail in &mails {
            black_box(parsed_only(mail));
        }
    });
    let keywords = keywords::load(None).expect("the keywords that come with guichet");
    let read_mails: Vec<InboundMail> = mails.iter().map(|mail| read(mail, &rules)).collect();
    let heard = fastest(|| {
        for mail in &read_mails {
            black_box(desk::hear(&keywords, mail));
        }
    });
    let rate = |time: Duration| mails.len() as f64 / time.as_secs_f64();
    let throughput = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{name:<16} {:>6} mails {:>8.1} kB each | guichet {:>7.0}/s {:>6.1} MB/s | mail-parser {:>7.0}/s {:>6.1} MB/s | {:.1} x \
         | words {:>7.0}/s",
        mails.len(),
        bytes as f64 / 1e3 / mails.len().max(1) as f64,
        rate(ours),
        throughput(ours),
        rate(bare),
        throughput(bare),
        ours.as_secs_f64() / bare.as_secs_f64(),
        rate(heard)
    );
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}

/// What a program gets that stops at mail-parser: header, texts, attachments.
fn parsed_only(mail: &[u8]) -> usize {
    let Some(message) = MessageParser::default().parse(mail) else {
        return 0;
    };
    let texts = (0..message.text_body_count()).filter_map(|at| message.body_text(at));
    let pages = (0..message.html_body_count()).filter_map(|at| message.body_html(at));
    let files = message
        .attachments()
        .map(|file| file.contents().len() + file.attachment_name().map_or(0, str::len));
    message.subject().map_or(0, str::len)
        + texts.chain(pages).map(|text| text.len()).sum::<usize>()
        + files.sum::<usize>()
}
