//! Tests that need no server.

mod triage;
