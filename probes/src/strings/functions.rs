//! Functions that not every C library has.

use crate::functions::functions;

functions! {
    CASES, "glibc and musl, string.h, stdlib.h, search.h, wchar.h";
    "strings.functions.bsd", "copies with a limit", [c"strlcpy", c"strlcat", c"wcslcpy", c"wcslcat", c"explicit_bzero"];
    "strings.functions.gnu", "GNU's strings", [c"strchrnul", c"rawmemchr", c"memrchr", c"mempcpy", c"strfry", c"memfrob", c"strcasestr", c"memmem"];
    "strings.functions.np", "names of errors and signals", [c"strerrorname_np", c"strerrordesc_np", c"sigabbrev_np", c"sigdescr_np", c"sys_errlist", c"sys_siglist"];
    "strings.functions.sort", "sorting and searching", [c"qsort_r", c"lfind", c"hsearch_r", c"twalk_r", c"tdestroy", c"heapsort", c"mergesort"];
    "strings.functions.random", "random numbers", [c"arc4random", c"arc4random_uniform", c"random_r", c"drand48_r", c"getentropy", c"initstate_r"];
    "strings.functions.convert", "conversions of numbers", [c"strtoq", c"ecvt_r", c"qecvt", c"qgcvt", c"strtod_l", c"__strtod_internal", c"strfmon"];
    "strings.functions.checked", "checked variants of _FORTIFY_SOURCE", [c"__strcpy_chk", c"__memcpy_chk", c"__strlcpy_chk", c"__stpncpy_chk"];
    "strings.functions.match", "matching", [c"rpmatch", c"fnmatch", c"re_compile_pattern", c"wordexp", c"strverscmp"];
    "strings.functions.memory", "C23 memory", [c"memset_explicit", c"memccpy", c"memalignment", c"free_sized", c"stdc_count_ones_ui"];
    "strings.functions.basename", "names for basename", [c"basename", c"__xpg_basename", c"__xpg_strerror_r", c"dirname"];
}
