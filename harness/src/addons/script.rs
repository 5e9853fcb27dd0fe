//! What a package's install script does, as far as its words say: load a binary that came along, fetch one from elsewhere,
//! build one, or something of its own.
//!
//! Addresses are put together as `prebuild-install` 7 and `node-pre-gyp` 2 do; what is not known stays in them as `{name}`.

use serde_json::Value;

use super::platform::Platform;
use super::tarball::{Contents, Manifest};

/// What a script does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its words, all of them in order.
    pub text: String,
    /// The address that a binary is fetched from.
    pub url: Option<String>,
    /// What builds the package, if a word of it does: `node-gyp`, `cmake-js`.
    pub builds: Option<&'static str>,
}

/// Words and what they build with.
const BUILDS: [(&str, &str); 6] = [
    ("node-gyp-build", "node-gyp"),
    ("node-gyp", "node-gyp"),
    ("--fallback-to-build", "node-gyp"),
    ("--build-from-source", "node-gyp"),
    ("cmake-js", "cmake-js"),
    ("cargo", "cargo"),
];

impl Script {
    /// The install script of a package, as npm runs it; `None` where it runs none.
    pub fn of(package: &Contents, platform: &Platform) -> Option<Self> {
        let manifest = &package.manifest;
        let named = |name: &str| manifest.scripts.get(name).filter(|text| !text.trim().is_empty()).cloned();
        let implied = package.has("binding.gyp") && manifest.gypfile != Some(false) && named("preinstall").is_none();
        let install = named("install").or_else(|| implied.then(|| "node-gyp rebuild".to_owned()));
        let texts: Vec<_> = [named("preinstall"), install, named("postinstall")].into_iter().flatten().collect();
        if texts.is_empty() {
            return None;
        }
        let text = texts.join("; ");
        let whole = expand(&text, manifest);
        let words: Vec<_> = whole.split(|c: char| c.is_whitespace() || "();&|\"'".contains(c)).collect();
        let builds = BUILDS.iter().find(|(word, _)| words.contains(word)).map(|(_, with)| *with);
        let with = |names: [&str; 2]| words.iter().position(|word| names.contains(word));
        let url = if let Some(at) = with(["prebuild-install", "prebuild-install-napi"]) {
            Some(prebuild_install(manifest, &words[at + 1..], platform))
        } else {
            with(["node-pre-gyp", "@mapbox/node-pre-gyp"]).map(|_| node_pre_gyp(manifest, platform))
        };
        Some(Self { text, url, builds })
    }
}

/// A script with those beside it that it runs by `npm run`.
fn expand(text: &str, manifest: &Manifest) -> String {
    let mut whole = text.to_owned();
    for after in text.split("npm run ").skip(1) {
        let name = after.split(|c: char| c.is_whitespace() || ");&|".contains(c)).next().unwrap_or_default();
        if let Some(more) = manifest.scripts.get(name) {
            whole = format!("{whole} ; {more}");
        }
    }
    whole
}

/// The Node-API version that is chosen among those that a package has binaries for.
fn napi(binary: &Value, platform: &Platform) -> Option<u64> {
    let versions = binary.get("napi_versions")?.as_array()?.iter().filter_map(Value::as_u64);
    match platform.node.and_then(|node| node.napi()) {
        Some(newest) => versions.filter(|version| *version <= u64::from(newest)).max(),
        None => {
            let versions: Vec<_> = versions.collect();
            if let [only] = versions[..] { Some(only) } else { None }
        }
    }
}

fn prebuild_install(manifest: &Manifest, words: &[&str], platform: &Platform) -> String {
    let given = |names: &[&str]| {
        let at = words.iter().position(|word| names.contains(word))?;
        words.get(at + 1).map(|word| (*word).to_owned())
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let runtime = given(&["-r", "--runtime"]).or_else(|| text(manifest.config.get("runtime"))).unwrap_or("node".into());
    let modules = platform.node.and_then(|node| node.modules()).map(|modules| modules.to_string());
    let abi =
        if runtime == "napi" { napi(&manifest.binary, platform).map(|napi| napi.to_string()) } else { modules.clone() };
    let default = "{name}-v{version}-{runtime}-v{abi}-{platform}{libc}-{arch}.tar.gz";
    let part = |name: &str| text(manifest.binary.get(name));
    let template = match (given(&["-d", "--download"]).filter(|url| url.contains("://")), part("host")) {
        (Some(url), _) => url,
        (None, Some(host)) => {
            let parts = [Some(host), part("remote_path"), Some(part("package_name").unwrap_or(default.into()))];
            let parts = parts.into_iter().flatten().map(|part| {
                let part = part.strip_prefix("./").or(part.strip_prefix('/')).unwrap_or(&part).to_owned();
                part.trim_end_matches('/').to_owned()
            });
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        }
        (None, None) => format!("{}/releases/download/{{tag_prefix}}{{version}}/{default}", repository(manifest)),
    };
    let bare = manifest.name.rsplit('/').next().unwrap_or_default();
    let libc = if platform.libc_name() == "musl" { "musl" } else { "" };
    fill(
        &template,
        &[
            ("name", Some(bare)),
            ("package_name", Some(bare)),
            ("abi", abi.as_deref()),
            ("node_abi", modules.as_deref()),
            ("runtime", Some(&runtime)),
            ("libc", Some(libc)),
            ("tag_prefix", Some(given(&["--tag-prefix"]).as_deref().unwrap_or("v"))),
        ],
        manifest,
        platform,
    )
}

fn node_pre_gyp(manifest: &Manifest, platform: &Platform) -> String {
    let part = |name: &str| manifest.binary.get(name).and_then(Value::as_str);
    let slashed = |text: &str| if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    let remote = part("remote_path").map(|path| slashed(path.trim_start_matches("./"))).unwrap_or_default();
    let file = part("package_name").unwrap_or("{module_name}-v{version}-{node_abi}-{platform}-{arch}.tar.gz");
    let template = format!("{}{}{file}", slashed(part("host").unwrap_or("{host}")), remote.trim_start_matches('/'));
    let modules = platform.node.and_then(|node| node.modules()).map(|modules| format!("node-v{modules}"));
    let napi = napi(&manifest.binary, platform);
    let label = napi.map(|napi| format!("napi-v{napi}")).or_else(|| modules.clone());
    fill(
        &template,
        &[
            ("name", Some(&manifest.name)),
            ("node_abi", modules.as_deref()),
            ("node_napi_label", label.as_deref()),
            ("napi_build_version", napi.map(|napi| napi.to_string()).as_deref()),
            ("libc", Some(platform.libc_name())),
        ],
        manifest,
        platform,
    )
}

/// A template with the values that both tools have, after these.
fn fill(template: &str, values: &[(&str, Option<&str>)], manifest: &Manifest, platform: &Platform) -> String {
    let mut version = manifest.version.split(['.', '-', '+']);
    let mut number = || version.next();
    let shared = [
        ("version", Some(manifest.version.as_str())),
        ("module_name", manifest.binary.get("module_name").and_then(Value::as_str)),
        ("platform", Some("linux")),
        ("arch", Some(platform.cpu)),
        ("configuration", Some("Release")),
        ("toolset", Some("")),
        ("major", number()),
        ("minor", number()),
        ("patch", number()),
    ];
    let mut text = template.to_owned();
    for (name, value) in values.iter().chain(&shared) {
        if let Some(value) = value {
            text = text.replace(&format!("{{{name}}}"), value);
        }
    }
    text
}

/// The address of a package's repository on GitHub, where its releases are.
fn repository(manifest: &Manifest) -> String {
    let address = manifest.repository.as_str().or_else(|| manifest.repository.get("url")?.as_str()).unwrap_or_default();
    let after = address.split_once("github.com").map(|(_, path)| path).or_else(|| address.strip_prefix("github:"));
    let short = || (!address.contains(':') && address.matches('/').count() == 1).then_some(address);
    match after.or_else(short) {
        Some(path) => {
            let path = path.trim_start_matches([':', '/']).trim_end_matches('/').trim_end_matches(".git");
            format!("https://github.com/{path}")
        }
        None => "{repository}".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::platform::tests::platform;
    use super::*;
    use crate::image::Family;

    fn package(manifest: &str, members: &[&str]) -> Contents {
        let members = members.iter().map(|&member| member.to_owned()).collect();
        Contents { members, manifest: serde_json::from_str(manifest).expect("a manifest"), ..Contents::default() }
    }

    fn script(manifest: &str, members: &[&str], family: Family) -> Option<Script> {
        let alpine = family == Family::Musl;
        Script::of(&package(manifest, members), &platform(family, alpine))
    }

    #[test]
    fn addresses_are_those_that_the_tools_fetch() {
        let manifest = r#"{"name": "@s/better-sqlite3", "version": "12.1.0",
            "scripts": {"install": "prebuild-install || node-gyp rebuild --release"},
            "repository": {"type": "git", "url": "git://github.com/owner/better-sqlite3.git"}}"#;
        let glibc = script(manifest, &["binding.gyp"], Family::Glibc).expect("a script");
        let at =
            "https://github.com/owner/better-sqlite3/releases/download/v12.1.0/better-sqlite3-v12.1.0-node-v115-linux";
        assert_eq!(glibc.url, Some(format!("{at}-x64.tar.gz")));
        assert_eq!(glibc.builds, Some("node-gyp"));
        let musl = script(manifest, &["binding.gyp"], Family::Musl).expect("a script");
        assert_eq!(musl.url, Some(format!("{at}musl-x64.tar.gz")));

        let manifest = r#"{"name": "sqlite3", "version": "5.1.7", "repository": "owner/sqlite3", "binary": {"napi_versions": [3, 6, 99]},
            "scripts": {"install": "prebuild-install -r napi || node-gyp rebuild"}}"#;
        let url = script(manifest, &[], Family::Musl).and_then(|script| script.url);
        let at =
            "https://github.com/owner/sqlite3/releases/download/v5.1.7/sqlite3-v5.1.7-napi-v6-linuxmusl-x64.tar.gz";
        assert_eq!(url.as_deref(), Some(at));

        let manifest = r#"{"name": "bcrypt", "version": "5.1.1", "scripts": {"install": "node-pre-gyp install --fallback-to-build"},
            "binary": {"module_name": "bcrypt_lib", "host": "https://host/releases/", "remote_path": "v{version}",
            "package_name": "{module_name}-v{version}-napi-v{napi_build_version}-{platform}-{arch}-{libc}.tar.gz", "napi_versions": [3]}}"#;
        let read = script(manifest, &[], Family::Musl).expect("a script");
        let at = "https://host/releases/v5.1.1/bcrypt_lib-v5.1.1-napi-v3-linux-x64-musl.tar.gz";
        assert_eq!((read.url.as_deref(), read.builds), (Some(at), Some("node-gyp")));
    }

    #[test]
    fn what_is_not_known_stays_in_the_address() {
        let manifest = r#"{"name": "a", "version": "1.0.0", "scripts": {"install": "node-pre-gyp install"},
            "binary": {"module_name": "a", "host": "https://host", "package_name": "{node_abi}-{libc}-{odd}.tar.gz"}}"#;
        let unknown = Platform { node: None, ..platform(Family::Glibc, false) };
        let read = Script::of(&package(manifest, &[]), &unknown).expect("a script");
        assert_eq!(read.url.as_deref(), Some("https://host/{node_abi}-glibc-{odd}.tar.gz"));
        assert_eq!(read.builds, None);
    }

    #[test]
    fn words_say_what_builds() {
        let builds =
            |manifest: &str, members: &[&str]| script(manifest, members, Family::Glibc).map(|script| script.builds);
        assert_eq!(builds(r#"{"scripts": {}}"#, &["binding.gyp"]), Some(Some("node-gyp")));
        assert_eq!(builds(r#"{"gypfile": false}"#, &["binding.gyp"]), None);
        assert_eq!(builds(r#"{"scripts": {"preinstall": "x"}}"#, &["binding.gyp"]), Some(None));
        assert_eq!(
            builds(r#"{"scripts": {"install": "node x.js || npm run build", "build": "cmake-js compile"}}"#, &[]),
            Some(Some("cmake-js"))
        );
        assert_eq!(builds(r#"{"scripts": {"postinstall": "node install.js"}}"#, &[]), Some(None));
        assert_eq!(builds(r#"{"scripts": {"install": "(node-gyp-build)"}}"#, &[]), Some(Some("node-gyp")));
        assert_eq!(builds(r#"{"scripts": {"test": "node-gyp rebuild"}}"#, &[]), None);
    }
}
