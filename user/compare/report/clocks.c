/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/report/report.h"

const struct sa_change *compared_identity(const struct compared_sa *sa)
{
    return sa->passage.first ? &sa->passage.first->sa : &sa->passage.second->sa;
}

const char *way_name(enum way way)
{
    return way == WAY_A_TO_B ? "a_to_b" : "b_to_a";
}

int64_t comparison_offset_ns(const struct comparison *comparison)
{
    if (comparison->samples[WAY_A_TO_B])
        return comparison->least_ns[WAY_A_TO_B];
    return -comparison->least_ns[WAY_B_TO_A];
}

double comparison_offset_estimate_ns(const struct comparison *comparison)
{
    return ((double)comparison->least_ns[WAY_A_TO_B] - (double)comparison->least_ns[WAY_B_TO_A]) /
           2;
}

double comparison_offset_bound_ns(const struct comparison *comparison)
{
    return ((double)comparison->least_ns[WAY_A_TO_B] + (double)comparison->least_ns[WAY_B_TO_A]) /
           2;
}

int comparison_has_negative_delay(const struct comparison *comparison)
{
    for (enum way way = WAY_A_TO_B; way <= WAY_B_TO_A; way++)
        if (comparison->samples[way] && comparison->least_ns[way] < 0)
            return 1;
    return 0;
}
