//! What belongs to one thread: specific data, thread-local storage, and its name.

use heap::string::ToString;

use super::overflow::in_thread_of;
use crate::case::{Case, Needs};
use crate::sys::threads::attributes::{Attributes, sysconf};
use crate::sys::threads::{keys, names, thread};
use crate::text;

pub const KEYS_LIMIT: Case = Case {
    id: "threads.keys.limit",
    title: "number of thread-specific keys",
    question: "How many keys does pthread_key_create make, and with which error does it stop?",
    source: "POSIX pthread_key_create: EAGAIN beyond PTHREAD_KEYS_MAX; musl include/limits.h",
    needs: Needs::NOTHING,
    run: |o| {
        let (made, error) = keys::exhaust(4096);
        o.fact("keys", made);
        o.fact("errno", text::errno(error.map_or(0, |e| e.0)));
        o.fact("sysconf_keys", sysconf(libc::_SC_THREAD_KEYS_MAX));
    },
};

pub const KEYS_DESTRUCTORS: Case = Case {
    id: "threads.keys.destructors",
    title: "calls of a destructor",
    question: "How often is the destructor of a thread-specific value called that sets the value again?",
    source: "POSIX PTHREAD_DESTRUCTOR_ITERATIONS",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(calls) = o.need("running a thread with a destructor", keys::destructor_calls()) {
            o.fact("calls", calls);
            o.fact("sysconf_calls", sysconf(libc::_SC_THREAD_DESTRUCTOR_ITERATIONS));
        }
    },
};

pub const KEYS_DELETE: Case = Case {
    id: "threads.keys.delete-twice",
    title: "deleting a key twice",
    question: "What does pthread_key_delete return for a key that was deleted before?",
    source: "POSIX pthread_key_delete, issue 7: undefined for a key that does not exist, EINVAL before",
    needs: Needs::NOTHING,
    run: |o| {
        if let Some(codes) = o.need("making a key", keys::delete_twice()) {
            o.fact("first_errno", text::errno(codes[0]));
            o.fact("second_errno", text::errno(codes[1]));
        }
    },
};

pub const TLS_SMALL_STACK: Case = Case {
    id: "threads.tls.small-stack",
    title: "large thread-local storage, small stack",
    question: "Can a thread with 256 KiB of stack be made in a program with 1 MiB of thread-local storage?",
    source: "glibc bug 11787 (thread-local storage is taken from the stack that was asked for)",
    needs: Needs::NOTHING.program("threads-tls1m"),
    run: |o| {
        let Some(attributes) = o.need("asking for a stack of 256 KiB", Attributes::with_stack(256 << 10)) else {
            return;
        };
        let made = thread::Thread::start(Some(&attributes), |_| 0, 0).and_then(thread::Thread::join);
        o.fact("errno", text::errno(made.map_or_else(|e| e.0, |_| 0)));
        if made.is_ok() {
            in_thread_of(o, Some(&attributes));
        }
    },
};

pub const TLS_ADDED: Case = Case {
    id: "threads.tls.added-to-stack",
    title: "remedy: stack with room for thread-local storage",
    question: "Can a thread with 256 KiB of stack and 1 MiB more be made in a program with 1 MiB of thread-local storage?",
    source: "glibc bug 11787 (thread-local storage is taken from the stack that was asked for)",
    needs: Needs::NOTHING.program("threads-tls1m"),
    run: |o| {
        let Some(attributes) = o.need("asking for a stack of 1280 KiB", Attributes::with_stack(1280 << 10)) else {
            return;
        };
        let made = thread::Thread::start(Some(&attributes), |_| 0, 0).and_then(thread::Thread::join);
        o.fact("errno", text::errno(made.map_or_else(|e| e.0, |_| 0)));
    },
};

pub const NAME_SET: Case = Case {
    id: "threads.name.set",
    title: "length of a thread name",
    question: "How long may a name be that pthread_setname_np gives to a thread?",
    source: "pthread_setname_np(3): ERANGE for more than 16 bytes with the terminator",
    needs: Needs::NOTHING,
    run: |o| {
        let rows = [c"", c"123456789012345", c"1234567890123456", c"a/b c"];
        let rows = rows.map(|name| (name.to_string_lossy().to_string(), text::errno(names::set(name)).into()));
        o.table("errno", rows.into());
    },
};

pub const NAME_GET: Case = Case {
    id: "threads.name.get",
    title: "buffer for a thread name",
    question: "What does pthread_getname_np write into buffers of 64, 16, 15 and 4 bytes?",
    source: "pthread_getname_np(3): ERANGE where the buffer is too small; musl 1.2.3 brought the function",
    needs: Needs::NOTHING,
    run: |o| {
        names::set(c"abc");
        let mut rows = heap::vec::Vec::new();
        for bytes in [64usize, 16, 15, 4] {
            let Some(answer) = names::get(bytes) else {
                return o.unsupported("this C library has no pthread_getname_np");
            };
            rows.push((heap::format!("{bytes} bytes"), answer.unwrap_or_else(text::errno).into()));
        }
        o.table("name", rows);
    },
};
