//! What a configuration may say, and what is said about one that may not.

use std::path::Path;

use super::*;
use crate::config::{sample, show};

#[test]
fn the_example_is_accepted_without_a_warning() {
    let (settings, warnings) = check(Path::new("/etc/guichet/guichet.toml"), sample()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(settings.store, Path::new("/etc/guichet/guichet.db"));
}

#[test]
fn what_is_shown_reads_back_the_same() {
    let file = Path::new("/etc/guichet/guichet.toml");
    let (settings, _) = check(file, sample()).unwrap();
    let shown = show(&settings);
    let (again, _) = check(file, &shown).unwrap();
    assert_eq!(format!("{settings:?}"), format!("{again:?}"), "{shown}");
}
