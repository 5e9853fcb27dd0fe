//! Which files are the C library itself, by the names that both families give them: what they import is their own business, and
//! what others import from them is what this is about.

/// Libraries of glibc that programs link, and libcrypt, which was one of them; musl has all of it in its loader.
pub const LINKED: [&str; 11] = [
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libdl.so.2",
    "libresolv.so.2",
    "libutil.so.1",
    "libnsl.so.1",
    "libanl.so.1",
    "libcrypt.so.1",
    "libmvec.so.1",
];

/// Those of glibc that only debuggers and old programs load.
const ASIDE: [&str; 3] = ["libBrokenLocale.so.1", "libthread_db.so.1", "libc_malloc_debug.so.0"];

fn glibc() -> impl Iterator<Item = &'static str> {
    LINKED.into_iter().chain(ASIDE)
}

/// Whether a library of this name is the C library's.
pub fn is_libc(soname: &str) -> bool {
    let musl = soname == "libc.so" || soname.starts_with("libc.musl-") || soname.starts_with("ld-musl-");
    musl || glibc().any(|own| own == soname)
        || soname.starts_with("ld-linux")
        || soname.starts_with("ld64.so")
        || soname == "ld.so.1"
}

/// Whether the file at a path is the C library's: its libraries, under their versions' names too, and what it loads by itself.
pub fn is_of_libc(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    // libc-2.31.so, ld-2.31.so: how glibc's files were called before 2.34.
    let (stem, rest) = name.split_once("-2.").unwrap_or((name, ""));
    let versioned = rest.ends_with(".so") && (stem == "ld" || glibc().any(|own| own.split('.').next() == Some(stem)));
    let loaded = path.contains("/gconv/") || name.starts_with("libnss_") || path.ends_with("/audit/sotruss-lib.so");
    is_libc(name) || versioned || loaded || name == "libgcompat.so.0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_their_names() {
        for path in [
            "/lib/ld-musl-x86_64.so.1",
            "/lib/libc.musl-x86_64.so.1",
            "/usr/lib/x86_64-linux-gnu/libc.so.6",
            "/lib/x86_64-linux-gnu/libc-2.31.so",
            "/lib/x86_64-linux-gnu/ld-2.31.so",
            "/lib64/ld-linux-x86-64.so.2",
            "/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so",
        ] {
            assert!(is_of_libc(path), "{path}");
        }
        for path in [
            "/usr/lib/libz.so.1.3",
            "/usr/bin/python3",
            "/lib/libcrypto.so.3",
            "/opt/libc++.so.1",
            "/usr/lib/libcap.so.2",
        ] {
            assert!(!is_of_libc(path), "{path}");
        }
    }
}
