/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds the lineages of SAs that were read from capture files. */
#ifndef GAPWATCH_COMPARE_FILES_RELATE_H
#define GAPWATCH_COMPARE_FILES_RELATE_H

#include "compare/point/point.h"
#include "track/peers/tie.h"

/* Sets the lineage of each SA of POINT, as far as it is known. TIES are those that the tracker
 * found. Returns 0, or -1 with ERROR set: no memory. */
int point_relate(struct point *point, const struct tie_log *ties, struct error *error);

#endif
