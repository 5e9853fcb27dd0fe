//! The cluster, by `kubectl`: the one module that starts it.
//!
//! Nothing is watched: a watch that breaks, or whose beginning the server has forgotten (410), has to list anew anyway, and
//! the objects of a run are few. What fails for a moment (an API server that is overloaded, restarts, or cuts the connection)
//! is asked again.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

/// Why the cluster did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is no kubectl.
    #[error("starting {program}: {source}: install kubectl, or name it in KUBECTL")]
    NoKubectl {
        /// What was started.
        program: String,
        /// Why it was not.
        source: std::io::Error,
    },
    /// The server, or kubectl, refused.
    #[error("kubectl {doing}: {said}")]
    Refused {
        /// The verb and what it was about.
        doing: String,
        /// kubectl's words.
        said: String,
    },
    /// There is no cluster to ask.
    #[error(
        "kubectl has no context, so there is no cluster to ask: choose one with `kubectl config use-context`, name one with \
         --context, or write the manifests with --emit-manifest"
    )]
    NoContext,
    /// What came back is not what should.
    #[error("kubectl {doing} gave something else than JSON: {source}")]
    Garbled {
        /// The verb and what it was about.
        doing: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// What a run asks of a cluster.
pub trait Cluster {
    /// Makes an object, and returns it as the server has it.
    fn create(&self, object: &Value) -> Result<Value, ClusterError>;
    /// The Jobs and pods that a selector names.
    fn list(&self, selector: &str) -> Result<Value, ClusterError>;
    /// What a container of a pod has written.
    fn log(&self, pod: &str, container: &str) -> Result<Vec<u8>, ClusterError>;
    /// Deletes the Jobs and ConfigMaps that a selector names, and their pods with them.
    fn delete(&self, selector: &str) -> Result<(), ClusterError>;
}

/// `kubectl` and how it is called.
#[derive(Clone, Debug)]
pub struct Kubectl {
    /// The program.
    pub program: String,
    /// The context; else the current one.
    pub context: Option<String>,
    /// The namespace; else the context's.
    pub namespace: Option<String>,
    /// Between two attempts; doubled after each.
    pub pause: Duration,
    /// Seconds for one answer of the server.
    pub answer_seconds: u32,
    /// Set when nothing new shall be asked any more; what was made is still deleted.
    pub stopped: Arc<AtomicBool>,
    /// Told of every attempt that is made again.
    pub tell: fn(&str),
}

/// Attempts at a request that fails for a moment.
const ATTEMPTS: u32 = 6;
/// What kubectl says of such, in small letters.
const PASSING: [&str; 14] = [
    "toomanyrequests",
    "too many requests",
    "serviceunavailable",
    "the server is currently unable",
    "internalerror",
    "servertimeout",
    "timed out",
    "timeout",
    "connection refused",
    "connection reset",
    "connection lost",
    "unexpected eof",
    "was refused - did you specify",
    "eof",
];

impl Kubectl {
    /// As the environment says: `$KUBECTL`, else `kubectl`.
    pub fn usual(context: Option<String>, namespace: Option<String>) -> Self {
        let program = std::env::var("KUBECTL").ok().filter(|set| !set.is_empty());
        Self {
            program: program.unwrap_or_else(|| "kubectl".into()),
            context,
            namespace,
            pause: Duration::from_secs(1),
            answer_seconds: 30,
            stopped: Arc::default(),
            tell: |_| (),
        }
    }

    /// Looks whether kubectl knows of a cluster; in a pod it knows its own without being told.
    ///
    /// # Errors
    /// Where it is not there, and where it knows of none.
    pub fn knows_a_cluster(&self) -> Result<(), ClusterError> {
        if self.context.is_some() || std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
            return Ok(());
        }
        match self.call(&["config", "current-context"], None) {
            Err(ClusterError::Refused { .. }) => Err(ClusterError::NoContext),
            other => other.map(drop),
        }
    }

    /// Calls it once with these arguments and this input.
    ///
    /// # Errors
    /// Where it is not there, and where it says no.
    pub fn call(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, ClusterError> {
        let missing = |source| ClusterError::NoKubectl { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.args(arguments).arg(format!("--request-timeout={}s", self.answer_seconds));
        command.args(self.context.iter().map(|context| format!("--context={context}")));
        command.args(self.namespace.iter().map(|namespace| format!("--namespace={namespace}")));
        // A process group of its own: Ctrl-C means this program, which still has to delete what it has made.
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(missing)?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // It reads everything before it answers; one that has ended says why.
            let _ = stdin.write_all(input);
        }
        let Output { status, stdout, stderr } = child.wait_with_output().map_err(missing)?;
        match status.success() {
            true => Ok(stdout),
            false => {
                let said = String::from_utf8_lossy(&stderr).trim().to_owned();
                let said = if said.is_empty() { format!("it ended with {status}") } else { said };
                Err(ClusterError::Refused { doing: doing(arguments), said })
            }
        }
    }

    /// Calls it until it works, or fails for good.
    fn persist(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, ClusterError> {
        self.persist_until(arguments, input, || self.stopped.load(Ordering::Relaxed))
    }

    fn persist_until(
        &self,
        arguments: &[&str],
        input: Option<&[u8]>,
        stopped: impl Fn() -> bool,
    ) -> Result<Vec<u8>, ClusterError> {
        let mut pause = self.pause;
        for _ in 1..ATTEMPTS {
            match self.call(arguments, input) {
                Err(error) if error.passes() && !stopped() => {
                    (self.tell)(&format!("{error}; asked again in {pause:.1?}"));
                    wait(pause, &stopped);
                }
                other => return other,
            }
            pause = (pause * 2).min(Duration::from_secs(20));
        }
        self.call(arguments, input)
    }
}

/// Waits, but not on when stopped.
fn wait(pause: Duration, stopped: impl Fn() -> bool) {
    let until = Instant::now() + pause;
    while !stopped() && Instant::now() < until {
        thread::sleep(pause.min(Duration::from_millis(100)));
    }
}

impl ClusterError {
    /// Whether the same request may work in a moment.
    pub fn passes(&self) -> bool {
        let Self::Refused { said, .. } = self else { return false };
        let said = said.to_lowercase();
        PASSING.iter().any(|words| said.contains(words))
    }

    /// Whether `kubectl auth can-i` said no: it does so on standard output, and ends with 1.
    pub fn is_no(&self) -> bool {
        matches!(self, Self::Refused { said, .. } if said.starts_with("it ended with") || said == "no" || said.starts_with("no\n"))
    }

    fn says(&self, words: &str) -> bool {
        matches!(self, Self::Refused { said, .. } if said.contains(words))
    }
}

/// The verb and what stands behind it, without flags and what belongs to them.
fn doing(arguments: &[&str]) -> String {
    let is_flag = |word: &str| word.starts_with('-');
    let belongs = |at: usize| at > 0 && is_flag(arguments[at - 1]) && !arguments[at - 1].starts_with("--");
    let words = arguments.iter().enumerate().filter(|(at, word)| !is_flag(word) && !belongs(*at));
    words.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

impl Cluster for Kubectl {
    fn create(&self, object: &Value) -> Result<Value, ClusterError> {
        let text = object.to_string();
        // What is sent is tested against the published API; asking the server for all of it each time costs megabytes.
        let made = self.persist(&["create", "-f", "-", "-o", "json", "--validate=false"], Some(text.as_bytes()));
        let (kind, name) = (word(object, "/kind").to_lowercase(), word(object, "/metadata/name"));
        let made = match made {
            // An attempt whose answer was lost has made it: the name is this run's alone.
            Err(error) if error.says("AlreadyExists") => self.persist(&["get", &kind, &name, "-o", "json"], None),
            other => other,
        };
        parse(&format!("create {kind} {name}"), &made?)
    }

    fn list(&self, selector: &str) -> Result<Value, ClusterError> {
        parse("get jobs,pods", &self.persist(&["get", "jobs,pods", "-l", selector, "-o", "json"], None)?)
    }

    fn log(&self, pod: &str, container: &str) -> Result<Vec<u8>, ClusterError> {
        self.persist(&["logs", pod, "-c", container], None)
    }

    fn delete(&self, selector: &str) -> Result<(), ClusterError> {
        let arguments = ["delete", "jobs,configmaps", "-l", selector, "--ignore-not-found", "--wait=false"];
        // Also of a run that was stopped.
        self.persist_until(&arguments, None, || false).map(drop)
    }
}

fn word(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn parse(doing: &str, text: &[u8]) -> Result<Value, ClusterError> {
    serde_json::from_slice(text).map_err(|source| ClusterError::Garbled { doing: doing.to_owned(), source })
}

/// An object as the API takes it.
///
/// # Errors
/// None that can be: objects are JSON's.
pub fn value(object: &impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::to_value(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(said: &str) -> ClusterError {
        ClusterError::Refused { doing: "get".into(), said: said.into() }
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for said in [
            "Error from server (TooManyRequests): the server has received too many requests",
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?",
            "Unable to connect to the server: net/http: TLS handshake timeout",
            "Error from server (InternalError): an error on the server",
            "unexpected EOF",
        ] {
            assert!(refused(said).passes(), "{said}");
        }
        for said in ["Error from server (Forbidden): jobs.batch is forbidden", "error: no context exists with the name"]
        {
            assert!(!refused(said).passes(), "{said}");
        }
    }

    #[test]
    fn what_was_done_is_said_without_flags() {
        assert_eq!(doing(&["get", "jobs,pods", "-l", "a=b", "-o", "json"]), "get jobs,pods");
        assert_eq!(doing(&["delete", "jobs", "--wait=false", "name"]), "delete jobs name");
    }

    #[test]
    fn a_kubectl_that_is_not_there_is_named() {
        let kubectl = Kubectl { program: "/nowhere/kubectl".into(), ..Kubectl::usual(None, None) };
        let error = kubectl.call(&["version"], None).expect_err("not there").to_string();
        assert!(error.contains("/nowhere/kubectl") && error.contains("KUBECTL"), "{error}");
    }
}
