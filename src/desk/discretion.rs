//! Cuts our secrets out of people's words before these are passed on (`reliability.md` T02).
//!
//! People quote our letters, with the signed reply address and the signed Message-ID in them. Whoever reads those
//! could answer in the place of their owner, so they go wherever they stand.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// A reply token (a day of three signs and a MAC of 26) with the plus before it, plain or as links write it, or the
/// local part of a signed Message-ID (a letter's number and a MAC of 26).
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\+|%2b|\b)[a-z][a-z0-9]{1,9}-[0-9]{1,10}\.(?:[0-9]{1,19}\.[a-z2-7]{26}|[a-z2-7]{29})\b",
    )
    .expect("a fixed pattern, tried by the tests below")
});

/// `text` without the secrets of our letters: `support+inc-1.…@example.org` becomes `support@example.org`.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    SECRETS.replace_all(text, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::letter::LetterId;
    use crate::desk::token::SigningKey;

    #[test]
    fn tokens_and_signed_ids_go_and_words_stay() {
        let key = SigningKey::new([7; 32]);
        let ticket = "INC-42".parse().unwrap();
        let ann = "ann@example.org".parse().unwrap();
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        let token = key.reply_token(&ticket, &ann, now);
        let id = key.letter_message_id(&ticket, LetterId(17), "example.org");
        let upper = token.to_uppercase();
        let text = format!(
            "From: <support+{token}@example.org>\nSUPPORT+{upper}@EXAMPLE.ORG\nmailto:support%2B{token}@example.org\n<{id}>"
        );
        let cut = without_secrets(&text);
        assert_eq!(
            cut,
            "From: <support@example.org>\nSUPPORT@EXAMPLE.ORG\nmailto:support@example.org\n<@example.org>"
        );
        for text in [
            "see INC-42.",
            "[INC-42] The till",
            "version abc-1.2.3",
            "a+b",
            "inc-42.abc@example.org",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
