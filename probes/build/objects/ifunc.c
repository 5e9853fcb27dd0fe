/* A library with a function that is chosen while it is loaded: by IFUNC, exported or called by the library itself; or, with
 * POINTER, by a constructor that sets a pointer. */
#include "object.h"

static int chosen(void) { return 21; }
#ifdef POINTER
static int (*picked)(void);
CONSTRUCTOR choose(void) { picked = chosen; }
int ask(void) { return picked() + 0; }
#else
static int (*choose(void))(void) { return chosen; }
#ifdef LOCAL
static int picked(void) __attribute__((ifunc("choose")));
int ask(void) { return picked() + 0; }
#else
int picked(void) __attribute__((ifunc("choose")));
#endif
#endif
