/* A library with a function that is chosen while it is loaded (IFUNC): exported, or called by the library itself. */
static int chosen(void) { return 21; }
static int (*choose(void))(void) { return chosen; }
#ifdef LOCAL
static int picked(void) __attribute__((ifunc("choose")));
int ask(void) { return picked() + 0; }
#else
int picked(void) __attribute__((ifunc("choose")));
#endif
