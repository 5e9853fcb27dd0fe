//! An image unpacked for its own sake, into a folder of the asker's: with owners, and with set-id bits where they are asked for.
//!
//! It is made beside that folder, by all that unpacks into the cache, in a folder that is closed to others, and takes its name
//! when it is whole: so it appears whole or not at all, and nobody can lead it elsewhere meanwhile. What was there before is never
//! written into: an empty folder is replaced, and anything else refused, symlinks too.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::io::Errno;

use super::{
    arch::anywhere,
    cache::Cache,
    catalog::Catalog,
    error::ImageError,
    layer::LeftOut,
    owners::Owners,
    reference::{Reference, Source},
    store::Store,
};

/// What was unpacked.
#[derive(Clone, Debug)]
pub struct Unpacked {
    /// Where it is.
    pub folder: PathBuf,
    /// What its content is called ([`Image::digest`](super::Image::digest)), or the name that pins it.
    pub digest: String,
    /// Whether owners are recorded beside the files, because this process may not give files away.
    pub recorded: bool,
    /// What the image has and the folder has not.
    pub left_out: LeftOut,
}

impl Store {
    /// Unpacks an image, whatever machine it is for, into the folder `into`, which must be empty or not be there. What comes from
    /// registries is kept in the cache as it was sent; everything else of this leaves no trace there.
    ///
    /// # Errors
    /// See [`ImageError`]: the reference leads to nothing or to no whole image, or is none that can be unpacked; or the folder
    /// cannot be it.
    pub fn unpack(
        &self,
        reference: &Reference,
        catalog: &Catalog,
        into: &Path,
        set_id: bool,
    ) -> Result<Unpacked, ImageError> {
        let refusal = |problem: &str| ImageError::Into { folder: into.into(), problem: problem.into() };
        if let Source::Host | Source::Folder(_) = reference.source() {
            let problem = "it is a folder, and as it is; copy it instead".into();
            return Err(ImageError::Reference { reference: reference.to_string(), problem });
        }
        let absolute = std::path::absolute(into).unwrap_or_else(|_| into.to_owned());
        let Some(above) = absolute.parent().filter(|_| absolute.file_name().is_some()) else {
            return Err(refusal("an image is unpacked into a folder of its own; name one that is not there yet"));
        };
        look_at(&absolute).map_err(|problem| refusal(&problem))?;
        let failed = |source| ImageError::Unpack { doing: "unpack", folder: into.into(), source };
        let beside =
            tempfile::Builder::new().prefix(".libcdiff-").tempdir_in(above).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => ImageError::Missing(above.into()),
                _ => failed(error),
            })?;
        let owners = Owners::true_to_archive(set_id);
        let store = Self { cache: Cache::new(beside.path()), abroad: anywhere, owners, ..self.clone() };
        let image = store.resolve(reference, catalog).map_err(|error| elsewhere(error, beside.path(), into))?;
        if !image.root.starts_with(beside.path()) {
            return Err(refusal("the image is a folder already, and as it is; copy it instead"));
        }
        look_at(&absolute).map_err(|problem| refusal(&problem))?;
        fs::rename(&image.root, &absolute).map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => refusal("something was put there meanwhile"),
            Some(Errno::BUSY) => refusal("it is a mount point; name a folder in it that is not there yet"),
            _ => failed(error),
        })?;
        let digest = image.pinned.or(image.digest).unwrap_or_default();
        let recorded = matches!(owners, Owners::Recorded { .. });
        Ok(Unpacked { folder: into.into(), digest, recorded, left_out: image.left_out })
    }
}

/// Whether an image can take the place of what is there; why not.
fn look_at(folder: &Path) -> Result<(), String> {
    let meta = match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        meta => meta.map_err(|error| error.to_string())?,
    };
    if meta.is_symlink() {
        return Err("it is a symlink, and none is followed; name the folder itself".into());
    }
    if !meta.is_dir() {
        return Err("it is no folder; name one that is not there yet".into());
    }
    if fs::read_dir(folder).map_err(|error| error.to_string())?.next().is_some() {
        return Err("it is not empty; name a folder that is not there yet".into());
    }
    if std::env::current_dir().is_ok_and(|here| here == folder) {
        return Err("it is the current folder, which would be replaced; name one that is not there yet".into());
    }
    Ok(())
}

/// An error of keeping an image in the cache, which here is the folder `beside` the one that was asked for.
fn elsewhere(error: ImageError, beside: &Path, into: &Path) -> ImageError {
    match error {
        ImageError::Cache { doing, path, source } if path.starts_with(beside) => {
            ImageError::Unpack { doing, folder: into.into(), source }
        }
        ImageError::Full(path) if path.starts_with(beside) => {
            let problem = "the disk is full; free some space, or unpack elsewhere".into();
            ImageError::Into { folder: into.into(), problem }
        }
        other => other,
    }
}
