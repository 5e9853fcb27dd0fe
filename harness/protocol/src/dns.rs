//! The scripted DNS servers of a case.

use serde::{Deserialize, Serialize};

/// What each server does.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
pub struct Script {}
