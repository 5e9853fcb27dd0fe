/* A library with thread-local storage: BYTES of zeros behind a number, reached by the model that the compiler is told.
 * LOCAL hides both, so that relocations name no symbol. */
#ifdef LOCAL
#define SCOPE static
#else
#define SCOPE
#endif
SCOPE __thread int tls_number = 5;
SCOPE __thread char tls_block[BYTES];
int bump(void) {
    tls_block[BYTES - 1]++;
    return ++tls_number + tls_block[BYTES - 1];
}
