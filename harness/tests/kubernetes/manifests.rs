//! What is sent to an API server: held against the types that are generated from the published API, and read by kubectl.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ConfigMap;
use libcdiff::kubernetes::manifest::Object;
use libcdiff::kubernetes::{Options, objects, yaml};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::server::{Fate, Server};
use crate::stage::{kubectl, options, wanted};

fn all(options: &Options) -> Vec<Object> {
    let objects = objects("abc", &[wanted(&["time.strptime.*"])], None, options).expect("objects");
    objects
        .into_iter()
        .flat_map(|one| {
            let plan = one.plan.into_iter().map(Object::ConfigMap);
            plan.chain([Object::Job(Box::new(one.job))]).collect::<Vec<_>>()
        })
        .collect()
}

fn variants() -> Vec<Options> {
    let selector = [("disktype".to_owned(), "ssd".to_owned())].into();
    vec![
        options(),
        Options {
            image_volume: true,
            shards: 4,
            namespace: Some("checks".into()),
            node_selector: selector,
            pull_secrets: vec!["hub".into()],
            ..options()
        },
    ]
}

/// A field that the API does not know is lost on this way, and one of another type does not get through.
#[track_caller]
fn keeps<T: DeserializeOwned + Serialize>(value: &Value) {
    let known: T = serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value:#}"));
    assert_eq!(serde_json::to_value(known).expect("JSON"), *value);
}

#[test]
fn every_field_is_one_of_the_published_api() {
    for options in variants() {
        for object in all(&options) {
            let value = serde_json::to_value(&object).expect("JSON");
            match object {
                Object::Job(_) => keeps::<Job>(&value),
                Object::ConfigMap(_) => keeps::<ConfigMap>(&value),
            }
        }
    }
}

#[test]
fn pods_are_what_the_restricted_standard_allows() {
    for options in variants() {
        for object in all(&options) {
            let Object::Job(job) = object else { continue };
            let spec = serde_json::to_value(&job.spec.template.spec).expect("JSON");
            assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
            assert_ne!(spec["securityContext"]["runAsUser"], 0);
            assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
            for name in ["hostNetwork", "hostPID", "hostIPC", "serviceAccountName"] {
                assert_eq!(spec[name], Value::Null, "{name}");
            }
            assert_eq!(spec["automountServiceAccountToken"], false);
            let containers =
                ["initContainers", "containers"].map(|of| spec[of].as_array().cloned().unwrap_or_default());
            for container in containers.iter().flatten() {
                let security = &container["securityContext"];
                assert_eq!(security["allowPrivilegeEscalation"], false);
                assert_eq!(security["capabilities"], serde_json::json!({"drop": ["ALL"]}));
            }
            let allowed = ["emptyDir", "image", "projected"];
            for volume in spec["volumes"].as_array().expect("volumes") {
                let kind = volume.as_object().expect("a volume").keys().find(|name| *name != "name").expect("a source");
                assert!(allowed.contains(&kind.as_str()), "{kind}");
            }
        }
    }
}

#[test]
fn kubectl_reads_the_yaml_as_what_it_was_made_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(|_: &crate::server::Pod<'_>| Fate::given(Value::Null, None));
    server.configure(&folder.path().join("config"));
    let Some(kubectl) = kubectl(folder.path()) else { return };
    for options in variants() {
        let objects = all(&options);
        let text = yaml::documents(&objects).expect("JSON");
        let arguments = ["create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-"];
        let read = kubectl.call(&arguments, Some(text.as_bytes())).unwrap_or_else(|e| panic!("{e}"));
        let read: Vec<Value> =
            serde_json::Deserializer::from_slice(&read).into_iter().map(|v| v.expect("JSON")).collect();
        // A list, or one after the other: that is as the version likes.
        let read = match &read[..] {
            [list] if list["kind"] == "List" => list["items"].as_array().cloned().expect("items"),
            _ => read,
        };
        for (object, mut found) in objects.iter().zip(read) {
            if options.namespace.is_none() {
                found["metadata"].as_object_mut().expect("metadata").remove("namespace");
            }
            assert_eq!(serde_json::to_value(object).expect("JSON"), found);
        }
    }
}

#[test]
fn a_plan_that_is_large_goes_into_several_maps_and_all_cases_into_one() {
    let objects = objects("abc", &[wanted(&["*"])], None, &options()).expect("objects");
    let bytes: Vec<usize> = objects[0].plan.iter().map(|map| map.binary_data.values().map(String::len).sum()).collect();
    assert!(bytes.len() == 1 && bytes[0] < 180_000, "{bytes:?}");
}

#[test]
fn doctor_says_whether_a_cluster_lets_jobs_be_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = |allowed: bool| {
        move |request: &crate::server::Request, _: usize| {
            let review = serde_json::json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                "spec": {}, "status": {"allowed": allowed}});
            request.path.ends_with("selfsubjectaccessreviews").then(|| (201, review.to_string()))
        }
    };
    let Some(kubectl) = kubectl(folder.path()) else { return };
    let check = |allowed| {
        let server = Server::start_with(|_: &crate::server::Pod<'_>| Fate::given(Value::Null, None), gate(allowed));
        server.configure(&folder.path().join("config"));
        libcdiff::kubernetes::doctor::check_by(&kubectl)
    };
    assert!(check(true).is_ok_and(|text| text.contains("context test lets Jobs be made")));
    assert!(check(false).is_err_and(|text| text.contains("does not let you create jobs.batch")));
}
