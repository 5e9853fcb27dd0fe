/* A program of a hostile image: it stands in the place of the loader, so that every program of the image is this one. It
 * tries what is known to lead out of a container, each way by itself, and says which of them did; what it cannot see from
 * inside (did the other process die, did the file change?) the test looks at. Built by tests/hostile.rs, statically.
 *
 * /attack in its image has a line each: a port of the machine's loopback and the name of an abstract socket, at both of which
 * the test listens, and the name that its processes take. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What makes the harness take this file for a C library's loader. */
__attribute__((used)) static const char banner[] = BANNER;

static char got[4096];

static void achieved(const char *what) {
    if (strlen(got) + strlen(what) + 2 < sizeof got) strcat(strcat(got, *got ? " " : ""), what);
}

static void try(const char *what, long result) {
    if (result >= 0) achieved(what);
}

static int opens(const char *path, int flags) {
    int fd = open(path, flags | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) close(fd);
    return fd;
}

static void spill(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return;
    if (write(fd, text, strlen(text)) > 0) achieved(path);
    close(fd);
}

static void others(void) {
    char path[64];
    static char byte[16];
    const char *files[] = {"root/etc", "cwd/etc", "exe", "mem", "environ", "maps", "stack", "syscall", "fd/0", "fd/1",
                           "fd/3", "fd/4", "fd/5", "fd/6", "task/1/mem", "map_files", "ns/mnt", "ns/user", "ns/pid", "ns/net"};
    pid_t pids[] = {1, getppid()};
    for (unsigned p = 0; p < 2; p++) {
        pid_t pid = pids[p];
        if (pid <= 0) continue;
        if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 || ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) achieved("ptrace");
        struct iovec here = {byte, sizeof byte}, there = {(void *)0x400000, sizeof byte};
        try("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0));
        try("process_vm_writev", process_vm_writev(pid, &here, 1, &there, 1, 0));
        int pidfd = syscall(SYS_pidfd_open, pid, 0);
        for (int fd = 0; fd < 32; fd++) try("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, fd, 0));
        try("setns-pidfd", syscall(SYS_setns, pidfd, CLONE_NEWNS));
        try("setns-pidfd-all", syscall(SYS_setns, pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET));
        try("kcmp", syscall(SYS_kcmp, pid, getpid(), 0, 1, 1));
        close(pidfd);
        for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
            int fd = open(path, O_RDONLY | O_NONBLOCK);
            /* Some open for everybody and say nothing. */
            if (fd >= 0 && (strstr(path, "fd/") || strstr(path, "root") || strstr(path, "ns/") || read(fd, byte, 1) > 0)) achieved(path);
            if (fd >= 0 && strstr(path, "ns/")) try("setns", setns(fd, 0));
            if (fd >= 0) close(fd);
        }
    }
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) achieved("inherited-descriptor");
    /* In its own namespace these are nobody; if it is not one's own, somebody dies, and the test sees it. */
    for (pid_t pid = 2; pid < 40000; pid++)
        if (pid != getpid()) kill(pid, SIGKILL);
    kill(1, SIGKILL);
    kill(1, SIGSTOP);
}

static void mounts(void) {
    mkdir("/tmp/m", 0700);
    try("mount-tmpfs", mount("none", "/tmp/m", "tmpfs", 0, NULL));
    try("mount-proc", mount("none", "/tmp/m", "proc", 0, NULL));
    try("mount-cgroup", mount("none", "/tmp/m", "cgroup", 0, "memory"));
    try("mount-cgroup2", mount("none", "/tmp/m", "cgroup2", 0, NULL));
    try("bind", mount("/", "/tmp/m", NULL, MS_BIND | MS_REC, NULL));
    try("remount", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
    try("propagate", mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL));
    const char *mounted[] = {"/proc", "/proc/sys", "/dev", "/dev/shm", "/.libcdiff", "/", "/proc/keys"};
    for (unsigned i = 0; i < sizeof mounted / sizeof *mounted; i++) try("umount", umount2(mounted[i], MNT_DETACH));
    try("pivot_root", syscall(SYS_pivot_root, "/tmp/m", "/tmp/m"));
    try("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    try("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* a copy */));
    try("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD, "/tmp/m", 0));
    uint64_t none[4] = {0};
    try("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/proc/sys", 0, none, sizeof none));
}

static void files(void) {
    struct { struct file_handle handle; unsigned char bytes[128]; } at = {.handle = {.handle_bytes = 128}};
    int id, root = open("/", O_RDONLY | O_DIRECTORY);
    name_to_handle_at(AT_FDCWD, "/etc", &at.handle, &id, 0);
    try("open_by_handle_at", open_by_handle_at(root, &at.handle, O_RDONLY));
    /* The root of most file systems has inode 2. */
    struct { struct file_handle handle; uint32_t inode, generation; } first = {{8, 1}, 2, 0};
    try("open_by_handle_at-2", open_by_handle_at(root, &first.handle, O_RDONLY));
    if (chroot("/tmp") == 0) achieved("chroot");
    struct stat top, above;
    for (int i = 0; i < 64; i++)
        if (fchdir(root) == 0 && chdir("..") < 0) break;
    if (stat("/", &top) == 0 && stat(".", &above) == 0 && (top.st_dev != above.st_dev || top.st_ino != above.st_ino)) achieved("above-root");
    if (mknod("/tmp/sda", S_IFBLK | 0600, makedev(8, 0)) == 0 && opens("/tmp/sda", O_RDONLY) >= 0) achieved("block-device");
    if (mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) == 0 && opens("/tmp/mem", O_RDONLY) >= 0) achieved("memory-device");
    /* Overwrites what started it, what it was started as, and every probe: all in its own layer, if anywhere. */
    const char *own[] = {"/proc/self/exe", "/lib/ld-musl-x86_64.so.1", "/lib64/ld-linux-x86-64.so.2", "/attack",
                         "/.libcdiff/musl/threads", "/.libcdiff/gnu/threads", "/.libcdiff/musl-static/threads", "/etc/passwd"};
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
        int fd = open(own[i], O_WRONLY | O_TRUNC);
        if (fd >= 0 && write(fd, "#!/overwritten\n", 15) < 0) continue;
        unlink(own[i]);
    }
    spill("/proc/sys/kernel/core_pattern", "|/tmp/x");
    spill("/proc/sys/kernel/modprobe", "/tmp/x");
    spill("/proc/sys/kernel/hostname", "mine");
    spill("/proc/sys/fs/binfmt_misc/register", ":x:M::x::/tmp/x:");
    spill("/proc/sys/vm/drop_caches", "1");
    spill("/proc/sys/vm/panic_on_oom", "0");
    spill("/proc/sys/net/ipv4/ip_forward", "1");
    spill("/proc/sysrq-trigger", "h");
    spill("/proc/irq/default_smp_affinity", "1");
    spill("/proc/self/uid_map", "0 0 1");
    spill("/proc/self/oom_score_adj", "-1000");
    spill("/proc/1/oom_score_adj", "1000");
    spill("/proc/mtrr", "disable=0");
    spill("/proc/dynamic_debug/control", "-p");
    spill("/sys/fs/cgroup/release_agent", "/tmp/x");
    spill("/sys/fs/cgroup/memory/release_agent", "/tmp/x");
    spill("/sys/fs/cgroup/cgroup.procs", "0");
    spill("/sys/kernel/uevent_helper", "/tmp/x");
    const char *closed[] = {"/dev/mem", "/dev/kmem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/loop-control", "/dev/fuse",
                            "/dev/kvm", "/dev/net/tun", "/dev/console", "/dev/tty1", "/dev/ttyS0", "/dev/pts/0", "/dev/ptmx",
                            "/dev/tty", "/proc/kcore", "/proc/kmsg", "/run/docker.sock", "/run/containerd/containerd.sock"};
    for (unsigned i = 0; i < sizeof closed / sizeof *closed; i++)
        if (opens(closed[i], O_RDWR) >= 0 || opens(closed[i], O_RDONLY) >= 0) achieved(closed[i]);
}

static void kernel(void) {
    try("add_key", syscall(SYS_add_key, "user", "x", "x", 1, -4));
    try("request_key", syscall(SYS_request_key, "user", "x", NULL, -4));
    try("keyctl", syscall(SYS_keyctl, 0, -4, 0));
    try("bpf", syscall(SYS_bpf, 0, (char[128]){2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1}, 128));
    try("perf_event_open", syscall(SYS_perf_event_open, (char[128]){1, 0, 0, 0, 112}, 0, -1, -1, 0));
    try("userfaultfd", syscall(SYS_userfaultfd, 1));
    try("io_uring", syscall(SYS_io_uring_setup, 1, (char[128]){0}));
    try("init_module", syscall(SYS_init_module, "", 0, ""));
    try("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    try("swapon", swapon("/tmp/x", 0));
    try("syslog", syscall(SYS_syslog, 3, got, 0));
    try("acct", acct("/tmp/x"));
    try("sethostname", sethostname("mine", 4));
    try("setdomainname", setdomainname("mine", 4));
    struct timeval now;
    gettimeofday(&now, NULL);
    try("settimeofday", syscall(SYS_settimeofday, &now, NULL));
    struct timespec clock = {now.tv_sec, 0};
    try("clock_settime", syscall(SYS_clock_settime, CLOCK_REALTIME, &clock));
    try("reboot", reboot(RB_DISABLE_CAD));
    try("iopl", syscall(SYS_iopl, 3));
    try("personality", syscall(SYS_personality, 0x0040000));
    for (int fd = 0; fd < 3; fd++) try("TIOCSTI", ioctl(fd, TIOCSTI, "x"));
}

static void rise(void) {
    try("unshare-user", unshare(CLONE_NEWUSER));
    try("unshare-mounts", unshare(CLONE_NEWNS));
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) _exit(0);
    try("clone-user", child);
    uint64_t args[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
    child = syscall(SYS_clone3, args, sizeof args);
    if (child == 0) _exit(0);
    try("clone3-user", child);
    uint32_t header[2] = {0x20080522, 0}, all[6] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
    try("capset", syscall(SYS_capset, header, all));
    for (int n = 0; n < 41; n++) {
        if (prctl(PR_CAPBSET_READ, n, 0, 0, 0) > 0) achieved("bounding");
        try("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, n, 0, 0));
    }
    try("securebits", prctl(PR_SET_SECUREBITS, 0x2f, 0, 0, 0));
    try("new-privileges", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    try("setuid", setuid(1));
    try("setgid", setgid(1));
    try("setgroups", syscall(SYS_setgroups, 1, (gid_t[1]){0}));
    try("nice", setpriority(PRIO_PROCESS, 0, -10));
    try("fifo", sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1}));
    struct rlimit more;
    getrlimit(RLIMIT_NICE, &more);
    more.rlim_max += 1;
    try("setrlimit", setrlimit(RLIMIT_NICE, &more));
#ifdef __x86_64__
    try("x32", syscall(0x40000000 + SYS_getpid));
    pid_t pid = fork();
    if (pid == 0) {
        long number = 20;
        __asm__ volatile("int $0x80" : "+a"(number) : : "memory", "r8", "r9", "r10", "r11");
        _exit(0);
    }
    int status = 0;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) achieved("i386");
#endif
}

static void network(int port, const char *abstract) {
    try("packet-socket", socket(AF_PACKET, SOCK_RAW, 0));
    try("raw-socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    try("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
    try("kernel-ciphers", socket(AF_ALG, SOCK_SEQPACKET, 0));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    try("loopback-service", connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to));
    inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
    try("way-out", connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&to, sizeof to));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path + 1, abstract, sizeof name.sun_path - 2);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(abstract);
    try("abstract-socket", connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, length));
}

/* Says what the agent would say, of another case, on its own streams; and leaves processes that hold them. */
static void deceive(void) {
    puts("{\"observation\":{\"case\":\"time.strptime.F-T\",\"flavour\":\"musl\",\"status\":\"described\",\"text\":\"forged\","
         "\"values\":{},\"elapsed_ms\":1}}");
    puts("\"done\"");
    puts("{\"case\":\"time.strptime.F-T\",\"status\":\"described\",\"text\":\"forged\",\"values\":{}}");
    fflush(stdout);
    for (int i = 0; i < 20; i++)
        if (fork() == 0) {
            setsid();
            for (int signal = 1; signal < 65; signal++) sigignore(signal);
            for (;;) pause();
        }
}

int main(int argc, char **argv) {
    char attack[256] = "0\nnone\nhostile\n";
    int fd = open("/attack", O_RDONLY);
    if (fd >= 0 && read(fd, attack, sizeof attack - 1) < 0) return 3;
    close(fd);
    char *abstract = strchr(attack, '\n');
    *abstract++ = 0;
    char *mark = strchr(abstract, '\n');
    *mark++ = 0;
    mark[strcspn(mark, "\n")] = 0;
    prctl(PR_SET_NAME, mark);
    others();
    mounts();
    kernel();
    network(atoi(attack), abstract);
    rise();
    files();
    deceive();
    printf("{\"case\":\"%s\",\"status\":\"described\",\"text\":\"%s\",\"values\":{}}\n", argc > 1 ? argv[1] : "",
           *got ? got : "nothing");
    return 0;
}
