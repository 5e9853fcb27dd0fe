//! What programs take for granted, and small images may lack.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::image::View;

/// What is there of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Furniture {
    /// `/bin/sh`.
    pub shell: Option<Shell>,
    /// Time zones; without them every TZ with a name is UTC.
    pub zones: Option<Zones>,
    /// Locales that glibc can be set to beside C and POSIX, as folders; `locale-archive` for an archive of several.
    pub locales: Vec<String>,
    /// Certificate authorities; without them no TLS peer is believed.
    pub authorities: Option<Authorities>,
    /// The line `hosts` of `/etc/nsswitch.conf`: where names are looked up, by glibc; musl reads none.
    pub name_services: Option<String>,
    /// Lines of `/etc/resolv.conf`; engines and clusters put their own in its place.
    pub resolv_conf: Option<Vec<String>>,
    /// Whether `/etc/hosts` is there.
    pub hosts: bool,
    /// Whether `/etc/services` and `/etc/protocols` are there, which look-ups of services read.
    pub services: bool,
}

/// The shell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Shell {
    /// The file that `/bin/sh` leads to.
    pub path: PathBuf,
    /// Its name there: `dash`, `busybox`.
    pub name: String,
}

/// Time zones.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Zones {
    /// The version of the database, as `tzdata.zi` says.
    pub version: Option<String>,
    /// Whether zones of regions are there, such as Europe/Berlin.
    pub regions: bool,
}

/// Certificate authorities.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Authorities {
    /// The bundle.
    pub path: String,
    /// Certificates in it.
    pub certificates: usize,
}

const BYTES: u64 = 4 << 20;
/// Where TLS libraries look, by distribution.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
];

impl Furniture {
    /// Looks for it.
    pub fn of(view: &View) -> Self {
        let text = |path: &str| view.read(path, BYTES).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Self {
            shell: view.file("/bin/sh").map(|found| Shell {
                name: found.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                path: found.path,
            }),
            zones: zones(view),
            locales: locales(view),
            authorities: BUNDLES.iter().find_map(|path| {
                let certificates = text(path)?.matches("-----BEGIN CERTIFICATE-----").count();
                (certificates > 0).then(|| Authorities { path: (*path).to_owned(), certificates })
            }),
            name_services: text("/etc/nsswitch.conf").and_then(|conf| hosts_line(&conf)),
            resolv_conf: text("/etc/resolv.conf").map(|conf| {
                let lines = conf.lines().map(str::trim);
                lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])).map(str::to_owned).collect()
            }),
            hosts: view.file("/etc/hosts").is_some(),
            services: view.file("/etc/services").is_some() && view.file("/etc/protocols").is_some(),
        }
    }
}

fn zones(view: &View) -> Option<Zones> {
    const FOLDER: &str = "/usr/share/zoneinfo";
    let names = view.names(FOLDER);
    if names.is_empty() {
        return None;
    }
    let source = view.read(format!("{FOLDER}/tzdata.zi"), 64);
    let version = source.and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().next()?.strip_prefix("# version ").map(str::to_owned)
    });
    Some(Zones { version, regions: view.file(format!("{FOLDER}/Europe/Berlin")).is_some() })
}

fn locales(view: &View) -> Vec<String> {
    let here = Path::new("/usr/lib/locale");
    let named = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy().into_owned();
        let archive = name == "locale-archive";
        (archive || !view.names(here.join(&name)).is_empty()).then_some(name)
    };
    view.names(here).iter().filter_map(named).collect()
}

fn hosts_line(conf: &str) -> Option<String> {
    let lines = conf.lines().map(|line| line.split('#').next().unwrap_or_default());
    let services = lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == "hosts");
    services.map(|(_, services)| services.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_services() {
        let conf = "passwd: files\nhosts:          files dns # and no more\n";
        assert_eq!(hosts_line(conf).as_deref(), Some("files dns"));
        assert_eq!(hosts_line("# hosts: files\n"), None);
    }
}
