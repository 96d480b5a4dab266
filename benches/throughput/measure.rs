//! Time, processor time and memory, as Linux counts them in /proc.

use std::fs;
use std::process::Child;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The kernel counts processor time in hundredths of a second (USER_HZ, the same on every Linux).
const TICKS: f64 = 100.0;
/// Between two looks at the memory of a running program.
const LOOK: Duration = Duration::from_millis(50);

/// What something cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Time passed, in seconds.
    pub wall: f64,
    /// Processor time, in seconds.
    pub cpu: f64,
    /// Peak memory in KiB: the largest sum of VmHWM over the processes alive together.
    pub peak: u64,
}

/// Runs `work` in this process.
pub fn of<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (begun, cpu) = (Instant::now(), own_cpu());
    let value = work();
    let cost = Cost {
        wall: begun.elapsed().as_secs_f64(),
        cpu: own_cpu() - cpu,
        peak: 0,
    };
    (value, cost)
}

/// Waits for a child that was started just now. Its own children count as far as it waited for them.
pub fn of_child(mut child: Child, begun: Instant) -> (std::process::ExitStatus, Cost) {
    let cpu = children_cpu();
    let pid = child.id();
    let (ended, at_end) = channel::<()>();
    // VmHWM only grows: a look now and then is enough, and costs the measured program nothing.
    let watcher = thread::spawn(move || {
        let mut peak = 0;
        while at_end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            peak = peak.max(memory(pid, "VmHWM:"));
        }
        peak
    });
    let status = child.wait().expect("our own child");
    let wall = begun.elapsed().as_secs_f64();
    drop(ended);
    let peak = watcher.join().expect("the watcher does not panic");
    let cpu = children_cpu() - cpu;
    (status, Cost { wall, cpu, peak })
}

/// A line of /proc/PID/status in KiB, summed over the process and everything below it.
pub fn memory(pid: u32, line: &str) -> u64 {
    let of_one = |pid: &u32| -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let value = status.lines().find_map(|text| text.strip_prefix(line))?;
        value.split_whitespace().next()?.parse().ok()
    };
    tree(pid).iter().filter_map(of_one).sum()
}

/// Processor seconds that a living process and everything below it have used.
pub fn cpu_of(pid: u32) -> f64 {
    let ticks = |pid: &u32| {
        stat(&pid.to_string()).map(|fields| fields[0] + fields[1] + fields[2] + fields[3])
    };
    tree(pid).iter().filter_map(ticks).sum::<f64>() / TICKS
}

fn own_cpu() -> f64 {
    stat("self").map_or(0.0, |fields| (fields[0] + fields[1]) / TICKS)
}

fn children_cpu() -> f64 {
    stat("self").map_or(0.0, |fields| (fields[2] + fields[3]) / TICKS)
}

/// utime, stime, cutime and cstime of proc(5).
fn stat(pid: &str) -> Option<[f64; 4]> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything.
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number)?.parse().ok();
    Some([field(11)?, field(12)?, field(13)?, field(14)?])
}

/// The process and all its descendants: each thread's children are listed with it.
fn tree(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let threads = fs::read_dir(format!("/proc/{root}/task"));
    for thread in threads.into_iter().flatten().flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let children = children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok());
        found.extend(children.flat_map(tree));
    }
    found
}

/// The smallest value that `percent` of all values do not exceed (nearest rank).
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}
