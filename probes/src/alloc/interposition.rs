//! A program's own `malloc`: whether the C library uses it.

use crate::case::{Case, Needs};
use crate::sys::alloc::interposed;

pub const USERS: Case = Case {
    id: "alloc.interposition.users",
    title: "functions that use the program's malloc",
    question: "Which functions of the C library use the malloc, calloc, realloc and free that the program defines?",
    source: "glibc manual, replacing malloc; musl 1.1.20 (supported since), src/malloc/replaced.c",
    needs: Needs::NOTHING.program("alloc-interposed").env(&[("TZ", "UTC0")]),
    run: |o| {
        if !interposed::active() {
            return o.broke("this program does not define malloc; run the case with alloc-interposed");
        }
        let rows = interposed::USERS.iter().map(|user| {
            let used = interposed::used_by(user);
            let said = if used.is_empty() { "none".into() } else { used.join(", ") };
            (user.name.into(), said.into())
        });
        o.table("used", rows.collect());
    },
};
