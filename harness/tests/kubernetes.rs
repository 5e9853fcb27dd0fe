//! Runs on a cluster, with the real `kubectl`, against a stand-in for the API server; what the pods do is done by the real
//! agent. Without kubectl, which `make setup` installs for root, they say so and run nothing.

#[path = "kubernetes/faults.rs"]
mod faults;
#[path = "kubernetes/manifests.rs"]
mod manifests;
#[path = "kubernetes/server.rs"]
mod server;
#[path = "kubernetes/stage.rs"]
mod stage;
