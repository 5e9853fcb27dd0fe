//! The programs for one machine as the harness carries them: one archive, and a table of what is in it.
//!
//! The archive is xz over the programs one after the other, in the order of the table (`harness/build/pack.rs`). It is expanded
//! straight to disk, once for each cache, so that memory holds the decoder's window and no program. What is on disk is held to
//! the table's digests each time: a probe that somebody has changed must not answer.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lzma_rust2::XzReader;
use sha2::{Digest as _, Sha256};

use super::{BundleError, Programs};
use crate::image::Digest;

/// The programs for one machine.
pub struct Set {
    /// As `uname -m` says.
    pub arch: &'static str,
    /// What is in the archive, in this order.
    pub files: &'static [File],
    /// All files one after the other, as xz.
    pub archive: &'static [u8],
    /// The record that the probe audit left.
    pub build: &'static str,
}

/// One program, or what programs load.
pub struct File {
    /// Its path: `agent`, `gnu/threads`, `allocators/gnu/mimalloc.so`.
    pub path: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Its digest, as hex digits.
    pub sha256: &'static str,
}

/// The path of the agent, which is no probe and lies beside them.
pub const AGENT: &str = "agent";

impl Set {
    /// The file of this path.
    pub fn file(&self, path: &str) -> Option<&'static File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Lays the programs out below the cache folder, unless they are there.
    pub fn lay_out(&self, cache: &Path) -> Result<Programs, BundleError> {
        let folder = cache.join("probes").join(self.digest());
        let programs = Programs { agent: folder.join(AGENT), probes: folder.join("image") };
        if self.complete(&folder) {
            return Ok(programs);
        }
        let failed = |source| BundleError::Layout { path: folder.clone(), source };
        self.write_all(&folder).map_err(failed)?;
        match self.complete(&folder) {
            true => Ok(programs),
            false => Err(failed(io::Error::other("the files are not what was written"))),
        }
    }

    /// The contents of the files that are wanted, in the order of the table.
    ///
    /// # Errors
    /// An archive that does not expand to what the table says.
    pub fn read(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
        let mut found = Vec::new();
        self.expand(wanted, |file, content| {
            let mut bytes = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or(0));
            content.read_to_end(&mut bytes)?;
            if Digest::of(&bytes).hex() != file.sha256 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", file.path)));
            }
            found.push((file.path, bytes));
            Ok(())
        })?;
        Ok(found)
    }

    /// Gives the files that are wanted to `take`, one after the other, and stops behind the last of them.
    fn expand(
        &self,
        wanted: impl Fn(&str) -> bool,
        mut take: impl FnMut(&'static File, &mut dyn Read) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(last) = self.files.iter().rposition(|file| wanted(file.path)) else { return Ok(()) };
        let mut expanded = XzReader::new(self.archive, false);
        for file in &self.files[..=last] {
            let mut content = expanded.by_ref().take(file.bytes);
            if wanted(file.path) {
                take(file, &mut content)?;
            }
            io::copy(&mut content, &mut io::sink())?;
        }
        Ok(())
    }

    /// What the programs are called together: the same programs, the same name.
    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for file in self.files {
            hash.update((file.path.len() as u64).to_le_bytes());
            hash.update(file.path);
            hash.update(file.sha256);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether every file in the folder is what the table says, to the last byte. Processors share the work: it is done
    /// before every run.
    fn complete(&self, folder: &Path) -> bool {
        let next = AtomicUsize::new(0);
        let all = || {
            let rest = std::iter::from_fn(|| self.files.get(next.fetch_add(1, Ordering::Relaxed)));
            rest.into_iter().all(|file| file.is(&file.place(folder)))
        };
        let helpers = thread::available_parallelism().map_or(0, |n| n.get().min(4) - 1);
        thread::scope(|scope| {
            let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(all)).collect();
            let mine = all();
            helpers.into_iter().fold(mine, |so_far, helper| helper.join().unwrap_or(false) && so_far)
        })
    }

    /// Writes everything under a temporary name and renames it, so that two runs at a time do not meet half of it.
    fn write_all(&self, folder: &Path) -> io::Result<()> {
        let parent = folder.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        let temporary = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755))?;
        self.expand(|_| true, |file, content| write_program(&file.place(temporary.path()), content))?;
        match fs::rename(temporary.path(), folder) {
            Err(e) if e.raw_os_error() == Some(nix::libc::ENOTEMPTY) || e.kind() == io::ErrorKind::AlreadyExists => {
                // Another run has written it meanwhile, and its programs may be running.
                if self.complete(folder) {
                    return Ok(());
                }
                // Somebody damaged it. Make room and try once more.
                fs::remove_dir_all(folder)?;
                fs::rename(temporary.path(), folder)?;
            }
            other => other?,
        }
        let _ = temporary.keep();
        Ok(())
    }
}

impl File {
    /// Where it lies in the folder of a set: probes as an image sees them, below `image`.
    fn place(&self, folder: &Path) -> PathBuf {
        match self.path {
            AGENT => folder.join(AGENT),
            path => folder.join("image/.libcdiff").join(path),
        }
    }

    /// Whether this file is what is there.
    fn is(&self, path: &Path) -> bool {
        let digest = || {
            let (mut file, mut hash, mut bytes) = (fs::File::open(path)?, Sha256::new(), vec![0; 128 << 10]);
            loop {
                match file.read(&mut bytes)? {
                    0 => return io::Result::Ok(hash.finalize()),
                    n => hash.update(&bytes[..n]),
                }
            }
        };
        let same_size = fs::metadata(path).is_ok_and(|there| there.len() == self.bytes);
        same_size && digest().is_ok_and(|found| Digest::from_hex(self.sha256) == Some(Digest::from_bytes(found.into())))
    }
}

/// Writes a program that anybody may start.
pub fn write_program(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    io::copy(content, &mut fs::File::create(path)?)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::super::OWN;
    use super::*;

    #[test]
    fn what_another_run_has_written_meanwhile_stays() {
        let cache = tempfile::tempdir().expect("a folder");
        let programs = OWN.lay_out(cache.path()).expect("laid out");
        let inode = || fs::metadata(&programs.agent).expect("there").ino();
        let before = inode();
        OWN.write_all(programs.agent.parent().expect("a folder")).expect("written");
        assert_eq!(before, inode());
    }
}
