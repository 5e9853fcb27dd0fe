use super::*;
use crate::bench::file::BenchFile;

/// The bench file of the goldens, with names and figures as long as they get.
fn long() -> BenchFile {
    let text =
        include_str!("../../../../tests/fixtures/bench.json").replace("debian-13-musl", "registry.example-team-tools");
    let mut file = BenchFile::parse(&text).expect("a bench file");
    for measured in &mut file.workloads {
        measured.workload.name = "producer-consumer".into();
        measured.diagnosis = vec!["a line about what probably is behind the difference, ".repeat(4)];
        for outcome in &mut measured.outcomes {
            outcome.ns_per_op = outcome.ns_per_op.map(|_| 9_123_456.0);
            if let Some(ratio) = &mut outcome.ratio {
                (ratio.median, ratio.low, ratio.high) = (1.01234, 0.91234, 1.09876);
            }
            outcome.verdict = outcome.verdict.map(|_| Verdict::NoDifference);
        }
    }
    file
}

fn plain(file: &BenchFile, width: usize) -> String {
    anstream::adapter::strip_str(&render(file, width, true)).to_string()
}

#[test]
fn the_table_fits_its_columns() {
    for subjects in 0..2 {
        let mut file = long();
        if subjects == 1 {
            // A third subject: then each has a line of its own.
            let third = Subject { id: format!("{}+mimalloc-secure", file.subjects[2].id), ..file.subjects[2].clone() };
            for measured in &mut file.workloads {
                let outcome = measured.outcomes[2].clone();
                measured.outcomes.push(Outcome { subject: third.id.clone(), ..outcome });
            }
            file.subjects.push(third);
        }
        for width in [80, 120] {
            let table = plain(&file, width);
            let wide: Vec<_> = table.lines().filter(|line| line.chars().count() > width).collect();
            assert!(wide.is_empty(), "{width}: {wide:#?}\n{table}");
            assert!(table.lines().all(|line| line == line.trim_end()), "{table}");
        }
    }
}
