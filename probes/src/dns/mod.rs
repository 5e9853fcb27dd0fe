//! The area `dns`.

use crate::case::Case;

/// Every case of the area.
pub static CASES: &[Case] = &[];
