//! The scripted DNS servers of a case: data that says which server gives which answer. The agent serves it on loopback.
//!
//! A script is a list of servers and a list of rules. A query is answered by the first rule that fits it and is not yet
//! spent; a query that no rule fits is answered NXDOMAIN. Nothing is looked at that the script does not name: a server
//! knows no zones, never truncates by itself, never adds EDNS, and sends what it is told to, malformed or not.

use serde::{Deserialize, Serialize};

mod action;
mod kind;
mod network;
mod rcode;
mod record;
mod relay;
mod reply;
mod server;
mod shown;

pub use action::Action;
pub use kind::Kind;
pub use network::{Network, Subnet};
pub use rcode::Rcode;
pub use record::{Data, Record};
pub use relay::Relay;
pub use reply::{Counts, Pieces, Question, Reply};
pub use server::{Server, Transport};
pub use shown::Shown;

/// The servers of one case and what they do.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// The servers. The first is called `s1` in rules and in the log, the second `s2`, and so on.
    pub servers: Vec<Server>,
    /// What they do; the first rule that fits a query answers it.
    pub rules: Vec<Rule>,
    /// The network around the program and the servers.
    pub network: Network,
    /// What of the queries is compared.
    pub shown: Shown,
}

impl Default for Script {
    /// The usual server, which answers everything with NXDOMAIN.
    fn default() -> Self {
        Self {
            servers: vec![Server::default()],
            rules: Vec::new(),
            network: Network::default(),
            shown: Shown::default(),
        }
    }
}

impl Script {
    /// Whether a resolver may have to wait for these servers: some query gets no usable answer, or a late one.
    pub fn may_wait(&self) -> bool {
        self.rules.iter().any(|rule| match &rule.reply {
            Action::Drop | Action::Close | Action::Reset => true,
            Action::Reply(replies) => replies.iter().any(Reply::may_keep_waiting),
        })
    }

    /// The network with an address for every server that is elsewhere than on the usual loopback addresses.
    pub fn surroundings(&self) -> Network {
        self.network.with_addresses_of(&self.servers)
    }
}

/// Which queries, and what happens to them. A condition that is not given fits every query.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The server, as `s1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The transport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The name with its final dot; `*.x.` fits every name below `x.`. Upper and lower case are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The record type, as `AAAA` or `TYPE65`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Whether the source port is new to this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<Socket>,
    /// Whether the query has an EDNS record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edns: Option<bool>,
    /// How many queries that fit the rule are left to later rules before it answers one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<u32>,
    /// How many queries the rule answers before it is spent and later rules are asked. Two rules with the same
    /// conditions and `times = 1` in the first are a server that changes its mind; with `skip = 2` and `times = 1` a
    /// rule is for the third query alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens: `"drop"`, `"close"`, `"reset"`, one reply, or a list of replies to the one query.
    pub reply: Action,
}

/// What a server knows of the socket that a query comes from.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Socket {
    /// The server sees it for the first time.
    New,
    /// A query came from it before.
    Seen,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: &str) -> Result<Script, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_script_without_servers_has_the_usual_one() {
        let s = script(r#"{"rules":[{"name":"*.test.","reply":{"rcode":"SERVFAIL"}}]}"#).expect("a script");
        assert_eq!(s.servers, [Server::default()]);
        let Action::Reply(replies) = &s.rules[0].reply else { panic!("not a reply: {:?}", s.rules[0].reply) };
        assert_eq!(replies[..], [Reply { rcode: Rcode::SERVFAIL, ..Reply::default() }]);
    }

    #[test]
    fn a_script_survives_the_way_to_the_agent() {
        let text = r#"{"servers":["127.0.0.11","::1 udp"],"rules":[
            {"server":"s1","transport":"tcp","type":"A","times":1,"reply":"drop"},
            {"reply":"close"},
            {"socket":"seen","edns":true,"skip":2,"reply":"reset"},
            {"reply":[{"wrong_id":true,"question":"none"},
                      {"after_ms":100,"question":{"name":"other.test."},"answer":["CNAME a.test.","A 192.0.2.1 x60"]},
                      {"raw":"id 8180 00*9","copies":2},
                      {"question":"recased","opcode":4,"rd":false,"counts":{"answer":9},"every_type":true,
                       "authority":["test. SOA ns.test. mail.test. 1 2 3 4 5"],"pieces":{"bytes":1,"every_ms":5},
                       "length":7,"reset":true}]}],
            "network":{"ipv6":false,"addresses":["192.0.2.1/24"]},"shown":{"sockets":true}}"#;
        let s = script(text).expect("a script");
        let sent = serde_json::to_string(&s).expect("a line");
        assert_eq!(script(&sent).expect("the same script"), s);
    }

    #[test]
    fn a_misspelt_field_is_an_error_that_names_it() {
        for (text, word) in [
            (r#"{"rules":[{"nam":"x.","reply":"drop"}]}"#, "nam"),
            (r#"{"rules":[{"reply":{"rcod":"SERVFAIL"}}]}"#, "rcod"),
            (r#"{"rules":[{"reply":{"counts":{"answers":2}}}]}"#, "answers"),
            (r#"{"rules":[{"reply":{"pieces":{"byte":2,"every_ms":1}}}]}"#, "byte"),
            (r#"{"rules":[{"type":"QUAD","reply":"drop"}]}"#, "QUAD"),
            (r#"{"rules":[{"socket":"old","reply":"drop"}]}"#, "old"),
            (r#"{"network":{"ipv4":false}}"#, "ipv4"),
            (r#"{"shown":{"socket":true}}"#, "socket"),
            (r#"{"rules":[{"reply":"dropp"}]}"#, "dropp"),
            (r#"{"rules":[{"reply":{"rcode":"NXDOMIAN"}}]}"#, "NXDOMIAN"),
            (r#"{"rules":[{"reply":{"answer":["AA 192.0.2.1"]}}]}"#, "AA"),
        ] {
            let error = script(text).expect_err(text).to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
