//! The real parts: Debian's `docker-registry` on a port of its own, and `skopeo`, which fills it.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

pub struct Registry {
    child: Child,
    _folder: TempDir,
    pub host: String,
}

/// `user` and `secret`, as `htpasswd -B` writes them.
const USERS: &str = "user:$2y$05$aLXidYNlaIXrSAt845dIc.BBjemI8uOXwr72DBgbl3hPhqhmlrt0O\n";

impl Registry {
    /// A registry for everybody; `None`, said aloud, where the packages are not installed.
    pub fn open() -> Option<Self> {
        Self::start("")
    }

    /// One for those who know the password.
    pub fn closed() -> Option<Self> {
        Self::start("auth: {htpasswd: {realm: test, path: FOLDER/users}}\n")
    }

    /// One with TLS, by an authority that nobody knows; and the certificate of that.
    pub fn encrypted(folder: &Path) -> Option<(Self, PathBuf)> {
        fs::write(folder.join("leaf.ext"), "subjectAltName=IP:127.0.0.1\n").expect("written");
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let authority = ["-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"];
        let request = ["-subj", "/CN=registry", "-keyout", "leaf.key", "-out", "leaf.csr"];
        let sign = [
            "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-extfile", "leaf.ext", "-out", "leaf.pem",
        ];
        let steps =
            [("req", [&key[..], &authority].concat()), ("req", [&key[..], &request].concat()), ("x509", sign.to_vec())];
        for (step, arguments) in steps {
            let made = Command::new("openssl").arg(step).args(arguments).current_dir(folder).output();
            if !made.is_ok_and(|output| output.status.success()) {
                eprintln!("unsupported: openssl, which makes certificates, is not installed or too old");
                return None;
            }
        }
        let (key, certificate) = (folder.join("leaf.key"), folder.join("leaf.pem"));
        let tls = format!("{{certificate: {}, key: {}}}", certificate.display(), key.display());
        Some((Self::start_with("", &format!(", tls: {tls}"))?, folder.join("ca.pem")))
    }

    fn start(auth: &str) -> Option<Self> {
        Self::start_with(auth, "")
    }

    fn start_with(auth: &str, tls: &str) -> Option<Self> {
        let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
        if !there("docker-registry") || !there("skopeo") {
            eprintln!("unsupported: docker-registry and skopeo are not installed; `make setup` installs them");
            return None;
        }
        // Somebody else may take the port in between; then the registry ends, and another one is tried.
        (0..5).find_map(|_| Self::try_start(auth, tls)).or_else(|| panic!("docker-registry does not start"))
    }

    fn try_start(auth: &str, tls: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let host = format!("127.0.0.1:{port}");
        let path = folder.path().display().to_string();
        let config = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {path}/data}}}}\nhttp: {{addr: \"{host}\"{tls}}}\n{}",
            auth.replace("FOLDER", &path)
        );
        fs::write(folder.path().join("config.yml"), config).expect("written");
        fs::write(folder.path().join("users"), USERS).expect("written");
        let mut child = Command::new("docker-registry")
            .arg("serve")
            .arg(folder.path().join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts");
        while child.try_wait().expect("can be asked").is_none() {
            if TcpStream::connect(&host).is_ok() {
                return Some(Self { child, _folder: folder, host });
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// Copies an image into it, as `name`.
    pub fn push(&self, source: &str, name: &str, options: &[&str]) {
        let output = Command::new("skopeo")
            .args(["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"])
            .args(options)
            .args([source, &format!("docker://{}/{name}", self.host)])
            .output()
            .expect("skopeo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Logs in as `skopeo login` does, and so writes the file of credentials.
    pub fn log_in(&self, file: &Path) {
        let output = Command::new("skopeo")
            .args(["login", "--tls-verify=false", "--username=user", "--password=secret", "--authfile"])
            .arg(file)
            .arg(&self.host)
            .output()
            .expect("skopeo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Stops it.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stop();
    }
}
