//! Another process that does a piece of work on a store and may be killed at any moment.
//!
//! It is this test program, started anew for one test alone, which looks with `asked` whether it is to work.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;

use guichet::clock::Clock;
use guichet::config;
use guichet::gateway::Gateway;
use jiff::Timestamp;

/// What the child is told: the configuration and the moment at which its clock stands.
const ORDER: &str = "GUICHET_TEST_CHILD";

/// The process.
pub struct Killed {
    child: Child,
    /// Kept open: a program that cannot print fails.
    output: BufReader<ChildStdout>,
}

impl Killed {
    /// Starts `test` in a process of its own; returns once it has its store open. `points` are crash points, as `FAILPOINTS`
    /// has them.
    pub fn start(test: &str, config: &Path, now: Timestamp, points: &str) -> Killed {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture"])
            .env(ORDER, format!("{}|{now}", config.display()))
            .env("FAILPOINTS", points)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains("open") {
            line.clear();
            assert_ne!(output.read_line(&mut line).expect("a line"), 0, "it opens");
        }
        Killed { child, output }
    }

    /// Kills it; `false` when that is impossible.
    pub fn kill(&mut self) -> bool {
        self.child.kill().is_ok()
    }

    /// Lets it end by itself.
    pub fn end(mut self) -> ExitStatus {
        let mut rest = String::new();
        let _read = self.output.read_to_string(&mut rest);
        self.child.wait().expect("it ends")
    }
}

/// In the child: what it has to do. `None` in the program that runs all tests.
pub fn asked() -> Option<(PathBuf, Timestamp)> {
    let text = std::env::var(ORDER).ok()?;
    let (config, now) = text.split_once('|')?;
    Some((config.into(), now.parse().expect("a moment")))
}

/// Opens a store as a new process does, and says so to whoever started it.
pub fn open(config: &Path, now: Timestamp) -> Arc<Gateway> {
    let (settings, _) = config::load(config).expect("the configuration is right");
    let gateway = Gateway::open(settings, Clock::standing_at(now)).expect("it opens");
    println!("open");
    gateway
}

/// How many are killed: `GUICHET_KILLS`, or a dozen.
pub fn kills() -> u64 {
    let wish = std::env::var("GUICHET_KILLS").ok();
    wish.and_then(|n| n.parse().ok()).unwrap_or(12)
}

/// The next number of a chain that looks like chance and is the same each time.
pub fn next(draw: u64) -> u64 {
    draw.wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
}
