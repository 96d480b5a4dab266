//! Puts into a mail what only the letter it answers can tell.
//!
//! A mail of a golden case may say, in any header, `{{message-id of update to marie@acme.example}}`; `about INC-2`
//! may follow. `message-id`, `reply-to`, `references` (with the letter's own id at the end) and `subject` are known.
//! The latest letter of that kind to that person is meant.

use guichet::store::LetterView;

use crate::world::World;

/// `mail` with every placeholder replaced.
pub fn fill(world: &World, mail: &str) -> String {
    let mut filled = String::new();
    let mut rest = mail;
    while let Some((before, after)) = rest.split_once("{{") {
        let (wish, behind) = after.split_once("}}").expect("what opens is closed");
        filled.push_str(before);
        filled.push_str(&wished(world, wish));
        rest = behind;
    }
    filled + rest
}

fn wished(world: &World, wish: &str) -> String {
    let (field, letter) = wish
        .split_once(" of ")
        .unwrap_or_else(|| panic!("`{wish}` is not `reply-to of KIND to ADDRESS`"));
    let (letter, ticket) = match letter.split_once(" about ") {
        Some((letter, ticket)) => (letter, Some(ticket)),
        None => (letter, None),
    };
    let (kind, to) = letter
        .split_once(" to ")
        .unwrap_or_else(|| panic!("`{wish}` does not say to whom"));
    let letter = latest(world, kind, to, ticket);
    let bytes = world.letter_bytes(letter.id);
    match field {
        "message-id" => format!("<{}>", letter.message_id),
        "reply-to" => header(&bytes, "Reply-To").expect("every letter says where answers go"),
        "references" => {
            let older = header(&bytes, "References").unwrap_or_default();
            format!("{older} <{}>", letter.message_id)
        }
        "subject" => header(&bytes, "Subject").expect("every letter has a subject"),
        _ => panic!("`{field}` of a letter is not known"),
    }
}

/// The latest letter of this kind to this person.
pub fn latest(world: &World, kind: &str, to: &str, ticket: Option<&str>) -> LetterView {
    let mut letters = world.letters().into_iter();
    let wanted = |letter: &LetterView| {
        letter.notice == kind
            && letter.to == to
            && ticket.is_none_or(|ticket| letter.about() == ticket)
    };
    letters
        .rfind(wanted)
        .unwrap_or_else(|| panic!("there is no letter `{kind}` to {to} yet"))
}

/// A header field of a letter on one line.
pub fn header(bytes: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut fields = unfolded.lines().filter_map(|line| line.split_once(':'));
    fields
        .find(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
