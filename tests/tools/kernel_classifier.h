/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The classifier in the kernel: bpf/classify.bpf.c, run with BPF_PROG_TEST_RUN. */
#ifndef GAPWATCH_TESTS_KERNEL_CLASSIFIER_H
#define GAPWATCH_TESTS_KERNEL_CLASSIFIER_H

#include <stdint.h>

#include "classify/classify.h"

/* A test run takes one page, minus the kernel's headroom and our padding. */
#define KERNEL_FRAME_MAX 3072

/* Exit status when this machine cannot load BPF programs. */
#define EXIT_CANNOT_RUN 77

/* Loads the program for CLASSIFIER. Returns 0, or the exit status of a test that has to end; stderr
 * has the reason. */
int kernel_classifier_open(const struct classifier *classifier);
/* Unloads the program. */
void kernel_classifier_close(void);

/* Runs the program on CAPTURED (at most KERNEL_FRAME_MAX) octets of a frame of WIRE_BYTES. Sets
 * OUTCOME and RECORD, and MIRROR when the frame HAS_MIRROR (mirror.h). The records have no
 * timestamp. Returns 0, or -1 with the reason on stderr. */
int kernel_classify(const unsigned char *data, uint32_t captured, uint32_t wire_bytes,
                    uint32_t *outcome, struct frame_record *record, struct frame_record *mirror,
                    int *has_mirror);

#endif
