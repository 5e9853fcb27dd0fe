//! Who asks, and who answers: a real registry with a password, every way in which credentials are kept, and certificates.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    pack::{Saved, gzip, small_root},
    place::{Place, read},
    scripted::{Reply, Scripted, Site},
    server::Registry,
};

fn filled() -> Option<(Registry, Place, String)> {
    let registry = Registry::closed()?;
    let place = Place::new();
    let archive = place.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_old("null"));
    registry.push(&format!("docker-archive:{archive}"), "image:1", &["--dest-creds=user:secret"]);
    let name = format!("{}/image:1", registry.host);
    Some((registry, place, name))
}

#[test]
fn what_a_login_wrote_lets_in() {
    let Some((registry, place, name)) = filled() else { return };
    let error = place.resolve(&name).expect_err("nobody is logged in");
    assert!(error.is_request() && error.to_string().contains("refuses access: log in"), "{error}");
    registry.log_in(&place.path("auth.json"));
    assert_eq!(place.resolve(&name).expect("is let in").libcs.len(), 1);
}

#[test]
fn wrong_credentials_are_named_and_never_shown() {
    let Some((registry, place, name)) = filled() else { return };
    // other:secret
    place.put("auth.json", format!(r#"{{"auths":{{"{}":{{"auth":"b3RoZXI6c2VjcmV0"}}}}}}"#, registry.host).as_bytes());
    let error = place.resolve(&name).expect_err("is not let in");
    assert!(error.is_request() && error.to_string().contains("refuses access to other: these credentials"), "{error}");
    assert!(!error.to_string().contains("secret"));
    assert!(place.blobs().is_empty());
}

#[test]
fn the_files_of_docker_and_podman_and_their_helpers() {
    let Some((registry, place, name)) = filled() else { return };
    let host = &registry.host;
    let helper = place.put(
        "docker-credential-test",
        b"#!/bin/sh\nread server\necho \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"user\\\",\\\"Secret\\\":\\\"secret\\\"}\"\n",
    );
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("set");
    let path = format!("{}:{}", place.path("").display(), std::env::var("PATH").unwrap_or_default());
    // user:secret
    let login = format!(r#"{{"auths":{{"{host}":{{"auth":"dXNlcjpzZWNyZXQ="}}}}}}"#);
    for (variable, folder, file, text) in [
        ("DOCKER_CONFIG", "docker", "config.json", format!(r#"{{"credHelpers":{{"{host}":"test"}}}}"#)),
        ("DOCKER_CONFIG", "docker", "config.json", r#"{"credsStore":"test"}"#.to_owned()),
        ("DOCKER_CONFIG", "docker", "config.json", login.clone()),
        ("XDG_RUNTIME_DIR", "runtime", "containers/auth.json", login.clone()),
        ("XDG_CONFIG_HOME", "config", "containers/auth.json", login.clone()),
        ("REGISTRY_AUTH_FILE", "only.json", "", login),
    ] {
        let mut at = place.path(folder);
        let variable_value = at.clone();
        if !file.is_empty() {
            at = at.join(file);
        }
        fs::create_dir_all(at.parent().expect("is below")).expect("made");
        fs::write(&at, &text).expect("written");
        let mut program = place.program(&["image", "pull", &name]);
        let (code, _, err) = read(&program.env(variable, variable_value).env("PATH", &path).output().expect("starts"));
        assert_eq!(code, Some(0), "{variable} {text}: {err}");
        fs::remove_file(&at).expect("removed");
        let (code, _, err) = read(&program.output().expect("starts"));
        assert_eq!(code, Some(2), "{variable} {text}: {err}");
    }
}

#[test]
fn a_helper_that_fails_says_which_file_names_it() {
    let Some((registry, place, name)) = filled() else { return };
    place.put("auth.json", format!(r#"{{"credHelpers":{{"{}":"no-such-helper"}}}}"#, registry.host).as_bytes());
    let error = place.resolve(&name).expect_err("has no credentials").to_string();
    assert!(error.contains("auth.json") && error.contains("helper") && error.contains("cannot be run"), "{error}");
}

#[test]
fn a_certificate_is_trusted_only_where_it_is_said_to_be() {
    let place = Place::new();
    let Some((registry, certificate)) = Registry::encrypted(&place.path("")) else { return };
    let archive = place.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_old("null"));
    registry.push(&format!("docker-archive:{archive}"), "image:1", &[]);
    let name = format!("{}/image:1", registry.host);
    let (code, _, err) = place.run(&["image", "pull", &name]);
    assert!(code == Some(3) && err.contains("no trusted TLS") && err.contains("ca.crt"), "{err}");
    let mut program = place.program(&["image", "pull", &name]);
    let (code, _, err) = read(&program.env("SSL_CERT_FILE", &certificate).output().expect("starts"));
    assert_eq!(code, Some(0), "{err}");
    let place = Place::new();
    let folder = place.path(".config/containers/certs.d").join(&registry.host);
    fs::create_dir_all(&folder).expect("made");
    fs::copy(&certificate, folder.join("ca.crt")).expect("copied");
    let (code, _, err) = place.run(&["image", "pull", &name]);
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn credentials_do_not_follow_to_where_blobs_are_kept() {
    // user:secret
    let basic = "Basic dXNlcjpzZWNyZXQ=";
    let site = Site::new(&Saved::new(vec![small_root().end()], gzip));
    let kept = site.clone();
    let blobs = Scripted::start(move |request, _| kept.answer(request));
    // The same machine by another name.
    let elsewhere = blobs.host.replace("127.0.0.1", "localhost");
    let server = Scripted::start(move |request, _| match request.header("authorization") == Some(basic) {
        false => Reply::new(401, "").with("www-authenticate", "Basic realm=\"x\""),
        true if request.path.contains("/blobs/") => {
            Reply::new(307, "").with("location", format!("http://{elsewhere}{}", request.path))
        }
        true => site.answer(request),
    });
    let place = Place::new();
    place.put("auth.json", format!(r#"{{"auths":{{"{}":{{"auth":"dXNlcjpzZWNyZXQ="}}}}}}"#, server.host).as_bytes());
    place.resolve(&format!("{}/image:1", server.host)).expect("resolves");
    let asked = blobs.asked("");
    assert!(asked.len() >= 2 && asked.iter().all(|request| request.header("authorization").is_none()), "{asked:?}");
}
