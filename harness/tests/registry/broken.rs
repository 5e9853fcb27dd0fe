//! What goes wrong on the way: corrupt and cut-off blobs, rate limits, slow and wrong answers.

use std::time::Duration;

use libcdiff::image::Digest;

use crate::{
    pack::{Saved, gzip, small_root},
    place::Place,
    scripted::{Reply, Scripted, Site},
};

/// An image whose one layer does not compress, so that it is longer than what sockets hold.
fn saved() -> Saved {
    let mut noise = Vec::new();
    let mut block = Digest::of(b"noise");
    while noise.len() < 400 << 10 {
        block = Digest::of(block.to_string().as_bytes());
        noise.extend(block.hex().bytes().step_by(2));
        noise.extend(block.to_string().bytes().rev());
    }
    Saved::new(vec![small_root().bytes("noise", 0o644, &noise).end()], gzip)
}

fn layer(saved: &Saved) -> String {
    Digest::of(&saved.layers[0].0).to_string()
}

#[test]
fn a_cut_connection_is_gone_on_with_where_it_broke() {
    let saved = saved();
    let (site, layer, length) = (Site::new(&saved), layer(&saved), saved.layers[0].0.len());
    let ending = layer.clone();
    let server = Scripted::start(move |request, before| {
        let reply = site.answer(request);
        match request.path.ends_with(&ending) && before < 3 {
            true => Reply { cut: Some(reply.body.len() / 2), ..reply },
            false => reply,
        }
    });
    let place = Place::new();
    let image = place.resolve(&format!("{}/image:1", server.host)).expect("resolves");
    assert_eq!(image.digest, Some(saved.id()));
    let ranges: Vec<_> = server.asked(&layer).iter().map(|r| r.header("range").map(str::to_owned)).collect();
    let half = |n: usize| length - (0..n).fold(length, |left, _| left - left / 2);
    assert_eq!(ranges.len(), 4, "{ranges:?}");
    assert_eq!(ranges[0], None);
    assert_eq!(ranges[1].as_deref(), Some(&*format!("bytes={}-", half(1))));
    assert_eq!(ranges[3].as_deref(), Some(&*format!("bytes={}-", half(3))));
}

#[test]
fn a_server_that_knows_no_ranges_is_read_from_the_start() {
    let saved = saved();
    let (site, ending) = (Site::new(&saved), layer(&saved));
    let server = Scripted::start(move |request, before| {
        let mut request = request.clone();
        request.headers.remove("range");
        let reply = site.answer(&request);
        match request.path.ends_with(&ending) && before < 2 {
            true => Reply { cut: Some(reply.body.len() / 2), ..reply },
            false => reply,
        }
    });
    let image = Place::new().resolve(&format!("{}/image:1", server.host)).expect("resolves");
    assert_eq!(image.digest, Some(saved.id()));
}

#[test]
fn a_connection_that_always_breaks_is_given_up_and_what_came_is_kept() {
    let saved = saved();
    let (site, ending, half) = (Site::new(&saved), layer(&saved), saved.layers[0].0.len() / 2);
    let server = Scripted::start(move |request, before| {
        let reply = site.answer(request);
        match request.path.ends_with(&ending) && before < 6 {
            true if before == 0 => Reply { cut: Some(half), ..reply },
            true => Reply { cut: Some(0), ..reply },
            false => reply,
        }
    });
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    let error = place.resolve(&name).expect_err("it never comes");
    let words = format!("sent {half} of {} bytes", saved.layers[0].0.len());
    assert!(!error.is_request() && error.to_string().contains(&words), "{error}");
    assert!(place.images().is_empty(), "nothing half made: {:?}", place.images());
    assert!(place.blobs().iter().any(|name| name.ends_with(".part")), "{:?}", place.blobs());
    place.resolve(&name).expect("goes on from there");
    let last = server.asked(&layer(&saved)).pop().and_then(|r| r.header("range").map(str::to_owned));
    assert_eq!(last, Some(format!("bytes={half}-")));
    assert!(place.blobs().iter().all(|name| !name.ends_with(".part")));
}

#[test]
fn a_corrupt_blob_is_refused_and_not_kept() {
    let saved = saved();
    let (site, ending) = (Site::new(&saved), layer(&saved));
    let server = Scripted::start(move |request, _| {
        let mut reply = site.answer(request);
        if request.path.ends_with(&ending) {
            let middle = reply.body.len() / 2;
            reply.body[middle] ^= 1;
        }
        reply
    });
    let place = Place::new();
    let error = place.resolve(&format!("{}/image:1", server.host)).expect_err("is corrupt").to_string();
    assert!(error.contains(" instead of sha256:") && error.contains(&layer(&saved)), "{error}");
    assert!(place.images().is_empty());
    assert_eq!(place.blobs().len(), 2, "manifest and configuration: {:?}", place.blobs());
}

#[test]
fn documents_are_checked_too() {
    let saved = saved();
    let site = Site::new(&saved);
    let config = saved.id();
    let server = Scripted::start(move |request, _| {
        let mut reply = site.answer(request);
        if request.path.ends_with(&config) {
            reply.body[0] = b' ';
        }
        reply
    });
    let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err("is corrupt").to_string();
    assert!(error.contains(&format!("instead of {}", saved.id())), "{error}");
    let site = Site::new(&saved);
    let server = Scripted::start(move |request, _| {
        let mut reply = site.answer(request);
        reply.headers = vec![("docker-content-digest".into(), Digest::of(b"another").to_string())];
        reply
    });
    let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err("is another").to_string();
    assert!(error.contains(&format!("instead of {}", Digest::of(b"another"))), "{error}");
}

#[test]
fn more_than_was_promised_is_refused() {
    let saved = saved();
    let (site, ending) = (Site::new(&saved), layer(&saved));
    let server = Scripted::start(move |request, _| {
        let mut reply = site.answer(request);
        if request.path.ends_with(&ending) {
            reply.body.extend([0; 10]);
        }
        reply
    });
    let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err("is too long").to_string();
    assert!(error.contains("sends more of"), "{error}");
    let server = Scripted::start(|_, _| Reply::new(200, vec![b' '; 5 << 20]));
    let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err("is too long").to_string();
    assert!(error.contains("more than 4194304 bytes for manifest 1"), "{error}");
}

#[test]
fn a_rate_limit_is_waited_for_where_that_is_short() {
    let site = Site::new(&saved());
    let server = Scripted::start(move |request, before| match before {
        0 => Reply::new(429, "").with("retry-after", "0"),
        1 => Reply::new(503, ""),
        _ => site.answer(request),
    });
    let place = Place::new();
    place.resolve(&format!("{}/image:1", server.host)).expect("resolves");
    let told = place.told();
    assert!(
        told.iter().any(|t| t.contains("allows no more requests")) && told.iter().any(|t| t.contains("503")),
        "{told:?}"
    );
    let server = Scripted::start(|_, _| Reply::new(429, "").with("retry-after", "3600"));
    let error = place.resolve(&format!("{}/image:1", server.host)).expect_err("nobody waits for an hour");
    assert!(!error.is_request() && error.to_string().contains("come back in 3600 s"), "{error}");
    assert_eq!(server.asked("manifests/1").len(), 1);
}

#[test]
fn errors_that_stay_end_after_a_bounded_number_of_tries() {
    let server = Scripted::start(|_, _| Reply::new(500, ""));
    let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err("it never works");
    assert!(!error.is_request() && error.to_string().contains("answers 500 when asked for manifest 1"), "{error}");
    assert_eq!(server.asked("manifests/1").len(), 5);
}

#[test]
fn a_silent_server_is_not_waited_for_for_ever() {
    let server = Scripted::start(|_, _| {
        std::thread::park();
        Reply::new(200, "")
    });
    let mut place = Place::new();
    (place.access.patience.silence, place.access.patience.tries) = (Duration::from_millis(100), 2);
    let error = place.resolve(&format!("{}/image:1", server.host)).expect_err("it says nothing").to_string();
    assert!(error.contains("was silent"), "{error}");
}

#[test]
fn what_is_no_image_is_told() {
    for (text, words) in [
        ("not json", "is not what it should be"),
        (r#"{"manifests":[]}"#, "lists no images"),
        (r#"{"schemaVersion":1,"name":"x","fsLayers":[]}"#, "not a container image"),
        (
            r#"{"manifests":[{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":3,
                "platform":{"os":"linux","architecture":"s390x"}}]}"#,
            "the image is for s390x",
        ),
    ] {
        let server = Scripted::start(move |_, _| Reply::new(200, text));
        let error = Place::new().resolve(&format!("{}/image:1", server.host)).expect_err(text).to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn the_platform_that_is_asked_for_is_taken_from_an_index() {
    let saved = saved();
    let site = Site::new(&saved);
    let entry = |variant: &str, digest: Digest, size: usize| {
        format!(
            r#"{{"digest":"{digest}","size":{size},"platform":{{"os":"linux","architecture":"amd64","variant":"{variant}"}}}}"#
        )
    };
    let real = entry("v3", Digest::of(&site.manifest), site.manifest.len());
    let index = format!(r#"{{"manifests":[{},{real}]}}"#, entry("", Digest::of(b"absent"), 3));
    let server = Scripted::start(move |request, _| match request.path.ends_with("/manifests/1") {
        true => Reply::new(200, index.clone()),
        false => site.answer(request),
    });
    let name = format!("{}/image:1", server.host);
    let mut place = Place::new();
    assert!(place.resolve(&name).is_err(), "the plainest is taken, and absent");
    place.access.platform = "linux/amd64/v3".parse().expect("a platform");
    assert_eq!(place.resolve(&name).expect("resolves").digest, Some(saved.id()));
    place.access.platform = "linux/arm64".parse().expect("a platform");
    let error = place.resolve(&name).expect_err("there is none").to_string();
    assert!(error.contains("and not for linux/arm64"), "{error}");
}
