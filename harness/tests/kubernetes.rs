//! Runs on a cluster, with the real `kubectl`, against a stand-in for the API server; what the pods do is done by the real
//! agent. Without kubectl, which `make setup` installs for root, they say so and run nothing.

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
