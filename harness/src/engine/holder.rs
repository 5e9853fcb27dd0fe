//! A container that does nothing but hold a network: the containers of a build's steps come and go in it, and what has gone over its
//! interfaces is known to the byte when they are gone. It runs the agent, which waits for a plan that never comes and ends
//! with the connection.

use std::collections::HashMap;
use std::path::Path;

use bollard::models::{ContainerCreateBody, HostConfig, HostConfigLogConfig};

use super::client::Streams;
use super::{Client, EngineError, LABEL, Owner, Packer, making};

/// Bytes of memory that the agent may take, which takes next to none.
const MEMORY: i64 = 64 << 20;

/// A network that is held as long as this lives.
pub struct Holder<'a> {
    client: &'a Client,
    /// The container.
    pub id: String,
    image: String,
    /// With them it ends.
    _streams: Streams<'a>,
}

impl<'a> Holder<'a> {
    /// Holds a network of this mode; `agent` is the program that runs meanwhile.
    ///
    /// # Errors
    /// The engine's: there is no such network, or it starts no container.
    pub fn start(client: &'a Client, agent: &Path, network: &str) -> Result<Self, EngineError> {
        let _making = making();
        let image = client.import(&format!("{}-holder", Owner::me()), |to| {
            let mut tar = Packer::new(to, &|_| true);
            tar.file(agent, Path::new("agent"))?;
            tar.finish().map(drop)
        })?;
        let id = client.create(container(&image, network))?;
        let streams = client.start(&id)?;
        Ok(Self { client, id, image, _streams: streams })
    }
}

impl Drop for Holder<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is reaped by the next run.
        let _ = self.client.remove_container(&self.id);
        let _ = self.client.remove_image(&self.image);
    }
}

fn container(image: &str, network: &str) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.into()),
        entrypoint: Some(vec!["/agent".into()]),
        cmd: Some(Vec::new()),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        open_stdin: Some(true),
        stdin_once: Some(true),
        labels: Some(HashMap::from([(LABEL.into(), Owner::me().to_string())])),
        host_config: Some(HostConfig {
            network_mode: Some(network.into()),
            auto_remove: Some(true),
            cap_drop: Some(vec!["ALL".into()]),
            security_opt: Some(vec!["no-new-privileges".into()]),
            memory: Some(MEMORY),
            log_config: Some(HostConfigLogConfig { typ: Some("none".into()), config: None }),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}
