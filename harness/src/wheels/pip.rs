//! The pip of an image, which decides what kinds of wheels its Python takes: found by the record that it has of itself.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::tags::Python;
use crate::image::{Image, View};

/// A version of pip, major and minor: 20.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pip(pub u32, pub u32);

impl fmt::Display for Pip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Pip {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number =
            |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().map_err(drop);
        let (major, rest) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self(number(major)?, number(rest)?))
    }
}

/// The pip that belongs to an image's Python; none where there is none.
pub fn of(image: &Image, python: Python) -> Option<Pip> {
    in_root(&View::open(&image.root).ok()?, python)
}

fn in_root(view: &View, python: Python) -> Option<Pip> {
    let own = ["/usr/local/lib", "/usr/lib"].map(|lib| format!("{lib}/python{python}"));
    // Debian's own is for every Python 3; what pip installed itself comes before it.
    let debian = "/usr/lib/python3/dist-packages".to_owned();
    let folders = own.iter().flat_map(|lib| ["site-packages", "dist-packages"].map(|name| format!("{lib}/{name}")));
    folders.chain([debian]).find_map(|folder| in_folder(view, Path::new(&folder)))
}

fn in_folder(view: &View, folder: &Path) -> Option<Pip> {
    let names = view.names(folder);
    let versions = names.iter().filter_map(|name| {
        let text = name.to_str()?.strip_prefix("pip-")?;
        // An egg says its Python after its version.
        let text = text.strip_suffix(".dist-info").or_else(|| text.strip_suffix(".egg-info"))?;
        text.split('-').next()?.parse().ok()
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pip_is_the_one_that_its_record_names() {
        let root = tempfile::tempdir().expect("a folder");
        let made = |path: &str| std::fs::create_dir_all(root.path().join(path)).expect("a folder");
        let view = View::open(root.path()).expect("a view");
        assert_eq!(in_root(&view, Python(3, 8)), None);
        made("usr/lib/python3/dist-packages/pip-20.3.4.dist-info");
        made("usr/lib/python3/dist-packages/pip_tools-1.0.dist-info");
        assert_eq!(in_root(&view, Python(3, 8)), Some(Pip(20, 3)));
        made("usr/local/lib/python3.8/site-packages/pip-19.0b1-py3.8.egg-info");
        assert_eq!(in_root(&view, Python(3, 8)), Some(Pip(19, 0)));
        assert_eq!(in_root(&view, Python(3, 9)), Some(Pip(20, 3)));
        assert_eq!(("26".parse(), "x".parse::<Pip>()), (Ok(Pip(26, 0)), Err(())));
    }
}
