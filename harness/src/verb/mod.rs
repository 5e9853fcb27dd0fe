//! The verbs of the command line, one module each, and what they share: the cache folder and the way out.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use crate::bench::file::BenchFile;
use crate::build::file::BuildFile;
use crate::check::baseline::Baseline;
use crate::check::policy::Policy;
use crate::cli::{Cli, PullPolicy, Reach, Registries, Schema};
use crate::exit::Failure;
use crate::fuzz::state::Campaign;
use crate::image::{Access, Mirror, Platform, Proxies, Pull, Store};
use crate::impact::answer::Impact;
use crate::machines::abroad;
use crate::progress::pulling;
use crate::runfile::RunFile;
use crate::wheels::answer::Answer;

mod addons;
pub mod alloc;
pub mod baseline;
pub mod bench;
pub mod book;
pub mod build;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod fuzz;
pub mod image;
pub mod impact;
pub mod kubernetes;
pub mod list;
pub mod manual;
pub mod report;
pub mod run;
pub mod wheels;

/// `libcdiff schema`.
pub fn schema(request: &Schema) -> Result<(), Failure> {
    if request.build {
        return print(&BuildFile::json_schema()?);
    }
    if request.fuzz {
        return print(&Campaign::json_schema()?);
    }
    if request.impact {
        return print(&Impact::json_schema()?);
    }
    print(&match (request.bench, request.baseline, request.policy, request.wheels) {
        (true, ..) => BenchFile::json_schema()?,
        (_, true, ..) => Baseline::json_schema()?,
        (_, _, true, _) => Policy::json_schema()?,
        (.., true) => Answer::json_schema()?,
        _ => RunFile::json_schema()?,
    })
}

/// Where unpacked images and laid-out probes are kept: `$LIBCDIFF_CACHE`, else the user's cache folder.
pub fn cache() -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("LIBCDIFF_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|base| base.join("libcdiff")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/libcdiff")))
        .ok_or_else(|| Failure::request("no cache folder: set LIBCDIFF_CACHE to a folder that can be written to"))
}

/// The store of images, with registries reached as flags and environment say.
pub fn store(cli: &Cli, registries: &Registries) -> Result<Store, Failure> {
    let pull = match registries.pull {
        PullPolicy::Missing => Pull::Missing,
        PullPolicy::Always => Pull::Always,
        PullPolicy::Never => Pull::Never,
    };
    Ok(Store::open(cache()?).with_abroad(abroad).with_access(access(cli, pull, &registries.reach)?))
}

/// How registries are reached.
fn access(cli: &Cli, pull: Pull, reach: &Reach) -> Result<Access, Failure> {
    let usual = Access::from_environment();
    let mirrors = reach.mirror.iter().map(|text| Mirror::parse(text)).collect::<Result<_, _>>();
    let proxy = |usual| reach.proxy.clone().or(usual);
    let Proxies { https, http, none_for } = usual.proxies;
    Ok(Access {
        pull,
        platform: reach.platform.clone().unwrap_or_else(Platform::native),
        mirrors: mirrors.map_err(|error| Failure::request(error.to_string()))?,
        plain_http: reach.plain_http.clone(),
        proxies: Proxies { https: proxy(https), http: proxy(http), none_for },
        watch: pulling(cli.quiet),
        ..usual
    })
}

/// Prints a result on standard output. A reader that has gone (`| head`) is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}
