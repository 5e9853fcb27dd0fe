//! Builds at an engine, by its classic builder: what it says is heard as it comes, and what its containers take of the processors is
//! read beside it.
//!
//! The builder is asked for one image and left alone: no layer is squashed, containers of steps are removed by it, and when the
//! connection ends it stops. What it makes bears our label, which stands in the Dockerfile that it gets.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bollard::errors::Error as ApiError;
use bollard::models::{BuildInfo, ContainerStatsResponse, ImageHistoryResponseItem};
use bollard::query_parameters::{
    BuildImageOptionsBuilder, CreateImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
    StatsOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::client::{Owned, gone, since};
use super::cpu::{EACH, Meter, Place};
use super::{Client, EngineError, LABEL};
use crate::build::dockerfile::Arguments;
use crate::build::file::{Cpu, Traffic};
use crate::build::said::{Event, Heard};

/// Bytes of a piece of the context.
const PIECE: usize = 256 << 10;

/// What is to be built.
pub struct Order<'a> {
    /// The context, a tar with the Dockerfile in it.
    pub context: &'a Path,
    /// What the Dockerfile is called there.
    pub dockerfile: &'a str,
    /// Values of its variables.
    pub arguments: &'a Arguments,
    /// Whether what earlier builds left may be used.
    pub cached: bool,
    /// The network of the steps, as the API names it.
    pub network: &'a str,
    /// Where cgroups of containers are, if they can be read here.
    pub cgroups: Option<&'a Place>,
}

/// Whoever waits for a build.
pub trait Watch {
    /// So many of its steps have begun.
    fn step(&self, begun: usize, total: usize);
    /// Whether it should end.
    fn stopped(&self) -> bool;
}

/// A build that is over.
pub struct Made {
    /// What the builder said.
    pub heard: Heard,
    /// Milliseconds from the request to its last word.
    pub wall_ms: f64,
    /// What the containers of the steps took of the processors.
    pub cpu: Cpu,
    /// How it ended.
    pub ended: Ended,
}

/// How a build ends.
pub enum Ended {
    /// With the image of this id.
    Built(String),
    /// With these words.
    Failed(String),
    /// It was stopped from here.
    Stopped,
}

type Builds<'a> = Pin<Box<dyn Stream<Item = Result<BuildInfo, ApiError>> + 'a>>;
type Readings = Pin<Box<dyn Stream<Item = Result<ContainerStatsResponse, ApiError>>>>;

/// What came first.
enum Came {
    Piece(Option<Result<BuildInfo, ApiError>>),
    Reading(Option<Result<Box<ContainerStatsResponse>, ApiError>>),
    Nothing,
}

impl Client {
    /// Builds an image.
    ///
    /// # Errors
    /// The connection's, and those of reading the context. What the builder refuses is no error, but an end of the build.
    pub fn build(&self, order: &Order<'_>, watch: &dyn Watch) -> Result<Made, EngineError> {
        let doing = "building an image";
        let file = File::open(order.context).map_err(|e| self.broke(doing, e.to_string()))?;
        let options = BuildImageOptionsBuilder::default()
            .dockerfile(order.dockerfile)
            .buildargs(&order.arguments.clone().into_iter().collect::<HashMap<_, _>>())
            .nocache(!order.cached)
            .networkmode(order.network)
            .rm(true)
            .forcerm(true)
            .build();
        let body = bollard::body_try_stream(futures_util::stream::iter(pieces(file)));
        let mut meter = Meter::new(order.cgroups);
        let mut heard = Heard::default();
        let began = Instant::now();
        let mut builds: Builds<'_> = Box::pin(self.docker.build_image(options, None, Some(body)));
        let ended = self.runtime.block_on(self.listen(&mut builds, watch, &mut meter, &mut heard, began));
        let wall_ms = ms(began.elapsed());
        Ok(Made { heard, wall_ms, cpu: meter.total(), ended: ended.map_err(|e| self.failed(doing, &e))? })
    }

    async fn listen<'a>(
        &'a self,
        builds: &mut Builds<'a>,
        watch: &dyn Watch,
        meter: &mut Meter<'_>,
        heard: &mut Heard,
        began: Instant,
    ) -> Result<Ended, ApiError> {
        let mut readings: Option<Readings> = None;
        let mut image = None;
        loop {
            if watch.stopped() {
                return Ok(Ended::Stopped);
            }
            match next(builds, &mut readings).await {
                Came::Nothing => {}
                Came::Reading(Some(Ok(reading))) => meter.told(used(&reading)),
                Came::Reading(_) => readings = None,
                Came::Piece(None) => break,
                Came::Piece(Some(Err(e))) => return refused(e),
                Came::Piece(Some(Ok(info))) => {
                    image = info.aux.and_then(|aux| aux.id).or(image);
                    let event = heard.take(&info.stream.unwrap_or_default(), ms(began.elapsed()));
                    watch.step(heard.begun(), heard.total());
                    match event {
                        Some(Event::Runs(id)) => {
                            readings = meter.begin(&id).then(|| self.readings(&id));
                        }
                        Some(Event::Ended) => meter.end(),
                        None => {}
                    }
                }
            }
            meter.look();
        }
        // A builder that ends without an image and without a word has lost its engine.
        image.map(Ended::Built).ok_or(ApiError::from(io::Error::from(io::ErrorKind::UnexpectedEof)))
    }

    /// What the engine tells of a container, again and again.
    fn readings(&self, container: &str) -> Readings {
        Box::pin(self.docker.stats(container, Some(StatsOptionsBuilder::default().stream(true).build())))
    }

    /// What has gone over the network interfaces of a container that runs; `None` where it has none of its own.
    ///
    /// # Errors
    /// The engine's.
    pub fn traffic(&self, container: &str) -> Result<Option<Traffic>, EngineError> {
        let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
        let mut stats = Box::pin(self.docker.stats(container, Some(options)));
        let doing = "telling what has gone over a network";
        let told = self.runtime.block_on(stats.next()).transpose().map_err(|e| self.failed(doing, &e))?;
        let Some(networks) = told.and_then(|told| told.networks).filter(|networks| !networks.is_empty()) else {
            return Ok(None);
        };
        let sum =
            |of: fn(&bollard::models::ContainerNetworkStats) -> Option<u64>| networks.values().filter_map(of).sum();
        Ok(Some(Traffic { received_bytes: sum(|one| one.rx_bytes), sent_bytes: sum(|one| one.tx_bytes) }))
    }

    /// Gets an image from its registry.
    ///
    /// # Errors
    /// The engine's.
    pub fn pull(&self, name: &str) -> Result<(), EngineError> {
        let doing = format!("to pull the image {name}");
        let last = name.rsplit('/').next().unwrap_or(name);
        // Without a tag the engine would take them all.
        let whole = if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") };
        let options = CreateImageOptionsBuilder::default().from_image(&whole).build();
        let mut said = Box::pin(self.docker.create_image(Some(options), None, None));
        self.runtime.block_on(async {
            while let Some(line) = said.next().await {
                line.map_err(|e| self.failed(&doing, &e))?;
            }
            Ok(())
        })
    }

    /// What an image consists of, the last instruction first: the short id that each left, where it is known, and bytes.
    ///
    /// # Errors
    /// The engine's.
    pub fn history(&self, image: &str) -> Result<Vec<(String, u64)>, EngineError> {
        let told = self.wait(&format!("to tell the history of the image {image}"), self.docker.image_history(image))?;
        let part = |item: ImageHistoryResponseItem| {
            let id = item.id.trim_start_matches("sha256:").chars().take(12).collect();
            (id, u64::try_from(item.size).unwrap_or(0))
        };
        Ok(told.into_iter().map(part).collect())
    }

    /// Every image that was built for a process of this program, those among them that others stand on.
    ///
    /// # Errors
    /// The engine's.
    pub fn built(&self) -> Result<Vec<Owned>, EngineError> {
        let filters = HashMap::from([("label", vec![LABEL])]);
        let options = ListImagesOptionsBuilder::default().all(true).filters(&filters).build();
        let found = self.wait("listing images", self.docker.list_images(Some(options)))?;
        let owned = |image: bollard::models::ImageSummary| {
            let owner = image.labels.get(LABEL)?.parse().ok()?;
            Some(Owned { name: image.id, owner, age: since(image.created) })
        };
        Ok(found.into_iter().filter_map(owned).collect())
    }

    /// Removes built images, and none that they stand on; those that an image stands on which is not among them stay.
    ///
    /// # Errors
    /// The engine's.
    pub fn remove_built(&self, ids: &[String]) -> Result<(), EngineError> {
        let mut left = ids.to_vec();
        loop {
            let before = left.len();
            let mut kept = Vec::new();
            for id in left {
                if !self.removed(&id)? {
                    kept.push(id);
                }
            }
            // An image goes after the last one that stands on it, in no order that a list shows.
            if kept.len() == before || kept.is_empty() {
                return Ok(());
            }
            left = kept;
        }
    }

    /// Removes one image, and says whether it is gone.
    fn removed(&self, id: &str) -> Result<bool, EngineError> {
        let options = RemoveImageOptionsBuilder::default().force(true).noprune(true).build();
        self.wait(&format!("removing the image {id}"), async {
            match self.docker.remove_image(id, Some(options), None).await {
                Err(ApiError::DockerResponseServerError { status_code: 409, .. }) => Ok(false),
                other => gone(other.map(drop)).map(|()| true),
            }
        })
    }
}

/// The next that comes of either, or nothing after a while.
async fn next(builds: &mut Builds<'_>, readings: &mut Option<Readings>) -> Came {
    let first = std::future::poll_fn(|context| {
        if let Poll::Ready(piece) = builds.as_mut().poll_next(context) {
            return Poll::Ready(Came::Piece(piece));
        }
        match readings.as_mut().map(|readings| readings.as_mut().poll_next(context)) {
            Some(Poll::Ready(reading)) => Poll::Ready(Came::Reading(reading.map(|one| one.map(Box::new)))),
            _ => Poll::Pending,
        }
    });
    tokio::time::timeout(EACH, first).await.unwrap_or(Came::Nothing)
}

/// What the builder says no to is the end of a build; a connection that broke is not.
fn refused(error: ApiError) -> Result<Ended, ApiError> {
    match error {
        ApiError::DockerResponseServerError { message, .. } | ApiError::DockerStreamError { error: message } => {
            Ok(Ended::Failed(message.trim().to_owned()))
        }
        other => Err(other),
    }
}

/// Milliseconds of processors, as the engine tells them.
fn used(reading: &ContainerStatsResponse) -> Option<f64> {
    let nanoseconds = reading.cpu_stats.as_ref()?.cpu_usage.as_ref()?.total_usage?;
    // Zero is what is told of a container that has ended.
    (nanoseconds > 0).then_some(nanoseconds as f64 / 1e6)
}

/// A file, a piece at a time.
fn pieces(mut file: File) -> impl Iterator<Item = Result<Bytes, io::Error>> + Send {
    std::iter::from_fn(move || {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece) {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some(Ok(piece.into()))
            }
            Err(e) => Some(Err(e)),
        }
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
