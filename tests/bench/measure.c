// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Runs a command and measures it. This is a small program because the peak memory of a child is at
 * least that of the process that forked it, and an interpreter is larger than some of the commands.
 *
 *   measure REPORT COMMAND [ARGUMENT...]
 *
 * Writes "WALL USER SYSTEM PEAK" (seconds, and peak memory in KiB) to the file REPORT. Ends with
 * the command's exit status; 127: it could not be run, 126: a signal ended it.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int report(const char *path, double wall, const struct rusage *usage)
{
    FILE *file = fopen(path, "w");

    if (!file) {
        perror(path);
        return -1;
    }
    fprintf(file, "%.6f %.6f %.6f %ld\n", wall, seconds(usage->ru_utime), seconds(usage->ru_stime),
            usage->ru_maxrss);
    return fclose(file);
}

int main(int argc, char **argv)
{
    struct rusage usage;
    double start, wall;
    int status;
    pid_t child;

    if (argc < 3) {
        fprintf(stderr, "usage: measure REPORT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    start = now();
    child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("measure");
        return 127;
    }
    wall = now() - start;
    if (report(argv[1], wall, &usage) != 0)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
