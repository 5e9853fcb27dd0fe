//! The scripted DNS servers of a case: data that says which server gives which answer. The agent serves it on loopback.
//!
//! A script is a list of servers and a list of rules. A query is answered by the first rule that fits it and is not yet
//! spent; a query that no rule fits is answered NXDOMAIN. Nothing is looked at that the script does not name: a server
//! knows no zones, never truncates by itself, never adds EDNS, and sends what it is told to, malformed or not.

use serde::{Deserialize, Serialize};

mod action;
mod rcode;
mod record;
mod relay;
mod server;

pub use action::Action;
pub use rcode::Rcode;
pub use record::{Data, Record};
pub use relay::Relay;
pub use server::{Server, Transport};

/// The servers of one case and what they do.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// The servers. The first is called `s1` in rules and in the log, the second `s2`, and so on.
    pub servers: Vec<Server>,
    /// What they do; the first rule that fits a query answers it.
    pub rules: Vec<Rule>,
}

impl Default for Script {
    /// The usual server, which answers everything with NXDOMAIN.
    fn default() -> Self {
        Self { servers: vec![Server::default()], rules: Vec::new() }
    }
}

impl Script {
    /// Whether a resolver may have to wait for these servers: some query gets no usable answer, or a late one.
    pub fn may_wait(&self) -> bool {
        self.rules.iter().any(|rule| match &rule.reply {
            Action::Drop | Action::Close => true,
            Action::Reply(replies) => replies.iter().any(Reply::may_keep_waiting),
        })
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
    /// The record type, as `AAAA`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How many queries the rule answers before it is spent and later rules are asked. Two rules with the same
    /// conditions and `times = 1` in the first are a server that changes its mind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens: `"drop"`, `"close"`, one reply, or a list of replies to the one query.
    pub reply: Action,
}

/// One message that is sent in answer to a query. The defaults are those of a recursive server that found nothing:
/// the query's id and question, RA set, NOERROR, no records.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// Milliseconds between the query and this message.
    pub after_ms: u64,
    /// The response code.
    pub rcode: Rcode,
    /// Records of the answer section: the CNAMEs and the records of the type that was asked for, as a zone would answer.
    /// So one rule can hold the addresses of both families, and a type without records is NODATA.
    pub answer: Vec<Record>,
    /// The response bit; false makes the reply look like a query.
    pub qr: bool,
    /// Authoritative answer.
    pub aa: bool,
    /// Truncated.
    pub tc: bool,
    /// Recursion available.
    pub ra: bool,
    /// Authentic data.
    pub ad: bool,
    /// What stands in the question section.
    pub question: Question,
    /// Answers with an id that is not the query's.
    pub wrong_id: bool,
    /// The whole message byte for byte, instead of all of the above but the delay: hexadecimal digits, spaces as liked,
    /// and the words `id` and `question` for those bytes of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Closes the TCP connection after this message.
    pub close: bool,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            after_ms: 0,
            rcode: Rcode::NOERROR,
            answer: Vec::new(),
            qr: true,
            aa: false,
            tc: false,
            ra: true,
            ad: false,
            question: Question::Echo,
            wrong_id: false,
            raw: None,
            close: false,
        }
    }
}

impl Reply {
    fn may_keep_waiting(&self) -> bool {
        let usable = self.rcode == Rcode::NOERROR || self.rcode == Rcode::NXDOMAIN;
        !usable || self.after_ms >= 500 || self.wrong_id || self.raw.is_some() || self.question != Question::Echo
    }
}

/// The question section of a reply.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// The query's own, letter case kept.
    #[default]
    Echo,
    /// Empty.
    None,
    /// The query's, with another name; answers belong to that name too.
    Name(String),
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
            {"reply":[{"wrong_id":true,"question":"none"},
                      {"after_ms":100,"question":{"name":"other.test."},"answer":["CNAME a.test.","A 192.0.2.1 x60"]},
                      {"raw":"id 8180"}]}]}"#;
        let s = script(text).expect("a script");
        let sent = serde_json::to_string(&s).expect("a line");
        assert_eq!(script(&sent).expect("the same script"), s);
    }

    #[test]
    fn a_misspelt_field_is_an_error_that_names_it() {
        for (text, word) in [
            (r#"{"rules":[{"nam":"x.","reply":"drop"}]}"#, "nam"),
            (r#"{"rules":[{"reply":{"rcod":"SERVFAIL"}}]}"#, "rcod"),
            (r#"{"rules":[{"reply":"dropp"}]}"#, "dropp"),
            (r#"{"rules":[{"reply":{"rcode":"NXDOMIAN"}}]}"#, "NXDOMIAN"),
            (r#"{"rules":[{"reply":{"answer":["AA 192.0.2.1"]}}]}"#, "AA"),
        ] {
            let error = script(text).expect_err(text).to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
