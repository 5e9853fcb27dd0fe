//! Nothing of ours stays at an engine: what this process made goes when it is stopped, what dead ones made goes with the next run.

use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::{Duration, Instant};

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
///
/// # Errors
/// The engine's.
pub fn remove_mine(client: &Client) -> Result<(usize, usize), EngineError> {
    let me = Owner::me();
    remove(client, |owned| owned.owner == me)
}

/// Removes the images that were built for this process.
///
/// # Errors
/// The engine's.
pub fn remove_built_of_mine(client: &Client) -> Result<(), EngineError> {
    let me = Owner::me();
    let built: Vec<String> =
        client.built()?.into_iter().filter(|image| image.owner == me).map(|image| image.name).collect();
    client.remove_built(&built)
}

fn remove(client: &Client, goes: impl Fn(&Owned) -> bool) -> Result<(usize, usize), EngineError> {
    let containers: Vec<Owned> = client.containers()?.into_iter().filter(&goes).collect();
    for container in &containers {
        client.remove_container(&container.name)?;
    }
    // Those that were built before those that they stand on.
    let built: Vec<String> = client.built()?.into_iter().filter(&goes).map(|image| image.name).collect();
    client.remove_built(&built)?;
    let images: Vec<Owned> = client.images()?.into_iter().filter(&goes).collect();
    for image in &images {
        client.remove_image(&image.name)?;
    }
    Ok((containers.len(), built.len() + images.len()))
}

/// Held by those who are making something at an engine, so that it is there before everything is removed.
static MAKING: RwLock<()> = RwLock::new(());
/// How long a signal waits for what is being made; what takes longer, a large image, comes to nothing with the connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Allows to make something at an engine, as long as it is held; waits for the end of this process when a signal has come.
pub fn making() -> RwLockReadGuard<'static, ()> {
    MAKING.read().unwrap_or_else(PoisonError::into_inner)
}

fn closed(patience: Duration) -> Option<std::sync::RwLockWriteGuard<'static, ()>> {
    let until = Instant::now() + patience;
    loop {
        match MAKING.try_write() {
            Ok(gate) => return Some(gate),
            Err(_) if Instant::now() > until => return None,
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// From now on, a signal that ends this process removes first what it has made at the engine. Once for each process.
pub fn remove_when_stopped(engine: Engine) {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // From here to the end nothing new is begun.
                let _gate = closed(PATIENCE);
                // An engine that does not answer is no reason to stay: the next run reaps.
                if let Ok(client) = Client::connect(engine) {
                    let _ = remove_mine(&client);
                }
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}
