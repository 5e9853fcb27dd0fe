//! The members of a tar stream, told apart as container engines tell them apart.
//!
//! Two readers that disagree where the next header begins see two different archives in the same bytes, and a scanner then
//! passes what an unpacker does not. The headers' fields are read by the `tar` crate; where a member begins and ends, and what
//! extended headers say of it, is decided here by the rules of Go's `archive/tar`, which all common engines use: links, folders
//! and devices have no content whatever their size field says, the last of two records of one key wins, a record may hold line
//! breaks (file capabilities do), and an empty block that is not followed by a second one is damage.

use std::io::{self, Read};

use rustix::fs::Timespec;
use tar::{EntryType, Header};

use super::{
    extensions::Extensions,
    holes::{self, Fragment},
    limits::LimitHit,
};

/// Bytes of a block of a tar.
pub(crate) const BLOCK: usize = 512;

/// One member: its header, and what the headers before it said of it.
pub(crate) struct Member {
    /// The header proper.
    pub header: Header,
    /// What it is; a file whose name ends in a slash is a folder, as in the oldest archives.
    pub kind: EntryType,
    /// Its name, as it stands there.
    pub name: Vec<u8>,
    /// What it links to, as it stands there.
    pub link: Option<Vec<u8>>,
    /// Bytes of the file once it is unpacked.
    pub size: u64,
    /// When it was changed.
    pub modified: Timespec,
    /// Whether it has extended attributes.
    pub attributes: bool,
    /// Of a sparse file: where its content goes.
    pub fragments: Option<Vec<Fragment>>,
    /// Why it is not to be unpacked; completes "the entry `x` ...".
    pub flaw: Option<&'static str>,
}

/// Reads members one after another. After each, [`Members::read`] gives its content; what is not read is skipped.
pub(crate) struct Members<R> {
    source: R,
    /// Bytes of content that are left of the current member, and of padding after them.
    left: u64,
    padding: u64,
    header_bytes: u64,
    /// Bytes that may still be read before the next member's content.
    allowed: u64,
    /// Whether the end mark has been seen.
    pub marked: bool,
}

impl<R: Read> Members<R> {
    /// Of `source`; a member's headers may have `header_bytes` bytes, since they are held in memory.
    pub fn new(source: R, header_bytes: u64) -> Self {
        Self { source, left: 0, padding: 0, header_bytes, allowed: 0, marked: false }
    }

    /// The next member; `None` at the end of the archive.
    pub fn next(&mut self) -> io::Result<Option<Member>> {
        self.skip()?;
        self.allowed = self.header_bytes;
        let mut extensions = Extensions::default();
        loop {
            let Some(header) = self.header()? else {
                return if extensions.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            };
            match header.entry_type() {
                EntryType::GNULongName => extensions.long_name(self.extension(&header)?)?,
                EntryType::GNULongLink => extensions.long_link(self.extension(&header)?)?,
                EntryType::XHeader => extensions.records(&self.extension(&header)?)?,
                _ => return self.member(header, extensions).map(Some),
            }
        }
    }

    /// What follows the end mark, or what a layer without one has left.
    pub fn into_rest(self) -> R {
        self.source
    }

    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut header = Header::new_old();
        if !self.block(header.as_mut_bytes())? {
            return Ok(None);
        }
        if header.as_bytes().iter().any(|byte| *byte != 0) {
            check_sum(&header)?;
            return Ok(Some(header));
        }
        self.marked = true;
        let mut second = [0; BLOCK];
        match self.block(&mut second)? && second.iter().any(|byte| *byte != 0) {
            true => Err(damage("an empty block in the middle of it")),
            false => Ok(None),
        }
    }

    /// Fills a block; false at the end of the stream.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<bool> {
        self.allow(BLOCK as u64)?;
        let mut at = 0;
        while at < BLOCK {
            match self.source.read(&mut block[at..]) {
                Ok(0) if at == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => at += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn allow(&mut self, bytes: u64) -> io::Result<()> {
        let left = self.allowed.checked_sub(bytes);
        self.allowed = left.ok_or_else(|| io::Error::other(LimitHit::Header(self.header_bytes)))?;
        Ok(())
    }

    /// The content of an extension's header.
    fn extension(&mut self, header: &Header) -> io::Result<Vec<u8>> {
        self.begin(header.entry_size()?)?;
        self.allow(self.left)?;
        let mut bytes = Vec::new();
        self.take_all(&mut bytes)?;
        self.skip()?;
        Ok(bytes)
    }

    fn take_all(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.read(&mut buffer)? {
                0 => return Ok(()),
                n => bytes.extend_from_slice(&buffer[..n]),
            }
        }
    }

    fn begin(&mut self, size: u64) -> io::Result<()> {
        let whole = size.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| damage("a size beyond all numbers"))?;
        (self.left, self.padding) = (size, whole - size);
        Ok(())
    }

    fn member(&mut self, header: Header, extensions: Extensions) -> io::Result<Member> {
        let name = extensions.name().map_or_else(|| header.path_bytes().into_owned(), <[u8]>::to_vec);
        let link = extensions.link().map(<[u8]>::to_vec).or_else(|| header.link_name_bytes().map(|l| l.into_owned()));
        let stored = match header.entry_type() {
            kind if has_no_content(kind) => 0,
            _ => extensions.size.map_or_else(|| header.entry_size(), Ok)?,
        };
        self.begin(stored)?;
        let kind = match header.entry_type() {
            EntryType::Regular if name.ends_with(b"/") => EntryType::Directory,
            kind => kind,
        };
        let modified = extensions.modified.unwrap_or_else(|| modified(&header));
        let (attributes, flaw) = (extensions.attributes, extensions.flaw);
        let mut member = Member { header, kind, name, link, size: stored, modified, attributes, fragments: None, flaw };
        if flaw.is_none() {
            self.sparse(&mut member, extensions)?;
        }
        Ok(member)
    }

    /// Reads the map of holes of a sparse file, in whichever of the four forms it is written.
    fn sparse(&mut self, member: &mut Member, extensions: Extensions) -> io::Result<()> {
        let sparse = extensions.sparse;
        let (real, map) = match (member.kind, sparse) {
            (EntryType::GNUSparse, _) => self.old_map(&member.header)?.unwrap_or((0, None)),
            (EntryType::Regular | EntryType::Continuous, Some(sparse)) if sparse.map_is_in_content() => {
                (sparse.size, self.map_in_content()?)
            }
            (EntryType::Regular | EntryType::Continuous, Some(sparse)) => (sparse.size, sparse.map()),
            _ => return Ok(()),
        };
        match map.filter(|map| holes::is_sound(map, real, self.left)) {
            Some(map) => (member.size, member.fragments) = (real, Some(map)),
            None => member.flaw = Some(holes::FLAW),
        }
        Ok(())
    }

    /// The map of GNU's own form: in the header, and in blocks after it. `None` if the header is another one.
    fn old_map(&mut self, header: &Header) -> io::Result<Option<(u64, Option<Vec<Fragment>>)>> {
        let Some(gnu) = header.as_gnu() else { return Ok(None) };
        let mut map = holes::of_blocks(&gnu.sparse);
        let mut more = gnu.is_extended();
        while more {
            let mut block = tar::GnuExtSparseHeader::new();
            if !self.block(block.as_mut_bytes())? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            map = map.and_then(|mut map| {
                map.extend(holes::of_blocks(&block.sparse)?);
                Some(map)
            });
            more = block.is_extended();
        }
        Ok(Some((gnu.real_size()?, map)))
    }

    /// The map at the beginning of the content: numbers on lines of their own, the first saying how many pairs follow.
    fn map_in_content(&mut self) -> io::Result<Option<Vec<Fragment>>> {
        let mut text = Vec::new();
        loop {
            let mut block = [0; BLOCK];
            if self.left < BLOCK as u64 {
                return Ok(None);
            }
            if !self.block(&mut block)? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.left -= BLOCK as u64;
            text.extend_from_slice(&block);
            if let Some(map) = holes::of_lines(&text) {
                return Ok(map);
            }
        }
    }

    /// Content of the current member as it is stored; 0 at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let n = self.source.read(&mut buffer[..most])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        Ok(n)
    }

    fn skip(&mut self) -> io::Result<()> {
        self.left += std::mem::take(&mut self.padding);
        let mut buffer = [0; 16 << 10];
        while self.read(&mut buffer)? > 0 {}
        Ok(())
    }
}

/// Types that have no content, whatever their size field says.
fn has_no_content(kind: EntryType) -> bool {
    use EntryType::{Block, Char, Directory, Fifo, Link, Symlink};
    matches!(kind, Link | Symlink | Char | Block | Directory | Fifo)
}

/// Old archivers summed signed bytes.
fn check_sum(header: &Header) -> io::Result<()> {
    let mut bytes = *header.as_bytes();
    bytes[148..156].fill(b' ');
    let unsigned: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    let signed: i64 = bytes.iter().map(|byte| i64::from(byte.cast_signed())).sum();
    let said = header.cksum()?;
    match said == unsigned || i64::from(said) == signed {
        true => Ok(()),
        false => Err(damage("a header whose checksum is wrong")),
    }
}

/// The time of the header itself: octal, or a binary number that may be negative. What is no number is 1970.
fn modified(header: &Header) -> Timespec {
    let field = header.as_old().mtime;
    let tv_sec = match field[0] {
        0x80 | 0xff => {
            let mut low = [0; 8];
            low.copy_from_slice(&field[4..]);
            i64::from_be_bytes(low)
        }
        _ => header.mtime().ok().and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0),
    };
    Timespec { tv_sec, tv_nsec: 0 }
}

fn damage(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
