/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The frames to send. */
#ifndef GAPWATCH_BENCH_SEND_PLAN_H
#define GAPWATCH_BENCH_SEND_PLAN_H

#include <stdint.h>

#include "../frames.h"

#define NS_PER_SECOND 1000000000ull

struct plan {
    uint32_t flows[FRAME_KINDS]; /* of each kind */
    uint32_t flow_count;
    uint32_t first_flow;
    uint32_t length;
    uint64_t packets;
    uint64_t rate;       /* frames a second; 0: no limit */
    uint32_t lose_every; /* 0: nothing */
    uint64_t after;      /* this many frames of each flow were sent before */
    int redirect;        /* 1: by BPF, 0: by a socket */
};

/* A flow, and the offset of the number in its frames; 0: no number. */
struct flow {
    enum frame_kind kind;
    uint32_t id;
    uint32_t number_offset;
};

/* Returns all flows in the order in which their frames are sent; the caller frees them. NULL: no
 * memory. */
struct flow *plan_flows(const struct plan *plan);

/* The number of the frame with INDEX (from 0) of a flow. */
uint64_t plan_number(const struct plan *plan, uint64_t index);

/* Fills FRAME, of the plan's length, except the number. */
void plan_frame(const struct plan *plan, const struct flow *flow, unsigned char *frame);

/* Prints on standard output what was sent. SECONDS is the whole time, SENDING_SECONDS without
 * pauses. */
void plan_print_sent(const struct plan *plan, double seconds, double sending_seconds);

/* Send all frames out of INTERFACE, and set SENDING_NS to the time without pauses. Return 0, or -1
 * with errno set. */
int send_by_socket(const struct plan *plan, const char *interface, uint64_t *sending_ns);
int send_by_redirect(const struct plan *plan, const char *interface, uint64_t *sending_ns);

#endif
