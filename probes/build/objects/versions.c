/* A library with two versions of `edition`, of which the second is the default; or with one that is no default. */
int first(void) { return 1; }
int second(void) { return 2; }
__asm__(".symver first, edition@V1");
#ifndef HIDDEN
__asm__(".symver second, edition@@V2");
#endif
