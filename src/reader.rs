//! Reads mails in a process of its own, so that a panic, a stack overflow, endless work or a gigabyte of memory costs
//! that one mail only.
//!
//! The parent starts `guichet read-worker` when the first mail comes, hands it whole batches and takes the answers in
//! the same order. A child that dies or is late is ended; the mail it was at gets a failure, the others go to a new
//! child. The child trusts nobody: it has bounds for memory and time of its own and ends when its input does. It greets
//! once it is ready: one that dies before is no mail's fault.
//!
//! What a mail *is* does not interest this file: that is `intake`'s.

use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::desk::mail::InboundMail;
use crate::intake::{self, MAIL_BYTES_MAX, ReadRules};

/// The hidden command that runs the child.
pub const WORKER_COMMAND: &str = "read-worker";

/// Wall time for one mail, should the child not keep to its own bound.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Wall time until a new child greets: starting a program on a machine under full load.
const GREET_WITHIN: Duration = Duration::from_secs(10);
/// The child gives up a little later by itself, should its parent no longer be there to end it.
const GIVE_UP_AFTER: Duration = Duration::from_secs(12);
/// Processor time for one mail. A usual one takes a millisecond, the largest allowed about a second. Of a mail that takes more
/// the header is read. Wall time would blame a mail for a busy machine. Unoptimised builds are several times slower.
const PROCESSOR_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 3 } else { 2 });
/// How often the processor time is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Writable memory of the child, its stacks included: a mail of 50 MiB is held about four times.
const CHILD_DATA_BYTES: u64 = 256 * 1024 * 1024 + CHILD_STACK_BYTES as u64;
/// Address space of the child. Allocators reserve much that they never touch.
const CHILD_MEMORY_BYTES: u64 = 1024 * 1024 * 1024;
/// Deep pages are read recursively; the bounds of `intake` keep them far below this.
const CHILD_STACK_BYTES: usize = 16 * 1024 * 1024;
/// An answer is the text twice, addresses and descriptions; more can only be a broken stream.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a child says first. Another version of the program might mean other things by the same bytes.
const GREETING: &[u8] = concat!("guichet ", env!("CARGO_PKG_VERSION"), " reads").as_bytes();
/// Stands before an answer after which the child goes on.
const GOES_ON: u8 = 0;
/// Stands before the last answer of a child that is still busy with that mail.
const ENDS_HERE: u8 = 1;

/// Why there is no answer for a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// The reading process ended at this mail; how it ended.
    #[error("the reading process ended at this mail ({0}); it is set aside, look at its raw bytes")]
    Died(String),
    /// No reading process could be started, so the mail was not tried. It is not the mail's fault.
    #[error(
        "no reading process could be started: {0}; check that the program is still in its place"
    )]
    Unavailable(String),
    /// No answer in time.
    #[error("this mail could not be read within {} seconds; it is set aside, look at its raw bytes", ANSWER_WITHIN.as_secs())]
    TooSlow,
}

/// Reads mails through a child process.
#[derive(Debug)]
pub struct Reader {
    program: PathBuf,
    rules: BTreeMap<String, ReadRules>,
    worker: Option<Worker>,
}

impl Reader {
    /// A reader that will run `program read-worker`. `rules`: how the mails of each desk are read, by its name; a desk
    /// that is not named is read without own addresses and trusted servers. Nothing is started yet.
    pub fn new(program: PathBuf, rules: BTreeMap<String, ReadRules>) -> Self {
        Self {
            program,
            rules,
            worker: None,
        }
    }

    /// Reads `mails` (desk, bytes) and gives the answers in the same order, one for each. Blocks until all are there.
    pub fn read(&mut self, mails: &[(&str, &[u8])]) -> Vec<Result<InboundMail, ReadFailure>> {
        let mut answers = Vec::with_capacity(mails.len());
        while let Some(rest) = mails.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let started = match self.worker.take() {
                Some(worker) => Ok(worker),
                None => Worker::start(&self.program, &self.rules),
            };
            let mut worker = match started {
                Ok(worker) => worker,
                Err(error) => {
                    let failure = ReadFailure::Unavailable(format!(
                        "cannot start {}: {error}",
                        self.program.display()
                    ));
                    answers.resize(mails.len(), Err(failure));
                    break;
                }
            };
            match worker.read(rest, &mut answers) {
                End::Ready => self.worker = Some(worker),
                End::Spent => drop(worker),
                End::Failed(failure) => {
                    let how = worker.end();
                    answers.push(Err(match failure {
                        ReadFailure::Died(_) => ReadFailure::Died(how),
                        other => other,
                    }));
                }
            }
        }
        answers
    }
}

/// How a child stands after it was asked.
enum End {
    /// It answered everything.
    Ready,
    /// Its last answer was its last.
    Spent,
    /// It has no answer for the next mail.
    Failed(ReadFailure),
}

/// A running child.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Vec<u8>>,
}

impl Worker {
    fn start(program: &PathBuf, rules: &BTreeMap<String, ReadRules>) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(WORKER_COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // a panic message could quote the mail
            .spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut input = child.stdin.take();
        let (sender, answers) = mpsc::channel();
        // A thread of its own, because a pipe has no deadline but a channel has one. It ends with the child.
        thread::Builder::new()
            .name("answers of the reading process".to_owned())
            .spawn(move || {
                let mut output = BufReader::new(output);
                while let Ok(Some(answer)) = take_frame(&mut output, ANSWER_BYTES_MAX) {
                    if sender.send(answer).is_err() {
                        break;
                    }
                }
            })?;
        let rules = postcard::to_stdvec(rules).map_err(io::Error::other)?;
        if let Some(input) = &mut input {
            // A child that is already gone is noticed when no answer comes.
            let _gone = put_frame(input, &rules).and_then(|()| input.flush());
        }
        let worker = Self {
            child,
            input,
            answers,
        };
        match worker.answers.recv_timeout(GREET_WITHIN) {
            Ok(greeting) if greeting == GREETING => Ok(worker),
            Ok(_) => Err(io::Error::other(
                "it is another version of guichet; restart this one",
            )),
            Err(RecvTimeoutError::Timeout) => Err(io::Error::other(format!(
                "it was not ready within {} s",
                GREET_WITHIN.as_secs()
            ))),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other(format!(
                "it ended at once ({}), perhaps for want of memory",
                worker.end()
            ))),
        }
    }

    /// Hands over all of `mails` and adds the answers. Stops when the child ends, or at the first mail without an answer.
    fn read(
        &mut self,
        mails: &[(&str, &[u8])],
        answers: &mut Vec<Result<InboundMail, ReadFailure>>,
    ) -> End {
        let input = self.input.take();
        let (child, incoming) = (&mut self.child, &self.answers);
        let (input, end) = thread::scope(|scope| {
            // Written from another thread: with both pipes full, a child and a parent that only write wait for ever.
            let writing = scope.spawn(move || {
                let mut input = BufWriter::with_capacity(64 * 1024, input?);
                for (desk, bytes) in mails {
                    let bytes = bytes.get(..=MAIL_BYTES_MAX).unwrap_or(bytes);
                    put_frame(&mut input, desk.as_bytes()).ok()?;
                    put_frame(&mut input, bytes).ok()?;
                }
                input.into_inner().ok()
            });
            let mut end = End::Ready;
            for _ in mails {
                end = match incoming.recv_timeout(ANSWER_WITHIN) {
                    Ok(answer) => match answer_of(&answer) {
                        Some((mail, goes_on)) => {
                            answers.push(Ok(mail));
                            if goes_on { End::Ready } else { End::Spent }
                        }
                        None => End::Failed(ReadFailure::Died(String::new())),
                    },
                    Err(RecvTimeoutError::Timeout) => End::Failed(ReadFailure::TooSlow),
                    Err(RecvTimeoutError::Disconnected) => {
                        End::Failed(ReadFailure::Died(String::new()))
                    }
                };
                if !matches!(end, End::Ready) {
                    // Frees the writing thread, which may wait for the child to read on.
                    let _already_gone = child.kill();
                    break;
                }
            }
            (writing.join().ok().flatten(), end)
        });
        self.input = input;
        end
    }

    /// Ends the child and says how it ended.
    fn end(mut self) -> String {
        self.input = None;
        match self.child.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

/// An answer of a child, and whether it goes on after it. `None` when the bytes mean nothing.
fn answer_of(frame: &[u8]) -> Option<(InboundMail, bool)> {
    let (kind, mail) = frame.split_first()?;
    Some((postcard::from_bytes(mail).ok()?, *kind == GOES_ON))
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Gone already is what is wanted; waiting leaves no zombie behind.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

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

fn answer_all(input: impl Read, output: impl Write) -> io::Result<()> {
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

/// Writes a length (four bytes, little endian) and the bytes.
fn put_frame(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(bytes)
}

/// Reads what `put_frame` wrote; `None` at the end of the stream. Fails above `max` bytes or in the middle of a frame.
fn take_frame(input: &mut impl Read, max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > max {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes, at most {max} are allowed"),
        ));
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(all: &[&[u8]]) -> Vec<u8> {
        let mut stream = Vec::new();
        for frame in all {
            put_frame(&mut stream, frame).unwrap();
        }
        stream
    }

    #[test]
    fn the_child_answers_in_order_and_ends_with_its_input() {
        let rules: BTreeMap<String, ReadRules> = BTreeMap::new();
        let rules = postcard::to_stdvec(&rules).unwrap();
        let input = frames(&[
            &rules,
            b"it",
            b"Subject: one\n\n",
            b"it",
            b"Subject: two\n\n",
        ]);
        let mut output = Vec::new();
        answer_all(input.as_slice(), &mut output).unwrap();
        let mut output = output.as_slice();
        assert_eq!(take_frame(&mut output, 100).unwrap().unwrap(), GREETING);
        let mut next = || {
            let frame = take_frame(&mut output, 10_000).unwrap()?;
            answer_of(&frame).unwrap().0.subject
        };
        assert_eq!(
            (next().as_deref(), next().as_deref(), next()),
            (Some("one"), Some("two"), None)
        );
    }

    #[test]
    fn a_broken_stream_is_an_error_not_an_allocation() {
        assert!(take_frame(&mut [255, 255, 255, 255].as_slice(), 100).is_err());
        assert!(take_frame(&mut [4, 0, 0, 0, 1].as_slice(), 100).is_err());
    }

    #[test]
    fn a_program_that_ends_at_once_is_no_mails_fault() {
        for program in ["/bin/false", "/bin/true"] {
            let mut reader = Reader::new(program.into(), BTreeMap::new());
            let answers = reader.read(&[("it", b"a".as_slice()), ("it", b"b")]);
            assert!(
                answers.iter().all(
                    |a| matches!(a, Err(ReadFailure::Unavailable(why)) if why.contains("ended at once"))
                ),
                "{answers:?}"
            );
        }
    }

    #[test]
    fn a_program_that_cannot_run_fails_each_mail() {
        let mut reader = Reader::new("/nonexistent/guichet".into(), BTreeMap::new());
        let answers = reader.read(&[("it", b"a".as_slice()), ("it", b"b")]);
        assert_eq!(answers.len(), 2);
        assert!(answers.iter().all(
            |a| matches!(a, Err(ReadFailure::Unavailable(why)) if why.contains("nonexistent"))
        ));
    }
}
