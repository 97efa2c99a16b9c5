/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Decides which SA took over from which. */
#ifndef GAPWATCH_LINEAGE_DECIDE_H
#define GAPWATCH_LINEAGE_DECIDE_H

#include "lineage/lineage.h"

/* Decides, for the flows that were added to LINEAGE, which flow took over from which. */
void lineage_decide(struct lineage *lineage);

#endif
