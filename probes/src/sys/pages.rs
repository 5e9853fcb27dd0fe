//! Pages: what is mapped at an address, what of it can be read, and how much memory the process has.
//!
//! Only the kernel is asked, by plain system calls into buffers of the probe's own. Nothing here allocates with the C
//! library or uses its stdio, whose buffers would pin the very heap that is measured.

use core::ffi::c_int;

use super::call::{Errno, check, errno};

/// What is found at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Nothing is mapped.
    Unmapped,
    /// A mapping that cannot be read: a guard.
    Guard,
    /// A mapping that can be read.
    Readable,
}

impl Page {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unmapped => "unmapped",
            Self::Guard => "guard",
            Self::Readable => "mapped",
        }
    }
}

/// Bytes of a page.
pub fn size() -> usize {
    // SAFETY: asks for a number.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

/// Reads single bytes at any address without the risk of a fault: the kernel reads them, into a pipe.
pub struct Reader([c_int; 2]);

impl Reader {
    /// Opens the pipe.
    pub fn new() -> Result<Self, Errno> {
        let mut pipe = [0; 2];
        // SAFETY: the array holds two descriptors.
        check(unsafe { libc::pipe(pipe.as_mut_ptr()) })?;
        Ok(Self(pipe))
    }

    /// What is at this address.
    pub fn page(&self, address: usize) -> Page {
        let start = address & !(size() - 1);
        let mut resident = 0u8;
        // SAFETY: the kernel looks at its own tables alone; one page has one byte of answer.
        if unsafe { libc::mincore(start as *mut _, size(), &mut resident) } == -1 && errno() == libc::ENOMEM {
            return Page::Unmapped;
        }
        // SAFETY: whatever the address is, the kernel reads it and answers EFAULT where it cannot.
        if unsafe { libc::write(self.0[1], address as *const _, 1) } != 1 {
            return Page::Guard;
        }
        let mut byte = 0u8;
        // SAFETY: takes the byte out again, into a writable one.
        unsafe { libc::read(self.0[0], (&raw mut byte).cast(), 1) };
        Page::Readable
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        for fd in self.0 {
            // SAFETY: both descriptors are this object's own.
            unsafe { libc::close(fd) };
        }
    }
}

/// What is at one address.
pub fn at(address: usize) -> Result<Page, Errno> {
    Ok(Reader::new()?.page(address))
}

/// The memory of this process.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes of address space.
    pub mapped: u64,
    /// Bytes of memory in use.
    pub resident: u64,
}

/// The memory of this process now, from `/proc/self/statm`.
pub fn memory() -> Result<Memory, Errno> {
    let mut text = [0u8; 128];
    // SAFETY: the path is terminated, the buffer is writable for its length, and the descriptor is closed once.
    let read = unsafe {
        let fd = check(libc::open(c"/proc/self/statm".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC))?;
        let read = libc::read(fd, text.as_mut_ptr().cast(), text.len());
        libc::close(fd);
        read
    };
    let text = text.get(..usize::try_from(read).unwrap_or(0)).unwrap_or_default();
    let mut numbers = text.split(|b| *b == b' ').map(|word| core::str::from_utf8(word).ok()?.parse::<u64>().ok());
    let page = size() as u64;
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(mapped), Some(resident)) => Ok(Memory { mapped: mapped * page, resident: resident * page }),
        _ => Err(Errno(libc::EIO)),
    }
}

/// Limits the address space of this process to what it has now and so many bytes more.
pub fn limit_growth(bytes: u64) -> Result<(), Errno> {
    let most = memory()?.mapped + bytes;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the limit is readable.
    check(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }).map(drop)
}

/// Keeps huge pages out of this process, so that what is resident does not depend on the machine's setting for them.
pub fn without_huge_pages() {
    // SAFETY: integer arguments; changes nothing in memory. A kernel without huge pages says EINVAL, which is as good.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_of_page_are_told_apart() {
        let reader = Reader::new().expect("a pipe");
        let local = 0u8;
        assert_eq!(reader.page(&raw const local as usize), Page::Readable);
        assert_eq!(reader.page(0), Page::Unmapped);
        let access = libc::PROT_NONE;
        // SAFETY: a fresh mapping, which nothing but the reader looks at.
        let guard = unsafe {
            libc::mmap(core::ptr::null_mut(), size(), access, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        assert_eq!(reader.page(guard as usize), Page::Guard);
        // SAFETY: the mapping made above, and unused.
        unsafe { libc::munmap(guard, size()) };
    }

    #[test]
    fn memory_is_read() {
        let memory = memory().expect("/proc");
        assert!(memory.resident > 0 && memory.mapped > memory.resident);
    }
}
