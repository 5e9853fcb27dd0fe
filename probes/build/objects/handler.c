/* A library that leaves a handler for the end of the process, as a compiler's start files do it: for glibc, `atexit` in a
 * library is `__cxa_atexit` with the library's handle, and its end calls `__cxa_finalize` with the same. */
#include "object.h"

static void handler(void) { SAY("handler: runs"); }
static void *handle = &handle;
extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void __attribute__((weak)) __cxa_finalize(void *);
#ifdef MUSL
extern int atexit(void (*)(void));
#endif

CONSTRUCTOR constructed(void) {
#ifdef MUSL
    atexit(handler);
#else
    __cxa_atexit((void (*)(void *))handler, 0, handle);
#endif
    SAY("handler: left");
}

DESTRUCTOR destroyed(void) {
    SAY("handler: destroyed");
    if (__cxa_finalize)
        __cxa_finalize(handle);
}
