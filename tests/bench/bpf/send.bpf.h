/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Shared by the sender and its BPF program. */
#ifndef GAPWATCH_BENCH_SEND_BPF_H
#define GAPWATCH_BENCH_SEND_BPF_H

#include "types.h"

#define FRAME_BATCH 64 /* frames handed to the interface at once */

/* The headers of a flow's frames. */
struct frame_template {
    __u64 headers[10];
    __u32 number_offset; /* 0: no number */
    __u32 reserved;
};

#endif
