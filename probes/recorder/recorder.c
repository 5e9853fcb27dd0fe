/* The recorder: a shared object that is preloaded into a program and writes down each of its calls of malloc and its kin.
 *
 * It must not change what it records, and must lose nothing when the program crashes. Events go into mappings of a file
 * that threads own by pieces ("chunks"), so the kernel keeps them whatever becomes of the process; there is nothing to
 * flush, no exit handler, no lock, and no file descriptor that stays open. Nothing here allocates from the heap.
 *
 * Each event carries a number from one counter of the process. What gives a block away is numbered before it is done, and
 * what hands one out after it was done; so an address that two threads have in turn is freed, by number, before it is
 * handed out again. A chunk is in the order of its thread.
 *
 * A child of fork notices itself by a page that the kernel wipes in it, and goes on in a file of its own. A program that
 * is started by exec loads the recorder anew. Variables: LIBCDIFF_RECORD names the folder for files, by an absolute path;
 * without it nothing is recorded. LIBCDIFF_RECORD_BYTES is the most that one file may grow to.
 *
 * Left alone: malloc_usable_size, mmap, brk, and allocators that a program brings along under names of its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define EXPORT __attribute__((visibility("default")))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* ---- The functions that are called on ---- */

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    int (*join)(pthread_t, void **);
} real;

/* The state of one thread. Initial-exec, so that reading it never allocates; the recorder is there from the start. */
static __thread struct {
    struct event *next, *end;
    struct chunk *chunk;
    /* Which life of the process the chunk belongs to: `state->life` of that time. */
    uint64_t life;
    /* Above 0 while a call is under way: calls that the C library makes on its own behalf are not the program's. */
    int inside;
    int resolving;
    /* Its number, and the life that it counts for. */
    uint32_t number;
    uint64_t numbered;
    /* How often the thread's end has been announced, and whether its chunk is gone. */
    int farewells, gone;
} self __attribute__((tls_model("initial-exec")));

/* What dlsym itself asks for before the real functions are known. Never given back. */
static struct {
    char bytes[32768] __attribute__((aligned(16)));
    size_t used;
} bootstrap;

static void *bootstrap_alloc(size_t bytes, size_t alignment)
{
    if (bytes > sizeof bootstrap.bytes || alignment > 4096) return NULL;
    size_t room = ((bytes + 15) & ~(size_t)15) + 16 + (alignment > 16 ? alignment : 0);
    size_t at = __atomic_fetch_add(&bootstrap.used, room, __ATOMIC_RELAXED);
    if (at + room > sizeof bootstrap.bytes) {
        errno = ENOMEM;
        return NULL;
    }
    uintptr_t block = (uintptr_t)bootstrap.bytes + at + 16;
    if (alignment > 16) block = (block + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((size_t *)block)[-1] = bytes;
    return (void *)block;
}

static int overflows(size_t count, size_t each)
{
    return each && count > SIZE_MAX / each;
}

static int is_bootstrap(const void *block)
{
    return (uintptr_t)block - (uintptr_t)bootstrap.bytes < sizeof bootstrap.bytes;
}

static void resolve(void)
{
    self.resolving = 1;
#define FIND(field, name)                                                                                               \
    if (!__atomic_load_n(&real.field, __ATOMIC_RELAXED)) {                                                              \
        void *found = dlsym(RTLD_NEXT, name);                                                                           \
        __atomic_store_n((void **)&real.field, found, __ATOMIC_RELEASE);                                                \
    }
    FIND(calloc, "calloc")
    FIND(realloc, "realloc")
    FIND(free, "free")
    FIND(posix_memalign, "posix_memalign")
    FIND(aligned_alloc, "aligned_alloc")
    FIND(memalign, "memalign")
    FIND(valloc, "valloc")
    FIND(pvalloc, "pvalloc")
    /* Last: whoever sees it sees the others. */
    FIND(malloc, "malloc")
    self.resolving = 0;
}

/* Whether the real functions can be called; otherwise the call comes from dlsym. */
static inline int ready(void)
{
    if (likely(__atomic_load_n(&real.malloc, __ATOMIC_ACQUIRE) != NULL)) return 1;
    if (self.resolving) return 0;
    int saved = errno;
    resolve();
    errno = saved;
    return 1;
}

/* ---- Where events go ---- */

enum { FRESH, STARTING, RECORDING, STOPPED };

/* One page that is empty again in a child of fork, which then starts a file of its own. */
static struct state {
    int phase;
    uint32_t threads;
    uint64_t life;
    uint64_t size;
    uint64_t order;
    struct header *header;
    char path[4096 - 64];
} *state;

static struct {
    char folder[3072];
    uint64_t most;
    uint64_t lives;
    int disabled;
} settings = { .most = 2ull << 30 };

/* System calls without the C library's wrappers, which are points of cancellation. errno is kept by the callers. */
#define call(number, ...) syscall(SYS_##number, __VA_ARGS__)

static void *map(int fd, uint64_t at, size_t bytes)
{
    void *found = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (bytes > FIRST_CHUNK_BYTES ? MAP_POPULATE : 0), fd,
                       (off_t)at);
    return found == MAP_FAILED ? NULL : found;
}

/* Makes the file's bytes real, so that a full disk is an error here and no SIGBUS later. */
static int reserve(int fd, uint64_t at, uint64_t bytes)
{
    struct rlimit limit;
    if (at + bytes > settings.most) return -1;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && at + bytes > limit.rlim_cur) return EFBIG;
    if (call(fallocate, fd, 0, (long)at, (long)bytes) == 0) return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS) return errno;
    static const char zeros[4096];
    for (uint64_t done = 0; done < bytes; done += sizeof zeros)
        if (call(pwrite64, fd, zeros, sizeof zeros, (long)(at + done)) != (long)sizeof zeros) return errno ? errno : ENOSPC;
    return 0;
}

static void stop(uint32_t why)
{
    if (state->header) __atomic_store_n(&state->header->stopped, why, __ATOMIC_RELAXED);
    __atomic_store_n(&state->phase, STOPPED, __ATOMIC_RELEASE);
}

/* The next piece of the file, mapped. */
static void *piece(size_t bytes)
{
    uint64_t at = __atomic_fetch_add(&state->size, bytes, __ATOMIC_RELAXED);
    int fd = (int)call(openat, AT_FDCWD, state->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0) {
        stop((uint32_t)errno);
        return NULL;
    }
    int error = reserve(fd, at, bytes);
    void *mapped = error ? NULL : map(fd, at, bytes);
    if (!mapped) stop(error < 0 ? STOPPED_AT_LIMIT : (uint32_t)(error ? error : errno));
    call(close, fd);
    return mapped;
}

static char *put_number(char *at, uint64_t number)
{
    char digits[24];
    int count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0) *at++ = digits[--count];
    return at;
}

/* The value of a variable as the process was started with it, read from the kernel: the C library may not know yet. */
static int variable(const char *name, char *value, size_t room)
{
    int fd = (int)call(openat, AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    char buffer[512];
    size_t matched = 0, length = strlen(name), used = 0;
    int failed = 0, inside = 0;
    for (long got; (got = call(read, fd, buffer, sizeof buffer)) > 0;) {
        for (long i = 0; i < got; i++) {
            char c = buffer[i];
            if (inside) {
                if (used == room) goto out; /* longer than any that is meant for us */
                value[used++] = c;
                if (c == 0) goto out;
            } else if (c == 0) {
                matched = 0, failed = 0;
            } else if (!failed) {
                if (matched < length && c == name[matched]) matched++;
                else if (matched == length && c == '=') inside = 1;
                else failed = 1;
            }
        }
    }
out:
    call(close, fd);
    return inside && used > 1 && value[used - 1] == 0;
}

static int read_settings(void)
{
    if (settings.folder[0]) return 1;
    char most[24];
    if (!variable("LIBCDIFF_RECORD", settings.folder, sizeof settings.folder) || settings.folder[0] != '/') {
        settings.folder[0] = 0;
        return 0;
    }
    if (variable("LIBCDIFF_RECORD_BYTES", most, sizeof most)) {
        uint64_t bytes = 0;
        for (const char *c = most; *c >= '0' && *c <= '9'; c++) bytes = bytes * 10 + (uint64_t)(*c - '0');
        if (bytes > 0) settings.most = bytes;
    }
    return 1;
}

/* Makes the file FOLDER/PID-N.raw and its first page. */
static int begin_file(void)
{
    long pid = call(getpid, 0);
    for (uint64_t n = 0; n < 100000; n++) {
        char *at = state->path;
        size_t length = strlen(settings.folder);
        memcpy(at, settings.folder, length);
        at += length;
        *at++ = '/';
        at = put_number(at, (uint64_t)pid);
        *at++ = '-';
        at = put_number(at, n);
        memcpy(at, ".raw", 5);
        int fd = (int)call(openat, AT_FDCWD, state->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST) continue;
        if (fd < 0) return 0;
        int error = reserve(fd, 0, HEADER_BYTES);
        struct header *header = error ? NULL : map(fd, 0, HEADER_BYTES);
        call(close, fd);
        if (!header) return 0;
        header->pid = (uint32_t)pid;
        header->parent = (uint32_t)call(getppid, 0);
        header->forked = settings.lives > 0;
        long got = call(readlinkat, AT_FDCWD, "/proc/self/exe", header->program, sizeof header->program - 1);
        header->program[got > 0 ? got : 0] = 0;
        header->magic = FILE_MAGIC;
        state->header = header;
        state->size = HEADER_BYTES;
        return 1;
    }
    return 0;
}

/* Makes the page that tells a child of fork from its parent. */
static int begin_state(void)
{
    struct state *page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return 0;
    /* A kernel before 4.14 cannot; there a child would write into its parent's file. */
    if (madvise(page, sizeof *page, MADV_WIPEONFORK) != 0) {
        munmap(page, sizeof *page);
        return 0;
    }
    struct state *none = NULL;
    if (!__atomic_compare_exchange_n(&state, &none, page, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) munmap(page, sizeof *page);
    return 1;
}

static void begin(void)
{
    if (settings.disabled) return;
    if (!state && !begin_state()) {
        settings.disabled = 1;
        return;
    }
    int fresh = FRESH;
    if (__atomic_compare_exchange_n(&state->phase, &fresh, STARTING, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (read_settings() && begin_file()) {
            state->life = ++settings.lives;
            __atomic_store_n(&state->phase, RECORDING, __ATOMIC_RELEASE);
        } else {
            settings.disabled = settings.folder[0] == 0;
            __atomic_store_n(&state->phase, STOPPED, __ATOMIC_RELEASE);
        }
    }
    while (__atomic_load_n(&state->phase, __ATOMIC_ACQUIRE) == STARTING) sched_yield();
}

/* Whether events can be written down; the first one who asks in a process starts its file. */
static int recording(void)
{
    if (settings.disabled) return 0;
    int saved = errno;
    if (!state || __atomic_load_n(&state->phase, __ATOMIC_ACQUIRE) < RECORDING) begin();
    errno = saved;
    return state && __atomic_load_n(&state->phase, __ATOMIC_ACQUIRE) == RECORDING;
}

static uint32_t next_number(void)
{
    uint32_t number = __atomic_add_fetch(&state->threads, 1, __ATOMIC_RELAXED);
    state->header->threads = __atomic_load_n(&state->threads, __ATOMIC_RELAXED);
    return number;
}

static void number_thread(uint32_t number)
{
    self.number = number;
    self.numbered = state->life;
}

/* Makes room for the thread's next event; 0 where there is none to be had. */
static int more(void)
{
    if (!recording()) return 0;
    int first = self.life != state->life;
    if (self.gone && !first) return 0;
    if (first) {
        /* In a child of fork the old chunk is the parent's as well; it stays mapped, untouched. */
        self.life = state->life;
        self.gone = 0;
        if (self.numbered != self.life) number_thread(next_number());
    } else if (self.chunk) {
        munmap(self.chunk, self.chunk->bytes);
    }
    self.next = self.end = NULL;
    self.chunk = NULL;
    size_t bytes = first ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
    struct chunk *chunk = piece(bytes);
    if (!chunk) return 0;
    chunk->thread = self.number;
    chunk->bytes = bytes;
    __atomic_store_n(&chunk->magic, CHUNK_MAGIC, __ATOMIC_RELEASE);
    self.chunk = chunk;
    self.next = (struct event *)(chunk + 1);
    self.end = self.next + (bytes - sizeof *chunk) / sizeof(struct event);
    return 1;
}

static void note(enum operation operation, uint64_t address, uint64_t bytes)
{
    struct state *now = state;
    if (unlikely(!now || self.life != now->life || self.next == self.end || now->phase != RECORDING)) {
        if (settings.disabled || (now && now->phase == STOPPED)) return;
        int saved = errno;
        int room = more();
        errno = saved;
        if (!room) {
            if (state && state->header) __atomic_add_fetch(&state->header->dropped, 1, __ATOMIC_RELAXED);
            return;
        }
        now = state;
    }
    struct event *event = self.next++;
    event->address = address;
    event->bytes = bytes;
    uint64_t order = __atomic_add_fetch(&now->order, 1, __ATOMIC_ACQ_REL);
    __atomic_store_n(&event->order, order << 8 | (uint64_t)operation, __ATOMIC_RELEASE);
}

/* Enters a call of the program's; 0 where the call comes from within another one. */
static inline int enter(void)
{
    return self.inside++ == 0;
}

static inline void leave(void)
{
    self.inside--;
}

static inline uint64_t logarithm(size_t alignment)
{
    return alignment ? (uint64_t)__builtin_ctzll(alignment) : 0;
}

/* ---- The functions that the program calls ---- */

EXPORT void *malloc(size_t bytes)
{
    if (unlikely(!ready())) return bootstrap_alloc(bytes, 16);
    int mine = enter();
    void *block = real.malloc(bytes);
    if (mine && block) note(MALLOC, (uintptr_t)block, bytes);
    leave();
    return block;
}

EXPORT void *calloc(size_t count, size_t each)
{
    if (unlikely(!ready())) {
        return overflows(count, each) ? NULL : bootstrap_alloc(count * each, 16); /* never used before: zero */
    }
    int mine = enter();
    void *block = real.calloc(count, each);
    if (mine && block) note(CALLOC, (uintptr_t)block, count * each);
    leave();
    return block;
}

EXPORT void free(void *block)
{
    if (!block || unlikely(is_bootstrap(block)) || unlikely(!ready())) return;
    int mine = enter();
    if (mine) note(FREE, (uintptr_t)block, 0);
    real.free(block);
    leave();
}

EXPORT void *realloc(void *old, size_t bytes)
{
    if (unlikely(!ready())) return NULL;
    if (unlikely(old && is_bootstrap(old))) {
        size_t had = ((size_t *)old)[-1];
        void *block = malloc(bytes);
        return block ? memcpy(block, old, had < bytes ? had : bytes) : NULL;
    }
    int mine = enter();
    if (mine && old) note(REALLOC_FROM, (uintptr_t)old, 0);
    void *block = real.realloc(old, bytes);
    if (mine && old) note(REALLOC_TO, (uintptr_t)block, bytes);
    else if (mine && block) note(MALLOC, (uintptr_t)block, bytes);
    leave();
    return block;
}

EXPORT void *reallocarray(void *old, size_t count, size_t each)
{
    if (overflows(count, each)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, count * each);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    if (unlikely(!ready() || !real.posix_memalign)) return ENOMEM;
    int mine = enter();
    int error = real.posix_memalign(block, alignment, bytes);
    if (mine && error == 0) note(ALIGNED, (uintptr_t)*block | logarithm(alignment) << ADDRESS_BITS, bytes);
    leave();
    return error;
}

/* The others that take an alignment, or have one. */
#define ALIGNED_CALL(function, alignment, ...)                                                                          \
    if (unlikely(!ready())) return bootstrap_alloc(bytes, alignment);                                                   \
    if (!real.function) {                                                                                               \
        errno = ENOMEM;                                                                                                 \
        return NULL;                                                                                                    \
    }                                                                                                                   \
    int mine = enter();                                                                                                 \
    void *block = real.function(__VA_ARGS__);                                                                           \
    if (mine && block) note(ALIGNED, (uintptr_t)block | logarithm(alignment) << ADDRESS_BITS, bytes);                   \
    leave();                                                                                                            \
    return block;

EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
    ALIGNED_CALL(aligned_alloc, alignment, alignment, bytes)
}

EXPORT void *memalign(size_t alignment, size_t bytes)
{
    ALIGNED_CALL(memalign, alignment, alignment, bytes)
}

EXPORT void *valloc(size_t bytes)
{
    ALIGNED_CALL(valloc, 4096, bytes)
}

#ifdef __GLIBC__
EXPORT void *pvalloc(size_t bytes)
{
    ALIGNED_CALL(pvalloc, 4096, bytes)
}
#endif

/* ---- Threads: who starts whom, and who waits for whose end ---- */

struct start {
    void *(*routine)(void *);
    void *argument;
    uint32_t number;
};

static struct {
    int made;
    pthread_key_t key;
    int (*set)(pthread_key_t, const void *);
} farewell;

/* The end of a thread: its chunk is given back after the destructors of all others, which may still free something. */
static void say_farewell(void *value)
{
    if (++self.farewells < 4 && farewell.set(farewell.key, value) == 0) return;
    if (self.chunk) munmap(self.chunk, self.chunk->bytes);
    self.chunk = NULL;
    self.next = self.end = NULL;
    self.gone = 1;
}

/* Finds the functions for threads when they are first needed: in glibc before 2.34 they are in a library of their own. */
static int know_threads(void)
{
    if (__atomic_load_n(&real.create, __ATOMIC_ACQUIRE)) return 1;
    int (*key)(pthread_key_t *, void (*)(void *)) = NULL;
    *(void **)&key = dlsym(RTLD_NEXT, "pthread_key_create");
    *(void **)&farewell.set = dlsym(RTLD_NEXT, "pthread_setspecific");
    *(void **)&real.join = dlsym(RTLD_NEXT, "pthread_join");
    int none = 0;
    if (key && farewell.set && __atomic_compare_exchange_n(&farewell.made, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        __atomic_store_n(&farewell.made, key(&farewell.key, say_farewell) == 0 ? 2 : 3, __ATOMIC_RELEASE);
    void *create = dlsym(RTLD_NEXT, "pthread_create");
    __atomic_store_n((void **)&real.create, create, __ATOMIC_RELEASE);
    return create != NULL;
}

static void *thread(void *argument)
{
    struct start start = *(struct start *)argument;
    munmap(argument, sizeof start);
    self.inside++;
    number_thread(start.number);
    note(THREAD_BEGIN, (uint64_t)pthread_self(), 0);
    if (__atomic_load_n(&farewell.made, __ATOMIC_ACQUIRE) == 2) farewell.set(farewell.key, &farewell);
    self.inside--;
    return start.routine(start.argument);
}

EXPORT int pthread_create(pthread_t *made, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument)
{
    /* What the C library allocates for a thread is its own affair: a replay creates threads as well. */
    self.inside++;
    int error = EAGAIN;
    struct start *start = MAP_FAILED;
    if (!know_threads()) goto out;
    /* Not from the heap: the thread gives it back itself. */
    if (recording()) start = mmap(NULL, sizeof *start, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        error = real.create(made, attributes, routine, argument);
        goto out;
    }
    *start = (struct start){ routine, argument, next_number() };
    note(THREAD_START, start->number, 0);
    error = real.create(made, attributes, thread, start);
    if (error) munmap(start, sizeof *start);
out:
    self.inside--;
    return error;
}

EXPORT int pthread_join(pthread_t which, void **result)
{
    if (!know_threads() || !real.join) return EINVAL;
    /* Not `inside`, which a thread that is cancelled here would stay for ever. */
    int error = real.join(which, result);
    self.inside++;
    if (error == 0) note(THREAD_JOIN, (uint64_t)which, 0);
    self.inside--;
    return error;
}
