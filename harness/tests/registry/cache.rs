//! The cache under pulls: what is held is not fetched again, several processes share it, a killed one leaves it valid, and it
//! can be tidied.

use std::{
    collections::HashSet,
    fs,
    process::Stdio,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use libcdiff::image::{Catalog, Digest, Pull, Reference};

use crate::{
    pack::{Saved, Tar, gzip, small_root},
    place::{Place, read},
    scripted::{Reply, Scripted, Site},
};

fn image(top: &str) -> Saved {
    Saved::new(vec![small_root().end(), Tar::new().file("top", top).end()], gzip)
}

#[test]
fn a_layer_that_is_held_is_not_fetched_again() {
    let (one, two) = (image("one"), image("two"));
    let sites = [Site::new(&one), Site::new(&two)];
    let server = Scripted::start(move |request, _| sites[usize::from(request.path.contains("/two/"))].answer(request));
    let place = Place::new().pulling(Pull::Always);
    for name in ["one", "two", "one"] {
        place.resolve(&format!("{}/{name}:1", server.host)).expect("resolves");
    }
    let shared = Digest::of(&one.layers[0].0).to_string();
    assert_eq!(server.asked(&shared).len(), 1);
    assert_eq!(server.asked(&one.id()).len(), 1);
    assert_eq!(server.asked("manifests/1").len(), 3);
}

#[test]
fn images_of_one_request_come_side_by_side_and_a_layer_of_both_once() {
    let (one, two) = (image("one"), image("two"));
    let sites = [Site::new(&one), Site::new(&two)];
    let asked = (Mutex::new(HashSet::new()), Condvar::new());
    let server = Scripted::start(move |request, _| {
        let which = usize::from(request.path.contains("/two/"));
        if request.path.contains("manifests/1") {
            // Neither is answered before both have been asked for.
            let mut seen = asked.0.lock().expect("not poisoned");
            seen.insert(which);
            asked.1.notify_all();
            let patience = Duration::from_secs(20);
            let waited = asked.1.wait_timeout_while(seen, patience, |seen| seen.len() < 2).expect("not poisoned");
            assert!(!waited.1.timed_out(), "one after another");
        }
        sites[which].answer(request)
    });
    let place = Place::new().pulling(Pull::Always);
    // What a killed process left goes, whatever is asked for.
    fs::create_dir_all(place.path("cache/images/.new-dead/rootfs")).expect("made");
    let names = ["one", "two", "one"].map(|name| format!("{}/{name}:1", server.host));
    let references = names.map(|name| Reference::parse(&name).expect("parses"));
    let images = place.store().resolve_all(&references, &Catalog::parse("").expect("parses"));
    let digests: Vec<_> = images.into_iter().map(|image| image.expect("resolves").digest).collect();
    assert_eq!(digests, [Some(one.id()), Some(two.id()), Some(one.id())]);
    assert_eq!(server.asked(&Digest::of(&one.layers[0].0).to_string()).len(), 1, "the layer of both");
    assert_eq!(place.images().iter().filter(|name| name.starts_with(".new-")).count(), 0);
}

#[test]
fn a_blob_that_was_damaged_on_disk_is_fetched_anew() {
    let saved = image("x");
    let site = Site::new(&saved);
    let server = Scripted::start(move |request, _| site.answer(request));
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    place.resolve(&name).expect("resolves");
    fs::remove_dir_all(place.path("cache/images")).expect("removed");
    let path = place.path("cache/blobs/sha256").join(Digest::of(&saved.layers[1].0).hex());
    let length = fs::metadata(&path).expect("is there").len();
    fs::write(&path, vec![0; usize::try_from(length).expect("fits")]).expect("damaged");
    assert_eq!(place.resolve(&name).expect("resolves").digest, Some(saved.id()));
    fs::remove_dir_all(place.path("cache/images")).expect("removed");
    fs::write(&path, "short").expect("damaged");
    assert_eq!(place.resolve(&name).expect("resolves").digest, Some(saved.id()));
}

#[test]
fn several_processes_at_once_share_one_download() {
    let saved = image("x");
    let (site, layer) = (Site::new(&saved), Digest::of(&saved.layers[0].0).to_string());
    let server = Scripted::start(move |request, _| site.answer(request));
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut program = place.program(&["image", "pull", &name]);
            program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("libcdiff starts")
        })
        .collect();
    for child in children {
        let (code, out, err) = read(&child.wait_with_output().expect("ends"));
        assert!(code == Some(0) && out.contains("/image@sha256:"), "{err}");
    }
    assert_eq!(server.asked(&layer).len(), 1);
    assert_eq!(place.images().len(), 1, "{:?}", place.images());
    assert_eq!(place.blobs().len(), 4, "{:?}", place.blobs());
}

/// Something that is waited for.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn open(&self) {
        *self.0.lock().expect("not poisoned") = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().expect("not poisoned"), |open| !*open).expect("not poisoned"));
    }
}

#[test]
fn a_killed_pull_leaves_the_cache_valid_and_is_gone_on_with() {
    let saved = image("x");
    let (site, ending) = (Site::new(&saved), Digest::of(&saved.layers[1].0).to_string());
    let (reached, layer) = (Arc::new(Gate::default()), ending.clone());
    let reaches = reached.clone();
    let server = Scripted::start(move |request, before| {
        if request.path.ends_with(&ending) && before == 0 {
            reaches.open();
            std::thread::park();
        }
        site.answer(request)
    });
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    let mut child = place.program(&["image", "pull", &name]).stderr(Stdio::null()).spawn().expect("libcdiff starts");
    reached.wait();
    child.kill().expect("is killed");
    child.wait().expect("ends");
    assert!(place.images().iter().all(|name| !name.starts_with("sha256-")), "{:?}", place.images());
    assert_eq!(place.run(&["image", "list"]), (Some(0), String::new(), String::new()));
    assert_eq!(place.resolve(&name).expect("resolves").digest, Some(saved.id()));
    assert_eq!(server.asked(&layer).len(), 2);
    assert!(place.images().iter().all(|name| !name.starts_with(".new-")), "{:?}", place.images());
}

#[test]
fn what_nothing_leads_to_is_removed_and_what_is_used_stays() {
    let (old, new) = (image("old"), image("new"));
    let sites = [Site::new(&old), Site::new(&new)];
    let moved = Arc::new(Mutex::new(0));
    let at = moved.clone();
    let server = Scripted::start(move |request, _| {
        let replies = [sites[0].answer(request), sites[1].answer(request)];
        let [first, second] = replies;
        let tag = request.path.ends_with("/manifests/1");
        let second_is_meant = if tag { *at.lock().expect("not poisoned") == 1 } else { first.status == 404 };
        if second_is_meant { second } else { first }
    });
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    assert_eq!(place.run(&["image", "pull", &name]).0, Some(0));
    let archive = place.put("kept.tar", &small_root().file("of", "an archive").end());
    assert_eq!(place.run(&["image", "prune"]).1, "removed 0 images and 0 MiB of blobs\n");
    *moved.lock().expect("not poisoned") = 1;
    assert_eq!(place.run(&["image", "pull", &name, &archive]).0, Some(0));
    let (_, list, _) = place.run(&["image", "list"]);
    assert!(list.contains(&name) && list.contains("(from an archive)"), "{list}");
    // This process uses the archive's image, which nothing leads to once the archive is gone.
    let used = place.resolve(&archive).expect("resolves");
    fs::remove_file(&archive).expect("removed");
    let (code, out, err) = place.run(&["image", "prune"]);
    assert!(code == Some(0) && out.contains("removed 1 images") && out.contains("1 stay, being in use"), "{out}{err}");
    assert!(used.root.is_dir());
    assert_eq!(place.blobs().len(), 4, "those of the new one: {:?}", place.blobs());
    drop(used);
    let (_, out, _) = place.run(&["image", "prune", "--json"]);
    assert!(out.contains("\"in_use\": []") && !out.contains("\"removed\": []"), "{out}");
    let held = place.resolve(&name).expect("is still held");
    assert_eq!(held.digest, Some(new.id()));
    drop(held);
    assert!(place.run(&["image", "prune", "--all"]).1.starts_with("removed 1 images"));
    assert!(place.images().iter().all(|name| name == "known-files") && place.blobs().is_empty());
    let (code, _, err) = place.run(&["image", "inspect", "--pull", "never", &name]);
    assert!(code == Some(2) && err.contains("--pull never forbids"), "{err}");
}

#[test]
fn a_proxy_is_asked_and_the_machine_itself_reached_without() {
    let site = Site::new(&image("x"));
    let server = Scripted::start(move |request, _| site.answer(request));
    let place = Place::new();
    let proxy = Scripted::start(|_, _| Reply::new(502, ""));
    let by = format!("http://{}", proxy.host);
    let (code, _, err) = place.run(&["image", "pull", &format!("{}/image:1", server.host), "--proxy", &by]);
    assert_eq!(code, Some(0), "{err}");
    let mut program = place.program(&["image", "pull", "registry.invalid/image:1"]);
    let (code, _, err) = read(&program.env("HTTPS_PROXY", &by).output().expect("starts"));
    assert!(code == Some(3) && err.contains("proxy"), "{err}");
    assert_eq!(proxy.asked("registry.invalid:443").len(), 1);
    // One that is down is not taken for the registry.
    let mut program = place.program(&["image", "pull", "registry.invalid/image:1", "--proxy", "http://127.0.0.1:1"]);
    let (code, _, err) = read(&program.output().expect("starts"));
    assert!(code == Some(3) && err.contains("look at the port, and at --proxy"), "{err}");
}
