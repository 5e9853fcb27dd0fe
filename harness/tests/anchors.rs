//! Anchors of the areas `loader` and `accounts`: what a plain C program, compiled apart from the probes with each family's own
//! compiler, was seen to do in these images. Should a probe come to ask something else, one of them moves.

use std::process::Command;

use libcdiff::runfile::RunFile;

/// A case, and a line that its answer must hold with glibc 2.41 and with musl 1.2.5.
const ANCHORS: &[(&str, &str, &str)] = &[
    ("loader.close.destructor", "a: destroyed\nclose: 0\nclosed", "close: 0\nclosed\na: destroyed"),
    ("loader.close.statics", "bump: 2\nclose: 0\nopen ./counter.so: done\nbump: 1", "bump: 3"),
    ("loader.open.lazy-data", "undefined symbol: provided_data", "open ./wants-data.so: done"),
    ("loader.open.no-flags", "invalid mode for dlopen()", "open ./counter.so: done"),
    ("loader.tls.initial", "bump: 7", "initial-exec TLS resolves to dynamic definition"),
    ("loader.variable.preload-colon", "c: constructed\na: constructed", "a: constructed\nc: constructed"),
    ("loader.program.missing-function", "main", "nobody_has_this: symbol not found"),
    ("loader.relocate.packed", "relocated: 8", "relocated: 8"),
    ("accounts.line.too-large-id", "last:x:2:2::/:/bin/sh", "large:x:0:1::/:/bin/sh"),
    ("accounts.line.no-newline", "last:x:2:2::/:/bin/sh", "last:x:2:2::/:/bin/s\n"),
    ("accounts.line.plus-by-name", "null, errno 0", "+::0:0:::"),
    ("accounts.record.user-newline", "A root2  0 0   :", "A\\nroot2::0:0:::"),
    ("accounts.service.alias", "http 80/tcp aliases=www,www-http", "www 80/tcp aliases=www"),
    ("accounts.hash.yescrypt", "$y$j75$saltsaltsaltsalt$DsMjm5uqUiFBUYLB9CLnX8E/M0k0mOVJBUWdpCrUik9", "$yyc.ocLMbaPI"),
    ("accounts.login.variable", "is_LOGNAME: no", "is_LOGNAME: yes"),
    ("accounts.log.put", "file_bytes: 384", "file_bytes: 0"),
];

#[test]
fn answers_are_those_of_plain_c() {
    let cases = ANCHORS.iter().map(|(case, ..)| *case).collect::<Vec<_>>().join(",");
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "--format", "json", "--case", &cases, "debian-13", "debian-13-musl"])
        .output()
        .expect("libcdiff starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
    for (case, glibc, musl) in ANCHORS {
        for (image, expected) in [("debian-13", glibc), ("debian-13-musl", musl)] {
            let flavour = libcdiff::compare::own_flavour(run.image(image).expect("the image"));
            let seen = run.observations.iter().find(|o| o.case == *case && o.image == image && o.flavour == flavour);
            let text = format!("{}\n", seen.unwrap_or_else(|| panic!("{case} did not run in {image}")).text);
            assert!(text.contains(expected), "{case} in {image}: {text}");
        }
    }
}
