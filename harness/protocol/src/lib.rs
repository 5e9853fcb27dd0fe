//! What the harness and the agent say to each other: a plan goes in on standard input, messages come back as JSON lines.
//!
//! The same agent and the same plan serve every back end, so a result does not depend on where it was made.

pub mod case;
pub mod dns;
pub mod frame;
pub mod observation;
pub mod plan;
pub mod scenario;

pub use case::{CaseInfo, Flavour, Inputs, Needs, StackLimit};
pub use observation::{Observation, Query, Status, Values};
pub use plan::{
    About, Confinement, ElfStart, Emulator, Enter, File, Item, Limits, Message, OPEN_FILES, Place, Plan, Session,
    Together, Travel, Within,
};
