//! The members of a tar stream, told apart as container engines tell them apart.
//!
//! Two readers that disagree where the next header begins see two different archives in the same bytes, and a scanner then
//! passes what an unpacker does not. Where a member begins and ends, and what its headers say of it, is decided here by the rules
//! of Go's `archive/tar`, which all common engines use: links, folders and devices have no content whatever their size field
//! says, the last of two records of one key wins, a record may hold line breaks (file capabilities do), and an empty block that
//! is not followed by a second one is damage. The `tar` crate says where the fields of a header are.

use std::io;

use rustix::fs::Timespec;
use tar::{EntryType, Header};

use super::{
    extensions::Extensions,
    fields,
    holes::{self, Form, Fragment},
    limits::LimitHit,
    owners::{Owner, owner},
    skip::Skip,
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
    /// Whose it is.
    pub owner: Owner,
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

impl<R: Skip> Members<R> {
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

    /// Where the members come from; after [`Members::next`], it stands at the member's content.
    pub fn source(&self) -> &R {
        &self.source
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
        self.begin(size(header)?)?;
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
        let name = extensions.name().map_or_else(|| fields::name(&header), <[u8]>::to_vec);
        let in_header = fields::text(&header.as_old().linkname);
        let link = extensions.link().or((!in_header.is_empty()).then_some(in_header)).map(<[u8]>::to_vec);
        let stored = match header.entry_type() {
            kind if has_no_content(kind) => 0,
            _ => extensions.size.map_or_else(|| size(&header), Ok)?,
        };
        self.begin(stored)?;
        let kind = match header.entry_type() {
            EntryType::Regular if name.ends_with(b"/") => EntryType::Directory,
            kind => kind,
        };
        let modified = extensions.modified.unwrap_or_else(|| modified(&header));
        let (attributes, flaw, fragments) = (extensions.attributes, extensions.flaw, None);
        let user = extensions.user.unwrap_or_else(|| fields::count(&header.as_old().uid));
        let group = extensions.group.unwrap_or_else(|| fields::count(&header.as_old().gid));
        let owner = owner(user, group);
        let mut member =
            Member { header, kind, name, link, size: stored, modified, owner, attributes, fragments, flaw };
        if flaw.is_none() {
            self.sparse(&mut member, extensions)?;
        }
        Ok(member)
    }

    /// Reads the map of holes of a sparse file, in whichever of the four forms it is written.
    fn sparse(&mut self, member: &mut Member, extensions: Extensions) -> io::Result<()> {
        let (real, map) = match (member.kind, extensions.sparse) {
            (EntryType::GNUSparse, _) => self.old_map(&member.header)?.unwrap_or((0, None)),
            (EntryType::Regular | EntryType::Continuous, Some(sparse)) => match sparse.form() {
                Some(Form::Records) => (sparse.size, sparse.map()),
                Some(Form::Content) => (sparse.size, self.map_in_content()?),
                Some(Form::Unknown) => (0, None),
                None => return Ok(()),
            },
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
        let mut more = gnu.isextended[0] > 0;
        while more {
            let mut block = tar::GnuExtSparseHeader::new();
            if !self.block(block.as_mut_bytes())? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            map = map.and_then(|mut map| {
                map.extend(holes::of_blocks(&block.sparse)?);
                Some(map)
            });
            more = block.isextended[0] > 0;
        }
        Ok(fields::count(&gnu.realsize).map(|real| (real, map)))
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

    /// Content of the current member that fills `buffer`.
    pub fn read_exact(&mut self, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => buffer = &mut buffer[n..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Passes over what is left of the member. Padding may be missing after the last one, as for Go's reader.
    fn skip(&mut self) -> io::Result<()> {
        let (left, padding) = (std::mem::take(&mut self.left), std::mem::take(&mut self.padding));
        if self.source.skip(left)? < left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.source.skip(padding).map(drop)
    }
}

/// Types that have no content, whatever their size field says.
fn has_no_content(kind: EntryType) -> bool {
    use EntryType::{Block, Char, Directory, Fifo, Link, Symlink};
    matches!(kind, Link | Symlink | Char | Block | Directory | Fifo)
}

/// A header carries the sum of its own bytes, that field counted as spaces. Old archivers summed signed bytes.
pub(crate) fn check_sum(header: &Header) -> io::Result<()> {
    let mut bytes = *header.as_bytes();
    bytes[148..156].fill(b' ');
    let unsigned = || -> i64 { bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>().into() };
    let signed = || -> i64 { bytes.iter().map(|byte| i64::from(byte.cast_signed())).sum() };
    match fields::number(&header.as_old().cksum) {
        Some(said) if said == unsigned() || said == signed() => Ok(()),
        _ => Err(damage("a header whose checksum is wrong")),
    }
}

fn size(header: &Header) -> io::Result<u64> {
    fields::count(&header.as_old().size).ok_or_else(|| damage("a size that is no number"))
}

/// The time of the header itself. What is no number is 1970.
fn modified(header: &Header) -> Timespec {
    Timespec { tv_sec: fields::number(&header.as_old().mtime).unwrap_or(0), tv_nsec: 0 }
}

fn damage(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::stream::{Meter, Metered};

    const MOST: u64 = 4096;

    fn header(kind: u8, name: &str, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(EntryType::new(kind));
        header.set_mode(0o644);
        header.set_size(size);
        header.set_mtime(7);
        header
    }

    /// A header as it stands, and its content.
    fn put(tar: &mut Vec<u8>, mut header: Header, content: &[u8]) {
        header.set_cksum();
        tar.extend(header.as_bytes());
        tar.extend(content);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }

    fn tar(members: &[(u8, &str, &[u8])]) -> Vec<u8> {
        let mut tar = Vec::new();
        members.iter().for_each(|(kind, name, content)| {
            put(&mut tar, header(*kind, name, content.len() as u64), content);
        });
        tar
    }

    /// Every member, as `KIND NAME[>LINK] SIZE:CONTENT`, and whether the end mark was there.
    fn read(tar: &[u8]) -> io::Result<(Vec<String>, bool)> {
        let mut members = Members::new(Metered::new(tar, Meter::new(1 << 20)), MOST);
        let mut lines = Vec::new();
        while let Some(member) = members.next()? {
            let mut content = Vec::new();
            members.take_all(&mut content)?;
            let link = member.link.map(|link| format!(">{}", link.escape_ascii())).unwrap_or_default();
            let flaw = member.flaw.map(|flaw| format!(" {flaw}")).unwrap_or_default();
            let kind = char::from(member.kind.as_byte());
            let (name, content) = (member.name.escape_ascii(), content.escape_ascii());
            lines.push(format!("{kind} {name}{link} {}:{content}{flaw}", member.size));
        }
        Ok((lines, members.marked))
    }

    #[track_caller]
    fn expect(tar: &[u8], want: &[&str]) {
        let (lines, marked) = read(&[tar, &[0; 2 * BLOCK]].concat()).expect("reads");
        assert_eq!(lines, want);
        assert!(marked);
    }

    #[track_caller]
    fn refused(tar: &[u8], words: &str) {
        let error = read(tar).expect_err("must not be read");
        assert!(error.to_string().contains(words), "{error}");
    }

    #[test]
    fn names_come_from_the_extension_that_counts_most() {
        let long = [&[b'l'; 150][..], b"\0"].concat();
        let name = String::from_utf8_lossy(&long[..150]).into_owned();
        let all =
            tar(&[(b'x', "", b"10 path=p\n14 linkpath=q\n"), (b'L', "", &long), (b'K', "", b"k\0"), (b'2', "h", b"")]);
        expect(&all, &[&format!("2 {name}>k 0:")]);
        expect(&tar(&[(b'x', "", b"10 path=p\n14 linkpath=q\n"), (b'2', "h", b"")]), &["2 p>q 0:"]);
        expect(&tar(&[(b'L', "", b"one\0two"), (b'0', "h", b"c"), (b'0', "next", b"")]), &["0 one 1:c", "0 next 0:"]);
        expect(
            &tar(&[(b'0', "\u{e4}", b""), (b'0', "d/", b""), (b'7', "c", b"x")]),
            &["0 \\xc3\\xa4 0:", "5 d/ 0:", "7 c 1:x"],
        );
    }

    #[test]
    fn extensions_do_not_pile_up_and_belong_to_somebody() {
        for kind in [b'L', b'K', b'x'] {
            refused(&tar(&[(kind, "", b"6 a=b\n"), (kind, "", b"6 a=b\n"), (b'0', "f", b"")]), "two extended headers");
            let alone = [tar(&[(kind, "", b"6 a=b\n")]), vec![0; 2 * BLOCK]].concat();
            assert_eq!(read(&alone).expect_err("of nothing").kind(), io::ErrorKind::UnexpectedEof);
        }
        let mut long = tar(&[(b'L', "", &[b'n'; MOST as usize])]);
        long.extend(tar(&[(b'0', "f", b"")]));
        refused(&long, "longer than 4096 bytes");
        // What only says that it is long takes no memory, and what is for all members none either.
        let mut claim = Vec::new();
        put(&mut claim, header(b'x', "", 1 << 40), b"");
        refused(&claim, "longer than 4096 bytes");
        expect(
            &tar(&[(b'g', "", &[b'g'; 10_000]), (b'0', "f", b"")]),
            &[&format!("g  10000:{}", "g".repeat(10_000)), "0 f 0:"],
        );
    }

    #[test]
    fn the_size_that_counts_is_that_of_the_records_and_links_have_none() {
        let mut inside = tar(&[(b'0', "hidden", b"x")]);
        let records = format!("13 size={}\n", inside.len());
        let mut bytes = tar(&[(b'x', "", records.as_bytes())]);
        assert_eq!(records.len(), 13);
        put(&mut bytes, header(b'0', "f", 0), &inside);
        put(&mut bytes, header(b'5', "d", 512), b"");
        put(&mut bytes, header(b'0', "after", 0), b"");
        expect(&bytes, &[&format!("0 f 1024:{}", inside.escape_ascii()), "5 d 0:", "0 after 0:"]);
        // A negative size, one with more bits than there are, and one that is no number.
        for field in [[0xff; 12], *b"\x80\0\x01\0\0\0\0\0\0\0\0\0", *b"00000000009\0"] {
            let mut bad = header(b'0', "f", 0);
            bad.as_old_mut().size = field;
            inside.clear();
            put(&mut inside, bad, b"");
            refused(&inside, "a size that is no number");
        }
        let mut binary = header(b'0', "f", 0);
        binary.as_old_mut().size = *b"\x80\0\0\0\0\0\0\0\0\0\0\x02";
        inside.clear();
        put(&mut inside, binary, b"ab");
        expect(&inside, &["0 f 2:ab"]);
    }

    #[test]
    fn the_map_of_an_old_sparse_file_goes_on_as_long_as_it_says() {
        let digits = |number: u64| -> [u8; 12] { format!("{number:011o}\0").into_bytes().try_into().expect("fits") };
        for more in [1, 2] {
            let mut file = header(b'S', "s", 4);
            let gnu = file.as_gnu_mut().expect("is one");
            (gnu.isextended[0], gnu.realsize) = (more, digits(100));
            (gnu.sparse[0].offset, gnu.sparse[0].numbytes) = (digits(0), digits(1));
            let mut block = tar::GnuExtSparseHeader::new();
            (block.sparse[0].offset, block.sparse[0].numbytes) = (digits(50), digits(3));
            let mut bytes = Vec::new();
            put(&mut bytes, file, block.as_bytes());
            bytes.extend(b"abcd");
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
            bytes.extend(tar(&[(b'0', "after", b"")]));
            expect(&bytes, &["S s 100:abcd", "0 after 0:"]);
        }
        // Maps without an end are headers without an end.
        let mut file = header(b'S', "s", 0);
        file.as_gnu_mut().expect("is one").isextended[0] = 1;
        let mut block = tar::GnuExtSparseHeader::new();
        block.isextended[0] = 1;
        let mut bytes = Vec::new();
        put(&mut bytes, file, &block.as_bytes().repeat(20));
        refused(&bytes, "longer than 4096 bytes");
        let mut posix = Header::new_ustar();
        posix.set_entry_type(EntryType::GNUSparse);
        posix.set_size(0);
        let mut bytes = Vec::new();
        put(&mut bytes, posix, b"");
        assert!(read(&bytes).expect("reads").0[0].ends_with(holes::FLAW));
    }

    #[test]
    fn the_end_is_a_mark_or_the_end_of_the_bytes() {
        let one = tar(&[(b'0', "f", b"x")]);
        assert_eq!(read(&one).expect("reads"), (vec!["0 f 1:x".into()], false));
        assert_eq!(read(&one[..BLOCK + 1]).expect("without its padding").0.len(), 1);
        assert_eq!(read(&[&one[..], &[0; BLOCK]].concat()).expect("half a mark"), (vec!["0 f 1:x".into()], true));
        for cut in [1, BLOCK - 1, BLOCK] {
            assert_eq!(read(&one[..cut]).expect_err("in the middle").kind(), io::ErrorKind::UnexpectedEof, "{cut}");
        }
        refused(&[&one[..], &[0; BLOCK], &one].concat(), "an empty block in the middle");
        let mut other = one.clone();
        other[0] = b'g';
        refused(&other, "checksum");
    }

    #[test]
    fn sums_of_signed_bytes_are_right_too() {
        let mut old = header(b'0', "\u{e4}", 0);
        let signed: i64 = old.as_bytes().iter().map(|byte| i64::from(byte.cast_signed())).sum();
        let spaces: i64 = old.as_old().cksum.iter().map(|byte| i64::from(*byte)).sum();
        let sum = signed - spaces + 8 * i64::from(b' ');
        old.as_old_mut().cksum.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        check_sum(&old).expect("is right");
    }
}
