//! Asks back once before something that cannot be taken back, or that shows what is private.

use std::io::{BufRead, IsTerminal, Write};

use super::{Failure, USAGE};

/// Whoever is asked.
pub struct Person<R, W> {
    /// What they type.
    pub input: R,
    /// What they read, when nothing else may stand between the results.
    pub output: W,
    /// Whether they are there: nobody reads a question in a log.
    pub is_there: bool,
}

impl Person<std::io::BufReader<std::io::Stdin>, std::io::Stderr> {
    /// Whoever sits at the terminal, if somebody does.
    pub fn at_terminal() -> Self {
        let (input, output) = (std::io::stdin(), std::io::stderr());
        Self {
            is_there: input.is_terminal() && output.is_terminal(),
            input: std::io::BufReader::new(input),
            output,
        }
    }
}

impl<R: BufRead, W: Write> Person<R, W> {
    /// Whether they go on after reading `question`: their answer `is_yes`. Without anybody there it needs `--yes`.
    pub fn goes_on(
        &mut self,
        question: &str,
        command: &str,
        is_yes: impl Fn(&str) -> bool,
    ) -> Result<bool, Failure> {
        if !self.is_there {
            let message = format!(
                "`guichet {command}` asks back, and there is no terminal to ask at; add --yes to go on without being asked"
            );
            return Err(Failure::new(USAGE, message));
        }
        write!(self.output, "{question} ")?;
        self.output.flush()?;
        let mut answer = String::new();
        self.input.read_line(&mut answer)?;
        Ok(is_yes(answer.trim()))
    }
}

/// Whether an answer to a `[y/N]` is a yes.
pub fn is_y(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(is_there: bool, typed: &str) -> (Result<bool, u8>, String) {
        let mut person = Person {
            input: typed.as_bytes(),
            output: Vec::new(),
            is_there,
        };
        let answer = person.goes_on("Go on? [y/N]", "export", is_y);
        let read = String::from_utf8(person.output).unwrap();
        (answer.map_err(|failure| failure.code), read)
    }

    #[test]
    fn only_a_yes_of_somebody_who_is_there_goes_on() {
        let question = "Go on? [y/N] ".to_owned();
        assert_eq!(asked(true, "Y\n"), (Ok(true), question.clone()));
        assert_eq!(asked(true, "\n"), (Ok(false), question.clone()));
        assert_eq!(asked(true, ""), (Ok(false), question));
        assert_eq!(asked(false, "y\n"), (Err(USAGE), String::new()));
    }
}
