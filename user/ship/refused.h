/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows that the target refused for their content: they are set aside in files beside the cursor,
 * one for each table, from which they can be inserted once the cause is gone. */
#ifndef GAPWATCH_SHIP_REFUSED_H
#define GAPWATCH_SHIP_REFUSED_H

#include "base/error.h"
#include "ship/spool.h"

/* Appends the rows of BATCH, which are of TABLE, to the file CURSOR_PATH.TABLE.refused and says on
 * standard error that it did and that REASON is why. Returns 0, or -1 with ERROR set and nothing
 * kept: the file cannot be written, or it is full. */
int refused_set_aside(const char *cursor_path, const char *table, const struct spool_batch *batch,
                      const struct error *reason, struct error *error);

#endif
