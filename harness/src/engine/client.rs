//! A connection to an engine: what this program asks of it, each question waited for.
//!
//! The API's client is asynchronous, and its runtime stays in here: one thread, that of the caller.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::time::Duration;

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::errors::Error as ApiError;
use bollard::models::{ContainerCreateBody, SystemInfo};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, CreateImageOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::runtime::Runtime;

use super::endpoint::{Address, Endpoint, Surroundings};
use super::{EngineError, LABEL, Owner, REPOSITORY};
use crate::image::Engine;

/// How long an engine may take to say that it is there.
const GREETING: Duration = Duration::from_secs(30);
/// How long it may take for anything else before it begins to answer: it may have to put a large image together.
const ANSWER_SECONDS: u64 = 30 * 60;

/// A connection to an engine.
pub struct Client {
    pub(super) docker: Docker,
    pub(super) runtime: Runtime,
    engine: Engine,
    endpoint: Endpoint,
}

/// An image that an engine holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What the engine calls it for good, with its `sha256:`.
    pub id: String,
    /// Its architecture, as Go says.
    pub architecture: Option<String>,
    /// About how many bytes it has.
    pub bytes: u64,
}

/// A container or an image of some process's.
pub struct Owned {
    /// What the engine calls it.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// How long ago it was made.
    pub age: Duration,
}

/// What an engine says of itself.
pub struct About {
    /// Its version.
    pub version: String,
    /// All the rest.
    pub info: SystemInfo,
}

impl Client {
    /// Finds an engine and greets it.
    ///
    /// # Errors
    /// See [`EngineError`]: none is there, it does not answer, or it does not let this user in.
    pub fn connect(engine: Engine) -> Result<Self, EngineError> {
        Self::connect_to(engine, Endpoint::find(engine, &Surroundings::of_process())?)
    }

    fn connect_to(engine: Engine, endpoint: Endpoint) -> Result<Self, EngineError> {
        let silent = |problem: String| EngineError::Silent {
            engine: engine.command(),
            at: endpoint.address.to_string(),
            problem,
            named: endpoint.named_by.clone(),
        };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| silent(e.to_string()))?;
        let docker = match &endpoint.address {
            Address::Unix(path) => {
                Docker::connect_with_unix(&path.display().to_string(), ANSWER_SECONDS, bollard::API_DEFAULT_VERSION)
            }
            Address::Tcp(host) => {
                Docker::connect_with_http(&format!("tcp://{host}"), ANSWER_SECONDS, bollard::API_DEFAULT_VERSION)
            }
        };
        let greeted = docker.map_err(|e| silent(told(&e))).and_then(|docker| {
            let greeting = async { tokio::time::timeout(GREETING, docker.negotiate_version()).await };
            match runtime.block_on(greeting) {
                Ok(Ok(docker)) => Ok(docker),
                Ok(Err(e)) if kind(&e) == Some(io::ErrorKind::PermissionDenied) => Err(EngineError::Denied {
                    engine: engine.command(),
                    at: endpoint.address.to_string(),
                    remedy: match engine {
                        Engine::Docker => "put it into the group `docker`, or start a rootless engine of its own",
                        Engine::Podman => "start one of its own: systemctl --user start podman.socket",
                    },
                }),
                Ok(Err(e)) => Err(silent(told(&e))),
                Err(_) => Err(silent(format!("nothing within {} s", GREETING.as_secs()))),
            }
        });
        Ok(Self { docker: greeted?, runtime, engine, endpoint })
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Where it is.
    pub fn place(&self) -> String {
        self.endpoint.address.to_string()
    }

    pub(super) fn wait<T>(
        &self,
        doing: &str,
        answer: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, EngineError> {
        self.runtime.block_on(answer).map_err(|e| self.failed(doing, &e))
    }

    pub(super) fn failed(&self, doing: &str, error: &ApiError) -> EngineError {
        let (engine, doing) = (self.engine.command(), doing.to_owned());
        match error {
            ApiError::DockerResponseServerError { message, .. } | ApiError::DockerStreamError { error: message } => {
                EngineError::Refused { engine, doing, message: message.trim().to_owned() }
            }
            other => EngineError::Broke { engine, at: self.place(), doing, problem: told(other) },
        }
    }

    /// What the engine says of itself.
    ///
    /// # Errors
    /// The engine's.
    pub fn about(&self) -> Result<About, EngineError> {
        let version = self.wait("telling its version", self.docker.version())?;
        let info = self.wait("telling about itself", self.docker.info())?;
        Ok(About { version: version.version.unwrap_or_else(|| "?".into()), info })
    }

    // ------------------------------------------------------------------------------------------------------- images

    /// Looks for an image.
    ///
    /// # Errors
    /// [`EngineError::NoImage`] where there is none of this name; the engine's.
    pub fn image(&self, name: &str) -> Result<Held, EngineError> {
        let asked = self.wait(&format!("to look at the image {name}"), async {
            match self.docker.inspect_image(name).await {
                Err(ApiError::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
                other => other.map(Some),
            }
        })?;
        let none = || EngineError::NoImage { engine: self.engine.command(), name: name.into() };
        let found = asked.ok_or_else(none)?;
        let id = found.id.unwrap_or_default();
        // Podman says the number alone.
        let id = if id.starts_with("sha256:") { id } else { format!("sha256:{id}") };
        let bytes = found.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        Ok(Held { id, architecture: found.architecture, bytes })
    }

    /// Writes an image, as `docker save` does, to `to`; `came` is told of every so many bytes. At most `most` bytes are taken.
    ///
    /// # Errors
    /// The engine's, and as [`EngineError::Broke`] what `to` says.
    pub fn save(&self, id: &str, mut to: impl Write, most: u64, came: &dyn Fn(u64)) -> Result<u64, EngineError> {
        let doing = format!("saving the image {id}");
        let mut stream = Box::pin(self.docker.export_image(id));
        let mut total = 0;
        self.runtime.block_on(async {
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|e| self.failed(&doing, &e))?;
                total += chunk.len() as u64;
                let kept = match total > most {
                    true => Err(io::Error::other(format!("it has more than {most} bytes"))),
                    false => to.write_all(&chunk),
                };
                kept.map_err(|e| self.broke(&doing, e.to_string()))?;
                came(chunk.len() as u64);
            }
            Ok(total)
        })
    }

    pub(super) fn broke(&self, doing: &str, problem: String) -> EngineError {
        EngineError::Broke { engine: self.engine.command(), at: self.place(), doing: doing.into(), problem }
    }

    /// Makes an image of what `pack` writes, a tar of a root file system, under a name of ours with this tag, and returns that
    /// name.
    ///
    /// # Errors
    /// The engine's; and what `pack` says.
    pub fn import(
        &self,
        tag: &str,
        pack: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    ) -> Result<String, EngineError> {
        let doing = "making an image of a root file system";
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(4);
        let mut receiver = receiver;
        let body = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
        // As one: Podman does not look at a tag by itself.
        let name = format!("{REPOSITORY}:{tag}");
        let options = CreateImageOptionsBuilder::default().from_src("-").repo(&name).build();
        let mut said = Box::pin(self.docker.create_image(Some(options), Some(bollard::body_try_stream(body)), None));
        std::thread::scope(|scope| {
            let packer = scope.spawn(move || {
                let mut parts = Parts { sender, buffer: Vec::new() };
                let packed = pack(&mut parts).and_then(|()| parts.flush());
                if let Err(e) = &packed {
                    // So that the engine does not take half an image for a whole one.
                    let _ = parts.sender.blocking_send(Err(io::Error::new(e.kind(), e.to_string())));
                }
                packed
            });
            let answered = self.runtime.block_on(async {
                while let Some(line) = said.next().await {
                    line.map_err(|e| self.failed(doing, &e))?;
                }
                Ok(())
            });
            // The packer's words say more: the engine only knows that the stream broke.
            drop(said);
            match packer.join() {
                Ok(Err(e)) if e.kind() != io::ErrorKind::BrokenPipe => Err(self.broke(doing, e.to_string())),
                _ => answered,
            }
        })?;
        Ok(name)
    }

    /// Removes an image; one that is not there is removed already.
    ///
    /// # Errors
    /// The engine's.
    pub fn remove_image(&self, name: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::default().force(true).build();
        self.wait(&format!("removing the image {name}"), async {
            gone(self.docker.remove_image(name, Some(options), None).await.map(drop))
        })
    }

    // --------------------------------------------------------------------------------------------------- containers

    /// Makes a container.
    ///
    /// # Errors
    /// The engine's.
    pub fn create(&self, body: ContainerCreateBody) -> Result<String, EngineError> {
        let options: Option<bollard::query_parameters::CreateContainerOptions> = None;
        Ok(self.wait("making a container", self.docker.create_container(options, body))?.id)
    }

    /// Unpacks a tar in the root folder of a container.
    ///
    /// # Errors
    /// The engine's.
    pub fn upload(&self, container: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let body = bollard::body_full(tar.into());
        self.wait("taking the probes", self.docker.upload_to_container(container, Some(options), body))
    }

    /// Starts a container, connected to its standard streams.
    ///
    /// # Errors
    /// The engine's.
    pub fn start(&self, container: &str) -> Result<Streams<'_>, EngineError> {
        let options =
            AttachContainerOptionsBuilder::default().stream(true).stdin(true).stdout(true).stderr(true).build();
        let streams = self.wait("connecting to a container", self.docker.attach_container(container, Some(options)))?;
        let none: Option<bollard::query_parameters::StartContainerOptions> = None;
        self.wait("starting a container", self.docker.start_container(container, none))?;
        Ok(Streams {
            client: self,
            output: streams.output,
            input: streams.input,
            pending: Bytes::new(),
            errors: Vec::new(),
            broke: None,
        })
    }

    /// Removes a container, running or not, with what it alone has; one that is not there is removed already.
    ///
    /// # Errors
    /// The engine's.
    pub fn remove_container(&self, id: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        self.wait(&format!("removing the container {id}"), async {
            gone(self.docker.remove_container(id, Some(options)).await)
        })
    }

    /// Every container that a process of this program has made.
    ///
    /// # Errors
    /// The engine's.
    pub fn containers(&self) -> Result<Vec<Owned>, EngineError> {
        let filters = HashMap::from([("label", vec![LABEL])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = self.wait("listing containers", self.docker.list_containers(Some(options)))?;
        let owned = |container: bollard::models::ContainerSummary| {
            let owner = container.labels?.get(LABEL)?.parse().ok()?;
            Some(Owned { name: container.id?, owner, age: since(container.created.unwrap_or_default()) })
        };
        Ok(found.into_iter().filter_map(owned).collect())
    }

    /// Every image that a process of this program has made.
    ///
    /// # Errors
    /// The engine's.
    pub fn images(&self) -> Result<Vec<Owned>, EngineError> {
        let filters = HashMap::from([("reference", vec![REPOSITORY])]);
        let options = ListImagesOptionsBuilder::default().filters(&filters).build();
        let found = self.wait("listing images", self.docker.list_images(Some(options)))?;
        let owned = |(name, created): (String, i64)| {
            let tag = name.rsplit_once(':').map(|(_, tag)| tag)?;
            Some(Owned { owner: tag.parse().ok()?, name, age: since(created) })
        };
        let named = found.into_iter().flat_map(|image| {
            let created = image.created;
            image.repo_tags.into_iter().map(move |name| (name, created))
        });
        Ok(named.filter(|(name, _)| name.contains(REPOSITORY)).filter_map(owned).collect())
    }
}

/// Standard streams of a container. Reading gives its standard output; its standard input is closed with this.
pub struct Streams<'a> {
    client: &'a Client,
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, ApiError>> + Send>>,
    input: Pin<Box<dyn AsyncWrite + Send>>,
    pending: Bytes,
    errors: Vec<u8>,
    broke: Option<EngineError>,
}

/// Bytes of standard error that are kept.
const ERRORS: usize = 4 << 10;

impl Streams<'_> {
    /// Writes to standard input.
    ///
    /// # Errors
    /// [`EngineError::Broke`] when nobody takes it any more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let written = self.client.runtime.block_on(async {
            self.input.write_all(bytes).await?;
            self.input.flush().await
        });
        written.map_err(|e| self.client.broke("sending the plan", e.to_string()))
    }

    /// What came on standard error.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.errors).trim().to_owned()
    }

    /// Why the streams ended, where it was not the container's own end.
    pub fn broke(&mut self) -> Option<EngineError> {
        self.broke.take()
    }
}

impl Read for Streams<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.pending.is_empty() {
            match self.client.runtime.block_on(self.output.try_next()) {
                Ok(Some(LogOutput::StdOut { message } | LogOutput::Console { message })) => self.pending = message,
                Ok(Some(LogOutput::StdErr { message })) => {
                    let left = ERRORS.saturating_sub(self.errors.len()).min(message.len());
                    self.errors.extend_from_slice(&message[..left]);
                }
                Ok(Some(LogOutput::StdIn { .. })) => {}
                Ok(None) => return Ok(0),
                Err(e) => {
                    self.broke = Some(self.client.failed("listening to a container", &e));
                    return Ok(0);
                }
            }
        }
        let n = self.pending.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.pending.split_to(n));
        Ok(n)
    }
}

/// What is written goes to the engine in pieces of a fair size.
struct Parts {
    sender: tokio::sync::mpsc::Sender<Result<Bytes, io::Error>>,
    buffer: Vec<u8>,
}

/// Bytes of a piece.
const PIECE: usize = 256 << 10;

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.buffer);
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        if piece.is_empty() { Ok(()) } else { self.sender.blocking_send(Ok(piece.into())).map_err(gone) }
    }
}

/// What is not there, or is being removed by somebody else, is gone.
pub(super) fn gone(removed: Result<(), ApiError>) -> Result<(), ApiError> {
    match removed {
        Err(ApiError::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        other => other,
    }
}

/// How long ago a second since 1970 was.
pub(super) fn since(second: i64) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(Duration::from_secs(u64::try_from(second).unwrap_or(0)))
}

/// An error with its causes, each said once.
fn told(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}

/// What the system said, where it was the system.
fn kind(error: &ApiError) -> Option<io::ErrorKind> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(next) = cause {
        if let Some(io) = next.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        cause = next.source();
    }
    None
}
