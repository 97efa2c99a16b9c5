/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <math.h>

#include "base/units.h"
#include "compare/report/report.h"

const struct sa_change *compared_identity(const struct compared_sa *sa)
{
    return sa->passage.first ? &sa->passage.first->sa : &sa->passage.second->sa;
}

const char *way_name(enum way way)
{
    return way == WAY_A_TO_B ? "a_to_b" : "b_to_a";
}

/* The smallest difference of the times of WAY, in milliseconds. */
static double least_ms(const struct comparison *comparison, enum way way)
{
    return (double)comparison->least_ns[way] / NS_PER_MS;
}

double comparison_offset_ms(const struct comparison *comparison)
{
    if (comparison->samples[WAY_A_TO_B])
        return least_ms(comparison, WAY_A_TO_B);
    return comparison->samples[WAY_B_TO_A] ? -least_ms(comparison, WAY_B_TO_A) : NAN;
}

double comparison_offset_estimate_ms(const struct comparison *comparison)
{
    if (!comparison->is_offset_bounded)
        return NAN;
    return (least_ms(comparison, WAY_A_TO_B) - least_ms(comparison, WAY_B_TO_A)) / 2;
}

double comparison_offset_bound_ms(const struct comparison *comparison)
{
    if (!comparison->is_offset_bounded)
        return NAN;
    return (least_ms(comparison, WAY_A_TO_B) + least_ms(comparison, WAY_B_TO_A)) / 2;
}

int comparison_has_negative_delay(const struct comparison *comparison)
{
    for (enum way way = WAY_A_TO_B; way <= WAY_B_TO_A; way++)
        if (comparison->samples[way] && comparison->least_ns[way] < 0)
            return 1;
    return 0;
}
