//! The root of one case: the image below, the probes between, an empty layer of the case's own on top.
//!
//! Files that a case brings along are laid into the top layer before it is mounted, so that nothing of the image, not
//! even a symlink, decides where they go. The layer lives in memory, is bounded, and is gone when the case ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use libcdiff_protocol::File;
use nix::mount::{MsFlags, mount};

use crate::case::CaseError;
use crate::patchwork;

/// Where the agent's own root keeps things; none of it is visible to a program.
pub mod place {
    /// The image, read-only.
    pub const IMAGE: &str = "/image";
    /// What lies over the image and hides what is not its own; only in a container that an engine has made.
    pub const HIDDEN: &str = "/hidden";
    /// A folder that holds the probes in `.libcdiff`, read-only.
    pub const PROBES: &str = "/probes";
    /// The devices.
    pub const DEV: &str = "/dev";
    /// The case's writable layer.
    pub const CASE: &str = "/case";
    /// Inside the image: where the probes are seen.
    pub const PROBES_INSIDE: &str = "/.libcdiff";
}

/// Builds the root of a case in this mount namespace and returns where it is.
pub fn build(image: &str, files: &[File], bytes: u64) -> Result<PathBuf, CaseError> {
    let case = Path::new(place::CASE);
    let options = format!("size={bytes},mode=755");
    mount_at("tmpfs", case, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some(&options))?;
    let [upper, work, root, shm] = ["upper", "work", "root", "shm"].map(|name| case.join(name));
    for folder in [&upper, &work, &root, &shm] {
        fs::create_dir(folder).map_err(|e| CaseError::io("creating", folder, e))?;
    }
    for (name, mode) in [("proc", 0o555), ("dev", 0o755), ("tmp", 0o1777)] {
        let folder = upper.join(name);
        fs::create_dir(&folder)
            .and_then(|()| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)))
            .map_err(|e| CaseError::io("creating", &folder, e))?;
    }
    for file in files {
        lay(&upper, file)?;
    }
    match patchwork::needed(Path::new(image))? {
        true => patchwork::lay(Path::new(image), &upper, &work, &root)?,
        false => {
            let hidden = if Path::new(place::HIDDEN).exists() { format!("{}:", place::HIDDEN) } else { String::new() };
            overlay(&format!("{}:{hidden}{image}", place::PROBES), &upper, &work, &root)?;
        }
    }
    mount_at(place::DEV, &root.join("dev"), None, MsFlags::MS_BIND | MsFlags::MS_REC, None)?;
    mount_at(&shm.display().to_string(), &root.join("dev/shm"), None, MsFlags::MS_BIND, None)?;
    Ok(root)
}

/// Mounts `lower`, one folder or several separated by colons, with `upper` on top.
pub fn overlay(lower: &str, upper: &Path, work: &Path, target: &Path) -> Result<(), CaseError> {
    let layers = format!("lowerdir={lower},upperdir={},workdir={},userxattr", upper.display(), work.display());
    mount_at("overlay", target, Some("overlay"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some(&layers))
}

/// Writes one of the case's files into the top layer.
fn lay(upper: &Path, file: &File) -> Result<(), CaseError> {
    let mut path = upper.to_path_buf();
    for component in Path::new(&file.path).components() {
        match component {
            Component::RootDir => {}
            Component::Normal(name) => path.push(name),
            _ => return Err(CaseError::Plan(format!("the file path `{}` is not absolute and plain", file.path))),
        }
    }
    let content = BASE64_STANDARD
        .decode(&file.content)
        .map_err(|e| CaseError::Plan(format!("the content of `{}` is not base 64: {e}", file.path)))?;
    let folder = path.parent().unwrap_or(upper);
    fs::create_dir_all(folder).map_err(|e| CaseError::io("creating", folder, e))?;
    // A script is there to be run.
    let mode = if content.starts_with(b"#!") { 0o755 } else { 0o644 };
    fs::write(&path, content)
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(mode)))
        .map_err(|e| CaseError::io("writing", &path, e))
}

/// One mount; the error names both ends.
pub fn mount_at(
    source: &str,
    target: &Path,
    kind: Option<&str>,
    flags: MsFlags,
    options: Option<&str>,
) -> Result<(), CaseError> {
    mount(Some(source), target, kind, flags, options).map_err(|errno| CaseError::Mount {
        what: source.to_owned(),
        target: target.to_path_buf(),
        errno,
    })
}
