//! A server that takes every letter and throws it away: Postfix's `smtp-sink`.

use std::path::Path;

use crate::process::{Server, free_port};

/// A running smtp-sink.
pub struct Sink {
    /// Its port, in clear.
    pub port: u16,
    _server: Server,
}

impl Sink {
    /// Starts it; its output goes to `dir`.
    pub fn start(dir: &Path) -> Sink {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        // The number is the backlog of connections that wait.
        let mut server = Server::start(
            "sink",
            &["/usr/sbin/smtp-sink", "-u", "nobody", &listen, "128"],
            dir,
        );
        server.await_ports(&[port]);
        Sink {
            port,
            _server: server,
        }
    }
}
