/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Numbers that are missing in capture files while the sensor, or a mirror, lost frames itself. */
#ifndef GAPWATCH_COMPARE_FILES_UNDETERMINED_H
#define GAPWATCH_COMPARE_FILES_UNDETERMINED_H

#include "compare/point/point.h"
#include "track/sequence/gap.h"

/* Gives the SAs of POINT, which is arranged, their gaps from LOG whose cause is undetermined.
 * Returns 0, or -1 with ERROR set: no memory. */
int point_take_undetermined(struct point *point, const struct gap_log *log, struct error *error);

#endif
