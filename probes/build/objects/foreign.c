/* What a compiler with _FORTIFY_SOURCE makes of printf, for glibc. */
extern int __printf_chk(int, const char *, ...);
int ask(void) { return __printf_chk(1, "fortified\n"); }
