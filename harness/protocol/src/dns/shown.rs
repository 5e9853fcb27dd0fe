//! What of the queries stands in the text that is compared, beside time, server, transport, name, type and answer.

use serde::{Deserialize, Serialize};

/// What a scenario wants to see, or not to see. EDNS and the AD bit are shown wherever a query has them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Shown {
    /// The flags of every query.
    pub flags: bool,
    /// Which queries came from one socket, and their exact order there.
    pub sockets: bool,
    /// Neither when nor at which server: only what was asked for, how often, and how many servers were asked. For a
    /// resolver that chooses by chance.
    pub any_order: bool,
}
