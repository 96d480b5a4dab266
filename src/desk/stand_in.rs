//! Who is told beside those who have a ticket: whoever stands in for somebody who is away. And what they are told beside
//! it: the tickets it may be about.

use super::case::{Case, Content};
use super::command::grouping;
use super::ids::{Address, TicketId};
use super::notice::{NoticeKind, StandIn};
use super::people::Technician;

impl Case<'_> {
    /// While whoever has the ticket is away, the lead of its team is told as well; else its members who are there.
    pub fn tell_stand_ins(
        &mut self,
        kind: NoticeKind,
        content: &Content,
        except: Option<&Address>,
    ) {
        let people = &self.rules.people;
        let assignee = self.ticket.assignee.as_ref();
        let away = assignee
            .and_then(|key| people.technicians.get(key))
            .and_then(|away| Some((away, self.seen.away_until(away, self.now)?)));
        let Some((away, until)) = away else {
            return;
        };
        let is_there = |technician: &&Technician| {
            technician.key != away.key && !self.seen.is_away(technician, self.now)
        };
        // Without a team of its own, the ticket belongs to one its owner belongs to.
        let own = self
            .ticket
            .team
            .as_ref()
            .and_then(|key| people.teams.get(key));
        let team = own.or_else(|| {
            let mut teams = people.teams.values();
            teams.find(|team| team.members.contains(&away.key))
        });
        let lead = team.and_then(|team| team.lead.as_ref());
        let lead = lead.and_then(|key| people.technicians.get(key));
        let stand_ins: Vec<&Technician> = match lead.filter(is_there) {
            Some(lead) => vec![lead],
            None => {
                let members = team.map(|team| team.members.as_slice()).unwrap_or_default();
                let members = members.iter().filter_map(|key| people.technicians.get(key));
                members.filter(is_there).collect()
            }
        };
        let content = Content {
            stands_in: Some(StandIn {
                name: away.name.clone(),
                until,
            }),
            ..content.clone()
        };
        for technician in stand_ins {
            if except.is_none_or(|address| !technician.owns(address)) {
                let to = self.technician(technician);
                self.tell(kind, to, &content);
            }
        }
    }

    /// Tells whoever has the ticket and is there; in place of somebody who is away, only those who stand in.
    pub fn tell_present(&mut self, kind: NoticeKind, content: &Content) {
        let present: Vec<&Technician> = self
            .staff()
            .into_iter()
            .filter(|technician| !self.seen.is_away(technician, self.now))
            .collect();
        for technician in present {
            let to = self.technician(technician);
            self.tell(kind, to, content);
        }
        self.tell_stand_ins(kind, content, None);
    }

    /// The tickets it is linked with, and whether it can go on there.
    pub fn related(&self) -> Vec<(TicketId, bool)> {
        let links = self.ticket.links.iter();
        let can_go_on = |id: &TicketId| {
            let other = self.current(id);
            other.is_some_and(|other| grouping::can_go_on(self, &self.ticket, other))
        };
        links.map(|id| (id.clone(), can_go_on(id))).collect()
    }
}
