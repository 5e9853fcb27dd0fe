//! The names that compilers and headers put in the place of the function that a programmer wrote: checked ones, those of a newer
//! standard, those for large files and wide times, and internal ones. `__printf_chk` is printf.

/// Functions whose every call goes by another name, which no rule gives.
const OTHERS: [(&str, &str); 16] = [
    ("_IO_getc", "getc"),
    ("_IO_putc", "putc"),
    ("_IO_puts", "puts"),
    ("__assert_fail", "assert"),
    ("__ctype_b_loc", "isalpha"),
    ("__ctype_tolower_loc", "tolower"),
    ("__ctype_toupper_loc", "toupper"),
    ("__fxstat", "fstat"),
    ("__fxstatat", "fstatat"),
    ("__lxstat", "lstat"),
    ("__xstat", "stat"),
    ("__xmknod", "mknod"),
    ("__xmknodat", "mknodat"),
    ("_setjmp", "setjmp"),
    ("preadv64v2", "preadv2"),
    ("pwritev64v2", "pwritev2"),
];
/// How POSIX's functions begin where glibc has one of its own under the name: `__xpg_strerror_r`.
const POSIX: &str = "__xpg_";
/// Names that end in 64 and have no other without it.
const NOT_LARGE: [&str; 3] = ["htobe64", "be64toh", "le64toh"];

/// What a program that is linked against glibc has inside, and the function of the C library that it calls there: before 2.33 stat and
/// its kin, and these always.
const INSIDE: [(&str, &str); 13] = [
    ("at_quick_exit", "__cxa_at_quick_exit"),
    ("atexit", "__cxa_atexit"),
    ("fstat", "__fxstat"),
    ("fstat64", "__fxstat64"),
    ("fstatat", "__fxstatat"),
    ("fstatat64", "__fxstatat64"),
    ("lstat", "__lxstat"),
    ("lstat64", "__lxstat64"),
    ("mknod", "__xmknod"),
    ("mknodat", "__xmknodat"),
    ("pthread_atfork", "__register_atfork"),
    ("stat", "__xstat"),
    ("stat64", "__xstat64"),
];

/// What of glibc a program that is linked against it calls for a function which it then has inside.
pub fn inside(name: &str) -> Option<&'static str> {
    INSIDE.iter().find(|(outer, _)| *outer == name).map(|(_, inner)| *inner)
}

/// The function behind an imported name, where that is another one: `sscanf` of `__isoc99_sscanf`.
pub fn base(name: &str) -> Option<String> {
    if let Some((_, base)) = OTHERS.iter().find(|(other, _)| *other == name) {
        return Some((*base).to_owned());
    }
    if name.starts_with(POSIX) {
        return None;
    }
    let inner = name.strip_prefix("__").unwrap_or(name);
    let standard = inner.strip_prefix("isoc99_").or_else(|| inner.strip_prefix("isoc23_"));
    let checked = inner.strip_suffix("_chk").filter(|_| name.starts_with("__"));
    let finite = inner.strip_suffix("_finite").filter(|_| name.starts_with("__"));
    let internal =
        inner.strip_suffix("_internal").filter(|_| name.starts_with("__strto") || name.starts_with("__wcsto"));
    let base = standard.or(checked).or(finite).or(internal).unwrap_or(inner);
    let base = base.strip_suffix("_time64").unwrap_or(base);
    let large = base.strip_suffix("64").filter(|short| !short.is_empty() && !NOT_LARGE.contains(&base));
    // stat64 is __xstat64 inside, in older programs.
    let base = large.unwrap_or(base);
    if let Some((_, other)) = OTHERS.iter().find(|(other, _)| other.strip_prefix("__") == Some(base)) {
        return Some((*other).to_owned());
    }
    (base != name).then(|| base.to_owned())
}

/// Every name under which a symbol may be spoken of: its own, the function behind it, and that without the locale that it takes.
pub fn spoken(name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned()];
    all.extend(base(name));
    let without = all.iter().filter_map(|name| name.strip_suffix("_l")).map(str::to_owned).collect::<Vec<_>>();
    all.extend(without);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_writes_are_functions_that_everybody_knows() {
        for (name, of) in [
            ("__printf_chk", "printf"),
            ("preadv64v2", "preadv2"),
            ("__isoc99_sscanf", "sscanf"),
            ("__isoc23_strtol", "strtol"),
            ("fopen64", "fopen"),
            ("__fxstat64", "fstat"),
            ("__xstat", "stat"),
            ("__pow_finite", "pow"),
            ("__clock_gettime64", "clock_gettime"),
            ("__stat_time64", "stat"),
            ("__strdup", "strdup"),
            ("__res_init", "res_init"),
            ("__strtol_internal", "strtol"),
            ("__open64_2", "open64_2"),
        ] {
            assert_eq!(base(name).as_deref(), Some(of), "{name}");
        }
        // The last two are other functions than those of glibc without the prefix: POSIX's.
        for name in ["printf", "qsort", "strtol", "htobe64", "__xpg_basename", "__xpg_strerror_r"] {
            assert_eq!(base(name), None, "{name}");
        }
        assert_eq!((inside("atexit"), inside("exit")), (Some("__cxa_atexit"), None));
        assert_eq!(spoken("__strftime_l"), ["__strftime_l", "strftime_l", "__strftime", "strftime"]);
    }
}
