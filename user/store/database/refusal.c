/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/refusal.h"

#define PRIMARY_CODE 0xFF

/* Whether the last failure concerns the row only, and would happen again. */
static int is_of_the_row(sqlite3 *database)
{
    switch (sqlite3_errcode(database) & PRIMARY_CODE) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return 1;
    default:
        return 0;
    }
}

int refusals_sort(struct refusals *refusals, sqlite3 *database, int status,
                  const struct error *error)
{
    if (status == 0)
        return 0;
    if (!is_of_the_row(database))
        return -1;
    if (!refusals->rows)
        refusals->first = *error;
    refusals->rows++;
    return 0;
}
