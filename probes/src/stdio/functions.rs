//! Functions that not every C library has.

use crate::functions::functions;

functions! {
    CASES, "glibc and musl, stdio.h, stdio_ext.h, printf.h, err.h, error.h, obstack.h";
    "stdio.functions.register", "registered conversions", [c"register_printf_function", c"register_printf_specifier", c"register_printf_modifier", c"parse_printf_format"];
    "stdio.functions.obstack", "obstacks", [c"obstack_printf", c"obstack_vprintf", c"_obstack_begin"];
    "stdio.functions.error", "error and err", [c"error", c"error_at_line", c"err", c"errx", c"warn", c"vwarnx"];
    "stdio.functions.checked", "checked variants of _FORTIFY_SOURCE", [c"__printf_chk", c"__snprintf_chk", c"__fgets_chk", c"__fread_chk"];
    "stdio.functions.isoc", "variants by language", [c"__isoc99_sscanf", c"__isoc99_fscanf", c"__isoc23_sscanf", c"__isoc23_strtol"];
    "stdio.functions.large", "large file names", [c"fopen64", c"fseeko64", c"ftello64", c"tmpfile64", c"mkstemp64", c"fgetpos64"];
    "stdio.functions.extensions", "stdio_ext.h", [c"__fbufsize", c"__fpending", c"__freading", c"__fpurge", c"__flbf", c"__fsetlocking", c"__freadable", c"_flushlbf"];
    "stdio.functions.unlocked", "unlocked variants", [c"getc_unlocked", c"fputs_unlocked", c"fgets_unlocked", c"fwrite_unlocked", c"fflush_unlocked", c"fputwc_unlocked", c"getwc_unlocked"];
    "stdio.functions.old", "old functions", [c"gets", c"getw", c"putw", c"tempnam", c"tmpnam_r", c"cuserid", c"mktemp"];
    "stdio.functions.bsd", "functions of BSD", [c"fgetln", c"fpurge", c"funopen", c"fopencookie", c"setlinebuf", c"setbuffer", c"fcloseall", c"fpurge"];
    "stdio.functions.wide", "wide streams", [c"open_wmemstream", c"vswprintf", c"fgetws", c"fputws_unlocked", c"wprintf"];
    "stdio.functions.internals", "glibc's inner names", [c"_IO_putc", c"_IO_getc", c"__overflow", c"__uflow", c"_IO_2_1_stdout_", c"__underflow"];
    "stdio.functions.strfrom", "doubles to strings", [c"strfromd", c"strfromf", c"strfroml", c"dprintf", c"vasprintf"];
}
