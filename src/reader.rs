//! Reads mails in a process of its own, so that a panic, a stack overflow, endless work or a gigabyte of memory costs
//! that one mail only.
//!
//! The parent starts `guichet read-worker` when the first mail is coming, hands it whole batches and takes the answers in
//! the same order. A child that dies or is late is ended; the mail it was at gets a failure, the others go to a new
//! child. The child trusts nobody: it has bounds for memory and time of its own and ends when its input does. It greets
//! once it is ready: one that dies before is no mail's fault.
//!
//! What a mail *is* does not interest this file: that is `intake`'s.

mod child;

use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::desk::mail::InboundMail;
use crate::intake::{MAIL_BYTES_MAX, ReadRules};

pub use child::serve;

/// The hidden command that runs the child.
pub const WORKER_COMMAND: &str = "read-worker";

/// Wall time for one mail, should the child not keep to its own bound. Long, as it would blame a mail for a busy machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Wall time until a new child greets: starting a program on a machine under full load.
const GREET_WITHIN: Duration = Duration::from_secs(10);
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

    /// Whether a child is waiting for mails.
    pub fn is_started(&self) -> bool {
        self.worker.is_some()
    }

    /// Starts the child if there is none, so that the first mail need not wait for it. If that fails, the first mail hears why.
    pub fn start(&mut self) {
        if self.worker.is_none() {
            self.worker = Worker::start(&self.program, &self.rules).ok();
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
        child::answer_all(input.as_slice(), &mut output).unwrap();
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
