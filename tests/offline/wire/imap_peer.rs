//! A small IMAP server that answers well unless its script says otherwise, and a ledger in memory.
//!
//! A script is a table of (expect, answer): the first line whose `expect` stands in a command
//! answers it, and is used up. `{tag}` is the tag of the command. Changes to a mail that the ledger
//! has not recorded yet are remembered as `too_early`.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet::config::settings::{After, ImapSettings, MailboxSettings, Secret, Server, Tls};
use guichet::desk::mail::{Fetched, MailKey, Place, Recorded};
use guichet::mailbox::{
    Epoch, Folder, Ledger, LedgerError, Outcome, Password, Patience, Watch, watch,
};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Nothing takes so long, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What the script answers instead of the server.
#[derive(Clone, Copy)]
pub enum Answer {
    /// This text, lines ended by `\n`.
    Say(&'static str),
    /// This text, then the end of the connection.
    Close(&'static str),
    /// Nothing at all, until the other side goes away.
    Silence,
    /// The server's own answer, changed: one element for each line (with its literal).
    Edit(fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>),
}

pub use Answer::{Close, Edit, Say, Silence};

/// A mail on the server.
#[derive(Clone)]
pub struct Stored {
    pub bytes: Vec<u8>,
    pub date: &'static str,
    pub flags: BTreeSet<String>,
}

/// Everything the server is and has seen.
pub struct State {
    pub mails: BTreeMap<u32, Stored>,
    pub validity: u32,
    pub uid_next: &'static str,
    pub capabilities: &'static str,
    pub script: VecDeque<(&'static str, Answer)>,
    /// Where the first connection is cut, in bytes the server sent.
    pub cut_after: Option<usize>,
    /// Arrives when IDLE is asked for, and is told of before it is accepted.
    pub before_idle: Option<(u32, Vec<u8>)>,
    /// Commands without their tags.
    pub commands: Vec<String>,
    pub connections: usize,
    pub moved: BTreeMap<u32, String>,
    pub too_early: Vec<String>,
    /// Bytes sent on the first connection.
    pub sent: usize,
}

#[derive(Clone)]
pub struct Peer {
    pub state: Arc<Mutex<State>>,
    pub memory: Memory,
    pub port: u16,
    arrived: Arc<Notify>,
}

pub fn mail(n: u32) -> Vec<u8> {
    format!(
        "Subject: mail {n}\r\nMessage-ID: <{n}@acme.example>\r\n\r\nIt does not print, {n}.\r\n"
    )
    .into_bytes()
}

impl Peer {
    /// A server with mails 1 to `count`.
    pub async fn with_mails(count: u32) -> Self {
        Self::start((1..=count).map(|n| (n, mail(n))).collect()).await
    }

    pub async fn start(mails: BTreeMap<u32, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = Self {
            state: Arc::new(Mutex::new(State {
                mails: mails
                    .into_iter()
                    .map(|(uid, bytes)| (uid, stored(bytes)))
                    .collect(),
                validity: 7,
                uid_next: "",
                capabilities: "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=PLAIN",
                script: VecDeque::new(),
                cut_after: None,
                before_idle: None,
                commands: Vec::new(),
                connections: 0,
                moved: BTreeMap::new(),
                too_early: Vec::new(),
                sent: 0,
            })),
            memory: Memory::default(),
            port,
            arrived: Arc::new(Notify::new()),
        };
        let serving = peer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let first = {
                    let mut state = serving.state.lock().unwrap();
                    state.connections += 1;
                    state.connections == 1
                };
                tokio::spawn(Connection::new(serving.clone(), stream, first).serve());
            }
        });
        peer
    }

    /// Adds lines to the script.
    pub fn script(&self, lines: &[(&'static str, Answer)]) {
        self.state.lock().unwrap().script.extend(lines.to_vec());
    }

    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// A mail arrives; who idles is told.
    pub fn deliver(&self, uid: u32, bytes: Vec<u8>) {
        self.change(|state| {
            state.mails.insert(uid, stored(bytes));
        });
        self.arrived.notify_waiters();
    }

    pub fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    /// How many commands held `text`.
    pub fn count(&self, text: &str) -> usize {
        let commands = self.commands();
        commands
            .iter()
            .filter(|command| command.contains(text))
            .count()
    }

    pub fn settings(&self) -> ImapSettings {
        ImapSettings {
            server: Server {
                host: "127.0.0.1".into(),
                port: self.port,
                tls: Tls::None,
                ca_file: None,
            },
            user: "support".into(),
            password: Secret::Literal(String::new()),
            folders: vec!["INBOX".into()],
            after: After::Keyword,
            poll: Duration::from_millis(100),
        }
    }

    pub fn watch(&self) -> Watch<Memory> {
        Watch {
            desk: "support".into(),
            since: Some("2020-01-01T00:00:00Z".parse().unwrap()),
            message_size: 16 * 1024 * 1024,
            ledger: self.memory.clone(),
            now: Arc::new(Timestamp::now),
            hint: Arc::new(|_| {}),
            state: Arc::default(),
            patience: impatient(),
        }
    }

    /// One pass with the usual settings.
    pub async fn once(&self) -> Result<(), String> {
        self.once_with(self.settings(), self.watch()).await
    }

    pub async fn once_with(
        &self,
        settings: ImapSettings,
        watch: Watch<Memory>,
    ) -> Result<(), String> {
        let settings = MailboxSettings::Imap(settings);
        let pass = watch::once(&settings, password(), &watch);
        tokio::time::timeout(PATIENCE, pass)
            .await
            .expect("a pass ends by itself")
            .map_err(|error| error.to_string())
    }

    /// Runs the loop until `done`, then stops it.
    pub async fn watch_until(&self, done: impl Fn(&Self) -> bool) {
        self.watch_until_with(self.settings(), done).await;
    }

    pub async fn watch_until_with(&self, settings: ImapSettings, done: impl Fn(&Self) -> bool) {
        let settings = MailboxSettings::Imap(settings);
        let watch = self.watch();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let reading = tokio::spawn(async move {
            watch::keep_read(&settings, password(), &watch, stopped).await;
        });
        assert!(
            comes_true(|| done(self)).await,
            "never done; commands: {:#?}",
            self.commands()
        );
        stop.send(true).unwrap();
        let ended = tokio::time::timeout(PATIENCE, reading).await;
        ended.expect("it stops when it is told to").unwrap();
    }

    /// Everything on the server is recorded with its bytes, nothing was touched before.
    #[track_caller]
    pub fn assert_all_recorded(&self) {
        let state = self.state.lock().unwrap();
        let expected: BTreeMap<u32, Vec<u8>> = state
            .mails
            .iter()
            .map(|(uid, mail)| (*uid, mail.bytes.clone()))
            .collect();
        assert!(
            self.memory.recorded(state.validity) == expected,
            "recorded {:?} of {:?}",
            self.memory.recorded(state.validity).keys(),
            expected.keys()
        );
        assert_eq!(state.too_early, Vec::<String>::new());
    }
}

fn stored(bytes: Vec<u8>) -> Stored {
    Stored {
        bytes,
        date: " 1-Nov-2026 09:30:00 +0100",
        flags: BTreeSet::new(),
    }
}

/// Waits until something is true, and says whether it came to that.
pub async fn comes_true(is_true: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !is_true() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}

pub fn password() -> Password {
    Arc::new(|| Ok("secret".to_owned()))
}

pub fn impatient() -> Patience {
    let ms = Duration::from_millis;
    Patience {
        answer: ms(400),
        command: ms(5000),
        idle_accept: ms(200),
        idle: ms(1000),
        done: ms(200),
        first_pause: ms(1),
        longest_pause: ms(20),
        refused: ms(5),
        denied: ms(5),
        reconcile: Duration::from_secs(3600),
        login_window: ms(1),
        settled: Duration::from_secs(3600),
    }
}

struct Connection {
    peer: Peer,
    reader: BufReader<tokio::net::tcp::OwnedReadHalf>,
    writer: OwnedWriteHalf,
    first: bool,
}

impl Connection {
    fn new(peer: Peer, stream: TcpStream, first: bool) -> Self {
        let (reader, writer) = stream.into_split();
        Self {
            peer,
            reader: BufReader::new(reader),
            writer,
            first,
        }
    }

    async fn serve(mut self) {
        let greeting = b"* OK ready\r\n".to_vec();
        if !self.send(&greeting).await {
            return;
        }
        while let Some(line) = self.line().await {
            if line.is_empty() {
                continue;
            }
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            let (tag, command) = (tag.to_owned(), command.to_owned());
            let scripted = self.peer.hear(&command);
            let go_on = match scripted {
                Some(Say(text)) => self.send(&wire(text, &tag)).await,
                Some(Close(text)) => {
                    self.send(&wire(text, &tag)).await;
                    false
                }
                Some(Silence) => {
                    while self.line().await.is_some() {}
                    false
                }
                Some(Edit(edit)) => {
                    let answer = edit(self.peer.answer(&tag, &command));
                    self.send(&answer.concat()).await
                }
                None => self.answer(&tag, &command).await,
            };
            if !go_on {
                return;
            }
        }
    }

    async fn answer(&mut self, tag: &str, command: &str) -> bool {
        if command.starts_with("AUTHENTICATE") {
            if !self.send(b"+ \r\n").await || self.line().await.is_none() {
                return false;
            }
            return self.send(format!("{tag} OK in\r\n").as_bytes()).await;
        }
        if command == "IDLE" {
            return self.idle(tag).await;
        }
        let answer = self.peer.answer(tag, command).concat();
        self.send(&answer).await
    }

    async fn idle(&mut self, tag: &str) -> bool {
        let peer = self.peer.clone();
        let late = peer.state.lock().unwrap().before_idle.take();
        if let Some((uid, bytes)) = late {
            peer.change(|state| {
                state.mails.insert(uid, stored(bytes));
            });
            let count = peer.state.lock().unwrap().mails.len();
            if !self.send(format!("* {count} EXISTS\r\n").as_bytes()).await {
                return false;
            }
        }
        if !self.send(b"+ idling\r\n").await {
            return false;
        }
        loop {
            tokio::select! {
                line = self.line() => {
                    let done = line.as_deref() == Some("DONE");
                    return done && self.send(format!("{tag} OK idle\r\n").as_bytes()).await;
                }
                () = peer.arrived.notified() => {
                    let count = peer.state.lock().unwrap().mails.len();
                    if !self.send(format!("* {count} EXISTS\r\n").as_bytes()).await {
                        return false;
                    }
                }
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
        }
    }

    /// False when the connection is over.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        let mut bytes = bytes;
        let mut over = false;
        if self.first {
            let mut state = self.peer.state.lock().unwrap();
            if let Some(cut) = state.cut_after
                && state.sent + bytes.len() >= cut
            {
                bytes = &bytes[..cut - state.sent];
                over = true;
            }
            state.sent += bytes.len();
        }
        let sent = self.writer.write_all(bytes).await.is_ok();
        if over {
            let _ = self.writer.shutdown().await;
        }
        sent && !over
    }
}

fn wire(text: &str, tag: &str) -> Vec<u8> {
    text.replace('\n', "\r\n")
        .replace("{tag}", tag)
        .into_bytes()
}

impl Peer {
    /// Notes a command and finds its line in the script.
    fn hear(&self, command: &str) -> Option<Answer> {
        let mut state = self.state.lock().unwrap();
        state.commands.push(command.to_owned());
        let at = state
            .script
            .iter()
            .position(|(expect, _)| command.contains(expect))?;
        state.script.remove(at).map(|(_, answer)| answer)
    }

    /// What a good server answers.
    fn answer(&self, tag: &str, command: &str) -> Vec<Vec<u8>> {
        let mut state = self.state.lock().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        let mut lines: Vec<String> = Vec::new();
        let mut raw: Vec<Vec<u8>> = Vec::new();
        let mut code = "";
        match words.as_slice() {
            ["CAPABILITY"] => lines.push(format!("* CAPABILITY {}", state.capabilities)),
            ["EXAMINE" | "SELECT", ..] => {
                lines.push(format!("* {} EXISTS", state.mails.len()));
                lines.push("* FLAGS (\\Seen)".into());
                lines.push("* OK [PERMANENTFLAGS (\\Seen \\*)] kept".into());
                lines.push(format!("* OK [UIDVALIDITY {}] epoch", state.validity));
                if !state.uid_next.is_empty() {
                    lines.push(format!("* OK [UIDNEXT {}] next", state.uid_next));
                }
                if words[0] == "EXAMINE" {
                    code = "[READ-ONLY] ";
                }
            }
            ["UID", "SEARCH", keys @ ..] => {
                let last = state.mails.keys().next_back().copied().unwrap_or(0);
                let found: Vec<String> = state
                    .mails
                    .iter()
                    .filter(|(uid, mail)| matches(&mut keys.iter().copied(), **uid, mail, last))
                    .map(|(uid, _)| uid.to_string())
                    .collect();
                lines.push(
                    format!("* SEARCH {}", found.join(" "))
                        .trim_end()
                        .to_owned(),
                );
            }
            ["UID", "FETCH", set, ..] => {
                for (at, (uid, mail)) in state.mails.iter().enumerate() {
                    if in_set(set, *uid, u32::MAX) {
                        raw.push(fetched(at + 1, *uid, mail, command));
                    }
                }
            }
            ["UID", "STORE", set, _, flag] => {
                let flag = flag.trim_matches(['(', ')']).to_owned();
                self.touch(&mut state, set, command);
                for (uid, mail) in &mut state.mails {
                    if in_set(set, *uid, u32::MAX) {
                        mail.flags.insert(flag.clone());
                    }
                }
            }
            ["UID", "MOVE" | "COPY", set, target] => {
                self.touch(&mut state, set, command);
                let uids: Vec<u32> = state.mails.keys().copied().collect();
                for uid in uids.into_iter().filter(|uid| in_set(set, *uid, u32::MAX)) {
                    state.moved.insert(uid, (*target).to_owned());
                    if words[1] == "MOVE" {
                        state.mails.remove(&uid);
                        lines.push("* 1 EXPUNGE".into());
                    }
                }
            }
            ["UID", "EXPUNGE", set] => {
                self.touch(&mut state, set, command);
                state.mails.retain(|uid, mail| {
                    !(in_set(set, *uid, u32::MAX) && mail.flags.contains("\\Deleted"))
                });
            }
            ["NOOP"] => lines.push(format!("* {} EXISTS", state.mails.len())),
            ["LOGIN" | "CREATE", ..] => {}
            other => return vec![format!("{tag} BAD what is {other:?}\r\n").into_bytes()],
        }
        raw.extend(
            lines
                .into_iter()
                .map(|line| format!("{line}\r\n").into_bytes()),
        );
        raw.push(format!("{tag} OK {code}done\r\n").into_bytes());
        raw
    }

    /// Every mail that is changed must have been recorded.
    fn touch(&self, state: &mut State, set: &str, command: &str) {
        let recorded = self.memory.recorded(state.validity);
        let early = state
            .mails
            .keys()
            .any(|uid| in_set(set, *uid, u32::MAX) && !recorded.contains_key(uid));
        if early {
            state.too_early.push(command.to_owned());
        }
    }
}

fn fetched(at: usize, uid: u32, mail: &Stored, command: &str) -> Vec<u8> {
    let Some((_, section)) = command.split_once("BODY.PEEK[") else {
        let (size, date) = (mail.bytes.len(), mail.date);
        return format!("* {at} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n")
            .into_bytes();
    };
    let (section, rest) = section.split_once(']').unwrap();
    let whole = if section == "HEADER" {
        let end = mail
            .bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .unwrap()
            + 4;
        &mail.bytes[..end]
    } else {
        &mail.bytes[..]
    };
    let (part, origin) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        None => (whole, String::new()),
        Some((slice, _)) => {
            let (from, count) = slice.split_once('.').unwrap();
            let from: usize = from.parse().unwrap();
            let count: usize = count.parse().unwrap();
            let begin = from.min(whole.len());
            let end = (from + count).min(whole.len());
            (&whole[begin..end], format!("<{from}>"))
        }
    };
    let mut answer = format!(
        "* {at} FETCH (UID {uid} BODY[{section}]{origin} {{{}}}\r\n",
        part.len()
    )
    .into_bytes();
    answer.extend(part);
    answer.extend(b")\r\n");
    answer
}

fn matches<'a>(
    keys: &mut impl Iterator<Item = &'a str>,
    uid: u32,
    mail: &Stored,
    last: u32,
) -> bool {
    let mut all = true;
    while let Some(key) = keys.next() {
        all &= one(key, keys, uid, mail, last);
    }
    all
}

fn one<'a>(
    key: &str,
    keys: &mut impl Iterator<Item = &'a str>,
    uid: u32,
    mail: &Stored,
    last: u32,
) -> bool {
    match key {
        "ALL" => true,
        "UID" => in_set(keys.next().unwrap(), uid, last),
        "SINCE" => {
            let day = |text: &str| {
                let text = text.trim().split(' ').next().unwrap();
                jiff::civil::Date::strptime("%d-%b-%Y", text).unwrap()
            };
            day(mail.date) >= day(keys.next().unwrap())
        }
        "OR" => {
            let key = keys.next().unwrap();
            let left = one(key, keys, uid, mail, last);
            let key = keys.next().unwrap();
            let right = one(key, keys, uid, mail, last);
            left || right
        }
        other => panic!("the peer does not know the search key {other}"),
    }
}

fn in_set(set: &str, uid: u32, last: u32) -> bool {
    let number = |text: &str| {
        if text == "*" {
            last
        } else {
            text.parse().unwrap()
        }
    };
    set.split(',').any(|part| {
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        let (from, to) = (number(from), number(to));
        (from.min(to)..=from.max(to)).contains(&uid)
    })
}

/// A ledger that forgets everything with the process.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    epochs: HashMap<(Folder, u32), Epoch>,
    mails: BTreeMap<MailKey, Vec<u8>>,
    cut: BTreeMap<MailKey, u64>,
    outcomes: BTreeMap<MailKey, Outcome>,
    tidied: BTreeSet<MailKey>,
    order: Vec<MailKey>,
}

impl Memory {
    pub fn recorded(&self, validity: u32) -> BTreeMap<u32, Vec<u8>> {
        let inner = self.0.lock().unwrap();
        let uid = |key: &MailKey| match key.place {
            Place::Uid { validity: v, uid } if v == validity => Some(uid),
            _ => None,
        };
        inner
            .mails
            .iter()
            .filter_map(|(key, bytes)| Some((uid(key)?, bytes.clone())))
            .collect()
    }

    pub fn names(&self) -> BTreeMap<String, Vec<u8>> {
        let inner = self.0.lock().unwrap();
        let name = |key: &MailKey| match &key.place {
            Place::Name(name) => Some(name.clone()),
            Place::Uid { .. } => None,
        };
        inner
            .mails
            .iter()
            .filter_map(|(key, bytes)| Some((name(key)?, bytes.clone())))
            .collect()
    }

    pub fn outcomes(&self) -> Vec<(Place, Outcome)> {
        let inner = self.0.lock().unwrap();
        let outcomes = inner.outcomes.iter();
        outcomes
            .map(|(key, outcome)| (key.place.clone(), outcome.clone()))
            .collect()
    }

    pub fn cut(&self) -> Vec<u64> {
        self.0.lock().unwrap().cut.values().copied().collect()
    }

    pub fn tidied(&self) -> usize {
        self.0.lock().unwrap().tidied.len()
    }

    pub fn low(&self, validity: u32) -> u32 {
        let inner = self.0.lock().unwrap();
        let mut epochs = inner.epochs.iter();
        epochs
            .find(|((_, v), _)| *v == validity)
            .map_or(0, |(_, epoch)| epoch.low_uid)
    }

    /// Whether the mails were recorded in the order of their UIDs.
    pub fn in_order(&self) -> bool {
        self.0.lock().unwrap().order.is_sorted()
    }
}

impl Ledger for Memory {
    async fn open(
        &self,
        folder: &Folder,
        validity: u32,
        next_uid: u32,
        from_start: bool,
        now: Timestamp,
    ) -> Result<Epoch, LedgerError> {
        let mut inner = self.0.lock().unwrap();
        let first = inner
            .epochs
            .iter()
            .filter(|((known, _), _)| known == folder)
            .map(|(_, epoch)| epoch.first_opened_at)
            .min();
        let key = (folder.clone(), validity);
        let is_new = !inner.epochs.contains_key(&key);
        let epoch = inner.epochs.entry(key).or_insert(Epoch {
            low_uid: if first.is_none() && !from_start {
                next_uid
            } else {
                1
            },
            fresh_uid: next_uid,
            first_opened_at: first.unwrap_or(now),
            is_new: false,
        });
        Ok(Epoch { is_new, ..*epoch })
    }

    async fn missing(
        &self,
        folder: &Folder,
        places: Vec<Place>,
    ) -> Result<Vec<Place>, LedgerError> {
        let inner = self.0.lock().unwrap();
        let known = |place: &Place| {
            let key = folder.key(place.clone());
            inner.mails.contains_key(&key)
                || inner
                    .outcomes
                    .get(&key)
                    .is_some_and(|outcome| *outcome != Outcome::Gone)
        };
        Ok(places.into_iter().filter(|place| !known(place)).collect())
    }

    async fn record(&self, mails: Vec<Fetched>) -> Result<Vec<Recorded>, LedgerError> {
        tokio::task::yield_now().await;
        let mut inner = self.0.lock().unwrap();
        let mut recorded = Vec::new();
        for mail in mails {
            if let Some(size) = mail.cut_from {
                inner.cut.insert(mail.key.clone(), size);
            }
            if let Some(before) = inner.mails.insert(mail.key.clone(), mail.bytes.clone()) {
                assert!(before == mail.bytes, "one key, two contents");
            } else {
                inner.order.push(mail.key.clone());
            }
            inner.outcomes.remove(&mail.key);
            recorded.push(Recorded::committed(mail.key));
        }
        Ok(recorded)
    }

    async fn settle(
        &self,
        folder: &Folder,
        outcomes: Vec<(Place, Outcome)>,
    ) -> Result<(), LedgerError> {
        let mut inner = self.0.lock().unwrap();
        for (place, outcome) in outcomes {
            let key = folder.key(place);
            assert!(!inner.mails.contains_key(&key), "settled after recorded");
            inner.outcomes.insert(key, outcome);
        }
        Ok(())
    }

    async fn advance(
        &self,
        folder: &Folder,
        validity: u32,
        low_uid: u32,
    ) -> Result<(), LedgerError> {
        let mut inner = self.0.lock().unwrap();
        if let Some(epoch) = inner.epochs.get_mut(&(folder.clone(), validity)) {
            epoch.low_uid = epoch.low_uid.max(low_uid);
        }
        Ok(())
    }

    async fn untidied(&self, folder: &Folder, validity: u32) -> Result<Vec<Recorded>, LedgerError> {
        let inner = self.0.lock().unwrap();
        let ours = |key: &&MailKey| {
            let epoch = match key.place {
                Place::Uid { validity: v, .. } => v,
                Place::Name(_) => 0,
            };
            key.folder == folder.name && epoch == validity && !inner.tidied.contains(*key)
        };
        let keys = inner.mails.keys().filter(ours).cloned();
        Ok(keys.map(Recorded::committed).collect())
    }

    async fn tidied(&self, mails: Vec<Recorded>) -> Result<(), LedgerError> {
        let mut inner = self.0.lock().unwrap();
        for mail in mails {
            inner.tidied.insert(mail.key().clone());
        }
        Ok(())
    }
}
