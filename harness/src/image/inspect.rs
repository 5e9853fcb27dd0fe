//! A root file system looked at as a whole: is it one, is it for this machine, whose is it, and which C libraries are in it.
//!
//! Looks afresh each time, so that what is reported is what is there now. Nothing is run and nothing is changed.

use std::path::Path;

use super::{
    arch::{Abroad, Arch},
    error::ImageError,
    libc::{self, Libraries, Machine},
    os::Os,
    view::View,
};

/// What was seen.
#[derive(Debug)]
pub(crate) struct Inspection {
    /// The distribution.
    pub os: Os,
    /// What it is for.
    pub arch: &'static Arch,
    /// The C libraries.
    pub libraries: Libraries,
}

/// How much is taken on trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// An image by its manifest: it may be as empty as it likes.
    Image,
    /// Any tar or folder: something in it must look like a root file system.
    Unknown,
}

/// Top folders of a root file system. One is enough: a root may hold a loader and nothing else.
const TOP: [&str; 9] = ["bin", "etc", "lib", "lib32", "lib64", "nix", "sbin", "usr", "system"];

/// Looks at the root file system in `view`, which messages call `what`. Of those for another architecture, it refuses what
/// `abroad` does.
pub(crate) fn inspect(view: &View, what: &str, trust: Trust, abroad: Abroad) -> Result<Inspection, ImageError> {
    let libraries = libc::look(view);
    if trust == Trust::Unknown && libraries.arch.is_none() {
        require_root(view, what)?;
    }
    let arch = match libraries.arch {
        Some(Machine::Known(arch)) => arch,
        Some(Machine::Unknown) => {
            let image = "an unknown architecture".into();
            return Err(ImageError::foreign(what, image, String::new()));
        }
        None => Arch::native(),
    };
    if arch != Arch::native() {
        abroad(arch).map_err(|lacking| ImageError::foreign(what, arch.spoken(), lacking))?;
    }
    Ok(Inspection { os: Os::of(view), arch, libraries })
}

fn require_root(view: &View, what: &str) -> Result<(), ImageError> {
    let names = view.names("/");
    let is_top = |name: &std::ffi::OsString| name.to_str().is_some_and(|name| TOP.contains(&name));
    if names.iter().any(is_top) {
        return Ok(());
    }
    let problem = match names.as_slice() {
        [] => "it is empty".into(),
        [only] if view.names(Path::new("/").join(only)).iter().any(is_top) => {
            let only = only.to_string_lossy();
            format!("everything lies below `{only}/`; use that folder, or pack it with `tar -C {only} -c .`")
        }
        _ if names.iter().any(|name| name == "version") && names.iter().any(|name| name == "manifest.json") => {
            "it is in skopeo's `dir:` form; copy it to `oci:DIR` and use oci-dir:DIR".into()
        }
        _ => "neither a program nor one of the folders bin, etc, lib, usr".into(),
    };
    Err(ImageError::NoFileSystem { what: what.into(), problem })
}
