/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A TC program as a filter of the clsact qdisc, for kernels before TCX. Filters of others are
 * unchanged: ours has a priority and a handle of its own. */
#ifndef GAPWATCH_SOURCE_BPF_TC_FILTER_H
#define GAPWATCH_SOURCE_BPF_TC_FILTER_H

#include <stdint.h>

#include "base/error.h"
#include "source/source.h"

/* Identifies a filter. */
struct tc_filter {
    uint32_t handle; /* 0: no filter */
    uint32_t priority;
    uint32_t program; /* id of the program */
};

struct tc_filters {
    unsigned index; /* index of the interface; 0: nothing is attached */
    int made_qdisc; /* clsact was added by us */
    struct tc_filter in;
    struct tc_filter out;
};

/* Attaches the program with descriptor PROGRAM to the interface INDEX, for DIRECTION. FILTERS must
 * be all zeros. Needs CAP_NET_ADMIN. Returns 0, or -1 with ERROR set and nothing attached. */
int tc_filters_attach(struct tc_filters *filters, unsigned index, int program,
                      enum direction direction, struct error *error);

/* Removes the filters of FILTERS that are still there, and the qdisc if it was added for them and
 * has no other filters. FILTERS is empty then. */
void tc_filters_detach(struct tc_filters *filters);

#endif
