//! Logs that people bring back: whole, mixed, partial, of others; and look-ups as deployed, by the pod's own configuration.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use libcdiff::deployed::Deployed;
use libcdiff::kubernetes::gathered::{self, GatherError};
use libcdiff::kubernetes::{Options, Wanted};
use libcdiff::plan::{self, Selection};
use libcdiff::runfile::RunFile;
use libcdiff_agent::dns::Lab;
use libcdiff_protocol::frame::Reader;
use libcdiff_protocol::{Flavour, Status};

use crate::server::Server;
use crate::stage::{self, kubelet, kubelet_with, options, wanted};

fn collect(files: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.args(["collect", "--format", "json"]).args(files).output().expect("libcdiff starts")
}

fn logs(shards: u32) -> Option<Vec<Vec<u8>>> {
    let server = Server::start(kubelet);
    let ran = stage::run(&server, &[wanted(&["strings.strerror.*"])], &Options { shards, ..options() })?;
    Some(ran.outcome.expect("an outcome").logs.into_values().collect())
}

#[test]
fn logs_make_a_run_and_what_is_missing_is_told() {
    let Some(logs) = logs(3) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("writable");
        path
    };
    // One after the other in one file, with what a viewer of logs adds.
    let text: String = logs.iter().map(|log| String::from_utf8_lossy(log).into_owned()).collect();
    let mixed: String = text.lines().rev().map(|line| format!("[pod/x] {line}\nsomething else\n")).collect();
    let whole = collect(&[&write("mixed", mixed.as_bytes())]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let run = RunFile::parse(&String::from_utf8_lossy(&whole.stdout)).expect("a run file");
    assert!(run.dropped.is_empty() && run.images[0].id == "empty", "{:?}", run.dropped);
    let all = run.observations.len();

    let partial = collect(&[&write("0", &logs[0]), &write("2", &logs[2])]);
    let said = String::from_utf8_lossy(&partial.stderr).into_owned();
    assert!(partial.status.success() && said.contains("of 3 shards these are missing: 1"), "{said}");
    let run = RunFile::parse(&String::from_utf8_lossy(&partial.stdout)).expect("a run file");
    let missing: usize = run.dropped.iter().map(|dropped| dropped.cases).sum();
    assert_eq!(run.observations.len() + missing, all);
    assert!(run.dropped[0].reason.contains("missing: 1"), "{}", run.dropped[0].reason);

    let none = collect(&[&write("none", b"exec /.libcdiff/agent: no such file or directory\n")]);
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(none.status.code() == Some(2) && said.contains("no such file or directory"), "{said}");
}

#[test]
fn logs_of_two_runs_are_not_one() {
    let Some(logs) = logs(1) else { return };
    let text = String::from_utf8_lossy(&logs[0]).into_owned();
    let mut reader = Reader::default();
    text.lines().for_each(|line| reader.take(line));
    let mut other = libcdiff_protocol::frame::Writer::new(&libcdiff_protocol::frame::Stream {
        run: "other".into(),
        image: 0,
        shard: 0,
        shards: 1,
        attempt: "a".into(),
    });
    other.lines("{\"done\":null}").lines().for_each(|line| reader.take(line));
    assert!(matches!(gathered::gather(&reader), Err(GatherError::Several(_))));
}

#[test]
fn names_are_looked_up_by_the_pods_own_configuration() {
    crate::network::alone(|| {
        let script = r#"{"servers":["127.0.0.1"],"rules":[{"name":"db.cluster.test.","reply":{"answer":["A 192.0.2.7","A 192.0.2.8"]}}]}"#;
        let lab = Lab::start(&serde_json::from_str(script).expect("a script")).expect("a nameserver");
        let deployed = Deployed::in_pods(&["db".into(), "absent.".into()], 10).expect("names");
        let cases = deployed.cases();
        let selection = Selection { flavours: vec![Flavour::MuslStatic], ..Selection::default() };
        let base = wanted(&["time.strptime.F-T"]);
        let (plan, dropped) = plan::plan(&selection.of(&cases), &base.image, &selection, 1);
        let asked = Wanted { plan: plan::whole(&plan), dropped, ..base };
        let server = Server::start(|pod: &crate::server::Pod<'_>| {
            kubelet_with(pod, "nameserver 127.0.0.1\nsearch cluster.test\noptions ndots:5\n")
        });
        let Some(ran) = stage::run_deployed(&server, &[asked], &options(), &deployed.record()) else { return };
        let logs = ran.outcome.expect("an outcome").logs;
        let seen = lab.finish();
        let mut reader = Reader::default();
        logs.values().for_each(|log| String::from_utf8_lossy(log).lines().for_each(|line| reader.take(line)));
        let mut file = libcdiff::verb::run::empty();
        gathered::fill(&mut file, gathered::gather(&reader).expect("answers"));
        let by = |name: &str| {
            let case = format!("dns.as-deployed.{name}");
            file.observations
                .iter()
                .find(|seen| seen.case == case)
                .unwrap_or_else(|| panic!("{name} was not looked up"))
        };
        let found = by("db");
        assert_eq!((found.status, &found.values.get()["return_code"]), (Status::Described, &"0".into()), "{found:?}");
        assert_ne!(by("absent.").values.get()["return_code"], "0");
        assert!(seen.iter().any(|query| query.name == "db.cluster.test."), "{seen:?}");
        let record = file.as_deployed.expect("a record");
        assert_eq!(
            (record.nameservers, record.search),
            (vec!["127.0.0.1".to_owned()], vec!["cluster.test".to_owned()])
        );
    });
}
