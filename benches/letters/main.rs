//! How long rendering a letter takes: from the notice to the bytes that are carried, one core, in process.
//!
//! `cargo bench --bench letters`. Every notice in every language it is written in, as `guichet templates preview` shows it:
//! full, with nothing it can do without, to an unverified address, to a watcher. What loading the templates takes (at
//! start, with the first letter, for a check) is told beside it. Nothing is asserted on time.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use guichet::desk::notice::NoticeKind;
use guichet::scribe::{Look, Scribe};

/// How often the samples of a kind and language are rendered in a round.
const TIMES: u32 = 50;
/// Rounds; the fastest counts, as others use the machine too.
const ROUNDS: usize = 5;

fn main() {
    let begun = Instant::now();
    let scribe = Scribe::load(&Look::default()).expect("our own templates are found");
    println!("Templates found in {:.1} ms.", milliseconds(begun));
    let begun = Instant::now();
    for locale in scribe.locales() {
        let kind = NoticeKind::Acknowledgement;
        scribe.previews(kind, locale).expect("samples are written");
    }
    let languages = scribe.locales().count();
    println!(
        "The first letter in each of {languages} languages, compiled, inlined and written in {:.1} ms.",
        milliseconds(begun)
    );
    let begun = Instant::now();
    Scribe::check(&Look::default()).expect("our own templates are right");
    println!(
        "Templates read, checked and rendered once in {:.1} ms.\n",
        milliseconds(begun)
    );
    // What it takes, in how many languages, and how large the full sample is.
    let mut kinds: BTreeMap<&str, (Duration, u32, usize)> = BTreeMap::new();
    for (locale, kind) in scribe.notices() {
        let samples = scribe.previews(kind, locale).expect("samples are written");
        let count = u32::try_from(samples.len()).expect("a few samples");
        let time = fastest(|| {
            for _ in 0..TIMES {
                black_box(scribe.previews(kind, locale).expect("samples are written"));
            }
        });
        let size = samples.first().map_or(0, |full| full.bytes.len());
        let (sum, languages, largest) = kinds.entry(kind.word()).or_default();
        *sum += time / (TIMES * count);
        *languages += 1;
        *largest = size.max(*largest);
    }
    println!("| letter | languages | ms a letter | letters a second | largest, as carried |");
    println!("|---|---|---|---|---|");
    for (kind, (sum, languages, largest)) in &kinds {
        let mean = (*sum / *languages).as_secs_f64();
        println!(
            "| {kind} | {languages} | {:.2} | {:.0} | {:.1} KiB |",
            mean * 1e3,
            1.0 / mean,
            *largest as f64 / 1024.0
        );
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}
