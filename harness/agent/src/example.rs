//! An item for unit tests, with small limits.

use libcdiff_protocol::{Flavour, Item, Limits, StackLimit};

/// One that asks nothing in particular.
pub fn item() -> Item {
    Item {
        case: "alloc.x".into(),
        flavour: Flavour::Gnu,
        program: "gnu/alloc".into(),
        args: vec![],
        env: Default::default(),
        files: vec![],
        hostname: None,
        dns: None,
        relay: None,
        limits: Limits {
            deadline_ms: 1000,
            stack: StackLimit::Bytes(1 << 20),
            output_bytes: 100,
            disk_bytes: 1,
            processes: 1,
            address_space_bytes: 1 << 20,
            memory_bytes: None,
            memory_watched: false,
        },
    }
}
