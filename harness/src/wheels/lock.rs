//! A `pylock.toml` (PEP 751): what a resolver chose, with the files of each package. Nothing in it is believed beyond its form.

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    /// What is to be installed.
    #[serde(default)]
    pub packages: Vec<Locked>,
}

/// A package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version; folders and repositories may have none.
    pub version: Option<String>,
    /// Where it is wanted.
    pub marker: Option<String>,
    /// Its wheels.
    #[serde(default)]
    pub wheels: Vec<Artifact>,
    /// Its source.
    pub sdist: Option<Artifact>,
    /// A file by its address, which may be a wheel or source.
    pub archive: Option<Artifact>,
    /// A repository.
    pub vcs: Option<toml::Table>,
    /// A folder.
    pub directory: Option<toml::Table>,
}

/// A file that can be downloaded.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Artifact {
    /// Its name, where the address does not end in it.
    pub name: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Or where it lies.
    pub path: Option<String>,
    /// Its bytes.
    pub size: Option<u64>,
}

impl Lock {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl Artifact {
    /// Its file name, as it is before addresses encode it.
    pub fn file(&self) -> String {
        let place = self.name.as_deref().or(self.url.as_deref()).or(self.path.as_deref()).unwrap_or_default();
        let place = place.split(['?', '#']).next().unwrap_or_default();
        let name = place.rsplit('/').next().unwrap_or_default();
        percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
    }
}
