//! The HTML page of a real run in a real browser, from a disk: what it shows, how it is used, how it looks, and that it asks
//! nobody for anything. `LIBCDIFF_TEST_PICTURES` names a folder for pictures of it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libcdiff::runfile::RunFile;
use tempfile::TempDir;

#[path = "page/browser.rs"]
mod browser;
#[path = "page/filters.rs"]
mod filters;
#[path = "page/impact.rs"]
mod impact;
#[path = "page/looks.rs"]
mod looks;
#[path = "page/rows.rs"]
mod rows;

use browser::Browser;

/// Cases of every kind that the page has: alike and not, by the C library and by the image's files, with queries, with
/// remedies that run; none waits long.
const CASES: &str =
    "time.strptime.*,time.zone.named,time.remedy.*,threads.stack.*,dns.search.nodata,dns.search.refused,strings.e*";

/// A page of a run that was just made, and a browser.
struct Opened {
    browser: Browser,
    run: RunFile,
    page: PathBuf,
    _folder: TempDir,
}

/// Makes a run and its page, and opens it; `None` where there is no browser.
fn opened() -> Option<Opened> {
    let browser = Browser::start()?;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let sizes = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["image", "compare", "--json", "debian-13", "debian-13-musl"])
        .output()
        .expect("libcdiff starts");
    std::fs::write(at("sizes.json"), sizes.stdout).expect("writable");
    // Answers made by hand, with the article's figures: what is looked at is how the page shows them.
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for name in ["article-wheels.json", "article-build.json"] {
        std::fs::copy(fixtures.join(name), at(name)).expect("copied");
    }
    let ran = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "debian-13", "debian-13-musl", "--case", CASES, "-o", "json=run.json", "-o", "html=page.html"])
        .args(["--sizes", "sizes.json", "--wheels", "article-wheels.json", "--build", "article-build.json"])
        .current_dir(folder.path())
        .output()
        .expect("libcdiff starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let run = std::fs::read_to_string(at("run.json")).expect("a run file");
    let run = RunFile::parse(&run).expect("a run file");
    let mut opened = Opened { browser, run, page: at("page.html"), _folder: folder };
    opened.reopen();
    Some(opened)
}

impl Opened {
    fn reopen(&mut self) {
        self.browser.open(&self.page);
    }

    fn file(&self) -> &Path {
        &self.page
    }
}

/// Nothing goes wrong in it, and nothing is asked for but the page.
#[test]
fn it_asks_nobody_for_anything_and_complains_of_nothing() {
    let Some(mut opened) = opened() else { return };
    let url = format!("file://{}", opened.file().display());
    opened.browser.eval("document.querySelectorAll('details').forEach(each => { each.open = true })");
    assert_eq!(opened.browser.requests(), [url]);
    assert_eq!(opened.browser.complaints(), [""; 0]);
    // Whatever an image says could not make it ask either: the page's own rules forbid it.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let asked = Arc::new(AtomicBool::new(false));
    let notes = Arc::clone(&asked);
    std::thread::spawn(move || listener.incoming().for_each(|_| notes.store(true, Ordering::SeqCst)));
    let failed = opened.browser.eval(&format!(
        "new Promise(done => {{ const picture = new Image(); picture.onload = () => done(false); \
         picture.onerror = () => done(true); picture.src = 'http://127.0.0.1:{port}/' }})",
    ));
    assert_eq!((failed, asked.load(Ordering::SeqCst)), (true.into(), false));
}

/// Without its script everything is there, and what is folded away opens.
#[test]
fn it_reads_whole_without_its_script() {
    let Some(mut opened) = opened() else { return };
    opened.browser.scripts(false);
    opened.reopen();
    let browser = &mut opened.browser;
    assert_eq!(
        browser.eval("document.getElementById('filters').hidden"),
        true,
        "filters that do nothing are not shown"
    );
    let shown =
        browser.texts("[...document.querySelectorAll('.case')].filter(e => !e.closest('[hidden]')).map(e => e.id)");
    let mut cases: Vec<String> = opened.run.observations.iter().map(|o| format!("case-{}", o.case)).collect();
    cases.dedup();
    assert_eq!(shown.len(), cases.len());
    let text = browser.text("document.body.textContent");
    for o in opened.run.observations.iter().filter(|o| o.flavour != libcdiff_protocol::Flavour::Reference) {
        assert!(text.contains(o.answer().trim_end()), "{} in {}: {}", o.case, o.image, o.answer());
    }
    let first = &opened.run.differences[0].case;
    let selector = format!("[id=\"case-{first}\"]");
    browser.click(&format!("{selector} > summary"));
    assert_eq!(browser.eval(&format!("document.querySelector('{selector}').open")), true);
    assert_eq!(browser.eval(&format!("document.querySelector('{selector} .answers').checkVisibility()")), true);
}
