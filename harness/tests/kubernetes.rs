//! Runs on a cluster, with the real `kubectl`, against a stand-in for the API server; what the pods do is done by the real
//! agent. Without kubectl, which `make setup` installs for root, they say so and run nothing.

use std::thread;
use std::time::{Duration, Instant};

#[path = "kubernetes/collected.rs"]
mod collected;
#[allow(dead_code, reason = "the tests of engines look at more of it")]
#[path = "engines/daemon.rs"]
mod daemon;
#[path = "kubernetes/docker.rs"]
mod docker;
#[path = "kubernetes/faults.rs"]
mod faults;
#[path = "kubernetes/manifests.rs"]
mod manifests;
mod network;
#[allow(dead_code, reason = "the tests of registries ask more of it")]
#[path = "registry/server.rs"]
mod registry;
#[path = "kubernetes/server.rs"]
mod server;
#[path = "kubernetes/stage.rs"]
mod stage;

/// Waits until something is so; false where it takes too long.
fn until(most: Duration, so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !so() {
        if start.elapsed() > most {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
    true
}
