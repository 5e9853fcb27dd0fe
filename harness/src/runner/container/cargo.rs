//! What goes into a container to run cases there: the agent with the probes that a plan needs, as a tar.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::STAGE;
use crate::bundle::Programs;
use crate::engine::Packer;
use crate::plan::Plan;

/// What `bench` alone starts and preloads, which is more than all the rest.
const OF_BENCH: [&str; 2] = ["allocators", "recorder"];

/// The agent and the probes, which start and load one another, as a tar for the root of a container. What measures comes along
/// where the plan measures.
pub fn of_programs(programs: &Programs, plan: &Plan<'_>) -> io::Result<Vec<u8>> {
    let stage = PathBuf::from(STAGE.trim_start_matches('/'));
    let probes = programs.probes.join(".libcdiff");
    let measures = |name: &OsStr| name.to_string_lossy().starts_with("bench");
    let wanted = plan.items.iter().any(|due| Path::new(&due.item().program).file_name().is_some_and(measures));
    let is_needed = |path: &Path| {
        let below = path.strip_prefix(&probes).unwrap_or(path);
        let of_bench =
            OF_BENCH.iter().any(|folder| below.starts_with(folder)) || path.file_name().is_some_and(measures);
        wanted || !of_bench
    };
    let mut tar = Packer::new(Vec::new(), &is_needed);
    tar.folder(&stage)?;
    tar.file(&programs.agent, &stage.join("agent"))?;
    tar.folder(&stage.join("probes"))?;
    tar.tree(&probes, &stage.join("probes/.libcdiff"))?;
    tar.finish()
}
