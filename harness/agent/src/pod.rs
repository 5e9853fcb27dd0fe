//! What the agent does as a container's own command: it puts itself and the probes where the image's container finds them,
//! and there runs a plan that lies in files.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use flate2::read::GzDecoder;
use libcdiff_protocol::frame::Stream;
use libcdiff_protocol::{Session, Travel};

use crate::case::CaseError;
use crate::layer::place;

/// Most bytes of a plan; far above any.
const MOST_BYTES: u64 = 256 << 20;
/// The files of a plan begin with this; put one after the other in the order of their names they are the session, as JSON,
/// compressed by gzip.
const PART: &str = "session.gz.";

/// Copies the agent and the probes, which lie at the root of the carrier image, into a folder.
pub fn install(folder: &Path) -> Result<(), CaseError> {
    let own = std::env::current_exe().map_err(|e| CaseError::Io { what: "finding the agent".into(), source: e })?;
    let source = own.parent().unwrap_or(Path::new("/"));
    for entry in fs::read_dir(source).map_err(|e| CaseError::io("reading", source, e))? {
        let path = entry.map_err(|e| CaseError::io("reading", source, e))?.path();
        let name = path.file_name().unwrap_or_default();
        // A carrier holds nothing else; what is mounted into every container is not from it.
        if path == own || ["gnu", "musl", "musl-static", "reference", "objects"].iter().any(|flavour| name == *flavour)
        {
            copy(&path, &folder.join(name))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), CaseError> {
    if !from.is_dir() {
        fs::copy(from, to).map_err(|e| CaseError::io("copying to", to, e))?;
        return fs::set_permissions(to, fs::Permissions::from_mode(0o755))
            .map_err(|e| CaseError::io("opening up", to, e));
    }
    fs::create_dir_all(to).map_err(|e| CaseError::io("creating", to, e))?;
    for entry in fs::read_dir(from).map_err(|e| CaseError::io("reading", from, e))? {
        let path = entry.map_err(|e| CaseError::io("reading", from, e))?.path();
        copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Reads the session of a folder, leaves this shard's items in it, and says whose messages will come.
pub fn session(folder: &Path, shard: Option<&str>) -> Result<(Session, Stream), CaseError> {
    let mut parts: Vec<_> = fs::read_dir(folder)
        .map_err(|e| CaseError::io("reading the plan's folder", folder, e))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PART)))
        .collect();
    parts.sort();
    let mut packed = Vec::new();
    for part in &parts {
        packed.extend(fs::read(part).map_err(|e| CaseError::io("reading", part, e))?);
    }
    let mut text = String::new();
    let read = GzDecoder::new(&packed[..]).take(MOST_BYTES).read_to_string(&mut text);
    read.map_err(|e| CaseError::io(&format!("unpacking the plan, of {} files, of", parts.len()), folder, e))?;
    let mut session: Session = serde_json::from_str(&text)
        .map_err(|e| CaseError::Plan(format!("the plan in {} does not read: {e}", folder.display())))?;
    let Some(travel) = &session.travel else {
        return Err(CaseError::Plan(format!("the plan in {} is not one that travels", folder.display())));
    };
    let stream = stream(travel, shard)?;
    let (shard, shards) = (stream.shard as usize, stream.shards as usize);
    let mut number = 0..;
    session.plan.items.retain(|_| number.next().unwrap_or(0) % shards == shard);
    Ok((session, stream))
}

fn stream(travel: &Travel, shard: Option<&str>) -> Result<Stream, CaseError> {
    let bad = |why: String| CaseError::Plan(format!("JOB_COMPLETION_INDEX says which shard this is, and {why}"));
    let shards = travel.shards.max(1);
    let shard = match shard {
        Some(text) => text.parse().map_err(|_| bad(format!("`{text}` is no number")))?,
        None if shards == 1 => 0,
        None => return Err(bad(format!("is not set, but there are {shards} shards"))),
    };
    if shard >= shards {
        return Err(bad(format!("{shard} is none of {shards}")));
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let about = &travel.about;
    Ok(Stream { run: about.run.clone(), image: about.image, shard, shards, attempt: format!("{since:x}") })
}

/// Where the agent is, next to the probes, when a pod brings them.
pub const FOLDER: &str = place::PROBES_INSIDE;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use libcdiff_protocol::About;

    use super::*;

    fn travel(shards: u32) -> Travel {
        let about = About { run: "r".into(), image: 1, items: 0, record: serde_json::Value::Null };
        Travel { about, shards, confined: Default::default() }
    }

    #[test]
    fn a_shard_must_be_one_of_them() {
        let shard = |shards, text| stream(&travel(shards), text).map(|stream| stream.shard).map_err(|e| e.to_string());
        assert_eq!((shard(1, None), shard(3, Some("2"))), (Ok(0), Ok(2)));
        for (shards, text) in [(2, None), (2, Some("2")), (2, Some("x"))] {
            assert!(shard(shards, text).expect_err("none").contains("JOB_COMPLETION_INDEX"));
        }
    }

    #[test]
    fn a_plan_in_parts_is_read_and_dealt_out() {
        let folder = std::env::temp_dir().join(format!("libcdiff-pod-test-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("writable");
        let item = |n: u8| {
            serde_json::json!({"case": format!("a.{n}"), "flavour": "gnu", "program": "gnu/a", "args": [], "limits": {
                "deadline_ms": 1, "stack": 1, "output_bytes": 1, "disk_bytes": 1, "processes": 1, "address_space_bytes": 1}})
        };
        let session = serde_json::json!({
            "plan": {"computing": 1, "waiting": 1, "items": (0..5).map(item).collect::<Vec<_>>()},
            "travel": {"shards": 2, "about": {"run": "r", "image": 0, "items": 5, "record": null}}});
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(session.to_string().as_bytes()).expect("memory");
        let packed = packed.finish().expect("memory");
        let (first, second) = packed.split_at(packed.len() / 2);
        fs::write(folder.join("session.gz.001"), second).expect("writable");
        fs::write(folder.join("session.gz.000"), first).expect("writable");
        fs::write(folder.join("other"), "x").expect("writable");
        let cases = |shard| -> Vec<String> {
            let (session, _) = super::session(&folder, Some(shard)).expect("a session");
            session.plan.items.into_iter().map(|item| item.case).collect()
        };
        assert_eq!(
            (cases("0"), cases("1")),
            (["a.0", "a.2", "a.4"].map(String::from).to_vec(), ["a.1", "a.3"].map(String::from).to_vec())
        );
        fs::write(folder.join("session.gz.001"), &second[..3]).expect("writable");
        let error = super::session(&folder, Some("0")).expect_err("cut");
        assert!(error.to_string().contains("unpacking the plan"), "{error}");
        fs::remove_dir_all(&folder).expect("removable");
    }
}
