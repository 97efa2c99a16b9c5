/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/change.h"

#include "store/database/database.h"

#define NEXT_CHANGE "UPDATE store SET change = change + 1 RETURNING change"

int change_prepare(struct writer *writer, struct error *error)
{
    if (database_number_changes(writer->database, &writer->change, error) < 0)
        return -1;
    writer->next_change = database_prepare(writer->database, NEXT_CHANGE, error);
    return writer->next_change ? 0 : -1;
}

int change_begin(struct writer *writer, struct error *error)
{
    if (database_run(writer->database, "BEGIN IMMEDIATE", error) < 0)
        return -1;
    if (statement_ask(writer->next_change, &writer->change, error) >= 0)
        return 0;
    sqlite3_exec(writer->database, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int change_end(struct writer *writer, int status, struct error *error)
{
    if (status == 0)
        status = database_run(writer->database, "COMMIT", error);
    if (status < 0)
        sqlite3_exec(writer->database, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
