//! A server as a child process: started in a group of its own, awaited by connecting, stopped with its children.
//!
//! Leaves what it runs and with which configuration to `dovecot` and `postfix`.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long a server may take to answer its first connection. Ours take well under a second; eight of
/// them starting at once on two busy cores do not.
pub const READY: Duration = Duration::from_secs(60);
/// Between two looks at something that cannot wake us.
pub const GLANCE: Duration = Duration::from_millis(20);

/// A running server. Dropping it ends it and everything it started.
pub struct Server {
    name: String,
    child: Child,
    /// Files its output and its log are in, shown when a test fails.
    pub logs: Vec<PathBuf>,
}

impl Server {
    /// Starts `command` with its output in `DIR/NAME.out`.
    pub fn start(name: &str, command: &[&str], dir: &Path) -> Server {
        use std::os::unix::process::CommandExt;
        let log = dir.join(format!("{name}.out"));
        let out = File::create(&log).expect("the test's own folder can be written");
        let err = out.try_clone().expect("a file handle can be copied");
        // If the test process dies without unwinding, the kernel ends the server.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .args(command)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}"));
        Server {
            name: name.to_owned(),
            child,
            logs: vec![log],
        }
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until all `ports` of the loopback take connections.
    pub fn await_ports(&mut self, ports: &[u16]) {
        for port in ports {
            let deadline = Instant::now() + READY;
            while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], *port))).is_err() {
                let gone = self.child.try_wait().expect("our own child can be asked");
                assert!(
                    gone.is_none() && Instant::now() < deadline,
                    "{} does not answer on port {port} ({}):\n{}",
                    self.name,
                    gone.map_or("still starting".to_owned(), |status| status.to_string()),
                    self.log()
                );
                thread::sleep(GLANCE);
            }
        }
    }

    /// The end of everything it wrote.
    pub fn log(&self) -> String {
        self.logs.iter().map(|path| tail(path)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("---- {} ----\n{}", self.name, self.log());
        }
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        for signal in [Signal::TERM, Signal::KILL] {
            if let Some(group) = group {
                // It may be gone already, with all its children: nothing to do then.
                let _ = kill_process_group(group, signal);
            }
            if signal == Signal::TERM {
                let deadline = Instant::now() + Duration::from_secs(5);
                while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                    thread::sleep(GLANCE);
                }
            }
        }
        let _ = self.child.wait();
    }
}

/// The last 80 lines of a file, under its name.
pub fn tail(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(80)..).unwrap_or(&[]);
    format!("{}:\n{}\n", path.display(), last.join("\n"))
}

/// Waits until `found` finds something; `None` when the deadline passed first.
pub fn await_some<T>(within: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = found() {
            return Some(value);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(GLANCE);
    }
}

/// A TCP port of the loopback nobody listens on.
///
/// Taken from below the range the kernel gives to outgoing connections, which could otherwise take it
/// between our look and the server's start. Test processes begin at different places of the range.
pub fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id().wrapping_mul(211) % u32::from(COUNT))
        .expect("smaller than COUNT");
    for _ in 0..COUNT {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (start + offset) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}

/// Runs a program to its end and returns what it printed; panics with its words when it fails.
pub fn must(command: &mut Command) -> String {
    let done = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(
        done.status.success(),
        "{command:?} ended with {}:\n{}{}",
        done.status,
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).into_owned()
}
