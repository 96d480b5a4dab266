//! x
use super::script::Script;
use super::stage::Scene;
use crate::cli::Failure;
use crate::desk::ticket::Ticket;
use jiff::tz::TimeZone;
/// x
pub fn page(_s: &Script, _c: &[Scene], _t: &[Ticket], _z: &TimeZone) -> Result<String, Failure> {
    Ok(String::new())
}
