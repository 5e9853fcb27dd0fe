//! A folder of a case's own below /tmp, which is the working directory while the case runs and gone afterwards.

use core::ffi::{CStr, c_char};
use heap::ffi::CString;
use heap::vec::Vec;

use super::call::{Errno, check, errno};
use super::process::write_all;

/// The folder. Dropping it removes it with all that is in it.
pub struct Place(CString);

impl Place {
    /// Makes the folder and enters it.
    pub fn enter() -> Result<Self, Errno> {
        let mut name = *b"/tmp/libcdiff-XXXXXX\0";
        // SAFETY: the template is writable and terminated; the result is the template itself.
        unsafe {
            if libc::mkdtemp(name.as_mut_ptr().cast()).is_null() {
                return Err(Errno(errno()));
            }
            check(libc::chdir(name.as_ptr().cast()))?;
        }
        let name = CStr::from_bytes_until_nul(&name).map_err(|_| Errno(libc::EINVAL))?;
        Ok(Self(name.into()))
    }

    /// Its name, without a link in it.
    pub fn path(&self) -> &CStr {
        &self.0
    }

    /// Makes a file.
    pub fn file(&self, name: &CStr, content: &[u8], mode: u32) -> Result<(), Errno> {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
        // SAFETY: the name is terminated; the descriptor is this function's own and closed once.
        unsafe {
            let fd = check(libc::open(name.as_ptr(), flags, 0o600))?;
            let whole = write_all(fd, content);
            let moded = check(libc::fchmod(fd, mode));
            libc::close(fd);
            moded?;
            if whole { Ok(()) } else { Err(Errno(libc::EIO)) }
        }
    }

    /// Makes a folder.
    pub fn folder(&self, name: &CStr) -> Result<(), Errno> {
        // SAFETY: the name is terminated.
        check(unsafe { libc::mkdir(name.as_ptr(), 0o755) }).map(drop)
    }

    /// Makes a symbolic link.
    pub fn link(&self, name: &CStr, target: &CStr) -> Result<(), Errno> {
        // SAFETY: both names are terminated.
        check(unsafe { libc::symlink(target.as_ptr(), name.as_ptr()) }).map(drop)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // SAFETY: the names are terminated.
        unsafe {
            libc::chdir(c"/".as_ptr());
            remove(libc::AT_FDCWD, self.0.as_ptr());
        }
    }
}

/// Removes a folder and what is below; what cannot be removed is left.
///
/// # Safety
/// `at` is a descriptor of a folder or AT_FDCWD, `name` a terminated string.
unsafe fn remove(at: i32, name: *const c_char) {
    // SAFETY: the caller vouches for the arguments; an entry is read before the next is asked for.
    unsafe {
        let fd = libc::openat(at, name, libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC);
        let stream = if fd < 0 { core::ptr::null_mut() } else { libc::fdopendir(fd) };
        let mut names: Vec<CString> = Vec::new();
        while let Some(entry) = (!stream.is_null()).then(|| libc::readdir(stream)).and_then(|e| e.as_ref()) {
            names.push(CStr::from_ptr(entry.d_name.as_ptr()).into());
        }
        for entry in names.iter().filter(|name| !matches!(name.to_bytes(), b"." | b"..")) {
            if libc::unlinkat(fd, entry.as_ptr(), 0) != 0 {
                libc::fchmodat(fd, entry.as_ptr(), 0o700, 0);
                remove(fd, entry.as_ptr());
            }
        }
        if !stream.is_null() {
            libc::closedir(stream);
        }
        libc::unlinkat(at, name, libc::AT_REMOVEDIR);
    }
}
