//! Carries letters to a submission server by SMTP (RFC 5321, 6409).
//!
//! lettre speaks the protocol and doubles the dots; `route.rs` opens connections, `line.rs` speaks up to
//! DATA, `stream.rs` keeps the final dot back until the gateway has written down that it goes. Each
//! step has its own deadline.
//!
//! What is believed: a 2xx to the final dot means accepted, a 4xx or 5xx to it means not accepted. A
//! connection that ends before the dot left has accepted nothing; one that ends after it may have.
//! 4xx is `Deferred`, 5xx is `Refused`, even where a server says 5.5.0 and means later: guessing from
//! texts would be wrong as often. Exceptions are in `verdict`.
//!
//! lettre 0.11.23 can panic on a strange answer (RUSTSEC-2026-0562). That costs the connection only.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use lettre::transport::smtp::response::Severity;
use tokio::time::{Instant, timeout};

use super::line::{Line, Step, Trouble, silent, words};
use super::route::Route;
use super::stream::Gate;
use crate::desk::letter::{Delivery, Letter};

/// What a refusal says about the letter, by the step it was the answer to.
fn verdict(step: Step, trouble: &Trouble) -> Delivery {
    let said = format!("{}: {trouble}", step.word());
    match trouble {
        Trouble::Lost(_) => Delivery::Deferred(said),
        Trouble::No { code, .. } => match (code, step) {
            (..500, _) => Delivery::Deferred(said),
            // About us, not the letter: bad sequence (RFC 5321 4.2.3); login or protection wanted
            // (RFC 4954 6). Somebody can mend that while the letter waits.
            (503 | 530 | 534 | 535 | 538, _) => Delivery::Deferred(said),
            // RFC 5321 4.5.3.1.10: for RCPT it is to be taken as 452.
            (552, Step::Rcpt) => Delivery::Deferred(said),
            _ => Delivery::Refused(said),
        },
    }
}

/// One connection after the other, one letter after the other.
#[derive(Debug)]
pub(super) struct Trips {
    route: Arc<Route>,
    gate: Arc<Gate>,
    line: Option<Line>,
}

impl Trips {
    pub(super) fn new(route: Arc<Route>) -> Self {
        Self {
            route,
            gate: Arc::default(),
            line: None,
        }
    }

    pub(super) async fn carry<F, Fut>(&mut self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        self.gate.reset();
        let gate = self.gate.clone();
        match unless_panic(self.attempt(letter, before_dot)).await {
            Some(delivery) => delivery,
            // The connection went with the panic; `attempt` had taken it out.
            None => lost(&gate, "the connection was given up after a panic"),
        }
    }

    async fn attempt<F, Fut>(&mut self, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let patience = self.route.patience;
        // Taken out: if this future is dropped or panics, the connection goes with it.
        let idle = self.line.take();
        let reusable = idle.filter(|line| line.used_at.elapsed() < patience.idle);
        let is_reused = reusable.is_some();
        let mut line = match reusable {
            Some(line) => line,
            None => match self.route.open(&self.gate).await {
                Ok(line) => line,
                Err(reason) => return Delivery::Deferred(reason),
            },
        };
        let mut envelope = line.envelope(letter, patience).await;
        if is_reused && line.is_broken && matches!(envelope, Err((Step::Mail, _))) {
            // The server ended the connection while it was idle, or wants no more letters on it. That
            // says nothing about this letter, so it gets a fresh connection and loses no attempt.
            line = match self.route.open(&self.gate).await {
                Ok(line) => line,
                Err(reason) => return Delivery::Deferred(reason),
            };
            envelope = line.envelope(letter, patience).await;
        }
        let delivery = match envelope {
            Ok(()) => self.body(&mut line, letter, before_dot).await,
            Err((step, trouble)) => verdict(step, &trouble),
        };
        if !line.is_broken {
            line.used_at = Instant::now();
            self.line = Some(line);
        }
        delivery
    }

    /// From the 354 on: the body, the gateway's word, the dot, the answer.
    async fn body<F, Fut>(&self, line: &mut Line, letter: &Letter, before_dot: F) -> Delivery
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let (patience, gate) = (self.route.patience, &*self.gate);
        // Nothing short of an answer to the dot makes this connection usable again: whatever else
        // were sent would be a part of the letter.
        line.is_broken = true;
        // lettre puts a CRLF before the dot.
        let bytes = letter.bytes.strip_suffix(b"\r\n").unwrap_or(&letter.bytes);
        gate.await_dot();
        let mut sending = pin!(line.connection.message(bytes));
        loop {
            let moved = gate.moved();
            let until_dot = poll_fn(|cx| match sending.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending if gate.is_held() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            match timeout(patience.block, until_dot).await {
                Ok(None) => break,
                Ok(Some(Ok(_))) => {
                    return lost(gate, "the server answered before the letter's end");
                }
                Ok(Some(Err(error))) => return lost(gate, &Trouble::from(error).to_string()),
                Err(_) if gate.moved() != moved => {}
                Err(_) => return lost(gate, &silent("to the letter", patience.block)),
            }
        }
        if let Err(reason) = before_dot().await {
            return Delivery::Deferred(reason);
        }
        gate.release();
        let answer = match timeout(patience.dot, sending).await {
            Err(_) => return lost(gate, &silent("to the final dot", patience.dot)),
            Ok(answer) => answer.map_err(Trouble::from),
        };
        match answer {
            Ok(response) if response.code().severity == Severity::PositiveCompletion => {
                line.is_broken = false;
                Delivery::Accepted(words(&response))
            }
            Ok(response) => lost(gate, &format!("odd answer: {}", words(&response))),
            Err(trouble @ Trouble::No { code, .. }) => {
                line.is_broken = code == 421;
                verdict(Step::Dot, &trouble)
            }
            Err(Trouble::Lost(reason)) => lost(gate, &reason),
        }
    }

    /// Says QUIT and closes the connection, if there is one. For shutdown and for pauses.
    pub(super) async fn rest(&mut self) {
        if let Some(mut line) = self.line.take() {
            self.gate.leave();
            // The answer changes nothing; the wait for it keeps the server from seeing a cut.
            let goodbye = unless_panic(line.connection.quit());
            let _ = timeout(Duration::from_secs(2), goodbye).await;
        }
    }
}

/// What is known of a letter when the connection has ended without an answer.
fn lost(gate: &Gate, reason: &str) -> Delivery {
    if gate.is_out() {
        Delivery::Unknown(format!("{reason}; the letter had been sent whole"))
    } else {
        Delivery::Deferred(reason.to_owned())
    }
}

/// The result, or `None` if the future panicked. What it held is dropped by then.
async fn unless_panic<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}
