/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/report/rows.h"

void compared_row_fill(struct compared_row *row, const struct compared_sa *sa)
{
    const struct sa_change *identity = compared_identity(sa);
    struct flow_key first = compared_lineage_of(sa);

    *row = (struct compared_row){
        .figures = &sa->figures,
        .association = identity->association,
        .is_mixed = sa->is_mixed,
        .direction = way_name(sa->way),
        .lineage = first.protocol ? row->first_flow : NULL,
    };
    peers_format(&identity->key, &row->peers);
    flow_id_format(&identity->key, row->id);
    flow_id_format(&first, row->first_flow);
}
