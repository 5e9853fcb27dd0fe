//! Files of an index, by their addresses: whole, in memory, and of a bounded size.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long the other side may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Fetches files; keeps connections open between them. Proxies are the environment's.
#[derive(Debug)]
pub struct Fetch(Agent);

impl Fetch {
    /// With the machine's certificate authorities; where it has none, Mozilla's.
    pub fn new() -> Self {
        let machine = rustls_native_certs::load_native_certs().certs;
        let machine: Vec<_> = machine.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
        let roots = if machine.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(machine)) };
        let config = Agent::config_builder()
            .timeout_resolve(Some(SILENCE))
            .timeout_connect(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .user_agent(concat!("libcdiff/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        Self(config.build().new_agent())
    }

    /// The bytes of a file of at most `most`; else why not.
    pub fn get(&self, url: &str, most: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut take = |from: &mut dyn Read| from.take(most + 1).read_to_end(&mut bytes).map_err(|e| e.to_string());
        match url.strip_prefix("file://") {
            Some(path) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
                take(&mut File::open(&*path).map_err(|e| e.to_string())?)?
            }
            None => {
                let answer = self.0.get(url).call().map_err(|e| e.to_string())?;
                take(&mut answer.into_body().into_reader())?
            }
        };
        match bytes.len() as u64 > most {
            false => Ok(bytes),
            true => Err(format!("it is larger than {} MiB", most >> 20)),
        }
    }
}

impl Default for Fetch {
    fn default() -> Self {
        Self::new()
    }
}
