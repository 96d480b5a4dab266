//! Scripted servers on a free port that answer, refuse, fall silent or cut the connection at a given point.

mod peer;
mod smtp;
