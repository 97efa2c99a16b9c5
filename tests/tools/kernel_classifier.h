/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The classifier in the kernel: bpf/classify.bpf.c, run with BPF_PROG_TEST_RUN. */
#ifndef GAPWATCH_TESTS_KERNEL_CLASSIFIER_H
#define GAPWATCH_TESTS_KERNEL_CLASSIFIER_H

#include <stdint.h>

#include "classify.h"

/* One test run takes a page, less the kernel's own room in it and our padding. */
#define KERNEL_FRAME_MAX 3072

/* Exit status that says: this machine cannot load BPF programs. */
#define EXIT_CANNOT_RUN 77

/* Loads the program for CLASSIFIER. Returns 0, or the exit status of a test that cannot go
 * on; stderr says why. */
int kernel_classifier_open(const struct classifier *classifier);
void kernel_classifier_close(void);

/* Runs it on CAPTURED (at most KERNEL_FRAME_MAX) octets of a frame of WIRE_BYTES. Where it
 * HAS_MIRROR, its mirror's record is written, too. The records have no timestamp. Returns 0, or -1
 * with the reason on stderr. */
int kernel_classify(const unsigned char *data, uint32_t captured, uint32_t wire_bytes,
                    uint32_t *outcome, struct frame_record *record, struct frame_record *mirror,
                    int *has_mirror);

#endif
