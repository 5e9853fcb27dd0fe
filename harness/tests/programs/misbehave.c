/* A program that does what a case must not do to others: the argument says what. Built statically by tests/sandbox.rs,
 * it stands where a probe would. Where it has something to say it prints the JSON line that the agent expects. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *name;

static void say(const char *text) {
    printf("{\"case\":\"%s\",\"status\":\"described\",\"text\":\"%s\",\"values\":{}}\n", name, text);
}

static void crash(void) { raise(SIGSEGV); }

static void kill_itself(void) { kill(getpid(), SIGKILL); }

/* A child that takes all the memory there is, and what becomes of it. */
static void hog(void);
static void raise_a_hog(void) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) hog(), _exit(0);
    waitpid(child, &status, 0);
    say(WIFSIGNALED(status) ? "its child was ended" : "its child lives");
}

static void hang(void) {
    for (;;) pause();
}

/* Children that outlive their parent, hold its output open and ignore signals. */
static void litter(void) {
    for (int i = 0; i < 100; i++) {
        if (fork() == 0) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            hang();
        }
    }
    say("littered");
}

static void fork_bomb(void) {
    int made = 0;
    for (int i = 0; i < 20000; i++) {
        pid_t pid = fork();
        if (pid == 0) hang();
        if (pid < 0) break;
        made++;
    }
    say(made < 20000 ? "stopped" : "never stopped");
}

static void *sleep_on(void *nothing) {
    for (;;) pause();
    return nothing;
}

static void thread_bomb(void) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    int made = 0;
    for (pthread_t thread; made < 20000 && pthread_create(&thread, &small, sleep_on, NULL) == 0;) made++;
    say(made < 20000 ? "stopped" : "never stopped");
}

/* Neighbours with different rights are not merged into one. */
static void many_mappings(void) {
    long made = 0;
    while (made < 1 << 20 && mmap(NULL, 4096, made % 2 ? PROT_READ : PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) made++;
    say(made < 1 << 20 ? "stopped" : "never stopped");
}

static void many_files(void) {
    int made = 0;
    for (char path[32]; made < 1 << 20; made++) {
        snprintf(path, sizeof path, "/tmp/%d", made);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        if (fd < 0) break;
        close(fd);
    }
    say(errno == ENOSPC ? "no space left" : made < 1 << 20 ? strerror(errno) : "never stopped");
}

/* A file that says it is large takes nothing; one byte in each of its pages does. */
static void sparse(void) {
    int fd = open("/tmp/sparse", O_CREAT | O_WRONLY, 0600), error = 0;
    if (ftruncate(fd, 1L << 40) < 0) return say("not even said");
    for (long page = 0; page < 1 << 20 && !error; page++)
        if (pwrite(fd, "x", 1, page << 20) < 0) error = errno;
    say(error == ENOSPC ? "no space left" : "wrote a million pages");
}

/* What outlives a process unless somebody removes it: shared memory, a queue and semaphores by number, a queue by name. */
static void leave(void) {
    int shared = shmget(42, 4096, IPC_CREAT | 0600), queue = msgget(42, IPC_CREAT | 0600);
    int counts = semget(42, 1, IPC_CREAT | 0600);
    mqd_t named = mq_open("/left", O_CREAT | O_RDWR, 0600, NULL);
    say(shared >= 0 && queue >= 0 && counts >= 0 && named != (mqd_t)-1 ? "left" : strerror(errno));
}

static void find_left(void) {
    int found = shmget(42, 4096, 0) >= 0 || msgget(42, 0) >= 0 || semget(42, 1, 0) >= 0;
    say(found || mq_open("/left", O_RDWR) != (mqd_t)-1 ? "found" : "not found");
}

/* Shared memory that is in no address space, as much as there is to be had. */
static void fill_shared(void) {
    long bytes = 0;
    for (int id; bytes < 1L << 34 && (id = shmget(IPC_PRIVATE, 1 << 20, 0600)) >= 0;) bytes += 1 << 20;
    say(bytes < 1L << 34 ? "stopped" : "never stopped");
}

/* Files in memory, which are in no address space either, and gone with the process that holds them. */
static void hog(void) {
    static char block[1 << 20];
    for (int i = 0; i < 1000; i++) {
        int fd = memfd_create("hog", 0);
        for (int j = 0; j < 8; j++)
            if (write(fd, block, sizeof block) < 0) break;
    }
    say("hogged");
}

/* Semaphores that are in the kernel's memory. */
static void many_semaphores(void) {
    long made = 0;
    while (made < 1000 && semget(IPC_PRIVATE, 32000, 0600) >= 0) made++;
    say(made < 1000 ? "stopped" : "never stopped");
}

/* What the kernel says of this process: every set of capabilities, whether it can gain any, and its filter. */
static void privileges(void) {
    char line[256], got[512] = "";
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "Cap", 3) && strncmp(line, "NoNewPrivs", 10) && strncmp(line, "Seccomp:", 8)) continue;
        line[strcspn(line, "\t")] = ' ';
        line[strcspn(line, "\n")] = 0;
        strcat(strcat(got, *got ? ", " : ""), line);
    }
    say(got);
}

/* Which of the files that tell of the machine say anything, and which settings can be opened for writing. */
static void machine(void) {
    const char *secret[] = {"keys", "timer_list", "timer_stats", "interrupts", "sched_debug", "latency_stats", "kcore",
                            "acpi/wakeup", "scsi/scsi"};
    const char *setting[] = {"sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/pid_max", "irq/default_smp_affinity",
                             "fs/jbd2", "dynamic_debug/control"};
    char path[64], byte, got[512] = "";
    for (unsigned i = 0; i < sizeof secret / sizeof *secret; i++) {
        snprintf(path, sizeof path, "/proc/%s", secret[i]);
        if (read(open(path, O_RDONLY), &byte, 1) > 0) strcat(strcat(got, " "), path);
    }
    for (unsigned i = 0; i < sizeof setting / sizeof *setting; i++) {
        snprintf(path, sizeof path, "/proc/%s", setting[i]);
        if (open(path, O_WRONLY) >= 0) strcat(strcat(got, " "), path);
    }
    say(*got ? got : "nothing");
}

static void stop(void) { raise(SIGSTOP); }

/* Says its answer and goes on without a stream, and so does a child that nobody knows of. */
static void live_on(void) {
    say("said");
    fflush(stdout);
    signal(SIGTERM, SIG_IGN);
    if (fork() == 0) setsid();
    for (int fd = 0; fd < 3; fd++) close(fd);
    hang();
}

/* Answers that are none: not JSON, one without an end, deeper than anybody reads, not text. */
static void garble(const char *how) {
    if (!strcmp(how, "lines"))
        for (int i = 0; i < 100; i++) puts("{\"case\":\"test.garble\",\"status\":");
    if (!strcmp(how, "long"))
        for (int i = 0; i < 60000; i++) putchar('x');
    if (!strcmp(how, "deep")) {
        printf("{\"case\":\"%s\",\"status\":\"described\",\"text\":\"\",\"values\":{\"a\":", name);
        for (int i = 0; i < 30000; i++) putchar('[');
    }
    if (!strcmp(how, "bytes"))
        for (int i = 0; i < 1000; i++) putchar(i);
}

/* Messages of the agent's, on every stream and descriptor there is, and on those of the process that started this one. */
static void pretend(void) {
    const char *messages = "{\"observation\":{\"case\":\"test.find-fill\",\"flavour\":\"musl-static\",\"status\":\"described\","
                           "\"text\":\"forged\",\"values\":{},\"elapsed_ms\":1}}\n\"done\"\n{\"failed\":{\"reason\":\"forged\"}}\n";
    char path[64];
    for (int fd = 0; fd < 64; fd++) {
        if (write(fd, messages, strlen(messages)) < 0) continue;
    }
    for (int pid = 1; pid < 8; pid++)
        for (int fd = 0; fd < 64; fd++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
            int other = open(path, O_WRONLY | O_NONBLOCK);
            if (other >= 0 && write(other, messages, strlen(messages)) < 0) continue;
        }
}

static void fill_disk(const char *path) {
    static char block[1 << 16];
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    int error = 0;
    for (int i = 0; i < 1 << 16 && !error; i++) {
        if (write(fd, block, sizeof block) < 0) error = errno;
    }
    say(error == ENOSPC ? "no space left" : "wrote 4 GiB");
}

static void find_fill(void) { say(access("/fill", F_OK) == 0 ? "found" : "not found"); }

static void flood(FILE *stream) {
    for (;;) fputs("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n", stream);
}

static void lie(void) { name = "another.case", say("lie"); }

/* A million bytes to say, in a case that may say as much. */
static void talk(void) {
    static char text[1000001];
    memset(text, 'x', sizeof text - 1);
    say(text);
}

static void silent(void) {}

static void overwrite(void) {
    int fd = open("/etc/marker", O_WRONLY | O_TRUNC | O_CREAT, 0644);
    int wrote = fd >= 0 && write(fd, "changed", 7) == 7;
    int removed = unlink("/etc/other") == 0;
    say(wrote && removed ? "changed" : "could not");
}

/* Everything that should not work, each by its letter when it does. */
static void escape(void) {
    char got[64] = "", *at = got;
    if (mount("none", "/tmp", "tmpfs", 0, NULL) == 0) *at++ = 'm';
    if (chroot("/tmp") == 0) *at++ = 'c';
    if (ptrace(PTRACE_ATTACH, 1, NULL, NULL) == 0) *at++ = 'p';
    if (open("/proc/1/root/etc", O_RDONLY) >= 0) *at++ = 'r';
    if (open("/proc/1/exe", O_RDONLY) >= 0) *at++ = 'e';
    if (open("/proc/sys/kernel/core_pattern", O_WRONLY) >= 0) *at++ = 's';
    if (open("/proc/sysrq-trigger", O_WRONLY) >= 0) *at++ = 'q';
    if (open("/dev/tty", O_RDWR) >= 0) *at++ = 't';
    if (sethostname("mine", 4) == 0) *at++ = 'h';
    if (setpriority(PRIO_PROCESS, 0, -10) == 0) *at++ = 'n';
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) *at++ = 'f', fd = 1024;
    struct if_nameindex *list = if_nameindex();
    for (struct if_nameindex *i = list; i && i->if_index; i++)
        if (strcmp(i->if_name, "lo")) *at++ = 'i';
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in out = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, "192.0.2.1", &out.sin_addr);
    if (connect(s, (struct sockaddr *)&out, sizeof out) == 0) *at++ = 'o';
    *at = 0;
    say(*got ? got : "nothing worked");
}

/* Has so many MiB of memory, a little at a time; or all of it and then stays, with `stay`. */
static void grow(const char *mebibytes, int stays) {
    for (int i = atoi(mebibytes); i > 0; i--) {
        char *block = malloc(1 << 20);
        if (!block) return say("no memory");
        for (int at = 0; at < 1 << 20; at += 4096) ((volatile char *)block)[at] = 1;
    }
    if (stays) hang();
    say("grown");
}

/* Connects to the port of the second argument on loopback, where the test listens outside. */
static void loopback(const char *port) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    say(connect(s, (struct sockaddr *)&to, sizeof to) == 0 ? "connected" : strerror(errno));
}

int main(int argc, char **argv) {
    name = argv[1];
    const char *what = argc > 2 ? argv[2] : "silent";
    struct { const char *name; void (*run)(void); } all[] = {
        {"crash", crash}, {"kill-itself", kill_itself}, {"raise-a-hog", raise_a_hog}, {"hang", hang}, {"litter", litter}, {"fork-bomb", fork_bomb}, {"thread-bomb", thread_bomb},
        {"many-mappings", many_mappings}, {"many-files", many_files}, {"sparse", sparse}, {"leave", leave},
        {"find-left", find_left}, {"fill-shared", fill_shared}, {"many-semaphores", many_semaphores},
        {"privileges", privileges}, {"machine", machine}, {"stop", stop}, {"hog", hog}, {"talk", talk}, {"live-on", live_on}, {"pretend", pretend},
        {"find-fill", find_fill}, {"lie", lie}, {"silent", silent}, {"overwrite", overwrite},
        {"escape", escape},
    };
    if (!strcmp(what, "fill-disk")) return fill_disk(argv[3]), 0;
    if (!strcmp(what, "flood")) return flood(argc > 3 ? stderr : stdout), 0;
    if (!strcmp(what, "garble")) return garble(argv[3]), 0;
    if (!strcmp(what, "grow") || !strcmp(what, "stay")) return grow(argv[3], *what == 's'), 0;
    if (!strcmp(what, "loopback")) return loopback(argv[3]), 0;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].name, what)) return all[i].run(), 0;
    return 2;
}
