//! The configuration: one TOML file, checked once, then trusted.
//!
//! `settings.rs` holds the values other modules are given. Names in the file are those of `product.md` §17.

pub mod keywords;
pub mod settings;
