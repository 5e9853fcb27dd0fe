/* A library with every way to be told of its beginning and its end: DT_INIT, DT_INIT_ARRAY, DT_FINI_ARRAY, DT_FINI. */
#include "object.h"

void begin(void) { SAY("init"); }
void end(void) { SAY("fini"); }
static void __attribute__((constructor(101))) first(void) { SAY("init array, priority 101"); }
CONSTRUCTOR last(void) { SAY("init array"); }
static void __attribute__((destructor(101))) last_end(void) { SAY("fini array, priority 101"); }
DESTRUCTOR first_end(void) { SAY("fini array"); }
