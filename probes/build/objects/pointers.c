/* A library whose table of pointers is right once its relative relocations are applied. */
static int numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static int *volatile table[8] = {numbers, numbers + 1, numbers + 2, numbers + 3, numbers + 4, numbers + 5, numbers + 6, numbers + 7};
/* How many of the pointers point to their number; compared as addresses, so that nothing crashes. */
int relocated(void) {
    int right = 0;
    for (int i = 0; i < 8; i++)
        right += table[i] == numbers + i;
    return right;
}
#ifdef MARKED
extern int getpid(void);
int ask(void) { return getpid(); }
#endif
