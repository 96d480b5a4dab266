//! Fills the view of a receipt.

use super::helpers::mailto;
use super::reader::{LIST_MAX, Reader, answer_subject, one_line};
use super::views::{
    AgainView, HeldLetterView, ReceiptView, RefusedView, SentLetterView, TicketLineView,
};
use crate::desk::act::SentLetter;
use crate::desk::notice::{Again, Hint, Notice, Refused};

impl Reader<'_> {
    /// What became of the commands.
    pub(super) fn receipt(&self, notice: &Notice) -> Option<ReceiptView> {
        let receipt = notice.receipt.as_ref()?;
        let lines = |lines: &[String]| -> Vec<String> {
            let some = lines.iter().take(LIST_MAX);
            some.map(|line| one_line(line)).collect()
        };
        let letters = receipt.letters.iter().take(LIST_MAX);
        let held = receipt.held.iter().take(LIST_MAX);
        let names_tickets = receipt.names_tickets(&notice.ticket.id);
        let about = |letter: &SentLetter| {
            let ticket = letter.ticket.as_ref().filter(|_| names_tickets);
            ticket.map(ToString::to_string)
        };
        let others = receipt.others.iter().take(LIST_MAX);
        let refused = receipt.refused.iter().take(LIST_MAX);
        Some(ReceiptView {
            done: lines(&receipt.done),
            refused: refused
                .map(|refused| RefusedView {
                    line: one_line(&refused.line),
                    because: self.refusal(refused),
                    did_you_mean: refused.did_you_mean.as_deref().map(one_line),
                })
                .collect(),
            again: receipt
                .again
                .as_ref()
                .map(|again| self.again(notice, again)),
            dry: receipt.dry,
            undone: lines(&receipt.undone),
            letters: letters
                .map(|letter| SentLetterView {
                    what: self.strings.letter(&letter.kind),
                    to: one_line(letter.to.as_str()),
                    ticket: about(letter),
                })
                .collect(),
            held: held
                .map(|held| HeldLetterView {
                    what: self.strings.letter(&held.letter.kind),
                    to: one_line(held.letter.to.as_str()),
                    ticket: about(&held.letter),
                    because: self.strings.hold(&held.because),
                })
                .collect(),
            more_held: receipt.held.len().saturating_sub(LIST_MAX),
            more_letters: receipt.letters.len().saturating_sub(LIST_MAX),
            more_others: receipt.others.len().saturating_sub(LIST_MAX),
            others: others
                .map(|ticket| TicketLineView {
                    id: ticket.id.to_string(),
                    status: self.strings.status(ticket.status),
                    priority_word: ticket.priority.word(),
                    assignee: ticket.assignee.as_deref().map(|key| self.technician(key)),
                })
                .collect(),
            can_undo: receipt.can_undo,
            hint: receipt.hint.map(Hint::word),
            commands: receipt.help || !receipt.refused.is_empty(),
        })
    }

    fn refusal(&self, refused: &Refused) -> String {
        let named = refused.named.as_deref().map(one_line);
        self.strings
            .refusal(refused.because, named.as_deref().unwrap_or_default())
    }

    /// The answer that carries out what a receipt refuses. It is short; its lines are shown as they are.
    fn again(&self, notice: &Notice, again: &Again) -> AgainView {
        let subject = match notice.sheet() {
            Some(_) => format!("Re: {}", self.moment(self.envelope.date).day),
            None => answer_subject(&notice.ticket),
        };
        let confirm = Some(self.strings.commands().confirm.as_str()).filter(|_| again.confirms);
        let lines = again.text.lines().chain(confirm);
        let lines: Vec<String> = lines.take(LIST_MAX).map(one_line).collect();
        AgainView {
            link: mailto(&self.envelope.reply_to, &subject, &lines.join("\r\n")),
            lines,
        }
    }
}
