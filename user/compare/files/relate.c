/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/relate.h"

#include "flow/id_read.h"
#include "lineage/decide.h"
#include "lineage/names.h"

static void set_lineage(struct point_sa *sa, const struct lineage *lineage)
{
    struct bond_chars chars;
    struct bond_names names = bond_names_of(lineage, &sa->sa.key, 1, &chars);

    if (!names.lineage || flow_id_read(names.lineage, &sa->lineage) < 0)
        sa->lineage = (struct flow_key){0};
}

int point_relate(struct point *point, const struct tie_log *ties, struct error *error)
{
    struct lineage lineage = {0};
    int status = 0;

    for (size_t i = 0; i < point->sa_count && status == 0; i++)
        status = lineage_add_sa(&lineage, &point->sas[i].sa);
    for (size_t i = 0; i < ties->count && status == 0; i++)
        tie_log_add(&lineage.ties, &ties->ties[i]);
    if (status == 0) {
        lineage_decide(&lineage);
        for (size_t i = 0; i < point->sa_count; i++)
            set_lineage(&point->sas[i], &lineage);
    }
    lineage_release(&lineage);
    return status == 0 ? 0 : error_set(error, "no memory for the lineages");
}
