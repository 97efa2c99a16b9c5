/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "base/units.h"
#include "compare/report/report.h"
#include "flow/id.h"
#include "flow/outcome_name.h"

/* More SAs help no reader; --json has all. */
#define SAS_SHOWN 100

typedef unsigned long long number;

static double ms(double time_ns)
{
    return time_ns / NS_PER_MS;
}

static void write_point(const char *label, const struct point *point, FILE *to)
{
    char first[TIMESTAMP_CHARS], last[TIMESTAMP_CHARS];
    char *name = strdup(point->name);

    if (name)
        text_make_printable(name); /* a database may come from anyone */
    timestamp_format(point->start_ns, first);
    timestamp_format(point->end_ns, last);
    fprintf(to, "%s: %s\n   %llu packets, %zu SAs, %s to %s\n", label, name ? name : "?",
            (number)point->frames, point->sa_count, first, last);
    free(name);
    if (point->omitted_sas)
        fprintf(to, "   %llu SAs are left out: see --max-flows\n", (number)point->omitted_sas);
}

/* All numbers that were sent in the stretch. */
static uint64_t sent(const struct passage_figures *figures)
{
    return figures->received_both + figures->lost_before + figures->lost_between + figures->missed;
}

static double percent(uint64_t part, uint64_t of)
{
    return of ? 100.0 * (double)part / (double)of : 0;
}

/* Writes one line with the places where the frames of one direction were lost. */
static void write_way(const struct comparison *comparison, enum way way, FILE *to)
{
    const struct passage_figures *total = &comparison->total[way];
    const char *first = way == WAY_A_TO_B ? "A" : "B";
    const char *second = way == WAY_A_TO_B ? "B" : "A";

    if (!sent(total))
        return;
    fprintf(to, "  sender ---- %llu lost ---> %s ---- %llu lost (%.2f %%) ---> %s\n",
            (number)total->lost_before, first, (number)total->lost_between,
            percent(total->lost_between, total->received_both + total->lost_between), second);
}

static const char *ahead_or_behind(double offset_ms)
{
    return offset_ms < 0 ? "behind" : "ahead of";
}

static void write_clocks(const struct comparison *comparison, FILE *to)
{
    double offset_ms = comparison_offset_ms(comparison);
    double estimate_ms = comparison_offset_estimate_ms(comparison);
    size_t mixed = comparison->mixed_of[WAY_A_TO_B] + comparison->mixed_of[WAY_B_TO_A];

    if (comparison->is_offset_bounded)
        fprintf(to, "Clock of B: %s A's by %.3f ms, give or take %.3f ms\n",
                ahead_or_behind(estimate_ms), fabs(estimate_ms),
                comparison_offset_bound_ms(comparison));
    else if (!isnan(offset_ms))
        fprintf(to, "Clock of B: unknown; if it is %s A's by %.3f ms, the shortest delay is 0\n",
                ahead_or_behind(offset_ms), fabs(offset_ms));
    if (comparison_has_negative_delay(comparison))
        fputs("Negative delays: the clocks differ, or frames pass B before A\n", to);
    if (mixed)
        fprintf(to, "Perhaps not exact: %zu SAs; one side may not have told their frames apart\n",
                mixed);
    if (comparison->only_a || comparison->only_b)
        fprintf(to, "SAs of other paths, left out: %zu that only A saw, %zu that only B saw\n",
                comparison->only_a, comparison->only_b);
}

static void write_if(FILE *to, const char *label, uint64_t value)
{
    if (value)
        fprintf(to, "  %s: %llu\n", label, (number)value);
}

static void write_delay(const struct passage_figures *figures, FILE *to)
{
    const struct delay_figures *delay = &figures->times.whole;
    char timestamp[TIMESTAMP_CHARS];

    if (delay->samples)
        fprintf(to,
                "  Delay: min %.3f ms, mean %.3f, median %.3f, 95 %% below %.3f, 99 %% below %.3f "
                "(%llu frames)\n",
                ms((double)delay->min), ms(delay->mean), ms((double)delay->p50),
                ms((double)delay->p95), ms((double)delay->p99), (number)delay->samples);
    for (size_t i = 0; i < figures->times.step_count; i++) {
        timestamp_format(figures->times.steps[i].timestamp_ns, timestamp);
        fprintf(to, "  Delay changed by %+.3f ms at %s: a clock was set, or the path is another\n",
                ms((double)figures->times.steps[i].by_ns), timestamp);
    }
}

static void write_sa(const struct compared_sa *sa, FILE *to)
{
    const struct sa_change *identity = compared_identity(sa);
    const struct passage_figures *figures = &sa->figures;
    const char *association = association_name(identity->key.protocol);
    int is_back = sa->way == WAY_B_TO_A;
    char id[FLOW_ID_CHARS], timestamp[TIMESTAMP_CHARS];

    flow_id_format(&identity->key, id);
    timestamp_format(figures->first_ns, timestamp);
    fprintf(to, "\nSA: %s", id);
    if (association)
        fprintf(to, ", %s %u", association, identity->association);
    fprintf(to, " (from %s to %s), since %s\n", is_back ? "B" : "A", is_back ? "A" : "B",
            timestamp);
    fprintf(to, "  Passed both: %llu\n", (number)figures->received_both);
    fprintf(to, "  Lost before %s: %llu\n", is_back ? "B" : "A", (number)figures->lost_before);
    fprintf(to, "  Lost between: %llu (%.2f %%)\n", (number)figures->lost_between,
            percent(figures->lost_between, figures->received_both + figures->lost_between));
    write_if(to, "  of these, behind the last frame that arrived", figures->lost_tail);
    write_if(to, "  of these, by the path or by B's sensor (undetermined)",
             figures->lost_undetermined);
    write_if(to, is_back ? "Missed by B, but seen at A" : "Missed by A, but seen at B",
             figures->missed);
    if (sa->is_mixed)
        fputs("  Perhaps not exact: one side may have given frames to another SA, or lacks gaps\n",
              to);
    write_if(to, "Duplicated between", figures->duplicated);
    write_if(to, "Reordered between", figures->reordered);
    write_delay(figures, to);
}

static int compare_loss(const void *left, const void *right)
{
    const struct compared_sa *a = *(const struct compared_sa *const *)left;
    const struct compared_sa *b = *(const struct compared_sa *const *)right;
    uint64_t of_a = a->figures.lost_between, of_b = b->figures.lost_between;

    if (of_a != of_b)
        return of_a < of_b ? 1 : -1;
    return (a > b) - (a < b); /* they are elements of one array */
}

/* Writes the SAs with the most loss. Without memory for their order, the first ones. */
static void write_sas(const struct comparison *comparison, FILE *to)
{
    const struct compared_sa **order = calloc(comparison->count + 1, sizeof(*order));
    size_t shown = comparison->count < SAS_SHOWN ? comparison->count : SAS_SHOWN;

    for (size_t i = 0; order && i < comparison->count; i++)
        order[i] = &comparison->sas[i];
    if (order && comparison->count)
        qsort(order, comparison->count, sizeof(const struct compared_sa *), compare_loss);
    for (size_t i = 0; i < shown; i++)
        write_sa(order ? order[i] : &comparison->sas[i], to);
    free(order);
    if (shown < comparison->count)
        fprintf(to, "\n%zu SAs with less loss are left out (--json has all)\n",
                comparison->count - shown);
}

void comparison_write_text(const struct comparison *comparison, FILE *to)
{
    write_point("A", comparison->a, to);
    write_point("B", comparison->b, to);
    fputs("\nWhere frames were lost:\n=======================\n", to);
    if (!comparison->count)
        fputs("  Nothing to compare: A and B saw no SA at the same time\n", to);
    write_way(comparison, WAY_A_TO_B, to);
    write_way(comparison, WAY_B_TO_A, to);
    write_clocks(comparison, to);
    write_sas(comparison, to);
}
