//! Nothing of ours stays at an engine: what this process made goes when it is stopped, what dead ones made goes with the next run.

use std::sync::Once;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::client::{Client, Owned};
use super::{EngineError, Owner};
use crate::image::Engine;

/// Removes what processes have left that do not live any more; how many containers and images that were.
///
/// # Errors
/// The engine's.
pub fn reap(client: &Client) -> Result<(usize, usize), EngineError> {
    let me = Owner::me();
    remove(client, |owned| owned.owner.is_dead(&me, owned.age))
}

/// Removes everything that this process has made.
fn remove_mine(client: &Client) -> Result<(usize, usize), EngineError> {
    let me = Owner::me();
    remove(client, |owned| owned.owner == me)
}

fn remove(client: &Client, goes: impl Fn(&Owned) -> bool) -> Result<(usize, usize), EngineError> {
    let containers: Vec<Owned> = client.containers()?.into_iter().filter(&goes).collect();
    for container in &containers {
        client.remove_container(&container.name)?;
    }
    let images: Vec<Owned> = client.images()?.into_iter().filter(&goes).collect();
    for image in &images {
        client.remove_image(&image.name)?;
    }
    Ok((containers.len(), images.len()))
}

/// From now on, a signal that ends this process removes first what it has made at the engine. Once for each process.
pub fn remove_when_stopped(engine: Engine) {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // An engine that does not answer is no reason to stay: the next run reaps.
                if let Ok(client) = Client::connect(engine) {
                    let _ = remove_mine(&client);
                }
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}
