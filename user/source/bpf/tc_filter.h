/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A TC program as a filter of the clsact qdisc, the way of kernels before TCX. Filters of others
 * stay as they are: ours gets a priority and handle of its own.
 */
#ifndef GAPWATCH_SOURCE_BPF_TC_FILTER_H
#define GAPWATCH_SOURCE_BPF_TC_FILTER_H

#include <stdint.h>

#include "base/error.h"
#include "source/source.h"

/* How to find a filter again. */
struct tc_filter {
    uint32_t handle; /* 0: there is none */
    uint32_t priority;
    uint32_t program; /* its id */
};

struct tc_filters {
    unsigned index; /* of the interface; 0: nothing is attached */
    int made_qdisc; /* clsact was not there before */
    struct tc_filter in;
    struct tc_filter out;
};

/* Attaches the program behind PROGRAM to the interface of INDEX. FILTERS must be empty (zeros).
 * Needs CAP_NET_ADMIN. Returns 0, or -1 with ERROR set, and nothing is attached. */
int tc_filters_attach(struct tc_filters *filters, unsigned index, int program,
                      enum direction direction, struct error *error);

/* Takes away what attach put there, as far as it is still there, and the qdisc when it was made for
 * it and nobody else uses it by now. FILTERS is empty then. */
void tc_filters_detach(struct tc_filters *filters);

#endif
