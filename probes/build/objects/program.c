/* A program that says that it runs. It begins as the C library's own start file does, with __libc_start_main, which runs the
 * constructors on musl; with PLAIN it has nothing of a C library at all. NEEDS: calls `speak` of a library. MISSING: calls a
 * function that its library has lost, only where it has an argument. PREINIT: has a function to be called before every
 * library's constructor. */
#include "object.h"

#ifdef NEEDS
extern void speak(void);
#endif
#ifdef MISSING
extern void nobody_has_this(void);
#endif
#ifdef MISSING_DATA
extern int nobody_has_this_data;
#endif
#ifdef PREINIT
static void early(void) { SAY("preinit array"); }
__attribute__((section(".preinit_array"), used)) static void (*entry)(void) = early;
#endif

static int body(int argc, char **argv, char **envp) {
    (void)argc, (void)argv, (void)envp;
#ifdef NEEDS
    speak();
#endif
#ifdef MISSING
    if (argc > 1)
        nobody_has_this();
#endif
#ifdef MISSING_DATA
    if (argc > 1)
        return nobody_has_this_data;
#endif
    SAY("main");
    return 0;
}

#ifndef PLAIN
typedef int Main(int, char **, char **);
extern int __libc_start_main(Main *, int, char **, void (*)(void), void (*)(void), void (*)(void));
#endif

/* `finish` is what the loader leaves in a register: for glibc, the function that runs destructors at the end. */
void __attribute__((noreturn, used)) begin(long *stack, void (*finish)(void)) {
#ifdef PLAIN
    (void)finish;
    leave(body((int)*stack, (char **)(stack + 1), 0));
#else
    leave(__libc_start_main(body, (int)*stack, (char **)(stack + 1), 0, 0, finish));
#endif
}
#ifdef __x86_64__
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n mov %rdx, %rsi\n and $-16, %rsp\n call begin\n");
#else
__asm__(".globl _start\n_start:\n mov x29, 0\n mov x30, 0\n mov x1, x0\n mov x0, sp\n and sp, x0, -16\n b begin\n");
#endif
