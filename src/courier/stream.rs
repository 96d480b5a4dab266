//! The stream lettre speaks SMTP over: a `Wire` with a gate before the final dot.
//!
//! lettre hides its stream and writes body and dot in one call. This one lets the courier know what
//! has left, keeps the dot back until it is released, and writes what belongs together at once: one
//! packet and one TLS record for a usual letter instead of two or more (performance.md §4.1).
//!
//! It also keeps the dialogue in step: lettre gets one line at a time, and when the server has said
//! something it was not asked, the next write fails. Otherwise an early `250` would be taken as the
//! answer to the final dot. And it evens out replies that RFC 5321 4.2 allows or that servers send all
//! the same, but lettre's parser refuses: a code without text, a bare LF, bytes beyond ASCII.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::Wire;

/// Written at once when this much has gathered, in bytes; a usual letter is smaller.
const GATHER: usize = 64 * 1024;
/// As much of the answer to EHLO is kept, in bytes; a real one has about 300.
const HEARD_MAX: usize = 64 * 1024;
/// RFC 5321 4.1.1.4. Dot-stuffing keeps it out of any body.
const END_OF_LETTER: &[u8; 5] = b"\r\n.\r\n";
/// What lettre reads as the greeting; the real one has been read before.
const GREETING: &[u8] = b"220 greeted\r\n";

/// What courier and stream tell each other. One for a carrier, which has one connection at a time.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    dot: Dot,
    /// The last bytes of the body handed to the stream.
    tail: Vec<u8>,
    /// Bytes the transport took.
    moved: u64,
    /// The courier itself wants to say QUIT.
    is_leaving: bool,
    /// What the server said while somebody listened.
    heard: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dot {
    /// No body is being written.
    #[default]
    None,
    /// A body is being written; its dot will be kept back.
    Awaited,
    /// Everything but the dot's way out is done.
    Held,
    /// The dot may go.
    Released,
    /// The transport has, or may have, taken the dot.
    Out,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new letter: no dot is out.
    pub(super) fn reset(&self) {
        *self.state() = State::default();
    }

    /// Lets a QUIT through.
    pub(super) fn leave(&self) {
        self.state().is_leaving = true;
    }

    /// Whether this is the QUIT that lettre says of itself after a refusal. It would wait for the
    /// answer as long as we let it, and only then tell what the refusal was.
    fn is_hasty_quit(&self, bytes: &[u8]) -> bool {
        let state = self.state();
        bytes == b"QUIT\r\n" && !state.is_leaving && state.dot != Dot::Awaited
    }

    /// What is written next is a body.
    pub(super) fn await_dot(&self) {
        let mut state = self.state();
        state.dot = Dot::Awaited;
        state.tail.clear();
    }

    /// Whether the stream keeps the dot back and waits.
    pub(super) fn is_held(&self) -> bool {
        self.state().dot == Dot::Held
    }

    /// Lets the dot go.
    pub(super) fn release(&self) {
        let mut state = self.state();
        if state.dot == Dot::Held {
            state.dot = Dot::Released;
        }
    }

    /// Whether the dot was, or may have been, handed to the transport.
    pub(super) fn is_out(&self) -> bool {
        self.state().dot == Dot::Out
    }

    /// How many bytes the transport has taken so far: changes as long as there is progress.
    pub(super) fn moved(&self) -> u64 {
        self.state().moved
    }

    /// Begins to keep what the server says.
    pub(super) fn listen(&self) {
        self.state().heard = Some(Vec::new());
    }

    /// Ends it and hands it over.
    pub(super) fn heard(&self) -> Vec<u8> {
        self.state().heard.take().unwrap_or_default()
    }

    fn written(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.dot == Dot::Awaited {
            let last = bytes.len().saturating_sub(END_OF_LETTER.len());
            state.tail.extend(bytes.iter().skip(last));
            let surplus = state.tail.len().saturating_sub(END_OF_LETTER.len());
            state.tail.drain(..surplus);
            if state.tail == END_OF_LETTER {
                state.dot = Dot::Held;
            }
        }
    }

    fn taken(&self, count: usize, all: bool) {
        let mut state = self.state();
        state.moved += count as u64;
        if all && state.dot == Dot::Released {
            state.dot = Dot::Out;
        }
    }
}

/// See the top of the file.
#[derive(Debug)]
pub(super) struct Stream {
    wire: Wire,
    peer: SocketAddr,
    gate: Arc<Gate>,
    /// Written by lettre, not yet taken by the transport from `sent` on.
    out: Vec<u8>,
    sent: usize,
    /// Read from the server, not yet given to lettre from `given` on.
    inbox: Vec<u8>,
    given: usize,
    /// Where the next byte of a reply stands in its line, and what stood before it.
    column: usize,
    before: u8,
}

impl Stream {
    /// A stream on a wire whose greeting has been read and which is protected as it must be.
    pub(super) fn new(wire: Wire, gate: Arc<Gate>) -> io::Result<Self> {
        let peer = peer(&wire)?;
        Ok(Self {
            wire,
            peer,
            gate,
            out: Vec::new(),
            sent: 0,
            inbox: GREETING.to_vec(),
            given: 0,
            column: 0,
            before: 0,
        })
    }

    /// Hands all that has gathered to the transport.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let rest = self.out.get(self.sent..).unwrap_or_default();
            if rest.is_empty() {
                self.out.clear();
                self.sent = 0;
                return Pin::new(&mut self.wire).poll_flush(cx);
            }
            let length = rest.len();
            match ready!(Pin::new(&mut self.wire).poll_write(cx, rest)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(count) => {
                    self.sent += count;
                    self.gate.taken(count, count == length);
                }
                Err(error) => {
                    // TCP takes nothing of a write that fails. TLS may have sent some of its records.
                    if matches!(self.wire, Wire::Tls(_)) {
                        self.gate.taken(0, true);
                    }
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// Reads what the server has said; `false` at the end of the stream.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut space = [0; 4096];
        let mut buffer = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut self.wire).poll_read(cx, &mut buffer))?;
        for &byte in buffer.filled() {
            self.tidy(byte);
        }
        if let Some(heard) = &mut self.gate.state().heard {
            let room = HEARD_MAX.saturating_sub(heard.len());
            heard.extend(buffer.filled().iter().take(room));
        }
        Poll::Ready(Ok(!buffer.filled().is_empty()))
    }

    /// Puts a byte of a reply into `inbox` in the form lettre expects.
    fn tidy(&mut self, byte: u8) {
        let ends_line = matches!(byte, b'\r' | b'\n');
        if ends_line && self.column == 3 {
            self.inbox.push(b' ');
        }
        if byte == b'\n' && self.before != b'\r' {
            self.inbox.push(b'\r');
        }
        self.inbox.push(if byte.is_ascii() { byte } else { b'?' });
        self.column = if ends_line { 0 } else { self.column + 1 };
        self.before = byte;
    }

    /// Fails when the server has something to say that nobody asked for, or has gone.
    fn poll_in_step(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let out_of_step = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the server spoke before it was asked",
            )
        };
        if self.given < self.inbox.len() {
            return Err(out_of_step());
        }
        match self.poll_fill(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(true)) => Err(out_of_step()),
            Poll::Ready(Ok(false)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Poll::Ready(Err(error)) => Err(error),
        }
    }
}

/// The address of the other side.
pub(super) fn peer(wire: &Wire) -> io::Result<SocketAddr> {
    match wire {
        Wire::Plain(tcp) => tcp.peer_addr(),
        Wire::Tls(tls) => tls.get_ref().0.peer_addr(),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.gate.is_held() {
            // Nobody needs to be woken: the courier sees it, releases the dot and polls again.
            return Poll::Pending;
        }
        if this.gate.state().dot == Dot::Released {
            // Until the dot is out the server has nothing to say. If it has, or has gone, the dot stays.
            this.poll_in_step(cx)?;
        }
        ready!(this.poll_drain(cx))?;
        if this.given >= this.inbox.len() {
            this.inbox.clear();
            this.given = 0;
            if !ready!(this.poll_fill(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
        let rest = this.inbox.get(this.given..).unwrap_or_default();
        let line = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(rest.len(), |end| end + 1);
        let count = line.min(buf.remaining());
        buf.put_slice(rest.get(..count).unwrap_or_default());
        this.given += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.gate.is_hasty_quit(buf) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        this.poll_in_step(cx)?;
        if this.out.len() >= GATHER {
            ready!(this.poll_drain(cx))?;
        }
        let count = buf.len().min(GATHER - this.out.len());
        let taken = buf.get(..count).unwrap_or_default();
        this.out.extend_from_slice(taken);
        this.gate.written(taken);
        Poll::Ready(Ok(count))
    }

    /// Does nothing: every write of lettre is followed by a read, and that is when the bytes go.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Closes without handing over what has gathered: a dot that is held stays here.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Stream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}
