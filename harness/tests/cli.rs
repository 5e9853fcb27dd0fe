//! The command line as people see it: what is printed, word for word, is kept in `tests/cmd` and renewed by
//! `make goldens`. Output that depends on the machine is not here; a run file of two images stands in for a run.

#[test]
fn goldens() {
    let cache = tempfile::tempdir().expect("a folder");
    trycmd::TestCases::new()
        .env("LIBCDIFF_CACHE", cache.path().display().to_string())
        .env("LIBCDIFF_IMAGES", cache.path().join("none").display().to_string())
        .env("RUN", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/run.json"))
        .case("tests/cmd/*.trycmd");
}

#[test]
fn the_schemas_in_the_repository_are_those_of_the_types() {
    for (checked_in, generated) in [
        (include_str!("../../reports/run.schema.json"), libcdiff::runfile::RunFile::json_schema()),
        (include_str!("../../reports/bench.schema.json"), libcdiff::bench::file::BenchFile::json_schema()),
        (include_str!("../../reports/baseline.schema.json"), libcdiff::check::baseline::Baseline::json_schema()),
        (include_str!("../../reports/policy.schema.json"), libcdiff::check::policy::Policy::json_schema()),
        (include_str!("../../reports/wheels.schema.json"), libcdiff::wheels::answer::Answer::json_schema()),
        (include_str!("../../reports/build.schema.json"), libcdiff::build::file::BuildFile::json_schema()),
        (include_str!("../../reports/impact.schema.json"), libcdiff::impact::answer::Impact::json_schema()),
    ] {
        assert_eq!(checked_in, generated.expect("a schema"), "renew it with `make goldens`");
    }
}

#[test]
fn a_bench_file_reads_back_as_it_was_written() {
    let text = include_str!("fixtures/bench.json");
    let bench = libcdiff::bench::file::BenchFile::parse(text).expect("a bench file");
    assert_eq!(bench.to_json().expect("JSON"), text);
}

#[test]
fn a_run_file_reads_back_as_it_was_written() {
    let text = include_str!("fixtures/run.json");
    let run = libcdiff::runfile::RunFile::parse(text).expect("a run file");
    let mut written = Vec::new();
    run.write_json(&mut written).expect("JSON");
    assert_eq!(String::from_utf8_lossy(&written), text);
}
