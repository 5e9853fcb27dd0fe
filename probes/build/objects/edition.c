/* What a library with one version of `edition` looks like to the linker; never loaded. And who asks it. */
#ifdef ASKS
extern int edition(void);
int ask(void) { return edition() + 0; }
#else
int edition(void) { return 0; }
#endif
