//! The view of a program: what it says is what the answer says, every link leads somewhere, and a name cannot write markup.

use std::fs;
use std::path::Path;
use std::process::Command;

use libcdiff::impact::answer::Impact;

use crate::CASES;
use crate::browser::Browser;

/// It imports strptime and pthread_create, whose cases are among the run's, and a name that no C library has.
const SOURCE: &str = "char *strptime(const char *, const char *, void *); int pthread_create(); int nowhere() __attribute__((weak));\n\
                      char tm[256]; int main(int n, char **all) {\n\
                      return strptime(all[0], \"%F\", tm) != 0 && pthread_create(tm, 0, nowhere, 0) == 0; }\n";
/// What a page must not take for anything but a name.
const NAME: &str = "a<b>&\"'c{{ 1 }}";

/// Runs it in a folder; what it printed.
fn libcdiff(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(arguments).current_dir(folder).output();
    let output = output.expect("libcdiff starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_view_of_a_program_is_its_answer() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("program.c"), SOURCE).expect("writable");
    let mut compiler = Command::new("cc");
    compiler.args(["-w", "-fno-builtin", "program.c", "-o", NAME]).current_dir(folder.path());
    assert!(compiler.status().is_ok_and(|status| status.success()), "cc is needed: run `make setup`");
    libcdiff(folder.path(), &["run", "debian-13", "debian-13-musl", "--case", CASES, "-o", "json=run.json"]);
    let sides = ["--from", "debian-13", "--to", "debian-13-musl", "--run", "run.json"];
    let program = format!("./{NAME}");
    let arguments = [&["impact", &program, "--json", "--html", "page.html"][..], &sides].concat();
    let found: Impact = serde_json::from_str(&libcdiff(folder.path(), &arguments)).expect("JSON");
    assert!(found.touched.len() > 1 && found.counts.touching < found.counts.differences, "{:?}", found.counts);

    browser.open(&folder.path().join("page.html"));
    let all = |what: &str| format!("[...document.querySelectorAll('.impact {what}')].map(e => e.textContent.trim())");
    assert_eq!(browser.texts(&all("h2 code")), [format!("./{NAME}")]);
    assert!(browser.texts(&all("> p")).contains(&found.sentence), "{}", found.sentence);
    assert_eq!(browser.eval("document.querySelectorAll('.impact b').length"), 0, "the name wrote markup");

    // Why it does not start, folded away, and what touches it, in the order of the answer.
    let stopped = &found.starts[0];
    assert!(!stopped.starts, "{stopped:?}");
    browser.click(".impact > details > summary");
    assert_eq!(browser.eval("document.querySelector('.impact > details').open"), true);
    let reasons = browser.texts(&all("> details:first-of-type li"));
    assert!(stopped.obstacles.iter().all(|obstacle| reasons.contains(&obstacle.told)), "{reasons:?}");
    let titles: Vec<&str> = found.touched.iter().map(|touched| touched.title.as_str()).collect();
    assert_eq!(browser.texts(&all("> table tbody th")), titles);
    for (n, touched) in found.touched.iter().enumerate() {
        let row = browser.text(&format!("document.querySelectorAll('.impact > table tbody tr')[{n}].textContent"));
        assert!(touched.evidence.iter().all(|evidence| row.contains(&evidence.symbol)), "{row}");
        assert!(touched.cases.iter().all(|case| row.contains(case)), "{row}");
    }

    // Every link leads to something in the page.
    let lost = "[...document.querySelectorAll('.impact a')].map(e => e.getAttribute('href'))\
                .filter(to => !document.getElementById(decodeURIComponent(to.slice(1))))";
    assert_eq!(browser.texts(lost), [""; 0]);
    assert!(browser.texts(&all("a")).len() > titles.len());
    for width in [1400, 800, 400] {
        browser.size(width, 900);
        browser.picture(&format!("impact-{width}"));
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.eval(wide), false, "{width}");
    }
    assert_eq!(browser.complaints(), [""; 0]);
}
