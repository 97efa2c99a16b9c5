/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is in the database, by version: the newest whole, and the way there from each older one. */
#ifndef GAPWATCH_STORE_SCHEMA_H
#define GAPWATCH_STORE_SCHEMA_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

#define SCHEMA_VERSION     2
#define SCHEMA_APPLICATION 0x67617077 /* "gapw" */

/* SQL that takes a database from version FROM to the next one; it sets user_version too. */
struct migration {
    int from;
    const char *sql;
};

/* The text of schema.sql. */
extern const char schema_sql[];

/* The steps from the oldest version that is still read, by rising version. */
extern const struct migration schema_migrations[];
extern const size_t schema_migration_count;

/*
 * Takes a database of version FROM to version TO with STEPS, COUNT of them, inside of the
 * transaction that is open. Returns 0, or -1 with ERROR set: there is no way, or a step failed.
 */
int schema_migrate(sqlite3 *database, int from, int to, const struct migration *steps, size_t count,
                   struct error *error);

#endif
