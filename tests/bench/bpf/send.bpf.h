/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the sender shares with its BPF program. */
#ifndef GAPWATCH_BENCH_SEND_BPF_H
#define GAPWATCH_BENCH_SEND_BPF_H

#include "types.h"

#define FRAME_BATCH 64 /* frames that are handed to the interface at a time */

/* How the frames of a flow begin. All headers fit in. */
struct frame_template {
    __u64 headers[10];
    __u32 number_offset; /* 0: they have none */
    __u32 reserved;
};

#endif
