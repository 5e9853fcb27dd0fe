/* Steps of a build that cost what they are told to cost, for images without a shell. Linked statically, so that it is the same
   program in every image.

     step work MS               has a processor work so many milliseconds
     step write FILE BYTES      makes a file
     step serve PORT BYTES      gives so many bytes to everybody who connects
     step fetch ADDRESS PORT    takes what is given
     step fail CODE             says something, and ends with this code */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char block[65536];

static int work(long ms)
{
    while (clock() / (CLOCKS_PER_SEC / 1000) < ms)
        for (volatile int i = 0; i < 10000; i++)
            ;
    return 0;
}

static int give(int to, long bytes)
{
    for (ssize_t n; bytes > 0; bytes -= n)
        if ((n = write(to, block, bytes < (long)sizeof block ? bytes : (long)sizeof block)) <= 0)
            return 1;
    return 0;
}

static int take(const char *address, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    long all = 0;
    inet_pton(AF_INET, address, &to.sin_addr);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        return perror("connect"), 1;
    for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
        all += n;
    return printf("%ld bytes came\n", all), all == 0;
}

static int serve(int port, long bytes)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 8) != 0)
        return perror("listen"), 1;
    for (int one; (one = accept(fd, NULL, NULL)) >= 0; close(one))
        give(one, bytes);
    return 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    if (!strcmp(what, "work"))
        return work(atol(argv[2]));
    if (!strcmp(what, "write") && argc > 3) {
        FILE *file = freopen(argv[2], "w", stdout);
        return file == NULL || give(1, atol(argv[3]));
    }
    if (!strcmp(what, "serve") && argc > 3)
        return serve(atoi(argv[2]), atol(argv[3]));
    if (!strcmp(what, "fetch") && argc > 3)
        return take(argv[2], atoi(argv[3]));
    if (!strcmp(what, "fail")) {
        fprintf(stderr, "what went wrong\n");
        return atoi(argv[2]);
    }
    return 99;
}
