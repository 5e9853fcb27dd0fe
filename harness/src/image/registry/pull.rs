//! Pulls: from a name to an image in the cache, asking a registry for what is not there.

use std::{path::Path, sync::Arc};

use super::{
    access::{Access, Pull},
    client::Client,
    depot::Depot,
    download::Wanted,
    error::RegistryError,
    name::Name,
    supply::Supply,
    watch::{Event, Watch},
};
use crate::image::{
    Image, Store,
    blobs::Carrier,
    cache::Kept,
    digest::Digest,
    error::ImageError,
    names::{Named, Names},
    oci,
    reference::Reference,
};

/// Registries, as one store uses them.
#[derive(Clone, Debug)]
pub(crate) struct Registries {
    access: Access,
    depot: Depot,
    names: Names,
}

impl Registries {
    /// Reached as the environment says, with what came of them below the folder `cache`.
    pub fn new(cache: &Path) -> Self {
        Self { access: Access::from_environment(), depot: Depot::new(cache), names: Names::new(cache) }
    }

    /// What names mean.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The blobs that came.
    pub fn depot(&self) -> &Depot {
        &self.depot
    }

    /// Reached in another way.
    /// Who is told of progress.
    pub fn watch(&self) -> &Watch {
        &self.access.watch
    }

    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }
}

impl Store {
    /// The image of a registry's name. `sought` is whether it could have been something else.
    pub(crate) fn pulled(&self, reference: &Reference, text: &str, sought: bool) -> Result<Image, ImageError> {
        let error = |name: String, error| ImageError::Registry { name, sought, error };
        let name = Name::parse(text).map_err(|problem| error(text.into(), RegistryError::Name(problem).into()))?;
        let (kept, named) = self.held_or_fetched(&name).map_err(|failure| match failure {
            ImageError::Registry { name, error: failure, .. } => error(name, failure),
            other => other,
        })?;
        let image = self.kept(reference, None, kept, named.compressed_bytes)?;
        Ok(Image { pinned: Some(named.pinned), ..image })
    }

    fn held_or_fetched(&self, name: &Name) -> Result<(Kept, Named), ImageError> {
        let Registries { access, names, .. } = &self.registries;
        let platform = access.platform.to_string();
        let known = match access.pull {
            Pull::Always => None,
            Pull::Missing | Pull::Never => names.get(&name.to_string(), name.digest, &platform),
        };
        if let Some(known) = &known
            && let Some(kept) = Digest::parse(&known.image).and_then(|image| self.cache.get(&image))
        {
            return Ok((kept, known.clone()));
        }
        let top = known.and_then(|known| Some((Digest::parse(&known.digest)?, known.bytes)));
        let supply = self.supply(name);
        match self.fetched(name, top, &supply) {
            // What was on disk before may have suffered; it is fetched anew, once.
            Err(error) if is_damage(&error) && supply.distrust() => self.fetched(name, top, &self.supply(name)),
            other => other,
        }
    }

    fn supply(&self, name: &Name) -> Arc<Supply> {
        let Registries { access, depot, .. } = &self.registries;
        Arc::new(Supply::new(Client::new(name, access), depot.clone(), &self.limits))
    }

    /// Fetches what is missing of an image, and unpacks it. `top` is what its name is known to mean.
    fn fetched(
        &self,
        name: &Name,
        top: Option<(Digest, u64)>,
        supply: &Arc<Supply>,
    ) -> Result<(Kept, Named), ImageError> {
        self.fetch(name, top, supply).map_err(|error| match supply.failure() {
            // A reader that was let down knows less than who let it down.
            Some(error) => ImageError::Registry { name: name.to_string(), sought: false, error: error.into() },
            None => error,
        })
    }

    fn fetch(
        &self,
        name: &Name,
        top: Option<(Digest, u64)>,
        supply: &Arc<Supply>,
    ) -> Result<(Kept, Named), ImageError> {
        let Registries { access, depot, names } = &self.registries;
        let what = name.to_string();
        let failed =
            |error: RegistryError| ImageError::Registry { name: what.clone(), sought: false, error: error.into() };
        let _hold = depot.hold().map_err(failed)?;
        let top = top.map_or_else(|| supply.look_up(name), Ok).map_err(failed)?;
        let carrier = Carrier::supplied(depot.folder(), &what, supply.clone());
        let sent = oci::sent(&carrier, top, &access.platform, &self.limits)?;
        sent.parts.runs_here(&carrier)?;
        let named = Named {
            name: what.clone(),
            platform: access.platform.to_string(),
            digest: top.0.to_string(),
            bytes: top.1,
            manifest: sent.manifest.to_string(),
            image: sent.parts.id.to_string(),
            compressed_bytes: sent.compressed_bytes,
            pinned: name.pinned(top.0),
        };
        let kept = match self.cache.get(&sent.parts.id) {
            Some(kept) => kept,
            None => {
                let wanted: Vec<_> =
                    sent.layers.iter().map(|(digest, size)| Wanted { digest: *digest, size: *size }).collect();
                supply.begin(&wanted);
                let kept = self.layers(&carrier, depot.folder(), sent.parts)?;
                supply.finish().map_err(failed)?;
                access.watch.tell(Event::Unpacked);
                kept
            }
        };
        names.put(&named);
        Ok((kept, named))
    }
}

/// Whether an error may come from blobs that were changed on disk.
fn is_damage(error: &ImageError) -> bool {
    use ImageError::{Archive, Corrupt, Registry, Truncated, WrongDigest};
    match error {
        Registry { error, .. } => matches!(**error, RegistryError::WrongDigest { .. }),
        other => matches!(other, Archive { .. } | Corrupt { .. } | Truncated { .. } | WrongDigest { .. }),
    }
}
