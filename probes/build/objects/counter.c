/* A library with a static counter that starts at START. */
static int count = START;
int bump(void) { return ++count; }
