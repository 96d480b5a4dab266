//! How much guichet carries, beside what each of its steps costs alone on the same machine at the same time.
//!
//! `cargo bench --bench throughput` measures everything; `benches/README.md` explains the parts and the table.
//! Nothing is asserted on time. What is asserted is that the work was done: so many tickets, so many letters.

// The servers are the tests' own; the benchmark needs a part of what they can do.
#[allow(dead_code)]
#[path = "../../tests/servers/certificates.rs"]
mod certificates;
#[allow(dead_code)]
#[path = "../../tests/servers/dovecot.rs"]
mod dovecot;
#[allow(dead_code)]
#[path = "../../tests/servers/imap.rs"]
mod imap;
#[allow(dead_code)]
#[path = "../../tests/servers/mail.rs"]
mod mail;
#[allow(dead_code)]
#[path = "../../tests/servers/postfix.rs"]
mod postfix;
#[allow(dead_code)]
#[path = "../../tests/servers/process.rs"]
mod process;
#[allow(dead_code)]
#[path = "../../tests/servers/sink.rs"]
mod sink;
#[allow(dead_code)]
#[path = "../../tests/servers/world.rs"]
mod world;

mod corpus;
mod floors;
mod gateway;
mod measure;
mod recorder;

use std::fs;
use std::path::Path;

use guichet::config::settings::Tls;

use crate::corpus::Sample;
use crate::measure::{Cost, percentile};
use crate::sink::Sink;
use crate::world::{SUPPORT, World};

/// The report, a Markdown table that grows line by line.
struct Report(String);

impl Report {
    fn line(&mut self, text: &str) {
        println!("{text}");
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn head(&mut self) {
        self.line("\n| what | per second | CPU-s per 1,000 | peak memory | runs |");
        self.line("|---|---|---|---|---|");
    }

    /// One row: the median of the runs, and the slowest and fastest beside it.
    fn row(&mut self, what: &str, count: usize, costs: &[Cost]) {
        let rates: Vec<_> = costs.iter().map(|cost| count as f64 / cost.wall).collect();
        let cpu: Vec<_> = costs
            .iter()
            .map(|cost| 1e3 * cost.cpu / count as f64)
            .collect();
        let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or(0);
        let peak = match peak {
            0 => "-".to_owned(),
            kib => format!("{} MiB", kib.div_ceil(1024)),
        };
        let at = |percent| percentile(&rates, percent);
        self.line(&format!(
            "| {what} | **{:.0}** ({:.0}-{:.0}) | {:.3} | {peak} | {} |",
            at(50),
            at(0),
            at(100),
            percentile(&cpu, 50),
            costs.len()
        ));
    }
}

struct Wish {
    parts: Vec<String>,
    runs: usize,
    stored: usize,
    arrivals: usize,
    record: bool,
}

const PARTS: &[&str] = &["floors", "drain", "latency", "idle", "growth"];

impl Wish {
    fn read() -> Result<Wish, String> {
        let mut wish = Wish {
            parts: Vec::new(),
            runs: 3,
            stored: 100_000,
            arrivals: 100,
            record: false,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut number = || {
                let text = args.next().unwrap_or_default();
                text.parse()
                    .map_err(|_| format!("{arg} needs a number, not `{text}`"))
            };
            match arg.as_str() {
                "--bench" => {} // cargo's own
                "--runs" => wish.runs = number()?,
                "--stored" => wish.stored = number()?,
                "--arrivals" => wish.arrivals = number()?,
                "--record" => wish.record = true,
                part if PARTS.contains(&part) => wish.parts.push(part.to_owned()),
                _ => {
                    return Err(format!(
                        "unknown argument {arg}; parts are {}",
                        PARTS.join(", ")
                    ));
                }
            }
        }
        Ok(wish)
    }

    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|one| one == part)
    }
}

fn main() {
    let wish = Wish::read().unwrap_or_else(|error| {
        eprintln!("throughput: {error}");
        std::process::exit(2);
    });
    let mails = corpus::make();
    let mut report = Report(String::new());
    report.line(&format!("Corpus: {}.", corpus::describe(&mails)));
    report.line(&format!("Machine: {}.", machine()));
    if wish.has("floors") {
        floors(&mut report, &mails, wish.runs);
    }
    if wish.has("drain") {
        gateway::drain(&mut report, &mails, wish.runs);
    }
    if wish.has("latency") {
        gateway::latency(&mut report, wish.arrivals);
    }
    if wish.has("idle") {
        gateway::idle(&mut report);
    }
    if wish.has("growth") {
        gateway::growth(&mut report, &mails, wish.stored);
    }
    if wish.record {
        record(&report.0);
    }
}

fn floors(report: &mut Report, mails: &[Sample], runs: usize) {
    let world = World::start();
    for mail in mails {
        world.dovecot.drop_mail(SUPPORT, &mail.bytes);
    }
    let sink = Sink::start(&world.file(""));
    let all: usize = mails.iter().map(|mail| mail.bytes.len()).sum();
    let repeat =
        |work: &dyn Fn()| -> Vec<Cost> { (0..runs).map(|_| measure::of(work).1).collect() };
    let fetch = |tls| assert_eq!(floors::fetch(&world, tls), all, "all bytes of the corpus");
    // The first look at a folder makes Dovecot write its index: not what is measured.
    fetch(Tls::None);
    report.head();
    let count = mails.len();
    report.row(
        "floor: fetched only, plain",
        count,
        &repeat(&|| fetch(Tls::None)),
    );
    report.row(
        "floor: fetched only, TLS",
        count,
        &repeat(&|| fetch(Tls::Implicit)),
    );
    report.row(
        "floor: parsed only, one thread",
        count,
        &repeat(&|| assert!(floors::parse(mails) > count)),
    );
    let commits = || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let rows = floors::commit(mails, &folder.path().join("floor.db"));
        assert_eq!(usize::try_from(rows).ok(), Some(5 * count));
    };
    report.row(
        "floor: rows committed only, 32 mails each",
        count,
        &repeat(&commits),
    );
    let before = sink.letters();
    report.row(
        "floor: letters sent only, one connection",
        count,
        &repeat(&|| floors::send(sink.port, count)),
    );
    assert_eq!(sink.letters() - before, runs * count, "letters at the sink");
}

/// Processor, cores, kernel and when: what a figure is worth without.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    let name = name.split_once(':').map_or(name, |(_, name)| name.trim());
    format!(
        "{name}, {cores} cores, load {load} at the start, {}",
        guichet_profile()
    )
}

fn guichet_profile() -> &'static str {
    if cfg!(debug_assertions) {
        "DEBUG BUILD: not the product"
    } else {
        "release build"
    }
}

/// Puts the report between the marks of benches/README.md.
fn record(report: &str) {
    const BEGIN: &str = "<!-- last run: begin -->\n";
    const END: &str = "<!-- last run: end -->";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/README.md");
    let page = fs::read_to_string(&file).expect("benches/README.md");
    let (before, rest) = page.split_once(BEGIN).expect("the first mark");
    let (_, after) = rest.split_once(END).expect("the second mark");
    fs::write(&file, format!("{before}{BEGIN}{report}{END}{after}")).expect("benches/README.md");
}
