/* A library with thread-local storage: BYTES of zeros behind a number, reached by the model that the compiler is told. */
__thread int tls_number = 5;
__thread char tls_block[BYTES];
int bump(void) {
    tls_block[BYTES - 1]++;
    return ++tls_number + tls_block[BYTES - 1];
}
