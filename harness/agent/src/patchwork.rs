//! The root of a case over an image that has other file systems mounted below it, as the host itself has: the kernel does
//! not let an ordinary user see such a folder without what is mounted there, so that no one layer can cover it.
//!
//! Each folder at the top gets a layer of its own instead. Those below which something is mounted (`/home`, `/run`, `/sys`
//! on most machines) stay empty: a C library has no business there, and what is mounted might be written to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::mount::MsFlags;

use crate::case::CaseError;
use crate::layer::{mount_at, overlay, place};

/// Folders that every case gets anew.
const OWN: [&str; 5] = ["dev", "proc", "run", "sys", "tmp"];

/// Whether something is mounted below a folder.
pub fn needed(image: &Path) -> Result<bool, CaseError> {
    Ok(mounted()?.iter().any(|point| below(point, image)))
}

/// Lays the image out in `root`, with the case's own files from `upper` on top.
pub fn lay(image: &Path, upper: &Path, work: &Path, root: &Path) -> Result<(), CaseError> {
    let mounted = mounted()?;
    let entries = fs::read_dir(image).map_err(|e| CaseError::io("reading", image, e))?;
    for entry in entries {
        let path = entry.map_err(|e| CaseError::io("reading", image, e))?.path();
        let Some(name) = path.file_name() else { continue };
        let target = root.join(name);
        if OWN.iter().any(|own| name == *own) {
            continue;
        }
        if path.is_symlink() {
            let to = fs::read_link(&path).map_err(|e| CaseError::io("reading", &path, e))?;
            std::os::unix::fs::symlink(to, &target).map_err(|e| CaseError::io("linking", &target, e))?;
        } else if path.is_dir() {
            make_dir(&target)?;
            if !mounted.iter().any(|point| below(point, &path)) {
                let [upper, work] = [upper, work].map(|folder| folder.join(name));
                fs::create_dir_all(&upper).map_err(|e| CaseError::io("creating", &upper, e))?;
                make_dir(&work)?;
                overlay(&path.display().to_string(), &upper, &work, &target)?;
            }
        }
    }
    own_folders(upper, root)?;
    let probes = root.join(place::PROBES_INSIDE.trim_start_matches('/'));
    make_dir(&probes)?;
    mount_at(&format!("{}{}", place::PROBES, place::PROBES_INSIDE), &probes, None, MsFlags::MS_BIND, None)
}

/// The folders of the case's own, and those of its files that the image has no folder for.
fn own_folders(upper: &Path, root: &Path) -> Result<(), CaseError> {
    for entry in fs::read_dir(upper).map_err(|e| CaseError::io("reading", upper, e))? {
        let path = entry.map_err(|e| CaseError::io("reading", upper, e))?.path();
        let target = root.join(path.file_name().unwrap_or_default());
        if !target.exists() {
            fs::rename(&path, &target).map_err(|e| CaseError::io("moving", &path, e))?;
        }
    }
    for name in OWN {
        let target = root.join(name);
        if !target.exists() {
            make_dir(&target)?;
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(&target, mode).map_err(|e| CaseError::io("opening up", &target, e))?;
        }
    }
    Ok(())
}

/// Every mount point, as this process sees it.
fn mounted() -> Result<Vec<PathBuf>, CaseError> {
    let file = Path::new("/proc/self/mountinfo");
    let text = fs::read_to_string(file).map_err(|e| CaseError::io("reading", file, e))?;
    Ok(text.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from).collect())
}

fn below(point: &Path, folder: &Path) -> bool {
    point != folder && point.starts_with(folder)
}

fn make_dir(path: &Path) -> Result<(), CaseError> {
    fs::create_dir(path).map_err(|e| CaseError::io("creating", path, e))
}
