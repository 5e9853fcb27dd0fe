//! The base images of builds: named, pulled by the engine, or brought there from here.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use super::refused;
use crate::engine::{self, Client, EngineError, Owner};
use crate::exit::Failure;
use crate::image::{Catalog, Engine, Image, Origin, Reference, Source, Store, looks_like_path};
use crate::verb::run;

/// The base images at the engine.
pub struct Bases<'a> {
    /// The engine.
    pub client: &'a Client,
    /// Where images that are not at a registry are found.
    pub store: Store,
    /// What the engine calls those that it has by now, by what they were asked for as, and how long a pull took.
    pub made: BTreeMap<String, (String, Option<f64>)>,
}

impl Bases<'_> {
    /// What the builder is told for `--image`.
    pub fn of_request(&mut self, text: &str) -> Result<String, Failure> {
        let reference = Reference::parse(text).map_err(run::refused)?;
        let name = match reference.source().clone() {
            Source::Registry(name) | Source::Engine(Engine::Docker, name) => name,
            Source::Bare(_) => match bare(&reference)? {
                Some(name) => name,
                None => self.imported(&reference)?,
            },
            Source::Rootfs(_) | Source::Folder(_) => self.imported(&reference)?,
            Source::DockerArchive(_) | Source::OciArchive(_) | Source::OciFolder(_) => return Err(archive(text)),
            Source::Engine(Engine::Podman, _) | Source::Host => {
                return Err(Failure::request(format!(
                    "--image {text}: Docker cannot build on it; give it an image of its own"
                )));
            }
        };
        Ok(name)
    }

    /// Brings a root file system to the engine.
    fn imported(&mut self, reference: &Reference) -> Result<String, Failure> {
        let image: Image = self.store.resolve(reference, &Catalog::embedded()?).map_err(run::refused)?;
        image.hold.clone().until_exit();
        let text = &image.reference;
        if let Some((name, _)) = self.made.get(text) {
            return Ok(name.clone());
        }
        // A root file system has no settings; those of an image would be lost.
        if !image.layers.is_empty() || !image.env.is_empty() {
            return Err(archive(text));
        }
        let tag = format!("{}-{}", Owner::me(), self.made.len());
        let _making = engine::making();
        let name = self.client.import(&tag, |to| engine::of_root(&image.root, to)).map_err(refused)?;
        self.made.insert(text.clone(), (name.clone(), None));
        Ok(name)
    }

    /// Sees to it that an image is at the engine; how long pulling it took, where it was not.
    pub fn there(&mut self, name: &str) -> Result<Option<f64>, EngineError> {
        if let Some((_, pulled)) = self.made.get(name) {
            return Ok(*pulled);
        }
        let pulled = match self.client.image(name) {
            Ok(_) => None,
            Err(EngineError::NoImage { .. }) => {
                let began = Instant::now();
                self.client.pull(name)?;
                Some(began.elapsed().as_secs_f64() * 1e3)
            }
            Err(error) => return Err(error),
        };
        self.made.insert(name.into(), (name.into(), pulled));
        Ok(pulled)
    }
}

/// The name at a registry that a word without a scheme stands for; `None` for what has to be brought there from here.
fn bare(reference: &Reference) -> Result<Option<String>, Failure> {
    // As it was typed: the short name of a file may be a catalog name as well.
    let text = reference.to_string();
    let catalog = Catalog::embedded()?;
    match catalog.get(&text).map(|image| image.origin.clone()) {
        Some(Origin::Built(_)) => Ok(None),
        Some(Origin::Public(public)) => Ok(Some(public.id())),
        None if looks_like_path(&text) || Path::new(&text).exists() => Ok(None),
        None => Ok(Some(text)),
    }
}

fn archive(text: &str) -> Failure {
    Failure::request(format!(
        "--image {text}: an archive of an image has settings that count in a build; load it into the engine (docker load \
         --input FILE, or skopeo copy oci-archive:FILE docker-daemon:NAME:TAG) and give its name"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_brought_there_whatever_images_are_called() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("alpine-3.20.tar.gz");
        std::fs::write(&file, "").expect("written");
        let called = |text: &str| {
            let reference = Reference::parse(text).expect("a reference");
            bare(&reference).unwrap_or_else(|e| panic!("{}", e.message))
        };
        for brought in [&file.display().to_string(), "./nowhere.tar", "debian-13"] {
            assert_eq!(called(brought), None, "{brought}");
        }
        assert_eq!(called("alpine:3.20").as_deref(), Some("alpine:3.20"));
        assert!(called("alpine-3.20").is_some_and(|name| name.contains("alpine:3.20")), "of the catalog");
    }
}
