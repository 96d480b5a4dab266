//! The reading process itself: confines itself, greets, then answers each mail.
//!
//! Trusts neither the mails nor its parent: memory and time are bounded here, and it ends when its input does. A mail that
//! takes too much time is answered with what its header says, as the last answer.

use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::{ENDS_HERE, GOES_ON, GREETING, put_frame, take_frame};
use crate::desk::mail::InboundMail;
use crate::intake::{self, MAIL_BYTES_MAX, ReadRules};

/// The child gives up a little later by itself, should its parent no longer be there to end it.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24);
/// Processor time for one mail. A usual one takes a millisecond, the largest allowed about a second. Of a mail that takes more
/// the header is read. Wall time would blame a mail for a busy machine. Unoptimised builds are several times slower.
const PROCESSOR_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 8 } else { 2 });
/// How often the processor time is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Writable memory of the child, its stacks included: a mail of 50 MiB is held about four times.
const CHILD_DATA_BYTES: u64 = 256 * 1024 * 1024 + CHILD_STACK_BYTES as u64;
/// Address space of the child. Allocators reserve much that they never touch.
const CHILD_MEMORY_BYTES: u64 = 1024 * 1024 * 1024;
/// Deep pages are read recursively; the bounds of `intake` keep them far below this.
const CHILD_STACK_BYTES: usize = 16 * 1024 * 1024;

/// What the child does: confines itself, then answers each mail on `input` on `output` until `input` ends.
///
/// Fails when the stream is broken or a mail takes too long; the process should then end.
pub fn serve(input: impl Read, output: impl Write) -> io::Result<()> {
    confine(Resource::Data, CHILD_DATA_BYTES)?;
    confine(Resource::As, CHILD_MEMORY_BYTES)?;
    confine(Resource::Core, 0)?; // a core file would hold somebody's mail
    std::panic::set_hook(Box::new(|_| {})); // `intake` catches panics and says so in the answer
    answer_all(input, output)
}

/// Lowers a limit. Where the system has set a lower one, that stays: nobody may raise it.
fn confine(resource: Resource, wanted: u64) -> io::Result<()> {
    let bound = getrlimit(resource)
        .maximum
        .map_or(wanted, |hard| hard.min(wanted));
    let limit = Rlimit {
        current: Some(bound),
        maximum: Some(bound),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Answers mails until the input ends. Fails when the stream is broken or a mail takes too long.
pub fn answer_all(input: impl Read, output: impl Write) -> io::Result<()> {
    let (mut input, mut output) = (
        BufReader::with_capacity(64 * 1024, input),
        BufWriter::new(output),
    );
    let Some(rules) = take_frame(&mut input, MAIL_BYTES_MAX)? else {
        return Ok(());
    };
    let rules: BTreeMap<String, ReadRules> =
        postcard::from_bytes(&rules).map_err(io::Error::other)?;
    let (mails, incoming) = mpsc::sync_channel::<(String, Arc<Vec<u8>>)>(0);
    let rules = Arc::new(rules);
    let known = rules.clone();
    let (outgoing, answers) = mpsc::sync_channel(0);
    thread::Builder::new()
        .name("reading".to_owned())
        .stack_size(CHILD_STACK_BYTES)
        .spawn(move || {
            let none = ReadRules::default();
            for (desk, bytes) in incoming {
                #[cfg(feature = "failpoints")]
                misbehave(&bytes);
                let mail = intake::read(&bytes, known.get(&desk).unwrap_or(&none));
                drop(bytes);
                if outgoing.send(mail).is_err() {
                    break;
                }
            }
        })?;
    put_frame(&mut output, GREETING)?;
    output.flush()?;
    while let Some(desk) = take_frame(&mut input, 4096)? {
        let bytes =
            take_frame(&mut input, MAIL_BYTES_MAX + 1)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let desk = String::from_utf8_lossy(&desk).into_owned();
        let bytes = Arc::new(bytes);
        mails
            .send((desk.clone(), bytes.clone()))
            .map_err(io::Error::other)?;
        if let Some(mail) = within_time(&answers)? {
            answer(&mut output, GOES_ON, &mail)?;
            continue;
        }
        let why = format!(
            "took more than {} s of processor time, only the header was read",
            PROCESSOR_TIME.as_secs()
        );
        let none = ReadRules::default();
        let mail = intake::stub(&bytes, rules.get(&desk).unwrap_or(&none), &why);
        answer(&mut output, ENDS_HERE, &mail)?;
        // The thread cannot be ended, the process can.
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(())
}

/// The mail that is being read; `None` when it takes too much processor time. Fails when reading ended without an answer.
fn within_time(answers: &Receiver<InboundMail>) -> io::Result<Option<InboundMail>> {
    let begun = processor_time();
    let mut waited = Duration::ZERO;
    while waited < GIVE_UP_AFTER {
        match answers.recv_timeout(LOOK_EVERY) {
            Ok(mail) => return Ok(Some(mail)),
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(RecvTimeoutError::Timeout) => waited += LOOK_EVERY,
        }
        if processor_time().saturating_sub(begun) > PROCESSOR_TIME {
            return Ok(None);
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// What this process has used so far.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime)
        .try_into()
        .unwrap_or_default()
}

fn answer(output: &mut impl Write, kind: u8, mail: &InboundMail) -> io::Result<()> {
    let frame = postcard::to_extend(mail, vec![kind]).map_err(io::Error::other)?;
    put_frame(output, &frame)?;
    output.flush()
}

/// For the tests of the isolation: a mail with `X-Guichet-Misbehave` does what its field says. Not in shipped builds.
#[cfg(feature = "failpoints")]
fn misbehave(bytes: &[u8]) {
    let headers = intake::header::Headers::read(bytes);
    match headers.first("X-Guichet-Misbehave") {
        Some("abort") => std::process::abort(),
        Some("panic") => panic!("asked to"),
        Some("loop") => loop {
            thread::park_timeout(Duration::from_secs(3600));
        },
        Some("spin") => loop {
            std::hint::spin_loop();
        },
        Some("overflow") => {
            fn deeper(level: u64) -> u64 {
                let block = std::hint::black_box([level; 512]);
                if level == u64::MAX {
                    0
                } else {
                    deeper(level + 1) + block[0]
                }
            }
            std::hint::black_box(deeper(0));
        }
        Some("memory") => {
            let much: Vec<u8> = vec![1; 2 * CHILD_MEMORY_BYTES as usize];
            std::hint::black_box(much);
        }
        _ => {}
    }
}
