//! The standard form of a delivery report: `message/delivery-status` (RFC 3464 2).

use super::super::header::{Headers, clean_line, decode_words};
use super::super::mime::{Content, Part};
use crate::desk::mail::BouncedRecipient;

/// What a part says about each recipient; empty when it is no delivery report.
pub fn recipients(part: &Part<'_>) -> Vec<BouncedRecipient> {
    let is_report = part.is("message/delivery-status") || part.is("message/global-delivery-status");
    match &part.content {
        Content::Leaf(bytes) if is_report => groups(bytes).iter().filter_map(recipient).collect(),
        _ => Vec::new(),
    }
}

/// What a read receipt says that is none: some servers refuse a mail by telling that it was deleted automatically
/// (RFC 8098 3.2.6 allows it, Dovecot does so when a mailbox is full).
pub fn refused(part: &Part<'_>) -> Vec<BouncedRecipient> {
    let Content::Leaf(bytes) = &part.content else {
        return Vec::new();
    };
    let is_refusal = |fields: &&Headers| {
        let disposition = fields
            .first("Disposition")
            .unwrap_or_default()
            .to_ascii_lowercase();
        disposition.contains("automatic-action") && disposition.ends_with("deleted")
    };
    let groups = groups(bytes);
    let addresses = groups
        .iter()
        .filter(is_refusal)
        .filter_map(|fields| fields.first("Final-Recipient"));
    let refused = |address: String| BouncedRecipient {
        address: Some(address),
        action: Some("failed".to_owned()),
        ..BouncedRecipient::default()
    };
    addresses.filter_map(address).map(refused).collect()
}

/// The groups of fields, which empty lines separate.
fn groups(bytes: &[u8]) -> Vec<Headers> {
    let text = super::super::coding::utf8_or_western(bytes)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let mut groups = vec![String::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            groups.push(String::new());
        } else if let Some(group) = groups.last_mut() {
            group.push_str(line);
            group.push('\n');
        }
    }
    groups
        .iter()
        .filter(|group| !group.is_empty())
        .map(|group| Headers::read(group.as_bytes()))
        .collect()
}

fn recipient(fields: &Headers) -> Option<BouncedRecipient> {
    let named = [
        "Original-Recipient",
        "Final-Recipient",
        "X-Actual-Recipient",
    ];
    let address_of = |name: &&str| fields.first(name).and_then(address);
    // The original recipient is the one we wrote to; the final one may be where their server passed it on to.
    let usable = |address: &String| address.contains('@') && !address.contains('/');
    let address = named
        .iter()
        .filter_map(address_of)
        .find(usable)
        .or_else(|| named.iter().find_map(address_of));
    let action = fields.first("Action").map(word);
    if address.is_none() && action.is_none() {
        return None;
    }
    Some(BouncedRecipient {
        address,
        action: action.map(|action| normal_action(&action).to_owned()),
        status: fields
            .first("Status")
            .map(word)
            .filter(|status| !status.is_empty()),
        diagnostic: fields.first("Diagnostic-Code").map(|value| {
            let value = value.split_once(';').map_or(value, |(_, said)| said);
            clean_line(&decode_words(value))
        }),
    })
}

/// One of the five actions of RFC 3464 2.3.3. What others there are (`expired`, `undeliverable`) are failures.
fn normal_action(action: &str) -> &'static str {
    match action {
        "delayed" | "deferred" | "delay" => "delayed",
        "delivered" | "deliverable" | "success" => "delivered",
        "relayed" => "relayed",
        "expanded" => "expanded",
        _ => "failed",
    }
}

/// The first word, in lower case, without a comment.
fn word(value: &str) -> String {
    let first = value
        .split(|c: char| c.is_whitespace() || c == '(' || c == ';')
        .find(|w| !w.is_empty());
    first.unwrap_or_default().to_ascii_lowercase()
}

/// The address behind `rfc822;`. RFC 3464 2.3.1: the type comes first; some leave it out.
pub fn address(value: &str) -> Option<String> {
    let value = value.rsplit_once(';').map_or(value, |(_, address)| address);
    let bare: String = value
        .trim()
        .trim_matches(['<', '>', '"', '\'', ' '])
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect();
    let bare = bare
        .split('<')
        .next_back()
        .unwrap_or(&bare)
        .trim_matches(['<', '>', '(', ')', '"']);
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_type_and_brackets() {
        assert_eq!(
            address("RFC822; <Ann@acme.example>").as_deref(),
            Some("Ann@acme.example")
        );
        assert_eq!(
            address("ann@acme.example").as_deref(),
            Some("ann@acme.example")
        );
        assert_eq!(address("rfc822;"), None);
    }

    #[test]
    fn words_come_without_comments() {
        assert_eq!(word("Failed (permanent)"), "failed");
        assert_eq!(word("5.1.1 (bad destination)"), "5.1.1");
    }
}
