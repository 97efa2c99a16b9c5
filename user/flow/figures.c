/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/figures.h"

#include <math.h>

#include "base/units.h"

#define BITS_PER_BYTE 8
#define MEGA          1e6

/* A flow with at least this many gaps, more than this loss and shorter runs of loss than this may
 * be seen on one of several paths only. */
#define PARTIAL_GAPS 20
#define PARTIAL_LOSS 0.1
#define PARTIAL_RUNS 1.5

/* A flow is silent after this many times its longest pause, and SILENCE_NS at least. */
#define SILENCE_GAPS 10

double loss_ratio(const struct sequence_figures *figures)
{
    uint64_t lost = figures->lost[CAUSE_NETWORK];
    uint64_t sent = lost + figures->received;

    return sent ? (double)lost / (double)sent : NAN;
}

double loss_run_ratio(const struct sequence_figures *figures)
{
    double lost = (double)figures_lost(figures);

    if (!figures->gaps)
        return NAN;
    return lost / (double)figures->gaps * (1 - lost / (lost + (double)figures->received));
}

int is_partial_view(const struct sequence_figures *figures)
{
    return figures->gaps >= PARTIAL_GAPS && loss_ratio(figures) > PARTIAL_LOSS &&
           loss_run_ratio(figures) < PARTIAL_RUNS;
}

int is_silent(uint64_t last_ns, uint64_t longest_ns, uint64_t now_ns)
{
    uint64_t since_ns = now_ns > last_ns ? now_ns - last_ns : 0;

    return since_ns >= SILENCE_NS && since_ns / SILENCE_GAPS >= longest_ns;
}

double bandwidth_mbps(uint64_t bytes, uint64_t first_ns, uint64_t last_ns)
{
    double seconds;

    if (last_ns <= first_ns)
        return NAN;
    seconds = (double)(last_ns - first_ns) / (double)NS_PER_SECOND;
    return (double)bytes * BITS_PER_BYTE / seconds / MEGA;
}
