//! Reads `questions.toml`: what an acknowledgement asks in one language. When it asks is up to `desk::missing`.

use serde::Deserialize;

use crate::desk::missing::Question;

/// More could never all be asked; the file of our own has some twenty.
const QUESTIONS_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    question: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    categories: Vec<String>,
    ask: String,
    #[serde(default)]
    known_by: Vec<String>,
    #[serde(default)]
    file_answers: bool,
}

/// The questions of a file, in its order. The error is a line (1 for the first, if known) and a reason.
pub fn parse(text: &str) -> Result<Vec<Question>, (Option<usize>, String)> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        (line, error.message().to_owned())
    })?;
    if file.question.len() > QUESTIONS_MAX {
        let reason = format!("more than {QUESTIONS_MAX} questions");
        return Err((None, reason));
    }
    let questions = file.question.into_iter().map(|entry| {
        let wrong = |reason: &str| {
            Err((
                line_of(text, &entry.ask),
                format!("`{}` {reason}", entry.ask),
            ))
        };
        if entry.ask.trim().is_empty() || entry.ask.contains('\n') {
            return wrong("is no question: write one line");
        }
        if entry.categories.is_empty() {
            return wrong("is asked for no category; name one, such as \"network\"");
        }
        if entry
            .known_by
            .iter()
            .any(|phrase| !phrase.contains(char::is_alphanumeric) && phrase != "#")
        {
            return wrong("has an empty phrase in known_by");
        }
        Ok(Question {
            categories: entry.categories,
            ask: entry.ask,
            known_by: entry.known_by,
            file_answers: entry.file_answers,
        })
    });
    questions.collect()
}

fn line_of(text: &str, ask: &str) -> Option<usize> {
    let (before, _) = text.split_once(ask)?;
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_names_its_line() {
        let right = "[[question]]\ncategories = [\"network\"]\nask = \"Since when?\"\nknown_by = [\"since\"]\n";
        assert_eq!(parse(right).unwrap().len(), 1);
        for (text, line) in [
            (right.replace("ask", "aks"), 3),
            (right.replace("\"network\"", ""), 3),
            (right.replace("\"since\"", "\"*\""), 3),
            (right.replace("\"Since", "Since"), 3),
        ] {
            let (found, reason) = parse(&text).unwrap_err();
            assert_eq!(found, Some(line), "{reason}");
        }
    }
}
