/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The tables that are shipped: their columns, made from the tables of figures, and the query that
 * finds the rows that changed. */
#ifndef GAPWATCH_SHIP_TABLES_H
#define GAPWATCH_SHIP_TABLES_H

#include <stddef.h>

#include "figures/table.h"

struct ship_column {
    const char *name;
    enum figure_type type;
    int may_be_null; /* not as a part of a key, or as the time of a row */
};

struct ship_table {
    const char *name;
    const struct ship_column *columns; /* without `sensor` and `store`, which all tables have */
    size_t column_count;
    const char *key;  /* columns that identify a row, behind `sensor` and `store` */
    const char *time; /* the column by which rows become old, or NULL */

    /*
     * Selects the rows with a change after ?1 whose position is behind (?3, ?4...), at most ?2, in
     * the order of their positions. The first columns are the position; the others have the names
     * of the columns above.
     */
    const char *select;
    int position_parts; /* numbers that make a position */
};

extern const struct ship_table ship_tables[];
extern const size_t ship_table_count;

#endif
