/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tables of figures (table.h) as the generator reads them: each line with all that it says. */
#ifndef GAPWATCH_FIGURES_GENERATE_LINES_H
#define GAPWATCH_FIGURES_GENERATE_LINES_H

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
    int since; /* of a SINCE line: the version */
    const char *name;
    enum figure_type type;
    const char *unit; /* "none" where there is none */
    enum figure_null null;
    const char *meaning;
};

struct table {
    const char *name;
    const struct line *lines;
    size_t count;
};

/* The table NAME, or NULL. */
const struct table *table_find(const char *name);

/* The unit of LINE for people; where there is none, what it is. */
const char *unit_text(const struct line *line);

/* What is said of a figure that may be null; "" of others. */
const char *null_text(enum figure_null null);

#endif
