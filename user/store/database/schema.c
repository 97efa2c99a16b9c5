/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/database/schema.h"

const char schema_sql[] =
#include "store/database/schema.sql.inc"
    ;

static const char migration_1_sql[] =
#include "store/database/migration_1.sql.inc"
    ;

const struct migration schema_migrations[] = {{1, migration_1_sql}};
const size_t schema_migration_count = sizeof(schema_migrations) / sizeof(schema_migrations[0]);

static const struct migration *find_step(int from, const struct migration *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].from == from)
            return &steps[i];
    return NULL;
}

int schema_migrate(sqlite3 *database, int from, int to, const struct migration *steps, size_t count,
                   struct error *error)
{
    for (int version = from; version < to; version++) {
        const struct migration *step = find_step(version, steps, count);

        if (!step)
            return error_set(error, "schema version %d is too old to be read", version);
        if (sqlite3_exec(database, step->sql, NULL, NULL, NULL) != SQLITE_OK)
            return error_set(error, "cannot migrate schema version %d: %s", version,
                             sqlite3_errmsg(database));
    }
    return 0;
}
