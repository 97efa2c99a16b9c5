/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads a vantage point from a gapwatch database. */
#ifndef GAPWATCH_COMPARE_POINT_DATABASE_H
#define GAPWATCH_COMPARE_POINT_DATABASE_H

#include "compare/point/point.h"

/*
 * Reads a capture of the database at PATH into POINT, which the caller releases in any case.
 * CAPTURE is the capture's id, or the name of its source, of which the newest is taken; NULL: the
 * newest of all. Returns 0, or -1 with ERROR set.
 */
int point_read_database(struct point *point, const char *path, const char *capture,
                        struct error *error);

#endif
