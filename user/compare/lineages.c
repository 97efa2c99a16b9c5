/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/lineages.h"

#include <stdlib.h>
#include <string.h>

struct flow_key compared_lineage_of(const struct compared_sa *sa)
{
    if (sa->passage.first && sa->passage.first->lineage.protocol)
        return sa->passage.first->lineage;
    return sa->passage.second ? sa->passage.second->lineage : (struct flow_key){0};
}

static int compare_lineages(const void *left, const void *right)
{
    const struct compared_lineage *a = left;
    const struct compared_lineage *b = right;
    int keys = memcmp(&a->lineage, &b->lineage, sizeof(a->lineage));

    return keys ? keys : (int)a->way - (int)b->way;
}

static void join(struct compared_lineage *lineage, const struct compared_lineage *part)
{
    lineage->sas += part->sas;
    passage_figures_add(&lineage->figures, &part->figures);
}

int lineages_sum(struct comparison *comparison)
{
    struct compared_lineage *lineages = calloc(comparison->count + 1, sizeof(*lineages));
    size_t count = 0, kept = 0;

    if (!lineages)
        return -1;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct compared_sa *sa = &comparison->sas[i];
        struct compared_lineage *lineage = &lineages[count];

        *lineage = (struct compared_lineage){
            .lineage = compared_lineage_of(sa),
            .way = sa->way,
            .sas = 1,
        };
        passage_figures_add(&lineage->figures, &sa->figures);
        count += lineage->lineage.protocol != 0;
    }
    if (count)
        qsort(lineages, count, sizeof(*lineages), compare_lineages);
    for (size_t i = 0; i < count; i++)
        if (kept && compare_lineages(&lineages[kept - 1], &lineages[i]) == 0)
            join(&lineages[kept - 1], &lineages[i]);
        else
            lineages[kept++] = lineages[i];
    comparison->lineages = lineages;
    comparison->lineage_count = kept;
    return 0;
}
