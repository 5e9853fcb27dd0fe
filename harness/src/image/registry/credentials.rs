//! Credentials for registries, from the files that `docker login`, `podman login` and `skopeo login` write, and from the
//! helper programs that those name.
//!
//! Which entry is meant is decided here: the longest that a repository lies under, as containers-auth.json(5) says. Entries
//! are read, and helpers run, by the crate `docker_credential`.

use std::{collections::HashMap, fs, io, path::PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use serde::Deserialize;

use super::{
    error::RegistryError,
    name::{DOCKER, Name},
};

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// A user and a password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// What a token server gives tokens for.
    Identity(String),
}

impl Credentials {
    /// The user, for messages.
    pub fn user(&self) -> String {
        match self {
            Self::Password { user, .. } => user.clone(),
            Self::Identity(_) => "this identity token".into(),
        }
    }
}

/// The entry that Docker has for its own registry.
const DOCKER_KEY: &str = "https://index.docker.io/v1/";

/// A file of credentials, as far as it decides which entry is meant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    auths: HashMap<String, serde_json::Value>,
    #[serde(default)]
    cred_helpers: HashMap<String, serde_json::Value>,
    creds_store: Option<String>,
}

/// The credentials for a name, from the first of `files` that has some; `None` where nobody is logged in.
pub(super) fn find(files: &[PathBuf], name: &Name) -> Result<Option<Credentials>, RegistryError> {
    for path in files {
        let failed = |problem: String| RegistryError::Credentials {
            registry: name.host.clone(),
            problem: format!("{}: {problem}", path.display()),
        };
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(failed(error.to_string())),
        };
        // `podman logout` leaves an empty file.
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let file: File = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        if let Some(found) = in_file(&text, &file, name).map_err(failed)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn in_file(text: &[u8], file: &File, name: &Name) -> Result<Option<Credentials>, String> {
    let (key, listed) = match key(file, name) {
        Some(key) => (key, true),
        None if file.creds_store.is_some() => (if name.host == DOCKER { DOCKER_KEY } else { &*name.host }, false),
        None => return Ok(None),
    };
    match get_credential_from_reader(text, key) {
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Credentials::Identity(token))),
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Some(Credentials::Password { user, password })),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        // What helpers say when they have none; a store that is not installed has none either, unless it is said to.
        Err(CredentialRetrievalError::HelperFailure { stdout, stderr, .. })
            if stdout.contains("not found") || stderr.contains("not found") =>
        {
            Ok(None)
        }
        Err(CredentialRetrievalError::HelperCommunicationError) if !listed => Ok(None),
        Err(CredentialRetrievalError::HelperCommunicationError) => {
            Err("the helper that it names for this registry cannot be run; install it, or log in again".into())
        }
        Err(CredentialRetrievalError::HelperFailure { helper, stdout, stderr }) => {
            let said: Vec<&str> =
                stdout.lines().chain(stderr.lines()).map(str::trim).filter(|l| !l.is_empty()).collect();
            Err(format!("the helper {helper} failed: {}", said.join("; ")))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The entry that is meant, as the file spells it.
fn key<'a>(file: &'a File, name: &Name) -> Option<&'a str> {
    let whole = format!("{}/{}", name.host, name.repository);
    let keys = file.auths.keys().chain(file.cred_helpers.keys());
    let fits = keys.filter(|key| {
        let place = place(key);
        whole == place || whole.strip_prefix(&place).is_some_and(|rest| rest.starts_with('/'))
    });
    // Of two spellings of one place, always the same one.
    fits.max_by_key(|key| (place(key).len(), key.len())).map(String::as_str)
}

/// Where the entry `key` is for: a host, or a host and the start of repositories. Docker's entries are addresses, whose
/// path says nothing.
fn place(key: &str) -> String {
    let address = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let place = address.map_or(key, |address| address.split('/').next().unwrap_or_default()).trim_end_matches('/');
    let (host, path) = place.split_once('/').map_or((place, ""), |(host, path)| (host, path));
    let host = match host {
        "index.docker.io" | "registry-1.docker.io" => DOCKER,
        host => host,
    };
    if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    // user:secret and other:secret
    const USER: &str = "dXNlcjpzZWNyZXQ=";
    const OTHER: &str = "b3RoZXI6c2VjcmV0";

    fn user_in(text: &str, name: &str) -> Result<Option<String>, RegistryError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.json");
        fs::write(&path, text).expect("written");
        let found = find(&[folder.path().join("none"), path], &Name::parse(name).expect("a name"))?;
        Ok(found.map(|found| found.user()))
    }

    #[test]
    fn the_entry_nearest_to_the_repository_is_taken() {
        let text = format!(
            r#"{{"auths":{{"https://index.docker.io/v1/":{{"auth":"{USER}"}},"example.org":{{"auth":"{USER}"}},
                "example.org/team":{{"auth":"{OTHER}"}}}}}}"#
        );
        for (name, user) in [
            ("alpine", Some("user")),
            ("example.org/x", Some("user")),
            ("example.org/team/x", Some("other")),
            ("example.org/teams", Some("user")),
            ("example.org:5000/x", None),
            ("elsewhere.org/x", None),
        ] {
            assert_eq!(user_in(&text, name).expect("reads").as_deref(), user, "{name}");
        }
    }

    #[test]
    fn a_store_without_its_program_is_an_error_only_where_it_is_named_for_the_registry() {
        let store = r#"{"credsStore":"no-such-helper-here"}"#;
        assert_eq!(user_in(store, "example.org/x").expect("anonymous"), None);
        let listed = r#"{"auths":{"example.org":{}},"credsStore":"no-such-helper-here"}"#;
        let helper = r#"{"credHelpers":{"example.org":"no-such-helper-here"}}"#;
        for text in [listed, helper] {
            let error = user_in(text, "example.org/x").expect_err(text).to_string();
            assert!(error.contains("config.json") && error.contains("cannot be run"), "{error}");
        }
    }

    #[test]
    fn empty_and_broken_files_are_told_apart() {
        assert_eq!(user_in(" \n", "alpine").expect("empty"), None);
        assert_eq!(user_in("{}", "alpine").expect("empty"), None);
        let error = user_in("{", "alpine").expect_err("broken").to_string();
        assert!(
            error.starts_with("reading the credentials for docker.io: ") && error.contains("config.json"),
            "{error}"
        );
    }
}
