//! A few lines of IMAP in clear, for what a test has to ask Dovecot itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::dovecot::PASSWORD;

/// A logged-in connection with INBOX selected.
pub struct Imap {
    stream: BufReader<TcpStream>,
    number: u32,
    /// The epoch of the folder's UIDs.
    pub uid_validity: u32,
    /// How many mails it had when it was selected.
    pub exists: u32,
}

impl Imap {
    /// Logs in at the port and selects INBOX.
    pub fn open(port: u16, user: &str) -> Imap {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("Dovecot answers");
        let deadline = Some(Duration::from_secs(60));
        stream.set_read_timeout(deadline).expect("not zero");
        let mut imap = Imap {
            stream: BufReader::new(stream),
            number: 0,
            uid_validity: 0,
            exists: 0,
        };
        imap.line();
        imap.command(&format!("LOGIN {user} {PASSWORD}"));
        for line in imap.command("SELECT INBOX") {
            if let Some(rest) = line.strip_prefix("* OK [UIDVALIDITY ") {
                let number = rest.split(']').next().and_then(|text| text.parse().ok());
                imap.uid_validity = number.expect("a number (RFC 3501 7.1)");
            }
            if let Some(count) = line
                .strip_prefix("* ")
                .and_then(|l| l.strip_suffix(" EXISTS"))
            {
                imap.exists = count.parse().expect("a number (RFC 3501 7.3.1)");
            }
        }
        imap
    }

    /// Sends one command; returns what came before the tagged OK. Panics on NO and BAD.
    pub fn command(&mut self, command: &str) -> Vec<String> {
        self.number += 1;
        let tag = format!("a{} ", self.number);
        self.send(&format!("{tag}{command}"));
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if let Some(result) = line.strip_prefix(&tag) {
                assert!(result.starts_with("OK"), "{command}: {result}");
                return lines;
            }
            lines.push(line);
        }
    }

    /// The whole bytes of the mail with this number in the folder. Leaves its flags alone.
    pub fn fetch(&mut self, number: u32) -> Vec<u8> {
        self.number += 1;
        let tag = format!("a{} ", self.number);
        self.send(&format!("{tag}FETCH {number} BODY.PEEK[]"));
        let mut mail = Vec::new();
        loop {
            let line = self.line();
            if let Some(result) = line.strip_prefix(&tag) {
                assert!(result.starts_with("OK"), "FETCH {number}: {result}");
                return mail;
            }
            if let Some(size) = line.strip_suffix('}').and_then(|l| l.rsplit_once('{')) {
                mail = vec![0; size.1.parse().expect("the size of a literal")];
                self.stream.read_exact(&mut mail).expect("the literal");
            }
        }
    }

    /// Asks to be told of new mail.
    pub fn idle(&mut self) {
        self.send("idle IDLE");
        let line = self.line();
        assert!(line.starts_with('+'), "IDLE: {line}");
    }

    /// The next line, without its end. Panics after 30 s without one.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream
            .read_until(b'\n', &mut line)
            .expect("a line from Dovecot");
        assert!(line.ends_with(b"\r\n"), "Dovecot closed the connection");
        line.truncate(line.len() - 2);
        String::from_utf8_lossy(&line).into_owned()
    }

    fn send(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        let mut stream = self.stream.get_ref();
        stream.write_all(line.as_bytes()).expect("Dovecot reads");
    }
}
