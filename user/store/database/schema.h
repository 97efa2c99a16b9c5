/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The schema of the database: the newest version, and the migrations from older ones. */
#ifndef GAPWATCH_STORE_DATABASE_SCHEMA_H
#define GAPWATCH_STORE_DATABASE_SCHEMA_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

#define SCHEMA_VERSION     2
#define SCHEMA_APPLICATION 0x67617077 /* "gapw" */

/* SQL that migrates a database from version FROM to the next one, and sets user_version. */
struct migration {
    int from;
    const char *sql;
};

/* The text of schema.sql. */
extern const char schema_sql[];

/* The migrations from the oldest supported version, in order of version. */
extern const struct migration schema_migrations[];
extern const size_t schema_migration_count;

/* Migrates a database of version FROM to version TO with the COUNT STEPS, in the open transaction.
 * Returns 0, or -1 with ERROR set: a step is missing or failed. */
int schema_migrate(sqlite3 *database, int from, int to, const struct migration *steps, size_t count,
                   struct error *error);

#endif
