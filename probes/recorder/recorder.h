/* What the recorder writes: one file for each process image, which harness/src/trace/raw.rs reads.
 *
 * A file is a page that says whose it is, and behind it chunks of whole pages in the order in which threads asked for
 * them. Each chunk belongs to one thread. Numbers are of this machine's byte order; nothing but the harness on the same
 * machine ever reads them.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdint.h>

#define FILE_MAGIC 0x3157415246494443ull /* "CDIFRAW1" */
#define CHUNK_MAGIC 0x4b4e4843u          /* "CHNK" */
#define HEADER_BYTES 4096
#define FIRST_CHUNK_BYTES 65536
#define CHUNK_BYTES (1 << 20)

/* The first page of a file. It stays mapped, so that it tells the truth whenever the process ends. */
struct header {
    uint64_t magic;
    uint32_t pid;
    uint32_t parent;
    /* Events that could not be written down: they happened inside a signal handler, or in a thread without a chunk. */
    uint64_t dropped;
    /* 0 while recording; an errno, or STOPPED_AT_LIMIT, where it had to stop. */
    uint32_t stopped;
    /* 1 where the process is a child that began as a copy of its parent, whose blocks are not in this file. */
    uint32_t forked;
    /* Threads that were given a number. */
    uint32_t threads;
    uint32_t reserved;
    /* What /proc/self/exe leads to. */
    char program[1024];
};

#define STOPPED_AT_LIMIT 0xffffffffu

struct chunk {
    uint32_t magic;
    uint32_t thread;
    uint64_t bytes;
};

enum operation {
    MALLOC = 1,
    CALLOC,
    ALIGNED,       /* the alignment's logarithm stands above the address */
    FREE,
    REALLOC_FROM,  /* the block that realloc is about to give up */
    REALLOC_TO,    /* what came back: no address where realloc failed */
    THREAD_START,  /* address: the number that the new thread gets; noted before it is created */
    THREAD_BEGIN,  /* address: pthread_self of the new thread; its first event */
    THREAD_JOIN,   /* address: the pthread_t that has ended */
};

#define ADDRESS_BITS 57

/* One event. `order` is written last, and is never 0: an event without it was not finished. */
struct event {
    uint64_t order;   /* position among all events of the process, << 8, | operation */
    uint64_t address; /* alignment's logarithm << ADDRESS_BITS | address */
    uint64_t bytes;
};

#endif
