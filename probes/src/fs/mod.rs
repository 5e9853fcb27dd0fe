//! Files and folders: what the C library makes of paths, templates, trees and tables before or after the kernel is asked.

use core::ffi::CStr;

use crate::case::{Case, Needs, cases, count, join};
use crate::sys::fs::entries::{self, Sort};
use crate::sys::fs::temporary::{self, Make, templates};
use crate::sys::fs::walk::{self, ACTION, CHDIR, DEPTH, PHYS, Tree, tree};
use crate::sys::fs::{files, mounts, paths};
use crate::sys::process::names::present;

const REALPATH: &str = "POSIX realpath; glibc stdlib/canonicalize.c, musl src/misc/realpath.c";
const TEMPLATE: &str = "POSIX mkstemp, mkdtemp: EINVAL for a template that does not end in XXXXXX";
const FTW: &str = "POSIX nftw; glibc io/ftw.c, musl src/misc/nftw.c";
const MOUNTS: &str = "getmntent(3): octal escapes; glibc misc/mntent_r.c, musl src/misc/mntent.c";
const NOTHING: Needs = Needs::NOTHING;

mod names {
    use super::*;
    cases! {
        "fs.realpath.plain", "realpath of what is there", "What does realpath make of files, folders and links?", REALPATH, NOTHING,
            |o| paths::real(o, &[c".", c"file", c"dir/inner", c"link", c"dirlink", c"dir/../file", c"dir//./inner"]);
        "fs.realpath.slashes", "realpath with slashes at the ends", "What does realpath make of slashes at the beginning and at the end?", REALPATH, NOTHING,
            |o| paths::real(o, &[c"/", c"//", c"///", c"/..", c"//..", c"dir/", c"dir//"]);
        "fs.realpath.not-folder", "realpath through a file", "What does realpath say to a file that is used as a folder?",
            "POSIX realpath: ENOTDIR; glibc 2.33 rewrote it", NOTHING, |o| paths::real(o, &[c"file/", c"file/.", c"file/..", c"file/more", c"link/"]);
        "fs.realpath.missing", "realpath of what is not there", "What does realpath say to what is not there?", REALPATH, NOTHING,
            |o| paths::real(o, &[c"", c"nowhere", c"nowhere/", c"nowhere/..", c"nowhere/more", c"dangling", c"loop", c"dir/nowhere"]);
        "fs.realpath.odd", "realpath with odd arguments", "What does realpath say to a null pointer and to a path that is too long, and what does it leave in the buffer?",
            "realpath(3): EINVAL, ENAMETOOLONG; glibc stdlib/canonicalize.c", NOTHING, paths::real_odd;
        "fs.getcwd.sizes", "getcwd", "What does getcwd say to no buffer, to small sizes, and in a folder that is gone?", "POSIX getcwd: EINVAL, ERANGE; getcwd(3)", NOTHING, paths::working;
        "fs.getcwd.name", "get_current_dir_name", "Does get_current_dir_name believe PWD?", "get_current_dir_name(3)", NOTHING, paths::working_name;
        "fs.pathconf.root", "pathconf of a folder", "What does pathconf say of the root?", "POSIX pathconf; glibc sysdeps/posix/pathconf.c, musl src/conf/fpathconf.c", NOTHING, paths::limits;
        "fs.pathconf.missing", "pathconf of what is not there", "What do pathconf and fpathconf say of what is not there?", "POSIX pathconf: ENOENT; fpathconf: EBADF", NOTHING, paths::limits_missing;
        "fs.gethostname.short", "gethostname into a short buffer", "What does gethostname do when the name does not fit?",
            "POSIX gethostname: truncated; glibc sysdeps/posix/gethostname.c: ENAMETOOLONG", NOTHING, paths::host;
    }
}

mod made {
    use super::*;
    cases! {
        "fs.temporary.mkstemp", "mkstemp templates", "Which templates does mkstemp accept?", TEMPLATE, NOTHING,
            |o| templates(o, Make::File, &[c"aXXXXXX", c"XXXXXX", c"XXXXX", c"", c"aXXXXXXb", c"aXXXXXXX", c"nowhere/XXXXXX"]);
        "fs.temporary.mkstemps", "mkstemps templates", "Which templates does mkstemps accept with a suffix of two letters?", "mkstemps(3)", NOTHING,
            |o| templates(o, Make::Suffixed, &[c"aXXXXXX.c", c"XXXXXX", c"XXXXXX.", c"XXXXX.c"]);
        "fs.temporary.mkdtemp", "mkdtemp templates", "Which templates does mkdtemp accept?", TEMPLATE, NOTHING,
            |o| templates(o, Make::Folder, &[c"aXXXXXX", c"XXXXX", c"", c"aXXXXXXb", c"nowhere/XXXXXX"]);
        "fs.temporary.mktemp", "mktemp templates", "Which templates does mktemp accept, and what does it leave of others?", "mktemp(3): made an empty string on error", NOTHING,
            |o| templates(o, Make::Name, &[c"aXXXXXX", c"XXXXX", c"aXXXXXXb", c"nowhere/XXXXXX"]);
        "fs.temporary.letters", "letters of mkstemp", "Which characters are the names of mkstemp made of?", "glibc sysdeps/posix/tempname.c (62 characters), musl src/temp/__randname.c (32)", NOTHING,
            temporary::letters;
        "fs.temporary.flags", "mkostemp flags", "Which flags does mkostemp take over?", "POSIX 2024 mkostemp", NOTHING, temporary::flags;
        "fs.temporary.tempnam", "tempnam", "Does tempnam look at TMPDIR and at its argument?", "POSIX 2008 tempnam; tempnam(3): TMPDIR first", NOTHING, temporary::names;
    }
}

mod walks {
    use super::*;
    cases! {
        "fs.walk.chain", "nftw of a chain", "In which order does nftw visit, and with which base and level?", FTW, NOTHING, |o| tree(o, Tree::Chain, 0, "", 0);
        "fs.walk.depth", "nftw with FTW_DEPTH", "Does nftw visit a folder after what it holds with FTW_DEPTH?", FTW, NOTHING, |o| tree(o, Tree::Chain, DEPTH | PHYS, "", 0);
        "fs.walk.chdir", "nftw with FTW_CHDIR", "Does nftw walk the tree with FTW_CHDIR?", FTW, NOTHING, |o| tree(o, Tree::Chain, CHDIR, "", 0);
        "fs.walk.link", "nftw over a link", "Does nftw follow a link to a folder?", FTW, NOTHING, |o| tree(o, Tree::Link, 0, "", 0);
        "fs.walk.link-physical", "nftw over a link with FTW_PHYS", "What does nftw call a link that it does not follow?", FTW, NOTHING, |o| tree(o, Tree::Link, PHYS, "", 0);
        "fs.walk.dangling", "nftw over a link to nothing", "What does nftw call a link to nothing?", FTW, NOTHING, |o| tree(o, Tree::Dangling, 0, "", 0);
        "fs.walk.dangling-physical", "nftw over a link to nothing with FTW_PHYS", "What does nftw call a link to nothing with FTW_PHYS?", FTW, NOTHING, |o| tree(o, Tree::Dangling, PHYS, "", 0);
        "fs.walk.loop", "nftw over a link back", "Does nftw end when a link leads back to where it began?", "POSIX nftw without FTW_PHYS: shall not report a directory twice", NOTHING,
            |o| tree(o, Tree::Back, 0, "", 0);
        "fs.walk.shut", "nftw over a folder that cannot be read", "What does nftw call a folder that cannot be read?", "POSIX nftw: FTW_DNR", NOTHING, |o| tree(o, Tree::Shut, 0, "", 0);
        "fs.walk.missing", "nftw of nothing", "What does nftw say to a path that is not there?", "POSIX nftw: ENOENT", NOTHING, |o| tree(o, Tree::Missing, 0, "", 0);
        "fs.walk.file", "nftw of a file", "What does nftw do with a path that is a file?", FTW, NOTHING, |o| tree(o, Tree::File, 0, "", 0);
        "fs.walk.stop", "a visitor that stops nftw", "Does nftw return what the visitor said that stopped it?", FTW, NOTHING, |o| tree(o, Tree::Chain, 0, "top/middle", 7);
        "fs.walk.skip", "FTW_ACTIONRETVAL", "Does nftw leave out a folder when the visitor says FTW_SKIP_SUBTREE?", "nftw(3), FTW_ACTIONRETVAL, glibc 2.3.3", NOTHING,
            |o| tree(o, Tree::Chain, ACTION, "top/middle", 2);
        "fs.walk.no-descriptors", "nftw with no descriptor", "Does nftw walk with 0 descriptors?", "POSIX nftw: fd_limit from 1 on; musl src/misc/nftw.c: 0 returns at once", NOTHING,
            |o| walk::descriptors(o, 0);
        "fs.walk.one-descriptor", "nftw with one descriptor", "Does nftw reach the end of a chain of three with one descriptor?", "POSIX nftw: fd_limit is how many may be open", NOTHING,
            |o| walk::descriptors(o, 1);
        "fs.walk.plain", "ftw", "In which order does ftw visit?", "POSIX 2008 ftw", NOTHING, |o| walk::plain(o, Tree::Chain);
        "fs.walk.plain-dangling", "ftw over a link to nothing", "What does ftw call a link to nothing?", "POSIX 2008 ftw: FTW_NS or FTW_SL", NOTHING, |o| walk::plain(o, Tree::Dangling);
        "fs.folder.open", "opendir of what is no folder", "Which errors do opendir and fdopendir give?", "POSIX opendir, fdopendir: ENOTDIR, EBADF", NOTHING, entries::open;
        "fs.folder.positions", "positions in a folder", "Do seekdir, rewinddir and the end of readdir do as they should?", "POSIX seekdir, readdir", NOTHING, entries::positions;
        "fs.folder.alphasort", "scandir with alphasort", "In which order does alphasort put names?", "POSIX alphasort: as strcoll; musl strcmp", NOTHING,
            |o| entries::list(o, Sort::Letters, &[c"b", c"A", c"a", c"B", c"10", c"9", c"_", c"\xc3\xa4"]);
        "fs.folder.versionsort", "scandir with versionsort", "In which order does versionsort put names?", "versionsort(3), strverscmp(3)", NOTHING,
            |o| entries::list(o, Sort::Versions, &[c"f1", c"f10", c"f9", c"f09", c"f001", c"f1.5", c"f1.10"]);
        "fs.folder.raw", "getdents64", "Is there getdents64, and does it read?", "getdents64(2); glibc 2.30", NOTHING, entries::raw;
    }
}

mod content {
    use super::*;
    cases! {
        "fs.fallocate.errors", "posix_fallocate with odd arguments", "What does posix_fallocate say to what cannot hold space?", "POSIX posix_fallocate: EINVAL, EBADF, ESPIPE, ENODEV", NOTHING,
            files::space;
        "fs.fallocate.unsupported", "posix_fallocate where the file system cannot", "Does posix_fallocate write zeros itself where the kernel says EOPNOTSUPP?",
            "POSIX posix_fallocate; glibc sysdeps/posix/posix_fallocate.c; MariaDB/server#1666", NOTHING, |o| files::space_unsupported(o, false);
        "fs.fallocate.by-length", "remedy: ftruncate after posix_fallocate", "Has the file its length when the program calls ftruncate after EOPNOTSUPP?",
            "POSIX ftruncate", NOTHING, |o| files::space_unsupported(o, true);
        "fs.fadvise.errors", "posix_fadvise with odd arguments", "What does posix_fadvise return for what it is not for?", "POSIX posix_fadvise: ESPIPE, EBADF, EINVAL", NOTHING, files::advice;
        "fs.mode.no-follow", "modes of links", "What do fchmodat with AT_SYMLINK_NOFOLLOW and lchmod say to a file and to a link?",
            "POSIX fchmodat: EOPNOTSUPP; glibc 2.32; musl src/stat/fchmodat.c", NOTHING, files::modes;
        "fs.access.flags", "faccessat", "What do access and faccessat say to odd modes and flags?", "POSIX faccessat: EINVAL; faccessat(2)", NOTHING, files::access;
        "fs.times.errors", "times with odd arguments", "What do the functions say that set times, to odd arguments?", "POSIX futimens, utimensat, utimes: EINVAL", NOTHING, files::times;
        "fs.lockf", "lockf", "What does lockf say to its own lock, to a read-only file and to an unknown command?", "POSIX lockf: EINVAL, EBADF", NOTHING, files::locks;
        "fs.readlink.short", "readlink with a short buffer", "What does readlink say to a buffer of no bytes?", "readlink(2): EINVAL; musl src/unistd/readlink.c", NOTHING, files::links;
        "fs.remove", "remove and rename", "What do remove, rename and unlink say to what is in the way?", "POSIX remove, rename, unlink", NOTHING, files::removal;
        "fs.descriptors", "descriptors with odd arguments", "What do epoll_create, dup3, eventfd and their like say to odd arguments?", "epoll_create(2), dup3(2)", NOTHING, files::descriptors;
        "fs.newer", "newer calls", "Are copy_file_range, statx and renameat2 there, and do they work?", "glibc 2.27, 2.28; musl 1.1.24 and 1.2.5", NOTHING, files::newer;
        "fs.lengths", "lengths with odd arguments", "What do truncate, pread, lseek and readv say to odd arguments?", "POSIX truncate, pread, lseek, readv", NOTHING, files::lengths;
        "fs.mask", "umask", "What of a mask does umask keep?", "POSIX umask: permission bits", NOTHING, files::mask;
        "fs.mounts.plain", "a table of mounts", "How does getmntent read an ordinary table with comments and empty lines?", MOUNTS, NOTHING,
            |o| mounts::read(o, b"# comment\n\n/dev/sda1 / ext4 rw,noatime 0 1\n  tmpfs\t/tmp  tmpfs rw 0 0\n");
        "fs.mounts.escapes", "escapes in a table of mounts", "Does getmntent undo \\040, \\011, \\012, \\134 and \\043?", MOUNTS, NOTHING,
            |o| mounts::read(o, b"a\\040b /c\\011d ext4 rw 0 0\n//s\\134t /m\\012n cifs o\\043p 0 0\n\\\\u /v\\0401 x y 0 0\n");
        "fs.mounts.short", "short lines in a table of mounts", "What does getmntent make of lines with too few words?", MOUNTS, NOTHING,
            |o| mounts::read(o, b"dev /mnt ext4 rw\ndev2 /mnt2\nlast /mnt3 ext4 rw 1");
        "fs.mounts.long", "a long line in a table of mounts", "Does getmntent read a line of 5,000 bytes?", MOUNTS, NOTHING, mounts::read_long;
        "fs.mounts.buffer", "getmntent_r with a short buffer", "What does getmntent_r do with a line that does not fit?", MOUNTS, NOTHING, mounts::read_short;
        "fs.mounts.write", "addmntent", "Does addmntent write blanks and backslashes as escapes?", MOUNTS, NOTHING, mounts::write;
        "fs.mounts.option", "hasmntopt", "Does hasmntopt find whole options alone?", "getmntent(3) hasmntopt; glibc misc/mntent_r.c, musl strstr", NOTHING, mounts::option;
        "fs.mounts.missing", "a table of mounts that is not there", "What do setmntent and endmntent say to nothing?", MOUNTS, NOTHING, mounts::missing;
    }
}

macro_rules! tables {
    ($($id:literal, $title:literal, $what:literal, $source:literal, [$($name:literal)*];)*) => {
        cases! { $(
            $id, $title, concat!("Which ", $what, " does the C library have?"), $source, NOTHING,
            |o| { const NAMES: &[&CStr] = &[$($name),*]; present(o, NAMES) };
        )* }
    };
}

mod presence {
    use super::*;
    tables! {
        "fs.functions.large", "functions with 64 in their names", "functions with 64 in their names", "musl WHATSNEW 1.2.4 (macros and linkable symbols apart); rust-lang/libc#2934",
            [c"creat64" c"fallocate64" c"fcntl64" c"fgetpos64" c"fopen64" c"freopen64" c"fseeko64" c"fstat64" c"fstatfs64" c"ftruncate64"
             c"ftw64" c"getrlimit64" c"glob64" c"lockf64" c"lseek64" c"lstat64" c"mkstemp64" c"mmap64" c"open64" c"openat64"
             c"posix_fallocate64" c"pread64" c"prlimit64" c"readdir64" c"scandir64" c"sendfile64" c"setrlimit64" c"stat64" c"statvfs64"
             c"tmpfile64" c"truncate64" c"__fxstat64" c"__xstat" c"__lxstat" c"__xmknod"];
        "fs.functions.other", "functions around files", "functions around files that not all have", "glibc, BSD and Linux",
            [c"canonicalize_file_name" c"eaccess" c"euidaccess" c"fts_open" c"getdirentries" c"get_current_dir_name" c"lchmod" c"mkostemps"
             c"name_to_handle_at" c"open_by_handle_at" c"fanotify_init" c"readdir_r" c"scandirat" c"statx" c"syncfs" c"sync_file_range"
             c"stat" c"fstat" c"lstat" c"mknod" c"versionsort" c"getwd" c"fstatvfs" c"statfs" c"renameat2" c"fstatat" c"openat2"];
    }
}

const TABLES: &[&[Case]] = &[names::CASES, made::CASES, walks::CASES, content::CASES, presence::CASES];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);
