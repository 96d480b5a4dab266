//! An SMTP server that takes every letter and notes the moment it said yes. `smtp-sink` tells no times.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Accepted letters, told as they come. Its threads end with the process.
pub struct Recorder {
    /// Its port, in clear.
    pub port: u16,
    accepted: Receiver<(String, Instant)>,
    seen: HashMap<String, Instant>,
}

impl Recorder {
    /// Starts it on a port of the loopback.
    pub fn start() -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
        let port = listener.local_addr().expect("just bound").port();
        let (tell, accepted) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tell = tell.clone();
                // A client that goes away ends its conversation, nothing else.
                thread::spawn(move || converse(&stream, &tell));
            }
        });
        Recorder {
            port,
            accepted,
            seen: HashMap::new(),
        }
    }

    /// When the letter that answers `id` was accepted. Panics when it is not within a minute.
    pub fn await_answer_to(&mut self, id: &str) -> Instant {
        loop {
            if let Some(at) = self.seen.remove(id) {
                return at;
            }
            let next = self.accepted.recv_timeout(Duration::from_secs(60));
            let (parent, at) = next.unwrap_or_else(|_| panic!("no letter answers {id}"));
            self.seen.insert(parent, at);
        }
    }
}

/// One connection. Tells the In-Reply-To of each letter and when the 250 to its final dot was written.
fn converse(stream: &TcpStream, tell: &Sender<(String, Instant)>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream;
    let mut lines = BufReader::new(stream);
    out.write_all(b"220 recorder ESMTP\r\n")?;
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => out.write_all(b"250-recorder\r\n250-PIPELINING\r\n250 8BITMIME\r\n")?,
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let parent = letter(&mut lines)?;
                out.write_all(b"250 taken\r\n")?;
                // Nobody listens any more when the measuring is over.
                let _ = tell.send((parent, Instant::now()));
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => out.write_all(b"250 ok\r\n")?,
        }
    }
}

/// Reads to the final dot and returns the id in In-Reply-To.
fn letter(lines: &mut impl BufRead) -> io::Result<String> {
    let mut parent = String::new();
    let mut wanted = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(parent);
        }
        let text = String::from_utf8_lossy(&line);
        // A long id may stand on a line of its own (RFC 5322 2.2.3).
        wanted = text.starts_with("In-Reply-To:") || (wanted && text.starts_with([' ', '\t']));
        if let Some((_, id)) = text.split_once('<').filter(|_| wanted) {
            parent = id.trim_end().trim_end_matches('>').to_owned();
        }
    }
}
