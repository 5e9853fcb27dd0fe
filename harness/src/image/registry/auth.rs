//! Answers to a registry that asks who is there: basic authentication, and tokens by Docker's token specification.
//!
//! Without credentials a token is asked for all the same: that is how public images are read. Credentials go to nobody but
//! whom the registry names, and never unencrypted over a network.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use ureq::{Body, http::Response};

use super::{
    credentials::Credentials,
    error::RegistryError,
    name::is_loopback,
    wire::{Fault, Wire},
};

/// What a registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with each request.
    Basic,
    /// A token from somebody else.
    Token {
        /// Where tokens are made.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// What for; else reading the repository.
        scope: Option<String>,
    },
}

/// A token server's answer is smaller.
const LONGEST: u64 = 1 << 20;

impl Challenge {
    /// From `WWW-Authenticate` headers; a token is preferred.
    pub fn read<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut basic = None;
        for header in headers {
            for challenge in http_auth::parse_challenges(header).into_iter().flatten() {
                let value = |name: &str| {
                    let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value.to_unescaped()).filter(|value| !value.is_empty())
                };
                if challenge.scheme.eq_ignore_ascii_case("bearer")
                    && let Some(realm) = value("realm")
                {
                    return Some(Self::Token { realm, service: value("service"), scope: value("scope") });
                }
                if challenge.scheme.eq_ignore_ascii_case("basic") {
                    basic = Some(Self::Basic);
                }
            }
        }
        basic
    }

    /// The `Authorization` header that answers it.
    pub fn answer(
        &self,
        wire: &Wire,
        tls: bool,
        repository: &str,
        credentials: Option<&Credentials>,
    ) -> Result<String, Fault> {
        let (realm, service, scope) = match (self, credentials) {
            (Self::Basic, Some(Credentials::Password { user, password })) => return Ok(basic(user, password)),
            (Self::Basic, other) => {
                let (registry, user) = (wire.host().to_owned(), other.map(Credentials::user));
                return Err(Fault::Final(RegistryError::Unauthorized { registry, user }));
            }
            (Self::Token { realm, service, scope }, _) => (realm, service, scope),
        };
        let nonsense =
            |problem: String| Fault::Final(RegistryError::Nonsense { registry: wire.host().to_owned(), problem });
        let encrypted = realm.starts_with("https://");
        let host = realm.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        if !encrypted && host.is_none_or(|host| tls && !is_loopback(host)) {
            return Err(nonsense(format!("sends us to {realm} for a token, which is not encrypted")));
        }
        let scope = scope.clone().unwrap_or_else(|| format!("repository:{repository}:pull"));
        let response = ask(wire, realm, service.as_deref(), &scope, credentials)?;
        if !response.status().is_success() {
            return Err(wire.refusal(&response, &format!("token for {scope}"), credentials.map(Credentials::user)));
        }
        let text = wire.document(response, "a token", LONGEST)?;
        let token: Token =
            serde_json::from_slice(&text).map_err(|error| nonsense(format!("gives no token: {error}")))?;
        match token.token.or(token.access_token).filter(|token| !token.is_empty()) {
            Some(token) => Ok(format!("Bearer {token}")),
            None => Err(nonsense("gives no token".into())),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

fn ask(
    wire: &Wire,
    realm: &str,
    service: Option<&str>,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<Response<Body>, Fault> {
    let agent = wire.agent(realm.starts_with("https://"))?;
    let service = service.map(|service| ("service", service));
    let sent = match credentials {
        Some(Credentials::Identity(token)) => {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token.as_str()),
                ("client_id", "libcdiff"),
                ("scope", scope),
            ];
            agent.post(realm).send_form(form.into_iter().chain(service))
        }
        other => {
            let mut request = agent.get(realm).query("scope", scope).query("client_id", "libcdiff");
            if let Some((key, value)) = service {
                request = request.query(key, value);
            }
            if let Some(Credentials::Password { user, password }) = other {
                request = request.header("authorization", basic(user, password));
            }
            request.call()
        }
    };
    sent.map_err(|error| match wire.fault(error) {
        Fault::NoTls(error) => Fault::Final(error),
        fault => fault,
    })
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Option<Challenge> {
        Challenge::read(headers.iter().copied())
    }

    #[test]
    fn a_token_is_preferred_and_its_parameters_are_read() {
        let token = Challenge::Token {
            realm: "https://auth.example.org/token?x=1".into(),
            service: Some("a \"quoted\" service".into()),
            scope: Some("repository:a/b:pull,push".into()),
        };
        let header = "Bearer realm=\"https://auth.example.org/token?x=1\",service=\"a \\\"quoted\\\" service\",\
                      scope=\"repository:a/b:pull,push\",error=\"invalid_token\"";
        assert_eq!(read(&["Basic realm=\"x\"", header]), Some(token));
        assert_eq!(read(&["basic realm=\"x\""]), Some(Challenge::Basic));
    }

    #[test]
    fn other_challenges_are_none() {
        for header in ["", "Negotiate", "Bearer", "Bearer service=\"x\"", "\"", "Digest realm=\"x\", nonce=\"y\""] {
            assert_eq!(read(&[header]), None, "{header}");
        }
    }
}
