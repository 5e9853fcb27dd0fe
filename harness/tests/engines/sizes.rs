//! The sizes that are told of an image are those that people know from the tools that they use.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::Daemon;

/// What a layer may have: a file, links of both kinds, one that is gone, one that only has another mode.
const CHANGES: &str = "rm /etc/debian_version && ln -s /nowhere/at/all /link && head -c 100000 /dev/zero >/big && \
                       ln /big /again && chmod 700 /usr/bin/env";

#[test]
fn sizes_are_those_that_docker_and_skopeo_tell() {
    let Some(daemon) = Daemon::docker() else { return };
    daemon.says(&["import", &super::catalog("debian-13"), "plain:1"]);
    daemon.layer("plain:1", CHANGES, "layered:1");
    daemon.layer("layered:1", "head -c 50000 /dev/zero >/big", "layered:2");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["plain:1", "layered:2"] {
        let told = inspect(&daemon.host, &format!("docker:{name}"), folder.path());
        let layers: Vec<[u64; 2]> = figures(&told);
        let driver = daemon.says(&["info", "--format", "{{.Driver}}"]);
        // Only overlay2 looks at what it has unpacked, links and all; the other drivers add up what headers say.
        let counted = |[files, links]: &[u64; 2]| if driver == "overlay2" { files + links } else { *files };
        let history = daemon.says(&["history", "--human=false", "--format", "{{.Size}}", name]);
        let history: Vec<u64> = history.lines().rev().map(|line| line.parse().expect("bytes")).collect();
        assert_eq!(layers.iter().map(counted).collect::<Vec<_>>(), history, "{name}: docker history, {driver}");
        let whole = daemon.says(&["image", "inspect", "--format", "{{.Size}}", name]);
        assert_eq!(layers.iter().map(counted).sum::<u64>().to_string(), whole, "{name}: docker image inspect");
        let all: u64 = layers.iter().flatten().sum();
        assert_eq!(told["engine_bytes"], all, "{name}");
        let list = daemon.says(&["image", "ls", "--format", "{{.Size}}", name]);
        let megabytes = list.trim_end_matches("MB").parse::<f64>().unwrap_or_else(|e| panic!("{list}: {e}"));
        assert!(
            (megabytes * 1e6 - all as f64).abs() < 0.06e6,
            "{name}: docker image ls says {list}, and here are {all}"
        );
    }
    daemon.sent("layered:2", folder.path());
}

/// An image taken apart, with a cache of its own: what it says of layers is of the form that came first.
fn inspect(host: &str, reference: &str, folder: &Path) -> Value {
    let mut command = super::libcdiff(host, &["image", "inspect", "--json", reference]);
    let output = command.env("LIBCDIFF_CACHE", folder.join("cache")).output().expect("libcdiff starts");
    assert!(output.status.success(), "{reference}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Bytes of files and of links of each layer, lowest first.
fn figures(told: &Value) -> Vec<[u64; 2]> {
    let layers = told["layers"].as_array().expect("layers").iter();
    layers.map(|layer| ["bytes", "link_bytes"].map(|name| layer[name].as_u64().expect("bytes"))).collect()
}

impl Daemon {
    /// An image with one layer more, of what a shell does in it.
    fn layer(&self, from: &str, script: &str, name: &str) {
        let made = self.says(&["create", "--network", "none", from, "/bin/sh", "-c", script]);
        self.says(&["start", "--attach", &made]);
        self.says(&["commit", &made, name]);
        self.says(&["rm", &made]);
    }

    /// What is sent is what skopeo's manifest says, layer by layer.
    fn sent(&self, name: &str, folder: &Path) {
        if Command::new("skopeo").arg("--version").output().is_err() {
            eprintln!("unsupported: skopeo is not there, which tells what registries send");
            return;
        }
        let at = |name: &str| folder.join(name).display().to_string();
        self.says(&["save", "--output", &at("saved.tar"), name]);
        let skopeo = |arguments: &[&str]| {
            let output = Command::new("skopeo").args(arguments).output().expect("skopeo starts");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let place = format!("oci:{}:it", at("layout"));
        skopeo(&["copy", "--quiet", &format!("docker-archive:{}", at("saved.tar")), &place]);
        let manifest: Value = serde_json::from_slice(&skopeo(&["inspect", "--raw", &place])).expect("JSON");
        let sizes: Vec<u64> =
            manifest["layers"].as_array().expect("layers").iter().filter_map(|layer| layer["size"].as_u64()).collect();
        let told = inspect(&self.host, &format!("oci-dir:{}", at("layout")), &folder.join("other"));
        let here: Vec<u64> = told["layers"]
            .as_array()
            .expect("layers")
            .iter()
            .filter_map(|layer| layer["compressed_bytes"].as_u64())
            .collect();
        assert_eq!((here.len(), &here), (3, &sizes), "layers in skopeo's manifest");
        assert_eq!(told["size"]["compressed_bytes"], sizes.iter().sum::<u64>());
    }
}
