//! The courier against a scripted SMTP server: what becomes of a letter, whatever the server does.

#![allow(clippy::unwrap_used)] // clippy knows the tests by their attribute, not what they call

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use guichet::config::settings::{CourierSettings, Secret, Server, SmtpSettings, Tls};
use guichet::courier::{Carrier, Courier, Patience};
use guichet::desk::ids::MessageId;
use guichet::desk::letter::{Delivery, Letter};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::peer::{Stream, ca_file, protect};
use Do::{Body, Cut, Hear, Protect, Say, Sip, Stay, Wait};

const PLAIN: &str = "250-peer.example\r\n250 8BITMIME\r\n";
const PIPELINING: &str =
    "250-peer.example\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n";
const OFFERS: [&str; 2] = [PLAIN, PIPELINING];

/// What the server does next on a connection.
#[derive(Clone, Debug)]
enum Do {
    Say(String),
    /// Reads a line that begins like this.
    Hear(&'static str),
    /// Reads up to the final dot.
    Body,
    /// Reads so many bytes of what comes.
    Sip(usize),
    /// The TLS handshake.
    Protect,
    /// Closes the connection.
    Cut,
    /// Does nothing for this time.
    Wait(Duration),
    /// Says nothing more, and reads nothing, for this time; then reads to the end.
    Stay(Duration),
}

fn say(text: &str) -> Do {
    Say(format!("{text}\r\n"))
}

/// A server with one script for each connection. Gives the bytes it received on each.
struct Peer {
    address: SocketAddr,
    running: JoinHandle<Vec<String>>,
}

impl Peer {
    async fn new(scripts: Vec<Vec<Do>>) -> Peer {
        Self::that_says_at_most(usize::MAX, scripts).await
    }

    /// Cuts each connection after it has said so many bytes.
    async fn that_says_at_most(bytes: usize, scripts: Vec<Vec<Do>>) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(async move {
            let mut heard = Vec::new();
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                heard.push(play(Box::new(stream), script, bytes).await);
            }
            heard
        });
        Peer { address, running }
    }

    /// What was received on each connection, after the courier is gone.
    async fn heard(self) -> Vec<String> {
        let heard = tokio::time::timeout(Duration::from_secs(60), self.running);
        let heard = heard.await.expect("a connection the courier never made");
        let heard = heard.unwrap();
        for text in &heard {
            let text = text.replace("\r\n", "");
            assert!(
                !text.contains(['\r', '\n', '\0']),
                "bare CR, LF or NUL: {text:?}"
            );
        }
        heard
    }

    fn courier(&self) -> Courier {
        self.courier_with(Tls::None, None, patience())
    }

    fn courier_with(&self, tls: Tls, user: Option<&str>, patience: Patience) -> Courier {
        self.courier_that_trusts(true, tls, user, patience)
    }

    fn courier_that_trusts(
        &self,
        is_trusted: bool,
        tls: Tls,
        user: Option<&str>,
        patience: Patience,
    ) -> Courier {
        let settings = CourierSettings::Smtp(SmtpSettings {
            server: Server {
                host: "127.0.0.1".to_owned(),
                port: self.address.port(),
                tls,
                ca_file: is_trusted.then(ca_file),
            },
            login: user.map(|user| (user.to_owned(), Secret::Env("SMTP_SECRET".to_owned()))),
            connections: 1,
        });
        let reads = AtomicUsize::new(0);
        let password =
            move |_: &Secret| Ok(format!("pass{}", reads.fetch_add(1, Ordering::Relaxed)));
        Courier::with_patience("support", &settings, "desk.example.org", password, patience)
    }
}

/// Long enough for a busy machine where an answer comes, short where silence is the point.
fn patience() -> Patience {
    let long = Duration::from_secs(60);
    Patience {
        connect: long,
        command: long,
        data: long,
        block: long,
        idle: long,
        dot: long,
    }
}

async fn play(stream: Box<dyn Stream>, script: Vec<Do>, mut budget: usize) -> String {
    let mut stream = BufReader::new(stream);
    let mut heard = Vec::new();
    for step in script {
        match step {
            Say(text) => {
                let count = text.len().min(budget);
                budget -= count;
                let sent = stream.write_all(&text.as_bytes()[..count]).await.is_ok()
                    && stream.flush().await.is_ok();
                if !sent || count < text.len() {
                    break;
                }
            }
            Hear(start) => {
                let begin = heard.len();
                if !hear_until(&mut stream, &mut heard, b"\n").await {
                    break;
                }
                let line = String::from_utf8_lossy(&heard[begin..]).into_owned();
                assert!(line.starts_with(start), "{line:?} instead of {start}");
            }
            Body => {
                if !hear_until(&mut stream, &mut heard, b"\r\n.\r\n").await {
                    break;
                }
            }
            Sip(count) => {
                let mut some = vec![0; count];
                stream.read_exact(&mut some).await.unwrap();
            }
            Protect => match protect(stream.into_inner()).await {
                Some(protected) => stream = BufReader::new(protected),
                None => break,
            },
            Cut => break,
            Wait(time) => tokio::time::sleep(time).await,
            Stay(time) => {
                tokio::time::sleep(time).await;
                let _ = stream.read_to_end(&mut heard).await;
            }
        }
    }
    String::from_utf8(heard).unwrap()
}

async fn hear_until(
    stream: &mut BufReader<Box<dyn Stream>>,
    heard: &mut Vec<u8>,
    end: &[u8],
) -> bool {
    let begin = heard.len().saturating_sub(2); // a body may be nothing but its end
    loop {
        match stream.read_u8().await {
            Ok(byte) => heard.push(byte),
            Err(_) => return false,
        }
        if heard[begin..].ends_with(end) {
            return true;
        }
    }
}

fn hello(offers: &str) -> Vec<Do> {
    vec![
        say("220-peer.example ESMTP"),
        say("220 ready"),
        Hear("EHLO desk.example.org\r\n"),
        Say(offers.to_owned()),
    ]
}

fn to_the_body() -> Vec<Do> {
    vec![
        Hear("MAIL FROM:<support@example.org>"),
        say("250 2.1.0 Ok"),
        Hear("RCPT TO:<ann@acme.example>\r\n"),
        say("250 2.1.5 Ok"),
        Hear("DATA\r\n"),
        say("354 End data with <CR><LF>.<CR><LF>"),
    ]
}

fn transaction() -> Vec<Do> {
    let rest = vec![Body, say("250 2.0.0 Ok: queued as ABC")];
    [to_the_body(), rest].concat()
}

fn stay() -> Vec<Do> {
    vec![Stay(Duration::ZERO)]
}

fn letter() -> Letter {
    letter_of("Subject: INC-1\r\n\r\nHello\r\n.\r\nMAIL FROM:<x@y.example>\r\n..\r\n")
}

fn letter_of(text: &str) -> Letter {
    Letter {
        message_id: MessageId::parse("<inc-1.1@example.org>").unwrap(),
        to: "ann@acme.example".parse().unwrap(),
        envelope_from: "support@example.org".parse().unwrap(),
        bytes: text.as_bytes().to_vec(),
    }
}

/// What became of the letter, and whether the gateway was asked before the dot.
async fn carried(carrier: &mut Carrier, letter: &Letter) -> (Delivery, bool) {
    let mut asked = false;
    let delivery = carrier
        .carry(letter, || {
            asked = true;
            async { Ok(()) }
        })
        .await;
    (delivery, asked)
}

fn accepted() -> (Delivery, bool) {
    (
        Delivery::Accepted("250 2.0.0 Ok: queued as ABC".to_owned()),
        true,
    )
}

#[track_caller]
fn assert_deferred((delivery, asked): &(Delivery, bool), word: &str) {
    assert!(
        matches!(delivery, Delivery::Deferred(text) if text.contains(word)),
        "{delivery:?} without {word:?}"
    );
    assert!(!asked, "the gateway was asked: {delivery:?}");
}

#[tokio::test]
async fn letters_are_accepted_one_after_the_other_on_one_connection() {
    for offers in OFFERS {
        let peer = Peer::new(vec![
            [hello(offers), transaction(), transaction(), stay()].concat(),
        ])
        .await;
        let mut carrier = peer.courier().carrier();
        assert_eq!(carried(&mut carrier, &letter()).await, accepted());
        assert_eq!(carried(&mut carrier, &letter()).await, accepted());
        drop(carrier);
        let size = match offers {
            PIPELINING => format!(" SIZE={}", letter().bytes.len()),
            _ => String::new(),
        };
        let once = format!(
            "MAIL FROM:<support@example.org>{size}\r\nRCPT TO:<ann@acme.example>\r\nDATA\r\n\
             Subject: INC-1\r\n\r\nHello\r\n..\r\nMAIL FROM:<x@y.example>\r\n...\r\n.\r\n"
        );
        let heard = peer.heard().await;
        assert_eq!(heard, [format!("EHLO desk.example.org\r\n{once}{once}")]);
    }
}

#[tokio::test]
async fn what_is_offered_for_pipelining_is_sent_together() {
    // This server answers nothing before it has all three commands.
    let together = vec![
        Hear("MAIL"),
        Hear("RCPT"),
        Hear("DATA"),
        Say("250 1\r\n250 2\r\n354 3\r\n".to_owned()),
        Body,
        say("250 2.0.0 Ok: queued as ABC"),
    ];
    let peer = Peer::new(vec![[hello(PIPELINING), together, stay()].concat()]).await;
    let mut carrier = peer.courier().carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
}

#[tokio::test]
async fn quit_ends_the_connection() {
    let end = vec![Hear("QUIT\r\n"), say("221 bye"), Stay(Duration::ZERO)];
    let peer = Peer::new(vec![[hello(PLAIN), transaction(), end].concat()]).await;
    let mut carrier = peer.courier().carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
    carrier.rest().await;
    assert!(peer.heard().await[0].ends_with("\r\n.\r\nQUIT\r\n"));
}

#[tokio::test]
async fn a_refusal_before_any_letter_is_spoken_of_defers() {
    for code in ["421", "450", "500", "554"] {
        let greeting = vec![
            say(&format!("{code} 5.3.2 no service")),
            Stay(Duration::ZERO),
        ];
        let ehlo = vec![
            say("220 ready"),
            Hear("EHLO"),
            say(&format!("{code} 5.3.2 no service")),
            Stay(Duration::ZERO),
        ];
        for script in [greeting, ehlo] {
            let peer = Peer::new(vec![script]).await;
            let mut carrier = peer.courier().carrier();
            let outcome = carried(&mut carrier, &letter()).await;
            assert_deferred(&outcome, &format!("{code} 5.3.2 no service"));
        }
    }
}

/// The dialogue in which `answer` is given at `step` (0 MAIL, 1 RCPT, 2 DATA, 3 the dot).
fn refusing(step: usize, answer: &str, offers: &str) -> Vec<Do> {
    let mut script = transaction();
    script[2 * step + 1] = say(answer);
    script.truncate(2 * step + 2);
    if offers == PIPELINING {
        for start in ["RCPT", "DATA"].into_iter().skip(step) {
            script.extend([Hear(start), say("503 5.5.1 sequence")]);
        }
    }
    script
}

#[tokio::test]
async fn each_answer_counts_for_what_it_is_and_the_connection_goes_on() {
    let permanent = [
        (0, "550 5.1.8 sender"),
        (0, "552 5.3.4 too big"),
        (1, "550 5.1.1 no such user"),
        (2, "554 5.7.1 no valid recipients"),
        (3, "554 5.7.1 spam"),
        (3, "552 5.3.4 too big"),
    ];
    let temporary = [
        (0, "451 4.3.0 later"),
        (0, "530 5.7.0 log in first"),
        (1, "450 4.2.1 greylisted"),
        (1, "552 5.2.2 full"),
        (2, "452 4.3.1 no space"),
        (2, "503 5.5.1 sequence"),
        (3, "451 4.3.0 later"),
    ];
    for offers in OFFERS {
        for (is_final, (step, answer)) in permanent
            .map(|case| (true, case))
            .into_iter()
            .chain(temporary.map(|case| (false, case)))
        {
            let reset = if step < 3 {
                vec![Hear("RSET\r\n"), say("250 Ok")]
            } else {
                vec![]
            };
            let script = [
                hello(offers),
                refusing(step, answer, offers),
                reset,
                transaction(),
                stay(),
            ]
            .concat();
            let peer = Peer::new(vec![script]).await;
            let mut carrier = peer.courier().carrier();
            let (delivery, asked) = carried(&mut carrier, &letter()).await;
            match &delivery {
                Delivery::Refused(text) if is_final => assert!(text.contains(answer), "{text}"),
                Delivery::Deferred(text) if !is_final => assert!(text.contains(answer), "{text}"),
                _ => panic!("{delivery:?} for {answer} at step {step}"),
            }
            assert_eq!(asked, step == 3);
            assert_eq!(carried(&mut carrier, &letter()).await, accepted());
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_recipient_and_wants_the_letter_gets_none() {
    let odd = vec![
        Hear("MAIL"),
        say("250 Ok"),
        Hear("RCPT"),
        say("550 5.1.1 no such user"),
        Hear("DATA"),
        say("354 go"),
        Stay(Duration::ZERO),
    ];
    let peer = Peer::new(vec![[hello(PIPELINING), odd].concat()]).await;
    let mut carrier = peer.courier().carrier();
    let (delivery, asked) = carried(&mut carrier, &letter()).await;
    assert_eq!(
        delivery,
        Delivery::Refused("RCPT: 550 5.1.1 no such user".to_owned())
    );
    assert!(!asked);
    assert!(peer.heard().await[0].ends_with("DATA\r\n"));
}

#[tokio::test]
async fn a_connection_cut_after_any_byte_tells_the_truth() {
    for offers in OFFERS {
        cut_after_each(1, Tls::None, [hello(offers), transaction()].concat()).await;
    }
}

#[tokio::test]
async fn a_protected_connection_cut_after_some_bytes_tells_the_truth() {
    let script = [vec![Protect], hello(PIPELINING), transaction()].concat();
    // Not after each: a handshake takes its time.
    cut_after_each(7, Tls::Implicit, script).await;
}

/// Says the script's words up to a byte and cuts: for each `step`th byte and for all of them.
async fn cut_after_each(step: usize, tls: Tls, script: Vec<Do>) {
    let said = |script: &[Do]| -> usize {
        let length = |step: &Do| if let Say(text) = step { text.len() } else { 0 };
        script.iter().map(length).sum()
    };
    let total = said(&script);
    let before_body = said(&script[..script.len() - 2]);
    for bytes in (0..total).step_by(step).chain([total]) {
        let peer = Peer::that_says_at_most(bytes, vec![script.clone()]).await;
        let mut carrier = peer.courier_with(tls, None, patience()).carrier();
        let (delivery, asked) = carried(&mut carrier, &letter()).await;
        let is_true = match &delivery {
            Delivery::Deferred(_) => bytes < before_body,
            Delivery::Unknown(_) => (before_body..total).contains(&bytes),
            Delivery::Accepted(_) => bytes == total,
            Delivery::Refused(_) => false,
        };
        assert!(
            is_true,
            "{delivery:?} after {bytes} of {total} bytes, body at {before_body}"
        );
        assert_eq!(asked, bytes >= before_body);
    }
}

/// More lines than the sockets of both sides hold.
const BEYOND_BUFFERS: usize = 300_000;

/// Of so many lines of 78 bytes.
fn large_letter(lines: usize) -> Letter {
    let line = "x".repeat(76) + "\r\n";
    letter_of(&format!("Subject: INC-1\r\n\r\n{}", line.repeat(lines)))
}

#[tokio::test]
async fn a_large_letter_arrives_whole() {
    let peer = Peer::new(vec![[hello(PIPELINING), transaction(), stay()].concat()]).await;
    let mut carrier = peer.courier().carrier();
    let letter = large_letter(20_000);
    assert_eq!(carried(&mut carrier, &letter).await, accepted());
    drop(carrier);
    let heard = peer.heard().await;
    let body = heard[0].split_once("DATA\r\n").unwrap().1;
    assert!(body.strip_suffix(".\r\n").unwrap().as_bytes() == letter.bytes);
}

#[tokio::test]
async fn a_cut_in_the_body_defers() {
    let cut = vec![Sip(100_000), Cut];
    let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), cut].concat()]).await;
    let mut carrier = peer.courier().carrier();
    assert_deferred(
        &carried(&mut carrier, &large_letter(BEYOND_BUFFERS)).await,
        "lost",
    );
}

#[tokio::test]
async fn a_server_that_stops_reading_the_body_defers() {
    let stop = vec![Stay(Duration::from_secs(2))];
    let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), stop].concat()]).await;
    let short = Patience {
        block: Duration::from_millis(200),
        ..patience()
    };
    let mut carrier = peer.courier_with(Tls::None, None, short).carrier();
    assert_deferred(
        &carried(&mut carrier, &large_letter(BEYOND_BUFFERS)).await,
        "no answer to the letter",
    );
}

#[tokio::test]
async fn silence_after_the_dot_is_unknown() {
    let silence = vec![Body, Stay(Duration::ZERO)];
    let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), silence].concat()]).await;
    let short = Patience {
        dot: Duration::from_millis(200),
        ..patience()
    };
    let mut carrier = peer.courier_with(Tls::None, None, short).carrier();
    let (delivery, asked) = carried(&mut carrier, &letter()).await;
    assert!(
        matches!(&delivery, Delivery::Unknown(text) if text.contains("final dot")),
        "{delivery:?}"
    );
    assert!(asked);
}

#[tokio::test]
async fn silence_at_any_earlier_step_defers() {
    let silent_at_mail = [hello(PLAIN), vec![Hear("MAIL"), Stay(Duration::ZERO)]].concat();
    for script in [stay(), hello(PLAIN)[..3].to_vec(), silent_at_mail] {
        let peer = Peer::new(vec![[script, stay()].concat()]).await;
        let short = Patience {
            command: Duration::from_millis(200),
            ..patience()
        };
        let mut carrier = peer.courier_with(Tls::None, None, short).carrier();
        assert_deferred(&carried(&mut carrier, &letter()).await, "no answer");
    }
}

#[tokio::test]
async fn an_odd_answer_to_the_dot_is_unknown() {
    for answer in ["354 what?", "nonsense", "999 what?"] {
        let odd = vec![Body, say(answer), Stay(Duration::ZERO)];
        let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), odd].concat()]).await;
        let mut carrier = peer.courier().carrier();
        let (delivery, _) = carried(&mut carrier, &letter()).await;
        assert!(
            matches!(delivery, Delivery::Unknown(_)),
            "{delivery:?} for {answer}"
        );
    }
}

#[tokio::test]
async fn answers_in_an_unusual_form_are_understood() {
    for (answer, text) in [
        ("250\r\n", "250"),
        ("250 ok\n", "250 ok"),
        ("250-one\r\n250 two\r\n", "250 one two"),
    ] {
        let end = vec![Body, Say(answer.to_owned()), Stay(Duration::ZERO)];
        let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), end].concat()]).await;
        let mut carrier = peer.courier().carrier();
        let (delivery, _) = carried(&mut carrier, &letter()).await;
        assert_eq!(delivery, Delivery::Accepted(text.to_owned()));
    }
}

#[tokio::test]
async fn an_early_yes_is_not_taken_for_the_answer_to_the_dot() {
    let mut early = to_the_body();
    early.pop();
    early.extend([
        Say("354 go\r\n250 early\r\n".to_owned()),
        Stay(Duration::ZERO),
    ]);
    let peer = Peer::new(vec![[hello(PLAIN), early].concat()]).await;
    let mut carrier = peer.courier().carrier();
    assert_deferred(
        &carried(&mut carrier, &letter()).await,
        "before it was asked",
    );
    drop(carrier);
    assert!(!peer.heard().await[0].contains("\r\n.\r\n"));
}

#[tokio::test]
async fn a_connection_the_server_ended_while_idle_costs_no_attempt() {
    let tired = vec![Hear("MAIL"), say("421 4.7.0 enough for today"), Cut];
    for end in [tired, vec![Cut], vec![say("421 4.4.2 idle"), Cut]] {
        for offers in OFFERS {
            let first = [hello(offers), transaction(), end.clone()].concat();
            let second = [hello(offers), transaction(), stay()].concat();
            let peer = Peer::new(vec![first, second]).await;
            let mut carrier = peer.courier().carrier();
            assert_eq!(carried(&mut carrier, &letter()).await, accepted());
            assert_eq!(carried(&mut carrier, &letter()).await, accepted());
            drop(carrier);
            assert_eq!(peer.heard().await.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_idle_too_long_is_not_used() {
    let script = [hello(PLAIN), transaction(), stay()].concat();
    let peer = Peer::new(vec![script.clone(), script]).await;
    let short = Patience {
        idle: Duration::ZERO,
        ..patience()
    };
    let mut carrier = peer.courier_with(Tls::None, None, short).carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
    drop(carrier);
    assert_eq!(peer.heard().await.len(), 2);
}

#[tokio::test]
async fn a_late_answer_to_the_dot_counts() {
    let late = vec![
        Body,
        Wait(Duration::from_millis(300)),
        say("250 2.0.0 Ok: queued as ABC"),
        Stay(Duration::ZERO),
    ];
    let peer = Peer::new(vec![[hello(PLAIN), to_the_body(), late].concat()]).await;
    let short = Patience {
        command: Duration::from_millis(200),
        data: Duration::from_millis(200),
        block: Duration::from_millis(200),
        ..patience()
    };
    let mut carrier = peer.courier_with(Tls::None, None, short).carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
}

#[tokio::test]
async fn a_fresh_connection_gets_no_second_chance() {
    let tired = vec![Hear("MAIL"), say("421 4.7.0 busy"), Stay(Duration::ZERO)];
    let peer = Peer::new(vec![[hello(PLAIN), tired].concat()]).await;
    let mut carrier = peer.courier().carrier();
    assert_deferred(&carried(&mut carrier, &letter()).await, "421 4.7.0 busy");
}

#[tokio::test]
async fn nothing_leaves_when_the_gateway_says_no() {
    let wait = [hello(PIPELINING), to_the_body(), stay()].concat();
    let again = [hello(PIPELINING), transaction(), stay()].concat();
    let peer = Peer::new(vec![wait, again]).await;
    let mut carrier = peer.courier().carrier();
    let delivery = carrier
        .carry(&letter(), || async { Err("the disk is full".to_owned()) })
        .await;
    assert_eq!(delivery, Delivery::Deferred("the disk is full".to_owned()));
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
    drop(carrier);
    assert!(!peer.heard().await[0].contains("\r\n.\r\n"));
}

#[tokio::test]
async fn a_letter_given_up_half_way_leaves_no_dot_and_no_used_connection() {
    let wait = [hello(PLAIN), to_the_body(), stay()].concat();
    let again = [hello(PLAIN), transaction(), stay()].concat();
    let peer = Peer::new(vec![wait, again]).await;
    let mut carrier = peer.courier().carrier();
    let letter = letter();
    let (reached, is_reached) = tokio::sync::oneshot::channel();
    tokio::select! {
        _ = carrier.carry(&letter, || async { reached.send(()).unwrap(); std::future::pending().await }) => panic!(),
        _ = is_reached => {}
    }
    assert_eq!(carried(&mut carrier, &letter).await, accepted());
    drop(carrier);
    assert!(!peer.heard().await[0].contains("\r\n.\r\n"));
}

/// Offers STARTTLS and protects the connection.
fn starttls() -> Vec<Do> {
    let ask = vec![Hear("STARTTLS\r\n"), say("220 go"), Protect];
    [
        hello("250-peer.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"),
        ask,
    ]
    .concat()
}

#[tokio::test]
async fn protected_letters_arrive_and_only_what_is_offered_inside_counts() {
    // A new EHLO and no greeting follow STARTTLS; PIPELINING was offered outside only.
    let inside = vec![Hear("EHLO desk.example.org\r\n"), Say(PLAIN.to_owned())];
    let by_starttls = [starttls(), inside, transaction(), transaction(), stay()].concat();
    let at_once = [
        vec![Protect],
        hello(PLAIN),
        transaction(),
        transaction(),
        stay(),
    ]
    .concat();
    for (tls, script, hellos) in [(Tls::StartTls, by_starttls, 2), (Tls::Implicit, at_once, 1)] {
        let peer = Peer::new(vec![script]).await;
        let mut carrier = peer.courier_with(tls, None, patience()).carrier();
        assert_eq!(carried(&mut carrier, &letter()).await, accepted());
        assert_eq!(carried(&mut carrier, &letter()).await, accepted());
        drop(carrier);
        let heard = peer.heard().await;
        assert_eq!(heard[0].matches("EHLO").count(), hellos);
        assert_eq!(heard[0].matches("\r\n.\r\n").count(), 2);
        assert!(!heard[0].contains("SIZE="));
    }
}

#[tokio::test]
async fn a_large_protected_letter_arrives_whole() {
    let script = [vec![Protect], hello(PIPELINING), transaction(), stay()].concat();
    let peer = Peer::new(vec![script]).await;
    let mut carrier = peer.courier_with(Tls::Implicit, None, patience()).carrier();
    let letter = large_letter(10_000);
    assert_eq!(carried(&mut carrier, &letter).await, accepted());
    drop(carrier);
    let heard = peer.heard().await;
    let body = heard[0].split_once("DATA\r\n").unwrap().1;
    assert!(body.strip_suffix(".\r\n").unwrap().as_bytes() == letter.bytes);
}

#[tokio::test]
async fn a_server_nobody_vouches_for_gets_nothing() {
    for (tls, script) in [(Tls::StartTls, starttls()), (Tls::Implicit, vec![Protect])] {
        let peer = Peer::new(vec![script]).await;
        let courier = peer.courier_that_trusts(false, tls, Some("ann"), patience());
        let outcome = carried(&mut courier.carrier(), &letter()).await;
        assert_deferred(&outcome, "no trusted TLS connection");
        assert!(!peer.heard().await[0].contains("AUTH"));
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let peer = Peer::new(vec![[hello(PIPELINING), stay()].concat()]).await;
    let mut carrier = peer
        .courier_with(Tls::StartTls, Some("ann"), patience())
        .carrier();
    assert_deferred(
        &carried(&mut carrier, &letter()).await,
        "offers no STARTTLS",
    );
    drop(carrier);
    assert_eq!(peer.heard().await, ["EHLO desk.example.org\r\n"]);
}

#[tokio::test]
async fn words_behind_the_answer_to_starttls_do_not_get_into_the_session() {
    for injected in ["250 smuggled\r\n", "2", "\n"] {
        let script = vec![
            Hear("STARTTLS\r\n"),
            Say(format!("220 go\r\n{injected}")),
            Stay(Duration::ZERO),
        ];
        let offers = "250-peer.example\r\n250 STARTTLS\r\n";
        let peer = Peer::new(vec![[hello(offers), script].concat()]).await;
        let mut carrier = peer
            .courier_with(Tls::StartTls, Some("ann"), patience())
            .carrier();
        assert_deferred(
            &carried(&mut carrier, &letter()).await,
            "more than it was asked",
        );
        drop(carrier);
        assert_eq!(
            peer.heard().await,
            ["EHLO desk.example.org\r\nSTARTTLS\r\n"]
        );
    }
}

#[tokio::test]
async fn a_refused_starttls_defers() {
    let script = vec![
        Hear("STARTTLS\r\n"),
        say("454 4.7.0 no certificate"),
        Stay(Duration::ZERO),
    ];
    let offers = "250-peer.example\r\n250 STARTTLS\r\n";
    let peer = Peer::new(vec![[hello(offers), script].concat()]).await;
    let mut carrier = peer.courier_with(Tls::StartTls, None, patience()).carrier();
    assert_deferred(
        &carried(&mut carrier, &letter()).await,
        "454 4.7.0 no certificate",
    );
}

#[tokio::test]
async fn the_password_is_read_anew_for_each_connection() {
    let login = |words: &'static str| vec![Hear(words), say("235 2.7.0 welcome")];
    let offers = "250-peer.example\r\n250 AUTH LOGIN PLAIN\r\n";
    // NUL ann NUL pass0, NUL ann NUL pass1
    let first = [
        hello(offers),
        login("AUTH PLAIN AGFubgBwYXNzMA==\r\n"),
        transaction(),
        vec![Cut],
    ]
    .concat();
    let second = [
        hello(offers),
        login("AUTH PLAIN AGFubgBwYXNzMQ==\r\n"),
        transaction(),
        stay(),
    ]
    .concat();
    let peer = Peer::new(vec![first, second]).await;
    let mut carrier = peer
        .courier_with(Tls::None, Some("ann"), patience())
        .carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
}

#[tokio::test]
async fn login_in_two_steps_works() {
    let steps = vec![
        Hear("AUTH LOGIN\r\n"),
        say("334 VXNlcm5hbWU6"),
        Hear("YW5u\r\n"),
        say("334 UGFzc3dvcmQ6"),
        Hear("cGFzczA=\r\n"),
        say("235 2.7.0 welcome"),
    ];
    let offers = "250-peer.example\r\n250 AUTH LOGIN\r\n";
    let peer = Peer::new(vec![[hello(offers), steps, transaction(), stay()].concat()]).await;
    let mut carrier = peer
        .courier_with(Tls::None, Some("ann"), patience())
        .carrier();
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
}

#[tokio::test]
async fn a_refused_login_names_what_to_check() {
    for answer in [
        "535 5.7.8 bad credentials",
        "454 4.7.0 later",
        "421 4.7.0 too many",
    ] {
        let login = vec![Hear("AUTH PLAIN"), say(answer), Stay(Duration::ZERO)];
        let offers = "250-peer.example\r\n250 AUTH PLAIN\r\n";
        let peer = Peer::new(vec![[hello(offers), login].concat()]).await;
        let mut carrier = peer
            .courier_with(Tls::None, Some("ann"), patience())
            .carrier();
        let outcome = carried(&mut carrier, &letter()).await;
        assert_deferred(&outcome, answer);
        assert_deferred(
            &outcome,
            "check `user` and `password` in [desk.support.courier]",
        );
        assert!(!format!("{outcome:?}").contains("pass0"));
    }
}

#[tokio::test]
async fn a_server_without_login_is_not_told_the_password() {
    let peer = Peer::new(vec![[hello(PLAIN), stay()].concat()]).await;
    let mut carrier = peer
        .courier_with(Tls::None, Some("ann"), patience())
        .carrier();
    assert_deferred(
        &carried(&mut carrier, &letter()).await,
        "no login by PLAIN or LOGIN",
    );
    drop(carrier);
    assert_eq!(peer.heard().await, ["EHLO desk.example.org\r\n"]);
}

#[tokio::test]
async fn a_panic_of_the_protocol_library_costs_the_connection_only() {
    // RUSTSEC-2026-0562: an EHLO line of white space.
    let strange = [
        hello("250-peer.example\r\n250-  \r\n250 8BITMIME\r\n"),
        stay(),
    ]
    .concat();
    let peer = Peer::new(vec![
        strange,
        [hello(PLAIN), transaction(), stay()].concat(),
    ])
    .await;
    let mut carrier = peer.courier().carrier();
    assert_deferred(&carried(&mut carrier, &letter()).await, "panic");
    assert_eq!(carried(&mut carrier, &letter()).await, accepted());
}

#[tokio::test]
async fn unsound_bytes_do_not_reach_the_wire() {
    let courier = Peer::new(vec![]).await.courier();
    for text in [
        "a\n.\r\nMAIL FROM:<x@y.example>\r\n",
        "a\r.\r\n",
        "a\0\r\n",
        "é\r\n",
    ] {
        let (delivery, asked) = carried(&mut courier.carrier(), &letter_of(text)).await;
        assert!(
            matches!(delivery, Delivery::Refused(_)),
            "{delivery:?} for {text:?}"
        );
        assert!(!asked);
    }
}

#[tokio::test]
async fn addresses_beyond_ascii_go_only_where_they_are_taken() {
    let mut letter = letter();
    letter.to = "zoé@acme.example".parse().unwrap();
    let peer = Peer::new(vec![[hello(PLAIN), transaction(), stay()].concat()]).await;
    let mut carrier = peer.courier().carrier();
    let (delivery, _) = carried(&mut carrier, &letter).await;
    assert!(
        matches!(&delivery, Delivery::Refused(text) if text.contains("zoé@acme.example")),
        "{delivery:?}"
    );
    letter.to = "ann@acme.example".parse().unwrap();
    assert_eq!(carried(&mut carrier, &letter).await, accepted());
}

#[tokio::test]
async fn nobody_listening_defers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let peer = Peer {
        address,
        running: tokio::spawn(async { vec![] }),
    };
    assert_deferred(
        &carried(&mut peer.courier().carrier(), &letter()).await,
        "cannot connect",
    );
}

fn can_move<T: Send>(_: T) {}

#[tokio::test]
async fn carrying_can_move_between_threads() {
    let courier = Peer::new(vec![]).await.courier();
    let letter = letter();
    let mut carrier = courier.carrier();
    can_move(carrier.carry(&letter, || async { Ok(()) }));
}
