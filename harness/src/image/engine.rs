//! Images that a container engine of this machine has: asked for by name, known by the engine's own id, saved once and unpacked
//! as the archive that `docker save` writes.

use std::io::{self, BufWriter, Seek};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Image,
    arch::Arch,
    blobs::Carrier,
    cache::{Cache, Kept, read_json, write_json},
    content::Content,
    digest::Digest,
    error::ImageError,
    reference::{Engine, Reference},
    registry::Event,
    store::Store,
};
use crate::engine::{Client, EngineError, Held};

/// What an image of an engine was found to be.
#[derive(Deserialize, Serialize)]
struct Memo {
    digest: String,
}

impl Store {
    /// The image of this name at an engine.
    pub(super) fn of_engine(&self, reference: &Reference, engine: Engine, name: &str) -> Result<Image, ImageError> {
        let what = reference.to_string();
        let failed = |error: EngineError| ImageError::Engine { reference: what.clone(), error: Box::new(error) };
        let client = Client::connect(engine).map_err(failed)?;
        let held = client.image(name).map_err(failed)?;
        if let Some(arch) = held.architecture.as_deref().filter(|arch| !arch.is_empty() && *arch != Arch::native().oci)
        {
            let image = Arch::by_oci(arch).map_or(arch.into(), Arch::spoken);
            return Err(ImageError::Foreign { what, image, machine: Arch::native().spoken() });
        }
        let kept = match self.cache.of_engine(&held.id) {
            Some(kept) => kept,
            None => {
                let kept = self.saved(&client, &held, &what)?;
                self.cache.remember_of_engine(&held.id, kept.digest);
                kept
            }
        };
        self.kept(reference, None, kept, None)
    }

    /// Has the engine save the image, and unpacks what comes.
    fn saved(&self, client: &Client, held: &Held, what: &str) -> Result<Kept, ImageError> {
        let failed = |error: EngineError| ImageError::Engine { reference: what.to_owned(), error: Box::new(error) };
        let keeping = |error: io::Error| ImageError::keeping("save", self.cache.path(), error);
        let mut file = self.cache.scratch()?;
        let watch = self.registries.watch();
        let digest = Digest::parse(&held.id).unwrap_or_else(|| Digest::of(held.id.as_bytes()));
        watch.tell(Event::Layer { digest: &digest, bytes: held.bytes, held: 0 });
        let mut to = BufWriter::with_capacity(1 << 20, &file);
        let came = |bytes| watch.tell(Event::Bytes(bytes));
        client.save(&held.id, &mut to, self.limits.total_bytes, &came).map_err(failed)?;
        to.into_inner().map_err(|e| keeping(e.into_error()))?;
        file.rewind().map_err(keeping)?;
        let path = Path::new(what);
        let carrier = Carrier::archive(file, path, what, &self.limits)?;
        let (kept, _) = self.carried(&carrier, path, Content::Docker, None)?;
        watch.tell(Event::Unpacked);
        Ok(kept)
    }
}

impl Cache {
    fn engine_memo(&self, id: &str) -> PathBuf {
        self.path().join("known-engines").join(Digest::of(id.as_bytes()).hex())
    }

    /// The image that an engine calls by this id. Most engines call it by the digest of its configuration, as this cache does.
    fn of_engine(&self, id: &str) -> Option<Kept> {
        let known = read_json::<Memo>(&self.engine_memo(id)).and_then(|memo| Digest::parse(&memo.digest));
        self.get(&known.or_else(|| Digest::parse(id))?)
    }

    /// Notes what an image of an engine is. Failing to is no failure: it is saved again.
    fn remember_of_engine(&self, id: &str, digest: Digest) {
        let memo = self.engine_memo(id);
        let folder = memo.parent().map_or(Ok(()), std::fs::create_dir_all);
        let _ = folder.and_then(|()| write_json(&memo, &Memo { digest: digest.to_string() }));
    }

    /// The images that came from engines; with `forget`, none, and they are forgotten.
    pub(super) fn engines(&self, forget: bool) -> Vec<Digest> {
        let memos = std::fs::read_dir(self.path().join("known-engines")).into_iter().flatten().flatten();
        let known = |entry: std::fs::DirEntry| {
            let digest = read_json::<Memo>(&entry.path()).and_then(|memo| Digest::parse(&memo.digest));
            if forget {
                let _ = std::fs::remove_file(entry.path());
            }
            digest.filter(|digest| !forget && self.get(digest).is_some())
        };
        memos.filter_map(known).collect()
    }
}
