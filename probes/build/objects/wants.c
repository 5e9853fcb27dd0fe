/* A library that wants what another one provides: a function, a variable, or a function that may be missing. */
#if defined DATA
extern int provided_data;
int ask(void) { return provided_data; }
#elif defined WEAK
extern int __attribute__((weak)) provided(void);
int ask(void) { return provided ? provided() : -1; }
#else
extern int provided(void);
int ask(void) { return provided() + 0; }
#endif
int other(void) { return 3; }
