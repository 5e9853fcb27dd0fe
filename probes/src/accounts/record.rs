//! Records written to a stream and read from one.

use super::rows;
use crate::case::Case;
use crate::outcome::Outcome;
use crate::sys::accounts::files::{Kind, group_written, records, user_written};
use crate::sys::accounts::shadow;

fn read(o: &mut Outcome, path: &str, kind: Kind) {
    match records(path, kind) {
        None => o.broke("the file does not open"),
        Some(records) => {
            for record in records {
                o.line(record);
            }
            o.line("end");
        }
    }
}

pub const CASES: &[Case] = rows![
    (
        "record.user-read",
        "fgetpwent",
        "Which lines of a stream does fgetpwent read as users?",
        "fgetpwent(3)",
        [("/opt/records", "one:x:1:1:g:/:/bin/sh\n\n# comment\nshort:x\n+::::::\ntwo:x:2:2:g:/:/bin/sh\n")],
        |o| read(o, "/opt/records", Kind::User)
    ),
    (
        "record.group-read",
        "fgetgrent",
        "Which lines of a stream does fgetgrent read as groups?",
        "fgetgrent(3)",
        [("/opt/records", "one:x:1:a,b\n\n# comment\nshort\ntwo:x:2:\n")],
        |o| read(o, "/opt/records", Kind::Group)
    ),
    (
        "record.shadow-read",
        "fgetspent",
        "Which lines of a stream does fgetspent read as records?",
        "getspent(3), fgetspent",
        [("/opt/records", "one:h:1:2:3:4:5:6:7\nshort:h\ntwo:h:::::::\n")],
        |o| read(o, "/opt/records", Kind::Shadow)
    ),
    ("record.user", "putpwent", "What line does putpwent write?", "putpwent(3)", [], |o| o.line(user_written(
        Some("a"),
        Some("x"),
        Some("A. B.")
    ))),
    (
        "record.user-empty",
        "putpwent with empty strings",
        "What line does putpwent write for empty strings?",
        "putpwent(3)",
        [],
        |o| o.line(user_written(Some("a"), Some(""), Some("")))
    ),
    (
        "record.user-colon",
        "putpwent with a colon in a field",
        "Does putpwent write a field with a colon as it is?",
        "glibc pwd/putpwent.c (__nss_valid_field, __nss_rewrite_field); musl src/passwd/putpwent.c",
        [],
        |o| o.line(user_written(Some("a"), Some("x"), Some("A:B")))
    ),
    (
        "record.user-newline",
        "putpwent with a newline in a field",
        "Does putpwent write a newline in a field, and with it a second line?",
        "glibc pwd/putpwent.c (__nss_rewrite_field); musl src/passwd/putpwent.c",
        [],
        |o| o.line(user_written(Some("a"), Some("x"), Some("A\nroot2::0:0:::")))
    ),
    (
        "record.user-name-colon",
        "putpwent with a colon in the name",
        "Does putpwent write a name with a colon?",
        "glibc pwd/putpwent.c (EINVAL); musl src/passwd/putpwent.c",
        [],
        |o| o.line(user_written(Some("a:b"), Some("x"), Some("g")))
    ),
    (
        "record.user-null",
        "putpwent with null strings",
        "What does putpwent write for null pointers?",
        "glibc pwd/putpwent.c (_S); musl src/passwd/putpwent.c",
        [],
        |o| o.line(user_written(Some("a"), None, None))
    ),
    (
        "record.user-plus",
        "putpwent of +name",
        "What does putpwent write for a name that begins with +?",
        "glibc pwd/putpwent.c: numbers stay empty; musl src/passwd/putpwent.c",
        [],
        |o| o.line(user_written(Some("+a"), Some("x"), Some("g")))
    ),
    ("record.group", "putgrent", "What line does putgrent write for two members?", "putgrent(3)", [], |o| o
        .line(group_written("g", Some("x"), &["a", "b"]))),
    (
        "record.group-empty",
        "putgrent without members",
        "What line does putgrent write without members?",
        "putgrent(3)",
        [],
        |o| o.line(group_written("g", Some("x"), &[]))
    ),
    (
        "record.group-comma",
        "putgrent with a comma in a member",
        "Does putgrent write a member with a comma?",
        "glibc grp/putgrent.c (__nss_valid_list_field); musl src/passwd/putgrent.c",
        [],
        |o| o.line(group_written("g", Some("x"), &["a,b"]))
    ),
    ("record.shadow", "putspent", "What line does putspent write?", "getspent(3), putspent", [], |o| o
        .line(shadow::written("a", Some("h"), [1, 2, 3, 4, 5, 6]))),
    (
        "record.shadow-empty",
        "putspent with empty numbers",
        "What line does putspent write for numbers of -1?",
        "shadow(5); glibc shadow/putspent.c; musl src/passwd/putspent.c",
        [],
        |o| o.line(shadow::written("a", None, [-1; 6]))
    ),
];
