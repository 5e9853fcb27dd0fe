//! The probes that the other tests run: they pass the audit, and their record tells of these very files.

use std::path::{Path, PathBuf};

use libcdiff_probe_audit::{Libraries, Record, audit, program::hex, read, rules::ALLOCATORS};
use sha2::{Digest, Sha256};

/// The folder of built probes: `LIBCDIFF_PROBES`, as `make test` sets it, or where `make probes` puts them.
fn folder() -> PathBuf {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/probes");
    let folder = std::env::var_os("LIBCDIFF_PROBES").map_or_else(usual, PathBuf::from);
    assert!(folder.join("build.json").exists(), "no probes in {}; run 'make probes'", folder.display());
    folder
}

#[test]
fn the_built_probes_pass() {
    let record = Record::read(&folder().join("build.json")).expect("the record can be read");
    let libraries = Libraries::read(&record.libraries.glibc, &record.libraries.musl).expect("they can be read");
    assert_eq!(audit(&folder(), &libraries).expect("the audit can judge").findings, []);
}

#[test]
fn the_record_tells_of_the_files_that_are_there() {
    let record = Record::read(&folder().join("build.json")).expect("the record can be read");
    let agent = record.agent.clone().map(|agent| (folder().join(&agent.name), agent));
    let programs = record.flavours.into_iter().flat_map(|flavour| {
        let place = folder().join(flavour.name.name());
        flavour.programs.into_iter().map(move |program| (place.join(&program.name), program))
    });
    let mut seen = 0;
    for (path, program) in programs.chain(agent) {
        let digest = Sha256::digest(read(&path).expect("the program is there"));
        assert_eq!(hex(&digest), program.sha256, "{}", path.display());
        seen += 1;
    }
    for (name, digest) in &record.objects {
        let object = read(&folder().join("objects").join(name)).expect("the object is there");
        assert_eq!(hex(&Sha256::digest(&object)), *digest, "{name}");
    }
    for allocator in &record.allocators {
        let file = folder().join(format!("allocators/{}/{}.so", allocator.flavour, allocator.name));
        let digest = Sha256::digest(read(&file).expect("the allocator is there"));
        assert_eq!(hex(&digest), allocator.sha256, "{}", file.display());
    }
    let allocators: &[_] = if record.builder == "cross" { &[] } else { ALLOCATORS };
    assert_eq!(record.allocators.len(), 2 * allocators.len(), "one for each C library");
    assert!(record.objects.len() > 50, "only {} objects are recorded", record.objects.len());
    assert!(seen > 4, "only {seen} programs are recorded");
}
