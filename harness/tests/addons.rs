//! `libcdiff wheels --npm` with an index of its own on this machine: what it says of a glibc and a musl image, of locks and
//! projects, of what is wrong; and that npm itself installs the same packages. Without npm on PATH, or at LIBCDIFF_TEST_NPM,
//! tests that resolve say so.

#[path = "wheels/answered.rs"]
mod answered;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use answered::{answer, silent};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use libcdiff::addons::answer::{Installed, Package, Verdict};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

/// This machine's processor, which the catalog's images are for, as Node says it.
fn cpu() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" }
}

/// A library of 64-bit ELF for this machine that asks for these libraries, and does nothing.
fn library(needed: &[&str]) -> Vec<u8> {
    let mut strings = vec![0];
    let mut dynamic = Vec::new();
    for name in needed {
        dynamic.extend([1u64, strings.len() as u64]);
        strings.extend(name.bytes().chain([0]));
    }
    dynamic.extend([0, 0]);
    let dynamic: Vec<u8> = dynamic.iter().flat_map(|word| word.to_le_bytes()).collect();
    let machine: u16 = if cpu() == "x64" { 62 } else { 183 };
    let at = 64 + dynamic.len();
    let sections = (at + strings.len()) as u64;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([3u16, machine].iter().flat_map(|half| half.to_le_bytes()));
    file.extend(1u32.to_le_bytes());
    file.extend([0u64, 0, sections].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    file.extend([64u16, 56, 0, 64, 3, 1].iter().flat_map(|half| half.to_le_bytes()));
    file.extend(&dynamic);
    file.extend(&strings);
    let mut section = |kind: u32, offset: usize, size: usize, link: u32, entry: u64| {
        file.extend([0, kind].iter().flat_map(|half| half.to_le_bytes()));
        file.extend([0u64, 0, offset as u64, size as u64].iter().flat_map(|word| word.to_le_bytes()));
        file.extend([link, 0].iter().flat_map(|half| half.to_le_bytes()));
        file.extend([8u64, entry].iter().flat_map(|word| word.to_le_bytes()));
    };
    section(0, 0, 0, 0, 0);
    section(3, at, strings.len(), 0, 0);
    section(6, 64, dynamic.len(), 1, 16);
    file
}

fn of_glibc() -> Vec<u8> {
    let loader = if cpu() == "x64" { "ld-linux-x86-64.so.2" } else { "ld-linux-aarch64.so.1" };
    library(&["libstdc++.so.6", "libc.so.6", loader])
}

fn of_musl() -> Vec<u8> {
    library(&["libstdc++.so.6", "libc.musl-x86_64.so.1"])
}

/// A package of the index: its `package.json`, and its files.
type Held = (Value, Vec<(String, Vec<u8>)>);

fn packages() -> Vec<Held> {
    let cpu = cpu();
    let single = |name: &str, libc: Option<&str>, binary: Vec<u8>| {
        let mut manifest = json!({"name": format!("{name}"), "version": "1.0.0", "os": ["linux"], "cpu": [cpu]});
        if let Some(libc) = libc {
            manifest["libc"] = json!([libc]);
        }
        (manifest, vec![("addon.node".to_owned(), binary)])
    };
    let plain = |manifest: Value| (manifest, Vec::new());
    let prebuilds = [("glibc", of_glibc()), ("musl", of_glibc())];
    let prebuilds = prebuilds.map(|(libc, file)| (format!("prebuilds/linux-{cpu}/a.{libc}.node"), file));
    vec![
        single("@native/linux-glibc", Some("glibc"), of_glibc()),
        single("@native/linux-musl", Some("musl"), of_musl()),
        plain(json!({"name": "@native/darwin", "version": "1.0.0", "os": ["darwin"]})),
        plain(json!({"name": "native", "version": "1.0.0", "optionalDependencies":
            {"@native/linux-glibc": "1.0.0", "@native/linux-musl": "1.0.0", "@native/darwin": "1.0.0"}})),
        single("@silent/gnu", None, of_glibc()),
        plain(json!({"name": "silent", "version": "1.0.0", "optionalDependencies": {"@silent/gnu": "1.0.0"}})),
        plain(json!({"name": "node-gyp-build", "version": "4.8.0"})),
        (
            json!({"name": "prebuilds", "version": "1.0.0", "scripts": {"install": "node-gyp-build"},
                "dependencies": {"node-gyp-build": "^4.0.0"}}),
            prebuilds.into_iter().chain([("binding.gyp".to_owned(), b"{}".to_vec())]).collect(),
        ),
        (
            json!({"name": "gyp", "version": "1.0.0", "gypfile": true, "scripts": {"install": "node-gyp rebuild"}}),
            vec![("binding.gyp".to_owned(), b"{}".to_vec())],
        ),
        plain(json!({"name": "fetched", "version": "1.0.0", "repository": "owner/fetched",
            "scripts": {"install": "prebuild-install || node-gyp rebuild"}})),
        plain(json!({"name": "own", "version": "1.0.0", "scripts": {"postinstall": "node install.js"}})),
        plain(
            json!({"name": "watch", "version": "1.0.0", "dependencies": {"cycle": "1"}, "optionalDependencies": {"@native/darwin": "1"}}),
        ),
        plain(json!({"name": "cycle", "version": "1.0.0", "dependencies": {"watch": "1"}})),
        plain(json!({"name": "host", "version": "1.0.0"})),
        plain(json!({"name": "host", "version": "2.0.0"})),
        plain(json!({"name": "guest", "version": "1.0.0", "peerDependencies": {"host": "1.0.0"}})),
    ]
}

fn archive(manifest: &Value, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let about = ("package.json".to_owned(), manifest.to_string().into_bytes());
    for (path, bytes) in files.iter().chain([&about]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("package/{path}"), bytes.as_slice()).expect("a member");
    }
    tar.into_inner().and_then(GzEncoder::finish).expect("an archive")
}

/// An index on this machine, for as long as the test runs; its address.
fn index() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let mut pages: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    for (mut manifest, files) in packages() {
        let (name, version) = (manifest["name"].as_str().expect("a name").to_owned(), manifest["version"].clone());
        let version = version.as_str().expect("a version");
        let bytes = archive(&manifest, &files);
        let path = format!("/{name}/-/{version}.tgz");
        let digest = STANDARD.encode(Sha512::digest(&bytes));
        manifest["dist"] = json!({"tarball": format!("{address}{path}"), "integrity": format!("sha512-{digest}")});
        pages.insert(path, bytes);
        pages.insert(format!("/{}/{version}", name.replace('/', "%2f")), manifest.to_string().into_bytes());
        let page = known.entry(name.clone()).or_insert_with(|| json!({"name": name, "versions": {}}));
        page["versions"][version] = manifest;
        page["dist-tags"] = json!({"latest": version});
    }
    for (name, page) in known {
        pages.insert(format!("/{}", name.replace('/', "%2f")), page.to_string().into_bytes());
    }
    let pages = Arc::new(pages);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            thread::spawn(move || serve(stream, &pages));
        }
    });
    address
}

fn serve(mut stream: TcpStream, pages: &BTreeMap<String, Vec<u8>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok);
    let request = lines.next()?;
    lines.find(String::is_empty)?;
    let path = request.split(' ').nth(1)?.replace("%2F", "%2f");
    let none = b"{}".to_vec();
    let (status, body) = pages.get(&path).map_or(("404 Not Found", &none), |page| ("200 OK", page));
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()?;
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    stream.read_to_end(&mut Vec::new()).ok().map(drop)
}

/// npm, or a word that it is not there.
fn npm() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("npm"));
    let named = std::env::var_os("LIBCDIFF_TEST_NPM").map(PathBuf::from);
    let found = named.into_iter().chain(on_path).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("unsupported: npm is not on PATH, and LIBCDIFF_TEST_NPM does not say where it is");
    }
    found
}

fn ask(npm: Option<&Path>, index: &str, folder: &Path, arguments: &[&str]) -> Output {
    ask_of(npm, index, folder, arguments).output().expect("libcdiff starts")
}

fn ask_of(npm: Option<&Path>, index: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.args(["wheels", "--quiet", "--image", "debian-13", "--image", "debian-13-musl", "--node", "20"]);
    command.args(["--index-url", index]).args(arguments);
    // Without npm it must not be found on PATH either: the program named is not there.
    command.arg("--npm-program").arg(npm.map_or_else(|| folder.join("no-npm"), Path::to_owned));
    command.env("npm_config_cache", folder.join("cache")).env("npm_config_fetch_retries", "0");
    command.env("NO_PROXY", "127.0.0.1").current_dir(folder);
    command
}

fn said(image: &Installed) -> Vec<String> {
    let row = |package: &Package| {
        let verdict = serde_json::to_value(package.verdict).expect("a word");
        let from = package.from.join(" ");
        format!("{} {} {from}", package.name, verdict.as_str().unwrap_or_default()).trim_end().to_owned()
    };
    image.packages.iter().map(row).collect()
}

/// A lock as npm writes it, of the packages that it has no need to be asked for.
fn lock() -> String {
    let mut entries = serde_json::Map::new();
    entries.insert(String::new(), json!({"name": "x"}));
    for (mut manifest, _) in packages() {
        let folder = format!("node_modules/{}", manifest["name"].as_str().expect("a name"));
        if let Some(scripts) = manifest.get("scripts") {
            manifest["hasInstallScript"] = json!(scripts.is_object());
        }
        if manifest.get("os").is_some() {
            manifest["optional"] = json!(true);
        }
        entries.insert(folder, manifest);
    }
    json!({"name": "x", "lockfileVersion": 3, "packages": entries}).to_string()
}

#[test]
fn an_image_takes_the_binaries_of_its_c_library() {
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    fs::write(folder.path().join("package-lock.json"), lock()).expect("written");
    let told = answer(&ask(None, &index, folder.path(), &["--npm", "package-lock.json", "--json"]), 0);
    let [glibc, musl] = &told.node[..] else { panic!("two images") };
    let file = format!("prebuilds/linux-{}/a.glibc.node", cpu());
    let shared = ["fetched download", "gyp source"].map(str::to_owned);
    let expected = [
        &shared[..],
        &["native prebuilt @native/linux-glibc".into(), "own script".into()],
        &[format!("prebuilds prebuilt {file}"), "silent prebuilt @silent/gnu".into()],
    ];
    assert_eq!(said(glibc), expected.concat());
    let expected = ["native prebuilt @native/linux-musl", "own script", "prebuilds source", "silent nothing"];
    assert_eq!(said(musl), [&shared[..], &expected.map(str::to_owned)].concat());
    let native = &glibc.packages[2];
    assert_eq!(
        (&native.installs[..], &native.libraries[..]),
        (&["@native/linux-glibc".into()][..], &["libstdc++.so.6".into()][..])
    );
    let url = musl.packages[0].url.as_deref().expect("an address");
    assert!(url.ends_with(&format!("/v1.0.0/fetched-v1.0.0-node-v115-linuxmusl-{}.tar.gz", cpu())), "{url}");
    assert!(
        musl.packages[0].tools.iter().all(|tool| !tool.certain)
            && musl.packages[1].tools.iter().all(|tool| tool.certain)
    );
    assert!(musl.packages[4].because.contains("it was linked with glibc"), "{}", musl.packages[4].because);
    assert!(musl.packages[5].because.contains("@silent/gnu: addon.node does not load"), "{}", musl.packages[5].because);
    assert_eq!((musl.totals.source, musl.totals.prebuilt, told.resolver.as_str()), (2, 1, "the lock"));
    let table = ask(None, &index, folder.path(), &["--npm", "package-lock.json"]);
    let table = String::from_utf8_lossy(&table.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "nobody asked whether it is there",
        "own 1.0.0: its install script is its own: node install.js",
        "Takes Python 3, make, C++ compiler",
    ] {
        assert!(table.contains(words), "no `{words}` in {table}");
    }
}

#[test]
fn npm_itself_installs_the_same_packages() {
    let Some(npm) = npm() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let project = folder.path().join("project");
    fs::create_dir(&project).expect("a folder");
    let manifest = json!({"name": "x", "dependencies": {"native": "1", "silent": "1", "watch": "1", "prebuilds": "1"}, "devDependencies": {"gyp": "1"}});
    fs::write(project.join("package.json"), manifest.to_string()).expect("written");
    let told = answer(&ask(Some(&npm), &index, folder.path(), &["--npm", "project/package.json", "--json"]), 0);
    assert!(!project.join("package-lock.json").exists(), "the project stays as it is");
    for image in &told.node {
        let mut ours: Vec<_> = image.packages.iter().flat_map(|package| package.installs.clone()).collect();
        ours.sort();
        let mut command = Command::new(&npm);
        command
            .args(["install", "--dry-run", "--ignore-scripts", "--os=linux"])
            .arg(format!("--libc={}", image.family));
        command
            .arg(format!("--cpu={}", image.cpu))
            .env("npm_config_registry", &index)
            .env("npm_config_cache", folder.path().join("cache"));
        let out = command.current_dir(&project).output().expect("npm starts");
        let text = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
        let added = text.lines().filter_map(|line| line.strip_prefix("add ")?.split(' ').next());
        let mut theirs: Vec<_> = added.filter(|name| name.starts_with('@')).map(str::to_owned).collect();
        theirs.sort();
        assert_eq!(ours, theirs, "{}", image.image);
        assert!(image.packages.iter().any(|package| package.name == "gyp" && package.dev));
    }
    let less = answer(&ask(Some(&npm), &index, folder.path(), &["--npm", "project", "--omit-dev", "--json"]), 0);
    assert!(less.node[0].packages.iter().all(|package| package.name != "gyp"));
}

#[test]
fn what_is_wrong_is_said_and_the_rest_is_answered() {
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("package-lock.json", "{");
    write("old.json", r#"{"lockfileVersion": 1, "dependencies": {}}"#);
    write("package.json", r#"{"dependencies": {"native": "file:../x"}}"#);
    let npm = npm();
    let mut wrong = vec![
        (&["--npm", "package-lock.json"][..], 2, "package-lock.json cannot be used: it is no package-lock.json"),
        (&["--npm", "old.json"], 2, "it is of version 1"),
        (&["--npm", "nowhere.json"], 2, "there is no file nowhere.json"),
        (&["--npm", "pnpm-lock.yaml"], 2, "pnpm-lock.yaml is not read"),
        (&["--npm", "native", "pandas"], 2, "cannot be used with"),
    ];
    if npm.is_some() {
        wrong.extend([
            (&["--npm", "no-such-thing"][..], 2, "no-such-thing"),
            (&["--npm", "native@9"], 2, "No matching version found for native@9"),
            (&["--npm", "package.json"], 2, "native is \"file:../x\", a folder of the project"),
            (&["--npm", "git+ssh://host/x"], 2, "is none of them"),
        ]);
    } else {
        wrong.push((&["--npm", "native"], 3, "there is no npm"));
    }
    for (arguments, code, words) in wrong {
        let output = ask(npm.as_deref(), &index, folder.path(), arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(words) && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
    let Some(npm) = npm else { return };
    let some = ["--npm", "no-such-thing", "--npm", "native", "--npm", "watch", "--json"];
    let told = answer(&ask(Some(&npm), &index, folder.path(), &some), 2);
    assert_eq!(told.failed.iter().map(|failed| failed.name.as_str()).collect::<Vec<_>>(), ["no-such-thing"]);
    assert_eq!(said(&told.node[0]), ["native prebuilt @native/linux-glibc"]);
    let conflict = ["--npm", "host@2.0.0", "--npm", "guest", "--npm", "gyp", "--json"];
    let told = answer(&ask(Some(&npm), &index, folder.path(), &conflict), 0);
    assert!(told.notes[0].contains("cannot install all of this together"), "{:?}", told.notes);
    assert_eq!(said(&told.node[1]), ["gyp source"]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let output = ask(Some(&npm), &format!("http://{closed}"), folder.path(), &["--npm", "native"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("the index did not answer"), "{error}");
    assert_eq!(told.node[0].packages.iter().filter(|package| package.verdict == Verdict::Unknown).count(), 0);
    let mut silence = ask_of(Some(&npm), &silent().0, folder.path(), &["--npm", "native", "--npm", "watch"]);
    let output = silence.env("npm_config_fetch_timeout", "1000").output().expect("libcdiff starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("the index did not answer") && error.contains("timeout"), "{error}");
}
