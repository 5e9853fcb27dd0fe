/* The same questions as the probes ask, in plain C, written apart from them: tests/independent.rs compiles this with each
 * family's own compiler and compares. The arguments are the question; the answer is one line of words. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void tell(const struct tm *t) {
    printf(" %d %d %d %d %d %d %d %d %d", t->tm_sec, t->tm_min, t->tm_hour, t->tm_mday, t->tm_mon, t->tm_year, t->tm_wday,
           t->tm_yday, t->tm_isdst);
}

/* strptime FORMAT INPUT: bytes consumed, or `null`, then the fields of a structure that was zero before. */
static void parse(char **a) {
    struct tm t;
    memset(&t, 0, sizeof t);
    const char *end = strptime(a[1], a[0], &t);
    if (!end) {
        puts("null");
        return;
    }
    printf("%d", (int)(end - a[1]));
    tell(&t);
    puts("");
}

/* strftime FORMAT SEC MIN HOUR MDAY MON YEAR WDAY YDAY ISDST GMTOFF ZONE: length and result. */
static void format(char **a) {
    char text[256] = "";
    struct tm t = {atoi(a[1]), atoi(a[2]), atoi(a[3]), atoi(a[4]), atoi(a[5]), atoi(a[6]), atoi(a[7]), atoi(a[8]), atoi(a[9])};
    t.tm_gmtoff = atol(a[10]);
    t.tm_zone = a[11];
    size_t length = strftime(text, sizeof text, a[0], &t);
    printf("%zu %s\n", length, length ? text : "");
}

static int *frames;

static int deeper(int n) {
    volatile char room[512];
    room[0] = (char)n;
    *frames = n;
    return deeper(n + 1) + room[0];
}

static void *run(void *unused) {
    (void)unused;
    return (void *)(long)deeper(1);
}

/* stack: default size, default guard, frames of 512 bytes until a thread died, and the signal's number. */
static void stack(void) {
    pthread_attr_t attributes;
    size_t size, guard;
    pthread_attr_init(&attributes);
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_getguardsize(&attributes, &guard);
    frames = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, run, NULL);
        pthread_join(thread, NULL);
        _exit(0);
    }
    waitpid(child, &status, 0);
    printf("%zu %zu %d %d\n", size, guard, *frames, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(int count, char **a) {
    if (count > 3 && !strcmp(a[1], "strptime")) parse(a + 2);
    else if (count > 13 && !strcmp(a[1], "strftime")) format(a + 2);
    else if (count > 1 && !strcmp(a[1], "stack")) stack();
    else return 2;
    return 0;
}
