/* A library whose constructor says what it was called with; or, with READS, whether it can read the arguments itself. */
#include "object.h"

#ifdef READS
CONSTRUCTOR constructed(void) {
    char text[64];
    long file = call(OPENAT, -100, (long)"/proc/self/cmdline", 0);
    if (file >= 0 && call(READ, file, (long)text, sizeof text) > 0 && text[0])
        SAY("arguments: read");
    else
        SAY("arguments: not readable");
}
#else
CONSTRUCTOR constructed(int argc, char **argv, char **envp) {
    if (argc < 1 || argc > 64 || (unsigned long)argv < 65536 || (unsigned long)envp < 65536)
        SAY("arguments: none");
    else if (argv[argc] == 0 && envp == argv + argc + 1)
        SAY("arguments: argc, argv and envp");
    else
        SAY("arguments: argc and argv, and another envp");
}
#endif
int answer(void) { return 1; }
