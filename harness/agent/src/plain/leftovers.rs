//! What a program leaves behind in a container that others use after it: processes and files.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid};

use crate::case::CaseError;

/// Where programs may leave files.
const TEMPORARY: [&str; 2] = ["/tmp", "/dev/shm"];

/// Ends every process that is left of the case. What has lost its parent has become a child of this process, which asked for
/// them; it is looked for until there is none.
pub fn end_all() -> nix::Result<()> {
    loop {
        for child in children() {
            let _ = kill(child, Signal::SIGKILL);
        }
        match waitpid(None, None) {
            Err(Errno::ECHILD) => return Ok(()),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e),
        }
    }
}

fn children() -> Vec<Pid> {
    let own = getpid().as_raw();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child =
        |pid: &i32| fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| parent(&stat) == Some(own));
    pids.filter(is_child).map(Pid::from_raw).collect()
}

/// The fourth field of stat (proc(5)); the second is in brackets and may hold anything.
fn parent(stat: &str) -> Option<i32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// What was in the temporary folders.
pub struct Folders([BTreeSet<OsString>; TEMPORARY.len()]);

impl Folders {
    /// Looks.
    pub fn look() -> Self {
        Self(TEMPORARY.map(|folder| names(Path::new(folder))))
    }

    /// Removes what has come since.
    pub fn tidy(&self) -> Result<(), CaseError> {
        for (folder, before) in TEMPORARY.map(Path::new).iter().zip(&self.0) {
            for name in names(folder).difference(before) {
                let path = folder.join(name);
                let removed =
                    if path.is_dir() && !path.is_symlink() { remove_folder(&path) } else { fs::remove_file(&path) };
                removed.map_err(|e| CaseError::io("removing what a program left,", &path, e))?;
            }
        }
        Ok(())
    }
}

fn names(folder: &Path) -> BTreeSet<OsString> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

/// A program may have taken away its own rights to a folder, which its owner can take back.
fn remove_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { remove_folder(&entry.path())? } else { fs::remove_file(entry.path())? }
    }
    fs::remove_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_behind_any_name() {
        assert_eq!(parent("7 (a) b) c) S 3 7 7 0"), Some(3));
        assert_eq!(parent("7"), None);
    }

    #[test]
    fn a_folder_without_rights_goes_away() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("libcdiff-leftovers-test-{}", std::process::id()));
        fs::create_dir_all(folder.join("in")).expect("writable");
        fs::write(folder.join("in/file"), "x").expect("writable");
        fs::set_permissions(folder.join("in"), fs::Permissions::from_mode(0o000)).expect("own");
        remove_folder(&folder).expect("removed");
        assert!(!folder.exists());
    }
}
