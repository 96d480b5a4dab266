//! The whole of guichet as a user runs it: `guichet run --once` over a waiting mailbox, `guichet run` beside an idle one.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use guichet::config::settings::Tls;

use crate::Report;
use crate::corpus::{self, Sample};
use crate::imap::Imap;
use crate::measure::{self, Cost, percentile};
use crate::recorder::Recorder;
use crate::sink::Sink;
use crate::world::{Configuration, SUPPORT, World};

/// No budget holds a letter back: what is measured is carrying, not holding.
const LIMITS: &str = r#"automatic_per_address = { "1d" = 1000000 }
automatic_per_ticket = { "1d" = 1000000 }
automatic_total = { "1h" = 1000000 }"#;

/// A world whose letters go to a sink.
struct Bench {
    world: World,
    sink: Sink,
}

impl Bench {
    fn start(tls: Tls) -> Bench {
        let world = World::start();
        let sink = Sink::start(&world.file(""));
        world.configure(&Configuration {
            tls,
            limits: LIMITS,
            sink: Some(sink.port),
            team: "", // only acknowledgements go out, as with the programs guichet is compared with
            ..Configuration::default()
        });
        Bench { world, sink }
    }

    /// Puts mails into the mailbox and lets Dovecot index them, which is not what is measured; nor is the disk's work for
    /// what was written until then, which a commit would wait for.
    fn put_in<'a>(&self, mails: impl Iterator<Item = &'a Sample>) {
        for mail in mails {
            self.world.dovecot.drop_mail(SUPPORT, &mail.bytes);
        }
        Imap::open(self.world.dovecot.imap, SUPPORT);
        rustix::fs::sync();
    }

    /// Takes every mail out of the mailbox, as somebody who archives it.
    fn empty(&self) {
        for part in ["new", "cur"] {
            let folder = self.world.dovecot.maildir(SUPPORT).join(part);
            for file in fs::read_dir(folder).expect("a Maildir").flatten() {
                fs::remove_file(file.path()).expect("nobody else moves it now");
            }
        }
    }

    /// Runs `guichet run --once` to its end.
    fn drain(&self) -> Cost {
        let begun = Instant::now();
        let mut command = self.world.command(&["run", "--once"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("guichet can be started");
        let (status, cost) = measure::of_child(child, begun);
        assert!(status.success(), "guichet run --once: {status}");
        cost
    }

    /// As many tickets as first mails, an acknowledgement for each at the sink, no letter left.
    fn check(&self, tickets: usize) {
        let found = self.world.json(&["tickets", "--all", "--json"]).len();
        assert_eq!(found, tickets, "tickets");
        let left = self.world.json(&["outbox", "--json"]);
        assert!(
            left.is_empty(),
            "{} letters left, the first: {:?}",
            left.len(),
            left.first()
        );
        let taken = self.sink.letters();
        assert!(
            taken >= tickets,
            "the sink took {taken} letters for {tickets} tickets"
        );
    }
}

/// Drains a mailbox with the whole corpus, in clear and under TLS.
pub fn drain(report: &mut Report, mails: &[Sample], runs: usize) {
    report.head();
    for (tls, name) in [(Tls::None, "plain"), (Tls::Implicit, "TLS")] {
        let mut costs = Vec::new();
        let mut letters = 0;
        for _ in 0..runs {
            let bench = Bench::start(tls);
            bench.put_in(mails.iter());
            costs.push(bench.drain());
            bench.check(corpus::PAIRS);
            letters = bench.sink.letters();
        }
        let what = format!("**guichet: mailbox drained, IMAP {name}** ({letters} letters)");
        report.row(&what, mails.len(), &costs);
    }
}

/// How long an idle guichet takes from the server's word of a mail to the acknowledgement's acceptance.
pub fn latency(report: &mut Report, arrivals: usize) {
    let world = World::start();
    let mut recorder = Recorder::start();
    world.configure(&Configuration {
        limits: LIMITS,
        sink: Some(recorder.port),
        ..Configuration::default()
    });
    let _daemon = world.run();
    let mut witness = Imap::open(world.dovecot.imap, SUPPORT);
    witness.idle();
    let mut announced = Vec::new();
    let mut dropped = Vec::new();
    for number in 0..arrivals {
        let mail = corpus::small(number);
        let put = Instant::now();
        world.dovecot.drop_mail(SUPPORT, &mail.bytes);
        while !witness.line().ends_with(" EXISTS") {}
        let told = Instant::now();
        let accepted = recorder.await_answer_to(&mail.id);
        // Dovecot may tell guichet first: then guichet has a head start of as much.
        let lead = told.saturating_duration_since(accepted).as_secs_f64();
        let after = accepted.saturating_duration_since(told).as_secs_f64();
        announced.push(1e3 * (after - lead));
        dropped.push(1e3 * (accepted - put).as_secs_f64());
        // Past the pause in which Dovecot gathers changes, or the next mail would be told with this one.
        std::thread::sleep(Duration::from_millis(600));
    }
    report.line("\n| latency on an idle system, IMAP TLS | p50 | p99 | worst | first after the start | mails |\n|---|---|---|---|---|---|");
    for (what, values) in [
        ("announced by IDLE -> acknowledgement accepted", &announced),
        (
            "put into the Maildir -> acknowledgement accepted (500 ms of it Dovecot's)",
            &dropped,
        ),
    ] {
        let [p50, p99, worst] = [50, 99, 100].map(|percent| percentile(values, percent));
        let first = values.first().copied().unwrap_or(f64::NAN);
        report.line(&format!(
            "| {what} | **{p50:.1} ms** | {p99:.1} ms | {worst:.1} ms | {first:.1} ms | {arrivals} |"
        ));
    }
}

/// What a daemon with nothing to do costs.
pub fn idle(report: &mut Report) {
    const WATCHED: Duration = Duration::from_secs(20);
    let bench = Bench::start(Tls::Implicit);
    let daemon = bench.world.run();
    let cpu = measure::cpu_of(daemon.pid());
    std::thread::sleep(WATCHED);
    let used = measure::cpu_of(daemon.pid()) - cpu;
    let memory = measure::memory(daemon.pid(), "VmRSS:");
    report.line("\n| idle for 20 s, one mailbox in IDLE | |\n|---|---|");
    report.line(&format!(
        "| memory (VmRSS of all its processes) | **{:.1} MiB** |",
        memory as f64 / 1024.0
    ));
    let percent = 100.0 * used / WATCHED.as_secs_f64();
    report.line(&format!("| processor | **{percent:.2} %** of a core |"));
}

/// The same first mails and replies with an empty store and with `stored` tickets in it.
pub fn growth(report: &mut Report, mails: &[Sample], stored: usize) {
    report.head();
    let mut rates = Vec::new();
    for stored in [0, stored] {
        let bench = Bench::start(Tls::None);
        if stored > 0 {
            let filling: Vec<_> = (0..stored).map(corpus::small).collect();
            bench.put_in(filling.iter());
            let cost = bench.drain();
            report.row("filling the store with small mails", stored, &[cost]);
            // What is measured is the store; listing a mailbox of that size takes the server and us seconds at each start.
            bench.empty();
        }
        for (is_reply, name) in [(false, "first mails"), (true, "replies")] {
            bench.put_in(mails.iter().filter(|mail| mail.is_reply == is_reply));
            let cost = bench.drain();
            rates.push(corpus::PAIRS as f64 / cost.wall);
            report.row(
                &format!("guichet: {name}, {stored} tickets stored before"),
                corpus::PAIRS,
                &[cost],
            );
        }
        bench.check(stored + corpus::PAIRS);
    }
    if let [first, reply, first_full, reply_full] = rates.as_slice() {
        report.line(&format!(
            "\nWith {stored} tickets stored: first mails at **{:.0} %**, replies at **{:.0} %** of the empty store.",
            100.0 * first_full / first,
            100.0 * reply_full / reply
        ));
    }
}
