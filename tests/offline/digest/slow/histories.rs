//! The made-up year as the slow way sees it: each ticket with its entries, and the words of its subject.

use guichet::desk::ticket::{Entry, EntryKind, Ticket};
use jiff::Timestamp;

use crate::world::World;

/// Everything that is stored, ticket by ticket.
pub fn histories(world: &World) -> Vec<(Ticket, Vec<Entry>)> {
    let tickets = world.tickets().into_iter();
    tickets
        .map(|ticket| {
            let entries = world.entries(&ticket);
            (ticket, entries)
        })
        .collect()
}

/// A history as one sees it at a moment: nothing later, and without what was taken back by then. An order that is taken back
/// wrote all its entries at one moment; what was written at that moment goes, and so does what says that it was taken back.
pub fn as_seen_at(
    (ticket, entries): &(Ticket, Vec<Entry>),
    until: Timestamp,
) -> (Ticket, Vec<Entry>) {
    let mut kept: Vec<Entry> = entries.iter().filter(|e| e.at < until).cloned().collect();
    let is_undoing = |e: &Entry| {
        e.by == "guichet"
            && (e.text.starts_with("taken back, ") || e.text.ends_with(": taken back"))
    };
    if let Some(undoing) = kept.iter().find(|e| is_undoing(e)).map(|e| e.at) {
        let facts = kept
            .iter()
            .filter(|e| e.kind == EntryKind::Fact && e.at < undoing);
        let undone = facts
            .map(|e| e.at)
            .max()
            .expect("what is taken back was told");
        kept.retain(|e| !is_undoing(e) && e.at != undone);
    }
    (ticket.clone(), kept)
}

/// The words by which a subject of the made-up year can be like another.
pub fn words(subject: &str) -> &'static [&'static str] {
    match subject {
        "Imprimante Compta bloquée" => &["imprimante", "compta", "bloquee"],
        "Toner vide au deuxième étage" => &["toner", "vide", "deuxieme", "etage"],
        "Wi-Fi lent en salle de réunion" => &["wi", "fi", "lent", "salle", "reunion"],
        "VPN coupé depuis ce matin" => &["vpn", "coupe", "depuis", "matin"],
        "Mot de passe oublié" => &["mot", "passe", "oublie"],
        "Compte bloqué après les congés" => &["compte", "bloque", "apres", "conges"],
        "Messages qui n’arrivent pas" => &["messages", "arrivent"],
        "Fichier perdu sur le serveur" => &["fichier", "perdu", "serveur"],
        "Dossier partagé disparu" => &["dossier", "partage", "disparu"],
        "Courriel suspect, phishing ?" => &["courriel", "suspect", "phishing"],
        "Logiciel de paie très lent" => &["logiciel", "paie", "tres", "lent"],
        "Erreur à l’ouverture de la facturation" => &["erreur", "ouverture", "facturation"],
        "Terminal de paiement hors service" => &["terminal", "paiement", "hors", "service"],
        "Standard muet" => &["standard", "muet"],
        other => panic!("`{other}` is no subject of the made-up year"),
    }
}
