//! Everything that needs no server.

mod wire;
