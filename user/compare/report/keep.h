/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Keeps a comparison in a gapwatch database. */
#ifndef GAPWATCH_COMPARE_REPORT_KEEP_H
#define GAPWATCH_COMPARE_REPORT_KEEP_H

#include "base/error.h"
#include "compare/comparison.h"

/* Adds COMPARISON, made at NOW_NS, to the tables `comparisons`, `compared_sas` and
 * `compared_delays` of the database at PATH, which is created if necessary. Returns 0, or -1 with
 * ERROR set: nothing of it is kept.
 */
int comparison_keep(const struct comparison *comparison, const char *path, uint64_t now_ns,
                    struct error *error);

#endif
