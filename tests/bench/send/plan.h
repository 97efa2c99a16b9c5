/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is to be sent. */
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
    uint64_t after;      /* so many frames of each flow */
    int redirect;        /* the way to send */
};

/* A flow, and where in its frames the number is; 0: they have none. */
struct flow {
    enum frame_kind kind;
    uint32_t id;
    uint32_t number_offset;
};

/* All flows, in the order in which their frames are sent. NULL: no memory. The caller frees them.
 */
struct flow *plan_flows(const struct plan *plan);

/* The number of the INDEX-th frame of a flow to be sent, from 0 on. */
uint64_t plan_number(const struct plan *plan, uint64_t index);

/* Fills FRAME, of the plan's length, with all but the number. */
void plan_frame(const struct plan *plan, const struct flow *flow, unsigned char *frame);

/* Says on standard output what was sent. */
void plan_print_sent(const struct plan *plan, double seconds, double sending_seconds);

/*
 * Ways to send all frames out of an interface. They return 0, or -1 with errno set, and set the
 * time spent on sending alone.
 */
int send_by_socket(const struct plan *plan, const char *interface, uint64_t *sending_ns);
int send_by_redirect(const struct plan *plan, const char *interface, uint64_t *sending_ns);

#endif
