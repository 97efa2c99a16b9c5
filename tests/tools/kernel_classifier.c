/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "kernel_classifier.h"

#include <stdio.h>

#ifdef GAPWATCH_BPF

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "classify.skel.h"

#define FRAME_OFFSET 16 /* test runs refuse data of less than 14 octets */

static struct classify_bpf *kernel;

int kernel_classifier_open(const struct classifier *classifier)
{
    kernel = classify_bpf__open();
    if (!kernel) {
        fprintf(stderr, "cannot open the BPF object: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    kernel->rodata->classifier.link = classifier->link;
    kernel->rodata->classifier.tunnels = classifier->tunnels;
    kernel->rodata->frame_offset = FRAME_OFFSET;
    if (classify_bpf__load(kernel) < 0) {
        int reason = errno;

        fprintf(stderr, "cannot load the BPF program: %s\n", strerror(reason));
        return reason == EPERM || reason == ENOSYS ? EXIT_CANNOT_RUN : EXIT_FAILURE;
    }
    return 0;
}

void kernel_classifier_close(void)
{
    classify_bpf__destroy(kernel);
}

int kernel_classify(const unsigned char *data, uint32_t captured, uint32_t wire_bytes,
                    uint32_t *outcome, struct frame_record *record, struct frame_record *mirror,
                    int *has_mirror)
{
    unsigned char packet[FRAME_OFFSET + KERNEL_FRAME_MAX] = {0};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet,
                .data_size_in = FRAME_OFFSET + captured, .repeat = 1);

    memcpy(packet + FRAME_OFFSET, data, captured);
    kernel->bss->wire_bytes = wire_bytes;
    if (bpf_prog_test_run_opts(bpf_program__fd(kernel->progs.classify_xdp), &options) < 0) {
        fprintf(stderr, "BPF_PROG_TEST_RUN: %s\n", strerror(errno));
        return -1;
    }
    *outcome = kernel->bss->result.outcome;
    *record = kernel->bss->result.record;
    *has_mirror = kernel->bss->result.has_mirror != 0;
    *mirror = kernel->bss->result.mirror;
    return 0;
}

#else

int kernel_classifier_open(const struct classifier *classifier)
{
    (void)classifier;
    fputs("built without BPF\n", stderr);
    return EXIT_CANNOT_RUN;
}

void kernel_classifier_close(void)
{
}

int kernel_classify(const unsigned char *data, uint32_t captured, uint32_t wire_bytes,
                    uint32_t *outcome, struct frame_record *record, struct frame_record *mirror,
                    int *has_mirror)
{
    (void)data, (void)captured, (void)wire_bytes, (void)outcome, (void)record, (void)mirror,
        (void)has_mirror;
    return -1;
}

#endif
