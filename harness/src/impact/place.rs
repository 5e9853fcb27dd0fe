//! Where a program's files are looked for: an image, and in front of it what the program brings along. Files are read once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use super::object::Object;
use crate::image::View;

/// More than any program or library has.
const MOST_BYTES: u64 = 1 << 30;

/// An ELF file in its place.
#[derive(Debug)]
pub struct File {
    /// Its path, symlinks of its last part followed.
    pub path: String,
    /// The path by which it was found.
    pub asked: String,
    /// What it is.
    pub object: Object,
    /// Whether the program brings it along, rather than the image.
    pub own: bool,
}

impl File {
    /// The name by which others need it.
    pub fn soname(&self) -> &str {
        self.object.soname.as_deref().unwrap_or_else(|| self.asked.rsplit('/').next().unwrap_or_default())
    }
}

/// Whether the file at a path travels with a program; told is also whether the program itself names the folder.
pub type Travels<'a> = dyn Fn(&str, bool) -> bool + 'a;

/// What a program brings along.
pub struct Luggage<'a> {
    /// Where it is now.
    pub view: &'a View,
    /// Whether the file at this path travels with the program; told is also whether the program itself names the folder.
    pub travels: Box<Travels<'a>>,
}

/// Files by whether the program brings them along, and by path; `None` where none that is ELF was found.
type Files = HashMap<(bool, String), Option<Rc<File>>>;

/// An image with what a program brings along.
pub struct Place<'a> {
    /// The image's files.
    pub image: &'a View,
    luggage: Option<Luggage<'a>>,
    read: RefCell<Files>,
}

impl<'a> Place<'a> {
    /// The image, with this in front of it.
    pub fn new(image: &'a View, luggage: Option<Luggage<'a>>) -> Self {
        Self { image, luggage, read: RefCell::default() }
    }

    /// The ELF file at a path; `named` is whether the program itself names the folder.
    pub fn file(&self, path: &str, named: bool) -> Option<Rc<File>> {
        let own = self.luggage.as_ref().filter(|luggage| (luggage.travels)(path, named));
        own.and_then(|luggage| self.read(luggage.view, path, true)).or_else(|| self.read(self.image, path, false))
    }

    /// The program's own file at a path.
    pub fn own(&self, path: &str) -> Option<Rc<File>> {
        self.read(self.luggage.as_ref()?.view, path, true)
    }

    fn read(&self, view: &View, path: &str, own: bool) -> Option<Rc<File>> {
        let key = (own, path.to_owned());
        if let Some(known) = self.read.borrow().get(&key) {
            return known.clone();
        }
        let found = read(view, path, own).map(Rc::new);
        self.read.borrow_mut().insert(key, found.clone());
        found
    }
}

/// The ELF file at a path of a view.
pub fn read(view: &View, path: &str, own: bool) -> Option<File> {
    let found = view.file(Path::new(path))?;
    let object = Object::read(&found.bytes(MOST_BYTES)?)?;
    let real = found.path.to_string_lossy().into_owned();
    Some(File { path: real, asked: path.to_owned(), object, own })
}
