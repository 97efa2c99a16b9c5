// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Attaches one of the programs of yardstick.bpf.c until SIGINT, and counts its records.
 *
 *   yardstick PROGRAM INTERFACE
 *
 * Prints a line on standard error when it is attached, and the number of records on standard
 * output.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <unistd.h>

#include "yardstick.skel.h"

enum {
    PAUSE_US = 1000,
    TCX_INGRESS = 46, /* BPF_TCX_INGRESS, which the headers of Debian 12 do not have */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static int count(void *context, void *data, size_t size)
{
    (void)data, (void)size;
    ++*(uint64_t *)context;
    return 0;
}

/* Returns the descriptor of a link that ends with the process, or -1 with errno set. */
static int attach(const struct yardstick_bpf *bpf, const char *name, const char *interface)
{
    const struct bpf_program *program = bpf_object__find_program_by_name(bpf->obj, name);
    unsigned index = if_nametoindex(interface);
    int is_xdp;

    if (!program || !index) {
        errno = program ? ENODEV : ENOENT;
        return -1;
    }
    is_xdp = bpf_program__type(program) == BPF_PROG_TYPE_XDP;
    return bpf_link_create(bpf_program__fd(program), (int)index, is_xdp ? BPF_XDP : TCX_INGRESS,
                           NULL);
}

/* Returns 0, or -1 with errno set. */
static int run(const struct yardstick_bpf *bpf, const char *name, const char *interface)
{
    uint64_t records = 0;
    struct ring_buffer *ring =
        ring_buffer__new(bpf_map__fd(bpf->maps.events), count, &records, NULL);
    int link;

    if (!ring)
        return -1;
    link = attach(bpf, name, interface);
    if (link >= 0) {
        fprintf(stderr, "yardstick: watching %s\n", interface);
        while (!stopped) {
            usleep(PAUSE_US);
            ring_buffer__consume(ring);
        }
        close(link);
        ring_buffer__consume(ring);
        printf("%" PRIu64 "\n", records);
    }
    ring_buffer__free(ring);
    return link < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct yardstick_bpf *bpf;
    int status = -1;

    if (argc != 3) {
        fputs("usage: yardstick PROGRAM INTERFACE\n", stderr);
        return 2;
    }
    signal(SIGINT, stop);
    bpf = yardstick_bpf__open_and_load();
    if (bpf)
        status = run(bpf, argv[1], argv[2]);
    if (status < 0)
        fprintf(stderr, "yardstick: %s: %s\n", argv[2], strerror(errno));
    yardstick_bpf__destroy(bpf);
    return status < 0;
}
