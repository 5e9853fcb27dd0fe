/* A program whose calls of malloc and its kin are known: the first argument says what it does. It calls no stdio, which
 * allocates as well. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void *reallocarray(void *, size_t, size_t);
void *memalign(size_t, size_t);

static void *kept[4096];
static volatile int filled;

/* One call of each function that is recorded, with sizes that nobody else asks for. */
static void each(void)
{
    char *block = malloc(100001);
    block = realloc(block, 200002);
    block = reallocarray(block, 3, 100001);
    free(block);
    free(calloc(3, 10001));
    free(realloc(NULL, 40004));
    free(aligned_alloc(64, 64064));
    free(memalign(128, 70007));
    void *aligned;
    if (posix_memalign(&aligned, 4096, 80008) == 0) free(aligned);
    free(NULL);
    if (malloc(SIZE_MAX / 2)) abort();
    block = malloc(90009);
    if (realloc(block, SIZE_MAX / 2)) abort();
    free(block);
}

/* Fills the table; the other thread frees what lies in it, while this one goes on. */
static void *fill(void *argument)
{
    (void)argument;
    for (int i = 0; i < 4096; i++) {
        kept[i] = malloc(1000 + (size_t)i);
        __atomic_store_n(&filled, i + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void *empty(void *argument)
{
    (void)argument;
    for (int i = 0; i < 4096; i++) {
        while (__atomic_load_n(&filled, __ATOMIC_ACQUIRE) <= i) usleep(50);
        free(kept[i]);
    }
    return NULL;
}

static void threads(void)
{
    pthread_t one, other;
    if (pthread_create(&one, NULL, fill, NULL) || pthread_create(&other, NULL, empty, NULL)) abort();
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    /* One after the other, many of them: each ends before the next begins. */
    for (int i = 0; i < 50; i++) {
        filled = 0;
        if (pthread_create(&one, NULL, fill, NULL)) abort();
        pthread_join(one, NULL);
        for (int j = 0; j < 4096; j++) free(kept[j]);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "each") == 0) {
        each();
    } else if (strcmp(what, "threads") == 0) {
        threads();
    } else if (strcmp(what, "crash") == 0) {
        for (int i = 0; i < 3000; i++) kept[i] = malloc(5005);
        raise(SIGSEGV);
    } else if (strcmp(what, "fork") == 0) {
        for (int i = 0; i < 10; i++) kept[i] = malloc(5005);
        pid_t child = fork();
        for (int i = 0; i < 10; i++) free(kept[i]);
        if (child == 0) {
            for (int i = 0; i < 4000; i++) kept[i] = malloc(7007);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    } else if (strcmp(what, "exec") == 0) {
        free(malloc(5005));
        execl("/proc/self/exe", argv[0], "each", (char *)NULL);
    } else if (strcmp(what, "says") == 0) {
        char buffer[64];
        free(malloc(5005));
        ssize_t got = read(0, buffer, sizeof buffer);
        return write(1, buffer, (size_t)got) == got ? 7 : 1;
    }
    return 0;
}
