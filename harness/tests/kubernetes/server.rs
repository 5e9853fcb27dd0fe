//! A stand-in for an API server, on loopback: keeps Jobs, ConfigMaps and pods, speaks to `kubectl` as a real one does
//! (discovery, lists without kinds, status objects), and has a kubelet, which is the test's own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a pod has come to: its container statuses and phase, and its log.
pub struct Fate {
    pub status: Value,
    pub log: Vec<u8>,
    /// The condition of the Job, where this fate decides it.
    pub job: Option<(&'static str, &'static str)>,
}

impl Fate {
    /// A container that has ended with this code.
    pub fn ended(code: i32, log: Vec<u8>) -> Self {
        let reason = if code == 0 { "Completed" } else { "Error" };
        Self {
            status: json!({
                "phase": if code == 0 { "Succeeded" } else { "Failed" },
                "containerStatuses": [{"name": "probes", "image": "", "state":
                    {"terminated": {"exitCode": code, "reason": reason}}}]}),
            log,
            job: Some(if code == 0 { ("Complete", "") } else { ("Failed", "BackoffLimitExceeded") }),
        }
    }

    /// A status that somebody else gave it.
    pub fn given(status: Value, job: Option<(&'static str, &'static str)>) -> Self {
        Self { status, log: Vec::new(), job }
    }
}

/// A pod that is to be run: its spec, its index, and a folder with what its ConfigMaps hold.
pub struct Pod<'a> {
    pub spec: &'a Value,
    pub index: u32,
    pub plan: &'a Path,
}

type Kubelet = dyn Fn(&Pod<'_>) -> Fate + Send + Sync;
/// Looks at each request first; what it returns is sent instead, as a code and a body; an empty body cuts the connection.
type Gate = dyn Fn(&Request, usize) -> Option<(u16, String)> + Send + Sync;

/// A request.
pub struct Request {
    pub method: String,
    pub path: String,
    query: BTreeMap<String, String>,
    body: Vec<u8>,
}

const NAMESPACE: &str = "checks";

#[derive(Default)]
struct State {
    objects: BTreeMap<(String, String), Value>,
    logs: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
    made: usize,
}

/// The server.
pub struct Server {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct Shared {
    state: Arc<Mutex<State>>,
    kubelet: Arc<Kubelet>,
    gate: Box<Gate>,
}

impl Server {
    /// One whose pods fare as `kubelet` says.
    pub fn start(kubelet: impl Fn(&Pod<'_>) -> Fate + Send + Sync + 'static) -> Self {
        Self::start_with(kubelet, |_, _| None)
    }

    /// One that is out of order now and then.
    pub fn start_with(
        kubelet: impl Fn(&Pod<'_>) -> Fate + Send + Sync + 'static,
        gate: impl Fn(&Request, usize) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::new(Shared { state: state.clone(), kubelet: Arc::new(kubelet), gate: Box::new(gate) });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { port, state }
    }

    /// Writes a configuration for kubectl.
    pub fn configure(&self, file: &Path) {
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": format!("http://127.0.0.1:{}", self.port)}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": NAMESPACE}}],
            "users": [{"name": "test", "user": {}}]});
        std::fs::write(file, config.to_string()).expect("written");
    }

    /// The objects that are there: resource and name.
    pub fn objects(&self) -> Vec<(String, String)> {
        self.state.lock().expect("not poisoned").objects.keys().cloned().collect()
    }

    /// What was asked, as `METHOD PATH`.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().expect("not poisoned").requests.clone()
    }
}

fn serve(stream: TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(request) = read(&mut reader)? else { return Ok(()) };
    let line = format!("{} {}", request.method, request.path);
    let before = {
        let mut state = shared.state.lock().expect("not poisoned");
        state.requests.push(line.clone());
        state.requests.iter().filter(|other| **other == line).count()
    };
    let (code, body) = (shared.gate)(&request, before).unwrap_or_else(|| answer(&request, shared));
    if body.is_empty() && code != 200 {
        return stream.shutdown(std::net::Shutdown::Both);
    }
    let kind = if request.path.ends_with("/log") { "text/plain" } else { "application/json" };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (mut length, mut header) = (0, String::new());
    while reader.read_line(&mut header)? > 2 {
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        header.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), decode(value)));
    Ok(Some(Request {
        method: method.into(),
        path: path.into(),
        query: query.split('&').filter_map(pair).collect(),
        body,
    }))
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).unwrap_or(0) as u8;
        match byte {
            b'%' => out.push(hex(bytes.next()) << 4 | hex(bytes.next())),
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A Status, as the API reports failures.
pub fn status(code: u16, reason: &str, message: &str) -> (u16, String) {
    let text = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
        "reason": reason, "code": code});
    (code, text.to_string())
}

fn answer(request: &Request, shared: &Arc<Shared>) -> (u16, String) {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let found = match parts[..] {
        ["version"] => json!({"major": "1", "minor": "35", "gitVersion": "v1.35.0"}),
        ["api"] => json!({"kind": "APIVersions", "versions": ["v1"]}),
        ["apis"] => {
            let version = json!({"groupVersion": "batch/v1", "version": "v1"});
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": "batch", "versions": [version], "preferredVersion": version}]})
        }
        ["api", "v1"] => resources("v1", &[("pods", "Pod"), ("configmaps", "ConfigMap")]),
        ["apis", "batch", "v1"] => resources("batch/v1", &[("jobs", "Job")]),
        ["api", "v1", "namespaces", _, ref rest @ ..] => return objects(request, rest, shared),
        ["apis", "batch", "v1", "namespaces", _, ref rest @ ..] => return objects(request, rest, shared),
        _ => return status(404, "NotFound", &format!("there is no {}", request.path)),
    };
    (200, found.to_string())
}

fn resources(version: &str, resources: &[(&str, &str)]) -> Value {
    let one = |(name, kind): &(&str, &str)| {
        json!({"name": name, "singularName": "", "namespaced": true, "kind": kind,
            "verbs": ["create", "delete", "get", "list", "watch", "patch"]})
    };
    let resources: Vec<_> = resources.iter().map(one).collect();
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})
}

fn objects(request: &Request, rest: &[&str], shared: &Arc<Shared>) -> (u16, String) {
    let mut state = shared.state.lock().expect("not poisoned");
    let missing = |name: &str| status(404, "NotFound", &format!("\"{name}\" not found"));
    match (request.method.as_str(), rest) {
        ("POST", [resource]) => {
            let Ok(mut object) = serde_json::from_slice::<Value>(&request.body) else {
                return status(400, "BadRequest", "that is not JSON");
            };
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let key = ((*resource).to_owned(), name.clone());
            if state.objects.contains_key(&key) {
                return status(409, "AlreadyExists", &format!("{resource} \"{name}\" already exists"));
            }
            state.made += 1;
            object["metadata"]["uid"] = format!("uid-{}", state.made).into();
            object["metadata"]["namespace"] = NAMESPACE.into();
            state.objects.insert(key, object.clone());
            if *resource == "jobs" {
                let shared = shared.clone();
                let job = object.clone();
                thread::spawn(move || control(&job, &shared));
            }
            (201, object.to_string())
        }
        ("GET", [resource]) => {
            let selector = request.query.get("labelSelector").cloned().unwrap_or_default();
            let fits = |object: &Value| {
                selector
                    .split(',')
                    .filter_map(|pair| pair.split_once('='))
                    .all(|(label, value)| object["metadata"]["labels"][label] == *value)
            };
            let items: Vec<Value> =
                state.objects.iter().filter(|((r, _), o)| r == resource && fits(o)).map(|(_, o)| bare(o)).collect();
            let (version, kind) = match *resource {
                "jobs" => ("batch/v1", "JobList"),
                "pods" => ("v1", "PodList"),
                _ => ("v1", "ConfigMapList"),
            };
            (
                200,
                json!({"apiVersion": version, "kind": kind, "metadata": {"resourceVersion": "1"}, "items": items})
                    .to_string(),
            )
        }
        ("GET", ["pods", name, "log"]) => match state.logs.get(*name) {
            Some(log) => (200, String::from_utf8_lossy(log).into_owned()),
            None => missing(name),
        },
        ("GET", [resource, name]) => match state.objects.get(&((*resource).to_owned(), (*name).to_owned())) {
            Some(object) => (200, object.to_string()),
            None => missing(name),
        },
        ("DELETE", [resource, name]) => match state.objects.remove(&((*resource).to_owned(), (*name).to_owned())) {
            Some(object) => {
                // What it owns goes with it, and so do its pods.
                let uid = object["metadata"]["uid"].clone();
                let owned = |o: &Value| {
                    o["metadata"]["ownerReferences"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|owner| owner["uid"] == uid))
                };
                state.objects.retain(|_, o| !owned(o));
                (200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}).to_string())
            }
            None => missing(name),
        },
        _ => status(405, "MethodNotAllowed", &format!("{} {}", request.method, request.path)),
    }
}

/// Items of a list have no kind of their own.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("kind");
        map.remove("apiVersion");
    }
    object
}

/// The Job controller, and the kubelets.
fn control(job: &Value, shared: &Arc<Shared>) {
    let pods = job["spec"]["completions"].as_u64().unwrap_or(1) as u32;
    let threads: Vec<_> = (0..pods)
        .map(|index| {
            let (job, shared) = (job.clone(), shared.clone());
            thread::spawn(move || run_pod(&job, index, &shared))
        })
        .collect();
    let ends: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect();
    let end = ends.iter().find(|(kind, _)| *kind == "Failed").or(ends.first());
    if let Some((kind, reason)) =
        end.filter(|_| ends.len() == pods as usize || ends.iter().any(|(kind, _)| *kind == "Failed"))
    {
        let name = job["metadata"]["name"].as_str().unwrap_or_default();
        let conditions = json!([{"type": kind, "status": "True", "reason": reason, "message": "of the test"}]);
        change(shared, "jobs", name, |job| job["status"]["conditions"] = conditions);
    }
}

fn run_pod(job: &Value, index: u32, shared: &Arc<Shared>) -> Option<(&'static str, &'static str)> {
    let name = format!("{}-{index}-x7k2p", job["metadata"]["name"].as_str().unwrap_or_default());
    let spec = &job["spec"]["template"]["spec"];
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": job["spec"]["template"]["metadata"]["labels"],
            "annotations": {"batch.kubernetes.io/job-completion-index": index.to_string()},
            "ownerReferences": [{"uid": job["metadata"]["uid"]}]},
        "spec": spec, "status": {"phase": "Pending", "containerStatuses": [
            {"name": "probes", "image": "", "state": {"waiting": {"reason": "ContainerCreating"}}}]}});
    shared.state.lock().expect("not poisoned").objects.insert(("pods".into(), name.clone()), pod);
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plan");
    mount_plan(spec, &plan, shared)?;
    let fate = (shared.kubelet)(&Pod { spec, index, plan: &plan });
    shared.state.lock().expect("not poisoned").logs.insert(name.clone(), fate.log);
    change(shared, "pods", &name, |pod| pod["status"] = fate.status);
    fate.job
}

/// Waits for the ConfigMaps of the pod, and writes what they hold.
fn mount_plan(spec: &Value, folder: &Path, shared: &Arc<Shared>) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    let volume = spec["volumes"].as_array()?.iter().find(|volume| volume["name"] == "plan")?;
    for source in volume["projected"]["sources"].as_array()? {
        let name = source["configMap"]["name"].as_str()?.to_owned();
        let found = (0..500).find_map(|_| {
            let state = shared.state.lock().expect("not poisoned");
            let found = state.objects.get(&("configmaps".to_owned(), name.clone())).cloned();
            drop(state);
            if found.is_none() {
                thread::sleep(Duration::from_millis(10));
            }
            found
        })?;
        for (file, content) in found["binaryData"].as_object()? {
            std::fs::write(folder.join(file), STANDARD.decode(content.as_str()?).ok()?).ok()?;
        }
    }
    Some(())
}

fn change(shared: &Arc<Shared>, resource: &str, name: &str, change: impl FnOnce(&mut Value)) {
    let mut state = shared.state.lock().expect("not poisoned");
    if let Some(object) = state.objects.get_mut(&(resource.to_owned(), name.to_owned())) {
        change(object);
    }
}
