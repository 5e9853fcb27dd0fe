//! What the loader tells about itself.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::call::exists;
use crate::sys::loader::inquiry::{entries, locate, locate_main, locate_stack, requests, stack, thread_stack};
use crate::sys::loader::library;

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs: Needs::NOTHING, run }
}

pub const CASES: &[Case] = &[
    case(
        "loader.functions",
        "functions that not every loader has",
        "Which functions and variables of the loader's interface does the C library have?",
        "dlopen(3), dlinfo(3), dladdr(3); link.h; glibc NEWS 2.35 (_dl_find_object)",
        functions,
    ),
    case(
        "loader.address.function",
        "dladdr of a function",
        "What does dladdr say of a function of an open library?",
        "dladdr(3)",
        |o| locate(o, "./counter.so", "bump", 0),
    ),
    case(
        "loader.address.inside",
        "dladdr inside of a function",
        "What does dladdr say of an address two bytes inside of a function?",
        "dladdr(3)",
        |o| locate(o, "./counter.so", "bump", 2),
    ),
    case(
        "loader.address.data",
        "dladdr of a variable",
        "What does dladdr say of a variable of an open library?",
        "dladdr(3)",
        |o| locate(o, "./provider.so", "provided_data", 0),
    ),
    case(
        "loader.address.between",
        "dladdr of an address without symbol",
        "What does dladdr say of an address of a library behind its last symbol?",
        "dladdr(3): dli_sname is NULL if no symbol overlaps",
        |o| locate(o, "./provider.so", "provided_data", 64),
    ),
    case(
        "loader.address.stack",
        "dladdr of an address outside",
        "What does dladdr say of an address on the stack?",
        "dladdr(3)",
        locate_stack,
    ),
    case(
        "loader.address.main",
        "dladdr of main",
        "What does dladdr say of the program's main, which no dynamic symbol names?",
        "dladdr(3)",
        locate_main,
    ),
    case(
        "loader.information.requests",
        "requests of dlinfo",
        "Which requests does dlinfo answer?",
        "dlinfo(3)",
        requests,
    ),
    case(
        "loader.list.first",
        "the first entry",
        "What name has the program itself in dl_iterate_phdr, and is it the first?",
        "dl_iterate_phdr(3): the name of the main program is an empty string",
        first,
    ),
    case(
        "loader.list.size",
        "the size of an entry",
        "How large does dl_iterate_phdr say that its structure is?",
        "dl_iterate_phdr(3): the size tells which members are there",
        |o| o.fact("size_bytes", entries().first().map(|e| e.size)),
    ),
    case(
        "loader.list.kernel",
        "the kernel's own library",
        "Under what name does dl_iterate_phdr list the kernel's vDSO?",
        "vdso(7); glibc elf/setup-vdso.h; musl ldso/dynlink.c",
        kernel,
    ),
    case(
        "loader.list.counts",
        "counts of loads and unloads",
        "Do dlpi_adds and dlpi_subs change with dlopen and dlclose?",
        "dl_iterate_phdr(3), dlpi_adds and dlpi_subs",
        counts,
    ),
    case(
        "loader.stack.executable",
        "a library that wants an executable stack",
        "Does dlopen load a library whose PT_GNU_STACK asks for an executable stack, and does the stack become executable?",
        "glibc NEWS 2.41 (dlopen no longer makes the stack executable)",
        |o| stack(o, "./stack.so"),
    ),
    case(
        "loader.stack.plain",
        "a library that does not",
        "Does the stack stay as it was when a library without that wish is opened?",
        "glibc NEWS 2.41",
        |o| stack(o, "./counter.so"),
    ),
    case(
        "loader.stack.threads-opened",
        "a library that wants large thread stacks, opened",
        "Does dlopen of a library with a size of 4 MiB in its PT_GNU_STACK change the stack of threads?",
        "musl ldso/dynlink.c (map_library: __default_stacksize), WHATSNEW 1.1.21",
        |o| thread_stack(o, Some("./stack-size.so")),
    ),
    Case {
        // The object holds no code of a C library, so that either family's may be named; the other is passed over.
        needs: Needs::NOTHING.env(&[("LD_PRELOAD", "/.libcdiff/objects/musl/stack-size.so")]),
        ..case(
            "loader.stack.threads-preloaded",
            "a library that wants large thread stacks, loaded with the program",
            "Does a library with a size of 4 MiB in its PT_GNU_STACK change the stack of threads when it is preloaded?",
            "musl ldso/dynlink.c (map_library: __default_stacksize), WHATSNEW 1.1.21",
            |o| thread_stack(o, None),
        )
    },
    case(
        "loader.error.thread",
        "dlerror in another thread",
        "Is the message of a failed dlopen there for another thread?",
        "POSIX dlerror: not required to be thread-local; musl 1.1.9",
        thread,
    ),
];

fn functions(o: &mut Outcome) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program has no dynamic symbols to ask");
    }
    let names = [
        c"__tls_get_addr",
        c"_dl_find_object",
        c"_r_debug",
        c"dl_iterate_phdr",
        c"dladdr",
        c"dladdr1",
        c"dlinfo",
        c"dlmopen",
        c"dlvsym",
        c"gnu_get_libc_version",
        c"_dl_debug_addr",
        c"fcntl64",
        c"__printf_chk",
    ];
    o.table("present", names.iter().map(|name| (name.to_string_lossy().into_owned(), exists(name).into())).collect());
}

fn first(o: &mut Outcome) {
    let first = entries().into_iter().next().map(|entry| match entry.name.as_str() {
        "" => "empty",
        "/proc/self/exe" => "/proc/self/exe",
        name if name.ends_with("loader") => "the program's path",
        _ => "something else",
    });
    o.fact("first", first);
}

fn kernel(o: &mut Outcome) {
    let names = entries().into_iter().map(|entry| entry.name);
    let vdso = names.filter(|name| name.contains("vdso") || name.contains("linux-gate")).collect::<heap::vec::Vec<_>>();
    o.fact("names", vdso);
}

fn counts(o: &mut Outcome) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    let now = || entries().first().map_or([0, 0], |entry| entry.counts);
    let Some(start) = opened(o) else { return };
    let (opened, before) = start;
    let after = now();
    let _ = opened.close();
    let last = now();
    o.fact("loads_by_dlopen", after[0] - before[0]);
    o.fact("unloads_by_dlclose", last[1] - after[1]);
}

/// An object, and the counts before it was opened.
fn opened(o: &mut Outcome) -> Option<(library::Library, [u64; 2])> {
    o.need("entering the folder of objects", crate::sys::loader::enter_objects())?;
    let before = entries().first().map_or([0, 0], |entry| entry.counts);
    let library = library::Library::open(Some("./counter.so"), libc::RTLD_NOW);
    library.map_err(|message| o.broke(message)).ok().map(|library| (library, before))
}

fn thread(o: &mut Outcome) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    library::Library::fail("./nothing.so");
    let started = crate::sys::threads::thread::Thread::start(None, |_| usize::from(library::error().is_some()), 0);
    let Some(thread) = o.need("starting a thread", started) else { return };
    let Some(ended) = o.need("waiting for it", thread.join()) else { return };
    o.fact("seen_by_other_thread", ended == crate::sys::threads::thread::Ended::Returned(1));
    o.fact("seen_by_own_thread", library::error().is_some());
}
