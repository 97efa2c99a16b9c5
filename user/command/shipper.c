/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/shipper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "base/monotonic.h"
#include "base/units.h"
#include "command/ship.h"
#include "ship/ship.h"

#define WORDS_MAX    20
#define STEADY_NS    (60 * NS_PER_SECOND) /* a process that ran this long did start */
#define DOUBLINGS    6
#define STOP_SECONDS 15
#define LOOK_NS      (NS_PER_SECOND / 20)

int shipper_check(const struct options *options, struct error *error)
{
    struct target_options target;

    if (!options->ship)
        return 0;
    if (!options->db)
        return error_set(error, "--ship ships what is in a database: --db is missing");
    if (strcmp(options->ship, "-") == 0)
        return error_set(error, "--ship has no standard output: use gapwatch ship --to -");
    ship_target_of(&target, options, options->ship);
    return ship_check(&target, options->sensor, error);
}

/* The words of the process's command line. */
static void make_words(const struct options *options, const char *samples,
                       const char *words[WORDS_MAX])
{
    const char *pairs[][2] = {
        {"--db", options->db},           {"--to", options->ship},
        {"--sensor", options->sensor},   {"--auth-file", options->auth_file},
        {"--tls-ca", options->tls_ca},   {"--tls-cert", options->tls_cert},
        {"--tls-key", options->tls_key}, {"--samples", samples},
    };
    size_t count = 0;

    words[count++] = "gapwatch";
    words[count++] = "ship";
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (pairs[i][1]) {
            words[count++] = pairs[i][0];
            words[count++] = pairs[i][1];
        }
    if (options->quiet)
        words[count++] = "--quiet";
    words[count] = NULL;
}

/* Becomes the process. Ctrl-C in a terminal must not end it before the capture has written all. */
static void become(const char *const words[WORDS_MAX], pid_t parent)
{
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (getppid() != parent)
        _exit(1);              /* the capture ended before */
    unsetenv("NOTIFY_SOCKET"); /* the capture is the service */
    setpgid(0, 0);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv("/proc/self/exe", (char *const *)words);
    _exit(1);
}

static void start(struct shipper *shipper)
{
    const char *words[WORDS_MAX];
    char samples[24];
    pid_t parent = getpid();

    snprintf(samples, sizeof(samples), "%llu", (unsigned long long)shipper->options->samples);
    make_words(shipper->options, samples, words);
    shipper->started_ns = monotonic_ns();
    shipper->process = fork();
    if (shipper->process == 0)
        become(words, parent);
    if (shipper->process < 0) {
        shipper->process = 0;
        shipper->restart_ns = shipper->started_ns + NS_PER_SECOND;
    }
}

void shipper_start(struct shipper *shipper, const struct options *options)
{
    *shipper = (struct shipper){.options = options};
    if (options->ship)
        start(shipper);
}

/* Decides when the process is started again: at once if it had run for a while, otherwise after a
 * pause that grows each time. */
static void note_end(struct shipper *shipper)
{
    uint64_t now_ns = monotonic_ns();

    shipper->process = 0;
    shipper->failures = now_ns - shipper->started_ns > STEADY_NS ? 0 : shipper->failures + 1;
    if (shipper->failures > DOUBLINGS)
        shipper->failures = DOUBLINGS;
    shipper->restart_ns = now_ns + (NS_PER_SECOND << shipper->failures) / 2;
    fprintf(stderr, "gapwatch: shipping has ended; it is started again\n");
}

void shipper_tend(struct shipper *shipper)
{
    if (!shipper->options->ship)
        return;
    if (shipper->process && waitpid(shipper->process, NULL, WNOHANG) == shipper->process)
        note_end(shipper);
    if (!shipper->process && monotonic_ns() >= shipper->restart_ns)
        start(shipper);
}

void shipper_stop(struct shipper *shipper)
{
    struct timespec look = {.tv_nsec = LOOK_NS};
    uint64_t until_ns = monotonic_ns() + STOP_SECONDS * NS_PER_SECOND;

    if (!shipper->process)
        return;
    kill(shipper->process, SIGTERM);
    while (waitpid(shipper->process, NULL, WNOHANG) == 0) {
        if (monotonic_ns() >= until_ns)
            kill(shipper->process, SIGKILL);
        nanosleep(&look, NULL);
    }
    shipper->process = 0;
}
