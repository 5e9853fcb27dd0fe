//! Tokens, as Docker's own registry and most public ones ask for them: a scripted server, since a real token server needs the
//! network.

use std::sync::{Arc, OnceLock};

use crate::{
    pack::{Saved, gzip, small_root},
    place::Place,
    scripted::{Reply, Request, Scripted, Site},
};

/// A registry whose tokens are good for `uses` requests, and whose token server answers as told.
fn guarded(uses: usize, token: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Scripted {
    let site = Site::new(&Saved::new(vec![small_root().end()], gzip));
    let (host, used) = (Arc::new(OnceLock::<String>::new()), std::sync::Mutex::new((0, 0)));
    let known = host.clone();
    let server = Scripted::start(move |request, _| {
        if request.path.starts_with("/token") {
            let reply = token(request);
            let mut used = used.lock().expect("not poisoned");
            *used = (used.0 + 1, 0);
            return match reply.status {
                200 => Reply::new(200, format!(r#"{{"token":"t{}"}}"#, used.0)),
                _ => reply,
            };
        }
        let mut used = used.lock().expect("not poisoned");
        let good = request.header("authorization") == Some(&format!("Bearer t{}", used.0)) && used.1 < uses;
        used.1 += 1;
        let realm = format!(
            r#"Bearer realm="http://{}/token",service="the registry",scope="repository:image:pull""#,
            known.wait()
        );
        match good {
            true => site.answer(request),
            false => Reply::new(401, "").with("www-authenticate", realm),
        }
    });
    host.set(server.host.clone()).expect("is set once");
    server
}

#[test]
fn a_token_for_nobody_is_asked_for_once_and_used_for_everything() {
    let server = guarded(usize::MAX, |_| Reply::new(200, ""));
    let place = Place::new();
    place.resolve(&format!("{}/image:1", server.host)).expect("resolves");
    let tokens: Vec<_> = server.asked("").into_iter().filter(|r| r.path.starts_with("/token")).collect();
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0].path.contains("service=the%20registry") || tokens[0].path.contains("service=the+registry"));
    assert!(tokens[0].path.contains("scope=repository"), "{}", tokens[0].path);
    assert_eq!(tokens[0].header("authorization"), None);
}

#[test]
fn a_token_that_runs_out_is_renewed() {
    let server = guarded(1, |_| Reply::new(200, ""));
    Place::new().resolve(&format!("{}/image:1", server.host)).expect("resolves, one token a request");
}

#[test]
fn credentials_go_to_the_token_server() {
    // user:secret
    let basic = "Basic dXNlcjpzZWNyZXQ=";
    let server = guarded(usize::MAX, move |request| match request.header("authorization") == Some(basic) {
        true => Reply::new(200, ""),
        false => Reply::new(401, ""),
    });
    let place = Place::new();
    let name = format!("{}/image:1", server.host);
    let error = place.resolve(&name).expect_err("is private");
    assert!(error.is_request() && error.to_string().contains("refuses access"), "{error}");
    place.put("auth.json", format!(r#"{{"auths":{{"{}":{{"auth":"dXNlcjpzZWNyZXQ="}}}}}}"#, server.host).as_bytes());
    place.resolve(&name).expect("is let in");
    let to_the_registry = server.asked("manifests/1");
    assert!(
        to_the_registry.iter().all(|r| r.header("authorization") != Some(basic)),
        "the password goes to nobody else"
    );
}

#[test]
fn an_identity_token_is_exchanged() {
    let server = guarded(usize::MAX, |request| {
        let form = request.header("(body)").unwrap_or_default();
        match form.contains("grant_type=refresh_token") && form.contains("refresh_token=identity") {
            true => Reply::new(200, ""),
            false => Reply::new(401, ""),
        }
    });
    let place = Place::new();
    place.put("auth.json", format!(r#"{{"auths":{{"{}":{{"identitytoken":"identity"}}}}}}"#, server.host).as_bytes());
    place.resolve(&format!("{}/image:1", server.host)).expect("is let in");
}
