//! One file for each command. Thin: asks the library, prints text or JSON.

pub mod parse;
