//! A registry that answers as a test tells it, one request a connection, and remembers what it was asked.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use libcdiff::image::Digest;

use crate::pack::Saved;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// Lower-case names.
    pub headers: HashMap<String, String>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// So many bytes of the body are sent before the connection breaks.
    pub cut: Option<usize>,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), cut: None }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// What a server does with a request; the number says how often this path was asked for before.
type Script = dyn Fn(&Request, usize) -> Reply + Send + Sync;

pub struct Scripted {
    pub host: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    pub fn start(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("has one").to_string();
        let (asked, script): (_, Arc<Script>) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let log = asked.clone();
        // It ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, script) = (log.clone(), script.clone());
                thread::spawn(move || serve(stream, &log, &*script));
            }
        });
        Self { host, asked }
    }

    /// The requests whose path ends so.
    pub fn asked(&self, ending: &str) -> Vec<Request> {
        self.asked.lock().expect("not poisoned").iter().filter(|r| r.path.ends_with(ending)).cloned().collect()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Request>>, script: &Script) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    // TLS begins with this byte; there is none here.
    if reader.fill_buf().ok()?.first() == Some(&0x16) {
        return None;
    }
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).ok()?;
    headers.insert("(body)".into(), String::from_utf8_lossy(&body).into_owned());
    let request = Request { path, headers };
    let before = {
        let mut log = log.lock().expect("not poisoned");
        let before = log.iter().filter(|other| other.path == request.path).count();
        log.push(request.clone());
        before
    };
    let reply = script(&request, before);
    let mut head =
        format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    reply.headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(&reply.body[..reply.cut.unwrap_or(reply.body.len())]).ok()
}

/// One image as a registry has it.
#[derive(Clone)]
pub struct Site {
    pub manifest: Vec<u8>,
    blobs: HashMap<String, Vec<u8>>,
}

impl Site {
    pub fn new(saved: &Saved) -> Self {
        let of = |kind: &str, bytes: &[u8]| {
            let kind = format!("application/vnd.oci.image.{kind}");
            format!(r#"{{"mediaType":"{kind}","digest":"{}","size":{}}}"#, Digest::of(bytes), bytes.len())
        };
        let layers: Vec<_> = saved.layers.iter().map(|(stored, _)| of("layer.v1.tar+gzip", stored)).collect();
        let config = of("config.v1+json", saved.config.as_bytes());
        let manifest = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{}]}}"#, layers.join(","));
        let blobs = saved.layers.iter().map(|(stored, _)| stored.clone()).chain([saved.config.clone().into_bytes()]);
        let blobs = blobs.map(|blob| (Digest::of(&blob).to_string(), blob)).collect();
        Self { manifest: manifest.into_bytes(), blobs }
    }

    /// As a well-behaved registry answers, ranges included.
    pub fn answer(&self, request: &Request) -> Reply {
        let path = request.path.split('?').next().unwrap_or_default();
        let Some((_, rest)) = path.split_once("/manifests/") else { return self.blob(request, path) };
        let digest = Digest::of(&self.manifest).to_string();
        match rest == "1" || rest == digest {
            true => Reply::new(200, self.manifest.clone()).with("docker-content-digest", digest),
            false => Reply::new(404, ""),
        }
    }

    fn blob(&self, request: &Request, path: &str) -> Reply {
        let Some(blob) = path.rsplit('/').next().and_then(|digest| self.blobs.get(digest)) else {
            return Reply::new(404, "");
        };
        let range =
            request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        match range {
            Some(from) if from < blob.len() => Reply::new(206, &blob[from..])
                .with("content-range", format!("bytes {from}-{}/{}", blob.len() - 1, blob.len())),
            _ => Reply::new(200, blob.clone()),
        }
    }
}
