/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Views for ClickHouse over the shipped tables. They are written in the SQL of its old versions,
 * which newer ones understand. */
#ifndef GAPWATCH_SHIP_VIEWS_H
#define GAPWATCH_SHIP_VIEWS_H

#include <stddef.h>

struct view {
    const char *name;
    const char *meaning;
    const char *select;
};

extern const struct view views[];
extern const size_t view_count;

#endif
