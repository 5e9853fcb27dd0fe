//! The catalog: images that have a name of their own, as `containers/catalog.toml` lists them.
//!
//! An image is either built from a definition in this project, and then lies in the images folder as `NAME.tar`, or it is a
//! reference to somebody else's. The catalog builds and fetches nothing.

use std::{collections::HashSet, path::PathBuf};

use serde::Deserialize;

use super::{libc::Family, reference::Reference};

/// The catalog that this program was built with.
const EMBEDDED: &str = include_str!("../../../containers/catalog.toml");

/// A list of named images.
#[derive(Clone, Debug)]
pub struct Catalog {
    default: Vec<String>,
    images: Vec<CatalogImage>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogImage {
    /// What it is called.
    pub name: String,
    /// The family that it is there for, as the catalog says; what is found in it counts.
    pub family: Option<Family>,
    /// Where it comes from.
    pub origin: Origin,
    /// What it is, in a sentence.
    pub about: String,
}

/// Where a named image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built by `make images` from this file of the project.
    Built(PathBuf),
    /// Somebody else's.
    Public(Reference),
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    default: Vec<String>,
    #[serde(default)]
    image: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    family: Option<Family>,
    definition: Option<PathBuf>,
    reference: Option<String>,
    #[serde(default)]
    about: String,
}

/// Why a text is no catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML, or a field is missing or of the wrong type.
    #[error("the catalog does not parse")]
    Syntax(#[from] toml::de::Error),
    /// An entry contradicts itself or another one.
    #[error("catalog image `{name}`: {problem}")]
    Entry {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

impl Catalog {
    /// The catalog that this program was built with.
    ///
    /// # Errors
    /// As [`Catalog::parse`]; a test holds that there is none.
    pub fn embedded() -> Result<Self, CatalogError> {
        Self::parse(EMBEDDED)
    }

    /// Reads a catalog. Unknown fields are left for others.
    ///
    /// # Errors
    /// Text that does not parse, two images of one name, an image without or with two origins, a default that is no image.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let document: Document = toml::from_str(text)?;
        let images = document.image.into_iter().map(Row::into_image).collect::<Result<Vec<_>, _>>()?;
        let mut names = HashSet::new();
        if let Some(twice) = images.iter().find(|image| !names.insert(image.name.as_str())) {
            return Err(CatalogError::Entry { name: twice.name.clone(), problem: "is listed twice".into() });
        }
        if let Some(unknown) = document.default.iter().find(|name| !names.contains(name.as_str())) {
            return Err(CatalogError::Entry { name: unknown.clone(), problem: "is a default but not listed".into() });
        }
        Ok(Self { default: document.default, images })
    }

    /// The image of this name.
    pub fn get(&self, name: &str) -> Option<&CatalogImage> {
        self.images.iter().find(|image| image.name == name)
    }

    /// All images, in the order of the file.
    pub fn images(&self) -> &[CatalogImage] {
        &self.images
    }

    /// The names that a run without images uses.
    pub fn default_images(&self) -> &[String] {
        &self.default
    }
}

impl Row {
    fn into_image(self) -> Result<CatalogImage, CatalogError> {
        let fail = |problem: String| CatalogError::Entry { name: self.name.clone(), problem };
        if self.name.is_empty() || self.name.starts_with('.') || self.name.contains(['/', '\0']) {
            return Err(fail("is no name: it becomes a file name".into()));
        }
        let origin = match (self.definition, self.reference) {
            (Some(definition), None) => Origin::Built(definition),
            (None, Some(text)) => Origin::Public(Reference::parse(&text).map_err(|e| fail(e.to_string()))?),
            _ => return Err(fail("needs either a definition or a reference".into())),
        };
        Ok(CatalogImage { name: self.name, family: self.family, origin, about: self.about })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
        default = ["debian-12", "debian-12-musl"]
        [[image]]
        name = "debian-12"
        family = "glibc"
        definition = "containers/debian-12.image"
        [[image]]
        name = "debian-12-musl"
        family = "musl"
        definition = "containers/debian-12-musl.image"
        suite = "a field of somebody else's"
        [[image]]
        name = "alpine:3.20"
        reference = "registry:docker.io/library/alpine:3.20"
    "#;

    #[test]
    fn a_sample_is_read() {
        let catalog = Catalog::parse(SAMPLE).expect("parses");
        assert_eq!(catalog.default_images(), ["debian-12", "debian-12-musl"]);
        let musl = catalog.get("debian-12-musl").expect("is listed");
        assert_eq!(musl.family, Some(Family::Musl));
        assert_eq!(musl.origin, Origin::Built("containers/debian-12-musl.image".into()));
        let alpine = catalog.get("alpine:3.20").expect("is listed");
        let reference = Reference::parse("registry:docker.io/library/alpine:3.20").expect("parses");
        assert_eq!((&alpine.family, &alpine.origin), (&None, &Origin::Public(reference)));
        assert!(catalog.get("alpine").is_none());
    }

    #[test]
    fn contradictions_are_errors_that_name_the_image() {
        let image = "[[image]]\nname = 'x'\n";
        for (text, words) in [
            (format!("{image}definition = 'a'\n{image}definition = 'b'"), "`x`: is listed twice"),
            (image.to_owned(), "`x`: needs either"),
            (format!("{image}definition = 'a'\nreference = 'b'"), "`x`: needs either"),
            (format!("{image}reference = 'ftp://b'"), "`x`: `ftp://b` names no image"),
            ("default = ['y']".to_owned(), "`y`: is a default"),
            ("[[image]]\nname = '../x'\ndefinition = 'a'".to_owned(), "`../x`: is no name"),
            ("image = 3".to_owned(), "does not parse"),
        ] {
            let error = Catalog::parse(&text).expect_err(&text);
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn the_catalog_of_this_project_is_one() {
        let catalog = Catalog::embedded().expect("containers/catalog.toml parses");
        assert!(!catalog.default_images().is_empty());
    }
}
