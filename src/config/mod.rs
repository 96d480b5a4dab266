//! The configuration: one TOML file, checked once, then trusted.
//!
//! `settings.rs` holds the values other modules are given. Names in the file are those of `product.md` §17.
//! `file.rs` reads sections and remembers lines, `check.rs` and its sections make `Settings` of them,
//! `show.rs` writes them again, `secret.rs` fetches passwords.

mod check;
mod desks;
mod file;
pub mod keywords;
mod people;
mod problem;
pub mod secret;
pub mod settings;
mod show;
pub mod units;

pub use check::load;
pub use problem::{ConfigErrors, Problem, Warning};
pub use show::{sample, show};
