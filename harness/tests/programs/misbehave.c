/* A program that does what a case must not do to others: the argument says what. Built statically by tests/sandbox.rs,
 * it stands where a probe would. Where it has something to say it prints the JSON line that the agent expects. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;

static void say(const char *text) {
    printf("{\"case\":\"%s\",\"status\":\"described\",\"text\":\"%s\",\"values\":{}}\n", name, text);
}

static void crash(void) { raise(SIGSEGV); }

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

static void fill_disk(void) {
    static char block[1 << 16];
    int fd = open("/fill", O_CREAT | O_WRONLY, 0600);
    int error = 0;
    for (int i = 0; i < 1 << 16 && !error; i++) {
        if (write(fd, block, sizeof block) < 0) error = errno;
    }
    say(error == ENOSPC ? "no space left" : "wrote 4 GiB");
}

static void find_fill(void) { say(access("/fill", F_OK) == 0 ? "found" : "not found"); }

static void flood(void) {
    for (;;) puts("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde");
}

static void lie(void) { name = "another.case", say("lie"); }

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
        {"crash", crash}, {"hang", hang}, {"litter", litter}, {"fork-bomb", fork_bomb}, {"fill-disk", fill_disk},
        {"find-fill", find_fill}, {"flood", flood}, {"lie", lie}, {"silent", silent}, {"overwrite", overwrite},
        {"escape", escape},
    };
    if (!strcmp(what, "grow") || !strcmp(what, "stay")) return grow(argv[3], *what == 's'), 0;
    if (!strcmp(what, "loopback")) return loopback(argv[3]), 0;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].name, what)) return all[i].run(), 0;
    return 2;
}
