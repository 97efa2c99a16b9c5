/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tables of figures (table.h) as the generator uses them: all that each line contains. */
#ifndef GAPWATCH_GENERATE_LINES_H
#define GAPWATCH_GENERATE_LINES_H

#include "figures/table.h"

enum mark {
    MARK_FIGURE,
    MARK_KEY,
    MARK_STORED,
    MARK_ROWID,
    MARK_SINCE,
};

enum figure_null {
#define ROW(rule, said) NULL_##rule,
    FIGURE_NULLS(ROW)
#undef ROW
};

struct line {
    enum mark mark;
    int since; /* schema version, in a SINCE line */
    const char *name;
    enum figure_type type;
    const char *unit; /* "none": the figure has no unit */
    enum figure_null null;
    const char *meaning;
};

struct table {
    const char *name;
    const struct line *lines;
    size_t count;
};

/* Finds the table NAME. Returns NULL when there is none. */
const struct table *table_find(const char *name);

/* The unit of LINE for the documentation; without a unit, the name of its type. */
const char *unit_text(const struct line *line);

/* When a figure is null, in words; "" for a figure that never is. */
const char *null_text(enum figure_null null);

#endif
