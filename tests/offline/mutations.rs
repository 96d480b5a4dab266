//! Any bytes in, a value out, within the bounds: mails drawn by chance, and broken copies of other people's test mails.
//!
//! The second is run on demand (`tests/run --mutations 40000 mutations`): it goes through the real isolated child, and no mail
//! may cost that child its life or its time. The mails are named by their seed, so that one can be made again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use guichet::desk::mail::InboundMail;
use guichet::intake::{ReadRules, read};
use guichet::reader::Reader;
use proptest::prelude::*;

/// The bounds of product.md 4 and of `intake`'s files that everything read must keep.
fn check_bounds(mail: &InboundMail) {
    const TEXT: usize = 1024 * 1024 + 4096; // an invitation and our own words may stand below
    assert!(mail.text.len() <= TEXT && mail.reply.len() <= TEXT);
    assert!(mail.attachments.len() <= 2000 && mail.to.len() <= 4000);
    for file in &mail.attachments {
        let name = file.name.as_deref().unwrap_or("x");
        assert!(
            !name.is_empty()
                && name.len() <= 255
                && !name.starts_with('.')
                && !name.contains(['/', '\\', '\0', '\n', '\u{202e}']),
            "{name:?}"
        );
        assert_eq!(file.sha256.len(), 64);
    }
    assert!(mail.reply.trim().is_empty() == mail.text.trim().is_empty());
    assert!(!mail.fingerprint.is_empty());
    assert!(
        !mail.text.contains('\0') && !mail.subject.as_deref().unwrap_or("").contains(['\n', '\0'])
    );
}

/// Pieces that mean something to a reader of mail.
const PIECES: &[&str] = &[
    "\r\n",
    "\n\n",
    "--x\r\n",
    "--x--\r\n",
    "Content-Type: multipart/mixed; boundary=x\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: text/html\r\n\r\n",
    "<blockquote>",
    "</div><div class=\"gmail_quote\">",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "=?utf-8?B?",
    "=?iso-2022-jp?Q?",
    "?=",
    "=",
    "=\r\n",
    "\0",
    "\u{202e}",
    "é",
    "From: <a@b.example>, c@d.example\r\n",
    "On Mon, Ann wrote:\n> ",
    "-----Message d'origine-----\n",
    "De : x\nEnvoyé : y\nÀ : z\nObjet : t\n",
    "-- \n",
    "Subject: \r\n\tx\r\n",
    "Received: by x\r\n",
    "Authentication-Results: mx.example.org; dmarc=pass\r\n",
    "begin 644 a\n#0V%T\n`\nend\n",
    "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n",
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261124T100000Z\n",
    "filename=\"../../etc/passwd\"",
    "filename*0*=utf-8''%C3; filename*1*=%A9",
    "-----BEGIN PGP SIGNED MESSAGE-----\n\n",
    "\u{f8f0}",
    "Content-Type: application/ms-tnef\r\n\r\n\x78\x7f",
    "Content-Type: application/pkcs7-mime\r\n\r\n0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_value(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check_bounds(&read(&bytes, &ReadRules::default()));
    }

    #[test]
    fn any_pieces_of_mails_give_a_value(
        pieces in proptest::collection::vec(
            prop_oneof![
                4 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
                1 => proptest::collection::vec(any::<u8>(), 0..40),
            ],
            0..60,
        )
    ) {
        check_bounds(&read(&pieces.concat(), &ReadRules::default()));
    }
}

/// Chance that can be drawn again (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// A broken copy of `mail`: one to six pieces changed, cut out, doubled, put in or taken from `other`.
fn mutated(mail: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = mail.to_vec();
    for _ in 0..=chance.below(5) {
        let at = chance.below(bytes.len() + 1);
        let length = chance.below(200).min(bytes.len() - at);
        match chance.below(7) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = chance.next() as u8;
            }
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy.repeat(1 + chance.below(20)));
            }
            3 => bytes.truncate(at),
            4 => {
                let from = chance.below(other.len() + 1);
                let piece = &other[from..(from + 2000).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

/// The mails that are broken: other people's where `GUICHET_CORPORA` names their folder, else those of our golden cases.
fn mails() -> Vec<Vec<u8>> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/golden");
    let folder = std::env::var_os("GUICHET_CORPORA").map_or(ours, PathBuf::from);
    let mut open = vec![folder];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            match path.is_dir() {
                true => open.push(path),
                false if path.extension().is_some_and(|kind| kind == "eml") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    let mails = files
        .iter()
        .map(|file| std::fs::read(file).expect("a mail"));
    mails.filter(|mail| mail.len() < 200_000).collect()
}

#[test]
fn broken_copies_cost_the_child_nothing() {
    let number = |name: &str, usual: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let (count, seed) = (number("GUICHET_MUTATIONS", 500), number("GUICHET_SEED", 1));
    let mails = mails();
    assert!(!mails.is_empty(), "no mails");
    let mut reader = Reader::new(
        PathBuf::from(env!("CARGO_BIN_EXE_guichet")),
        BTreeMap::new(),
    );
    let (mut lost, mut panicked) = (Vec::new(), 0);
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(200) {
        let batch: Vec<Vec<u8>> = seeds
            .iter()
            .map(|seed| {
                let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
                let (one, other) = (chance.below(mails.len()), chance.below(mails.len()));
                mutated(&mails[one], &mails[other], &mut chance)
            })
            .collect();
        let asked: Vec<(&str, &[u8])> = batch.iter().map(|mail| ("it", mail.as_slice())).collect();
        for (seed, answer) in seeds.iter().zip(reader.read(&asked)) {
            match answer {
                Ok(mail) => {
                    check_bounds(&mail);
                    let caught = |d: &String| {
                        d.contains("could not be read") || d.contains("processor time")
                    };
                    panicked += usize::from(mail.defects.iter().any(caught));
                }
                Err(failure) => lost.push(format!(
                    "GUICHET_SEED={seed} GUICHET_MUTATIONS=1: {failure}"
                )),
            }
        }
    }
    println!(
        "{count} broken copies read, {panicked} of them as stubs after a panic or for want of time"
    );
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
