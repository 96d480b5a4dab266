//! A server that takes every letter and throws it away: Postfix's `smtp-sink`.

use std::path::Path;

use crate::process::{Server, free_port};

/// A running smtp-sink.
pub struct Sink {
    /// Its port, in clear.
    pub port: u16,
    server: Server,
}

impl Sink {
    /// Starts it; its output goes to `dir`.
    pub fn start(dir: &Path) -> Sink {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        // -c: it shows how many letters it took. The number is the backlog of connections that wait.
        let command = ["/usr/sbin/smtp-sink", "-c", "-u", "nobody", &listen, "128"];
        let mut server = Server::start("sink", &command, dir);
        server.await_ports(&[port]);
        Sink { port, server }
    }

    /// How many letters it took so far.
    pub fn letters(&self) -> usize {
        let counters = self.server.log();
        let last = counters.rsplit("mesg=").next().unwrap_or_default();
        let digits = last.split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }
}
