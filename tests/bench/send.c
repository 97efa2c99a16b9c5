// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Sends numbered frames of many flows, one frame of each flow in turn, out of an interface.
 *
 *   send [--KIND FLOWS]... [--packets N] [--length OCTETS] [--rate N] [--lose N] [--after N]
 *        [--first-flow ID] [--redirect] INTERFACE
 *
 * A KIND is macsec, esp, esp6, esp-udp, tcp, tcp6, udp or udp6; each flow of a kind has an ID of
 * its own, from --first-flow on, and the numbers 1, 2, 3 ... --rate is in frames a second (default:
 * as fast as it goes), --lose N skips every number that N divides, as if the network had lost it,
 * and --after N goes on where N frames of each flow were sent already.
 *
 * Frames are sent through a packet socket, or, with --redirect, by a BPF program that the kernel
 * runs for each: about twice as fast, but only into a veth whose peer has GRO on or an XDP program.
 *
 * Standard output gets what was sent, as one JSON object: for each kind the flows, packets, octets
 * and numbers skipped between those sent. `sending_seconds` is the time spent in the kernel with
 * it, without the pauses that --rate makes.
 */
#include "send/plan.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SHORTEST_FRAME = 92, /* enough for all headers */
    DEFAULT_LENGTH = 124,
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / NS_PER_SECOND;
}

/* Reads a number from MINIMUM to LIMIT; anything else ends the program. */
static uint64_t number_argument(const char *text, uint64_t minimum, uint64_t limit)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value < minimum || value > limit) {
        fprintf(stderr, "send: not a number from %" PRIu64 " to %" PRIu64 ": %s\n", minimum, limit,
                text);
        exit(2);
    }
    return value;
}

/* Fills in PLAN. Returns the interface, or NULL when the arguments are wrong. */
static const char *parse_arguments(struct plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
#define ROW(id, name, offset) {name, required_argument, NULL, FRAME_##id},
        FRAME_KIND_TABLE(ROW)
#undef ROW
            {"redirect", no_argument, NULL, 'R'},
        {"packets", required_argument, NULL, 'p'},
        {"length", required_argument, NULL, 'l'},
        {"rate", required_argument, NULL, 'r'},
        {"lose", required_argument, NULL, 'L'},
        {"after", required_argument, NULL, 'a'},
        {"first-flow", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            plan->packets = number_argument(optarg, 1, UINT32_MAX);
        else if (option == 'l')
            plan->length = (uint32_t)number_argument(optarg, SHORTEST_FRAME, FRAME_LONGEST);
        else if (option == 'r')
            plan->rate = number_argument(optarg, 1, NS_PER_SECOND);
        else if (option == 'L')
            plan->lose_every = (uint32_t)number_argument(optarg, 2, UINT32_MAX);
        else if (option == 'a')
            plan->after = number_argument(optarg, 0, UINT32_MAX);
        else if (option == 'f')
            plan->first_flow = (uint32_t)number_argument(optarg, 0, FRAME_ID_LIMIT / 2);
        else if (option == 'R')
            plan->redirect = 1;
        else if (option < FRAME_KINDS)
            plan->flows[option] = (uint32_t)number_argument(optarg, 1, FRAME_ID_LIMIT / 2);
        else
            return NULL;
    }
    for (enum frame_kind kind = 0; kind < FRAME_KINDS; kind++)
        plan->flow_count += plan->flows[kind];
    return optind == argc - 1 && plan->flow_count ? argv[optind] : NULL;
}

static int send_all(const struct plan *plan, const char *interface, uint64_t *sending_ns)
{
    if (!plan->redirect)
        return send_by_socket(plan, interface, sending_ns);
#if defined(GAPWATCH_BPF)
    return send_by_redirect(plan, interface, sending_ns);
#else
    errno = EOPNOTSUPP;
    return -1;
#endif
}

int main(int argc, char **argv)
{
    struct plan plan = {.packets = 1, .length = DEFAULT_LENGTH};
    const char *interface = parse_arguments(&plan, argc, argv);
    double began = now();
    uint64_t sending_ns;

    if (!interface) {
        fputs("usage: send [--KIND FLOWS]... [--packets N] [--length OCTETS] [--rate N]\n"
              "            [--lose N] [--after N] [--first-flow ID] [--redirect] INTERFACE\n",
              stderr);
        return 2;
    }
    if (send_all(&plan, interface, &sending_ns) < 0) {
        fprintf(stderr, "send: %s: %s\n", interface, strerror(errno));
        return 1;
    }
    plan_print_sent(&plan, now() - began, (double)sending_ns / NS_PER_SECOND);
    return 0;
}
