//! Packages of the npm index: by the address that a lock has for them, else by what the index says of a version.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::lock::Entry;
use super::tarball::{self, Contents};
use crate::wheels::fetch::Fetch;

/// Bytes of what an index says of a version.
const VERSION: u64 = 16 << 20;

/// The index, and what was fetched of it.
pub struct Registry {
    fetch: Fetch,
    /// Where packages are, by `@scope`; the empty one is for all others.
    places: BTreeMap<String, String>,
    known: HashMap<(String, String), Result<Rc<Contents>, String>>,
    quiet: bool,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("places", &self.places).finish_non_exhaustive()
    }
}

impl Registry {
    /// An index at these places; says on standard error what it reads, unless `quiet`.
    pub fn new(places: BTreeMap<String, String>, quiet: bool) -> Self {
        Self { fetch: Fetch::new(), places, known: HashMap::new(), quiet }
    }

    /// What is in a package's archive; else why that is not known. Each is fetched once.
    pub fn contents(&mut self, name: &str, entry: &Entry) -> Result<Rc<Contents>, String> {
        let key = (name.to_owned(), entry.version.clone().unwrap_or_default());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let contents = self.fetched(name, entry).map(Rc::new);
        self.known.insert(key, contents.clone());
        contents
    }

    fn fetched(&self, name: &str, entry: &Entry) -> Result<Contents, String> {
        let url = match entry.resolved.as_deref() {
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => url.to_owned(),
            Some(_) => return Err("it comes from no index, and is not looked into".into()),
            None if entry.in_bundle => return Err("it is inside of another package, and is not looked into".into()),
            None => self.address(name, entry.version.as_deref().unwrap_or_default())?,
        };
        if !self.quiet {
            let file = url.rsplit('/').next().unwrap_or_default();
            eprintln!("libcdiff: reading {}", crate::report::visible::visible(file));
        }
        let bytes = self.fetch.get(&url, tarball::ARCHIVE).map_err(|e| format!("it could not be fetched: {e}"))?;
        if !tarball::is_whole(&bytes, entry.integrity.as_deref()) {
            return Err("what was fetched is not what its digest says".into());
        }
        Contents::read(&bytes)
    }

    /// Where the archive of a version is.
    fn address(&self, name: &str, version: &str) -> Result<String, String> {
        let scope = name.split_once('/').map_or("", |(scope, _)| scope);
        let place = self.places.get(scope).or_else(|| self.places.get(""));
        let place = place.ok_or("nothing says where the index is: name it with --index-url")?;
        let url = format!("{}/{}/{version}", place.trim_end_matches('/'), name.replace('/', "%2f"));
        let text = self.fetch.get(&url, VERSION).map_err(|e| format!("the index does not say where it is: {e}"))?;
        let said: Value =
            serde_json::from_slice(&text).map_err(|e| format!("the index's answer cannot be read: {e}"))?;
        let archive = said.pointer("/dist/tarball").and_then(Value::as_str);
        archive.map(str::to_owned).ok_or_else(|| "the index's answer names no archive".into())
    }
}
