//! Whether a trusted server vouches for the sender: `Authentication-Results` (RFC 8601).
//!
//! Anybody can write such a field. It counts only with an authserv-id that the configuration names, only the
//! top-most block of that id, and only above the `Received` field of the server that wrote it: what
//! stands below came with the mail (7.1, 7.3). A mail with more or fewer than one address in From proves
//! nobody (RFC 5322 3.6.2).

use super::header::{Field, Headers};
use crate::desk::ids::Address;
use crate::desk::mail::Proof;

/// Servers that write their results *below* their own `Received` field and remove forged ones of their id first.
const WRITES_BELOW_ITS_RECEIVED: [&str; 1] = ["mx.google.com"];

/// Servers that leave their id out, by the end of their names, and what the configuration calls them.
const WRITES_NO_ID: [(&str, &str); 1] = [(".protection.outlook.com", "protection.outlook.com")];

/// Reads the proof. `from`: the only address of From; `trusted`: the authserv-ids of the configuration.
pub fn read(headers: &Headers, from: Option<&Address>, trusted: &[String]) -> Proof {
    let Some(from) = from else {
        return Proof::default();
    };
    let Some((id, results)) = trusted_block(headers.all(), trusted) else {
        return Proof::default();
    };
    match judge(&results, from.domain()) {
        Some(reason) => Proof {
            authenticated: true,
            because: Some(format!("{id} says {reason}")),
        },
        None => Proof {
            authenticated: false,
            because: Some(format!("{id} does not vouch for {}", from.domain())),
        },
    }
}

/// One `method=result` with its properties, all in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

impl Verdict {
    fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The domain a property speaks of, be it an address or a domain.
    fn domain(&self, name: &str) -> Option<&str> {
        self.property(name)
            .map(|value| value.rsplit_once('@').map_or(value, |(_, domain)| domain))
    }
}

/// The id and the results of the top-most block of a trusted id, if it stands where only that server can write.
fn trusted_block(fields: &[Field], trusted: &[String]) -> Option<(String, Vec<Verdict>)> {
    let (at, id) = (0..fields.len()).find_map(|at| Some((at, trusted_id(fields, at, trusted)?)))?;
    if !stands_right(fields, at, &id) {
        return None;
    }
    // Some servers write one field for each method: all of the id down to the next Received are one block.
    let block = fields.get(at..).unwrap_or_default();
    let results = block
        .iter()
        .take_while(|field| !field.name.eq_ignore_ascii_case("Received"))
        .filter_map(result_of)
        .filter(|(other, _)| other.as_ref().is_none_or(|other| *other == id))
        .flat_map(|(_, results)| results)
        .collect();
    Some((id, results))
}

fn result_of(field: &Field) -> Option<(Option<String>, Vec<Verdict>)> {
    field
        .name
        .eq_ignore_ascii_case("Authentication-Results")
        .then(|| parse(&field.value))
        .flatten()
}

/// The trusted id that the field at `at` carries. Exchange Online names none: there it is the server whose `Received` comes
/// next, and the configuration names the domain of those servers (`protection.outlook.com`).
fn trusted_id(fields: &[Field], at: usize, trusted: &[String]) -> Option<String> {
    let (id, _) = result_of(fields.get(at)?)?;
    let known = |id: &str| {
        trusted
            .iter()
            .any(|known| known.trim().eq_ignore_ascii_case(id))
    };
    if let Some(id) = id {
        return known(&id).then_some(id);
    }
    let below = fields.get(at..).unwrap_or_default();
    let received = below
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("Received"))?;
    let host = writer(&received.value)?.to_ascii_lowercase();
    let (_, servers) = WRITES_NO_ID
        .iter()
        .copied()
        .find(|(suffix, _)| host.ends_with(suffix))?;
    known(servers).then_some(host)
}

/// Whether the field at `at` is above the `Received` of the server `id`; where no `Received` names it, above all. What stands
/// above it must be of the same house: anybody else's server would have taken it over from outside.
fn stands_right(fields: &[Field], at: usize, id: &str) -> bool {
    let received: Vec<(usize, Option<&str>)> = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name.eq_ignore_ascii_case("Received"))
        .map(|(index, field)| (index, writer(&field.value)))
        .collect();
    let is_own = |by: &Option<&str>| by.is_some_and(|host| host.eq_ignore_ascii_case(id));
    let own = received
        .iter()
        .find(|(_, by)| is_own(by))
        .map(|(index, _)| *index);
    let top = received.first().map(|(index, _)| *index);
    let passed_on_outside = received
        .iter()
        .filter(|(index, _)| *index < at && Some(*index) != own)
        .any(|(_, by)| by.is_none_or(|host| !is_same_house(host, id)));
    if passed_on_outside {
        return false;
    }
    if WRITES_BELOW_ITS_RECEIVED.contains(&id) {
        let next = received
            .iter()
            .find(|(index, _)| own.is_some_and(|own| *index > own));
        return own.is_some_and(|own| own < at) && next.is_none_or(|(next, _)| at < *next);
    }
    own.or(top).is_none_or(|border| at < border)
}

/// The host that wrote a `Received` field.
fn writer(received: &str) -> Option<&str> {
    let mut words = received.split_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("by"))?;
    words.next().map(|host| host.trim_end_matches(';'))
}

/// Whether two hosts end in the same two labels, or `host` is no name of the open net: `localhost`, an address.
fn is_same_house(host: &str, id: &str) -> bool {
    let end = |name: &str| -> Vec<String> {
        let labels = name.trim_end_matches('.').rsplit('.').take(2);
        labels.map(str::to_ascii_lowercase).collect()
    };
    !host.contains('.') || host.contains(':') || end(host) == end(id)
}

/// The reason to believe that mail of `domain` is genuine, `None` when there is none.
fn judge(results: &[Verdict], domain: &str) -> Option<String> {
    let dmarc = results.iter().filter(|r| r.method == "dmarc");
    for verdict in dmarc.clone() {
        let same = verdict
            .domain("header.from")
            .is_none_or(|from| from == domain);
        if verdict.result == "pass" && same {
            return Some(format!("dmarc=pass for {domain}"));
        }
    }
    // The server compared the domains itself and found them different.
    if dmarc.clone().any(|verdict| verdict.result == "fail") {
        return None;
    }
    let aligned = |found: Option<&str>| found.is_some_and(|found| is_aligned(found, domain));
    results
        .iter()
        .filter(|r| r.result == "pass")
        .find_map(|verdict| {
            let signer = verdict
                .domain("header.d")
                .or_else(|| verdict.domain("header.i"));
            match verdict.method.as_str() {
                "dkim" if aligned(signer) => Some(format!("dkim=pass for {domain}")),
                "spf" if aligned(verdict.domain("smtp.mailfrom")) => {
                    Some(format!("spf=pass for {domain}"))
                }
                _ => None,
            }
        })
}

/// The same domain, or one above it. RFC 7489 3.1 also allows a domain below, which needs the list of public
/// suffixes to be safe: without it `x.example` would speak for a whole suffix.
fn is_aligned(found: &str, domain: &str) -> bool {
    found == domain
        || (found.contains('.')
            && domain
                .strip_suffix(found)
                .is_some_and(|below| below.ends_with('.')))
}

/// The authserv-id, if there is one, and the results of one field (RFC 8601 2.2). `None` when it is malformed or of another
/// version.
fn parse(value: &str) -> Option<(Option<String>, Vec<Verdict>)> {
    let bare = without_comments(value)?.to_ascii_lowercase();
    let sections = split_unquoted(&bare, ';');
    let (head, rest) = sections.split_first()?;
    let results = |sections: &[String]| {
        sections
            .iter()
            .filter_map(|section| verdict(section))
            .collect()
    };
    let mut words = head.split_whitespace();
    let id = words.next()?.trim_matches('"').to_owned();
    if id.contains('=') {
        return Some((None, results(&sections)));
    }
    let right_version = words.next().is_none_or(|version| version == "1");
    let well_formed = right_version && words.next().is_none();
    well_formed.then(|| (Some(id), results(rest)))
}

fn verdict(section: &str) -> Option<Verdict> {
    let spaced = section.replace(" =", "=").replace("= ", "=");
    let words = split_unquoted(spaced.trim(), ' ');
    let mut pairs = words.iter().filter_map(|word| word.split_once('='));
    let (method, result) = pairs.next()?;
    Some(Verdict {
        method: method.split('/').next().unwrap_or(method).trim().to_owned(),
        result: result.trim().to_owned(),
        properties: pairs
            .map(|(name, value)| {
                (
                    name.trim().to_owned(),
                    value.trim().trim_matches('"').to_owned(),
                )
            })
            .collect(),
    })
}

/// The value without comments; `None` when a comment or a quoted string has no end.
fn without_comments(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for c in value.chars() {
        if escaped {
            escaped = false;
        } else {
            match c {
                '\\' => {
                    escaped = true;
                }
                '"' if depth == 0 => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted && depth > 0 => {
                    depth -= 1;
                    out.push(' ');
                    continue;
                }
                _ => {}
            }
        }
        if depth == 0 {
            out.push(c);
        }
    }
    (depth == 0 && !quoted).then_some(out)
}

/// Cuts at `separator` outside quoted strings; empty pieces are left out.
fn split_unquoted(text: &str, separator: char) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c == separator && !quoted {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str =
        "Authentication-Results: mx.example.org; dmarc=pass header.from=acme.example";
    const BORDER: &str = "Received: from a by mx.example.org with ESMTP";

    fn authenticated(header: &str) -> bool {
        let headers = Headers::read(header.as_bytes());
        let from: Address = "ann@acme.example".parse().unwrap();
        read(
            &headers,
            Some(&from),
            &["mx.example.org".to_owned(), "mx.google.com".to_owned()],
        )
        .authenticated
    }

    #[test]
    fn only_above_the_border() {
        assert!(authenticated(&format!("{RESULT}\n{BORDER}\n")));
        assert!(authenticated(&format!(
            "Received: from mx by store.example.org\n{RESULT}\n{BORDER}\n"
        )));
        assert!(!authenticated(&format!("{BORDER}\n{RESULT}\n")));
        assert!(!authenticated(&format!(
            "Received: from a by other.example\n{RESULT}\n"
        )));
        assert!(!authenticated(&format!("{BORDER}\n{RESULT}\n{BORDER}\n")));
    }

    #[test]
    fn the_top_most_block_decides() {
        let fail = "Authentication-Results: mx.example.org; dmarc=fail header.from=acme.example";
        assert!(!authenticated(&format!(
            "{fail}\nReceived: from b by c\n{RESULT}\n{BORDER}\n"
        )));
        assert!(authenticated(&format!(
            "Authentication-Results: evil.example; dmarc=fail\n{RESULT}\n{BORDER}\n"
        )));
    }

    #[test]
    fn ids_must_be_equal_and_fields_well_formed() {
        for value in [
            "mx.example.org.evil.example; dmarc=pass",
            "(mx.example.org) evil.example; dmarc=pass",
            "mx.example.org 2; dmarc=pass",
            "mx.example.org; (dmarc=pass",
            "mx.example.org; dmarc=pass header.from=evil.example",
            "mx.example.org; dkim=pass header.d=evil.example",
            "mx.example.org; dkim=fail header.d=acme.example",
            "mx.example.org; dkim=pass header.d=example",
            "mx.example.org; x=\"dmarc=pass\"",
            "mx.example.org; none",
        ] {
            assert!(
                !authenticated(&format!("Authentication-Results: {value}\n{BORDER}\n")),
                "{value}"
            );
        }
        for value in [
            "MX.example.org 1 ; DMARC=pass (p=none) header.from=acme.example",
            "mx.example.org; dkim = pass header.d=acme.example",
            "mx.example.org; spf=pass smtp.mailfrom=bounce@acme.example",
            "\"mx.example.org\"; dkim=pass (2048-bit; ok) header.i=@acme.example",
        ] {
            assert!(
                authenticated(&format!("Authentication-Results: {value}\n{BORDER}\n")),
                "{value}"
            );
        }
    }

    #[test]
    fn a_server_that_writes_below_its_own_line_is_read_there_only() {
        let result = "Authentication-Results: mx.google.com; dmarc=pass header.from=acme.example";
        let border = "Received: from a by mx.google.com with ESMTPS";
        assert!(authenticated(&format!(
            "Received: by 2002:a05\n{border}\n{result}\n"
        )));
        assert!(!authenticated(&format!(
            "{border}\nReceived: from b by c\n{result}\n"
        )));
        assert!(!authenticated(&format!("{result}\n")));
    }

    /// A whole header with the From of a mail: whether it is proven.
    fn proven(header: &str) -> bool {
        let rules = super::super::ReadRules {
            trusted_authserv_ids: vec![
                "mx.example.org".to_owned(),
                "protection.outlook.com".to_owned(),
            ],
            ..Default::default()
        };
        super::super::read(format!("{header}\n\ntext").as_bytes(), &rules)
            .proof
            .authenticated
    }

    #[test]
    fn what_proves_and_what_never_does() {
        let ann = "From: Ann <ann@acme.example>";
        let outlook = "Authentication-Results: spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=acme.example; dkim=pass (signature was verified)\n header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100";
        let eop = "Received: from mail.acme.example (192.0.2.1) by DB5EUR05FT1.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server";
        let hop = "Received: from A.prod.outlook.com by B.eurprd05.prod.outlook.com with HTTPS";
        for (what, header, wanted) in [
            (
                "our border says so",
                format!("{RESULT}\n{BORDER}\n{ann}"),
                true,
            ),
            (
                "two From fields",
                format!("{RESULT}\n{BORDER}\n{ann}\n{ann}"),
                false,
            ),
            (
                "an empty second From",
                format!("{RESULT}\n{BORDER}\n{ann}\nFrom:"),
                false,
            ),
            (
                "several addresses",
                format!("{RESULT}\n{BORDER}\nFrom: ann@acme.example, eve@evil.example"),
                false,
            ),
            (
                "several addresses of one domain",
                format!("{RESULT}\n{BORDER}\nFrom: ann@acme.example, bob@acme.example"),
                false,
            ),
            (
                "an address in the name is no second one",
                format!("{RESULT}\n{BORDER}\nFrom: \"boss@acme.example\" <ann@acme.example>"),
                true,
            ),
            (
                "the domain of the name is proven, that of the address is not",
                format!("{RESULT}\n{BORDER}\nFrom: \"ann@acme.example\" <eve@evil.example>"),
                false,
            ),
            (
                "a group",
                format!("{RESULT}\n{BORDER}\nFrom: acme: ann@acme.example;"),
                true,
            ),
            ("no From", format!("{RESULT}\n{BORDER}"), false),
            (
                "a Sender is no From",
                format!("{RESULT}\n{BORDER}\nSender: ann@acme.example"),
                false,
            ),
            (
                "forged below the border",
                format!("{BORDER}\n{RESULT}\n{ann}"),
                false,
            ),
            (
                "forged with a border of its own, passed on by somebody else",
                format!("Received: from x by relay.evil.example\n{RESULT}\n{BORDER}\n{ann}"),
                false,
            ),
            (
                "forged below the real one, which says no",
                format!(
                    "Authentication-Results: mx.example.org; dmarc=fail header.from=acme.example\n{BORDER}\n{RESULT}\n{ann}"
                ),
                false,
            ),
            (
                "forged below the real one, which says nothing",
                format!("Authentication-Results: mx.example.org; none\n{BORDER}\n{RESULT}\n{ann}"),
                false,
            ),
            (
                "a store behind the border",
                format!(
                    "Received: from mx.example.org by store.example.org\nReceived: by localhost\n{RESULT}\n{BORDER}\n{ann}"
                ),
                true,
            ),
            (
                "ARC results are somebody else's word",
                format!("ARC-{RESULT}\n{BORDER}\n{ann}"),
                false,
            ),
            (
                "a result for another method only",
                format!(
                    "Authentication-Results: mx.example.org; auth=pass smtp.auth=ann@acme.example\n{BORDER}\n{ann}"
                ),
                false,
            ),
            (
                "Exchange Online",
                format!("{hop}\n{outlook}\n{eop}\n{ann}"),
                true,
            ),
            (
                "Exchange Online of somebody else",
                format!("{BORDER}\n{hop}\n{outlook}\n{eop}\n{ann}"),
                false,
            ),
            (
                "nobody's",
                format!("{outlook}\nReceived: by mx.evil.example\n{ann}"),
                false,
            ),
            (
                "forged without any Received",
                format!("{outlook}\n{ann}"),
                false,
            ),
        ] {
            assert_eq!(proven(&header), wanted, "{what}:\n{header}");
        }
    }

    #[test]
    fn without_one_sender_there_is_no_proof() {
        let headers = Headers::read(RESULT.as_bytes());
        assert_eq!(
            read(&headers, None, &["mx.example.org".to_owned()]),
            Proof::default()
        );
    }
}
