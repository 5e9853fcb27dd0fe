/* A library with an `answer` of its own, and `ask`, which calls `answer` by its name. */
extern void *dlsym(void *, const char *);
int answer(void) { return VALUE; }
int __attribute__((optimize("no-optimize-sibling-calls"))) ask(void) { return answer() + 0; }
#ifdef NEXT
/* 1000 and what the `answer` after this one says; -1 where there is none. */
int ask_next(void) {
    int (*next)(void) = (int (*)(void))dlsym((void *)-1L, "answer");
    return next ? 1000 + next() : -1;
}
#endif
