//! The configuration: one TOML file, checked once, then trusted.
//!
//! `settings.rs` holds the values other modules are given. Names in the file are those of `product.md` §17.
//! `file.rs`, `addresses.rs` and `findings.rs` read sections and remember lines; `check.rs` makes
//! `Settings` of them with `people.rs`, `roles.rs`, `desks.rs`, `digests.rs`, `terms.rs`, `routes.rs` and `server.rs`; `show.rs` writes
//! them again, `secret.rs` fetches passwords, `recipes.rs` reads the folder of recipes. Servers and other files are left to their users.

mod addresses;
mod check;
mod desks;
pub mod digests;
mod file;
mod findings;
pub mod keywords;
mod people;
mod problem;
pub mod recipes;
pub mod recommendations;
mod roles;
mod routes;
pub mod secret;
mod server;
pub mod settings;
mod show;
mod terms;
pub mod units;

pub use check::load;
pub use problem::{ConfigErrors, Problem, Warning};
pub use show::{sample, show};
