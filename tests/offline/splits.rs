//! A mail with files that becomes a ticket of its own: the files are named where it goes on.

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};

use crate::answers;
use crate::world::{Arrival, World};

#[test]
fn the_files_of_a_mail_that_is_split_off_are_named_on_the_new_ticket() {
    let world = World::new();
    let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a moment");
    let photo = BASE64.encode(b"\xff\xd8\xff\xe0 a photograph");
    let mails = [
        "From: Marie <marie@acme.example>\r\nTo: support@example.org\r\nSubject: The scanner jams\r\n\
         Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\n\r\nNow and then.\r\n"
            .to_owned(),
        format!(
            "From: Marie <marie@acme.example>\r\nTo: support@example.org\r\nSubject: Re: [INC-1] The scanner jams\r\n\
             Date: Tue, 24 Nov 2026 09:10:00 +0000\r\nMessage-ID: <2@acme.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
             The feeder squeaks as well.\r\n--b\r\nContent-Type: image/jpeg\r\n\
             Content-Disposition: attachment; filename=feeder.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             {photo}\r\n--b--\r\n"
        ),
        "From: Ann <ann@example.org>\r\nTo: {{reply-to of message to ann@example.org about INC-1}}\r\nSubject: Re\r\n\
         Date: Tue, 24 Nov 2026 09:20:00 +0000\r\nMessage-ID: <3@example.org>\r\n\r\n/split The feeder squeaks\r\n"
            .to_owned(),
    ];
    for (minutes, mail) in (0..).step_by(10).zip(mails) {
        let mail = answers::fill(&world, &mail);
        let at = now + SignedDuration::from_mins(minutes);
        world.receive(Arrival::at_support(minutes.to_string(), mail), at);
    }
    let tickets = world.tickets();
    assert_eq!(tickets.len(), 2);
    assert_eq!(tickets[1].subject, "The feeder squeaks");
    let letters = world.letters().into_iter();
    let told: Vec<String> = letters
        .filter(|letter| letter.notice == "new-ticket" && letter.to.contains("paul"))
        .map(|letter| String::from_utf8_lossy(&world.letter_bytes(letter.id)).into_owned())
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told[1].contains("feeder.jpg"), "{}", told[1]);
}
