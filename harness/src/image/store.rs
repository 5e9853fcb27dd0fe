//! From a reference to a root file system that can be used: found, checked, unpacked once, looked at.
//!
//! Folders and the host are used in place and never written to. Archives are unpacked into the cache. What each kind of
//! archive contains is for the modules that this one puts together; registries and engines are other modules'.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    Image, LayerSize, Size,
    ahead::Ahead,
    arch::{Abroad, nowhere},
    blobs::{self, Carrier},
    cache::{Cache, Draft, Hold, Kept, Record},
    catalog::{Catalog, Origin},
    confine,
    content::{self, Content},
    digest::{Hashing, Tally},
    error::ImageError,
    inspect::{Inspection, Trust, inspect},
    known::Known,
    layer::{Kind, LeftOut, Settled, Unpacking},
    limits::Limits,
    listing::Listing,
    manifest::Parts,
    oci,
    owners::Owners,
    reference::{Reference, Source, is_image_name, looks_like_path},
    registry::{Access, Registries},
    saved,
    stream::{Format, Meter, Metered, decode},
    view::View,
};

/// Where images are kept, and how they get there.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) cache: Cache,
    pub(super) built: PathBuf,
    pub(super) limits: Limits,
    pub(super) registries: Registries,
    pub(super) abroad: Abroad,
    pub(super) owners: Owners,
}

/// Images that are made usable at a time; more would only share the disk.
const SIDE_BY_SIDE: usize = 3;

/// The next thing that nobody has taken, and its place.
fn take<'a, T>(next: &AtomicUsize, list: &'a [T]) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, list.get(at)?))
}

/// The variable that names the folder of built catalog images.
const BUILT: &str = "LIBCDIFF_IMAGES";

impl Store {
    /// Keeps images below the folder `cache`, which is made when something is put there. Built catalog images are looked for
    /// in the folder that `LIBCDIFF_IMAGES` names, or else in `catalog` below the cache.
    pub fn open(cache: impl Into<PathBuf>) -> Self {
        let cache = cache.into();
        // Fails only where there is no current folder.
        let cache = std::path::absolute(&cache).unwrap_or(cache);
        let built =
            std::env::var_os(BUILT).filter(|v| !v.is_empty()).map_or_else(|| cache.join("catalog"), PathBuf::from);
        let registries = Registries::new(&cache);
        let (cache, limits) = (Cache::new(&cache), Limits::default());
        Self { cache, built, limits, registries, abroad: nowhere, owners: Owners::Caller }
    }

    /// Looks for built catalog images in `folder`.
    pub fn with_built(self, folder: impl Into<PathBuf>) -> Self {
        Self { built: folder.into(), ..self }
    }

    /// Accepts images up to `limits`.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Takes images for those other architectures that `abroad` does not refuse.
    pub fn with_abroad(self, abroad: Abroad) -> Self {
        Self { abroad, ..self }
    }

    /// Reaches registries as `access` says.
    pub fn with_access(self, access: Access) -> Self {
        Self { registries: self.registries.with_access(access), ..self }
    }

    /// Makes the image usable, and says what it is.
    ///
    /// # Errors
    /// See [`ImageError`]: the reference leads to nothing, to something that is no image or no whole one, to one of another
    /// architecture, or the cache cannot take it.
    pub fn resolve(&self, reference: &Reference, catalog: &Catalog) -> Result<Image, ImageError> {
        match reference.source() {
            Source::Host => self.in_place(reference, Path::new("/"), false),
            Source::Folder(path) => self.folder(reference, path),
            Source::Rootfs(path) => self.file(reference, path, Some(Content::Rootfs), None),
            Source::DockerArchive(text) => self.chosen(reference, text, Content::Docker),
            Source::OciArchive(text) => self.chosen(reference, text, Content::Oci),
            Source::OciFolder(text) => {
                let (path, select) = split(text);
                self.layout(reference, path, select)
            }
            Source::Registry(name) => self.pulled(reference, name, false),
            Source::Engine(engine, name) => self.of_engine(reference, *engine, name),
            Source::Bare(text) => self.bare(reference, text, catalog),
        }
    }

    /// Makes several images usable, some side by side; in the order in which they are asked for. A layer that two of them have in
    /// common is fetched once.
    pub fn resolve_all(&self, references: &[Reference], catalog: &Catalog) -> Vec<Result<Image, ImageError>> {
        // What a process that was killed has left would otherwise stay until there is something to unpack.
        self.cache.sweep();
        let (next, results) = (AtomicUsize::new(0), references.iter().map(|_| OnceLock::new()).collect::<Vec<_>>());
        let work = || {
            while let Some((at, reference)) = take(&next, references) {
                // One that is asked for twice is in the cache by then.
                if !references[..at].contains(reference) {
                    let _ = results[at].set(self.resolve(reference, catalog));
                }
            }
        };
        thread::scope(|scope| (0..references.len().min(SIDE_BY_SIDE)).for_each(|_| drop(scope.spawn(work))));
        let results = results.into_iter().zip(references);
        results.map(|(known, one)| known.into_inner().unwrap_or_else(|| self.resolve(one, catalog))).collect()
    }

    /// Catalog names come first, so that what a file in some folder is called does not change what they mean.
    fn bare(&self, reference: &Reference, text: &str, catalog: &Catalog) -> Result<Image, ImageError> {
        if let Some(image) = catalog.get(text) {
            return match &image.origin {
                Origin::Built(_) => self.built(reference, text),
                Origin::Public(public) => {
                    Ok(Image { reference: text.into(), id: text.into(), ..self.resolve(public, catalog)? })
                }
            };
        }
        let (path, select) =
            if looks_like_path(text) || !Path::new(text).exists() { split(text) } else { (text, None) };
        let is_path = looks_like_path(path) || (select.is_none() && Path::new(path).exists());
        if !is_path {
            return match is_image_name(text) {
                true => self.pulled(reference, text, true),
                false => Err(ImageError::Missing(text.into())),
            };
        }
        let path = Path::new(path);
        match fs::metadata(path).map_err(|e| ImageError::reading(path, e))?.is_dir() {
            false => self.file(reference, path, None, select),
            true if content::of_folder(path)? == Content::Oci => self.layout(reference, path, select),
            true => self.folder(reference, path),
        }
    }

    fn built(&self, reference: &Reference, name: &str) -> Result<Image, ImageError> {
        let path = self.built.join(format!("{name}.tar"));
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ImageError::NotBuilt { name: name.into(), path })
            }
            _ => self.file(reference, &path, None, None),
        }
    }

    fn chosen(&self, reference: &Reference, text: &str, wanted: Content) -> Result<Image, ImageError> {
        let (path, select) = split(text);
        self.file(reference, Path::new(path), Some(wanted), select)
    }

    // ------------------------------------------------------------------------------------------------ used in place

    fn folder(&self, reference: &Reference, path: &Path) -> Result<Image, ImageError> {
        let meta = fs::metadata(path).map_err(|e| ImageError::reading(path, e))?;
        if !meta.is_dir() {
            let (wanted, found) = ("a folder", "a file");
            return Err(ImageError::WrongKind { path: path.into(), scheme: "dir", wanted, found });
        }
        if content::of_folder(path)? == Content::Oci {
            let (wanted, found) = ("a root file system", "an OCI layout (use oci-dir:)");
            return Err(ImageError::WrongKind { path: path.into(), scheme: "dir", wanted, found });
        }
        self.in_place(reference, path, true)
    }

    fn in_place(&self, reference: &Reference, path: &Path, list: bool) -> Result<Image, ImageError> {
        let failed = |e| ImageError::reading(path, e);
        let root = fs::canonicalize(path).map_err(failed)?;
        let view = View::open(&root).map_err(failed)?;
        let seen = inspect(&view, &path.display().to_string(), Trust::Unknown, self.abroad)?;
        let listing = match list {
            true => Some(Listing::of(&root, &view, &seen.libraries.files, &self.limits)?),
            false => None,
        };
        let size = Size { compressed_bytes: None, unpacked_bytes: listing.as_ref().map(|l| l.bytes) };
        let digest = listing.map(|l| l.digest);
        Ok(image(reference, root, seen, size, digest, BTreeMap::new(), LeftOut::default()))
    }

    // ---------------------------------------------------------------------------------------------------- archives

    fn file(
        &self,
        reference: &Reference,
        path: &Path,
        wanted: Option<Content>,
        select: Option<&str>,
    ) -> Result<Image, ImageError> {
        if fs::metadata(path).is_ok_and(|meta| meta.is_dir()) {
            let scheme = wanted.map_or("rootfs", Content::scheme);
            let (wanted, found) = ("a file", "a folder (use dir: or oci-dir:)");
            return Err(ImageError::WrongKind { path: path.into(), scheme, wanted, found });
        }
        let (file, _) = blobs::open(path)?;
        let meta = file.metadata().map_err(|e| ImageError::reading(path, e))?;
        let choice = format!("{wanted:?} {select:?}");
        let known = self.cache.recall(path, &choice, &meta);
        let (kept, known) = match known.and_then(|known| Some((self.cache.get(&known.digest)?, known))) {
            Some(found) => found,
            None => {
                let (kept, compressed_bytes) = self.archive(file, path, wanted, select)?;
                let known = Known { digest: kept.digest, compressed_bytes };
                self.cache.remember(path, &choice, &meta, known);
                (kept, known)
            }
        };
        self.kept(reference, select, kept, known.compressed_bytes)
    }

    /// Unpacks an archive; also says how many bytes it has as compressed, if it is.
    fn archive(
        &self,
        file: File,
        path: &Path,
        wanted: Option<Content>,
        select: Option<&str>,
    ) -> Result<(Kept, Option<u64>), ImageError> {
        let what = path.display().to_string();
        let seen = content::of_file(path, &what, &self.limits)?;
        let length = file.metadata().map_err(|e| ImageError::reading(path, e))?.len();
        let outer = (seen.format != Format::Plain).then_some(length);
        match (wanted.unwrap_or(seen.content), seen.content) {
            (Content::Rootfs, Content::Rootfs) if select.is_none() => {
                Ok((self.rootfs(file, path, &what, length)?, outer))
            }
            (Content::Rootfs, found) => Err(ImageError::NoFileSystem { what, problem: instead(found) }),
            (asked, Content::Rootfs) => Err(ImageError::Layout {
                what,
                problem: format!(
                    "no image in it that {}: reads; use rootfs: if it is a root file system",
                    asked.scheme()
                ),
            }),
            (content, _) => {
                let file = if outer.is_some() { self.decompressed(file, path, &what, length)? } else { file };
                let carrier = Carrier::archive(file, path, &what, &self.limits)?;
                let (kept, layers) = self.carried(&carrier, path, content, select)?;
                Ok((kept, outer.or(layers)))
            }
        }
    }

    /// A compressed archive of an image, decompressed to where its members can be reached.
    fn decompressed(&self, file: File, path: &Path, what: &str, length: u64) -> Result<File, ImageError> {
        let failed = |e| ImageError::streaming(what, path, e);
        let mut plain = self.cache.scratch()?;
        let meter = Meter::new(self.limits.for_stored(length));
        let stream = decode(file).and_then(|(_, stream)| Ahead::of(stream)).map_err(failed)?;
        let mut stream = Metered::new(stream, meter);
        copy(&mut stream, &plain).map_err(|fault| match fault {
            Copy::Read(error) => failed(error),
            Copy::Write(error) => ImageError::keeping("unpack", self.cache.path(), error),
        })?;
        plain.rewind().map_err(|e| ImageError::keeping("unpack", self.cache.path(), e))?;
        Ok(plain)
    }

    fn rootfs(&self, file: File, path: &Path, what: &str, length: u64) -> Result<Kept, ImageError> {
        let draft = self.cache.begin()?;
        let (digest, settled) = self.confined(&draft, path, |unpacking| {
            let (mut stream, tally) = staged(file, None).map_err(|e| ImageError::streaming(what, path, e))?;
            unpacking.apply(&mut stream, Kind::Plain, length, what)?;
            Ok(tally.digest())
        })?;
        self.check(&draft, what, Trust::Unknown)?;
        draft.publish(digest, BTreeMap::new(), settled, Vec::new())
    }

    /// Unpacks what comes from `path` into a draft, where the kernel lets nothing be written elsewhere, and settles it.
    fn confined<T: Send>(
        &self,
        draft: &Draft<'_>,
        path: &Path,
        work: impl FnOnce(&mut Unpacking<'_>) -> Result<T, ImageError> + Send,
    ) -> Result<(T, Settled), ImageError> {
        let (root, cache) = (draft.root(), self.cache.path());
        let unpacked = confine::within(&root, || {
            let mut unpacking = Unpacking::new(&root, self.owners, path, cache, &self.limits)?;
            let done = work(&mut unpacking)?;
            Ok((done, unpacking.finish()?))
        });
        unpacked.map_err(|e| ImageError::keeping("confine unpacking", cache, e))?
    }

    fn layout(&self, reference: &Reference, path: impl AsRef<Path>, select: Option<&str>) -> Result<Image, ImageError> {
        let path = path.as_ref();
        if !fs::metadata(path).map_err(|e| ImageError::reading(path, e))?.is_dir() {
            let (wanted, found) = ("a folder", "a file (use oci-archive:)");
            return Err(ImageError::WrongKind { path: path.into(), scheme: "oci-dir", wanted, found });
        }
        let carrier = Carrier::folder(path, &path.display().to_string());
        if content::of_folder(path)? != Content::Oci {
            return Err(carrier.problem("no OCI layout in it (oci-layout and index.json); use dir: for a root".into()));
        }
        let (kept, compressed_bytes) = self.carried(&carrier, path, Content::Oci, select)?;
        self.kept(reference, select, kept, compressed_bytes)
    }

    /// Unpacks the image that a carrier holds, unless it has been before.
    pub(super) fn carried(
        &self,
        carrier: &Carrier,
        path: &Path,
        content: Content,
        select: Option<&str>,
    ) -> Result<(Kept, Option<u64>), ImageError> {
        let parts = match content {
            Content::Docker => saved::read(carrier, select, &self.limits)?,
            _ => oci::read(carrier, select, self.registries.platform(), self.abroad, &self.limits)?,
        };
        parts.runs_here(carrier, self.abroad)?;
        let compressed_bytes = compressed_bytes(carrier, &parts)?;
        match self.cache.get(&parts.id) {
            Some(kept) => Ok((kept, compressed_bytes)),
            None => Ok((self.layers(carrier, path, parts)?, compressed_bytes)),
        }
    }

    pub(super) fn layers(&self, carrier: &Carrier, path: &Path, parts: Parts) -> Result<Kept, ImageError> {
        let draft = self.cache.begin()?;
        let (layers, settled) =
            self.confined(&draft, path, |unpacking| self.stacked(unpacking, carrier, path, &parts))?;
        self.check(&draft, &carrier.what, Trust::Image)?;
        draft.publish(parts.id, parts.env, settled, layers)
    }

    /// All layers, from the lowest up, each checked against its digests; and how large each is.
    fn stacked(
        &self,
        unpacking: &mut Unpacking<'_>,
        carrier: &Carrier,
        path: &Path,
        parts: &Parts,
    ) -> Result<Vec<LayerSize>, ImageError> {
        let mut sizes = Vec::new();
        for (at, layer) in parts.layers.iter().enumerate() {
            if at > 0 {
                unpacking.next_layer();
            }
            let what = format!("{}: layer {} of {}", carrier.what, at + 1, parts.layers.len());
            let blob = carrier.open(&layer.part)?;
            let size = blob.size();
            let (stored, stored_tally) = Hashing::new(blob);
            let before = (unpacking.file_bytes(), unpacking.link_bytes());
            let (mut stream, content_tally) =
                staged(stored, Some(&stored_tally)).map_err(|e| ImageError::streaming(&what, path, e))?;
            unpacking.apply(&mut stream, Kind::Layer, size, &what)?;
            let (as_stored, content) = (stored_tally.digest(), content_tally.digest());
            let digests = [
                ("the layer as stored", layer.stored, as_stored),
                ("the layer's content", Some(layer.content), content),
            ];
            for (part, expected, found) in digests {
                if let Some(expected) = expected.filter(|expected| *expected != found) {
                    return Err(ImageError::WrongDigest { what, part: part.into(), expected, found });
                }
            }
            sizes.push(LayerSize {
                digest: as_stored.to_string(),
                compressed_bytes: (as_stored != content).then_some(size),
                bytes: unpacking.file_bytes() - before.0,
                link_bytes: Some(unpacking.link_bytes() - before.1),
            });
        }
        Ok(sizes)
    }

    /// Looks at a tree before it is published, so that the cache holds nothing that cannot be used.
    fn check(&self, draft: &Draft<'_>, what: &str, trust: Trust) -> Result<(), ImageError> {
        let view = View::open(&draft.root()).map_err(|e| ImageError::keeping("look", self.cache.path(), e))?;
        inspect(&view, what, trust, self.abroad).map(drop)
    }

    pub(super) fn kept(
        &self,
        reference: &Reference,
        select: Option<&str>,
        kept: Kept,
        compressed_bytes: Option<u64>,
    ) -> Result<Image, ImageError> {
        let view = View::open(&kept.root).map_err(|e| ImageError::keeping("look", self.cache.path(), e))?;
        let seen = inspect(&view, &reference.to_string(), Trust::Image, self.abroad)?;
        let hold = kept.hold;
        let Record { env, left_out, measure, layers, .. } = kept.record;
        let size = Size { compressed_bytes, unpacked_bytes: Some(measure.bytes) };
        let image = image(reference, kept.root, seen, size, Some(kept.digest.to_string()), env, left_out);
        // The image's own name says more than its archive's.
        let id = select.filter(|name| !name.starts_with('@')).map_or_else(|| image.id.clone(), String::from);
        Ok(Image { id, hold, layers, ..image })
    }
}

fn image(
    reference: &Reference,
    root: PathBuf,
    seen: Inspection,
    size: Size,
    digest: Option<String>,
    env: BTreeMap<String, String>,
    left_out: LeftOut,
) -> Image {
    Image {
        id: reference.id(),
        reference: reference.to_string(),
        digest,
        root,
        os: seen.os,
        arch: seen.arch.name.into(),
        libcs: seen.libraries.libcs,
        own: seen.libraries.own,
        evidence: seen.libraries.evidence,
        size,
        layers: Vec::new(),
        env,
        left_out,
        pinned: None,
        hold: Hold::default(),
    }
}

/// The content of something that may be compressed, decompressed on one thread and digested on another. `stored` is the digest of
/// what comes in, where that is taken already.
fn staged(source: impl Read + Send + 'static, stored: Option<&Tally>) -> io::Result<(Ahead, Tally)> {
    match (decode(source)?, stored) {
        ((Format::Plain, stream), Some(stored)) => Ok((Ahead::of(stream)?, stored.clone())),
        ((Format::Plain, stream), None) => {
            let (stream, tally) = Hashing::new(stream);
            Ok((Ahead::of(stream)?, tally))
        }
        ((_, stream), _) => {
            let (stream, tally) = Hashing::new(Ahead::of(stream)?);
            Ok((Ahead::of(stream)?, tally))
        }
    }
}

fn instead(found: Content) -> String {
    format!("it carries an image; use {}:", found.scheme())
}

/// A path, and the choice of one image after it: `PATH`, `PATH:NAME:TAG`, `PATH:@N`. A path may have colons itself: the longest
/// one that exists is taken, and of one that does not exist, everything.
fn split(text: &str) -> (&str, Option<&str>) {
    if Path::new(text).exists() {
        return (text, None);
    }
    let colons = text.rmatch_indices(':').map(|(at, _)| at);
    let found = colons.map(|at| (&text[..at], &text[at + 1..])).find(|(path, _)| Path::new(path).exists());
    found.map_or((text, None), |(path, select)| (path, Some(select).filter(|s| !s.is_empty())))
}

/// Bytes of the layers as stored, if they are compressed.
fn compressed_bytes(carrier: &Carrier, parts: &Parts) -> Result<Option<u64>, ImageError> {
    let mut sum = None;
    for layer in &parts.layers {
        let blob = carrier.open(&layer.part)?;
        let size = blob.size();
        let mut first = [0; 6];
        let n = io::Read::read(&mut io::Read::take(blob, 6), &mut first).unwrap_or(0);
        if Format::of(&first[..n]) == Format::Plain {
            return Ok(None);
        }
        *sum.get_or_insert(0) += size;
    }
    Ok(sum)
}

enum Copy {
    Read(io::Error),
    Write(io::Error),
}

/// Copies all of it; the two ends fail for different reasons.
fn copy(from: &mut impl io::Read, mut to: &File) -> Result<(), Copy> {
    let mut buffer = vec![0; 128 << 10];
    loop {
        match from.read(&mut buffer).map_err(Copy::Read)? {
            0 => return Ok(()),
            n => io::Write::write_all(&mut to, &buffer[..n]).map_err(Copy::Write)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_of_an_image_follows_a_path_that_exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a:b.tar");
        fs::write(&path, "").expect("written");
        let path = path.to_str().expect("text");
        assert_eq!(split(path), (path, None));
        assert_eq!(split(&format!("{path}:alpine:3.20")), (path, Some("alpine:3.20")));
        assert_eq!(split(&format!("{path}:@2")), (path, Some("@2")));
        assert_eq!(split(&format!("{path}:")), (path, None));
        assert_eq!(split("/nowhere/x.tar:y"), ("/nowhere/x.tar:y", None));
    }
}
