//! What an image takes: its C library, its architecture and its Python, found by looking at its files.

use std::ffi::OsStr;
use std::path::Path;

use super::tags::{Python, Target};
use crate::image::{Family, Image, View};

/// Where programs are looked for in an image that does not say.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What wheels have to fit in this image, with this Python or the one that is found; else why that cannot be said.
pub fn of(image: &Image, asked: Option<Python>) -> Result<Target, String> {
    let id = &image.id;
    let (family, version) = libc(image)?;
    let python = match asked {
        Some(python) => python,
        None => python(image)
            .ok_or_else(|| format!("there is no python3 in {id}: say which one it will have, as --python 3.12"))?,
    };
    Ok(Target { family, libc: version, arch: image.arch.clone(), python })
}

/// The family and the version of an image's C library; else why that cannot be said.
pub(crate) fn libc(image: &Image) -> Result<(Family, (u32, u32)), String> {
    let id = &image.id;
    let libc = image.libc().filter(|libc| matches!(libc.family, Family::Glibc | Family::Musl));
    let libc =
        libc.ok_or_else(|| format!("{id} holds neither glibc nor musl, and nothing is made for anything else"))?;
    let version = libc.version.as_deref().and_then(version);
    let version = version.ok_or_else(|| format!("the {} in {id} does not say its version", libc.family))?;
    Ok((libc.family.clone(), version))
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// The Python that `python3` is in an image, or the newest that lies beside where it would be.
pub fn python(image: &Image) -> Option<Python> {
    let view = View::open(&image.root).ok()?;
    let path = image.env.get("PATH").map_or(PATH, String::as_str);
    path.split(':').filter(|folder| folder.starts_with('/')).find_map(|folder| in_folder(&view, folder))
}

fn in_folder(view: &View, folder: &str) -> Option<Python> {
    let real = view.file(Path::new(folder).join("python3")).and_then(|found| minor(found.path.file_name()?));
    let beside = || view.names(folder).iter().filter_map(|name| minor(name)).max();
    real.or_else(beside)
}

/// `python3.12` alone, not `python3.12-config`.
fn minor(name: &OsStr) -> Option<Python> {
    name.to_str()?.strip_prefix("python")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_python_is_the_one_that_python3_leads_to() {
        let root = tempfile::tempdir().expect("a folder");
        let bin = root.path().join("usr/bin");
        std::fs::create_dir_all(&bin).expect("a folder");
        for name in ["python3.9", "python3.12", "python3.13-config", "python3.11-x"] {
            std::fs::write(bin.join(name), "").expect("a file");
        }
        let view = View::open(root.path()).expect("a view");
        assert_eq!(in_folder(&view, "/usr/bin"), Some(Python(3, 12)), "without a link, the newest");
        std::os::unix::fs::symlink("python3.9", bin.join("python3")).expect("a link");
        assert_eq!(in_folder(&view, "/usr/bin"), Some(Python(3, 9)));
        assert_eq!(in_folder(&view, "/usr/local/bin"), None);
    }

    #[test]
    fn versions_have_two_numbers() {
        for (text, read) in [("2.41", Some((2, 41))), ("1.2.5", Some((1, 2))), ("2", None), ("x.y", None)] {
            assert_eq!(version(text), read, "{text}");
        }
    }
}
